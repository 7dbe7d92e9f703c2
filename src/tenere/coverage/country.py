"""Many sensors over one plane: from how low each place of a country is seen by the best and by the second-best sensor, and by which."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.coverage.horizon import NO_TILT, RAYS, Antenna, CoverageError, Obstacle, sweep
from tenere.coverage.image import Look
from tenere.coverage.lens import Lens, farthest, lens_at
from tenere.coverage.merge import Merge, tops_again
from tenere.coverage.strip import tile_tops
from tenere.coverage.sweep import sector
from tenere.crew import together
from tenere.geo.ellipsoid import gaussian_radius_m
from tenere.geo.terrain.plane_grid import height_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tenere.geo.terrain import CountryPlane

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]
    Mask = NDArray[np.bool_]

MOST_SENSORS = 32_767
MOST_STRETCH = 1e-4
"""Share of a range by which a distance may be off; 5e-6 at 463 km."""
NOBODY = -1
"""Number of the sensor where none sees the place from any height."""


class Height(NamedTuple):
    """A height at which sensors are counted: above ground, or above mean sea level (flight levels, by the standard atmosphere)."""

    metres: float
    above_ground: bool = True


@dataclass(frozen=True)
class Sight:
    """A sensor, as far as coverage knows it. kind: as in the site file (radar, adsb, mlat ...)."""

    id: str
    kind: str
    antenna: Antenna
    obstacles: tuple[Obstacle, ...] = ()


@dataclass(frozen=True)
class Part:
    """What one sensor sees on a window of a country's plane.

    top, left: its first row and column on the plane. amsl_m: (n, m) float32, least altitude (infinite: never; NaN: ground not known).
    antenna_m: the antenna's altitude AMSL. row, column: the antenna's place on the plane.
    """

    sight: Sight
    top: int
    left: int
    row: float
    column: float
    antenna_m: float
    amsl_m: F32


@dataclass(frozen=True)
class Picture:
    """What sensors see together over a country's plane.

    best_m, second_m: (n, m) float32, least altitude AMSL from which the best and the second-best sensor see a place; infinite: none.
    best, second: (n, m) int16, the sensor's place in `sights`, NOBODY for none. Of two that see a place from one altitude the one named
    first is the best. Places not asked for (`inside` False) have infinite altitudes and nobody.
    """

    plane: CountryPlane
    sights: tuple[Sight, ...]
    best_m: F32
    second_m: F32
    best: NDArray[np.int16]
    second: NDArray[np.int16]


def stand(plane: CountryPlane, antenna: Antenna) -> tuple[float, float, float]:
    """Return row, column and altitude AMSL of an antenna on a plane.

    Raises CoverageError: outside the plane, under ground, over ground not known.
    """
    antenna.check()
    row, column = (float(v) for v in plane.to_grid(antenna.lat_rad, antenna.lon_rad))
    place = f"{math.degrees(antenna.lat_rad):.4f} N {math.degrees(antenna.lon_rad):.4f} E"
    n, m = plane.shape
    if not (0 <= row <= n - 1 and 0 <= column <= m - 1):
        raise CoverageError(f"{place} lies outside the terrain's plane: lay a larger one, or leave the sensor out")
    ground = float(height_at(plane.heights_m, row, column))
    if math.isnan(ground):
        raise CoverageError(f"the ground at {place} is not known (a void): give a terrain that has it")
    altitude = ground + antenna.height_m if antenna.altitude_m is None else antenna.altitude_m
    if altitude < ground:
        raise CoverageError(f"the antenna at {place}, {altitude:.1f} m AMSL, stands under ground ({ground:.1f} m there)")
    return row, column, altitude


def _look(plane: CountryPlane, sight: Sight, k: float, rays: float, low_m: float) -> tuple[Look, Lens, float]:
    """Return how a sensor looks over a plane, how long steps are, and its altitude.

    It is put half a 1,024th of a step beside the nearest such: never on a post, and where quarters meet is computed without rounding.
    """
    if not (math.isfinite(k) and k > 0.0 and rays >= 1.0):
        raise CoverageError(f"the effective earth factor must be above 0 and rays at least 1, not {k} and {rays}")
    row, column, altitude = stand(plane, sight.antenna)
    row, column = ((math.floor(v * 1024.0) + 0.5) / 1024.0 for v in (row, column))
    n, m = plane.shape
    corner = math.hypot(max(row, n - row), max(column, m - column)) * 1.1
    reach = min(sight.antenna.max_range_m / plane.step_m, corner)
    lens, error_m = lens_at(plane, row, column, reach)
    if not error_m < MOST_STRETCH * plane.step_m * reach:
        raise CoverageError(f"{sight.id}: its range of {reach * plane.step_m / 1e3:,.0f} km is too far for one plane; give range_m")
    fall = plane.step_m**2 / (2.0 * k * float(gaussian_radius_m(sight.antenna.lat_rad)))
    least = sight.antenna.min_elevation_rad
    tilt = math.tan(least) * plane.step_m if least > -math.pi / 4 else NO_TILT
    return Look(row, column, altitude, fall, rays, reach, tilt, low_m), lens, altitude


def things(plane: CountryPlane, obstacles: Sequence[Obstacle]) -> F64:
    """Put obstacles on the plane: row, column, width in steps, top AMSL. Those outside it, or on ground not known, hide nothing."""
    rows = []
    for o in obstacles:
        if not (math.isfinite(o.height_m) and o.height_m >= 0.0 and math.isfinite(o.width_m) and o.width_m >= 0.0):
            raise CoverageError(f"an obstacle's height and width must be at least 0 m, not {o.height_m} and {o.width_m}")
        row, column = (float(v) for v in plane.to_grid(o.lat_rad, o.lon_rad))
        foot = float(height_at(plane.heights_m, row, column)) if math.isfinite(row + column) else math.nan
        if math.isfinite(foot):
            rows.append((row, column, o.width_m / plane.step_m, foot + o.height_m))
    return np.array(rows, float).reshape(-1, 4)


def lone(
    plane: CountryPlane, sight: Sight, *, k: float = 4.0 / 3.0, rays: float = RAYS, cores: int = 1, prune: bool = True, out: F32 | None = None
) -> Part:
    """Compute what one sensor sees on the plane, as far as its range goes.

    k: effective earth radius over the true one; rays: `horizon.RAYS`; cores: 1 or 2, which changes no bit, nor does prune. out: an array at
    least as large as the window, to be used again. Raises CoverageError as `stand` does.
    """
    low = float(np.float32(plane.lowest_m)) - 1.0
    look, lens, altitude = _look(plane, sight, k, rays, low)
    far = farthest(lens, look.reach)
    n, m = plane.shape
    top, bottom = max(0, math.floor(look.row - far) - 1), min(n, math.ceil(look.row + far) + 2)
    left, right = max(0, math.floor(look.column - far) - 1), min(m, math.ceil(look.column + far) + 2)
    z = np.ascontiguousarray(plane.heights_m[top:bottom, left:right])
    here = look._replace(row=look.row - top, column=look.column - left)
    obstacles = things(plane, sight.obstacles) - np.array([top, left, 0.0, 0.0])
    amsl = sweep(z, here, obstacles, lens=lens, cores=cores, prune=prune, out=None if out is None else out.reshape(-1)[: z.size].reshape(z.shape))
    return Part(sight, top, left, look.row, look.column, altitude, amsl)


def fuse(
    plane: CountryPlane,
    sights: Sequence[Sight],
    *,
    inside: Mask | None = None,
    k: float = 4.0 / 3.0,
    rays: float = RAYS,
    cores: int = 1,
    prune: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Picture:
    """Fuse sensors over a plane.

    inside: (n, m) where an answer is wanted; everywhere without. cores: 1 or 2; it changes no bit, nor does prune, which leaves out what a
    sensor cannot better. progress: told how many are done. Raises CoverageError as `stand` does, and for more than 32,767 sensors.
    """
    if len(sights) > MOST_SENSORS:
        raise CoverageError(f"{len(sights):,} sensors at once; {MOST_SENSORS:,} are the most")
    ground = plane.heights_m
    low = float(np.float32(plane.lowest_m)) - 1.0
    best = np.empty(plane.shape, np.float32)
    begin(ground, np.ones((1, 1), np.bool_) if inside is None else inside, best)
    second = best.copy()
    who, next_who = np.full(plane.shape, NOBODY, np.int16), np.full(plane.shape, NOBODY, np.int16)
    highest = tile_tops(ground, low)
    ground_tops = (highest, np.ascontiguousarray(highest.T))
    tops = tile_tops(best, -np.inf)
    touched = (np.zeros(tops.shape, np.bool_), np.zeros(tops.T.shape, np.bool_))
    nothing = np.empty((0, 0), np.float32)
    for number, sight in enumerate(sights):
        look, lens, _ = _look(plane, sight, k, rays, low)
        obstacles = things(plane, sight.obstacles)
        turned_tops = (tops, np.ascontiguousarray(tops.T))

        def half(
            sign: int, number: int = number, look: Look = look, lens: Lens = lens, obstacles: F64 = obstacles, turned: tuple[F32, F32] = turned_tops
        ) -> None:
            for axis in (0, 1):
                order = np.argsort(sign * (obstacles[:, axis] - (look.row, look.column)[axis]), kind="stable")
                merge = Merge(best, second, who, next_who, turned[axis], touched[axis], number)
                sector(ground, ground_tops[axis], nothing, axis, sign, look, lens, obstacles[order], prune, np.zeros(2, np.int64), merge)

        together(partial(half, -1), partial(half, 1), cores)
        touched[0].__ior__(touched[1].T)
        touched[1][:] = False
        rows = np.flatnonzero(touched[0].any(axis=1))
        if rows.size:
            middle = (int(rows[0]) + int(rows[-1]) + 1) // 2
            upper = partial(tops_again, second, touched[0], tops, int(rows[0]), middle)
            together(upper, partial(tops_again, second, touched[0], tops, middle, int(rows[-1]) + 1), cores)
        if progress is not None:
            progress(number + 1)
    end(best)
    end(second)
    return Picture(plane, tuple(sights), best, second, who, next_who)


@njit(cache=True, nogil=True)
def begin(ground: F32, inside: Mask, best: F32) -> None:
    """Write where nothing is to come: minus infinity; elsewhere infinity. inside: as the ground, or one value for all."""
    n, m = ground.shape
    everywhere = inside.size == 1
    for i in range(n):
        for j in range(m):
            wanted = (everywhere or inside[i, j]) and ground[i, j] == ground[i, j]
            best[i, j] = np.inf if wanted else -np.inf


@njit(cache=True, nogil=True)
def end(altitudes: F32) -> None:
    """Make infinite what was not wanted."""
    for i in range(altitudes.shape[0]):
        for j in range(altitudes.shape[1]):
            altitudes[i, j] = np.inf if altitudes[i, j] == -np.inf else altitudes[i, j]


def count_at(picture: Picture, height: Height) -> NDArray[np.uint8]:
    """Return how many sensors see each place at a height: 0, 1, or 2 for two or more. (n, m); 0 where the ground is unknown.

    Within its cone of silence a sensor is not counted. A third one is not asked then: no place is counted too high.
    """
    at = picture.plane.heights_m + np.float32(height.metres) if height.above_ground else np.float32(height.metres)
    with np.errstate(invalid="ignore"):
        seen = (picture.best_m <= at).astype(np.uint8) + (picture.second_m <= at)
    for number, sight in enumerate(picture.sights):
        steep = sight.antenna.max_elevation_rad
        if steep >= math.pi / 2:
            continue
        row, column, altitude = stand(picture.plane, sight.antenna)
        near = (height.metres + (9000.0 if height.above_ground else 0.0)) / math.tan(steep) / picture.plane.step_m + 2
        rows = slice(max(0, int(row - near)), int(row + near) + 2)
        columns = slice(max(0, int(column - near)), int(column + near) + 2)
        part = seen[rows, columns]
        i = np.arange(rows.start, rows.start + part.shape[0])[:, None] - row
        j = np.arange(columns.start, columns.start + part.shape[1])[None] - column
        level = at if isinstance(at, np.float32) else at[rows, columns]
        above = level > altitude + np.hypot(i, j) * picture.plane.step_m * math.tan(steep)
        for m, w in ((picture.best_m, picture.best), (picture.second_m, picture.second)):
            with np.errstate(invalid="ignore"):
                part -= (above & (w[rows, columns] == number) & (m[rows, columns] <= level)).astype(np.uint8)
    return np.asarray(seen)

"""Many sensors over one plane: from how low each place of a country is seen by the best and by the second-best sensor, and by which."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.coverage.horizon import NO_TILT, RAYS, Antenna, CoverageError, Obstacle, sweep
from tenere.coverage.image import Look
from tenere.coverage.lens import Lens, farthest, lens_at
from tenere.coverage.merge import Merge, tops_again
from tenere.coverage.strip import TILE, tile_tops
from tenere.coverage.sweep import sector
from tenere.crew import together
from tenere.geo.ellipsoid import gaussian_radius_m
from tenere.geo.terrain.plane_grid import height_at
from tenere.geo.terrain.source import Window

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
    antenna_m: the antenna's altitude AMSL. fall_m: what the effective earth falls in one step. row, column: the antenna's place.
    """

    sight: Sight
    top: int
    left: int
    row: float
    column: float
    antenna_m: float
    fall_m: float
    amsl_m: F32


@dataclass(frozen=True)
class Picture:
    """What sensors see together over a country's plane, or over a box of it.

    plane: of the box. best_m, second_m: (n, m) float32, least altitude AMSL from which the best and the second-best sensor see a place;
    infinite: none. best, second: (n, m) int16, the sensor's place in `sights`, NOBODY for none. Of two that see a place from one altitude
    the one named first is the best. Places not asked for, and those whose ground is not known, have infinite altitudes and nobody. stands:
    of each sensor its row and column in the plane and its altitude AMSL.
    """

    plane: CountryPlane
    sights: tuple[Sight, ...]
    best_m: F32
    second_m: F32
    best: NDArray[np.int16]
    second: NDArray[np.int16]
    stands: tuple[tuple[float, float, float], ...]


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
    plane: CountryPlane,
    sight: Sight,
    *,
    k: float = 4.0 / 3.0,
    rays: float = RAYS,
    cores: int = 1,
    prune: bool = True,
    out: F32 | None = None,
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
    amsl = sweep(
        z, here, obstacles, lens=lens, cores=cores, prune=prune, out=None if out is None else out.reshape(-1)[: z.size].reshape(z.shape)
    )
    return Part(sight, top, left, look.row, look.column, altitude, look.fall_m, amsl)


def fuse(
    plane: CountryPlane,
    sights: Sequence[Sight],
    *,
    inside: Mask | None = None,
    box: Window | None = None,
    k: float = 4.0 / 3.0,
    rays: float = RAYS,
    cores: int = 1,
    prune: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Picture:
    """Fuse sensors over a plane.

    box: only these rows and columns are answered, all of them without; its first ones are multiples of 16. inside: (n, m) of the box,
    where an answer is wanted; everywhere without. cores: 1 or 2; it changes no bit, nor does prune, which leaves out what a sensor
    cannot better. progress: told how many are done. Raises CoverageError as `stand` does, and for a wrong box.
    """
    box = Window(0, plane.shape[0], 0, plane.shape[1]) if box is None else box
    if len(sights) > MOST_SENSORS:
        raise CoverageError(f"{len(sights):,} sensors at once; {MOST_SENSORS:,} are the most")
    if box.top % TILE or box.left % TILE or box.within(plane.shape) != box or box.empty:
        raise CoverageError(f"{box} is no box of a plane of {plane.shape}: its first row and column must be multiples of {TILE}")
    ground, answered = plane.heights_m, plane.part(*box)
    low = float(np.float32(plane.lowest_m)) - 1.0
    n, m = answered.shape  # what is swept is whole tiles, as far as there is ground
    padded = (min(n + -n % TILE, plane.shape[0] - box.top), min(m + -m % TILE, plane.shape[1] - box.left))
    best = np.full(padded, -np.inf, np.float32)
    begin(answered.heights_m, np.ones((1, 1), np.bool_) if inside is None else inside, best[:n, :m])
    second = best.copy()
    who, next_who = np.full(best.shape, NOBODY, np.int16), np.full(best.shape, NOBODY, np.int16)
    highest = tile_tops(ground, low)
    ground_tops = (highest, np.ascontiguousarray(highest.T))
    tops: F32 = np.full(highest.shape, -np.inf, np.float32)
    here = tile_tops(best, -np.inf)
    tops[box.top // TILE :, box.left // TILE :][: here.shape[0], : here.shape[1]] = here
    turned = (tops, np.ascontiguousarray(tops.T))
    touched = (np.zeros(tops.shape, np.bool_), np.zeros(tops.T.shape, np.bool_))
    nothing = np.empty((0, 0), np.float32)
    stands = []
    for number, sight in enumerate(sights):
        look, lens, altitude = _look(plane, sight, k, rays, low)
        stands.append((look.row - box.top, look.column - box.left, altitude))
        obstacles = things(plane, sight.obstacles)

        def half(sign: int, number: int = number, look: Look = look, lens: Lens = lens, obstacles: F64 = obstacles) -> None:
            for axis in (0, 1):
                order = np.argsort(sign * (obstacles[:, axis] - (look.row, look.column)[axis]), kind="stable")
                merge = Merge(best, second, who, next_who, turned[axis], touched[axis], number, box.top, box.left)
                sector(ground, ground_tops[axis], nothing, axis, sign, look, lens, obstacles[order], prune, np.zeros(2, np.int64), merge)

        together(partial(half, -1), partial(half, 1), cores)
        far = farthest(lens, look.reach)
        first, last = (max(0, min(int((look.row + s * far) / TILE) + s, tops.shape[0])) for s in (-1, 1))
        again = partial(tops_again, second, box.top, box.left, touched[0], touched[1], tops, turned[1])
        together(partial(again, first, (first + last) // 2), partial(again, (first + last) // 2, last), cores)
        if progress is not None:
            progress(number + 1)
    end(best)
    end(second)
    return Picture(answered, tuple(sights), best[:n, :m], second[:n, :m], who[:n, :m], next_who[:n, :m], tuple(stands))


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

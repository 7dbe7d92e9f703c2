"""Many sensors over one plane: from how low each place of a country is seen by the best and by the second-best sensor, and by which."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.coverage.horizon import NO_TILT, RAYS, Antenna, CoverageError, Obstacle, sweep
from tenere.coverage.image import Look
from tenere.geo.ellipsoid import gaussian_radius_m
from tenere.geo.terrain.plane_grid import height_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tenere.geo.terrain import CountryPlane

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]
    Mask = NDArray[np.bool_]

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


def lone(plane: CountryPlane, sight: Sight, *, k: float = 4.0 / 3.0, rays: float = RAYS, cores: int = 1, prune: bool = True) -> Part:
    """Compute what one sensor sees on the plane, as far as its range goes."""
    row, column, altitude = stand(plane, sight.antenna)
    reach = min(sight.antenna.max_range_m / plane.step_m, 1e6)
    n, m = plane.shape
    top, bottom = max(0, math.floor(row - reach) - 1), min(n, math.ceil(row + reach) + 2)
    left, right = max(0, math.floor(column - reach) - 1), min(m, math.ceil(column + reach) + 2)
    z = np.ascontiguousarray(plane.heights_m[top:bottom, left:right])
    fall = plane.step_m**2 / (2.0 * k * float(gaussian_radius_m(sight.antenna.lat_rad)))
    tilt = math.tan(sight.antenna.min_elevation_rad) * plane.step_m if sight.antenna.min_elevation_rad > -math.pi / 4 else NO_TILT
    look = Look(row - top, column - left, altitude, fall, rays, reach, tilt, float(np.nanmin(z)) - 1.0)
    return Part(sight, top, left, row, column, altitude, sweep(z, look, cores=cores, prune=prune))


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
    """Fuse sensors over a plane. inside: (n, m) where an answer is wanted; everywhere without. progress: told how many are done."""
    shape = plane.shape
    best, second = np.full(shape, np.inf, np.float32), np.full(shape, np.inf, np.float32)
    who, who2 = np.full(shape, NOBODY, np.int16), np.full(shape, NOBODY, np.int16)
    for number, sight in enumerate(sights):
        part = lone(plane, sight, k=k, rays=rays, cores=cores, prune=prune)
        n, m = part.amsl_m.shape
        at = (slice(part.top, part.top + n), slice(part.left, part.left + m))
        v = np.where(np.isnan(part.amsl_m) | (False if inside is None else ~inside[at]), np.inf, part.amsl_m).astype(np.float32)
        first = v < best[at]
        next_ = ~first & (v < second[at])
        second[at] = np.where(first, best[at], np.where(next_, v, second[at]))
        who2[at] = np.where(first, who[at], np.where(next_, number, who2[at]))
        best[at] = np.where(first, v, best[at])
        who[at] = np.where(first, number, who[at])
        if progress is not None:
            progress(number + 1)
    return Picture(plane, tuple(sights), best, second, who, who2)


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

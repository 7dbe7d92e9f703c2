"""How many sensors see a place at a height: two at most from what was fused, all of them sensor by sensor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.coverage.country import lone
from tenere.coverage.lens import lens_at, steps_away

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tenere.coverage.asking import Height
    from tenere.coverage.country import Part, Picture, Sight
    from tenere.coverage.horizon import Antenna
    from tenere.coverage.lens import Lens
    from tenere.geo.terrain import CountryPlane

    F32 = NDArray[np.float32]
    Mask = NDArray[np.bool_]
    U8 = NDArray[np.uint8]

HIGHEST_M = 9_000.0
"""No ground is higher."""


def count_at(picture: Picture, height: Height) -> NDArray[np.uint8]:
    """Return how many sensors see each place at a height: 0, 1, or 2 for two or more. (n, m); 0 where the ground is unknown.

    In its cone of silence and nearer than its least range a sensor is not counted. A third one is not asked then: no place is counted too
    high.
    """
    plane = picture.plane
    at = plane.heights_m + np.float32(height.metres) if height.above_ground else np.float32(height.metres)
    with np.errstate(invalid="ignore"):
        seen = (picture.best_m <= at).astype(np.uint8) + (picture.second_m <= at)
    for number, (sight, (row, column, altitude)) in enumerate(zip(picture.sights, picture.stands, strict=True)):
        antenna = sight.antenna
        steep = math.tan(antenna.max_elevation_rad) if antenna.max_elevation_rad < math.pi / 2 else math.inf
        cone = (height.metres + (HIGHEST_M if height.above_ground else 0.0)) / steep if steep > 0.0 else math.inf
        near = min(max(cone, antenna.min_range_m) / plane.step_m * 1.1 + 2, max(plane.shape) * 2.0)
        rows = slice(max(0, int(row - near)), max(0, int(row + near) + 2))
        columns = slice(max(0, int(column - near)), max(0, int(column + near) + 2))
        part = seen[rows, columns]
        if part.size == 0 or near < 3.0:
            continue
        i = np.arange(rows.start, rows.start + part.shape[0])[:, None] - row
        j = np.arange(columns.start, columns.start + part.shape[1])[None] - column
        level = at if isinstance(at, np.float32) else at[rows, columns]
        far = np.hypot(i, j) * plane.step_m
        outside = (level > altitude + far * steep) if steep < math.inf else np.zeros(part.shape, bool)
        outside |= np.hypot(far, level - altitude) < antenna.min_range_m
        for m, w in ((picture.best_m, picture.best), (picture.second_m, picture.second)):
            with np.errstate(invalid="ignore"):
                part -= (outside & (w[rows, columns] == number) & (m[rows, columns] <= level)).astype(np.uint8)
    return np.asarray(seen)


def count_all(
    plane: CountryPlane,
    sights: Sequence[Sight],
    heights: Sequence[Height],
    *,
    k: float = 4.0 / 3.0,
    cores: int = 1,
    progress: Callable[[int], None] | None = None,
) -> dict[str, NDArray[np.uint8]]:
    """Return for each class of sensor how many of them see each place at each height: (heights, n, m), 255 for that or more.

    Cones of silence, least and slant ranges count. Ground not known: not counted above ground. Raises CoverageError as `stand` does.
    """
    counts = {kind: np.zeros((len(heights), *plane.shape), np.uint8) for kind in dict.fromkeys(s.kind for s in sights)}
    levels = np.array([h.metres for h in heights], np.float64)
    over = np.array([h.above_ground for h in heights], np.bool_)
    for number, sight in enumerate(sights):
        part = lone(plane, sight, k=k, cores=cores)
        n, m = part.amsl_m.shape
        ground = plane.heights_m[part.top : part.top + n, part.left : part.left + m]
        into = counts[sight.kind][:, part.top : part.top + n, part.left : part.left + m]
        count_one(part.amsl_m, ground, place_of(plane, part), levels, over, np.ones((1, 1), np.uint32), 255, into)
        if progress is not None:
            progress(number + 1)
    return counts


class Beam(NamedTuple):
    """What limits a sensor from above and near by. fall_m: what the effective earth falls in one step."""

    altitude_m: float
    fall_m: float
    step_m: float
    steep: float
    least_m: float
    most_m: float


def beam(antenna: Antenna, altitude_m: float, fall_m: float, step_m: float) -> Beam:
    """Return an antenna's limits for the kernels."""
    steep = math.tan(antenna.max_elevation_rad) if antenna.max_elevation_rad < math.pi / 2 else 1e30
    return Beam(altitude_m, fall_m, step_m, steep, antenna.min_range_m, min(antenna.max_range_m, 1e30))


class Place(NamedTuple):
    """Where a sensor stands in a window, how long steps are seen from there, and its limits."""

    row: float
    column: float
    lens: Lens
    beam: Beam


def place_of(plane: CountryPlane, part: Part) -> Place:
    """Return the place of a sensor in its window of a plane."""
    lens, _ = lens_at(plane, part.row, part.column, max(part.amsl_m.shape) / 2.0)
    limits = beam(part.sight.antenna, part.antenna_m, part.fall_m, plane.step_m)
    return Place(part.row - part.top, part.column - part.left, lens, limits)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def sees(v, at, far, base, beam):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - numba kernel, given numbers of either width
    """Tell whether a sensor sees an altitude `at`, from its least one v, so far away over its own level."""
    up = at - base
    slant2 = far * far + up * up
    return v <= at and up <= far * beam.steep and beam.least_m * beam.least_m <= slant2 <= beam.most_m * beam.most_m


@njit(cache=True, nogil=True, error_model="numpy")
def count_one(
    amsl: F32, ground: F32, stands: Place, levels: NDArray[np.float64], over_ground: Mask, inside: NDArray[np.uint32], most: int, into: U8
) -> None:
    """Add one sensor to the counts of its window, (heights, n, m), up to a most; only where inside is not 0 (one value: for all)."""
    lens, limits = stands.lens, stands.beam
    everywhere = inside.size == 1
    for i in range(amsl.shape[0]):
        for j in range(amsl.shape[1]):
            low = amsl[i, j]
            if not low < np.inf or not (everywhere or inside[i, j] != 0):
                continue
            steps = steps_away(lens, j - stands.column, i - stands.row)
            far, base = steps * limits.step_m, limits.altitude_m + limits.fall_m * steps * steps
            for h in range(levels.size):
                at = levels[h] + ground[i, j] if over_ground[h] else levels[h]
                if into[h, i, j] < most and sees(low, at, far, base, limits):
                    into[h, i, j] += 1

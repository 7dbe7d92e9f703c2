"""A picture of coverage as a map shows it: what each pixel of a window of the web Mercator map is seen by.

A pixel takes the post that lies nearest to its middle. Its place on the plane is exact at every sixteenth pixel and bilinear between.
Outside the plane nothing is seen: a plane laid for this holds every sensor's whole range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.coverage.horizon import CoverageError
from tenere.crew import together

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.coverage.asking import Box, Height
    from tenere.coverage.country import Part
    from tenere.geo.terrain import CountryPlane

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]
    U8 = NDArray[np.uint8]

SEEN, ONE, NOBODY, NO_ANSWER = 0, 1, 2, 3
"""What a pixel shows: seen by two or more, by one, by none; the ground is not known, or higher than the level."""
SPACING = 16
"""Pixels between two that are placed exactly."""
MOST_PIXELS = 2_000_000
NORTHERNMOST_DEG = 85.05
"""Where the web Mercator map ends."""
STEEP = 1e30
"""Slope of a cone of silence that is none."""


def mercator_y(lat_deg: float) -> float:
    """Return the ordinate of a latitude on the web Mercator map, radians: ln tan(pi / 4 + lat / 2)."""
    return math.asinh(math.tan(math.radians(lat_deg)))


@dataclass(frozen=True)
class Frame:
    """The pixels of a window and where they lie on a plane.

    height, width: of the image. rows, columns: (a, b) float64, places on the plane of every sixteenth pixel's middle.
    """

    box: Box
    height: int
    width: int
    rows: F64
    columns: F64


def frame(plane: CountryPlane, box: Box, width: int) -> Frame:
    """Lay the pixels of a window over a plane. Raises CoverageError for a window that is none, or has too many pixels."""
    west, south, east, north = box
    if not (-180.0 <= west < east <= 180.0 and -NORTHERNMOST_DEG <= south < north <= NORTHERNMOST_DEG):
        raise CoverageError("box: give west, south, east, north in degrees, west before east, south before north, within 85.05 degrees")
    low, high = mercator_y(south), mercator_y(north)
    height = max(1, round(width * (high - low) / math.radians(east - west)))
    if not (width >= 1 and width * height <= MOST_PIXELS):
        raise CoverageError(f"an image of {width} x {height} pixels is not made: {MOST_PIXELS:,} pixels at most")
    down, across = ((n - 1 + SPACING - 1) // SPACING + 1 for n in (height, width))
    y = high - (np.arange(down) * SPACING + 0.5) * (high - low) / height
    x = west + (np.arange(across) * SPACING + 0.5) * (east - west) / width
    lat, lon = np.arctan(np.sinh(y)), np.radians(x)
    rows, columns = plane.to_grid(lat[:, None], lon[None])
    return Frame(box, height, width, np.broadcast_to(rows, (down, across)).copy(), np.broadcast_to(columns, (down, across)).copy())


def classes(picture_count: U8, plane: CountryPlane, at: Height, into: Frame, part: Part | None = None, cores: int = 1) -> U8:
    """Return what each pixel of a frame is seen by at a height, (height, width) uint8.

    picture_count: (n, m) uint8 over the plane, as `count_at` gives it; part: one sensor more that is not counted in it. cores: 1 or 2.
    """
    out = np.empty((into.height, into.width), np.uint8)
    seen, top, left, cone = _part(part, plane)

    def rows(first: int, last: int) -> None:
        given = (picture_count, plane.heights_m, at.metres, at.above_ground, into.rows, into.columns)
        _classes(*given, seen, top, left, cone, out, first, last)

    middle = into.height // 2
    together(partial(rows, 0, middle), partial(rows, middle, into.height), cores)
    return out


def _part(part: Part | None, plane: CountryPlane) -> tuple[F32, int, int, F64]:
    """Return a part's altitudes, first row and column, and its cone: row, column, altitude of its tip, rise, a step, least range (m)."""
    if part is None:
        return np.empty((0, 0), np.float32), 0, 0, np.zeros(6)
    antenna = part.sight.antenna
    rise = math.tan(antenna.max_elevation_rad) if antenna.max_elevation_rad < math.pi / 2 else STEEP
    return part.amsl_m, part.top, part.left, np.array([part.row, part.column, part.antenna_m, rise, plane.step_m, antenna.min_range_m])


@njit(cache=True, nogil=True, error_model="numpy")
def _sees(seen: F32, i: int, j: int, level_m: float, cone: F64, row: float, column: float) -> bool:
    """Say whether a part sees a post of its window at a level: above its least altitude, not in its cone of silence, nor too near."""
    if not (0 <= i < seen.shape[0] and 0 <= j < seen.shape[1]) or not seen[i, j] <= level_m:
        return False
    away = math.sqrt((row - cone[0]) ** 2 + (column - cone[1]) ** 2) * cone[4]
    above = level_m - cone[2]
    return bool(above <= away * cone[3] and away * away + above * above >= cone[5] * cone[5])


@njit(cache=True, nogil=True, error_model="numpy")
def _classes(
    count: U8,
    ground: F32,
    height_m: float,
    above_ground: bool,
    rows: F64,
    columns: F64,
    seen: F32,
    top: int,
    left: int,
    cone: F64,
    out: U8,
    first: int,
    last: int,
) -> None:
    """Write the class of each pixel of some rows; its place is bilinear between the lattice's nodes."""
    n, m = count.shape
    each = 1.0 / SPACING
    for i in range(first, last):
        p = min(i // SPACING, max(rows.shape[0] - 2, 0))
        p1 = min(p + 1, rows.shape[0] - 1)
        f = (i - p * SPACING) * each
        for q in range(max(rows.shape[1] - 1, 1)):
            q1 = min(q + 1, rows.shape[1] - 1)
            r0 = rows[p, q] + (rows[p1, q] - rows[p, q]) * f
            r1 = rows[p, q1] + (rows[p1, q1] - rows[p, q1]) * f
            c0 = columns[p, q] + (columns[p1, q] - columns[p, q]) * f
            c1 = columns[p, q1] + (columns[p1, q1] - columns[p, q1]) * f
            for j in range(q * SPACING, min(out.shape[1], (q + 1) * SPACING)):
                g = (j - q * SPACING) * each
                row, column = r0 + (r1 - r0) * g, c0 + (c1 - c0) * g
                out[i, j] = NOBODY
                if not (-0.5 <= row < n - 0.5 and -0.5 <= column < m - 0.5):
                    continue
                r, c = int(row + 0.5), int(column + 0.5)
                z = ground[r, c]
                level = z + height_m if above_ground else height_m
                if not level >= z:
                    out[i, j] = NO_ANSWER
                    continue
                k = int(count[r, c])
                if _sees(seen, r - top, c - left, level, cone, float(r), float(c)):
                    k += 1
                out[i, j] = NOBODY if k == 0 else ONE if k == 1 else SEEN


class Change(NamedTuple):
    """What one sensor more, or at another place, changes: square metres gained and lost, and seen with it."""

    gained_m2: float
    lost_m2: float
    seen_m2: float


@dataclass(frozen=True)
class Lattice:
    """Every stride-th post of a plane, for areas. weight_m2: (a, b) float32, the ground each stands for; 0 outside the area asked about."""

    stride: int
    weight_m2: F32


def lattice(plane: CountryPlane, most: int) -> Lattice:
    """Take posts of a plane evenly, `most` of them at most, each standing for the ground around it."""
    n, m = plane.shape
    stride = max(1, math.ceil(math.sqrt(n * m / most)))
    rows, columns = np.arange(stride // 2, n, stride), np.arange(stride // 2, m, stride)
    weight = plane.area_m2(rows[:, None].astype(float), columns[None].astype(float)) * stride**2
    return Lattice(stride, np.asarray(weight, np.float32))


def areas_m2(count: U8, plane: CountryPlane, at: Height, on: Lattice) -> tuple[float, float, float]:
    """Return the area where there is an answer at a height, and those seen by one or more and by two or more, in m2."""
    out = np.zeros(3)
    _areas(count, plane.heights_m, at.metres, at.above_ground, on.stride, on.weight_m2, out)
    return float(out[0]), float(out[1]), float(out[2])


@njit(cache=True, nogil=True, error_model="numpy")
def _areas(count: U8, ground: F32, height_m: float, above_ground: bool, stride: int, weight: F32, out: F64) -> None:
    """Add up the area of the lattice's posts with an answer, seen, and seen twice."""
    for a in range(weight.shape[0]):
        r = stride // 2 + a * stride
        for b in range(weight.shape[1]):
            c = stride // 2 + b * stride
            z = ground[r, c]
            if (z + height_m if above_ground else height_m) >= z:
                w = weight[a, b]
                out[0] += w
                if count[r, c] > 0:
                    out[1] += w
                if count[r, c] > 1:
                    out[2] += w


def change(before: U8, others: U8, plane: CountryPlane, at: Height, part: Part, on: Lattice, wanted: int) -> Change:
    """Return what a sensor changes at a height.

    before: (n, m) uint8 count as it is; others: without the sensor; part: the sensor where it is tried. wanted: seen by so many (1, 2).
    """
    out = np.zeros(3)
    seen, top, left, cone = _part(part, plane)
    _change(before, others, plane.heights_m, at.metres, at.above_ground, seen, top, left, cone, on.stride, on.weight_m2, wanted, out)
    return Change(float(out[0]), float(out[1]), float(out[2]))


@njit(cache=True, nogil=True, error_model="numpy")
def _change(
    before: U8,
    others: U8,
    ground: F32,
    height_m: float,
    above_ground: bool,
    seen: F32,
    top: int,
    left: int,
    cone: F64,
    stride: int,
    weight: F32,
    wanted: int,
    out: F64,
) -> None:
    """Add up the area of the lattice's posts gained, lost, and seen with the sensor."""
    for a in range(weight.shape[0]):
        r = stride // 2 + a * stride
        for b in range(weight.shape[1]):
            if weight[a, b] == 0.0:
                continue
            c = stride // 2 + b * stride
            z = ground[r, c]
            level = z + height_m if above_ground else height_m
            k = int(others[r, c])
            if k < wanted and _sees(seen, r - top, c - left, level, cone, float(r), float(c)):
                k += 1
            was, now = before[r, c] >= wanted, k >= wanted
            if now:
                out[2] += weight[a, b]
            if now and not was:
                out[0] += weight[a, b]
            if was and not now:
                out[1] += weight[a, b]

"""Several sensors together: from how low a place is seen by the best of them and by the second best, by which, and by how many at a height.

One grid of places holds the answer; sensors are added one after another, in the order of their numbers, and each touches only the box
it reaches. A country too large for memory is cut in boxes: each is a `Fused` of its own, to which the sensors that reach it are added,
and nothing passes between boxes.

    fused = fuse_over(lat_deg, lon_deg, ground_m, classes=("radar", "ads-b"), heights=(Height(feet * 0.3048),))
    for number, seen in enumerate(horizons): fused.add(number, "radar", seen)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.coverage.horizon import CoverageError, Horizon

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]

NOBODY = -1
"""Number of the sensor where none sees the place from any height."""
MOST_SENSORS = 32_767
SPACING = 16
"""Places between two that are put on a sensor's plane by geodesics."""


class Height(NamedTuple):
    """A height at which sensors are counted: above ground, or above mean sea level (flight levels, by the standard atmosphere)."""

    metres: float
    above_ground: bool = True


@dataclass
class Fused:
    """What some sensors see together over a grid of degrees.

    lat_rad (n,), lon_rad (m,): evenly spaced. ground_m: (n, m) float32, NaN where not known. best_m, second_m: (n, m) float32, least
    altitude AMSL (infinite: none). best, second: (n, m) int16, whose it is. seen: (classes, heights, n, m) uint8, sensors of a class
    that see the place at a height (255: that or more). NaN ground: the AMSL altitudes hold, heights above ground are not counted.
    """

    lat_rad: F64
    lon_rad: F64
    ground_m: F32
    classes: tuple[str, ...]
    heights: tuple[Height, ...]
    best_m: F32
    second_m: F32
    best: NDArray[np.int16]
    second: NDArray[np.int16]
    seen: NDArray[np.uint8]

    def add(self, number: int, kind: str, horizon: Horizon) -> None:
        """Add one sensor. Of two that see a place from one altitude the lower number comes first, so the order of adding changes nothing.

        The sensor's plane is read bilinearly between its posts, at the nearest one beside a post that is never seen, so its step should
        be about the grid's. Raises CoverageError for a class not named at the start, and a number out of range.
        """
        if kind not in self.classes:
            raise CoverageError(f"no class {kind!r} here; name it at the start ({', '.join(self.classes)})")
        if not 0 <= number <= MOST_SENSORS:
            raise CoverageError(f"a sensor's number must lie in 0 to {MOST_SENSORS:,}, not {number}")
        box = _box(self.lat_rad, self.lon_rad, horizon)
        if box is None:
            return
        top, bottom, left, right = box
        rows, columns = _nodes(self.lat_rad[top:bottom], self.lon_rad[left:right], horizon)
        part = (slice(top, bottom), slice(left, right))
        tangent = math.tan(horizon.antenna.max_elevation_rad) if horizon.antenna.max_elevation_rad < math.pi / 2 else 1e30
        limits = (horizon.antenna_m, horizon.fall_m, horizon.grid.step_m, tangent, min(horizon.antenna.max_range_m, 1e30))
        levels = np.array([h.metres for h in self.heights], np.float32)
        over_ground = np.array([h.above_ground for h in self.heights], np.bool_)
        counts = self.seen[self.classes.index(kind)][(slice(None), *part)]
        _merge(
            horizon.amsl_m, limits, rows, columns, self.ground_m[part], number, self.best_m[part], self.second_m[part],
            self.best[part], self.second[part], levels, over_ground, counts,
        )  # fmt: skip

    def count(self, height: Height) -> NDArray[np.int64]:
        """Return how many sensors, of all classes, see each place at one of the heights. (n, m)."""
        return np.asarray(self.seen[:, self.heights.index(height)].sum(axis=0, dtype=np.int64))


def fuse_over(
    lat_rad: F64, lon_rad: F64, ground_m: F32, *, classes: tuple[str, ...] = ("sensor",), heights: tuple[Height, ...] = ()
) -> Fused:
    """Start an empty picture over a grid of degrees.

    Raises CoverageError where the axes and the ground disagree, or are not evenly spaced.
    """
    shape = (lat_rad.size, lon_rad.size)
    if ground_m.shape != shape or min(shape) < 2:
        raise CoverageError(
            f"the ground must have one height for each of {shape[0]} latitudes and {shape[1]} longitudes (2 at least), not {ground_m.shape}"
        )
    for name, axis in (("latitudes", lat_rad), ("longitudes", lon_rad)):
        step = np.diff(axis)
        if not np.allclose(step, step[0], rtol=1e-6, atol=0.0) or step[0] == 0.0:
            raise CoverageError(f"the {name} must be evenly spaced")
    never = np.full(shape, np.inf, np.float32)
    nobody = np.full(shape, NOBODY, np.int16)
    seen = np.zeros((len(classes), len(heights), *shape), np.uint8)
    return Fused(lat_rad, lon_rad, ground_m.astype(np.float32), classes, heights, never, never.copy(), nobody, nobody.copy(), seen)


def _box(lat_rad: F64, lon_rad: F64, horizon: Horizon) -> tuple[int, int, int, int] | None:
    """Return the rows and columns that may lie on a sensor's plane: top, bottom, left, right; None for none."""
    grid = horizon.grid
    around = np.arange(0.0, grid.heights_m.shape[0], max(1, grid.heights_m.shape[0] // 64))
    last = grid.heights_m.shape[0] - 1.0
    edge = np.r_[around, last]
    lat, lon = grid.place(np.r_[edge, edge, 0 * edge, 0 * edge + last], np.r_[0 * edge, 0 * edge + last, edge, edge])
    lon = grid.lon_rad + (lon - grid.lon_rad + np.pi) % (2 * np.pi) - np.pi
    margin = np.radians(0.02)
    rows = np.flatnonzero((lat_rad >= lat.min() - margin) & (lat_rad <= lat.max() + margin))
    columns = np.flatnonzero((lon_rad >= lon.min() - margin) & (lon_rad <= lon.max() + margin))
    if rows.size < 2 or columns.size < 2:
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _nodes(lat_rad: F64, lon_rad: F64, horizon: Horizon) -> tuple[F64, F64]:
    """Return rows and columns on the sensor's plane of every SPACING-th place, the last one past the end."""
    rows, columns = ((n + SPACING - 2) // SPACING + 1 for n in (lat_rad.size, lon_rad.size))
    lat = lat_rad[0] + np.arange(rows) * SPACING * (lat_rad[1] - lat_rad[0])
    lon = lon_rad[0] + np.arange(columns) * SPACING * (lon_rad[1] - lon_rad[0])
    return horizon.grid.to_grid(lat[:, None], lon[None])


@njit(cache=True, nogil=True, error_model="numpy")
def _merge(
    amsl: F32,
    limits: tuple[float, float, float, float, float],
    rows: F64,
    columns: F64,
    ground: F32,
    number: int,
    best: F32,
    second: F32,
    who: NDArray[np.int16],
    next_who: NDArray[np.int16],
    levels: F32,
    over_ground: NDArray[np.bool_],
    seen: NDArray[np.uint8],
) -> None:
    """Merge one sensor's altitudes into a box. limits: its altitude, fall, step, tangent of its beam's top, greatest range."""
    n = amsl.shape[0]
    antenna, fall, step, tangent, reach = limits
    middle = n // 2
    each = 1.0 / SPACING
    for i in range(ground.shape[0]):
        p = i // SPACING
        f = (i - p * SPACING) * each
        if p == rows.shape[0] - 1:
            p, f = p - 1, 1.0
        for j in range(ground.shape[1]):
            q = j // SPACING
            g = (j - q * SPACING) * each
            if q == rows.shape[1] - 1:
                q, g = q - 1, 1.0
            r0, r1 = rows[p, q] + (rows[p, q + 1] - rows[p, q]) * g, rows[p + 1, q] + (rows[p + 1, q + 1] - rows[p + 1, q]) * g
            c0, c1 = (
                columns[p, q] + (columns[p, q + 1] - columns[p, q]) * g,
                columns[p + 1, q] + (columns[p + 1, q + 1] - columns[p + 1, q]) * g,
            )
            r, c = r0 + (r1 - r0) * f, c0 + (c1 - c0) * f
            if not (r >= 0.0 and c >= 0.0 and r <= n - 1.0 and c <= n - 1.0):
                continue
            a, b = min(int(r), n - 2), min(int(c), n - 2)
            fr, fc = np.float32(r - a), np.float32(c - b)
            upper = amsl[a, b] + (amsl[a, b + 1] - amsl[a, b]) * fc
            v = upper + (amsl[a + 1, b] + (amsl[a + 1, b + 1] - amsl[a + 1, b]) * fc - upper) * fr
            ra, ca = int(r + 0.5), int(c + 0.5)
            if not v < np.inf:
                v = amsl[ra, ca]
            if not v < np.inf:
                continue
            h = ground[i, j]
            v = max(v, h)
            if v < best[i, j] or (v == best[i, j] and number < who[i, j]):
                second[i, j], next_who[i, j] = best[i, j], who[i, j]
                best[i, j], who[i, j] = v, number
            elif v < second[i, j] or (v == second[i, j] and number < next_who[i, j]):
                second[i, j], next_who[i, j] = v, number
            if levels.size == 0:
                continue
            steps2 = (r - middle) * (r - middle) + (c - middle) * (c - middle)
            d2 = steps2 * step * step
            top = antenna + fall * steps2 + min(math.sqrt(d2) * tangent, math.sqrt(max(reach * reach - d2, 0.0)))
            for k in range(levels.size):
                at = levels[k] + h if over_ground[k] else levels[k]
                if v <= at <= top and seen[k, i, j] < 255:
                    seen[k, i, j] += 1

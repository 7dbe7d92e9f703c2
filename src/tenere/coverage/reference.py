"""Line of sight the slow way: every crossing of the ray with the grid, for one cell after another.

The tests and `bench.coverage` hold the sweep of `coverage.sweep` to this. Both use one surface: between two neighbouring posts of a row or
of a column the ground is a straight line, so the profile under a ray is known exactly where the ray crosses a row or a column, and is
taken as straight between two crossings (a bilinear cell bulges above that chord by at most an eighth of its twist; a triangle's
diagonal would add a third family of crossings). Heights are compared on the effective earth: at a ground distance d the ground has
dropped by d^2 / (2 k R), k = 4/3 unless told otherwise (Recommendation ITU-R P.453, section 5; P.526, section 2).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.coverage.lens import TRUE, Lens, steps_away

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]


@njit(cache=True, error_model="numpy", nogil=True)
def _highest_slope(z: F64, r0: float, c0: float, antenna_m: float, step_m: float, fall: float, row: int, column: int, lens: Lens) -> float:
    """Return the steepest slope over every crossing strictly between the antenna and a post (-inf: none)."""
    dr, dc = row - r0, column - c0
    best = -math.inf
    for family in range(2):
        along, across = (dr, dc) if family == 0 else (dc, dr)
        if along == 0.0:
            continue
        start, other, end = (r0, c0, float(row)) if family == 0 else (c0, r0, float(column))
        first = math.floor(start) + 1 if along > 0 else math.ceil(start) - 1
        count = int(abs(end - first))  # the post's own line is not counted
        sign = 1 if along > 0 else -1
        for i in range(count):
            line = first + sign * i
            share = (line - start) / along
            place = other + across * share
            low = math.floor(place)
            f = place - low
            if family == 0:
                near, far = z[line, low], z[line, min(low + 1, z.shape[1] - 1)]
            else:
                near, far = z[low, line], z[min(low + 1, z.shape[0] - 1), line]
            d = step_m * steps_away(lens, share * dc, share * dr)
            best = max(best, (near + (far - near) * f - antenna_m) / d - d * fall)
    return best


@njit(cache=True, error_model="numpy", nogil=True)
def minimum_visible_altitudes(
    z: F64,
    r0: float,
    c0: float,
    antenna_m: float,
    step_m: float,
    fall: float,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    lens: Lens = TRUE,
) -> F64:
    """Return the least altitude (m AMSL) from which each post is in line of sight of an antenna, never below the ground.

    z: (n, m) float64, ground in metres at the posts, none unknown. r0, c0: the antenna's place in rows and columns (may fall between
    posts). antenna_m: its altitude, AMSL. step_m: between two posts. fall: 1 / (2 k R) a metre. rows, columns: (q,) int64. lens: how long
    steps are.
    """
    out = np.empty(rows.size)
    for q in range(rows.size):
        slope = _highest_slope(z, r0, c0, antenna_m, step_m, fall, rows[q], columns[q], lens)
        d = step_m * steps_away(lens, columns[q] - c0, rows[q] - r0)
        ground = z[rows[q], columns[q]]
        out[q] = ground if slope == -math.inf else max(ground, antenna_m + slope * d + fall * d * d)
    return out

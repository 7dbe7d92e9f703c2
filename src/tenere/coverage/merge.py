"""Putting one sensor's altitudes among those of others while it is swept, and leaving out what it cannot change.

A post is kept in order: `second` is never below `best`. Where no answer is wanted, and where the ground is not known, both are minus
infinity, so nothing comes below them. `tops` holds the highest `second` of each TILE by TILE posts: where a sensor cannot come below it,
its row is not even read. Sensors come in the order of their numbers and must come below what is there, so of equals the first stays.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.coverage.lens import bounds_of_g, least_square
from tenere.coverage.strip import TILE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.coverage.image import Look
    from tenere.coverage.lens import Lens

    F32 = NDArray[np.float32]
    I16 = NDArray[np.int16]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

ROUNDING_M = 0.02
"""More than what float32 rounds off an altitude."""


class Merge(NamedTuple):
    """What other sensors see, and the number of this one.

    best, second, who, next_who: over a box of the ground whose first row and column are row and column, TILEs both. tops, touched: by tiles
    of the whole ground, turned as the quarter is.
    """

    best: F32
    second: F32
    who: I16
    next_who: I16
    tops: F32
    touched: Mask
    number: int
    row: int
    column: int


@njit(cache=True, nogil=True, error_model="numpy")
def floors(H: F32, S: F32, begin: I64, runs: int, half: int, active: Mask, floor: F32) -> None:
    """Write below what no post between the rays of each active run is read: the lower ray, less the depth of a valley between the two."""
    for j in range(runs):
        if active[j]:
            low = H[begin[j]]
            for k in range(begin[j], min(begin[j + 1], 2 * half)):
                d = H[k + 1] - H[k]
                dip = min(d - S[k], S[k + 1] - d)
                low = min(low, min(H[k], H[k + 1]) - max(dip, np.float32(0.0)))
            floor[j] = low


@njit(cache=True, nogil=True, error_model="numpy")
def _run_of(k: int, half: int, side: int, run: int) -> int:
    """Return the run that holds a ray (`sweep._lay`)."""
    if k < half:
        return side - (half - k + run - 1) // run
    return side if k == half else side + 1 + (k - half - 1) // run


@njit(cache=True, nogil=True, error_model="numpy")
def want(
    tops: F32,
    floor: F32,
    active: Mask,
    half: int,
    run: int,
    ya: float,
    yb: float,
    middle: float,
    look: Look,
    lens: Lens,
    prune: bool,
    wanted: Mask,
    touched: Mask,
) -> int:
    """Mark the tiles of a block of rows in which this sensor may come below the second best; return how many.

    tops (e,): highest second best of each tile across. ya, yb: the nearest and the farthest row. A tile under an active run is
    always wanted: what it is raised to is not known yet.
    """
    count = 0
    side = (half + run - 1) // run
    e0, e1 = max(0, math.floor(middle - yb) // TILE), min(tops.size - 1, math.floor(middle + yb) // TILE)
    wanted[:] = False
    for e in range(e0, e1 + 1):
        if not tops[e] > -np.inf:
            continue
        yes = True
        if prune:
            x0, x1 = e * TILE - middle, e * TILE + TILE - 1 - middle
            t0, t1 = max(min(x0 / ya, x0 / yb), -1.0), min(max(x1 / ya, x1 / yb), 1.0)
            least, most = bounds_of_g(lens, t0, t1, ya, yb)
            square = least_square(lens, t0, t1)
            if ya * math.sqrt(square) > look.reach * most:
                continue
            r0 = _run_of(max(math.floor((t0 + 1.0) * half) - 1, 0), half, side, run)
            r1 = _run_of(min(math.ceil((t1 + 1.0) * half) + 1, 2 * half), half, side, run)
            low, busy = np.float32(1e30), False
            for r in range(r0, r1 + 1):
                busy |= active[r]
                low = min(low, floor[r])
            if not busy:
                rise = low * ya / most if low > 0.0 else low * yb / least
                yes = look.altitude_m + rise + look.fall_m * square * ya * ya / (most * most) - ROUNDING_M < tops[e]
        if yes:
            wanted[e] = True
            touched[e] = True
            count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def merge_line(line: F32, best: F32, second: F32, who: I16, next_who: I16, number: int) -> None:
    """Merge a stretch of a row, (n,) each."""
    me = np.int16(number)
    for q in range(line.size):
        v, b, s, w = line[q], best[q], second[q], who[q]
        first, better = v < b, v < s
        next_who[q] = w if first else (me if better else next_who[q])
        who[q] = me if first else w
        second[q] = b if first else (v if better else s)
        best[q] = v if first else b


@njit(cache=True, nogil=True, error_model="numpy")
def merge_turned(
    altitudes: F32,
    grid: F32,
    best: F32,
    second: F32,
    who: I16,
    next_who: I16,
    number: int,
    row: int,
    column: int,
    origin: int,
    middle: float,
    y0: float,
    start: int,
    sign: int,
    reach: float,
    begins: I64,
    blocks: int,
    wanted: Mask,
) -> float:
    """Merge rows of altitudes into columns, never below the ground, the blocks of them in whose tiles that is wanted.

    begins (blocks + 1,): where each block of rows begins. wanted (blocks, tiles). As in `strip.give_turned`, lines are touched
    before they are used.
    """
    n = begins[blocks]
    far = y0 + n - 1
    touched = 0.0
    me = np.int16(number)
    j0, j1 = max(0, math.ceil(middle - far)), min(grid.shape[0] - 1, math.floor(middle + far)) + 1
    for e in range(j0 // TILE, (j1 - 1) // TILE + 1 if j1 > j0 else 0):
        some = False
        for p in range(blocks):
            some |= wanted[p, e]
        if not some:
            continue
        first, last = max(j0, e * TILE), min(j1, e * TILE + TILE)
        for j in range(first, last):
            for p in range(blocks):
                if wanted[p, e]:
                    k = start + sign * begins[p]
                    touched += grid[j, k]
                    i, k = j - row, k - column
                    touched += best[i, k] + second[i, k] + who[i, k] + next_who[i, k]
        for j in range(first, last):
            x = abs(j - middle)
            ground, q, i = grid[j], j - origin, j - row
            b_, s_, w_, x_ = best[i], second[i], who[i], next_who[i]
            begin, end = max(0, math.floor(x - y0) + 1), n
            while end > begin and x * x + (y0 + end - 1) * (y0 + end - 1) > reach * reach:
                end -= 1
            for p in range(blocks):
                if not wanted[p, e]:
                    continue
                for m in range(max(begin, begins[p]), min(end, begins[p + 1])):
                    k = start + sign * m
                    v, z = altitudes[m, q], ground[k]
                    k -= column
                    v = v if v > z else z  # noqa: FURB136 - NaN ground gives NaN
                    b, s, w = b_[k], s_[k], w_[k]
                    before, better = v < b, v < s
                    x_[k] = w if before else (me if better else x_[k])
                    w_[k] = me if before else w
                    s_[k] = b if before else (v if better else s)
                    b_[k] = v if before else b
    return touched


@njit(cache=True, nogil=True, error_model="numpy")
def tops_again(second: F32, row: int, column: int, touched: Mask, beside: Mask, tops: F32, turned: F32, begin: int, end: int) -> None:
    """Write the highest second best of each touched tile of some rows of tiles, and forget that it was touched.

    touched, tops: by rows; beside, turned: the same by columns.
    """
    n, m = second.shape[0] + row, second.shape[1] + column
    for a in range(begin, end):
        for b in range(tops.shape[1]):
            if touched[a, b] or beside[b, a]:
                touched[a, b] = beside[b, a] = False
                high = np.float32(-np.inf)
                for i in range(a * TILE, min(n, a * TILE + TILE)):
                    for j in range(b * TILE, min(m, b * TILE + TILE)):
                        high = max(high, second[i - row, j - column])
                tops[a, b] = turned[b, a] = high

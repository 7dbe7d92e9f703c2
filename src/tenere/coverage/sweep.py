"""The ray sweep: the image of the ground before one antenna, carried outwards row by row over a quarter of the plane.

A quarter holds the posts whose distance along one axis, y steps, is at least that along the other, |x|. In the perspective image seen from
the antenna, with abscissa t = x / y and ordinate

    u = (z - z0) / y - c y (1 + t^2),    c = step^2 / (2 k R),

a straight edge of the ground is a straight line but for the parabola of the earth's fall, whether it runs along a row or along a
column, and a post is in sight from the altitude z0 + u y + c (x^2 + y^2) where u is the highest that the image holds before it.
The image is kept at rays evenly spaced in t: the highest u of each, and the slope of the edge that made it. A post between two rays is read
from both edges, so that a roof or a valley alone between two rays is exact (`image.read_row`). A row has at least `rays` rays
to a post; each time the distance doubles, so does their number.

A run of rays over a block of rows is passed over where the highest ground under it, taken at its nearest, stays below its lowest ray by
more than any rounding: what comes out is the same, bit by bit, as without. The four quarters write different posts and share nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.coverage.image import NOTHING, Look, pair, raise_by_columns, raise_by_obstacle, raise_by_row, read_row, refine
from tenere.coverage.strip import CELL, give_turned, highest, take, take_turned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

f32 = np.float32
STRIP = 128
"""Rows copied together: of a column, eight cache lines of ground at a time."""
BLOCK = 16
"""Rows tested together."""
RUN = 64
"""Rays tested together."""
NEAREST = 256
"""Steps of the first stretch: rays are doubled beyond."""


@njit(cache=True, nogil=True, error_model="numpy")
def _lay(half: int, t: F32, w: F32, over: F32, begin: I64) -> int:
    """Lay 2 half + 1 rays and cut them in runs of one sign, the middle one alone; return the number of runs."""
    for k in range(2 * half + 1):
        v = (k - half) / half
        t[k] = v
        w[k] = 1.0 + v * v
        over[k] = 1.0 / v if k != half else 1e30
    side = (half + RUN - 1) // RUN
    for j in range(side + 1):
        begin[side - j] = max(0, half - j * RUN)
        begin[side + 1 + j] = min(2 * half + 1, half + 1 + j * RUN)
    return 2 * side + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _lowest(H: F32, begin: I64, runs: int, lowest: F32, active: NDArray[np.bool_]) -> None:
    """Write the lowest ray of each active run."""
    for j in range(runs):
        if active[j]:
            h = H[begin[j]]
            for k in range(begin[j] + 1, begin[j + 1]):
                h = min(h, H[k])
            lowest[j] = h


@njit(cache=True, nogil=True, error_model="numpy")
def _choose(
    begin: I64,
    runs: int,
    half: int,
    ya: float,
    yb: float,
    offset: float,
    left: int,
    right: int,
    most: F32,
    lowest: F32,
    look: Look,
    prune: bool,
    active: NDArray[np.bool_],
) -> int:
    """Mark the runs that rows at ya to yb, and the columns up to them, may raise; return how many. offset: of the antenna in the strip."""
    count = 0
    c, z0 = look.fall_m, look.altitude_m
    near = max(ya - 1.0, 0.0)
    for j in range(runs):
        active[j] = False
        t0, t1 = (begin[j] - half) / half, (begin[j + 1] - 1 - half) / half
        nearest = min(abs(t0), abs(t1))
        bend = 1.0 + nearest * nearest
        if near * math.sqrt(bend) > look.reach:
            continue
        if prune:
            xa, xb = min(t0 * near, t0 * yb), max(t1 * near, t1 * yb)
            e0 = max(left, math.floor(offset + xa) - 1) // CELL
            e1 = min(right - 1, math.floor(offset + xb) + 2) // CELL
            top = f32(look.low_m)
            for e in range(e0, e1 + 1):
                top = max(top, most[e])
            dz = top - z0
            bound = (dz / max(near, 1e-9) if dz > 0.0 else dz / yb) - c * near * bend
            if bound + 1e-5 * (abs(bound) + 1.0) < lowest[j]:
                continue
        active[j] = True
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def sector(grid: F32, out: F32, axis: int, sign: int, look: Look, obstacles: F64, prune: bool, count: I64) -> None:
    """Sweep one quarter of the plane.

    grid: (n, m) ground at the posts in metres, NaN where not known. out: (n, m) float32, altitudes AMSL; only posts of this quarter
    within reach are written, and none of the antenna's own row and column lines at distance 0. axis 0: away from the antenna by rows,
    1: by columns; sign: of their order. A post on the diagonal belongs to axis 0. obstacles: (p, 4) row, column, width in steps,
    altitude of the top in metres, sorted by distance along this sector's axis (those behind or beside are ignored). count: (2,) runs of
    rays looked at, and raised, are added.
    """
    n_major, n_minor = (grid.shape[0], grid.shape[1]) if axis == 0 else (grid.shape[1], grid.shape[0])
    a0, b0 = (look.row, look.column) if axis == 0 else (look.column, look.row)
    z0, c, low_m, low = look.altitude_m, look.fall_m, look.low_m, f32(look.low_m)
    first = math.floor(a0) + 1 if sign > 0 else math.ceil(a0) - 1
    y1 = abs(first - a0)
    rows = (n_major - first) if sign > 0 else first + 1
    rows = min(rows, int(min(math.floor(look.reach - y1), 1e9)) + 1)
    if rows <= 0:
        return
    far = y1 + rows - 1
    doublings = 0
    while NEAREST * 2**doublings < far:
        doublings += 1
    most_rays = math.ceil(look.rays * NEAREST) * 2**doublings
    half = most_rays >> doublings
    K = 2 * most_rays + 1
    H, S, h, s = np.full(K, NOTHING, f32), np.zeros(K, f32), np.empty(K, f32), np.empty(K, f32)
    t, over, w = np.empty(K, f32), np.empty(K, f32), np.empty(K, f32)
    most_runs = 2 * (most_rays // RUN + 1) + 3
    begin = np.empty(most_runs, np.int64)
    lowest, active = np.full(most_runs, NOTHING, f32), np.ones(most_runs, np.bool_)
    runs = _lay(half, t, w, over, begin)
    if look.tilt_m > -1e29:
        for k in range(2 * half + 1):
            H[k] = look.tilt_m * math.sqrt(w[k])
            S[k] = look.tilt_m * t[k] / math.sqrt(w[k]) / half
    pad = math.ceil(far) + 4  # posts past the grid's edge, so that no ray leaves the strip
    origin = math.floor(b0) - pad
    offset = b0 - origin
    width = (2 * pad + 2 + CELL) // CELL * CELL
    strip = STRIP if axis == 1 else BLOCK
    z = np.full((strip + 1, width), low, f32)
    altitudes = np.empty((strip if axis == 1 else 1, width), f32)
    most, ridge = np.empty(width // CELL, f32), np.empty(width, f32)
    index, share, a, b = np.empty(width, np.int32), np.empty(width, f32), np.empty(RUN, f32), np.empty(RUN, f32)
    pairs, w_before, w_after = np.empty(2 * K, f32), np.empty(2 * width, f32), np.empty(2 * width, f32)
    words, before_words, after_words = pairs.view(np.uint64), w_before.view(np.uint64), w_after.view(np.uint64)
    pair(H, S, pairs, 0, 2 * half + 1)
    lo, hi = max(0, origin) - origin, min(n_minor, origin + 2 * pad + 2) - origin
    before = first - sign
    if 0 <= before < n_major:
        if axis == 0:
            take(grid[before, origin + lo : origin + hi], z[0, lo:hi], low)
        else:
            take_turned(grid, z[:1], origin, lo, hi, before, sign, low)
    thing = 0
    until = float(NEAREST)
    strip_start = strip_end = m = 0
    left = right = 0
    while m < rows:
        if m == strip_end:
            strip_start, strip_end = m, min(rows, m + strip)
            left = max(lo, math.floor(offset - (y1 + strip_end - 1)) - 2)
            right = min(hi, math.ceil(offset + (y1 + strip_end - 1)) + 3)
            if axis == 0:
                for q in range(strip_start, strip_end):
                    take(grid[first + sign * q, origin + left : origin + right], z[q - strip_start + 1, left:right], low)
            else:
                take_turned(grid, z[1 : 1 + strip_end - strip_start], origin, left, right, first + sign * m, sign, low)
        while y1 + m > until:
            refine(H, S, half, h, s)
            half *= 2
            until *= 2.0
            runs = _lay(half, t, w, over, begin)
            active[:] = True
            _lowest(H, begin, runs, lowest, active)
            pair(H, S, pairs, 0, 2 * half + 1)
        block_end = min(strip_end, m + BLOCK, math.floor(until - y1) + 1)
        ya, yb = y1 + m, y1 + block_end - 1
        if prune:
            highest(z[m - strip_start : block_end - strip_start + 1], left, right, ridge, most)
        raised = _choose(begin, runs, half, ya, yb, offset, left, right, most, lowest, look, prune, active)
        count[0] += runs
        count[1] += raised
        for q in range(m, block_end):
            y = y1 + q
            row, row_before = z[q - strip_start + 1], z[q - strip_start]
            step = y / half
            if raised > 0:
                for j in range(runs):
                    k0, k1 = begin[j], begin[j + 1]
                    if active[j] and k0 != half:
                        p = offset + (k0 - half) * step
                        i = int(p)
                        raise_by_columns(
                            H[k0:k1], S[k0:k1], row, row_before, i, p - i, step, t[k0:k1], w[k0:k1], over[k0:k1], y, z0, c, 1.0 / half, a, b
                        )
                    if active[j]:
                        pair(H, S, pairs, k0, k1)
            while thing < obstacles.shape[0]:
                ahead = sign * (obstacles[thing, axis] - a0)
                if ahead >= y:
                    break
                if ahead > 0.0:
                    raise_by_obstacle(H, S, half, obstacles[thing, 1 - axis] - b0, ahead, obstacles[thing, 2], obstacles[thing, 3] - z0, c)
                    pair(H, S, pairs, 0, 2 * half + 1)
                thing += 1
            wide = min(y, math.sqrt(max(0.0, look.reach * look.reach - y * y)))
            j0, j1 = max(math.ceil(offset - wide), lo), min(math.floor(offset + wide), hi - 1)
            if j1 >= j0:
                target = out[first + sign * q, j0 + origin : j1 + 1 + origin] if axis == 0 else altitudes[q - strip_start, j0 : j1 + 1]
                read_row(words, half, row[j0 : j1 + 1], target, j0 - offset, y, z0, c, low_m, index, share, before_words, after_words, w_before, w_after)
            if raised > 0:
                for j in range(runs):
                    k0, k1 = begin[j], begin[j + 1]
                    if active[j]:
                        p = offset + (k0 - half) * step
                        i = int(p)
                        raise_by_row(H[k0:k1], S[k0:k1], row, i, p - i, step, t[k0:k1], w[k0:k1], y, z0, c, 1.0 / half, a, b)
        for j in range(runs):
            if active[j]:
                pair(H, S, pairs, begin[j], begin[j + 1])
        if prune:
            _lowest(H, begin, runs, lowest, active)
        m = block_end
        if m == strip_end:
            if axis == 1:
                give_turned(
                    altitudes[: strip_end - strip_start], out, origin, b0, y1 + strip_start, first + sign * strip_start, sign, look.reach
                )
            z[0, :] = z[strip_end - strip_start]

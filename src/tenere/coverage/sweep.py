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
from tenere.coverage.lens import bounds_of_g, farthest, least_square, turned
from tenere.coverage.merge import floors, merge_line, merge_turned, want
from tenere.coverage.strip import TILE, give_turned, take, take_turned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.coverage.lens import Lens
    from tenere.coverage.merge import Merge

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

f32 = np.float32
STRIP = 64
"""Rows put back together into columns: eight cache lines of a row of the grid at a time."""
BLOCK = TILE
"""Rows tested together: those of one row of tiles."""
RUN = 64
"""Rays tested together."""
NEAREST = 256
"""Most steps of the first stretch; rays are doubled beyond it, and again each time the distance doubles."""


@njit(cache=True, nogil=True, error_model="numpy")
def _lay(half: int, lens: Lens, t: F32, w: F32, g1: F32, g2: F32, over: F32, begin: I64) -> int:
    """Lay 2 half + 1 rays and cut them in runs of one sign, the middle one alone; return the number of runs."""
    for k in range(2 * half + 1):
        v = (k - half) / half
        t[k] = v
        w[k] = lens.qyy + v * (lens.qxy + v * lens.qxx)
        g1[k] = lens.by + v * lens.bx
        g2[k] = lens.cyy + v * (lens.cxy + v * lens.cxx)
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
    middle: float,
    top_tiles: F32,
    lowest: F32,
    look: Look,
    lens: Lens,
    prune: bool,
    active: NDArray[np.bool_],
) -> int:
    """Mark the runs that rows at ya to yb, and the columns up to them, may raise; return how many.

    middle: the antenna's place across. top_tiles: (e,) highest ground of all these rows under each TILE columns.
    """
    count = 0
    c, z0 = look.fall_m, look.altitude_m
    near = max(ya - 1.0, 0.0)
    last = top_tiles.size - 1
    for j in range(runs):
        active[j] = False
        t0, t1 = (begin[j] - half) / half, (begin[j + 1] - 1 - half) / half
        bend = least_square(lens, t0, t1)
        least, most = bounds_of_g(lens, t0, t1, near, yb)
        if near * math.sqrt(bend) > look.reach * most:
            continue
        if prune:
            xa, xb = min(t0 * near, t0 * yb), max(t1 * near, t1 * yb)
            e0 = max(0, (math.floor(middle + xa) - 1) // TILE)
            e1 = min(last, (math.floor(middle + xb) + 2) // TILE)
            top = f32(look.low_m)
            for e in range(e0, e1 + 1):
                top = max(top, top_tiles[e])
            dz = top - z0
            bound = (dz / max(near, 1e-9) * most if dz > 0.0 else dz / yb * least) - c * near * bend / most
            if bound + 1e-5 * (abs(bound) + 1.0) < lowest[j]:
                continue
        active[j] = True
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _fetch(
    grid: F32,
    z: F32,
    axis: int,
    sign: int,
    start: int,
    rows: int,
    origin: int,
    offset: float,
    ya: float,
    yb: float,
    t0: float,
    t1: float,
    low: np.float32,
) -> None:
    """Copy the ground under one run of rays: rows start, start + sign, ... of the sweep into the first ones of z."""
    n_major, n_minor = (grid.shape[0], grid.shape[1]) if axis == 0 else (grid.shape[1], grid.shape[0])
    left = max(math.floor(offset + min(t0 * ya, t0 * yb)) - 1, max(0, origin) - origin)
    right = min(math.floor(offset + max(t1 * ya, t1 * yb)) + 3, min(n_minor, origin + z.shape[1]) - origin)
    if right <= left:
        return
    skip = 0 if 0 <= start < n_major else 1  # before the first row there may be none
    if skip:
        z[0, left:right] = low
    if axis == 0:
        for m in range(skip, rows):
            take(grid[start + sign * m, origin + left : origin + right], z[m, left:right], low)
    else:
        take_turned(grid, z[skip:rows], origin, left, right, start + sign * skip, sign, low)


@njit(cache=True, nogil=True, error_model="numpy")
def sector(
    grid: F32,
    tiles: F32,
    out: F32,
    axis: int,
    sign: int,
    look: Look,
    way: Lens,
    obstacles: F64,
    prune: bool,
    count: I64,
    merge: Merge | None,
) -> None:
    """Sweep one quarter of the plane.

    grid: (n, m) float32, ground at the posts in metres, NaN where not known. tiles: `strip.tile_tops` of it, turned for axis 1. out:
    (n, m) float32, altitudes AMSL; only posts of this quarter are written, infinite beyond the reach, and not the one under the antenna.
    way: `lens.Lens`. axis 0: away
    from the antenna by rows, 1: by columns; sign: of their order. A post on the diagonal belongs to axis 0. obstacles: (p, 4) row,
    column, width in steps, altitude of the top in metres, sorted by distance along this sector's axis (those behind or beside are
    ignored). count: (2,) runs of rays looked at, and raised, are added. merge: instead of
    writing to out, merge into what other sensors see (`merge.Merge`).
    """
    lens = turned(way, axis, sign)
    n_major, n_minor = (grid.shape[0], grid.shape[1]) if axis == 0 else (grid.shape[1], grid.shape[0])
    a0, b0 = (look.row, look.column) if axis == 0 else (look.column, look.row)
    z0, c, low = look.altitude_m, look.fall_m, f32(look.low_m)
    first = math.floor(a0) + 1 if sign > 0 else math.ceil(a0) - 1
    y1 = abs(first - a0)
    rows = (n_major - first) if sign > 0 else first + 1
    widest = farthest(lens, look.reach)
    rows = min(rows, int(min(math.floor(widest - y1), 1e9)) + 1)
    if rows <= 0:
        return
    far = y1 + rows - 1
    doublings = 0
    while NEAREST * 2**doublings < far:
        doublings += 1
    most_rays = math.ceil(look.rays * far / 2**doublings) * 2**doublings
    most_rays = max(most_rays, 8 << doublings)
    half = most_rays >> doublings
    K = 2 * most_rays + 1
    H, S, h, s = np.full(K, NOTHING, f32), np.zeros(K, f32), np.empty(K, f32), np.empty(K, f32)
    t, over, w, g1, g2 = np.empty(K, f32), np.empty(K, f32), np.empty(K, f32), np.empty(K, f32), np.empty(K, f32)
    most_runs = 2 * (most_rays // RUN + 1) + 3
    begin = np.empty(most_runs, np.int64)
    lowest, active = np.full(most_runs, NOTHING, f32), np.ones(most_runs, np.bool_)
    runs = _lay(half, lens, t, w, g1, g2, over, begin)
    if look.tilt_m > -1e29:
        for k in range(2 * half + 1):
            H[k] = look.tilt_m * math.sqrt(w[k])
            S[k] = look.tilt_m * (lens.qxx * t[k] + 0.5 * lens.qxy) / math.sqrt(w[k]) / half
    pad = math.ceil(far) + 4  # posts past the grid's edge, so that no ray leaves the strip
    origin = math.floor(b0) - pad
    offset = b0 - origin
    width = 2 * pad + 2
    z = np.full((BLOCK + 1, width), low, f32)
    altitudes = np.empty((STRIP if axis == 1 else 1, width), f32)
    top_tiles = np.empty(tiles.shape[1], f32)
    nowhere = np.full(width if axis == 1 else 1, NOTHING, f32)  # by columns, altitudes meet the ground when they are put back
    index, share, a, b = np.empty(width, np.int32), np.empty(width, f32), np.empty(RUN, f32), np.empty(RUN, f32)
    pairs, w_before, w_after = np.empty(2 * K, f32), np.empty(2 * width, f32), np.empty(2 * width, f32)
    words, before_words, after_words = pairs.view(np.uint64), w_before.view(np.uint64), w_after.view(np.uint64)
    pair(H, S, pairs, 0, 2 * half + 1)
    tiles_across = tiles.shape[1] if merge is not None else 1
    wanted, begins, blocks = np.zeros((STRIP, tiles_across), np.bool_), np.zeros(STRIP + 1, np.int64), 0
    floor = np.full(most_runs if merge is not None else 1, NOTHING, f32)
    if merge is not None:
        best, second, who, next_who, tops, touched = merge.best, merge.second, merge.who, merge.next_who, merge.tops, merge.touched
    lo, hi = max(0, origin) - origin, min(n_minor, origin + 2 * pad + 2) - origin
    thing = 0
    until = far / 2**doublings
    strip_start = m = 0
    while m < rows:
        while y1 + m > until:
            refine(H, S, half, h, s)
            half *= 2
            until *= 2.0
            runs = _lay(half, lens, t, w, g1, g2, over, begin)
            active[:] = True
            _lowest(H, begin, runs, lowest, active)
            if merge is not None:
                floors(H, S, begin, runs, half, active, floor)
            pair(H, S, pairs, 0, 2 * half + 1)
        at = first + sign * m
        block_end = min(rows, m + (BLOCK - at % BLOCK if sign > 0 else at % BLOCK + 1), math.floor(until - y1) + 1)
        ya, yb = y1 + m, y1 + block_end - 1
        if prune:
            here = at // TILE
            there = min(max((at - sign) // TILE, 0), tiles.shape[0] - 1)
            for e in range(top_tiles.size):
                top_tiles[e] = max(tiles[here, e], tiles[there, e])
        raised = _choose(begin, runs, half, ya, yb, b0, top_tiles, lowest, look, lens, prune, active)
        if raised > 0:
            for j in range(runs):
                if active[j]:
                    t0, t1 = (begin[j] - half) / half, (begin[j + 1] - 1 - half) / half
                    _fetch(grid, z, axis, sign, at - sign, block_end - m + 1, origin, offset, ya, yb, t0, t1, low)
        if merge is not None:
            here = at // TILE
            some = want(
                tops[here], floor, active, half, RUN, ya, yb, b0, look, lens, prune, wanted[blocks], touched[here]
            )  # fmt: skip
        count[0] += runs
        count[1] += raised
        for q in range(m, block_end):
            y = y1 + q
            row, row_before = z[q - m + 1], z[q - m]
            step = y / half
            if raised > 0:
                for j in range(runs):
                    k0, k1 = begin[j], begin[j + 1]
                    if active[j] and k0 != half:
                        p = offset + (k0 - half) * step
                        i = int(p)
                        raise_by_columns(
                            H[k0:k1], S[k0:k1], row, row_before, i, p - i, step, t[k0:k1], w[k0:k1], g1[k0:k1], g2[k0:k1], over[k0:k1],
                            y, z0, c, 1.0 / half, lens.qxx, lens.qyy, a, b
                        )  # fmt: skip
                    if active[j]:
                        pair(H, S, pairs, k0, k1)
            while thing < obstacles.shape[0]:
                ahead = sign * (obstacles[thing, axis] - a0)
                if ahead >= y:
                    break
                if ahead > 0.0:
                    x, wide, top = obstacles[thing, 1 - axis] - b0, obstacles[thing, 2], obstacles[thing, 3] - z0
                    raise_by_obstacle(H, S, half, x, ahead, wide, top, c, w, g1, g2)
                    pair(H, S, pairs, 0, 2 * half + 1)
                thing += 1
            wide = min(y, math.sqrt(max(0.0, widest * widest - y * y)))
            j0, j1 = max(math.ceil(offset - wide), lo), min(math.floor(offset + wide), hi - 1)
            if merge is not None:
                if some > 0:
                    e, last = (j0 + origin) // TILE, (j1 + origin) // TILE
                    while e <= last:
                        while e <= last and not wanted[blocks, e]:
                            e += 1
                        ja = max(j0, e * TILE - origin)
                        while e <= last and wanted[blocks, e]:
                            e += 1
                        jb = min(j1, e * TILE - 1 - origin)
                        if jb < ja:
                            continue
                        line = altitudes[q - strip_start if axis == 1 else 0, ja : jb + 1]
                        i0, i1 = ja + origin, jb + 1 + origin
                        ground = grid[first + sign * q, i0:i1] if axis == 0 else nowhere[ja : jb + 1]
                        read_row(
                            words, half, ground, line, ja - offset, y, z0, c, look.reach, lens, index, share, before_words, after_words,
                            w_before, w_after,
                        )  # fmt: skip
                        if axis == 0:
                            i, i0, i1 = first + sign * q - merge.row, i0 - merge.column, i1 - merge.column
                            merge_line(line, best[i, i0:i1], second[i, i0:i1], who[i, i0:i1], next_who[i, i0:i1], merge.number)
            elif j1 >= j0:
                if axis == 0:
                    ground, target = (
                        grid[first + sign * q, j0 + origin : j1 + 1 + origin],
                        out[first + sign * q, j0 + origin : j1 + 1 + origin],
                    )
                else:
                    ground, target = nowhere[j0 : j1 + 1], altitudes[q - strip_start, j0 : j1 + 1]
                read_row(
                    words, half, ground, target, j0 - offset, y, z0, c, look.reach, lens, index, share, before_words, after_words, w_before,
                    w_after,
                )  # fmt: skip
            if raised > 0:
                for j in range(runs):
                    k0, k1 = begin[j], begin[j + 1]
                    if active[j]:
                        p = offset + (k0 - half) * step
                        i = int(p)
                        raise_by_row(
                            H[k0:k1], S[k0:k1], row, i, p - i, step, t[k0:k1], w[k0:k1], g1[k0:k1], g2[k0:k1], y, z0, c, 1.0 / half,
                            lens.qxx, lens.qxy, a, b
                        )  # fmt: skip
        for j in range(runs):
            if active[j]:
                pair(H, S, pairs, begin[j], begin[j + 1])
        if prune:
            _lowest(H, begin, runs, lowest, active)
            if merge is not None:
                floors(H, S, begin, runs, half, active, floor)
        m = block_end
        if merge is not None and axis == 1:
            blocks += 1
            begins[blocks] = m - strip_start
        if axis == 1 and (m == rows or m - strip_start > STRIP - BLOCK):
            n = m - strip_start
            if merge is not None:
                merge_turned(
                    altitudes[:n], grid, best, second, who, next_who, merge.number, merge.row, merge.column, origin, b0, y1 + strip_start,
                    first + sign * strip_start, sign, widest * (1.0 - 1e-9), begins, blocks, wanted,
                )  # fmt: skip
                blocks = 0
            else:
                give_turned(altitudes[:n], grid, out, origin, b0, y1 + strip_start, first + sign * strip_start, sign, widest)
            strip_start = m

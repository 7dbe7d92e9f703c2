"""Which volumes a cell of the earth must ask: a grid of degrees, each cell with the volumes that hold it, cut it or lie near.

A volume is laid into the grid by halving: a block that lies wholly within it or wholly away from it is settled at once, so the cost
is that of the outline, however large the volume.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels: arrays in, loops within
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tenere.airspace.kernels import CIRCLE, POLYGON, RADIUS_M, arc_m, depth_m, encloses, frame, place_of, soonest_s, span_s

WITHIN, CUT, NEAR = 0, 1, 2
"""How a volume stands to a cell: it holds all of it, its outline may cut it, or it is only near."""
_POLE = 90.0 - 1e-9
"""Degrees: the pole itself is in the last row."""
_VAGUE_M = 500.0
"""A height known no better than this is not known."""
_WIDE_M = 1.5e6
"""Blocks wider than this are halved unseen: the plane of their middle does not reach their ends."""


@njit(cache=True)
def lay(which, grid, shape, first, link, points, own, plane_x, plane_y, centre, width_m, cap_m, slack_m):
    """Return (cell, volume * 4 + how) of every cell that each of some volumes, widened by slack_m, may touch.

    which: the volumes. grid: south (degrees), step (degrees), rows, columns.
    """
    south, step, rows, columns = grid[0], grid[1], int(grid[2]), int(grid[3])
    cells, codes = np.empty(1 << 16, np.int32), np.empty(1 << 16, np.int32)
    count = 0
    stack = np.empty((4096, 4), np.int64)
    f = np.empty(11)
    degree = math.pi / 180.0
    for v in which:
        stack[0] = np.array([0, rows, 0, columns])
        top = 1
        while top > 0:
            top -= 1
            i0, i1, j0, j1 = stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3]
            lat0, lat1 = (south + i0 * step) * degree, (south + i1 * step) * degree
            high = 0.5 * (lat1 - lat0)
            least = 0.0 if lat0 <= 0.0 <= lat1 else min(abs(lat0), abs(lat1))
            wide = 0.5 * (j1 - j0) * step * degree * math.cos(least)
            r = (math.hypot(high, wide) * 1.01 if high < 0.02 and wide < 0.02 else high + wide) * 1.004 * RADIUS_M
            frame(0.5 * (lat0 + lat1), (0.5 * (j0 + j1) * step - 180.0) * degree, f)
            away = arc_m(place_of(f), centre[v, 0], centre[v, 1], centre[v, 2])
            if away > (cap_m[v] + slack_m[v] + r) * 1.001:
                continue
            how, settled = CUT, False
            if r < _WIDE_M:
                d = depth_m(f, v, shape, first, link, points, own, plane_x, plane_y, centre, width_m)
                if shape[v] != CIRCLE:
                    d = RADIUS_M * math.atan(d / RADIUS_M) * 0.99
                if d < -1.02 * (r + slack_m[v]):
                    continue
                if d > r:
                    how, settled = WITHIN, True
                elif d < -r:
                    how = NEAR
            if settled or (i1 - i0 == 1 and j1 - j0 == 1):
                need = count + (i1 - i0) * (j1 - j0)
                if need > cells.size:
                    bigger_cells, bigger_codes = np.empty(2 * need, np.int32), np.empty(2 * need, np.int32)
                    bigger_cells[:count], bigger_codes[:count] = cells[:count], codes[:count]
                    cells, codes = bigger_cells, bigger_codes
                for i in range(i0, i1):
                    for j in range(j0, j1):
                        cells[count], codes[count] = i * columns + j, v * 4 + how
                        count += 1
                continue
            im = i1 if i1 - i0 == 1 else (i0 + i1) // 2
            jm = j1 if j1 - j0 == 1 else (j0 + j1) // 2
            for a, b in ((i0, im), (im, i1)):
                for c, e in ((j0, jm), (jm, j1)):
                    if a < b and c < e:
                        stack[top, 0], stack[top, 1], stack[top, 2], stack[top, 3] = a, b, c, e
                        top += 1
    return cells[:count], codes[:count]


@njit(cache=True)
def ordered(cells, codes, n):
    """Return where each of n cells' entries start (n + 1,), and the entries by cell, each cell's in the order given."""
    start = np.zeros(n + 1, np.int32)
    for k in range(cells.size):
        start[cells[k] + 1] += 1
    for c in range(n):
        start[c + 1] += start[c]
    at = start[:-1].copy()
    out = np.empty(codes.size, np.int32)
    for k in range(cells.size):
        out[at[cells[k]]] = codes[k]
        at[cells[k]] += 1
    return start, out


@njit(cache=True)
def pairs_inside(
    lat, lon, low, high, wanted, grid, start, entries, limits, datum, shape, first, link, points, own, plane_x, plane_y, centre, width_m
):
    """Return (row, volume, sure) of each place that may be in a wanted volume, by rising row and volume. See ``Index.inside``."""
    south, step, rows, columns = grid[0], grid[1], int(grid[2]), int(grid[3])
    room = lat.size + 1024
    out_row, out_volume, out_sure = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.bool_)
    count = 0
    degree, f = 180.0 / math.pi, np.empty(11)
    for q in range(lat.size):
        i = math.floor((min(lat[q] * degree, _POLE) - south) / step)
        if not (0 <= i < rows and math.isfinite(lon[q])):  # also NaN
            continue
        j = min(int(((lon[q] * degree + 180.0) % 360.0) / step), columns - 1)
        cell = int(i) * columns + j
        known = False
        for k in range(start[cell], start[cell + 1]):
            v, how = entries[k] >> 2, entries[k] & 3
            if how == NEAR or not wanted[v]:
                continue
            under, over = datum[v, 0], datum[v, 1]
            if high[q, under] < limits[v, 0] or low[q, over] > limits[v, 1]:
                continue
            if how == CUT:
                if not known:
                    frame(lat[q], lon[q], f)
                    known = True
                if not _holds(f, v, shape, first, link, points, own, plane_x, plane_y, centre, width_m):
                    continue
            if count == room:
                room *= 2
                bigger_row, bigger_volume, bigger_sure = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.bool_)
                bigger_row[:count], bigger_volume[:count], bigger_sure[:count] = out_row, out_volume, out_sure
                out_row, out_volume, out_sure = bigger_row, bigger_volume, bigger_sure
            out_row[count], out_volume[count] = q, v
            out_sure[count] = low[q, under] >= limits[v, 0] and high[q, over] <= limits[v, 1]
            count += 1
    return out_row[:count], out_volume[:count], out_sure[:count]


@njit(cache=True)
def _holds(f, v, shape, first, link, points, own, plane_x, plane_y, centre, width_m):
    """Say whether a volume holds the place at which a plane touches: by the cheapest way."""
    if shape[v] == POLYGON:
        return encloses(place_of(f), v, first, link, own, plane_x, plane_y)
    return depth_m(f, v, shape, first, link, points, own, plane_x, plane_y, centre, width_m) >= 0.0


@njit(cache=True)
def pairs_ahead(
    lat, lon, low, high, east, north, rate, margin_m, horizon_s, height_margin_m, most_m, seen,
    wanted, grid, start, entries, limits, datum, shape, first, link, points, own, plane_x, plane_y, centre, width_m, cap_m, buffer_m,
):  # fmt: skip
    """Return (row, volume, sure, vertical, depth, seconds) of each place in or soon in a wanted volume. See ``Index.ahead``.

    seen: (v,) int32 of -1s, scratch.
    """
    south, step, rows, columns = grid[0], grid[1], int(grid[2]), int(grid[3])
    room = lat.size // 4 + 1024
    out = np.empty((room, 6))
    count = 0
    degree, f = 180.0 / math.pi, np.empty(11)
    for q in range(lat.size):
        i = (min(lat[q] * degree, _POLE) - south) / step
        if not (math.isfinite(i) and math.isfinite(lon[q])):
            continue
        x = ((lon[q] * degree + 180.0) % 360.0) / step
        longest = horizon_s
        speed = math.hypot(east[q], north[q])
        if not math.isfinite(speed):
            speed, longest = 0.0, 0.0
        longest = min(longest, most_m / speed) if speed > 0.0 else longest
        climb = rate[q] if math.isfinite(rate[q]) else 0.0
        # walk the cells of the way, as far as the way stays straight in degrees: the slack of the cells is for that
        shrink = max(math.cos(lat[q]), 0.02)
        di = north[q] * longest / RADIUS_M * degree / step if speed > 0.0 else 0.0
        dj = east[q] * longest / RADIUS_M / shrink * degree / step if speed > 0.0 else 0.0
        ci, cj = math.floor(i), math.floor(x)
        ei, ej = math.floor(i + di), math.floor(x + dj)
        turn_i, turn_j = (1 if di > 0.0 else -1), (1 if dj > 0.0 else -1)
        next_i = ((ci + (1 if di > 0.0 else 0)) - i) / di if di != 0.0 else math.inf
        next_j = ((cj + (1 if dj > 0.0 else 0)) - x) / dj if dj != 0.0 else math.inf
        known = False
        cells_left = int(abs(ei - ci) + abs(ej - cj)) + 1
        while cells_left > 0:
            cells_left -= 1
            if 0 <= ci < rows:
                cell = int(ci) * columns + int(cj) % columns
                for k in range(start[cell], start[cell + 1]):
                    v = entries[k] >> 2
                    if seen[v] == q or not wanted[v]:
                        continue
                    seen[v] = q
                    under, over = datum[v, 0], datum[v, 1]
                    up = buffer_m[v, 1]
                    less = min(height_margin_m, 0.25 * (limits[v, 1] - limits[v, 0])) if under == over else height_margin_m
                    floor = limits[v, 0]
                    near = high[q, under] >= floor - less and low[q, over] <= limits[v, 1] + less
                    from_s, until_s = 0.0, longest
                    if high[q, under] < limits[v, 0] - up or low[q, over] > limits[v, 1] + up or climb != 0.0:
                        from_s, until_s = span_s(low[q, over], high[q, under], climb, limits[v, 0] - up, limits[v, 1] + up, longest)
                        if not from_s <= until_s:
                            if not near:
                                continue
                            from_s, until_s = 0.0, -1.0  # nothing to foresee, but it may have been inside
                    if not known:
                        frame(lat[q], lon[q], f)
                        known = True
                    wide = buffer_m[v, 0] + margin_m[q]
                    c = centre[v]
                    s = f[9] / (f[0] * c[0] + f[1] * c[1] + f[2] * c[2])
                    rx = s * (f[3] * c[0] + f[4] * c[1])
                    ry = s * (f[6] * c[0] + f[7] * c[1] + f[8] * c[2]) - f[10]
                    if s > 0.0:  # how near the way comes to the volume's middle
                        along = 0.0 if speed == 0.0 else (rx * east[q] + ry * north[q]) / (speed * speed)
                        along = max(0.0, min(until_s, max(from_s, along)))
                        if math.hypot(rx - along * east[q], ry - along * north[q]) > 1.01 * cap_m[v] + wide:
                            continue
                    at_s = math.inf
                    if until_s >= from_s:
                        going_e, going_n = _or0(east[q], speed), _or0(north[q], speed)
                        at_s = soonest_s(f, v, from_s, until_s, going_e, going_n, wide, shape, first, link, points, centre, width_m)
                        if at_s == math.inf:
                            continue
                    deep, vertical = -math.inf, 0
                    if near:
                        vertical = 1
                        if high[q, under] >= floor + less and low[q, over] <= limits[v, 1] - less:
                            vertical = 2
                        deep = depth_m(f, v, shape, first, link, points, own, plane_x, plane_y, centre, width_m)
                    if at_s == math.inf and deep < -wide:
                        continue
                    if count == room:
                        room *= 2
                        bigger = np.empty((room, 6))
                        bigger[:count] = out
                        out = bigger
                    out[count, 0], out[count, 1], out[count, 3], out[count, 4], out[count, 5] = q, v, vertical, deep, at_s
                    sure = (floor == -math.inf or high[q, under] - low[q, under] < _VAGUE_M) and (
                        limits[v, 1] == math.inf or high[q, over] - low[q, over] < _VAGUE_M
                    )
                    out[count, 2] = 1.0 if sure else 0.0
                    count += 1
            if next_i < next_j:
                ci += turn_i
                next_i += abs(1.0 / di)
            else:
                cj += turn_j
                next_j += abs(1.0 / dj) if dj != 0.0 else math.inf
    return out[:count]


@njit(cache=True)
def _or0(value, speed):
    """Return a velocity's part, 0 where there is no velocity."""
    return value if speed > 0.0 else 0.0


@njit(cache=True)
def depths(lat, lon, v, shape, first, link, points, own, plane_x, plane_y, centre, width_m):
    """Return how deep each place is within volume v, whatever its height."""
    out, f = np.full(lat.size, np.nan), np.empty(11)
    for q in range(lat.size):
        if math.isfinite(lat[q]) and math.isfinite(lon[q]):
            frame(lat[q], lon[q], f)
            out[q] = depth_m(f, v, shape, first, link, points, own, plane_x, plane_y, centre, width_m)
    return out

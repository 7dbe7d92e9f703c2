"""Which pairs of aircraft may come too close: a coarse filter by cells, then the probability of each pair that is left. Numba kernels.

The look-ahead is sampled. At each sample the horizontal distance and the vertical one are normal about what is predicted, with what the
tracker says of place and velocity and with what a manoeuvre of usual size may add; the probability of a pair is the greatest over the
samples. A turning aircraft is either to go on turning (up to a quarter circle) or to fly straight on from now, by its own probability.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

X, Y, VX, VY, Z, RATE, TARGET, TURN, TURNING, VAR_XX, VAR_XY, VAR_YY, VAR_V, VAR_Z = range(14)
"""Columns of the aircraft: place and velocity (m, m/s), altitude and its rate, cleared level (NaN none), turn rate (rad/s, clockwise) and
its probability, variances."""
WIDTH = 14
UP_TO, NEAR, ABOVE = range(3)
"""Columns of the layers, by rising height: the highest altitude it holds for, horizontal and vertical minima; the last is visual's."""
AHEAD, LEVEL_OFF, MANOEUVRE, RATE_STD, FASTEST, LEAST, STEP = range(7)
"""Settings: seconds of look-ahead, seconds a climb is held to go on, m/s2, m/s, m/s, least probability told, seconds of a sample."""
FOUND_I, FOUND_J, FOUND_P, FOUND_T, FOUND_D, FOUND_H, FOUND_P_SOON, FOUND_NEAR, FOUND_ABOVE = range(9)
"""Columns of what is found: rows, probability, seconds to the infringement, least distance and its vertical one, probability within
``SOON`` of the look-ahead, and the minima that were applied."""
FOUND = 9
CELL_M = 20_000.0


@njit(cache=True)
def inside(middle: float, std: float, half: float) -> float:
    """Return the probability that a normal value lies within half of zero."""
    if std < 1e-6:
        return 1.0 if abs(middle) < half else 0.0
    scale = 1.0 / (std * math.sqrt(2.0))
    return 0.5 * (math.erf((half - middle) * scale) + math.erf((half + middle) * scale))


@njit(cache=True)
def place_at(a: NDArray[np.float64], ahead_s: float, turning: bool) -> tuple[float, float]:
    """Return where an aircraft is some seconds ahead, straight on or turning up to a quarter circle first."""
    rate = a[TURN]
    if not turning or abs(rate) < 1e-4:
        return a[X] + a[VX] * ahead_s, a[Y] + a[VY] * ahead_s
    turned_s = min(ahead_s, 0.5 * math.pi / abs(rate))
    angle = rate * turned_s
    # clockwise positive: the velocity (vx, vy) turns by -angle in the usual sense
    s, c = math.sin(angle) / rate, (1.0 - math.cos(angle)) / rate
    x = a[X] + a[VX] * s + a[VY] * c
    y = a[Y] + a[VY] * s - a[VX] * c
    rest = ahead_s - turned_s
    vx = a[VX] * math.cos(angle) + a[VY] * math.sin(angle)
    vy = a[VY] * math.cos(angle) - a[VX] * math.sin(angle)
    return x + vx * rest, y + vy * rest


@njit(cache=True)
def height_at(a: NDArray[np.float64], ahead_s: float) -> float:
    """Return the altitude some seconds ahead: no further than the cleared level where the aircraft is on its way there."""
    z: float = a[Z] + a[RATE] * ahead_s
    target: float = a[TARGET]
    if math.isnan(target):
        return z
    if (target - a[Z]) * a[RATE] >= 0.0:  # on its way, or at it
        return float(min(z, max(target, a[Z])) if a[RATE] >= 0.0 else max(z, min(target, a[Z])))
    return z


@njit(cache=True)
def minima(zi: float, zj: float, visual: bool, layers: NDArray[np.float64]) -> tuple[float, float]:
    """Return the horizontal and vertical minima of a pair: those of the higher aircraft's layer, or visual's where those are less."""
    k, last = 0, layers.shape[0] - 1
    high = max(zi, zj)
    while k < last - 1 and high > layers[k, UP_TO]:
        k += 1
    near, above = layers[k, NEAR], layers[k, ABOVE]
    if visual:
        near, above = min(near, layers[last, NEAR]), min(above, layers[last, ABOVE])
    return near, above


@njit(cache=True)
def assess(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    near: float,
    above: float,
    s: NDArray[np.float64],
    soon_s: float,
    out: NDArray[np.float64],
) -> None:
    """Write probability, time, distances and the probability soon of one pair (FOUND_P .. FOUND_P_SOON) to out.

    Where the pair is apart in height by more than the minimum and neither's cleared level is known, only the first LEVEL_OFF seconds count:
    aircraft that climb or descend mostly level off at the level that keeps them apart.
    """
    ahead, step = s[AHEAD], s[STEP]
    apart = abs(a[Z] - b[Z]) >= above
    known_a = not math.isnan(a[TARGET]) or abs(a[RATE]) < SETTLED_MS
    known_b = not math.isnan(b[TARGET]) or abs(b[RATE]) < SETTLED_MS
    upto = ahead if not apart or (known_a and known_b) else min(ahead, s[LEVEL_OFF])
    turns_a, turns_b = a[TURNING] > 0.1, b[TURNING] > 0.1
    best, best_t, best_soon = 0.0, 0.0, 0.0
    least, least_h, first = math.inf, math.inf, math.inf
    count = int(upto / step) + 1
    for k in range(count):
        t = k * step
        dz = height_at(a, t) - height_at(b, t)
        moving = (abs(a[RATE]) >= SETTLED_MS) + (abs(b[RATE]) >= SETTLED_MS)
        std_z = math.sqrt(a[VAR_Z] + b[VAR_Z] + moving * (s[RATE_STD] * t) ** 2)
        p_z = inside(dz, std_z, above)
        p_h, d_h = 0.0, math.inf
        for turn in range(4):
            ta, tb = turn & 1 == 1, turn & 2 == 2
            if (ta and not turns_a) or (tb and not turns_b):
                continue
            weight = 1.0
            if turns_a:
                weight *= a[TURNING] if ta else 1.0 - a[TURNING]
            if turns_b:
                weight *= b[TURNING] if tb else 1.0 - b[TURNING]
            ax, ay = place_at(a, t, ta)
            bx, by = place_at(b, t, tb)
            dx, dy = ax - bx, ay - by
            d = math.sqrt(dx * dx + dy * dy)
            ux, uy = (dx / d, dy / d) if d > 1.0 else (1.0, 0.0)
            xx, xy, yy = a[VAR_XX] + b[VAR_XX], a[VAR_XY] + b[VAR_XY], a[VAR_YY] + b[VAR_YY]
            drift = (a[VAR_V] + b[VAR_V]) * t * t + 2.0 * (0.5 * s[MANOEUVRE] * t * t) ** 2
            std = math.sqrt(max(ux * ux * xx + 2.0 * ux * uy * xy + uy * uy * yy, 0.0) + drift)
            across = math.sqrt(max(uy * uy * xx - 2.0 * ux * uy * xy + ux * ux * yy, 0.0) + drift)
            p_h += weight * inside(d, std, near) * inside(0.0, across, near)
            d_h = min(d_h, d)
        p = p_h * p_z
        if p > best:
            best, best_t = p, t
        if t <= soon_s and p > best_soon:
            best_soon = p
        if p >= 0.5 and t < first:
            first = t
        if p_z >= 0.5 and d_h < least:
            least, least_h = d_h, abs(dz)
    out[FOUND_P] = best
    out[FOUND_T] = first if first < math.inf else best_t
    out[FOUND_D] = least
    out[FOUND_H] = least_h
    out[FOUND_P_SOON] = best_soon


SETTLED_MS = 1.5
"""An aircraft with less vertical speed is level: 300 ft/min."""


@njit(cache=True)
def may_meet(a: NDArray[np.float64], b: NDArray[np.float64], near: float, above: float, s: NDArray[np.float64]) -> bool:
    """Say whether a pair can have any probability worth telling: by height first, then by the closest approach of straight flight."""
    ahead = s[AHEAD]
    gap = abs(a[Z] - b[Z]) - above - 4.0 * math.sqrt(a[VAR_Z] + b[VAR_Z])
    if gap > 0.0:
        closing = 0.0
        if abs(a[RATE]) >= SETTLED_MS:
            closing += abs(a[RATE]) + 2.0 * s[RATE_STD]
        if abs(b[RATE]) >= SETTLED_MS:
            closing += abs(b[RATE]) + 2.0 * s[RATE_STD]
        known = not (math.isnan(a[TARGET]) and math.isnan(b[TARGET]))
        if gap > closing * (ahead if known else s[LEVEL_OFF]):
            return False
    dx, dy = a[X] - b[X], a[Y] - b[Y]
    d2 = dx * dx + dy * dy
    wx, wy = a[VX] - b[VX], a[VY] - b[VY]
    drift = math.sqrt(a[VAR_V] + b[VAR_V]) + 0.71 * s[MANOEUVRE] * ahead
    slack = near + 3.0 * math.sqrt(a[VAR_XX] + a[VAR_YY] + b[VAR_XX] + b[VAR_YY]) + 3.0 * drift * ahead
    if a[TURNING] > 0.1 or b[TURNING] > 0.1:
        reach = slack + (math.hypot(a[VX], a[VY]) + math.hypot(b[VX], b[VY])) * ahead
        return bool(d2 < reach * reach)
    w2 = wx * wx + wy * wy
    t = -(dx * wx + dy * wy) / w2 if w2 > 1e-6 else 0.0
    t = min(max(t, 0.0), ahead)
    cx, cy = dx + wx * t, dy + wy * t
    slack = near + 3.0 * math.sqrt(a[VAR_XX] + a[VAR_YY] + b[VAR_XX] + b[VAR_YY]) + 3.0 * drift * (t + s[STEP])
    return bool(cx * cx + cy * cy < slack * slack)


@njit(cache=True)
def pairs(
    a: NDArray[np.float64],
    frame: NDArray[np.int64],
    visual: NDArray[np.bool_],
    address: NDArray[np.int64],
    layers: NDArray[np.float64],
    s: NDArray[np.float64],
    soon_s: float,
    most: int,
) -> tuple[NDArray[np.float64], int]:
    """Return what is found of all pairs (k, FOUND) in the order of their rows, and how many more there were than most.

    a: (n, WIDTH) aircraft, all finite but TARGET; frame: (n,) plane each is in; visual: (n,) flies by eye; address: (n,), -1 none.
    """
    n = a.shape[0]
    out = np.empty((min(most, 256), FOUND))
    found = over = 0
    if n < 2:
        return out[:0], 0
    fastest = 0.0
    widest = 0.0
    for k in range(layers.shape[0]):
        widest = max(widest, layers[k, NEAR])
    for i in range(n):
        fastest = max(fastest, math.hypot(a[i, VX], a[i, VY]))
    fastest = min(fastest, s[FASTEST])
    cx, cy = np.empty(n, np.int64), np.empty(n, np.int64)
    x0, y0, x1, y1 = math.inf, math.inf, -math.inf, -math.inf
    for i in range(n):
        x0, y0 = min(x0, a[i, X]), min(y0, a[i, Y])
        x1, y1 = max(x1, a[i, X]), max(y1, a[i, Y])
    cell = max(CELL_M, (x1 - x0) / 400.0, (y1 - y0) / 400.0)  # at most 401 by 401 cells, however far apart the aircraft are
    nx, ny = int((x1 - x0) / cell) + 1, int((y1 - y0) / cell) + 1
    head = np.zeros(nx * ny + 1, np.int64)
    for i in range(n):
        cx[i], cy[i] = int((a[i, X] - x0) / cell), int((a[i, Y] - y0) / cell)
        head[cx[i] * ny + cy[i] + 1] += 1
    for k in range(nx * ny):
        head[k + 1] += head[k]
    order, spot, vertical = np.empty(n, np.int64), head[:-1].copy(), np.empty(n)
    for i in range(n):
        k = cx[i] * ny + cy[i]
        order[spot[k]] = i
        spot[k] += 1
    # a copy in the order of the cells: neighbours' rows lie together in memory
    near_x, near_y, near_z, near_v, near_climb = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for k in range(n):
        i = order[k]
        near_x[k], near_y[k], near_z[k], near_v[k] = a[i, X], a[i, Y], a[i, Z], math.hypot(a[i, VX], a[i, VY])
        climb = abs(a[i, RATE])
        near_climb[k] = (
            0.0 if climb < SETTLED_MS else (climb + 2.0 * s[RATE_STD]) * (s[LEVEL_OFF] if math.isnan(a[i, TARGET]) else s[AHEAD])
        )
        vertical[i] = near_climb[k]
    highest = 0.0
    for k in range(layers.shape[0]):
        highest = max(highest, layers[k, ABOVE])
    row = np.zeros(FOUND)
    for i in range(n):
        speed_i, z_i = math.hypot(a[i, VX], a[i, VY]), a[i, Z]
        mine = widest + 5000.0 + (speed_i + fastest) * s[AHEAD]
        span = math.ceil(mine / cell)
        x_i, y_i, high_i = a[i, X], a[i, Y], highest + vertical[i] + 8.0 * math.sqrt(a[i, VAR_Z]) + 50.0
        for u in range(max(cx[i] - span, 0), min(cx[i] + span, nx - 1) + 1):
            first, last = head[u * ny + max(cy[i] - span, 0)], head[u * ny + min(cy[i] + span, ny - 1) + 1]
            for k in range(first, last):
                if abs(z_i - near_z[k]) > high_i + near_climb[k]:
                    continue
                dx, dy = x_i - near_x[k], y_i - near_y[k]
                most_m = widest + 5000.0 + (speed_i + near_v[k]) * s[AHEAD]
                if dx * dx + dy * dy > most_m * most_m:
                    continue
                j = order[k]
                if j <= i or frame[i] != frame[j] or (address[i] >= 0 and address[i] == address[j]):
                    continue
                near, above = minima(z_i, near_z[k], visual[i] or visual[j], layers)
                if not may_meet(a[i], a[j], near, above, s):
                    continue
                assess(a[i], a[j], near, above, s, soon_s, row)
                if row[FOUND_P] < s[LEAST]:
                    continue
                if found == most:
                    over += 1
                    continue
                if found == out.shape[0]:
                    bigger = np.empty((min(most, 2 * found), FOUND))
                    bigger[:found] = out
                    out = bigger
                row[FOUND_I], row[FOUND_J] = i, j
                row[FOUND_NEAR], row[FOUND_ABOVE] = near, above
                out[found] = row
                found += 1
    return out[:found], over

"""Plots that tell a direction and no distance: a jammer's strobe, a direction finder, a camera. Numba kernel.

A bearing starts no track. It says of a track how far aside of the line of sight it is: one number, whose error grows with
the track's distance. It is used where one confirmed track explains it and no other nearly as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.estimate import lanes
from tenere.estimate.lanes import LANES, MODEL, MU, STEP
from tenere.estimate.motion import M
from tenere.track.candidates import LATE_S
from tenere.track.revise import keep
from tenere.track.store import POSITION_STD, TIME, VX, VY, X, Y
from tenere.track.work import GATE, HIGH

if TYPE_CHECKING:
    from tenere.track.store import Store
    from tenere.track.work import Work

CLEAR = 0.9


@njit(cache=True)
def _fit(s: Store, i: int, t: float, line: np.ndarray) -> tuple[float, float]:
    """Return (squared normalised distance of track i from a line of sight, likelihood in 1/m) at time t; infinite behind it."""
    dt = t - s.hot[i, TIME]
    dx, dy = s.hot[i, X] + dt * s.hot[i, VX] - line[0], s.hot[i, Y] + dt * s.hot[i, VY] - line[1]
    c, n = math.cos(line[2]), math.sin(line[2])
    along, aside = dx * c + dy * n, dy * c - dx * n
    if along <= 0.0:
        return math.inf, 0.0
    var = line[3] * along * along + s.hot[i, POSITION_STD] ** 2 + 25.0 * dt * dt
    d2 = aside * aside / var
    return d2, math.exp(-0.5 * d2) / math.sqrt(2.0 * math.pi * var)


@njit(cache=True)
def sight(s: Store, book: np.ndarray, w: Work, t: float, line: np.ndarray, cfg: np.ndarray, par: np.ndarray) -> int:
    """Update the one confirmed track that a line of sight meets; return its row, or -1 where none or several do.

    line: the sensor's place x, y (m) in the plane, the bearing (rad, anticlockwise from x) and its variance (rad2).
    """
    best, best_like, total = -1, 0.0, 0.0
    for i in range(book[HIGH]):
        if s.alive[i] == 0 or s.confirmed[i] == 0 or t - s.hot[i, TIME] < -LATE_S:
            continue
        d2, like = _fit(s, i, t, line)
        if d2 > cfg[GATE]:
            continue
        total += like
        if like > best_like:
            best, best_like = i, like
    if best < 0 or best_like < CLEAR * total:
        return -1
    which, b, o, v, c = np.array([best], np.int32), w.block, w.ahead[0], w.gain, w.lanes.c
    at = max(t, s.hot[best, TIME])
    w.dt[:STEP] = at - s.hot[best, TIME]
    lanes.load(s.row, which, 0, 1, b)
    lanes.predict(b, w.dt, 1, par, o, w.lanes)
    nx, ny = -math.sin(line[2]), math.cos(line[2])
    weight = np.zeros(M)
    for j in range(M):
        x, y = s.hot[best, X] + o[j * MODEL * LANES], s.hot[best, Y] + o[(j * MODEL + 1) * LANES]
        lanes.aim_at(o, 1, j, 0, c)
        along = max((x - line[0]) * math.cos(line[2]) + (y - line[1]) * math.sin(line[2]), 100.0)
        for l in range(STEP):
            pxx, pxy, pyy = c[10 * LANES + l], c[11 * LANES + l], c[12 * LANES + l]
            for d in range(5):
                c[d * LANES + l] = nx * c[d * LANES + l] + ny * c[(5 + d) * LANES + l]
                c[(5 + d) * LANES + l] = 0.0
            c[10 * LANES + l] = nx * nx * pxx + 2.0 * nx * ny * pxy + ny * ny * pyy
            c[11 * LANES + l] = c[12 * LANES + l] = 0.0
            for k in range(9):
                v[k * LANES + l] = 0.0
            v[l] = nx * (line[0] - x) + ny * (line[1] - y)
            v[2 * LANES + l] = 1.0
            v[6 * LANES + l], v[8 * LANES + l] = line[3] * along * along, 1.0
        var = c[10 * LANES] + v[6 * LANES]
        weight[j] = o[(MU + j) * LANES] * math.exp(-0.5 * v[0] * v[0] / var) / math.sqrt(var)
        lanes.update(o, 1, j, v, c, w.lanes.k, w.lanes.y, b)
    total = max(weight.sum(), 1e-300)
    for j in range(M):
        b[(MU + j) * LANES] = weight[j] / total
    keep(s, w, which, np.array([at]), 0, 1)
    return best

"""Plots that come after newer ones of the same aircraft: what they say of the past, brought to the present. Numba kernels.

The newest state x(k) of a model, flown back to the plot's time t, is x(t) = F x(k) less the noise between; so a plot of
x(t) is a measurement of x(k) through F. Its noise is taken as independent of the state (the simpler of the two algorithms
of Bar-Shalom 2002, on the safe side). The state's time stays the newest.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.estimate import lanes
from tenere.estimate.lanes import LANES, MODEL, MU, STEP
from tenere.estimate.motion import DECAY, ENTRY, ENTRY_VAR, FIFTH_NOISE, FLOW, NOISE, SPEED, STRAIGHT, M
from tenere.track.revise import keep
from tenere.track.store import TIME, X, Y
from tenere.track.work import GATE

if TYPE_CHECKING:
    from tenere.track.store import Store
    from tenere.track.work import Measured, Work


LATEST_S = 40.0
"""No plot comes later than this: the stage leaves out what is 30 s from its tick, and a state is hardly newer than that."""


@njit(cache=True)
def strayed(par: np.ndarray, j: int, speed: float, ago: float) -> float:
    """Return the variance an axis (m2) of where model j flies back to over ago seconds, for it may have begun only in between.

    A change u seconds after the plot, any u as likely, to or from a model of acceleration a moves the place by a u^2 / 2, mostly
    across the flight: on average a^2 ago^4 / 20 in the square. It is given to both axes.
    """
    out = 0.0
    for i in range(M):
        if i != j:
            k = FLOW + j * M + i
            p = par[k]
            for d in range(1, M):
                p += par[k + d * M * M] * math.exp(-par[DECAY + d] * ago)
            for which in (i, j):
                push = par[ENTRY + which] ** 2 + par[ENTRY_VAR + which]
                if which != SPEED:
                    push *= speed * speed
                if which != STRAIGHT:
                    out += max(p, 0.0) * push
    return out * ago**4 / 20.0


@njit(cache=True)
def late(s: Store, w: Work, m: Measured, q: int, i: int, par: np.ndarray, gate: float, cfg: np.ndarray) -> bool:
    """Update track i by plot q, which is older than the track's state; return whether it fits within the gate."""
    if s.hot[i, TIME] - m.time_s[q] > LATEST_S:
        return False  # the clock has leapt: that state is of another time
    which = np.array([i], np.int32)
    b, e, f, c, v = w.block, w.fits, w.lanes.f, w.lanes.c, w.gain
    lanes.load(s.row, which, 0, 1, b)
    w.dt[:STEP] = m.time_s[q] - s.hot[i, TIME]
    past = w.ahead[0]  # free: late plots are handled before a look's slots are filled
    zx, zy = m.z[q, 0] - s.hot[i, X], m.z[q, 1] - s.hot[i, Y]
    nearest = math.inf
    weight = np.zeros(M)
    for j in range(M):
        x, y = b[j * MODEL * LANES : (j + 1) * MODEL * LANES], past[j * MODEL * LANES : (j + 1) * MODEL * LANES]
        if j == STRAIGHT:
            lanes.straight(x, w.dt, STEP, par[NOISE], y)
        else:
            lanes.five(x, w.dt, STEP, par[NOISE + j], par[FIFTH_NOISE + j], j != SPEED, f, y)
        more = strayed(par, j, math.sqrt(x[2 * LANES] * x[2 * LANES] + x[3 * LANES] * x[3 * LANES]), -w.dt[0])
        for l in range(STEP):
            y[5 * LANES + l] += more
            y[10 * LANES + l] += more
        e[0], e[LANES] = zx - y[0], zy - y[LANES]
        e[2 * LANES], e[3 * LANES], e[4 * LANES] = y[5 * LANES], y[6 * LANES], y[10 * LANES]
        e[5 * LANES], e[6 * LANES], e[7 * LANES] = m.r[q, 0], m.r[q, 1], m.r[q, 2]
        lanes.fit(e, 1, w.fit_d2, w.fit_like)
        weight[j] = b[(MU + j) * LANES] * w.fit_like[0]
        if b[(MU + j) * LANES] > 0.0:
            nearest = min(nearest, w.fit_d2[0])
    if not nearest <= gate:
        return False
    loose = max(1.0, nearest / cfg[GATE])
    for j in range(M):
        x, y = b[j * MODEL * LANES : (j + 1) * MODEL * LANES], past[j * MODEL * LANES : (j + 1) * MODEL * LANES]
        lanes.jacobian(x, w.dt, STEP, j, f)
        p = np.empty((5, 5))
        at = 5
        for d in range(5):
            for a in range(d, 5):
                p[d, a] = p[a, d] = x[at * LANES]
                at += 1
        fifth = 0.0 if j == STRAIGHT else 1.0
        for l in range(STEP):
            for d in range(5):
                c[d * LANES + l] = p[d, 0] + f[0] * p[d, 2] - f[LANES] * p[d, 3] + fifth * f[4 * LANES] * p[d, 4]
                c[(5 + d) * LANES + l] = p[d, 1] + f[LANES] * p[d, 2] + f[0] * p[d, 3] + fifth * f[5 * LANES] * p[d, 4]
            c[10 * LANES + l], c[11 * LANES + l], c[12 * LANES + l] = y[5 * LANES], y[6 * LANES], y[10 * LANES]
            v[l], v[LANES + l], v[2 * LANES + l] = zx - y[0], zy - y[LANES], 1.0
            v[3 * LANES + l] = v[4 * LANES + l] = v[5 * LANES + l] = 0.0
            v[6 * LANES + l], v[7 * LANES + l], v[8 * LANES + l] = m.r[q, 0] * loose, m.r[q, 1] * loose, m.r[q, 2] * loose
        lanes.update(b, 1, j, v, c, w.lanes.k, w.lanes.y, b)
    total = max(weight.sum(), 1e-300)
    for j in range(M):
        b[(MU + j) * LANES] = weight[j] / total
    keep(s, w, which, np.array([s.hot[i, TIME]]), 0, 1)
    return True

"""What the sensors' means of one aircraft in one window say of their biases. Numba kernels.

With z_a the mean of sensor a's plots (placed with the biases b0 applied so far), dt_a its time in the window, p and v the
aircraft's position and velocity, J_a what a bias does to a plot,

    z_a + J_a b0_a = p + v dt_a + J_a b_a + noise,      noise ~ N(0, R_a).

p is not known at all and v as well as a track knows it. Both are eliminated exactly: with H the rows (I, dt I), P the prior
information of (p, v) and W = R^-1 - R^-1 H (H' R^-1 H + P)^-1 H' R^-1, the window brings the information J' W J and J' W z, which
ties all its sensors together (weighted least squares with nuisance parameters: Y. Bar-Shalom, X. R. Li, T. Kirubarajan,
Estimation with Applications to Tracking and Navigation, 2001, section 3.4).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tenere.track.register.follow import velocity_known
from tenere.track.register.slots import (
    ASTRAY,
    CLAIM,
    COUNT,
    POLAR,
    RUN,
    SEATS,
    SUM_R,
    SUM_T,
    SUM_X,
    SUM_XX,
    SUM_XY,
    SUM_Y,
    SUM_YY,
    VAR,
    VX,
    VY,
    Slots,
)

OFFSET, SCALE, AZIMUTH, TIME, EAST, NORTH = range(6)
NBIAS = 6
"""Range offset (m), range scale (a share), azimuth (rad), clock (s), place east and north (m), each as added to what is true."""
VELOCITY_STD_MS = 10.0
"""What a track's velocity may be wrong by beyond what it says: the biases sought have bent it."""
ACCELERATION_MS2 = 0.5
LEAST_STD_M = 2.0
NEAREST_M = 5000.0
"""Nearer to a radar than this, nothing is learnt: heights tell more than biases."""


class Windows(NamedTuple):
    """Room for B windows."""

    key: np.ndarray  # (B,) whose
    time_s: np.ndarray  # (B,)
    n: np.ndarray  # (B,) sensors in it
    v_var: np.ndarray  # (B,)
    sensor: np.ndarray  # (B, SEATS) register's row of each
    z: np.ndarray  # (B, SEATS, 2) from a point of the window's own
    r: np.ndarray  # (B, SEATS, 3)
    dt: np.ndarray  # (B, SEATS) from the first one's
    j: np.ndarray  # (B, SEATS, 2, NBIAS) in prior sigmas
    share: np.ndarray  # (B,) what it may count for at most
    weight: np.ndarray  # (B,) what it counts for
    d2: np.ndarray  # (B,) squared misfit


def windows(room: int) -> Windows:
    """Return room for so many windows."""
    shapes = [(room, SEATS), (room, SEATS, 2), (room, SEATS, 3), (room, SEATS), (room, SEATS, 2, NBIAS), (room,), (room,), (room,)]
    sensor, z, r, dt, j, share, weight, d2 = [np.zeros(shape) for shape in shapes]
    n = np.zeros(room, np.int64)
    return Windows(np.zeros(room, np.int64), np.zeros(room), n, np.zeros(room), sensor.astype(np.int64), z, r, dt, j, share, weight, d2)


@njit(cache=True)
def slopes(x: float, y: float, site_x: float, site_y: float, range_m: float, vx: float, vy: float, polar: bool, out: np.ndarray) -> None:
    """Fill out (2, NBIAS) with what each bias adds to a plot's place in the plane: x, y of the plot, of the radar, and the velocity."""
    out[:] = 0.0
    out[0, TIME], out[1, TIME] = -vx, -vy
    out[0, EAST] = out[1, NORTH] = 1.0
    if not polar:
        return
    dx, dy = x - site_x, y - site_y
    ground = max(math.sqrt(dx * dx + dy * dy), 1.0)
    stretch = min(max(range_m / ground, 1.0), 2.0)  # a metre of slant range in metres of ground
    ux, uy = dx / ground, dy / ground
    out[0, OFFSET], out[1, OFFSET] = ux * stretch, uy * stretch
    out[0, SCALE], out[1, SCALE] = ux * stretch * range_m, uy * stretch * range_m
    out[0, AZIMUTH], out[1, AZIMUTH] = dy, -dx


@njit(cache=True)
def close(
    s: Slots,
    time_s: float,
    row_of: np.ndarray,
    role: np.ndarray,
    site: np.ndarray,
    bias: np.ndarray,
    prior: np.ndarray,
    latency_s: float,
    w: Windows,
    first: int,
) -> int:
    """Make a window of each followed aircraft that two sensors or more have seen; return the row after the last of w.

    row_of (S,): register's row, -1 of a sensor that takes no part; role (S,), site (S, 2); bias (rows, NBIAS): as applied to
    the plots; prior (rows, NBIAS): one-sigma, 0 where a sensor has no such bias. Rows of w from first on are filled.
    """
    at = first
    for i in range(s.book[0]):
        if at >= len(w.key):
            break
        if not velocity_known(s, i):
            continue
        vx, vy = s.motion[i, VX], s.motion[i, VY]
        n = 0
        px = py = t0 = 0.0
        astray = False
        for k in range(SEATS):
            o, seat = s.sensor[i, k], s.seat[i, k]
            if o < 0 or seat[COUNT] == 0.0:
                continue
            astray |= seat[ASTRAY] > 0.0
            if row_of[o] < 0 or role[o] == 0 or seat[RUN] > 0.0:
                continue
            one = 1.0 / seat[COUNT]
            x, y, t = seat[SUM_X] * one, seat[SUM_Y] * one, seat[SUM_T] * one
            polar = role[o] == POLAR
            if polar and (x - site[o, 0]) ** 2 + (y - site[o, 1]) ** 2 < NEAREST_M**2:
                continue
            if n == 0:
                px, py, t0 = x, y, t
            row, dt = row_of[o], t - t0
            slopes(x, y, site[o, 0], site[o, 1], seat[SUM_R] * one, vx, vy, polar, w.j[at, n])
            zx, zy = x - px - vx * dt, y - py - vy * dt
            for c in range(NBIAS):
                zx += w.j[at, n, 0, c] * bias[row, c]
                zy += w.j[at, n, 1, c] * bias[row, c]
                w.j[at, n, 0, c] *= prior[row, c]
                w.j[at, n, 1, c] *= prior[row, c]
            w.sensor[at, n], w.dt[at, n] = row, dt
            w.z[at, n, 0], w.z[at, n, 1] = zx, zy
            own = LEAST_STD_M**2 + (0.5 * ACCELERATION_MS2 * dt * dt) ** 2
            late = latency_s * latency_s if role[o] == CLAIM else 0.0
            w.r[at, n, 0] = seat[SUM_XX] * one * one + own + late * vx * vx
            w.r[at, n, 1] = seat[SUM_XY] * one * one + late * vx * vy
            w.r[at, n, 2] = seat[SUM_YY] * one * one + own + late * vy * vy
            n += 1
        if n < 2 or astray:
            continue
        w.key[at], w.time_s[at], w.n[at] = s.key[i], time_s, n
        w.v_var[at] = s.motion[i, VAR] + VELOCITY_STD_MS**2
        w.share[at] = w.weight[at] = 1.0
        at += 1
    return at


@njit(cache=True)
def _inverse4(a: np.ndarray) -> None:
    """Invert a symmetric positive definite matrix (4, 4) in place, by Gauss and Jordan."""
    for p in range(4):
        d = 1.0 / a[p, p]
        a[p, p] = 1.0
        for c in range(4):
            a[p, c] *= d
        for q in range(4):
            if q != p:
                f = a[q, p]
                a[q, p] = 0.0
                for c in range(4):
                    a[q, c] -= f * a[p, c]


@njit(cache=True)
def whiten(w: Windows, i: int, without: int, out: np.ndarray) -> None:
    """Fill out (2 n, 2 n) with the information W that window i has of its means; without: a sensor to leave out, -1 none."""
    n = w.n[i]
    m = np.zeros((4, 4))
    g = np.zeros((2 * n, 4))
    out[: 2 * n, : 2 * n] = 0.0
    m[2, 2] = m[3, 3] = 1.0 / w.v_var[i]
    for a in range(n):
        if a == without:
            continue
        xx, xy, yy = w.r[i, a, 0], w.r[i, a, 1], w.r[i, a, 2]
        one = 1.0 / (xx * yy - xy * xy)
        u, v, c, dt = yy * one, -xy * one, xx * one, w.dt[i, a]
        p = 2 * a
        out[p, p], out[p, p + 1], out[p + 1, p], out[p + 1, p + 1] = u, v, v, c
        g[p, 0], g[p, 1], g[p, 2], g[p, 3] = u, v, u * dt, v * dt
        g[p + 1, 0], g[p + 1, 1], g[p + 1, 2], g[p + 1, 3] = v, c, v * dt, c * dt
        m[0, 0] += u
        m[0, 1] += v
        m[1, 1] += c
        m[0, 2] += u * dt
        m[0, 3] += v * dt
        m[1, 3] += c * dt
        m[2, 2] += u * dt * dt
        m[2, 3] += v * dt * dt
        m[3, 3] += c * dt * dt
    m[1, 0], m[2, 0], m[3, 0], m[1, 2] = m[0, 1], m[0, 2], m[0, 3], m[0, 3]
    m[2, 1], m[3, 1], m[3, 2] = m[1, 2], m[1, 3], m[2, 3]
    _inverse4(m)
    for a in range(2 * n):
        for b in range(2 * n):
            total = 0.0
            for p in range(4):
                for q in range(4):
                    total += g[a, p] * m[p, q] * g[b, q]
            out[a, b] -= total


@njit(cache=True)
def _misfit(w: Windows, i: int, b: np.ndarray, without: int, wide: np.ndarray, off: np.ndarray) -> float:
    """Return the squared misfit of window i with the biases b (rows, NBIAS) in prior sigmas."""
    n = w.n[i]
    whiten(w, i, without, wide)
    for a in range(n):
        row = w.sensor[i, a]
        for c in range(2):
            total = w.z[i, a, c]
            for k in range(NBIAS):
                total -= w.j[i, a, c, k] * b[row, k]
            off[2 * a + c] = total
    d2 = 0.0
    for a in range(2 * n):
        for c in range(2 * n):
            d2 += off[a] * wide[a, c] * off[c]
    return d2


@njit(cache=True)
def misfits(w: Windows, first: int, last: int, b: np.ndarray) -> None:
    """Fill d2 of windows first to below last: squared misfit with the biases b (rows, NBIAS) in prior sigmas; of 2 n - 2 degrees."""
    wide, off = np.zeros((2 * SEATS, 2 * SEATS)), np.zeros(2 * SEATS)
    for i in range(first, last):
        w.d2[i] = _misfit(w, i, b, -1, wide, off)


@njit(cache=True)
def blame(w: Windows, i: int, b: np.ndarray) -> tuple[int, float]:
    """Return the register's row without which window i fits best, and the misfit that it then has; of two sensors, -1."""
    if w.n[i] < 3:
        return -1, w.d2[i]
    wide, off = np.zeros((2 * SEATS, 2 * SEATS)), np.zeros(2 * SEATS)
    best, least = -1, math.inf
    for a in range(w.n[i]):
        d2 = _misfit(w, i, b, a, wide, off)
        if d2 < least:
            best, least = int(w.sensor[i, a]), d2
    return best, least


@njit(cache=True)
def gather(w: Windows, first: int, last: int, column: np.ndarray, matrix: np.ndarray, vector: np.ndarray) -> None:
    """Add weight times J' W J to matrix (P, P) and J' W z to vector (P,), of windows first to below last.

    column (rows, NBIAS): of each bias in them, -1 none.
    """
    wide, wj, wz = np.zeros((2 * SEATS, 2 * SEATS)), np.zeros((2, NBIAS)), np.zeros(2)
    for i in range(first, last):
        weight, n = w.weight[i] * w.share[i], w.n[i]
        if not weight > 0.0:
            continue
        whiten(w, i, -1, wide)
        for a in range(n):
            ra = w.sensor[i, a]
            wz[:] = 0.0
            for e in range(n):
                for c in range(2):
                    wz[c] += wide[2 * a + c, 2 * e] * w.z[i, e, 0] + wide[2 * a + c, 2 * e + 1] * w.z[i, e, 1]
            for k in range(NBIAS):
                if column[ra, k] >= 0:
                    vector[column[ra, k]] += weight * (w.j[i, a, 0, k] * wz[0] + w.j[i, a, 1, k] * wz[1])
            for e in range(n):
                re = w.sensor[i, e]
                for c in range(2):
                    for k in range(NBIAS):
                        wj[c, k] = wide[2 * a + c, 2 * e] * w.j[i, e, 0, k] + wide[2 * a + c, 2 * e + 1] * w.j[i, e, 1, k]
                for k in range(NBIAS):
                    row = column[ra, k]
                    if row < 0:
                        continue
                    for h in range(NBIAS):
                        if column[re, h] >= 0:
                            matrix[row, column[re, h]] += weight * (w.j[i, a, 0, k] * wj[0, h] + w.j[i, a, 1, k] * wj[1, h])

"""The filter over many tracks at once: interacting multiple models in lanes that the processor's vectors fill.

A block holds up to LANES tracks, transposed: component c of lane l stands at c * LANES + l, so that every step is a
loop over lanes of plain arithmetic. A track is a row of ROW numbers: for each of the M models x, y (m), vx, vy (m/s)
and the model's own fifth state, then the upper triangle of their covariance (15 numbers, row by row), and at the end
the models' probabilities. The models are those of estimate.motion.

Rows and blocks are of four or of eight bytes a number: all that is computed is computed in that size, but for the gains
of `update`, whose differences of like products need eight. The tracker's are of four, twice as many to a vector, and
their positions count from a point near the track: then what is lost of a position is the seventh digit of how far the track
flies between two plots, and of a covariance the seventh of its largest number.

Blom & Bar-Shalom 1988 (mixing); Bar-Shalom, Li & Kirubarajan 2001, 11.6 and 11.7 (the models and the turn's Jacobian).
The probabilities' transition is exact for any interval. No transcendental function of a library is called, so that the
same bits come out on every machine.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tenere.estimate.layout import (
    BLOCK,
    HALF,
    KEPT,
    LANES,
    LEAST,
    LEAST_SPEED,
    LEAST_VAR,
    MODEL,
    MU,
    ONE,
    ROW,
    SPARE,
    STEP,
    THIRD,
    TWO,
    ZERO,
    L,
    Scratch,
    load,
    padded,
    scratch,
    store,
)
from tenere.estimate.motion import DECAY, ENTRY, ENTRY_VAR, FIFTH_NOISE, FLOW, NOISE, SPEED, STRAIGHT, M

__all__ = ("BLOCK", "KEPT", "LANES", "MODEL", "MU", "ROW", "SPARE", "STEP", "Scratch", "load", "padded", "scratch", "store")
"""What others use of the layout they use from here."""

MAX_TURN_RAD = np.float32(3.0)
FALL = tuple(np.float32(1.0 / math.factorial(k)) for k in range(2, 6))
FALL_MOST, FALL_SHARE = np.float32(60.0), np.float32(1.0 / 1024.0)
TURN_U = tuple(np.float32((-1.0) ** k / math.factorial(2 * k + 3)) for k in range(8))
TURN_V = tuple(np.float32((-1.0) ** k / math.factorial(2 * k + 2)) for k in range(8))


@njit(inline="always")
def _fall(x: np.float32) -> np.float32:
    """Return 1 - exp(-x) for x >= 0, near nought as exact as x, by Taylor and doubling; beyond 60 as at 60."""
    y = min(x, FALL_MOST) * FALL_SHARE
    e = y * (ONE - y * (FALL[0] - y * (FALL[1] - y * (FALL[2] - y * FALL[3]))))
    e *= TWO - e
    e *= TWO - e
    e *= TWO - e
    e *= TWO - e
    e *= TWO - e
    e *= TWO - e
    e *= TWO - e
    e *= TWO - e
    e *= TWO - e
    return e * (TWO - e)


@njit(inline="always")
def _exp(x: float) -> float:
    """Return exp(-x) for x >= 0 to 1e-8, by Taylor and squaring; beyond 60 as at 60."""
    y = -min(x, 60.0) * (1.0 / 1024.0)
    e = 1.0 + y * (1.0 + y * (0.5 + y * (1.0 / 6.0 + y * (1.0 / 24.0 + y * (1.0 / 120.0)))))
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    e *= e
    return e * e


@njit(cache=True)
def _weights(b: np.ndarray, dt: np.ndarray, n: int, par: np.ndarray, o: np.ndarray, w: np.ndarray) -> None:
    """Fill w with the mixing weights (model i within predicted model j at i * M + j), o with the predicted probabilities."""
    e1, e2, e3 = w[16 * L : 17 * L], w[17 * L : 18 * L], w[18 * L : 19 * L]
    r1, r2, r3 = par[DECAY + 1], par[DECAY + 2], par[DECAY + 3]
    for l in range(n):
        ad = abs(dt[l])
        e1[l] = _fall(r1 * ad)
        e2[l] = _fall(r2 * ad)
        e3[l] = _fall(r3 * ad)
    for i in range(M):
        mu, out = b[(MU + i) * L : (MU + i + 1) * L], w[i * M * L : (i + 1) * M * L]
        f, a0, a1, a2, a3 = par[FLOW + M * (M + i) :], ZERO, ZERO, ZERO, ZERO
        p1, p2, p3 = f[0], f[16], f[32]
        q1, q2, q3 = f[1], f[17], f[33]
        r1, r2, r3 = f[2], f[18], f[34]
        s1, s2, s3 = f[3], f[19], f[35]
        if i == 0:  # what all shares of the flow sum to: so a short time's small changes are exact
            a0 = ONE
        elif i == 1:
            a1 = ONE
        elif i == 2:
            a2 = ONE
        else:
            a3 = ONE
        for l in range(n):
            u, x1, x2, x3 = mu[l], e1[l], e2[l], e3[l]
            out[l] = max(a0 - (p1 * x1 + p2 * x2 + p3 * x3), ZERO) * u
            out[L + l] = max(a1 - (q1 * x1 + q2 * x2 + q3 * x3), ZERO) * u
            out[2 * L + l] = max(a2 - (r1 * x1 + r2 * x2 + r3 * x3), ZERO) * u
            out[3 * L + l] = max(a3 - (s1 * x1 + s2 * x2 + s3 * x3), ZERO) * u
    for j in range(M):
        m, out = w[j * L :], o[(MU + j) * L : (MU + j + 1) * L]
        for l in range(n):
            w0, w1, w2, w3 = m[l], m[4 * L + l], m[8 * L + l], m[12 * L + l]
            c = w0 + w1 + w2 + w3
            out[l] = c
            inverse = ONE / max(c, LEAST)
            m[l], m[4 * L + l], m[8 * L + l], m[12 * L + l] = w0 * inverse, w1 * inverse, w2 * inverse, w3 * inverse


@njit(cache=True)
def _second_moments(b: np.ndarray, n: int, g: np.ndarray) -> None:
    """Fill g, 14 a model: its state less the first model's (4), and its covariance plus their outer product (10)."""
    for i in range(M):
        x, t = b[i * MODEL * L : (i + 1) * MODEL * L], g[i * 14 * L : (i + 1) * 14 * L]
        for l in range(n):
            d0 = x[l] - b[l]
            d1 = x[L + l] - b[L + l]
            d2 = x[2 * L + l] - b[2 * L + l]
            d3 = x[3 * L + l] - b[3 * L + l]
            t[l] = d0
            t[L + l] = d1
            t[2 * L + l] = d2
            t[3 * L + l] = d3
            t[4 * L + l] = x[5 * L + l] + d0 * d0
            t[5 * L + l] = x[6 * L + l] + d0 * d1
            t[6 * L + l] = x[7 * L + l] + d0 * d2
            t[7 * L + l] = x[8 * L + l] + d0 * d3
            t[8 * L + l] = x[10 * L + l] + d1 * d1
            t[9 * L + l] = x[11 * L + l] + d1 * d2
            t[10 * L + l] = x[12 * L + l] + d1 * d3
            t[11 * L + l] = x[14 * L + l] + d2 * d2
            t[12 * L + l] = x[15 * L + l] + d2 * d3
            t[13 * L + l] = x[17 * L + l] + d3 * d3


@njit(cache=True)
def _mix(b: np.ndarray, n: int, par: np.ndarray, w: np.ndarray, g: np.ndarray, j: int, y: np.ndarray) -> None:
    """Fill y (MODEL lanes) with the state and covariance that model j starts from."""
    v = w[j * L :]
    for l in range(n):
        w0, w1, w2, w3 = v[l], v[4 * L + l], v[8 * L + l], v[12 * L + l]
        d0 = w1 * g[14 * L + l] + w2 * g[28 * L + l] + w3 * g[42 * L + l]
        d1 = w1 * g[15 * L + l] + w2 * g[29 * L + l] + w3 * g[43 * L + l]
        d2 = w1 * g[16 * L + l] + w2 * g[30 * L + l] + w3 * g[44 * L + l]
        d3 = w1 * g[17 * L + l] + w2 * g[31 * L + l] + w3 * g[45 * L + l]
        y[l], y[L + l], y[2 * L + l], y[3 * L + l] = d0, d1, d2, d3
        y[5 * L + l] = w0 * g[4 * L + l] + w1 * g[18 * L + l] + w2 * g[32 * L + l] + w3 * g[46 * L + l] - d0 * d0
        y[6 * L + l] = w0 * g[5 * L + l] + w1 * g[19 * L + l] + w2 * g[33 * L + l] + w3 * g[47 * L + l] - d0 * d1
        y[7 * L + l] = w0 * g[6 * L + l] + w1 * g[20 * L + l] + w2 * g[34 * L + l] + w3 * g[48 * L + l] - d0 * d2
        y[8 * L + l] = w0 * g[7 * L + l] + w1 * g[21 * L + l] + w2 * g[35 * L + l] + w3 * g[49 * L + l] - d0 * d3
        y[10 * L + l] = w0 * g[8 * L + l] + w1 * g[22 * L + l] + w2 * g[36 * L + l] + w3 * g[50 * L + l] - d1 * d1
        y[11 * L + l] = w0 * g[9 * L + l] + w1 * g[23 * L + l] + w2 * g[37 * L + l] + w3 * g[51 * L + l] - d1 * d2
        y[12 * L + l] = w0 * g[10 * L + l] + w1 * g[24 * L + l] + w2 * g[38 * L + l] + w3 * g[52 * L + l] - d1 * d3
        y[14 * L + l] = w0 * g[11 * L + l] + w1 * g[25 * L + l] + w2 * g[39 * L + l] + w3 * g[53 * L + l] - d2 * d2
        y[15 * L + l] = w0 * g[12 * L + l] + w1 * g[26 * L + l] + w2 * g[40 * L + l] + w3 * g[54 * L + l] - d2 * d3
        y[17 * L + l] = w0 * g[13 * L + l] + w1 * g[27 * L + l] + w2 * g[41 * L + l] + w3 * g[55 * L + l] - d3 * d3
    if j != STRAIGHT:
        mean, var = par[ENTRY + j], par[ENTRY_VAR + j]
        own, t, x = w[(j * M + j) * L : (j * M + j + 1) * L], g[j * 14 * L : (j + 1) * 14 * L], b[j * MODEL * L : (j + 1) * MODEL * L]
        for l in range(n):  # only this model's own past knows its fifth state; what enters brings the expected one
            u = own[l]
            past = x[4 * L + l]
            fifth = u * past + (ONE - u) * mean
            apart = past - mean
            y[4 * L + l] = fifth
            y[9 * L + l] = u * (x[9 * L + l] + (t[l] - y[l]) * apart)
            y[13 * L + l] = u * (x[13 * L + l] + (t[L + l] - y[L + l]) * apart)
            y[16 * L + l] = u * (x[16 * L + l] + (t[2 * L + l] - y[2 * L + l]) * apart)
            y[18 * L + l] = u * (x[18 * L + l] + (t[3 * L + l] - y[3 * L + l]) * apart)
            y[19 * L + l] = u * (x[19 * L + l] + (past - fifth) * (past - fifth)) + (ONE - u) * (var + (mean - fifth) * (mean - fifth))
    for l in range(n):
        y[l] += b[l]
        y[L + l] += b[L + l]
        y[2 * L + l] += b[2 * L + l]
        y[3 * L + l] += b[3 * L + l]


@njit(cache=True)
def straight(y: np.ndarray, dt: np.ndarray, n: int, q: float, o: np.ndarray) -> None:
    """Fly y straight for dt into o."""
    for l in range(n):
        t = dt[l]
        ad = abs(t)
        tt = t * t
        o[l] = y[l] + t * y[2 * L + l]
        o[L + l] = y[L + l] + t * y[3 * L + l]
        o[2 * L + l] = y[2 * L + l]
        o[3 * L + l] = y[3 * L + l]
        o[4 * L + l] = ZERO
        p02, p03, p12, p13 = y[7 * L + l], y[8 * L + l], y[11 * L + l], y[12 * L + l]
        p22, p23, p33 = y[14 * L + l], y[15 * L + l], y[17 * L + l]
        q1 = q * ad
        q2 = HALF * q1 * t
        q3 = q1 * tt * THIRD
        o[5 * L + l] = y[5 * L + l] + TWO * t * p02 + tt * p22 + q3
        o[6 * L + l] = y[6 * L + l] + t * (p03 + p12) + tt * p23
        o[7 * L + l] = p02 + t * p22 + q2
        o[8 * L + l] = p03 + t * p23
        o[9 * L + l] = ZERO
        o[10 * L + l] = y[10 * L + l] + TWO * t * p13 + tt * p33 + q3
        o[11 * L + l] = p12 + t * p23
        o[12 * L + l] = p13 + t * p33 + q2
        o[13 * L + l] = ZERO
        o[14 * L + l] = p22 + q1
        o[15 * L + l] = p23
        o[16 * L + l] = ZERO
        o[17 * L + l] = p33 + q1
        o[18 * L + l] = ZERO
        o[19 * L + l] = ZERO


@njit(inline="always")
def _turn_terms(a: np.float32) -> tuple[np.float32, np.float32]:
    """Return u = (1 - sin(a)/a) / a2 and v = (1 - cos(a)) / a2 by their series; a within MAX_TURN_RAD (error below 1e-7)."""
    s, k = a * a, TURN_U
    u = k[0] + s * (k[1] + s * (k[2] + s * (k[3] + s * (k[4] + s * (k[5] + s * (k[6] + s * k[7]))))))
    k = TURN_V
    v = k[0] + s * (k[1] + s * (k[2] + s * (k[3] + s * (k[4] + s * (k[5] + s * (k[6] + s * k[7]))))))
    return u, v


@njit(cache=True)
def jacobian(y: np.ndarray, dt: np.ndarray, n: int, j: int, f: np.ndarray) -> None:
    """Fill f, 8 lanes, with model j's transition: A, B, cos, sin (x + A vx - B vy ...) and the four states' derivatives by the fifth."""
    if j == STRAIGHT:
        f[: 8 * L] = ZERO
        for l in range(n):
            f[l] = dt[l]
            f[2 * L + l] = ONE
    elif j != SPEED:
        for l in range(n):
            t = dt[l]
            vx, vy = y[2 * L + l], y[3 * L + l]
            a = max(-MAX_TURN_RAD, min(MAX_TURN_RAD, y[4 * L + l] * t))
            u, v = _turn_terms(a)
            s1 = ONE - a * a * u
            c = ONE - a * a * v
            s = a * s1
            f[l] = t * s1
            f[L + l] = t * a * v
            f[2 * L + l] = c
            f[3 * L + l] = s
            da = t * t * a * (u - v)
            db = t * t * (s1 - v)
            f[4 * L + l] = da * vx - db * vy
            f[5 * L + l] = db * vx + da * vy
            f[6 * L + l] = -t * (s * vx + c * vy)
            f[7 * L + l] = t * (c * vx - s * vy)
    else:
        for l in range(n):
            t = dt[l]
            vx, vy = y[2 * L + l], y[3 * L + l]
            speed = math.sqrt(vx * vx + vy * vy) + LEAST_SPEED
            ux, uy = vx / speed, vy / speed
            f[l] = t
            f[L + l] = ZERO
            f[2 * L + l] = ONE
            f[3 * L + l] = ZERO
            f[4 * L + l] = HALF * t * t * ux
            f[5 * L + l] = HALF * t * t * uy
            f[6 * L + l] = t * ux
            f[7 * L + l] = t * uy


@njit(cache=True)
def five(y: np.ndarray, dt: np.ndarray, n: int, q: float, q_fifth: float, turning: bool, f: np.ndarray, o: np.ndarray) -> None:
    """Fly y for dt by a model with a fifth state into o (MODEL lanes); f: scratch."""
    jacobian(y, dt, n, SPEED if not turning else STRAIGHT + 1, f)
    mean = ZERO if turning else ONE  # a turn's states turn by A, B, cos, sin alone; a change of speed moves by its fifth state
    for l in range(n):
        aa, bb, c, s = f[l], f[L + l], f[2 * L + l], f[3 * L + l]
        x2, x3, x4 = y[2 * L + l], y[3 * L + l], y[4 * L + l]
        push = mean * x4
        o[l] = y[l] + aa * x2 - bb * x3 + push * f[4 * L + l]
        o[L + l] = y[L + l] + bb * x2 + aa * x3 + push * f[5 * L + l]
        o[2 * L + l] = c * x2 - s * x3 + push * f[6 * L + l]
        o[3 * L + l] = s * x2 + c * x3 + push * f[7 * L + l]
        o[4 * L + l] = x4
    for l in range(n):
        t = dt[l]
        ad = abs(t)
        aa, bb, c, s = f[l], f[L + l], f[2 * L + l], f[3 * L + l]
        j0, j1, j2, j3 = f[4 * L + l], f[5 * L + l], f[6 * L + l], f[7 * L + l]
        p00, p01, p02, p03, p04 = y[5 * L + l], y[6 * L + l], y[7 * L + l], y[8 * L + l], y[9 * L + l]
        p11, p12, p13, p14 = y[10 * L + l], y[11 * L + l], y[12 * L + l], y[13 * L + l]
        p22, p23, p24, p33, p34, p44 = y[14 * L + l], y[15 * L + l], y[16 * L + l], y[17 * L + l], y[18 * L + l], y[19 * L + l]
        g00 = p00 + aa * p02 - bb * p03 + j0 * p04
        g01 = p01 + aa * p12 - bb * p13 + j0 * p14
        g02 = p02 + aa * p22 - bb * p23 + j0 * p24
        g03 = p03 + aa * p23 - bb * p33 + j0 * p34
        g04 = p04 + aa * p24 - bb * p34 + j0 * p44
        g11 = p11 + bb * p12 + aa * p13 + j1 * p14
        g12 = p12 + bb * p22 + aa * p23 + j1 * p24
        g13 = p13 + bb * p23 + aa * p33 + j1 * p34
        g14 = p14 + bb * p24 + aa * p34 + j1 * p44
        g22 = c * p22 - s * p23 + j2 * p24
        g23 = c * p23 - s * p33 + j2 * p34
        g24 = c * p24 - s * p34 + j2 * p44
        g32 = s * p22 + c * p23 + j3 * p24
        g33 = s * p23 + c * p33 + j3 * p34
        g34 = s * p24 + c * p34 + j3 * p44
        q1 = q * ad
        q2 = HALF * q1 * t
        q3 = q1 * t * t * THIRD
        o[5 * L + l] = g00 + aa * g02 - bb * g03 + j0 * g04 + q3
        o[6 * L + l] = g01 + bb * g02 + aa * g03 + j1 * g04
        o[7 * L + l] = c * g02 - s * g03 + j2 * g04 + q2
        o[8 * L + l] = s * g02 + c * g03 + j3 * g04
        o[9 * L + l] = g04
        o[10 * L + l] = g11 + bb * g12 + aa * g13 + j1 * g14 + q3
        o[11 * L + l] = c * g12 - s * g13 + j2 * g14
        o[12 * L + l] = s * g12 + c * g13 + j3 * g14 + q2
        o[13 * L + l] = g14
        o[14 * L + l] = c * g22 - s * g23 + j2 * g24 + q1
        o[15 * L + l] = s * g22 + c * g23 + j3 * g24
        o[16 * L + l] = g24
        o[17 * L + l] = s * g32 + c * g33 + j3 * g34 + q1
        o[18 * L + l] = g34
        o[19 * L + l] = p44 + q_fifth * ad


@njit(cache=True)
def predict(b: np.ndarray, dt: np.ndarray, n: int, par: np.ndarray, o: np.ndarray, s: Scratch) -> None:
    """Mix the models of block b and fly them by dt (LANES,) into block o."""
    n = padded(n)
    _weights(b, dt, n, par, o, s.w)
    _second_moments(b, n, s.g)
    for j in range(M):
        _mix(b, n, par, s.w, s.g, j, s.y)
        if j == STRAIGHT:
            straight(s.y, dt, n, par[NOISE], o)
        else:
            five(s.y, dt, n, par[NOISE + j], par[FIFTH_NOISE + j], j != SPEED, s.f, o[j * MODEL * L : (j + 1) * MODEL * L])


@njit(cache=True)
def moments(b: np.ndarray, n: int, o: np.ndarray) -> None:
    """Fill o, 14 lanes: mean of x, y, vx, vy over the models, and the ten of their covariance (xx xy xvx xvy yy yvx yvy vxvx ..)."""
    n = padded(n)
    o[: 14 * L] = ZERO
    for i in range(1, M):
        x, mu = b[i * MODEL * L : (i + 1) * MODEL * L], b[(MU + i) * L : (MU + i + 1) * L]
        for l in range(n):
            u = mu[l]
            o[l] += u * (x[l] - b[l])
            o[L + l] += u * (x[L + l] - b[L + l])
            o[2 * L + l] += u * (x[2 * L + l] - b[2 * L + l])
            o[3 * L + l] += u * (x[3 * L + l] - b[3 * L + l])
    for l in range(n):
        o[l] += b[l]
        o[L + l] += b[L + l]
        o[2 * L + l] += b[2 * L + l]
        o[3 * L + l] += b[3 * L + l]
    for i in range(M):
        x, mu = b[i * MODEL * L : (i + 1) * MODEL * L], b[(MU + i) * L : (MU + i + 1) * L]
        for l in range(n):
            u = mu[l]
            d0, d1 = x[l] - o[l], x[L + l] - o[L + l]
            d2, d3 = x[2 * L + l] - o[2 * L + l], x[3 * L + l] - o[3 * L + l]
            o[4 * L + l] += u * (x[5 * L + l] + d0 * d0)
            o[5 * L + l] += u * (x[6 * L + l] + d0 * d1)
            o[6 * L + l] += u * (x[7 * L + l] + d0 * d2)
            o[7 * L + l] += u * (x[8 * L + l] + d0 * d3)
            o[8 * L + l] += u * (x[10 * L + l] + d1 * d1)
            o[9 * L + l] += u * (x[11 * L + l] + d1 * d2)
            o[10 * L + l] += u * (x[12 * L + l] + d1 * d3)
            o[11 * L + l] += u * (x[14 * L + l] + d2 * d2)
            o[12 * L + l] += u * (x[15 * L + l] + d2 * d3)
            o[13 * L + l] += u * (x[17 * L + l] + d3 * d3)


@njit(cache=True)
def fit(e: np.ndarray, n: int, d2: np.ndarray, like: np.ndarray) -> None:
    """Say how well plots fit models, one pair of plot and model a lane.

    e, 8 lanes: the plot less the model's position (2), the model's covariance of position (3), the plot's (3). Fills d2
    (squared Mahalanobis distance) and like (density in 1/m2).
    """
    for l in range(n):
        sxx, sxy, syy = e[2 * L + l] + e[5 * L + l], e[3 * L + l] + e[6 * L + l], e[4 * L + l] + e[7 * L + l]
        inverse = 1.0 / max(sxx * syy - sxy * sxy, 1e-30)
        u, v = e[l], e[L + l]
        d = (u * u * syy - 2.0 * u * v * sxy + v * v * sxx) * inverse
        d2[l] = d
        like[l] = _exp(0.5 * d) * math.sqrt(inverse) * (0.5 / math.pi)


@njit(cache=True)
def aim_at(o: np.ndarray, n: int, j: int, k: int, c: np.ndarray) -> None:
    """Fill c, 13 lanes, for a plot of the states k, k + 1 (0: position, 2: velocity) of model j: P H' (10) and H P H' (3)."""
    n = padded(n)
    x = o[j * MODEL * L : (j + 1) * MODEL * L]
    if k == 0:
        for l in range(n):
            for a in range(5):
                c[a * L + l] = x[(5 + a) * L + l]
            c[5 * L + l] = x[6 * L + l]
            for a in range(4):
                c[(6 + a) * L + l] = x[(10 + a) * L + l]
            c[10 * L + l], c[11 * L + l], c[12 * L + l] = x[5 * L + l], x[6 * L + l], x[10 * L + l]
    else:
        for l in range(n):
            c[l], c[L + l] = x[7 * L + l], x[11 * L + l]
            for a in range(3):
                c[(2 + a) * L + l] = x[(14 + a) * L + l]
            c[5 * L + l], c[6 * L + l], c[7 * L + l] = x[8 * L + l], x[12 * L + l], x[15 * L + l]
            c[8 * L + l], c[9 * L + l] = x[17 * L + l], x[18 * L + l]
            c[10 * L + l], c[11 * L + l], c[12 * L + l] = x[14 * L + l], x[15 * L + l], x[17 * L + l]


@njit(cache=True)
def update(o: np.ndarray, n: int, j: int, v: np.ndarray, c: np.ndarray, k: np.ndarray, y: np.ndarray, b: np.ndarray) -> None:
    """Update model j of block o by its plots into block b (which may be o).

    v, 9 lanes: the plots' mean difference from the model (2), the probability that one of them is the track's, the spread
    of the differences about it (3: the sum of each probability times its square, less the mean's square), a plot's
    covariance (3). c: what aim_at or its like fills. k, y: scratch, 15 and MODEL lanes. The gains are worked out in eight
    bytes: where the plot's ellipse is long and thin, their terms all but cancel. The probabilistic data association update
    (Bar-Shalom, Willett & Tian 2011, 3.4); with probability 1 and no spread it is the plain Kalman filter.
    """
    n = padded(n)
    x, out = o[j * MODEL * L : (j + 1) * MODEL * L], b[j * MODEL * L : (j + 1) * MODEL * L]
    for l in range(n):
        sxx, sxy, syy = c[10 * L + l] + v[6 * L + l], c[11 * L + l] + v[7 * L + l], c[12 * L + l] + v[8 * L + l]
        xx, xy, yy = np.float64(sxx), np.float64(sxy), np.float64(syy)
        inverse = 1.0 / max(xx * yy - xy * xy, 1e-30)
        i00, i01, i11 = yy * inverse, -xy * inverse, xx * inverse
        p, q = np.float64(c[l]), np.float64(c[5 * L + l])
        k[l], k[5 * L + l] = p * i00 + q * i01, p * i01 + q * i11
        p, q = np.float64(c[L + l]), np.float64(c[6 * L + l])
        k[L + l], k[6 * L + l] = p * i00 + q * i01, p * i01 + q * i11
        p, q = np.float64(c[2 * L + l]), np.float64(c[7 * L + l])
        k[2 * L + l], k[7 * L + l] = p * i00 + q * i01, p * i01 + q * i11
        p, q = np.float64(c[3 * L + l]), np.float64(c[8 * L + l])
        k[3 * L + l], k[8 * L + l] = p * i00 + q * i01, p * i01 + q * i11
        p, q = np.float64(c[4 * L + l]), np.float64(c[9 * L + l])
        k[4 * L + l], k[9 * L + l] = p * i00 + q * i01, p * i01 + q * i11
        taken = v[2 * L + l]
        k[10 * L + l], k[11 * L + l] = taken * sxx - v[3 * L + l], taken * sxy - v[4 * L + l]
        k[12 * L + l] = taken * syy - v[5 * L + l]
    for l in range(n):
        u0, u1, z0, z1, z2 = v[l], v[L + l], k[10 * L + l], k[11 * L + l], k[12 * L + l]
        g0, g1, g2, g3, g4 = k[l], k[L + l], k[2 * L + l], k[3 * L + l], k[4 * L + l]
        h0, h1, h2, h3, h4 = k[5 * L + l], k[6 * L + l], k[7 * L + l], k[8 * L + l], k[9 * L + l]
        y[l] = x[l] + g0 * u0 + h0 * u1
        y[L + l] = x[L + l] + g1 * u0 + h1 * u1
        y[2 * L + l] = x[2 * L + l] + g2 * u0 + h2 * u1
        y[3 * L + l] = x[3 * L + l] + g3 * u0 + h3 * u1
        y[4 * L + l] = x[4 * L + l] + g4 * u0 + h4 * u1
        e0, e1 = g0 * z0 + h0 * z1, g0 * z1 + h0 * z2
        y[5 * L + l] = max(x[5 * L + l] - e0 * g0 - e1 * h0, LEAST_VAR)
        y[6 * L + l] = x[6 * L + l] - e0 * g1 - e1 * h1
        y[7 * L + l] = x[7 * L + l] - e0 * g2 - e1 * h2
        y[8 * L + l] = x[8 * L + l] - e0 * g3 - e1 * h3
        y[9 * L + l] = x[9 * L + l] - e0 * g4 - e1 * h4
        e0, e1 = g1 * z0 + h1 * z1, g1 * z1 + h1 * z2
        y[10 * L + l] = max(x[10 * L + l] - e0 * g1 - e1 * h1, LEAST_VAR)
        y[11 * L + l] = x[11 * L + l] - e0 * g2 - e1 * h2
        y[12 * L + l] = x[12 * L + l] - e0 * g3 - e1 * h3
        y[13 * L + l] = x[13 * L + l] - e0 * g4 - e1 * h4
        e0, e1 = g2 * z0 + h2 * z1, g2 * z1 + h2 * z2
        y[14 * L + l] = max(x[14 * L + l] - e0 * g2 - e1 * h2, LEAST_VAR)
        y[15 * L + l] = x[15 * L + l] - e0 * g3 - e1 * h3
        y[16 * L + l] = x[16 * L + l] - e0 * g4 - e1 * h4
        e0, e1 = g3 * z0 + h3 * z1, g3 * z1 + h3 * z2
        y[17 * L + l] = max(x[17 * L + l] - e0 * g3 - e1 * h3, LEAST_VAR)
        y[18 * L + l] = x[18 * L + l] - e0 * g4 - e1 * h4
        e0, e1 = g4 * z0 + h4 * z1, g4 * z1 + h4 * z2
        y[19 * L + l] = max(x[19 * L + l] - e0 * g4 - e1 * h4, LEAST_VAR)
    for d in range(MODEL):  # by way of a room of its own: out may be x
        for l in range(n):
            out[d * L + l] = y[d * L + l]

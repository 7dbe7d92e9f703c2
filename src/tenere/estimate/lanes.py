"""The filter over many tracks at once: interacting multiple models in lanes that the processor's vectors fill.

A block holds up to LANES tracks, transposed: component c of lane l stands at c * LANES + l, so that every step is a
loop over lanes of plain arithmetic. A track is a row of ROW numbers: for each of the M models x, y (m), vx, vy (m/s)
and the model's own fifth state, then the upper triangle of their covariance (15 numbers, row by row), and at the end
the models' probabilities. A row is kept in four bytes a number, its positions counted from a point near the track, so
that nothing is lost but the eighth digit; a block holds eight bytes and positions in the plane. The models are those of estimate.motion.

Blom & Bar-Shalom 1988 (mixing); Bar-Shalom, Li & Kirubarajan 2001, 11.6 and 11.7 (the models and the turn's Jacobian).
The probabilities' transition is exact for any interval. No transcendental function of a library is called, so that the
same bits come out on every machine.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tenere.estimate.motion import DECAY, ENTRY, ENTRY_VAR, FIFTH_NOISE, FLOW, NOISE, SPEED, STRAIGHT, M

LANES = 32
MODEL = 20  # numbers a model: 5 states, 15 of their covariance
MU = M * MODEL
ROW = MU + M
LINE = 16  # numbers of four bytes in a cache line
KEPT = -(-ROW // LINE) * LINE
L = LANES
MAX_TURN_RAD = 3.0
SPARE = ROW * LANES  # a block's last number is nobody's
BLOCK = SPARE + 1


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
def load(rows: np.ndarray, origin: np.ndarray, which: np.ndarray, first: int, n: int, b: np.ndarray) -> None:
    """Bring n rows, which[first:], into block b; empty lanes up to a multiple of 8 repeat the last.

    rows (C, KEPT) f4; origin (C, 2 or more): where each row's positions count from.
    """
    touched = 0.0  # one number of every cache line first, so that their journeys from memory overlap
    for l in range(n):
        i = which[first + l]
        for c in range(0, ROW, LINE):
            touched += rows[i, c]
    b[SPARE] = touched
    for l in range((n + 7) & ~7):
        i = which[first + min(l, n - 1)]
        for c in range(ROW):
            b[c * L + l] = rows[i, c]
        x, y = origin[i, 0], origin[i, 1]
        for j in range(M):
            b[j * MODEL * L + l] += x
            b[(j * MODEL + 1) * L + l] += y


@njit(cache=True)
def store(rows: np.ndarray, origin: np.ndarray, which: np.ndarray, first: int, n: int, b: np.ndarray) -> None:
    """Write n lanes of block b back to their rows, positions from their origins."""
    for l in range(n):
        i = which[first + l]
        x, y = origin[i, 0], origin[i, 1]
        for j in range(M):
            at = j * MODEL
            rows[i, at], rows[i, at + 1] = b[at * L + l] - x, b[(at + 1) * L + l] - y
            for c in range(at + 2, at + MODEL):
                rows[i, c] = b[c * L + l]
        for c in range(MU, ROW):
            rows[i, c] = b[c * L + l]


@njit(cache=True)
def _weights(b: np.ndarray, dt: np.ndarray, n: int, par: np.ndarray, o: np.ndarray, w: np.ndarray) -> None:
    """Fill w with the mixing weights (model i within predicted model j at i * M + j), o with the predicted probabilities."""
    e1, e2, e3 = w[16 * L : 17 * L], w[17 * L : 18 * L], w[18 * L : 19 * L]
    r1, r2, r3 = par[DECAY + 1], par[DECAY + 2], par[DECAY + 3]
    for l in range(n):
        ad = abs(dt[l])
        e1[l] = _exp(r1 * ad)
        e2[l] = _exp(r2 * ad)
        e3[l] = _exp(r3 * ad)
    for i in range(M):
        mu = b[(MU + i) * L : (MU + i + 1) * L]
        for j in range(M):
            k = FLOW + i * M + j
            f0, f1, f2, f3 = par[k], par[k + 16], par[k + 32], par[k + 48]
            out = w[(i * M + j) * L : (i * M + j + 1) * L]
            for l in range(n):
                out[l] = max(f0 + f1 * e1[l] + f2 * e2[l] + f3 * e3[l], 0.0) * mu[l]
    for j in range(M):
        w0, w1 = w[j * L : (j + 1) * L], w[(M + j) * L : (M + j + 1) * L]
        w2, w3 = w[(2 * M + j) * L : (2 * M + j + 1) * L], w[(3 * M + j) * L : (3 * M + j + 1) * L]
        out = o[(MU + j) * L : (MU + j + 1) * L]
        for l in range(n):
            c = w0[l] + w1[l] + w2[l] + w3[l]
            out[l] = c
            inverse = 1.0 / max(c, 1e-300)
            w0[l] *= inverse
            w1[l] *= inverse
            w2[l] *= inverse
            w3[l] *= inverse


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
    w0, w1 = w[j * L : (j + 1) * L], w[(M + j) * L : (M + j + 1) * L]
    w2, w3 = w[(2 * M + j) * L : (2 * M + j + 1) * L], w[(3 * M + j) * L : (3 * M + j + 1) * L]
    g1, g2, g3 = g[14 * L : 28 * L], g[28 * L : 42 * L], g[42 * L : 56 * L]
    for k in range(4):
        u1, u2, u3, out = g1[k * L : (k + 1) * L], g2[k * L : (k + 1) * L], g3[k * L : (k + 1) * L], y[k * L : (k + 1) * L]
        for l in range(n):
            out[l] = w1[l] * u1[l] + w2[l] * u2[l] + w3[l] * u3[l]
    for k in range(10):  # the ten of position and velocity: g's 4 + k, the two states they belong to, and y's place for them
        first = 0 if k < 4 else (1 if k < 7 else (2 if k < 9 else 3))
        second = k if k < 4 else (k - 3 if k < 7 else (k - 5 if k < 9 else 3))
        at, s = (5 + k + first) * L, (4 + k) * L
        out, p, q = y[at : at + L], y[first * L : (first + 1) * L], y[second * L : (second + 1) * L]
        u0, u1, u2, u3 = g[s : s + L], g1[s : s + L], g2[s : s + L], g3[s : s + L]
        for l in range(n):
            out[l] = w0[l] * u0[l] + w1[l] * u1[l] + w2[l] * u2[l] + w3[l] * u3[l] - p[l] * q[l]
    if j != STRAIGHT:
        mean, var = par[ENTRY + j], par[ENTRY_VAR + j]
        own, t, x = w[(j * M + j) * L : (j * M + j + 1) * L], g[j * 14 * L : (j + 1) * 14 * L], b[j * MODEL * L : (j + 1) * MODEL * L]
        for l in range(n):  # only this model's own past knows its fifth state; what enters brings the expected one
            u = own[l]
            past = x[4 * L + l]
            fifth = u * past + (1.0 - u) * mean
            apart = past - mean
            y[4 * L + l] = fifth
            y[9 * L + l] = u * (x[9 * L + l] + (t[l] - y[l]) * apart)
            y[13 * L + l] = u * (x[13 * L + l] + (t[L + l] - y[L + l]) * apart)
            y[16 * L + l] = u * (x[16 * L + l] + (t[2 * L + l] - y[2 * L + l]) * apart)
            y[18 * L + l] = u * (x[18 * L + l] + (t[3 * L + l] - y[3 * L + l]) * apart)
            y[19 * L + l] = u * (x[19 * L + l] + (past - fifth) * (past - fifth)) + (1.0 - u) * (var + (mean - fifth) * (mean - fifth))
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
        o[4 * L + l] = 0.0
        p02, p03, p12, p13 = y[7 * L + l], y[8 * L + l], y[11 * L + l], y[12 * L + l]
        p22, p23, p33 = y[14 * L + l], y[15 * L + l], y[17 * L + l]
        q1 = q * ad
        q2 = 0.5 * q1 * t
        q3 = q1 * tt * (1.0 / 3.0)
        o[5 * L + l] = y[5 * L + l] + 2.0 * t * p02 + tt * p22 + q3
        o[6 * L + l] = y[6 * L + l] + t * (p03 + p12) + tt * p23
        o[7 * L + l] = p02 + t * p22 + q2
        o[8 * L + l] = p03 + t * p23
        o[9 * L + l] = 0.0
        o[10 * L + l] = y[10 * L + l] + 2.0 * t * p13 + tt * p33 + q3
        o[11 * L + l] = p12 + t * p23
        o[12 * L + l] = p13 + t * p33 + q2
        o[13 * L + l] = 0.0
        o[14 * L + l] = p22 + q1
        o[15 * L + l] = p23
        o[16 * L + l] = 0.0
        o[17 * L + l] = p33 + q1
        o[18 * L + l] = 0.0
        o[19 * L + l] = 0.0


@njit(inline="always")
def _turn_terms(a: float) -> tuple[float, float]:
    """Return u = (1 - sin(a)/a) / a2 and v = (1 - cos(a)) / a2 by their series; a within MAX_TURN_RAD (error below 1e-8)."""
    s = a * a
    u = (1.0 / 6.0) + s * (
        -1.0 / 120.0
        + s
        * (
            1.0 / 5040.0
            + s
            * (
                -1.0 / 362880.0
                + s * (1.0 / 39916800.0 + s * (-1.0 / 6227020800.0 + s * (1.0 / 1307674368000.0 + s * (-1.0 / 355687428096000.0))))
            )
        )
    )
    v = 0.5 + s * (
        -1.0 / 24.0
        + s
        * (
            1.0 / 720.0
            + s
            * (
                -1.0 / 40320.0
                + s * (1.0 / 3628800.0 + s * (-1.0 / 479001600.0 + s * (1.0 / 87178291200.0 + s * (-1.0 / 20922789888000.0))))
            )
        )
    )
    return u, v


@njit(cache=True)
def jacobian(y: np.ndarray, dt: np.ndarray, n: int, j: int, f: np.ndarray) -> None:
    """Fill f, 8 lanes, with model j's transition: A, B, cos, sin (x + A vx - B vy ...) and the four states' derivatives by the fifth."""
    if j == STRAIGHT:
        f[: 8 * L] = 0.0
        for l in range(n):
            f[l] = dt[l]
            f[2 * L + l] = 1.0
    elif j != SPEED:
        for l in range(n):
            t = dt[l]
            vx, vy = y[2 * L + l], y[3 * L + l]
            a = max(-MAX_TURN_RAD, min(MAX_TURN_RAD, y[4 * L + l] * t))
            u, v = _turn_terms(a)
            s1 = 1.0 - a * a * u
            c = 1.0 - a * a * v
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
            speed = math.sqrt(vx * vx + vy * vy) + 1e-9
            ux, uy = vx / speed, vy / speed
            f[l] = t
            f[L + l] = 0.0
            f[2 * L + l] = 1.0
            f[3 * L + l] = 0.0
            f[4 * L + l] = 0.5 * t * t * ux
            f[5 * L + l] = 0.5 * t * t * uy
            f[6 * L + l] = t * ux
            f[7 * L + l] = t * uy


@njit(cache=True)
def five(y: np.ndarray, dt: np.ndarray, n: int, q: float, q_fifth: float, turning: bool, f: np.ndarray, o: np.ndarray) -> None:
    """Fly y for dt by a model with a fifth state into o (MODEL lanes); f: scratch."""
    jacobian(y, dt, n, SPEED if not turning else STRAIGHT + 1, f)
    mean = 0.0 if turning else 1.0  # a turn's states turn by A, B, cos, sin alone; a change of speed moves by its fifth state
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
        q2 = 0.5 * q1 * t
        q3 = q1 * t * t * (1.0 / 3.0)
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


class Scratch(NamedTuple):
    """Room for the steps between: arrays of their own, so that the compiler knows that they do not overlap."""

    w: np.ndarray  # 19 lanes: mixing weights
    g: np.ndarray  # 56: second moments
    y: np.ndarray  # 20: one model mixed
    f: np.ndarray  # 8: its transition
    c: np.ndarray  # 13: what a plot looks at
    k: np.ndarray  # 15: gains


def scratch() -> Scratch:
    """Return the room that one block's steps need."""
    return Scratch(*(np.zeros(k * LANES) for k in (19, 56, 20, 8, 13, 15)))


@njit(cache=True)
def predict(b: np.ndarray, dt: np.ndarray, n: int, par: np.ndarray, o: np.ndarray, s: Scratch) -> None:
    """Mix the models of block b and fly them by dt (LANES,) into block o."""
    n = (n + 7) & ~7
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
    n = (n + 7) & ~7
    o[: 14 * L] = 0.0
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
    n = (n + 7) & ~7
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
def update(o: np.ndarray, n: int, j: int, v: np.ndarray, c: np.ndarray, k: np.ndarray, b: np.ndarray) -> None:
    """Update model j of block o by its plots into block b (which may be o).

    v, 9 lanes: the plots' mean difference from the model (2), the probability that one of them is the track's, the spread
    of the differences about it (3: the sum of each probability times its square, less the mean's square), a plot's
    covariance (3). c: what aim_at or its like fills. k: scratch, 15 lanes. The probabilistic data association update (Bar-Shalom, Willett &
    Tian 2011, 3.4); with probability 1 and no spread it is the plain Kalman filter.
    """
    n = (n + 7) & ~7
    x, p = o[j * MODEL * L : (j + 1) * MODEL * L], b[j * MODEL * L : (j + 1) * MODEL * L]
    for l in range(n):
        a0, a1, a2, a3, a4 = c[l], c[L + l], c[2 * L + l], c[3 * L + l], c[4 * L + l]
        c0, c1, c2, c3, c4 = c[5 * L + l], c[6 * L + l], c[7 * L + l], c[8 * L + l], c[9 * L + l]
        sxx, sxy, syy = c[10 * L + l] + v[6 * L + l], c[11 * L + l] + v[7 * L + l], c[12 * L + l] + v[8 * L + l]
        inverse = 1.0 / max(sxx * syy - sxy * sxy, 1e-30)
        i00, i01, i11 = syy * inverse, -sxy * inverse, sxx * inverse
        k[l], k[L + l], k[2 * L + l] = a0 * i00 + c0 * i01, a1 * i00 + c1 * i01, a2 * i00 + c2 * i01
        k[3 * L + l], k[4 * L + l] = a3 * i00 + c3 * i01, a4 * i00 + c4 * i01
        k[5 * L + l], k[6 * L + l], k[7 * L + l] = a0 * i01 + c0 * i11, a1 * i01 + c1 * i11, a2 * i01 + c2 * i11
        k[8 * L + l], k[9 * L + l] = a3 * i01 + c3 * i11, a4 * i01 + c4 * i11
        taken = v[2 * L + l]
        k[10 * L + l], k[11 * L + l] = taken * sxx - v[3 * L + l], taken * sxy - v[4 * L + l]
        k[12 * L + l] = taken * syy - v[5 * L + l]
    for a in range(5):
        k0, k1, before, after = k[a * L : (a + 1) * L], k[(5 + a) * L : (6 + a) * L], x[a * L : (a + 1) * L], p[a * L : (a + 1) * L]
        for l in range(n):
            after[l] = before[l] + k0[l] * v[l] + k1[l] * v[L + l]
    at = 5
    for a in range(5):
        k0, k1 = k[a * L : (a + 1) * L], k[(5 + a) * L : (6 + a) * L]
        e0, e1 = k[13 * L : 14 * L], k[14 * L : 15 * L]
        for l in range(n):
            e0[l] = k0[l] * k[10 * L + l] + k1[l] * k[11 * L + l]
            e1[l] = k0[l] * k[11 * L + l] + k1[l] * k[12 * L + l]
        for d in range(a, 5):
            h0, h1 = k[d * L : (d + 1) * L], k[(5 + d) * L : (6 + d) * L]
            before, after = x[at * L : (at + 1) * L], p[at * L : (at + 1) * L]
            floor = 1e-18 if d == a else -math.inf  # rounding must not take a variance to zero or below
            for l in range(n):
                after[l] = max(before[l] - e0[l] * h0[l] - e1[l] * h1[l], floor)
            at += 1

"""Interacting multiple models over position, velocity and turn rate: numba kernels on plain arrays.

State of each model: x, y (m), vx, vy (m/s), w (rad/s, anticlockwise). Three models: nearly constant velocity,
coordinated turn with estimated rate, and a manoeuvre (constant velocity with strong acceleration noise).

Blom & Bar-Shalom 1988 (mixing); Bar-Shalom, Li & Kirubarajan 2001, 11.6 and 11.7 (the models and the turn's
Jacobian). Model changes are a Markov chain in continuous time, so that any interval may be predicted. A small
step back in time (a plot older than the state) uses the same transition with the noise of the same length.

Shapes: x (M, 5), p (M, 5, 5), mu (M,); par (NPAR,) holds the noise figures below.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

M = 3
N = 5
CV, CT, MANOEUVRE = 0, 1, 2

# par: acceleration noise densities (m2/s3) of the three models, turn-rate noise density (rad2/s3),
# mean stay (s) in each model, prior turn-rate variance (rad2/s2) of a model that has none
Q_CV, Q_CT, Q_MAN, Q_TURN, STAY_CV, STAY_CT, STAY_MAN, W_VAR = range(8)
NPAR = 8
DEFAULT_PAR = np.array([0.1, 0.5, 15.0, 1e-5, 120.0, 25.0, 12.0, 1.2e-3])


@njit(cache=True)
def transition(w: float, dt: float, vx: float, vy: float, f: np.ndarray) -> None:
    """Fill f (5, 5) with the Jacobian of a turn at rate w for dt from velocity (vx, vy)."""
    a = w * dt
    if abs(a) < 1e-5:
        s_w, c_w = dt, 0.5 * w * dt * dt
        ds_w, dc_w = -w * dt * dt * dt / 3.0, 0.5 * dt * dt
    else:
        s_w, c_w = math.sin(a) / w, (1.0 - math.cos(a)) / w
        ds_w, dc_w = (dt * math.cos(a) - s_w) / w, (dt * math.sin(a) - c_w) / w
    c, s = math.cos(a), math.sin(a)
    f[:] = 0.0
    f[0, 0] = f[1, 1] = f[4, 4] = 1.0
    f[0, 2], f[0, 3] = s_w, -c_w
    f[1, 2], f[1, 3] = c_w, s_w
    f[2, 2], f[2, 3], f[3, 2], f[3, 3] = c, -s, s, c
    f[0, 4] = ds_w * vx - dc_w * vy
    f[1, 4] = dc_w * vx + ds_w * vy
    f[2, 4] = -dt * (s * vx + c * vy)
    f[3, 4] = dt * (c * vx - s * vy)


@njit(cache=True)
def predict(
    x: np.ndarray,
    p: np.ndarray,
    mu: np.ndarray,
    dt: float,
    par: np.ndarray,
    xo: np.ndarray,
    po: np.ndarray,
    muo: np.ndarray,
    work: np.ndarray,
) -> None:
    """Mix the models and predict them by dt into xo, po, muo. work: (4, 5, 5) scratch."""
    f, t = work[0], work[1]
    ad = abs(dt)
    stay0, stay1, stay2 = math.exp(-ad / par[STAY_CV]), math.exp(-ad / par[STAY_CT]), math.exp(-ad / par[STAY_MAN])
    for j in range(M):
        total = 0.0
        for i in range(M):
            stay = stay0 if i == 0 else (stay1 if i == 1 else stay2)
            work[2, 0, i] = (stay if i == j else 0.5 * (1.0 - stay)) * mu[i]
            total += work[2, 0, i]
        muo[j] = total
        inverse = 1.0 / max(total, 1e-300)
        for a in range(N):
            s = 0.0
            for i in range(M):
                s += work[2, 0, i] * x[i, a]
            work[2, 1, a] = s * inverse
        y = work[2, 1]
        mixed = work[3]
        for a in range(N):
            for b in range(a, N):
                s = 0.0
                for i in range(M):
                    s += work[2, 0, i] * (p[i, a, b] + (x[i, a] - y[a]) * (x[i, b] - y[b]))
                mixed[a, b] = s * inverse
                mixed[b, a] = mixed[a, b]
        if j == CT:
            transition(y[4], dt, y[2], y[3], f)
            nx = y[0] + f[0, 2] * y[2] + f[0, 3] * y[3]
            ny = y[1] + f[1, 2] * y[2] + f[1, 3] * y[3]
            nvx = f[2, 2] * y[2] + f[2, 3] * y[3]
            nvy = f[3, 2] * y[2] + f[3, 3] * y[3]
            xo[j, 0], xo[j, 1], xo[j, 2], xo[j, 3], xo[j, 4] = nx, ny, nvx, nvy, y[4]
            for a in range(N):
                for b in range(N):
                    s = 0.0
                    for k in range(N):
                        s += f[a, k] * mixed[k, b]
                    t[a, b] = s
            for a in range(N):
                for b in range(a, N):
                    s = 0.0
                    for k in range(N):
                        s += t[a, k] * f[b, k]
                    po[j, a, b] = s
            q = par[Q_CT]
            po[j, 4, 4] += par[Q_TURN] * ad
        else:
            xo[j, 0], xo[j, 1], xo[j, 2], xo[j, 3], xo[j, 4] = y[0] + dt * y[2], y[1] + dt * y[3], y[2], y[3], 0.0
            for a in range(2):  # straight flight: F = [I dt I; 0 I], written out
                for b in range(2):
                    po[j, a, b] = mixed[a, b] + dt * (mixed[a, b + 2] + mixed[a + 2, b]) + dt * dt * mixed[a + 2, b + 2]
                    po[j, a, b + 2] = mixed[a, b + 2] + dt * mixed[a + 2, b + 2]
                    po[j, a + 2, b + 2] = mixed[a + 2, b + 2]
            for a in range(4):
                po[j, a, 4] = 0.0
            po[j, 4, 4] = par[W_VAR]
            q = par[Q_CV] if j == CV else par[Q_MAN]
        for a in range(2):
            po[j, a, a] += q * ad * ad * ad / 3.0
            po[j, a, a + 2] += q * dt * ad / 2.0
            po[j, a + 2, a + 2] += q * ad
        for a in range(N):
            for b in range(a):
                po[j, a, b] = po[j, b, a]


@njit(cache=True)
def moments(x: np.ndarray, p: np.ndarray, mu: np.ndarray, mean: np.ndarray, cov: np.ndarray) -> None:
    """Fill mean (5,) and cov (5, 5) with the moments of the mixture."""
    for a in range(N):
        s = 0.0
        for i in range(M):
            s += mu[i] * x[i, a]
        mean[a] = s
    for a in range(N):
        for b in range(a, N):
            s = 0.0
            for i in range(M):
                s += mu[i] * (p[i, a, b] + (x[i, a] - mean[a]) * (x[i, b] - mean[b]))
            cov[a, b] = s
            cov[b, a] = s


@njit(cache=True)
def position_fit(xj: np.ndarray, pj: np.ndarray, zx: float, zy: float, rxx: float, rxy: float, ryy: float) -> tuple[float, float]:
    """Return (squared Mahalanobis distance, density in 1/m2) of a position under one model."""
    sxx, sxy, syy = pj[0, 0] + rxx, pj[0, 1] + rxy, pj[1, 1] + ryy
    det = sxx * syy - sxy * sxy
    u, v = zx - xj[0], zy - xj[1]
    d2 = (u * u * syy - 2.0 * u * v * sxy + v * v * sxx) / det
    return d2, math.exp(-0.5 * d2) / (2.0 * math.pi * math.sqrt(det))


@njit(cache=True)
def update_pair(xj: np.ndarray, pj: np.ndarray, k: int, zx: float, zy: float, rxx: float, rxy: float, ryy: float, gain: np.ndarray) -> None:
    """Update one model in place with a measurement of its states k, k + 1 (0: position, 2: velocity). gain: (>=4, 5)."""
    sxx, sxy, syy = pj[k, k] + rxx, pj[k, k + 1] + rxy, pj[k + 1, k + 1] + ryy
    det = sxx * syy - sxy * sxy
    u, v = zx - xj[k], zy - xj[k + 1]
    for a in range(N):
        gain[2, a], gain[3, a] = pj[a, k], pj[a, k + 1]
        gain[0, a] = (gain[2, a] * syy - gain[3, a] * sxy) / det
        gain[1, a] = (gain[3, a] * sxx - gain[2, a] * sxy) / det
    for a in range(N):
        xj[a] += gain[0, a] * u + gain[1, a] * v
    for a in range(N):  # P - K S K', with S K' = H P: symmetric by construction
        for b in range(a, N):
            pj[a, b] -= gain[0, a] * gain[2, b] + gain[1, a] * gain[3, b]
            pj[b, a] = pj[a, b]
    for a in range(N):  # rounding must not take a variance to zero or below
        pj[a, a] = max(pj[a, a], 1e-12)


@njit(cache=True)
def start(
    x: np.ndarray,
    p: np.ndarray,
    mu: np.ndarray,
    z: tuple[float, float],
    r: tuple[float, float, float],
    vel: tuple[float, float, float],
    w_var: float,
) -> None:
    """Start all models at a position z with covariance r = (xx, xy, yy) and velocity vel = (vx, vy, variance)."""
    for j in range(M):
        x[j] = 0.0
        p[j] = 0.0
        x[j, 0], x[j, 1], x[j, 2], x[j, 3] = z[0], z[1], vel[0], vel[1]
        p[j, 0, 0], p[j, 0, 1], p[j, 1, 0], p[j, 1, 1] = r[0], r[1], r[1], r[2]
        p[j, 2, 2] = p[j, 3, 3] = vel[2]
        p[j, 4, 4] = w_var
    mu[CV], mu[CT], mu[MANOEUVRE] = 0.8, 0.1, 0.1

"""What a hypothesis knows of one aircraft, as a flat row: numba kernels for prediction, fit, update and merging.

A row of straight flight (STRAIGHT_ROW numbers) is x, y (m), vx, vy (m/s), then the upper triangle of their covariance,
row by row; the motion is nearly constant velocity, with white noise of density drift (m2/s3) in the acceleration of each
axis (Bar-Shalom, Li & Kirubarajan 2001, 6.2.2). A row of estimate.lanes' layout (its ROW numbers) holds the models of
estimate.motion. The engine touches rows through these functions alone; which kind they are is told by their length.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.estimate import lanes, motion
from tenere.estimate.lanes import BLOCK, LANES, MODEL, MU, ROW
from tenere.estimate.motion import ENTRY, ENTRY_VAR, M

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRAIGHT_ROW = 14
XX, XY, XU, XV, YY, YU, YV, UU, UV, VV = range(4, 14)  # the covariance's places: u, v are the velocity's axes


@njit(cache=True)
def _fly(row: np.ndarray, dt_s: float, drift_m2s3: float) -> None:
    """Move a row of straight flight by dt_s in place; a step back in time adds as much noise as one forward."""
    t = dt_s
    row[0] += t * row[2]
    row[1] += t * row[3]
    row[XX] += t * (2.0 * row[XU] + t * row[UU])
    row[XY] += t * (row[XV] + row[YU] + t * row[UV])
    row[YY] += t * (2.0 * row[YV] + t * row[VV])
    row[XU] += t * row[UU]
    row[XV] += t * row[UV]
    row[YU] += t * row[UV]
    row[YV] += t * row[VV]
    q, a = drift_m2s3, abs(t)
    row[XX] += q * a * a * a / 3.0
    row[YY] += q * a * a * a / 3.0
    row[XU] += q * t * a / 2.0
    row[YV] += q * t * a / 2.0
    row[UU] += q * a
    row[VV] += q * a


@njit(cache=True)
def predict(rows: np.ndarray, dt_s: float, par: np.ndarray) -> np.ndarray:
    """Return rows (n, .) moved by dt_s. par: the drift alone, or the figures of estimate.motion."""
    out = rows.copy()
    n = len(rows)
    if rows.shape[1] == STRAIGHT_ROW:
        for a in range(n):
            _fly(out[a], dt_s, par[0])
        return out
    here, there, dt, which, nought = np.zeros(BLOCK), np.zeros(BLOCK), np.full(LANES, dt_s), np.arange(n), np.zeros(2 * LANES)
    room = lanes.Scratch(
        np.zeros(19 * LANES),
        np.zeros(56 * LANES),
        np.zeros(20 * LANES),
        np.zeros(8 * LANES),
        np.zeros(13 * LANES),
        np.zeros(15 * LANES),
    )
    for first in range(0, n, LANES):
        m = min(LANES, n - first)
        lanes.load(rows, which, first, m, here)
        lanes.predict(here, dt, m, par, there, room)
        lanes.store(out, which, first, m, there, nought)
    return out


@njit(cache=True)
def _fit(dx: float, dy: float, sxx: float, sxy: float, syy: float) -> tuple[float, float]:
    """Return (squared normalised distance, log density in 1/m2) of a difference."""
    det = sxx * syy - sxy * sxy
    if not det > 0.0:
        return np.inf, -np.inf
    d2 = (dx * dx * syy - 2.0 * dx * dy * sxy + dy * dy * sxx) / det
    return d2, -0.5 * (d2 + math.log(det)) - math.log(2.0 * math.pi)


@njit(cache=True)
def fit(row: np.ndarray, zx: float, zy: float, r: np.ndarray) -> tuple[float, float]:
    """Return (squared normalised distance, log density in 1/m2) of a position with covariance r (xx, xy, yy).

    With several models: the least distance, and the density of their mixture.
    """
    if len(row) == STRAIGHT_ROW:
        return _fit(zx - row[0], zy - row[1], row[XX] + r[0], row[XY] + r[1], row[YY] + r[2])
    least, total = np.inf, 0.0
    for j in range(M):
        o = j * MODEL
        d2, log_fit = _fit(zx - row[o], zy - row[o + 1], row[o + 5] + r[0], row[o + 6] + r[1], row[o + 10] + r[2])
        least = min(least, d2)
        total += row[MU + j] * math.exp(log_fit)
    return least, math.log(max(total, 1e-300))


@njit(cache=True)
def _update_model(row: np.ndarray, zx: float, zy: float, r: np.ndarray, k: np.ndarray) -> float:
    """Take a position into one model (MODEL,) in place; return its log density. k: (4, 5) scratch."""
    sxx, sxy, syy = row[5] + r[0], row[6] + r[1], row[10] + r[2]
    det = sxx * syy - sxy * sxy
    a, b = zx - row[0], zy - row[1]
    _, log_fit = _fit(a, b, sxx, sxy, syy)
    for i in range(5):
        k[0, i] = row[5 + i]
        k[1, i] = row[6] if i == 0 else row[9 + i]
        k[2, i] = (k[0, i] * syy - k[1, i] * sxy) / det
        k[3, i] = (k[1, i] * sxx - k[0, i] * sxy) / det
    place = 5
    for i in range(5):
        row[i] += k[2, i] * a + k[3, i] * b
        for j in range(i, 5):
            row[place] -= k[2, i] * k[0, j] + k[3, i] * k[1, j]
            if i == j:
                row[place] = max(row[place], 1e-12)
            place += 1
    return log_fit


@njit(cache=True)
def _update_straight(row: np.ndarray, zx: float, zy: float, r: np.ndarray) -> None:
    """Take a position into a row of straight flight, in place (Kalman 1960; P - K S K')."""
    sxx, sxy, syy = row[XX] + r[0], row[XY] + r[1], row[YY] + r[2]
    det = sxx * syy - sxy * sxy
    a, b = zx - row[0], zy - row[1]
    g0, g1, g2, g3 = row[XX], row[XY], row[XU], row[XV]
    h0, h1, h2, h3 = row[XY], row[YY], row[YU], row[YV]
    k0, l0 = (g0 * syy - h0 * sxy) / det, (h0 * sxx - g0 * sxy) / det
    k1, l1 = (g1 * syy - h1 * sxy) / det, (h1 * sxx - g1 * sxy) / det
    k2, l2 = (g2 * syy - h2 * sxy) / det, (h2 * sxx - g2 * sxy) / det
    k3, l3 = (g3 * syy - h3 * sxy) / det, (h3 * sxx - g3 * sxy) / det
    row[0] += k0 * a + l0 * b
    row[1] += k1 * a + l1 * b
    row[2] += k2 * a + l2 * b
    row[3] += k3 * a + l3 * b
    row[XX] = max(row[XX] - k0 * g0 - l0 * h0, 1e-12)
    row[XY] -= k0 * g1 + l0 * h1
    row[XU] -= k0 * g2 + l0 * h2
    row[XV] -= k0 * g3 + l0 * h3
    row[YY] = max(row[YY] - k1 * g1 - l1 * h1, 1e-12)
    row[YU] -= k1 * g2 + l1 * h2
    row[YV] -= k1 * g3 + l1 * h3
    row[UU] = max(row[UU] - k2 * g2 - l2 * h2, 1e-12)
    row[UV] -= k2 * g3 + l2 * h3
    row[VV] = max(row[VV] - k3 * g3 - l3 * h3, 1e-12)


@njit(cache=True)
def update(row: np.ndarray, zx: float, zy: float, r: np.ndarray) -> None:
    """Take a measured position with covariance r (xx, xy, yy) into the row, in place."""
    if len(row) == STRAIGHT_ROW:
        _update_straight(row, zx, zy, r)
        return
    k = np.empty((4, 5))
    log_mu = np.empty(M)
    for j in range(M):
        log_mu[j] = math.log(max(row[MU + j], 1e-12)) + _update_model(row[j * MODEL : (j + 1) * MODEL], zx, zy, r, k)
    log_mu -= log_mu.max()
    total = np.exp(log_mu).sum()
    for j in range(M):
        row[MU + j] = math.exp(log_mu[j]) / total


@njit(cache=True)
def _mix(rows: np.ndarray, weight: np.ndarray, first: int, states: int, out: np.ndarray) -> None:
    """Fill out's model at first with the moments of the rows' models there; weights (n,) sum to one."""
    end = first + states + states * (states + 1) // 2
    out[first:end] = 0.0
    for k in range(len(rows)):
        for a in range(first, end):
            out[a] += weight[k] * rows[k, a]
    for k in range(len(rows)):
        place = first + states
        for a in range(first, first + states):
            for b in range(a, first + states):
                out[place] += weight[k] * (rows[k, a] - out[a]) * (rows[k, b] - out[b])
                place += 1


@njit(cache=True)
def blend(rows: np.ndarray, weight: np.ndarray, out: np.ndarray) -> None:
    """Fill out with the moments, model by model, of a mixture of rows (n, .) whose weights (n,) sum to one."""
    if len(out) == STRAIGHT_ROW:
        _mix(rows, weight, 0, 4, out)
        return
    for j in range(M):
        part = weight * rows[:, MU + j]
        total = part.sum()
        _mix(rows, part / total if total > 0.0 else weight, j * MODEL, 5, out)
        out[MU + j] = total


@njit(cache=True)
def start(zx: float, zy: float, r: np.ndarray, fresh: np.ndarray, out: np.ndarray) -> None:
    """Fill out with what is known of an aircraft by one position; the rest, speed and models, is as in fresh."""
    out[:] = fresh
    if len(out) == STRAIGHT_ROW:
        out[0], out[1], out[XX], out[XY], out[YY] = zx, zy, r[0], r[1], r[2]
        return
    for j in range(M):
        o = j * MODEL
        out[o], out[o + 1], out[o + 5], out[o + 6], out[o + 10] = zx, zy, r[0], r[1], r[2]


@njit(cache=True)
def shift(row: np.ndarray, x_m: float, y_m: float) -> None:
    """Move a row's place in its plane, in place."""
    for o in range(0, len(row) if len(row) == STRAIGHT_ROW else MU, MODEL):
        row[o] += x_m
        row[o + 1] += y_m


@njit(cache=True)
def summary(row: np.ndarray, out: np.ndarray) -> None:
    """Fill out (STRAIGHT_ROW,) with the moments of position and velocity over the row's models."""
    if len(row) == STRAIGHT_ROW:
        out[:] = row
        return
    out[:] = 0.0
    for j in range(M):
        for a in range(4):
            out[a] += row[MU + j] * row[j * MODEL + a]
    for j in range(M):
        o, u = j * MODEL, row[MU + j]
        place, at = o + 5, 4
        for a in range(4):
            for b in range(a, 4):
                out[at] += u * (row[place] + (row[o + a] - out[a]) * (row[o + b] - out[b]))
                at += 1
                place += 1
            place += 1  # the fifth state's


@njit(cache=True)
def summaries(rows: np.ndarray) -> np.ndarray:
    """Return the summary of each row, (n, STRAIGHT_ROW)."""
    out = np.empty((len(rows), STRAIGHT_ROW))
    for a in range(len(rows)):
        summary(rows[a], out[a])
    return out


def figures(drift_m2s3: float, models: motion.MotionConfig | None) -> NDArray[np.float64]:
    """Return what predict reads: the figures of the models, or the drift alone."""
    return np.array([drift_m2s3]) if models is None else motion.figures(models)


def unknown(place_var_m2: float, speed_var_m2s2: float, models: motion.MotionConfig | None) -> NDArray[np.float64]:
    """Return the row of an aircraft at rest at the origin, within these variances an axis, of any model."""
    if models is None:
        out = np.zeros(STRAIGHT_ROW)
        out[[XX, YY, UU, VV]] = place_var_m2, place_var_m2, speed_var_m2s2, speed_var_m2s2
        return out
    out, par = np.zeros(ROW), motion.figures(models)
    out[MU : MU + M] = motion.shares(models)
    for j in range(M):
        o = j * MODEL
        out[o + 4] = par[ENTRY + j]
        out[[o + 5, o + 10]] = place_var_m2
        out[[o + 14, o + 17]] = speed_var_m2s2
        out[o + 19] = par[ENTRY_VAR + j]
    return out


@njit(cache=True)
def moments(row: np.ndarray, mean: np.ndarray, cov: np.ndarray) -> None:
    """Fill mean (4,) and cov (4, 4) with what a summary holds."""
    place = 4
    for a in range(4):
        mean[a] = row[a]
        for b in range(a, 4):
            cov[a, b] = cov[b, a] = row[place]
            place += 1

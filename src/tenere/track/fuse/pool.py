"""Our tracks and other systems' on one footing: all at one time, each with an uncertainty, and how far two are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.batch import TrackFlag, Tracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.track.fuse.config import FuseConfig

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

MOST_NEAR = 32
"""Nearest neighbours looked at for one track: a crowd costs time, never memory."""
UNKNOWN_SPEED_MS = 250.0
COASTING, NOT_LIVE = np.uint32(TrackFlag.COASTING), np.uint32(TrackFlag.NOT_LIVE)


class Pool(NamedTuple):
    """Rows of ours, then of other systems: (n,) each; positions in the country's plane, all at one time."""

    number: I64
    source: I64
    """0: ours; s + 1: sensor s."""
    x: F64
    y: F64
    vx: F64
    vy: F64
    xx: F64
    xy: F64
    yy: F64
    vv: F64
    """Variance of the position (m2) and of the velocity an axis (m2/s2)."""
    update_s: F64
    usable: Mask
    """It has a place, is live, and is not hopelessly vague."""
    fresh: Mask
    """Usable, and its source sees the aircraft now."""


def gather(tracks: Tracks, c: FuseConfig, std_m: F64, time_s: float) -> Pool:
    """Return tracks, ours and system.rows' after them, as they are at time_s; std_m (sensors,): error of systems that state none."""
    t = tracks
    foreign = t.source >= 0
    age = np.where(foreign, time_s - t.time_s, 0.0)
    moving = np.isfinite(t.vx_ms) & np.isfinite(t.vy_ms)
    vx, vy = np.where(moving, t.vx_ms, 0.0), np.where(moving, t.vy_ms, 0.0)
    table = np.append(std_m, c.std_m)
    own_std = table[np.where(foreign & (t.source < len(std_m)), t.source, len(std_m))]
    stated = np.isfinite(t.var_xx_m2) & np.isfinite(t.var_yy_m2) & (t.var_xx_m2 > 0) & (t.var_yy_m2 > 0)
    vv = np.where(foreign | ~(t.var_v_m2s2 > 0), c.velocity_std_ms**2, t.var_v_m2s2)
    vv = np.where(moving, vv, UNKNOWN_SPEED_MS**2)
    swing = np.where(
        foreign, (c.acceleration_ms2 * age) ** 2, 0.0
    )  # of the velocity since the report; of the position a quarter age**2 of it
    spread = np.where(foreign, vv * age**2 + 0.25 * swing * age**2, 0.0)
    least = np.where(foreign, c.least_std_m**2, 0.0)
    xx = np.maximum(np.where(stated, t.var_xx_m2, own_std**2), least) + spread
    yy = np.maximum(np.where(stated, t.var_yy_m2, own_std**2), least) + spread
    xy = np.where(stated & np.isfinite(t.var_xy_m2) & ~foreign, t.var_xy_m2, 0.0)
    with np.errstate(invalid="ignore", over="ignore"):
        x, y = t.x_m + vx * age, t.y_m + vy * age
        usable = np.isfinite(x) & np.isfinite(y) & (t.frame == 0) & (t.flags & NOT_LIVE == 0) & (foreign | stated)
        usable &= (xx + yy < 2 * c.worst_std_m**2) & (xx * yy > xy * xy) & (np.hypot(vx, vy) < 1e4)
    fresh = usable & (t.flags & COASTING == 0) & (age <= c.fresh_s) & (age >= -c.future_s)
    number, source = t.number.astype(np.int64), t.source.astype(np.int64) + 1
    return Pool(number, source, x, y, vx, vy, xx, xy, yy, vv + swing, t.update_s, usable, fresh)


def apart(p: Pool, u: I64, v: I64, allowance_m: float) -> F64:
    """Return the squared normalised distance (k,) of rows u and v (k,), of position and velocity.

    As if their errors were independent (Bar-Shalom and Li, Multitarget-Multisensor Tracking, 1995, section 8.4): where both contain the
    same plots the errors go the same way, and the distance is less than this expects.
    """
    a = allowance_m**2
    xx, xy, yy = p.xx[u] + p.xx[v] + a, p.xy[u] + p.xy[v], p.yy[u] + p.yy[v] + a
    dx, dy = p.x[v] - p.x[u], p.y[v] - p.y[u]
    along = (yy * dx * dx - 2.0 * xy * dx * dy + xx * dy * dy) / (xx * yy - xy * xy)
    swing: F64 = ((p.vx[v] - p.vx[u]) ** 2 + (p.vy[v] - p.vy[u]) ** 2) / (p.vv[u] + p.vv[v])
    return along + swing


@njit(cache=True)
def neighbours(x: np.ndarray, y: np.ndarray, var: np.ndarray, source: np.ndarray, reach: float, gate: float, extra: float) -> np.ndarray:
    """Return the pairs (k, 2) of rows, smaller first, ascending, of different sources that may be within the gate.

    x, y, var (n,): place and larger variance; reach: no farther (m); extra: variance added to each pair's. Of each row at most its
    MOST_NEAR nearest are kept.
    """
    n = len(x)
    wide = np.int64(1) << 31
    cx, cy = np.floor(x / reach).astype(np.int64), np.floor(y / reach).astype(np.int64)
    key = (cx + (wide >> 1)) * wide + cy + (wide >> 1)
    order = np.argsort(key, kind="mergesort")
    ranked = key[order]
    found = np.empty((n, MOST_NEAR), np.int64)
    far = np.empty(MOST_NEAR)
    count = np.zeros(n, np.int64)
    for u in range(n):
        m = 0
        for d in range(-1, 2):
            a = np.searchsorted(ranked, key[u] + d * wide - 1, side="left")
            b = np.searchsorted(ranked, key[u] + d * wide + 1, side="right")
            for q in range(a, b):
                v = order[q]
                if source[v] == source[u]:
                    continue
                dx, dy = x[v] - x[u], y[v] - y[u]
                r2 = dx * dx + dy * dy
                if r2 > reach * reach or r2 > gate * (var[u] + var[v] + extra):
                    continue
                if m == MOST_NEAR and r2 >= far[m - 1]:
                    continue
                k = m if m < MOST_NEAR else m - 1
                while k > 0 and far[k - 1] > r2:
                    far[k], found[u, k] = far[k - 1], found[u, k - 1]
                    k -= 1
                far[k], found[u, k] = r2, v
                m = min(m + 1, MOST_NEAR)
        count[u] = m
    pairs = np.empty(count.sum(), np.int64)
    k = 0
    for u in range(n):
        for q in range(count[u]):
            v = found[u, q]
            pairs[k] = min(u, v) * n + max(u, v)
            k += 1
    once = np.unique(pairs)
    out = np.empty((len(once), 2), np.int64)
    for k in range(len(once)):
        out[k, 0], out[k, 1] = once[k] // n, once[k] % n
    return out


def larger(p: Pool) -> F64:
    """Return the larger eigenvalue (n,) of the position's covariance."""
    return np.asarray(0.5 * (p.xx + p.yy) + np.sqrt(0.25 * (p.xx - p.yy) ** 2 + p.xy**2))

"""The picture of joined tracks: one row an aircraft, its state the covariance intersection of those that see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.batch import TrackFlag, Tracks, blank_value
from tenere.geo import fast
from tenere.track.fuse.pool import COASTING, Pool, apart, gather

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.geo.plane import Plane
    from tenere.track.fuse.config import FuseConfig

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

FUSED = np.uint32(TrackFlag.FUSED)
SAYS = ("address", "mode_a", "callsign", "aircraft_class", "claim")
ADOPTED = (*SAYS, "pressure_altitude_m", "vertical_rate_ms", "trend", "height_m", "height_from")
"""Columns in which what we do not know is taken from a partner."""
LEVEL = 1e-9


def intersect(a: F64, b: F64) -> F64:
    """Return the share omega (k,) of a in the covariance intersection of a and b (3, k): xx, xy, yy.

    The one that makes the determinant of inv(omega inv(A) + (1 - omega) inv(B)) least (Julier and Uhlmann, A Non-divergent Estimation
    Algorithm in the Presence of Unknown Correlations, ACC 1997). The determinant of the information is a quadratic in omega for
    two-dimensional covariances, so the least is exact. Both equal: a half.
    """
    one, two = 1.0 / (a[0] * a[2] - a[1] ** 2), 1.0 / (b[0] * b[2] - b[1] ** 2)
    ia = np.stack([a[2], -a[1], a[0]]) * one
    ib = np.stack([b[2], -b[1], b[0]]) * two
    d = ia - ib
    linear = ib[0] * d[2] + ib[2] * d[0] - 2.0 * ib[1] * d[1]
    square = d[0] * d[2] - d[1] ** 2
    small = LEVEL * np.maximum(one, two)
    bent = square < -small
    peak = np.clip(-linear / np.where(bent, 2.0 * square, 1.0), 0.0, 1.0)
    end = np.where(np.abs(linear + square) <= small, 0.5, linear + square > 0)
    return np.asarray(np.where(bent, peak, end))


def _mixed(state: F64, other: F64) -> F64:
    """Return the covariance intersection of two states (8, k): x, y, vx, vy, xx, xy, yy, and the velocity's variance an axis.

    Position and velocity apart, for what goes between them is not published: each marginal of a consistent estimate is consistent. Of
    velocities whose covariances are round the intersection is the better one.
    """
    a, b = state[4:7], other[4:7]
    w = intersect(a, b)
    wa, wb = w / (a[0] * a[2] - a[1] ** 2), (1.0 - w) / (b[0] * b[2] - b[1] ** 2)
    ixx, ixy, iyy = wa * a[2] + wb * b[2], -wa * a[1] - wb * b[1], wa * a[0] + wb * b[0]
    det = ixx * iyy - ixy**2
    out = np.empty_like(state)
    out[4:7] = np.stack([iyy, -ixy, ixx]) / det
    dx, dy = other[0] - state[0], other[1] - state[1]
    px, py = wb * (b[2] * dx - b[1] * dy), wb * (b[0] * dy - b[1] * dx)  # (1 - omega) inv(B) (b - a)
    out[0], out[1] = state[0] + out[4] * px + out[5] * py, state[1] + out[5] * px + out[6] * py
    better = other[7] < state[7]
    out[2:4] = np.where(better, other[2:4], state[2:4])
    out[7] = np.minimum(state[7], other[7])
    return out


def _states(p: Pool, rows: I64) -> F64:
    return np.stack([p.x[rows], p.y[rows], p.vx[rows], p.vy[rows], p.xx[rows], p.xy[rows], p.yy[rows], p.vv[rows]])


def rows(own: Tracks, other: Tracks, c: FuseConfig, std_m: F64, plane: Plane | None, time_s: float) -> Tracks:
    """Return the picture at time_s: rows of own and other (system.rows) that bear one number as one row, the rest as they are.

    std_m (sensors,): one-sigma error of systems that state none. A joined row is ours where there is one (source -1), else the first
    system's. Its state is the intersection of those that see the aircraft now and agree; where only one of them does, that one's.
    FUSED says that some other system tells of it now; `sensors` says which.
    """
    every = Tracks.concat([own, other])
    if plane is None or not c.join or not len(other):
        return every
    source = every.source.astype(np.int64)
    order = np.lexsort((np.arange(len(every)), source, every.number))
    number = every.number[order]
    first = np.flatnonzero(np.r_[True, number[1:] != number[:-1]])
    count = np.diff(np.r_[first, len(order)])
    if count.max() == 1:
        return every
    base = order[first]
    keep = np.sort(base)
    out = every.take(keep)
    several = count > 1
    first, count, base = first[several], count[several], base[several]
    p = gather(every, c, std_m, time_s)
    members = [np.where(k < count, order[np.minimum(first + k, len(order) - 1)], -1) for k in range(int(count.max()))]
    holder = base.copy()  # whose state it is before others are mixed in: the first that sees the aircraft
    for m in reversed(members):
        holder = np.where((m >= 0) & p.fresh[m], m, holder)
    state = _states(p, holder)
    sensors, update_s, first_s = every.sensors[base].copy(), every.update_s[holder].copy(), every.first_s[base].copy()
    fused = holder != base
    for m in members:
        first_s = np.where(m >= 0, np.fmin(first_s, every.first_s[m]), first_s)
        k = np.flatnonzero((m >= 0) & p.fresh[m] & p.fresh[holder])
        k = k[(m[k] == holder[k]) | (apart(p, holder[k], m[k], c.allowance_m) <= c.gate)]
        sensors[k] |= every.sensors[m[k]]
        k = k[m[k] != holder[k]]
        state[:, k] = _mixed(state[:, k], _states(p, m[k]))
        update_s[k] = np.fmax(update_s[k], every.update_s[m[k]])
        fused[k] = True
    at = np.searchsorted(keep, base)
    _write(out, at[fused], state[:, fused], plane, time_s)
    for name, values in (("sensors", sensors), ("update_s", update_s), ("first_s", first_s)):
        getattr(out, name)[at] = values
    out.flags[at[fused]] = (out.flags[at[fused]] & ~COASTING) | FUSED
    for name in ("turn_rads", "turn_probability", "existence"):
        getattr(out, name)[at] = getattr(every, name)[holder]
    for name in ADOPTED:
        _adopt(getattr(out, name), getattr(every, name), at, members, p)
    return out


def _write(out: Tracks, at: I64, state: F64, plane: Plane, time_s: float) -> None:
    """Put states (8, k) into rows at (k,), with what follows from them."""
    x, y, vx, vy, xx, xy, yy, vv = np.ascontiguousarray(state)
    columns = {"x_m": x, "y_m": y, "vx_ms": vx, "vy_ms": vy, "var_xx_m2": xx, "var_xy_m2": xy, "var_yy_m2": yy, "var_v_m2s2": vv}
    for name, values in columns.items():
        getattr(out, name)[at] = values
    lat, lon, course, speed = (np.empty(len(at)) for _ in range(4))
    fast.motion_each(plane, x, y, vx, vy, lat, lon, course, speed)
    out.lat_rad[at], out.lon_rad[at], out.course_rad[at], out.speed_ms[at] = lat, lon, course, speed
    out.time_s[at] = time_s


def _adopt(column: NDArray[Any], held: NDArray[Any], at: I64, members: list[I64], p: Pool) -> None:
    """Fill what rows at (k,) do not know from the first member that knows it and is fresh."""
    nothing = blank_value(held.dtype)
    for m in members:
        mine = column[at]
        blank = np.isnan(mine) if held.dtype.kind == "f" else mine == nothing
        theirs = blank & (m >= 0) & p.fresh[m]
        column[at[theirs]] = held[m[theirs]]

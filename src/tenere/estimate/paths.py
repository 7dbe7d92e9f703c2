"""What one party says of the air as rows, and where each of its aircraft was at any time.

Between two rows of an aircraft its place follows the cubic that meets both places and velocities (Hermite), so that a turn is not
cut short: at 3 degrees a second, 250 m/s and 4 s between rows a chord is 26 m off and the cubic 0.02 m; 0.7 m where velocities are
not given and come from the rows on either side. Velocity goes straight from one to the other, its speed too: the cubic's own would
be as restless as the errors of place. Rows farther apart than a gap are not joined: in between nothing is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

SAME_S = 1e-6
"""Times nearer than this are one."""


class Reports(NamedTuple):
    """Rows of one party, in one plane, by (who, time). NaN: not known."""

    who: I64
    """(n,) aircraft or track, 0 to parties - 1"""
    time_s: F64
    x_m: F64
    y_m: F64
    vx_ms: F64
    vy_ms: F64
    z_m: F64
    """height of one kind"""
    cov_m2: F64
    """(n, 3) xx, xy, yy of the place"""
    address: I64
    """24-bit address, -1 none"""
    parties: int

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Reports:
        """Return some of the rows."""
        return self._replace(**{name: getattr(self, name)[rows] for name in self._fields[:-1]})


def ordered(reports: Reports) -> tuple[Reports, I64]:
    """Return the rows by (who, time), and the rows left out because their aircraft has another at the same time.

    Of rows at the same time the one with the least x, then y, stays: the order of the rows in the file is of no account.
    """
    order = np.lexsort((reports.y_m, reports.x_m, reports.time_s, reports.who))
    who, time_s = reports.who[order], reports.time_s[order]
    again = np.zeros(len(order), np.bool_)
    again[1:] = (who[1:] == who[:-1]) & (np.diff(time_s) <= SAME_S)
    return reports.take(order[~again]), np.sort(order[again])


def intervals(reports: Reports) -> F64:
    """Return the seconds between consecutive rows of the same aircraft; the rows are ordered."""
    same = reports.who[1:] == reports.who[:-1]
    out: F64 = np.diff(reports.time_s)[same]
    return out


class Paths(NamedTuple):
    """Each aircraft's rows: those of aircraft a are start[a] to start[a + 1]."""

    start: I64
    time_s: F64
    node: F64
    """(n, 5) x, y, vx, vy, z"""
    address: I64
    """(aircraft,) the first that it has, -1 none"""
    gap_s: float


def paths(reports: Reports, gap_s: float) -> Paths:
    """Return the paths of ordered reports; gap_s: rows farther apart are not joined."""
    start = np.searchsorted(reports.who, np.arange(reports.parties + 1)).astype(np.int64)
    t, x, y = reports.time_s, reports.x_m, reports.y_m
    joined = (reports.who[1:] == reports.who[:-1]) & (np.diff(t) <= gap_s)
    before = np.arange(len(t)) - np.concatenate([[False], joined])
    after = np.arange(len(t)) + np.concatenate([joined, [False]]) if len(t) else before
    with np.errstate(invalid="ignore", divide="ignore"):
        span = t[after] - t[before]
        u, v = (x[after] - x[before]) / span, (y[after] - y[before]) / span
    given = np.isfinite(reports.vx_ms) & np.isfinite(reports.vy_ms)
    node = np.column_stack([x, y, np.where(given, reports.vx_ms, u), np.where(given, reports.vy_ms, v), reports.z_m])
    known = np.flatnonzero(reports.address >= 0)[::-1]
    address = np.full(reports.parties, -1, np.int64)
    address[reports.who[known]] = reports.address[known]
    return Paths(start, np.ascontiguousarray(t), np.ascontiguousarray(node), address, gap_s)


@njit(cache=True)
def _states(start: np.ndarray, time: np.ndarray, node: np.ndarray, gap: float, who: np.ndarray, at: np.ndarray, out: np.ndarray) -> None:
    """Fill out (q, 6) with x, y, vx, vy, z of aircraft who (q,) at times (q,), and 1 where it is known to be there."""
    for q in range(len(who)):
        lo, hi = start[who[q]], start[who[q] + 1]
        t = at[q]
        out[q, :] = np.nan
        out[q, 5] = 0.0
        if lo == hi:
            continue
        k = lo + np.searchsorted(time[lo:hi], t + SAME_S, side="right") - 1  # the last row not after t
        if k >= lo and t - time[k] <= SAME_S:
            out[q, :5] = node[k]
            out[q, 5] = 1.0
        elif k < lo or k + 1 >= hi or time[k + 1] - time[k] > gap:
            n = k + 1 if k < lo or (k + 1 < hi and time[k + 1] - t < t - time[k]) else k
            for c in range(2):
                slope = node[n, 2 + c]
                out[q, c] = node[n, c] + (t - time[n]) * (slope if slope == slope else 0.0)
            out[q, 2:5] = node[n, 2:5]
        else:
            h = time[k + 1] - time[k]
            s = (t - time[k]) / h
            a, b = (1.0 + 2.0 * s) * (1.0 - s) ** 2, s * s * (3.0 - 2.0 * s)
            c0, c1 = h * s * (1.0 - s) ** 2, -h * s * s * (1.0 - s)
            for c in range(2):
                out[q, c] = a * node[k, c] + b * node[k + 1, c] + c0 * node[k, 2 + c] + c1 * node[k + 1, 2 + c]
            for c in range(2, 5):
                out[q, c] = (1.0 - s) * node[k, c] + s * node[k + 1, c]
            swift = (1.0 - s) * np.hypot(node[k, 2], node[k, 3]) + s * np.hypot(node[k + 1, 2], node[k + 1, 3])
            now = np.hypot(out[q, 2], out[q, 3])
            if now > 0.5 * swift:
                out[q, 2] *= swift / now
                out[q, 3] *= swift / now
            out[q, 5] = 1.0


def states(where: Paths, who: I64, time_s: F64) -> tuple[F64, NDArray[np.bool_]]:
    """Return x, y, vx, vy, z (q, 5) of aircraft who (q,) at times (q,), and whether they are known to be there.

    Where they are not, the place is carried on straight from the nearest row.
    """
    out = np.empty((len(who), 6))
    _states(where.start, where.time_s, where.node, where.gap_s, who, time_s, out)
    return out[:, :5], out[:, 5] > 0.0

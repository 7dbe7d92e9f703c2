"""What is known of all sensors' biases together: an information filter, solved now and then.

Everything is in prior sigmas, so that the prior is the unit matrix I. With the information Y of the windows and y,

    b = (I + Y)^-1 y,      covariance (I + Y)^-1.

Y and y fade with the memory (an exponential window: a random walk whose noise grows with what is not known), and the
prior does not: what is no longer observed drifts back to it. The newest windows are kept one by one and weighed anew in every solution
(P. J. Huber, Robust Statistics, 1981, chapter 7: iteratively reweighted least squares; past twice the gate the weight is 0), older
ones are folded into Y with the weight they had.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.track.register import linear, window
from tenere.track.register.slots import SEATS, scatter
from tenere.track.register.window import NBIAS, Windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

ROOM = 512
TALLY = 1 << 14
COLD_WINDOWS, COLD_TURNS, WARM_TURNS = 30.0, 8, 1
STEADY = 1e-3
MEDIAN = 0.7
"""Median of a chi-squared variable over its degrees: 0.69 of two, 0.84 of four."""
ROUGHEST = 4.0
"""What the configured noise may be too small by, squared, before plots count as wrong rather than as noisy."""
ROUGHENING = 0.05
"""Share of the newest windows in how rough plots are, once the sensors are known: a jump is not noise."""
DROPPED = 0.5
"""A window with less weight than this does not fit."""


@njit(cache=True)
def cap(w: Windows, first: int, last: int, tally: np.ndarray, seen: np.ndarray, limit: float, memory_s: float, targets: np.ndarray) -> None:
    """Bound what each aircraft counts for: fill the share of windows first to below last, and count the aircraft of each sensor.

    tally (TALLY, 3): key, windows, when; seen (TALLY, 2): key and sensor, when; targets (rows,): aircraft that told of each sensor, fading.
    After n windows an aircraft counts for n / (1 + n / limit) of them.
    """
    mask = len(tally) - 1
    for i in range(first, last):
        key, t = w.key[i], w.time_s[i]
        at = scatter(key, 0) & mask
        if tally[at, 0] != key:
            tally[at, 0], tally[at, 1], tally[at, 2] = key, 0.0, t
        before = tally[at, 1] * math.exp(min(tally[at, 2] - t, 0.0) / memory_s)
        tally[at, 1], tally[at, 2] = before + 1.0, t
        w.share[i] = 1.0 / ((1.0 + before / limit) * (1.0 + (before + 1.0) / limit))
        for a in range(w.n[i]):
            both = key * 1024 + w.sensor[i, a]
            at = scatter(both, 2) & mask
            if seen[at, 0] != both or seen[at, 1] < t - memory_s:
                targets[w.sensor[i, a]] += 1.0
                seen[at, 0] = both
            seen[at, 1] = t


@njit(cache=True)
def thin(w: Windows, first: int, last: int, gate: float, rough: float) -> None:
    """Fill the weights of windows first to below last by their misfits d2: 1, less past the gate, 0 past four times it."""
    for i in range(first, last):
        degrees = 2.0 * w.n[i] - 2.0
        limit = (degrees + gate * math.sqrt(2.0 * degrees)) * rough
        d2 = w.d2[i]
        w.weight[i] = 1.0 if d2 <= limit else (limit / d2 if d2 <= 4.0 * limit else 0.0)  # false of NaN: 0


@njit(cache=True)
def shift(w: Windows, gone: int, last: int) -> None:
    """Move the windows gone to below last to the front."""
    for i in range(gone, last):
        k = i - gone
        w.key[k], w.time_s[k], w.n[k], w.v_var[k] = w.key[i], w.time_s[i], w.n[i], w.v_var[i]
        w.share[k], w.weight[k], w.d2[k] = w.share[i], w.weight[i], w.d2[i]
        w.sensor[k], w.z[k], w.r[k], w.dt[k], w.j[k] = w.sensor[i], w.z[i], w.r[i], w.dt[i], w.j[i]


def _table(columns: int) -> F64:
    out = np.zeros((TALLY, columns))
    out[:, 0] = -1.0
    return out


@dataclass
class Information:
    """The joint information of R sensors with P biases."""

    column: I64 = field(default_factory=lambda: np.zeros((0, NBIAS), np.int64))
    """(R, NBIAS) of each bias in the matrices, -1 where a sensor has no such bias."""
    matrix: F64 = field(default_factory=lambda: np.zeros((0, 0)))
    vector: F64 = field(default_factory=lambda: np.zeros(0))
    mean: F64 = field(default_factory=lambda: np.zeros(0))
    std: F64 = field(default_factory=lambda: np.zeros(0))
    """(P,) in prior sigmas."""
    told: F64 = field(default_factory=lambda: np.zeros(0))
    """(R,) weight of the windows that have told of each sensor since it was opened."""
    targets: F64 = field(default_factory=lambda: np.zeros(0))
    """(R,) aircraft that have."""
    held: Windows = field(default_factory=lambda: window.windows(ROOM))
    count: int = 0
    """Windows held one by one."""
    fresh: int = 0
    """Of them, those weighed in no solution yet."""
    rough: float = 1.0
    total: F64 = field(default_factory=lambda: np.zeros((0, 0)))
    right: F64 = field(default_factory=lambda: np.zeros(0))
    tally: F64 = field(default_factory=lambda: _table(3))
    seen: F64 = field(default_factory=lambda: _table(2))

    @property
    def rows(self) -> int:
        """Sensors."""
        return len(self.column)

    def add(self, has: NDArray[np.bool_]) -> int:
        """Add a sensor that has these biases (NBIAS,); return its row."""
        p = len(self.vector)
        column = np.full(NBIAS, -1)
        column[has] = p + np.arange(int(has.sum()))
        self.column = np.concatenate([self.column, column[None]])
        n = p + int(has.sum())
        bigger = np.zeros((n, n))
        bigger[:p, :p] = self.matrix
        self.matrix = bigger
        self.vector, self.mean = (np.concatenate([v, np.zeros(n - p)]) for v in (self.vector, self.mean))
        self.std = np.concatenate([self.std, np.ones(n - p)])
        self.told, self.targets = (np.concatenate([v, np.zeros(1)]) for v in (self.told, self.targets))
        return len(self.column) - 1

    def spread(self, values: F64, empty: float) -> F64:
        """Return values (P,) by sensor and bias (R, NBIAS), empty where there is none."""
        return np.where(self.column >= 0, values[np.maximum(self.column, 0)] if len(values) else empty, empty)

    def taken(self, made: int, limit: float, memory_s: float) -> None:
        """Note so many windows just made, the last of those held."""
        cap(self.held, self.count - made, self.count, self.tally, self.seen, limit, memory_s, self.targets)

    def fade(self, share: float) -> None:
        """Let everything count for less by a share."""
        self.matrix *= share
        self.vector *= share
        self.told *= share
        self.targets *= share

    def room(self, wanted: int) -> None:
        """Fold the oldest windows, so that so many more find room; what was never weighed is weighed first."""
        gone = min(max(0, self.count + wanted - ROOM), self.count)
        if gone > self.count - self.fresh:
            self.solve()
        self._fold(gone)

    def settle(self, before_s: float) -> None:
        """Fold the windows made before a time, where the sensors are known well enough that these will not be weighed otherwise again."""
        if not (self.told[self.told > 0.0] < COLD_WINDOWS).any():
            self._fold(int((self.held.time_s[: self.count] < before_s).sum()))

    def _fold(self, gone: int) -> None:
        """Fold so many windows, the oldest."""
        if not gone:
            return
        window.gather(self.held, 0, gone, self.column, self.matrix, self.vector)
        shift(self.held, gone, self.count)
        self.count -= gone

    def _weigh(self, first: int, last: int) -> None:
        """Weigh windows by the biases as known."""
        if last > first:
            window.misfits(self.held, first, last, self.spread(self.mean, 0.0))
            thin(self.held, first, last, 3.0, self.rough)

    def solve(self) -> None:
        """Solve for the biases from what is folded and what is held, wrong windows left out."""
        w, n = self.held, self.count
        involved = np.unique(w.sensor[n - self.fresh : n][np.arange(SEATS) < w.n[n - self.fresh : n, None]])
        cold = bool((self.told[involved] < COLD_WINDOWS).any())
        if cold:
            w.weight[:n] = 1.0
        else:
            self._weigh(n - self.fresh, n)
        for turn in range(COLD_TURNS if cold else WARM_TURNS):
            before = self.mean
            self._turn(1.0 if cold else ROUGHENING)
            if turn > 1 and np.abs(self.mean - before).max(initial=0.0) < STEADY:
                break
        new = np.arange(n - self.fresh, n)
        for a in range(SEATS):
            here = new[a < w.n[new]]
            np.add.at(self.told, w.sensor[here, a], w.weight[here] * w.share[here])
        self.fresh = 0

    def _turn(self, learning: float) -> None:
        """Solve once with the weights as they are, and weigh all held windows by the answer.

        learning: share of this answer in how rough plots are.
        """
        w, n = self.held, self.count
        self.total, self.right = self.matrix.copy(), self.vector.copy()
        window.gather(w, 0, n, self.column, self.total, self.right)
        live = np.flatnonzero(np.diagonal(self.total) > 0.0)
        self.mean = np.zeros(len(self.right))
        if len(live):
            self.mean[live] = linear.solved(self._factor(live), self.right[live])
        window.misfits(w, 0, n, self.spread(self.mean, 0.0))
        counted = w.share[:n] > 0.0
        if counted.any():
            ratio = w.d2[:n][counted] / (2.0 * w.n[:n][counted] - 2.0)
            now = float(np.clip(np.median(ratio) / MEDIAN, 1.0, ROUGHEST)) if len(ratio) >= SEATS else 1.0
            self.rough += learning * (now - self.rough)
        thin(w, 0, n, 3.0, self.rough)

    def spread_out(self) -> None:
        """Work out the standard deviations."""
        live = np.flatnonzero(np.diagonal(self.total) > 0.0) if len(self.total) == len(self.std) else np.zeros(0, np.int64)
        self.std = np.ones(len(self.vector))
        if len(live):
            self.std[live] = np.sqrt(np.minimum(linear.inverse_diagonal(self._factor(live)) * self.rough, 1.0))

    def given(self, free: NDArray[np.bool_]) -> F64:
        """Return the biases (P,) where only those that are free (P,) may differ from zero."""
        out = np.zeros(len(self.vector))
        live = np.flatnonzero(free)
        if len(live) and len(self.total) == len(out):
            out[live] = linear.solved(self._factor(live), self.right[live])
        return out

    def _factor(self, live: I64) -> F64:
        """Return the factor of the prior's and the windows' information of some biases (n,)."""
        whole = self.total[np.ix_(live, live)]
        whole[np.diag_indices(len(live))] += 1.0
        linear.factor(whole)
        return whole

    def reopen(self, row: int, since_s: float) -> None:
        """Forget what was known of a sensor before a time; the others keep what they know without it."""
        w = self.held
        mine = (w.sensor[: self.count] == row) & (np.arange(SEATS) < w.n[: self.count, None])
        stale = mine.any(axis=1) & (w.time_s[: self.count] < since_s)
        w.share[: self.count][stale] = 0.0
        own = self.column[row][self.column[row] >= 0]
        rest = np.setdiff1d(np.arange(len(self.vector)), own)
        if len(own) and len(rest):
            cross = self.matrix[np.ix_(rest, own)]
            gain = np.linalg.solve(np.eye(len(own)) + self.matrix[np.ix_(own, own)], cross.T).T
            self.matrix[np.ix_(rest, rest)] -= gain @ cross.T
            self.vector[rest] -= gain @ self.vector[own]
        self.matrix[own, :] = 0.0
        self.matrix[:, own] = 0.0
        self.vector[own] = 0.0
        self.told[row] = self.targets[row] = 0.0
        self.seen[(self.seen[:, 0].astype(np.int64) & 1023) == row] = -1.0  # its aircraft count anew
        self.tally[:, 1] = 0.0

"""Where aircraft really were, second by second, told afterwards: who came too close to whom, and what would have happened.

Truth is the same flights' paths smoothed with what came later (or an exercise's own), on the grid of ticks. Minima are the separation
standards themselves, with no share taken off. A path is known by address where there is one, so that a track that broke goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from tenere.watch.kernels.encounter import minima

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

Pair = tuple[int, int]
ADDRESS = 1 << 40
"""Added to an address, so that no track number is one."""
BROKEN_S = 5.0
"""Losses of separation no farther apart are one."""


class Moment(NamedTuple):
    """All aircraft in the air at one time, (n,) each.

    Who, plane, place, altitude, velocity, vertical rate, latitude and longitude (rad), by eye, and whether it is about to land or just
    off, which no separation standard covers.
    """

    time_s: float
    who: I64
    frame: I64
    x: F64
    y: F64
    z: F64
    vx: F64
    vy: F64
    rate: F64
    lat_rad: F64
    lon_rad: F64
    visual: NDArray[np.bool_]
    landing: NDArray[np.bool_]

    @classmethod
    def none(cls, time_s: float) -> Moment:
        """Return a moment with nobody in the air."""
        i, f = np.zeros(0, np.int64), np.zeros(0)
        return cls(time_s, i, i, f, f, f, f, f, f, f, f, np.zeros(0, np.bool_), np.zeros(0, np.bool_))

    def find(self, who: int) -> int:
        """Return the row of an aircraft; -1 it is not there."""
        at = np.flatnonzero(self.who == who)
        return int(at[0]) if at.size else -1


@dataclass
class Loss:
    """Two aircraft that were closer than the minima.

    least: the smallest of the greater of both ratios, 1 at the minima; alike_s: for how long of it they moved alike.
    """

    pair: Pair
    first_s: float
    last_s: float
    least: float = 1.0
    alike_s: float = 0.0

    @property
    def formation(self) -> bool:
        """Whether they flew together for most of it."""
        return self.alike_s > 0.5 * max(self.last_s - self.first_s, 1.0)


@dataclass
class Truth:
    """The moments in order of time, the losses of the separation standard, and those of the alert's own, smaller minima.

    layers, minima: of the two, as the kernels take them.
    """

    layers: F64
    minima: F64
    moments: dict[int, Moment] = field(default_factory=dict)
    losses: dict[Pair, list[Loss]] = field(default_factory=dict)
    serious: dict[Pair, list[Loss]] = field(default_factory=dict)

    def add(self, tick: int, moment: Moment) -> None:
        """Take the next moment (ticks rise) and note who is too close in it."""
        self.moments[tick] = moment
        m = moment
        if m.landing.any():
            kept_rows: Any = [column[~m.landing] for column in m[1:]]
            m = Moment(m.time_s, *kept_rows)
        for layers, kept in ((self.layers, self.losses), (self.minima, self.serious)):
            for i, j, ratio, alike in close(m.x, m.y, m.z, m.vx, m.vy, m.frame, m.visual, layers).tolist():
                a, b = int(m.who[int(i)]), int(m.who[int(j)])
                if a == b:
                    continue
                pair = (a, b) if a < b else (b, a)
                known = kept.setdefault(pair, [])
                if not known or m.time_s - known[-1].last_s > BROKEN_S:
                    known.append(Loss(pair, m.time_s, m.time_s))
                loss = known[-1]
                loss.alike_s += (m.time_s - loss.last_s) * alike
                loss.last_s, loss.least = m.time_s, min(loss.least, ratio)


def in_time(losses: dict[Pair, list[Loss]], pair: Pair, from_s: float, until_s: float) -> Loss | None:
    """Return the first loss of a pair that falls into a time."""
    return next((x for x in losses.get(pair, ()) if x.first_s <= until_s and x.last_s >= from_s), None)


@njit(cache=True)
def close(x: F64, y: F64, z: F64, vx: F64, vy: F64, frame: I64, visual: NDArray[np.bool_], layers: F64) -> F64:
    """Return the pairs within the minima, (k, 4): rows, the greater of both ratios, 1 where they move alike and near (8 m/s, 1 km)."""
    n = x.shape[0]
    out = np.empty((n * 4 + 16, 4))
    found = 0
    for i in range(n):
        for j in range(i + 1, n):
            if frame[i] != frame[j] or not abs(z[i] - z[j]) < 2000.0 or not abs(x[i] - x[j]) < 20000.0:
                continue
            near, above = minima(z[i], z[j], visual[i] or visual[j], layers)
            d = np.hypot(x[i] - x[j], y[i] - y[j])
            ratio = max(d / near, abs(z[i] - z[j]) / above)
            if ratio < 1.0 and found < out.shape[0]:
                alike = d < 1000.0 and np.hypot(vx[i] - vx[j], vy[i] - vy[j]) < 8.0
                out[found, 0], out[found, 1], out[found, 2], out[found, 3] = i, j, ratio, 1.0 if alike else 0.0
                found += 1
    return out[:found]


def would_meet(moment: Moment, pair: Pair, layers: F64, ahead_s: float) -> float:
    """Return after how many seconds two aircraft would be within the minima had both gone on as they were; NaN never, or one not there."""
    i, j = moment.find(pair[0]), moment.find(pair[1])
    if i < 0 or j < 0 or moment.frame[i] != moment.frame[j]:
        return float("nan")
    t = np.arange(0.0, ahead_s + 1.0)
    dx = moment.x[i] - moment.x[j] + t * (moment.vx[i] - moment.vx[j])
    dy = moment.y[i] - moment.y[j] + t * (moment.vy[i] - moment.vy[j])
    zi, zj = moment.z[i] + t * moment.rate[i], moment.z[j] + t * moment.rate[j]
    near, above = minima(float(moment.z[i]), float(moment.z[j]), bool(moment.visual[i] or moment.visual[j]), layers)
    inside = (np.hypot(dx, dy) < near) & (np.abs(zi - zj) < above)
    return float(t[np.argmax(inside)]) if inside.any() else float("nan")

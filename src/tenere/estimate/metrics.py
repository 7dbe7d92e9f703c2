"""Measures of a picture against the truth, as sums that a step at a time is added to.

GOSPA: Rahmathullah, Garcia-Fernandez & Svensson, Generalized optimal sub-pattern assignment metric, Fusion 2017, with alpha = 2:
GOSPA^p = sum of d^p over the pairs + c^p / 2 a missed aircraft + c^p / 2 a false track. SIAP: Votruba et al., Single Integrated Air
Picture (SIAP) Metrics Implementation, 2001. Identity of tracks over time: CLEAR MOT, Bernardin & Stiefelhagen 2008.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

ELLIPSE_95 = 5.991
"""Chi-square of two degrees of freedom: the squared normalised distance that 95 % stay below."""
KEPT_KEYS = 1 << 18


@dataclass
class Gospa:
    """Sums of one cut-off: GOSPA^p of each step, and its parts from the first step that counts on."""

    cut_m: float
    order: float = 2.0
    powers: list[float] = field(default_factory=list)
    placed: float = 0.0
    steps: int = 0
    pairs: int = 0
    missed: int = 0
    false: int = 0

    def add(self, apart_m: F64, truths: int, tracks: int, *, counts: bool = True) -> None:
        """Add a step: the distances of the pairs, and how many aircraft and tracks there were."""
        missed, false = truths - len(apart_m), tracks - len(apart_m)
        placed = float((apart_m**self.order).sum())
        self.powers.append(placed + self.cut_m**self.order / 2 * (missed + false))
        if counts:
            self.placed += placed
            self.steps += 1
            self.pairs += len(apart_m)
            self.missed += missed
            self.false += false

    def mean(self, skip: int = 0) -> float:
        """Return the power mean over the steps from skip on, in metres; NaN where there are none."""
        return self._root(sum(self.powers[skip:]), len(self.powers) - skip)

    def _root(self, power: float, n: int) -> float:
        return float((power / n) ** (1 / self.order)) if n > 0 else math.nan

    def result(self) -> dict[str, float]:
        """Return the power mean a step and its three parts, whose powers add up to its own; and their counts a step."""
        worth = self.cut_m**self.order / 2
        steps = max(1, self.steps)
        return {
            "cutoff_m": self.cut_m,
            "order": self.order,
            "gospa_m": self.mean(len(self.powers) - self.steps),
            "localisation_m": self._root(self.placed, self.steps),
            "missed_m": self._root(worth * self.missed, self.steps),
            "false_m": self._root(worth * self.false, self.steps),
            "localisation_a_pair_m": self._root(self.placed, self.pairs),
            "missed_a_step": self.missed / steps,
            "false_a_step": self.false / steps,
        }


@dataclass
class Siap:
    """Sums of the counts: aircraft, those with a track, tracks, and those that belong to an aircraft."""

    truths: int = 0
    followed: int = 0
    tracks: int = 0
    belong: int = 0

    def add(self, truths: int, followed: int, tracks: int, belong: int) -> None:
        """Add a step."""
        self.truths += truths
        self.followed += followed
        self.tracks += tracks
        self.belong += belong

    def result(self) -> dict[str, float]:
        """Return completeness (best 1), ambiguity (best 1: tracks an aircraft followed) and spuriousness (best 0)."""
        return {
            "completeness": self.followed / max(1, self.truths),
            "ambiguity": self.belong / max(1, self.followed),
            "spuriousness": (self.tracks - self.belong) / max(1, self.tracks),
        }


class Sums:
    """Count, sum, sum of squares and greatest magnitude of named quantities, by aircraft. NaN is not counted."""

    def __init__(self, aircraft: int) -> None:
        """Start at nothing, for so many aircraft."""
        self._n = aircraft
        self._held: dict[str, F64] = {}

    def add(self, name: str, who: I64, values: F64) -> None:
        """Add values (q,) of aircraft who (q,)."""
        known = np.isfinite(values)
        if not known.all():
            who, values = who[known], values[known]
        held = self._held.setdefault(name, np.zeros((4, self._n)))
        held[0] += np.bincount(who, minlength=self._n)
        held[1] += np.bincount(who, values, self._n)
        held[2] += np.bincount(who, values * values, self._n)
        np.maximum.at(held[3], who, np.abs(values))

    def count(self, name: str) -> F64:
        """Return how many of each aircraft were known (aircraft,)."""
        return self._held[name][0] if name in self._held else np.zeros(self._n)

    def mean(self, name: str) -> F64:
        """Return the mean of each aircraft (aircraft,), NaN without any."""
        return self._over(name, 1)

    def rms(self, name: str) -> F64:
        """Return the root of the mean square of each aircraft (aircraft,), NaN without any."""
        return np.sqrt(self._over(name, 2))

    def _over(self, name: str, row: int) -> F64:
        held = self._held.get(name)
        if held is None:
            return np.full(self._n, np.nan)
        return np.where(held[0] > 0, held[row] / np.maximum(held[0], 1.0), np.nan)

    def total(self, name: str) -> tuple[int, float, float, float]:
        """Return count, mean, root mean square and greatest magnitude over all aircraft; NaN without any."""
        held = self._held.get(name)
        n = 0.0 if held is None else float(held[0].sum())
        if held is None or n == 0:
            return 0, math.nan, math.nan, math.nan
        return int(n), float(held[1].sum() / n), math.sqrt(float(held[2].sum()) / n), float(held[3].max())


def normalised(err: F64, spread: F64) -> F64:
    """Return err' C^-1 err (n,) of errors (n, 2) with covariances (n, 2, 2); infinite where C is singular."""
    xx, xy, yy = spread[:, 0, 0], spread[:, 0, 1], spread[:, 1, 1]
    det = xx * yy - xy * xy
    safe = np.where(det > 0, det, 1.0)
    value = (yy * err[:, 0] ** 2 - 2 * xy * err[:, 0] * err[:, 1] + xx * err[:, 1] ** 2) / safe
    return np.where(det > 0, value, np.inf)


class Following:
    """Which track followed which aircraft, step by step: switches, purity, unbroken segments, gaps, and how long until the first."""

    def __init__(self, aircraft: int) -> None:
        """Start at nothing, for aircraft 0 to aircraft - 1."""
        n = self.aircraft = aircraft
        self.life, self.tracked, self.switches, self.segments = (np.zeros(n, np.int64) for _ in range(4))
        self.gaps, self.gap_steps, self.longest_gap, self.longest_run = (np.zeros(n, np.int64) for _ in range(4))
        self.born, self.first, self.last = (np.full(n, -1, np.int64) for _ in range(3))
        self._number = np.full(n, -1, np.int64)
        self._silent, self._run = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self._keys: list[I64] = []
        self._held = 0

    def add(self, step: int, here: I64, aircraft: I64, numbers: I64) -> None:
        """Add a step: which aircraft there are, each once, and the pairs of aircraft and track number, each aircraft at most once."""
        self.life[here] += 1
        self.born[here[self.born[here] < 0]] = step
        silent = np.zeros(self.aircraft, np.bool_)
        silent[here] = True
        silent[aircraft] = False
        self._silent[silent & (self.first >= 0)] += 1
        was, gap = self._number[aircraft], self._silent[aircraft]
        changed = was != numbers
        self.switches[aircraft] += changed & (was >= 0)
        new = changed | (gap > 0)
        self.segments[aircraft] += new
        self.gaps[aircraft] += gap > 0
        self.gap_steps[aircraft] += gap
        self.longest_gap[aircraft] = np.maximum(self.longest_gap[aircraft], gap)
        self._run[aircraft] = np.where(new, 1, self._run[aircraft] + 1)
        self.longest_run[aircraft] = np.maximum(self.longest_run[aircraft], self._run[aircraft])
        self._number[aircraft], self._silent[aircraft] = numbers, 0
        self.tracked[aircraft] += 1
        self.first[aircraft[self.first[aircraft] < 0]] = step
        self.last[aircraft] = step
        self._keys.append(numbers * self.aircraft + aircraft)
        self._held += len(aircraft)
        if self._held > KEPT_KEYS:
            self._counted = self._merged()
            self._keys, self._held = [], 0

    _counted: tuple[I64, I64] = (np.zeros(0, np.int64), np.zeros(0, np.int64))

    def _merged(self) -> tuple[I64, I64]:
        """Return each pair's key and its steps, those that were counted before and those since."""
        keys, counts = np.unique(np.concatenate([np.zeros(0, np.int64), *self._keys]), return_counts=True)
        every, at = np.unique(np.concatenate([self._counted[0], keys]), return_inverse=True)
        return every, np.bincount(at, np.concatenate([self._counted[1], counts]), len(every)).astype(np.int64)

    def pairs(self) -> tuple[I64, I64, I64]:
        """Return aircraft, track number and steps together of each pair that ever was, by number and then aircraft."""
        keys, steps = self._merged()
        return keys % max(1, self.aircraft), keys // max(1, self.aircraft), steps

    def most(self) -> tuple[I64, I64]:
        """Return of each aircraft the track that was with it longest, -1 for none (of several the least number), and its steps."""
        aircraft, number, steps = self.pairs()
        order = np.lexsort((number, -steps, aircraft))
        best, steps_of = np.full(self.aircraft, -1, np.int64), np.zeros(self.aircraft, np.int64)
        who, at = np.unique(aircraft[order], return_index=True)
        best[who], steps_of[who] = number[order][at], steps[order][at]
        return best, steps_of

    def purity(self) -> float:
        """Return the share of all tracks' steps with an aircraft that are with that of which they follow most; 1 is best."""
        _, number, steps = self.pairs()
        if not len(steps):
            return math.nan
        _, at = np.unique(number, return_inverse=True)
        most = np.zeros(int(at.max()) + 1, np.int64)
        np.maximum.at(most, at, steps)
        return float(most.sum() / steps.sum())

    def delay(self, least_life: int) -> dict[str, float]:
        """Return how many steps aircraft that live so long or longer wait for a track (p50, p95); one that never has one waits for ever."""
        lived = self.life >= max(1, least_life)
        waits = np.where(self.first[lived] >= 0, self.first[lived] - self.born[lived], np.inf)
        if not len(waits):
            return {"p50": math.nan, "p95": math.nan, "never": 0}
        p50, p95 = np.quantile(waits, [0.5, 0.95], method="higher")
        return {"p50": float(p50), "p95": float(p95), "never": int(np.isinf(waits).sum())}

"""Two pictures of the same air held against each other, neither of them the truth: which tracks are one aircraft, and how they differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.estimate.metrics import KEPT_KEYS, Siap, Sums
from tenere.estimate.score import MOVING_MS, UNITS
from tenere.estimate.steps import Grid, ScoreConfig, Step, steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tenere.estimate.paths import Paths, Reports

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]


class Pair(NamedTuple):
    """A track of A and one of B that were one aircraft. Differences are B minus A; NaN where neither or one tells it."""

    a: int
    b: int
    steps: int
    from_s: float
    until_s: float
    rms_horizontal_m: float
    mean_east_m: float
    mean_north_m: float
    mean_vertical_m: float
    rms_velocity_ms: float


class Comparison:
    """Sums over the steps; A takes the part of the truth."""

    def __init__(self, a: Paths, b: Reports, times: Grid) -> None:
        """Start at nothing. b: ordered."""
        self.a, self.b, self.times = a, b, times
        n = len(a.start) - 1
        self.differences = Sums(n)
        self.counts = Siap()
        self.there_a, self.with_b = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self.there_b, self.with_a = np.zeros(b.parties, np.int64), np.zeros(b.parties, np.int64)
        self.address_b = np.full(b.parties, -1, np.int64)
        known = np.flatnonzero(b.address >= 0)[::-1]
        self.address_b[b.who[known]] = b.address[known]
        self._waiting: list[tuple[I64, F64]] = []
        self._held = 0
        self._keys, self._sums = np.zeros(0, np.int64), np.zeros((8, 0))
        self._first, self._last = np.zeros(0), np.zeros(0)

    def add(self, step: Step) -> None:
        """Add a step."""
        b, r, who, true = self.b, step.paired, step.aircraft, step.true
        self.counts.add(len(step.here), len(who), len(step.rows), int(step.belong.sum()))
        self.there_a[step.here] += 1
        self.with_b[who] += 1
        self.there_b[b.who[step.rows]] += 1
        self.with_a[b.who[r]] += 1
        east, north, up = b.x_m[r] - true[:, 0], b.y_m[r] - true[:, 1], b.z_m[r] - true[:, 4]
        swift = np.hypot(b.vx_ms[r] - true[:, 2], b.vy_ms[r] - true[:, 3])
        before, after = np.hypot(true[:, 2], true[:, 3]), np.hypot(b.vx_ms[r], b.vy_ms[r])
        turned = np.arctan2(b.vx_ms[r], b.vy_ms[r]) - np.arctan2(true[:, 2], true[:, 3])
        turned = np.where((before >= MOVING_MS) & (after >= MOVING_MS), (turned + np.pi) % (2 * np.pi) - np.pi, np.nan)
        self.differences.add("horizontal", who, np.hypot(east, north))
        for name, values in zip(list(UNITS)[1:], (east, north, up, swift, after - before, turned), strict=True):
            self.differences.add(name, who, values)
        one, known_up, known_v = np.ones(len(r)), np.isfinite(up), np.isfinite(swift)
        rows = (one, east, north, east**2 + north**2, known_up, np.where(known_up, up, 0), known_v, np.where(known_v, swift**2, 0))
        self._waiting.append((who * self.b.parties + b.who[r], np.vstack([*rows, np.full(len(r), step.time_s)])))
        self._held += len(r)
        if self._held > KEPT_KEYS:
            self._merge()

    def _merge(self) -> None:
        """Add what waits to the sums of each pair."""
        if not self._waiting:
            return
        new = np.concatenate([keys for keys, _ in self._waiting])
        rows = np.concatenate([values for _, values in self._waiting], axis=1)
        keys, at = np.unique(np.concatenate([self._keys, new]), return_inverse=True)
        old, n = len(self._keys), len(keys)
        sums = np.zeros((8, n))
        for i in range(8):
            sums[i] = np.bincount(at, np.concatenate([self._sums[i], rows[i]]), n)
        first, last = np.full(n, np.inf), np.full(n, -np.inf)
        first[at[:old]], last[at[:old]] = self._first, self._last
        np.minimum.at(first, at[old:], rows[8])
        np.maximum.at(last, at[old:], rows[8])
        self._keys, self._sums, self._first, self._last = keys, sums, first, last
        self._waiting, self._held = [], 0

    def pairs(self) -> list[Pair]:
        """Return every pair, by A's track and then B's."""
        self._merge()
        n, east, north, square, ups, up, swifts, swift = self._sums[:8]
        with np.errstate(invalid="ignore", divide="ignore"):
            told = (np.sqrt(square / n), east / n, north / n, up / ups, np.sqrt(swift / swifts))
        who = self._keys // max(1, self.b.parties), self._keys % max(1, self.b.parties)
        return [
            Pair(int(who[0][k]), int(who[1][k]), int(n[k]), float(self._first[k]), float(self._last[k]), *(float(v[k]) for v in told))
            for k in range(len(self._keys))
        ]

    def same_address(self, a: int, b: int) -> bool | None:
        """Say whether a track of A and one of B have the same address; None where one of them has none."""
        mine, its = int(self.a.address[a]), int(self.address_b[b])
        return None if mine < 0 or its < 0 else mine == its

    def _agreement(self, p: Pair) -> str:
        same = self.same_address(p.a, p.b)
        if same is None:
            return "only_a" if self.a.address[p.a] >= 0 else "only_b" if self.address_b[p.b] >= 0 else "none"
        return "same" if same else "different"

    def result(self) -> dict[str, Any]:
        """Return how much of each picture is in the other, and the differences, B minus A."""
        step_s, c = self.times.step_s, self.counts
        identity = dict.fromkeys(("same", "different", "only_a", "only_b", "none"), 0.0)
        for p in self.pairs():
            identity[self._agreement(p)] += p.steps * step_s
        out: dict[str, Any] = {
            "a": self._side(self.there_a, self.with_b),
            "b": self._side(self.there_b, self.with_a),
            "together_s": c.followed * step_s,
            "beside_s": (c.belong - c.followed) * step_s,
            "identity_s": identity,
            "differences": {},
        }
        for name, unit in UNITS.items():
            n, mean, rms, greatest = self.differences.total(name)
            out["differences"][name] = {"n": n, f"rms_{unit}": rms, f"mean_{unit}": mean, f"max_{unit}": greatest}
        return out

    def _side(self, there: I64, together: I64) -> dict[str, Any]:
        total = int(there.sum())
        return {
            "tracks": int((there > 0).sum()),
            "track_s": total * self.times.step_s,
            "shared": float(together.sum() / total) if total else math.nan,
            "tracks_alone": int(((there > 0) & (together == 0)).sum()),
        }


def compare(a: Paths, b: Reports, times: Grid, config: ScoreConfig, told: Callable[[int], None] | None = None) -> Comparison:
    """Return the comparison of ordered tracks b with the paths a over all steps; told is called with how many are done."""
    made = Comparison(a, b, times)
    for k, step in enumerate(steps(a, b, times, config)):
        made.add(step)
        if told is not None:
            told(k + 1)
    return made

"""How well each sensor does, as plain data for the HTTP interface: every figure, its limits, and where those come from."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.performance import Threshold, judge_one, window
from tenere.performance.thresholds import NEEDS_TRUTH, figure_of
from tenere.serve.phrases import LANGS
from tenere.serve.picture import number_or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.performance import Judged, Sensor, Thresholds, Window

ORDER = (
    "period_s", "update", "gaps", "gap_longest_s",
    "range_mean_m", "range_std_m", "azimuth_mean_deg", "azimuth_std_deg", "along_mean_m", "along_std_m", "across_mean_m", "across_std_m",
    "range_noise_m", "azimuth_noise_deg", "along_noise_m", "across_noise_m", "position_rms_m", "position_95_m",
    "false", "split", "mode_a_wrong", "mode_c_wrong", "address_wrong", "delay_50_s", "delay_95_s",
)  # fmt: skip
"""What is told of every sensor that it is measured of; a limit on another figure adds that one."""
AFTER = {"update_in": "update", "gaps_over": "gaps"}
"""Figures of a limit's own seconds, and what they stand behind."""
KEPT = 300
"""Answers kept of one tick."""


class Measured:
    """Answers for the figures of a running picture. lock: to be held by whoever advances the picture."""

    def __init__(self, held: Callable[[], Window | None], limits: Thresholds) -> None:
        """Answer from what `held` gives, judged by the limits."""
        self.lock = threading.Lock()
        self._held = held
        self._limits = limits
        self._made: dict[str | None, bytes | None] = {}
        self._tick = -1

    def answer(self, tick: int, name: str | None = None) -> bytes | None:
        """Return JSON of one sensor's figures, or without a name of all; None where no such sensor is measured. Made once a tick."""
        if tick != self._tick or len(self._made) >= KEPT:
            self._made.clear()
            self._tick = tick
        if name not in self._made:
            found = self._tree(name)
            if found is None:
                return None
            self._made[name] = msgspec.json.encode(found)
        return self._made[name]

    def _tree(self, name: str | None) -> dict[str, Any] | None:
        with self.lock:
            held = self._held()
            names = [f.id for f in held.state.facts] if held is not None else []
            since, until = window.covered(held) if held is not None else (float("nan"), float("nan"))
            turns = held.turns if held is not None else None
        if name is not None and name not in names:
            return None
        sensors = []
        for k in range(len(names)) if name is None else [names.index(name)]:
            with self.lock:  # for each anew: the picture goes on between them
                held = self._held()
                found = window.sensor(held, k) if held is not None else None
            if found is not None:
                sensors.append(sensor_tree(found, self._limits))
        return {
            "time": number_or_none(until, 3),
            "since": number_or_none(since, 3),
            "looked_at": number_or_none(1.0 / turns, 3) if turns else None,
            "sensors": sensors,
        }


def sensor_tree(found: Sensor, limits: Thresholds) -> dict[str, Any]:
    """Return one sensor's figures, each with what it is judged by."""
    judged: dict[tuple[str, float, bool], list[Judged]] = {}
    for result in judge_one(found, limits):
        if not result.row.metric.startswith(NEEDS_TRUTH):
            judged.setdefault(_key(result.row), []).append(result)
    told = found.shares.keys() | found.values.keys()
    asked = [_key(Threshold(id="", metric=name)) for name in ORDER if name in told]
    for key in judged:
        if key not in asked:
            behind = [i for i, (metric, *_) in enumerate(asked) if metric in (key[0], AFTER.get(key[0]))]
            asked.insert(behind[-1] + 1 if behind else len(asked), key)
    return {
        "id": found.id,
        "kind": found.kind,
        "group": limits.group.get(found.id, found.group),
        "plots": found.counts["plots"],
        "figures": [_figure(found, key, judged.get(key, [])) for key in asked],
    }


def _key(t: Threshold) -> tuple[str, float, bool]:
    """Return what tells a figure from others: its name, its seconds (0 none), and whether it is of the ground alone."""
    return t.metric, t.seconds if t.seconds > 0 else 0.0, t.ground


def _figure(found: Sensor, key: tuple[str, float, bool], judged: list[Judged]) -> dict[str, Any]:
    """Return one figure as plain data."""
    metric, seconds, ground = key
    value, samples, share, _ = figure_of(found, Threshold(id="", metric=metric, seconds=seconds or float("nan"), ground=ground))
    unit = "share" if share is not None else next((u for u in ("deg", "m", "s") if metric.endswith(f"_{u}")), "")
    return {
        "figure": metric,
        "seconds": seconds or None,
        "ground": ground,
        "unit": unit,
        "value": number_or_none(value, 6),
        "low": number_or_none(share.low, 6) if share is not None else None,
        "high": number_or_none(share.high, 6) if share is not None else None,
        "samples": number_or_none(samples, 0),
        "judged": [
            {
                "limit": j.id,
                "verdict": j.short,
                "at_least": j.row.at_least,
                "at_most": j.row.at_most,
                "why": {lang: "; ".join(r.said(lang) for r in j.reasons if r.key != "judged.measured") for lang in LANGS},
                "source": {"en": j.row.source, "fr": j.row.source_fr or j.row.source},
            }
            for j in judged
        ],
    }

"""Was an alert worth its noise? Alerts held against what really happened, and what happened against the alerts.

Each conflict alert is one of these:

    real       the two came closer than the separation standard, at the alert or within its look-ahead
    averted    they did not, but would have had both gone on as they were when it was raised (measured on the truth, not on the track)
    nuisance   neither
    false      one of the two is no aircraft of its own: a second track of the same one, or a track that truth does not know

Each loss of separation below the alert's own minima is alerted in time, late, or missed. In time is ``needed_s`` before it begins; where
it could not be foreseen so early, ``reaction_s`` after it first could, measured on the truth. An airspace alert is real where the flight
is in the volume within the look-ahead, averted where it would have been had it flown straight on. See docs/howto/measure-nuisance.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.watch.truth import in_time, would_meet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tenere.watch.truth import F64, Loss, Pair, Truth

KINDS = ("real", "averted", "nuisance", "false", "unjudged")
OUTCOMES = ("in_time", "late", "missed")
EARTH_M = 6_371_000.0
SLACK_S = 10.0
"""A loss so soon before an alert, or so late after its look-ahead, is still what it was about."""


class Raised(NamedTuple):
    """One alert as it was raised.

    who, other: the aircraft (see ``truth``), 0 none; tick: the tick of it; until_s: the last time it stood.
    """

    number: int
    rule: str
    severity: int
    who: int
    other: int
    volume: str
    time_s: float
    predicted_s: float
    tick: int
    names: str = ""
    until_s: float = math.inf


class Verdict(NamedTuple):
    """What an alert was worth. least: how close the two really came, as a share of the standard; NaN not below it."""

    alert: Raised
    kind: str
    least: float


class Outcome(NamedTuple):
    """What became of one loss of separation.

    warning_s: from the alert to its beginning, NaN none; foreseeable_s: how early it could be known.
    """

    loss: Loss
    outcome: str
    warning_s: float
    foreseeable_s: float


@dataclass
class Scored:
    """The whole: verdicts, outcomes of the losses, flight hours."""

    hours: float = 0.0
    verdicts: list[Verdict] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def by_rule(self) -> dict[str, dict[str, int]]:
        """Count the verdicts of each rule, rules in order of their names."""
        out: dict[str, dict[str, int]] = {}
        for v in sorted(self.verdicts, key=lambda v: v.alert.rule):
            row = out.setdefault(v.alert.rule, dict.fromkeys(KINDS, 0))
            row[v.kind] += 1
        return out

    def nuisance_per_hour(self, rules: Iterable[str] | None = None) -> float:
        """Return nuisance and false alerts a flight hour, of some rules or all; NaN where nobody flew."""
        wanted = None if rules is None else set(rules)
        n = sum(v.kind in ("nuisance", "false") and (wanted is None or v.alert.rule in wanted) for v in self.verdicts)
        return n / self.hours if self.hours > 0.0 else math.nan

    def outcome_counts(self) -> dict[str, int]:
        """Count the outcomes."""
        return {name: sum(o.outcome == name for o in self.outcomes) for name in OUTCOMES}

    def warning_times(self) -> F64:
        """Return the warning times of the alerted losses, sorted."""
        return np.sort(np.array([o.warning_s for o in self.outcomes if math.isfinite(o.warning_s)]))


def judge_conflict(alert: Raised, truth: Truth, ahead_s: float) -> Verdict:
    """Say what a conflict alert was worth."""
    pair: Pair = (min(alert.who, alert.other), max(alert.who, alert.other))
    moment = truth.moments.get(alert.tick)
    if alert.who == alert.other or moment is None or min(moment.find(pair[0]), moment.find(pair[1])) < 0:
        return Verdict(alert, "false", math.nan)
    loss = in_time(truth.losses, pair, alert.time_s - SLACK_S, alert.time_s + ahead_s + SLACK_S)
    if loss is not None:
        return Verdict(alert, "real", loss.least)
    met = would_meet(moment, pair, truth.layers, ahead_s)
    return Verdict(alert, "averted" if math.isfinite(met) else "nuisance", math.nan)


def judge_entry(alert: Raised, truth: Truth, ahead_s: float, inside: Callable[[str, F64, F64, F64, float], bool | None]) -> Verdict:
    """Say what an airspace alert was worth. inside(volume, latitude, longitude, altitude, time) says where a flight is; None not known."""
    known, tick_s = False, _tick_s(truth)
    for tick in range(alert.tick - int(SLACK_S / tick_s), alert.tick + int((ahead_s + SLACK_S) / tick_s) + 1):
        moment = truth.moments.get(tick)
        row = moment.find(alert.who) if moment is not None else -1
        if moment is None or row < 0:
            continue
        found = inside(alert.volume, moment.lat_rad[row], moment.lon_rad[row], moment.z[row], moment.time_s)
        if found is None:
            return Verdict(alert, "unjudged", math.nan)
        known = True
        if found:
            return Verdict(alert, "real", math.nan)
    if not known:
        return Verdict(alert, "false", math.nan)
    return Verdict(alert, "averted" if would_enter(alert, truth, ahead_s, inside) else "nuisance", math.nan)


def would_enter(alert: Raised, truth: Truth, ahead_s: float, inside: Callable[[str, F64, F64, F64, float], bool | None]) -> bool:
    """Say whether a flight would have come into the volume of an alert had it gone on as it was when that was raised."""
    moment = truth.moments.get(alert.tick)
    row = moment.find(alert.who) if moment is not None else -1
    if moment is None or row < 0:
        return False
    north, east = moment.vy[row] / EARTH_M, moment.vx[row] / (EARTH_M * max(math.cos(moment.lat_rad[row]), 0.01))
    for t in np.arange(0.0, ahead_s + 1.0, 2.0).tolist():
        place = moment.lat_rad[row] + north * t, moment.lon_rad[row] + east * t, moment.z[row] + moment.rate[row] * t
        if inside(alert.volume, *place, moment.time_s + t):
            return True
    return False


def _tick_s(truth: Truth) -> float:
    times = [m.time_s for m in list(truth.moments.values())[:2]]
    return max(times[1] - times[0], 0.1) if len(times) == 2 else 1.0


def outcome_of(
    loss: Loss, raised: Sequence[Raised], truth: Truth, ticks: Mapping[float, int], needed_s: float, reaction_s: float, ahead_s: float
) -> Outcome:
    """Say whether a loss was alerted in time. raised: the conflict alerts of its pair; ticks: the tick of each time."""
    foreseen = foreseeable(loss, truth, ticks, ahead_s)
    when = [a.time_s for a in raised if a.time_s <= loss.last_s and a.until_s >= loss.first_s - ahead_s]
    if not when:
        return Outcome(loss, "missed", math.nan, foreseen)
    warning_s = loss.first_s - min(when)
    wanted_s = min(needed_s, foreseen - reaction_s)
    return Outcome(loss, "in_time" if warning_s >= wanted_s else "late", warning_s, foreseen)


def seen_before(loss: Loss, truth: Truth, ticks: Mapping[float, int], ticks_before: int) -> bool:
    """Say whether truth holds both aircraft already so many ticks before their loss: what no sensor saw, nobody can alert."""
    moment = truth.moments.get(ticks.get(loss.first_s, 0) - ticks_before)
    return moment is not None and min(moment.find(loss.pair[0]), moment.find(loss.pair[1])) >= 0


def foreseeable(loss: Loss, truth: Truth, ticks: Mapping[float, int], ahead_s: float) -> float:
    """Return for how long before a loss straight flight already led into it, without a break: seconds."""
    tick = ticks.get(loss.first_s)
    if tick is None:
        return 0.0
    earliest = loss.first_s
    for k in range(tick, tick - int(ahead_s) - 1, -1):
        moment = truth.moments.get(k)
        if moment is None or not math.isfinite(would_meet(moment, loss.pair, truth.minima, ahead_s)):
            break
        earliest = moment.time_s
    return loss.first_s - earliest

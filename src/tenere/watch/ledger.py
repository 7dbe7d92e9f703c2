"""The alerts that live: raised, kept while their condition holds and a while longer, acknowledged, handed over, suppressed, ended.

An alert is known by its rule, its tracks, its sensor and its volume: the same condition raises no second alert while the first
lives. Numbers count up from 1 and are never used twice. The ledger is bounded: when it is full, a more severe alert
takes the place of the least severe and longest standing one, and any other is refused. Both are counted, and one more
alert says how many conditions are not shown.

What a rule says of severity and time, the supervisor's settings of that rule may say otherwise. A condition may have to hold for a
while before it raises an alert. An alert that nobody acknowledges becomes one step graver, once. A suppressed alert lives on unseen,
with its expiry, and comes back by itself; an emergency cannot be suppressed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Alerts, AlertState, Evidence, Severity
from tenere.watch.view import Because

if TYPE_CHECKING:
    from tenere.watch.config import RuleConfig, WatchConfig
    from tenere.watch.view import Condition

OVERFLOW_RULE = "alerts_overflow"
Key = tuple[str, int, int, int, bytes]
"""Rule, track, other track, sensor, volume."""


@dataclass(slots=True)
class Alert:
    """One live alert: see the columns of ``Alerts``. quiet_severity: how grave it was when it was suppressed."""

    number: int
    key: Key
    severity: int
    since_s: float
    until_s: float
    hold_s: float
    detail: bytes = b""
    predicted_s: float = math.nan
    because: tuple[Because, ...] = ()
    acknowledged_s: float = math.nan
    by: bytes = b""
    owner: bytes = b""
    escalated: int = 0
    quiet_until_s: float = math.nan
    quiet_severity: int = 0
    cleared: bool = False

    @property
    def state(self) -> AlertState:
        """Where it is in its life."""
        if self.cleared:
            return AlertState.CLEARED
        if not math.isnan(self.quiet_until_s):
            return AlertState.SUPPRESSED
        return AlertState.ACKNOWLEDGED if self.by else AlertState.RAISED


def key_of(condition: Condition) -> Key:
    """Return what an alert of this condition is known by; two tracks count the same in either order."""
    track, other = condition.track, condition.other
    if other and other < track:
        track, other = other, track
    return (condition.rule, track, other, condition.sensor, condition.volume)


_OVERFLOW_KEY: Key = (OVERFLOW_RULE, 0, 0, -1, b"")
_OVERFLOW_HOLD_S = 30.0


@dataclass
class Ledger:
    """The live alerts by key, in the order they were raised."""

    config: WatchConfig
    live: dict[Key, Alert] = field(default_factory=dict)
    by_number: dict[int, Key] = field(default_factory=dict)
    rising: dict[Key, tuple[float, float]] = field(default_factory=dict)
    """Conditions that have not held long enough yet: since when, and when last."""
    cleared: list[Alert] = field(default_factory=list)
    """Those that ended in this tick."""
    last_number: int = 0
    not_shown: int = 0
    """Conditions of the last tick that found no place."""
    overflow: int = 0
    """Alerts that were refused or gave way, over all ticks; a condition refused at every tick counts at every tick."""

    def hold(self, conditions: list[Condition], time_s: float) -> None:
        """Raise or prolong the alert of each condition that holds now, and end those whose condition is long false."""
        self.cleared = []
        rules = self.config.rules
        keyed = [(key_of(c), c) for c in conditions if c.rule not in rules or rules[c.rule].enabled]
        held = {key for key, _ in keyed}
        for key in [k for k, alert in self.live.items() if k not in held and not time_s - alert.until_s <= alert.hold_s]:
            self._end(key)
        self.not_shown = 0
        refused = -1  # the gravest severity refused: room for no graver one was found, so none is sought again
        for key, condition in keyed:
            said = rules.get(condition.rule)
            severity = _severity(condition, said)
            alert = self.live.get(key)
            if alert is None:
                if not self._risen(key, _or(said.rise_s if said else math.nan, condition.rise_s), time_s):
                    continue
                full = len(self.live) - (_OVERFLOW_KEY in self.live) >= max(1, self.config.max_alerts)
                if full and (severity <= refused or not self._make_room(severity)):
                    refused = max(refused, severity)
                    self.not_shown += 1
                    self.overflow += 1
                    continue
                alert = self._raise(key, severity, _or(said.hold_s if said else math.nan, condition.hold_s), time_s)
            alert.until_s = time_s
            alert.severity = min(severity + alert.escalated, Severity.EMERGENCY) if severity < Severity.EMERGENCY else severity
            alert.detail = condition.detail or alert.detail or condition.otherwise
            alert.predicted_s = condition.predicted_s
            alert.because = condition.because or alert.because
            if alert.severity > alert.quiet_severity:  # graver than what was suppressed
                alert.quiet_until_s = math.nan
        for key in [k for k, (_, last_s) in self.rising.items() if last_s < time_s]:
            del self.rising[key]
        self._age(time_s)
        if self.not_shown:
            alert = self.live.get(_OVERFLOW_KEY) or self._raise(_OVERFLOW_KEY, Severity.WARNING, _OVERFLOW_HOLD_S, time_s)
            alert.until_s, alert.detail = time_s, str(self.not_shown).encode()
            alert.because = (Because("because.full", 1.0, str(max(1, self.config.max_alerts)).encode()),)

    def acknowledge(self, number: int, by: bytes, time_s: float) -> str:
        """Record who saw an alert and when; return why it cannot be, or the empty string. The first to see it stays."""
        alert = self._of(number)
        if alert is None:
            return "acknowledgement of an alert that is not there"
        if alert.by:
            return "acknowledgement of an alert already acknowledged"
        alert.acknowledged_s, alert.by = time_s, by
        alert.owner = alert.owner or by
        return ""

    def suppress(self, number: int, until_s: float, reason: bytes, by: bytes, time_s: float) -> str:
        """Keep an alert out of sight until a time; return why it cannot be, or the empty string. An emergency never is."""
        alert = self._of(number)
        if alert is None:
            return "suppression of an alert that is not there"
        if alert.severity >= Severity.EMERGENCY:
            return "suppression of an emergency"
        if not reason:
            return "suppression without a reason"
        if not time_s < until_s <= time_s + self.config.suppress_most_s:
            return "suppression without an end within the time allowed"
        alert.quiet_until_s, alert.quiet_severity, alert.owner = until_s, alert.severity, by
        return ""

    def unsuppress(self, number: int) -> str:
        """Bring a suppressed alert back; return why it cannot be, or the empty string."""
        alert = self._of(number)
        if alert is None or math.isnan(alert.quiet_until_s):
            return "end of a suppression that is not there"
        alert.quiet_until_s = math.nan
        return ""

    def hand_over(self, number: int, to: bytes) -> str:
        """Put an alert into another position's hand; return why it cannot be, or the empty string."""
        alert = self._of(number)
        if alert is None:
            return "hand-over of an alert that is not there"
        alert.owner = to
        return ""

    def rows(self) -> list[Alert]:
        """Return the live alerts and those that ended in this tick, in the order of their numbers."""
        return sorted([*self.live.values(), *self.cleared], key=lambda a: a.number)

    def columns(self) -> Alerts:
        """Return the live alerts and those that ended in this tick, in the order of their numbers."""
        alerts = self.rows()
        return Alerts.blank(
            len(alerts),
            alert=np.array([a.number for a in alerts], np.uint32),
            rule=np.array([a.key[0] for a in alerts], "S32"),
            severity=np.array([a.severity for a in alerts], np.uint8),
            track=np.array([a.key[1] for a in alerts], np.uint32),
            other=np.array([a.key[2] for a in alerts], np.uint32),
            sensor=np.array([a.key[3] for a in alerts], np.int16),
            volume=np.array([a.key[4] for a in alerts], "S64"),
            since_s=np.array([a.since_s for a in alerts], np.float64),
            until_s=np.array([a.until_s for a in alerts], np.float64),
            predicted_s=np.array([a.predicted_s for a in alerts], np.float64),
            acknowledged_s=np.array([a.acknowledged_s for a in alerts], np.float64),
            by=np.array([a.by for a in alerts], "S24"),
            detail=np.array([a.detail for a in alerts], "S48"),
            state=np.array([a.state for a in alerts], np.uint8),
            owner=np.array([a.owner for a in alerts], "S24"),
            escalated=np.array([a.escalated for a in alerts], np.uint8),
            quiet_until_s=np.array([a.quiet_until_s for a in alerts], np.float64),
        )

    def evidence(self) -> Evidence:
        """Return why each of these alerts is raised: its evidence, row for row of its conditions' last."""
        rows = [(a, b) for a in self.rows() for b in a.because]
        return Evidence.blank(
            len(rows),
            number=np.array([a.key[1] for a, _ in rows], np.uint32),
            rule=np.array([b.rule for _, b in rows], "S32"),
            weight=np.array([b.weight for _, b in rows], np.float32),
            since_s=np.array([a.since_s for a, _ in rows], np.float64),
            detail=np.array([b.detail for _, b in rows], "S48"),
            source=np.array([b.source for _, b in rows], "S16"),
            alert=np.array([a.number for a, _ in rows], np.uint32),
        )

    def _of(self, number: int) -> Alert | None:
        key = self.by_number.get(number)
        return None if key is None else self.live[key]

    def _risen(self, key: Key, rise_s: float, time_s: float) -> bool:
        """Say whether a condition has held long enough by now, and note that it holds."""
        if rise_s <= 0.0:
            return True
        since_s, _ = self.rising.get(key, (time_s, time_s))
        self.rising[key] = (since_s, time_s)
        if time_s - since_s < rise_s:
            return False
        del self.rising[key]
        return True

    def _age(self, time_s: float) -> None:
        """End suppressions that have run out, and make graver what nobody has acknowledged for too long."""
        for alert in self.live.values():
            if alert.quiet_until_s <= time_s:
                alert.quiet_until_s = math.nan
            said = self.config.rules.get(alert.key[0])
            after_s = _or(said.escalate_s if said else math.nan, self.config.escalate_s)
            due = alert.state == AlertState.RAISED and not alert.escalated and 0.0 < after_s <= time_s - alert.since_s
            if due and Severity.CAUTION <= alert.severity < Severity.EMERGENCY:
                alert.escalated, alert.severity = 1, alert.severity + 1

    def _raise(self, key: Key, severity: int, hold_s: float, time_s: float) -> Alert:
        self.last_number += 1
        alert = Alert(self.last_number, key, severity, time_s, time_s, hold_s)
        self.live[key] = alert
        self.by_number[alert.number] = key
        return alert

    def _end(self, key: Key) -> None:
        alert = self.live.pop(key)
        alert.cleared = True
        del self.by_number[alert.number]
        self.cleared.append(alert)

    def _make_room(self, severity: int) -> bool:
        """End the least severe and oldest alert if it is less severe than this; say whether there is room now."""
        least = min((a for a in self.live.values() if a.key != _OVERFLOW_KEY), key=lambda a: (a.severity, a.number), default=None)
        if least is None or least.severity >= severity:
            return False
        self._end(least.key)
        self.overflow += 1
        return True


def _severity(condition: Condition, said: RuleConfig | None) -> int:
    return int(Severity[said.severity.upper()]) if said is not None and said.severity else int(condition.severity)


def _or(value: float, otherwise: float) -> float:
    """Return a setting, or what holds where it is not given."""
    return otherwise if math.isnan(value) else value

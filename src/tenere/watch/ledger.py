"""The alerts that live: raised, kept while their condition holds and a while longer, acknowledged, ended.

An alert is known by its rule, its track and its sensor: the same condition raises no second alert while the first
lives. Numbers count up from 1 and are never used twice. The ledger is bounded: when it is full, a more severe alert
takes the place of the least severe and longest standing one, and any other is refused. Both are counted, and one more
alert says how many conditions are not shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tenere.batch import Alerts, Severity

OVERFLOW_RULE = "alerts_overflow"


class Condition(NamedTuple):
    """Something that holds now. otherwise: the words of an alert that has none yet, where detail is empty."""

    rule: str
    severity: int
    track: int
    sensor: int
    detail: bytes
    hold_s: float
    otherwise: bytes = b""


@dataclass(slots=True)
class Alert:
    """One live alert: see the columns of ``Alerts``."""

    number: int
    rule: str
    severity: int
    track: int
    sensor: int
    since_s: float
    until_s: float
    hold_s: float
    detail: bytes
    acknowledged_s: float = float("nan")
    by: bytes = b""


Key = tuple[str, int, int]
_OVERFLOW_KEY: Key = (OVERFLOW_RULE, 0, -1)
_OVERFLOW_HOLD_S = 30.0


@dataclass
class Ledger:
    """The live alerts by key, in the order they were raised."""

    limit: int
    live: dict[Key, Alert] = field(default_factory=dict)
    by_number: dict[int, Key] = field(default_factory=dict)
    last_number: int = 0
    not_shown: int = 0
    """Conditions of the last tick that found no place."""
    overflow: int = 0
    """Alerts that were refused or gave way, over all ticks; a condition refused at every tick counts at every tick."""

    def hold(self, conditions: list[Condition], time_s: float) -> None:
        """Raise or prolong the alert of each condition that holds now, and end those whose condition is long false."""
        for key in [k for k, alert in self.live.items() if not time_s - alert.until_s <= alert.hold_s]:
            self._end(key)
        self.not_shown = 0
        refused = -1  # the gravest severity refused: room for no graver one was found, so none is sought again
        for condition in conditions:
            key = (condition.rule, condition.track, condition.sensor)
            alert = self.live.get(key)
            if alert is None:
                full = len(self.live) - (_OVERFLOW_KEY in self.live) >= self.limit
                if full and (condition.severity <= refused or not self._make_room(condition.severity)):
                    refused = max(refused, condition.severity)
                    self.not_shown += 1
                    self.overflow += 1
                    continue
                alert = self._raise(key, condition.severity, condition.hold_s, time_s)
            alert.until_s = time_s
            alert.severity = condition.severity
            alert.detail = condition.detail or alert.detail or condition.otherwise
        if self.not_shown:
            alert = self.live.get(_OVERFLOW_KEY) or self._raise(_OVERFLOW_KEY, Severity.WARNING, _OVERFLOW_HOLD_S, time_s)
            alert.until_s, alert.detail = time_s, str(self.not_shown).encode()

    def acknowledge(self, number: int, by: bytes, time_s: float) -> str:
        """Record who saw an alert and when; return why it cannot be, or the empty string. The first to see it stays."""
        key = self.by_number.get(number)
        if key is None:
            return "acknowledgement of an alert that is not there"
        alert = self.live[key]
        if alert.by:
            return "acknowledgement of an alert already acknowledged"
        alert.acknowledged_s, alert.by = time_s, by
        return ""

    def columns(self) -> Alerts:
        """Return the live alerts in the order of their numbers."""
        alerts = sorted(self.live.values(), key=lambda a: a.number)
        return Alerts.blank(
            len(alerts),
            alert=np.array([a.number for a in alerts], np.uint32),
            rule=np.array([a.rule for a in alerts], "S32"),
            severity=np.array([a.severity for a in alerts], np.uint8),
            track=np.array([a.track for a in alerts], np.uint32),
            sensor=np.array([a.sensor for a in alerts], np.int16),
            since_s=np.array([a.since_s for a in alerts], np.float64),
            until_s=np.array([a.until_s for a in alerts], np.float64),
            acknowledged_s=np.array([a.acknowledged_s for a in alerts], np.float64),
            by=np.array([a.by for a in alerts], "S24"),
            detail=np.array([a.detail for a in alerts], "S48"),
        )

    def _raise(self, key: Key, severity: int, hold_s: float, time_s: float) -> Alert:
        self.last_number += 1
        alert = Alert(self.last_number, key[0], severity, key[1], key[2], time_s, time_s, hold_s, b"")
        self.live[key] = alert
        self.by_number[alert.number] = key
        return alert

    def _end(self, key: Key) -> None:
        del self.by_number[self.live.pop(key).number]

    def _make_room(self, severity: int) -> bool:
        """End the least severe and oldest alert if it is less severe than this; say whether there is room now."""
        least = min((a for a in self.live.values() if a.rule != OVERFLOW_RULE), key=lambda a: (a.severity, a.number), default=None)
        if least is None or least.severity >= severity:
            return False
        self._end((least.rule, least.track, least.sensor))
        self.overflow += 1
        return True

"""What persons do in an exercise, and what the picture must then do: lines of a script, and what is expected.

A line is a command at a time. Where it names a callsign, the track of that callsign is filled in; where it names a rule, the newest alert
of that rule. A line whose track or alert is not there yet waits for it, a minute at most. Commands enter the ticks like any person's, so
a recording of the exercise holds them and a replay needs no script.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

if TYPE_CHECKING:
    from tenere.batch import Alerts, Identities, Tracks

WAITS_S = 60.0
SUSPECT = 5
CLEARED = 3


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One command of one person."""

    at_s: float
    """Exercise time."""
    command: dict[str, Any]
    """The command itself: kind, by and the rest."""
    callsign: str = ""
    """Its track is that of this callsign."""
    rule: str = ""
    """Its alert is the newest of this rule."""


class Expect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One guard: what must be seen, or never be seen, in the picture."""

    what: Literal["alert", "never", "civil", "protected", "not_suspect", "one_number"]
    """alert: a rule raises one; never: it raises none; civil, protected, not_suspect: a flight is so whenever it is seen;
    one_number: every track number the flight has had was nobody else's."""
    rule: str = ""
    callsign: str = ""
    volume: str = ""
    after_s: float = float("-inf")
    """Raised not before this exercise time; a flight is judged from then on."""
    until_s: float = float("inf")
    """Raised not after this time."""
    stays_s: float = 0.0
    """The alert stands for so long."""
    guard: str = ""
    """What it guards, in a few words."""


@dataclass
class Script:
    """The lines that are still to be said. zero_s: Unix time of the exercise's zero."""

    lines: tuple[Line, ...]
    zero_s: float
    said: int = 0
    waiting: list[Line] = field(default_factory=list)

    def due(self, until_s: float, tracks: Tracks | None, alerts: Alerts | None) -> list[dict[str, Any]]:
        """Return the commands said before a Unix time, in order; the picture is that of the last tick."""
        now = until_s - self.zero_s
        while self.said < len(self.lines) and self.lines[self.said].at_s < now:
            self.waiting.append(self.lines[self.said])
            self.said += 1
        out, left = [], []
        for line in self.waiting:
            made = _filled(line, tracks, alerts)
            if made is not None:
                out.append(made)
            elif now - line.at_s < WAITS_S:
                left.append(line)
        self.waiting = left
        return out


def _filled(line: Line, tracks: Tracks | None, alerts: Alerts | None) -> dict[str, Any] | None:
    """Return a line's command with its track and alert in it; None while they are not there."""
    made = {k: v + 0.0 if isinstance(v, float) else v for k, v in line.command.items()}
    if line.callsign:
        rows = np.flatnonzero(tracks.callsign == line.callsign.encode()) if tracks is not None else np.zeros(0, np.int64)
        if tracks is None or not rows.size:
            return None
        made["track"] = int(tracks.number[rows].max())
    if line.rule:
        rows = np.flatnonzero((alerts.rule == line.rule.encode()) & (alerts.state != CLEARED)) if alerts is not None else np.zeros(0, int)
        if alerts is None or not rows.size:
            return None
        made["alert"] = int(alerts.alert[rows].max())
    return made


class Seen(msgspec.Struct):
    """One alert as it was seen."""

    rule: str
    names: tuple[str, ...]
    volume: str
    since_s: float
    until_s: float


@dataclass
class Watcher:
    """Looks on and says in the end which guards held."""

    expects: tuple[Expect, ...]
    zero_s: float
    alerts: dict[int, Seen] = field(default_factory=dict)
    broken: dict[int, float] = field(default_factory=dict)
    """Expectations about flights, by number, that failed, and when first."""
    judged: set[int] = field(default_factory=set)
    called: dict[int, str] = field(default_factory=dict)
    """What each track number was called."""
    twice: set[str] = field(default_factory=set)

    def take(self, time_s: float, tracks: Tracks, identities: Identities, alerts: Alerts) -> None:
        """Look at the picture of one tick."""
        now = time_s - self.zero_s
        for row in np.flatnonzero(tracks.callsign != b"").tolist():
            number, name = int(tracks.number[row]), bytes(tracks.callsign[row]).decode("ascii", "replace")
            if self.called.setdefault(number, name) != name:
                self.twice |= {name, self.called[number]}
        for row in np.flatnonzero(alerts.state != CLEARED).tolist():
            names = tuple(self.called.get(int(n), "") for n in (alerts.track[row], alerts.other[row]) if n)
            volume = bytes(alerts.volume[row]).decode("utf-8", "replace")
            rule, key = bytes(alerts.rule[row]).decode(), int(alerts.alert[row])
            seen = self.alerts.setdefault(key, Seen(rule, names, volume, float(alerts.since_s[row]) - self.zero_s, now))
            seen.until_s, seen.names = now, names
        for k, e in enumerate(self.expects):
            if e.what in ("civil", "protected", "not_suspect") and now >= e.after_s:
                rows = np.flatnonzero(tracks.callsign == e.callsign.encode())
                if rows.size:
                    self.judged.add(k)
                    column = {"civil": identities.civil | identities.protected, "protected": identities.protected}.get(e.what)
                    good = identities.identity[rows] != SUSPECT if column is None else column[rows] != 0
                    if not good.all():
                        self.broken.setdefault(k, now)

    def results(self) -> list[tuple[Expect, bool, str]]:
        """Return each guard, whether it held, and what was seen."""
        return [self._result(k, e) for k, e in enumerate(self.expects)]

    def _result(self, k: int, e: Expect) -> tuple[Expect, bool, str]:
        if e.what == "one_number":
            return e, e.callsign not in self.twice and e.callsign in self.called.values(), "its numbers were its own"
        if e.what in ("civil", "protected", "not_suspect"):
            if k in self.broken:
                return e, False, f"was not at {self.broken[k]:.0f} s"
            return e, k in self.judged, "whenever it was seen" if k in self.judged else "the flight was never seen"
        found = [a for a in self.alerts.values() if self._fits(a, e)]
        if e.what == "never":
            return e, not found, f"raised at {found[0].since_s:.0f} s" if found else "never raised"
        good = [a for a in found if e.after_s <= a.since_s <= e.until_s and a.until_s - a.since_s >= e.stays_s]
        if good:
            return e, True, f"raised at {good[0].since_s:.0f} s, stood for {good[0].until_s - good[0].since_s:.0f} s"
        return e, False, f"raised at {', '.join(f'{a.since_s:.0f}' for a in found)} s" if found else "never raised"

    def _fits(self, alert: Seen, e: Expect) -> bool:
        """Say whether an alert is one that an expectation speaks of; empty fields of the expectation fit all."""
        return (
            (not e.rule or alert.rule == e.rule)
            and (not e.callsign or e.callsign in alert.names)
            and (not e.volume or alert.volume == e.volume)
            and (e.what != "never" or alert.since_s >= e.after_s)
        )

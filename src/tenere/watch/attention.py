"""Whom a person should look at: the system proposes, with the evidence of both sides, and decides nothing.

A track is proposed when something measured speaks for looking (it is inside a closed volume, it crossed the border without a plan) and
what is known of it does not outweigh that. Two log-odds are added: those of what was
measured, and, against, those that the flight is civil. Silence (a transponder lost, no plan) may add a little and is never enough:
without a measured reason nobody is proposed.

A flight that is protected or civil by presumption is proposed only where, beside that, a *measurement* contradicts what it says of itself,
and stays civil and protected then: the proposal changes no identity. The contradiction alone proposes nobody, for others may speak in a
flight's name: it has an alert of its own. So has an emergency, which is no reason to propose either: as long as that alert would stand
(emergency_hold_s after the last word of distress), the flight is proposed as nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tenere.batch import Integrity, Severity
from tenere.watch.naming import name_of
from tenere.watch.view import Because, Condition

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tenere.watch.view import View

RULE = "attention_proposed"
RULES = {RULE: (Severity.CAUTION,)}
"""Every rule of this family, and how grave its alerts may be."""
REASONS = ("attention_known", "integrity_contradicted")


MEASURED = {
    "airspace_entered": 4.0,
    "airspace_entered_height": 2.5,
    "airspace_predicted": 2.0,
    "drone_in_zone": 2.5,
    "low_slow_small": 2.5,
    "border_entry": 0.7,
    "fir_entry": 0.5,
}
SILENT = {"transponder_silent": 0.3, "unplanned_take_off": 0.3}


class AttentionConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [watch.attention]: what speaks for looking at a track, and how much of it is needed."""

    threshold: float = 2.5
    """Proposed from this sum of log-odds on; docs/explanation/attention.md shows what other values cost."""
    measured: dict[str, float] = msgspec.field(default_factory=lambda: dict(MEASURED))
    """Alert rules that are measured reasons, and their log-odds."""
    silent: dict[str, float] = msgspec.field(default_factory=lambda: dict(SILENT))
    """Alert rules that may add a little, and never propose alone."""
    contradicted: float = 3.0
    """What it weighs that a measurement contradicts what the aircraft says of itself."""


def propose(view: View, conditions: Sequence[Condition]) -> Iterator[Condition]:
    """Yield a proposal for each watched, trusted track that the conditions of this tick, and its integrity, speak for looking at."""
    config = view.config.attention
    rules = view.config.rules
    heard: dict[int, list[Condition]] = {}
    for c in conditions:
        told = rules.get(c.rule)
        speaks = c.rule in config.measured and c.severity >= Severity.CAUTION  # a planned flight over the border is information
        if c.track and (speaks or c.rule in config.silent) and (told is None or told.enabled):
            heard.setdefault(c.track, []).append(c)
    who = view.identities
    if not heard:
        return
    wanted = np.fromiter(heard, np.uint32, len(heard))
    for row in view.rows[np.isin(view.tracks.number[view.rows], wanted)].tolist():
        number, wrong = int(view.tracks.number[row]), who.integrity[row] == Integrity.CONTRADICTED
        if not view.trusted[row] or view.distress.of(number) is not None:
            continue
        presumed = bool(who.civil[row] or who.protected[row])
        because = [Because(c.rule, config.measured.get(c.rule, config.silent.get(c.rule, 0.0)), c.detail) for c in heard.get(number, ())]
        measured = any(b.rule in config.measured for b in because)
        if wrong:
            because.append(Because("integrity_contradicted", config.contradicted))
        if not measured or (presumed and not wrong):
            continue
        odds = _civil_log_odds(float(who.confidence[row]), presumed=presumed)
        because.append(Because("attention_known", -odds, name_of(view.tracks, row)))
        score = sum(b.weight for b in because)
        if score >= config.threshold:
            detail = b"|".join((name_of(view.tracks, row), f"{score:.1f}".encode()))
            yield Condition(RULE, Severity.CAUTION, number, -1, detail, view.config.hold_s, because=tuple(because))


def _civil_log_odds(confidence: float, *, presumed: bool) -> float:
    """Return the log-odds that a flight is civil from the confidence in its identity."""
    civil = min(max(confidence if presumed else 1.0 - confidence, 1e-6), 1.0 - 1e-6)
    return float(np.log(civil / (1.0 - civil)))

"""What persons may ask of alerts and rules, read from commands nobody vouches for. What cannot be obeyed is counted; nothing raises."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.watch.config import RuleConfig
from tenere.words import clean

if TYPE_CHECKING:
    from collections.abc import Collection

    from tenere.errors import Rejects
    from tenere.watch.entered import Entered
    from tenere.watch.ledger import Ledger

_NAMES = {
    "acknowledge": "acknowledgement",
    "suppress": "suppression",
    "unsuppress": "end of a suppression",
    "hand_over": "hand-over",
}
LONGEST_S = 86_400.0
"""Most that a rule's times may be set to."""


def obey(ledger: Ledger, entered: Entered, command: object, time_s: float, rejects: Rejects) -> None:
    """Carry out a command about an alert, or enter what was said of a track; count why not; pass over other kinds."""
    if not isinstance(command, dict):
        rejects.add("command that is no table")
        return
    kind = command.get("kind")
    entered.take(command, time_s, rejects)
    if not isinstance(kind, str) or kind not in _NAMES:
        return
    number, by = command.get("alert"), clean(command.get("by"), 24)
    if isinstance(number, bool) or not isinstance(number, int):
        rejects.add(f"{_NAMES[kind]} without an alert number")
    elif not by:
        rejects.add(f"{_NAMES[kind]} without a name")
    elif why_not := _do(ledger, kind, command, number, by, time_s):
        rejects.add(why_not)


def _do(ledger: Ledger, kind: str, command: dict[str, Any], number: int, by: bytes, time_s: float) -> str:
    """Carry out one command; return why it cannot be, or the empty string."""
    if kind == "acknowledge":
        return ledger.acknowledge(number, by, time_s)
    if kind == "suppress":
        until = command.get("until_s")
        until_s = float(until) if isinstance(until, int | float) and not isinstance(until, bool) and abs(until) < 1e15 else math.nan
        return ledger.suppress(number, until_s, clean(command.get("reason"), 48), by, time_s)
    if kind == "unsuppress":
        return ledger.unsuppress(number)
    to = clean(command.get("to"), 24)
    return ledger.hand_over(number, to) if to else "hand-over to nobody"


def read_rules(command: dict[str, Any], known: Collection[str], rejects: Rejects) -> dict[str, RuleConfig] | None:
    """Understand a supervisor's edit of the rules; None, counted, where any part of it makes no sense."""
    if not clean(command.get("by"), 24):
        rejects.add("edit of the rules without a name")
        return None
    try:
        edited = msgspec.convert(command.get("set"), dict[str, RuleConfig])
    except msgspec.ValidationError:
        rejects.add("edit of the rules that cannot be read")
        return None
    if any(name not in known for name in edited):
        rejects.add("edit of a rule that is not there")
        return None
    times = [t for rule in edited.values() for t in (rule.rise_s, rule.hold_s, rule.escalate_s) if not math.isnan(t)]
    if any(not 0.0 <= t <= LONGEST_S for t in times):
        rejects.add("edit of the rules with a time out of bounds")
        return None
    return edited

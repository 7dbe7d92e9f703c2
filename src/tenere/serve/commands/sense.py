"""Whether a command whose parts are each well formed makes sense as a whole."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from tenere.airspace.limits import AirspaceError
from tenere.airspace.setting import volume_of
from tenere.errors import Rejects
from tenere.serve.commands import airspace, kinds
from tenere.watch.orders import read_rules
from tenere.watch.stage import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_S = 43_200.0
"""The longest that an alert may be suppressed at a time."""
TEXTS = ("by", "reason", "to", "label", "text", "words", "station")
SHAPES: dict[str, str] = {"mode_a": "[0-7]{4}", "callsign": "[A-Z0-9]{2,8}"}
SPANS: dict[str, tuple[float, float]] = {"speed_kt": (0.0, 4000.0), "level_ft": (-2000.0, 150_000.0)}


def problem(command: object, now_s: float | None) -> str:
    """Say what is wrong with a command; nothing where it makes sense. now_s: the picture's time, once there is one."""
    for name in TEXTS:
        text = getattr(command, name, None)
        if isinstance(text, str) and text and not (text.strip() and all(c.isprintable() or c == "\n" for c in text)):
            return f"{name}: is blank, or holds what cannot be shown"
    if isinstance(command, kinds.Suppress):
        late = now_s is not None and not 0.0 < command.until_s - now_s <= LONGEST_S
        return f"until_s: is not within {LONGEST_S:.0f} s after the picture's time, {now_s:.0f}" if late else ""
    check = CHECKS.get(type(command))
    return check(command) if check else ""


def _identity(command: kinds.SetIdentity) -> str:
    return "reason: suspect needs one" if command.identity == "suspect" and not command.reason else ""


def _registry(command: kinds.Registry) -> str:
    if command.address is None and command.callsign is None:
        return "address, callsign: give one of them"
    return "label: say what it is" if command.op == "add" and not command.label else ""


def _claim(command: kinds.Claim) -> str:
    what, value = command.what, command.value
    if shape := SHAPES.get(what):
        return "" if isinstance(value, str) and re.fullmatch(shape, value) else f"value: {what} is text like {shape}"
    if span := SPANS.get(what):
        good = isinstance(value, float) and math.isfinite(value) and span[0] <= value <= span[1]
        return "" if good else f"value: {what} is a number from {span[0]:g} to {span[1]:g}"
    return "" if value is None else f"value: {what} has none"


def _volume(command: airspace.VolumeOrder) -> str:
    if (command.op == "put") != (command.volume is not None):
        return "volume: put needs one, and nothing else does"
    if command.op != "put" and command.active is not None:
        return "active: is for put alone"
    if command.volume is None:
        return ""
    if command.volume.get("id", command.id) != command.id:
        return "volume.id: is not the id of the command"
    try:
        volume_of({**command.volume, "id": command.id})
    except AirspaceError as e:
        return f"volume: {str(e)[:300]}"
    return ""


def _rules(command: airspace.Rules) -> str:
    rejects = Rejects()
    read_rules({"by": command.by, "set": command.set}, RULES, rejects)
    return f"set: {next(iter(rejects.counts))}" if rejects.counts else ""


def _closure(command: airspace.Closure) -> str:
    if command.op == "note" and not (command.text and command.volumes):
        return "text, volumes: a note of the risk needs words, and what it is of"
    return "station: say who was told" if command.op == "acknowledge" and not command.station else ""


CHECKS: dict[type, Callable[[Any], str]] = {
    kinds.SetIdentity: _identity,
    kinds.Registry: _registry,
    kinds.Claim: _claim,
    airspace.VolumeOrder: _volume,
    airspace.Closure: _closure,
    airspace.Rules: _rules,
}

"""What a person may say of a track or a flight, read from commands nobody vouches for.

A command is a dict as it came over the wire: anything may be in it. What is not for this stage is passed over, and what is
for it but cannot be obeyed is counted with its reason. Reading never raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tenere.batch import Identity
from tenere.identify.config import hex_address
from tenere.words import clean

if TYPE_CHECKING:
    from tenere.errors import Rejects

AUTOMATIC = 255
"""Takes a person's decision back: the rules decide again."""

_WORDS = {i.name.lower(): int(i) for i in Identity if i != Identity.PENDING} | {"automatic": AUTOMATIC}
KINDS = ("identity", "registry", "unprotect")
"""The commands of this stage."""


class Order(NamedTuple):
    """One identity command that can be understood."""

    track: int
    identity: int
    reason: bytes
    by: bytes


class Ward(NamedTuple):
    """One registry command: a flight, by address (-1 none), callsign (empty none) or both, to be protected or no longer."""

    add: bool
    address: int
    callsign: bytes
    label: bytes
    by: bytes


class Unprotect(NamedTuple):
    """One person's word that a track is not to be protected. by: the whole name, as two people must differ in it."""

    track: int
    reason: bytes
    by: bytes
    signed: bool


def read(command: object, rejects: Rejects) -> Order | Ward | Unprotect | None:
    """Understand a command of KINDS; None for anything else, counted if malformed."""
    if not isinstance(command, dict):
        rejects.add("command that is no table")
        return None
    kind = command.get("kind")
    if kind == "identity":
        return _identity(command, rejects)
    if kind == "registry":
        return _registry(command, rejects)
    if kind == "unprotect":
        return _unprotect(command, rejects)
    return None


def _identity(command: dict[object, object], rejects: Rejects) -> Order | None:
    track, word = command.get("track"), command.get("identity")
    identity = _WORDS.get(word.strip().lower().replace(" ", "_")) if isinstance(word, str) else None
    by, reason = clean(command.get("by"), 16), clean(command.get("reason"), 40)
    if isinstance(track, bool) or not isinstance(track, int):
        rejects.add("identity command without a track number")
    elif identity is None:
        rejects.add("identity command without an identity a person may set")
    elif not by:
        rejects.add("identity command without a name")
    elif identity == Identity.SUSPECT and not reason:
        rejects.add("suspect without a reason")
    else:
        return Order(track, identity, reason, by)
    return None


def _registry(command: dict[object, object], rejects: Rejects) -> Ward | None:
    op, said = command.get("op"), command.get("address")
    address = hex_address(said) if isinstance(said, str) and said.strip() else -1
    callsign = clean(command.get("callsign"), 8).upper().replace(b" ", b"")
    label, by = clean(command.get("label"), 30), clean(command.get("by"), 16)
    if not (isinstance(op, str) and op in {"add", "remove"}):
        rejects.add("registry command that neither adds nor removes")
    elif isinstance(said, str) and said.strip() and address < 0:
        rejects.add("registry command with an address that is not 24 bits in hex")
    elif address < 0 and not callsign:
        rejects.add("registry command without an address or a callsign")
    elif not by:
        rejects.add("registry command without a name")
    elif op == "add" and not label:
        rejects.add("registry command without a label")
    else:
        return Ward(op == "add", address, callsign, label, by)
    return None


def _unprotect(command: dict[object, object], rejects: Rejects) -> Unprotect | None:
    track = command.get("track")
    by, reason = clean(command.get("by"), 64), clean(command.get("reason"), 40)
    if isinstance(track, bool) or not isinstance(track, int):
        rejects.add("unprotect command without a track number")
    elif not by:
        rejects.add("unprotect command without a name")
    elif not reason:
        rejects.add("unprotect command without a reason")
    else:
        return Unprotect(track, reason, by, command.get("signed") is True)
    return None

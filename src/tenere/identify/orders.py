"""What a person may say of a track, read from commands nobody vouches for.

A command is a dict as it came over the wire: anything may be in it. What is no identity command is passed over, and
what is one but cannot be obeyed is counted with its reason. Reading never raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tenere.batch import Identity
from tenere.words import clean

if TYPE_CHECKING:
    from tenere.errors import Rejects

AUTOMATIC = 255
"""Takes a person's decision back: the rules decide again."""

_WORDS = {i.name.lower(): int(i) for i in Identity if i != Identity.PENDING} | {"automatic": AUTOMATIC}


class Order(NamedTuple):
    """One identity command that can be understood."""

    track: int
    identity: int
    reason: bytes
    by: bytes


def read(command: object, rejects: Rejects) -> Order | None:
    """Understand {"kind": "identity", "track", "identity", "reason", "by"}; None for anything else, counted if malformed."""
    if not isinstance(command, dict):
        rejects.add("command that is no table")
        return None
    if command.get("kind") != "identity":
        return None
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

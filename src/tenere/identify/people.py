"""What people decide of tracks and of the registry: carried out, or refused with the reason that they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.batch import Identity
from tenere.identify import orders
from tenere.identify.known import NOT_DECIDED, Known, find
from tenere.words import shortened
from tenere.words.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.identify.stage import State

Notes = dict[tuple[int, str], bytes]
"""What commands add to the evidence in one tick: (track number, rule) to its words; the last word stands."""

ANSWERS = (
    "order.done",
    "order.malformed",
    "order.unknown_track",
    "order.presumed",
    "order.not_signed",
    "order.not_protected",
    "order.second_person",
    "order.same_person",
    "order.full",
    "order.not_registered",
)
"""Everything the stage answers; each is a key of the phrase book."""

MOST_ASKED = 16
"""People who may ask for one track's protection to be taken off at a time; the oldest goes."""


class Asked(NamedTuple):
    """One person's word that a track is not to be protected."""

    by: bytes
    reason: bytes
    time_s: float


def obey(state: State, commands: Sequence[dict[str, Any]], notes: Notes, time_s: float) -> tuple[Answer, ...]:
    """Carry out a tick's commands in order; return an answer to each that is for this stage."""
    out = []
    for place, command in enumerate(commands):
        order = orders.read(command, state.rejects)
        if order is not None:
            accepted, key, details = _one(state, order, notes, time_s)
            track = 0 if isinstance(order, orders.Ward) else order.track
            kind = orders.KINDS[(orders.Order, orders.Ward, orders.Unprotect).index(type(order))]
            out.append(Answer(place, kind, accepted, 0, track, key, details, order.by.decode("utf-8", "replace")))
        elif isinstance(command, dict) and command.get("kind") in orders.KINDS:
            by = command.get("by")
            said = str(command["kind"])
            out.append(Answer(place, said, False, 0, 0, "order.malformed", (said,), by[:64] if isinstance(by, str) else ""))
    return tuple(out)


def _one(
    state: State, order: orders.Order | orders.Ward | orders.Unprotect, notes: Notes, time_s: float
) -> tuple[bool, str, tuple[str, ...]]:
    """Carry out one command: whether it was accepted, and the answer's key and details."""
    if isinstance(order, orders.Ward):
        return _register(state, order)
    known = state.known
    row = int(find(known.number, np.array([order.track], np.uint32))[0]) if 0 <= order.track < 1 << 32 else -1
    if row < 0:
        kind = "identity" if isinstance(order, orders.Order) else "unprotect"
        state.rejects.add(f"{kind} command for a track that is not there")
        return False, "order.unknown_track", (str(order.track),)
    if isinstance(order, orders.Unprotect):
        return _unprotect(state, order, row, notes, time_s)
    if order.identity == Identity.SUSPECT and (known.civil[row] or known.protected[row]):
        reason = why(known, row)
        state.rejects.add(f"suspect refused: {reason.decode()} flight")
        notes[order.track, "suspect_refused"] = reason + b"|" + order.by
        return False, "order.presumed", (str(order.track),)
    known.decided[row] = order.identity
    if order.identity == orders.AUTOMATIC:
        known.decided[row] = NOT_DECIDED
    elif known.stale[row]:  # a person has looked again: what was said is fresh
        known.stale[row] = 0
        state.touched.append(row)
    notes[order.track, "person_set"] = _said(order)
    return True, "order.done", ()


def _register(state: State, order: orders.Ward) -> tuple[bool, str, tuple[str, ...]]:
    """Add to the registry or take out of it."""
    name = (order.callsign or b"%06X" % max(order.address, 0)).decode("ascii", "replace")
    if order.add:
        if state.registry.add(order.address, order.callsign, order.label, order.by) < 0:
            state.rejects.add("registry entry beyond the limit")
            return False, "order.full", (str(state.registry.LIMIT),)
    elif not state.registry.remove(order.address, order.callsign):
        state.rejects.add("registry command for a flight that is not in it")
        return False, "order.not_registered", (name,)
    state.replanned = True
    return True, "order.done", ()


def _unprotect(state: State, order: orders.Unprotect, row: int, notes: Notes, time_s: float) -> tuple[bool, str, tuple[str, ...]]:
    """Hear one person of the two that must agree; take protection off at the second."""
    known, number = state.known, (str(order.track),)
    if not order.signed:
        state.rejects.add("unprotect command of somebody who is not signed in")
        return False, "order.not_signed", ()
    if not (known.civil[row] or known.protected[row]):
        state.rejects.add("unprotect command for a track that nothing protects")
        return False, "order.not_protected", number
    asked = [a for a in state.asked.get(order.track, []) if 0.0 <= time_s - a.time_s <= state.config.unprotect_s]
    first = next((a for a in asked if a.by != order.by), None)
    if first is None:
        again = bool(asked)
        state.asked[order.track] = [*(a for a in asked if a.by != order.by), Asked(order.by, order.reason, time_s)][-MOST_ASKED:]
        notes[order.track, "unprotect_asked"] = shortened(order.by[:20] + b"|" + order.reason, 48)
        return True, "order.same_person" if again else "order.second_person", number
    state.asked.pop(order.track, None)
    known.waived[row] = 1
    state.touched.append(row)
    state.memory.pop(int(known.address[row]), None)
    notes[order.track, "unprotected"] = shortened(first.by[:15] + b"|" + order.by[:15] + b"|" + order.reason, 48)
    return True, "order.done", ()


def why(known: Known, row: int) -> bytes:
    """Say what a track is: protected, else civil."""
    return b"protected" if known.protected[row] else b"civil"


def _said(order: orders.Order) -> bytes:
    word = b"automatic" if order.identity == orders.AUTOMATIC else Identity(order.identity).name.lower().encode()
    return shortened(word + b"|" + order.by + b"|" + order.reason, 48)

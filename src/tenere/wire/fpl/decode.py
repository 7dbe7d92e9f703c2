"""ICAO flight-plan messages as a format."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import Rejects, UsageError
from tenere.wire.decoded import Decoded
from tenere.wire.format import Format
from tenere.wire.fpl import details as tables
from tenere.wire.fpl import envelope, plan
from tenere.wire.fpl import fields as ats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.detail import Detail
    from tenere.wire.format import SourceHint

HEADING = 256
"""Bytes around a message that may be its AFTN heading and ending."""


def init(hint: SourceHint) -> envelope.Tail:
    """Return the state of a source that has sent nothing; raise UsageError for options, for there are none."""
    for key in hint.options:
        raise UsageError(f"options.{key}: not an option of fpl; it has none")
    return envelope.Tail()


def step(state: envelope.Tail, chunk: Chunk, tick_time_s: float) -> tuple[envelope.Tail, Decoded]:
    """Decode what a source sent: reads cut anywhere, or a message a unit. The state is reused."""
    decoded = Decoded()
    plans = []
    for message in envelope.read(state, chunk, decoded.rejects):
        got, reasons = ats.read(message.text)
        if got is not None:
            made, more = plan.of(message, got, tick_time_s if math.isnan(message.receive_s) else message.receive_s)
            reasons += [f"{got.kind} {reason}" for reason in more]
            plans.append(made)
            decoded.records[got.kind] += 1
        for reason in reasons:
            decoded.rejects.add(reason, message.offset)
    decoded.plans = tuple(plans)
    return state, decoded


def details(state: envelope.Tail, chunk: Chunk, tick_time_s: float) -> tuple[envelope.Tail, dict[str, Detail]]:
    """Return every field of every message: tables "ATS message", "ATS item 18" and "ATS amendment"."""
    rows = []
    for message in envelope.read(state, chunk, Rejects()):
        got, _ = ats.read(message.text)
        if got is not None:
            made, _ = plan.of(message, got, tick_time_s if math.isnan(message.receive_s) else message.receive_s)
            rows.append((message, got, made))
    return state, tables.of(rows)


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end of each message of a file; they say no time of their own."""
    found, _, _ = envelope.scan(data)
    ends = [f.end for f in found]
    if not ends:
        ends = [len(data)]
    ends[-1] = len(data)  # what is left belongs to the last
    return np.array(ends, np.int64), np.full(len(ends), np.nan), Rejects()


def likeness(head: bytes) -> float:
    """Return the share of the bytes that lie in messages that read, with the capitals of a heading around each."""
    found, broken, rest = envelope.scan(head)
    good = [f for f in found if ats.read(f.text)[0] is not None]
    if not good:
        return 0.0
    explained, at = 0, 0
    for f in good:
        gap = head[at : f.first]
        heading = gap[-HEADING:]
        explained += len(heading) if all(c < 0x7F and not 0x61 <= c <= 0x7A for c in heading) else 0
        explained += f.end - f.first
        at = f.end
    first = found[0].first if not broken else min(found[0].first, broken[0])
    total = rest - max(first - HEADING, 0)
    after = head[at:rest][:HEADING]
    explained += len(after) if all(c < 0x7F and not 0x61 <= c <= 0x7A for c in after) else 0
    return min(1.0, explained / max(total, 1))


FORMAT = Format("fpl", init, step, split, likeness, details)

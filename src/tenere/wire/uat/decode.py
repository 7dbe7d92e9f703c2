"""UAT as a format: what a receiver delivers to plots, counts and details."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import Rejects, UsageError
from tenere.wire import text_lines
from tenere.wire.decoded import Decoded
from tenere.wire.format import Format
from tenere.wire.uat import details as tables
from tenere.wire.uat import downlink, plots, text, uplink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.detail import Detail
    from tenere.wire.format import SourceHint
    from tenere.wire.uat.text import Message


@dataclass
class State:
    """One source: the unfinished rest of its text, when its log began (Unix seconds), and its senders. raw: units are payloads."""

    tail: text_lines.Tail = field(default_factory=text_lines.Tail)
    begun_s: float = math.nan
    senders: plots.Senders = field(default_factory=plots.Senders)
    raw: bool = False


def init(hint: SourceHint) -> State:
    """Return the state of a source that has sent nothing; raise UsageError for options that are none of its own."""
    for key in hint.options:
        if key not in {"framing", "datagrams"}:
            raise UsageError(f"options.{key}: not an option of uat; there are framing, datagrams")
    framing = hint.options.get("framing", "lines")
    if framing not in {"lines", "raw"}:
        raise UsageError("options.framing: lines (text as of dump978) or raw (each datagram is one payload)")
    return State(text_lines.Tail.of(hint.options), raw=framing == "raw")


def messages(state: State, chunk: Chunk, rejects: Rejects) -> list[Message]:
    """Return the messages of a chunk; the state is brought up to date."""
    if state.raw:
        return text.of_units(chunk, rejects)
    found = text_lines.lines(state.tail, chunk)
    rejects.merge(found.rejects)
    out, state.begun_s = text.of_lines(found, state.begun_s, rejects)
    return out


def times_of(heard: Sequence[Message], tick_time_s: float) -> NDArray[np.float64]:
    """Return (n,) the time of each message: as its line states it, else its receive time, else that of the tick."""
    receive_s = np.array([m.receive_s for m in heard], np.float64)
    said_s = np.array([m.said_s for m in heard], np.float64)
    return np.where(np.isnan(said_s), np.where(np.isnan(receive_s), tick_time_s, receive_s), said_s)


def run(senders: plots.Senders, heard: Sequence[Message], tick_time_s: float, decoded: Decoded) -> None:
    """Decode messages into plots, counts and refusals (GDL 90 carries them too)."""
    ground = [m for m in heard if len(m.payload) == uplink.UPLINK]
    air = [m for m in heard if len(m.payload) != uplink.UPLINK]
    for m in ground:
        _count_uplink(m, decoded)
    if not air:
        return
    times_s = times_of(air, tick_time_s)
    fields = downlink.read(downlink.stack([m.payload for m in air]))
    kinds, counts = np.unique(fields.payload_type, return_counts=True)
    for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True):
        decoded.records[f"UAT type {kind}"] += count
    receive_s = np.array([m.receive_s for m in air], np.float64)
    offsets = np.array([m.offset for m in air], np.int64)
    references = np.array([m.reference for m in air], np.int64)
    decoded.plots = plots.of(fields, times_s, receive_s, references, offsets, senders, decoded.rejects)
    icao = plots.ICAO[fields.address_qualifier] & (fields.address > 0)
    decoded.addresses |= frozenset(np.unique(fields.address[icao]).tolist())


def _count_uplink(m: Message, decoded: Decoded) -> None:
    """Count an uplink, its frames and its products."""
    decoded.records["UAT uplink"] += 1
    frames, reason = uplink.frames(m.payload)
    if reason:
        decoded.rejects.add(reason, m.offset)
    for frame in frames:
        if frame.kind != uplink.FIS_B:
            decoded.records[f"UAT information frame {frame.kind}"] += 1
        elif (got := uplink.product(frame.data)) is None:
            decoded.rejects.add(uplink.BAD_APDU, m.offset)
        else:
            decoded.records[f"FIS-B product {got.product}"] += 1


def step(state: State, chunk: Chunk, tick_time_s: float) -> tuple[State, Decoded]:
    """Decode what a source sent: reads of text cut anywhere, or one payload a unit. The state is reused."""
    decoded = Decoded()
    run(state.senders, messages(state, chunk, decoded.rejects), tick_time_s, decoded)
    return state, decoded


def details(state: State, chunk: Chunk, tick_time_s: float) -> tuple[State, dict[str, Detail]]:
    """Return every field of every message: the tables "UAT ADS-B", "UAT uplink" and "UAT FIS-B"."""
    return state, tabulate(messages(state, chunk, Rejects()), tick_time_s)


def tabulate(heard: Sequence[Message], tick_time_s: float) -> dict[str, Detail]:
    """Return the tables of messages (GDL 90 carries them too)."""
    ground = [m for m in heard if len(m.payload) == uplink.UPLINK]
    air = [m for m in heard if len(m.payload) != uplink.UPLINK]
    return {tables.ADSB: tables.adsb(air, times_of(air, tick_time_s)), **tables.ground(ground, times_of(ground, tick_time_s))}


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end and the reception time of each line of a file: Unix seconds, or since a START line that has no date."""
    ends = text_lines.ends_of(data)
    times_s = np.full(len(ends), np.nan)
    first, begun_s = 0, 0.0
    for i, end in enumerate(ends.tolist()):
        line = data[first : min(end, first + text_lines.LONGEST)].rstrip(b"\r\n")
        first = end
        got = text.LINE.fullmatch(line)
        if got is not None:
            times_s[i] = text.said(got, begun_s)[0]
        elif line.startswith(b"START") and not math.isnan(began := text.start_s(line)):
            begun_s = times_s[i] = began
    return ends, times_s, Rejects()


def likeness(head: bytes) -> float:
    """Return the share of the bytes that lie in lines which are UAT messages."""
    return text_lines.share(head, _is_message)


def _is_message(line: bytes) -> bool:
    got, payload = text.read_line(line)
    if got is None:
        return text.START.fullmatch(line) is not None
    return not text.whole(payload, uplink=got[2] == b"+")


FORMAT = Format("uat", init, step, split, likeness, details)

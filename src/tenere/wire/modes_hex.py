"""Mode S frames as text: one a line, in hex, in whatever form a logger chose.

    {"timestamp": 1893484800.147975, "frame": "8d062001233874b1c318209f5860"}     JSON lines
    1457996400,"8D06200158A1010000AD3A3E6295","062001",19                         columns in any order
    *8D06200158A1010000AD3A3E6295;      @00015BE1A0C78D06200158A1010000AD3A3E6295; AVR, plain and with a 12 MHz counter
    8D06200158A1010000AD3A3E6295                                                  bare

A read of no bytes is the end of all: what came before it is a whole line.

A frame is 14 or 28 hex digits. A time is what a JSON object calls so, or the first column that can only be a time;
seconds, milli-, micro- or nanoseconds by its size. One kernel reads them all, with no object a line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.errors import Rejects
from tenere.wire.format import Format
from tenere.wire.mode_s import counter
from tenere.wire.mode_s.details import blank
from tenere.wire.mode_s.details import details as mode_s_details
from tenere.wire.mode_s.lines import BLANK, REASONS, SHORTEST, find
from tenere.wire.mode_s.source import Frames, Stream, run, start, unit_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.decoded import Decoded
    from tenere.wire.detail import Detail

CLOCK_OFF_S = 60.0
CLOCK_OFF = "time of a text line off by over a minute"
BLANKS = bytes(np.flatnonzero(BLANK).tolist())


@dataclass(frozen=True)
class Lines:
    """The frames found in a text, and where its unfinished rest begins.

    counters: (n,) 48-bit counter, signals: (n,) 0-255, -1 where the line has none; times_s: (n,) NaN where it has none.
    """

    frames: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    times_s: NDArray[np.float64]
    counters: NDArray[np.int64]
    signals: NDArray[np.int16]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    rest: int
    skipping: bool
    rejects: Rejects


def lines(text: bytes, *, skipping: bool = False) -> Lines:
    """Find the frames of a text; skipping: it begins within a line that was refused already."""
    most = len(text) // SHORTEST + 1
    frames, sizes, times_s = np.zeros((most, 14), np.uint8), np.zeros(most, np.int64), np.full(most, np.nan)
    counters, starts, ends = np.full(most, -1, np.int64), np.zeros(most, np.int64), np.zeros(most, np.int64)
    signals, refused = np.full(most, -1, np.int16), np.zeros((len(REASONS), 2), np.int64)
    n, rest, skipping = find(np.frombuffer(text, np.uint8), skipping, frames, sizes, times_s, counters, signals, starts, ends, refused)
    rejects = Rejects()
    for reason, (count, first) in zip(REASONS, refused.tolist(), strict=True):
        rejects.add(reason, first, count)
    return Lines(frames[:n], sizes[:n], times_s[:n], counters[:n], signals[:n], starts[:n], ends[:n], rest, skipping, rejects)


class Taken(NamedTuple):
    """The frames of one chunk with the time of each, where its line begins (from the end of earlier chunks), and what was refused."""

    frames: Frames
    starts: NDArray[np.int64]
    times_s: NDArray[np.float64]
    rejects: Rejects


def take(state: Stream, chunk: Chunk, time_s: float) -> Taken:
    """Find the frames of the lines that end in a chunk, its reads cut anywhere; the state is brought up to date.

    A last unit of no bytes is the end of what the source sends, and of its last line.
    """
    before = len(state.tail)
    text = state.tail + chunk.data
    if len(chunk.ends) and int(chunk.ends[-1]) == (int(chunk.ends[-2]) if len(chunk.ends) > 1 else 0):
        text += b"\n"
    got = lines(text, skipping=state.skipping)
    state.tail, state.skipping = text[got.rest :], got.skipping
    receive_s = unit_times(chunk, got.ends - before)
    base_s = np.where(np.isnan(receive_s), time_s, receive_s)
    frames = Frames(got.frames, got.sizes, receive_s, np.maximum(got.starts - before, 0), got.counters, got.signals)
    clock_s, off_clock, first = state.clock.times(got.counters, base_s)
    off = np.abs(got.times_s - receive_s) > CLOCK_OFF_S
    rejects = Rejects()
    rejects.merge(got.rejects, max(chunk.offset - before, 0))
    if off.any():
        rejects.add(CLOCK_OFF, chunk.offset + int(frames.reference[off][0]), int(np.count_nonzero(off)))
    if off_clock:
        rejects.add(counter.OFF, chunk.offset + int(frames.reference[first]), off_clock)
    own_s = np.where(np.isnan(got.times_s) | off, clock_s, got.times_s)
    return Taken(frames, got.starts - before, np.where(np.isnan(own_s), base_s, own_s), rejects)


def step(state: Stream, chunk: Chunk, time_s: float) -> tuple[Stream, Decoded]:
    """Decode what a source sent; the units of the chunk are reads, cut anywhere. The state is reused."""
    got = take(state, chunk, time_s)
    decoded = run(state.source, got.frames, got.times_s, base_offset=chunk.offset)
    decoded.rejects.merge(got.rejects)
    return state, decoded


def details(state: Stream, chunk: Chunk, time_s: float) -> tuple[Stream, dict[str, Detail]]:
    """Return every field of what a source sent, a table a downlink format."""
    got = take(state, chunk, time_s)
    tables = mode_s_details(state.source, replace(got.frames, reference=got.starts), got.times_s, chunk.offset)
    return state, tables if chunk.data else blank() | tables


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end and the data time of each line of a file that holds a frame: its own time, or by its counter.

    Where a last line without its line end holds one, a unit of no bytes comes last and says that the file ends there.
    """
    got = lines(data)
    last = lines(data[got.rest :] + b"\n", skipping=got.skipping)
    ends = np.concatenate([got.ends, np.minimum(last.ends + got.rest, len(data))])
    times_s, counters = np.concatenate([got.times_s, last.times_s]), np.concatenate([got.counters, last.counters])
    times_s = counter.steady(times_s)
    counted = (counters >= 0) & np.isnan(times_s)
    if counted.any():
        times_s[counted] = counter.seconds(counters[counted])
    if len(ends) and not data[int(ends[-1]) :].strip(BLANKS):
        ends[-1] = len(data)
    if len(ends) == 0 or ends[-1] < len(data) or len(last.ends):  # what is left belongs to a last unit of its own
        ends = np.append(ends, len(data))
        times_s = np.append(times_s, times_s[-1] if len(times_s) else np.nan)
    return ends, times_s, Rejects()


def likeness(head: bytes) -> float:
    """Return the share of bytes that lie in lines with a frame."""
    got = lines(head)
    return min(1.0, float((got.ends - got.starts).sum()) / max(got.rest, 1)) if len(got.ends) else 0.0


FORMAT = Format("modes_hex", start, step, split, likeness, details)

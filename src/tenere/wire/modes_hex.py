"""Mode S frames as text: one a line, in hex, in whatever form a logger chose.

    {"timestamp": 1893484800.147975, "frame": "8d062001233874b1c318209f5860"}     JSON lines
    1457996400,"8D06200158A1010000AD3A3E6295","062001",19                         columns in any order
    *8D06200158A1010000AD3A3E6295;      @00015BE1A0C78D06200158A1010000AD3A3E6295; AVR, plain and with a 12 MHz counter
    8D06200158A1010000AD3A3E6295                                                  bare

A frame is 14 or 28 hex digits. A time is what a JSON object calls so, or the first column that can only be a time;
seconds, milli-, micro- or nanoseconds by its size. One kernel reads them all, with no object a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import Rejects
from tenere.wire.format import Format
from tenere.wire.mode_s import counter
from tenere.wire.mode_s.lines import BLANK, REASONS, SHORTEST, find
from tenere.wire.mode_s.source import Frames, Stream, run, start, unit_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.decoded import Decoded


CLOCK_OFF_S = 60.0
CLOCK_OFF = "time of a text line off by over a minute"
BLANKS = bytes(np.flatnonzero(BLANK).tolist())


@dataclass(frozen=True)
class Lines:
    """The frames found in a text, and where its unfinished rest begins.

    counters: (n,) 12 MHz counter, -1 where the line has none; times_s: (n,) NaN where it has none.
    """

    frames: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    times_s: NDArray[np.float64]
    counters: NDArray[np.int64]
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
    refused = np.zeros((len(REASONS), 2), np.int64)
    found, rest, skipping = find(np.frombuffer(text, np.uint8), skipping, frames, sizes, times_s, counters, starts, ends, refused)
    rejects = Rejects()
    for reason, (count, first) in zip(REASONS, refused.tolist(), strict=True):
        rejects.add(reason, first, count)
    return Lines(frames[:found], sizes[:found], times_s[:found], counters[:found], starts[:found], ends[:found], rest, skipping, rejects)


def step(state: Stream, chunk: Chunk, time_s: float) -> tuple[Stream, Decoded]:
    """Decode what a source sent; the units of the chunk are reads, cut anywhere. The state is reused."""
    before = len(state.tail)
    text = state.tail + chunk.data
    got = lines(text, skipping=state.skipping)
    state.tail, state.skipping = text[got.rest :], got.skipping
    receive_s = unit_times(chunk, got.ends - before)
    off = np.abs(got.times_s - receive_s) > CLOCK_OFF_S
    times_s = np.where(np.isnan(got.times_s) | off, np.where(np.isnan(receive_s), time_s, receive_s), got.times_s)
    frames = Frames(got.frames, got.sizes, receive_s, np.maximum(got.starts - before, 0))
    decoded = run(state.source, frames, times_s, base_offset=chunk.offset)
    decoded.rejects.merge(got.rejects, max(chunk.offset - before, 0))
    if off.any():
        decoded.rejects.add(CLOCK_OFF, chunk.offset + int(frames.reference[off][0]), int(np.count_nonzero(off)))
    return state, decoded


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end and the data time of each line of a file that holds a frame: its own time, or by its counter."""
    got = lines(data)
    ends, times_s = got.ends.copy(), counter.steady(got.times_s)
    counted = (got.counters >= 0) & np.isnan(times_s)
    if counted.any():
        times_s[counted] = counter.seconds(got.counters[counted])
    if len(ends) and not data[int(ends[-1]) :].strip(BLANKS):
        ends[-1] = len(data)
    if len(ends) == 0 or ends[-1] < len(data):  # what is left belongs to a last unit of its own
        ends = np.append(ends, len(data))
        times_s = np.append(times_s, times_s[-1] if len(times_s) else np.nan)
    return ends, times_s, Rejects()


def likeness(head: bytes) -> float:
    """Return the share of bytes that lie in lines with a frame."""
    got = lines(head)
    return min(1.0, float((got.ends - got.starts).sum()) / max(got.rest, 1)) if len(got.ends) else 0.0


FORMAT = Format("modes_hex", start, step, split, likeness)

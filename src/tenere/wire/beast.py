"""Beast binary: the stream in which Mode S receivers hand out frames.

A unit is 0x1a, a type, six bytes of counter, one of signal level, and the frame; 0x1a inside doubles.

    '1' Mode A/C (2 bytes)   '2' short Mode S (7)   '3' long Mode S (14)   '4' receiver status (14)

A lone 0x1a inside a unit means that bytes were lost, and begins the next unit: damage costs the units it touches.
(Format: Mode-S Beast documentation, "Data output formats"; for the counter see mode_s.counter.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from tenere.errors import Rejects
from tenere.wire.detail import Column, Detail
from tenere.wire.format import Format
from tenere.wire.mode_s import counter
from tenere.wire.mode_s.codes import gillham_ft
from tenere.wire.mode_s.crc import octet
from tenere.wire.mode_s.details import blank, leading
from tenere.wire.mode_s.details import details as mode_s_details
from tenere.wire.mode_s.source import Frames, Stream, run, start, unit_times

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tenere.tick import Chunk
    from tenere.wire.decoded import Decoded

ESCAPE = 0x1A
LONGEST = 2 + 2 * (7 + 14)  # bytes of a unit in which everything is doubled
SHORTEST = 2 + 7 + 2

SIZES = np.zeros(256, np.int64)
SIZES[0x31:0x35] = 2, 7, 14, 14
"""Bytes of the frame of each type of unit, 0: no type."""

CUT, STRAY = 0, 1
REASONS = ("Beast unit cut short", "bytes between Beast units")


@njit(cache=True)
def deframe(
    stream: NDArray[np.uint8],
    stray: bool,
    frames: NDArray[np.uint8],
    types: NDArray[np.uint8],
    counters: NDArray[np.int64],
    signals: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    refused: NDArray[np.int64],
) -> tuple[int, int, bool]:
    """Find the units of a stream; return how many, where the unfinished rest begins, and whether it ends among stray bytes.

    Written: frames (m, 14), types, counters, signals, starts and ends (m,), m >= len(stream) // SHORTEST + 1; refused: (2, 2)
    count and first place of each reason. stray: the stream before ended among stray bytes (already counted).
    """
    found, at, n = 0, 0, len(stream)
    while at < n:
        if stream[at] != ESCAPE:
            if not stray:
                _refuse(refused, STRAY, at)
            stray = True
            at += 1
            continue
        if at + 1 == n:
            break
        kind = stream[at + 1]
        size = SIZES[kind]
        if size == 0:
            if not stray:
                _refuse(refused, STRAY, at)
            stray = True
            at += 1
            continue
        stray = False
        i, got, count, cut = at + 2, 0, 0, False
        while got < 7 + size and i < n:
            byte = octet(stream, i)
            i += 1
            if byte == ESCAPE:
                if i == n:
                    i = n + 1  # not known yet what the escape means
                    break
                if stream[i] != ESCAPE:
                    cut = True
                    break
                i += 1
            if got < 6:
                count = count << 8 | byte
            elif got > 6:
                frames[found, got - 7] = byte
            else:
                signals[found] = byte
            got += 1
        if cut:
            _refuse(refused, CUT, at)
            at = i - 1
            continue
        if got < 7 + size:
            break
        types[found], counters[found], starts[found], ends[found] = kind, count, at, i
        found += 1
        at = i
    return found, at, stray


@njit(cache=True)
def _refuse(refused: NDArray[np.int64], reason: int, at: int) -> None:
    """Count a reason and keep its first place."""
    if refused[reason, 0] == 0:
        refused[reason, 1] = at
    refused[reason, 0] += 1


@dataclass(frozen=True)
class Units:
    """The units found in a stream, and where its unfinished rest begins."""

    frames: NDArray[np.uint8]
    types: NDArray[np.uint8]
    counters: NDArray[np.int64]
    signals: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    rest: int
    stray: bool
    rejects: Rejects


def units(stream: bytes, *, stray: bool = False) -> Units:
    """Find the units of a stream."""
    most = len(stream) // SHORTEST + 1
    frames, types = np.zeros((most, 14), np.uint8), np.zeros(most, np.uint8)
    counters, starts, ends = np.zeros(most, np.int64), np.zeros(most, np.int64), np.zeros(most, np.int64)
    signals = np.zeros(most, np.uint8)
    refused = np.zeros((2, 2), np.int64)
    found, rest, stray = deframe(np.frombuffer(stream, np.uint8), stray, frames, types, counters, signals, starts, ends, refused)
    rejects = Rejects()
    for reason, (count, first) in zip(REASONS, refused.tolist(), strict=True):
        rejects.add(reason, first, count)
    return Units(
        frames[:found], types[:found], counters[:found], signals[:found], starts[:found], ends[:found], rest, stray, rejects
    )  # fmt: skip


class Taken(NamedTuple):
    """The units of one chunk: their types and times, and all as frames, whose references count from the first byte kept of before.

    before: how many bytes came with earlier chunks; off: how many clock times were refused, and the first.
    """

    types: NDArray[np.uint8]
    every: Frames
    times_s: NDArray[np.float64]
    before: int
    off: tuple[int, int]
    rejects: Rejects

    def of(self, rows: NDArray[Any]) -> tuple[Frames, NDArray[np.float64]]:
        """Return some units, by a mask or by their numbers, and their times."""
        e = self.every
        assert e.counters is not None
        assert e.signals is not None
        some = Frames(e.data[rows], e.sizes[rows], e.receive_s[rows], e.reference[rows], e.counters[rows], e.signals[rows])
        return some, self.times_s[rows]


def take(state: Stream, chunk: Chunk, time_s: float) -> Taken:
    """Find the units that end in a chunk, its reads cut anywhere, and the time of each; the state is brought up to date."""
    before = len(state.tail)
    stream = state.tail + chunk.data
    got = units(stream, stray=state.skipping)
    state.tail, state.skipping = stream[got.rest :], got.stray
    receive_s = unit_times(chunk, got.ends - before)
    base_s = np.where(np.isnan(receive_s), time_s, receive_s)
    clock_s, off, first = state.clock.times(got.counters, base_s)
    every = Frames(got.frames, SIZES[got.types], receive_s, got.starts, got.counters, got.signals.astype(np.int16))
    return Taken(got.types, every, np.where(np.isnan(clock_s), base_s, clock_s), before, (off, first), got.rejects)


def step(state: Stream, chunk: Chunk, time_s: float) -> tuple[Stream, Decoded]:
    """Decode what a source sent; the units of the chunk are reads, cut anywhere. The state is reused."""
    got = take(state, chunk, time_s)
    frames, times_s = got.of(is_mode_s(got.types))
    frames = replace(frames, reference=np.maximum(frames.reference - got.before, 0))
    decoded = run(state.source, frames, times_s, base_offset=chunk.offset)
    for kind, name in (("1", MODE_AC), ("4", STATUS)):
        count = int(np.count_nonzero(got.types == ord(kind)))
        if count:
            decoded.records[name] += count
    decoded.rejects.merge(got.rejects, max(chunk.offset - got.before, 0))
    off, first = got.off
    if off:
        decoded.rejects.add(counter.OFF, max(chunk.offset - got.before + int(got.every.reference[first]), 0), off)
    return state, decoded


def details(state: Stream, chunk: Chunk, time_s: float) -> tuple[Stream, dict[str, Detail]]:
    """Return every field of what a source sent: a table a downlink format, one of Mode A/C replies, one of receiver status."""
    got = take(state, chunk, time_s)
    begins = chunk.offset - got.before
    tables = mode_s_details(state.source, *got.of(is_mode_s(got.types)), begins)
    for kind, name, columns in (("1", MODE_AC, mode_ac_columns), ("4", STATUS, status_columns)):
        rows = np.flatnonzero(got.types == ord(kind))
        if len(rows) or not chunk.data:
            tables[name] = Detail((*leading(got.every, rows, got.times_s, begins), *columns(got.every.data[rows])))
    return state, tables if chunk.data else blank() | tables


def is_mode_s(types: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Mark the units (n,) that hold Mode S frames."""
    return np.isin(types, (ord("2"), ord("3")))


MODE_AC, STATUS = "Mode A/C", "Beast status"


def mode_ac_columns(frames: NDArray[np.uint8]) -> tuple[Column, ...]:
    """Return the fields of Mode A/C replies, in the first two bytes of frames (n, 14): a digit each four bits, SPI in bit 7."""
    word = frames[:, 0].astype(np.int32) << 8 | frames[:, 1]
    code = (word >> 12 & 7) << 9 | (word >> 8 & 7) << 6 | (word >> 4 & 7) << 3 | word & 7
    feet = np.array([gillham_ft(c) for c in code.tolist()], np.float32)
    return (
        Column("mode_a", code, "", "code as a number (octal 7700 is 4032); nothing says whether Mode A or Mode C was asked for"),
        Column("spi", (word >> 7 & 1).astype(np.uint8), "", "1: special position identification"),
        Column("altitude_ft", feet, "ft", "pressure altitude, should the code be Mode C; NaN: it cannot be"),
    )


def status_columns(frames: NDArray[np.uint8]) -> tuple[Column, ...]:
    """Return the 14 bytes of receiver status as they came."""
    offsets = np.arange(len(frames) + 1, dtype=np.int64) * 14
    return (Column("status", np.ascontiguousarray(frames).ravel(), "", "as sent", offsets=offsets, octets=True),)


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end and the data time of each unit of a file, by its counters (mode_s.counter.seconds)."""
    got = units(data)
    ends, times_s = got.ends.copy(), counter.seconds(got.counters)
    if len(ends) == 0 or ends[-1] < len(data):  # what is left belongs to a last unit of its own
        ends = np.append(ends, len(data))
        times_s = np.append(times_s, times_s[-1] if len(times_s) else np.nan)
    return ends, times_s, Rejects()


def likeness(head: bytes) -> float:
    """Return the share of bytes that lie in whole units."""
    got = units(head)
    return float((got.ends - got.starts).sum()) / max(got.rest, 1) if len(got.ends) else 0.0


FORMAT = Format("beast", start, step, split, likeness, details)


def encode(frames: NDArray[np.uint8], counter_12mhz: ArrayLike, signal: ArrayLike = 128) -> bytes:
    """Return the stream of frames (n, 14) or (n, 7), each with its 48-bit counter and signal level (0-255), in order."""
    rows, size = frames.shape
    block = np.zeros((rows, 9 + size), np.uint8)
    block[:, 0] = ESCAPE
    block[:, 1] = ord("3") if size == 14 else ord("2")
    block[:, 2:8] = np.broadcast_to(np.asarray(counter_12mhz), (rows,)).astype(">u8").view(np.uint8).reshape(-1, 8)[:, 2:]
    block[:, 8] = signal
    block[:, 9:] = frames
    copies = 1 + (block == ESCAPE)
    copies[:, 0] = 1
    return np.repeat(block.ravel(), copies.ravel()).tobytes()

"""Beast binary: the stream in which Mode S receivers hand out frames.

A unit is 0x1a, a type, six bytes of counter, one of signal level, and the frame; 0x1a inside doubles.

    '1' Mode A/C (2 bytes)   '2' short Mode S (7)   '3' long Mode S (14)   '4' receiver status (14)

A lone 0x1a inside a unit means that bytes were lost, and begins the next unit: damage costs the units it touches.
(Format: Mode-S Beast documentation, "Data output formats"; for the counter see mode_s.counter.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.errors import Rejects
from tenere.wire.format import Format
from tenere.wire.mode_s import counter
from tenere.wire.mode_s.crc import octet
from tenere.wire.mode_s.source import Frames, Stream, run, start, unit_times

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tenere.tick import Chunk
    from tenere.wire.decoded import Decoded

ESCAPE = 0x1A
LONGEST = 2 + 2 * (7 + 14)  # bytes of a unit in which everything is doubled
SHORTEST = 2 + 7 + 2

CUT, STRAY = 0, 1
REASONS = ("Beast unit cut short", "bytes between Beast units")


@njit(cache=True)
def deframe(
    stream: NDArray[np.uint8],
    stray: bool,
    frames: NDArray[np.uint8],
    types: NDArray[np.uint8],
    counters: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    refused: NDArray[np.int64],
) -> tuple[int, int, bool]:
    """Find the units of a stream; return how many, where the unfinished rest begins, and whether it ends among stray bytes.

    Written: frames (m, 14), types, counters, starts and ends (m,), m >= len(stream) // SHORTEST + 1; refused: (2, 2)
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
        size = 2 if kind == 0x31 else (7 if kind == 0x32 else (14 if kind in {0x33, 0x34} else 0))
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
    refused = np.zeros((2, 2), np.int64)
    found, rest, stray = deframe(np.frombuffer(stream, np.uint8), stray, frames, types, counters, starts, ends, refused)
    rejects = Rejects()
    for reason, (count, first) in zip(REASONS, refused.tolist(), strict=True):
        rejects.add(reason, first, count)
    return Units(frames[:found], types[:found], counters[:found], starts[:found], ends[:found], rest, stray, rejects)


def step(state: Stream, chunk: Chunk, time_s: float) -> tuple[Stream, Decoded]:
    """Decode what a source sent; the units of the chunk are reads, cut anywhere. The state is reused."""
    before = len(state.tail)
    stream = state.tail + chunk.data
    got = units(stream, stray=state.skipping)
    state.tail, state.skipping = stream[got.rest :], got.stray
    wanted = (got.types == ord("2")) | (got.types == ord("3"))
    receive_s = unit_times(chunk, got.ends[wanted] - before)
    sizes = np.where(got.types[wanted] == ord("2"), 7, 14)
    frames = Frames(got.frames[wanted], sizes, receive_s, np.maximum(got.starts[wanted] - before, 0))
    decoded = run(state.source, frames, np.where(np.isnan(receive_s), time_s, receive_s), base_offset=chunk.offset)
    for kind, name in (("1", "Mode A/C"), ("4", "Beast status")):
        count = int(np.count_nonzero(got.types == ord(kind)))
        if count:
            decoded.records[name] += count
    decoded.rejects.merge(got.rejects, max(chunk.offset - before, 0))
    return state, decoded


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


FORMAT = Format("beast", start, step, split, likeness)


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

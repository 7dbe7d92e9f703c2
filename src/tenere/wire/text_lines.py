r"""Lines of a stream that comes in reads cut anywhere: bounded, and the same lines whatever the cuts.

A line ends with a line feed; a carriage return before it does not belong to the line. Blank lines are passed over.
A line longer than the limit is counted once and skipped up to its end. Where a source sends one datagram a line, without
a line feed, its option ``datagrams = true`` makes each unit end its line too. A unit of no bytes says that what came before it
has ended (a file, a connection): it ends its line. A byte order mark before a line does not belong to it.

    >>> from tenere.tick import Chunk
    >>> tail = Tail()
    >>> [bytes(line) for line in lines(tail, Chunk.of("s", [b"one\r\ntw"])).each()], tail.rest
    ([b'one'], b'tw')
    >>> [bytes(line) for line in lines(tail, Chunk.of("s", [b"o\nthree\n"], offset=7)).each()], tail.rest
    ([b'two', b'three'], b'')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import Rejects, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from numpy.typing import NDArray

    from tenere.tick import Chunk

LONGEST = 4096
"""Bytes of the longest line kept, without its line feed."""

TOO_LONG = "text line too long"
NEWLINE, RETURN = 0x0A, 0x0D
MARK = b"\xef\xbb\xbf"


@dataclass
class Tail:
    """What a stream leaves unfinished: the beginning of a line, or the rest of one already refused (skipping).

    datagrams: each unit ends its line, with or without a line feed.
    """

    rest: bytes = b""
    skipping: bool = False
    datagrams: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> Tail:
        """Return the tail of a source that has sent nothing; raise UsageError where its option datagrams is no truth value."""
        datagrams = options.get("datagrams", False)
        if not isinstance(datagrams, bool):
            raise UsageError("option datagrams: true (each datagram is a line) or false")
        return cls(datagrams=datagrams)


@dataclass(frozen=True)
class Lines:
    """The whole lines of a stream: line i is text[starts[i]:ends[i]], without its line end, never empty.

    receive_s: (n,) receive time of the unit in which each ends, NaN where unknown. before: bytes of text that came with
    earlier chunks. offset: where text stands in all that the source delivered.
    """

    text: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    receive_s: NDArray[np.float64]
    before: int
    offset: int
    rejects: Rejects

    def __len__(self) -> int:
        """Count the lines."""
        return len(self.starts)

    def each(self) -> Iterator[bytes]:
        """Yield the bytes of each line."""
        for first, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
            yield self.text[first:end]

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Return (n,) where each line begins in all that the source delivered (for refusals and details)."""
        return np.maximum(self.starts + self.offset, 0)

    @property
    def references(self) -> NDArray[np.int64]:
        """Return (n,) where each line begins in its chunk; 0 where it began in an earlier one (for Plots.reference)."""
        return np.maximum(self.starts - self.before, 0)


def lines(tail: Tail, chunk: Chunk, longest: int = LONGEST) -> Lines:
    """Return the lines that end in a chunk, of up to ``longest`` bytes each; the tail is brought up to date in place."""
    before = len(tail.rest)
    text = tail.rest + chunk.data if before else chunk.data
    offset = chunk.offset - before
    breaks = np.flatnonzero(np.frombuffer(text, np.uint8) == NEWLINE)
    stops = breaks + 1
    units = chunk.ends if tail.datagrams else chunk.ends[empty_units(chunk)]
    units = units[units + before > 0] + before
    if len(units):  # a unit that ends without a line feed ends its line there
        kept = np.union1d(stops, units)
        breaks = np.where(np.isin(kept, stops), kept - 1, kept)
        stops = kept
    starts = np.concatenate([np.zeros(1, np.int64), stops])
    rest = int(starts[-1])
    starts = starts[:-1]
    keep = breaks - starts <= longest
    rejects = Rejects()
    if tail.skipping and len(stops):  # the end of what was refused before
        keep[0] = False
        starts_refused = starts[1:][~keep[1:]]
        tail.skipping = False
    else:
        starts_refused = starts[~keep]
    if len(starts_refused):
        rejects.add(TOO_LONG, max(offset + int(starts_refused[0]), 0), len(starts_refused))
    tail.rest = b"" if tail.skipping else text[rest:]
    if len(tail.rest) > longest:
        rejects.add(TOO_LONG, max(offset + rest, 0))
        tail.rest, tail.skipping = b"", True
    starts, breaks, stops = starts[keep], breaks[keep], stops[keep]
    if len(starts):
        last = np.frombuffer(text, np.uint8)[np.maximum(breaks - 1, 0)]
        breaks = np.where((breaks > starts) & (last == RETURN), breaks - 1, breaks)
        filled = breaks > starts
        starts, breaks, stops = starts[filled], breaks[filled], stops[filled]
    if MARK in text:
        marked = np.array([text.startswith(MARK, at) for at in starts.tolist()], np.bool_)
        starts = np.where(marked, np.minimum(starts + len(MARK), breaks), starts)
        filled = breaks > starts
        starts, breaks, stops = starts[filled], breaks[filled], stops[filled]
    return Lines(text, starts, breaks, _receive_s(chunk, stops - before), before, offset, rejects)


def empty_units(chunk: Chunk) -> NDArray[np.bool_]:
    """Mark the units (n,) of no bytes: what came before each has ended."""
    sizes: NDArray[np.int64] = np.diff(chunk.ends, prepend=0)
    empty: NDArray[np.bool_] = sizes == 0
    return empty


def _receive_s(chunk: Chunk, stops: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n,) the receive time of the unit in which each line ends (stops: offsets in the chunk after the line end)."""
    if not len(chunk.times_s):
        return np.full(len(stops), np.nan)
    unit = np.minimum(np.searchsorted(chunk.ends, stops, side="left"), len(chunk.times_s) - 1)
    return chunk.times_s[unit]


def ends_of(data: bytes) -> NDArray[np.int64]:
    """Return (n,) the end of each line of a whole file, its line feed included.

    What follows the last line feed is a line of its own, and after it a unit of no bytes says that it has ended.
    """
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == NEWLINE) + 1
    if not len(ends) or int(ends[-1]) < len(data):
        ends = np.append(ends, [len(data)] * (2 if data else 1))
    return ends.astype(np.int64)


def share(head: bytes, is_good: Callable[[bytes], object]) -> float:
    """Return the share of the bytes of a file's beginning that lie in lines found good.

    Its first and last line count only where they are good: the file may be cut anywhere. Blank lines do not count.
    """
    rows = head.split(b"\n")
    good = total = 0
    for i, row in enumerate(rows):
        line = row.removesuffix(b"\r")
        if not line.strip():
            continue
        if len(line) <= LONGEST and is_good(line):
            good += len(line)
        elif len(line) <= LONGEST and i in {0, len(rows) - 1}:
            continue
        total += len(line)
    return good / total if total else 0.0

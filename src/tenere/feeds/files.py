"""Recordings as a feed: whole files to ticks, in data time."""

from __future__ import annotations

import bisect
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import TenereError, WireError
from tenere.tick import Chunk, Tick
from tenere.wire import recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.errors import Rejects
    from tenere.wire.format import SourceHint

MAX_FILE_BYTES = recording.LARGEST
LARGEST_TIME_S = 1e11
"""Beyond it a time is no time (the year 5138); a tick's number stays an exact integer far beyond that."""

GAP_S = 90.0
OUTLIER_S = 30.0
WITHOUT_TIME_PER_TICK = 256


@dataclass(frozen=True)
class FileFeed:
    """One recording, ready to be cut into ticks. where() gives the place in the file of an offset in chunk.data."""

    path: Path
    source: str
    framing: str
    format: str
    chunk: Chunk
    rejects: Rejects
    where: Callable[[int], int]


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; raise TenereError saying what is wrong with it."""
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise TenereError(f"{path}: is a folder; name the recordings in it")
        if not stat.S_ISREG(found.st_mode):
            raise TenereError(f"{path}: is not a regular file (a pipe or a device has no end to wait for); save it as one first")
        if found.st_size > MAX_FILE_BYTES:
            raise TenereError(f"{path}: is 2 GiB or larger; cut it up first")
        return path.read_bytes()
    except OSError as e:
        raise TenereError(f"{path}: cannot be read: {e.strerror or e}") from e


def open_recording(path: Path, source: str, format_name: str = "", hint: SourceHint | None = None) -> FileFeed:
    """Read a recording, finding its framing, and its format where none is named, by content; raise TenereError when it is none."""
    data = read_bytes(path)
    try:
        found = recording.read(data, format_name=format_name, hint=hint)
    except WireError as e:
        raise TenereError(f"{path}: {e.reason} (at byte {e.offset})") from e
    chunk = Chunk(source, found.chunk.data, found.chunk.ends, steady(found.chunk.times_s), found.chunk.offset)
    return FileFeed(path, source, found.framing, found.format, chunk, found.rejects, found.where)


def steady(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return times that never run backwards, without those that are damaged.

    The most units whose times do not run backwards tell the time. Any other farther than 30 s from what they have reached
    is damaged: it takes the time before it, as does a unit without a time; nearer ones are late. So a damaged stamp, or
    a run of them, does not carry what follows with it. Where no unit has a time, each second gets 256 of them.
    """
    n = len(times_s)
    t = times_s.astype(np.float64)
    t[~(np.abs(t) <= LARGEST_TIME_S)] = np.nan
    rows = np.flatnonzero(~np.isnan(t))
    if not len(rows):
        return (np.arange(n) // WITHOUT_TIME_PER_TICK).astype(np.float64) + 0.5
    known = t[rows]
    if np.any(np.maximum.accumulate(known) - known > OUTLIER_S):
        kept = longest_rising(known)
        reached = np.maximum.accumulate(np.where(kept, known, -np.inf))
        reached = np.where(np.isinf(reached), known[np.argmax(kept)], reached)
        t[rows[np.abs(known - reached) > OUTLIER_S]] = np.nan
        rows = np.flatnonzero(~np.isnan(t))
    before = np.maximum.accumulate(np.where(np.isnan(t), -1, np.arange(n)))
    return np.maximum.accumulate(np.where(before >= 0, t[before], t[rows[0]]))


def longest_rising(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark a longest subsequence (n,) that never falls; among equals one that ends lowest, then begins highest. O(n log n)."""
    tails: list[float] = []
    rows: list[int] = []
    previous = np.full(len(values), -1, np.int64)
    for i, value in enumerate(values.tolist()):
        at = bisect.bisect_right(tails, value)
        if at == len(tails):
            tails.append(value)
            rows.append(i)
        else:
            tails[at], rows[at] = value, i
        previous[i] = rows[at - 1] if at else -1
    kept = np.zeros(len(values), np.bool_)
    i = rows[-1] if rows else -1
    while i >= 0:
        kept[i] = True
        i = int(previous[i])
    if len(rows) > 1:
        first, second = np.flatnonzero(kept)[:2]
        begins = values[:second]
        kept[first] = False
        kept[np.argmax(np.where(begins <= values[second], begins, -np.inf))] = True
    return kept


def ticks_of(feeds: Sequence[FileFeed], tick_s: float) -> Iterator[Tick]:
    """Cut recordings into ticks on one grid of data time, merged; gaps are played empty for 90 s, then skipped."""
    cuts = []
    for f in feeds:
        slices = np.floor(f.chunk.times_s / tick_s).astype(np.int64)
        values, first = np.unique(slices, return_index=True)
        cuts.append((values, np.append(first, len(slices))))
    grid = np.unique(np.concatenate([v for v, _ in cuts])) if cuts else np.zeros(0, np.int64)
    number, previous = 0, None
    for k in grid:
        if previous is not None:
            for empty in range(previous + 1, min(int(k), previous + 1 + int(GAP_S / tick_s))):
                yield Tick(number, (empty + 1) * tick_s)
                number += 1
        previous = int(k)
        chunks = []
        for f, (values, bounds) in zip(feeds, cuts, strict=True):
            at = int(np.searchsorted(values, k))
            if at < len(values) and values[at] == k:
                chunks.append(cut(f.chunk, int(bounds[at]), int(bounds[at + 1])))
        yield Tick(number, (int(k) + 1) * tick_s, tuple(chunks))
        number += 1


def cut(chunk: Chunk, first: int, last: int) -> Chunk:
    """Return units first..last of a chunk as a chunk of their own."""
    begin = int(chunk.ends[first - 1]) if first else 0
    end = int(chunk.ends[last - 1]) if last > first else begin
    return Chunk(chunk.source, chunk.data[begin:end], chunk.ends[first:last] - begin, chunk.times_s[first:last], chunk.offset + begin)


def source_name(path: Path, taken: set[str]) -> str:
    """Name a file's feed after it, once."""
    base = path.name.removesuffix(".gz")
    name, k = base, 2
    while name in taken:
        name, k = f"{base} ({k})", k + 1
    taken.add(name)
    return name

"""Recordings as a feed: whole files to ticks, in data time."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import TenereError, WireError
from tenere.tick import Chunk, Tick
from tenere.wire import recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tenere.errors import Rejects

MAX_FILE_BYTES = 4 << 30
GAP_S = 90.0
OUTLIER_S = 30.0
WITHOUT_TIME_PER_TICK = 256
DAY_S = 86_400.0


@dataclass(frozen=True)
class FileFeed:
    """One recording, ready to be cut into ticks."""

    path: Path
    source: str
    framing: str
    format: str
    chunk: Chunk
    rejects: Rejects


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; raise TenereError saying what is wrong with it."""
    try:
        if path.is_dir():
            raise TenereError(f"{path}: is a folder; name the recordings in it")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise TenereError(f"{path}: larger than {MAX_FILE_BYTES >> 30} GiB; cut it up first")
        return path.read_bytes()
    except OSError as e:
        raise TenereError(f"{path}: cannot be read: {e.strerror or e}") from e


def open_recording(path: Path, source: str) -> FileFeed:
    """Read a recording, finding its framing and format by content; raise TenereError when it is none."""
    data = read_bytes(path)
    try:
        found = recording.read(data, path.name)
    except WireError as e:
        raise TenereError(f"{path}: {e.reason} (at byte {e.offset})") from e
    except (gzip.BadGzipFile, zlib.error, EOFError) as e:  # pragma: no cover - the reader turns these into WireError
        raise TenereError(f"{path}: damaged gzip: {e}") from e
    chunk = Chunk(source, found.chunk.data, found.chunk.ends, steady(found.chunk.times_s), found.chunk.offset)
    return FileFeed(path, source, found.framing, found.format, chunk, found.rejects)


def steady(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return times that never run backwards, without lone outliers.

    A time farther than 30 s from the median of the five about it is replaced by that median, so that one damaged
    time stamp does not carry what follows with it; a missing time takes the one before.
    """
    n = len(times_s)
    t = times_s.astype(np.float64).copy()
    known = np.isfinite(t)
    if not known.any():
        return np.arange(n) // WITHOUT_TIME_PER_TICK + 0.5
    at = np.maximum.accumulate(np.where(known, np.arange(n), -1))
    t = np.where(at >= 0, t[np.maximum(at, 0)], t[np.argmax(known)])
    if n >= 5:
        around = np.lib.stride_tricks.sliding_window_view(np.pad(t, 2, mode="edge"), 5)
        middle = np.median(around, axis=1)
        t = np.where(np.abs(t - middle) > OUTLIER_S, middle, t)
    return np.maximum.accumulate(t)


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

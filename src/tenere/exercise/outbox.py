"""What a simulated source has sent and nobody has taken yet: units of bytes with their times, released by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.tick import Chunk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]


class Outbox(NamedTuple):
    """Units waiting, in time order. sent: bytes already released (the offset of the next chunk)."""

    data: bytes
    ends: I64
    times_s: F64
    sent: int


EMPTY = Outbox(b"", np.zeros(0, np.int64), np.zeros(0), 0)


def put(box: Outbox, data: bytes, ends: I64, times_s: F64) -> Outbox:
    """Add units that are in time order and not earlier than those waiting (times within a microsecond are one)."""
    if not len(ends):
        return box
    if not len(box.ends):
        return Outbox(data, ends, times_s, box.sent)
    return Outbox(box.data + data, np.concatenate([box.ends, len(box.data) + ends]), np.concatenate([box.times_s, times_s]), box.sent)


def release(box: Outbox, source: str, after_s: float, until_s: float, zero_s: float) -> tuple[Outbox, Chunk | None]:
    """Take the units with times in [after_s, until_s); earlier ones are dropped. zero_s is added to the chunk's times."""
    low, high = np.searchsorted(box.times_s, [after_s, until_s])
    if high == 0:
        return box, None
    cut, stop = (int(box.ends[i - 1]) if i else 0 for i in (low, high))
    kept = Outbox(box.data[stop:], box.ends[high:] - stop, box.times_s[high:], box.sent + stop - cut)
    if high == low:
        return kept, None
    return kept, Chunk(source, box.data[cut:stop], box.ends[low:high] - cut, box.times_s[low:high] + zero_s, box.sent)


def merge(parts: Sequence[tuple[bytes, I64, F64]]) -> tuple[bytes, I64, F64]:
    """Interleave runs of units by time; at one time, earlier runs go first."""
    units: list[bytes] = []
    for data, ends, _ in parts:
        begins = [0, *ends[:-1].tolist()] if len(ends) else []
        units += [data[a:b] for a, b in zip(begins, ends.tolist(), strict=True)]
    times = np.concatenate([t for _, _, t in parts])
    order = np.argsort(times, kind="stable")
    ordered = [units[i] for i in order.tolist()]
    return b"".join(ordered), np.cumsum([len(u) for u in ordered], dtype=np.int64), times[order]

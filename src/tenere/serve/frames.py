"""Binary frames of the stream to the page: little-endian columns, each on an 8-byte boundary.

    magic b"TNR1" | u8 kind | u8 0 | u16 batches | u32 sequence | u32 0 | f64 time_s        24 bytes
    then per batch: u32 batch id | u32 rows | its columns in schema order, each padded to a multiple of 8 bytes

So a browser lays typed arrays over the frame without copying. A batch id is the batch's place in tenere.page.PAGE_BATCHES.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.errors import WireError
from tenere.page import PAGE_BATCHES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.batch import Batch

MAGIC = b"TNR1"
TRACKS = 1
HISTORY = 2
HEAD = struct.Struct("<4sBBHIId")
BATCH_HEAD = struct.Struct("<II")


def encode(kind: int, sequence: int, time_s: float, batches: Sequence[Batch]) -> bytes:
    """Return one frame of these batches."""
    out = [HEAD.pack(MAGIC, kind, 0, len(batches), sequence & 0xFFFFFFFF, 0, time_s)]
    for batch in batches:
        out.append(BATCH_HEAD.pack(PAGE_BATCHES.index(type(batch)), len(batch)))
        for name, dtype, _, _ in batch.columns():
            raw = np.ascontiguousarray(getattr(batch, name), dtype.newbyteorder("<")).tobytes()
            out += [raw, bytes(-len(raw) % 8)]
    return b"".join(out)


def decode(frame: bytes) -> tuple[int, int, float, list[Batch]]:
    """Return (kind, sequence, time_s, batches) of a frame. Raises WireError on bytes that are not one."""
    if len(frame) < HEAD.size:
        raise WireError("page frame shorter than its header", len(frame))
    magic, kind, _, count, sequence, _, time_s = HEAD.unpack_from(frame)
    if magic != MAGIC:
        raise WireError("page frame without its magic")
    at, batches = HEAD.size, []
    for _ in range(count):
        if at + BATCH_HEAD.size > len(frame):
            raise WireError("page frame cut short", at)
        batch_id, rows = BATCH_HEAD.unpack_from(frame, at)
        at += BATCH_HEAD.size
        if batch_id >= len(PAGE_BATCHES):
            raise WireError("page frame with an unknown batch", at)
        made: dict[str, Any] = {}
        for name, dtype, _, _ in PAGE_BATCHES[batch_id].columns():
            size = rows * dtype.itemsize
            if at + size > len(frame):
                raise WireError("page frame cut short", at)
            made[name] = np.frombuffer(frame, dtype.newbyteorder("<"), rows, at)
            at += size + (-size % 8)
        batches.append(PAGE_BATCHES[batch_id](**made))
    return kind, sequence, time_s, batches

"""Binary frames of the stream to the page. Everything is little-endian.

    magic b"TNR2" | u8 kind | u8 0 | u16 batches | u32 sequence | u32 before | f64 time_s | f64 served_s        32 bytes

time_s is the picture's time, served_s the server's clock when the picture was made (seconds since 1970). Kinds 1 and 2 hold
plain batches:

    per batch: u32 batch id | u32 rows | its columns in schema order, each padded to a multiple of 8 bytes

so a browser lays typed arrays over the frame without copying; a batch id is its place in tenere.page.PAGE_BATCHES. Kinds 3
(a keyframe) and 4 (what has changed since frame ``before``) hold tracks in few bits: tenere.serve.delta.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.errors import WireError
from tenere.page import PAGE_BATCHES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.batch import Batch

MAGIC = b"TNR2"
TRACKS = 1
HISTORY = 2
KEY = 3
DELTA = 4
HEAD = struct.Struct("<4sBBHIIdd")
BATCH_HEAD = struct.Struct("<II")
ROWS_MOST = 1 << 18
"""A frame that promises more rows is none: few bytes may promise many."""


class Head(NamedTuple):
    """What every frame begins with."""

    kind: int
    sequence: int
    time_s: float
    served_s: float = 0.0
    before: int = 0
    batches: int = 0

    def packed(self) -> bytes:
        """Return its bytes."""
        return HEAD.pack(
            MAGIC, self.kind, 0, self.batches, self.sequence & 0xFFFFFFFF, self.before & 0xFFFFFFFF, self.time_s, self.served_s
        )


def head_of(frame: bytes) -> Head:
    """Return what a frame begins with. Raises WireError on bytes that are no frame."""
    if len(frame) < HEAD.size:
        raise WireError("page frame shorter than its header", len(frame))
    magic, kind, _, batches, sequence, before, time_s, served_s = HEAD.unpack_from(frame)
    if magic != MAGIC:
        raise WireError("page frame without its magic")
    return Head(kind, sequence, time_s, served_s, before, batches)


def encode(kind: int, sequence: int, time_s: float, batches: Sequence[Batch], served_s: float = 0.0) -> bytes:
    """Return one frame of plain batches."""
    out = [Head(kind, sequence, time_s, served_s, batches=len(batches)).packed()]
    for batch in batches:
        out.append(BATCH_HEAD.pack(PAGE_BATCHES.index(type(batch)), len(batch)))
        for name, dtype, _, _ in batch.columns():
            raw = np.ascontiguousarray(getattr(batch, name), dtype.newbyteorder("<")).tobytes()
            out += [raw, bytes(-len(raw) % 8)]
    return b"".join(out)


def decode(frame: bytes) -> tuple[int, int, float, list[Batch]]:
    """Return (kind, sequence, time_s, batches) of a frame of plain batches. Raises WireError on bytes that are not one."""
    head = head_of(frame)
    if head.kind not in (TRACKS, HISTORY):
        raise WireError("page frame of another kind", head.kind)
    at, batches = HEAD.size, []
    for _ in range(head.batches):
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
    return head.kind, head.sequence, head.time_s, batches

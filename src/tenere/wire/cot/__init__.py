"""Cursor-on-Target, in XML and in TAK protobuf: partners' air tracks in, our picture out."""

from __future__ import annotations

from tenere.wire.cot.columns import details
from tenere.wire.cot.decode import init, likeness, split, step
from tenere.wire.cot.encode import encode_events, encode_protobuf
from tenere.wire.format import Format

FORMAT = Format("cot", init, step, split, likeness, details)

__all__ = ["FORMAT", "encode_events", "encode_protobuf"]

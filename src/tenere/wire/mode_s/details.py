"""Frames to tables: every field of every frame that is a record, one table a downlink format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.wire.detail import Column, Detail
from tenere.wire.mode_s import comm_b, decode, replies, squitter
from tenere.wire.mode_s.source import Frames, follow

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tenere.wire.mode_s.layout import Layout
    from tenere.wire.mode_s.source import Source

TABLES: dict[int, tuple[Layout, Callable[..., None], tuple[str, ...]]] = {
    **{df: (replies.TABLE, replies.fill, without) for df, without in replies.WITHOUT.items()},
    11: (replies.ALL_CALL, replies.fill_all_call, ()),
    17: (squitter.TABLE, squitter.fill, squitter.ONLY_18),
    18: (squitter.TABLE, squitter.fill, squitter.ONLY_17),
    **{df: (comm_b.TABLE, comm_b.fill, without) for df, without in comm_b.WITHOUT.items()},
    24: (replies.COMM_D, replies.fill_comm_d, ()),
}
"""By downlink format: its columns, the kernel that fills them, and the columns it does not have."""

OFFSET = "byte offset of the frame in what its source delivered"
RECEIVE = "time the bytes arrived"
TIME = "time of the frame: the receiver's GPS clock or the line's own time, else receive_s"
COUNTER = "the receiver's 48-bit counter: 12 MHz, or GPS time (18 bits of seconds of the day, 30 of nanoseconds)"
SIGNAL = "signal level that the receiver gives, 0-255; the amplitude, so 20 log10(signal / 255) is dB of full scale"


def details(source: Source, frames: Frames, times_s: NDArray[np.float64], base_offset: int) -> dict[str, Detail]:
    """Return the tables of frames in order, each at its time (n,); the source remembers, as tenere.wire.mode_s.source.run does.

    base_offset: where the chunk stands in all that the source delivered. Frames that are no records are in none.
    """
    found = follow(source, frames, times_s, plotting=False).found
    formats = np.minimum(frames.data[:, 0] >> 3, 24)
    counts = np.bincount(formats[found["record"] != 0], minlength=25)
    tables = {}
    for downlink_format in np.flatnonzero(counts).tolist():
        rows = np.flatnonzero((formats == downlink_format) & (found["record"] != 0))
        tables[f"DF{downlink_format}"] = table(downlink_format, frames, found, rows, times_s, base_offset)
    return tables


def table(
    downlink_format: int, frames: Frames, found: NDArray[Any], rows: NDArray[np.int64], times_s: NDArray[np.float64], base_offset: int
) -> Detail:
    """Return the table of the records frames[rows] of one format; found: what decode.run found of all frames."""
    layout, fill, without = TABLES[downlink_format]
    blocks = layout.blocks(len(rows))
    fill(frames.data, found, rows, *blocks)
    return layout.detail(blocks, leading(frames, rows, times_s, base_offset), without)


def leading(frames: Frames, rows: NDArray[np.int64], times_s: NDArray[np.float64], base_offset: int) -> tuple[Column, ...]:
    """Return the columns that every table begins with."""
    none = np.full(len(rows), -1, np.int64)
    counters = none if frames.counters is None else frames.counters[rows]
    signals = none if frames.signals is None else frames.signals[rows]
    return (
        Column("offset", frames.reference[rows] + base_offset, "byte", OFFSET),
        Column("receive_s", frames.receive_s[rows], "s", RECEIVE),
        Column("time_s", times_s[rows], "s", TIME),
        Column("counter", counters, "", COUNTER, present=counters >= 0),
        Column("signal", signals.astype(np.uint8), "", SIGNAL, present=signals >= 0),
    )


def blank() -> dict[str, Detail]:
    """Return every table without a record: the columns of each, for the reference pages."""
    none = Frames(np.zeros((0, 14), np.uint8), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
    rows = np.zeros(0, np.int64)
    return {f"DF{k}": table(k, none, np.zeros(0, decode.FOUND), rows, np.zeros(0), 0) for k in sorted(TABLES)}

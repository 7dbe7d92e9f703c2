"""ASTERIX in files that say nothing else: is it any, where are the blocks, when were they made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import Rejects, WireError
from tenere.wire.asterix.blocks import find_blocks
from tenere.wire.asterix.records import decode_category, pieces
from tenere.wire.asterix.tables import known_categories, table
from tenere.wire.asterix.timeline import DAY_S, timeline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.blocks import Blocks

HEAD = 65536
"""Bytes that likeness looks at."""

VARIED = 16
"""Different byte values that the records of some blocks hold at the least; fewer make a pattern, not a recording."""

_TIMES = {21: ("071", "073", "077", "030")}
_TIME_ITEMS = ("140", "070", "030")
"""Items that hold a time of day, by category and (where there is one of 24 bits at 1/128 s) in general."""


def time_items(category: int, edition: str | None = None) -> tuple[str, ...]:
    """Return the elements of a category that hold the time of day of a record, the preferred first."""
    layout = table(category, edition)

    def holds(path: str) -> bool:
        element = layout.element.get(path)
        return element is not None and (element.unit, element.width, element.repeated) == ("s", 24, False)

    return tuple(path for path in _TIMES.get(category, _TIME_ITEMS) if holds(path))


def block_times(data: bytes, blocks: Blocks) -> NDArray[np.float64]:
    """Return the time of day of each block's first record that has one, (blocks,), NaN where none has."""
    out = np.full(len(blocks.start), np.nan)
    known = known_categories()
    for category in np.unique(blocks.category).tolist():
        items = time_items(category) if category in known else ()
        if not items:
            continue
        every = np.flatnonzero(blocks.category == category)
        for piece in pieces(blocks.start[every], blocks.end[every]):
            mine = every[piece]
            records = decode_category(category, data, blocks.start[mine] + 3, blocks.end[mine])
            for item in reversed(items):
                if not records.holds(item):
                    continue
                said = records.column(item)
                rows = np.flatnonzero(said < DAY_S)[::-1]  # backwards, so that the first record of a block is written last
                out[mine[records.block[rows]]] = said[rows]
    return out


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Cut a file of bare blocks into units (one a block, one a stretch of bytes between), each with its data time.

    What is refused is counted when the units are decoded, not here.
    """
    if len(data) >= 1 << 31:
        raise WireError("2 GiB or more in one file")
    blocks = find_blocks(np.frombuffer(data, np.uint8), np.array([len(data)], np.int64))
    ends = np.concatenate([blocks.end, blocks.gap_end])
    times = np.concatenate([block_times(data, blocks), np.full(len(blocks.gap_end), np.nan)])
    order = np.argsort(ends, kind="stable")
    return ends[order], timeline(times[order]), Rejects()


def likeness(head: bytes) -> float:
    """Return how much of some bytes are ASTERIX, 0..1: mostly records that read whole, a little for headers that chain."""
    head = head[:HEAD]
    chained, whole, short = shares(head, np.array([len(head)], np.int64), cut=len(head) == HEAD)
    # noise chains a few long blocks; many short ones end to end are blocks, even of an edition that cannot be read
    weight = 0.6 if chained > 0.95 and short and len(set(head)) >= VARIED else 0.3
    return weight * chained + (1.0 - weight) * whole


def shares(data: bytes, ends: NDArray[np.int64], *, cut: bool = False, exact: bool = False) -> tuple[float, float, bool]:
    """Return which share of some units is blocks, which is blocks that read whole, and whether the blocks are many and short.

    cut: the last block may go on past the end. exact: only a block that is the whole of its unit counts.
    Bytes after the last block of a unit do not count.
    """
    blocks = find_blocks(np.frombuffer(data, np.uint8), ends)
    if not len(blocks.start):
        return 0.0, 0.0, False
    sizes = blocks.end - blocks.start
    whole = np.zeros(len(sizes), np.bool_)
    for category in np.unique(blocks.category).tolist():
        mine = np.flatnonzero(blocks.category == category)
        if category in known_categories():
            records = decode_category(category, data, blocks.start[mine] + 3, blocks.end[mine])
            whole[mine] = records.faults == 0
    if exact:
        whole &= blocks.end == ends[blocks.unit]
        whole[1:] &= blocks.unit[1:] != blocks.unit[:-1]
    total = len(data)
    if cut and len(blocks.gap_end) and blocks.gap_end[-1] == total:
        total -= int(blocks.gap_end[-1] - blocks.gap_start[-1])
    if len(ends) > 1:
        total -= int((blocks.gap_end - blocks.gap_start)[blocks.gap_trailing == 1].sum())
    total = max(total, 1)
    return float(sizes.sum()) / total, float(sizes[whole].sum()) / total, len(sizes) >= 8 and bool(sizes.mean() < 1500)

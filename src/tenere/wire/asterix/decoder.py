"""ASTERIX as a format: a chunk of datagrams in, columns out.

The decoder keeps nothing between chunks but which edition each category is read with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Plots, Status, SystemTracks
from tenere.errors import WireError
from tenere.wire.asterix.blocks import find_blocks
from tenere.wire.asterix.check import Checked
from tenere.wire.asterix.context import Origin
from tenere.wire.asterix.plots import PLOTS, is_target
from tenere.wire.asterix.records import decode_category, fault_reason
from tenere.wire.asterix.status import LAYOUTS, status
from tenere.wire.asterix.system import system_tracks
from tenere.wire.decoded import Decoded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.asterix.blocks import Blocks
    from tenere.wire.format import SourceHint

TRAILING = "trailing bytes after the last block"
NO_BLOCK = "bytes that are no ASTERIX block"


@dataclass
class AsterixState:
    """Edition by category, where a source is known to send another than the latest."""

    editions: dict[int, str] = field(default_factory=dict)


def init(_hint: SourceHint) -> AsterixState:
    """Return the state of a source that has said nothing yet."""
    return AsterixState()


def step(state: AsterixState, chunk: Chunk, time_s: float) -> tuple[AsterixState, Decoded]:
    """Decode the datagrams of one chunk; time_s is the time of the tick."""
    out = Decoded()
    data = np.frombuffer(chunk.data, np.uint8)
    if data.size >= 1 << 31:
        raise WireError("2 GiB or more in one tick")
    blocks = find_blocks(data, chunk.ends)
    _count_gaps(blocks, chunk.offset, out)
    plots: list[Plots] = []
    statuses: list[tuple[Status, NDArray[np.int64]]] = []
    tracks: list[SystemTracks] = []
    seen: set[int] = set()
    for category in np.unique(blocks.category).tolist():
        mine = np.flatnonzero(blocks.category == category)
        checked = _records(category, chunk, blocks, mine, state, out)
        if checked is None:
            continue
        unit = blocks.unit[mine][checked.records.block]
        origin = Origin(chunk.times_s[unit], time_s)
        if category in PLOTS:
            target = is_target(checked)
            if category in LAYOUTS and not target.all():
                statuses.append((status(checked, origin).take(~target), checked.records.offset[~target]))
            found = PLOTS[category](checked, origin).take(target)
            plots.append(found)
            seen.update(np.unique(found.address[found.address > 0]).tolist())
        elif category in LAYOUTS:
            statuses.append((status(checked, origin), checked.records.offset))
        elif category == 62:
            tracks.append(system_tracks(checked, origin))
            seen.update(np.unique(tracks[-1].address[tracks[-1].address > 0]).tolist())
    out.plots = _in_order(plots)
    out.system = SystemTracks.concat(tracks)
    if statuses:
        order = np.argsort(np.concatenate([at for _, at in statuses]), kind="stable")
        out.status = Status.concat([s for s, _ in statuses]).take(order)
    out.addresses = frozenset(seen)
    return state, out


def _in_order(parts: list[Plots]) -> Plots:
    """Return plots of several categories in the order in which they came."""
    joined = Plots.concat(parts)
    return joined if len(parts) < 2 else joined.take(np.argsort(joined.reference, kind="stable"))


def _count_gaps(blocks: Blocks, base_offset: int, out: Decoded) -> None:
    """Count the bytes that belong to no block."""
    for reason, rows in ((TRAILING, blocks.gap_trailing == 1), (NO_BLOCK, blocks.gap_trailing == 0)):
        if rows.any():
            out.rejects.add(reason, base_offset + int(blocks.gap_start[rows][0]), int(rows.sum()))


def _records(category: int, chunk: Chunk, blocks: Blocks, mine: NDArray[np.intp], state: AsterixState, out: Decoded) -> Checked | None:
    """Decode and check the blocks of one category; count its records and refusals. None where the category cannot be read."""
    starts = blocks.start[mine]
    try:
        records = decode_category(category, chunk.data, starts + 3, blocks.end[mine], state.editions.get(category))
    except WireError as error:
        out.rejects.add(error.reason, chunk.offset + int(starts[0]), len(mine))
        return None
    for fault in np.unique(records.faults[records.faults > 0]).tolist():
        rows = np.flatnonzero(records.faults == fault)
        out.rejects.add(fault_reason(category, fault), chunk.offset + int(records.fault_at[rows[0]]), len(rows))
    checked = Checked(records, out.rejects, chunk.offset, starts)
    if len(checked):
        out.records[f"CAT{category:03d}"] += len(checked)
    return checked

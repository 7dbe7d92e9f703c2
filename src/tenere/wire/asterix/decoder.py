"""ASTERIX as a format: a chunk of datagrams in, columns out.

The decoder keeps nothing between chunks but which edition each category is read with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Plots, Status, SystemTracks
from tenere.errors import WireError
from tenere.wire.asterix.blocks import find_blocks, find_inside
from tenere.wire.asterix.check import Checked
from tenere.wire.asterix.context import Origin
from tenere.wire.asterix.plots import PLOTS, is_target
from tenere.wire.asterix.records import decode_category, fault_reason, pieces
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
    parts = _Parts()
    broken = _decode(chunk, blocks, time_s, state, out, parts)
    if len(broken):
        _decode(chunk, find_inside(data, chunk.ends, blocks, broken), time_s, state, out, parts)
    return state, parts.into(out)


def _decode(chunk: Chunk, blocks: Blocks, time_s: float, state: AsterixState, out: Decoded, parts: _Parts) -> NDArray[np.intp]:
    """Decode blocks of any category; return the rows of those that fail their structure."""
    broken: list[NDArray[np.intp]] = [np.empty(0, np.intp)]
    for category in np.unique(blocks.category).tolist():
        every = np.flatnonzero(blocks.category == category)
        for piece in pieces(blocks.start[every], blocks.end[every]):
            mine = every[piece]
            checked = _records(category, chunk, blocks, mine, state, out)
            if checked is None:
                continue
            broken.append(mine[checked.records.faults > 0])
            if len(checked):
                parts.add(checked, Origin(chunk.times_s[blocks.unit[mine][checked.records.block]], time_s))
    return np.concatenate(broken)


class _Parts:
    """The batches of one chunk as they come, category by category."""

    def __init__(self) -> None:
        self.plots: list[Plots] = []
        self.tracks: list[SystemTracks] = []
        self.status: list[Status] = []
        self.status_at: list[NDArray[np.int64]] = []
        self.addresses: set[int] = set()

    def add(self, checked: Checked, origin: Origin) -> None:
        """Take the records of one category that stand."""
        category = checked.records.table.category
        if category in PLOTS:
            target = is_target(checked)
            if category in LAYOUTS and not target.all():
                self.status.append(status(checked, origin).take(~target))
                self.status_at.append(checked.records.offset[~target])
            self.plots.append(PLOTS[category](checked, origin).take(target))
            self._seen(self.plots[-1].address)
        elif category in LAYOUTS:
            self.status.append(status(checked, origin))
            self.status_at.append(checked.records.offset)
        elif category == 62:
            self.tracks.append(system_tracks(checked, origin))
            self._seen(self.tracks[-1].address)

    def _seen(self, address: NDArray[np.int32]) -> None:
        self.addresses.update(np.unique(address[address > 0]).tolist())

    def into(self, out: Decoded) -> Decoded:
        """Put the batches together, in the order in which the bytes came."""
        out.plots = Plots.concat(self.plots)
        if len(self.plots) > 1:
            out.plots = out.plots.take(np.argsort(out.plots.reference, kind="stable"))
        out.system = SystemTracks.concat(self.tracks)
        if len(self.tracks) > 1:
            out.system = out.system.take(np.argsort(out.system.reference, kind="stable"))
        if self.status:
            out.status = Status.concat(self.status).take(np.argsort(np.concatenate(self.status_at), kind="stable"))
        out.addresses = frozenset(self.addresses)
        return out


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

"""ASTERIX as a format: a chunk of datagrams in, columns out.

The decoder keeps little between chunks: see reading.AsterixState.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Plots, Status, SystemTracks
from tenere.wire.asterix.check import Checked
from tenere.wire.asterix.context import Origin
from tenere.wire.asterix.plots import PLOTS, is_target
from tenere.wire.asterix.reading import AsterixState, init, read_blocks
from tenere.wire.asterix.records import pieces, records_of
from tenere.wire.asterix.status import LAYOUTS, status
from tenere.wire.asterix.system import system_tracks
from tenere.wire.decoded import Decoded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk

__all__ = ["AsterixState", "init", "step"]


def step(state: AsterixState, chunk: Chunk, time_s: float) -> tuple[AsterixState, Decoded]:
    """Decode the datagrams of one chunk; time_s is the time of the tick."""
    out = Decoded()
    parts = _Parts()
    for reading in read_blocks(state, chunk, out.rejects):
        found = reading.found
        for piece in pieces(found.start, found.end):
            records = records_of(found, piece, reading.take[piece])
            checked = Checked(records, out.rejects, chunk.offset, breached=found.breached)
            if len(checked):
                out.records[f"CAT{found.layout.category:03d}"] += len(checked)
                parts.add(checked, Origin(chunk.times_s[reading.unit[piece][records.block]], time_s))
    return state, parts.into(out)


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

"""Where the items of records are, as the survey found them: so that what is read of them need not walk them again.

A row a piece of records and slot that any of them holds: two bytes a record, for a block has less than 64 KiB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from tenere.wire.asterix.gather import PIECE, reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.table import Table


SPARE = 8
"""Pieces for which there is room whatever they hold."""


class Trace(NamedTuple):
    """Rows, in order. slot: (rows,) int32, row of places, piece after piece; two rows 0 begin a piece. distance: (rows, PIECE) uint16.

    Of slot 0 the upper, then the lower half of where each record begins; of others how far from there each item is, 0 absent; of how
    often it comes one more than that.
    """

    slot: NDArray[np.int32]
    distance: NDArray[np.uint16]


def nowhere() -> Trace:
    """Return room for nothing."""
    return Trace(np.empty(0, np.int32), np.empty((0, PIECE), np.uint16))


def room(layout: Table, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Trace:
    """Return room for the records of some blocks: as many bytes as they have, and SPARE pieces; none where a block is too long."""
    sizes = ends - starts
    if not len(sizes) or int(sizes.max()) >= 1 << 16:
        return nowhere()
    rows = int(sizes.sum()) // (2 * PIECE) + SPARE * (2 + len(layout.slots))
    return Trace(np.empty(rows, np.int32), np.empty((rows, PIECE), np.uint16))


def counted(layout: Table) -> NDArray[np.bool_]:
    """Say which rows of places are how often an item comes, (1 + slots,)."""
    return np.array([False, *(name.endswith("#count") for name in layout.slots)])


@njit(cache=True)
def keep(places: NDArray[np.int32], m: int, counts: NDArray[np.bool_], trace: Trace, kept: int) -> int:
    """Write a piece of m records after `kept` rows of a trace; return how many are written then, -1 where there is no room.

    places: (1 + slots, m or more) int32, -1 absent. counts: counted.
    """
    if kept < 0 or kept + 2 > trace.slot.size:
        return -1
    begin = places[0]
    trace.slot[kept : kept + 2] = 0
    upper, lower = trace.distance[kept], trace.distance[kept + 1]
    for i in range(m):
        upper[i] = begin[i] >> 16
        lower[i] = begin[i] & 0xFFFF
    kept += 2
    for slot in range(1, counts.size):
        at = places[slot]
        if reach(at, m)[1] < 0:
            continue
        if kept >= trace.slot.size:
            return -1
        trace.slot[kept] = slot
        to = trace.distance[kept]
        kept += 1
        if counts[slot]:
            for i in range(m):
                to[i] = at[i] + 1
        else:
            for i in range(m):
                to[i] = at[i] - begin[i] if at[i] >= 0 else 0
    return kept


@njit(cache=True)
def recall(trace: Any, row: int, m: int, counts: NDArray[np.bool_], places: NDArray[np.int32], held: NDArray[np.int64]) -> int:  # noqa: ANN401 - numba
    """Bring back the places of a piece of m records that begins at a row of a trace; return where the next begins.

    places: as in keep, out; of slots that none of them holds -1, if they are among `held`.
    """
    for k in range(held.size):
        places[held[k], :m] = -1
    upper, lower, begin = trace.distance[row], trace.distance[row + 1], places[0]
    for i in range(m):
        begin[i] = (np.int32(upper[i]) << 16) | np.int32(lower[i])
    row += 2
    while row < trace.slot.size and trace.slot[row] > 0:
        slot = trace.slot[row]
        said = trace.distance[row]
        at = places[slot]
        if counts[slot]:
            for i in range(m):
                at[i] = np.int32(said[i]) - 1
        else:
            for i in range(m):
                at[i] = begin[i] + np.int32(said[i]) if said[i] > 0 else -1
        row += 1
    return row

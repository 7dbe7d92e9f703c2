"""The first look at the blocks of a category: which records read whole, which contradict their edition, and where reading fails.

One pass, which keeps nothing of a record but its verdict. What is taken of each block is decided on that, and read in a second pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from tenere.errors import WireError
from tenere.wire.asterix.check import MOST_DOUBT, WRONG, Scores, checks_of, doubts, sender_at, source_slot
from tenere.wire.asterix.gather import PIECE, STRIDE, reach
from tenere.wire.asterix.runs import runs_of
from tenere.wire.asterix.tables import table
from tenere.wire.asterix.trace import Trace, counted, keep, nowhere, room
from tenere.wire.asterix.walk import FAULTS, failing, record, record_by

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tenere.errors import Rejects
    from tenere.wire.asterix.table import Table


class Survey(NamedTuple):
    """The verdict on some blocks of one category, (blocks,) each but the last three.

    start, end: int64, the bytes of each block after its header. counts: int64, records that read whole; sound: how many of the
    first of those raise no doubt and name the same sender; sound_to: where the last of these ends. faults, fault_at: int64, why
    reading fails (code in walk.FAULTS, 0 it does not) and the record.
    wrong: bool, a record contradicts its edition.
    held: (1 + slots,) bool, which slots any record may hold. breached: (ranges,) bool, which ranges of check.checks_of any leaves.
    trace: where the items of all records are, None where that is not kept.
    """

    layout: Table
    data: NDArray[np.uint8]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    counts: NDArray[np.int64]
    sound: NDArray[np.int64]
    sound_to: NDArray[np.int64]
    faults: NDArray[np.int64]
    fault_at: NDArray[np.int64]
    wrong: NDArray[np.bool_]
    held: NDArray[np.bool_]
    breached: NDArray[np.bool_]
    trace: Trace | None = None

    @property
    def whole(self) -> NDArray[np.int64]:
        """Return how many records of each block there are to take where only whole blocks without contradiction are."""
        return np.where((self.faults == 0) & ~self.wrong, self.counts, 0)


@njit(cache=True)
def _survey(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    program: NDArray[np.int32],
    runs: NDArray[np.int32],
    checks: Any,  # noqa: ANN401 - numba
    source: int,
    places: NDArray[np.int32],
    verdict: Any,  # noqa: ANN401 - numba
    held: NDArray[np.bool_],
    breached: NDArray[np.bool_],
    counted: NDArray[np.bool_],
    trace: Any,  # noqa: ANN401 - numba
) -> int:
    """Look at every block. source: slot of the item that names the sender, -1 none. places: (1 + slots, STRIDE) int32 scratch.

    verdict: (counts, sound, sound_to, faults, fault_at, wrong), out. counted, trace: see trace.keep; return how many of its rows are
    written, -1 where they are too few.
    """
    faults, fault_at = verdict[3], verdict[4]
    places[:] = -1
    rows = places.T
    scores = Scores(np.empty(PIECE, np.int64), np.empty(PIECE, np.int64), np.empty(PIECE, np.int64))
    octet, raw = np.empty(PIECE, np.uint8), np.empty(PIECE, np.uint64)
    of, past = np.empty(PIECE, np.int64), np.empty(PIECE, np.int64)
    state = np.full(3, -1, np.int64)
    m = 0
    kept = 0
    for block in range(starts.size):
        position = starts[block]
        end = ends[block]
        while position < end:
            at = record_by(data, position, end, program, runs, rows, m)
            if at < 0:
                faults[block] = -at
                fault_at[block] = position
                rows[m, :] = -1
                break
            places[0, m] = position
            of[m] = block
            past[m] = at
            position = at
            m += 1
            if m == PIECE:
                doubts(data, places, m, checks, breached, scores, octet, raw)
                _settle(data, places, m, source, of, past, scores.doubt, state, verdict)
                kept = keep(places, m, counted, trace, kept)
                _note(places, m, held)
                m = 0
    if m:
        doubts(data, places, m, checks, breached, scores, octet, raw)
        _settle(data, places, m, source, of, past, scores.doubt, state, verdict)
        kept = keep(places, m, counted, trace, kept)
        _note(places, m, held)
    return kept


@njit(cache=True)
def _settle(
    data: NDArray[np.uint8],
    places: NDArray[np.int32],
    m: int,
    source: int,
    of: NDArray[np.int64],
    past: NDArray[np.int64],
    doubt: NDArray[np.int64],
    state: NDArray[np.int64],
    verdict: Any,  # noqa: ANN401 - numba
) -> None:
    """Bring m records to the verdict on their blocks. of: the block of each; past: where it ends; doubt: what speaks against it.

    state: the block of the record before, its first sender (-1 none), and whether all of its records are sound so far.
    """
    counts, sound, sound_to, _, _, wrong = verdict
    named = -1
    for i in range(m):
        block = of[i]
        if source >= 0:  # a header that is read as a record does not name the sender of the block
            here = places[source + 1, i]
            named = int(data[here]) * 256 + int(data[here + 1]) if here >= 0 else -1
        if block != state[0]:
            state[0] = block
            state[1] = named
            state[2] = 1
        if doubt[i] >= WRONG:
            wrong[block] = True
        if doubt[i] > MOST_DOUBT or (source >= 0 and (named < 0 or named != state[1])):
            state[2] = 0
        if state[2]:
            sound[block] += 1
            sound_to[block] = past[i]
        counts[block] += 1


@njit(cache=True)
def _note(places: NDArray[np.int32], m: int, held: NDArray[np.bool_]) -> None:
    """Remember which slots m records hold, and forget where."""
    for slot in range(1, held.size):
        if reach(places[slot], m)[1] >= 0:
            held[slot] = True
            places[slot, :m] = -1


def survey(category: int, data: bytes, starts: ArrayLike, ends: ArrayLike, edition: str | None = None, *, traced: bool = False) -> Survey:
    """Look at some blocks of one category. data: what holds the blocks; starts, ends: (blocks,) each without its three-byte header.

    traced: remember where the items are, if that takes no more room than the blocks.
    Raises WireError for a category or edition that is not known, a block outside the data, or 2 GiB of data.
    """
    return survey_of(table(category, edition), data, starts, ends, traced=traced)


def survey_of(layout: Table, data: bytes | NDArray[np.uint8], starts: ArrayLike, ends: ArrayLike, *, traced: bool = False) -> Survey:
    """Look at some blocks that a table describes."""
    octets = np.frombuffer(data, np.uint8)  # read-only, whatever it came as: one compiled kernel
    begin, end = (np.ascontiguousarray(v, np.int64) for v in (starts, ends))
    if octets.size >= 1 << 31:
        raise WireError("2 GiB or more in one call")
    if begin.size and (begin.min() < 0 or end.max() > octets.size):
        raise WireError("a block outside the data")
    checks, reasons = checks_of(layout)
    counts, sound, sound_to, faults, fault_at = (np.zeros(begin.size, np.int64) for _ in range(5))
    wrong = np.zeros(begin.size, np.bool_)
    held, breached = np.zeros(1 + len(layout.slots), np.bool_), np.zeros(len(reasons), np.bool_)
    places = np.empty((held.size, STRIDE), np.int32)
    verdict = (counts, sound, sound_to, faults, fault_at, wrong)
    trace = room(layout, begin, end) if traced else nowhere()
    program, runs, source = layout.program, runs_of(layout), source_slot(layout)
    kept = _survey(octets, begin, end, program, runs, checks, source, places, verdict, held, breached, counted(layout), trace)
    return Survey(
        layout, octets, begin, end, *verdict, held, breached, Trace(trace.slot[:kept], trace.distance[:kept]) if kept > 0 else None
    )


@njit(cache=True)
def _diagnose(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    faults_at: NDArray[np.int64],
    ends: NDArray[np.int64],
    program: NDArray[np.int32],
    source: int,
    row: NDArray[np.int32],
    items: NDArray[np.int64],
    sources: NDArray[np.int64],
) -> None:
    """Say of each failing record the slot of the item (-1 none) and where its sender stands, or that of the first of its block (-1)."""
    for i in range(starts.size):
        items[i] = failing(data, faults_at[i], ends[i], program, row)
        if source >= 0:
            sources[i] = row[0, source + 1]
            if sources[i] < 0 and faults_at[i] > starts[i]:
                row[:] = -1
                record(data, starts[i], ends[i], program, row, 0)
                sources[i] = row[0, source + 1]


def count_faults(found: Survey, rejects: Rejects, base_offset: int) -> None:
    """Count why blocks are refused: the fault, the item at which reading fails, who sent the first."""
    layout = found.layout
    broken = np.flatnonzero(found.faults)
    if not len(broken):
        return
    items, sources = np.full(len(broken), -1, np.int64), np.full(len(broken), -1, np.int64)
    row = np.empty((1, 1 + len(layout.slots)), np.int32)
    source = source_slot(layout)
    _diagnose(found.data, found.start[broken], found.fault_at[broken], found.end[broken], layout.program, source, row, items, sources)
    kinds, first, counts = np.unique(found.faults[broken] * 65536 + items + 1, return_index=True, return_counts=True)
    for kind, k, count in zip(kinds.tolist(), first.tolist(), counts.tolist(), strict=True):
        item = kind % 65536 - 1
        reason = fault_reason(layout.category, kind // 65536, layout.slots[item] if item >= 0 else "")
        rejects.add(reason, base_offset + int(found.fault_at[broken[k]]), count, sender_at(found.data, int(sources[k])))


def fault_reason(category: int, code: int, item: str = "") -> str:
    """Return the words that count a refused block; item: where reading it fails ("130")."""
    where = f" at I{category:03d}/{item.partition('@')[0]}" if item else ""
    return f"CAT{category:03d} block refused{where}: {FAULTS[code]}"


def sender_of_block(found: Survey, block: int) -> str:
    """Name the sender of a block by its first record."""
    row = np.full((1, 1 + len(found.layout.slots)), -1, np.int32)
    record(found.data, int(found.start[block]), int(found.end[block]), found.layout.program, row, 0)
    source = source_slot(found.layout)
    return sender_at(found.data, int(row[0, source + 1]) if source >= 0 else -1)


class History:
    """How the last blocks of each category of one source read: what its broken blocks are trusted for.

    A broken block is one damaged on its way where most of its neighbours read whole, and another edition, or noise, where they
    do not. Only of the former are the records before the failing one kept.
    """

    LAST = 32
    LEAST = 4

    def __init__(self) -> None:
        """Know nothing yet."""
        self.whole: dict[int, NDArray[np.bool_]] = {}

    def take(self, found: Survey) -> NDArray[np.int64]:
        """Return how many records of each block are to be taken, (blocks,), and remember how they read.

        All of a whole block, none of one that contradicts its edition; of a broken one those before the first that raises any doubt,
        where at least LEAST of the LAST blocks before it are known and three in four of them are whole.
        """
        out = found.whole
        whole = out > 0
        before = self.whole.get(found.layout.category, np.zeros(0, np.bool_))
        every = np.concatenate([before, whole])
        self.whole[found.layout.category] = every[-self.LAST :].copy()
        broken = np.flatnonzero((found.faults > 0) & ~found.wrong & (found.sound > 0))
        if len(broken):
            total = np.concatenate([np.zeros(1, np.int64), np.cumsum(every)])
            here = broken + len(before)
            first = np.maximum(here - self.LAST, 0)
            trusted = (here - first >= self.LEAST) & ((total[here] - total[first]) * 4 >= (here - first) * 3)
            out[broken[trusted]] = found.sound[broken[trusted]]
        return out

"""Finds ASTERIX blocks in bytes: category, two-byte length, records (Part 1, 4.2), and again after damage.

A header is plausible where its category exists and its length stays inside. After one that is not, the next
position is taken from which headers of common categories chain and the first block reads as its category.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.wire.asterix.tables import described_categories, known_categories, table
from tenere.wire.asterix.walk import reads

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHAIN = 3
"""Headers in a row that make a new beginning after damage, where the first of them is of a block that reads whole."""

LONG_CHAIN = 9
"""Headers in a row that make one whether or not it does, in a category of many blocks here: their edition may be one not read."""

READ = 64
"""Records read to believe a block: bounds the search."""

EXISTING = (*range(1, 66), *range(128, 130), 150, 205, *range(240, 256))
"""Categories given out, or used without being given out. One that no table describes is stepped over where headers chain."""


class Blocks(NamedTuple):
    """Blocks, in order. start, end: (n,) int64, header included. unit: (n,) int64, row of the unit that holds it.

    gap_start, gap_end, gap_after: bytes that belong to no block: where, and 1 if they end a unit that holds a block.
    """

    category: NDArray[np.uint8]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    unit: NDArray[np.int64]
    gap_start: NDArray[np.int64]
    gap_end: NDArray[np.int64]
    gap_trailing: NDArray[np.uint8]


@njit(cache=True)
def _plausible(data: NDArray[np.uint8], at: int, end: int, known: NDArray[np.bool_]) -> int:
    """Return the length of the block whose header stands here, 0 where none can."""
    if at + 3 > end or not known[data[at]]:
        return 0
    length = int(data[at + 1]) * 256 + int(data[at + 2])
    return length if length > 3 and at + length <= end else 0


@njit(cache=True)
def _begins(
    data: NDArray[np.uint8],
    at: int,
    end: int,
    likely: NDArray[np.bool_],
    common: NDArray[np.bool_],
    programs: NDArray[np.int32],
    program_at: NDArray[np.int64],
) -> bool:
    """Say whether blocks begin again here."""
    first = _plausible(data, at, end, likely)
    if first == 0:
        return False
    category = int(data[at])
    position = at + first
    chain = 1
    while position < end and chain < LONG_CHAIN:
        length = _plausible(data, position, end, likely)
        if length == 0:
            break
        position += length
        chain += 1
    if chain == LONG_CHAIN and common[category]:
        return True
    if chain < CHAIN and position != end:
        return False
    program = programs[program_at[category] : program_at[category + 1]]
    return program.size > 0 and reads(data, at + 3, at + first, program, READ)


@njit(cache=True)
def _scan(
    data: NDArray[np.uint8],
    ends: NDArray[np.int64],
    known: NDArray[np.bool_],
    described: NDArray[np.bool_],
    likely: NDArray[np.bool_],
    common: NDArray[np.bool_],
    programs: NDArray[np.int32],
    program_at: NDArray[np.int64],
    found: NDArray[np.int64],
    gaps: NDArray[np.int64],
    write: bool,
) -> tuple[int, int]:
    """Find blocks and gaps; with write fill found (n, 3): start, end, unit and gaps (m, 3): start, end, trailing. Return (n, m)."""
    n = 0
    m = 0
    begin = 0
    for unit in range(ends.size):
        end = ends[unit]
        at = begin
        here = n
        while at < end:
            length = _plausible(data, at, end, known)
            if length:
                following = at + length
                sound = following == end or _plausible(data, following, end, known) > 0
                if not sound and not described[data[at]]:
                    length = 0
                elif not sound:  # this length or the next header is damaged: does a chain begin inside this block?
                    for p in range(at + 3, following):
                        if _begins(data, p, end, likely, common, programs, program_at):
                            length = 0
                            break
                if length:
                    if write:
                        found[n, 0] = at
                        found[n, 1] = following
                        found[n, 2] = unit
                    n += 1
                    at = following
                    continue
            p = at + 1
            while p < end and not _begins(data, p, end, likely, common, programs, program_at):
                p += 1
            if write:
                gaps[m, 0] = at
                gaps[m, 1] = p
                gaps[m, 2] = p == end and n > here
            m += 1
            at = p
        begin = end
    return n, m


def _category_mask(categories: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(256, np.bool_)
    mask[np.asarray(categories, np.intp)] = True
    return mask


@cache
def programs_by_category(editions: tuple[tuple[int, str], ...] = ()) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the programs of all categories end to end, and where that of each category begins, (257,).

    editions: (category, edition) of those that are not read as their latest.
    """
    known, chosen = known_categories(), dict(editions)
    each = [table(category, chosen.get(category)).program if category in known else np.empty(0, np.int32) for category in range(256)]
    return np.concatenate(each), np.concatenate([np.zeros(1, np.int64), np.cumsum([len(p) for p in each])])


def find_blocks(data: NDArray[np.uint8], ends: NDArray[np.int64], editions: tuple[tuple[int, str], ...] = ()) -> Blocks:
    """Find the blocks of each unit. data: (n,) uint8; ends: (units,) int64; editions: see programs_by_category."""
    known, described = _category_mask(EXISTING), _category_mask(described_categories())
    nothing = np.empty((0, 3), np.int64)
    programs = programs_by_category(editions)
    likely, common = described, _category_mask(())
    for _ in range(2):  # once to learn which categories are common here, once to use it after damage
        n, m = _scan(data, ends, known, described, likely, common, *programs, nothing, nothing, False)
        found, gaps = np.empty((n, 3), np.int64), np.empty((m, 3), np.int64)
        _scan(data, ends, known, described, likely, common, *programs, found, gaps, True)
        if m == 0 or n == 0:
            break
        counts = np.bincount(data[found[:, 0]], minlength=256)
        likely, common = (counts * 100 >= n) & described, (counts * 5 >= n) & described
    category, start, end, unit = data[found[:, 0]], found[:, 0].copy(), found[:, 1].copy(), found[:, 2].copy()
    return Blocks(category, start, end, unit, gaps[:, 0].copy(), gaps[:, 1].copy(), gaps[:, 2].astype(np.uint8))


@njit(cache=True)
def _scan_inside(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    likely: NDArray[np.bool_],
    programs: NDArray[np.int32],
    program_at: NDArray[np.int64],
    found: NDArray[np.int64],
    write: bool,
) -> int:
    """Find what blocks stand inside others: found (n, 3) start, end, which one; return n."""
    n = 0
    none = np.zeros(256, np.bool_)
    for i in range(starts.size):
        at = starts[i] + 1
        while at < ends[i]:
            if not _begins(data, at, ends[i], likely, none, programs, program_at):
                at += 1
                continue
            length = _plausible(data, at, ends[i], likely)
            while length:
                if write:
                    found[n, 0] = at
                    found[n, 1] = at + length
                    found[n, 2] = i
                n += 1
                at += length
                length = _plausible(data, at, ends[i], likely)
    return n


def find_inside(
    data: NDArray[np.uint8],
    unit_ends: NDArray[np.int64],
    blocks: Blocks,
    broken: NDArray[np.intp],
    editions: tuple[tuple[int, str], ...] = (),
) -> Blocks:
    """Find the blocks that a broken one has swallowed: its length was damaged, and reached over them.

    unit_ends: (units,) as given to find_blocks. broken: rows of blocks; what follows them up to the next block is searched too.
    Only categories common in blocks are taken, and only where they chain and read whole.
    """
    counts = np.bincount(blocks.category, minlength=256)
    likely = (counts * 100 >= len(blocks.category)) & _category_mask(described_categories())
    limit = unit_ends[blocks.unit]
    limit[:-1] = np.where(blocks.unit[1:] == blocks.unit[:-1], blocks.start[1:], limit[:-1])
    starts, ends = blocks.start[broken], limit[broken]
    programs = programs_by_category(editions)
    n = _scan_inside(data, starts, ends, likely, *programs, np.empty((0, 3), np.int64), False)
    found = np.empty((n, 3), np.int64)
    _scan_inside(data, starts, ends, likely, *programs, found, True)
    no_gap = np.empty(0, np.int64)
    unit = blocks.unit[broken][found[:, 2]]
    return Blocks(data[found[:, 0]], found[:, 0].copy(), found[:, 1].copy(), unit, no_gap, no_gap, np.empty(0, np.uint8))

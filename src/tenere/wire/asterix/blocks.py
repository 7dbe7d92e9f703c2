"""Finds ASTERIX blocks in bytes: category, two-byte length, records (Part 1, 4.2), and again after damage.

A header is plausible where its category exists and its length stays inside. After one that is not, the next
position is taken from which headers chain: to the exact end, or three in a row of categories common in these bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.wire.asterix.tables import described_categories

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHAIN = 3
"""Headers in a row that make a new beginning after damage."""

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
def _chains(data: NDArray[np.uint8], at: int, end: int, likely: NDArray[np.bool_]) -> bool:
    """Say whether likely headers chain from here: CHAIN of them, or to the exact end."""
    for _ in range(CHAIN):
        length = _plausible(data, at, end, likely)
        if length == 0:
            return False
        at += length
        if at == end:
            return True
    return True


@njit(cache=True)
def _scan(
    data: NDArray[np.uint8],
    ends: NDArray[np.int64],
    known: NDArray[np.bool_],
    described: NDArray[np.bool_],
    likely: NDArray[np.bool_],
    found: NDArray[np.int64],
    gaps: NDArray[np.int64],
    write: bool,  # noqa: FBT001 - numba
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
                        if _chains(data, p, end, likely):
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
            while p < end and not _chains(data, p, end, likely):
                p += 1
            if write:
                gaps[m, 0] = at
                gaps[m, 1] = p
                gaps[m, 2] = p == end and n > here
            m += 1
            at = p
        begin = end
    return n, m


def _category_mask(categories: tuple[int, ...] | NDArray[np.intp]) -> NDArray[np.bool_]:
    mask = np.zeros(256, np.bool_)
    mask[np.asarray(categories, np.intp)] = True
    return mask


def find_blocks(data: NDArray[np.uint8], ends: NDArray[np.int64]) -> Blocks:
    """Find the blocks of each unit. data: (n,) uint8; ends: (units,) int64."""
    known, described = _category_mask(EXISTING), _category_mask(described_categories())
    nothing = np.empty((0, 3), np.int64)
    likely = described
    for _ in range(2):  # once to learn which categories are common here, once to use it after damage
        n, m = _scan(data, ends, known, described, likely, nothing, nothing, False)
        found, gaps = np.empty((n, 3), np.int64), np.empty((m, 3), np.int64)
        _scan(data, ends, known, described, likely, found, gaps, True)
        if m == 0 or n == 0:
            break
        counts = np.bincount(data[found[:, 0]], minlength=256)
        likely = counts * 100 >= n
    return Blocks(
        data[found[:, 0]],
        found[:, 0].copy(),
        found[:, 1].copy(),
        found[:, 2].copy(),
        gaps[:, 0].copy(),
        gaps[:, 1].copy(),
        gaps[:, 2].astype(np.uint8),
    )

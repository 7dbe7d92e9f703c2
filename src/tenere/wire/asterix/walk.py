"""Kernels that step through blocks: where each record begins, and each item in it.

Plain loops over ``Table.program``. Nothing here allocates by what a length field claims: a first call
counts records, a second writes their slots. Every position is checked against the end of its block before it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.wire.asterix.table import COMPOUND, EXTENDED, FIXED, REPETITIVE, REPETITIVE_FX, RFS

if TYPE_CHECKING:
    from numpy.typing import NDArray

FAULTS = (
    "",
    "field specification runs past the block",
    "field specification longer than the edition has",
    "an item that the edition does not define",
    "item runs past the block",
    "last extension bit set",
    "explicit item of no length",
    "record without items",
)
"""What each failure code means; 0 is none."""

_FSPEC_PAST, _FSPEC_LONG, _UNDEFINED, _PAST, _LAST_FX, _NO_LENGTH, _EMPTY = range(1, 8)


@njit(cache=True)
def _item(  # noqa: PLR0911 - one way out for each kind and fault
    data: NDArray[np.uint8], position: int, end: int, node: int, program: NDArray[np.int32], offsets: NDArray[np.int32], n: int
) -> int:
    """Step over one item that is not compound: its end, or -fault. Row n of offsets is written, none where n < 0."""
    kind = program[node]
    column = program[node + 1] + 1
    size = int(program[node + 2])
    if kind == FIXED:
        if position + size > end:
            return -_PAST
        if n >= 0:
            offsets[n, column] = position
        return position + size
    if kind == EXTENDED:
        first = program[node + 4]
        parts = program[node + 5]
        for k in range(parts):
            here = position
            position += program[first + k]
            if position > end:
                return -_PAST
            if n >= 0:
                offsets[n, column + k] = here
            if k == parts - 1 and program[node + 3] == 0:  # a last part that has no FX bit
                return position
            if not data[position - 1] & 1:
                return position
        return -_LAST_FX
    if kind == REPETITIVE:
        count = 0
        for _ in range(program[node + 3]):
            if position >= end:
                return -_PAST
            count = count * 256 + int(data[position])
            position += 1
        if position + count * size > end:
            return -_PAST
        if n >= 0:
            offsets[n, column] = position
            offsets[n, column + 1] = count
        return position + count * size
    if kind == REPETITIVE_FX:
        here = position
        count = 0
        while True:
            position += size
            count += 1
            if position > end:
                return -_PAST
            if not data[position - 1] & 1:
                break
        if n >= 0:
            offsets[n, column] = here
            offsets[n, column + 1] = count
        return position
    # EXPLICIT: the length counts its own byte
    if position >= end:
        return -_PAST
    length = int(data[position])
    if length == 0:
        return -_NO_LENGTH
    if position + length > end:
        return -_PAST
    if n >= 0:
        offsets[n, column] = position
    return position + length


@njit(cache=True)
def _fspec(data: NDArray[np.uint8], position: int, end: int, longest: int) -> int:
    """Return where the field specification ends, or -fault."""
    at = position
    while True:
        if at >= end:
            return -_FSPEC_PAST
        if at - position >= longest:
            return -_FSPEC_LONG
        at += 1
        if not data[at - 1] & 1:
            return at


@njit(cache=True)
def _any_item(
    data: NDArray[np.uint8], position: int, end: int, node: int, program: NDArray[np.int32], offsets: NDArray[np.int32], n: int
) -> int:
    """Step over one item of any kind: its end, or -fault."""
    if program[node] != COMPOUND:
        return _item(data, position, end, node, program, offsets, n)
    at = _fspec(data, position, end, program[node + 2])
    if at < 0:
        return at
    if n >= 0:
        offsets[n, program[node + 1] + 1] = position
    children = program[node + 4]
    defined = program[node + 5]
    for byte in range(at - position):
        bits = int(data[position + byte])
        for bit in range(7):
            if bits & (0x80 >> bit):
                index = byte * 7 + bit
                child = program[children + index] if index < defined else -1
                if child < 0:
                    return -_UNDEFINED
                at = _item(data, at, end, child, program, offsets, n)
                if at < 0:
                    return at
    return at


@njit(cache=True)
def _random_fields(
    data: NDArray[np.uint8], position: int, end: int, root: int, program: NDArray[np.int32], offsets: NDArray[np.int32]
) -> int:
    """Step over a random field sequence (a count, then pairs of field number and item): its end, or -fault."""
    if position >= end:
        return -_PAST
    count = int(data[position])
    position += 1
    for _ in range(count):
        if position >= end:
            return -_PAST
        index = int(data[position]) - 1
        if index < 0 or index >= program[root + 5]:
            return -_UNDEFINED
        node = program[program[root + 4] + index]
        if node < 0 or program[node] == RFS:
            return -_UNDEFINED
        position = _any_item(data, position + 1, end, node, program, offsets, -1)
        if position < 0:
            return position
    return position


@njit(cache=True)
def _record(
    data: NDArray[np.uint8], position: int, end: int, variant: int, program: NDArray[np.int32], offsets: NDArray[np.int32], n: int
) -> int:
    """Step over one record: its end, or -fault, or -(100 + variant) where it says that it has another layout."""
    root = program[program[0] + variant]
    at = _fspec(data, position, end, program[root + 2])
    if at < 0:
        return at
    selector = program[1]
    children = program[root + 4]
    defined = program[root + 5]
    found = 0
    for byte in range(at - position):
        bits = int(data[position + byte])
        for bit in range(7):
            if bits & (0x80 >> bit):
                found += 1
                index = byte * 7 + bit
                node = program[children + index] if index < defined else -1
                if node < 0:
                    return -_UNDEFINED
                if program[node] == RFS:
                    at = _random_fields(data, at, end, root, program, offsets)
                else:
                    here = at
                    at = _any_item(data, at, end, node, program, offsets, n)
                    if selector and at > 0 and program[node + 1] == program[selector]:
                        width = program[selector + 2]
                        said = (int(data[here]) >> (8 - program[selector + 1] - width)) & ((1 << width) - 1)
                        wanted = program[selector + 4 + said] if 4 + said < program[2] else -1
                        if wanted < 0:
                            return -_UNDEFINED
                        if wanted != variant:
                            return -(100 + wanted)
                if at < 0:
                    return at
    return at if found else -_EMPTY


@njit(cache=True)
def reads(data: NDArray[np.uint8], position: int, end: int, program: NDArray[np.int32], most: int) -> bool:
    """Say whether the records of one block read whole, or its first `most` do. position, end: the bytes after its header."""
    nowhere = np.empty((0, 0), np.int32)
    for _ in range(most):
        if position >= end:
            break
        variant = program[program[1] + 3] if program[1] else 0
        at = _record(data, position, end, variant, program, nowhere, -1)
        if at <= -100:
            at = _record(data, position, end, -at - 100, program, nowhere, -1)
        if at < 0:
            return False
        position = at
    return True


@njit(cache=True)
def walk(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    program: NDArray[np.int32],
    counts: NDArray[np.int64],
    faults: NDArray[np.int64],
    fault_at: NDArray[np.int64],
    offsets: NDArray[np.int32],
    blocks: NDArray[np.int32],
    write: bool,
) -> None:
    """Step through the records of each block.

    data: (n,) uint8. starts, ends: (blocks,) int64, the bytes after each block's header.
    program: Table.program. counts, faults, fault_at: (blocks,) int64 out: whole records, code in FAULTS, start of the record that fails.
    With write: only blocks without fault; offsets: (records, 1 + slots) int32 filled with -1, out: start of the record, then
    its slots; blocks: (records,) int32 out.
    """
    n = 0
    for block in range(starts.size):
        if write and faults[block]:
            continue
        position = starts[block]
        end = ends[block]
        count = 0
        while position < end:
            row = n if write else -1
            variant = program[program[1] + 3] if program[1] else 0
            at = _record(data, position, end, variant, program, offsets, row)
            if at <= -100:
                if write:
                    offsets[row, :] = -1
                at = _record(data, position, end, -at - 100, program, offsets, row)
            if at < 0:
                faults[block] = _UNDEFINED if at <= -100 else -at
                fault_at[block] = position
                break
            if write:
                offsets[n, 0] = position
                blocks[n] = block
                n += 1
            count += 1
            position = at
        counts[block] = count


@njit(cache=True)
def element_int(
    data: NDArray[np.uint8],
    places: NDArray[np.int32],
    column: int,
    bit: int,
    width: int,
    signed: bool,
    out: NDArray[np.int64],
) -> None:
    """Read one element of each row.

    places: (n, any) int32, of which one column holds where the element's slot begins, -1 absent. bit, width: where in the slot;
    width at most 64. out: (n,) int64, untouched where absent.
    """
    first = bit >> 3
    last = (bit + width - 1) >> 3
    drop = np.uint64(7 - ((bit + width - 1) & 7))
    mask = np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(64 - width)
    for i in range(places.shape[0]):
        at = places[i, column]
        if at < 0:
            continue
        # 64 bits that do not begin on a byte span nine: the last is brought in shifted
        value = np.uint64(0)
        for k in range(first, last):
            value = (value << np.uint64(8)) | np.uint64(data[at + k])
        value = (value << (np.uint64(8) - drop)) | (np.uint64(data[at + last]) >> drop)
        value &= mask
        if signed and (value >> np.uint64(width - 1)) & np.uint64(1):
            value |= ~mask
        out[i] = np.int64(value)


@njit(cache=True)
def element_float(
    data: NDArray[np.uint8],
    places: NDArray[np.int32],
    column: int,
    bit: int,
    width: int,
    signed: bool,
    lsb: float,
    out: NDArray[np.float64],
) -> None:
    """Read one element of each row as a quantity: as element_int (width at most 56), times lsb."""
    first = bit >> 3
    last = (bit + width - 1) >> 3
    drop = 7 - ((bit + width - 1) & 7)
    mask = (1 << width) - 1
    for i in range(places.shape[0]):
        at = places[i, column]
        if at < 0:
            continue
        value = 0
        for k in range(first, last):
            value = (value << 8) | int(data[at + k])
        value = ((value << (8 - drop)) | (int(data[at + last]) >> drop)) & mask
        if signed and value >> (width - 1):
            value -= 1 << width
        out[i] = value * lsb


@njit(cache=True)
def repetitions(data_rows: NDArray[np.int32], column: int, size: int, rows: NDArray[np.int64], places: NDArray[np.int32]) -> None:
    """List every repetition of an item: its slots are two columns (first place, count); rows (total,), places (total, 1) out."""
    n = 0
    for i in range(data_rows.shape[0]):
        first = data_rows[i, column]
        if first < 0:
            continue
        for k in range(data_rows[i, column + 1]):
            rows[n] = i
            places[n, 0] = first + k * size
            n += 1

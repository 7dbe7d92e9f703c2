"""Kernels that step through blocks: where each record begins, and each item in it.

Plain loops over ``Table.program``. Nothing here allocates by what a length field claims: survey.py counts records first,
then ``place`` writes their slots. Every position is checked against the end of its block before it is read.
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

_LEAD = np.array([0] + [8 - v.bit_length() for v in range(1, 256)], np.uint8)
"""The place of the first bit set in a byte."""

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
    data: NDArray[np.uint8], position: int, end: int, root: int, program: NDArray[np.int32], offsets: NDArray[np.int32], n: int
) -> int:
    """Step over a random field sequence (a count, then pairs of field number and item): its end, or -fault.

    Its items are noted as any other; of one that comes more than once, the last.
    """
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
        position = _any_item(data, position + 1, end, node, program, offsets, n)
        if position < 0:
            return position
    return position


@njit(cache=True)
def _record(  # noqa: PLR0911 - one way out for each fault
    data: NDArray[np.uint8],
    position: int,
    end: int,
    variant: int,
    program: NDArray[np.int32],
    runs: NDArray[np.int32],
    offsets: NDArray[np.int32],
    n: int,
) -> int:
    """Step over one record: its end, or -fault, or -(100 + variant) where it says that it has another layout.

    As _any_item for each item, written out: a call for an item costs more than the item. runs: runs.runs_of, or none.
    """
    root = int(program[program[0] + variant])
    root_runs = int(runs[root]) if runs.size else 0  # where the runs of the byte in bits are
    values = root_runs
    fixed = program[root + 3] == 1  # a reserved expansion field: as many bytes as it says, without FX bits
    at = position + int(program[root + 2]) if fixed else _fspec(data, position, end, program[root + 2])
    if at < 0 or at > end:
        return at if at < 0 else -_FSPEC_PAST
    step = 8 if fixed else 7
    selector = int(program[program[1]] if program[1] else -2)
    byte = position  # of the field specification, of which the bits in bits are still to be done; index: item of its first bit
    stop = at
    bits = int(data[byte]) & (0xFF if fixed else 0xFE)
    index = 0
    children = int(program[root + 4])
    defined = int(program[root + 5])
    outer = (-1, 0, 0, 0)  # the same of the record while in a compound item
    found = False
    while True:
        while bits == 0:
            byte += 1
            index += step
            values += 256
            if byte < stop:
                bits = int(data[byte]) & (0xFF if step == 8 else 0xFE)
            elif outer[0] < 0:
                return at if found else -_EMPTY
            else:
                byte, stop, bits, index = outer
                values = root_runs + (byte - position) * 256
                step = 8 if fixed else 7
                children = int(program[root + 4])
                defined = int(program[root + 5])
                outer = (-1, 0, 0, 0)
        found = True
        if root_runs and index < defined:
            run = int(runs[np.uint32(values + bits)])
            if run:
                here = at
                at += int(runs[np.uint32(run + 1)])
                if at > end:
                    return -_PAST
                bits = int(runs[np.uint32(run + 2)])
                if n >= 0:
                    entry = np.uint64(run + 3)
                    for k in range(4):
                        to = entry + np.uint64(2 * k)
                        offsets[np.uint32(n), np.uint32(runs[to])] = here + int(runs[to + np.uint64(1)])
                    if runs[np.uint32(run)] > 4:
                        for k in range(4, 8):
                            to = entry + np.uint64(2 * k)
                            offsets[np.uint32(n), np.uint32(runs[to])] = here + int(runs[to + np.uint64(1)])
                continue
        lead = int(_LEAD[np.uint32(bits)])  # unsigned: an index that need not be tested for being counted from the end
        bits ^= 0x80 >> lead
        node = int(program[np.uint32(children + index + lead)]) if index + lead < defined else -1
        if node < 0:
            return -_UNDEFINED
        kind = program[np.uint32(node)]
        slot = int(program[np.uint32(node + 1)])
        here = at
        if kind == FIXED:
            at += int(program[np.uint32(node + 2)])
            if at > end:
                return -_PAST
            if n >= 0:
                offsets[np.uint32(n), np.uint32(slot + 1)] = here
        elif kind == EXTENDED:
            first = int(program[node + 4])
            last = int(program[node + 5]) - 1
            for k in range(last + 1):
                if n >= 0:
                    offsets[n, slot + 1 + k] = at
                at += int(program[first + k])
                if at > end:
                    return -_PAST
                if not data[at - 1] & 1 or (k == last and program[node + 3] == 0):
                    break
                if k == last:
                    return -_LAST_FX
        elif kind == COMPOUND:
            at = _fspec(data, here, end, program[node + 2])
            if at < 0:
                return at
            if n >= 0:
                offsets[n, slot + 1] = here
            outer = (byte, stop, bits, index)
            byte = here
            stop = at
            bits = int(data[byte]) & 0xFE
            index = 0
            step = 7
            children = int(program[node + 4])
            defined = int(program[node + 5])
            values = int(runs[np.uint32(node)]) if root_runs else 0
        elif kind == RFS:
            at = _random_fields(data, at, end, root, program, offsets, n)
        else:
            at = _item(data, at, end, node, program, offsets, n)
        if at < 0:
            return at
        if slot == selector:
            choice = program[1]
            width = program[choice + 2]
            said = (int(data[here]) >> (8 - program[choice + 1] - width)) & ((1 << width) - 1)
            wanted = program[choice + 4 + said] if 4 + said < program[2] else -1
            if wanted < 0:
                return -_UNDEFINED
            if wanted != variant:
                return -(100 + int(wanted))


@njit(cache=True)
def record(data: NDArray[np.uint8], position: int, end: int, program: NDArray[np.int32], offsets: NDArray[np.int32], n: int) -> int:
    """Step over one record of whichever layout it has: its end, or -fault. Row n of offsets, filled with -1 before, is written."""
    return record_by(data, position, end, program, program[:0], offsets, n)


@njit(cache=True)
def record_by(
    data: NDArray[np.uint8],
    position: int,
    end: int,
    program: NDArray[np.int32],
    runs: NDArray[np.int32],
    offsets: NDArray[np.int32],
    n: int,
) -> int:
    """Step over one record as `record` does, by the runs of its edition (runs.runs_of): faster where there are many.

    Of a run that goes past the end nothing is written.
    """
    variant = program[program[1] + 3] if program[1] else 0
    at = _record(data, position, end, variant, program, runs, offsets, n)
    if at <= -100:
        if n >= 0:
            offsets[n, :] = -1
        at = _record(data, position, end, -at - 100, program, runs, offsets, n)
        if at <= -100:
            return -_UNDEFINED
    return at


@njit(cache=True)
def reads(data: NDArray[np.uint8], position: int, end: int, program: NDArray[np.int32], most: int) -> bool:
    """Say whether the records of one block read whole, or its first `most` do. position, end: the bytes after its header."""
    nowhere = np.empty((0, 0), np.int32)
    for _ in range(most):
        if position >= end:
            break
        at = record(data, position, end, program, nowhere, -1)
        if at < 0:
            return False
        position = at
    return True


@njit(cache=True)
def place(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    program: NDArray[np.int32],
    take: NDArray[np.int64],
    offsets: NDArray[np.int32],
    blocks: NDArray[np.int32],
) -> None:
    """Write where everything is in the first `take` records of each block, which read whole.

    data: (n,) uint8. starts, ends: (blocks,) int64, the bytes after each block's header. program: Table.program.
    offsets: (records, 1 + slots) int32 filled with -1, out: start of the record, then its slots; blocks: (records,) int32 out.
    """
    n = 0
    for block in range(starts.size):
        position = starts[block]
        for _ in range(take[block]):
            at = record(data, position, ends[block], program, offsets, n)
            offsets[n, 0] = position
            blocks[n] = block
            n += 1
            position = at


@njit(cache=True)
def failing(data: NDArray[np.uint8], position: int, end: int, program: NDArray[np.int32], offsets: NDArray[np.int32]) -> int:
    """Return the slot of the item at which reading a record fails, -1 where that is none; row 0 of offsets holds what comes before."""
    variant = program[program[1] + 3] if program[1] else 0
    for _ in range(2):
        offsets[0, :] = -1
        root = program[program[0] + variant]
        at = _fspec(data, position, end, program[root + 2])
        if at < 0 or program[root + 3]:
            return -1
        again = False
        for index in range((at - position) * 7):
            if again or not data[position + index // 7] & (0x80 >> (index % 7)):
                continue
            node = program[program[root + 4] + index] if index < program[root + 5] else -1
            if node < 0:
                return -1
            here = at
            if program[node] == RFS:
                at = _random_fields(data, at, end, root, program, offsets, 0)
            else:
                at = _any_item(data, at, end, node, program, offsets, 0)
            if at < 0:
                return int(program[node + 1])
            selector = program[1]
            if selector and program[node + 1] == program[selector]:
                width = program[selector + 2]
                said = (int(data[here]) >> (8 - program[selector + 1] - width)) & ((1 << width) - 1)
                wanted = program[selector + 4 + said] if 4 + said < program[2] else -1
                if wanted < 0:
                    return int(program[node + 1])
                again = wanted != variant
                variant = wanted
    return -1


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

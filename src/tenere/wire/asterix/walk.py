"""Kernels that step through blocks: where each record begins, and each item in it.

Plain loops over the arrays of ``table.Arrays``. Nothing here allocates by what a length field claims: a first call
counts records, a second writes their slots. Every position is checked against the end of its block before it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.wire.asterix.table import COMPOUND, EXPLICIT, EXTENDED, FIXED, REPETITIVE, REPETITIVE_FX, RFS

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
def _uint(data: NDArray[np.uint8], position: int, n: int) -> int:
    """Read n bytes, big-endian."""
    value = 0
    for i in range(n):
        value = value * 256 + int(data[position + i])
    return value


@njit(cache=True)
def _item(
    data: NDArray[np.uint8], position: int, end: int, node: int, nodes: Any, row: NDArray[np.int32], write: bool  # noqa: ANN401, FBT001 - numba
) -> int:
    """Step over one item that is not compound: its end, or -fault."""
    kind = nodes.kind[node]
    slot = nodes.slot[node]
    size = nodes.size[node]
    if kind == FIXED:
        if position + size > end:
            return -_PAST
        if write:
            row[slot] = position
        return position + size
    if kind == EXTENDED:
        first = nodes.first[node]
        parts = nodes.count[node]
        for k in range(parts):
            here = position
            position += nodes.children[first + k]
            if position > end:
                return -_PAST
            if write:
                row[slot + k] = here
            if k == parts - 1 and nodes.extra[node] == 0:  # a last part that has no FX bit
                return position
            if not data[position - 1] & 1:
                return position
        return -_LAST_FX
    if kind == REPETITIVE:
        count_bytes = nodes.extra[node]
        if position + count_bytes > end:
            return -_PAST
        count = _uint(data, position, count_bytes)
        position += count_bytes
        if position + count * size > end:
            return -_PAST
        if write:
            row[slot] = position
            row[slot + 1] = count
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
        if write:
            row[slot] = here
            row[slot + 1] = count
        return position
    # EXPLICIT: the length counts its own byte
    if position >= end:
        return -_PAST
    if data[position] == 0:
        return -_NO_LENGTH
    if position + int(data[position]) > end:
        return -_PAST
    if write:
        row[slot] = position
    return position + int(data[position])


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
def _item_or_compound(
    data: NDArray[np.uint8], position: int, end: int, node: int, nodes: Any, row: NDArray[np.int32], write: bool  # noqa: ANN401, FBT001 - numba
) -> int:
    """Step over one item of any kind: its end, or -fault."""
    if nodes.kind[node] != COMPOUND:
        return _item(data, position, end, node, nodes, row, write)
    at = _fspec(data, position, end, nodes.size[node])
    if at < 0:
        return at
    if write:
        row[nodes.slot[node]] = position
    children = nodes.first[node]
    defined = nodes.count[node]
    for byte in range(at - position):
        bits = int(data[position + byte])
        for bit in range(7):
            if bits & (0x80 >> bit):
                index = byte * 7 + bit
                child = nodes.children[children + index] if index < defined else -1
                if child < 0:
                    return -_UNDEFINED
                at = _item(data, at, end, child, nodes, row, write)
                if at < 0:
                    return at
    return at


@njit(cache=True)
def _random_fields(data: NDArray[np.uint8], position: int, end: int, root: int, nodes: Any, row: NDArray[np.int32]) -> int:  # noqa: ANN401 - numba
    """Step over a random field sequence (a count, then pairs of field number and item): its end, or -fault."""
    if position >= end:
        return -_PAST
    count = int(data[position])
    position += 1
    for _ in range(count):
        if position >= end:
            return -_PAST
        index = int(data[position]) - 1
        if index < 0 or index >= nodes.count[root]:
            return -_UNDEFINED
        node = nodes.children[nodes.first[root] + index]
        if node < 0 or nodes.kind[node] == RFS:
            return -_UNDEFINED
        position = _item_or_compound(data, position + 1, end, node, nodes, row, False)
        if position < 0:
            return position
    return position


@njit(cache=True)
def _record(
    data: NDArray[np.uint8], position: int, end: int, variant: int, nodes: Any, row: NDArray[np.int32], write: bool  # noqa: ANN401, FBT001 - numba
) -> int:
    """Step over one record: its end, or -fault, or -(100 + variant) where it says that it has another layout."""
    root = nodes.roots[variant]
    at = _fspec(data, position, end, nodes.size[root])
    if at < 0:
        return at
    children = nodes.first[root]
    defined = nodes.count[root]
    found = 0
    for byte in range(at - position):
        bits = int(data[position + byte])
        for bit in range(7):
            if bits & (0x80 >> bit):
                found += 1
                index = byte * 7 + bit
                node = nodes.children[children + index] if index < defined else -1
                if node < 0:
                    return -_UNDEFINED
                if nodes.kind[node] == RFS:
                    at = _random_fields(data, at, end, root, nodes, row)
                else:
                    here = at
                    at = _item_or_compound(data, at, end, node, nodes, row, write)
                    if at > 0 and nodes.selector.size and nodes.slot[node] == nodes.selector[0]:
                        said = _uint(data, here, 1) >> (8 - nodes.selector[1] - nodes.selector[2])
                        said &= (1 << nodes.selector[2]) - 1
                        wanted = nodes.selector[4 + said] if 4 + said < nodes.selector.size else -1
                        if wanted < 0:
                            return -_UNDEFINED
                        if wanted != variant:
                            return -(100 + wanted)
                if at < 0:
                    return at
    return at if found else -_EMPTY


@njit(cache=True)
def walk(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    nodes: Any,  # noqa: ANN401 - numba
    counts: NDArray[np.int64],
    faults: NDArray[np.int64],
    fault_at: NDArray[np.int64],
    offsets: NDArray[np.int32],
    blocks: NDArray[np.int32],
    write: bool,  # noqa: FBT001 - numba
) -> None:
    """Step through the records of each block.

    data: (n,) uint8. starts, ends: (blocks,) int64, the bytes after each block's header.
    nodes: Arrays. counts, faults, fault_at: (blocks,) int64 out: whole records, code in FAULTS, where the record that fails begins.
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
            row = offsets[n, 1:] if write else offsets[0, 1:]
            variant = nodes.selector[3] if nodes.selector.size else 0
            at = _record(data, position, end, variant, nodes, row, write)
            if at <= -100:
                if write:
                    row[:] = -1
                at = _record(data, position, end, -at - 100, nodes, row, write)
            if at < 0:
                faults[block] = min(-at, _UNDEFINED) if at <= -100 else -at
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
    data: NDArray[np.uint8], offsets: NDArray[np.int64], bit: int, width: int, signed: bool, out: NDArray[np.int64]  # noqa: FBT001 - numba
) -> None:
    """Read one element of each row: offsets (n,) int64, -1 absent; out (n,) int64, untouched where absent. width at most 64."""
    first = bit >> 3
    last = (bit + width - 1) >> 3
    drop = np.uint64(7 - ((bit + width - 1) & 7))
    mask = np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(64 - width)
    for i in range(offsets.size):
        at = offsets[i]
        if at < 0:
            continue
        # nine bytes when 64 bits do not begin on a byte: the last is brought in shifted
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
    data: NDArray[np.uint8], offsets: NDArray[np.int64], bit: int, width: int, signed: bool, lsb: float, out: NDArray[np.float64]  # noqa: FBT001 - numba
) -> None:
    """Read one element of each row as a quantity: as element_int (width at most 56), times lsb."""
    first = bit >> 3
    last = (bit + width - 1) >> 3
    drop = 7 - ((bit + width - 1) & 7)
    mask = (1 << width) - 1
    for i in range(offsets.size):
        at = offsets[i]
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
def repetitions(
    data: NDArray[np.uint8], first: NDArray[np.int64], count: NDArray[np.int64], size: int, rows: NDArray[np.int64], offsets: NDArray[np.int64]
) -> None:
    """List every repetition: first, count (records,); rows, offsets (total,) int64 out."""
    n = 0
    for i in range(first.size):
        for k in range(count[i] if first[i] >= 0 else 0):
            rows[n] = i
            offsets[n] = first[i] + k * size
            n += 1

"""Columns to ASTERIX, from the same tables as the decoder.

    >>> data, ends = encode_records(34, 1, {"010/SAC": [12], "010/SIC": [34], "000": [1], "030": [3600.5], "041": [4.0]})
    >>> blocks, _ = encode_blocks(34, data, ends)
    >>> blocks.hex()
    '22000ce80c22010708400200'

Records that hold the same items have the same layout, so they are written together: one matrix of bytes a layout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import WireError
from tenere.wire.asterix.table import COMPOUND, EXTENDED, FIXED
from tenere.wire.asterix.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from tenere.wire.asterix.table import Element, Node, Table

    Mask = NDArray[np.bool_]
    Values = dict[str, NDArray[np.uint64]]


def encode_records(
    category: int, n: int, columns: Mapping[str, ArrayLike], present: Mapping[str, ArrayLike] | None = None, edition: str | None = None
) -> tuple[bytes, NDArray[np.int64]]:
    """Write n records of one category; return their bytes and where each ends, (n,) int64.

    columns: element path ("040/RHO", "161/TRN", "220", "130/SRL") -> (n,) values, or one for all:
        float   physical, in the unit of the specification (NM, deg, FL, s ...), rounded to its step; NaN: absent
        integer the raw bits (a code, a flag, a track number); negative in an unsigned element: absent
        bytes   text (six-bit letters, ASCII); empty: absent
    An item is written where every column given for it is present; columns not given are zero bits. Further parts of an extended
    item are written where one of their columns is not zero. An angle whose range is the full circle wraps.
    present: item, subitem or element path -> (n,) mask: written only there (an item without columns: zero bits there;
    the element of a further part of an extended item: that part is written there, even as zero bits).
    Fixed, extended and compound items; repetitive and explicit ones are refused.
    Raises WireError for a path that the edition lacks, a value that does not fit, a wrong length.
    """
    layout = table(category, edition)
    writer = _Writer(layout, n, present or {})
    for path, given in columns.items():
        writer.add(path, given)
    return writer.write()


def encode_blocks(category: int, data: bytes, ends: NDArray[np.int64], max_block_bytes: int = 1400) -> tuple[bytes, NDArray[np.int64]]:
    """Pack consecutive records of one category into blocks; return the blocks and where each ends, (blocks,) int64.

    A block is at most max_block_bytes long, but for a single record that is longer.
    Raises WireError for a record of more than 65,532 bytes.
    """
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if len(ends) else ends
    lengths = ends - starts
    if len(ends) and lengths.max() > 65532:
        raise WireError("a record longer than a block can be")
    room = min(max_block_bytes, 65535) - 3
    first: list[int] = []
    at = 0
    while at < len(ends):
        first.append(at)
        at = max(int(np.searchsorted(ends, starts[at] + room, side="right")), at + 1)
    begin = np.array(first, np.int64)
    block_of = np.zeros(len(ends), np.int64)
    block_of[begin[1:]] = 1
    block_of = np.cumsum(block_of)
    out = np.zeros(len(data) + 3 * len(begin), np.uint8)
    out[np.arange(len(data)) + np.repeat(3 * (block_of + 1), lengths)] = np.frombuffer(data, np.uint8)
    last = np.concatenate([begin[1:], np.full(1, len(ends), np.int64)]) - 1
    block_ends = ends[last] + 3 * np.arange(1, len(begin) + 1) if len(begin) else np.zeros(0, np.int64)
    block_starts = np.concatenate([np.zeros(1, np.int64), block_ends[:-1]]) if len(begin) else block_ends
    size = block_ends - block_starts
    out[block_starts], out[block_starts + 1], out[block_starts + 2] = category, size >> 8, size & 255
    return out.tobytes(), block_ends


def quantise(element: Element, values: NDArray[np.float64], name: str) -> NDArray[np.int64]:
    """Return physical values as whole steps of an element, (n,) int64 (0 where NaN); raise WireError where one does not fit."""
    steps = np.rint(np.where(np.isnan(values), 0.0, values) / element.lsb)
    if not element.signed and abs(element.lsb * (1 << element.width) - 360.0) < 1e-9:
        steps = steps % (1 << element.width)
    low, high = _range(element)
    _refuse((steps < low) | (steps > high), f"{name}: does not fit its {element.width} bits", values)
    return steps.astype(np.int64)


def _range(element: Element) -> tuple[int, int]:
    """Return the least and greatest number that an element holds."""
    return (-(1 << (element.width - 1)), (1 << (element.width - 1)) - 1) if element.signed else (0, (1 << element.width) - 1)


def _refuse(bad: NDArray[np.bool_], reason: str, values: NDArray[np.generic]) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise WireError(f"{reason}: {values[row]} in row {row}")


_LETTERS = np.zeros(256, np.uint64)
_LETTERS[ord(" ")] = 0x20
_LETTERS[ord("A") : ord("Z") + 1] = np.arange(1, 27)
_LETTERS[ord("0") : ord("9") + 1] = np.arange(0x30, 0x3A)


def _text_bits(element: Element, values: NDArray[np.bytes_], name: str) -> NDArray[np.uint64]:
    """Return text as the bits of an element, padded with spaces."""
    bits = {"icao": 6, "ascii": 8}.get(element.content, 0)
    if not bits:
        raise WireError(f"{name} does not hold text")
    count = element.width // bits
    _refuse(np.strings.str_len(values) > count, f"{name}: longer than {count} letters", values)
    letters = np.strings.ljust(values.astype(f"S{count}"), count).view(np.uint8).reshape(len(values), count)
    codes = _LETTERS[letters] if bits == 6 else letters.astype(np.uint64)
    _refuse((codes == 0).any(axis=1) & (values != b""), f"{name}: a letter that cannot be written", values)
    total = np.zeros(len(values), np.uint64)
    for k in range(count):
        total = (total << np.uint64(bits)) | codes[:, k]
    return total


def put_bits(out: NDArray[np.uint8], bit: int, width: int, values: NDArray[np.uint64]) -> None:
    """Write values into width bits from a bit of each row of out: (m, bytes) uint8, values (m,) uint64."""
    if (bit & 7) + width > 64:  # more than one word: the high half first
        high = width // 2
        put_bits(out, bit, high, values >> np.uint64(width - high))
        put_bits(out, bit + high, width - high, values & np.uint64((1 << (width - high)) - 1))
        return
    first, last = bit >> 3, (bit + width - 1) >> 3
    shifted = values << np.uint64(7 - ((bit + width - 1) & 7))
    for k in range(first, last + 1):
        out[:, k] |= ((shifted >> np.uint64(8 * (last - k))) & np.uint64(255)).astype(np.uint8)


class _Writer:
    """Gathers the columns of one call, then writes the records layout by layout."""

    def __init__(self, layout: Table, n: int, present: Mapping[str, ArrayLike]) -> None:
        self.layout, self.n = layout, n
        self.name = f"CAT{layout.category:03d}"
        self.bits: dict[int, list[tuple[Element, NDArray[np.uint64]]]] = {}
        self.item: dict[int, Mask] = {}
        self.part: dict[int, Mask] = {}
        self.masks: dict[str, Mask] = {}
        for path, mask in present.items():
            given = np.asarray(mask, np.bool_)
            if given.shape not in {(), (n,)}:
                raise WireError(f"{self.name} {path}: a mask of {given.shape} for {n} records")
            self.masks[path] = np.broadcast_to(given, (n,))
            slot = layout.slot.get(path)
            if slot is None:
                element = self.element(path)
                if element.slot != element.item:
                    self.part[element.slot] = self.part.get(element.slot, np.zeros(n, np.bool_)) | self.masks[path]
            else:
                self.node(slot, path)
                self.item[slot] = self.masks[path].copy()

    def element(self, path: str) -> Element:
        """Return an element by path."""
        found = self.layout.element.get(path)
        if found is None:
            raise WireError(f"{self.name} edition {self.layout.edition} has no {path}")
        return found

    def node(self, slot: int, path: str) -> Node:
        """Return the node of an item that can be written."""
        node = self.layout.node_of_slot.get(slot)
        if node is None or node.kind not in {FIXED, EXTENDED, COMPOUND}:
            raise WireError(f"{self.name} {path}: only fixed, extended and compound items can be written")
        return node

    def add(self, path: str, given: ArrayLike) -> None:
        """Take one column."""
        element, n = self.element(path), self.n
        name = f"{self.name} {path}"
        self.node(element.item, path)
        array = np.asarray(given)
        if array.shape not in {(), (n,)}:
            raise WireError(f"{name}: a column of {array.shape} for {n} records")
        array = np.broadcast_to(array, (n,))
        here = np.ones(n, np.bool_)
        if array.dtype.kind == "f":
            values = array.astype(np.float64)
            here = ~np.isnan(values)
            raw = quantise(element, values, name).view(np.uint64)
        elif array.dtype.kind in "iub":
            if element.signed:
                low, high = _range(element)
                _refuse((array < low) | (array > high), f"{name}: does not fit its {element.width} bits", array)
            else:
                here = array >= 0
                _refuse(
                    here & (array.astype(np.uint64) >> np.uint64(element.width - 1) > 1),
                    f"{name}: does not fit its {element.width} bits",
                    array,
                )
            raw = np.where(here, array, 0).astype(np.int64).view(np.uint64)
        elif array.dtype.kind == "S":
            here = array != b""
            raw = _text_bits(element, array, name)
        else:
            raise WireError(f"{name}: columns are floats, integers or bytes")
        if path in self.masks and path not in self.layout.slot:
            here = here & self.masks[path]
        raw = np.where(here, raw & np.uint64((1 << element.width) - 1), np.uint64(0))
        self.bits.setdefault(element.slot, []).append((element, raw))
        if element.slot == element.item:
            self.item[element.item] = self.item.get(element.item, np.ones(n, np.bool_)) & here
        else:
            self.part[element.slot] = self.part.get(element.slot, np.zeros(n, np.bool_)) | (raw != 0)

    def write(self) -> tuple[bytes, NDArray[np.int64]]:
        """Write the records."""
        n = self.n
        variant = np.zeros(n, np.int64)
        if self.layout.selector:
            slot, bit, width, default, *variants = self.layout.selector
            values = next((v for e, v in self.bits.get(slot, []) if (e.bit, e.width) == (bit, width)), None)
            known = np.full(1 << width, -1, np.int64)
            known[: len(variants)] = variants
            variant = np.full(n, default) if values is None else known[values.astype(np.int64)]
            _refuse(variant < 0, f"{self.name} {self.layout.slots[slot]}: no layout for this value", variant)
        slots, masks = self.presence()
        if n and (not masks or not np.logical_or.reduce(masks).all()):
            raise WireError(f"{self.name}: a record without items cannot be written")
        key = np.packbits(np.column_stack([variant.astype(np.bool_)[:, None], *(m[:, None] for m in masks)]), axis=1)
        if n == 0:
            return b"", np.zeros(0, np.int64)
        order = np.lexsort(key.T)
        edges = np.flatnonzero((key[order][1:] != key[order][:-1]).any(axis=1)) + 1
        groups = np.split(order, edges)
        matrices = [
            self.matrix(rows, {s for s, m in zip(slots, masks, strict=True) if m[rows[0]]}, int(variant[rows[0]])) for rows in groups
        ]
        lengths = np.empty(n, np.int64)
        for rows, matrix in zip(groups, matrices, strict=True):
            lengths[rows] = matrix.shape[1]
        ends = np.cumsum(lengths)
        out = np.zeros(int(ends[-1]), np.uint8)
        for rows, matrix in zip(groups, matrices, strict=True):
            out[(ends[rows] - lengths[rows])[:, None] + np.arange(matrix.shape[1])] = matrix
        return out.tobytes(), ends

    def presence(self) -> tuple[list[int], list[Mask]]:
        """Return the slots that some record holds, and which do: compound items over their subitems, parts over later parts."""
        found = dict(self.item)
        for node in self.layout.nodes:
            if node.kind == EXTENDED:
                later = np.zeros(self.n, np.bool_)
                for k in range(node.count - 1, 0, -1):
                    later = later | self.part.get(node.slot + k, np.zeros(self.n, np.bool_))
                    found[node.slot + k] = later
                item = found.get(node.slot)
                base = later if item is None else item
                for k in range(node.count):
                    found[node.slot + k] = base if k == 0 else found[node.slot + k] & base
            elif node.kind == COMPOUND and node.slot >= 0:
                children = [self.layout.nodes[c].slot for c in self.layout.children[node.first : node.first + node.count] if c >= 0]
                some = np.zeros(self.n, np.bool_)
                for slot in children:
                    some = some | found.get(slot, np.zeros(self.n, np.bool_))
                whole = self.masks.get(self.layout.slots[node.slot])
                if whole is not None:
                    some = some & whole
                    for slot in children:
                        if slot in found:
                            found[slot] = found[slot] & some
                found[node.slot] = some
        slots = sorted(s for s, m in found.items() if m.any())
        return slots, [found[s] for s in slots]

    def matrix(self, rows: NDArray[np.intp], slots: set[int], variant: int) -> NDArray[np.uint8]:
        """Write the records of one layout, (rows, bytes)."""
        place: dict[int, int] = {}
        constant: list[tuple[int, int]] = []
        length = self.lay(self.layout.nodes[self.layout.roots[variant]], 0, slots, place, constant)
        out = np.zeros((len(rows), length), np.uint8)
        for at, value in constant:
            out[:, at] = value
        for slot, at in place.items():
            for element, raw in self.bits.get(slot, []):
                put_bits(out, at * 8 + element.bit, element.width, raw[rows])
        return out

    def lay(self, node: Node, at: int, slots: set[int], place: dict[int, int], constant: list[tuple[int, int]]) -> int:
        """Place a record or an item at a byte: where its slots go, its constant bytes; return where it ends."""
        if node.kind == FIXED:
            place[node.slot] = at
            return at + node.size
        if node.kind == EXTENDED:
            parts = [k for k in range(node.count) if node.slot + k in slots]
            for k in parts:
                place[node.slot + k] = at
                at += self.layout.children[node.first + k]
                if k != parts[-1]:
                    constant.append((at - 1, 1))
            return at
        children = self.layout.children[node.first : node.first + node.count]
        held = [i for i, c in enumerate(children) if c >= 0 and self.layout.nodes[c].slot in slots]
        octets = bytearray(held[-1] // 7 + 1 if held else 1)
        for i in held:
            octets[i // 7] |= 0x80 >> i % 7
        for k in range(len(octets) - 1):
            octets[k] |= 1
        constant += [(at + k, octet) for k, octet in enumerate(octets)]
        if node.slot >= 0:
            place[node.slot] = at
        at += len(octets)
        for i in held:
            at = self.lay(self.layout.nodes[children[i]], at, slots, place, constant)
        return at

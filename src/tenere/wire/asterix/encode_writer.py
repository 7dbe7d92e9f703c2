"""Gathers the columns of one call of the encoder, then writes the records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.errors import WireError
from tenere.wire.asterix.encode_layout import Places, Presence
from tenere.wire.asterix.encode_values import Runs, bits_of, put_bits, put_runs
from tenere.wire.asterix.table import COMPOUND, EXPLICIT, EXTENDED, FIXED, REPETITIVE, REPETITIVE_FX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from tenere.wire.asterix.table import Element, Node, Table

    Mask = NDArray[np.bool_]
    I64 = NDArray[np.int64]


class Writer:
    """n records of one category as they are given: columns one by one, then written together."""

    def __init__(self, layout: Table, n: int, present: Mapping[str, ArrayLike]) -> None:
        """Take which records hold what: path of an item, subitem or element -> (n,) mask, or one for all."""
        self.layout, self.n = layout, n
        self.name = f"CAT{layout.category:03d}"
        self.bits: dict[int, list[tuple[Element, NDArray[np.uint64] | NDArray[np.uint8]]]] = {}
        self.octets: dict[int, NDArray[np.uint8]] = {}
        self.offsets: dict[int, I64] = {}
        self.item: dict[int, Mask] = {}
        self.part: dict[int, Mask] = {}
        self.whole: dict[int, Mask] = {}
        self.masks: dict[str, Mask] = {}
        for path, mask in present.items():
            given = np.asarray(mask, np.bool_)
            if given.shape not in {(), (n,)}:
                raise WireError(f"{self.name} {path}: a mask of {given.shape} for {n} records")
            self.masks[path] = np.broadcast_to(given, (n,))
            self._limit(path, self.masks[path])

    def _limit(self, path: str, mask: Mask) -> None:
        """Take what says where an item, a subitem or a part is written."""
        slot = self.layout.slot.get(path)
        if slot is None:
            element = self._element(path)
            if element.repeated:
                raise WireError(f"{self.name} {path}: a mask is of the whole item that repeats")
            if element.slot != element.item:
                self.part[element.slot] = self.part.get(element.slot, np.zeros(self.n, np.bool_)) | mask
        elif self._node(slot, path).kind == COMPOUND:
            self.whole[slot] = mask
        else:
            self.item[slot] = mask.copy()

    def _element(self, path: str) -> Element:
        found = self.layout.element.get(path)
        if found is None:
            raise WireError(f"{self.name} edition {self.layout.edition} has no {path}")
        return found

    def _node(self, slot: int, path: str) -> Node:
        node = self.layout.node_of_slot.get(slot)
        if node is None:
            raise WireError(f"{self.name} {path}: not an item")
        return node

    def add(self, path: str, given: ArrayLike | Runs) -> None:
        """Take one column."""
        name = f"{self.name} {path}"
        slot = self.layout.slot.get(path)
        if slot is not None and path not in self.layout.element and self._node(slot, path).kind == EXPLICIT:
            values, offsets = self._runs(given, name)
            if values.dtype != np.uint8:
                raise WireError(f"{name}: octets are uint8")
            self.octets[slot], self.offsets[slot] = values.astype(np.uint8), offsets
            return
        element = self._element(path)
        node = self._node(element.item, path)
        if element.repeated:
            values, offsets = self._runs(given, name)
            bits, here = bits_of(element, values, name)
            if not here.all():
                raise WireError(f"{name}: no repetition can be absent")
            if not np.array_equal(self.offsets.setdefault(element.slot, offsets), offsets):
                raise WireError(f"{name}: not as many repetitions as of another element of the same item")
        elif node.kind in {FIXED, EXTENDED}:
            if isinstance(given, Runs):
                raise WireError(f"{name}: one value a record, not several")
            array = np.asarray(given)
            if array.shape[:1] not in {(), (self.n,)} or array.ndim > (1 if element.width <= 64 else 2):
                raise WireError(f"{name}: a column of {array.shape} for {self.n} records")
            bits, here = bits_of(element, np.broadcast_to(array, (self.n, *array.shape[1:])), name)
            here = here & self.masks[path] if path in self.masks and path not in self.layout.slot else here
            bits = np.where(here if bits.ndim == 1 else here[:, None], bits, np.zeros((), bits.dtype))
            if element.slot == element.item:
                self.item[element.item] = self.item.get(element.item, np.ones(self.n, np.bool_)) & here
            else:
                self.part[element.slot] = self.part.get(element.slot, np.zeros(self.n, np.bool_)) | (bits != 0)
        self.bits.setdefault(element.slot, []).append((element, bits))

    def _runs(self, given: ArrayLike | Runs, name: str) -> tuple[NDArray[Any], I64]:
        """Return the values and offsets of a column of several a record."""
        if not isinstance(given, Runs):
            raise WireError(f"{name}: several a record: give Runs of values and offsets")
        values, offsets = np.asarray(given.values), np.asarray(given.offsets, np.int64)
        if offsets.shape != (self.n + 1,) or offsets[0] != 0 or offsets[-1] != len(values) or (np.diff(offsets) < 0).any():
            raise WireError(f"{name}: offsets that do not part {len(values)} values among {self.n} records")
        return values, offsets

    def _variant(self) -> I64:
        """Return which layout each record has, (n,)."""
        if not self.layout.selector:
            return np.zeros(self.n, np.int64)
        slot, bit, width, default, *variants = self.layout.selector
        values = next((v for e, v in self.bits.get(slot, []) if (e.bit, e.width) == (bit, width)), None)
        known = np.full(1 << width, -1, np.int64)
        known[: len(variants)] = variants
        if values is None:
            return np.full(self.n, default)
        variant = np.where(self.item.get(slot, np.ones(self.n, np.bool_)), known[values.astype(np.int64)], default)
        if (variant < 0).any():
            raise WireError(f"{self.name} {self.layout.slots[slot]}: no layout for this value in row {int(np.flatnonzero(variant < 0)[0])}")
        return variant

    def write(self) -> tuple[bytes, I64]:
        """Write the records."""
        counts = {slot: np.diff(offsets) for slot, offsets in self.offsets.items()}
        for slot, count in counts.items():
            node = self.layout.node_of_slot[slot]
            given = self.item.get(slot)
            self.item[slot] = count > 0 if given is None else given & (count > 0) if node.kind == REPETITIVE_FX else given
        for slot in [s for s in self.item if s not in counts and self.layout.node_of_slot[s].kind == REPETITIVE_FX]:
            del self.item[slot]
        presence = Presence(self.layout, self.n, self.item, self.part, self.whole)
        places = Places(self.layout, presence, counts, self._variant())
        if self.layout.nodes[self.layout.roots[0]].extra:  # an expansion field without items is none
            empty = ~np.logical_or.reduce([np.zeros(self.n, np.bool_), *presence.found.values()])
            places.drop(empty)
        elif (places.length == 0).any():
            raise WireError(f"{self.name}: a record without items cannot be written")
        ends = np.cumsum(places.length)
        starts = ends - places.length
        out = np.zeros(int(ends[-1]), np.uint8)
        for at, value in places.octets:
            put_bits(out, _absolute(at, starts), 0, 8, value.astype(np.uint64))
        for slot, place in places.place.items():
            self._fill(out, slot, _absolute(place, starts))
        return out.tobytes(), ends

    def _fill(self, out: NDArray[np.uint8], slot: int, at: I64) -> None:
        """Write what a slot holds; at: (n,), where it begins in out, -1 absent."""
        offsets = self.offsets.get(slot)
        if slot in self.octets and offsets is not None:
            put_runs(out, at, self.octets[slot], offsets)
            return
        if offsets is not None:
            node = self.layout.node_of_slot[slot]
            counts = np.diff(offsets)
            record = np.repeat(np.arange(self.n), counts)
            nth = np.arange(len(record)) - offsets[record]
            at = np.where(at[record] < 0, -1, at[record] + nth * node.size)
            if node.kind != REPETITIVE:  # each but the last says that another follows
                put_bits(out, np.where(nth < counts[record] - 1, at, -1), node.size * 8 - 1, 1, np.ones(len(at), np.uint64))
        for element, bits in self.bits.get(slot, []):
            if bits.ndim == 1:
                put_bits(out, at, element.bit, element.width, bits.astype(np.uint64, copy=False))
            else:
                for k in range(bits.shape[1]):
                    put_bits(out, at, element.bit + 8 * k, 8, bits[:, k].astype(np.uint64))


def _absolute(place: I64, starts: I64) -> I64:
    return np.where(place < 0, -1, place + starts)

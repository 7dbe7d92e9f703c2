"""Which items each record holds and where they go: presence of every slot, then its place, for all records at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import WireError
from tenere.wire.asterix.table import COMPOUND, EXPLICIT, EXTENDED, FIXED, REPETITIVE, REPETITIVE_FX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.table import Node, Table

    Mask = NDArray[np.bool_]
    I64 = NDArray[np.int64]


class Presence:
    """Which records hold each slot, (n,) bool: found by slot, only those that some record holds.

    item: (n,) of items and subitems by first slot, as far as given. part: of further parts of extended items. whole: limits of
    compound items.
    """

    def __init__(self, layout: Table, n: int, item: dict[int, Mask], part: dict[int, Mask], whole: dict[int, Mask]) -> None:
        """Work out compound items from their subitems, and parts from later parts."""
        self.layout, self.n = layout, n
        self.item, self.part, self.whole = item, part, whole
        self.found: dict[int, Mask] = {}
        for root in layout.roots:
            for child in children(layout, layout.nodes[root]):
                if child.slot not in self.found:
                    self._within(child, self._wanted(child))
        self.found = {slot: mask for slot, mask in self.found.items() if mask.any()}

    def _wanted(self, node: Node) -> Mask | None:
        """Return which records are to hold an item; None where nothing of it is given."""
        if node.kind == COMPOUND:
            some = [mask for child in children(self.layout, node) if (mask := self._wanted(child)) is not None]
            if not some:
                return None
            any_of: Mask = np.logical_or.reduce(some)
            return any_of & self.whole[node.slot] if node.slot in self.whole else any_of
        mask = self.item.get(node.slot)
        if node.kind == EXTENDED and mask is None:
            later = [self.part[node.slot + k] for k in range(1, node.count) if node.slot + k in self.part]
            return np.logical_or.reduce(later) if later else None
        return mask

    def _within(self, node: Node, mask: Mask | None) -> None:
        """Note an item, and what is inside it."""
        if mask is None:
            return
        self.found[node.slot] = mask
        if node.kind == COMPOUND:
            for child in children(self.layout, node):
                wanted = self._wanted(child)
                self._within(child, None if wanted is None else wanted & mask)
        elif node.kind == EXTENDED:
            later = np.zeros(self.n, np.bool_)
            for k in range(node.count - 1, 0, -1):
                given = self.part.get(node.slot + k)
                later = later if given is None else later | given
                self.found[node.slot + k] = later & mask


class Places:
    """Where every slot goes, from the start of its record: place by slot, (n,) int64, -1 absent.

    A repetitive item's is its first repetition, an explicit one's its first octet after the length. length: (n,) int64 of each
    record. octets: (place, value), both (n,): whole bytes that the structure itself needs (field specifications, counts, FX bits).
    """

    def __init__(self, layout: Table, presence: Presence, counts: dict[int, I64], variant: I64) -> None:
        """Place every item. counts: repetitions, or octets of explicit items, by slot. variant: (n,), the layout of each record."""
        self.layout, self.found, self.counts = layout, presence.found, counts
        self.name = f"CAT{layout.category:03d}"
        self.place: dict[int, I64] = {}
        self.octets: list[tuple[I64, I64]] = []
        self.length = np.zeros(presence.n, np.int64)
        for k, root in enumerate(layout.roots):
            node = layout.nodes[root]
            here = variant == k
            if not here.any():
                continue
            self._only(node, here)
            self.length = self._compound(node, self.length, here)

    def drop(self, empty: Mask) -> None:
        """Leave out records that hold no item, field specification and all."""
        self.octets = [(np.where(empty, -1, at), value) for at, value in self.octets]
        self.length = np.where(empty, 0, self.length)

    def _only(self, root: Node, here: Mask) -> None:
        """Refuse items that this layout of the record does not have."""
        if len(self.layout.roots) == 1:
            return
        inside = {c.slot for c in children(self.layout, root)}
        for slot in sorted(self.found):
            name = self.layout.slots[slot]
            if slot not in inside and "/" not in name and "#" not in name and (self.found[slot] & here).any():
                raise WireError(f"{self.name} {name}: not in the layout that the record says it has")

    def _set(self, slot: int, at: I64, here: Mask) -> None:
        before = self.place.get(slot)
        self.place[slot] = np.where(here, at, -1 if before is None else before)

    def _octet(self, at: I64, value: I64 | int, here: Mask) -> None:
        self.octets.append((np.where(here, at, -1), np.broadcast_to(np.asarray(value, np.int64), at.shape)))

    def _item(self, node: Node, at: I64, here: Mask) -> I64:
        """Place an item at (n,) where records hold it; return where it ends."""
        if node.kind == COMPOUND:
            self._set(node.slot, at, here)
            return self._compound(node, at, here)
        if node.kind == EXTENDED:
            return self._extended(node, at, here)
        if node.kind == FIXED:
            self._set(node.slot, at, here)
            return at + node.size * here
        counts: I64 = np.where(here, self.counts.get(node.slot, 0), 0).astype(np.int64)
        if node.kind == EXPLICIT:
            self._refuse(node.slot, counts > 254, "more than 254 octets")
            self._octet(at, counts + 1, here)
            self._set(node.slot, at + 1, here)
            return at + np.where(here, counts + 1, 0)
        if node.kind == REPETITIVE:
            self._refuse(node.slot, counts >= 1 << 8 * node.extra, f"more repetitions than {node.extra} octets count")
            for k in range(node.extra):
                self._octet(at + k, counts >> 8 * (node.extra - 1 - k) & 255, here)
            at = at + node.extra * here
        elif node.kind != REPETITIVE_FX:
            raise WireError(f"{self.name} {self.layout.slots[node.slot]}: items of this kind are not written")
        self._set(node.slot, at, here)
        return at + counts * node.size

    def _refuse(self, slot: int, bad: Mask, reason: str) -> None:
        if bad.any():
            raise WireError(f"{self.name} {self.layout.slots[slot]}: {reason}, in row {int(np.flatnonzero(bad)[0])}")

    def _extended(self, node: Node, at: I64, here: Mask) -> I64:
        for k in range(node.count):
            part = here if k == 0 else here & self.found[node.slot + k]
            self._set(node.slot + k, at, part)
            at = at + self.layout.children[node.first + k] * part
            if k + 1 == node.count or node.slot + k + 1 not in self.found:
                break
            self._octet(at - 1, 1, here & self.found[node.slot + k + 1])
        return at

    def _compound(self, node: Node, at: I64, here: Mask) -> I64:
        """Place the field specification of a record or compound item, and its items in order."""
        held: list[tuple[int, Node, Mask]] = []
        for i, child in enumerate(self.layout.children[node.first : node.first + node.count]):
            slot = self.layout.nodes[child].slot if child >= 0 else -1
            if slot in self.found and (inside := self.found[slot] & here).any():
                held.append((i, self.layout.nodes[child], inside))
        fixed = node.extra == 1  # a reserved expansion field: size octets, of eight items each
        each = 8 if fixed else 7
        size = here * (node.size if fixed else 0)
        bits: dict[int, I64] = {}
        for i, _, inside in held:
            size = size if fixed else np.where(inside, i // each + 1, size)
            bits[i // each] = bits.get(i // each, np.zeros(len(at), np.int64)) | inside * (0x80 >> i % each)
        for k in range(int(size.max(initial=0))):
            self._octet(at + k, bits.get(k, 0) | (size > k + 1) * (not fixed), here & (size > k))
        at = at + size
        for _, child_node, inside in held:
            at = self._item(child_node, at, inside)
        return at


def children(layout: Table, node: Node) -> list[Node]:
    """Return the items inside a record or compound item that the edition defines and that have a place."""
    return [layout.nodes[c] for c in layout.children[node.first : node.first + node.count] if c >= 0 and layout.nodes[c].slot >= 0]

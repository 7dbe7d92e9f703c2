"""What one edition of one ASTERIX category looks like, flat enough for a kernel to walk.

A *node* is an item of the user application profile (UAP) or a subitem of a compound item. Walking a record
visits its nodes in order and writes where each begins into *slots*: one number a slot, -1 where absent.

    FIXED       one slot: its first byte
    EXTENDED    one slot a part: part k is there only if the FX bits of the parts before it say so
    REPETITIVE  two slots: the first repetition (after the count), and how many
    REPETITIVE_FX  the same, each repetition ending in an FX bit
    COMPOUND    one slot (its own FSPEC), and those of its subitems
    EXPLICIT    one slot: its length byte
    RFS         random field sequencing: no slot of its own; its items are noted in theirs

An *element* is a run of bits at a fixed place in a slot: ``040/RHO`` is 16 bits at bit 0 of slot ``040``.
"""

from __future__ import annotations

from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

FIXED, EXTENDED, REPETITIVE, REPETITIVE_FX, COMPOUND, EXPLICIT, RFS = range(7)

I32 = NDArray[np.int32]


class Node(msgspec.Struct, frozen=True, array_like=True):
    """One item or subitem: kind, its first slot, and what its kind needs.

    size: bytes of a FIXED item, of one repetition, or the longest FSPEC of a COMPOUND one.
    extra: bytes of the count of a REPETITIVE item; 1 where the last part of an EXTENDED item ends in an FX bit; 1 where the FSPEC of a
    reserved expansion field is size bytes long, without FX bits.
    first, count: its children in Table.children (COMPOUND: nodes, -1 undefined; EXTENDED: bytes of each part).
    """

    kind: int
    slot: int
    size: int = 0
    extra: int = 0
    first: int = 0
    count: int = 0


class Element(msgspec.Struct, frozen=True, array_like=True):
    """One field: where its bits are and how to read them.

    slot, bit, width: bits from the first byte of the slot (of each repetition where repeated).
    content: raw, table, integer, quantity, icao (6 bits a letter), ascii, octal, bds.
    lsb: what one step of a quantity is worth, in unit (1 elsewhere).
    item: the slot that says whether its item is there at all.
    title: what the specification calls it. cases: what it means, and by which other element, where that depends on one.
    when: empty, or (slot, bit, width, value): it has this meaning only where other bits of the record have a value.
    """

    path: str
    slot: int
    item: int
    bit: int
    width: int
    content: str = "raw"
    signed: bool = False
    lsb: float = 1.0
    unit: str = ""
    repeated: bool = False
    values: dict[int, str] = {}
    title: str = ""
    cases: str = ""
    when: tuple[int, ...] = ()


class Spare(msgspec.Struct, frozen=True, array_like=True):
    """Bits that the edition leaves unused: it says that they are zero."""

    slot: int
    bit: int
    width: int
    repeated: bool = False


class Table(msgspec.Struct, frozen=True, dict=True):
    """One edition of one category.

    roots: node of each record layout (one, but for categories whose UAP depends on an item).
    selector: empty, or [slot, bit, width, default variant, variant of value 0, of value 1, ...], -1 undefined.
    titles: of every item and subitem, by path. dependent: what some elements mean where another element has a value ("150/AS/mach"):
    the same bits again, as a quantity.
    """

    category: int
    edition: str
    slots: list[str]
    nodes: list[Node]
    children: list[int]
    roots: list[int]
    selector: list[int]
    elements: list[Element]
    spares: list[Spare]
    titles: dict[str, str] = {}
    dependent: list[Element] = []

    @cached_property
    def program(self) -> I32:
        """Return the nodes as one array that a kernel can step through, (n,) int32.

        [0] where the roots are; [1] where the selector is, 0 for none; [2] its length. A node is six numbers: kind, slot, size,
        extra, where its children are, how many; a child, or a root, is the place of its node (-1 undefined), or the bytes of a part.
        """
        nodes_at = 3
        children_at = nodes_at + 6 * len(self.nodes)
        roots_at = children_at + len(self.children)
        selector_at = roots_at + len(self.roots)
        out = [roots_at, selector_at if self.selector else 0, len(self.selector)]
        children = list(self.children)
        for node in self.nodes:
            out += [node.kind, node.slot, node.size, node.extra, children_at + node.first, node.count]
            if node.kind == COMPOUND:
                for k in range(node.first, node.first + node.count):
                    children[k] = nodes_at + 6 * children[k] if children[k] >= 0 else -1
        out += [*children, *(nodes_at + 6 * r for r in self.roots), *self.selector]
        return np.array(out, np.int32)

    @cached_property
    def element(self) -> dict[str, Element]:
        """Return the elements by path."""
        return {e.path: e for e in self.elements}

    @cached_property
    def slot(self) -> dict[str, int]:
        """Return the slots by name."""
        return {name: i for i, name in enumerate(self.slots)}

    @cached_property
    def node_of_slot(self) -> dict[int, Node]:
        """Return the node that begins at each first slot."""
        return {n.slot: n for n in self.nodes if n.slot >= 0}

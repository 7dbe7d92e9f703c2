"""Runs of items of a fixed size: what a byte of a field specification says at once.

Most items are FIXED. Those whose bits follow one another in a byte of a field specification stand where they stand whatever the record
says, so they are listed once for each value that the byte can have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.wire.asterix.table import COMPOUND, FIXED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.table import Node, Table

_KNOWN: dict[int, tuple[Table, NDArray[np.int32]]] = {}
"""Runs by the identity of their table, which is kept with them."""


def runs_of(layout: Table) -> NDArray[np.int32]:
    """Return the runs of an edition as one array that a kernel can step through, (n,) int32.

    At the place of a COMPOUND node in Table.program: where the values of its bytes begin, 256 a byte, 0 for none; there, where the run
    of a value is, 0 for none. A run: items, bytes of them all, bits that are left; then of each item its slot + 1 and where it begins,
    the last again until there are 4 or 8: so many can be written without counting them.
    """
    known = _KNOWN.get(id(layout))
    if known is None or known[0] is not layout:
        if len(_KNOWN) >= 256:
            _KNOWN.clear()
        known = _KNOWN[id(layout)] = (layout, _runs_of(layout))
    return known[1]


def _runs_of(layout: Table) -> NDArray[np.int32]:
    parents = [(k, node) for k, node in enumerate(layout.nodes) if node.kind == COMPOUND]
    steps = [8 if node.extra and k in layout.roots else 7 for k, node in parents]
    octets = [-(-node.count // step) for (_, node), step in zip(parents, steps, strict=True)]
    heads = len(layout.program)
    lists_at = heads + 256 * sum(octets)
    values = np.zeros(lists_at, np.int32)
    lists: list[int] = []
    known: dict[tuple[int, ...], int] = {}
    at = heads
    for (k, node), step, count in zip(parents, steps, octets, strict=True):
        values[3 + 6 * k] = at
        for octet in range(count):
            items = [_fixed(layout, node, step * octet + bit) for bit in range(step)]
            for value in range(1, 256):
                run = _run(items, value)
                if run[0]:
                    if run not in known:
                        known[run] = lists_at + len(lists)
                        lists += run
                    values[at + value] = known[run]
            at += 256
    return np.concatenate([values, np.array(lists, np.int32)])


def _fixed(layout: Table, parent: Node, index: int) -> tuple[int, int] | None:
    """Return the slot and the size of a child of a node, None where it is not FIXED, or says which layout the record has."""
    child = layout.children[parent.first + index] if index < parent.count else -1
    node = layout.nodes[child] if child >= 0 else None
    if node is None or node.kind != FIXED or (layout.selector and node.slot == layout.selector[0]):
        return None
    return node.slot, node.size


def _run(items: list[tuple[int, int] | None], value: int) -> tuple[int, ...]:
    """Return the run that begins at the first bit of a value."""
    found: list[int] = []
    size = 0
    for bit, item in enumerate(items):
        if value & (0x80 >> bit):
            if item is None:
                break
            found += [item[0] + 1, size]
            size += item[1]
            value ^= 0x80 >> bit
    count = len(found) // 2
    return count, size, value, *found, *(found[-2:] * ((4 if count <= 4 else 8) - count))

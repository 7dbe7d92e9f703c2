"""What the decoder is held to: libasterix (slow, and not ours), and the slow, obvious way to step through a block."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pytest

from tenere.wire.asterix.table import COMPOUND, EXPLICIT, EXTENDED, FIXED, REPETITIVE, REPETITIVE_FX, RFS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.wire.asterix.table import Node, Table

    Fields = dict[str, Any]


def _fields(out: Fields, path: str, variation: Any) -> None:
    base = next(c.__name__ for c in type(variation).__mro__ if c.__module__ == "asterix.base")
    if base == "Element":
        out.setdefault(path, []).append(variation.as_uint())
    elif base == "Group":
        for item in variation.arg:
            if hasattr(item, "cv_non_spare"):
                _fields(out, f"{path}/{item.cv_non_spare.cv_name}", _inside(item.arg))
    elif base == "Extended":
        for part in variation.arg:
            for item in part:
                if item is not None and hasattr(item, "cv_non_spare"):
                    _fields(out, f"{path}/{item.cv_non_spare.cv_name}", _inside(item.arg))
    elif base == "Repetitive":
        for one in variation.arg:
            _fields(out, path, one)
    elif base == "Compound":
        for name, item in variation.arg.items():
            _fields(out, f"{path}/{name}", _inside(item))
    elif base == "Explicit":
        out[path] = variation.get_bytes()


def _inside(non_spare: Any) -> Any:
    rule = non_spare.arg
    if hasattr(rule, "cv_variation"):
        return rule.arg
    found, _ = rule.cv_default_variation._parse(rule.bs)
    return found


def parse(block: bytes, edition: str | None = None) -> list[tuple[bytes, Fields]] | None:
    """Return (bytes, element path -> raw numbers) of each record of one block; None where libasterix refuses it."""
    generated = importlib.import_module("asterix.generated")
    base = importlib.import_module("asterix.base")
    specs = generated.manifest["CATS"][block[0]]
    spec = specs[-1] if edition is None else next(s for s in specs if f"{s.cv_edition[0]}.{s.cv_edition[1]}" == edition)
    records = spec.cv_uap.parse(base.Bits.from_bytes(block[3:]))
    if isinstance(records, ValueError):
        return None
    found = []
    for record in records:
        fields: Fields = {}
        for name, item in record.items_regular.items():
            _fields(fields, name, _inside(item))
        found.append((record.unparse().to_bytes(), fields))
    return found


@pytest.fixture(scope="session")
def oracle() -> Callable[..., list[tuple[bytes, Fields]] | None]:
    """Return libasterix's reading of a block."""
    return parse


class BrokenBlockError(Exception):
    """The block does not follow its structure."""


class Reader:
    def __init__(self, layout: Table, data: bytes, position: int, end: int) -> None:
        self.layout, self.data, self.position, self.end = layout, data, position, end
        self.places: dict[int, int] = {}

    def take(self, n: int) -> bytes:
        if self.position + n > self.end:
            raise BrokenBlockError
        self.position += n
        return self.data[self.position - n : self.position]

    def fspec(self, longest: int) -> list[int]:
        bits: list[int] = []
        for _ in range(longest):
            octet = self.take(1)[0]
            bits += [octet >> (7 - k) & 1 for k in range(7)]
            if not octet & 1:
                return bits
        raise BrokenBlockError

    def children(self, node: Node) -> list[int]:
        return self.layout.children[node.first : node.first + node.count]

    def chosen(self, node: Node) -> list[Node]:
        found = []
        children = self.children(node)
        for k, bit in enumerate(self.fspec(node.size)):
            if bit:
                if k >= len(children) or children[k] < 0:
                    raise BrokenBlockError
                found.append(self.layout.nodes[children[k]])
        return found

    def item(self, node: Node) -> None:
        here = self.position
        if node.kind == FIXED:
            self.take(node.size)
            self.places[node.slot] = here
        elif node.kind == EXTENDED:
            sizes = self.children(node)
            for k, size in enumerate(sizes):
                here = self.position
                more = self.take(size)[-1] & 1
                self.places[node.slot + k] = here
                if not more or (k == len(sizes) - 1 and not node.extra):
                    return
            raise BrokenBlockError
        elif node.kind == REPETITIVE:
            count = int.from_bytes(self.take(node.extra), "big")
            self.places[node.slot], self.places[node.slot + 1] = self.position, count
            self.take(count * node.size)
        elif node.kind == REPETITIVE_FX:
            count = 1
            while self.take(node.size)[-1] & 1:
                count += 1
            self.places[node.slot], self.places[node.slot + 1] = here, count
        elif node.kind == EXPLICIT:
            length = self.take(1)[0]
            if length == 0:
                raise BrokenBlockError
            self.take(length - 1)
            self.places[node.slot] = here
        elif node.kind == COMPOUND:
            chosen = self.chosen(node)
            self.places[node.slot] = here
            for child in chosen:
                self.item(child)

    def fields(self, root: Node) -> None:
        """Random field sequencing: items in any order, each with its number."""
        for _ in range(self.take(1)[0]):
            index = self.take(1)[0] - 1
            children = self.children(root)
            if not 0 <= index < len(children) or children[index] < 0:
                raise BrokenBlockError
            node = self.layout.nodes[children[index]]
            if node.kind == RFS:
                raise BrokenBlockError
            self.item(node)

    def record(self, variant: int) -> int:
        """Read one record; return the layout that it turns out to have."""
        root = self.layout.nodes[self.layout.roots[variant]]
        chosen = self.chosen(root)
        if not chosen:
            raise BrokenBlockError
        for node in chosen:
            here = self.position
            if node.kind == RFS:
                self.fields(root)
                continue
            self.item(node)
            if self.layout.selector and node.slot == self.layout.selector[0]:
                _, bit, width, _, *variants = self.layout.selector
                said = self.data[here] >> (8 - bit - width) & ((1 << width) - 1)
                if said >= len(variants) or variants[said] < 0:
                    raise BrokenBlockError
                if variants[said] != variant:
                    return variants[said]
        return variant


def read_block(layout: Table, data: bytes, start: int, end: int) -> list[tuple[int, dict[int, int]]] | None:
    """Return (start, slot -> place) of each record, None where the block is broken."""
    found = []
    position = start
    default = layout.selector[3] if layout.selector else 0
    try:
        while position < end:
            reader = Reader(layout, data, position, end)
            variant = reader.record(default)
            if variant != default:
                reader = Reader(layout, data, position, end)
                if reader.record(variant) != variant:
                    raise BrokenBlockError  # noqa: TRY301 - one way out
            found.append((position, reader.places))
            position = reader.position
    except BrokenBlockError:
        return None
    return found


@pytest.fixture(scope="session")
def reference() -> Callable[..., Any]:
    """Return the slow way to step through a block."""
    return read_block

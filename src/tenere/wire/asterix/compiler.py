"""Reads the specification that libasterix carries into our own tables.

libasterix describes each edition as Python classes (``asterix.generated``: 75 editions, two seconds to import).
Only this module knows them. Structure as in asterix-specs, "Structure of the specifications".
"""

from __future__ import annotations

import importlib
from typing import Any

from tenere.errors import WireError
from tenere.wire.asterix.table import COMPOUND, EXPLICIT, EXTENDED, FIXED, REPETITIVE, REPETITIVE_FX, RFS, Element, Node, Spare, Table


def editions() -> dict[int, dict[str, Any]]:
    """Return every edition that libasterix knows: category -> "1.32" -> its class, oldest first."""
    manifest = importlib.import_module("asterix.generated").manifest["CATS"]
    return {
        cat: {f"{s.cv_edition[0]}.{s.cv_edition[1]}": s for s in sorted(specs, key=lambda s: s.cv_edition)}
        for cat, specs in manifest.items()
    }


def compile_table(category: int, edition: str, spec: Any) -> Table:  # noqa: ANN401 - libasterix's classes are generated
    """Return the table of one edition; raise WireError where its structure is one that the walker cannot hold."""
    build = _Builder(category)
    uap = spec.cv_uap
    if hasattr(uap, "cv_record"):
        roots = [build.record(uap.cv_record)]
        selector: list[int] = []
    else:
        names = list(uap.cv_uaps)
        roots = [build.record(uap.cv_uaps[n]) for n in names]
        selector = build.select(uap.cv_selector, names)
    return Table(category, edition, build.slots, build.nodes, build.children, roots, selector, build.elements, build.spares)


def _base(cls: Any) -> str:  # noqa: ANN401 - libasterix's classes are generated
    """Name the libasterix base class that says what a generated class is."""
    return str(next(c.__name__ for c in cls.__mro__ if c.__module__ == "asterix.base"))


def _variation(rule: Any) -> Any:  # noqa: ANN401 - libasterix's classes are generated
    """Return the layout behind a rule; where it depends on another item, the default one."""
    return rule.cv_variation if hasattr(rule, "cv_variation") else rule.cv_default_variation


class _Builder:
    """Collects the nodes, slots and elements of one edition."""

    def __init__(self, category: int) -> None:
        self.category = category
        self.slots: list[str] = []
        self.nodes: list[Node] = []
        self.children: list[int] = []
        self.elements: list[Element] = []
        self.spares: list[Spare] = []
        self.known: dict[str, tuple[Any, int]] = {}

    def record(self, record: Any) -> int:  # noqa: ANN401 - libasterix's classes are generated
        """Add one record layout; return its node."""
        children = []
        for item in record.cv_items_list:
            base = _base(item)
            if base == "UapItem":
                children.append(self.item(item.cv_non_spare.cv_name, item.cv_non_spare))
            elif base == "UapItemRFS":
                self.nodes.append(Node(RFS, -1))
                children.append(len(self.nodes) - 1)
            else:
                children.append(-1)
        return self.parent(-1, record.cv_fspec_max_bytes, children)

    def parent(self, slot: int, fspec_bytes: int, children: list[int]) -> int:
        """Add a compound node, or a record, over children already added."""
        self.nodes.append(Node(COMPOUND, slot, fspec_bytes, 0, len(self.children), len(children)))
        self.children += children
        return len(self.nodes) - 1

    def new_slot(self, name: str) -> int:
        self.slots.append(name)
        return len(self.slots) - 1

    def item(self, path: str, non_spare: Any) -> int:  # noqa: ANN401 - libasterix's classes are generated
        """Add an item or subitem, once for all layouts that share it; return its node."""
        if path in self.known and self.known[path][0] is non_spare:
            return self.known[path][1]
        if path in self.known:  # another layout of the same category gives this number another meaning
            path += "@2"
        slot = len(self.slots)
        variation = _variation(non_spare.cv_rule)
        base = _base(variation)
        if base in {"Element", "Group"}:
            self.new_slot(path)
            node = Node(FIXED, slot, self.whole_bytes(path, self.fields(path, slot, slot, 0, variation, non_spare)))
        elif base == "Extended":
            node = self.extended(path, variation)
        elif base == "Repetitive":
            self.new_slot(path)
            self.new_slot(path + "#count")
            width = self.fields(path, slot, slot, 0, variation.cv_variation, non_spare, repeated=True)
            count_bytes = variation.cv_rep_bytes
            if count_bytes is None:
                node = Node(REPETITIVE_FX, slot, self.whole_bytes(path, width + 1))
            else:
                node = Node(REPETITIVE, slot, self.whole_bytes(path, width), count_bytes)
        elif base == "Explicit":
            self.new_slot(path)
            node = Node(EXPLICIT, slot)
        elif base == "Compound" and "/" not in path:
            self.new_slot(path)
            children = [-1 if sub is None else self.item(f"{path}/{sub.cv_name}", sub) for sub in variation.cv_items_list]
            self.known[path] = (non_spare, self.parent(slot, variation.cv_fspec_max_bytes, children))
            return self.known[path][1]
        else:
            raise WireError(f"CAT{self.category:03d} {path}: {base} inside a compound item is not supported")
        self.nodes.append(node)
        self.known[path] = (non_spare, len(self.nodes) - 1)
        return len(self.nodes) - 1

    def extended(self, path: str, variation: Any) -> Node:  # noqa: ANN401 - libasterix's classes are generated
        """Add the parts of an extended item."""
        first, slot, parts = len(self.children), len(self.slots), variation.cv_items_list
        sizes = []
        for k, part in enumerate(parts):
            here = self.new_slot(path if k == 0 else f"{path}#{k}")
            bit = 0
            for entry in part:
                bit += 1 if entry is None else self.entry(path, here, slot, bit, entry[0])
            sizes.append(self.whole_bytes(path, bit))
        self.children += sizes
        return Node(EXTENDED, slot, 0, int(parts[-1][-1] is None), first, len(sizes))

    def entry(self, path: str, slot: int, item: int, bit: int, entry: Any, *, repeated: bool = False) -> int:  # noqa: ANN401 - libasterix's classes are generated
        """Add one member of a group or part; return its width in bits."""
        if _base(entry) == "Spare":
            self.spares.append(Spare(slot, bit, entry.cv_bit_size, repeated))
            return int(entry.cv_bit_size)
        inner = entry.cv_non_spare
        return self.fields(f"{path}/{inner.cv_name}", slot, item, bit, _variation(inner.cv_rule), inner, repeated=repeated)

    def fields(self, path: str, slot: int, item: int, bit: int, variation: Any, non_spare: Any, *, repeated: bool = False) -> int:  # noqa: ANN401 - libasterix's classes are generated
        """Add the elements of an element or group; return its width in bits."""
        base = _base(variation)
        if base == "Group":
            width = 0
            for entry, _ in variation.cv_items_list:
                width += self.entry(path, slot, item, bit + width, entry, repeated=repeated)
            return width
        if base != "Element":
            raise WireError(f"CAT{self.category:03d} {path}: {base} inside {non_spare.cv_name} is not supported")
        self.elements.append(_element(path, slot, item, bit, variation, repeated=repeated))
        return int(variation.cv_bit_size)

    def select(self, selector: Any, names: list[str]) -> list[int]:  # noqa: ANN401 - libasterix's classes are generated
        """Return the selector of the record layout: see Table."""
        if selector is None:
            raise WireError(f"CAT{self.category:03d}: nothing in the record says which layout it has")
        path, of_value = selector
        element = next(e for e in self.elements if e.path == "/".join(path))
        variants = [names.index(of_value[v]) if v in of_value else -1 for v in range(max(of_value) + 1)]
        return [element.slot, element.bit, element.width, 0, *variants]

    def whole_bytes(self, path: str, bits: int) -> int:
        """Return bits as bytes."""
        if bits % 8:
            raise WireError(f"CAT{self.category:03d} {path}: {bits} bits are not whole bytes")
        return bits // 8


_CONTENT = {"ContentRaw": "raw", "ContentTable": "table", "ContentInteger": "integer", "ContentQuantity": "quantity", "ContentBds": "bds"}
_STRING = {"StringAscii": "ascii", "StringICAO": "icao", "StringOctal": "octal"}


def _element(path: str, slot: int, item: int, bit: int, variation: Any, *, repeated: bool) -> Element:  # noqa: ANN401 - libasterix's classes are generated
    """Return the descriptor of one libasterix element."""
    rule = variation.cv_rule
    content = rule.cv_content if hasattr(rule, "cv_content") else rule.cv_default_content
    base = _base(content)
    kind = _STRING[content.cv_string_type.__name__] if base == "ContentString" else _CONTENT[base]
    return Element(
        path=path,
        slot=slot,
        item=item,
        bit=bit,
        width=variation.cv_bit_size,
        content=kind,
        signed=getattr(content, "cv_signedness", None) is not None and content.cv_signedness.__name__ == "Signed",
        lsb=float(getattr(content, "cv_lsb", 1.0)),
        unit=getattr(content, "cv_unit", ""),
        repeated=repeated,
        values=dict(getattr(content, "cv_values", {})),
    )

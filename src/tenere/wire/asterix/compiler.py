"""Reads the specification that libasterix carries into our own tables.

libasterix describes each edition as Python classes (``asterix.generated``: 75 editions, two seconds to import).
Only this module knows them. Structure as in asterix-specs, "Structure of the specifications".
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.errors import WireError
from tenere.wire.asterix.table import COMPOUND, EXPLICIT, EXTENDED, FIXED, REPETITIVE, REPETITIVE_FX, RFS, Element, Node, Spare, Table

if TYPE_CHECKING:
    from collections.abc import Callable


def editions() -> dict[int, dict[str, Any]]:
    """Return every edition that libasterix knows: category -> "1.32" -> its class, oldest first."""
    manifest = importlib.import_module("asterix.generated").manifest["CATS"]
    return {
        cat: {f"{s.cv_edition[0]}.{s.cv_edition[1]}": s for s in sorted(specs, key=lambda s: s.cv_edition)}
        for cat, specs in manifest.items()
    }


def expansions() -> dict[int, dict[str, Any]]:
    """Return every edition of the reserved expansion fields that libasterix knows: category -> "1.5" -> its class, oldest first."""
    manifest = importlib.import_module("asterix.generated").manifest["REFS"]
    return {
        cat: {f"{s.cv_edition[0]}.{s.cv_edition[1]}": s for s in sorted(specs, key=lambda s: s.cv_edition)}
        for cat, specs in manifest.items()
    }


def compile_expansion(category: int, edition: str, spec: Any) -> Table:  # noqa: ANN401 - libasterix's classes are generated
    """Return the table of one edition of a reserved expansion field: its content, after the length byte, is one record of it."""
    build = _Builder(category)
    build.expansion = True
    kind, fspec_bytes = spec.cv_expansion.cv_type
    children = [-1 if item is None else build.item(item.cv_name, item) for item in spec.cv_expansion.cv_items_list]
    root = build.parent(-1, fspec_bytes, children, fixed=kind.__name__ == "FspecFixed")
    return build.table(edition, [root], [])


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
        longest = max(build.nodes[root].size for root in roots)  # which layout it is stands after the field specification
        for root in roots:
            build.nodes[root] = msgspec.structs.replace(build.nodes[root], size=longest)
        selector = build.select(uap.cv_selector, names)
    return build.table(edition, roots, selector)


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
        self.titles: dict[str, str] = {}
        self.expansion = False
        self.dependent: list[tuple[Element, list[str], int]] = []

    def table(self, edition: str, roots: list[int], selector: list[int]) -> Table:
        """Return what was collected."""
        places = {e.path: e for e in self.elements}
        means = []
        for element, path, value in self.dependent:
            on = places.get("/".join(path))
            if on is not None and not on.repeated:
                means.append(msgspec.structs.replace(element, when=(on.slot, on.bit, on.width, value)))
        return Table(
            self.category,
            edition,
            self.slots,
            self.nodes,
            self.children,
            roots,
            selector,
            self.elements,
            self.spares,
            self.titles,
            means,
        )

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

    def parent(self, slot: int, fspec_bytes: int, children: list[int], *, fixed: bool = False) -> int:
        """Add a compound node, or a record, over children already added."""
        self.nodes.append(Node(COMPOUND, slot, fspec_bytes, int(fixed), len(self.children), len(children)))
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
        self.titles[path] = non_spare.cv_title
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
        self.titles[f"{path}/{inner.cv_name}"] = inner.cv_title
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
        element = _element(path, slot, item, bit, variation, repeated=repeated, title=non_spare.cv_title)
        if (self.category, path) in CORRECTIONS and not self.expansion:
            element = msgspec.structs.replace(element, lsb=CORRECTIONS[self.category, path])
        rule = variation.cv_rule
        if hasattr(non_spare.cv_rule, "cv_cases") and not repeated:
            element = msgspec.structs.replace(element, cases=_cases(non_spare.cv_rule, _variation_meaning))
        elif hasattr(rule, "cv_cases"):
            element = msgspec.structs.replace(element, cases=_cases(rule, _content_meaning))
            for value, content in rule.cv_cases:
                if _base(content) == "ContentQuantity" and len(rule.cv_depends_on) == 1 and not repeated:
                    read = _content(content)
                    case = msgspec.structs.replace(element, path=f"{path}/{_word(read['unit'])}", cases="", **read)
                    self.dependent.append((case, rule.cv_depends_on[0], value[0]))
        self.elements.append(element)
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


CORRECTIONS = {
    (10, "202/VX"): 0.25,
    (10, "202/VY"): 0.25,
    (10, "210/AX"): 0.25,
    (10, "210/AY"): 0.25,
    (17, "045/LAT"): 180 / 2**23,
    (17, "045/LON"): 180 / 2**23,
    (25, "600/LON"): 360 / 2**32,
}
"""Steps that libasterix has wrong, by category and element: with its own (1/16, 180/2^25, 180/2^32) the ends of the range that the
specification states (8192 m/s, 31 m/s2, 180 degrees) cannot be reached. Of CAT010 recordings say the same: the speeds by which positions
move are four times those of libasterix.
"""

_CONTENT = {"ContentRaw": "raw", "ContentTable": "table", "ContentInteger": "integer", "ContentQuantity": "quantity", "ContentBds": "bds"}
_STRING = {"StringAscii": "ascii", "StringICAO": "icao", "StringOctal": "octal"}


def _content(content: Any) -> dict[str, Any]:  # noqa: ANN401 - libasterix's classes are generated
    """Return how to read some bits, as fields of Element."""
    base = _base(content)
    return {
        "content": _STRING[content.cv_string_type.__name__] if base == "ContentString" else _CONTENT[base],
        "signed": getattr(content, "cv_signedness", None) is not None and content.cv_signedness.__name__ == "Signed",
        "lsb": float(getattr(content, "cv_lsb", 1.0)),
        "unit": getattr(content, "cv_unit", ""),
        "values": dict(getattr(content, "cv_values", {})),
    }


def _element(path: str, slot: int, item: int, bit: int, variation: Any, *, repeated: bool, title: str) -> Element:  # noqa: ANN401 - libasterix's classes are generated
    """Return the descriptor of one libasterix element."""
    rule = variation.cv_rule
    content = rule.cv_content if hasattr(rule, "cv_content") else rule.cv_default_content
    return Element(
        path=path, slot=slot, item=item, bit=bit, width=variation.cv_bit_size, repeated=repeated, title=title, **_content(content)
    )


def _word(unit: str) -> str:
    """Return a unit as a part of a path."""
    return "".join(c if c.isalnum() else "_" for c in unit).strip("_").lower()


def meanings(values: dict[int, str]) -> str:
    """Return a table of values as a line: "0 none, 1 general"."""
    return ", ".join(f"{value} {' '.join(meaning.split())}" for value, meaning in sorted(values.items()))


def _cases(rule: Any, meaning: Callable[[Any], str]) -> str:  # noqa: ANN401 - libasterix's classes are generated
    """Say what a rule with cases means in each."""
    on = " and ".join("/".join(path) for path in rule.cv_depends_on)
    return "; ".join(f"where {on} is {' and '.join(map(str, value))}: {meaning(case)}" for value, case in rule.cv_cases)


def _content_meaning(content: Any) -> str:  # noqa: ANN401 - libasterix's classes are generated
    """Say in words what a content is."""
    read = _content(content)
    return meanings(read["values"]) if read["content"] == "table" else f"{read['content']}, {read['lsb']:g} {read['unit']}".strip(", ")


def _variation_meaning(variation: Any) -> str:  # noqa: ANN401 - libasterix's classes are generated
    """Say in words what an element or a group of elements is, from its first bit."""
    if _base(variation) == "Element":
        rule = variation.cv_rule
        return _content_meaning(rule.cv_content) if hasattr(rule, "cv_content") else "raw"
    if _base(variation) != "Group":
        return _base(variation).lower()
    parts = [(entry, bits) for entry, bits in variation.cv_items_list]
    return "bits " + ", ".join(f"{bits} {'spare' if _base(e) == 'Spare' else e.cv_non_spare.cv_name}" for e, bits in parts)

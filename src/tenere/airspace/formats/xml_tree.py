"""XML as a plain tree that knows its lines. Entities, document types and outside references are refused (defusedxml); all is bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

from tenere.airspace.limits import AirspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DEPTH = 100
MOST_ELEMENTS = 5_000_000
_AT_ONCE = 1 << 20


class Node:
    """An element: its name without namespace, attributes (likewise), text, children and line."""

    __slots__ = ("attributes", "children", "line", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        """Keep what an element begins with."""
        self.name, self.attributes, self.line = name, attributes, line
        self.text = ""
        self.children: list[Node] = []

    def all(self, *names: str) -> list[Node]:
        """Return the children of these names."""
        return [c for c in self.children if c.name in names]

    def first(self, *path: str) -> Node | None:
        """Return the first element along a path of names, None where there is none."""
        at: Node | None = self
        for name in path:
            at = next((c for c in at.children if c.name == name), None) if at is not None else None
        return at

    def said(self, *path: str) -> str:
        """Return the text of the element along a path, without blanks round it; empty where there is none."""
        at = self.first(*path)
        return at.text.strip() if at is not None else ""

    def every(self, name: str) -> Iterator[Node]:
        """Yield all elements of a name, however deep, in their order, but none within another of that name."""
        stack = [self]
        while stack:
            at = stack.pop()
            if at.name == name and at is not self:
                yield at
            else:
                stack.extend(reversed(at.children))


class _Builder:
    """Builds the tree; the parser calls it."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.stack: list[Node] = []
        self.parts: list[list[str]] = []
        self.count = 0
        self.expat: Any = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        line = self.expat.CurrentLineNumber
        if len(self.stack) >= MOST_DEPTH or self.count > MOST_ELEMENTS:
            raise AirspaceError(f"line {line}: elements more than {MOST_DEPTH} deep, or more than {MOST_ELEMENTS:,} of them")
        node = Node(tag.rpartition("}")[2], {k.rpartition("}")[2]: v for k, v in attributes.items()}, line)
        if self.stack:
            self.stack[-1].children.append(node)
        else:
            self.root = node
        self.stack.append(node)
        self.parts.append([])

    def data(self, text: str) -> None:
        if self.parts:
            self.parts[-1].append(text)

    def end(self, _tag: str) -> None:
        self.stack.pop().text = "".join(self.parts.pop())

    def close(self) -> None:
        """Nothing is left to do."""


def tree_of(data: bytes) -> Node:
    """Return the root of an XML document. Raises AirspaceError naming the line."""
    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.expat = parser.parser
    try:
        for at in range(0, len(data), _AT_ONCE):
            parser.feed(data[at : at + _AT_ONCE])
        parser.close()
    except DefusedXmlException as e:
        raise AirspaceError("holds entities or a document type, which airspace files have no use for") from e
    except (ParseError, ValueError, LookupError) as e:  # also of an encoding that there is none of
        line = e.position[0] if isinstance(e, ParseError) else 1
        raise AirspaceError(f"line {line}: is not valid XML: {e}") from e
    if builder.root is None:
        raise AirspaceError("line 1: is not valid XML: there is no element")
    return builder.root

"""YAML as a plain tree that knows its lines: every scalar a text, no anchors, no tags, all bounded. It takes the optional PyYAML."""

from __future__ import annotations

from typing import Any, NamedTuple

from tenere.airspace.limits import AirspaceError

MOST_DEPTH = 30
MOST_NODES = 5_000_000


class Leaf(NamedTuple):
    """A scalar: its text and line."""

    text: str
    line: int


class Items(NamedTuple):
    """A list and its line."""

    items: list[Any]
    line: int


class Table(NamedTuple):
    """A mapping, by the texts of its keys, and its line."""

    items: dict[str, Any]
    line: int


Node = Leaf | Items | Table


def tree_of(text: str) -> Node:
    """Return the tree of a document. Raises AirspaceError naming the line."""
    try:
        import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra: only who reads YAML needs it
    except ModuleNotFoundError as e:
        raise AirspaceError("YAML needs the Python package PyYAML: pip install 'tenere[airspace]'") from e
    stack: list[tuple[Node, Leaf | None]] = []
    root: Node | None = None
    key: Leaf | None = None
    count = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            made: Node | None = None
            line = event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise AirspaceError(f"line {line}: anchors and aliases (& and *) are not read")
            if isinstance(event, yaml.ScalarEvent):
                made = Leaf(event.value, line)
            elif isinstance(event, yaml.SequenceStartEvent):
                made = Items([], line)
            elif isinstance(event, yaml.MappingStartEvent):
                made = Table({}, line)
            elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
                _, key = stack.pop()
                continue
            if made is None:
                continue
            count += 1
            if count > MOST_NODES or len(stack) > MOST_DEPTH:
                raise AirspaceError(f"line {line}: more than {MOST_DEPTH} deep, or more than {MOST_NODES:,} values")
            within = stack[-1][0] if stack else None
            if isinstance(within, Table) and key is None:
                if not isinstance(made, Leaf):
                    raise AirspaceError(f"line {line}: a key is no plain text")
                key = made
                continue
            if isinstance(within, Table) and key is not None:
                if key.text in within.items:
                    raise AirspaceError(f"line {key.line}: the key {key.text[:40]!r} again")
                within.items[key.text] = made
            elif isinstance(within, Items):
                within.items.append(made)
            elif root is None:
                root = made
            else:
                raise AirspaceError(f"line {line}: a second document")
            key = None
            if not isinstance(made, Leaf):
                stack.append((made, None))
    except (yaml.YAMLError, ValueError, RecursionError) as e:
        mark = getattr(e, "problem_mark", None)
        raise AirspaceError(f"line {mark.line + 1 if mark else 1}: is not valid YAML: {getattr(e, 'problem', None) or e}") from e
    if root is None:
        raise AirspaceError("line 1: an empty document")
    return root

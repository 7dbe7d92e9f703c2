"""The columns of one edition: what each is called, what it says, and how its bits are read.

``040/RHO`` becomes ``i040_rho``; an element of the reserved expansion field ``re_md5_sum_m5``; an explicit item ``re``, ``sp``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.wire.asterix.compiler import meanings
from tenere.wire.asterix.extract import BYTE, LONG, REAL, SHORT, WORD
from tenere.wire.asterix.table import EXPLICIT

if TYPE_CHECKING:
    from tenere.wire.asterix.table import Element, Table

NUMBER, TEXT, OCTETS = range(3)
_LETTER_BITS = {"icao": 6, "ascii": 8}


class Field(NamedTuple):
    """One column: its name, unit and meaning; the element it is read from (None: an explicit item); how its values are kept.

    what: NUMBER, TEXT or OCTETS. kind: of a number, REAL .. LONG; dtype: of its values; slot: where its item is.
    """

    name: str
    unit: str
    doc: str
    element: Element | None
    slot: int
    what: int
    kind: int
    dtype: np.dtype[np.generic]
    listed: bool


class Plan:
    """Every column of one edition, in the order of the table."""

    def __init__(self, layout: Table, prefix: str = "") -> None:
        self.layout = layout
        self.prefix = prefix

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Return the columns; their names are unique."""
        layout = self.layout
        found: list[tuple[int, Field]] = [(n.slot, self._explicit(n.slot)) for n in layout.nodes if n.kind == EXPLICIT]
        for element in layout.elements:
            means = [e for e in layout.dependent if e.path.rpartition("/")[0] == element.path]
            found += [(e.slot, self._field(e)) for e in (element, *means)]
        found.sort(key=lambda pair: pair[0])
        names: set[str] = set()
        out = []
        for _, field in found:
            name = field.name
            while name in names:
                name += "_2"
            names.add(name)
            out.append(field._replace(name=name))
        return tuple(out)

    def _name(self, path: str) -> str:
        name = path.replace("/", "_").replace("@", "_").lower()
        return self.prefix + name if self.prefix else f"i{name}" if name[:1].isdigit() else name

    def _explicit(self, slot: int) -> Field:
        path = self.layout.slots[slot]
        doc = f"{self._title(path)}; bytes after the length".lstrip("; ")
        return Field(self._name(path), "", doc, None, slot, OCTETS, 0, np.dtype(np.uint8), listed=True)

    def _field(self, element: Element) -> Field:
        what, kind, dtype = _kept(element)
        listed = element.repeated or what == OCTETS
        return Field(self._name(element.path), element.unit, self._doc(element), element, element.slot, what, kind, dtype, listed)

    def _title(self, path: str) -> str:
        """Return the titles of an item and of what it holds down to a path."""
        parts = path.split("/")
        titles = [self.layout.titles.get("/".join(parts[: k + 1]), "") for k in range(len(parts))]
        return ": ".join(dict.fromkeys(" ".join(t.split()) for t in titles if t))

    def _doc(self, element: Element) -> str:
        """Return the meaning of a column: titles, then values, or the bits that decide what it means."""
        said = [self._title(element.path)]
        if element.content == "octal":
            said.append("octal")
        elif element.content == "table" and element.values:
            said.append(meanings(element.values))
        elif element.content == "bds":
            said.append("Comm-B register and its number" if element.width > 56 else "Comm-B register")
        if element.cases:
            said.append(element.cases)
        if element.when:
            slot, bit, width, value = element.when
            on = next(e.path for e in self.layout.elements if (e.slot, e.bit, e.width) == (slot, bit, width))
            said.append(f"where {on} is {value}")
        return "; ".join(s for s in said if s)


def _kept(element: Element) -> tuple[int, int, np.dtype[np.generic]]:
    """Return how the values of an element are kept: NUMBER, TEXT or OCTETS, the kind of a number, the dtype."""
    width = element.width
    if element.content in _LETTER_BITS:
        return TEXT, 0, np.dtype(f"S{width // _LETTER_BITS[element.content]}")
    if width > 64:
        return OCTETS, 0, np.dtype(np.uint8)
    if element.content == "quantity":
        return NUMBER, REAL, np.dtype(np.float64)
    kind, size = next((k, s) for k, s in ((BYTE, 1), (SHORT, 2), (WORD, 4), (LONG, 8)) if width <= 8 * s)
    letter = "i" if element.signed or (size == 8 and width < 64) else "u"
    return NUMBER, kind, np.dtype(f"{letter}{size}")

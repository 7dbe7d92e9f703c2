"""The columns of a table of details, declared one by one, and filled by a kernel that knows them by number.

A kernel cannot take a hundred arrays, so columns of one dtype are the rows of one block: ``block.u1[VERSION, i]`` is
the version of record i. Whether a record has a field is a row of ``u1`` as well, shared by the fields that come together.
Float columns need none: NaN says it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.wire.detail import Column, Detail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ALWAYS = -1
"""In place of the row that says whether a field is there: every record has it."""


class Blocks(NamedTuple):
    """The columns of a table, each block (columns, records): zeros, or NaN where they are floats."""

    u1: NDArray[np.uint8]
    i4: NDArray[np.int32]
    i8: NDArray[np.int64]
    f4: NDArray[np.float32]
    f8: NDArray[np.float64]


class _Declared(NamedTuple):
    name: str
    dtype: str
    row: int
    unit: str
    doc: str
    present: int
    text: bool


@dataclass
class Layout:
    """The columns of one kind of record, in order. Each method declares one and returns its row in the block of its dtype."""

    columns: list[_Declared] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Blocks._fields, 0))

    def mark(self) -> int:
        """Declare whether a record has the fields that name this mark: a row of u1, 0 or 1, and no column of its own."""
        return self._row("u1")

    def u1(self, name: str, doc: str, present: int = ALWAYS, unit: str = "") -> int:
        """Declare a code, a flag or a small number."""
        return self._add(name, "u1", doc, present, unit)

    def i4(self, name: str, doc: str, present: int = ALWAYS, unit: str = "") -> int:
        """Declare a whole number."""
        return self._add(name, "i4", doc, present, unit)

    def i8(self, name: str, doc: str, present: int = ALWAYS, unit: str = "") -> int:
        """Declare a large whole number."""
        return self._add(name, "i8", doc, present, unit)

    def text8(self, name: str, doc: str, present: int) -> int:
        """Declare eight characters, written as one big-endian integer of i8."""
        return self._add(name, "i8", doc, present, "", text=True)

    def f4(self, name: str, unit: str, doc: str) -> int:
        """Declare a quantity of few bits."""
        return self._add(name, "f4", doc, ALWAYS, unit)

    def f8(self, name: str, unit: str, doc: str) -> int:
        """Declare a quantity of many bits."""
        return self._add(name, "f8", doc, ALWAYS, unit)

    def _add(self, name: str, dtype: str, doc: str, present: int, unit: str, *, text: bool = False) -> int:
        row = self._row(dtype)
        self.columns.append(_Declared(name, dtype, row, unit, doc, present, text))
        return row

    def _row(self, dtype: str) -> int:
        self.rows[dtype] += 1
        return self.rows[dtype] - 1

    def blocks(self, n: int) -> Blocks:
        """Return the blocks of n records, blank."""
        made = {}
        for dtype, rows in self.rows.items():
            block = _spread(max(rows, 1), n, np.dtype(dtype))
            if dtype.startswith("f"):
                block[:] = np.nan
            made[dtype] = block
        return Blocks(**made)

    def detail(self, blocks: Blocks, first: Sequence[Column] = (), without: Sequence[str] = ()) -> Detail:
        """Return the filled columns after those given first, without those named."""
        made = list(first)
        for c in self.columns:
            if c.name in without:
                continue
            values: NDArray[Any] = getattr(blocks, c.dtype)[c.row]
            if c.text:
                values = values.astype(">i8").view("S8")
            present = None if c.present == ALWAYS else blocks.u1[c.present].view(np.bool_)
            made.append(Column(c.name, values, c.unit, c.doc, present=present))
        return Detail(tuple(made))


def _spread(rows: int, n: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return zeros (rows, n) whose rows begin an odd number of cache lines apart, so that they do not share cache sets."""
    lines = max(-(-n * dtype.itemsize // 64), 1) | 1
    return np.zeros((rows, lines * 64 // dtype.itemsize), dtype)[:, :n]

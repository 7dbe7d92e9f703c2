"""The records of one category as columns: any element by its name, without an object a record.

>>> block = bytes.fromhex("22000ce80c22010708400200")
>>> records = decode_category(34, block, [3], [12])
>>> len(records), float(records.column("030")[0]), bool(records.present("020")[0])
(1, 3600.5, False)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import WireError
from tenere.wire.asterix.survey import fault_reason, survey
from tenere.wire.asterix.walk import element_float, element_int, place, repetitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from tenere.wire.asterix.survey import Survey
    from tenere.wire.asterix.table import Element, Table

__all__ = ["Records", "decode_category", "fault_reason", "pieces", "records_of"]

_ICAO = np.frombuffer(b"?ABCDEFGHIJKLMNOPQRSTUVWXYZ????? ???????????????0123456789??????", np.uint8)
"""Six-bit letters (ICAO Annex 10 IV 3.1.2.9.1.2); ? is none of them."""


@dataclass(frozen=True)
class Records:
    """Every whole record of the blocks of one category that are whole.

    offset: (n,) int64, where each record begins in data. block: (n,) int32, the block it stands in.
    faults, fault_at: (blocks,) int64, why a block was refused (code in walk.FAULTS, 0 none) and where.
    """

    table: Table
    data: NDArray[np.uint8]
    rows: NDArray[np.int32]
    block: NDArray[np.int32]
    faults: NDArray[np.int64]
    fault_at: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the records."""
        return len(self.rows)

    @property
    def offset(self) -> NDArray[np.int64]:
        """Return where each record begins in data, (n,)."""
        return self.rows[:, 0].astype(np.int64)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Records:
        """Return some of the records."""
        return Records(self.table, self.data, self.rows[rows], self.block[rows], self.faults, self.fault_at)

    def present(self, name: str) -> NDArray[np.bool_]:
        """Say which records have an item ("040"), a subitem ("130/SRL") or the part of an extended item that holds an element."""
        known = self.table.slot.get(name)
        if known is None:
            known = self._element(name).slot
        return self.rows[:, known + 1] >= 0

    @cached_property
    def held(self) -> NDArray[np.bool_]:
        """Say which columns of rows hold anything at all."""
        held: NDArray[np.bool_] = self.rows.max(axis=0, initial=-1) >= 0
        return held

    def holds(self, path: str) -> bool:
        """Say whether any record has an item, or the part of it that holds an element."""
        known = self.table.slot.get(path)
        return bool(self.held[(self._element(path).slot if known is None else known) + 1])

    def column(self, path: str) -> NDArray[np.float64]:
        """Return an element in the unit of the specification, NaN where absent, (n,)."""
        element = self._single(path)
        out = np.full(len(self), np.nan)
        element_float(self.data, self.rows, element.slot + 1, element.bit, min(element.width, 56), element.signed, element.lsb, out)
        return out

    def integer(self, path: str, absent: int = -1) -> NDArray[np.int64]:
        """Return the bits of an element as a number (signed where the specification says so), (n,)."""
        element = self._single(path)
        out = np.full(len(self), absent, np.int64)
        element_int(self.data, self.rows, element.slot + 1, element.bit, min(element.width, 64), element.signed, out)
        return out

    def text(self, path: str) -> tuple[NDArray[np.bytes_], NDArray[np.bool_]]:
        """Return a text element, trailing spaces removed, (n,) S8; and which hold a letter outside the alphabet (left empty).

        Six-bit letters or ASCII, eight at most.
        """
        element = self._single(path)
        bits = 6 if element.content == "icao" else 8
        n = min(element.width // bits, 8)
        codes = np.full((len(self), 8), ord(" "), np.uint8)
        letter = np.zeros(len(self), np.int64)
        for k in range(n):
            element_int(self.data, self.rows, element.slot + 1, element.bit + k * bits, bits, False, letter)
            codes[:, k] = _ICAO[letter] if bits == 6 else np.where((letter >= 0x20) & (letter < 0x7F), letter, ord("?"))
        here = self.rows[:, element.slot + 1] >= 0
        bad = here & (codes == ord("?")).any(axis=1)
        codes[bad | ~here] = ord(" ")
        joined = codes.view("S8")[:, 0]
        return np.strings.rstrip(joined), bad

    def repeated(self, path: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (record, place of the repetition in data) of every repetition of an item, both (total,)."""
        rows, places = self._repetitions(self.table.slot[path])
        return rows, places[:, 0].astype(np.int64)

    def repeated_integer(self, path: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (record, value) of an element of a repetitive item, both (total,)."""
        element = self._element(path)
        rows, places = self._repetitions(element.slot)
        out = np.zeros(len(rows), np.int64)
        element_int(self.data, places, 0, element.bit, min(element.width, 64), element.signed, out)
        return rows, out

    def _repetitions(self, slot: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        here = self.rows[:, slot + 1] >= 0
        total = int(self.rows[here, slot + 2].sum(dtype=np.int64))
        rows, places = np.empty(total, np.int64), np.empty((total, 1), np.int32)
        repetitions(self.rows, slot + 1, self.table.node_of_slot[slot].size, rows, places)
        return rows, places

    def _element(self, path: str) -> Element:
        try:
            return self.table.element[path]
        except KeyError:
            raise WireError(f"CAT{self.table.category:03d} edition {self.table.edition} has no {path}") from None

    def _single(self, path: str) -> Element:
        element = self._element(path)
        if element.repeated:
            raise WireError(f"{path} is repeated: use repeated_integer")
        return element


def decode_category(category: int, data: bytes, starts: ArrayLike, ends: ArrayLike, edition: str | None = None) -> Records:
    """Find every item of every record of some blocks of one category.

    data: what holds the blocks. starts, ends: (blocks,) the bytes of each block after its three-byte header.
    A block that fails its structure gives no record; ``faults`` says why. Raises WireError for a category or edition that
    is not known, or 2 GiB of data.
    """
    found = survey(category, data, starts, ends, edition)
    return records_of(found, slice(None), np.where(found.faults == 0, found.counts, 0))


def records_of(found: Survey, piece: slice, take: NDArray[np.int64]) -> Records:
    """Find every item of the first `take` records of each block of a piece of those surveyed. take: (blocks of the piece,) int64."""
    n = int(take.sum())
    rows, block = np.full((n, 1 + len(found.layout.slots)), -1, np.int32), np.empty(n, np.int32)
    place(found.data, found.start[piece], found.end[piece], found.layout.program, take, rows, block)
    return Records(found.layout, found.data, rows, block, found.faults[piece], found.fault_at[piece])


PIECE_BYTES = 1 << 20
"""Bytes of blocks decoded at a time: bounds the memory that the places of items take."""


def pieces(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Iterator[slice]:
    """Cut blocks into runs of about PIECE_BYTES, at least one block each."""
    total = np.cumsum(ends - starts)
    first = 0
    while first < len(starts):
        done = int(total[first - 1]) if first else 0
        last = max(int(np.searchsorted(total, done + PIECE_BYTES, side="right")), first + 1)
        yield slice(first, last)
        first = last

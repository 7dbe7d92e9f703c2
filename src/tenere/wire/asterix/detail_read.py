"""Runs the kernels of extract.py over the blocks of one category, and makes columns of what they write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.wire.asterix.detail_plan import NUMBER, OCTETS, TEXT, Field
from tenere.wire.asterix.extract import (
    BYTE,
    ICAO,
    LONG,
    REAL,
    SHORT,
    WORD,
    Numbers,
    Outputs,
    Texts,
    columns,
    listed_elements,
    octets,
    spread,
)
from tenere.wire.asterix.gather import PIECE, STRIDE
from tenere.wire.asterix.runs import runs_of
from tenere.wire.asterix.table import EXPLICIT, FIXED
from tenere.wire.asterix.trace import counted, nowhere
from tenere.wire.detail import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.wire.asterix.detail_plan import Plan
    from tenere.wire.asterix.table import Table
    from tenere.wire.asterix.trace import Trace

_KINDS = ((REAL, np.float64), (BYTE, np.uint8), (SHORT, np.uint16), (WORD, np.uint32), (LONG, np.uint64))


class Made(NamedTuple):
    """Columns read: where each record begins and in which block, (n,); the columns; where the items of list columns stand, by slot."""

    offset: NDArray[np.int64]
    block: NDArray[np.int32]
    columns: tuple[Column, ...]
    places: dict[int, NDArray[np.int32]]

    def none(self, dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - any dtype
        """Return a column of zeros that takes no room."""
        return np.broadcast_to(np.zeros(1, dtype), len(self.offset))


class _Layout:
    """Which columns a run of kernels writes, and where."""

    def __init__(self, fields: Sequence[Field], slots: Sequence[int], n: int) -> None:
        """Place numbers and texts; slots: the row of places of each field."""
        self.at: list[tuple[int, int]] = []
        counts = [0] * len(_KINDS)
        letters = 0
        numbers: list[tuple[int, int, int, int, int, int, float, int, int]] = []
        texts: list[tuple[int, int, int, int, int]] = []
        for field, slot in zip(fields, slots, strict=True):
            element = field.element
            assert element is not None
            bit, width = element.bit, element.width
            if field.what == TEXT:
                count = field.dtype.itemsize
                texts.append((slot, bit, width // count, count, letters))
                self.at.append((-1, letters))
                letters += n * count
            else:
                last = bit + width - 1
                sign = 1 << (width - 1) if element.signed else 0
                size = (last >> 3) - (bit >> 3) + 1
                row = counts[field.kind]
                numbers.append((slot, bit >> 3, size, 7 - (last & 7), (1 << width) - 1, sign, element.lsb, field.kind, row))
                self.at.append((field.kind, row))
                counts[field.kind] += 1
        numbers.sort(key=lambda number: number[:3])  # the same bytes one after the other: they are read once
        columns: list[Any] = list(zip(*numbers, strict=True)) if numbers else [()] * 9
        dtypes = (np.int64, np.int64, np.int64, np.uint64, np.uint64, np.uint64, np.float64, np.int64, np.int64)
        arrays: list[Any] = [np.array(c, d) for c, d in zip(columns, dtypes, strict=True)]
        self.numbers = Numbers(*arrays)
        parts = list(zip(*texts, strict=True)) if texts else [()] * 5
        self.texts = Texts(*(np.array(p, np.int64) for p in parts))
        self.arrays: list[NDArray[Any]] = [np.empty((counts[kind], n), dtype) for kind, dtype in _KINDS]
        self.letters = np.empty(letters, np.uint8)

    def outputs(self, masks: NDArray[np.bool_], places: NDArray[np.int32]) -> Outputs:
        """Return what the kernels write to."""
        real, byte, short, word, long = self.arrays
        return Outputs(real, byte, short, word, long, self.letters, masks, places)

    def values(self, k: int, field: Field, n: int) -> NDArray[Any]:
        """Return the values of one field, once written."""
        kind, at = self.at[k]
        whole = self.letters[at : at + n * field.dtype.itemsize] if kind < 0 else self.arrays[kind][at]
        values: NDArray[Any] = whole.view(field.dtype)
        return values


def read_columns(
    plan: Plan,
    data: NDArray[np.uint8],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    take: NDArray[np.int64],
    held: NDArray[np.bool_],
    traces: list[Trace] | None = None,
) -> Made:
    """Read the first `take` records of each block, which read whole, as a plan says; -1: one row of nothing.

    start, end, take: (blocks,) int64. held: (1 + slots,) bool, which slots any record may hold.
    traces: the trace of all these records and no other, where the survey has kept it: it is taken out, so that it can go when it is read.
    """
    n = int(np.abs(take).sum())
    layout = plan.layout
    fields = [f for f in plan.fields if held[f.slot + 1]]
    plain = [f for f in fields if not f.listed]
    out = _Layout(plain, [f.slot + 1 for f in plain], n)
    masked = sorted({f.slot + 1 for f in plain if f.kind != REAL or f.what == TEXT})
    listed = sorted({row for f in fields if f.listed for row in _rows(layout, f)})
    masks, places = np.empty((len(masked), n), np.bool_), np.empty((len(listed), n), np.int32)
    offset, block = np.empty(n, np.int64), np.repeat(np.arange(len(take), dtype=np.int32), np.abs(take))
    scratch = np.empty((1 + len(layout.slots), STRIDE), np.int32)
    columns(
        data,
        np.ascontiguousarray(start),
        np.ascontiguousarray(end),
        np.ascontiguousarray(take),
        layout.program,
        runs_of(layout),
        np.flatnonzero(held),
        np.array(masked, np.int64),
        np.array(listed, np.int64),
        out.numbers,
        out.texts,
        ICAO,
        scratch,
        np.empty(PIECE, np.uint8),
        np.empty(PIECE, np.uint64),
        offset,
        block,
        out.outputs(masks, places),
        counted(layout),
        traces.pop() if traces else nowhere(),
    )
    mask_of = {row: masks[k] for k, row in enumerate(masked)}
    place_of = {row - 1: places[k] for k, row in enumerate(listed)}
    made = {f.name: _plain(f, out.values(k, f, n), mask_of) for k, f in enumerate(plain)}
    _conditions(plan, made)
    made |= {c.name: c for c in _lists(layout, data, [f for f in fields if f.listed], place_of)}
    blank = _Blank(n)
    return Made(offset, block, tuple(made[f.name] if f.name in made else blank.column(f) for f in plan.fields), place_of)


def _rows(layout: Table, field: Field) -> tuple[int, ...]:
    """Return the rows of places that a list column needs: where it stands, and how often."""
    return (field.slot + 1,) if layout.node_of_slot[field.slot].kind in {EXPLICIT, FIXED} else (field.slot + 1, field.slot + 2)


def _plain(field: Field, values: NDArray[Any], mask_of: dict[int, NDArray[np.bool_]]) -> Column:
    real = field.what == NUMBER and field.kind == REAL
    return Column(field.name, values, field.unit, field.doc, None if real else mask_of[field.slot + 1])


def _conditions(plan: Plan, made: dict[str, Column]) -> None:
    """Take a quantity away where the bits that it depends on say that it is another."""
    for field in plan.fields:
        when = field.element.when if field.element is not None else ()
        if when and field.name in made:
            slot, bit, width, value = when
            on = next(f for f in plan.fields if f.element is not None and (f.slot, f.element.bit, f.element.width) == (slot, bit, width))
            values = made[field.name].values
            values[made[on.name].values != value] = np.nan


def _lists(layout: Table, data: NDArray[np.uint8], fields: Sequence[Field], place_of: dict[int, NDArray[np.int32]]) -> list[Column]:
    """Return the list columns: repetitions, and bytes kept as they are."""
    out = []
    for slot in sorted({f.slot for f in fields}):
        mine = [f for f in fields if f.slot == slot]
        node = layout.node_of_slot[slot]
        first = place_of[slot]
        present = first >= 0
        if node.kind == EXPLICIT:
            begin = np.where(present, first.astype(np.int64) + 1, 0)
            sizes = np.where(present, data[np.maximum(first, 0)].astype(np.int64) - 1, 0)
            out += [_octets(f, data, begin, sizes, present) for f in mine]
            continue
        counts = present.astype(np.int64) if node.kind == FIXED else np.where(present, place_of[slot + 1], 0).astype(np.int64)
        offsets = _offsets(counts)
        numbers = [f for f in mine if f.what != OCTETS]
        where = np.empty((1, int(offsets[-1])), np.int32)
        spread(first, counts, node.size, where)
        made = _Layout(numbers, [0] * len(numbers), where.shape[1])
        outputs = made.outputs(np.empty((0, 0), np.bool_), np.empty((0, 0), np.int32))
        listed_elements(data, where, made.numbers, made.texts, ICAO, outputs)
        for k, f in enumerate(numbers):
            out.append(Column(f.name, made.values(k, f, where.shape[1]), f.unit, f.doc, present, offsets))
        sizes = counts * node.size
        out += [_octets(f, data, np.maximum(first, 0).astype(np.int64), sizes, present) for f in mine if f.what == OCTETS]
    return out


def _octets(
    field: Field, data: NDArray[np.uint8], begin: NDArray[np.int64], sizes: NDArray[np.int64], present: NDArray[np.bool_]
) -> Column:
    offsets = _offsets(sizes)
    values = np.empty(int(offsets[-1]), np.uint8)
    octets(data, begin, sizes, values)
    return Column(field.name, values, field.unit, field.doc, present, offsets, octets=True)


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


class _Blank:
    """Columns that no record holds: they share one array a dtype, which takes no room."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.kept: dict[np.dtype[Any], NDArray[Any]] = {}
        self.absent = np.broadcast_to(np.zeros(1, np.bool_), n)
        self.offsets = np.broadcast_to(np.zeros(1, np.int64), n + 1)

    def column(self, field: Field) -> Column:
        """Return a column of nothing."""
        real = field.what == NUMBER and field.kind == REAL
        if field.listed:
            octet = field.what == OCTETS
            empty = np.empty(0, field.dtype)
            return Column(field.name, empty, field.unit, field.doc, self.absent, self.offsets, octets=octet)
        values = self.kept.get(field.dtype)
        if values is None:
            one = np.full(1, np.nan) if real else np.zeros(1, field.dtype)
            values = self.kept[field.dtype] = np.broadcast_to(one, self.n)
        return Column(field.name, values, field.unit, field.doc, None if real else self.absent)

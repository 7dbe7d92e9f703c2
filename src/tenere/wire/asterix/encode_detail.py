"""Details back to bytes: what ``details`` has read of one category, or columns of the same names, as records again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.errors import WireError
from tenere.wire.asterix.detail import plans
from tenere.wire.asterix.detail_plan import OCTETS, TEXT
from tenere.wire.asterix.encode import encode_records
from tenere.wire.asterix.encode_values import Runs
from tenere.wire.asterix.tables import table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.detail_plan import Field
    from tenere.wire.detail import Column, Detail


def encode_detail(category: int, detail: Detail, edition: str | None = None) -> tuple[bytes, NDArray[np.int64]]:
    """Write the records of a Detail of one category; return their bytes and where each ends, (n,) int64.

    Columns are known by name ("i040_rho"); others, and those of the elements of an expansion field whose octets stand in "re",
    are not looked at. A six-bit letter that was none (read as "?") is written as a space. Raises WireError for what encode_records
    refuses.
    """
    layout = table(category, edition)
    plan, _ = plans(category, layout.edition)
    given = {column.name: column for column in detail.columns}
    columns: dict[str, Any] = {}
    present: dict[str, NDArray[np.bool_]] = {}
    for field in plan.fields:
        column = given.get(field.name)
        if column is None or (field.element is not None and field.element.when):  # the same bits as of another column
            continue
        item = layout.slots[field.slot]
        path = item if field.element is None else field.element.path
        here = _present(column)
        if not here.any():
            continue
        if column.offsets is not None and (field.element is None or field.element.repeated):
            columns[path] = _runs(field, column)
            present[item] = here
        else:
            columns[path] = _values(field, column)
            present[path] = here
    return encode_records(category, len(detail), columns, present, layout.edition)


def _present(column: Column) -> NDArray[np.bool_]:
    """Say which records hold a column, (n,)."""
    if column.present is not None:
        return column.present
    if column.offsets is not None or column.values.dtype.kind != "f":
        return np.ones(len(column), np.bool_)
    here: NDArray[np.bool_] = ~np.isnan(column.values)
    return here


def _runs(field: Field, column: Column) -> Runs:
    """Return a list column as the encoder takes it."""
    assert column.offsets is not None
    values, offsets = column.values, np.asarray(column.offsets)
    if field.element is None:
        return Runs(values, offsets)
    if field.what == OCTETS:
        size = field.element.width // 8
        if (offsets % size).any():
            raise WireError(f"{field.name}: not whole repetitions of {size} octets")
        return Runs(values.reshape(-1, size), offsets // size)
    return Runs(_text(field, values) if field.what == TEXT else values, offsets)


def _values(field: Field, column: Column) -> NDArray[Any]:
    """Return a column of one value a record as the encoder takes it."""
    if field.what == OCTETS and field.element is not None:
        out = np.zeros((len(column), field.element.width // 8), np.uint8)
        out[_present(column)] = column.values.reshape(-1, field.element.width // 8)
        return out
    return _text(field, column.values) if field.what == TEXT else column.values


def _text(field: Field, text: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Return text that can be written, and a space for what is empty, which would else be absent."""
    if field.element is not None and field.element.content == "icao":
        text = np.strings.replace(text, b"?", b" ")
    return np.where(text == b"", b" ", text)

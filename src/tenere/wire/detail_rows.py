"""Details from rows: for formats of a few messages a second, whose records are read one by one.

>>> fields = (Field("level", "f8", "FL"), Field("kind", "u1", "", "0 none, 1 some"), Field("name", "S4"), Field("raw", OCTETS))
>>> made = detail(fields, [(12.5, 1, b"ab", b"xyz"), (None, None, None, None)])
>>> len(made), made.columns[0].values.tolist(), made.columns[1].present.tolist(), made.columns[3].offsets.tolist()
(2, [12.5, nan], [True, False], [0, 3, 3])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.wire.detail import Column, Detail

if TYPE_CHECKING:
    from collections.abc import Sequence

OCTETS = "octets"
"""Stands for a dtype: the value of each row is bytes of any length."""


class Field(NamedTuple):
    """One column of a table: its name, NumPy dtype (or OCTETS), unit, meaning."""

    name: str
    dtype: str
    unit: str = ""
    doc: str = ""


OFFSET = Field("offset", "i8", "", "byte offset of the record in what the source delivered")
RECEIVE = Field("receive_s", "f8", "s", "receive time")
TIME = Field("time_s", "f8", "s", "time of the record, seconds since 1970-01-01 UTC")


def detail(fields: Sequence[Field], rows: Sequence[Sequence[Any]]) -> Detail:
    """Return the Detail of rows, each with a value for every field; None: absent.

    Absent numbers are NaN in a float column and masked in an integer one; absent text is empty. Raises nothing for values
    that their dtype can hold.
    """
    values = zip(*rows, strict=True) if rows else [()] * len(fields)
    return Detail(tuple(_column(field, column) for field, column in zip(fields, values, strict=True)))


def _column(field: Field, given: Sequence[Any]) -> Column:
    """Return one column of given values."""
    name, dtype, unit, doc = field
    present = np.array([v is not None for v in given], np.bool_)
    if dtype == OCTETS:
        parts = [v or b"" for v in given]
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(p) for p in parts], dtype=np.int64)])
        return Column(name, np.frombuffer(b"".join(parts), np.uint8), unit, doc, present, offsets, octets=True)
    if dtype.startswith("S"):
        return Column(name, np.array([v or b"" for v in given], dtype), unit, doc)
    if dtype.startswith("f"):
        return Column(name, np.array([np.nan if v is None else v for v in given], dtype), unit, doc)
    return Column(name, np.array([0 if v is None else v for v in given], dtype), unit, doc, present)

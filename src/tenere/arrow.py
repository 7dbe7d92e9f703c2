"""Batches as Arrow tables: numbers without a copy, text as strings, each column with its unit and meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Batch


def text_array(values: NDArray[np.bytes_]) -> pa.StringArray:
    """Return fixed-width text, (n,) dtype S, as an Arrow array; bytes that are not ASCII become question marks."""
    n, width = len(values), values.dtype.itemsize
    lengths = np.strings.str_len(values)
    offsets = np.concatenate([np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)])
    letters = np.ascontiguousarray(values).view(np.uint8).reshape(n, width)[np.arange(width) < lengths[:, None]]
    letters = np.where(letters < 0x80, letters, np.uint8(ord("?")))
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets.tobytes()), pa.py_buffer(letters.tobytes()))


def to_arrow(batch: Batch, **more: np.ndarray) -> pa.Table:
    """Return a batch as an Arrow table, numbers without a copy, text as strings; more: columns beside its own."""
    columns, fields = [], []
    for name, dtype, unit, doc in batch.columns():
        values = getattr(batch, name)
        if dtype.kind == "S":
            columns.append(text_array(values))
        else:
            columns.append(pa.array(values))
        fields.append(pa.field(name, columns[-1].type, metadata={"unit": unit, "meaning": doc}))
    for name, values in more.items():
        columns.append(pa.array(values))
        fields.append(pa.field(name, columns[-1].type))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))

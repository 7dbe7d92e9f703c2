"""Details to files: one table a kind of record, as Parquet, CSV or JSON lines, written as they come.

A table has its name only once it is whole; what is interrupted leaves nothing that looks whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pa_compute
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tenere.arrow import text_array
from tenere.errors import TenereError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.wire.detail import Column, Detail

HELD_ROWS = 200_000
"""Rows gathered before they are written, over all tables."""

KINDS = ("parquet", "csv", "jsonl")


def _bare(values: NDArray[Any]) -> pa.Array:
    """Return values as an Arrow array, NaN as null."""
    return text_array(values) if values.dtype.kind == "S" else pa.array(values, from_pandas=True)


def arrow_column(column: Column) -> pa.Array:
    """Return a column of a Detail as an Arrow array of as many rows, null where it is absent."""
    absent = None if column.present is None else pa.array(~column.present)
    if column.offsets is None:
        made = _bare(column.values)
        return made if absent is None else pa_compute.if_else(absent, pa.scalar(None, made.type), made)
    starts = column.offsets.astype(np.int32)
    if column.octets:
        validity = None if column.present is None else pa.py_buffer(np.packbits(column.present, bitorder="little").tobytes())
        octets = pa.py_buffer(np.ascontiguousarray(column.values, np.uint8).tobytes())
        return pa.BinaryArray.from_buffers(pa.binary(), len(column), [validity, pa.py_buffer(starts.tobytes()), octets])
    return pa.ListArray.from_arrays(pa.array(starts), _bare(column.values), mask=absent)


def to_arrow(detail: Detail, file: str) -> pa.Table:
    """Return a Detail as an Arrow table whose first column names the file it came from."""
    names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(detail), np.int32)), pa.array([file]))
    fields, columns = [pa.field("file", names.type, metadata={"meaning": "recording it came from"})], [names]
    for column in detail.columns:
        columns.append(arrow_column(column))
        fields.append(pa.field(column.name, columns[-1].type, metadata={"unit": column.unit, "meaning": column.doc}))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


class _Writer(Protocol):
    """What a table is written by."""

    def write(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


class _Csv:
    """CSV: lists as their values apart by blanks, octets in hex."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        flat = pa.schema([pa.field(f.name, pa.string() if _nested(f.type) else _plain(f.type)) for f in schema])
        self.schema = flat
        self.writer = pa_csv.CSVWriter(path, flat)

    def write(self, table: pa.Table) -> None:
        columns = []
        for name, field in zip(table.column_names, self.schema, strict=True):
            column = table.column(name)
            if _nested(column.type):
                column = pa.array([None if v is None else _joined(v) for v in column.to_pylist()], pa.string())
            columns.append(column.cast(field.type))
        self.writer.write_table(pa.Table.from_arrays(columns, schema=self.schema))

    def close(self) -> None:
        self.writer.close()


class _Lines:
    """JSON lines: one object a record, without what is absent."""

    def __init__(self, path: Path, _schema: pa.Schema) -> None:
        self.file = path.open("w", encoding="ascii")

    def write(self, table: pa.Table) -> None:
        for row in table.to_pylist():
            said = {k: v.hex() if isinstance(v, bytes) else v for k, v in row.items() if v is not None and v != []}
            self.file.write(json.dumps(said, allow_nan=False) + "\n")

    def close(self) -> None:
        self.file.close()


class _Parquet:
    """Parquet, with the unit and meaning of each column in its field."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.writer = pq.ParquetWriter(path, schema, compression="zstd")

    def write(self, table: pa.Table) -> None:
        self.writer.write_table(table)

    def close(self) -> None:
        self.writer.close()


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the system says of a file that cannot be written into words that name it."""
    try:
        yield
    except (OSError, pa.ArrowException) as e:
        why = os.strerror(e.errno) if isinstance(e, OSError) and e.errno else str(e)
        raise TenereError(f"{path}: cannot be written: {why}; what was begun is taken away again") from e


_WRITERS: dict[str, type[_Parquet | _Csv | _Lines]] = {"parquet": _Parquet, "csv": _Csv, "jsonl": _Lines}


def _nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_binary(kind))


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _joined(value: bytes | list[Any]) -> str:
    return value.hex() if isinstance(value, bytes) else " ".join(str(v) for v in value)


class DetailWriter:
    """A folder of tables, one file a kind of record."""

    def __init__(self, folder: Path, kind: str) -> None:
        """Make the folder. kind: one of KINDS. Raises TenereError where it cannot be written."""
        self.folder, self.kind = folder, kind
        self.rows: dict[str, int] = {}
        self._held: dict[str, list[pa.Table]] = {}
        self._held_rows = 0
        self._open: dict[str, _Writer] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise TenereError(f"{folder}: cannot be written to: {e.strerror or e}") from e

    def add(self, details: Mapping[str, Detail], file: str) -> None:
        """Take the records of one chunk."""
        for name, detail in details.items():
            if len(detail):
                self._held.setdefault(name, []).append(to_arrow(detail, file))
                self.rows[name] = self.rows.get(name, 0) + len(detail)
                self._held_rows += len(detail)
        if self._held_rows >= HELD_ROWS:
            self._flush()

    def path(self, name: str) -> Path:
        """Return the file of a kind of record."""
        return self.folder / f"{re.sub(r'[^A-Za-z0-9.-]+', '_', name)}.{self.kind}"

    def _part(self, name: str) -> Path:
        return self.path(name).with_name(self.path(name).name + ".part")

    def _flush(self) -> None:
        for name, tables in self._held.items():
            whole = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
            with _told(self._part(name)):
                if name not in self._open:
                    self._open[name] = _WRITERS[self.kind](self._part(name), whole.schema)
                self._open[name].write(whole)
        self._held, self._held_rows = {}, 0

    def close(self) -> None:
        """Finish every table and give it its name."""
        self._flush()
        for name in list(self._open):
            with _told(self._part(name)):
                self._open[name].close()
                self._part(name).replace(self.path(name))
            del self._open[name]

    def abandon(self) -> None:
        """Stop without leaving a file that looks whole."""
        for name, writer in self._open.items():
            with contextlib.suppress(OSError, pa.ArrowException):  # such as a disk that is full
                writer.close()
            with contextlib.suppress(OSError):
                self._part(name).unlink(missing_ok=True)
        self._open, self._held = {}, {}

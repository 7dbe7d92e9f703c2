"""A Parquet file, as bytes, to the columns that a layout wants, or to the plots that this project wrote.

Whatever the library finds wrong with a file is one reason; how much a small file may unpack to is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tenere.batch import PlotKind, Plots
from tenere.errors import WireError
from tenere.units import DEG_RAD
from tenere.wire.plot_table.cells import Text
from tenere.wire.plot_table.mapping import layout
from tenere.wire.plot_table.names import TARGETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tenere.wire.plot_table.mapping import Layout, Rule

ROWS_A_BYTE = 16
FEWEST_ROWS = 65_536
MOST_ROWS = 50_000_000
UNPACKED_A_BYTE = 256
UNPACKED_FREE = 1 << 24
"""A file of n bytes may hold up to 65,536 + 16 n rows (at most 50 million) and unpack to 16 MB + 256 n bytes: more is refused."""

DAMAGED = "Parquet file that does not read"
TOO_MUCH = "Parquet file that unpacks to too much"
NO_COLUMNS = "Parquet file without columns of plots"
BAD_COLUMN = "Parquet file with a column of a type that does not read"
BAD_PLOT = "plots file row with a position, kind or time out of range"

OWN = ("time_s", "receive_s", "sensor", "kind", "flags", "range_m", "azimuth_rad", "lat_rad", "lon_rad", "address", "reference")
"""Columns that tell the project's own plots file; any others it lacks (an older one) are blank."""
BATCH = 65_536


def open_file(data: bytes) -> pq.ParquetFile:
    """Return an open file; raise WireError where it does not read, or would unpack to too much."""
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        rows = file.metadata.num_rows
        # of a row group as a whole: asking for a column's own ends the process where its damaged statistics do not fit
        unpacked = sum(file.metadata.row_group(g).total_byte_size for g in range(file.metadata.num_row_groups))
        file.schema_arrow  # noqa: B018 - it is read here, so that what is wrong with it shows here
    except Exception as e:  # the library names no one class for what damaged bytes do to it
        raise WireError(DAMAGED) from e
    if not 0 <= rows <= min(FEWEST_ROWS + ROWS_A_BYTE * len(data), MOST_ROWS) or unpacked > UNPACKED_FREE + UNPACKED_A_BYTE * len(data):
        raise WireError(TOO_MUCH)
    return file


def _table(file: pq.ParquetFile, names: Sequence[str]) -> dict[str, pa.Array]:
    """Return columns by name, in one piece each; raise WireError where they do not read."""
    wanted = list(dict.fromkeys(names))
    parts: list[pa.RecordBatch] = []
    try:
        left = file.metadata.num_rows
        for batch in file.iter_batches(BATCH, columns=wanted, use_threads=False):
            left -= len(batch)
            if left < 0:
                break
            parts.append(batch)
        table = pa.Table.from_batches(parts) if parts else pa.schema([file.schema_arrow.field(n) for n in wanted]).empty_table()
        table.validate(full=True)
        out = {name: table.column(table.schema.get_field_index(name)).combine_chunks() for name in wanted}
    except Exception as e:  # the same
        raise WireError(DAMAGED) from e
    if left:
        raise WireError(DAMAGED)
    return out


def is_own(file: pq.ParquetFile) -> bool:
    """Say whether a file has the columns of the project's own plots files, of their types."""
    schema = file.schema_arrow
    kinds = {name: schema.field(name).type for name in schema.names if schema.names.count(name) == 1}
    return all(name in kinds for name in OWN) and all(_fits(kinds[name], dtype) for name, dtype, _, _ in Plots.columns() if name in kinds)


def _fits(kind: pa.DataType, dtype: np.dtype[Any]) -> bool:
    if dtype.kind == "S":
        return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
    return bool(kind == pa.from_numpy_dtype(dtype))


def own_plots(file: pq.ParquetFile) -> tuple[Plots, int]:
    """Return the plots of one of the project's own files, as they were, and how many rows were refused; raise WireError as above."""
    there = set(file.schema_arrow.names)
    columns = [(name, dtype) for name, dtype, _, _ in Plots.columns() if name in there]
    found = _table(file, [name for name, _ in columns])
    made = {}
    for name, dtype in columns:
        array = found[name]
        if dtype.kind == "S":
            made[name] = _fixed(_text(array), dtype.itemsize)
        else:
            blank = np.nan if dtype.kind == "f" else (-1 if dtype.kind == "i" else 0)
            made[name] = (array.fill_null(blank) if array.null_count else array).to_numpy(zero_copy_only=False).astype(dtype)
    plots = Plots.blank(file.metadata.num_rows if not columns else len(found[columns[0][0]]), **made)
    bad = (np.abs(plots.lat_rad) > 90 * DEG_RAD + 1e-12) | (np.abs(plots.lon_rad) > 360 * DEG_RAD)
    bad |= (plots.kind > max(PlotKind)) | ~(np.abs(plots.time_s) <= TARGETS["time"].high)
    return (plots.take(~bad), int(bad.sum())) if bad.any() else (plots, 0)


def _fixed(column: Text, width: int) -> NDArray[np.bytes_]:
    """Return text as fixed-width bytes, as it stands."""
    place = np.arange(width)
    at = np.minimum(column.first[:, None] + place, max(len(column.octets) - 1, 0))
    taken = column.octets[at] if len(column.octets) else np.zeros(at.shape, np.uint8)
    out = np.where(place < (column.last - column.first)[:, None], taken, 0).astype(np.uint8)
    return np.ascontiguousarray(out).view(f"S{width}")[:, 0]


def columns_of(file: pq.ParquetFile, rules: Mapping[str, Rule]) -> tuple[dict[str, Text | NDArray[np.float64]], Layout, int]:
    """Return the wanted columns of a file by target, its layout and its rows; raise WireError where there are none or they do not read."""
    names = file.schema_arrow.names
    where = layout(names, rules)
    if where is None or len(set(names)) != len(names):
        raise WireError(NO_COLUMNS)
    found = _table(file, [names[f.column] for f in where.found.values()])
    out: dict[str, Text | NDArray[np.float64]] = {}
    places = dict(where.found)
    for target, place in where.found.items():
        array = found[names[place.column]]
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
            out[target] = _seconds(array)
            places[target] = place._replace(unit="s")
        elif pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
            out[target] = _text(array)
        else:
            out[target] = _numbers(array)
    return out, where._replace(found=places), file.metadata.num_rows


def _numbers(array: pa.Array) -> NDArray[np.float64]:
    kind = array.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind)):
        raise WireError(BAD_COLUMN)
    try:
        if pa.types.is_boolean(kind):
            array = array.cast(pa.int8())
        return np.asarray(array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    except pa.ArrowException as e:
        raise WireError(BAD_COLUMN) from e


def _seconds(array: pa.Array) -> NDArray[np.float64]:
    """Return Unix seconds of timestamps or dates, NaN where null; a time without a zone is taken as UTC."""
    unit = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
    try:
        if pa.types.is_date(array.type):
            array = array.cast(pa.timestamp("s"))
        steps = unit[array.type.unit]
        counts = array.cast(pa.int64())
        values = np.asarray(counts.fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    except pa.ArrowException as e:
        raise WireError(BAD_COLUMN) from e
    whole = values // int(steps)
    return np.where(np.asarray(array.is_valid()), whole + (values - whole * int(steps)) / steps, np.nan)


def _text(array: pa.Array) -> Text:
    """Return the spans of a text column; null is an empty cell."""
    try:
        if not pa.types.is_string(array.type):
            array = array.cast(pa.string())
        array = array.fill_null("") if array.null_count else array
    except pa.ArrowException as e:
        raise WireError(BAD_COLUMN) from e
    _, offsets, data = array.buffers()
    n = len(array)
    if n == 0 or offsets is None:
        return Text(np.zeros(0, np.uint8), np.zeros(n, np.int64), np.zeros(n, np.int64))
    edges = np.frombuffer(offsets, np.int32, n + 1, array.offset * 4).astype(np.int64)
    return Text(np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8), edges[:-1], edges[1:])

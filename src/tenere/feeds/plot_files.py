"""Parquet tables of plots, read a little at a time and handed out in the order of time.

A file with the columns of tenere.batch.Plots is taken as it stands: a time and a position (latitude and longitude, range and azimuth,
or x and y) must be there, every other column may be. A file with other names is read by the format plots, with its mapping.

A first walk over the times alone says how early the rows still to come can be, so that a file of any order comes out sorted and no
more of it is held than its disorder asks for, up to MOST_HELD rows; beyond those, what comes later is handed out late.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tenere.batch import PlotKind, Plots, blank_value
from tenere.errors import Rejects, TenereError, WireError
from tenere.feeds.files import GAP_S, LARGEST_TIME_S
from tenere.wire.plot_table import parquet, rows
from tenere.wire.plot_table.decode import PARQUET
from tenere.wire.plot_table.mapping import layout, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

ROWS_AT_ONCE = 65_536
MOST_HELD = 2_000_000
BUFFER_BYTES = 1 << 20
PAIRS = (("lat_rad", "lon_rad"), ("range_m", "azimuth_rad"), ("x_m", "y_m"))
DTYPES = {name: dtype for name, dtype, _, _ in Plots.columns()}

NO_TIME = "row without a time"
BAD_TIME = "row with a time out of range"
NO_POSITION = "row without a position"
BAD_POSITION = "row with a latitude or longitude out of range"
BAD_KIND = "row with a kind that is none"


class _Piece:
    """Some rows of a file, with what the format plots asks of a whole one."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.schema_arrow = batch.schema
        self.metadata = self
        self.num_rows = batch.num_rows
        self.batch = batch

    def iter_batches(self, _size: int, columns: Sequence[str], **_how: object) -> Iterator[pa.RecordBatch]:
        """Yield the one batch."""
        yield self.batch.select(columns)


class PlotFile:
    """One table. rejects: what was refused so far, each reason with the row (from 0) that it first happened in."""

    def __init__(self, path: Path, source: str, mapping: Mapping[str, Any] | None = None) -> None:
        """Open it and look at its columns; raise TenereError naming what is missing or wrong, UsageError for a mapping that is none."""
        self.path, self.source = path, source
        self.rejects = Rejects()
        self.rules = rules_of({"mapping": mapping} if mapping else {})
        self._file = _open(path)
        schema: pa.Schema = self._file.schema_arrow
        self.rows: int = self._file.metadata.num_rows
        names = list(schema.names)
        self.own = not mapping and "time_s" in names and any(a in names and b in names for a, b in PAIRS)
        if self.own:
            self._check_types(schema)
        else:
            self._check_names(names)
        if self.rows == 0:
            raise TenereError(f"{path}: holds no rows")

    def _check_types(self, schema: pa.Schema) -> None:
        """Refuse a column of Plots twice, or of a type that cannot be it."""
        for name, dtype in DTYPES.items():
            if (count := schema.names.count(name)) > 1:
                raise TenereError(f"{self.path}: has the column {name} {count} times")
            if count == 0:
                continue
            kind = schema.field(name).type
            kind = kind.value_type if pa.types.is_dictionary(kind) else kind
            fits = _is_text(kind) if dtype.kind == "S" else _is_number(kind)
            if not (fits or pa.types.is_null(kind)):
                wanted = "text" if dtype.kind == "S" else f"a number ({dtype.name})"
                raise TenereError(f"{self.path}: column {name} is of type {kind}; it must be {wanted}")

    def _check_names(self, names: list[str]) -> None:
        """Refuse a table that says no time or no position."""
        pairs = ", ".join(f"{a} and {b}" for a, b in PAIRS)
        if "time_s" not in names and not self.rules and any(a in names and b in names for a, b in PAIRS):
            raise TenereError(f"{self.path}: has no column time_s (time of applicability in seconds); name its own with --mapping")
        where = layout(names, self.rules)
        if where is None:
            missing = "a position" if "time_s" in names else "a time and a position"
            raise TenereError(f"{self.path}: has no columns of {missing}: needed are time_s and one of {pairs}; name others with --mapping")
        if "time" not in where.found:
            raise TenereError(f"{self.path}: has no column of times; name it with --mapping")

    def batches(self, *, times_only: bool = False) -> Iterator[tuple[Plots, int]]:
        """Yield the plots of each batch of rows and how many rows it had; what is refused is counted, unless only the times matter."""
        first = 0
        names = ["time_s"] if times_only else [n for n in DTYPES if n in self._file.schema_arrow.names]
        try:
            for batch in self._file.iter_batches(ROWS_AT_ONCE, columns=names if self.own else None, use_threads=False):
                rejects = Rejects()
                plots = self._own(batch, rejects, times_only=times_only) if self.own else self._mapped(batch, rejects)
                if not times_only:
                    self.rejects.merge(rejects, first)
                yield plots, batch.num_rows
                first += batch.num_rows
        except WireError as e:
            raise TenereError(f"{self.path}: {e.reason} (in the rows from {first:,} on)") from e
        except (pa.ArrowException, OSError) as e:
            raise TenereError(f"{self.path}: does not read from row {first:,} on: {e}") from e

    def _own(self, batch: pa.RecordBatch, rejects: Rejects, *, times_only: bool) -> Plots:
        """Return the plots of a batch with the columns of Plots."""
        n = batch.num_rows
        made = {name: _column(batch.column(name), DTYPES[name], name, rejects) for name in batch.schema.names}
        if not times_only and "kind" not in made and {"address", "lat_rad", "lon_rad"} <= made.keys():
            made["kind"] = np.full(n, PlotKind.ADSB, np.uint8)
        plots = Plots.blank(n, **made)
        good = _checked({NO_TIME: np.isnan(plots.time_s), BAD_TIME: np.abs(plots.time_s) > LARGEST_TIME_S}, n, rejects)
        if not times_only:
            off = (np.abs(plots.lat_rad) > np.pi / 2 + 1e-12) | (np.abs(plots.lon_rad) > 2 * np.pi)
            placed = np.zeros(n, np.bool_)
            for a, b in PAIRS:
                placed |= np.isfinite(getattr(plots, a)) & np.isfinite(getattr(plots, b))
            wrong = {NO_POSITION: good & ~placed, BAD_POSITION: good & off, BAD_KIND: good & (plots.kind > max(PlotKind))}
            good &= _checked(wrong, n, rejects)
        return plots if good.all() else plots.take(good)

    def _mapped(self, batch: pa.RecordBatch, rejects: Rejects) -> Plots:
        """Return the plots of a batch with other names."""
        found, where, n = parquet.columns_of(_Piece(batch), self.rules)
        got = rows.read(found, where, n)
        at = np.arange(n, dtype=np.int64)
        rows.count(got, at, rejects)
        return rows.plots(got, rows.times_of(got, np.full(n, np.nan)), np.full(n, np.nan), at)

    def spans(self) -> F64:
        """Return the earliest and the latest time of each batch (n, 2), infinity and its negative where it has none."""
        out = []
        for plots, _ in self.batches(times_only=True):
            t = plots.time_s
            out.append((float(t.min()), float(t.max())) if len(t) else (np.inf, -np.inf))
        return np.array(out).reshape(-1, 2)


def _open(path: Path) -> pq.ParquetFile:
    """Return an open Parquet file; raise TenereError saying what is wrong with it."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise TenereError(f"{path}: is a folder or no regular file; name tables of plots")
        if found.st_size == 0:
            raise TenereError(f"{path}: is empty")
        with path.open("rb") as f:
            magic = f.read(4)
        if magic != PARQUET:
            raise TenereError(f"{path}: is no Parquet file; tenere replay FILE --out DIR makes plots.parquet of any recording")
        return pq.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False)
    except OSError as e:
        raise TenereError(f"{path}: cannot be read: {e.strerror or e}") from e
    except (pa.ArrowException, ValueError) as e:
        raise TenereError(f"{path}: is damaged: {e}") from e


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind))


def _checked(wrong: Mapping[str, NDArray[np.bool_]], n: int, rejects: Rejects) -> NDArray[np.bool_]:
    """Count each reason's rows, each row once; return which rows (n,) stand."""
    good = np.ones(n, np.bool_)
    for reason, mask in wrong.items():
        if (bad := mask & good).any():
            rejects.add(reason, int(np.argmax(bad)), int(bad.sum()))
            good &= ~bad
    return good


def _column(array: pa.Array, dtype: np.dtype[Any], name: str, rejects: Rejects) -> NDArray[Any]:
    """Return a column of Plots; null, and a whole number that its type does not hold (counted), is "not known"."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if array.null_count == len(array):
        return np.full(len(array), blank_value(dtype), dtype)
    if dtype.kind == "S":
        return _text(array, dtype)
    if array.type == pa.from_numpy_dtype(dtype):
        return np.asarray((array.fill_null(blank_value(dtype)) if array.null_count else array).to_numpy(zero_copy_only=False))
    if pa.types.is_decimal(array.type) or pa.types.is_boolean(array.type):
        array = array.cast(pa.float64() if pa.types.is_decimal(array.type) else pa.int8())
    known = np.asarray(array.is_valid())
    values = np.asarray(array.fill_null(0).to_numpy(zero_copy_only=False))
    if dtype.kind != "f":
        whole = values if values.dtype.kind != "f" else np.where(np.abs(values) < 2.0**63, np.floor(values), np.nan)
        limits = np.iinfo(dtype)
        holds = (whole == values) & (whole >= limits.min) & (whole <= limits.max)
        if (bad := known & ~holds & (values == values)).any():
            rejects.add(f"value of {name} that it cannot hold (left out)", int(np.argmax(bad)), int(bad.sum()))
        known &= holds
        values = np.where(known, values, 0)
    out = values.astype(dtype)
    out[~known] = blank_value(dtype)
    return out


def _text(array: pa.Array, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return text as fixed-width bytes, cut there."""
    array = array.cast(pa.large_binary())
    array = array.fill_null(b"") if array.null_count else array
    n, width = len(array), dtype.itemsize
    _, offsets, data = array.buffers()
    edges = np.frombuffer(offsets, np.int64, n + 1, array.offset * 8)
    if data is None or edges[-1] == edges[0]:
        return np.zeros(n, dtype)
    octets = np.frombuffer(data, np.uint8)
    place = np.arange(width)
    at = np.minimum(edges[:-1, None] + place, len(octets) - 1)
    out = np.where(place < np.diff(edges)[:, None], octets[at], 0).astype(np.uint8)
    return np.ascontiguousarray(out).view(dtype)[:, 0]


class _Stream:
    """A file under way: its rows in order of time, as far as they are known to be in order."""

    def __init__(self, file: PlotFile) -> None:
        spans = file.spans()
        self.file = file
        self.first_s = float(spans[:, 0].min(initial=np.inf))
        self.last_s = float(spans[:, 1].max(initial=-np.inf))
        self._least = np.minimum.accumulate(np.append(spans[:, 0], np.inf)[::-1])[::-1]  # of batch i and all after it
        self._batches = file.batches()
        self._read = 0
        self.rows_read = 0
        self._held = Plots.blank()

    @property
    def next_s(self) -> float:
        """The time of the next row; infinity at the end."""
        held = float(self._held.time_s[0]) if len(self._held) else np.inf
        if len(self._held) >= MOST_HELD:
            return held
        return min(held, float(self._least[self._read]))

    def until(self, time_s: float) -> Plots:
        """Return the rows before a time, in order; of rows at the same time the file's order."""
        parts, held = [self._held], len(self._held)
        while self._least[self._read] < time_s and held < MOST_HELD:
            plots, count = next(self._batches)
            self.rows_read += count
            self._read += 1
            parts.append(plots)
            held += len(plots)
        if len(parts) > 1:
            whole = Plots.concat(parts)
            if (np.diff(whole.time_s) < 0).any():
                whole = whole.take(np.argsort(whole.time_s, kind="stable"))
            self._held = whole
        cut = int(np.searchsorted(self._held.time_s, time_s, side="left"))
        out, self._held = self._held.take(slice(0, cut)), self._held.take(slice(cut, None))
        return out


class PlotTicks:
    """Several tables merged into ticks on one grid of data time."""

    def __init__(self, files: Sequence[PlotFile], tick_s: float, patience_s: float = GAP_S) -> None:
        """Walk over the times. patience_s: how long a silence is played in empty ticks before the rest of it is skipped."""
        self.tick_s, self.patience_s = tick_s, max(patience_s, GAP_S)
        self._streams = [_Stream(f) for f in files]
        self.first_s = min(s.first_s for s in self._streams)
        self.last_s = max(s.last_s for s in self._streams)
        self.rows = sum(f.rows for f in files)

    @property
    def rows_read(self) -> int:
        """Rows read so far."""
        return sum(s.rows_read for s in self._streams)

    def __iter__(self) -> Iterator[tuple[float, list[tuple[str, Plots]]]]:
        """Yield the end of each tick and the plots of each file in it."""
        previous: int | None = None
        while (next_s := min(s.next_s for s in self._streams)) < np.inf:
            number = int(np.floor(next_s / self.tick_s))
            if previous is not None:
                number = max(number, previous + 1)
                for silent in range(previous + 1, min(number, previous + 1 + int(self.patience_s / self.tick_s))):
                    yield (silent + 1) * self.tick_s, []
            previous = number
            end = (number + 1) * self.tick_s
            heard = [(s.file.source, plots) for s in self._streams if len(plots := s.until(end))]
            yield end, heard

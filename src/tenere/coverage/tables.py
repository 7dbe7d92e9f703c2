"""Parquet tables of tracks and plots as coverage reads them: some columns, a little at a time, what is refused counted.

The columns are those that `tenere replay --out` writes (docs/reference/columns.md). Other columns are not looked at.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tenere.errors import Rejects, TenereError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Columns = dict[str, NDArray[np.generic]]

ROWS_AT_ONCE = 65_536
LARGEST_TIME_S = 1e11
NO_TIME = "row without a time"
NO_PLACE = "row without a latitude and longitude"
BAD_PLACE = "row with a latitude or longitude out of range"


class Table:
    """One file. rejects: what was refused so far, each reason with the row (from 0) that it first happened in."""

    def __init__(self, path: Path, needed: Sequence[str]) -> None:
        """Open it; raise TenereError naming what is missing or wrong. needed: columns of numbers that must be there."""
        self.path, self.rejects = path, Rejects()
        self._file = _open(path)
        schema: pa.Schema = self._file.schema_arrow
        self.names = list(schema.names)
        self.rows: int = self._file.metadata.num_rows
        missing = [name for name in needed if name not in self.names]
        if missing:
            raise TenereError(f"{path}: has no column {', '.join(missing)}; tenere replay FILE --out DIR writes tables that have all")
        for name in self.names:
            if self.names.count(name) > 1 and name in needed:
                raise TenereError(f"{path}: has the column {name} {self.names.count(name)} times")

    def spans(self) -> F64:
        """Return the earliest and the latest time of each row group (g, 2); minus and plus infinity where the file does not say."""
        out = []
        at = self.names.index("time_s")
        for g in range(self._file.metadata.num_row_groups):
            found = self._file.metadata.row_group(g).column(at).statistics
            known = found is not None and found.has_min_max
            low, high = (float(found.min), float(found.max)) if known else (-np.inf, np.inf)
            out.append((low, high) if np.isfinite([low, high]).all() else (-np.inf, np.inf))
        return np.array(out).reshape(-1, 2)

    def batches(self, columns: Mapping[str, type], groups: Sequence[int] | None = None) -> Iterator[tuple[int, Columns]]:
        """Yield the first row of each batch and its columns: float (null and what is no number: NaN) or int (-1), those that are there.

        groups: row groups to read; all without.
        """
        names = [name for name in columns if name in self.names]
        first = 0
        try:
            for batch in self._file.iter_batches(ROWS_AT_ONCE, columns=names, row_groups=groups, use_threads=False):
                yield first, {name: self._column(batch.column(name), name, columns[name]) for name in names}
                first += batch.num_rows
        except (pa.ArrowException, OSError, ValueError) as e:
            raise TenereError(f"{self.path}: does not read from row {first:,} on: {e}") from e

    def _column(self, array: pa.Array, name: str, kind: type) -> NDArray[np.generic]:
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        blank = np.nan if kind is float else -1
        if pa.types.is_null(array.type):
            return np.full(len(array), blank, np.float64 if kind is float else np.int64)
        if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_boolean(array.type)):
            raise TenereError(f"{self.path}: column {name} is of type {array.type}; it must be a number")
        if kind is float:
            return np.asarray(array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
        known = np.asarray(array.is_valid())
        values = np.asarray(array.cast(pa.float64(), safe=False).fill_null(-1.0).to_numpy(zero_copy_only=False))
        known &= (np.floor(values) == values) & (np.abs(values) < 2.0**53)
        return np.where(known, np.where(known, values, 0.0).astype(np.int64), -1)

    def standing(self, first: int, columns: Columns, wrong: Mapping[str, NDArray[np.bool_]] | None = None) -> NDArray[np.bool_]:
        """Say which rows (n,) have a time and a place, if they have columns for one, and are not wrong; count the others by reason."""
        time = columns["time_s"]
        good = np.ones(len(time), np.bool_)
        reasons = {NO_TIME: ~(np.abs(time) <= LARGEST_TIME_S)}
        if "lat_rad" in columns:
            lat, lon = columns["lat_rad"], columns["lon_rad"]
            reasons[NO_PLACE] = ~(np.isfinite(lat) & np.isfinite(lon))
            reasons[BAD_PLACE] = (np.abs(lat) > np.pi / 2 + 1e-12) | (np.abs(lon) > 2 * np.pi)
        for reason, mask in (reasons | dict(wrong or {})).items():
            if (bad := mask & good).any():
                self.rejects.add(reason, first + int(np.argmax(bad)), int(bad.sum()))
                good &= ~bad
        return good


def _open(path: Path) -> pq.ParquetFile:
    """Return an open Parquet file; raise TenereError saying what is wrong with it."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise TenereError(f"{path}: is a folder or no regular file; name Parquet tables")
        with path.open("rb") as f:
            magic = f.read(4)
        if magic != b"PAR1":
            raise TenereError(f"{path}: is no Parquet file; tenere replay FILE --out DIR makes plots.parquet and tracks.parquet")
        return pq.ParquetFile(path, pre_buffer=False)
    except OSError as e:
        raise TenereError(f"{path}: cannot be read: {e.strerror or e}") from e
    except (pa.ArrowException, ValueError) as e:
        raise TenereError(f"{path}: is damaged: {e}") from e


def altitude_of(columns: Columns, n: int) -> F64:
    """Return the altitude of each row (n,): by QNH where it is told, else pressure altitude, else height; NaN where none is."""
    out = np.full(n, np.nan)
    for name in ("altitude_m", "pressure_altitude_m", "height_m"):
        if name in columns:
            out = np.where(np.isfinite(out), out, columns[name].astype(np.float64))
    return np.where(np.abs(out) < 1e5, out, np.nan)

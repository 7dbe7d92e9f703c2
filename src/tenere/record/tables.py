"""Batches to Parquet, one file a kind, written as they come."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tenere.arrow import to_arrow

if TYPE_CHECKING:
    from pathlib import Path

    from tenere.batch import Batch

ROWS_A_GROUP = 200_000


class TableWriter:
    """One Parquet file of one kind of batch; rows are gathered into groups. It has its name only once it is whole."""

    def __init__(self, path: Path, empty: Batch, **more: np.ndarray) -> None:
        """Start a file with the columns of an empty batch, and more beside its own."""
        self.path = path
        self.rows = 0
        self._part = path.with_name(path.name + ".part")
        self._writer = pq.ParquetWriter(self._part, to_arrow(empty, **more).schema, compression="zstd")
        self._batches: list[Batch] = []
        self._more: list[dict[str, np.ndarray]] = []
        self._held = 0

    def add(self, batch: Batch, **more: np.ndarray) -> None:
        """Add rows; the arrays are kept as they are until a group is full."""
        if not len(batch):
            return
        self._batches.append(batch)
        self._more.append(more)
        self._held += len(batch)
        self.rows += len(batch)
        if self._held >= ROWS_A_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._batches:
            more = {name: np.concatenate([m[name] for m in self._more]) for name in self._more[0]}
            table = to_arrow(type(self._batches[0]).concat(self._batches), **more)
            self._writer.write_table(table, row_group_size=ROWS_A_GROUP)
            self._batches, self._more, self._held = [], [], 0

    def close(self) -> None:
        """Finish the file, have it safe on the disk, and give it its name."""
        self._flush()
        self._writer.close()
        with self._part.open("rb") as f:
            os.fsync(f.fileno())
        self._part.replace(self.path)

    def abandon(self) -> None:
        """Stop without leaving a file that looks whole."""
        with contextlib.suppress(OSError, pa.ArrowException):  # such as a disk that is full
            self._writer.close()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

"""Recordings and Parquet files to batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tenere.batch import Plots, Status, Tracks
from tenere.errors import TenereError, UsageError
from tenere.feeds.files import cut, open_recording
from tenere.wire import format as formats

UNITS_AT_ONCE = 50_000


class Recorded(NamedTuple):
    """What a recording holds: plots, and what sensors say of themselves (where they stand, how fast they turn)."""

    plots: Plots
    status: Status


def read_recording(path: str | Path, format_name: str = "", options: dict[str, Any] | None = None) -> Recorded:
    """Return the plots and status of any recording that ``tenere decode`` reads: its format is found by content.

    format_name and options: as --format and --option (--mapping) of ``tenere decode``. Parquet and CSV tables of plots are such
    recordings too. Raises TenereError where the file cannot be read or holds no plot.
    """
    hint = formats.SourceHint(options=options or {})
    feed = open_recording(Path(path), Path(path).name, format_name, hint)
    chosen = formats.load(feed.format)
    state = chosen.init(hint)
    plots, status = [], []
    for first in range(0, len(feed.chunk.ends), UNITS_AT_ONCE):
        part = cut(feed.chunk, first, min(len(feed.chunk.ends), first + UNITS_AT_ONCE))
        state, decoded = chosen.step(state, part, float(part.times_s[-1]))
        plots.append(decoded.plots)
        status.append(decoded.status)
    found = Recorded(Plots.concat(plots), Status.concat(status))
    if not len(found.plots):
        raise TenereError(f"{path}: {feed.format}: holds no plots")
    return found


def read_tracks(path: str | Path) -> Tracks:
    """Return the Tracks of a Parquet file that ``tenere track`` or ``tenere replay --out`` wrote.

    Columns of an older file that are missing are blank, others are left. Raises UsageError where it is no such file.
    """
    try:
        table = pq.read_table(Path(path), columns=None)
    except (OSError, pa.ArrowException) as e:
        raise UsageError(f"{path}: cannot be read as Parquet: {e}") from e
    missing = [name for name in ("number", "time_s", "x_m", "y_m") if name not in table.column_names]
    if missing:
        raise UsageError(f"{path}: no table of tracks: it has no column {', '.join(missing)}")
    blank = Tracks.blank(1)
    made = {}
    for name, dtype, _, _ in Tracks.columns():
        if name not in table.column_names:
            continue
        column = table.column(name).combine_chunks()
        if dtype.kind == "S":
            made[name] = np.char.encode(np.asarray(column.fill_null("").to_pylist(), "U"), "ascii", "replace").astype(dtype)
        else:
            made[name] = column.fill_null(getattr(blank, name)[0].item()).to_numpy(zero_copy_only=False)
    return Tracks.blank(len(table), **made)

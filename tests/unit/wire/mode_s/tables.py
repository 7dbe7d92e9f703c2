"""Frames to tables, for tests: what a table says of one record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.wire.mode_s.details import details
from tenere.wire.mode_s.source import Frames, Source

if TYPE_CHECKING:
    from tenere.wire.detail import Detail


def frames_of(parts: list[tuple[float, np.ndarray]]) -> tuple[Frames, np.ndarray]:
    """Return (time, frames of one row) pairs as frames of a source, and their times."""
    data = np.zeros((len(parts), 14), np.uint8)
    for row, (_, frame) in zip(data, parts, strict=True):
        row[: frame.shape[1]] = frame[0]
    times = np.array([t for t, _ in parts], np.float64)
    sizes = np.array([f.shape[1] for _, f in parts])
    return Frames(data, sizes, times, np.arange(len(parts)) * 100), times


def tables_of(parts: list[tuple[float, np.ndarray]], source: Source | None = None) -> dict[str, Detail]:
    frames, times = frames_of(parts)
    return details(source or Source(), frames, times, 5000)


def rows(table: Detail) -> list[dict[str, Any]]:
    """Return the records of a table, each with the fields it has."""
    out: list[dict[str, Any]] = [{} for _ in range(len(table))]
    for c in table.columns:
        assert len(c) == len(table), c.name
        for i, value in enumerate(c.values.tolist()):
            if (c.present is None or c.present[i]) and value == value:
                out[i][c.name] = value
    return out


def said(frame: np.ndarray) -> dict[str, Any]:
    """Return what the table of one frame alone says, without its place and time."""
    (table,) = tables_of([(7.0, frame)]).values()
    (row,) = rows(table)
    return {k: v for k, v in row.items() if k not in {"offset", "receive_s", "time_s", "message"}}

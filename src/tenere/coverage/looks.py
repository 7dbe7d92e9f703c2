"""Looks at tracks, from tables of tracks and plots: where each track was, and which sensors had a plot of it.

A look is some seconds of time. Tables are read by their row groups, a stretch of looks at a time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.coverage.tables import altitude_of
from tenere.coverage.traffic import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.coverage.tables import Table

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

MOST_SENSORS = 1 << 20


def kinds(tables: Sequence[Table]) -> tuple[tuple[I64, I64], dict[int, int]]:
    """Return which kinds of plot each track ever had (numbers ascending, bits), and each sensor ever made."""
    number, bits = np.zeros(0, np.int64), np.zeros(0, np.int64)
    made: dict[int, int] = {}
    for table in tables:
        for _, c in table.batches({"track": int, "kind": int, "sensor": int}):
            kind = np.int64(1) << np.clip(c["kind"].astype(np.int64), 0, 31)
            for sensor in np.unique(c["sensor"]).tolist():
                made[sensor] = made.get(sensor, 0) | int(np.bitwise_or.reduce(kind[c["sensor"] == sensor]))
            track = np.concatenate([number, c["track"].astype(np.int64)])
            unique, at = np.unique(track, return_inverse=True)
            joined = np.zeros(len(unique), np.int64)
            np.bitwise_or.at(joined, at, np.concatenate([bits, kind]))
            number, bits = unique, joined
    return (number, bits), made


def span(tables: Sequence[Table]) -> tuple[float, float]:
    """Return the earliest and the latest time of some tables; rows without a time are counted."""
    first, last = math.inf, -math.inf
    for table in tables:
        for row, c in table.batches({"time_s": float}):
            good = table.standing(row, c)
            if good.any():
                t = c["time_s"][good]
                first, last = min(first, float(t.min())), max(last, float(t.max()))
    return first, last


class There(NamedTuple):
    """Looks at tracks, one row each: number * 2^31 + the look's number, and where the track was."""

    key: I64
    number: I64
    look: I64
    lat_rad: F64
    lon_rad: F64
    altitude_m: F64


def _groups(table: Table, begin: int, end: int, look_s: float) -> list[int]:
    """Return the row groups that may hold times of some looks."""
    spans = table.spans()
    return np.flatnonzero((spans[:, 1] >= begin * look_s) & (spans[:, 0] < end * look_s)).tolist()


TRACK_COLUMNS = {
    "time_s": float, "number": int, "lat_rad": float, "lon_rad": float, "flags": int, "source": int,
    "altitude_m": float, "pressure_altitude_m": float, "height_m": float,
}  # fmt: skip


def tracks_in(tables: Sequence[Table], begin: int, end: int, look_s: float) -> There:
    """Return where tracks were in some looks, the first row of each look."""
    parts = []
    for table in tables:
        if not (groups := _groups(table, begin, end, look_s)):
            continue
        for first, c in table.batches(TRACK_COLUMNS, groups):
            n = len(c["time_s"])
            time = c["time_s"].astype(np.float64)
            with np.errstate(invalid="ignore"):
                mine = (time >= begin * look_s) & (time < end * look_s)
            flags = c.get("flags", np.zeros(n, np.int64)).astype(np.int64)
            source = c.get("source", np.full(n, -1)).astype(np.int64)
            keep = mine & ((flags & int(LEFT_OUT)) == 0) & (source < 0) & (c["number"].astype(np.int64) >= 0)
            picked = {name: values[keep] for name, values in c.items()}
            good = table.standing(first, picked)
            picked = {name: values[good] for name, values in picked.items()}
            look = np.floor(picked["time_s"].astype(np.float64) / look_s).astype(np.int64)
            parts.append(
                np.column_stack(
                    [picked["number"], look, picked["lat_rad"], picked["lon_rad"], altitude_of(picked, len(look)), picked["time_s"]]
                )
            )
    rows = np.concatenate(parts) if parts else np.zeros((0, 6))
    rows = rows[np.argsort(rows[:, 5], kind="stable")]
    number, look = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64)
    key, at = np.unique(_key(number, look), return_index=True)
    return There(key, number[at], look[at], *(np.ascontiguousarray(rows[at, k]) for k in (2, 3, 4)))


def _key(number: I64, look: I64) -> I64:
    return (number << 31) + (look & ((1 << 31) - 1))


class Heard(NamedTuple):
    """Who had a plot in which look: row of the looks and sensor, each pair once; how many sensors had one in each look."""

    row: I64
    sensor: I64
    sensors: I64


def plots_in(tables: Sequence[Table], begin: int, end: int, look_s: float, key: I64) -> Heard:
    """Return which sensors had a plot in each look (key ascending)."""
    pairs = np.zeros(0, np.int64)
    for table in tables:
        if not (groups := _groups(table, begin, end, look_s)):
            continue
        for _, c in table.batches({"time_s": float, "sensor": int, "track": int}, groups):
            time, track, sensor = c["time_s"].astype(np.float64), c["track"].astype(np.int64), c["sensor"].astype(np.int64)
            with np.errstate(invalid="ignore"):
                mine = np.flatnonzero(
                    (time >= begin * look_s) & (time < end * look_s) & (track > 0) & (sensor >= 0) & (sensor < MOST_SENSORS)
                )
            wanted = _key(track[mine], np.floor(time[mine] / look_s).astype(np.int64))
            at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
            there = key[at] == wanted
            pairs = np.union1d(pairs, at[there] * MOST_SENSORS + sensor[mine][there])
    row = pairs // MOST_SENSORS
    return Heard(row, pairs % MOST_SENSORS, np.bincount(row, minlength=len(key)))

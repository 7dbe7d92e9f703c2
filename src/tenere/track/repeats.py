"""Plots sent again: exact repeats of what a sensor said in this tick or lately, which are no news.

What each plot says is kept as a number of 64 bits, KEEP_S long, tick by tick. In the usual flow a sensor's plots are newer than
all before, and are of different times or places: then nothing is compared. Only plots that are not newer than their sensor's
newest, and plots of one sensor and instant, are looked for.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.track.columns import REMOTE_WORDS, plain, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Plots

KEEP_S = 32.0
"""A plot older than 30 s is out of time anyway."""
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
SHIFT, HIGH_SHIFT = np.uint64(29), np.uint64(32)
NONE = np.uint64(0)


class Said(NamedTuple):
    """What makes plots the same, as bits; n rows."""

    time_s: np.ndarray
    range_m: np.ndarray
    azimuth_rad: np.ndarray
    x_m: np.ndarray
    y_m: np.ndarray
    lat_rad: np.ndarray
    lon_rad: np.ndarray
    pressure_altitude_m: np.ndarray
    sensor: np.ndarray
    address: np.ndarray
    source_track: np.ndarray
    mode_a: np.ndarray
    kind: np.ndarray
    remote_id: np.ndarray


def said(plots: Plots, time_s: NDArray[np.float64]) -> Said:
    """Return what plots say; time_s: as they told it, before any clock was put right."""
    columns = [plain(time_s).view(np.uint64)]
    columns += [plain(getattr(plots, name)).view(np.uint64) for name in Said._fields[1:8]]
    columns += [plain(getattr(plots, name)) for name in Said._fields[8:13]]
    return Said._make([*columns, words(plots.remote_id)])


@njit(cache=True, inline="always")
def _mixed(h: np.uint64, v: np.uint64) -> np.uint64:
    h = (h ^ v) * MULTIPLIER
    return h ^ (h >> SHIFT)


@njit(cache=True)
def digests(p: Said, time_s: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return a number for what each plot of rows says (n,); nought where it tells no time (time_s, as told): then it may be news."""
    out = np.zeros(len(rows), np.uint64)
    for c in range(len(rows)):
        q = rows[c]
        if not abs(time_s[q]) < np.inf:
            continue
        h = _mixed(np.uint64(p.sensor[q]) + MULTIPLIER, p.time_s[q])
        h = _mixed(_mixed(h, p.range_m[q]), p.azimuth_rad[q])
        h = _mixed(_mixed(h, p.x_m[q]), p.y_m[q])
        h = _mixed(_mixed(h, p.lat_rad[q]), p.lon_rad[q])
        codes = (np.uint64(np.uint32(p.address[q])) << HIGH_SHIFT) | np.uint64(np.uint32(p.source_track[q]))
        h = _mixed(_mixed(h, codes), np.uint64(np.uint16(p.mode_a[q])) << HIGH_SHIFT | np.uint64(p.kind[q]))
        h = _mixed(h, p.pressure_altitude_m[q])
        for d in range(REMOTE_WORDS):
            if p.remote_id[q, d] != 0:
                h = _mixed(h, np.uint64(p.remote_id[q, d]) + np.uint64(d) * MULTIPLIER)
        out[c] = max(h, np.uint64(1))
    return out


@njit(cache=True)
def doubtful(sensor: np.ndarray, time_s: np.ndarray, newest: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return the plots (k,) that may have been said before, and whether any of them in an earlier tick; bring newest (S,) up to date.

    sensor, time_s (n,): in the order of processing.
    """
    n = len(sensor)
    out = np.empty(n, np.int64)
    k, old = 0, False
    for c in range(n):
        late = time_s[c] <= newest[sensor[c]]
        twin = (c > 0 and sensor[c - 1] == sensor[c] and time_s[c - 1] == time_s[c]) or (
            c + 1 < n and sensor[c + 1] == sensor[c] and time_s[c + 1] == time_s[c]
        )
        if late or twin:
            out[k] = c
            k += 1
            old |= late
    for c in range(n):
        newest[sensor[c]] = max(newest[sensor[c]], time_s[c])
    return out[:k], old


@njit(cache=True)
def first_of(doubt: np.ndarray, digest: np.ndarray, again: np.ndarray) -> np.ndarray:
    """Mark in again (n,) the doubtful plots that repeat an earlier one of them; return the table of what they say, with their rows.

    The table (2, H): digests by open addressing, and beside each the first plot that says it.
    """
    size = 16
    while size < 2 * len(doubt):
        size *= 2
    table = np.zeros((2, size), np.uint64)
    for c in doubt:
        h = digest[c]
        if h == NONE:
            continue
        at = np.int64(h & np.uint64(size - 1))
        while table[0, at] != NONE and table[0, at] != h:
            at = (at + 1) & (size - 1)
        if table[0, at] == h:
            again[c] = True
        else:
            table[0, at], table[1, at] = h, np.uint64(c)
    return table


@njit(cache=True)
def known(kept: np.ndarray, table: np.ndarray, again: np.ndarray) -> None:
    """Mark in again (n,) the plots of the table that were said before: kept (k,), an earlier tick's digests."""
    size = table.shape[1]
    for h in kept:
        at = np.int64(h & np.uint64(size - 1))
        while table[0, at] != NONE:
            if table[0, at] == h:
                again[np.int64(table[1, at])] = True
                break
            at = (at + 1) & (size - 1)


@dataclass
class Repeats:
    """What was said lately."""

    kept: deque[tuple[float, NDArray[np.uint64]]] = field(default_factory=deque)
    newest: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def among(
        self, plots: Plots, told_s: NDArray[np.float64], rows: NDArray[np.int64], sensors: int, now_s: float
    ) -> NDArray[np.bool_] | None:
        """Say which of rows (n,), in the order of processing, are repeats; None: none is. told_s: the batch's times as they were told."""
        while self.kept and not abs(now_s - self.kept[0][0]) <= KEEP_S:
            self.kept.popleft()
        if len(self.newest) < sensors:
            self.newest = np.concatenate([self.newest, np.full(sensors - len(self.newest), -np.inf)])
        told_s = plain(told_s)
        digest = digests(said(plots, told_s), told_s, rows)
        doubt, old = doubtful(plots.sensor[rows].astype(np.int64), plots.time_s[rows], self.newest)
        again = np.zeros(len(rows), np.bool_) if len(doubt) else None
        if again is not None:
            table = first_of(doubt, digest, again)
            for _, held in self.kept if old else ():
                known(held, table, again)
            again = again if again.any() else None
        self.kept.append((now_s, digest if again is None else digest[~again]))
        return again

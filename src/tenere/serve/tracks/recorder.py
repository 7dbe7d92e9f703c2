"""Remembers, within bounds, what each track did: levels and speeds, the names it had, its plots, and who saw it.

It is fed with the outputs of the running picture and changes nothing of it. Everything is kept in whole columns: no object
a track or a plot, and what one track asks of it is found when somebody asks.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.serve.tracks.ring import Ring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import F32, F64, U32, U64, Plots, Tracks

STEP_S = 10.0
"""A profile has a sample of every track each so many seconds."""
SAMPLES = 180
"""Samples kept: half an hour."""
SAMPLE_ROWS = 4_000_000
"""Rows of all samples together; with more tracks the oldest samples go first."""
PLOTS = 200_000
NAMES = 200_000
SEEN = 400_000
"""Pairs of track and sensor kept."""
PLOTS_TOLD, NAMES_TOLD = 60, 100
KINDS = ("callsign", "mode_a", "address", "remote_id")
"""What a track is named by."""

_PLOT_COLUMNS = {
    "number": "u4", "time_s": "f8", "sensor": "i2", "kind": "u1", "flags": "u4", "range_m": "f4", "azimuth_rad": "f4", "lat_rad": "f8",
    "lon_rad": "f8", "pressure_altitude_m": "f4", "mode_a": "i2", "address": "i4", "callsign": "S8", "remote_id": "S20",
}  # fmt: skip


class Sample(NamedTuple):
    """Every track at one time."""

    time_s: float
    number: U32
    level_m: F32
    altitude_m: F32
    speed_ms: F32
    vertical_ms: F32


class Told(NamedTuple):
    """What is remembered of one track; plots are the columns of the latest, oldest first."""

    time_s: float
    profile: list[tuple[float, ...]]
    """Time, level, altitude, speed and vertical rate, in SI."""
    names: list[tuple[float, str, int | bytes]]
    """Since when, which of KINDS, and what."""
    plots: dict[str, list[Any]]
    sensors: list[tuple[int, float, int]]
    """Row of the sensor table, its last plot's time, how many plots it gave."""


@dataclass
class _Named:
    """What every track was called when it was last looked at, by rising number."""

    number: U32
    columns: dict[str, NDArray[Any]]


class Recorder:
    """Takes in each tick; answers for one track. Both may happen in threads of their own."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._lock = threading.Lock()
        self._begin()

    @property
    def held_bytes(self) -> int:
        """Say how much memory the columns take."""
        rings = [c for ring in (self._plots, self._names) for c in ring.columns.values()]
        return sum(c.nbytes for c in [*rings, *(c for s in self._samples for c in s[1:]), self._seen, self._seen_s, self._seen_n])

    def _begin(self) -> None:
        self._time_s = math.nan
        self._samples: list[Sample] = []
        self._plots = Ring(PLOTS, **_PLOT_COLUMNS)
        self._names = Ring(NAMES, number="u4", time_s="f8", kind="u1", word="i4", text="S20")
        self._named = self._remote = _Named(np.zeros(0, np.uint32), {})
        self._seen: U64 = np.zeros(0, np.uint64)
        self._seen_s: F64 = np.zeros(0)
        self._seen_n: NDArray[np.int64] = np.zeros(0, np.int64)

    def take(self, time_s: float, tracks: Tracks, plots: Plots, plot_tracks: NDArray[np.int64]) -> None:
        """Take in a tick's tracks, its plots, and the number of the track that used each plot (0 none). Time going back starts anew."""
        with self._lock:
            if time_s < self._time_s:
                self._begin()
            self._time_s = time_s
            if not self._samples or time_s >= self._samples[-1].time_s + STEP_S:
                self._sample(time_s, tracks)
            self._rename(time_s, tracks)
            used = np.flatnonzero(plot_tracks > 0)
            if used.size:
                number = plot_tracks[used].astype(np.uint32)
                self._plots.add(number=number, **{name: getattr(plots, name)[used] for name in _PLOT_COLUMNS if name != "number"})
                self._see(number, plots.sensor[used], plots.time_s[used])

    def _sample(self, time_s: float, t: Tracks) -> None:
        columns = (t.pressure_altitude_m, t.altitude_m, t.speed_ms, t.vertical_rate_ms)
        self._samples.append(Sample(time_s, t.number.copy(), *(c.astype(np.float32) for c in columns)))
        rows = 0
        for kept, sample in enumerate(reversed(self._samples)):
            rows += len(sample.number)
            if kept >= SAMPLES or rows > SAMPLE_ROWS:
                del self._samples[: len(self._samples) - kept]
                break

    def _rename(self, time_s: float, t: Tracks) -> None:
        """Note every name that a track did not have before; one that is no longer said is kept until another is."""
        number = t.number
        columns: dict[str, NDArray[Any]] = {
            "callsign": np.ascontiguousarray(t.callsign).view(np.uint64),
            "mode_a": t.mode_a,
            "address": t.address,
        }
        if len(number) > 1 and not (number[1:] > number[:-1]).all():
            order = np.argsort(number, kind="stable")
            number, columns = number[order], {name: c[order] for name, c in columns.items()}
        self._named, fresh = _renamed(self._named, number, columns)
        for name, rows in fresh.items():
            if name == "callsign":
                self._note(time_s, name, number[rows], text=columns[name][rows].view("S8"))
            else:
                self._note(time_s, name, number[rows], word=columns[name][rows])
        rows = np.flatnonzero(np.ascontiguousarray(t.remote_id).view(np.uint8)[:: t.remote_id.itemsize])  # few have one
        rows = rows[np.argsort(t.number[rows], kind="stable")]
        said = {"remote_id": t.remote_id[rows]}
        self._remote, fresh = _renamed(self._remote, t.number[rows], said)
        for name, which in fresh.items():
            self._note(time_s, name, t.number[rows[which]], text=said[name][which])

    def _note(self, time_s: float, kind: str, number: U32, *, word: NDArray[Any] | None = None, text: NDArray[Any] | None = None) -> None:
        n = len(number)
        word, text = np.full(n, -1) if word is None else word, np.full(n, b"", "S20") if text is None else text
        self._names.add(number=number, time_s=np.full(n, time_s), kind=np.full(n, KINDS.index(kind)), word=word, text=text)

    def _see(self, number: U32, sensor: NDArray[np.int16], time_s: F64) -> None:
        """Note which sensors gave the plots of which tracks, when last and how often."""
        keys, which = np.unique(number.astype(np.uint64) << np.uint64(16) | sensor.astype(np.uint16), return_inverse=True)
        last = np.full(len(keys), -np.inf)
        np.maximum.at(last, which, time_s)
        count = np.bincount(which, minlength=len(keys))
        at: NDArray[np.intp] = np.asarray(np.searchsorted(self._seen, keys))
        known: NDArray[np.bool_] = np.asarray(at < len(self._seen))
        known[known] = self._seen[at[known]] == keys[known]
        self._seen_s[at[known]] = np.maximum(self._seen_s[at[known]], last[known])
        self._seen_n[at[known]] += count[known]
        new = ~known
        if new.any():
            if len(self._seen) + int(new.sum()) > SEEN:
                self._forget()
                at = np.asarray(np.searchsorted(self._seen, keys))
            self._seen = np.insert(self._seen, at[new], keys[new])
            self._seen_s = np.insert(self._seen_s, at[new], last[new])
            self._seen_n = np.insert(self._seen_n, at[new], count[new])

    def _forget(self) -> None:
        """Drop the half of the pairs that were seen longest ago."""
        kept = np.sort(np.argsort(self._seen_s, kind="stable")[len(self._seen_s) // 2 :])
        self._seen, self._seen_s, self._seen_n = self._seen[kept], self._seen_s[kept], self._seen_n[kept]

    def told(self, number: int) -> Told | None:
        """Return what is remembered of a track, live or lately gone; None where that is nothing."""
        if not 0 < number < 1 << 32:
            return None
        with self._lock:
            profile = self._profile(number)
            rows = self._plots.where("number", number, PLOTS_TOLD)
            plots = {name: held[rows].tolist() for name, held in self._plots.columns.items()}
            names = self._names_of(number)
            first, last = np.searchsorted(self._seen, np.array([number << 16, (number + 1) << 16], np.uint64)).tolist()
            sensors = [
                (int(np.uint16(self._seen[k] & np.uint64(0xFFFF)).astype(np.int16)), float(self._seen_s[k]), int(self._seen_n[k]))
                for k in range(first, last)
            ]
            if not (profile or len(rows) or names):
                return None
            return Told(self._time_s, profile, names, plots, sensors)

    def _profile(self, number: int) -> list[tuple[float, ...]]:
        rows = ((s, row) for s in self._samples for row in np.flatnonzero(s.number == number)[:1].tolist())
        return [(s.time_s, *(float(c[row]) for c in (s.level_m, s.altitude_m, s.speed_ms, s.vertical_ms))) for s, row in rows]

    def _names_of(self, number: int) -> list[tuple[float, str, int | bytes]]:
        held = self._names.columns
        out: list[tuple[float, str, int | bytes]] = []
        last: dict[str, int | bytes] = {}
        for row in self._names.where("number", number, NAMES_TOLD).tolist():
            kind = KINDS[int(held["kind"][row])]
            what: int | bytes = bytes(held["text"][row]) or int(held["word"][row])
            if last.get(kind) != what:  # a track that was away for a tick is told its names again
                last[kind] = what
                out.append((float(held["time_s"][row]), kind, what))
        return out


def _renamed(before: _Named, number: U32, columns: dict[str, NDArray[Any]]) -> tuple[_Named, dict[str, NDArray[np.intp]]]:
    """Return what each track is called now, and of each column the rows in which it says what it did not say before."""
    same = np.array_equal(number, before.number)
    at = np.minimum(np.searchsorted(before.number, number), max(0, len(before.number) - 1)) if not same else None
    there = before.number[at] == number if at is not None and len(before.number) else np.zeros(len(number), np.bool_)
    kept, fresh = {}, {}
    for name, now in columns.items():
        blank = _BLANK[now.dtype.kind]
        if same and before.columns:
            old = before.columns[name]
        else:
            old = np.full(len(number), blank, now.dtype)
            old[there] = before.columns[name][at[there]] if at is not None and there.any() else blank
        said = now != blank
        kept[name] = np.where(said, now, old)
        rows = np.flatnonzero(kept[name] != old)
        if rows.size:
            fresh[name] = rows
    return _Named(number.copy(), kept), fresh


_BLANK: dict[str, int | bytes] = {"i": -1, "u": 0, "S": b""}

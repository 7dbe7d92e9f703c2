"""The times of a recording: 48-bit counters that receivers put on frames, and times that loggers wrote.

Most counters run at 12 MHz from power-up; Radarcape and some others hold GPS time: 18 bits of seconds of the day above 30
bits of nanoseconds. Nothing in a frame says which; a recording of a few seconds tells, and so does a live source (Clock).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE_HZ = 12e6
WRAP = 1 << 48
NO_COUNTER = 0
MLAT = 0xFF004D4C4154  # what dump1090 and readsb write where there was no reception time: 0xFF 0 "MLAT"
DAY_S = 86_400

SMALL_STEP_BACK_S = 1.0
LONG_STEP_S = 3600.0
LEAST_FRAMES = 100  # to believe that the counters are GPS time
LEAST_SECONDS = 3


def is_gps(counters: NDArray[np.int64]) -> bool:
    """Say whether counters (n,) hold GPS time: no nanosecond field reaches 10^9, and the seconds go up one by one.

    A 12 MHz counter read so has 6.9 % of its values above 10^9, and takes 89 s to raise the seconds by one.
    """
    known = counters[(counters != NO_COUNTER) & (counters != MLAT)]
    seconds = known >> 30
    if len(known) < LEAST_FRAMES or np.any((known & 0x3FFFFFFF) >= 1_000_000_000) or np.any(seconds >= DAY_S):
        return False
    steps = np.diff(seconds)
    return int(np.count_nonzero(steps == 1)) >= LEAST_SECONDS


@njit(cache=True)
def elapsed(values: NDArray[np.int64], known: NDArray[np.bool_], rate_hz: float, wrap: int) -> NDArray[np.float64]:
    """Return (n,) seconds since the first known of counter values that wrap, never decreasing.

    A small step back holds the time; a large one, or one forward by over an hour, is a new start of the counter and
    adds nothing. A value not known repeats the time before it.
    """
    times_s = np.zeros(len(values))
    total, last, begun = 0, np.int64(0), False
    for i in range(len(values)):
        if known[i]:
            ticks = (values[i] - last) % wrap if begun else 0
            if ticks > wrap // 2:
                ticks -= wrap
            if -SMALL_STEP_BACK_S * rate_hz <= ticks <= 0 and begun:
                ticks = 0  # late: hold the time, and measure on from the newest value
            else:
                last, begun = values[i], True
                total += ticks if 0 < ticks <= LONG_STEP_S * rate_hz else 0
        times_s[i] = total / rate_hz
    return times_s


def seconds(counters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n,) data times of counters: from 0 for 12 MHz counters, seconds of the day for GPS ones; never decreasing."""
    known = (counters != NO_COUNTER) & (counters != MLAT)
    if not is_gps(counters):
        return elapsed(counters, known, RATE_HZ, WRAP)
    nanoseconds = (counters >> 30) * 1_000_000_000 + (counters & 0x3FFFFFFF)
    since = elapsed(nanoseconds, known, 1e9, DAY_S * 1_000_000_000)
    first = nanoseconds[int(np.argmax(known))]
    return np.asarray(since + first / 1e9, np.float64)


OFF_S = 60.0
OFF = "GPS time of a receiver off by over a minute"
SEEN, STEPS, LAST, PROVEN = range(4)


@njit(cache=True)
def follow(
    counters: NDArray[np.int64], base_s: NDArray[np.float64], memory: NDArray[np.int64], times_s: NDArray[np.float64]
) -> tuple[int, int]:
    """Tell the GPS time of frames whose counters are proven to hold it; return how many are off by OFF_S, and the first.

    counters: (n,) -1 where a frame has none; base_s: (n,) when they came, to a half day. memory: (4,) what was seen so
    far; one counter that cannot be GPS time undoes the proof. times_s (n,) is written; NaN: not told.
    """
    off, first = 0, -1
    for i in range(len(counters)):
        times_s[i] = np.nan
        count = counters[i]
        if count <= 0 or count == MLAT:
            continue
        second, nanoseconds = count >> 30, count & 0x3FFFFFFF
        if nanoseconds >= 1_000_000_000 or second >= DAY_S:
            memory[:] = 0
            continue
        step = (second - memory[LAST]) % DAY_S if memory[SEEN] else 2
        if step <= DAY_S // 2:  # else late, by a frame or two
            memory[LAST] = second
            memory[STEPS] = min(memory[STEPS] + (step == 1), LEAST_SECONDS)
        memory[SEEN] = min(memory[SEEN] + 1, LEAST_FRAMES)
        if memory[SEEN] >= LEAST_FRAMES and memory[STEPS] >= LEAST_SECONDS:
            memory[PROVEN] = 1
            time_s = second + nanoseconds / 1e9
            time_s += DAY_S * np.floor((base_s[i] - time_s) / DAY_S + 0.5)
            if abs(time_s - base_s[i]) <= OFF_S:
                times_s[i] = time_s
            else:
                first = i if off == 0 else first
                off += 1
    return off, first


@dataclass
class Clock:
    """What the counters of a live source have told so far: the same frames, cut anywhere, tell the same."""

    memory: NDArray[np.int64] = field(default_factory=lambda: np.zeros(4, np.int64))

    def times(self, counters: NDArray[np.int64], base_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], int, int]:
        """Return (n,) the GPS time of frames on the day nearest base_s, NaN where not proven; how many are off, and the first."""
        times_s = np.empty(len(counters))
        off, first = follow(counters, base_s, self.memory, times_s)
        return times_s, off, first


OUTLIER_S = 3600.0


def steady(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return times (n,) with those off by over an hour from the median of five around them replaced by it.

    A digit damaged in one line must not make a recording of an hour one of thirty years. NaN stays NaN.
    """
    known = np.flatnonzero(np.isfinite(times_s))
    if len(known) < 3:
        return times_s
    there = times_s[known]
    around = np.lib.stride_tricks.sliding_window_view(np.pad(there, 2, mode="reflect" if len(there) > 2 else "edge"), 5)
    middle = np.median(around, axis=1)
    out = times_s.copy()
    out[known] = np.where(np.abs(there - middle) > OUTLIER_S, middle, there)
    return out

"""From times of day to a time that runs on: over midnight, past a wrong clock, never back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_S = 86400.0
WINDOW = 5
OUTLIER_S = 30.0


def unwrap(time_of_day_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return times of day, (n,), as seconds since the first day's midnight: a step of more than half a day is another day."""
    if not len(time_of_day_s):
        return time_of_day_s
    days = np.concatenate([np.zeros(1), -np.cumsum(np.rint(np.diff(time_of_day_s) / DAY_S))])
    return time_of_day_s + days * DAY_S


def without_outliers(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return times with each that lies over OUTLIER_S from the median of the WINDOW around it replaced by that median."""
    if len(time_s) < 3:
        return time_s
    side = WINDOW // 2
    padded = np.concatenate([np.repeat(np.median(time_s[: side + 1]), side), time_s, np.repeat(np.median(time_s[-side - 1 :]), side)])
    median = np.median(np.lib.stride_tricks.sliding_window_view(padded, WINDOW), axis=1)
    return np.where(np.abs(time_s - median) > OUTLIER_S, median, time_s)


def timeline(time_of_day_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a time for every unit of a file that says only times of day, (n,); never decreasing, NaN only where no unit says any.

    A unit without one (NaN) has that of the unit before it.
    """
    said = np.flatnonzero(np.isfinite(time_of_day_s))
    if not len(said):
        return np.full(len(time_of_day_s), np.nan)
    known = np.maximum.accumulate(without_outliers(unwrap(time_of_day_s[said])))
    before = np.maximum(np.searchsorted(said, np.arange(len(time_of_day_s)), side="right") - 1, 0)
    filled: NDArray[np.float64] = known[before]
    return filled


def anchored(time_s: NDArray[np.float64], time_of_day_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a recorder's times moved to the day's clock where they plainly run on another (counted from its start).

    time_s, time_of_day_s: (n,), what the recorder says of each unit and what the data say (NaN: nothing).
    Differences of less than a minute are the recorder's own, and kept.
    """
    apart = (time_of_day_s - time_s)[np.isfinite(time_of_day_s) & np.isfinite(time_s)]
    if not len(apart):
        return time_s
    apart = apart - DAY_S * np.rint((apart - apart[0]) / DAY_S)
    shift = float(np.median(apart))
    return time_s + shift if abs(shift - DAY_S * np.rint(shift / DAY_S)) > 60.0 else time_s

"""The time between a sensor's looks at one aircraft, found in the intervals between the plots of its tracks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tenere.performance.store import INTERVALS, PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

FEWEST = 20
"""Intervals before a period is named."""
SCAN_S, CALM_S = 0.7, 1.0 / PER_S
"""No antenna turns faster than once in SCAN_S; what comes nearer is split. Elsewhere only one bin is left out."""
WIDTH = 1.15


def period(counts: I64, seconds: F64, *, scanning: bool) -> float:
    """Return the period (s) of intervals counted by bins (INTERVALS,) with their sums; NaN of too few.

    It is where the intervals lie densest for their length: a turn missed makes one twice as long, but those are fewer
    as long as more than half of the looks see the aircraft.
    """
    first = math.ceil((SCAN_S if scanning else CALM_S) * PER_S)
    n = counts.copy()
    n[:first] = 0
    if n.sum() < FEWEST:
        return math.nan
    total = np.concatenate([[0], np.cumsum(n)])
    times = np.concatenate([[0.0], np.cumsum(np.where(n > 0, seconds, 0.0))])
    middle = (np.arange(INTERVALS) + 0.5) / PER_S
    low = np.maximum((middle / WIDTH * PER_S).astype(np.int64), 0)
    high = np.minimum((middle * WIDTH * PER_S).astype(np.int64) + 1, INTERVALS)
    k = int(np.argmax(total[high] - total[low]))
    at = middle[k]
    for _ in range(3):
        a, b = max(int(at / WIDTH * PER_S), first), min(int(at * WIDTH * PER_S) + 1, INTERVALS)
        if total[b] == total[a]:
            break
        at = (times[b] - times[a]) / (total[b] - total[a])
    return float(at)


def looks(counts: I64, seconds: F64, period_s: float) -> tuple[float, float]:
    """Return how many looks the intervals span, and in how many of them no plot came: each interval is a whole number, at least one."""
    n = counts.astype(np.float64)
    mean = np.where(counts > 0, seconds / np.maximum(counts, 1), 0.0)
    each = np.maximum(np.rint(mean / period_s), 1.0)
    return float((n * each).sum()), float((n * (each - 1.0)).sum())


def windows(counts: I64, seconds: F64, window_s: float, jitter: float = 0.1) -> tuple[float, float]:
    """Return how many windows of window_s the intervals span, and how many of them hold no plot.

    Windows laid anywhere: an interval of dt holds dt / window - 1 empty ones on the average, none up to 1 + jitter windows,
    for a sensor as fast as the window is not to blame for the fraction by which it is late.
    """
    n = counts.astype(np.float64)
    mean = np.where(counts > 0, seconds / np.maximum(counts, 1), 0.0) / window_s
    return float((n * mean).sum()), float((n * np.where(mean > 1.0 + jitter, mean - 1.0, 0.0)).sum())


def longer(counts: I64, seconds: F64, gap_s: float) -> int:
    """Return how many intervals are longer than gap_s, to a bin of a sixteenth of a second."""
    mean = np.where(counts > 0, seconds / np.maximum(counts, 1), 0.0)
    return int(counts[mean > gap_s].sum())

"""Whether a track climbs, is level or descends: from its rate and the error of that, with hysteresis. Numba kernel."""

from __future__ import annotations

import math

from numba import njit

from tenere.batch import Trend

SIGMAS = 1.0
"""The filter states its error for an aircraft that may do anything; one that flies on errs by a third of it."""
WORST_MS = 8.0
"""A rate whose one-sigma error is larger says nothing."""


UNKNOWN, LEVEL, CLIMBING, DESCENDING = (int(t) for t in (Trend.UNKNOWN, Trend.LEVEL, Trend.CLIMBING, Trend.DESCENDING))


@njit(cache=True, inline="always")
def trend_step(was: int, rate: float, std: float, climb: float, level: float) -> int:
    """Return the trend after a rate (m/s, up positive) with its one-sigma error, from the trend before.

    climb: the least rate of what climbs, if it is not within its error; level: below it what climbed is level again. Between the two the
    trend stays.
    """
    if not (math.isfinite(rate) and std <= WORST_MS):
        return UNKNOWN
    size, way = abs(rate), CLIMBING if rate > 0.0 else DESCENDING
    if size >= max(climb, SIGMAS * std):
        return way
    return was if was in (way, UNKNOWN) and size >= level else LEVEL

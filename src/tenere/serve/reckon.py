"""What the wire to the page reckons with, in whole numbers alone, so that every reader in any language gets the same bits.

A value is so many steps of its column. Where a track will be is guessed from its course and speed as they were sent:

    SINE[k]    = round(32768 sin(2 pi k / 3600))          k: course in steps of 0.1 degrees
    SECANT[k]  = round(256 / cos(k degrees)), at most 4096     k: latitude in whole degrees, towards the equator
    way  = floor(19418 speed t / 65536)      speed in steps of 0.25 kt, t in steps of 0.01 s: 1/256 of a place's step
    north = floor(way SINE[course + 900] / 8388608)
    east = floor(floor(way SINE[course] / 32768) SECANT[latitude] / 65536)

1 kt is 1/60 degree an hour, so a speed step makes 1/864 of a place's step (1e-5 degrees) in 0.01 s, and 19418/65536 is 256/864.
No product passes 2^53: a program that has only doubles reckons the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.serve.packing import MISSING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.serve.packing import Whole

TURN = 3600
SINE = np.rint(32768 * np.sin(2 * np.pi * np.arange(TURN) / TURN)).astype(np.int64)
SECANT = np.minimum(4096, np.rint(256 / np.cos(np.radians(np.arange(91))))).astype(np.int64)
DEGREE = 100_000
"""Steps of a place in a degree."""
SPEED_MOST = 8191
TIME_MOST = 6000
LOG_STEPS = 16
LOG_MOST = 40 * LOG_STEPS
_LOG_FROM = 0.5


def moved(lat: Whole, course: Whole, speed: Whole, steps: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how far north and east each track goes in a time (steps of LAG_S); nothing where course or speed is missing."""
    going = (course != MISSING) & (speed != MISSING)
    way = (19418 * np.clip(speed, 0, SPEED_MOST).astype(np.int64) * np.clip(steps, -TIME_MOST, TIME_MOST)) >> 16
    way[~going] = 0
    k = course.astype(np.int64) % TURN
    degrees = np.where(lat == MISSING, 0, np.minimum(90, np.abs(lat.astype(np.int64)) // DEGREE))
    east = (((way * SINE[k]) >> 15) * SECANT[degrees]) >> 16
    return (way * SINE[(k + TURN // 4) % TURN]) >> 23, east


def logarithmic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the nearest logarithmic step of each value: 16 steps to the double, from 0.5 on; NaN stays."""
    mantissa, exponent = np.frexp(np.maximum(values, _LOG_FROM))  # 0.5 <= mantissa < 1
    steps: NDArray[np.float64] = np.minimum(LOG_STEPS * exponent + np.rint(2 * LOG_STEPS * mantissa) - LOG_STEPS, LOG_MOST)
    return steps


def unlogarithmic(steps: Whole) -> NDArray[np.float64]:
    """Return the value of each logarithmic step: (16 + k mod 16) / 32, doubled k div 16 times."""
    k = np.clip(steps, 0, LOG_MOST).astype(np.int64)
    return np.ldexp((LOG_STEPS + k % LOG_STEPS) / (2.0 * LOG_STEPS), (k // LOG_STEPS).astype(np.int32))

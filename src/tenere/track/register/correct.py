"""Plots without their sensor's biases. A numba kernel.

What a sensor measures is what is true, changed by its biases: range = (1 + scale) true + offset, azimuth = true + azimuth,
time = true + time; a mobile sensor stands (east, north) from where it says. This takes them off again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from tenere.track.register.window import AZIMUTH, EAST, NORTH, OFFSET, SCALE, TIME

if TYPE_CHECKING:
    import numpy as np


@njit(cache=True, error_model="numpy")
def correct(bias: np.ndarray, sensor: np.ndarray, range_m: np.ndarray, azimuth_rad: np.ndarray, time_s: np.ndarray) -> None:
    """Take the biases (S, NBIAS) off range_m, azimuth_rad and time_s (n,), in place."""
    full = 2.0 * math.pi
    for q in range(len(sensor)):
        i = sensor[q]
        if i < 0 or i >= len(bias):
            continue
        b = bias[i]
        time_s[q] -= b[TIME]
        r = (range_m[q] - b[OFFSET]) / (1.0 + b[SCALE])
        a = azimuth_rad[q] - b[AZIMUTH]
        if b[EAST] != 0.0 or b[NORTH] != 0.0:  # as seen from where it says that it stands
            x, y = r * math.sin(a) - b[EAST], r * math.cos(a) - b[NORTH]
            r += math.sqrt(x * x + y * y) - r
            a = math.atan2(x, y)
        range_m[q] = max(r, 0.0) if r == r else r
        azimuth_rad[q] = a - full * math.floor(a / full)

"""Which aircraft are near an aerodrome, and how low it may be there: a search in a list sorted by latitude. Numba kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

EARTH_M = 6_371_000.0


@njit(cache=True)
def allowed(lat: F64, lon: F64, field_lat: F64, field_lon: F64, field_m: F64, reach_m: float, from_m: float, slope: float) -> F64:
    """Return the lowest altitude (n,) that nearness to an aerodrome allows each place; infinity where none is within reach.

    It is the aerodrome's elevation as near as from_m, and rises from there by slope (metres a metre) up to reach_m. field_lat rises.
    """
    out = np.full(lat.shape[0], math.inf)
    window = reach_m / EARTH_M
    for i in range(lat.shape[0]):
        if not math.isfinite(lat[i]) or not math.isfinite(lon[i]):
            continue
        c = math.cos(lat[i])
        first = np.searchsorted(field_lat, lat[i] - window)
        last = np.searchsorted(field_lat, lat[i] + window)
        for k in range(first, last):
            dx = field_lon[k] - lon[i]
            if dx > math.pi:
                dx -= 2.0 * math.pi
            elif dx < -math.pi:
                dx += 2.0 * math.pi
            dx *= c
            if abs(dx) > window or not math.isfinite(field_m[k]):
                continue
            d = EARTH_M * math.hypot(dx, field_lat[k] - lat[i])
            if d <= reach_m:
                out[i] = min(out[i], field_m[k] + slope * max(d - from_m, 0.0))
    return out

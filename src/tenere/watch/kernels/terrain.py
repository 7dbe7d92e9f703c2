"""How high the ground reaches near a place, from a pyramid of greatest heights, and how much an aircraft's path clears it. Numba kernels.

Level k of the pyramid holds, for each post, the greatest height of the 2^k by 2^k posts that begin there. Any box of posts is covered by
four such squares that overlap, so its greatest height takes four reads, however large it is. Ground that is not known counts as none.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]

EARTH_M = 6_371_000.0
LEVELS = 6


@njit(cache=True)
def pyramid(height: F32) -> F32:
    """Return the levels (LEVELS, n, m), not known as negative infinity."""
    n, m = height.shape
    out = np.empty((LEVELS, n, m), np.float32)
    for i in range(n):
        for j in range(m):
            out[0, i, j] = height[i, j] if math.isfinite(height[i, j]) else -np.inf
    for k in range(1, LEVELS):
        half = 1 << (k - 1)
        for i in range(n):
            for j in range(m):
                u, v = min(i + half, n - 1), min(j + half, m - 1)
                out[k, i, j] = max(out[k - 1, i, j], out[k - 1, u, j], out[k - 1, i, v], out[k - 1, u, v])
    return out


@njit(cache=True)
def greatest(levels: F32, i0: int, i1: int, j0: int, j1: int) -> float:
    """Return the greatest height of the posts i0..i1 by j0..j1 (both ends in); larger boxes are walked in steps of the largest square."""
    n, m = levels.shape[1], levels.shape[2]
    i0, i1, j0, j1 = max(i0, 0), min(i1, n - 1), max(j0, 0), min(j1, m - 1)
    best = -math.inf
    if i0 > i1 or j0 > j1:
        return best
    k = 0
    while k + 1 < LEVELS and (2 << k) <= min(i1 - i0 + 1, j1 - j0 + 1):
        k += 1
    side = 1 << k
    i = i0
    while True:
        i = min(i, i1 - side + 1)
        j = j0
        while True:
            j = min(j, j1 - side + 1)
            best = max(best, float(levels[k, i, j]))
            if j + side > j1:
                break
            j += side
        if i + side > i1:
            break
        i += side
    return best


@njit(cache=True)
def ground_near(levels: F32, north: float, west: float, dlat: float, dlon: float, lat: float, lon: float, reach_m: float) -> float:
    """Return the greatest ground within reach of a place (degrees); negative infinity where none is known."""
    up = math.degrees(reach_m / EARTH_M)
    across = up / max(math.cos(math.radians(lat)), 0.05)
    i0, i1 = math.floor((north - lat - up) / dlat), math.ceil((north - lat + up) / dlat)
    j0, j1 = math.floor((lon - across - west) / dlon), math.ceil((lon + across - west) / dlon)
    return greatest(levels, i0, i1, j0, j1)


@njit(cache=True)
def clearances(levels: F32, grid: F64, a: F64, margin: F64, ahead_s: float, step_s: float, aside_m: float) -> F64:
    """Return how much each aircraft's path clears the ground, (n, 5).

    Seconds to the first infringement (infinity none), its clearance, ground and altitude there, and the least clearance of all; NaN
    where no ground is known.
    grid: north, west, steps in degrees. a: (n, 6) latitude, longitude (degrees), velocity east and north, altitude, vertical rate.
    margin: (n,) metres over the ground. The ground counts within aside_m, and half a step of the flight, of each place on the way.
    """
    out = np.full((a.shape[0], 5), math.nan)
    for i in range(a.shape[0]):
        lat, lon, east, north_ms, z, rate = a[i]
        reach = aside_m + 0.5 * step_s * math.hypot(east, north_ms)
        c = max(math.cos(math.radians(lat)), 0.05)
        least = math.inf
        known = False
        out[i, 0] = math.inf
        for k in range(int(ahead_s / step_s) + 1):
            t = k * step_s
            at = math.degrees(north_ms * t / EARTH_M) + lat
            on = math.degrees(east * t / EARTH_M / c) + lon
            ground = ground_near(levels, grid[0], grid[1], grid[2], grid[3], at, on, reach)
            if ground == -math.inf:
                continue
            known = True
            above = z + rate * t - ground
            least = min(least, above)
            if above < margin[i] and out[i, 0] == math.inf:
                out[i, 0], out[i, 1], out[i, 2], out[i, 3] = t, above, ground, z + rate * t
        out[i, 4] = least if known else math.nan
    return out

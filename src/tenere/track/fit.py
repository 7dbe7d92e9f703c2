"""How well a plot fits a track beside its position: height, Mode A, track number; and where a track's height puts it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from tenere.track.work import USE_HEIGHT, USE_MODE_A, USE_TRACK

if TYPE_CHECKING:
    import numpy as np

    from tenere.track.store import Store
    from tenere.track.work import Measured

HEIGHT_SPAN_M = 12_000.0
HEIGHT_STD_M = 150.0
MODE_A_EQUAL, MODE_A_OTHER = 40.0, 0.02
TRACK_EQUAL, TRACK_OTHER = 20.0, 0.3


@njit(cache=True)
def height_step(s: Store, i: int, t: float, z: float, use: bool) -> float:
    """Return how likely a pressure altitude is (ratio to a uniform one); with use, update the height state by it."""
    if math.isnan(s.height[i, 0]):
        if use:
            s.height[i, 0], s.height[i, 1] = z, 0.0
            s.height_var[i, 0], s.height_var[i, 1], s.height_var[i, 2] = 100.0, 0.0, 100.0
            s.height_s[i] = t
        return 1.0
    dt = t - s.height_s[i]
    ad = abs(dt)
    h = s.height[i, 0] + dt * s.height[i, 1]
    v0 = s.height_var[i, 0] + 2 * dt * s.height_var[i, 1] + dt * dt * s.height_var[i, 2] + 0.5 * ad * ad * ad
    v1 = s.height_var[i, 1] + dt * s.height_var[i, 2] + 0.75 * dt * ad
    v2 = s.height_var[i, 2] + 1.5 * ad
    u = z - h
    var = v0 + 100.0
    if use:
        if u * u > 400.0 * var and u * u > 600.0 * 600.0:  # a garbled code: keep what we have, but believe it less
            s.height_var[i, 0] += 1e4
            return 1e-3
        g0, g1 = v0 / var, v1 / var
        s.height[i, 0], s.height[i, 1] = h + g0 * u, s.height[i, 1] + g1 * u
        s.height_var[i, 0], s.height_var[i, 1], s.height_var[i, 2] = v0 * (1 - g0), v1 * (1 - g0), v2 - g1 * v1
        s.height_s[i] = t
    var += 60.0 * 60.0
    return max(HEIGHT_SPAN_M * math.exp(-0.5 * u * u / var) / math.sqrt(2 * math.pi * var), 2e-3)


@njit(cache=True)
def ground_m(slant: float, height: float, sensor_height: float) -> float:
    """Return the ground range of a slant range to a height: the chord's Pythagoras, shrunk to the ground."""
    d = height - sensor_height
    return math.sqrt(max(slant * slant - d * d, 0.0) / (1.0 + d / 6_371_000.0))


@njit(cache=True)
def placed_for(s: Store, i: int, m: Measured, q: int, z: np.ndarray, r: np.ndarray) -> None:
    """Fill z (2,) and r (3,) of plot q for track i: a plot without a height of its own is placed by the track's."""
    z[0], z[1] = m.z[q, 0], m.z[q, 1]
    r[0], r[1], r[2] = m.r[q, 0], m.r[q, 1], m.r[q, 2]
    if math.isnan(m.sight[q, 2]) or math.isnan(s.height[i, 0]):
        return
    ux, uy, slant, base, guess = m.sight[q, 0], m.sight[q, 1], m.sight[q, 2], m.sight[q, 3], m.sight[q, 4]
    height = s.height[i, 0] + max(-30.0, min(30.0, m.time_s[q] - s.height_s[i])) * s.height[i, 1]
    shift = ground_m(slant, height, base) - ground_m(slant, guess, base)
    z[0] += ux * shift
    z[1] += uy * shift
    # along the line of sight: what the guess's error put in goes, what the track's height still leaves (150 m) comes
    cosine = max(ground_m(slant, height, base) / slant, 0.1)
    along = ux * ux * r[0] + 2.0 * ux * uy * r[1] + uy * uy * r[2]
    wanted = (m.sight[q, 5] ** 2 + (HEIGHT_STD_M * (height - base) / slant) ** 2) / (cosine * cosine)
    change = wanted - along
    r[0] += change * ux * ux
    r[1] += change * ux * uy
    r[2] += change * uy * uy


@njit(cache=True)
def likeness(s: Store, i: int, m: Measured, q: int, cfg: np.ndarray) -> float:
    """Return the likelihood ratio of what plot q says of itself, beside its position, for track i."""
    f = 1.0
    if cfg[USE_MODE_A] > 0 and m.mode_a[q] >= 0 and s.mode_a[i] >= 0:
        f *= MODE_A_EQUAL if m.mode_a[q] == s.mode_a[i] else MODE_A_OTHER
    if cfg[USE_TRACK] > 0 and m.sensor_track[q] >= 0 and s.sensor_track[i] >= 0 and (m.sensor_track[q] >> 32) == (s.sensor_track[i] >> 32):
        f *= TRACK_EQUAL if m.sensor_track[q] == s.sensor_track[i] else TRACK_OTHER
    if cfg[USE_HEIGHT] > 0 and not math.isnan(m.height[q]):
        f *= height_step(s, i, m.time_s[q], m.height[q], False)
    return f

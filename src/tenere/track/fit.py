"""How well a plot fits a track beside its position: height, Mode A, track number; and where a track's height puts it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from tenere.track.work import USE_HEIGHT, USE_MODE_A, USE_TRACK

if TYPE_CHECKING:
    import numpy as np

HEIGHT_SPAN_M = 12_000.0
HEIGHT_STD_M = 150.0
WORST_GEO_VAR, GEO_DRIFT = 1500.0**2, 30.0  # of a height of its own: beyond, a plot is placed by the guess; m2/s that it is older
MODE_A_EQUAL, MODE_A_OTHER = 40.0, 0.02
TRACK_EQUAL, TRACK_OTHER = 20.0, 0.3


@njit(cache=True, inline="always")
def height_step(c: np.record, t: float, z: float, use: bool) -> float:
    """Return how likely a pressure altitude is (ratio to a uniform one); with use, update the height state by it. c: of Store.together."""
    if math.isnan(c.height_m):
        if use:
            c.height_m, c.climb_ms = z, 0.0
            c.height_v0, c.height_v1, c.height_v2 = 100.0, 0.0, 100.0
            c.height_s = t
        return 1.0
    dt = t - c.height_s
    ad = abs(dt)
    h = c.height_m + dt * c.climb_ms
    v0 = c.height_v0 + 2 * dt * c.height_v1 + dt * dt * c.height_v2 + 0.5 * ad * ad * ad
    v1 = c.height_v1 + dt * c.height_v2 + 0.75 * dt * ad
    v2 = c.height_v2 + 1.5 * ad
    u = z - h
    var = v0 + 100.0
    if use:
        if u * u > 400.0 * var and u * u > 600.0 * 600.0:  # a garbled code: keep what we have, but believe it less
            c.height_v0 += 1e4
            return 1e-3
        g0, g1 = v0 / var, v1 / var
        c.height_m, c.climb_ms = h + g0 * u, c.climb_ms + g1 * u
        c.height_v0, c.height_v1, c.height_v2 = v0 * (1 - g0), v1 * (1 - g0), v2 - g1 * v1
        c.height_s = t
    var += 60.0 * 60.0
    return max(HEIGHT_SPAN_M * math.exp(-0.5 * u * u / var) / math.sqrt(2 * math.pi * var), 2e-3)


@njit(cache=True, inline="always")
def ground_m(slant: float, height: float, sensor_height: float) -> float:
    """Return the ground range of a slant range to a height: the chord's Pythagoras, shrunk to the ground."""
    d = height - sensor_height
    return math.sqrt(max(slant * slant - d * d, 0.0) / (1.0 + d / 6_371_000.0))


@njit(cache=True, inline="always")
def placed_for(
    c: np.record, m_z: np.ndarray, m_r: np.ndarray, m_sight: np.ndarray, q: int, t: float
) -> tuple[float, float, float, float, float]:
    """Return position and covariance (x, y, xx, xy, yy) of plot q at time t for a track (c: of Store.together).

    A plot without a height of its own takes the track's.
    """
    zx, zy, rxx, rxy, ryy = m_z[q, 0], m_z[q, 1], m_r[q, 0], m_r[q, 1], m_r[q, 2]
    slant = m_sight[q, 2]
    if not math.isnan(slant) and (not math.isnan(c.height_m) or c.geo_v0 < WORST_GEO_VAR):
        ux, uy, base, guess = m_sight[q, 0], m_sight[q, 1], m_sight[q, 3], m_sight[q, 4]
        if math.isnan(c.height_m):
            height = c.geo_m + max(-30.0, min(30.0, t - c.geo_s)) * c.geo_rate
            height_var = c.geo_v0 + GEO_DRIFT * abs(t - c.geo_s)
        else:
            height = c.height_m + max(-30.0, min(30.0, t - c.height_s)) * c.climb_ms + c.lift_m
            height_var = c.lift_std_m * c.lift_std_m
        if abs(height - base) > slant:  # not this track's: as far out as the guess put it
            return zx, zy, rxx, rxy, ryy
        shift = ground_m(slant, height, base) - ground_m(slant, guess, base)
        # along the line of sight: what the guess's error put in goes, what the track's height still leaves comes
        cosine = max(ground_m(slant, height, base) / slant, 0.1)
        along = ux * ux * rxx + 2.0 * ux * uy * rxy + uy * uy * ryy
        sine = (height - base) / slant
        wanted = (m_sight[q, 5] ** 2 + height_var * sine * sine) / (cosine * cosine)
        change = wanted - along
        zx += ux * shift
        zy += uy * shift
        rxx += change * ux * ux
        rxy += change * ux * uy
        ryy += change * uy * uy
    return zx, zy, rxx, rxy, ryy


@njit(cache=True, inline="always")
def likeness(c: np.record, t: float, mode_a: int, sensor_track: int, height: float, cfg: np.ndarray) -> float:
    """Return the likelihood ratio of what a plot says of itself, beside its position, for a track (c: of Store.together)."""
    f = 1.0
    if cfg[USE_MODE_A] > 0 and mode_a >= 0 and c.mode_a >= 0:
        f *= MODE_A_EQUAL if mode_a == c.mode_a else MODE_A_OTHER
    if cfg[USE_TRACK] > 0 and sensor_track >= 0 and c.sensor_track >= 0 and (sensor_track >> 32) == (c.sensor_track >> 32):
        f *= TRACK_EQUAL if sensor_track == c.sensor_track else TRACK_OTHER
    if cfg[USE_HEIGHT] > 0 and not math.isnan(height):
        f *= height_step(c, t, height, False)
    return f

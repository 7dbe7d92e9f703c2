"""A filter of height and its rate, and what an elevation says of a height. Numba kernels."""

from __future__ import annotations

import math

from numba import njit

RATE_VAR = 100.0
"""Variance of a rate nobody knows: 10 m/s, 2,000 feet a minute."""
JERK = 1.5
"""Density of the vertical acceleration's noise in m2/s3: 0.5 m/s2 for 6 s, as tenere.track.fit has it."""
EARTH_FACTOR = 4.0 / 3.0
"""Of the Earth's radius, by which a ray in the usual atmosphere is straight (ITU-R P.834)."""


@njit(cache=True, inline="always")
def ahead(h: float, rate: float, v0: float, v1: float, v2: float, dt: float) -> tuple[float, float, float, float]:
    """Return height and covariance (height, both, rate) dt seconds on; backwards the noise adds as well."""
    ad = abs(dt)
    third = JERK / 3.0 * ad * ad * ad
    return h + dt * rate, v0 + 2.0 * dt * v1 + dt * dt * v2 + third, v1 + dt * v2 + 0.5 * JERK * dt * ad, v2 + JERK * ad


@njit(cache=True, inline="always")
def blend(h: float, rate: float, v0: float, v1: float, v2: float, z: float, var: float) -> tuple[float, float, float, float, float]:
    """Return the state after a height z of a variance: the Kalman filter of one measurement."""
    s = v0 + var
    g0, g1, u = v0 / s, v1 / s, z - h
    return h + g0 * u, rate + g1 * u, v0 * (1.0 - g0), v1 * (1.0 - g0), v2 - g1 * v1


@njit(cache=True, inline="always", error_model="numpy")
def height_of(slant: float, elevation: float, radius: float, sensor_height: float, factor: float = EARTH_FACTOR) -> float:
    """Return the height of what a radar sees at a slant range and elevation angle.

    radius: of the Earth there (Gaussian), without the sensor's height; factor: 4/3 for the angle that the antenna points at, 1 for one
    whose refraction has been taken off. The triangle Earth's centre, radar, target: (R + h)2 = (R + h0)2 + r2 + 2 r (R + h0) sin e.
    """
    base = factor * radius + sensor_height
    far = slant * (slant + 2.0 * base * math.sin(elevation))
    return sensor_height + far / (math.sqrt(base * base + far) + base)


@njit(cache=True, inline="always")
def height_std(slant: float, elevation: float, range_std: float, elevation_std: float) -> float:
    """Return the one-sigma error of such a height: the angle's at its range, and the range's along the line of sight."""
    across, along = slant * elevation_std * math.cos(elevation), range_std * math.sin(elevation)
    return math.sqrt(across * across + along * along)

"""Geodesics of WGS-84: where a line of a given direction and length ends, and the line between two places.

T. Vincenty, Direct and inverse solutions of geodesics on the ellipsoid with application of nested equations, Survey Review 23 (176), 1975.
Good to 0.1 mm up to 10,000 km; two places nearly opposite each other on the earth are refused (NaN): his iteration does not settle there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.geo.ellipsoid import A_M, B_M, F

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    F64 = NDArray[np.float64]

TURNS = 12
"""Turns of the iteration: each gains three figures, so five do to 10,000 km."""


def _series(cos2_alpha: F64) -> tuple[F64, F64]:
    """Return Vincenty's A and B (equations 3 and 4) of the cosine squared of the geodesic's azimuth at the equator."""
    u2 = cos2_alpha * (A_M * A_M - B_M * B_M) / (B_M * B_M)
    a = 1.0 + u2 / 16384.0 * (4096.0 + u2 * (-768.0 + u2 * (320.0 - 175.0 * u2)))
    return a, u2 / 1024.0 * (256.0 + u2 * (-128.0 + u2 * (74.0 - 47.0 * u2)))


def _swing(b: F64, sin_s: F64, cos_s: F64, cos_2m: F64) -> F64:
    """Return the correction of the arc (equation 6)."""
    inner = cos_s * (2.0 * cos_2m**2 - 1.0) - b / 6.0 * cos_2m * (4.0 * sin_s**2 - 3.0) * (4.0 * cos_2m**2 - 3.0)
    return np.asarray(b * sin_s * (cos_2m + b / 4.0 * inner))


def destination(lat_rad: ArrayLike, lon_rad: ArrayLike, azimuth_rad: ArrayLike, distance_m: ArrayLike) -> tuple[F64, F64]:
    """Return latitude and longitude of the end of a geodesic. Arguments broadcast; azimuth clockwise from north."""
    lat, lon, az, s = (np.asarray(v, float) for v in (lat_rad, lon_rad, azimuth_rad, distance_m))
    t1 = (1.0 - F) * np.tan(lat)
    c1 = 1.0 / np.sqrt(1.0 + t1 * t1)
    s1 = t1 * c1
    arc1 = np.arctan2(t1, np.cos(az))
    sin_a = c1 * np.sin(az)
    cos2_a = 1.0 - sin_a**2
    a, b = _series(cos2_a)
    sigma = s / (B_M * a)
    for _ in range(TURNS):
        cos_2m = np.cos(2.0 * arc1 + sigma)
        sigma = s / (B_M * a) + _swing(b, np.sin(sigma), np.cos(sigma), cos_2m)
    sin_s, cos_s = np.sin(sigma), np.cos(sigma)
    cos_2m = np.cos(2.0 * arc1 + sigma)
    x = s1 * sin_s - c1 * cos_s * np.cos(az)
    lat2 = np.arctan2(s1 * cos_s + c1 * sin_s * np.cos(az), (1.0 - F) * np.hypot(sin_a, x))
    lam = np.arctan2(sin_s * np.sin(az), c1 * cos_s - s1 * sin_s * np.cos(az))
    c = F / 16.0 * cos2_a * (4.0 + F * (4.0 - 3.0 * cos2_a))
    dl = lam - (1.0 - c) * F * sin_a * (sigma + c * sin_s * (cos_2m + c * cos_s * (2.0 * cos_2m**2 - 1.0)))
    return lat2, np.asarray((lon + dl + np.pi) % (2.0 * np.pi) - np.pi)


def between(lat1_rad: ArrayLike, lon1_rad: ArrayLike, lat2_rad: ArrayLike, lon2_rad: ArrayLike) -> tuple[F64, F64]:
    """Return length in metres and azimuth at the first place of the geodesic between two (azimuth 0 where they are one)."""
    p1, l1, p2, l2 = np.broadcast_arrays(*(np.asarray(v, float) for v in (lat1_rad, lon1_rad, lat2_rad, lon2_rad)))
    big_l = (l2 - l1 + np.pi) % (2.0 * np.pi) - np.pi
    u1, u2 = np.arctan((1.0 - F) * np.tan(p1)), np.arctan((1.0 - F) * np.tan(p2))
    s1, c1, s2, c2 = np.sin(u1), np.cos(u1), np.sin(u2), np.cos(u2)
    lam = np.array(big_l)
    before = lam
    for _ in range(TURNS):
        x, y = c2 * np.sin(lam), c1 * s2 - s1 * c2 * np.cos(lam)
        sin_s, cos_s = np.hypot(x, y), s1 * s2 + c1 * c2 * np.cos(lam)
        sigma = np.arctan2(sin_s, cos_s)
        sin_a = c1 * x / np.where(sin_s > 0.0, sin_s, 1.0)
        cos2_a = 1.0 - sin_a**2
        cos_2m = np.where(cos2_a > 1e-15, cos_s - 2.0 * s1 * s2 / np.where(cos2_a > 1e-15, cos2_a, 1.0), 0.0)
        c = F / 16.0 * cos2_a * (4.0 + F * (4.0 - 3.0 * cos2_a))
        before = lam
        lam = big_l + (1.0 - c) * F * sin_a * (sigma + c * sin_s * (cos_2m + c * cos_s * (2.0 * cos_2m**2 - 1.0)))
    a, b = _series(cos2_a)
    length = B_M * a * (sigma - _swing(b, sin_s, cos_s, cos_2m))
    settled = np.abs(lam - before) < 1e-11
    return np.where(settled, length, np.nan), np.where(settled, np.arctan2(x, y) % (2.0 * np.pi), np.nan)

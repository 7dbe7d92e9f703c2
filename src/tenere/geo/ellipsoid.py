"""The WGS-84 ellipsoid: geodetic, Earth-centred and local east-north-up coordinates, and what a radar measures.

Angles in radians, lengths in metres, heights above the ellipsoid. Every function takes arrays that broadcast
together and returns arrays of that shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    F64 = NDArray[np.float64]

A_M = 6_378_137.0
F = 1.0 / 298.257_223_563
E2 = F * (2.0 - F)
B_M = A_M * (1.0 - F)


def geodetic_to_ecef(lat_rad: ArrayLike, lon_rad: ArrayLike, height_m: ArrayLike) -> tuple[F64, F64, F64]:
    """Convert latitude, longitude, height to Earth-centred x, y, z in metres."""
    lat, lon, h = np.asarray(lat_rad, float), np.asarray(lon_rad, float), np.asarray(height_m, float)
    s = np.sin(lat)
    n = A_M / np.sqrt(1.0 - E2 * s * s)
    c = (n + h) * np.cos(lat)
    return c * np.cos(lon), c * np.sin(lon), (n * (1.0 - E2) + h) * s


def ecef_to_geodetic(x_m: ArrayLike, y_m: ArrayLike, z_m: ArrayLike) -> tuple[F64, F64, F64]:
    """Convert Earth-centred x, y, z to latitude, longitude, height.

    Bowring's start and two Newton steps on the reduced latitude: below 1e-9 m from the ground to 1,000 km.
    """
    x, y, z = np.asarray(x_m, float), np.asarray(y_m, float), np.asarray(z_m, float)
    p = np.hypot(x, y)
    ep2 = E2 / (1.0 - E2)
    beta = np.arctan2(z * A_M, p * B_M)
    for _ in range(3):
        lat = np.arctan2(z + ep2 * B_M * np.sin(beta) ** 3, p - E2 * A_M * np.cos(beta) ** 3)
        beta = np.arctan2((1.0 - F) * np.sin(lat), np.cos(lat))
    s, c = np.sin(lat), np.cos(lat)
    n = A_M / np.sqrt(1.0 - E2 * s * s)
    h = p * c + z * s - A_M * A_M / n  # stays exact at the poles, where p / cos(lat) does not
    return lat, np.arctan2(y, x), h


def ecef_to_enu(lat0_rad: ArrayLike, lon0_rad: ArrayLike, dx_m: ArrayLike, dy_m: ArrayLike, dz_m: ArrayLike) -> tuple[F64, F64, F64]:
    """Turn an Earth-centred difference into east, north, up at a place."""
    lat0, lon0 = np.asarray(lat0_rad, float), np.asarray(lon0_rad, float)
    dx, dy, dz = np.asarray(dx_m, float), np.asarray(dy_m, float), np.asarray(dz_m, float)
    sa, ca, so, co = np.sin(lat0), np.cos(lat0), np.sin(lon0), np.cos(lon0)
    out = co * dx + so * dy
    return -so * dx + co * dy, -sa * out + ca * dz, ca * out + sa * dz


def enu_to_ecef(lat0_rad: ArrayLike, lon0_rad: ArrayLike, east_m: ArrayLike, north_m: ArrayLike, up_m: ArrayLike) -> tuple[F64, F64, F64]:
    """Turn east, north, up at a place into an Earth-centred difference."""
    lat0, lon0 = np.asarray(lat0_rad, float), np.asarray(lon0_rad, float)
    e, n, u = np.asarray(east_m, float), np.asarray(north_m, float), np.asarray(up_m, float)
    sa, ca, so, co = np.sin(lat0), np.cos(lat0), np.sin(lon0), np.cos(lon0)
    out = -sa * n + ca * u
    return -so * e + co * out, co * e + so * out, ca * n + sa * u


def enu_of(
    lat0_rad: ArrayLike, lon0_rad: ArrayLike, height0_m: ArrayLike, lat_rad: ArrayLike, lon_rad: ArrayLike, height_m: ArrayLike
) -> tuple[F64, F64, F64]:
    """Return east, north, up of a place seen from another."""
    x0, y0, z0 = geodetic_to_ecef(lat0_rad, lon0_rad, height0_m)
    x, y, z = geodetic_to_ecef(lat_rad, lon_rad, height_m)
    return ecef_to_enu(lat0_rad, lon0_rad, x - x0, y - y0, z - z0)


def geodetic_of_enu(
    lat0_rad: ArrayLike, lon0_rad: ArrayLike, height0_m: ArrayLike, east_m: ArrayLike, north_m: ArrayLike, up_m: ArrayLike
) -> tuple[F64, F64, F64]:
    """Return latitude, longitude, height of a point given as east, north, up from a place."""
    x0, y0, z0 = geodetic_to_ecef(lat0_rad, lon0_rad, height0_m)
    dx, dy, dz = enu_to_ecef(lat0_rad, lon0_rad, east_m, north_m, up_m)
    return ecef_to_geodetic(x0 + dx, y0 + dy, z0 + dz)


def gaussian_radius_m(lat_rad: ArrayLike) -> F64:
    """Return the Gaussian mean radius of curvature (6,356.8 km at 0 degrees, 6,378.1 km at 45)."""
    s = np.sin(np.asarray(lat_rad, float))
    return np.asarray(A_M * np.sqrt(1.0 - E2) / (1.0 - E2 * s * s))


def geodetic_of_polar(
    lat0_rad: ArrayLike, lon0_rad: ArrayLike, height0_m: ArrayLike, range_m: ArrayLike, azimuth_rad: ArrayLike, height_m: ArrayLike
) -> tuple[F64, F64, F64, F64]:
    """Place a radar plot: slant range, azimuth from true north, and the target's own height.

    Returns latitude, longitude, height reached, elevation angle. The elevation comes from the triangle
    Earth centre, radar, target and is corrected twice on the ellipsoid (height then within 1 mm at 400 km).
    A height that the range cannot reach gives a point straight above or below.
    """
    r = np.maximum(np.asarray(range_m, float), 1.0)
    az, h, h0 = np.asarray(azimuth_rad, float), np.asarray(height_m, float), np.asarray(height0_m, float)
    re = gaussian_radius_m(lat0_rad) + h0
    aim = h
    for _ in range(3):
        d = aim - h0
        sine = np.clip((d * (2.0 * re + d) - r * r) / (2.0 * r * re), -1.0, 1.0)
        elevation = np.arcsin(sine)
        ground = r * np.cos(elevation)
        lat, lon, got = geodetic_of_enu(lat0_rad, lon0_rad, h0, ground * np.sin(az), ground * np.cos(az), r * sine)
        aim = aim + np.where(np.abs(sine) < 1.0, h - got, 0.0)
    return lat, lon, got, elevation

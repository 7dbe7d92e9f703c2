"""The country's plane for kernels: the same projection as `plane`, one point at a time and about forty times as fast.

What makes it fast: the conformal latitude and its inverse are four terms of a series in the third flattening (C. F. F. Karney,
Transverse Mercator with an accuracy of a few nanometers, J. Geodesy 85, 2011, equations 35 and 36 give their kind), so its
sine and cosine follow from those of the latitude by a small angle; on the sphere the inverse needs no angle at all; and the
direction of north comes as a sine and a cosine. All is held to `plane` and `ellipsoid` within 0.1 mm by the tests.

A plane is a `plane.Plane`, which numba takes as the tuple of floats that it is. Points opposite its centre have no image: NaN.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.geo.ellipsoid import A_M, B_M, E2, F

if TYPE_CHECKING:
    from tenere.geo.plane import Plane

N = F / (2.0 - F)  # third flattening, 0.00168; its fifth power is 1e-14
TO_CHI = (
    -2.0 * N + 2.0 / 3.0 * N**2 + 4.0 / 3.0 * N**3 - 82.0 / 45.0 * N**4,
    5.0 / 3.0 * N**2 - 16.0 / 15.0 * N**3 - 13.0 / 9.0 * N**4,
    -26.0 / 15.0 * N**3 + 34.0 / 21.0 * N**4,
    1237.0 / 630.0 * N**4,
)
"""Conformal minus geodetic latitude: factors of sin 2 phi, sin 4 phi, sin 6 phi, sin 8 phi."""
TO_PHI = (
    2.0 * N - 2.0 / 3.0 * N**2 - 2.0 * N**3 + 116.0 / 45.0 * N**4,
    7.0 / 3.0 * N**2 - 8.0 / 5.0 * N**3 - 227.0 / 45.0 * N**4,
    56.0 / 15.0 * N**3 - 136.0 / 35.0 * N**4,
    4279.0 / 630.0 * N**4,
)
"""Geodetic minus conformal latitude: factors of sin 2 chi, sin 4 chi, sin 6 chi, sin 8 chi."""
ARCTANGENT = (
    1.0000000000000004,
    -0.33333333333311915,
    0.19999999988634118,
    -0.14285713126402477,
    0.11111059667831055,
    -0.09089672471933345,
    0.07674632830234294,
    -0.0651081127522273,
    0.050357716668838516,
    -0.025413508093867294,
)
"""Of the arctangent over its argument, by the argument squared, up to tan(pi / 8): Chebyshev's interpolation, good to 1e-15."""
TOGETHER = 32
EIGHTH = math.tan(0.125 * math.pi)
LEAST_D = 1e-12  # one plus the cosine of the angle from the centre: 9 m from the point opposite
RATIO = A_M / B_M
EP2B = E2 / (1.0 - E2) * B_M


@njit(cache=True, error_model="numpy", inline="always")
def _shifted(s: float, c: float, k: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Shift a latitude by a series: from its sine and cosine to (shift, sine, cosine, cosine over the cosine given).

    The shift over sin 2 phi is a polynomial in cos 2 phi (Clenshaw), so the last figure is good at the poles too.
    """
    t = 2.0 * (c * c - s * s)  # 2 cos 2 phi
    b3 = k[2] + t * k[3]
    b2 = k[1] + t * b3 - k[3]
    q = 2.0 * s * (k[0] + t * b2 - b3)  # shift over cos phi
    d = q * c
    dd = d * d
    cosine = 1.0 - dd * (0.5 - dd / 24.0)  # |d| < 0.0034: the next terms are below 1e-17
    sinc = 1.0 - dd * (1.0 / 6.0 - dd / 120.0)
    ratio = cosine - s * q * sinc
    return d, s * cosine + c * d * sinc, c * ratio, ratio


@njit(cache=True, error_model="numpy", inline="always")
def _angle(y: float, x: float) -> float:
    """Return atan2(y, x) to 1e-15 by arithmetic alone: a loop over it fills the processor's vectors. NaN of NaN."""
    ax, ay = abs(x), abs(y)
    small, big = min(ax, ay), max(ax, ay)
    a = small / max(big, 1e-300)
    b = (a - 1.0) / (a + 1.0)
    beyond = a > EIGHTH
    b = b if beyond else a
    t, k = b * b, ARCTANGENT
    p = k[0] + t * (k[1] + t * (k[2] + t * (k[3] + t * (k[4] + t * (k[5] + t * (k[6] + t * (k[7] + t * (k[8] + t * k[9]))))))))
    p *= b
    p = p + 0.25 * math.pi if beyond else p
    p = 0.5 * math.pi - p if ay > ax else p
    p = math.pi - p if x < 0.0 else p
    return (-p if y < 0.0 else p) + 0.0 * (x + y)


@njit(cache=True, error_model="numpy", inline="always")
def project(plane: Plane, s: float, c: float, sd: float, cd: float) -> tuple[float, float, float, float, float]:
    """Project a point given by sine and cosine of its latitude and of its longitude from the plane's.

    Returns x, y in metres, sine and cosine of the plane's direction of true north (clockwise from y), plane metres a metre.
    """
    _, sc, cc, ratio = _shifted(s, c, TO_CHI)
    s0, c0 = plane.sin_chi0, plane.cos_chi0
    d = 1.0 + s0 * sc + c0 * cc * cd
    if not d > LEAST_D:
        return math.nan, math.nan, math.nan, math.nan, math.nan
    one = 1.0 / d
    u, v = cc * sd * one, (c0 * sc - s0 * cc * cd) * one
    dd = s0 * cc - c0 * sc * cd
    a = 2.0 * plane.radius_m
    scale = a * one * ratio * math.sqrt(1.0 - E2 * s * s) / A_M
    return a * u, a * v, -sc * sd - u * dd, c0 * cc + s0 * sc * cd - v * dd, scale


@njit(cache=True, error_model="numpy")
def forward_north(plane: Plane, lat: float, lon: float) -> tuple[float, float, float, float, float]:
    """Project a latitude and longitude: x, y in metres, sine and cosine of the direction of north, plane metres a metre."""
    dl = lon - plane.lon0_rad
    return project(plane, math.sin(lat), math.cos(lat), math.sin(dl), math.cos(dl))


@njit(cache=True, error_model="numpy", inline="always")
def _wrapped(lon: float) -> float:
    """Bring a longitude to -pi..pi."""
    return lon - 2.0 * math.pi * math.floor((lon + math.pi) / (2.0 * math.pi))


@njit(cache=True, error_model="numpy")
def inverse(plane: Plane, x: float, y: float) -> tuple[float, float]:
    """Return latitude and longitude in radians of a point of the plane given in metres."""
    lat, lon, _, _, _ = inverse_north(plane, x, y)
    return lat, lon


@njit(cache=True, error_model="numpy", inline="always")
def inverse_north(plane: Plane, x: float, y: float) -> tuple[float, float, float, float, float]:
    """Return latitude, longitude, sine and cosine of the direction of north, and plane metres a metre at a point in metres."""
    half = 0.5 / plane.radius_m
    u, v = x * half, y * half
    s0, c0 = plane.sin_chi0, plane.cos_chi0
    t2 = u * u + v * v
    f = 1.0 / (1.0 + t2)
    g, h = 2.0 * f, (1.0 - t2) * f  # sine over t, and cosine, of the angle from the centre
    sc = h * s0 + v * g * c0
    xx, yy = h * c0 - v * g * s0, u * g
    cc = math.sqrt(xx * xx + yy * yy)
    one = 1.0 / cc if cc > 0.0 else 0.0
    sd, cd = (yy * one, xx * one) if cc > 0.0 else (0.0, 1.0)
    d, s, _, ratio = _shifted(sc, cc, TO_PHI)
    lat = _angle(sc, cc) + d
    lon = _wrapped(plane.lon0_rad + _angle(yy, xx))
    dd = s0 * cc - c0 * sc * cd
    scale = 2.0 * plane.radius_m / (g * ratio) * math.sqrt(1.0 - E2 * s * s) / A_M
    return lat, lon, -sc * sd - u * dd, c0 * cc + s0 * sc * cd - v * dd, scale


@njit(cache=True, error_model="numpy", inline="always")
def motion(plane: Plane, x: float, y: float, vx: float, vy: float) -> tuple[float, float, float, float]:
    """Return latitude, longitude, course over ground (0..2 pi, clockwise from north) and ground speed of a point that moves.

    Takes metres and metres a second of the plane.
    """
    lat, lon, st, ct, scale = inverse_north(plane, x, y)
    course = _angle(vx * ct - vy * st, vx * st + vy * ct)
    course = course + 2.0 * math.pi if course < 0.0 else course
    return lat, lon, course if course < 2.0 * math.pi else 0.0, math.sqrt(vx * vx + vy * vy) / scale


@njit(cache=True, error_model="numpy")
def forward_each(plane: Plane, lat: np.ndarray, lon: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
    """Fill x, y (n,) in metres from latitudes and longitudes (n,) in radians."""
    for i in range(len(lat)):
        x[i], y[i], _, _, _ = forward_north(plane, lat[i], lon[i])


@njit(cache=True, error_model="numpy")
def inverse_each(plane: Plane, x: np.ndarray, y: np.ndarray, lat: np.ndarray, lon: np.ndarray) -> None:
    """Fill latitudes and longitudes (n,) in radians from x, y (n,) in metres."""
    for i in range(len(x)):
        lat[i], lon[i] = inverse(plane, x[i], y[i])


@njit(cache=True, error_model="numpy")
def north_each(plane: Plane, lat: np.ndarray, lon: np.ndarray, turn: np.ndarray, scale: np.ndarray) -> None:
    """Fill the direction of north (n,), clockwise from y in radians, and plane metres a metre (n,), as `Plane.north`."""
    for i in range(len(lat)):
        _, _, st, ct, scale[i] = forward_north(plane, lat[i], lon[i])
        turn[i] = math.atan2(st, ct)


@njit(cache=True, error_model="numpy")
def motion_each(
    plane: Plane,
    x: np.ndarray,
    y: np.ndarray,
    vx: np.ndarray,
    vy: np.ndarray,
    lat: np.ndarray,
    lon: np.ndarray,
    course: np.ndarray,
    speed: np.ndarray,
) -> None:
    """Fill latitude, longitude, course and ground speed (n,) of points of the plane that move: x, y in metres, vx, vy in m/s."""
    room = np.zeros(8 * TOGETHER)  # one array, a fixed count: then the compiler knows that a vector's worth may be done at once
    for first in range(0, len(x), TOGETHER):
        n = min(TOGETHER, len(x) - first)
        for k in range(n):
            i = first + k
            room[k], room[TOGETHER + k], room[2 * TOGETHER + k], room[3 * TOGETHER + k] = x[i], y[i], vx[i], vy[i]
        for k in range(TOGETHER):
            a, b, c, d = motion(plane, room[k], room[TOGETHER + k], room[2 * TOGETHER + k], room[3 * TOGETHER + k])
            room[4 * TOGETHER + k], room[5 * TOGETHER + k], room[6 * TOGETHER + k], room[7 * TOGETHER + k] = a, b, c, d
        for k in range(n):
            i = first + k
            lat[i], lon[i], course[i], speed[i] = (
                room[4 * TOGETHER + k],
                room[5 * TOGETHER + k],
                room[6 * TOGETHER + k],
                room[7 * TOGETHER + k],
            )


@njit(cache=True, error_model="numpy", inline="always")
def of_enu(lat0: float, dlon0: float, height0: float, east: float, north: float, up: float) -> tuple[float, float, float, float, float]:
    """Return sine and cosine of the latitude, sine and cosine of the longitude, and the height, of a point seen from a place.

    The longitudes are from any meridian: give the place's from the plane's centre and `project` takes the answer. Bowring's
    start and two more turns without an angle: below 1e-9 m from the ground to 1,000 km, as `ellipsoid.ecef_to_geodetic`.
    """
    sa, ca, so, co = math.sin(lat0), math.cos(lat0), math.sin(dlon0), math.cos(dlon0)
    n = A_M / math.sqrt(1.0 - E2 * sa * sa)
    out = (n + height0) * ca - sa * north + ca * up
    x, y = out * co - east * so, out * so + east * co
    z = (n * (1.0 - E2) + height0) * sa + ca * north + sa * up
    p = math.sqrt(x * x + y * y)
    sb, cb = z * RATIO, p  # reduced latitude, not yet of length one
    s, c = 0.0, 1.0
    for _ in range(3):
        f = 1.0 / math.sqrt(sb * sb + cb * cb)
        sb, cb = sb * f, cb * f
        s, c = z + EP2B * sb * sb * sb, p - E2 * A_M * cb * cb * cb
        sb, cb = (1.0 - F) * s, c
    f = 1.0 / math.sqrt(s * s + c * c)
    s, c = s * f, c * f
    height = p * c + z * s - A_M * math.sqrt(1.0 - E2 * s * s)
    if p > 0.0:
        return s, c, y / p, x / p, height
    return s, c, 0.0, 1.0, height


@njit(cache=True, error_model="numpy")
def of_polar(
    lat0: float, dlon0: float, height0: float, gaussian_m: float, r: float, sin_az: float, cos_az: float, height: float
) -> tuple[float, float, float, float, float]:
    """Place a radar plot as `ellipsoid.geodetic_of_polar`: slant range in metres, azimuth, and the target's own height.

    gaussian_m is the Gaussian radius at the radar. Returns sine and cosine of the latitude, sine and cosine of the longitude
    from the meridian that dlon0 is from, and the height reached.
    """
    re = gaussian_m + height0
    aim = height
    s, c, sd, cd, got = 0.0, 1.0, 0.0, 1.0, 0.0
    for _ in range(3):
        d = aim - height0
        sine = (d * (2.0 * re + d) - r * r) / (2.0 * r * re)
        sine = min(max(sine, -1.0), 1.0)
        ground = r * math.sqrt(1.0 - sine * sine)
        s, c, sd, cd, got = of_enu(lat0, dlon0, height0, ground * sin_az, ground * cos_az, r * sine)
        if abs(sine) >= 1.0:
            break
        aim += height - got
    return s, c, sd, cd, got

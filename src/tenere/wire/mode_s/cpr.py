"""Compact Position Reporting: 17 bits of latitude and of longitude, in even and odd grids that differ by one zone.

An even and an odd report together give the position anywhere on the globe; a single one gives it within half a zone
(about 3 degrees of latitude in the air, 45 NM on the ground) of a position already known. (DO-260B appendix A.1.7;
ICAO Doc 9871 C.2.6; formally analysed in Dutle et al., NASA Formal Methods 2017.)

Zone arithmetic is done as `degrees * zones / 360`, which loses nothing for positions on a binary grid of the circle.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

ZONES = 15  # latitude zones from the equator to a pole, of the even grid
STEPS = 131072.0  # 2^17


def _transitions() -> NDArray[np.float64]:
    """Return (58,) latitudes, rising, at which the number of longitude zones falls from 59 to 1 (10.4704713 first, 87 last)."""
    zones = np.arange(59, 1, -1)
    ratio = (1.0 - np.cos(np.pi / (2 * ZONES))) / (1.0 - np.cos(2.0 * np.pi / zones))
    latitude = np.degrees(np.arccos(np.sqrt(np.minimum(ratio, 1.0))))
    latitude[-1] = 87.0  # exact by definition: the formula gives it but for rounding
    return np.asarray(latitude, np.float64)


TRANSITIONS_DEG = _transitions()


@njit(cache=True)
def zones_at(lat_deg: float) -> int:
    """Return NL, the number of even longitude zones at a latitude: 59 at the equator, 2 up to 87 degrees, 1 beyond."""
    a = abs(lat_deg)
    if a == 87.0:
        return 2
    return 59 - int(np.searchsorted(TRANSITIONS_DEG, a, side="right"))


@njit(cache=True)
def _wrap(lon_deg: float) -> float:
    """Bring a longitude into -180..180."""
    return lon_deg - 360.0 * math.floor(lon_deg / 360.0 + 0.5)


@njit(cache=True)
def latitudes(even: int, odd: int, surface: int) -> tuple[float, float]:
    """Return the latitudes in degrees of an even and an odd report of one place.

    On the surface the solution is the northern one; the southern one is 90 degrees less. In the air a latitude out of
    -90..90 means that the two are of different places.
    """
    span = 90.0 if surface else 360.0
    j = math.floor((59 * even - 60 * odd) / STEPS + 0.5)
    lat_even = span / 60.0 * ((j % 60) + even / STEPS)
    lat_odd = span / 59.0 * ((j % 59) + odd / STEPS)
    if not surface:
        if lat_even >= 270.0:
            lat_even -= 360.0
        if lat_odd >= 270.0:
            lat_odd -= 360.0
    return lat_even, lat_odd


@njit(cache=True)
def longitude(even: int, odd: int, newest_odd: int, zones: int, surface: int) -> float:
    """Return the longitude in degrees (-180..180; on the surface modulo 90) of the newest of two reports, both with NL = zones."""
    span = 90.0 if surface else 360.0
    m = math.floor((even * (zones - 1) - odd * zones) / STEPS + 0.5)
    count = max(zones - 1, 1) if newest_odd else zones
    lon = span / count * ((m % count) + (odd if newest_odd else even) / STEPS)
    return lon if surface else _wrap(lon)


@njit(cache=True)
def decode_local(lat_cpr: int, lon_cpr: int, is_odd: int, surface: int, near_lat_deg: float, near_lon_deg: float) -> tuple[float, float]:
    """Return latitude and longitude in degrees of one report, the solution nearest a known position (NaN past a pole)."""
    span = 90.0 if surface else 360.0
    lat_zones = 60 - is_odd
    y = lat_cpr / STEPS
    j = math.floor(near_lat_deg * lat_zones / span - y + 0.5)
    lat = span / lat_zones * (j + y)
    if abs(lat) > 90.0:
        return np.nan, np.nan
    lon_zones = max(zones_at(lat) - is_odd, 1)
    x = lon_cpr / STEPS
    m = math.floor(near_lon_deg * lon_zones / span - x + 0.5)
    return lat, _wrap(span / lon_zones * (m + x))


@njit(cache=True)
def decode_global(
    even_lat: int,
    even_lon: int,
    odd_lat: int,
    odd_lon: int,
    newest_odd: int,
    surface: int,
    near_lat_deg: float,
    near_lon_deg: float,
) -> tuple[float, float]:
    """Return latitude and longitude in degrees of the newest of an even and an odd report, NaN where they do not agree.

    On the surface the four-fold (and north or south) ambiguity goes to the solution nearest the given position, which
    is not used in the air.
    """
    lat_even, lat_odd = latitudes(even_lat, odd_lat, surface)
    if surface and near_lat_deg < 0.5 * (lat_even + lat_odd) - 45.0:
        lat_even -= 90.0
        lat_odd -= 90.0
    if abs(lat_even) > 90.0 or abs(lat_odd) > 90.0:
        return np.nan, np.nan
    zones = zones_at(lat_even)
    if zones != zones_at(lat_odd):
        return np.nan, np.nan
    lat = lat_odd if newest_odd else lat_even
    lon = longitude(even_lon, odd_lon, newest_odd, zones, surface)
    if surface:
        lon = _wrap(lon + 90.0 * math.floor((near_lon_deg - lon) / 90.0 + 0.5))
    return lat, lon


def encode(
    lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64], odd: NDArray[np.bool_], *, surface: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the 17-bit latitude and longitude fields of positions (n,); odd (n,) chooses the grid."""
    span = 90.0 if surface else 360.0
    lat_zones = np.where(odd, 59, 60)
    whole = np.floor(lat_deg * lat_zones / span + 0.5 / STEPS)
    y = np.floor((lat_deg * lat_zones / span - np.floor(lat_deg * lat_zones / span)) * STEPS + 0.5).astype(np.int64)
    shown = span / lat_zones * (whole + (y % 131072) / STEPS)  # the latitude that a receiver will find
    zones = 59 - np.searchsorted(TRANSITIONS_DEG, np.abs(shown), side="right")
    zones = np.where(np.abs(shown) == 87.0, 2, zones)
    lon_zones = np.maximum(zones - odd, 1)
    x = np.floor((lon_deg * lon_zones / span - np.floor(lon_deg * lon_zones / span)) * STEPS + 0.5).astype(np.int64)
    return y & 0x1FFFF, x & 0x1FFFF

"""Pressure, pressure altitude, altitude by QNH, true altitude: the standard atmosphere and what a day makes of it.

ICAO Doc 7488 (Manual of the ICAO Standard Atmosphere, third edition 1993), section 2: layers of constant temperature gradient over
geopotential altitude. An altimeter is a barometer with that scale: set to 1013.25 hPa it says the *pressure altitude*, set to QNH
the *altitude*. Where the air is warmer than the standard its layers are thicker, and everybody flies higher than the altimeter says.

    >>> round(float(pressure_pa(11_000.0))), round(float(pressure_altitude_m(50_000.0)))
    (22632, 5574)
    >>> float(altitude_m(3000.0, 101_325.0)), round(float(altitude_m(3000.0, 100_000.0)))
    (3000.0, 2889)

Angles in radians, lengths in metres, pressures in pascals, temperatures in kelvins. Arrays broadcast together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.units import FLIGHT_LEVEL_M, FOOT_M

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    F64 = NDArray[np.float64]

STANDARD_PA = 101_325.0
STANDARD_K = 288.15
GRAVITY = 9.80665
"""m/s2; of geopotential metres."""
GAS = 287.05287
"""J/(kg K), of dry air (Doc 7488, table A)."""
LOWEST_M, HIGHEST_M = -5_000.0, 47_000.0
"""Where the layers below are meant for; beyond, the outer ones go on."""

_BASE_M = np.array([0.0, 11_000.0, 20_000.0, 32_000.0])
_LAPSE = np.array([-0.0065, 0.0, 0.001, 0.0028])  # kelvins a metre (Doc 7488, table D)


def _bases() -> tuple[F64, F64]:
    """Return temperature and pressure at the base of each layer: 216.65 K and 22,632 Pa at 11 km, 5,474.9 Pa at 20 km."""
    t, p = [STANDARD_K], [STANDARD_PA]
    for k in range(3):
        depth = _BASE_M[k + 1] - _BASE_M[k]
        above = t[k] + _LAPSE[k] * depth
        ratio = np.exp(-GRAVITY * depth / (GAS * t[k])) if _LAPSE[k] == 0.0 else (above / t[k]) ** (-GRAVITY / (GAS * _LAPSE[k]))
        t.append(float(above))
        p.append(float(p[k] * ratio))
    return np.array(t), np.array(p)


_BASE_K, _BASE_PA = _bases()


def standard_temperature_k(pressure_altitude_m: ArrayLike) -> F64:
    """Return the standard atmosphere's temperature (Doc 7488, equation 2)."""
    h = np.asarray(pressure_altitude_m, float)
    k = np.clip(np.searchsorted(_BASE_M, h, side="right") - 1, 0, 3)
    return np.asarray(_BASE_K[k] + _LAPSE[k] * (h - _BASE_M[k]))


def pressure_pa(pressure_altitude_m: ArrayLike) -> F64:
    """Return the pressure at a pressure altitude (Doc 7488, equations 5 and 6)."""
    h = np.asarray(pressure_altitude_m, float)
    k = np.clip(np.searchsorted(_BASE_M, h, side="right") - 1, 0, 3)
    depth, t, lapse = h - _BASE_M[k], _BASE_K[k], _LAPSE[k]
    level = lapse == 0.0
    safe = np.where(level, 1.0, lapse)
    with np.errstate(invalid="ignore"):
        power = np.power(np.maximum(1.0 + safe * depth / t, 1e-9), -GRAVITY / (GAS * safe))
        return np.asarray(_BASE_PA[k] * np.where(level, np.exp(-GRAVITY * depth / (GAS * t)), power))


def pressure_altitude_m(pressure_pa: ArrayLike) -> F64:
    """Return the pressure altitude of a pressure: the inverse of `pressure_pa`. NaN of what is not above 0 Pa."""
    p = np.asarray(pressure_pa, float)
    p = np.where(p > 0.0, p, np.nan)
    k = np.clip(3 - np.searchsorted(_BASE_PA[3:0:-1], p, side="left"), 0, 3)
    t, lapse, ratio = _BASE_K[k], _LAPSE[k], p / _BASE_PA[k]
    level = lapse == 0.0
    safe = np.where(level, 1.0, lapse)
    power = t / safe * (np.power(ratio, -GAS * safe / GRAVITY) - 1.0)
    return np.asarray(_BASE_M[k] + np.where(level, -GAS * t / GRAVITY * np.log(ratio), power))


def altitude_m(level_m: ArrayLike, qnh_pa: ArrayLike) -> F64:
    """Return what an altimeter set to QNH says where one set to 1013.25 hPa says level_m.

    The setting moves the whole scale by the pressure altitude of QNH (Doc 8168 volume III, altimeter setting): some 8.3 m a hectopascal.
    """
    return np.asarray(np.asarray(level_m, float) - pressure_altitude_m(qnh_pa))


def level_m(altitude_m: ArrayLike, qnh_pa: ArrayLike) -> F64:
    """Return the pressure altitude of an altitude by QNH: the inverse of `altitude_m`."""
    return np.asarray(np.asarray(altitude_m, float) + pressure_altitude_m(qnh_pa))


def _warmth(h: F64, base: F64, warmer_k: F64) -> F64:
    """Return how much thicker the air from pressure altitude base to h is where it is warmer_k warmer at each of them: up to 20 km."""

    def inverse_sum(z: F64) -> F64:
        below, above = np.minimum(z, _BASE_M[1]), np.maximum(z - _BASE_M[1], 0.0)
        return np.asarray(np.log(standard_temperature_k(below) / STANDARD_K) / _LAPSE[0] + above / _BASE_K[1])

    return np.asarray(warmer_k * (inverse_sum(h) - inverse_sum(base)))


def true_altitude_m(level_m: ArrayLike, qnh_pa: ArrayLike = STANDARD_PA, warmer_k: ArrayLike = 0.0, lat_rad: ArrayLike = np.nan) -> F64:
    """Return the geometric altitude above mean sea level of a pressure altitude, up to 20 km.

    warmer_k: the air is that much warmer than the standard, at all heights alike; lat_rad: for gravity, NaN for the standard's.
    From the hydrostatic equation, each layer of the scale is (1 + warmer_k / T) as thick as the standard's (10 K at 10 km: 390 m).
    """
    h, warmer = np.asarray(level_m, float), np.asarray(warmer_k, float)
    base = pressure_altitude_m(qnh_pa)
    return geometric_m(h - base + _warmth(h, base, warmer), lat_rad)


def level_of_true_m(altitude_m: ArrayLike, qnh_pa: ArrayLike = STANDARD_PA, warmer_k: ArrayLike = 0.0, lat_rad: ArrayLike = np.nan) -> F64:
    """Return the pressure altitude of a geometric altitude above mean sea level: the inverse of `true_altitude_m`, to a micrometre."""
    up, warmer, base = geopotential_m(altitude_m, lat_rad), np.asarray(warmer_k, float), pressure_altitude_m(qnh_pa)
    h = np.asarray(up + base, float)
    for _ in range(6):  # Newton: what is warmer by 30 K is steeper by an eighth at most
        h = h - (h - base + _warmth(h, base, warmer) - up) / (1.0 + warmer / standard_temperature_k(h))
    return np.asarray(h)


STANDARD_RADIUS_M = 6_356_766.0
"""Radius by which Doc 7488 turns geopotential into geometric altitude (equation 8)."""


def _gravity(lat_rad: ArrayLike) -> tuple[F64, F64]:
    """Return gravity at sea level as a share of the standard, and the radius over which it falls off with the square.

    WGS-84 normal gravity (Somigliana; NIMA TR8350.2, equation 4-1) and its vertical gradient 2 g (1 + f + m - 2 f sin2) / a.
    """
    lat = np.asarray(lat_rad, float)
    s2 = np.sin(np.where(np.isfinite(lat), lat, 0.0)) ** 2
    g = 9.780_325_335_9 * (1.0 + 0.001_931_852_652_41 * s2) / np.sqrt(1.0 - 0.006_694_379_990_13 * s2)
    radius = 6_378_137.0 / (1.0 + 0.003_352_810_665 + 0.003_449_786_507 - 2.0 * 0.003_352_810_665 * s2)
    known = np.isfinite(lat)
    return np.where(known, g / GRAVITY, 1.0), np.where(known, radius, STANDARD_RADIUS_M)


def geometric_m(geopotential_m: ArrayLike, lat_rad: ArrayLike = np.nan) -> F64:
    """Return the geometric altitude of a geopotential one (11,000 m: 11,019 m; at the equator 11,048 m)."""
    share, radius = _gravity(lat_rad)
    h = np.asarray(geopotential_m, float)
    return np.asarray(radius * h / (share * radius - h))


def geopotential_m(geometric_m: ArrayLike, lat_rad: ArrayLike = np.nan) -> F64:
    """Return the geopotential altitude of a geometric one: the inverse of `geometric_m`."""
    share, radius = _gravity(lat_rad)
    z = np.asarray(geometric_m, float)
    return np.asarray(share * radius * z / (radius + z))


def transition_level(transition_altitude_ft: ArrayLike, qnh_pa: ArrayLike, layer_ft: float = 0.0, step: int = 5) -> NDArray[np.int64]:
    """Return the transition level: the lowest flight level, a multiple of step, that lies layer_ft or more above the transition altitude.

    ICAO Doc 4444, 4.10.2: the lowest flight level available for use above the transition altitude. NaN QNH counts as standard.
    """
    qnh = np.asarray(qnh_pa, float)
    base_ft = pressure_altitude_m(np.where(np.isfinite(qnh), qnh, STANDARD_PA)) / FOOT_M
    least = (np.asarray(transition_altitude_ft, float) + layer_ft + base_ft) / 100.0
    return np.asarray(np.ceil(least / step - 1e-6) * step, np.int64)


def shown(
    level_m: ArrayLike, qnh_pa: ArrayLike, transition_altitude_ft: ArrayLike, layer_ft: float = 0.0, climbing: ArrayLike = 0, level: int = 0
) -> tuple[NDArray[np.bool_], F64]:
    """Return what a controller is shown: whether it is an altitude in feet by QNH, and its value; else a flight level (hundreds of feet).

    climbing: true where it climbs: between transition altitude and level what climbs is told by level, all else by altitude
    (ICAO Doc 8168 volume I, part III, 2.1). level: the transition level, if it was set by hand; 0: the one that follows.
    NaN QNH: a flight level at all heights. NaN stays NaN.
    """
    h, qnh = np.asarray(level_m, float), np.asarray(qnh_pa, float)
    height_ft = altitude_m(h, np.where(np.isfinite(qnh), qnh, STANDARD_PA)) / FOOT_M
    top_m = (level if level > 0 else transition_level(transition_altitude_ft, qnh, layer_ft)) * FLIGHT_LEVEL_M
    below = (height_ft <= np.asarray(transition_altitude_ft, float)) | ((h < top_m) & ~np.asarray(climbing, bool))
    as_altitude = np.isfinite(qnh) & np.isfinite(h) & below
    return as_altitude, np.where(as_altitude, height_ft, h / FLIGHT_LEVEL_M)

"""Two places in sight of each other: the direct ray, the one that the ground reflects, and what they add up to.

Rec. ITU-R P.528-5, Annex 2, sections 4 (terminals), 7 (ray optics), 8 (two rays) and 9 (reflection). The Earth's radius is
stretched so that rays become straight, by less the steeper they are. A path is named by the reflection's grazing angle: from 0
at the horizon to 90 degrees for places above each other; `grazing` finds it for a distance.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from tenere.coverage.propagation.rays import EARTH_KM, to_horizon

if TYPE_CHECKING:
    from tenere.coverage.propagation.gases import Profile

STRETCHED_KM = 9257.0
"""Effective radius of the Earth for rays near the ground: refractivity 341 at mean sea level (section 4)."""
LIGHT_KM_MHZ = 0.2997925
PERMITTIVITY = 15.0
CONDUCTIVITY_S_M = 0.005
"""Average ground, on which the Recommendation's curves are drawn."""
RIGHT_RAD = 0.5 * math.pi
HALVINGS = 60
DISTANCE_KM = 1e-3
"""Precision of a distance reached by its grazing angle. The published tables were made with this: finer, cells at the horizon of 30 GHz
would be 0.09 dB off them, and none below 16 GHz by more than 0.03."""
LEAST_STEP_RAD = 1e-12


class Terminal(NamedTuple):
    """One end of a path, alone: heights, and the ray to its horizon."""

    height_km: float
    """Above the sea."""
    horizon_km: float
    """Distance to the horizon, over the ground."""
    effective_km: float
    """Height from which straight rays over the stretched Earth have that horizon."""
    excess_km: float
    """Height less effective height."""
    ray_km: float
    """Length of the ray to the horizon."""
    gas_db: float
    """Absorption along it."""
    elevation_rad: float
    """Angle by which it goes down from here."""


class Rays(NamedTuple):
    """The direct and the reflected ray of one path."""

    distance_km: float
    """Over the ground."""
    direct_km: float
    """Length of the direct ray."""
    reflected_km: float
    """Length of the reflected ray."""
    longer_km: float
    """By how much the reflected ray is longer."""
    low_km: float
    """Projected distance from the lower end to the reflection."""
    high_km: float
    """The same from the higher end."""
    radius_km: float
    """The Earth's, stretched for this path."""
    elevation_rad: float
    """Of the direct ray at the lower end."""


@njit(cache=True, error_model="numpy")
def terminal(profile: Profile, height_km: float) -> Terminal:
    """Return what belongs to one end alone: P.528-5, Annex 2, section 4."""
    horizon_km, elevation_rad, ray_km, gas_db = to_horizon(profile, height_km)
    effective_km = STRETCHED_KM / math.cos(horizon_km / STRETCHED_KM) - STRETCHED_KM
    return Terminal(height_km, horizon_km, effective_km, height_km - effective_km, ray_km, gas_db, elevation_rad)


@njit(cache=True, error_model="numpy")
def _sphere(end: Terminal, psi: float) -> tuple[float, float, float]:
    """Return the stretched radius (km), the end's height over it (km) and its angle from the reflection: equations 7-1 to 7-7."""
    radius = EARTH_KM / (1.0 + (EARTH_KM / STRETCHED_KM - 1.0) * math.cos(psi))
    height = end.height_km - end.excess_km * (radius - EARTH_KM) / (STRETCHED_KM - EARTH_KM)
    return radius, height, math.acos(radius * math.cos(psi) / (radius + height)) - psi


@njit(cache=True, error_model="numpy")
def reached(low: Terminal, high: Terminal, psi: float) -> float:
    """Return the distance over the ground (km) of the path whose reflection grazes at `psi`: equation 7-11."""
    radius, _, a = _sphere(low, psi)
    _, _, b = _sphere(high, psi)
    return max(radius * (a + b), 0.0)


@njit(cache=True, error_model="numpy")
def rays(low: Terminal, high: Terminal, psi: float) -> Rays:
    """Return both rays of the path whose reflection grazes at `psi` (rad): P.528-5, Annex 2, section 7."""
    radius, low_height, a = _sphere(low, psi)
    _, high_height, b = _sphere(high, psi)
    low_km = (radius + low_height) * math.sin(a)
    high_km = (radius + high_height) * math.sin(b)
    over = low_km + high_km
    low_rise, high_rise = low_height, high_height
    if psi <= 1.56:
        low_rise, high_rise = low_km * math.tan(psi), high_km * math.tan(psi)
    alpha = math.atan2(high_rise - low_rise, over)
    direct = max(abs(high_height - low_height), over / math.cos(alpha))
    reflected = over / math.cos(psi)
    longer = 4.0 * low_rise * high_rise / (direct + reflected)
    return Rays(max(radius * (a + b), 0.0), direct, reflected, longer, low_km, high_km, radius, alpha - a)


@njit(cache=True, error_model="numpy")
def grazing(low: Terminal, high: Terminal, distance_km: float) -> float:
    """Return the grazing angle (rad) of the path of a distance (km), to within 1 m of it, by halving."""
    if distance_km <= 0.0:
        return RIGHT_RAD
    psi, step = RIGHT_RAD, 0.5 * RIGHT_RAD
    short = False
    while step > LEAST_STEP_RAD:
        psi += step if short else -step
        step *= 0.5
        at_km = reached(low, high, psi)
        if abs(at_km - distance_km) <= DISTANCE_KM:
            break
        short = at_km > distance_km
    return psi


@njit(cache=True, error_model="numpy")
def grazing_longer(low: Terminal, high: Terminal, longer_km: float) -> float:
    """Return the grazing angle (rad) at which the reflected ray is so much longer (km) than the direct."""
    psi, step = RIGHT_RAD, 0.5 * RIGHT_RAD
    less = False
    for _ in range(HALVINGS):
        psi += step if less else -step
        step *= 0.5
        found = rays(low, high, psi).longer_km
        if abs(found - longer_km) < 1e-6 * longer_km:
            break
        less = found < longer_km
    return psi


@njit(cache=True, error_model="numpy")
def reflection(psi: float, mhz: float, vertical: bool) -> tuple[float, float]:
    """Return size and phase lag (rad) of the reflection of a plane wave at average ground: P.528-5, Annex 2, section 9.

    These are Fresnel's coefficients, and the tests hold them to their complex form.
    """
    sine = math.sin(psi)
    x = 18000.0 * CONDUCTIVITY_S_M / mhz
    y = PERMITTIVITY - math.cos(psi) ** 2
    p = math.sqrt(0.5 * (math.hypot(x, y) + y))
    q = x / (2.0 * p)
    size = p * p + q * q
    if vertical:
        b = (PERMITTIVITY**2 + x * x) / size
        a = 2.0 * (p * PERMITTIVITY + q * x) / size
        phase = math.atan2(x * sine - q, PERMITTIVITY * sine - p) - math.atan2(x * sine + q, PERMITTIVITY * sine + p)
    else:
        b = 1.0 / size
        a = 2.0 * p / size
        phase = math.atan2(-q, sine - p) - math.atan2(q, sine + p)
    square = b * sine * sine
    return math.sqrt((1.0 + square - a * sine) / (1.0 + square + a * sine)), phase


@njit(cache=True, error_model="numpy")
def bounced(path: Rays, psi: float, mhz: float, vertical: bool) -> tuple[float, float]:
    """Return size and phase (rad) of the reflected field beside the direct: equations 8-3 to 8-7.

    The sphere spreads what it reflects, and the longer way weakens it.
    """
    size, phase = reflection(psi, mhz, vertical)
    spread = 1.0
    if math.tan(psi) < 0.1:
        sine = math.sin(psi)
        both = path.low_km * path.high_km / (math.cos(psi) ** 2 * path.reflected_km)
        u = 2.0 * both / path.radius_km
        spread = 1.0 / math.sqrt(1.0 + u * (1.0 + sine * sine) / sine + u * u)
    return size * spread * min(path.direct_km / path.reflected_km, 1.0), phase


@njit(cache=True, error_model="numpy")
def interference_db(path: Rays, size: float, phase: float, mhz: float) -> float:
    """Return what the reflected field adds to the direct, in dB, never more than 0: equations 8-8 to 8-12."""
    lag = 2.0 * math.pi * path.longer_km * mhz / LIGHT_KM_MHZ + phase
    power = 1.0 + 2.0 * size * math.cos(lag) + size * size
    return 10.0 * math.log10(min(power, 1.0))

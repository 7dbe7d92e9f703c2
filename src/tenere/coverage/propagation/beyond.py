"""Beyond the horizon: diffraction around a smooth Earth, and scatter from the troposphere.

Rec. ITU-R P.528-5, Annex 2, sections 10 (diffraction, after L. E. Vogler, Calculation of groundwave attenuation in the far
diffraction region, Radio Science 68D, 1964) and 11 (scatter, after P. L. Rice et al., NBS Technical Note 101, 1967).
"""

from __future__ import annotations

import math

from numba import njit

from tenere.coverage.propagation.rays import EARTH_KM
from tenere.coverage.propagation.sight import CONDUCTIVITY_S_M, PERMITTIVITY, STRETCHED_KM, Terminal

SURFACE_N = 341.0
"""Refractivity at the ground, N-units."""
BEND = 1.0 / EARTH_KM - 1.0 / STRETCHED_KM
SCALE_KM = 1e-6 * SURFACE_N / BEND


@njit(cache=True, error_model="numpy")
def _spread_db(x_km: float) -> float:
    return 0.05751 * x_km - 10.0 * math.log10(x_km)


@njit(cache=True, error_model="numpy")
def _height_db(x_km: float, k: float) -> float:
    """Return the gain of an end by its scaled horizon distance: P.528-5, Annex 2, section 10, and ES-83-3, equations 72 to 75."""
    straight = 40.0 * math.log10(x_km) - 117.0
    if x_km > 2000.0:
        return _spread_db(x_km)
    if x_km > 200.0:
        weight = 0.0134 * x_km * math.exp(-0.005 * x_km)
        return weight * straight + (1.0 - weight) * _spread_db(x_km)
    if x_km >= -450.0 / math.log10(k) ** 3:
        return max(straight, -117.0)
    return 20.0 * math.log10(k) - 15.0 + 0.000025 * x_km * x_km / k


@njit(cache=True, error_model="numpy")
def diffraction_db(low_km: float, high_km: float, mhz: float, distance_km: float, vertical: bool) -> float:
    """Return the loss around a smooth Earth (dB) of ends with these horizon distances (km): P.528-5, Annex 2, section 10."""
    s = 18000.0 * CONDUCTIVITY_S_M / mhz
    size = (PERMITTIVITY - 1.0) ** 2 + s * s
    k = 0.01778 * math.pow(mhz, -1.0 / 3.0) * math.pow(size, -0.25)
    if vertical:
        k *= math.sqrt(PERMITTIVITY**2 + s * s)
    scale = (1.607 - k) * math.pow(mhz, 1.0 / 3.0)
    return _spread_db(scale * distance_km) - _height_db(scale * low_km, k) - _height_db(scale * high_km, k) - 20.0


@njit(cache=True, error_model="numpy")
def _bend(height_km: float) -> float:
    return 1.0 / EARTH_KM - BEND * math.exp(-min(35.0, height_km / SCALE_KM))


@njit(cache=True, error_model="numpy")
def _straight_km(end: Terminal) -> float:
    """Return the straight distance (km) from an end to its horizon over the stretched Earth: equation 11-24."""
    half = math.sin(0.5 * end.horizon_km / STRETCHED_KM)
    return math.sqrt(end.effective_km**2 + 4.0 * (STRETCHED_KM + end.effective_km) * STRETCHED_KM * half * half)


@njit(cache=True, error_model="numpy")
def scatter(low: Terminal, high: Terminal, mhz: float, distance_km: float) -> tuple[float, float, float]:
    """Return the scatter loss beside free space (dB), the scattering angle (rad) and the volume's height over the horizons (km).

    All are 0 up to the distance at which the horizons meet. P.528-5, Annex 2, section 11.
    """
    half = 0.5 * (distance_km - low.horizon_km - high.horizon_km)
    if half <= 0.0:
        return 0.0, 0.0, 0.0
    square = half * half
    # the rays from the horizons to the common volume, bent less the higher they come (equations 11-7 to 11-19)
    ground = _bend(0.0)
    quarter_bend = _bend(square / (8.0 * STRETCHED_KM))
    half_bend = _bend(square / (2.0 * STRETCHED_KM))
    low_bend = _bend((7.0 * ground + 6.0 * quarter_bend - half_bend) * square / 96.0)
    high_bend = _bend((ground + 2.0 * quarter_bend) * square / 6.0)
    volume_km = (ground + 2.0 * low_bend) * square / 6.0
    angle = (ground + 4.0 * low_bend + high_bend) * half / 3.0
    # how well the air there scatters (11-20 to 11-23)
    e1 = 5.67e-6 * SURFACE_N**2 - 0.00232 * SURFACE_N + 0.031
    e2 = 0.0002 * SURFACE_N**2 - 0.06 * SURFACE_N + 6.6
    gamma = 0.1424 * (1.0 + e1 * math.exp(-min(35.0, (0.25 * volume_km) ** 6)))
    air_db = 83.1 - e2 / (1.0 + 0.07716 * volume_km**2) + 20.0 * math.log10((0.1424 / gamma) ** 2 * math.exp(gamma * volume_km))
    # how much of it both ends see (11-24 to 11-38)
    a_km, b_km = _straight_km(low) + half, _straight_km(high) + half
    over_km = a_km + b_km
    s = (a_km - b_km) / over_km
    eta = 0.5 * gamma * angle * over_km
    wave = mhz / 0.0477
    a, b = 2.0 * wave * angle * low.effective_km, 2.0 * wave * angle * high.effective_km
    aa, bb = a * a, b * b
    u, v = ((1.0 + s) ** 2 * eta) ** 2, ((1.0 - s) ** 2 * eta) ** 2
    p, q = u + aa, v + bb
    mixed = 6.0 + 8.0 * s * s + 8.0 * (1.0 - s) * u * aa / (p * p) + 8.0 * (1.0 + s) * v * bb / (q * q)
    mixed += 2.0 * (1.0 - s * s) * (1.0 + 2.0 * u / p) * (1.0 + 2.0 * v / q)
    root = math.sqrt(2.0)
    near = 12.0 * ((a + root) / a) ** 2 * ((b + root) / b) ** 2 * (a + b) / (a + b + 2.0 * root)
    volume_db = 10.0 * math.log10(((1.0 - s * s) ** 2 * eta * eta + mixed * eta) * p * q / (aa * bb) + near)
    return air_db + volume_db + 10.0 * math.log10(wave * angle**3 / over_km), angle, volume_km

"""The mean annual global reference atmosphere, and the refractive index of its air.

Rec. ITU-R P.835-6, Annex 1, section 1 (temperature, pressure, water vapour against height) and Rec. ITU-R P.453-14, Annex 1,
equations 1 to 6 with the constants that P.676-12 uses (refractive index). Heights are geometric, above mean sea level, in km.
Above 80 km the air is taken for none: no path of an aircraft comes there.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

TOP_KM = 80.0
GEOPOTENTIAL_RADIUS_KM = 6356.766
GROUND_VAPOUR_G_M3 = 7.5
VAPOUR_SCALE_KM = 2.0
LEAST_MIXING = 2e-6
"""Water vapour over dry pressure is never less than this: P.835, the end of section 1.2."""
VAPOUR_CONSTANT = 216.7
HYDROSTATIC_K_KM = 34.1632

# Of each layer, by geopotential height: where it begins, its temperature there, the lapse rate, the pressure there.
BASE_KM = np.array([0.0, 11.0, 20.0, 32.0, 47.0, 51.0, 71.0])
BASE_K = np.array([288.15, 216.65, 216.65, 228.65, 270.65, 270.65, 214.65])
LAPSE_K_KM = np.array([-6.5, 0.0, 1.0, 2.8, 0.0, -2.8, -2.0])
BASE_HPA = np.array([1013.25, 226.3226, 54.74980, 8.680422, 1.109106, 0.6694167, 0.03956649])


@njit(cache=True, error_model="numpy")
def air(height_km: float) -> tuple[float, float, float]:
    """Return temperature (K), dry pressure (hPa) and water-vapour pressure (hPa) at a height of 0 to 80 km.

    P.835-6, equations 2a to 2g, 3a to 3g, 6 to 8.
    """
    h = GEOPOTENTIAL_RADIUS_KM * height_km / (GEOPOTENTIAL_RADIUS_KM + height_km)
    i = 0
    while i < 6 and h > BASE_KM[i + 1]:
        i += 1
    over = h - BASE_KM[i]
    kelvin = BASE_K[i] + LAPSE_K_KM[i] * over
    if LAPSE_K_KM[i] == 0.0:
        dry_hpa = BASE_HPA[i] * math.exp(-HYDROSTATIC_K_KM * over / BASE_K[i])
    else:
        dry_hpa = BASE_HPA[i] * math.pow(BASE_K[i] / kelvin, HYDROSTATIC_K_KM / LAPSE_K_KM[i])
    vapour_g_m3 = GROUND_VAPOUR_G_M3 * math.exp(-height_km / VAPOUR_SCALE_KM)
    vapour_g_m3 = max(vapour_g_m3, LEAST_MIXING * VAPOUR_CONSTANT * dry_hpa / kelvin)
    return kelvin, dry_hpa, vapour_g_m3 * kelvin / VAPOUR_CONSTANT


@njit(cache=True, error_model="numpy")
def refractive_index(kelvin: float, dry_hpa: float, vapour_hpa: float) -> float:
    """Return the radio refractive index of air of a temperature (K), dry pressure and vapour pressure (hPa)."""
    return 1.0 + 1e-6 * (77.6 * dry_hpa / kelvin + 72.0 * vapour_hpa / kelvin + 3.75e5 * vapour_hpa / (kelvin * kelvin))

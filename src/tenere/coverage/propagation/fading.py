"""How a loss varies in time: from hour to hour with the weather, and from moment to moment by many weak paths.

Rec. ITU-R P.528-5, Annex 2, sections 13 (time variability), 14 (long-term), 15 (combining) and table of the Nakagami-Rice
distribution. A percentage is of the time in which the loss is less than the value, so a gain Y exceeded for it is taken off.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]

PERCENT = np.array([1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 85.0, 90.0, 95.0, 98.0, 99.0])
RICE_K_DB = np.array([-40.0, -25.0, -20.0, -18.0, -16.0, -14.0, -12.0, -10.0, -8.0, -6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 20.0])
RICE_DB = 1e-4 * np.array(
    [
        [-1417, -1252, -1004, -784, -634, -515, -321, -155, 0, 156, 323, 518, 639, 791, 1016, 1271, 1441],
        [-7676, -6811, -5497, -4312, -3504, -2856, -1790, -870, 0, 878, 1828, 2953, 3651, 4537, 5868, 7390, 8420],
        [-13183, -11738, -9524, -7508, -6121, -5003, -3151, -1537, 0, 1564, 3269, 5308, 6585, 8218, 10696, 13572, 15544],
        [-16263, -14507, -11805, -9332, -7623, -6240, -3940, -1926, 0, 1969, 4127, 6722, 8355, 10453, 13660, 17417, 20014],
        [-19963, -17847, -14573, -11557, -9462, -7760, -4916, -2410, 0, 2478, 5209, 8519, 10615, 13326, 17506, 22463, 25931],
        [-24355, -21829, -17896, -14247, -11695, -9613, -6113, -3007, 0, 3114, 6573, 10802, 13505, 17028, 22526, 29156, 33872],
        [-29491, -26507, -21831, -17455, -14375, -11846, -7567, -3737, 0, 3903, 8281, 13698, 17198, 21808, 29119, 38143, 44714],
        [-35384, -31902, -26407, -21218, -17535, -14495, -9307, -4619, 0, 4874, 10404, 17348, 21898, 27975, 37820, 50373, 59833],
        [-41980, -37974, -31602, -25528, -21180, -17565, -11345, -5662, 0, 6045, 12999, 21887, 27814, 35868, 49288, 67171, 81319],
        [-49132, -44591, -37313, -30306, -25247, -21011, -13655, -6855, 0, 7415, 16078, 27374, 35059, 45714, 64060, 89732, 110973],
        [-56559, -51494, -43315, -35366, -29578, -24699, -16150, -8154, 0, 8935, 19530, 33611, 43363, 57101, 81216, 115185, 142546],
        [-63810, -58252, -49219, -40366, -33871, -28364, -18638, -9455, 0, 10458, 22979, 39771, 51450, 67874, 96276, 134690, 164251],
        [-70247, -64249, -54449, -44782, -37652, -31580, -20804, -10574, 0, 11723, 25755, 44471, 57363, 75266, 105553, 145401, 175511],
        [-75229, -68862, -58424, -48090, -40446, -33927, -22344, -11347, 0, 12535, 27446, 47144, 60581, 79073, 110003, 150270, 180526],
        [-78532, -71880, -60963, -50145, -42145, -35325, -23227, -11774, 0, 12948, 28268, 48377, 62021, 80724, 111869, 152265, 182566],
        [-80435, -73588, -62354, -51234, -43022, -36032, -23656, -11975, 0, 13130, 28619, 48888, 62610, 81388, 112607, 153047, 183361],
        [-82238, -75154, -63565, -52137, -43726, -36584, -23979, -12121, 0, 13255, 28855, 49224, 62992, 81814, 113076, 153541, 183864],
    ]
)
"""Loss over the median, not exceeded for a percentage (column), with K dB of scattered over steady power (row)."""

# Of the gains exceeded for 90 and for 10 % of the time at a distance, and of their median: constants of table 14 (Technical Note 101).
C1 = np.array([2.93e-4, 5.25e-4, 1.59e-5])
C2 = np.array([3.78e-8, 1.57e-6, 1.56e-11])
C3 = np.array([1.02e-7, 4.70e-7, 2.77e-8])
N1 = np.array([2.00, 1.97, 2.32])
N2 = np.array([2.88, 2.31, 4.08])
N3 = np.array([3.15, 2.90, 3.25])
FAR = np.array([3.2, 5.4, 0.0])
MOST = np.array([8.2, 10.0, 3.9])
RARE_PERCENT = np.array([1.0, 2.0, 5.0, 10.0])
RARE_FACTOR = np.array([1.9507, 1.7166, 1.3265, 1.0])
RARE_CAP_DB = np.array([5.0, 4.5, 3.7, 0.0])


@njit(cache=True, error_model="numpy")
def normal_quantile(q: float) -> float:
    """Return the standard normal value exceeded with probability q, 0 < q < 1: Rec. ITU-R P.1057-6, to 4.5e-4."""
    x = min(q, 1.0 - q)
    t = math.sqrt(-2.0 * math.log(x))
    z = t - ((0.010328 * t + 0.802853) * t + 2.515516) / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1.0)
    return z if q <= 0.5 else -z


@njit(cache=True, error_model="numpy")
def _place(axis: Floats, x: float) -> tuple[int, float]:
    """Return interval and fraction of a value on an axis, held within it."""
    i = 0
    while i < axis.size - 2 and x > axis[i + 1]:
        i += 1
    return i, min(max((x - axis[i]) / (axis[i + 1] - axis[i]), 0.0), 1.0)


@njit(cache=True, error_model="numpy")
def _between(axis: Floats, values: Floats, x: float) -> float:
    i, f = _place(axis, x)
    return float(values[i] + f * (values[i + 1] - values[i]))


@njit(cache=True, error_model="numpy")
def rice_db(k_db: float, percent: float) -> float:
    """Return the loss over the median (dB) not exceeded for a percentage, of weak paths with K dB of the steady one's power."""
    i, f = _place(RICE_K_DB, k_db)
    j, g = _place(PERCENT, percent)
    a = RICE_DB[i, j] + f * (RICE_DB[i + 1, j] - RICE_DB[i, j])
    b = RICE_DB[i, j + 1] + f * (RICE_DB[i + 1, j + 1] - RICE_DB[i, j + 1])
    return float(a + g * (b - a))


@njit(cache=True, error_model="numpy")
def rice_k_db(loss_99_db: float) -> float:
    """Return the K (dB) of which the loss not exceeded for 99 % is this."""
    last = PERCENT.size - 1
    i = 0
    while i < RICE_K_DB.size - 2 and loss_99_db > RICE_DB[i + 1, last]:
        i += 1
    f = (loss_99_db - RICE_DB[i, last]) / (RICE_DB[i + 1, last] - RICE_DB[i, last])
    return float(RICE_K_DB[i] + min(max(f, 0.0), 1.0) * (RICE_K_DB[i + 1] - RICE_K_DB[i]))


@njit(cache=True, error_model="numpy")
def _long_term(distance_km: float) -> tuple[float, float, float]:
    """Return the gains (dB) exceeded for 90 and 10 % over the median, and the median's, at an effective distance (km)."""
    z = np.empty(3)
    for i in range(3):
        far = FAR[i] + (MOST[i] - FAR[i]) * math.exp(-C2[i] * math.pow(distance_km, N2[i]))
        z[i] = (C1[i] * math.pow(distance_km, N1[i]) - far) * math.exp(-C3[i] * math.pow(distance_km, N3[i])) + far
    return z[0], z[1], z[2]


@njit(cache=True, error_model="numpy")
def weather_db(
    horizons_km: float, distance_km: float, mhz: float, percent: float, share: float, gain_db: float
) -> tuple[float, float, float]:
    """Return the gains (dB) exceeded for half and for `percent` of the hours, and how much was taken off them (dB).

    `horizons_km` is the sum of the ends' horizon distances, `share` what part of the weather's effect the ray feels (1 for level ones),
    `gain_db` the median level over free space. P.528-5, Annex 2, section 14.
    """
    reach = horizons_km + 65.0 * math.pow(100.0 / mhz, 1.0 / 3.0)
    effective = 130.0 * distance_km / reach if distance_km <= reach else 130.0 + distance_km - reach
    z90, z10, median = _long_term(effective)
    wave = math.sin(5.22 * math.log10(mhz / 200.0))
    g10, g90 = (1.05, 1.05) if mhz > 1600.0 else (0.21 * wave + 1.28, 0.18 * wave + 1.23)
    off = max(gain_db + share * (z10 * g10 + median) - 3.0, 0.0)
    if percent == 50.0:
        gain = median
    elif percent > 50.0:
        gain = median - z90 * g90 * normal_quantile(0.01 * percent) / normal_quantile(0.9)
    elif percent >= 10.0:
        gain = median + z10 * g10 * normal_quantile(0.01 * percent) / normal_quantile(0.1)
    else:
        gain = median + z10 * g10 * _between(RARE_PERCENT, RARE_FACTOR, percent)
    gain = share * gain - off
    if percent < 10.0:
        gain = min(gain, _between(RARE_PERCENT, RARE_CAP_DB, percent) - gain_db)
    return share * median - off, gain, off


@njit(cache=True, error_model="numpy")
def total_db(weather_50_db: float, weather_p_db: float, rice_p_db: float, percent: float) -> float:
    """Return the gain (dB) exceeded for `percent` of the time: P.528-5, Annex 2, section 15."""
    both = math.hypot(weather_p_db - weather_50_db, rice_p_db)
    return weather_50_db + both if percent < 50.0 else weather_50_db - both

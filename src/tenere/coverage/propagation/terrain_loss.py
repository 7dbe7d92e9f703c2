"""Loss behind hills: the delta-Bullington method of Rec. ITU-R P.526-15, section 4.5, over a terrain profile.

The profile as a whole acts as one knife edge (Bullington), which says too little behind a smooth Earth. So the loss around the sphere
that fits the profile is computed too (section 3, first term of the residue series), and where it exceeds what Bullington makes of
the same smooth profile, the difference is added. It is over free space, the median of an average year when the Earth's radius is that
of median refraction. Ground is average land. Distances in km and heights in m inside, as the Recommendation has them.

A profile is two rows: distances from one end (m, growing from 0) and heights of the ground, trees or houses above the sea (m).
Antennas are given above the sea too. A kernel may be given the first `count` points of a longer row, so a radial serves
all its distances.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]

LIGHT_M_S = 299_792_458.0
EFFECTIVE_M = 6_371_000.0 * 4.0 / 3.0
PERMITTIVITY, CONDUCTIVITY_S_M = 22.0, 0.003
"""Average ground: P.526-15, section 3.1.1.2."""


@njit(cache=True, error_model="numpy")
def knife_edge_db(nu: float) -> float:
    """Return the loss (dB) over a knife edge by Fresnel's parameter: P.526-15, equation 31; 0 below -0.78."""
    if not nu > -0.78:
        return 0.0
    x = nu - 0.1
    return 6.9 + 20.0 * math.log10(math.sqrt(x * x + 1.0) + x)


@njit(cache=True, error_model="numpy")
def bullington_db(
    distances_m: Floats, heights_m: Floats, count: int, ends_m: tuple[float, float], wave_m: float, radius_km: float, flat: bool
) -> float:
    """Return the loss (dB) of a profile as one knife edge: P.526-15, section 4.5.1.

    `ends_m` are the antennas' heights; with `flat` the ground is at 0 all along.
    """
    hts, hrs = ends_m
    d = 1e-3 * distances_m[count - 1]
    up = back = highest = -math.inf
    direct = (hrs - hts) / d
    for i in range(1, count - 1):
        x = 1e-3 * distances_m[i]
        y = d - x
        h = 500.0 * x * y / radius_km + (0.0 if flat else heights_m[i])
        up = max(up, (h - hts) / x)
        back = max(back, (h - hrs) / y)
        highest = max(highest, (h - (hts * y + hrs * x) / d) * math.sqrt(0.002 * d / (wave_m * x * y)))
    if up < direct:
        edge = knife_edge_db(highest)
    else:
        x = (hrs - hts + back * d) / (up + back)
        y = d - x
        edge = knife_edge_db((hts + up * x - (hts * y + hrs * x) / d) * math.sqrt(0.002 * d / (wave_m * x * y)))
    return float(edge + (1.0 - math.exp(-edge / 6.0)) * (10.0 + 0.02 * d))


@njit(cache=True, error_model="numpy")
def first_term_db(km: float, hte: float, hre: float, ghz: float, radius_km: float, vertical: bool) -> float:
    """Return the first term of the residue series (dB) for heights (m) over a sphere: P.526-15, section 3.1.1.

    Below the horizon it is the loss; above it may be anything, and is weighted by what calls it.
    """
    x = 18.0 * CONDUCTIVITY_S_M / ghz
    k = 0.036 * math.pow(radius_km * ghz, -1.0 / 3.0) * math.pow((PERMITTIVITY - 1.0) ** 2 + x * x, -0.25)
    if vertical:
        k *= math.sqrt(PERMITTIVITY**2 + x * x)
    kk = k * k
    beta = (1.0 + 1.6 * kk + 0.67 * kk * kk) / (1.0 + 4.5 * kk + 1.53 * kk * kk)
    away = 21.88 * beta * math.pow(ghz / (radius_km * radius_km), 1.0 / 3.0) * km
    decibels = 20.0 * math.log10(away)
    loss = 17.6 * away - 0.5 * decibels - 11.0 if away >= 1.6 else 5.6488 * math.pow(away, 1.425) + decibels
    for h in (hte, hre):
        b = 0.9575 * beta * beta * math.pow(ghz * ghz / radius_km, 1.0 / 3.0) * h
        gain = 17.6 * math.sqrt(b - 1.1) - 5.0 * math.log10(b - 1.1) - 8.0 if b > 2.0 else 20.0 * math.log10(b + 0.1 * b * b * b)
        loss -= max(gain, 2.0 + 20.0 * math.log10(k))
    return loss


@njit(cache=True, error_model="numpy")
def sphere_db(km: float, hte: float, hre: float, ghz: float, radius_km: float, vertical: bool) -> float:
    """Return the loss (dB) around a smooth sphere between heights over it (m): P.526-15, section 3.2."""
    wave_m = 1e-9 * LIGHT_M_S / ghz
    if km >= math.sqrt(0.002 * radius_km) * (math.sqrt(hte) + math.sqrt(hre)):
        return max(first_term_db(km, hte, hre, ghz, radius_km, vertical), 0.0)
    # where the path comes nearest to the sphere, and how much room the first Fresnel zone leaves there
    c = (hte - hre) / (hte + hre)
    m = 250.0 * km * km / (radius_km * (hte + hre))
    b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos(math.pi / 3.0 + math.acos(1.5 * c * math.sqrt(3.0 * m / (m + 1.0) ** 3)) / 3.0)
    x = 0.5 * km * (1.0 + b)
    y = km - x
    room = ((hte - 500.0 * x * x / radius_km) * y + (hre - 500.0 * y * y / radius_km) * x) / km
    needed = 17.456 * math.sqrt(x * y * wave_m / km)
    if room > needed:
        return 0.0
    touching_km = 500.0 * (km / (math.sqrt(hte) + math.sqrt(hre))) ** 2  # the radius at which this path would graze
    return max(first_term_db(km, hte, hre, ghz, touching_km, vertical), 0.0) * (1.0 - room / needed)


@njit(cache=True, error_model="numpy")
def over_smooth_m(distances_m: Floats, heights_m: Floats, count: int, ends_m: tuple[float, float]) -> tuple[float, float]:
    """Return the antennas' heights (m) over the smooth surface that fits a profile: P.526-15, section 4.5.4 (P.452-16, 5.1.6)."""
    hts, hrs = ends_m
    d = 1e-3 * distances_m[count - 1]
    v1 = v2 = 0.0
    tallest = seen_low = seen_high = -math.inf
    for i in range(1, count):
        a, b = 1e-3 * distances_m[i - 1], 1e-3 * distances_m[i]
        p, q = heights_m[i - 1], heights_m[i]
        v1 += (b - a) * (q + p)
        v2 += (b - a) * (q * (2.0 * b + a) + p * (b + 2.0 * a))
        if i < count - 1:
            over = q - (hts * (d - b) + hrs * b) / d
            tallest = max(tallest, over)
            seen_low = max(seen_low, over / b)
            seen_high = max(seen_high, over / (d - b))
    low, high = (2.0 * v1 * d - v2) / (d * d), (v2 - v1 * d) / (d * d)
    if tallest > 0.0:
        low -= tallest * seen_low / (seen_low + seen_high)
        high -= tallest * seen_high / (seen_low + seen_high)
    return hts - min(low, heights_m[0]), hrs - min(high, heights_m[count - 1])


@njit(cache=True, error_model="numpy")
def profile_db(
    distances_m: Floats, heights_m: Floats, count: int, ends_m: tuple[float, float], hz: float, radius_m: float, vertical: bool
) -> float:
    """Return the loss over free space (dB) along the first `count` points of a profile: P.526-15, section 4.5.4.

    `distances_m` and `heights_m` are `(n,)`, m, n >= count >= 2; `ends_m` the antennas' heights above the sea (m), above the ground of
    both ends; `radius_m` the Earth's effective radius. NaN where the two ends are one place.
    """
    if not distances_m[count - 1] > 0.0:
        return math.nan
    radius_km = 1e-3 * radius_m
    wave_m = LIGHT_M_S / hz
    actual = bullington_db(distances_m, heights_m, count, ends_m, wave_m, radius_km, False)
    over = over_smooth_m(distances_m, heights_m, count, ends_m)
    smooth = bullington_db(distances_m, heights_m, count, over, wave_m, radius_km, True)
    sphere = sphere_db(1e-3 * distances_m[count - 1], over[0], over[1], 1e-9 * hz, radius_km, vertical)
    return actual + max(sphere - smooth, 0.0)


def terrain_loss_db(
    distances_m: npt.ArrayLike,
    heights_m: npt.ArrayLike,
    low_m: float,
    high_m: float,
    *,
    frequency_hz: float,
    radius_m: float = EFFECTIVE_M,
    vertical: bool = True,
) -> float:
    """Return the diffraction loss over free space (dB) between two antennas over a profile.

    Distances from the first antenna (m, `(n,)`, growing from 0) and the ground's heights above the sea there (m, `(n,)`); `low_m` and
    `high_m` are the antennas' heights above the sea (m) at its first and last point, above ground. ValueError where that does not hold,
    a value is no number, or the frequency lies outside 30 MHz to 50 GHz. Rec. ITU-R P.526-15, section 4.5.
    """
    away = np.ascontiguousarray(distances_m, dtype=np.float64)
    ground = np.ascontiguousarray(heights_m, dtype=np.float64)
    if away.ndim != 1 or away.shape != ground.shape or away.size < 2:
        raise ValueError("a profile is one row of distances and one of heights, of two points at least")
    if away[0] != 0.0 or not bool(np.all(np.diff(away) > 0.0)) or not bool(np.all(np.isfinite(ground))):
        raise ValueError("a profile's distances grow from 0, and its heights are numbers")
    if not (low_m > ground[0] and high_m > ground[-1]):
        raise ValueError(f"antennas at {low_m:g} and {high_m:g} m must stand above their ground at {ground[0]:g} and {ground[-1]:g} m")
    if not (3e7 <= frequency_hz <= 5e10 and radius_m > 0.0):
        raise ValueError(f"30 MHz to 50 GHz and a radius above 0 are needed, not {frequency_hz:g} Hz and {radius_m:g} m")
    return float(profile_db(away, ground, away.size, (low_m, high_m), frequency_hz, radius_m, vertical))

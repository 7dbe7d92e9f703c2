"""Rays through the layered reference atmosphere: their length, bending and absorption (Rec. ITU-R P.676-12, Annex 1, section 2.2).

The air between two heights is cut into shells that grow by 1 % each, from some centimetres at the ground. Within one the ray
is straight, and Snell's law for spheres holds between them: n r sin(zenith angle) is the same all along. So the sine at each
shell follows from that at the first, and no angle is needed but where the bending itself is asked for.
"""

from __future__ import annotations

import math

from numba import njit

from tenere.coverage.propagation.atmosphere import air, refractive_index
from tenere.coverage.propagation.gases import Profile, at

EARTH_KM = 6371.0
GROWTH = math.exp(0.01)
SHELLS_A_KM = 1e4 * (GROWTH - 1.0)
GRAZING_KM = 1e-3
"""To how many km the least height of a ray is found, as n r: the recommendation leaves it open, and the published tables took this."""


@njit(cache=True, error_model="numpy")
def _shells(low_km: float, high_km: float) -> tuple[int, int, float]:
    """Return the first shell, the one after the last, and the first's thickness (km). P.676-12, equations 16a to 16c."""
    first = math.floor(100.0 * math.log(SHELLS_A_KM * low_km + 1.0) + 1.0)
    last = math.ceil(100.0 * math.log(SHELLS_A_KM * high_km + 1.0) + 1.0)
    thick_km = (high_km - low_km) * (GROWTH - 1.0) / (math.exp(0.01 * (last - first)) - 1.0)
    return first, last, thick_km


@njit(cache=True, error_model="numpy")
def _index(height_km: float) -> float:
    """Return the refractive index without a profile: a chord's slope, 0.1 % off, would shift a horizon by 3 m."""
    kelvin, dry_hpa, vapour_hpa = air(height_km)
    return float(refractive_index(kelvin, dry_hpa, vapour_hpa))


@njit(cache=True, inline="always", error_model="numpy")
def _within(height_km: float, thick_km: float, invariant: float, n: float) -> float:
    """Return a ray's length (km) within a shell, from its foot: n r sin(zenith angle) is the invariant. P.676-12, equation 17."""
    r = EARTH_KM + height_km
    s = min(1.0, invariant / (n * r))
    rc = r * math.sqrt(1.0 - s * s)
    rise = thick_km * (r + r + thick_km)
    return rise / (rc + math.sqrt(rc * rc + rise))


@njit(cache=True, error_model="numpy")
def climb(profile: Profile, low_km: float, high_km: float, sine: float) -> tuple[float, float]:
    """Follow a ray up from one height to another; return its length (km) and absorption (dB).

    `sine` is that of the zenith angle at the lower end, 1 for a ray that leaves it level. P.676-12, equations 13, 17 and 19b.
    """
    index, gammas = profile.refraction, profile.gamma_db_km
    first, last, thick = _shells(low_km, high_km)
    h = low_km
    length = loss = invariant = 0.0
    for i in range(first, last):
        n, gamma = at(index, gammas, h + 0.5 * thick)
        if i == first:
            invariant = n * (EARTH_KM + h) * sine
        part = _within(h, thick, invariant, n)
        length += part
        loss += part * gamma
        h += thick
        thick *= GROWTH
    return length, loss


@njit(cache=True, error_model="numpy")
def to_horizon(profile: Profile, height_km: float) -> tuple[float, float, float, float]:
    """Follow the ray that touches the sea up to a height.

    Returns the distance over the ground (km), the elevation of the ray where it arrives (rad), its length (km) and its
    absorption (dB). P.676-12, equations 18a, 19b and 22a; G. D. Thayer, A rapid and accurate ray tracing algorithm for a
    horizontally stratified atmosphere, Radio Science 1, 1967, equation 2; P.528-5, Annex 2, section 4.
    """
    index, gammas = profile.refraction, profile.gamma_db_km
    first, last, thick = _shells(0.0, height_km)
    h = 0.0
    length = loss = bending = 0.0
    _, gamma = at(index, gammas, 0.5 * thick)
    n = _index(0.5 * thick)
    invariant = n * EARTH_KM
    arrival = 0.5 * math.pi
    for i in range(first, last):
        part = _within(h, thick, invariant, n)
        length += part
        loss += part * gamma
        h += thick
        thick *= GROWTH
        leaving = min(1.0, invariant / (n * (EARTH_KM + h)))
        arrival = math.asin(leaving)
        _, gamma = at(index, gammas, h + 0.5 * thick)
        n_next = _index(h + 0.5 * thick)
        if i != last - 1:
            bending += math.asin(min(1.0, n / n_next * leaving)) - arrival
        n = n_next
    elevation = 0.5 * math.pi - arrival
    return EARTH_KM * (elevation + bending), elevation, length, loss


@njit(cache=True, error_model="numpy")
def slant(profile: Profile, low_km: float, high_km: float, elevation_rad: float) -> tuple[float, float]:
    """Follow the ray that leaves the lower place at an elevation to the higher; return its length (km) and absorption (dB).

    A ray that leaves downward is followed from its lowest point to both ends: P.676-12, section 2.2.2.
    """
    sine = math.cos(elevation_rad)
    index, gammas = profile.refraction, profile.gamma_db_km
    if elevation_rad >= 0.0:
        return climb(profile, low_km, high_km, sine)
    n, _ = at(index, gammas, low_km)
    sought = n * (EARTH_KM + low_km) * sine
    lowest = low_km
    step = 0.5 * low_km
    over = 1.0
    while True:
        lowest += -step if over > 0.0 else step
        step *= 0.5
        n, _ = at(index, gammas, lowest)
        over = n * (EARTH_KM + lowest) - sought
        if abs(over) <= GRAZING_KM or step < 1e-9:
            break
    a_length, a_loss = climb(profile, lowest, low_km, 1.0)
    b_length, b_loss = climb(profile, lowest, high_km, 1.0)
    return a_length + b_length, a_loss + b_loss

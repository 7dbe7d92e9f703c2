"""Basic transmission loss between two heights over a smooth Earth: Rec. ITU-R P.528-5, Annex 2.

For 100 MHz to 30 GHz, heights of 1.5 to 20,000 m and 1 to 99 % of the time. What belongs to the two heights alone (horizons, the
diffraction line, where two rays take over from one, where scatter takes over from diffraction) is a `Link`, computed once;
`losses` then takes any number of distances. Two places at one height and no distance have no path: NaN.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from tenere.coverage.propagation.beyond import diffraction_db, scatter
from tenere.coverage.propagation.fading import rice_db, rice_k_db, total_db, weather_db
from tenere.coverage.propagation.gases import Profile, profile
from tenere.coverage.propagation.rays import climb, slant
from tenere.coverage.propagation.sight import (
    LIGHT_KM_MHZ,
    STRETCHED_KM,
    Rays,
    Terminal,
    bounced,
    grazing,
    grazing_longer,
    interference_db,
    rays,
    reached,
    terminal,
)

Floats = npt.NDArray[np.float64]

SIGHT, DIFFRACTION, SCATTER = 1, 2, 3
"""Modes of propagation."""
LEAST_M, MOST_M = 1.5, 20_000.0
LEAST_HZ, MOST_HZ = 100e6, 30e9
LEAST_PERCENT, MOST_PERCENT = 1.0, 99.0
FARTHEST_M = 2_000_000.0
SEARCHED = 100


class Link(NamedTuple):
    """What two heights and a frequency have in common at every distance."""

    mhz: float
    """Frequency."""
    vertical: bool
    """Vertical polarization."""
    low: Terminal
    """The lower end."""
    high: Terminal
    """The higher."""
    sight_km: float
    """Distance at which the horizons meet."""
    sight_db: float
    """Diffraction loss there."""
    slope_db_km: float
    """Of the loss beyond, against distance."""
    intercept_db: float
    """The same line's value at no distance."""
    clear_km: float
    """Up to here two rays tell the loss; from here to the horizon a straight line."""
    clear_db: float
    """Gain over free space there."""
    single_rad: float
    """With a reflection steeper than this, the direct ray alone counts."""
    k_db: float
    """Scattered over steady power 1 km before the horizon."""
    scatter_km: float
    """From here on scatter may be what arrives."""
    only_scatter: bool
    """From there on it always is."""


class Losses(NamedTuple):
    """Basic transmission loss of many paths, arrays of one shape."""

    loss_db: Floats
    """Not exceeded for the percentage of the time."""
    free_db: Floats
    """In free space, along the ray."""
    gas_db: Floats
    """Absorbed."""
    elevation_rad: Floats
    """Of the ray at the lower end."""
    mode: npt.NDArray[np.int8]
    """1 in sight, 2 diffraction, 3 scatter."""


@njit(cache=True, error_model="numpy")
def free_space_db(km: float, mhz: float) -> float:
    """Return the basic transmission loss in free space (dB): P.525-4, equation 5, in the figures of P.528-5."""
    return 20.0 * math.log10(km) + 20.0 * math.log10(mhz) + 32.45


@njit(cache=True, error_model="numpy")
def _gain_db(link: Link, path: Rays, psi: float) -> tuple[float, float]:
    """Return the gain over free space (dB), and the size of the reflected field: P.528-5, Annex 2, section 8."""
    size, phase = bounced(path, psi, link.mhz, link.vertical)
    if path.distance_km > link.clear_km:
        rest = (path.distance_km - link.clear_km) / (link.sight_km - link.clear_km)
        return link.clear_db + rest * (-link.sight_db - link.clear_db), size
    if psi > link.single_rad:
        return 0.0, size
    return interference_db(path, size, phase, link.mhz), size


@njit(cache=True, error_model="numpy")
def _scattered_db(link: Link, path: Rays, ray_km: float, size: float, off_db: float) -> float:
    """Return the power scattered by ground and air over the direct ray's (dB): P.528-5, Annex 2, section 13."""
    if off_db <= 0.0:
        even = 1.0
    elif off_db >= 9.0:
        even = 0.1
    else:
        even = 0.5 * (1.1 + 0.9 * math.cos(math.pi * off_db / 9.0))
    waves = path.longer_km * link.mhz / LIGHT_KM_MHZ
    if waves >= 0.5:
        apart = 1.0
    elif waves <= 1.0 / 6.0:
        apart = 0.1
    else:
        apart = 0.5 * (1.1 - 0.9 * math.cos(3.0 * math.pi * (waves - 1.0 / 6.0)))
    ground = size * apart * even
    power = ground * ground + 1e-4
    if ray_km > 0.0:
        power += 10.0 ** (0.1 * rice_k_db(10.0 * math.log10(link.mhz * ray_km**3) - 84.26))
    return max(10.0 * math.log10(power), -40.0)


@njit(cache=True, error_model="numpy")
def in_sight(air: Profile, link: Link, km: float, percent: float) -> tuple[float, float, float, float, float]:
    """Return loss, free-space loss, absorption (dB), elevation (rad) and scattered power (dB) of a path in sight.

    P.528-5, Annex 2, section 6.
    """
    psi = grazing(link.low, link.high, km)
    path = rays(link.low, link.high, psi)
    gain_db, size = _gain_db(link, path, psi)
    ray_km, gas_db = slant(air, link.low.height_km, link.high.height_km, path.elevation_rad)
    free_db = free_space_db(path.direct_km, link.mhz)
    if path.elevation_rad <= 0.0:
        share = 1.0
    elif path.elevation_rad >= 1.0:
        share = 0.0
    else:
        share = max(0.5 - math.atan(20.0 * math.log10(32.0 * path.elevation_rad)) / math.pi, 0.0)
    horizons_km = link.low.horizon_km + link.high.horizon_km
    half_db, part_db, off_db = weather_db(horizons_km, km, link.mhz, percent, share, gain_db)
    k_db = _scattered_db(link, path, ray_km, size, off_db)
    varied_db = total_db(half_db, part_db, rice_db(k_db, percent), percent)
    return free_db + gas_db - gain_db - varied_db, free_db, gas_db, path.elevation_rad, k_db


@njit(cache=True, error_model="numpy")
def beyond_sight(air: Profile, link: Link, km: float, percent: float) -> tuple[float, float, float, int]:
    """Return loss, free-space loss, absorption (dB) and mode of a path beyond the horizon: P.528-5, Annex 2, section 3, steps 7 to 10."""
    bent_db = link.slope_db_km * km + link.intercept_db
    scatter_db, angle, volume_km = scatter(link.low, link.high, link.mhz, km)
    scattered = km >= link.scatter_km and (link.only_scatter or scatter_db <= bent_db)
    obstacle_db = scatter_db if scattered else bent_db
    horizons_km = link.low.horizon_km + link.high.horizon_km
    half_db, part_db, _ = weather_db(horizons_km, km, link.mhz, percent, 1.0, -obstacle_db)
    full = 0.02617993878  # 1.5 degrees
    k_db = link.k_db + (20.0 - link.k_db) * min(max(angle / full, 0.0), 1.0)
    varied_db = total_db(half_db, part_db, rice_db(k_db, percent), percent)
    volume_ray_km, volume_gas_db = (0.0, 0.0) if volume_km <= 0.0 else climb(air, 0.0, volume_km, 1.0)
    gas_db = link.low.gas_db + link.high.gas_db + 2.0 * volume_gas_db
    free_db = free_space_db(link.low.ray_km + link.high.ray_km + 2.0 * volume_ray_km, link.mhz)
    return free_db + gas_db + obstacle_db - varied_db, free_db, gas_db, SCATTER if scattered else DIFFRACTION


@njit(cache=True, error_model="numpy")
def _clear_km(low: Terminal, reach_km: float, bent_km: float, sixth_km: float) -> float:
    """Return where two rays cease to tell the loss: P.528-5, Annex 2, section 6.

    `bent_km` is where the diffraction line is 0 dB, `sixth_km` where the reflected ray is longer by a sixth of a wave.
    """
    if low.horizon_km >= bent_km or bent_km >= reach_km:
        return low.horizon_km if low.horizon_km > sixth_km or sixth_km > reach_km else sixth_km
    return sixth_km if bent_km < sixth_km < reach_km else bent_km


@njit(cache=True, error_model="numpy")
def _crossing(low: Terminal, high: Terminal, mhz: float, line: tuple[float, float, float, float]) -> tuple[float, bool, float, float]:
    """Find where scatter takes over from diffraction, in steps of 1 km: P.528-5, Annex 2, section 3, step 6.

    `line` holds the distance of sight, the loss there, and slope and intercept of the diffraction line. Returns the distance from which
    scatter may be less, whether it then always is what counts, and the line, turned where needed to meet it.
    """
    sight_km, sight_db, slope, intercept = line
    before_db = 0.0
    valid = 0
    for i in range(SEARCHED):
        km = sight_km + 3.0 + i
        here_db = scatter(low, high, mhz, km)[0]
        if here_db >= 20.0:  # the model holds from here on
            valid += 1
            if valid > 1 and here_db - before_db <= slope:
                if before_db >= slope * (km - 1.0) + intercept:
                    return km, False, slope, intercept
                slope = (before_db - sight_db) / (km - 1.0 - sight_km)
                return km, True, slope, before_db - slope * (km - 1.0)
        before_db = here_db
    return math.inf, False, slope, intercept


@njit(cache=True, error_model="numpy")
def make_link(air: Profile, low_m: float, high_m: float, vertical: bool) -> Link:
    """Return what two heights (m, the lower first) have in common at every distance: P.528-5, Annex 2, section 3, steps 1 to 6."""
    mhz = air.mhz
    low, high = terminal(air, 1e-3 * low_m), terminal(air, 1e-3 * high_m)
    reach_km = low.horizon_km + high.horizon_km
    unit_km = math.pow(STRETCHED_KM**2 / mhz, 1.0 / 3.0)
    near_km, far_km = reach_km + 0.5 * unit_km, reach_km + 1.5 * unit_km
    near_db = diffraction_db(low.horizon_km, high.horizon_km, mhz, near_km, vertical)
    far_db = diffraction_db(low.horizon_km, high.horizon_km, mhz, far_km, vertical)
    slope = (far_db - near_db) / (far_km - near_km)
    intercept = far_db - slope * far_km
    sight_db = slope * reach_km + intercept
    wave_km = LIGHT_KM_MHZ / mhz
    single_rad = grazing_longer(low, high, 0.5 * wave_km)
    sixth_km = reached(low, high, grazing_longer(low, high, wave_km / 6.0))
    clear_km = _clear_km(low, reach_km, -intercept / slope, sixth_km)
    begin_km = clear_km
    while True:  # the first of steps of 1 m that is not short of it
        path = rays(low, high, grazing(low, high, begin_km))
        if path.distance_km >= clear_km or begin_km + 0.001 >= reach_km:
            break
        begin_km += 0.001
    clear_km = path.distance_km
    psi = grazing(low, high, clear_km)
    path = rays(low, high, psi)
    link = Link(mhz, vertical, low, high, reach_km, sight_db, slope, intercept, clear_km, 0.0, single_rad, 0.0, 0.0, False)
    clear_db, _ = _gain_db(link, path, psi)
    link = Link(mhz, vertical, low, high, reach_km, sight_db, slope, intercept, clear_km, clear_db, single_rad, 0.0, 0.0, False)
    k_db = in_sight(air, link, reach_km - 1.0, 50.0)[4]
    scatter_km, only, slope, intercept = _crossing(low, high, mhz, (reach_km, sight_db, slope, intercept))
    return Link(mhz, vertical, low, high, reach_km, sight_db, slope, intercept, clear_km, clear_db, single_rad, k_db, scatter_km, only)


@njit(cache=True, error_model="numpy")
def fill(air: Profile, link: Link, distances_m: Floats, percent: float, out: Losses) -> None:
    """Write the losses of many distances (m) into arrays of their length."""
    for i in range(distances_m.size):
        km = 1e-3 * distances_m[i]
        mode = SIGHT
        if km <= 0.0 and link.low.height_km == link.high.height_km:
            loss = free = gas = elevation = math.nan
            mode = 0
        elif link.sight_km - km > 0.001:
            loss, free, gas, elevation, _ = in_sight(air, link, km, percent)
        else:
            loss, free, gas, mode = beyond_sight(air, link, km, percent)
            elevation = -link.low.elevation_rad
        out.loss_db[i], out.free_db[i], out.gas_db[i], out.elevation_rad[i], out.mode[i] = loss, free, gas, elevation, mode


def losses(
    distances_m: npt.ArrayLike, low_m: float, high_m: float, *, frequency_hz: float, percent: float = 50.0, vertical: bool = False
) -> Losses:
    """Return the basic transmission loss between two heights at any number of distances.

    `distances_m` are along the ground, `(n,)` or one, 0 to 2,000 km; heights above mean sea level, 1.5 to 20,000 m, in any order;
    100 MHz to 30 GHz; the loss is not exceeded for `percent` of the time, 1 to 99. Arrays `(n,)`; NaN, mode 0, where both ends are
    one place. ValueError for what the Recommendation does not cover. Rec. ITU-R P.528-5, Annex 2.
    """
    if not (LEAST_M <= low_m <= MOST_M and LEAST_M <= high_m <= MOST_M):
        raise ValueError(f"P.528 takes heights of 1.5 to 20,000 m, not {low_m:g} and {high_m:g}")
    if not LEAST_HZ <= frequency_hz <= MOST_HZ:
        raise ValueError(f"P.528 takes frequencies of 100 MHz to 30 GHz, not {frequency_hz * 1e-6:g} MHz")
    if not LEAST_PERCENT <= percent <= MOST_PERCENT:
        raise ValueError(f"P.528 takes 1 to 99 percent of the time, not {percent:g}")
    distances = np.atleast_1d(np.asarray(distances_m, dtype=np.float64))
    if distances.ndim != 1 or not bool(np.all((distances >= 0.0) & (distances <= FARTHEST_M))):
        raise ValueError("distances must be one row of 0 to 2,000,000 m")
    low, high = min(low_m, high_m), max(low_m, high_m)
    air = profile(1e-6 * frequency_hz)
    n = distances.size
    out = Losses(np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n, dtype=np.int8))
    fill(air, make_link(air, low, high, vertical), distances, percent, out)
    return out

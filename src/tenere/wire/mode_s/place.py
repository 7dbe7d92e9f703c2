"""Where a position message puts its sender, and whether to believe it.

A message alone gives a place only near one already known; an even and an odd one together give it anywhere. Every
result must be within reach of the last one accepted. A result out of reach is held back until a second pair agrees
with it while nothing confirms the old place: a shared address does not throw a track about. And where pair after pair
contradicts what is being followed, the follower starts afresh: a wrong first pair heals.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.wire.mode_s import cpr

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLACED, WAITING = -1, -2
"""What place returns: a believed place, nothing yet (no pair), or why a result was refused (an index of REASONS)."""
REASONS = (
    "position of an even and odd pair that do not agree",
    "position beyond receiver range",
    "position jump not confirmed",
    "surface position without a reference",
)
DISAGREE, TOO_FAR, JUMP, NO_REFERENCE = range(4)

PAIR_S = 10.0  # DO-260B 2.2.10.3: even and odd within 10 s in the air
PAIR_SURFACE_S = 50.0  # and within 50 s on the ground where it is slow
PAIR_M = 5000.0  # an even and odd pair is ambiguous past half the difference of its zones: 3 NM
PAIR_SURFACE_M = 1200.0  # 0.75 NM on the ground
ANCHOR_S = 180.0  # how long a known place resolves single messages
PENDING_S = 30.0
AGREE_M = 10_000.0  # a wrong zone is 100 km away at least; 10 km is not
MOST_STRIKES = 4
REFERENCE_S = 3600.0  # how long a known place resolves which quarter of the globe a surface pair is in
RANGE_M = 600_000.0  # no antenna on the ground hears an aircraft further away
SPREAD_M = 1_000_000.0  # a source whose aircraft are further apart has no one place

REACH = 1.3
FASTEST_MS = 350.0  # 680 kt, where no speed is known
FASTEST_SURFACE_MS = 75.0
SLACK_M = 1000.0
SLACK_SURFACE_M = 250.0
ACCELERATION_MS2 = 5.0
MOST_STD_M = 2000.0
VELOCITY_FRESH_S = 15.0
LATE_S = 1.0  # receive times of one source may differ this much from the times of sending

UNKNOWN, RECEIVER, LEARNT, SPOILT = 0.0, 1.0, 2.0, 3.0
"""site[2]: whether site[:2] (degrees) is where the receiver stands, a place near it learnt from traffic, or neither."""

EARTH_M = 6_371_008.8
DEGREE_MOST_M = 111_195.1  # of a great circle: 111,195.08 m, rounded up and down
DEGREE_LEAST_M = 111_195.0


@njit(cache=True)
def distance_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the great-circle distance on a sphere between two places in degrees (haversine)."""
    a, b = math.radians(lat_a), math.radians(lat_b)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    if h > 1.0:  # noqa: PLR1730 - by rounding; and NaN must stay NaN, which min does not promise
        h = 1.0
    return 2 * EARTH_M * math.asin(math.sqrt(h))


@njit(cache=True)
def within(lat_a: float, lon_a: float, lat_b: float, lon_b: float, most_m: float) -> bool:
    """Say whether two places in degrees are at most most_m apart, as distance_m tells; False for NaN.

    The way along a meridian and the equator is never shorter, and the latitudes alone never say more: most pairs are
    told apart without trigonometry.
    """
    north_deg, east_deg = abs(lat_b - lat_a), abs(lon_b - lon_a)
    if (north_deg + east_deg) * DEGREE_MOST_M <= most_m:
        return True
    if north_deg * DEGREE_LEAST_M > most_m:
        return False
    return bool(distance_m(lat_a, lon_a, lat_b, lon_b) <= most_m)


@njit(cache=True)
def reach_m(row: Any, surface: int, elapsed_s: float, time_s: float, std_m: float) -> float:  # noqa: ANN401 - a numba record
    """Return how far the sender of a row may have come in elapsed_s, with room for errors of position and time."""
    fastest = FASTEST_SURFACE_MS if surface else FASTEST_MS
    if abs(time_s - row["velocity_s"]) <= VELOCITY_FRESH_S:
        fastest = math.hypot(row["east_ms"], row["north_ms"]) + ACCELERATION_MS2 * (elapsed_s + VELOCITY_FRESH_S)
    slack = SLACK_SURFACE_M if surface else SLACK_M
    if std_m > 0.0:
        slack += 3.0 * min(std_m, MOST_STD_M)
    return REACH * fastest * (elapsed_s + LATE_S) + slack


@njit(cache=True)
def pair_usable(row: Any, surface: int, time_s: float) -> bool:  # noqa: ANN401 - a numba record
    """Say whether the latest even and odd reports of a row are of one kind and near enough in time to be of one place."""
    if row["even_surface"] != surface or row["odd_surface"] != surface:
        return False
    apart_s = abs(row["even_s"] - row["odd_s"])
    if not apart_s <= (PAIR_SURFACE_S if surface else PAIR_S):
        return False
    speed = 25.0 if surface else 250.0
    if abs(time_s - row["velocity_s"]) <= VELOCITY_FRESH_S:
        speed = math.hypot(row["east_ms"], row["north_ms"])
    return bool(apart_s * speed <= (PAIR_SURFACE_M if surface else PAIR_M))


@njit(cache=True)
def near(row: Any, time_s: float, site: NDArray[np.float64]) -> tuple[float, float]:  # noqa: ANN401 - a numba record
    """Return a place in degrees that tells apart the quarters of the globe for surface positions, NaN where none is known."""
    if abs(time_s - row["position_s"]) <= REFERENCE_S:
        return row["lat_deg"], row["lon_deg"]
    if site[2] == RECEIVER or site[2] == LEARNT:
        return site[0], site[1]
    return np.nan, np.nan


@njit(cache=True)
def place(row: Any, is_odd: int, surface: int, time_s: float, std_m: float, site: NDArray[np.float64]) -> int:  # noqa: ANN401, PLR0911 - a numba record; one return a verdict
    """Resolve the position message just stored in a row; return PLACED (the row then holds the place) or why not.

    std_m: its stated one-sigma error, or NaN. site: (3,) a place near the receiver in degrees, and how it is known.
    """
    elapsed_s = abs(time_s - row["position_s"])
    anchored = elapsed_s <= ANCHOR_S
    paired = pair_usable(row, surface, time_s)
    lat = lon = np.nan
    if paired:
        near_lat, near_lon = near(row, time_s, site) if surface else (0.0, 0.0)
        if np.isnan(near_lat):
            return NO_REFERENCE
        lat, lon = cpr.decode_global(row["even_lat"], row["even_lon"], row["odd_lat"], row["odd_lon"], is_odd, surface, near_lat, near_lon)
    if anchored:
        y, x = (row["odd_lat"], row["odd_lon"]) if is_odd else (row["even_lat"], row["even_lon"])
        here_lat, here_lon = cpr.decode_local(y, x, is_odd, surface, row["lat_deg"], row["lon_deg"])
        if within(here_lat, here_lon, row["lat_deg"], row["lon_deg"], reach_m(row, surface, elapsed_s, time_s, std_m)):
            if paired and not np.isnan(lat):  # NaN: the pair lies across a transition latitude, which says nothing
                row["strikes"] = 0 if within(lat, lon, here_lat, here_lon, AGREE_M) else row["strikes"] + 1
            if row["strikes"] < MOST_STRIKES:
                return _accept(row, here_lat, here_lon, surface, time_s, site)
            row["strikes"], row["position_s"] = 0, -np.inf
            return JUMP
    if not paired:
        return JUMP if anchored else WAITING
    if np.isnan(lat):
        return DISAGREE
    if anchored:
        waited_s = abs(time_s - row["pending_s"])
        reach = reach_m(row, surface, waited_s, time_s, std_m)
        agrees = waited_s <= PENDING_S and within(lat, lon, row["pending_lat_deg"], row["pending_lon_deg"], reach)
        row["pending_lat_deg"], row["pending_lon_deg"], row["pending_s"] = lat, lon, time_s
        if not agrees:
            return JUMP
    return _accept(row, lat, lon, surface, time_s, site)


@njit(cache=True)
def _accept(row: Any, lat_deg: float, lon_deg: float, surface: int, time_s: float, site: NDArray[np.float64]) -> int:  # noqa: ANN401 - a numba record
    """Write a believed place into its row, and learn from those in the air where the source is."""
    if site[2] == RECEIVER and not within(lat_deg, lon_deg, site[0], site[1], RANGE_M):
        return TOO_FAR
    row["lat_deg"], row["lon_deg"], row["position_s"], row["surface"] = lat_deg, lon_deg, time_s, surface
    row["pending_s"] = -np.inf
    if not surface:
        if site[2] == UNKNOWN:
            site[0], site[1], site[2] = lat_deg, lon_deg, LEARNT
        elif site[2] == LEARNT and not within(lat_deg, lon_deg, site[0], site[1], SPREAD_M):
            site[2] = SPOILT
    return PLACED

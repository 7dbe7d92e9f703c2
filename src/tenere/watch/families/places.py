"""What every rule on place asks: the ground below, the height above it, the flight's standing, and who else is heard around."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.batch import PlotKind
from tenere.geo.borders import EARTH_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.batch import I64, Identities, Tracks
    from tenere.watch.view import View
    from tenere.world import Ground

    F64 = NDArray[np.float64]

HEARD_KINDS = sum(
    1 << k for k in (PlotKind.SSR, PlotKind.PSR_SSR, PlotKind.MODE_S, PlotKind.PSR_MODE_S, PlotKind.ADSB, PlotKind.MLAT, PlotKind.ADSR)
)
"""Bits of ``Tracks.kinds`` that say a transponder is heard."""


def placed(tracks: Tracks, rows: I64) -> NDArray[np.bool_]:
    """Tell which tracks of some rows have a place."""
    return np.asarray(np.isfinite(tracks.lat_rad[rows]) & np.isfinite(tracks.lon_rad[rows]))


def amsl_m(tracks: Tracks, rows: I64) -> F64:
    """Return the altitude of some tracks: by QNH; where none holds, by the standard pressure; else as measured; NaN not known."""
    altitude, level, height = tracks.altitude_m[rows], tracks.pressure_altitude_m[rows], tracks.height_m[rows]
    return np.where(np.isfinite(altitude), altitude, np.where(np.isfinite(level), level, np.where(np.isfinite(height), height, np.nan)))


def ground_m(ground: Ground | None, lat_rad: F64, lon_rad: F64) -> F64:
    """Return the ground above mean sea level at places, between four posts; NaN where it is not known."""
    if ground is None:
        return np.full(len(lat_rad), np.nan)
    corner = np.array([ground.north_deg, ground.west_deg, ground.step_lat_deg, ground.step_lon_deg])
    return np.asarray(_ground(ground.height_m, corner, lat_rad, lon_rad))


@njit(cache=True)
def _ground(height, corner, lat, lon):  # noqa: ANN001, ANN202 - numba kernel
    """Interpolate between four posts."""
    n, m = height.shape
    out = np.full(lat.size, np.nan)
    degree = 180.0 / math.pi
    for q in range(lat.size):
        i = (corner[0] - lat[q] * degree) / corner[2]
        j = ((lon[q] * degree - corner[1]) % 360.0) / corner[3]
        if 0.0 <= i <= n - 1 and 0.0 <= j <= m - 1:
            a, b = min(int(i), max(n - 2, 0)), min(int(j), max(m - 2, 0))
            u, v = i - a, j - b
            a1, b1 = min(a + 1, n - 1), min(b + 1, m - 1)
            north = height[a, b] * (1.0 - v) + height[a, b1] * v
            out[q] = north * (1.0 - u) + (height[a1, b] * (1.0 - v) + height[a1, b1] * v) * u
    return out


def spread_m(tracks: Tracks, rows: I64) -> F64:
    """Return one standard deviation of the position of some tracks, the larger side, 0 where it is not known."""
    larger = np.fmax(tracks.var_xx_m2[rows], tracks.var_yy_m2[rows])
    return np.asarray(np.sqrt(np.fmax(np.nan_to_num(larger, nan=0.0, posinf=1e12), 0.0)))


def standing(identities: Identities, row: int) -> bytes:
    """Return what is known of a flight, a key of the group ``flight``: the strongest first."""
    if identities.protected[row]:
        return b"protected"
    if identities.plan[row] >= 0:
        return b"planned"
    return b"civil" if identities.civil[row] else b"unplanned"


def callsign_of_plan(view: View, row: int) -> str:
    """Return the callsign of the plan a track is correlated with; empty for none."""
    k = int(view.identities.plan[row])
    return view.plans[k].callsign if 0 <= k < len(view.plans) else ""


def distance_m(lat_rad: F64, lon_rad: F64, to_lat_rad: float | F64, to_lon_rad: float | F64) -> F64:
    """Return distances over a sphere, good to 0.5 %."""
    a = np.sin(0.5 * (lat_rad - to_lat_rad)) ** 2
    b = np.cos(lat_rad) * np.cos(to_lat_rad) * np.sin(0.5 * (lon_rad - to_lon_rad)) ** 2
    return np.asarray(2.0 * EARTH_M * np.arcsin(np.sqrt(np.clip(a + b, 0.0, 1.0))))


def flown(lat_rad: F64, lon_rad: F64, north_m: F64, east_m: F64) -> tuple[F64, F64]:
    """Return where places come that move so far, straight on a sphere: for some tens of kilometres."""
    return lat_rad + north_m / EARTH_M, lon_rad + east_m / (EARTH_M * np.maximum(np.cos(lat_rad), 0.01))


def others_near(view: View, heard: I64, at: tuple[float, float], altitude_m: float, near_m: float, course_rad: float = math.nan) -> int:
    """Count the tracks of some rows within near_m of a place and not much higher than it; course: only those ahead of it.

    A sensor that hears another aircraft as low as this one would hear this one too.
    """
    lat, lon = view.tracks.lat_rad[heard], view.tracks.lon_rad[heard]
    close = heard[(np.abs(lat - at[0]) * EARTH_M < near_m) & np.isfinite(lon)]
    lat, lon = view.tracks.lat_rad[close], view.tracks.lon_rad[close]
    away = distance_m(lat, lon, *at)
    good = (away < near_m) & (away > 1.0)
    if math.isfinite(altitude_m):
        good &= ~(amsl_m(view.tracks, close) > altitude_m + _HIGHER_M)
    if math.isfinite(course_rad):
        east, north = (lon - at[1]) * math.cos(at[0]), lat - at[0]
        good &= east * math.sin(course_rad) + north * math.cos(course_rad) > 0.0
    return int(good.sum())


_HIGHER_M = 600.0


def joined(*words: bytes) -> bytes:
    """Return words as a detail of at most 48 bytes: the longest give way."""
    parts: Sequence[bytes] = words
    while sum(map(len, parts)) + len(parts) - 1 > _DETAIL:
        longest = max(range(len(parts)), key=lambda k: len(parts[k]))
        parts = [p if k != longest else p.decode("utf-8", "ignore")[:-1].encode() for k, p in enumerate(parts)]
    return b"|".join(parts)


_DETAIL = 48

"""What gross fault of a sensor would explain what it says: its plots beside where other sensors see the same aircraft.

Every fault tried has at most one free figure, which all the aircraft must share; a fault without one goes before the others
where both explain as many.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.geo.ellipsoid import enu_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    Mask = NDArray[np.bool_]

RANGE_M, RANGE_SHARE = 1500.0, 0.02
"""How well a range fits where it does."""
ANGLE_RAD, ACROSS_M = math.radians(3.0), 1000.0
PLACE_M = 8000.0
FACTOR_SHARE, LEAST_FACTOR = 0.03, 0.05
LEAST_SHIFT_RAD = math.radians(2.0)
EXPLAINED = 0.6
"""Share of the aircraft that a fault must explain, ..."""
STEADILY = 0.8
"""... each of them by this share of its plots: that two ranges are the same for a moment explains nothing."""
TURNS: tuple[tuple[str, float, float], ...] = (
    ("from_east", 1.0, math.pi / 2),
    ("from_south", 1.0, math.pi),
    ("anticlockwise", -1.0, 0.0),
    ("anticlockwise_from_east", -1.0, math.pi / 2),
)
"""Conventions of azimuth: what the true one is of that told, sign and offset."""
ANGLE_UNITS: tuple[tuple[str, float], ...] = (
    ("gon_as_degrees", 0.9),
    ("degrees_as_gon", 1.0 / 0.9),
    ("degrees_as_radians", math.pi / 180.0),
    ("radians_as_degrees", 180.0 / math.pi),
    ("mils_as_degrees", 360.0 / 6400.0),
)
"""Units taken for others: what the true azimuth is, over that told."""
RANGE_UNITS: tuple[tuple[str, float], ...] = (
    ("nm_as_km", 1.852),
    ("km_as_nm", 1.0 / 1.852),
    ("km_as_m", 1000.0),
    ("m_as_km", 0.001),
    ("nm_as_m", 1852.0),
    ("ft_as_m", 0.3048),
    ("m_as_ft", 1.0 / 0.3048),
    ("miles_as_km", 1.609344),
    ("half", 2.0),
    ("double", 0.5),
)


class Site(NamedTuple):
    """Where a sensor stands."""

    label: str
    lat_rad: float
    lon_rad: float
    height_m: float


@dataclass(frozen=True)
class Samples:
    """Plots of one sensor that are grossly wrong (m,), and where other sensors see their aircraft."""

    key: NDArray[np.int64]
    range_m: F64
    azimuth_rad: F64
    lat_rad: F64
    """As the plot says or is placed."""
    lon_rad: F64
    height_m: F64
    true_lat_rad: F64
    true_lon_rad: F64


class Fault(NamedTuple):
    """One explanation."""

    name: str
    """A key of the phrase book."""
    figure: str
    """What is shared: degrees, a factor, another sensor's name, kilometres."""
    explains: Mask
    """(m,) the samples that it explains."""
    free: bool
    """Whether its figure was found from the samples."""


def wrapped(angle: F64) -> F64:
    """Return angles in -pi..pi."""
    return np.asarray((angle + np.pi) % (2.0 * np.pi) - np.pi)


def seen_from(site: Site, s: Samples) -> tuple[F64, F64]:
    """Return the slant range and azimuth (m,) at which a sensor there would see the aircraft."""
    height = np.where(np.isfinite(s.height_m), s.height_m, 8000.0)
    east, north, up = enu_of(site.lat_rad, site.lon_rad, site.height_m, s.true_lat_rad, s.true_lon_rad, height)
    return np.sqrt(east**2 + north**2 + up**2), np.arctan2(east, north)


def _far(r: F64, wanted: F64) -> Mask:
    return np.asarray(np.abs(r - wanted) <= RANGE_M + RANGE_SHARE * wanted)


def _angle(a: F64, wanted: F64, r: F64) -> Mask:
    return np.asarray(np.abs(wrapped(a - wanted)) <= ANGLE_RAD + ACROSS_M / np.maximum(r, ACROSS_M))


def _middle(angle: F64) -> float:
    """Return the angle that is nearest to the others (median along the circle)."""
    apart = np.abs(wrapped(angle[:, None] - angle[None, :])).sum(axis=1)
    return float(angle[int(np.argmin(apart))])


def _swapped(site: Site) -> list[tuple[str, Site]]:
    """Return where a sensor may stand whose place was written down wrongly."""
    out = [("place_south", site._replace(lat_rad=-site.lat_rad)), ("place_west", site._replace(lon_rad=-site.lon_rad))]
    if abs(site.lon_rad) <= math.pi / 2:
        out.insert(0, ("place_swapped", site._replace(lat_rad=site.lon_rad, lon_rad=site.lat_rad)))
    return out


def of_radar(s: Samples, own: Site, others: Sequence[Site]) -> list[Fault]:
    """Return the faults of a sensor of range and azimuth that explain any sample; own, others: where it and the other sensors stand."""
    out = []
    for name, label, site in [*((n, "", x) for n, x in _swapped(own)), *(("other_site", x.label, x) for x in others)]:
        r, a = seen_from(site, s)
        out.append(Fault(name, label, _far(s.range_m, r) & _angle(s.azimuth_rad, a, r), free=False))
    r, a = seen_from(own, s)
    near = _far(s.range_m, r)
    for name, sign, offset in TURNS:
        out.append(Fault(name, "", near & _angle(sign * s.azimuth_rad + offset, a, r), free=False))
    for name, unit in ANGLE_UNITS:
        turns = range(2 if unit == 0.9 else 1)
        each = [near & _angle((s.azimuth_rad + 2.0 * np.pi * t) * unit, a, r) for t in turns]
        out.append(Fault(name, "", np.asarray(np.any(each, axis=0)), free=False))
    if near.any():
        shift = _middle(wrapped(s.azimuth_rad - a)[near])
        if abs(shift) > LEAST_SHIFT_RAD:
            out.append(Fault("turned", f"{math.degrees(shift):+.0f}", near & _angle(s.azimuth_rad - shift, a, r), free=True))
    aligned = _angle(s.azimuth_rad, a, r) & (s.range_m > 0.0)
    if aligned.any():
        ratio = np.full(len(r), np.nan)
        ratio[aligned] = r[aligned] / s.range_m[aligned]
        factor = float(np.median(ratio[aligned]))
        if abs(factor - 1.0) > LEAST_FACTOR:
            fits: Mask = aligned & (np.abs(ratio / factor - 1.0) <= FACTOR_SHARE + RANGE_M / r)
            told = next((name for name, value in RANGE_UNITS if abs(factor / value - 1.0) < 0.02), "factor")
            out.append(Fault(f"range_{told}", f"{factor:.3g}", fits, free=told == "factor"))
    return [*out, *_moved(s)]


def of_positions(s: Samples, *, stands: bool) -> list[Fault]:
    """Return the faults of a sensor that gives positions which explain any sample; stands: they depend on where it stands."""
    out = []
    for name, lat, lon in (
        ("swapped", s.lon_rad, s.lat_rad),
        ("south_for_north", -s.lat_rad, s.lon_rad),
        ("west_for_east", s.lat_rad, -s.lon_rad),
    ):
        out.append(Fault(name, "", _apart(lat, lon, s.true_lat_rad, s.true_lon_rad) <= PLACE_M, free=False))
    return [*out, *_moved(s)] if stands else out


def _apart(lat: F64, lon: F64, to_lat: F64, to_lon: F64) -> F64:
    """Return how far points are from others, in metres, near enough."""
    north = to_lat - lat
    east = wrapped(to_lon - lon) * np.cos(0.5 * (to_lat + lat))
    return np.asarray(6.371e6 * np.hypot(north, east))


def _moved(s: Samples) -> list[Fault]:
    """Return the fault of standing somewhere else: all plots off by the same way."""
    north = 6.371e6 * (s.lat_rad - s.true_lat_rad)
    east = 6.371e6 * wrapped(s.lon_rad - s.true_lon_rad) * np.cos(s.true_lat_rad)
    keys = np.unique(s.key)
    if len(keys) < 3:
        return []
    n0, e0 = float(np.median(north)), float(np.median(east))
    fits = np.hypot(north - n0, east - e0) <= PLACE_M
    return [Fault("moved", f"{math.hypot(n0, e0) / 1000:.0f}", np.asarray(fits), free=True)]


def best(faults: Sequence[Fault], key: NDArray[np.int64]) -> Fault | None:
    """Return the fault that explains most aircraft, of equals one without a free figure, then the first; None: none explains enough."""
    names, which, plots = np.unique(key, return_inverse=True, return_counts=True)
    steady = [np.bincount(which, weights=f.explains, minlength=len(names)) >= STEADILY * plots for f in faults]
    ranked = [(-int(aircraft.sum()), f.free, i) for i, (f, aircraft) in enumerate(zip(faults, steady, strict=True))]
    if not ranked:
        return None
    count, _, i = min(ranked)
    if -count < max(1.0, EXPLAINED * len(names)):
        return None
    return faults[i]._replace(explains=faults[i].explains & steady[i][which])

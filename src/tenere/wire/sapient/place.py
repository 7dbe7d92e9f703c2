"""SAPIENT's ways to say where: latitude and longitude in degrees or radians, UTM, range and bearing.

x is the longitude or easting, y the latitude or northing, z the height, each with an error in its own unit, taken as one
sigma. A height is above the ellipsoid (datum WGS84_E) or above the geoid (WGS84_G): the latter counts only where the
source's option ``geoid_m`` gives the geoid's own height there. (BSI Flex 335 v2, Location and RangeBearing.)
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from tenere.geo import ellipsoid

DEGREES, RADIANS, UTM = 1, 2, 5
ELLIPSOID, GEOID = 1, 2
TRUE_NORTH = 1
ANGLE_RAD = {1: math.pi / 180.0, 2: 1.0, 3: math.pi / 180.0, 4: 1.0}
RANGE_M = {1: 1.0, 2: 1.0, 3: 1000.0, 4: 1000.0}
"""Range and bearing coordinate systems: 1 degrees and metres, 2 radians and metres, 3 degrees and km, 4 radians and km."""
LEVEL_SHARE = 0.05
"""Part of the range added to the error of a place found without an elevation: level flight 18 degrees up is 5 % nearer."""
METRES_PER_RAD = 6_371_000.0
"""Of latitude, on the mean sphere: turns an error into metres, nothing finer."""
FARTHEST_M = 2.0e6


class Place(NamedTuple):
    """Where something is: NaN what is not known. std_m: one sigma of the horizontal position a side."""

    lat_rad: float = math.nan
    lon_rad: float = math.nan
    height_m: float = math.nan
    std_m: float = math.nan

    @property
    def known(self) -> bool:
        """Say whether the horizontal position is known."""
        return not math.isnan(self.lat_rad)


class Polar(NamedTuple):
    """What a sensor measured from where it stands, azimuth from true north; NaN what it did not."""

    range_m: float = math.nan
    azimuth_rad: float = math.nan
    elevation_rad: float = math.nan
    range_std_m: float = math.nan
    azimuth_std_rad: float = math.nan


NOWHERE = Place()
BANDS = "CDEFGHJKLMNPQRSTUVWX"
"""Latitude bands of MGRS from 80 degrees south, eight degrees each; N and later lie north."""


def place_of(location: Any, geoid_m: float = math.nan) -> Place:  # noqa: ANN401 - a Location message of a package loaded at run time
    """Return the place of a Location message, NOWHERE where it is none that can be."""
    x, y, system = location.x, location.y, location.coordinate_system
    if system == UTM:
        lat, lon = from_utm(x, y, location.utm_zone)
    elif system in {DEGREES, RADIANS}:
        unit = math.pi / 180.0 if system == DEGREES else 1.0
        lat, lon = y * unit, x * unit
    else:
        return NOWHERE
    if not (abs(lat) <= math.pi / 2 and abs(lon) <= math.pi) or (lat == 0.0 and lon == 0.0):
        return NOWHERE
    east, north = (_positive(e) for e in (location.x_error, location.y_error))
    if system != UTM:
        east, north = east * unit * METRES_PER_RAD * math.cos(lat), north * unit * METRES_PER_RAD
    std_m = max((e for e in (east, north) if not math.isnan(e)), default=math.nan)
    height_m = location.z if location.HasField("z") and abs(location.z) < 1e5 else math.nan
    if location.datum != ELLIPSOID:
        height_m += geoid_m if location.datum == GEOID else math.nan
    return Place(lat, lon, height_m, std_m if 0.0 < std_m < 1e5 else math.nan)


def polar_of(measured: Any) -> Polar | None:  # noqa: ANN401 - a RangeBearing message
    """Return what a RangeBearing message measured, None where its north is not the true one or its units are not known."""
    angle, length = ANGLE_RAD.get(measured.coordinate_system), RANGE_M.get(measured.coordinate_system)
    if angle is None or length is None or measured.datum != TRUE_NORTH or not measured.HasField("azimuth"):
        return None
    azimuth = measured.azimuth * angle
    if not math.isfinite(azimuth):
        return None
    range_m = measured.range * length if measured.HasField("range") else math.nan
    elevation = measured.elevation * angle if measured.HasField("elevation") else math.nan
    return Polar(
        range_m if 0.0 <= range_m <= FARTHEST_M else math.nan,
        azimuth % (2.0 * math.pi),
        elevation if abs(elevation) <= math.pi / 2 else math.nan,
        _positive(measured.range_error * length),
        _positive(measured.azimuth_error * angle),
    )


def seen_from(node: Place, polar: Polar) -> Place:
    """Return the place of what a node measured from where it stands; without an elevation as if level, with a wider error."""
    level = math.isnan(polar.elevation_rad)
    elevation = 0.0 if level else polar.elevation_rad
    base = 0.0 if math.isnan(node.height_m) else node.height_m
    ground = polar.range_m * math.cos(elevation)
    east, north = ground * math.sin(polar.azimuth_rad), ground * math.cos(polar.azimuth_rad)
    lat, lon, height = ellipsoid.geodetic_of_enu(node.lat_rad, node.lon_rad, base, east, north, polar.range_m * math.sin(elevation))
    across = polar.range_m * polar.azimuth_std_rad
    errors = [e for e in (polar.range_std_m, across) if not math.isnan(e)]
    std_m = max(errors, default=math.nan)
    if level:
        std_m = math.hypot(0.0 if math.isnan(std_m) else std_m, LEVEL_SHARE * polar.range_m)
    known_height = not level and not math.isnan(node.height_m)
    return Place(float(lat), float(lon), float(height) if known_height else math.nan, std_m)


def from_utm(easting_m: float, northing_m: float, zone: str) -> tuple[float, float]:
    """Return latitude and longitude of a UTM position, NaN where it is none; the zone's letter is its MGRS band ("31P").

    Krüger's series to the fourth order in n: below 1 mm within the zone (Karney 2011, eqs. 11 and 36).
    """
    number, band = zone[:-1], zone[-1:].upper()
    inside = 0.0 <= easting_m <= 1_000_000.0 and 0.0 <= northing_m <= 10_000_000.0
    if not (number.isascii() and number.isdigit() and len(number) <= 2 and 1 <= int(number) <= 60 and band in BANDS and band and inside):
        return math.nan, math.nan
    n = ellipsoid.F / (2.0 - ellipsoid.F)
    radius = ellipsoid.A_M / (1.0 + n) * (1.0 + n**2 / 4.0 + n**4 / 64.0)
    xi0 = (northing_m - (0.0 if band >= "N" else 10_000_000.0)) / (0.9996 * radius)
    eta0 = (easting_m - 500_000.0) / (0.9996 * radius)
    beta = (
        n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96 - n**4 / 360,
        n**2 / 48 + n**3 / 15 - 437 * n**4 / 1440,
        17 * n**3 / 480 - 37 * n**4 / 840,
        4397 * n**4 / 161280,
    )
    terms = [(b, 2.0 * j * xi0, 2.0 * j * eta0) for j, b in enumerate(beta, 1)]
    xi = xi0 - sum(b * math.sin(u) * math.cosh(v) for b, u, v in terms)
    eta = eta0 - sum(b * math.cos(u) * math.sinh(v) for b, u, v in terms)
    chi = math.asin(max(-1.0, min(1.0, math.sin(xi) / math.cosh(eta))))
    e = math.sqrt(ellipsoid.E2)
    lat = chi
    for _ in range(6):  # conformal to geodetic latitude, to 1e-12 rad
        s = e * math.sin(lat)
        lat = 2.0 * math.atan(math.tan(math.pi / 4 + chi / 2) * ((1.0 + s) / (1.0 - s)) ** (e / 2.0)) - math.pi / 2
    lon = math.radians(6 * int(number) - 183) + math.atan2(math.sinh(eta), math.cos(xi))
    return lat, lon


def _positive(value: float) -> float:
    """Return an error that is one."""
    return value if 0.0 < value < 1e6 else math.nan

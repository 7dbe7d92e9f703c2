"""What a site file may say under [[area]]: the parts of the earth that coverage is told of."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

AreaKind = Literal["country", "fir", "corridor", "border_strip", "ctr", "other"]

SHAPES = ("country", "file", "polygon", "line", "circle")
"""The ways to give a shape: every area has exactly one."""
MOST_POINTS = 100_000
"""Most points of a polygon or a line written in the site file."""


class CircleConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A circle on the ground."""

    lat_deg: float
    """WGS-84 latitude of its middle."""
    lon_deg: float
    """WGS-84 longitude of its middle."""
    radius_m: float
    """Its radius."""


class AreaConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the earth for which coverage is told: exactly one of country, file, polygon, line and circle says where it is."""

    id: str
    """Short name, used on the command line and in tables."""
    name: str = ""
    """Full name; left out: the id."""
    kind: AreaKind = "other"
    """What it is."""
    country: str = ""
    """ISO 3166 two-letter code (or English name) of a country. With width_m: only a strip so wide inside its border."""
    file: str = ""
    """GeoJSON file with polygons, or with lines (then width_m is needed); relative to the site file."""
    feature: str = ""
    """Of that file only the feature with this id, ident, icao or name."""
    polygon: tuple[tuple[float, float], ...] = ()
    """Corners, each [latitude, longitude] in degrees; the last one is joined to the first."""
    line: tuple[tuple[float, float], ...] = ()
    """Points of a corridor's middle line, each [latitude, longitude] in degrees; needs width_m."""
    width_m: float = 0.0
    """Whole width of a corridor; of a country or a file's polygons, the depth of the strip inside the border (0: all of it)."""
    circle: CircleConfig | None = None
    """A circle, such as an airport's control zone."""


def problem(area: AreaConfig) -> str:
    """Say what makes no sense in an area, beyond its numbers' bounds; empty where all does."""
    given = [name for name in SHAPES if getattr(area, name)]
    if len(given) != 1:
        wanted = 'country = "NE", file = "fir.geojson", polygon = [[lat, lon], ...], line = [[lat, lon], ...] or circle = {...}'
        return f"give one of {wanted}; {'none is given' if not given else 'given are ' + ' and '.join(given)}"
    wrongs = (
        (area.feature and not area.file, "feature: names a part of a file, which is not given"),
        (area.line and not area.width_m > 0.0, "line: needs width_m, the corridor's whole width"),
        (
            area.width_m and not (area.line or area.country or area.file),
            "width_m: is of a line, or the depth of the strip inside the border of a country or a file's polygons; none of them is given",
        ),
    )
    said = next((words for wrong, words in wrongs if wrong), "")
    return said or _few(area)


def _few(area: AreaConfig) -> str:
    """Say what is wrong with the points given here; empty where nothing is."""
    for name, points, least in (("polygon", area.polygon, 3), ("line", area.line, 2)):
        if points and len(points) < least:
            return f"{name}: has {len(points)} points and needs {least}"
        if said := wrong_points(points):
            return f"{name}: {said}"
    return ""


def wrong_points(points: tuple[tuple[float, float], ...]) -> str:
    """Say what is wrong with points of latitude and longitude in degrees; empty where nothing is."""
    if len(points) > MOST_POINTS:
        return f"has {len(points):,} points; {MOST_POINTS:,} are allowed here, a file may have more"
    for i, (lat, lon) in enumerate(points):
        if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90.0 and abs(lon) <= 180.0):
            return f"point {i}: [{lat:g}, {lon:g}] is no latitude and longitude in degrees"
        if i and abs(lon - points[i - 1][1]) > 180.0:
            return f"point {i}: lies across the 180th meridian from the one before; cut the area there"
    return ""

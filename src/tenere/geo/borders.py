"""Countries' borders: which country a point lies in, and how far its border is.

The borders are Natural Earth's at 1:10 million in TopoJSON, as the npm package ``world-atlas`` packs them
(countries-10m.json). That file holds longitudes to 0.0036 degrees and latitudes to 0.0017 degrees, so a border may
stand 200 m from where the map maker drew it: decide nothing on a shorter distance.

    >>> from math import radians
    >>> niger = load(("NE",))
    >>> contains(niger, radians(13.51), radians(2.11)), contains(niger, radians(12.00), radians(8.52))
    (0, -1)

Rings are flat arrays: ring r is the points ring_start[r] to ring_start[r + 1], closed (its first point comes again at
its end). A point is inside a country when a line from it to the pole meets the country's rings an odd number of times,
so holes need no mark. Between two points of a ring latitude and longitude are linear. No ring may cross the
180th meridian (Natural Earth cuts them there).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numba import njit

from tenere.errors import TenereError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EARTH_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""

_SPAN = 32
"""Edges under one bounding box of the distance search."""

# ISO 3166-1: each State's two-letter code and its number, by which the file knows it.
_NUMBERS = """
AF004 AL008 DZ012 AD020 AO024 AG028 AZ031 AR032 AU036 AT040 BS044 BH048 BD050 AM051 BB052 BE056 BT064 BO068 BA070 BW072
BR076 BZ084 SB090 BN096 BG100 MM104 BI108 BY112 KH116 CM120 CA124 CV132 CF140 LK144 TD148 CL152 CN156 TW158 CO170 KM174
CG178 CD180 CK184 CR188 HR191 CU192 CY196 CZ203 BJ204 DK208 DM212 DO214 EC218 SV222 GQ226 ET231 ER232 EE233 FJ242 FI246
FR250 DJ262 GA266 GE268 GM270 DE276 GH288 KI296 GR300 GD308 GT320 GN324 GY328 HT332 VA336 HN340 HK344 HU348 IS352 IN356
ID360 IR364 IQ368 IE372 IL376 IT380 CI384 JM388 JP392 KZ398 JO400 KE404 KP408 KR410 KW414 KG417 LA418 LB422 LS426 LV428
LR430 LY434 LI438 LT440 LU442 MG450 MW454 MY458 MV462 ML466 MT470 MR478 MU480 MX484 MC492 MN496 MD498 ME499 MA504 MZ508
OM512 NA516 NR520 NP524 NL528 VU548 NZ554 NI558 NE562 NG566 NO578 FM583 MH584 PW585 PK586 PA591 PG598 PY600 PE604 PH608
PL616 PT620 GW624 TL626 QA634 RO642 RU643 RW646 KN659 LC662 VC670 SM674 ST678 SA682 SN686 RS688 SC690 SL694 SG702 SK703
VN704 SI705 SO706 ZA710 ZW716 ES724 SS728 SD729 EH732 SR740 SZ748 SE752 CH756 SY760 TJ762 TH764 TG768 TO776 TT780 AE784
TN788 TR792 TM795 TV798 UG800 UA804 MK807 EG818 GB826 TZ834 US840 BF854 UY858 UZ860 VE862 WS882 YE887 ZM894
"""
NUMBER_OF = {word[:2]: word[2:] for word in _NUMBERS.split()}
"""ISO 3166-1 number (three digits) of each two-letter code."""


@dataclass(frozen=True)
class Borders:
    """Some countries' outlines.

    names: the file's name of each country; codes: its two-letter code (empty where it has none).
    lat_rad, lon_rad: (p,) float64, all points; ring_start: (r + 1,) int64; ring_country: (r,) int64.
    ring_box: (r, 4) float64, least and greatest latitude, least and greatest longitude.
    span_box: (s, 4) float64, the same of each 32 edges; span_start: (s,) int64, first edge; span_end: (s,) int64.
    """

    names: tuple[str, ...]
    codes: tuple[str, ...]
    lat_rad: NDArray[np.float64]
    lon_rad: NDArray[np.float64]
    ring_start: NDArray[np.int64]
    ring_country: NDArray[np.int64]
    ring_box: NDArray[np.float64]
    span_box: NDArray[np.float64]
    span_start: NDArray[np.int64]
    span_end: NDArray[np.int64]
    span_country: NDArray[np.int64]

    @classmethod
    def of(cls, names: Sequence[str], codes: Sequence[str], rings: Sequence[tuple[int, NDArray[np.float64]]]) -> Borders:
        """Build from rings: (country, (n, 2) float64 latitude and longitude in radians), closed or not."""
        closed = [(country, _closed(points)) for country, points in rings]
        closed = [(country, points) for country, points in closed if len(points) >= 4]
        starts = np.cumsum([0, *(len(points) for _, points in closed)], dtype=np.int64)
        points = np.concatenate([p for _, p in closed]) if closed else np.zeros((0, 2))
        spans: list[tuple[int, int, int]] = []
        for ring, (country, ring_points) in enumerate(closed):
            edges = len(ring_points) - 1
            spans += [(starts[ring] + e, starts[ring] + min(e + _SPAN, edges), country) for e in range(0, edges, _SPAN)]
        table = np.array(spans, np.int64).reshape(-1, 3)
        return cls(
            names=tuple(names),
            codes=tuple(codes),
            lat_rad=np.ascontiguousarray(points[:, 0]),
            lon_rad=np.ascontiguousarray(points[:, 1]),
            ring_start=starts,
            ring_country=np.array([country for country, _ in closed], np.int64),
            ring_box=_boxes([p for _, p in closed]),
            span_box=_boxes([points[a : b + 1] for a, b, _ in spans]),
            span_start=np.ascontiguousarray(table[:, 0]),
            span_end=np.ascontiguousarray(table[:, 1]),
            span_country=np.ascontiguousarray(table[:, 2]),
        )


def load(wanted: Sequence[str]) -> Borders:
    """Read the borders of some countries, each by two-letter code ("NE"), number ("562") or the file's name ("Niger").

    Raises TenereError when the file was never built, or holds no such country.
    """
    return from_topojson(atlas(), wanted)


def atlas() -> bytes:
    """Return the bytes of the atlas inside the package. Raises TenereError when the build has not put it there."""
    try:
        return resources.files("tenere.geo").joinpath("data", "countries-10m.json").read_bytes()
    except OSError as error:
        msg = "the map of borders is missing (tenere/geo/data/countries-10m.json): run `make setup`"
        raise TenereError(msg) from error


def from_topojson(data: bytes, wanted: Sequence[str]) -> Borders:
    """Take the borders of some countries out of a TopoJSON atlas (TopoJSON 1.0; object "countries", quantized arcs).

    wanted: codes, numbers or names; the result keeps their order. Raises TenereError for an atlas that cannot be
    read and for a country that it does not hold.
    """
    try:
        topology = msgspec.json.decode(data, type=_Topology)
        geometries = topology.objects.countries.geometries
        by_name = {g.properties.name: g for g in reversed(geometries)}
        by_number = {str(g.id): g for g in reversed(geometries) if g.id is not None}
        chosen = [by_name.get(w) or by_number.get(NUMBER_OF.get(w.upper(), w)) for w in wanted]
        missing = [w for w, g in zip(wanted, chosen, strict=True) if g is None]
        if missing:
            msg = f"the map of borders holds no country {', '.join(missing)}: give a two-letter code, a number or its English name"
            raise TenereError(msg)
        found = [g for g in chosen if g is not None]
        rings = [(c, points) for c, g in enumerate(found) for points in _rings(topology, g)]
    except (msgspec.DecodeError, KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        msg = f"the map of borders cannot be read ({error}): run `make setup` again"
        raise TenereError(msg) from error
    code_of = {number: code for code, number in NUMBER_OF.items()}
    return Borders.of([g.properties.name for g in found], [code_of.get(str(g.id), "") for g in found], rings)


def contains(borders: Borders, lat_rad: float, lon_rad: float) -> int:
    """Return the index of the country a point lies in (the first, where two overlap), -1 for none and for NaN."""
    return int(contains_each(borders, np.array([lat_rad]), np.array([lon_rad]))[0])


def contains_each(borders: Borders, lat_rad: NDArray[np.float64], lon_rad: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the country index of each point, (n,) int64; -1 none."""
    return np.asarray(
        _contains(
            lat_rad,
            lon_rad,
            borders.lat_rad,
            borders.lon_rad,
            borders.ring_start,
            borders.ring_country,
            borders.ring_box,
            len(borders.names),
        )
    )


def distance_m(borders: Borders, country: int, lat_rad: float, lon_rad: float) -> float:
    """Return the distance from a point to the border of a country in metres, from within or without; NaN for NaN.

    Flat around the point: within 1 % up to 500 km at the latitudes of the tropics, worse near the poles.
    """
    return float(distance_each_m(borders, country, np.array([lat_rad]), np.array([lon_rad]))[0])


def distance_each_m(borders: Borders, country: int, lat_rad: NDArray[np.float64], lon_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance from each point to the border of a country, (n,) float64 metres."""
    mine = borders.span_country == country
    return np.asarray(
        _distance(
            lat_rad, lon_rad, borders.lat_rad, borders.lon_rad, borders.span_start[mine], borders.span_end[mine], borders.span_box[mine]
        )
    )


def area_m2(borders: Borders, country: int) -> float:
    """Return the area of a country on the sphere of mean radius, in square metres; holes are taken off."""
    total = 0.0
    for ring in np.flatnonzero(borders.ring_country == country):
        points = slice(borders.ring_start[ring], borders.ring_start[ring + 1])
        lat, lon = borders.lat_rad[points], borders.lon_rad[points]
        total += float(np.sum(np.diff(lon) * (np.sin(lat[1:]) + np.sin(lat[:-1])))) / 2.0  # exact as edges grow short
    return abs(total) * EARTH_M**2


def _closed(points: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(points) and not np.array_equal(points[0], points[-1]):
        points = np.concatenate([points, points[:1]])
    return points


def _boxes(parts: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.array([[p[:, 0].min(), p[:, 0].max(), p[:, 1].min(), p[:, 1].max()] for p in parts], np.float64).reshape(-1, 4)


class _Properties(msgspec.Struct, frozen=True, gc=False):
    name: str


class _Geometry(msgspec.Struct, frozen=True, gc=False):
    properties: _Properties
    type: str = ""
    id: str | int | None = None
    arcs: msgspec.Raw = msgspec.Raw()


class _Countries(msgspec.Struct, frozen=True):
    geometries: list[_Geometry]


class _Objects(msgspec.Struct, frozen=True):
    countries: _Countries


class _Transform(msgspec.Struct, frozen=True):
    scale: tuple[float, float]
    translate: tuple[float, float]


class _Topology(msgspec.Struct, frozen=True):
    """An atlas; arcs stay text until a country asks for them, as all of them take thirty times as long to read."""

    objects: _Objects
    transform: _Transform
    arcs: list[msgspec.Raw]


def _rings(topology: _Topology, geometry: _Geometry) -> list[NDArray[np.float64]]:
    """Return the rings of a Polygon or MultiPolygon, each (n, 2) latitude and longitude in radians."""
    polygons = (
        [msgspec.json.decode(geometry.arcs, type=list[list[int]])]
        if geometry.type == "Polygon"
        else msgspec.json.decode(geometry.arcs, type=list[list[list[int]]])
    )
    return [_stitched(topology, ring) for polygon in polygons for ring in polygon]


def _stitched(topology: _Topology, ring: list[int]) -> NDArray[np.float64]:
    scale, translate = np.array(topology.transform.scale), np.array(topology.transform.translate)
    parts: list[NDArray[np.float64]] = []
    for number in ring:
        arc = topology.arcs[~number if number < 0 else number]
        steps = np.array(msgspec.json.decode(arc, type=list[tuple[int, int]]), np.float64).reshape(-1, 2)
        line = np.cumsum(steps, axis=0) * scale + translate
        if number < 0:  # ~number, walked backwards
            line = line[::-1]
        parts.append(line if not parts else line[1:])  # an arc begins where the one before it ended
    return np.radians(np.concatenate(parts)[:, ::-1])


@njit(cache=True)
def _contains(lat, lon, point_lat, point_lon, ring_start, ring_country, ring_box, countries):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - numba kernel
    """Count the edges due north of each point: odd is inside. Half-open edges, so a corner counts once."""
    found = np.full(lat.size, -1, np.int64)
    odd = np.zeros(countries, np.bool_)
    for i in range(lat.size):
        y, x = lat[i], lon[i]
        odd[:] = False
        for ring in range(ring_country.size):
            if not (ring_box[ring, 0] <= y <= ring_box[ring, 1] and ring_box[ring, 2] <= x <= ring_box[ring, 3]):
                continue
            crossings = 0
            for k in range(ring_start[ring], ring_start[ring + 1] - 1):
                x0, x1 = point_lon[k], point_lon[k + 1]
                if (x0 <= x) != (x1 <= x) and y < point_lat[k] + (x - x0) / (x1 - x0) * (point_lat[k + 1] - point_lat[k]):
                    crossings += 1
            if crossings % 2 == 1:
                odd[ring_country[ring]] = not odd[ring_country[ring]]
        for country in range(countries):
            if odd[country]:
                found[i] = country
                break
    return found


@njit(cache=True)
def _distance(lat, lon, point_lat, point_lon, span_start, span_end, span_box):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - numba kernel
    """Least distance to the edges; a span whose box is further than the best so far is skipped."""
    found = np.full(lat.size, np.nan)
    for i in range(lat.size):
        y, x = lat[i], lon[i]
        if not (math.isfinite(y) and math.isfinite(x)):
            continue
        best = np.inf
        for span in range(span_start.size):
            south, north = span_box[span, 0], span_box[span, 1]
            shrink = math.cos(max(abs(y), abs(south), abs(north)))  # the least a longitude can be worth here
            away_y = max(0.0, south - y, y - north)
            away_x = max(0.0, span_box[span, 2] - x, x - span_box[span, 3]) * shrink
            if away_y * away_y + away_x * away_x >= best:
                continue
            for k in range(span_start[span], span_end[span]):
                ay, by = point_lat[k] - y, point_lat[k + 1] - y
                ax = (point_lon[k] - x) * math.cos(y + 0.5 * ay)  # scale of longitude midway: second order in distance
                bx = (point_lon[k + 1] - x) * math.cos(y + 0.5 * by)
                dy, dx = by - ay, bx - ax
                length = dx * dx + dy * dy
                along = 0.0 if length == 0.0 else min(1.0, max(0.0, -(ax * dx + ay * dy) / length))
                py, px = ay + along * dy, ax + along * dx
                best = min(best, py * py + px * px)
        found[i] = math.sqrt(best) * EARTH_M
    return found

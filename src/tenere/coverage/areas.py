"""Areas: parts of the earth for which coverage is told, and which posts of a country's plane lie in them.

An area is a union of polygons, each a list of rings of latitude and longitude (radians; inside is what an odd number of them holds, so
holes need no mark), cut to a strip inside a border where it is one. Corridors and circles are laid by geodesics. Edges of polygons are
straight in latitude and longitude, as `tenere.geo.borders` has them.

    >>> from pathlib import Path
    >>> from tenere.coverage.area_config import AreaConfig, CircleConfig
    >>> ctr = area_of(AreaConfig(id="DRRN", kind="ctr", circle=CircleConfig(lat_deg=13.48, lon_deg=2.18, radius_m=20e3)), Path())
    >>> ctr.id, len(ctr.polygons)
    ('DRRN', 1)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenere.coverage import geojson
from tenere.coverage.horizon import CoverageError
from tenere.errors import TenereError
from tenere.geo import borders
from tenere.geo.geodesic import between, destination
from tenere.geo.terrain.raster import rasterio

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.coverage.area_config import AreaConfig
    from tenere.coverage.country import Sight
    from tenere.geo.terrain import CountryPlane

    F64 = NDArray[np.float64]
    Ring = F64
    Polygon = list[Ring]

ROUND = 120
"""Corners of a circle; it is made as large as the circle it stands for."""
LEG_M = 10_000.0
"""A corridor's sides, and a border's edges where a strip is laid along it, have a corner each so many metres at most."""
EDGE_M = 5_000.0
"""An edge straight in latitude and longitude is laid on the plane in pieces so long: each strays 0.5 m tan(latitude) from straight."""
MOST_AREAS = 32


@dataclass(frozen=True)
class Area:
    """A part of the earth. polygons: their union is the area. strip: where not empty, only what lies within them too."""

    id: str
    name: str
    kind: str
    polygons: tuple[Polygon, ...]
    strip: tuple[Polygon, ...] = ()

    def outline(self) -> tuple[F64, F64]:
        """Return latitudes and longitudes of its corners, (n,) each."""
        points = np.concatenate([ring for polygon in self.polygons for ring in polygon])
        return points[:, 0], points[:, 1]


def area_of(config: AreaConfig, folder: Path) -> Area:
    """Lay one area of the site file. Raises CoverageError (a file), TenereError (a country that the map of borders does not hold)."""
    name = config.name or config.id
    try:
        if config.country:
            held = borders.load((config.country,))
            rings = _rings(held)
            strip = _along(rings, config.width_m) if config.width_m else []
            name = config.name or (config.id if strip else held.names[0])
            return Area(config.id, name, config.kind, (rings,), tuple(strip))
        if config.circle is not None:
            c = config.circle
            polygons = [[circle(np.radians(c.lat_deg), np.radians(c.lon_deg), c.radius_m)]]
        elif config.polygon:
            polygons = [[_closed(np.radians(np.array(config.polygon, float)))]]
        elif config.line:
            polygons = corridor(np.radians(np.array(config.line, float)), config.width_m)
        else:
            return _of_file(config, name, folder)
    except TenereError as e:
        raise CoverageError(f"area {config.id}: {e}") from e
    return Area(config.id, name, config.kind, tuple(polygons))


def _of_file(config: AreaConfig, name: str, folder: Path) -> Area:
    """Lay an area out of a file: its polygons, or a strip inside their border; corridors along its lines where it holds nothing else."""
    held = geojson.read(folder / config.file, config.feature)
    if held.polygons:
        strip = [p for rings in held.polygons for p in _along(rings, config.width_m)] if config.width_m else []
        return Area(config.id, name, config.kind, tuple(held.polygons), tuple(strip))
    if not config.width_m:
        raise CoverageError(f"{config.file}: holds lines only; give width_m to make corridors of them")
    return Area(config.id, name, config.kind, tuple(p for line in held.lines for p in corridor(line, config.width_m)))


def areas_of(configs: Sequence[AreaConfig], sights: Sequence[Sight], home: str, folder: Path) -> tuple[Area, ...]:
    """Return the areas of a site file; without any, the home country where a sensor stands in it, else what the sensors reach."""
    if len(configs) > MOST_AREAS:
        raise CoverageError(f"{len(configs)} areas; {MOST_AREAS} can be told at once: name some with --area")
    if configs:
        return tuple(area_of(c, folder) for c in configs)
    if home:
        held = borders.load((home,))
        lat, lon = (np.array([getattr(s.antenna, k) for s in sights], float) for k in ("lat_rad", "lon_rad"))
        if len(sights) and (borders.contains_each(held, lat, lon) >= 0).any():
            return (Area(home, held.names[0], "country", (_rings(held),)),)
    if not sights:
        raise CoverageError("no sensor has a place (lat_deg, lon_deg), and no [[area]] is named: nothing to compute")
    round_each = [[circle(s.antenna.lat_rad, s.antenna.lon_rad, s.antenna.max_range_m)] for s in sights]
    return (Area("reach", "reach", "other", tuple(round_each)),)


def country_rings(country: str) -> Polygon:
    """Return a country's rings. Raises TenereError for one that the map of borders does not hold."""
    return _rings(borders.load((country,)))


def _rings(held: borders.Borders) -> Polygon:
    points = np.stack([held.lat_rad, held.lon_rad], axis=1)
    return [points[a:b] for a, b in zip(held.ring_start[:-1], held.ring_start[1:], strict=True)]


def _closed(points: F64) -> F64:
    return points if np.array_equal(points[0], points[-1]) else np.concatenate([points, points[:1]])


def circle(lat_rad: float, lon_rad: float, radius_m: float) -> Ring:
    """Return a circle as a closed ring of equal area, (n, 2) latitude and longitude."""
    return np.asarray(_circles(np.array([lat_rad]), np.array([lon_rad]), radius_m)[0])


def _circles(lat_rad: F64, lon_rad: F64, radius_m: float) -> F64:
    """Return circles round some places, (places, corners, 2)."""
    az = np.arange(ROUND + 1) % ROUND * (2 * np.pi / ROUND)
    grown = radius_m / np.sqrt(np.sin(2 * np.pi / ROUND) / (2 * np.pi / ROUND))
    return np.stack(destination(lat_rad[:, None], lon_rad[:, None], az, grown), axis=-1)


def corridor(line: F64, width_m: float) -> list[Polygon]:
    """Return a corridor along a line (n, 2): a strip for each leg, which is a geodesic, and a disc at each point; their union counts."""
    lat, lon = line[:, 0], line[:, 1]
    far, azimuth = between(lat[:-1], lon[:-1], lat[1:], lon[1:])
    if not np.isfinite(far).all():
        raise CoverageError("two points of a line lie opposite each other on the earth: put one between them")
    half = width_m / 2.0
    out = [[ring] for ring in _circles(lat, lon, half)]
    pieces = np.ceil(far / LEG_M).astype(int)
    leg = np.repeat(np.arange(far.size), pieces)
    first = np.arange(leg.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    y0, x0 = destination(lat[leg], lon[leg], azimuth[leg], far[leg] * first / pieces[leg])
    y1, x1 = destination(lat[leg], lon[leg], azimuth[leg], far[leg] * (first + 1) / pieces[leg])
    ahead, back = between(y0, x0, y1, x1)[1], between(y1, x1, y0, x0)[1]
    turns = ((y0, x0, ahead + np.pi / 2), (y1, x1, back - np.pi / 2), (y1, x1, back + np.pi / 2), (y0, x0, ahead - np.pi / 2))
    corners = [np.stack(destination(y, x, turn, half), axis=-1) for y, x, turn in turns]
    return out + [[ring] for ring in np.stack([*corners, corners[0]], axis=1)]


def _along(rings: Polygon, depth_m: float) -> list[Polygon]:
    """Return what lies within a distance of some rings."""
    return [p for ring in rings for p in corridor(dense(ring, LEG_M), 2.0 * depth_m)]


def dense(ring: F64, most_m: float) -> F64:
    """Return a line with points put between, straight in latitude and longitude, so that none is farther apart than about so far."""
    d = np.diff(ring, axis=0)
    n = np.maximum(1, np.ceil(np.hypot(d[:, 0], d[:, 1]) * borders.EARTH_M / most_m).astype(int))
    edge = np.repeat(np.arange(n.size), n)
    share = (np.arange(edge.size) - np.repeat(np.cumsum(n) - n, n)) / n[edge]
    return np.concatenate([ring[edge] + d[edge] * share[:, None], ring[-1:]])


def mask(plane: CountryPlane, area: Area) -> NDArray[np.bool_]:
    """Return which posts of a plane lie in an area, (n, m) bool. A post lies in it when it does itself, not its surroundings."""
    inside = _burnt(plane, area.polygons)
    if area.strip:
        inside &= _burnt(plane, area.strip)
    return inside


def _burnt(plane: CountryPlane, polygons: Sequence[Polygon]) -> NDArray[np.bool_]:
    """Rasterize the union of some polygons: post (row, column) is the middle of a pixel."""
    package = rasterio()
    from rasterio.features import rasterize  # noqa: PLC0415 - optional and slow to import

    held = [[dense(ring, EDGE_M) for ring in polygon] for polygon in polygons]
    points = np.concatenate([ring for polygon in held for ring in polygon])
    row, column = plane.to_grid(points[:, 0], points[:, 1])
    if not np.isfinite(row).all():
        raise CoverageError("an area reaches farther than 60 degrees of arc from its plane's middle: cut it in parts")
    places, at = np.stack([column, row], axis=1), 0
    shapes = []
    for polygon in held:
        rings = []
        for ring in polygon:
            rings.append(places[at : at + len(ring)].tolist())
            at += len(ring)
        shapes.append({"type": "Polygon", "coordinates": rings})
    half = package.Affine.translation(-0.5, -0.5)
    return np.asarray(rasterize(shapes, out_shape=plane.shape, transform=half, fill=0, default_value=1, dtype="uint8")).view(np.bool_)

"""Outlines of what is seen: GeoJSON polygons of each height (RFC 7946), and the rings that tar1090 draws.

tar1090 reads one file, `upintheair.json`, in the form HeyWhatsThat gave it: `rings`, each with its altitude `alt` (metres above the sea)
and `points` (latitude, longitude), drawn as closed lines. A feeder's tar1090 wants its own antenna's (`antenna_rings`: the farthest place
seen in each of 360 directions); a network's wants all sensors' together (`fused_rings`: edges of the polygons, holes too, in the areas).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.coverage.horizon import CoverageError, horizon
from tenere.geo.geodesic import destination
from tenere.geo.terrain.raster import rasterio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tenere.coverage.country import Sight
    from tenere.coverage.report.study import Study
    from tenere.geo.terrain import CountryPlane

    F64 = NDArray[np.float64]
    Mask = NDArray[np.bool_]

DIRECTIONS = 360
MOST_POSTS = 1000
"""Posts from an antenna to its range, for its rings: a finer step is not taken."""
USUAL_M = (3048.0, 9144.0)
"""Altitudes of rings where none above the sea is asked for: 10,000 and 30,000 ft, as HeyWhatsThat's users take."""
DECIMALS = 5
"""Of degrees: 1 m."""


def polygons(plane: CountryPlane, seen: Mask) -> Iterator[list[F64]]:
    """Yield the connected parts of a mask, each a list of closed rings (n, 2) of rows and columns, outer ring first."""
    package = rasterio()
    from rasterio.features import shapes  # noqa: PLC0415 - optional and slow to import

    assert seen.shape == plane.shape
    half = package.Affine.translation(-0.5, -0.5)
    for geometry, _ in shapes(seen.astype(np.uint8), mask=seen, connectivity=4, transform=half):
        yield [np.array(ring, float)[:, ::-1] for ring in geometry["coordinates"]]


def _degrees(plane: CountryPlane, ring: F64) -> F64:
    """Return longitude and latitude of a ring, rounded; raise CoverageError across the 180th meridian."""
    lat, lon = plane.place(ring[:, 0], ring[:, 1])
    out = np.asarray(np.degrees(np.stack([lon, lat], axis=1)), float).round(DECIMALS)
    if np.ptp(out[:, 0]) > 180.0:
        raise CoverageError("what is seen crosses the 180th meridian: no outlines are made")
    return out


def _wound(ring: F64, left: bool) -> F64:
    """Turn a ring anticlockwise (left), or clockwise (RFC 7946, section 3.1.6)."""
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    area = float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
    return ring if (area > 0) == left else ring[::-1]


def geojson(study: Study) -> dict[str, Any]:
    """Return where one and where two sensors or more see each height, a MultiPolygon each. Raises CoverageError: 180th meridian."""
    features = []
    for h, level in enumerate(study.levels):
        for least in (1, 2):
            parts = [
                [_wound(_degrees(study.plane, ring), left=k == 0).tolist() for k, ring in enumerate(rings)]
                for rings in polygons(study.plane, study.counts[h] >= least)
            ]
            features.append(
                {
                    "type": "Feature",
                    "properties": {
                        "height": level.name,
                        "height_m": round(level.height.metres, 3),
                        "above": "ground" if level.height.above_ground else "sea",
                        "sensors": least,
                    },
                    "geometry": {"type": "MultiPolygon", "coordinates": parts},
                }
            )
    return {"type": "FeatureCollection", "features": features}


def _altitudes(study: Study) -> list[tuple[float, int]]:
    """Return the altitudes of rings in metres AMSL, and the height of the study that each is (-1: none)."""
    own = [(v.height.metres, h) for h, v in enumerate(study.levels) if not v.height.above_ground]
    return own or [(v, -1) for v in USUAL_M]


def fused_rings(study: Study) -> dict[str, Any]:
    """Return the rings of all sensors together; edges of a step are smoothed to within one step."""
    rings = []
    for metres, h in _altitudes(study):
        seen = study.counts[h] >= 1 if h >= 0 else study.picture.best_m <= np.float32(metres)
        for part in polygons(study.plane, seen):
            for ring in part:
                points = simple(ring, 1.0)
                if len(points) > 4:
                    rings.append((metres, _degrees(study.plane, points)[:, ::-1]))
    lat, lon = study.plane.gnomonic.lat_rad, study.plane.gnomonic.lon_rad
    return _file(study, "fused", math.degrees(lat), math.degrees(lon), 0.0, rings)


def antenna_rings(study: Study, sight: Sight) -> dict[str, Any]:
    """Return the rings of one sensor: in each direction the farthest place that it sees, on its own plane, areas or not.

    Raises CoverageError, TerrainError.
    """
    a = sight.antenna
    step = max(study.plane.step_m, a.max_range_m / MOST_POSTS)
    seen = horizon(study.ground.around(a.lat_rad, a.lon_rad, a.max_range_m, step), a, k=study.refraction, obstacles=sight.obstacles)
    middle = seen.grid.middle
    rows, columns = np.nonzero(np.isfinite(seen.amsl_m))
    low = seen.amsl_m[rows, columns]
    north, east = (middle - rows).astype(float), (columns - middle).astype(float)
    far = np.hypot(north, east) * step
    sector = (np.arctan2(east, north) % (2 * np.pi) / (2 * np.pi) * DIRECTIONS).astype(int) % DIRECTIONS
    rings = []
    for metres, _ in _altitudes(study):
        reach = np.zeros(DIRECTIONS)
        here = (low <= metres) & (far * far + (metres - seen.antenna_m) ** 2 <= a.max_range_m**2)
        np.maximum.at(reach, sector[here], far[here])
        lat, lon = destination(a.lat_rad, a.lon_rad, (np.arange(DIRECTIONS) + 0.5) * 2 * np.pi / DIRECTIONS, reach)
        points = np.asarray(np.degrees(np.stack([lat, lon], axis=1)), float).round(DECIMALS)
        rings.append((metres, points))
    return _file(study, sight.id, math.degrees(a.lat_rad), math.degrees(a.lon_rad), seen.antenna_m, rings)


def _file(study: Study, name: str, lat_deg: float, lon_deg: float, antenna_m: float, rings: Sequence[tuple[float, F64]]) -> dict[str, Any]:
    """Return the document. Refraction is told as HeyWhatsThat does, 1 - 1 / k."""
    return {
        "id": name,
        "lat": round(lat_deg, 6),
        "lon": round(lon_deg, 6),
        "elev_amsl": round(antenna_m, 1),
        "refraction": round(1.0 - 1.0 / study.refraction, 4),
        "rings": [{"alt": round(metres, 1), "points": points.tolist()} for metres, points in rings],
    }


def simple(ring: F64, most: float) -> F64:
    """Return a closed ring with points left out that lie within a distance of the line between those kept.

    U. Ramer, An iterative procedure for the polygonal approximation of plane curves, 1972.
    """
    keep = np.zeros(len(ring), np.bool_)
    middle = int(np.argmax(np.hypot(*(ring - ring[0]).T)))
    keep[[0, middle, -1]] = True
    stack = [(0, middle), (middle, len(ring) - 1)]
    while stack:
        a, b = stack.pop()
        if b - a < 2:
            continue
        along = ring[b] - ring[a]
        from_a = ring[a + 1 : b] - ring[a]
        away = np.abs(along[0] * from_a[:, 1] - along[1] * from_a[:, 0]) / max(float(np.hypot(*along)), 1e-12)
        worst = int(np.argmax(away))
        if away[worst] > most:
            keep[a + 1 + worst] = True
            stack += [(a, a + 1 + worst), (a + 1 + worst, b)]
    return np.asarray(ring[keep])

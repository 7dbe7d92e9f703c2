"""Reading areas from GeoJSON (RFC 7946): polygons and lines, nothing trusted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from tenere.coverage.horizon import CoverageError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

MOST_BYTES = 64 << 20
MOST_POINTS = 2_000_000
MOST_DEPTH = 8
"""Geometry collections within each other."""
NAMES = ("id", "ident", "icao", "name")
"""Properties by which a feature is known, beside its own id; in any case of letters."""
DEGREES = ("4326", "crs84", "4979")
"""Projections that an old file's member "crs" may name: they are longitude and latitude, as RFC 7946 wants."""


class Shapes(NamedTuple):
    """What a file holds: polygons, each a list of rings, and lines; all (n, 2) float64 latitude and longitude in radians."""

    polygons: list[list[F64]]
    lines: list[F64]


def read(path: Path, feature: str = "") -> Shapes:
    """Read a GeoJSON file. feature: id or name of the only feature wanted. Raises CoverageError saying what is wrong and where."""
    try:
        with path.open("rb") as f:
            data = f.read(MOST_BYTES + 1)
    except (OSError, ValueError) as e:  # ValueError: a name with a null byte
        raise CoverageError(f"{path}: cannot be read: {getattr(e, 'strerror', None) or e}") from e
    if len(data) > MOST_BYTES:
        raise CoverageError(f"{path}: is larger than {MOST_BYTES >> 20} MiB: simplify the area, or take it out of the file")
    return parse(data, feature, str(path))


def parse(data: bytes, feature: str = "", name: str = "GeoJSON") -> Shapes:
    """Read the bytes of a GeoJSON document. Raises CoverageError."""
    try:
        tree = msgspec.json.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as e:
        raise CoverageError(f"{name}: not valid JSON: {e}") from e
    try:
        chosen = _chosen(tree, feature)
        reader = _Reader()
        for geometry in chosen:
            reader.take(geometry, 0)
    except _WrongError as e:
        raise CoverageError(f"{name}: {e}") from e
    if not (reader.shapes.polygons or reader.shapes.lines):
        raise CoverageError(f"{name}: holds no polygon and no line{f' under {feature!r}' if feature else ''}")
    return reader.shapes


class _WrongError(Exception):
    """Something is not as GeoJSON has it."""


def _chosen(tree: Any, feature: str) -> list[Any]:  # noqa: ANN401 - a JSON tree
    """Return the geometries wanted."""
    if not isinstance(tree, dict):
        raise _WrongError(f"a GeoJSON document is an object, not {type(tree).__name__}")
    crs = tree.get("crs")
    if crs is not None and not any(word in str(crs).lower() for word in DEGREES):
        raise _WrongError(
            "its member crs names another projection than longitude and latitude of WGS-84: convert it (ogr2ogr -t_srs EPSG:4326)"
        )
    kind = tree.get("type")
    if kind == "FeatureCollection":
        features = tree.get("features")
        if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
            raise _WrongError("features is no list of features")
    elif kind == "Feature":
        features = [tree]
    else:
        if feature:
            raise _WrongError(f"is one geometry, so there is no feature {feature!r} in it")
        return [tree]
    if feature:
        found = [f for f in features if feature in _names(f)]
        if not found:
            there = sorted({n for f in features[:200] for n in _names(f)})[:8]
            raise _WrongError(f"there is no feature {feature!r}; there are {', '.join(there) or 'none with an id or a name'}")
        features = found
    return [f.get("geometry") for f in features if f.get("geometry") is not None]


def _names(feature: dict[str, Any]) -> list[str]:
    """Return what a feature may be called."""
    properties = feature.get("properties")
    held = {str(k).lower(): v for k, v in properties.items()} if isinstance(properties, dict) else {}
    said = [feature.get("id"), *(held.get(n) for n in NAMES)]
    return [str(v) for v in said if isinstance(v, str | int)]


class _Reader:
    """Gathers rings and lines from geometries."""

    def __init__(self) -> None:
        self.shapes = Shapes([], [])
        self.points = 0

    def take(self, geometry: Any, depth: int) -> None:  # noqa: ANN401 - a JSON tree
        """Add one geometry; points say nothing of an area, and are passed over."""
        if not isinstance(geometry, dict):
            raise _WrongError(f"a geometry is an object, not {type(geometry).__name__}")
        if depth > MOST_DEPTH:
            raise _WrongError(f"geometry collections more than {MOST_DEPTH} deep")
        kind, inner = geometry.get("type"), geometry.get("coordinates")
        if kind == "GeometryCollection":
            for one in _list(geometry.get("geometries"), "geometries"):
                self.take(one, depth + 1)
        elif kind == "Polygon":
            self._polygon(inner)
        elif kind == "MultiPolygon":
            for one in _list(inner, "coordinates"):
                self._polygon(one)
        elif kind == "LineString":
            self.shapes.lines.append(self._line(inner, 2))
        elif kind == "MultiLineString":
            self.shapes.lines.extend(self._line(one, 2) for one in _list(inner, "coordinates"))
        elif kind not in ("Point", "MultiPoint"):
            raise _WrongError(f"there is no geometry {str(kind)[:40]!r}")

    def _polygon(self, rings: Any) -> None:  # noqa: ANN401 - a JSON tree
        held = [self._line(ring, 4) for ring in _list(rings, "a polygon")]
        if not held:
            raise _WrongError("a polygon without a ring")
        for ring in held:
            if not np.array_equal(ring[0], ring[-1]):
                raise _WrongError("a ring is not closed: its last position must be its first one again")
        self.shapes.polygons.append(held)

    def _line(self, positions: Any, least: int) -> F64:  # noqa: ANN401 - a JSON tree
        listed = _list(positions, "coordinates")
        self.points += len(listed)
        if self.points > MOST_POINTS:
            raise _WrongError(f"more than {MOST_POINTS:,} positions: simplify it")
        if len(listed) < least:
            raise _WrongError(f"{len(listed)} positions where at least {least} are needed")
        out = np.empty((len(listed), 2))
        for i, p in enumerate(listed):
            if not (isinstance(p, list) and len(p) >= 2 and all(isinstance(v, int | float) and not isinstance(v, bool) for v in p[:2])):
                raise _WrongError(f"a position is [longitude, latitude], not {str(p)[:40]}")
            lon, lat = float(p[0]) if abs(p[0]) < 1e9 else math.inf, float(p[1]) if abs(p[1]) < 1e9 else math.inf
            if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):
                raise _WrongError(f"position [{p[0]:.6g}, {p[1]:.6g}] is no longitude and latitude in degrees (longitude comes first)")
            out[i] = lat, lon
        if (np.abs(np.diff(out[:, 1])) > 180.0).any():
            raise _WrongError("a line crosses the 180th meridian: cut it there (RFC 7946, section 3.1.9)")
        return np.radians(out)


def _list(value: Any, what: str) -> list[Any]:  # noqa: ANN401 - a JSON tree
    if not isinstance(value, list):
        raise _WrongError(f"{what} is no list")
    return value

"""Outlines in JSON: longitude before latitude, rings closed, lines straight in longitude and latitude (RFC 7946, section 3.1)."""

from __future__ import annotations

from typing import Any

import msgspec

from tenere.airspace import angles, arcs, sanity
from tenere.airspace.formats.openair import without_repeats
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import Circle, Polygon, Volume

MOST_PARTS = 1000
"""Polygons of one feature."""
MOST_DEPTH = 4
"""Geometry collections within each other."""


def decoded(data: bytes) -> Any:  # noqa: ANN401 - a JSON tree
    """Return the tree of a JSON document. Raises AirspaceError naming the line."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(data)
    except RecursionError as e:
        raise AirspaceError("is nested too deeply to be read") from e
    except (msgspec.DecodeError, ValueError, OverflowError) as e:
        at = str(e).rpartition("byte ")[2].rstrip(")")
        line = data[: int(at)].count(b"\n") + 1 if at.isdigit() else 1
        raise AirspaceError(f"line {line}: is not valid JSON: {e}") from e


def listed(value: Any, what: str) -> list[Any]:  # noqa: ANN401 - a JSON tree
    """Return a list, or raise AirspaceError."""
    if not isinstance(value, list):
        raise AirspaceError(f"{what} is no list")
    return value


def table(value: Any, what: str) -> dict[str, Any]:  # noqa: ANN401 - a JSON tree
    """Return a table, or raise AirspaceError."""
    if not isinstance(value, dict):
        raise AirspaceError(f"{what} is no object")
    return value


def number(value: Any, what: str) -> float:  # noqa: ANN401 - a JSON tree
    """Return a number, also of a text that is one. Raises AirspaceError."""
    try:
        out = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        out = None
    if out is None or not abs(out) < 1e12:
        raise AirspaceError(f"{what} is no number: {str(value)[:40]!r}")
    return out


def words(value: Any) -> str:  # noqa: ANN401 - a JSON tree
    """Return a text, empty for what is none. Of texts by language, the first."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("text")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)[: 4 * sanity.MOST_REMARK]


def place(position: Any) -> tuple[float, float]:  # noqa: ANN401 - a JSON tree
    """Read a position. Raises AirspaceError."""
    p = listed(position, "a position")
    if len(p) < 2:
        raise AirspaceError("a position is longitude and latitude")
    lon, lat = number(p[0], "a longitude"), number(p[1], "a latitude")
    if not (abs(lat) <= 90.0 and abs(lon) <= 360.0):
        raise AirspaceError(f"[{lon:g}, {lat:g}] is no longitude and latitude in degrees (longitude comes first)")
    return angles.settled(lat), angles.settled(angles.wrapped(lon))


def ring_of(positions: Any) -> arcs.Ring:  # noqa: ANN401 - a JSON tree
    """Read a ring, closed or not, with points added where its lines leave the great circle. Raises AirspaceError."""
    held = listed(positions, "a ring")
    if len(held) > 4 * sanity.MOST_POINTS:
        raise AirspaceError(f"a ring has more than {sanity.MOST_POINTS:,} points")
    return arcs.of_map(without_repeats([place(p) for p in held]))


def polygon_of(rings: Any) -> Polygon:  # noqa: ANN401 - a JSON tree
    """Read a polygon. Raises AirspaceError."""
    held = listed(rings, "a polygon")
    if not held or len(held) > sanity.MOST_POINTS:
        raise AirspaceError("a polygon without a ring")
    return Polygon(ring_of(held[0]), tuple(ring_of(h) for h in held[1:]))


def shapes_of(geometry: Any, depth: int = 0) -> list[tuple[Polygon | Circle, dict[str, Any]]]:  # noqa: ANN401 - a JSON tree
    """Read a geometry as shapes, each with the geometry it was in: polygons, and points with a circle's extent. Raises AirspaceError."""
    held = table(geometry, "the geometry")
    kind = held.get("type")
    if kind == "Polygon":
        return [(polygon_of(held.get("coordinates")), held)]
    if kind == "MultiPolygon":
        parts = listed(held.get("coordinates"), "coordinates")
        if len(parts) > MOST_PARTS:
            raise AirspaceError(f"a feature of more than {MOST_PARTS} polygons")
        return [(polygon_of(p), held) for p in parts]
    if kind == "GeometryCollection" and depth < MOST_DEPTH:
        parts = listed(held.get("geometries"), "geometries")
        if len(parts) > MOST_PARTS:
            raise AirspaceError(f"a feature of more than {MOST_PARTS} geometries")
        return [s for p in parts for s in shapes_of(p, depth + 1)]
    if kind == "Point" and isinstance(extent := held.get("extent"), dict) and extent.get("subType") == "Circle":
        return [(Circle(*place(held.get("coordinates")), round(number(extent.get("radius"), "a radius"), 3)), held)]
    raise AirspaceError(f"a geometry {str(kind)[:40]!r} encloses nothing: only polygons, and points with a circle's extent, do")


def drawn(volume: Volume) -> list[list[list[list[float]]]]:
    """Return a volume's outline as GeoJSON polygons, each a list of rings: circles and corridors as points."""
    shape = volume.shape
    if isinstance(shape, Polygon):
        return arcs.cut([arcs.for_map(r) for r in (shape.ring, *shape.holes)])
    rings = [arcs.circle_ring(shape)] if isinstance(shape, Circle) else arcs.legs(shape)
    return [p for r in rings for p in arcs.cut([arcs.for_map(r)])]


def collection(parts: list[Any]) -> dict[str, Any]:
    """Return one polygon as a Polygon, several as a MultiPolygon."""
    return {"type": "Polygon", "coordinates": parts[0]} if len(parts) == 1 else {"type": "MultiPolygon", "coordinates": parts}

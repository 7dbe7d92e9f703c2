"""ED-269: zones for drones as EUROCAE's minimum standard has them in JSON (ED-269, 2020, tables 8 to 16): UASZone.

{"features": [{"identifier": "LFR108", "country": "FRA", "restriction": "PROHIBITED",
               "geometry": [{"uomDimensions": "M", "lowerLimit": 0, "lowerVerticalReference": "AGL", "upperLimit": 120, ...
                             "horizontalProjection": {"type": "Circle", "center": [2.3, 48.8], "radius": 500}}]}]}
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.airspace.formats import exact, geojson, geometry, kinds, zones
from tenere.airspace.formats.reading import Gathered, Read
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import Circle, Polygon, Volume

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence

LISTS = ("features", "UASZoneList", "uasZoneList", "zones")
"""Under what the list of zones stands in files in use."""


def read(data: bytes, name: str = "", tell: Callable[[float], None] | None = None) -> Read:  # noqa: ARG001 - as every reader
    """Read a file."""
    return read_tree(geometry.decoded(data), tell)


def zones_of(tree: Any) -> list[Any]:  # noqa: ANN401 - a JSON tree
    """Return the zones of a document. Raises AirspaceError."""
    if isinstance(tree, list):
        return tree
    held = geometry.table(tree, "the document")
    key = next((k for k in LISTS if k in held), "features")
    return geometry.listed(held.get(key), key)


def read_tree(tree: Any, tell: Callable[[float], None] | None = None) -> Read:  # noqa: ANN401 - a JSON tree
    """Read a document's tree."""
    found = Gathered(tell)
    held = zones_of(tree)
    for i, zone in enumerate(held):
        geojson.take(found, zone, f"features[{i}]", volumes_of, plain, held_in="")
        if i % 256 == 0:
            found.at(i / len(held))
    return found.done()


def volumes_of(zone: Any, odd: list[str]) -> list[Volume]:  # noqa: ANN401 - a JSON tree
    """Return the volumes that a zone's own fields say. Raises AirspaceError."""
    held = geometry.table(zone, "a zone")
    own = geometry.words(held.get("identifier"))
    restriction = geometry.words(held.get("restriction")).strip().upper()
    country = geometry.words(held.get("country")).strip().upper()
    applies = zones.when(held.get("applicability"), odd)
    made = Volume(
        id=own,
        name=geometry.words(held.get("name")) or own,
        kind=kinds.K.DRONE if restriction in kinds.ZONES else kinds.K.OTHER,
        shape=Circle(0.0, 0.0, 1.0),
        starts_s=applies.starts_s,
        ends_s=applies.ends_s,
        schedule=applies.schedule,
        country="" if country == zones.NO_COUNTRY else country,
        remark=geometry.words(held.get("message")),
    )
    parts = geometry.listed(held.get("geometry"), "geometry")
    if not 0 < len(parts) <= geometry.MOST_PARTS:
        raise AirspaceError(f"its geometry has {len(parts)} parts")
    return [_part(made, geometry.table(p, "a part of its geometry")) for p in parts]


def _part(made: Volume, held: dict[str, Any]) -> Volume:
    outline = geometry.table(held.get("horizontalProjection"), "horizontalProjection")
    unit = held.get("uomDimensions")
    shape: Polygon | Circle
    if outline.get("type") == "Circle":
        shape = Circle(*geometry.place(outline.get("center")), round(geometry.number(outline.get("radius"), "a radius"), 3))
    elif outline.get("type") == "Polygon":
        shape = geometry.polygon_of(outline.get("coordinates"))
    else:
        raise AirspaceError(f"a horizontalProjection {str(outline.get('type'))[:40]!r} is neither Circle nor Polygon")
    return msgspec.structs.replace(
        made,
        shape=shape,
        floor=zones.limit_of(held.get("lowerLimit"), held.get("lowerVerticalReference"), unit, ceiling=False),
        ceiling=zones.limit_of(held.get("upperLimit"), held.get("upperVerticalReference"), unit, ceiling=True),
    )


def plain(volume: Volume) -> list[Volume]:
    """Return what a volume's own fields alone give back."""
    return volumes_of(zone_of(volume), [])


def zone_of(volume: Volume) -> dict[str, Any]:
    """Return a volume as a zone, without what stands beside its fields."""
    shape = volume.shape
    if isinstance(shape, Circle):
        outlines: list[dict[str, Any]] = [{"type": "Circle", "center": [shape.lon_deg, shape.lat_deg], "radius": shape.radius_m}]
    else:
        outlines = [{"type": "Polygon", "coordinates": rings} for rings in geometry.drawn(volume)]
    unit, unit_m = zones.unit_of(volume)
    (low, low_from), (high, high_from) = zones.said_as(volume.floor, unit_m), zones.said_as(volume.ceiling, unit_m)
    heights: dict[str, Any] = {"uomDimensions": unit, "lowerLimit": low, "lowerVerticalReference": low_from}
    if math.isfinite(volume.ceiling.value_m):
        heights |= {"upperLimit": high, "upperVerticalReference": high_from}
    applies = zones.applies(volume)
    return {
        "identifier": zones.identifier(volume),
        "country": volume.country if len(volume.country) == 3 else zones.NO_COUNTRY,
        "name": volume.name,
        "type": "COMMON",
        "restriction": kinds.RESTRICTION.get(volume.kind, "NO_RESTRICTION"),
        "reason": [],
        "message": volume.remark,
        "applicability": [{"permanent": "NO", **p} for p in applies] or [{"permanent": "YES"}],
        "zoneAuthority": [],
        "geometry": [{**heights, "horizontalProjection": o} for o in outlines],
    }


def write(volumes: Sequence[Volume], own: Counter[str] | None = None) -> bytes:
    """Write volumes; what the standard has no field for stands in its extendedProperties."""
    out = []
    for v in volumes:
        zone = zone_of(v)
        if more := exact.beside(v, plain, own):
            zone["extendedProperties"] = {exact.KEY: more}
        out.append(zone)
    return msgspec.json.encode({"title": "Tenere", "features": out}) + b"\n"

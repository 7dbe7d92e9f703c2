"""ED-318: zones for drones as GeoJSON (EUROCAE ED-318, 2023, section 4.2): each geometry carries its layer of heights, points a circle.

{"type": "Feature", "properties": {"identifier": "LFR108", "country": "FRA", "type": "PROHIBITED", "variant": "COMMON", ...},
 "geometry": {"type": "Point", "coordinates": [2.3, 48.8], "extent": {"subType": "Circle", "radius": 500},
              "layer": {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tenere.airspace.formats import exact, geojson, geometry, kinds, zones
from tenere.airspace.formats.reading import Gathered, Read
from tenere.airspace.model import Circle, Volume

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence

LANGUAGE = "en-GB"


def read(data: bytes, name: str = "", tell: Callable[[float], None] | None = None) -> Read:  # noqa: ARG001 - as every reader
    """Read a file."""
    return read_tree(geometry.decoded(data), tell)


def read_tree(tree: Any, tell: Callable[[float], None] | None = None) -> Read:  # noqa: ANN401 - a JSON tree
    """Read a document's tree."""
    found = Gathered(tell)
    features = geojson.features_of(tree)
    for i, feature in enumerate(features):
        geojson.take(found, feature, f"features[{i}]", volumes_of, plain)
        if i % 256 == 0:
            found.at(i / len(features))
    return found.done()


def volumes_of(feature: Any, odd: list[str]) -> list[Volume]:  # noqa: ANN401 - a JSON tree
    """Return the volumes that a zone's own fields say. Raises AirspaceError."""
    held = geometry.table(feature, "a feature")
    about = geometry.table(held.get("properties"), "properties")
    own = geometry.words(about.get("identifier"))
    country = geometry.words(about.get("country")).strip().upper()
    applies = zones.when(about.get("limitedApplicability"), odd)
    out = []
    for shape, part in geometry.shapes_of(held.get("geometry")):
        layer = geometry.table(part.get("layer", {}), "layer")
        out.append(
            Volume(
                id=own,
                name=geometry.words(about.get("name")) or own,
                kind=kinds.K.DRONE if geometry.words(about.get("type")).upper() in kinds.ZONES else kinds.K.OTHER,
                floor=zones.limit_of(layer.get("lower"), layer.get("lowerReference"), layer.get("uom"), ceiling=False),
                ceiling=zones.limit_of(layer.get("upper"), layer.get("upperReference"), layer.get("uom"), ceiling=True),
                shape=shape,
                starts_s=applies.starts_s,
                ends_s=applies.ends_s,
                schedule=applies.schedule,
                country="" if country == zones.NO_COUNTRY else country,
                remark=geometry.words(about.get("message")),
            )
        )
    return out


def plain(volume: Volume) -> list[Volume]:
    """Return what a volume's own fields alone give back."""
    return volumes_of(feature_of(volume), [])


def feature_of(volume: Volume) -> dict[str, Any]:
    """Return a volume as a feature, without what stands beside its fields."""
    shape = volume.shape
    unit, unit_m = zones.unit_of(volume)
    (low, low_from), (high, high_from) = zones.said_as(volume.floor, unit_m), zones.said_as(volume.ceiling, unit_m)
    if isinstance(shape, Circle):
        outline: dict[str, Any] = {"type": "Point", "coordinates": [shape.lon_deg, shape.lat_deg]}
        outline["extent"] = {"subType": "Circle", "radius": shape.radius_m}
    else:
        outline = geometry.collection(geometry.drawn(volume))
    outline["layer"] = {"lower": low, "lowerReference": low_from, "upper": high, "upperReference": high_from, "uom": unit.lower()}
    about: dict[str, Any] = {
        "identifier": zones.identifier(volume),
        "country": volume.country if len(volume.country) == 3 else zones.NO_COUNTRY,
        "name": [{"lang": LANGUAGE, "text": volume.name}],
        "type": kinds.RESTRICTION.get(volume.kind, "NO_RESTRICTION").replace("ISATION", "IZATION"),
        "variant": "COMMON",
        "reason": [],
        "zoneAuthority": [],
    }
    if volume.remark:
        about["message"] = [{"lang": LANGUAGE, "text": volume.remark}]
    if applies := zones.applies(volume):
        about["limitedApplicability"] = applies
    return {"type": "Feature", "properties": about, "geometry": outline}


def write(volumes: Sequence[Volume], own: Counter[str] | None = None) -> bytes:
    """Write volumes; what the standard has no field for stands in its extendedProperties."""
    out = []
    for v in volumes:
        feature = feature_of(v)
        if more := exact.beside(v, plain, own):
            feature["properties"]["extendedProperties"] = {exact.KEY: more}
        out.append(feature)
    document = {"type": "FeatureCollection", "metadata": {"description": [{"lang": LANGUAGE, "text": "Tenere"}]}, "features": out}
    return msgspec.json.encode(document) + b"\n"

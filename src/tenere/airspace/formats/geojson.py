"""GeoJSON (RFC 7946): polygons whose properties say floor and ceiling, under any of the names that files in use have.

"floor": "1500 ft AMSL", "ceiling": "FL195"             as Tenere writes
"LOWERLIMIT": "0", "LOWERUNIT": "FT", "UPPERLIMIT": "195", "UPPERUNIT": "FL"
"lowerLimit": {"value": 1500, "unit": "FT", "referenceDatum": "MSL"}
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.airspace import limits
from tenere.airspace.formats import exact, geometry, kinds
from tenere.airspace.formats.reading import Gathered, Read
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import GROUND, UNLIMITED, Circle, Limit, Volume, VolumeKind

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence

_FLOORS = ("floor", "lowerlimit", "lower", "lowerceiling", "lower_limit", "base", "bottom")
_CEILINGS = ("ceiling", "upperlimit", "upper", "upperceiling", "upper_limit", "top")
_UNITS = {_FLOORS: ("lowerunit", "lower_unit", "loweruom"), _CEILINGS: ("upperunit", "upper_unit", "upperuom")}
_DATUMS = {_FLOORS: ("lowerreference", "lowerdatum", "lower_datum"), _CEILINGS: ("upperreference", "upperdatum", "upper_datum")}


def read(data: bytes, name: str = "", tell: Callable[[float], None] | None = None) -> Read:  # noqa: ARG001 - as every reader
    """Read a file."""
    return read_tree(geometry.decoded(data), tell)


def features_of(tree: Any) -> list[Any]:  # noqa: ANN401 - a JSON tree
    """Return the features of a GeoJSON document. Raises AirspaceError."""
    held = geometry.table(tree, "the document")
    if held.get("type") == "Feature":
        return [held]
    crs = str(held.get("crs", "CRS84")).lower()
    if not any(word in crs for word in ("4326", "crs84", "4979")):
        raise AirspaceError("its member crs names another projection than longitude and latitude of WGS-84: convert it first")
    return geometry.listed(held.get("features"), "features")


def read_tree(tree: Any, tell: Callable[[float], None] | None = None) -> Read:  # noqa: ANN401 - a JSON tree
    """Read a document's tree."""
    found = Gathered(tell)
    features = features_of(tree)
    for i, feature in enumerate(features):
        take(found, feature, f"features[{i}]", volumes_of, plain)
        if i % 256 == 0:
            found.at(i / len(features))
    return found.done()


def take(
    found: Gathered,
    feature: Any,  # noqa: ANN401 - a JSON tree
    where: str,
    volumes: Callable[[Any, list[str]], list[Volume]],
    plain_of: Callable[[Volume], list[Volume]],
    held_in: str = "properties",
) -> None:
    """Gather one feature's volumes, with what stands beside its fields, or refuse it."""
    about = feature.get(held_in) if isinstance(feature, dict) and held_in else feature
    name = geometry.words(about.get("name", about.get("NAME"))) if isinstance(about, dict) else ""
    exact.gather(found, where, name, partial(volumes, feature), _held(about), plain_of)


def _held(about: Any) -> Any:  # noqa: ANN401 - a JSON tree
    """Return what we wrote beside a feature's fields; None: nothing."""
    if not isinstance(about, dict):
        return None
    more = about.get("extendedProperties")
    return about.get(exact.KEY, more.get(exact.KEY) if isinstance(more, dict) else None)


def _found(held: dict[str, Any], names: Sequence[str]) -> Any:  # noqa: ANN401 - a JSON tree
    return next((held[n] for n in names if held.get(n) not in (None, "")), None)


def _limit(held: dict[str, Any], names: tuple[str, ...], other: Limit) -> Limit | None:
    """Read a limit under any of its names; None: there is none."""
    value = _found(held, names)
    if value is None:
        return None
    unit, datum = geometry.words(_found(held, _UNITS[names])), geometry.words(_found(held, _DATUMS[names]))
    if isinstance(value, dict):
        low = {k.lower(): v for k, v in value.items() if isinstance(k, str)}
        value, unit, datum = (
            low.get("value"),
            geometry.words(low.get("unit")),
            geometry.words(_found(low, ("referencedatum", "datum", "reference"))),
        )
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise AirspaceError(f"{names[0]}: {str(value)[:40]!r} is no limit")
    said = f"{limits.decimal(value) if isinstance(value, float) else value}".strip()
    if not said.replace(".", "", 1).replace("-", "", 1).isdigit():
        return limits.parse(said)
    if unit.upper() in ("FL", "6") or datum.upper() in ("STD", "FL"):
        return limits.parse(f"FL{said}") if unit.upper() in ("FL", "6", "") else limits.parse(f"{said} {unit} STD")
    if float(said) == 0.0 and datum.upper() in ("GND", "SFC", "AGL"):
        return GROUND if other is UNLIMITED else limits.parse("0 ft AGL")
    return limits.parse(f"{said} {unit} {datum}")


def volumes_of(feature: Any, odd: list[str]) -> list[Volume]:  # noqa: ANN401 - a JSON tree
    """Return the volumes that a feature's own fields say. Raises AirspaceError."""
    feature = geometry.table(feature, "a feature")
    held = {k.lower(): v for k, v in (feature.get("properties") or {}).items()} if isinstance(feature.get("properties") or {}, dict) else {}
    name = geometry.words(_found(held, ("name", "title", "ident", "id")))
    own = geometry.words(feature.get("id")) or geometry.words(_found(held, ("id", "identifier", "ident", "icao")))
    word = geometry.words(_found(held, ("kind", "type", "localtype")))
    kind = kinds.kind_of(word) if word else VolumeKind.OTHER
    if kind is None:
        odd.append(f"types that are not known are taken as other: {word[:20]}")
    airspace_class = geometry.words(_found(held, ("class", "icaoclass", "airspace_class"))).strip().upper()
    floor, ceiling = _limit(held, _FLOORS, UNLIMITED), _limit(held, _CEILINGS, GROUND)
    if floor is None or ceiling is None:
        odd.append(f"no {'floor' if floor is None else 'ceiling'}: taken as {'the ground' if floor is None else 'unlimited'}")
    made = Volume(
        id=own,
        name=name or own,
        kind=kind or VolumeKind.OTHER,
        airspace_class=airspace_class if airspace_class in kinds.CLASSES else "",
        floor=floor or GROUND,
        ceiling=ceiling or UNLIMITED,
        shape=Circle(0.0, 0.0, 1.0),
        country=geometry.words(held.get("country")).strip().upper(),
        remark=geometry.words(_found(held, ("remark", "remarks", "description"))),
    )
    return [msgspec.structs.replace(made, shape=shape) for shape, _ in geometry.shapes_of(feature.get("geometry"))]


def plain(volume: Volume) -> list[Volume]:
    """Return what a volume's own fields alone give back."""
    return volumes_of(feature_of(volume), [])


def feature_of(volume: Volume) -> dict[str, Any]:
    """Return a volume as a feature, without what stands beside its fields."""
    held: dict[str, Any] = {
        "name": volume.name,
        "kind": str(volume.kind),
        "class": volume.airspace_class,
        "floor": limits.text(volume.floor),
        "ceiling": limits.text(volume.ceiling),
        "country": volume.country,
        "remark": volume.remark,
    }
    properties = {k: v for k, v in held.items() if v}
    return {"type": "Feature", "id": volume.id, "properties": properties, "geometry": geometry.collection(geometry.drawn(volume))}


def write(volumes: Sequence[Volume], own: Counter[str] | None = None) -> bytes:
    """Write volumes."""
    out = []
    for v in volumes:
        feature = feature_of(v)
        if more := exact.beside(v, plain, own):
            feature["properties"][exact.KEY] = more
        out.append(feature)
    return msgspec.json.encode({"type": "FeatureCollection", "features": out}) + b"\n"

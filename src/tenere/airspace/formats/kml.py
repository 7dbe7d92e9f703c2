"""KML 2.2 (OGC 07-147r2): polygons in placemarks, lifted to their ceiling and drawn down to the ground where that is the floor.

KML has no floor: floor, ceiling and the rest stand in ExtendedData as people read them ("floor": "1500 ft AMSL"). A polygon of
another program, without them, reaches from the ground to the height of its outline (absolute: above mean sea level;
relativeToGround: above the ground).
"""

from __future__ import annotations

import json
import math
from functools import partial
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from tenere.airspace import arcs, limits, sanity
from tenere.airspace.formats import exact, geometry, kinds
from tenere.airspace.formats.openair import without_repeats
from tenere.airspace.formats.reading import Gathered, Read
from tenere.airspace.formats.xml_tree import Node, tree_of
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import GROUND, UNLIMITED, Circle, Limit, Polygon, Volume, VolumeKind

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence

    from tenere.airspace.arcs import Ring

DRAWN_M = 20_000.0
"""How high what is unlimited is drawn."""
COLOURS = {
    VolumeKind.CONTROL: "50ff9040",
    VolumeKind.FIR: "20ffffff",
    VolumeKind.BORDER: "20ffffff",
    VolumeKind.CORRIDOR: "5040ff40",
    VolumeKind.AERODROME: "50ffff40",
}
"""Colour of a kind, as KML has it (alpha, blue, green, red); the others are red."""
RED = "504040ff"
_FLOORS, _CEILINGS = ("floor", "lower", "base", "bottom"), ("ceiling", "upper", "top")


def read(data: bytes, name: str = "", tell: Callable[[float], None] | None = None) -> Read:  # noqa: ARG001 - as every reader
    """Read a file."""
    return read_tree(tree_of(data), tell)


def read_tree(root: Node, tell: Callable[[float], None] | None = None) -> Read:
    """Read a document's tree. Placemarks without a polygon are passed over, and counted."""
    found = Gathered(tell)
    marks = list(root.every("Placemark"))
    for i, mark in enumerate(marks):
        where, name = f"line {mark.line}", mark.said("name")
        if next(mark.every("Polygon"), None) is None:
            found.note("placemarks without a polygon are passed over", where, name)
            continue
        exact.gather(found, where, name, partial(_volumes, mark), _beside(mark), plain)
        if i % 64 == 0:
            found.at(i / len(marks))
    return found.done()


def _data(mark: Node) -> dict[str, str]:
    """Return what ExtendedData says, by name in small letters."""
    out = {d.attributes.get("name", "").lower(): d.said("value") for d in mark.every("Data")}
    return out | {d.attributes.get("name", "").lower(): d.text.strip() for d in mark.every("SimpleData")}


def _beside(mark: Node) -> object:
    held = _data(mark).get(exact.KEY)
    if held is None:
        return None
    try:
        return json.loads(held)
    except (ValueError, RecursionError):
        return {}


def _ring(edge: Node | None) -> tuple[Ring, float]:
    """Return a boundary's ring and its greatest altitude, NaN where there is none."""
    at = edge.first("LinearRing", "coordinates") if edge is not None else None
    if at is None:
        raise AirspaceError("a polygon without an outer boundary")
    rows = [w.split(",") for w in at.text.split()]
    if len(rows) > 4 * sanity.MOST_POINTS:
        raise AirspaceError(f"a ring has more than {sanity.MOST_POINTS:,} points")
    points = [geometry.place(r) for r in rows]
    heights = [geometry.number(r[2], "an altitude") for r in rows if len(r) > 2 and r[2].strip()]
    return arcs.of_map(without_repeats(points)), max(heights, default=math.nan)


def _volumes(mark: Node, odd: list[str]) -> list[Volume]:
    """Return the volumes that a placemark's own fields say."""
    held = _data(mark)
    word = held.get("kind") or held.get("type") or ""
    kind = kinds.kind_of(word) if word else VolumeKind.OTHER
    if kind is None:
        odd.append(f"types that are not known are taken as other: {word[:20]}")
    airspace_class = held.get("class", "").upper()
    made = Volume(
        id=held.get("id", ""),
        name=mark.said("name") or held.get("name", ""),
        kind=kind or VolumeKind.OTHER,
        airspace_class=airspace_class if airspace_class in kinds.CLASSES else "",
        shape=Circle(0.0, 0.0, 1.0),
        country=held.get("country", "").upper(),
        remark=mark.said("description"),
    )
    out = []
    for polygon in mark.every("Polygon"):
        ring, height_m = _ring(polygon.first("outerBoundaryIs"))
        holes = tuple(_ring(h)[0] for h in polygon.all("innerBoundaryIs"))
        floor, ceiling = (next((limits.parse(held[n]) for n in names if held.get(n)), None) for names in (_FLOORS, _CEILINGS))
        if ceiling is None:
            ceiling = _height(polygon.said("altitudeMode"), height_m, odd)
        out.append(msgspec.structs.replace(made, floor=floor or GROUND, ceiling=ceiling, shape=Polygon(ring, holes)))
    return out


def _height(mode: str, height_m: float, odd: list[str]) -> Limit:
    """Return the ceiling that a polygon's altitudes say."""
    if mode in ("absolute", "relativeToGround") and height_m > 0.0:
        return limits.limit(height_m, 1.0, "amsl" if mode == "absolute" else "agl")
    odd.append("polygons on the ground, that say no height, are taken as unlimited")
    return UNLIMITED


def plain(volume: Volume) -> list[Volume]:
    """Return what a volume's own fields alone give back."""
    return _volumes(next(tree_of(f"<kml>{placemark(volume, None)}</kml>".encode()).every("Placemark")), [])


def _polygon(rings: list[list[list[float]]], volume: Volume) -> str:
    held = volume.ceiling
    height = DRAWN_M if math.isinf(held.value_m) else held.value_m
    mode = "relativeToGround" if held.datum == "agl" else "absolute"
    texts = [" ".join(f"{limits.decimal(lon, 8)},{limits.decimal(lat, 8)},{limits.decimal(height)}" for lon, lat in ring) for ring in rings]
    outer = f"<outerBoundaryIs><LinearRing><coordinates>{texts[0]}</coordinates></LinearRing></outerBoundaryIs>"
    inner = "".join(f"<innerBoundaryIs><LinearRing><coordinates>{t}</coordinates></LinearRing></innerBoundaryIs>" for t in texts[1:])
    return f"<Polygon><extrude>{int(volume.floor == GROUND)}</extrude><altitudeMode>{mode}</altitudeMode>{outer}{inner}</Polygon>"


def placemark(volume: Volume, beside: dict[str, Any] | None) -> str:
    """Return a volume as a placemark. beside: what must stand beside its own fields."""
    said = {
        "id": volume.id,
        "kind": str(volume.kind),
        "class": volume.airspace_class,
        "floor": limits.text(volume.floor),
        "ceiling": limits.text(volume.ceiling),
        "country": volume.country,
        exact.KEY: json.dumps(beside) if beside else "",
    }
    data = "".join(f"<Data name={quoteattr(k)}><value>{escape(v)}</value></Data>" for k, v in said.items() if v)
    parts = [_polygon(p, volume) for p in geometry.drawn(volume)]
    outline = parts[0] if len(parts) == 1 else f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"
    return (
        f"<Placemark><name>{escape(volume.name)}</name><description>{escape(volume.remark)}</description><styleUrl>#{volume.kind}</styleUrl>"
        f"<ExtendedData>{data}</ExtendedData>{outline}</Placemark>\n"
    )


def write(volumes: Sequence[Volume], own: Counter[str] | None = None) -> bytes:
    """Write volumes, each kind in its colour."""
    styles = "".join(
        f'<Style id="{k}"><LineStyle><color>ff{COLOURS.get(k, RED)[2:]}</color><width>1</width></LineStyle>'
        f"<PolyStyle><color>{COLOURS.get(k, RED)}</color></PolyStyle></Style>\n"
        for k in VolumeKind
    )
    marks = "".join(placemark(v, exact.beside(v, plain, own)) for v in volumes)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Airspace</name>\n'
    return f"{head}{styles}{marks}</Document></kml>\n".encode()

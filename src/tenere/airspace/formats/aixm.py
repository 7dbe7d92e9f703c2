"""AIXM 5.1 and 5.1.1: Airspace features (EUROCONTROL and FAA, AIXM 5.1, 2010; OGC 12-028r1, use of GML for aviation data).

Of each Airspace the newest time slice that is no delta is read; each of its geometry components becomes a volume. Bearings of arcs are from
true north, clockwise, where the reference system has latitude first (EPSG:4326), else from east, anticlockwise (OGC 12-028r1, section 9.4).
Airspace made by subtracting or by reference to other features is refused with its reason. Writing is in aixm_write.
"""

from __future__ import annotations

import json
import math
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from tenere.airspace import angles, arcs, limits, sanity
from tenere.airspace.formats import exact, geometry, kinds, times
from tenere.airspace.formats.aixm_write import PURPOSE, document, member
from tenere.airspace.formats.openair import without_repeats
from tenere.airspace.formats.reading import Gathered, Read
from tenere.airspace.formats.xml_tree import Node, tree_of
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import GROUND, UNLIMITED, Circle, Corridor, Limit, Period, Polygon, Volume, VolumeKind
from tenere.units import FLIGHT_LEVEL_M, FOOT_M, NM_M

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Sequence

    from tenere.airspace.arcs import Point, Ring

METRES = {
    "M": 1.0,
    "KM": 1000.0,
    "FT": FOOT_M,
    "NM": NM_M,
    "[NMI_I]": NM_M,
    "NMI": NM_M,
    "NMI_I": NM_M,
    "[FT_I]": FOOT_M,
    "SM": 100.0 * FLIGHT_LEVEL_M,
}
DATUMS = {"SFC": "agl", "MSL": "amsl", "STD": "fl", "W84": ""}
_HOLDS = ("patches", "polygonPatches")
_COMPLEX = "times of activation that are not plain hours of days in UTC are passed over: taken as always active"


def read(data: bytes, name: str = "", tell: Callable[[float], None] | None = None) -> Read:  # noqa: ARG001 - as every reader
    """Read a file."""
    return read_tree(tree_of(data), tell)


def read_tree(root: Node, tell: Callable[[float], None] | None = None) -> Read:
    """Read a document's tree."""
    found = Gathered(tell)
    features = list(root.every("Airspace"))
    for i, feature in enumerate(features):
        _take(found, feature, "" if root.attributes.get("srsName") is None else root.attributes["srsName"])
        if i % 64 == 0:
            found.at(i / len(features))
    return found.done()


def _take(found: Gathered, feature: Node, srs: str) -> None:
    where = f"line {feature.line}"
    odd: list[str] = []
    try:
        part = _slice(feature, odd)
    except AirspaceError as e:
        found.refuse(where, "", str(e))
        return
    name = part.said("name") or part.said("designator")
    for reason in odd:
        found.note(reason, where, name)
    exact.gather(found, where, name, partial(_volumes, part, feature, srs), _beside(part), plain)


def plain(volume: Volume) -> list[Volume]:
    """Return what a volume's own fields alone give back."""
    feature = next(tree_of(document([member(volume, None)])).every("Airspace"))
    return _volumes(_slice(feature, []), feature, "", [])


def write(volumes: Sequence[Volume], own: Counter[str] | None = None) -> bytes:
    """Write volumes; what AIXM has no field for stands in a note of its own purpose."""
    return document([member(v, exact.beside(v, plain, own)) for v in volumes])


def _slice(feature: Node, odd: list[str]) -> Node:
    """Return the time slice that counts."""
    every = [s for held in feature.all("timeSlice") for s in held.all("AirspaceTimeSlice")]
    whole = [s for s in every if s.said("interpretation") in ("", "BASELINE", "SNAPSHOT")]
    if len(whole) < len(every):
        odd.append("changes in time (PERMDELTA, TEMPDELTA) are passed over")
    if not whole:
        raise AirspaceError("has no time slice that says the whole (BASELINE or SNAPSHOT)")
    return max(whole, key=lambda s: (_order(s.said("sequenceNumber")), _order(s.said("correctionNumber"))))


def _order(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _beside(part: Node) -> object:
    for note in part.every("Note"):
        if note.said("purpose") == PURPOSE:
            try:
                return json.loads(note.said("translatedNote", "LinguisticNote", "note"))
            except (ValueError, RecursionError):
                return {}
    return None


def _volumes(part: Node, feature: Node, srs: str, odd: list[str]) -> list[Volume]:
    """Return the volumes of a time slice."""
    word = part.said("type")
    kind = VolumeKind.DANGER if word in ("D", "D_OTHER") else kinds.kind_of(word)
    if kind is None:
        odd.append(f"types that are not known are taken as other: {word[:20]}")
    schedule, active = _activation(part, odd)
    begin, end = (part.said("validTime", "TimePeriod", p) for p in ("beginPosition", "endPosition"))
    identifier = feature.first("identifier")
    own = (
        identifier.text.strip() if identifier is not None and not identifier.attributes.get("codeSpace", "").startswith("urn:uuid") else ""
    )
    airspace_class = next((c.said("classification") for c in part.every("AirspaceLayerClass")), "")
    made = Volume(
        id=own,
        name=part.said("name") or part.said("designator"),
        kind=kind or VolumeKind.OTHER,
        airspace_class=airspace_class if airspace_class in kinds.CLASSES else "",
        shape=Circle(0.0, 0.0, 1.0),
        schedule=schedule,
        active=active,
        starts_s=times.moment(begin) if begin else -math.inf,
        ends_s=times.moment(end) if end else math.inf,
        remark=" ".join(_remarks(part)),
    )
    out = []
    for component in part.every("AirspaceGeometryComponent"):
        operation = component.said("operation")
        if operation not in ("", "BASE", "UNION"):
            raise AirspaceError(f"is made by {operation[:20]} of other airspace, which is not read")
        held = component.first("theAirspaceVolume", "AirspaceVolume") or component.first("theAirspaceVolume")
        if held is None or held.first("contributorAirspace") is not None:
            raise AirspaceError("is made of other airspace by reference, which is not read")
        out.append(_volume(made, held, srs))
    if not out:
        raise AirspaceError("has no geometry")
    return out


def _remarks(part: Node) -> list[str]:
    return [
        n.said("translatedNote", "LinguisticNote", "note")
        for held in part.all("annotation")
        for n in held.all("Note")
        if n.said("purpose") != PURPOSE
    ]


def _activation(part: Node, odd: list[str]) -> tuple[tuple[Period, ...], bool]:
    """Return the schedule of a time slice, and whether it is ever active of itself."""
    said = [a for held in part.all("activation") for a in held.all("AirspaceActivation")]
    sheets = [t for a in said for held in a.all("timeInterval") for t in held.all("Timesheet")]
    if not sheets:
        return (), not any(a.said("status") in ("INACTIVE", "AVBL_FOR_ACTIVATION") for a in said)
    periods: list[Period] = []
    for sheet in sheets[: sanity.MOST_PERIODS * 7]:
        dates = {sheet.said("startDate"), sheet.said("endDate")} - {"", "01-01", "31-12"}
        event = sheet.said("startEvent") or sheet.said("endEvent") or sheet.said("excluded") == "YES"
        until = sheet.said("dayTil")
        if dates or event or (until and until != sheet.said("day")) or sheet.said("timeReference") not in ("", "UTC"):
            odd.append(_COMPLEX)
            return (), True
        begin = times.minutes(sheet.said("startTime") or "00:00")
        end = times.minutes(sheet.said("endTime") or "24:00")
        day = times.days([sheet.said("day") or "ANY"])
        if periods and (periods[-1].from_min, periods[-1].to_min) == (begin % times.DAY_MIN, end) and not set(day) & set(periods[-1].days):
            periods[-1] = times.period(tuple(sorted({*periods[-1].days, *day})), begin, end)
        else:
            periods.append(times.period(day, begin, end))
    return tuple(periods), True


def _limit(held: Node, which: str, other: Limit) -> Limit:
    at = held.first(f"{which}Limit")
    text = at.text.strip().upper() if at is not None else ""
    if not text or (at is not None and at.attributes.get("nil") == "true"):
        return other
    if text in ("UNL", "CEILING"):
        return UNLIMITED
    if text in ("GND", "FLOOR"):
        return GROUND
    assert at is not None
    uom, reference = at.attributes.get("uom", "FT").upper(), held.said(f"{which}LimitReference").upper() or "MSL"
    value = geometry.number(text, "a limit")
    if uom in ("FL", "SM"):
        return limits.limit(value, FLIGHT_LEVEL_M if uom == "FL" else 10.0, "fl")
    if uom not in ("FT", "M") or reference not in ("SFC", "MSL", "STD"):
        raise AirspaceError(f"a limit in {uom[:20]} above {reference[:20]}: only FT, M, FL and SFC, MSL, STD are read")
    return limits.limit(value, METRES[uom], "agl" if reference == "SFC" else "fl" if reference == "STD" else "amsl")


def _volume(made: Volume, held: Node, srs: str) -> Volume:
    return msgspec.structs.replace(
        made, floor=_limit(held, "lower", GROUND), ceiling=_limit(held, "upper", UNLIMITED), shape=_shape(held, srs)
    )


def _length(at: Node | None, what: str) -> float:
    if at is None:
        raise AirspaceError(f"has no {what}")
    unit = METRES.get(at.attributes.get("uom", "").upper())
    if unit is None:
        raise AirspaceError(f"a {what} in {at.attributes.get('uom', 'no unit')[:20]} is not read")
    return round(geometry.number(at.text.strip(), f"a {what}") * unit, 3)


def _shape(held: Node, srs: str) -> Polygon | Circle | Corridor:
    surface, line = held.first("horizontalProjection"), held.first("centreline")
    if surface is None and line is not None:
        points = [p for c in line.every("segments") for s in c.children for p in _points(s, _srs(line, srs))]
        return Corridor(without_repeats(points, closed=False), _length(held.first("width"), "width"))
    if surface is None:
        raise AirspaceError("has no outline")
    inner = next(iter(surface.children), surface)
    srs = inner.attributes.get("srsName", srs)
    patches = [p for p in surface.every("PolygonPatch")] or [p for p in surface.every("Polygon")]  # noqa: C416 - a generator is consumed
    if len(patches) != 1:
        raise AirspaceError(f"its surface has {len(patches)} patches; one is read")
    outer = patches[0].first("exterior")
    if outer is None:
        raise AirspaceError("its surface has no exterior")
    holes = [_ring(h, srs) for h in patches[0].all("interior")]
    circle = next(outer.every("CircleByCenterPoint"), None)
    if circle is not None and not holes and sum(len(s.children) for s in outer.every("segments")) == 1:
        return _circle(circle, _srs(circle, srs))
    return Polygon(_ring(outer, srs), tuple(holes))


def _srs(node: Node, other: str) -> str:
    return node.attributes.get("srsName", next((c.attributes["srsName"] for c in node.children if "srsName" in c.attributes), other))


def _places(node: Node, srs: str) -> list[Point]:
    """Read the positions within an element, by the order of its reference system: latitude first, but for CRS84."""
    numbers: list[float] = []
    size = 2
    for at in (c for c in node.children if c.name in ("pos", "posList", "pointProperty")):
        held = at if at.name != "pointProperty" else next(at.every("pos"), at)
        srs = held.attributes.get("srsName", srs)
        size = 3 if held.attributes.get("srsDimension") == "3" else 2
        words = held.text.split()
        if len(words) > 3 * sanity.MOST_POINTS:
            raise AirspaceError(f"more than {sanity.MOST_POINTS:,} points")
        numbers += [geometry.number(w, "a position") for w in words]
    if len(numbers) % size:
        raise AirspaceError("a list of positions has half a position")
    if srs and "4326" not in srs and "CRS84" not in srs.upper() and "4979" not in srs:
        raise AirspaceError(f"positions in {srs[:60]}: only EPSG:4326 and CRS84 are read")
    pairs = [(numbers[i], numbers[i + 1]) for i in range(0, len(numbers), size)]
    pairs = [(b, a) for a, b in pairs] if "CRS84" in srs.upper() else pairs
    if bad := next((p for p in pairs if not (abs(p[0]) <= 90.0 and abs(p[1]) <= 360.0)), None):
        raise AirspaceError(f"{bad[0]:g} {bad[1]:g} is no latitude and longitude")
    return [(angles.settled(a), angles.settled(angles.wrapped(o))) for a, o in pairs]


def _centre(node: Node, srs: str) -> Point:
    places = _places(node, srs)
    if len(places) != 1:
        raise AirspaceError("an arc without its centre")
    return places[0]


def _circle(node: Node, srs: str) -> Circle:
    return Circle(*_centre(node, srs), _length(node.first("radius"), "radius"))


def _points(segment: Node, srs: str) -> list[Point]:
    """Return the points of one segment of a curve."""
    srs = segment.attributes.get("srsName", srs)
    if segment.name in ("GeodesicString", "Geodesic"):
        return _places(segment, srs)
    if segment.name == "LineStringSegment":
        return list(arcs.of_map(tuple(_places(segment, srs)), closed=False))
    if segment.name == "CircleByCenterPoint":
        return list(arcs.circle_ring(_circle(segment, srs)))
    if segment.name == "ArcByCenterPoint":
        radius = _length(segment.first("radius"), "radius")
        a1, a2 = (geometry.number(segment.said(k), "an angle") for k in ("startAngle", "endAngle"))
        if "CRS84" in srs.upper():
            a1, a2 = 90.0 - a1, 90.0 - a2
        return arcs.arc(_centre(segment, srs), (radius, radius), (a1, a2))
    raise AirspaceError(f"a segment {segment.name[:40]} is not read")


def _ring(edge: Node, srs: str) -> Ring:
    """Return the ring of an exterior or interior."""
    linear = edge.first("LinearRing")
    if linear is not None:
        return arcs.of_map(without_repeats(_places(linear, _srs(linear, srs))))
    points: list[Point] = []
    for member_ in edge.every("curveMember"):
        if not member_.children:
            raise AirspaceError("its outline follows another feature by reference, which is not read")
        curve = member_.children[0]
        here = curve.attributes.get("srsName", srs)
        if curve.name == "LineString":
            points += arcs.of_map(tuple(_places(curve, here)), closed=False)
        for held in curve.every("segments"):
            for segment in held.children:
                points += _points(segment, here)
    return without_repeats(points)

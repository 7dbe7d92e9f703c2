"""Writing AIXM 5.1.1: one Airspace feature a volume, its lines geodesics, its arcs as they are."""

from __future__ import annotations

import json
import math
import uuid
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from tenere.airspace import limits
from tenere.airspace.formats import kinds, times
from tenere.airspace.model import Circle, Corridor, Limit, Volume
from tenere.units import FLIGHT_LEVEL_M, FOOT_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.airspace.arcs import Ring

PURPOSE = "OTHER:TENERE"
"""Of the note that holds what AIXM has no field for."""
SRS = "urn:ogc:def:crs:EPSG::4326"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<message:AIXMBasicMessage xmlns:message="http://www.aixm.aero/schema/5.1.1/message" xmlns:aixm="http://www.aixm.aero/schema/5.1.1" '
    'xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:xlink="http://www.w3.org/1999/xlink" gml:id="tenere">\n'
)
_TAIL = "</message:AIXMBasicMessage>\n"


def document(members: Sequence[str]) -> bytes:
    """Return a message of members."""
    return (_HEAD + "".join(members) + _TAIL).encode()


def _limit(which: str, held: Limit) -> str:
    if math.isinf(held.value_m):
        return f"<aixm:{which}Limit>UNL</aixm:{which}Limit>"
    if held.datum == "agl" and held.value_m == 0.0:
        return f"<aixm:{which}Limit>GND</aixm:{which}Limit><aixm:{which}LimitReference>SFC</aixm:{which}LimitReference>"
    level, feet = limits.whole(held.value_m, FLIGHT_LEVEL_M), limits.whole(held.value_m, FOOT_M)
    if held.datum == "fl" and level is not None and level >= 0:
        uom, value = "FL", str(level)
    elif feet is not None:
        uom, value = "FT", str(feet)
    else:
        uom, value = "M", limits.decimal(held.value_m)
    reference = {"amsl": "MSL", "agl": "SFC", "fl": "STD"}[held.datum]
    return f'<aixm:{which}Limit uom="{uom}">{value}</aixm:{which}Limit><aixm:{which}LimitReference>{reference}</aixm:{which}LimitReference>'


def _positions(ring: Ring) -> str:
    return " ".join(f"{limits.decimal(a, 8)} {limits.decimal(o, 8)}" for a, o in ring)


def _closed(ring: Ring, gml_id: str) -> str:
    line = f"<gml:GeodesicString><gml:posList>{_positions((*ring, ring[0]))}</gml:posList></gml:GeodesicString>"
    return _curve(line, gml_id)


def _curve(segment: str, gml_id: str) -> str:
    curve = f'<gml:Curve gml:id="{gml_id}"><gml:segments>{segment}</gml:segments></gml:Curve>'
    return f"<gml:Ring><gml:curveMember>{curve}</gml:curveMember></gml:Ring>"


def _outline(volume: Volume, key: str) -> str:
    """Return the horizontal extent of a volume."""
    shape = volume.shape
    if isinstance(shape, Corridor):
        segment = f"<gml:GeodesicString><gml:posList>{_positions(shape.line)}</gml:posList></gml:GeodesicString>"
        return (
            f'<aixm:width uom="M">{limits.decimal(shape.width_m)}</aixm:width><aixm:centreline><aixm:Curve srsName="{SRS}" gml:id="{key}c">'
            f"<gml:segments>{segment}</gml:segments></aixm:Curve></aixm:centreline>"
        )
    if isinstance(shape, Circle):
        centre = f"{limits.decimal(shape.lat_deg, 8)} {limits.decimal(shape.lon_deg, 8)}"
        arc = (
            f'<gml:CircleByCenterPoint numArc="1"><gml:pos>{centre}</gml:pos>'
            f'<gml:radius uom="m">{limits.decimal(shape.radius_m)}</gml:radius></gml:CircleByCenterPoint>'
        )
        rings = f"<gml:exterior>{_curve(arc, f'{key}r')}</gml:exterior>"
    else:
        rings = f"<gml:exterior>{_closed(shape.ring, f'{key}r')}</gml:exterior>"
        rings += "".join(f"<gml:interior>{_closed(h, f'{key}h{i}')}</gml:interior>" for i, h in enumerate(shape.holes))
    return (
        f'<aixm:horizontalProjection><aixm:Surface srsName="{SRS}" gml:id="{key}s"><gml:patches><gml:PolygonPatch>{rings}'
        "</gml:PolygonPatch></gml:patches></aixm:Surface></aixm:horizontalProjection>"
    )


def _activation(volume: Volume, key: str) -> str:
    if volume.active and not volume.schedule:
        return ""
    sheets: list[str] = []
    for p in volume.schedule:
        for day in ["ANY"] if len(p.days) == 7 else [times.DAYS[d] for d in p.days]:
            sheets.append(
                f'<aixm:timeInterval><aixm:Timesheet gml:id="{key}t{len(sheets)}"><aixm:timeReference>UTC</aixm:timeReference>'
                f"<aixm:startDate>01-01</aixm:startDate><aixm:endDate>31-12</aixm:endDate><aixm:day>{day}</aixm:day>"
                f"<aixm:startTime>{times.clock(p.from_min)}</aixm:startTime><aixm:endTime>{times.clock(p.to_min)}</aixm:endTime>"
                "<aixm:excluded>NO</aixm:excluded></aixm:Timesheet></aixm:timeInterval>"
            )
    status = "ACTIVE" if volume.active else "INACTIVE"
    return (
        f'<aixm:activation><aixm:AirspaceActivation gml:id="{key}a">{"".join(sheets)}<aixm:status>{status}</aixm:status>'
        "</aixm:AirspaceActivation></aixm:activation>"
    )


def _valid(volume: Volume, key: str) -> str:
    begin, end = (times.stamp(t) if math.isfinite(t) else "" for t in (volume.starts_s, volume.ends_s))
    first = f"<gml:beginPosition>{begin}</gml:beginPosition>" if begin else '<gml:beginPosition indeterminatePosition="unknown"/>'
    last = f"<gml:endPosition>{end}</gml:endPosition>" if end else '<gml:endPosition indeterminatePosition="unknown"/>'
    return f'<gml:validTime><gml:TimePeriod gml:id="{key}v">{first}{last}</gml:TimePeriod></gml:validTime>'


def _note(key: str, purpose: str, text: str) -> str:
    return (
        f'<aixm:annotation><aixm:Note gml:id="{key}"><aixm:purpose>{purpose}</aixm:purpose><aixm:translatedNote>'
        f'<aixm:LinguisticNote gml:id="{key}l"><aixm:note>{escape(text)}</aixm:note></aixm:LinguisticNote>'
        "</aixm:translatedNote></aixm:Note></aixm:annotation>"
    )


def member(volume: Volume, beside: dict[str, Any] | None) -> str:
    """Return a volume as a member of a message. beside: what must stand beside its own fields."""
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"tenere:{volume.id}")
    key = f"u{name.hex}"
    level = (
        f'<aixm:class><aixm:AirspaceLayerClass gml:id="{key}k"><aixm:classification>{volume.airspace_class}</aixm:classification>'
        "</aixm:AirspaceLayerClass></aixm:class>"
        if volume.airspace_class
        else ""
    )
    notes = _note(f"{key}n", "REMARK", volume.remark) if volume.remark else ""
    notes += _note(f"{key}o", PURPOSE, json.dumps(beside)) if beside else ""
    return (
        f'<message:hasMember><aixm:Airspace gml:id="{key}"><gml:identifier codeSpace="urn:uuid:">{name}</gml:identifier><aixm:timeSlice>'
        f'<aixm:AirspaceTimeSlice gml:id="{key}z">{_valid(volume, key)}<aixm:interpretation>BASELINE</aixm:interpretation>'
        f"<aixm:sequenceNumber>1</aixm:sequenceNumber><aixm:type>{kinds.AIXM[volume.kind]}</aixm:type><aixm:name>{escape(volume.name)}</aixm:name>"
        f'{level}<aixm:geometryComponent><aixm:AirspaceGeometryComponent gml:id="{key}g"><aixm:theAirspaceVolume>'
        f'<aixm:AirspaceVolume gml:id="{key}w">{_limit("upper", volume.ceiling)}{_limit("lower", volume.floor)}{_outline(volume, key)}'
        "</aixm:AirspaceVolume></aixm:theAirspaceVolume></aixm:AirspaceGeometryComponent></aixm:geometryComponent>"
        f"{_activation(volume, key)}{notes}</aixm:AirspaceTimeSlice></aixm:timeSlice></aixm:Airspace></message:hasMember>\n"
    )

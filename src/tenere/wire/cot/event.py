"""One Cursor-on-Target event, read from XML or from TAK protobuf into the same fields.

Points: MITRE, CoT base schema 2.0 (event and point); detail elements as ATAK and the ADS-B gateways write them
(contact, track, remarks, __group, status, emergency, precisionlocation, takv, _aircot_, __milsym).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml import ElementTree as Xml

from tenere.errors import WireError
from tenere.wire.cot import protobuf

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

UNKNOWN = 9_999_999.0
"""hae, ce, le: not known."""
ABSURD = 999_999.0
"""From here on a height or an error is not known either: some write six nines."""

NO_XML = "CoT event that is no XML"
ENTITIES = "CoT event with entities"
NAMELESS = "CoT event without a uid or type"

MOST_ELEMENTS = 256
"""Elements of a detail that are read."""

NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?", re.ASCII)
MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?\d*(?:(Z)|([+-])(\d\d):?(\d\d))?", re.ASCII)


@dataclass(slots=True)
class Event:
    """What an event says: text empty, numbers NaN and battery -1 where it does not. Units as in the schema.

    lat, lon in degrees (WGS-84); hae, ce, le in metres; course in degrees from true north; speed in m/s; slope in degrees.
    cancel: its emergency is over. link: uid that a link names. detail: the detail as it came.
    """

    uid: str = ""
    kind: str = ""
    how: str = ""
    access: str = ""
    qos: str = ""
    opex: str = ""
    time_s: float = math.nan
    start_s: float = math.nan
    stale_s: float = math.nan
    lat: float = math.nan
    lon: float = math.nan
    hae: float = math.nan
    ce: float = math.nan
    le: float = math.nan
    course: float = math.nan
    speed: float = math.nan
    slope: float = math.nan
    callsign: str = ""
    endpoint: str = ""
    remarks: str = ""
    group: str = ""
    role: str = ""
    battery: int = -1
    emergency: str = ""
    cancel: bool = False
    geopointsrc: str = ""
    altsrc: str = ""
    device: str = ""
    platform: str = ""
    os: str = ""
    version: str = ""
    icao: str = ""
    registration: str = ""
    flight: str = ""
    squawk: str = ""
    category: str = ""
    link: str = ""
    sidc: str = ""
    detail: bytes = b""
    bad_detail: bool = False


ATTRIBUTES: dict[str, tuple[tuple[str, str], ...]] = {
    "contact": (("callsign", "callsign"), ("endpoint", "endpoint")),
    "__group": (("name", "group"), ("role", "role")),
    "precisionlocation": (("geopointsrc", "geopointsrc"), ("altsrc", "altsrc")),
    "takv": (("device", "device"), ("platform", "platform"), ("os", "os"), ("version", "version")),
    "emergency": (("type", "emergency"),),
    "link": (("uid", "link"),),
    "__milsym": (("id", "sidc"),),
    "milsym": (("id", "sidc"), ("sidc", "sidc")),
}
"""Element of a detail -> its text attributes and the field of each."""

AIRCRAFT: tuple[tuple[str, str], ...] = (
    ("icao", "icao"),
    ("hex", "icao"),
    ("reg", "registration"),
    ("registration", "registration"),
    ("flight", "flight"),
    ("squawk", "squawk"),
    ("cat", "category"),
    ("category", "category"),
)
"""Attributes that gateways put on an element of their own, whatever its name (_aircot_, _adsb_ ...)."""


def number(text: str | None, most: float = 1e15) -> float:
    """Return a decimal number, NaN where the text is none or where it is larger than can be meant."""
    if text is None or not NUMBER.fullmatch(text.strip()):
        return math.nan
    value = float(text)
    return value if abs(value) <= most else math.nan


def moment(text: str | None) -> float:
    """Return the seconds since 1970 of a time (ISO 8601, UTC where it does not say), NaN where the text is none."""
    found = MOMENT.fullmatch(text.strip()) if text is not None and len(text) < 64 else None
    if found is None:
        return math.nan
    year, month, day, hour, minute, second = (int(found[i]) for i in range(1, 7))
    try:
        whole = dt.datetime(year, month, day, hour, minute, min(second, 59), tzinfo=dt.UTC).timestamp()
    except ValueError:
        return math.nan
    offset = (int(found[10]) * 3600 + int(found[11]) * 60) * (-1 if found[9] == "-" else 1) if found[9] else 0
    return whole + (second == 60) + float(found[7] or 0.0) - offset


def known(value: float) -> float:
    """Return a height or an error in metres, NaN where it stands for "not known"."""
    return value if abs(value) < ABSURD else math.nan


def from_xml(raw: bytes) -> Event:
    """Read an event of up to 64 kB; raise WireError where it is none."""
    root = _parse(raw)
    point = root.find("{*}point")
    attributes = {} if point is None else point.attrib
    event = Event(
        uid=root.get("uid", ""),
        kind=root.get("type", ""),
        how=root.get("how", ""),
        access=root.get("access", ""),
        qos=root.get("qos", ""),
        opex=root.get("opex", ""),
        time_s=moment(root.get("time")),
        start_s=moment(root.get("start")),
        stale_s=moment(root.get("stale")),
        lat=number(attributes.get("lat"), 90.0),
        lon=number(attributes.get("lon"), 180.0),
        hae=known(number(attributes.get("hae"))),
        ce=known(number(attributes.get("ce"))),
        le=known(number(attributes.get("le"))),
    )
    if not event.uid or not event.kind:
        raise WireError(NAMELESS)
    detail = root.find("{*}detail")
    if detail is not None:
        first, last = raw.find(b"<detail"), raw.rfind(b"</detail")
        event.detail = raw[raw.find(b">", first) + 1 : last] if 0 <= first < last else b""
        read_detail(event, detail)
    return event


def from_protobuf(raw: bytes) -> Event | None:
    """Read a TakMessage; return None where it carries no event; raise WireError where it is none."""
    outer = protobuf.fields(raw)
    if 2 not in outer:
        control = protobuf.fields(protobuf.submessage(outer, 1))
        if not outer or not all(1 <= field <= 4 for field in (*outer, *control)):
            raise WireError(protobuf.NO_PROTOBUF)
        return None
    f = protobuf.fields(protobuf.submessage(outer, 2))
    text, double = protobuf.text, protobuf.double
    event = Event(
        uid=text(f, 5),
        kind=text(f, 1),
        how=text(f, 9),
        access=text(f, 2),
        qos=text(f, 3),
        opex=text(f, 4),
        time_s=_milliseconds(f, 6),
        start_s=_milliseconds(f, 7),
        stale_s=_milliseconds(f, 8),
        lat=_within(double(f, 10), 90.0),
        lon=_within(double(f, 11), 180.0),
        hae=known(double(f, 12)),
        ce=known(double(f, 13)),
        le=known(double(f, 14)),
    )
    if not event.uid or not event.kind:
        raise WireError(NAMELESS)
    if 15 in f:
        _typed_detail(event, protobuf.fields(protobuf.submessage(f, 15)))
    return event


def _typed_detail(event: Event, f: protobuf.Fields) -> None:
    """Take a Detail message: what it holds as fields, then what it holds as XML."""
    text = protobuf.text
    contact, group, source, status, device, track = (protobuf.fields(protobuf.submessage(f, n)) for n in range(2, 8))
    event.endpoint, event.callsign = text(contact, 1), text(contact, 2)
    event.group, event.role = text(group, 1), text(group, 2)
    event.geopointsrc, event.altsrc = text(source, 1), text(source, 2)
    if 5 in f:
        event.battery = min(protobuf.integer(status, 1), 2**31 - 1)
    event.device, event.platform, event.os, event.version = (text(device, n) for n in range(1, 5))
    if 7 in f:
        event.speed, event.course = protobuf.double(track, 1), protobuf.double(track, 2)
    event.detail = text(f, 1).encode()
    if event.detail:
        try:
            read_detail(event, _parse(b"<detail>" + event.detail + b"</detail>"))
        except WireError:
            event.bad_detail = True


def read_detail(event: Event, detail: Element) -> None:
    """Take the elements of a detail; what a field already holds stays."""
    for _, element in zip(range(MOST_ELEMENTS), detail, strict=False):
        name = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        found = element.attrib
        for attribute, into in ATTRIBUTES.get(name, ()):
            _set(event, into, found.get(attribute))
        if name == "track":
            for attribute in ("course", "speed", "slope"):
                if math.isnan(getattr(event, attribute)):
                    setattr(event, attribute, number(found.get(attribute)))
        elif name == "remarks":
            _set(event, "remarks", element.text)
        elif name == "status" and event.battery < 0:
            battery = number(found.get("battery"), 1e6)
            event.battery = -1 if math.isnan(battery) or battery < 0 else int(battery)
        elif name == "emergency":
            event.cancel = found.get("cancel", "").strip().lower() == "true"
            event.emergency = event.emergency or "unnamed"
        elif name not in ATTRIBUTES:
            for attribute, into in AIRCRAFT:
                _set(event, into, found.get(attribute))


def _set(event: Event, into: str, value: str | None) -> None:
    """Fill an empty field."""
    if value and not getattr(event, into):
        setattr(event, into, value.strip())


def _parse(raw: bytes) -> Element:
    """Return the root of an XML text without document type or entities; raise WireError where it is none."""
    try:
        root: Element = Xml.fromstring(raw, forbid_dtd=True)
    except DefusedXmlException as e:
        raise WireError(ENTITIES) from e
    except (Xml.ParseError, ValueError, LookupError) as e:
        raise WireError(NO_XML) from e
    return root


def _milliseconds(found: protobuf.Fields, field: int) -> float:
    """Return a time given in milliseconds since 1970, NaN where it is absent or beyond the year 5000."""
    value = protobuf.integer(found, field)
    return value / 1000.0 if 0 < value < 100_000_000_000_000 else math.nan


def _within(value: float, most: float) -> float:
    """Return an angle in degrees, NaN where it is beyond its range."""
    return value if abs(value) <= most else math.nan

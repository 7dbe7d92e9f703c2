"""Every field of every Cursor-on-Target event as columns, in the standard's own units."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import Claim
from tenere.errors import Rejects
from tenere.wire.cot import decode, kinds
from tenere.wire.detail import Column, Detail

if TYPE_CHECKING:
    from tenere.tick import Chunk
    from tenere.wire.cot.event import Event

NAME = "CoT event"


class _Field(NamedTuple):
    """A field of an event and its column: its name, bytes kept of a text (0: a number), unit, meaning."""

    attribute: str
    size: int
    unit: str
    doc: str


FIELDS = (
    _Field("uid", 128, "", "name of the thing, unique and lasting"),
    _Field("kind", 48, "", "type: a atom, b data, t task ...; of an atom the affiliation, the dimension and the path in the type list"),
    _Field("how", 8, "", "how its position came: m-g GPS, m-f fused, m-s simulated, h-e estimated ..."),
    _Field("access", 16, "", "who may see it"),
    _Field("qos", 16, "", "priority, overtaking and assurance of its delivery"),
    _Field("opex", 32, "", "o operation, e exercise, s simulation, and its name"),
    _Field("start_s", 0, "s", "from when it holds"),
    _Field("stale_s", 0, "s", "until when it holds"),
    _Field("lat", 0, "deg", "WGS-84 latitude"),
    _Field("lon", 0, "deg", "WGS-84 longitude"),
    _Field("hae", 0, "m", "height above the WGS-84 ellipsoid"),
    _Field("ce", 0, "m", "one sigma of the horizontal position, or the radius of an area"),
    _Field("le", 0, "m", "one sigma of the height, or half the height of a volume"),
    _Field("course", 0, "deg", "course over ground from true north"),
    _Field("speed", 0, "m/s", "speed over ground"),
    _Field("slope", 0, "deg", "angle of the path above the horizontal"),
    _Field("callsign", 64, "", "contact: name"),
    _Field("endpoint", 64, "", "contact: address"),
    _Field("remarks", 256, "", "free text, its first 256 bytes"),
    _Field("group", 32, "", "__group: name (a colour)"),
    _Field("role", 32, "", "__group: role"),
    _Field("emergency", 32, "", "emergency: type"),
    _Field("geopointsrc", 16, "", "precisionlocation: source of the position"),
    _Field("altsrc", 16, "", "precisionlocation: source of the height"),
    _Field("device", 48, "", "takv: device"),
    _Field("platform", 32, "", "takv: program"),
    _Field("os", 16, "", "takv: operating system"),
    _Field("version", 48, "", "takv: version"),
    _Field("icao", 8, "", "24-bit address in hex, as a gateway gives it"),
    _Field("registration", 16, "", "registration, as a gateway gives it"),
    _Field("flight", 16, "", "aircraft identification, as a gateway gives it"),
    _Field("squawk", 8, "", "Mode A code, as a gateway gives it"),
    _Field("category", 8, "", "emitter category, as a gateway gives it"),
    _Field("link", 128, "", "link: uid of another event"),
    _Field("sidc", 32, "", "symbol code"),
)


def details(state: decode.State, chunk: Chunk, time_s: float) -> tuple[decode.State, dict[str, Detail]]:
    """Return every event of a chunk, one row each; the state is reused."""
    heard = [h for h in decode.hear(state.scanner, chunk, Rejects()) if h.event is not None]
    events = [h.event for h in heard if h.event is not None]
    receive_s = np.array([h.receive_s for h in heard], np.float64)
    own_s = np.array([e.time_s for e in events], np.float64)
    near_s = np.where(np.isnan(receive_s), time_s, receive_s)
    columns = [
        Column("offset", np.array([chunk.offset + h.at for h in heard], np.int64), "B", "where it begins in what the source delivered"),
        Column("receive_s", receive_s, "s", "time the bytes arrived"),
        Column("time_s", np.where(np.isnan(own_s), near_s, own_s), "s", "when the event was made"),
        Column("wrapping", np.array([h.wrapping for h in heard], np.uint8), "", "0 XML, 1 TAK protobuf for the mesh, 2 for streams"),
    ]
    columns += [_column(field, events) for field in FIELDS]
    battery = np.array([e.battery for e in events], np.int64)
    columns += [
        Column("battery", battery, "%", "status: battery", present=battery >= 0),
        Column("cancel", np.array([e.cancel for e in events], np.uint8), "", "1: its emergency is over"),
        Column("record", np.array([kinds.RECORDS.index(kinds.record(e.kind)) for e in events], np.uint8), "", RECORD_DOC),
        Column("claim", np.array([decode.claim(e) for e in events], np.uint8), "", CLAIM_DOC),
        _octets("detail", [e.detail for e in events], "the detail as it came: XML"),
    ]
    return state, {NAME: Detail(tuple(columns))}


RECORD_DOC = ", ".join(f"{i} {name}" for i, name in enumerate(kinds.RECORDS))
CLAIM_DOC = "what the partner calls it: " + ", ".join(f"{c.value} {c.name.lower().replace('_', ' ')}" for c in Claim)


def _column(field: _Field, events: list[Event]) -> Column:
    values = [getattr(e, field.attribute) for e in events]
    if not field.size:
        numbers = np.array([v if math.isfinite(v) else math.nan for v in values], np.float64)
        return Column(field.attribute, numbers, field.unit, field.doc)
    return Column(field.attribute, np.array([short(v, field.size) for v in values], f"S{field.size}"), field.unit, field.doc)


def short(text: str, size: int) -> bytes:
    """Return a text in UTF-8, cut to a size between two characters."""
    return text[:size].encode(errors="replace")[:size].decode(errors="ignore").encode()


def _octets(name: str, values: list[bytes], doc: str) -> Column:
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(v) for v in values], dtype=np.int64)])
    return Column(name, np.frombuffer(b"".join(values), np.uint8), "", doc, offsets=offsets, octets=True)

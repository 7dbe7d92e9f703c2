"""Every field of every Open Drone ID message as columns, a table for each type of message (ASTM F3411-22a 5.4.5).

Enumerations and accuracy codes stay the standard's numbers. What the standard sends as "no value" is absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.errors import Rejects
from tenere.wire.detail import Column, Detail
from tenere.wire.remote_id import messages as m
from tenere.wire.remote_id.frames import UNKNOWN
from tenere.wire.remote_id.hear import Heard, messages, stamp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.remote_id.authentication import Assemblies

ID_TYPES = "0 none, 1 serial number (ANSI/CTA-2063-A), 2 registration, 3 UTM (UUID), 4 specific session"
UA_TYPES = (
    "0 none, 1 aeroplane, 2 helicopter or multirotor, 3 gyroplane, 4 hybrid lift, 5 ornithopter, 6 glider, 7 kite, 8 free balloon, "
    "9 captive balloon, 10 airship, 11 parachute, 12 rocket, 13 tethered, 14 ground obstacle, 15 other"
)
HORIZONTAL = "95 %: 0 unknown, 1 18.5 km, 2 7.4 km, 3 3.7 km, 4 1.85 km, 5 926 m, 6 556 m, 7 185 m, 8 93 m, 9 30 m, 10 10 m, 11 3 m, 12 1 m"
VERTICAL = "95 %: 0 unknown, 1 150 m, 2 45 m, 3 25 m, 4 10 m, 5 3 m, 6 1 m"
SPEED = "95 %: 0 unknown, 1 10 m/s, 2 3 m/s, 3 1 m/s, 4 0.3 m/s"
AUTH_TYPES = (
    "0 none, 1 UAS ID signature, 2 operator ID signature, 3 message set signature, 4 by network Remote ID, 5 specific, 10-15 private"
)


def tables(chunk: Chunk, time_s: float, held: Assemblies) -> dict[str, Detail]:
    """Return a table of each type of message in a chunk; held: the authentication pages of the source so far."""
    heard = messages(chunk, Rejects())
    found: dict[str, Detail] = {}
    for kind, (name, fields) in enumerate(zip(m.NAMES, _FIELDS, strict=True)):
        rows = [h for h in heard if h.message[0] >> 4 == kind]
        raw = np.frombuffer(b"".join(h.message for h in rows), np.uint8).reshape(-1, m.SIZE)
        receive_s = chunk.times_s[np.array([h.unit for h in rows], np.int64)]
        own = (
            *fields(raw, np.where(np.isnan(receive_s), time_s, receive_s)),
            *(_assembled(rows, held) if kind == m.AUTHENTICATION else ()),
        )
        begin = [
            Column(
                "offset",
                np.array([chunk.offset + h.at for h in rows], np.int64),
                "",
                "byte offset of the message in what the source delivered",
            ),
            Column("receive_s", receive_s, "s", "receive time"),
        ]
        if own[0].name == "time_s":
            begin, own = [*begin, own[0]], own[1:]
        found[name] = Detail((*begin, *_sender(rows, raw), *own))
    return found


def _sender(rows: list[Heard], raw: NDArray[np.uint8]) -> tuple[Column, ...]:
    """Return who sent each message and how."""
    macs = [":".join(f"{octet:02x}" for octet in h.transmitter.to_bytes(6, "big")) if h.transmitter != UNKNOWN else "" for h in rows]
    counters = np.array([h.counter for h in rows], np.int64)
    return (
        Column("transmitter", np.array(macs, "S17"), "", "MAC or Bluetooth address of the transmitter; empty: not said"),
        Column("transport", np.array([h.transport for h in rows], np.uint8), "", m.TRANSPORTS),
        Column("counter", np.maximum(counters, 0).astype(np.uint8), "", "message counter of its transmitter", counters >= 0),
        Column("version", raw[:, 0] & 0xF, "", "protocol version: 0 F3411-19, 1 an interim one, 2 F3411-22a"),
    )


def _int(raw: NDArray[np.uint8], first: int, dtype: str) -> NDArray[Any]:
    """Return a little-endian field of messages (n, 25)."""
    size = np.dtype(dtype).itemsize
    return np.ascontiguousarray(raw[:, first : first + size]).view(dtype)[:, 0]


def _code(name: str, values: NDArray[Any], doc: str, present: NDArray[np.bool_] | None = None) -> Column:
    """Return a column of a code."""
    return Column(name, np.asarray(values, np.uint8), "", doc, present)


def _height(name: str, steps: NDArray[Any], doc: str) -> Column:
    """Return metres of half metres above -1,000 m; 0 says that there is none."""
    return Column(name, np.where(steps == 0, np.nan, steps * 0.5 - 1000.0), "m", doc)


def _place(raw: NDArray[np.uint8], first: int, names: tuple[str, str], of: str) -> tuple[Column, Column]:
    """Return latitude and longitude in 1e-7 degrees at bytes first; both 0 say that there is none."""
    lat, lon = _int(raw, first, "<i4") * 1e-7, _int(raw, first + 4, "<i4") * 1e-7
    none = (lat == 0.0) & (lon == 0.0)
    return (
        Column(names[0], np.where(none, np.nan, lat), "deg", f"WGS-84 latitude of {of}"),
        Column(names[1], np.where(none, np.nan, lon), "deg", f"WGS-84 longitude of {of}"),
    )


def _texts(raw: NDArray[np.uint8], first: int, end: int) -> NDArray[np.bytes_]:
    """Return text fields, filled up with NUL, as text."""
    return np.array([m.text_of(row[first:end].tobytes()) for row in raw], f"S{end - first}")


def _since_2019(seconds: NDArray[Any]) -> NDArray[np.float64]:
    """Return seconds since 1970 of seconds since 2019; 0 says that there is none."""
    return np.where(seconds == 0, np.nan, seconds + m.EPOCH_2019_S)


def _basic_id(raw: NDArray[np.uint8], _near_s: NDArray[np.float64]) -> tuple[Column, ...]:
    return (
        _code("id_type", raw[:, 1] >> 4, ID_TYPES),
        _code("ua_type", raw[:, 1] & 0xF, UA_TYPES),
        Column("uas_id", _texts(raw, 2, 22), "", "the name it claims, as text (types 1 and 2)"),
        _octets("uas_id_octets", [row[2:22].tobytes() for row in raw], "the same, all twenty bytes (types 3 and 4 are binary)"),
    )


def _location(raw: NDArray[np.uint8], near_s: NDArray[np.float64]) -> tuple[Column, ...]:
    tenths = _int(raw, 21, "<u2").astype(np.float64)
    times_s = np.array([stamp(row.tobytes(), s) for row, s in zip(raw, near_s.tolist(), strict=True)])
    course = raw[:, 2] + 180.0 * (raw[:, 1] >> 1 & 1)
    speed = np.where(raw[:, 1] & 1, raw[:, 3] * 0.75 + 63.75, raw[:, 3] * 0.25)
    climb = _int(raw, 4, "i1") * 0.5
    said = tenths <= m.TENTHS_OF_AN_HOUR
    second = raw[:, 23] & 0xF
    return (
        Column("time_s", np.where(said, times_s, np.nan), "s", "time said, in the hour nearest receive time"),
        _code("status", raw[:, 1] >> 4, "0 undeclared, 1 on the ground, 2 airborne, 3 emergency, 4 Remote ID failure"),
        Column("track", np.where(course > 360.0, np.nan, course), "deg", "course over ground, clockwise from true north"),
        Column("speed", np.where(speed >= 255.0, np.nan, speed), "m/s", "ground speed; 254.25 stands for that or more"),
        Column("vertical_speed", np.where(np.abs(climb) > 62.0, np.nan, climb), "m/s", "upward positive; 62 stands for that or more"),
        *_place(raw, 5, ("latitude", "longitude"), "the drone"),
        _height("pressure_altitude", _int(raw, 13, "<u2"), "to 1013.25 hPa"),
        _height("geodetic_altitude", _int(raw, 15, "<u2"), "above the WGS-84 ellipsoid"),
        _code("height_type", raw[:, 1] >> 2 & 1, "what height is above: 0 the take-off place, 1 the ground"),
        _height("height", _int(raw, 17, "<u2"), "above what height_type says"),
        _code("horizontal_accuracy", raw[:, 19] & 0xF, HORIZONTAL),
        _code("vertical_accuracy", raw[:, 19] >> 4, f"of the geodetic altitude, {VERTICAL}"),
        _code("pressure_accuracy", raw[:, 20] >> 4, f"of the pressure altitude, {VERTICAL}"),
        _code("speed_accuracy", raw[:, 20] & 0xF, SPEED),
        Column("second_of_hour", np.where(said, tenths / 10.0, np.nan), "s", "time as said: since the full hour, UTC"),
        Column("time_accuracy", np.where(second == 0, np.nan, second / 10.0), "s", "of that time"),
    )


def _authentication(raw: NDArray[np.uint8], _near_s: NDArray[np.float64]) -> tuple[Column, ...]:
    page = raw[:, 1] & 0xF
    first = page == 0
    data = [row[8 if p == 0 else 2 :].tobytes() for row, p in zip(raw, page.tolist(), strict=True)]
    return (
        Column("time_s", np.where(first, _since_2019(_int(raw, 4, "<u4")), np.nan), "s", "when it was made (page 0)"),
        _code("auth_type", raw[:, 1] >> 4, AUTH_TYPES),
        _code("page", page, "number of this page"),
        _code("last_page", np.where(first, raw[:, 2], 0), "number of the last page (page 0)", first),
        _code("length", np.where(first, raw[:, 3], 0), "bytes of authentication data (page 0)", first),
        _octets("data", data, "the bytes of this page"),
    )


def _assembled(rows: list[Heard], held: Assemblies) -> tuple[Column, ...]:
    """Return what each page made whole, of pages in the order they came."""
    whole = [held.add(h.transmitter, h.message) if h.transmitter != UNKNOWN else None for h in rows]
    return (
        _octets("assembled", [w[0] if w else None for w in whole], "all authentication data, at the page which made it whole"),
        _octets("additional", [w[1] if w else None for w in whole], "what the pages hold beyond it (error correction, or filling)"),
        Column("verified", np.zeros(len(rows), np.uint8), "", "0: not verified (no key is known here)"),
    )


def _octets(name: str, values: list[Any], doc: str) -> Column:
    """Return a column of byte strings; None: absent."""
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(v or b"") for v in values], dtype=np.int64)])
    joined = np.frombuffer(b"".join(v or b"" for v in values), np.uint8)
    return Column(name, joined, "", doc, np.array([v is not None for v in values], np.bool_), offsets, octets=True)


def _self_id(raw: NDArray[np.uint8], _near_s: NDArray[np.float64]) -> tuple[Column, ...]:
    return (
        _code("description_type", raw[:, 1], "0 text, 1 emergency, 2 extended status, 201-255 private"),
        Column("text", _texts(raw, 2, 25), "", "what the operator says of the flight"),
    )


def _system(raw: NDArray[np.uint8], _near_s: NDArray[np.float64]) -> tuple[Column, ...]:
    classification = raw[:, 1] >> 2 & 7
    european = classification == 1
    return (
        Column("time_s", _since_2019(_int(raw, 20, "<u4")), "s", "time of the message (since F3411-22a)"),
        _code("operator_location_type", raw[:, 1] & 3, "0 take-off place, 1 live GNSS, 2 fixed"),
        _code("classification_type", classification, "0 undeclared, 1 European Union"),
        *_place(raw, 2, ("operator_latitude", "operator_longitude"), "the operator"),
        Column("area_count", _int(raw, 10, "<u2"), "", "aircraft in the area, or in the group"),
        Column("area_radius", raw[:, 12] * 10.0, "m", "radius of the cylinder the group flies in"),
        _height("area_ceiling", _int(raw, 13, "<u2"), "its upper end, above the WGS-84 ellipsoid"),
        _height("area_floor", _int(raw, 15, "<u2"), "its lower end, above the WGS-84 ellipsoid"),
        _code("category_eu", raw[:, 17] >> 4, "0 undeclared, 1 open, 2 specific, 3 certified", european),
        _code("class_eu", raw[:, 17] & 0xF, "0 undeclared, 1 class 0, 2 class 1, ... 7 class 6", european),
        _height("operator_altitude", _int(raw, 18, "<u2"), "of the operator, above the WGS-84 ellipsoid"),
    )


def _operator_id(raw: NDArray[np.uint8], _near_s: NDArray[np.float64]) -> tuple[Column, ...]:
    return (
        _code("operator_id_type", raw[:, 1], "0 registration, 201-255 private"),
        Column("operator_id", _texts(raw, 2, 22), "", "the operator's registration, as claimed"),
    )


_FIELDS = (_basic_id, _location, _authentication, _self_id, _system, _operator_id)

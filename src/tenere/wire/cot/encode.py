"""Our picture as Cursor-on-Target events, XML or TAK protobuf: what goes to partners' maps.

Only our own vocabulary goes out (claims.affiliation_of). A type says no more than we know: an aircraft that is civil by
presumption has the civil branch, any other only "in the air". ce is one sigma of the horizontal position, le of the height. A
pressure altitude is no height above the ellipsoid: hae is the track's height, or what the caller says lies between; the pressure
altitude itself is in our own element, and in the remarks for people. Other systems' tracks are theirs to send, and stay out.
"""

from __future__ import annotations

import datetime as dt
import html
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import AircraftClass, Emergency, Identity, TrackFlag
from tenere.units import FLIGHT_LEVEL_M
from tenere.wire import claims
from tenere.wire.cot import event as ev
from tenere.wire.cot.frames import MAGIC, MESH_HEAD
from tenere.wire.cot.protobuf import put, put_message, put_varint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

    from tenere.batch import Identities, Tracks

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
CIVIL_PATHS: dict[int, str] = {
    AircraftClass.LIGHT: "-C-F",
    AircraftClass.AIRLINER: "-C-F",
    AircraftClass.GLIDER: "-C-F",
    AircraftClass.HELICOPTER: "-C-H",
    AircraftClass.BALLOON: "-C-L",
    AircraftClass.DRONE: "-C-F-q",  # the list has no civil drone but this one
}
WORDS = {i: i.name.lower().replace("_", " ") for i in Identity}


class _Row(NamedTuple):
    """One event's fields, text ready to be escaped."""

    uid: str
    kind: str
    how: str
    opex: str
    time_s: float
    stale_s: float
    lat: float
    lon: float
    hae: float
    le: float
    ce: float
    callsign: str
    course: float
    speed: float
    slope: float
    remarks: str
    own: dict[str, str]
    emergency: bool


def kind_of(identity: int, aircraft_class: int, *, civil: bool) -> str:
    """Return the type of an air track; raise ValueError for an identity that is none of ours."""
    letter = claims.affiliation_of(identity)
    if aircraft_class == AircraftClass.VEHICLE:
        return f"a-{letter}-G-E-V"
    return f"a-{letter}-A" + (CIVIL_PATHS.get(aircraft_class, "-C") if civil else "")


def encode_events(
    tracks: Tracks,
    identities: Identities,
    *,
    stale_s: float = 30.0,
    uid_prefix: str = "TENERE",
    height_offset_m: ArrayLike = math.nan,
    exercise: str = "",
) -> list[bytes]:
    """Return our tracks that have a place as XML events, a declaration before each, in order (TCP: send them one after another).

    identities: row for row with tracks. stale_s: how long after its time each holds. uid_prefix: who we are, before the
    track number. height_offset_m: (n,) or one for all, what to add to a pressure altitude for a height above the
    ellipsoid; NaN: the track's own height. exercise: its name, where everything sent belongs to one.
    Raises ValueError where the two batches differ in length or an identity is none of ours. (CoT base schema 2.0.)
    """
    return [_xml(row) for row in _rows(tracks, identities, stale_s, uid_prefix, height_offset_m, exercise)]


def encode_protobuf(
    tracks: Tracks,
    identities: Identities,
    *,
    stale_s: float = 30.0,
    uid_prefix: str = "TENERE",
    height_offset_m: ArrayLike = math.nan,
    exercise: str = "",
    mesh: bool = True,
) -> list[bytes]:
    """Return the same events as TAK protocol version 1: one datagram each (mesh), else messages of a stream.

    Arguments and errors as of `encode_events`. (TAK protocol, "Payload - Version 1".)
    """
    out = []
    for row in _rows(tracks, identities, stale_s, uid_prefix, height_offset_m, exercise):
        message = put(2, _protobuf(row))
        out.append(MESH_HEAD + message if mesh else bytes([MAGIC]) + put_varint(len(message)) + message)
    return out


def _rows(tracks: Tracks, identities: Identities, stale_s: float, prefix: str, offset_m: ArrayLike, exercise: str) -> Iterator[_Row]:
    """Yield what goes out, a row at a time."""
    if len(tracks) != len(identities) or not np.array_equal(tracks.number, identities.number):
        raise ValueError("tracks and identities are not row for row of one picture")
    offset = np.broadcast_to(np.asarray(offset_m, np.float64), (len(tracks),))
    own = np.isnan(offset)
    height, le = np.where(own, tracks.height_m, tracks.pressure_altitude_m + offset), np.where(own, tracks.height_std_m, np.nan)
    mean, half = 0.5 * (tracks.var_xx_m2 + tracks.var_yy_m2), 0.5 * (tracks.var_xx_m2 - tracks.var_yy_m2)
    ce = np.sqrt(np.maximum(mean + np.hypot(half, tracks.var_xy_m2), 0.0))
    finite = np.isfinite(tracks.lat_rad) & np.isfinite(tracks.lon_rad) & np.isfinite(tracks.time_s)
    for i in np.flatnonzero(finite & (tracks.flags & TrackFlag.SYSTEM == 0)).tolist():
        flags, identity = int(tracks.flags[i]), int(identities.identity[i])
        civil, protected = bool(identities.civil[i]), bool(identities.protected[i])
        live = not flags & TrackFlag.NOT_LIVE
        speed, climb = float(tracks.speed_ms[i]), float(tracks.vertical_rate_ms[i])
        name = _ascii(bytes(tracks.callsign[i]))
        coasting = bool(flags & TrackFlag.COASTING)
        yield _Row(
            uid=f"{_ascii(prefix.encode())}-{int(tracks.number[i])}",
            kind=kind_of(identity, int(tracks.aircraft_class[i]), civil=civil),
            how="m-f" if live else "m-s",
            opex=(f"e-{_ascii(exercise.encode())}" if exercise else "") if live else "s",
            time_s=float(tracks.time_s[i]),
            stale_s=float(tracks.time_s[i]) + (0.0 if flags & TrackFlag.ENDED else stale_s),
            lat=math.degrees(tracks.lat_rad[i]),
            lon=math.degrees(tracks.lon_rad[i]),
            hae=float(height[i]),
            le=float(le[i]),
            ce=float(ce[i]),
            callsign=name or f"{prefix} {int(tracks.number[i])}",
            course=math.degrees(tracks.course_rad[i]) % 360.0,
            speed=speed,
            slope=math.degrees(math.atan2(climb, speed)) if speed > 1.0 else math.nan,
            remarks=_remarks(identity, float(tracks.pressure_altitude_m[i]), protected=protected, coasting=coasting),
            own=_own(tracks, identities, i, identity),
            emergency=int(tracks.emergency[i]) != Emergency.NONE,
        )


def _remarks(identity: int, altitude_m: float, *, protected: bool, coasting: bool) -> str:
    """Return what a person reads: our identity, flight level, protection."""
    parts = [WORDS[Identity(identity)]]
    if math.isfinite(altitude_m):
        parts.append(f"FL{round(altitude_m / FLIGHT_LEVEL_M):03d}")
    if protected:
        parts.append("protected flight")
    if coasting:
        parts.append("not seen lately")
    return ", ".join(parts)


def _own(tracks: Tracks, identities: Identities, i: int, identity: int) -> dict[str, str]:
    """Return the attributes of our own element; icao, flight and squawk are named as the gateways name them."""
    own = {"identity": WORDS[Identity(identity)], "confidence": f"{float(identities.confidence[i]):.2f}"}
    if tracks.address[i] > 0:
        own["icao"] = f"{int(tracks.address[i]):06X}"
    if tracks.callsign[i]:
        own["flight"] = _ascii(bytes(tracks.callsign[i]))
    if tracks.mode_a[i] >= 0:
        own["squawk"] = f"{int(tracks.mode_a[i]):04o}"
    if tracks.remote_id[i]:
        own["remote_id"] = _ascii(bytes(tracks.remote_id[i]))
    if math.isfinite(tracks.pressure_altitude_m[i]):
        own["pressure_altitude_m"] = f"{float(tracks.pressure_altitude_m[i]):.1f}"
    if identities.protected[i]:
        own["protected"] = "1"
    return own


def _xml(row: _Row) -> bytes:
    """Write one event."""
    at, until = _moment(row.time_s), _moment(row.stale_s)
    head = _attributes({"version": "2.0", "uid": row.uid, "type": row.kind, "time": at, "start": at, "stale": until, "how": row.how})
    opex = _attributes({"opex": row.opex}) if row.opex else ""
    point = {"lat": f"{row.lat:.7f}", "lon": f"{row.lon:.7f}", "hae": _metres(row.hae), "ce": _metres(row.ce), "le": _metres(row.le)}
    track = {"course": row.course, "speed": row.speed, "slope": row.slope}
    motion = {k: f"{v:.3f}" for k, v in track.items() if math.isfinite(v)}
    parts = [f"<contact{_attributes({'callsign': row.callsign})}/>"]
    if "speed" in motion and "course" in motion:
        parts.append(f"<track{_attributes(motion)}/>")
    body = "".join(parts) + _details(row)
    return f"{DECLARATION}<event{head}{opex}><point{_attributes(point)}/><detail>{body}</detail></event>".encode()


def _details(row: _Row) -> str:
    """Write the elements of a detail that TAK protobuf has no field for."""
    alarm = '<emergency type="emergency"/>' if row.emergency else ""
    return f"{alarm}<remarks>{html.escape(row.remarks)}</remarks><_tenere_{_attributes(row.own)}/>"


def _protobuf(row: _Row) -> bytes:
    """Write one CotEvent."""
    detail = put(1, _details(row)) + put(2, put(2, row.callsign))
    if math.isfinite(row.speed) and math.isfinite(row.course):
        detail += put_message(7, put(1, row.speed) + put(2, row.course))
    hae, ce, le = (v if math.isfinite(v) else ev.UNKNOWN for v in (row.hae, row.ce, row.le))
    at, until = (max(0, round(t * 1000.0)) for t in (row.time_s, row.stale_s))
    fields = ((1, row.kind), (4, row.opex), (5, row.uid), (6, at), (7, at), (8, until), (9, row.how))
    place = ((10, row.lat), (11, row.lon), (12, hae), (13, ce), (14, le))
    return b"".join(put(n, v) for n, v in fields) + b"".join(put(n, v) for n, v in place) + put(15, detail)


def _attributes(given: dict[str, str]) -> str:
    return "".join(f' {name}="{html.escape(value)}"' for name, value in given.items())


def _ascii(text: bytes) -> str:
    """Return a name as text of printable ASCII."""
    return "".join(chr(c) if 0x20 <= c < 0x7F else "?" for c in text)


def _metres(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else f"{ev.UNKNOWN:.1f}"


def _moment(time_s: float) -> str:
    """Return a time as the schema writes it, to the millisecond."""
    whole = dt.datetime.fromtimestamp(round(time_s * 1000) // 1000, dt.UTC)
    return whole.strftime("%Y-%m-%dT%H:%M:%S") + f".{round(time_s * 1000) % 1000:03d}Z"

"""Every field of every packet and sentence of the OGN format as columns.

A device that asks not to be tracked or shown has no sender, address or comment here either.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.errors import WireError
from tenere.wire.detail_rows import OFFSET, RECEIVE, TIME, Field, detail
from tenere.wire.nmea.sentences import sentence_of
from tenere.wire.nmea.tables import tables as sentence_tables
from tenere.wire.ogn import aprs
from tenere.wire.ogn.flarm import traffic_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.wire.detail import Detail
    from tenere.wire.nmea.tables import Resolve
    from tenere.wire.ogn.aprs import Packet, Position
    from tenere.wire.text_lines import Lines

TYPES = (
    "0 unknown, 1 glider, 2 tow plane, 3 helicopter, 4 parachute, 5 drop plane, 6 hang glider, 7 paraglider, 8 piston aircraft, "
    "9 jet or turboprop, 10 unknown, 11 balloon, 12 airship, 13 drone, 14 ground support, 15 static obstacle"
)
ADDRESS_TYPES = "0 random, 1 ICAO, 2 FLARM, 3 OGN tracker, 4 Naviter, 5 FANET"

_HEAD = (
    Field("sender", "S12", "", "name of the sender; empty where it asks not to be tracked"),
    Field("destination", "S9", "", "what kind of source: OGFLR FLARM, OGNTRK OGN tracker, OGADSB, OGADSL, OGNFNT FANET, OGPAW PilotAware, "
          "OGSPOT, OGNSKY, OGNAVI ..."),
    Field("relay", "S12", "", "device that relayed it"),
    Field("receiver", "S12", "", "receiver that heard it"),
)  # fmt: skip
_PLACE = (
    Field("latitude", "f8", "deg", "WGS-84 latitude"),
    Field("longitude", "f8", "deg", "WGS-84 longitude"),
    Field("symbol", "S2", "", "APRS symbol table and symbol"),
    Field("course", "f8", "deg", "over ground, from true north"),
    Field("speed", "f8", "kt", "over ground"),
    Field("altitude", "f8", "ft", "above mean sea level"),
)
_POSITION = (
    OFFSET, RECEIVE, TIME, *_HEAD, *_PLACE,
    Field("address_type", "u1", "", ADDRESS_TYPES),
    Field("address", "u4", "", "24-bit address; an ICAO one only where address_type is 1"),
    Field("aircraft_type", "u1", "", TYPES),
    Field("stealth", "u1", "", "1: asks not to be shown"),
    Field("no_track", "u1", "", "1: asks not to be tracked"),
    Field("climb", "f8", "ft/min", "rate of climb"),
    Field("turn", "f8", "rot", "rate of turn: half turns a minute, 3 degrees a second"),
    Field("flight_level", "f8", "FL", "pressure altitude"),
    Field("signal", "f8", "dB", "signal to noise ratio"),
    Field("power", "f8", "dBm", "power received"),
    Field("errors", "f8", "", "bits corrected"),
    Field("offset_khz", "f8", "kHz", "offset of the carrier"),
    Field("gps_horizontal", "u2", "m", "horizontal accuracy of the device's GPS"),
    Field("gps_vertical", "u2", "m", "vertical accuracy of the device's GPS"),
    Field("software", "f8", "", "version of the device's software"),
    Field("hardware", "u1", "", "version of the device's hardware"),
    Field("flight", "S16", "", "flight (ADS-B sources)"),
    Field("registration", "S16", "", "registration (ADS-B sources)"),
    Field("model", "S16", "", "type of aircraft (ADS-B sources)"),
    Field("comment", "S200", "", "the whole comment"),
)  # fmt: skip
_RECEIVER = (OFFSET, RECEIVE, TIME, *_HEAD, *_PLACE, Field("comment", "S200", "", "the whole comment"))
_STATUS = (OFFSET, RECEIVE, *_HEAD, Field("text", "S200", "", "what it says of itself, its time first"))
_SERVER = (OFFSET, RECEIVE, Field("text", "S200", "", "what the server says"))
_PFLAA = (
    OFFSET, RECEIVE,
    Field("alarm", "f8", "", "0 none, 1 15-20 s, 2 10-15 s, 3 under 10 s to a collision, 4 zone"),
    Field("north", "f8", "m", "north of the box; its distance where east is absent"),
    Field("east", "f8", "m", "east of the box"),
    Field("up", "f8", "m", "above the box"),
    Field("address_type", "u1", "", "0 random, 1 ICAO, 2 FLARM"),
    Field("address", "u4", "", "24-bit address; an ICAO one only where address_type is 1"),
    Field("name", "S24", "", "identifier as sent; empty where it asks not to be tracked"),
    Field("track", "f8", "deg", "over ground, from true north"),
    Field("turn", "f8", "deg/s", "rate of turn"),
    Field("speed", "f8", "m/s", "over ground"),
    Field("climb", "f8", "m/s", "rate of climb"),
    Field("aircraft_type", "u1", "", TYPES),
    Field("no_track", "u1", "", "1: asks not to be tracked"),
    Field("source", "f8", "", "0 FLARM, 1 ADS-B, 3 ADS-R, 4 TIS-B, 6 Mode S"),
    Field("power", "f8", "dBm", "power received"),
)  # fmt: skip
_PFLAU = (
    OFFSET, RECEIVE,
    Field("received", "f8", "", "devices received"),
    Field("sends", "f8", "", "0 no, 1 yes"),
    Field("gps", "f8", "", "0 no fix, 1 fix on the ground, 2 fix in the air"),
    Field("power", "f8", "", "0 too low or high, 1 good"),
    Field("alarm", "f8", "", "as in PFLAA"),
    Field("bearing", "f8", "deg", "of the most important traffic, from the own track"),
    Field("alarm_type", "S2", "", "in hex: 0 traffic without alarm, 2 aircraft, 3 obstacle, 4 advisory, 10 and up zones"),
    Field("up", "f8", "m", "of that traffic, above the box"),
    Field("distance", "f8", "m", "of that traffic"),
)  # fmt: skip
_TABLES = {
    aprs.AIRCRAFT: _POSITION, aprs.WEATHER: _RECEIVER, aprs.RECEIVER: _RECEIVER, aprs.STATUS: _STATUS, aprs.SERVER: _SERVER,
    "NMEA PFLAA": _PFLAA, "NMEA PFLAU": _PFLAU,
}  # fmt: skip


def tables(
    lines: Lines,
    time_of: Callable[[Position, float], float],
    set_clock: Callable[[bytes], None],
    resolve: Resolve,
    tick_s: float,
) -> dict[str, Detail]:
    """Return a table of each kind of packet and sentence; what is neither is left out (step counts it)."""
    rows: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in _TABLES}
    others: list[int] = []
    for i, (line, receive_s, offset) in enumerate(zip(lines.each(), lines.receive_s.tolist(), lines.offsets.tolist(), strict=True)):
        try:
            if line.startswith((b"$PFLAA,", b"$PFLAU,")):
                kind, row = _flarm(line)
            elif line.startswith((b"$", b"!")):
                others.append(i)
                continue
            else:
                packet = aprs.packet_of(line)
                kind, row = packet.kind, _packet(packet, receive_s, time_of, set_clock)
        except WireError:
            continue
        rows[kind].append((offset, receive_s, *row))
    kept = np.array(others, np.int64)
    rest = dataclasses.replace(lines, starts=lines.starts[kept], ends=lines.ends[kept], receive_s=lines.receive_s[kept])
    return {kind: detail(_TABLES[kind], found) for kind, found in rows.items()} | sentence_tables(rest, resolve, tick_s)


def _packet(
    packet: Packet, receive_s: float, time_of: Callable[[Position, float], float], set_clock: Callable[[bytes], None]
) -> tuple[Any, ...]:
    """Return the row of a packet, after offset and receive time; raise WireError where it cannot be read."""
    if packet.kind == aprs.SERVER:
        set_clock(packet.body)
        return (packet.body[:200],)
    head = (packet.sender, packet.destination, packet.relay, packet.receiver[:12])
    if packet.kind == aprs.STATUS:
        return (*head, packet.body[1:201])
    said = aprs.position_of(packet.body)
    time_s = None if math.isnan(said.second) else time_of(said, receive_s)
    place = (said.lat_deg, said.lon_deg, said.symbol, said.course_deg, said.speed_kt, said.altitude_ft)
    if packet.kind != aprs.AIRCRAFT:
        return (time_s, *head, *place, said.comment[:200])
    numbers, texts = said.numbers, said.texts or {}
    names = ("climb_fpm", "turn_rot", "level", "signal_db", "power_dbm", "errors", "offset_khz")
    hidden = said.hidden
    return (
        time_s,
        b"" if hidden else head[0],
        *head[1:],
        *place,
        _known(said.address_type),
        None if hidden else _known(said.address),
        *(_known(v) for v in (said.aircraft_type, said.stealth, said.no_track)),
        *(numbers.get(name) for name in names),
        *(said.gps or (None, None)),
        numbers.get("software"),
        None if said.hardware < 0 else said.hardware,
        *(b"" if hidden else texts.get(name, b"")[:16] for name in ("flight", "registration", "model")),
        b"" if hidden else said.comment[:200],
    )  # fmt: skip


def _flarm(line: bytes) -> tuple[str, tuple[Any, ...]]:
    """Return the table and the row of a FLARM sentence; raise WireError where it cannot be read."""
    sentence = sentence_of(line)
    if sentence.kind == "FLAU":
        numbers = [sentence.number(i) for i in range(6)]
        return "NMEA PFLAU", (*numbers, sentence.cell(6)[:2], sentence.number(7), sentence.number(8))
    said = traffic_of(sentence)
    values = said._asdict() | {"address_type": _known(said.address_type), "no_track": int(said.no_track)}
    values |= {"name": b"", "address": None} if said.no_track else {"name": said.name[:24], "address": _known(said.address)}
    return "NMEA PFLAA", tuple(values.values())


def _known(value: int) -> int | None:
    """Return a number, None for -1."""
    return None if value < 0 else value

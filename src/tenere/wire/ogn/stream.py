"""The OGN format: a stream of lines, APRS or NMEA of a FLARM box, to plots and counts."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.batch import AircraftClass, PlotKind, Plots
from tenere.errors import Rejects, UsageError, WireError
from tenere.units import FLIGHT_LEVEL_M, FOOT_M, FPM_MS, KNOT_MS
from tenere.wire.decoded import Decoded
from tenere.wire.detail import told
from tenere.wire.format import Format
from tenere.wire.nmea.sentences import day_of, fix_of, sentence_of
from tenere.wire.nmea.stream import DAY_S, Own, count, is_sentence, status_of, timeline
from tenere.wire.ogn import aprs
from tenere.wire.ogn.flarm import Box, Traffic, traffic_of
from tenere.wire.ogn.tables import tables
from tenere.wire.text_lines import Tail, ends_of, lines, share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.detail import Detail
    from tenere.wire.format import SourceHint
    from tenere.wire.nmea.sentences import Fix
    from tenere.wire.ogn.aprs import Position

LONGEST = 1024
MOST_DEVICES = 65_536
FUTURE_S = 60.0
FUTURE = "OGN position from the future"

# FLARM aircraft type: 0 unknown, 1 glider, 2 tow plane, 3 helicopter, 4 parachute, 5 drop plane, 6 hang glider, 7 paraglider,
# 8 piston aircraft, 9 jet or turboprop, 10 unknown, 11 balloon, 12 airship, 13 drone, 14 ground support, 15 static obstacle
_K = AircraftClass
CLASSES = (
    _K.UNKNOWN, _K.GLIDER, _K.LIGHT, _K.HELICOPTER, _K.OTHER, _K.LIGHT, _K.GLIDER, _K.GLIDER,
    _K.LIGHT, _K.AIRLINER, _K.UNKNOWN, _K.BALLOON, _K.BALLOON, _K.DRONE, _K.VEHICLE, _K.OTHER,
)  # fmt: skip

_DATE = re.compile(rb"(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")
_MONTHS = b"JanFebMarAprMayJunJulAugSepOctNovDec"


@dataclass
class Device:
    """One device: its number in this source (told to nobody where it has an ICAO address or wants no name), and its last position."""

    number: int
    last: tuple[float, float, float] = (math.nan, math.nan, math.nan)


@dataclass
class State:
    """One source: the unfinished line, its time and place, the devices heard (the one heard longest ago first)."""

    tail: Tail
    geoid_m: float = 0.0
    own: Own = field(default_factory=Own)
    box: Box = field(default_factory=Box)
    devices: dict[tuple[int, bytes | int], Device] = field(default_factory=dict)
    numbered: int = 0

    def device(self, key: tuple[int, bytes | int]) -> Device:
        """Return a device by its kind of address and address, now the last in the order; forget the oldest where there are too many."""
        known = self.devices.pop(key, None)
        if known is None:
            known = Device(self.numbered)
            self.numbered += 1
        self.devices[key] = known
        if len(self.devices) > MOST_DEVICES:
            del self.devices[next(iter(self.devices))]
        return known


def init(hint: SourceHint) -> State:
    """Return the state of a source that has sent nothing. Options: geoid_m (see the package), datagrams (see text_lines)."""
    geoid_m = hint.options.get("geoid_m", 0.0)
    if isinstance(geoid_m, bool) or not isinstance(geoid_m, int | float) or not -120.0 <= geoid_m <= 120.0:
        raise UsageError("option geoid_m: height of the geoid above the WGS-84 ellipsoid, in metres from -120 to 120")
    return State(Tail.of(hint.options), float(geoid_m))


class _Rows:
    """Rows of plots, gathered field by field."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def plots(self) -> Plots:
        """Return the plots."""
        if not self.rows:
            return Plots.blank()
        names = sorted({name for row in self.rows for name in row})
        blank = {name: getattr(_BLANK, name)[0] for name in names}
        return Plots.blank(
            len(self.rows),
            kind=PlotKind.FLARM,
            **{name: np.array([row.get(name, blank[name]) for row in self.rows], getattr(_BLANK, name).dtype) for name in names},
        )


_BLANK = Plots.blank(1)


def step(state: State, chunk: Chunk, time_s: float) -> tuple[State, Decoded]:
    """Decode what a source sent; the units of the chunk are reads, cut anywhere. The state is reused."""
    got = lines(state.tail, chunk, LONGEST)
    rejects, records = got.rejects, Counter[str]()
    rows, status = _Rows(), list[tuple[float, "Fix", float]]()
    cells = zip(got.each(), got.receive_s.tolist(), got.offsets.tolist(), got.references.tolist(), strict=True)
    for line, receive_s, offset, reference in cells:
        try:
            if line.startswith((b"$", b"!")):
                row = _sentence(state, line, receive_s, time_s, records, status)
            else:
                row = _packet(state, line, receive_s, time_s, records)
        except WireError as e:
            rejects.add(e.reason, offset)
            continue
        if row is None:
            continue
        if row["time_s"] - receive_s > FUTURE_S:
            rejects.add(FUTURE, offset)
            row["time_s"] = receive_s
        rows.rows.append(row | {"receive_s": receive_s, "reference": reference})
    plots = rows.plots()
    addresses = frozenset(plots.address[plots.address > 0].tolist())
    return state, Decoded(plots=plots, status=status_of(status), records=records, rejects=rejects, addresses=addresses)


def time_of(state: State, position: Position, receive_s: float, tick_s: float) -> float:
    """Return the time of a position: of its second of day; received within the minute where it says but the minute."""
    said_s, _ = state.own.clock.resolve(position.second, math.nan, receive_s, tick_s)
    if position.to_the_minute and 0.0 <= receive_s - said_s < 60.0:
        return receive_s
    return said_s


def date_of(comment: bytes) -> tuple[float, float]:
    """Return second of day and days since 1970 that a server's comment says, NaN for none."""
    found = _DATE.search(comment)
    if not found:
        return math.nan, math.nan
    try:
        day = day_of(int(found[1]), _MONTHS.index(found[2]) // 3 + 1, int(found[3]))
    except WireError:
        return math.nan, math.nan
    return int(found[4]) * 3600.0 + int(found[5]) * 60.0 + int(found[6]), day


def set_clock(state: State, comment: bytes) -> None:
    """Take the date and time a server's comment says, for a stream without receive times."""
    second, day = date_of(comment)
    if not math.isnan(day):
        state.own.clock.last_s = day * DAY_S + second


def _packet(state: State, line: bytes, receive_s: float, tick_s: float, records: Counter[str]) -> dict[str, Any] | None:
    """Read one APRS packet; return its plot, if it makes one; raise WireError where it cannot be read."""
    packet = aprs.packet_of(line)
    position = aprs.position_of(packet.body) if packet.kind == aprs.AIRCRAFT else None
    records[packet.kind] += 1
    if packet.kind == aprs.SERVER:
        set_clock(state, packet.body)
    if position is None:
        return None
    said_s = time_of(state, position, receive_s, tick_s)
    device, place = state.device(_key(position.address_type, position.address, packet.sender)), (said_s, position.lat_deg, position.lon_deg)
    if device.last == place:
        return None  # the same transmission, through another receiver
    device.last = place
    row = _named(state, position.address_type, position.address, packet.sender, position.hidden)
    speed_ms, course_rad = position.speed_kt * KNOT_MS, math.radians(position.course_deg)
    texts = position.texts or {}
    return row | {
        "time_s": said_s,
        "lat_rad": math.radians(position.lat_deg),
        "lon_rad": math.radians(position.lon_deg),
        "height_m": position.altitude_ft * FOOT_M + state.geoid_m,
        "pressure_altitude_m": position.numbers.get("level", math.nan) * FLIGHT_LEVEL_M,
        "east_ms": speed_ms * math.sin(course_rad),
        "north_ms": speed_ms * math.cos(course_rad),
        "vertical_rate_ms": position.numbers.get("climb_fpm", math.nan) * FPM_MS,
        "aircraft_class": CLASSES[position.aircraft_type] if position.aircraft_type >= 0 else AircraftClass.UNKNOWN,
        "callsign": b"" if position.hidden else callsign_of(texts.get("flight", b"")),
    }


def callsign_of(text: bytes) -> bytes:
    """Return a flight's name as a callsign, empty where it cannot be one."""
    return text if len(text) <= 8 and re.fullmatch(rb"[A-Z0-9-]+", text) else b""


def _key(address_type: int, address: int, sender: bytes) -> tuple[int, bytes | int]:
    """Return what tells a device from all others: its kind of address and address; else the name of its packets."""
    return (address_type, address) if address > 0 else (-1, sender)


def _named(state: State, address_type: int, address: int, sender: bytes, hidden: bool) -> dict[str, Any]:
    """Return the columns that name a device: an ICAO address, a number of this source, or nothing where it wants no name."""
    if hidden or (address <= 0 and not sender):
        return {}
    if address_type == aprs.ICAO and address > 0:
        return {"address": address}
    return {"source_track": state.device(_key(address_type, address, sender)).number}


def _sentence(
    state: State, line: bytes, receive_s: float, tick_s: float, records: Counter[str], status: list[tuple[float, Fix, float]]
) -> dict[str, Any] | None:
    """Read one NMEA sentence: the box's own place, or traffic beside it; return a plot of the latter."""
    sentence = sentence_of(line)
    count(records, sentence)
    if sentence.talker == "P" and sentence.kind == "FLAA":
        return _traffic(state, traffic_of(sentence), receive_s)
    fix = fix_of(sentence)
    if fix is not None:
        said_s, height_m, _ = state.own.hear(fix, receive_s, tick_s)
        state.box.place(fix.lat_deg, fix.lon_deg, height_m, said_s, receive_s)
        status.append((said_s, fix, height_m))
    return None


def _traffic(state: State, traffic: Traffic, receive_s: float) -> dict[str, Any]:
    """Return the plot of what a FLARM box has seen."""
    lat_deg, lon_deg, height_m = state.box.beside(traffic, receive_s)
    course_rad = math.radians(traffic.track_deg)
    return _named(state, traffic.address_type, traffic.address, traffic.name, traffic.no_track) | {
        "time_s": state.box.time_s,
        "lat_rad": math.radians(lat_deg),
        "lon_rad": math.radians(lon_deg),
        "height_m": height_m,
        "east_ms": traffic.speed_ms * math.sin(course_rad),
        "north_ms": traffic.speed_ms * math.cos(course_rad),
        "vertical_rate_ms": traffic.climb_ms,
        "aircraft_class": CLASSES[traffic.aircraft_type],
    }


def details(state: State, chunk: Chunk, time_s: float) -> tuple[State, dict[str, Detail]]:
    """Return every field of every packet and sentence, a table for each kind."""
    got = lines(state.tail, chunk, LONGEST)
    made = tables(got, lambda p, r: time_of(state, p, r, time_s), lambda c: set_clock(state, c), state.own.clock.resolve, time_s)
    return state, told(made, chunk)


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end and the data time of each line of a file, with the date where a server's comment or the box says it."""
    ends = ends_of(data)
    starts = [0, *ends.tolist()[:-1]]
    return ends, timeline([_said(data[a:b].rstrip(b"\r\n")) for a, b in zip(starts, ends.tolist(), strict=True)]), Rejects()


def _said(line: bytes) -> tuple[float, float]:
    """Return second of day and day of a line, NaN where it says none."""
    try:
        if line.startswith(b"$"):
            fix = fix_of(sentence_of(line))
            return (fix.second, fix.day) if fix else (math.nan, math.nan)
        packet = aprs.packet_of(line)
        if packet.kind == aprs.SERVER:
            return date_of(packet.body)
        return (aprs.position_of(packet.body).second if packet.kind == aprs.AIRCRAFT else math.nan), math.nan
    except WireError:
        return math.nan, math.nan


_APRS = re.compile(rb"[A-Za-z0-9_-]{1,12}>[A-Za-z0-9-]{1,9}(?:,[^,:\s]{1,24})*,qA[A-Za-z][^:\s]*:.")
_COMMENT = re.compile(rb"# (?:aprsc|logresp|javAPRS)")


def likeness(head: bytes) -> float:
    """Return the share of bytes that lie in APRS-IS packets; or in NMEA sentences, where some are FLARM's."""
    box = b"\n$PFLA" in head or head.startswith(b"$PFLA")
    return share(head, lambda line: _APRS.match(line) or _COMMENT.match(line) or (box and is_sentence(line)))


FORMAT = Format("ogn", init, step, split, likeness, details)

"""The Remote ID JSON format: lines to plots, counts and details."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind, Plots
from tenere.errors import Rejects, WireError
from tenere.wire.decoded import Decoded
from tenere.wire.detail import told
from tenere.wire.detail_rows import OCTETS, OFFSET, RECEIVE, TIME, Field, detail
from tenere.wire.format import Format
from tenere.wire.mode_s.counter import steady
from tenere.wire.remote_id import messages as m
from tenere.wire.remote_id.decode import CLOCK_OFF_S, REPEAT_S, Transmitter, name_of
from tenere.wire.remote_id_json.keys import mac_of, report_of, second_of, unix_of
from tenere.wire.text_lines import Tail, ends_of, lines, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.detail import Detail
    from tenere.wire.format import SourceHint
    from tenere.wire.text_lines import Lines

LONGEST = 8192
NO_OBJECT = "line that is no JSON object"
OUT_OF_RANGE = "Remote ID report with a value out of range"
CLOCK_OFF = "Remote ID report with a clock off by over a minute"
REPORT, OTHER = "Remote ID report", "JSON object of another kind"

INVALID_ALTITUDE_M, INVALID_SPEED_MS, INVALID_COURSE_DEG, INVALID_CLIMB_MS = -1000.0, 255.0, 360.0, 63.0
"""What the standard itself sends for "no value", and receivers pass on: that or beyond (ASTM F3411-22a 5.4.5.8)."""


@dataclass
class State:
    """One source: the unfinished line, and its transmitters, the one heard longest ago first."""

    tail: Tail
    transmitters: dict[str, Transmitter] = field(default_factory=dict)

    def of(self, report: dict[str, Any]) -> Transmitter:
        """Return the memory of who a report is about: by its MAC address, else by its name; without either, of nobody."""
        mac, name = mac_of(report.get("mac", "")), report.get("id", report.get("registration", ""))
        key = f"{mac:012x}" if mac else name
        if not key:
            return Transmitter(0)
        known = self.transmitters.pop(key, None) or Transmitter(mac)
        self.transmitters[key] = known
        if len(self.transmitters) > m.MOST_TRANSMITTERS:
            del self.transmitters[next(iter(self.transmitters))]
        for rank, text in ((5, report.get("id", "")), (4, report.get("registration", ""))):
            if text and rank >= known.rank:
                known.rank, known.name = rank, m.text_of(text.encode("ascii", "replace")).replace(b" ", b"?")[:20]
        return known


def init(hint: SourceHint) -> State:
    """Return the state of a source that has sent nothing. Option datagrams: see text_lines."""
    return State(Tail.of(hint.options))


def object_of(line: bytes) -> object:
    """Return the JSON object or list a line holds; raise WireError where it holds none."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise WireError(NO_OBJECT) from None
    if not isinstance(value, dict | list):
        raise WireError(NO_OBJECT)
    return value


def checked(report: dict[str, Any]) -> dict[str, Any] | None:
    """Return a report without values that say "no value"; None where one is out of range."""
    made = dict(report)
    for name, limit in (("speed", INVALID_SPEED_MS), ("vertical_speed", INVALID_CLIMB_MS)):
        if abs(made.get(name, 0.0)) >= limit:
            del made[name]
    if made.get("heading", 0.0) > INVALID_COURSE_DEG:
        del made["heading"]
    for name in ("altitude", "pressure_altitude", "height", "pilot_altitude"):
        if made.get(name, 0.0) <= INVALID_ALTITUDE_M:
            del made[name]
    for lat, lon in (("lat", "lon"), ("pilot_lat", "pilot_lon")):
        if made.get(lat, 0.0) == made.get(lon, 0.0) == 0.0:
            made.pop(lat, None)
            made.pop(lon, None)
        elif lat not in made or lon not in made or abs(made[lat]) > 90.0 or abs(made[lon]) > 180.0:
            return None
    if made.get("speed", 0.0) < 0.0 or abs(made.get("heading", 0.0)) > 360.0 or made.get("altitude", 0.0) > 40_000.0:
        return None
    return made


def time_of(report: dict[str, Any], near_s: float) -> float:
    """Return the time a report says: of its second of the hour in the hour nearest near_s, else of its date and time; NaN for none."""
    second = second_of(report)
    if not math.isnan(second):
        return near_s + (second - near_s + 1800.0) % 3600.0 - 1800.0
    return unix_of(report.get("time", ""))


def _reports(got: Lines, rejects: Rejects, records: Counter[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the row of each line with a report of a drone, and what it says; count the others."""
    for i, (line, offset) in enumerate(zip(got.each(), got.offsets.tolist(), strict=True)):
        try:
            said, _ = report_of(object_of(line))
        except WireError as e:
            rejects.add(e.reason, offset)
            continue
        if not said.keys() & {"mac", "id", "registration", "lat", "operator"}:
            records[OTHER] += 1
            continue
        report = checked(said)
        if report is None:
            rejects.add(OUT_OF_RANGE, offset)
            continue
        records[REPORT] += 1
        yield i, report


def step(state: State, chunk: Chunk, time_s: float) -> tuple[State, Decoded]:
    """Decode what a source sent; the units of the chunk are reads, cut anywhere. The state is reused."""
    got = lines(state.tail, chunk, LONGEST)
    records: Counter[str] = Counter()
    rows: list[tuple[float, bytes, dict[str, Any]]] = []
    kept: list[int] = []
    for i, report in _reports(got, got.rejects, records):
        received_s = float(got.receive_s[i])
        near_s = time_s if math.isnan(received_s) else received_s
        transmitter = state.of(report)
        name = name_of(transmitter, near_s)
        if "lat" not in report:
            continue
        said_s = time_of(report, near_s)
        if abs(said_s - received_s) > CLOCK_OFF_S:
            got.rejects.add(CLOCK_OFF, int(got.offsets[i]))
            said_s = math.nan
        place = repr((report["lat"], report["lon"], report.get("altitude"), said_s)).encode()
        if transmitter.place == place and not abs(near_s - transmitter.emitted_s) >= REPEAT_S:
            continue
        transmitter.place, transmitter.emitted_s = place, near_s
        rows.append((near_s if math.isnan(said_s) else said_s, name, report))
        kept.append(i)
    return state, Decoded(plots=_plots(rows, got, np.array(kept, np.int64)), records=records, rejects=got.rejects)


def _plots(rows: list[tuple[float, bytes, dict[str, Any]]], got: Lines, kept: NDArray[np.int64]) -> Plots:
    """Return the plots of reports with a position: rows of time, name and report; kept: the line of each."""
    if not rows:
        return Plots.blank()

    def numbers(name: str) -> NDArray[np.float64]:
        return np.array([report.get(name, math.nan) for _, _, report in rows])

    speed, course = numbers("speed"), np.radians(numbers("heading"))
    status = [report.get("status", "").lower() for _, _, report in rows]
    ground, alarm = np.array([s in GROUND for s in status]), np.array([s in EMERGENCY for s in status])
    return Plots.blank(
        len(rows),
        time_s=np.array([row[0] for row in rows]),
        receive_s=got.receive_s[kept],
        reference=got.references[kept],
        kind=PlotKind.REMOTE_ID,
        flags=np.where(ground, PlotFlag.ON_GROUND, 0) | np.where(alarm, PlotFlag.EMERGENCY, 0),
        lat_rad=np.radians(numbers("lat")),
        lon_rad=np.radians(numbers("lon")),
        height_m=numbers("altitude"),
        pressure_altitude_m=numbers("pressure_altitude"),
        east_ms=speed * np.sin(course),
        north_ms=speed * np.cos(course),
        vertical_rate_ms=numbers("vertical_speed"),
        remote_id=np.array([row[1] for row in rows], "S20"),
        aircraft_class=AircraftClass.DRONE,
        emergency=np.where(alarm, Emergency.GENERAL, Emergency.NONE),
    )


GROUND = frozenset({"1", "ground", "on ground", "on the ground"})
EMERGENCY = frozenset({"3", "emergency"})

_NUMBERS = (
    ("rssi", "dBm", "power received"), ("lat", "deg", "WGS-84 latitude of the drone, as claimed"),
    ("lon", "deg", "WGS-84 longitude of the drone, as claimed"), ("altitude", "m", "above the WGS-84 ellipsoid, as claimed"),
    ("pressure_altitude", "m", "to 1013.25 hPa, as claimed"), ("height", "m", "above the ground or the take-off place, as claimed"),
    ("speed", "m/s", "over ground, as claimed"), ("heading", "deg", "course over ground, as claimed"),
    ("vertical_speed", "m/s", "upward positive, as claimed"), ("pilot_lat", "deg", "WGS-84 latitude of the operator, as claimed"),
    ("pilot_lon", "deg", "WGS-84 longitude of the operator, as claimed"), ("pilot_altitude", "m", "of the operator, as claimed"),
)  # fmt: skip
_TEXTS = (
    ("mac", 24, "address of the transmitter"), ("id", 40, "name it claims: usually the serial number"),
    ("registration", 40, "registration it claims"), ("operator", 40, "operator's registration, as claimed"),
    ("description", 48, "what the operator says of the flight"), ("ua_type", 48, "kind of aircraft, as the receiver words it"),
    ("id_type", 48, "kind of name, as the receiver words it"), ("status", 24, "on the ground, airborne ..., as the receiver words it"),
)  # fmt: skip
_FIELDS = (
    OFFSET, RECEIVE, TIME,
    *(Field(name, f"S{width}", "", doc) for name, width, doc in _TEXTS),
    *(Field(name, "f8", unit, doc) for name, unit, doc in _NUMBERS),
    Field("verified", "u1", "", "0: a claim; nothing in it can be authenticated"),
    Field("object", OCTETS, "", "the whole line"),
)  # fmt: skip


def details(state: State, chunk: Chunk, time_s: float) -> tuple[State, dict[str, Detail]]:
    """Return every value of every report that is understood, and the line itself."""
    got = lines(state.tail, chunk, LONGEST)
    rows: list[tuple[Any, ...]] = []
    offsets = got.offsets.tolist()
    for i, report in _reports(got, Rejects(), Counter()):
        received_s = float(got.receive_s[i])
        said_s = time_of(report, time_s if math.isnan(received_s) else received_s)
        texts = (report.get(name, "").encode("ascii", "replace")[:width] for name, width, _ in _TEXTS)
        numbers = (report.get(name) for name, _, _ in _NUMBERS)
        rows.append((offsets[i], received_s, said_s, *texts, *numbers, 0, got.text[got.starts[i] : got.ends[i]]))
    return state, told({REPORT: detail(_FIELDS, rows)}, chunk)


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end and the data time of each line of a file, where it says date and time."""
    ends = ends_of(data)
    times_s = np.full(len(ends), np.nan)
    starts = [0, *ends.tolist()[:-1]]
    for i, (first, end) in enumerate(zip(starts, ends.tolist(), strict=True)):
        line = data[first:end].strip()
        if line and len(line) <= LONGEST:
            try:
                times_s[i] = unix_of(report_of(object_of(line))[0].get("time", ""))
            except WireError:
                continue
    return ends, steady(times_s), Rejects()


def _is_report(line: bytes) -> bool:
    """Say whether a line is a report that nothing but a Remote ID receiver prints."""
    if line[:1] not in {b"{", b"["}:
        return False
    try:
        return report_of(object_of(line))[1]
    except WireError:
        return False


def likeness(head: bytes) -> float:
    """Return the share of bytes that lie in reports of Remote ID."""
    return share(head, _is_report)


FORMAT = Format("remote_id_json", init, step, split, likeness, details)

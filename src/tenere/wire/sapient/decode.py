"""SAPIENT: detections of nodes to plots, their status reports to status.

A node is known by a UUID. Which of our sensors it is says the source's option ``nodes``, {UUID = [SAC, SIC]}; one that it
does not name has no SAC and SIC. Of those the first heard stands for the source itself: its reports of its own place
and health, and ranges and bearings measured from an unknown place, are taken for those of the one sensor that the site
file may place. What another such node measures needs that node's place, from its own status reports.
"""

from __future__ import annotations

import math
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from tenere.batch import AircraftClass, PlotKind, Plots, Status
from tenere.errors import Rejects, UsageError, WireError
from tenere.wire.cot.numbers import Numbers
from tenere.wire.decoded import Decoded
from tenere.wire.mode_s.source import unit_times
from tenere.wire.sapient import classes, frames, schema
from tenere.wire.sapient.place import NOWHERE, Place, Polar, place_of, polar_of, seen_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.format import SourceHint

B = TypeVar("B", Plots, Status)

MOST_NODES = 4096
CLOCK_OFF_S = 60.0
FASTEST_MS = 2000.0
KPH_MS = 1.0 / 3.6
KPH = 2

OK, WARNING, ERROR, GOODBYE = 1, 2, 3, 5
FAULTS = frozenset({1, 2, 11})  # internal fault, external fault, not detecting
ERROR_LEVEL = 4

CLOCK_OFF = "SAPIENT message over a minute from its receive time"
NO_POSITION = "SAPIENT detection without a position"
NOT_TRUE_NORTH = "SAPIENT bearing not from true north"
BEARING_ONLY = "SAPIENT detection with a bearing only"
UNPLACED = "SAPIENT detection by a node whose place is not known"

ICAO = re.compile(r"(?:icao[-_ ]?)?([0-9a-f]{6})", re.ASCII)
ICAO_TYPES = frozenset({"icao", "icao_address", "icao address", "mode_s", "mode s", "mode-s"})
CALLSIGN_TYPES = frozenset({"callsign", "call_sign", "call sign", "flight"})
REMOTE_ID_TYPES = frozenset({"remote_id", "remote id", "uas_id", "uas id"})


@dataclass
class Node:
    """One node: its UUID, its SAC * 256 + SIC, whether it stands for the source, its place, its velocities' units in m/s."""

    name: str
    sac_sic: int = -1
    first: bool = False
    place: Place = NOWHERE
    speed_ms: float = 1.0
    climb_ms: float = 1.0


@dataclass
class State:
    """What a source left unfinished, its nodes by UUID (the one heard longest ago first), the numbers of its objects."""

    schema: schema.Schema
    scanner: frames.Scanner = field(default_factory=frames.Scanner)
    nodes: dict[str, Node] = field(default_factory=dict)
    objects: Numbers = field(default_factory=Numbers)
    codes: dict[str, int] = field(default_factory=dict)
    first: str = ""
    geoid_m: float = math.nan

    def node(self, name: str) -> Node:
        """Return the memory of a node, now the last in the order; forget the oldest where there are too many."""
        key = str(uuid.UUID(name))
        known = self.nodes.pop(key, None)
        if known is None:
            code = self.codes.get(key, -1)
            if code < 0 and not self.first:
                self.first = key
            known = Node(key, code, first=key == self.first)
        self.nodes[key] = known
        if len(self.nodes) > MOST_NODES:
            del self.nodes[next(iter(self.nodes))]
        return known


class Heard(NamedTuple):
    """One message: its class's object, where it lies in the chunk, its own bytes, when it came (NaN unknown)."""

    message: Any
    at: int
    raw: bytes
    receive_s: float

    @property
    def content(self) -> str:
        """Name what it carries."""
        return str(self.message.WhichOneof("content"))

    @property
    def time_s(self) -> float:
        """Return its own time, seconds since 1970."""
        return float(self.message.timestamp.seconds + self.message.timestamp.nanos * 1e-9)


def init(hint: SourceHint) -> State:
    """Return the state of a source that has said nothing; raise UsageError for a missing package or a bad option."""
    state = State(schema.load())
    options = dict(hint.options)
    geoid_m, nodes = options.pop("geoid_m", math.nan), options.pop("nodes", {})
    if options:
        raise UsageError(f"format sapient has no option {', '.join(map(str, options))}: it has geoid_m and nodes")
    if isinstance(geoid_m, bool) or not isinstance(geoid_m, (int, float)):
        raise UsageError("option geoid_m: the height of the geoid above the ellipsoid in metres, such as 24.0")
    state.geoid_m = float(geoid_m)
    if not isinstance(nodes, dict):
        raise UsageError("option nodes: a table of node UUID = [SAC, SIC]")
    for name, code in nodes.items():
        if not _is_uuid(str(name)) or not (
            isinstance(code, list) and len(code) == 2 and all(isinstance(c, int) and 0 <= c < 256 for c in code)
        ):
            raise UsageError(f"option nodes: {name!r} = {code!r} is not UUID = [SAC, SIC], both 0 to 255")
        state.codes[str(uuid.UUID(str(name)))] = code[0] * 256 + code[1]
    return state


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def read(scanner: frames.Scanner, buffer: frames.Buffer, made: schema.Schema) -> Iterator[tuple[frames.Message, Any]]:
    """Yield the messages of a buffer that keep the standard's rules; count the others."""
    while (found := frames.following(scanner, buffer)) is not None:
        raw = buffer.data[found.content : found.end]
        try:
            message = schema.read(made, raw, json=found.json)
        except WireError as e:
            buffer.rejects.add(e.reason, found.at)
            if e.reason == schema.NO_PROTOBUF:
                frames.again(scanner, buffer, found)
        else:
            yield found, message


def hear(state: State, chunk: Chunk, rejects: Rejects) -> list[Heard]:
    """Return the messages that end in a chunk, in order; count what is refused."""
    before = state.scanner.held
    data = state.scanner.take(chunk.data)
    if data is None:
        return []
    buffer = frames.Buffer(data)
    found = list(read(state.scanner, buffer, state.schema))
    state.scanner.keep(buffer)
    rejects.merge(buffer.rejects, max(chunk.offset - before, 0))
    times = unit_times(chunk, np.array([f.end - before for f, _ in found], np.int64)).tolist()
    return [Heard(m, f.at - before, data[f.content : f.end], t) for (f, m), t in zip(found, times, strict=True)]


def step(state: State, chunk: Chunk, time_s: float) -> tuple[State, Decoded]:
    """Decode what a source sent: reads of a stream cut anywhere. The state is reused."""
    decoded = Decoded()
    plots: list[dict[str, Any]] = []
    status: list[dict[str, Any]] = []
    del time_s  # every message says when it was made
    for heard in hear(state, chunk, decoded.rejects):
        content, message = heard.content, heard.message
        decoded.records[schema.NAMES[content]] += 1
        node = state.node(message.node_id)
        if abs(heard.time_s - heard.receive_s) > CLOCK_OFF_S:
            decoded.rejects.add(CLOCK_OFF, chunk.offset + heard.at, sender=f"node {node.name}")
        if content == "detection_report":
            plot = _plot(state, node, heard, decoded.rejects, chunk.offset)
            if plot is not None:
                plots.append(plot)
        elif content == "status_report":
            row = _status(state, node, heard)
            if row is not None:
                status.append(row)
        elif content == "registration":
            _units(node, message.registration)
    decoded.plots = _batch(Plots, plots)
    decoded.status = _batch(Status, status)
    decoded.addresses = frozenset(a for a in decoded.plots.address.tolist() if a > 0)
    return state, decoded


def _batch(kind: type[B], rows: list[dict[str, Any]]) -> B:
    """Return rows that hold the same columns as a batch."""
    return kind.blank(len(rows), **{name: [row[name] for row in rows] for name in rows[0]}) if rows else kind.none()


def _plot(state: State, node: Node, heard: Heard, rejects: Rejects, base: int) -> dict[str, Any] | None:
    """Return the plot of a detection, None where it is none of ours: lost from view, of the ground, or nowhere."""
    report = heard.message.detection_report
    found = classes.classify(report)
    if "lost" in report.state.lower() or not classes.is_air(found):
        return None
    place, polar, reason = _where(state, node, report)
    if reason:
        rejects.add(reason, base + heard.at, sender=f"node {node.name}")
        return None
    made = classes.aircraft_class(found)
    east, north, climb, std_ms = _velocity(node, report)
    names = _names(report)
    return {
        "time_s": heard.time_s,
        "receive_s": heard.receive_s,
        "sac_sic": node.sac_sic,
        "kind": PlotKind.DETECTION,
        "range_m": polar.range_m,
        "azimuth_rad": polar.azimuth_rad,
        "elevation_rad": polar.elevation_rad,
        "lat_rad": place.lat_rad,
        "lon_rad": place.lon_rad,
        "position_std_m": place.std_m,
        "height_m": place.height_m,
        "east_ms": east,
        "north_ms": north,
        "velocity_std_ms": std_ms,
        "vertical_rate_ms": climb,
        "address": names.address,
        "callsign": names.callsign,
        "remote_id": names.remote_id,
        "source_track": state.objects.of(report.object_id),
        "aircraft_class": AircraftClass.DRONE if names.remote_id and made is AircraftClass.UNKNOWN else made,
        "reference": max(heard.at, 0),
    }


def _where(state: State, node: Node, report: Any) -> tuple[Place, Polar, str]:  # noqa: ANN401 - a DetectionReport message
    """Return the place of a detection and what was measured, or why there is none."""
    if report.HasField("location"):
        place = place_of(report.location, state.geoid_m)
        return place, Polar(), "" if place.known else NO_POSITION
    polar = polar_of(report.range_bearing)
    if polar is None:
        return NOWHERE, Polar(), NOT_TRUE_NORTH
    if math.isnan(polar.range_m):
        return NOWHERE, polar, BEARING_ONLY
    if node.place.known:
        return seen_from(node.place, polar), polar, ""
    return NOWHERE, polar, "" if node.first or node.sac_sic >= 0 else UNPLACED


def _velocity(node: Node, report: Any) -> tuple[float, float, float, float]:  # noqa: ANN401 - the same
    """Return east, north, up and their one-sigma error in m/s, NaN where not known."""
    v = report.enu_velocity
    east, north = v.east_rate * node.speed_ms, v.north_rate * node.speed_ms
    if not report.HasField("enu_velocity") or not (abs(east) <= FASTEST_MS and abs(north) <= FASTEST_MS):
        return math.nan, math.nan, math.nan, math.nan
    climb = v.up_rate * node.climb_ms
    std_ms = max(v.east_rate_error, v.north_rate_error) * node.speed_ms
    return (
        east,
        north,
        climb if v.HasField("up_rate") and abs(climb) <= FASTEST_MS else math.nan,
        std_ms if 0.0 < std_ms < FASTEST_MS else math.nan,
    )


class _Names(NamedTuple):
    """What else a detection is called."""

    address: int
    callsign: bytes
    remote_id: bytes


def _names(report: Any) -> _Names:  # noqa: ANN401 - the same
    """Return the address, callsign and Remote ID that a report's object information holds under a name we know."""
    address, callsign, remote_id = -1, b"", b""
    for info in [*report.object_info[:32], *report.track_info[:32]]:
        kind, value = info.type.strip().lower(), info.value.strip()
        if kind in ICAO_TYPES and (found := ICAO.fullmatch(value.lower())):
            address = int(found[1], 16) or -1
        elif kind in CALLSIGN_TYPES and value.isascii() and value.isprintable() and len(value) <= 8:
            callsign = value.encode()
        elif kind in REMOTE_ID_TYPES and value.isascii() and value.isprintable() and len(value) <= 20:
            remote_id = value.encode()
    return _Names(address, callsign, remote_id)


def _status(state: State, node: Node, heard: Heard) -> dict[str, Any] | None:
    """Take a node's place from its status; return the row, None of a node that no sensor of ours stands for."""
    report = heard.message.status_report
    if report.HasField("node_location"):
        place = place_of(report.node_location, state.geoid_m)
        node.place = place if place.known else node.place
    if not (node.first or node.sac_sic >= 0):
        return None
    nogo = report.system in {ERROR, GOODBYE}
    faulty = any(s.status_level == ERROR_LEVEL or s.status_type in FAULTS for s in report.status[:256])
    return {
        "time_s": heard.time_s,
        "sac_sic": node.sac_sic,
        "category": 0,
        "message": report.system,
        "lat_rad": node.place.lat_rad,
        "lon_rad": node.place.lon_rad,
        "height_m": node.place.height_m,
        "degraded": int(nogo or faulty or report.system == WARNING),
        "nogo": int(nogo),
    }


def _units(node: Node, registration: Any) -> None:  # noqa: ANN401 - a Registration message
    """Take from a registration in what unit a node gives velocities; metres a second unless all its modes say km/h."""
    units = [
        (u.east_north_rate_units, u.up_rate_units)
        for mode in registration.mode_definition[:64]
        for d in mode.detection_definition[:64]
        if d.velocity_type.HasField("enu_velocity_units") and (u := d.velocity_type.enu_velocity_units)
    ]
    node.speed_ms = KPH_MS if units and all(u == KPH for u, _ in units) else 1.0
    node.climb_ms = KPH_MS if units and all(u == KPH for _, u in units) else 1.0


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end of each message of a file and its own time."""
    scanner, buffer = frames.Scanner(), frames.Buffer(data)
    found = list(read(scanner, buffer, schema.load()))
    ends = [f.end for f, _ in found]
    times = [m.timestamp.seconds + m.timestamp.nanos * 1e-9 for _, m in found]
    if not ends or ends[-1] < len(data):
        ends.append(len(data))
        times.append(times[-1] if times else math.nan)
    return np.array(ends, np.int64), np.array(times, np.float64), Rejects()


def likeness(head: bytes) -> float:
    """Return the share of bytes that lie in whole messages, 0 without the packages; a first and a last one may be cut."""
    try:
        made = schema.load()
    except UsageError:
        return 0.0
    scanner, buffer = frames.Scanner(), frames.Buffer(head)
    found = [f for f, _ in read(scanner, buffer, made)]
    if not found:
        return 0.0
    longest = max(f.end - f.at for f in found)
    left = len(head) - buffer.at
    return sum(f.end - f.at for f in found) / (len(head) - min(found[0].at, longest) - min(left, 2 * longest))

"""Cursor-on-Target: events to another system's tracks.

An air track (a-?-A...) becomes a row of `SystemTracks`; everything else is counted by its kind and kept in the
details. The error of a position is the point's ce, which the schema means as "the one sigma point" of a normal
distribution where it is an error at all (it may also be the radius of an area): it is taken as one sigma a side.
hae is a height above the ellipsoid, never a pressure altitude. The time is the event's own: an old position that a
server repeats is not a new one. A sender names its tracks by uid: each uid has a number while it is remembered.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import Claim, Emergency, PlotFlag, SystemTracks
from tenere.errors import Rejects, WireError
from tenere.wire import claims
from tenere.wire.cot import event as ev
from tenere.wire.cot import frames, kinds
from tenere.wire.cot.numbers import Numbers
from tenere.wire.decoded import Decoded
from tenere.wire.mode_s.source import unit_times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.format import SourceHint

CLOCK_OFF_S = 60.0
FASTEST_MS = 2000.0
STEEPEST_DEG = 89.0

NO_POSITION = "CoT air track without a position"
CLOCK_OFF = "CoT event over a minute from its receive time"
BAD_DETAIL = "CoT detail that is no XML"

ICAO_UID = re.compile(r"(?:ICAO|icao|ADSB|adsb)[-_.]?([0-9A-Fa-f]{6})", re.ASCII)
ICAO = re.compile(r"[0-9A-Fa-f]{6}", re.ASCII)
SQUAWK = re.compile(r"[0-7]{4}", re.ASCII)


@dataclass
class State:
    """What a source left unfinished, and the numbers of its tracks."""

    scanner: frames.Scanner = field(default_factory=frames.Scanner)
    numbers: Numbers = field(default_factory=Numbers)


class Heard(NamedTuple):
    """One message: its event (None: control only), how it was wrapped, where it begins in the chunk, when it came (NaN unknown)."""

    event: ev.Event | None
    wrapping: int
    at: int
    receive_s: float


def init(hint: SourceHint) -> State:
    """Return the state of a source that has said nothing."""
    del hint
    return State()


def hear(scanner: frames.Scanner, chunk: Chunk, rejects: Rejects) -> list[Heard]:
    """Return the messages that end in a chunk, in order; count what is refused (offsets in all that the source delivered)."""
    before = len(scanner.tail)
    ends = chunk.ends.tolist()
    starts = [0, *ends[:-1]] if ends else []
    resets = [before + s for s, e in zip(starts, ends, strict=True) if s < e and frames.begins(chunk.data[s : s + 8])]
    if resets and resets[0] == before:
        scanner.typed = -1
    buffer = frames.Buffer(scanner.tail + chunk.data, resets)
    found = list(read(scanner, buffer))
    scanner.keep(buffer)
    rejects.merge(buffer.rejects, max(chunk.offset - before, 0))
    times = unit_times(chunk, np.array([m.end - before for m, _ in found], np.int64)).tolist()
    return [Heard(event, m.wrapping, m.at - before, t) for (m, event), t in zip(found, times, strict=True)]


def read(scanner: frames.Scanner, buffer: frames.Buffer) -> Iterator[tuple[frames.Message, ev.Event | None]]:
    """Yield the messages of a buffer that can be read, with their events."""
    while (message := frames.following(scanner, buffer)) is not None:
        try:
            yield message, _read_one(buffer.data, message)
        except WireError as e:
            start = frames.last_start(buffer.data, message) if message.wrapping == frames.XML else message.at
            if start > message.at:
                try:
                    later = message._replace(at=start, content=start)
                    yield later, _read_one(buffer.data, later)
                except WireError as again:
                    buffer.rejects.add(again.reason, start)
                else:
                    buffer.rejects.add(frames.CUT, message.at)
                continue
            buffer.rejects.add(e.reason, message.at)
            frames.again(scanner, buffer, message)


def _read_one(data: bytes, message: frames.Message) -> ev.Event | None:
    content = data[message.content : message.end]
    return ev.from_xml(content) if message.wrapping == frames.XML else ev.from_protobuf(content)


def step(state: State, chunk: Chunk, time_s: float) -> tuple[State, Decoded]:
    """Decode what a source sent: datagrams, or reads of a stream cut anywhere. The state is reused."""
    decoded = Decoded()
    heard = hear(state.scanner, chunk, decoded.rejects)
    rows: list[tuple[float | int | bytes, ...]] = []
    for message in heard:
        event, at = message.event, chunk.offset + message.at
        decoded.records[kinds.CONTROL if event is None else kinds.record(event.kind)] += 1
        if event is None:
            continue
        near_s = time_s if math.isnan(message.receive_s) else message.receive_s
        sender = "uid " + _ascii(event.uid[:40]).decode()
        if event.bad_detail:
            decoded.rejects.add(BAD_DETAIL, at, sender=sender)
        if abs(event.time_s - near_s) > CLOCK_OFF_S and not math.isnan(message.receive_s):
            decoded.rejects.add(CLOCK_OFF, at, sender=sender)
        when_s = near_s if math.isnan(event.time_s) else event.time_s
        if event.kind == kinds.DELETE and state.numbers.known(event.link) >= 0:
            rows.append(_ended(state.numbers.of(event.link), when_s, max(message.at, 0)))
        elif kinds.is_air(event.kind):
            if not placed(event):
                decoded.rejects.add(NO_POSITION, at, sender=sender)
                continue
            rows.append(_track(event, state.numbers.of(event.uid), when_s, max(message.at, 0)))
    if rows:
        decoded.system = SystemTracks.blank(len(rows), **{n: list(c) for n, c in zip(COLUMNS, zip(*rows, strict=True), strict=True)})
        decoded.addresses = frozenset(a for a in decoded.system.address.tolist() if a > 0)
    return state, decoded


COLUMNS = (
    "time_s",
    "source_track",
    "flags",
    "lat_rad",
    "lon_rad",
    "east_ms",
    "north_ms",
    "vertical_rate_ms",
    "height_m",
    "position_std_m",
    "address",
    "mode_a",
    "callsign",
    "aircraft_class",
    "emergency",
    "claim",
    "reference",
)


def _ended(number: int, when_s: float, at: int) -> tuple[float | int | bytes, ...]:
    """Return the row of a track whose sender takes it back."""
    nan = math.nan
    return (when_s, number, PlotFlag.ENDED, nan, nan, nan, nan, nan, nan, nan, -1, -1, b"", 0, 0, Claim.NONE, at)


def _track(event: ev.Event, number: int, when_s: float, at: int) -> tuple[float | int | bytes, ...]:
    """Return the row of an air track."""
    east, north, climb = velocity(event)
    alarm = event.emergency != "" and not event.cancel
    flags = kinds.flags(event.how, event.opex) | (PlotFlag.EMERGENCY if alarm else PlotFlag(0))
    return (
        when_s,
        number,
        int(flags),
        math.radians(event.lat),
        math.radians(event.lon),
        east,
        north,
        climb,
        event.hae,
        event.ce if event.ce > 0.0 else math.nan,
        address(event),
        int(event.squawk, 8) if SQUAWK.fullmatch(event.squawk) else -1,
        callsign(event),
        kinds.aircraft_class(event.kind, event.category),
        Emergency.GENERAL if alarm else Emergency.NONE,
        claim(event),
        at,
    )


def placed(event: ev.Event) -> bool:
    """Say whether an event has a position; 0, 0 is what senders without one write."""
    return not (math.isnan(event.lat) or math.isnan(event.lon) or (event.lat == 0.0 and event.lon == 0.0))


def velocity(event: ev.Event) -> tuple[float, float, float]:
    """Return east, north and climb in m/s, NaN where not known; the speed is over ground, the slope the path's angle."""
    speed, course = event.speed, event.course
    if not (0.0 <= speed <= FASTEST_MS and 0.0 <= course <= 360.0):
        return math.nan, math.nan, math.nan
    climb = speed * math.tan(math.radians(event.slope)) if abs(event.slope) <= STEEPEST_DEG else math.nan
    angle = math.radians(course)
    return speed * math.sin(angle), speed * math.cos(angle), climb


def claim(event: ev.Event) -> Claim:
    """Return what the partner calls it: by the type's letter, else by a symbol code; in an exercise only that it is one."""
    if kinds.is_exercise(event.opex):
        return Claim.EXERCISE
    found = claims.of_cot(event.kind)
    return found if found is not Claim.NONE else claims.of_sidc(event.sidc)


def address(event: ev.Event) -> int:
    """Return the ICAO address that a gateway gives in an attribute or in the uid (ICAO-4CA1FA); -1 where it gives none."""
    found = ICAO.fullmatch(event.icao) or ICAO_UID.fullmatch(event.uid)
    value = int(found[found.lastindex or 0], 16) if found else 0
    return value if value > 0 else -1


def callsign(event: ev.Event) -> bytes:
    """Return the flight's identification, else the contact's name; of a longer name seven characters and a "+", which no plan has."""
    name = (event.flight or event.callsign).strip()
    raw = _ascii(name[:9])
    return raw if len(raw) <= 8 else raw[:7] + b"+"


def _ascii(text: str) -> bytes:
    """Return a text in printable ASCII, "?" for every other character."""
    return bytes(ord(c) if " " <= c <= "~" else ord("?") for c in text)


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end of each message of a file and its event's time, NaN where it has none."""
    scanner, buffer = frames.Scanner(), frames.Buffer(data, [])
    found = list(read(scanner, buffer))
    ends = [m.end for m, _ in found]
    times = [math.nan if e is None else e.time_s for _, e in found]
    if not ends or ends[-1] < len(data):
        ends.append(len(data))
        times.append(times[-1] if times else math.nan)
    return np.array(ends, np.int64), np.array(times), Rejects()


def likeness(head: bytes) -> float:
    """Return the share of bytes that lie in whole messages; a first and a last one may be cut."""
    scanner, buffer = frames.Scanner(), frames.Buffer(head, [])
    found = list(read(scanner, buffer))
    sizes = [m.end - m.at for m, _ in found]
    if not any(e is not None for _, e in found):
        return 0.0
    longest = max(sizes)
    led = min(found[0][0].at, longest + 64)  # with its declaration
    left = len(head) - buffer.at
    gaps = (head[a.end : b.at] for (a, _), (b, _) in itertools.pairwise(found))
    blank = sum(len(gap) for gap in gaps if frames.is_blank(gap))
    return (sum(sizes) + blank) / (len(head) - led - min(left, 2 * longest))

"""METAR and SPECI as a format: lines, reports over several of them, bulletins with headings between."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.errors import Rejects, UsageError
from tenere.geo.airports import by_icao
from tenere.qnh import Qnh
from tenere.wire.decoded import Decoded
from tenere.wire.detail_rows import OFFSET, RECEIVE, TIME, Field, detail
from tenere.wire.format import Format
from tenere.wire.metar.report import BEGIN, Report, read
from tenere.wire.text_lines import Lines, Tail, ends_of, lines, share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.detail import Detail
    from tenere.wire.format import SourceHint

ZERO_K = 273.15
MOST_LINES = 6
"""Lines of one report: what goes on longer is no report."""
FIELDS = (
    OFFSET, RECEIVE, TIME,
    Field("kind", "S5", "", "METAR or SPECI"),
    Field("station", "S4", "", "ICAO code"),
    Field("qnh_pa", "f8", "Pa", "QNH: group Q, or A where there is one"),
    Field("temperature_c", "f8", "C", "air temperature"),
    Field("automatic", "u1", "", "1: AUTO"),
    Field("corrected", "u1", "", "1: COR or CCA, CCB ..."),
    Field("nil", "u1", "", "1: the station has no report"),
)  # fmt: skip


class Place(NamedTuple):
    """Where a station stands."""

    lat_rad: float
    lon_rad: float
    elevation_m: float


@dataclass
class State:
    """A stream so far: its unfinished line, and the lines of a report that has not told its pressure yet."""

    tail: Tail
    own: dict[str, Place]
    waiting: list[str] = field(default_factory=list)
    offset: int = 0


class Told(NamedTuple):
    """One report with where and when it came."""

    report: Report
    offset: int
    reference: int
    receive_s: float


def init(hint: SourceHint) -> State:
    """Return the state of a source that has sent nothing.

    Option stations = { XXXX = [latitude, longitude, elevation in metres] } places those that no list of airports knows.
    """
    own = {}
    stations = hint.options.get("stations", {})
    for key in hint.options:
        if key not in {"stations", "datagrams"}:
            raise UsageError(f"options.{key}: not an option of metar; known: stations, datagrams")
    if not isinstance(stations, dict):
        raise UsageError("options.stations: a table of ICAO codes, each with [latitude, longitude, elevation in metres]")
    for name, place in stations.items():
        numbers = isinstance(place, list) and len(place) == 3 and all(isinstance(v, int | float) for v in place)
        if not numbers or not (abs(place[0]) <= 90 and abs(place[1]) <= 180):
            raise UsageError(f"options.stations.{name}: give [latitude, longitude, elevation in metres]")
        own[str(name).upper()] = Place(math.radians(place[0]), math.radians(place[1]), float(place[2]))
    return State(Tail.of(hint.options), own)


def _told(state: State, chunk: Chunk, tick_s: float, rejects: Rejects) -> list[Told]:
    """Return the reports that end in a chunk. A line that holds a pressure, or "=", ends its report."""
    got: Lines = lines(state.tail, chunk)
    rejects.merge(got.rejects)
    out: list[Told] = []
    for raw, offset, reference, receive in zip(
        got.each(), got.offsets.tolist(), got.references.tolist(), got.receive_s.tolist(), strict=True
    ):
        for part in raw.decode("ascii", "replace").replace("=", "=\n").splitlines():
            text = part.strip()
            if BEGIN.match(text):
                _end(state, out, rejects, reference, receive, tick_s)
                state.waiting, state.offset = [text], offset
            elif state.waiting and text:
                state.waiting.append(text)
            if state.waiting and (text.endswith("=") or len(state.waiting) >= MOST_LINES or _whole(state.waiting)):
                _end(state, out, rejects, reference, receive, tick_s)
    return out


def _whole(waiting: list[str]) -> bool:
    """Say whether a report has told its pressure."""
    got, _ = read(" ".join(waiting), 0.0)
    return got is not None and (math.isfinite(got.qnh_pa) or got.nil)


def _end(state: State, out: list[Told], rejects: Rejects, reference: int, receive_s: float, tick_s: float) -> None:
    """Read the report that waits, if any."""
    if not state.waiting:
        return
    got, reasons = read(" ".join(state.waiting), tick_s if math.isnan(receive_s) else receive_s)
    for reason in reasons:
        rejects.add(reason, state.offset)
    if got is not None:
        out.append(Told(got, state.offset, reference, receive_s))
    state.waiting = []


def step(state: State, chunk: Chunk, tick_time_s: float) -> tuple[State, Decoded]:
    """Decode what a source sent: reads cut anywhere. The state is reused."""
    decoded = Decoded()
    pressures = []
    for told in _told(state, chunk, tick_time_s, decoded.rejects):
        r = told.report
        decoded.records[r.kind] += 1
        if not math.isfinite(r.qnh_pa + r.time_s):
            continue
        place = state.own.get(r.station) or _place(r.station)
        if place is None:
            decoded.rejects.add("METAR of a station nobody knows the place of", told.offset)
            continue
        pressures.append(
            Qnh(r.station, place.lat_rad, place.lon_rad, r.qnh_pa, r.time_s, r.temperature_c + ZERO_K, place.elevation_m, "", told.offset)
        )
    decoded.pressures = tuple(pressures)
    return state, decoded


def _place(station: str) -> Place | None:
    """Return where an airport is."""
    a = by_icao().get(station)
    return None if a is None else Place(math.radians(a.lat_deg), math.radians(a.lon_deg), a.elevation_m)


def details(state: State, chunk: Chunk, tick_time_s: float) -> tuple[State, dict[str, Detail]]:
    """Return every report: table "METAR"."""
    rows = [
        (
            t.offset, t.receive_s, t.report.time_s, t.report.kind.encode(), t.report.station.encode(), t.report.qnh_pa,
            t.report.temperature_c, int(t.report.automatic), int(t.report.corrected), int(t.report.nil),
        )
        for t in _told(state, chunk, tick_time_s, Rejects())
    ]  # fmt: skip
    return state, {"METAR": detail(FIELDS, rows)}


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the lines of a file; their times want a month, which they do not say."""
    ends = ends_of(data)
    return ends, np.full(len(ends), np.nan), Rejects()


def likeness(head: bytes) -> float:
    """Return the share of the bytes in lines that begin a report with a pressure, or no report."""

    def good(line: bytes) -> bool:
        text = line.decode("ascii", "replace").strip()
        return bool(BEGIN.match(text)) and _whole([text])

    return share(head, good)


FORMAT = Format("metar", init, step, split, likeness, details)

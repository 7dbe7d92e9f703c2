"""The NMEA 0183 format: a stream of sentences to the positions a sensor gives of itself."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Status
from tenere.errors import Rejects, WireError
from tenere.wire.decoded import Decoded
from tenere.wire.detail import told
from tenere.wire.format import Format
from tenere.wire.nmea.sentences import Fix, Sentence, day_of, fix_of, framed, second_of, sentence_of
from tenere.wire.nmea.tables import tables
from tenere.wire.text_lines import Tail, ends_of, lines, share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.tick import Chunk
    from tenere.wire.detail import Detail
    from tenere.wire.format import SourceHint

LONGEST = 1024
DAY_S = 86_400.0
HEIGHT_FRESH_S = 10.0
AIS = "AIS sentence not decoded"
DATE_OFF = "NMEA date off by over half a day"
MOST_KINDS = 256
OTHER = "NMEA other"


@dataclass
class Clock:
    """The time of a stream of sentences, most of which say only the time of day. last_s: the last known time with its date."""

    last_s: float = math.nan

    def resolve(self, second: float, day: float, receive_s: float, tick_s: float) -> tuple[float, bool]:
        """Return the time of a sentence and whether its date was of no use.

        A second of day is taken on the day nearest the receive time; without one on that nearest the last dated sentence, or
        the tick's time; without any it stays a second of day. A date counts where it is within half a day of the receive time.
        """
        near_s = next((s for s in (receive_s, self.last_s, tick_s) if not math.isnan(s)), math.nan)
        if math.isnan(second):
            return near_s, False
        said_s = day * DAY_S + second
        off = abs(said_s - receive_s) > DAY_S / 2
        if math.isnan(said_s) or off:
            said_s = second if math.isnan(near_s) else near_s + (second - near_s + DAY_S / 2) % DAY_S - DAY_S / 2
        if not (math.isnan(day) and math.isnan(self.last_s)):
            self.last_s = said_s
        return said_s, off


@dataclass
class Own:
    """Where a receiver stands, as its sentences say: their time, and the last height with its second of day."""

    clock: Clock = field(default_factory=Clock)
    height_m: float = math.nan
    height_second: float = math.nan

    def hear(self, fix: Fix, receive_s: float, tick_s: float) -> tuple[float, float, bool]:
        """Take a position; return its time, the height to go with it, and whether its date was of no use."""
        time_s, off = self.clock.resolve(fix.second, fix.day, receive_s, tick_s)
        if not math.isnan(fix.height_m):
            self.height_m, self.height_second = fix.height_m, fix.second
        age_s = abs((fix.second - self.height_second + DAY_S / 2) % DAY_S - DAY_S / 2)
        return time_s, (math.nan if age_s > HEIGHT_FRESH_S else self.height_m), off


@dataclass
class State:
    """One source: the unfinished line, and where it stood last."""

    tail: Tail
    own: Own = field(default_factory=Own)


def init(hint: SourceHint) -> State:
    """Return the state of a source that has sent nothing. Option datagrams: see text_lines."""
    return State(Tail.of(hint.options))


def name_of(sentence: Sentence) -> str:
    """Return the name a sentence is counted under."""
    return f"AIS {sentence.kind}" if sentence.ais else f"NMEA {'P' if sentence.talker == 'P' else ''}{sentence.kind}"


def count(records: Counter[str], sentence: Sentence) -> None:
    """Count a sentence under its name; past MOST_KINDS of them, under one for all others."""
    name = name_of(sentence)
    records[name if name in records or len(records) < MOST_KINDS else OTHER] += 1


def dated(sentence: Sentence) -> tuple[float, float]:
    """Return second of day and day of a ZDA sentence; raise WireError where it cannot be read."""
    day, month, year = (sentence.number(i) for i in (1, 2, 3))
    if math.isnan(day + month + year):
        return math.nan, math.nan
    return second_of(sentence.cell(0)), day_of(int(day), int(month), int(year))


def status_of(rows: list[tuple[float, Fix, float]]) -> Status:
    """Return the rows of Status of positions (time, position, height)."""
    if not rows:
        return Status.blank()
    return Status.blank(
        len(rows),
        time_s=np.array([r[0] for r in rows]),
        category=0,
        lat_rad=np.radians([r[1].lat_deg for r in rows]),
        lon_rad=np.radians([r[1].lon_deg for r in rows]),
        height_m=np.array([r[2] for r in rows]),
        degraded=np.array([r[1].estimated for r in rows], np.uint8),
    )


def step(state: State, chunk: Chunk, time_s: float) -> tuple[State, Decoded]:
    """Decode what a source sent; the units of the chunk are reads, cut anywhere. The state is reused."""
    got = lines(state.tail, chunk, LONGEST)
    records: Counter[str] = Counter()
    rejects = got.rejects
    rows: list[tuple[float, Fix, float]] = []
    for line, receive_s, offset in zip(got.each(), got.receive_s.tolist(), got.offsets.tolist(), strict=True):
        try:
            sentence = sentence_of(line)
            count(records, sentence)
            if sentence.ais:
                rejects.add(AIS, offset)
            elif sentence.kind == "ZDA":
                state.own.clock.resolve(*dated(sentence), receive_s, time_s)
            elif (fix := fix_of(sentence)) is not None:
                said_s, height_m, off = state.own.hear(fix, receive_s, time_s)
                rows.append((said_s, fix, height_m))
                if off:
                    rejects.add(DATE_OFF, offset)
        except WireError as e:
            rejects.add(e.reason, offset)
    return state, Decoded(status=status_of(rows), records=records, rejects=rejects)


def details(state: State, chunk: Chunk, time_s: float) -> tuple[State, dict[str, Detail]]:
    """Return every field of every sentence: a table for each kind known, one for all others."""
    got = lines(state.tail, chunk, LONGEST)
    return state, told(tables(got, state.own.clock.resolve, time_s), chunk)


def split(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64], Rejects]:
    """Return the end and the data time of each line of a file; before the first date, on the day nearest to it."""
    ends = ends_of(data)
    starts = [0, *ends.tolist()[:-1]]
    return ends, timeline([_said(data[a:b].rstrip(b"\r\n")) for a, b in zip(starts, ends.tolist(), strict=True)]), Rejects()


def timeline(said: list[tuple[float, float]]) -> NDArray[np.float64]:
    """Return (n,) the times of lines that say a second of day, a day since 1970 with it, or (NaN) neither, in order."""
    clock = Clock(next((day * DAY_S + second for second, day in said if not math.isnan(day + second)), math.nan))
    times_s = np.full(len(said), np.nan)
    for i, (second, day) in enumerate(said):
        if not math.isnan(second):
            times_s[i], _ = clock.resolve(second, day, math.nan, math.nan)
            clock.last_s = times_s[i]
    return times_s


def _said(line: bytes) -> tuple[float, float]:
    """Return second of day and day of a line, NaN where it says none."""
    try:
        sentence = sentence_of(line)
        if sentence.kind == "ZDA":
            return dated(sentence)
        fix = fix_of(sentence)
    except WireError:
        return math.nan, math.nan
    return (fix.second, fix.day) if fix else (math.nan, math.nan)


_LIKE = re.compile(rb"(?:\\[^\\]*\\)?[$!](?:P[A-Z]{2,}|[A-Z]{2}[A-Z]{3}),")


def is_sentence(line: bytes) -> bool:
    """Say whether a line is an NMEA sentence with a right checksum."""
    if not _LIKE.match(line):
        return False
    try:
        sentence_of(line)
    except WireError:
        return False
    return True


def likeness(head: bytes) -> float:
    """Return the share of bytes that lie in sentences with a right checksum; those of FLARM belong to format ogn."""
    return share(head, lambda line: not line.startswith(b"$PFLA") and is_sentence(line))


def encode(
    time_s: float, lat_deg: float, lon_deg: float, *, height_m: float = math.nan, separation_m: float = 0.0, talker: str = "GN"
) -> bytes:
    """Return a GGA and an RMC sentence; height_m is above the ellipsoid, separation_m the geoid's."""
    when = datetime.fromtimestamp(round(time_s, 2), UTC)
    second = f"{when:%H%M%S}.{when.microsecond // 10_000:02d}"
    place = f"{_degrees(lat_deg, 2)},{'S' if lat_deg < 0 else 'N'},{_degrees(lon_deg, 3)},{'W' if lon_deg < 0 else 'E'}"
    height = ",M," if math.isnan(height_m) else f"{height_m - separation_m:.2f},M,{separation_m:.2f}"
    gga = f"{talker}GGA,{second},{place},1,08,1.0,{height},M,,"
    rmc = f"{talker}RMC,{second},A,{place},,,{when:%d%m%y},,,A"
    return framed(gga.encode()) + framed(rmc.encode())


def _degrees(angle_deg: float, digits: int) -> str:
    """Return an angle as degrees and minutes to five decimals."""
    minutes = round(abs(angle_deg) * 60.0, 5)
    return f"{int(minutes // 60):0{digits}d}{minutes % 60:08.5f}"


FORMAT = Format("nmea", init, step, split, likeness, details)

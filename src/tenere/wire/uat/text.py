"""Find UAT messages: in the text lines of a receiver, or as bare payloads.

    -00a66ef135445d525a0c0519119021204800;rs=1;rssi=-9.4;t=1548120031.532;   a downlink message, 18 or 34 bytes in hex
    +38d0c59482f6a3...;rs=3;                                                 an uplink of 432 bytes
    1525718854,-0b2ac5...;                                                   the same, in a log: nanoseconds since its START
    START,Mon Sep 7 14:17:41 +0000 UTC 2015

rs: symbols corrected; rssi: dB; t: Unix seconds. With the option ``framing = "raw"`` each unit is one payload.
"""

from __future__ import annotations

import calendar
import math
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tenere.errors import Rejects
    from tenere.tick import Chunk
    from tenere.wire import text_lines

SHORT, LONG, UPLINK = 18, 34, 432
CLOCK_OFF_S = 60.0

NOT_A_LINE = "text line that is no UAT message"
BAD_DOWNLINK = "UAT downlink message of neither 18 nor 34 bytes"
BAD_UPLINK = "UAT uplink not of 432 bytes"
BAD_RAW = "UAT payload of neither 18, 34 nor 432 bytes"
BAD_TYPE = "UAT message too short or too long for its payload type"
CLOCK_OFF = "time of a UAT line off by over a minute"

LINE = re.compile(rb"(?:(\d{1,19}),)?([-+])((?:[0-9A-Fa-f]{2})+);([ -~]*)")
START = re.compile(rb"START,[A-Za-z]{3} ([A-Za-z]{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) ([-+])(\d\d)(\d\d) [A-Z]{1,5} (\d{4})")
NUMBER = re.compile(rb"-?\d{1,12}(?:\.\d{1,9})?")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Message(NamedTuple):
    """One payload as it was received.

    offset: in all that the source delivered; reference: in its chunk. said_s: reception time as its line states it, NaN where
    it states none; errors: symbols corrected, -1 unknown; level_db: NaN unknown.
    """

    payload: bytes
    offset: int
    reference: int
    receive_s: float
    said_s: float = math.nan
    errors: int = -1
    level_db: float = math.nan


def start_s(line: bytes) -> float:
    """Return the Unix seconds of a START line, NaN where it is none or no date."""
    got = START.fullmatch(line)
    if got is None or got[1].decode() not in MONTHS:
        return math.nan
    day, hour, minute, second, east_h, east_min, year = (int(got[i]) for i in (2, 3, 4, 5, 7, 8, 9))
    if not (1 <= day <= 31 and hour < 24 and minute < 60 and second <= 60):
        return math.nan
    east_s = (east_h * 60 + east_min) * 60 * (-1 if got[6] == b"-" else 1)
    return float(calendar.timegm((year, MONTHS.index(got[1].decode()) + 1, day, hour, minute, second)) - east_s)


def read_line(line: bytes) -> tuple[re.Match[bytes] | None, bytes]:
    """Return the parts of a line that is a UAT message, and its payload."""
    got = LINE.fullmatch(line)
    return (got, bytes.fromhex(got[3].decode())) if got else (None, b"")


def said(got: re.Match[bytes], begun_s: float) -> tuple[float, int, float]:
    """Return reception time in s (NaN: none), symbols corrected (-1) and level in dB (NaN) that a line states."""
    time_s, errors, level_db = math.nan, -1, math.nan
    if got[1] is not None:
        time_s = begun_s + int(got[1]) * 1e-9
    for part in got[4].split(b";"):
        key, _, value = part.partition(b"=")
        if NUMBER.fullmatch(value) is None:
            continue
        if key == b"rs":
            errors = min(int(float(value)), 127)
        elif key == b"rssi":
            level_db = float(value)
        elif key == b"t":
            time_s = float(value)
    return time_s, errors, level_db


def whole(payload: bytes, *, uplink: bool) -> str:
    """Return why a payload cannot be one, empty where it can. Types 0 is short, all others long (DO-282B table 2-10)."""
    if uplink:
        return "" if len(payload) == UPLINK else BAD_UPLINK
    if len(payload) not in {SHORT, LONG}:
        return BAD_DOWNLINK
    return "" if (payload[0] >> 3 == 0) == (len(payload) == SHORT) else BAD_TYPE


def of_lines(found: text_lines.Lines, begun_s: float, rejects: Rejects) -> tuple[list[Message], float]:
    """Return the messages of some lines, and when the log began (Unix seconds, NaN unknown); what is none is counted."""
    out: list[Message] = []
    places = zip(found.each(), found.offsets.tolist(), found.references.tolist(), found.receive_s.tolist(), strict=True)
    for line, offset, reference, receive_s in places:
        got, payload = read_line(line)
        if got is None:
            if not math.isnan(began := start_s(line)):
                begun_s = began
            elif not line.startswith(b"!"):  # a line about the receiver
                rejects.add(NOT_A_LINE, offset)
            continue
        reason = whole(payload, uplink=got[2] == b"+")
        if reason:
            rejects.add(reason, offset)
            continue
        said_s, errors, level_db = said(got, begun_s)
        if abs(said_s - receive_s) > CLOCK_OFF_S:
            rejects.add(CLOCK_OFF, offset)
            said_s = math.nan
        out.append(Message(payload, offset, reference, receive_s, said_s, errors, level_db))
    return out, begun_s


def of_units(chunk: Chunk, rejects: Rejects) -> list[Message]:
    """Return the messages of a chunk whose units are bare payloads."""
    out: list[Message] = []
    first = 0
    for end, receive_s in zip(chunk.ends.tolist(), chunk.times_s.tolist(), strict=True):
        payload = chunk.data[first:end]
        reason = BAD_RAW
        if len(payload) in {SHORT, LONG, UPLINK}:
            reason = whole(payload, uplink=len(payload) == UPLINK)
        if reason:
            rejects.add(reason, chunk.offset + first)
        else:
            out.append(Message(payload, chunk.offset + first, first, receive_s))
        first = end
    return out

"""SBS-1 lines to columns: the kernels that read text, byte by byte, with no object a line.

Fields of a MSG line (numbered from 1): 1 MSG, 2 transmission type, 3 session, 4 aircraft number, 5 address, 6 flight number,
7 and 8 date and time generated, 9 and 10 date and time logged, 11 callsign, 12 altitude, 13 ground speed, 14 track, 15 latitude,
16 longitude, 17 vertical rate, 18 squawk, 19 alert, 20 emergency, 21 SPI, 22 on ground.
Stratux logs put nanoseconds since they began before each line, and a line START with the date at the beginning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.wire.mode_s.crc import octet

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIELDS = 22
LEAST_EVENT_FIELDS = 10
NOT_ICAO = 1 << 24
"""Bit of an address: it followed a tilde."""

MSG, SEL, ID, AIR, STA, CLK, START = range(7)
KINDS = ("MSG", "SEL", "ID", "AIR", "STA", "CLK", "START")
WORDS = tuple(int.from_bytes(kind.encode(), "big") for kind in KINDS)
MLAT_WORD = int.from_bytes(b"MLAT", "big")

GOOD = -1
UNKNOWN, CUT, NO_NUMBER, OUT_OF_RANGE, NO_ADDRESS = range(5)
REASONS = (
    "SBS line of an unknown type",
    "SBS line cut short",
    "SBS line with a field that is no number",
    "SBS line with a value out of range",
    "SBS line without an address",
)

LINE = np.dtype(
    [
        ("reason", "i1"),  # GOOD or why the line was refused
        ("kind", "i1"),
        ("mlat", "u1"),
        ("type", "i1"),  # transmission type 1-8; 0 of other kinds
        ("address", "i4"),  # with NOT_ICAO; -1 none
        ("stamp_s", "f8"),  # seconds since a log began, of lines that say it; NaN none
        ("generated_s", "f8"),  # as written, taken for UTC; NaN none
        ("logged_s", "f8"),
        ("altitude_ft", "f8"),
        ("speed_kt", "f8"),
        ("track_deg", "f8"),
        ("lat_deg", "f8"),
        ("lon_deg", "f8"),
        ("rate_fpm", "f8"),
        ("callsign", "i8"),  # eight characters, big-endian, NUL for trailing spaces; 0 none, -1 characters that do not exist
        ("squawk", "i2"),  # -1 none
        ("alert", "i1"),  # -1 absent, else 0 or 1
        ("emergency", "i1"),
        ("spi", "i1"),
        ("ground", "i1"),
    ],
    align=True,
)

COMMA, POINT, MINUS, PLUS, SPACE, SLASH, COLON, TILDE = (ord(c) for c in ",.-+ /:~")
LOWEST_FT, HIGHEST_FT, FASTEST_KT, STEEPEST_FPM = -2000.0, 150_000.0, 5000.0, 60_000.0
BAD = -1e300
"""Stands for text that is no number, where NaN stands for none."""


@njit(cache=True)
def fields(text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], cuts: NDArray[np.int64]) -> None:
    """Fill cuts (n, 23): field k of line i is text[cuts[i, k]:cuts[i, k + 1] - 1]. A field the line does not have begins at ends + 1."""
    for i in range(len(starts)):
        at, found, end = starts[i], 0, ends[i]
        cuts[i, 0] = at
        while at < end and found < FIELDS:
            if text[at] == COMMA:
                found += 1
                cuts[i, found] = at + 1
            at += 1
        for k in range(found + 1, FIELDS + 1):
            cuts[i, k] = end + 1


@njit(cache=True)
def number(text: NDArray[np.uint8], first: int, end: int) -> float:
    """Return the value of decimal digits with a sign and a point at most, spaces around allowed; NaN for none, BAD for no number."""
    while first < end and text[first] == SPACE:
        first += 1
    while end > first and text[end - 1] == SPACE:
        end -= 1
    if first >= end:
        return np.nan
    negative = text[first] == MINUS
    if negative or text[first] == PLUS:
        first += 1
    if end - first > 20:
        return BAD
    value, digits, decimals, point = 0, 0, 0, False
    for i in range(first, end):
        c = octet(text, i)
        if c == POINT and not point:
            point = True
            continue
        if c < 0x30 or c > 0x39:
            return BAD
        if digits < 17:
            value, digits = value * 10 + c - 0x30, digits + 1
            decimals += point
        elif not point:
            return BAD
    if digits == 0:
        return BAD
    scaled = value / 10.0**decimals
    return -scaled if negative else scaled


@njit(cache=True)
def whole(text: NDArray[np.uint8], first: int, end: int) -> int:
    """Return the value of one to six decimal digits, -1 for anything else."""
    if not 0 < end - first <= 6:
        return -1
    value = 0
    for i in range(first, end):
        c = octet(text, i)
        if c < 0x30 or c > 0x39:
            return -1
        value = value * 10 + c - 0x30
    return value


@njit(cache=True)
def days_of(year: int, month: int, day: int) -> int:
    """Return days from 1970-01-01 to a date of the Gregorian calendar (1970 or later)."""
    y = year - (month <= 2)
    era_day = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return y * 365 + y // 4 - y // 100 + y // 400 + era_day - 719_468


@njit(cache=True)
def moment(text: NDArray[np.uint8], day: int, day_end: int, at: int, end: int) -> float:
    """Return seconds since 1970 of a date YYYY/MM/DD (or with dashes) and a time HH:MM:SS.fff; NaN for anything else."""
    while day < day_end and text[day] == SPACE:
        day += 1
    if day_end - day < 10 or end - at < 8 or not (text[day + 4] == text[day + 7] and text[day + 4] in (SLASH, MINUS)):
        return np.nan
    year, month, date = whole(text, day, day + 4), whole(text, day + 5, day + 7), whole(text, day + 8, day + 10)
    hour, minute, second = whole(text, at, at + 2), whole(text, at + 3, at + 5), number(text, at + 6, end)
    if text[at + 2] != COLON or text[at + 5] != COLON or not (1970 <= year <= 2200 and 1 <= month <= 12 and 1 <= date <= 31):
        return np.nan
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0.0 <= second < 61.0):
        return np.nan
    return days_of(year, month, date) * 86_400.0 + hour * 3600.0 + minute * 60.0 + second


@njit(cache=True)
def flag(text: NDArray[np.uint8], first: int, end: int) -> int:
    """Return 1 of a flag set (any number but 0, usually -1 or 1), 0 of one not set, -1 of none, -2 of no number."""
    value = number(text, first, end)
    if np.isnan(value):
        return -1
    return -2 if value == BAD else int(value != 0.0)


@njit(cache=True)
def callsign_of(text: NDArray[np.uint8], first: int, end: int) -> int:
    """Return up to eight letters and digits as one number, big-endian, left-aligned; 0 for none, -1 for other characters."""
    while first < end and text[first] == SPACE:
        first += 1
    while end > first and text[end - 1] == SPACE:
        end -= 1
    if end - first > 8:
        return -1
    value = 0
    for i in range(8):
        c = octet(text, first + i) if first + i < end else 0
        if first + i < end and not (0x30 <= c <= 0x39 or 0x41 <= c <= 0x5A or c in (SPACE, MINUS)):
            return -1
        value = value << 8 | c
    return value


@njit(cache=True)
def address_of(text: NDArray[np.uint8], first: int, end: int) -> int:
    """Return the address of six hex digits, with NOT_ICAO after a tilde; -1 for anything else."""
    while first < end and text[first] == SPACE:
        first += 1
    while end > first and text[end - 1] == SPACE:
        end -= 1
    value = 0
    if first < end and text[first] == TILDE:
        value, first = 1, first + 1
    if end - first != 6:
        return -1
    for i in range(first, end):
        c = octet(text, i)
        digit = c - 0x30 if 0x30 <= c <= 0x39 else (c & 0xDF) - 0x37 if 0x41 <= (c & 0xDF) <= 0x46 else -1
        if digit < 0:
            return -1
        value = value << 4 | digit
    return value


@njit(cache=True)
def squawk_of(text: NDArray[np.uint8], first: int, end: int) -> int:
    """Return a Mode A code of up to four octal digits; -1 for none, -2 for anything else."""
    while first < end and text[first] == SPACE:
        first += 1
    while end > first and text[end - 1] == SPACE:
        end -= 1
    if first >= end:
        return -1
    if end - first > 4:
        return -2
    value = 0
    for i in range(first, end):
        c = octet(text, i)
        if c < 0x30 or c > 0x37:
            return -2
        value = value << 3 | (c - 0x30)
    return value


@njit(cache=True)
def unstamped(text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], stamps_s: NDArray[np.float64]) -> None:
    """Move starts (n,) past a stamp of nanoseconds, and fill stamps_s (n,) with its seconds, NaN where a line has none."""
    for i in range(len(starts)):
        at, value = starts[i], 0.0
        while at < ends[i] and at - starts[i] < 19 and 0x30 <= text[at] <= 0x39:
            value = value * 10.0 + float(text[at] - 0x30)
            at += 1
        stamped = at > starts[i] and at < ends[i] and text[at] == COMMA
        stamps_s[i] = value * 1e-9 if stamped else np.nan
        if stamped:
            starts[i] = at + 1


@njit(cache=True)
def kind_of(text: NDArray[np.uint8], first: int, end: int) -> tuple[int, int]:
    """Return the kind of a line by its first field and whether it is MLAT; kind -1: none of them."""
    while end > first and text[end - 1] == SPACE:
        end -= 1
    word = 0
    for i in range(first, min(end, first + 5)):
        word = word << 8 | octet(text, i)
    if word == MLAT_WORD:
        return MSG, 1
    for kind in range(len(WORDS)):
        if word == WORDS[kind]:
            return kind, 0
    return -1, 0


@njit(cache=True)
def read(text: NDArray[np.uint8], cuts: NDArray[np.int64], ends: NDArray[np.int64], out: NDArray[Any]) -> None:
    """Fill out (n,) of LINE from the fields of each line; a line refused has its reason and else nothing to use."""
    for i in range(len(cuts)):
        out[i]["reason"] = _read_line(text, cuts[i], ends[i], out[i])


@njit(cache=True)
def _read_line(text: NDArray[np.uint8], cut: NDArray[np.int64], end: int, line: Any) -> int:  # noqa: ANN401, PLR0911 - a numba record; one return a fault
    """Fill one record of LINE; return GOOD or the reason why not."""
    line["address"], line["squawk"], line["callsign"], line["type"] = -1, -1, 0, 0
    line["alert"], line["emergency"], line["spi"], line["ground"] = -1, -1, -1, -1
    line["generated_s"], line["logged_s"] = np.nan, np.nan
    line["altitude_ft"], line["speed_kt"], line["track_deg"] = np.nan, np.nan, np.nan
    line["lat_deg"], line["lon_deg"], line["rate_fpm"] = np.nan, np.nan, np.nan
    kind, line["mlat"] = kind_of(text, cut[0], cut[1] - 1)
    line["kind"] = kind
    if kind < 0:
        return UNKNOWN
    if kind == START:
        return GOOD
    needed = FIELDS if kind == MSG else LEAST_EVENT_FIELDS
    if cut[needed - 1] > end:
        return CUT
    line["generated_s"] = moment(text, cut[6], cut[7] - 1, cut[7], cut[8] - 1)
    line["logged_s"] = moment(text, cut[8], cut[9] - 1, cut[9], cut[10] - 1)
    line["address"] = address_of(text, cut[4], cut[5] - 1)
    if kind in (SEL, ID):
        line["callsign"] = callsign_of(text, cut[10], cut[11] - 1)
    if kind != MSG:
        return GOOD
    line["type"] = whole(text, cut[1], cut[2] - 1)
    if not 1 <= line["type"] <= 8:
        return UNKNOWN
    if line["address"] < 0 or line["address"] == 0:
        return NO_ADDRESS
    line["callsign"] = callsign_of(text, cut[10], cut[11] - 1)
    line["altitude_ft"] = number(text, cut[11], cut[12] - 1)
    line["speed_kt"], line["track_deg"] = number(text, cut[12], cut[13] - 1), number(text, cut[13], cut[14] - 1)
    line["lat_deg"], line["lon_deg"] = number(text, cut[14], cut[15] - 1), number(text, cut[15], cut[16] - 1)
    line["rate_fpm"] = number(text, cut[16], cut[17] - 1)
    line["squawk"] = squawk_of(text, cut[17], cut[18] - 1)
    line["alert"], line["emergency"] = flag(text, cut[18], cut[19] - 1), flag(text, cut[19], cut[20] - 1)
    line["spi"], line["ground"] = flag(text, cut[20], cut[21] - 1), flag(text, cut[21], cut[22] - 1)
    if (
        line["altitude_ft"] == BAD
        or line["speed_kt"] == BAD
        or line["track_deg"] == BAD
        or line["lat_deg"] == BAD
        or line["lon_deg"] == BAD
        or line["rate_fpm"] == BAD
        or line["squawk"] == -2
        or min(line["alert"], line["emergency"], line["spi"], line["ground"]) == -2
    ):
        return NO_NUMBER
    if (
        line["altitude_ft"] < LOWEST_FT
        or line["altitude_ft"] > HIGHEST_FT
        or line["speed_kt"] < 0.0
        or line["speed_kt"] > FASTEST_KT
        or abs(line["track_deg"]) > 360.0
        or abs(line["lat_deg"]) > 90.0
        or abs(line["lon_deg"]) > 180.0
        or abs(line["rate_fpm"]) > STEEPEST_FPM
        or np.isnan(line["lat_deg"]) != np.isnan(line["lon_deg"])
    ):
        return OUT_OF_RANGE
    return GOOD


def columns(text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return what lines of a text say, (n,) of LINE, and where their fields lie, (n, 23)."""
    octets = np.frombuffer(text, np.uint8)
    cuts, out = np.zeros((len(starts), FIELDS + 1), np.int64), np.zeros(len(starts), LINE)
    begins, stamps_s = starts.astype(np.int64), np.zeros(len(starts))
    unstamped(octets, begins, ends, stamps_s)
    fields(octets, begins, ends, cuts)
    read(octets, cuts, ends, out)
    out["stamp_s"] = stamps_s
    return out, cuts

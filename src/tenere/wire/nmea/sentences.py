"""NMEA 0183 sentences: the line, its checksum, its fields, and the position some of them give (IEC 61162-1)."""

from __future__ import annotations

import math
import re
from datetime import date
from functools import reduce
from operator import xor
from typing import NamedTuple

from tenere.errors import WireError

NO_SENTENCE = "NMEA line that is no sentence"
NO_CHECKSUM = "NMEA sentence without a checksum"
BAD_CHECKSUM = "NMEA sentence with a wrong checksum"
BAD_FIELD = "NMEA sentence with a field that is no number"
NO_FIX = "NMEA sentence without a fix"
SIMULATED = "NMEA position of a simulator"

POSITIONS = ("GGA", "RMC", "GNS", "GLL")

_LINE = re.compile(rb"[$!]([A-Z][A-Z0-9]{2,14}),([\x20-\x29\x2B-\x7E]*)(?:\*([0-9A-Fa-f]{2}))?[ \t]*")
_TAG = re.compile(rb"\\[^\\]*\\")
_NUMBER = re.compile(rb"[+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})")
_TIME = re.compile(rb"(\d\d)(\d\d)(\d\d(?:\.\d{0,9})?)")
_LAT = re.compile(rb"(\d\d)(\d\d(?:\.\d{0,9})?)")
_LON = re.compile(rb"(\d\d\d)(\d\d(?:\.\d{0,9})?)")


class Sentence(NamedTuple):
    """One sentence: talker ("GP"; "P" where it is a maker's own), what kind it is ("GGA", "FLAA"), and its fields after that."""

    talker: str
    kind: str
    cells: list[bytes]
    ais: bool = False

    def cell(self, i: int) -> bytes:
        """Return field i, counted from 0 after the name; empty where there is none."""
        return self.cells[i].strip() if i < len(self.cells) else b""

    def number(self, i: int) -> float:
        """Return field i as a number, NaN where it is empty; raise WireError where it is none."""
        cell = self.cell(i)
        if not cell:
            return math.nan
        if not _NUMBER.fullmatch(cell):
            raise WireError(BAD_FIELD)
        return float(cell)


class Fix(NamedTuple):
    """A position a sentence gives: second of day and days since 1970 (NaN where unknown), degrees, height above the ellipsoid or NaN."""

    second: float
    day: float
    lat_deg: float
    lon_deg: float
    height_m: float = math.nan
    estimated: bool = False
    """True: dead reckoning."""


def framed(body: bytes, start: bytes = b"$") -> bytes:
    """Return a sentence with its start, checksum and line end."""
    return start + body + b"*%02X\r\n" % reduce(xor, body, 0)


def sentence_of(line: bytes) -> Sentence:
    """Return the sentence a line holds, after a tag block or not; raise WireError where it holds none, or its checksum is wrong."""
    tag = _TAG.match(line)
    found = _LINE.fullmatch(line, tag.end() if tag else 0)
    if not found:
        raise WireError(NO_SENTENCE)
    if found[3] is None:
        raise WireError(NO_CHECKSUM)
    if reduce(xor, line[found.start(1) : found.end(2)], 0) != int(found[3], 16):
        raise WireError(BAD_CHECKSUM)
    name = found[1].decode()
    talker, kind = ("P", name[1:]) if name.startswith("P") else (name[:-3], name[-3:])
    return Sentence(talker, kind, found[2].split(b","), line[found.start() : found.start() + 1] == b"!")


def second_of(cell: bytes) -> float:
    """Return the second of day of hhmmss.ss, NaN where empty; raise WireError for anything else."""
    if not cell:
        return math.nan
    found = _TIME.fullmatch(cell)
    if not found or int(found[1]) > 23 or int(found[2]) > 59 or float(found[3]) >= 61.0:
        raise WireError(BAD_FIELD)
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])


def day_of(day: int, month: int, year: int) -> float:
    """Return days since 1970; raise WireError for a date that does not exist."""
    try:
        return float(date(year, month, day).toordinal() - date(1970, 1, 1).toordinal())
    except ValueError:
        raise WireError(BAD_FIELD) from None


def place_of(sentence: Sentence, i: int) -> tuple[float, float]:
    """Return latitude and longitude in degrees of fields i to i + 3; NaN where empty; raise WireError for anything else."""
    cells = [sentence.cell(k) for k in range(i, i + 4)]
    if not any(cells):
        return math.nan, math.nan
    lat, lon = _LAT.fullmatch(cells[0]), _LON.fullmatch(cells[2])
    if not lat or not lon or cells[1] not in {b"N", b"S"} or cells[3] not in {b"E", b"W"}:
        raise WireError(BAD_FIELD)
    lat_deg, lon_deg = int(lat[1]) + float(lat[2]) / 60.0, int(lon[1]) + float(lon[2]) / 60.0
    if float(lat[2]) >= 60.0 or float(lon[2]) >= 60.0 or lat_deg > 90.0 or lon_deg > 180.0:
        raise WireError(BAD_FIELD)
    return (-lat_deg if cells[1] == b"S" else lat_deg), (-lon_deg if cells[3] == b"W" else lon_deg)


def _checked(mode: bytes, *, fixed: bool) -> bool:
    """Raise WireError where a position does not count; return whether it is estimated. mode: letters of the mode indicator, "" none."""
    if not fixed or (mode and not mode.strip(b"N")):
        raise WireError(NO_FIX)
    if b"S" in mode:
        raise WireError(SIMULATED)
    return bool(mode) and not mode.strip(b"NE")


def fix_of(sentence: Sentence) -> Fix | None:
    """Return the position of GGA, RMC, GNS or GLL; None of any other; raise WireError where it is not valid or cannot be read."""
    if sentence.ais or sentence.kind not in POSITIONS or sentence.talker == "P":
        return None
    height, day, second_at, place_at = math.nan, math.nan, 0, 1
    if sentence.kind == "GGA":
        quality = sentence.number(5)
        mode = {6.0: b"E", 8.0: b"S"}.get(quality, b"")
        estimated = _checked(mode, fixed=quality > 0)
        height = sentence.number(8) + sentence.number(10)
    elif sentence.kind == "GNS":
        estimated = _checked(sentence.cell(5), fixed=bool(sentence.cell(5)))
        height = sentence.number(8) + sentence.number(9)
    elif sentence.kind == "RMC":
        estimated = _checked(sentence.cell(11), fixed=sentence.cell(1) == b"A")
        day, place_at = rmc_day(sentence.cell(8)), 2
    else:
        estimated = _checked(sentence.cell(6), fixed=sentence.cell(5) == b"A")
        second_at, place_at = 4, 0
    second = second_of(sentence.cell(second_at))
    lat_deg, lon_deg = place_of(sentence, place_at)
    if math.isnan(lat_deg):
        raise WireError(NO_FIX)
    return Fix(second, day, lat_deg, lon_deg, height, estimated)


def rmc_day(cell: bytes) -> float:
    """Return days since 1970 of ddmmyy (1980 to 2079), NaN where empty; raise WireError for anything else."""
    if not cell:
        return math.nan
    if len(cell) != 6 or not cell.isdigit():
        raise WireError(BAD_FIELD)
    year = int(cell[4:])
    return day_of(int(cell[:2]), int(cell[2:4]), year + (1900 if year >= 80 else 2000))

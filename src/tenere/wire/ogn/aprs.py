"""APRS packets as OGN servers send them: one a line of text."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

from tenere.errors import WireError

NO_PACKET = "line that is no APRS packet"
NOT_DECODED = "APRS packet of a type not decoded"
BAD_POSITION = "APRS position that cannot be read"

AIRCRAFT, RECEIVER, STATUS, WEATHER, SERVER = "OGN aircraft", "OGN receiver", "OGN status", "OGN weather", "OGN server"
ICAO = 1
MOST_TOKENS = 64

_HEADER = re.compile(rb"([A-Za-z0-9_-]{1,12})>([A-Za-z0-9-]{1,9})((?:,[^,:\s]{1,24}){0,12}):(.*)", re.DOTALL)
_POSITION = re.compile(
    rb"(?:[/@](?P<time>\d{6})(?P<zone>[hz/])|[!=])"
    rb"(?P<lat>\d\d\d\d\.\d\d)(?P<ns>[NS])(?P<table>.)(?P<lon>\d{5}\.\d\d)(?P<ew>[EW])(?P<symbol>.)"
    rb"(?:(?P<course>\d{1,3})/(?P<speed>\d{1,3}))?(?P<rest>.*)",
    re.DOTALL,
)
_ALTITUDE = re.compile(rb"/A=(-?\d{1,6})")
_PRECISION = re.compile(rb"!([Ww])([!-{])([!-{])!")
_ID = re.compile(rb"id(?:([0-9A-Fa-f]{2})|([0-9A-Fa-f]{4}))([0-9A-Fa-f]{6})")
_NUMBER = rb"([+-]?\d{1,7}(?:\.\d{0,6})?)"
_NUMBERS = {
    "climb_fpm": re.compile(_NUMBER + rb"fpm"),
    "turn_rot": re.compile(_NUMBER + rb"rot"),
    "level": re.compile(rb"FL" + _NUMBER),
    "signal_db": re.compile(_NUMBER + rb"dB"),
    "power_dbm": re.compile(_NUMBER + rb"dBm"),
    "offset_khz": re.compile(_NUMBER + rb"kHz"),
    "errors": re.compile(rb"(\d{1,3})e"),
    "software": re.compile(rb"s(\d{1,3}\.\d{1,3})"),
}
_GPS = re.compile(rb"gps(\d{1,4})x(\d{1,4})")
_HARDWARE = re.compile(rb"h([0-9A-Fa-f]{2})")
_TEXTS = {b"fn": "flight", b"reg": "registration", b"model": "model"}


class Packet(NamedTuple):
    """One packet: what it is, who sent it, to what kind of destination, by what path, and the receiver that passed it on."""

    kind: str
    sender: bytes
    destination: bytes = b""
    relay: bytes = b""
    receiver: bytes = b""
    body: bytes = b""


class Position(NamedTuple):
    """What a position packet says; NaN and -1 where it does not. second: of the day, UTC; course and speed of 0 both say nothing."""

    second: float
    to_the_minute: bool
    lat_deg: float
    lon_deg: float
    symbol: bytes
    course_deg: float
    speed_kt: float
    altitude_ft: float
    numbers: dict[str, float]
    address_type: int = -1
    address: int = -1
    aircraft_type: int = -1
    stealth: int = -1
    no_track: int = -1
    gps: tuple[int, int] | None = None
    hardware: int = -1
    texts: dict[str, bytes] | None = None
    comment: bytes = b""

    @property
    def hidden(self) -> bool:
        """Say whether it asks not to be shown or tracked."""
        return self.stealth == 1 or self.no_track == 1


def packet_of(line: bytes) -> Packet:
    """Return the packet a line holds; raise WireError where it is none, or of no use here."""
    if line.startswith(b"#"):
        return Packet(SERVER, b"", body=line[1:].strip())
    found = _HEADER.fullmatch(line)
    if not found:
        raise WireError(NO_PACKET)
    path = found[3].split(b",")[1:]
    receiver = path[-1] if path else b""
    relay = next((p[:-1] for p in path if p.endswith(b"*") and p != b"TCPIP*"), b"")
    body = found[4]
    first = body[:1]
    if first == b">":
        kind = STATUS
    elif first in {b"/", b"@", b"!", b"="}:
        place = _POSITION.match(body)
        if not place:
            raise WireError(BAD_POSITION)
        kind = AIRCRAFT
        if place["symbol"] == b"_":
            kind = WEATHER
        elif (place["table"] + place["symbol"]) == b"I&" or (b"TCPIP*" in path and b" id" not in body):
            kind = RECEIVER
    else:
        raise WireError(NOT_DECODED)
    return Packet(kind, found[1], found[2], relay, receiver, body)


def _degrees(digits: bytes, whole: int, more: float) -> float:
    """Return degrees of digits in degrees (their first ``whole``) and minutes, with more minutes added; raise WireError past 60."""
    minutes = float(digits[whole:])
    if minutes >= 60.0:
        raise WireError(BAD_POSITION)
    return int(digits[:whole]) + (minutes + more) / 60.0


def _more(found: re.Match[bytes] | None) -> tuple[float, float]:
    """Return the further minutes of latitude and longitude that a precision extension adds: a digit, or base 91 of 0.01'."""
    if not found:
        return 0.0, 0.0
    digits = found[2] + found[3]
    if found[1] == b"W":
        return (int(found[2]) * 1e-3, int(found[3]) * 1e-3) if digits.isdigit() else (0.0, 0.0)
    return (digits[0] - 33) * 0.01 / 91.0, (digits[1] - 33) * 0.01 / 91.0


def _moment(time: bytes | None, zone: bytes) -> tuple[float, bool]:
    """Return the second of day of hhmmss (h) or ddhhmm (z), and whether it is only to the minute; NaN for local time or none."""
    if time is None or zone == b"/":
        return math.nan, False
    hour, minute, second = (int(time[i : i + 2]) for i in ((0, 2, 4) if zone == b"h" else (2, 4, 4)))
    if zone != b"h":
        second = 0
    if hour > 23 or minute > 59 or second > 60:
        raise WireError(BAD_POSITION)
    return hour * 3600.0 + minute * 60.0 + second, zone != b"h"


def position_of(body: bytes) -> Position:
    """Return what the body of a position packet says; raise WireError where it cannot be read."""
    found = _POSITION.match(body)
    if not found:
        raise WireError(BAD_POSITION)
    second, to_the_minute = _moment(found["time"], found["zone"] or b"")
    rest = found["rest"]
    more = _more(_PRECISION.search(rest))
    lat_deg, lon_deg = _degrees(found["lat"], 2, more[0]), _degrees(found["lon"], 3, more[1])
    if lat_deg > 90.0 or lon_deg > 180.0:
        raise WireError(BAD_POSITION)
    course, speed = (float(v) if v else math.nan for v in (found["course"], found["speed"]))
    altitude = _ALTITUDE.match(rest)
    if course > 360.0 or course == speed == 0.0:
        course = speed = math.nan
    return Position(
        second,
        to_the_minute,
        -lat_deg if found["ns"] == b"S" else lat_deg,
        -lon_deg if found["ew"] == b"W" else lon_deg,
        found["table"] + found["symbol"],
        course,
        speed,
        float(altitude[1]) if altitude else math.nan,
        **_comment(rest[altitude.end() :] if altitude else rest),
    )


def _comment(text: bytes) -> dict[str, Any]:
    """Return what the words of an OGN comment say, as fields of Position."""
    said: dict[str, Any] = {"comment": text.strip()}
    numbers: dict[str, float] = {}
    texts: dict[str, bytes] = {}
    for word in text.split()[:MOST_TOKENS]:
        if (found := _ID.fullmatch(word)) is not None:
            said |= identity(found[1] or b"", found[2] or b"", found[3])
        elif (found := _GPS.fullmatch(word)) is not None:
            said["gps"] = (int(found[1]), int(found[2]))
        elif (found := _HARDWARE.fullmatch(word)) is not None:
            said["hardware"] = int(found[1], 16)
        else:
            for name, pattern in _NUMBERS.items():
                if (found := pattern.fullmatch(word)) is not None:
                    numbers[name] = float(found[1])
                    break
            else:
                for mark, name in _TEXTS.items():
                    if word.startswith(mark):
                        texts[name] = word[len(mark) :]
                        break
    return said | {"numbers": numbers, "texts": texts}


def identity(short: bytes, long: bytes, address: bytes) -> dict[str, Any]:
    """Return what idXXYYYYYY or (Naviter) idXXXXYYYYYY says: flags, aircraft type, type of address, address.

    XX is STttttaa: stealth, no tracking, aircraft type, type of address; XXXX is STttttaa aaaarrrr, with a longer type.
    """
    flags = int(short, 16) if short else int(long, 16) >> 8
    return {
        "stealth": flags >> 7,
        "no_track": flags >> 6 & 1,
        "aircraft_type": flags >> 2 & 0xF,
        "address_type": flags & 3 if short else int(long, 16) >> 4 & 0x3F,
        "address": int(address, 16),
    }

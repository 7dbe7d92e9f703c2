"""What a UAT ground station uplinks: where it stands, and information frames with FIS-B products (DO-282B 2.2.3, DO-358).

An uplink is 432 bytes: eight of header, then frames one after the other until one of length 0.
"""

from __future__ import annotations

from typing import NamedTuple

UPLINK = 432
HEADER = 8
FIS_B = 0
TEXT_PRODUCTS = (413,)
"""FIS-B products whose data are text in the 6-bit DLAC alphabet: METAR, TAF, PIREP, winds aloft ..."""

CUT = "UAT information frame longer than its uplink"
BAD_APDU = "FIS-B product too short for its header"

DLAC = "\x03ABCDEFGHIJKLMNOPQRSTUVWXYZ\x1a\t\x1e\n| !\"#$%&'()*+,-./0123456789:;<=>?"
"""The 64 characters of DLAC (DO-267A appendix K): 27 no character, 28 tab (the next one counts spaces), 29 ends a report."""
TAB, NOTHING = 28, 27


class Station(NamedTuple):
    """The header of an uplink. lat_deg, lon_deg mean something only where placed."""

    lat_deg: float
    lon_deg: float
    placed: bool
    utc_coupled: bool
    application_valid: bool
    slot: int
    site_id: int


class Frame(NamedTuple):
    """One information frame: its type (0: FIS-B), where its data begin in the uplink, and the data."""

    kind: int
    first: int
    data: bytes


class Product(NamedTuple):
    """The header of a FIS-B product (an APDU). month, day and second are -1 where it gives none; file_id where it is whole.

    flags: application 4, geographic 2, provider 1.
    """

    product: int
    flags: int
    segmented: bool
    month: int
    day: int
    hour: int
    minute: int
    second: int
    data: bytes


def station(payload: bytes) -> Station:
    """Return the header of an uplink of 432 bytes (DO-282B 2.2.3.2.2)."""
    head = int.from_bytes(payload[:HEADER], "big")
    lat, lon = (head >> 41) * (360.0 / (1 << 24)), (head >> 17 & 0xFFFFFF) * (360.0 / (1 << 24))
    return Station(
        lat_deg=lat - 180.0 if lat > 90.0 else lat,
        lon_deg=lon - 360.0 if lon > 180.0 else lon,
        placed=bool(head >> 16 & 1),
        utc_coupled=bool(head >> 15 & 1),
        application_valid=bool(head >> 13 & 1),
        slot=head >> 8 & 0x1F,
        site_id=head >> 4 & 0xF,
    )


def frames(payload: bytes) -> tuple[list[Frame], str]:
    """Return the information frames of an uplink, and why reading ended early (empty: it did not) (DO-282B 2.2.3.2.3)."""
    out: list[Frame] = []
    at = HEADER
    while at + 2 <= len(payload):
        length = payload[at] << 1 | payload[at + 1] >> 7
        if length == 0:
            break
        if at + 2 + length > len(payload):
            return out, CUT
        out.append(Frame(payload[at + 1] & 0xF, at + 2, payload[at + 2 : at + 2 + length]))
        at += 2 + length
    return out, ""


def product(data: bytes) -> Product | None:
    """Return the FIS-B product of an information frame of type 0, None where it is too short for its header (DO-358 A.1)."""
    if len(data) < 4:
        return None
    with_date, with_seconds = data[1] & 1, data[2] >> 7
    size = 4 + with_date + with_seconds
    if len(data) < size:
        return None
    value = int.from_bytes(data[2:size], "big")
    left = 8 * (size - 2) - 1  # bits after the time option
    month = day = second = -1

    def take(width: int) -> int:
        nonlocal left
        left -= width
        return value >> left & ((1 << width) - 1)

    if with_date:
        month, day = take(4), take(5)
    hour, minute = take(5), take(6)
    if with_seconds:
        second = take(6)
    number = (data[0] & 0x1F) << 6 | data[1] >> 2
    return Product(number, data[0] >> 5, bool(data[1] & 2), month, day, hour, minute, second, data[size:])


def dlac(data: bytes) -> str:
    """Return text of the 6-bit DLAC alphabet, four characters in three bytes; it ends with character 0."""
    out: list[str] = []
    held = bits = 0
    spaces = False
    for byte in data:
        held, bits = (held << 8 | byte) & 0xFFF, bits + 8
        while bits >= 6:
            bits -= 6
            code = held >> bits & 0x3F
            if spaces:
                out.append(" " * code)
                spaces = False
            elif code == 0:
                return "".join(out)
            elif code == TAB:
                spaces = True
            elif code != NOTHING:
                out.append(DLAC[code])
    return "".join(out)


def text(found: Product) -> str:
    """Return the text of a whole text product, a report a line; empty for any other product."""
    if found.product not in TEXT_PRODUCTS or found.segmented:
        return ""
    return "\n".join(report for part in dlac(found.data).split("\x1e") if (report := part.strip()))

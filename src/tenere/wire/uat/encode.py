"""UAT messages from fields: for tests and the exercise. The layout is that of downlink.py and uplink.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tenere.wire.uat.uplink import DLAC, HEADER, UPLINK

if TYPE_CHECKING:
    from collections.abc import Sequence

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ "


class Payload:
    """The bytes of one message, written field by field; bytes and bits count from 1."""

    def __init__(self, size: int) -> None:
        """Start with zeros."""
        self.size = size
        self._value = 0

    def put(self, first_byte: int, first_bit: int, last_byte: int, last_bit: int, value: int) -> None:
        """Write an unsigned field; raise ValueError where it does not fit."""
        width = (last_byte - first_byte) * 8 + last_bit - first_bit + 1
        if not 0 <= value < 1 << width:
            raise ValueError(f"{value} does not fit {width} bits")
        shift = 8 * (self.size - last_byte) + 8 - last_bit
        self._value = self._value & ~(((1 << width) - 1) << shift) | value << shift

    def signed(self, first_byte: int, first_bit: int, last_byte: int, last_bit: int, value: float, step: float) -> None:
        """Write a velocity: its sign, then 1 + magnitude in steps, at the most what fits; 0 where NaN."""
        if math.isnan(value):
            return
        width = (last_byte - first_byte) * 8 + last_bit - first_bit
        steps = min(round(abs(value) / step) + 1, (1 << width) - 1)
        self.put(first_byte, first_bit, last_byte, last_bit, (1 << width if value < 0 else 0) | steps)

    def bytes(self) -> bytes:
        """Return the payload."""
        return self._value.to_bytes(self.size, "big")


def _altitude(feet: float) -> int:
    return 0 if math.isnan(feet) else min(max(round(feet / 25.0) + 41, 1), 4095)


def _angle(degrees: float, bits: int) -> int:
    return round(degrees / 360.0 * (1 << bits)) % (1 << bits)


def adsb(
    payload_type: int = 0,
    *,
    address: int = 0,
    qualifier: int = 0,
    lat_deg: float = math.nan,
    lon_deg: float = math.nan,
    altitude_ft: float = math.nan,
    geometric: bool = False,
    nic: int = 8,
    north_kt: float = math.nan,
    east_kt: float = math.nan,
    supersonic: bool = False,
    vertical_fpm: float = math.nan,
    ground_kt: float = math.nan,
    track_deg: float = math.nan,
    site_id: int = 0,
) -> Payload:
    """Return header and state vector of a message of a payload type (ground_kt: on the ground); NaN is encoded as not known."""
    out = Payload(18 if payload_type == 0 else 34)
    out.put(1, 1, 1, 5, payload_type)
    out.put(1, 6, 1, 8, qualifier)
    out.put(2, 1, 4, 8, address)
    if not math.isnan(lat_deg):
        out.put(5, 1, 7, 7, _angle(lat_deg, 24) & 0x7FFFFF)
        out.put(7, 8, 10, 7, _angle(lon_deg, 24))
        out.put(12, 5, 12, 8, nic)
    out.put(10, 8, 10, 8, int(geometric))
    out.put(11, 1, 12, 4, _altitude(altitude_ft))
    if math.isnan(ground_kt):
        out.put(13, 1, 13, 2, int(supersonic))
        step = 4.0 if supersonic else 1.0
        out.signed(13, 4, 14, 6, north_kt, step)
        out.signed(14, 7, 16, 1, east_kt, step)
        out.put(16, 2, 16, 2, int(not geometric))
        out.signed(16, 3, 17, 4, vertical_fpm, 64.0)
    else:
        out.put(13, 1, 13, 2, 2)
        out.put(13, 5, 14, 6, min(round(ground_kt) + 1, 1023))
        if not math.isnan(track_deg):
            out.put(14, 7, 14, 8, 1)
            out.put(15, 1, 16, 1, _angle(track_deg, 9))
    out.put(17, 5, 17, 8, site_id)
    return out


def mode_status(
    out: Payload,
    *,
    callsign: str = "",
    is_callsign: bool = True,
    category: int = 0,
    emergency: int = 0,
    version: int = 2,
    sil: int = 3,
    nac_p: int = 9,
    nac_v: int = 2,
    ident: bool = False,
    resolution_advisory: bool = False,
) -> Payload:
    """Write the mode status of a payload of type 1 or 3 (is_callsign False: the Mode A code in octal); return it."""
    codes = [category, *([ALPHABET.index(c) for c in callsign.ljust(8)] if callsign else [37] * 8)]
    for i in range(3):
        out.put(18 + 2 * i, 1, 19 + 2 * i, 8, codes[3 * i] * 1600 + codes[3 * i + 1] * 40 + codes[3 * i + 2])
    out.put(24, 1, 24, 3, emergency)
    out.put(24, 4, 24, 6, version)
    out.put(24, 7, 24, 8, sil)
    out.put(26, 1, 26, 4, nac_p)
    out.put(26, 5, 26, 7, nac_v)
    out.put(27, 4, 27, 4, int(resolution_advisory))
    out.put(27, 5, 27, 5, int(ident))
    out.put(27, 7, 27, 7, int(is_callsign))
    return out


def auxiliary(out: Payload, secondary_altitude_ft: float) -> Payload:
    """Write the auxiliary state vector of a payload of type 1, 2, 5 or 6; return it."""
    out.put(30, 1, 31, 4, _altitude(secondary_altitude_ft))
    return out


def target_state(out: Payload, first_byte: int, altitude_ft: int, pressure_hpa: float, heading_deg: float, modes: int) -> Payload:
    """Write the target state that begins at a byte (30 in types 3 and 4, 25 in type 6); return it."""
    b = first_byte
    out.put(b, 2, b + 1, 4, altitude_ft // 32 + 1)
    out.put(b + 1, 5, b + 2, 5, round((pressure_hpa - 800.0) / 0.8) + 1)
    steps = round(((heading_deg + 180.0) % 360.0 - 180.0) * 256.0 / 180.0)
    out.put(b + 2, 6, b + 2, 6, 1)
    out.put(b + 2, 7, b + 2, 7, int(steps < 0))
    out.put(b + 2, 8, b + 3, 7, abs(steps) % 256)
    out.put(b + 3, 8, b + 3, 8, 1)
    out.put(b + 4, 1, b + 4, 5, modes)
    return out


def dlac(text: str) -> bytes:
    """Return text in the 6-bit DLAC alphabet; raise ValueError for a character it does not have."""
    value = 0
    for letter in text:
        value = value << 6 | DLAC.index(letter)
    bits = 6 * len(text)
    size = (bits + 7) // 8
    return (value << (8 * size - bits)).to_bytes(size, "big")


def fis_b(product: int, data: bytes, *, hour: int = 0, minute: int = 0, second: int = -1, month: int = -1, day: int = -1) -> bytes:
    """Return the data of an information frame that holds a FIS-B product."""
    value = product << 2 | int(month >= 0)
    value, bits = value << 1 | int(second >= 0), 17
    parts = [(month, 4), (day, 5)] if month >= 0 else []
    for part, width in [*parts, (hour, 5), (minute, 6), *([(second, 6)] if second >= 0 else [])]:
        value, bits = value << width | part, bits + width
    size = 4 + int(month >= 0) + int(second >= 0)
    return (value << (8 * size - bits)).to_bytes(size, "big") + data


def uplink(lat_deg: float, lon_deg: float, frames: Sequence[tuple[int, bytes]], *, slot: int = 0, site_id: int = 0) -> bytes:
    """Return an uplink with information frames (type, data); raise ValueError where they do not fit."""
    head = _angle(lat_deg, 24) & 0x7FFFFF
    head = head << 24 | _angle(lon_deg, 24)
    head = head << 17 | 0x1A000 | slot << 8 | site_id << 4  # placed, tied to UTC, with application data
    out = head.to_bytes(HEADER, "big") + b"".join((len(d) << 7 | kind).to_bytes(2, "big") + d for kind, d in frames)
    if len(out) > UPLINK:
        raise ValueError(f"{len(out)} bytes do not fit an uplink")
    return out.ljust(UPLINK, b"\0")


def line(payload: bytes, time_s: float = math.nan, errors: int = 0) -> bytes:
    """Return the line in which dump978 hands a payload out."""
    mark = "+" if len(payload) == UPLINK else "-"
    notes = (f"rs={errors};" if errors else "") + ("" if math.isnan(time_s) else f"t={time_s:.3f};")
    return f"{mark}{payload.hex()};{notes}\n".encode()

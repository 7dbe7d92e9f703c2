"""GDL 90 messages from fields: for tests and the exercise. Each function returns a message; ``framing.frame`` frames it."""

from __future__ import annotations

import math

from tenere.wire.gdl90 import framing as f


def heartbeat(seconds_of_day: int, *, valid: bool = True, uplinks: int = 0, reports: int = 0) -> bytes:
    """Return a heartbeat (3.1); valid: position and UTC are."""
    status = 0x81 if valid else 0x01
    second = (seconds_of_day >> 16 & 1) << 7 | int(valid)
    counts = uplinks << 11 | reports
    return bytes((f.HEARTBEAT, status, second)) + (seconds_of_day & 0xFFFF).to_bytes(2, "little") + counts.to_bytes(2, "big")


def report(
    number: int = f.TRAFFIC,
    *,
    address: int = 0,
    address_type: int = 0,
    lat_deg: float = math.nan,
    lon_deg: float = math.nan,
    altitude_ft: float = math.nan,
    airborne: bool = True,
    extrapolated: bool = False,
    nic: int = 8,
    nac_p: int = 9,
    speed_kt: float = math.nan,
    vertical_fpm: float = math.nan,
    track_deg: float = math.nan,
    category: int = 0,
    callsign: str = "",
    emergency: int = 0,
) -> bytes:
    """Return an ownship or traffic report (table 8); NaN is encoded as not known, without a position NIC as 0."""
    placed = not math.isnan(lat_deg)
    lat, lon = (_semicircles(lat_deg), _semicircles(lon_deg)) if placed else (0, 0)
    altitude = 0xFFF if math.isnan(altitude_ft) else min(max(round((altitude_ft + 1000.0) / 25.0), 0), 0xFFE)
    misc = int(airborne) << 3 | int(extrapolated) << 2 | int(not math.isnan(track_deg))
    speed = 0xFFF if math.isnan(speed_kt) else min(round(speed_kt), 0xFFE)
    rate = 0x800 if math.isnan(vertical_fpm) else min(max(round(vertical_fpm / 64.0), -510), 510) & 0xFFF
    track = 0 if math.isnan(track_deg) else round(track_deg / 360.0 * 256.0) % 256
    fields = (
        (number, 8), (0, 4), (address_type, 4), (address, 24), (lat, 24), (lon, 24), (altitude, 12), (misc, 4),
        (nic if placed else 0, 4), (nac_p, 4), (speed, 12), (rate, 12), (track, 8), (category, 8),
    )  # fmt: skip
    value = 0
    for part, width in fields:
        value = value << width | part
    return value.to_bytes(19, "big") + callsign.ljust(8).encode("ascii")[:8] + bytes((emergency << 4,))


def _semicircles(degrees: float) -> int:
    return round(degrees * (1 << 23) / 180.0) & 0xFFFFFF


def altitude(height_ft: float, merit_m: int = 0x7FFF) -> bytes:
    """Return an ownship geometric altitude (3.8)."""
    return bytes((f.ALTITUDE,)) + round(height_ft / 5.0).to_bytes(2, "big", signed=True) + merit_m.to_bytes(2, "big")


def terrain(height_ft: int) -> bytes:
    """Return a height above terrain (3.7)."""
    return bytes((f.TERRAIN,)) + height_ft.to_bytes(2, "big", signed=True)


def pass_through(payload: bytes, ticks_80ns: int = 0xFFFFFF) -> bytes:
    """Return an uplink, basic or long report by the length of its UAT payload (3.3, 3.5.3, 3.5.4)."""
    number = {18: f.BASIC, 34: f.LONG, 432: f.UPLINK}[len(payload)]
    return bytes((number,)) + ticks_80ns.to_bytes(3, "little") + payload


def device(serial: int, name: str, long_name: str, *, above_sea: bool = False) -> bytes:
    """Return who a device is (ForeFlight extension, message 0)."""
    names = name.encode().ljust(8, b"\0")[:8] + long_name.encode().ljust(16, b"\0")[:16]
    return bytes((f.FOREFLIGHT, 0, 1)) + serial.to_bytes(8, "big") + names + int(above_sea).to_bytes(4, "big")


def attitude(roll_deg: float, pitch_deg: float, heading_deg: float, indicated_kt: int = 0xFFFF, true_kt: int = 0xFFFF) -> bytes:
    """Return an attitude (ForeFlight extension, message 1); the heading is true."""
    angles = b"".join(round(a * 10.0).to_bytes(2, "big", signed=True) for a in (roll_deg, pitch_deg))
    rest = b"".join(v.to_bytes(2, "big") for v in (round(heading_deg * 10.0), indicated_kt, true_kt))
    return bytes((f.FOREFLIGHT, 1)) + angles + rest

"""An aircraft's APRS line as an OGN receiver sends it, for the simulator and for tests."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from tenere.units import FOOT_M, FPM_MS, KNOT_MS


def aircraft_line(
    sender: bytes,
    time_s: float,
    lat_deg: float,
    lon_deg: float,
    *,
    address: int,
    address_type: int = 2,
    aircraft_type: int = 1,
    stealth: bool = False,
    no_track: bool = False,
    altitude_m: float = math.nan,
    east_ms: float = math.nan,
    north_ms: float = math.nan,
    climb_ms: float = math.nan,
    level: float = math.nan,
    destination: bytes = b"OGFLR",
    receiver: bytes = b"TENERE",
) -> bytes:
    """Return one line, its position to 0.001 minutes (two metres); altitude_m is above mean sea level, level a flight level."""
    when = datetime.fromtimestamp(round(time_s), UTC)
    lat, lat_digit = _minutes(lat_deg, 2)
    lon, lon_digit = _minutes(lon_deg, 3)
    text = f">{destination.decode()},qAS,{receiver.decode()}:/{when:%H%M%S}h"
    text += f"{lat}{'S' if lat_deg < 0 else 'N'}/{lon}{'W' if lon_deg < 0 else 'E'}'"
    if math.isfinite(east_ms) and math.isfinite(north_ms):
        course = round(math.degrees(math.atan2(east_ms, north_ms))) % 360
        text += f"{course:03d}/{min(round(math.hypot(east_ms, north_ms) / KNOT_MS), 999):03d}"
    if math.isfinite(altitude_m):
        text += f"/A={round(altitude_m / FOOT_M):06d}"
    flags = stealth << 7 | no_track << 6 | (aircraft_type & 0xF) << 2 | address_type & 3
    text += f" !W{lat_digit}{lon_digit}! id{flags:02X}{address & 0xFFFFFF:06X}"
    if math.isfinite(climb_ms):
        text += f" {round(climb_ms / FPM_MS):+04d}fpm"
    if math.isfinite(level):
        text += f" FL{level:06.2f}"
    return sender + text.encode() + b"\r\n"


def _minutes(angle_deg: float, digits: int) -> tuple[str, int]:
    """Return an angle as degrees and minutes to two decimals, and the third decimal."""
    thousandths = round(abs(angle_deg) * 60_000.0)
    minutes = thousandths % 60_000
    return f"{thousandths // 60_000:0{digits}d}{minutes // 1000:02d}.{minutes % 1000 // 10:02d}", minutes % 10

"""Places as airspace files write them, to degrees and back.

Degrees are kept to eight decimals, which is a millimetre: seconds and their thousandths come back as they were written.
"""

from __future__ import annotations

import re

from tenere.airspace.limits import AirspaceError, decimal

DECIMALS = 8
_ANGLE = r"(\d{1,3}(?:\.\d{1,12})?)(?:\s*[:°]\s*(\d{1,2}(?:\.\d{1,12})?)(?:\s*[:'\u2032]\s*(\d{1,2}(?:\.\d{1,12})?)[\"\u2033]?)?'?)?\s*"
_POINT = re.compile(rf"\s*{_ANGLE}([NS])[\s,]*{_ANGLE}([EW])\s*", re.ASCII | re.IGNORECASE)
_PACKED = re.compile(r"\s*(\d\d)(\d\d)(\d\d(?:\.\d{1,12})?)([NS])[\s,]*(\d{3})(\d\d)(\d\d(?:\.\d{1,12})?)([EW])\s*", re.ASCII)


def settled(degrees: float) -> float:
    """Return an angle as volumes keep it."""
    return round(degrees, DECIMALS) + 0.0  # never a negative zero


def wrapped(lon_deg: float) -> float:
    """Return a longitude from -180 to 180."""
    return lon_deg if -180.0 <= lon_deg <= 180.0 else (lon_deg + 180.0) % 360.0 - 180.0


def of_parts(degrees: float, minutes: float, seconds: float, side: str) -> float:
    """Return an angle of its parts; side: N, S, E or W. Raises AirspaceError for what is no such angle."""
    if minutes > 60.0 or seconds > 60.0 or (degrees % 1.0 and (minutes or seconds)) or (minutes % 1.0 and seconds):
        raise AirspaceError(f"{degrees:g}:{minutes:g}:{seconds:g} is no angle in degrees, minutes and seconds")
    value = settled(degrees + minutes / 60.0 + seconds / 3600.0)
    most = 90.0 if side in "NS" else 180.0
    if value > most:
        raise AirspaceError(f"{value:g} degrees is more than the {most:g} that a {'latitude' if side in 'NS' else 'longitude'} may be")
    return -value + 0.0 if side in "SW" else value


def parse(text: str) -> tuple[float, float]:
    """Read "46:58:29 N 008:15:29 E", "46:58.483N 8:15.483E", "46.974722N 8.258056E" or "465829N 0081529E". Raises AirspaceError."""
    found = _POINT.fullmatch(text) if len(text) < 200 else None
    packed = _PACKED.fullmatch(text) if len(text) < 200 else None
    at = packed or found
    if at is None:
        raise AirspaceError(f"{text.strip()[:60]!r} is no place, such as 46:58:29 N 008:15:29 E")
    lat, lon = at.groups()[:4], at.groups()[4:]
    return (
        of_parts(float(lat[0]), float(lat[1] or 0), float(lat[2] or 0), lat[3].upper()),
        of_parts(float(lon[0]), float(lon[1] or 0), float(lon[2] or 0), lon[3].upper()),
    )


def _parts(degrees: float, side: str) -> tuple[int, int, str]:
    """Return degrees, minutes, and seconds with as few decimals as bring the angle back."""
    size = abs(degrees)
    for places in range(7):
        total = round(size * 3600.0, places)
        d, rest = divmod(total, 3600.0)
        m, s = divmod(rest, 60.0)
        s = round(s, places)
        if s >= 60.0:
            m, s = m + 1.0, 0.0
        if m >= 60.0:
            d, m = d + 1.0, 0.0
        if abs(of_parts(d, m, s, side)) == size:
            break
    whole, _, fraction = decimal(s, 6).partition(".")
    return int(d), int(m), f"{whole:0>2}{'.' if fraction else ''}{fraction}"


def written(lat_deg: float, lon_deg: float) -> str:
    """Write a place as OpenAir does."""
    ns, ew = "S" if lat_deg < 0 else "N", "W" if lon_deg < 0 else "E"
    a, b = _parts(lat_deg, ns), _parts(lon_deg, ew)
    return f"{a[0]:02d}:{a[1]:02d}:{a[2]} {ns} {b[0]:03d}:{b[1]:02d}:{b[2]} {ew}"


def packed(lat_deg: float, lon_deg: float) -> str:
    """Write a place without marks between its parts, as YAIXM does."""
    ns, ew = "S" if lat_deg < 0 else "N", "W" if lon_deg < 0 else "E"
    a, b = _parts(lat_deg, ns), _parts(lon_deg, ew)
    return f"{a[0]:02d}{a[1]:02d}{a[2]}{ns} {b[0]:03d}{b[1]:02d}{b[2]}{ew}"

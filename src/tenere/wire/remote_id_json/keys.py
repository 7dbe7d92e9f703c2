"""The names by which receivers call what a drone says of itself, and how their values are read.

A name is compared without regard to case; blank, underscore, dash, slash and a capital inside a word all part words. An object
within an object counts where its name is that of a message (SECTIONS) or of mere wrapping (WRAPPERS).
"""

from __future__ import annotations

import functools
import math
import re
from datetime import UTC, datetime
from typing import Any

KEYS: dict[str, tuple[str, ...]] = {
    "mac": ("mac", "mac address", "mac addr", "bssid", "transmitter", "device address"),
    "rssi": ("rssi", "signal", "signal strength"),
    "id": ("uav id", "basic id", "uas id", "uasid", "drone id", "remote id", "remote id id", "serial number", "serial", "sn", "id"),
    "registration": ("caa registration", "caa id", "caa", "registration", "registration id"),
    "operator": ("operator", "operator id", "op id", "operator id text"),
    "lat": ("drone lat", "drone latitude", "uav lat", "uav latitude", "uas lat", "uas latitude", "lat", "latitude"),
    "lon": (
        "drone lon", "drone long", "drone lng", "drone longitude", "uav lon", "uav long", "uav longitude", "uas lon", "uas longitude",
        "lon", "long", "lng", "longitude",
    ),
    "altitude": (
        "drone altitude", "drone alt", "uav altitude", "uav alt", "geodetic altitude", "altitude geo", "alt geo", "alt hae", "alt msl",
        "altitude msl", "alitude msl", "alt", "altitude",
    ),
    "pressure_altitude": ("pressure altitude", "altitude baro", "alt baro", "baro altitude", "alt pressure"),
    "height": ("height agl", "height", "agl", "drone height", "uav height", "alt agl"),
    "speed": (
        "drone speed", "uav speed", "uav speed horizontal", "ground speed", "speed horizontal", "horizontal speed", "hspeed", "speed",
    ),
    "heading": ("drone heading", "uav heading", "heading", "direction", "track", "course"),
    "vertical_speed": ("vert speed", "vspeed", "vertical speed", "speed vertical", "uav speed vertical", "drone vspeed"),
    "pilot_lat": (
        "pilot lat", "pilot latitude", "operator lat", "operator latitude", "op lat", "base lat", "base latitude", "system lat",
    ),
    "pilot_lon": (
        "pilot lon", "pilot long", "pilot longitude", "operator lon", "operator long", "operator longitude", "op lon", "base lon",
        "base long", "base longitude", "system lon",
    ),
    "pilot_altitude": ("pilot alt", "pilot altitude", "operator alt", "operator altitude", "operator altitude geo", "operator alt geo"),
    "description": ("self id", "self id text", "self id description", "description", "text"),
    "ua_type": ("ua type", "uatype", "uav type", "aircraft type"),
    "id_type": ("id type", "idtype"),
    "status": ("op status", "operational status", "status"),
    "second": ("seconds", "second of hour", "seconds after hour"),
    "time": ("unix time", "observed at", "rid timestamp", "timestamp", "time", "ts"),
}  # fmt: skip
"""What each value is called here -> names accepted for it, the better ones first (where an object holds several)."""

WEAK = frozenset(
    {
        "mac", "bssid", "rssi", "signal", "id", "sn", "serial", "lat", "latitude", "lon", "long", "lng", "longitude", "alt", "altitude",
        "height", "agl", "speed", "heading", "direction", "track", "course", "description", "text", "status", "time", "timestamp", "ts",
        "seconds", "registration", "operator", "aircraft type", "serial number", "ground speed", "vertical speed", "signal strength",
        "id type", "mac address", "observed at", "unix time", "baro altitude", "vspeed", "alt baro", "altitude baro", "transmitter",
    }
)  # fmt: skip
"""Names that other things of this world use too: an object that has no others is not taken for Remote ID by itself."""

SECTIONS: dict[str, str] = {
    "basic id": "basic", "basic id message": "basic", "basicid": "basic",
    "location vector message": "location", "location message": "location", "location vector": "location", "location": "location",
    "system message": "system", "system": "system",
    "self id message": "self", "self id": "self", "selfid": "self",
    "operator id message": "operator", "operator id": "operator", "operatorid": "operator",
}  # fmt: skip
WRAPPERS = frozenset({"messages", "message", "data", "uav", "uas", "drone", "rid", "remote id", "odid", "uas data", "payload"})

_IN_SECTION: dict[str, dict[str, str]] = {
    "system": {
        "latitude": "pilot_lat", "lat": "pilot_lat", "longitude": "pilot_lon", "lon": "pilot_lon", "long": "pilot_lon",
        "altitude": "pilot_altitude", "alt": "pilot_altitude", "geodetic altitude": "pilot_altitude", "timestamp": "system_time",
        "unix time": "system_time", "time": "system_time",
    },
    "operator": {"id": "operator", "text": "operator"},
    "self": {"id": "description"},
}  # fmt: skip
"""Names that mean something else within a message than outside."""

TEXTS = frozenset({"mac", "id", "registration", "operator", "description", "ua_type", "id_type", "status", "time", "system_time"})
_RANKS = {name: (key, rank) for key, names in KEYS.items() for rank, name in enumerate(names)}
_PARTS = re.compile(r"[\s_\-/.]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LEADING = re.compile(r"\s*([+-]?\d{1,12}(?:\.\d{0,15})?)(?![\d.eE])")
_PLAIN = re.compile(r"\d{1,20}(?:\.\d{0,12})?(?:e\+?\d\d?)?")
_NOTHING = frozenset({"", "none", "unknown", "null", "n/a", "nan"})

MOST_NODES, DEEPEST, LONGEST_NAME = 512, 6, 40


@functools.lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """Return a name in lower case, its words parted by one blank."""
    return _PARTS.sub(" ", _HUMP.sub(" ", name.strip())).lower().strip()


def number_of(value: object) -> float:
    """Return a finite number, or the number a text begins with ("150.0 m"); NaN for anything else."""
    if isinstance(value, bool):
        return math.nan
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e18 else math.nan
    if isinstance(value, str):
        found = _LEADING.match(value[:64])
        return float(found[1]) if found else math.nan
    return math.nan


def text_of(value: object) -> str:
    """Return a text, a number as one; empty for what says that there is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)[:256].strip() if not isinstance(value, int) or abs(value) < 1 << 64 else ""
    return "" if text.lower() in _NOTHING else text


def report_of(value: object) -> tuple[dict[str, Any], bool]:
    """Return what a JSON value says by our names (texts and numbers, nothing empty), and whether any name was Remote ID's own."""
    said: dict[str, tuple[int, Any]] = {}
    strong = False
    left = MOST_NODES
    waiting: list[tuple[object, str, int]] = [(value, "", 0)]
    while waiting and left:
        node, section, depth = waiting.pop()
        left -= 1
        if isinstance(node, list) and depth < DEEPEST:
            waiting.extend((inner, section, depth + 1) for inner in reversed(node[:left]))
        elif isinstance(node, dict):
            for name, inner in list(node.items())[:left]:
                left -= 1
                strong |= _take(name, inner, section, depth, said, waiting)
    return {key: found for key, (_, found) in said.items()}, strong


def _take(
    name: str, inner: object, section: str, depth: int, said: dict[str, tuple[int, Any]], waiting: list[tuple[object, str, int]]
) -> bool:
    """Take one value of an object, or put it where it waits to be looked into; say whether its name is Remote ID's own."""
    if len(name) > LONGEST_NAME:
        return False
    known = normal(name)
    if isinstance(inner, dict | list):
        if depth < DEEPEST and (known in SECTIONS or known in WRAPPERS):
            waiting.append((inner, SECTIONS.get(known, section), depth + 1))
            return isinstance(inner, dict) and known in SECTIONS and known not in {"location", "system"}
        return False
    key, rank = (_IN_SECTION[section][known], 0) if known in _IN_SECTION.get(section, {}) else _RANKS.get(known, ("", 0))
    if not key:
        return False
    found: Any = text_of(inner) if key in TEXTS else number_of(inner)
    empty = not found if isinstance(found, str) else math.isnan(found)
    if not empty and (key not in said or rank < said[key][0]):
        said[key] = (rank, found)
    return known not in WEAK


def mac_of(text: str) -> int:
    """Return a MAC address of twelve hex digits, parted or not, as a number; 0 for anything else."""
    digits = re.sub(r"[:\-. ]", "", text[:32])
    return int(digits, 16) if re.fullmatch(r"[0-9A-Fa-f]{12}", digits) else 0


def unix_of(text: str) -> float:
    """Return seconds since 1970 of a number of seconds, milli-, micro- or nanoseconds (by its size), or of ISO 8601; NaN for else."""
    value = float(text) if _PLAIN.fullmatch(text) else math.nan
    if value >= 1e8:
        for scale, least in ((1e9, 1e17), (1e6, 1e14), (1e3, 1e11)):
            if value >= least:
                return value / scale
        return value
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    if len(text) < 16 or not 1970 < when.year < 2200:
        return math.nan
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def second_of(report: dict[str, Any]) -> float:
    """Return the second of the hour that a report's time says (a Location's own), NaN where it says none."""
    second = report.get("second", math.nan)
    if math.isnan(second) and re.fullmatch(r"\d{1,4}(\.\d{0,3})?", report.get("time", "")):
        second = number_of(report["time"])
    return second if 0.0 <= second <= 3600.0 else math.nan

"""What a table of plots may say: the columns of a mapping, the well-known names of each, and units.

A name is recognised whatever its case, with or without spaces, hyphens and underscores; a unit may follow it in brackets
("altitude (m)") or after an underscore ("range_m", "azimuth_rad"). Without one it has the unit of the table below.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tenere.batch import PlotKind
from tenere.units import DEG_RAD, FLIGHT_LEVEL_M, FOOT_M, FPM_MS, KNOT_MS, NM_M

TURN = 360 * DEG_RAD

UNITS: dict[str, dict[str, float]] = {
    "time": {"auto": 0.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "iso": 0.0},
    "length": {"m": 1.0, "km": 1000.0, "ft": FOOT_M, "FL": FLIGHT_LEVEL_M, "NM": NM_M},
    "angle": {"deg": DEG_RAD, "rad": 1.0},
    "speed": {"m/s": 1.0, "kt": KNOT_MS, "km/h": 1.0 / 3.6, "ft/min": FPM_MS},
    "number": {"": 1.0},
    "address": {"hex": 16.0, "decimal": 10.0},
    "code": {"octal": 8.0, "decimal": 10.0},
    "text": {"": 0.0},
    "flag": {"": 0.0},
    "kind": {"": 0.0},
}
"""The units of each quantity, as factors to SI (bases for address and code; 0: read in a way of its own)."""

SPELLINGS = {
    "meter": "m", "metres": "m", "meters": "m", "metre": "m", "feet": "ft", "foot": "ft", "nm": "NM", "nmi": "NM", "fl": "FL",
    "degrees": "deg", "degree": "deg", "radians": "rad", "radian": "rad", "kts": "kt", "knots": "kt", "knot": "kt", "mps": "m/s",
    "kmh": "km/h", "kph": "km/h", "fpm": "ft/min", "seconds": "s", "sec": "s", "ms": "m/s", "°": "deg", "m/sec": "m/s", "ft/m": "ft/min",
}  # fmt: skip
"""Other ways to write a unit; "ms" is milliseconds for a time."""


class Target(NamedTuple):
    """One thing that a table may say.

    names: (name, unit) by which it is recognised, the likeliest first. low, high: the range of it in SI; anything else is refused.
    """

    quantity: str
    doc: str
    names: tuple[tuple[str, str], ...]
    low: float = float("-inf")
    high: float = float("inf")


def _named(words: str, unit: str = "") -> tuple[tuple[str, str], ...]:
    return tuple((word, unit) for word in words.split())


TARGETS: dict[str, Target] = {
    "time": Target(
        "time",
        "time of applicability: a number since 1970 (its size says the unit), seconds since 0 h, or ISO 8601 text",
        _named("time timestamp ts datetime utc epoch unixtime posixtime timeutc datetimeutc", "auto"),
        -1e11,
        1e11,
    ),
    "lat": Target("angle", "WGS-84 latitude", _named("lat latitude", "deg"), -90 * DEG_RAD, 90 * DEG_RAD),
    "lon": Target("angle", "WGS-84 longitude", _named("lon lng long longitude", "deg"), -180 * DEG_RAD, 360 * DEG_RAD),
    "range": Target("length", "slant range from the sensor", _named("range rho slantrange", "m"), 0.0, 1e7),
    "azimuth": Target("angle", "azimuth from the sensor, from its north", _named("azimuth theta azi", "deg"), -TURN, TURN),
    "elevation": Target("angle", "elevation angle from the sensor", _named("elevation", "deg"), -90 * DEG_RAD, 90 * DEG_RAD),
    "x": Target("length", "east of the sensor's reference point", _named("x", "m"), -1e7, 1e7),
    "y": Target("length", "north of the sensor's reference point", _named("y", "m"), -1e7, 1e7),
    "altitude": Target(
        "length",
        "pressure altitude",
        (
            *_named("pressurealtitude baroaltitude barometricaltitude", "m"),
            *_named("altitude altbaro alt modec", "ft"),
            *_named("flightlevel fl", "FL"),
        ),
        -3000.0,
        200_000.0,
    ),
    "height": Target(
        "length",
        "height above the WGS-84 ellipsoid",
        (*_named("height geoaltitude geometricaltitude gnssaltitude", "m"), *_named("altgeom", "ft")),
        -3000.0,
        200_000.0,
    ),
    "speed": Target(
        "speed",
        "ground speed",
        (*_named("velocity speed", "m/s"), *_named("groundspeed gs gspeed", "kt")),
        0.0,
        4000.0,
    ),
    "course": Target("angle", "course over ground, from true north", _named("track course heading trk", "deg"), -TURN, TURN),
    "east": Target("speed", "velocity, east", _named("east veast ve vx xspeed eastvelocity", "m/s"), -4000.0, 4000.0),
    "north": Target("speed", "velocity, north", _named("north vnorth vn vy yspeed northvelocity", "m/s"), -4000.0, 4000.0),
    "vertical_rate": Target(
        "speed",
        "rate of climb, up positive",
        (*_named("vertrate", "m/s"), *_named("verticalrate baroreate barorate geomrate roc", "ft/min")),
        -2000.0,
        2000.0,
    ),
    "radial": Target("speed", "Doppler speed, away from the sensor positive", _named("radial doppler radialspeed", "m/s"), -2e4, 2e4),
    "position_std": Target("length", "one-sigma horizontal error a side", _named("positionstd", "m"), 0.0, 1e6),
    "velocity_std": Target("speed", "one-sigma velocity error an axis", _named("velocitystd", "m/s"), 0.0, 4000.0),
    "nic": Target("number", "navigation integrity category", _named("nic"), 0, 15),
    "nac_p": Target("number", "navigation accuracy category of position", _named("nacp"), 0, 15),
    "sil": Target("number", "source integrity level", _named("sil"), 0, 3),
    "address": Target("address", "24-bit ICAO address", _named("icao24 icao hex address icaoaddress modes24 hexident", "hex"), 0, 0xFFFFFF),
    "mode_a": Target("code", "Mode A code", _named("squawk modea mode3a ssr", "octal"), 0, 0o7777),
    "callsign": Target("text", "callsign", _named("callsign flight ident aircraftidentification")),
    "remote_id": Target("text", "Remote ID of a drone", _named("remoteid")),
    "source_track": Target("number", "the sensor's own track number", _named("sourcetrack tracknumber trackid"), 0, 2**31 - 1),
    "sac": Target("number", "system area code of the sensor", _named("sac"), 0, 255),
    "sic": Target("number", "system identification code of the sensor", _named("sic"), 0, 255),
    "on_ground": Target("flag", "on the ground", _named("onground ground")),
    "spi": Target("flag", "special position identification", _named("spi")),
    "kind": Target("kind", "how it was seen: a name of PlotKind, such as psr, or its number", _named("kind plotkind"), 0, max(PlotKind)),
}
"""What a mapping may name, in the order of the details."""

FEET_BESIDE = frozenset({"altitude", "groundspeed"})
"""Where a table has one of these without a unit, its geoaltitude is in feet too (as the traffic library writes it)."""

KINDS = {kind.name.lower(): int(kind) for kind in PlotKind}


def plain(name: str) -> str:
    """Return a name as it is compared: letters and digits only, in lower case."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def unit_of(quantity: str, text: str) -> str | None:
    """Return a unit as UNITS writes it, None where the quantity has none of that name."""
    known = UNITS[quantity]
    for spelling in (text, text.lower(), SPELLINGS.get(text.lower(), "")):
        if spelling and spelling in known:
            return spelling
    return None


_SAID = re.compile(r"^(.*?)\s*[\(\[]\s*([^\)\]]*?)\s*[\)\]]\s*$")


def readings(header: str) -> list[tuple[str, str]]:
    """Return how a header may be read: (plain name, unit that it states or ""), as it stands first."""
    out = [(plain(header), "")]
    bracketed = _SAID.match(header)
    if bracketed:
        out.append((plain(bracketed[1]), bracketed[2]))
    stem, under, last = header.strip().rpartition("_")
    if under and stem:
        out.append((plain(stem), last))
    return out


BY_NAME: dict[str, tuple[str, str, int]] = {
    name: (target, unit, rank) for target, t in TARGETS.items() for rank, (name, unit) in enumerate(t.names)
}
"""plain name -> (target, unit, how likely it is that name: 0 the likeliest)."""

"""What a volume of airspace is: an outline between two limits, when it is active, and what it is for.

A volume has one outline and one floor and ceiling: what a file calls one airspace of several parts becomes one volume a part, which
share a name. All lengths are metres, all angles degrees as files give them.
"""

from __future__ import annotations

import enum
from typing import Annotated, Literal

import msgspec

NAME = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Datum = Literal["amsl", "agl", "fl"]
"""What a limit counts from: mean sea level, the ground below, or 1013.25 hPa."""


class VolumeKind(enum.StrEnum):
    """What a volume is for; which rules watch a kind is told in the rules."""

    FIR = "fir"
    BORDER = "border"
    CONTROL = "control"
    PROHIBITED = "prohibited"
    RESTRICTED = "restricted"
    DANGER = "danger"
    TEMPORARY = "temporary"
    NO_FLY = "no_fly"
    DRONE = "drone"
    CORRIDOR = "corridor"
    CLOSED = "closed"
    AERODROME = "aerodrome"
    OTHER = "other"


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A floor or ceiling: metres above its datum (a flight level is its pressure altitude, FL100 = 3,048 m); infinite: unlimited."""

    value_m: float
    """Metres above the datum; of a flight level, its pressure altitude."""
    datum: Datum = "amsl"
    """What it counts from: mean sea level, the ground below, or 1013.25 hPa."""


GROUND = Limit(0.0, "agl")
UNLIMITED = Limit(float("inf"), "fl")


class Polygon(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="polygon"):
    """A ring of points (lat, lon in degrees), not closed, 3 or more, by great circles; holes likewise."""

    ring: tuple[tuple[float, float], ...]
    """Its outline."""
    holes: tuple[tuple[tuple[float, float], ...], ...] = ()
    """What within it is no part of it."""


class Circle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="circle"):
    """All within a distance of a point."""

    lat_deg: float
    """WGS-84 latitude of its centre."""
    lon_deg: float
    """WGS-84 longitude of its centre."""
    radius_m: float
    """The distance."""


class Corridor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="corridor"):
    """All within half a width of a line of points (lat, lon in degrees), 2 or more."""

    line: tuple[tuple[float, float], ...]
    """Its middle, leg by leg."""
    width_m: float
    """From edge to edge."""


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a schedule holds: days of the week and minutes of the day, in UTC."""

    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    """Days of the week, 0 Monday to 6 Sunday."""
    from_min: int = 0
    """First minute of the day."""
    to_min: int = 1440
    """Minute at which it ends; at or before the first: on the next day."""


class Volume(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One volume of airspace."""

    id: NAME
    """Its name in commands and alerts: never two of the same."""
    name: NAME
    """What people call it; the parts of one airspace share it."""
    kind: VolumeKind = VolumeKind.OTHER
    """What it is for."""
    airspace_class: str = ""
    """ICAO class, A to G; empty: none."""
    floor: Limit = GROUND
    """Its lower limit: a table, or a text such as "FL195", "1500 ft amsl", "2000 ft agl", "GND"."""
    ceiling: Limit = UNLIMITED
    """Its upper limit: likewise, or "UNL"."""
    shape: Polygon | Circle | Corridor
    """Its outline, with `type = "polygon"`, `"circle"` or `"corridor"`."""
    buffer_m: float = 0.0
    """Rules that warn ahead count it as so much wider on each side."""
    buffer_up_m: float = 0.0
    """The same, up and down."""
    schedule: tuple[Period, ...] = ()
    """When it is active, where it is active at times only; empty: always."""
    starts_s: float = float("-inf")
    """Not before this time (Unix seconds)."""
    ends_s: float = float("inf")
    """Not after this time."""
    active: bool = True
    """False: inactive whatever the schedule says, until a person activates it."""
    country: str = ""
    """ISO 3166 code, where it is known."""
    remark: str = ""
    """What its file says of it."""

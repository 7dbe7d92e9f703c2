"""What a scenario file says: its tables, typed. Unknown keys are errors."""

from __future__ import annotations

from importlib import resources
from typing import Literal

import msgspec

from tenere.airspace.model import Volume
from tenere.exercise.script import Expect, Line

Equipment = Literal["none", "a", "ac", "s", "adsb"]
"""No transponder; Mode A alone; Modes A and C; Mode S; Mode S with ADS-B."""


class Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One type of aircraft."""

    aircraft_class: Literal["light", "airliner", "helicopter", "glider", "drone", "high_performance", "other"]
    rcs_m2: float
    """Mean radar cross-section in S and L band."""
    slow_ms: float = 80.0
    climb_ms: float = 9.0
    descent_ms: float = 8.0


class Radar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rotating radar."""

    id: str
    name: str
    airport: str
    north_km: float = 0.0
    east_km: float = 0.0
    antenna_m: float = 20.0
    """Height of the antenna above the ground."""
    sac: int
    sic: int
    period_s: float
    range_nm: float
    psr_nm: float = 0.0
    """Range at which the primary radar sees 2 m2 half of the time; 0: it has none."""
    interrogator: Literal["none", "ac", "mode_s"] = "mode_s"
    range_std_m: float = 50.0
    azimuth_std_deg: float = 0.07
    detection: float = 0.96
    clutter: float = 0.0
    turned_deg: float = 0.0
    """How far its north is off, clockwise: a fault for the picture to find."""


class Receiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ADS-B or Remote ID receiver."""

    id: str
    name: str
    airport: str
    north_km: float = 0.0
    east_km: float = 0.0
    antenna_m: float = 12.0
    range_nm: float


class Squawk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code set as the flight passes one of its points."""

    code: str
    point: int
    """1 is the first point after the origin."""
    at_min: float
    """Exercise time of it: the first flight starts so that it is there then."""


class Flight(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A flight from one airport to another, repeated through the day with a rising flight number."""

    callsign: str
    state: str
    """ISO 3166 code of the state of registry: whose block the address is in."""
    type: str
    origin: str
    via: tuple[str | tuple[float, float], ...] = ()
    """Airports overflown, or [latitude, longitude] in degrees."""
    destination: str
    filed: str = ""
    """Destination in the plan, where it is another."""
    level: int
    speed_kt: float
    every_min: int = 1440
    first_min: int = 0
    """Exercise time at which the first one enters; those before it are already on their way."""
    equipment: Equipment = "adsb"
    plan: bool = True
    sts: tuple[str, ...] = ()
    operator: str = ""
    squawk: Squawk | None = None
    silent_min: float = float("inf")
    """Minutes after its start at which its transponder falls silent."""


class Overflight(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A row of the table of overflights: Flight's fields that differ."""

    callsign: str
    state: str
    type: str
    origin: str
    via: tuple[str, ...]
    destination: str
    level: int
    speed_kt: float
    every_min: int
    first_min: int

    def flight(self) -> Flight:
        """Return the same as a Flight."""
        return Flight(**{f: getattr(self, f) for f in self.__struct_fields__})


class Patrol(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that flies round and round near an airport: survey, pattern work, a drone."""

    callsign: str = ""
    state: str = "NE"
    type: str
    near: str
    north_km: float = 0.0
    east_km: float = 0.0
    above_m: float
    """Height above the airport."""
    speed_ms: float
    radius_m: float
    length_m: float = 0.0
    """Straight sides of a racetrack; 0: a circle."""
    course_deg: float = 0.0
    start_min: float = 0.0
    lasting_min: float = 1440.0
    every_min: float = 0.0
    """Flown again so often; 0: never ends."""
    equipment: Equipment = "none"
    remote_id: str = ""
    plan: bool = False
    sts: tuple[str, ...] = ()
    operator: str = ""


class Area(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the exercise is."""

    name: str
    lat_deg: float
    lon_deg: float
    radius_km: float
    """Flights are flown within this distance of the centre."""


class Tables(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole scenario file."""

    area: Area
    like: str = ""
    """Another scenario, whose addresses and types these are too."""
    story: dict[str, str] = {}
    """What it is about, by language."""
    lasts_s: float = 3600.0
    """How long a drill of it runs."""
    addresses: dict[str, tuple[int, int]] = {}
    """Per state: first address of its block, number of addresses."""
    types: dict[str, Kind] = {}
    radar: tuple[Radar, ...] = ()
    adsb: tuple[Receiver, ...] = ()
    remote_id: tuple[Receiver, ...] = ()
    overflights: tuple[Overflight, ...] = ()
    flight: tuple[Flight, ...] = ()
    patrol: tuple[Patrol, ...] = ()
    volume: tuple[Volume, ...] = ()
    """Airspace."""
    stations: tuple[str, ...] = ()
    """Who must acknowledge a closure."""
    script: tuple[Line, ...] = ()
    """What persons do, by rising time."""
    expect: tuple[Expect, ...] = ()
    """What the picture must do."""


def load(name: str) -> Tables:
    """Read a built-in scenario; raise msgspec.ValidationError where the file is not what it should be."""
    read = msgspec.toml.decode(resources.files("tenere.exercise").joinpath(f"{name}.toml").read_bytes(), type=Tables)
    if not read.like:
        return read
    other = load(read.like)
    return msgspec.structs.replace(read, addresses={**other.addresses, **read.addresses}, types={**other.types, **read.types})

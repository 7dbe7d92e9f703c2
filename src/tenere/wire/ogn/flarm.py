"""What a FLARM box sees, relative to where it stands (FLARM FTD-012, "Data Port Interface Control Document": PFLAA)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tenere.errors import WireError
from tenere.wire.nmea.sentences import BAD_FIELD

if TYPE_CHECKING:
    from tenere.wire.nmea.sentences import Sentence

NO_OWN = "FLARM traffic without a recent own position"
NO_BEARING = "FLARM traffic without a bearing"
FRESH_S = 5.0
FARTHEST_M = 500_000.0
HIGHEST_M = 50_000.0

SEMI_MAJOR_M = 6_378_137.0
ECCENTRICITY2 = 6.694_379_990_14e-3

_NAME = re.compile(rb"([0-9A-Fa-f]{6})(?:!.*)?")


class Traffic(NamedTuple):
    """One PFLAA sentence. NaN and -1: not said. address_type as in APRS: 0 random, 1 ICAO, 2 FLARM."""

    alarm: float
    north_m: float
    east_m: float
    up_m: float
    address_type: int
    address: int
    name: bytes
    track_deg: float
    turn_degs: float
    speed_ms: float
    climb_ms: float
    aircraft_type: int
    no_track: bool
    source: float
    rssi_dbm: float


def traffic_of(sentence: Sentence) -> Traffic:
    """Return what a PFLAA sentence says; raise WireError for a field that is no number."""
    name = sentence.cell(5)
    known = _NAME.fullmatch(name)
    kind = sentence.cell(10).upper()
    if len(kind) > 1 or kind not in b"0123456789ABCDEF":
        raise WireError(BAD_FIELD)
    return Traffic(
        alarm=sentence.number(0),
        north_m=sentence.number(1),
        east_m=sentence.number(2),
        up_m=sentence.number(3),
        address_type=int(sentence.number(4)) if sentence.cell(4).isdigit() and len(sentence.cell(4)) < 3 else -1,
        address=int(known[1], 16) if known else -1,
        name=name,
        track_deg=sentence.number(6),
        turn_degs=sentence.number(7),
        speed_ms=sentence.number(8),
        climb_ms=sentence.number(9),
        aircraft_type=int(kind, 16) if kind else 0,
        no_track=sentence.cell(11) == b"1",
        source=sentence.number(12),
        rssi_dbm=sentence.number(13),
    )


@dataclass
class Box:
    """Where a FLARM box stood last."""

    lat_deg: float = math.nan
    lon_deg: float = math.nan
    height_m: float = math.nan
    time_s: float = math.nan
    receive_s: float = math.nan

    def place(self, lat_deg: float, lon_deg: float, height_m: float, time_s: float, receive_s: float) -> None:
        """Take a position of its own."""
        self.lat_deg, self.lon_deg, self.height_m, self.time_s, self.receive_s = lat_deg, lon_deg, height_m, time_s, receive_s

    def beside(self, traffic: Traffic, receive_s: float) -> tuple[float, float, float]:
        """Return latitude, longitude and height of traffic; raise WireError where the own position or the bearing is not known.

        North and east are laid off along the meridian and the parallel: right to a metre or so within 20 km.
        """
        if math.isnan(self.lat_deg) or abs(receive_s - self.receive_s) > FRESH_S:
            raise WireError(NO_OWN)
        if math.isnan(traffic.north_m) or math.isnan(traffic.east_m):
            raise WireError(NO_BEARING)  # a transponder heard without a position: only its distance is known
        if math.hypot(traffic.north_m, traffic.east_m) > FARTHEST_M or abs(traffic.up_m) > HIGHEST_M:
            raise WireError(BAD_FIELD)
        sine = math.sin(math.radians(self.lat_deg))
        bow = 1.0 - ECCENTRICITY2 * sine * sine
        meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY2) / bow**1.5 + (0.0 if math.isnan(self.height_m) else self.height_m)
        parallel_m = SEMI_MAJOR_M / math.sqrt(bow) * math.cos(math.radians(self.lat_deg))
        lat_deg = self.lat_deg + math.degrees(traffic.north_m / meridian_m)
        lon_deg = self.lon_deg + math.degrees(traffic.east_m / max(parallel_m, 1.0))
        if abs(lat_deg) > 90.0:
            raise WireError(BAD_FIELD)
        return lat_deg, (lon_deg + 180.0) % 360.0 - 180.0, self.height_m + traffic.up_m

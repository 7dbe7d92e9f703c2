"""From a scenario's tables to flights: one row a flight, with the path it flies and what it tells of itself."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from tenere.batch import AircraftClass, Emergency
from tenere.errors import TenereError
from tenere.exercise import routes
from tenere.exercise.draws import TRAFFIC, generator
from tenere.exercise.motion import Paths, Segment, join
from tenere.geo.airports import by_icao
from tenere.plans import Plan
from tenere.units import FLIGHT_LEVEL_M, KNOT_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.exercise.tables import Flight, Patrol, Tables

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

DAY_S = 86_400.0
EQUIPMENT = ("none", "a", "ac", "s", "adsb")
MODE_A, MODE_C, MODE_S, ADSB = 1, 2, 3, 4
"""What a transponder of each level of EQUIPMENT can do, and those above it too."""
MODE_A_EMERGENCY = {0o7500: Emergency.UNLAWFUL, 0o7600: Emergency.NO_RADIO, 0o7700: Emergency.GENERAL}


class Flights(NamedTuple):
    """All flights of the exercise, (n,) columns; the row is the number of the aircraft.

    A flight is in the air while (time - start_s) mod repeat_s < length_s; its path's time is that remainder.
    From squawk_s of it on, its code is squawk and its emergency state is emergency; from silent_s on its transponder is silent.
    Where rcs_m2 is 0 nothing is there: only its broadcasts are heard, as a spoofer sends them.
    """

    path: I64
    start_s: F64
    length_s: F64
    repeat_s: F64
    equipment: NDArray[np.uint8]
    address: I64
    mode_a: I64
    callsign: NDArray[np.bytes_]
    remote_id: NDArray[np.bytes_]
    aircraft_class: NDArray[np.uint8]
    rcs_m2: F64
    nac_p: NDArray[np.uint8]
    squawk_s: F64
    squawk: I64
    emergency: NDArray[np.uint8]
    silent_s: F64


class Row(NamedTuple):
    """One flight while the table is made; the address and code are still to be given."""

    path: int
    start_s: float
    length_s: float
    repeat_s: float
    equipment: str
    state: str
    callsign: str
    type: str
    remote_id: str = ""
    squawk_s: float = math.inf
    squawk: int = -1
    silent_s: float = math.inf


class Airports:
    """Places of airports by ICAO code."""

    def __init__(self) -> None:
        self._all = by_icao()

    def __getitem__(self, code: str) -> tuple[float, float, float]:
        """Return latitude and longitude in radians and elevation in metres."""
        if code not in self._all:
            raise TenereError(f"exercise: no airport has the ICAO code {code!r}")
        row = self._all[code]
        return math.radians(row.lat_deg), math.radians(row.lon_deg), row.elevation_m

    def near(self, code: str, north_km: float, east_km: float) -> tuple[float, float, float]:
        """Return the place so far north and east of an airport, at its elevation."""
        lat, lon, ground = self[code]
        moved = routes.onward(lat, lon, math.atan2(east_km, north_km), math.hypot(east_km, north_km) * 1000.0)
        return moved[0], moved[1], ground


class Timetable:
    """Collects paths, rows and plans, then gives them out as columns."""

    def __init__(self, tables: Tables, airports: Airports, seed: int, zero_s: float) -> None:
        self.tables, self.airports, self.seed, self.zero_s = tables, airports, seed, zero_s
        self.chains: list[list[Segment]] = []
        self.loops: list[float] = []
        self.lengths: list[float] = []
        self.rows: list[Row] = []
        self.plans: list[tuple[int, Plan]] = []

    def fly(self, flight: Flight) -> None:
        """Add a flight and its repetitions through the day."""
        area, kind = self.tables.area, self.tables.types[flight.type]
        origin, destination = self.airports[flight.origin], self.airports[flight.destination]
        via = [self.airports[v][:2] if isinstance(v, str) else (math.radians(v[0]), math.radians(v[1])) for v in flight.via]
        points, cut_in, cut_out = routes.clip(
            [origin[:2], *via, destination[:2]], (math.radians(area.lat_deg), math.radians(area.lon_deg)), area.radius_km * 1000.0
        )
        ends = (None if cut_in else origin[2], None if cut_out else destination[2])
        speed = flight.speed_kt * KNOT_MS
        performance = routes.Performance(speed, kind.slow_ms, kind.climb_ms, kind.descent_ms)
        walked = routes.walk(points, flight.level * FLIGHT_LEVEL_M, ends, performance)
        path = self._path(walked, 0.0)
        before_s = routes.toward(origin[:2], points[0])[0] / speed + 600.0
        start, squawk_s, code = flight.first_min * 60.0, math.inf, -1
        if flight.squawk is not None:
            squawk_s, code = walked.passes_s[flight.squawk.point - max(cut_in - 1, 0)], int(flight.squawk.code, 8)
            start = flight.squawk.at_min * 60.0 - squawk_s
        for k in range(1440 // flight.every_min):
            begins = start + k * flight.every_min * 60.0
            name = numbered(flight.callsign, 2 * k)
            silent_s = 60.0 * flight.silent_min
            row = Row(path, begins, walked.length_s, DAY_S, flight.equipment, flight.state, name, flight.type, "", squawk_s, code, silent_s)
            self.rows.append(row)
            if flight.plan:
                plan = Plan(
                    callsign=name,
                    departure=flight.origin,
                    destination=flight.filed or flight.destination,
                    aircraft_type=flight.type,
                    off_block_s=self.zero_s + begins - before_s,
                    sts=flight.sts,
                    operator=flight.operator,
                )
                self.plans.append((len(self.rows) - 1, plan))

    def patrol(self, patrol: Patrol) -> None:
        """Add something that flies round and round."""
        lat, lon, ground = self.airports.near(patrol.near, patrol.north_km, patrol.east_km)
        height, radius, speed = ground + patrol.above_m, patrol.radius_m, patrol.speed_ms
        if patrol.length_m:
            walked = routes.racetrack(lat, lon, math.radians(patrol.course_deg), patrol.length_m, radius, speed, height)
        else:
            walked = routes.circle(lat, lon, radius, speed, height)
        ends = patrol.every_min > 0.0
        row = Row(
            self._path(walked, walked.length_s),
            patrol.start_min * 60.0,
            patrol.lasting_min * 60.0 if ends else math.inf,
            patrol.every_min * 60.0 if ends else math.inf,
            patrol.equipment,
            patrol.state,
            patrol.callsign,
            patrol.type,
            patrol.remote_id,
        )
        self.rows.append(row)
        if patrol.plan:
            plan = Plan(
                callsign=patrol.callsign,
                departure=patrol.near,
                destination=patrol.near,
                aircraft_type=patrol.type,
                off_block_s=self.zero_s + patrol.start_min * 60.0,
                sts=patrol.sts,
                operator=patrol.operator,
                remote_id=patrol.remote_id,
            )
            self.plans.append((len(self.rows) - 1, plan))

    def done(self) -> tuple[Flights, Paths, tuple[Plan, ...]]:
        """Give each aircraft its address and code; return the columns."""
        rows, types = self.rows, self.tables.types
        equipment = np.array([EQUIPMENT.index(r.equipment) for r in rows], np.uint8)
        address = self._addresses(equipment)
        rng = generator(self.seed, TRAFFIC)
        flights = Flights(
            path=np.array([r.path for r in rows], np.int64),
            start_s=np.array([r.start_s for r in rows]),
            length_s=np.array([r.length_s for r in rows]),
            repeat_s=np.array([r.repeat_s for r in rows]),
            equipment=equipment,
            address=address,
            mode_a=np.where(equipment >= MODE_A, codes(len(rows), rng), -1),
            callsign=np.array([r.callsign for r in rows], "S8"),
            remote_id=np.array([r.remote_id for r in rows], "S20"),
            aircraft_class=np.array([AircraftClass[types[r.type].aircraft_class.upper()] for r in rows], np.uint8),
            rcs_m2=np.array([types[r.type].rcs_m2 for r in rows]),
            nac_p=rng.choice(np.array([8, 9, 10, 11], np.uint8), len(rows), p=[0.15, 0.45, 0.3, 0.1]),
            squawk_s=np.array([r.squawk_s for r in rows]),
            squawk=np.array([r.squawk for r in rows], np.int64),
            emergency=np.array([MODE_A_EMERGENCY.get(r.squawk, Emergency.NONE) for r in rows], np.uint8),
            silent_s=np.array([r.silent_s for r in rows]),
        )
        filed = tuple(p if address[i] < 0 else msgspec.structs.replace(p, address=f"{address[i]:06X}") for i, p in self.plans)
        return flights, join(self.chains, self.loops, self.lengths), filed

    def _path(self, walked: routes.Walked, loop_s: float) -> int:
        self.chains.append(walked.segments)
        self.loops.append(loop_s)
        self.lengths.append(walked.length_s)
        return len(self.chains) - 1

    def _addresses(self, equipment: NDArray[np.uint8]) -> I64:
        """Give out the addresses of each state's block in steps, so that no two are alike."""
        given: dict[str, int] = {}
        out = np.full(len(self.rows), -1, np.int64)
        for i, row in enumerate(self.rows):
            if equipment[i] >= MODE_S:
                first, size = self.tables.addresses[row.state]
                k = given[row.state] = given.get(row.state, 0) + 1
                out[i] = first + (k * 37 + 0x40) % size
        return out


def codes(n: int, rng: np.random.Generator) -> I64:
    """Return n discrete Mode A codes: none of the emergency, conspicuity or reserved ones; all different up to 3,000."""
    usable = np.array([c for c in range(0o0100, 0o7400) if c % 64 and c not in {0o1000, 0o2000, 0o7000, 0o1200}], np.int64)
    rng.shuffle(usable)
    return np.resize(usable, n)


def numbered(callsign: str, more: int) -> str:
    """Return a callsign with its flight number raised, digits kept (UNO052H and 2: UNO054H)."""
    found = re.fullmatch(r"([A-Z]+)(\d+)([A-Z]*)", callsign)
    if found is None:
        return callsign
    head, digits, tail = found.groups()
    return f"{head}{int(digits) + more:0{len(digits)}d}{tail}"

"""A whole exercise: sensors, feeds, flights and plans, from a built-in file or spread for load."""

from __future__ import annotations

import math
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.errors import TenereError
from tenere.exercise import draws, spread, tables
from tenere.exercise.adsb import Receiver
from tenere.exercise.motion import SPHERE_M
from tenere.exercise.radar import INTERROGATORS, RadarModel
from tenere.exercise.timetable import Airports, Timetable
from tenere.exercise.traffic import Traffic
from tenere.geo.ellipsoid import geodetic_to_ecef
from tenere.site import SensorConfig, SensorKind, SourceConfig
from tenere.units import NM_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.exercise.config import ExerciseConfig
    from tenere.exercise.motion import Paths
    from tenere.exercise.timetable import Flights
    from tenere.plans import Plan

    Placed = tuple[float, float, float]

EPU_M = np.array([np.nan, 18_520, 7_408, 3_704, 1_852, 926, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0])
"""95 % radius of each NACp (DO-260B table 2-71)."""
GNSS_SHARE = 0.3
"""Real position errors are smaller than the bound that is broadcast."""


class Scenario(NamedTuple):
    """All that an exercise is made of; nothing in it changes as it runs."""

    name: str
    config: ExerciseConfig
    centre_lat_deg: float
    centre_lon_deg: float
    sensors: tuple[SensorConfig, ...]
    sources: tuple[SourceConfig, ...]
    plans: tuple[Plan, ...]
    traffic: Traffic
    radars: tuple[RadarModel, ...]
    receivers: tuple[Receiver, ...]
    drone_receivers: tuple[Receiver, ...]
    told: tables.Tables


def scenario(config: ExerciseConfig) -> Scenario:
    """Build the exercise that a configuration asks for; raise TenereError where there is none of that name."""
    if config.scenario not in names():
        raise TenereError(f"exercise: no scenario named {config.scenario!r}: there are {', '.join(names())}")
    if not 0 <= config.aircraft <= spread.MOST:
        raise TenereError(f"exercise: aircraft must be between 0 and {spread.MOST:,}, not {config.aircraft:,}")
    read = tables.load(config.scenario)
    centre = math.radians(read.area.lat_deg), math.radians(read.area.lon_deg)
    if config.aircraft:
        flights, paths = spread.flights(config.aircraft, *centre, config.seed)
        radars = [(r, offset(centre, north, east)) for r, north, east in spread.radars()]
        adsb = [(r, offset(centre, north, east)) for r, north, east in spread.receivers()]
        return _assemble(f"{read.area.name}, {config.aircraft:,} aircraft", read, config, flights, paths, (), radars, adsb, [])
    airports = Airports()
    table = Timetable(read, airports, config.seed, config.start_s)
    for row in read.overflights:
        table.fly(row.flight())
    for flight in read.flight:
        table.fly(flight)
    for patrol in read.patrol:
        table.patrol(patrol)
    flights, paths, plans = table.done()
    radars = [(r, airports.near(r.airport, r.north_km, r.east_km)) for r in read.radar]
    adsb, drones = ([(r, airports.near(r.airport, r.north_km, r.east_km)) for r in rows] for rows in (read.adsb, read.remote_id))
    return _assemble(read.area.name, read, config, flights, paths, plans, radars, adsb, drones)


def names() -> list[str]:
    """List the built-in scenarios, sorted."""
    return sorted(f.name.removesuffix(".toml") for f in resources.files("tenere.exercise").iterdir() if f.name.endswith(".toml"))


def offset(centre: tuple[float, float], north_m: float, east_m: float) -> Placed:
    """Return the place so far north and east of a centre, on the plain of the load exercise."""
    lat = centre[0] + north_m / SPHERE_M
    return lat, centre[1] + east_m / (SPHERE_M * math.cos(lat)), spread.GROUND_M


def _assemble(
    name: str,
    read: tables.Tables,
    config: ExerciseConfig,
    flights: Flights,
    paths: Paths,
    plans: tuple[Plan, ...],
    radars: Sequence[tuple[tables.Radar, Placed]],
    adsb: Sequence[tuple[tables.Receiver, Placed]],
    drones: Sequence[tuple[tables.Receiver, Placed]],
) -> Scenario:
    """Place the sensors and join everything."""
    rng = draws.generator(config.seed, draws.TRAFFIC, 1)
    share = GNSS_SHARE * EPU_M[flights.nac_p] / 2.448
    gnss = rng.standard_normal((2, len(flights.path))) * share
    stands = [_radar(i, r, where) for i, (r, where) in enumerate(radars)]
    receivers = [_receiver(i, r, where, "adsb") for i, (r, where) in enumerate(adsb)]
    drone_receivers = [_receiver(i, r, where, "remote_id") for i, (r, where) in enumerate(drones)]
    sensors = (*(s.sensor for s in stands), *(r.sensor for r in receivers), *(r.sensor for r in drone_receivers))
    formats = {"radar": "asterix", "adsb": "beast", "remote_id": "remote_id"}
    return Scenario(
        name=name,
        config=config,
        centre_lat_deg=read.area.lat_deg,
        centre_lon_deg=read.area.lon_deg,
        sensors=sensors,
        sources=tuple(SourceConfig(id=s.source, format=formats[s.kind]) for s in sensors),
        plans=plans,
        traffic=Traffic(flights, paths, gnss[0], gnss[1]),
        radars=tuple(stands),
        receivers=tuple(receivers),
        drone_receivers=tuple(drone_receivers),
        told=read,
    )


def _radar(number: int, told: tables.Radar, where: Placed) -> RadarModel:
    lat, lon, ground = where
    sensor = SensorConfig(
        id=told.id,
        name=told.name,
        kind="radar",
        source=f"exercise {told.id}",
        sac=told.sac,
        sic=told.sic,
        lat_deg=math.degrees(lat),
        lon_deg=math.degrees(lon),
        height_m=ground + told.antenna_m,
        antenna_m=told.antenna_m,
        range_m=told.range_nm * NM_M,
        range_std_m=told.range_std_m,
        azimuth_std_deg=told.azimuth_std_deg,
        period_s=told.period_s,
        detection=told.detection,
        clutter=told.clutter,
    )
    ecef = np.array(geodetic_to_ecef(lat, lon, sensor.height_m))
    phase = told.period_s * ((number * 0.618_033_988_75 + 0.3) % 1.0)
    interrogator = INTERROGATORS.index(told.interrogator)
    turned = math.radians(told.turned_deg)
    return RadarModel(sensor, number, lat, lon, ground, told.antenna_m, ecef, told.psr_nm * NM_M, interrogator, phase, turned)


def _receiver(number: int, told: tables.Receiver, where: Placed, kind: SensorKind) -> Receiver:
    lat, lon, ground = where
    sensor = SensorConfig(
        id=told.id,
        name=told.name,
        kind=kind,
        source=f"exercise {told.id}",
        lat_deg=math.degrees(lat),
        lon_deg=math.degrees(lon),
        height_m=ground + told.antenna_m,
        antenna_m=told.antenna_m,
        range_m=told.range_nm * NM_M,
        position_std_m=15.0 if kind == "adsb" else 3.0,
        period_s=0.5 if kind == "adsb" else 1.0,
        detection=0.9,
        clutter=0.0,
    )
    ecef = np.array(geodetic_to_ecef(lat, lon, sensor.height_m))
    return Receiver(sensor, number, lat, lon, ground, told.antenna_m, ecef, 7_919_000_003 * (number + 1))

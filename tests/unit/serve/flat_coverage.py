"""A desk over flat ground, for tests of the desk and of its routes."""

from __future__ import annotations

import numpy as np

from tenere.coverage.config import CoverageConfig
from tenere.geo.borders import Borders
from tenere.geo.terrain import ArraySource, Terrain
from tenere.serve.coverage.desk import CoverageDesk
from tenere.serve.snapshot import SensorView
from tenere.site import SensorConfig

SENSORS = (
    SensorConfig(id="A", lat_deg=13.0, lon_deg=3.0, range_m=100e3, antenna_m=20.0),
    SensorConfig(id="B", kind="adsb", lat_deg=13.2, lon_deg=3.3, range_m=120e3, antenna_m=10.0),
    SensorConfig(id="C", kind="adsb"),
    SensorConfig(id="S", kind="system", lat_deg=13.0, lon_deg=3.0),
)
HOME = np.radians([(12.4, 2.4), (13.8, 2.4), (13.8, 3.8), (12.4, 3.8), (12.4, 2.4)])


def plain(*, void: bool = False) -> Terrain:
    z = np.full((301, 301), 300.0, np.float32)
    if void:
        z[95:110, 95:110] = np.nan
    return Terrain((ArraySource("plain", z, 15.0, 1.0, 0.02),), fill_posts=0)


def home() -> Borders:
    return Borders.of(["Home"], ["HM"], [(0, HOME)])


def make_desk(opened=plain, sensors=SENSORS, **more) -> CoverageDesk:
    given = {"step_m": 1000.0, "heights_ft": (500.0, 1500.0), "flight_levels": (50.0,), **more}
    return CoverageDesk(CoverageConfig(**given), sensors, opened, home())


def views(*states: str) -> list[SensorView]:
    return [
        SensorView(id=s.id, kind=s.kind, lat_deg=s.lat_deg, lon_deg=s.lon_deg, range_m=s.range_m, state=state)
        for s, state in zip(SENSORS, states, strict=False)
    ]


def ready(desk: CoverageDesk, seen=()) -> CoverageDesk:
    desk.ask(list(seen))
    assert desk.settled()
    assert desk.held is not None, desk.state()
    return desk

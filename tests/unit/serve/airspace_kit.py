"""A hub with a book of volumes, closures and rules, as a pipeline would tell them."""

from __future__ import annotations

from tenere import watch
from tenere.airspace.model import GROUND, Circle, Corridor, Limit, Period, Polygon, Volume, VolumeKind
from tenere.airspace.setting import AirspaceConfig
from tenere.serve.airspace_rules import RulesTold
from tenere.serve.hub import Hub

T = 1_777_900_000.0
VOLUMES = (
    Volume(id="fir", name="NIAMEY", kind=VolumeKind.FIR, shape=Circle(13.5, 2.1, 500_000.0)),
    Volume(
        id="r1",
        name="R1",
        kind=VolumeKind.RESTRICTED,
        floor=GROUND,
        ceiling=Limit(3048.0, "fl"),
        shape=Polygon(((14.0, 2.0), (14.0, 3.0), (15.0, 3.0))),
        schedule=(Period((0,), 0, 1),),
    ),
    Volume(id="way", name="Way", kind=VolumeKind.CORRIDOR, shape=Corridor(((13.0, 2.0), (16.0, 8.0)), 18_520.0), buffer_m=1852.0),
)


def made(volumes=VOLUMES, time_s=T):
    """Return a hub and the state of the stage that it tells."""
    state = watch.init(watch.WatchConfig(), volumes=volumes, airspace=AirspaceConfig(stations=("TWR", "ACC"), acknowledge_s=60.0))
    hub = Hub()
    hub.airspace = lambda: watch.told(state, time_s)
    hub.rules = lambda: RulesTold(state.config, tuple(state.edits))
    return hub, state

"""A small site that needs no pipeline: made-up tracks fly in straight lines over Niger and are published each second.

Run: python tests/browser/fake_site.py --port 8099 [--tracks 60] [--static DIR] [--accounts FILE] [--volumes 10000]
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.responses import Response
from starlette.routing import Route

from tenere import watch
from tenere.airspace.model import Circle, Corridor, Limit, Polygon, Volume, VolumeKind
from tenere.airspace.setting import AirspaceConfig
from tenere.batch import AircraftClass, Alerts, AlertState, Evidence, Identities, Identity, PlotKind, Plots, Severity, TrackFlag, Tracks
from tenere.coverage.config import CoverageConfig
from tenere.geo.terrain import ArraySource, Terrain
from tenere.plans import Plan
from tenere.serve.accounts.desk import Accounts
from tenere.serve.airspace_rules import RulesTold
from tenere.serve.app import make_app
from tenere.serve.coverage.desk import CoverageDesk
from tenere.serve.hub import Hub
from tenere.serve.past import Past
from tenere.serve.plans import Book
from tenere.serve.run import serve
from tenere.serve.snapshot import SensorView, SiteView, Snapshot
from tenere.serve.tracks.recorder import Recorder
from tenere.words.answers import Answer

if TYPE_CHECKING:
    from starlette.requests import Request

STATIC = Path(__file__).parents[2] / "src/tenere/serve/static"
EARTH_M = 6_371_000.0
START_S = 1_893_484_800.0
SENSORS = [
    SensorView(id="NIM-R", name="Niamey", kind="radar", lat_deg=13.48, lon_deg=2.18, range_m=370_000, rate_hz=21.0, lag_s=0.4),
    SensorView(id="AJY-R", name="Agadez", kind="radar", lat_deg=16.97, lon_deg=8.0, range_m=370_000, rate_hz=14.0, lag_s=0.4),
    SensorView(id="ZND-R", name="Zinder", kind="radar", lat_deg=13.78, lon_deg=8.98, range_m=300_000, state="silent"),
    SensorView(id="NIM-A", name="Niamey ADS-B", kind="adsb", lat_deg=13.5, lon_deg=2.1, range_m=400_000, rate_hz=90.0, lag_s=0.1),
    SensorView(id="DIF-A", name="Diffa ADS-B", kind="adsb", lat_deg=13.37, lon_deg=12.62, range_m=400_000, rejects={"bad CRC": 12}),
    SensorView(id="SAC 25", name="SAC 25 SIC 13", kind="radar", range_m=150_000, placed=False, frame=1, rate_hz=3.0),
]
VOLUMES = (
    Volume(id="fir", name="NIAMEY", kind=VolumeKind.FIR, shape=Polygon(((11.9, 0.5), (11.9, 15.0), (23.4, 15.0), (23.4, 0.5)))),
    Volume(
        id="camp",
        name="Camp Tillia",
        kind=VolumeKind.NO_FLY,
        ceiling=Limit(609.6, "agl"),
        shape=Circle(16.13, 4.78, 60_000.0),
        buffer_m=15_000.0,
    ),
    Volume(
        id="range",
        name="Tahoua range",
        kind=VolumeKind.RESTRICTED,
        ceiling=Limit(7467.6, "fl"),
        shape=Polygon(((14.2, 5.0), (14.2, 6.4), (15.2, 6.6), (15.4, 5.4))),
        active=False,
    ),
    Volume(
        id="relief",
        name="Relief corridor",
        kind=VolumeKind.CORRIDOR,
        floor=Limit(2895.6, "fl"),
        ceiling=Limit(3505.2, "fl"),
        shape=Corridor(((13.48, 2.18), (15.2, 4.2), (16.97, 7.99)), 37_040.0),
    ),
)
STATIONS = ("TWR NIM", "ACC NIM")
CALLSIGNS = ("AFR703", "DAH5230", "ETH507", "RAM551", "TVF12X", "AIB44", "UNO871H", "UNO612", "MSF21", "5UNGA", "THY624", "CCM9")


PLANS = [
    Plan(callsign="AFR703", departure="DRRN", destination="LFPG", off_block_s=START_S - 1800, elapsed_s=18_000, route="OG UM608 DCT"),
    Plan(callsign="UNO871H", departure="DRZA", destination="DRRN", off_block_s=START_S - 600, elapsed_s=5400, sts=("HUM",)),
    Plan(callsign="DAH5230", departure="DAAG", destination="DNAA", off_block_s=START_S + 7200, elapsed_s=9000),
    Plan(callsign="NIN204", departure="DRRN", destination="DRZR", off_block_s=START_S - 1800, elapsed_s=3600),
    Plan(callsign="NIN301", departure="DRRN", destination="DRZA", off_block_s=START_S + 3600, elapsed_s=6000),
]
FLOWN = {1001: 0, 1002: 2, 1007: 1}
"""Which track flies which plan: DAH5230 long before its time."""


class Flights:
    """Made-up flights: the first of them the kinds that the page must tell apart."""

    def __init__(self, n: int) -> None:
        """Lay out n flights, the last few in an unplaced sensor's plane."""
        rng = np.random.default_rng(7)  # noqa: TID251 - the same flights each time
        self.n = n
        self.lat = rng.uniform(11.5, 21.0, n)
        self.lon = rng.uniform(1.0, 14.0, n)
        self.course = rng.uniform(0, 2 * np.pi, n)
        row = np.arange(n)
        self.kind = row % 12
        self.speed = np.choose(self.kind, [230, 235, 240, 225, 245, 80, 120, 110, 60, 70, 15, 90]).astype(float)
        self.level_m = np.choose(self.kind, [10668, 11277, 11887, 10058, 9448, 1500, 6096, 5486, 900, 1200, 120, 2100]).astype(float)
        names = [CALLSIGNS[k] if i < 12 else f"{CALLSIGNS[k][:3]}{100 + i % 900}" for i, k in enumerate(self.kind.tolist())]
        self.callsign = np.array(names, "S8")
        self.silent = np.isin(self.kind, [5, 10, 11])
        self.callsign = np.where(self.silent, b"", self.callsign)
        self.local = row >= n - max(2, n // 20)

    def tracks(self, time_s: float) -> Tracks:
        """Return the picture at a time."""
        t = time_s - START_S
        d = self.speed * t
        lat = self.lat + np.degrees(d * np.cos(self.course) / EARTH_M)
        lon = self.lon + np.degrees(d * np.sin(self.course) / EARTH_M / np.cos(np.radians(self.lat)))
        flags = np.full(self.n, int(TrackFlag.CONFIRMED), np.uint32)
        flags[self.kind == 4] |= np.uint32(TrackFlag.COASTING)
        flags[self.local] |= np.uint32(TrackFlag.UNPLACED)
        flags[self.kind == 3] |= np.where(
            np.arange(self.n)[self.kind == 3] % 2 == 0, int(TrackFlag.SYSTEM), int(TrackFlag.NOT_LIVE)
        ).astype(np.uint32)
        radar, adsb, drone = 1 << PlotKind.PSR_MODE_S, 1 << PlotKind.ADSB, 1 << PlotKind.REMOTE_ID
        kinds = np.where(self.kind == 10, drone, np.where(self.silent, 1 << PlotKind.PSR, radar | adsb))
        classes = np.choose(
            self.kind,
            [AircraftClass.AIRLINER] * 5
            + [AircraftClass.LIGHT]
            + [AircraftClass.AIRLINER] * 2
            + [AircraftClass.HELICOPTER, AircraftClass.LIGHT, AircraftClass.DRONE, AircraftClass.UNKNOWN],
        )
        x, y = (self.lon - 7) * 20_000 + d * np.sin(self.course), (self.lat - 16) * 20_000 + d * np.cos(self.course)
        return Tracks.blank(
            self.n,
            number=np.arange(self.n) + 1001,
            time_s=time_s,
            update_s=time_s - np.where(self.kind == 4, 25.0, 1.0),
            first_s=START_S - 100,
            frame=np.where(self.local, 1, 0),
            x_m=x,
            y_m=y,
            vx_ms=self.speed * np.sin(self.course),
            vy_ms=self.speed * np.cos(self.course),
            var_xx_m2=2500.0,
            var_xy_m2=100.0,
            var_yy_m2=3600.0,
            var_v_m2s2=9.0,
            lat_rad=np.where(self.local, np.nan, np.radians(lat)),
            lon_rad=np.where(self.local, np.nan, np.radians(lon)),
            course_rad=self.course,
            speed_ms=self.speed,
            pressure_altitude_m=np.where(self.kind == 11, np.nan, self.level_m),
            vertical_rate_ms=np.choose(self.kind % 3, [0.0, 6.0, -5.0]),
            existence=0.99,
            address=np.where(self.silent, -1, 0x062000 + np.arange(self.n)),
            mode_a=np.where(self.silent, -1, 0o4000 + np.arange(self.n) % 512),
            callsign=self.callsign,
            remote_id=np.where(self.kind == 10, b"1581F5FKD229400A", b""),
            aircraft_class=classes,
            kinds=kinds,
            sensors=0b1001,
            flags=flags,
            source=np.where(flags & TrackFlag.SYSTEM, 1, -1),
        )

    def identities(self) -> Identities:
        """Return who they are."""
        f = Identity
        who = np.choose(
            self.kind,
            [
                f.NEUTRAL,
                f.NEUTRAL,
                f.NEUTRAL,
                f.NEUTRAL,
                f.NEUTRAL,
                f.UNKNOWN,
                f.ASSUMED_FRIEND,
                f.FRIEND,
                f.FRIEND,
                f.ASSUMED_FRIEND,
                f.PENDING,
                f.UNKNOWN,
            ],
        )
        who[11::60] = f.SUSPECT
        return Identities.blank(
            self.n,
            number=np.arange(self.n) + 1001,
            identity=who,
            confidence=0.9,
            protected=np.isin(self.kind, [6, 8]),
            civil=self.kind < 5,
            plan=[FLOWN.get(k + 1001, -1) for k in range(self.n)],
            state=np.where(self.silent, b"", b"NE"),
        )


def plots_of(tracks: Tracks) -> Plots:
    """Return a plot of each track by the first radar."""
    said = {name: getattr(tracks, name) for name in ("mode_a", "address", "callsign", "pressure_altitude_m")}
    far = np.hypot(tracks.x_m, tracks.y_m) % 300_000.0
    return Plots.blank(len(tracks), time_s=tracks.update_s, sensor=0, kind=PlotKind.PSR_MODE_S, range_m=far, azimuth_rad=1.0, **said)


def remember(hub: Hub, flights: Flights, now: float) -> None:
    """Let the recorder and the plans take in a tick."""
    tracks = flights.tracks(now)
    assert hub.recorder is not None
    assert hub.plans is not None
    hub.recorder.take(now, tracks, plots_of(tracks), tracks.number.astype(np.int64))
    hub.plans.take(now, tracks, flights.identities())


def answered(flights: Flights, command: dict[str, Any]) -> Answer | None:
    """Return what an identity command became: suspect is refused where the flight is civil or protected."""
    if command["kind"] != "identity":
        return None
    who = flights.identities()
    row = int(command["track"]) - 1001
    refused = command["identity"] == "suspect" and bool(who.civil[row] or who.protected[row])
    key = "order.presumed" if refused else "order.done"
    return Answer(0, "identity", not refused, 0, command["track"], key, (str(command["track"]),), command["by"])


def ridges() -> Terrain:
    """Return made-up ground: ridges from north-west to south-east."""
    y, x = np.mgrid[0:501, 0:601]
    z = 350.0 + 300.0 * np.maximum(0.0, np.sin((x + y) / 6.0)) ** 3
    return Terrain((ArraySource("ridges", z.astype(np.float32), 25.0, -5.0, 1 / 20),))


def obeyed(alerts: Alerts, command: dict[str, Any], now: float) -> Alerts:
    """Return the alerts after a command about one of them."""
    hit = alerts.alert == command.get("alert", 0)

    def put(**columns: object) -> Alerts:
        return alerts.replace(**{name: np.where(hit, value, getattr(alerts, name)) for name, value in columns.items()})

    match command["kind"]:
        case "acknowledge":
            return put(acknowledged_s=now, by=command["by"].encode(), state=AlertState.ACKNOWLEDGED)
        case "suppress":
            return put(quiet_until_s=command["until_s"], state=AlertState.SUPPRESSED)
        case "unsuppress":
            return put(quiet_until_s=np.nan, state=AlertState.RAISED)
        case "hand_over":
            return put(owner=command["to"].encode())
    return alerts


WANTED: list[Severity] = []
"""Alerts that a test asked for, to be raised at the next tick."""


def raised(alerts: Alerts, now: float) -> Alerts:
    """Return the alerts with those that a test asked for."""
    for severity in WANTED:
        number = int(alerts.alert.max()) + 1
        detail = [b"DAH5230|7700" if severity == Severity.EMERGENCY else b"1006|NE|unplanned"]
        rule = [b"emergency_general" if severity == Severity.EMERGENCY else b"border_entry"]
        new = Alerts.blank(
            1, alert=[number], rule=rule, severity=[severity], track=[1006], sensor=-1, since_s=now, until_s=now + 60, detail=detail
        )
        alerts = Alerts.concat([new, alerts])
    WANTED.clear()
    return alerts


async def want(request: Request) -> Response:
    """Raise an alert at the next tick: POST /made/alert/SEVERITY."""
    WANTED.append(Severity[request.path_params["severity"].upper()])
    return Response(status_code=204)


def many(n: int) -> tuple[Volume, ...]:
    """Return n made-up volumes of 24 corners all over the country and around it."""
    rng = np.random.default_rng(3)  # noqa: TID251 - the same ones each time
    turn = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    out, kinds = [], list(VolumeKind)
    for i in range(n):
        lat, lon, size = rng.uniform(8, 26), rng.uniform(-4, 18), rng.uniform(0.02, 0.4)
        reach = size * rng.uniform(0.7, 1.0, 24)
        ring = np.round(np.column_stack([lat + reach * np.sin(turn), lon + reach * np.cos(turn)]), 6).tolist()
        shape = Polygon(tuple((float(a), float(o)) for a, o in ring))
        out.append(Volume(id=f"v{i}", name=f"ZONE {i}", kind=kinds[i % len(kinds)], shape=shape, active=i % 3 > 0))
    return tuple(out)


def airspace_of(hub: Hub, volumes: tuple[Volume, ...]) -> watch.State:
    """Have a hub tell a book of volumes, closures and rules."""
    state = watch.init(watch.WatchConfig(), volumes=volumes, airspace=AirspaceConfig(stations=STATIONS, acknowledge_s=3.0))
    hub.airspace = lambda: watch.told(state, hub.snapshot.time_s if hub.snapshot else 0.0)
    hub.rules = lambda: RulesTold(state.config, tuple(state.edits))
    return state


async def publish(hub: Hub, flights: Flights, airspace: watch.State) -> None:
    """Publish a picture each second, and carry out what operators ask."""
    evidence = Evidence.blank(
        3,
        number=[1001, 1001, 1002],
        rule=[b"address_state", b"plan_callsign_differs", b"address_state"],
        weight=[2.0, -0.7, 2.0],
        since_s=START_S,
        expires_s=START_S + 900,
        detail=[b"NE", b"AFR703|AFR7", b"NE"],
    )
    alerts = Alerts.blank(
        3,
        alert=[1, 2, 3],
        rule=[b"emergency_general", b"border_entry", b"sensor_silent"],
        severity=[Severity.EMERGENCY, Severity.WARNING, Severity.CAUTION],
        track=[1002, 1006, 0],
        sensor=[-1, -1, 2],
        since_s=START_S + np.array([5.0, 20.0, 40.0]),
        until_s=START_S + 60,
        detail=[b"DAH5230|7700", b"1006|NE|unplanned", b"ZND-R"],
    )
    begun = time.monotonic()
    while True:
        now = START_S + 120.0 + time.monotonic() - begun
        alerts = raised(alerts, now)
        commands = hub.commands()
        for command in commands:
            if command["kind"] in ("acknowledge", "suppress", "unsuppress", "hand_over"):
                alerts = obeyed(alerts, command, now)
            if (answer := answered(flights, command)) is not None:
                hub.answered.take(now, (answer,))
        if commands:
            watch.step(airspace, Tracks.blank(0), Identities.blank(0), now, commands=commands)
        hub.airspace_mark = watch.airspace_mark(airspace, now)
        remember(hub, flights, now)
        hub.publish(Snapshot(now, flights.tracks(now), flights.identities(), evidence, alerts, SENSORS, {"plots_s": 412.0}))
        await asyncio.sleep(1.0)


async def main() -> None:
    """Serve until stopped."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--port", type=int, default=8099)
    ask.add_argument("--tracks", type=int, default=72)
    ask.add_argument("--static", type=Path, default=STATIC)
    ask.add_argument("--accounts", type=Path, default=None)
    ask.add_argument("--bare", action="store_true", help="without the made-up airspace")
    ask.add_argument("--shaded", action="store_true", help="with ground to shade, which costs a page without a graphics card a lot")
    ask.add_argument("--volumes", type=int, default=0, help="so many made-up volumes more")
    given = ask.parse_args()
    hub = Hub(SiteView(name="Niger (test)", lat_deg=16.5, lon_deg=8.2, zoom=5.2, country="NE"), "exercise", "0.1.0", time.time)  # noqa: TID251 - a server has a clock
    hub.recorder, hub.plans = Recorder(), Book(lambda: (PLANS, [True] * len(PLANS)))
    hub.coverage = CoverageDesk(CoverageConfig(step_m=4000.0), [], ridges)
    if given.shaded:
        hub.terrain_opened = ridges
    flights = Flights(given.tracks)
    hub.past = Past()
    for past in range(-1680, 120, 10):
        now = START_S + past
        remember(hub, flights, now)
        hub.publish(Snapshot(now, flights.tracks(now), flights.identities(), Evidence.blank(), Alerts.blank(), SENSORS))
    task = asyncio.create_task(publish(hub, flights, airspace_of(hub, () if given.bare else (*VOLUMES, *many(given.volumes)))))
    try:
        accounts = Accounts.of(given.accounts) if given.accounts else None
        app = make_app(hub, given.static, accounts=accounts)
        app.router.routes.insert(0, Route("/made/alert/{severity}", want, methods=["POST"]))
        await serve(app, "127.0.0.1", given.port, lambda address: print(address, flush=True))  # noqa: T201 - it says where
    finally:
        task.cancel()


def run() -> None:
    """Serve as the command line says."""
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("stopped")  # noqa: T201 - it says that


if __name__ == "__main__":
    run()

"""A small site that needs no pipeline: made-up tracks fly in straight lines over Niger and are published each second.

Run: python tests/browser/fake_site.py --port 8099 [--tracks 60] [--static DIR] [--accounts FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tenere.batch import AircraftClass, Alerts, AlertState, Evidence, Identities, Identity, PlotKind, Severity, TrackFlag, Tracks
from tenere.coverage.config import CoverageConfig
from tenere.geo.terrain import ArraySource, Terrain
from tenere.serve.accounts.desk import Accounts
from tenere.serve.app import make_app
from tenere.serve.coverage.desk import CoverageDesk
from tenere.serve.hub import Hub
from tenere.serve.past import Past
from tenere.serve.run import serve
from tenere.serve.snapshot import SensorView, SiteView, Snapshot

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
CALLSIGNS = ("AFR703", "DAH5230", "ETH507", "RAM551", "TVF12X", "AIB44", "UNO871H", "UNO612", "MSF21", "5UNGA", "THY624", "CCM9")


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
            state=np.where(self.silent, b"", b"NE"),
        )


def ridges() -> Terrain:
    """Return made-up ground: ridges from north-west to south-east."""
    y, x = np.mgrid[0:501, 0:601]
    z = 350.0 + 300.0 * np.maximum(0.0, np.sin((x + y) / 6.0)) ** 3
    return Terrain((ArraySource("ridges", z.astype(np.float32), 25.0, -5.0, 1 / 20),))


def obeyed(alerts: Alerts, command: dict[str, Any], now: float) -> Alerts:
    """Return the alerts after a command about one of them."""
    hit = alerts.alert == command["alert"]

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


async def publish(hub: Hub, flights: Flights) -> None:
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
        for command in hub.commands():
            alerts = obeyed(alerts, command, now)
        hub.publish(Snapshot(now, flights.tracks(now), flights.identities(), evidence, alerts, SENSORS, {"plots_s": 412.0}))
        await asyncio.sleep(1.0)


async def main() -> None:
    """Serve until stopped."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--port", type=int, default=8099)
    ask.add_argument("--tracks", type=int, default=72)
    ask.add_argument("--static", type=Path, default=STATIC)
    ask.add_argument("--accounts", type=Path, default=None)
    given = ask.parse_args()
    hub = Hub(SiteView(name="Niger (test)", lat_deg=16.5, lon_deg=8.2, zoom=5.2, country="NE"), "exercise", "0.1.0", time.time)  # noqa: TID251 - a server has a clock
    hub.coverage = CoverageDesk(CoverageConfig(step_m=4000.0), [], ridges)
    flights = Flights(given.tracks)
    hub.past = Past()
    for past in range(-1680, 120, 10):
        now = START_S + past
        hub.publish(Snapshot(now, flights.tracks(now), flights.identities(), Evidence.blank(), Alerts.blank(), SENSORS))
    task = asyncio.create_task(publish(hub, flights))
    try:
        accounts = Accounts.of(given.accounts) if given.accounts else None
        app = make_app(hub, given.static, accounts=accounts)
        app.router.routes.insert(0, Route("/made/alert/{severity}", want, methods=["POST"]))
        await serve(app, "127.0.0.1", given.port, lambda address: print(address, flush=True))  # noqa: T201 - it says where
    finally:
        task.cancel()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("stopped")  # noqa: T201 - it says that

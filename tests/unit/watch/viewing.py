"""Runs one family of rules over ticks, with volumes and a world of the test's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from tenere.batch import Identities, PlotKind, Severity, TrackFlag, Tracks
from tenere.errors import Rejects
from tenere.watch.config import SensorHealth, WatchConfig
from tenere.watch.distress import Distress
from tenere.watch.entered import Entered
from tenere.watch.families import FAMILIES
from tenere.watch.ledger import Ledger
from tenere.watch.view import Condition, View
from tenere.world import World

EARTH_M = 6_371_008.8


class Bench:
    """One family, its state, and the conditions and alerts of its last tick."""

    def __init__(
        self, family: str, config: WatchConfig | None = None, world: World | None = None, volumes: tuple = (), plans: tuple = ()
    ) -> None:
        self.family = next(f for f in FAMILIES if f.name == family)
        self.config, self.world = config or WatchConfig(), world or World()
        self.state = self.family.init(self.config, self.world)
        self.volumes, self.plans, self.entered = volumes, plans, Entered()
        self.distress = Distress()
        self.ledger = Ledger(self.config)
        self.active: np.ndarray | None = None
        self.time_s = 1e9
        self.conditions: list[Condition] = []

    def see(self, *, n: int = 1, after_s: float = 1.0, trusted: bool = True, commands: tuple[Any, ...] = (), **columns: Any) -> Bench:
        self.time_s += after_s
        for command in commands:
            self.entered.take(command, self.time_s, Rejects())
        who = {name: columns.pop(name, blank) for name, blank in (("protected", 0), ("civil", 0), ("plan", -1))}
        given = {
            "number": np.arange(1, n + 1),
            "flags": int(TrackFlag.CONFIRMED),
            "first_s": 1e9,
            "var_xx_m2": 900.0,
            "var_yy_m2": 900.0,
            "vertical_rate_ms": 0.0,
            "kinds": 1 << PlotKind.ADSB,
            **columns,
        }
        for name in ("lat", "lon"):
            if name in given:
                given[f"{name}_rad"] = np.radians(given.pop(name))
        if "amsl_m" in given:
            given["altitude_m"] = given["pressure_altitude_m"] = given.pop("amsl_m")
        tracks = Tracks.blank(n, **given)
        active = np.ones(len(self.volumes), np.bool_) if self.active is None else self.active
        wanted = tracks.flags & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM | TrackFlag.NOT_LIVE | TrackFlag.ENDED)
        rows = np.flatnonzero(wanted == TrackFlag.CONFIRMED)
        self.distress.step(tracks, rows, self.time_s, self.config.emergency_hold_s)
        view = View(
            self.config, self.world, self.time_s, tracks, Identities.blank(n, number=tracks.number, **who), rows, np.full(n, trusted),
            self.plans, SensorHealth.none(), self.volumes, active, self.entered, self.distress,
        )  # fmt: skip
        self.conditions = list(self.family.step(self.state, view))
        for c in self.conditions:
            assert c.rule in self.family.rules
            assert Severity(c.severity) in self.family.rules[c.rule], c
            assert len(c.detail) <= 48
            assert c.because, "every alert says why"
            assert all(b.rule in self.family.reasons for b in c.because), c.because
            assert all(len(b.detail) <= 48 and len(b.source) <= 16 and len(b.rule) <= 32 for b in c.because)
        self.ledger.hold(self.conditions, self.time_s)
        return self

    @property
    def rules(self) -> list[str]:
        return [c.rule for c in self.conditions]

    @property
    def alerts(self) -> list[str]:
        return [a.key[0] for a in self.ledger.live.values()]

"""Traffic of known measures: aircraft that fly straight, sensors whose faults are drawn from a seed, and tracks that are right."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tenere import performance
from tenere.batch import PlotKind, Plots, Tracks

BEGIN_S = 50_000.0


def rng_of(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def facts(name: str = "R1", kind: str = "radar", **changed) -> performance.Facts:
    made = performance.Facts(name, "", kind, 0.0, 0.0, 0, 5.0, 0.0)
    return made._replace(**changed)


@dataclass
class Air:
    """Aircraft that start spread over a square and fly straight."""

    n: int = 40
    seed: int = 1
    reach_m: float = 120e3
    rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.rng = rng_of(self.seed)
        self.place = self.rng.uniform(-self.reach_m, self.reach_m, (self.n, 2))
        angle = self.rng.uniform(0, 2 * np.pi, self.n)
        self.speed = 150.0 * np.stack([np.sin(angle), np.cos(angle)], axis=1)

    def at(self, time_s: float | np.ndarray, which=slice(None)) -> np.ndarray:
        return self.place[which] + self.speed[which] * (np.asarray(time_s) - BEGIN_S)[..., None]

    def tracks(self, time_s: float, known=slice(None)) -> Tracks:
        """Return right tracks, numbered from 1."""
        numbers = np.arange(1, self.n + 1)[known]
        xy, v = self.at(np.full(len(numbers), time_s), numbers - 1), self.speed[numbers - 1]
        return Tracks.blank(
            len(numbers),
            number=numbers,
            time_s=time_s,
            update_s=time_s,
            first_s=BEGIN_S,
            frame=0,
            x_m=xy[:, 0],
            y_m=xy[:, 1],
            vx_ms=v[:, 0],
            vy_ms=v[:, 1],
            turn_rads=0.0,
            var_xx_m2=100.0,
            var_yy_m2=100.0,
            address=numbers,
            source=-1,
        )


@dataclass
class Tick:
    """Plots of a tick as they are put together."""

    parts: list = field(default_factory=list)

    def add(self, xy: np.ndarray, number, **columns) -> None:
        """Add plots at xy (n, 2), taken by tracks (0 none)."""
        n = len(xy)
        base = {"kind": int(PlotKind.MODE_S), "sensor": 0, "receive_s": np.nan}
        frame = columns.pop("frame", 0)
        self.parts.append(
            (Plots.blank(n, **{**base, **columns}), xy, np.broadcast_to(number, (n,)), np.broadcast_to(np.int64(frame), (n,)))
        )

    def seen(self, tracks: Tracks, sensors) -> performance.Seen:
        """Return it as observe takes it."""
        parts = self.parts or [(Plots.blank(0), np.zeros((0, 2)), np.zeros(0, np.int64), np.zeros(0, np.int64))]
        plots = Plots.concat([p for p, *_ in parts])
        xy = np.concatenate([x for _, x, _, _ in parts])
        number = np.concatenate([np.asarray(k, np.int64) for _, _, k, _ in parts])
        frame = np.concatenate([np.asarray(f, np.int64) for *_, f in parts])
        return performance.Seen(plots, xy[:, 0].copy(), xy[:, 1].copy(), frame, number, tracks, sensors)


def radar(
    air: Air, seconds: int, *, detection=0.9, period=5, range_std=60.0, azimuth_std=0.001, plots=None, sensor=None, state=None, extra=None
):
    """Let a radar at the origin turn for some seconds; return the state.

    detection: a number, or a function of azimuth (n,) and range (n,). plots: a function of (tick, time_s, rows) that gives columns.
    extra: called with the tick's number, its Tick and its time.
    """
    state = state or performance.init()
    sensor = sensor or facts(period_s=float(period))
    for k in range(1, seconds + 1):
        time_s = BEGIN_S + k
        tick = Tick()
        rows = np.flatnonzero(np.arange(air.n) % period == k % period)
        true = air.at(np.full(len(rows), time_s - 0.3), rows)
        r, az = np.hypot(*true.T), np.arctan2(true[:, 0], true[:, 1])
        p = detection(az, r) if callable(detection) else detection
        hit = air.rng.random(len(rows)) < p
        rows, r, az = rows[hit], r[hit], az[hit]
        r, az = r + air.rng.normal(0, range_std, len(r)), az + air.rng.normal(0, azimuth_std, len(r))
        columns = {"address": rows + 1, "mode_a": 0o1000 + rows, "pressure_altitude_m": 9000.0}
        columns |= plots(k, time_s, rows) if plots else {}
        tick.add(np.stack([r * np.sin(az), r * np.cos(az)], axis=1), rows + 1, time_s=time_s - 0.3, **columns)
        if extra:
            extra(k, tick, time_s)
        state = performance.observe(state, tick.seen(air.tracks(time_s), [sensor]), time_s)
    return state


def only(state) -> performance.Sensor:
    """Return the figures of the only sensor."""
    (found,) = performance.report(state).sensors
    return found


def within(share, truth: float) -> bool:
    """Say whether a share holds the truth within four sigma."""
    return abs(share.value - truth) <= 4.0 * np.sqrt(max(truth * (1 - truth), 1e-9) / share.whole) + 1e-12

"""Simulated flights of each kinematic class: what the classifier's table is counted over, and with other seeds tested on.

The figures are assumptions, rounded from what such things are known to do. Jets and light aircraft: speeds of approach and cruise, turns
at up to standard rate (3 degrees a second) and twice that. Helicopters hover and accelerate gently. Drones: 19 m/s is a common top speed
of small multirotors, 13 to 30 m/s fixed wings cruise. Birds: 8 to 20 m/s through the air (Alerstam and others, Flight speeds among bird
species, PLoS Biology 5(8), 2007), circles when soaring, and drift with the wind. On the ground: taxiing to 15 m/s, stops, at times a
take-off run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import KinematicClass, PlotFlag, PlotKind, Plots
from tenere.geo.plane import Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

PLANE = Plane.at(np.deg2rad(47.0), np.deg2rad(8.0))
APART_M = 60e3
LASTS_S = 300


class Habit(NamedTuple):
    """How one kind moves; pairs are ranges, uniform unless said."""

    kind: KinematicClass
    speed: tuple[float, float]
    height: tuple[float, float]
    turn_deg_s: tuple[float, float]
    turn_every_s: float
    turn_lasts_s: tuple[float, float]
    accelerates: float
    """Greatest change of speed, m/s2."""
    stops: float
    """Share of the time it stands or hovers."""
    stops_s: tuple[float, float]
    climb: float
    answers: float
    height_known: float
    wander_deg: float = 0.0
    """Random change of heading, degrees a root second."""
    wind: float = 0.0
    ground: float = 0.0


HABITS: dict[str, Habit] = {
    "jet": Habit(KinematicClass.JET, (110, 255), (1500, 12500), (0.8, 3.0), 200, (20, 90), 0.8, 0, (0, 0), 12, 0.97, 0.97),
    "jet low": Habit(KinematicClass.JET, (65, 130), (150, 3000), (1.0, 3.0), 90, (20, 60), 0.8, 0, (0, 0), 8, 0.97, 0.97),
    "light": Habit(KinematicClass.LIGHT, (28, 80), (150, 3500), (1.5, 6.0), 80, (10, 60), 0.8, 0, (0, 0), 4, 0.75, 0.8),
    "helicopter": Habit(KinematicClass.HELICOPTER, (15, 72), (50, 1800), (2.0, 10.0), 60, (8, 30), 1.5, 0.2, (20, 120), 4, 0.7, 0.75),
    "multirotor": Habit(KinematicClass.DRONE, (3, 19), (10, 700), (15, 90), 20, (1, 6), 3.0, 0.35, (8, 60), 3, 0.02, 0.5),
    "small wing": Habit(KinematicClass.DRONE, (13, 30), (50, 1500), (6, 25), 30, (5, 60), 1.0, 0, (0, 0), 3, 0.02, 0.5),
    "bird flies": Habit(KinematicClass.BIRD, (8, 20), (20, 1800), (3, 10), 60, (3, 15), 0.3, 0, (0, 0), 1, 0, 0.3, 2.0, 5.0),
    "bird soars": Habit(KinematicClass.BIRD, (8, 13), (50, 1800), (14, 28), 15, (30, 150), 0.3, 0, (0, 0), 1.5, 0, 0.3, 3.0, 6.0),
    "bird feeds": Habit(KinematicClass.BIRD, (4, 13), (5, 300), (10, 60), 10, (2, 6), 1.0, 0.05, (3, 10), 1, 0, 0.3, 8.0, 3.0),
    "surface": Habit(KinematicClass.SURFACE, (2, 15), (0, 900), (3, 15), 40, (4, 15), 1.0, 0.4, (10, 150), 0, 0.7, 0.3, 0, 0, 0.9),
    "vehicle": Habit(KinematicClass.SURFACE, (5, 20), (0, 900), (3, 15), 30, (3, 10), 1.5, 0.1, (5, 40), 0, 0.4, 0.3, 0, 0, 0.95),
    "take-off": Habit(KinematicClass.SURFACE, (4, 70), (0, 900), (3, 8), 90, (5, 10), 2.0, 0.3, (10, 90), 0, 0.97, 0.3, 0, 0, 0.9),
}


class World(NamedTuple):
    """Individuals and what sensors say of them, a look a second; arrays of (seconds, individuals)."""

    kind: NDArray[np.int64]
    habit: list[str]
    x_m: F64
    y_m: F64
    plots: list[Plots]


def fly(h: Habit, rng: np.random.Generator) -> tuple[F64, F64, F64, F64]:
    """Return x, y, height and climb (seconds,) of one individual."""
    x, y, heading, dt = 0.0, 0.0, rng.uniform(0, 2 * np.pi), 0.25
    wanted = rng.uniform(*h.speed)
    speed, turn, until, height, climb, climb_until = wanted, 0.0, 0.0, rng.uniform(*h.height), 0.0, 0.0
    wind = rng.normal(0, h.wind, 2)
    out = np.zeros((LASTS_S, 4))
    resting = 0.0
    for k in range(LASTS_S * 4):
        t = k * dt
        if t >= until:
            turning = turn == 0.0 and rng.random() < 0.5
            turn = np.deg2rad(rng.uniform(*h.turn_deg_s)) * rng.choice((-1, 1)) if turning else 0.0
            until = t + (rng.uniform(*h.turn_lasts_s) if turning else rng.exponential(h.turn_every_s))
            if rng.random() < 0.4:
                wanted = float(np.clip(wanted + rng.normal(0, 0.2 * h.speed[1]), *h.speed))
        if h.stops and t >= resting and rng.random() < dt * h.stops / max((1 - h.stops) * np.mean(h.stops_s), 1.0):
            resting = t + rng.uniform(*h.stops_s)
        if t >= climb_until:
            climb, climb_until = (rng.uniform(-h.climb, h.climb) if rng.random() < 0.5 else 0.0), t + rng.uniform(20, 120)
        goal = 0.0 if t < resting else wanted
        speed += float(np.clip(goal - speed, -h.accelerates * dt, h.accelerates * dt))
        heading += turn * dt * (speed > 0.5) + np.deg2rad(h.wander_deg) * np.sqrt(dt) * rng.normal()
        x += (speed * np.sin(heading) + wind[0]) * dt
        y += (speed * np.cos(heading) + wind[1]) * dt
        height = max(height + climb * dt, h.height[0])
        if k % 4 == 3:
            out[k // 4] = x, y, height, climb
    return out[:, 0], out[:, 1], out[:, 2], out[:, 3]


def world(seed: int, each: int = 12, noise_m: tuple[float, float] = (4.0, 20.0)) -> World:
    """Make so many individuals of each habit, far apart, seen each second with nine looks of ten and an error of its own each."""
    rng = np.random.Generator(np.random.PCG64(seed))
    names = [name for name in HABITS for _ in range(each)]
    n, side = len(names), int(np.ceil(np.sqrt(len(names))))
    paths = [fly(HABITS[name], rng) for name in names]
    x = np.stack([p[0] + APART_M * (i % side - side / 2) for i, p in enumerate(paths)], axis=1)
    y = np.stack([p[1] + APART_M * (i // side - side / 2) for i, p in enumerate(paths)], axis=1)
    answers = np.array([rng.random() < HABITS[name].answers for name in names])
    high = np.array([rng.random() < HABITS[name].height_known for name in names])
    ground = np.array([rng.random() < HABITS[name].ground for name in names])
    std = rng.uniform(*noise_m, n)
    plots = []
    for k in range(LASTS_S):
        rows = np.flatnonzero(rng.random(n) < 0.9)
        lat, lon = PLANE.inverse(x[k, rows] + rng.normal(0, std[rows]), y[k, rows] + rng.normal(0, std[rows]))
        level = np.array([paths[i][2][k] for i in rows]) + rng.normal(0, 8.0, len(rows))
        plots.append(
            Plots.blank(
                len(rows),
                time_s=1000.0 + k,
                kind=np.where(answers[rows], PlotKind.MLAT, PlotKind.DETECTION),
                lat_rad=lat,
                lon_rad=lon,
                position_std_m=std[rows],
                pressure_altitude_m=np.where(high[rows], level, np.nan),
                address=np.where(answers[rows], 0x400000 + rows, -1),
                flags=np.where(ground[rows], int(PlotFlag.ON_GROUND), 0),
            )
        )
    return World(np.array([int(HABITS[name].kind) for name in names]), names, x, y, plots)

"""A small Stone Soup scene: three aircraft on straight lines, seen every 4 s, with false detections."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.measurement.nonlinear import CartesianToBearingRange, CartesianToElevationBearingRange
from stonesoup.types.array import StateVector
from stonesoup.types.detection import Detection
from stonesoup.types.state import State

from tenere.site import SensorConfig

START = datetime(2026, 5, 1, 6, 0, 0)  # noqa: DTZ001 - Stone Soup's times carry no zone
PERIOD_S = 4.0
BEARING_STD, RANGE_STD = math.radians(0.1), 50.0
RADAR = SensorConfig(id="radar", detection=0.95, clutter=4, range_m=100e3, period_s=PERIOD_S)
AIRCRAFT = np.array([[0.0, 150.0, 60e3, 40.0], [-40e3, -180.0, 10e3, 100.0], [30e3, 5.0, -50e3, 210.0]])
"""x, vx, y, vy at START."""


def when(k: int) -> datetime:
    return START + timedelta(seconds=PERIOD_S * k)


def truth(k: int) -> np.ndarray:
    """Return the aircraft's states (3, 4) at scan k."""
    out = AIRCRAFT.copy()
    out[:, 0] += PERIOD_S * k * out[:, 1]
    out[:, 2] += PERIOD_S * k * out[:, 3]
    return out


def radar(x=0.0, y=0.0, turned=0.0, mapping=(0, 2)):
    return CartesianToBearingRange(
        4,
        mapping,
        np.diag([BEARING_STD**2, RANGE_STD**2]),
        translation_offset=StateVector([x, y]),
        rotation_offset=StateVector([0.0, 0.0, turned]),
    )


def radar_3d(x=0.0, y=0.0, z=0.0):
    noise = np.diag([math.radians(0.3) ** 2, BEARING_STD**2, RANGE_STD**2])
    return CartesianToElevationBearingRange(6, (0, 2, 4), noise, translation_offset=StateVector([x, y, z]))


def positions(std_m=60.0):
    return LinearGaussian(4, (0, 2), np.diag([std_m**2, std_m**2]))


def seen(rng, model, state, time, **metadata):
    """Return a noisy detection of a state."""
    exact = model.function(State(StateVector(state)), noise=False)
    noise = rng.normal(size=len(exact)) * np.sqrt(np.diag(model.covar()))
    return Detection(StateVector([v + e for v, e in zip(np.ravel(exact), noise, strict=True)]), time, model, metadata)


def scans(models, n=15, seed=1, clutter=4, height=None):
    """Yield (time, detections) of n scans: each model sees each aircraft 95 times in 100, and false ones beside."""
    rng = np.random.Generator(np.random.PCG64(seed))
    for k in range(n):
        out = set()
        for model in models:
            states = truth(k) if height is None else np.column_stack([truth(k), np.full(3, height), np.zeros(3)])
            out |= {seen(rng, model, s, when(k)) for s in states if rng.random() < 0.95}
            for _ in range(clutter):
                anywhere = np.zeros(model.ndim_state)
                anywhere[[0, 2]] = rng.uniform(-80e3, 80e3, 2)
                if height is not None:
                    anywhere[4] = height
                out.add(seen(rng, model, anywhere, when(k)))
        yield when(k), out


def errors(tracks, k, mapping=(0, 2)):
    """Return for each aircraft the distance to the nearest track's last state at scan k."""
    at = np.array([[t.state_vector[m, 0] for m in mapping] for t in tracks], float).reshape(-1, 2)
    return [float(np.hypot(*(at - p).T).min()) if len(at) else math.inf for p in truth(k)[:, [0, 2]]]

"""Stone Soup on a slice of the multi-sensor suite, in the best set-up we found for it, beside ours on the very same plots.

    python -m bench.multisensor_stonesoup                     30 aircraft, 90 s, nothing wrong
    python -m bench.multisensor_stonesoup --only biased --seconds 30

Set-up: every plot placed in the plane as our tracker places it (so a primary plot has our guess of its height), then told as range
and bearing from its radar's place, or as a position; an extended Kalman filter over constant velocity, predicted to each plot's own
time; one set of detections a sensor and second; a k-d tree, a gate of six standard deviations and two-dimensional global nearest
neighbour; tracks started by three plots and ended after 15 s without one. Its associators know no addresses, codes or biases.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from stonesoup.dataassociator.tree import DetectionKDTreeGNN2D
from stonesoup.deleter.error import CovarianceBasedDeleter
from stonesoup.deleter.multi import CompositeDeleter
from stonesoup.deleter.time import UpdateTimeDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.measurement.nonlinear import CartesianToBearingRange
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.tracker.simple import MultiTargetTracker
from stonesoup.types.angle import Bearing
from stonesoup.types.array import StateVector
from stonesoup.types.detection import Detection
from stonesoup.types.state import GaussianState
from stonesoup.updater.kalman import ExtendedKalmanUpdater

from bench.machine import keep
from bench.multisensor_run import SCENARIOS, Run, heard_of, measured, run, scenario_of
from bench.multisensor_world import ADSB_STD_M, BEGIN_S, MLAT_STD_M, RADARS, Feed, World, sensors
from bench.tracking_run import rounded
from tenere.batch import Plots
from tenere.estimate.paths import Reports
from tenere.track.place import Sites, place
from tenere.track.sensors import SensorTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
AIRCRAFT, SECONDS, SEED, BUDGET_S = 30, 90.0, 1, 120.0
DENSITY, GATE, TREE_REACH_M = 3.0, 6.0, 4000.0
NO_HEIGHT_STD_M = 300.0
START_PLOTS, HOLD_S, LOST_S = 3, 8.0, 15.0
TOO_WIDE_M2 = 4e8


def build(density: float) -> tuple[MultiTargetTracker, KalmanPredictor]:
    """Return the tracker, its detections still to be given, and its predictor."""
    predictor = KalmanPredictor(CombinedLinearGaussianTransitionModel([ConstantVelocity(density), ConstantVelocity(density)]))
    model = LinearGaussian(4, (0, 2), np.eye(2) * 100.0**2)
    updater = ExtendedKalmanUpdater(model)

    def associator() -> DetectionKDTreeGNN2D:
        hypothesiser = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=GATE)
        return DetectionKDTreeGNN2D(hypothesiser, predictor, updater, max_distance=TREE_REACH_M)

    def deleter(seconds: float) -> CompositeDeleter:
        late = UpdateTimeDeleter(dt.timedelta(seconds=seconds))
        return CompositeDeleter([late, CovarianceBasedDeleter(TOO_WIDE_M2, mapping=[0, 2])], intersect=False)

    prior = GaussianState(StateVector([[0], [0], [0], [0]]), np.diag([1e-9, 150.0**2, 1e-9, 150.0**2]))
    initiator = MultiMeasurementInitiator(
        prior_state=prior,
        measurement_model=model,
        deleter=deleter(HOLD_S),
        data_associator=associator(),
        updater=updater,
        min_points=START_PLOTS,
    )
    tracker = MultiTargetTracker(initiator=initiator, deleter=deleter(LOST_S), detector=None, data_associator=associator(), updater=updater)
    return tracker, predictor


def models() -> list[CartesianToBearingRange | LinearGaussian]:
    """Return each sensor's measurement model: the k-d tree wants one a set of detections."""
    out: list[CartesianToBearingRange | LinearGaussian] = []
    for r in RADARS:
        range_std_m = NO_HEIGHT_STD_M if r.reads == "primary" else r.range_std_m
        noise = np.diag([np.deg2rad(r.azimuth_std_deg) ** 2, range_std_m**2])
        out.append(CartesianToBearingRange(4, (0, 2), noise, translation_offset=np.array([[r.east_m], [r.north_m]])))
    return out + [LinearGaussian(4, (0, 2), np.eye(2) * std_m**2) for std_m in (ADSB_STD_M, MLAT_STD_M)]


def sets(world: World, sent: Feed) -> list[list[tuple[dt.datetime, set[Detection]]]]:
    """Return of each second its sets of detections: time and the plots of one sensor."""
    table, sites, told = SensorTable.of(sensors(world.plane)), Sites(), models()
    ticks = int(world.length_s)
    cut = np.searchsorted(sent.arrive_s, BEGIN_S + np.arange(ticks + 1), side="right")
    out = []
    for k in range(ticks):
        heard, rows = heard_of(sent, cut[k], cut[k + 1])
        plots = Plots.concat([table.name_plots(h.source, h.plots) for h in heard])
        placed = place(plots, table, world.plane, sites)
        made = []
        for i, model in enumerate(told):
            found = set()
            for q in np.flatnonzero((sent.sensor[rows] == i) & placed.ok):
                x, y = placed.z[q]
                vector = StateVector([[x], [y]])
                if i < len(RADARS):
                    dx, dy = x - RADARS[i].east_m, y - RADARS[i].north_m
                    vector = StateVector([[Bearing(np.arctan2(dy, dx))], [np.hypot(dx, dy)]])
                when = START + dt.timedelta(seconds=float(plots.time_s[q]) - BEGIN_S)
                found.add(Detection(vector, timestamp=when, measurement_model=model))
            if found:
                made.append((max(d.timestamp for d in found), found))
        out.append(sorted(made, key=lambda s: s[0]))
    return out


def peer(world: World, sent: Feed, density: float = DENSITY, budget_s: float = BUDGET_S) -> tuple[Run, int]:
    """Track a scenario until the CPU seconds run out; return the run, whose plots are all unused, and the seconds it got through."""
    tracker, predictor = build(density)
    seconds = sets(world, sent)
    flat = [s for second in seconds for s in second]
    tracker.detector_iter = iter(flat)
    numbers: dict[str, int] = {}
    rows: list[tuple[float, ...]] = []
    spent, done = 0.0, 0
    held: set[Any] = set()
    for k, second in enumerate(seconds):
        begin = time.process_time()
        for _ in second:
            _, held = next(tracker)
        now = START + dt.timedelta(seconds=k + 1.0)
        for t in held:
            state = predictor.predict(t.state, timestamp=now)
            x, vx, y, vy = np.asarray(state.mean, float).ravel()
            c = np.asarray(state.covar, float)
            rows.append((numbers.setdefault(t.id, len(numbers)), BEGIN_S + k + 1.0, x, y, vx, vy, np.nan, c[0, 0], c[0, 2], c[2, 2]))
        spent += time.process_time() - begin
        done = k + 1
        if spent > budget_s:
            break
    table = np.array(rows, float).reshape(-1, 10)
    who = table[:, 0].astype(np.int64)
    made = Reports(who, *table[:, 1:7].T, table[:, 7:10], np.full(len(table), -1), len(numbers))
    order = np.lexsort((made.time_s, made.who))
    none = np.zeros(len(sent.src), np.int64)
    return Run(made.take(order), np.zeros(len(table), bool), np.arange(len(numbers)), none, spent, {}), done


def main() -> None:
    """Print the peer's row and ours."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--only", default="clean", choices=SCENARIOS, metavar="NAME", help="the scenario")
    p.add_argument("--seconds", type=float, default=SECONDS, help="length of the slice")
    p.add_argument("--density", type=float, default=DENSITY, help="process noise, m2/s3")
    p.add_argument("--budget", type=float, default=BUDGET_S, help="CPU seconds to stop after")
    a = p.parse_args()
    world, sent = scenario_of(a.only, AIRCRAFT, a.seconds, SEED)
    theirs, done = peer(world, sent, a.density, a.budget)
    cut = sent.take(sent.arrive_s <= BEGIN_S + done)
    short = world._replace(length_s=float(done))
    rows = [{"tracker": "Stone Soup", **measured(a.only, short, cut, theirs)[0]}]
    rows.append({"tracker": "ours", **measured(a.only, short, cut, run(short, cut))[0]})
    result = rounded({"slice": {"aircraft": AIRCRAFT, "seconds": done}, "rows": rows})
    if a.only == "clean" and a.density == DENSITY:
        keep("multisensor_stonesoup", result)
    print(json.dumps(result))


if __name__ == "__main__":
    main()

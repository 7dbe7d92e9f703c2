"""Stone Soup's tracker on a scenario with frozen scans, in the best set-up we found for it, timed and scored.

    python -m bench.tracking_stonesoup DIR/air100_c50.npz [--scans N] [--budget SECONDS]

Set-up: an extended Kalman filter over constant velocity (q 30 m2/s3), detections in a k-d tree (within 4 km, then a gate
of six standard deviations), two-dimensional global nearest-neighbour assignment, tracks started by three plots in a row
and ended after four scans without one. Only the tracker's own step, next(tracker), is timed.
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
from stonesoup.deleter.time import UpdateTimeStepsDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.measurement.nonlinear import CartesianToBearingRange
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.tracker.simple import MultiTargetTracker
from stonesoup.types.angle import Bearing
from stonesoup.types.array import StateVector
from stonesoup.types.detection import Detection
from stonesoup.types.state import GaussianState
from stonesoup.updater.kalman import ExtendedKalmanUpdater

from bench.airbench.scenario import load
from bench.airbench.score import score
from bench.tracking_run import Run, flat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.airbench.scenario import Data, Meta

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DENSITY, GATE, TREE_REACH = 30.0, 6.0, 4000.0
START_PLOTS, HOLD_SCANS, LOST_SCANS = 3, 2, 4
TOO_WIDE_M2 = 4e8


def build(meta: Meta) -> tuple[MultiTargetTracker, CartesianToBearingRange]:
    """Return the tracker, its detections still to be given, and its measurement model."""
    motion = CombinedLinearGaussianTransitionModel([ConstantVelocity(DENSITY), ConstantVelocity(DENSITY)])
    noise = np.diag([np.deg2rad(meta["sigma_az_deg"]) ** 2, meta["sigma_r_m"] ** 2])
    model = CartesianToBearingRange(4, (0, 2), noise)
    predictor, updater = KalmanPredictor(motion), ExtendedKalmanUpdater(model)

    def associator() -> DetectionKDTreeGNN2D:
        hypothesiser = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=GATE)
        return DetectionKDTreeGNN2D(hypothesiser, predictor, updater, max_distance=TREE_REACH)

    def deleter(scans: int) -> CompositeDeleter:
        return CompositeDeleter([UpdateTimeStepsDeleter(scans), CovarianceBasedDeleter(TOO_WIDE_M2, mapping=[0, 2])], intersect=False)

    prior = GaussianState(StateVector([[0], [0], [0], [0]]), np.diag([1e-9, 150.0**2, 1e-9, 150.0**2]))
    initiator = MultiMeasurementInitiator(
        prior_state=prior,
        measurement_model=model,
        deleter=deleter(HOLD_SCANS),
        data_associator=associator(),
        updater=updater,
        min_points=START_PLOTS,
    )
    tracker = MultiTargetTracker(
        initiator=initiator, deleter=deleter(LOST_SCANS), detector=None, data_associator=associator(), updater=updater
    )
    return tracker, model


def detections(data: Data, meta: Meta, scans: int, model: CartesianToBearingRange) -> Iterator[tuple[dt.datetime, set[Detection]]]:
    """Yield the time and detections of each scan."""
    cut = np.searchsorted(data["plot_scan"], np.arange(scans + 1))
    for k in range(scans):
        now = START + dt.timedelta(seconds=k * meta["T"])
        rows = range(cut[k], cut[k + 1])
        vectors = [StateVector([[Bearing(data["plot_az"][i])], [data["plot_r"][i]]]) for i in rows]
        yield now, {Detection(v, timestamp=now, measurement_model=model) for v in vectors}


def run(data: Data, meta: Meta, scans: int | None = None, budget_s: float = 300.0) -> Run:
    """Track the first scans, until the CPU seconds run out; every scan is timed, for nothing compiles here."""
    tracker, model = build(meta)
    made = list(detections(data, meta, scans or data["X"].shape[0], model))
    tracker.detector_iter = iter(made)
    numbers: dict[str, int] = {}
    cpu_s, rows = [], []
    for k in range(len(made)):
        begin = time.process_time()
        _, tracks = next(tracker)
        cpu_s.append(time.process_time() - begin)
        for held in tracks:
            x, vx, y, vy = np.asarray(held.state.mean, float).ravel()
            rows.append((k, numbers.setdefault(held.id, len(numbers) + 1), x, y, vx, vy))
        if sum(cpu_s) > budget_s:
            break
    table = np.array(rows, float).reshape(-1, 6)
    out = {"scan": table[:, 0].astype(int), "track_id": table[:, 1].astype(int)}
    out |= {name: table[:, c] for c, name in enumerate(("x", "y", "vx", "vy"), 2)}
    return Run(out, np.array(cpu_s), np.array([len(d) for _, d in made[: len(cpu_s)]]))


def measure(name: str, data: Data, meta: Meta, scans: int | None = None, budget_s: float = 300.0) -> dict[str, Any]:
    """Return the row of a scenario, as bench.tracking gives ours: speed over the scans from the tenth on."""
    got = run(data, meta, scans, budget_s)
    done = len(got.cpu_s)
    settled = min(10, done // 2)
    spent, plots = float(got.cpu_s[settled:].sum()), int(got.plots[settled:].sum())
    scored = flat(score(data, meta, got.out, done)) if done >= 15 else {"scans": done}
    return {
        "name": name,
        **scored,
        "s_per_scan": spent / (done - settled),
        "plots_per_s": plots / spent,
        "us_per_plot": 1e6 * spent / plots,
    }


def main() -> None:
    """Print the row of one scenario."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("scenario", help="path of NAME.npz, with NAME.json beside it")
    p.add_argument("--scans", type=int, help="only the first scans")
    p.add_argument("--budget", type=float, default=300.0, help="CPU seconds to stop after")
    a = p.parse_args()
    data, meta = load(a.scenario)
    print(json.dumps(measure(meta["name"], data, meta, a.scans, a.budget)))


if __name__ == "__main__":
    main()

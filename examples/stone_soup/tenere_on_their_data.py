"""Tenere's tracker beside a stock one of Stone Soup, on detections that Stone Soup simulates; scored with its GOSPA.

python examples/stone_soup/tenere_on_their_data.py [SCANS]
"""

import sys
from datetime import datetime, timedelta

import numpy as np
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.deleter.time import UpdateTimeStepsDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Euclidean, Mahalanobis
from stonesoup.metricgenerator.ospametric import GOSPAMetric
from stonesoup.models.measurement.nonlinear import CartesianToBearingRange
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.simulator.simple import MultiTargetGroundTruthSimulator, SimpleDetectionSimulator
from stonesoup.tracker.simple import MultiTargetTracker
from stonesoup.types.state import GaussianState
from stonesoup.updater.kalman import ExtendedKalmanUpdater

from tenere.research.stonesoup import TenereTracker
from tenere.site import SensorConfig

START, PERIOD, RANGE_M = datetime(2026, 5, 1), timedelta(seconds=4), 100e3  # noqa: DTZ001 - Stone Soup's times carry no zone
MOTION = CombinedLinearGaussianTransitionModel([ConstantVelocity(1.0), ConstantVelocity(1.0)])


def simulate(scans: int) -> tuple[set, list]:
    """Return the true paths and each scan's (time, detections): ten aircraft, a tenth of looks missed, five false ones a scan."""
    anywhere = GaussianState(np.zeros((4, 1)), np.diag([40e3, 150.0, 40e3, 150.0]) ** 2, timestamp=START)
    truth = MultiTargetGroundTruthSimulator(MOTION, anywhere, PERIOD, scans, 0.0, 0.0, seed=1, initial_number_targets=10)
    radar = CartesianToBearingRange(4, (0, 2), np.diag([np.deg2rad(0.1) ** 2, 50.0**2]), seed=2)
    within = np.array([[-np.pi, np.pi], [1e3, RANGE_M]])
    detector = SimpleDetectionSimulator(truth, radar, within, detection_probability=0.9, clutter_rate=5.0, seed=3)
    paths, steps = set(), []
    for time, detections in detector:
        paths |= truth.groundtruth_paths
        steps.append((time, set(detections)))
    return paths, steps


def stock(steps: list) -> MultiTargetTracker:
    """Return Stone Soup's tracker: an extended Kalman filter, the global nearest neighbour, four detections to begin a track."""
    updater = ExtendedKalmanUpdater(measurement_model=None)
    hypothesiser = DistanceHypothesiser(KalmanPredictor(MOTION), updater, Mahalanobis(), missed_distance=4)
    associator, deleter = GNNWith2DAssignment(hypothesiser), UpdateTimeStepsDeleter(4)
    prior = GaussianState(np.zeros((4, 1)), np.diag([0.0, 200.0, 0.0, 200.0]) ** 2, timestamp=START)
    initiator = MultiMeasurementInitiator(prior, deleter, associator, updater, min_points=4)
    return MultiTargetTracker(initiator, deleter, iter(steps), associator, updater)


def score(tracker: object, paths: set) -> float:
    """Return the mean GOSPA a scan (metres, c = 1 km) of a tracker as it runs."""
    gospa, found = GOSPAMetric(c=1000.0, p=2, measure=Euclidean((0, 2))), []
    for time, tracks in tracker:
        there = [s for path in paths for s in path if s.timestamp == time]
        found.append(gospa.compute_gospa_metric([t.state for t in tracks], there)[0].value["distance"])
    return float(np.mean(found))


if __name__ == "__main__":
    paths, steps = simulate(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
    radar = SensorConfig(id="radar", detection=0.9, clutter=5, range_m=RANGE_M, period_s=PERIOD.total_seconds())
    print(f"Stone Soup, GNN and EKF: {score(stock(steps), paths):6.0f} m")  # noqa: T201 - it is what the example shows
    print(f"Tenere:                  {score(TenereTracker(iter(steps), radar), paths):6.0f} m")  # noqa: T201 - the same

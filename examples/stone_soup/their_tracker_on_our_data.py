"""A stock Stone Soup tracker on a recording of Tenere's, and what it found on the map.

python examples/stone_soup/their_tracker_on_our_data.py RECORDING STEP_S [SITE.toml]

RECORDING is anything that ``tenere decode`` reads, such as the plots.parquet of ``tenere replay --out``; STEP_S is the period of
its radar, or the time between two reports of an aircraft.
"""

import sys
from pathlib import Path

import numpy as np
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.deleter.time import UpdateTimeStepsDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.tracker.simple import MultiTargetTracker
from stonesoup.types.state import GaussianState
from stonesoup.updater.kalman import ExtendedKalmanUpdater

import tenere
from tenere.research.stonesoup import PlotReader


def stock(detector: PlotReader) -> MultiTargetTracker:
    """Return Stone Soup's tracker: an extended Kalman filter, the global nearest neighbour, four detections to begin a track."""
    motion = CombinedLinearGaussianTransitionModel([ConstantVelocity(1.0), ConstantVelocity(1.0)])
    updater = ExtendedKalmanUpdater(measurement_model=None)  # each detection brings its own
    hypothesiser = DistanceHypothesiser(KalmanPredictor(motion), updater, Mahalanobis(), missed_distance=4)
    associator, deleter = GNNWith2DAssignment(hypothesiser), UpdateTimeStepsDeleter(4)
    prior = GaussianState(np.zeros((4, 1)), np.diag([0.0, 200.0, 0.0, 200.0]) ** 2)
    initiator = MultiMeasurementInitiator(prior, deleter, associator, updater, min_points=4)
    return MultiTargetTracker(initiator, deleter, detector, associator, updater)


def main(recording: str, step: str, site: str = "") -> None:
    """Run the tracker and print its last tracks: where the plane is the country's, with latitude and longitude."""
    sensors = tenere.load(Path(site)).sensor if site else ()
    reader = PlotReader.of(recording, float(step), sensors=sensors)
    time, tracks = None, set()
    for time, tracks in stock(reader):  # noqa: B007 - the last of them is what is shown
        pass
    print(f"{time}: {len(tracks)} tracks; left out: {reader.refused or 'nothing'}")  # noqa: T201 - it is what the example shows
    for track in sorted(tracks, key=lambda t: (-len(t), t.id)):
        x, vx, y, vy = (float(v) for v in track.state_vector)
        where = f"x {x / 1e3:8.2f} km  y {y / 1e3:8.2f} km"
        if reader.plane is not None:
            lat, lon = np.rad2deg(reader.plane.inverse(x, y))
            where = f"{lat:9.5f}  {lon:10.5f}"
        print(f"{where}  {np.hypot(vx, vy):5.0f} m/s  {track.metadata.get('callsign', '')}")  # noqa: T201 - the same


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Tenere's plots and tracks as Stone Soup's: its own trackers and metrics run on them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from simulated import AIRCRAFT, BEARING_STD, PERIOD_S, RANGE_STD, START, truth, when
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.dataassociator.probability import JPDA
from stonesoup.dataassociator.tracktotrack import TrackToTruth
from stonesoup.deleter.time import UpdateTimeStepsDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.hypothesiser.probability import PDAHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Euclidean, Mahalanobis
from stonesoup.metricgenerator.manager import MultiManager
from stonesoup.metricgenerator.ospametric import GOSPAMetric, OSPAMetric
from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.measurement.nonlinear import CartesianToBearingRange
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.reader import DetectionReader
from stonesoup.tracker.simple import MultiTargetMixtureTracker, MultiTargetTracker
from stonesoup.types.state import GaussianState
from stonesoup.updater.kalman import ExtendedKalmanUpdater

from tenere.batch import PlotFlag, PlotKind, Plots, Status, Tracks
from tenere.errors import TenereError, UsageError
from tenere.geo import ellipsoid
from tenere.geo.plane import Plane
from tenere.record.tables import to_arrow
from tenere.research.states import View, seconds, time_of
from tenere.research.stonesoup import PlotReader, TenereTracker, read_recording, read_tracks, tracks_to_stonesoup, truths_to_stonesoup
from tenere.site import SensorConfig

T0 = seconds(START)
LAT, LON = math.radians(13.5), math.radians(2.1)
FLAT_RADAR = SensorConfig(id="R", kind="radar", range_std_m=RANGE_STD, azimuth_std_deg=math.degrees(BEARING_STD))
PLACED_RADAR = SensorConfig(
    id="P", kind="radar", lat_deg=13.5, lon_deg=2.1, height_m=220.0, range_std_m=RANGE_STD, azimuth_std_deg=math.degrees(BEARING_STD)
)


def gnn(detector):
    """Return a stock Stone Soup tracker: constant velocity, extended Kalman filter, global nearest neighbour."""
    motion = CombinedLinearGaussianTransitionModel([ConstantVelocity(1.0), ConstantVelocity(1.0)])
    predictor, updater = KalmanPredictor(motion), ExtendedKalmanUpdater(measurement_model=None)
    hypothesiser = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=4)
    associator, deleter = GNNWith2DAssignment(hypothesiser), UpdateTimeStepsDeleter(4)
    prior = GaussianState(np.zeros((4, 1)), np.diag([0.0, 200.0**2, 0.0, 200.0**2]), timestamp=START)
    initiator = MultiMeasurementInitiator(prior, deleter, associator, updater, min_points=4)
    return MultiTargetTracker(initiator, deleter, detector, associator, updater)


def polar(n=15, seed=1, heights=None, *, rotating=False):
    """Return Plots of a radar at the origin: the three aircraft and two false plots a scan; slant where heights are given."""
    rng, parts = np.random.Generator(np.random.PCG64(seed)), []
    for k in range(n):
        s = truth(k)
        xy = np.vstack([s[:, [0, 2]], rng.uniform(-80e3, 80e3, (2, 2))])
        azimuth = np.arctan2(xy[:, 0], xy[:, 1]) % (2 * np.pi)
        time_s = T0 + PERIOD_S * k + (PERIOD_S * (azimuth / (2 * np.pi) - 0.5) if rotating else 0.0)
        if rotating:
            xy[:3] += (time_s[:3, None] - T0 - PERIOD_S * k) * s[:, [1, 3]]
        height = np.full(5, np.nan if heights is None else heights)
        parts.append(
            Plots.blank(
                5,
                time_s=time_s,
                kind=PlotKind.PSR,
                range_m=np.hypot(np.hypot(*xy.T), np.nan_to_num(height)) + rng.normal(0.0, RANGE_STD, 5),
                azimuth_rad=(azimuth + rng.normal(0.0, BEARING_STD, 5)) % (2 * np.pi),
                height_m=height if heights is not None else 0.0,
            )
        )
    return Plots.concat(parts)


def at(tracks):
    return np.array([[t.state_vector[0, 0], t.state_vector[2, 0]] for t in tracks], float)


def far(tracks, states):
    """Return for each true state (n, 4) the distance to the nearest track."""
    return np.hypot(*(at(tracks)[:, None] - states[None, :, [0, 2]]).transpose(2, 0, 1)).min(axis=0)


@pytest.mark.parametrize("rotating", [False, True])
def test_a_stock_tracker_follows_the_aircraft_of_a_radar(rotating):
    reader = PlotReader(polar(rotating=rotating), PERIOD_S, [FLAT_RADAR])
    assert isinstance(reader, DetectionReader)
    assert reader.plane is None
    tracker = gnn(reader)
    steps = [(time, set(tracks)) for time, tracks in tracker]
    assert len(steps) in ((15, 16) if rotating else (15,))
    assert all(a < b for (a, _), (b, _) in pairwise(steps))
    assert (far(steps[-1][1], truth(14)) < (900.0 if rotating else 400.0)).all()
    assert reader.refused == {}


def test_joint_probabilistic_association_runs_on_it():
    motion = CombinedLinearGaussianTransitionModel([ConstantVelocity(1.0), ConstantVelocity(1.0)])
    predictor, updater, deleter = KalmanPredictor(motion), ExtendedKalmanUpdater(None), UpdateTimeStepsDeleter(4)
    jpda = JPDA(PDAHypothesiser(predictor, updater, clutter_spatial_density=2 / (2 * np.pi * 80e3), prob_detect=0.95, prob_gate=0.99))
    near = GNNWith2DAssignment(DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=4))
    prior = GaussianState(np.zeros((4, 1)), np.diag([0.0, 200.0**2, 0.0, 200.0**2]))
    initiator = MultiMeasurementInitiator(prior, deleter, near, updater, min_points=4)
    *_, (_, tracks) = MultiTargetMixtureTracker(initiator, deleter, PlotReader(polar(), PERIOD_S, [FLAT_RADAR]), jpda, updater)
    assert (far(tracks, truth(14)) < 400.0).all()


def test_a_detection_is_what_the_radar_measured():
    plots = Plots.blank(
        1, time_s=T0 + 0.25, kind=PlotKind.MODE_S, range_m=50e3, azimuth_rad=np.pi / 2, height_m=0.0, address=0x3C6444,
        mode_a=0o7000, callsign=b"ABC12", pressure_altitude_m=9000.0,
    )  # fmt: skip
    ((time, detections),) = PlotReader(plots, PERIOD_S, [FLAT_RADAR])
    (d,) = detections
    assert time == d.timestamp == START + timedelta(seconds=0.25)
    assert isinstance(d.measurement_model, CartesianToBearingRange)
    np.testing.assert_allclose(np.ravel(d.state_vector).astype(float), [0.0, 50e3], atol=1e-6)
    np.testing.assert_allclose(np.diag(np.asarray(d.measurement_model.covar(), float)), [BEARING_STD**2, RANGE_STD**2])
    np.testing.assert_allclose(np.ravel(d.measurement_model.inverse_function(d)).astype(float), [50e3, 0.0, 0.0, 0.0], atol=1e-6)
    assert d.metadata == {
        "sensor": "R", "kind": "MODE_S", "address": "3c6444", "mode_a": "7000", "callsign": "ABC12", "pressure_altitude_m": 9000.0
    }  # fmt: skip


def placed_plots(height=9000.0, *, known=True):
    """Return slant ranges and azimuths that a radar on the Earth measures of points of its country's plane, exactly."""
    plane = Plane.at(LAT, LON)
    lat, lon = plane.inverse(AIRCRAFT[:, 0], AIRCRAFT[:, 2])
    east, north, up = ellipsoid.enu_of(LAT, LON, 220.0, lat, lon, height)
    return Plots.blank(
        3, time_s=T0, kind=PlotKind.SSR, range_m=np.sqrt(east**2 + north**2 + up**2), azimuth_rad=np.arctan2(east, north) % (2 * np.pi),
        pressure_altitude_m=height if known else np.nan,
    )  # fmt: skip


def test_a_placed_radars_plots_stand_in_the_countrys_plane():
    ((_, detections),) = PlotReader(placed_plots(), PERIOD_S, [PLACED_RADAR])
    found = sorted(np.ravel(d.measurement_model.inverse_function(d))[[0, 2]].astype(float).tolist() for d in detections)
    np.testing.assert_allclose(found, sorted(AIRCRAFT[:, [0, 2]].tolist()), atol=0.01)
    (guessed,) = [ds for _, ds in PlotReader(placed_plots(known=False), PERIOD_S, [PLACED_RADAR])]
    known_std = max(float(d.measurement_model.covar()[1, 1]) ** 0.5 for d in detections)
    guessed_std = max(float(d.measurement_model.covar()[1, 1]) ** 0.5 for d in guessed)
    assert 50.0 < known_std < 70.0
    assert guessed_std > 200.0  # 3,500 m of height at 40 km


def test_positions_and_radars_share_the_plane():
    plane = Plane.at(LAT, LON)
    lat, lon = plane.inverse(AIRCRAFT[:, 0], AIRCRAFT[:, 2])
    adsb = Plots.blank(3, time_s=T0, kind=PlotKind.ADSB, lat_rad=lat, lon_rad=lon, position_std_m=20.0)
    local = Plots.blank(1, time_s=T0, kind=PlotKind.MLAT, x_m=100.0, y_m=-50.0)
    mlat = SensorConfig(id="M", kind="mlat", lat_deg=13.5, lon_deg=2.1, position_std_m=15.0)
    reader = PlotReader(Plots.concat([placed_plots(), adsb, local]), PERIOD_S, [PLACED_RADAR, mlat], centre_deg=(13.5, 2.1))
    ((_, detections),) = reader
    only = PlotReader(reader.plots, PERIOD_S, reader.sensors, centre_deg=(13.5, 2.1), only=["M", "P"])
    assert {d.metadata["sensor"] for _, ds in only for d in ds} == {"M", "P"}
    assert only.refused == {"of another sensor": 3}
    linear = [d for d in detections if isinstance(d.measurement_model, LinearGaussian)]
    assert len(detections) == 7
    got = {d.metadata["kind"]: d for d in linear}
    np.testing.assert_allclose(np.ravel(got["MLAT"].state_vector), [100.0, -50.0], atol=1e-3)
    assert got["MLAT"].measurement_model.covar()[0, 0] == pytest.approx(15.0**2)
    near = sorted(np.ravel(d.state_vector).tolist() for d in linear if d.metadata["kind"] == "ADSB")
    np.testing.assert_allclose(near, sorted(AIRCRAFT[:, [0, 2]].tolist()), atol=1e-3)
    assert got["ADSB"].measurement_model.covar()[0, 0] == pytest.approx(20.0**2, rel=1e-3)
    assert np.allclose(reader.plane.inverse(0.0, 0.0), (LAT, LON))


def test_what_is_no_detection_is_left_out_and_counted():
    bad = Plots.blank(
        6,
        time_s=[T0, T0, np.nan, T0, T0, T0],
        receive_s=[np.nan, np.nan, np.nan, np.nan, np.nan, np.nan],
        range_m=[1e4, np.nan, 1e4, 1e4, np.inf, 1e4],
        azimuth_rad=[0.1, 0.1, 0.1, np.nan, 0.1, 0.1],
        height_m=[0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        flags=[PlotFlag.TEST, 0, 0, 0, 0, 0],
        kind=PlotKind.PSR,
    )
    reader = PlotReader(bad, PERIOD_S, [FLAT_RADAR])
    assert [len(d) for _, d in reader] == [1]
    assert reader.refused == {"not live": 1, "without a time": 1, "without a position": 3}
    other = bad.take(np.array([5])).replace(sac_sic=257)
    both = PlotReader(Plots.concat([bad.take(np.array([5, 5])).replace(sac_sic=258), other]), PERIOD_S)
    assert [len(d) for _, d in both] == [2]
    assert both.refused == {"in a sensor's own plane": 1}
    placed = PlotReader(
        Plots.concat([placed_plots().replace(sac_sic=1), other]), PERIOD_S, [msgspec.structs.replace(PLACED_RADAR, sac=0, sic=1)]
    )
    assert [len(d) for _, d in placed] == [3]
    assert placed.refused == {"in a sensor's own plane": 1}
    assert list(PlotReader(Plots.blank(0), PERIOD_S)) == []


def test_steps_without_plots_are_yielded_for_a_while():
    plots = polar(n=1).take(np.array([0, 0, 0])).replace(time_s=[T0, T0 + 12.0, T0 + 12.0 + 3600.0])
    steps = list(PlotReader(plots, PERIOD_S, [FLAT_RADAR]))
    assert [t for t, _ in steps[:4]] == [when(k) for k in range(4)]
    assert [len(d) for _, d in steps[:4]] == [1, 0, 0, 1]
    assert len(steps) == 4 + 22 + 1
    with pytest.raises(ValueError, match="step_s"):
        PlotReader(plots, 0.0)


def test_one_detection_an_aircraft_a_step():
    plots = Plots.blank(
        7, time_s=T0 + np.array([0.0, 0.5, 1.0, 1.5, 4.0, 4.5, 5.0]), kind=PlotKind.MODE_S, range_m=np.arange(1, 8) * 1e4,
        azimuth_rad=0.5, height_m=0.0, address=[5, 6, 5, -1, 5, -1, 5],
    )  # fmt: skip
    reader = PlotReader(plots, PERIOD_S, [FLAT_RADAR])
    ranges = [sorted(round(float(d.state_vector[1, 0]) / 1e4) for d in ds) for _, ds in reader]
    assert ranges == [[2, 3, 4], [6, 7]]
    assert reader.refused == {"an older report of the step": 2}
    assert [len(ds) for _, ds in PlotReader(plots, PERIOD_S, [FLAT_RADAR], one_a_step=False)] == [4, 3]


def test_a_radar_that_says_where_it_stands_is_placed():
    status = Status.blank(1, time_s=T0, sac_sic=300, category=34, lat_rad=LAT, lon_rad=LON, height_m=220.0)
    reader = PlotReader(placed_plots().replace(sac_sic=300), PERIOD_S, status=status)
    ((_, detections),) = reader
    found = sorted(np.ravel(d.measurement_model.inverse_function(d))[[0, 2]].astype(float).tolist() for d in detections)
    np.testing.assert_allclose(found, sorted(AIRCRAFT[:, [0, 2]].tolist()), atol=0.01)


def test_a_parquet_file_of_plots_is_a_recording(tmp_path):
    plots = polar(n=12).replace(sensor=0)
    pq.write_table(to_arrow(plots), tmp_path / "plots.parquet")
    reader = PlotReader.of(tmp_path / "plots.parquet", PERIOD_S, sensors=[FLAT_RADAR])
    tracker = gnn(reader)
    *_, (_, tracks) = tracker
    assert (far(tracks, truth(11)) < 500.0).all()
    np.testing.assert_array_equal(read_recording(tmp_path / "plots.parquet").plots.range_m, plots.range_m)
    (tmp_path / "nothing").write_bytes(b"nothing at all here")
    with pytest.raises(TenereError):
        PlotReader.of(tmp_path / "nothing", PERIOD_S)


def test_a_real_recording_is_read_and_tracked(shared_data):
    """A minute and a half of a radar, 2,099 plots: whatever Stone Soup's classes make of them, Tenere's tracker finds its traffic."""
    path = shared_data / "asterix" / "akap_Jahorina.rply"
    reader = PlotReader.of(path, 4.0)
    tracker = TenereTracker(reader, SensorConfig(id="Jahorina", range_m=300e3))
    yielded = [len(detections) for _, detections in PlotReader.of(path, 4.0)]
    assert sum(yielded) + sum(reader.refused.values()) == len(reader.plots) == 2099
    most = max(len(tracks) for _, tracks in tracker)
    assert most >= 40
    assert sum(tracker.state.counts.values()) < 30


def test_their_reader_and_our_tracker_close_the_circle():
    tracker = TenereTracker(PlotReader(polar(), PERIOD_S, [FLAT_RADAR]), SensorConfig(id="r", clutter=2, range_m=100e3, period_s=PERIOD_S))
    list(tracker)
    assert (far(tracker.tracks, truth(14)) < 400.0).all()


def pictures(n=10):
    """Return our tracks over n scans, 30 m off the truth, with one of a partner's beside them."""
    out = []
    for k in range(n):
        s = truth(k)
        own = Tracks.blank(
            3, number=[7, 8, 9], time_s=T0 + PERIOD_S * k, frame=0, x_m=s[:, 0] + 30.0, y_m=s[:, 2], vx_ms=s[:, 1], vy_ms=s[:, 3],
            var_xx_m2=900.0, var_xy_m2=100.0, var_yy_m2=400.0, var_v_m2s2=25.0, existence=0.75, turn_probability=0.25,
            update_s=T0, address=[-1, 0x3C6444, -1], callsign=[b"", b"", b"XY1"],
        )  # fmt: skip
        out += [own, own.take(slice(0, 1)).replace(source=2, number=1000)]
    return out


def test_tracks_become_stone_soups():
    tracks = tracks_to_stonesoup(pictures())
    by = {t.id: t for t in tracks}
    assert sorted(by) == ["7", "8", "9"]
    assert [s.timestamp for s in by["8"]] == [when(k) for k in range(10)]
    np.testing.assert_allclose(np.ravel(by["8"].state_vector), truth(9)[1] + [30.0, 0.0, 0.0, 0.0])
    expected = [[900.0, 0.0, 100.0, 0.0], [0.0, 25.0, 0.0, 0.0], [100.0, 0.0, 400.0, 0.0], [0.0, 0.0, 0.0, 25.0]]
    np.testing.assert_array_equal(np.asarray(by["8"].covar, float), expected)
    assert by["8"].metadata == {
        "track_number": 8, "existence": 0.75, "turn_probability": 0.25, "update_s": T0, "address": "3c6444"
    }  # fmt: skip
    assert by["9"].metadata["callsign"] == "XY1"
    scaled = tracks_to_stonesoup(pictures(1), View(unit_m=1000.0, offset_m=(5000.0, 0.0)))
    assert sorted(float(t.state_vector[0, 0]) for t in scaled) == pytest.approx([-34.97, 5.03, 35.03])
    assert tracks_to_stonesoup([]) == set()


def test_tracks_of_several_planes_are_not_mixed():
    own = pictures(1)[0]
    two = Tracks.concat([own, own.replace(frame=3, number=[1, 2, 3])])
    with pytest.raises(UsageError, match="frame=0, 3"):
        tracks_to_stonesoup(two)
    assert {t.id for t in tracks_to_stonesoup(two, frame=3)} == {"1", "2", "3"}


def test_stone_soups_metrics_run_on_our_tables(tmp_path):
    pq.write_table(to_arrow(Tracks.concat(pictures())), tmp_path / "tracks.parquet")
    tracks = tracks_to_stonesoup(read_tracks(tmp_path / "tracks.parquet"))
    exact = [p.replace(x_m=p.x_m - 30.0) for p in pictures()]
    truths = truths_to_stonesoup(exact)
    assert {p.states[0].metadata["track_number"] for p in truths} == {7, 8, 9}
    keys = {"tracks_key": "tracks", "truths_key": "truths"}
    position = Euclidean((0, 2))
    generators = [
        OSPAMetric(c=1000.0, p=2, generator_name="OSPA", measure=position, **keys),
        GOSPAMetric(c=1000.0, p=2, generator_name="GOSPA", measure=position, **keys),
        SIAPMetrics(position_measure=position, velocity_measure=Euclidean((1, 3)), generator_name="SIAP", **keys),
    ]
    manager = MultiManager(generators, associator=TrackToTruth(association_threshold=200.0))
    manager.add_data({"tracks": tracks, "truths": truths})
    found = manager.generate_metrics()
    assert [m.value for m in found["OSPA"]["OSPA distances"].value] == pytest.approx([30.0] * 10)
    assert [m.value["distance"] for m in found["GOSPA"]["GOSPA Metrics"].value] == pytest.approx([30.0 * 3**0.5] * 10)
    assert found["SIAP"]["SIAP Completeness"].value == pytest.approx(1.0)
    assert found["SIAP"]["SIAP Position Accuracy"].value == pytest.approx(30.0)


def test_a_table_that_is_none_says_so(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"no parquet")
    with pytest.raises(UsageError, match="cannot be read as Parquet"):
        read_tracks(tmp_path / "a.parquet")
    pq.write_table(to_arrow(polar(n=1)), tmp_path / "plots.parquet")
    with pytest.raises(UsageError, match="no column number"):
        read_tracks(tmp_path / "plots.parquet")


def test_times_are_utc():
    assert seconds(datetime(2026, 5, 1, 6, tzinfo=UTC)) == T0
    assert time_of(T0) == START

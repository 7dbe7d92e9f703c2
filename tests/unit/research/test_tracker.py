"""Tenere's tracker inside Stone Soup: the same tracks as Tenere alone, in Stone Soup's clothes."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from simulated import RADAR, errors, positions, radar, radar_3d, scans, seen, truth, when
from stonesoup.models.measurement.nonlinear import Cartesian2DToBearing
from stonesoup.tracker import Tracker
from stonesoup.types.array import StateVector
from stonesoup.types.detection import Detection
from stonesoup.types.prediction import GaussianStatePrediction
from stonesoup.types.state import State
from stonesoup.types.update import GaussianStateUpdate

from tenere import track
from tenere.errors import UsageError
from tenere.geo import ellipsoid
from tenere.research.stonesoup import Layout, Scene, TenereTracker, plots_of

SETUPS = {
    "one radar": [radar()],
    "one radar elsewhere, turned": [radar(20e3, -15e3, 0.4)],
    "positions": [positions()],
    "two radars": [radar(), radar(50e3, 10e3)],
    "a radar and positions": [radar(-10e3, 5e3), positions()],
}


def run(models, **how):
    tracker = TenereTracker(scans(models), RADAR, **how)
    steps = list(tracker)
    return tracker, steps


@pytest.mark.parametrize("models", SETUPS.values(), ids=SETUPS)
def test_it_is_a_tracker_that_follows_the_aircraft(models):
    tracker, steps = run(models)
    assert isinstance(tracker, Tracker)
    assert [t for t, _ in steps] == [when(k) for k in range(15)]
    assert len(tracker.tracks) == 3
    assert max(errors(tracker.tracks, 14)) < 400.0
    for t in tracker.tracks:
        assert t.timestamp == when(14)
        assert t.metadata["existence"] > 0.9
        assert t.id == str(t.metadata["track_number"])
        assert t.covar.shape == (4, 4)
        assert (np.linalg.eigvalsh(np.asarray(t.covar, float)) > 0).all()


@pytest.mark.parametrize("models", SETUPS.values(), ids=SETUPS)
def test_it_equals_tenere_alone_to_the_bit(models):
    tracker, _ = run(models)
    scene = Scene(RADAR)
    state, picture, last_s = None, None, None
    for _, detections in scans(models):
        plots = plots_of(detections, scene)
        time_s = plots.time_s[0]
        if state is None:
            state = track.init(track.TrackConfig(), scene.sensors, scene.centre_rad)
        state, out = track.step(state, scene.heard(plots), time_s, 1.0 if last_s is None else time_s - last_s)
        picture, last_s = out.tracks, time_s
    assert len(picture) == 3
    for name, _, _, _ in picture.columns():
        np.testing.assert_array_equal(getattr(picture, name), getattr(tracker.picture, name), err_msg=name)
    mine = {t.metadata["track_number"]: t for t in tracker.tracks}
    for i, number in enumerate(picture.number.tolist()):
        x, vx, y, vy = np.ravel(mine[number].state_vector)
        assert (x, y) == (picture.x_m[i] + scene.offset_m[0], picture.y_m[i] + scene.offset_m[1])
        assert (vx, vy) == (picture.vx_ms[i], picture.vy_ms[i])
        covariance = np.asarray(mine[number].covar, float)
        assert covariance[0, 0] == picture.var_xx_m2[i]
        assert covariance[0, 2] == covariance[2, 0] == picture.var_xy_m2[i]
        assert covariance[2, 2] == picture.var_yy_m2[i]
        assert covariance[1, 1] == covariance[3, 3] == picture.var_v_m2s2[i]


def test_the_order_of_a_set_does_not_matter():
    steps = list(scans([radar()]))
    pictures = []
    for turn in (1, -1):
        tracker = TenereTracker(iter([(t, sorted(d, key=lambda x: float(x.state_vector[1, 0]))[::turn]) for t, d in steps]), RADAR)
        list(tracker)
        pictures.append(tracker.picture)
    np.testing.assert_array_equal(pictures[0].x_m, pictures[1].x_m)


def test_a_state_is_an_update_where_a_detection_was_used():
    rng = np.random.Generator(np.random.PCG64(3))
    tracker = TenereTracker(None, RADAR)
    model = radar()
    for k in range(6):
        tracker.update_tracker(when(k), {seen(rng, model, truth(k)[0], when(k), callsign="ABC12", icao24="3c6444", squawk="7000")})
    (mine,) = tracker.tracks
    last = mine[-1]
    assert isinstance(last, GaussianStateUpdate)
    assert last.hypothesis.measurement.timestamp == when(5)
    assert last.hypothesis.measurement.metadata["callsign"] == "ABC12"
    assert (mine.metadata["address"], mine.metadata["mode_a"], mine.metadata["callsign"]) == ("3c6444", "7000", "ABC12")
    _, tracks = tracker.update_tracker(when(6), set())
    assert tracks == {mine}
    assert isinstance(mine[-1], GaussianStatePrediction)
    assert mine.timestamp == when(6)


def test_tracks_end():
    tracker, _ = run([radar()])
    time, tracks = tracker.update_tracker(when(14) + timedelta(seconds=600), set())
    assert (time, tracks) == (when(14) + timedelta(seconds=600), set())


def test_elevation_gives_the_ground_range():
    """At 9 km height and 20 km away, slant and ground range differ by 2 km."""
    for models in ([radar_3d()], [radar_3d(10e3, 5e3, 200.0)], [radar_3d(), radar_3d(40e3, 0.0, 100.0)]):
        tracker = TenereTracker(scans(models, height=9000.0), RADAR)
        list(tracker)
        assert max(errors(tracker.tracks, 14)) < 400.0


def test_the_layout_and_the_unit_are_the_scenes():
    """The same scene in kilometres, with x and y first in the state."""
    model = radar(mapping=(0, 1))
    km = type(model)(4, (0, 1), np.diag([model.covar()[0, 0], model.covar()[1, 1] / 1e6]), translation_offset=StateVector([0.0, 0.0]))
    rng = np.random.Generator(np.random.PCG64(5))
    tracker = TenereTracker(None, RADAR, unit_m=1000.0)
    for k in range(15):
        tracker.update_tracker(when(k), {seen(rng, km, s[[0, 2, 1, 3]] / 1000.0, when(k)) for s in truth(k)})
    at = sorted(tuple(np.ravel(t.state_vector).astype(float)) for t in tracker.tracks)
    want = sorted(tuple(s[[0, 2, 1, 3]] / 1000.0) for s in truth(14))
    np.testing.assert_allclose([a[:2] for a in at], [w[:2] for w in want], atol=0.4)
    np.testing.assert_allclose([a[2:] for a in at], [w[2:] for w in want], atol=0.03)
    forced = TenereTracker(None, RADAR, layout=Layout((1, 3), (0, 2)))
    rng = np.random.Generator(np.random.PCG64(5))
    for k in range(15):
        forced.update_tracker(when(k), {seen(rng, radar(), s, when(k)) for s in truth(k)})
    assert max(errors(forced.tracks, 14, mapping=(1, 3))) < 400.0


def test_nan_and_infinite_detections_are_counted_and_passed_over():
    steps = [
        (t, d | {Detection(StateVector(v), t, radar()) for v in ([np.nan, 1e4], [0.1, np.nan], [0.1, np.inf], [0.1, -5.0])})
        for t, d in scans([radar()])
    ]
    steps.append((when(15), {Detection(StateVector([np.nan, np.nan]), when(15), radar())}))
    tracker = TenereTracker(iter(steps), RADAR)
    clean, _ = run([radar()])
    list(tracker)
    assert len(tracker.tracks) == 3
    assert max(errors(tracker.tracks, 15)) < 400.0
    assert sum(tracker.state.counts.values()) >= 61
    assert {t.id for t in tracker.tracks} == {t.id for t in clean.tracks}


def test_nan_positions_pass_too():
    tracker, _ = run([positions()])
    tracker.update_tracker(when(15), {Detection(StateVector([np.nan, 1e3]), when(15), positions())})
    assert len(tracker.tracks) == 3


def test_detections_without_a_model_or_a_time_take_what_the_tracker_was_told():
    model = radar()
    bare = [(t, {Detection(d.state_vector, None) for d in ds}) for t, ds in scans([model])]
    tracker = TenereTracker(iter(bare), RADAR, measurement_model=model)
    list(tracker)
    assert max(errors(tracker.tracks, 14)) < 400.0
    with pytest.raises(UsageError, match="no measurement model"):
        TenereTracker(None, RADAR).update_tracker(*bare[0])
    with pytest.raises(UsageError, match="no timestamp"):
        Scene(RADAR, model=model).plots_of(bare[0][1])


def test_what_cannot_be_read_says_what_can():
    bearing = Cartesian2DToBearing(4, (0, 2), np.diag([1e-6]))
    with pytest.raises(UsageError, match=r"Cartesian2DToBearing.*CartesianToBearingRange, .*LinearGaussian"):
        TenereTracker(None, RADAR).update_tracker(when(0), {Detection(StateVector([0.1]), when(0), bearing)})
    wild = radar()
    wild.noise_covar = np.diag([np.nan, 1.0])
    with pytest.raises(UsageError, match="no variance"):
        plots_of({Detection(StateVector([0.1, 1e4]), when(0), wild)}, Scene(RADAR))
    tilted = radar()
    tilted.rotation_offset = StateVector([0.1, 0.0, 0.0])
    with pytest.raises(UsageError, match="only turn about z"):
        plots_of({Detection(StateVector([0.1, 1e4]), when(0), tilted)}, Scene(RADAR))
    with pytest.raises(UsageError, match="unit_m"):
        Scene(RADAR, unit_m=0.0)


def test_no_noise_is_a_little_noise():
    exact = radar()
    exact.noise_covar = np.zeros((2, 2))
    scene = Scene(RADAR)
    plots_of({Detection(StateVector([0.1, 1e4]), when(0), exact)}, scene)
    assert scene.sensors[0].range_std_m == 0.1
    assert scene.sensors[0].azimuth_std_deg > 0.0


def test_a_second_sensor_may_come_later_where_the_origin_is_given():
    first, both = list(scans([radar()], n=5)), list(scans([radar(), radar(50e3, 10e3)], n=15))[5:]
    with pytest.raises(UsageError, match="origin_deg"):
        list(TenereTracker(iter(first + both), RADAR))
    tracker = TenereTracker(iter(first + both), RADAR, origin_deg=(13.5, 2.1))
    list(tracker)
    assert len(tracker.tracks) == 3
    assert max(errors(tracker.tracks, 14)) < 400.0
    assert len(tracker.state.table.rows) == 2


def test_a_sensor_whose_noise_changes_is_one_sensor():
    def noisy(k):
        model = radar()
        model.noise_covar = np.diag([1e-6, (40.0 + k) ** 2])
        return Detection(StateVector([0.1, 1e4]), when(0), model)

    scene = Scene(RADAR)
    plots_of([noisy(k) for k in range(21)], scene)
    plots_of([noisy(k) for k in range(100)], scene)
    (sensor,) = scene.sensors
    assert sensor.range_std_m == pytest.approx(50.0)
    stds = plots_of([Detection(StateVector([0.0, 0.0]), when(0), positions(s)) for s in (10.0, 20.0)], Scene(RADAR)).position_std_m
    assert stds.tolist() == [10.0, 20.0]


def test_a_sensor_that_moves_is_refused():
    with pytest.raises(UsageError, match="more than 256 places"):
        plots_of([Detection(StateVector([0.1, 1e4]), when(0), radar(float(k))) for k in range(300)], Scene(RADAR))


def test_plots_are_as_a_radar_gives_them():
    scene = Scene(RADAR)
    north = Detection(StateVector([np.pi / 2, 10e3]), when(1), radar(5e3, 0.0), {"address": 0x3C6444})
    east = Detection(StateVector([0.0, 20e3]), when(0), radar(5e3, 0.0), {"squawk": "nonsense", "callsign": None})
    plots = plots_of([north, east], scene)
    np.testing.assert_allclose(plots.azimuth_rad, [np.pi / 2, 0.0], atol=1e-12)
    np.testing.assert_array_equal(plots.range_m, [20e3, 10e3])
    np.testing.assert_array_equal(plots.reference, [1, 0])
    np.testing.assert_array_equal(plots.address, [-1, 0x3C6444])
    np.testing.assert_array_equal(np.diff(plots.time_s), [4.0])
    (sensor,) = scene.sensors
    assert (sensor.id, sensor.detection, sensor.clutter) == ("radar", 0.95, 4)
    assert sensor.range_std_m == pytest.approx(50.0)
    assert sensor.azimuth_std_deg == pytest.approx(0.1)
    assert scene.offset_m == (5e3, 0.0)
    assert len(plots_of(set(), scene)) == 0


def test_on_the_earth_a_plot_stands_where_the_scene_has_it():
    """Plots of two radars 60 km apart of one place, and a position of it, come out within a millimetre of it on the plane."""
    where = State(StateVector([80e3, 0.0, -30e3, 0.0]))
    given = [Detection(m.function(where, noise=False), when(0), m) for m in (radar(), radar(60e3, 0.0), positions())]
    scene = Scene(RADAR, origin_deg=(48.0, 11.0))
    plots = plots_of(given, scene)
    for i in range(2):
        sensor = scene.sensors[i]
        lat0, lon0 = np.deg2rad([sensor.lat_deg, sensor.lon_deg])
        lat, lon, _, _ = ellipsoid.geodetic_of_polar(lat0, lon0, 0.0, plots.range_m[i], plots.azimuth_rad[i], plots.height_m[i])
        np.testing.assert_allclose(scene.plane.forward(lat, lon), [80e3, -30e3], atol=2e-3)
    np.testing.assert_allclose(scene.plane.forward(plots.lat_rad[2], plots.lon_rad[2]), [80e3, -30e3], atol=2e-3)
    _, scale = scene.plane.north(plots.lat_rad[2], plots.lon_rad[2])
    assert plots.position_std_m[2] * scale == pytest.approx(60.0)


def test_it_needs_a_detector_to_iterate():
    with pytest.raises(AttributeError, match="detector"):
        next(TenereTracker(None, RADAR))

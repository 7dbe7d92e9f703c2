"""The exercise on the wire: its bytes, decoded by the same formats as live ones, are the truth within their noise."""

import hashlib

import numpy as np
import pytest

from tenere.batch import Plots, Status
from tenere.exercise import ExerciseConfig
from tenere.feeds import exercise_feed
from tenere.geo.ellipsoid import enu_of
from tenere.wire import format as formats

CONFIG = ExerciseConfig()
SECONDS = 30


def digest(until, step, config=CONFIG):
    """Hash of what each source delivered by a time, and of its units' times."""
    feed = exercise_feed.open_exercise(config)
    sums = {s.id: hashlib.sha256() for s in feed.sources}
    ends = {s.id: [] for s in feed.sources}
    at = config.start_s
    while at < config.start_s + until:
        at = min(at + step, config.start_s + until)
        for chunk in feed.advance(at):
            assert chunk.times_s[-1] < at
            sums[chunk.source].update(chunk.data)
            ends[chunk.source] += (chunk.ends + chunk.offset).tolist() + chunk.times_s.tolist()
    return {s: (sums[s].hexdigest(), sorted(ends[s])) for s in sums}


def test_the_same_bytes_twice_and_however_time_is_sliced():
    whole = digest(12.0, 12.0)
    assert whole == digest(12.0, 1.0)
    assert whole == digest(12.0, 0.37)
    assert whole != digest(12.0, 12.0, ExerciseConfig(seed=2))


def test_time_never_runs_backwards_and_slices_join():
    feed = exercise_feed.open_exercise(CONFIG)
    last, offset = {}, {}
    for k in range(1, 15):
        for chunk in feed.advance(CONFIG.start_s + k):
            assert chunk.ends[-1] == len(chunk.data)
            assert (np.diff(chunk.ends) > 0).all()
            assert (np.diff(chunk.times_s) >= 0).all()
            assert chunk.times_s[0] >= max(last.get(chunk.source, 0.0), CONFIG.start_s + k - 1)
            assert chunk.offset == offset.get(chunk.source, 0)
            last[chunk.source], offset[chunk.source] = chunk.times_s[-1], chunk.offset + len(chunk.data)
    assert feed.advance(CONFIG.start_s + 3) == ()
    assert sorted(last) == sorted(s.id for s in feed.sources)  # every sensor speaks


@pytest.fixture(scope="module")
def decoded():
    feed = exercise_feed.open_exercise(CONFIG)
    sensors = {s.source: s for s in feed.sensors}
    names = {s.id: s.format for s in feed.sources}
    states, out, refused = {}, {s: [] for s in sensors}, {}
    for k in range(1, SECONDS + 1):
        for chunk in feed.advance(CONFIG.start_s + k):
            fmt, sensor = formats.load(names[chunk.source]), sensors[chunk.source]
            if chunk.source not in states:
                hint = formats.SourceHint(receiver_lat_rad=np.radians(sensor.lat_deg), receiver_lon_rad=np.radians(sensor.lon_deg))
                states[chunk.source] = fmt.init(hint)
            states[chunk.source], got = fmt.step(states[chunk.source], chunk, CONFIG.start_s + k)
            out[chunk.source].append(got)
            refused |= got.rejects.counts
    return feed, out, refused


def plots_of(decoded, kind):
    feed, out, _ = decoded
    return [(s, Plots.concat([d.plots for d in out[s.source]])) for s in feed.sensors if s.kind == kind]


def test_nothing_is_refused(decoded):
    assert decoded[2] == {}


def test_every_radar_tells_of_each_turn(decoded):
    feed, out, _ = decoded
    for sensor in feed.sensors:
        if sensor.kind == "radar":
            status = Status.concat([d.status for d in out[sensor.source]])
            turns = int(SECONDS / sensor.period_s)
            north = status.message == 1
            assert turns - 1 <= north.sum() <= turns + 1
            assert (status.message == 2).sum() >= (turns - 1) * 32
            assert status.period_s[north] == pytest.approx(sensor.period_s, abs=0.01)
            assert np.degrees(status.lat_rad[north]) == pytest.approx(sensor.lat_deg, abs=1e-4)
            assert (status.sac_sic == sensor.sac * 256 + sensor.sic).all()


def test_radar_plots_are_the_truth_within_their_noise(decoded):
    feed, _, _ = decoded
    z = []
    for sensor, plots in plots_of(decoded, "radar"):
        assert len(plots) > 20
        for i in np.flatnonzero(plots.address > 0)[:120]:
            truth = feed.truth(plots.time_s[i])
            j = int(np.flatnonzero(truth.address == plots.address[i])[0])
            place = np.radians(sensor.lat_deg), np.radians(sensor.lon_deg), sensor.height_m
            e, n, u = enu_of(*place, truth.lat_rad[j], truth.lon_rad[j], truth.height_m[j])
            turn = np.angle(np.exp(1j * (plots.azimuth_rad[i] - np.arctan2(e, n))))
            z.append(((plots.range_m[i] - np.sqrt(e * e + n * n + u * u)) / sensor.range_std_m, np.degrees(turn) / sensor.azimuth_std_deg))
            assert plots.callsign[i] == truth.callsign[j]
            assert plots.mode_a[i] == truth.mode_a[j]
            assert plots.pressure_altitude_m[i] == pytest.approx(truth.height_m[j], abs=8.0)
    z = np.array(z)
    assert len(z) > 150
    assert np.abs(z.mean(axis=0)).max() < 0.3
    assert z.std(axis=0) == pytest.approx([1.0, 1.0], abs=0.2)


def test_adsb_positions_are_the_truth_within_their_noise(decoded):
    feed, _, _ = decoded
    count = 0
    for sensor, plots in plots_of(decoded, "adsb"):
        assert len(plots) > 20
        assert (plots.receive_s >= plots.time_s).all()
        for i in range(0, len(plots), max(1, len(plots) // 40)):
            truth = feed.truth(plots.time_s[i])
            j = int(np.flatnonzero(truth.address == plots.address[i])[0])
            there = plots.lat_rad[i], plots.lon_rad[i], truth.height_m[j]
            e, n, _ = enu_of(truth.lat_rad[j], truth.lon_rad[j], truth.height_m[j], *there)
            assert np.hypot(e, n) < 60.0, sensor.id
            assert plots.pressure_altitude_m[i] == pytest.approx(truth.height_m[j], abs=8.0)
            count += 1
    assert count > 150


def test_drones_are_read_by_name(decoded):
    feed, _, _ = decoded
    names = set()
    for _, plots in plots_of(decoded, "remote_id"):
        names |= set(plots.remote_id.tolist())
        for i in range(0, len(plots), max(1, len(plots) // 20)):
            truth = feed.truth(plots.time_s[i])
            j = int(np.flatnonzero(truth.remote_id == plots.remote_id[i])[0])
            e, n, _ = enu_of(truth.lat_rad[j], truth.lon_rad[j], 0.0, plots.lat_rad[i], plots.lon_rad[i], 0.0)
            assert np.hypot(e, n) < 8.0
    assert len(names) == 8


def test_a_day_ends_without_an_impossible_time_of_day():
    ends = np.array([86_399.9999, 86_400.0, 3 * 86_400.0 - 0.001, 86_399.99])
    assert exercise_feed.time_of_day(ends).max() < 86_400.0
    assert exercise_feed.time_of_day(ends)[-1] == pytest.approx(86_399.9921875)


def test_a_load_exercise_speaks_on_every_radar():
    feed = exercise_feed.open_exercise(ExerciseConfig(aircraft=200))
    sources = {c.source for k in range(1, 8) for c in feed.advance(CONFIG.start_s + k)}
    assert len([s for s in sources if s.endswith("-R")]) == 64

"""The multi-sensor suite: what its world sends, what faults do, what the bound is, and that the table has its columns."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest
from bench import multisensor, multisensor_bound, multisensor_faults, multisensor_run, multisensor_world
from bench.airbench.real import RECORDING
from bench.multisensor_world import ADSB, BEGIN_S, MLAT_SENSOR, NAMES, NONE, RADARS, World

from tenere.batch import Plots
from tenere.estimate.paths import Reports, ordered, paths
from tenere.geo.plane import Plane
from tenere.track import init
from tenere.track.config import TrackConfig
from tenere.track.place import Sites, place

LENGTH_S = 90.0


def circles(count: int = 6, length_s: float = LENGTH_S, equipage: int = ADSB) -> World:
    """Return aircraft that turn steadily, without the recording: the same law for every one of them."""
    t = np.arange(length_s + 1)
    rate = math.radians(0.8)
    rows = []
    for a in range(count):
        course = rate * t + a
        xy = 250.0 / rate * np.column_stack([np.sin(course), -np.cos(course)]) + (15e3 * a - 30e3, 20e3 + 4e3 * a)
        rows.append(np.column_stack([xy, 200 * np.cos(course) * 1.25, 250 * np.sin(course), np.full(len(t), 7000.0 + 300 * a)]))
    who = np.repeat(np.arange(count), len(t))
    address = 0x046000 + np.arange(count)
    table = np.vstack(rows)
    reports = Reports(who, BEGIN_S + np.tile(t, count), *table.T, np.full((len(who), 3), np.nan), address[who], count)
    kinds = np.full(count, equipage)
    lone = np.full(count, -1)
    plane = Plane.at(*multisensor_world.CENTRE_RAD)
    truth = paths(ordered(reports)[0], 2.0)
    carried = address if equipage != NONE else lone
    return World(length_s, plane, truth, np.full(len(who), rate), kinds, carried, 100 + np.arange(count), lone, 3)


@pytest.fixture(scope="module")
def world() -> World:
    return circles()


@pytest.fixture(scope="module")
def sent(world):
    return multisensor_world.feed(world)


def placed(world: World, plots: Plots):
    state = init(TrackConfig(), multisensor_world.sensors(world.plane), multisensor_world.CENTRE_RAD)
    source = np.where(plots.sac_sic >= 0, "radars", np.where(np.isfinite(plots.east_ms), "adsb", "mlat"))
    parts = [state.table.name_plots(str(name), plots.take(source == name)) for name in np.unique(source)]
    rows = np.concatenate([np.flatnonzero(source == name) for name in np.unique(source)])
    got = place(Plots.concat(parts), state.table, state.plane, Sites())
    z = np.empty((len(plots), 2))
    z[rows] = got.z
    return z


def test_plots_lie_where_the_tracker_puts_them(world, sent):
    good = sent.take(sent.good)
    z = placed(world, good.plots)
    true, there = world.at(good.src, good.plots.time_s)
    assert there.all()
    off = z - true[:, :2]
    for i, radar in enumerate(RADARS):
        if radar.reads in ("both", "codes", "address"):
            mine = good.sensor == i
            x0, y0 = radar.east_m, radar.north_m
            d = true[mine, :2] - (x0, y0)
            r = np.hypot(*d.T)
            along, across = (off[mine] * d).sum(1) / r, (d[:, 0] * off[mine, 1] - d[:, 1] * off[mine, 0]) / r
            assert np.std(along) == pytest.approx(radar.range_std_m, rel=0.25)
            assert np.std(across / r) == pytest.approx(math.radians(radar.azimuth_std_deg), rel=0.25)
            assert abs(along.mean()) < 6 * radar.range_std_m / math.sqrt(mine.sum())
    adsb = good.sensor == NAMES.index("ADS-B")
    assert np.std(off[adsb]) == pytest.approx(12.25, rel=0.1)
    assert np.abs(np.hypot(good.plots.east_ms[adsb], good.plots.north_ms[adsb]).mean() - 250.0) < 1.0


def test_plots_come_in_order_each_radar_in_its_turn(sent):
    assert (np.diff(sent.arrive_s) >= 0).all()
    for i, radar in enumerate(RADARS):
        mine = (sent.sensor == i) & sent.good & (sent.src == 0)
        gaps = np.diff(sent.arrive_s[mine]) / radar.period_s
        assert np.abs(gaps - np.rint(gaps)).max() < 0.15
        assert gaps.min() > 0.8


def test_nobody_without_a_transponder_answers():
    silent = circles(equipage=NONE)
    assert set(multisensor_world.feed(silent).sensor.tolist()) >= {0, 3}
    good = multisensor_world.feed(silent)
    assert not np.isin(good.sensor[good.good], (2, 4, 5, MLAT_SENSOR)).any()
    assert (good.plots.mode_a[good.good] < 0).all()


@pytest.mark.parametrize("name", [f.__name__ for f in (*multisensor_run.EVERY, multisensor_faults.biased)])
def test_a_fault_leaves_the_good_plots_good_and_is_the_same_twice(name, world, sent):
    fault = getattr(multisensor_faults, name)
    once, again = (multisensor_faults.spoiled(world, sent, [fault]) for _ in range(2))
    assert np.array_equal(once.plots.range_m, again.plots.range_m, equal_nan=True)
    assert np.array_equal(once.arrive_s, np.sort(once.arrive_s))
    if name == "biased":
        return
    true, _ = world.at(once.src[once.good], once.plots.time_s[once.good])
    off = np.hypot(*(placed(world, once.plots.take(once.good)) - true[:, :2]).T)
    guessed = (once.plots.pressure_altitude_m[once.good] != once.plots.pressure_altitude_m[once.good]) & (once.sensor[once.good] == 0)
    assert np.quantile(off[~guessed], 0.99) < 1500.0


def test_each_fault_does_what_it_says(world, sent):
    def of(name: str):
        return multisensor_faults.spoiled(world, sent, [getattr(multisensor_faults, name)])

    n = len(sent.src)
    assert len(of("split").src) > n
    codes = of("garbled")
    assert (codes.plots.mode_a != sent.plots.mode_a).any()
    assert len(of("propagation").src) > n + 100
    silent = of("outage")
    for i, begin, end in multisensor_faults.OUTAGES:
        share = (silent.arrive_s[silent.sensor == i] - BEGIN_S) / world.length_s
        assert not ((share >= begin) & (share < end)).any()
        assert (share >= end).any()
    jammed = of("jamming")
    assert (jammed.plots.nic == 0).any()
    off = multisensor_faults.biased(world, sent, np.random.Generator(np.random.PCG64(0)))
    radar = sent.sensor == 0
    assert off.plots.range_m[radar] - sent.plots.range_m[radar] == pytest.approx(np.full(radar.sum(), 120.0))
    assert (off.plots.lat_rad[~(sent.sensor < len(RADARS))] == sent.plots.lat_rad[~(sent.sensor < len(RADARS))]).all()


def test_the_bound_of_one_sensor_is_the_filters_covariance(world, sent):
    alone = sent.take(sent.good & (sent.sensor == MLAT_SENSOR) & (sent.src == 0))
    least = multisensor_bound.bounds(world, alone)[0]
    rate, q = float(world.turn_rads[0]), 0.1
    p = np.diag([1e12, 1e12, 150.0**2, 150.0**2])
    t = alone.arrive_s[0]
    h = np.eye(2, 4)
    for when in alone.arrive_s:
        dt = when - t
        s, c = math.sin(rate * dt), math.cos(rate * dt)
        f = np.array([[1, 0, s / rate, -(1 - c) / rate], [0, 1, (1 - c) / rate, s / rate], [0, 0, c, -s], [0, 0, s, c]])
        noise = q * np.kron([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]], np.eye(2))
        p = f @ p @ f.T + noise
        k = p @ h.T @ np.linalg.inv(h @ p @ h.T + np.eye(2) * multisensor_world.MLAT_STD_M**2)
        p = (np.eye(4) - k @ h) @ p
        t = when
    last = math.ceil(t - BEGIN_S)
    assert least[last] >= p[0, 0] + p[1, 1]
    assert least[last] == pytest.approx(p[0, 0] + p[1, 1], rel=0.15)  # it is told at the end of the second
    every = multisensor_bound.bounds(world, sent)[0]
    assert every[last] < 0.5 * least[last]


def test_an_unknown_height_costs_a_primary_radar_more():
    low = circles(equipage=NONE)
    sent = multisensor_world.feed(low)
    primary = sent.take(sent.good & (sent.sensor == 0))
    with_height = primary._replace(plots=primary.plots.replace(pressure_altitude_m=7000.0))
    k = int(LENGTH_S) - 5
    told, untold = multisensor_bound.bounds(low, with_height)[:, k], multisensor_bound.bounds(low, primary)[:, k]
    here = np.isfinite(told)
    assert here.any()
    assert (untold[here] > 1.2 * told[here]).all()


def test_one_track_an_aircraft_over_a_quiet_world(world, sent):
    got = multisensor_run.run(world, sent)
    row, walked = multisensor_run.measured("outage", world, sent, got)
    assert row["completeness_aged"] == 1.0
    assert row["purity"] == 1.0
    assert row["ambiguity"] < 1.05
    assert 1.0 < row["ratio_bound"] < 3.0
    assert row["outage_watched"] > 0
    assert row["outage_dropped"] == 0
    assert (walked.followed[60] > 0).all()
    gone = got._replace(tracks=got.tracks.take(got.tracks.time_s < BEGIN_S + 40))
    row, _ = multisensor_run.measured("outage", world, sent, gone)
    assert row["outage_dropped"] > 0
    assert row["completeness_aged"] < 0.5


@pytest.mark.skipif(not RECORDING.exists(), reason="no recorded flights: ../shared/data is absent")
def test_the_table_and_its_json(monkeypatch, capsys):
    monkeypatch.setattr(multisensor, "QUICK_AIRCRAFT", 8)
    monkeypatch.setattr(multisensor, "QUICK_SECONDS", 60.0)
    monkeypatch.setattr(sys, "argv", ["multisensor", "--quick", "--only", "clean", "--json"])
    multisensor.main()
    got = json.loads(capsys.readouterr().out)
    (row,) = got["scenarios"]
    assert {key for _, key, _ in multisensor.HEAD} - {"outage_dropped", "outage_watched"} <= set(row)
    assert {a["aim"] for a in got["aims"]} < {a.what for a in multisensor.AIMS}
    monkeypatch.setattr(sys, "argv", ["multisensor", "--quick", "--only", "outage"])
    multisensor.main()
    out = capsys.readouterr().out.splitlines()
    assert out[1].split()[0] == "outage"
    assert "tracks dropped that another sensor sees" in out[-1]


def test_it_says_what_is_missing(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(multisensor, "RECORDING", tmp_path / "none.json.gz")
    monkeypatch.setattr(sys, "argv", ["multisensor"])
    multisensor.main()
    assert "no recorded flights" in capsys.readouterr().out

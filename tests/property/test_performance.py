"""Measuring sensors: whatever comes, every placed plot is in one place, shares are shares, and a report changes nothing."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere import performance
from tenere.batch import Plots, Tracks
from tenere.performance import Thresholds, window
from tenere.performance.figures import as_tree
from tenere.serve.measured import sensor_tree

BEGIN_S = 1000.0
SENSORS = (
    performance.Facts("A", "", "adsb", 0.0, 0.0, -1, 1.0),
    performance.Facts("M", "", "mlat", 0.0, 0.0, 0, 1.0),
    performance.Facts("R", "", "radar", 5e3, -2e3, 0, 4.0),
)
WILD = st.sampled_from([0.0, 1.0, -3e3, 4e4, 2.5e5, np.nan, np.inf, -1e300])
TIME = st.sampled_from([-5.0, -0.9, -0.5, 0.0, 3.0, -70.0, 1e12, np.nan])
PLOT = st.tuples(
    st.integers(-1, 4), TIME, WILD, WILD, st.integers(-1, 2), st.integers(-2, 6), st.integers(0, 13), st.sampled_from([0, 1, 8, 32, 256]),
    st.sampled_from([-1, 0, 7, 0o7700]), WILD, st.sampled_from([-1, 5, 6]), st.integers(-1, 127),
)  # fmt: skip
TICKS = st.lists(st.lists(PLOT, max_size=12), max_size=15)


def seen_of(ticks, every_s=1.0):
    for k, plots in enumerate(ticks):
        time_s = BEGIN_S + every_s * k
        sensor, late, x, y, frame, number, kind, flags, mode_a, height, address, quality = zip(*plots, strict=True) if plots else [()] * 12
        made = Plots.blank(
            len(plots), sensor=sensor, time_s=time_s + np.array(late, float), receive_s=time_s, kind=kind, flags=flags, mode_a=mode_a,
            pressure_altitude_m=height, address=address, nic=quality, nac_p=quality, sil=quality,
        )  # fmt: skip
        tracks = Tracks.blank(
            5, number=np.arange(1, 6), time_s=time_s, update_s=time_s, first_s=BEGIN_S, frame=0, x_m=np.arange(5) * 1e3, y_m=0.0,
            vx_ms=10.0, vy_ms=np.nan, turn_rads=0.0, var_xx_m2=1.0, var_yy_m2=1.0, source=-1,
        )  # fmt: skip
        xy = np.array([x, y], float).reshape(2, -1)
        yield performance.Seen(made, xy[0], xy[1], np.array(frame, np.int64), np.array(number, np.int64), tracks, SENSORS), time_s


def run(ticks):
    state = performance.init()
    for seen, time_s in seen_of(ticks):
        state = performance.observe(state, seen, time_s)
    return state


@settings(max_examples=40)
@given(TICKS)
def test_every_plot_is_in_one_place(ticks):
    state = run(ticks)
    found = performance.report(state)
    assert sum(s.counts["plots"] for s in found.sensors) + found.beyond == sum(map(len, ticks))
    left = sum(s.counts["placed"] - s.counts["taken"] - s.counts["founding"] - s.counts["false"] for s in found.sensors)
    twice = sum(s.counts["split"] for s in found.sensors)
    assert found.undecided <= left <= found.undecided + twice  # a turning radar's second plot that a track took is split too
    for sensor in (*found.sensors, found.picture):
        assert all(0.0 <= s.low <= s.value <= s.high <= 1.0 for s in sensor.shares.values() if s.whole)
        assert sensor.intervals.sum() == sensor.counts["intervals"]
        assert sensor.counts["placed"] + sensor.counts["unplaced"] + sensor.counts["not_live"] == sensor.counts["plots"]


@settings(max_examples=20)
@given(TICKS)
def test_it_is_deterministic_and_a_report_changes_nothing(ticks):
    once, again = run(ticks), run(ticks)
    first = performance.report(once)
    np.testing.assert_equal([as_tree(s) for s in first.sensors], [as_tree(s) for s in performance.report(once).sensors])
    for a, b in zip(once.tally, again.tally, strict=True):
        np.testing.assert_array_equal(a, b)


@settings(max_examples=25)
@given(TICKS, st.sampled_from([2.0, 8.0, 1200.0]), st.sampled_from([0.5, 1.0, 40.0]), st.sampled_from([0.0, 1.0, 1e6]))
def test_a_window_holds_whatever_comes_and_says_it_in_strict_json(ticks, window_s, every_s, plots_s):
    held = window.begin(window_s, plots_s)
    for seen, time_s in seen_of(ticks, every_s):
        window.turn(held, time_s, len(seen.plots), len(SENSORS))
        window.observe(held, seen, time_s)
    for k in range(-1, len(SENSORS) + 1):
        found = window.sensor(held, k)
        if found is None:
            continue
        assert all(0.0 <= s.low <= s.value <= s.high <= 1.0 for s in found.shares.values() if s.whole)
        assert found.counts["plots"] <= sum(map(len, ticks))
        json.dumps(sensor_tree(found, Thresholds()), allow_nan=False)

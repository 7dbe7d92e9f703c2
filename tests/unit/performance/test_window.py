"""The measuring of a live picture: the last stretch alone, whole sensors in turns where too much comes, nothing that grows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from air import BEGIN_S, Air, Tick, facts, only, radar, within

from tenere import performance
from tenere.performance import store, window
from tenere.performance.figures import as_tree

PERIOD = 5


def fly(held: window.Window, air: Air, seconds, *, sensors=1, detection=0.9, begin=0, heard=None):
    """Let radars at the origin see the air through a window; detection: of a sensor and a second. heard: rows looked at, by sensor."""
    rng = np.random.Generator(np.random.PCG64(5))
    told = [facts(f"R{k}", period_s=float(PERIOD)) for k in range(sensors)]
    for k in range(begin + 1, begin + seconds + 1):
        time_s, tick = BEGIN_S + k, Tick()
        for s in range(sensors):
            rows = np.flatnonzero((np.arange(air.n) + s) % PERIOD == k % PERIOD)
            rows = rows[rng.random(len(rows)) < (detection(s, k) if callable(detection) else detection)]
            at = air.at(np.full(len(rows), time_s - 0.3), rows)
            tick.add(at, rows + 1, time_s=time_s - 0.3, sensor=s, mode_a=0o1000 + rows, pressure_altitude_m=9000.0)
        seen = tick.seen(air.tracks(time_s), told)
        on = window.turn(held, time_s, len(seen.plots), sensors)
        if on is not None:
            rows = np.flatnonzero(on[seen.plots.sensor])
            seen = seen._replace(
                plots=seen.plots.take(rows),
                x_m=seen.x_m[rows],
                y_m=seen.y_m[rows],
                frame=seen.frame[rows],
                plot_tracks=seen.plot_tracks[rows],
            )
        if heard is not None:
            heard.append(np.bincount(seen.plots.sensor, minlength=sensors))
        window.observe(held, seen, time_s)
    return held


def test_it_says_what_the_whole_measuring_says_while_the_window_lasts():
    """Two halves together give the counts of one state, to the last: shares, gaps, residuals, codes."""
    held = window.begin(200.0, 1e6)
    air, whole = Air(30), performance.init()
    rng = np.random.Generator(np.random.PCG64(3))
    for k in range(1, 190):
        time_s, tick = BEGIN_S + k, Tick()
        rows = np.flatnonzero(np.arange(30) % PERIOD == k % PERIOD)
        rows = rows[rng.random(len(rows)) < 0.8]
        at = air.at(np.full(len(rows), time_s - 0.3), rows) + rng.normal(0, 50, (len(rows), 2))
        tick.add(at, rows + 1, time_s=time_s - 0.3, mode_a=0o1000 + rows, address=rows + 1)
        tick.add(rng.uniform(-1e5, 1e5, (1, 2)), 0, time_s=time_s - 0.3)
        seen = tick.seen(air.tracks(time_s), [facts(period_s=5.0)])
        whole = performance.observe(whole, seen, time_s)
        window.observe(held, seen, time_s)
    assert held.past is not None
    mine, theirs = as_tree(window.sensor(held, 0)), as_tree(only(whole))
    assert mine["counts"].pop("false") == pytest.approx(theirs["counts"].pop("false"), abs=3)  # beginnings are told by number here
    assert mine["counts"].pop("founding") == pytest.approx(theirs["counts"].pop("founding"), abs=3)
    assert mine["counts"] == theirs["counts"]
    for name, value in theirs["values"].items():
        assert mine["values"][name] == pytest.approx(value, nan_ok=True), name
    assert {k: v for k, v in mine["shares"].items() if k != "false"} == {k: v for k, v in theirs["shares"].items() if k != "false"}
    assert np.sum(mine["by_distance"]["received"]) == np.sum(theirs["by_distance"]["received"])
    assert mine["update_in"] == theirs["update_in"]
    assert window.covered(held) == (BEGIN_S + 1, BEGIN_S + 189)


def test_what_is_older_than_the_window_is_forgotten():
    held, air = window.begin(200.0, 1e6), Air(60)
    fly(held, air, 200, detection=0.5)
    assert within(window.sensor(held, 0).shares["update"], 0.5)
    fly(held, air, 230, detection=0.99, begin=200)
    share = window.sensor(held, 0).shares["update"]
    assert share.value > 0.97
    since, until = window.covered(held)
    assert 100 <= until - since <= 200


def test_a_silence_longer_than_the_window_leaves_nothing_old():
    held, air = window.begin(200.0, 1e6), Air(20)
    fly(held, air, 150)
    fly(held, air, 10, begin=5000)
    assert held.past is None
    assert window.sensor(held, 0).counts["plots"] < 60


def test_where_too_much_comes_the_sensors_are_looked_at_in_turns_each_whole():
    held, heard = window.begin(1200.0, 50.0), []
    fly(held, Air(100), 1150, sensors=8, detection=lambda s, _: 0.95 if s % 2 else 0.7, heard=heard)
    looked = np.array(heard)
    assert held.turns == 3  # 8 x 100 / 5 s x 0.83 = 132 a second
    assert looked[10:].sum() / len(looked[10:]) < 60
    for s in range(8):
        share = window.sensor(held, s).shares["update"]
        assert share.whole > 500
        assert within(share, 0.95 if s % 2 else 0.7), s
        assert window.sensor(held, s).counts["silences"] == 0


def test_the_turns_find_a_place_in_half_the_window():
    held = window.begin(600.0, 1.0)
    fly(held, Air(50), 400, sensors=4)
    assert held.turns == window.most_turns(held) == 4


def test_sensors_beyond_the_most_are_left_out(monkeypatch):
    monkeypatch.setattr(store, "MAX_SENSORS", 3)
    held = fly(window.begin(200.0, 1e6), Air(20), 60, sensors=5)
    assert [window.sensor(held, k) is not None for k in range(6)] == [True, True, True, False, False, False]


def test_nothing_grows_and_two_runs_are_the_same():
    a, b = (fly(window.begin(100.0, 1e6), Air(20), 700) for _ in range(2))
    for x, y in zip(a.state.tally, b.state.tally, strict=True):
        np.testing.assert_array_equal(x, y)
    np.testing.assert_equal(as_tree(window.sensor(a, 0)), as_tree(window.sensor(b, 0)))
    assert a.state.tally.slots.sum() < 100 * 20  # of half a window
    first = as_tree(window.sensor(a, 0))
    np.testing.assert_equal(as_tree(window.sensor(a, 0)), first)  # asking changes nothing


def test_a_sensor_that_joins_later_is_measured_over_what_there_is_of_it():
    held, air = window.begin(200.0, 1e6), Air(40)
    fly(held, air, 150, sensors=1)
    fly(held, air, 40, sensors=20, begin=150)  # the tally has grown since the older half was put away
    assert window.sensor(held, 0).counts["plots"] > window.sensor(held, 19).counts["plots"] > 100


def test_before_the_first_tick_there_is_nothing():
    held = window.begin(200.0, 500.0)
    assert window.sensor(held, 0) is None
    assert np.isnan(window.covered(held)).all()


def test_a_whole_recording_is_measured_as_before():
    state = radar(Air(20), 60)
    assert not state.live
    assert dataclasses.replace(state).tracks == 20

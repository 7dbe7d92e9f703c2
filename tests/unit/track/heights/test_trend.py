import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tenere.batch import Tracks, Trend
from tenere.track.heights.trend import trend_step

CLIMB, LEVEL = 1.5, 0.75
FINITE = st.floats(-60, 60)


def run(rates, std=0.3, was=Trend.UNKNOWN):
    out = []
    for rate in rates:
        was = Trend(trend_step(int(was), rate, std, CLIMB, LEVEL))
        out.append(was)
    return out


def test_hysteresis():
    got = run([0.2, 1.4, 1.6, 1.0, 0.8, 0.7, 1.2, -1.6, -0.9, -0.5])
    up, flat, down = Trend.CLIMBING, Trend.LEVEL, Trend.DESCENDING
    assert got == [flat, flat, up, up, up, flat, flat, down, down, flat]


def test_from_climb_to_descent_at_once():
    assert run([5.0, -5.0]) == [Trend.CLIMBING, Trend.DESCENDING]


def test_an_unsure_rate_decides_nothing():
    assert run([1.0], std=2.0) == [Trend.UNKNOWN]
    assert run([2.0], std=2.1, was=Trend.LEVEL) == [Trend.LEVEL]
    assert run([2.2], std=2.1, was=Trend.LEVEL) == [Trend.CLIMBING]
    assert run([0.5], std=2.0) == [Trend.LEVEL]
    assert run([0.1], std=8.1, was=Trend.CLIMBING) == [Trend.UNKNOWN]
    assert run([-0.9], std=1.0, was=Trend.CLIMBING) == [Trend.LEVEL]
    assert run([math.nan], was=Trend.LEVEL) == [Trend.UNKNOWN]
    assert run([1.0], std=math.nan, was=Trend.LEVEL) == [Trend.UNKNOWN]


@given(FINITE, st.floats(0, 8), st.sampled_from(Trend))
def test_up_and_down_are_alike(rate, std, was):
    other = {Trend.CLIMBING: Trend.DESCENDING, Trend.DESCENDING: Trend.CLIMBING}
    if rate == 0.0:
        return
    up = Trend(trend_step(int(was), rate, std, CLIMB, LEVEL))
    assert trend_step(int(other.get(was, was)), -rate, std, CLIMB, LEVEL) == other.get(up, up)


@given(FINITE, st.floats(0, 4.9), st.sampled_from(Trend))
def test_a_second_look_at_the_same_rate_changes_nothing(rate, std, was):
    once = trend_step(int(was), rate, std, CLIMB, LEVEL)
    assert trend_step(once, rate, std, CLIMB, LEVEL) == once


def test_steady_noise_about_the_threshold_rarely_flips():
    rng = np.random.Generator(np.random.PCG64(5))
    rates = 1.5 + 0.2 * rng.standard_normal(2000)
    got = np.array(run(rates))
    bare = np.where(rates >= CLIMB, Trend.CLIMBING, Trend.LEVEL)
    assert np.count_nonzero(np.diff(got)) <= 1
    assert np.count_nonzero(np.diff(bare)) > 500


def test_a_blank_column_says_that_nothing_is_known():
    assert Tracks.blank(1).trend.tolist() == [Trend.UNKNOWN]

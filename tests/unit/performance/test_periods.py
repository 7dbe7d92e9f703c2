"""The period in the intervals, and what is counted by it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from air import rng_of

from tenere.performance import periods, store


def counted(intervals):
    counts, seconds = np.zeros(store.INTERVALS, np.int64), np.zeros(store.INTERVALS)
    for dt in intervals:
        counts[int(dt * store.PER_S)] += 1
        seconds[int(dt * store.PER_S)] += dt
    return counts, seconds


@pytest.mark.parametrize("detection", [0.55, 0.7, 0.9, 0.99])
@pytest.mark.parametrize("turn_s", [2.5, 4.0, 5.013, 12.0])
def test_a_turning_antenna(turn_s, detection):
    rng = rng_of(int(100 * detection))
    looks = np.minimum(rng.geometric(detection, 500), int(60 / turn_s))
    dts = looks * turn_s + rng.normal(0, 0.02, 500)
    counts, seconds = counted(dts)
    found = periods.period(counts, seconds, scanning=True)
    assert found == pytest.approx(turn_s, rel=2e-3)
    every, missed = periods.looks(counts, seconds, found)
    assert every == looks.sum()
    assert missed == (looks - 1).sum()


def test_split_plots_do_not_make_an_antenna_turn_faster():
    counts, seconds = counted([0.05] * 400 + [4.0] * 300)
    assert periods.period(counts, seconds, scanning=True) == pytest.approx(4.0)


def test_squitters_that_come_at_random():
    counts, seconds = counted(rng_of(2).uniform(0.4, 0.6, 3000))
    assert periods.period(counts, seconds, scanning=False) == pytest.approx(0.5, abs=0.02)


def test_too_few_intervals_name_no_period():
    assert math.isnan(periods.period(*counted([4.0] * (periods.FEWEST - 1)), scanning=True))
    assert math.isnan(periods.period(*counted([]), scanning=False))


def test_windows_without_a_plot():
    """A plot each second for 90 s, then 10 s without one: 9 of 100 windows of 1 s, wherever they are laid, are empty."""
    every, empty = periods.windows(*counted([1.0] * 90 + [10.0]), 1.0)
    assert (every, empty) == (pytest.approx(100.0), pytest.approx(9.0))
    every, empty = periods.windows(*counted([1.04] * 100), 1.0)
    assert empty == 0.0
    every, empty = periods.windows(*counted([1.0] * 90 + [10.0]), 8.0)
    assert (every, empty) == (pytest.approx(12.5), pytest.approx(0.25))


def test_windows_laid_at_random_agree():
    rng = rng_of(9)
    times = np.cumsum(rng.choice([1.0, 1.0, 1.0, 3.0, 20.0], 4000))
    every, empty = periods.windows(*counted(np.diff(times)), 5.0)
    begin = rng.uniform(times[0], times[-1] - 5.0, 40_000)
    first = np.searchsorted(times, begin)
    blank = np.mean(times[first] >= begin + 5.0)
    assert empty / every == pytest.approx(blank, abs=0.01)


def test_gaps_are_counted_by_their_length():
    counts, seconds = counted([1.0] * 10 + [3.5] * 4 + [16.5] * 2)
    assert periods.longer(counts, seconds, 3.0) == 6
    assert periods.longer(counts, seconds, 16.4) == 2
    assert periods.longer(counts, seconds, 60.0) == 0

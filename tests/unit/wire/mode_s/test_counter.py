"""Counters to seconds: wrap, steps back, unknown ones, GPS time."""

from __future__ import annotations

import numpy as np

from tenere.wire.mode_s import counter

SECOND = 12_000_000


def seconds(*counts: int) -> list[float]:
    return counter.seconds(np.array(counts, np.int64)).tolist()


def test_twelve_megahertz_from_the_first() -> None:
    assert seconds(5 * SECOND, 6 * SECOND, 8 * SECOND + 6_000_000) == [0.0, 1.0, 3.5]


def test_the_counter_wraps() -> None:
    assert seconds(counter.WRAP - SECOND, counter.WRAP - 1, SECOND) == [0.0, (SECOND - 1) / SECOND, 2.0]


def test_a_step_back_never_takes_time_back() -> None:
    assert seconds(SECOND, 3 * SECOND, 3 * SECOND - 100, 4 * SECOND) == [0.0, 2.0, 2.0, 3.0]  # out of order
    assert seconds(100 * SECOND, 101 * SECOND, 5 * SECOND, 6 * SECOND) == [0.0, 1.0, 1.0, 2.0]  # started anew
    assert seconds(1 * SECOND, 2 * SECOND, 9000 * SECOND, 9001 * SECOND) == [0.0, 1.0, 1.0, 2.0]  # a gap of hours


def test_what_is_no_counter_repeats_the_time_before() -> None:
    assert seconds(0, SECOND, counter.MLAT, 0, 3 * SECOND) == [0.0, 0.0, 0.0, 0.0, 2.0]
    assert seconds(0, 0) == [0.0, 0.0]


def test_gps_time_is_known_by_its_nanoseconds() -> None:
    times = 86_390.001 + np.arange(400) * 0.05
    whole = np.floor(times).astype(np.int64)
    counts = (whole % 86_400) << 30 | np.round((times - whole) * 1e9).astype(np.int64)
    assert counter.is_gps(counts)
    np.testing.assert_allclose(counter.seconds(counts), times, atol=1e-6)  # past midnight it goes on
    assert not counter.is_gps((np.arange(4000) * 0.1 * SECOND).astype(np.int64))
    assert not counter.is_gps(counts[:20])  # too few to tell


def test_the_kernel_equals_its_python() -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    values = rng.integers(0, counter.WRAP, 500)
    values[::2] = np.arange(250) * SECOND
    known = rng.random(500) < 0.9
    args = (values, known, counter.RATE_HZ, counter.WRAP)
    np.testing.assert_array_equal(counter.elapsed(*args), counter.elapsed.py_func(*args))
    assert (np.diff(counter.elapsed(*args)) >= 0).all()


def test_one_damaged_time_does_not_stretch_a_recording() -> None:
    times = 1.7e9 + np.arange(50) * 0.5
    damaged = times.copy()
    damaged[[0, 20, 49]] += 1e9
    damaged[30] = np.nan
    got = counter.steady(damaged)
    assert np.isnan(got[30])
    keep = np.arange(50) != 30
    assert np.abs(got[keep] - times[keep]).max() <= 1.0
    assert counter.steady(times).tolist() == times.tolist()
    assert counter.steady(times[:2]).tolist() == times[:2].tolist()
    two_days = np.concatenate([times, times + 86_400])
    assert counter.steady(two_days).tolist() == two_days.tolist()

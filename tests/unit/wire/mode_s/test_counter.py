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


# --- a live source ---


def gps(times_s: np.ndarray) -> np.ndarray:
    """Return counters that hold the time of day of times."""
    whole = np.floor(times_s).astype(np.int64)
    return (whole % 86_400) << 30 | np.floor((times_s - whole) * 1e9).astype(np.int64)


def test_a_clock_tells_gps_time_once_it_is_proven() -> None:
    times = 1_700_000_000.25 + np.arange(400) * 0.05
    clock = counter.Clock()
    told, off, _ = clock.times(gps(times), times + 0.3)
    first = int(np.argmax(~np.isnan(told)))
    assert 99 <= first < 120  # a hundred frames and three seconds
    np.testing.assert_allclose(told[first:], times[first:], atol=1e-6)
    assert off == 0


def test_a_clock_does_not_mind_cuts() -> None:
    times = 86_390.0 + np.arange(400) * 0.05
    whole = counter.Clock().times(gps(times), times)[0]
    clock = counter.Clock()
    parts = [clock.times(gps(times[k : k + 7]), times[k : k + 7])[0] for k in range(0, 400, 7)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_clock_goes_on_across_midnight() -> None:
    midnight = 19_000 * 86_400.0
    times = midnight - 9.99 + np.arange(400) * 0.05
    received = times + np.where(np.arange(400) % 2, 2.0, -2.0)  # the computer's own clock differs: it sees midnight twice
    told = counter.Clock().times(gps(times), received)[0]
    np.testing.assert_allclose(told[150:], times[150:], atol=1e-6)


def test_a_twelve_megahertz_counter_is_never_taken_for_gps() -> None:
    times = np.arange(4000) * 0.1
    told = counter.Clock().times((times * SECOND).astype(np.int64) + 1, times)[0]
    assert np.isnan(told).all()


def test_what_cannot_be_gps_time_undoes_the_proof() -> None:
    times = 50_000.0 + np.arange(300) * 0.05
    counts = gps(times)
    counts[200] |= 0x3FFFFFFF
    told = counter.Clock().times(counts, times)[0]
    assert not np.isnan(told[199])
    assert np.isnan(told[200:299]).all()


def test_frames_without_a_counter_are_told_nothing() -> None:
    times = 50_000.0 + np.arange(300) * 0.05
    counts = gps(times)
    counts[250], counts[251], counts[252] = 0, counter.MLAT, -1
    told = counter.Clock().times(counts, times)[0]
    assert np.isnan(told[250:253]).all()
    assert not np.isnan(told[253:]).any()


def test_a_clock_off_by_minutes_is_counted_and_not_used() -> None:
    times = 50_000.0 + np.arange(300) * 0.05
    told, off, first = counter.Clock().times(gps(times), times + 100.0)
    assert np.isnan(told).all()
    assert off == 300 - first
    assert first >= 99

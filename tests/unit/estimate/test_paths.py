"""Where an aircraft was between its rows."""

from __future__ import annotations

import numpy as np
import pytest
from score_scene import reports

from tenere.estimate.paths import intervals, ordered, paths, states

RATE, SPEED = np.radians(3.0), 250.0


def circle(t):
    r = SPEED / RATE
    return r * np.sin(RATE * t), r * np.cos(RATE * t), SPEED * np.cos(RATE * t), -SPEED * np.sin(RATE * t)


@pytest.mark.parametrize(("told", "off_m", "off_ms"), [(True, 0.03, 0.1), (False, 0.75, 2.0)])
def test_a_turn_is_not_cut_short(told, off_m, off_ms):
    t = np.arange(0.0, 41.0, 4.0)
    x, y, u, v = circle(t)
    where = paths(reports(0 * t, t, x, y, *((u, v) if told else ())), 30.0)
    at = np.arange(4.0, 36.0, 0.1)
    got, there = states(where, np.zeros(len(at), np.int64), at)
    assert there.all()
    tx, ty, tu, tv = circle(at)
    assert np.hypot(got[:, 0] - tx, got[:, 1] - ty).max() < off_m  # a chord would be 26 m off
    assert np.hypot(got[:, 2] - tu, got[:, 3] - tv).max() < off_ms


def test_a_straight_line_is_met_exactly_at_and_between_uneven_rows():
    t = np.array([0.0, 1.0, 5.0, 12.0])
    where = paths(reports(0 * t, t, 10 * t, -3 * t, z=100 + t), 30.0)
    got, there = states(where, np.zeros(3, np.int64), np.array([0.0, 3.3, 12.0]))
    assert there.all()
    assert got == pytest.approx(np.array([[0, 0, 10, -3, 100], [33, -9.9, 10, -3, 103.3], [120, -36, 10, -3, 112]]))


def test_before_after_and_in_a_gap_it_is_not_known_to_be_there():
    t = np.array([10.0, 14.0, 50.0, 54.0])
    where = paths(reports(0 * t, t, 10 * t, 0 * t), 30.0)
    got, there = states(where, np.zeros(5, np.int64), np.array([9.9, 14.0, 20.0, 49.0, 54.1]))
    assert there.tolist() == [False, True, False, False, False]
    assert got[:, 0] == pytest.approx([99, 140, 200, 490, 541])  # carried on straight from the nearest row


def test_the_slope_of_a_row_does_not_reach_over_a_gap():
    t = np.array([0.0, 4.0, 100.0, 104.0])
    where = paths(reports(0 * t, t, np.array([0.0, 40.0, 5000.0, 5000.0]), 0 * t), 30.0)
    got, _ = states(where, np.zeros(1, np.int64), np.array([4.0]))
    assert got[0, 2] == pytest.approx(10.0)


def test_a_height_that_one_side_lacks_is_not_made_up():
    t = np.array([0.0, 4.0, 8.0])
    where = paths(reports(0 * t, t, t, t, z=np.array([100.0, np.nan, 300.0])), 30.0)
    got, _ = states(where, np.zeros(3, np.int64), np.array([0.0, 2.0, 8.0]))
    assert got[:, 4] == pytest.approx([100.0, np.nan, 300.0], nan_ok=True)


def test_someone_without_rows_is_nowhere():
    r = reports(np.array([0.0, 2.0]), np.zeros(2), np.zeros(2), np.zeros(2), parties=3)
    _, there = states(paths(r, 30.0), np.array([0, 1, 2]), np.zeros(3))
    assert there.tolist() == [True, False, True]


def test_rows_are_put_in_order_and_a_second_row_at_a_time_is_left_out():
    who, t = np.array([1, 0, 0, 1, 0]), np.array([5.0, 4.0, 0.0, 5.0, 4.0])
    got, again = ordered(reports(who, t, np.array([7.0, 9.0, 1.0, 6.0, 8.0]), np.zeros(5)))
    assert (got.who.tolist(), got.time_s.tolist(), got.x_m.tolist()) == ([0, 0, 1], [0.0, 4.0, 5.0], [1.0, 8.0, 6.0])
    assert again.tolist() == [0, 1]
    assert intervals(got).tolist() == [4.0]


def test_the_address_of_an_aircraft_is_its_first():
    r = reports(np.array([0.0, 0, 1, 1]), np.array([0.0, 1, 0, 1]), np.zeros(4), np.zeros(4), address=[-1, 7, 9, 8])
    assert paths(r, 30.0).address.tolist() == [7, 9]


def slow(t, x, v, at):
    """Return a place by the cubic through two rows, solved for its four coefficients."""
    a, b = t
    rows = np.array([[1, a, a**2, a**3], [1, b, b**2, b**3], [0, 1, 2 * a, 3 * a**2], [0, 1, 2 * b, 3 * b**2]])
    return np.linalg.solve(rows, [*x, *v]) @ [1, at, at**2, at**3]


@pytest.mark.parametrize("seed", range(5))
def test_the_kernel_against_a_slow_reference(seed):
    rng = np.random.Generator(np.random.PCG64(seed))
    t, x, v = np.cumsum(rng.uniform(1, 9, 8)), rng.uniform(-1e3, 1e3, (2, 8)), rng.uniform(-200, 200, (2, 8))
    where = paths(reports(0 * t, t, *x, *v), 30.0)
    at = np.sort(rng.uniform(t[0], t[-1], 40))
    got, there = states(where, np.zeros(40, np.int64), at)
    k = np.searchsorted(t, at) - 1
    for c in range(2):
        wanted = [slow(t[i : i + 2], x[c, i : i + 2], v[c, i : i + 2], s) for i, s in zip(k, at, strict=True)]
        assert got[:, c] == pytest.approx(wanted, rel=1e-6, abs=1e-5)
    assert there.all()
    share = (at - t[k]) / (t[k + 1] - t[k])
    speed = np.hypot(*v)
    line = (1 - share) * v[:, k] + share * v[:, k + 1]
    kept = np.hypot(*line) > 0.5 * ((1 - share) * speed[k] + share * speed[k + 1])
    assert np.hypot(got[:, 2], got[:, 3])[kept] == pytest.approx(((1 - share) * speed[k] + share * speed[k + 1])[kept])
    assert np.arctan2(got[:, 2], got[:, 3]) == pytest.approx(np.arctan2(*line))

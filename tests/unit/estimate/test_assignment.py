"""The assignment of GOSPA against every assignment there is, and against SciPy's where there are many."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tenere.estimate.assignment import assign, gospa_assign, near, pairs_of


def power(truth, tracks, cut, order=2.0):
    """Return GOSPA^p."""
    _, _, d = gospa_assign(truth, tracks, cut, order)
    return float((d**order).sum() + cut**order / 2 * (len(truth) + len(tracks) - 2 * len(d)))


def exhaustive(truth, tracks, cut, order):
    best, n, m = np.inf, len(truth), len(tracks)
    for k in range(min(n, m) + 1):
        for rows in itertools.combinations(range(n), k):
            for cols in itertools.permutations(range(m), k):
                d = sum(float(np.hypot(*(truth[i] - tracks[j])) ** order) for i, j in zip(rows, cols, strict=True))
                best = min(best, d + cut**order / 2 * (n + m - 2 * k))
    return best


@pytest.mark.parametrize("order", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("seed", range(8))
def test_small_sets_against_every_assignment(seed, order):
    rng = np.random.Generator(np.random.PCG64(seed))
    truth, tracks = rng.uniform(0, 2500, (rng.integers(0, 5), 2)), rng.uniform(0, 2500, (rng.integers(0, 5), 2))
    assert power(truth, tracks, 1000.0, order) == pytest.approx(exhaustive(truth, tracks, 1000.0, order), rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_dense_sets_against_scipy(seed):
    optimize = pytest.importorskip("scipy.optimize", reason="the extra bench brings SciPy")
    rng = np.random.Generator(np.random.PCG64(seed))
    truth, tracks = rng.uniform(0, 4000, (rng.integers(1, 60), 2)), rng.uniform(0, 4000, (rng.integers(1, 60), 2))
    apart = np.hypot(*(truth[:, None] - tracks).transpose(2, 0, 1))
    cost = np.where(apart < 1000.0, (apart / 1000.0) ** 2 - 1, 0.0)
    i, j = optimize.linear_sum_assignment(cost)
    wanted = sorted((a, b) for a, b in zip(i.tolist(), j.tolist(), strict=True) if cost[a, b] < 0)
    i, j, d = gospa_assign(truth, tracks, 1000.0)
    assert sorted(zip(i.tolist(), j.tolist(), strict=True)) == wanted
    assert d == pytest.approx(apart[i, j])


def test_near_finds_every_pair_closer_than_the_cut_and_no_other():
    rng = np.random.Generator(np.random.PCG64(5))
    a, b = rng.uniform(0, 100, (30, 2)), rng.uniform(0, 100, (40, 2))
    a[3], b[7] = np.nan, np.inf
    start, col, apart = near(a, b, 30.0)
    with np.errstate(invalid="ignore"):
        all_apart = np.hypot(*(a[:, None] - b).transpose(2, 0, 1))
    for i in range(30):
        own = slice(start[i], start[i + 1])
        assert sorted(col[own].tolist()) == np.flatnonzero(all_apart[i] < 30.0).tolist()
        assert apart[own] == pytest.approx(all_apart[i, col[own]])


def test_the_cut_itself_is_not_near():
    assert len(near(np.zeros((1, 2)), np.array([[10.0, 0.0]]), 10.0)[1]) == 0
    assert len(near(np.zeros((1, 2)), np.array([[9.999, 0.0]]), 10.0)[1]) == 1


def test_of_equal_ways_the_lower_column_is_taken():
    cost = np.array([-1.0, -1.0])
    assert assign(np.array([0, 2]), np.array([1, 0]), cost, 2).tolist() == [0]


def test_nothing_to_assign():
    none = np.zeros((0, 2))
    for truth, tracks in ((none, none), (none, np.zeros((2, 2))), (np.zeros((2, 2)), none)):
        assert [len(x) for x in gospa_assign(truth, tracks, 10.0)] == [0, 0, 0]


def test_candidates_of_a_longer_cut_serve_a_shorter_one():
    truth, tracks = np.array([[0.0, 0.0], [500.0, 0.0]]), np.array([[400.0, 0.0], [900.0, 0.0]])
    start, col, apart = near(truth, tracks, 5000.0)
    i, j, _ = pairs_of(start, col, apart, 2, 150.0)
    assert (i.tolist(), j.tolist()) == ([1], [0])
    i, j, d = pairs_of(start, col, apart, 2, 1000.0)
    assert (i.tolist(), j.tolist(), d.tolist()) == ([0, 1], [0, 1], [400.0, 400.0])

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tenere.track.multi.assign import k_best


def every_way(cost, picks, base):
    """All ways of all parents, (cost, parent, plots), by enumeration."""
    p = cost.shape[1]
    out = []
    for q, pick in enumerate(picks):
        for way in itertools.product(range(-1, p), repeat=len(pick)):
            used = [j for j in way if j >= 0]
            price = base[q] + sum(cost[a, j] if a >= 0 else np.inf for a, j in zip(pick, way, strict=True) if j >= 0)
            if len(used) == len(set(used)) and np.isfinite(price):
                out.append((price, q, way))
    return sorted(out)


@pytest.mark.parametrize("seed", range(30))
def test_the_k_best_are_those_of_an_enumeration(seed):
    rng = np.random.default_rng(seed)  # noqa: TID251 - seeded
    n, p, alternatives, parents = rng.integers(1, 4), rng.integers(0, 4), 5, rng.integers(1, 4)
    cost = rng.normal(0.0, 3.0, (alternatives, p))
    cost[rng.random(cost.shape) < 0.3] = np.inf
    picks = rng.integers(-1, alternatives, (parents, n))
    base = rng.normal(0.0, 1.0, parents)
    wanted = every_way(cost, picks, base)
    for k in (1, 3, len(wanted), len(wanted) + 5):
        parent, sol, price = k_best(cost, picks, base, k, np.inf)
        assert len(price) == min(k, len(wanted))
        np.testing.assert_allclose(price, [w[0] for w in wanted[:k]], atol=1e-9)
        assert len({(q, tuple(s)) for q, s in zip(parent, sol, strict=True)}) == len(price)
        for c, q, s in zip(price, parent, sol, strict=True):
            assert any(abs(c - w[0]) < 1e-9 and w[1] == q and w[2] == tuple(s) for w in wanted)


def test_slack_leaves_out_what_is_dearer_by_more():
    cost = np.array([[-5.0, -1.0], [-4.0, -3.0]])
    picks, base = np.array([[0, 1]]), np.zeros(1)
    wanted = [w[0] for w in every_way(cost, picks, base)]
    *_, price = k_best(cost, picks, base, 50, 3.0)
    assert list(price) == [c for c in wanted if c <= wanted[0] + 3.0]


def test_ties_come_in_the_same_order_each_time():
    cost = np.zeros((4, 4))
    picks, base = np.array([[0, 1, 2], [1, 2, 3]]), np.zeros(2)
    first, again = k_best(cost, picks, base, 20, 1.0), k_best(cost, picks, base, 20, 1.0)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))


def test_a_large_problem_is_solved_as_well_as_by_scipy():
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(4)  # noqa: TID251 - seeded
    cost = rng.normal(-2.0, 4.0, (20, 30))
    own = np.full((20, 20), np.inf)
    np.fill_diagonal(own, 0.0)
    both = np.hstack([cost, own])
    i, j = optimize.linear_sum_assignment(np.where(np.isfinite(both), both, 1e9))
    *_, price = k_best(cost, np.arange(20)[None], np.zeros(1), 1, 1.0)
    np.testing.assert_allclose(price[0], both[i, j].sum())

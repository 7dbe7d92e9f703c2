"""Sites that together see the most: against every plan there is, where these can be counted."""

from itertools import combinations, islice

import numpy as np
import pytest

from tenere.coverage import certify as proof
from tenere.coverage.relax import relax
from tenere.coverage.siting import Problem, greedy, shaken, swapped
from tenere.errors import UsageError


def drawn(seed, candidates=9, cells=40, budget=3.0, **given):
    """Return a small problem at random."""
    random = np.random.Generator(np.random.PCG64(seed))
    sees = random.random((candidates, cells)) < 0.25
    once = random.integers(0, 5, cells).astype(float)
    if given.pop("second", False):
        given["twice"] = once * random.random(cells)
    if given.pop("stands", False):
        given["held"] = random.integers(0, 3, cells)
    if given.pop("priced", False):
        given["cost"] = random.uniform(0.5, 2.0, candidates)
    return Problem.of(sees, once, budget, **given), sees


def told(p, sees, sites):
    """Return a plan's worth, slowly."""
    count = p.held + sees[list(sites)].sum(axis=0)
    return p.once[count >= 1].sum() + p.twice[count >= 2].sum()


def best(p, sees):
    """Return the best worth there is."""
    plans = (s for k in range(p.candidates + 1) for s in combinations(range(p.candidates), k) if p.cost[list(s)].sum() <= p.budget + 1e-12)
    return max(told(p, sees, s) for s in plans)


KINDS = ("", "second", "stands", "second stands", "priced", "second stands priced")
every_kind = pytest.mark.parametrize("kind", [dict.fromkeys(k.split(), True) for k in KINDS], ids=[k or "plain" for k in KINDS])


@every_kind
@pytest.mark.parametrize("seed", range(5))
def test_plans_are_worth_what_they_say_and_each_step_is_no_worse(kind, seed):
    p, sees = drawn(seed, **kind)
    first = greedy(p)
    second = swapped(p, first)
    third = list(islice(shaken(p, second, 1), 30))[-1]
    most = best(p, sees)
    for plan in (first, second, third):
        assert plan.worth == pytest.approx(told(p, sees, plan.sites))
        assert plan.cost == pytest.approx(p.cost[plan.sites].sum())
        assert plan.cost <= p.budget + 1e-9
        assert list(plan.sites) == sorted(set(plan.sites))
    assert first.worth <= second.worth <= third.worth <= most + 1e-9
    assert first.worth - p.stands >= 0.5 * (1 - 1 / np.e) * (most - p.stands) - 1e-9


@every_kind
@pytest.mark.parametrize("seed", range(5))
def test_no_plan_exceeds_the_bound_and_what_is_settled_is_right(kind, seed):
    p, sees = drawn(seed, **kind)
    plan = greedy(p)
    found, most = relax(p, plan), best(p, sees)
    assert found.bound >= most - 1e-9
    if most > plan.worth + 1e-9:
        better = [s for k in range(4) for s in combinations(range(p.candidates), k) if p.cost[list(s)].sum() <= p.budget + 1e-12]
        for s in (s for s in better if told(p, sees, s) > plan.worth + 1e-9):
            assert not found.never[list(s)].any()
            assert set(np.flatnonzero(found.always)) <= set(s)


@every_kind
def test_the_solver_finds_the_best_and_proves_it(kind):
    p, sees = drawn(3, candidates=11, cells=60, **kind)
    found = proof.certify(p, greedy(p), 20.0, gap=0.0)
    assert found.plan.worth == pytest.approx(best(p, sees))
    assert found.plan.worth == pytest.approx(told(p, sees, found.plan.sites))
    assert found.gap < 1e-4


def test_a_bound_stands_when_somebody_stops_the_solver():
    p, _ = drawn(4, candidates=60, cells=400, budget=8.0)
    plan = greedy(p)
    found = proof.certify(p, plan, 30.0, gap=0.0, go_on=lambda: False)
    assert found.plan == plan
    assert found.bound >= swapped(p, plan).worth


def test_cells_that_are_alike_are_one_for_the_solver():
    sees = np.array([[True, True, False, True, False], [False, False, True, True, False]])
    cells = proof.merged(Problem.of(sees, np.arange(1.0, 6.0), 1, held=np.array([0, 0, 0, 1, 0])))
    assert cells.once.tolist() == [3.0, 3.0]  # the fourth is held and worth nothing more, the fifth nobody would see
    assert [cells.candidate[a:b].tolist() for a, b in zip(cells.start[:-1], cells.start[1:], strict=True)] == [[0], [1]]


def test_the_same_seed_gives_the_same_plan():
    p, _ = drawn(5, candidates=40, cells=300, budget=6.0)
    one, other = ([plan.sites.tolist() for plan in islice(shaken(p, greedy(p), 7), 20)] for _ in range(2))
    assert one == other


@pytest.mark.parametrize("budget", [0.0, 0.4])
def test_nothing_is_built_for_nothing(budget):
    p, _ = drawn(6, budget=budget)
    plan = greedy(p)
    assert len(plan.sites) == 0
    assert next(shaken(p, plan, 1)) == plan
    assert proof.certify(p, plan, 5.0).plan == plan


def test_candidates_that_see_nothing_are_not_built():
    p = Problem.of(np.zeros((3, 4), bool), np.ones(4), 2)
    assert len(greedy(p).sites) == 0
    assert proof.certify(p, greedy(p), 5.0).gap == 0.0


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"once": [1.0, -1.0]}, "zero or more"),
        ({"once": [1.0, np.nan]}, "zero or more"),
        ({"twice": [2.0, 0.0]}, "second sensor"),
        ({"cost": [0.0]}, "cost"),
        ({"budget": np.inf}, "budget"),
        ({"cost": [1.0, 1.0]}, "as many as"),
        ({"once": [1.0]}, "as many as"),
    ],
)
def test_figures_that_make_no_problem_are_refused(wrong, what):
    given = {"once": [1.0, 1.0], "budget": 1.0, "twice": None, "cost": None, **wrong}
    arrays = {k: np.array(v) if isinstance(v, list) else v for k, v in given.items()}
    with pytest.raises(UsageError, match=what):
        Problem.of(np.ones((1, 2), bool), **arrays)

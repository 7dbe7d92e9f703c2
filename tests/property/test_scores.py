"""Scores of whatever picture: perfect against itself, blind to the order of rows, and GOSPA a metric."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from tenere.estimate.assignment import gospa_assign
from tenere.estimate.paths import Reports, ordered, paths
from tenere.estimate.score import score
from tenere.estimate.steps import ScoreConfig, grid, span_of

CUT = 1000.0
POINTS = of_numpy.arrays(
    np.float64, st.tuples(st.integers(0, 6), st.just(2)), elements=st.floats(-1500, 1500, allow_nan=False, allow_subnormal=False)
)
ORDERS = st.sampled_from((1.0, 1.5, 2.0, 4.0))


def gospa(a, b, order):
    _, _, d = gospa_assign(a, b, CUT, order)
    return float(((d**order).sum() + CUT**order / 2 * (len(a) + len(b) - 2 * len(d))) ** (1 / order))


@given(POINTS, POINTS, POINTS, ORDERS)
@settings(max_examples=150, deadline=None)
def test_gospa_is_a_metric(a, b, c, order):
    ab = gospa(a, b, order)
    assert ab >= 0
    assert gospa(a, a, order) == 0
    assert math.isclose(ab, gospa(b, a, order), rel_tol=1e-9, abs_tol=1e-6)
    assert ab <= gospa(a, c, order) + gospa(c, b, order) + 1e-6
    if ab == 0:
        assert len(a) == len(b)
        assert all(np.hypot(*(a - point).T).min() < 1e-9 for point in b)


@given(POINTS, POINTS, ORDERS)
@settings(max_examples=100, deadline=None)
def test_each_point_is_in_at_most_one_pair_and_every_pair_is_worth_it(a, b, order):
    i, j, d = gospa_assign(a, b, CUT, order)
    assert len(set(i.tolist())) == len(set(j.tolist())) == len(d)
    assert (d < CUT).all()
    assert np.allclose(d, np.hypot(*(a[i] - b[j]).T) if len(i) else d)


@st.composite
def pictures(draw, most=5):
    """Return rows of a few tracks that fly straight, some with holes, in any order."""
    parts = []
    parties = draw(st.integers(1, most))
    for who in range(parties):
        x, y, u, v = (draw(st.floats(-5000, 5000)) for _ in range(4))
        first = draw(st.integers(0, 6))
        t = 4.0 * (first + np.flatnonzero(draw(st.lists(st.booleans(), min_size=2, max_size=12))))
        parts.append(np.column_stack([np.full(len(t), who), t, x + 0.05 * u * t, y + 0.05 * v * t]))
    rows = np.concatenate(parts)
    order = draw(st.permutations(range(len(rows))))
    rows = rows[list(order)]
    n = len(rows)
    nan = np.full(n, np.nan)
    return Reports(
        rows[:, 0].astype(np.int64), rows[:, 1], rows[:, 2], rows[:, 3], nan, nan, nan, np.full((n, 3), np.nan), np.full(n, -1), parties
    )


def told(truth, tracks, gap_s=30.0, **config):
    truth, tracks, chosen = ordered(truth)[0], ordered(tracks)[0], ScoreConfig(**config)
    return score(paths(truth, gap_s), tracks, grid(span_of(truth), tracks, chosen), chosen)


@given(pictures())
@settings(max_examples=80, deadline=None)
def test_the_truth_against_itself_has_no_error(picture):
    got = told(picture, picture, gap_s=5.0, step_s=4.0)  # a hole in the truth is one here too
    r = got.result()
    s = got.series()
    assert not got.errors.total("horizontal")[3] > 0
    assert (s.followed.tolist(), s.redundant.any(), s.false.any()) == (s.aircraft.tolist(), False, False)
    assert r["continuity"]["switches"] == 0


@given(pictures(), pictures(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_order_of_rows_is_of_no_account(truth, tracks, random):
    def mixed(r):
        order = list(range(len(r.who)))
        random.shuffle(order)
        return r.take(np.array(order, np.intp))

    one, two = told(truth, tracks, step_s=4.0), told(mixed(truth), mixed(tracks), step_s=4.0)
    assert repr(one.result()) == repr(two.result())
    assert repr(one.aircraft()) == repr(two.aircraft())


@given(pictures(), pictures())
@settings(max_examples=80, deadline=None)
def test_counts_add_up(truth, tracks):
    got = told(truth, tracks, step_s=4.0)
    s = got.series()
    assert (s.followed <= np.minimum(s.aircraft, s.tracks)).all()
    assert (s.followed + s.redundant + s.false == s.tracks).all()
    f = got.following
    assert int(f.life.sum()) == int(s.aircraft.sum())
    assert int(f.tracked.sum()) == int(s.followed.sum()) == int(f.pairs()[2].sum())
    assert (f.longest_run <= f.tracked).all()
    assert (f.switches <= np.maximum(f.segments - 1, 0)).all()
    g = got.result()["gospa"][0]
    if s.time_s.size:
        parts = g["localisation_m"] ** 2 + g["missed_m"] ** 2 + g["false_m"] ** 2
        assert math.isclose(parts, g["gospa_m"] ** 2, rel_tol=1e-9, abs_tol=1e-6)

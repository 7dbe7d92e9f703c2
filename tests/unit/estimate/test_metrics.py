"""Every sum against figures worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenere.estimate import metrics
from tenere.estimate.metrics import Following, Gospa, Siap, Sums, normalised


def test_gospa_and_its_parts_by_hand():
    g = Gospa(1000.0)
    g.add(np.array([600.0, 900.0]), 2, 3)  # two found, one false
    g.add(np.array([300.0]), 2, 1)  # one found, one missed
    got = g.result()
    squares = 600**2 + 900**2 + 1000**2 / 2, 300**2 + 1000**2 / 2
    assert g.powers == list(squares)
    assert got["gospa_m"] == pytest.approx(math.sqrt(sum(squares) / 2))
    assert got["localisation_m"] == pytest.approx(math.sqrt((600**2 + 900**2 + 300**2) / 2))
    assert got["missed_m"] == got["false_m"] == pytest.approx(math.sqrt(1000**2 / 2 / 2))
    assert got["localisation_m"] ** 2 + got["missed_m"] ** 2 + got["false_m"] ** 2 == pytest.approx(got["gospa_m"] ** 2)
    assert (got["missed_a_step"], got["false_a_step"]) == (0.5, 0.5)
    assert got["localisation_a_pair_m"] == pytest.approx(math.sqrt((600**2 + 900**2 + 300**2) / 3))


def test_gospa_of_order_one_adds_distances():
    g = Gospa(1000.0, 1.0)
    g.add(np.array([600.0, 900.0]), 3, 2)
    assert g.result()["gospa_m"] == pytest.approx(600 + 900 + 500)


def test_steps_before_the_first_that_counts_are_left_out():
    g = Gospa(1000.0)
    g.add(np.array([100.0]), 1, 1, counts=False)
    g.add(np.array([7.0]), 1, 1)
    assert g.result()["gospa_m"] == pytest.approx(7.0)
    assert g.mean() == pytest.approx(math.sqrt((100**2 + 7**2) / 2))


def test_siap_by_hand():
    s = Siap()
    s.add(3, 2, 4, 3)
    s.add(3, 3, 3, 3)
    assert s.result() == pytest.approx({"completeness": 5 / 6, "ambiguity": 6 / 5, "spuriousness": 1 / 7})
    assert Siap().result() == {"completeness": 0.0, "ambiguity": 0.0, "spuriousness": 0.0}


def test_sums_are_kept_by_aircraft_and_skip_what_is_not_known():
    s = Sums(3)
    s.add("up", np.array([0, 2]), np.array([3.0, -4.0]))
    s.add("up", np.array([0, 1, 2]), np.array([5.0, np.nan, np.nan]))
    assert s.count("up").tolist() == [2, 0, 1]
    assert s.mean("up") == pytest.approx([4.0, np.nan, -4.0], nan_ok=True)
    assert s.rms("up") == pytest.approx([math.sqrt(17), np.nan, 4.0], nan_ok=True)
    assert s.total("up") == pytest.approx((3, 4 / 3, math.sqrt(50 / 3), 5.0))
    assert s.total("down")[0] == 0
    assert np.isnan(s.mean("down")).all()


def test_normalised_error_by_hand():
    spread = np.array([[[4.0, 0.0], [0.0, 9.0]], [[2.0, 1.0], [1.0, 2.0]], [[1.0, 1.0], [1.0, 1.0]]])
    assert normalised(np.array([[2.0, 3.0], [1.0, 1.0], [1.0, 0.0]]), spread) == pytest.approx([2.0, 2 / 3, np.inf])


@pytest.fixture(params=[1 << 18, 3])
def kept(request, monkeypatch):
    """Have pairs counted in one go, and a little at a time."""
    monkeypatch.setattr(metrics, "KEPT_KEYS", request.param)


@pytest.mark.usefixtures("kept")
def test_following_by_hand():
    # step        0  1  2  3  4  5  6  7  8  9
    # aircraft 0  .  7  7  .  7  7  8  8  8  8    a wait of 1, a gap of 1, a change
    # aircraft 1        .  .  9  9  .  .  .  .    born at 2, lost at 6
    # aircraft 2  .  .  .  .  .  .  .  .  .  .    never followed
    f = Following(4)
    zero = {1: 7, 2: 7, 4: 7, 5: 7, 6: 8, 7: 8, 8: 8, 9: 8}
    for k in range(10):
        here = np.array([0, 1, 2] if k >= 2 else [0, 2])
        pairs = [(0, zero[k])] if k in zero else []
        pairs += [(1, 9)] if k in (4, 5) else []
        who, number = np.array(pairs, np.int64).reshape(-1, 2).T
        f.add(k, here, who, number)
    assert f.life.tolist() == [10, 8, 10, 0]
    assert f.tracked.tolist() == [8, 2, 0, 0]
    assert f.switches.tolist() == [1, 0, 0, 0]
    assert f.segments.tolist() == [3, 1, 0, 0]
    assert (f.gaps.tolist(), f.gap_steps.tolist(), f.longest_gap.tolist()) == ([1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0])
    assert f.longest_run.tolist() == [4, 2, 0, 0]
    assert [x.tolist() for x in f.pairs()] == [[0, 0, 1], [7, 8, 9], [4, 4, 2]]
    assert [x.tolist() for x in f.most()] == [[7, 9, -1, -1], [4, 2, 0, 0]]
    assert f.purity() == 1.0
    assert f.delay(8) == {"p50": 2.0, "p95": math.inf, "never": 1}
    assert f.delay(9) == {"p50": math.inf, "p95": math.inf, "never": 1}  # of 0 and 2
    assert f.delay(11)["never"] == 0


@pytest.mark.usefixtures("kept")
def test_two_that_swap_tracks():
    f = Following(2)
    for k in range(10):
        f.add(k, np.array([0, 1]), np.array([0, 1]), np.array([4, 5] if k < 7 else [5, 4]))
    assert f.switches.tolist() == [1, 1]
    assert f.purity() == pytest.approx(0.7)
    assert f.longest_run.tolist() == [7, 7]
    assert f.most()[0].tolist() == [4, 5]


def test_nothing_followed():
    f = Following(0)
    f.add(0, np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert math.isnan(f.purity())
    assert f.delay(1)["never"] == 0

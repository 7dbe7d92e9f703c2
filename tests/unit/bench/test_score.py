"""The scores, held to cases worked out by hand and to exhaustive search."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from bench.airbench import scenario
from bench.airbench.score import Names, Siap, gospa_assign, normalised, score


def squared_gospa(truth, tracks, cut):
    _, _, d = gospa_assign(truth, tracks, cut)
    return float((d**2).sum() + cut**2 / 2 * (len(truth) + len(tracks) - 2 * len(d)))


def exhaustive(truth, tracks, cut):
    """Try every partial assignment."""
    best = np.inf
    n, m = len(truth), len(tracks)
    for k in range(min(n, m) + 1):
        for rows in itertools.combinations(range(n), k):
            for cols in itertools.permutations(range(m), k):
                d2 = sum(float(((truth[i] - tracks[j]) ** 2).sum()) for i, j in zip(rows, cols, strict=True))
                best = min(best, d2 + cut**2 / 2 * (n + m - 2 * k))
    return best


def test_two_found_and_one_false():
    truth = np.array([[0.0, 0.0], [3000.0, 0.0]])
    tracks = np.array([[9000.0, 0.0], [600.0, 0.0], [3000.0, 900.0]])
    i, j, d = gospa_assign(truth, tracks, 1000.0)
    assert sorted(zip(i.tolist(), j.tolist(), d.tolist(), strict=True)) == [(0, 1, 600.0), (1, 2, 900.0)]
    assert squared_gospa(truth, tracks, 1000.0) == 600**2 + 900**2 + 1000**2 / 2


def test_the_best_whole_beats_the_nearest_pair():
    truth = np.array([[0.0, 0.0], [500.0, 0.0]])
    tracks = np.array([[400.0, 0.0], [900.0, 0.0]])
    assert squared_gospa(truth, tracks, 1000.0) == 400**2 + 400**2  # not 100 m and a pair 900 m apart


def test_farther_than_the_cut_is_a_miss_and_a_false_track():
    assert squared_gospa(np.zeros((1, 2)), np.array([[1001.0, 0.0]]), 1000.0) == 1000**2
    assert squared_gospa(np.zeros((0, 2)), np.array([[1.0, 0.0]]), 1000.0) == 1000**2 / 2
    assert squared_gospa(np.zeros((2, 2)), np.zeros((0, 2)), 1000.0) == 1000**2


@pytest.mark.parametrize("seed", range(12))
def test_small_sets_against_every_assignment(seed):
    rng = scenario.rng_of(seed)
    truth, tracks = rng.uniform(0, 2500, (rng.integers(1, 5), 2)), rng.uniform(0, 2500, (rng.integers(1, 5), 2))
    assert squared_gospa(truth, tracks, 1000.0) == pytest.approx(exhaustive(truth, tracks, 1000.0), rel=1e-12)


def test_siap_counts():
    siap = Siap()
    truth = np.array([[0.0, 0.0], [5000.0, 0.0], [50_000.0, 0.0]])
    tracks = np.array([[10.0, 0.0], [-20.0, 0.0], [5100.0, 0.0], [90_000.0, 0.0]])
    siap.add(truth, tracks, np.array([True, False, True]))
    got = siap.result()
    assert got["completeness"] == pytest.approx(2 / 3)
    assert got["completeness_aged"] == pytest.approx(1 / 2)
    assert got["ambiguity"] == pytest.approx(3 / 2)
    assert got["spuriousness"] == pytest.approx(1 / 4)


def test_switches_purity_and_delay():
    names = Names()
    here = np.ones((12, 3), bool)
    here[:2, 1] = False  # aircraft 1 appears at scan 2; aircraft 2 is never followed
    for k in range(12):
        if k >= 3:
            names.add(k, np.array([0, 1]), np.array([7 if k < 6 else 8, 9]))
    got = names.result(here)
    assert got["id_switches"] == 1  # from 7 to 8; a first number is none
    assert got["purity"] == 1.0
    assert got["longest_track"] == pytest.approx((6 / 12 + 9 / 10 + 0) / 3)
    assert (got["initiation_scans_p50"], got["initiation_scans_p95"], got["never_tracked"]) == (3.0, None, 1)


def test_normalised_error_by_hand():
    spread = np.array([[[4.0, 0.0], [0.0, 9.0]], [[2.0, 1.0], [1.0, 2.0]], [[1.0, 1.0], [1.0, 1.0]]])
    err = np.array([[2.0, 3.0], [1.0, 1.0], [1.0, 0.0]])
    assert normalised(err, spread) == pytest.approx([2.0, 2 / 3, np.inf])


def told(data, error, spread):
    """Return a tracker's output that is the truth with an error, and states a covariance."""
    k, i = np.nonzero(~np.isnan(data["X"][..., 0]))
    x = data["X"][k, i]
    return {
        "scan": k,
        "track_id": i,
        "x": x[:, 0] + error[k, i, 0],
        "y": x[:, 2] + error[k, i, 1],
        "vx": x[:, 1],
        "vy": x[:, 3],
        "var_xx": np.full(len(k), spread[0, 0]),
        "var_xy": np.full(len(k), spread[0, 1]),
        "var_yy": np.full(len(k), spread[1, 1]),
    }


def test_the_ellipse_holds_gaussian_errors_as_often_as_it_says():
    data, meta = scenario.make(60, 5, seed=3, scans=60)
    spread = np.array([[8000.0, 3000.0], [3000.0, 5000.0]])
    error = scenario.rng_of(4).multivariate_normal(np.zeros(2), spread, data["X"].shape[:2])
    honest = score(data, meta, told(data, error, spread))
    proud = score(data, meta, told(data, error, spread / 4))
    assert honest["inside_95"] == pytest.approx(0.95, abs=0.015)
    assert honest["inside_95_cv"] == pytest.approx(0.95, abs=0.015)
    assert honest["nees_mean"] == pytest.approx(1.0, abs=0.05)
    assert proud["inside_95"] == pytest.approx(1 - 0.05**0.25, abs=0.03)  # chi-square of two: P(d2 < c) = 1 - exp(-c / 2)
    assert honest["rmse_pos"] == pytest.approx(np.sqrt(13_000), rel=0.03)
    assert honest["completeness"] == honest["purity"] == 1.0


def test_a_perfect_output_scores_zero():
    data, meta = scenario.make(20, 5, seed=3, scans=40)
    got = score(data, meta, told(data, np.zeros((*data["X"].shape[:2], 2)), np.eye(2)))
    assert got["gospa_c1km"]["rms_full"] == got["gospa_c5km"]["rms_full"] == got["ratio_pcrlb"] == got["rmse_vel"] == 0.0
    assert got["spuriousness"] == 0.0
    assert got["initiation_scans_p95"] == 0.0

"""The scores of a run, held to cases worked out by hand; the measures themselves are held in tests/unit/estimate."""

from __future__ import annotations

import numpy as np
import pytest
from bench.airbench import scenario
from bench.airbench.score import Nearest, names_of, score

from tenere.estimate.metrics import Following


def test_siap_counts():
    siap = Nearest()
    truth = np.array([[0.0, 0.0], [5000.0, 0.0], [50_000.0, 0.0]])
    tracks = np.array([[10.0, 0.0], [-20.0, 0.0], [5100.0, 0.0], [90_000.0, 0.0]])
    siap.add(truth, tracks, np.array([True, False, True]))
    got = siap.result()
    assert got["completeness"] == pytest.approx(2 / 3)
    assert got["completeness_aged"] == pytest.approx(1 / 2)
    assert got["ambiguity"] == pytest.approx(3 / 2)
    assert got["spuriousness"] == pytest.approx(1 / 4)


def test_the_names_of_a_run():
    following = Following(3)
    for k in range(12):
        here = np.array([0, 1, 2] if k >= 2 else [0, 2])  # aircraft 1 appears at scan 2; aircraft 2 is never followed
        pairs = np.array([(0, 7 if k < 6 else 8), (1, 9)] if k >= 3 else [], np.int64).reshape(-1, 2)
        following.add(k, here, *pairs.T)
    got = names_of(following)
    assert got["id_switches"] == 1  # from 7 to 8; a first number is none
    assert got["purity"] == 1.0
    assert got["longest_track"] == pytest.approx((6 / 12 + 9 / 10 + 0) / 3)
    assert (got["initiation_scans_p50"], got["initiation_scans_p95"], got["never_tracked"]) == (3.0, None, 1)


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

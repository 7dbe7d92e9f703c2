"""The requirement itself, small: a feed that already contains our radar neither shrinks the covariance nor splits tracks."""

import pytest
from bench import fusion


def test_a_feed_that_contains_our_radar_neither_shrinks_the_covariance_nor_splits_tracks():
    got = fusion.case("same radar", "address", aircraft=10, seconds=130, seed=5)
    ours, fused, added = got["ours"], got["fused"], got["added"]
    assert fused["rows_an_aircraft"] == ours["rows_an_aircraft"] == 1.0
    assert fused["numbers_an_aircraft"] == 1.0
    assert got["area_ratio"]["mean"] == pytest.approx(1.0, abs=0.02)
    assert fused["nees"] == pytest.approx(ours["nees"], rel=0.05)
    assert fused["rmse_m"] == pytest.approx(ours["rmse_m"], rel=0.03)
    assert added["nees"] > 1.4 * ours["nees"]  # what counting twice would do
    assert (got["joined"], got["parted"]) == (10, 0)


def test_an_independent_radar_makes_it_better_and_the_ellipse_stays_true():
    got = fusion.case("other radar", "address", aircraft=10, seconds=130, seed=5)
    assert got["fused"]["rmse_m"] < got["ours"]["rmse_m"]
    assert got["fused"]["nees"] < 2.2
    assert got["fused"]["rows_an_aircraft"] == 1.0

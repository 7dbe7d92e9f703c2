"""Shares and their intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tenere.estimate.share import Share, wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)],
)
def test_wilson_as_in_the_tables(part, whole, low, high):
    assert wilson(part, whole) == pytest.approx((low, high), abs=5e-5)


def test_nothing_of_nothing_is_unknown():
    share = Share.of(0, 0)
    assert math.isnan(share.value)
    assert math.isnan(share.low)
    assert math.isnan(share.high)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.Generator(np.random.PCG64(3))
    held = [low <= 0.93 <= high for low, high in (wilson(k, 200) for k in rng.binomial(200, 0.93, 2000))]
    assert 0.93 <= np.mean(held) <= 0.97

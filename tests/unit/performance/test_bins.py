"""Histograms: what they hold, and the percentiles they give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from air import rng_of

from tenere.performance import bins


def filled(values, scale):
    counts, sums = np.zeros(bins.BINS, np.int64), np.zeros(3)
    for v in values:
        bins.add(counts, sums, float(v), scale)
    return counts, sums


def test_moments_of_normal_values():
    values = rng_of(5).normal(20.0, 50.0, 20_000)
    counts, sums = filled(values, 0.5)
    found = bins.moments(counts, sums, 0.5)
    assert found.n == 20_000
    assert found.mean == pytest.approx(values.mean())
    assert found.std == pytest.approx(values.std(ddof=1))
    assert found.rms == pytest.approx(math.sqrt((values**2).mean()))
    assert found.p95 == pytest.approx(np.percentile(np.abs(values), 95), rel=0.02)
    for share in (0.05, 0.5, 0.99):
        assert bins.quantile(counts, 0.5, share) == pytest.approx(np.quantile(values, share), rel=0.03, abs=1.0)


def test_wild_values_do_not_move_the_robust_width():
    values = np.concatenate([rng_of(6).normal(0, 10.0, 10_000), np.full(100, 1e9), [np.nan, np.inf, -np.inf]])
    counts, sums = filled(values, 0.5)
    found = bins.moments(counts, sums, 0.5)
    assert found.n == 10_100
    assert found.robust_std == pytest.approx(10.0, rel=0.05)
    assert found.std > 1e6


def test_an_empty_histogram_says_nothing():
    counts, sums = filled([], 1.0)
    assert all(math.isnan(v) for v in bins.moments(counts, sums, 1.0)[1:])
    assert math.isnan(bins.quantile(counts, 1.0, 0.5))
    assert math.isnan(bins.spread(counts, 1.0, 0.5))


def test_every_value_is_between_its_edges():
    edges = bins.edges(0.5)
    for v in (-1e5, -3.0, -0.01, 0.0, 0.2, 7.0, 1e6):
        k = bins.bin_of(v, 0.5)
        assert edges[k] <= v <= edges[k + 1]

"""Covariance intersection and the search for pairs, held to slow references."""

import numpy as np
import pytest
from rig import rng_of

from tenere.track.fuse import intersect
from tenere.track.fuse.blend import _mixed
from tenere.track.fuse.pool import MOST_NEAR, neighbours


def covariances(rng, n):
    """Return (3, n): xx, xy, yy of random ellipses, some round, some a hundred times as long as wide."""
    angle, a, b = rng.uniform(0, np.pi, n), 10 ** rng.uniform(1, 3, n), 10 ** rng.uniform(1, 3, n)
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([c * c * a**2 + s * s * b**2, c * s * (a**2 - b**2), s * s * a**2 + c * c * b**2])


def matrix(p):
    return np.array([[p[0], p[1]], [p[1], p[2]]])


def test_the_share_makes_the_ellipse_least_of_all_shares():
    rng = rng_of(3)
    a, b = covariances(rng, 200), covariances(rng, 200)
    w = intersect(a, b)
    shares = np.linspace(0, 1, 2001)[:, None, None]
    for k in range(200):
        ia, ib = np.linalg.inv(matrix(a[:, k])), np.linalg.inv(matrix(b[:, k]))
        best = np.linalg.det(shares * ia + (1 - shares) * ib).max()
        assert np.linalg.det(w[k] * ia + (1 - w[k]) * ib) >= best * (1 - 1e-9)
    assert (w > 0.01).any()
    assert ((w > 0.01) & (w < 0.99)).any()


def test_of_two_equals_each_has_half_and_of_two_round_ones_the_smaller_all():
    round_one = np.array([[100.0], [0.0], [100.0]])
    assert intersect(round_one, round_one).tolist() == [0.5]
    assert intersect(round_one, 4 * round_one).tolist() == [1.0]
    assert intersect(4 * round_one, round_one).tolist() == [0.0]


def test_the_mixture_is_the_textbook_s():
    rng = rng_of(4)
    n = 50
    a, b = (np.vstack([rng.normal(0, 100, (4, n)), covariances(rng, n), rng.uniform(1, 200, (1, n))]) for _ in range(2))
    w, out = intersect(a[4:7], b[4:7]), _mixed(a, b)
    for k in range(n):
        ia, ib = np.linalg.inv(matrix(a[4:7, k])), np.linalg.inv(matrix(b[4:7, k]))
        cov = np.linalg.inv(w[k] * ia + (1 - w[k]) * ib)
        at = cov @ (w[k] * ia @ a[:2, k] + (1 - w[k]) * ib @ b[:2, k])
        np.testing.assert_allclose(out[:2, k], at, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(matrix(out[4:7, k]), cov, rtol=1e-6)
        better = a if a[7, k] <= b[7, k] else b
        assert out[[2, 3, 7], k].tolist() == better[[2, 3, 7], k].tolist()


def test_whatever_the_correlation_the_stated_covariance_is_not_too_small():
    rng = rng_of(5)
    a, b = covariances(rng, 30), covariances(rng, 30)
    w = intersect(a, b)
    for k in range(30):
        A, B = matrix(a[:, k]), matrix(b[:, k])
        la, lb = np.linalg.cholesky(A), np.linalg.cholesky(B)
        P = np.linalg.inv(w[k] * np.linalg.inv(A) + (1 - w[k]) * np.linalg.inv(B))
        ka, kb = w[k] * P @ np.linalg.inv(A), (1 - w[k]) * P @ np.linalg.inv(B)
        for angle in np.linspace(0, np.pi, 7):  # any orthogonal matrix is a possible correlation of the two errors
            c, s = np.cos(angle), np.sin(angle)
            for sign in (1, -1):
                cross = la @ np.array([[c, -s * sign], [s, c * sign]]) @ lb.T
                true = ka @ A @ ka.T + kb @ B @ kb.T + ka @ cross @ kb.T + kb @ cross.T @ ka.T
                assert np.linalg.eigvalsh(P - true)[0] >= -1e-6 * np.trace(P)


def slow_neighbours(x, y, var, source, reach, gate, extra):
    out = []
    for u in range(len(x)):
        for v in range(u + 1, len(x)):
            r = np.hypot(x[v] - x[u], y[v] - y[u])
            if source[u] != source[v] and r <= reach and r**2 <= gate * (var[u] + var[v] + extra):
                out.append((u, v))
    return out


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_search_finds_every_pair_within_reach(seed):
    rng = rng_of(6, seed)
    n = 150
    x, y = rng.uniform(-30e3, 30e3, n), rng.uniform(-30e3, 30e3, n)
    var, source = 10 ** rng.uniform(2, 6, n), rng.integers(0, 3, n)
    args = (x, y, var, source, 5000.0, 18.5, 1e4)
    found = [tuple(p) for p in neighbours(*args).tolist()]
    assert found == slow_neighbours(*args)
    assert len(found) > 10


def test_a_crowd_on_one_spot_is_bounded_and_the_nearest_are_kept():
    n = 600
    x = np.r_[np.zeros(n), np.arange(n, dtype=float)]
    found = neighbours(x, np.zeros(2 * n), np.full(2 * n, 1e4), np.repeat([0, 1], n), 5000.0, 18.5, 1e4)
    assert len(found) <= 2 * n * MOST_NEAR
    assert {(0, n + k) for k in range(MOST_NEAR)} <= {tuple(p) for p in found.tolist()}


def test_nothing_to_search_gives_nothing():
    none = np.zeros(0)
    assert neighbours(none, none, none, np.zeros(0, np.int64), 5000.0, 18.5, 1e4).shape == (0, 2)

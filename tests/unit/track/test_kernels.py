"""Holds the association's kernels to slow, obvious references."""

import itertools

import numpy as np
import pytest

from tenere.track import grid, kernels, store, work
from tenere.track.fit import ground_m


def exact(psi, rest):
    """Return the marginal of each (track, plot) pair by summing over every one-to-one assignment."""
    tracks, plots = psi.shape
    out, total = np.zeros(psi.shape), 0.0
    for choice in itertools.product(range(-1, plots), repeat=tracks):
        used = [c for c in choice if c >= 0]
        if len(set(used)) < len(used):
            continue
        weight = np.prod([rest[t] if c < 0 else psi[t, c] for t, c in enumerate(choice)])
        total += weight
        for t, c in enumerate(choice):
            if c >= 0:
                out[t, c] += weight
    return out / total


def by_kernel(psi, rest, base=5):
    t, q = np.nonzero(psi)
    phi, nu = np.zeros(len(t)), np.zeros(len(t))
    kernels.marginals(t.astype(np.int32), (q + base).astype(np.int32), psi[t, q], nu, phi, len(t), rest, base, psi.shape[0], psi.shape[1])
    out = np.zeros(psi.shape)
    out[t, q] = phi
    return out


@pytest.mark.parametrize("seed", range(20))
def test_marginals_on_a_chain_are_exact(seed):
    rng = np.random.Generator(np.random.PCG64(seed))
    psi = np.zeros((4, 4))
    for k in range(4):  # track k may take plots k and k + 1: no loop, so belief propagation is exact
        psi[k, k] = rng.gamma(1.0, 3.0)
        if k < 3:
            psi[k, k + 1] = rng.gamma(1.0, 3.0)
    rest = rng.uniform(0.05, 1.0, 4)
    assert np.allclose(by_kernel(psi, rest), exact(psi, rest), atol=2e-3)


def test_marginals_in_a_dense_cluster_are_near():
    errors = []
    for seed in range(40):
        rng = np.random.Generator(np.random.PCG64(seed))
        psi, rest = rng.gamma(0.5, 4.0, (3, 3)), rng.uniform(0.05, 0.5, 3)
        got = by_kernel(psi, rest)
        assert (got >= 0).all()
        assert (got.sum(1) <= 1 + 1e-9).all()
        errors.append(np.abs(got - exact(psi, rest)).mean())
    assert np.mean(errors) < 0.1  # as published for loopy belief propagation in such clusters


def test_the_grid_finds_every_track_near_a_point():
    rng = np.random.Generator(np.random.PCG64(2))
    s, w, book = store.make(512), work.make_work(512, 512, 1024), np.zeros(work.NBOOK, np.int64)
    n = book[work.HIGH] = 400
    s.alive[:n] = rng.random(n) < 0.9
    s.x[:n, :, :2] = rng.uniform(-60e3, 60e3, (n, 1, 2))
    s.mu[:n] = [0.8, 0.1, 0.1]
    s.time_s[:n] = 0.0
    grid.build_grid(s, book, 0.0, w)
    assert sorted(w.order[: w.head[-1]].tolist()) == np.nonzero(s.alive)[0].tolist()
    mask = len(w.head) - 2
    for x, y in rng.uniform(-60e3, 60e3, (50, 2)):
        cx, cy = int(np.floor(x / grid.CELL_M)), int(np.floor(y / grid.CELL_M))
        found = set()
        for bx, by in itertools.product(range(cx - 1, cx + 2), range(cy - 1, cy + 2)):
            b = grid.bucket_of(bx, by, mask)
            found |= set(w.order[w.head[b] : w.head[b + 1]].tolist())
        near = np.nonzero((s.alive[:n] == 1) & (np.hypot(s.x[:n, 0, 0] - x, s.x[:n, 0, 1] - y) < grid.CELL_M))[0]
        assert set(near.tolist()) <= found


def test_keys_are_chained_with_the_elder_first():
    s, w, book = store.make(64), work.make_work(64, 64, 64), np.zeros(work.NBOOK, np.int64)
    book[work.HIGH] = 10
    s.alive[:10] = 1
    s.key[:10] = [7, 8, 7, -1, 9, 7, 8, -1, 300, 7]
    grid.build_keys(s, book, w)
    i, chain = w.key_head[(7 * 2654435761 >> 7) & (len(w.key_head) - 1)], []
    while i >= 0:
        chain += [int(i)] if s.key[i] == 7 else []
        i = s.chain[i]
    assert chain == [0, 2, 5, 9]


def test_ground_range_agrees_with_the_ellipsoid():
    from tenere.geo import ellipsoid

    for slant, height in ((20e3, 11e3), (60e3, 11e3), (250e3, 11e3), (30e3, 500.0)):
        lat, lon, _, _ = ellipsoid.geodetic_of_polar(0.24, 0.03, 250.0, slant, 1.0, height)
        e, n, u = ellipsoid.enu_of(0.24, 0.03, 250.0, lat, lon, 0.0)
        assert ground_m(slant, height, 250.0) == pytest.approx(np.sqrt(e * e + n * n + u * u), rel=2e-3)

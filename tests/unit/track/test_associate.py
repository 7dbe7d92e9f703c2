"""Which plot is whose: the kernels against a sum over everything that may have happened."""

import itertools

import numpy as np
import pytest
from rig import rng_of, room, sensor

from tenere.track import associate as kernel
from tenere.track.associate import EXACT_PLOTS, EXACT_TRACKS


def by_events(psi, rest):
    """Return the probability of each (track, plot) by weighing every one-to-one assignment."""
    tracks, plots = psi.shape
    out, total = np.zeros(psi.shape), 0.0
    for choice in itertools.product(range(-1, plots), repeat=tracks):
        taken = [c for c in choice if c >= 0]
        if len(set(taken)) < len(taken):
            continue
        weight = np.prod([rest[t] if c < 0 else psi[t, c] for t, c in enumerate(choice)])
        total += weight
        for t, c in enumerate(choice):
            if c >= 0:
                out[t, c] += weight
    return out / total


def by_sets(psi, rest):
    """Return the same where the events are too many to list: by removing a track and a plot, the permanent that is left."""

    def total(tracks, taken):
        if not tracks:
            return 1.0
        key = (tracks, taken)
        if key not in known:
            t, left = tracks[0], tracks[1:]
            known[key] = rest[t] * total(left, taken) + sum(
                psi[t, p] * total(left, taken | 1 << p) for p in np.flatnonzero(psi[t]) if not taken >> int(p) & 1
            )
        return known[key]

    known = {}
    everyone = tuple(range(len(psi)))
    whole = total(everyone, 0)
    out = np.zeros(psi.shape)
    for t, p in np.argwhere(psi > 0):
        out[t, p] = psi[t, p] * total(tuple(k for k in everyone if k != t), 1 << int(p)) / whole
    return out


def by_kernel(psi, existence, detection=0.9, q0=3, hard=()):
    """Return the probabilities that the whole association leaves, and how likely each track gives no plot. hard: (track, plot) known."""
    tracks, plots = psi.shape
    _, w, _ = room(slots=tracks, edges=max(int((psi > 0).sum()), 1))
    figures = sensor(DETECTION=detection)
    p, t = np.nonzero(psi.T)
    n = len(t)
    w.e_slot[:n], w.e_plot[:n], w.e_psi[:n] = t, p + q0, psi[t, p]
    w.slot_hard[:tracks] = -1
    w.slot_r[:tracks] = existence
    for a, b in hard:
        w.slot_hard[a] = int(np.flatnonzero((t == a) & (p == b))[0])
    kernel.sort_by_slot(w, tracks, n)
    kernel.associate(w, tracks, n, q0, plots, figures)
    out = np.zeros(psi.shape)
    out[t, p] = w.e_phi[:n]
    return out


def random_graph(rng, tracks, plots, density):
    psi = rng.gamma(0.5, 4.0, (tracks, plots)) * 10.0 ** rng.integers(-2, 3, (tracks, plots))
    return np.where(rng.random((tracks, plots)) < density, psi, 0.0)


@pytest.mark.parametrize("seed", range(25))
def test_exact_is_the_sum_over_all_joint_events(seed):
    rng = rng_of(seed)
    tracks, plots = rng.integers(1, 5, 2)
    psi, rest = random_graph(rng, tracks, plots, rng.choice([0.4, 0.8, 1.0])), rng.uniform(0.02, 1.0, tracks)
    phi = np.full(psi.shape, np.nan)
    kernel.exact(psi, rest, phi)
    assert np.allclose(phi, by_events(psi, rest), rtol=1e-10, atol=1e-14)
    assert np.allclose(by_sets(psi, rest), by_events(psi, rest), rtol=1e-10, atol=1e-14)


def test_exact_at_its_largest():
    rng = rng_of(1)
    psi, rest = random_graph(rng, EXACT_TRACKS, EXACT_PLOTS, 0.9), rng.uniform(0.02, 1.0, EXACT_TRACKS)
    phi = np.zeros(psi.shape)
    kernel.exact(psi, rest, phi)
    assert np.allclose(phi, by_sets(psi, rest), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("seed", range(40))
def test_small_clusters_of_any_shape_are_exact(seed):
    rng = rng_of(seed, 7)
    tracks, plots = int(rng.integers(1, 8)), int(rng.integers(1, EXACT_PLOTS + 1))
    psi, existence = random_graph(rng, tracks, plots, rng.choice([0.15, 0.3, 0.6, 1.0])), rng.uniform(0.3, 1.0, tracks)
    assert np.allclose(by_kernel(psi, existence), by_sets(psi, 1.0 - 0.9 * existence), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("seed", range(6))
def test_clusters_are_solved_apart_however_the_rows_are_mixed(seed):
    """30 clusters of a few tracks in one look, their rows and columns shuffled, are what each is alone."""
    rng = rng_of(seed, 8)
    sizes = rng.integers(1, 5, (30, 2))
    psi = np.zeros(sizes.sum(0))
    t = p = 0
    for a, b in sizes:
        psi[t : t + a, p : p + b] = random_graph(rng, a, b, 0.7)
        t, p = t + a, p + b
    existence = rng.uniform(0.3, 1.0, len(psi))
    rows, columns = rng.permutation(psi.shape[0]), rng.permutation(psi.shape[1])
    got = by_kernel(psi[rows][:, columns], existence[rows])
    expected, t, p = np.zeros(psi.shape), 0, 0
    for a, b in sizes:
        expected[t : t + a, p : p + b] = by_events(psi[t : t + a, p : p + b], 1.0 - 0.9 * existence[t : t + a])
        t, p = t + a, p + b
    assert np.allclose(got, expected[rows][:, columns], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("seed", range(10))
def test_message_passing_is_exact_where_there_is_no_loop(seed):
    """A chain of nine tracks and ten plots is beyond the exact sum; belief propagation on a tree is exact all the same."""
    rng = rng_of(seed, 9)
    psi = np.zeros((9, 10))
    for k in range(9):
        psi[k, k : k + 2] = rng.gamma(1.0, 3.0, 2)
    existence = rng.uniform(0.3, 1.0, 9)
    assert np.allclose(by_kernel(psi, existence), by_sets(psi, 1.0 - 0.9 * existence), atol=1e-4)


def test_message_passing_in_large_dense_clusters_is_near():
    """As measured for loopy belief propagation in dense clusters: 0.04 to 0.10 off on average, 0.27 at worst."""
    average, worst = [], 0.0
    for seed in range(30):
        rng = rng_of(seed, 10)
        tracks, plots = int(rng.integers(4, 8)), int(rng.integers(EXACT_PLOTS + 1, EXACT_PLOTS + 4))
        psi, existence = rng.gamma(0.5, 4.0, (tracks, plots)), rng.uniform(0.5, 1.0, tracks)
        got = by_kernel(psi, existence)
        off = np.abs(got - by_sets(psi, 1.0 - 0.9 * existence))
        average.append(off.max())
        worst = max(worst, float(off.max()))
        assert (got >= 0).all()
    assert np.mean(average) < 0.10
    assert worst < 0.27


@pytest.mark.parametrize("seed", range(40))
def test_no_track_has_more_than_one_plot_and_no_plot_more_than_one_track(seed):
    rng = rng_of(seed, 11)
    tracks, plots = rng.integers(1, 14, 2)
    psi, existence = random_graph(rng, tracks, plots, rng.uniform(0.1, 1.0)) * 10.0 ** rng.integers(-6, 7), rng.uniform(0.01, 1.0, tracks)
    got = by_kernel(psi, existence)
    assert np.isfinite(got).all()
    assert (got >= 0).all()
    assert (got.sum(1) <= 1 + 1e-9).all()
    assert (got.sum(0) <= 1 + (1e-9 if tracks <= EXACT_TRACKS and plots <= EXACT_PLOTS else 0.02)).all()
    assert (got[psi == 0] == 0).all()


@pytest.mark.parametrize("seed", [119, 400, 427, 629, 748, 802])
def test_sure_tracks_that_outnumber_their_plots_share_them(seed):
    """Where each would be nearly certain alone, messages are tiny, and passing them must not stop before they have settled."""
    rng = rng_of(seed, 11)
    tracks, plots = rng.integers(1, 14, 2)
    assert tracks > plots
    psi, existence = random_graph(rng, tracks, plots, rng.uniform(0.1, 1.0)) * 10.0 ** rng.integers(-6, 7), rng.uniform(0.01, 1.0, tracks)
    got = by_kernel(psi, existence)
    assert (got.sum(0) <= 1.02).all()
    assert np.abs(got - by_sets(psi, 1.0 - 0.9 * existence)).max() < 0.12


def test_one_track_and_one_plot():
    assert by_kernel(np.array([[3.0]]), np.array([0.8]), detection=0.5)[0, 0] == pytest.approx(3.0 / (3.0 + 1.0 - 0.4))


def test_a_plot_known_by_its_address_is_its_track_s():
    psi = np.array([[2.0, 5.0], [0.0, 4.0]])
    got = by_kernel(psi, np.array([0.9, 0.9]), hard=[(0, 0)])
    assert got[0].tolist() == [1.0, 0.0]
    assert 0 < got[1, 1] < 1


def test_edges_in_the_order_of_their_slots():
    rng = rng_of(2)
    _, w, _ = room(slots=20, edges=100)
    w.e_slot[:100] = rng.integers(0, 20, 100)
    kernel.sort_by_slot(w, 20, 100)
    for k in range(20):
        edges = w.by_slot[w.slot_edges[k] : w.slot_edges[k + 1]]
        assert edges.tolist() == np.flatnonzero(w.e_slot[:100] == k).tolist()


def test_the_order_of_plots_and_tracks_is_nothing_to_the_answer():
    rng = rng_of(3)
    psi, existence = random_graph(rng, 12, 12, 0.5), rng.uniform(0.3, 1.0, 12)
    rows, columns = rng.permutation(12), rng.permutation(12)
    assert np.allclose(by_kernel(psi, existence)[rows][:, columns], by_kernel(psi[rows][:, columns], existence[rows]), atol=1e-9)


def test_a_larger_look_leaves_nothing_behind_for_the_next():
    """The scratch is kept between looks."""
    rng = rng_of(4)
    _, w, _ = room(slots=64, edges=512)
    figures = sensor()
    for tracks, plots in ((12, 12), (3, 3), (12, 9), (2, 5)):
        psi, existence = random_graph(rng, tracks, plots, 0.7), rng.uniform(0.3, 1.0, tracks)
        p, t = np.nonzero(psi.T)
        w.e_slot[: len(t)], w.e_plot[: len(t)], w.e_psi[: len(t)] = t, p, psi[t, p]
        w.slot_hard[:tracks], w.slot_r[:tracks] = -1, existence
        kernel.sort_by_slot(w, tracks, len(t))
        kernel.associate(w, tracks, len(t), 0, plots, figures)
        assert np.array_equal(by_kernel(psi, existence, q0=0)[t, p], w.e_phi[: len(t)])

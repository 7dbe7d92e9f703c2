from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from tenere.estimate.motion import MotionConfig
from tenere.track import multi
from tenere.track.multi import engine, motion, store
from tenere.track.multi.report import answer
from tenere.track.multi.sample import draw, settle

R = np.array([4.0, 0.5, 3.0])
EXACT = multi.MultiConfig(
    drift_m2s3=0.02,
    gate=1e6,
    prune_weight=1e-12,
    prune_existence=1e-12,
    max_hypotheses=5000,
    merge=0.0,
    births_km2_s=0.0,
    start_km2=5.0,
    speed_std_ms=3.0,
)


def pair(row):
    """A row's mean (4,) and covariance (4, 4)."""
    mean, cov = np.zeros(4), np.zeros((4, 4))
    motion.moments(row, mean, cov)
    return mean, cov


def bunch(tracks, picks, weight):
    """A cluster of tracks, each a list of (x, y, existence) alternatives."""
    rows, exist, first = [], [], [0]
    for alternatives in tracks:
        for x, y, e in alternatives:
            row = np.zeros(motion.STRAIGHT_ROW)
            row[:4] = x, y, 1.0, -1.0
            row[[motion.XX, motion.YY, motion.UU, motion.VV]] = 9.0, 7.0, 4.0, 4.0
            row[motion.XU], row[motion.XY] = 2.0, 1.0
            rows.append(row)
            exist.append(e)
        first.append(len(rows))
    n = len(tracks)
    when, none = np.zeros(n), np.zeros(n, np.int64)
    return store.Bunch(
        np.arange(1, n + 1), when, when, none, np.array(first), np.array(rows), np.array(exist), np.array(picks), np.log(weight)
    )


def state_of(b, config=EXACT):
    """A state with one cluster."""
    size = np.zeros(5, np.int64)
    s = store.cut(store.append(store.blank(4, motion.STRAIGHT_ROW), size, b), size)
    return engine.replace(multi.init(config), store=s, time_s=10.0, next_id=len(b.ids) + 1)


def enumerated(b, z, false_m2, pd, unseen_m2):
    """The posterior after one look, by brute force: existence of each old track, its mean position, and that of each plot's new one."""
    n, m = len(b.ids), len(z)
    total, sure, place, new = 0.0, np.zeros(n), np.zeros((n, 2)), np.zeros(m)
    h = np.eye(4)[:2]
    r = np.array([[R[0], R[1]], [R[1], R[2]]])
    for pick, log_weight in zip(b.picks, b.log_weight, strict=True):
        for way in itertools.product(range(-1, m), repeat=n):
            used = [j for j in way if j >= 0]
            if len(used) != len(set(used)):
                continue
            w, exist, at = math.exp(log_weight), np.zeros(n), np.zeros((n, 2))
            for t, j in enumerate(way):
                a = pick[t]
                if a < 0:
                    w *= j < 0
                    continue
                mean, cov = pair(b.rows[a])
                if j < 0:
                    w *= 1 - b.exist[a] * pd
                    exist[t] = b.exist[a] * (1 - pd) / (1 - b.exist[a] * pd)
                    at[t] = mean[:2]
                else:
                    s = h @ cov @ h.T + r
                    d = z[j] - mean[:2]
                    w *= b.exist[a] * pd * math.exp(-0.5 * d @ np.linalg.solve(s, d)) / (2 * math.pi * math.sqrt(np.linalg.det(s)))
                    exist[t] = 1.0
                    at[t] = mean[:2] + (cov @ h.T @ np.linalg.solve(s, d))[:2]
            free = [j for j in range(m) if j not in used]
            w *= (false_m2 + pd * unseen_m2) ** len(free)
            total += w
            sure += w * exist
            place += w * exist[:, None] * at
            new[free] += w * pd * unseen_m2 / (false_m2 + pd * unseen_m2)
    return sure / total, place / sure[:, None], new / total


def marginals(s):
    """Existence and mean position of each track number in a store."""
    out = {}
    for c in range(len(s.tracks) - 1):
        b = store.take(s, c)
        for t, number in enumerate(b.ids):
            sure, place = 0.0, np.zeros(2)
            for pick, w in zip(b.picks, np.exp(b.log_weight), strict=True):
                if pick[t] >= 0:
                    sure += w * b.exist[pick[t]]
                    place += w * b.exist[pick[t]] * b.rows[pick[t], :2]
            out[int(number)] = sure, place / max(sure, 1e-300)
    return out


CASES = {
    "one": (bunch([[(0, 0, 0.7)]], [[0]], [1.0]), [[1.0, 1.0]]),
    "two, one explanation": (bunch([[(0, 0, 0.9)], [(5, 1, 0.6)]], [[0, 1]], [1.0]), [[1.0, 1.0], [4.0, 3.0]]),
    "two, three explanations": (
        bunch([[(0, 0, 0.9), (2, 2, 1.0)], [(5, 1, 0.6), (3, 3, 0.8)]], [[0, 2], [1, 3], [0, -1]], [0.5, 0.3, 0.2]),
        [[1.0, 1.0], [4.0, 3.0], [-3.0, 2.0]],
    ),
    "three": (
        bunch([[(0, 0, 0.9)], [(4, 0, 0.5), (0, 4, 0.7)], [(4, 4, 0.99)]], [[0, 1, 3], [0, 2, 3]], [0.6, 0.4]),
        [[1.0, 1.0], [4.0, 3.0], [2.0, 5.0]],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_look_is_what_an_enumeration_gives(case):
    b, z = CASES[case]
    z = np.array(z)
    state, used = multi.look(state_of(b), 10.0, z, np.tile(R, (len(z), 1)), 2e-5, 0.85)
    got = marginals(state.store)
    sure, place, new = enumerated(b, z, 2e-5, 0.85, EXACT.start_km2 * 1e-6)
    for t, number in enumerate(b.ids):
        assert got[int(number)][0] == pytest.approx(sure[t], rel=1e-6)
        np.testing.assert_allclose(got[int(number)][1], place[t], rtol=1e-6)
    for j in range(len(z)):
        assert got[len(b.ids) + 1 + j][0] == pytest.approx(new[j], rel=1e-6)
    assert (used > 0).all()


def test_plots_that_are_no_position_are_refused_and_counted():
    state = multi.init(EXACT)
    z = np.array([[0.0, 0.0], [np.nan, 0.0], [0.0, np.inf], [1.0, 1.0], [2.0, 2.0]])
    r = np.tile(R, (5, 1))
    r[3] = 1.0, 1.0, 1.0
    r[4, 0] = np.nan
    state, used = multi.look(state, 0.0, z, r, 1e-6, 0.9)
    assert state.refused == 4
    assert list(used > 0) == [True, False, False, False, False]
    state, used = multi.look(state, 1.0, np.zeros((0, 2)), np.zeros((0, 3)), 1e-6, 0.9)
    assert len(used) == 0


def flight(config, looks=25, seed=5, models=None):
    """Two aircraft and false plots; every number ever used, the picture of each look, the last state."""
    rng = np.random.default_rng(seed)  # noqa: TID251 - seeded
    state, numbers, pictures = multi.init(config, models), [], []
    for k in range(looks):
        true = np.array([[200.0 * k * 4, 0.0], [-150.0 * k * 4, 3000.0 + 30.0 * k]])
        z = np.vstack([true[rng.random(2) < 0.9] + rng.normal(0, 60.0, (1, 2)), rng.uniform(-3e4, 3e4, (8, 2))])
        state, used = multi.look(state, 4.0 * k, z, np.tile([3600.0, 0.0, 3600.0], (len(z), 1)), 8 / 3.6e9, 0.9)
        numbers.append(used)
        pictures.append(multi.estimates(state, 4.0 * k))
    return numbers, pictures, state


@pytest.mark.parametrize("models", [None, MotionConfig()])
def test_two_aircraft_keep_their_numbers_and_numbers_are_never_reused(models):
    numbers, pictures, state = flight(multi.MultiConfig(), models=models)
    gone, alive = set(), set()
    for used in numbers:
        new = set(used[used > 0].tolist())
        gone |= alive - new
        alive = new
    assert state.next_id > max(int(u.max()) for u in numbers)
    born = [int(n) for used in numbers for n in used if n > 0]
    firsts = list(dict.fromkeys(born))
    assert len(firsts) == len(set(firsts)) > 20
    last = pictures[-1]
    assert len(last.ids) == 2
    assert all((p.ids == last.ids).all() for p in pictures[6:])
    for k, p in enumerate(pictures[6:], 6):
        true = np.array([[200.0 * k * 4, 0.0], [-150.0 * k * 4, 3000.0 + 30.0 * k]])
        order = np.argsort(p.x[:, 1])
        assert np.hypot(*(p.x[order, :2] - true).T).max() < 300.0
    assert (np.linalg.eigvalsh(last.cov) > 0).all()
    assert (last.existence > 0.5).all()


def test_new_numbers_only_rise():
    numbers, *_ = flight(multi.MultiConfig())
    highest = 0
    for used in numbers:
        new = sorted(int(n) for n in used if n > highest)
        assert new == list(dict.fromkeys(new))
        highest = max([highest, *new])


def test_the_same_plots_give_the_same_bits():
    _, a, s = flight(multi.MultiConfig())
    _, b, t = flight(multi.MultiConfig())
    assert all((x == y).all() for x, y in zip(s.store, t.store, strict=True))
    assert all((x.x == y.x).all() and (x.ids == y.ids).all() for x, y in zip(a, b, strict=True))


def test_a_look_changes_nothing_in_the_state_before_it():
    b, z = CASES["three"]
    before = state_of(b)
    kept = [a.copy() for a in before.store]
    multi.look(before, 11.0, np.array(z), np.tile(R, (3, 1)), 2e-5, 0.85)
    assert all((x == y).all() for x, y in zip(before.store, kept, strict=True))


def test_clusters_join_over_a_shared_plot_and_part_again():
    config = multi.MultiConfig(drift_m2s3=0.1, start_km2=0.01)
    state = multi.init(config)
    most = []
    for k in range(40):
        y = 600.0 - 30.0 * k
        z = np.array([[800.0 * k, y], [800.0 * k, -y]])
        state, _ = multi.look(state, 4.0 * k, z, np.tile([2500.0, 0.0, 2500.0], (2, 1)), 1e-10, 0.9)
        shown = state.store.shown.astype(bool)
        cluster = np.repeat(np.arange(len(state.store.tracks) - 1), np.diff(state.store.tracks))
        most.append(max(np.bincount(cluster[shown]), default=0))
    assert max(most) == 2
    assert most[-1] == 1 or len(state.store.log_weight) <= 4
    assert len(multi.estimates(state, 156.0).ids) == 2


def test_a_storm_of_plots_in_bounded_memory_and_the_healthy_live():
    rng = np.random.default_rng(7)  # noqa: TID251 - seeded
    state = multi.init(multi.MultiConfig(max_tracks=8000))
    for k in range(8):
        z = np.array([[800.0 * k, 0.0]]) + rng.normal(0, 60.0, (1, 2))
        state, _ = multi.look(state, 4.0 * k, z, np.tile([3600.0, 0.0, 3600.0], (1, 1)), 1e-9, 0.9)
    healthy = multi.estimates(state, 28.0).ids
    assert len(healthy) == 1
    for k in range(8, 11):
        z = np.vstack([[[800.0 * k, 0.0]], rng.uniform(-6e4, 6e4, (5000, 2))])
        state, _ = multi.look(state, 4.0 * k, z, np.tile([3600.0, 0.0, 3600.0], (5001, 1)), 5000 / 1.44e10 / 20, 0.9)
    assert healthy[0] in multi.estimates(state, 40.0).ids
    s = state.store
    assert len(s.ids) < 8000 + 5001
    assert np.diff(s.explanations).max() <= state.config.max_hypotheses
    assert sum(a.nbytes for a in s) < 40e6


def test_where_a_look_does_not_reach_nothing_is_held_against_a_track():
    b, _ = CASES["two, one explanation"]
    none, r = np.zeros((0, 2)), np.zeros((0, 3))
    state, _ = multi.look(state_of(b), 10.0, none, r, 2e-5, lambda at: np.where(at[:, 0] > 3.0, 0.9, 0.0), 0.5)
    got = marginals(state.store)
    assert got[1][0] == pytest.approx(0.9)
    assert got[2][0] == pytest.approx(0.6 * 0.1 / (1 - 0.6 * 0.9))


def test_the_answer_for_one_aircraft_weighs_existence():
    for existence, shown in ((0.45, 0), (0.58, 1)):
        b = bunch([[(0, 0, existence)]], [[0]], [1.0])
        size = np.zeros(5, np.int64)
        s = store.cut(store.append(store.blank(4, motion.STRAIGHT_ROW), size, b._replace(shown=np.ones(1, np.int64))), size)
        state = engine.replace(multi.init(multi.MultiConfig(report_distance_m=20.0)), store=s, time_s=0.0)
        assert len(multi.estimates(state, 0.0).ids) == shown


def test_two_that_swapped_places_are_shown_where_they_are_and_not_between():
    b = bunch([[(0, 0, 1.0), (60, 0, 1.0)], [(60, 0, 1.0), (0, 0, 1.0)]], [[0, 2], [1, 3]], [0.5, 0.5])
    label, place, near, share = answer(b, 1e6, 0.5, 128)
    assert list(label) == [0, 1]
    np.testing.assert_allclose(np.sort(place[:, 0]), [0, 60], atol=1.5)
    np.testing.assert_allclose(near, 1.0)
    np.testing.assert_allclose(share.sum(1), 1.0)


def test_the_answer_costs_less_than_the_likeliest_explanation_does():
    """On its own samples: the expected cost of the answer against that of the first explanation's points."""
    b = bunch([[(0, 0, 1.0), (3, 1, 1.0)], [(2, 0, 1.0), (-2, 3, 1.0)]], [[0, 2], [1, 3], [1, 2]], [0.4, 0.35, 0.25])
    count, points, _ = draw(b, 128)
    _, place, *_ = answer(b, 100.0, 0.5, 128)

    def cost(y):
        return settle(y.copy(), count, points, 100.0, 0.5, 1, np.full((128, len(y)), -1), np.zeros(len(y)), np.zeros(len(y)))

    assert cost(place) < cost(b.rows[b.picks[0], :2]) - 0.1


def test_rare_births_in_an_area_add_up_and_stay_few_layers():
    area = multi.BirthArea(x_m=100.0, std_m=50.0, speed_std_ms=1.0, per_s=1e-7)
    state = multi.init(multi.MultiConfig(areas=(area,), lifetime_s=1e9))
    none = np.zeros((0, 2)), np.zeros((0, 3))
    for k in range(51):
        state, _ = multi.look(state, float(k), *none, 1e-6, 0.0)
    assert len(state.unseen.weight) <= engine.MAX_LAYERS
    assert state.unseen.weight.sum() == pytest.approx(50e-7, rel=0.02)
    assert state.unseen.rows[0, 0] == pytest.approx(100.0)

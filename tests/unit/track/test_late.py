"""Plots that come after newer ones: as good as in order where nothing is random, of use where something is."""

import filter_reference as slow
import numpy as np
import pytest
import rig
import scipy.linalg
from rig import measured, rng_of, room, settings, settle
from scene import RADAR, Sky

from tenere.batch import PlotKind, Plots
from tenere.estimate.motion import ENTRY, ENTRY_VAR, FIFTH_NOISE, NOISE, SPEED, STRAIGHT, M, MotionConfig, generator
from tenere.track.late import late, strayed
from tenere.track.store import TIME, X, Y
from tenere.track.work import LATE

DIGITS = 1e-4  # of a standard deviation: the store keeps seven digits
STRAIGHT_ONLY = MotionConfig(turning=False, speeding=False, drift_m2s3=0.0)
NOW_S = 500.0


def tracked(track, time_s=NOW_S):
    s, w, book = room()
    settle(s, book, slow.pack(*track)[None], time_s)
    return s, w


def straight(x, p):
    """Return the track of a state of straight flight."""
    return np.tile(x, (M, 1)), np.tile(p, (M, 1, 1)), np.eye(M)[STRAIGHT]


def seen(x, p, plots, q=0.0):
    """Return a state of straight flight after plots (time from 0, z, std), in that order."""
    now = 0.0
    for t, z, std in plots:
        f = slow.slope(x, t - now, STRAIGHT)
        f[4, 4] = 0.0
        x, p, now = f @ x, f @ p @ f.T + slow.noise(t - now, q, 0.0), t
        x, p, _ = slow.kalman(x, p, np.asarray(z), std**2 * np.eye(2), slow.H_POSITION)
    return x, p


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ago", [2.0, 9.0, 29.0])
def test_in_straight_flight_without_noise_late_is_as_good_as_in_time(seed, ago):
    rng = rng_of(seed)
    x, p = np.array([*rng.uniform(-1e5, 1e5, 2), *rng.normal(0, 200, 2), 0.0]), np.diag([1e4, 2e4, 900.0, 400.0, 0.0])
    path = [(t, x[:2] + t * x[2:4] + rng.normal(0, 60, 2), 60.0) for t in np.arange(4.0, 41.0, 4.0)]
    stray = (40.0 - ago, x[:2] + (40.0 - ago) * x[2:4] + rng.normal(0, 25, 2), 25.0)
    expected_x, expected_p = seen(x, p, sorted([*path, stray], key=lambda plot: plot[0]))
    s, w = tracked(straight(*seen(x, p, path)))
    m = measured(stray[1], time_s=NOW_S - ago, std_m=25.0)
    assert late(s, w, m, 0, 0, rig.figures(STRAIGHT_ONLY), 40.0, settings())
    got_x, got_p, mu = slow.unpack(rig.kept(s, 0))
    std = np.sqrt(np.diag(expected_p)[:4])
    assert np.abs((got_x[STRAIGHT, :4] - expected_x[:4]) / std).max() < DIGITS
    assert np.abs((got_p[STRAIGHT][:4, :4] - expected_p[:4, :4]) / np.outer(std, std)).max() < DIGITS
    assert mu == pytest.approx(np.eye(M)[STRAIGHT])
    assert s.hot[0, TIME] == NOW_S
    assert s.hot[0, [X, Y]] == pytest.approx(got_x[STRAIGHT, :2])


def change(config, par, j, speed, ago):
    """Return what a change of model in the last ago seconds adds to the variance of where model j flies back to."""
    becomes = scipy.linalg.expm(generator(config) * ago)[j]
    push = (par[ENTRY : ENTRY + M] ** 2 + par[ENTRY_VAR : ENTRY_VAR + M]) * np.where(np.arange(M) == SPEED, 1.0, speed**2)
    push[STRAIGHT] = 0.0
    return sum(becomes[i] * (push[i] + push[j]) for i in range(M) if i != j) * ago**4 / 20.0


@pytest.mark.parametrize("ago", [3.0, 12.0, 28.0])
@pytest.mark.parametrize("j", range(M))
def test_what_may_have_begun_since_makes_the_past_less_certain(ago, j):
    config = MotionConfig()
    par = rig.figures(config)
    got = strayed(par, j, 210.0, ago)
    assert got == pytest.approx(change(config, par, j, 210.0, ago), rel=1e-6)
    assert strayed(rig.figures(STRAIGHT_ONLY), STRAIGHT, 210.0, ago) == 0.0


def test_a_change_at_any_moment_moves_the_place_by_so_much():
    """200 aircraft that begin to turn at 2 degrees a second at some moment of the last 20 s, flown back without it."""
    config = MotionConfig(turn_every_s=0.1, turn_lasts_s=1e9, turn_rate_std_deg_s=1e-3, speeding=False)
    ago, speed = 20.0, 200.0
    begun = (np.arange(200) + 0.5) / 200 * ago
    across = speed * np.deg2rad(2.0) * begun**2 / 2
    assert strayed(rig.figures(config), STRAIGHT, speed, ago) == pytest.approx(np.mean(across**2), rel=0.02)


@pytest.mark.parametrize("seed", range(8))
def test_each_model_is_flown_back_and_updated_through_its_transition(seed):
    config, rng = MotionConfig(), rng_of(seed, 1)
    par = rig.figures(config)
    ago = float(rng.uniform(1.5, 12.0))
    x, p, mu = slow.random_track(rng, config, spread=0.2)
    back = [slow.fly(x[j], -ago, j) for j in range(M)]
    z, r = np.mean([b[:2] for b in back], axis=0) + rng.normal(0, 20, 2), 40.0**2 * np.eye(2)
    xs, ps, weights = x.copy(), p.copy(), mu.copy()
    for j in range(M):
        f = slow.slope(x[j], -ago, j)
        h = f[:2]
        cov = f @ p[j] @ f.T + slow.noise(-ago, par[NOISE + j], par[FIFTH_NOISE + j])
        s2 = cov[:2, :2] + r + change(config, par, j, np.hypot(*x[j, 2:4]), ago) * np.eye(2)
        u = z - back[j][:2]
        gain = p[j] @ h.T @ np.linalg.inv(s2)
        xs[j], ps[j] = x[j] + gain @ u, p[j] - gain @ s2 @ gain.T
        weights[j] *= np.exp(-0.5 * u @ np.linalg.solve(s2, u)) / np.sqrt(np.linalg.det(s2))
    s, w = tracked((x, p, mu))
    assert late(s, w, measured(z, time_s=NOW_S - ago, std_m=40.0), 0, 0, par, 40.0, settings())
    got_x, got_p, got_mu = slow.unpack(rig.kept(s, 0))
    assert got_mu == pytest.approx(weights / weights.sum(), abs=1e-6)
    for j in range(M):
        std = np.sqrt(np.diag(p[j])) + 1e-5
        assert np.abs((got_x[j] - xs[j]) / std).max() < 1e-4, j
        assert np.abs((got_p[j] - ps[j]) / np.outer(std, std)).max() < 1e-4, j


def test_a_plot_out_of_gate_changes_nothing():
    s, w = tracked(slow.random_track(rng_of(3), spread=0.0))
    row, hot = s.row.copy(), s.hot.copy()
    assert not late(s, w, measured(s.hot[0, :2] + 1e5, time_s=NOW_S - 5.0), 0, 0, rig.figures(), 40.0, settings())
    assert np.array_equal(s.row, row)
    assert np.array_equal(s.hot, hot, equal_nan=True)


def test_with_noise_it_still_tells_something_and_claims_no_more():
    """400 flights with random acceleration: the error falls, and its normalised square stays chi-square's 4 or below."""
    config = MotionConfig(turning=False, speeding=False, drift_m2s3=1.0)
    rng, q, n, dt = rng_of(5), 1.0, 400, 4.0
    par = rig.figures(config)
    f = np.eye(4) + dt * np.eye(4, k=2)
    root = np.linalg.cholesky(np.kron([[q * dt**3 / 3, q * dt**2 / 2], [q * dt**2 / 2, q * dt]], np.eye(2)))
    before, after, nees = [], [], []
    for _ in range(n):
        truth = np.array([*rng.uniform(-1e5, 1e5, 2), *rng.normal(0, 130, 2)])
        p = np.diag([80.0**2, 80.0**2, 130.0**2, 130.0**2, 0.0])
        x = np.array([*(truth[:2] + rng.normal(0, 80, 2)), 0.0, 0.0, 0.0])
        path, flown = [], [truth]
        for k in range(1, 11):
            flown.append(f @ flown[-1] + root @ rng.normal(size=4))
            if k != 9:
                path.append((dt * k, flown[-1][:2] + rng.normal(0, 80, 2), 80.0))
        x, p = seen(x, p, path, q)
        s, w = tracked(straight(x, p))
        plot = measured(flown[9][:2] + rng.normal(0, 30, 2), time_s=NOW_S - dt, std_m=30.0)
        assert late(s, w, plot, 0, 0, par, 40.0, settings())
        assert s.hot[0, TIME] == NOW_S
        error, (_, ps, _) = s.hot[0, :4] - flown[-1], slow.unpack(rig.kept(s, 0))
        before.append(((x[:2] - flown[-1][:2]) ** 2).sum())
        after.append((error[:2] ** 2).sum())
        nees.append(error @ np.linalg.solve(ps[STRAIGHT][:4, :4], error))
    assert np.mean(after) < 0.8 * np.mean(before)
    assert np.mean(nees) < 4.0 + 3 * np.sqrt(8 / n)


def aircraft(sky, k, ago=0.0, **columns):
    t = 5.0 * k - ago
    return sky.radar(40e3 + 200.0 * t, 60e3 - 50.0 * t, time_s=sky.time_s - 0.2 - ago, **columns)


@pytest.mark.parametrize("columns", [{"address": 0x062001}, {"kind": PlotKind.PSR, "pressure_altitude_m": np.nan}])
def test_the_stage_uses_late_plots_and_never_sets_a_track_back(columns):
    sky, times = Sky(), []
    for k in range(12):
        sky.tick(aircraft(sky, k, **columns))
    for ago in (8.0, 12.0, 28.0):
        before = sky.state.store.hot[0].copy()
        tracks = sky.tick(aircraft(sky, 12, ago, **columns), dt=0.0)
        times.append(sky.state.store.hot[0, TIME])
        assert (sky.state.store.hot[0, :2] != before[:2]).any()
        assert tracks.number.tolist() == [1]
    assert np.ptp(times) == 0.0
    assert sky.state.book[LATE] == 3
    assert (sky.state.store.alive == 1).sum() == 1


def test_plots_late_by_more_than_half_a_minute_are_counted_and_left():
    sky = Sky(sensors=(RADAR,))
    for k in range(12):
        sky.tick(aircraft(sky, k, address=0x062001))
    fresh = aircraft(sky, 12, address=0x062001)
    old = aircraft(sky, 12, 40.0, address=0x062002)
    tracks = sky.tick(Plots.concat([fresh, fresh.replace(address=0x062003), old]))
    assert 0x062002 not in tracks.address.tolist()
    assert sky.state.counts["out of time"] == 1
    assert sky.state.book[LATE] == 0

"""Holds the filter over many tracks at once to the slow one of filter_reference, a track at a time."""

import filter_reference as slow
import numpy as np
import pytest
from scipy.linalg import expm

from tenere.estimate import lanes, motion
from tenere.estimate.lanes import BLOCK, KEPT, LANES, MODEL, MU, ROW, STEP
from tenere.estimate.motion import LEFT, SPEED, STRAIGHT, M, MotionConfig

ROOM, ROOM_OF_FOUR = lanes.scratch(np.float64), lanes.scratch()
SIZES = (1, 7, 8, 31, 32)
STEPS_S = (0.0, 0.3, 4.0, 12.0, 40.0, -2.0)


def rng_of(*seed):
    return np.random.Generator(np.random.PCG64(list(seed)))


def block_of(rows, kind=np.float64):
    """Return a block loaded with rows, lane l with row l."""
    b = np.full(BLOCK, np.nan, kind)
    lanes.load(rows, np.arange(len(rows), dtype=np.int32), 0, len(rows), b)
    return b


def rows_of(b, n):
    return b[: ROW * LANES].reshape(ROW, LANES)[:, :n].T.copy()


def fly(rows, dt, config=slow.DEFAULT, kind=np.float64):
    """Return rows predicted by the kernel. dt: a number, or one a row."""
    n = len(rows)
    o, steps = np.full(BLOCK, np.nan, kind), np.zeros(LANES, kind)
    steps[: lanes.padded(n)] = np.pad(np.broadcast_to(np.asarray(dt, float), n), (0, -n % STEP), mode="edge")
    room = ROOM if kind is np.float64 else ROOM_OF_FOUR
    lanes.predict(block_of(rows, kind), steps, n, motion.figures(config).astype(kind), o, room)
    return rows_of(o, n)


def assert_same_track(row, expected, tolerance=1e-6):
    """Compare state by state, each in units of its own standard deviation, and correlation by correlation."""
    x, p, mu = slow.unpack(row)
    ex, ep, emu = expected
    assert mu == pytest.approx(emu, abs=tolerance)
    for j in range(M):
        if emu[j] < 1e-9:
            continue
        std = np.sqrt(np.diag(ep[j]))
        floor = np.maximum(std, [1e-3, 1e-3, 1e-3, 1e-3, 1e-6])
        assert np.abs((x[j] - ex[j]) / floor).max() < tolerance * 10 + 1e-9 * np.abs(ex[j] / floor).max(), f"state of model {j}"
        assert np.abs((p[j] - ep[j]) / np.outer(floor, floor)).max() < tolerance * 10, f"covariance of model {j}"


@pytest.mark.parametrize("n", SIZES)
def test_what_is_loaded_is_stored(n):
    rows = np.zeros((64, KEPT), np.float32)
    rows[:, :ROW] = rng_of(n).normal(size=(64, ROW))
    about = np.round(rng_of(n, 2).normal(0, 100, 2 * LANES)).astype(np.float32)
    which = rng_of(n, 1).permutation(64)[: n + 3].astype(np.int32)
    b = np.full(BLOCK, np.nan, np.float32)
    lanes.load(rows, which, 3, n, b)
    assert np.array_equal(rows_of(b, lanes.padded(n)), rows[np.pad(which[3:], (0, lanes.padded(n) - n), mode="edge"), :ROW])
    out, held = np.full((64, KEPT), np.nan, np.float32), rows[which[3:], :ROW]
    for j in range(M):
        held[:, j * MODEL : j * MODEL + 2] -= about.reshape(2, LANES)[:, :n].T
    lanes.store(out, which, 3, n, b, about)
    assert np.array_equal(out[which[3:], :ROW], held)
    assert np.isnan(np.delete(out, which[3:], axis=0)).all()


@pytest.mark.parametrize("dt", STEPS_S)
def test_four_bytes_a_number_lose_nothing_that_counts(dt):
    """Positions from near the track: states within 1e-4 of their standard deviation, covariances as near."""
    config, rng = MotionConfig(), rng_of(31)
    tracks = []
    for _ in range(LANES):
        x, p, mu = slow.random_track(rng, config)
        x[:, :2] -= np.round(x[STRAIGHT, :2])
        tracks.append((x, p, mu))
    rows = np.array([slow.pack(*t) for t in tracks]).astype(np.float32)
    got = fly(rows, dt, config, np.float32)
    for l in range(LANES):
        x, p, mu = slow.predict(slow.unpack(rows[l].astype(float)), dt, config)
        assert_same_track(got[l].astype(float), (x, p, mu), tolerance=1e-5)


@pytest.mark.parametrize("dt", STEPS_S)
@pytest.mark.parametrize("seed", range(3))
def test_a_prediction_is_that_of_the_slow_filter(dt, seed):
    rng = rng_of(seed)
    tracks = [slow.random_track(rng) for _ in range(8)]
    got = fly(np.array([slow.pack(*t) for t in tracks]), dt)
    for row, t in zip(got, tracks, strict=True):
        assert_same_track(row, slow.predict(t, dt, MotionConfig()))


@pytest.mark.parametrize(
    "config",
    [
        MotionConfig(turn_rate_deg_s=0.0, turn_rate_std_deg_s=2.5, turn_every_s=40.0, speed_change_every_s=90.0),
        MotionConfig(turning=False),
        MotionConfig(speeding=False),
        MotionConfig(turning=False, speeding=False, drift_m2s3=0.0),
        MotionConfig(turn_drift_m2s3=3.0, drift_m2s3=5.0, acceleration_ms2=4.0, turn_lasts_s=5.0, speed_change_lasts_s=300.0),
    ],
)
def test_so_it_is_with_other_settings(config):
    rng = rng_of(9)
    tracks = [slow.random_track(rng, config) for _ in range(8)]
    for dt in (0.7, 5.0):
        got = fly(np.array([slow.pack(*t) for t in tracks]), dt, config)
        assert np.isfinite(got).all()
        for row, t in zip(got, tracks, strict=True):
            assert_same_track(row, slow.predict(t, dt, config))


@pytest.mark.parametrize("n", SIZES)
def test_lanes_know_nothing_of_each_other(n):
    rng = rng_of(n)
    rows = np.array([slow.pack(*slow.random_track(rng)) for _ in range(n)])
    dt = rng.uniform(-2.0, 15.0, n)
    together = fly(rows, dt)
    for k in range(n):
        assert np.array_equal(fly(rows[k : k + 1], dt[k])[0], together[k])
    sick = rows.copy()
    sick[n // 2] = np.nan
    among = fly(sick, dt)
    assert np.isnan(among[n // 2]).any()
    healthy = np.arange(n) != n // 2
    assert np.array_equal(among[healthy], together[healthy])


def test_no_time_changes_no_model():
    track = slow.random_track(rng_of(4))
    x, p, mu = slow.unpack(fly(slow.pack(*track)[None], 0.0)[0])
    assert np.allclose(mu, track[2], atol=1e-9)
    assert np.allclose(x[:, :4], track[0][:, :4], atol=1e-6)
    assert np.allclose(p[LEFT], track[1][LEFT], rtol=1e-6, atol=1e-6)


def test_the_chain_is_the_exponential_of_its_generator_and_steps_add_up():
    track = slow.random_track(rng_of(6))
    row = slow.pack(*track)[None]
    for dt in (0.0, 0.3, 4.0, 12.0, 40.0, 400.0):
        assert np.allclose(fly(row, dt)[0, MU:], track[2] @ expm(dt * motion.generator(MotionConfig())), atol=1e-7)
    assert np.allclose(fly(fly(row, 3.0), 9.0)[0, MU:], fly(row, 12.0)[0, MU:], atol=1e-7)
    assert fly(row, -12.0)[0, MU:] == pytest.approx(fly(row, 12.0)[0, MU:])


@pytest.mark.parametrize("j", [STRAIGHT, LEFT, SPEED])
@pytest.mark.parametrize("dt", [0.3, 4.0, 40.0, -2.0])
def test_a_transition_s_derivatives_are_finite_differences(j, dt):
    rng = rng_of(j, int(abs(dt) * 10))
    x = np.array([*rng.uniform(-1e5, 1e5, 2), *rng.normal(0, 200, 2), 0.0 if j == STRAIGHT else rng.uniform(0.001, 0.07)])
    y, f = np.zeros(MODEL * LANES), np.full(8 * LANES, np.nan)
    y[: 5 * LANES] = np.repeat(x, LANES)
    lanes.jacobian(y, np.full(LANES, dt), STEP, j, f)
    a, b, c, s = f[0], f[LANES], f[2 * LANES], f[3 * LANES]
    got = np.array([[1, 0, a, -b], [0, 1, b, a], [0, 0, c, -s], [0, 0, s, c], [0, 0, 0, 0]])
    fifth = np.array([*(f[k * LANES] for k in range(4, 8)), 1.0])
    expected = slow.slope(x, dt, j)
    scale = np.array([1.0, 1.0, 0.1, 0.1, 1.0])[:, None]
    assert np.abs((got - expected[:, :4]) * scale).max() < 1e-6 * max(1.0, abs(dt))
    if j != STRAIGHT:
        assert np.allclose(fifth, expected[:, 4], rtol=1e-5, atol=1e-4)


def test_a_turn_that_hardly_turns_is_straight_flight():
    x, p, mu = slow.random_track(rng_of(2), spread=0.0)
    x[:, 4] = 0.0
    x[LEFT] = x[STRAIGHT]
    for rate in (0.0, 1e-12, 1e-7):
        x[LEFT, 4] = rate
        config = MotionConfig(turn_every_s=1e12, speed_change_every_s=1e12, turn_lasts_s=1e12, speed_change_lasts_s=1e12)
        got, _, _ = slow.unpack(fly(slow.pack(x, p, mu)[None], 12.0, config)[0])
        assert np.allclose(got[LEFT, :4], got[STRAIGHT, :4], atol=0.05)


def test_models_that_are_off_get_no_mass_and_no_nan():
    for config, off in ((MotionConfig(turning=False), [1, 2]), (MotionConfig(speeding=False), [3]),
                        (MotionConfig(turning=False, speeding=False), [1, 2, 3])):  # fmt: skip
        row = slow.pack(*slow.random_track(rng_of(3), config))[None]
        for _ in range(30):
            row = fly(row, 4.0, config)
            assert np.isfinite(row).all()
            assert np.abs(row[0, MU:][off]).max() < 1e-12
            assert row[0, MU:].sum() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("n", SIZES)
def test_moments_are_those_of_the_mixture(n):
    rng = rng_of(n, 5)
    tracks = [slow.random_track(rng) for _ in range(n)]
    o = np.full(14 * LANES, np.nan)
    lanes.moments(block_of(np.array([slow.pack(*t) for t in tracks])), n, o)
    for l, (x, p, mu) in enumerate(tracks):
        mean, spread = slow.moments(x[:, :4], p[:, :4, :4], mu)
        assert np.allclose(o[l::LANES][:4], mean, rtol=1e-12)
        assert np.allclose(o[l::LANES][4:], spread[np.triu_indices(4)], rtol=1e-9, atol=1e-9 * np.abs(spread).max())


def test_how_well_plots_fit():
    rng = rng_of(12)
    e, d2, like = np.zeros(8 * LANES), np.zeros(LANES), np.zeros(LANES)
    cases = []
    for l in range(LANES):
        p, r = (a @ a.T for a in rng.normal(0, rng.uniform(1, 300), (2, 2, 2)))
        u = rng.normal(0, rng.choice([1.0, 100.0, 2000.0]), 2)
        cases.append((u, p + r))
        e[l::LANES] = [*u, p[0, 0], p[0, 1], p[1, 1], r[0, 0], r[0, 1], r[1, 1]]
    lanes.fit(e, LANES, d2, like)
    for l, (u, s) in enumerate(cases):
        expected = u @ np.linalg.solve(s, u)
        assert d2[l] == pytest.approx(expected, rel=1e-6)
        if expected < 100:
            assert like[l] == pytest.approx(np.exp(-0.5 * expected) / (2 * np.pi * np.sqrt(np.linalg.det(s))), rel=1e-6)


def updated(track, j, z, weights, r, k=0, kind=np.float64):
    """Return model j after the kernel's update by plots z (n, 2) with probabilities weights (n,); k: the first state that they see."""
    n = STEP
    b, out = block_of(np.array([slow.pack(*track)]), kind), np.zeros(BLOCK, kind)
    c, v, gains, room = (np.zeros(d * LANES, kind) for d in (13, 9, 15, MODEL))
    u = z - track[0][j, k : k + 2]
    mean = weights @ u
    spread = np.einsum("n,na,nb->ab", weights, u, u) - np.outer(mean, mean)
    v.reshape(9, LANES)[:, :n] = np.array([*mean, weights.sum(), *spread[[0, 0, 1], [0, 1, 1]], *r[[0, 0, 1], [0, 1, 1]]])[:, None]
    lanes.aim_at(b, 1, j, k, c)
    lanes.update(b, 1, j, v, c, gains, room, out)
    x, p, _ = slow.unpack(rows_of(out, 1)[0].astype(float))
    return x[j], p[j]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("k", [0, 2])
@pytest.mark.parametrize("plots", [0, 1, 4])
def test_an_update_is_the_mixture_over_what_may_have_happened(seed, k, plots):
    rng = rng_of(seed, k, plots)
    track = slow.random_track(rng)
    j = int(rng.integers(M))
    x, p = track[0][j], track[1][j]
    weights = rng.dirichlet(np.ones(plots + 1))[1:]
    a = rng.normal(0, 60 if k == 0 else 5, (2, 2))
    r = a @ a.T
    z = x[k : k + 2] + rng.normal(0, 100 if k == 0 else 10, (plots, 2))
    h = slow.H_POSITION if k == 0 else slow.H_VELOCITY
    events = [(x, p), *(slow.kalman(x, p, one, r, h)[:2] for one in z)]
    mean, spread = slow.moments([m for m, _ in events], [c for _, c in events], [1 - weights.sum(), *weights])
    got, covariance = updated(track, j, z, weights, r, k)
    std = np.sqrt(np.diag(spread)) + 1e-5  # no fifth state in straight flight: its variance is the floor, 1e-18
    assert np.abs((got - mean) / std).max() < 1e-8
    assert np.abs((covariance - spread) / np.outer(std, std)).max() < 1e-7


def test_a_long_thin_ellipse_is_met_in_four_bytes():
    """A radar far out, 3,500 m across and 30 m along, half way between the axes: the sharp direction stays sharp."""
    x, p, mu = slow.random_track(rng_of(1))
    x[:, :2] = 0.0
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2.0)
    r = turn @ np.diag([3500.0**2, 30.0**2]) @ turn.T
    p[STRAIGHT] = np.diag([0.0, 0.0, 1e4, 1e4, 0.0])
    p[STRAIGHT][:2, :2] = 4.0 * r
    z = turn @ np.array([2000.0, 40.0])
    expected, covariance, _ = slow.kalman(x[STRAIGHT], p[STRAIGHT], z, r, slow.H_POSITION)
    got, spread = updated((x, p, mu), STRAIGHT, z[None], np.ones(1), r, kind=np.float32)
    along = turn[:, 1]
    assert along @ (got - expected)[:2] == pytest.approx(0.0, abs=0.01 * 30.0)
    assert along @ spread[:2, :2] @ along == pytest.approx(along @ covariance[:2, :2] @ along, rel=0.01)


def test_a_plot_more_certain_than_rounding_leaves_a_variance():
    x, p, mu = slow.random_track(rng_of(1))
    p[STRAIGHT] = np.diag([1e8, 1e8, 1e4, 1e4, 0.0])
    _, covariance = updated((x, p, mu), STRAIGHT, x[STRAIGHT][None, :2], np.ones(1), np.eye(2) * 1e-9)
    assert (np.diag(covariance) > 0).all()


def test_an_update_may_be_made_in_place():
    x, p, mu = slow.random_track(rng_of(8))
    b = block_of(np.array([slow.pack(x, p, mu)]))
    apart, c, v = np.zeros(BLOCK), np.zeros(13 * LANES), np.zeros(9 * LANES)
    v[: 9 * LANES] = np.repeat([30.0, -20.0, 0.7, 900.0, 100.0, 800.0, 2500.0, 300.0, 3600.0], LANES)
    lanes.aim_at(b, 1, LEFT, 0, c)
    lanes.update(b, 1, LEFT, v, c, np.zeros(15 * LANES), np.zeros(MODEL * LANES), apart)
    lanes.update(b, 1, LEFT, v, c, np.zeros(15 * LANES), np.zeros(MODEL * LANES), b)
    assert np.array_equal(rows_of(b, 1)[0, LEFT * MODEL : (LEFT + 1) * MODEL], rows_of(apart, 1)[0, LEFT * MODEL : (LEFT + 1) * MODEL])


def test_the_error_of_straight_flight_is_the_kalman_filter_s_own():
    """500 aircraft, 30 looks: the squared normalised error of position and velocity is chi-square with 4 degrees of freedom."""
    config = MotionConfig(turning=False, speeding=False, drift_m2s3=0.5)
    rng = rng_of(77)
    n, dt, std, q = 480, 4.0, 80.0, config.drift_m2s3
    truth = np.column_stack([rng.uniform(-2e5, 2e5, (n, 2)), rng.normal(0, 150, (n, 2))])
    r = std * std * np.eye(2)
    z = truth[:, :2] + rng.normal(0, std, (n, 2))
    p0 = np.diag([std**2, std**2, 130.0**2, 130.0**2, 0.0])
    truth[:, 2:] = rng.normal(0, 130.0, (n, 2))
    rows = np.array([slow.pack(np.tile([*one, 0, 0, 0], (M, 1)), np.tile(p0, (M, 1, 1)), np.eye(M)[STRAIGHT]) for one in z])
    one_axis = np.array([[q * dt**3 / 3, q * dt**2 / 2], [q * dt**2 / 2, q * dt]])
    f = np.eye(4) + dt * np.eye(4, k=2)
    noise = np.kron(one_axis, np.eye(2))
    root = np.linalg.cholesky(noise)
    cov = p0[:4, :4]
    b, c, v = np.zeros(BLOCK), np.zeros(13 * LANES), np.zeros(9 * LANES)
    errors, nees = [], []
    for step in range(30):
        truth = truth @ f.T + rng.normal(size=(n, 4)) @ root.T
        cov = f @ cov @ f.T + noise
        z = truth[:, :2] + rng.normal(0, std, (n, 2))
        gain = cov[:, :2] @ np.linalg.inv(cov[:2, :2] + r)
        cov = cov - gain @ cov[:2]
        for a in range(0, n, LANES):
            b = block_of(fly(rows[a : a + LANES], dt, config))
            u = (z[a : a + LANES] - rows_of(b, LANES)[:, :2]).T
            v.reshape(9, LANES)[:] = [u[0], u[1], *(np.full(LANES, k) for k in (1.0, 0.0, 0.0, 0.0, std**2, 0.0, std**2))]
            lanes.aim_at(b, LANES, STRAIGHT, 0, c)
            lanes.update(b, LANES, STRAIGHT, v, c, np.zeros(15 * LANES), np.zeros(MODEL * LANES), b)
            rows[a : a + LANES] = rows_of(b, LANES)
        if step >= 10:
            _, p, _ = slow.unpack(rows[0])
            assert np.allclose(p[STRAIGHT][:4, :4], cov, rtol=1e-6, atol=1e-6)
            error = rows[:, :4] - truth
            errors.append((error[:, :2] ** 2).sum(1).mean())
            nees.append(np.einsum("na,ab,nb->n", error, np.linalg.inv(cov), error))
    assert np.sqrt(np.mean(errors) / np.trace(cov[:2, :2])) == pytest.approx(1.0, abs=0.03)
    assert np.mean(nees) == pytest.approx(4.0, abs=0.15)  # 480 independent flights, looks correlated: one sigma is about 0.06

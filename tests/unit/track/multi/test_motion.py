from __future__ import annotations

import numpy as np
import pytest

from tenere.estimate.motion import MotionConfig
from tenere.track.multi import motion

R = np.array([40.0, 5.0, 30.0])


def dense(row):
    mean, cov = np.zeros(4), np.zeros((4, 4))
    motion.moments(row, mean, cov)
    return mean, cov


def straight(seed=0):
    rng = np.random.default_rng(seed)  # noqa: TID251 - seeded
    a = rng.normal(size=(4, 4)) * [[5.0], [5.0], [2.0], [2.0]]
    row = np.zeros(motion.STRAIGHT_ROW)
    row[:4] = rng.normal(size=4)
    row[4:] = (a @ a.T)[np.triu_indices(4)]
    return row


@pytest.mark.parametrize("dt", [0.0, 3.0, -2.0])
def test_prediction_is_that_of_matrices(dt):
    row, q = straight(), 0.3
    f = np.eye(4)
    f[0, 2] = f[1, 3] = dt
    mean, cov = dense(row)
    noise = q * np.kron([[abs(dt) ** 3 / 3, dt * abs(dt) / 2], [dt * abs(dt) / 2, abs(dt)]], np.eye(2))
    m, p = dense(motion.predict(row[None], dt, np.array([q]))[0])
    np.testing.assert_allclose(m, f @ mean, atol=1e-9)
    np.testing.assert_allclose(p, f @ cov @ f.T + noise, atol=1e-9)


def test_update_is_that_of_matrices():
    row = straight(1)
    mean, cov = dense(row)
    z, r = np.array([3.0, -4.0]), np.array([[R[0], R[1]], [R[1], R[2]]])
    s = cov[:2, :2] + r
    gain = cov[:, :2] @ np.linalg.inv(s)
    d = z - mean[:2]
    d2, log_fit = motion.fit(row, *z, R)
    assert d2 == pytest.approx(d @ np.linalg.solve(s, d))
    assert log_fit == pytest.approx(-0.5 * d2 - 0.5 * np.log(np.linalg.det(2 * np.pi * s)))
    motion.update(row, *z, R)
    m, p = dense(row)
    np.testing.assert_allclose(m, mean + gain @ d, atol=1e-9)
    np.testing.assert_allclose(p, cov - gain @ s @ gain.T, atol=1e-9)


def test_a_blend_has_the_moments_of_the_mixture():
    rows, w = np.array([straight(2), straight(3)]), np.array([0.3, 0.7])
    out = np.zeros(motion.STRAIGHT_ROW)
    motion.blend(rows, w, out)
    means, covs = zip(*map(dense, rows), strict=True)
    mean = w @ np.array(means)
    cov = sum(w[k] * (covs[k] + np.outer(means[k] - mean, means[k] - mean)) for k in range(2))
    m, p = dense(out)
    np.testing.assert_allclose(m, mean)
    np.testing.assert_allclose(p, cov)


def test_several_models_of_straight_flight_alone_are_one():
    """Without turns and changes of speed the models' mixture is the straight row, to rounding."""
    models = MotionConfig(drift_m2s3=0.4, turning=False, speeding=False)
    many, one = (motion.unknown(0.0, 900.0, m) for m in (models, None))
    here = [np.zeros_like(many), np.zeros_like(one)]
    par = [motion.figures(0.4, models), motion.figures(0.4, None)]
    for row, fresh in zip(here, (many, one), strict=True):
        motion.start(100.0, 50.0, R, fresh, row)
    for k in range(3):
        here = [motion.predict(row[None], 4.0, p)[0] for row, p in zip(here, par, strict=True)]
        z = 100.0 + 30.0 * k, 50.0 - 10.0 * k
        (_, a), (_, b) = (motion.fit(row, *z, R) for row in here)
        assert a == pytest.approx(b, rel=1e-6)
        for row in here:
            motion.update(row, *z, R)
    np.testing.assert_allclose(motion.summaries(here[0][None])[0], here[1], rtol=1e-5, atol=1e-6)


def test_models_blend_and_shift_place_by_place():
    fresh = motion.unknown(25.0, 100.0, MotionConfig())
    row = fresh.copy()
    motion.shift(row, 7.0, -3.0)
    both, out = np.array([fresh, row]), np.zeros_like(row)
    motion.blend(both, np.array([0.5, 0.5]), out)
    s = motion.summaries(out[None])[0]
    np.testing.assert_allclose(s[:2], [3.5, -1.5])
    assert s[motion.XX] == pytest.approx(25.0 + 3.5**2)

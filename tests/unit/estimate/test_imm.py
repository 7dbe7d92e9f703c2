"""Holds the filter's kernels to slow, obvious references."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.estimate import imm
from tenere.estimate.imm import CT, CV, M, N


def mixture(seed):
    rng = np.random.Generator(np.random.PCG64(seed))
    x = rng.normal(0, 1, (M, N)) * [5e3, 5e3, 200, 200, 0.02]
    a = rng.normal(0, 1, (M, N, N)) * np.array([80, 80, 8, 8, 0.01])[:, None]
    p = a @ a.transpose(0, 2, 1) + np.diag([10.0, 10, 1, 1, 1e-5])
    mu = rng.uniform(0.05, 1, M)
    return x, p, mu / mu.sum()


def turn(x, dt):
    """Fly a constant turn by small exact steps."""
    px, py, vx, vy, w = x
    a = w * dt
    s, c = (dt, w * dt * dt / 2) if abs(a) < 1e-9 else (np.sin(a) / w, (1 - np.cos(a)) / w)
    return np.array([px + s * vx - c * vy, py + c * vx + s * vy, np.cos(a) * vx - np.sin(a) * vy, np.sin(a) * vx + np.cos(a) * vy, w])


def jacobian(x, dt):
    out = np.zeros((N, N))
    for k, h in enumerate((1.0, 1.0, 1e-2, 1e-2, 1e-6)):
        e = np.zeros(N)
        e[k] = h
        out[:, k] = (turn(x + e, dt) - turn(x - e, dt)) / (2 * h)
    return out


def reference_predict(x, p, mu, dt, par):
    ad = abs(dt)
    stay = np.exp(-ad / par[imm.STAY_CV : imm.STAY_CV + M])
    flow = np.array([[stay[i] if i == j else (1 - stay[i]) / 2 for j in range(M)] for i in range(M)])
    weight = flow * mu[:, None]
    total = weight.sum(0)
    xo, po = np.zeros((M, N)), np.zeros((M, N, N))
    for j in range(M):
        w = weight[:, j] / total[j]
        mean = w @ x
        cov = sum(w[i] * (p[i] + np.outer(x[i] - mean, x[i] - mean)) for i in range(M))
        q = par[[imm.Q_CV, imm.Q_CT, imm.Q_MAN][j]]
        noise = np.zeros((N, N))
        for a in range(2):
            noise[a, a], noise[a, a + 2], noise[a + 2, a], noise[a + 2, a + 2] = q * ad**3 / 3, q * dt * ad / 2, q * dt * ad / 2, q * ad
        if j == CT:
            f = jacobian(mean, dt)
            xo[j], po[j] = turn(mean, dt), f @ cov @ f.T + noise
            po[j, 4, 4] += par[imm.Q_TURN] * ad
        else:
            f = np.eye(N)
            f[0, 2] = f[1, 3] = dt
            f[4, 4] = 0
            xo[j], po[j] = f @ mean, f @ cov @ f.T + noise
            po[j, 4, 4] = par[imm.W_VAR]
    return xo, po, total


@pytest.mark.parametrize("dt", [0.0, 0.3, 4.0, 12.0, -1.0])
@pytest.mark.parametrize("seed", range(5))
def test_prediction_is_the_reference(seed, dt):
    x, p, mu = mixture(seed)
    xo, po, muo = np.zeros((M, N)), np.zeros((M, N, N)), np.zeros(M)
    imm.predict(x, p, mu, dt, imm.DEFAULT_PAR, xo, po, muo, np.zeros((4, 5, 5)))
    want = reference_predict(x, p, mu, dt, imm.DEFAULT_PAR)
    assert np.allclose(xo, want[0], rtol=1e-9, atol=1e-6)
    assert np.allclose(po, want[1], rtol=1e-5, atol=1e-5)
    assert np.allclose(muo, want[2], rtol=1e-12)


@pytest.mark.parametrize("first", [0, 2])
def test_update_is_the_textbook_filter(first):
    x, p, _ = mixture(7)
    r = np.array([[400.0, 60.0], [60.0, 900.0]])
    h = np.zeros((2, N))
    h[0, first] = h[1, first + 1] = 1
    z = h @ x[CV] + [35.0, -20.0]
    s = h @ p[CV] @ h.T + r
    k = p[CV] @ h.T @ np.linalg.inv(s)
    want_x, want_p = x[CV] + k @ (z - h @ x[CV]), (np.eye(N) - k @ h) @ p[CV]
    imm.update_pair(x[CV], p[CV], first, z[0], z[1], 400.0, 60.0, 900.0, np.zeros((5, 5)))
    assert np.allclose(x[CV], want_x)
    assert np.allclose(p[CV], want_p, atol=1e-6)


def test_the_fit_is_a_normal_density():
    x, p, _ = mixture(3)
    s = p[CV, :2, :2] + np.array([[100.0, 20.0], [20.0, 200.0]])
    v = np.array([55.0, -35.0])
    d2, density = imm.position_fit(x[CV], p[CV], x[CV, 0] + v[0], x[CV, 1] + v[1], 100.0, 20.0, 200.0)
    assert d2 == pytest.approx(v @ np.linalg.inv(s) @ v)
    assert density == pytest.approx(np.exp(-d2 / 2) / (2 * np.pi * np.sqrt(np.linalg.det(s))))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.tuples(st.floats(-2, 15), st.floats(-300, 300), st.floats(-300, 300), st.floats(1, 1e6)), min_size=1, max_size=60),
)
def test_covariances_stay_symmetric_and_positive(seed, steps):
    x, p, mu = mixture(seed)
    xo, po, muo = np.zeros((M, N)), np.zeros((M, N, N)), np.zeros(M)
    for dt, ex, ey, var in steps:
        imm.predict(x, p, mu, dt, imm.DEFAULT_PAR, xo, po, muo, np.zeros((4, 5, 5)))
        for j in range(M):
            imm.update_pair(xo[j], po[j], 0, xo[j, 0] + ex, xo[j, 1] + ey, var, 0.0, var, np.zeros((5, 5)))
        x, p, mu = xo.copy(), po.copy(), muo.copy()
        assert np.isfinite(x).all()
        assert mu.sum() == pytest.approx(1.0)
        for j in range(M):
            assert np.array_equal(p[j], p[j].T)
            scale = np.sqrt(np.diag(p[j]))
            assert (scale > 0).all()
            assert np.linalg.eigvalsh(p[j] / np.outer(scale, scale)).min() > -1e-6

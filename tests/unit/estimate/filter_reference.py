"""The filter of one track, slow and obvious: matrices, explicit mixtures, scipy's matrix exponential.

A track is (x, P, mu): states (M, 5), covariances (M, 5, 5), probabilities (M,). Written from the models' definitions
(Blom & Bar-Shalom 1988; Bar-Shalom, Li & Kirubarajan 2001, 11.6, 11.7), not from the kernels.
"""

import numpy as np
from scipy.linalg import expm

from tenere.estimate import motion
from tenere.estimate.motion import ENTRY, ENTRY_VAR, FIFTH_NOISE, LEFT, NOISE, RIGHT, SPEED, STRAIGHT, M

DEFAULT = motion.MotionConfig()
UPPER = np.triu_indices(5)
H_POSITION = np.eye(5)[:2]
H_VELOCITY = np.eye(5)[2:4]


def pack(x, p, mu):
    """Return the row of a track: each model's state and upper triangle, then the probabilities."""
    return np.concatenate([*(np.concatenate([x[j], p[j][UPPER]]) for j in range(M)), mu])


def unpack(row):
    x, p = np.zeros((M, 5)), np.zeros((M, 5, 5))
    for j in range(M):
        x[j] = row[20 * j : 20 * j + 5]
        p[j][UPPER] = row[20 * j + 5 : 20 * j + 20]
        p[j] = p[j] + p[j].T - np.diag(np.diag(p[j]))
    return x, p, row[20 * M : 20 * M + M].copy()


def random_track(rng, config=DEFAULT, spread=1.0):
    """Return a plausible track: models that differ, full covariances, the fifth state of straight flight nothing."""
    x, p = np.zeros((M, 5)), np.zeros((M, 5, 5))
    centre = np.array([*rng.uniform(-300e3, 300e3, 2), *rng.normal(0, 200, 2), 0.0])
    for j in range(M):
        std = np.array([*rng.uniform(20, 300, 2), *rng.uniform(2, 40, 2), 0.01 if j in (LEFT, RIGHT) else 0.8])
        a = rng.normal(0, 1, (5, 5))
        correlation = a @ a.T + 2 * np.eye(5)
        d = 1 / np.sqrt(np.diag(correlation))
        p[j] = correlation * np.outer(d, d) * np.outer(std, std)
        x[j] = centre + spread * std * rng.normal(0, 1, 5)
        if j in (LEFT, RIGHT):
            x[j, 4] = (1 if j == LEFT else -1) * rng.uniform(0.0, 0.07)
        if j == STRAIGHT:
            x[j, 4] = p[j][4] = p[j][:, 4] = 0.0
    mu = rng.dirichlet(np.ones(M)) * (motion.shares(config) > 1e-9)
    return x, p, mu / mu.sum()


def moments(states, covariances, weights):
    """Return mean and covariance of a mixture."""
    mean = sum(w * x for w, x in zip(weights, states, strict=True))
    spread = sum(w * (p + np.outer(x - mean, x - mean)) for w, x, p in zip(weights, states, covariances, strict=True))
    return mean, spread


def entered(x, p, i, j, par):
    """Return what model i's past is worth to model j: its position and velocity, with j's own fifth state or the expected one."""
    if i == j:
        return x[i].copy(), p[i].copy()
    y, c = np.zeros(5), np.zeros((5, 5))
    y[:4], c[:4, :4] = x[i][:4], p[i][:4, :4]
    if j != STRAIGHT:
        y[4], c[4, 4] = par[ENTRY + j], par[ENTRY_VAR + j]
    return y, c


def fly(y, dt, j, along=None):
    """Return a state (5,) moved by model j. along: direction in which a change of speed pushes; None: the state's own."""
    x0, x1, vx, vy, fifth = y
    if j in (LEFT, RIGHT) and fifth != 0.0:
        a = fifth * dt
        s, c = np.sin(a), np.cos(a)
        return np.array([
            x0 + s / fifth * vx - (1 - c) / fifth * vy, x1 + (1 - c) / fifth * vx + s / fifth * vy, c * vx - s * vy, s * vx + c * vy, fifth
        ])  # fmt: skip
    push = np.zeros(2)
    if j == SPEED:
        push = fifth * (np.array([vx, vy]) / np.hypot(vx, vy) if along is None else along)
    px, py = push
    return np.array([x0 + dt * vx + dt * dt / 2 * px, x1 + dt * vy + dt * dt / 2 * py, vx + dt * px, vy + dt * py, fifth])


def slope(y, dt, j):
    """Return the transition's Jacobian (5, 5) by central differences; the direction of a change of speed is taken as known."""
    speed = np.hypot(y[2], y[3])
    along = y[2:4] / speed if j == SPEED else None
    out = np.zeros((5, 5))
    for k, h in enumerate((1.0, 1.0, 0.1, 0.1, 1e-5)):
        d = np.zeros(5)
        d[k] = h
        out[:, k] = (fly(y + d, dt, j, along) - fly(y - d, dt, j, along)) / (2 * h)
    return out


def noise(dt, q, q_fifth):
    """Return the process noise (5, 5) of white acceleration over dt, which may be negative."""
    ad, out = abs(dt), np.zeros((5, 5))
    for k in (0, 1):
        out[k, k], out[k + 2, k + 2] = q * ad**3 / 3, q * ad
        out[k, k + 2] = out[k + 2, k] = q * ad * dt / 2
    out[4, 4] = q_fifth * ad
    return out


def predict(track, dt, config):
    """Return the track mixed and flown by dt."""
    x, p, mu = track
    par = motion.figures(config)
    joint = expm(abs(dt) * motion.generator(config)) * mu[:, None]
    ahead = joint.sum(0)
    xs, ps = np.zeros((M, 5)), np.zeros((M, 5, 5))
    for j in range(M):
        if ahead[j] <= 0.0:
            continue
        pasts = [entered(x, p, i, j, par) for i in range(M)]
        y, c = moments([a for a, _ in pasts], [b for _, b in pasts], joint[:, j] / ahead[j])
        f = slope(y, dt, j)
        xs[j] = fly(y, dt, j)
        ps[j] = f @ c @ f.T + noise(dt, par[NOISE + j], par[FIFTH_NOISE + j])
    return xs, ps, ahead


def kalman(x, p, z, r, h):
    """Return a state and covariance updated by a plot z = h x + noise of covariance r, and the plot's density."""
    s = h @ p @ h.T + r
    gain = p @ h.T @ np.linalg.inv(s)
    u = z - h @ x
    left = np.eye(len(x)) - gain @ h
    density = np.exp(-0.5 * u @ np.linalg.solve(s, u)) / np.sqrt(np.linalg.det(2 * np.pi * s))
    return x + gain @ u, left @ p @ left.T + gain @ r @ gain.T, density

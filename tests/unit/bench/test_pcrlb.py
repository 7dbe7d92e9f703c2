"""The bound, held to the covariance that the joint information of all states gives."""

from __future__ import annotations

import numpy as np
import pytest
from bench.airbench import clairvoyant, scenario, variants
from bench.airbench.pcrlb import bounds
from bench.airbench.score import score

META = {"T": 4.0, "q_cv": 0.1, "pd": 0.9, "sigma_r_m": 50.0, "sigma_az_deg": 0.08, "box_m": [-200e3, 200e3]}


def one_aircraft(scans, rng):
    """Return an aircraft that flies straight and turns, seen now and then."""
    omega = np.zeros((scans, 1))
    omega[5:9, 0] = np.deg2rad(2.0)
    truth = np.zeros((scans, 1, 4))
    truth[0, 0] = [60e3, -150.0, 20e3, 120.0]
    for k in range(1, scans):
        truth[k, 0] = scenario.turn_matrix(omega[k, 0], 4.0) @ truth[k - 1, 0]
    return {"X": truth, "omega": omega, "det": rng.random((scans, 1)) < 0.7}


def jacobian(x, y, z):
    r = np.sqrt(x * x + y * y + z * z)
    g2 = x * x + y * y
    return np.array([[x / r, 0, y / r, 0], [-y / g2, 0, x / g2, 0]])


def joint_bound(data, seen, radars=((0.0, 0.0),), heights=None):
    """Return the position covariance of the last state from the information matrix of all states at once."""
    scans = len(data["X"])
    noise = np.linalg.inv(scenario.noise_matrix(0.1, 4.0))
    weight = np.diag([1 / 50.0**2, 1 / np.deg2rad(0.08) ** 2])
    info = np.zeros((4 * scans, 4 * scans))
    flat = (200e3) ** 2 / 3
    info[:4, :4] = np.diag([1 / flat, 1 / 150.0**2, 1 / flat, 1 / 150.0**2])
    for k in range(scans):
        s = slice(4 * k, 4 * k + 4)
        for i, (x0, y0) in enumerate(radars):
            z = 0.0 if heights is None else heights[k, 0]
            h = jacobian(data["X"][k, 0, 0] - x0, data["X"][k, 0, 2] - y0, z)
            info[s, s] += seen[i, k] * h.T @ weight @ h
        if k:
            b = slice(4 * k - 4, 4 * k)
            f = scenario.turn_matrix(data["omega"][k, 0], 4.0)
            info[s, s] += noise
            info[b, b] += f.T @ noise @ f
            info[s, b] -= noise @ f
            info[b, s] -= f.T @ noise
    scale = 1 / np.sqrt(np.diag(info))
    cov = np.linalg.inv(info * np.outer(scale, scale)) * np.outer(scale, scale)
    return cov[-4:, -4:][np.ix_([0, 2], [0, 2])]


def test_one_aircraft_against_the_joint_information():
    data = one_aircraft(12, scenario.rng_of(1))
    got, age = bounds(data, META, "seq")
    assert got[-1, 0] == pytest.approx(joint_bound(data, data["det"].T), rel=1e-6)
    assert age[:, 0].tolist() == list(range(12))


def test_information_reduction_counts_every_look_by_pd():
    data = one_aircraft(12, scenario.rng_of(1))
    got, _ = bounds(data, META, "irf")
    assert got[-1, 0] == pytest.approx(joint_bound(data, np.full((1, 12), 0.9)), rel=1e-6)


def test_heights_and_two_radars_add():
    rng = scenario.rng_of(2)
    data = one_aircraft(12, rng)
    data["Z"] = np.linspace(3e3, 11e3, 12)[:, None]
    data["looks"] = rng.random((2, 12, 1)) < 0.8
    radars = [{"x_m": -20e3, "y_m": 5e3}, {"x_m": 40e3, "y_m": -30e3}]
    got, _ = bounds(data, {**META, "radars": radars}, "seq")
    places = [(r["x_m"], r["y_m"]) for r in radars]
    assert got[-1, 0] == pytest.approx(joint_bound(data, data["looks"][:, :, 0], places, data["Z"]), rel=1e-6)


@pytest.mark.parametrize("kind", ["air", "turns", "accel", "climb"])
def test_a_filter_that_knows_everything_meets_the_bound(kind):
    if kind == "air":
        data, meta = scenario.make(250, 5, seed=11, scans=50)
    else:
        data, meta = variants.make_flown(kind, 250, 5, seed=11, scans=50)
    got = score(data, meta, clairvoyant.run(data, meta))
    assert got["ratio_pcrlb"] == pytest.approx(1.0, abs=0.08)

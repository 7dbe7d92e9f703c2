"""The scenarios: the same from the same seed, and what their pages say."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bench import tracking_known, tracking_known_own
from bench.airbench import real, scenario, variants
from scipy.linalg import expm


@pytest.mark.parametrize("name", ["air100_c50", "air100_c50_rot"])
def test_the_recorded_scenarios_come_again(shared_data, name):
    made, meta = scenario.make(**scenario.SUITE[name])
    held, said = scenario.load(shared_data.parent / "bench" / "data" / "air" / f"{name}.npz")
    assert set(held) == set(made)
    for key, values in held.items():
        np.testing.assert_allclose(
            made[key], values, rtol=1e-12, atol=1e-9, err_msg=key
        )  # another machine's sine may differ in the last bit
    assert said == {"name": name, **json.loads(json.dumps(meta))}


def test_save_and_load(tmp_path):
    data, meta = variants.make_flown("climb", 10, 5, seed=2, scans=30, rotating=True)
    scenario.save(tmp_path / "new", "small", data, meta)
    held, said = scenario.load(tmp_path / "new" / "small.npz")
    assert said["name"] == "small"
    assert all(np.array_equal(held[k], data[k], equal_nan=data[k].dtype.kind == "f") for k in data)


def test_turn_matrix_is_a_flow():
    a, b = scenario.turn_matrix(0.03, 3.0), scenario.turn_matrix(0.03, 5.0)
    assert a @ b == pytest.approx(scenario.turn_matrix(0.03, 8.0), abs=1e-12)
    assert scenario.turn_matrix(0.0, 2.0)[0].tolist() == [1, 2, 0, 0]
    many = scenario.turn_matrix(np.array([0.0, 0.03]), np.array([2.0, 3.0]))
    assert many[1] == pytest.approx(a, abs=1e-15)


def test_noise_matrix_adds_up():
    f = scenario.turn_matrix(0.0, 5.0)
    parts = f @ scenario.noise_matrix(0.1, 3.0) @ f.T + scenario.noise_matrix(0.1, 5.0)
    assert parts == pytest.approx(scenario.noise_matrix(0.1, 8.0), rel=1e-12)


@pytest.mark.parametrize("kind", ["turns", "accel", "climb"])
def test_truth_obeys_its_own_law(kind):
    data, meta = variants.make_flown(kind, 60, 5, seed=4, scans=60)
    x, given = data["X"], data.get("input", np.zeros(data["X"].shape))
    left = x[1:] - np.einsum("knij,knj->kni", scenario.turn_matrix(data["omega"][1:], 4.0), x[:-1]) - given[1:]
    left = left[np.isfinite(left).all(-1)]
    assert np.cov(left.T) == pytest.approx(scenario.noise_matrix(meta["q_cv"], 4.0), rel=0.15, abs=0.05)
    rate = np.rad2deg(np.abs(data["omega"][data["omega"] != 0]))
    if kind == "climb":
        assert np.ptp(data["Z"][np.isfinite(data["Z"])]) > 5_000
    else:
        assert 0.5 <= rate.min() < 1.0
        assert 3.0 < rate.max() <= 4.0
        assert len(np.unique(rate.round(6))) > 10


def test_accelerations_are_along_the_track():
    data, _ = variants.make_flown("accel", 100, 5, seed=4, scans=80)
    push = data["input"][..., [1, 3]] / 4.0
    on = (push != 0).any(-1) & np.isfinite(data["X"][..., 0])
    size = np.linalg.norm(push[on], axis=-1)
    assert size.min() >= 0.3
    assert size.max() <= 2.0
    way = data["X"][..., [1, 3]][on]
    across = (push[on, 0] * way[:, 1] - push[on, 1] * way[:, 0]) / size / np.linalg.norm(way, axis=-1)
    assert np.median(np.abs(across)) < 0.05
    speed = np.linalg.norm(data["X"][..., [1, 3]], axis=-1)
    assert np.nanmax(speed) < 345


def test_climbers_ranges_are_slant_and_heights_are_mode_c():
    data, _ = variants.make_flown("climb", 60, 20, seed=5, scans=40)
    mine = data["plot_src"] >= 0
    k, i = data["plot_scan"][mine], data["plot_src"][mine]
    ground, z = np.hypot(data["X"][k, i, 0], data["X"][k, i, 2]), data["Z"][k, i]
    off = data["plot_r"][mine] - np.hypot(ground, z)
    assert abs(off.mean()) < 3.0
    assert off.std() == pytest.approx(50.0, rel=0.1)
    feet = data["plot_h"][mine] / 0.3048
    assert np.abs(feet / 100 - np.round(feet / 100)).max() < 1e-6
    assert np.abs(data["plot_h"][mine] - z).max() <= 15.25
    assert np.isnan(data["plot_h"][~mine]).all()


def test_rotating_plots_carry_the_beams_time():
    data, _ = variants.make_flown("accel", 60, 20, seed=5, scans=40, rotating=True)
    beam = (data["plot_scan"] + (data["plot_az"] % (2 * np.pi)) / (2 * np.pi)) * 4.0
    off = np.abs(beam - data["plot_t"])
    assert np.minimum(off, 4.0 - off).max() < 4.0 * 6 * np.deg2rad(0.08) / (2 * np.pi)
    assert (np.diff(data["plot_t"])[np.diff(data["plot_scan"]) == 0] >= 0).all()


def test_real_flights(shared_data):
    assert real.RECORDING.is_file(), shared_data
    data, meta = real.make(40, 5, seed=7, scans=50)
    left = data["X"][1:] - np.einsum("knij,knj->kni", scenario.turn_matrix(data["omega"][1:], 4.0), data["X"][:-1])
    assert left == pytest.approx(data["input"][1:], abs=1e-6)
    speed = np.hypot(data["X"][..., 1], data["X"][..., 3])
    assert 20 < speed.min() < speed.max() < 350
    step = np.diff(data["X"][..., 0], axis=0) - 2.0 * (data["X"][1:, :, 1] + data["X"][:-1, :, 1])
    assert np.abs(step).max() < 60  # positions and velocities are of one motion
    two, said = real.make(40, 5, seed=7, scans=50, radars=2)
    assert len(said["radars"]) == 2
    assert set(np.unique(two["plot_sensor"])) == {0, 1}
    assert meta["n"] == 40


def test_mode_changes_are_a_markov_chain_in_continuous_time():
    generator = np.full((5, 5), 0.0)
    generator[0, 1:], generator[1:, 0] = 1 / 200 / 4, 1 / 30
    generator -= np.diag(generator.sum(1))
    got = tracking_known.change(np.array([0.0, 4.0, 37.0]))
    for row, dt in zip(got, (0.0, 4.0, 37.0), strict=True):
        assert row == pytest.approx(expm(generator * dt), abs=1e-12)


def test_the_filter_told_the_associations_beats_raw_plots_and_respects_the_bound():
    from bench.airbench.score import score

    data, meta = scenario.make(120, 20, seed=9, scans=50)
    got = score(data, meta, tracking_known.run(data, meta))
    assert 0.95 < got["ratio_pcrlb"] < 1.6
    assert 0.9 < got["inside_95"] < 0.99
    own = score(data, meta, tracking_known_own.run(data, meta))
    assert 0.95 < own["ratio_pcrlb"] < 1.5
    assert 0.92 < own["inside_95"] < 0.99
    turning, said = scenario.make(120, 20, seed=9, scans=50, rotating=True)
    back = score(turning, said, tracking_known.run(turning, said))
    exact = score(turning, said, tracking_known.run(turning, said, exact=True))
    assert back["ratio_pcrlb"] < got["ratio_pcrlb"]  # a plot after k T has been used
    assert exact["ratio_pcrlb"] == pytest.approx(back["ratio_pcrlb"], rel=0.02)

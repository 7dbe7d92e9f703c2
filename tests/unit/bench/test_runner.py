"""The runner: its keys, what it tells the tracker, and that no later plot reaches an earlier row."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from bench import tracking, tracking_run, tracking_speed
from bench.airbench import scenario, variants
from bench.tracking_world import World

KEYS = {
    "name",
    "ratio_pcrlb",
    "ratio_pcrlb_cv",
    "ratio_pcrlb_turn",
    "completeness",
    "completeness_aged",
    "spuriousness",
    "purity",
    "id_switches",
    "gospa_c1km",
    "gospa_c1km_loc",
    "gospa_c1km_missed",
    "gospa_c1km_false",
    "gospa_c5km",
    "initiation_scans_p50",
    "initiation_scans_p95",
    "rmse_vel",
    "inside_95",
    "inside_95_turn",
    "s_per_scan",
    "plots_per_s",
    "us_per_plot",
}


@pytest.fixture(scope="module")
def small():
    return scenario.make(25, 10, seed=8, scans=40)


def test_json_has_its_keys(small, tmp_path, monkeypatch, capsys):
    scenario.save(tmp_path, "small", *small)
    (tmp_path / "alone.npz").write_bytes(b"no parameters beside it: not a scenario")
    monkeypatch.setattr(sys, "argv", ["tracking", "--data", str(tmp_path), "--json"])
    tracking.main()
    (row,) = json.loads(capsys.readouterr().out)["scenarios"]
    assert set(row) >= KEYS
    assert row["name"] == "small"
    assert row["scans"] == 40
    assert row["completeness"] > 0.9
    monkeypatch.setattr(sys, "argv", ["tracking", "--data", str(tmp_path), "--scans", "30", "--only", "small"])
    tracking.main()
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in out] == ["ratio", "small"]


def test_aims_name_the_worst():
    rows = [
        {"name": "air1", "ratio_pcrlb": 1.2, "purity": 0.9995, "beside": [{"peer": "Stone Soup tuned, gate 6", "gospa_c1km_times": 0.9}]},
        {"name": "air2", "ratio_pcrlb": 1.4, "purity": 1.0},
        {"name": "air2_rot", "ratio_pcrlb": 9.0},
        {"name": "turns", "ratio_pcrlb": 9.0},
        {"name": "air3", "skipped": "for a reason"},
    ]
    got = {v["aim"]: (v["worst"], v["where"], v["met"]) for v in tracking.verdicts(rows)}
    assert got == {
        "RMSE / PCRLB": (1.4, "air2", False),
        "purity": (0.9995, "air1", True),
        "GOSPA, c 1 km, times Stone Soup's": (0.9, "air1", False),
    }


def test_peers_are_shown_beside(small):
    row, got = tracking_run.measure("air100_c50", *small)
    theirs = [{"peer": "P", "scans": 30, "gospa_c1km": 1000.0, "gospa_c5km": 2000.0, "ratio_pcrlb": 2.0, "id_switches": 0}]
    (shown,) = tracking.beside(row, theirs, *small, got.out)
    assert shown["ratio_pcrlb_times"] == shown["ours"]["ratio_pcrlb"] / 2.0
    assert shown["id_switches_times"] is None
    assert tracking.beside(row, [{**theirs[0], "scans": 99}], *small, got.out) == []
    assert "air100_c50" in tracking.peers()


def test_the_tracker_sees_nothing_of_the_truth(small):
    data, meta = small
    blind = {**data, "plot_src": np.full_like(data["plot_src"], -1), "X": data["X"] * 0 + 7.0, "det": ~data["det"]}
    blind |= {"omega": data["omega"] + 1.0}
    a, b = tracking_run.run(data, meta), tracking_run.run(blind, meta)
    for key in a.out:
        np.testing.assert_array_equal(a.out[key], b.out[key])


def test_a_row_knows_no_later_plot(small):
    data, meta = small
    later = data["plot_scan"] > 25
    changed = {**data, "plot_r": np.where(later, 5_000.0, data["plot_r"])}
    a, b = tracking_run.run(data, meta), tracking_run.run(changed, meta)
    for key in a.out:
        np.testing.assert_array_equal(a.out[key][a.out["scan"] <= 25], b.out[key][b.out["scan"] <= 25])
    assert len(a.out["scan"]) != len(b.out["scan"])


@pytest.mark.parametrize(("kind", "rotating"), [("turns", True), ("climb", False), ("climb", True)])
def test_variants_are_tracked(kind, rotating):
    data, meta = variants.make_flown(kind, 25, 10, seed=8, scans=40, rotating=rotating)
    row, _ = tracking_run.measure(kind, data, meta)
    assert row["completeness"] > 0.9
    assert row["ratio_pcrlb"] < 2.5


def test_two_placed_radars_are_tracked(shared_data):
    data, meta = variants.real.make(30, 10, seed=3, scans=40, radars=2)
    assert shared_data.is_dir()
    row, _ = tracking_run.measure("two", data, meta)
    assert row["completeness"] > 0.9
    assert row["ratio_pcrlb"] < 2.5


def test_a_world_is_the_same_again_and_is_tracked():
    a, b = World(120, 5, addressed=True), World(120, 5, addressed=True)
    a.sensors(), b.sensors()
    for _ in range(9):
        (heard, now), (again, _) = a.tick(), b.tick()
        assert [h.source for h in heard] == ["radars", "adsb"]
        for one, two in zip(heard, again, strict=True):
            for name, *_ in one.plots.columns():
                np.testing.assert_array_equal(getattr(one.plots, name), getattr(two.plots, name))
            assert ((one.plots.time_s > now - 1.0) & (one.plots.time_s <= now)).all()
    row = tracking_speed.measure(120, addressed=True, settle_s=35, seconds=5)
    assert row["followed_share"] > 0.8
    assert row["plots_per_cpu_s"] > 0
    assert row["bytes_a_track"] > 0


def test_bytes_of_a_state_count_each_array_once():
    base = np.zeros(100)
    held: dict[int, int] = {}
    tracking_speed.arrays_in({"a": base, "b": [base[:10], (base, np.zeros(3, np.uint8))]}, held)
    assert sum(held.values()) == 803

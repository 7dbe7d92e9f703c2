"""tenere site and tenere reach: what they print and write, on a small country of known ground, stopped and wrongly asked."""

from __future__ import annotations

import json
import os
import signal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio

from tenere import config
from tenere.cli import main, siting_search
from tenere.cli import siting as command
from tenere.errors import UsageError

SITE = """
[site]
name = "Small"
[coverage]
terrain = ["ground.tif"]
step_m = 1000
[[area]]
id = "all"
circle = {{ lat_deg = 16.0, lon_deg = 8.0, radius_m = 90e3 }}
[[sensor]]
id = "OLD"
lat_deg = 16.5
lon_deg = 7.6
range_m = 60e3
period_s = 6
[[sensor]]
id = "TWO"
lat_deg = 16.4
lon_deg = 7.7
range_m = 60e3
period_s = 6
[siting]
area = "all"
budget = 2
range_m = 60e3
grid_km = 30
demand_km = 5
seconds = 2
{siting}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("site")
    north, east = np.meshgrid(np.linspace(1.2, -1.2, 481), np.linspace(-1.2, 1.2, 481), indexing="ij")
    z = 300.0 + 200.0 * np.sin(north * 9.0) * np.cos(east * 11.0)
    where = rasterio.Affine(0.005, 0.0, 8.0 - 1.2025, 0.0, -0.005, 16.0 + 1.2025)
    with rasterio.open(
        made / "ground.tif", "w", driver="GTiff", width=481, height=481, count=1, dtype="float32", crs="EPSG:4326", transform=where
    ) as f:
        f.write(z.astype(np.float32), 1)
    (made / "site.toml").write_text(SITE.format(siting=""))
    return made


def run(capsys, *words):
    code = main([str(w) for w in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_plan_is_told_and_written(folder, tmp_path, capsys):
    code, out, err = run(capsys, "site", folder / "site.toml", "--at", "1500ft", "--at", "FL100", "--out", tmp_path / "out", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["at"] == ["1500ft", "FL100"]
    assert told["standing"] == ["OLD", "TWO"]
    assert len(told["sites"]) == 2
    assert told["candidates"]["by_origin"] == {"grid": told["candidates"]["count"]}
    worths = [plan["worth"] for plan in told["plans"]]
    assert worths == sorted(worths)
    assert worths[-1] <= told["bound"] + 1e-3
    assert told["standing_worth"] + sum(s["adds_worth"] for s in told["sites"]) == pytest.approx(worths[-1], abs=1e-3)
    for before, after, k in zip(told["before"], told["after"], range(2), strict=True):
        assert before["seen_km2"] + sum(s["adds_km2"][k] for s in told["sites"]) == pytest.approx(after["seen_km2"], abs=1.0)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["sites.geojson", "sites.json", "sites.toml"]
    assert json.loads((tmp_path / "out" / "sites.json").read_text()) == told
    points = json.loads((tmp_path / "out" / "sites.geojson").read_text())["features"]
    assert [p["geometry"]["coordinates"][:2] for p in points] == [[s["lon_deg"], s["lat_deg"]] for s in told["sites"]]
    pasted = config.parse((folder / "site.toml").read_text() + (tmp_path / "out" / "sites.toml").read_text())
    assert [s.id for s in pasted.sensor] == ["OLD", "TWO"] + [s["id"] for s in told["sites"]]
    assert pasted.sensor[2].height_m == pytest.approx(told["sites"][0]["ground_m"] + 20.0, abs=0.11)
    assert pasted.sensor[2].range_m == 60e3


def test_people_get_a_table_and_the_budget_is_heard(folder, capsys):
    code, out, _ = run(capsys, "site", folder / "site.toml", "--budget", "1", "--seconds", "1")
    assert code == 0
    assert "Small: " in out
    assert "  1 grid-" in out
    assert "  2 grid-" not in out
    assert "below the bound by" in out
    code, out, _ = run(capsys, "site", folder / "site.toml", "--budget", "0", "--seconds", "1")
    assert code == 0
    assert "nothing that the budget pays for adds anything" in out


def test_ctrl_c_keeps_the_best_so_far(folder, tmp_path, capsys, monkeypatch):
    real = siting_search.shaken

    def interrupted(p, plan, seed):
        for k, made in enumerate(real(p, plan, seed)):
            if k == 0:
                os.kill(os.getpid(), signal.SIGINT)
            yield made

    monkeypatch.setattr(siting_search, "shaken", interrupted)
    site = tmp_path / "long.toml"
    site.write_text(
        SITE.format(siting="gap = 0.0").replace("seconds = 2", "seconds = 600").replace("ground.tif", str(folder / "ground.tif"))
    )
    code, out, err = run(capsys, "site", site, "--out", tmp_path / "kept", "--json")
    assert code == 130
    assert "stopped; the best plan so far is the one told, and written to" in err
    told = json.loads(out)
    assert told["stopped"] is True
    assert told["shakes"] <= 5
    assert json.loads((tmp_path / "kept" / "sites.json").read_text())["sites"] == told["sites"]
    assert len(told["sites"]) == 2


def test_ctrl_c_before_there_is_a_plan_leaves_nothing(folder, tmp_path, capsys, monkeypatch):
    real = command.candidates.gather

    def interrupted(*args):
        os.kill(os.getpid(), signal.SIGTERM)
        return real(*args)

    monkeypatch.setattr(command.candidates, "gather", interrupted)
    code, _, err = run(capsys, "site", folder / "site.toml", "--out", tmp_path / "none")
    assert code == 130
    assert "interrupted" in err
    assert list((tmp_path / "none").iterdir()) == []


def test_without_the_solver_the_bound_stands_and_it_is_said(folder, capsys, monkeypatch):
    def missing(*_):
        raise UsageError("siting: the proof needs HiGHS")

    monkeypatch.setattr(siting_search, "certify", missing)
    code, out, err = run(capsys, "site", folder / "site.toml", "--seconds", "1", "--json")
    told = json.loads(out)
    assert code == 0
    assert [p["by"] for p in told["plans"]] == ["greedy", "exchanges", "shakes"]
    assert told["proof"] in err
    assert 0 <= told["below_bound"] < 1


@pytest.mark.parametrize(
    ("siting", "code", "says"),
    [
        ("at = []", 2, "names no height"),
        ('at = ["up"]', 1, "is no height"),
        ("most_candidates = 3", 2, "more than 3 candidates"),
        ("traffic_worth = 1.0", 2, "name tables of tracks in siting.traffic"),
        ('places = ["none.csv"]', 1, "none.csv: cannot be read"),
        ("second_worth = 2.0", 2, "siting.second_worth: 2.0 is outside 0 to 1"),
        ('[[siting.candidate]]\nid = "x"\nlat_deg = 99\nlon_deg = 8', 2, "siting.candidate[0].lat_deg: 99.0 is outside"),
        ("seed = -1", 2, "siting.seed"),
    ],
)
def test_wrong_settings_say_what_and_where(folder, capsys, siting, code, says):
    (folder / "wrong.toml").write_text(SITE.format(siting=siting))
    got, out, err = run(capsys, "site", folder / "wrong.toml", "--json")
    assert got == code
    assert says in err
    assert says in json.loads(out)["error"]


def test_no_candidate_that_can_stand_is_an_error(folder, capsys):
    given = '[[siting.candidate]]\nid = "far"\nlat_deg = 30\nlon_deg = 8'
    (folder / "far.toml").write_text(SITE.format(siting=given).replace("grid_km = 30", ""))
    code, _, err = run(capsys, "site", folder / "far.toml")
    assert code == 1
    assert "no candidate can stand: 1 outside the area (first: far)" in err


def test_traffic_of_tables_counts(folder, capsys):
    t = 1.9e9 + np.arange(400) * 4.0
    lat, lon = np.radians(np.full(400, 15.5)), np.radians(np.linspace(7.6, 8.4, 400))
    pq.write_table(pa.table({"time_s": t, "number": np.full(400, 1), "lat_rad": lat, "lon_rad": lon}), folder / "tracks.parquet")
    given = 'area_worth = 0.0\ntraffic_worth = 1.0\ntraffic = ["tracks.parquet"]'
    (folder / "flown.toml").write_text(SITE.format(siting=given))
    code, out, _ = run(capsys, "site", folder / "flown.toml", "--budget", "1", "--json")
    assert code == 0
    site = json.loads(out)["sites"][0]
    assert abs(site["lat_deg"] - 15.5) < 0.5, "it stands by the route"


@pytest.fixture(scope="module")
def replayed(folder):
    """Write flights over the two sensors that both see, but for the second, which sees half of them in the south."""
    random = np.random.Generator(np.random.PCG64(5))
    number, look = np.repeat(np.arange(1, 81), 20), np.tile(np.arange(20), 80)
    azimuth, away = random.uniform(0, 2 * np.pi, 80)[number - 1], random.uniform(10e3, 45e3, 80)[number - 1]
    lat = np.radians(16.45) + away * np.cos(azimuth) / 6.37e6
    lon = np.radians(7.65) + away * np.sin(azimuth) / (6.37e6 * np.cos(lat))
    t = 1.9e9 + look * 12.0 + 1.0
    hit = (random.random(len(t)) < 0.5) | (np.cos(azimuth) > -0.4)
    tracks = {"time_s": t, "number": number, "lat_rad": lat, "lon_rad": lon, "pressure_altitude_m": np.full(len(t), 9000.0)}
    plots = {
        "time_s": np.concatenate([t, t[hit]]),
        "sensor": np.concatenate([np.zeros(len(t), int), np.ones(int(hit.sum()), int)]),
        "track": np.concatenate([number, number[hit]]),
        "kind": np.full(len(t) + int(hit.sum()), 2),
    }
    pq.write_table(pa.table(tracks), folder / "t.parquet")
    pq.write_table(pa.table(plots), folder / "p.parquet")
    return folder / "p.parquet", folder / "t.parquet"


def test_reach_tells_who_sees_less_and_where(folder, replayed, capsys):
    words = ("reach", folder / "site.toml", "--plots", replayed[0], "--tracks", replayed[1], "--sectors", "4", "--ring", "60")
    code, out, _ = run(capsys, *words, "--json")
    assert code == 0
    told = json.loads(out)
    assert (told["tracks"], told["looks"], told["refused"]) == (80, 1600, {})
    less = [r for r in told["rows"] if r["verdict"] == "less"]
    assert {r["sensor"] for r in less} == {"TWO"}
    assert {r["azimuth_deg"] for r in less if r["azimuth_to_deg"] - r["azimuth_deg"] < 360} <= {90.0, 180.0}
    code, out, _ = run(capsys, *words)
    assert code == 0
    assert "LESS " in out
    assert "where its terrain allows" in out
    code, all_out, _ = run(capsys, *words, "--all")
    assert len(all_out.splitlines()) > len(out.splitlines())


def test_reach_says_when_nothing_can_be_judged(folder, replayed, tmp_path, capsys):
    pq.write_table(pa.table({"time_s": [1.9e9], "sensor": [0], "track": [1], "kind": [2]}), tmp_path / "p.parquet")
    code, out, err = run(capsys, "reach", folder / "site.toml", "--plots", tmp_path / "p.parquet", "--tracks", replayed[1], "--json")
    assert code == 1
    assert "no track was seen by two sensors at once" in err
    assert json.loads(out)["unjudged"] == {"TWO": "has no plot in these tables"}
    code, _, err = run(capsys, "reach", folder / "site.toml", "--plots", folder / "site.toml", "--tracks", replayed[1])
    assert code == 1
    assert "is no Parquet file" in err
    (tmp_path / "bare.toml").write_text('[[sensor]]\nid = "X"\n')
    code, _, err = run(capsys, "reach", tmp_path / "bare.toml", "--plots", replayed[0], "--tracks", replayed[1])
    assert code == 1
    assert "no sensor of the site has a place" in err

"""tenere track: good tables in any order and shape, wrong ones, and what is left of a run that is broken off."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenere import track
from tenere.batch import PlotKind, Plots, Tracks
from tenere.cli import main
from tenere.estimate.smooth import SmoothedTracks
from tenere.feeds import plot_files
from tenere.record.tables import to_arrow

SITE = """
[[sensor]]
id = "R"
kind = "radar"
source = "somewhere else"
range_m = 290e3
range_std_m = 50
azimuth_std_deg = 0.08
period_s = 4
clutter = 1
"""
SCANS, AIRCRAFT, PERIOD_S, BEGIN_S = 30, 12, 4.0, 1_000_000.0


def sky(seed: int = 3) -> Plots:
    """Return what a radar sees of aircraft that fly straight: 30 scans, each plot at a time of its own."""
    rng = np.random.Generator(np.random.PCG64(seed))
    x0, v = rng.uniform(-60e3, 60e3, (AIRCRAFT, 2)), rng.uniform(-150, 150, (AIRCRAFT, 2))
    t = (np.arange(SCANS)[:, None] + np.linspace(0.01, 0.9, AIRCRAFT)[rng.permutation(AIRCRAFT)]) * PERIOD_S
    p = x0 + t[..., None] * v
    r = np.hypot(p[..., 0], p[..., 1]) + rng.normal(0, 50, t.shape)
    az = np.arctan2(p[..., 0], p[..., 1]) + rng.normal(0, np.deg2rad(0.08), t.shape)
    made = Plots.blank(t.size, time_s=BEGIN_S + t.ravel(), kind=1, range_m=r.ravel(), azimuth_rad=az.ravel() % (2 * np.pi), height_m=0.0)
    return made.take(np.argsort(made.time_s, kind="stable"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "site.toml").write_text(SITE)
    pq.write_table(to_arrow(sky()), tmp_path / "plots.parquet")
    return tmp_path


def run(capsys, folder, *words, files=("plots.parquet",), out="tracks.parquet", site=True):
    """Return the exit status, the JSON document and what was said; the files are named within the folder."""
    args = [*(str(folder / f) for f in files), *(["--site", str(folder / "site.toml")] if site else []), "--out", str(folder / out)]
    code = main(["track", *args, *words, "--json"])
    said, err = capsys.readouterr()
    return code, json.loads(said), err


def table(folder, **columns) -> str:
    """Write a table; return its name."""
    pq.write_table(pa.table(columns), folder / "table.parquet")
    return "table.parquet"


def test_tracks_one_row_a_track_a_tick(folder, capsys):
    code, said, _ = run(capsys, folder)
    assert code == 0
    assert said["plots"] == SCANS * AIRCRAFT
    assert said["tracks"] == AIRCRAFT
    assert (said["tick_s"], said["smooth_s"]) == (1.0, 0.0)
    assert said["air_s"] == said["ticks"] == pytest.approx(SCANS * PERIOD_S, abs=2)
    assert said["cpu_s"] > 0 < said["plots_s"]
    (file,) = said["files"]
    assert file == {"file": str(folder / "plots.parquet"), "rows": SCANS * AIRCRAFT, "rejected": {}, "first_row": {}}
    got = pq.read_table(folder / "tracks.parquet")
    assert got.num_rows == said["rows"]
    assert got.column_names == [n for n, *_ in Tracks.columns()]
    assert got.schema.field("x_m").metadata[b"unit"] == b"m"
    time_s, number = got["time_s"].to_numpy(), got["number"].to_numpy()
    assert (np.diff(time_s) >= 0).all()
    assert len({*zip(time_s.tolist(), number.tolist(), strict=True)}) == got.num_rows
    assert set(np.unique(time_s % 1.0)) == {0.0}
    assert (time_s == time_s[-1]).sum() == AIRCRAFT


def test_the_tick_is_asked_for_or_the_site_s(folder, capsys):
    assert run(capsys, folder, "--tick", "4")[1]["ticks"] == SCANS
    (folder / "site.toml").write_text("[site]\ntick_s = 2.0\n" + SITE)
    assert run(capsys, folder)[1]["tick_s"] == 2.0


def test_for_people(folder, capsys):
    assert main(["track", str(folder / "plots.parquet"), "--out", str(folder / "t.parquet")]) == 0
    assert f"plots {SCANS * AIRCRAFT}" in capsys.readouterr().out


def same(a, b) -> bool:
    """Say whether two tables hold the same, NaN being NaN."""
    a, b = (t if isinstance(t, pa.Table) else pq.read_table(t) for t in (a, b))
    for name in a.column_names:
        np.testing.assert_array_equal(a[name].to_numpy(), b[name].to_numpy(), err_msg=name)
    return a.schema.equals(b.schema)


@pytest.mark.parametrize("held", [1, 40, plot_files.MOST_HELD])
def test_rows_in_any_order_and_any_cut_give_the_same_tracks(folder, capsys, monkeypatch, held):
    monkeypatch.setattr(plot_files, "ROWS_AT_ONCE", 25)
    run(capsys, folder)
    plots = sky()
    near = np.arange(len(plots)) + np.random.Generator(np.random.PCG64(1)).integers(0, 20, len(plots))
    far = np.random.Generator(np.random.PCG64(2)).permutation(len(plots))
    pq.write_table(to_arrow(plots.take(np.argsort(near, kind="stable"))), folder / "near.parquet", row_group_size=31)
    pq.write_table(to_arrow(plots.take(far)), folder / "far.parquet", row_group_size=400)
    pq.write_table(to_arrow(plots.take(slice(0, 100))), folder / "a.parquet")
    pq.write_table(to_arrow(plots.take(slice(100, None))), folder / "b.parquet")
    pq.write_table(to_arrow(plots.take(slice(1, None, 2))), folder / "odd.parquet")
    pq.write_table(to_arrow(plots.take(slice(0, None, 2))), folder / "even.parquet")
    for k, files in enumerate([("near.parquet",), ("far.parquet",), ("b.parquet", "a.parquet")]):
        assert run(capsys, folder, files=files, out=f"{k}.parquet")[0] == 0
        assert same(folder / "tracks.parquet", folder / f"{k}.parquet")
    code, said, _ = run(capsys, folder, files=("odd.parquet", "even.parquet"), out="both.parquet")
    assert (code, said["tracks"], said["plots"]) == (0, AIRCRAFT, len(plots))
    monkeypatch.setattr(plot_files, "MOST_HELD", held)  # what is beyond comes late, and nothing is lost
    code, said, _ = run(capsys, folder, files=("far.parquet",), out="held.parquet")
    assert (code, said["plots"]) == (0, len(plots))


def test_the_same_run_writes_the_same_bytes(folder, capsys):
    for name in ("a", "b"):
        run(capsys, folder, "--smooth", "8", out=name)
    assert (folder / "a").read_bytes() == (folder / "b").read_bytes()


def test_a_silence_is_played_until_every_track_is_gone_and_then_skipped(folder, capsys):
    plots = sky()
    late = plots.time_s >= BEGIN_S + 15 * PERIOD_S
    pq.write_table(to_arrow(plots.replace(time_s=plots.time_s + late * 40_000.0)), folder / "plots.parquet")
    code, said, _ = run(capsys, folder)
    assert code == 0
    assert said["ticks"] < 400
    assert said["air_s"] > 40_000
    time_s = pq.read_table(folder / "tracks.parquet")["time_s"].to_numpy()
    assert np.diff(np.unique(time_s)).max() > 30_000


def test_smoothing_adds_columns_and_changes_none(folder, capsys):
    run(capsys, folder)
    code, said, _ = run(capsys, folder, "--smooth", "20", out="smooth.parquet")
    assert (code, said["smooth_s"]) == (0, 20.0)
    plain, smooth = pq.read_table(folder / "tracks.parquet"), pq.read_table(folder / "smooth.parquet")
    assert smooth.column_names == [n for n, *_ in SmoothedTracks.columns()]
    assert same(plain, smooth.select(plain.column_names))
    assert smooth.schema.field("smooth_x_m").metadata[b"meaning"] == b"x_m, smoothed"
    ahead = smooth["smooth_s"].to_numpy() - smooth["time_s"].to_numpy()
    assert ahead.max() == 20.0
    assert ahead.min() == 0.0
    assert (ahead[smooth["time_s"].to_numpy() <= BEGIN_S + 90] > 20.0 - 2 * PERIOD_S).mean() > 0.9
    assert np.isnan(smooth["smooth_lat_rad"].to_numpy()).all()  # an unplaced radar's


def test_smoothed_places_have_a_latitude_where_the_sensor_has(folder, capsys):
    (folder / "site.toml").write_text(SITE + "lat_deg = 13.5\nlon_deg = 2.1\n")
    run(capsys, folder, "--smooth", "20")
    got = pq.read_table(folder / "tracks.parquet")
    lat, smooth = got["lat_rad"].to_numpy(), got["smooth_lat_rad"].to_numpy()
    assert np.isfinite(smooth).all()
    off_m = np.abs(lat - smooth) * 6.37e6
    assert 0 < off_m.max() < 2000
    last = got["smooth_s"].to_numpy() == got["time_s"].to_numpy()
    assert off_m[last] == pytest.approx(0.0, abs=1e-3)


# --- what tables may look like ---


def test_few_columns_of_other_number_types_will_do(folder, capsys):
    p = sky()
    run(capsys, folder)
    columns = {
        "time_s": p.time_s,
        "range_m": pa.array(p.range_m),
        "azimuth_rad": p.azimuth_rad,
        "kind": pa.array(p.kind.astype(np.int64)),
        "height_m": pa.array([0] * len(p), pa.int32()),
        "address": pa.nulls(len(p)),
        "callsign": pa.array([None] * len(p), pa.string()),
        "mine": ["not read"] * len(p),
    }
    assert run(capsys, folder, files=(table(folder, **columns),), out="few.parquet")[0] == 0
    assert same(folder / "tracks.parquet", folder / "few.parquet")


def test_text_and_numbers_are_read_whole(folder):
    name = table(
        folder,
        time_s=[1.0, 2.0, 3.0, 4.0],
        lat_rad=[0.1] * 4,
        lon_rad=[0.1] * 4,
        address=pa.array([0xABCDEF, None, 1 << 40, 5], pa.int64()),
        mode_a=pa.array([1.0, 2.5, np.nan, 4.0]),
        callsign=pa.array(["AB1", None, "LONGERTHAN8", ""]).dictionary_encode(),
    )
    file = plot_files.PlotFile(folder / name, "t")
    ((plots, n),) = file.batches()
    assert n == 4
    assert plots.address.tolist() == [0xABCDEF, -1, -1, 5]
    assert plots.mode_a.tolist() == [1, -1, -1, 4]
    assert plots.callsign.tolist() == [b"AB1", b"", b"LONGERTH", b""]
    assert plots.kind.tolist() == [PlotKind.ADSB] * 4
    assert file.rejects.counts == {
        "value of address that it cannot hold (left out)": 1,
        "value of mode_a that it cannot hold (left out)": 1,
    }


def test_plots_written_and_read_are_the_same_columns(folder):
    plots = sky()
    ((got, _),) = plot_files.PlotFile(folder / "plots.parquet", "t").batches()
    for name, dtype, _, _ in Plots.columns():
        assert getattr(got, name).dtype == dtype
        np.testing.assert_array_equal(getattr(got, name), getattr(plots, name), err_msg=name)


def test_another_table_with_a_mapping_or_known_names(folder, capsys):
    p = sky()
    run(capsys, folder)
    (folder / "columns.toml").write_text(
        '[mapping]\ntime = {column = "when", unit = "ms"}\nrange = {column = "rho", unit = "km"}\nazimuth = {column = "theta"}\n'
        'height = {value = 0.0}\nkind = {value = "psr"}\n'
    )
    name = table(folder, when=p.time_s * 1e3, rho=p.range_m / 1e3, theta=np.rad2deg(p.azimuth_rad))
    code, said, _ = run(capsys, folder, "--mapping", str(folder / "columns.toml"), files=(name,), out="mapped.parquet")
    assert (code, said["tracks"]) == (0, AIRCRAFT)
    known = table(
        folder, timestamp=p.time_s, range=p.range_m, azimuth=np.rad2deg(p.azimuth_rad), height=np.zeros(len(p)), kind=["psr"] * len(p)
    )
    code, said, _ = run(capsys, folder, files=(known,), out="known.parquet")
    assert (code, said["tracks"]) == (0, AIRCRAFT)


def test_rows_that_cannot_be_are_counted_with_the_first(folder, capsys, monkeypatch):
    monkeypatch.setattr(plot_files, "ROWS_AT_ONCE", 50)
    p = sky()
    t, kind, r, lat = p.time_s.copy(), p.kind.copy(), p.range_m.copy(), np.full(len(p), np.nan)
    t[[70, 200]], t[80], kind[120], r[[130, 131]], lat[140] = np.nan, 1e300, 99, np.nan, 7.0
    pq.write_table(to_arrow(p.replace(time_s=t, kind=kind, range_m=r, lat_rad=lat, lon_rad=lat / 7)), folder / "plots.parquet")
    code, said, err = run(capsys, folder)
    assert code == 0
    (file,) = said["files"]
    assert file["rejected"] == {
        plot_files.NO_TIME: 2,
        plot_files.BAD_TIME: 1,
        plot_files.BAD_KIND: 1,
        plot_files.NO_POSITION: 2,
        plot_files.BAD_POSITION: 1,
    }
    assert file["first_row"] == {
        plot_files.NO_TIME: 70,
        plot_files.BAD_TIME: 80,
        plot_files.BAD_KIND: 120,
        plot_files.NO_POSITION: 130,
        plot_files.BAD_POSITION: 140,
    }
    assert said["plots"] == len(p) - 7
    assert "row without a time: 2 (first in row 70)" in err


# --- what is wrong ---


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"range_m": [1.0], "azimuth_rad": [0.0]}, "has no column time_s"),
        ({"time_s": [1.0], "range_m": [1.0]}, "has no columns of a position"),
        ({"a": [1.0]}, "has no columns of a time and a position"),
        ({"time_s": ["x"], "range_m": [1.0], "azimuth_rad": [0.0]}, "column time_s is of type string; it must be a number (float64)"),
        ({"time_s": [1.0], "x_m": [1.0], "y_m": [0.0], "address": ["ab"]}, "column address is of type string; it must be a number (int32)"),
        ({"time_s": [1.0], "x_m": [1.0], "y_m": [0.0], "callsign": [1]}, "column callsign is of type int64; it must be text"),
        ({"time_s": [[1.0]], "x_m": [1.0], "y_m": [0.0]}, "column time_s is of type list<"),
        ({"time_s": pa.array([], pa.float64()), "x_m": pa.array([], pa.float64()), "y_m": pa.array([], pa.float64())}, "holds no rows"),
    ],
)
def test_a_table_that_is_none_of_plots_says_what_is_wrong(folder, capsys, columns, words):
    code, said, err = run(capsys, folder, files=("plots.parquet", table(folder, **columns)))
    assert code == 1
    assert words in said["error"]
    assert str(folder / "table.parquet") in said["error"]
    assert said["error"] in err
    assert not (folder / "tracks.parquet").exists()


def test_files_that_are_no_tables(folder, capsys):
    whole = (folder / "plots.parquet").read_bytes()
    (folder / "empty").touch()
    (folder / "text").write_text("time_s,range_m\n1,2\n")
    (folder / "cut").write_bytes(whole[: len(whole) // 2])
    (folder / "folder").mkdir()
    hurt = bytearray(whole)
    at = pq.ParquetFile(folder / "plots.parquet").metadata.row_group(0).column(5).data_page_offset
    hurt[at : at + 400] = bytes(400)
    (folder / "hurt").write_bytes(bytes(hurt))
    for name, words in {
        "empty": "is empty",
        "text": "is no Parquet file",
        "cut": "is damaged",
        "folder": "is a folder",
        "absent": "cannot be read: No such file",
        "hurt": "does not read from row",
    }.items():
        code, said, _ = run(capsys, folder, files=(name,))
        assert code == 1
        assert said["error"].startswith(str(folder / name))
        assert words in said["error"], said["error"]
        assert not list(folder.glob("tracks*"))


def test_no_row_that_stands_is_status_1(folder, capsys):
    code, said, _ = run(capsys, folder, files=(table(folder, time_s=[np.nan], x_m=[1.0], y_m=[1.0]),))
    assert (code, "no row has a time" in said["error"]) == (1, True)
    code, said, err = run(capsys, folder, files=(table(folder, time_s=[1.0], x_m=[np.nan], y_m=[1.0]),))
    assert (code, said["plots"], said["rows"]) == (1, 0, 0)
    assert "no row stood" in err


def test_wrong_usage_is_status_2(folder, capsys):
    for words, wrong in [
        (["--tick", "0.01"], "--tick"),
        (["--tick", "60"], "--tick"),
        (["--smooth", "1e6"], "--smooth"),
        (["--mapping", str(folder / "absent.toml")], "--mapping"),
    ]:
        code, said, _ = run(capsys, folder, *words)
        assert code == 2
        assert wrong in said["error"]
    for out, wrong in [(".", "is a folder"), ("plots.parquet", "is read from"), ("absent/t.parquet", "cannot be written there")]:
        code, said, _ = run(capsys, folder, out=out)
        assert code == 2
        assert wrong in said["error"]
    (folder / "site.toml").write_text("[track]\ncoasts = 3\n")
    code, said, _ = run(capsys, folder)
    assert code == 2
    assert "coast" in said["error"]
    (folder / "site.toml").unlink()
    assert run(capsys, folder)[0] == 2
    assert pq.read_table(folder / "plots.parquet").num_rows == SCANS * AIRCRAFT


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device"), 1)])
def test_a_run_that_is_broken_off_leaves_the_old_file_and_no_part(folder, capsys, monkeypatch, error, status):
    (folder / "tracks.parquet").write_bytes(b"older")
    step, calls = track.step, []

    def broken(*args):
        calls.append(1)
        if len(calls) == 60:
            raise error
        return step(*args)

    monkeypatch.setattr(track, "step", broken)
    code, said, _ = run(capsys, folder)
    assert code == status
    assert "error" in said
    assert (folder / "tracks.parquet").read_bytes() == b"older"
    assert sorted(p.name for p in folder.iterdir()) == ["plots.parquet", "site.toml", "tracks.parquet"]

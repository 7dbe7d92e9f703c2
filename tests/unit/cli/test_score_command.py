"""tenere score and tenere compare: pages and documents, files that do not go together, and what is left of a run broken off."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenere.batch import TrackFlag, Tracks
from tenere.cli import main
from tenere.cli import score as module
from tenere.estimate.score import ScoreSteps
from tenere.geo.plane import Plane
from tenere.record.tables import TableWriter, to_arrow

PLANE = Plane.at(*np.deg2rad((17.0, 8.0)))
T = np.arange(0.0, 120.0, 4.0)
BEGIN_S = 1_700_000_000.0


def tracks(east=0.0, number=(3, 4), times=T, **more) -> Tracks:
    """Return two tracks that fly east 50 km apart, off by so much to the east."""
    n = len(times)
    y = np.repeat((0.0, 50e3), n)
    x = np.tile(200.0 * times, 2) + east
    lat, lon = PLANE.inverse(x, y)
    made = {
        "number": np.repeat(number, n),
        "time_s": BEGIN_S + np.tile(times, 2),
        "frame": 0,
        "x_m": x,
        "y_m": y,
        "vx_ms": 200.0,
        "vy_ms": 0.0,
        "var_xx_m2": 1e4,
        "var_xy_m2": 0.0,
        "var_yy_m2": 1e4,
        "lat_rad": lat,
        "lon_rad": lon,
        "pressure_altitude_m": 9000.0,
        "flags": int(TrackFlag.CONFIRMED),
        "source": -1,
        "address": np.repeat((0xAAAAAA, -1), n),
    }
    return Tracks.blank(2 * n, **{**made, **more})


def truth() -> pa.Table:
    t = tracks()
    return pa.table(
        {
            "id": np.repeat(["A", "B"], len(T)),
            "time_s": t.time_s,
            "lat_deg": np.rad2deg(t.lat_rad),
            "lon_deg": np.rad2deg(t.lon_rad),
            "pressure_altitude_m": t.pressure_altitude_m,
            "address": np.repeat(["AAAAAA", "BBBBBB"], len(T)),
        }
    )


@pytest.fixture
def folder(tmp_path):
    pq.write_table(to_arrow(tracks()), tmp_path / "tracks.parquet")
    pq.write_table(to_arrow(tracks(300.0, (8, 9), pressure_altitude_m=9060.0)), tmp_path / "other.parquet")
    pq.write_table(truth(), tmp_path / "truth.parquet")
    pa.csv.write_csv(truth(), tmp_path / "truth.csv")
    return tmp_path


def run(capsys, folder, command, *words):
    """Return the exit status, the JSON document and what was said; words that are files of the folder are named in it."""
    code = main([command, *(str(folder / w) if (folder / w).exists() or w.endswith(".new") else w for w in words), "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


@pytest.mark.parametrize("name", ["truth.parquet", "truth.csv"])
def test_the_score_of_good_tracks(folder, capsys, name):
    code, got, err = run(capsys, folder, "score", "tracks.parquet", name)
    assert (code, err) == (0, "")
    assert (got["steps"], got["step_s"], got["aircraft"], got["tracks"]) == (30, 4.0, 2, 2)
    assert got["gospa"][0]["gospa_m"] == pytest.approx(0, abs=0.01)
    assert got["siap"]["completeness"] == got["continuity"]["purity"] == got["errors"]["containment"]["inside_95"] == 1.0
    assert (got["siap"]["id_completeness"], got["siap"]["id_correctness"]) == (0.5, 1.0)
    assert got["height"] == "pressure_altitude_m"
    assert [(r["id"], r["track"], r["completeness"]) for r in got["per_aircraft"]] == [("A", "3", 1.0), ("B", "4", 1.0)]
    assert [(r["number"], r["aircraft"], r["purity"]) for r in got["per_track"]] == [("3", "A", 1.0), ("4", "B", 1.0)]
    assert "heading" in got["errors"]
    assert "rms_deg" in got["errors"]["heading"]


def test_errors_come_out_in_metres_and_several_cut_offs(folder, capsys):
    _, got, _ = run(capsys, folder, "score", "other.parquet", "truth.csv", "--cutoff", "1000", "--cutoff", "100", "--order", "1")
    assert got["errors"]["along"]["mean_m"] == pytest.approx(300, abs=0.1)
    assert got["errors"]["vertical"]["mean_m"] == pytest.approx(60)
    assert [(g["cutoff_m"], round(g["gospa_m"])) for g in got["gospa"]] == [(1000.0, 600), (100.0, 200)]


def test_tracks_as_the_truth_and_their_coasted_rows(folder, capsys):
    flags = np.where(np.arange(60) < 5, int(TrackFlag.COASTING), 1)
    pq.write_table(to_arrow(tracks(flags=flags)), folder / "reference.parquet")
    code, got, err = run(capsys, folder, "score", "tracks.parquet", "reference.parquet")
    assert (code, got["truth_file"]["left_out"]) == (0, {"row that only carries on (coasting)": 5})
    assert "reference.parquet: row that only carries on (coasting), left out: 5 (first in row 0)" in err
    _, got, _ = run(capsys, folder, "score", "reference.parquet", "truth.csv")
    assert got["siap"]["completeness"] == 1.0
    _, got, _ = run(capsys, folder, "score", "reference.parquet", "truth.csv", "--no-coasting")
    assert got["siap"]["completeness"] == pytest.approx(55 / 60)


def test_a_plane_about_an_unplaced_sensor_is_told(folder, capsys):
    unplaced = tracks(frame=1, lat_rad=np.nan, lon_rad=np.nan)
    pq.write_table(to_arrow(unplaced), folder / "unplaced.parquet")
    code, got, err = run(capsys, folder, "score", "unplaced.parquet", "unplaced.parquet")
    assert (code, got["siap"]["completeness"]) == (0, 1.0)
    assert "about a sensor whose place is not known" in err


def test_a_row_for_each_step(folder, capsys):
    code, _, _ = run(capsys, folder, "score", "other.parquet", "truth.csv", "--out", str(folder / "steps.parquet"))
    got = pq.read_table(folder / "steps.parquet")
    assert (code, got.num_rows, got.column_names) == (0, 30, [n for n, *_ in ScoreSteps.columns()])
    assert got["rmse_horizontal_m"].to_numpy() == pytest.approx(300, abs=0.1)
    assert got.schema.field("gospa_m").metadata[b"unit"] == b"m"


def test_a_run_that_is_broken_off_leaves_no_file(folder, capsys, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(TableWriter, "close", stop)
    code, _, _ = run(capsys, folder, "score", "other.parquet", "truth.csv", "--out", str(folder / "steps.parquet"))
    assert (code, sorted(p.name for p in folder.iterdir() if "steps" in p.name)) == (130, [])


def test_a_part_of_the_time(folder, capsys):
    _, got, _ = run(capsys, folder, "score", "tracks.parquet", "truth.csv", "--from", str(BEGIN_S + 40), "--until", str(BEGIN_S + 80))
    assert (got["steps"], got["from_s"]) == (11, BEGIN_S + 40)


def test_tracks_that_cover_little_of_the_truth(folder, capsys):
    pq.write_table(to_arrow(tracks(times=T[:6])), folder / "few.parquet")
    code, got, err = run(capsys, folder, "score", "few.parquet", "truth.csv")
    assert (code, got["siap"]["completeness"]) == (0, pytest.approx(6 / 30))
    assert "few.parquet covers 20 s of the 116 s" in err
    assert "--from and --until" in err


def test_a_partial_truth(folder, capsys):
    pa.csv.write_csv(truth().slice(0, 30), folder / "half.csv")
    _, got, _ = run(capsys, folder, "score", "tracks.parquet", "half.csv")
    assert got["siap"]["spuriousness"] == pytest.approx(0.5)
    _, got, _ = run(capsys, folder, "score", "tracks.parquet", "half.csv", "--partial")
    assert (got["siap"]["spuriousness"], got["gospa"][0]["false_a_step"], got["partial"]) == (None, 0.0, True)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("tracks.parquet", "late.csv"), 1, "no time in common"),
        (("tracks.parquet", "gone.csv"), 1, "gone.csv: cannot be read"),
        (("tracks.parquet", "sparse.csv", "--gap", "5"), 2, "sparse.csv are 28 s apart; give that or more"),
        (("tracks.parquet", "odd.csv"), 1, "odd.csv: holds no aircraft at the end of any step of 4 s"),
        (("tracks.parquet", "truth.csv", "--step", "1"), 2, "--step 1: the tracks of"),
        (("tracks.parquet", "truth.csv", "--from", "9", "--until", "5"), 2, "the end must come after the beginning"),
        (("tracks.parquet", "truth.csv", "--until", "5"), 1, "look at --from, --until and --step"),
        (("tracks.parquet", "truth.csv", "--truth-kind", "sonar"), 2, "--truth-kind sonar: there are unknown, psr, ssr"),
        (("tracks.parquet", "truth.csv", "--truth-kind", "adsb"), 1, "has no column kind"),
        (("tracks.parquet", "truth.csv", "--tracks", "system"), 1, "no row of it stands (row of an own track: 60)"),
        (("tracks.parquet", "truth.csv", "--frame", "0"), 1, "truth.csv has no x and y, which --frame asks for"),
        (("tracks.parquet", "truth.csv", "--out", "truth.csv"), 2, "is read from; name another file"),
        (("tracks.parquet", "truth.csv", "--out", "."), 2, "is a folder; name the file in it"),
        (("tracks.parquet", "truth.csv", "--out", "no/such/folder.parquet.new"), 2, "cannot be written there"),
    ],
)
def test_what_is_said_of_what_cannot_be(folder, capsys, words, status, said):
    table = truth()
    late = table.set_column(1, "time_s", pa.array(table["time_s"].to_numpy() + 1e6))
    pa.csv.write_csv(late, folder / "late.csv")
    pa.csv.write_csv(table.take(list(range(1, 60, 7))), folder / "sparse.csv")
    odd = table.take([0, 30]).set_column(1, "time_s", pa.array([BEGIN_S + 1, BEGIN_S + 5.5]))
    pa.csv.write_csv(odd, folder / "odd.csv")
    code, got, err = run(capsys, folder, "score", *words)
    assert code == status
    assert said in got["error"]
    assert said in err


@pytest.mark.parametrize("words", [("--cutoff", "0"), ("--order", "0.5"), ("--from", "nan"), ("--gap", "-1"), ("--tracks", "mine")])
def test_options_that_make_no_sense(folder, capsys, words):
    with pytest.raises(SystemExit) as e:
        main(["score", str(folder / "tracks.parquet"), str(folder / "truth.csv"), *words])
    assert e.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_a_page_for_people(folder, capsys):
    pa.csv.write_csv(truth().slice(0, 60), folder / "truth.csv")
    pq.write_table(to_arrow(tracks(times=T[5:])), folder / "late.parquet")
    assert main(["score", str(folder / "late.parquet"), str(folder / "truth.csv"), "--partial"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("2 tracks against 2 aircraft, 30 steps of 4 s")
    for line in ("completeness (SIAP)                               0.8333", "spuriousness                                           -"):
        assert line in page
    assert "aircraft that fared worst\n  id  completeness" in page
    assert "the truth is partial" in page


def test_compare_two_pictures(folder, capsys):
    code, got, err = run(capsys, folder, "compare", "tracks.parquet", "other.parquet")
    assert (code, err) == (0, "")
    assert got["a"] == {"tracks": 2, "track_s": 240.0, "shared": 1.0, "tracks_alone": 0}
    assert [(p["a"], p["b"], p["together_s"], p["same_address"]) for p in got["pairs"]] == [
        ("3", "8", 120.0, True),
        ("4", "9", 120.0, None),
    ]
    assert got["pairs"][0]["mean_east_m"] == pytest.approx(300, abs=0.1)
    assert got["differences"]["vertical"]["mean_m"] == pytest.approx(60)
    assert got["identity_s"] == {"same": 120.0, "different": 0.0, "only_a": 0.0, "only_b": 0.0, "none": 120.0}
    assert (got["only_in_a"], got["only_in_b"], "scores" in got) == ([], [], False)


def test_compare_tells_what_is_only_in_one_beyond_the_others_time_too(folder, capsys):
    both = Tracks.concat([tracks(), tracks(number=(20, 21), y_m=900e3, lat_rad=0.3, lon_rad=0.3, times=T + 100)])
    pq.write_table(to_arrow(both), folder / "more.parquet")
    _, got, _ = run(capsys, folder, "compare", "tracks.parquet", "more.parquet")
    assert [r["number"] for r in got["only_in_b"]] == ["20", "21"]
    assert got["only_in_b"][0] == {"number": "20", "from_s": BEGIN_S + 100, "until_s": BEGIN_S + 216, "there_s": 120.0}
    _, turned, _ = run(capsys, folder, "compare", "more.parquet", "tracks.parquet")
    assert [r["number"] for r in turned["only_in_a"]] == ["20", "21"]


def test_compare_against_the_truth(folder, capsys):
    code, got, _ = run(capsys, folder, "compare", "tracks.parquet", "other.parquet", "--truth", str(folder / "truth.csv"))
    assert code == 0
    scores = got["scores"]
    assert scores["a"]["errors"]["horizontal"]["rms_m"] == pytest.approx(0, abs=0.01)
    assert scores["b_minus_a"]["errors"]["horizontal"]["rms_m"] == pytest.approx(300, abs=0.1)
    assert scores["b_minus_a"]["siap"]["completeness"] == 0.0
    assert set(scores["b_minus_a"]) == {"gospa", "siap", "continuity", "initiation", "errors"}


def test_compare_uses_the_steps_of_the_slower(folder, capsys):
    pq.write_table(to_arrow(tracks(times=T[::3])), folder / "slow.parquet")
    for a, b in (("tracks.parquet", "slow.parquet"), ("slow.parquet", "tracks.parquet")):
        _, got, _ = run(capsys, folder, "compare", a, b)
        assert (got["step_s"], got["a"]["shared"], got["b"]["shared"]) == (12.0, 1.0, 1.0)


def test_compare_as_a_page(folder, capsys):
    assert main(["compare", *(str(folder / n) for n in ("tracks.parquet", "other.parquet")), "--truth", str(folder / "truth.csv")]) == 0
    page = capsys.readouterr().out
    assert "B minus A, while together\n  horizontal, RMS (m)                            300.0" in page
    assert "against the truth" in page
    assert "+300.0" in page


def test_the_score_says_how_far_it_is(folder, capsys, monkeypatch):
    seen = []
    monkeypatch.setattr(module.Progress, "at", lambda _self, done, _extra="": seen.append(done))
    run(capsys, folder, "score", "tracks.parquet", "truth.csv")
    assert seen == list(range(1, 31))

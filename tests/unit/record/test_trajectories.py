"""Tables of tracks and of the truth: good ones in any shape, and what is said of wrong ones."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenere.batch import PlotKind, TrackFlag, Tracks
from tenere.errors import TenereError
from tenere.record import trajectories
from tenere.record.tables import to_arrow
from tenere.record.trajectories import Choice, read

NAN = float("nan")


def parquet(tmp_path, **columns):
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


def csv(tmp_path, *lines):
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path / "t.csv"


def test_the_table_that_the_tracker_writes(tmp_path):
    tracks = Tracks.blank(3, number=[4, 4, 9], time_s=[1.0, 2.0, 1.0], lat_rad=0.2, lon_rad=[0.1, 0.1, 0.3], flags=1, address=[7, 7, -1])
    pq.write_table(to_arrow(tracks), tmp_path / "t.parquet")
    got = read(tmp_path / "t.parquet", Choice())
    assert (got.names, got.who.tolist(), got.address.tolist()) == (["4", "9"], [0, 0, 1], [7, 7, -1])
    assert got.columns["lon_rad"].tolist() == [0.1, 0.1, 0.3]
    assert (got.rows, got.left_out.counts) == (3, {})


def test_csv_in_degrees_with_hexadecimal_addresses(tmp_path):
    path = csv(
        tmp_path,
        "id,time_s,lat_deg,lon_deg,height_m,speed_ms,course_deg,address",
        "AFR1,10,13.5,2.1,9000,220,90,4CA2B1",
        "AFR1,14,13.5,2.2,,220,90,4ca2b1",
        "dron\u00e9,10,13.6,2.1,100,nan,,",
    )
    got = read(path, Choice())
    assert (got.names, got.address.tolist()) == (["AFR1", "dron\u00e9"], [0x4CA2B1, 0x4CA2B1, -1])
    assert np.rad2deg(got.columns["lat_rad"]) == pytest.approx([13.5, 13.5, 13.6])
    assert got.columns["height_m"] == pytest.approx([9000, NAN, 100], nan_ok=True)
    assert got.columns["course_rad"] == pytest.approx([np.pi / 2, np.pi / 2, NAN], nan_ok=True)
    assert np.isnan(got.columns["x_m"]).all()


@pytest.mark.parametrize("mark", [";", "\t"])
def test_csv_parted_otherwise(tmp_path, mark):
    got = read(csv(tmp_path, mark.join(("\ufeffid", "time_s", "x_m", "y_m")), mark.join(("1", "2", "3", "4"))), Choice())
    assert (got.columns["x_m"].tolist(), got.columns["y_m"].tolist()) == ([3.0], [4.0])


def test_plots_by_their_address_and_kind(tmp_path):
    path = parquet(
        tmp_path,
        time_s=[1.0, 1.0, 2.0],
        kind=np.array([PlotKind.ADSB, PlotKind.MLAT, PlotKind.ADSB], np.uint8),
        lat_rad=[0.1, 0.1, 0.2],
        lon_rad=[0.1, 0.1, 0.2],
        address=[0xABCDEF, 0xABCDEF, -1],
        flags=np.full(3, int(TrackFlag.ENDED), np.uint32),  # of a plot: another flag, which says nothing here
        east_ms=[3.0, 3.0, 3.0],
        north_ms=[4.0, 4.0, 4.0],
    )
    got = read(path, Choice(coasting=False, kind="ADSB"))
    assert (got.names, got.row.tolist()) == (["ABCDEF"], [0])
    assert got.left_out.counts == {trajectories.OTHER_KIND: 1, trajectories.NO_ID: 1}
    assert got.left_out.first_offset == {trajectories.OTHER_KIND: 1, trajectories.NO_ID: 2}
    assert (got.columns["speed_ms"].tolist(), got.columns["course_rad"].tolist()) == ([5.0], [pytest.approx(np.arctan2(3, 4))])


def test_which_rows_of_a_table_of_tracks_count(tmp_path):
    flags = np.array([1, TrackFlag.COASTING, TrackFlag.ENDED, TrackFlag.SYSTEM], np.uint32)
    path = parquet(tmp_path, number=[1, 1, 1, 2], time_s=[0.0, 1, 2, 0], x_m=[0.0] * 4, y_m=[0.0] * 4, flags=flags, source=[-1, -1, -1, 3])
    assert read(path, Choice()).row.tolist() == [0, 1, 3]
    assert read(path, Choice(which="own")).row.tolist() == [0, 1]
    assert read(path, Choice(which="system")).row.tolist() == [3]
    got = read(path, Choice(coasting=False, which="own"))
    assert got.row.tolist() == [0]
    assert got.left_out.counts == {trajectories.ENDED: 1, trajectories.COASTED: 1, trajectories.SYSTEM: 1}


def test_rows_that_tell_nothing_are_left_out_and_counted(tmp_path):
    path = parquet(
        tmp_path,
        id=["a", None, "a", "a", "a", "a"],
        time_s=[0.0, 0.0, NAN, np.inf, 4.0, 5.0],
        lat_deg=[1.0, 1.0, 1.0, 1.0, NAN, 95.0],
        lon_deg=[1.0] * 6,
    )
    got = read(path, Choice())
    assert got.row.tolist() == [0]
    assert got.left_out.counts == {
        trajectories.NO_ID: 1,
        trajectories.NO_TIME: 2,
        trajectories.NO_PLACE: 1,
        trajectories.BAD_PLACE: 1,
    }
    assert list(got.left_out.first_offset.values()) == [1, 2, 4, 5]


def test_columns_of_other_types(tmp_path):
    path = parquet(
        tmp_path,
        id=pa.array(["b", "a", "b"]).dictionary_encode(),
        time_s=pa.array([1, 2, 3]),
        x_m=pa.array(["1", " 2.5 ", None]),
        y_m=pa.array([1, 2, 3], pa.float32()),
        height_m=pa.nulls(3),
    )
    got = read(path, Choice())
    assert (got.names, got.who.tolist(), got.columns["x_m"].tolist()) == (["a", "b"], [1, 0], [1.0, 2.5])


GOOD = {"id": ["a", "b"], "time_s": [0.0, 1.0], "x_m": [0.0, 1.0], "y_m": [0.0, 1.0]}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"id": None}, "has no column id (which aircraft), nor number (of tracks) or address; it has time_s, x_m, y_m"),
        ({"time_s": None}, "has no column time_s"),
        ({"x_m": None}, "has no columns of a place: needed is one of lat_rad and lon_rad, lat_deg and lon_deg, x_m and y_m"),
        ({"x_m": ["1", "abc"]}, "row 1: column x_m: 'abc' is no number"),
        ({"x_m": [[1.0], [2.0]]}, "column x_m is of type list"),
        ({"id": [1.5, 2.5]}, "column id is of type double; it must be text or a whole number"),
        ({"flags": [0.0, 1.5]}, "row 1: column flags: 1.5 is no whole number"),
        ({"address": ["4CA2B1", "KLM12"]}, "row 1: column address: 'KLM12' is no hexadecimal address"),
        ({"address": [1, 1 << 24]}, "row 1: column address: 1000000 has more than 24 bits"),
        ({"x_m": [NAN, NAN]}, "no row of it stands (row without a place: 2)"),
        ({"id": pa.nulls(2)}, "no row of it stands (row without an id: 2)"),
        ({k: pa.array([], pa.float64() if k != "id" else pa.string()) for k in GOOD}, "no row of it stands (it holds no rows)"),
    ],
)
def test_what_is_said_of_a_wrong_table(tmp_path, columns, said):
    path = parquet(tmp_path, **{k: v for k, v in {**GOOD, **columns}.items() if v is not None})
    with pytest.raises(TenereError) as e:
        read(path, Choice())
    assert str(e.value).startswith(f"{path}: ")
    assert said in str(e.value)


def test_a_wrong_cell_of_a_csv_is_told_by_its_line(tmp_path):
    with pytest.raises(TenereError, match=r"t\.csv: line 3: column y_m: '4,5' is no number"):
        read(csv(tmp_path, "id;time_s;x_m;y_m", "1;2;3;4", "1;3;3;4,5"), Choice())


def test_a_column_twice(tmp_path):
    with pytest.raises(TenereError, match="has the column x_m 2 times"):
        read(csv(tmp_path, "id,time_s,x_m,x_m,y_m", "1,2,3,3,4"), Choice())


def test_files_that_are_none(tmp_path):
    (tmp_path / "empty.parquet").touch()
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "notes.md").write_text("id,time_s")
    for name, said in (
        ("gone.parquet", "cannot be read: No such file"),
        (".", "is a folder"),
        ("empty.parquet", "is empty"),
        ("torn.parquet", "is damaged"),
        ("notes.md", "is no Parquet file, and not named .csv"),
    ):
        with pytest.raises(TenereError) as e:
            read(tmp_path / name, Choice())
        assert said in str(e.value)


def test_the_kind_of_a_table_without_kinds(tmp_path):
    with pytest.raises(TenereError, match="has no column kind"):
        read(parquet(tmp_path, **GOOD), Choice(kind="ADSB"))

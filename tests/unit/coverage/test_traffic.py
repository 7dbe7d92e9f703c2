"""What flies where: seconds of flight from tables of tracks and plots, whatever is wrong with their rows counted."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenere.batch import TrackFlag
from tenere.coverage import traffic
from tenere.coverage.traffic import Density, Flown, read
from tenere.errors import TenereError
from tenere.geo.terrain.country_plane import CountryPlane, Gnomonic

LAT, LON = np.radians(16.0), np.radians(8.0)


@pytest.fixture
def density():
    plane = CountryPlane(Gnomonic(LAT, LON), 1000.0, 50, 50, np.zeros((101, 103), np.float32))
    return Density(plane, 10)


def table(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


def flights(n=200, step_s=4.0):
    """Return rows of two flights, one due east at 3,200 m, one that stands still at an altitude not known."""
    t = 1.9e9 + np.repeat(np.arange(n) * step_s, 2)
    east = np.tile([1.0, 0.0], n) * (t - t[0]) * 40.0
    return {
        "number": np.tile([7, 9], n),
        "time_s": t,
        "lat_rad": np.full(2 * n, LAT),
        "lon_rad": LON + (east - 16_000.0) / (6_378_137.0 * np.cos(LAT)),
        "pressure_altitude_m": np.tile([3200.0, np.nan], n),
    }


def test_seconds_lie_where_the_flights_were(tmp_path, density):
    read([table(tmp_path / "t.parquet", **flights())], density)
    assert density.whole_s == pytest.approx(2 * 199 * 4.0)
    assert density.beyond_s == 0.0
    assert density.seconds[6].sum() == pytest.approx(796.0), "3,000 to 3,500 m"
    assert density.seconds[-1].sum() == pytest.approx(796.0), "altitude not known"
    along = density.seconds[6, 5]
    assert along[4:6] == pytest.approx([250.0, 250.0], abs=4.0), "10 km at 40 m/s"
    rows, columns = np.mgrid[0:101, 0:103]
    assert density.at(rows, columns).sum() == pytest.approx(density.whole_s)


def test_files_in_pieces_give_the_same(tmp_path, density, monkeypatch):
    path = table(tmp_path / "t.parquet", **flights())
    whole = read([path], density).seconds.copy()
    monkeypatch.setattr("tenere.coverage.tables.ROWS_AT_ONCE", 37)
    pieces = read([path], Density(density.plane, 10))
    assert pieces.seconds == pytest.approx(whole)
    assert pieces.rejects.counts == {}


def test_plots_count_for_their_track_or_address(tmp_path, density):
    rows = flights(50)
    rows["track"], rows["address"] = rows.pop("number"), np.full(100, -1)
    rows["track"][rows["track"] == 9] = 0
    read([table(tmp_path / "p.parquet", **rows)], density)
    assert density.whole_s == pytest.approx(49 * 4.0)
    assert density.rejects.counts == {traffic.NOBODYS: 50}
    again = Density(density.plane, 10)
    rows["address"][:] = np.where(rows["track"] == 0, 0x0A0001, -1)
    read([table(tmp_path / "p.parquet", **rows)], again)
    assert again.whole_s == pytest.approx(2 * 49 * 4.0)


def test_wrong_rows_are_counted_and_left_out(tmp_path, density):
    rows = flights(60)
    rows["flags"], rows["source"] = np.ones(120, np.int64), np.full(120, -1)
    rows["flags"][2] |= TrackFlag.COASTING
    rows["source"][5] = 3
    rows["time_s"][10], rows["lat_rad"][13], rows["lon_rad"][15], rows["time_s"][17] = np.nan, np.nan, 9.0, 1e300
    rows["time_s"][118] -= 1000.0
    read([table(tmp_path / "t.parquet", **rows)], density)
    assert density.rejects.counts == {
        "row without a time": 2,
        "row without a latitude and longitude": 1,
        "row with a latitude or longitude out of range": 1,
        traffic.NOT_FLOWN: 2,
    }
    assert density.rows == 114
    rows = {k: np.concatenate([v, v[:2]]) for k, v in flights(60).items()}
    late = Density(density.plane, 10)
    flown = Flown(late)
    for k in (slice(0, 120), slice(120, 122)):
        said = flown.add(*(rows[c][k] for c in ("number", "time_s", "lat_rad", "lon_rad", "pressure_altitude_m")))
    assert said.tolist() == [True, True]
    assert late.whole_s == pytest.approx(2 * 59 * 4.0)


def test_gaps_and_what_is_outside_the_plane_are_not_flown_over_it(tmp_path, density):
    rows = flights(10, step_s=61.0)
    assert read([table(tmp_path / "t.parquet", **rows)], density).whole_s == 0.0
    rows = flights(10)
    rows["lat_rad"] += 0.3
    read([table(tmp_path / "far.parquet", **rows)], density)
    assert (density.whole_s, density.beyond_s) == (0.0, pytest.approx(2 * 9 * 4.0))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"time_s": [1.0], "lat_rad": [0.1]}, "has no column lon_rad"),
        ({"time_s": [1.0], "lat_rad": [0.1], "lon_rad": [0.1]}, "whose rows these are"),
        ({"time_s": ["x"], "lat_rad": [0.1], "lon_rad": [0.1], "number": [1]}, "time_s is of type string"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, density, columns, says):
    with pytest.raises(TenereError, match=says):
        read([table(tmp_path / "t.parquet", **columns)], density)


def test_a_file_that_is_no_table_is_refused(tmp_path, density):
    (tmp_path / "a.parquet").write_bytes(b"hello")
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and no more")
    for name, says in (("a", "no Parquet file"), ("b", "damaged"), ("c", "cannot be read"), ("", "folder")):
        with pytest.raises(TenereError, match=says):
            read([tmp_path / (f"{name}.parquet" if name else "")], density)

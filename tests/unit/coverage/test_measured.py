"""Where sensors see against where terrain lets them: on flights whose looks were drawn with known shares."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenere.batch import PlotKind, TrackFlag
from tenere.coverage.country import Sight
from tenere.coverage.horizon import Antenna
from tenere.coverage.measured import measured, measured_rows
from tenere.coverage.verdicts import Sectors, expected, interval
from tenere.errors import TenereError
from tenere.estimate.share import wilson
from tenere.geo.terrain import ArraySource, Terrain
from tenere.site import SensorConfig

LAT, LON, START = 16.0, 8.0, 1.9e9
CUT = Sectors(sectors=4, ring_m=60e3, rings=3, look_s=12.0)


@pytest.fixture(scope="module")
def plane():
    """Lay a plain with a wall of 2,500 m north of the middle."""
    z = np.full((301, 301), 300.0, np.float32)
    z[96:98, :] = 2500.0  # 59 to 60 km north
    source = ArraySource("wall", z, LAT + 1.5, LON - 1.5, 0.01)
    return Terrain((source,)).over(np.radians([LAT - 1.4, LAT + 1.4]), np.radians([LON - 1.4, LON + 1.4]), 0.0, 2000.0)


def sensors(**first):
    a = SensorConfig(id="A", lat_deg=LAT, lon_deg=LON, period_s=6.0, detection=0.9, **first)
    b = SensorConfig(id="B", lat_deg=LAT + 0.02, lon_deg=LON, period_s=6.0, detection=0.9)
    return a, b, SensorConfig(id="C", kind="adsb"), SensorConfig(id="D", lat_deg=LAT, lon_deg=LON)


def sights():
    return [
        Sight(s.id, s.kind, Antenna(math.radians(s.lat_deg), LON * math.pi / 180, height_m=20.0, max_range_m=180e3)) for s in sensors()[:2]
    ]


def tables(folder, share_of, *, altitude_m=9000.0, flights=240, looks=20, seed=3):
    """Write flights that fly about places all around, and plots: B sees each look, A by share_of(azimuth_rad, range_m, passage)."""
    random = np.random.Generator(np.random.PCG64(seed))
    azimuth, away = random.uniform(0, 2 * np.pi, flights), random.uniform(15e3, 110e3, flights)
    lat = np.radians(LAT) + away * np.cos(azimuth) / 6.37e6
    lon = np.radians(LON) + away * np.sin(azimuth) / (6.37e6 * np.cos(lat))
    begin = random.integers(0, 200, flights)
    k = np.arange(looks)
    number = np.repeat(np.arange(1, flights + 1), looks)
    look = (begin[:, None] + k).ravel()
    order = np.argsort(look, kind="stable")
    number, look = number[order], look[order]
    seen = np.array([random.random() < share_of(azimuth[n - 1], away[n - 1], n) for n in number])
    time = START + look * 12.0 + 3.0
    tracks = {
        "number": number, "time_s": time, "lat_rad": lat[number - 1], "lon_rad": lon[number - 1],
        "pressure_altitude_m": np.full(len(number), altitude_m), "flags": np.ones(len(number), np.int64),
        "source": np.full(len(number), -1),
    }  # fmt: skip
    plots = {
        "time_s": np.concatenate([time, time[seen] + 2.0]),
        "sensor": np.concatenate([np.ones(len(time), np.int64), np.zeros(int(seen.sum()), np.int64)]),
        "track": np.concatenate([number, number[seen]]),
        "kind": np.full(len(time) + int(seen.sum()), int(PlotKind.PSR)),
    }
    pq.write_table(pa.table(tracks), folder / "tracks.parquet", row_group_size=1000)
    pq.write_table(pa.table(plots), folder / "plots.parquet", row_group_size=1500)
    return [folder / "plots.parquet"], [folder / "tracks.parquet"]


def columns(path):
    found = pq.read_table(path)
    return {name: found.column(name).to_numpy().copy() for name in found.column_names}


def whole(found, sensor):
    return next(r for r in found.rows if r.sensor == sensor and (r.azimuth_deg, r.azimuth_to_deg, r.range_to_m) == (0.0, 360.0, math.inf))


def part(found, sensor, azimuth_deg, range_m):
    return next(r for r in found.rows if (r.sensor, r.azimuth_deg, r.range_m) == (sensor, azimuth_deg, range_m) and r.azimuth_to_deg < 360)


def test_a_sensor_that_does_what_it_should_is_not_flagged(tmp_path, plane):
    found = measured(sensors(), sights(), plane, *tables(tmp_path, lambda *_: 0.985), CUT)
    a = whole(found, "A")
    assert found.flagged() == ()
    assert a.share == pytest.approx(0.985, abs=0.01)
    assert a.low < 0.985 < a.high
    assert a.expected == pytest.approx(0.98)
    assert (a.looks, found.tracks, found.looks) == (240 * 20, 240, 240 * 20)
    assert whole(found, "B").looks == a.seen, "what only B saw cannot be told of B"
    assert whole(found, "B").alone == a.looks - a.seen
    assert found.unjudged["C"] == "has no place"
    assert found.unjudged["D"] == "has no place"


def test_a_sector_that_sees_less_is_flagged_and_no_other(tmp_path, plane):
    quarter = lambda azimuth, _away, _n: 0.5 if np.pi / 2 <= azimuth < np.pi else 0.985  # noqa: E731 - a share
    found = measured(sensors(), sights(), plane, *tables(tmp_path, quarter), CUT)
    flagged = {(r.sensor, r.azimuth_deg, r.range_m) for r in found.flagged() if r.azimuth_to_deg < 360}
    assert flagged == {("A", 90.0, 0.0), ("A", 90.0, 60e3)}
    r = part(found, "A", 90.0, 0.0)
    assert r.verdict == "less"
    assert r.low < 0.5 < r.high
    assert "where its terrain allows 98 %" in r.reason
    assert "something near it hides that direction" in r.reason
    rows = measured_rows(sensors(), sights(), plane, *tables(tmp_path, quarter), CUT)
    assert rows[0].keys() == r._asdict().keys()


def test_a_sensor_that_sees_less_far_out_is_short_of_range(tmp_path, plane):
    found = measured(sensors(), sights(), plane, *tables(tmp_path, lambda _a, away, _n: 0.985 if away < 58e3 else 0.2), CUT)
    far = [r for r in found.flagged() if r.range_m == 60e3]
    assert len(far) == 4
    assert all("all around at that distance" in r.reason for r in far)


def test_what_flies_behind_the_wall_is_no_miss_and_seeing_it_is_flagged(tmp_path, plane):
    low = {"altitude_m": 2000.0, "flights": 400}
    hidden = measured(sensors(), sights(), plane, *tables(tmp_path, lambda az, r, _n: r * np.cos(az) < 59e3, **low), CUT)
    a = part(hidden, "A", 0.0, 60e3)
    assert a.below > 100
    assert a.below_seen == 0
    assert not [r for r in hidden.flagged() if r.sensor == "A"], "the terrain says why it does not see"
    through = measured(sensors(), sights(), plane, *tables(tmp_path, lambda *_: 0.985, **low), CUT)
    a = part(through, "A", 0.0, 60e3)
    assert a.verdict == "more"
    assert a.below_low > 0.9
    assert "antenna's height" in a.reason


def test_a_few_passages_prove_nothing(tmp_path, plane):
    found = measured(sensors(), sights(), plane, *tables(tmp_path, lambda *_: 0.3, flights=4, looks=40), CUT)
    assert found.flagged() == ()
    assert whole(found, "A").verdict == "few"
    silent = measured(sensors(), sights(), plane, *tables(tmp_path, lambda *_: 0.0), CUT)
    assert silent.unjudged["A"] == "has no plot in these tables"


def test_whole_passages_that_are_missed_widen_the_interval(tmp_path, plane):
    alike = measured(sensors(), sights(), plane, *tables(tmp_path, lambda *_: 0.8), CUT)
    runs = measured(sensors(), sights(), plane, *tables(tmp_path, lambda _a, _r, n: 0.0 if n % 5 == 0 else 1.0), CUT)
    a, b = whole(alike, "A"), whole(runs, "A")
    assert a.share == pytest.approx(b.share, abs=0.02)
    assert b.high - b.low > 3 * (a.high - a.low)


def test_the_interval_is_wilsons_between_looks_and_passages():
    n, h = 400.0, 200.0
    same = interval(n, h, 40, 40 * 100.0, 40 * 50.0, 40 * 25.0)
    assert same == pytest.approx(wilson(h, n)), "passages all alike: at most as sure as looks apart"
    runs = interval(n, h, 40, 40 * 100.0, 20 * 100.0, 20 * 100.0)
    assert runs == pytest.approx(wilson(20, 40), abs=0.01), "each seen wholly or not at all: as passages"
    assert interval(n, 0.0, 40, 40 * 100.0, 0.0, 0.0) == pytest.approx(wilson(0, 40))
    assert all(math.isnan(v) for v in interval(0.0, 0.0, 0, 0.0, 0.0, 0.0))


def test_only_tracks_that_answer_a_sensor_count(tmp_path, plane):
    plots, tracks = tables(tmp_path, lambda *_: 0.985)
    held = columns(plots[0])
    mode_s = held["track"] % 2 == 0
    held["kind"] = np.where(held["sensor"] == 0, int(PlotKind.MODE_S), int(PlotKind.PSR))
    keep = (held["sensor"] == 1) | mode_s
    pq.write_table(pa.table({k: v[keep] for k, v in held.items()}), plots[0])
    found = measured(sensors(), sights(), plane, plots, tracks, CUT)
    a = whole(found, "A")
    assert a.looks == 120 * 20, "those without a transponder are no misses"
    assert a.share == pytest.approx(0.985, abs=0.01)


def test_coasting_rows_and_wrong_rows_are_left_out_and_counted(tmp_path, plane):
    plots, tracks = tables(tmp_path, lambda *_: 0.985, flights=40)
    held = columns(tracks[0])
    held["flags"][held["number"] == 1] |= TrackFlag.COASTING
    held["lat_rad"][held["number"] == 2] = np.nan
    held["time_s"][held["number"] == 3] = np.nan
    held["pressure_altitude_m"][held["number"] == 4] = np.nan
    pq.write_table(pa.table(held), tracks[0])
    found = measured(sensors(), sights(), plane, plots, tracks, CUT)
    assert found.refused == {"row without a latitude and longitude": 20, "row without a time": 20}
    assert whole(found, "A").looks == 36 * 20


def test_tables_that_are_none_say_so(tmp_path, plane):
    plots, tracks = tables(tmp_path, lambda *_: 0.985, flights=4)
    with pytest.raises(TenereError, match="has no column sensor"):
        measured(sensors(), sights(), plane, tracks, tracks, CUT)
    pq.write_table(pa.table({"time_s": [np.nan], "number": [1], "lat_rad": [0.1], "lon_rad": [0.1]}), tmp_path / "none.parquet")
    with pytest.raises(TenereError, match="no row has a time"):
        measured(sensors(), sights(), plane, plots, [tmp_path / "none.parquet"], CUT)
    pq.write_table(
        pa.table({"time_s": [-1e10, 1e10], "number": [1, 1], "lat_rad": [0.1, 0.1], "lon_rad": [0.1, 0.1]}), tmp_path / "far.parquet"
    )
    with pytest.raises(TenereError, match="is a time wrong"):
        measured(sensors(), sights(), plane, plots, [tmp_path / "far.parquet"], CUT)


def test_what_is_expected_follows_the_turns_of_a_look():
    sensor = SensorConfig(id="A", detection=0.5, period_s=4.0)
    assert expected(sensor, 12.0) == pytest.approx(0.875)
    assert expected(sensor, 3.0) == pytest.approx(0.5)
    assert expected(SensorConfig(id="A", detection=0.9, period_s=1.0), 12.0) == 0.98

"""Tables of plots: headers, mappings, units, ranges, damage, Parquet, and real files."""

from __future__ import annotations

import dataclasses
import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenere.batch import PlotFlag, PlotKind, Plots
from tenere.errors import UsageError
from tenere.record.tables import to_arrow
from tenere.tick import Chunk
from tenere.units import FLIGHT_LEVEL_M, FOOT_M, FPM_MS, KNOT_MS, NM_M
from tenere.wire import plot_table, text_lines
from tenere.wire.format import SourceHint, load
from tenere.wire.plot_table import cells, decode, mapping, names, parquet, rows

if TYPE_CHECKING:
    from pathlib import Path

    from tenere.wire.decoded import Decoded

FORMAT = plot_table.FORMAT
NOW = 1_795_370_400.0


def run(data: bytes | str, rules: dict[str, Any] | None = None, receive_s: float = NOW) -> Decoded:
    raw = data.encode() if isinstance(data, str) else data
    state = FORMAT.init(SourceHint(options={"mapping": rules} if rules else {}))
    return FORMAT.step(state, Chunk.of("t", [raw], receive_s), NOW)[1]


def parquet_of(table: dict[str, Any] | pa.Table, **how: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(table) if isinstance(table, dict) else table, out, **how)
    return out.getvalue()


def assert_same(a: Plots, b: Plots) -> None:
    for name, dtype, _, _ in Plots.columns():
        left, right = getattr(a, name), getattr(b, name)
        assert left.dtype == right.dtype == dtype, name
        np.testing.assert_array_equal(left, right, err_msg=name)


# --- CSV with well-known names ---


def test_names_as_opensky_writes_them() -> None:
    got = run(
        "time,icao24,lat,lon,velocity,heading,vertrate,callsign,onground,alert,spi,squawk,baroaltitude,geoaltitude\n"
        "1626098400,062001,13.5,2.25,100.0,90.0,-2.5,5UABC   ,True,False,True,21.0,1000.0,1010.5\n"
        "1626098401,,13.5,2.25,,,,,False,False,False,,,\n"
    )
    assert got.rejects.counts == {}
    assert got.records == {"plots row": 2}
    assert got.addresses == {0x062001}
    p = got.plots
    assert p.time_s.tolist() == [1626098400.0, 1626098401.0]
    assert np.degrees(p.lat_rad) == pytest.approx([13.5, 13.5])
    assert np.degrees(p.lon_rad) == pytest.approx([2.25, 2.25])
    assert (p.east_ms[0], p.north_ms[0]) == (pytest.approx(100.0), pytest.approx(0.0, abs=1e-9))
    assert (p.vertical_rate_ms[0], p.pressure_altitude_m[0], p.height_m[0]) == (-2.5, 1000.0, 1010.5)
    assert p.address.tolist() == [0x062001, -1]
    assert p.callsign.tolist() == [b"5UABC", b""]
    assert p.mode_a.tolist() == [0o21, -1]
    assert p.flags.tolist() == [PlotFlag.ON_GROUND | PlotFlag.SPI, 0]
    assert p.kind.tolist() == [PlotKind.ADSB] * 2
    assert np.isnan([p.east_ms[1], p.height_m[1]]).all()
    assert p.reference.tolist() == [106, 194]


def test_names_as_the_traffic_library_writes_them() -> None:
    p = run(
        "timestamp,icao24,latitude,longitude,altitude,groundspeed,track,vertical_rate,geoaltitude\n"
        "2018-10-28 17:10:01+00:00,062001,13.5,2.25,10000,300,180,-640,10100\n"
    ).plots
    assert p.time_s.tolist() == [1540746601.0]
    assert p.pressure_altitude_m[0] == pytest.approx(10_000 * FOOT_M)
    assert p.height_m[0] == pytest.approx(10_100 * FOOT_M)
    assert p.north_ms[0] == pytest.approx(-300 * KNOT_MS)
    assert p.vertical_rate_ms[0] == pytest.approx(-640 * FPM_MS)


def test_units_in_the_names() -> None:
    p = run("time_ms;Range [NM];azimuth (rad);altitude_fl;track_id\n1626098400500;10;1.5;240;77\n").plots
    assert p.time_s.tolist() == [1626098400.5]
    assert p.range_m[0] == pytest.approx(10 * NM_M)
    assert p.azimuth_rad.tolist() == [1.5]
    assert p.pressure_altitude_m[0] == pytest.approx(240 * FLIGHT_LEVEL_M)
    assert p.source_track.tolist() == [77]
    assert p.kind.tolist() == [PlotKind.UNKNOWN]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_quotes_and_line_ends(delimiter: str) -> None:
    lines = ['"time","lat","lon","callsign","note"', f'1626098400,13.5,2.5,"AB""C","x{delimiter}y"', "1626098401, 13.5 , 2.5 ,DEF,"]
    text = "\r\n".join([lines[0].replace(",", delimiter), *(line.replace(",", delimiter) for line in lines[1:]), ""])
    p = run("\ufeff" + text).plots
    assert p.time_s.tolist() == [1626098400.0, 1626098401.0]
    assert p.callsign.tolist() == [b'AB""C', b"DEF"]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1626098400", 1626098400.0),
        ("1626098400.25", 1626098400.25),
        ("1626098400250", 1626098400.25),
        ("1626098400250000", 1626098400.25),
        ("1626098400250000000", 1626098400.25),
        ("1.6260984e9", 1626098400.0),
        ("2021-07-12T14:00:00Z", 1626098400.0),
        ("2021-07-12 14:00:00.25", 1626098400.25),
        ("2021-07-12T16:00:00+02:00", 1626098400.0),
        ("2021-07-12T12:30:00-0130", 1626098400.0),
        ("2021-07-12T14:00Z", 1626098400.0),
        ("1999-12-31T23:59:59,5", 946684799.5),
        ("2000-02-29", 951782400.0),
    ],
)
def test_times(written: str, seconds: float) -> None:
    got = run(f'time,lat,lon\n"{written}",1,2\n')
    assert got.rejects.counts == {}
    assert got.plots.time_s[0] == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    "written", ["2021-13-12", "2021-07-12T25:00", "2021-07-12T14:00:00+", "2021-07-12T14", "noon", "2021/07/12", "1e400"]
)
def test_times_that_do_not_read(written: str) -> None:
    got = run(f"time,lat,lon\n{written},1,2\n")
    assert len(got.plots) == 0
    assert got.rejects.counts == {"plots row with a time that does not read": 1}


def test_a_time_of_day_is_put_on_the_day_nearest_its_arrival() -> None:
    midnight = NOW - NOW % 86_400
    got = run("time,lat,lon\n86399.5,1,2\n3,1,2\n", receive_s=midnight + 1.0).plots
    assert (got.time_s - midnight).tolist() == [-0.5, 3.0]
    assert run("time,lat,lon\n100,1,2\n", receive_s=100.0).plots.time_s.tolist() == [100.0]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1626098400,91,2,,", "plots row with a latitude out of range"),
        ("1626098400,1,361,,", "plots row with a longitude out of range"),
        ("1626098400,abc,2,,", "plots row with a latitude that does not read"),
        ("1626098400,,,,", rows.NO_POSITION),
        ("1626098400,nan,2,,", rows.NO_POSITION),
        (",1,2,,", rows.NO_TIME),
        ("1e15,1,2,,x,y", decode.WIDTH),
        ("1626098400,1,2", decode.WIDTH),
        ('1626098400,1,2,"abc,', decode.QUOTE),
        ('1626098400,1,2,"abc"d,', decode.QUOTE),
        ("hello", decode.WIDTH),
        ("x" * 20_000, text_lines.TOO_LONG),
    ],
)
def test_a_bad_row_is_counted_and_its_neighbours_survive(row: str, reason: str) -> None:
    header, good = "time,lat,lon,callsign,squawk\n", "1626098400,13.5,2.25,ABC,7700\n"
    got = run(header + good + row + "\n" + good)
    assert got.plots.callsign.tolist() == [b"ABC", b"ABC"]
    assert got.rejects.counts == {reason: 1}
    assert got.rejects.first_offset == {reason: len(header) + len(good)}


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("squawk", "7800", "plots row with a Mode A code that does not read"),
        ("altitude", "1e7", "plots row with an altitude out of range"),
        ("icao24", "xyz", "plots row with an address that does not read"),
        ("icao24", "1234567", "plots row with an address that does not read"),
        ("nic", "16", "plots row with a NIC out of range"),
        ("nic", "7.5", "plots row with a NIC out of range"),
        ("speed", "-3", "plots row with a speed out of range"),
        ("onground", "maybe", "plots row with a ground flag that does not read"),
        ("kind", "sonar", "plots row with a kind that does not read"),
        ("kind", "99", "plots row with a kind that does not read"),
    ],
)
def test_another_bad_value_is_counted_and_left_out(column: str, value: str, reason: str) -> None:
    got = run(f"time,lat,lon,{column}\n1626098400,13.5,2.25,{value}\n")
    assert got.rejects.counts == {reason: 1}
    blank = run("time,lat,lon\n1626098400,13.5,2.25\n")
    assert_same(got.plots.replace(kind=0, reference=0), blank.plots.replace(kind=0, reference=0))


def test_a_decimal_comma_is_refused_and_says_so() -> None:
    got = run("time;lat;lon\n1626098400;13,5;2,25\n")
    assert len(got.plots) == 0
    assert got.rejects.counts == {rows.DECIMAL_COMMA: 1}


def test_longitudes_to_360_and_azimuths_below_zero_are_turned() -> None:
    p = run("time,lat,lon,range,azimuth\n1626098400,1,359,1000,-90\n").plots
    assert math.degrees(p.lon_rad[0]) == pytest.approx(-1.0)
    assert math.degrees(p.azimuth_rad[0]) == pytest.approx(270.0)


def test_an_address_that_is_no_icao_one_numbers_a_track() -> None:
    p = run("time,lat,lon,hex\n1626098400,1,2,~abc123\n1626098400,1,2,0x062001\n1626098400,1,2,000000\n").plots
    assert p.address.tolist() == [-1, 0x062001, -1]
    assert p.source_track.tolist() == [1 << 24 | 0xABC123, -1, -1]


def test_a_header_again_and_lines_before_it() -> None:
    text = "# exported by a tool\n\ntime,lat,lon\n1,1,2\ntime,lat,lon\n2,1,2\n"
    got = run(text, receive_s=1.0)
    assert got.plots.time_s.tolist() == [1.0, 2.0]
    assert got.rejects.counts == {decode.NO_HEADER: 1}


def test_fed_byte_by_byte() -> None:
    text = b"time,lat,lon,callsign\r\n" + b"".join(b"%d,13.5,2.25,AB%d\r\n" % (1626098400 + k, k) for k in range(20))
    state, parts = FORMAT.init(SourceHint()), []
    for k in range(len(text)):
        state, got = FORMAT.step(state, Chunk.of("t", [text[k : k + 1]], NOW, offset=k), NOW)
        parts.append(got.plots)
    assert Plots.concat(parts).callsign.tolist() == [b"AB%d" % k for k in range(20)]


# --- mappings ---


def test_a_mapping_with_units_and_constants() -> None:
    got = run(
        "ts,rho,theta,FL,code,id,vr\n1626098400250,10.5,45,245,4095,399872,1000\n",
        {
            "time": {"column": "ts", "unit": "ms"},
            "range": {"column": "rho", "unit": "NM"},
            "azimuth": "theta",
            "altitude": {"column": "FL", "unit": "FL"},
            "mode_a": {"column": "code", "unit": "decimal"},
            "address": {"column": "id", "unit": "decimal"},
            "vertical_rate": {"column": "vr", "unit": "ft/min"},
            "kind": {"value": "psr_mode_s"},
            "sac": {"value": 25},
            "sic": {"value": 13},
            "callsign": {"value": "RADAR"},
        },
    )
    assert got.rejects.counts == {}
    p = got.plots
    assert p.time_s.tolist() == [1626098400.25]
    assert p.range_m[0] == pytest.approx(10.5 * NM_M)
    assert p.azimuth_rad[0] == pytest.approx(math.pi / 4)
    assert p.pressure_altitude_m[0] == pytest.approx(24_500 * FOOT_M)
    assert (p.mode_a[0], p.address[0], p.kind[0], p.sac_sic[0]) == (0o7777, 399872, PlotKind.PSR_MODE_S, 25 * 256 + 13)
    assert p.vertical_rate_ms[0] == pytest.approx(1000 * FPM_MS)
    assert p.callsign.tolist() == [b"RADAR"]


def test_a_mapping_of_a_well_known_name_to_another_unit() -> None:
    p = run("time,lat,lon,altitude,squawk\n1626098400,1,2,1000,63\n", {"altitude": {"unit": "m"}, "mode_a": {"unit": "decimal"}}).plots
    assert (p.pressure_altitude_m[0], p.mode_a[0]) == (1000.0, 63)


def test_columns_by_number_need_no_header() -> None:
    rules = {"time": {"column": 1}, "lat": {"column": 3}, "lon": {"column": 2}}
    got = run("1626098400,2.25,13.5,x\n1626098401,2.25,13.5\n1626098402,2.25,13.5,y\n", rules)
    assert got.plots.time_s.tolist() == [1626098400.0, 1626098402.0]
    assert got.rejects.counts == {decode.WIDTH: 1}
    assert math.degrees(got.plots.lat_rad[0]) == pytest.approx(13.5)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ("lat", "a table"),
        ({"latitude": "x"}, "nothing that a plot has"),
        ({"lat": {"column": "x", "unit": "furlong"}}, "unit 'furlong'"),
        ({"lat": {"column": "x", "units": "deg"}}, "column, unit and value"),
        ({"lat": {}}, "column"),
        ({"lat": 3}, "column"),
        ({"lat": {"column": 0}}, "numbered from 1"),
        ({"lat": {"column": 2.5}}, "name or a number"),
        ({"lat": {"column": "x", "value": 3}}, "not both"),
        ({"lat": {"value": 100}}, "out of range"),
        ({"lat": {"value": "north"}}, "does not read"),
        ({"kind": {"value": "sonar"}}, "none of"),
        ({"mode_a": {"value": "99"}}, "does not read"),
        ({"callsign": {"value": 7}}, "a text"),
        ({"callsign": {"column": "c", "unit": "m"}}, "it has none"),
    ],
)
def test_a_mapping_that_is_none_says_why(rules: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        FORMAT.init(SourceHint(options={"mapping": rules}))


def test_an_option_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="maping"):
        FORMAT.init(SourceHint(options={"maping": {}}))


def test_a_table_that_lacks_a_mapped_column_has_no_usable_header() -> None:
    got = run("time,lat,lon\n1626098400,1,2\n", {"time": "when"})
    assert len(got.plots) == 0
    assert got.rejects.counts == {decode.NO_HEADER: 2}


def test_the_table_of_names_is_sound() -> None:
    seen = [name for target in names.TARGETS.values() for name, _ in target.names]
    assert len(seen) == len(set(seen))
    for target in names.TARGETS.values():
        for name, unit in target.names:
            assert name == names.plain(name)
            assert unit in names.UNITS[target.quantity]
    for spelling, unit in names.SPELLINGS.items():
        assert any(names.unit_of(quantity, spelling) == unit for quantity in names.UNITS), spelling


# --- Parquet ---


def random_plots(n: int = 300) -> Plots:
    """Return plots with every column filled at random, some missing."""
    rng = np.random.Generator(np.random.PCG64(3))
    made: dict[str, Any] = {}
    for name, dtype, _, _ in Plots.columns():
        if dtype.kind == "f":
            made[name] = np.where(rng.random(n) < 0.2, np.nan, rng.random(n))
        elif dtype.kind == "S":
            made[name] = rng.choice([b"", b"A", b"ABCDEFGH"], n).astype(dtype)
        else:
            made[name] = rng.integers(0, 7, n).astype(dtype)
    return Plots.blank(n, **{**made, "time_s": NOW + np.arange(n) * 0.05})


def test_our_own_plots_file_comes_back_identical() -> None:
    plots = random_plots()
    data = parquet_of(to_arrow(plots, track=np.arange(len(plots))))
    got = run(data, receive_s=NOW + 60)
    assert got.rejects.counts == {}
    assert got.records == {"plots row": 300}
    assert_same(got.plots, plots)
    older = to_arrow(plots).drop_columns(["nic", "radial_ms"])
    assert_same(run(parquet_of(older), receive_s=NOW + 60).plots, plots.replace(nic=-1, radial_ms=np.nan))
    assert_same(run(parquet_of(to_arrow(Plots.blank()))).plots, Plots.blank())


def test_our_own_file_with_values_that_cannot_be() -> None:
    plots = random_plots(4).replace(kind=[1, 200, 1, 1], lat_rad=[0.1, 0.1, 3.0, 0.1], time_s=[NOW, NOW, NOW, np.inf])
    got = run(parquet_of(to_arrow(plots)), receive_s=NOW + 60)
    assert len(got.plots) == 1
    assert got.rejects.counts == {parquet.BAD_PLOT: 3}


def test_a_parquet_table_of_others() -> None:
    table = {
        "timestamp": pa.array([1626098400250, None], pa.timestamp("ms", "UTC")),
        "icao24": pa.array(["062001", None]).dictionary_encode(),
        "latitude": pa.array([13.5, 13.6], pa.float32()),
        "longitude": [2.25, 2.25],
        "altitude": pa.array([10_000, None], pa.int32()),
        "squawk": pa.array([7700.0, 7700.0]),
        "onground": [True, None],
        "nested": pa.array([[1], [2]]),
    }
    got = run(parquet_of(table))
    assert got.rejects.counts == {rows.NO_TIME: 1}
    assert run(parquet_of({"time": [1.0], "lat": [1.0], "lon": [1.0], "kind": [77]})).rejects.counts == {
        "plots row with a kind out of range": 1
    }
    p = got.plots
    assert p.time_s.tolist() == [1626098400.25]
    assert (p.address[0], p.mode_a[0], p.flags[0]) == (0x062001, 0o7700, PlotFlag.ON_GROUND)
    assert p.pressure_altitude_m[0] == pytest.approx(10_000 * FOOT_M)
    assert math.degrees(p.lat_rad[0]) == pytest.approx(13.5)


def test_a_parquet_table_with_a_mapping() -> None:
    table = {"when": [1626098400], "rho": [10.0], "theta": [90.0], "code": ["0700"]}
    rules = {"time": "when", "range": {"column": "rho", "unit": "km"}, "azimuth": "theta", "mode_a": "code", "kind": {"value": "ssr"}}
    p = run(parquet_of(table), rules).plots
    assert (p.time_s[0], p.range_m[0], p.mode_a[0], p.kind[0]) == (1626098400.0, 10_000.0, 0o700, PlotKind.SSR)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PAR1" + b"x" * 100, parquet.DAMAGED),
        (b"PAR1", parquet.DAMAGED),
        (parquet_of({"a": [1], "b": [2]}), parquet.NO_COLUMNS),
        (parquet_of({"time": [[1]], "lat": [1.0], "lon": [2.0]}), parquet.BAD_COLUMN),
        (parquet_of({"time": [1], "lat": [1.0], "lon": [2.0]})[:-3], parquet.DAMAGED),
    ],
)
def test_a_parquet_file_that_does_not_serve(data: bytes, reason: str) -> None:
    got = run(data)
    assert len(got.plots) == 0
    assert got.rejects.counts == {reason: 1}
    FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("t", [data], NOW), NOW)
    assert np.isnan(FORMAT.split(data)[1]).all()


def test_a_small_file_does_not_unpack_to_a_large_one() -> None:
    n = 3_000_000
    bomb = parquet_of({"time": np.zeros(n), "lat": np.zeros(n), "lon": np.zeros(n)}, compression="zstd")
    assert len(bomb) < n // parquet.ROWS_A_BYTE
    assert run(bomb).rejects.counts == {parquet.TOO_MUCH: 1}


def test_several_files_one_after_the_other() -> None:
    a, b = (parquet_of({"time": [float(t)], "lat": [1.0], "lon": [2.0]}) for t in (1626098400, 1626098500))
    state = FORMAT.init(SourceHint())
    got = FORMAT.step(state, Chunk.of("t", [a, b"PAR1 not", b], NOW, offset=50), NOW)[1]
    assert got.plots.time_s.tolist() == [1626098400.0, 1626098500.0]
    assert got.rejects.first_offset == {parquet.DAMAGED: 50 + len(a)}


def test_a_parquet_file_is_replayed_in_its_own_time() -> None:
    times = 1626098400.0 + np.array([0.0, 0.05, 0.5, 3.0, 1.0])
    data = parquet_of({"time": times, "lat": np.arange(5.0), "lon": np.arange(5.0)})
    ends, due_s, _ = FORMAT.split(data)
    assert set(ends.tolist()) == {len(data)}
    assert (due_s - 1626098400.0).tolist() == pytest.approx([0.0, 0.05, 0.5, 1.0, 3.0])
    state, seen = FORMAT.init(SourceHint()), []
    for k, due in enumerate(due_s.tolist()):
        chunk = Chunk("t", data if k == 0 else b"", np.array([len(data) if k == 0 else 0]), np.array([due]))
        state, got = FORMAT.step(state, chunk, due + 0.01)
        seen.append(np.degrees(got.plots.lat_rad).round().tolist())
    assert seen == [[0.0], [1.0], [2.0], [4.0], [3.0]]
    whole = FORMAT.step(FORMAT.init(SourceHint()), Chunk("t", data, ends, due_s), float(due_s[-1]))[1]
    assert len(whole.plots) == 5


# --- details, split, likeness ---


def test_details() -> None:
    text = b"time,lat,lon,callsign,squawk\n1626098400,13.5,2.25,ABC,7700\n1626098400,,,,\n"
    got = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("t", [text], NOW), NOW)[1]["plots"]
    found = {c.name: c for c in got.columns}
    assert list(found)[:3] == ["offset", "receive_s", "time_s"]
    assert found["accepted"].values.tolist() == [1, 0]
    assert found["offset"].values.tolist() == [29, 59]
    assert found["callsign"].values.tolist() == [b"ABC", b""]
    assert found["mode_a"].present is not None
    assert found["mode_a"].present.tolist() == [True, False]
    assert found["mode_a"].values[0] == 0o7700
    empty = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("t", [b""], NOW), NOW)[1]["plots"]
    assert [(c.name, c.values.dtype) for c in empty.columns] == [(c.name, c.values.dtype) for c in got.columns]
    table = parquet_of({"time": [1626098400.0], "lat": [1.0], "lon": [2.0]})
    one = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("t", [table], NOW), NOW)[1]["plots"]
    assert len(one) == 1


def test_split() -> None:
    text = b"# made by hand\ntime,lat,lon\n1626098400,1,2\r\nbad\n\n1626098402,1,2"
    ends, times_s, _ = FORMAT.split(text)
    assert ends.tolist() == [15, 28, 44, 48, 49, len(text), len(text)]
    assert times_s[[2, 5]].tolist() == [1626098400.0, 1626098402.0]
    assert np.isnan(times_s[[0, 1, 3, 4]]).all()
    assert np.isnan(FORMAT.split(b"nothing of use")[1]).all()
    mine = b"when,up,across\n1626098400,1,2\n"
    hint = SourceHint(options={"mapping": {"time": "when", "lat": "up", "lon": "across", "kind": {"value": "mlat"}}})
    assert np.isnan(FORMAT.split(mine)[1]).all()
    assert decode.split_as(mine, hint)[1][1] == 1626098400.0
    numbered = SourceHint(options={"mapping": {"time": {"column": 1}, "lat": {"column": 2}, "lon": {"column": 3}}})
    assert decode.split_as(mine, numbered)[1][1] == 1626098400.0
    file = parquet_of({"when": [5.0], "up": [1.0], "across": [2.0]})
    assert decode.split_as(file, hint)[1].tolist() == [5.0, 5.0]


def test_likeness() -> None:
    text = b"time,lat,lon,note\n" + b"1626098400,13.5,2.25,x\n" * 100
    assert FORMAT.likeness(text) == 1.0
    assert FORMAT.likeness(text[:-7]) == 1.0
    assert FORMAT.likeness(text + b"garbage\n" * 1000) < 0.5
    assert FORMAT.likeness(b"PAR1....") == 1.0
    assert FORMAT.likeness(b"") == 0.0
    assert FORMAT.likeness(b"1457996400,8D06200158A1010000AD3A3E6295,062001,19\n" * 50) == 0.0
    assert FORMAT.likeness(b"MSG,3,1,1,06A0B1,1,2021/07/12,14:00:00.000,,,,1000,,,13.5,2.25,,,,,,0\n" * 50) == 0.0
    assert FORMAT.likeness(b"time,x,y\n1,2,3\n") == 0.0
    assert FORMAT.likeness(np.random.Generator(np.random.PCG64(1)).bytes(65_536)) == 0.0
    assert load("plots").name == "plots"


def test_numbers_read_as_python_reads_them() -> None:
    for written in (
        "0",
        "-0",
        "12",
        "+12.5",
        ".5",
        "5.",
        "1e3",
        "-1.25E-3",
        "123456789012345678901234567890",
        "0.000000000000000000001",
        "1e-320",
        "9" * 17,
    ):
        octets = np.frombuffer(written.encode(), np.uint8)
        value, state = cells.decimal(octets, 0, len(octets))
        assert state == cells.GOOD
        assert value == pytest.approx(float(written), rel=4e-16, abs=1e-300)
    for written in ("", "-", ".", "e5", "1e", "1e+", "1x", "--1", "1.2.3", "inf", "1e999", "0x10"):
        octets = np.frombuffer(written.encode() or b" ", np.uint8)
        value, state = cells.decimal(octets, 0, len(written))
        assert state == cells.BAD
        assert math.isnan(value)


def test_a_layout_prefers_the_surer_name() -> None:
    found = mapping.layout(["timestamp", "time", "alt", "baroaltitude", "lat", "lon"], {})
    assert found is not None
    assert found.found["time"] == mapping.Found(1, "auto")
    assert found.found["altitude"] == mapping.Found(3, "m")


def test_the_states_of_opensky(shared_data: Path) -> None:
    data = (shared_data / "traj/stonesoup_OpenSky_Plane_States.csv").read_bytes()
    ends, times_s, _ = FORMAT.split(data)
    got = FORMAT.step(FORMAT.init(SourceHint()), Chunk("t", data, ends, times_s), 0.0)[1]
    assert got.rejects.counts == {}
    assert len(got.plots) == len(ends) - 1 == 6052
    assert len(got.addresses) == 84
    assert FORMAT.likeness(data[:65_536]) == 1.0
    line = data.split(b"\n")[1].split(b",")
    first = {name: getattr(got.plots, name)[0] for name in (f.name for f in dataclasses.fields(Plots))}
    assert first["address"] == int(line[1], 16)
    assert math.degrees(first["lat_rad"]) == pytest.approx(float(line[2]), rel=1e-14)
    assert first["pressure_altitude_m"] == float(line[12])
    assert first["time_s"] == float(line[0])
    assert first["mode_a"] == int(str(int(float(line[11]))), 8)


def test_the_flight_of_a_drone(shared_data: Path) -> None:
    data = (shared_data / "traj/stonesoup_UAV_Rot.csv").read_bytes()
    got = run(data)
    assert got.rejects.counts == {}
    assert len(got.plots) == 965
    assert got.plots.pressure_altitude_m[0] == 708.0

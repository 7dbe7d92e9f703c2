from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind
from tenere.errors import WireError
from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT, encode_blocks, encode_records
from tenere.wire.format import SourceHint, load

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

NAN = math.nan
SOURCE = {"010/SAC": 12, "010/SIC": 34}


def block(category: int, n: int = 1, present: dict[str, Any] | None = None, **columns: Any) -> bytes:
    """One block; a column 040_RHO is the element 040/RHO."""
    named = {path.removeprefix("i").replace("_", "/"): value for path, value in columns.items()}
    data, ends = encode_records(category, n, SOURCE | named, present)
    return encode_blocks(category, data, ends, 65535)[0]


def decode(*units: bytes, times_s: Any = NAN, tick_s: float = 0.0, offset: int = 0) -> Decoded:
    _, out = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("x", units, times_s, offset), tick_s)
    return out


def test_it_is_installed_as_a_format() -> None:
    assert load("asterix") is FORMAT


def test_a_radar_plot() -> None:
    out = decode(
        block(
            48,
            i140=3600.5,
            i020_TYP=7,
            i020_SPI=1,
            i040_RHO=100.0,
            i040_THETA=90.0,
            i070_MODE3A=0o7500,
            i070_G=1,
            i070_V=0,
            i090_FL=350.0,
            i090_V=1,
            i090_G=0,
            i220=0x062001,
            i240=np.array([b"NIG123"]),
            i161_TRN=99,
            i042_X=-10.0,
            i042_Y=5.0,
            i200_GSP=0.125,
            i200_HDG=180.0,
            i170_CNF=0,
            i170_GHO=1,
        ),
        times_s=1_700_000_000.0,
    )
    p = out.plots
    assert len(p) == 1
    assert out.records == {"CAT048": 1}
    assert out.addresses == {0x062001}
    assert out.rejects.total() == 0
    assert p.time_s[0] % 86400 == 3600.5
    assert abs(p.time_s[0] - 1_700_000_000.0) <= 43200
    assert p.receive_s[0] == 1_700_000_000.0
    assert p.sac_sic[0] == 12 * 256 + 34
    assert p.kind[0] == PlotKind.PSR_MODE_S
    assert p.flags[0] == PlotFlag.SPI | PlotFlag.MODE_A_GARBLED | PlotFlag.HEIGHT_INVALID | PlotFlag.GHOST
    assert p.range_m[0] == pytest.approx(185_200.0)
    assert p.azimuth_rad[0] == pytest.approx(math.pi / 2)
    assert (p.x_m[0], p.y_m[0]) == pytest.approx((-18520.0, 9260.0))
    assert p.pressure_altitude_m[0] == pytest.approx(10668.0)  # 35,000 ft
    assert (p.east_ms[0], p.north_ms[0]) == pytest.approx((0.0, -231.5), abs=1e-9)
    assert p.mode_a[0] == 0o7500
    assert p.callsign[0] == b"NIG123"
    assert p.source_track[0] == 99
    assert p.reference[0] == 3
    assert np.isnan(p.lat_rad[0])


@pytest.mark.parametrize(
    ("kind", "expected"),
    list(enumerate([PlotKind.UNKNOWN, PlotKind.PSR, PlotKind.SSR, PlotKind.PSR_SSR, *[PlotKind.MODE_S] * 2, *[PlotKind.PSR_MODE_S] * 2])),
)
def test_radar_kinds(kind: int, expected: PlotKind) -> None:
    p = decode(block(48, i020_TYP=kind, i140=1.0)).plots
    assert p.kind[0] == expected
    assert bool(p.flags[0] & PlotFlag.COASTED) == (kind == 0)


def test_reports_that_are_not_live_are_marked() -> None:
    p = decode(block(48, 4, i020_TYP=1, i020_SIM=[1, 0, 0, 0], i020_TST=[0, 1, 0, 0], i020_RAB=[0, 0, 1, 0])).plots
    assert p.flags.tolist() == [PlotFlag.SIMULATED, PlotFlag.TEST, PlotFlag.FIELD_MONITOR, 0]


def test_an_absent_item_is_blank() -> None:
    p = decode(block(48), tick_s=77.0).plots
    assert (p.address[0], p.mode_a[0], p.source_track[0], p.callsign[0], p.kind[0]) == (-1, -1, -1, b"", PlotKind.UNKNOWN)
    assert np.isnan([p.range_m[0], p.azimuth_rad[0], p.pressure_altitude_m[0], p.receive_s[0]]).all()
    assert p.time_s[0] == 77.0


def test_a_surface_plot_and_its_service_messages() -> None:
    out = decode(
        block(
            10,
            3,
            {name: [True, False, False] for name in ("020", "041", "042", "202", "060", "090", "220", "245", "300", "500")},
            i000=[1, 3, 2],
            i140=[10.0, 11.0, 12.0],
            i020_TYP=1,
            i020_GBS=1,
            i020_TOT=2,
            i041_LAT=41.25,
            i041_LON=2.0,
            i042_X=-100.0,
            i042_Y=200.0,
            i202_VX=10.0,
            i202_VY=-5.0,
            i060_MODE3A=0o1234,
            i090_FL=1.0,
            i220=0x343000,
            i245_STI=0,
            i245_CHR=np.array([b"FOLLOW1"]).repeat(3),
            i300=4,
            i500_DEVX=2.0,
            i500_DEVY=3.0,
            i550_NOGO=[-1, 1, -1],
        )
    )
    p, s = out.plots, out.status
    assert out.records == {"CAT010": 3}
    assert len(p) == 1
    assert p.kind[0] == PlotKind.MLAT
    assert p.flags[0] == PlotFlag.ON_GROUND | PlotFlag.VEHICLE
    assert p.aircraft_class[0] == AircraftClass.VEHICLE
    assert (math.degrees(p.lat_rad[0]), math.degrees(p.lon_rad[0])) == pytest.approx((41.25, 2.0), abs=1e-6)
    assert (p.x_m[0], p.y_m[0], p.east_ms[0], p.north_ms[0], p.position_std_m[0]) == (-100.0, 200.0, 10.0, -5.0, 3.0)
    assert p.callsign[0] == b"FOLLOW1"
    assert s.message.tolist() == [3, 2]
    assert s.degraded.tolist() == [1, 0]
    assert s.category.tolist() == [10, 10]


def test_an_adsb_plot() -> None:
    p = decode(
        block(
            21,
            i040_ATP=0,
            i040_GBS=1,
            i071=100.0,
            i073=200.0,
            i080=0x062002,
            i131_LAT=13.5,
            i131_LON=2.125,
            i130_LAT=0.0,
            i130_LON=0.0,
            i140=1000.0,
            i145=10.0,
            i155_BVR=-600.0,
            i160_GS=0.0625,
            i160_TA=90.0,
            i090_NUCRNACV=2,
            i090_NACP=9,
            i210_VN=2,
            i170=np.array([b"UNO12H"]),
            i200_PS=2,
            i200_SS=3,
            i020=10,
            i070_MODE3A=0o7700,
        )
    ).plots
    assert p.kind[0] == PlotKind.ADSB
    assert p.time_s[0] == 100.0
    assert (math.degrees(p.lat_rad[0]), math.degrees(p.lon_rad[0])) == pytest.approx((13.5, 2.125), abs=1e-6)
    assert p.height_m[0] == pytest.approx(304.8)
    assert p.pressure_altitude_m[0] == pytest.approx(304.8)
    assert p.vertical_rate_ms[0] == pytest.approx(-3.048)
    assert (p.east_ms[0], p.north_ms[0]) == pytest.approx((115.75, 0.0), abs=1e-9)
    assert p.position_std_m[0] == pytest.approx(30 / 2.4477, rel=1e-4)
    assert p.velocity_std_ms[0] == pytest.approx(3 / 2.4477, rel=1e-4)
    assert p.aircraft_class[0] == AircraftClass.HELICOPTER
    assert p.emergency[0] == Emergency.MEDICAL
    assert p.flags[0] == PlotFlag.ON_GROUND | PlotFlag.SPI | PlotFlag.EMERGENCY
    assert p.callsign[0] == b"UNO12H"


def test_the_first_version_of_adsb_has_another_scale_of_quality() -> None:
    p = decode(block(21, 2, {"210": [False, True]}, i090_NUCPNIC=[8, 8], i210_VN=[0, 2])).plots
    assert p.position_std_m[0] == pytest.approx(10 / 2.4477, rel=1e-4)
    assert np.isnan(p.position_std_m[1])


def test_a_system_track() -> None:
    out = decode(
        block(
            62,
            i070=50_000.0,
            i040=4321,
            i105_LAT=-13.0,
            i105_LON=-2.0,
            i100_X=1000.0,
            i100_Y=-500.0,
            i185_VX=100.0,
            i185_VY=-50.0,
            i060_MODE3A=0o2000,
            i136=330.0,
            i220=-1200.0,
            i080_MON=1,
            i080_TSE=1,
            i080_CST=1,
            i080_EMS=5,
            i380_ADR=0x062003,
            i380_ID=np.array([b"AAA1"]),
            i390_CS=np.array([b"BBB2"]),
            i500_APC_X=30.0,
            i500_APC_Y=40.0,
        )
    )
    t = out.system
    assert (len(t), len(out.plots)) == (1, 0)
    assert out.addresses == {0x062003}
    assert (t.time_s[0], t.source_track[0], t.x_m[0], t.y_m[0], t.east_ms[0], t.north_ms[0]) == (
        -36400.0,
        4321,
        1000.0,
        -500.0,
        100.0,
        -50.0,
    )
    assert (math.degrees(t.lat_rad[0]), math.degrees(t.lon_rad[0])) == pytest.approx((-13.0, -2.0), abs=1e-5)
    assert t.pressure_altitude_m[0] == pytest.approx(10058.4)
    assert t.vertical_rate_ms[0] == pytest.approx(-6.096)
    assert t.position_std_m[0] == 40.0
    assert t.callsign[0] == b"AAA1"
    assert t.emergency[0] == Emergency.UNLAWFUL
    assert t.flags[0] == PlotFlag.MONOSENSOR | PlotFlag.ENDED | PlotFlag.COASTED | PlotFlag.EMERGENCY


def test_the_radar_says_where_it_stands() -> None:
    s = decode(block(34, i000=1, i030=100.0, i041=4.0, i120_HGT=250.0, i120_LAT=13.5, i120_LON=2.25, i050_COM_NOGO=1)).status
    assert (s.category[0], s.message[0], s.period_s[0], s.height_m[0], s.degraded[0]) == (34, 1, 4.0, 250.0, 1)
    assert (math.degrees(s.lat_rad[0]), math.degrees(s.lon_rad[0])) == pytest.approx((13.5, 2.25), abs=1e-4)
    sector = decode(block(34, i000=2, i030=100.0, i020=45.0)).status
    assert sector.azimuth_rad[0] == pytest.approx(math.pi / 4)
    assert sector.degraded[0] == 0


def test_a_system_reports_on_its_sensors() -> None:
    s = decode(block(63, i030=5.0, i050_SAC=1, i050_SIC=2, i060_CON=1), block(65, i030=6.0, i000=1, i040_NOGO=0)).status
    assert s.category.tolist() == [63, 65]
    assert s.sac_sic.tolist() == [258, 12 * 256 + 34]
    assert s.degraded.tolist() == [1, 0]


def test_plots_of_several_categories_come_in_the_order_of_their_bytes() -> None:
    units = [block(48, i140=1.0), block(21, i071=2.0), block(48, i140=3.0), block(10, i000=1, i140=4.0)]
    assert decode(*units).plots.time_s.tolist() == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("time_of_day", "receive", "expected"), [(86399.0, 86400.0 * 3 + 2, 86400 * 3 - 1), (1.0, 86400.0 * 3 - 2, 86400 * 3 + 1)]
)
def test_the_day_is_the_one_nearest_to_reception(time_of_day: float, receive: float, expected: float) -> None:
    assert decode(block(48, i140=time_of_day), times_s=receive).plots.time_s[0] == expected
    assert decode(block(48, i140=time_of_day), tick_s=receive).plots.time_s[0] == expected


def test_a_time_of_day_of_a_day_or_more_is_nulled_and_its_record_kept() -> None:
    raw = np.array([86400 * 128, 5 * 128])
    out = decode(block(48, 2, i140=raw, i220=[1, 2]), tick_s=9.0, offset=1000)
    assert out.records == {"CAT048": 2}
    assert out.rejects.counts == {"CAT048 I048/140 time of day out of range": 1}
    assert out.rejects.first_offset == {"CAT048 I048/140 time of day out of range": 1003}
    assert out.plots.time_s.tolist() == [9.0, 5.0]


def test_a_bad_callsign_is_counted_and_left_empty() -> None:
    octets = bytearray(block(48, i240=np.array([b"ABC"])))
    octets[-6:] = bytes(6)
    out = decode(bytes(octets))
    assert out.plots.callsign[0] == b""
    assert out.rejects.counts == {"CAT048 I048/240 letter outside the alphabet": 1}


def test_a_latitude_of_91_degrees_takes_the_longitude_with_it() -> None:
    out = decode(block(62, i105_LAT=91.0, i105_LON=10.0, i070=3.0))
    assert np.isnan([out.system.lat_rad[0], out.system.lon_rad[0]]).all()
    assert out.rejects.counts == {"CAT062 I062/105 latitude out of range": 1}


def test_a_coordinate_at_the_end_of_its_scale_is_no_position() -> None:
    out = decode(block(10, 3, i000=1, i140=1.0, i042_X=[32767.0, -32768.0, 32766.0], i042_Y=[10.0, 20.0, 30.0]))
    assert np.isnan(out.plots.x_m).tolist() == np.isnan(out.plots.y_m).tolist() == [True, True, False]
    assert out.rejects.counts == {"CAT010 I010/042 position out of range": 2}


def test_a_record_that_contradicts_its_edition_takes_its_block_with_it() -> None:
    garbage = block(62, 2, i070=[100_000.0, 1.0], i105_LAT=[4000.0, 1.0], i105_LON=[0.0, 1.0], i185_VX=[8000.0, 0.0], i185_VY=0.0)
    out = decode(block(62, i070=1.0), garbage, block(62, i070=2.0))
    assert out.records == {"CAT062": 2}
    assert out.rejects.counts == {"CAT062 block refused: contents contradict edition 1.21": 1}
    assert out.system.time_s.tolist() == [1.0, 2.0]


def test_a_broken_block_is_refused_and_its_neighbours_stand() -> None:
    good = block(48, i220=5)
    broken = good[:3] + b"\x01" * (len(good) - 3)
    out = decode(good + broken + good, offset=100)
    assert out.records == {"CAT048": 2}
    assert out.rejects.counts == {"CAT048 block refused: field specification longer than the edition has": 1}
    assert list(out.rejects.first_offset.values()) == [100 + len(good) + 3]


def test_bytes_after_the_last_block_are_counted_and_nothing_else() -> None:
    out = decode(block(48, i220=5) + b"\0\0\0\0\xca\xfe\0\x07", block(48, i220=6))
    assert out.addresses == {5, 6}
    assert out.rejects.counts == {"trailing bytes after the last block": 1}


def test_a_damaged_length_costs_its_own_block_only() -> None:
    units = [block(48, 3, i140=[1.0, 2.0, 3.0], i220=[1 + 3 * k, 2 + 3 * k, 3 + 3 * k]) for k in range(5)]
    for at, value in ((1, 0xFF), (2, 5), (0, 200), (2, 40)):
        damaged = bytearray(b"".join(units))
        damaged[len(units[0]) * 2 + at] = value
        assert decode(bytes(damaged)).addresses >= set(range(1, 7)) | set(range(10, 16)), (at, value)


def test_a_category_nobody_describes_is_counted() -> None:
    out = decode(bytes([30, 0, 5, 1, 2]) + block(48, i220=5))
    assert out.rejects.counts == {"CAT030 is not a category that libasterix describes": 1}
    assert out.addresses == {5}


def test_address_zero_is_no_address() -> None:
    out = decode(block(48, i220=0))
    assert out.addresses == frozenset()
    assert out.plots.address[0] == -1


def test_an_empty_chunk_and_noise() -> None:
    assert decode().records == {}
    out = decode(b"\xff" * 40, b"")
    assert out.records == {}
    assert out.rejects.counts == {"bytes that are no ASTERIX block": 1}


def test_units_do_not_run_into_each_other() -> None:
    whole = block(48, i220=5)
    out = decode(whole[:6], whole[6:])
    assert out.records == {}


def test_more_than_two_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "frombuffer", lambda *_: type("A", (), {"size": 1 << 31})())
    with pytest.raises(WireError, match="2 GiB"):
        FORMAT.step(FORMAT.init(SourceHint()), Chunk("x", b"", np.zeros(0, np.int64), np.zeros(0)), 0.0)

"""Every mapping of target reports to Plots, on records made by the encoder, against values worked out from the standard by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind, Plots
from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT, encode_blocks, encode_records
from tenere.wire.asterix.encode_values import Runs
from tenere.wire.asterix.tables import known_editions, table
from tenere.wire.format import SourceHint

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

NAN = math.nan
SOURCE = {"010/SAC": 12, "010/SIC": 34}
MODE_5 = PlotFlag.FRIENDLY_ANSWER | PlotFlag.MODE_5


def decoded(
    category: int, n: int, columns: dict[str, Any], edition: str | None = None, times_s: float = NAN, tick_s: float = 0.0
) -> Decoded:
    data, ends = encode_records(category, n, SOURCE | columns, None, edition)
    unit = encode_blocks(category, data, ends, 65535)[0]
    options = {} if edition is None else {"editions": {str(category): edition}}
    _, out = FORMAT.step(FORMAT.init(SourceHint(options=options)), Chunk.of("x", [unit], times_s), tick_s)
    assert out.records == {f"CAT{category:03d}": n}
    return out


def plots(category: int, n: int = 1, edition: str | None = None, times_s: float = NAN, **columns: Any) -> Plots:
    """Plots of one block; a column i040_RHO is the element 040/RHO."""
    named = {path.removeprefix("i").replace("_", "/"): value for path, value in columns.items()}
    out = decoded(category, n, named, edition, times_s)
    assert len(out.plots) == n
    assert out.rejects.total() == 0
    return out.plots


def test_only_a_friendly_answer_to_mode_4_sets_a_bit() -> None:
    p = plots(48, 5, i020_TYP=2, i020_FOEFRI=[0, 1, 2, 3, 0], i020_XPP=[0, 0, 0, 0, 1])
    assert p.flags.tolist() == [0, PlotFlag.FRIENDLY_ANSWER, 0, 0, 0]
    graded = plots(48, 4, iRE_M4E_FOEFRI=[0, 1, 2, 3], i020_TYP=2)
    assert graded.flags.tolist() == [0, 0, 0, PlotFlag.FRIENDLY_ANSWER]


@pytest.mark.parametrize("form", ["MD5", "M5N"])
def test_only_an_authenticated_mode_5_answer_sets_bits(form: str) -> None:
    p = decoded(
        48,
        5,
        {"020/TYP": 2, f"RE/{form}/SUM/M5": [1, 1, 1, 1, -1], f"RE/{form}/SUM/ID": [0, 1, 0, 0, 1], f"RE/{form}/SUM/DA": [0, 0, 1, 0, 1]}
        | {f"RE/{form}/SUM/M3": [0, 0, 0, 1, 1]},
    ).plots
    assert p.flags.tolist() == [0, MODE_5, MODE_5, 0, 0]  # the last record has no such field


def test_an_expansion_field_that_cannot_be_read_says_nothing() -> None:
    # MD5 (0x80) of a Mode 5 summary (0x80) that is cut off; one that is whole; one with an octet too many; a field of no octets
    octets = Runs(np.array([0x80, 0x80, 0x80, 0x80, 0x60, 0x80, 0x80, 0x60, 0x00], np.uint8), np.array([0, 2, 5, 9, 9]))
    p = decoded(48, 4, {"020/TYP": 2, "RE": octets}).plots
    assert p.flags.tolist() == [0, MODE_5, 0, 0]


def report(ara: int, rat: int, mte: int, register: int = 0x30) -> int:
    """Register 3,0: its number, 14 bits ARA, 4 RAC, RAT, MTE, 28 bits of the threat."""
    return register << 48 | ara << 34 | rat << 29 | mte << 28 | 0x8000001


def test_a_resolution_advisory_stands_until_it_is_said_to_have_ended() -> None:
    first, other = 1 << 13, 1 << 12  # bit 41 of the reply, and the next one
    given = [report(first, 0, 0), report(first | other, 1, 0), report(other, 0, 0), report(0, 0, 1), report(0, 0, 0), -1]
    p = plots(48, 6, i020_TYP=5, i260=np.array(given))
    assert p.flags.tolist() == [PlotFlag.RESOLUTION_ADVISORY, 0, 0, PlotFlag.RESOLUTION_ADVISORY, 0, 0]
    assert plots(48, i020_TYP=5, i260=np.array([report(first, 0, 0, 0x20)])).flags.tolist() == [0]


def test_doppler_speed_is_away_from_the_radar_and_left_out_where_doubtful() -> None:
    p = plots(48, 3, i120_CAL_CAL=[-150.0, 75.0, NAN], i120_CAL_D=[0, 1, 0])
    assert p.radial_ms.tolist()[0] == -150.0
    assert np.isnan(p.radial_ms[1:]).all()


def test_raw_doppler_speeds_are_ambiguous_and_stay_in_the_details() -> None:
    p = plots(48, i120_RDS_DOP=Runs(np.array([30.0]), np.array([0, 1])))
    assert np.isnan(p.radial_ms[0])


def test_a_3d_height_and_an_extended_range() -> None:
    p = decoded(
        48,
        3,
        {"110/3DH": [30_000.0, -50.0, NAN], "020/TYP": 1, "020/ERR": [0, 1, 1], "040/RHO": [255.0, 255.99609375, 255.99609375]}
        | {"040/THETA": 90.0, "RE/ERR": [NAN, 300.5, NAN]},
    ).plots
    assert p.height_m[:2].tolist() == pytest.approx([9144.0, -15.24])
    assert np.isnan(p.height_m[2])
    assert p.range_m.tolist() == pytest.approx([472_260.0, 556_526.0, 474_104.765625])  # 255 NM, 300.5 NM, 255.996 NM
    assert np.isnan(p.elevation_rad).all()


def test_a_plot_of_category_1() -> None:
    p = plots(
        1,
        i020_TYP=0,
        i020_SSRPSR=3,
        i020_SIM=1,
        i020_SPI=1,
        i020_RAB=1,
        i020_TST=1,
        i020_DS1DS2=1,
        i040_RHO=50.0,
        i040_THETA=270.0,
        i070_MODE3A=0o7500,
        i070_G=1,
        i070_V=1,
        i090_HGT=100.0,
        i090_V=1,
        i090_G=1,
        i120=-0.0625,
        i141=88.5,
        times_s=86_400.0 * 1000 + 600.0,
    )
    marks = PlotFlag.SIMULATED | PlotFlag.SPI | PlotFlag.FIELD_MONITOR | PlotFlag.TEST | PlotFlag.EMERGENCY
    marks |= PlotFlag.MODE_A_GARBLED | PlotFlag.MODE_A_INVALID | PlotFlag.HEIGHT_GARBLED | PlotFlag.HEIGHT_INVALID
    assert p.flags[0] == marks
    assert p.kind[0] == PlotKind.PSR_SSR
    assert p.emergency[0] == Emergency.UNLAWFUL
    assert p.sac_sic[0] == 12 * 256 + 34
    assert p.range_m[0] == pytest.approx(92_600.0)
    assert p.azimuth_rad[0] == pytest.approx(1.5 * math.pi)
    assert p.mode_a[0] == 0o7500
    assert p.pressure_altitude_m[0] == pytest.approx(3048.0)
    assert p.radial_ms[0] == pytest.approx(-115.75)
    assert p.time_s[0] == 86_400.0 * 1000 + 600.5  # 88.5 + 512
    assert p.source_track[0] == -1


def test_a_track_of_category_1() -> None:
    p = plots(
        1,
        4,
        i020_TYP=1,
        i020_SSRPSR=[0, 1, 2, 2],
        i020_DS1DS2=[0, 2, 3, 0],
        i020_ME=[0, 0, 0, 1],
        i161=[1, 2, 3, 4],
        i042_X=-10.0,
        i042_Y=20.0,
        i200_GSP=0.125,
        i200_HDG=90.0,
        i170_GHO=[1, 0, 0, 0],
        i170_TRE=[0, 1, 0, 0],
    )
    assert p.kind.tolist() == [PlotKind.UNKNOWN, PlotKind.PSR, PlotKind.SSR, PlotKind.SSR]
    assert p.emergency.tolist() == [Emergency.NONE, Emergency.NO_RADIO, Emergency.GENERAL, Emergency.NONE]
    assert p.flags.tolist() == [
        PlotFlag.GHOST | PlotFlag.COASTED,
        PlotFlag.ENDED | PlotFlag.EMERGENCY,
        PlotFlag.EMERGENCY,
        PlotFlag.EMERGENCY,
    ]
    assert p.source_track.tolist() == [1, 2, 3, 4]
    assert (p.x_m[0], p.y_m[0]) == pytest.approx((-18_520.0, 37_040.0))
    assert (p.east_ms[0], p.north_ms[0]) == pytest.approx((231.5, 0.0), abs=1e-9)


DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("receive_s", "truncated_s", "expected_s"),
    [
        (1000.0, 488.0, 1000.0),  # 488 + 512
        (1000.0, 490.0, 1002.0),
        (1024.5, 511.0, 1023.0),  # just before the turn
        (1023.5, 1.0, 1025.0),  # just after it
        (DAY_S - 1.0, 383.0, DAY_S - 1.0),  # 86,399 is 168 * 512 + 383
        (DAY_S + 0.5, 383.5, DAY_S - 0.5),  # the last of the day before
        (DAY_S - 0.5, 0.25, DAY_S + 0.25),  # the first of the day after
        (DAY_S + 1.0, 1.0, DAY_S + 1.0),
        (DAY_S - 10.0, 400.0, DAY_S + 400.0),  # nearer than 167 * 512 + 400, the last of the day before that ends so
    ],
)
def test_a_truncated_time_of_day_is_the_nearest_to_reception(receive_s: float, truncated_s: float, expected_s: float) -> None:
    start = 86_400.0 * 19_000
    p = plots(1, i020_TYP=0, i141=truncated_s, times_s=start + receive_s)
    assert p.time_s[0] - start == expected_s


def test_every_truncated_time_of_two_days_comes_back() -> None:
    true_s = DAY_S * 19_000 + np.arange(0.0, 2 * DAY_S, 61.0)
    for delay_s in (-200.0, 0.0, 0.75, 200.0):
        truncated = true_s % DAY_S % 512.0
        data, ends = encode_records(1, len(true_s), SOURCE | {"020/TYP": 0, "141": truncated})
        starts = np.concatenate([[0], ends[:-1]])
        units = [encode_blocks(1, data[a:b], np.array([b - a]))[0] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        _, out = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("x", units, (true_s + delay_s).tolist()), 0.0)
        right = out.plots.time_s == true_s
        # over midnight two times of day that end alike are 384 s apart, elsewhere 512 s: half of that can be told apart
        assert right.all() if abs(delay_s) < 192.0 else right.mean() > 0.99


def test_without_a_truncated_time_it_is_that_of_reception() -> None:
    assert plots(1, i020_TYP=0, times_s=777.25).time_s[0] == 777.25


def test_a_multilateration_plot() -> None:
    p = plots(
        20,
        2,
        i020_MS=0,
        i020_RAB=[1, 0],
        i020_SPI=1,
        i020_GBS=1,
        i020_SIM=[0, 1],
        i020_TST=[0, 1],
        i140=5.5,
        i041_LAT=13.5,
        i041_LON=2.125,
        i042_X=-100.5,
        i042_Y=2000.0,
        i161_TRN=4095,
        i170_CST=[1, 0],
        i170_TRE=[0, 1],
        i170_GHO=[0, 1],
        i070_MODE3A=0o1234,
        i070_V=1,
        i202_VX=-10.0,
        i202_VY=20.25,
        i090_FL=10.0,
        i090_G=1,
        i220=0x062001,
        i245_CHR=np.array([b"UNO12H"] * 2),
        i105=1000.0,
        i110=900.0,
        i300=[-1, 3],
        i500_SDP_X=[2.5, 7.25],
        i500_SDP_Y=[7.0, 3.0],
        i500_SDP_XY=0.0,
    )
    shared = PlotFlag.SPI | PlotFlag.ON_GROUND | PlotFlag.MODE_A_INVALID | PlotFlag.HEIGHT_GARBLED
    assert p.flags.tolist() == [
        shared | PlotFlag.FIELD_MONITOR | PlotFlag.COASTED,
        shared | PlotFlag.SIMULATED | PlotFlag.TEST | PlotFlag.ENDED | PlotFlag.GHOST | PlotFlag.VEHICLE,
    ]
    assert p.kind.tolist() == [PlotKind.MLAT] * 2
    assert p.time_s.tolist() == [5.5, 5.5]
    assert (math.degrees(p.lat_rad[0]), math.degrees(p.lon_rad[0])) == pytest.approx((13.5, 2.125), abs=3e-6)
    assert (p.x_m[0], p.y_m[0], p.east_ms[0], p.north_ms[0]) == (-100.5, 2000.0, -10.0, 20.25)
    assert p.position_std_m.tolist() == [7.0, 7.25]
    assert p.height_m[0] == pytest.approx(304.8)
    assert p.pressure_altitude_m[0] == pytest.approx(304.8)
    assert (p.address[0], p.mode_a[0], p.callsign[0], p.source_track[0]) == (0x062001, 0o1234, b"UNO12H", 4095)
    assert p.aircraft_class.tolist() == [AircraftClass.UNKNOWN, AircraftClass.VEHICLE]


def test_flight_status_and_advisory_of_a_multilateration_plot() -> None:
    p = plots(20, 3, i230_STAT=[1, 5, 0], i260=np.array([-1, -1, report(1 << 13, 0, 0)]))
    assert p.flags.tolist() == [PlotFlag.ON_GROUND, PlotFlag.SPI, PlotFlag.RESOLUTION_ADVISORY]


def test_an_address_that_icao_did_not_give_numbers_the_track() -> None:
    p = plots(20, 3, i020_CF=[0, 1, 1], i220=0x123456, i161_TRN=[-1, -1, 9])
    assert p.address.tolist() == [0x123456, -1, -1]
    assert p.source_track.tolist() == [-1, 0x123456 + 4096, 9]
    anonymous = plots(21, 3, i040_ATP=[0, 3, 3], i080=0x123456, i161_TRNUM=[7, -1, 7])
    assert anonymous.address.tolist() == [0x123456, -1, -1]
    assert anonymous.source_track.tolist() == [7, 0x123456 + 4096, 7]


def test_integrity_and_accuracy_are_as_broadcast_by_later_versions() -> None:
    p = plots(21, 5, i210_VN=[0, 1, 2, -1, -1], i090_NUCPNIC=7, i090_NACP=[-1, 8, 10, 9, -1], i090_SIL=[-1, 2, 3, 3, -1])
    assert p.nic.tolist() == [-1, 7, 7, 7, -1]  # in version 0 the same bits are NUCp
    assert p.nac_p.tolist() == [-1, 8, 10, 9, -1]
    assert p.sil.tolist() == [-1, 2, 3, 3, -1]
    r95 = 2.4477
    assert p.position_std_m.tolist() == pytest.approx([92.6 / r95, 92.6 / r95, 10 / r95, 30 / r95, 92.6 / r95], rel=1e-4)


def test_the_fraction_of_a_time_of_reception_comes_from_its_own_item() -> None:
    # coarse 999.9921875; the fraction says 0.001 s of the next second, 0.995 of the same, 0.5 of the one before; 3 is reserved
    p = plots(21, 5, i073=999.9921875, i074_FSI=[1, 0, 2, 3, -1], i074_TOMRP=[0.001, 0.995, 0.5, 0.25, NAN])
    assert p.time_s.tolist() == pytest.approx([1000.001, 999.995, 998.5, 999.9921875, 999.9921875], abs=1e-9)
    velocity = plots(21, 2, i075=50.0, i076_FSI=0, i076_TOMRP=0.125)
    assert velocity.time_s.tolist() == [50.125, 50.125]


def test_the_times_of_an_adsb_report_in_order_of_meaning() -> None:
    p = plots(21, 5, i071=[1.0, NAN, NAN, NAN, NAN], i073=[2.0, 2.0, NAN, NAN, NAN], i077=[3.0, 3.0, 3.0, NAN, NAN], i075=[4.0] * 4 + [NAN])
    assert p.time_s.tolist() == [1.0, 2.0, 3.0, 4.0, 0.0]


def test_flags_of_an_adsb_report() -> None:
    p = plots(
        21,
        7,
        i040_ATP=[0, 2, 0, 0, 0, 0, 0],
        i040_RAB=[0, 0, 1, 0, 0, 0, 0],
        i200_ME=[0, 0, 0, 1, 0, 0, 0],
        i271_IDENT=[0, 0, 0, 0, 1, 0, 0],
        i008_RA=[1, 0, 0, 0, 0, 0, 0],
        i260_ARA=[-1, -1, -1, -1, -1, 1 << 13, 1 << 13],
        i260_RAT=[-1, -1, -1, -1, -1, 0, 1],
    )
    advisory = PlotFlag.RESOLUTION_ADVISORY
    assert p.flags.tolist() == [
        advisory,
        PlotFlag.VEHICLE,
        PlotFlag.FIELD_MONITOR,
        PlotFlag.EMERGENCY,
        PlotFlag.SPI,
        advisory,
        0,
    ]
    assert p.kind.tolist() == [PlotKind.ADSB] * 7


def test_a_military_squitter_sets_bits_where_mode_5_is_authenticated() -> None:
    p = decoded(21, 3, {"080": 5, "RE/MES/SUM/M5": 1, "RE/MES/SUM/ID": [0, 1, 0], "RE/MES/SUM/DA": [0, 0, 1]}).plots
    assert p.flags.tolist() == [0, MODE_5, MODE_5]


def test_rates_of_climb_prefer_the_barometric_one() -> None:
    p = plots(21, 2, i155_BVR=[-600.0, NAN], i157_GVR=[500.0, 1000.0])
    assert p.vertical_rate_ms.tolist() == pytest.approx([-3.048, 5.08])


@pytest.mark.parametrize("edition", ["0.23", "0.24", "0.25", "0.26"])
def test_the_first_layout_of_category_21(edition: str) -> None:
    columns: dict[str, Any] = {
        "030": 3600.0,
        "040/GBS": [1, 0],
        "040/SPI": [0, 1],
        "040/ATP": [1, 3],
        "080": 0x062002,
        "130/LAT": 13.5,
        "130/LON": -2.125,
        "140": 1000.0,
        "145": 10.0,
        "155": -600.0,
        "160/GS": 0.0625,
        "160/TA": 90.0,
        "170": np.array([b"UNO12H"] * 2),
        "200": [2, 5],
        "020": [10, 21],
        "095": [2, 200],
    }
    out = decoded(21, 2, columns, edition)
    p = out.plots
    assert out.rejects.total() == 0
    assert p.time_s.tolist() == [3600.0, 3600.0]
    assert (math.degrees(p.lat_rad[0]), math.degrees(p.lon_rad[0])) == pytest.approx((13.5, -2.125), abs=1.1e-5)  # 24 bits in 0.23
    assert p.kind.tolist() == [PlotKind.ADSB] * 2
    assert p.address.tolist() == [0x062002, -1]
    assert p.source_track.tolist() == [-1, 0x062002 + 4096]
    assert p.height_m[0] == p.pressure_altitude_m[0] == pytest.approx(304.8)
    assert p.vertical_rate_ms[0] == pytest.approx(-3.048)
    assert (p.east_ms[0], p.north_ms[0]) == pytest.approx((115.75, 0.0), abs=1e-9)
    assert p.callsign[0] == b"UNO12H"
    assert p.emergency.tolist() == [Emergency.MEDICAL, Emergency.UNLAWFUL]
    assert p.aircraft_class.tolist() == [AircraftClass.HELICOPTER, AircraftClass.VEHICLE]
    assert p.flags.tolist() == [PlotFlag.ON_GROUND | PlotFlag.EMERGENCY, PlotFlag.SPI | PlotFlag.EMERGENCY | PlotFlag.VEHICLE]
    assert p.velocity_std_ms[0] == pytest.approx(3 / 2.4477, rel=1e-4)
    assert np.isnan(p.velocity_std_ms[1])
    assert p.nic.tolist() == [-1, -1]
    assert np.isnan(p.position_std_m).all()


@pytest.mark.parametrize(("category", "edition"), [(c, e) for c in (1, 10, 20, 21, 48) for e in known_editions(c)])
def test_every_edition_gives_plots(category: int, edition: str) -> None:
    layout = table(category, edition)
    columns = {"140": 5.0, "030": 5.0, "071": 5.0, "220": 7, "080": 7, "040/RHO": 10.0, "040/THETA": 5.0}
    if category == 21:
        del columns["140"]  # a height there
    given = {p: v for p, v in columns.items() if p in layout.element and not layout.element[p].repeated}
    out = decoded(category, 1, given, edition)
    assert len(out.plots) == 1
    if category != 1:
        assert out.plots.address[0] == 7
        assert out.plots.time_s[0] == 5.0


@pytest.mark.parametrize(("category", "item"), [(4, "020"), (8, "050")])
def test_categories_for_the_details_only_are_counted_and_give_no_plot(category: int, item: str) -> None:
    out = decoded(category, 2, {"000": 1})
    assert (len(out.plots), len(out.system), len(out.status)) == (0, 0, 0)
    assert out.rejects.total() == 0
    assert item in table(category).slot

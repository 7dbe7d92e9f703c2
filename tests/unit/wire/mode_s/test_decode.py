"""Frames to plots: what each message adds, how long it stays, and what is refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind
from tenere.units import FOOT_M, FPM_MS, KNOT_MS, R95_SIGMA
from tenere.wire.format import SourceHint
from tenere.wire.mode_s import crc, decode, encode
from tenere.wire.mode_s.source import Frames, Source, run

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

ADDRESS = 0x062001
LAT, LON = 13.5, 2.1


def feed(parts: list[tuple[float, Any]], source: Source | None = None) -> Decoded:
    """Decode (time, frame) pairs in order; a frame is an encoder's result of one row."""
    data = np.zeros((len(parts), 14), np.uint8)
    for row, (_, frame) in zip(data, parts, strict=True):
        row[: frame.shape[1]] = frame[0]
    times = np.array([t for t, _ in parts], np.float64)
    sizes = np.array([f.shape[1] for _, f in parts])
    return run(source or Source(), Frames(data, sizes, times, np.arange(len(parts)) * 100), times)


def pair(time_s: float = 0.0, lat: float = LAT, lon: float = LON, **more: Any) -> list[tuple[float, Any]]:
    """Return an even and an odd position half a second apart."""
    return [(time_s + 0.5 * odd, encode.airborne_position(ADDRESS, lat, lon, 33_000, odd, **more)) for odd in (0, 1)]


def rewrite(frame: np.ndarray, format_and_control: int) -> np.ndarray:
    """Give a frame another first byte, and the parity that belongs to it."""
    frame = frame.copy()
    frame[:, 0] = format_and_control
    return crc.seal(frame)


def test_a_pair_makes_a_plot_with_what_was_said_before() -> None:
    got = feed(
        [
            (0.0, encode.identification(ADDRESS, b"UNO12H", 0xA7)),
            (0.1, encode.velocity(ADDRESS, 120, -50, -640, 2)),
            (0.2, encode.operational_status(ADDRESS, 9, 3, 0)),
            (0.3, encode.emergency_status(ADDRESS, Emergency.MEDICAL, 0o7700)),
            *pair(1.0),
        ]
    )
    (plot,) = [got.plots.take(slice(0, 1))]
    assert len(got.plots) == 1
    assert math.degrees(plot.lat_rad[0]) == pytest.approx(LAT, abs=1e-4)
    assert math.degrees(plot.lon_rad[0]) == pytest.approx(LON, abs=1e-4)
    assert plot.time_s[0] == plot.receive_s[0] == 1.5
    assert plot.kind[0] == PlotKind.ADSB
    assert plot.address[0] == ADDRESS
    assert plot.callsign[0] == b"UNO12H"
    assert plot.aircraft_class[0] == AircraftClass.HELICOPTER
    assert plot.east_ms[0] == pytest.approx(120 * KNOT_MS)
    assert plot.north_ms[0] == pytest.approx(-50 * KNOT_MS)
    assert plot.vertical_rate_ms[0] == pytest.approx(-640 * FPM_MS)
    assert plot.velocity_std_ms[0] == pytest.approx(3.0 / R95_SIGMA)
    assert plot.position_std_m[0] == pytest.approx(30.0 / R95_SIGMA)
    assert plot.pressure_altitude_m[0] == pytest.approx(33_000 * FOOT_M)
    assert plot.mode_a[0] == 0o7700
    assert plot.emergency[0] == Emergency.MEDICAL
    assert plot.flags[0] & PlotFlag.EMERGENCY
    assert plot.reference[0] == 500
    assert got.records == {"DF17": 6}
    assert got.addresses == {ADDRESS}


def test_what_is_old_is_left_out() -> None:
    got = feed(
        [
            (0.0, encode.identification(ADDRESS, b"UNO12H", 0xA3)),
            (0.0, encode.velocity(ADDRESS, 120, -50, -640)),
            (0.0, encode.emergency_status(ADDRESS, 1, 0o7700)),
            *pair(20.0),
            *pair(70.0, lon=LON + 0.05),
        ]
    ).plots
    assert np.isnan(got.east_ms).all()
    assert got.callsign.tolist() == [b"UNO12H", b"", b""]
    assert got.mode_a.tolist() == [0o7700, -1, -1]
    assert got.emergency.tolist() == [1, 0, 0]
    assert got.aircraft_class.tolist() == [2, 2, 2]  # what an aircraft is does not change


def test_accuracy_comes_from_the_type_code_until_nacp_is_known() -> None:
    got = feed([*pair(), (1.0, encode.operational_status(ADDRESS, 0, 0, 0)), *pair(2.0)]).plots
    assert got.position_std_m[0] == pytest.approx(93.0 / R95_SIGMA)
    assert got.position_std_m[-1] == pytest.approx(18_520.0 / R95_SIGMA)


def test_a_pair_too_far_apart_in_time_makes_no_plot() -> None:
    even, odd = pair()
    assert len(feed([even, (10.5, odd[1])]).plots) == 0
    assert len(feed([even, (9.5, odd[1])]).plots) == 1


def test_a_single_message_near_a_known_place_makes_a_plot() -> None:
    later = (60.0, encode.airborne_position(ADDRESS, LAT + 0.05, LON, 33_000, 1))
    assert len(feed([*pair(), later]).plots) == 2
    assert len(feed([*pair(), (400.0, later[1])]).plots) == 1  # too long ago


def test_a_jump_needs_a_second_pair_to_agree() -> None:
    away = [(10.0 + k, encode.airborne_position(ADDRESS, 20.0, LON, 33_000, k % 2)) for k in range(4)]
    got = feed([*pair(), *away])
    assert got.rejects.counts["position jump not confirmed"] == 2
    assert np.degrees(got.plots.lat_rad).round(3).tolist() == [13.5, 20.0, 20.0]
    back = feed([*pair(), away[0], (11.0, encode.airborne_position(ADDRESS, LAT, LON, 33_000, 1)), away[2]])
    assert np.degrees(back.plots.lat_rad).round(3).tolist() == [13.5, 13.5]


def test_a_wrong_zone_is_not_followed_for_ever() -> None:
    source = Source()
    feed(pair(), source)
    source.register.rows["lat_deg"][0] += 6.0  # as if the first pair had been of two aircraft: one zone off
    got = feed([part for k in range(8) for part in pair(2.0 + k)], source)
    assert np.degrees(got.plots.lat_rad[-1]).round(3) == 13.5


def test_a_flight_across_a_transition_latitude_is_followed_without_a_gap() -> None:
    """Where the number of zones changes, pairs say nothing for a while, and single messages go on."""
    k = np.arange(60)
    lat = 10.46 + 0.0004 * k  # 59 zones become 58 at 10.4704713
    odd = np.array([0] * 20 + [0, 1] * 10 + [1] * 20)
    odd[1] = 1
    frames = encode.airborne_position(ADDRESS, lat, LON, 33_000, odd)
    got = feed([(0.3 * i, frames[i : i + 1]) for i in k])
    assert got.rejects.counts == {}
    np.testing.assert_allclose(np.degrees(got.plots.lat_rad), lat[1:], atol=3e-5)


def test_two_aircraft_with_one_address_do_not_make_a_third_place() -> None:
    parts = []
    for k in range(40):
        lat = 13.5 if k % 3 else 17.5
        parts.append((0.4 * k, encode.airborne_position(ADDRESS, lat, LON, 33_000, k // 3 % 2)))
    lats = np.degrees(feed(parts).plots.lat_rad)
    assert len(lats) > 10
    assert set(lats.round(2).tolist()) <= {13.5, 17.5}


def test_a_receiver_hears_no_further_than_600_km() -> None:
    hint = SourceHint(receiver_lat_rad=math.radians(-30.0), receiver_lon_rad=0.0)
    got = feed(pair(), Source.of(hint))
    assert len(got.plots) == 0
    assert got.rejects.counts == {"position beyond receiver range": 1}


def surface(lat: float = LAT, lon: float = LON) -> list[tuple[float, Any]]:
    return [(1000.0 + 0.5 * odd, encode.surface_position(ADDRESS + 1, lat, lon, 12.0, 90.0, odd)) for odd in (0, 1)]


@pytest.mark.parametrize(("lat", "lon"), [(LAT, LON), (-33.9, 151.2), (-0.1, -79.9), (60.3, 179.99)])
def test_surface_positions_need_to_know_the_quarter_of_the_globe(lat: float, lon: float) -> None:
    got = feed(surface(lat, lon))
    assert got.rejects.counts == {"surface position without a reference": 1}
    hint = SourceHint(receiver_lat_rad=math.radians(lat + 0.5), receiver_lon_rad=math.radians(lon - 0.5))
    plot = feed(surface(lat, lon), Source.of(hint)).plots
    assert np.degrees(plot.lat_rad) == pytest.approx([lat], abs=1e-4)
    assert np.degrees(plot.lon_rad) == pytest.approx([lon], abs=1e-3)
    assert plot.flags[0] & PlotFlag.ON_GROUND
    assert plot.east_ms[0] == pytest.approx(12 * KNOT_MS)
    assert plot.north_ms[0] == pytest.approx(0, abs=1e-9)
    assert math.isnan(plot.pressure_altitude_m[0])


def test_other_aircraft_tell_where_the_receiver_is_unless_they_are_everywhere() -> None:
    learnt = feed([*pair(), *surface()])
    assert len(learnt.plots) == 2
    elsewhere = [(100.0 + odd, encode.airborne_position(ADDRESS + 2, 60.0, 100.0, 1000, odd)) for odd in (0, 1)]
    assert len(feed([*pair(), *elsewhere, *surface()]).plots) == 2


def test_replies_count_only_for_an_address_that_proved_itself_lately() -> None:
    code = encode.identity_reply(ADDRESS, 0o4231)
    got = feed([(0.0, code), *pair(1.0), (2.0, code), *pair(3.0), (64.0, code)])
    assert got.rejects.counts == {"Mode S reply of an address not verified": 2}
    assert got.records == {"DF5": 3, "DF17": 4}
    assert got.plots.mode_a.tolist() == [-1, 0o4231, 0o4231]
    assert got.addresses == {ADDRESS}


def test_short_frames_filled_up_to_long_ones_are_cut() -> None:
    padded = np.zeros((1, 14), np.uint8)
    padded[:, :7] = encode.identity_reply(ADDRESS, 0o4231)
    got = feed([*pair(), (1.0, padded), *pair(2.0)])
    assert got.rejects.counts == {}
    assert got.plots.mode_a.tolist()[-1] == 0o4231
    assert got.addresses == {ADDRESS}


def test_all_call_replies() -> None:
    assert feed([(0.0, encode.all_call_reply(ADDRESS))]).addresses == {ADDRESS}
    unknown = feed([(0.0, encode.all_call_reply(ADDRESS, 5))])
    assert unknown.addresses == frozenset()
    assert unknown.rejects.counts == {"DF11 address not verified": 1}
    known = feed([(0.0, encode.all_call_reply(ADDRESS)), (1.0, encode.all_call_reply(ADDRESS, 5))])
    assert known.rejects.counts == {}
    damaged = encode.all_call_reply(ADDRESS)
    damaged[0, 2] ^= 1
    assert feed([(0.0, damaged)]).rejects.counts == {"DF11 bad CRC": 1}


def test_damaged_squitters_are_no_records() -> None:
    frame = encode.velocity(ADDRESS, 1, 1, 0)
    frame[0, 7] ^= 4
    got = feed([(0.0, frame)])
    assert (got.records, got.rejects.counts, got.addresses) == ({}, {"DF17 bad CRC": 1}, frozenset())


def test_formats_and_lengths_that_are_not_decoded_are_counted() -> None:
    comm_d = np.full((1, 14), 0xC1, np.uint8)
    short = np.zeros((1, 7), np.uint8)
    short[0, 0] = 17 << 3
    zero = encode.velocity(0, 1, 1, 0)
    reserved = np.full((1, 14), 12 << 3, np.uint8)
    got = feed([(0.0, comm_d), (0.0, short), (0.0, zero), (0.0, reserved)])
    assert got.records == {"DF24": 1, "DF17": 1}
    assert got.rejects.counts == {
        "Mode S reply of an address not verified": 1,
        "Mode S format not decoded": 1,
        "Mode S frame of a length its format does not have": 1,
        "Mode S address zero": 1,
    }


@pytest.mark.parametrize(
    ("control", "kind", "known"),
    [(0, PlotKind.ADSB, True), (1, PlotKind.ADSB, False), (2, PlotKind.TISB, True), (5, PlotKind.TISB, False), (6, PlotKind.ADSR, True)],
)
def test_df18_says_who_speaks(control: int, kind: PlotKind, known: bool) -> None:
    got = feed([(t, rewrite(f, 18 << 3 | control)) for t, f in pair()])
    assert got.plots.kind.tolist() == [kind]
    assert got.plots.address.tolist() == [ADDRESS if known else -1]
    assert got.plots.source_track.tolist() == [-1 if known else ADDRESS]
    assert got.addresses == ({ADDRESS} if known else set())
    assert got.records == {"DF18": 2}


def test_streams_of_one_address_are_not_paired() -> None:
    even, odd = pair()
    assert len(feed([even, (odd[0], rewrite(odd[1], 18 << 3 | 2))]).plots) == 0


def test_coarse_tisb_is_counted() -> None:
    assert feed([(0.0, rewrite(pair()[0][1], 18 << 3 | 3))]).rejects.total() == 1


def message(frame: np.ndarray, value: int) -> np.ndarray:
    """Put 56 bits into a squitter."""
    frame = frame.copy()
    frame[0, 4:11] = np.frombuffer(value.to_bytes(7, "big"), np.uint8)
    return crc.seal(frame)


def test_airspeed_is_not_velocity_over_ground() -> None:
    airspeed = message(pair()[0][1], 19 << 51 | 3 << 48 | 1 << 42 | 1 << 32 | 250 << 21 | 1 << 20 | 11 << 10)
    got = feed([(0.0, airspeed), *pair(1.0)]).plots
    assert math.isnan(got.east_ms[0])
    assert got.vertical_rate_ms[0] == pytest.approx(640 * FPM_MS)


def test_vertical_rate_names_its_source() -> None:
    source = Source()
    feed([(0.0, encode.velocity(ADDRESS, 1, 1, 64, barometric=True))], source)
    assert source.register.rows["vertical_barometric"][0] == 1
    feed([(0.0, encode.velocity(ADDRESS, 1, 1, 64, barometric=False))], source)
    assert source.register.rows["vertical_barometric"][0] == 0


def test_a_real_velocity_message() -> None:
    """8D485020994409940838175B284F: 159.2 kt at 182.88 degrees, 832 ft/min down by GNSS (the bit is 0), 550 ft above."""
    source = Source()
    frame = np.frombuffer(bytes.fromhex("8D485020994409940838175B284F"), np.uint8).reshape(1, 14)
    feed([(0.0, frame)], source)
    row = source.register.rows[0]
    assert math.hypot(row["east_ms"], row["north_ms"]) / KNOT_MS == pytest.approx(159.2, abs=0.01)
    assert math.degrees(math.atan2(row["east_ms"], row["north_ms"])) % 360 == pytest.approx(182.88, abs=0.01)
    assert row["vertical_ms"] == pytest.approx(-832 * FPM_MS)
    assert row["vertical_barometric"] == 0
    assert row["geometric_ft"] == 550


def test_geometric_height() -> None:
    height = feed(pair(nic_type_code=20)).plots
    assert height.height_m[0] == pytest.approx(33_000 * FOOT_M)
    assert math.isnan(height.pressure_altitude_m[0])
    above = message(pair()[0][1], 19 << 51 | 1 << 48 | 1 << 32 | 1 << 21 | 1 << 7 | 5)  # 100 ft below the pressure altitude
    parts = [(0.0, above), *pair(1.0)]
    assert math.isnan(feed(parts).plots.height_m[0])  # the first editions do not say above what
    second = feed([(0.0, encode.operational_status(ADDRESS, 9, 3, 0)), *parts]).plots
    assert second.height_m[0] == pytest.approx(32_900 * FOOT_M)


def test_a_callsign_with_characters_that_do_not_exist_is_refused() -> None:
    frame = message(pair()[0][1], 4 << 51 | 63 << 42)
    got = feed([(0.0, frame), *pair(1.0)])
    assert got.rejects.counts == {"identification with characters that do not exist": 1}
    assert got.plots.callsign.tolist() == [b""]


def test_a_reserved_emergency_state_is_none() -> None:
    got = feed([(0.0, encode.emergency_status(ADDRESS, 7, 0o1200)), *pair(1.0)]).plots
    assert (got.emergency.tolist(), got.flags.tolist()) == ([0], [0])


def test_the_kernel_equals_its_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same frames through the loop as numba compiled it and as Python reads it."""
    rng = np.random.Generator(np.random.PCG64(8))
    k = np.arange(150)
    frames = encode.airborne_position(ADDRESS + k % 4, 13.5 + 0.001 * k, LON, 33_000, k // 4 % 2)
    frames[::7] = encode.velocity(ADDRESS + k[::7] % 4, 120, -50, -640)
    frames[::11] = encode.identification(ADDRESS + k[::11] % 4, b"UNO12H", 0xA3)
    frames[::13] = rng.integers(0, 256, frames[::13].shape)
    frames[5::17, :7] = encode.identity_reply(ADDRESS, 0o1234)
    parts = [(0.3 * i, frames[i : i + 1]) for i in k]
    compiled = feed(parts)
    monkeypatch.setattr(decode, "run", decode.run.py_func)
    plain = feed(parts)
    assert len(plain.plots) > 80
    assert (plain.records, plain.rejects) == (compiled.records, compiled.rejects)
    for name, *_ in plain.plots.columns():
        np.testing.assert_array_equal(getattr(plain.plots, name), getattr(compiled.plots, name), err_msg=name)


def test_vehicles_and_spi_are_flagged() -> None:
    spi = encode.altitude_reply(ADDRESS, 10_000)
    spi[0, 0] |= 4
    spi = crc.seal(spi, ADDRESS)
    got = feed([(0.0, encode.identification(ADDRESS, b"FIRE1", 0xC1)), (0.1, spi), *pair(1.0), *pair(30.0)]).plots
    assert got.flags[0] == PlotFlag.VEHICLE | PlotFlag.SPI
    assert got.flags[-1] == PlotFlag.VEHICLE


def advice(**more: Any) -> np.int64:
    from tenere.wire.mode_s import encode_registers

    return encode_registers.advisory(0x2000, 8, **more)


@pytest.mark.parametrize("how", ["DF16", "DF20", "DF21", "TC28"])
def test_an_advisory_is_flagged_while_it_lasts(how: str) -> None:
    def said(body: np.int64) -> np.ndarray:
        if how == "DF16":
            return encode.coordination_reply(ADDRESS, 33_000, body)
        if how == "DF20":
            return encode.comm_b_altitude(ADDRESS, 33_000, body)
        return encode.comm_b_identity(ADDRESS, 0o1234, body) if how == "DF21" else encode.resolution_advisory(ADDRESS, body)

    def flags(*parts: tuple[float, np.ndarray]) -> list[bool]:
        return (feed([*pair(), *parts, *pair(8.0)]).plots.flags[1:] & PlotFlag.RESOLUTION_ADVISORY != 0).tolist()

    assert flags() == [False, False]
    assert flags((2.0, said(advice()))) == [True, True]
    assert flags((2.0, said(advice())), (3.0, said(advice(ended=True)))) == [False, False]
    from tenere.wire.mode_s import encode_registers

    assert flags((2.0, said(encode_registers.advisory(0x1C00)))) == [False, False]  # no first bit, and not several threats
    assert flags((2.0, said(encode_registers.advisory(0x1C00, threats=True)))) == [True, True]
    late = feed([*pair(), (1.0, said(advice())), *pair(18.0), *pair(20.0)]).plots.flags & PlotFlag.RESOLUTION_ADVISORY != 0
    assert late.tolist() == [False, True, True, False, False]


def test_an_advisory_of_an_address_not_verified_flags_nobody() -> None:
    got = feed([(0.0, encode.comm_b_altitude(ADDRESS, 33_000, advice())), *pair(1.0)])
    assert not (got.plots.flags & PlotFlag.RESOLUTION_ADVISORY).any()


def test_an_operational_status_may_say_that_an_advisory_lasts() -> None:
    active = encode.operational_status(ADDRESS, 9, 3, 0, operational_mode=0x2000)
    assert (feed([(0.0, active), *pair()]).plots.flags & PlotFlag.RESOLUTION_ADVISORY).all()


def test_integrity_reaches_the_plots_as_broadcast() -> None:
    before = feed(pair()).plots
    assert (before.nic.tolist(), before.nac_p.tolist(), before.sil.tolist()) == ([8], [-1], [-1])
    got = feed([(0.0, encode.operational_status(ADDRESS, 9, 3, 1)), *pair(1.0, nic_type_code=16)]).plots
    assert (got.nic.tolist(), got.nac_p.tolist(), got.sil.tolist()) == ([2], [9], [3])  # supplement B of the position is 0
    first = feed([(0.0, encode.operational_status(ADDRESS, 7, 2, 1, version=1)), *pair(1.0, nic_type_code=16)]).plots
    assert (first.nic.tolist(), first.nac_p.tolist(), first.sil.tolist()) == ([3], [7], [2])
    stale = feed([(0.0, encode.operational_status(ADDRESS, 9, 3, 1, version=1)), *pair(61.0, nic_type_code=16)]).plots
    assert (stale.nic.tolist(), stale.nac_p.tolist(), stale.sil.tolist()) == ([2], [-1], [-1])
    with_b = [(t, message(f, int.from_bytes(f[0, 4:11].tobytes(), "big") | 1 << 48)) for t, f in pair(1.0, nic_type_code=16)]
    status = encode.operational_status(ADDRESS, 9, 3, 1)
    assert feed([(0.0, status), *with_b]).plots.nic.tolist() == [3]
    foreign = message(status, int.from_bytes(status[0, 4:11].tobytes(), "big") | 1)
    relayed = [(t, encode.from_ground(f, 6)) for t, f in [(0.0, foreign), *with_b]]  # there bit 8 says that the address is no ICAO one
    assert feed(relayed).plots.nic.tolist() == [2]
    target = feed([(0.0, encode.target_state(ADDRESS, 32_000, 1013.2, 90.0, 10, 2)), *pair(1.0)]).plots
    assert (target.nac_p.tolist(), target.sil.tolist()) == ([10], [2])

"""GDL 90: frames, every message against values by hand, the clock of the heartbeat, damage."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind
from tenere.errors import UsageError
from tenere.tick import Chunk
from tenere.units import FOOT_M, FPM_MS, KNOT_MS
from tenere.wire import gdl90
from tenere.wire.format import SourceHint, load
from tenere.wire.gdl90 import decode as gdl90_decode
from tenere.wire.gdl90 import encode, framing, reports
from tenere.wire.gdl90.framing import frame
from tenere.wire.mode_s.codes import NACP_STD_M
from tenere.wire.uat import encode as uat_encode

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded
    from tenere.wire.detail import Detail

FORMAT = gdl90.FORMAT
MIDNIGHT = 1_795_305_600.0  # 2026-11-22
NOW = MIDNIGHT + 64_800.25


def decode(data: bytes, receive_s: float = NOW) -> Decoded:
    return FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("g", [data], receive_s), NOW)[1]


def details(data: bytes, receive_s: float = NOW) -> dict[str, Detail]:
    return FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("g", [data], receive_s), NOW)[1]


def row(detail: Detail, i: int = 0) -> dict[str, object]:
    return {c.name: c.values[i].item() for c in detail.columns if c.offsets is None and (c.present is None or c.present[i])}


def crc_by_shifting(message: bytes) -> int:
    """Return the CRC bit by bit, as section 2.2.3 builds its table."""
    crc = 0
    for byte in message:
        high = crc >> 8
        value = high << 8
        for _ in range(8):
            value = (value << 1 ^ (0x1021 if value & 0x8000 else 0)) & 0xFFFF
        crc = value ^ (crc << 8 & 0xFFFF) ^ byte
    return crc


def traffic(**more: object) -> bytes:
    given: dict[str, object] = {
        "address": 0x062001,
        "lat_deg": 13.5,
        "lon_deg": 2.25,
        "altitude_ft": 4500.0,
        "speed_kt": 120.0,
        "track_deg": 90.0,
        "vertical_fpm": 640.0,
        "category": 7,
        "callsign": "5UABC",
    }
    return encode.report(**{**given, **more})  # type: ignore[arg-type]


def test_the_frame_of_the_standard() -> None:
    # 560-1058-00, 2.2.4: 0xD0DB is 53,467 s, 14:51:07 UTC
    whole = bytes.fromhex("7e008141dbd00802b38b7e")
    assert framing.crc(whole[1:8]) == 0x8BB3
    assert frame(whole[1:8]) == whole
    got = decode(whole, MIDNIGHT + 53_467.3)
    assert got.records == {"GDL90 heartbeat": 1}
    said = row(details(whole)["GDL90 heartbeat"])
    assert (said["seconds_of_day"], said["uplinks"], said["reports"]) == (53_467, 1, 2)
    flags = [name for name, value in said.items() if value == 1 and name not in {"uplinks", "offset"}]
    assert flags == ["gps_valid", "initialized", "csa_requested", "utc_valid"]


def test_the_crc_is_that_of_the_slow_reading() -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    for size in (2, 3, 28, 436):
        message = rng.bytes(size)
        assert framing.crc(message) == crc_by_shifting(message)


def test_flags_and_escapes_inside_a_message() -> None:
    message = traffic(address=0x7E7D7E, callsign="}~")
    framed = frame(message)
    assert framed.count(b"\x7e") == 2
    assert framing.message_of(framed[1:-1]) == (message, "")
    assert decode(framed).plots.address.tolist() == [0x7E7D7E]


def test_a_report_by_hand() -> None:
    # table 9 of the standard has such an example; here 44.90708 N, -122.99488 E, 5,000 ft, 123 kt, 45 deg, +64 ft/min, N825V
    fields = "14 00 ab4549 1fef15 a889 78 0f0 9 a 9 07b 001 20 01".replace(" ", "")
    message = bytes.fromhex(fields[2:]) + b"N825V   " + b"\x00"
    message = bytes((20,)) + message
    assert len(message) == 28
    got = row(details(frame(message))["GDL90 report"])
    assert (got["number"], got["alert"], got["address_type"], got["address"]) == (20, 0, 0, 0xAB4549)
    assert got["lat_deg"] == pytest.approx(44.90708, abs=2e-5)
    assert got["lon_deg"] == pytest.approx(-122.99488, abs=2e-5)
    assert (got["altitude_ft"], got["airborne"], got["angle_type"], got["nic"], got["nac_p"]) == (5000.0, 1, 1, 10, 9)
    assert (got["speed_kt"], got["vertical_fpm"], got["angle_deg"], got["category"]) == (123.0, 64.0, 45.0, 1)
    assert (got["callsign"], got["emergency"]) == (b"N825V", 0)


def test_a_traffic_report_becomes_a_plot() -> None:
    got = decode(frame(encode.heartbeat(64_800)) + frame(traffic(emergency=5, extrapolated=True)))
    assert got.records == {"GDL90 heartbeat": 1, "GDL90 traffic": 1}
    assert got.addresses == {0x062001}
    p = got.plots
    assert p.time_s.tolist() == [MIDNIGHT + 64_800]
    assert p.receive_s.tolist() == [NOW]
    assert p.kind.tolist() == [PlotKind.ADSB]
    assert p.flags.tolist() == [PlotFlag.EMERGENCY | PlotFlag.COASTED]
    assert np.degrees([p.lat_rad[0], p.lon_rad[0]]) == pytest.approx([13.5, 2.25], abs=2e-5)
    assert p.pressure_altitude_m[0] == pytest.approx(4500 * FOOT_M)
    assert (p.east_ms[0], p.north_ms[0]) == (pytest.approx(120 * KNOT_MS), pytest.approx(0, abs=1e-9))
    assert p.vertical_rate_ms[0] == pytest.approx(640 * FPM_MS)
    assert (p.nic[0], p.nac_p[0], p.sil[0], p.position_std_m[0]) == (8, 9, -1, NACP_STD_M[9])
    assert (p.callsign[0], p.emergency[0], p.aircraft_class[0]) == (b"5UABC", Emergency.UNLAWFUL, AircraftClass.HELICOPTER)
    assert (p.address[0], p.source_track[0]) == (0x062001, -1)


@pytest.mark.parametrize(
    ("kind", "seen", "icao"),
    [
        (0, PlotKind.ADSB, True),
        (1, PlotKind.ADSB, False),
        (2, PlotKind.TISB, True),
        (3, PlotKind.TISB, False),
        (4, PlotKind.ADSB, False),
        (5, PlotKind.ADSB, False),
    ],
)
def test_address_types(kind: int, seen: PlotKind, icao: bool) -> None:
    p = decode(frame(traffic(address_type=kind))).plots
    assert p.kind.tolist() == [seen]
    assert (p.address[0], p.source_track[0]) == ((0x062001, -1) if icao else (-1, kind << 24 | 0x062001))
    assert bool(p.flags[0] & PlotFlag.VEHICLE) == (kind == 4)


def test_what_a_report_does_not_know_stays_unknown() -> None:
    unknown = {"altitude_ft": math.nan, "speed_kt": math.nan, "track_deg": math.nan, "vertical_fpm": math.nan, "callsign": ""}
    p = decode(frame(traffic(**unknown, airborne=False))).plots
    assert np.isnan([p.pressure_altitude_m[0], p.east_ms[0], p.north_ms[0], p.vertical_rate_ms[0], p.height_m[0]]).all()
    assert p.callsign.tolist() == [b""]
    assert p.flags.tolist() == [PlotFlag.ON_GROUND]
    assert len(decode(frame(traffic(lat_deg=math.nan))).plots) == 0
    standing = decode(frame(traffic(speed_kt=0.0, track_deg=math.nan))).plots
    assert (standing.east_ms[0], standing.north_ms[0]) == (0.0, 0.0)


def test_the_height_of_its_own_goes_to_its_next_ownship_report() -> None:
    own = traffic(number=framing.OWNSHIP)
    height = encode.altitude(1250.0)
    got = decode(frame(height) + frame(traffic()) + frame(own) + frame(own)).plots
    assert got.height_m.tolist() == pytest.approx([math.nan, 1250 * FOOT_M, math.nan], nan_ok=True)
    above_sea = frame(encode.device(7, "Box", "A box", above_sea=True))
    assert np.isnan(decode(above_sea + frame(height) + frame(own)).plots.height_m).all()
    assert np.isnan(decode(frame(b"\x0b\x80\x00\x7f\xff") + frame(own)).plots.height_m).all()


def test_the_clock_of_the_heartbeat() -> None:
    report = frame(traffic())
    # near midnight, the day is that of the arrival
    late = decode(frame(encode.heartbeat(86_399)) + report, MIDNIGHT + 0.6)
    assert late.plots.time_s.tolist() == [MIDNIGHT - 1]
    # without UTC, or off by over a minute, the arrival serves
    assert decode(frame(encode.heartbeat(64_800, valid=False)) + report).plots.time_s.tolist() == [NOW]
    off = decode(frame(encode.heartbeat(60_000)) + report)
    assert off.plots.time_s.tolist() == [NOW]
    assert off.rejects.counts == {gdl90_decode.CLOCK_OFF: 1}
    assert decode(report).plots.time_s.tolist() == [NOW]
    # a heartbeat that did not come does not hold the clock
    state = FORMAT.init(SourceHint())
    chunk = Chunk.of("g", [frame(encode.heartbeat(64_800)), report, report, report], [NOW, NOW + 0.9, NOW + 1.1, NOW + 5.5])
    got = FORMAT.step(state, chunk, NOW)[1]
    assert (got.plots.time_s - MIDNIGHT - 64_800).tolist() == [0.0, 1.0, 5.0]
    # in a file without receive times the tick tells the day
    no_times = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("g", [frame(encode.heartbeat(100)) + report]), 100.5)[1]
    assert no_times.plots.time_s.tolist() == [100.0]


def test_seconds_of_the_day_have_17_bits() -> None:
    beat = encode.heartbeat(86_000)
    assert beat[2] & 0x80
    assert gdl90_decode.seconds_of_day(beat) == 86_000.0
    assert math.isnan(gdl90_decode.seconds_of_day(encode.heartbeat(100_000)))


def test_uat_messages_are_passed_on() -> None:
    basic = uat_encode.adsb(0, address=0x0A0001, lat_deg=14.0, lon_deg=3.0).bytes()
    long = uat_encode.mode_status(uat_encode.adsb(1, address=0x0A0002, qualifier=2, lat_deg=14.1, lon_deg=3.0), callsign="TISB1").bytes()
    uplink = uat_encode.uplink(13.5, 2.0, [(0, uat_encode.fis_b(413, uat_encode.dlac("METAR")))])
    half = 12_500_000 // 2
    data = frame(encode.heartbeat(64_800)) + frame(encode.pass_through(basic, half)) + frame(traffic())
    data += frame(encode.pass_through(long)) + frame(encode.pass_through(uplink))
    got = decode(data)
    assert got.records["GDL90 basic report"] == got.records["GDL90 long report"] == got.records["GDL90 uplink"] == 1
    assert got.records["UAT type 0"] == got.records["UAT type 1"] == got.records["UAT uplink"] == got.records["FIS-B product 413"] == 1
    assert got.plots.address.tolist() == [0x0A0001, 0x062001, 0x0A0002]  # as they came
    assert got.plots.kind.tolist() == [PlotKind.ADSB, PlotKind.ADSB, PlotKind.TISB]
    assert (got.plots.time_s - MIDNIGHT - 64_800).tolist() == [0.5, 0.0, 0.0]
    tables = details(data)
    assert [len(tables[n]) for n in ("UAT ADS-B", "UAT uplink", "UAT FIS-B")] == [2, 1, 1]
    wrong = encode.pass_through(bytes((8, *bytes(17))))  # a short message of a long type
    assert decode(frame(wrong)).rejects.total() == 1


def test_other_messages() -> None:
    serial, attitude = encode.device(12, "Name", "A long name"), encode.attitude(-12.5, 3.0, 271.5, 95, 110)
    data = b"".join(
        frame(m) for m in (serial, attitude, encode.altitude(1250, 8), encode.terrain(-20), b"\x02\x41\x01", b"\xcc\x01", b"\x65\x05")
    )
    got = decode(data)
    assert got.rejects.counts == {}
    assert got.records == {
        "GDL90 device": 1, "GDL90 attitude": 1, "GDL90 ownship altitude": 1, "GDL90 height above terrain": 1, "GDL90 initialization": 1,
        "GDL90 message 204": 1, "GDL90 other ForeFlight message": 1,
    }  # fmt: skip
    tables = details(data)
    assert {k: v for k, v in row(tables["GDL90 device"]).items() if k not in {"offset", "receive_s", "time_s"}} == {
        "version": 1, "serial": 12, "name": b"Name", "long_name": b"A long name", "capabilities": 0,
    }  # fmt: skip
    angles = row(tables["GDL90 attitude"])
    assert (angles["roll_deg"], angles["pitch_deg"], angles["heading_deg"]) == pytest.approx((-12.5, 3.0, 271.5))
    assert (angles["indicated_kt"], angles["true_kt"], angles["magnetic"]) == (95, 110, 0)
    assert row(tables["GDL90 ownship altitude"])["altitude_ft"] == 1250
    assert row(tables["GDL90 ownship altitude"])["vertical_merit_m"] == 8
    assert row(tables["GDL90 height above terrain"])["height_ft"] == -20
    assert [c.values.tolist() for c in tables["GDL90 other"].columns if c.name in {"number", "data"}] == [[204, 101], [1, 5]]
    empty = details(b"")
    assert {k: [c.name for c in d.columns] for k, d in empty.items()} == {k: [c.name for c in d.columns] for k, d in tables.items()}


def test_damage_costs_the_frames_it_touches() -> None:
    good = frame(traffic())
    bad = bytearray(good)
    bad[9] ^= 1
    got = decode(good + bytes(bad) + good)
    assert len(got.plots) == 2
    assert got.rejects.counts == {framing.BAD_CRC: 1}
    assert got.rejects.first_offset == {framing.BAD_CRC: len(good) + 1}
    assert decode(frame(b"\x00\x81")).rejects.counts == {framing.BAD_SIZE: 1}
    assert decode(frame(traffic(address_type=9))).rejects.counts == {reports.BAD_TYPE: 1}
    polar = bytearray(traffic())
    polar[5:8] = (0x5FFFFF).to_bytes(3, "big")  # 135 degrees north
    assert decode(frame(bytes(polar))).rejects.counts == {reports.BAD_LATITUDE: 1}
    one_flag = good[:-1] + good  # frames may share their flag
    assert len(decode(one_flag).plots) == 2


def test_a_stream_fed_byte_by_byte() -> None:
    stream = frame(encode.heartbeat(64_800)) + frame(traffic()) * 3
    state, plots = FORMAT.init(SourceHint()), 0
    for k in range(len(stream)):
        state, got = FORMAT.step(state, Chunk.of("g", [stream[k : k + 1]], NOW, offset=k), NOW)
        plots += len(got.plots)
        assert got.rejects.total() == 0
    assert plots == 3


def test_endless_bytes_without_a_flag() -> None:
    state = FORMAT.init(SourceHint())
    total = 0
    for k in range(50):
        state, got = FORMAT.step(state, Chunk.of("g", [b"x" * 500], NOW, offset=500 * k), NOW)
        total += got.rejects.total()
        assert len(state.tail.rest) <= framing.LONGEST
    assert total == 1
    assert len(FORMAT.step(state, Chunk.of("g", [frame(traffic())], NOW), NOW)[1].plots) == 1


def test_it_has_no_options() -> None:
    with pytest.raises(UsageError, match="baud"):
        FORMAT.init(SourceHint(options={"baud": 9600}))


def test_split() -> None:
    frames = [frame(traffic()), frame(encode.heartbeat(86_399)), frame(traffic()), frame(encode.heartbeat(0)), frame(traffic())]
    data = b"".join(frames) + b"\x7e\x00"
    ends, times_s, _ = FORMAT.split(data)
    assert ends.tolist() == [*np.cumsum([len(f) for f in frames]).tolist(), len(data)]
    assert times_s[1:].tolist() == [86_399.0, 86_399.0, 86_400.0, 86_400.0, 86_400.0]
    assert math.isnan(times_s[0])
    assert FORMAT.split(b"")[0].tolist() == [0]


def test_likeness() -> None:
    data = (frame(encode.heartbeat(64_800)) + frame(traffic())) * 20
    assert FORMAT.likeness(data) == 1.0
    assert FORMAT.likeness(data[17:-17]) == 1.0
    assert FORMAT.likeness(b"") == 0.0
    assert FORMAT.likeness(b"\x7e" * 1000) == 0.0
    assert FORMAT.likeness(b"*8D062001233874B1C318209F5860;\n" * 100) == 0.0
    assert FORMAT.likeness(np.random.Generator(np.random.PCG64(1)).bytes(65_536)) < 0.01
    assert load("gdl90").name == "gdl90"

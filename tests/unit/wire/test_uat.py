"""UAT: lines, every part of a message against values by hand, senders, uplinks, a real log."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind
from tenere.errors import UsageError
from tenere.tick import Chunk
from tenere.units import FOOT_M, FPM_MS, KNOT_MS
from tenere.wire import uat
from tenere.wire.format import SourceHint, load
from tenere.wire.mode_s.codes import NACP_STD_M
from tenere.wire.uat import downlink, encode, plots, text, uplink

if TYPE_CHECKING:
    from pathlib import Path

    from tenere.wire.decoded import Decoded
    from tenere.wire.detail import Detail

FORMAT = uat.FORMAT
NOW = 1_795_370_400.0


def decode(data: bytes, receive_s: float = NOW) -> Decoded:
    return FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("u", [data], receive_s), NOW)[1]


def read(payload: bytes) -> dict[str, object]:
    """Return every field of one payload."""
    fields = downlink.read(downlink.stack([payload]))
    return {name: values[0].item() for name, values in zip(fields._fields, fields, strict=True)}


def column(detail: Detail, name: str) -> list[object]:
    found = next(c for c in detail.columns if c.name == name)
    return found.values.tolist()


def full(address: int = 0x062001, qualifier: int = 0, **more: object) -> bytes:
    """Return a message of type 1 of an aircraft over Agadez."""
    out = encode.adsb(
        1,
        address=address,
        qualifier=qualifier,
        lat_deg=16.966,
        lon_deg=7.991,
        altitude_ft=12_500,
        north_kt=-120,
        east_kt=35,
        vertical_fpm=-640,
    )
    given = {"callsign": "5UABC", "category": 1, **more}
    return encode.auxiliary(encode.mode_status(out, **given), 12_800).bytes()  # type: ignore[arg-type]


def test_a_state_vector_by_hand() -> None:
    # type 0, self-assigned 0xABCDEF; latitude 45 deg is 45 / 360 * 2^24 = 0x200000 in 23 bits, longitude -90 deg 0xC00000 in 24
    position = (0x200000 << 25 | 0xC00000 << 1 | 1).to_bytes(6, "big")  # the last bit: a geometric altitude
    altitude = ((5000 // 25 + 41) << 4 | 9).to_bytes(2, "big")  # 5,000 ft, NIC 9
    velocity = (0b00 << 30 | 0 << 29 | 1 << 28 | 101 << 18 | 0 << 17 | 51 << 7).to_bytes(4, "big")  # 100 kt south, 50 kt east
    velocity = bytes((*velocity[:3], velocity[3] | 0b1000000 | 0b0100000, 0b0011_1000))  # barometric, down, 3 + 64 * 0 - 1 steps
    got = read(b"\x01\xab\xcd\xef" + position + altitude + velocity + b"\0")
    assert (got["payload_type"], got["address_qualifier"], got["address"]) == (0, 1, 0xABCDEF)
    assert (got["lat_deg"], got["lon_deg"]) == (45.0, -90.0)
    assert (got["altitude_type"], got["altitude_ft"], got["nic"], got["air_ground"]) == (1, 5000.0, 9, 0)
    assert (got["north_kt"], got["east_kt"]) == (-100.0, 50.0)
    assert (got["vertical_source"], got["vertical_fpm"]) == (1, -128.0)
    assert got["utc_coupled"] == 1
    assert (got["nac_p"], got["callsign"]) == (-1, b"")


def test_a_mode_status_by_hand() -> None:
    payload = bytearray(34)
    payload[0] = 1 << 3
    # category 14 (UAV), D O | R N E | 1 space space: base 40 of digits, letters from 10, 36 a space
    for at, (a, b, c) in ((17, (14, 13, 24)), (19, (27, 23, 14)), (21, (1, 36, 36))):
        payload[at : at + 2] = (a * 1600 + b * 40 + c).to_bytes(2, "big")
    payload[23] = 5 << 5 | 2 << 2 | 3  # unlawful interference, version 2, SIL 3
    payload[24] = 0b101010 << 2 | 2
    payload[25] = 10 << 4 | 3 << 1 | 1
    payload[26] = 0b1101_1010  # UAT in, ES in, -, RA, ident, -, callsign, -
    payload[27] = 0b1011_0000
    got = read(bytes(payload))
    assert (got["category"], got["callsign"], got["flight_plan_id"]) == (14, b"DORNE1", b"")
    assert (got["emergency"], got["version"], got["sil"], got["transmit_mso"], got["sda"]) == (5, 2, 3, 0b101010, 2)
    assert (got["nac_p"], got["nac_v"], got["nic_baro"]) == (10, 3, 1)
    assert [got[n] for n in ("uat_in", "es_in", "tcas_operational", "tcas_ra", "ident", "atc_services", "sil_supplement")] == [
        1,
        1,
        0,
        1,
        1,
        0,
        0,
    ]
    assert (got["gva"], got["single_antenna"], got["nic_supplement"]) == (2, 1, 1)
    assert math.isnan(got["lat_deg"])  # type: ignore[arg-type] - NIC and position all zero: there is none


def test_a_plot_carries_what_the_message_says() -> None:
    got = decode(encode.line(full(emergency=2, ident=True, resolution_advisory=True), NOW - 1.5, errors=2))
    assert got.records == {"UAT type 1": 1}
    assert got.addresses == {0x062001}
    p = got.plots
    assert p.time_s.tolist() == [NOW - 1.5]
    assert p.receive_s.tolist() == [NOW]
    assert p.kind.tolist() == [PlotKind.ADSB]
    assert p.flags.tolist() == [PlotFlag.EMERGENCY | PlotFlag.SPI | PlotFlag.RESOLUTION_ADVISORY]
    assert np.degrees([p.lat_rad[0], p.lon_rad[0]]) == pytest.approx([16.966, 7.991], abs=2e-5)
    assert p.pressure_altitude_m[0] == pytest.approx(12_500 * FOOT_M)
    assert p.height_m[0] == pytest.approx(12_800 * FOOT_M)
    assert p.north_ms[0] == pytest.approx(-120 * KNOT_MS)
    assert p.east_ms[0] == pytest.approx(35 * KNOT_MS)
    assert p.vertical_rate_ms[0] == pytest.approx(-640 * FPM_MS)
    assert (p.nic[0], p.nac_p[0], p.sil[0]) == (8, 9, 3)
    assert p.position_std_m[0] == NACP_STD_M[9]
    assert p.callsign.tolist() == [b"5UABC"]
    assert p.aircraft_class.tolist() == [AircraftClass.LIGHT]
    assert p.emergency.tolist() == [Emergency.MEDICAL]
    assert (p.address[0], p.source_track[0]) == (0x062001, -1)


def test_a_sender_is_remembered_for_a_minute_and_its_code_beside_its_callsign() -> None:
    short = encode.adsb(0, address=0x062001, lat_deg=17.0, lon_deg=8.0).bytes()
    code = full(callsign="7700", is_callsign=False, nac_p=7)
    state = FORMAT.init(SourceHint())
    data = encode.line(full()) + encode.line(code) + encode.line(short)
    state, got = FORMAT.step(state, Chunk.of("u", [data], NOW), NOW)
    assert got.plots.callsign.tolist() == [b"5UABC"] * 3
    assert got.plots.mode_a.tolist() == [-1, 0o7700, 0o7700]
    assert got.plots.nac_p.tolist() == [9, 7, 7]
    state, got = FORMAT.step(state, Chunk.of("u", [encode.line(short)], NOW + 59), NOW)
    assert got.plots.callsign.tolist() == [b"5UABC"]
    state, got = FORMAT.step(state, Chunk.of("u", [encode.line(short)], NOW + 61), NOW)
    assert got.plots.callsign.tolist() == [b""]
    assert got.plots.nac_p.tolist() == [-1]
    other = encode.adsb(0, address=0x062001, qualifier=1, lat_deg=17.0, lon_deg=8.0).bytes()
    got = decode(encode.line(full()) + encode.line(other))
    assert got.plots.callsign.tolist() == [b"5UABC", b""]  # the same number, not the same sender


def test_senders_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "MOST_SENDERS", 10)
    state = FORMAT.init(SourceHint())
    data = b"".join(encode.line(full(address=a)) for a in range(1, 50))
    state, _ = FORMAT.step(state, Chunk.of("u", [data], NOW), NOW)
    assert list(state.senders.said) == list(range(40, 50))


@pytest.mark.parametrize(
    ("qualifier", "kind", "icao"),
    [
        (0, PlotKind.ADSB, True),
        (1, PlotKind.ADSB, False),
        (2, PlotKind.TISB, True),
        (3, PlotKind.TISB, False),
        (4, PlotKind.ADSB, False),
        (5, PlotKind.ADSB, False),
        (6, PlotKind.ADSR, False),
    ],
)
def test_who_speaks_is_told_apart(qualifier: int, kind: PlotKind, icao: bool) -> None:
    p = decode(encode.line(full(qualifier=qualifier))).plots
    assert p.kind.tolist() == [kind]
    assert (p.address[0], p.source_track[0]) == ((0x062001, -1) if icao else (-1, qualifier << 24 | 0x062001))
    assert bool(p.flags[0] & PlotFlag.VEHICLE) == (qualifier == 4)


def test_on_the_ground() -> None:
    out = encode.adsb(0, address=1, lat_deg=13.48, lon_deg=2.18, ground_kt=20, track_deg=90).bytes()
    p = decode(encode.line(out)).plots
    assert p.flags[0] & PlotFlag.ON_GROUND
    assert (p.east_ms[0], p.north_ms[0]) == (pytest.approx(20 * KNOT_MS), pytest.approx(0.0, abs=1e-9))
    sized = bytearray(out)
    sized[15] |= 5 << 3
    got = read(bytes(sized))
    assert (got["length_m"], got["width_m"], got["angle_type"], got["angle_deg"]) == (35.0, 38.0, 1, 90.0)


def test_supersonic_speeds_are_in_steps_of_four_knots() -> None:
    got = read(encode.adsb(0, lat_deg=0.0, lon_deg=0.0, north_kt=1200, east_kt=-800, supersonic=True).bytes())
    assert (got["north_kt"], got["east_kt"], got["air_ground"]) == (1200.0, -800.0, 1)
    assert (got["lat_deg"], got["lon_deg"]) == (0.0, 0.0)  # NIC says that this is a position


@pytest.mark.parametrize(("kind", "byte"), [(3, 30), (4, 30), (6, 25)])
def test_target_state(kind: int, byte: int) -> None:
    out = encode.target_state(encode.adsb(kind, lat_deg=1.0, lon_deg=1.0), byte, 35_008, 1013.6, 270.0, 0b10101)
    got = read(out.bytes())
    assert (got["selected_altitude_ft"], got["selected_altitude_type"]) == (35_008.0, 0)
    assert got["pressure_setting_hpa"] == pytest.approx(1013.6)
    assert (got["selected_heading_deg"], got["modes"]) == (270.0, 0b10101)


def test_a_message_without_a_position_makes_no_plot() -> None:
    got = decode(encode.line(encode.adsb(0, address=1, altitude_ft=3000).bytes()))
    assert (len(got.plots), got.records, got.rejects.counts) == (0, {"UAT type 0": 1}, {})


def test_what_is_reserved_is_counted() -> None:
    future = bytearray(full())
    future[0] = 12 << 3
    good = encode.line(full())
    got = decode(good + encode.line(bytes(future)) + encode.line(full(qualifier=7)) + good)
    assert len(got.plots) == 2
    assert got.rejects.counts == {plots.BAD_TYPE: 1, plots.BAD_QUALIFIER: 1}
    assert got.rejects.first_offset[plots.BAD_TYPE] == len(good)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"-00ff;\n", text.BAD_DOWNLINK),
        (b"+00ff;\n", text.BAD_UPLINK),
        (b"-" + b"08" * 18 + b";\n", text.BAD_TYPE),
        (b"-" + b"00" * 34 + b";\n", text.BAD_TYPE),
        (b"-" + b"0g" * 18 + b";\n", text.NOT_A_LINE),
        (b"-" + b"00" * 18 + b"\n", text.NOT_A_LINE),
        (b"hello\n", text.NOT_A_LINE),
    ],
)
def test_a_bad_line_is_counted_and_its_neighbours_survive(line: bytes, reason: str) -> None:
    good = encode.line(full())
    got = decode(good + line + b"!fecfix=1;program=dump978-fa;\n\n" + good)
    assert len(got.plots) == 2
    assert got.rejects.counts == {reason: 1}
    assert got.rejects.first_offset == {reason: len(good)}


def test_a_clock_that_is_off_is_not_believed() -> None:
    got = decode(encode.line(full(), NOW - 3600.0))
    assert got.plots.time_s.tolist() == [NOW]
    assert got.rejects.counts == {text.CLOCK_OFF: 1}


def test_notes_of_a_line() -> None:
    got, payload = text.read_line(b"-" + full().hex().encode() + b";rs=3;rssi=-12.3;t=1548120031.532;rt=11;x=;y")
    assert got is not None
    assert text.said(got, math.nan) == (1548120031.532, 3, -12.3)
    assert payload == full()


def test_a_log_with_its_start() -> None:
    start = b"START,Mon Sep 7 14:17:41 +0000 UTC 2015\n"
    data = start + b"1500000000," + encode.line(full()) + b"2500000000," + encode.line(full())
    ends, times_s, _ = FORMAT.split(data)
    assert times_s.tolist() == [1441635461.0, 1441635462.5, 1441635463.5]
    got = FORMAT.step(FORMAT.init(SourceHint()), Chunk("u", data, ends, times_s), 0.0)[1]
    assert got.plots.time_s.tolist() == [1441635462.5, 1441635463.5]
    assert FORMAT.split(data[len(start) :])[1].tolist() == [1.5, 2.5]
    assert text.start_s(b"START,Mon Sep 7 15:17:41 +0100 CET 2015") == 1441635461.0
    assert math.isnan(text.start_s(b"START,Mon Foo 7 15:17:41 +0100 CET 2015"))
    assert math.isnan(text.start_s(b"START,Mon Sep 47 15:17:41 +0100 CET 2015"))


def test_bare_payloads() -> None:
    state = FORMAT.init(SourceHint(options={"framing": "raw"}))
    station = encode.uplink(13.5, 2.1, [])
    got = FORMAT.step(state, Chunk.of("u", [full(), station, b"xx", full()[:18]], NOW, offset=100), NOW)[1]
    assert got.records == {"UAT type 1": 1, "UAT uplink": 1}
    assert got.rejects.counts == {text.BAD_RAW: 1, text.BAD_TYPE: 1}
    assert got.rejects.first_offset[text.BAD_RAW] == 100 + 34 + 432
    with pytest.raises(UsageError, match="framing"):
        FORMAT.init(SourceHint(options={"framing": "cooked"}))
    with pytest.raises(UsageError, match="frames"):
        FORMAT.init(SourceHint(options={"frames": "raw"}))


def test_an_uplink() -> None:
    metar = "METAR DRRN 221800Z 05012KT 8000 HZ 38/08 Q1010=\x1e"
    taf = "TAF DRZA 221100Z\n2212/2312 06010KT"
    frames = [
        (0, encode.fis_b(413, encode.dlac(metar + taf), hour=18, minute=0)),
        (0, encode.fis_b(8, b"notam", hour=17, minute=59, second=58, month=11, day=22)),
        (15, b"\x01\x02"),
    ]
    data = encode.line(encode.uplink(13.5, -2.25, frames, slot=7, site_id=9), NOW)
    got = decode(data)
    assert got.records == {"UAT uplink": 1, "FIS-B product 413": 1, "FIS-B product 8": 1, "UAT information frame 15": 1}
    assert len(got.plots) == 0
    tables = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("u", [data], NOW), NOW)[1]
    site, products = tables["UAT uplink"], tables["UAT FIS-B"]
    assert column(site, "lat_deg") == pytest.approx([13.5], abs=1e-5)
    assert column(site, "lon_deg") == pytest.approx([-2.25], abs=1e-5)
    assert [column(site, n) for n in ("utc_coupled", "application_valid", "slot", "site_id", "frames", "fis_b")] == [
        [1],
        [1],
        [7],
        [9],
        [3],
        [2],
    ]
    assert column(products, "product") == [413, 8]
    assert [column(products, n) for n in ("month", "day", "hour", "minute", "second")] == [[-1, 11], [-1, 22], [18, 17], [0, 59], [-1, 58]]
    words = next(c for c in products.columns if c.name == "text")
    assert words.offsets is not None
    assert words.values[: words.offsets[1]].tobytes().decode() == metar[:-1] + "\n" + taf
    assert words.offsets[1] == words.offsets[2]


def test_dlac() -> None:
    assert uplink.dlac(encode.dlac("AB 12?")) == "AB 12?"
    tabbed = encode.dlac("A\t$B")  # a tab, then a count of spaces: "$" is 36
    assert uplink.dlac(tabbed) == "A" + " " * 36 + "B"
    assert uplink.dlac(encode.dlac("A\x03BC")) == "A"
    assert len(uplink.DLAC) == 64


def test_a_frame_longer_than_its_uplink() -> None:
    payload = bytearray(encode.uplink(13.5, 2.0, [(0, encode.fis_b(413, b""))]))
    payload[14:16] = (0x1FF << 7).to_bytes(2, "big")
    got = decode(encode.line(bytes(payload)))
    assert got.records["FIS-B product 413"] == 1
    assert got.rejects.counts == {uplink.CUT: 1}
    short = encode.line(encode.uplink(13.5, 2.0, [(0, b"\x00")]))
    assert decode(short).rejects.counts == {uplink.BAD_APDU: 1}


def test_details_have_the_same_columns_when_empty() -> None:
    some = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("u", [encode.line(full(), NOW)], NOW), NOW)[1]
    none = FORMAT.details(FORMAT.init(SourceHint()), Chunk.of("u", [b""], NOW), NOW)[1]
    assert {k: len(d) for k, d in some.items()} == {"UAT ADS-B": 1, "UAT uplink": 0, "UAT FIS-B": 0}
    for name, detail in some.items():
        assert [(c.name, c.values.dtype) for c in detail.columns] == [(c.name, c.values.dtype) for c in none[name].columns]
    assert [c.name for c in some["UAT ADS-B"].columns[:3]] == ["offset", "receive_s", "time_s"]
    assert column(some["UAT ADS-B"], "callsign") == [b"5UABC"]


def test_likeness() -> None:
    data = encode.line(full(), NOW) * 50
    assert FORMAT.likeness(data) == 1.0
    assert FORMAT.likeness(data[30:-30]) == 1.0
    assert FORMAT.likeness(b"") == 0.0
    assert FORMAT.likeness(b"*8D062001233874B1C318209F5860;\n" * 100) == 0.0
    assert FORMAT.likeness(np.random.Generator(np.random.PCG64(1)).bytes(65_536)) == 0.0
    assert load("uat").name == "uat"


def test_the_log_of_a_stratux(shared_data: Path) -> None:
    data = (shared_data / "modes/stratux_uat_gms5002.log").read_bytes()
    ends, times_s, _ = FORMAT.split(data)
    got = FORMAT.step(FORMAT.init(SourceHint()), Chunk("u", data, ends, times_s), 0.0)[1]
    assert got.rejects.counts == {}
    assert (got.records["UAT uplink"], got.records["UAT type 1"]) == (383, 303)
    assert len(got.plots) == 303
    assert set(got.plots.kind.tolist()) == {PlotKind.TISB}
    assert np.degrees(got.plots.lat_rad).min() > 39  # around Philadelphia
    assert np.degrees(got.plots.lat_rad).max() < 42
    assert (np.abs(got.plots.pressure_altitude_m) < 15_000).all()
    tables = FORMAT.details(FORMAT.init(SourceHint()), Chunk("u", data, ends, times_s), 0.0)[1]
    words = next(c for c in tables["UAT FIS-B"].columns if c.name == "text")
    assert words.values.tobytes().count(b"METAR K") > 50
    assert FORMAT.likeness(data[:65_536]) == 1.0

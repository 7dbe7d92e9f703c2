"""OGN and FLARM: APRS lines and a box's sentences, identities and those who want none, times, heights, damage, details."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.batch import AircraftClass, PlotKind
from tenere.errors import UsageError
from tenere.tick import Chunk
from tenere.units import FOOT_M, FPM_MS, KNOT_MS
from tenere.wire import nmea, ogn
from tenere.wire.format import SourceHint, load
from tenere.wire.nmea import framed
from tenere.wire.ogn import stream

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

DAY = 86_400.0
NOW = 20_574 * DAY + 10 * 3600 + 42 * 60 + 7  # 2026-05-01 10:42:07 UTC
GLIDER = (
    b"FLRDD1234>OGFLR,qAS,DRRN:/104205h1328.80N/00210.20E'084/060/A=001542 "
    b"!W37! id06DD1234 +198fpm -0.8rot FL014.20 7.0dB 0e +0.7kHz gps2x3"
)


def decode(*lines: bytes, receive_s: float = NOW, tick_s: float = math.nan, **options: object) -> Decoded:
    state = ogn.FORMAT.init(SourceHint(options=options))
    return ogn.FORMAT.step(state, Chunk.of("o", [b"".join(line + b"\r\n" for line in lines)], receive_s), tick_s)[1]


def test_a_glider() -> None:
    got = decode(GLIDER)
    assert got.records == {"OGN aircraft": 1}
    assert got.rejects.total() == 0
    plot = got.plots
    assert len(plot) == 1
    assert plot.kind[0] == PlotKind.FLARM
    assert plot.time_s[0] == NOW - 2
    assert math.degrees(plot.lat_rad[0]) == pytest.approx(13 + 28.803 / 60, abs=1e-9)
    assert math.degrees(plot.lon_rad[0]) == pytest.approx(2 + 10.207 / 60, abs=1e-9)
    assert plot.height_m[0] == pytest.approx(1542 * FOOT_M)
    assert plot.pressure_altitude_m[0] == pytest.approx(1420 * FOOT_M)
    assert math.hypot(plot.east_ms[0], plot.north_ms[0]) == pytest.approx(60 * KNOT_MS)
    assert math.degrees(math.atan2(plot.east_ms[0], plot.north_ms[0])) == pytest.approx(84.0)
    assert plot.vertical_rate_ms[0] == pytest.approx(198 * FPM_MS)
    assert plot.aircraft_class[0] == AircraftClass.GLIDER
    assert (plot.address[0], plot.source_track[0], plot.callsign[0]) == (-1, 0, b"")  # a FLARM address is no ICAO one
    assert decode(GLIDER, geoid_m=25.0).plots.height_m[0] == pytest.approx(1542 * FOOT_M + 25.0)
    for bad in ("25", True, 500.0):
        with pytest.raises(UsageError, match="geoid_m"):
            decode(GLIDER, geoid_m=bad)


def line(
    ident: bytes, sender: bytes = b"FLRDD1234", place: bytes = b"1328.80N/00210.20E'084/060/A=001542", second: bytes = b"104205h"
) -> bytes:
    return sender + b">OGFLR,qAS,DRRN:/" + second + place + b" !W37! " + ident


def test_only_an_icao_address_is_taken_for_one() -> None:
    got = decode(
        line(b"id05062001", b"ICA062001"),
        line(b"id06062001", b"FLR062001"),
        line(b"id07062001", b"OGN062001"),
        line(b"id04062001", b"RND062001"),
        line(b"id05000000", b"ICA000000"),
        line(b"id1C40062001", b"NAV062001"),  # Naviter's own kind of address, 16 bits before it
        line(b"id0410062001", b"NAV062001"),  # its ICAO
        line(b"", b"SPOT12"),
    )
    assert got.plots.address.tolist() == [0x062001, -1, -1, -1, -1, -1, -1]  # the last ICAO line says the same as the first
    assert got.plots.source_track.tolist() == [-1, 1, 2, 3, 4, 5, 6]
    assert got.addresses == {0x062001}


def test_numbers_are_kept_from_one_chunk_to_the_next() -> None:
    state = ogn.FORMAT.init(SourceHint())
    for at, ids, expected in ((0, (b"A1", b"A2"), [0, 1]), (1, (b"A2", b"A3", b"A1"), [1, 2, 0])):
        data = b"".join(line(b"id06DD00" + i, second=b"10420%dh" % at) + b"\n" for i in ids)
        _, got = ogn.FORMAT.step(state, Chunk.of("o", [data], NOW), math.nan)
        assert got.plots.source_track.tolist() == expected


def test_who_asks_not_to_be_tracked_gets_no_identity() -> None:
    for flags in (b"46", b"86", b"C5", b"45"):  # no tracking, stealth, both; FLARM and ICAO
        hidden = line(b"id" + flags + b"062001 fnTAK123", b"ICA062001")
        got = decode(hidden, hidden, hidden.replace(b"104205h", b"104206h"))  # the second is a copy, through another receiver
        assert len(got.plots) == 2
        assert got.plots.address.tolist() == got.plots.source_track.tolist() == [-1, -1]
        assert got.plots.callsign.tolist() == [b"", b""]
        assert got.addresses == frozenset()
        _, found = ogn.FORMAT.details(ogn.FORMAT.init(SourceHint()), Chunk.of("o", [hidden + b"\n"], NOW), math.nan)
        for column in found["OGN aircraft"].columns:
            values = column.values.tolist()
            assert not any(isinstance(v, bytes) and b"062001" in v for v in values), column.name
            assert 0x062001 not in values


def test_a_transmission_heard_by_several_receivers_is_one_plot() -> None:
    other = GLIDER.replace(b"DRRN", b"DRZR").replace(b"7.0dB", b"3.0dB")
    later = GLIDER.replace(b"104205h", b"104206h")
    assert len(decode(GLIDER, other, later, other).plots) == 3
    assert len(decode(line(b"id05062001"), line(b"id05062001")).plots) == 1


@pytest.mark.parametrize(
    ("destination", "place", "symbol_class"),
    [(b"OGADSB", b"1328.80N\\00210.20E^084/410/A=036000", AircraftClass.AIRLINER)],
)
def test_a_flight_of_an_adsb_source(destination: bytes, place: bytes, symbol_class: AircraftClass) -> None:
    said = line(b"id25062001 +000fpm  0.0rot fnTAK123 reg5U-ABC modelB738", b"ICA062001", place).replace(b"OGFLR", destination)
    plot = decode(said).plots
    assert (plot.callsign[0], plot.aircraft_class[0], plot.address[0]) == (b"TAK123", symbol_class, 0x062001)
    assert decode(said.replace(b"fnTAK123", b"fntoolong123")).plots.callsign[0] == b""


def test_classes() -> None:
    got = decode(*(line(b"id%02X0620%02X" % (kind << 2 | 1, kind)) for kind in range(16))).plots.aircraft_class.tolist()
    k = AircraftClass
    assert got == [
        *(k.UNKNOWN, k.GLIDER, k.LIGHT, k.HELICOPTER, k.OTHER, k.LIGHT, k.GLIDER, k.GLIDER),
        *(k.LIGHT, k.AIRLINER, k.UNKNOWN, k.BALLOON, k.BALLOON, k.DRONE, k.VEHICLE, k.OTHER),
    ]


@pytest.mark.parametrize(
    ("second", "receive_s", "expected"),
    [
        (b"/104205h", NOW, NOW - 2),
        (b"/235959h", 20_574 * DAY + 1, 20_574 * DAY - 1),
        (b"/000001h", 20_574 * DAY - 2, 20_574 * DAY + 1),
        (b"/103205h", NOW, NOW - 602),  # a delayed message keeps its own time
        (b"/011042z", NOW, NOW),  # to the minute
        (b"/011039z", NOW, NOW - 187),
        (b"/104205/", NOW, NOW),  # local time of nowhere known
        (b"!", NOW, NOW),
        (b"=", NOW, NOW),
        (b"@104205h", NOW, NOW - 2),
    ],
)
def test_times(second: bytes, receive_s: float, expected: float) -> None:
    got = decode(GLIDER.replace(b"/104205h", second), receive_s=receive_s)
    assert got.plots.time_s.tolist() == [expected]
    assert got.rejects.total() == 0


def test_a_position_from_the_future_is_counted() -> None:
    got = decode(GLIDER.replace(b"104205h", b"104405h"))
    assert got.rejects.counts == {"OGN position from the future": 1}
    assert got.plots.time_s.tolist() == [NOW]


def test_without_receive_times_the_server_says_the_date() -> None:
    comment = b"# aprsc 2.0.14 1 May 2026 10:41:50 GMT GLIDERN1 192.0.2.1:14580"
    assert decode(comment, GLIDER, receive_s=math.nan).plots.time_s.tolist() == [NOW - 2]
    assert decode(GLIDER, receive_s=math.nan, tick_s=NOW).plots.time_s.tolist() == [NOW - 2]
    assert decode(GLIDER, receive_s=math.nan).plots.time_s.tolist() == [10 * 3600 + 42 * 60 + 5]


def test_places_and_speeds() -> None:
    def place(text: bytes, more: bytes = b"!W37!") -> tuple[float, float]:
        got = decode(GLIDER.replace(b"1328.80N/00210.20E", text).replace(b"!W37!", more)).plots
        return math.degrees(got.lat_rad[0]), math.degrees(got.lon_rad[0])

    assert place(b"3359.99S/17959.99W") == pytest.approx((-(33 + 59.993 / 60), -(179 + 59.997 / 60)), abs=1e-9)
    assert place(b"1328.80N/00210.20E", b"") == pytest.approx((13.48, 2.17), abs=1e-9)
    assert place(b"1328.80N/00210.20E", b"!w!{!") == pytest.approx((13.48, 2.17 + 0.01 * 90 / 91 / 60), abs=1e-9)
    still = decode(GLIDER.replace(b"084/060", b"000/000")).plots
    assert np.isnan([still.east_ms[0], still.north_ms[0]]).all()
    north = decode(GLIDER.replace(b"084/060", b"000/060")).plots
    assert (north.east_ms[0], north.north_ms[0]) == pytest.approx((0.0, 60 * KNOT_MS))
    bare = decode(GLIDER.replace(b"084/060/A=001542", b"")).plots
    assert np.isnan([bare.east_ms[0], bare.height_m[0]]).all()
    assert bare.vertical_rate_ms[0] == pytest.approx(198 * FPM_MS)


def test_what_is_no_aircraft_makes_no_plot() -> None:
    got = decode(
        b"LFNW>OGNSDR,TCPIP*,qAC,GLIDERN2:/104201h1328.80NI00210.20E&/A=000723",
        b"LFNW>OGNSDR,TCPIP*,qAC,GLIDERN2:>104201h v0.2.8.RPI-GPU CPU:0.7 RAM:770.2/968.2MB NTP:1.8ms/-3.3ppm +55.7C",
        b"FNT08F298>OGNFNT,qAS,DRRN:/104201h1328.80N/00210.20E_292/005g010t030h00b65526 5.2dB",
        b"FNB1103CE>OGNFNT,TCPIP*,qAC,GLIDERN3:/104201h1328.80NI00210.20E&/A=000723",
        b"# aprsc 2.0.14-g28c5a6a 1 May 2026 10:42:00 GMT GLIDERN1 192.0.2.1:14580",
    )
    assert got.records == {"OGN receiver": 2, "OGN status": 1, "OGN weather": 1, "OGN server": 1}
    assert len(got.plots) == 0
    assert got.rejects.total() == 0


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"hello world", "line that is no APRS packet"),
        (b"FLRDD1234>OGFLR", "line that is no APRS packet"),
        (b"FLRDD1234>OGFLR,qAS,X::ADDRESSEE:text", "APRS packet of a type not decoded"),
        (GLIDER.replace(b"1328.80N", b"1328.8N"), "APRS position that cannot be read"),
        (GLIDER.replace(b"1328.80N", b"1368.80N"), "APRS position that cannot be read"),
        (GLIDER.replace(b"1328.80N", b"9128.80N"), "APRS position that cannot be read"),
        (GLIDER.replace(b"1328.80N", b"13  .  N"), "APRS position that cannot be read"),
        (GLIDER.replace(b"00210.20E", b"18110.20E"), "APRS position that cannot be read"),
        (GLIDER.replace(b"104205h", b"254205h"), "APRS position that cannot be read"),
        (b"$PFLAA,0,1,2*00", "NMEA sentence with a wrong checksum"),
        (b"x" * 1500, "text line too long"),
    ],
)
def test_damage_costs_the_line_it_is_in(bad: bytes, reason: str) -> None:
    got = decode(GLIDER, bad, GLIDER.replace(b"104205h", b"104206h"))
    assert got.rejects.counts == {reason: 1}
    assert got.rejects.first_offset == {reason: len(GLIDER) + 2}
    assert len(got.plots) == 2


OWN = nmea.encode(NOW, 13.48, 2.17, height_m=243.5, separation_m=28.5)


def pflaa(text: bytes = b"0,-1234,1200,220,2,DD1234,180,,30,-1.4,1") -> bytes:
    return framed(b"PFLAA," + text)


def box(*sentences: bytes, receive_s: list[float] | float = NOW + 0.3) -> Decoded:
    return ogn.FORMAT.step(ogn.FORMAT.init(SourceHint()), Chunk.of("o", list(sentences), receive_s), math.nan)[1]


def test_traffic_of_a_flarm_box() -> None:
    got = box(OWN, pflaa())
    assert got.records == {"NMEA GGA": 1, "NMEA RMC": 1, "NMEA PFLAA": 1}
    assert len(got.status) == 2
    plot = got.plots
    assert plot.kind[0] == PlotKind.FLARM
    assert (plot.time_s[0], plot.receive_s[0]) == (NOW, NOW + 0.3)
    north_m = math.radians(math.degrees(plot.lat_rad[0]) - 13.48) * 6_338_700  # radii of curvature at 13.48 N
    east_m = math.radians(math.degrees(plot.lon_rad[0]) - 2.17) * 6_379_300 * math.cos(math.radians(13.48))
    assert (north_m, east_m) == pytest.approx((-1234, 1200), abs=1.0)
    assert plot.height_m[0] == pytest.approx(243.5 + 220)
    assert (plot.east_ms[0], plot.north_ms[0], plot.vertical_rate_ms[0]) == pytest.approx((0.0, -30.0, -1.4), abs=1e-9)
    assert (plot.address[0], plot.source_track[0], plot.aircraft_class[0]) == (-1, 0, AircraftClass.GLIDER)


@pytest.mark.parametrize(
    ("text", "address", "number"),
    [
        (b"0,1,2,3,1,062001,180,,30,1,8", 0x062001, -1),
        (b"0,1,2,3,1,062001!TAK123,180,,30,1,8", 0x062001, -1),
        (b"0,1,2,3,0,062001,180,,30,1,8", -1, 0),
        (b"0,1,2,3,2,062001,180,,30,1,8,1", -1, -1),  # no tracking
        (b"0,1,2,3,1,062001,180,,30,1,8,1,0,-71.5", -1, -1),
        (b"0,1,2,3,1,062001,,,,,8,0,1,-71.5", 0x062001, -1),
        (b"0,1,2,3,,,,,,,0", -1, -1),
    ],
)
def test_identities_of_traffic(text: bytes, address: int, number: int) -> None:
    got = box(OWN, pflaa(text)).plots
    assert (got.address[0], got.source_track[0]) == (address, number)


def test_traffic_that_cannot_be_placed() -> None:
    assert box(pflaa()).rejects.counts == {"FLARM traffic without a recent own position": 1}
    assert box(OWN, pflaa(), receive_s=[NOW, NOW + 9]).rejects.counts == {"FLARM traffic without a recent own position": 1}
    assert box(OWN, pflaa(b"0,900,,50,1,062001,,,,,9")).rejects.counts == {"FLARM traffic without a bearing": 1}
    assert box(OWN, pflaa(b"0,x,1,50,1,062001,,,,,9")).rejects.counts == {"NMEA sentence with a field that is no number": 1}
    assert box(OWN, pflaa(b"0,900000,1,50,1,062001,,,,,9")).rejects.counts == {"NMEA sentence with a field that is no number": 1}
    assert len(box(OWN, pflaa(), receive_s=math.nan).plots) == 1


def test_devices_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST_DEVICES", 3)
    state = ogn.FORMAT.init(SourceHint())
    data = b"".join(line(b"id06DD00%02X" % i) + b"\n" for i in (1, 2, 3, 1, 4, 2))
    _, got = ogn.FORMAT.step(state, Chunk.of("o", [data], NOW), math.nan)
    assert len(state.devices) == 3
    assert got.plots.source_track.tolist() == [0, 1, 2, 3, 4]  # the first said nothing new; the second was forgotten, and is new


def test_what_is_encoded_is_decoded() -> None:
    sent = ogn.aircraft_line(
        b"FLRDD1234", NOW, -13.4801, -2.1701, address=0xDD1234, aircraft_type=13, altitude_m=500.0, east_ms=-20.0, north_ms=-20.0,
        climb_ms=2.0, level=15.5,
    )  # fmt: skip
    plot = decode(sent.rstrip()).plots
    assert math.degrees(plot.lat_rad[0]) == pytest.approx(-13.4801, abs=1e-5)
    assert math.degrees(plot.lon_rad[0]) == pytest.approx(-2.1701, abs=1e-5)
    assert (plot.height_m[0], plot.pressure_altitude_m[0], plot.vertical_rate_ms[0]) == pytest.approx((500, 472.44, 2), abs=0.2)
    assert (plot.east_ms[0], plot.north_ms[0]) == pytest.approx((-20, -20), abs=0.3)
    assert (plot.aircraft_class[0], plot.time_s[0]) == (AircraftClass.DRONE, NOW)


def test_every_field_is_in_the_details() -> None:
    data = GLIDER + b" s6.09 h03 rDDACC4 +5.0dBm\n" + b"# aprsc\nLFNW>OGNSDR,TCPIP*,qAC,G:>104201h v0.2\njunk\n" + OWN + pflaa()
    data += framed(b"PFLAU,3,1,2,1,1,-30,2,-32,755,DD1234")
    data += b"FLRDD9C70>OGNTRK,OGN2FD00F*,qAS,LZHL:/104205h1328.80N/00210.20E'000/000/A=000515 id06DD9C70\n"
    _, found = ogn.FORMAT.details(ogn.FORMAT.init(SourceHint()), Chunk.of("o", [data], NOW, offset=7), math.nan)
    assert {name: len(d) for name, d in found.items()} == {
        "OGN aircraft": 2, "OGN status": 1, "OGN server": 1, "NMEA PFLAA": 1, "NMEA PFLAU": 1, "NMEA GGA": 1, "NMEA RMC": 1,
    }  # fmt: skip

    def row(name: str, i: int = 0) -> dict[str, object]:
        made = {c.name: None if c.present is not None and not c.present[i] else c.values[i].item() for c in found[name].columns}
        return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in made.items()}

    got = row("OGN aircraft")
    assert got.pop("comment").startswith(b"!W37! id06DD1234")
    assert got == {
        "offset": 7, "receive_s": NOW, "time_s": NOW - 2, "sender": b"FLRDD1234", "destination": b"OGFLR", "relay": b"",
        "receiver": b"DRRN", "latitude": pytest.approx(13.48005), "longitude": pytest.approx(2.1701167), "symbol": b"/'", "course": 84.0,
        "speed": 60.0, "altitude": 1542.0, "address_type": 2, "address": 0xDD1234, "aircraft_type": 1, "stealth": 0, "no_track": 0,
        "climb": 198.0, "turn": -0.8, "flight_level": 14.2, "signal": 7.0, "power": 5.0, "errors": 0.0, "offset_khz": 0.7,
        "gps_horizontal": 2, "gps_vertical": 3, "software": 6.09, "hardware": 3, "flight": b"", "registration": b"", "model": b"",
    }  # fmt: skip
    assert row("OGN aircraft", 1)["relay"] == b"OGN2FD00F"
    assert row("OGN status")["text"] == b"104201h v0.2"
    got = row("NMEA PFLAA")
    assert (got["north"], got["east"], got["up"], got["name"], got["turn"], got["climb"]) == (-1234.0, 1200.0, 220.0, b"DD1234", None, -1.4)
    got = row("NMEA PFLAU")
    assert (got["received"], got["gps"], got["bearing"], got["alarm_type"], got["distance"]) == (3.0, 2.0, -30.0, b"2", 755.0)


def test_split_and_likeness() -> None:
    comment = b"# aprsc 2.0.14 1 May 2026 10:41:50 GMT GLIDERN1\n"
    data = comment + GLIDER + b"\r\n" + GLIDER.replace(b"104205h", b"104206h") + b"\r\nFLR"
    ends, times_s, rejects = ogn.FORMAT.split(data)
    assert (len(ends), ends[-1], ends[-2], rejects.total()) == (5, len(data), len(data), 0)
    assert times_s == pytest.approx([NOW - 17, NOW - 2, NOW - 1, math.nan, math.nan], nan_ok=True)
    assert ogn.FORMAT.split(b"")[0].tolist() == [0]
    assert ogn.FORMAT.split(OWN + pflaa())[1] == pytest.approx([NOW, NOW, math.nan], nan_ok=True)
    assert ogn.FORMAT.likeness(((GLIDER + b"\n") * 40)[20:-20]) == 1.0
    flight = (OWN + pflaa()) * 20
    assert ogn.FORMAT.likeness(flight) == 1.0
    assert nmea.FORMAT.likeness(flight) < 0.9
    for other in (b"", OWN * 20, b"MSG,3,1,1\n" * 30, b'{"mac": "a"}\n' * 30, bytes(range(256)) * 20, b"# a comment\n" * 30):
        assert ogn.FORMAT.likeness(other) == 0.0


def test_it_is_registered() -> None:
    assert load("ogn") is ogn.FORMAT

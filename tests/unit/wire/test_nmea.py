"""NMEA 0183: positions of every sentence that gives one, heights, dates across midnight, checksums, damage, details."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.tick import Chunk
from tenere.wire import nmea
from tenere.wire.format import SourceHint, load
from tenere.wire.nmea import framed

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

DAY = 86_400.0
MAY_FIRST = 20_574 * DAY  # 2026-05-01
NOW = MAY_FIRST + 10 * 3600 + 42 * 60 + 7  # 10:42:07

GGA = b"GNGGA,104207.00,1328.80000,N,00210.20000,W,1,09,0.9,215.0,M,28.5,M,,"
RMC = b"GNRMC,104207.00,A,1328.80000,N,00210.20000,W,11.4,084.2,010526,,,A,V"
GNS = b"GNGNS,104207.00,1328.80000,N,00210.20000,W,AAN,09,0.9,215.0,28.5,,,V"
GLL = b"GPGLL,1328.80000,N,00210.20000,W,104207.00,A,A"


def decode(data: bytes, receive_s: float = NOW, tick_s: float = math.nan) -> Decoded:
    return nmea.FORMAT.step(nmea.FORMAT.init(SourceHint()), Chunk.of("n", [data], receive_s), tick_s)[1]


@pytest.mark.parametrize(("body", "height_m"), [(GGA, 243.5), (RMC, math.nan), (GNS, 243.5), (GLL, math.nan)])
def test_each_sentence_that_gives_a_position(body: bytes, height_m: float) -> None:
    got = decode(framed(body))
    assert got.rejects.total() == 0
    assert got.records == {f"NMEA {body[2:5].decode()}": 1}
    status = got.status
    assert len(status) == 1
    assert len(got.plots) == 0
    assert (status.category[0], status.message[0], status.time_s[0], status.degraded[0]) == (0, -1, NOW, 0)
    assert math.degrees(status.lat_rad[0]) == pytest.approx(13 + 28.8 / 60, abs=1e-9)
    assert math.degrees(status.lon_rad[0]) == pytest.approx(-(2 + 10.2 / 60), abs=1e-9)
    assert status.height_m[0] == pytest.approx(height_m, nan_ok=True)


def test_the_checksum_of_a_well_known_sentence() -> None:
    assert framed(b"GPGLL,5057.970,N,00146.110,E,142451,A") == b"$GPGLL,5057.970,N,00146.110,E,142451,A*27\r\n"


def test_a_height_goes_with_the_sentences_after_it_for_a_while() -> None:
    late = RMC.replace(b"104207", b"104220")
    got = decode(framed(GGA) + framed(RMC) + framed(GLL) + framed(late), math.nan)
    assert got.status.height_m == pytest.approx([243.5, 243.5, 243.5, math.nan], nan_ok=True)
    no_geoid = GGA.replace(b"28.5,M", b",")
    assert np.isnan(decode(framed(no_geoid)).status.height_m).all()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (GGA.replace(b",1,09", b",0,00"), "NMEA sentence without a fix"),
        (RMC.replace(b",A,1328", b",V,1328"), "NMEA sentence without a fix"),
        (RMC.replace(b",A,V", b",N,V"), "NMEA sentence without a fix"),
        (GNS.replace(b"AAN", b"NNN"), "NMEA sentence without a fix"),
        (GNS.replace(b"AAN", b""), "NMEA sentence without a fix"),
        (b"GPGLL,,,,,104207.00,A,A", "NMEA sentence without a fix"),
        (GGA.replace(b",1,09", b",8,09"), "NMEA position of a simulator"),
        (GLL.replace(b",A,A", b",A,S"), "NMEA position of a simulator"),
        (GGA.replace(b"1328.8", b"13x8.8"), "NMEA sentence with a field that is no number"),
        (GGA.replace(b"1328.8", b"1360.8"), "NMEA sentence with a field that is no number"),
        (GGA.replace(b"1328.8", b"9128.8"), "NMEA sentence with a field that is no number"),
        (GGA.replace(b",N,", b",X,"), "NMEA sentence with a field that is no number"),
        (GGA.replace(b"104207", b"104267"), "NMEA sentence with a field that is no number"),
        (GGA.replace(b"215.0", b"2-15"), "NMEA sentence with a field that is no number"),
        (RMC.replace(b"010526", b"310226"), "NMEA sentence with a field that is no number"),
        (b"AIVDM,1,1,,A,15M67FC000G?ufbE`FepT@3n00Sa,0", "AIS sentence not decoded"),
    ],
)
def test_what_gives_no_position(body: bytes, reason: str) -> None:
    ais = body.startswith(b"AI")
    got = decode(framed(GGA) + framed(body, b"!" if ais else b"$") + framed(GGA))
    assert got.rejects.counts == {reason: 1}
    assert got.rejects.first_offset == {reason: len(framed(GGA))}
    assert len(got.status) == 2
    assert sum(got.records.values()) == 3


def test_lines_that_are_no_sentences() -> None:
    good = framed(GGA)
    wrong = good[:-4] + (b"00" if good[-4:-2] != b"00" else b"01") + b"\r\n"
    bare = b"$" + GGA + b"\r\n"
    got = decode(b"hello\r\n" + wrong + bare + b"\xff\xfe\r\n" + good + b"x" * 2000 + b"\n")
    assert got.rejects.counts == {
        "NMEA line that is no sentence": 2,
        "NMEA sentence with a wrong checksum": 1,
        "NMEA sentence without a checksum": 1,
        "text line too long": 1,
    }
    assert len(got.status) == 1


def test_a_tag_block_before_a_sentence() -> None:
    assert len(decode(b"\\s:r003669945,c:1120959341*5A\\" + framed(GGA)).status) == 1


def test_dead_reckoning_is_marked() -> None:
    for body in (GGA.replace(b",1,09", b",6,00"), RMC.replace(b",A,V", b",E,V"), GNS.replace(b"AAN", b"EEN")):
        assert decode(framed(body)).status.degraded.tolist() == [1]


@pytest.mark.parametrize(
    ("second", "receive_s", "expected"),
    [
        (b"235959.50", MAY_FIRST + 0.2, MAY_FIRST - 0.5),
        (b"000000.50", MAY_FIRST - 0.2, MAY_FIRST + 0.5),
        (b"104207.25", NOW, NOW + 0.25),
    ],
)
def test_a_time_of_day_is_taken_on_the_nearest_day(second: bytes, receive_s: float, expected: float) -> None:
    assert decode(framed(GGA.replace(b"104207.00", second)), receive_s).status.time_s[0] == pytest.approx(expected, abs=1e-6)


def test_without_receive_times_dates_carry_across_midnight() -> None:
    said = [
        (b"GGA", b"235958.00", b""), (b"RMC", b"235959.00", b"300426"), (b"GGA", b"000000.00", b""), (b"RMC", b"000001.00", b"010526"),
        (b"GGA", b"000002.00", b""),
    ]  # fmt: skip
    data = b"".join(
        framed((GGA if kind == b"GGA" else RMC.replace(b"010526", day)).replace(b"104207.00", second)) for kind, second, day in said
    )
    got = decode(data, math.nan).status.time_s
    assert got[1:].tolist() == [MAY_FIRST - 1, MAY_FIRST, MAY_FIRST + 1, MAY_FIRST + 2]
    assert got[0] == 86_398.0  # no date known yet: seconds of the day
    assert nmea.FORMAT.split(data)[1].tolist() == [MAY_FIRST + s for s in (-2, -1, 0, 1, 2)]
    zda = framed(b"GPZDA,235957.00,30,04,2026,00,00")
    assert decode(zda + framed(GGA), math.nan).status.time_s.tolist() == [NOW]  # nearest to the last dated one
    assert decode(framed(GGA), math.nan, NOW + 3600).status.time_s.tolist() == [NOW]


def test_a_date_that_is_off_is_counted_and_not_used() -> None:
    got = decode(framed(RMC.replace(b"010526", b"150906")))  # 1,024 weeks before, as a receiver says after the week number has rolled over
    assert got.rejects.counts == {"NMEA date off by over half a day": 1}
    assert got.status.time_s.tolist() == [NOW]


def test_other_sentences_are_counted() -> None:
    got = decode(framed(b"GPGSV,1,1,00") + framed(b"PGRME,15.0,M,45.0,M,25.0,M") + framed(b"GPZDA,,,,,,"))
    assert got.records == {"NMEA GSV": 1, "NMEA PGRME": 1, "NMEA ZDA": 1}
    assert got.rejects.total() == 0
    many = b"".join(framed(b"GP%c%c%c,1" % (65 + i % 26, 65 + i // 26 % 26, 65 + i // 676)) for i in range(700))
    got = decode(many)
    assert len(got.records) <= 257
    assert sum(got.records.values()) == 700


def test_what_is_encoded_is_decoded() -> None:
    for lat, lon in ((13.123456, -2.987654), (-33.999999999, 179.999999), (0.0, 0.5)):
        got = decode(nmea.encode(NOW + 0.25, lat, lon, height_m=321.25, separation_m=-20.0), math.nan)
        assert got.rejects.total() == 0
        assert np.degrees(got.status.lat_rad) == pytest.approx([lat, lat], abs=1e-7)
        assert np.degrees(got.status.lon_rad) == pytest.approx([lon, lon], abs=1e-7)
        assert got.status.height_m == pytest.approx([321.25, 321.25])
        assert got.status.time_s[1] == NOW + 0.25


def test_every_field_is_in_the_details() -> None:
    data = (
        framed(GGA)
        + framed(RMC)
        + framed(GNS)
        + framed(GLL)
        + framed(b"GPZDA,104207.00,01,05,2026,-01,30")
        + framed(b"GPVTG,84.2,T,,M,11.4,N,21.1,K,A")
    )
    data += framed(b"GPGSA,A,3,01,02") + framed(b"AIVDM,1,1,,A,abc,0", b"!") + b"junk\n"
    _, found = nmea.FORMAT.details(nmea.FORMAT.init(SourceHint()), Chunk.of("n", [data], NOW, offset=50), math.nan)
    assert {name: len(d) for name, d in found.items()} == {
        "NMEA GGA": 1, "NMEA RMC": 1, "NMEA GNS": 1, "NMEA GLL": 1, "NMEA ZDA": 1, "NMEA VTG": 1, "NMEA other": 2,
    }  # fmt: skip

    def row(name: str, i: int = 0) -> dict[str, object]:
        return {c.name: None if c.present is not None and not c.present[i] else c.values[i].item() for c in found[name].columns}

    lat, lon = pytest.approx(13.48), pytest.approx(-2.17)
    second = 10 * 3600 + 42 * 60 + 7.0
    begin = {"offset": 50, "receive_s": NOW, "time_s": NOW, "talker": b"GN", "second_of_day": second}
    expected = begin | {"latitude": lat, "longitude": lon, "quality": 1, "satellites": 9, "hdop": 0.9}
    expected |= {"altitude": 215.0, "separation": 28.5, "age": pytest.approx(math.nan, nan_ok=True), "station": b""}
    assert row("NMEA GGA") == expected
    got = row("NMEA RMC")
    assert (got["status"], got["speed"], got["course"], got["day"], got["mode"], got["navigation_status"]) == (
        b"A",
        11.4,
        84.2,
        20_574.0,
        b"A",
        b"V",
    )
    got = row("NMEA GNS")
    assert (got["modes"], got["satellites"], got["separation"], got["navigation_status"]) == (b"AAN", 9, 28.5, b"V")
    got = row("NMEA ZDA")
    assert (got["day"], got["month"], got["year"], got["zone_h"], got["zone_min"]) == (1, 5, 2026, -1.0, 30.0)
    assert row("NMEA VTG")["speed_kmh"] == 21.1
    assert [row("NMEA other", i)["text"] for i in range(2)] == [b"A,3,01,02", b"1,1,,A,abc,0"]
    assert row("NMEA other", 1)["ais"] == 1


def test_split_and_likeness() -> None:
    data = framed(GGA) + b"junk\n" + framed(RMC.replace(b"104207.00", b"104208.00")) + b"$GNGG"
    ends, times_s, rejects = nmea.FORMAT.split(data)
    assert [b - a for a, b in pairwise([0, *ends.tolist()])] == [len(framed(GGA)), 5, len(framed(RMC)), 5, 0]
    assert times_s == pytest.approx([NOW, math.nan, NOW + 1, math.nan, math.nan], nan_ok=True)
    assert rejects.total() == 0
    assert nmea.FORMAT.split(b"")[0].tolist() == [0]
    assert nmea.FORMAT.likeness((framed(GGA) * 50)[7:-9]) == 1.0
    for other in (b"", b"MSG,3,1,1\n" * 30, b'{"mac": "a"}\n' * 30, bytes(range(256)) * 20, b"$GNGGA,1*00\n" * 30):
        assert nmea.FORMAT.likeness(other) == 0.0


def test_it_is_registered() -> None:
    assert load("nmea") is nmea.FORMAT

"""SBS-1 lines: a slow reading beside the fast one, memory of each aircraft, clocks of other zones, damage, details."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.batch import Emergency, PlotFlag, PlotKind, Plots
from tenere.tick import Chunk
from tenere.units import FOOT_M, FPM_MS, KNOT_MS
from tenere.wire import sbs
from tenere.wire.format import SourceHint, load
from tenere.wire.sbs import lines as reader
from tenere.wire.sbs.merge import MOST, Aircraft

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

NOW = 1_777_632_127.0  # 2026-05-01 10:42:07 UTC
STAMP = "2026/05/01,10:42:07.000,2026/05/01,10:42:07.500"


def msg(kind: int, *, address: str = "062001", stamp: str = STAMP, word: str = "MSG", **given: object) -> bytes:
    """Return a line; fields by name, the rest empty."""
    names = ("callsign", "altitude", "speed", "track", "lat", "lon", "rate", "squawk", "alert", "emergency", "spi", "ground")
    rest = ",".join(str(given.pop(name, "")) for name in names)
    assert not given
    return f"{word},{kind},5,211,{address},10057,{stamp},{rest}\r\n".encode()


def place(lat: float = 13.48, lon: float = 2.17, **given: object) -> bytes:
    return msg(3, lat=lat, lon=lon, **given)


def decode(data: bytes, receive_s: float = NOW, tick_s: float = 5.0) -> Decoded:
    return sbs.FORMAT.step(sbs.FORMAT.init(SourceHint()), Chunk.of("s", [data], receive_s), tick_s)[1]


def test_what_was_said_in_many_lines_is_put_together() -> None:
    said = (
        msg(1, callsign="TAK123  ")
        + msg(4, speed=408.3, track=146.4, rate=-832)
        + msg(6, squawk="0271", alert=0, emergency=0, spi=0, ground=0)
        + msg(5, altitude=37000)
        + place(13.48, -2.17)
    )
    got = decode(said)
    assert got.records == {"SBS MSG,1": 1, "SBS MSG,4": 1, "SBS MSG,6": 1, "SBS MSG,5": 1, "SBS MSG,3": 1}
    assert got.rejects.total() == 0
    assert got.addresses == {0x062001}
    plot = got.plots
    assert len(plot) == 1
    assert plot.kind[0] == PlotKind.ADSB
    assert (plot.address[0], plot.source_track[0]) == (0x062001, -1)
    assert math.degrees(plot.lat_rad[0]) == pytest.approx(13.48)
    assert math.degrees(plot.lon_rad[0]) == pytest.approx(-2.17)
    assert plot.pressure_altitude_m[0] == pytest.approx(37_000 * FOOT_M)
    assert math.hypot(plot.east_ms[0], plot.north_ms[0]) == pytest.approx(408.3 * KNOT_MS)
    assert math.degrees(math.atan2(plot.east_ms[0], plot.north_ms[0])) == pytest.approx(146.4)
    assert plot.vertical_rate_ms[0] == pytest.approx(-832 * FPM_MS)
    assert (plot.callsign[0], plot.mode_a[0], plot.flags[0]) == (b"TAK123", 0o271, 0)
    assert plot.reference[0] == said.rindex(b"MSG")
    assert (plot.time_s[0], plot.receive_s[0]) == (NOW, NOW)


def test_each_aircraft_has_its_own_memory() -> None:
    got = decode(msg(1, callsign="ONE") + msg(1, callsign="TWO", address="062002") + place(address="062002") + place(14.0)).plots
    assert got.callsign.tolist() == [b"TWO", b"ONE"]
    got = decode(b"ID,,5,211,062001,10057," + STAMP.encode() + b",HBX\r\n" + place()).plots
    assert got.callsign.tolist() == [b"HBX"]


def test_what_was_said_long_ago_is_not_repeated() -> None:
    late = "2026/05/01,10:44:07.000,2026/05/01,10:44:07.500"
    said = msg(4, speed=100, track=90, rate=64) + msg(5, altitude=1000) + msg(6, squawk="7700", emergency=-1) + msg(1, callsign="OLD")
    got = decode(said + place(stamp=late), math.nan).plots
    assert np.isnan([got.east_ms[0], got.vertical_rate_ms[0], got.pressure_altitude_m[0]]).all()
    assert (got.mode_a[0], got.flags[0], got.callsign[0]) == (-1, 0, b"OLD")
    got = decode(said + place(), math.nan).plots
    assert (got.mode_a[0], got.flags[0], got.emergency[0]) == (0o7700, PlotFlag.EMERGENCY, Emergency.GENERAL)


def test_flags() -> None:
    ground = decode(msg(2, lat=13.48, lon=2.17, speed=12, track=90))
    assert ground.plots.flags[0] == PlotFlag.ON_GROUND
    taken_off = decode(msg(2, lat=13.48, lon=2.17) + place())
    assert taken_off.plots.flags.tolist() == [PlotFlag.ON_GROUND, 0]
    flagged = decode(place(emergency=-1, spi=1, ground=-1, squawk="7600")).plots
    assert flagged.flags[0] == PlotFlag.EMERGENCY | PlotFlag.SPI | PlotFlag.ON_GROUND
    assert flagged.emergency[0] == Emergency.NO_RADIO
    assert decode(place(emergency=1, squawk=7500)).plots.emergency[0] == Emergency.UNLAWFUL
    assert decode(msg(8, emergency=-1) + place(emergency=0)).plots.flags[0] == 0  # taken back


def test_an_address_after_a_tilde_is_none() -> None:
    got = decode(place(address="~2A0001") + place(14.0, address="2A0001"))
    assert got.plots.address.tolist() == [-1, 0x2A0001]
    assert got.plots.source_track.tolist() == [0x2A0001, -1]
    assert got.plots.kind.tolist() == [PlotKind.TISB, PlotKind.ADSB]
    assert got.addresses == {0x2A0001}


def test_multilateration_is_told_apart() -> None:
    assert decode(place(word="MLAT")).plots.kind[0] == PlotKind.MLAT


@pytest.mark.parametrize(
    ("stamp", "receive_s", "expected", "off"),
    [
        ("2026/05/01,10:42:07.250,,", NOW + 0.5, NOW + 0.25, 0),
        ("2026/05/01,12:42:06.250,,", NOW, NOW - 0.75, 0),  # two hours east
        ("2026/05/01,16:12:07.250,,", NOW, NOW + 0.25, 0),  # five and a half
        ("2026/04/30,23:42:07.250,,", NOW, NOW + 0.25, 0),  # eleven west, the day before
        ("2026/05/01,10:37:07.250,,", NOW, NOW, 1),  # five minutes late
        ("2008/11/28,10:42:07.250,,", NOW, NOW, 1),
        ("2008/11/28,10:42:07.250,,", math.nan, 1_227_868_927.25, 0),
        (",,,", NOW, NOW, 0),
        (",,,", math.nan, 5.0, 0),
        ("2026/13/01,10:42:07.250,,", NOW, NOW, 0),
        ("2026-05-01,10:42:07.25,,", NOW, NOW + 0.25, 0),
    ],
)
def test_clocks(stamp: str, receive_s: float, expected: float, off: int) -> None:
    got = decode(place(stamp=stamp), receive_s)
    assert got.plots.time_s[0] == pytest.approx(expected, abs=1e-6)
    assert got.rejects.counts == ({"SBS clock off by over a minute": 1} if off else {})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello\r\n", "SBS line of an unknown type"),
        (b"MSG,9,,,062001" + b"," * 20 + b"\n", "SBS line of an unknown type"),
        (place()[:-10] + b"\n", "SBS line cut short"),
        (b"AIR,,1\n", "SBS line cut short"),
        (place(altitude="37x00"), "SBS line with a field that is no number"),
        (place("13.4.8"), "SBS line with a field that is no number"),
        (place("-"), "SBS line with a field that is no number"),
        (place(squawk="7800"), "SBS line with a field that is no number"),
        (place(ground="yes"), "SBS line with a field that is no number"),
        (place(91.0), "SBS line with a value out of range"),
        (place(13.0, 181.0), "SBS line with a value out of range"),
        (place(13.0, ""), "SBS line with a value out of range"),
        (place(speed=9000), "SBS line with a value out of range"),
        (place(altitude=-5000), "SBS line with a value out of range"),
        (place(address=""), "SBS line without an address"),
        (place(address="000000"), "SBS line without an address"),
        (place(address="62G01A"), "SBS line without an address"),
        (b"MSG," + b"x" * 600 + b"\n", "text line too long"),
    ],
)
def test_damage_costs_the_line_it_is_in(line: bytes, reason: str) -> None:
    got = decode(place() + line + place())
    assert got.rejects.counts == {reason: 1}
    assert got.rejects.first_offset == {reason: len(place())}
    assert len(got.plots) == 2


def test_a_callsign_of_no_use_costs_nothing_else() -> None:
    got = decode(place(callsign="@@@@@@@@"))
    assert got.rejects.counts == {"SBS callsign with characters that do not exist": 1}
    assert got.plots.callsign.tolist() == [b""]


def test_no_position_at_zero() -> None:
    assert len(decode(place(0.0, 0.0)).plots) == 0
    assert len(decode(place(0.0, 2.0)).plots) == 1


def slow(line: bytes) -> dict[str, object] | None:
    """Read a good MSG line the plain way."""
    cells = [cell.strip() for cell in line.decode().rstrip("\r\n").split(",")]
    names = ("callsign", "altitude_ft", "speed_kt", "track_deg", "lat_deg", "lon_deg", "rate_fpm", "squawk", *("alert", "emergency"))
    got: dict[str, object] = dict(zip((*names, "spi", "ground"), cells[10:22], strict=True))
    for name in names[1:7]:
        got[name] = float(str(got[name])) if got[name] else math.nan
    got["squawk"] = int(str(got["squawk"]), 8) if got["squawk"] else -1
    for name in ("alert", "emergency", "spi", "ground"):
        got[name] = int(float(str(got[name])) != 0) if got[name] else -1
    got["address"] = int(cells[4].replace("~", "1"), 16)
    return got


def test_the_fast_reading_is_the_slow_one() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    data = b""
    for _ in range(300):
        given: dict[str, object] = {}
        for name, low, high in (("altitude", -1000, 60_000), ("speed", 0, 700), ("track", 0, 360), ("rate", -8000, 8000)):
            if rng.random() < 0.7:
                given[name] = round(float(rng.uniform(low, high)), int(rng.integers(0, 4)))
        if rng.random() < 0.7:
            given |= {"lat": round(float(rng.uniform(-90, 90)), 5), "lon": f"{rng.uniform(-180, 180):12.6f}"}
        if rng.random() < 0.7:
            given |= {"squawk": f"{rng.integers(0, 4096):04o}", "callsign": f" AB{rng.integers(0, 999)}-", "ground": -1, "spi": 0}
        data += msg(int(rng.integers(1, 9)), address=f"{'~' if rng.random() < 0.3 else ''}{rng.integers(1, 1 << 24):06X}", **given)
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    read, _ = reader.columns(data, starts, ends - 1)
    for row, first, end in zip(read, starts.tolist(), ends.tolist(), strict=True):
        expected = slow(data[first:end])
        assert row["reason"] == reader.GOOD
        assert row["callsign"].tobytes()[::-1].rstrip(b"\0").decode() == expected.pop("callsign")
        for name, value in expected.items():
            assert row[name] == value or (math.isnan(row[name]) and math.isnan(value)), name


def test_what_is_encoded_is_decoded() -> None:
    n = 40
    k = np.arange(n)
    sent = Plots.blank(
        n,
        time_s=NOW + k * 0.25,
        kind=np.where(k % 4 == 1, PlotKind.MLAT, PlotKind.ADSB),
        flags=np.where(k % 3 == 0, PlotFlag.EMERGENCY | PlotFlag.SPI, 0) | np.where(k % 5 == 0, PlotFlag.ON_GROUND, 0),
        lat_rad=np.radians(13.0 + k * 0.01),
        lon_rad=np.radians(-2.0 + k * 0.01),
        pressure_altitude_m=k * 100 * FOOT_M,
        east_ms=80.0,
        north_ms=-60.0,
        vertical_rate_ms=np.where(k % 2, 5.0, np.nan),
        address=np.where(k % 7 == 0, -1, 0x062000 + k),
        source_track=np.where(k % 7 == 0, 0x2A0000 + k, -1),
        mode_a=np.where(k % 2, 0o7700, -1),
        callsign=np.array([f"T{i}" if i % 3 else "" for i in k], "S8"),
    )
    got = decode(sbs.encode(sent), math.nan).plots
    assert len(got) == n
    for name in ("address", "source_track", "mode_a", "callsign", "flags"):
        assert getattr(got, name).tolist() == getattr(sent, name).tolist(), name
    for name, within in (
        ("time_s", 1e-3),
        ("lat_rad", 1e-7),
        ("lon_rad", 1e-7),
        ("pressure_altitude_m", 0.2),
        ("east_ms", 0.1),
        ("north_ms", 0.1),
        ("vertical_rate_ms", 0.003),
    ):
        assert getattr(got, name) == pytest.approx(getattr(sent, name), abs=within, nan_ok=True), name
    assert got.kind.tolist() == np.where(k % 4 == 1, PlotKind.MLAT, np.where(k % 7 == 0, PlotKind.TISB, PlotKind.ADSB)).tolist()
    assert sbs.encode(Plots.blank(1, lat_rad=0.1, lon_rad=0.1, address=7)) == b""


def test_memory_is_bounded() -> None:
    aircraft = Aircraft.empty(4)
    many = MOST + 1000
    read = np.zeros(many, reader.LINE)
    read["reason"], read["address"], read["lat_deg"], read["lon_deg"] = reader.GOOD, 1 + np.arange(many), 1.0, 1.0
    from tenere.wire.sbs.merge import merge

    assert len(merge(aircraft, read, 0.001 * np.arange(many))) == many
    assert aircraft.used <= MOST
    assert many in aircraft.rows["key"][: aircraft.used]
    assert 1 not in aircraft.rows["key"][: aircraft.used]


def test_every_field_is_in_the_details() -> None:
    data = (
        place(14.5, -2.5, address="~2A0001", callsign="ABC", altitude=1000, speed=1.5, track=2, rate=3, squawk="0017", alert=-1, ground=0)
        + b"STA,,5,179,400AE7,10103,2026/05/01,10:42:08.000,2026/05/01,10:42:09.000,RM\r\n"
        + b"CLK,,496,-1,,-1,2026/05/01,10:42:08.000,2026/05/01,10:42:09.000\r\n"
        + b"junk\r\n"
    )
    _, found = sbs.FORMAT.details(sbs.FORMAT.init(SourceHint()), Chunk.of("s", [data], NOW, offset=100), 5.0)
    assert {name: len(detail) for name, detail in found.items()} == {"SBS MSG": 1, "SBS STA": 1, "SBS CLK": 1}
    row = {c.name: (c.values[0], None if c.present is None else bool(c.present[0])) for c in found["SBS MSG"].columns}
    assert row == {
        "offset": (100, None), "receive_s": (NOW, None), "time_s": (NOW, None), "type": (3, None), "mlat": (0, None),
        "session": (b"5", None), "aircraft": (b"211", None), "address": (0x2A0001, True), "icao": (0, True), "flight": (b"10057", None),
        "generated_s": (NOW, None), "logged_s": (NOW + 0.5, None), "callsign": (b"ABC", None), "altitude": (1000.0, None),
        "ground_speed": (1.5, None), "track": (2.0, None), "latitude": (14.5, None), "longitude": (-2.5, None),
        "vertical_rate": (3.0, None), "squawk": (0o17, True), "alert": (1, True), "emergency": (0, False), "spi": (0, False),
        "ground": (0, True),
    }  # fmt: skip
    row = {c.name: c.values[0] for c in found["SBS STA"].columns}
    assert (row["address"], row["text"], row["offset"]) == (0x400AE7, b"RM", 100 + data.index(b"STA"))
    assert not found["SBS CLK"].columns[5].present[0]


def test_split_and_likeness() -> None:
    data = place(stamp="2026/05/01,10:42:07.000,,") + b"junk\r\n" + place(stamp="2026/05/01,10:42:08.500,,") + place()[:30]
    ends, times_s, rejects = sbs.FORMAT.split(data)
    assert ends.tolist() == [*(np.flatnonzero(np.frombuffer(data, np.uint8) == 10) + 1).tolist(), len(data), len(data)]
    assert times_s.tolist() == pytest.approx([NOW, math.nan, NOW + 1.5, math.nan, math.nan], nan_ok=True)
    assert rejects.total() == 0
    assert sbs.FORMAT.split(b"")[0].tolist() == [0]
    assert sbs.FORMAT.likeness((place() * 50)[13:-13]) == 1.0
    assert sbs.FORMAT.likeness(data) > 0.8
    for other in (b"", b"$GPGGA,1*00\n" * 30, b'{"mac": "a"}\n' * 30, bytes(range(256)) * 20, b"8D06200158A1010000AD3A3E6295\n" * 9):
        assert sbs.FORMAT.likeness(other) == 0.0


def test_it_is_registered() -> None:
    assert load("sbs") is sbs.FORMAT


def test_a_log_with_stamps_has_the_time_of_its_stamps() -> None:
    text = (
        b"START,Sun Mar 17 17:46:40 +0000 UTC 2030\n"
        b"500000000,MSG,3,,,0A00A1,,,,,,,35000,,,13.5,2.2,,,0,0,0,0\n"
        b"1500000000,MSG,3,,,0A00A1,,,,,,,35000,,,13.51,2.2,,,0,0,0,0\n"
    )
    begun = 1_900_000_000.0
    for cuts in ([len(text)], [10, len(text)], [60, 120, len(text)]):
        state, found, records, at = sbs.FORMAT.init(SourceHint()), [], Counter(), 0
        for cut in cuts:
            state, got = sbs.FORMAT.step(state, Chunk.of("s", [text[at:cut]], np.nan, offset=at), 5.0)
            found += got.plots.time_s.tolist()
            records += got.records
            assert got.rejects.counts == {}
            at = cut
        assert found == [begun + 0.5, begun + 1.5]
        assert records == {"SBS START": 1, "SBS MSG,3": 2}
    assert sbs.FORMAT.split(text)[1].tolist()[1:] == [begun + 0.5, begun + 1.5]
    assert sbs.FORMAT.likeness(text) == 1.0


def test_a_stamp_without_a_beginning_says_nothing() -> None:
    line = b"500000000,MSG,3,,,0A00A1,,,,,,,35000,,,13.5,2.2,,,0,0,0,0\n"
    plots = sbs.FORMAT.step(sbs.FORMAT.init(SourceHint()), Chunk.of("s", [line], 77.0), 5.0)[1].plots
    assert plots.time_s.tolist() == [77.0]


def test_the_stamped_recording(shared_data) -> None:
    data = (shared_data / "modes" / "stratux_es_gms5002.log").read_bytes()
    assert sbs.FORMAT.likeness(data[:65536]) > 0.99
    _, got = sbs.FORMAT.step(sbs.FORMAT.init(SourceHint()), Chunk.of("s", [data], np.nan), 5.0)
    assert got.records == {"SBS START": 1, "SBS MSG,3": 2, "SBS MSG,4": 1, "SBS MSG,5": 721, "SBS MSG,6": 5, "SBS MSG,8": 331}
    assert got.rejects.counts == {}

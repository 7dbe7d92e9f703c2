"""Remote ID printed as JSON: the ways receivers name their values, nested messages, names, clocks, copies, damage, details."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind
from tenere.tick import Chunk
from tenere.wire import remote_id_json
from tenere.wire.format import SourceHint, load
from tenere.wire.remote_id_json import keys

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

NOW = 1_777_632_127.0  # 2026-05-01 10:42:07 UTC
MAC = "60:60:1f:0a:0b:0c"


def lines(*objects: object) -> bytes:
    return b"".join((o if isinstance(o, bytes) else json.dumps(o).encode()) + b"\r\n" for o in objects)


def decode(*objects: object, receive_s: float = NOW, tick_s: float = math.nan, state: Any = None) -> Decoded:
    state = state or remote_id_json.FORMAT.init(SourceHint())
    return remote_id_json.FORMAT.step(state, Chunk.of("j", [lines(*objects)], receive_s), tick_s)[1]


MESH = {  # short names with underscores
    "mac": MAC, "rssi": -61, "drone_lat": 13.512346, "drone_long": -2.100371, "drone_altitude": 321, "pilot_lat": 13.51,
    "pilot_long": -2.09, "basic_id": "1581F4FKD229400A",
}  # fmt: skip
SPACED = {  # long names with blanks
    "mac": MAC, "operator": "FIN87astrdge12k8", "uav id": "1581F4FKD229400A", "uav latitude": 13.512346, "uav longitude": -2.100371,
    "uav altitude": 321, "uav heading": 90, "uav speed": 12, "seconds": 2525, "base latitude": 13.51, "base longitude": -2.09,
}  # fmt: skip
NESTED = [  # a message each
    {"Basic ID": {"id_type": "Serial Number (ANSI/CTA-2063-A)", "ua_type": 2, "id": "1581F4FKD229400A", "MAC": MAC, "RSSI": -65}},
    {
        "Location/Vector Message": {
            "latitude": 13.512346, "longitude": -2.100371, "geodetic_altitude": 321.0, "height_agl": 50.0, "speed": "12.0 m/s",
            "vert_speed": -1.5, "direction": 90, "op_status": "Airborne", "pressure_altitude": "280.5 m", "timestamp": "2525.5",
        }
    },
    {"System Message": {"latitude": 13.51, "longitude": -2.09, "timestamp": 233_000_000}},
    {"Self-ID Message": {"text": "Survey"}},
    {"Operator ID Message": {"operator_id": "FIN87astrdge12k8"}},
]  # fmt: skip
PLAIN = {
    "mac": MAC,
    "lat": 13.512346,
    "long": -2.100371,
    "alt": 321,
    "speed": 12,
    "heading": 90,
    "pilot_lat": 13.51,
    "id": "1581F4FKD229400A",
}
PLAIN["pilot_lon"] = -2.09


@pytest.mark.parametrize("said", [MESH, SPACED, NESTED, PLAIN], ids=["mesh", "spaced", "nested", "plain"])
def test_the_same_drone_as_different_receivers_print_it(said: object) -> None:
    got = decode(said)
    assert got.records == {"Remote ID report": 1}
    assert got.rejects.total() == 0
    plot = got.plots
    assert len(plot) == 1
    assert (plot.kind[0], plot.aircraft_class[0]) == (PlotKind.REMOTE_ID, AircraftClass.DRONE)
    assert plot.remote_id[0] == b"1581F4FKD229400A"
    assert math.degrees(plot.lat_rad[0]) == pytest.approx(13.512346)
    assert math.degrees(plot.lon_rad[0]) == pytest.approx(-2.100371)
    assert plot.height_m[0] == 321.0
    if said is not MESH:
        assert (plot.east_ms[0], plot.north_ms[0]) == pytest.approx((12.0, 0.0), abs=1e-9)
    _, found = remote_id_json.FORMAT.details(remote_id_json.FORMAT.init(SourceHint()), Chunk.of("j", [lines(said)], NOW), math.nan)
    row = {c.name: c.values[0] for c in found["Remote ID report"].columns if c.offsets is None}
    assert (row["pilot_lat"], row["pilot_lon"], row["verified"]) == (13.51, -2.09, 0)


def test_more_that_a_message_says() -> None:
    plot = decode(NESTED).plots
    assert (plot.vertical_rate_ms[0], plot.pressure_altitude_m[0], plot.flags[0]) == (-1.5, 280.5, 0)
    assert plot.time_s[0] == NOW - 1.5  # 2,525.5 s after the hour


def test_every_value_is_in_the_details() -> None:
    data = lines(b"# boot", NESTED)
    chunk = Chunk.of("j", [data], NOW, offset=10)
    _, found = remote_id_json.FORMAT.details(remote_id_json.FORMAT.init(SourceHint()), chunk, math.nan)
    (detail,) = found.values()
    row = {c.name: c.values[0].item() for c in detail.columns if c.offsets is None}
    assert row == {
        "offset": 10 + 8, "receive_s": NOW, "time_s": NOW - 1.5, "mac": MAC.encode(), "id": b"1581F4FKD229400A", "registration": b"",
        "operator": b"FIN87astrdge12k8", "description": b"Survey", "ua_type": b"2", "id_type": b"Serial Number (ANSI/CTA-2063-A)",
        "status": b"Airborne", "rssi": -65.0, "lat": 13.512346, "lon": -2.100371, "altitude": 321.0, "pressure_altitude": 280.5,
        "height": 50.0, "speed": 12.0, "heading": 90.0, "vertical_speed": -1.5, "pilot_lat": 13.51, "pilot_lon": -2.09,
        "pilot_altitude": pytest.approx(math.nan, nan_ok=True), "verified": 0,
    }  # fmt: skip
    assert detail.columns[-1].values.tobytes() == data[8:-2]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("droneLat", "lat"), ("UAV_Latitude", "lat"), ("uav-latitude", "lat"), ("DRONE LONG", "lon"), ("lng", "lon"), ("UASID", "id"),
        ("Operator Latitude", "pilot_lat"), ("base longitude", "pilot_lon"), ("alitude msl", "altitude"),
        ("CAA Registration", "registration"),
    ],
)  # fmt: skip
def test_names_are_read_with_tolerance(name: str, key: str) -> None:
    said, _ = keys.report_of({name: "7"})
    assert list(said) == [key]


def test_the_table_of_names_is_of_one_mind() -> None:
    names = [name for accepted in keys.KEYS.values() for name in accepted]
    assert len(names) == len(set(names))
    assert all(keys.normal(name) == name for name in (*names, *keys.SECTIONS, *keys.WRAPPERS))
    assert set(names) >= keys.WEAK


def test_better_names_win() -> None:
    assert keys.report_of({"id": "7", "uav id": "SERIAL", "basic_id": "OTHER"})[0] == {"id": "SERIAL"}
    assert keys.report_of({"lat": 1.0, "drone_lat": 2.0})[0] == {"lat": 2.0}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"uav speed": 255}, "east_ms"), ({"uav heading": 361}, "east_ms"), ({"uav altitude": -1000}, "height_m"),
        ({"uav speed": None}, "east_ms"), ({"uav altitude": True}, "height_m"), ({"uav altitude": "high"}, "height_m"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_not(change: dict[str, object], expected: str) -> None:
    got = decode(SPACED | change)
    assert math.isnan(getattr(got.plots, expected)[0])
    assert got.rejects.total() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"uav latitude": 91},
        {"uav longitude": -181},
        {"uav latitude": None},
        {"uav speed": -3},
        {"base latitude": 100},
        {"uav altitude": 50_000},
    ],
)
def test_what_is_out_of_range_is_refused(change: dict[str, object]) -> None:
    got = decode(SPACED | change, MESH)
    assert got.rejects.counts == {"Remote ID report with a value out of range": 1}
    assert len(got.plots) == 1


def test_no_position_makes_no_plot() -> None:
    got = decode({"mac": MAC, "uav id": "A"}, MESH | {"drone_lat": 0.0, "drone_long": 0.0})
    assert got.records == {"Remote ID report": 2}
    assert len(got.plots) == 0
    assert got.rejects.total() == 0


def test_status() -> None:
    for status, flags, emergency in (("Ground", PlotFlag.ON_GROUND, 0), (3, PlotFlag.EMERGENCY, Emergency.GENERAL), ("AIRBORNE", 0, 0)):
        plot = decode(SPACED | {"op_status": status}).plots
        assert (plot.flags[0], plot.emergency[0]) == (flags, emergency)


def test_names_of_transmitters() -> None:
    state = remote_id_json.FORMAT.init(SourceHint())

    def name(said: dict[str, object], at_s: float) -> bytes:
        said = {"drone_lat": 13.5 + at_s * 1e-4, "drone_long": 2.0} | said
        return bytes(decode(said, receive_s=NOW + at_s, state=state).plots.remote_id[-1])

    assert name({"mac": MAC}, 0.0) == b""
    assert name({"mac": MAC}, 6.0) == b"mac:60601f0a0b0c"
    assert name({"mac": MAC, "caa registration": "FA 123"}, 7.0) == b"FA?123"
    assert name({"mac": MAC, "uav id": "SERIAL-\u00e9"}, 8.0) == b"SERIAL-?"
    assert name({"mac": MAC.upper().replace(":", "-")}, 9.0) == b"SERIAL-?"
    assert name({"uav id": "X" * 30}, 10.0) == b"X" * 20
    assert name({"mac": "?", "uav id": "none"}, 20.0) == b""
    assert len(state.transmitters) == 2


def test_copies_make_no_second_plot() -> None:
    state = remote_id_json.FORMAT.init(SourceHint())
    assert len(decode(MESH, MESH | {"rssi": -70}, MESH | {"drone_lat": 13.6}, state=state).plots) == 2
    assert len(decode(MESH | {"drone_lat": 13.6}, receive_s=NOW + 0.5, state=state).plots) == 0
    assert len(decode(MESH | {"drone_lat": 13.6}, receive_s=NOW + 1.5, state=state).plots) == 1  # it may hover
    assert len(decode(MESH | {"drone_lat": 13.6, "mac": "60:60:1f:0a:0b:0d"}, receive_s=NOW + 1.6, state=state).plots) == 1


@pytest.mark.parametrize(
    ("said", "expected", "off"),
    [
        ({"timestamp": "2026-05-01T10:42:05Z"}, NOW - 2, 0),
        ({"timestamp": "2026-05-01T12:42:05+02:00"}, NOW - 2, 0),
        ({"time": NOW - 3}, NOW - 3, 0),
        ({"ts": (NOW - 3) * 1e3}, NOW - 3, 0),
        ({"seconds": 2520.5}, NOW - 6.5, 0),
        ({"seconds": 0, "unix time": NOW - 3}, NOW, 1),
        ({"timestamp": "2019-05-01T10:42:05Z"}, NOW, 1),
        ({"timestamp": "2026-05-01"}, NOW, 0),
        ({"seconds": 65535}, NOW, 0),
    ],
)
def test_clocks(said: dict[str, object], expected: float, off: int) -> None:
    got = decode(MESH | said)
    assert got.plots.time_s[0] == pytest.approx(expected, abs=1e-3)
    assert got.rejects.total() == off


def test_without_receive_time() -> None:
    assert decode(MESH | {"time": NOW}, receive_s=math.nan).plots.time_s.tolist() == [NOW]
    assert decode(MESH | {"seconds": 2520}, receive_s=math.nan, tick_s=NOW).plots.time_s.tolist() == [NOW - 7]
    assert decode(MESH, receive_s=math.nan, tick_s=7.0).plots.time_s.tolist() == [7.0]


@pytest.mark.parametrize(
    "bad",
    [
        b"booting ...", b"{", b'{"mac": }', b"7", b'"text"', b"null", b'{"a": NaN}', b"\xff\xfe{}", b"[" * 4000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"mac": "\xff"}', b'{"lat": 1' + b"0" * 4400 + b"}",
    ],
)  # fmt: skip
def test_damage_costs_the_line_it_is_in(bad: bytes) -> None:
    got = decode(MESH, bad, SPACED)
    assert len(got.plots) == 2
    assert got.rejects.total() + got.records["JSON object of another kind"] == 1
    for offset in got.rejects.first_offset.values():
        assert offset == len(lines(MESH))


def test_other_objects_are_counted() -> None:
    got = decode({"heartbeat": "Device is active and running."}, {}, [], [1, "mac"], {"drone": [[[[[[[[{"mac": "x"}]]]]]]]]})
    assert got.records == {"JSON object of another kind": 5}
    assert got.rejects.total() == 0


def test_an_object_of_many_things_is_read_no_further_than_it_must() -> None:
    many = {f"k{i}": i for i in range(700)} | {"drone_lat": 1.0, "drone_long": 1.0}
    assert len(decode(many).plots) == 0
    assert decode([MESH] * 30).records == {"Remote ID report": 1}


def test_split_and_likeness() -> None:
    data = lines(MESH | {"timestamp": "2026-05-01T10:42:05Z"}, b"junk", SPACED | {"time": NOW}) + b'{"mac"'
    ends, times_s, rejects = remote_id_json.FORMAT.split(data)
    assert (len(ends), ends[-1], ends[-2], rejects.total()) == (5, len(data), len(data), 0)
    assert times_s == pytest.approx([NOW - 2, math.nan, NOW, math.nan, math.nan], nan_ok=True)
    assert remote_id_json.FORMAT.split(b"")[0].tolist() == [0]
    for said in (MESH, SPACED, NESTED, PLAIN):
        assert remote_id_json.FORMAT.likeness((lines(said) * 40)[30:-30]) == 1.0
    for other in (
        b"", b"MSG,3,1,1\n" * 30, b"$GPGGA,1*00\n" * 30, bytes(range(256)) * 20,
        lines(*[{"timestamp": NOW, "frame": "8d06200158a1010000ad3a3e6295"}] * 30),
        lines(*[{"hex": "062001", "lat": 13.0, "lon": 2.0, "altitude": 3, "track": 4, "speed": 5}] * 30),
        lines(*[{"id": 7, "lat": 13.0, "lon": 2.0, "time": NOW}] * 30), lines(*[{"mac": MAC, "rssi": -60, "ssid": "home"}] * 30),
        lines(*[{"timestamp": "2026-05-01T10:42:05Z", "nodeId": "x", "detectionReport": {"reportId": "y", "location": {"x": 1.0}}}] * 30),
    ):  # fmt: skip
        assert remote_id_json.FORMAT.likeness(other) == 0.0


def test_transmitters_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from tenere.wire.remote_id import messages

    monkeypatch.setattr(messages, "MOST_TRANSMITTERS", 5)
    state = remote_id_json.FORMAT.init(SourceHint())
    decode(*[{"mac": f"{i:012x}", "uav id": "A"} for i in range(1, 20)], state=state)
    assert list(state.transmitters) == [f"{i:012x}" for i in range(15, 20)]


def test_it_is_registered() -> None:
    assert load("remote_id_json") is remote_id_json.FORMAT
    assert np.isnan(keys.unix_of("yesterday"))

"""Open Drone ID: what is encoded comes back, who says what, copies, clocks, damage, and real captures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind
from tenere.tick import Chunk
from tenere.units import R95_SIGMA
from tenere.wire import recording, remote_id
from tenere.wire.format import SourceHint, load
from tenere.wire.remote_id import decode as reader
from tenere.wire.remote_id import encode
from tenere.wire.remote_id import messages as m

if TYPE_CHECKING:
    from pathlib import Path

    from tenere.wire.decoded import Decoded

MAC = 0x60601F000001
NOW = 1_700_000_000.0  # 22:13:20 UTC


def decode(frames: list[bytes], times_s: list[float] | float = NOW, state: reader.State | None = None) -> Decoded:
    return remote_id.FORMAT.step(state or reader.init(SourceHint()), Chunk.of("r", frames, times_s), NOW)[1]


def bluetooth(payload: bytes, *, extended: bool = False) -> bytes:
    """Return an advertisement as captured from the air."""
    data = b"\x16\xfa\xff\x0d\x07" + payload
    data = b"\x02\x01\x06" + bytes([len(data)]) + data
    address = MAC.to_bytes(6, "little")
    body = (bytes([9, 0x09]) + address + b"\x00\x00" + data) if extended else address + data
    return bytes.fromhex("d6be898e") + bytes([0x47 if extended else 0x42, len(body)]) + body + b"\xaa\xbb\xcc"


@pytest.fixture(params=["beacon", "action", "bluetooth", "bluetooth extended"])
def carrier(request: pytest.FixtureRequest):
    return {
        "beacon": lambda payload: encode.beacon(MAC, payload, 3),
        "action": lambda payload: encode.action(MAC, payload, 3),
        "bluetooth": bluetooth,
        "bluetooth extended": lambda payload: bluetooth(payload, extended=True),
    }[request.param]


def test_a_drone_on_every_carrier(carrier) -> None:
    place = encode.location(
        13.5123456,
        2.1,
        time_s=NOW,
        height_m=321.5,
        pressure_altitude_m=280.0,
        speed_ms=12.25,
        course_deg=225.0,
        vertical_ms=-1.5,
        horizontal_accuracy=10,
        speed_accuracy=4,
    )
    got = decode([carrier(encode.pack([place, encode.basic_id(b"1581F4XYZ"), encode.self_id(b"survey")])), carrier(place)])
    assert got.records == {"Location": 2, "Basic ID": 1, "Self-ID": 1}
    assert got.rejects.total() == 0
    plot = got.plots
    assert len(plot) == 1
    assert plot.remote_id[0] == b"1581F4XYZ"
    assert plot.kind[0] == PlotKind.REMOTE_ID
    assert plot.aircraft_class[0] == AircraftClass.DRONE
    assert math.degrees(plot.lat_rad[0]) == pytest.approx(13.5123456, abs=1e-9)
    assert math.degrees(plot.lon_rad[0]) == pytest.approx(2.1, abs=1e-9)
    assert plot.height_m[0] == 321.5
    assert plot.pressure_altitude_m[0] == 280.0
    assert plot.east_ms[0] == pytest.approx(-12.25 / math.sqrt(2))
    assert plot.north_ms[0] == pytest.approx(-12.25 / math.sqrt(2))
    assert plot.vertical_rate_ms[0] == -1.5
    assert plot.position_std_m[0] == pytest.approx(10.0 / R95_SIGMA)
    assert plot.velocity_std_ms[0] == pytest.approx(0.3 / R95_SIGMA)
    assert plot.time_s[0] == NOW


def test_the_simulator_encodes_a_row_a_drone() -> None:
    frames = encode.beacon_frames(
        [MAC, MAC + 1],
        [b"SERIAL-1", b"SERIAL-2"],
        [13.5, 14.5],
        [2.0, 3.0],
        NOW,
        height_m=[300.0, np.nan],
        speed_ms=80.0,
        course_deg=0.0,
        operator=[b"NER-1", b""],
        operator_lat_deg=[13.4, np.nan],
        operator_lon_deg=[2.0, np.nan],
    )
    got = decode(frames)
    assert got.records == {"Basic ID": 2, "Location": 2, "System": 1, "Operator ID": 1}
    assert got.plots.remote_id.tolist() == [b"SERIAL-1", b"SERIAL-2"]
    assert got.plots.north_ms == pytest.approx([80.0, 80.0], abs=0.4)  # past 63.75 m/s steps are of 0.75
    assert got.plots.reference.tolist() == [frames[0].index(b"\xf2\x19") + 28, len(frames[0]) + frames[1].index(b"\xf2\x19") + 28]


def test_what_is_invalid_is_not_known() -> None:
    plot = decode([encode.beacon(MAC, encode.location(13.5, 2.0, horizontal_accuracy=0))]).plots
    for column in ("height_m", "pressure_altitude_m", "east_ms", "north_ms", "vertical_rate_ms", "velocity_std_ms", "position_std_m"):
        assert math.isnan(getattr(plot, column)[0]), column
    assert plot.time_s[0] == NOW


@pytest.mark.parametrize(("lat", "lon"), [(0.0, 0.0), (91.0, 2.0), (13.0, -181.0)])
def test_no_position_makes_no_plot(lat: float, lon: float) -> None:
    got = decode([encode.beacon(MAC, encode.location(lat, lon))])
    assert len(got.plots) == 0
    assert got.records == {"Location": 1}
    assert got.rejects.counts == {"Location without a position": 1}


def test_status_is_flagged() -> None:
    ground = decode([encode.beacon(MAC, encode.location(13.5, 2.0, status=1))]).plots
    alarm = decode([encode.beacon(MAC, encode.location(13.5, 2.0, status=3))]).plots
    assert ground.flags[0] == PlotFlag.ON_GROUND
    assert (alarm.flags[0], alarm.emergency[0]) == (PlotFlag.EMERGENCY, Emergency.GENERAL)


def test_copies_make_no_second_plot() -> None:
    first = encode.beacon(MAC, encode.location(13.5, 2.0, time_s=NOW))
    moved = encode.beacon(MAC, encode.location(13.6, 2.0, time_s=NOW + 1))
    other = encode.beacon(MAC + 1, encode.location(13.5, 2.0, time_s=NOW))
    got = decode([first, first, moved, first, other])
    assert got.records == {"Location": 5}
    assert len(got.plots) == 4  # what was said before last is news again


def test_the_time_is_that_of_the_hour_nearest_the_receive_time() -> None:
    hour = math.floor(NOW / 3600) * 3600.0
    for said, heard, expected in (
        (3599.5, hour + 3600.2, hour + 3599.5),
        (0.5, hour + 3599.0, hour + 3600.5),
        (10.0, hour + 10.9, hour + 10.0),
    ):
        got = decode([encode.beacon(MAC, encode.location(13.5, 2.0, time_s=hour + said))], heard)
        assert got.plots.time_s[0] == pytest.approx(expected, abs=1e-6)
        assert got.plots.receive_s[0] == heard


def test_a_clock_that_is_off_is_counted_and_not_used() -> None:
    frame = encode.beacon(MAC, encode.location(13.5, 2.0, time_s=NOW + 600))
    got = decode([frame] * 4, [NOW, NOW + 0.3, NOW + 0.9, NOW + 1.2])
    assert got.rejects.counts == {"Location clock off by over a minute": 4}
    assert got.plots.time_s.tolist() == [NOW, NOW + 1.2]  # without a clock a copy may be a drone that hovers


def test_without_receive_time_the_tick_serves() -> None:
    got = decode([encode.beacon(MAC, encode.location(13.5, 2.0, time_s=NOW + 3))], math.nan)
    assert got.plots.time_s.tolist() == [NOW + 3]
    assert math.isnan(got.plots.receive_s[0])


def test_names() -> None:
    state = reader.init(SourceHint())

    def name(frames: list[bytes], at_s: float) -> bytes:
        place = encode.beacon(MAC, encode.location(13.5 + at_s * 1e-4, 2.0))
        return bytes(decode([*frames, place], NOW + at_s, state).plots.remote_id[-1])

    assert name([], 0.0) == b""  # its Basic ID may follow
    assert name([], 6.0) == b"mac:60601f000001"
    assert name([encode.beacon(MAC, encode.basic_id(b"\x01\x02\x03" + b"\xff" * 17, id_type=4))], 7.0) == b"ses:010203ffffffffff"
    assert name([encode.beacon(MAC, encode.basic_id(b"FA-123", id_type=2))], 8.0) == b"FA-123"
    assert name([encode.beacon(MAC, encode.basic_id(b"SERIAL\x07", id_type=1))], 9.0) == b"SERIAL?"
    assert name([encode.beacon(MAC, encode.basic_id(b"FA-999", id_type=2))], 10.0) == b"SERIAL?"
    assert name([encode.beacon(MAC, encode.basic_id(b"", id_type=1))], 11.0) == b"SERIAL?"


def test_transmitters_are_bounded() -> None:
    state = reader.init(SourceHint())
    decode([encode.beacon(k, encode.basic_id(b"X")) for k in range(m.MOST_TRANSMITTERS + 10)], NOW, state)
    assert len(state.transmitters) == m.MOST_TRANSMITTERS
    assert next(iter(state.transmitters)) == 10


def test_authentication_is_counted_and_not_believed() -> None:
    got = decode([encode.beacon(MAC, bytes([m.AUTHENTICATION << 4 | 2]) + bytes(24))])
    assert got.records == {"Authentication": 1}
    assert got.rejects.counts == {"Authentication not verified": 1}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "Remote ID frame cut short"),
        (b"\x12" + bytes(10), "Remote ID frame cut short"),
        (b"\xf2\x19", "Remote ID frame cut short"),
        (b"\xf2\x18\x01" + bytes(25), "Remote ID pack with a size or count it cannot have"),
        (b"\xf2\x19\x0a" + bytes(250), "Remote ID pack with a size or count it cannot have"),
        (b"\xf2\x19\x00", "Remote ID pack with a size or count it cannot have"),
        (b"\x72" + bytes(24), "Remote ID message type 7 not decoded"),
        (b"\xf2\x19\x01\xf2" + bytes(24), "Remote ID message type 15 not decoded"),
    ],
)
def test_damage_is_counted(payload: bytes, reason: str) -> None:
    element_fits = len(payload) <= 250
    got = decode([encode.beacon(MAC, payload)] if element_fits else [encode.action(MAC, payload)])
    assert got.rejects.counts == {reason: 1}
    assert got.records == {}


def test_whole_messages_of_a_pack_cut_short_are_kept() -> None:
    frame = encode.beacon(MAC, encode.pack([encode.basic_id(b"A"), encode.location(13.5, 2.0), encode.operator_id(b"B")]))
    got = decode([frame[:-20]])
    assert got.records == {"Basic ID": 1, "Location": 1}
    assert got.rejects.counts == {"Remote ID frame cut short": 2}  # the element, and its last message


def test_other_traffic_is_passed_over_and_other_formats_are_named() -> None:
    plain = encode.beacon(MAC, b"")[:36] + b"\x00\x04home"
    french = plain + bytes([221, 4]) + m.FRENCH_OUI + b"\x01"
    dji = plain + bytes([221, 4]) + m.DJI_OUI + b"\x58"
    got = decode([plain, b"", b"\x08\x02" + bytes(60), b"\x80", b"\xd0\x00" + bytes(40), french, dji])
    assert got.rejects.counts == {"French national Remote ID not decoded": 1, "DJI DroneID not decoded": 1}
    assert got.records == {}


def test_a_frame_check_sequence_does_no_harm() -> None:
    assert decode([encode.beacon(MAC, encode.basic_id(b"A")) + b"\xdd\xff\x01\x02"]).rejects.total() == 0


def test_likeness_and_split() -> None:
    assert remote_id.FORMAT.likeness(encode.beacon(MAC, encode.basic_id(b"A"))) == 1.0
    assert remote_id.FORMAT.likeness(b"\x80" * 100) == 0.0
    ends, times_s, _ = remote_id.FORMAT.split(b"abc")
    assert (ends.tolist(), np.isnan(times_s).tolist()) == ([3], [True])
    assert load("remote_id").name == "remote_id"


@pytest.mark.parametrize(
    ("name", "records", "plots", "names"),
    [
        (
            "cdc_parrot_anafi4_real.pcapng",
            {"Location": 1140, "Basic ID": 385, "System": 385, "Operator ID": 385},
            124,
            {b"", b"1588E040445AC004418"},
        ),
        (
            "odid_wifi_bcn_sample.pcap",
            {"Basic ID": 21, "Location": 21, "Self-ID": 21, "System": 21, "Operator ID": 21},
            16,
            {b"MFG1A0123456789"},
        ),
        ("odid_wifi_sample.pcap", {"Operator ID": 3, "Location": 31, "Self-ID": 4, "System": 4}, 17, {b"", b"mac:84cca8604324"}),
        ("cdc_mavic_alessa_spoofed.pcapng", {}, 0, set()),
    ],
)
def test_real_captures(shared_data: Path, name: str, records: dict[str, int], plots: int, names: set[bytes]) -> None:
    chunk = recording.read((shared_data / "remoteid" / name).read_bytes()).chunk
    got = remote_id.FORMAT.step(reader.init(SourceHint()), chunk, 0.0)[1]
    assert got.records == records
    assert len(got.plots) == plots
    assert set(got.plots.remote_id.tolist()) == names
    if "mavic" in name:
        assert got.rejects.counts == {"DJI DroneID not decoded": 10}
    if "parrot" in name:
        assert got.rejects.total() == 0
        assert np.degrees(got.plots.lat_rad) == pytest.approx(np.full(124, 47.1987), abs=1e-3)
        assert (np.abs(got.plots.time_s - got.plots.receive_s) < 3.0).all()

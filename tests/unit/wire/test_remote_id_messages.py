"""Open Drone ID messages laid out by hand from ASTM F3411-22a, byte by byte, and what they say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.batch import PlotFlag
from tenere.tick import Chunk
from tenere.wire import recording, remote_id
from tenere.wire.format import SourceHint
from tenere.wire.remote_id import encode

if TYPE_CHECKING:
    from pathlib import Path

    from tenere.wire.detail import Detail

MAC = 0x60601F0A0B0C
NOW = 1_700_000_000.0  # 22:13:20 UTC: 800 s after the hour


def decode(frames: list[bytes], times_s: float = NOW):
    return remote_id.FORMAT.step(remote_id.FORMAT.init(SourceHint()), Chunk.of("r", frames, times_s), NOW)[1]


def details(frames: list[bytes], times_s: float = NOW) -> dict[str, Detail]:
    return remote_id.FORMAT.details(remote_id.FORMAT.init(SourceHint()), Chunk.of("r", frames, times_s), NOW)[1]


def row(detail: Detail, i: int = 0) -> dict[str, Any]:
    """Return one row by column name; None where absent."""
    found: dict[str, Any] = {}
    for c in detail.columns:
        value = c.values[i] if c.offsets is None else c.values[c.offsets[i] : c.offsets[i + 1]].tobytes()
        absent = (c.present is not None and not c.present[i]) or (c.values.dtype.kind == "f" and math.isnan(value))
        found[c.name] = None if absent else value.item() if hasattr(value, "item") else value
    return found


def said(message: bytes) -> dict[str, Any]:
    """Return the row of the only message in a beacon, without the columns every table has."""
    assert len(message) == 25
    ((_, detail),) = details([encode.beacon(MAC, message, 7)]).items()
    got = row(detail)
    assert got.pop("offset") == encode.beacon(MAC, message, 7).index(message)
    assert got.pop("receive_s") == NOW
    assert (got.pop("transmitter"), got.pop("transport"), got.pop("counter")) == (b"60:60:1f:0a:0b:0c", 1, 7)
    assert got.pop("version") == message[0] & 0xF
    return got


def test_basic_id() -> None:
    message = bytes([0x02, 0x12]) + b"1581F4FKD229400A\0\0\0\0" + bytes(3)  # serial number of a multirotor
    assert said(message) == {
        "id_type": 1,
        "ua_type": 2,
        "uas_id": b"1581F4FKD229400A",
        "uas_id_octets": b"1581F4FKD229400A\0\0\0\0",
    }
    session = bytes([0x02, 0x4F, 0x01]) + bytes(range(0xA0, 0xB3)) + bytes(3)  # a session identifier, binary; kind of aircraft: other
    got = said(session)
    assert (got["id_type"], got["ua_type"], got["uas_id_octets"]) == (4, 15, session[2:22])


def test_location() -> None:
    message = bytes(
        [
            0x12,  # Location, version 2
            0x26,  # airborne; height above ground; going west; fine speed steps
            0x2D,  # direction 45, west: 225 degrees
            0x31,  # 49 quarters: 12.25 m/s
            0xFD,  # -3 halves: -1.5 m/s
            *(0x40, 0xDE, 0x0D, 0x08),  # 0x080DDE40 = 135,126,592: 13.5126592 degrees
            *(0x40, 0x82, 0xBF, 0xFE),  # 0xFEBF8240 - 2**32 = -21,003,712: -2.1003712 degrees
            *(0x00, 0x0A),  # 2,560 halves - 1,000: 280.0 m
            *(0x53, 0x0A),  # 2,643 halves - 1,000: 321.5 m
            *(0x98, 0x08),  # 2,200 halves - 1,000: 100.0 m
            0x4B,  # vertical 10 m, horizontal 3 m
            0x34,  # pressure altitude 25 m, speed 0.3 m/s
            *(0x37, 0x1F),  # 7,991 tenths: 799.1 s after the hour
            0x0A,  # to within 1.0 s
            0x00,
        ]
    )
    assert said(message) == {
        "time_s": NOW - 0.9,
        "status": 2,
        "track": 225.0,
        "speed": 12.25,
        "vertical_speed": -1.5,
        "latitude": pytest.approx(13.5126592, abs=1e-9),
        "longitude": pytest.approx(-2.1003712, abs=1e-9),
        "pressure_altitude": 280.0,
        "geodetic_altitude": 321.5,
        "height_type": 1,
        "height": 100.0,
        "horizontal_accuracy": 11,
        "vertical_accuracy": 4,
        "pressure_accuracy": 3,
        "speed_accuracy": 4,
        "second_of_hour": 799.1,
        "time_accuracy": 1.0,
    }
    plot = decode([encode.beacon(MAC, message)]).plots
    assert math.degrees(plot.lat_rad[0]) == pytest.approx(13.5126592)
    assert math.degrees(plot.lon_rad[0]) == pytest.approx(-2.1003712)
    assert (plot.height_m[0], plot.pressure_altitude_m[0], plot.vertical_rate_ms[0]) == (321.5, 280.0, -1.5)
    assert (plot.east_ms[0], plot.north_ms[0]) == pytest.approx((-12.25 * math.sqrt(0.5), -12.25 * math.sqrt(0.5)))
    assert plot.position_std_m[0] == pytest.approx(3 / 2.4477, abs=1e-3)


def test_a_location_that_says_it_knows_nothing() -> None:
    message = bytes([0x12, 0x13, 0xB5, 0xFF, 0x7E, *bytes(8), *bytes(6), 0, 0, 0xFF, 0xFF, 0, 0])
    got = said(message)  # on the ground, direction 361, speed 255, vertical speed 63, the rest "no value"
    assert {name for name, value in got.items() if value is not None} == {
        *("status", "height_type", "horizontal_accuracy", "vertical_accuracy", "pressure_accuracy", "speed_accuracy"),
    }
    assert len(decode([encode.beacon(MAC, message)]).plots) == 0


def test_the_fastest_speeds() -> None:
    message = bytearray(encode.location(13.0, 2.0))
    message[1:5] = 0x31, 0x00, 0xFE, 0x7C  # emergency; coarse speed steps: 254 * 0.75 + 63.75 = 254.25; 124 halves: 62 m/s
    got = said(bytes(message))
    assert (got["speed"], got["vertical_speed"], got["status"], got["track"]) == (254.25, 62.0, 3, 0.0)
    assert decode([encode.beacon(MAC, bytes(message))]).plots.flags[0] == PlotFlag.EMERGENCY


def test_self_id() -> None:
    assert said(bytes([0x32, 0x01]) + b"Search and rescue".ljust(23, b"\0")) == {"description_type": 1, "text": b"Search and rescue"}
    assert said(bytes([0x32, 0x00]) + b"\xff\x01abc" + bytes(18)) == {"description_type": 0, "text": b"??abc"}


def test_system() -> None:
    message = bytes(
        [
            0x42,
            0x05,  # operator's place live; classification of the European Union
            *(0x40, 0xDE, 0x0D, 0x08),  # 13.5126592 degrees
            *(0x40, 0x82, 0xBF, 0xFE),  # -2.1003712 degrees
            *(0x03, 0x00),  # three aircraft
            0x32,  # 50 tens: 500 m
            *(0xB8, 0x0B),  # 3,000 halves - 1,000: 500.0 m
            *(0x34, 0x08),  # 2,100 halves - 1,000: 50.0 m
            0x25,  # specific category, class 4
            *(0x92, 0x09),  # 2,450 halves - 1,000: 225.0 m
            *(0x00, 0x97, 0x2A, 0x09),  # 0x092A9700 = 153,786,112 s since 2019-01-01
            0x00,
        ]
    )
    assert said(message) == {
        "time_s": 1_546_300_800.0 + 153_786_112,
        "operator_location_type": 1,
        "classification_type": 1,
        "operator_latitude": pytest.approx(13.5126592, abs=1e-9),
        "operator_longitude": pytest.approx(-2.1003712, abs=1e-9),
        "area_count": 3,
        "area_radius": 500.0,
        "area_ceiling": 500.0,
        "area_floor": 50.0,
        "category_eu": 2,
        "class_eu": 5,
        "operator_altitude": 225.0,
    }
    undeclared = bytes([0x42, 0x00, *bytes(8), 0x01, *bytes(14)])
    got = said(undeclared)
    for name in ("time_s", "operator_latitude", "operator_longitude", "area_ceiling", "area_floor", "category_eu", "operator_altitude"):
        assert got[name] is None, name


def test_operator_id() -> None:
    assert said(bytes([0x52, 0x00]) + b"FIN87astrdge12k8\0\0\0\0" + bytes(3)) == {
        "operator_id_type": 0,
        "operator_id": b"FIN87astrdge12k8",
    }


def pages() -> list[bytes]:
    """Return 45 bytes of authentication data and five more, on three pages laid out by hand."""
    data = bytes(range(1, 46))
    return [
        bytes([0x22, 0x10, 0x02, 45, 0x00, 0x97, 0x2A, 0x09]) + data[:17],  # UAS ID signature, page 0 of 0 to 2, made in 2023
        bytes([0x22, 0x11]) + data[17:40],
        bytes([0x22, 0x12]) + data[40:] + bytes([5, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5]) + bytes(12),
    ]


def test_authentication_is_put_together_from_its_pages() -> None:
    detail = details([encode.beacon(MAC, page, 7) for page in pages()])["Authentication"]
    first, second, third = (row(detail, i) for i in range(3))
    assert (first["auth_type"], first["page"], first["last_page"], first["length"]) == (1, 0, 2, 45)
    assert (first["time_s"], first["data"]) == (1_546_300_800.0 + 153_786_112, bytes(range(1, 18)))
    assert (second["page"], second["last_page"], second["length"], second["time_s"]) == (1, None, None, None)
    assert second["data"] == bytes(range(18, 41))
    assert (first["assembled"], second["assembled"]) == (None, None)
    assert third["assembled"] == bytes(range(1, 46))
    assert third["additional"] == bytes([5, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5]) + bytes(12)
    assert [first["verified"], second["verified"], third["verified"]] == [0, 0, 0]


def assembled(messages: list[bytes], macs: list[int] | None = None) -> list[bytes | None]:
    detail = details([encode.beacon(mac, page) for page, mac in zip(messages, macs or [MAC] * len(messages), strict=True)])[
        "Authentication"
    ]
    return [row(detail, i)["assembled"] for i in range(len(detail))]


def test_authentication_pages_in_any_order_and_of_several_drones() -> None:
    a, b, c = pages()
    whole = bytes(range(1, 46))
    assert assembled([c, a, b]) == [None, None, whole]
    assert assembled([a, b, c, a, b, c]) == [None, None, whole, None, None, None]  # said once
    assert assembled([a, b, c], [MAC, MAC + 1, MAC]) == [None] * 3
    other = bytes([0x22, 0x11]) + bytes(23)
    assert assembled([a, b, c, other]) == [None, None, whole, None]
    assert assembled([a, other, b, c]) == [None] * 4  # another page 1: other data have begun
    new = bytes([0x22, 0x10, 0x00, 3, *bytes(4)]) + b"abc" + bytes(14)
    assert assembled([a, b, new, c]) == [None, None, b"abc", None]
    endless = bytes([0x22, 0x10, 0xFF, 3, *bytes(4)]) + bytes(17)
    assert assembled([endless, b, c]) == [None] * 3


def test_authentication_as_encoded() -> None:
    for size in (0, 1, 17, 18, 40, 41, 255):
        data = bytes((7 * i + 1) % 256 for i in range(size))
        sent = encode.authentication(data, auth_type=2, time_s=1_700_000_000.0)
        assert [len(page) for page in sent] == [25] * len(sent)
        assert assembled(sent) == [None] * (len(sent) - 1) + [data]


def test_all_messages_of_a_pack_in_one_table_each() -> None:
    parts = [
        encode.basic_id(b"A"),
        encode.location(13.5, 2.0),
        *pages(),
        encode.self_id(b"x"),
        encode.system(13.0, 2.0),
        encode.operator_id(b"B"),
    ]
    found = details([encode.beacon(MAC, encode.pack(parts), 9)] * 2)
    assert {name: len(d) for name, d in found.items()} == {
        "Basic ID": 2, "Location": 2, "Authentication": 6, "Self-ID": 2, "System": 2, "Operator ID": 2,
    }  # fmt: skip
    for detail in found.values():
        assert {c.name for c in detail.columns[:2]} == {"offset", "receive_s"}
        assert {len(c) for c in detail.columns} == {len(detail)}
    assert {name: len(d) for name, d in details([]).items()} == dict.fromkeys(found, 0)  # asked of nothing, it says what there is


def test_what_the_tables_of_the_recordings_hold(shared_data: Path) -> None:
    def tables(name: str) -> dict[str, Detail]:
        chunk = recording.read((shared_data / "remoteid" / name).read_bytes()).chunk
        return remote_id.FORMAT.details(remote_id.FORMAT.init(SourceHint()), chunk, 0.0)[1]

    parrot = tables("cdc_parrot_anafi4_real.pcapng")
    assert {name: len(d) for name, d in parrot.items()} == {"Basic ID": 385, "Location": 1140, "System": 385, "Operator ID": 385}
    first = row(parrot["System"])
    assert (first["classification_type"], first["category_eu"], first["class_eu"]) == (1, 1, 2)  # open category, class 1
    assert first["operator_latitude"] == pytest.approx(47.1986, abs=1e-3)
    heights = next(c.values for c in parrot["Location"].columns if c.name == "height")
    assert (heights.min(), heights.max() > 10) == (0.0, True)
    places = next(c.values for c in parrot["Location"].columns if c.name == "latitude")
    plots = decode_all(shared_data / "remoteid" / "cdc_parrot_anafi4_real.pcapng").plots
    assert set(np.radians(places).tolist()) == set(plots.lat_rad.tolist())
    for name, transports in (("odid_wifi_bcn_sample.pcap", {1}), ("odid_wifi_sample.pcap", {1, 2})):
        sample = tables(name)
        seen = {int(v) for d in sample.values() for c in d.columns if c.name == "transport" for v in c.values}
        assert seen == transports
        system, location, own = row(sample["System"]), row(sample["Location"]), row(sample["Self-ID"])
        assert (system["area_count"], system["area_radius"], system["class_eu"], own["text"]) == (1, 500.0, 5, b"Recreational")
        assert (location["geodetic_altitude"], location["height"], location["speed"], location["horizontal_accuracy"]) == (
            237.0,
            100.0,
            20.5,
            9,
        )
        assert row(sample["Operator ID"])["operator_id"] == b"GBR-OP-123ABCD"
    assert tables("cdc_mavic_alessa_spoofed.pcapng") == {}


def decode_all(path: Path):
    chunk = recording.read(path.read_bytes()).chunk
    return remote_id.FORMAT.step(remote_id.FORMAT.init(SourceHint()), chunk, 0.0)[1]

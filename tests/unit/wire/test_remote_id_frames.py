"""Radio frames that carry Open Drone ID, built byte by byte: Bluetooth on the air and as told to a host, Wi-Fi beacon and NAN."""

from __future__ import annotations

import struct

import pytest

from tenere.tick import Chunk
from tenere.wire import recording, remote_id
from tenere.wire.format import SourceHint
from tenere.wire.remote_id import encode
from tenere.wire.remote_id.frames import CUT, Found, find

MESSAGE = bytes([0x12, 0x20]) + bytes(range(2, 25))  # 25 bytes of a Location
PACK = bytes([0xF2, 25, 2]) + MESSAGE + bytes([0x02, 0x12]) + bytes(23)
ADDRESS = bytes([0x0C, 0x0B, 0x0A, 0x1F, 0x60, 0xC0])  # C0:60:1F:0A:0B:0C, least significant byte first
MAC = 0xC0601F0A0B0C
ACCESS = bytes([0xD6, 0xBE, 0x89, 0x8E])
CRC = b"\x11\x22\x33"


def service_data(payload: bytes, counter: int = 0x2A) -> bytes:
    """Return an AD structure: its length, type 0x16, UUID 0xFFFA, application code 0x0D, counter, message."""
    return bytes([1 + 2 + 1 + 1 + len(payload), 0x16, 0xFA, 0xFF, 0x0D, counter]) + payload


def legacy(kind: int = 2, data: bytes | None = None) -> bytes:
    body = ADDRESS + (service_data(MESSAGE) if data is None else data)
    return ACCESS + bytes([0x40 | kind, len(body)]) + body + CRC


def extended(data: bytes | None = None, *, address: bool = True, coded: bool = False) -> bytes:
    """Return an AUX_ADV_IND: extended header (length and mode, flags, address, advertising set), advertising data."""
    flags, fields = (0x09, ADDRESS + b"\x34\x12") if address else (0x08, b"\x34\x12")
    body = bytes([1 + len(fields), flags]) + fields + (service_data(PACK) if data is None else data)
    return ACCESS + (b"\x00" if coded else b"") + bytes([0x07, len(body)]) + body + CRC


def only(frame: bytes) -> tuple[Found, bytes]:
    (found,) = find(frame)
    return found, frame[found.first : found.end]


@pytest.mark.parametrize("kind", [0, 2, 4, 6])
def test_a_legacy_advertisement(kind: int) -> None:
    found, payload = only(legacy(kind))
    assert (found.transmitter, found.transport, found.counter, payload) == (MAC, 3, 0x2A, MESSAGE)


def test_a_legacy_advertisement_with_other_structures_before() -> None:
    found, payload = only(legacy(0, b"\x02\x01\x06" + b"\x05\x16\xfa\xff\x0c\x00" + service_data(MESSAGE)))
    assert (found.transmitter, payload) == (MAC, MESSAGE)


@pytest.mark.parametrize("kind", [1, 3, 5, 8])
def test_other_packets_are_passed_over(kind: int) -> None:
    assert list(find(legacy(kind))) == []


@pytest.mark.parametrize(("coded", "transport"), [(False, 4), (True, 5)])
@pytest.mark.parametrize("checked", [False, True])
def test_an_extended_advertisement(coded: bool, transport: int, checked: bool) -> None:
    frame = extended(coded=coded)
    frame = frame if checked else frame[:-3]
    found, payload = only(frame)
    assert (found.transmitter, found.transport, found.counter, payload) == (MAC, transport, 0x2A, PACK)


def test_an_advertisement_that_does_not_say_who_sends_it_is_believed_by_itself() -> None:
    def pack(serial: bytes, lat: float) -> bytes:
        return extended(service_data(encode.pack([encode.basic_id(serial), encode.location(lat, 2.0)])), address=False)

    bare = extended(service_data(encode.pack([encode.location(15.0, 2.0)])), address=False)
    state = remote_id.FORMAT.init(SourceHint())
    for at_s in (0.0, 60.0):
        chunk = Chunk.of("r", [pack(b"ONE", 13.0), pack(b"TWO", 14.0), bare], 1_700_000_000.0 + at_s)
        _, got = remote_id.FORMAT.step(state, chunk, 0.0)
        assert got.plots.remote_id.tolist() == [b"ONE", b"TWO", b""]
    assert state.transmitters == {}


def test_a_cut_advertisement() -> None:
    whole = legacy(2, b"\x02\x01\x06" + service_data(MESSAGE))
    for size in range(len(whole) - 3):
        got = remote_id.FORMAT.step(remote_id.FORMAT.init(SourceHint()), Chunk.of("r", [whole[:size]], 0.0), 0.0)[1]
        assert got.records == {}
        assert set(got.rejects.counts) <= {CUT}
    structure = service_data(MESSAGE)
    assert [f.reason for f in find(legacy(2, bytes([200]) + structure[1:]))] == [CUT, ""]


def event(*reports: bytes, subevent: int) -> bytes:
    """Return an HCI LE meta event in H4 framing."""
    parameters = bytes([subevent, len(reports)]) + b"".join(reports)
    return bytes([0x04, 0x3E, len(parameters)]) + parameters


def legacy_report(data: bytes) -> bytes:
    """Return event type, address type, address, data and its length, signal strength."""
    return bytes([0x03, 0x01]) + ADDRESS + bytes([len(data)]) + data + b"\xc4"


def extended_report(data: bytes, secondary: int = 3, event_type: int = 0) -> bytes:
    """Return event and address type, address, PHYs, set, power, strength, interval, direct address, data."""
    head = event_type.to_bytes(2, "little") + b"\x01" + ADDRESS + bytes([3, secondary, 0x00, 0x7F, 0xC4, 0, 0, 0]) + bytes(6)
    return head + bytes([len(data)]) + data


def beacon(elements: bytes) -> bytes:
    mac = MAC.to_bytes(6, "big")
    return b"\x80\x00\x00\x00" + b"\xff" * 6 + mac + mac + b"\x10\x00" + bytes(8) + b"\x64\x00\x01\x04" + elements


def test_a_beacon() -> None:
    element = bytes([221, 5 + len(PACK), 0xFA, 0x0B, 0xBC, 0x0D, 0x2A]) + PACK
    found, payload = only(beacon(b"\x00\x03abc" + element))
    assert (found.transmitter, found.transport, found.counter, payload) == (MAC, 1, 0x2A, PACK)
    assert beacon(b"\x00\x06RemoID\x01\x01\x8c" + element)[36:] == encode.beacon(MAC, PACK, 0x2A)[36:]


def action(control: int, between: bytes) -> bytes:
    """Return a NAN service discovery frame whose service descriptor has the control bits and fields given before its information."""
    mac = MAC.to_bytes(6, "big")
    head = b"\xd0\x00\x00\x00" + bytes.fromhex("516f9a010000") + mac + bytes.fromhex("506f9a0100ff") + b"\x00\x00"
    info = bytes([0x2A]) + PACK
    body = bytes.fromhex("8869199d9209") + bytes([1, 0, control]) + between + bytes([len(info)]) + info
    other = b"\x00\x02\x00\x01\x02"  # a master indication before it
    return head + bytes.fromhex("0409506f9a13") + other + b"\x03" + len(body).to_bytes(2, "little") + body


@pytest.mark.parametrize(
    ("control", "between"),
    [(0x10, b""), (0x14, b"\x02ab"), (0x18, b"\x01x"), (0x1C, b"\x00\x03xyz"), (0x50, b"\x01\x02"), (0x5C, b"\x01\x02\x01a\x02bc")],
)
def test_a_nan_frame_with_what_may_stand_before_the_message(control: int, between: bytes) -> None:
    frame = action(control, between)
    found, payload = only(frame)
    assert (found.transmitter, found.transport, found.counter, payload) == (MAC, 2, 0x2A, PACK)
    for size in range(len(frame)):
        for cut in find(frame[:size]):
            assert cut.reason == CUT or cut.end <= size


def test_a_nan_frame_without_service_information() -> None:
    assert list(find(action(0x00, b""))) == []


def test_frames_as_encoded() -> None:
    for frame, transport in (
        (encode.beacon(MAC, PACK, 5), 1),
        (encode.action(MAC, PACK, 5), 2),
        (encode.bluetooth(MAC, MESSAGE, 5), 3),
        (encode.bluetooth(MAC, PACK, 5, extended=True), 4),
    ):
        found, payload = only(frame)
        assert (found.transmitter, found.transport, found.counter) == (MAC, transport, 5)
        assert payload in {PACK, MESSAGE}


def capture(link: int, *frames: bytes) -> bytes:
    """Return a pcap file of some frames, a second apart."""
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, link)
    return head + b"".join(struct.pack("<IIII", 1_700_000_000 + i, 0, len(f), len(f)) + f for i, f in enumerate(frames))


def on_the_air(link: int, frame: bytes) -> bytes:
    """Return a packet of a link type: 251 as it is; 256 behind radio information; 272 behind the header of a Nordic sniffer."""
    if link == 256:
        return bytes([37, 0xC4, 0x80, 0]) + ACCESS + b"\x13\x00" + frame
    if link == 272:
        return bytes([0x01, 10 + len(frame), 0x00, 0x02, 0x34, 0x12, 0x02, 0x0A, 0x01, 0x25, 0x3C, 0x00, 0x00, *bytes(4)]) + frame
    return frame


@pytest.mark.parametrize("link", [251, 256, 272])
def test_captures_of_bluetooth(link: int) -> None:
    sent = [legacy(), extended(), extended(coded=True), legacy(2, b"\x02\x01\x06")]
    found = recording.read(capture(link, *(on_the_air(link, frame) for frame in sent)))
    assert (found.framing, found.format) == ("pcap", "remote_id")
    got = remote_id.FORMAT.step(remote_id.FORMAT.init(SourceHint()), found.chunk, 0.0)[1]
    assert got.records == {"Location": 3, "Basic ID": 2}
    tables = remote_id.FORMAT.details(remote_id.FORMAT.init(SourceHint()), found.chunk, 0.0)[1]
    columns = {c.name: c.values.tolist() for c in tables["Location"].columns if c.offsets is None}
    assert columns["transport"] == [3, 4, 5]
    assert columns["transmitter"] == [b"c0:60:1f:0a:0b:0c"] * 3
    assert columns["receive_s"] == [1_700_000_000.0 + i for i in range(3)]


@pytest.mark.parametrize(("link", "before"), [(187, b""), (201, b"\x00\x00\x00\x01")])
def test_captures_of_what_a_host_was_told(link: int, before: bytes) -> None:
    events = [event(legacy_report(service_data(MESSAGE)), subevent=0x02), event(extended_report(service_data(PACK)), subevent=0x0D)]
    found = recording.read(capture(link, *(before + e for e in events)))
    got = remote_id.FORMAT.step(remote_id.FORMAT.init(SourceHint()), found.chunk, 0.0)[1]
    assert got.records == {"Location": 2, "Basic ID": 1}
    assert [f.transmitter for i in range(2) for f in find(unit(found.chunk, i))] == [MAC, MAC]


def unit(chunk: Chunk, i: int) -> bytes:
    return chunk.data[int(chunk.ends[i - 1]) if i else 0 : int(chunk.ends[i])]

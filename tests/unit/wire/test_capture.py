from __future__ import annotations

import random
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.wire import capture
from tenere.wire.capture import Frames, read_pcap, read_pcapng
from tenere.wire.capture_link import BLUETOOTH, DATAGRAM, WIFI, units

if TYPE_CHECKING:
    from tenere.errors import Rejects

PAYLOAD = b"\x30\x00\x06\x80\x01\x02"


def udp(payload: bytes) -> bytes:
    return struct.pack(">HHHH", 8600, 8600, len(payload) + 8, 0) + payload


def ipv4(body: bytes, *, offset: int = 0, more: bool = False, ident: int = 7, protocol: int = 17) -> bytes:
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), ident, (0x2000 if more else 0) | offset // 8, 64, protocol, 0)
    return head + bytes([10, 0, 0, 1, 239, 1, 1, 1]) + body


def ipv6(body: bytes, protocol: int = 17) -> bytes:
    return struct.pack(">IHBB", 6 << 28, len(body), protocol, 64) + bytes(15) + b"\x01" + bytes(15) + b"\x02" + body


def ethernet(packet: bytes, kind: int = 0x0800, tags: tuple[int, ...] = ()) -> bytes:
    return bytes(12) + b"".join(struct.pack(">HH", tag, 5) for tag in tags) + struct.pack(">H", kind) + packet


def pcap(frames: list[bytes], link: int = 1, *, big: bool = False, nano: bool = False, start_s: int = 1_700_000_000) -> bytes:
    order = ">" if big else "<"
    out = struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for k, frame in enumerate(frames):
        out += struct.pack(order + "IIII", start_s + k, 500_000_000 if nano else 500_000, len(frame), len(frame)) + frame
    return out


def ng_block(kind: int, body: bytes, order: str) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def pcapng(frames: list[bytes], link: int = 1, *, big: bool = False, resolution: int | None = None, simple: bool = False) -> bytes:
    order = ">" if big else "<"
    out = ng_block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    options = b"" if resolution is None else struct.pack(order + "HHB3x", 9, 1, resolution) + struct.pack(order + "HH", 0, 0)
    out += ng_block(1, struct.pack(order + "HHI", link, 0, 0) + options, order)
    per_second = 10**6 if resolution is None else (2 ** (resolution & 127) if resolution & 128 else 10**resolution)
    for k, frame in enumerate(frames):
        ticks = (1_700_000_000 + k) * per_second + per_second // 2
        if simple:
            out += ng_block(3, struct.pack(order + "I", len(frame)) + frame, order)
        else:
            out += ng_block(6, struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)) + frame, order)
        out += ng_block(5, bytes(12), order)  # statistics in between
    return out


def bring(frame: bytes, link: int) -> tuple[list[tuple[int, bytes]], Rejects]:
    got = units(frame, Frames(np.array([0]), np.array([len(frame)]), np.array([1.0]), np.array([link])))
    return [(int(k), got.data[s:e]) for k, s, e in zip(got.kind, got.start, got.end, strict=True)], got.rejects


FRAMES = [ethernet(ipv4(udp(PAYLOAD + bytes([k])))) for k in range(8)]


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("nano", [False, True])
def test_pcap_of_every_kind(big: bool, nano: bool) -> None:
    data = pcap(FRAMES, big=big, nano=nano)
    found = read_pcap(data)
    assert found is not None
    frames, explained, rejects = found
    assert [data[s:e] for s, e in zip(frames.start, frames.end, strict=True)] == FRAMES
    assert frames.time_s.tolist() == [1_700_000_000.5 + k for k in range(8)]
    assert frames.link.tolist() == [1] * 8
    assert (explained, rejects.total()) == (1.0, 0)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("resolution", [None, 6, 9, 3, 0x80 | 20])
def test_pcapng_of_every_kind(big: bool, resolution: int | None) -> None:
    data = pcapng(FRAMES, link=101, big=big, resolution=resolution)
    found = read_pcapng(data)
    assert found is not None
    frames, explained, rejects = found
    assert [data[s:e] for s, e in zip(frames.start, frames.end, strict=True)] == FRAMES
    assert frames.time_s == pytest.approx([1_700_000_000.5 + k for k in range(8)], abs=1e-6)
    assert frames.link.tolist() == [101] * 8
    assert (explained, rejects.total()) == (1.0, 0)


def test_simple_packets_have_no_time() -> None:
    found = read_pcapng(pcapng(FRAMES, simple=True))
    assert found is not None
    assert len(found[0].start) == 8
    assert np.isnan(found[0].time_s).all()
    assert found[0].link.tolist() == [1] * 8


def test_sections_have_their_own_interfaces() -> None:
    found = read_pcapng(pcapng(FRAMES, link=1) + pcapng(FRAMES, link=105, big=True, resolution=9))
    assert found is not None
    assert found[0].link.tolist() == [1] * 8 + [105] * 8
    assert found[0].time_s == pytest.approx([1_700_000_000.5 + k for k in range(8)] * 2)


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_frames_around_damage_are_still_found(make: object) -> None:
    data = make(FRAMES * 3)  # type: ignore[operator] # pcap or pcapng
    rng = random.Random(5)
    reader = read_pcap if make is pcap else read_pcapng
    for _ in range(100):
        damaged = bytearray(data)
        at = rng.randrange(len(data) - 4)
        damaged[at : at + 4] = bytes(rng.randrange(256) for _ in range(4))
        found = reader(bytes(damaged))
        assert found is not None, at
        assert len(found[0].start) >= 22, at
        assert found[1] > 0.9


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_a_capture_cut_short_says_so(make: object) -> None:
    data = make(FRAMES)  # type: ignore[operator] # pcap or pcapng
    found = (read_pcap if make is pcap else read_pcapng)(data[:-40])
    assert found is not None
    assert len(found[0].start) >= 7
    assert "capture cut short" in found[2].counts


def test_what_is_no_capture() -> None:
    rng = random.Random(2)
    for data in (b"", b"\xd4", bytes(100), bytes(rng.randrange(256) for _ in range(5000)), b"text, " * 100):
        assert read_pcap(data) is None or data == b"\xd4"
        assert read_pcapng(data) is None


def test_a_pcap_header_alone_holds_nothing() -> None:
    found = read_pcap(pcap([]))
    assert found is not None
    assert len(found[0].start) == 0
    assert capture.UNKNOWN_LINK == -1


@pytest.mark.parametrize(
    ("frame", "link"),
    [
        (ethernet(ipv4(udp(PAYLOAD))), 1),
        (ethernet(ipv4(udp(PAYLOAD)) + bytes(13)), 1),  # padded to the least Ethernet frame
        (ethernet(ipv4(udp(PAYLOAD)), tags=(0x8100,)), 1),
        (ethernet(ipv4(udp(PAYLOAD)), tags=(0x88A8, 0x8100)), 1),
        (ethernet(ipv6(udp(PAYLOAD)), 0x86DD), 1),
        (ethernet(ipv6(struct.pack(">BB6x", 17, 0) + udp(PAYLOAD), 0), 0x86DD), 1),
        (ethernet(b"\x00\x00\x03" + PAYLOAD + bytes(30), len(PAYLOAD) + 3), 1),  # ASTERIX right on LLC
        (bytes(14) + struct.pack(">H", 0x0800) + ipv4(udp(PAYLOAD)), 113),
        (struct.pack(">H18x", 0x0800) + ipv4(udp(PAYLOAD)), 276),
        (ipv4(udp(PAYLOAD)), 101),
        (ipv6(udp(PAYLOAD)), 101),
        (ipv4(udp(PAYLOAD)), 228),
        (b"\xff\x03\x00\x21" + ipv4(udp(PAYLOAD)), 9),
        (b"\x00\x57" + ipv6(udp(PAYLOAD)), 9),
        (b"\x21" + ipv4(udp(PAYLOAD)), 9),
        (b"\xff\x03\x00\x21" + ipv4(udp(PAYLOAD)), 50),
        (b"\x11\x00\x00\x01\x00\x30\x00\x21" + ipv4(udp(PAYLOAD)), 51),
        (ethernet(b"\x11\x00\x00\x01\x00\x30\x00\x21" + ipv4(udp(PAYLOAD)), 0x8864), 1),
        (b"\x0f\x00\x08\x00" + ipv4(udp(PAYLOAD)), 104),
        (ethernet(b"\xaa\xaa\x03\x00\x00\x00\x08\x00" + ipv4(udp(PAYLOAD)), 8 + 28 + len(PAYLOAD)), 1),
        (struct.pack("<I", 2) + ipv4(udp(PAYLOAD)), 0),
        (struct.pack(">I", 2) + ipv4(udp(PAYLOAD)), 108),
    ],
)
def test_datagrams_are_unwrapped(frame: bytes, link: int) -> None:
    assert bring(frame, link)[0] == [(DATAGRAM, PAYLOAD)]


BEACON = b"\x80\x00" + bytes(40)


@pytest.mark.parametrize(
    ("frame", "link", "kind", "expected"),
    [
        (BEACON, 105, WIFI, BEACON),
        (struct.pack("<BBHI", 0, 0, 8, 0) + BEACON, 127, WIFI, BEACON),
        (struct.pack("<BBHIB", 0, 0, 9, 2, 0x10) + BEACON + b"FCSx", 127, WIFI, BEACON),
        (struct.pack("<BBHIB", 0, 0, 9, 2, 0) + BEACON, 127, WIFI, BEACON),
        (struct.pack("<BBHIQB", 0, 0, 17, 3, 99, 0x10) + BEACON + b"FCSx", 127, WIFI, BEACON),
        (struct.pack("<BBHII4xQB", 0, 0, 25, 3 | 1 << 31, 0, 99, 0x10) + BEACON + b"FCSx", 127, WIFI, BEACON),
        (b"\xd6\xbe\x89\x8e" + bytes(20), 251, BLUETOOTH, b"\xd6\xbe\x89\x8e" + bytes(20)),
        (bytes(10) + b"\xd6\xbe\x89\x8e" + bytes(20), 256, BLUETOOTH, b"\xd6\xbe\x89\x8e" + bytes(20)),
        (bytes(8) + b"\x01\x0c" + b"\xd6\xbe\x89\x8e" + bytes(20), 256, BLUETOOTH, b"\xd6\xbe\x89\x8e" + bytes(20)),
        (bytes(8) + b"\x01" + bytes(8) + b"\xd6\xbe\x89\x8e" + bytes(20), 272, BLUETOOTH, b"\xd6\xbe\x89\x8e" + bytes(20)),
    ],
)
def test_radio_frames_are_unwrapped(frame: bytes, link: int, kind: int, expected: bytes) -> None:
    assert bring(frame, link)[0] == [(kind, expected)]


@pytest.mark.parametrize(
    ("frame", "link", "reason"),
    [
        (b"", 1, "packet too short for its headers"),
        (bytes(13), 1, "packet too short for its headers"),
        (ethernet(bytes(28), 0x0806), 1, "packet that is not IP"),
        (ethernet(ipv4(bytes(20), protocol=6)), 1, "TCP segment beside datagrams"),
        (ethernet(ipv4(bytes(20), protocol=1)), 1, "IP packet that is neither UDP nor TCP"),
        (bytes(8) + b"\x00\x04" + b"\xd6\xbe\x89\x8e" + bytes(20), 256, "Bluetooth packet with a bad CRC"),
        (bytes(17) + b"\xd6\xbe\x89\x8e" + bytes(20), 272, "Bluetooth packet with a bad CRC"),
        (b"\x01\x0c\x20\x02\x01\x00", 187, "Bluetooth host traffic that is no advertising report"),
        (b"\x00\x00\x00\x02\x3e\x01\x02\x01", 254, "Bluetooth host traffic that is no advertising report"),
        (b"\x04\x3e\x0c\x02\x01" + bytes(8), 187, "Bluetooth advertising report cut short"),
        (ethernet(ipv4(udp(b""))), 1, "empty datagram"),
        (ethernet(ipv4(b"abc")), 1, "packet too short for its headers"),
        (struct.pack("<BBHI", 0, 0, 900, 0) + BEACON, 127, "packet too short for its headers"),
        (b"abc", 9999, "link type not supported"),
    ],
)
def test_what_brings_nothing_is_counted(frame: bytes, link: int, reason: str) -> None:
    got, rejects = bring(frame, link)
    assert got == []
    assert rejects.counts == {reason: 1}


def fragmented(payload: bytes, size: int = 16) -> list[bytes]:
    whole = udp(payload)
    return [ipv4(whole[at : at + size], offset=at, more=at + size < len(whole)) for at in range(0, len(whole), size)]


@pytest.mark.parametrize("order", ["in order", "reversed", "doubled"])
def test_fragments_are_put_together(order: str) -> None:
    payload = bytes(range(100))
    parts = fragmented(payload)
    packets = {"in order": parts, "reversed": parts[::-1], "doubled": [p for p in parts[:-1] for _ in (0, 1)] + parts[-1:]}[order]
    packets = [ipv4(udp(b"first")), *packets, ipv4(udp(b"last"))]
    data = b"".join(packets)
    ends = np.cumsum([len(p) for p in packets])
    starts = ends - np.array([len(p) for p in packets])
    got = units(data, Frames(starts, ends, np.arange(len(packets), dtype=np.float64), np.full(len(packets), 101)))
    assert [got.data[s:e] for s, e in zip(got.start, got.end, strict=True)] == [b"first", payload, b"last"]
    assert got.time_s.tolist() == [0.0, len(packets) - 2, len(packets) - 1]
    assert got.rejects.total() == 0


def test_fragments_of_version_6() -> None:
    whole = udp(b"x" * 40)
    packets = [
        ipv6(struct.pack(">BBHI", 17, 0, at | (at + 24 < len(whole)), 9) + whole[at : at + 24], 44) for at in range(0, len(whole), 24)
    ]
    data = b"".join(packets)
    ends = np.cumsum([len(p) for p in packets])
    got = units(data, Frames(ends - np.array([len(p) for p in packets]), ends, np.zeros(len(packets)), np.full(len(packets), 101)))
    assert [got.data[s:e] for s, e in zip(got.start, got.end, strict=True)] == [b"x" * 40]


def test_fragments_that_never_come_whole_are_counted_and_bounded() -> None:
    packets = [ipv4(bytes(1400), offset=0, more=True, ident=k & 0xFFFF) for k in range(4000)]
    data = b"".join(packets)
    ends = np.cumsum([len(p) for p in packets])
    got = units(data, Frames(ends - 1420, ends, np.zeros(len(packets)), np.full(len(packets), 101)))
    assert len(got.kind) == 0
    assert got.rejects.counts == {"IP fragments without the rest of their datagram": 4000}


def test_a_fragment_beyond_the_largest_datagram_is_dropped() -> None:
    got, rejects = bring(ipv4(bytes(100), offset=65528, more=False), 101)
    assert got == []
    assert rejects.total() == 1


def test_a_damaged_link_type_is_guessed() -> None:
    data = b"".join(FRAMES)
    ends = np.cumsum([len(f) for f in FRAMES])
    got = units(data, Frames(ends - len(FRAMES[0]), ends, np.zeros(8), np.full(8, 7777)))
    assert got.kind.tolist() == [DATAGRAM] * 8


def test_noise_in_every_link_type() -> None:
    rng = random.Random(11)
    frames = [bytes(rng.randrange(256) for _ in range(rng.randrange(80))) for _ in range(300)]
    data = b"".join(frames)
    ends = np.cumsum([len(f) for f in frames])
    starts = ends - np.array([len(f) for f in frames])
    for link in (0, 1, 9, 12, 50, 51, 101, 104, 105, 108, 113, 127, 187, 201, 228, 229, 251, 254, 256, 272, 276):
        got = units(data, Frames(starts, ends, np.zeros(300), np.full(300, link)))
        assert ((got.start >= 0) & (got.end <= len(got.data)) & (got.start < got.end)).all()


# --- TCP ---


def tcp(payload: bytes, sequence: int, *, ports: tuple[int, int] = (30005, 50000), flags: int = 0x18) -> bytes:
    return struct.pack(">HHIIBBHHH", *ports, sequence & 0xFFFFFFFF, 0, 0x50, flags, 1000, 0, 0) + payload


def of_ends(body: bytes, a: int, b: int) -> bytes:
    return ipv4(body, protocol=6)[:12] + bytes([10, 0, 0, a, 10, 0, 0, b]) + body


def of_packets(packets: list[bytes], link: int = 101) -> tuple[bytes, Frames]:
    data = b"".join(packets)
    ends = np.cumsum([len(p) for p in packets])
    starts = ends - np.array([len(p) for p in packets])
    return data, Frames(starts, ends, np.arange(len(packets), dtype=np.float64), np.full(len(packets), link))


def stream_of(packets: list[bytes]) -> tuple[bytes, dict[str, int], list[float]]:
    got = units(*of_packets(packets))
    assert (got.kind == DATAGRAM).all()
    return b"".join(got.data[s:e] for s, e in zip(got.start, got.end, strict=True)), got.rejects.counts, got.time_s.tolist()


TEXT = bytes(range(256)) * 4
PIECES = [(at, TEXT[at : at + 100]) for at in range(0, len(TEXT), 100)]


@pytest.mark.parametrize("begin", [1000, 2**32 - 350])
@pytest.mark.parametrize("version", [4, 6])
def test_a_stream_is_put_in_order(begin: int, version: int) -> None:
    segments = [tcp(piece, begin + at) for at, piece in PIECES]
    order = [0, 2, 1, 3, 3, 6, 5, 4, 7, 8, 10, 9, 5]  # out of order, and some twice
    packets = [of_ends(segments[k], 1, 2) if version == 4 else ipv6(segments[k], 6) for k in order]
    text, counts, times = stream_of(packets)
    assert text == TEXT
    assert counts == {}
    assert times == [0.0, 2.0, 2.0, 3.0, 7.0, 7.0, 7.0, 8.0, 9.0, 11.0, 11.0]  # a segment counts from when those before it were there


def test_segments_that_overlap_are_cut() -> None:
    text, counts, _ = stream_of([of_ends(tcp(TEXT[a:b], 7 + a), 1, 2) for a, b in ((0, 300), (100, 250), (200, 500), (499, 1024))])
    assert (text, counts) == (TEXT, {})


def test_the_handshake_gives_the_first_number() -> None:
    packets = [of_ends(tcp(b"", 99, flags=2), 1, 2), *(of_ends(tcp(p, 100 + at), 1, 2) for at, p in reversed(PIECES))]
    text, counts, _ = stream_of(packets)
    assert (text, counts) == (TEXT, {})


def test_what_the_capture_lost_is_counted_and_passed_over() -> None:
    packets = [of_ends(tcp(piece, at), 1, 2) for at, piece in PIECES if at != 300]
    text, counts, _ = stream_of(packets)
    assert text == TEXT[:300] + TEXT[400:]
    assert counts == {"TCP bytes missing from the capture": 100}
    many = [of_ends(tcp(b"ab", 2 * k), 1, 2) for k in range(2000) if k != 5]
    got = units(*of_packets(many))
    assert got.time_s[5] < 300  # it did not wait for the end of the file


def test_the_direction_and_the_connection_with_the_data_are_taken() -> None:
    packets = []
    for at, piece in PIECES:
        packets += [
            of_ends(tcp(piece, at), 1, 2),
            of_ends(tcp(b"", 5, ports=(50000, 30005), flags=0x10), 2, 1),
            of_ends(tcp(b"ok", 5 + at, ports=(50000, 30005)), 2, 1),
            of_ends(tcp(b"something else", at, ports=(99, 98)), 3, 2),
        ]
    text, counts, _ = stream_of([*packets, ipv4(udp(b"a name server's answer"))])
    assert text == TEXT
    assert counts == {"TCP segment of another stream": 22, "TCP segment without data": 11, "datagram beside a TCP stream": 1}


def test_a_sensor_that_reconnected_is_one_stream() -> None:
    first = [of_ends(tcp(piece, at), 1, 2) for at, piece in PIECES[:5]]
    again = [of_ends(tcp(piece, 10**9 + at, ports=(30005, 50001)), 1, 2) for at, piece in PIECES[5:]]
    same_port = [of_ends(tcp(b"", 77, flags=2), 1, 2), of_ends(tcp(b"x" * 9, 78), 1, 2)]
    text, counts, _ = stream_of(first + again + same_port)
    assert (text, counts) == (TEXT + b"x" * 9, {})


def test_a_browser_beside_the_sensor_is_not_taken() -> None:
    web = [of_ends(tcp(b"HTTP/1.1 200 OK" + bytes(3000), 1, ports=(80, 4000)), 9, 2)]
    text, counts, _ = stream_of(web + [of_ends(tcp(piece, at), 1, 2) for at, piece in PIECES])
    assert (text, counts) == (TEXT, {"TCP segment of another stream": 1})


def test_datagrams_are_taken_where_they_bring_as_much() -> None:
    got = units(*of_packets([ipv4(udp(TEXT)), of_ends(tcp(TEXT, 5), 1, 2)]))
    assert [got.data[s:e] for s, e in zip(got.start, got.end, strict=True)] == [TEXT]
    assert got.rejects.counts == {"TCP segment beside datagrams": 1}


def test_tcp_with_any_numbers_never_fails() -> None:
    rng = random.Random(3)
    packets = []
    for _ in range(3000):
        body = tcp(bytes(rng.randrange(40)), rng.choice([rng.randrange(2**32), rng.randrange(500)]), ports=(rng.randrange(3), 1),
                   flags=rng.choice([0x18, 2, 16, 1, 4]))  # fmt: skip
        packets.append(of_ends(body[: rng.choice([len(body), rng.randrange(len(body))])], 1, 2))
    got = units(*of_packets(packets))
    assert ((got.start >= 0) & (got.end <= len(got.data)) & (got.start < got.end)).all()
    assert len(got.kind) > 100


def test_asterix_on_a_stream_is_cut_at_its_blocks() -> None:
    blocks = [b"\x30" + struct.pack(">H", 4 + k % 50) + b"\x80" + bytes([k] * (k % 50)) for k in range(200)]
    data = b"".join(blocks)
    packets = [of_ends(tcp(data[at : at + 97], at), 1, 2) for at in range(0, len(data), 97)]
    got = units(*of_packets(packets))
    assert b"".join(got.data[s:e] for s, e in zip(got.start, got.end, strict=True)) == data
    ends = np.cumsum([len(b) for b in blocks])
    assert np.isin(np.cumsum(got.end - got.start), ends).all()
    assert np.isin(got.position, np.arange(len(packets)) * (97 + 40)).all()
    assert np.all(np.diff(got.time_s) > 0)


# --- Bluetooth as a host hears it ---


def event(sub: int, *reports: bytes) -> bytes:
    body = bytes([sub, len(reports)]) + b"".join(reports)
    return b"\x04\x3e" + bytes([len(body)]) + body


ADDRESS = bytes(range(1, 7))


def legacy(body: bytes, kind: int = 3) -> bytes:
    return bytes([kind, 1]) + ADDRESS + bytes([len(body)]) + body + b"\xc0"


def extended(body: bytes, kind: int = 0) -> bytes:
    return struct.pack("<HB", kind, 1) + ADDRESS + b"\x01\x02\x00\x00\xc0\x00\x00\x00" + bytes(6) + bytes([len(body)]) + body


@pytest.mark.parametrize(("head", "link"), [(b"", 187), (b"\x00\x00\x00\x01", 201)])
def test_advertising_reports_become_packets(head: bytes, link: int) -> None:
    first, second = b"\x1e\x16\xfa\xff\x0d" + bytes(26), b"\x02\x01\x06"
    got, rejects = bring(head + event(2, legacy(first), legacy(second, 0)), link)
    air = b"\xd6\xbe\x89\x8e"
    assert got == [
        (BLUETOOTH, air + bytes([0x42, 6 + len(first)]) + ADDRESS + first),
        (BLUETOOTH, air + bytes([0x40, 6 + len(second)]) + ADDRESS + second),
    ]
    assert rejects.total() == 0


def test_linux_monitor_records() -> None:
    got, _ = bring(b"\x00\x00\x00\x03" + event(2, legacy(b"\x02\x01\x06"))[1:], 254)
    assert [kind for kind, _ in got] == [BLUETOOTH]


def test_parts_of_an_extended_advertisement_are_joined() -> None:
    body = b"\xe0\x16\xfa\xff\x0d" + bytes(range(220))
    frames = [event(13, extended(body[:100], 1 << 5)), event(13, extended(b"\x02\x01\x06", 0x13)), event(13, extended(body[100:]))]
    got = units(*of_packets(frames, 187))
    air = [got.data[s:e] for s, e in zip(got.start, got.end, strict=True)]
    assert air[1] == b"\xd6\xbe\x89\x8e" + bytes([0x47, 8 + len(body), 7, 1]) + ADDRESS + body
    assert air[0][4] == 0x42
    assert got.time_s.tolist() == [1.0, 2.0]
    assert got.position.tolist() == [len(frames[0]), len(frames[0]) + len(frames[1])]


# --- what a recorder puts around ASTERIX blocks ---


def recorded(*blocks: bytes, ms: int = 45_000_000) -> bytes:
    return b"".join(struct.pack(">HI", len(b) + 6, ms) + b for b in blocks)


def test_blocks_behind_length_and_time_are_taken_out() -> None:
    other = b"\x02\x00\x05ab"
    data, frames = of_packets([ipv4(udp(recorded(PAYLOAD, other, PAYLOAD))), ipv4(udp(PAYLOAD)), ipv4(udp(recorded(other)))])
    got = units(data, frames)
    assert [got.data[s:e] for s, e in zip(got.start, got.end, strict=True)] == [PAYLOAD, other, PAYLOAD, PAYLOAD, other]
    assert got.time_s.tolist() == [0.0, 0.0, 0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    "bad", [recorded(PAYLOAD)[:-1], recorded(PAYLOAD) + b"x", recorded(PAYLOAD, ms=90_000_000), recorded(b"\x30\x00\x09ab")]
)
def test_what_does_not_fit_exactly_is_left_as_it_is(bad: bytes) -> None:
    assert bring(ipv4(udp(bad)), 101)[0] == [(DATAGRAM, bad)]


def test_a_real_recording_with_length_and_time(shared_data) -> None:
    data = (shared_data / "asterix" / "croatia_cat_001_002.pcap").read_bytes()
    found = read_pcap(data)
    assert found is not None
    got = units(data, found[0])
    assert [got.data[s] for s in got.start] == [1, 1, 2, 1, 1, 1]
    assert all(int.from_bytes(got.data[s + 1 : s + 3], "big") == e - s for s, e in zip(got.start, got.end, strict=True))


@pytest.mark.parametrize("link", [1, 9, 101, 187, 201, 254, 272])
def test_damaged_packets_of_every_kind_never_fail(link: int) -> None:
    rng = random.Random(link)
    heads = {1: ethernet(b""), 9: b"\xff\x03\x00\x21", 101: b"", 187: b"", 201: bytes(4), 254: b"\x00\x00\x00\x03", 272: bytes(17)}
    for _ in range(60):
        packets = []
        for k in range(40):
            body = rng.choice(
                [
                    of_ends(tcp(rng.randbytes(rng.randrange(80)), 60 * k), 1, 2),
                    ipv6(tcp(b"x" * 30, 30 * k), 6),
                    ipv4(udp(recorded(PAYLOAD, PAYLOAD))),
                    ipv4(bytes(24), offset=24 * k, more=True),
                    event(13, extended(bytes(50), 1 << 5)),
                    event(2, legacy(bytes(20)), legacy(bytes(3))),
                ]
            )
            damaged = bytearray(heads[link] + body)
            for _ in range(rng.randrange(4)):
                damaged[rng.randrange(len(damaged))] = rng.choice([0, 255, rng.randrange(256)])
            packets.append(bytes(damaged[: rng.choice([len(damaged), rng.randrange(1, len(damaged) + 1)])]))
        got = units(*of_packets(packets, link))
        assert ((got.start >= 0) & (got.end <= len(got.data)) & (got.start < got.end)).all()
        assert ((got.position >= 0) & (got.position < sum(map(len, packets)))).all()
        assert np.isin(got.kind, (DATAGRAM, WIFI, BLUETOOTH)).all()

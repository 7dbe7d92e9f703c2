from __future__ import annotations

import gzip
import random
import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.errors import WireError
from tenere.wire import recording
from tenere.wire.asterix import FORMAT, encode_blocks, encode_records
from tenere.wire.format import SourceHint
from tenere.wire.recording import read

if TYPE_CHECKING:
    from pathlib import Path

    from tenere.wire.decoded import Decoded
    from tenere.wire.recording import Recording

COUNT = 400


def units() -> list[bytes]:
    """Datagrams of one block of three plots each, 0.5 s apart from 12 h."""
    data, ends = encode_records(
        48,
        3 * COUNT,
        {
            "010/SAC": 20,
            "010/SIC": 77,
            "140": 43_200 + np.arange(3 * COUNT) / 6,
            "020/TYP": 5,
            "040/RHO": np.linspace(10, 200, 3 * COUNT),
            "040/THETA": np.linspace(0, 359, 3 * COUNT),
            "220": np.arange(3 * COUNT) + 1,
        },
    )
    starts = np.concatenate([[0], ends[:-1]])
    out = []
    for k in range(0, 3 * COUNT, 3):
        body = data[starts[k] : ends[k + 2]]
        out.append(struct.pack(">BH", 48, len(body) + 3) + body)
    return out


UNITS = units()


def network(payload: bytes) -> bytes:
    datagram = struct.pack(">HHHH", 8600, 8600, len(payload) + 8, 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0, b"\n\0\0\1", b"\xef\1\1\1")
    return bytes(12) + b"\x08\x00" + head + datagram


def as_pcap(payloads: list[bytes]) -> bytes:
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for k, payload in enumerate(payloads):
        frame = network(payload)
        out += struct.pack("<IIII", 1_700_000_000 + k // 2, 500_000 * (k % 2), len(frame), len(frame)) + frame
    return out


FILES = {
    "raw": b"".join(UNITS),
    "pcap": as_pcap(UNITS),
    "final": b"".join(
        struct.pack(">H3x", len(u) + 12) + (4_320_000 + 50 * k).to_bytes(3, "big") + u + b"\xa5" * 4 for k, u in enumerate(UNITS)
    ),
    "rply": b"".join(struct.pack("<II", len(u), 500 if k else 0) + u for k, u in enumerate(UNITS)),
    "gps": b"\xcd" * 2200 + b"".join(u + struct.pack(">10x") for u in UNITS),
}


def decode(found: Recording) -> Decoded:
    _, out = FORMAT.step(FORMAT.init(SourceHint()), found.chunk, 0.0)
    return out


@pytest.mark.parametrize("framing", sorted(FILES))
@pytest.mark.parametrize("packed", [False, True])
def test_each_framing_is_known_by_its_content(framing: str, packed: bool) -> None:
    data = FILES[framing]
    found = read(gzip.compress(data) if packed else data, "some.name")
    assert (found.framing, found.format) == (framing, "asterix")
    assert found.rejects.total() == 0
    assert len(found.chunk.ends) == COUNT
    assert found.chunk.data == b"".join(UNITS)
    assert len(decode(found).addresses) == 3 * COUNT
    day = 1_700_000_000 if framing == "pcap" else 43_200
    assert found.chunk.times_s == pytest.approx(day + np.arange(COUNT) / 2, abs=0.01)
    at = int(found.chunk.ends[9])
    assert data[found.where(at) : found.where(at) + len(UNITS[10])] == UNITS[10]
    assert found.where(len(found.chunk.data) + 5) <= len(data)


@pytest.mark.parametrize("framing", sorted(FILES))
def test_a_damaged_file_is_still_known(framing: str) -> None:
    data = FILES[framing]
    rng = random.Random(framing)
    for trial in range(25):
        damaged = bytearray(data)
        for _ in range(8):
            damaged[rng.randrange(100 if trial % 2 else len(data))] = rng.randrange(256)
        if trial % 3 == 0:
            damaged = damaged[: -rng.randrange(1, 3000)]
        found = read(bytes(damaged))
        assert found.framing == framing
        assert len(decode(found).addresses) > 0.85 * 3 * COUNT - (3 * 75 if trial % 3 == 0 else 0)


@pytest.mark.parametrize("framing", sorted(FILES))
def test_neighbours_of_a_damaged_unit_survive(framing: str) -> None:
    data = FILES[framing]
    whole = read(data)
    rng = random.Random(framing)
    for _ in range(25):
        unit = rng.randrange(20, COUNT - 20)
        at = int(whole.positions[unit]) + rng.randrange(len(UNITS[unit]))
        damaged = bytearray(data)
        damaged[at] ^= rng.randrange(1, 256)
        seen = decode(read(bytes(damaged))).addresses
        lost = set(range(1, 3 * COUNT + 1)) - seen
        assert all(abs((a - 1) // 3 - unit) <= 1 for a in lost), (unit, sorted(lost))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "PNG"),
        (b"%PDF-1.7 " + b"stream " * 100, "PDF"),
        (b"Dear sir, nothing to see here.\n" * 50, "text in no format installed here"),
        (b"a,b,c\n1,2,3\n" * 100, "text in no format installed here"),
        (bytes(10_000), "no format explains its bytes"),
        (b"\xff" * 10_000, "no format explains its bytes"),
        (b"\x1f\x8b" + bytes(50), "do not inflate"),
        (as_pcap([]), "nothing to decode"),
        (b"\x00", "no framing"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(WireError, match=reason):
        read(data, "FILE")
    with pytest.raises(WireError, match="FILE"):
        read(data, "FILE")


def test_noise_is_never_a_recording() -> None:
    for seed in range(40):
        rng = random.Random(seed)
        with pytest.raises(WireError, match="not a recording"):
            read(rng.randbytes(rng.choice((1, 10, 100, 1000, 10_000, 100_000))))


def test_a_capture_of_other_traffic_is_read_and_refused_by_its_decoder() -> None:
    found = read(as_pcap([b"GET / HTTP/1.0\r\n\r\n"] * 20))
    assert decode(found).records == {}


def test_bytes_after_the_block_in_a_datagram_are_tolerated() -> None:
    found = read(as_pcap([u + b"\0\0\0\0\xde\xad\0\1" for u in UNITS]))
    out = decode(found)
    assert len(out.addresses) == 3 * COUNT
    assert out.rejects.counts == {"trailing bytes after the last block": COUNT}


def test_packed_data_cut_short_or_damaged_are_read_as_far_as_they_go() -> None:
    packed = gzip.compress(random.Random(1).randbytes(100) + FILES["raw"])
    found = read(packed[: len(packed) * 3 // 4])
    assert found.framing == "raw"
    assert "gzip data cut short" in found.rejects.counts
    members = gzip.compress(FILES["raw"][:2000]) + gzip.compress(FILES["raw"][2000:])
    assert len(decode(read(members)).addresses) == 3 * COUNT
    damaged = bytearray(gzip.compress(FILES["raw"], 0))
    damaged[-3] ^= 1
    assert "damaged gzip data" in read(bytes(damaged)).rejects.counts


def test_what_inflates_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LARGEST", 1 << 20)
    with pytest.raises(WireError, match="2 GiB or more"):
        read(gzip.compress(bytes(1 << 24)))
    with pytest.raises(WireError, match="2 GiB or more"):
        read(bytes(1 << 21))


def test_over_midnight_the_times_run_on() -> None:
    data = b"".join(
        struct.pack(">H3x", len(u) + 12) + ((8_630_000 + 50 * k) % 8_640_000).to_bytes(3, "big") + u + b"\xa5" * 4
        for k, u in enumerate(UNITS)
    )
    times = read(data).chunk.times_s
    assert np.diff(times) == pytest.approx(np.full(COUNT - 1, 0.5))


@pytest.mark.parametrize(
    ("name", "framing", "form", "count"),
    [
        ("modes/beast_sample_dump1090.bin", "beast", "beast", 0),
        ("modes/pymodes_adsb.csv", "csv", "modes_hex", 0),
        ("modes/traffic_tutorial.jsonl.gz", "json lines", "modes_hex", 0),
        ("remoteid/cdc_parrot_anafi4_real.pcapng", "pcapng", "remote_id", 5091),
        ("remoteid/cdc_mavic_alessa_spoofed.pcapng", "pcapng", "remote_id", 10),
        ("remoteid/odid_wifi_sample.pcap", "pcap", "remote_id", 63),
        ("remoteid/odid_wifi_bcn_sample.pcap", "pcap", "remote_id", 21),
        ("asterix/ar_UIS.pcap", "pcap", "asterix", 7576),
        ("asterix/croatia_cat_034_048.pcap", "pcap", "asterix", 100),
        ("asterix/ifsnop_068test_rrd3.gps", "gps", "asterix", 1718),
        ("asterix/akap_ARTAS.rply", "rply", "asterix", 304),
    ],
)
def test_real_recordings_are_known(shared_data: Path, name: str, framing: str, form: str, count: int) -> None:
    found = read((shared_data / name).read_bytes())
    assert (found.framing, found.format) == (framing, form)
    assert count in {0, len(found.chunk.ends)}
    assert found.rejects.total() == 0


@pytest.mark.parametrize("name", ["terrain/srtm3_n07_w006_3arc_v2.tif", "airspace/eurofirs.json.gz", "airspace/uk_airspace.yaml"])
def test_real_files_of_other_kinds_are_refused(shared_data: Path, name: str) -> None:
    with pytest.raises(WireError, match="not a recording"):
        read((shared_data / name).read_bytes())


def test_encoded_blocks_are_read_back() -> None:
    data, ends = encode_records(34, 5, {"010/SAC": 1, "010/SIC": 2, "000": 2, "030": np.arange(5.0) + 10, "020": 45.0})
    found = read(encode_blocks(34, data, ends)[0])
    assert found.framing == "raw"
    assert found.chunk.times_s.tolist() == [10.0]

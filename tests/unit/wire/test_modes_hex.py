"""Mode S as text: every form, cut anywhere, damaged, and the real recordings."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.tick import Chunk
from tenere.wire import modes_hex
from tenere.wire.format import SourceHint, load
from tenere.wire.mode_s import encode, lines

if TYPE_CHECKING:
    from pathlib import Path

    from tenere.wire.decoded import Decoded

LONG = "8D062001233874B1C318209F5860"
SHORT = "5D400F994C31BD"


def decode(text: str | bytes) -> Decoded:
    data = text.encode() if isinstance(text, str) else text
    return modes_hex.step(modes_hex.FORMAT.init(SourceHint()), Chunk.of("h", [data]), 0.0)[1]


@pytest.mark.parametrize(
    ("line", "frame", "time_s"),
    [
        (f'{{"timestamp":1893484800.147975,"frame":"{LONG.lower()}","df":"17"}}', LONG, 1893484800.147975),
        (f'{{"a":{{"frame":"00"}},"msg": "{LONG}", "time" : "1717664319.5"}}', LONG, 1717664319.5),
        (f'{{"hex":"*{SHORT};","ts":1893484800147,"x":"\\"}}"}}', SHORT, 1893484800.147),
        (f'{{"ts":1893484800250000000,"hex":"{SHORT}"}}', SHORT, 1893484800.25),
        (f'1457996400,"{LONG}","062001",19\n', LONG, 1457996400.0),
        (f"\ufeff1495353600,062002,{LONG}\r\n", LONG, 1495353600.0),
        (f"{LONG};062001;1495353600.25\n", LONG, 1495353600.25),
        (f"062002\t12.5\t{LONG}\n", LONG, 12.5),
        (f"-3.5 {LONG} 1495353600123\n", LONG, 1495353600.123),
        (f"*{LONG};\n", LONG, np.nan),
        (f"@00015BE1A0C7{SHORT};", SHORT, np.nan),
        (f"<00015BE1A0C7FF{LONG};\n", LONG, np.nan),
        (f"{SHORT}\n", SHORT, np.nan),
    ],
)
def test_every_form_of_line(line: str, frame: str, time_s: float) -> None:
    got = modes_hex.lines(line.encode())
    assert got.rejects.total() == 0
    assert [f.tobytes()[:n].hex().upper() for f, n in zip(got.frames, got.sizes, strict=True)] == [frame]
    np.testing.assert_allclose(got.times_s, [time_s], rtol=4e-16)  # a double holds a time of today to 0.24 us
    assert got.counters.tolist() == [0x15BE1A0C7 if "15BE1A0C7" in line else -1]


def test_an_array_of_objects_is_as_good_as_lines() -> None:
    text = json.dumps([{"timestamp": 1.5, "frame": LONG}, {"timestamp": 2.5, "frame": SHORT}])
    assert modes_hex.lines(text.encode()).times_s.tolist() == [1.5, 2.5]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2490293384,MSG,5,,,AB5361,,,,,,,17325,,,,,,,,,,\n", "text line without a Mode S frame"),
        (f"*{LONG}00;\n", "text line without a Mode S frame"),
        (f'{{"frame":"{LONG[:-1]}"}}\n', "text line without a Mode S frame"),
        ("{\n", "text line broken off"),
        (f'{{"frame":"{LONG}\n', "text line broken off"),
        (f"*{LONG}\n", "text line broken off"),
        ("x" * 4097 + "\n", "text line over 4,096 bytes"),
        ('{"frame":"' + "0" * 5000 + '"}\n', "text line over 4,096 bytes"),
        ("*" + "0" * 5000 + ";\n", "text line over 4,096 bytes"),
    ],
)
def test_bad_lines_are_counted_and_the_next_is_read(text: str, reason: str) -> None:
    got = modes_hex.lines((text + f"*{LONG};\n").encode())
    assert got.rejects.counts == {reason: 1}
    assert len(got.ends) == 1


def test_a_line_without_end_does_not_fill_memory() -> None:
    state = modes_hex.FORMAT.init(SourceHint())
    total = 0
    for _ in range(100):
        state, got = modes_hex.step(state, Chunk.of("h", [b"z" * 1000]), 0.0)
        assert len(state.tail) <= lines.LONGEST
        total += got.rejects.total()
    state, got = modes_hex.step(state, Chunk.of("h", [f"\n*{LONG};".encode()]), 0.0)
    assert total == 1
    assert got.records == {"DF17": 1}


def test_numbers_are_read_as_python_reads_them() -> None:
    rng = np.random.Generator(np.random.PCG64(11))
    for value in rng.uniform(0, 2e9, 500).tolist():
        text = repr(value).encode()
        assert lines.number(np.frombuffer(text, np.uint8), 0, len(text)) == pytest.approx(value, rel=3e-16)
    for text in (b"", b".", b"1.2.3", b"1e5", b"-1", b"4" * 41, b"12a"):
        assert np.isnan(lines.number(np.frombuffer(text, np.uint8), 0, len(text)))


def test_kernels_equal_their_python() -> None:
    text = np.frombuffer(f'{{"timestamp":17.25,"frame":"{LONG}"}}'.encode(), np.uint8)
    compiled, plain = np.array([0.0, 0.0, np.nan, -1.0, -1.0]), np.array([0.0, 0.0, np.nan, -1.0, -1.0])
    assert lines.read_json(text, 0, compiled) == lines.read_json.py_func(text, 0, plain) == len(text)
    np.testing.assert_array_equal(compiled, plain)


def test_own_time_goes_before_receive_time() -> None:
    k = np.arange(2)
    frames = [f.tobytes().hex() for f in encode.airborne_position(0x62001, 13.5, 2.0, 30_000, k)]
    timed = f"7.25,{frames[0]}\n7.75,{frames[1]}\n".encode()
    bare = f"{frames[0]}\n{frames[1]}\n".encode()
    for text, expected in ((timed, 7.75), (bare, 10.0)):
        got = modes_hex.step(modes_hex.FORMAT.init(SourceHint()), Chunk.of("h", [text], 10.0), 5.0)[1].plots
        assert got.time_s.tolist() == [expected]
        assert got.receive_s.tolist() == [10.0]
    assert decode(bare).plots.time_s.tolist() == [0.0]


def test_a_time_far_from_the_receive_time_is_counted_and_not_used() -> None:
    frames = [f.tobytes().hex() for f in encode.airborne_position(0x62001, 13.5, 2.0, 30_000, [0, 1])]
    text = f"1700000000.5,{frames[0]}\n1700000001.0,{frames[1]}\n".encode()
    for receive_s, expected, refused in ((1700000002.0, 1700000001.0, 0), (1800000000.0, 1800000000.0, 2)):
        got = modes_hex.step(modes_hex.FORMAT.init(SourceHint()), Chunk.of("h", [text], receive_s), 0.0)[1]
        assert got.plots.time_s.tolist() == [expected]
        assert got.rejects.total() == refused


def test_split_and_likeness() -> None:
    text = f"@000000B71B00{LONG};\n@000001 6E3600;\n@0000016E3600{LONG};\n".encode()
    ends, times_s, _ = modes_hex.split(text)
    assert ends.tolist()[-1] == len(text)
    assert times_s.tolist() == [0.0, 1.0]
    assert modes_hex.likeness(b"") == 0.0
    assert modes_hex.likeness(b"time,hex\n" + f"12.5,{LONG}\n".encode() * 50) > 0.95
    assert modes_hex.likeness(np.random.Generator(np.random.PCG64(1)).bytes(65_536)) < 0.1
    assert load("modes_hex").name == "modes_hex"


@pytest.mark.parametrize("last", [LONG, f"1495353600,{LONG}", f'{{"timestamp":1495353600,"frame":"{LONG}"}}', f"*{LONG};"])
def test_a_last_line_without_its_end_is_read_in_a_file(last: str) -> None:
    text = f"{LONG}\n{last}".encode()
    ends, times_s, _ = modes_hex.split(text)
    assert ends.tolist()[-1] == len(text)
    got = modes_hex.step(modes_hex.FORMAT.init(SourceHint()), Chunk("h", text, ends, times_s), 0.0)[1]
    assert got.records == {"DF17": 2}
    assert got.rejects.counts == {}
    assert sum(decode(text[: int(end)]).records["DF17"] for end in ends[:1]) == 1


def test_a_read_of_no_bytes_ends_the_last_line() -> None:
    state = modes_hex.FORMAT.init(SourceHint())
    state, got = modes_hex.step(state, Chunk.of("h", [LONG.encode()], 1.0), 0.0)
    assert got.records == {}
    state, got = modes_hex.step(state, Chunk.of("h", [b""], 1.0, offset=28), 0.0)
    assert got.records == {"DF17": 1}
    _, got = modes_hex.step(state, Chunk.of("h", [b'{"frame"', b""], 1.0, offset=28), 0.0)
    assert got.rejects.counts == {"text line broken off": 1}
    assert got.rejects.first_offset == {"text line broken off": 28}


def test_a_file_of_one_line_without_its_end() -> None:
    for text in (LONG.encode(), f"  *{SHORT};".encode(), b"", b"nothing", b"nothing at all\n"):
        ends, times_s, _ = modes_hex.split(text)
        got = modes_hex.step(modes_hex.FORMAT.init(SourceHint()), Chunk("h", text, ends, times_s), 0.0)[1]
        assert sum(got.records.values()) == (1 if b"D" in text else 0)


def test_details_hold_what_a_line_says_beside_its_frame() -> None:
    text = f"1495353600.25,{LONG}\n<00015BE1A0C7A5{LONG};\n*{LONG};\n".encode()
    got = modes_hex.details(modes_hex.FORMAT.init(SourceHint()), Chunk.of("h", [text], np.nan, offset=10), 7.0)[1]["DF17"]
    column = {c.name: c for c in got.columns}
    assert column["time_s"].values.tolist() == [1495353600.25, 7.0, 7.0]
    assert (column["counter"].present.tolist(), column["counter"].values[1]) == ([False, True, False], 0x15BE1A0C7)
    assert (column["signal"].present.tolist(), column["signal"].values[1]) == ([False, True, False], 0xA5)
    assert column["offset"].values.tolist() == [10, 53, 98]
    assert np.isnan(column["receive_s"].values).all()


def recording(path: Path) -> tuple[bytes, Decoded]:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    ends, times_s, _ = modes_hex.split(data)
    return data, modes_hex.step(modes_hex.FORMAT.init(SourceHint()), Chunk("h", data, ends, times_s), 0.0)[1]


def test_the_tutorial_recording_against_its_own_positions(shared_data: Path) -> None:
    """The file holds what rs1090 decoded, surface positions with a reference that the file does not name."""
    data, got = recording(shared_data / "modes/traffic_tutorial.jsonl.gz")
    assert sum(got.records.values()) == 71_939
    assert got.records["DF17"] == 30_900
    assert not any("CRC" in reason for reason in got.rejects.counts)
    assert len(got.addresses) == 13  # 17 with address zero and three that only noise named
    begins = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    begins = np.concatenate([[0], begins])
    truth = [json.loads(line) for line in data.splitlines()]
    found = modes_hex.lines(data)
    assert [f.tobytes().hex() for f in found.frames] == [t["frame"] for t in truth]
    np.testing.assert_allclose(found.times_s, [t["timestamp"] for t in truth], rtol=3e-16)
    row = np.searchsorted(begins, got.plots.reference)
    assert (begins[row] == got.plots.reference).all()
    for key, mine in (("latitude", got.plots.lat_rad), ("longitude", got.plots.lon_rad)):
        np.testing.assert_allclose(np.degrees(mine), [truth[r][key] for r in row.tolist()], atol=1e-9)
    airborne = sum(1 for t in truth if t.get("bds") == "05" and t.get("latitude") is not None)
    assert np.count_nonzero(got.plots.flags & 8 == 0) >= airborne - 10
    assert len(got.plots) > 12_000


@pytest.mark.parametrize(("name", "count"), [("adsb", {"DF17": 2000}), ("commb_df20", {"DF20": 5000}), ("commb_df21", {"DF21": 5000})])
def test_the_csv_recordings(shared_data: Path, name: str, count: dict[str, int]) -> None:
    _, got = recording(shared_data / f"modes/pymodes_{name}.csv")
    assert got.records == count
    assert not any("CRC" in reason for reason in got.rejects.counts)
    assert got.addresses == ({0x406B90} if name == "adsb" else set())


def test_text_without_frames_is_not_taken(shared_data: Path) -> None:
    for name in ("stratux_es_gms5002.log", "stratux_uat_gms5002.log"):
        assert modes_hex.likeness((shared_data / "modes" / name).read_bytes()[:65_536]) == 0.0

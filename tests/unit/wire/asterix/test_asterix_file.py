from __future__ import annotations

import random
import struct

import numpy as np
import pytest

from tenere.wire.asterix import FORMAT, encode_blocks, encode_records
from tenere.wire.asterix.blocks import CHAIN, EXISTING, find_blocks, find_inside
from tenere.wire.asterix.file import shares, split, time_items
from tenere.wire.asterix.framing import FINAL, GPS, RPLY, read_framed
from tenere.wire.asterix.tables import described_categories
from tenere.wire.asterix.timeline import anchored, timeline, unwrap, without_outliers

NAN = np.nan


def radar_file(n: int = 60, start_s: float = 100.0) -> tuple[bytes, np.ndarray]:
    """Blocks of three records of CAT048, a second apart, with a block of CAT034 after each ten."""
    data, ends = encode_records(
        48, 3 * n, {"010/SAC": 1, "010/SIC": 2, "140": (start_s + np.arange(3 * n) / 3) % 86400, "220": np.arange(3 * n) + 1}
    )
    starts = np.concatenate([[0], ends[:-1]])
    parts = []
    for k in range(n):
        body = data[starts[3 * k] : ends[3 * k + 2]]
        parts.append(bytes([48]) + struct.pack(">H", len(body) + 3) + body)
        if k % 10 == 9:
            other, other_ends = encode_records(34, 1, {"010/SAC": 1, "010/SIC": 2, "000": 1, "041": 4.0})  # no time
            parts.append(encode_blocks(34, other, other_ends)[0])
    return b"".join(parts), np.cumsum([len(p) for p in parts])


def reference_blocks(data: bytes) -> list[tuple[int, int]]:
    """Blocks of sound bytes, the obvious way."""
    found, at = [], 0
    while at < len(data):
        length = struct.unpack_from(">H", data, at + 1)[0]
        found.append((at, at + length))
        at += length
    return found


def test_blocks_of_sound_bytes_are_found_as_the_reference_finds_them() -> None:
    data, ends = radar_file()
    blocks = find_blocks(np.frombuffer(data, np.uint8), np.array([len(data)]))
    assert list(zip(blocks.start.tolist(), blocks.end.tolist(), strict=True)) == reference_blocks(data)
    assert blocks.end.tolist() == ends.tolist()
    assert len(blocks.gap_start) == 0
    assert set(described_categories()) <= set(EXISTING)


def test_units_bound_the_search_for_blocks() -> None:
    data, ends = radar_file(4)
    blocks = find_blocks(np.frombuffer(data, np.uint8), ends)
    assert blocks.unit.tolist() == list(range(len(ends)))
    assert len(find_blocks(np.frombuffer(data, np.uint8), ends - 1).start) == 0  # each unit now holds two halves


def test_a_new_beginning_is_found_after_damage() -> None:
    data, _ = radar_file()
    sound = reference_blocks(data)
    rng = random.Random(3)
    for _ in range(200):
        damaged = bytearray(data)
        at = rng.randrange(len(data) - 200)
        damaged[at : at + 40] = bytes(rng.randrange(256) for _ in range(rng.choice((20, 40, 60))))
        octets, unit_ends = np.frombuffer(bytes(damaged), np.uint8), np.array([len(damaged)])
        blocks = find_blocks(octets, unit_ends)
        shift = len(damaged) - len(data)
        # every block well clear of the damage stands
        wanted = {(s, e) for s, e in sound if e <= at} | {(s + shift, e + shift) for s, e in sound if s >= at + 40}
        hidden = find_inside(octets, unit_ends, blocks, np.arange(len(blocks.start)))
        found = {(s, e) for b in (blocks, hidden) for s, e in zip(b.start.tolist(), b.end.tolist(), strict=True)}
        assert len(wanted - found) <= 1


def test_gaps_say_whether_they_end_a_unit() -> None:
    data, _ = radar_file(10)
    junk = b"\xff" * 7
    blocks = find_blocks(np.frombuffer(data + junk, np.uint8), np.array([len(data) + 7]))
    assert (blocks.gap_start.tolist(), blocks.gap_end.tolist(), blocks.gap_trailing.tolist()) == ([len(data)], [len(data) + 7], [1])
    blocks = find_blocks(np.frombuffer(junk + data, np.uint8), np.array([len(data) + 7]))
    assert (blocks.gap_start.tolist(), blocks.gap_end.tolist(), blocks.gap_trailing.tolist()) == ([0], [7], [0])
    assert CHAIN >= 2


def test_a_file_is_split_at_its_blocks_with_their_times() -> None:
    data, expected = radar_file()
    ends, times, rejects = split(data)
    assert ends.tolist() == expected.tolist()
    assert rejects.total() == 0
    assert times[0] == 100.0
    assert times[9] == 109.0
    assert times[10] == 109.0  # CAT034 without a time: that of the block before
    assert times[11] == 110.0
    assert (np.diff(times) >= 0).all()


def test_split_runs_on_over_midnight() -> None:
    _, times, _ = split(radar_file(60, 86_370.0)[0])
    assert times[0] == 86_370.0
    assert times[-1] == 86_429.0


def test_bytes_between_blocks_are_units_of_their_own() -> None:
    data, ends = radar_file()
    got, _, _ = split(data[: ends[3]] + b"\xee" * 9 + data[ends[3] :])
    assert got.tolist() == [*ends[:4].tolist(), ends[3] + 9, *(ends[4:] + 9).tolist()]


def test_times_are_taken_from_the_right_items() -> None:
    assert time_items(48) == ("140",)
    assert time_items(62) == ("070",)
    assert time_items(34) == time_items(65) == time_items(63) == ("030",)
    assert time_items(10) == ("140",)
    assert time_items(21)[0] == "071"


def test_likeness() -> None:
    data, _ = radar_file()
    assert FORMAT.likeness(data) == 1.0
    assert FORMAT.likeness(b"") == 0.0
    rng = random.Random(1)
    for size in (10, 1000, 65536):
        assert FORMAT.likeness(bytes(rng.randrange(256) for _ in range(size))) < 0.35
    assert FORMAT.likeness(b"The quick brown fox. " * 3000) < 0.35
    assert FORMAT.likeness(bytes(65536)) < 0.35
    damaged = bytearray(data)
    for at in range(0, len(data), 500):
        damaged[at] ^= 0x55
    assert FORMAT.likeness(bytes(damaged)) > 0.6
    chained, whole, short = shares(data, np.array([len(data)]))
    assert (chained, whole, short) == (1.0, 1.0, True)


def final(payload: bytes, centiseconds: int) -> bytes:
    return struct.pack(">HBBB", len(payload) + 12, 0, 0, 0) + centiseconds.to_bytes(3, "big") + payload + b"\xa5" * 4


def rply(payload: bytes, delay_ms: int) -> bytes:
    return struct.pack("<II", len(payload), delay_ms) + payload


@pytest.mark.parametrize("mode", [FINAL, RPLY, GPS])
def test_recorder_files_are_unwrapped(mode: int) -> None:
    data, ends = radar_file(30)
    units = [data[s:e] for s, e in zip([0, *ends[:-1]], ends, strict=True)]
    wrapped = {
        FINAL: b"".join(final(u, 1000 + 100 * k) for k, u in enumerate(units)),
        RPLY: b"".join(rply(u, 250) for u in units),
        GPS: b"\xcd" * 2200 + b"".join(u + bytes(10) for u in units),
    }[mode]
    found = read_framed(wrapped, mode)
    assert [wrapped[s:e] for s, e in zip(found.start, found.end, strict=True)] == units
    assert found.explained == pytest.approx(1.0)
    assert found.rejects.total() == 0
    if mode == FINAL:
        assert found.time_s[:3].tolist() == [10.0, 11.0, 12.0]
    if mode == RPLY:
        assert found.time_s[:3].tolist() == [0.25, 0.5, 0.75]
    for other in {FINAL, RPLY, GPS} - {mode}:
        assert read_framed(wrapped, other).explained < 0.3
    damaged = bytearray(wrapped)
    middle = int(found.start[10])
    damaged[middle - 8 : middle + 3] = b"\xee" * 11
    got = read_framed(bytes(damaged), mode)
    assert len(got.start) >= len(units) - 2
    assert got.rejects.total() == 1
    cut = read_framed(wrapped[:-12], mode)
    assert len(cut.start) == len(units) - 1
    assert next(iter(cut.rejects.counts)).endswith("cut short")


def test_times_of_day_run_on() -> None:
    assert unwrap(np.array([86390.0, 86399.0, 3.0, 10.0, 86398.0])).tolist() == [86390.0, 86399.0, 86403.0, 86410.0, 86398.0]
    assert unwrap(np.empty(0)).tolist() == []


def test_a_lone_outlier_is_replaced() -> None:
    times = np.arange(20.0)
    times[7] = 5000.0
    assert without_outliers(times)[7] == pytest.approx(7.0, abs=2.0)
    times[0] = 900.0
    times[-1] = -900.0
    smooth = without_outliers(times)
    assert smooth.max() < 30
    assert smooth.min() >= 0
    assert without_outliers(np.array([1.0, 500.0])).tolist() == [1.0, 500.0]


def test_a_timeline_never_goes_back_and_fills_what_is_missing() -> None:
    got = timeline(np.array([NAN, 10.0, NAN, 9.0, 12.0, 86000.0, 13.0, NAN]))
    assert got[:5].tolist() == [10.0, 10.0, 10.0, 10.0, 12.0]
    assert (np.diff(got) >= 0).all()
    assert got[-1] == 13.0
    assert np.isnan(timeline(np.array([NAN, NAN]))).all()
    assert len(timeline(np.empty(0))) == 0


def test_a_recorder_on_its_own_clock_is_moved_to_the_clock_of_the_data() -> None:
    counted = np.array([0.0, 1.0, 2.0])
    assert anchored(counted, np.array([5000.0, NAN, 5002.0])).tolist() == [5000.0, 5001.0, 5002.0]
    close = np.array([4999.0, 5000.0, 5001.5])
    assert anchored(close, np.array([5000.0, 5001.0, 5002.0])).tolist() == close.tolist()
    assert anchored(counted, np.full(3, NAN)).tolist() == counted.tolist()
    before_midnight = np.array([86399.0, 86401.0])
    assert anchored(before_midnight, np.array([86399.0, 1.0])).tolist() == before_midnight.tolist()

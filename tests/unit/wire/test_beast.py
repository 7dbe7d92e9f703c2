"""Beast streams: escapes, cuts, damage, counters, and a real recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.tick import Chunk
from tenere.wire import beast
from tenere.wire.detail import Column, Detail
from tenere.wire.format import SourceHint, load
from tenere.wire.mode_s import encode

if TYPE_CHECKING:
    from pathlib import Path

    from tenere.wire.decoded import Decoded


def decode(data: bytes, times_s: float = np.nan) -> Decoded:
    return beast.step(beast.FORMAT.init(SourceHint()), Chunk.of("b", [data], times_s), 50.0)[1]


def flight(n: int = 20) -> bytes:
    """Return n positions of an aircraft whose address is all escapes."""
    k = np.arange(n)
    frames = encode.airborne_position(0x1A1A1A, 13.5 + 0.001 * k, 2.0, 30_000, k % 2)
    return beast.encode(frames, 0x1A00 + k * 6_000_000, 0x1A)


def units_by_regular_reading(stream: bytes) -> list[tuple[int, int, bytes]]:
    """Read an undamaged stream the slow way: (size, counter, frame) of each unit."""
    units = []
    at = 0
    while at < len(stream):
        size = {0x31: 2, 0x32: 7, 0x33: 14, 0x34: 14}[stream[at + 1]]
        body = bytearray()
        at += 2
        while len(body) < 7 + size:
            body.append(stream[at])
            at += 2 if stream[at] == 0x1A else 1
        units.append((size, int.from_bytes(body[:6], "big"), bytes(body[7:])))
    return units


def test_what_was_encoded_is_found_again() -> None:
    stream = flight()
    got = beast.units(stream)
    expected = units_by_regular_reading(stream)
    assert [(14, c, f.tobytes()) for c, f in zip(got.counters.tolist(), got.frames, strict=True)] == expected
    assert got.ends[-1] == len(stream) == got.rest
    assert got.rejects.total() == 0


def test_plots_carry_the_time_of_the_read_they_end_in() -> None:
    stream = flight(4)
    cuts = beast.units(stream).ends
    reads = [stream[: cuts[1] - 3], stream[cuts[1] - 3 : cuts[2]], stream[cuts[2] :]]
    got = beast.step(beast.FORMAT.init(SourceHint()), Chunk.of("b", reads, [10.0, 11.0, 12.0]), 50.0)[1].plots
    assert got.receive_s.tolist() == got.time_s.tolist() == [11.0, 11.0, 12.0]
    assert got.reference.tolist() == beast.units(stream).starts[1:].tolist()
    assert decode(stream).plots.time_s.tolist() == [50.0] * 3  # no receive time: that of the tick


def test_a_stream_fed_byte_by_byte() -> None:
    stream = flight()
    state, plots = beast.FORMAT.init(SourceHint()), 0
    for k in range(len(stream)):
        state, got = beast.step(state, Chunk.of("b", [stream[k : k + 1]], 1.0, offset=k), 0.0)
        plots += len(got.plots)
        assert len(state.tail) <= beast.LONGEST
    assert plots == len(decode(stream).plots) == 19


def test_damage_costs_the_units_it_touches() -> None:
    stream = flight()
    ends = beast.units(stream).ends
    cut = stream[: ends[4] - 6] + stream[ends[4] :]
    got = beast.units(cut)
    assert len(got.ends) == 19
    assert got.rejects.counts == {"Beast unit cut short": 1}
    noisy = stream[: ends[4]] + b"\x00\x55garbage\x1a\x7f" + stream[ends[4] :]
    got = beast.units(noisy)
    assert len(got.ends) == 20
    assert got.rejects.counts == {"bytes between Beast units": 1}
    assert got.rejects.first_offset == {"bytes between Beast units": ends[4]}


def test_offsets_of_refusals_are_those_in_the_whole_stream() -> None:
    state = beast.FORMAT.init(SourceHint())
    got = beast.step(state, Chunk.of("b", [b"zz"], offset=1000), 0.0)[1]
    assert got.rejects.first_offset == {"bytes between Beast units": 1000}
    got = beast.step(state, Chunk.of("b", [b"zz"], offset=1002), 0.0)[1]
    assert got.rejects.total() == 0  # still the same stray bytes


def test_mode_ac_and_status_are_counted() -> None:
    mode_ac = b"\x1a1" + bytes(6) + b"\x80" + b"\x12\x34"
    status = b"\x1a4" + bytes(6) + b"\x80" + bytes(14)
    assert decode(mode_ac + status + flight(2)).records == {"Mode A/C": 1, "Beast status": 1, "DF17": 2}


def test_split_gives_each_unit_its_time() -> None:
    stream = flight(5)
    ends, times_s, _ = beast.split(stream + b"\x1a")
    assert ends.tolist()[-1] == len(stream) + 1
    assert times_s.tolist() == [0.0, 0.5, 1.0, 1.5, 2.0, 2.0]
    ends, times_s, _ = beast.split(b"")
    assert (ends.tolist(), np.isnan(times_s).all()) == ([0], True)


def test_likeness() -> None:
    assert beast.likeness(flight()) == 1.0
    assert beast.likeness(flight()[5:]) > 0.9
    assert beast.likeness(b"") == 0.0
    assert beast.likeness(np.random.Generator(np.random.PCG64(1)).bytes(65_536)) < 0.3
    assert beast.likeness(b"*8D062001233874B1C318209F5860;\n" * 100) == 0.0


def named(table: Detail) -> dict[str, Column]:
    return {c.name: c for c in table.columns}


def test_details_hold_every_unit() -> None:
    mode_ac = b"\x1a1" + bytes(6) + b"\x80" + b"\x77\x80"
    status = b"\x1a4" + bytes(5) + b"\x07\x80" + bytes(range(14))
    stream = mode_ac + status + flight(3)
    _, got = beast.details(beast.FORMAT.init(SourceHint()), Chunk.of("b", [stream], 9.0, offset=100), 50.0)
    assert {k: len(v) for k, v in got.items()} == decode(stream).records == {"Mode A/C": 1, "Beast status": 1, "DF17": 3}
    reply, squitters, health = named(got["Mode A/C"]), named(got["DF17"]), named(got["Beast status"])
    assert (reply["mode_a"].values[0], reply["spi"].values[0], reply["offset"].values[0]) == (0o7700, 1, 100)
    assert health["status"].values.tobytes() == bytes(range(14))
    assert (health["counter"].values[0], health["receive_s"].values[0]) == (7, 9.0)
    assert squitters["counter"].values.tolist() == [0x1A00, 0x1A00 + 6_000_000, 0x1A00 + 12_000_000]
    assert squitters["signal"].values.tolist() == [0x1A] * 3
    assert squitters["time_s"].values.tolist() == [9.0] * 3
    assert squitters["offset"].values.tolist() == (100 + beast.units(stream).starts[2:]).tolist()


def test_details_of_a_stream_cut_anywhere_are_the_same() -> None:
    stream = flight()
    whole = beast.details(beast.FORMAT.init(SourceHint()), Chunk.of("b", [stream], 9.0), 50.0)[1]["DF17"]
    state, parts = beast.FORMAT.init(SourceHint()), []
    for k in range(0, len(stream), 11):
        state, got = beast.details(state, Chunk.of("b", [stream[k : k + 11]], 9.0, offset=k), 50.0)
        parts += got.values()
    for a, b in zip(whole.columns, Detail.concat(parts).columns, strict=True):
        np.testing.assert_array_equal(a.values, b.values, err_msg=a.name)


def test_a_gps_clock_is_used_once_proven() -> None:
    k = np.arange(400)
    times = 1_700_000_000.125 + k * 0.05
    whole = np.floor(times).astype(np.int64)
    counts = (whole % 86_400) << 30 | np.round((times - whole) * 1e9).astype(np.int64)
    stream = beast.encode(encode.airborne_position(0x62001, 13.5 + 1e-4 * k, 2.0, 30_000, k % 2), counts)
    for receive_s in (1_700_000_010.0, np.nan):
        got = beast.step(beast.FORMAT.init(SourceHint()), Chunk.of("b", [stream], receive_s), 1_700_000_010.0)[1].plots
        assert set(got.time_s[:90].tolist()) == {1_700_000_010.0}
        np.testing.assert_allclose(got.time_s[120:], times[121:], atol=1e-6)
    off = beast.step(beast.FORMAT.init(SourceHint()), Chunk.of("b", [stream], 1_700_000_500.0), 0.0)[1]
    assert set(off.plots.time_s.tolist()) == {1_700_000_500.0}
    assert 280 <= off.rejects.counts["GPS time of a receiver off by over a minute"] <= 301


def test_it_is_registered() -> None:
    assert load("beast").name == "beast"


def test_the_recording_of_dump1090(shared_data: Path) -> None:
    data = (shared_data / "modes/beast_sample_dump1090.bin").read_bytes()
    ends, times_s, _ = beast.split(data)
    got = beast.step(beast.FORMAT.init(SourceHint()), Chunk("b", data, ends, times_s), 0.0)[1]
    assert sum(got.records.values()) == len(ends) == 239
    assert got.records["DF17"] == 23
    assert beast.likeness(data) == 1.0
    assert (np.diff(times_s) >= 0).all()
    assert 23 < times_s[-1] < 25
    assert np.degrees(got.plots.lat_rad).round(2).tolist() == [43.64, 43.65, 43.66]  # Toulouse

"""Whatever bytes come: no exception but WireError, bounded output, and what was sound before the damage still is."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tenere.errors import WireError
from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT, decode_category, encode_blocks, encode_records
from tenere.wire.asterix.timeline import timeline
from tenere.wire.format import SourceHint, load
from tenere.wire.recording import read

if TYPE_CHECKING:
    from tenere.wire.decoded import Decoded

MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def radar_blocks(n: int) -> list[bytes]:
    """Blocks of one sector message and of two plots each, in turn."""
    data, ends = encode_records(
        48,
        2 * n,
        {
            "010/SAC": 20,
            "010/SIC": 77,
            "140": 1000 + np.arange(2 * n) / 4,
            "020/TYP": 5,
            "040/RHO": 50.0,
            "040/THETA": np.arange(2 * n) % 360 * 1.0,
            "070/MODE3A": 0o1234,
            "090/FL": 100.0,
            "220": np.arange(2 * n) + 1,
            "240": np.array([b"NIG 12"]).repeat(2 * n),
            "130/SAM": -60,
        },
    )
    starts = np.concatenate([[0], ends[:-1]])
    out = []
    for k in range(n):
        body = data[starts[2 * k] : ends[2 * k + 1]]
        out.append(struct.pack(">BH", 48, len(body) + 3) + body)
        sector, sector_ends = encode_records(34, 1, {"010/SAC": 20, "010/SIC": 77, "000": 2, "030": 1000 + k / 2, "020": 45.0})
        out.append(encode_blocks(34, sector, sector_ends)[0])
    return out


BLOCKS = radar_blocks(12)
FILES = {
    "raw": b"".join(BLOCKS),
    "final": b"".join(
        struct.pack(">H3x", len(b) + 12) + (100_000 + 25 * k).to_bytes(3, "big") + b + b"\xa5" * 4 for k, b in enumerate(BLOCKS)
    ),
    "rply": b"".join(struct.pack("<II", len(b), 250) + b for b in BLOCKS),
    "gps": b"\xcd" * 2200 + b"".join(b + bytes(10) for b in BLOCKS),
}


def decode(units: list[bytes], tick_s: float = 1000.0) -> Decoded:
    _, out = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("x", units), tick_s)
    return out


def assert_sane(out: Decoded, size: int) -> None:
    assert sum(out.records.values()) <= size
    assert len(out.plots) + len(out.system) + len(out.status) <= sum(out.records.values())
    for degrees in (out.plots.lat_rad, out.system.lat_rad):
        assert not (np.abs(degrees) > np.pi / 2).any()
    assert np.isfinite(out.plots.time_s).all()
    assert (out.plots.reference < max(size, 1)).all()
    assert len(out.rejects.counts) <= out.rejects.LIMIT + 1


block_like = st.builds(
    lambda category, body: struct.pack(">BH", category, len(body) + 3) + body,
    st.sampled_from([1, 2, 8, 10, 19, 20, 21, 23, 30, 34, 48, 62, 63, 65, 240, 247]),
    st.binary(min_size=1, max_size=120),
)


@MANY
@given(st.lists(st.one_of(st.binary(max_size=200), block_like, st.sampled_from(BLOCKS)), max_size=12))
def test_any_datagrams(units: list[bytes]) -> None:
    assert_sane(decode(units), sum(map(len, units)))


def assert_details_agree(units: list[bytes], **options: Any) -> None:
    """Both ways of reading take the same records; every column has as many rows, and its parts fit."""
    chunk = Chunk.of("x", units)
    out = FORMAT.step(FORMAT.init(SourceHint(options=options)), chunk, 1000.0)[1]
    assert FORMAT.details is not None
    found = FORMAT.details(FORMAT.init(SourceHint(options=options)), chunk, 1000.0)[1]
    assert {name[:6]: len(detail) for name, detail in found.items()} == dict(out.records)
    for name, detail in found.items():
        columns = {c.name: c for c in detail.columns}
        assert list(columns) == SCHEMA.setdefault(name, list(columns))
        offsets = columns["offset"].values
        assert (np.diff(offsets) > 0).all()
        assert ((offsets >= 3) & (offsets < len(chunk.data))).all()
        assert np.isfinite(columns["time_s"].values).all()
        for column in detail.columns:
            assert len(column) == len(detail), column.name
            assert column.present is None or len(column.present) == len(detail)
            if column.offsets is not None:
                assert column.offsets[0] == 0
                assert (np.diff(column.offsets) >= 0).all()
                assert column.offsets[-1] == len(column.values)
        assert sum(len(c.values) for c in detail.columns if c.offsets is not None) <= 64 * len(chunk.data)


SCHEMA: dict[str, list[str]] = {}


@MANY
@given(st.lists(st.one_of(st.binary(max_size=200), block_like, st.sampled_from(BLOCKS)), max_size=12))
def test_any_datagrams_in_detail(units: list[bytes]) -> None:
    assert_details_agree(units)


@MANY
@given(st.lists(st.one_of(block_like, st.sampled_from(BLOCKS)), max_size=12), st.sampled_from(["1.27", "1.30", "1.32"]))
def test_any_datagrams_in_detail_as_another_edition(units: list[bytes], edition: str) -> None:
    assert_details_agree(units, editions={"48": edition, "21": "0.26", "62": "1.16"})


edits = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255), st.sampled_from(["set", "insert", "delete", "cut"])), max_size=8)


def edited(data: bytes, changes: list[tuple[int, int, str]]) -> bytes:
    out = bytearray(data)
    for at, value, how in changes:
        place = at % max(len(out), 1)
        if how == "set" and out:
            out[place] = value
        elif how == "insert":
            out[place:place] = bytes([value]) * (value % 7 + 1)
        elif how == "delete":
            del out[place : place + value % 5 + 1]
        elif how == "cut" and value < 40:
            del out[place:]
    return bytes(out)


@MANY
@given(st.sampled_from(sorted(FILES)), edits)
def test_any_edited_recording(framing: str, changes: list[tuple[int, int, str]]) -> None:
    data = edited(FILES[framing], changes)
    try:
        found = read(data)
    except WireError:
        return
    out = load(found.format).step(load(found.format).init(SourceHint()), found.chunk, 0.0)[1]
    if found.format == "asterix":
        assert_sane(out, len(data))
        assert (np.diff(found.chunk.times_s) >= 0).all() or np.isnan(found.chunk.times_s).all()
    assert len(found.positions) == len(found.chunk.ends)
    assert (found.positions <= len(data)).all()


@MANY
@given(st.lists(st.sampled_from(range(len(BLOCKS))), min_size=1, max_size=20), edits, st.booleans())
def test_any_edited_blocks_in_detail(which: list[int], changes: list[tuple[int, int, str]], joined: bool) -> None:
    units = [*BLOCKS[:10], *(BLOCKS[k] for k in which)]
    data = edited(b"".join(units), changes)
    cuts = range(0, len(data) + 1, max(len(data), 1) if joined else 97)
    assert_details_agree([data[k : k + cuts.step] for k in cuts])


@MANY
@example(b"PAR1")  # begins as a table and ends there: its refusal is counted when it is stepped
@given(st.binary(max_size=600))
def test_no_noise_is_a_recording_that_decodes_to_something(data: bytes) -> None:
    try:
        found = read(data)
    except WireError:
        return
    chosen = load(found.format)
    decoded = chosen.step(chosen.init(SourceHint()), found.chunk, 0.0)[1]
    assert found.rejects.total() + decoded.rejects.total() + sum(decoded.records.values())


@MANY
@given(st.integers(0, len(BLOCKS) - 1), st.integers(0, 10_000), st.integers(1, 255))
def test_a_bad_byte_costs_no_more_than_its_block_and_the_next(which: int, at: int, change: int) -> None:
    units = [bytearray(b) for b in BLOCKS]
    units[which][at % len(units[which])] ^= change
    sound = decode(BLOCKS).addresses
    separate = decode([bytes(u) for u in units]).addresses
    lost = sound - separate
    assert all((a - 1) // 2 * 2 == which for a in lost)  # in datagrams: its own block only
    joined = decode([b"".join(bytes(u) for u in units)]).addresses
    assert all(abs((a - 1) // 2 * 2 - which) <= 2 for a in sound - joined)


@MANY
@given(st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_however_datagrams_are_gathered_into_chunks_the_plots_are_the_same(sizes: list[int]) -> None:
    whole = decode(BLOCKS).plots
    parts, at = [], 0
    state: Any = FORMAT.init(SourceHint())
    while at < len(BLOCKS):
        size = sizes[at % len(sizes)]
        state, out = FORMAT.step(state, Chunk.of("x", BLOCKS[at : at + size]), 1000.0)
        parts.append(out.plots)
        at += size
    together = type(whole).concat(parts)
    for name, _, _, _ in whole.columns():
        if name != "reference":
            assert np.array_equal(getattr(whole, name), getattr(together, name), equal_nan=name.endswith(("_s", "_m", "_rad", "_ms"))), name


@st.composite
def radar_columns(draw: st.DrawFn) -> tuple[int, dict[str, Any]]:
    n = draw(st.integers(1, 12))

    def some(values: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(values, min_size=n, max_size=n))

    gap = st.just(float("nan"))
    return n, {
        "010/SAC": some(st.integers(0, 255)),
        "010/SIC": some(st.integers(0, 255)),
        "140": np.array(some(st.one_of(gap, st.floats(0, 86399)))),
        "020/TYP": some(st.integers(0, 7)),
        "020/TST": some(st.integers(0, 1)),
        "040/RHO": np.array(some(st.one_of(gap, st.floats(0, 255)))),
        "040/THETA": np.array(some(st.floats(0, 360, exclude_max=True))),
        "070/MODE3A": some(st.integers(-1, 4095)),
        "220": some(st.integers(-1, (1 << 24) - 1)),
        "240": np.array(some(st.text("ABCXYZ019", max_size=8).map(str.encode)), "S8"),
        "130/SAM": np.array(some(st.one_of(gap, st.integers(-128, 127).map(float)))),
    }


@MANY
@given(radar_columns(), st.integers(30, 2000))
def test_what_is_encoded_decodes_to_the_same(made: tuple[int, dict[str, Any]], limit: int) -> None:
    n, columns = made
    data, ends = encode_records(48, n, columns)
    blocks, block_ends = encode_blocks(48, data, ends, limit)
    starts = np.concatenate([[0], block_ends[:-1]])
    records = decode_category(48, blocks, starts + 3, block_ends)
    assert len(records) == n
    for path in ("140", "130/SAM"):
        step = records.table.element[path].lsb
        assert np.allclose(records.column(path), columns[path], atol=step / 2 + 1e-9, equal_nan=True)
    here = ~np.isnan(columns["040/RHO"])
    assert (records.present("040") == here).all()
    assert np.allclose(records.column("040/RHO")[here], columns["040/RHO"][here], atol=1 / 512 + 1e-9)
    assert records.integer("070/MODE3A").tolist() == columns["070/MODE3A"]
    assert records.integer("220").tolist() == columns["220"]
    assert records.text("240")[0].tolist() == columns["240"].tolist()
    assert records.integer("020/TST", 0).tolist() == columns["020/TST"]


@MANY
@given(st.lists(st.one_of(st.just(float("nan")), st.floats(0, 86399.99)), max_size=60))
def test_a_timeline_never_goes_back(said: list[float]) -> None:
    got = timeline(np.array(said, np.float64))
    assert len(got) == len(said)
    known = got[np.isfinite(got)]
    assert (np.diff(known) >= 0).all()
    assert len(known) in {0, len(said)}


@pytest.mark.parametrize("size", [1 << 16, 1 << 18])
def test_bytes_made_to_be_searched_for_long_are_not(size: int) -> None:
    for pattern in (
        b"\x30\x01\x01",
        b"\x01\x01",
        b"\x22\x00\x04\x01",
        b"\x00\x10\x00\x00",
        b"\x04\x00\x00\x00\x00\x00\x00\x00\x30\x00\x04\x01",
    ):
        data = (pattern * (size // len(pattern) + 1))[:size]
        try:
            found = read(data)
        except WireError:
            continue
        load(found.format).step(load(found.format).init(SourceHint()), found.chunk, 0.0)

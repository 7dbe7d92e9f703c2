"""Whatever is given to the ASTERIX encoder: it is written so that it reads back, or refused with a reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripts.encode_roundtrip import roundtrip, sample

from tenere.errors import WireError
from tenere.wire.asterix import decode_category, encode_blocks, encode_records
from tenere.wire.asterix.encode_values import Runs, bits_of, put_bits, put_runs
from tenere.wire.asterix.tables import known_categories, known_editions, table

MANY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

seeds = st.integers(0, 2**32 - 1)
PATHS = ["010/SAC", "140", "020/TYP", "020/TST", "040/RHO", "090/FL", "220", "240", "250/MBDATA", "030", "120/RDS/DOP", "RE", "SP"]
PATHS += ["RE/MD5/SUM/ID", "RE/RTC/ASI/DRN", "RE/", "", "040", "120", "999", "130/SAM"]


@FEW
@given(seeds, st.integers(1, 12), st.sampled_from([21, 34, 48, 62, 63, 65]))
def test_any_records_go_through_libasterix(seed: int, n: int, category: int) -> None:
    result = roundtrip(category, n, np.random.Generator(np.random.PCG64(seed)))
    assert result.equal, result.difference


@FEW
@given(
    seeds, st.integers(1, 12), st.sampled_from([(c, e) for c in known_categories() for e in known_editions(c)[-2:]]), st.integers(4, 3000)
)
def test_any_records_of_any_edition_read_back(seed: int, n: int, which: tuple[int, str], room: int) -> None:
    category, edition = which
    drawn = sample(category, n, np.random.Generator(np.random.PCG64(seed)), edition)
    data, ends = encode_records(category, n, drawn.columns, drawn.present, edition)
    blocks, block_ends = encode_blocks(category, data, ends, room)
    starts = np.concatenate([[0], block_ends[:-1]])
    records = decode_category(category, blocks, starts + 3, block_ends, edition)
    assert len(records) == n
    assert len(blocks) == len(data) + 3 * len(block_ends)
    for element in table(category, edition).elements:
        if element.width > 63:
            continue
        theirs = [fields.get(element.path, []) for fields in drawn.fields]
        if element.repeated:
            rows, values = records.repeated_integer(element.path)
            assert rows.tolist() == [row for row, held in enumerate(theirs) for _ in held]
        else:
            assert records.present(element.path).tolist() == [bool(held) for held in theirs]
            values = records.integer(element.path)[records.present(element.path)]
        mask = np.uint64((1 << element.width) - 1)
        assert (values.astype(np.int64).view(np.uint64) & mask).tolist() == [v for held in theirs for v in held]


numbers = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(), st.integers(-3, 300), st.floats(-400, 400))


arrays = st.one_of(
    st.lists(st.floats(), max_size=4).map(lambda v: np.array(v, np.float64)),
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4).map(lambda v: np.array(v, np.int64)),
    st.lists(st.binary(max_size=10), max_size=4).map(lambda v: np.array(v, "S10")),
    st.lists(st.booleans(), max_size=4).map(lambda v: np.array(v, np.bool_)),
)
several = st.builds(
    lambda values, offsets, kind: Runs(np.array(values, kind), np.array(offsets, np.int64)),
    st.lists(st.integers(0, 255), max_size=6),
    st.lists(st.integers(-1, 7), max_size=5),
    st.sampled_from([np.uint8, np.int64, np.float64]),
)
wrong = st.sampled_from([None, "text", [[1, 2], [3, 4]], b"", np.zeros((2, 2)), np.array([1j])])
columns = st.one_of(numbers, arrays, several, wrong)


@MANY
@given(
    st.integers(0, 4),
    st.dictionaries(st.sampled_from(PATHS), columns, max_size=5),
    st.dictionaries(st.sampled_from(PATHS), st.one_of(st.booleans(), st.lists(st.booleans(), max_size=4)), max_size=3),
)
def test_what_cannot_be_written_is_refused_with_a_reason(n: int, given_columns: dict[str, Any], present: dict[str, Any]) -> None:
    try:
        data, ends = encode_records(48, n, given_columns, present)
    except WireError:
        return
    assert len(ends) == n
    assert len(data) == (int(ends[-1]) if n else 0)
    records = decode_category(48, data, [0], [len(data)])
    assert len(records) == n
    assert records.offset.tolist() == ([0, *ends[:-1].tolist()] if n else [])


@MANY
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2**64 - 1)), max_size=6), st.integers(0, 20), st.integers(1, 64))
def test_bits_are_put_as_a_slow_writer_puts_them(given_values: list[tuple[int, int]], bit: int, width: int) -> None:
    apart = [(at + 12 * k + 30 * k, value & ((1 << width) - 1)) for k, (at, value) in enumerate(given_values)]
    out = np.zeros(320, np.uint8)
    put_bits(out, np.array([at for at, _ in apart], np.int64), bit, width, np.array([v for _, v in apart], np.uint64))
    slow = 0
    for at, value in apart:
        slow |= value << (320 * 8 - at * 8 - bit - width)
    assert int.from_bytes(out.tobytes(), "big") == slow


@MANY
@given(st.lists(st.binary(max_size=9), max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_octets_are_copied_where_they_go(parts: list[bytes], there: list[bool]) -> None:
    offsets = np.cumsum([0, *map(len, parts)])
    at = np.array([12 * k if here else -1 for k, here in zip(range(len(parts)), there, strict=False)], np.int64)
    out = np.zeros(80, np.uint8)
    put_runs(out, at, np.frombuffer(b"".join(parts), np.uint8), offsets)
    slow = bytearray(80)
    for k, part in enumerate(parts):
        if there[k]:
            slow[12 * k : 12 * k + len(part)] = part
    assert out.tobytes() == bytes(slow)


@MANY
@given(st.floats(-2000, 2000), st.sampled_from(["040/THETA", "130/SAM", "090/FL", "140"]))
def test_a_physical_value_is_rounded_to_the_nearest_step_or_refused(value: float, path: str) -> None:
    element = table(48).element[path]
    low = -(1 << element.width - 1) if element.signed else 0
    high = low + (1 << element.width) - 1
    try:
        bits, _ = bits_of(element, np.array([value]), path)
    except WireError:
        assert not low - 0.5 <= value / element.lsb <= high + 0.5
        return
    raw = int(bits[0])
    steps = raw - (1 << element.width) if element.signed and raw >> (element.width - 1) else raw
    off = steps * element.lsb - value
    assert abs(off - 360.0 * round(off / 360.0) if path == "040/THETA" else off) <= element.lsb / 2 + 1e-9

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.errors import WireError
from tenere.wire.asterix import decode_category
from tenere.wire.asterix.records import fault_reason, pieces
from tenere.wire.asterix.runs import runs_of
from tenere.wire.asterix.tables import expansion, known_categories, table
from tenere.wire.asterix.walk import FAULTS, element_float, element_int, record, record_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.wire.asterix.records import Records


def plausible_bytes(rng: random.Random, size: int) -> bytes:
    """Bytes that a walker gets far into: field specifications with few bits, small counts."""
    return bytes(rng.choice((0, 1, 2, 3, 0x80, 0x81, 0x40, rng.randrange(256))) for _ in range(size))


@pytest.mark.parametrize("category", known_categories())
def test_the_kernel_walks_as_the_reference_does(category: int, reference: Callable[..., Any]) -> None:
    rng = random.Random(category)
    layout = table(category)
    blocks = [plausible_bytes(rng, rng.choice((2, 5, 20, 60))) for _ in range(400)]
    ends = np.cumsum([len(b) for b in blocks])
    starts = ends - np.array([len(b) for b in blocks])
    data = b"".join(blocks)
    records = decode_category(category, data, starts, ends)
    expected = [reference(layout, data, int(s), int(e)) for s, e in zip(starts, ends, strict=True)]
    assert [f == 0 for f in records.faults] == [b is not None for b in expected]
    whole = [(i, at, places) for i, block in enumerate(expected) if block is not None for at, places in block]
    assert records.block.tolist() == [i for i, _, _ in whole]
    assert records.offset.tolist() == [at for _, at, _ in whole]
    for row, (_, _, places) in zip(records.rows[:, 1:], whole, strict=True):
        assert {s: int(v) for s, v in enumerate(row) if v >= 0} == places


@pytest.mark.parametrize("category", known_categories())
def test_by_its_runs_a_record_is_walked_as_without(category: int) -> None:
    rng = random.Random(category)
    for layout in (table(category), expansion(category)):
        if layout is None:
            continue
        runs = runs_of(layout)
        whole = 0
        for _ in range(1500):
            # bits of the field specification as they come, then enough bytes for most items
            data = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 5))) + plausible_bytes(rng, rng.choice((1, 5, 40, 200)))
            octets = np.frombuffer(data, np.uint8)
            rows = np.full((2, 1 + len(layout.slots)), -1, np.int32)
            end = record(octets, 0, len(data), layout.program, rows, 0)
            assert record_by(octets, 0, len(data), layout.program, runs, rows, 1) == end
            nowhere = np.empty((0, 0), np.int32)
            assert record_by(octets, 0, len(data), layout.program, runs, nowhere, -1) == end
            if end > 0:
                assert rows[1].tolist() == rows[0].tolist()
                whole += 1
        assert whole > 10


def one(category: int, content: str) -> Records:
    octets = bytes.fromhex(content)
    return decode_category(category, octets, [0], [len(octets)])


@pytest.mark.parametrize(
    ("category", "content", "fault"),
    [
        (48, "81", "field specification runs past the block"),
        (48, "0101010102", "field specification longer than the edition has"),
        (62, "40", "an item that the edition does not define"),
        (48, "80ff", "item runs past the block"),
        (48, "20" + "01" * 9, "last extension bit set"),
        (34, "010400", "explicit item of no length"),
        (48, "00", "record without items"),
    ],
)
def test_each_fault_has_its_reason(category: int, content: str, fault: str) -> None:
    records = one(category, content)
    assert len(records) == 0
    assert FAULTS[records.faults[0]] == fault
    assert fault_reason(category, int(records.faults[0])) == f"CAT{category:03d} block refused: {fault}"


def test_a_block_that_fails_gives_none_of_its_records_and_its_neighbours_all() -> None:
    good, bad = bytes.fromhex("800102"), bytes.fromhex("8001028001")
    data = good + bad + good
    records = decode_category(48, data, [0, 3, 8], [3, 8, 11])
    assert records.block.tolist() == [0, 2]
    assert records.faults.tolist() == [0, FAULTS.index("item runs past the block"), 0]
    assert records.fault_at.tolist()[1] == 6


def test_repetitions_are_listed_with_their_records() -> None:
    two = "0120" + "02" + "00000000000001" + "40" + "000000000000ff" + "50"
    records = one(48, two + "800102" + "0120" + "00")
    rows, places = records.repeated("250")
    assert rows.tolist() == [0, 0]
    assert places.tolist() == [3, 11]
    assert records.repeated_integer("250/MBDATA")[1].tolist() == [1, 255]
    assert records.repeated_integer("250/BDS1")[1].tolist() == [4, 5]
    assert records.present("250").tolist() == [True, False, True]


def test_repetitions_with_extension_bits() -> None:
    records = one(48, "010140" + "0304")  # I048/030: two errors
    assert records.repeated_integer("030")[1].tolist() == [1, 2]


def test_a_repeated_element_is_no_column() -> None:
    with pytest.raises(WireError, match="is repeated"):
        one(48, "800102").column("250/MBDATA")


def test_what_an_edition_lacks_is_refused() -> None:
    with pytest.raises(WireError, match="has no 040/NOPE"):
        one(48, "800102").column("040/NOPE")
    with pytest.raises(WireError, match="a block outside the data"):
        decode_category(48, b"\0", [0], [2])


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("width", [1, 3, 8, 13, 24, 33, 56, 64])
def test_elements_are_read_bit_by_bit(width: int, signed: bool) -> None:
    rng = random.Random(width)
    data = bytes(rng.randrange(256) for _ in range(64))
    whole = int.from_bytes(data, "big")
    for bit in range(16):
        places = np.array([[-1], [0], [5], [40]], np.int32)
        out = np.full(4, 7, np.int64)
        element_int(np.frombuffer(data, np.uint8), places, 0, bit, width, signed, out)
        expected = [7]
        for place in (0, 5, 40):
            value = whole >> (512 - place * 8 - bit - width) & ((1 << width) - 1)
            if (signed or width == 64) and value >> (width - 1):
                value -= 1 << width
            expected.append(value)
        assert out.tolist() == expected
        if width <= 56:
            real = np.full(4, np.nan)
            element_float(np.frombuffer(data, np.uint8), places, 0, bit, width, signed, 0.5, real)
            assert np.isnan(real[0])
            assert real[1:].tolist() == [v * 0.5 for v in expected[1:]]


def test_text_is_cleaned_and_checked() -> None:
    # I048/240: eight letters of six bits: "NIGER1  ", and one with a letter outside the alphabet
    letters = {" ": 32} | {chr(64 + k): k for k in range(1, 27)} | {str(k): 48 + k for k in range(10)}

    def packed(text: str) -> str:
        bits = 0
        for c in text:
            bits = bits << 6 | letters.get(c, 0)
        return f"{bits:012x}"

    records = one(48, "0140" + packed("NIGER1  ") + "0140" + packed("NIG?R1  ") + "800102" + "0140" + packed("        "))
    text, bad = records.text("240")
    assert text.tolist() == [b"NIGER1", b"", b"", b""]
    assert bad.tolist() == [False, True, False, False]


def test_blocks_are_decoded_in_pieces_of_bounded_size() -> None:
    ends = np.cumsum(np.full(100, 40_000))
    cut = list(pieces(ends - 40_000, ends))
    assert [s.start for s in cut] == [0, *(s.stop for s in cut[:-1])]
    assert cut[-1].stop == 100
    assert all((s.stop - s.start) * 40_000 <= 1 << 20 for s in cut)
    assert list(pieces(np.array([0]), np.array([1 << 22]))) == [slice(0, 1)]


def test_older_editions_can_be_asked_for() -> None:
    assert decode_category(48, b"\x80\x01\x02", [0], [3], "1.27").table.edition == "1.27"
    with pytest.raises(WireError, match=r"no edition 9\.9"):
        table(48, "9.9")
    with pytest.raises(WireError, match="not a category"):
        table(222)

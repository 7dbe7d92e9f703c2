from __future__ import annotations

import doctest
import importlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.errors import WireError
from tenere.wire.asterix import decode_category, encode_blocks, encode_records
from tenere.wire.asterix.encode import put_bits
from tenere.wire.asterix.table import COMPOUND, EXTENDED, FIXED
from tenere.wire.asterix.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize("name", ["encode", "records", "tables"])
def test_examples_in_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"tenere.wire.asterix.{name}")).failed == 0


def random_columns(category: int, n: int, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Random raw values of every element that can be written, each item present at random."""
    rng = np.random.Generator(np.random.PCG64(seed))
    layout = table(category)
    writable = {n.slot for n in layout.nodes if n.kind in {FIXED, EXTENDED, COMPOUND}}
    columns: dict[str, Any] = {}
    present: dict[str, Any] = {}
    for element in layout.elements:
        if element.repeated or element.item not in writable or element.width > 62 or "@" in element.path:
            continue
        low = -(1 << (element.width - 1)) if element.signed else 0
        columns[element.path] = rng.integers(low, low + (1 << element.width), n)
        name = layout.slots[element.item]
        if name not in present:
            present[name] = rng.random(n) < 0.5
    present["010"] = np.ones(n, np.bool_)
    return columns, present


@pytest.mark.parametrize("category", [10, 21, 34, 48, 62, 63, 65, 20, 2, 4, 19, 23])
def test_what_is_written_reads_back_here_and_in_libasterix(category: int, oracle: Callable[..., Any]) -> None:
    n = 40
    columns, present = random_columns(category, n, category)
    data, ends = encode_records(category, n, columns, present)
    blocks, block_ends = encode_blocks(category, data, ends, 3000)
    starts = np.concatenate([[0], block_ends[:-1]])
    records = decode_category(category, blocks, starts + 3, block_ends)
    assert len(records) == n
    assert not records.faults.any()
    layout = table(category)
    theirs = [r for s, e in zip(starts, block_ends, strict=True) for r in oracle(blocks[s:e])]
    assert b"".join(octets for octets, _ in theirs) == data
    for path, values in columns.items():
        element = layout.element[path]
        here = records.present(path)
        mine = records.integer(path)
        assert (mine[here] == values[here]).all(), path
        if element.slot == element.item:
            assert (here == present[layout.slots[element.item]]).all(), path
        for row, (_, fields) in enumerate(theirs):
            said = fields.get(path)
            assert (said is not None) == here[row], (path, row)
            if said is not None:
                assert said == [int(values[row]) & ((1 << element.width) - 1)], (path, row)


def test_physical_values_are_rounded_to_the_step() -> None:
    data, ends = encode_records(48, 2, {"040/RHO": [1.0, np.nan], "040/THETA": [359.9999, 10.0], "010/SAC": 1, "010/SIC": 2})
    records = decode_category(48, data, [0], [int(ends[-1])])
    assert records.column("040/RHO").tolist()[0] == 1.0
    assert records.column("040/THETA").tolist()[0] == 0.0  # a full circle wraps
    assert records.present("040").tolist() == [True, False]


def test_minus_one_and_empty_text_are_absent() -> None:
    columns = {"010/SAC": 1, "010/SIC": 2, "070/V": 0, "070/MODE3A": [-1, 0o7700], "240": np.array([b"", b"NIG 12"])}
    data, ends = encode_records(48, 2, columns)
    records = decode_category(48, data, [0], [int(ends[-1])])
    assert records.present("070").tolist() == [False, True]
    assert records.integer("070/MODE3A").tolist() == [-1, 0o7700]
    assert records.text("240")[0].tolist() == [b"", b"NIG 12"]


def test_parts_of_extended_items_are_written_when_they_hold_something() -> None:
    data, ends = encode_records(48, 3, {"020/TYP": 5, "020/TST": [0, 1, 0], "010/SAC": 0, "010/SIC": 0}, {"020/TST": [False, True, True]})
    assert np.diff(np.concatenate([[0], ends])).tolist() == [4, 5, 5]
    records = decode_category(48, data, [0], [int(ends[-1])])
    assert records.integer("020/TST").tolist() == [-1, 1, 0]


def test_compound_items_hold_the_subitems_that_are_present() -> None:
    data, ends = encode_records(48, 2, {"010/SAC": 0, "010/SIC": 0, "130/SAM": [-60.0, np.nan], "130/PAM": [np.nan, np.nan]})
    records = decode_category(48, data, [0], [int(ends[-1])])
    assert records.present("130").tolist() == [True, False]
    assert records.present("130/PAM").tolist() == [False, False]
    assert records.column("130/SAM")[0] == -60.0


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"040/RHO": [256.0]}, "does not fit"),
        ({"220": [1 << 24]}, "does not fit"),
        ({"090/FL": [9000.0]}, "does not fit"),
        ({"110/3DH": np.array([1 << 14])}, "does not fit"),
        ({"999/X": [1]}, "has no 999/X"),
        ({"250/MBDATA": [1]}, "only fixed, extended and compound"),
        ({"220": [1, 2]}, "a column of"),
        ({"220": ["x"]}, "floats, integers or bytes"),
        ({"240": np.array([b"lower"])}, "cannot be written"),
        ({"240": np.array([b"NINELETTE"])}, "longer than 8"),
        ({"220": np.array([b"AB"])}, "does not hold text"),
        ({"220": [-1]}, "without items"),
    ],
)
def test_what_cannot_be_written_is_refused(columns: dict[str, Any], reason: str) -> None:
    with pytest.raises(WireError, match=reason):
        encode_records(48, 1, columns)


def test_nothing_is_written_as_nothing() -> None:
    data, ends = encode_records(48, 0, {"220": np.empty(0, np.int64)})
    assert (data, len(ends)) == (b"", 0)
    assert encode_blocks(48, data, ends)[0] == b""


@pytest.mark.parametrize("limit", [16, 20, 100, 1400])
def test_blocks_hold_whole_records_in_order(limit: int) -> None:
    data, ends = encode_records(34, 25, {"010/SAC": 1, "010/SIC": 2, "000": 2, "030": np.arange(25.0), "020": 1.40625})
    blocks, block_ends = encode_blocks(34, data, ends, limit)
    starts = np.concatenate([[0], block_ends[:-1]])
    assert ((block_ends - starts) <= limit).all()
    records = decode_category(34, blocks, starts + 3, block_ends)
    assert records.column("030").tolist() == list(range(25))


def test_bits_across_more_than_a_word() -> None:
    out = np.zeros((1, 10), np.uint8)
    put_bits(out, 3, 64, np.array([0xFEDCBA9876543210], np.uint64))
    assert int.from_bytes(out.tobytes(), "big") >> (80 - 67) == 0xFEDCBA9876543210


def test_track_records_of_category_1_take_the_track_layout(oracle: Callable[..., Any]) -> None:
    data, ends = encode_records(
        1, 2, {"010/SAC": 1, "010/SIC": 2, "020/TYP": [0, 1], "161": [-1, 77]} | {"040/RHO": 3.0, "040/THETA": 90.0}
    )
    blocks, _ = encode_blocks(1, data, ends)
    records = decode_category(1, blocks, [3], [len(blocks)])
    assert records.column("040/RHO").tolist() == [3.0, 3.0]
    assert records.integer("161").tolist() == [-1, 77]
    assert oracle is not None

from __future__ import annotations

import doctest
import importlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scripts import encode_roundtrip
from scripts.encode_roundtrip import roundtrip, sample

from tenere.errors import WireError
from tenere.wire.asterix import decode_category, encode_blocks, encode_records
from tenere.wire.asterix.encode_values import Runs, put_bits
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
        ({"250/MBDATA": [1]}, "give Runs"),
        ({"250/MBDATA": Runs(np.array([1, 2]), np.array([0, 1]))}, "do not part 2 values"),
        ({"250/MBDATA": Runs(np.array([1, 2]), np.array([0, 1, 2]))}, "do not part 2 values"),
        ({"250/MBDATA": Runs(np.array([1, 2]), np.array([2, 2]))}, "do not part 2 values"),
        ({"250/MBDATA": Runs(np.array([-1, 2]), np.array([0, 2]))}, "no repetition can be absent"),
        ({"250/MBDATA": Runs(np.array([1 << 56]), np.array([0, 1]))}, "does not fit"),
        (
            {"250/MBDATA": Runs(np.array([1, 2]), np.array([0, 2])), "250/BDS1": Runs(np.array([1]), np.array([0, 1]))},
            "not as many repetitions",
        ),
        ({"250/MBDATA": Runs(np.zeros(256, np.int64), np.array([0, 256]))}, "more repetitions than 1 octets count"),
        ({"SP": Runs(np.zeros(255, np.uint8), np.array([0, 255]))}, "more than 254 octets"),
        ({"SP": Runs(np.zeros(3, np.int64), np.array([0, 3]))}, "octets are uint8"),
        ({"SP": b"abc"}, "give Runs"),
        ({"250": [1]}, "has no 250"),
        ({"RE/MD5/SUM/M9": [1]}, "has no MD5/SUM/M9"),
        ({"RE/MD5/SUM/M5": [1], "RE": Runs(np.zeros(3, np.uint8), np.array([0, 3]))}, "both as octets and as elements"),
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
    data, ends = encode_records(48, 0, {"220": np.empty(0, np.int64), "240": np.empty(0, "S8"), "140": np.empty(0)})
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
    out = np.zeros(10, np.uint8)
    put_bits(out, np.array([0, -1]), 3, 64, np.array([0xFEDCBA9876543210, 0xFFFF], np.uint64))
    assert int.from_bytes(out.tobytes(), "big") >> (80 - 67) == 0xFEDCBA9876543210


@pytest.mark.parametrize("width", [1, 3, 7, 8, 9, 31, 56, 57, 63, 64])
def test_bits_go_where_a_slow_writer_puts_them(width: int) -> None:
    for bit in range(17):
        values = np.array([(1 << width) - 1, 0x5555555555555555 & ((1 << width) - 1), 1], np.uint64)
        out = np.zeros(40, np.uint8)
        put_bits(out, np.array([0, 13, 26]), bit, width, values)
        slow = 0
        for at, value in zip((0, 13, 26), values.tolist(), strict=True):
            slow |= value << (320 - at * 8 - bit - width)
        assert int.from_bytes(out.tobytes(), "big") == slow, bit


def test_track_records_of_category_1_take_the_track_layout(oracle: Callable[..., Any]) -> None:
    data, ends = encode_records(
        1, 2, {"010/SAC": 1, "010/SIC": 2, "020/TYP": [0, 1], "161": [-1, 77]} | {"040/RHO": 3.0, "040/THETA": 90.0}
    )
    blocks, _ = encode_blocks(1, data, ends)
    records = decode_category(1, blocks, [3], [len(blocks)])
    assert records.column("040/RHO").tolist() == [3.0, 3.0]
    assert records.integer("161").tolist() == [-1, 77]
    assert oracle is not None


def test_repetitions_are_counted_and_follow_each_other() -> None:
    registers = Runs(np.array([0x11, 0x22, 0x33]), np.array([0, 2, 2, 3]))
    second = Runs(np.array([4, 5, 6]), registers.offsets)
    data, ends = encode_records(48, 3, {"010/SAC": 1, "010/SIC": 2, "250/MBDATA": registers, "250/BDS1": second})
    first = "8120" + "0102" + "02" + "0000000000001140" + "0000000000002250"
    assert data.hex() == first + "800102" + "8120" + "0102" + "01" + "0000000000003360"
    assert ends.tolist() == [21, 24, 37]


def test_an_item_can_be_there_without_repetitions() -> None:
    none = Runs(np.zeros(0, np.int64), np.array([0, 0, 0]))
    data, _ = encode_records(48, 2, {"010/SAC": 1, "010/SIC": 2, "250/MBDATA": none}, {"250": [True, False]})
    assert data.hex() == "8120" + "0102" + "00" + "800102"


def test_repetitions_are_left_out_where_their_item_is() -> None:
    given = Runs(np.array([1, 2, 3]), np.array([0, 1, 3]))
    data, _ = encode_records(48, 2, {"010/SAC": 1, "010/SIC": 2, "250/MBDATA": given}, {"250": [True, False]})
    assert data.hex() == "8120" + "0102" + "01" + "0000000000000100" + "800102"


def test_repetitions_with_an_extension_bit_say_that_another_follows() -> None:
    warnings = Runs(np.array([1, 16, 3]), np.array([0, 2, 3, 3]))
    data, _ = encode_records(48, 3, {"010/SAC": 1, "010/SIC": 2, "030": warnings}, {"030": [True, True, True]})
    assert data.hex() == "810140" + "0102" + "0320" + "810140" + "0102" + "06" + "800102"


def test_repetitions_inside_a_compound_item() -> None:
    speeds = Runs(np.array([10.0, 20.0]), np.array([0, 2]))
    ranges = Runs(np.array([100, 200]), np.array([0, 2]))
    data, _ = encode_records(48, 1, {"010/SAC": 1, "010/SIC": 2, "120/RDS/DOP": speeds, "120/RDS/AMB": ranges, "120/CAL/CAL": [-5.0]})
    assert data.hex() == "810104" + "0102" + "c0" + "03fb" + "02" + "000a00640000" + "001400c80000"


def test_an_explicit_item_holds_its_octets_after_their_count() -> None:
    given = Runs(np.array([0xCA, 0xFE], np.uint8), np.array([0, 2, 2]))
    data, _ = encode_records(34, 2, {"010/SAC": 1, "010/SIC": 2, "SP": given})
    assert data.hex() == "8102" + "0102" + "03cafe" + "800102"
    empty, _ = encode_records(34, 1, {"010/SAC": 1, "010/SIC": 2}, {"SP": True})
    assert empty.hex() == "8102" + "0102" + "01"


def test_the_elements_of_an_expansion_field_are_written_inside_it() -> None:
    columns = {"010/SAC": 1, "010/SIC": 2, "RE/MD5/SUM/ID": [1, -1, -1], "RE/RPC/SCO": [-1, 200, -1]}
    data, _ = encode_records(48, 3, columns)
    head = "81010102" + "0102"
    assert data.hex() == head + "04" + "80" + "80" + "40" + head + "04" + "10" + "80" + "c8" + "800102"
    with pytest.raises(WireError, match="nothing describes what is inside"):
        encode_records(34, 1, {"RE/A": 1})


def test_elements_wider_than_a_word_are_rows_of_octets() -> None:
    octets = np.arange(64, dtype=np.uint8)[None, :]
    data, _ = encode_records(240, 1, {"010/SAC": 1, "010/SIC": 2, "051": Runs(octets, np.array([0, 1]))})
    assert data.endswith(bytes(range(64)))
    with pytest.raises(WireError, match="rows of 64 octets"):
        encode_records(240, 1, {"051": Runs(octets[:, :3], np.array([0, 1]))})


def test_an_item_that_the_layout_of_the_record_lacks_is_refused() -> None:
    with pytest.raises(WireError, match="CAT001 161: not in the layout"):
        encode_records(1, 1, {"010/SAC": 1, "010/SIC": 2, "020/TYP": 0, "161": 7})


@pytest.mark.parametrize("category", [21, 34, 48, 62, 63, 65, 1, 2, 8, 20])
def test_every_item_goes_through_libasterix_and_back(category: int) -> None:
    result = roundtrip(category, 300, np.random.Generator(np.random.PCG64(category)))
    assert result.equal, result.difference
    assert result.records == 300
    assert result.values > 300


@pytest.mark.parametrize(("category", "edition"), [(21, "0.26"), (21, "2.1"), (48, "1.27"), (62, "1.16")])
def test_so_does_every_item_of_an_older_edition(category: int, edition: str) -> None:
    result = roundtrip(category, 60, np.random.Generator(np.random.PCG64(7)), edition)
    assert result.equal, result.difference
    assert result.edition == edition


@pytest.mark.parametrize("category", [48, 62])
def test_what_repeats_reads_back_here(category: int) -> None:
    n = 80
    drawn = sample(category, n, np.random.Generator(np.random.PCG64(3)))
    data, ends = encode_records(category, n, drawn.columns, drawn.present)
    records = decode_category(category, data, [0], [int(ends[-1])])
    repeated = [e for e in table(category).elements if e.repeated]
    assert repeated
    for element in repeated:
        rows, values = records.repeated_integer(element.path)
        theirs = [(row, v) for row, fields in enumerate(drawn.fields) for v in fields.get(element.path, [])]
        got = (values.astype(np.uint64) & np.uint64((1 << element.width) - 1)).tolist()
        assert list(zip(rows.tolist(), got, strict=True)) == theirs, element.path


def test_a_mask_of_an_element_that_repeats_is_refused() -> None:
    with pytest.raises(WireError, match="a mask is of the whole item"):
        encode_records(48, 1, {"010/SAC": 1}, {"250/MBDATA": True})
    with pytest.raises(WireError, match="a mask of"):
        encode_records(48, 1, {"010/SAC": 1}, {"220": [True, False]})


def test_the_table_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["encode_roundtrip", "--records", "5", "--categories", "34,65"])
    with pytest.raises(SystemExit) as stopped:
        encode_roundtrip.main()
    assert stopped.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [["CAT034", "1.29", "5"], ["CAT065", "1.6", "5"]]


def test_the_roundtrip_sees_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode_roundtrip, "libasterix_fields", lambda *_: {"010/SAC": [1]})
    result = roundtrip(34, 3, np.random.Generator(np.random.PCG64(1)))
    assert not result.equal
    assert result.difference.startswith("record 0 differs in")

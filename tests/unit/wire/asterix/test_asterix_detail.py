from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tenere.tick import Chunk
from tenere.wire.asterix import FORMAT, encode_blocks, encode_records
from tenere.wire.asterix.detail import details, plans
from tenere.wire.asterix.detail_plan import OCTETS, TEXT
from tenere.wire.asterix.extract import ICAO, REAL
from tenere.wire.asterix.gather import PIECE
from tenere.wire.asterix.table import EXPLICIT, FIXED
from tenere.wire.asterix.tables import known_categories, known_editions, table
from tenere.wire.detail import Detail
from tenere.wire.format import SourceHint

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.wire.asterix.detail_plan import Field
    from tenere.wire.detail import Column

SOURCE = {"010/SAC": 12, "010/SIC": 34}
HEAD = ["offset", "receive_s", "time_s", "sac", "sic"]


def block(category: int, n: int = 1, present: dict[str, Any] | None = None, edition: str | None = None, **columns: Any) -> bytes:
    """One block; a column i040_RHO is the element 040/RHO."""
    named = {path.removeprefix("i").replace("_", "/"): value for path, value in columns.items()}
    data, ends = encode_records(category, n, SOURCE | named, present, edition)
    return encode_blocks(category, data, ends, 65535)[0]


def read(*units: bytes, times_s: Any = np.nan, tick_s: float = 0.0, offset: int = 0, **options: Any) -> dict[str, Detail]:
    assert FORMAT.details is details
    _, out = details(FORMAT.init(SourceHint(options=options)), Chunk.of("x", units, times_s, offset), tick_s)
    return out


def columns(detail: Detail) -> dict[str, Column]:
    return {c.name: c for c in detail.columns}


def raw_block(category: int, content: str) -> bytes:
    body = bytes.fromhex(content)
    return bytes([category]) + (len(body) + 3).to_bytes(2, "big") + body


def test_a_radar_record_in_the_units_of_its_specification() -> None:
    detail = read(
        block(
            48,
            i140=3600.5,
            i020_TYP=7,
            i020_SIM=1,
            i040_RHO=100.0,
            i040_THETA=90.0,
            i070_MODE3A=0o7500,
            i090_FL=-3.25,
            i240=np.array([b"NIG 12"]),
            i130_SAM=-60,
            i161_TRN=99,
            i220=0x062001,
        ),
        times_s=86400.0 * 3 + 3601,
        offset=1000,
    )["CAT048"]
    c = columns(detail)
    assert [d.name for d in detail.columns[:5]] == HEAD
    assert (c["offset"].values[0], c["receive_s"].values[0], c["time_s"].values[0]) == (1003, 86400 * 3 + 3601, 86400 * 3 + 3600.5)
    assert (c["sac"].values[0], c["sic"].values[0]) == (12, 34)
    assert (c["i040_rho"].values[0], c["i040_rho"].unit, c["i040_theta"].unit) == (100.0, "NM", "°")
    assert (c["i090_fl"].values[0], c["i130_sam"].values[0], c["i140"].values[0]) == (-3.25, -60.0, 3600.5)
    assert (c["i070_mode3a"].values[0], c["i161_trn"].values[0], c["i220"].values[0]) == (0o7500, 99, 0x062001)
    assert c["i240"].values.tolist() == [b"NIG 12"]
    assert c["i020_sim"].values.dtype == np.uint8
    assert c["i040_rho"].values.dtype == c["i130_sam"].values.dtype == np.float64
    assert c["i020_typ"].present is not None
    assert c["i020_typ"].present.all()
    assert "7 ModeS Roll-Call +PSR" in c["i020_typ"].doc
    assert c["i020_typ"].doc.startswith("Target Report Descriptor")
    assert c["i070_mode3a"].doc.endswith("octal")
    assert np.isnan(c["i110_3dh"].values).all()  # absent
    absent = c["i250_mbdata"]
    assert len(absent) == len(detail) == 1
    assert absent.present is not None
    assert not absent.present.any()


def test_the_columns_of_a_category_are_always_the_same() -> None:
    little, much = read(block(48))["CAT048"], read(block(48, 3, i040_RHO=[1.0, np.nan, 2.0], i040_THETA=1.0, i220=[1, 2, 3]))["CAT048"]
    assert [(c.name, c.unit, c.doc, c.octets) for c in little.columns] == [(c.name, c.unit, c.doc, c.octets) for c in much.columns]
    assert [c.values.dtype for c in little.columns] == [c.values.dtype for c in much.columns]
    assert [c.present is None for c in little.columns] == [c.present is None for c in much.columns]
    both = columns(Detail.concat([little, much]))
    assert np.isnan(both["i040_rho"].values).tolist() == [True, False, True, False]
    assert both["i220"].values.tolist() == [0, 1, 2, 3]
    assert both["i220"].present is not None
    assert both["i220"].present.tolist() == [False, True, True, True]


def test_columns_that_no_record_holds_take_no_room() -> None:
    c = columns(read(block(48, 1000))["CAT048"])
    assert c["i110_3dh"].values.strides == (0,)
    assert c["re_md5_sum_m5"].values.strides == (0,)
    assert c["i250_mbdata"].offsets is not None
    assert c["i250_mbdata"].offsets.strides == (0,)


@pytest.mark.parametrize("category", known_categories())
def test_names_are_unique_and_every_column_says_what_it_is(category: int) -> None:
    for edition in known_editions(category):
        plan, field = plans(category, edition)
        fields = [*plan.fields, *(field.fields if field is not None else ())]
        names = [f.name for f in fields]
        assert len(names) == len(set(names))
        assert not set(names) & set(HEAD)
        assert all(name == name.lower() and name.replace("_", "").isalnum() for name in names)
        assert all(f.doc for f in fields)
        assert {e.path for e in plan.layout.elements} == {
            f.element.path for f in plan.fields if f.element is not None and not f.element.when
        }
        explicit = {plan.layout.slots[n.slot] for n in plan.layout.nodes if n.kind == EXPLICIT}
        assert explicit == {plan.layout.slots[f.slot] for f in plan.fields if f.element is None}


def plausible_bytes(rng: random.Random, size: int) -> bytes:
    """Bytes that a walker gets far into: field specifications with few bits, small counts."""
    return bytes(rng.choice((0, 1, 2, 3, 0x80, 0x81, 0x40, rng.randrange(256))) for _ in range(size))


def bits(data: bytes, place: int, bit: int, width: int, *, signed: bool) -> int:
    last = (bit + width + 7) // 8
    value = int.from_bytes(data[place : place + last], "big") >> (8 * last - bit - width) & ((1 << width) - 1)
    return value - (1 << width) if signed and value >> (width - 1) else value


def letters(data: bytes, place: int, field: Field) -> bytes:
    element = field.element
    assert element is not None
    size = element.width // field.dtype.itemsize
    out = b""
    for k in range(field.dtype.itemsize):
        code = bits(data, place, element.bit + k * size, size, signed=False)
        if size == 6:
            out += ICAO[code].tobytes()
        else:
            out += b" " if code == 0 else bytes([code]) if 0x20 <= code < 0x7F else b"?"
    return out.rstrip(b" ")


def expected(field: Field, data: bytes, places: dict[int, int], size: int, kind: int) -> Any:
    """Read one column of one record, the slow and obvious way; None where it is absent."""
    place = places.get(field.slot)
    if place is None:
        return None
    element = field.element
    if kind == EXPLICIT or element is None:
        return data[place + 1 : place + data[place]]
    count = 1 if not field.listed or kind == FIXED else places[field.slot + 1]
    if field.what == OCTETS:
        return data[place : place + count * size]
    values: list[Any] = []
    for k in range(count):
        here = place + k * size
        if field.what == TEXT:
            values.append(letters(data, here, field))
        else:
            number = bits(data, here, element.bit, element.width, signed=element.signed)
            values.append(number * element.lsb if field.kind == REAL else number)
    return values if field.listed else values[0]


@pytest.mark.parametrize("category", known_categories())
def test_every_column_is_what_the_reference_reads(category: int, reference: Callable[..., Any]) -> None:
    rng = random.Random(category)
    layout = table(category)
    units = []
    for _ in range(500):
        body = plausible_bytes(rng, rng.choice((3, 6, 20, 60, 150)))
        units.append(bytes([category]) + (len(body) + 3).to_bytes(2, "big") + body)
    detail = read(*units).get(f"CAT{category:03d}")
    whole = b"".join(units)
    assert detail is not None, "no plausible bytes of this category read whole: nothing was compared"
    c = columns(detail)
    starts = np.cumsum([0, *(len(u) for u in units)])
    found: dict[int, dict[int, int]] = {}
    for k in range(len(units)):
        found |= dict(reference(layout, whole, int(starts[k]) + 3, int(starts[k + 1])) or ())
    plan, _ = plans(category, layout.edition)
    taken = [found[at] for at in c["offset"].values.tolist()]
    assert len(taken) > 10
    for field in plan.fields:
        if field.element is not None and field.element.when:
            continue
        column, node = c[field.name], layout.node_of_slot.get(field.slot)
        size, kind = (node.size, node.kind) if node is not None else (0, -1)
        for row, places in enumerate(taken):
            wanted = expected(field, whole, places, size, kind)
            if column.present is not None:
                assert bool(column.present[row]) == (wanted is not None), field.name
            if wanted is None:
                assert column.offsets is not None or column.present is not None or np.isnan(column.values[row])
                continue
            if column.offsets is None:
                got = column.values[row].item()
            else:
                part = column.values[column.offsets[row] : column.offsets[row + 1]]
                got = part.tobytes() if column.octets else part.tolist()
            assert got == wanted, (field.name, row)


def test_more_records_than_a_piece_come_in_order() -> None:
    n = 2 * PIECE + 7
    c = columns(read(*[block(48, 7, i220=np.arange(k, k + 7), i140=1.0) for k in range(0, n, 7)])["CAT048"])
    assert c["i220"].values.tolist() == list(range(len(c["i220"].values)))
    assert (np.diff(c["offset"].values) > 0).all()


def test_what_depends_on_another_item_is_read_as_that_says() -> None:
    c = columns(read(block(21, 3, {"150": [True, True, False]}, i150_IM=[0, 1, 0], i150_AS=[1 << 14, 800, 0]))["CAT021"])
    assert c["i150_as"].values.tolist()[:2] == [1 << 14, 800]
    assert c["i150_as_nm_s"].values[0] == 1.0
    assert c["i150_as_mach"].values[1] == pytest.approx(0.8)
    assert np.isnan(c["i150_as_nm_s"].values).tolist() == [False, True, True]
    assert np.isnan(c["i150_as_mach"].values).tolist() == [True, False, True]
    assert (c["i150_as_nm_s"].unit, c["i150_as_mach"].unit) == ("NM/s", "Mach")
    assert "where 150/IM is 0" in c["i150_as_nm_s"].doc


def test_repetitions_are_lists() -> None:
    c = columns(read(raw_block(48, "0120" + "02" + "00000000000001" + "40" + "000000000000ff" + "50" + "800102" + "0120" + "00"))["CAT048"])
    data = c["i250_mbdata"]
    assert data.offsets is not None
    assert data.offsets.tolist() == [0, 2, 2, 2]
    assert data.values.tolist() == [1, 255]
    assert c["i250_bds1"].values.tolist() == [4, 5]
    assert data.present is not None
    assert data.present.tolist() == [True, False, True]


def test_an_expansion_field_is_kept_as_bytes_and_read() -> None:
    # I048/RE: length, then MD5 (its first bit) with SUM: M5 and ID set
    good = raw_block(48, "81010102" + "0102" + "04" + "80" + "80" + "c0")
    bad = raw_block(48, "81010102" + "0103" + "03" + "80" + "01")
    c = columns(read(good, bad, block(48))["CAT048"])
    assert c["re"].octets
    assert c["re"].offsets is not None
    assert [c["re"].values[a:b].tobytes().hex() for a, b in zip(c["re"].offsets[:-1], c["re"].offsets[1:], strict=True)] == [
        "8080c0",
        "8001",
        "",
    ]
    assert c["re_md5_sum_m5"].present is not None
    assert c["re_md5_sum_m5"].present.tolist() == [True, False, False]
    assert c["re_md5_sum_m5"].values[0] == c["re_md5_sum_id"].values[0] == 1
    assert c["re_md5_sum_da"].values[0] == 0
    assert c["sic"].values.tolist() == [2, 3, 34]


def test_an_expansion_field_of_lists() -> None:
    # I062/RE of two contributing sensors: SAC, SIC, type, local track number
    content = "0506" + "0d" + "80" + "02" + "010204000a" + "030408000b"
    c = columns(read(raw_block(62, "8101010104" + content))["CAT062"])  # I062/010 and, thirty-fourth, I062/RE
    assert c["re_cst_sac"].values.tolist() == [1, 3]
    assert c["re_cst_typ"].values.tolist() == [4, 8]
    assert c["re_cst_ltn"].values.tolist() == [10, 11]
    assert c["re_cst_ltn"].offsets is not None
    assert c["re_cst_ltn"].offsets.tolist() == [0, 2]


def test_the_time_is_the_first_that_is_one() -> None:
    raw = np.array([86400 * 128, 5 * 128])
    c = columns(read(block(48, 2, i140=raw), tick_s=9.0)["CAT048"])
    assert c["time_s"].values.tolist() == [9.0, 5.0]
    assert c["i140"].values.tolist() == [86400.0, 5.0]  # what it says is kept as it says it
    c = columns(read(block(21, 3, i071=[np.nan, 20.0, np.nan], i073=[10.0, 11.0, np.nan]), times_s=86400.0)["CAT021"])
    assert c["time_s"].values.tolist() == [86410.0, 86420.0, 86400.0]


def test_a_truncated_time_is_resolved_to_the_nearest() -> None:
    c = columns(read(block(1, i141=100.0, i020_TYP=0), times_s=5 * 512 + 90.0)["CAT001"])
    assert c["time_s"].values.tolist() == [5 * 512 + 100.0]
    c = columns(read(block(1, i141=500.0, i020_TYP=0), times_s=5 * 512 + 10.0)["CAT001"])
    assert c["time_s"].values.tolist() == [4 * 512 + 500.0]


def test_another_edition_has_columns_of_its_own() -> None:
    old = block(48, edition="1.27", i220=7)
    out = read(old, editions={"48": "1.27"})
    assert list(out) == ["CAT048 edition 1.27"]
    assert columns(out["CAT048 edition 1.27"])["i220"].values.tolist() == [7]
    assert list(read(old, editions={48: "1.32"})) == ["CAT048"]
    assert "re_md5_sum_m5" in columns(out["CAT048 edition 1.27"])


def test_several_categories_and_none() -> None:
    assert read() == {}
    assert read(b"\xff" * 40) == {}
    out = read(block(48, 2), block(34, i000=1), block(62, 3))
    assert {name: len(d) for name, d in out.items()} == {"CAT034": 1, "CAT048": 2, "CAT062": 3}
    c = columns(read(raw_block(150, "2041"))["CAT150"]) if 150 in known_categories() else {}
    assert c == {} or c["sac"].present is not None


def test_blocks_that_a_damaged_one_has_swallowed_come_in_their_order() -> None:
    units = [block(48, 3, i140=[1.0, 2.0, 3.0], i220=[1 + 3 * k, 2 + 3 * k, 3 + 3 * k]) for k in range(9)]
    damaged = bytearray(b"".join(units))
    damaged[len(units[0]) * 6 + 1 : len(units[0]) * 6 + 3] = (2 * len(units[0])).to_bytes(2, "big")
    _, out = details(FORMAT.init(SourceHint()), Chunk.of("x", [bytes(damaged)]), 0.0)
    _, step = FORMAT.step(FORMAT.init(SourceHint()), Chunk.of("x", [bytes(damaged)]), 0.0)
    c = columns(out["CAT048"])
    assert len(out["CAT048"]) == step.records["CAT048"] == 27
    assert c["i220"].values.tolist() == list(range(1, 28))
    assert (np.diff(c["offset"].values) > 0).all()


def test_items_of_a_random_field_sequence_are_columns_as_any_other() -> None:
    layout = table(2)
    root = layout.nodes[layout.roots[0]]
    items = [layout.nodes[k] if k >= 0 else None for k in layout.children[root.first : root.first + root.count]]
    numbers = {layout.slots[node.slot] if node.slot >= 0 else "RFS": k for k, node in enumerate(items) if node is not None}
    octets = [0] * (numbers["RFS"] // 7 + 1)
    for name in ("010", "RFS"):
        octets[numbers[name] // 7] |= 0x80 >> numbers[name] % 7
    fspec = bytes(o | (k + 1 < len(octets)) for k, o in enumerate(octets))
    sequence = bytes([2, numbers["030"] + 1, 0, 1, 0, numbers["000"] + 1, 8])  # 2 s, and message 8
    c = columns(read(raw_block(2, (fspec + b"\x01\x02" + sequence).hex()), raw_block(2, "80" + "0304"))["CAT002"])
    assert c["i030"].values[0] == c["time_s"].values[0] == 2.0
    assert c["i000"].values.tolist() == [8, 0]
    assert c["i000"].present is not None
    assert c["i000"].present.tolist() == [True, False]
    assert c["sic"].values.tolist() == [2, 4]

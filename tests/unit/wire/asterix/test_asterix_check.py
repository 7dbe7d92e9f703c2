from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tenere.errors import Rejects
from tenere.wire.asterix import decode_category, encode_blocks, encode_records
from tenere.wire.asterix.check import Checked, Scores, check, checks_of, doubt, doubts, rule_of
from tenere.wire.asterix.gather import PIECE, STRIDE
from tenere.wire.asterix.tables import table

if TYPE_CHECKING:
    from tenere.wire.asterix.records import Records


def noisy_records(category: int, n: int = 150) -> Records:
    """Records that read whole, of random bits."""
    rng = random.Random(category)
    layout = table(category)
    columns = {}
    for element in layout.elements:
        if element.repeated or layout.node_of_slot[element.item].kind not in {0, 1} or element.width > 56 or "@" in element.path:
            continue
        low = -(1 << element.width - 1) if element.signed else 0
        columns[element.path] = [rng.randrange(low, low + (1 << element.width)) for _ in range(n)]
    present = {layout.slots[layout.element[p].item]: [rng.random() < 0.2 for _ in range(n)] for p in columns}
    present["010"] = [True] * n
    data, ends = encode_records(category, n, columns, present)
    octets = bytearray(data)
    starts = [0, *ends[:-1].tolist()]
    plain = decode_category(category, data, starts, ends)
    for spare in layout.spares:  # the encoder leaves them zero
        if spare.repeated:
            continue
        for place in plain.rows[:, spare.slot + 1].tolist():
            if place >= 0 and rng.random() < 0.1:
                octets[place + spare.bit // 8] |= 0x80 >> spare.bit % 8
    return decode_category(category, bytes(octets), starts, ends)


@pytest.mark.parametrize("category", [10, 21, 34, 48, 62, 63])
def test_the_kernel_checks_as_the_reference_does(category: int) -> None:
    records = noisy_records(category)
    layout = records.table
    checks, reasons = checks_of(layout)
    failed = np.zeros((len(records), len(reasons)), np.bool_)
    wrong = np.zeros(len(records), np.bool_)
    check(records.data, records.rows, checks, failed, wrong)
    telling: list[set[int]] = [set() for _ in range(len(records))]
    unused: list[set[int]] = [set() for _ in range(len(records))]
    for element in layout.elements:
        if element.repeated or element.width > 56:
            continue
        rule = rule_of(category, element)
        values = records.integer(element.path)
        for row in np.flatnonzero(records.rows[:, element.slot + 1] >= 0).tolist():
            value = int(values[row])
            if rule is not None:
                bad = not rule.low - 1e-9 <= value * element.lsb <= rule.high + 1e-9
                assert bool(failed[row, reasons[element.path][0]]) == bad, element.path
                if bad and rule.telling:
                    telling[row].add(element.item)
            elif element.content == "table" and element.values and element.width <= 8 and value not in element.values:
                unused[row].add(element.item)
    whole = records.data.tobytes()
    item_of = {e.slot: e.item for e in layout.elements}
    for spare in layout.spares:
        if spare.repeated:
            continue
        for row, place in enumerate(records.rows[:, spare.slot + 1].tolist()):
            if place >= 0:
                last = (spare.bit + spare.width + 7) // 8
                value = int.from_bytes(whole[place : place + last], "big") >> (8 * last - spare.bit - spare.width)
                if value & ((1 << spare.width) - 1):
                    unused[row].add(item_of.get(spare.slot, spare.slot))
    assert wrong.tolist() == [2 * len(t) + len(u) >= 5 for t, u in zip(telling, unused, strict=True)]
    assert any(unused)


@pytest.mark.parametrize("category", [10, 20, 21, 34, 48, 62, 63])
def test_a_piece_is_doubted_as_each_of_its_records(category: int) -> None:
    records = noisy_records(category)
    n = len(records)
    checks, reasons = checks_of(records.table)
    places = np.full((records.rows.shape[1], STRIDE), -1, np.int32)
    places[:, :n] = records.rows.T
    failed, expected_failed = np.zeros((2, len(reasons)), np.bool_)
    scores = Scores(*np.full((3, PIECE), 9, np.int64))
    doubts(records.data, places, n, checks, failed, scores, np.empty(PIECE, np.uint8), np.empty(PIECE, np.uint64))
    expected = [doubt(records.data, records.rows, i, 0, checks, expected_failed) for i in range(n)]
    assert scores.doubt[:n].tolist() == expected
    assert failed.tolist() == expected_failed.tolist()
    assert max(expected) > 1


def test_one_bad_item_is_nulled_and_its_neighbours_kept() -> None:
    data, ends = encode_records(
        48, 3, {"010/SAC": 1, "010/SIC": 2, "090/FL": [100.0, 1800.0, 200.0], "200/GSP": [0.1, 0.2, 3.0], "200/HDG": 0.0}
    )
    blocks, block_ends = encode_blocks(48, data, ends)
    rejects = Rejects()
    checked = Checked(decode_category(48, blocks, [3], block_ends), rejects, 500, np.array([0]))
    assert len(checked) == 3
    assert np.isnan(checked.column("090/FL")).tolist() == [False, True, False]
    assert np.isnan(checked.pair("200/GSP", "200/HDG")[1]).tolist() == [False, False, True]
    assert rejects.counts == {"CAT048 I048/090 flight level out of range": 1, "CAT048 I048/200 speed out of range": 1}
    assert rejects.first_offset["CAT048 I048/090 flight level out of range"] == 500 + 3 + int(ends[0])
    assert checked.flag("020/SIM").tolist() == [False] * 3
    assert checked.integer("161/TRN", -5).tolist() == [-5] * 3
    assert checked.text("240").tolist() == [b""] * 3

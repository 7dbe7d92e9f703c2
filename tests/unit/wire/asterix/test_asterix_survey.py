from __future__ import annotations

import random

import numpy as np
import pytest

from tenere.wire.asterix import encode_records
from tenere.wire.asterix.check import MOST_DOUBT, WRONG, checks_of, doubt, source_slot
from tenere.wire.asterix.gather import PIECE
from tenere.wire.asterix.survey import Survey, survey
from tenere.wire.asterix.tables import table
from tenere.wire.asterix.walk import record


def blocks(category: int, n: int, damage: float) -> tuple[bytes, list[int], list[int]]:
    """Blocks of one to nine records that hold every other item, most from one sender; some bytes damaged."""
    rng = random.Random(category)
    layout = table(category)
    columns: dict[str, list[int]] = {}
    for element in layout.elements:
        if element.repeated or layout.node_of_slot[element.item].kind not in {0, 1} or element.width > 56 or "@" in element.path:
            continue
        columns[element.path] = [rng.randrange(min(4, 1 << element.width - element.signed)) for _ in range(n)]
    columns["010/SAC"] = [7] * n
    columns["010/SIC"] = [rng.choice((1,) * 20 + (2,)) for _ in range(n)]
    present = {layout.slots[layout.element[p].item]: [rng.random() < 0.5 for _ in range(n)] for p in columns}
    present["010"] = [rng.random() < 0.98 for _ in range(n)]
    data, record_ends = encode_records(category, n, columns, present)
    octets = bytearray(data)
    for at in range(len(octets)):
        if rng.random() < damage:
            octets[at] = rng.randrange(256)
    ends, k = [], 0
    while k < n:
        k = min(n, k + rng.choice((1, 2, 5, 9)))
        ends.append(int(record_ends[k - 1]))
    starts = [0, *ends[:-1]]
    # some blocks stand inside those before, as those that a damaged one has swallowed
    for i in range(5, len(starts), 40):
        starts.insert(i, starts[i - 1] + 1)
        ends.insert(i, ends[i - 1])
    return bytes(octets), starts, ends


def expected(category: int, data: bytes, starts: list[int], ends: list[int]) -> Survey:
    """Look at one record after the other."""
    layout = table(category)
    checks, reasons = checks_of(layout)
    octets, source = np.frombuffer(data, np.uint8), source_slot(layout)
    counts, sound, sound_to, faults, fault_at = np.zeros((5, len(starts)), np.int64)
    wrong = np.zeros(len(starts), np.bool_)
    held, breached = np.zeros(1 + len(layout.slots), np.bool_), np.zeros(len(reasons), np.bool_)
    for block, end in enumerate(ends):
        clear, first, position = True, None, starts[block]
        while position < end:
            row = np.full((1, 1 + len(layout.slots)), -1, np.int32)
            at = record(octets, position, end, layout.program, row, 0)
            if at < 0:
                faults[block], fault_at[block] = -at, position
                break
            found = doubt(octets, row, 0, position, checks, breached)
            held |= row[0] >= 0
            wrong[block] |= found >= WRONG
            sender = None
            if source >= 0 and row[0, source + 1] >= 0:
                sender = data[row[0, source + 1] : row[0, source + 1] + 2]
            first = sender if counts[block] == 0 else first
            clear &= found <= MOST_DOUBT and (source < 0 or (sender is not None and sender == first))
            if clear:
                sound[block] += 1
                sound_to[block] = at
            counts[block] += 1
            position = at
    return Survey(layout, octets, np.array(starts), np.array(ends), counts, sound, sound_to, faults, fault_at, wrong, held, breached)


@pytest.mark.parametrize("damage", [0.0, 0.002, 0.05])
@pytest.mark.parametrize("category", [10, 21, 34, 48, 62])
def test_blocks_are_surveyed_as_record_by_record(category: int, damage: float) -> None:
    data, starts, ends = blocks(category, 3 * PIECE + 17, damage)
    found, wanted = survey(category, data, starts, ends), expected(category, data, starts, ends)
    for name in Survey._fields[2:-1]:
        assert getattr(found, name).tolist() == getattr(wanted, name).tolist(), name
    assert (found.sound < found.counts).any()
    if damage:
        assert found.faults.any()
    assert found.counts.sum() > PIECE or damage > 0.01

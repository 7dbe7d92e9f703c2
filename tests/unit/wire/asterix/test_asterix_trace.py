from __future__ import annotations

import random

import numpy as np
import pytest

from tenere.wire.asterix import decode_category, encode_records
from tenere.wire.asterix.detail import plans
from tenere.wire.asterix.detail_read import read_columns
from tenere.wire.asterix.gather import PIECE, STRIDE
from tenere.wire.asterix.survey import survey
from tenere.wire.asterix.tables import table
from tenere.wire.asterix.trace import SPARE, counted, keep, nowhere, recall, room


def records(category: int, n: int, share: float) -> tuple[bytes, list[int], list[int]]:
    """Records of random bits, each a block, that hold each plain item with a probability."""
    rng = random.Random(category)
    layout = table(category)
    columns = {}
    for element in layout.elements:
        if element.repeated or layout.node_of_slot[element.item].kind not in {0, 1} or element.width > 56 or "@" in element.path:
            continue
        low = -(1 << element.width - 1) if element.signed else 0
        columns[element.path] = [rng.randrange(low, low + (1 << element.width)) for _ in range(n)]
    present = {layout.slots[layout.element[p].item]: [rng.random() < share for _ in range(n)] for p in columns}
    present["010"] = [True] * n
    data, ends = encode_records(category, n, columns, present)
    return data, [0, *ends[:-1].tolist()], ends.tolist()


@pytest.mark.parametrize("category", [10, 21, 34, 48, 62])
@pytest.mark.parametrize("n", [1, PIECE, 2 * PIECE + 5])
def test_columns_are_the_same_by_the_trace_and_by_walking(category: int, n: int) -> None:
    data, starts, ends = records(category, n, 0.7)
    found = survey(category, data, starts, ends, traced=True)
    assert found.trace is not None
    assert found.trace.distance.nbytes <= len(data) + SPARE * (len(found.layout.slots) + 2) * 2 * PIECE
    plan, _ = plans(category, found.layout.edition)
    walked = read_columns(plan, found.data, found.start, found.end, found.counts, found.held)
    traces = [found.trace]
    recalled = read_columns(plan, found.data, found.start, found.end, found.counts, found.held, traces)
    assert not traces
    assert recalled.offset.tolist() == walked.offset.tolist() == starts
    assert recalled.block.tolist() == walked.block.tolist()
    for a, b in zip(recalled.columns, walked.columns, strict=True):
        assert a.name == b.name
        for one, other in ((a.values, b.values), (a.present, b.present), (a.offsets, b.offsets)):
            np.testing.assert_array_equal(one, other)


def test_places_come_back_as_they_were() -> None:
    octets = "0120" + "02" + "00000000000001" + "40" + "000000000000ff" + "50"
    data = bytes(70_000) + bytes.fromhex(octets + "800102" + "0120" + "00")
    layout = table(48)
    rows = decode_category(48, data, [70_000], [len(data)]).rows
    assert rows[:, layout.slot["250#count"] + 1].tolist() == [2, -1, 0]
    counts = counted(layout)
    trace = room(layout, np.array([70_000]), np.array([len(data)]))
    places, back = np.full((2, len(counts), STRIDE), -1, np.int32)
    places[:, :3] = rows.T
    back[1:, :3] = 99
    kept = keep(places, 3, counts, trace, 0)
    assert kept > 3
    trace = type(trace)(trace.slot[:kept], trace.distance[:kept])
    assert recall(trace, 0, 3, counts, back, np.arange(len(counts))) == kept
    assert back[:, :3].T.tolist() == rows.tolist()
    assert keep(places, 3, counts, nowhere(), 0) == -1
    assert keep(places, 3, counts, trace, kept) == -1


def test_no_trace_is_kept_that_takes_more_room_than_the_records() -> None:
    data, starts, ends = records(62, 5000, 0.01)
    found = survey(62, data, starts, ends, traced=True)
    assert found.trace is None
    assert found.counts.sum() == 5000


def test_no_trace_is_kept_of_a_block_of_64_kib() -> None:
    n = 30_000
    assert survey(48, b"\x80\x01\x02" * n, [0], [3 * n], traced=True).trace is None
    assert survey(48, b"\x80\x01\x02" * n, [0], [3 * (n - 10_000)], traced=True).trace is not None
    assert survey(48, b"\x80\x01\x02", [0], [3]).trace is None

"""Columns declared one by one, and the blocks that hold them."""

from __future__ import annotations

import numpy as np

from tenere.wire.mode_s.layout import Layout


def layout() -> tuple[Layout, dict[str, int]]:
    table = Layout()
    known = table.mark()
    rows = {
        "known": known,
        "code": table.u1("code", "a code", known),
        "number": table.i4("number", "a number"),
        "speed": table.f4("speed", "kt", "a speed"),
        "name": table.text8("name", "a name", known),
        "flag": table.u1("flag", "a flag"),
        "place": table.f8("place", "deg", "a place"),
    }
    return table, rows


def test_rows_are_counted_by_dtype() -> None:
    assert layout()[1] == {"known": 0, "code": 1, "number": 0, "speed": 0, "name": 0, "flag": 2, "place": 0}


def test_columns_come_in_order_with_what_they_are() -> None:
    table, rows = layout()
    blocks = table.blocks(3)
    blocks.u1[rows["known"], 1] = 1
    blocks.u1[rows["code"], 1] = 7
    blocks.i8[rows["name"], 1] = int.from_bytes(b"UNO12\0\0\0", "big")
    blocks.f4[rows["speed"], 2] = 1.5
    got = {c.name: c for c in table.detail(blocks, without=("flag",)).columns}
    assert list(got) == ["code", "number", "speed", "name", "place"]
    assert got["code"].present is not None
    assert (got["code"].present.tolist(), got["code"].values[1]) == ([False, True, False], 7)
    assert got["name"].values.tolist() == [b"", b"UNO12", b""]
    assert np.isnan(got["speed"].values).tolist() == [True, True, False]
    assert (got["place"].unit, got["place"].doc, got["place"].present) == ("deg", "a place", None)


def test_rows_of_a_block_do_not_share_cache_sets() -> None:
    for n in (1, 64, 4096, 65_536, 100_001):
        blocks = layout()[0].blocks(n)
        assert blocks.u1.shape == (3, n)
        assert blocks.u1.strides[0] % 128 == 64
        assert blocks.u1.strides[0] >= n

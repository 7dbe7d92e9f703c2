from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.errors import WireError
from tenere.serve.packing import DENSE, EXCEPT, HEAD, MISSING, SPARSE, pack, pack_bits, unpack, unpack_bits

whole = st.integers(-(2**31), 2**31 - 1)
near = st.one_of(st.integers(-5, 5), st.integers(1000, 1100), st.just(MISSING), whole)


def form(raw: bytes) -> int:
    return HEAD.unpack_from(raw)[0] >> 8


def back(raw: bytes, n: int) -> list[int]:
    values, at = unpack(raw, 0, n)
    assert at == len(raw)
    return values.tolist()


@given(st.one_of(st.lists(near, max_size=300), st.lists(whole, max_size=40)))
def test_numbers_come_back_as_they_went(values):
    raw = pack(np.array(values, np.int32))
    assert len(raw) % 4 == 0
    assert back(raw, len(values)) == values


@given(st.lists(st.integers(0, 2**32 - 1), max_size=70), st.integers(1, 32))
def test_fields_of_any_width_lie_one_after_the_other(values, width):
    fields = np.array([v & ((1 << width) - 1) for v in values], np.uint32)
    raw = pack_bits(fields, width)
    assert len(raw) == 4 * -(-len(values) * width // 32)
    number = int.from_bytes(raw, "little")
    assert [number >> k * width & ((1 << width) - 1) for k in range(len(fields))] == fields.tolist()
    assert unpack_bits(raw, len(fields), width).tolist() == fields.tolist()


def test_numbers_that_are_all_the_same_take_eight_bytes():
    assert len(pack(np.full(20_000, -7, np.int32))) == 8
    assert back(pack(np.zeros(0, np.int32)), 0) == []


def test_the_odd_one_out_pays_for_itself():
    rng = np.random.default_rng(1)  # noqa: TID251 - the same each time
    calm = rng.integers(-3, 4, 20_000).astype(np.int32)
    wild = calm.copy()
    wild[rng.choice(20_000, 20, replace=False)] = rng.integers(-(2**31), 2**31, 20)
    assert form(pack(calm)) == DENSE
    assert form(pack(wild)) == EXCEPT
    assert len(pack(wild)) < len(pack(calm)) + 300
    assert back(pack(wild), 20_000) == wild.tolist()


def test_few_that_differ_are_named():
    values = np.full(20_000, 9, np.int32)
    values[[3, 700, 19_999]] = [1, 2, 3]
    raw = pack(values)
    assert form(raw) == SPARSE
    assert len(raw) < 80
    assert back(raw, 20_000) == values.tolist()


@pytest.mark.parametrize(
    ("raw", "n"),
    [
        (b"", 1),
        (HEAD.pack(33, 0), 1),
        (HEAD.pack(3 << 8, 0) + bytes(4), 1),
        (HEAD.pack(1 << 8 | 4, 0) + (9).to_bytes(4, "little"), 2),  # more exceptions than numbers
        (HEAD.pack(2 << 8 | 1, 0) + bytes(4), 1),  # sparse has no width
        (HEAD.pack(8, 0), 5),  # no fields
        (HEAD.pack(1 << 8 | 8, 0) + (1).to_bytes(4, "little") + bytes(4) + HEAD.pack(0, 5), 2),  # promises an exception, has none
        (HEAD.pack(2 << 8, 0) + (1).to_bytes(4, "little") + HEAD.pack(0, 7) + HEAD.pack(0, 1), 3),  # names row 7 of 3
        (HEAD.pack(2 << 8, 0) + (1).to_bytes(4, "little") + HEAD.pack(0, -2) + HEAD.pack(0, 1), 3),
        ((HEAD.pack(1 << 8, 0) + (3).to_bytes(4, "little")) * 6 + HEAD.pack(0, 1), 3),  # layers without end
    ],
)
def test_bytes_that_are_no_numbers_are_refused(raw, n):
    with pytest.raises(WireError):
        unpack(raw, 0, n)


@given(st.binary(max_size=200), st.integers(0, 5000))
def test_noise_raises_only_wire_errors(noise, n):
    try:
        values, at = unpack(noise, 0, n)
    except WireError:
        return
    assert len(values) == n
    assert at <= len(noise)

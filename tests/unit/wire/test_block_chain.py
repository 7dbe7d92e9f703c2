"""Wherever a stream of ASTERIX blocks is cut, its blocks come out whole, and no byte is lost."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.wire.block_chain import HELD, LARGEST, USUAL, BlockStream, looks_chained, whole_blocks


def block(category: int, size: int, rng: random.Random) -> bytes:
    return bytes((category, size >> 8, size & 255, rng.randrange(1, 256))) + rng.randbytes(size - 4)


def blocks(count: int, seed: int = 1) -> list[bytes]:
    rng = random.Random(seed)
    return [block(rng.choice([1, 2, 34, 48, 62, 65]), rng.choice([4, 11, 60, 300, 1400]), rng) for _ in range(count)]


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(data), *(c % (len(data) + 1) for c in cuts)})
    return [data[a:b] for a, b in itertools.pairwise(at)]


@given(st.integers(0, 50), st.lists(st.integers(0, 100_000), max_size=60))
def test_blocks_come_out_whole_wherever_the_stream_is_cut(seed, cuts):
    made = blocks(40, seed)
    stream = BlockStream()
    units = [u for piece in pieces_of(b"".join(made), cuts) if (u := stream.take(piece))]
    assert stream.end() == b""
    assert b"".join(units) == b"".join(made)
    ends = set(np.cumsum([len(b) for b in made]).tolist())
    assert set(np.cumsum([len(u) for u in units]).tolist()) <= ends


def test_byte_by_byte():
    made = blocks(20)
    stream = BlockStream()
    assert [u for byte in b"".join(made) if (u := stream.take(bytes([byte])))] == made


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_no_byte_is_lost_and_little_is_held(pieces):
    stream = BlockStream()
    out = b""
    for piece in pieces:
        out += stream.take(piece)
        assert len(stream.tail) <= LARGEST
    assert out + stream.end() == b"".join(pieces)
    assert stream.end() == b""


@pytest.mark.parametrize("seed", range(20))
def test_it_finds_its_way_back_after_damage(seed):
    rng = random.Random(seed)
    made = blocks(200, seed)
    data = bytearray(b"".join(made))
    for _ in range(3):
        at = rng.randrange(len(data) - 8)
        data[at : at + 4] = rng.randbytes(4)
    begun = bytes(data)[rng.randrange(200) :]  # and it begins amid a block
    stream = BlockStream()
    units = [u for at in range(0, len(begun), 500) if (u := stream.take(begun[at : at + 500]))]
    rest = stream.end()
    assert b"".join(units) + rest == begun
    ends = np.cumsum([len(b) for b in made]) - (len(data) - len(begun))
    cuts = np.cumsum([len(u) for u in units])
    assert np.isin(cuts, ends).mean() > 0.9


def test_a_length_that_is_damaged_holds_back_no_more_than_a_block():
    stream = BlockStream()
    stream.take(b"\x30\xff\xff\x80")
    made = b"".join(blocks(300))
    out = b"".join(stream.take(made[at : at + 100]) for at in range(0, len(made), 100))
    assert len(out) > len(made) - LARGEST - 100


def test_what_never_chains_is_passed_on():
    assert whole_blocks(np.zeros(HELD, np.uint8), USUAL)[0] == HELD
    assert whole_blocks(np.zeros(HELD - 1, np.uint8), USUAL)[0] == 0
    assert whole_blocks(np.frombuffer(b"\x00\x01", np.uint8), USUAL)[0] == 0


def test_what_looks_chained():
    made = b"".join(blocks(100))
    assert looks_chained(made)
    assert looks_chained(made[37:])
    assert not looks_chained(b"MSG,3,1,1,ABCDEF," * 1000)
    assert not looks_chained(b"\x1a3" * 5000)
    assert not looks_chained(b"")

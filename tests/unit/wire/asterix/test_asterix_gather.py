from __future__ import annotations

import numpy as np
import pytest

from tenere.wire.asterix.gather import PIECE, STRIDE, gather, gather_byte, gather_odd, reach

RNG = np.random.default_rng(3)  # noqa: TID251 - the test chooses its own seed
DATA = RNG.integers(0, 256, 900, np.uint8)
ABSENT = {
    "none": np.zeros(PIECE, np.bool_),
    "some": RNG.random(PIECE) < 0.5,
    "all": np.ones(PIECE, np.bool_),
    "all but the last place": np.arange(PIECE) < PIECE - 1,
}


def places(absent: str) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Places of which the greatest is as near to the end of the data as eight bytes after two allow."""
    at = RNG.integers(0, len(DATA) - 10, STRIDE).astype(np.int32)
    at[PIECE - 1] = len(DATA) - 10
    at[:PIECE][ABSENT[absent]] = -1
    return at


def number(at: int, first: int, size: int) -> int:
    return int.from_bytes(DATA[at + first : at + first + size].tobytes(), "big") if at >= 0 else 0


@pytest.mark.parametrize("absent", ABSENT)
@pytest.mark.parametrize("m", [1, 7, PIECE])
def test_bytes_are_read_as_big_endian_numbers(absent: str, m: int) -> None:
    at = places(absent)
    most = max(int(v) for v in at[:m])
    assert reach(at, m) == (min(int(v) for v in at[:m]), most)
    for first in (0, 2):
        octet, raw = np.full(PIECE, 77, np.uint8), np.full(PIECE, 77, np.uint64)
        gather_byte(DATA, at, m, first, most, octet)
        assert octet[:m].tolist() == [number(int(p), first, 1) for p in at[:m]]
        assert (octet[m:] == 77).all()
        for size in range(1, 9):
            gather(DATA, at, m, first, size, most, raw)
            assert raw[:m].tolist() == [number(int(p), first, size) for p in at[:m]]
        assert (raw[m:] == 77).all()


@pytest.mark.parametrize("absent", ABSENT)
def test_nine_bytes_are_read_without_their_last_bits(absent: str) -> None:
    at = places(absent)
    raw = np.full(PIECE, 77, np.uint64)
    for drop in (1, 4, 7):
        gather_odd(DATA, at, PIECE, 1, 9, np.uint64(drop), raw)
        assert raw.tolist() == [(number(int(p), 1, 9) >> drop) & ((1 << 64) - 1) for p in at[:PIECE]]

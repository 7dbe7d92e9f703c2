"""The parity, against long division bit by bit and against frames off the air."""

from __future__ import annotations

import numpy as np
import pytest

from tenere.wire.mode_s import crc


def long_division(frame: bytes) -> int:
    """Divide a frame by the generator polynomial, one bit at a time."""
    value = int.from_bytes(frame, "big")
    for place in range(len(frame) * 8 - 1, 23, -1):
        if value >> place & 1:
            value ^= (0x1000000 | crc.GENERATOR) << (place - 24)
    return value


@pytest.mark.parametrize("size", [7, 14])
def test_remainder_is_that_of_long_division(size: int) -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    for frame in rng.integers(0, 256, (50, size), np.uint8):
        assert crc.remainder(frame, 0, size) == long_division(frame.tobytes())
        assert crc.remainder.py_func(frame, 0, size) == long_division(frame.tobytes())


def test_real_frames_leave_nothing_or_the_address() -> None:
    squitter = np.frombuffer(bytes.fromhex("8D4840D6202CC371C32CE0576098"), np.uint8)
    assert crc.remainder(squitter, 0, 14) == 0
    reply = np.frombuffer(bytes.fromhex("A0001838CA380031440000F24177"), np.uint8)
    assert crc.remainder(reply, 0, 14) == 0x3C6DD0


def test_every_single_bit_error_is_seen() -> None:
    frame = np.frombuffer(bytes.fromhex("8D4840D6202CC371C32CE0576098"), np.uint8)
    seen = set()
    for bit in range(112):
        damaged = frame.copy()
        damaged[bit // 8] ^= 0x80 >> bit % 8
        seen.add(crc.remainder(damaged, 0, 14))
    assert 0 not in seen
    assert len(seen) == 112


def test_seal_lays_the_address_over_the_parity() -> None:
    frames = np.random.Generator(np.random.PCG64(2)).integers(0, 256, (20, 7), np.uint8)
    address = np.arange(0x400000, 0x400014)
    crc.seal(frames, address)
    assert [crc.remainder(f, 0, 7) for f in frames] == address.tolist()

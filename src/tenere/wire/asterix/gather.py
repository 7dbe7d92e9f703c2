"""Kernels that read the same bytes of a few hundred records at once, without a branch a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

PIECE = 256
"""Records that are looked at together."""

STRIDE = PIECE + 16
"""Columns of places: a little more than a piece, for a power of two would bring all slots of a record to the same lines of the cache."""


@njit(cache=True)
def reach(at: NDArray[np.int32], m: int) -> tuple[int, int]:
    """Return the least and the greatest of m places: -1 of what is absent."""
    least = np.int32(0x7FFFFFFF)
    most = np.int32(-1)
    for i in range(m):
        least = min(least, at[i])
        most = max(most, at[i])
    return int(least), int(most)


@njit(cache=True)
def gather_byte(data: NDArray[np.uint8], at: NDArray[np.int32], m: int, first: int, most: int, raw: NDArray[np.uint8]) -> None:
    """Read one byte of m records, the one `first` bytes after its place; 0 where absent. most: the greatest place.

    An absent place reads there too, to be thrown away: a branch that cannot be foretold costs more.
    """
    if most < 0:
        raw[:m] = 0
        return
    ahead = np.uint64(first)
    safe = np.int32(most)
    for i in range(m):
        p = at[i]
        byte = data[np.uint64(p if p >= 0 else safe) + ahead]
        raw[i] = byte if p >= 0 else np.uint8(0)


@njit(cache=True)
def gather(data: NDArray[np.uint8], at: NDArray[np.int32], m: int, first: int, size: int, most: int, raw: NDArray[np.uint64]) -> None:
    """Read `size` bytes (1 .. 8) of m records as a number, as gather_byte."""
    if most < 0:
        raw[:m] = 0
        return
    ahead = np.uint64(first)
    safe = np.int32(most)
    one, two, three = np.uint64(1), np.uint64(2), np.uint64(3)
    none = np.uint64(0)
    if size == 2:
        for i in range(m):
            p = at[i]
            q = np.uint64(p if p >= 0 else safe) + ahead
            value = (np.uint64(data[q]) << np.uint64(8)) | np.uint64(data[q + one])
            raw[i] = value if p >= 0 else none
    elif size == 3:
        for i in range(m):
            p = at[i]
            q = np.uint64(p if p >= 0 else safe) + ahead
            value = (np.uint64(data[q]) << np.uint64(16)) | (np.uint64(data[q + one]) << np.uint64(8)) | np.uint64(data[q + two])
            raw[i] = value if p >= 0 else none
    elif size == 4:
        for i in range(m):
            p = at[i]
            q = np.uint64(p if p >= 0 else safe) + ahead
            high = (np.uint64(data[q]) << np.uint64(24)) | (np.uint64(data[q + one]) << np.uint64(16))
            value = high | (np.uint64(data[q + two]) << np.uint64(8)) | np.uint64(data[q + three])
            raw[i] = value if p >= 0 else none
    else:
        for i in range(m):
            p = at[i]
            q = np.uint64(p if p >= 0 else safe) + ahead
            value = none
            for k in range(size):
                value = (value << np.uint64(8)) | np.uint64(data[q + np.uint64(k)])
            raw[i] = value if p >= 0 else none


@njit(cache=True)
def gather_odd(
    data: NDArray[np.uint8], at: NDArray[np.int32], m: int, first: int, size: int, drop: np.uint64, raw: NDArray[np.uint64]
) -> None:
    """Read the bits of `size` bytes (up to 9) of m records, without the last `drop`: of nine bytes the upper ones fall off."""
    for i in range(m):
        value = np.uint64(0)
        p = at[i] + first
        if at[i] >= 0:
            # 64 bits that do not begin on a byte span nine: the last is brought in shifted
            for k in range(size - 1):
                value = (value << np.uint64(8)) | np.uint64(data[p + k])
            value = (value << (np.uint64(8) - drop)) | (np.uint64(data[p + size - 1]) >> drop)
        raw[i] = value

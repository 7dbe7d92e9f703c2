"""ASTERIX on a stream: where whole blocks end, so that a read that ends amid a block keeps the rest for the next one.

Datagrams hold whole blocks; a TCP connection, a serial line or a file that grows is read in pieces of any length. Each
block says its category and length (Part 1, 5.2.1 and 5.2.2), so blocks chain. Only places to cut are found here: every
byte is passed on, and the decoder judges them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST = 65_535
CHAIN = 3
HELD = 16_384
"""After damage, so many bytes are searched for blocks that chain before they are passed on as they are."""
USUAL = np.zeros(256, np.bool_)
"""Categories that are in use; another one is passed over as if it were damage."""
USUAL[[*range(1, 35), 48, *range(60, 69), 129, 150, 205, 239, 240, 247, 252, 253]] = True


@njit(cache=True)
def _block(data: NDArray[np.uint8], at: int, usual: NDArray[np.bool_]) -> int:
    """Return the length of the block that may begin here: 0 where none can. Four bytes must be there."""
    size = int(data[at + 1]) * 256 + int(data[at + 2])
    return size if size >= 4 and usual[data[at]] and data[at + 3] != 0 else 0


@njit(cache=True)
def _chains(data: NDArray[np.uint8], at: int, usual: NDArray[np.bool_]) -> bool:
    """Say whether CHAIN blocks follow one another from here, or two end where the data do."""
    for k in range(CHAIN):
        if at + 4 > data.size:
            return k > 1 and at == data.size
        size = _block(data, at, usual)
        if size == 0:
            return False
        at += size
    return at <= data.size


@njit(cache=True)
def whole_blocks(data: NDArray[np.uint8], usual: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how many of the first bytes are whole blocks, for the rest may be the beginning of one; and how many of them chain.

    All, where nothing chains in HELD.
    """
    at = 0
    chained = 0
    while at + 4 <= data.size:
        size = _block(data, at, usual)
        following = at + size
        if size == 0 or (following + 4 <= data.size and _block(data, following, usual) == 0):
            p = at + 1
            while p < data.size and not _chains(data, p, usual):
                p += 1
            if p == data.size:
                return (at if data.size - at < HELD else data.size), chained
            at = p
            continue
        if following > data.size:  # a length that is wrong would hold back what follows: is that blocks by themselves?
            p = at + 1
            while p < data.size and not _chains(data, p, usual):
                p += 1
            if p == data.size:
                break
            at = p
            continue
        chained += size
        at = following
    return at, chained


def looks_chained(data: bytes) -> bool:
    """Say whether most of some bytes are blocks that chain."""
    head = np.frombuffer(data[:LARGEST], np.uint8)
    return whole_blocks(head, USUAL)[1] > 0.8 * len(head)


@dataclass
class BlockStream:
    """A stream of blocks, read in pieces. It holds back less than one block."""

    tail: bytes = b""

    def take(self, data: bytes) -> bytes:
        """Return the whole blocks that a piece completes; empty where it completes none."""
        held = self.tail + data
        cut, _ = whole_blocks(np.frombuffer(held, np.uint8), USUAL)
        if len(held) - cut > LARGEST:
            cut = len(held)
        self.tail = held[cut:]
        return held[:cut]

    def end(self) -> bytes:
        """Return what is held back: nothing follows on it."""
        held, self.tail = self.tail, b""
        return held

"""The Mode S parity: a 24-bit cyclic code over every frame (ICAO Annex 10 vol. IV, 3.1.2.3.3).

The generator polynomial is 1FFF409 in hex. What is left of dividing a whole frame by it is

- 0 in DF17 and DF18 (and the interrogator's code in DF11), which so check themselves;
- the sender's address in DF0, 4, 5, 16, 20 and 21, which therefore prove nothing until that address is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

GENERATOR = 0xFFF409  # without its leading 1


def _table() -> NDArray[np.uint32]:
    """Return the remainder of each byte followed by 24 zero bits; entry 1 is the generator itself."""
    table = np.zeros(256, np.uint32)
    for byte in range(256):
        rest = byte << 16
        for _ in range(8):
            rest = ((rest << 1) ^ GENERATOR) & 0xFFFFFF if rest & 0x800000 else rest << 1
        table[byte] = rest
    return table


TABLE = _table()


@njit(cache=True)
def octet(data: NDArray[np.uint8], at: int) -> int:
    """Return data[at] as a signed 64-bit integer: numba makes floats of unsigned and signed ones together."""
    return int(np.int64(data[at]))


@njit(cache=True)
def remainder(data: NDArray[np.uint8], first: int, size: int) -> int:
    """Divide one frame of size bytes (7 or 14) that begins at data[first]; return its 24-bit remainder."""
    rest = np.uint32(0)
    for i in range(first, first + size - 3):
        rest = ((rest << np.uint32(8)) & np.uint32(0xFFFFFF)) ^ TABLE[(rest >> np.uint32(16)) ^ np.uint32(data[i])]
    parity = (np.uint32(data[first + size - 3]) << 16) | (np.uint32(data[first + size - 2]) << 8) | np.uint32(data[first + size - 1])
    return int(rest ^ parity)


def parities(frames: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return (n,) the parity that the last three bytes of frames (n, 7 or 14) must hold for a remainder of 0."""
    rest = np.zeros(len(frames), np.uint32)
    for column in range(frames.shape[1] - 3):
        rest = ((rest << np.uint32(8)) & np.uint32(0xFFFFFF)) ^ TABLE[(rest >> np.uint32(16)) ^ frames[:, column]]
    return rest


def seal(frames: NDArray[np.uint8], overlay: NDArray[np.integer] | int = 0) -> NDArray[np.uint8]:
    """Write the parity into the last three bytes of frames (n, 7 or 14), in place, and return them.

    overlay (n,) or one: what the remainder shall be, the address in address/parity formats.
    """
    parity = parities(frames) ^ np.asarray(overlay, np.uint32)
    for column, shift in ((-3, 16), (-2, 8), (-1, 0)):
        frames[:, column] = (parity >> np.uint32(shift)) & np.uint32(0xFF)
    return frames

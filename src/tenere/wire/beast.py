"""Beast binary: the stream in which Mode S receivers hand out frames.

A unit is 0x1a, a type, six bytes of counter, one of signal level, and the frame; 0x1a inside doubles.

    '1' Mode A/C (2 bytes)   '2' short Mode S (7)   '3' long Mode S (14)   '4' receiver status (14)

The counter runs at 12 MHz from power-up, or holds GPS time (18 bits seconds of day, 30 bits nanoseconds).
(Format: Mode-S Beast wiki, "Data Output Formats"; Radarcape wiki.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

ESCAPE = 0x1A


def encode(frames: NDArray[np.uint8], counter_12mhz: ArrayLike, signal: ArrayLike = 128) -> bytes:
    """Return the stream of frames (n, 14) or (n, 7), each with its 48-bit counter and signal level (0-255), in order."""
    rows, size = frames.shape
    units = np.zeros((rows, 9 + size), np.uint8)
    units[:, 0] = ESCAPE
    units[:, 1] = ord("3") if size == 14 else ord("2")
    units[:, 2:8] = np.broadcast_to(np.asarray(counter_12mhz), (rows,)).astype(">u8").view(np.uint8).reshape(-1, 8)[:, 2:]
    units[:, 8] = signal
    units[:, 9:] = frames
    copies = 1 + (units == ESCAPE)
    copies[:, 0] = 1
    return np.repeat(units.ravel(), copies.ravel()).tobytes()

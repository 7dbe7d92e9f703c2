"""The tick: everything that reached the picture in one slice of time, as bytes.

The recording is the ticks; replaying them reproduces the picture (DESIGN, "One tick at a time").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Chunk:
    """The bytes one source delivered within one tick.

    ends: (n,) int64, end offset in data of each unit received (a datagram, a read, a line, a frame of a file).
    times_s: (n,) float64, receive time of each unit; NaN where the recording holds none.
    offset: byte offset of data in the whole of what the source delivered (for error messages).
    """

    source: str
    data: bytes
    ends: NDArray[np.int64]
    times_s: NDArray[np.float64]
    offset: int = 0

    @classmethod
    def of(cls, source: str, units: Sequence[bytes], times_s: Sequence[float] | float = np.nan, offset: int = 0) -> Chunk:
        """Build a chunk from separate units."""
        ends = np.cumsum([len(u) for u in units], dtype=np.int64) if units else np.zeros(0, np.int64)
        times = np.broadcast_to(np.asarray(times_s, np.float64), (len(units),)).copy()
        return cls(source, b"".join(units), ends, times, offset)


@dataclass(frozen=True)
class Tick:
    """One slice of time: its end, what arrived in it, and what operators asked for."""

    number: int
    time_s: float
    chunks: tuple[Chunk, ...] = ()
    commands: tuple[dict[str, Any], ...] = field(default=())

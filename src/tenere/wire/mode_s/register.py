"""What a source has heard of each address: a bounded hash table with one row of memory an aircraft.

Rows are records, not columns: one message touches one row, so a row wants to lie on as few cache lines as it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOT_ICAO = 1 << 24
"""Bit of a key: the address is not an ICAO one (anonymous or a track number), and never taken for one."""
STREAM_SHIFT = 25
"""Above it the stream (0 ADS-B, 1 TIS-B, 2 ADS-R): positions of one address in two streams are never paired."""

ROW = np.dtype(
    [
        ("key", "i8"),
        ("heard_s", "f8"),  # last message that proved this address by itself
        ("even_s", "f8"),
        ("odd_s", "f8"),
        ("even_lat", "i4"),
        ("even_lon", "i4"),
        ("odd_lat", "i4"),
        ("odd_lon", "i4"),
        ("even_surface", "u1"),
        ("odd_surface", "u1"),
        ("version", "i1"),  # ADS-B version; -1 unknown
        ("nac_p", "i1"),
        ("nac_v", "i1"),
        ("emergency", "u1"),
        ("category", "u1"),  # 0xA3 is A3
        ("vertical_barometric", "u1"),
        ("surface", "u1"),  # last position was on the ground
        ("strikes", "u1"),  # pairs in a row that contradict the place followed
        ("lat_deg", "f8"),
        ("lon_deg", "f8"),
        ("position_s", "f8"),
        ("pending_lat_deg", "f8"),  # a jump that waits for a second opinion
        ("pending_lon_deg", "f8"),
        ("pending_s", "f8"),
        ("east_ms", "f8"),
        ("north_ms", "f8"),
        ("velocity_s", "f8"),
        ("vertical_ms", "f8"),
        ("vertical_s", "f8"),
        ("altitude_ft", "f8"),
        ("altitude_s", "f8"),
        ("geometric_ft", "f8"),  # height above the ellipsoid minus pressure altitude
        ("geometric_s", "f8"),
        ("callsign", "i8"),  # eight characters, big-endian, NUL for trailing spaces
        ("callsign_s", "f8"),
        ("mode_a", "i4"),
        ("mode_a_s", "f8"),
        ("emergency_s", "f8"),
        ("quality_s", "f8"),
        ("spi_s", "f8"),
        ("sil", "i1"),
        ("nic_a", "u1"),
        ("nic_c", "u1"),
        ("ra_s", "f8"),  # last word of a resolution advisory that lasts; minus infinity: none, or ended
        ("gicb", "i4"),  # which Comm-B registers are served: the 24 bits of register 1,7
        ("gicb_s", "f8"),
        ("track_deg", "f8"),  # of the last register 5,0
        ("ground_kt", "f8"),
        ("turn_s", "f8"),
        ("heading_deg", "f8"),  # of the last register 6,0
        ("indicated_kt", "f8"),
        ("heading_s", "f8"),
    ],
    align=True,
)

LEAST = 256
MOST = 65_536
EXPIRY_S = 300.0


def _blank_row() -> NDArray[Any]:
    """Return one row that has heard nothing: every time is minus infinity."""
    row = np.zeros(1, ROW)
    for name in ROW.names or ():
        if name.endswith("_s"):
            row[name] = -np.inf
    row["version"] = row["nac_p"] = row["sil"] = row["mode_a"] = -1
    for name in (
        "lat_deg",
        "lon_deg",
        "pending_lat_deg",
        "pending_lon_deg",
        "east_ms",
        "north_ms",
        "vertical_ms",
        "altitude_ft",
        "geometric_ft",
        "track_deg",
        "ground_kt",
        "heading_deg",
        "indicated_kt",
    ):
        row[name] = np.nan
    return row


BLANK = _blank_row()


@dataclass
class Register:
    """The rows in use are rows[:used]; slots (a power of two, twice the rows) holds row numbers, -1 where free."""

    rows: NDArray[Any]
    slots: NDArray[np.int32]
    used: int = 0

    @classmethod
    def empty(cls, size: int = LEAST) -> Register:
        """Return a register with room for size addresses."""
        return cls(np.zeros(size, ROW), np.full(2 * size, -1, np.int32))

    def make_room(self, time_s: float) -> None:
        """Forget what was silent for EXPIRY_S; then grow if still half full; at MOST keep the half heard last."""
        kept = self.rows[: self.used]
        kept = kept[np.abs(time_s - kept["heard_s"]) <= EXPIRY_S]
        size = len(self.rows)
        if 2 * len(kept) > size and size < MOST:
            size *= 2
        elif 2 * len(kept) > size:
            newest = np.argsort(-kept["heard_s"], kind="stable")[: size // 2]
            kept = kept[np.sort(newest)]
        fresh = Register.empty(size)
        fresh.rows[: len(kept)] = kept
        fresh.used = len(kept)
        rebuild(fresh.rows, fresh.used, fresh.slots)
        self.rows, self.slots, self.used = fresh.rows, fresh.slots, fresh.used


@njit(cache=True)
def slot_of(key: int, rows: NDArray[Any], slots: NDArray[np.int32]) -> int:
    """Return the slot that holds a key, or the free one where it would go (linear probing from a multiplicative hash)."""
    mask = len(slots) - 1
    at = ((key * 0x9E3779B1) >> 16) & mask
    while slots[at] >= 0 and rows[slots[at]]["key"] != key:
        at = (at + 1) & mask
    return at


@njit(cache=True)
def rebuild(rows: NDArray[Any], used: int, slots: NDArray[np.int32]) -> None:
    """Enter rows[:used] into slots that are all free."""
    for i in range(used):
        slots[slot_of(rows[i]["key"], rows, slots)] = i

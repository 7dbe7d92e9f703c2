"""The first 32 bits of replies (DF0, 4, 5, 16, 20, 21): columns that their tables share (Annex 10 vol. IV, 3.1.2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

from tenere.wire.mode_s.codes import altitude13_ft, mode_a_of
from tenere.wire.mode_s.crc import octet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tenere.wire.mode_s.layout import Layout

OVERLAID = "24-bit address, which lies over the parity"
PROVED = "1: the address proved itself by a squitter or an all-call reply in the last minute; 0: it may be noise"

CONTROL_NAMES = ("flight_status", "downlink_request", "utility_identifier", "utility_kind")
VERIFIED, STATUS, REQUEST, IDENTIFIER, KIND = range(5)
"""Rows of u1."""
ADDRESS, MODE_A = range(2)
"""Rows of i4."""
ALTITUDE = 0
"""Row of f4."""


def declare_head(table: Layout) -> None:
    """Declare the columns, first of all of a table, at the rows named above."""
    table.i4("address", OVERLAID)
    table.u1("verified", PROVED)
    table.u1("flight_status", "0 airborne, 1 on the ground, 2 and 3 the same with alert, 4 alert and SPI, 5 SPI, 6 and 7 not assigned")
    table.u1("downlink_request", "DR: 0 none, 1 Comm-B waits, 2, 3, 6, 7 ACAS information, 4, 5 Comm-B broadcast, 16-31 segments of an ELM")
    table.u1("utility_identifier", "IIS: interrogator that a message is reserved for")
    table.u1("utility_kind", "IDS: 0 none, 1 Comm-B, 2 Comm-C, 3 Comm-D")
    table.f4("altitude_ft", "ft", "pressure altitude; NaN: none, or a code that means nothing")
    table.i4("mode_a", "Mode A code as a number (octal 7700 is 4032)")


@njit(cache=True)
def head_of(frame: NDArray[np.uint8]) -> int:
    """Return the first 32 bits of a frame."""
    return octet(frame, 0) << 24 | octet(frame, 1) << 16 | octet(frame, 2) << 8 | octet(frame, 3)


@njit(cache=True)
def fill_head(i: int, head: int, identity: bool, u1: NDArray[np.uint8], i4: NDArray[np.int32], f4: NDArray[np.float32]) -> None:
    """Fill the columns of record i, but for its address, from its first 32 bits; identity: DF5 and DF21."""
    u1[STATUS, i], u1[REQUEST, i] = head >> 24 & 7, head >> 19 & 31
    u1[IDENTIFIER, i], u1[KIND, i] = head >> 15 & 15, head >> 13 & 3
    if identity:
        i4[MODE_A, i] = mode_a_of(head & 0x1FFF)
    else:
        f4[ALTITUDE, i] = altitude13_ft(head & 0x1FFF)

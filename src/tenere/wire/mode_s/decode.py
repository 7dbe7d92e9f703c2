"""One pass over Mode S frames in order: check, remember, and give a row for each position.

The kernel below reads every frame once. What proves itself (DF17, DF18, DF11 without an interrogator's code) opens a
row in the register; address/parity replies count only for an address that proved itself in the last minute. Each
position that can be resolved and believed becomes one row of output, with the latest else known of its sender.

Bits are numbered from 1 within the 56-bit message, as in the standard (DO-260B 2.2.3.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.batch import PlotFlag, PlotKind
from tenere.units import FOOT_M, FPM_MS, KNOT_MS
from tenere.wire.mode_s import crc
from tenere.wire.mode_s.codes import (
    CATEGORY_CLASS,
    CHARACTER_VALID,
    CHARACTERS,
    MOVEMENT_MS,
    NACP_STD_M,
    NACV_STD_MS,
    TYPE_STD_M,
    altitude12_ft,
    altitude13_ft,
    mode_a_of,
)
from tenere.wire.mode_s.place import UNPLACED, place
from tenere.wire.mode_s.register import BLANK, NOT_ICAO, STREAM_SHIFT, slot_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

REASONS = (
    "Mode S frame of a length its format does not have",
    "DF11 bad CRC",
    "DF17 bad CRC",
    "DF18 bad CRC",
    "Mode S format not decoded",
    "Mode S address zero",
    "DF11 address not verified",
    "Mode S reply of an address not verified",
    "DF18 coarse TIS-B or management message not decoded",
    "identification with characters that do not exist",
    "position of an even and odd pair that do not agree",
    "position beyond receiver range",
    "position jump not confirmed",
    "surface position without a reference",
)
(
    BAD_LENGTH, BAD_CRC_11, BAD_CRC_17, BAD_CRC_18, BAD_FORMAT, BAD_ADDRESS, UNVERIFIED_11, UNVERIFIED, COARSE, BAD_CALLSIGN,
) = range(10)  # fmt: skip
FIRST_PLACE_REASON = 10  # the rest are place's, in its order

VERIFIED_S = 60.0
VELOCITY_FRESH_S = 15.0
FRESH_S = 60.0
SPI_S = 18.0  # the special identification pulse is sent for 18 s

ADSB, TISB, ADSR = int(PlotKind.ADSB), int(PlotKind.TISB), int(PlotKind.ADSR)
ON_GROUND, SPI, EMERGENCY, VEHICLE = int(PlotFlag.ON_GROUND), int(PlotFlag.SPI), int(PlotFlag.EMERGENCY), int(PlotFlag.VEHICLE)

OUT = np.dtype(
    [
        ("time_s", "f8"), ("receive_s", "f8"), ("kind", "u1"), ("flags", "u4"), ("lat_deg", "f8"), ("lon_deg", "f8"), ("position_std_m", "f8"),
        ("height_m", "f8"), ("pressure_altitude_m", "f8"), ("east_ms", "f8"), ("north_ms", "f8"), ("velocity_std_ms", "f8"),
        ("vertical_rate_ms", "f8"), ("address", "i4"), ("mode_a", "i2"), ("callsign", "u8"), ("source_track", "i4"),
        ("aircraft_class", "u1"), ("emergency", "u1"), ("reference", "i8"),
    ],
    align=True,
)  # fmt: skip


@njit(cache=True)
def bits(message: int, first: int, last: int) -> int:
    """Return bits first..last of a 56-bit message, bit 1 the most significant."""
    return (message >> (56 - last)) & ((1 << (last - first + 1)) - 1)


@njit(cache=True)
def imported(message: int, kind: int) -> bool:
    """Say whether the IMF bit of a rebroadcast message marks its address as not an ICAO one (DO-260B 2.2.17.2, 2.2.18.4)."""
    code = bits(message, 1, 5)
    if 5 <= code <= 8:
        return bits(message, 21, 21) == 1
    if code in (0, *range(9, 19), *range(20, 23)):
        return bits(message, 8, 8) == 1
    if code == 19:
        return bits(message, 9, 9) == 1
    return kind == ADSR and code in (28, 31) and bits(message, 56, 56) == 1

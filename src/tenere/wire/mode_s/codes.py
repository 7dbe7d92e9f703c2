"""The small codes inside Mode S frames: altitude, Mode A, characters, categories, accuracies.

Kernels decode one value; the vectorised encoders beside them serve the simulator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.batch import AircraftClass as Kind
from tenere.units import KNOT_MS, NM_M, R95_SIGMA

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHARACTERS = np.frombuffer(b" ABCDEFGHIJKLMNOPQRSTUVWXYZ     " + b"                0123456789      ", np.uint8).copy()
"""(64,) ASCII of each 6-bit character (Annex 10 vol. IV, table 3-8); space where the code means nothing."""

CHARACTER_VALID = np.array([chr(c) != " " or i == 32 for i, c in enumerate(CHARACTERS)], np.uint8)


# --- Mode A: thirteen bits in the order C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4 (Annex 10 vol. IV, 3.1.2.6.7.1) ---


@njit(cache=True)
def mode_a_of(code: int) -> int:
    """Return the Mode A number (octal 7700 is 4032) of a 13-bit identity field."""
    a = ((code >> 11) & 1) | ((code >> 8) & 2) | ((code >> 5) & 4)
    b = ((code >> 5) & 1) | ((code >> 2) & 2) | ((code << 1) & 4)
    c = ((code >> 12) & 1) | ((code >> 9) & 2) | ((code >> 6) & 4)
    d = ((code >> 4) & 1) | ((code >> 1) & 2) | ((code << 2) & 4)
    return a << 9 | b << 6 | c << 3 | d


def mode_a_field(mode_a: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the 13-bit identity field of Mode A numbers: the inverse of mode_a_of, on arrays."""
    a, b, c, d = mode_a >> 9 & 7, mode_a >> 6 & 7, mode_a >> 3 & 7, mode_a & 7
    field = np.zeros_like(mode_a)
    for place, digit, bit in (
        (12, c, 0), (11, a, 0), (10, c, 1), (9, a, 1), (8, c, 2), (7, a, 2),
        (5, b, 0), (4, d, 0), (3, b, 1), (2, d, 1), (1, b, 2), (0, d, 2),
    ):  # fmt: skip
        field |= (digit >> bit & 1) << place
    return field


# --- altitude ---


@njit(cache=True)
def gillham_ft(code: int) -> float:
    """Return feet of a Mode C code given as a Mode A number (A B C D octal), NaN where it is no altitude.

    Annex 10 vol. IV, appendix to chapter 3: D1 is never set, C is one of five values, and the 500-ft part is a
    Gray code of D2 D4 A1 A2 A4 B1 B2 B4. Octal 0020 is -1,000 ft, 0620 is 0 ft, 0630 is 100 ft.
    """
    a, b, c, d = code >> 9 & 7, code >> 6 & 7, code >> 3 & 7, code & 7
    if d & 1:
        return np.nan
    # bit 0 of a digit is its pulse of weight 1 (A1), which the Gray code wants first
    gray = (d >> 1 & 1) << 7 | (d >> 2 & 1) << 6
    gray |= (a & 1) << 5 | (a >> 1 & 1) << 4 | (a >> 2 & 1) << 3
    gray |= (b & 1) << 2 | (b >> 1 & 1) << 1 | (b >> 2 & 1)
    fives = gray
    fives ^= fives >> 4
    fives ^= fives >> 2
    fives ^= fives >> 1
    hundreds = (c & 1) << 2 | (c >> 1 & 1) << 1 | (c >> 2 & 1)
    hundreds ^= hundreds >> 2
    hundreds ^= hundreds >> 1  # 1, 2, 3, 4 and 7 (for 5)
    if hundreds in (0, 5, 6):
        return np.nan
    if hundreds == 7:
        hundreds = 5
    if fives & 1:
        hundreds = 6 - hundreds
    return float(fives * 500 + hundreds * 100 - 1300)


@njit(cache=True)
def altitude13_ft(field: int) -> float:
    """Return feet of the 13-bit altitude code of DF0, 4, 16, 20 (Annex 10 vol. IV, 3.1.2.6.5.4), NaN where unknown.

    Where its M bit is 1 the field is reserved for metres, in a code that was never laid down: NaN.
    """
    if field == 0 or field & 0x40:
        return np.nan
    if field & 0x10:  # Q: 25 ft a step from -1,000 ft
        return float(((field & 0x1F80) >> 2 | (field & 0x20) >> 1 | field & 0xF) * 25 - 1000)
    return gillham_ft(mode_a_of(field))


@njit(cache=True)
def altitude12_ft(field: int) -> float:
    """Return feet of the 12-bit altitude code of airborne positions: the 13-bit one without its M bit."""
    return altitude13_ft((field & 0xFC0) << 1 | field & 0x3F)


def altitude12_field(altitude_ft: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the 12-bit altitude code of altitudes (n,): 25 ft steps up to 50,175 ft, 100 ft above; 0 where NaN or past 126,700 ft."""
    feet = np.where(np.isnan(altitude_ft), -2000.0, altitude_ft)
    steps = np.floor((feet + 1000.0) / 25.0 + 0.5).astype(np.int64)
    fine = (steps & 0x7F0) << 1 | 0x10 | (steps & 0xF)
    hundreds = np.clip(np.floor(feet / 100.0 + 0.5).astype(np.int64), -12, 1267)
    coarse = _GILLHAM_FIELD[hundreds + 12]
    coarse = (coarse & 0x1F80) >> 1 | coarse & 0x3F
    field = np.where((steps >= 0) & (steps <= 2047), fine, coarse)
    return np.where((feet < -1200.0) | (feet > 126_750.0), 0, field)


def _gillham_fields() -> NDArray[np.int64]:
    """Return (1280,) the 13-bit field of each hundred feet from -1,200 to 126,700, by trying every code once."""
    fields = np.zeros(1280, np.int64)
    for code in range(4096):
        feet = gillham_ft.py_func(code)
        if not np.isnan(feet) and -1200 <= feet <= 126_700:
            fields[int(feet) // 100 + 12] = mode_a_field(np.array([code]))[0]
    return fields


_GILLHAM_FIELD = _gillham_fields()


# --- categories and accuracies ---

CATEGORY_CLASS = np.zeros(256, np.uint8)
"""(256,) AircraftClass of an emitter category written in hex: 0xA1 is category A1 (DO-260B 2.2.3.2.5.2)."""
for _category, _kind in {
    0xA1: Kind.LIGHT, 0xA2: Kind.AIRLINER, 0xA3: Kind.AIRLINER, 0xA4: Kind.AIRLINER,
    0xA5: Kind.AIRLINER, 0xA6: Kind.HIGH_PERFORMANCE, 0xA7: Kind.HELICOPTER, 0xB1: Kind.GLIDER,
    0xB2: Kind.BALLOON, 0xB3: Kind.OTHER, 0xB4: Kind.OTHER, 0xB6: Kind.DRONE, 0xB7: Kind.OTHER,
    0xC1: Kind.VEHICLE, 0xC2: Kind.VEHICLE, 0xC3: Kind.OTHER, 0xC4: Kind.OTHER, 0xC5: Kind.OTHER,
}.items():  # fmt: skip
    CATEGORY_CLASS[_category] = _kind

NACP_STD_M = (
    np.array([10, 10, 4, 2, 1, 0.5, 0.3, 0.1, 0.05, 30 / NM_M, 10 / NM_M, 3 / NM_M, np.nan, np.nan, np.nan, np.nan]) * NM_M / R95_SIGMA
)
"""(16,) one-sigma error a side, in metres, of NACp: a 95 % radius of 10 NM at 1 down to 3 m at 11 (DO-260B 2.2.3.2.7.2.7).

0 means 10 NM or worse and stands for 10 NM here: in jamming it must not look like a report that says nothing.
"""

NACV_STD_MS = np.array([np.nan, 10.0, 3.0, 1.0, 0.3, np.nan, np.nan, np.nan]) / R95_SIGMA
"""(8,) one-sigma velocity error an axis, in m/s, of NACv: a 95 % bound of 10 m/s at 1 down to 0.3 m/s at 4 (DO-260B 2.2.3.2.6.1.5)."""

_TYPE_R95_M = np.full(32, np.nan)
for _type, _radius in {
    5: 3.0, 6: 10.0, 7: 93.0, 9: 3.0, 10: 10.0, 11: 93.0, 12: 185.0, 13: 463.0, 14: 926.0, 15: 1852.0, 16: 9260.0, 17: 18520.0, 18: 18520.0,
    20: 3.0, 21: 10.0,
}.items():  # fmt: skip
    _TYPE_R95_M[_type] = _radius
TYPE_STD_M = _TYPE_R95_M / R95_SIGMA
"""(32,) one-sigma error a side, in metres, that the type code of a position vouches for; NaN: none.

The first edition gave each type code a 95 % radius (DO-260 NUCp: half the containment radius). Later editions keep the
type code for containment (NIC) and state accuracy apart (NACp), so this serves only until NACp is known. Type code 18
(worse than 10 NM, or unknown) stands for 10 NM.
"""


def _movement() -> NDArray[np.float64]:
    """Return (128,) ground speed in m/s of each surface movement code; NaN: none (DO-260B 2.2.3.2.4.2)."""
    speed = np.interp(np.arange(128.0), MOVEMENT_CODE, MOVEMENT_KT) * KNOT_MS
    speed[[0, *range(125, 128)]] = np.nan
    speed[1] = 0.0
    return np.asarray(speed, np.float64)


MOVEMENT_KT = np.array([0.125, 1.0, 2.0, 15.0, 70.0, 100.0, 175.0])
"""Where the steps of the surface movement code change."""
MOVEMENT_CODE = np.array([2.0, 9.0, 13.0, 39.0, 94.0, 109.0, 124.0])
"""The code at each of MOVEMENT_KT; 1 is stopped, 124 is 175 kt or more."""
MOVEMENT_MS = _movement()

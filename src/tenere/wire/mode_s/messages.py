"""What the extended squitters other than positions say, kernel by kernel, written into the sender's row.

Bits are numbered from 1 within the 56-bit message, as in the standard (DO-260B 2.2.3.2; ICAO Doc 9871 appendices A-C).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from tenere.batch import Emergency
from tenere.units import FPM_MS, KNOT_MS
from tenere.wire.mode_s.codes import CHARACTER_VALID, CHARACTERS, MOVEMENT_MS, mode_a_of
from tenere.wire.mode_s.crc import octet

ADSB, TISB, ADSR = 0, 1, 2
"""Streams: what aircraft send themselves, what the ground sends of radar tracks, what the ground repeats from other links."""

MOST_EMERGENCY = int(max(Emergency))


@njit(cache=True)
def bits(message: int, first: int, last: int) -> int:
    """Return bits first..last of a 56-bit message, bit 1 the most significant."""
    return (message >> (56 - last)) & ((1 << (last - first + 1)) - 1)


@njit(cache=True)
def not_icao(message: int, stream: int) -> bool:
    """Say whether the IMF bit of a message from the ground marks its address as not an ICAO one (DO-260B 2.2.17, 2.2.18)."""
    code = bits(message, 1, 5)
    if 5 <= code <= 8:
        return bits(message, 21, 21) == 1
    if code == 0 or 9 <= code <= 18 or 20 <= code <= 22:
        return bits(message, 8, 8) == 1
    if code == 19:
        return bits(message, 9, 9) == 1
    if stream != ADSR:
        return False
    return (code in (28, 31) and bits(message, 56, 56) == 1) or (code == 29 and bits(message, 51, 51) == 1)


@njit(cache=True)
def callsign_of(message: int) -> int:
    """Return the eight characters in bits 9-56 as a big-endian integer, NUL for trailing spaces; -1 where one does not exist."""
    letters = 0
    seen = False
    for place in range(8):
        code = bits(message, 51 - 6 * place, 56 - 6 * place)
        if not CHARACTER_VALID[code]:
            return -1
        if code != 32 or seen:
            seen = True
            letters |= octet(CHARACTERS, code) << (8 * place)
    return letters


@njit(cache=True)
def read_identification(row: Any, message: int, time_s: float) -> bool:  # noqa: ANN401 - a numba record
    """Keep callsign and category (type codes 1-4); return False for a callsign with characters that do not exist."""
    letters = callsign_of(message)
    if letters < 0:
        return False
    row["category"] = (0xE - bits(message, 1, 5)) << 4 | bits(message, 6, 8)
    row["callsign"], row["callsign_s"] = letters, time_s
    return True


@njit(cache=True)
def read_velocity(row: Any, message: int, time_s: float, stream: int) -> None:  # noqa: ANN401 - a numba record
    """Keep velocity over ground (type code 19, subtypes 1 and 2) and vertical rate (subtypes 1-4).

    Airspeed and heading (subtypes 3 and 4) are not velocity over ground and are left out. Bit 36 says whether the
    vertical rate is barometric (1) or geometric (0).
    """
    subtype = bits(message, 6, 8)
    if subtype < 1 or subtype > 4:
        return
    if subtype <= 2:
        step = KNOT_MS * (4.0 if subtype == 2 else 1.0)
        east, north = bits(message, 15, 24), bits(message, 26, 35)
        if east and north:
            row["east_ms"] = (1 - 2 * bits(message, 14, 14)) * (east - 1) * step
            row["north_ms"] = (1 - 2 * bits(message, 25, 25)) * (north - 1) * step
            row["velocity_s"] = time_s
            row["nac_v"] = bits(message, 11, 13) if stream != TISB else 0
    rate = bits(message, 38, 46)
    if rate:
        row["vertical_ms"] = (1 - 2 * bits(message, 37, 37)) * (rate - 1) * 64.0 * FPM_MS
        row["vertical_barometric"] = bits(message, 36, 36)
        row["vertical_s"] = time_s
    above = bits(message, 50, 56)
    if 0 < above < 127 and stream != TISB:
        row["geometric_ft"] = (1 - 2 * bits(message, 49, 49)) * (above - 1) * 25.0
        row["geometric_s"] = time_s


@njit(cache=True)
def read_movement(row: Any, message: int, time_s: float) -> None:  # noqa: ANN401 - a numba record
    """Keep ground speed and track of a surface position (type codes 5-8), where both are there."""
    speed = MOVEMENT_MS[bits(message, 6, 12)]
    if np.isnan(speed) or (speed > 0.0 and not bits(message, 13, 13)):
        return
    track = bits(message, 14, 20) * (2 * np.pi / 128.0)
    row["east_ms"], row["north_ms"], row["velocity_s"], row["nac_v"] = speed * np.sin(track), speed * np.cos(track), time_s, 0


@njit(cache=True)
def advise(row: Any, advisory: int, ended: int, threats: int, time_s: float) -> None:  # noqa: ANN401 - a numba record
    """Keep that a resolution advisory lasts, or that it ended.

    advisory: the 14 bits of ARA, of which the first (or, with several threats, any) says that there is one; ended: RAT;
    threats: MTE, 1 with several (Annex 10 vol. IV, 4.3.8.4.2.2.1.1 to 1.4).
    """
    if ended:
        row["ra_s"] = -np.inf
    elif advisory >> 13 or (threats and advisory):
        row["ra_s"] = time_s


@njit(cache=True)
def read_status(row: Any, message: int, time_s: float) -> None:  # noqa: ANN401 - a numba record
    """Keep emergency and Mode A code (type code 28, subtype 1) or the resolution advisory (subtype 2) of an aircraft status."""
    subtype = bits(message, 6, 8)
    if subtype == 2:
        advise(row, bits(message, 9, 22), bits(message, 27, 27), bits(message, 28, 28), time_s)
    elif subtype == 1:
        state = bits(message, 9, 11)
        row["emergency"], row["emergency_s"] = state if state <= MOST_EMERGENCY else 0, time_s  # 7 is reserved
        if bits(message, 12, 24):
            row["mode_a"], row["mode_a_s"] = mode_a_of(bits(message, 12, 24)), time_s


@njit(cache=True)
def read_quality(row: Any, message: int, time_s: float) -> None:  # noqa: ANN401 - a numba record
    """Keep version, NIC supplements, NACp and SIL of an operational status (type code 31), or NACp and SIL of a target state (29)."""
    code, subtype = bits(message, 1, 5), bits(message, 6, 8)
    if code == 31 and subtype <= 1:
        version = bits(message, 41, 43)
        row["version"] = version
        row["nac_p"] = bits(message, 45, 48) if version else -1
        row["sil"] = bits(message, 51, 52) if version else -1
        row["nic_a"] = bits(message, 44, 44)
        row["nic_c"] = bits(message, 20, 20) if subtype == 1 and version >= 2 else row["nic_c"]
        row["quality_s"] = time_s
        if version and bits(message, 25, 27) == 1:  # format 0 of the operational mode, and its first flag
            row["ra_s"] = time_s
    elif code == 29 and subtype >> 1 <= 1:
        row["nac_p"], row["sil"], row["quality_s"] = bits(message, 40, 43), bits(message, 45, 46), time_s

"""Which Comm-B register a DF20 or DF21 reply carries: nothing in the reply says so, and much in it rules registers out.

A register is possible where its reserved bits are zero, a field whose status bit is zero is zero, and every value is one
that an aircraft can have. Possible registers then win and lose points by what else is known: the altitude of the
reply, the speed and track heard by ADS-B, the registers that the aircraft says it serves (1,7), its last 5,0 and 6,0, and
physics (bank and turn, Mach and airspeed). One must lead clearly: where two remain, none is chosen, and both are told.
(ICAO Doc 9871, appendix A, tables A-2-16 to A-2-96; idea of ruling out by status bits: Sun et al. 2019.)
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from tenere.units import KNOT_MS
from tenere.wire.mode_s.codes import CHARACTER_VALID, altitude13_ft
from tenere.wire.mode_s.messages import advise, bits, callsign_of

REGISTERS = (0x10, 0x17, 0x20, 0x30, 0x40, 0x44, 0x45, 0x50, 0x60)
"""BDS codes in the order of the bits of a mask of candidates: bit 0 is 1,0."""
BDS = np.array(REGISTERS, np.int64)
R10, R17, R20, R30, R40, R44, R45, R50, R60 = range(9)

GICB_BIT = np.array([0, 0, 7, 0, 9, 13, 14, 16, 24], np.int64)
"""The bit of register 1,7 that says that a register is served; 0: none does."""

FRESH_S = 15.0  # how long speed and track from elsewhere serve as a check
GICB_FRESH_S = 300.0
LEAD = 2  # points by which the best must lead the next


@njit(cache=True)
def clear(mb: int, status: int, first: int, last: int) -> bool:
    """Say whether a field is as its status bit allows: anything where that is 1, else 0."""
    return bits(mb, status, status) == 1 or bits(mb, first, last) == 0


@njit(cache=True)
def signed(mb: int, sign: int, first: int, last: int) -> int:
    """Return a two's complement field: sign bit and the magnitude bits after it."""
    return bits(mb, first, last) - (bits(mb, sign, sign) << (last - first + 1))


@njit(cache=True)
def turned(a_deg: float, b_deg: float) -> float:
    """Return the angle between two directions, 0..180 degrees."""
    return abs((a_deg - b_deg + 180.0) % 360.0 - 180.0)


@njit(cache=True)
def pressure_hpa(altitude_ft: float) -> float:
    """Return the pressure of the standard atmosphere (ICAO Doc 7488): 1013.25 at 0, 226.3 at 36,089 ft."""
    metres = altitude_ft * 0.3048
    if metres < 11_000.0:
        return float(1013.25 * (1.0 - metres * 0.0065 / 288.15) ** 5.25588)
    return 226.32 * math.exp((11_000.0 - metres) / 6341.62)


@njit(cache=True)
def standard_c(altitude_ft: float) -> float:
    """Return the temperature of the standard atmosphere in degrees Celsius: 15 at 0, -56.5 from 36,089 ft."""
    return max(15.0 - 0.0019812 * altitude_ft, -56.5)


@njit(cache=True)
def calibrated_kt(mach: float, altitude_ft: float) -> float:
    """Return the calibrated airspeed of a Mach number at a pressure altitude: Mach 0.8 at 36,000 ft is 266 kt."""
    impact = pressure_hpa(altitude_ft) / 1013.25 * ((1.0 + 0.2 * mach * mach) ** 3.5 - 1.0)
    return 661.4788 * math.sqrt(5.0 * ((impact + 1.0) ** (2.0 / 7.0) - 1.0))


# --- each register: points where it is possible, else IMPOSSIBLE ---

IMPOSSIBLE = -100


@njit(cache=True)
def score10(mb: int) -> int:
    """Data link capability report: its own code, and reserved bits 10-14 (table A-2-16)."""
    if bits(mb, 1, 8) != 0x10 or bits(mb, 10, 14):
        return IMPOSSIBLE
    return 4


@njit(cache=True)
def score17(mb: int) -> int:
    """Common usage GICB capability: 24 flags, of which 2,0 is always set, and nothing after them (table A-2-23)."""
    if not bits(mb, 7, 7) or bits(mb, 25, 56):
        return IMPOSSIBLE
    return 4


@njit(cache=True)
def score20(mb: int, row: Any, time_s: float) -> int:  # noqa: ANN401 - a numba record
    """Aircraft identification: its own code and eight characters that exist (table A-2-32), better the name already known."""
    if bits(mb, 1, 8) != 0x20:
        return IMPOSSIBLE
    for place in range(8):
        if not CHARACTER_VALID[bits(mb, 9 + 6 * place, 14 + 6 * place)]:
            return IMPOSSIBLE
    if time_s - row["callsign_s"] <= 60.0 and callsign_of(mb) == row["callsign"]:
        return 8
    return 4


@njit(cache=True)
def score30(mb: int) -> int:
    """ACAS resolution advisory: its own code, and a threat that fits its type (Annex 10 vol. IV, 4.3.8.4.2.2.1)."""
    if bits(mb, 1, 8) != 0x30:
        return IMPOSSIBLE
    threat = bits(mb, 29, 30)
    if threat == 3 or (threat == 0 and bits(mb, 31, 56)) or (threat == 1 and bits(mb, 55, 56)) or (threat == 2 and bits(mb, 51, 56) > 60):
        return IMPOSSIBLE
    if threat == 2 and bits(mb, 31, 43) and np.isnan(altitude13_ft(bits(mb, 31, 43))):
        return IMPOSSIBLE
    return 4


@njit(cache=True)
def score40(mb: int) -> int:
    """Selected vertical intention: reserved bits 40-47 and 52-53, pressure 850-1,100 hPa (table A-2-64).

    A pilot selects whole hundreds of feet; the field has steps of 16.
    """
    if bits(mb, 40, 47) or bits(mb, 52, 53):
        return IMPOSSIBLE
    if not (clear(mb, 1, 2, 13) and clear(mb, 14, 15, 26) and clear(mb, 27, 28, 39) and clear(mb, 48, 49, 51) and clear(mb, 54, 55, 56)):
        return IMPOSSIBLE
    points = 0
    for status in (1, 14):
        if bits(mb, status, status):
            feet = bits(mb, status + 1, status + 12) * 16
            if feet > 50_000:
                return IMPOSSIBLE
            points += 1 if (feet + 8) % 100 <= 16 else -1
    if bits(mb, 27, 27):
        setting = bits(mb, 28, 39)  # 0.1 hPa above 800
        if setting < 500 or setting > 3000:
            return IMPOSSIBLE
        points += 2 if 1300 <= setting <= 2600 else 0
    if not (bits(mb, 1, 1) or bits(mb, 14, 14) or bits(mb, 27, 27)):
        return IMPOSSIBLE
    return points + 2  # ten reserved bits are zero


@njit(cache=True)
def air_score(celsius: float, hpa: float, altitude_ft: float) -> int:
    """Judge a temperature and a pressure (NaN: not given) against the altitude (NaN: not known)."""
    points = 0
    if celsius == celsius:
        if celsius < -80.0 or celsius > 60.0:
            return IMPOSSIBLE
        if altitude_ft == altitude_ft:
            off = abs(celsius - standard_c(altitude_ft))
            if off > 35.0:
                return IMPOSSIBLE
            points += 2 if off <= 20.0 else 1
    if hpa == hpa:
        if altitude_ft == altitude_ft:
            if abs(hpa - pressure_hpa(altitude_ft)) > 50.0:
                return IMPOSSIBLE
            points += 2
        elif hpa < 100.0 or hpa > 1100.0:
            return IMPOSSIBLE
    return points


@njit(cache=True)
def score44(mb: int, altitude_ft: float) -> int:
    """Meteorological routine air report: a source, a wind of at most 250 kt, air that fits the altitude (table A-2-68)."""
    if not 1 <= bits(mb, 1, 4) <= 4 or not bits(mb, 5, 5) or bits(mb, 6, 14) > 250:
        return IMPOSSIBLE
    if not (clear(mb, 35, 36, 46) and clear(mb, 47, 48, 49) and clear(mb, 50, 51, 56)):
        return IMPOSSIBLE
    return air_score(signed(mb, 24, 25, 34) * 0.25, float(bits(mb, 36, 46)) if bits(mb, 35, 35) else np.nan, altitude_ft)


@njit(cache=True)
def score45(mb: int, altitude_ft: float) -> int:
    """Meteorological hazard report: reserved bits 52-56, air and radio height that fit the altitude (table A-2-69)."""
    if bits(mb, 52, 56) or not (clear(mb, 16, 17, 26) and clear(mb, 27, 28, 38) and clear(mb, 39, 40, 51)):
        return IMPOSSIBLE
    for status in (1, 4, 7, 10, 13):
        if not clear(mb, status, status + 1, status + 2):
            return IMPOSSIBLE
    if not (bits(mb, 1, 1) or bits(mb, 4, 4) or bits(mb, 7, 7) or bits(mb, 10, 10) or bits(mb, 13, 13)) and not (
        bits(mb, 16, 16) or bits(mb, 27, 27) or bits(mb, 39, 39)
    ):
        return IMPOSSIBLE
    if bits(mb, 39, 39) and altitude_ft == altitude_ft and bits(mb, 40, 51) * 16 > altitude_ft + 3000.0:
        return IMPOSSIBLE
    celsius = signed(mb, 17, 18, 26) * 0.25 if bits(mb, 16, 16) else np.nan
    points = air_score(celsius, float(bits(mb, 28, 38)) if bits(mb, 27, 27) else np.nan, altitude_ft)
    return points if points != 0 else -1  # nothing in it can be checked


@njit(cache=True)
def score50(mb: int, row: Any, time_s: float) -> int:  # noqa: ANN401 - a numba record
    """Track and turn: bank to 50 degrees, speeds to 600 kt that differ by 200 at most, a turn that fits the bank (table A-2-80)."""
    if not (clear(mb, 1, 2, 11) and clear(mb, 12, 13, 23) and clear(mb, 24, 25, 34) and clear(mb, 35, 36, 45) and clear(mb, 46, 47, 56)):
        return IMPOSSIBLE
    roll, track = signed(mb, 2, 3, 11) * 45.0 / 256.0, signed(mb, 13, 14, 23) * 90.0 / 512.0
    ground, rate, true = bits(mb, 25, 34) * 2.0, signed(mb, 36, 37, 45) * 8.0 / 256.0, bits(mb, 47, 56) * 2.0
    has_track, has_ground, has_true = bits(mb, 12, 12), bits(mb, 24, 24), bits(mb, 46, 46)
    if abs(roll) > 50.0 or ground > 600.0 or true > 600.0 or (has_ground and has_true and abs(ground - true) > 200.0):
        return IMPOSSIBLE
    if bits(mb, 1, 1) + has_track + has_ground + bits(mb, 35, 35) + has_true < 2:
        return IMPOSSIBLE
    points = 0
    if bits(mb, 1, 1) and bits(mb, 35, 35) and (has_true or has_ground):
        speed = max(true if has_true else ground, 60.0) * KNOT_MS
        off = abs(math.degrees(9.80665 * math.tan(math.radians(roll)) / speed) - rate)
        points += 1 if off <= 0.75 else (0 if off <= 1.5 else -2)
    if has_ground and has_true:
        points += 1 if abs(ground - true) <= 120.0 else -1
    if abs(time_s - row["velocity_s"]) <= FRESH_S:
        known = math.hypot(row["east_ms"], row["north_ms"]) / KNOT_MS
        if has_ground:
            off = abs(ground - known)
            if off > 100.0:
                return IMPOSSIBLE
            points += 2 if off <= 25.0 else -1
        if has_track and known > 50.0:
            off = turned(track, math.degrees(math.atan2(row["east_ms"], row["north_ms"])))
            if off > 90.0:
                return IMPOSSIBLE
            points += 2 if off <= 20.0 else -1
    if abs(time_s - row["turn_s"]) <= FRESH_S:
        points += 1 if abs(ground - row["ground_kt"]) <= 30.0 and turned(track, row["track_deg"]) <= 45.0 else -1
    return points


@njit(cache=True)
def score60(mb: int, row: Any, altitude_ft: float, time_s: float) -> int:  # noqa: ANN401 - a numba record
    """Heading and speed: to 500 kt, Mach 1 and 6,000 ft/min, Mach and airspeed that fit the altitude (table A-2-96)."""
    if not (clear(mb, 1, 2, 12) and clear(mb, 13, 14, 23) and clear(mb, 24, 25, 34) and clear(mb, 35, 36, 45) and clear(mb, 46, 47, 56)):
        return IMPOSSIBLE
    heading, indicated, mach = signed(mb, 2, 3, 12) * 90.0 / 512.0, float(bits(mb, 14, 23)), bits(mb, 25, 34) * 0.004
    has_heading, has_indicated, has_mach = bits(mb, 1, 1), bits(mb, 13, 13), bits(mb, 24, 24)
    has_baro, has_inertial = bits(mb, 35, 35), bits(mb, 46, 46)
    baro, inertial = signed(mb, 36, 37, 45) * 32.0, signed(mb, 47, 48, 56) * 32.0
    if indicated > 500.0 or mach > 1.0 or abs(baro) > 6000.0 or abs(inertial) > 6000.0:
        return IMPOSSIBLE
    if has_heading + has_indicated + has_mach + has_baro + has_inertial < 2:
        return IMPOSSIBLE
    points = 0
    if has_indicated and has_mach:
        low = calibrated_kt(mach, altitude_ft if altitude_ft == altitude_ft else 50_000.0)
        high = calibrated_kt(mach, altitude_ft if altitude_ft == altitude_ft else -1000.0)
        off = max(low - indicated, indicated - high, 0.0)
        if off > 60.0:
            return IMPOSSIBLE
        points += (2 if altitude_ft == altitude_ft else 1) if off <= 20.0 else -1
    if has_baro and has_inertial:
        off = abs(baro - inertial)
        points += 1 if off <= 800.0 else (0 if off <= 1500.0 else -2)
    if abs(time_s - row["vertical_s"]) <= FRESH_S and (has_baro or has_inertial):
        off = abs((baro if has_baro else inertial) - row["vertical_ms"] / 0.00508)
        points += 1 if off <= 800.0 else (0 if off <= 2000.0 else -2)
    if has_heading and abs(time_s - row["velocity_s"]) <= FRESH_S and math.hypot(row["east_ms"], row["north_ms"]) > 50.0:
        off = turned(heading, math.degrees(math.atan2(row["east_ms"], row["north_ms"])))
        if off > 90.0:
            return IMPOSSIBLE
        points += 2 if off <= 30.0 else -1
    if abs(time_s - row["heading_s"]) <= FRESH_S:
        points += 1 if abs(indicated - row["indicated_kt"]) <= 30.0 and turned(heading, row["heading_deg"]) <= 45.0 else -1
    return points


@njit(cache=True)
def infer(mb: int, row: Any, altitude_ft: float, time_s: float) -> tuple[int, int]:  # noqa: ANN401 - a numba record
    """Return the BDS code of the register chosen (0: none) and the mask of those possible (bits as in REGISTERS).

    row: what is known of the sender (one that has heard nothing, where the address is not verified); altitude_ft: of
    the reply or known lately, else NaN.
    """
    if mb == 0:
        return 0, 0
    served = row["gicb"] if abs(time_s - row["gicb_s"]) <= GICB_FRESH_S else 0
    mask, best, most, next_most = 0, -1, IMPOSSIBLE, IMPOSSIBLE
    for register in range(9):
        if register == R10:
            points = score10(mb)
        elif register == R17:
            points = score17(mb)
        elif register == R20:
            points = score20(mb, row, time_s)
        elif register == R30:
            points = score30(mb)
        elif register == R40:
            points = score40(mb)
        elif register == R44:
            points = score44(mb, altitude_ft)
        elif register == R45:
            points = score45(mb, altitude_ft)
        elif register == R50:
            points = score50(mb, row, time_s)
        else:
            points = score60(mb, row, altitude_ft, time_s)
        if points <= IMPOSSIBLE // 2:
            continue
        mask |= 1 << register
        if served and GICB_BIT[register] and not served >> (24 - GICB_BIT[register]) & 1:
            points -= 2
        if points > most:
            best, most, next_most = register, points, most
        elif points > next_most:
            next_most = points
    if best < 0 or most < 0 or (best in (R44, R45) and most < 1) or most - next_most < LEAD:
        return 0, mask
    return int(BDS[best]), mask


@njit(cache=True)
def remember(mb: int, register: int, row: Any, time_s: float) -> None:  # noqa: ANN401 - a numba record
    """Keep of a chosen register what helps to judge the next."""
    if register == 0x17:
        row["gicb"], row["gicb_s"] = bits(mb, 1, 24), time_s
    elif register == 0x50:
        row["track_deg"], row["ground_kt"], row["turn_s"] = signed(mb, 13, 14, 23) * 90.0 / 512.0, bits(mb, 25, 34) * 2.0, time_s
    elif register == 0x60:
        row["heading_deg"], row["indicated_kt"], row["heading_s"] = signed(mb, 2, 3, 12) * 90.0 / 512.0, float(bits(mb, 14, 23)), time_s
    elif register == 0x30:
        advise(row, bits(mb, 9, 22), bits(mb, 27, 27), bits(mb, 28, 28), time_s)

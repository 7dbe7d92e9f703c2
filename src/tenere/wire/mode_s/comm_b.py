"""Every field of Comm-B replies (DF20, DF21), and of the registers 1,0 1,7 2,0 3,0 4,0 4,4 4,5 5,0 and 6,0 that they carry.

Which register a message carries is decided by tenere.wire.mode_s.inference. Layouts: ICAO Doc 9871, appendix A; bits are
numbered from 1 within the 56-bit message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit

from tenere.wire.mode_s.advisory import declare_advisory, read_advisory
from tenere.wire.mode_s.decode import message_of
from tenere.wire.mode_s.head import ADDRESS, VERIFIED, declare_head, fill_head, head_of
from tenere.wire.mode_s.inference import signed
from tenere.wire.mode_s.layout import Layout
from tenere.wire.mode_s.messages import bits, callsign_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TABLE = Layout()
_t = TABLE
declare_head(_t)
LINK, SERVED, CALLED, MODES, SOURCED, WINDY, SHAKEN, SHEARED, BURST, ICED, WOKEN = (_t.mark() for _ in range(11))

REGISTER = _t.u1("register", "BDS code of the register, in hex (0x40, 64, is 4,0); 0: none, or ambiguous")
CANDIDATES = _t.i4("candidates", "registers possible, bit by bit from the lowest: 1,0 1,7 2,0 3,0 4,0 4,4 4,5 5,0 6,0")
MESSAGE = _t.i8("message", "the 56 bits of MB as one number")

CONTINUED = _t.u1("continued", "1,0: 1 more registers follow", LINK)
OVERLAY = _t.u1("overlay_command", "1,0: 1 overlay command capability", LINK)
ACAS = _t.u1("acas", "1,0: 1 ACAS operates", LINK)
SUBNETWORK = _t.u1("subnetwork_version", "1,0: Mode S subnetwork version", LINK)
ENHANCED = _t.u1("enhanced_protocol", "1,0: 1 level 5 transponder", LINK)
SPECIFIC = _t.u1("specific_services", "1,0: 1 Mode S specific services", LINK)
UPLINK = _t.u1("uplink_elm", "1,0: average throughput of long uplink messages, 0 none ... 6 sixteen segments a second", LINK)
DOWNLINK = _t.u1("downlink_elm", "1,0: throughput of long downlink messages, 0 none ... 6 sixteen segments in 125 ms", LINK)
IDENTIFIES = _t.u1("identification_capability", "1,0: 1 aircraft identification", LINK)
SQUITTERS = _t.u1("squitter_capability", "1,0: 1 registers 0,5 and 0,6 are up to date", LINK)
SURVEILLANCE = _t.u1("surveillance_identifier", "1,0: 1 SI codes", LINK)
GICB = _t.u1("gicb_capability", "1,0: toggles when register 1,7 has changed", LINK)
HYBRID = _t.u1("acas_hybrid", "1,0: 1 ACAS with hybrid surveillance", LINK)
ADVISES = _t.u1("acas_advises", "1,0: 1 ACAS gives resolution advisories", LINK)
ACAS_VERSION = _t.u1("acas_version", "1,0: ACAS version, 0 DO-185, 1 DO-185A, 2 DO-185B, 3 see register E,5", LINK)
DTE = _t.i4("dte_status", "1,0: status of data terminal equipment 0 to 15, bit by bit", LINK)
GICBS = _t.i4("served", "1,7: 24 bits, the highest 0,5 and the lowest 6,0, 1 for each register served", SERVED)
CALLSIGN = _t.text8("callsign", "2,0: aircraft identification, trailing spaces removed", CALLED)
U_ADVISORY, I_ADVISORY, F_ADVISORY = declare_advisory(_t)

SELECTED = _t.f4("selected_altitude_ft", "ft", "4,0: altitude selected on MCP or FCU")
SELECTED_FMS = _t.f4("selected_altitude_fms_ft", "ft", "4,0: altitude selected by the FMS")
SETTING = _t.f8("pressure_setting_hpa", "hPa", "4,0: barometric pressure setting")
VNAV = _t.u1("vnav", "4,0: 1 vertical navigation in use", MODES)
HOLD = _t.u1("altitude_hold", "4,0: 1 in use", MODES)
APPROACH = _t.u1("approach", "4,0: 1 in use", MODES)
TARGET_SOURCE = _t.u1("target_source", "4,0: altitude flown to: 0 unknown, 1 the present one, 2 MCP or FCU, 3 FMS", SOURCED)

WIND_SOURCE = _t.u1("wind_source", "4,4: figure of merit and source: 1 INS, 2 GNSS, 3 DME/DME, 4 VOR/DME", WINDY)
WIND = _t.f4("wind_speed_kt", "kt", "4,4: wind speed")
WIND_FROM = _t.f4("wind_direction_deg", "deg", "4,4: direction that the wind comes from, clockwise from true north")
TEMPERATURE = _t.f4("temperature_c", "degC", "4,4 and 4,5: static air temperature")
PRESSURE = _t.f4("pressure_hpa", "hPa", "4,4 and 4,5: average static pressure")
HUMIDITY = _t.f4("humidity_percent", "%", "4,4: relative humidity")
TURBULENCE = _t.u1("turbulence", "4,4 and 4,5: 0 none, 1 light, 2 moderate, 3 severe", SHAKEN)
SHEAR = _t.u1("wind_shear", "4,5: 0 none, 1 light, 2 moderate, 3 severe", SHEARED)
MICROBURST = _t.u1("microburst", "4,5: 0 none, 1 light, 2 moderate, 3 severe", BURST)
ICING = _t.u1("icing", "4,5: 0 none, 1 light, 2 moderate, 3 severe", ICED)
WAKE = _t.u1("wake_vortex", "4,5: 0 none, 1 light, 2 moderate, 3 severe", WOKEN)
RADIO_HEIGHT = _t.f4("radio_height_ft", "ft", "4,5: radio height")

ROLL = _t.f4("roll_deg", "deg", "5,0: roll angle, right wing down positive")
TRACK = _t.f4("true_track_deg", "deg", "5,0: track over ground, clockwise from true north")
GROUND = _t.f4("ground_speed_kt", "kt", "5,0: ground speed")
TURN = _t.f4("track_rate_deg_s", "deg/s", "5,0: rate of turn, clockwise positive")
TRUE_AIRSPEED = _t.f4("true_airspeed_kt", "kt", "5,0: true airspeed")

HEADING = _t.f4("magnetic_heading_deg", "deg", "6,0: magnetic heading")
INDICATED = _t.f4("indicated_airspeed_kt", "kt", "6,0: indicated airspeed")
MACH = _t.f8("mach", "", "6,0: Mach number")
RATE_BARO = _t.f4("vertical_rate_barometric_fpm", "ft/min", "6,0: barometric vertical rate, up positive")
RATE_INERTIAL = _t.f4("vertical_rate_inertial_fpm", "ft/min", "6,0: inertial vertical rate, up positive")

WITHOUT = {20: ("mode_a",), 21: ("altitude_ft",)}
"""Columns of the table that a format does not have."""


@njit(cache=True)
def fill(
    frames: NDArray[np.uint8],
    found: Any,  # noqa: ANN401 - a structured array
    rows: NDArray[np.int64],
    u1: NDArray[np.uint8],
    i4: NDArray[np.int32],
    i8: NDArray[np.int64],
    f4: NDArray[np.float32],
    f8: NDArray[np.float64],
) -> None:
    """Fill the columns (blocks, blank) of replies frames[rows], and what decode.run found of them."""
    for i in range(len(rows)):
        frame, told = frames[rows[i]], found[rows[i]]
        head = head_of(frame)
        i4[ADDRESS, i], u1[VERIFIED, i] = told["parity"], told["verified"]
        fill_head(i, head, head >> 27 == 21, u1, i4, f4)
        message, register = message_of(frame), told["register"]
        i8[MESSAGE, i] = message
        u1[REGISTER, i], i4[CANDIDATES, i] = register, told["candidates"]
        if register == 0x10:
            read10(i, message, u1, i4)
        elif register == 0x17:
            u1[SERVED, i], i4[GICBS, i] = 1, bits(message, 1, 24)
        elif register == 0x20:
            u1[CALLED, i], i8[CALLSIGN, i] = 1, callsign_of(message)
        elif register == 0x30:
            read_advisory(i, message, u1, i4, f4, U_ADVISORY, I_ADVISORY, F_ADVISORY)
        elif register == 0x40:
            read40(i, message, u1, f4, f8)
        elif register == 0x44:
            read44(i, message, u1, f4)
        elif register == 0x45:
            read45(i, message, u1, f4)
        elif register == 0x50:
            read50(i, message, f4)
        elif register == 0x60:
            read60(i, message, f4, f8)


@njit(cache=True)
def read10(i: int, mb: int, u1: NDArray[np.uint8], i4: NDArray[np.int32]) -> None:
    """Read the data link capability report (table A-2-16)."""
    u1[LINK, i], u1[CONTINUED, i], u1[OVERLAY, i], u1[ACAS, i] = 1, bits(mb, 9, 9), bits(mb, 15, 15), bits(mb, 16, 16)
    u1[SUBNETWORK, i], u1[ENHANCED, i], u1[SPECIFIC, i] = bits(mb, 17, 23), bits(mb, 24, 24), bits(mb, 25, 25)
    u1[UPLINK, i], u1[DOWNLINK, i] = bits(mb, 26, 28), bits(mb, 29, 32)
    u1[IDENTIFIES, i], u1[SQUITTERS, i], u1[SURVEILLANCE, i] = bits(mb, 33, 33), bits(mb, 34, 34), bits(mb, 35, 35)
    u1[GICB, i], u1[HYBRID, i], u1[ADVISES, i] = bits(mb, 36, 36), bits(mb, 37, 37), bits(mb, 38, 38)
    u1[ACAS_VERSION, i], i4[DTE, i] = bits(mb, 39, 40), bits(mb, 41, 56)


@njit(cache=True)
def read40(i: int, mb: int, u1: NDArray[np.uint8], f4: NDArray[np.float32], f8: NDArray[np.float64]) -> None:
    """Read the selected vertical intention (table A-2-64); the pressure setting counts from 800 hPa."""
    if bits(mb, 1, 1):
        f4[SELECTED, i] = bits(mb, 2, 13) * 16.0
    if bits(mb, 14, 14):
        f4[SELECTED_FMS, i] = bits(mb, 15, 26) * 16.0
    if bits(mb, 27, 27):
        f8[SETTING, i] = (8000 + bits(mb, 28, 39)) / 10.0
    if bits(mb, 48, 48):
        u1[MODES, i], u1[VNAV, i], u1[HOLD, i], u1[APPROACH, i] = 1, bits(mb, 49, 49), bits(mb, 50, 50), bits(mb, 51, 51)
    if bits(mb, 54, 54):
        u1[SOURCED, i], u1[TARGET_SOURCE, i] = 1, bits(mb, 55, 56)


@njit(cache=True)
def read44(i: int, mb: int, u1: NDArray[np.uint8], f4: NDArray[np.float32]) -> None:
    """Read the meteorological routine air report (table A-2-68)."""
    u1[WINDY, i], u1[WIND_SOURCE, i] = 1, bits(mb, 1, 4)
    if bits(mb, 5, 5):
        f4[WIND, i], f4[WIND_FROM, i] = bits(mb, 6, 14), bits(mb, 15, 23) * 0.703125
    f4[TEMPERATURE, i] = signed(mb, 24, 25, 34) * 0.25
    if bits(mb, 35, 35):
        f4[PRESSURE, i] = bits(mb, 36, 46)
    if bits(mb, 47, 47):
        u1[SHAKEN, i], u1[TURBULENCE, i] = 1, bits(mb, 48, 49)
    if bits(mb, 50, 50):
        f4[HUMIDITY, i] = bits(mb, 51, 56) * 1.5625


@njit(cache=True)
def read45(i: int, mb: int, u1: NDArray[np.uint8], f4: NDArray[np.float32]) -> None:
    """Read the meteorological hazard report (table A-2-69)."""
    u1[SHAKEN, i], u1[TURBULENCE, i] = bits(mb, 1, 1), bits(mb, 2, 3)
    u1[SHEARED, i], u1[SHEAR, i] = bits(mb, 4, 4), bits(mb, 5, 6)
    u1[BURST, i], u1[MICROBURST, i] = bits(mb, 7, 7), bits(mb, 8, 9)
    u1[ICED, i], u1[ICING, i] = bits(mb, 10, 10), bits(mb, 11, 12)
    u1[WOKEN, i], u1[WAKE, i] = bits(mb, 13, 13), bits(mb, 14, 15)
    if bits(mb, 16, 16):
        f4[TEMPERATURE, i] = signed(mb, 17, 18, 26) * 0.25
    if bits(mb, 27, 27):
        f4[PRESSURE, i] = bits(mb, 28, 38)
    if bits(mb, 39, 39):
        f4[RADIO_HEIGHT, i] = bits(mb, 40, 51) * 16.0


@njit(cache=True)
def read50(i: int, mb: int, f4: NDArray[np.float32]) -> None:
    """Read the track and turn report (table A-2-80)."""
    if bits(mb, 1, 1):
        f4[ROLL, i] = signed(mb, 2, 3, 11) * 0.17578125
    if bits(mb, 12, 12):
        f4[TRACK, i] = bits(mb, 13, 23) * 0.17578125  # two's complement of half circles is a whole circle
    if bits(mb, 24, 24):
        f4[GROUND, i] = bits(mb, 25, 34) * 2.0
    if bits(mb, 35, 35):
        f4[TURN, i] = signed(mb, 36, 37, 45) * 0.03125
    if bits(mb, 46, 46):
        f4[TRUE_AIRSPEED, i] = bits(mb, 47, 56) * 2.0


@njit(cache=True)
def read60(i: int, mb: int, f4: NDArray[np.float32], f8: NDArray[np.float64]) -> None:
    """Read the heading and speed report (table A-2-96)."""
    if bits(mb, 1, 1):
        f4[HEADING, i] = bits(mb, 2, 12) * 0.17578125
    if bits(mb, 13, 13):
        f4[INDICATED, i] = bits(mb, 14, 23)
    if bits(mb, 24, 24):
        f8[MACH, i] = bits(mb, 25, 34) / 250.0
    if bits(mb, 35, 35):
        f4[RATE_BARO, i] = signed(mb, 36, 37, 45) * 32.0
    if bits(mb, 46, 46):
        f4[RATE_INERTIAL, i] = signed(mb, 47, 48, 56) * 32.0

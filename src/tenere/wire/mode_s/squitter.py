"""Every field of extended squitters (DF17, DF18): their columns, and the kernel that fills them.

Bits are numbered from 1 within the 56-bit message (DO-260B 2.2.3.2; ICAO Doc 9871 appendices A to C).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from numba import njit

from tenere.units import KNOT_MS
from tenere.wire.mode_s import messages
from tenere.wire.mode_s.advisory import declare_advisory, read_advisory
from tenere.wire.mode_s.codes import MOVEMENT_MS, altitude12_ft, mode_a_of
from tenere.wire.mode_s.crc import octet
from tenere.wire.mode_s.decode import KIND, message_of
from tenere.wire.mode_s.layout import Layout
from tenere.wire.mode_s.messages import bits
from tenere.wire.mode_s.register import NOT_ICAO, STREAM_SHIFT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TABLE = Layout()
_t = TABLE

ADDRESSED, NAMED, CALLED, COMMON, SITTING, GRID, HELD = (_t.mark() for _ in range(7))
MOVING, MOVING_OWN, AIRSPEED, STATUS, TESTED, ACCURATE, SURE, SUPPLEMENTED = (_t.mark() for _ in range(8))
OPERATING, OPERATING_AIR, OPERATING_SURFACE, MODES, BAROMETER, COLLISION, RESOLUTION = (_t.mark() for _ in range(7))
TARGET, TARGET_1, TARGET_2, AUTOPILOT, TYPED, FOREIGN, VELOCITY_SURE, RELIEF, COARSE = (_t.mark() for _ in range(9))

ADDRESS = _t.i4("address", "24-bit address as sent; an ICAO address in DF17, and in DF18 where icao says so", ADDRESSED)
CAPABILITY = _t.u1("capability", "transponder capability CA: 4 level 2 on the ground, 5 airborne, 6 either, 7 other")
CONTROL = _t.u1(
    "control", "control field CF: 0, 1 no transponder; 2, 5 fine TIS-B; 3 coarse TIS-B; 4 management; 6 ADS-R; 1 and 5 not an ICAO address"
)
KIND_OF = _t.u1("kind", "who speaks, as tenere.batch.PlotKind: 6 ADS-B, 10 TIS-B, 11 ADS-R; 0 none")
ICAO = _t.u1("icao", "1: the address is an ICAO address")
TYPE_CODE = _t.u1("type_code", "1-4 name, 5-8 surface, 9-18, 20-22 airborne position, 19 velocity, 28, 29, 31 status; control 3, 4, 7: 0")
SUBTYPE = _t.u1("subtype", "subtype of type codes 19, 23, 28, 29 and 31", TYPED)
MESSAGE = _t.i8("message", "the 56 bits of the message as one number")

CALLSIGN = _t.text8("callsign", "aircraft identification, trailing spaces removed; none where a character does not exist", CALLED)
CATEGORY = _t.u1("category", "emitter category read in hex: 0xA3 (163) is A3", NAMED)

LAT = _t.f8("lat_deg", "deg", "WGS-84 latitude, where the position was resolved and believed")
LON = _t.f8("lon_deg", "deg", "WGS-84 longitude, where the position was resolved and believed")
PLACE = _t.u1(
    "place",
    "what became of a position: 1 resolved, 2 waits for its pair, 3 pair of two places, 4 beyond receiver range, "
    "5 jump not confirmed, 6 surface without a reference; 0 coarse",
    GRID,
)
CPR_ODD = _t.u1("cpr_odd", "format of the position: 0 even, 1 odd", GRID)
CPR_LAT = _t.i4("cpr_lat", "encoded latitude, 17 bits (coarse TIS-B: 12)", GRID)
CPR_LON = _t.i4("cpr_lon", "encoded longitude, 17 bits (coarse TIS-B: 12)", GRID)
ALTITUDE = _t.f4("altitude_ft", "ft", "barometric altitude (type codes 0, 9-18)")
HEIGHT = _t.f4("height_ft", "ft", "height above the WGS-84 ellipsoid (type codes 20-22)")
SURVEILLANCE = _t.u1("surveillance_status", "0 none, 1 permanent alert (emergency), 2 temporary alert (code changed), 3 SPI", COMMON)
NIC_B = _t.u1("nic_b", "bit 8 of airborne positions: NIC supplement B in version 2, single antenna before", SUPPLEMENTED)
SYNCHRONISED = _t.u1("time_synchronised", "1: the position is of a whole 0.2 s of UTC", GRID)
NIC = _t.u1("nic", "navigation integrity category, from type code, version and supplements heard lately", HELD)
CONTAINMENT = _t.f4("containment_m", "m", "containment radius that goes with nic; NaN: not bounded")

MOVEMENT = _t.u1("movement", "surface movement code: 0 none, 1 stopped, 124 175 kt or more", SITTING)
SPEED = _t.f8("ground_speed_kt", "kt", "ground speed (type codes 5-8; 19 subtypes 1 and 2; coarse TIS-B)")
TRACK = _t.f8("track_deg", "deg", "track over ground, clockwise from true north (on the surface: see heading_surface of type code 31)")
EAST = _t.f4("east_kt", "kt", "velocity over ground, east")
NORTH = _t.f4("north_kt", "kt", "velocity over ground, north")
HEADING = _t.f4("heading_deg", "deg", "heading (type code 19 subtypes 3 and 4); magnetic or true as magnetic_heading of type code 31 says")
AIR_SPEED = _t.f4("airspeed_kt", "kt", "airspeed (type code 19 subtypes 3 and 4)")
AIR_TRUE = _t.u1("airspeed_true", "1: the airspeed is true, 0: indicated", AIRSPEED)
RATE = _t.f4("vertical_rate_fpm", "ft/min", "vertical rate, up positive")
RATE_BARO = _t.u1("vertical_barometric", "source of the vertical rate: 1 barometric, 0 geometric (GNSS, inertial)", MOVING_OWN)
DIFFERENCE = _t.f4("geometric_minus_baro_ft", "ft", "geometric height minus barometric altitude")
INTENT = _t.u1("intent_change", "1: intent changed", MOVING_OWN)
IFR = _t.u1("ifr_capability", "1: fit for ADS-B class A1 and above (versions 0 and 1)", MOVING_OWN)
NAC_V = _t.u1("nac_v", "navigation accuracy category of velocity: 1 10 m/s, 2 3 m/s, 3 1 m/s, 4 0.3 m/s", VELOCITY_SURE)

EMERGENCY = _t.u1(
    "emergency", "0 none, 1 general, 2 medical, 3 minimum fuel, 4 no radio, 5 unlawful interference, 6 downed, 7 reserved", RELIEF
)
SQUAWK = _t.i4("mode_a", "Mode A code as a number (octal 7700 is 4032), of type code 28 (23 subtype 7: test)", STATUS)
U_ADVISORY, I_ADVISORY, F_ADVISORY = declare_advisory(_t)

VERSION = _t.u1("version", "ADS-B version: 0 DO-260, 1 DO-260A, 2 DO-260B", OPERATING)
NIC_A = _t.u1("nic_a", "NIC supplement A (version 1: the only one)", MODES)
NIC_C = _t.u1("nic_c", "NIC supplement C (surface, version 2)", OPERATING_SURFACE)
NAC_P = _t.u1("nac_p", "navigation accuracy category of position: 11 3 m, 10 10 m, 9 30 m ... 0 unknown", ACCURATE)
SIL = _t.u1("sil", "source integrity level: chance of an unseen error 0 unknown, 1 1e-3, 2 1e-5, 3 1e-7", SURE)
SIL_SUPPLEMENT = _t.u1("sil_supplement", "sil is 0: an hour, 1: a sample (version 2)", TARGET_2)
GVA = _t.u1("gva", "geometric vertical accuracy: 1 150 m, 2 45 m (version 1: BAQ)", OPERATING_AIR)
NIC_BARO = _t.u1("nic_baro", "1: the barometric altitude is cross-checked", BAROMETER)
MAGNETIC = _t.u1("magnetic_heading", "reference of headings: 0 true north, 1 magnetic north", MODES)
HEADING_SURFACE = _t.u1("heading_surface", "1: surface positions give heading, 0: track", OPERATING_SURFACE)
TCAS = _t.u1("tcas_operational", "1: ACAS operates", COLLISION)
ES_IN = _t.u1("es_in", "1: receives 1090ES (version 1: has a traffic display)", MODES)
ARV = _t.u1("air_referenced_velocity", "1: can send airspeed and heading", OPERATING_AIR)
TS = _t.u1("target_state_report", "1: can send target state", OPERATING_AIR)
TC = _t.u1("trajectory_change_report", "0 none, 1 first point, 2 several", OPERATING_AIR)
UAT_IN = _t.u1("uat_in", "1: receives UAT (version 2)", MODES)
LOW_POWER = _t.u1("b2_low", "1: transmits below 70 W (class B2 low)", OPERATING_SURFACE)
LENGTH_WIDTH = _t.u1("length_width", "length and width code: 1 15 m by 23 m ... 15 over 85 m by 90 m", OPERATING_SURFACE)
GPS_OFFSET = _t.u1("gps_offset", "GPS antenna offset code, 3 bits lateral, 5 longitudinal (version 2)", OPERATING_SURFACE)
RA_ACTIVE = _t.u1("ra_active", "1: a resolution advisory lasts", RESOLUTION)
IDENT = _t.u1("ident", "1: the pilot presses ident", MODES)
ATC = _t.u1("atc_services", "1: receives ATC services (version 1)", MODES)
ONE_ANTENNA = _t.u1("single_antenna", "1: one antenna only", MODES)
SDA = _t.u1("sda", "system design assurance: 0 unknown, 1 minor, 2 major, 3 hazardous", MODES)
CLASS = _t.i4("capability_class", "bits 9-24 as sent (surface: 9-20)", OPERATING)
MODE = _t.i4("operational_mode", "bits 25-40 as sent", OPERATING)

SELECTED = _t.f4("selected_altitude_ft", "ft", "selected altitude (version 1: target altitude)")
SELECTED_FMS = _t.u1("selected_altitude_fms", "source of the selected altitude: 0 MCP or FCU, 1 FMS (version 1: mean sea level)", TARGET)
SETTING = _t.f8("pressure_setting_hpa", "hPa", "barometric pressure setting")
SELECTED_HEADING = _t.f4("selected_heading_deg", "deg", "selected heading (version 1: target heading or track)")
PILOT = _t.u1("autopilot", "1: in use", AUTOPILOT)
VNAV = _t.u1("vnav", "1: vertical navigation in use", AUTOPILOT)
HOLD = _t.u1("altitude_hold", "1: in use", AUTOPILOT)
APPROACH = _t.u1("approach", "1: in use", AUTOPILOT)
LNAV = _t.u1("lnav", "1: lateral navigation in use", AUTOPILOT)
VERTICAL_SOURCE = _t.u1("vertical_source", "version 1: 0 none, 1 MCP or FCU, 2 holding altitude, 3 FMS or RNAV", TARGET_1)
ALTITUDE_CAPABILITY = _t.u1("target_altitude_capability", "version 1: 0 holding, 1 and autopilot, 2 and FMS altitude", TARGET_1)
VERTICAL_MODE = _t.u1("vertical_mode", "version 1: 0 unknown, 1 acquiring, 2 capturing or maintaining", TARGET_1)
HORIZONTAL_SOURCE = _t.u1("horizontal_source", "version 1: 0 none, 1 MCP or FCU, 2 maintaining, 3 FMS or RNAV", TARGET_1)
TARGET_TRACK = _t.u1("target_is_track", "version 1: the selected heading is 0 a heading, 1 a track", TARGET_1)
HORIZONTAL_MODE = _t.u1("horizontal_mode", "version 1: 0 unknown, 1 acquiring, 2 capturing or maintaining", TARGET_1)
IMF = _t.u1("not_icao_flag", "IMF of TIS-B and ADS-R: 1 the address is not an ICAO address", FOREIGN)
VOLUME = _t.u1("service_volume", "TIS-B service volume (coarse TIS-B)", COARSE)

ONLY_17 = ("capability",)
ONLY_18 = ("control", "kind", "icao", "not_icao_flag", "service_volume")


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
    """Fill the columns (blocks, blank) of records from frames[rows] and what decode.run found of them."""
    for i in range(len(rows)):
        frame, told = frames[rows[i]], found[rows[i]]
        message = message_of(frame)
        downlink_format, control = octet(frame, 0) >> 3, octet(frame, 0) & 7
        code = bits(message, 1, 5)
        stream = 0
        i8[MESSAGE, i] = message
        i4[ADDRESS, i] = octet(frame, 1) << 16 | octet(frame, 2) << 8 | octet(frame, 3)
        u1[ADDRESSED, i] = 1
        if downlink_format == 17:
            u1[CAPABILITY, i] = control
        else:
            u1[CONTROL, i] = control
            key = told["key"]
            if key < 0:
                u1[ADDRESSED, i] = control == 3
                if control == 3:
                    u1[KIND_OF, i] = KIND[messages.TISB]
                    read_coarse(i, message, u1, i4, f4, f8)
                continue
            stream = key >> STREAM_SHIFT
            u1[KIND_OF, i] = KIND[stream]
            u1[ICAO, i] = 0 if key & NOT_ICAO else 1
            if stream and (code <= 22 or code in (28, 29, 31)) and not 1 <= code <= 4:
                u1[FOREIGN, i], u1[IMF, i] = 1, messages.not_icao(message, stream)
        u1[TYPE_CODE, i] = code
        if code == 19:
            read_velocity(i, message, stream, u1, f4, f8)
        elif 1 <= code <= 4:
            u1[NAMED, i], u1[CATEGORY, i] = 1, (0xE - code) << 4 | bits(message, 6, 8)
            letters = messages.callsign_of(message)
            if letters >= 0:
                u1[CALLED, i], i8[CALLSIGN, i] = 1, letters
        elif code <= 22:
            read_position(i, message, stream, told, u1, i4, f4, f8)
        elif code == 28:
            read_status(i, message, u1, i4, f4)
        elif code == 29:
            read_target(i, message, u1, f4, f8)
        elif code == 31:
            read_operation(i, message, u1, i4)
        elif code == 23:
            u1[TYPED, i], u1[SUBTYPE, i] = 1, bits(message, 6, 8)
            if bits(message, 6, 8) == 7:
                u1[STATUS, i], i4[SQUAWK, i] = 1, mode_a_of(bits(message, 9, 21))


@njit(cache=True)
def read_position(
    i: int,
    message: int,
    stream: int,
    told: Any,  # noqa: ANN401 - a numba record
    u1: NDArray[np.uint8],
    i4: NDArray[np.int32],
    f4: NDArray[np.float32],
    f8: NDArray[np.float64],
) -> None:
    """Read type codes 0, 5-18 and 20-22 (2.2.3.2.3, 2.2.3.2.4)."""
    code = bits(message, 1, 5)
    if 5 <= code <= 8:
        u1[SITTING, i], u1[MOVEMENT, i] = 1, bits(message, 6, 12)
        f8[SPEED, i] = MOVEMENT_MS[bits(message, 6, 12)] / KNOT_MS
        if bits(message, 13, 13):
            f8[TRACK, i] = bits(message, 14, 20) * 2.8125
    else:
        u1[COMMON, i], u1[SURVEILLANCE, i] = 1, bits(message, 6, 7)
        if not stream:
            u1[SUPPLEMENTED, i], u1[NIC_B, i] = 1, bits(message, 8, 8)
        feet = altitude12_ft(bits(message, 9, 20))
        if code >= 20:
            f4[HEIGHT, i] = feet
        else:
            f4[ALTITUDE, i] = feet
        if code == 0:
            return
    u1[GRID, i] = 1
    u1[SYNCHRONISED, i], u1[CPR_ODD, i] = bits(message, 21, 21), bits(message, 22, 22)
    i4[CPR_LAT, i], i4[CPR_LON, i] = bits(message, 23, 39), bits(message, 40, 56)
    u1[PLACE, i] = told["place"]
    if told["place"] == 1:
        f8[LAT, i], f8[LON, i] = told["lat_deg"], told["lon_deg"]
    if told["place"] and told["nic"] >= 0:
        u1[HELD, i], u1[NIC, i] = 1, told["nic"]
        f4[CONTAINMENT, i] = told["containment_m"]


@njit(cache=True)
def read_coarse(
    i: int, message: int, u1: NDArray[np.uint8], i4: NDArray[np.int32], f4: NDArray[np.float32], f8: NDArray[np.float64]
) -> None:
    """Read coarse TIS-B (DF18 control 3): 12-bit positions, track in steps of 11.25 degrees, speed of 32 kt (2.2.17.3.4)."""
    u1[FOREIGN, i], u1[IMF, i] = 1, bits(message, 1, 1)
    u1[ICAO, i] = 1 - bits(message, 1, 1)
    u1[COMMON, i], u1[SURVEILLANCE, i] = 1, bits(message, 2, 3)
    u1[COARSE, i], u1[VOLUME, i] = 1, bits(message, 4, 7)
    f4[ALTITUDE, i] = altitude12_ft(bits(message, 8, 19))
    if bits(message, 20, 20):
        f8[TRACK, i] = bits(message, 21, 25) * 11.25
    if bits(message, 26, 31):
        f8[SPEED, i] = (bits(message, 26, 31) - 1) * 32.0
    u1[GRID, i], u1[CPR_ODD, i] = 1, bits(message, 32, 32)
    i4[CPR_LAT, i], i4[CPR_LON, i] = bits(message, 33, 44), bits(message, 45, 56)


@njit(cache=True)
def read_velocity(i: int, message: int, stream: int, u1: NDArray[np.uint8], f4: NDArray[np.float32], f8: NDArray[np.float64]) -> None:
    """Read type code 19 (2.2.3.2.6): subtypes 1 and 2 over ground, 3 and 4 airspeed, 2 and 4 in steps of 4 kt."""
    subtype = bits(message, 6, 8)
    u1[TYPED, i], u1[SUBTYPE, i] = 1, subtype
    if subtype < 1 or subtype > 4:
        return
    step = 1.0 if subtype % 2 else 4.0
    first, second = bits(message, 15, 24), bits(message, 26, 35)
    if subtype <= 2:
        if first and second:
            east = (1 - 2 * bits(message, 14, 14)) * (first - 1) * step
            north = (1 - 2 * bits(message, 25, 25)) * (second - 1) * step
            f4[EAST, i], f4[NORTH, i] = east, north
            f8[SPEED, i] = math.sqrt(east * east + north * north)
            f8[TRACK, i] = math.degrees(math.atan2(east, north)) % 360.0
    else:
        u1[AIRSPEED, i], u1[AIR_TRUE, i] = 1, bits(message, 25, 25)
        if bits(message, 14, 14):
            f4[HEADING, i] = first * 0.3515625
        if second:
            f4[AIR_SPEED, i] = (second - 1) * step
    rate = bits(message, 38, 46)
    if rate:
        f4[RATE, i] = (1 - 2 * bits(message, 37, 37)) * (rate - 1) * 64.0
    if stream == messages.TISB:  # which says other things there (2.2.17.3.5)
        u1[ACCURATE, i], u1[NAC_P, i] = 1, bits(message, 10, 13)
        return
    u1[MOVING_OWN, i], u1[INTENT, i], u1[IFR, i] = 1, bits(message, 9, 9), bits(message, 10, 10)
    u1[VELOCITY_SURE, i], u1[NAC_V, i] = 1, bits(message, 11, 13)
    u1[RATE_BARO, i] = bits(message, 36, 36)
    above = bits(message, 50, 56)
    if above:
        f4[DIFFERENCE, i] = (1 - 2 * bits(message, 49, 49)) * (above - 1) * 25.0


@njit(cache=True)
def read_status(i: int, message: int, u1: NDArray[np.uint8], i4: NDArray[np.int32], f4: NDArray[np.float32]) -> None:
    """Read type code 28 (2.2.3.2.7.8): subtype 1 emergency and Mode A code, 2 resolution advisory."""
    subtype = bits(message, 6, 8)
    u1[TYPED, i], u1[SUBTYPE, i] = 1, subtype
    if subtype == 1:
        u1[RELIEF, i], u1[EMERGENCY, i] = 1, bits(message, 9, 11)
        u1[STATUS, i], i4[SQUAWK, i] = 1, mode_a_of(bits(message, 12, 24))
    elif subtype == 2:
        read_advisory(i, message, u1, i4, f4, U_ADVISORY, I_ADVISORY, F_ADVISORY)


@njit(cache=True)
def read_target(i: int, message: int, u1: NDArray[np.uint8], f4: NDArray[np.float32], f8: NDArray[np.float64]) -> None:
    """Read type code 29: target state and status, subtype 0 of version 1 and 1 of version 2 (2.2.3.2.7.1)."""
    subtype = bits(message, 6, 7)
    u1[TYPED, i], u1[SUBTYPE, i] = 1, subtype
    if subtype > 1:
        return
    u1[ACCURATE, i], u1[NAC_P, i] = 1, bits(message, 40, 43)
    u1[BAROMETER, i], u1[NIC_BARO, i] = 1, bits(message, 44, 44)
    u1[SURE, i], u1[SIL, i] = 1, bits(message, 45, 46)
    u1[TARGET, i], u1[COLLISION, i] = 1, 1
    if subtype == 0:
        u1[TARGET_1, i], u1[VERTICAL_SOURCE, i], u1[SELECTED_FMS, i] = 1, bits(message, 8, 9), bits(message, 10, 10)
        u1[ALTITUDE_CAPABILITY, i], u1[VERTICAL_MODE, i] = bits(message, 12, 13), bits(message, 14, 15)
        if bits(message, 8, 9) and bits(message, 16, 25) <= 1010:
            f4[SELECTED, i] = bits(message, 16, 25) * 100.0 - 1000.0
        u1[HORIZONTAL_SOURCE, i] = bits(message, 26, 27)
        if bits(message, 26, 27) and bits(message, 28, 36) < 360:
            f4[SELECTED_HEADING, i] = bits(message, 28, 36)
        u1[TARGET_TRACK, i], u1[HORIZONTAL_MODE, i] = bits(message, 37, 37), bits(message, 38, 39)
        u1[TCAS, i] = 1 - bits(message, 52, 52)
        u1[RESOLUTION, i], u1[RA_ACTIVE, i] = 1, bits(message, 53, 53)
        u1[RELIEF, i], u1[EMERGENCY, i] = 1, bits(message, 54, 56)
        return
    u1[TARGET_2, i], u1[SIL_SUPPLEMENT, i], u1[SELECTED_FMS, i] = 1, bits(message, 8, 8), bits(message, 9, 9)
    if bits(message, 10, 20):
        f4[SELECTED, i] = (bits(message, 10, 20) - 1) * 32.0
    if bits(message, 21, 29):
        f8[SETTING, i] = 800.0 + (bits(message, 21, 29) - 1) * 0.8
    if bits(message, 30, 30):
        f4[SELECTED_HEADING, i] = bits(message, 31, 39) * 0.703125
    if bits(message, 47, 47):
        u1[AUTOPILOT, i], u1[PILOT, i], u1[VNAV, i] = 1, bits(message, 48, 48), bits(message, 49, 49)
        u1[HOLD, i], u1[APPROACH, i], u1[LNAV, i] = bits(message, 50, 50), bits(message, 52, 52), bits(message, 54, 54)
    u1[TCAS, i] = bits(message, 53, 53)


@njit(cache=True)
def read_operation(i: int, message: int, u1: NDArray[np.uint8], i4: NDArray[np.int32]) -> None:
    """Read type code 31 (2.2.3.2.7.2): operational status, subtype 0 in the air, 1 on the surface."""
    subtype, version = bits(message, 6, 8), bits(message, 41, 43)
    u1[TYPED, i], u1[SUBTYPE, i] = 1, subtype
    if subtype > 1:
        return
    u1[OPERATING, i], u1[VERSION, i] = 1, version
    i4[CLASS, i] = bits(message, 9, 20) if subtype else bits(message, 9, 24)
    i4[MODE, i] = bits(message, 25, 40)
    if version == 0:
        return
    u1[MODES, i], u1[NIC_A, i], u1[MAGNETIC, i] = 1, bits(message, 44, 44), bits(message, 54, 54)
    u1[ACCURATE, i], u1[NAC_P, i] = 1, bits(message, 45, 48)
    u1[SURE, i], u1[SIL, i] = 1, bits(message, 51, 52)
    u1[ES_IN, i] = bits(message, 12, 12)
    if bits(message, 25, 26) == 0:
        u1[RESOLUTION, i], u1[RA_ACTIVE, i], u1[IDENT, i] = 1, bits(message, 27, 27), bits(message, 28, 28)
        u1[ATC, i] = bits(message, 29, 29) if version == 1 else 0
        if version >= 2:
            u1[ONE_ANTENNA, i], u1[SDA, i] = bits(message, 30, 30), bits(message, 31, 32)
    if version >= 2:
        u1[TARGET_2, i], u1[SIL_SUPPLEMENT, i] = 1, bits(message, 55, 55)
    if subtype:
        u1[OPERATING_SURFACE, i], u1[LENGTH_WIDTH, i], u1[HEADING_SURFACE, i] = 1, bits(message, 21, 24), bits(message, 53, 53)
        u1[LOW_POWER, i] = bits(message, 15, 15)
        if version >= 2:
            u1[UAT_IN, i], u1[NIC_C, i], u1[GPS_OFFSET, i] = bits(message, 16, 16), bits(message, 20, 20), bits(message, 33, 40)
            u1[VELOCITY_SURE, i], u1[NAC_V, i] = 1, bits(message, 17, 19)
        return
    u1[OPERATING_AIR, i], u1[GVA, i] = 1, bits(message, 49, 50)
    u1[BAROMETER, i], u1[NIC_BARO, i] = 1, bits(message, 53, 53)
    u1[COLLISION, i], u1[TCAS, i] = 1, bits(message, 11, 11) if version >= 2 else 1 - bits(message, 11, 11)
    u1[ARV, i], u1[TS, i], u1[TC, i] = bits(message, 15, 15), bits(message, 16, 16), bits(message, 17, 18)
    if version >= 2:
        u1[UAT_IN, i] = bits(message, 19, 19)

"""Mode S frames from columns: what a transponder would send, for the simulator and for tests.

Every function takes arrays of n (or one value for all) and returns (n, 14) uint8 frames with a right parity (short
replies: (n, 7)). Field layouts: DO-260B 2.2.3.2 (extended squitters), ICAO Annex 10 vol. IV, 3.1.2.6 (replies).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.wire.mode_s import cpr
from tenere.wire.mode_s.codes import CHARACTER_VALID, CHARACTERS, MOVEMENT_CODE, MOVEMENT_KT, altitude12_field, mode_a_field
from tenere.wire.mode_s.crc import seal

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Frames = NDArray[np.uint8]
    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_CODE_OF = np.full(256, 32, np.int64)
_CODE_OF[CHARACTERS[CHARACTER_VALID != 0]] = np.flatnonzero(CHARACTER_VALID)


def airborne_position(
    address: ArrayLike, lat_deg: ArrayLike, lon_deg: ArrayLike, altitude_ft: ArrayLike, odd: ArrayLike, nic_type_code: ArrayLike = 11
) -> Frames:
    """Encode airborne positions; altitude_ft is barometric for type codes 9-18 (NaN: none).

    For type codes 20-22 it is the height above the ellipsoid, which the same field carries in the same code.
    """
    address, lat, lon, altitude, is_odd, code = _columns(address, lat_deg, lon_deg, altitude_ft, odd, nic_type_code)
    grid = is_odd != 0
    y, x = cpr.encode(lat.astype(np.float64), lon.astype(np.float64), grid)
    message = _ints(code) << 51 | altitude12_field(altitude.astype(np.float64)) << 36 | grid.astype(np.int64) << 34 | y << 17 | x
    return _squitter(address, message)


def surface_position(
    address: ArrayLike,
    lat_deg: ArrayLike,
    lon_deg: ArrayLike,
    speed_kt: ArrayLike,
    track_deg: ArrayLike,
    odd: ArrayLike,
    type_code: ArrayLike = 7,
) -> Frames:
    """Encode surface positions (type codes 5-8); a NaN speed or track is sent as not available."""
    address, lat, lon, speed, track, is_odd, code = _columns(address, lat_deg, lon_deg, speed_kt, track_deg, odd, type_code)
    grid = is_odd != 0
    y, x = cpr.encode(lat.astype(np.float64), lon.astype(np.float64), grid, surface=True)
    known = ~np.isnan(track)
    angle = np.floor(np.where(known, track, 0.0) / 360.0 * 128.0 + 0.5).astype(np.int64) & 0x7F
    message = _ints(code) << 51 | movement_field(speed) << 44 | known.astype(np.int64) << 43 | angle << 36 | grid.astype(np.int64) << 34
    return _squitter(address, message | y << 17 | x, capability=4)


def movement_field(speed_kt: Floats) -> Ints:
    """Return the 7-bit movement code of ground speeds (n,): 0 where NaN, 1 stopped, finer steps at low speed."""
    code = np.floor(np.interp(speed_kt, MOVEMENT_KT, MOVEMENT_CODE) + 1e-9)
    code = np.where(speed_kt < 0.125, 1, code)
    return np.where(np.isnan(speed_kt), 0, np.nan_to_num(code)).astype(np.int64)


def velocity(
    address: ArrayLike,
    east_kt: ArrayLike,
    north_kt: ArrayLike,
    vertical_fpm: ArrayLike,
    nac_v: ArrayLike = 1,
    *,
    barometric: bool = True,
    difference_ft: ArrayLike = np.nan,
) -> Frames:
    """Encode velocities over ground (subtype 1, or 2 above 1,021 kt); NaN is sent as not available.

    vertical_fpm: up positive; barometric says which source its bit names; difference_ft: geometric minus barometric height.
    """
    address, east, north, vertical, nac, above = _columns(address, east_kt, north_kt, vertical_fpm, nac_v, difference_ft)
    fast = np.maximum(np.abs(np.nan_to_num(east)), np.abs(np.nan_to_num(north))) > 1021.0
    step = np.where(fast, 4.0, 1.0)
    message = np.int64(19) << 51 | (1 + fast.astype(np.int64)) << 48 | _ints(nac) << 43
    message |= _signed(east / step, 1022) << 32 | _signed(north / step, 1022) << 21
    message |= np.int64(barometric) << 20 | _signed(vertical / 64.0, 510, sign=9) << 10 | _signed(above / 25.0, 126, sign=7)
    return _squitter(address, message)


def airspeed(
    address: ArrayLike,
    heading_deg: ArrayLike,
    airspeed_kt: ArrayLike,
    vertical_fpm: ArrayLike,
    nac_v: ArrayLike = 0,
    *,
    true: bool = True,
    barometric: bool = True,
) -> Frames:
    """Encode headings and airspeeds (type code 19, subtype 3, or 4 above 1,021 kt); NaN is sent as not available."""
    address, heading, speed, vertical, nac = _columns(address, heading_deg, airspeed_kt, vertical_fpm, nac_v)
    fast = np.nan_to_num(speed) > 1021.0
    known = ~np.isnan(heading)
    angle = np.floor(np.where(known, heading, 0.0) / 360.0 * 1024.0 + 0.5).astype(np.int64) & 0x3FF
    message = np.int64(19) << 51 | (3 + fast.astype(np.int64)) << 48 | _ints(nac) << 43 | known.astype(np.int64) << 42 | angle << 32
    message |= np.int64(true) << 31 | _signed(speed / np.where(fast, 4.0, 1.0), 1022) << 21
    message |= np.int64(barometric) << 20 | _signed(vertical / 64.0, 510, sign=9) << 10
    return _squitter(address, message)


def _signed(value: Floats, most: int, sign: int = 10) -> Ints:
    """Return sign bit and magnitude + 1 (0: not available), the magnitude held to most."""
    size = np.minimum(np.floor(np.abs(np.nan_to_num(value)) + 0.5), most).astype(np.int64) + 1
    return np.where(np.isnan(value), 0, (value < 0).astype(np.int64) << sign | size)


def identification(address: ArrayLike, callsign: ArrayLike, category: ArrayLike) -> Frames:
    """Encode callsigns (n,) S8 and emitter categories written in hex (0xA3 is A3; 0xA0 is no information)."""
    address, text, category = _columns(address, np.asarray(callsign, "S8"), category)
    letters = np.ascontiguousarray(text.astype("S8")).view(np.uint8).reshape(-1, 8)
    message = (0xE - (_ints(category) >> 4)) << 51 | (_ints(category) & 7) << 48
    for place in range(8):
        message |= _CODE_OF[letters[:, place]] << (42 - 6 * place)
    return _squitter(address, message)


def operational_status(
    address: ArrayLike,
    nac_p: ArrayLike,
    sil: ArrayLike,
    nic_supplement: ArrayLike,
    *,
    on_ground: bool = False,
    version: int = 2,
    gva: int = 2,
    capability_class: ArrayLike = 0,
    operational_mode: ArrayLike = 0,
    sil_supplement: int = 0,
) -> Frames:
    """Encode operational status (type code 31): accuracy, integrity and the version that tells how to read them.

    capability_class: bits 9-24 of the message (on the ground with length and width, and NIC supplement C in bit 20);
    operational_mode: bits 25-40.
    """
    address, nac, sil, supplement, ability, mode = _columns(address, nac_p, sil, nic_supplement, capability_class, operational_mode)
    message = np.int64(31) << 51 | np.int64(on_ground) << 48 | np.int64(version) << 13 | _ints(supplement) << 12
    message |= _ints(ability) << 32 | _ints(mode) << 16 | np.int64(sil_supplement) << 1
    message |= _ints(nac) << 8 | np.int64(0 if on_ground else gva) << 6 | _ints(sil) << 4 | np.int64(1) << 3
    return _squitter(address, message, capability=4 if on_ground else 5)


def target_state(
    address: ArrayLike,
    selected_altitude_ft: ArrayLike,
    pressure_setting_hpa: ArrayLike,
    selected_heading_deg: ArrayLike,
    nac_p: ArrayLike = 9,
    sil: ArrayLike = 3,
    *,
    fms: bool = False,
    modes: int = -1,
    tcas: bool = True,
    sil_supplement: int = 0,
) -> Frames:
    """Encode target state and status of version 2 (type code 29, subtype 1); NaN is sent as not available.

    modes: autopilot, VNAV, altitude hold, approach, LNAV as five bits from the highest; -1: not known.
    """
    address, altitude, setting, heading, nac, sil = _columns(
        address, selected_altitude_ft, pressure_setting_hpa, selected_heading_deg, nac_p, sil
    )
    message = _ints(nac) << 13 | np.int64(29 << 51 | 1 << 49 | sil_supplement << 48 | int(fms) << 47)
    message |= _plus_one(altitude, 32.0) << 36 | _plus_one(setting - 800.0, 0.8) << 27
    known = ~np.isnan(heading)
    message |= known.astype(np.int64) << 26 | (np.floor(np.where(known, heading, 0.0) / 0.703125 + 0.5).astype(np.int64) & 0x1FF) << 17
    message |= np.int64(1) << 12 | _ints(sil) << 10 | np.int64(tcas) << 3
    if modes >= 0:
        message = message | 1 << 9 | (modes >> 2 & 7) << 6 | (modes >> 1 & 1) << 4 | (modes & 1) << 2
    return _squitter(address, message)


def _plus_one(value: Floats, step: float) -> Ints:
    """Return value / step + 1, 0 where NaN."""
    return np.where(np.isnan(value), 0, np.floor(np.nan_to_num(value) / step + 1.5).astype(np.int64))


def resolution_advisory(address: ArrayLike, advisory: ArrayLike) -> Frames:
    """Encode the broadcast of an ACAS advisory (type code 28, subtype 2); advisory: its 48 bits, encode_registers.advisory."""
    address, message = _columns(address, advisory)
    return _squitter(address, np.int64(28) << 51 | np.int64(2) << 48 | _ints(message) & 0xFFFFFFFFFFFF)


def emergency_status(address: ArrayLike, emergency: ArrayLike, mode_a: ArrayLike) -> Frames:
    """Encode aircraft status, subtype 1 (type code 28): tenere.batch.Emergency and Mode A code (7700 octal is 4032)."""
    address, emergency, code = _columns(address, emergency, mode_a)
    return _squitter(address, np.int64(28) << 51 | np.int64(1) << 48 | _ints(emergency) << 45 | mode_a_field(_ints(code)) << 32)


def all_call_reply(address: ArrayLike, interrogator: ArrayLike = 0, capability: int = 5) -> Frames:
    """Encode DF11 replies (n, 7): the address in clear; interrogator (0-127) is laid over the parity, 0 for acquisition squitters."""
    address, interrogator = _columns(address, interrogator)
    return seal(_head(11, capability, address, 7), _ints(interrogator))


def altitude_reply(address: ArrayLike, altitude_ft: ArrayLike) -> Frames:
    """Encode DF4 replies (n, 7): pressure altitude, the address laid over the parity."""
    address, altitude = _columns(address, altitude_ft)
    return _reply(4, _ints(address), _thirteen(altitude))


def identity_reply(address: ArrayLike, mode_a: ArrayLike) -> Frames:
    """Encode DF5 replies (n, 7): Mode A code, the address laid over the parity."""
    address, code = _columns(address, mode_a)
    return _reply(5, _ints(address), mode_a_field(_ints(code)))


def air_air_reply(address: ArrayLike, altitude_ft: ArrayLike, sensitivity: int = 7, information: int = 3) -> Frames:
    """Encode DF0 replies (n, 7) between aircraft with ACAS."""
    address, altitude = _columns(address, altitude_ft)
    frames = _reply_head(0, _thirteen(altitude), 7)
    frames[:, 0] |= 2  # cross-link capability
    frames[:, 1] |= sensitivity << 5 | information >> 1
    frames[:, 2] |= (information & 1) << 7
    return seal(frames, _ints(address))


def coordination_reply(address: ArrayLike, altitude_ft: ArrayLike, mv: ArrayLike, sensitivity: int = 7, information: int = 3) -> Frames:
    """Encode DF16 replies: mv is the 56-bit message, such as 0x30 above the 48 bits of encode_registers.advisory."""
    address, altitude, message = _columns(address, altitude_ft, mv)
    frames = _reply_head(16, _thirteen(altitude), 14)
    frames[:, 1] |= sensitivity << 5 | information >> 1
    frames[:, 2] |= (information & 1) << 7
    return seal(_with(frames, _ints(message)), _ints(address))


def comm_b_altitude(address: ArrayLike, altitude_ft: ArrayLike, mb: ArrayLike) -> Frames:
    """Encode DF20 replies: pressure altitude, and the 56 bits of a register (encode_registers)."""
    address, altitude, message = _columns(address, altitude_ft, mb)
    return seal(_with(_reply_head(20, _thirteen(altitude), 14), _ints(message)), _ints(address))


def comm_b_identity(address: ArrayLike, mode_a: ArrayLike, mb: ArrayLike) -> Frames:
    """Encode DF21 replies: Mode A code, and the 56 bits of a register (encode_registers)."""
    address, code, message = _columns(address, mode_a, mb)
    return seal(_with(_reply_head(21, mode_a_field(_ints(code)), 14), _ints(message)), _ints(address))


def from_ground(frames: Frames, control: int) -> Frames:
    """Return DF17 frames as DF18 of a control field: 0, 1 no transponder, 2, 5 TIS-B, 6 ADS-R."""
    other = frames.copy()
    other[:, 0] = 18 << 3 | control
    return seal(other)


def _columns(*values: ArrayLike) -> tuple[NDArray[Any], ...]:
    """Return the given columns broadcast to one length, at least one row."""
    return tuple(np.broadcast_arrays(*[np.atleast_1d(np.asarray(v)) for v in values]))


def _ints(values: NDArray[Any]) -> Ints:
    """Return a column as int64."""
    return np.asarray(values).astype(np.int64)


def _head(downlink_format: int, low: int, address: NDArray[Any], size: int) -> Frames:
    """Return blank frames (n, size) with format, three low bits and the address in clear."""
    frames = np.zeros((len(address), size), np.uint8)
    frames[:, 0] = downlink_format << 3 | low
    for column, shift in ((1, 16), (2, 8), (3, 0)):
        frames[:, column] = _ints(address) >> shift & 0xFF
    return frames


def _with(frames: Frames, message: Ints) -> Frames:
    """Write a 56-bit message into long frames, in place, and return them."""
    frames[:, 4:11] = message.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 1:]
    return frames


def _squitter(address: NDArray[Any], message: Ints, capability: int = 5) -> Frames:
    """Return DF17 frames of 56-bit messages."""
    return seal(_with(_head(17, capability, address, 14), message))


def _thirteen(altitude_ft: NDArray[Any]) -> Ints:
    """Return the 13-bit altitude code: the 12-bit one with an M bit of 0."""
    twelve = altitude12_field(altitude_ft.astype(np.float64))
    return (twelve & 0xFC0) << 1 | twelve & 0x3F


def _reply_head(downlink_format: int, field: Ints, size: int) -> Frames:
    """Return blank replies (n, size) with a 13-bit field."""
    frames = np.zeros((len(field), size), np.uint8)
    frames[:, 0] = downlink_format << 3
    frames[:, 2] = field >> 8
    frames[:, 3] = field & 0xFF
    return frames


def _reply(downlink_format: int, address: Ints, field: Ints) -> Frames:
    """Return short replies with a 13-bit field and the address in the parity."""
    return seal(_reply_head(downlink_format, field, 7), address)

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
    address: ArrayLike, east_kt: ArrayLike, north_kt: ArrayLike, vertical_fpm: ArrayLike, nac_v: ArrayLike = 1, *, barometric: bool = True
) -> Frames:
    """Encode velocities over ground (subtype 1, or 2 above 1,021 kt); NaN is sent as not available.

    vertical_fpm: up positive; barometric says which source its bit names.
    """
    address, east, north, vertical, nac = _columns(address, east_kt, north_kt, vertical_fpm, nac_v)
    fast = np.maximum(np.abs(np.nan_to_num(east)), np.abs(np.nan_to_num(north))) > 1021.0
    step = np.where(fast, 4.0, 1.0)
    message = np.int64(19) << 51 | (1 + fast.astype(np.int64)) << 48 | _ints(nac) << 43
    message |= _signed(east / step, 1022) << 32 | _signed(north / step, 1022) << 21
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
) -> Frames:
    """Encode operational status (type code 31): accuracy, integrity and the version that tells how to read them."""
    address, nac, sil, supplement = _columns(address, nac_p, sil, nic_supplement)
    message = np.int64(31) << 51 | np.int64(on_ground) << 48 | np.int64(version) << 13 | _ints(supplement) << 12
    message |= _ints(nac) << 8 | np.int64(gva) << 6 | _ints(sil) << 4 | np.int64(1) << 3
    return _squitter(address, message, capability=4 if on_ground else 5)


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
    twelve = altitude12_field(altitude.astype(np.float64))
    return _reply(4, _ints(address), (twelve & 0xFC0) << 1 | twelve & 0x3F)


def identity_reply(address: ArrayLike, mode_a: ArrayLike) -> Frames:
    """Encode DF5 replies (n, 7): Mode A code, the address laid over the parity."""
    address, code = _columns(address, mode_a)
    return _reply(5, _ints(address), mode_a_field(_ints(code)))


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


def _squitter(address: NDArray[Any], message: Ints, capability: int = 5) -> Frames:
    """Return DF17 frames of 56-bit messages."""
    frames = _head(17, capability, address, 14)
    frames[:, 4:11] = message.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 1:]
    return seal(frames)


def _reply(downlink_format: int, address: Ints, field: Ints) -> Frames:
    """Return short replies with a 13-bit field and the address in the parity."""
    frames = np.zeros((len(address), 7), np.uint8)
    frames[:, 0] = downlink_format << 3
    frames[:, 2] = field >> 8
    frames[:, 3] = field & 0xFF
    return seal(frames, address)

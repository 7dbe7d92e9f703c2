"""The fields of UAT ADS-B messages, in columns (RTCA DO-282B 2.2.4.5; bytes and bits numbered from 1, as there)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

LONG = 34
ALPHABET = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ    ", np.uint8)
"""(40,) characters of the base-40 callsign (table 2-45): 36 is a space, 37 says that there is none, 38 and 39 are reserved."""

HAS_MODE_STATUS = np.isin(np.arange(32), [1, 3])
HAS_AUXILIARY = np.isin(np.arange(32), [1, 2, 5, 6])
TARGET_STATE_BYTE = np.zeros(32, np.int64)
TARGET_STATE_BYTE[[3, 4, 6]] = 30, 30, 25
"""What follows the state vector, by payload type (table 2-10)."""
MOST_TYPE = 10

SIZES_M = np.array(
    [[0, 0], [15, 23], [25, 28.5], [25, 34], [35, 33], [35, 38], [45, 39.5], [45, 45],
     [55, 45], [55, 52], [65, 59.5], [65, 67], [75, 72.5], [75, 80], [85, 80], [85, 90]]
)  # fmt: skip
"""(16, 2) length and width in metres of each size code (table 2-35); code 0: not known."""


class Fields(NamedTuple):
    """Every field of n messages: (n,) each; what a message does not hold is -1 in whole numbers, NaN in others, NUL in text."""

    payload_type: I64
    address_qualifier: I64
    address: I64
    lat_deg: F64
    lon_deg: F64
    altitude_type: I64
    altitude_ft: F64
    nic: I64
    air_ground: I64
    north_kt: F64
    east_kt: F64
    speed_kt: F64
    angle_type: I64
    angle_deg: F64
    vertical_source: I64
    vertical_fpm: F64
    length_m: F64
    width_m: F64
    gps_offset: I64
    utc_coupled: I64
    uplink_feedback: I64
    site_id: I64
    category: I64
    callsign: NDArray[np.bytes_]
    flight_plan_id: NDArray[np.bytes_]
    emergency: I64
    version: I64
    sil: I64
    transmit_mso: I64
    sda: I64
    nac_p: I64
    nac_v: I64
    nic_baro: I64
    uat_in: I64
    es_in: I64
    tcas_operational: I64
    tcas_ra: I64
    ident: I64
    atc_services: I64
    sil_supplement: I64
    gva: I64
    single_antenna: I64
    nic_supplement: I64
    secondary_altitude_ft: F64
    selected_altitude_type: I64
    selected_altitude_ft: F64
    pressure_setting_hpa: F64
    selected_heading_deg: F64
    modes: I64


def bits(payloads: NDArray[np.uint8], first_byte: int, first_bit: int, last_byte: int, last_bit: int) -> I64:
    """Return (n,) the unsigned field from one byte and bit to another of payloads (n, 34); both ends belong to it."""
    value = np.zeros(len(payloads), np.int64)
    for byte in range(first_byte, last_byte + 1):
        value = value << 8 | payloads[:, byte - 1]
    width = (last_byte - first_byte) * 8 + last_bit - first_bit + 1
    return np.asarray(value >> (8 - last_bit) & ((1 << width) - 1), np.int64)


def stack(payloads: Sequence[bytes]) -> NDArray[np.uint8]:
    """Return payloads of 18 or 34 bytes as (n, 34), the short ones filled up with zeros."""
    return np.frombuffer(b"".join(p.ljust(LONG, b"\0") for p in payloads), np.uint8).reshape(-1, LONG)


def _where(mask: Mask, values: I64) -> I64:
    return np.where(mask, values, -1)


def _known(mask: Mask, values: NDArray[np.generic]) -> F64:
    return np.where(mask, values.astype(np.float64), np.nan)


def feet(code: I64) -> F64:
    """Return feet of 12-bit altitude codes (n,): 25 ft a step from -1,025 ft, 0 none (2.2.4.5.2.3)."""
    return _known(code > 0, (code - 41) * 25)


def place(payloads: NDArray[np.uint8]) -> tuple[F64, F64]:
    """Return latitude and longitude (n,) in degrees of 23 and 24 bits from byte 5 on; all angles weigh 360 / 2^24 (2.2.4.5.2.1).

    Both poles have one code; it reads as the north pole. Whether there is a position at all, the caller knows.
    """
    lat = bits(payloads, 5, 1, 7, 7) * (360.0 / (1 << 24))
    lon = bits(payloads, 7, 8, 10, 7) * (360.0 / (1 << 24))
    return np.where(lat > 90.0, lat - 180.0, lat), np.where(lon > 180.0, lon - 360.0, lon)


def read(p: NDArray[np.uint8]) -> Fields:
    """Return every field of payloads (n, 34)."""
    kind = bits(p, 1, 1, 1, 5)
    state = kind <= MOST_TYPE
    qualifier = bits(p, 1, 6, 1, 8)
    lat, lon = place(p)
    nic = bits(p, 12, 5, 12, 8)
    placed = state & ((nic > 0) | (bits(p, 5, 1, 10, 7) > 0))
    air_ground = bits(p, 13, 1, 13, 2)
    airborne, ground = state & (air_ground <= 1), state & (air_ground == 2)
    scale = np.where(air_ground == 1, 4, 1)
    north, east, rate = bits(p, 13, 5, 14, 6), bits(p, 14, 8, 16, 1), bits(p, 16, 4, 17, 4)
    angle_type = bits(p, 14, 7, 14, 8)
    size = np.where(ground, bits(p, 16, 2, 16, 5), 0)
    own = state & np.isin(qualifier, (0, 1, 4, 5))
    status, auxiliary = HAS_MODE_STATUS[kind], HAS_AUXILIARY[kind]
    category, letters, letters_known = _base40(p)
    is_callsign = bits(p, 27, 7, 27, 7) == 1

    target = _target_state(p, TARGET_STATE_BYTE[kind])

    def ms(first_byte: int, first_bit: int, last_bit: int) -> I64:
        return _where(status, bits(p, first_byte, first_bit, first_byte, last_bit))

    return Fields(
        payload_type=kind,
        address_qualifier=qualifier,
        address=bits(p, 2, 1, 4, 8),
        lat_deg=_known(placed, lat),
        lon_deg=_known(placed, lon),
        altitude_type=_where(state, bits(p, 10, 8, 10, 8)),
        altitude_ft=np.where(state, feet(bits(p, 11, 1, 12, 4)), np.nan),
        nic=_where(state, nic),
        air_ground=_where(state, air_ground),
        north_kt=_known(airborne & (north > 0), (1 - 2 * bits(p, 13, 4, 13, 4)) * (north - 1) * scale),
        east_kt=_known(airborne & (east > 0), (1 - 2 * bits(p, 14, 7, 14, 7)) * (east - 1) * scale),
        speed_kt=_known(ground & (north > 0), north - 1),
        angle_type=_where(ground, angle_type),
        angle_deg=_known(ground & (angle_type > 0), bits(p, 15, 1, 16, 1) * (360.0 / 512.0)),
        vertical_source=_where(airborne, bits(p, 16, 2, 16, 2)),
        vertical_fpm=_known(airborne & (rate > 0), (1 - 2 * bits(p, 16, 3, 16, 3)) * (rate - 1) * 64),
        length_m=_known(size > 0, SIZES_M[size, 0]),
        width_m=_known(size > 0, SIZES_M[size, 1]),
        gps_offset=_where(ground, bits(p, 16, 7, 17, 4)),
        utc_coupled=_where(own, bits(p, 17, 5, 17, 5)),
        uplink_feedback=_where(own, bits(p, 17, 6, 17, 8)),
        site_id=_where(state & np.isin(qualifier, (2, 3, 6)), bits(p, 17, 5, 17, 8)),
        category=_where(status, category),
        callsign=np.where(status & letters_known & is_callsign, letters, b""),
        flight_plan_id=np.where(status & letters_known & ~is_callsign, letters, b""),
        emergency=ms(24, 1, 3),
        version=ms(24, 4, 6),
        sil=ms(24, 7, 8),
        transmit_mso=ms(25, 1, 6),
        sda=ms(25, 7, 8),
        nac_p=ms(26, 1, 4),
        nac_v=ms(26, 5, 7),
        nic_baro=ms(26, 8, 8),
        uat_in=ms(27, 1, 1),
        es_in=ms(27, 2, 2),
        tcas_operational=ms(27, 3, 3),
        tcas_ra=ms(27, 4, 4),
        ident=ms(27, 5, 5),
        atc_services=ms(27, 6, 6),
        sil_supplement=ms(27, 8, 8),
        gva=ms(28, 1, 2),
        single_antenna=ms(28, 3, 3),
        nic_supplement=ms(28, 4, 4),
        secondary_altitude_ft=np.where(auxiliary, feet(bits(p, 30, 1, 31, 4)), np.nan),
        selected_altitude_type=target.altitude_type,
        selected_altitude_ft=target.altitude_ft,
        pressure_setting_hpa=target.pressure_hpa,
        selected_heading_deg=target.heading_deg,
        modes=target.modes,
    )


def _base40(p: NDArray[np.uint8]) -> tuple[I64, NDArray[np.bytes_], Mask]:
    """Return category, the eight characters without trailing spaces, and whether they are all ones there are (2.2.4.5.4.1-2)."""
    words = np.stack([bits(p, b, 1, b + 1, 8) for b in (18, 20, 22)], 1)
    codes = np.stack([words // 1600, words // 40 % 40, words % 40], 2).reshape(len(p), 9)
    letters = np.ascontiguousarray(ALPHABET[np.minimum(codes[:, 1:], 39)])
    good = np.asarray((words < 64_000).all(1) & (codes[:, 1:] <= 37).all(1))
    return codes[:, 0], np.strings.rstrip(letters.view("S8")[:, 0], b" "), good


class _Target(NamedTuple):
    altitude_type: I64
    altitude_ft: F64
    pressure_hpa: F64
    heading_deg: F64
    modes: I64


def _target_state(p: NDArray[np.uint8], first: I64) -> _Target:
    """Return the target state, five bytes from a byte that depends on the payload type (2.2.4.5.6, 2.2.4.5.7); 0: none."""
    there = first > 0
    t = p[np.arange(len(p))[:, None], np.where(there, first - 1, 0)[:, None] + np.arange(5)]
    altitude, pressure = bits(t, 1, 2, 2, 4), bits(t, 2, 5, 3, 5)
    heading = (1 - 2 * bits(t, 3, 7, 3, 7)) * bits(t, 3, 8, 4, 7) * (180.0 / 256.0)
    return _Target(
        altitude_type=_where(there & (altitude > 0), bits(t, 1, 1, 1, 1)),
        altitude_ft=_known(there & (altitude > 0), (altitude - 1) * 32),
        pressure_hpa=_known(there & (pressure > 0), 800.0 + (pressure - 1) * 0.8),
        heading_deg=_known(there & (bits(t, 3, 6, 3, 6) == 1), heading % 360.0),
        modes=_where(there & (bits(t, 4, 8, 4, 8) == 1), bits(t, 5, 1, 5, 5)),
    )

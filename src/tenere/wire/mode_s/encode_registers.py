"""The 56 bits of Comm-B registers from values, for the simulator and for tests (ICAO Doc 9871, appendix A).

Every function takes numbers or arrays of n and returns int64; NaN is sent with its status bit 0. Bits are numbered from 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int64]


def at(value: ArrayLike, last: int) -> Ints:
    """Return a whole number put where its lowest bit is bit ``last`` of 56."""
    return np.asarray(value, np.int64) << (56 - last)


def measured(value: ArrayLike, status: int, last: int, step: float) -> Ints:
    """Return a status bit and, up to bit ``last``, a value in steps, two's complement; all 0 where it is NaN."""
    number = np.asarray(value, np.float64)
    known = ~np.isnan(number)
    steps = np.floor(np.where(known, number, 0.0) / step + 0.5).astype(np.int64) & ((1 << (last - status)) - 1)
    return at(known, status) | at(np.where(known, steps, 0), last)


def data_link(*, acas: bool = True, subnetwork: int = 3, dte: int = 0, other: int = 0) -> Ints:
    """Encode register 1,0; other: any more of its 56 bits."""
    return at(0x10, 8) | at(acas, 16) | at(subnetwork, 23) | at(1, 25) | at(1, 33) | at(1, 34) | at(dte, 56) | np.int64(other)


def common_usage(served: ArrayLike) -> Ints:
    """Encode register 1,7; served: its 24 bits, the highest for 0,5, the lowest for 6,0."""
    return at(served, 24)


def identification(message: ArrayLike) -> Ints:
    """Encode register 2,0 from the 56 bits of an identification squitter: the same eight characters."""
    return at(0x20, 8) | np.asarray(message, np.int64) & 0xFFFFFFFFFFFF


def advisory(
    ara: ArrayLike,
    complement: ArrayLike = 0,
    *,
    ended: bool = False,
    threats: bool = False,
    threat_address: int = -1,
    threat_seen: tuple[int, int, int] | None = None,
) -> Ints:
    """Encode register 3,0; ara: 14 bits, complement: RAC, threat_seen: codes of altitude (13 bits), range (7) and bearing (6)."""
    message = at(0x30, 8) | at(ara, 22) | at(complement, 26) | at(ended, 27) | at(threats, 28)
    if threat_address >= 0:
        return message | at(1, 30) | at(threat_address, 54)
    if threat_seen is not None:
        return message | at(2, 30) | at(threat_seen[0], 43) | at(threat_seen[1], 50) | at(threat_seen[2], 56)
    return message


def selected_intention(
    altitude_ft: ArrayLike, fms_altitude_ft: ArrayLike, pressure_hpa: ArrayLike, *, modes: int = -1, source: int = -1
) -> Ints:
    """Encode register 4,0; modes: VNAV, altitude hold, approach as three bits, source of the target altitude 0-3; -1: not known."""
    message = measured(altitude_ft, 1, 13, 16.0) | measured(fms_altitude_ft, 14, 26, 16.0)
    message |= measured(np.asarray(pressure_hpa) - 800.0, 27, 39, 0.1)
    if modes >= 0:
        message |= at(1, 48) | at(modes, 51)
    return message | (at(1, 54) | at(source, 56) if source >= 0 else np.int64(0))


def routine_air(
    source: int,
    wind_kt: ArrayLike,
    wind_deg: ArrayLike,
    temperature_c: ArrayLike,
    pressure_hpa: ArrayLike = np.nan,
    humidity_percent: ArrayLike = np.nan,
    turbulence: int = -1,
) -> Ints:
    """Encode register 4,4: the meteorological routine air report."""
    angle = np.floor(np.asarray(wind_deg, np.float64) / 0.703125 + 0.5).astype(np.int64) & 0x1FF
    cold = np.floor(np.asarray(temperature_c, np.float64) / 0.25 + 0.5).astype(np.int64) & 0x7FF
    message = at(source, 4) | measured(wind_kt, 5, 14, 1.0) | at(angle, 23) | at(cold, 34)
    message |= measured(pressure_hpa, 35, 46, 1.0) | measured(humidity_percent, 50, 56, 1.5625)
    return message | (at(1, 47) | at(turbulence, 49) if turbulence >= 0 else np.int64(0))


def hazard(
    temperature_c: ArrayLike, pressure_hpa: ArrayLike = np.nan, radio_height_ft: ArrayLike = np.nan, grades: tuple[int, ...] = (-1,) * 5
) -> Ints:
    """Encode register 4,5; grades: turbulence, wind shear, microburst, icing, wake vortex, 0-3, -1 not known."""
    message = measured(temperature_c, 16, 26, 0.25) | measured(pressure_hpa, 27, 38, 1.0) | measured(radio_height_ft, 39, 51, 16.0)
    for i, grade in enumerate(grades):
        if grade >= 0:
            message |= at(1, 1 + 3 * i) | at(grade, 3 + 3 * i)
    return message


def track_and_turn(
    roll_deg: ArrayLike, track_deg: ArrayLike, ground_kt: ArrayLike, turn_deg_s: ArrayLike, true_airspeed_kt: ArrayLike
) -> Ints:
    """Encode register 5,0."""
    message = measured(roll_deg, 1, 11, 45 / 256) | measured(track_deg, 12, 23, 90 / 512) | measured(ground_kt, 24, 34, 2.0)
    return message | measured(turn_deg_s, 35, 45, 8 / 256) | measured(true_airspeed_kt, 46, 56, 2.0)


def heading_and_speed(
    heading_deg: ArrayLike, indicated_kt: ArrayLike, mach: ArrayLike, barometric_fpm: ArrayLike, inertial_fpm: ArrayLike
) -> Ints:
    """Encode register 6,0."""
    message = measured(heading_deg, 1, 12, 90 / 512) | measured(indicated_kt, 13, 23, 1.0) | measured(mach, 24, 34, 0.004)
    return message | measured(barometric_fpm, 35, 45, 32.0) | measured(inertial_fpm, 46, 56, 32.0)

"""Ownship and traffic reports, in columns (560-1058-00, 3.4 and 3.5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import Emergency, PlotFlag, PlotKind, Plots
from tenere.units import FOOT_M, FPM_MS, KNOT_MS
from tenere.wire.gdl90.framing import OWNSHIP
from tenere.wire.mode_s.codes import CATEGORY_CLASS, NACP_STD_M
from tenere.wire.uat.plots import LETTERED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.errors import Rejects
    from tenere.wire.gdl90.framing import Message

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

KIND = np.array([PlotKind.ADSB, PlotKind.ADSB, PlotKind.TISB, PlotKind.TISB, PlotKind.ADSB, PlotKind.ADSB, *[PlotKind.UNKNOWN] * 10])
"""(16,) PlotKind of each address type (table 8)."""
ICAO = np.isin(np.arange(16), [0, 2])
VEHICLE = 4
MOST_TYPE = 5

BAD_TYPE = "GDL 90 address type not decoded"
BAD_LATITUDE = "GDL 90 report with a latitude out of range"


class Fields(NamedTuple):
    """Every field of n reports: (n,) each, NaN where a report says that it does not know."""

    number: I64
    alert: I64
    address_type: I64
    address: I64
    lat_deg: F64
    lon_deg: F64
    altitude_ft: F64
    airborne: I64
    extrapolated: I64
    angle_type: I64
    nic: I64
    nac_p: I64
    speed_kt: F64
    vertical_fpm: F64
    angle_deg: F64
    category: I64
    callsign: NDArray[np.bytes_]
    emergency: I64


def read(heard: Sequence[Message]) -> Fields:
    """Return every field of reports of 28 bytes (table 8)."""
    raw = np.frombuffer(b"".join(m.data for m in heard), np.uint8).reshape(-1, 28)
    p = raw.astype(np.int64)
    lat, lon = _semicircles(p, 5), _semicircles(p, 8)
    nic = p[:, 13] >> 4
    placed = (lat != 0.0) | (lon != 0.0) | (nic > 0)
    altitude, misc = p[:, 11] << 4 | p[:, 12] >> 4, p[:, 12] & 0xF
    speed, rate = p[:, 14] << 4 | p[:, 15] >> 4, (p[:, 15] & 0xF) << 8 | p[:, 16]
    letters = np.where((raw[:, 19:27] >= 0x20) & (raw[:, 19:27] < 0x7F), raw[:, 19:27], 0x20)
    return Fields(
        number=p[:, 0],
        alert=p[:, 1] >> 4,
        address_type=p[:, 1] & 0xF,
        address=p[:, 2] << 16 | p[:, 3] << 8 | p[:, 4],
        lat_deg=np.where(placed, lat, np.nan),
        lon_deg=np.where(placed, lon, np.nan),
        altitude_ft=np.where(altitude == 0xFFF, np.nan, altitude * 25.0 - 1000.0),
        airborne=misc >> 3,
        extrapolated=misc >> 2 & 1,
        angle_type=misc & 3,
        nic=nic,
        nac_p=p[:, 13] & 0xF,
        speed_kt=np.where(speed == 0xFFF, np.nan, speed),
        vertical_fpm=np.where(rate == 0x800, np.nan, ((rate ^ 0x800) - 0x800) * 64.0),
        angle_deg=np.where(misc & 3 == 0, np.nan, p[:, 17] * (360.0 / 256.0)),
        category=p[:, 18],
        callsign=np.strings.strip(np.ascontiguousarray(letters).view("S8")[:, 0], b" "),
        emergency=p[:, 27] >> 4,
    )


def _semicircles(p: I64, first: int) -> F64:
    """Return degrees of a signed field of three bytes that weighs 180 / 2^23."""
    value = p[:, first] << 16 | p[:, first + 1] << 8 | p[:, first + 2]
    return np.asarray(((value ^ 0x800000) - 0x800000) * (180.0 / (1 << 23)), np.float64)


def plots(heard: Sequence[Message], times_s: F64, heights_m: F64, rejects: Rejects) -> Plots:
    """Return a plot of each report that has a position; heights_m (n,) above the ellipsoid, NaN where none is known."""
    f = read(heard)
    bad_type = f.address_type > MOST_TYPE
    bad_latitude = (np.abs(f.lat_deg) > 90.0) & ~bad_type
    for bad, reason in ((bad_type, BAD_TYPE), (bad_latitude, BAD_LATITUDE)):
        if bad.any():
            rejects.add(reason, heard[int(np.argmax(bad))].offset, int(bad.sum()))
    emergency = np.where(f.emergency > max(Emergency), 0, f.emergency)
    vehicle = (f.address_type == VEHICLE) | (f.category == 17) | (f.category == 18)
    flags = np.where(f.airborne == 0, PlotFlag.ON_GROUND, 0) | np.where(f.extrapolated == 1, PlotFlag.COASTED, 0)
    flags |= np.where(vehicle, PlotFlag.VEHICLE, 0) | np.where(emergency > 0, PlotFlag.EMERGENCY, 0)
    track = np.where(f.angle_type == 1, np.radians(f.angle_deg), np.where(f.speed_kt == 0.0, 0.0, np.nan))
    icao = ICAO[f.address_type] & (f.address > 0)
    return Plots.blank(
        len(heard),
        time_s=times_s,
        receive_s=np.array([m.receive_s for m in heard], np.float64),
        kind=KIND[f.address_type],
        flags=flags,
        lat_rad=np.radians(f.lat_deg),
        lon_rad=np.radians(f.lon_deg),
        position_std_m=NACP_STD_M[f.nac_p],
        height_m=np.where(f.number == OWNSHIP, heights_m, np.nan),
        pressure_altitude_m=FOOT_M * f.altitude_ft,
        east_ms=KNOT_MS * f.speed_kt * np.sin(track),
        north_ms=KNOT_MS * f.speed_kt * np.cos(track),
        vertical_rate_ms=FPM_MS * f.vertical_fpm,
        nic=f.nic,
        nac_p=f.nac_p,
        address=np.where(icao, f.address, -1),
        callsign=f.callsign,
        source_track=np.where(icao, -1, f.address_type << 24 | f.address),
        aircraft_class=CATEGORY_CLASS[LETTERED[f.category]],
        emergency=emergency,
        reference=np.array([m.reference for m in heard], np.int64),
    ).take(~np.isnan(f.lat_deg) & ~bad_type & ~bad_latitude)

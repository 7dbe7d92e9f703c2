"""UAT ADS-B fields to plots, each with what its sender said of itself in the last minute.

Only some messages carry a mode status (callsign, category, accuracy), so each sender has a small memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import Emergency, PlotFlag, PlotKind, Plots
from tenere.units import FOOT_M, FPM_MS, KNOT_MS
from tenere.wire.mode_s.codes import CATEGORY_CLASS, NACP_STD_M, NACV_STD_MS

if TYPE_CHECKING:
    from tenere.errors import Rejects
    from tenere.wire.uat.downlink import F64, I64, Fields

MOST_SENDERS = 65_536
FRESH_S = 60.0

KIND = np.array([PlotKind.ADSB, PlotKind.ADSB, PlotKind.TISB, PlotKind.TISB, PlotKind.ADSB, PlotKind.ADSB, PlotKind.ADSR, PlotKind.UNKNOWN])
"""(8,) PlotKind of each address qualifier (DO-282B table 2-13). 2 is TIS-B or ADS-R of an ICAO address: nothing tells which."""
ICAO = np.isin(np.arange(8), [0, 2])
"""(8,) whether the address is an ICAO one; a vehicle's (4) may be or not, and is taken as none."""
VEHICLE = 4
RESERVED = 7

BAD_QUALIFIER = "UAT address qualifier not decoded"
BAD_TYPE = "UAT payload type not decoded"
NO_POSITION = "UAT message without a position"

LETTERED = np.array([0x00 if c % 8 == 0 or c > 23 else 0xA0 + (c // 8) * 0x10 + c % 8 for c in range(256)])
"""(256,) category in letters and digits (0xA1) of emitter categories 0-39: 1-7 are A1-A7, 9-15 B1-B7, 17-21 C1-C5 (table 2-46)."""


class Said(NamedTuple):
    """The last mode status of a sender."""

    time_s: float
    callsign: bytes
    mode_a: int
    category: int
    nac_p: int
    nac_v: int
    sil: int
    emergency: int


NOTHING = Said(-math.inf, b"", -1, 0, -1, -1, -1, 0)


@dataclass
class Senders:
    """What each sender said of itself, by qualifier << 24 | address, the one heard longest ago first. Bounded."""

    said: dict[int, Said] = field(default_factory=dict)

    def hear(self, f: Fields, times_s: F64) -> list[Said]:
        """Return what is known of the sender of each message, in order, and remember its mode status."""
        keys = (f.address_qualifier << 24 | f.address).tolist()
        told = (f.nac_p >= 0).tolist()
        rows = zip(
            f.callsign.tolist(), f.flight_plan_id.tolist(), f.category.tolist(), f.nac_p.tolist(), f.nac_v.tolist(), f.sil.tolist(),
            f.emergency.tolist(), strict=True,
        )  # fmt: skip
        out: list[Said] = []
        for key, tells, time_s, row in zip(keys, told, times_s.tolist(), rows, strict=True):
            before = self.said.pop(key, NOTHING)
            if not abs(time_s - before.time_s) <= FRESH_S:
                before = NOTHING
            if tells:
                name, plan_id, category, nac_p, nac_v, sil, emergency = row
                before = Said(time_s, name or before.callsign, _mode_a(plan_id, before.mode_a), category, nac_p, nac_v, sil, emergency)
            if before is not NOTHING:
                self.said[key] = before
            out.append(before)
        while len(self.said) > MOST_SENDERS:
            del self.said[next(iter(self.said))]
        return out


def _mode_a(plan_id: bytes, before: int) -> int:
    """Return a flight plan ID as a Mode A number where it is four octal digits, else what was known before."""
    return int(plan_id, 8) if len(plan_id) == 4 and all(c in b"01234567" for c in plan_id) else before


def of(f: Fields, times_s: F64, receive_s: F64, references: I64, offsets: I64, senders: Senders, rejects: Rejects) -> Plots:
    """Return a plot of each message that has a position; what is reserved in the standard is counted."""
    known = senders.hear(f, times_s)
    qualifier = f.address_qualifier
    bad_type, bad_qualifier = f.payload_type > 10, qualifier == RESERVED
    for bad, reason in ((bad_type, BAD_TYPE), (bad_qualifier & ~bad_type, BAD_QUALIFIER)):
        if bad.any():
            rejects.add(reason, int(offsets[bad][0]), int(bad.sum()))
    nac_p, nac_v = np.array([s.nac_p for s in known], np.int64), np.array([s.nac_v for s in known], np.int64)
    emergency = np.array([s.emergency for s in known], np.int64)
    emergency = np.where(emergency > max(Emergency), 0, emergency)
    category = np.array([s.category for s in known], np.int64)
    on_ground = f.air_ground == 2
    vehicle = (qualifier == VEHICLE) | (category == 17) | (category == 18)
    flags = np.where(on_ground, PlotFlag.ON_GROUND, 0) | np.where(f.ident == 1, PlotFlag.SPI, 0) | np.where(vehicle, PlotFlag.VEHICLE, 0)
    flags |= np.where(emergency > 0, PlotFlag.EMERGENCY, 0) | np.where(f.tcas_ra == 1, PlotFlag.RESOLUTION_ADVISORY, 0)
    true_track = f.angle_type == 1
    standing = f.speed_kt == 0.0
    track = np.radians(np.where(standing, 0.0, f.angle_deg))
    over_ground = true_track | standing
    pressure = f.altitude_type == 0
    icao = ICAO[qualifier] & (f.address > 0)
    return Plots.blank(
        len(known),
        time_s=times_s,
        receive_s=receive_s,
        kind=KIND[qualifier],
        flags=flags,
        lat_rad=np.radians(f.lat_deg),
        lon_rad=np.radians(f.lon_deg),
        position_std_m=np.where(nac_p < 0, np.nan, NACP_STD_M[nac_p]),
        height_m=FOOT_M * np.where(pressure, f.secondary_altitude_ft, f.altitude_ft),
        pressure_altitude_m=FOOT_M * np.where(pressure, f.altitude_ft, f.secondary_altitude_ft),
        east_ms=KNOT_MS * np.where(on_ground, np.where(over_ground, f.speed_kt * np.sin(track), np.nan), f.east_kt),
        north_ms=KNOT_MS * np.where(on_ground, np.where(over_ground, f.speed_kt * np.cos(track), np.nan), f.north_kt),
        velocity_std_ms=np.where(nac_v < 0, np.nan, NACV_STD_MS[nac_v]),
        vertical_rate_ms=FPM_MS * f.vertical_fpm,
        nic=f.nic,
        nac_p=nac_p,
        sil=np.array([s.sil for s in known], np.int64),
        address=np.where(icao, f.address, -1),
        mode_a=np.array([s.mode_a for s in known], np.int64),
        callsign=np.array([s.callsign for s in known], "S8"),
        source_track=np.where(icao, -1, qualifier << 24 | f.address),
        aircraft_class=CATEGORY_CLASS[LETTERED[np.maximum(category, 0)]],
        emergency=emergency,
        reference=references,
    ).take(~np.isnan(f.lat_deg) & ~bad_type & ~bad_qualifier)

"""ASTERIX CAT062 system tracks (EUROCONTROL-SPEC-0149 Part 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import AircraftClass, Emergency, PlotFlag, SystemTracks
from tenere.units import DEG_RAD, FOOT_M, FPM_MS
from tenere.wire.asterix.context import FRIENDLY_MODE_5, address, advisory, emitter_class, first_of, flags, mark, source

if TYPE_CHECKING:
    from tenere.wire.asterix.check import Checked
    from tenere.wire.asterix.context import Origin

METRES_PER_DEG = 111_195.0
"""Of latitude, on the sphere of 6,371 km: turns the accuracy of I062/500 APW into metres, nothing finer."""


def system_tracks(c: Checked, origin: Origin) -> SystemTracks:
    """Return CAT062 records as system tracks."""
    marks = flags(
        c,
        (PlotFlag.MONOSENSOR, "080/MON"),
        (PlotFlag.SPI, "080/SPI"),
        (PlotFlag.SIMULATED, "080/SIM"),
        (PlotFlag.ENDED, "080/TSE"),
        (PlotFlag.COASTED, "080/CST"),
        (PlotFlag.EMERGENCY, "080/ME"),
        (PlotFlag.ON_GROUND, "080/SFC"),
        (PlotFlag.ON_GROUND, "380/SAB/GBS"),
        (PlotFlag.GHOST, "080/PFT"),
        (PlotFlag.MODE_A_INVALID, "060/V"),
        (PlotFlag.MODE_A_GARBLED, "060/G"),
        (PlotFlag.TEST, "340/TYP/TST"),
        (PlotFlag.FIELD_MONITOR, "340/TYP/RAB"),
        (PlotFlag.FRIENDLY_ANSWER, "080/MD4"),  # 1 is "friendly"; what the other values say sets nothing
        (FRIENDLY_MODE_5, "080/MD5"),
        (FRIENDLY_MODE_5, "110/SUM/ID"),
        (FRIENDLY_MODE_5, "110/SUM/DA"),
    )
    mark(marks, PlotFlag.RESOLUTION_ADVISORY, advisory(c.integer("380/ACS")))
    emergency = np.maximum(c.integer("080/EMS", 0), 0)
    downlinked = c.integer("380/SAB/STAT", 0)
    emergency = np.where((emergency == 0) | (emergency > Emergency.DOWNED), downlinked, emergency)
    emergency = np.where(emergency > Emergency.DOWNED, Emergency.NONE, emergency)
    mark(marks, PlotFlag.EMERGENCY, emergency > 0)
    vehicle = c.integer("300") >= 0
    mark(marks, PlotFlag.VEHICLE, vehicle)
    lat_deg, lon_deg = c.pair("105/LAT", "105/LON")
    x_m, y_m = c.pair("100/X", "100/Y")
    east, north = c.pair("185/VX", "185/VY")
    std_m = np.fmax(c.column("500/APC/X"), c.column("500/APC/Y"))
    std_deg = np.fmax(c.column("500/APW/LAT"), c.column("500/APW/LON") * np.cos(lat_deg * DEG_RAD))
    callsign = c.text("380/ID")
    for other in ("245/CHR", "390/CS"):
        callsign = np.where(callsign == b"", c.text(other), callsign)
    return SystemTracks.blank(
        len(c),
        time_s=origin.resolve(c.column("070")),
        sac_sic=source(c),
        source_track=c.integer("040"),
        flags=marks,
        lat_rad=lat_deg * DEG_RAD,
        lon_rad=lon_deg * DEG_RAD,
        x_m=x_m,
        y_m=y_m,
        east_ms=east,
        north_ms=north,
        vertical_rate_ms=c.column("220") * FPM_MS,
        pressure_altitude_m=c.column("136") * 100 * FOOT_M,
        height_m=c.column("130") * FOOT_M,
        position_std_m=first_of(std_m, std_deg * METRES_PER_DEG),
        address=address(c, "380/ADR"),
        mode_a=c.integer("060/MODE3A"),
        callsign=callsign,
        aircraft_class=np.where(vehicle, AircraftClass.VEHICLE, emitter_class(c.integer("380/EMC", 0))),
        emergency=emergency,
        reference=c.records.offset,
    )

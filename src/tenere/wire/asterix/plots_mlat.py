"""Airport surface and multilateration target reports as Plots: CAT010, CAT020 (EUROCONTROL-SPEC-0149 Parts 7 and 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import AircraftClass, PlotFlag, PlotKind, Plots
from tenere.units import DEG_RAD, FLIGHT_LEVEL_M, FOOT_M, NM_M
from tenere.wire.asterix.context import address, advisory, along, first_of, flags, mark, not_icao, source

if TYPE_CHECKING:
    from tenere.wire.asterix.check import Checked
    from tenere.wire.asterix.context import Origin

_KIND_010 = np.array(
    [
        PlotKind.MLAT,
        PlotKind.MLAT,
        PlotKind.ADSB,
        PlotKind.SMR,
        PlotKind.UNKNOWN,
        PlotKind.MLAT,
        PlotKind.UNKNOWN,
        PlotKind.UNKNOWN,
        PlotKind.UNKNOWN,
    ],
    np.uint8,
)
"""I010/020 TYP as PlotKind; the last entry stands for "absent" (-1)."""


def surface_plots(c: Checked, origin: Origin) -> Plots:
    """Return CAT010 target reports (message type 1) as plots."""
    marks = flags(
        c,
        (PlotFlag.SIMULATED, "020/SIM"),
        (PlotFlag.TEST, "020/TST"),
        (PlotFlag.FIELD_MONITOR, "020/RAB"),
        (PlotFlag.SPI, "020/SPI"),
        (PlotFlag.ON_GROUND, "020/GBS"),
        (PlotFlag.MODE_A_INVALID, "060/V"),
        (PlotFlag.MODE_A_GARBLED, "060/G"),
        (PlotFlag.HEIGHT_INVALID, "090/V"),
        (PlotFlag.HEIGHT_GARBLED, "090/G"),
        (PlotFlag.GHOST, "170/GHO"),
        (PlotFlag.ENDED, "170/TRE"),
    )
    mark(marks, PlotFlag.COASTED, c.flag("170/CST", 1, 2, 3))
    vehicle = (c.integer("300") >= 0) | c.flag("020/TOT", 2)  # I010/300 is the fleet of a vehicle
    mark(marks, PlotFlag.VEHICLE, vehicle)
    what = np.where(c.flag("020/TOT", 3), AircraftClass.HELICOPTER, AircraftClass.UNKNOWN)
    range_m, azimuth_deg = c.pair("040/RHO", "040/TH")
    x_m, y_m = c.pair("042/X", "042/Y")
    lat_deg, lon_deg = c.pair("041/LAT", "041/LON")
    east, north = c.pair("202/VX", "202/VY")
    speed_nms, course_deg = c.pair("200/GSP", "200/TRA")
    polar_east, polar_north = along(speed_nms * NM_M, course_deg)
    return Plots.blank(
        len(c),
        time_s=origin.resolve(c.column("140")),
        receive_s=origin.receive_s,
        sac_sic=source(c),
        kind=_KIND_010[c.integer("020/TYP")],
        flags=marks,
        range_m=range_m,
        azimuth_rad=azimuth_deg * DEG_RAD,
        x_m=x_m,
        y_m=y_m,
        lat_rad=lat_deg * DEG_RAD,
        lon_rad=lon_deg * DEG_RAD,
        position_std_m=np.fmax(c.column("500/DEVX"), c.column("500/DEVY")),
        height_m=c.column("091") * FOOT_M,
        pressure_altitude_m=c.column("090/FL") * FLIGHT_LEVEL_M,
        east_ms=first_of(east, polar_east),
        north_ms=first_of(north, polar_north),
        address=address(c, "220"),
        mode_a=c.integer("060/MODE3A"),
        callsign=c.text("245/CHR"),
        source_track=c.integer("161/TRK"),
        aircraft_class=np.where(vehicle, AircraftClass.VEHICLE, what),
        reference=c.records.offset,
    )


def mlat_plots(c: Checked, origin: Origin) -> Plots:
    """Return CAT020 records as plots.

    Only the standard deviations of I020/500 are lengths (SDP); DOP has no unit. I020/110 is a height over the system's own plane,
    not over the ellipsoid: it stays in the details.
    """
    marks = flags(
        c,
        (PlotFlag.SIMULATED, "020/SIM"),
        (PlotFlag.TEST, "020/TST"),
        (PlotFlag.FIELD_MONITOR, "020/RAB"),
        (PlotFlag.SPI, "020/SPI"),
        (PlotFlag.ON_GROUND, "020/GBS"),
        (PlotFlag.MODE_A_INVALID, "070/V"),
        (PlotFlag.MODE_A_GARBLED, "070/G"),
        (PlotFlag.HEIGHT_INVALID, "090/V"),
        (PlotFlag.HEIGHT_GARBLED, "090/G"),
        (PlotFlag.COASTED, "170/CST"),
        (PlotFlag.GHOST, "170/GHO"),
        (PlotFlag.ENDED, "170/TRE"),
    )
    mark(marks, PlotFlag.ON_GROUND, c.flag("230/STAT", 1, 3))
    mark(marks, PlotFlag.SPI, c.flag("230/STAT", 4, 5))
    mark(marks, PlotFlag.RESOLUTION_ADVISORY, advisory(c.integer("260")))
    vehicle = c.integer("300") >= 0  # the fleet of a vehicle
    mark(marks, PlotFlag.VEHICLE, vehicle)
    x_m, y_m = c.pair("042/X", "042/Y")
    lat_deg, lon_deg = c.pair("041/LAT", "041/LON")
    east, north = c.pair("202/VX", "202/VY")
    known, track = not_icao(address(c, "220"), c.integer("161/TRN"), c.flag("020/CF"))
    return Plots.blank(
        len(c),
        time_s=origin.resolve(c.column("140")),
        receive_s=origin.receive_s,
        sac_sic=source(c),
        kind=PlotKind.MLAT,
        flags=marks,
        x_m=x_m,
        y_m=y_m,
        lat_rad=lat_deg * DEG_RAD,
        lon_rad=lon_deg * DEG_RAD,
        position_std_m=np.fmax(c.column("500/SDP/X"), c.column("500/SDP/Y")),
        height_m=c.column("105") * FOOT_M,
        pressure_altitude_m=c.column("090/FL") * FLIGHT_LEVEL_M,
        east_ms=east,
        north_ms=north,
        address=known,
        mode_a=c.integer("070/MODE3A"),
        callsign=c.text("245/CHR"),
        source_track=track,
        aircraft_class=np.where(vehicle, AircraftClass.VEHICLE, AircraftClass.UNKNOWN),
        reference=c.records.offset,
    )

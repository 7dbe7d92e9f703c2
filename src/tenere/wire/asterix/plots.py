"""ASTERIX target reports as Plots: CAT048 (radar), CAT010 (airport surface and multilateration), CAT021 (ADS-B).

EUROCONTROL-SPEC-0149 Parts 4, 7 and 12; item numbers are in the code where they are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind, Plots
from tenere.units import DEG_RAD, FOOT_M, FPM_MS, NM_M, R95_SIGMA
from tenere.wire.asterix.context import address, along, emitter_class, first_of, flags, mark, source

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tenere.wire.asterix.check import Checked
    from tenere.wire.asterix.context import Origin

FL_M = 100 * FOOT_M

_KIND_048 = np.array(
    [
        PlotKind.UNKNOWN,
        PlotKind.PSR,
        PlotKind.SSR,
        PlotKind.PSR_SSR,
        PlotKind.MODE_S,
        PlotKind.MODE_S,
        PlotKind.PSR_MODE_S,
        PlotKind.PSR_MODE_S,
        PlotKind.UNKNOWN,
    ],
    np.uint8,
)
"""I048/020 TYP as PlotKind; the last entry stands for "absent" (-1)."""

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


def radar_plots(c: Checked, origin: Origin) -> Plots:
    """Return CAT048 records as plots."""
    kind = c.integer("020/TYP")
    marks = flags(
        c,
        (PlotFlag.SIMULATED, "020/SIM"),
        (PlotFlag.TEST, "020/TST"),
        (PlotFlag.FIELD_MONITOR, "020/RAB"),
        (PlotFlag.SPI, "020/SPI"),
        (PlotFlag.EMERGENCY, "020/ME"),
        (PlotFlag.MODE_A_INVALID, "070/V"),
        (PlotFlag.MODE_A_GARBLED, "070/G"),
        (PlotFlag.HEIGHT_INVALID, "090/V"),
        (PlotFlag.HEIGHT_GARBLED, "090/G"),
        (PlotFlag.GHOST, "170/GHO"),
        (PlotFlag.ENDED, "170/TRE"),
    )
    mark(marks, PlotFlag.COASTED, kind == 0)  # "no detection": the position is the radar tracker's own guess
    mark(marks, PlotFlag.ON_GROUND, c.flag("230/STAT", 1, 3))
    mark(marks, PlotFlag.SPI, c.flag("230/STAT", 4, 5))
    range_nm, azimuth_deg = c.pair("040/RHO", "040/THETA")
    x_nm, y_nm = c.pair("042/X", "042/Y")
    speed_nms, course_deg = c.pair("200/GSP", "200/HDG")
    east, north = along(speed_nms * NM_M, course_deg)
    return Plots.blank(
        len(c),
        time_s=origin.resolve(c.column("140")),
        receive_s=origin.receive_s,
        sac_sic=source(c),
        kind=_KIND_048[kind],
        flags=marks,
        range_m=range_nm * NM_M,
        azimuth_rad=azimuth_deg * DEG_RAD,
        x_m=x_nm * NM_M,
        y_m=y_nm * NM_M,
        height_m=c.column("110/3DH") * FOOT_M,
        pressure_altitude_m=c.column("090/FL") * FL_M,
        east_ms=east,
        north_ms=north,
        address=address(c, "220"),
        mode_a=c.integer("070/MODE3A"),
        callsign=c.text("240"),
        source_track=c.integer("161/TRN"),
        reference=c.records.offset,
    )


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
        pressure_altitude_m=c.column("090/FL") * FL_M,
        east_ms=first_of(east, polar_east),
        north_ms=first_of(north, polar_north),
        address=address(c, "220"),
        mode_a=c.integer("060/MODE3A"),
        callsign=c.text("245/CHR"),
        source_track=c.integer("161/TRK"),
        aircraft_class=np.where(vehicle, AircraftClass.VEHICLE, what),
        reference=c.records.offset,
    )


_NACP_M = np.array([np.nan, 18520, 7408, 3704, 1852, 926, 555.6, 185.2, 92.6, 30, 10, 3, np.nan, np.nan, np.nan, np.nan, np.nan])
"""Estimated position uncertainty, a 95 % radius, by NACp (DO-260B table 2-71); 0 and 12.. unknown, last: absent."""

_NUCP_M = np.array([np.nan, 18520, 9260, 1852, 926, 463, 185.2, 92.6, 10, 3, *[np.nan] * 7])
"""Horizontal figure of merit, a 95 % radius, by NUCp (DO-260 table 2-11); last: absent."""

_NACV_MS = np.array([np.nan, 10, 3, 1, 0.3, np.nan, np.nan, np.nan, np.nan])
"""Horizontal velocity error, 95 %, by NACv (DO-260B 2.2.3.2.6.1.5); 0 and 5.. unknown, last: absent."""


def adsb_plots(c: Checked, origin: Origin) -> Plots:
    """Return CAT021 (edition 2) records as plots."""
    marks = flags(
        c,
        (PlotFlag.SIMULATED, "040/SIM"),
        (PlotFlag.TEST, "040/TST"),
        (PlotFlag.FIELD_MONITOR, "040/RAB"),
        (PlotFlag.ON_GROUND, "040/GBS"),
        (PlotFlag.EMERGENCY, "200/ME"),
    )
    mark(marks, PlotFlag.SPI, c.flag("200/SS", 3))
    emergency = c.integer("200/PS", Emergency.NONE)
    emergency[emergency > Emergency.DOWNED] = Emergency.NONE
    mark(marks, PlotFlag.EMERGENCY, emergency > 0)
    what = emitter_class(c.integer("020", 0))
    vehicle = c.flag("040/ATP", 2) | (what == AircraftClass.VEHICLE)
    mark(marks, PlotFlag.VEHICLE, vehicle)
    coarse_lat, coarse_lon = c.pair("130/LAT", "130/LON")
    fine_lat, fine_lon = c.pair("131/LAT", "131/LON")
    speed_nms, course_deg = c.pair("160/GS", "160/TA")
    east, north = along(speed_nms * NM_M, course_deg)
    first_version = c.integer("210/VN", 0) == 0  # MOPS version 0 has NUCp where later ones have NACp
    radius_m = np.where(first_version, _NUCP_M[c.integer("090/NUCPNIC")], np.nan)
    radius_m = first_of(_NACP_M[c.integer("090/NACP")], radius_m)
    times = (c.column(item) for item in ("071", "073", "077", "075", "072"))  # applicability, reception, transmission
    return Plots.blank(
        len(c),
        time_s=origin.resolve(first_of(*times)),
        receive_s=origin.receive_s,
        sac_sic=source(c),
        kind=PlotKind.ADSB,
        flags=marks,
        lat_rad=first_of(fine_lat, coarse_lat) * DEG_RAD,
        lon_rad=first_of(fine_lon, coarse_lon) * DEG_RAD,
        position_std_m=radius_m / R95_SIGMA,
        height_m=c.column("140") * FOOT_M,
        pressure_altitude_m=c.column("145") * FL_M,
        east_ms=east,
        north_ms=north,
        velocity_std_ms=_NACV_MS[c.integer("090/NUCRNACV")] / R95_SIGMA,
        vertical_rate_ms=first_of(c.column("155/BVR"), c.column("157/GVR")) * FPM_MS,
        address=address(c, "080"),
        mode_a=c.integer("070/MODE3A"),
        callsign=c.text("170"),
        source_track=c.integer("161/TRNUM"),
        aircraft_class=np.where(vehicle, AircraftClass.VEHICLE, what),
        emergency=emergency,
        reference=c.records.offset,
    )


PLOTS: dict[int, Callable[[Checked, Origin], Plots]] = {10: surface_plots, 21: adsb_plots, 48: radar_plots}
"""How each category of target reports becomes plots."""


def is_target(c: Checked) -> NDArray[np.bool_]:
    """Say which records are target reports: in CAT010 message type 1 (or none said), elsewhere all."""
    if c.records.table.category != 10:
        return np.ones(len(c), np.bool_)
    return ~c.flag("000", 2, 3, 4)

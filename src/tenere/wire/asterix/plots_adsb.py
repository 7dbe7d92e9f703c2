"""ADS-B target reports as Plots: CAT021, both its layouts (EUROCONTROL-SPEC-0149 Part 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import AircraftClass, Emergency, PlotFlag, PlotKind, Plots
from tenere.units import DEG_RAD, FLIGHT_LEVEL_M, FOOT_M, FPM_MS, NM_M, R95_SIGMA
from tenere.wire.asterix.context import (
    FRIENDLY_MODE_5,
    address,
    along,
    emitter_class,
    expanded,
    first_of,
    flags,
    mark,
    mark_field,
    not_icao,
    source,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.check import Checked
    from tenere.wire.asterix.context import Origin

_NACP_M = np.array([np.nan, 18520, 7408, 3704, 1852, 926, 555.6, 185.2, 92.6, 30, 10, 3, np.nan, np.nan, np.nan, np.nan, np.nan])
"""Estimated position uncertainty, a 95 % radius, by NACp (DO-260B table 2-71); 0 and 12.. unknown, last: absent."""

_NUCP_M = np.array([np.nan, 18520, 9260, 1852, 926, 463, 185.2, 92.6, 10, 3, *[np.nan] * 7])
"""Horizontal figure of merit, a 95 % radius, by NUCp (DO-260 table 2-11); last: absent."""

_NACV_MS = np.array([np.nan, 10, 3, 1, 0.3, np.nan, np.nan, np.nan, np.nan])
"""Horizontal velocity error, 95 %, by NACv (DO-260B 2.2.3.2.6.1.5); 0 and 5.. unknown, last: absent."""


_WHOLE_SECOND = np.array([0.0, 1.0, -1.0, np.nan, np.nan])
"""What I021/074 and 076 FSI add to the whole seconds of the coarse time; 3 is reserved, the last entry stands for "absent"."""


def adsb_plots(c: Checked, origin: Origin) -> Plots:
    """Return CAT021 records of any edition as plots.

    No item says that a report is of TIS-B or ADS-R, so that all are ADS-B here; which service a station offers is in CAT023.
    """
    if "030" in c.records.table.slot:
        return _first_edition(c, origin)
    marks = flags(
        c,
        (PlotFlag.SIMULATED, "040/SIM"),
        (PlotFlag.TEST, "040/TST"),
        (PlotFlag.FIELD_MONITOR, "040/RAB"),
        (PlotFlag.ON_GROUND, "040/GBS"),
        (PlotFlag.EMERGENCY, "200/ME"),
        (PlotFlag.SPI, "271/IDENT"),
        (PlotFlag.RESOLUTION_ADVISORY, "008/RA"),
    )
    mark(marks, PlotFlag.SPI, c.flag("200/SS", 3))
    # the report of I021/260 is that of register 3,0 (Annex 10 IV 4.3.8.4.2.2.1) after its own type code
    mark(marks, PlotFlag.RESOLUTION_ADVISORY, ((c.integer("260/ARA", 0) >> 13 == 1) | c.flag("260/MTE")) & ~c.flag("260/RAT"))
    fields = expanded(c)
    for path in ("MES/SUM/ID", "MES/SUM/DA"):
        mark_field(marks, FRIENDLY_MODE_5, fields, path)
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
    quality, nac_p, sil = c.integer("090/NUCPNIC"), c.integer("090/NACP"), c.integer("090/SIL")
    version = c.integer("210/VN")
    later = (version > 0) | ((version < 0) & (nac_p >= 0))  # MOPS version 0 has NUCp where later ones have NIC, and no NACp
    radius_m = first_of(_NACP_M[nac_p], np.where(later, np.nan, _NUCP_M[quality]))
    known, track = not_icao(address(c, "080"), c.integer("161/TRNUM"), c.flag("040/ATP", 3))
    return Plots.blank(
        len(c),
        time_s=origin.resolve(_time(c)),
        receive_s=origin.receive_s,
        sac_sic=source(c),
        kind=PlotKind.ADSB,
        flags=marks,
        lat_rad=first_of(fine_lat, coarse_lat) * DEG_RAD,
        lon_rad=first_of(fine_lon, coarse_lon) * DEG_RAD,
        position_std_m=radius_m / R95_SIGMA,
        height_m=c.column("140") * FOOT_M,
        pressure_altitude_m=c.column("145") * FLIGHT_LEVEL_M,
        east_ms=east,
        north_ms=north,
        velocity_std_ms=_NACV_MS[c.integer("090/NUCRNACV")] / R95_SIGMA,
        vertical_rate_ms=first_of(c.column("155/BVR"), c.column("157/GVR")) * FPM_MS,
        nic=np.where(later, quality, -1),
        nac_p=np.where(later, nac_p, -1),
        sil=np.where(later, sil, -1),
        address=known,
        mode_a=c.integer("070/MODE3A"),
        callsign=c.text("170"),
        source_track=track,
        aircraft_class=np.where(vehicle, AircraftClass.VEHICLE, what),
        emergency=emergency,
        reference=c.records.offset,
    )


def _time(c: Checked) -> NDArray[np.float64]:
    """Return the time of day of a report: of applicability, else of reception (to the fraction, where given), else of transmission."""
    return first_of(c.column("071"), _precise(c, "073", "074"), c.column("077"), _precise(c, "075", "076"), c.column("072"))


def _precise(c: Checked, whole: str, fraction: str) -> NDArray[np.float64]:
    """Return a time of reception, its fraction of a second from the item of high precision where there is one (I021/074, 076)."""
    coarse = c.column(whole)
    if not c.knows(f"{fraction}/TOMRP"):
        return coarse
    step = _WHOLE_SECOND[c.integer(f"{fraction}/FSI")]
    return first_of(np.floor(coarse) + step + c.column(f"{fraction}/TOMRP"), coarse)


def _first_edition(c: Checked, origin: Origin) -> Plots:
    """Return CAT021 records of editions 0.23 to 0.26, whose items are others, as plots.

    I021/090 PA has no scale that is written down, and stays in the details.
    """
    marks = flags(
        c,
        (PlotFlag.SIMULATED, "040/SIM"),
        (PlotFlag.TEST, "040/TST"),
        (PlotFlag.FIELD_MONITOR, "040/RAB"),
        (PlotFlag.ON_GROUND, "040/GBS"),
        (PlotFlag.SPI, "040/SPI"),
        (PlotFlag.MODE_A_INVALID, "070/V"),
        (PlotFlag.MODE_A_GARBLED, "070/G"),
    )
    emergency = c.integer("200", Emergency.NONE)
    emergency[emergency > Emergency.UNLAWFUL] = Emergency.NONE
    mark(marks, PlotFlag.EMERGENCY, emergency > 0)
    what = emitter_class(c.integer("020", 0))
    vehicle = c.flag("040/ATP", 2) | (what == AircraftClass.VEHICLE)
    mark(marks, PlotFlag.VEHICLE, vehicle)
    lat_deg, lon_deg = c.pair("130/LAT", "130/LON")
    speed_nms, course_deg = c.pair("160/GS", "160/TA")
    east, north = along(speed_nms * NM_M, course_deg)
    accuracy = c.integer("095")
    known, track = not_icao(address(c, "080"), np.full(len(c), -1, np.int64), c.flag("040/ATP", 3))
    return Plots.blank(
        len(c),
        time_s=origin.resolve(c.column("030")),
        receive_s=origin.receive_s,
        sac_sic=source(c),
        kind=PlotKind.ADSB,
        flags=marks,
        lat_rad=lat_deg * DEG_RAD,
        lon_rad=lon_deg * DEG_RAD,
        height_m=c.column("140") * FOOT_M,
        pressure_altitude_m=c.column("145") * FLIGHT_LEVEL_M,
        east_ms=east,
        north_ms=north,
        velocity_std_ms=_NACV_MS[np.clip(accuracy, -1, len(_NACV_MS) - 1)] / R95_SIGMA,
        vertical_rate_ms=first_of(c.column("155"), c.column("157")) * FPM_MS,
        address=known,
        mode_a=c.integer("070/MODE3A"),
        callsign=c.text("170"),
        source_track=track,
        aircraft_class=np.where(vehicle, AircraftClass.VEHICLE, what),
        emergency=emergency,
        reference=c.records.offset,
    )

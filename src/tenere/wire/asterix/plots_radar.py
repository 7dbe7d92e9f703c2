"""Radar target reports as Plots: CAT048, and CAT001 before it (EUROCONTROL-SPEC-0149 Parts 4 and 2a)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Emergency, PlotFlag, PlotKind, Plots
from tenere.units import DEG_RAD, FLIGHT_LEVEL_M, FOOT_M, NM_M
from tenere.wire.asterix.context import FRIENDLY_MODE_5, address, advisory, along, expanded, flags, mark, mark_field, source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.wire.asterix.check import Checked
    from tenere.wire.asterix.context import Origin
    from tenere.wire.asterix.records import Records

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
"""I048/020 TYP, and I001/020 SSRPSR (its first four), as PlotKind; the last entry stands for "absent" (-1)."""

_EMERGENCY_001 = np.array([Emergency.NONE, Emergency.UNLAWFUL, Emergency.NO_RADIO, Emergency.GENERAL, Emergency.NONE], np.uint8)
"""I001/020 DS1/DS2 (codes 7500, 7600, 7700) as Emergency; the last entry stands for "absent" (-1)."""


def radar_plots(c: Checked, origin: Origin) -> Plots:
    """Return CAT048 records as plots.

    I048/110 is a height over mean sea level, taken as one over the ellipsoid. An elevation would need the radar's own height.
    I048/120: the calculated speed, unless doubtful; the raw ones are ambiguous and have no sign.
    """
    kind = c.integer("020/TYP")
    marks = flags(
        c,
        (PlotFlag.SIMULATED, "020/SIM"),
        (PlotFlag.TEST, "020/TST"),
        (PlotFlag.FIELD_MONITOR, "020/RAB"),
        (PlotFlag.SPI, "020/SPI"),
        (PlotFlag.EMERGENCY, "020/ME"),
        (PlotFlag.FRIENDLY_ANSWER, "020/FOEFRI"),  # 1 is "friendly"; what the other values say sets nothing
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
    mark(marks, PlotFlag.RESOLUTION_ADVISORY, advisory(c.integer("260")))
    range_nm, azimuth_deg = c.pair("040/RHO", "040/THETA")
    fields = expanded(c)
    if fields is not None:
        range_nm = _expansion(c, fields, marks, range_nm)
    radial = c.column("120/CAL/CAL")
    radial[c.flag("120/CAL/D")] = np.nan
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
        pressure_altitude_m=c.column("090/FL") * FLIGHT_LEVEL_M,
        east_ms=east,
        north_ms=north,
        radial_ms=radial,  # away from the radar positive, as I048/120 recommends
        address=address(c, "220"),
        mode_a=c.integer("070/MODE3A"),
        callsign=c.text("240"),
        source_track=c.integer("161/TRN"),
        reference=c.records.offset,
    )


def _expansion(c: Checked, fields: Records, marks: NDArray[np.uint32], range_nm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mark Mode 4 and Mode 5 answers; return the ranges, with those beyond I048/040 from the expansion field (Part 4, Appendix A)."""
    for path in ("MD5/SUM/ID", "MD5/SUM/DA", "M5N/SUM/ID", "M5N/SUM/DA"):
        mark_field(marks, FRIENDLY_MODE_5, fields, path)
    mark_field(marks, PlotFlag.FRIENDLY_ANSWER, fields, "M4E/FOEFRI", 3)  # 1 and 2 are "possibly" and "probably"
    if not fields.holds("ERR"):
        return range_nm
    beyond = fields.column("ERR")
    far = c.flag("020/ERR") & np.isfinite(range_nm) & np.isfinite(beyond)
    return np.where(far, beyond, range_nm)


def old_radar_plots(c: Checked, origin: Origin) -> Plots:
    """Return CAT001 records, plots and tracks, as plots."""
    detection = c.integer("020/SSRPSR")
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
    mark(marks, PlotFlag.COASTED, detection == 0)
    emergency = _EMERGENCY_001[c.integer("020/DS1DS2")]
    mark(marks, PlotFlag.EMERGENCY, emergency > 0)
    range_nm, azimuth_deg = c.pair("040/RHO", "040/THETA")
    x_nm, y_nm = c.pair("042/X", "042/Y")
    speed_nms, course_deg = c.pair("200/GSP", "200/HDG")
    east, north = along(speed_nms * NM_M, course_deg)
    return Plots.blank(
        len(c),
        time_s=origin.resolve_truncated(c.column("141")),
        receive_s=origin.receive_s,
        sac_sic=source(c),
        kind=_KIND_048[detection],
        flags=marks,
        range_m=range_nm * NM_M,
        azimuth_rad=azimuth_deg * DEG_RAD,
        x_m=x_nm * NM_M,
        y_m=y_nm * NM_M,
        pressure_altitude_m=c.column("090/HGT") * FLIGHT_LEVEL_M,
        east_ms=east,
        north_ms=north,
        radial_ms=c.column("120") * NM_M,  # I001/120 does not say which way is positive: as I048/120 recommends
        mode_a=c.integer("070/MODE3A"),
        source_track=c.integer("161"),
        emergency=emergency,
        reference=c.records.offset,
    )

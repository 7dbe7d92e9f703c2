"""Plots to SBS-1 lines, for other programs to read, and for tests."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import PlotFlag, PlotKind
from tenere.units import FOOT_M, FPM_MS, KNOT_MS

if TYPE_CHECKING:
    from tenere.batch import Plots


def encode(plots: Plots) -> bytes:
    """Return the lines of plots with a position and an address (or a track number, written after a tilde), in order.

    Each gives a MSG,3 (MSG,2 on the ground), before it a MSG,1, MSG,4 and MSG,6 where callsign, velocity and Mode A are known.
    Times are UTC, positions have five decimals (about a metre), speeds and tracks one. Plots without a finite time from
    1970 to 2200 give none.
    """
    wanted = np.isfinite(plots.lat_rad) & np.isfinite(plots.lon_rad) & ((plots.address > 0) | (plots.source_track >= 0))
    wanted &= (plots.time_s >= 0.0) & (plots.time_s < 7.2e9)
    return b"".join(_lines(plots, i) for i in np.flatnonzero(wanted).tolist())


def _lines(plots: Plots, i: int) -> bytes:
    """Return the lines of one plot."""
    address = int(plots.address[i])
    ident = f"{address:06X}" if address > 0 else f"~{int(plots.source_track[i]) & 0xFFFFFF:06X}"
    when = datetime.fromtimestamp(round(float(plots.time_s[i]), 3), UTC)
    stamp = f"{when:%Y/%m/%d,%H:%M:%S}.{when.microsecond // 1000:03d}"
    head = f",1,1,{ident},1,{stamp},{stamp},"
    flags = int(plots.flags[i])
    word = "MLAT" if plots.kind[i] == PlotKind.MLAT else "MSG"
    east, north, climb = float(plots.east_ms[i]), float(plots.north_ms[i]), float(plots.vertical_rate_ms[i])
    alarm, ground = int(flags & PlotFlag.EMERGENCY > 0), int(flags & PlotFlag.ON_GROUND > 0)
    ident_pressed = int(flags & PlotFlag.SPI > 0)
    altitude = _number(float(plots.pressure_altitude_m[i]) / FOOT_M, 0)
    rate = _number(climb / FPM_MS, 0)
    speed = track = ""
    rows: list[str] = []
    if plots.callsign[i]:
        rows.append(f"{word},1{head}{plots.callsign[i].decode('ascii', 'replace')},,,,,,,,,,,")
    if math.isfinite(east) and math.isfinite(north):
        speed, track = _number(math.hypot(east, north) / KNOT_MS, 1), _number(math.degrees(math.atan2(east, north)) % 360.0, 1)
        rows.append(f"{word},4{head},,{speed},{track},,,{rate},,,,,")
    if plots.mode_a[i] >= 0:
        rows.append(f"{word},6{head},,,,,,,{int(plots.mode_a[i]):04o},,{alarm},{ident_pressed},{ground}")
    lat, lon = (_number(math.degrees(float(v[i])), 5) for v in (plots.lat_rad, plots.lon_rad))
    motion = f"{speed},{track}" if ground else ","
    rows.append(f"{word},{2 if ground else 3}{head},{altitude},{motion},{lat},{lon},,,,{alarm},{ident_pressed},{ground}")
    return "".join(row + "\r\n" for row in rows).encode()


def _number(value: float, decimals: int) -> str:
    """Return a number as text, nothing for NaN."""
    return f"{value:.{decimals}f}" if math.isfinite(value) else ""

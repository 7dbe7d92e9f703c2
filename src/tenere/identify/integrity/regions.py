"""Where the accuracy that aircraft broadcast collapses together: a region of interference.

An aircraft's accuracy has collapsed at NACp 2 or less, and has recovered at 4 or more, as GPSJam counts it. A cell is a region
of interference when enough of its aircraft have collapsed for long enough, and no longer when few have for as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from tenere.batch import I8, U8
    from tenere.identify.config import IntegrityConfig
    from tenere.identify.integrity.spoken import Spoken

COLLAPSED, RECOVERED = 2, 4
FRESH_S = 60.0
COLUMNS = 100_000


class Region(NamedTuple):
    """A cell where satellite navigation is disturbed: its south-western corner and side, how many of how many aircraft, since when."""

    lat_deg: float
    lon_deg: float
    side_deg: float
    share: float
    aircraft: int
    since_s: float


class Cell(NamedTuple):
    """A cell that is a region, or is about to become or to cease to be one. turning_s: since when; NaN not at all."""

    active: bool
    since_s: float
    turning_s: float


def collapsed(before: U8, nac_p: I8) -> U8:
    """Return whether accuracy has collapsed, given what it was: between the two limits it stays as it was."""
    return np.where((nac_p >= 0) & (nac_p <= COLLAPSED), 1, np.where((nac_p >= RECOVERED) | (nac_p < 0), 0, before)).astype(np.uint8)


def regions(cells: dict[int, Cell], spoken: Spoken, c: IntegrityConfig, time_s: float) -> tuple[Region, ...]:
    """Advance the cells (in place) and return those that are regions of interference, from south to north and west to east."""
    live = (time_s - spoken.heard_s <= FRESH_S) & (spoken.nac_p >= 0) & np.isfinite(spoken.lat_rad)
    south = np.floor(np.degrees(spoken.lat_rad[live]) / c.cell_deg).astype(np.int64)
    west = np.floor(np.degrees(spoken.lon_rad[live]) / c.cell_deg).astype(np.int64)
    keys, at = np.unique(south * COLUMNS + west, return_inverse=True)
    many = np.bincount(at, minlength=keys.size)
    low = np.bincount(at, spoken.low[live], minlength=keys.size)
    count = {int(k): (int(m), float(n) / int(m)) for k, m, n in zip(keys, many, low, strict=True) if n or int(k) in cells}
    out = []
    for key in sorted({*cells, *count}):
        aircraft, share = count.get(key, (0, 0.0))
        cell = cells.get(key, Cell(active=False, since_s=np.nan, turning_s=np.nan))
        wants = (
            share >= c.region_share and share * aircraft > c.region_aircraft - 0.5
            if not cell.active
            else share >= c.region_clear and aircraft > 0
        )
        if wants == cell.active:
            cell = cell._replace(turning_s=np.nan)
        elif np.isnan(cell.turning_s):
            cell = cell._replace(turning_s=time_s)
        elif time_s - cell.turning_s >= c.region_hold_s:
            cell = Cell(active=wants, since_s=time_s if wants else np.nan, turning_s=np.nan)
        if cell.active or not np.isnan(cell.turning_s):
            cells[key] = cell
        else:
            cells.pop(key, None)
        if cell.active:
            row = (key + COLUMNS // 2) // COLUMNS
            out.append(Region(row * c.cell_deg, (key - row * COLUMNS) * c.cell_deg, c.cell_deg, round(share, 3), aircraft, cell.since_s))
    return tuple(out)

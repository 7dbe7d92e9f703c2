"""Each track's height beside its pressure altitude: their difference, and a filter of its own where there is no pressure. Numba kernel.

The store's record of a track holds the height filter (geo_m ..., above the ellipsoid) and what the placing adds to its pressure altitude
(lift_m); MEMORY is ours alone. A row of the store that was given to another track is known by its first time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.batch import TOLD_BY_ITSELF, PlotFlag, PlotKind
from tenere.track.heights.region import Air, above, cell_at, tell
from tenere.track.heights.upright import RATE_VAR, ahead, blend, height_of, height_std
from tenere.track.survey import ELEVATION_STD, GAUSSIAN_M, HEIGHT_M, RANGE_STD_M, REFRACTION

if TYPE_CHECKING:
    from tenere.track.store import Store

MEMORY = np.dtype(
    [
        ("born_s", "f8"),  # of the track that the rest is about
        ("diff_s", "f8"),  # time of the difference; NaN none
        ("told_s", "f8"),  # when the region was last told
        ("jump_s", "f8"),  # when the difference last jumped
        ("diff_m", "f4"),  # height less pressure altitude
        ("diff_var", "f4"),
        ("level_m", "f4"),  # pressure altitude it was of
        ("odd_m", "f4"),  # what the last differences were off by, if by too much
        ("jump_m", "f4"),
        ("odd", "u1"),
        ("reports", "u1"),  # told to the region so far
        ("pair_s", "f8"),  # the last plot that told no height: slant.py
        ("pair_x", "f8"),
        ("pair_y", "f8"),
        ("pair_ux", "f4"),
        ("pair_uy", "f4"),
        ("pair_slant_m", "f4"),
        ("pair_base_m", "f4"),
        ("pair_guess_m", "f4"),
        ("pair_along", "f4"),
        ("pair_across", "f4"),
        ("pair_sensor", "i4"),
    ],
    align=True,
)
GARBLED = int(PlotFlag.HEIGHT_GARBLED | PlotFlag.HEIGHT_INVALID)
MEASURED, RADAR, ESTIMATED, APART, LIFTED = 1, 2, 4, 8, 16
"""Bits of height_marks in the store's record. Of the height filter: the aircraft or multilateration says its height, a 3-D radar
measured it, several ranges told it. APART: height and pressure altitude differ. LIFTED: lift_m says how far height and pressure
altitude usually are apart."""
SAYS, RADARS, LOCATED, OTHER = 0, 1, 2, 3
ROLE = np.full(256, OTHER, np.int64)
for _kind in TOLD_BY_ITSELF:
    ROLE[_kind] = SAYS
for _kind in (PlotKind.PSR, PlotKind.SSR, PlotKind.PSR_SSR, PlotKind.MODE_S, PlotKind.PSR_MODE_S):
    ROLE[_kind] = RADARS
ROLE[PlotKind.MLAT] = LOCATED
SAID_STD_M, LOCATED_STD_M, OTHER_STD_M = 20.0, 100.0, 150.0
"""One-sigma: of a GNSS height (ICAO Annex 10: 95 % within some tens of metres), of multilateration's, of anybody else's."""
LEVEL_VAR = 10.0**2
"""Of a pressure altitude: 25 or 100 feet from one to the next."""
FRESH_S = 10.0
DRIFT, SLOPE = 0.2, 0.02**2 * 1000.0
"""Of the difference: m2/s, and m2 a metre of level, for the air's slope may be wrong by 2 % over a kilometre."""
SIGMAS, JUMP_M, JUMP_HITS = 5.0, 120.0, 3
TELL_S, TELLS = 60.0, 4.0
"""An aircraft tells the region once in so long; after so many reports it counts for half."""
FARTHEST_M = 1.0e7
"""Beyond, a track is in the plane of an unplaced sensor."""
ALIVE_S = 30.0
JUMPED_S, STALE_S = 60.0, 300.0
"""So long after its difference has jumped a track is marked; a difference that was not told for longer is none."""


class Seen(NamedTuple):
    """What is read of the plots, n rows, and of their sensors, S rows."""

    time_s: np.ndarray
    sensor: np.ndarray
    kind: np.ndarray
    flags: np.ndarray
    range_m: np.ndarray
    elevation_rad: np.ndarray
    height_m: np.ndarray
    pressure_altitude_m: np.ndarray
    figures: np.ndarray  # (S, NFIGURES) of tenere.track.survey


@njit(cache=True, inline="always", error_model="numpy")
def forget(m: np.record, born_s: float) -> None:
    """Begin the memory of another track."""
    m.born_s = born_s
    m.diff_s = m.told_s = m.jump_s = m.pair_s = math.nan
    m.odd = m.reports = 0


@njit(cache=True, inline="always", error_model="numpy")
def measured(z: float, slant: float, elevation: float, figures: np.ndarray, k: int, role: int, geoid: float) -> tuple[float, float]:
    """Return the height above the ellipsoid that a plot of sensor k tells and its variance; NaN where it tells none."""
    if role != RADARS:
        std = SAID_STD_M if role == SAYS else (LOCATED_STD_M if role == LOCATED else OTHER_STD_M)
        return z, std * std
    base, radius, range_std = figures[k, HEIGHT_M], figures[k, GAUSSIAN_M], figures[k, RANGE_STD_M]
    elevation_std, factor = figures[k, ELEVATION_STD], figures[k, REFRACTION]
    if z != z:
        z = height_of(slant, elevation, radius, base, factor)
    else:
        z += geoid
        if elevation != elevation:
            elevation = math.asin(max(-1.0, min(1.0, (z - base) / max(slant, 1.0) - slant / (2.0 * radius))))
    std = height_std(slant, elevation, range_std, elevation_std)
    return z, max(std * std, SAID_STD_M * SAID_STD_M)


@njit(cache=True, error_model="numpy")
def differ(m: np.record, t: float, height: float, level: float, var: float, a: Air, cell: int) -> bool:
    """Update a track's difference by a height and a pressure altitude of one time; return whether it jumped.

    The difference moves with the level as the region's does. One that is off by more than five sigma is left out, until
    three in a row are off by as much: then it has jumped.
    """
    d = height - level
    believed, wide = above(a.fits, a.errors, cell, level)
    if m.diff_s != m.diff_s:
        g = wide / (wide + var)
        m.diff_m, m.diff_var = believed + g * (d - believed), wide * (1.0 - g)
        m.diff_s, m.level_m, m.odd = t, level, 0
        return False
    before, _ = above(a.fits, a.errors, cell, m.level_m)
    was = m.diff_m + believed - before
    v = m.diff_var + DRIFT * abs(t - m.diff_s) + SLOPE * abs(level - m.level_m)
    s, u = v + var, d - was
    if abs(u) > max(SIGMAS * math.sqrt(s), JUMP_M):
        alike = m.odd > 0 and abs(u - m.odd_m) < 0.5 * abs(u) + JUMP_M / 4.0
        m.odd = m.odd + 1 if alike else 1
        m.odd_m = u
        if m.odd < JUMP_HITS:
            return False
        m.jump_s, m.jump_m, m.odd = t, u, 0
        m.diff_m, m.diff_var, m.diff_s, m.level_m = d, var, t, level
        return True
    m.odd = 0
    g = v / s
    m.diff_m, m.diff_var, m.diff_s, m.level_m = was + g * u, v * (1.0 - g), t, level
    return False


@njit(cache=True, error_model="numpy")
def raise_to(c: np.record, t: float, z: float, var: float, source: int) -> None:
    """Update a track's height filter (c: of Store.together) by a height: one far off is left out, and the filter believes itself less."""
    if c.geo_s != c.geo_s or t - c.geo_s > ALIVE_S:
        c.geo_m, c.geo_rate, c.geo_v0, c.geo_v1, c.geo_v2, c.geo_s = z, 0.0, var, 0.0, RATE_VAR, t
        if c.height_m == c.height_m:
            c.geo_rate = c.climb_ms
        c.height_marks = source
        return
    h, v0, v1, v2 = ahead(c.geo_m, c.geo_rate, c.geo_v0, c.geo_v1, c.geo_v2, t - c.geo_s)
    u = z - h
    if u * u > SIGMAS * SIGMAS * (v0 + var) and u * u > 600.0 * 600.0:
        c.geo_v0 += 1e4
        return
    c.geo_m, c.geo_rate, c.geo_v0, c.geo_v1, c.geo_v2 = blend(h, c.geo_rate, v0, v1, v2, z, var)
    c.geo_s = t
    c.height_marks = c.height_marks & (APART | LIFTED | MEASURED | RADAR) | source


@njit(cache=True, error_model="numpy")
def follow(
    s: Store, memory: np.ndarray, a: Air, p: Seen, rows: np.ndarray, tracks: np.ndarray, geoid: float, learn: bool, jumped: np.ndarray
) -> int:
    """Take the heights of a tick's plots; return how many tracks' differences jumped, their rows in jumped.

    rows (n,): plots in the order of processing; tracks (n,): their tracks' rows, -1 none.
    """
    heights, elevations, levels, times, kinds, flags = p.height_m, p.elevation_rad, p.pressure_altitude_m, p.time_s, p.kind, p.flags
    ranges, sensors, figures = p.range_m, p.sensor, p.figures
    together, hot, first_s = s.together, s.hot, s.first_s
    jumps = 0
    for n in range(len(rows)):
        i = tracks[n]
        q = rows[n]
        if i < 0 or (heights[q] != heights[q] and elevations[q] != elevations[q]):
            continue
        role = ROLE[kinds[q]]
        z, var = measured(heights[q], ranges[q], elevations[q], figures, sensors[q], role, geoid)
        if not (var < 4.0e6 and math.isfinite(z)):  # false of NaN
            continue
        m, c, t = memory[i], together[i], times[q]
        if m.born_s != first_s[i]:
            forget(m, first_s[i])
        level, noise = levels[q], LEVEL_VAR
        if level != level or flags[q] & GARBLED != 0:
            since = t - c.height_s
            level = math.nan
            if abs(since) < FRESH_S and c.height_m == c.height_m:
                level, v0, _, _ = ahead(c.height_m, c.climb_ms, c.height_v0, c.height_v1, c.height_v2, since)
                noise += v0
        if level != level:
            raise_to(c, t, z, var, RADAR if role == RADARS else MEASURED)
            continue
        aside = abs(hot[i, 0]) > FARTHEST_M
        cell = cell_at(hot[i, 0], hot[i, 1])
        if differ(m, t, z, level, var + noise, a, cell):
            c.height_marks |= APART
            if jumps < len(jumped):
                jumped[jumps] = i
            jumps += 1
        elif learn and role == SAYS and m.odd == 0 and not (aside or abs(t - m.told_s) < TELL_S):
            tell(a, cell, level, z - level, TELLS / (TELLS + m.reports))
            m.told_s = t
            m.reports = min(m.reports + 1, 200)
    return jumps


@njit(cache=True, error_model="numpy")
def lift(s: Store, high: int, memory: np.ndarray, a: Air, t: float, differ_m: float, learn: bool) -> None:
    """Write to each track how far its height lies above its pressure altitude with the one-sigma error of that, and whether they differ.

    It is the track's own difference, or what applies there where that is surer. They differ where the two are more than differ_m and
    three sigma apart (then nobody knows which height is wrong: the error is as large as that), or where its own has jumped in the last
    minute. learn: else the first two are left alone.
    """
    together, hot, first_s, alive = s.together, s.hot, s.first_s, s.alive
    for i in range(high):
        c = together[i]
        if alive[i] == 0 or c.height_m != c.height_m:
            continue
        m, cell = memory[i], cell_at(hot[i, 0], hot[i, 1])
        marks = c.height_marks & (MEASURED | RADAR | ESTIMATED)
        more, wide = above(a.fits, a.errors, cell, c.height_m)
        std = math.sqrt(wide)
        if m.born_s == first_s[i] and t - m.diff_s < STALE_S:  # false of NaN
            usual, var = above(a.fits, a.errors, cell, m.level_m)
            off = m.diff_m - usual
            own = m.diff_var + DRIFT * abs(c.height_s - m.diff_s) + SLOPE * abs(c.height_m - m.level_m)
            if abs(off) > differ_m + 3.0 * math.sqrt(var + m.diff_var):
                marks |= APART
                std = abs(off)
            elif own < wide:
                more, std = more + off, math.sqrt(own)
            if t - m.jump_s < JUMPED_S:
                marks |= APART
        if learn:
            c.lift_m, c.lift_std_m = more, std
            marks |= LIFTED
        c.height_marks = marks

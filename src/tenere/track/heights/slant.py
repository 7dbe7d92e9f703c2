"""The height of an aircraft that tells none, from the ranges of several radars. Numba kernel.

A range is a sphere about the radar: at another height than the true one two radars' plots of one aircraft fall apart, by a known
slope, for raising the height by a metre moves a plot along its line of sight by g = -(h - h0) / ground range. Of two plots that
follow each other, of two radars, with the velocity between them,

    p2(h) - p1(h) - v dt = (g2 u2 - g1 u1) (h_true - h) + noise,

so each such pair measures the height. Nothing is taken from the track but its velocity: its position is made of the very plots.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from tenere.track.fit import ground_m
from tenere.track.heights.follow import ESTIMATED, forget
from tenere.track.heights.upright import blend
from tenere.track.store import VELOCITY_STD, VX, VY

if TYPE_CHECKING:
    import numpy as np

    from tenere.track.store import Store
    from tenere.track.work import Measured

APART_S = 15.0
"""Plots further apart in time are no pair: the aircraft may have turned."""
TURN = 4.0
"""Density of the acceleration's noise between them in m2/s3."""
TWICE = 2.0
"""Each plot is in two pairs, so each pair counts half."""
QUIET, QUIET_VAR = 0.02, 3.0**2
"""Density of the vertical acceleration and variance of the rate assumed of such an aircraft: a pair is too coarse to tell a climb soon."""
FIXED_M = 25.0
"""What the radars' own range errors leave after registration: it does not average out."""
STEEPEST, FARTHEST = 0.95, 25.0
"""Share of the slant range that a height may be; squared distance beyond which a pair is no pair."""
LOWEST_M = 500.0
"""Above the radars: lower, a range says nothing of a height."""
LEAST = 1e-10
"""Information of a pair (100 km, one sigma) below which it tells nothing."""
ALIVE_S = 120.0
GUESS_STD_M = 3500.0


@njit(cache=True, error_model="numpy")
def measure(
    m: np.record, z: np.ndarray, sight: np.ndarray, t: float, along: float, across: float, height: float, vx: float, vy: float, v_var: float
) -> tuple[float, float, float]:
    """Return the height that a plot tells together with the one kept in m, its variance without what is fixed, and that; NaN none.

    z (2,), sight (6,): of Measured; along, across: variances of the plot's place but for its height; height: about which it is linear.
    That must be the track's, not the pair's own: ranges tell of high heights better than of low ones, so that a pair that errs upwards
    would count for more.
    """
    dt = t - m.pair_s
    slant1, base1, slant2, base2 = float(m.pair_slant_m), float(m.pair_base_m), sight[2], sight[3]
    top = min(STEEPEST * min(slant1, slant2) + min(base1, base2), 20_000.0)
    height = max(min(height, top), min(LOWEST_M + max(base1, base2), top))
    ground1, ground2 = ground_m(slant1, height, base1), ground_m(slant2, height, base2)
    move1, move2 = ground1 - ground_m(slant1, float(m.pair_guess_m), base1), ground2 - ground_m(slant2, sight[4], base2)
    ux1, uy1, ux2, uy2 = float(m.pair_ux), float(m.pair_uy), sight[0], sight[1]
    ex = z[0] + move2 * ux2 - m.pair_x - move1 * ux1 - vx * dt
    ey = z[1] + move2 * uy2 - m.pair_y - move1 * uy1 - vy * dt
    g1, g2 = slope(ground1, height - base1), slope(ground2, height - base2)
    jx, jy = g2 * ux2 - g1 * ux1, g2 * uy2 - g1 * uy1
    more = v_var * dt * dt + TURN * dt * dt * dt / 3.0
    sxx = along * ux2 * ux2 + across * uy2 * uy2 + m.pair_along * ux1 * ux1 + m.pair_across * uy1 * uy1 + more
    sxy = (along - across) * ux2 * uy2 + (m.pair_along - m.pair_across) * ux1 * uy1
    syy = along * uy2 * uy2 + across * ux2 * ux2 + m.pair_along * uy1 * uy1 + m.pair_across * ux1 * ux1 + more
    d = sxx * syy - sxy * sxy
    wx, wy = (syy * jx - sxy * jy) / d, (sxx * jy - sxy * jx) / d
    told = wx * jx + wy * jy
    if not told > LEAST:
        return math.nan, math.nan, math.nan
    step = -(wx * ex + wy * ey) / told
    left = (syy * ex * ex - 2.0 * sxy * ex * ey + sxx * ey * ey) / d - step * step * told
    if left > FARTHEST:
        return math.nan, math.nan, math.nan
    fixed = FIXED_M * FIXED_M / max(jx * jx + jy * jy, 1e-8)
    return height + step, TWICE / told, fixed


@njit(cache=True, inline="always", error_model="numpy")
def slope(ground: float, up: float) -> float:
    """Return what a metre of height does to a ground range (ground_m): -0.054 at 100 km of what is 4.7 km above the radar."""
    whole = 6_371_000.0 + up
    return -(up * 6_371_000.0 / whole + 0.5 * ground * ground / whole) / max(ground, 1.0)


@njit(cache=True, error_model="numpy")
def pairs(s: Store, memory: np.ndarray, m: Measured, tracks: np.ndarray) -> int:
    """Let the plots that tell no height measure that of their tracks; return how many pairs did. tracks (n,): of the rows of m.

    Young tracks wait: most of them are of false plots.
    """
    times, z, r, sight, sensors, hot, together, first_s = m.time_s, m.z, m.r, m.sight, m.sensor, s.hot, s.together, s.first_s
    young = s.young
    used = 0
    for q in range(len(tracks)):
        i = tracks[q]
        if i < 0 or sight[q, 2] != sight[q, 2] or young[i] == 1:
            continue
        c = together[i]
        if c.height_m == c.height_m:
            continue
        e, t = memory[i], times[q]
        if e.born_s != first_s[i]:
            forget(e, first_s[i])
        ux, uy = sight[q, 0], sight[q, 1]
        cosine = max(ground_m(sight[q, 2], sight[q, 4], sight[q, 3]) / sight[q, 2], 0.1)
        along = (sight[q, 5] / cosine) ** 2
        across = uy * uy * r[q, 0] - 2.0 * ux * uy * r[q, 1] + ux * ux * r[q, 2]
        if e.pair_sensor != sensors[q] and 0.0 <= t - e.pair_s < APART_S:  # false of NaN
            if c.geo_s != c.geo_s or t - c.geo_s > ALIVE_S:
                c.geo_m, c.geo_rate, c.geo_v1, c.geo_v2, c.geo_s = sight[q, 4], 0.0, 0.0, QUIET_VAR, t
                c.geo_v0 = min(GUESS_STD_M, 0.3 * sight[q, 2]) ** 2
                c.height_marks = ESTIMATED
            dt = max(t - c.geo_s, 0.0)
            h = c.geo_m + dt * c.geo_rate
            v0 = c.geo_v0 + 2.0 * dt * c.geo_v1 + dt * dt * c.geo_v2 + QUIET / 3.0 * dt * dt * dt
            v1, v2 = c.geo_v1 + dt * c.geo_v2 + 0.5 * QUIET * dt * dt, min(c.geo_v2 + QUIET * dt, QUIET_VAR)
            v_var = hot[i, VELOCITY_STD] ** 2
            height, var, fixed = measure(e, z[q], sight[q], t, along, across, h, hot[i, VX], hot[i, VY], v_var)
            if height == height and (height - h) ** 2 < FARTHEST * (v0 + var + fixed):
                h, rate, w0, w1, w2 = blend(h, c.geo_rate, v0, v1, v2, height, var)
                if w0 < fixed and v0 >= fixed:
                    w0 = fixed  # no nearer than the radars' own errors let it
                c.geo_m, c.geo_rate, c.geo_v0, c.geo_v1, c.geo_v2, c.geo_s = h, rate, w0, w1, w2, t
                used += 1
        e.pair_s, e.pair_x, e.pair_y, e.pair_ux, e.pair_uy = t, z[q, 0], z[q, 1], ux, uy
        e.pair_slant_m, e.pair_base_m, e.pair_guess_m = sight[q, 2], sight[q, 3], sight[q, 4]
        e.pair_along, e.pair_across, e.pair_sensor = along, across, sensors[q]
    return used

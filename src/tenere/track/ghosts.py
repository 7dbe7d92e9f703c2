"""One aircraft seen twice by one radar: by way of a mirror, or by the pulse before. Numba kernels.

A building that mirrors a radar's beam answers in its own direction with the codes and the height of an aircraft elsewhere, farther off
by the way round: (ghost range - R) is the aircraft's distance from the building, R being the building's own. Where the code is one
aircraft's own, tenere.track.shadows knows the ghost by it; a code that many bear, as all with Mode S do, is proof only with
the geometry: the beginning hardly moves in bearing, and goes out and in as fast as the aircraft does seen from the building.

What flies beyond the range that a primary radar's pulses can tell is told nearer by a whole pulse interval: on the same
bearing, as fast outwards and as fast around the radar as an aircraft that is followed far behind it.

Such a beginning gets no number for as long as that holds and one sensor alone sees it, for tenere.track.shadows.SHADOW_S at most.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.track.shadows import ECHO, LEVEL_M, SHADOW_S, level_of
from tenere.track.store import POSITION_STD, TIME, VELOCITY_STD, VX, VY, X, Y
from tenere.track.work import SCANNING, SENSOR_X, SENSOR_Y

if TYPE_CHECKING:
    from tenere.track.store import Store

MOST_A_TICK = 64
"""Beginnings that are asked about in one tick: each is compared with every track."""
SIGMAS = 3.0
BEARING_RAD, SLOWER_MS = math.radians(0.3), 20.0
LEAST_INTERVAL_M = 40_000.0
"""What a pulse interval is worth in range, at least: 3,700 pulses a second."""
FARTHEST_MIRROR_M = 30_000.0
FLAT = 0.3
"""Of the aircraft's bearing rate: what a curved or tilted mirror lets its ghost have."""
FRESH_S = 20.0


@njit(cache=True, inline="always")
def before(dx: float, dy: float, vx: float, vy: float, ex: float, ey: float, ux: float, uy: float, std: float, std_ms: float) -> bool:
    """Say whether a beginning is an aircraft less a pulse interval.

    dx .. vy: its place and velocity from the radar, of one-sigma errors std and std_ms; ex .. uy: the aircraft's.
    """
    near, far = math.sqrt(dx * dx + dy * dy), math.sqrt(ex * ex + ey * ey)
    if near < 1.0 or far - near < LEAST_INTERVAL_M:
        return False
    cosine, sine = (dx * ex + dy * ey) / (near * far), (dx * ey - dy * ex) / (near * far)
    if cosine < 0.0 or abs(sine) > BEARING_RAD + SIGMAS * std / near:
        return False
    most = SLOWER_MS + SIGMAS * std_ms
    if abs((vx * dx + vy * dy) / near - (ux * ex + uy * ey) / far) > most:
        return False
    around = (dx * vy - dy * vx) / near - (ex * uy - ey * ux) / far * near / far
    return abs(around) <= most


@njit(cache=True, inline="always")
def mirrored(dx: float, dy: float, vx: float, vy: float, ex: float, ey: float, ux: float, uy: float, std_ms: float) -> bool:
    """Say whether a beginning is an aircraft in a mirror that stands on the beginning's bearing.

    dx .. vy: its place and velocity from the radar, the velocity's one-sigma error std_ms; ex .. uy: the aircraft's.
    """
    ghost, far = math.sqrt(dx * dx + dy * dy), math.sqrt(ex * ex + ey * ey)
    if ghost < 1.0 or far < 1.0 or ghost <= far:
        return False
    nx, ny = dx / ghost, dy / ghost
    way = 2.0 * (ghost - (ex * nx + ey * ny))
    mirror = (ghost * ghost - far * far) / way if way > 0.0 else math.inf
    if not mirror < FARTHEST_MIRROR_M:
        return False
    gx, gy = ex - mirror * nx, ey - mirror * ny  # from the mirror to the aircraft
    leg = max(math.sqrt(gx * gx + gy * gy), 1.0)
    most = SLOWER_MS + SIGMAS * std_ms
    if abs(vx * nx + vy * ny - (ux * gx + uy * gy) / leg) > most:
        return False
    turns = abs(gx * uy - gy * ux) / leg / leg
    return abs(nx * vy - ny * vx) <= most + FLAT * turns * ghost


@njit(cache=True)
def ghost_of(s: Store, high: int, i: int, figures: np.ndarray) -> int:
    """Return the row of a confirmed track that beginning i is a ghost of, -1 none. figures (S, NFIGURES): the sensors'."""
    hot, sensors, together, alive, confirmed, codes = s.hot, s.sensors, s.together, s.alive, s.confirmed, s.mode_a
    mine = sensors[i, 0] | sensors[i, 1]
    t = together[i].update_s
    if mine == 0 or mine & (mine - np.uint64(1)) != 0 or t - together[i].first_s >= SHADOW_S:
        return -1
    k = 0
    while mine >> np.uint64(k) != np.uint64(1):
        k += 1
    if k >= len(figures) or figures[k, SCANNING] == 0.0 or not math.isfinite(figures[k, SENSOR_X]):
        return -1
    code, height = codes[i], level_of(s, i, t)
    echo = code < 0 and (s.kinds[i, 0] | s.kinds[i, 1]) & ~np.uint32(ECHO) == 0
    if not (echo or (code >= 0 and height == height)):
        return -1
    x, y, dt = figures[k, SENSOR_X], figures[k, SENSOR_Y], t - hot[i, TIME]
    dx, dy, vx, vy = hot[i, X] + dt * hot[i, VX] - x, hot[i, Y] + dt * hot[i, VY] - y, hot[i, VX], hot[i, VY]
    std, std_ms = hot[i, POSITION_STD], hot[i, VELOCITY_STD]
    for e in range(high):
        if alive[e] == 0 or confirmed[e] == 0 or e == i or not (echo or codes[e] == code):
            continue
        dt = t - hot[e, TIME]
        if abs(dt) > FRESH_S or (sensors[e, 0] | sensors[e, 1]) & ~mine == 0:
            continue
        ex, ey, ux, uy = hot[e, X] + dt * hot[e, VX] - x, hot[e, Y] + dt * hot[e, VY] - y, hot[e, VX], hot[e, VY]
        if echo:
            if before(dx, dy, vx, vy, ex, ey, ux, uy, std, std_ms):
                return e
        elif abs(height - level_of(s, e, t)) <= LEVEL_M and mirrored(dx, dy, vx, vy, ex, ey, ux, uy, std_ms):
            return e
    return -1

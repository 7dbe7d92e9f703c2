"""The least position error that any tracker of all these sensors could have: the posterior Cramer-Rao bound, second by second.

Recursion (Tichavsky, Muravchik and Nehorai, IEEE Trans. SP 46(5), 1998, eq. 21), from each true measurement to the next at its own
time: J = (F J^-1 F' + Q)^-1 + H' R^-1 H, H the Jacobian at the true state, R the sensor's nominal noise; an ADS-B report tells its
velocity too. It is the bound given the measurements that were in fact made, false and faulty ones left out.

Recorded flights have no process noise that anybody knows. As in bench.airbench, F turns at the flight's true rate, whatever else the
flight does in the plane is a known input and drops out, and Q is white acceleration of 0.1 m2/s3 an axis: the bound knows every
manoeuvre, and is lower than what can be had by as much. Height is a state too, so that a primary plot without one says no more than
a slant range does: a random walk of HEIGHT_WALK, which Mode C measures to 10 m and a 3-D radar to its 0.25 degrees.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from bench.airbench.pcrlb import START_SPEED_MS
from bench.airbench.scenario import Q_CV
from bench.multisensor_world import (
    ADSB_SENSOR,
    ADSB_STD_M,
    ADSB_STD_MS,
    BEGIN_S,
    MLAT_SENSOR,
    MLAT_STD_M,
    RADARS,
    THREE_D_ELEVATION_RAD,
    polar,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.multisensor_world import Feed, World

    F64 = NDArray[np.float64]

HEIGHT_WALK = 25.0
"""m2 a second that a height wanders"""
CODE_STD_M, HEIGHT_PRIOR_STD_M = 10.0, 3500.0
X, Y, VX, VY, Z = range(5)
N = 5


def information(world: World, feed: Feed) -> F64:
    """Return H' R^-1 H (n, 5, 5) of each plot, of x, y, vx, vy and height; zero where it is not good."""
    out = np.zeros((len(feed.src), N, N))
    state, _ = world.at(np.maximum(feed.src, 0), feed.arrive_s)
    for i, radar in enumerate(RADARS):
        mine = np.flatnonzero(feed.good & (feed.sensor == i))
        at = state[mine]
        r, _, up = polar(world, radar, at)
        d = at[:, :2] - (radar.east_m, radar.north_m)
        ground = np.maximum(np.hypot(d[:, 0], d[:, 1]), 1.0)
        u = d / ground[:, None]
        h = np.zeros((len(mine), 2, N))
        up = up + ground**2 / 6.37e6  # the aircraft's own horizon is turned against the radar's
        h[:, 0, X], h[:, 0, Y], h[:, 0, Z] = u[:, 0] * ground / r, u[:, 1] * ground / r, up / r
        h[:, 1, X], h[:, 1, Y] = -u[:, 1] / ground, u[:, 0] / ground
        weight = np.array([radar.range_std_m, math.radians(radar.azimuth_std_deg)]) ** -2.0
        out[mine] = np.einsum("nki,k,nkj->nij", h, weight, h)
        if radar.reads == "height":
            out[mine, Z, Z] += (r * THREE_D_ELEVATION_RAD) ** -2.0
    for sensor, std_m in ((ADSB_SENSOR, ADSB_STD_M), (MLAT_SENSOR, MLAT_STD_M)):
        mine = np.flatnonzero(feed.good & (feed.sensor == sensor))
        out[mine, X, X] = out[mine, Y, Y] = std_m**-2.0
    mine = np.flatnonzero(feed.good & (feed.sensor == ADSB_SENSOR))
    out[mine, VX, VX] = out[mine, VY, VY] = ADSB_STD_MS**-2.0
    told = np.flatnonzero(feed.good & np.isfinite(feed.plots.pressure_altitude_m))
    out[told, Z, Z] += CODE_STD_M**-2.0
    return out


@njit(cache=True)
def _ahead(p: np.ndarray, w: float, dt: float, q: float) -> np.ndarray:
    """Return the covariance a time later, in a turn."""
    f = np.eye(N)
    s, c = (math.sin(w * dt) / w, (1.0 - math.cos(w * dt)) / w) if abs(w) > 1e-9 else (dt, 0.0)
    f[0, 2] = f[1, 3] = s
    f[0, 3], f[1, 2] = -c, c
    f[2, 2] = f[3, 3] = math.cos(w * dt)
    f[2, 3], f[3, 2] = -math.sin(w * dt), math.sin(w * dt)
    out = f @ np.ascontiguousarray(p) @ np.ascontiguousarray(f.T)
    for a in range(2):
        out[a, a] += q * dt**3 / 3.0
        out[a, a + 2] += q * dt**2 / 2.0
        out[a + 2, a] += q * dt**2 / 2.0
        out[a + 2, a + 2] += q * dt
    out[Z, Z] += HEIGHT_WALK * dt
    return out


@njit(cache=True)
def _walk(
    start: np.ndarray,
    when: np.ndarray,
    tells: np.ndarray,
    begin: np.ndarray,
    nodes: np.ndarray,
    turn: np.ndarray,
    q: float,
    out: np.ndarray,
) -> None:
    """Fill out (aircraft, seconds) with the trace of the position's bound at the end of each second.

    Measurements of aircraft a: start[a] to start[a + 1], times since the scenario's begin; begin (aircraft,): when its nodes begin.
    """
    for a in range(len(start) - 1):
        p, known, t = np.zeros((N, N)), False, 0.0
        i = start[a]
        for k in range(out.shape[1]):
            while i < start[a + 1] and when[i] <= k:
                if known:
                    n = min(max(int(when[i] - begin[a]), 0), nodes[a + 1] - nodes[a] - 1)
                    inverse = np.linalg.inv(_ahead(p, turn[nodes[a] + n], when[i] - t, q))
                else:
                    inverse = np.diag(np.array([1e-12, 1e-12, START_SPEED_MS**-2.0, START_SPEED_MS**-2.0, HEIGHT_PRIOR_STD_M**-2.0]))
                    known = True
                p = np.linalg.inv(inverse + tells[i])
                t = when[i]
                i += 1
            if known:
                n = min(max(int(k - begin[a]), 0), nodes[a + 1] - nodes[a] - 1)
                now = _ahead(p, turn[nodes[a] + n], k - t, q)
                out[a, k] = now[0, 0] + now[1, 1]


def bounds(world: World, feed: Feed, q_m2s3: float = Q_CV) -> F64:
    """Return the trace of the position's bound (aircraft, seconds + 1) in m2 at the end of each second; NaN before the first plot."""
    good = np.flatnonzero(feed.good)
    tells = information(world, feed)[good]
    src, when = feed.src[good], feed.arrive_s[good] - BEGIN_S
    order = np.lexsort((when, src))
    start = np.searchsorted(src[order], np.arange(world.count + 1))
    out = np.full((world.count, int(world.length_s) + 1), np.nan)
    begin = world.truth.time_s[world.truth.start[:-1]] - BEGIN_S
    _walk(start, when[order], tells[order], begin, world.truth.start, world.turn_rads, q_m2s3, out)
    return out

"""What the plots of a tick tell of the followed aircraft: sums for the biases, and which are grossly wrong. Numba kernels.

The plots of one sensor in a window are kept as sums: it is their mean that is compared with the other sensors' means, and
only that is lost which tells of the aircraft's motion.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tenere.track.register.slots import (
    ASTRAY,
    CLAIM,
    COUNT,
    DOUBLE,
    DOUBTED,
    JUDGED_S,
    JUMPS,
    JUMPS_SHARE,
    LAST_S,
    LAST_X,
    LAST_Y,
    LEAST_JUMPS,
    POLAR,
    RUN,
    SEATS,
    START,
    STEPS,
    SUM_R,
    SUM_T,
    SUM_X,
    SUM_XX,
    SUM_XY,
    SUM_Y,
    SUM_YY,
    VAR,
    VX,
    VY,
    Slots,
    seat_of,
)

WITNESS_S = 15.0
"""A plot older than this no longer says where its aircraft is."""
LONE_WITNESS_S = 4.0
"""The same where the aircraft's velocity is not known."""
SLACK_MS, LONE_SLACK_MS = 60.0, 350.0
ASTRAY_SIGMAS, ASTRAY_MS = 8.0, 500.0
"""How far a sensor's plots of one name may be from each other: beyond noise, what a track of the wrong way makes of it."""
RECENT_S = 60.0
"""What a sensor's plots last said of an aircraft holds for this long."""


class Found(NamedTuple):
    """Plots that are grossly wrong: m rows are room for so many."""

    which: np.ndarray  # (m, 4) row of the plots given, slot, sensor that contradicts, how many kinds of witnesses do
    place: np.ndarray  # (m, 3) x and y where the aircraft should be, distance


def found(room: int) -> Found:
    """Return room for so many findings."""
    return Found(np.zeros((room, 4), np.int64), np.zeros((room, 3)))


@njit(cache=True)
def _distance(role: np.ndarray, site: np.ndarray, i: int, x: float, y: float) -> float:
    """Return how far a point is from a radar; 0 of other sensors."""
    return math.sqrt((x - site[i, 0]) ** 2 + (y - site[i, 1]) ** 2) if role[i] == POLAR else 0.0


@njit(cache=True)
def _judge(
    s: Slots, slot: int, k: int, t: float, x: float, y: float, role: np.ndarray, site: np.ndarray, gross_m: float, gross_rad: float
) -> tuple[int, int, int, float, float, float]:
    """Compare a plot of a seat with the last plots of the others.

    Returns 1 it fits one of them, -1 it fits none, 0 there is none; the sensor that contradicts best, the kinds of witnesses
    that contradict and agree with that one, where it says the aircraft is, and how far off the plot is.
    """
    vx, vy = s.motion[slot, VX], s.motion[slot, VY]
    known = math.isfinite(vx + vy)
    if not known:
        vx = vy = 0.0
    mine = _distance(role, site, s.sensor[slot, k], x, y)
    best, best_rank = -1, -math.inf
    bx, by, off = math.nan, math.nan, math.nan
    for j in range(SEATS):
        o = s.sensor[slot, j]
        if o < 0 or j == k or role[o] == 0 or s.seat[slot, j, ASTRAY] > 0.0:
            continue
        dt = t - s.seat[slot, j, LAST_S]
        if abs(dt) > (WITNESS_S if known else LONE_WITNESS_S):
            continue
        ox, oy = s.seat[slot, j, LAST_X] + vx * dt, s.seat[slot, j, LAST_Y] + vy * dt
        away = math.sqrt((x - ox) ** 2 + (y - oy) ** 2)
        far = max(mine, _distance(role, site, o, ox, oy))
        slack = (SLACK_MS if known else LONE_SLACK_MS) * abs(dt)
        if away <= gross_m + gross_rad * far + slack:
            return 1, o, 0, ox, oy, away
        rank = (0.0 if role[o] == POLAR else 100.0) - abs(dt)
        if rank > best_rank:
            best, best_rank, bx, by, off = j, rank, ox, oy, away
    if best < 0:
        return 0, -1, 0, math.nan, math.nan, math.nan
    claims, kinds = 0, 0
    for j in range(SEATS):
        o = s.sensor[slot, j]
        if o < 0 or j == k or role[o] == 0 or s.seat[slot, j, ASTRAY] > 0.0 or abs(t - s.seat[slot, j, LAST_S]) > WITNESS_S:
            continue
        dt = t - s.seat[slot, j, LAST_S]
        ox, oy = s.seat[slot, j, LAST_X] + vx * dt, s.seat[slot, j, LAST_Y] + vy * dt
        if math.sqrt((bx - ox) ** 2 + (by - oy) ** 2) > gross_m + gross_rad * _distance(role, site, o, ox, oy) + SLACK_MS * abs(dt):
            continue
        if role[o] == CLAIM:
            claims = 1  # what an aircraft says of itself is one witness, however many hear it
        else:
            kinds += 1
    return -1, int(s.sensor[slot, best]), kinds + claims, bx, by, off


@njit(cache=True)
def follow(
    s: Slots,
    slots: np.ndarray,
    sensor: np.ndarray,
    time_s: np.ndarray,
    z: np.ndarray,
    r: np.ndarray,
    range_m: np.ndarray,
    placed: np.ndarray,
    good: np.ndarray,
    trusted: np.ndarray,
    role: np.ndarray,
    site: np.ndarray,
    gross_m: float,
    gross_rad: float,
    out: Found,
) -> int:
    """Take the picked plots of a tick, in order of time (m,); fill out with the grossly wrong and return how many they are.

    slots: of each; z (m, 2), r (m, 3): where it is in the plane, and its covariance; range_m: slant range as used, NaN none; placed:
    z is of the country's plane; good: exact enough for the biases; trusted (S,): the sensor may be a witness, else its role says nothing;
    role (S,), site (S, 2): what its plots are, and where it stands.
    """
    n = 0
    witness = np.where(trusted, role, 0)
    for q in range(len(slots)):
        slot, i, t = slots[q], sensor[q], time_s[q]
        if slot < 0 or not placed[q]:
            continue
        k = seat_of(s, slot, i)
        if k < 0 or t <= s.seat[slot, k, LAST_S]:
            continue
        seat = s.seat[slot, k]
        x, y = z[q, 0], z[q, 1]
        dt = t - seat[LAST_S]
        vx, vy = s.motion[slot, VX], s.motion[slot, VY]
        if dt < WITNESS_S and math.isfinite(vx + vy):
            seat[STEPS] += 1.0
            away = math.sqrt((x - seat[LAST_X] - vx * dt) ** 2 + (y - seat[LAST_Y] - vy * dt) ** 2)
            if away > ASTRAY_SIGMAS * math.sqrt(r[q, 0] + r[q, 2]) + ASTRAY_MS * dt:
                seat[ASTRAY] = 1.0  # two aircraft under one name, or a reflection
                seat[JUMPS] += 1.0
                if seat[JUMPS] >= LEAST_JUMPS and seat[JUMPS] >= JUMPS_SHARE * seat[STEPS]:
                    s.motion[slot, DOUBLE] = 1.0
        held = witness[i]
        witness[i] = role[i]
        says, other, kinds, ox, oy, off = _judge(s, slot, k, t, x, y, witness, site, gross_m, gross_rad)
        if s.motion[slot, DOUBLE] > DOUBTED:
            says = 0  # two aircraft of one name: one sensor may see only the one, the others only the other
        witness[i] = held
        if says > 0:
            seat[RUN], seat[JUDGED_S] = 0.0, t
        elif says < 0:
            seat[RUN], seat[JUDGED_S] = max(seat[RUN], 0.0) + 1.0, t
            if n < len(out.which):
                out.which[n, 0], out.which[n, 1], out.which[n, 2], out.which[n, 3] = q, slot, other, kinds
                out.place[n, 0], out.place[n, 1], out.place[n, 2] = ox, oy, off
                n += 1
        seat[LAST_S], seat[LAST_X], seat[LAST_Y] = t, x, y
        if not good[q]:
            continue
        seat[COUNT] += 1.0
        seat[SUM_T] += t - s.motion[slot, START]
        seat[SUM_X] += x
        seat[SUM_Y] += y
        seat[SUM_R] += range_m[q]
        seat[SUM_XX] += r[q, 0]
        seat[SUM_XY] += r[q, 1]
        seat[SUM_YY] += r[q, 2]
    return n


@njit(cache=True)
def standing(s: Slots, time_s: float, sensors: int) -> tuple[np.ndarray, np.ndarray]:
    """Return on how many followed aircraft each sensor (S,) agrees with another, and how many it is grossly wrong about, of late."""
    fits, wrong = np.zeros(sensors, np.int64), np.zeros(sensors, np.int64)
    for i in range(s.book[0]):
        for k in range(SEATS):
            o = s.sensor[i, k]
            if o < 0 or o >= sensors or s.seat[i, k, JUDGED_S] < time_s - RECENT_S:
                continue
            if s.seat[i, k, RUN] == 0.0:
                fits[o] += 1
            elif s.seat[i, k, RUN] >= 2.0:
                wrong[o] += 1
    return fits, wrong


@njit(cache=True)
def velocity_known(s: Slots, slot: int) -> bool:
    """Say whether an aircraft has a live track that tells its velocity, and has flown straight in this window."""
    return math.isfinite(s.motion[slot, VAR]) and s.motion[slot, 3] == 0.0

"""What each address broadcasts, followed report by report: impossible movements, jumps, one address in two places, replays.

An address is followed in two places at once, A and B. A report goes on from A where an aircraft could have flown there, else
from B, else it is a jump and B begins anew. Both alive and far apart: the address is in two places. A gone silent: B takes its
place, and the aircraft has moved as none does.

A replay is found by content: positions are kept in a table by their own bits, those of them whose hash falls into one class of
four, so that the same positions heard again are looked up again. A run of hits that all lie the same time back is a replay.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.batch import Batch, column

if TYPE_CHECKING:
    from tenere.batch import F64, I8, I32, I64, U8

RADIUS_M = 6_371_000.0
SLOTS = 1 << 18
"""Positions kept for finding replays: 20,000 aircraft with a report a second fill them in a minute, 200 in an hour and a half."""
SAMPLED = 4
LEAST_LAG_S = 30.0
SAME_LAG_S = 1.5
LEAST_HITS = 5
MOVED_M = 50.0
HELD_S = 30.0
"""A place of an address that was not heard for so long is given up."""
LEAST_RUN = 3
"""Reports after which a place counts as one."""


@dataclass(frozen=True)
class Spoken(Batch):
    """One row an address, by rising address."""

    address: I32 = column("i4", "", "24-bit address")
    first_s: F64 = column("f8", "s", "first heard")
    heard_s: F64 = column("f8", "s", "last heard")
    lat_rad: F64 = column("f8", "rad", "place A, or the last said")
    lon_rad: F64 = column("f8", "rad", "longitude of A")
    east_ms: F64 = column("f8", "m/s", "velocity there")
    north_ms: F64 = column("f8", "m/s", "velocity there")
    time_s: F64 = column("f8", "s", "time of A")
    run: I32 = column("i4", "", "reports that went on from A")
    b_lat_rad: F64 = column("f8", "rad", "place B")
    b_lon_rad: F64 = column("f8", "rad", "longitude of B")
    b_time_s: F64 = column("f8", "s", "time of B")
    b_run: I32 = column("i4", "", "reports that went on from B")
    speed_at_s: F64 = column("f8", "s", "time of the velocity")
    height_m: F64 = column("f8", "m", "last pressure altitude")
    jumps: I32 = column("i4", "", "jumps lately")
    jump_s: F64 = column("f8", "s", "the last of them")
    moved_s: F64 = column("f8", "s", "when B took A's place")
    odd: I32 = column("i4", "", "impossible movements lately")
    odd_s: F64 = column("f8", "s", "the last of them")
    twice_s: F64 = column("f8", "s", "last in two places")
    lag_s: F64 = column("f8", "s", "how far back its positions were heard before")
    lag_from_s: F64 = column("f8", "s", "since when")
    hits: I32 = column("i4", "", "and how many")
    hit_lat_rad: F64 = column("f8", "rad", "the last of them")
    hit_lon_rad: F64 = column("f8", "rad", "longitude of it")
    replay_s: F64 = column("f8", "s", "last replayed")
    swarm_s: F64 = column("f8", "s", "found to be of a swarm")
    nac_p: I8 = column("i1", "", "last NACp; -1 none")
    nic: I8 = column("i1", "", "last NIC; -1 none")
    sil: I8 = column("i1", "", "last SIL; -1 none")
    low: U8 = column("u1", "", "1: its accuracy has collapsed")


COLUMNS = tuple(name for name, *_ in Spoken.columns())


def new(addresses: I32, time_s: float) -> Spoken:
    """Return rows of addresses heard for the first time."""
    n = addresses.size
    far = np.full(n, -np.inf)
    past = ("jump_s", "moved_s", "odd_s", "twice_s", "replay_s", "swarm_s")
    zero = dict.fromkeys(("run", "b_run", "jumps", "odd", "hits"), 0)
    return Spoken.blank(n, address=addresses, first_s=time_s, heard_s=time_s, **dict.fromkeys(past, far), **zero)


@njit(cache=True)
def _apart(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """Return the distance of two places, m, on a plane between them: good to 0.5 % within 500 km."""
    dlon = (to_lon - lon + np.pi) % (2.0 * np.pi) - np.pi
    dx = dlon * np.cos(0.5 * (lat + to_lat))
    return RADIUS_M * math.sqrt(dx * dx + (to_lat - lat) * (to_lat - lat))


@njit(cache=True)
def follow(
    row: I64,
    lat: F64,
    lon: F64,
    time: F64,
    east: F64,
    north: F64,
    climb: F64,
    height: F64,
    std: F64,
    limits: F64,
    table_key: I64,
    table_time: F64,
    a_lat: F64,
    a_lon: F64,
    a_time: F64,
    a_run: I32,
    b_lat: F64,
    b_lon: F64,
    b_time: F64,
    b_run: I32,
    ve: F64,
    vn: F64,
    v_time: F64,
    last_height: F64,
    jumps: I32,
    jump_s: F64,
    moved_s: F64,
    odd: I32,
    odd_s: F64,
    twice_s: F64,
    lag: F64,
    lag_from: F64,
    hits: I32,
    hit_lat: F64,
    hit_lon: F64,
    replay_s: F64,
) -> None:
    """Go through reports, by time, and write what they do to the rows of their addresses.

    row: (n,) each report's row. limits: speed, acceleration, climb, jump_m, duplicate_m, replay_s, memory_s.
    """
    fastest, hardest, steepest, jump_m = limits[0], limits[1], limits[2], limits[3]
    duplicate_m, replay_for, memory = limits[4], limits[5], limits[6]
    slots = table_key.size
    for i in range(row.size):
        r, t = row[i], time[i]
        if t - jump_s[r] > memory:
            jumps[r] = 0
        if t - odd_s[r] > memory:
            odd[r] = 0
        # what it says of its own movement
        speed = np.sqrt(east[i] * east[i] + north[i] * north[i])
        strange = speed > fastest or abs(climb[i]) > steepest
        if speed == speed:
            dt = t - v_time[r]
            if 0.4 <= dt <= 20.0:
                change = np.sqrt((east[i] - ve[r]) ** 2 + (north[i] - vn[r]) ** 2)
                strange = strange or change > hardest * dt + 20.0
            if not dt <= 0.0:
                ve[r], vn[r], v_time[r] = east[i], north[i], t
        if height[i] == height[i]:
            last_height[r] = height[i]
        if strange:
            odd[r] += 1
            odd_s[r] = t
        # where it says it is
        if not (np.isfinite(lat[i]) and np.isfinite(lon[i])):
            continue
        own = 300.0
        if speed == speed:
            own = speed
        slack = jump_m
        if std[i] == std[i]:
            slack += 3.0 * std[i]
        if a_time[r] != a_time[r]:
            a_lat[r], a_lon[r], a_time[r], a_run[r] = lat[i], lon[i], t, 1
        else:
            reach = min(1.3 * own + 30.0, fastest)
            if b_time[r] == b_time[r] and t - b_time[r] > HELD_S:
                b_time[r] = np.nan
            if t - a_time[r] > HELD_S and b_time[r] == b_time[r] and b_run[r] >= LEAST_RUN:
                a_lat[r], a_lon[r], a_time[r], a_run[r] = b_lat[r], b_lon[r], b_time[r], b_run[r]
                b_time[r] = np.nan
                moved_s[r] = t
            from_a = _apart(a_lat[r], a_lon[r], lat[i], lon[i]) <= reach * abs(t - a_time[r]) + slack
            has_b = b_time[r] == b_time[r]
            from_b = has_b and _apart(b_lat[r], b_lon[r], lat[i], lon[i]) <= reach * abs(t - b_time[r]) + slack
            if from_a:
                if t >= a_time[r]:
                    a_lat[r], a_lon[r], a_time[r] = lat[i], lon[i], t
                a_run[r] += 1
            elif from_b:
                if t >= b_time[r]:
                    b_lat[r], b_lon[r], b_time[r] = lat[i], lon[i], t
                b_run[r] += 1
            else:
                jumps[r] += 1
                jump_s[r] = t
                b_lat[r], b_lon[r], b_time[r], b_run[r] = lat[i], lon[i], t, 1
            both = a_run[r] >= LEAST_RUN and b_run[r] >= LEAST_RUN and abs(a_time[r] - b_time[r]) <= HELD_S
            if both and _apart(a_lat[r], a_lon[r], b_lat[r], b_lon[r]) > duplicate_m:
                twice_s[r] = t
        # whether it was heard before
        x, y = np.int64(np.rint(lat[i] * 5.0e6)), np.int64(np.rint(lon[i] * 5.0e6))  # a metre
        key = (x * np.int64(73856093)) ^ (y * np.int64(19349663))
        key ^= key >> 17
        if key % SAMPLED != 0:
            continue
        slot = (key // SAMPLED) % slots
        if table_key[slot] == key and t - table_time[slot] >= LEAST_LAG_S:
            back = t - table_time[slot]
            moved = hit_lat[r] != hit_lat[r] or _apart(hit_lat[r], hit_lon[r], lat[i], lon[i]) > MOVED_M
            if abs(back - lag[r]) <= SAME_LAG_S:
                if moved:
                    hits[r] += 1
                    hit_lat[r], hit_lon[r] = lat[i], lon[i]
                if hits[r] >= LEAST_HITS and t - lag_from[r] >= replay_for:
                    replay_s[r] = t
            else:
                lag[r], lag_from[r], hits[r], hit_lat[r], hit_lon[r] = back, t, 1, lat[i], lon[i]
        else:
            table_key[slot], table_time[slot] = key, t

"""Which aircraft are followed, and their plots of late sensor by sensor. Numba kernels.

An aircraft is known by a *key*: its address; else a discrete Mode A code; else the number of its track. So two sensors' plots
of one aircraft meet here even where their biases keep them out of each other's track. A *slot* is one followed aircraft; a *seat* is
one sensor in it. All tables are of fixed size.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tenere.batch import NOT_LIVE, PlotFlag, TrackFlag

SEATS = 12
"""Sensors of one aircraft at a time. Where more see it, half of them make room in each window."""
KEY_CODE, KEY_TRACK = 1 << 32, 1 << 40
NONE, SHARED = -1, -2
IGNORED, POLAR, CLAIM, POSITION = range(4)
"""What a sensor's plots are: not used; range and azimuth; what the aircraft says of itself; a position of the sensor's own making."""
VX, VY, VAR, TURNING, START, AT_X, AT_Y, CROWDED, DOUBLE = range(9)
NMOTION = 9
LEAST_JUMPS, JUMPS_SHARE = 3.0, 0.15
"""Where so many of a sensor's plots of an aircraft do not follow the one before, it is two of one name; reflections are fewer."""
JUMPS_KEPT, DOUBTED = 0.95, 0.5
"""What is known of that fades so by the window; above this it holds."""
SPLIT_M = 12_000.0
"""Two tracks of one name farther apart than this are of two aircraft, or of a sensor at fault."""
LAST_S, LAST_X, LAST_Y, PICKED_S, RUN, JUDGED_S, STEPS, JUMPS = range(8)
ASTRAY, COUNT, SUM_T, SUM_X, SUM_Y, SUM_R, SUM_XX, SUM_XY, SUM_YY = range(8, 17)
NSEAT = 17
"""A seat: its last plot; when one was last picked; how many times in a row it was grossly wrong (-1: never judged), and when it was
judged; how many plots came soon after another, and how many of these did not follow it; whether any of this window did not;
and sums over its plots of this window."""
GAP_S = 2.0
"""Plots of one sensor that follow each other faster tell nothing new."""
STALE_S = 30.0
TURN_BITS = 24
SKIPPED = int(NOT_LIVE) | int(PlotFlag.GHOST) | int(PlotFlag.ON_GROUND)
DOUBTED_CODE = int(PlotFlag.MODE_A_GARBLED) | int(PlotFlag.MODE_A_INVALID)
NOT_OURS = int(TrackFlag.UNPLACED) | int(TrackFlag.ENDED) | int(TrackFlag.NOT_LIVE)
CONSPICUITY = (0o0000, 0o1000, 0o1200, 0o1400, 0o2000, 0o2200, 0o4000, 0o5000, 0o6000, 0o7000, 0o7500, 0o7600, 0o7700, 0o7777)


def discrete_codes() -> np.ndarray:
    """Say of each Mode A code (4096,) whether it names one aircraft: not one that ends in 00, nor one that many share."""
    out: np.ndarray = np.arange(4096) % 64 != 0
    out[list(CONSPICUITY)] = False
    return out


class Slots(NamedTuple):
    """The followed aircraft; n slots, T places in each table."""

    book: np.ndarray  # (1,) slots in use
    key: np.ndarray  # (n,)
    motion: np.ndarray  # (n, NMOTION)
    sensor: np.ndarray  # (n, SEATS) row of the sensor table, -1 none
    seat: np.ndarray  # (n, SEATS, NSEAT)
    table: np.ndarray  # (T,) slot by key
    number_key: np.ndarray  # (T,) track number there
    number_slot: np.ndarray  # (T,)
    code_key: np.ndarray  # (4096,) whose the code is: an address, SHARED or NONE
    discrete: np.ndarray  # (4096,)


def make(slots: int) -> Slots:
    """Return empty tables for so many aircraft."""
    size = 1 << max(6, (4 * slots - 1).bit_length())
    made = Slots(
        np.zeros(1, np.int64), np.full(slots, NONE, np.int64), np.zeros((slots, NMOTION)), np.full((slots, SEATS), NONE, np.int64),
        np.zeros((slots, SEATS, NSEAT)), np.full(size, NONE, np.int64), np.full(size, NONE, np.int64), np.full(size, NONE, np.int64),
        np.full(4096, NONE, np.int64), discrete_codes(),
    )  # fmt: skip
    _blank(made, 0, slots)
    return made


@njit(cache=True)
def _blank(s: Slots, first: int, last: int) -> None:
    """Empty the slots from first to below last."""
    s.sensor[first:last] = NONE
    s.seat[first:last] = 0.0
    s.seat[first:last, :, LAST_S] = -math.inf
    s.seat[first:last, :, PICKED_S] = -math.inf
    s.seat[first:last, :, JUDGED_S] = -math.inf
    s.seat[first:last, :, RUN] = -1.0
    s.motion[first:last, VX:TURNING] = math.nan
    s.motion[first:last, TURNING] = s.motion[first:last, CROWDED] = s.motion[first:last, DOUBLE] = 0.0


@njit(cache=True)
def scatter(key: int, turn: int) -> int:
    """Return a number of 62 bits that tells nothing of the key, another in another turn."""
    h = (key ^ (turn * 40_503)) * -7046029254386353131
    h ^= (h >> 29) & 0x7FFFFFFFF
    h *= -4658895280553007687
    h ^= (h >> 32) & 0xFFFFFFFF
    return h & 0x3FFFFFFFFFFFFFFF


@njit(cache=True)
def chosen(key: int, cutoff: int, turn: int) -> bool:
    """Say whether an aircraft is of this turn's sample: cutoff of 1 << TURN_BITS are."""
    return (scatter(key, turn) >> 20) & ((1 << TURN_BITS) - 1) < cutoff


@njit(cache=True)
def find(s: Slots, key: int) -> int:
    """Return the slot of a key; -1 none."""
    mask = len(s.table) - 1
    at = scatter(key, 0) & mask
    while s.table[at] >= 0:
        if s.key[s.table[at]] == key:
            return int(s.table[at])
        at = (at + 1) & mask
    return -1


@njit(cache=True)
def _enter(s: Slots, key: int) -> int:
    """Return the slot of a key, a new one where it has none; -1 where all are taken."""
    mask = len(s.table) - 1
    at = scatter(key, 0) & mask
    while s.table[at] >= 0:
        if s.key[s.table[at]] == key:
            return int(s.table[at])
        at = (at + 1) & mask
    if s.book[0] >= len(s.key):
        return -1
    slot = s.book[0]
    s.book[0] += 1
    s.table[at] = slot
    s.key[slot] = key
    return int(slot)


@njit(cache=True)
def _key_of_code(s: Slots, code: int) -> int:
    """Return the key that a Mode A code stands for; -1 where it names nobody."""
    if code < 0 or code >= 4096 or not s.discrete[code] or s.code_key[code] == SHARED:
        return -1
    owner = int(s.code_key[code])
    return owner if owner >= 0 else KEY_CODE + code


@njit(cache=True)
def meet(
    s: Slots,
    cutoff: int,
    turn: int,
    number: np.ndarray,
    address: np.ndarray,
    mode_a: np.ndarray,
    source: np.ndarray,
    flags: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    vx: np.ndarray,
    vy: np.ndarray,
    var_v: np.ndarray,
    turning: np.ndarray,
) -> int:
    """Take the tracks of a tick (n,): whose each code is, and the velocities of the followed; return how many could be followed.

    number, address, mode_a, source, flags, x, y, vx, vy, var_v, turning: columns of Tracks; turning is turn_probability.
    Of an aircraft that has several tracks the surest velocity counts; where they are far from each other, the aircraft tells of no bias.
    """
    s.code_key[:] = NONE
    s.number_slot[:] = NONE
    for i in range(len(number)):
        code = mode_a[i]
        if address[i] >= 0 and source[i] < 0 and 0 <= code < 4096:
            held, own = s.code_key[code], np.int64(address[i])
            s.code_key[code] = own if (held == NONE) | (held == own) else SHARED
    ours = 0
    mask = len(s.number_slot) - 1
    for i in range(s.book[0]):
        s.motion[i, VAR] = math.nan  # only of tracks that live
    taken = 0
    for i in range(len(number)):
        if source[i] >= 0 or flags[i] & NOT_OURS or not math.isfinite(vx[i] + vy[i] + var_v[i]):
            continue
        ours += 1
        key = int(address[i]) if address[i] >= 0 else _key_of_code(s, int(mode_a[i]))
        if key < 0:
            key = KEY_TRACK + int(number[i])
        if not chosen(key, cutoff, turn):
            continue
        slot = _enter(s, key)
        if slot < 0:
            continue
        if math.isfinite(s.motion[slot, VAR]) and abs(x[i] - s.motion[slot, AT_X]) + abs(y[i] - s.motion[slot, AT_Y]) > SPLIT_M:
            s.motion[slot, TURNING] = 1.0
        if not s.motion[slot, VAR] <= var_v[i]:
            s.motion[slot, VX], s.motion[slot, VY], s.motion[slot, VAR] = vx[i], vy[i], var_v[i]
            s.motion[slot, AT_X], s.motion[slot, AT_Y] = x[i], y[i]
        if turning[i] > 0.5:
            s.motion[slot, TURNING] = 1.0
        if taken < mask // 2:
            taken += 1
            at = scatter(int(number[i]), 1) & mask
            while s.number_slot[at] >= 0:
                at = (at + 1) & mask
            s.number_key[at], s.number_slot[at] = number[i], slot
    return ours


@njit(cache=True)
def _by_number(s: Slots, number: int) -> int:
    """Return the slot of a track's number; -1 none."""
    if number <= 0:
        return -1
    mask = len(s.number_slot) - 1
    at = scatter(number, 1) & mask
    while s.number_slot[at] >= 0:
        if s.number_key[at] == number:
            return int(s.number_slot[at])
        at = (at + 1) & mask
    return -1


@njit(cache=True)
def seat_of(s: Slots, slot: int, sensor: int) -> int:
    """Return the seat of a sensor in a slot, a new one where it has none; -1 where all are taken."""
    crowded = int(s.motion[slot, CROWDED])
    for k in range(SEATS):
        if s.sensor[slot, k] == sensor:
            return k
        if s.sensor[slot, k] < 0:
            if crowded and scatter(sensor, crowded) & 2048:
                return -1  # another time: the others are to have a turn
            s.sensor[slot, k] = sensor
            return k
    return -1


@njit(cache=True)
def pick(
    s: Slots,
    cutoff: int,
    turn: int,
    sensor: np.ndarray,
    time_s: np.ndarray,
    address: np.ndarray,
    mode_a: np.ndarray,
    flags: np.ndarray,
    tracks: np.ndarray,
    role: np.ndarray,
    rows: np.ndarray,
    slots: np.ndarray,
) -> int:
    """Fill rows and slots (n,) with the plots of followed aircraft that tell something new; return how many they are.

    sensor, time_s, address, mode_a, flags: columns of Plots (n,); tracks (n,): number of the track that used each, 0 none; role (S,).
    """
    found = 0
    for q in range(len(sensor)):
        i = sensor[q]
        if i < 0 or role[i] == IGNORED or flags[q] & SKIPPED or not math.isfinite(time_s[q]):
            continue
        key = int(address[q])
        if key < 0 and mode_a[q] >= 0 and not flags[q] & DOUBTED_CODE:
            key = _key_of_code(s, int(mode_a[q]))
        slot = -1
        if key < 0:
            slot = _by_number(s, int(tracks[q]))
        elif chosen(key, cutoff, turn):
            slot = find(s, key)
        if slot < 0:
            continue
        k = seat_of(s, slot, int(i))
        since = abs(time_s[q] - s.seat[slot, k, PICKED_S]) if k >= 0 else 0.0
        # by lot, so that of two aircraft of one name, heard every second, each is picked now and then
        if since < GAP_S or (since < 2.0 * GAP_S and scatter(int(256.0 * time_s[q]), int(i)) & 4 != 0):
            continue
        s.seat[slot, k, PICKED_S] = time_s[q]
        rows[found], slots[found] = q, slot
        found += 1
    return found


@njit(cache=True)
def next_window(s: Slots, cutoff: int, turn: int, time_s: float) -> None:
    """Begin a new window: forget the aircraft that are gone or no longer of the sample, and the sums of the others."""
    kept = 0
    for i in range(s.book[0]):
        newest = -math.inf
        for k in range(SEATS):
            if s.sensor[i, k] >= 0:
                newest = max(newest, s.seat[i, k, LAST_S])
        if (newest < time_s - STALE_S and not math.isfinite(s.motion[i, VAR])) or not chosen(int(s.key[i]), cutoff, turn):
            continue
        used = 0
        for k in range(SEATS):
            if s.sensor[i, k] >= 0 and abs(s.seat[i, k, LAST_S] - time_s) <= STALE_S:
                s.sensor[kept, used] = s.sensor[i, k]
                s.seat[kept, used] = s.seat[i, k]
                s.seat[kept, used, ASTRAY:] = 0.0
                s.seat[kept, used, STEPS : JUMPS + 1] *= JUMPS_KEPT
                used += 1
        full = used == SEATS
        crowded = full or s.motion[i, CROWDED] > 0.0
        if full:
            used = 0
            for k in range(SEATS):
                if scatter(int(s.sensor[kept, k]), int(time_s)) & 1024:
                    s.sensor[kept, used] = s.sensor[kept, k]
                    s.seat[kept, used] = s.seat[kept, k]
                    used += 1
        key = s.key[i]
        s.motion[kept] = s.motion[i]
        s.motion[kept, TURNING], s.motion[kept, START] = 0.0, time_s
        s.motion[kept, CROWDED] = abs(time_s) + 1.0 if crowded else 0.0
        s.motion[kept, DOUBLE] *= JUMPS_KEPT
        for k in range(used, SEATS):
            s.sensor[kept, k] = NONE
            s.seat[kept, k] = 0.0
            s.seat[kept, k, LAST_S] = s.seat[kept, k, PICKED_S] = s.seat[kept, k, JUDGED_S] = -math.inf
            s.seat[kept, k, RUN] = -1.0
        s.key[kept] = key
        kept += 1
    _blank(s, kept, len(s.key))
    s.motion[kept:, START] = time_s
    s.book[0] = kept
    s.table[:] = NONE
    mask = len(s.table) - 1
    for i in range(kept):
        at = scatter(int(s.key[i]), 0) & mask
        while s.table[at] >= 0:
            at = (at + 1) & mask
        s.table[at] = i

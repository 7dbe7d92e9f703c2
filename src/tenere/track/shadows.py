"""One aircraft told twice: by way of a building, or by its own wrong position. Numba kernels.

A beginning that says of itself just what an aircraft says that is followed already - the same address or the same code, and the
same height - and that one sensor alone hears, while others hear that aircraft where it is, is its shadow: a reflection, whose
answers go a longer way, or the reports of a receiver that GPS jamming misleads, while radar and multilateration measure the truth.
It gets no number for as long as that holds. An aircraft in its own right differs in height, or is soon heard by a second sensor;
what a radar or multilateration has measured for SHADOW_S is shown in any case.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.batch import TOLD_BY_ITSELF, PlotKind
from tenere.track.echoes import MOVES_MS
from tenere.track.store import VELOCITY_STD, VX, VY

if TYPE_CHECKING:
    from tenere.track.store import Store

LEVEL_M, CLIMB_S = 60.0, 10.0
SHADOW_S = 300.0
TOLD = int(sum(1 << int(k) for k in TOLD_BY_ITSELF))
"""Kinds of plots by which an aircraft tells its own position: bits of Store.kinds."""
ECHO = 1 << int(PlotKind.PSR)
CODES = 4096
SHARED_CODES = tuple(int(c, 8) for c in ("7001", "7004", "7010", "7777"))
"""Codes that many bear at once beside all that end in 00: conspicuity, tests, monitors. Emergencies (7500, 7600, 7700) end so."""


@njit(cache=True, inline="always")
def own_code(code: int) -> bool:
    """Say whether a Mode A code is one aircraft's own, as rules go."""
    if not 0 <= code < CODES or code % 64 == 0:
        return False
    for shared in SHARED_CODES:  # noqa: SIM110 - numba knows no any() of a generator
        if code == shared:
            return False
    return True


@njit(cache=True, inline="always")
def level_of(s: Store, i: int, t: float) -> float:
    """Return a track's height (m) at a time, NaN none: its climb is believed for CLIMB_S."""
    ahead = min(max(t - s.height_s[i], -CLIMB_S), CLIMB_S)
    height: float = s.height[i, 0] + ahead * s.height[i, 1]
    return height


@njit(cache=True)
def shadow(s: Store, elder: int, i: int) -> bool:
    """Say whether a beginning in row i says nothing that the track in row elder does not say, and only one sensor hears it."""
    mine, others = s.sensors[i, 0] | s.sensors[i, 1], s.sensors[elder, 0] | s.sensors[elder, 1]
    kinds = s.kinds[i, 0] | s.kinds[i, 1]
    alone = mine & (mine - np.uint64(1)) == 0
    if kinds & ~(TOLD | ECHO) == 0 and math.hypot(s.hot[i, VX], s.hot[i, VY]) < MOVES_MS + 2.0 * s.hot[i, VELOCITY_STD]:
        alone = True  # echoes where nothing surely moves are the ground's
    if mine == 0 or not alone or others & ~mine == 0:
        return False
    if s.mode_a[i] >= 0 and s.mode_a[elder] >= 0 and s.mode_a[i] != s.mode_a[elder]:
        return False
    t = s.update_s[i]
    if not abs(level_of(s, i, t) - level_of(s, elder, t)) <= LEVEL_M:  # never where one of them is not known
        return False
    if kinds & ~(TOLD | ECHO) == 0 and kinds & TOLD != 0:
        return bool((s.kinds[elder, 0] | s.kinds[elder, 1]) & ~TOLD != 0)
    return bool(t - s.first_s[i] < SHADOW_S)


@njit(cache=True)
def by_code(s: Store, high: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the confirmed tracks chained by the codes that are their own: first (4096,) row of each, next (high,) of each row; -1 none."""
    first, after = np.full(CODES, -1, np.int32), np.full(high, -1, np.int32)
    alive, confirmed, codes = s.alive, s.confirmed, s.mode_a
    for k in range(high - 1, -1, -1):
        if alive[k] == 1 and confirmed[k] == 1 and own_code(codes[k]):
            after[k] = first[codes[k]]
            first[codes[k]] = k
    return first, after


@njit(cache=True)
def shadowed(s: Store, first: np.ndarray, after: np.ndarray, i: int) -> int:
    """Return the row of a confirmed track with the code of row i's that this is the shadow of, -1 none. first, after: of by_code."""
    if not own_code(s.mode_a[i]):
        return -1
    k = first[s.mode_a[i]]
    while k >= 0:
        if k != i and shadow(s, k, i):
            return int(k)
        k = after[k]
    return -1


@njit(cache=True)
def echoed(s: Store, high: int, i: int) -> int:
    """Return the row of a confirmed track with the address of row i's that this is the shadow of, -1 none."""
    alive, confirmed, keys, key = s.alive, s.confirmed, s.key, s.key[i]
    for k in range(high):
        if keys[k] == key and k != i and alive[k] == 1 and confirmed[k] == 1 and shadow(s, k, i):
            return int(k)
    return -1


@njit(cache=True)
def faded(s: Store, high: int, t: float) -> np.ndarray:
    """Return the rows (n, 2) of confirmed tracks, and of those that turn out to be their shadows: these were seen first."""
    first, after = by_code(s, high)
    alive, confirmed, since, keys, rival, codes = s.alive, s.confirmed, s.first_s, s.key, s.rival, s.mode_a
    out, n = np.empty((high, 2), np.int64), 0
    for i in range(high):
        if alive[i] == 0 or confirmed[i] == 0:
            continue
        k = -1
        if keys[i] >= 0 and rival[i] == 1:
            k = echoed(s, high, i)
        elif own_code(codes[i]) and t - since[i] < SHADOW_S:
            k = shadowed(s, first, after, i)
        if k >= 0:
            out[n, 0], out[n, 1] = k, i
            n += 1
    return out[:n]

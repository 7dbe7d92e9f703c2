"""One aircraft, two tracks, and no address to tell: which tracks are one, and which are two that fly together. Numba kernels.

Two confirmed tracks near each other, as fast and at one height, are suspected and watched. A sensor that gives each of them a
plot in one turn says that there are two aircraft; such a pair is left alone for as long as it stays together. A pair that
has had plots enough and never two in a turn is one aircraft.

A track that becomes ready to be shown just where another fell silent goes on as that one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.track.grid import CELL_M, bucket_of, build_grid
from tenere.track.store import POSITION_STD, TIME, VELOCITY_STD, VX, VY, X, Y
from tenere.track.work import USE_HEIGHT, USE_MODE_A, USE_TRACK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.track.store import Store
    from tenere.track.work import Work

PAIRS, HELD = 1024, 16
CHECKS, PLOTS = 3, 4
"""A pair is one aircraft after so many checks in a row and so many plots of each, never one of both in one turn."""
TURN_SHARE = 0.45
"""Two plots of one sensor so near in time, of its period, are of two aircraft."""
NEAR_M, NEAR_STD, LEAST_M = 300.0, 10.0, 20.0
ALIKE_MS, ALIKE_SHARE, LEAST_MS = 30.0, 0.25, 5.0
SIGMAS, FAR_M, LEVEL_M = 3.0, 2_000.0, 200.0
STALE_S, MISSED_GAPS, BELIEVED = 30.0, 3.0, 0.9
CHECKED, TWO, ELDER, YOUNGER, PAIR = 6, 7, 8, 9, 10


@dataclass
class Suspects:
    """The pairs that are watched, and the last plots of their tracks."""

    pairs: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, PAIR), np.int64))
    """(n, PAIR): rows of elder and younger, their numbers, their places in the two below, checks passed, whether two, plots of each."""
    sensor: NDArray[np.int64] = field(default_factory=lambda: np.zeros((2 * PAIRS, HELD), np.int64))
    time_s: NDArray[np.float64] = field(default_factory=lambda: np.full((2 * PAIRS, HELD), -np.inf))
    place: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """(C,) where a row's track stands in those; -1 it is not suspected."""

    def note(
        self, assigned: NDArray[np.int64], sensor: NDArray[np.int64], time_s: NDArray[np.float64], period_s: NDArray[np.float64]
    ) -> None:
        """Take in whose plots came: assigned (n,) rows of tracks, -1 none; sensor, time_s (n,): the plots'; period_s (S,): the sensors'."""
        if len(self.pairs):
            note(self.pairs, self.sensor, self.time_s, self.place, assigned, sensor, time_s, period_s)

    def check(self, s: Store, book: NDArray[np.int64], w: Work, t: float, cfg: NDArray[np.float64]) -> NDArray[np.int64]:
        """Look at all tracks at time t; return the pairs (n, 2) of elder and younger rows that are one aircraft."""
        if len(self.place) < len(s.alive):
            self.place = np.concatenate([self.place, np.full(len(s.alive) - len(self.place), -1, np.int64)])
        build_grid(s, book, t, w)
        found = near_pairs(s, w, t, cfg)
        self.pairs, self.sensor, self.time_s = watched(s, found, self.pairs, self.sensor, self.time_s, self.place)
        return one_each(s, self.pairs, t)


@njit(cache=True)
def alike(s: Store, a: int, b: int, t: float, cfg: np.ndarray) -> bool:
    """Say whether two tracks may be one aircraft at time t: nothing that they say of it differs, nor do place and velocity."""
    hot = s.hot
    if s.key[a] >= 0 and s.key[b] >= 0:
        return False  # equal addresses are life's to judge
    if cfg[USE_MODE_A] > 0.0 and s.mode_a[a] >= 0 and s.mode_a[b] >= 0 and s.mode_a[a] != s.mode_a[b]:
        return False
    mine, other = s.sensor_track[a], s.sensor_track[b]
    if cfg[USE_TRACK] > 0.0 and mine >= 0 and other >= 0 and mine >> 32 == other >> 32 and mine != other:
        return False
    if cfg[USE_HEIGHT] > 0.0 and abs(s.height[a, 0] - s.height[b, 0]) > LEVEL_M:  # never where one of them is not known
        return False
    da, db = t - hot[a, TIME], t - hot[b, TIME]
    dx = hot[a, X] + da * hot[a, VX] - hot[b, X] - db * hot[b, VX]
    dy = hot[a, Y] + da * hot[a, VY] - hot[b, Y] - db * hot[b, VY]
    vx, vy = hot[a, VX] - hot[b, VX], hot[a, VY] - hot[b, VY]
    pa, pb, va, vb = hot[a, POSITION_STD], hot[b, POSITION_STD], hot[a, VELOCITY_STD], hot[b, VELOCITY_STD]
    floor = min(NEAR_M, LEAST_M + NEAR_STD * max(pa, pb))
    spread = math.sqrt(pa * pa + pb * pb + (da * va) ** 2 + (db * vb) ** 2)
    if dx * dx + dy * dy > min(floor + SIGMAS * spread, FAR_M) ** 2:
        return False
    speed = max(math.sqrt(hot[a, VX] ** 2 + hot[a, VY] ** 2), math.sqrt(hot[b, VX] ** 2 + hot[b, VY] ** 2))
    floor = min(ALIKE_MS, LEAST_MS + ALIKE_SHARE * speed)
    most = floor + SIGMAS * math.sqrt(va * va + vb * vb)
    return bool(vx * vx + vy * vy <= most * most)


@njit(cache=True)
def near_pairs(s: Store, w: Work, t: float, cfg: np.ndarray) -> np.ndarray:
    """Return the rows (n, 2), elder first, of confirmed tracks that may be one aircraft. The grid is of time t."""
    out = np.empty((PAIRS, 2), np.int64)
    n = 0
    head, order, spot, alive, confirmed, first = w.head, w.order, w.spot, s.alive, s.confirmed, s.first_s
    mask = (head.shape[0] - 1) // 2 - 1
    for c in range(head[mask + 1]):
        i = order[c]
        if confirmed[i] == 0 or t - s.update_s[i] > STALE_S:
            continue
        x, y = spot[c, 0], spot[c, 1]
        for by in range(math.floor((y - FAR_M) / CELL_M), math.floor((y + FAR_M) / CELL_M) + 1):
            for bx in range(math.floor((x - FAR_M) / CELL_M), math.floor((x + FAR_M) / CELL_M) + 1):
                b = bucket_of(bx, by, mask)
                for d in range(max(head[b], c + 1), head[b + 1]):
                    if abs(spot[d, 0] - x) > FAR_M or abs(spot[d, 1] - y) > FAR_M:
                        continue
                    k = order[d]
                    if confirmed[k] == 0 or alive[k] == 0 or t - s.update_s[k] > STALE_S or not alike(s, i, k, t, cfg):
                        continue
                    if n < PAIRS:
                        older = first[i] < first[k] or (first[i] == first[k] and s.number[i] < s.number[k])
                        out[n, 0], out[n, 1] = (i, k) if older else (k, i)
                        n += 1
    return out[:n]


@njit(cache=True)
def watched(
    s: Store, found: np.ndarray, old: np.ndarray, old_sensor: np.ndarray, old_time: np.ndarray, place: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pairs found with what is known of those watched before (old); place (C,) is brought up to date."""
    n = len(found)
    pairs = np.zeros((n, PAIR), np.int64)
    sensor, time_s = np.zeros((2 * n, HELD), np.int64), np.full((2 * n, HELD), -np.inf)
    where = place.copy() if n > 0 else place
    for p in range(len(old)):
        place[old[p, 0]] = place[old[p, 1]] = -1
    held = 0
    for p in range(n):
        for side in range(2):
            i = found[p, side]
            if place[i] < 0:
                place[i] = held
                k = where[i]
                for c in range(HELD):
                    if k >= 0:
                        sensor[held, c], time_s[held, c] = old_sensor[k, c], old_time[k, c]
                held += 1
            pairs[p, side], pairs[p, 2 + side], pairs[p, 4 + side] = i, s.number[i], place[i]
        for q in range(len(old)):
            if old[q, 2] == pairs[p, 2] and old[q, 3] == pairs[p, 3]:
                pairs[p, CHECKED:] = old[q, CHECKED:]
                pairs[p, CHECKED] += 1
                break
    return pairs, sensor, time_s


@njit(cache=True)
def note(
    pairs: np.ndarray,
    last_sensor: np.ndarray,
    last_time: np.ndarray,
    place: np.ndarray,
    assigned: np.ndarray,
    sensor: np.ndarray,
    time_s: np.ndarray,
    period_s: np.ndarray,
) -> None:
    """Count the plots of the pairs' tracks; mark the pairs of which one sensor saw both in one turn."""
    for q in range(len(assigned)):
        i = assigned[q]
        if i < 0 or i >= len(place) or place[i] < 0:
            continue
        k, near = place[i], TURN_SHARE * period_s[sensor[q]]
        for p in range(len(pairs)):
            if pairs[p, 4] != k and pairs[p, 5] != k:
                continue
            pairs[p, ELDER if pairs[p, 4] == k else YOUNGER] += 1
            other = pairs[p, 4] + pairs[p, 5] - k
            for c in range(HELD):
                if last_sensor[other, c] == sensor[q] and abs(last_time[other, c] - time_s[q]) < near:
                    pairs[p, TWO] = 1
        oldest = np.argmin(last_time[k])
        last_sensor[k, oldest], last_time[k, oldest] = sensor[q], time_s[q]


@njit(cache=True)
def shared(s: Store, pairs: np.ndarray, p: int, t: float) -> bool:
    """Say whether a pair has had its plots in common: none was surely of one of them, and yet they are believed as one would be."""
    if pairs[p, ELDER] + pairs[p, YOUNGER] > 0:
        return False
    a, b = pairs[p, 0], pairs[p, 1]
    silent = t - s.update_s[a] > MISSED_GAPS * s.gap_s[a] and t - s.update_s[b] > MISSED_GAPS * s.gap_s[b]
    return bool(silent and s.existence[a] + s.existence[b] >= BELIEVED)


@njit(cache=True)
def one_each(s: Store, pairs: np.ndarray, t: float) -> np.ndarray:
    """Return the rows (n, 2) of the pairs that are one aircraft at time t, each track in one pair at most."""
    out = np.empty((len(pairs), 2), np.int64)
    n = 0
    for p in range(len(pairs)):
        if pairs[p, TWO] == 1 or pairs[p, CHECKED] < CHECKS:
            continue
        if min(pairs[p, ELDER], pairs[p, YOUNGER]) < PLOTS and not shared(s, pairs, p, t):
            continue
        free = True
        for c in range(n):
            for side in range(2):
                free &= out[c, 0] != pairs[p, side] and out[c, 1] != pairs[p, side]
        if free:
            out[n, 0], out[n, 1] = pairs[p, 0], pairs[p, 1]
            n += 1
    return out[:n]


@njit(cache=True)
def may_follow(s: Store, w: Work, rows: np.ndarray, cfg: np.ndarray) -> np.ndarray:
    """Say of each track of rows (n,) whether `forerunner` may find one for it, whichever of them are confirmed meanwhile."""
    out = np.zeros(len(rows), np.bool_)
    for c in range(len(rows)):
        out[c] = _before(s, w, rows[c], cfg, False)[1] > 0
    return out


@njit(cache=True)
def forerunner(s: Store, w: Work, i: int, cfg: np.ndarray) -> int:
    """Return the one confirmed track that fell silent before track i began and that i continues, or -1. The grid is the tick's."""
    found, many = _before(s, w, i, cfg, True)
    return found if many == 1 else -1


@njit(cache=True)
def _before(s: Store, w: Work, i: int, cfg: np.ndarray, shown: bool) -> tuple[int, int]:
    """Return the last of the tracks that fell silent before track i began and that it continues, and how many. shown: of confirmed ones."""
    head, order, hot = w.head, w.order, s.hot
    alive, confirmed, update_s, began = s.alive, s.confirmed, s.update_s, s.first_s[i]
    mask = (head.shape[0] - 1) // 2 - 1
    t = hot[i, TIME]
    cx, cy = math.floor(hot[i, X] / CELL_M), math.floor(hot[i, Y] / CELL_M)
    found, many = -1, 0
    for by in range(cy - 1, cy + 2):
        for bx in range(cx - 1, cx + 2):
            b = bucket_of(bx, by, mask)
            for c in range(head[b], head[b + 1]):
                k = order[c]
                if k == i or alive[k] == 0 or (shown and confirmed[k] == 0) or update_s[k] >= began:
                    continue
                if alike(s, i, k, t, cfg):
                    many += 1
                    found = k
    return found, many

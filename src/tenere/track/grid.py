"""Finding tracks: by place, on a hashed grid, and by key, in chained buckets. Numba kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from tenere.track.store import POSITION_STD, TIME, VELOCITY_STD, VX, VY, X, Y
from tenere.track.work import HIGH

if TYPE_CHECKING:
    import numpy as np

    from tenere.track.store import Store
    from tenere.track.work import Work

CELL_M = 8000.0
YOUNG_HITS = 1  # a track with no more plots is young: it may have what the older ones leave
ROUNDED = 2.5e-7  # more than four bytes lose of a place, as a share of how far it is from the origin
SPAN_S, FAST_MS = 1.0, 480.0  # a slice's plots are so near the grid's time; what the fastest fly


@njit(cache=True, inline="always")
def bucket_of(cx: int, cy: int, mask: int) -> int:
    """Hash a grid cell to a bucket: tiles of eight by eight cells stay together in memory."""
    h = ((cx >> 3) * 73856093) ^ ((cy >> 3) * 19349663)
    return (((h ^ (h >> 15)) << 6) | ((cy & 7) << 3) | (cx & 7)) & mask


@njit(cache=True, inline="always")
def widest(xx: float, xy: float, yy: float) -> float:
    """Return the larger eigenvalue of a symmetric 2 by 2 matrix."""
    return 0.5 * (xx + yy) + math.sqrt(0.25 * (xx - yy) * (xx - yy) + xy * xy)


@njit(cache=True, inline="always")
def reach_of(position_std: float, velocity_std: float, ahead: float) -> tuple[float, float]:
    """Return how far from its straight path a track may be after a time: the square of what is uncertain (4 sigma), and what is added.

    No model's prediction exceeds it: position, velocity (what flies, at most) and half of 20 m/s2 of manoeuvre.
    """
    drift = ahead * min(4.0 * velocity_std, FAST_MS)
    return 16.0 * position_std * position_std + drift * drift, 10.0 * ahead * ahead


@njit(cache=True)
def build_grid(s: Store, book: np.ndarray, t: float, w: Work) -> None:
    """Sort the live tracks by the bucket of their cell at time t; those with one plot only have buckets of their own, behind the others.

    Note on which side of the cut each is.
    """
    # arrays are taken out of their tuples first: in a loop each access would count a reference
    head, order, spot, bucket, alive, hot, young = w.head, w.order, w.spot, w.bucket, s.alive, s.hot, s.young
    here, live = w.here, w.live
    side, axis, place = w.side, int(w.cut[0]), w.cut[1]
    buckets = (head.shape[0] - 1) // 2
    head[:] = 0
    n = 0
    for i in range(book[HIGH]):
        if alive[i] == 0:
            continue
        dt = t - hot[i, TIME]
        x, y = hot[i, X] + dt * hot[i, VX], hot[i, Y] + dt * hot[i, VY]
        side[i] = axis >= 0 and (x if axis == 0 else y) >= place
        b = bucket_of(math.floor(x / CELL_M), math.floor(y / CELL_M), buckets - 1)
        if young[i] == 1:
            b += buckets
        live[n], bucket[n] = i, b
        drift, more = reach_of(hot[i, POSITION_STD], hot[i, VELOCITY_STD], abs(dt) + SPAN_S)
        more += SPAN_S * FAST_MS + ROUNDED * (abs(x) + abs(y)) + 1.0
        here[n, 0], here[n, 1], here[n, 2], here[n, 3] = x, y, drift, more
        head[b + 1] += 1
        n += 1
    for b in range(2 * buckets):
        head[b + 1] += head[b]
    for c in range(n):
        b = bucket[c]
        k = head[b]
        order[k] = live[c]
        spot[k, 0], spot[k, 1], spot[k, 2], spot[k, 3] = here[c, 0], here[c, 1], here[c, 2], here[c, 3]
        head[b] = k + 1
    for b in range(2 * buckets, 0, -1):
        head[b] = head[b - 1]
    head[0] = 0


@njit(cache=True, inline="always")
def stretch(cx: int, by: int, mask: int, part: int) -> tuple[int, int]:
    """Return the first and last bucket of the cells cx - 1 .. cx + 1 of row by that lie in one tile, part 0 or 1; last < first: none."""
    first, last = cx - 1, cx + 1
    split = (last >> 3) << 3  # where the second tile begins, if any
    if part == 0:
        last = min(last, split - 1) if first < split else last
    else:
        first = max(first, split) if first < split else last + 1
    if last < first:
        return 0, -1
    return bucket_of(first, by, mask), bucket_of(last, by, mask)


@njit(cache=True)
def link_key(s: Store, w: Work, i: int) -> None:
    """Put track i at the end of its key's chain on its side, so that the elder is found first."""
    head = w.key_head[w.side[i]]
    b = (s.key[i] * 2654435761 >> 7) & (head.shape[0] - 1)
    s.chain[i] = -1
    k = head[b]
    if k < 0:
        head[b] = i
        return
    while s.chain[k] >= 0:
        k = s.chain[k]
    s.chain[k] = i


@njit(cache=True)
def build_keys(s: Store, book: np.ndarray, w: Work) -> None:
    """Chain the live tracks by side and key."""
    w.key_head[:] = -1
    alive, keyed = s.alive, s.keyed
    for i in range(book[HIGH]):
        if alive[i] == 1 and keyed[i] == 1:
            link_key(s, w, i)

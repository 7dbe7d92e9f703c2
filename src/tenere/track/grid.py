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
    """Sort the live tracks by the bucket of their cell at time t; those with one plot only have buckets of their own, behind the others."""
    # arrays are taken out of their tuples first: in a loop each access would count a reference
    head, order, spot, bucket, alive, hot, hits = w.head, w.order, w.spot, w.bucket, s.alive, s.hot, s.hits
    buckets = (head.shape[0] - 1) // 2
    head[:] = 0
    for i in range(book[HIGH]):
        if alive[i] == 0:
            bucket[i] = -1
            continue
        dt = t - hot[i, TIME]
        b = bucket_of(math.floor((hot[i, X] + dt * hot[i, VX]) / CELL_M), math.floor((hot[i, Y] + dt * hot[i, VY]) / CELL_M), buckets - 1)
        if hits[i] <= YOUNG_HITS:
            b += buckets
        bucket[i] = b
        head[b + 1] += 1
    for b in range(2 * buckets):
        head[b + 1] += head[b]
    for i in range(book[HIGH]):
        b = bucket[i]
        if b >= 0:
            k = head[b]
            dt = t - hot[i, TIME]
            order[k] = i
            spot[k, 0], spot[k, 1] = hot[i, X] + dt * hot[i, VX], hot[i, Y] + dt * hot[i, VY]
            spot[k, 2], more = reach_of(hot[i, POSITION_STD], hot[i, VELOCITY_STD], abs(dt) + SPAN_S)
            spot[k, 3] = more + SPAN_S * FAST_MS
            head[b] += 1
    for b in range(2 * buckets, 0, -1):
        head[b] = head[b - 1]
    head[0] = 0


@njit(cache=True)
def link_key(s: Store, w: Work, i: int) -> None:
    """Put track i at the end of its key's chain, so that the elder is found first."""
    b = (s.key[i] * 2654435761 >> 7) & (w.key_head.shape[0] - 1)
    s.chain[i] = -1
    k = w.key_head[b]
    if k < 0:
        w.key_head[b] = i
        return
    while s.chain[k] >= 0:
        k = s.chain[k]
    s.chain[k] = i


@njit(cache=True)
def build_keys(s: Store, book: np.ndarray, w: Work) -> None:
    """Chain the live tracks by key."""
    w.key_head[:] = -1
    for i in range(book[HIGH]):
        if s.alive[i] == 1 and s.key[i] >= 0:
            link_key(s, w, i)

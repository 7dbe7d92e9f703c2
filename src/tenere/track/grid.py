"""Finding tracks: by place, on a hashed grid, and by key, in chained buckets. Numba kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.track.work import HIGH

if TYPE_CHECKING:
    from tenere.track.store import Store
    from tenere.track.work import Work

CELL_M = 8000.0


@njit(cache=True)
def bucket_of(cx: int, cy: int, mask: int) -> int:
    """Hash a grid cell to a bucket."""
    h = (cx * 73856093) ^ (cy * 19349663)
    return (h ^ (h >> 15)) & mask


@njit(cache=True)
def build_grid(s: Store, book: np.ndarray, t: float, w: Work) -> None:
    """Sort the live tracks by the bucket of their cell at time t."""
    mask = w.head.shape[0] - 2
    w.head[:] = 0
    for i in range(book[HIGH]):
        if s.alive[i] == 0:
            w.bucket[i] = -1
            continue
        j = np.argmax(s.mu[i])
        dt = t - s.time_s[i]
        b = bucket_of(
            math.floor((s.x[i, j, 0] + dt * s.x[i, j, 2]) / CELL_M), math.floor((s.x[i, j, 1] + dt * s.x[i, j, 3]) / CELL_M), mask
        )
        w.bucket[i] = b
        w.head[b + 1] += 1
    for b in range(mask + 1):
        w.head[b + 1] += w.head[b]
    for i in range(book[HIGH]):
        b = w.bucket[i]
        if b >= 0:
            w.order[w.head[b]] = i
            w.head[b] += 1
    for b in range(mask + 1, 0, -1):
        w.head[b] = w.head[b - 1]
    w.head[0] = 0


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

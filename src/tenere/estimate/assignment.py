"""Two sets of points shared out in pairs at least cost, each pair nearer than a cut-off.

This is the assignment inside GOSPA (Rahmathullah, Garcia-Fernandez & Svensson 2017, eq. 1 with alpha = 2): a pair at distance d
costs d^p, and whoever is left alone costs c^p / 2. A pair is therefore worth d^p - c^p < 0 against leaving both alone, so only
pairs nearer than c are ever looked at, and the work grows with them and not with all rows times all columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]


@njit(cache=True)
def _fill(a: np.ndarray, b: np.ndarray, order: np.ndarray, cut: float, start: np.ndarray, col: np.ndarray, apart: np.ndarray) -> int:
    """Walk over the pairs nearer than cut, b in the order of its x; write them where there is room, and count them all."""
    xs = b[order, 0]
    n = 0
    for i in range(len(a)):
        start[i] = min(n, len(col))
        k = np.searchsorted(xs, a[i, 0] - cut)
        while k < len(xs) and xs[k] <= a[i, 0] + cut:
            j = order[k]
            d = np.hypot(a[i, 0] - b[j, 0], a[i, 1] - b[j, 1])
            if d < cut:
                if n < len(col):
                    col[n] = j
                    apart[n] = d
                n += 1
            k += 1
    start[len(a)] = min(n, len(col))
    return n


def near(a: F64, b: F64, cut: float) -> tuple[I64, I64, F64]:
    """Return the pairs of points a (n, 2) and b (m, 2) nearer than cut, as start (n + 1,), b's row (e,) and distance (e,).

    Pairs of a's row i are start[i] to start[i + 1]. Points that are not finite are near nothing.
    """
    a, b = np.ascontiguousarray(a, float), np.ascontiguousarray(b, float)
    order = np.argsort(b[:, 0], kind="stable")
    room = 4 * (len(a) + 1)
    while True:
        start, col, apart = np.empty(len(a) + 1, np.int64), np.empty(room, np.int64), np.empty(room)
        count = int(_fill(a, b, order, cut, start, col, apart))
        if count <= room:
            return start, col[:count], apart[:count]
        room = count


@njit(cache=True)
def assign(start: np.ndarray, col: np.ndarray, cost: np.ndarray, columns: int) -> np.ndarray:
    """Return the column (n,) of each row, -1 for none, at least total cost; being left alone costs nothing.

    Edges of row i: col[start[i]:start[i + 1]] at cost[...], below 0 where worth having; columns: how many there are.
    Shortest augmenting paths (Jonker & Volgenant 1987) over the edges alone; ties go to the lower column.
    """
    n = len(start) - 1
    m = columns
    u, v = np.zeros(n), np.zeros(m + n)  # column m + i: row i alone
    owner, way = np.full(m + n, -1, np.int64), np.full(m + n, -1, np.int64)
    dist, done = np.full(m + n, np.inf), np.zeros(m + n, np.bool_)
    touched = np.empty(m + n, np.int64)
    match = np.full(n, -1, np.int64)
    for first in range(n):
        row, base, count = first, 0.0, 0
        while True:
            for e in range(start[row], start[row + 1] + 1):
                alone = e == start[row + 1]
                j = m + row if alone else col[e]
                if not done[j]:
                    d = base + (0.0 if alone else cost[e]) - u[row] - v[j]
                    if d < dist[j]:
                        if dist[j] == np.inf:
                            touched[count] = j
                            count += 1
                        dist[j] = d
                        way[j] = row
            base, to = np.inf, -1
            for s in range(count):
                j = touched[s]
                if not done[j] and (dist[j] < base or (dist[j] == base and j < to)):
                    base, to = dist[j], j
            done[to] = True
            if owner[to] < 0:
                break
            row = owner[to]
        for s in range(count):
            j = touched[s]
            if done[j] and j != to:
                v[j] += dist[j] - base
                u[owner[j]] += base - dist[j]
        u[first] += base
        while True:
            row = way[to]
            owner[to] = row
            back = match[row]
            match[row] = to
            if row == first:
                break
            to = back
        for s in range(count):
            dist[touched[s]] = np.inf
            done[touched[s]] = False
    for i in range(n):
        if match[i] >= m:
            match[i] = -1
    return match


def pairs_of(start: I64, col: I64, apart: F64, columns: int, cut: float, order: float = 2.0) -> tuple[I64, I64, F64]:
    """Return rows i, j and the distance of the best pairs among the candidates that `near` gave."""
    if not len(col):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    match = assign(start, col, np.where(apart < cut, (apart / cut) ** order - 1.0, 1.0), columns)
    i = np.flatnonzero(match >= 0)
    owner = np.repeat(np.arange(len(start) - 1), np.diff(start))
    chosen = np.flatnonzero(match[owner] == col)
    return i, match[i], apart[chosen]


def gospa_assign(truth: F64, tracks: F64, cut_m: float, order: float = 2.0) -> tuple[I64, I64, F64]:
    """Return rows i, j and distances of the best GOSPA assignment of points (n, 2) and (m, 2) in metres: pairs nearer than cut_m."""
    return pairs_of(*near(truth, tracks, cut_m), len(tracks), cut_m, order)

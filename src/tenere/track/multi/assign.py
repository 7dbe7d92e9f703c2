"""The k best ways to share plots among tracks, over all parent hypotheses at once.

A way gives each row (track) one plot column, or its own column "missed", at cost nought. Murty (1968) splits what is left
after the best way into disjoint problems; here one queue holds the problems of every parent, so that the k best of all
come out in order, whichever parent they come from. Each problem is solved by shortest augmenting paths (Jonker &
Volgenant 1987). Ties go to the node made first.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def solve(
    cost: np.ndarray,
    pick: np.ndarray,
    start: int,
    taken: np.ndarray,
    barred: np.ndarray,
    sol: np.ndarray,
    f: np.ndarray,
    g: np.ndarray,
) -> float:
    """Assign rows start.. at least cost; return it, inf where there is no way.

    cost (L, P): of local hypothesis l with plot j; pick (n,): each row's l, -1 none. taken, barred (P + n,) bool: columns
    that nobody, and that row start, may have. sol (n,) is filled from start on: column, P + i for missed.
    f (3, P + n) floats and g (3, P + n) integers are scratch.
    """
    n, p = len(pick), cost.shape[1]
    m = p + n
    u, v, least = f[0], f[1], f[2]
    owner, way, used = g[0], g[1], g[2]
    for j in range(m):
        v[j] = 0.0
        owner[j] = -1
    for i in range(start, n):
        u[i] = 0.0
    for i in range(start, n):
        for j in range(m):
            least[j] = np.inf
            used[j] = taken[j]
            way[j] = -1
        row, at = i, -1
        while True:
            l = pick[row]
            if l >= 0:
                for j in range(p):
                    if used[j] == 0 and not (row == start and barred[j]):
                        c = cost[l, j] - u[row] - v[j]
                        if c < least[j]:
                            least[j] = c
                            way[j] = at
            j = p + row
            if used[j] == 0 and not (row == start and barred[j]) and -u[row] - v[j] < least[j]:
                least[j] = -u[row] - v[j]
                way[j] = at
            best, to = np.inf, -1
            for j in range(m):
                if used[j] == 0 and least[j] < best:
                    best = least[j]
                    to = j
            if to < 0:
                return np.inf
            u[i] += best
            for j in range(m):
                if used[j] == 2:
                    u[owner[j]] += best
                    v[j] -= best
                elif used[j] == 0:
                    least[j] -= best
            used[to] = 2
            at = to
            if owner[to] < 0:
                break
            row = owner[to]
        while at >= 0:
            back = way[at]
            owner[at] = owner[back] if back >= 0 else i
            at = back
    total = 0.0
    for j in range(m):
        i = owner[j]
        if i >= 0:
            sol[i] = j
            if j < p:
                total += cost[pick[i], j]
    return total


@njit(cache=True)
def _before(key: np.ndarray, a: int, b: int) -> bool:
    return key[a] < key[b] or (key[a] == key[b] and a < b)


@njit(cache=True)
def _push(heap: np.ndarray, size: int, key: np.ndarray, node: int) -> None:
    i = size
    heap[i] = node
    while i > 0:
        up = (i - 1) // 2
        if not _before(key, heap[i], heap[up]):
            break
        heap[i], heap[up] = heap[up], heap[i]
        i = up


@njit(cache=True)
def _pop(heap: np.ndarray, size: int, key: np.ndarray) -> int:
    top = int(heap[0])
    heap[0] = heap[size - 1]
    i, size = 0, size - 1
    while True:
        low = i
        for child in (2 * i + 1, 2 * i + 2):
            if child < size and _before(key, heap[child], heap[low]):
                low = child
        if low == i:
            return top
        heap[i], heap[low] = heap[low], heap[i]
        i = low


@njit(cache=True)
def k_best(cost: np.ndarray, picks: np.ndarray, base: np.ndarray, k: int, slack: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the k cheapest ways over all parents, cheapest first: parent (q,), plot of each row (q, n) or -1, cost (q,).

    cost (L, P) as in solve, inf where plot and hypothesis are strangers; picks (H, n) the local hypotheses of each
    parent; base (H,) what the parent costs already. Ways dearer than the best by more than slack are left out.
    """
    h, n = picks.shape
    p = cost.shape[1]
    m = p + n
    cap = h + k * n + 1
    key = np.empty(cap)
    sols = np.empty((cap, n), np.int64)
    depth = np.empty(cap, np.int64)
    whose = np.empty(cap, np.int64)
    bars = np.zeros((cap, m), np.bool_)
    heap = np.empty(cap, np.int64)
    f, g = np.empty((3, m)), np.empty((3, m), np.int64)
    taken = np.zeros(m, np.int64)
    nodes = size = 0
    limit = np.inf
    none = np.zeros(m, np.bool_)
    for q in range(h):
        c = base[q]
        if n:
            c += solve(cost, picks[q], 0, taken, none, sols[nodes], f, g)
        if c > limit:
            continue
        limit = min(limit, c + slack)
        key[nodes], depth[nodes], whose[nodes] = c, 0, q
        _push(heap, size, key, nodes)
        nodes += 1
        size += 1
    parent, out, price = np.empty(k, np.int64), np.empty((k, n), np.int64), np.empty(k)
    got = 0
    while size > 0 and got < k:
        node = _pop(heap, size, key)
        size -= 1
        if key[node] > limit:
            break
        q = whose[node]
        parent[got], price[got] = q, key[node]
        for i in range(n):
            out[got, i] = sols[node, i] if sols[node, i] < p else -1
        got += 1
        if got == k:
            break
        taken[:] = 0
        fixed = base[q]
        for i in range(n):
            if i >= depth[node] and picks[q, i] >= 0:
                child = nodes
                for j in range(m):
                    bars[child, j] = bars[node, j] and i == depth[node]
                bars[child, sols[node, i]] = True
                for a in range(i):
                    sols[child, a] = sols[node, a]
                c = fixed + solve(cost, picks[q], i, taken, bars[child], sols[child], f, g)
                if c < np.inf and c <= limit:
                    key[child], depth[child], whose[child] = c, i, q
                    _push(heap, size, key, child)
                    size += 1
                    nodes += 1
            j = sols[node, i]
            taken[j] = 1
            if j < p:
                fixed += cost[picks[q, i], j]
    return parent[:got], out[:got], price[:got]

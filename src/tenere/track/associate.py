"""How likely each plot of a look is each track's: exact in small clusters, by message passing in large ones. Numba kernels.

The weight of an edge, psi, is the odds that the plot is the track's rather than false or a newcomer's; rest is the weight
of "this track gave no plot". Exact marginals come from a sum over all joint events, track by track over the set of plots
taken (the permanent by Ryser-like dynamic programming); above EXACT_PLOTS plots, loopy belief propagation (Williams & Lau
2014, eqs. 31-34).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.track.work import DETECTION

if TYPE_CHECKING:
    from tenere.track.work import Work

EXACT_PLOTS, EXACT_TRACKS = 6, 8
LBP_TURNS, LBP_TOL = 60, 1e-3


@njit(cache=True)
def find(parent: np.ndarray, a: int) -> int:
    """Return the root of a's tree, shortening the way."""
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@njit(cache=True)
def sort_by_slot(w: Work, ns: int, ne: int) -> None:
    """Fill by_slot with the edges in the order of their slots, slot_edges with where each slot's start."""
    w.slot_edges[: ns + 1] = 0
    for e in range(ne):
        w.slot_edges[w.e_slot[e] + 1] += 1
    for k in range(ns):
        w.slot_edges[k + 1] += w.slot_edges[k]
    for e in range(ne):
        k = w.e_slot[e]
        w.by_slot[w.slot_edges[k]] = e
        w.slot_edges[k] += 1
    for k in range(ns, 0, -1):
        w.slot_edges[k] = w.slot_edges[k - 1]
    w.slot_edges[0] = 0


@njit(cache=True)
def exact(psi: np.ndarray, rest: np.ndarray, phi: np.ndarray) -> None:
    """Fill phi (T, P) with the probability that track t gave plot p. psi (T, P): weights, 0 no edge; rest (T,)."""
    nt, npl = psi.shape
    full = 1 << npl
    ahead = np.zeros((nt + 1, full))  # ahead[t, s]: weight of all events of the first t tracks that take just the plots s
    behind = np.zeros((nt + 1, full))  # behind[t, s]: of the tracks from t on, while the plots s are taken already
    ahead[0, 0] = 1.0
    for t in range(nt):
        for s in range(full):
            v = ahead[t, s]
            if v == 0.0:
                continue
            ahead[t + 1, s] += v * rest[t]
            for p in range(npl):
                if psi[t, p] > 0.0 and not s >> p & 1:
                    ahead[t + 1, s | 1 << p] += v * psi[t, p]
    for s in range(full):
        behind[nt, s] = 1.0
    for t in range(nt - 1, -1, -1):
        for s in range(full):
            v = rest[t] * behind[t + 1, s]
            for p in range(npl):
                if psi[t, p] > 0.0 and not s >> p & 1:
                    v += psi[t, p] * behind[t + 1, s | 1 << p]
            behind[t, s] = v
    total = behind[0, 0]
    for t in range(nt):
        for p in range(npl):
            v = 0.0
            if psi[t, p] > 0.0:
                for s in range(full):
                    if not s >> p & 1:
                        v += ahead[t, s] * behind[t + 1, s | 1 << p]
            phi[t, p] = psi[t, p] * v / total


@njit(cache=True)
def passing(edges: np.ndarray, plot: np.ndarray, w: Work, rest: np.ndarray, slots: np.ndarray, plots: np.ndarray) -> None:
    """Leave in e_phi the probability of each of the edges by loopy belief propagation. slots, plots: room for sums, zeroed by use."""
    for e in edges:
        w.e_nu[e] = 1.0
    for _ in range(LBP_TURNS):
        for e in edges:
            slots[w.e_slot[e]] = 0.0
            plots[plot[e]] = 0.0
        for e in edges:
            slots[w.e_slot[e]] += w.e_psi[e] * w.e_nu[e]
        for e in edges:
            k = w.e_slot[e]
            w.e_phi[e] = w.e_psi[e] / max(rest[k] + slots[k] - w.e_psi[e] * w.e_nu[e], 1e-300)
            plots[plot[e]] += w.e_phi[e]
        change = 0.0
        for e in edges:
            new = 1.0 / (1.0 + max(plots[plot[e]] - w.e_phi[e], 0.0))
            change = max(change, abs(new - w.e_nu[e]) / w.e_nu[e])  # of nu's own size: sure pairs make it minute
            w.e_nu[e] = new
        if change < LBP_TOL:
            break
    for e in edges:
        slots[w.e_slot[e]] = 0.0
    for e in edges:
        slots[w.e_slot[e]] += w.e_psi[e] * w.e_nu[e]
    for e in edges:
        k = w.e_slot[e]
        w.e_phi[e] = w.e_psi[e] * w.e_nu[e] / (rest[k] + slots[k])


@njit(cache=True)
def associate(w: Work, ns: int, ne: int, q0: int, nq: int, sensor: np.ndarray) -> None:
    """Leave in e_phi the probability of each edge; edges are in the order of their plots, and by_slot is sorted."""
    plot = np.empty(ne, np.int32)
    degree = np.zeros(nq, np.int32)
    for e in range(ne):
        plot[e] = w.e_plot[e] - q0
        degree[plot[e]] += 1
    rest = np.empty(ns)
    for k in range(ns):
        rest[k] = 1.0 - w.slot_r[k] * sensor[DETECTION]
        w.parent[k] = k
    tangled = 0
    for k in range(ns):
        a, b = w.slot_edges[k], w.slot_edges[k + 1]
        if b == a:
            continue
        e = w.by_slot[a]
        if w.slot_hard[k] >= 0:  # its address says so
            for c in range(a, b):
                w.e_phi[w.by_slot[c]] = 1.0 if w.by_slot[c] == w.slot_hard[k] else 0.0
        elif b - a == 1 and degree[plot[e]] == 1:
            w.e_phi[e] = w.e_psi[e] / (rest[k] + w.e_psi[e])
        else:
            tangled += 1
    if tangled == 0:
        return
    first = np.full(nq, -1, np.int32)  # join the slots that share a plot
    count = 0
    for e in range(ne):
        k = w.e_slot[e]
        if w.slot_hard[k] >= 0 or (degree[plot[e]] == 1 and w.slot_edges[k + 1] - w.slot_edges[k] == 1):
            continue
        count += 1
        if first[plot[e]] < 0:
            first[plot[e]] = k
        else:
            a, b = find(w.parent, first[plot[e]]), find(w.parent, k)
            if a != b:
                w.parent[max(a, b)] = min(a, b)
    pick = np.empty(count, np.int32)
    root = np.empty(count, np.int32)
    c = 0
    for e in range(ne):
        k = w.e_slot[e]
        if w.slot_hard[k] >= 0 or (degree[plot[e]] == 1 and w.slot_edges[k + 1] - w.slot_edges[k] == 1):
            continue
        pick[c], root[c] = e, find(w.parent, k)
        c += 1
    order = np.argsort(root, kind="mergesort")
    slots, plots = np.zeros(ns), np.zeros(nq)
    place_t, place_p = np.full(ns, -1, np.int32), np.full(nq, -1, np.int32)
    a = 0
    while a < count:
        b = a
        while b < count and root[order[b]] == root[order[a]]:
            b += 1
        _cluster(w, pick[order[a:b]], plot, rest, slots, plots, place_t, place_p)
        a = b


@njit(cache=True)
def _cluster(
    w: Work,
    edges: np.ndarray,
    plot: np.ndarray,
    rest: np.ndarray,
    slots: np.ndarray,
    plots: np.ndarray,
    place_t: np.ndarray,
    place_p: np.ndarray,
) -> None:
    """Solve one cluster exactly when it is small, else by message passing."""
    nt = npl = 0
    for e in edges:
        if place_t[w.e_slot[e]] < 0:
            place_t[w.e_slot[e]] = nt
            nt += 1
        if place_p[plot[e]] < 0:
            place_p[plot[e]] = npl
            npl += 1
    if npl <= EXACT_PLOTS and nt <= EXACT_TRACKS:
        psi, phi, stay = np.zeros((nt, npl)), np.zeros((nt, npl)), np.zeros(nt)
        for e in edges:
            psi[place_t[w.e_slot[e]], place_p[plot[e]]] = w.e_psi[e]
            stay[place_t[w.e_slot[e]]] = rest[w.e_slot[e]]
        exact(psi, stay, phi)
        for e in edges:
            w.e_phi[e] = phi[place_t[w.e_slot[e]], place_p[plot[e]]]
    else:
        passing(edges, plot, w, rest, slots, plots)
    for e in edges:
        place_t[w.e_slot[e]] = -1
        place_p[plot[e]] = -1

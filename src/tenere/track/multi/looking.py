"""One look: the k likeliest ways to share the plots out among the tracks, cluster by cluster.

The update of a Poisson multi-Bernoulli mixture (Williams 2015; Garcia-Fernandez, Williams, Granstrom & Svensson 2018) with
its factors kept apart: clusters that no plot joins stay products of their own mixtures, which is the same posterior.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tenere.track.multi.assign import k_best
from tenere.track.multi.gate import Heard, Limits, groups, link
from tenere.track.multi.motion import update
from tenere.track.multi.reduce import finish
from tenere.track.multi.store import Bunch, Store, append, blank, cut, join, take

EFFORT = 2_000_000  # comparisons that sharing the plots of one cluster may cost, about


@njit(cache=True)
def share(
    b: Bunch,
    cost: np.ndarray,
    plots: np.ndarray,
    h: Heard,
    detection: np.ndarray,
    time_s: float,
    next_id: int,
    limits: Limits,
    used: np.ndarray,
) -> Bunch:
    """Return a cluster after the look, before it is reduced: the likeliest ways to share plots (p,) among its n tracks.

    cost (L, p): minus the links' gains, inf where there is none. detection (n,). used (plots of the look,) is told the
    number of the track that has each plot by the likeliest way. New tracks, one a plot, are numbered from next_id.
    """
    n, p, total = len(b.ids), len(plots), len(b.exist)
    k = max(1, min(limits.max_hypotheses, EFFORT // max(1, n * n * (n + p))))
    hyps = min(k, len(b.log_weight))
    base = np.empty(hyps)
    missed = np.empty(total)
    for t in range(n):
        for a in range(b.first[t], b.first[t + 1]):
            missed[a] = max(1.0 - b.exist[a] * detection[t], 1e-300)
    for q in range(hyps):
        base[q] = -b.log_weight[q]
        for t in range(n):
            if b.picks[q, t] >= 0:
                base[q] -= math.log(missed[b.picks[q, t]])
    parent, sol, price = k_best(cost, b.picks[:hyps], base, k, -math.log(limits.prune_weight))
    ways = len(parent)
    picks = np.full((ways, n + p), -1, np.int64)
    first = np.zeros(n + p + 1, np.int64)
    slot = np.full((total, p + 1), -1, np.int64)
    source, column = np.empty(ways * n, np.int64), np.empty(ways * n, np.int64)
    at = 0
    for t in range(n):
        for q in range(ways):
            a = b.picks[parent[q], t]
            if a < 0:
                continue
            j = sol[q, t]
            if slot[a, j] < 0:  # -1, missed, is the last column
                slot[a, j] = at
                source[at], column[at] = a, j
                at += 1
            picks[q, t] = slot[a, j]
        first[t + 1] = at
    rows, exist = np.empty((at + p, b.rows.shape[1])), np.empty(at + p)
    for t in range(n):
        for i in range(first[t], first[t + 1]):
            a = source[i]
            rows[i] = b.rows[a]
            if column[i] < 0:
                exist[i] = b.exist[a] * (1.0 - detection[t]) / missed[a]
            else:
                j = plots[column[i]]
                update(rows[i], h.z[j, 0], h.z[j, 1], h.r[j])
                exist[i] = 1.0
    free = np.ones((ways, p), np.bool_)
    for q in range(ways):
        for t in range(n):
            if sol[q, t] >= 0:
                free[q, sol[q, t]] = False
    ids, shown = np.empty(n + p, np.int64), np.zeros(n + p, np.int64)
    born, seen = np.full(n + p, time_s), np.full(n + p, time_s)
    ids[:n], born[:n], seen[:n], shown[:n] = b.ids, b.born_s, b.seen_s, b.shown
    for j in range(p):
        rows[at], exist[at] = h.new_rows[plots[j]], h.new_exist[plots[j]]
        ids[n + j] = next_id + j
        for q in range(ways):
            if free[q, j]:
                picks[q, n + j] = at
        at += 1
        first[n + j + 1] = at
        used[plots[j]] = next_id + j
    for t in range(n):
        if sol[0, t] >= 0:
            used[plots[sol[0, t]]] = b.ids[t]
            seen[t] = time_s
    return Bunch(ids, born, seen, shown, first, rows, exist, picks, -price)


@njit(cache=True)
def look(s: Store, h: Heard, detection: np.ndarray, time_s: float, next_id: int, limits: Limits) -> tuple[Store, np.ndarray, int]:
    """Return the store after a look, the track number that used each plot (n,), and the next free number."""
    n = len(h.z)
    links = link(s, h, detection, limits)
    head, owner = groups(s, links, n, limits.max_cluster)
    used = np.zeros(n, np.int64)
    out = blank(len(s.ids) + n, s.rows.shape[1])
    size = np.zeros(5, np.int64)
    clusters = len(head)
    follow, last = np.full(clusters, -1, np.int64), np.arange(clusters)  # each group as a list, in order
    for c in range(clusters):
        if head[c] != c:
            follow[last[head[c]]] = c
            last[head[c]] = c
    begin, next_plot = np.full(clusters, -1, np.int64), np.full(n, -1, np.int64)  # each group's plots, in order
    for j in range(n - 1, -1, -1):
        if owner[j] >= 0:
            c = head[owner[j]]
            next_plot[j] = begin[c]
            begin[c] = j
    column = np.full(n, -1, np.int64)
    for c in range(clusters):
        if head[c] != c:
            continue
        b = take(s, c)
        if begin[c] < 0 and len(b.ids) == 1:  # nothing heard of a lone track
            e, pd = b.exist[0], detection[s.tracks[c]]
            e *= (1.0 - pd) / max(1.0 - e * pd, 1e-300)
            if e >= limits.prune_existence:
                b.exist[:] = e
                out = append(out, size, b)
            continue
        p = 0
        j = begin[c]
        while j >= 0:
            column[j] = p
            p += 1
            j = next_plot[j]
        plots = np.empty(p, np.int64)
        j = begin[c]
        while j >= 0:
            plots[column[j]] = j
            j = next_plot[j]
        o = follow[c]
        while o >= 0:
            b = join(b, take(s, o), limits.max_hypotheses)
            o = follow[o]
        cost = np.full((len(b.exist), p), np.inf)
        pd = np.empty(len(b.ids))
        o, i, t = c, 0, 0
        while o >= 0:
            for track in range(s.tracks[o], s.tracks[o + 1]):
                pd[t] = detection[track]
                t += 1
                for a in range(s.alternatives[track], s.alternatives[track + 1]):
                    for e in range(links.first[a], links.first[a + 1]):
                        if links.plot[e] >= 0:
                            cost[i, column[links.plot[e]]] = -links.gain[e]
                    i += 1
            o = follow[o]
        b = share(b, cost, plots, h, pd, time_s, next_id, limits, used)
        next_id += p
        out = finish(out, size, b, limits.prune_weight, limits.prune_existence, limits.max_hypotheses, limits.merge)
    one, none = np.zeros((1, 1), np.int64), np.zeros(1)
    span = np.array([0, 1])
    for j in range(n):
        if owner[j] < 0 and h.new_exist[j] >= limits.prune_existence:
            when = np.full(1, time_s)
            b = Bunch(np.full(1, next_id), when, when, one[0], span, h.new_rows[j : j + 1], h.new_exist[j : j + 1], one, none)
            out = append(out, size, b)
            used[j] = next_id
            next_id += 1
    return cut(out, size), used, next_id

"""What the engine remembers: clusters of aircraft, their alternatives and the explanations that pick among these.

Everything lies in flat arrays, cluster after cluster, so that a look is one pass of compiled code. A track (an aircraft
that may exist: a Bernoulli component) has one or more alternatives (rows of state with a probability of existence); an
explanation (global hypothesis) of its cluster picks one alternative of each track, or none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit


class Store(NamedTuple):
    """Clusters end to end. Counts: C clusters, T tracks, L alternatives, H explanations."""

    ids: np.ndarray
    """(T,) track number, never reused."""
    born_s: np.ndarray
    """(T,) time of the first plot."""
    seen_s: np.ndarray
    """(T,) time of the last plot of the likeliest explanation."""
    shown: np.ndarray
    """(T,) 1 once the track's existence has passed MultiConfig.confirm_existence."""
    tracks: np.ndarray
    """(C + 1,) where each cluster's tracks begin."""
    alternatives: np.ndarray
    """(T + 1,) where each track's alternatives begin."""
    rows: np.ndarray
    """(L, .) state of each alternative: see motion."""
    exist: np.ndarray
    """(L,) its probability of existence, given an explanation that picks it."""
    explanations: np.ndarray
    """(C + 1,) where each cluster's explanations begin."""
    places: np.ndarray
    """(C + 1,) where each cluster's picks begin."""
    picks: np.ndarray
    """Picks of each explanation, one a track of the cluster: the alternative, counted from the cluster's first; -1 none."""
    log_weight: np.ndarray
    """(H,) log probability of each explanation, normalised in its cluster, the likeliest first."""


class Bunch(NamedTuple):
    """One cluster, or several joined, with its own arrays: n tracks, H explanations."""

    ids: np.ndarray
    born_s: np.ndarray
    seen_s: np.ndarray
    shown: np.ndarray
    first: np.ndarray
    """(n + 1,) where each track's alternatives begin."""
    rows: np.ndarray
    exist: np.ndarray
    picks: np.ndarray
    """(H, n) alternative, counted from the bunch's first; -1 none."""
    log_weight: np.ndarray


def empty(row: int) -> Store:
    """Return a store without a cluster, for rows of that many numbers."""
    z = np.zeros(1, np.int64)
    i, f = np.zeros(0, np.int64), np.zeros(0)
    return Store(i, f, f, i, z, z, np.zeros((0, row)), f, z, z, i, f)


@njit(cache=True)
def take(s: Store, c: int) -> Bunch:
    """Return cluster c with arrays of its own."""
    t0, t1 = s.tracks[c], s.tracks[c + 1]
    a0, a1 = s.alternatives[t0], s.alternatives[t1]
    h0, h1 = s.explanations[c], s.explanations[c + 1]
    picks = s.picks[s.places[c] : s.places[c + 1]].copy().reshape((h1 - h0, t1 - t0))
    return Bunch(
        s.ids[t0:t1].copy(),
        s.born_s[t0:t1].copy(),
        s.seen_s[t0:t1].copy(),
        s.shown[t0:t1].copy(),
        s.alternatives[t0 : t1 + 1] - a0,
        s.rows[a0:a1].copy(),
        s.exist[a0:a1].copy(),
        picks,
        s.log_weight[h0:h1].copy(),
    )


@njit(cache=True)
def join(a: Bunch, b: Bunch, k: int) -> Bunch:
    """Return two independent clusters as one: the k likeliest pairs of explanations, the likeliest first."""
    na, nb, ha, hb = len(a.ids), len(b.ids), len(a.log_weight), len(b.log_weight)
    pair = np.empty(ha * hb)
    for i in range(ha):
        for j in range(hb):
            pair[i * hb + j] = -a.log_weight[i] - b.log_weight[j]
    order = np.argsort(pair, kind="mergesort")[:k]
    picks = np.empty((len(order), na + nb), np.int64)
    weight = np.empty(len(order))
    shift = len(a.exist)
    for q in range(len(order)):
        i, j = order[q] // hb, order[q] % hb
        weight[q] = -pair[order[q]]
        for t in range(na):
            picks[q, t] = a.picks[i, t]
        for t in range(nb):
            picks[q, na + t] = b.picks[j, t] + shift if b.picks[j, t] >= 0 else -1
    return Bunch(
        np.concatenate((a.ids, b.ids)),
        np.concatenate((a.born_s, b.born_s)),
        np.concatenate((a.seen_s, b.seen_s)),
        np.concatenate((a.shown, b.shown)),
        np.concatenate((a.first[:-1], b.first + shift)),
        np.concatenate((a.rows, b.rows)),
        np.concatenate((a.exist, b.exist)),
        picks,
        weight,
    )


@njit(cache=True)
def _longer(a: np.ndarray, need: int) -> np.ndarray:
    if need <= len(a):
        return a
    out = np.empty(max(need, 2 * len(a)), a.dtype)
    out[: len(a)] = a
    return out


@njit(cache=True)
def room(s: Store, size: np.ndarray, tracks: int, alternatives: int, explanations: int, picks: int) -> Store:
    """Return the store with room for one cluster more of that size. size (5,): C, T, L, H, picks in use."""
    c, t, a, h, p = size[0] + 2, size[1] + tracks + 1, size[2] + alternatives, size[3] + explanations, size[4] + picks
    rows = s.rows
    if a > len(rows):
        rows = np.empty((max(a, 2 * len(rows)), rows.shape[1]))
        rows[: len(s.rows)] = s.rows
    return Store(
        _longer(s.ids, t),
        _longer(s.born_s, t),
        _longer(s.seen_s, t),
        _longer(s.shown, t),
        _longer(s.tracks, c),
        _longer(s.alternatives, t),
        rows,
        _longer(s.exist, a),
        _longer(s.explanations, c),
        _longer(s.places, c),
        _longer(s.picks, p),
        _longer(s.log_weight, h),
    )


@njit(cache=True)
def append(s: Store, size: np.ndarray, b: Bunch) -> Store:
    """Return the store with a cluster added; size (5,) is advanced."""
    n, a, h = len(b.ids), len(b.exist), len(b.log_weight)
    s = room(s, size, n, a, h, h * n)
    c, t, at, e, p = size[0], size[1], size[2], size[3], size[4]
    for i in range(n):
        s.ids[t + i], s.born_s[t + i], s.seen_s[t + i], s.shown[t + i] = b.ids[i], b.born_s[i], b.seen_s[i], b.shown[i]
        s.alternatives[t + i + 1] = at + b.first[i + 1]
    for i in range(a):
        s.rows[at + i] = b.rows[i]
        s.exist[at + i] = b.exist[i]
    for q in range(h):
        s.log_weight[e + q] = b.log_weight[q]
        for i in range(n):
            s.picks[p + q * n + i] = b.picks[q, i]
    size[0], size[1], size[2], size[3], size[4] = c + 1, t + n, at + a, e + h, p + h * n
    s.tracks[c + 1], s.explanations[c + 1], s.places[c + 1] = size[1], size[3], size[4]
    return s


@njit(cache=True)
def cut(s: Store, size: np.ndarray) -> Store:
    """Return the store without its spare room."""
    c, t, a, h, p = size[0], size[1], size[2], size[3], size[4]
    return Store(
        s.ids[:t].copy(),
        s.born_s[:t].copy(),
        s.seen_s[:t].copy(),
        s.shown[:t].copy(),
        s.tracks[: c + 1].copy(),
        s.alternatives[: t + 1].copy(),
        s.rows[:a].copy(),
        s.exist[:a].copy(),
        s.explanations[: c + 1].copy(),
        s.places[: c + 1].copy(),
        s.picks[:p].copy(),
        s.log_weight[:h].copy(),
    )


@njit(cache=True)
def blank(tracks: int, row: int) -> Store:
    """Return a store without a cluster but with room for some tracks, for rows of that many numbers."""
    n = max(tracks, 16)
    return Store(
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros(n),
        np.zeros(n, np.int64),
        np.zeros(n + 1, np.int64),
        np.zeros(n + 1, np.int64),
        np.zeros((2 * n, row)),
        np.zeros(2 * n),
        np.zeros(n + 1, np.int64),
        np.zeros(n + 1, np.int64),
        np.zeros(8 * n, np.int64),
        np.zeros(2 * n),
    )

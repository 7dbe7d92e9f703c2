"""Which plots each track may have, and which clusters compete for plots."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.track.multi.motion import STRAIGHT_ROW, XX, fit, summary

if TYPE_CHECKING:
    from tenere.track.multi.store import Store


class Heard(NamedTuple):
    """The plots of a look, n of them, in the order given."""

    z: np.ndarray
    """(n, 2) position, m."""
    r: np.ndarray
    """(n, 3) its covariance xx, xy, yy, m2."""
    log_other: np.ndarray
    """(n,) log density (1/m2) of plots there that no known track made: false ones, and aircraft unseen so far."""
    new_exist: np.ndarray
    """(n,) probability that such a plot is an aircraft."""
    new_rows: np.ndarray
    """(n, .) the state of that aircraft."""


class Limits(NamedTuple):
    """The settings the kernels need, as in MultiConfig."""

    gate: float
    max_hypotheses: int
    prune_weight: float
    prune_existence: float
    max_cluster: int
    max_plots: int
    merge: float


class Links(NamedTuple):
    """Which alternatives may have which plots: those of alternative a lie from first[a] to first[a + 1]."""

    first: np.ndarray
    plot: np.ndarray
    gain: np.ndarray
    """Log of how much likelier "this track made the plot" is than "missed, and the plot is another's"."""


@njit(cache=True)
def link(s: Store, h: Heard, detection: np.ndarray, limits: Limits) -> Links:
    """Return the links of every alternative: inside the gate, worth considering, the likeliest max_plots of them."""
    n, total, most = len(h.z), len(s.exist), limits.max_plots
    first = np.zeros(total + 1, np.int64)
    plot, gain = np.empty(4 * total + most, np.int64), np.empty(4 * total + most)
    order = np.argsort(h.z[:, 0], kind="mergesort")
    xs = h.z[order, 0]
    widest = h.r[:, 0].max() if n else 0.0
    floor = math.log(limits.prune_weight)
    here, value = np.empty(n, np.int64), np.empty(n)
    short = np.empty(STRAIGHT_ROW)
    at = 0
    for t in range(len(s.ids)):
        pd = detection[t]
        for a in range(s.alternatives[t], s.alternatives[t + 1]):
            first[a] = at
            e = s.exist[a]
            if n == 0 or not e * pd > 0.0:
                continue
            row = s.rows[a]
            summary(row, short)
            reach = math.sqrt(limits.gate * (short[XX] + widest))
            lead = math.log(e * pd) - math.log(max(1.0 - e * pd, 1e-300))
            found = 0
            for i in range(np.searchsorted(xs, short[0] - reach), np.searchsorted(xs, short[0] + reach, side="right")):
                j = order[i]
                d2, log_fit = fit(row, h.z[j, 0], h.z[j, 1], h.r[j])
                worth = lead + log_fit - h.log_other[j]
                if d2 <= limits.gate and worth > floor:
                    here[found], value[found] = j, worth
                    found += 1
            if found > most:
                best = np.sort(np.argsort(-value[:found], kind="mergesort")[:most])
                for i in range(most):
                    here[i], value[i] = here[best[i]], value[best[i]]
                found = most
            if at + found > len(plot):
                more = np.empty(2 * len(plot), np.int64)
                more[:at] = plot[:at]
                plot = more
                worths = np.empty(len(plot))
                worths[:at] = gain[:at]
                gain = worths
            for i in range(found):
                plot[at], gain[at] = here[i], value[i]
                at += 1
    first[total] = at
    return Links(first, plot[:at], gain[:at])


@njit(cache=True)
def root(up: np.ndarray, c: int) -> int:
    """Return the head of a cluster's group, shortening the way."""
    while up[c] != c:
        up[c] = up[up[c]]
        c = up[c]
    return c


@njit(cache=True)
def groups(s: Store, links: Links, plots: int, max_cluster: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the head (the lowest cluster) of each cluster's group, and the cluster that first has each plot, -1 none.

    Clusters that share a plot are one group, unless it would be larger than max_cluster: then the plot stays with the
    first, and the other's links to it are struck out (plot -1).
    """
    clusters = len(s.tracks) - 1
    up = np.arange(clusters)
    size = s.tracks[1:] - s.tracks[:-1]
    owner = np.full(plots, -1, np.int64)
    for c in range(clusters):
        for a in range(s.alternatives[s.tracks[c]], s.alternatives[s.tracks[c + 1]]):
            for e in range(links.first[a], links.first[a + 1]):
                j = links.plot[e]
                if owner[j] < 0:
                    owner[j] = c
                    continue
                x, y = root(up, c), root(up, owner[j])
                if x == y:
                    continue
                if size[x] + size[y] > max_cluster:
                    links.plot[e] = -1
                    continue
                low, high = min(x, y), max(x, y)
                up[high] = low
                size[low] += size[high]
    head = np.empty(clusters, np.int64)
    for c in range(clusters):
        head[c] = root(up, c)
    return head, owner

"""What to show: the set of points that costs least, on average over what may be true.

The likeliest explanation is not the best answer: it shows an aircraft that most others deny, and where several fly so near
that plots may be anyone's, it takes one side. We choose the set Y with the least expected squared GOSPA (Rahmathullah,
Garcia-Fernandez & Svensson 2017, p = 2, alpha = 2) to the true set: sum of squared errors of those matched, c^2/2 for
each missed or false. So an aircraft is shown when its probability, less the worth of its uncertainty, passes one half;
and for aircraft too near to tell apart the points spread as k means would lay them (Guerriero, Svensson, Svensson &
Willett 2010, for a known number). A lone aircraft's answer is in closed form; a close group's is found over sample sets.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tenere.track.multi.gate import root
from tenere.track.multi.motion import STRAIGHT_ROW, XX, YY, blend
from tenere.track.multi.sample import draw, settle
from tenere.track.multi.store import Bunch, Store, join, take

SAMPLES = 128
ROUNDS = 12
TOGETHER = 16  # aircraft whose report is weighed together, at most
LEAST_EXIST = 0.1  # nothing below this may be shown
JOINED = 64  # explanations of clusters laid side by side for the report
NEAR = 16.0  # squared normalised distance within which two tracks may stand for each other


@njit(cache=True)
def _without(y: np.ndarray, label: np.ndarray, j: int) -> tuple[np.ndarray, np.ndarray]:
    keep = np.nonzero(np.arange(len(y)) != j)[0]
    return y[keep], label[keep]


@njit(cache=True)
def _unmatched(
    b: Bunch, to: np.ndarray, count: np.ndarray, points: np.ndarray, which: np.ndarray, label: np.ndarray
) -> tuple[int, np.ndarray]:
    """Return the track, of those without an answer, that most often is left over, and the mean of where; -1 none."""
    n = len(b.ids)
    track = np.empty(len(b.exist), np.int64)
    for t in range(n):
        track[b.first[t] : b.first[t + 1]] = t
    left, place = np.zeros(n), np.zeros((n, 2))
    free = np.empty(n, np.bool_)
    for s in range(len(count)):
        free[:] = True
        for j in range(to.shape[1]):
            if to[s, j] >= 0:
                free[to[s, j]] = False
        for i in range(count[s]):
            if free[i]:
                t = track[which[s, i]]
                left[t] += 1.0
                place[t] += points[s, i]
    for j in range(len(label)):
        left[label[j]] = 0.0
    t = int(np.argmax(left))
    return (t, place[t] / left[t]) if left[t] > 0.0 else (-1, place[t])


@njit(cache=True)
def answer(b: Bunch, c2: float, theta: float, samples: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a bunch's answer: tracks (k,), positions (k, 2), existence (k,), share of each alternative (k, L)."""
    n = len(b.ids)
    count, points, which = draw(b, samples)
    label, y = np.empty(n, np.int64), np.empty((n, 2))
    k = 0
    for t in range(n):
        a = b.picks[0, t]
        if a >= 0 and b.exist[a] >= 0.4:
            label[k] = t
            y[k, 0], y[k, 1] = b.rows[a, 0], b.rows[a, 1]
            k += 1
    label, y = label[:k], y[:k]
    to, worth, near = np.full((samples, k), -1, np.int64), np.zeros(k), np.zeros(k)
    cost = settle(y, count, points, c2, theta, ROUNDS, to, worth, near)
    while len(y):  # would one answer less be better?
        j = int(np.argmin(worth))
        if worth[j] > 0.75 * c2:
            break
        y1, label1 = _without(y, label, j)
        to1, worth1, near1 = np.full((samples, len(y1)), -1, np.int64), np.zeros(len(y1)), np.zeros(len(y1))
        cost1 = settle(y1, count, points, c2, theta, ROUNDS, to1, worth1, near1)
        if cost1 >= cost:
            break
        y, label, to, worth, near, cost = y1, label1, to1, worth1, near1, cost1
    while len(y) < n:  # or one more?
        t, place = _unmatched(b, to, count, points, which, label)
        if t < 0 or (count > len(y)).mean() < 0.25:
            break
        y1, label1 = np.empty((len(y) + 1, 2)), np.empty(len(y) + 1, np.int64)
        y1[:-1], label1[:-1] = y, label
        y1[-1], label1[-1] = place, t
        to1, worth1, near1 = np.full((samples, len(y1)), -1, np.int64), np.zeros(len(y1)), np.zeros(len(y1))
        cost1 = settle(y1, count, points, c2, theta, ROUNDS, to1, worth1, near1)
        if cost1 >= cost:
            break
        y, label, to, worth, near, cost = y1, label1, to1, worth1, near1, cost1
    share = np.zeros((len(y), len(b.exist)))
    for s in range(samples):
        for j in range(len(y)):
            if to[s, j] >= 0:
                share[j, which[s, to[s, j]]] += 1.0 / samples
    return label, y, near, share


@njit(cache=True)
def _rename(b: Bunch, label: np.ndarray, share: np.ndarray) -> None:
    """Give each answer whose track is not confirmed the confirmed track, with no answer of its own, that it most may be."""
    for j in range(len(label)):
        if b.shown[label[j]] == 1:
            continue
        most, best = 0.0, -1
        for t in range(len(b.ids)):
            mine = share[j, b.first[t] : b.first[t + 1]].sum()
            if b.shown[t] == 1 and mine > most and not (label == t).any():
                most, best = mine, t
        if best >= 0:
            label[j] = best


@njit(cache=True)
def alone(b: Bunch, c2: float, theta: float, out: np.ndarray) -> bool:
    """Say whether a lone track is worth showing; fill out (STRAIGHT_ROW,) with what to show."""
    n = len(b.exist)
    x, y = b.rows[0, 0], b.rows[0, 1]
    weight = np.empty(n)
    worth = 0.0
    for _ in range(ROUNDS):
        total = worth = sx = sy = 0.0
        for a in range(n):
            g = c2 - (b.rows[a, 0] - x) ** 2 - (b.rows[a, 1] - y) ** 2 - b.rows[a, XX] - b.rows[a, YY]
            weight[a] = math.exp(b.log_weight[a]) if g > 0.0 else 0.0
            worth += weight[a] * g
            total += weight[a]
            sx += weight[a] * b.rows[a, 0]
            sy += weight[a] * b.rows[a, 1]
        if total <= 0.0:
            return False
        if n == 1 or (x - sx / total) ** 2 + (y - sy / total) ** 2 < 1e-6 * c2:
            break
        x, y = sx / total, sy / total
    if b.exist[0] * worth <= theta * c2:
        return False
    blend(b.rows, weight / weight.sum(), out)
    return True


@njit(cache=True)
def _extent(s: Store, c: int) -> tuple[float, float]:
    """Return the least and the greatest x of a cluster's alternatives; (inf, -inf) if nothing of it may be shown."""
    low, high, worth = np.inf, -np.inf, False
    for a in range(s.alternatives[s.tracks[c]], s.alternatives[s.tracks[c + 1]]):
        low, high = min(low, s.rows[a, 0]), max(high, s.rows[a, 0])
        worth = worth or s.exist[a] > LEAST_EXIST
    return (low, high) if worth else (np.inf, -np.inf)


@njit(cache=True)
def _beside(s: Store, c: int, d: int, c2: float) -> bool:
    """Say whether aircraft of two clusters may stand for each other."""
    for a in range(s.alternatives[s.tracks[c]], s.alternatives[s.tracks[c + 1]]):
        for b in range(s.alternatives[s.tracks[d]], s.alternatives[s.tracks[d + 1]]):
            dx, dy = s.rows[a, 0] - s.rows[b, 0], s.rows[a, 1] - s.rows[b, 1]
            d2 = dx * dx + dy * dy
            if d2 < c2 and d2 < NEAR * 0.5 * (s.rows[a, XX] + s.rows[b, XX] + s.rows[a, YY] + s.rows[b, YY]):
                return True
    return False


@njit(cache=True)
def report(s: Store, c: float, theta: float, sure: float, samples: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the picture: which tracks (k,) as indices of the store's, what to show (k, STRAIGHT_ROW), existence (k,).

    The store's rows are summaries. c (m): GOSPA's; theta: what a false aircraft costs, in the costs of one false and one missed.
    Shown are confirmed tracks, and answers that are aircraft with probability sure.
    """
    c2 = c * c
    clusters = len(s.tracks) - 1
    up, size = np.arange(clusters), s.tracks[1:] - s.tracks[:-1]
    low, high = np.empty(clusters), np.empty(clusters)
    for q in range(clusters):
        low[q], high[q] = _extent(s, q)
    order = np.argsort(low, kind="mergesort")
    live = order[: int((low < np.inf).sum())]
    for i in range(len(live)):
        for j in range(i + 1, len(live)):
            if low[live[j]] > high[live[i]] + c:
                break
            x, y = root(up, live[i]), root(up, live[j])
            if x != y and size[x] + size[y] <= TOGETHER and _beside(s, live[i], live[j], c2):
                up[max(x, y)] = min(x, y)
                size[min(x, y)] += size[max(x, y)]
    follow, last = np.full(clusters, -1, np.int64), np.arange(clusters)  # each group as a list, in order
    live = np.sort(live)
    for q in live:
        head = root(up, q)
        if head != q:
            follow[last[head]] = q
            last[head] = q
    tracks, rows, exist = np.empty(len(s.ids), np.int64), np.empty((len(s.ids), STRAIGHT_ROW)), np.empty(len(s.ids))
    k = 0
    live = np.sort(live)
    for q in live:
        if up[q] != q:
            continue
        b = take(s, q)
        index = np.arange(s.tracks[q], s.tracks[q + 1])
        o = follow[q]
        while o >= 0:
            b = join(b, take(s, o), JOINED)
            index = np.concatenate((index, np.arange(s.tracks[o], s.tracks[o + 1])))
            o = follow[o]
        if len(index) == 1:
            if alone(b, c2, theta, rows[k]):
                tracks[k], exist[k] = index[0], b.exist[0]
                k += s.shown[tracks[k]]
            continue
        b.log_weight[:] -= math.log(np.exp(b.log_weight).sum())
        label, place, near, share = answer(b, c2, theta, samples)
        _rename(b, label, share)
        for j in range(len(label)):
            if near[j] > 0.0 and (b.shown[label[j]] == 1 or near[j] >= sure):
                blend(b.rows, share[j] / near[j], rows[k])
                rows[k, 0], rows[k, 1] = place[j, 0], place[j, 1]
                tracks[k], exist[k] = index[label[j]], near[j]
                k += 1
    return tracks[:k], rows[:k], exist[:k]


@njit(cache=True)
def confirm(s: Store, existence: float) -> None:
    """Mark the tracks whose existence, over all explanations, has reached a probability; the mark stays."""
    for c in range(len(s.tracks) - 1):
        n = s.tracks[c + 1] - s.tracks[c]
        for t in range(n):
            track = s.tracks[c] + t
            total = 0.0
            for q in range(s.explanations[c + 1] - s.explanations[c]):
                a = s.picks[s.places[c] + q * n + t]
                if a >= 0:
                    total += math.exp(s.log_weight[s.explanations[c] + q]) * s.exist[s.alternatives[s.tracks[c]] + a]
            if total >= existence:
                s.shown[track] = 1

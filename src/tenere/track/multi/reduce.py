"""Keep what is likely: forget the improbable, put like with like, and let the independent part.

All on a Bunch, in numba. Nothing here asks in which order explanations came, but for ties.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tenere.estimate.lanes import MU
from tenere.track.multi.motion import STRAIGHT_ROW, blend, summaries, summary
from tenere.track.multi.store import Bunch, Store, append

ALIKE_EXIST = 0.05  # alternatives that differ more than this in existence are kept apart
LEFT_OUT = 1e-4  # mutual dependence (total variation) of two tracks below which they are let part


@njit(cache=True)
def forget(b: Bunch, prune: float, least_exist: float, k: int) -> Bunch:
    """Return the bunch with its k likeliest explanations above prune, nothing that hardly exists, and no double."""
    h, n = b.picks.shape
    order = np.argsort(-b.log_weight, kind="mergesort")
    top = b.log_weight[order[0]]
    total = 0.0
    for q in range(h):
        total += math.exp(b.log_weight[q] - top)
    sure = np.zeros(n)
    weight = np.exp(b.log_weight - top) / total
    for q in range(h):
        for t in range(n):
            if b.picks[q, t] >= 0:
                sure[t] += weight[q] * b.exist[b.picks[q, t]]
    picks = np.empty((min(h, k), n), np.int64)
    kept = np.zeros(min(h, k))
    code = np.zeros(min(h, k), np.int64)
    got = 0
    for o in range(min(h, k)):
        q = order[o]
        if weight[q] < prune and o > 0:
            break
        mark = 0
        for t in range(n):
            l = b.picks[q, t]
            if l >= 0 and (b.exist[l] < least_exist or sure[t] < least_exist):
                l = -1
            picks[got, t] = l
            mark = mark * 1000003 + l + 1
        twin = -1
        for e in range(got):
            if code[e] == mark:
                same = True
                for t in range(n):
                    if picks[e, t] != picks[got, t]:
                        same = False
                        break
                if same:
                    twin = e
                    break
        if twin >= 0:
            kept[twin] += weight[q]
        else:
            kept[got], code[got] = weight[q], mark
            got += 1
    return Bunch(b.ids, b.born_s, b.seen_s, b.shown, b.first, b.rows, b.exist, picks[:got], np.log(kept[:got] / kept[:got].sum()))


@njit(cache=True)
def _apart(weight: np.ndarray, si: np.ndarray, sj: np.ndarray) -> bool:
    """Say whether the picks of two tracks are independent. si, sj (H,): numbers of the distinct picks."""
    ni, nj = si.max() + 1, sj.max() + 1
    joint, pi, pj = np.zeros((ni, nj)), np.zeros(ni), np.zeros(nj)
    for q in range(len(weight)):
        joint[si[q], sj[q]] += weight[q]
        pi[si[q]] += weight[q]
        pj[sj[q]] += weight[q]
    off = 0.0
    for x in range(ni):
        for y in range(nj):
            off += abs(joint[x, y] - pi[x] * pj[y])
    return off < LEFT_OUT


@njit(cache=True)
def _lone(b: Bunch, weight: np.ndarray, t: int, least_exist: float) -> Bunch:
    """Return track t alone: one existence, and an explanation an alternative. No alternative at all: it does not exist."""
    a0, a1 = b.first[t], b.first[t + 1]
    share = np.zeros(a1 - a0)
    for q in range(len(weight)):
        if b.picks[q, t] >= 0:
            share[b.picks[q, t] - a0] += weight[q] * b.exist[b.picks[q, t]]
    total = share.sum()
    order = np.argsort(-share, kind="mergesort")
    n = 0
    if total >= least_exist:
        while n < len(order) and share[order[n]] > 0.0:
            n += 1
    order = order[:n] + a0
    picks = np.empty((n, 1), np.int64)
    picks[:, 0] = np.arange(n)
    exist = np.full(n, min(total, 1.0))
    first = np.array([0, n])
    log_weight = np.log(share[order - a0] / max(total, 1e-300))
    one = slice(t, t + 1)
    return Bunch(b.ids[one], b.born_s[one], b.seen_s[one], b.shown[one], first, b.rows[order], exist, picks, log_weight)


@njit(cache=True)
def _part(b: Bunch, weight: np.ndarray, members: np.ndarray) -> Bunch:
    """Return the tracks in members (m,) alone, with only the alternatives that are still picked."""
    m, h = len(members), len(weight)
    number = np.full(len(b.exist), -1, np.int64)
    for e in range(m):
        for q in range(h):
            if b.picks[q, members[e]] >= 0:
                number[b.picks[q, members[e]]] = 0
    first = np.zeros(m + 1, np.int64)
    old = np.empty(len(b.exist), np.int64)
    n = 0
    for e in range(m):
        t = members[e]
        for l in range(b.first[t], b.first[t + 1]):
            if number[l] == 0:
                number[l] = n
                old[n] = l
                n += 1
        first[e + 1] = n
    picks = np.empty((h, m), np.int64)
    for q in range(h):
        for e in range(m):
            l = b.picks[q, members[e]]
            picks[q, e] = number[l] if l >= 0 else -1
    old = old[:n]
    m_ids, born, seen, shown = b.ids[members], b.born_s[members], b.seen_s[members], b.shown[members]
    return Bunch(m_ids, born, seen, shown, first, b.rows[old], b.exist[old], picks, np.log(weight))


@njit(cache=True)
def unlike(a: np.ndarray, b: np.ndarray) -> float:
    """Return the squared distance of two summaries, each axis of position and velocity in units of its mean variance."""
    d = (a[0] - b[0]) ** 2 / (0.5 * (a[4] + b[4])) + (a[1] - b[1]) ** 2 / (0.5 * (a[8] + b[8]))
    d += (a[2] - b[2]) ** 2 / (0.5 * (a[11] + b[11])) + (a[3] - b[3]) ** 2 / (0.5 * (a[13] + b[13]))
    for v in (4, 8, 11, 13):
        ratio = math.log(a[v] / b[v])
        d += ratio * ratio
    return float(d)


@njit(cache=True)
def merge_alike(b: Bunch, alike: float) -> Bunch:
    """Return the bunch with alternatives of one track that are nearly equal merged, explanations of one kind too."""
    h, n = b.picks.shape
    total = len(b.exist)
    weight = np.exp(b.log_weight)
    mass = np.zeros(total)
    for q in range(h):
        for t in range(n):
            if b.picks[q, t] >= 0:
                mass[b.picks[q, t]] += weight[q]
    into = np.arange(total)
    rows, exist = b.rows.copy(), b.exist.copy()
    changed = False
    models = rows.shape[1] if rows.shape[1] == STRAIGHT_ROW else MU
    two, part, out = np.empty((2, rows.shape[1])), np.empty(2), np.empty(rows.shape[1])
    short, shares = summaries(rows), rows[:, models:]
    for t in range(n):
        a0, a1 = b.first[t], b.first[t + 1]
        order = np.argsort(-mass[a0:a1], kind="mergesort") + a0
        for x in range(len(order)):
            i = order[x]
            if into[i] != i or mass[i] <= 0.0:
                continue
            for y in range(x + 1, len(order)):
                j = order[y]
                if into[j] != j or mass[j] <= 0.0 or unlike(short[i], short[j]) + ((shares[i] - shares[j]) ** 2).sum() > alike:
                    continue
                wi, wj = mass[i] * exist[i], mass[j] * exist[j]
                if wi + wj <= 0.0:
                    continue
                if abs(exist[i] - exist[j]) > ALIKE_EXIST and n > 1:
                    continue
                two[0], two[1] = rows[i], rows[j]
                part[0], part[1] = wi / (wi + wj), wj / (wi + wj)
                blend(two, part, out)
                rows[i] = out
                summary(out, short[i])
                exist[i] = (wi + wj) / (mass[i] + mass[j])
                mass[i] += mass[j]
                into[j] = i
                changed = True
    if not changed:
        return b
    picks = b.picks.copy()
    for q in range(h):
        for t in range(n):
            if picks[q, t] >= 0:
                picks[q, t] = into[picks[q, t]]
    return Bunch(b.ids, b.born_s, b.seen_s, b.shown, b.first, rows, exist, picks, b.log_weight)


@njit(cache=True)
def finish(s: Store, size: np.ndarray, b: Bunch, prune: float, least_exist: float, k: int, alike: float) -> Store:
    """Reduce a bunch and add its independent parts to the store, a cluster each."""
    b = forget(b, prune, least_exist, k)
    if alike > 0.0:
        b = forget(merge_alike(b, alike), 0.0, least_exist, k)
    h, n = b.picks.shape
    weight = np.exp(b.log_weight)
    kinds = np.zeros((n, h), np.int64)
    varied = np.zeros(n, np.bool_)
    number = np.empty(len(b.exist) + 1, np.int64)
    for t in range(n):
        number[:] = -1
        m = 0
        for q in range(h):
            l = b.picks[q, t] + 1
            if number[l] < 0:
                number[l] = m
                m += 1
            kinds[t, q] = number[l]
        varied[t] = m > 1
    group = np.arange(n)
    for i in range(n):
        for j in range(i):
            if varied[i] and varied[j] and group[i] != group[j] and not _apart(weight, kinds[i], kinds[j]):
                old, new = max(group[i], group[j]), min(group[i], group[j])
                for t in range(n):
                    if group[t] == old:
                        group[t] = new
    for g in range(n):
        members = np.nonzero(group == g)[0]
        if len(members) == 0:
            continue
        if len(members) == 1:
            one = _lone(b, weight, members[0], least_exist)
            if len(one.exist):
                s = append(s, size, one)
        else:
            part = _part(b, weight, members)
            if len(members) < n:
                part = forget(part, 0.0, least_exist, k)
            s = append(s, size, part)
    return s

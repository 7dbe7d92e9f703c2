"""Sample sets of a cluster, and where answers to them cost least.

The samples are a fixed low-discrepancy sequence, so that the same state gives the same picture, bit for bit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.track.multi.assign import solve
from tenere.track.multi.motion import XX, XY, YY

if TYPE_CHECKING:
    from tenere.track.multi.store import Bunch


@njit(cache=True)
def _steps(n: int) -> np.ndarray:
    """Return the fractional parts of the square roots of the first n primes: independent steps (Richtmyer 1951)."""
    out = np.empty(n)
    found, number = 0, 2
    while found < n:
        prime = True
        d = 2
        while d * d <= number:
            if number % d == 0:
                prime = False
                break
            d += 1
        if prime:
            out[found] = math.sqrt(number) % 1.0
            found += 1
        number += 1
    return out


@njit(cache=True)
def draw(b: Bunch, samples: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sample sets of a bunch: how many points (S,), the points (S, n, 2), the alternative of each (S, n).

    Samples come in pairs with the same alternatives and mirrored errors, so that means are exact.
    """
    n, hyps = len(b.ids), len(b.log_weight)
    step = _steps(3 * n)
    count, points, which = np.zeros(samples, np.int64), np.empty((samples, n, 2)), np.empty((samples, n), np.int64)
    q, upto = 0, math.exp(b.log_weight[0])
    half = samples // 2
    for i in range(half):
        while q + 1 < hyps and (i + 0.5) / half > upto:
            q += 1
            upto += math.exp(b.log_weight[q])
        m = 0
        for t in range(n):
            a = b.picks[q, t]
            if a < 0 or ((i + 0.5) * step[3 * t]) % 1.0 >= b.exist[a]:
                continue
            row = b.rows[a]
            u = max(((i + 0.5) * step[3 * t + 1]) % 1.0, 1e-12)
            size, angle = math.sqrt(-2.0 * math.log(u)), 2.0 * math.pi * (((i + 0.5) * step[3 * t + 2]) % 1.0)
            e, f = size * math.cos(angle), size * math.sin(angle)
            lx = math.sqrt(row[XX])
            ly = row[XY] / lx
            dx, dy = lx * e, ly * e + math.sqrt(max(row[YY] - ly * ly, 0.0)) * f
            points[2 * i, m, 0], points[2 * i, m, 1] = row[0] + dx, row[1] + dy
            points[2 * i + 1, m, 0], points[2 * i + 1, m, 1] = row[0] - dx, row[1] - dy
            which[2 * i, m] = which[2 * i + 1, m] = a
            m += 1
        count[2 * i] = count[2 * i + 1] = m
    return count, points, which


@njit(cache=True)
def match(y: np.ndarray, x: np.ndarray, c2: float, to: np.ndarray, gain: np.ndarray) -> float:
    """Match answers y (k, 2) and truths x (m, 2) best; return the gain, the sum of c2 - d2; to (k,): whom, -1 none.

    gain (k, m) is scratch.
    """
    k, m = len(y), len(x)
    total = 0.0
    clash = False
    for j in range(k):
        best, at = 0.0, -1
        for i in range(m):
            g = c2 - (y[j, 0] - x[i, 0]) ** 2 - (y[j, 1] - x[i, 1]) ** 2
            gain[j, i] = g
            if g > best:
                best, at = g, i
        to[j] = at
        total += best
        for e in range(j):
            if at >= 0 and to[e] == at:
                clash = True
    if not clash:
        return total  # all have their favourite: nothing is better
    cost = np.empty((k, m))
    for j in range(k):
        for i in range(m):
            cost[j, i] = -gain[j, i] if gain[j, i] > 0.0 else np.inf
    taken, barred = np.zeros(m + k, np.int64), np.zeros(m + k, np.bool_)
    total = -solve(cost, np.arange(k), 0, taken, barred, to, np.empty((3, m + k)), np.empty((3, m + k), np.int64))
    for j in range(k):
        if to[j] >= m:
            to[j] = -1
    return total


@njit(cache=True)
def settle(
    y: np.ndarray,
    count: np.ndarray,
    points: np.ndarray,
    c2: float,
    theta: float,
    rounds: int,
    to: np.ndarray,
    worth: np.ndarray,
    near: np.ndarray,
) -> float:
    """Move the answers y (k, 2) to where they gain most, in place; return the mean expected squared GOSPA.

    to (S, k): whom each answer is matched with in each sample; worth (k,): the mean of c2 - d2 of its matches; near (k,):
    in how many of the samples it has one.
    """
    samples, k = len(count), len(y)
    gain = np.empty((k, points.shape[1]))
    mean = np.empty((k, 2))
    cost = last = np.inf
    for turn in range(rounds):
        total = 0.0
        people = 0
        mean[:] = 0.0
        near[:] = 0.0
        worth[:] = 0.0
        for s in range(samples):
            m = count[s]
            people += m
            total += match(y, points[s, :m], c2, to[s], gain)
            for j in range(k):
                i = to[s, j]
                if i >= 0:
                    mean[j, 0] += points[s, i, 0]
                    mean[j, 1] += points[s, i, 1]
                    near[j] += 1.0
                    worth[j] += c2 - (y[j, 0] - points[s, i, 0]) ** 2 - (y[j, 1] - points[s, i, 1]) ** 2
        cost = c2 * ((1.0 - theta) * people / samples + theta * k) - total / samples
        if turn + 1 == rounds or last - cost < 1e-5 * c2:
            break
        last = cost
        for j in range(k):
            if near[j] > 0.0:
                y[j, 0], y[j, 1] = mean[j, 0] / near[j], mean[j, 1] / near[j]
    worth /= samples
    near /= samples
    return cost

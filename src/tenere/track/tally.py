"""What is counted of each sensor, and who sent each plot. Numba kernels."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tenere.batch import NOT_LIVE

CODES = 65_537 * 8
"""Senders that a small number names: SAC/SIC, or none, and one of eight kinds."""
ASIDE = int(NOT_LIVE)


class Tally(NamedTuple):
    """One row a sensor, of as many as there may be."""

    plots: np.ndarray
    not_live: np.ndarray
    last_s: np.ndarray
    lag_s: np.ndarray
    rate_hz: np.ndarray


def make(sensors: int) -> Tally:
    """Return the tally of sensors of which nothing was heard."""
    counts = np.zeros(sensors, np.int64), np.zeros(sensors, np.int64)
    return Tally(*counts, np.full(sensors, np.nan), np.full(sensors, np.nan), np.zeros(sensors))


@njit(cache=True)
def senders(sac_sic: np.ndarray, kind: np.ndarray, group_of: np.ndarray, scratch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each plot's sender, and each sender's SAC/SIC * 8 + group, in order of first appearance.

    group_of (256,): of each kind; scratch (CODES,): -1, and left so.
    """
    n = len(kind)
    which, codes = np.empty(n, np.int64), np.empty(n, np.int64)
    k = 0
    last, last_at = -1 << 62, 0  # plots of one sender follow each other
    for q in range(n):
        code = (int(sac_sic[q]) if 0 <= sac_sic[q] < 65_536 else -1) * 8 + group_of[kind[q]]
        if code != last:
            at = int(scratch[code + 8])
            if at < 0:
                at = k
                codes[k] = code
                k += 1
                scratch[code + 8] = at
            last, last_at = code, at
        which[q] = last_at
    for j in range(k):
        scratch[codes[j] + 8] = -1
    return which, codes[:k].copy()


@njit(cache=True)
def count(t: Tally, sensors: int, sensor: np.ndarray, time_s: np.ndarray, receive_s: np.ndarray, flags: np.ndarray, tick_s: float) -> None:
    """Count a tick's plots: sensor, time, time of arrival and flags (n,). The lag is the median of the tick's."""
    n = len(sensor)
    start = np.zeros(sensors + 1, np.int64)
    lags = np.zeros(sensors + 1, np.int64)
    for q in range(n):
        i = sensor[q]
        if i < 0:
            continue
        start[i + 1] += 1
        t.not_live[i] += flags[q] & ASIDE != 0
        if not (math.isnan(time_s[q]) or t.last_s[i] >= time_s[q]):
            t.last_s[i] = time_s[q]
        lags[i + 1] += abs(receive_s[q] - time_s[q]) < math.inf
    for i in range(sensors):
        t.plots[i] += start[i + 1]
        t.rate_hz[i] += 0.1 * (start[i + 1] / tick_s - t.rate_hz[i])
        lags[i + 1] += lags[i]
    if lags[sensors] == 0:
        return
    lag = np.empty(lags[sensors])
    at = lags[:sensors].copy()
    for q in range(n):
        i = sensor[q]
        if i >= 0 and abs(receive_s[q] - time_s[q]) < math.inf:
            lag[at[i]] = receive_s[q] - time_s[q]
            at[i] += 1
    for i in range(sensors):
        if lags[i + 1] > lags[i]:
            own = np.sort(lag[lags[i] : lags[i + 1]])
            m = len(own)
            t.lag_s[i] = own[m // 2] if m % 2 else 0.5 * (own[m // 2 - 1] + own[m // 2])

"""Two regions whose looks touch no track of each other's: two cores work at once and change no bit of what comes out. Numba kernels.

In each slice of time a straight cut, along one axis of the plane, is laid where it parts the plots best. A look whose plots
all lie well to one side meets only tracks of that side; what lies about the cut comes after both sides are done. The cut
follows from the plots alone, and each side takes the rows of its new tracks from a stock of its own, so the order in which
the sides run, or that they run together, shows nowhere.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.track.grid import CELL_M
from tenere.track.work import BIGGEST, COUNTED, FREE, HIGH

if TYPE_CHECKING:
    from tenere.track.store import Store
    from tenere.track.work import Work

LOW, UPPER, BOTH = range(3)
"""On which side of the cut a look lies: below, above, or about it."""
MARGIN_M = 2 * CELL_M  # the grid offers a plot no track farther away
SPLIT_PLOTS = 2000  # in a slice: fewer are done before a second core has begun
WORTH = 0.8  # the cut must save a fifth
BINS = 256


class Looks(NamedTuple):
    """The looks of a tick in the order of processing: slice by slice, of each first the lower side's, the upper's, those of both."""

    rows: np.ndarray  # (n,) i8 the plots
    starts: np.ndarray  # (L + 1,) bounds in rows
    sensor: np.ndarray  # (L,) its sensor
    name: np.ndarray  # (L,) parts of one look bear one name; ascending from 0 in the order of sensors
    groups: np.ndarray  # (S, 4) of each slice its first look, the first of the upper side's, the first of both, the end
    cuts: np.ndarray  # (S, 2) axis (0 x, 1 y, -1 none) and place of its cut


@njit(cache=True)
def _cut(low: np.ndarray, high: np.ndarray, weight: np.ndarray) -> tuple[int, float, float]:
    """Return (axis, place, cost) of the best cut: the cost is the heavier side's weight and that of what lies about the cut.

    low, high (k, 2): where each piece begins and ends along both axes; weight (k,).
    """
    total = weight.sum()
    best, axis, place = total, -1, 0.0
    below, above = np.empty(BINS + 2), np.empty(BINS + 2)
    for d in range(2):
        begin, end = low[:, d].min(), high[:, d].max()
        width = (end - begin) / BINS
        if not width > 0.0:
            continue
        below[:], above[:] = 0.0, 0.0
        for k in range(len(weight)):
            first = math.ceil((high[k, d] + MARGIN_M - begin) / width)  # cuts from here on have the piece below them
            last = math.floor((low[k, d] - MARGIN_M - begin) / width)  # cuts up to here have it above
            if first <= BINS:
                below[first] += weight[k]
            if last >= 0:
                above[min(last, BINS)] += weight[k]
        for c in range(1, BINS + 1):
            below[c] += below[c - 1]
        for c in range(BINS - 1, -1, -1):
            above[c] += above[c + 1]
        for c in range(BINS + 1):
            cost = total - min(below[c], above[c])
            if cost < best:
                best, axis, place = cost, d, begin + c * width
    return axis, place, best


@njit(cache=True, inline="always")
def _where(low: float, high: float, place: float) -> int:
    """Return the side of a cut that a piece from low to high lies on."""
    if high + MARGIN_M <= place:
        return LOW
    return UPPER if low - MARGIN_M >= place else BOTH


@njit(cache=True)
def divide(
    rows: np.ndarray,
    starts: np.ndarray,
    slices: np.ndarray,
    sensor: np.ndarray,
    whole: np.ndarray,
    z: np.ndarray,
    frame: np.ndarray,
    frame_m: float,
) -> Looks:
    """Part the looks of each slice by a cut.

    rows (n,), starts (L + 1,), slices (L,): as ordered; sensor, frame (N,), z (N, 2): of the whole batch, whose row q lies at
    z[q] + (frame[q] * frame_m, 0); whole (S,): whether a sensor's look stays in one piece, as one whose plots compete must.
    """
    n, looks = len(rows), len(slices)
    side = np.full(n, BOTH, np.uint8)
    spans = 0
    for a in range(looks):
        spans += a == 0 or slices[a] != slices[a - 1]
    groups, cuts = np.zeros((spans, 4), np.int64), np.zeros((spans, 2))
    out = np.empty(n, np.int64)
    new_starts, new_name, new_sensor = np.zeros(3 * looks + 1, np.int64), np.empty(3 * looks, np.int64), np.empty(3 * looks, np.int64)
    low, high, weight = np.empty((n, 2)), np.empty((n, 2)), np.empty(n)
    made, put = 0, 0
    first = 0
    for g in range(spans):
        last = first
        while last < looks and slices[last] == slices[first]:
            last += 1
        cuts[g, 0] = -1.0
        if starts[last] - starts[first] >= SPLIT_PLOTS:
            k = 0
            for a in range(first, last):
                together = whole[sensor[rows[starts[a]]]]
                for c in range(starts[a], starts[a + 1]):
                    q = rows[c]
                    x, y = z[q, 0] + frame[q] * frame_m, z[q, 1]
                    if c == starts[a] or not together:
                        low[k, 0] = high[k, 0] = x
                        low[k, 1] = high[k, 1] = y
                        weight[k] = 0.0
                        k += 1
                    low[k - 1, 0], low[k - 1, 1] = min(low[k - 1, 0], x), min(low[k - 1, 1], y)
                    high[k - 1, 0], high[k - 1, 1] = max(high[k - 1, 0], x), max(high[k - 1, 1], y)
                    weight[k - 1] += 1.0
            axis, place, cost = _cut(low[:k], high[:k], weight[:k])
            if axis >= 0 and cost <= WORTH * (starts[last] - starts[first]):
                cuts[g, 0], cuts[g, 1] = axis, place
                k = -1
                for a in range(first, last):
                    together = whole[sensor[rows[starts[a]]]]
                    for c in range(starts[a], starts[a + 1]):
                        k += c == starts[a] or not together
                        side[c] = _where(low[k, axis], high[k, axis], place)
        for which in range(3):
            groups[g, which] = made
            for a in range(first, last):
                begun = put
                for c in range(starts[a], starts[a + 1]):
                    if side[c] == which:
                        out[put] = rows[c]
                        put += 1
                if put > begun:
                    new_sensor[made], new_name[made] = sensor[rows[starts[a]]], a
                    made += 1
                    new_starts[made] = put
        groups[g, 3] = made
        first = last
    return Looks(out, new_starts[: made + 1], new_sensor[:made], new_name[:made], groups, cuts)


@njit(cache=True)
def side_of(x: float, y: float, cut: np.ndarray) -> int:
    """Return the side of a cut (2,) that a place lies on: LOW where there is none."""
    if cut[0] < 0.0:
        return LOW
    return UPPER if (x if cut[0] == 0.0 else y) >= cut[1] else LOW


@njit(cache=True)
def reserve(s: Store, book: np.ndarray, w: Work, lower: Work, upper: Work, books: np.ndarray, need: tuple[int, int], most: int) -> None:
    """Give each side free rows for as many births as it has plots (need), and counters of its own (books)."""
    ceiling = min(s.alive.shape[0], most)
    room = book[FREE] + max(ceiling - book[HIGH], 0)
    wanted = need[0] + need[1]
    first = need[0] if wanted <= room else room * need[0] // wanted
    counts = (first, min(need[1], room - first))
    books[:] = 0
    for r in range(2):
        stock = lower.free if r == 0 else upper.free
        n = counts[r]
        for c in range(n):
            if book[FREE] > 0:
                book[FREE] -= 1
                i = w.free[book[FREE]]
            else:
                i = book[HIGH]
                book[HIGH] += 1
            stock[n - 1 - c] = i
            w.side[i] = r
        books[r, FREE] = n
    books[0, HIGH] = books[1, HIGH] = book[HIGH]
    lower.part[0], upper.part[0] = LOW, UPPER


@njit(cache=True)
def settle(book: np.ndarray, w: Work, lower: Work, upper: Work, books: np.ndarray) -> None:
    """Take back what both sides left of their free rows, and add up their counters."""
    for r in range(1, -1, -1):
        stock = lower.free if r == 0 else upper.free
        for c in range(books[r, FREE]):
            w.free[book[FREE]] = stock[c]
            book[FREE] += 1
        for k in COUNTED:
            book[k] += books[r, k]
        book[BIGGEST] = max(book[BIGGEST], books[r, BIGGEST])

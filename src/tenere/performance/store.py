"""What is remembered: per sensor the counts and histograms, per sensor and track the last few plots. All of it bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from tenere.performance.bins import BINS

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_SENSORS = 256
"""Sensors measured; plots of others are counted together."""
MAX_PAIRS = 1 << 19
FORGET_S = 900.0
INTERVALS, PER_S = 1025, 16.0  # bins of a sixteenth of a second to 64 s
ABSENT_S = (INTERVALS - 1) / PER_S
"""Longer than this without a plot of its own, a track has left the sensor's sight: an absence, which is no miss and no gap."""
SECTORS, RINGS, FIRST_RING_M = 36, 48, 100.0
SLOTS, FIRST_SLOT_S = 720, 10.0
KEPT = 1500
"""Plots, and misses, of a sensor that are kept for the map."""

(
    PLOTS,  # all, whatever becomes of them
    NOT_LIVE,  # simulated, test, field monitor: counted and left out of all else
    UNPLACED,  # without a position
    PLACED,  # live and placed: what the shares of false and split plots are of
    TAKEN,  # by a numbered track
    FOUNDING,  # not taken, and then found to have begun a track
    FALSE,  # taken by no track, and nobody's beginning
    SPLIT,  # a second plot of one track in one look
    INTERVAL,  # between two plots of one track
    ABSENCE,
    SECONDARY,  # that could tell a code
    A_THERE,
    A_GARBLED,  # flagged garbled or not valid by the sensor
    A_JUDGED,
    A_WRONG,
    A_CHANGED,
    C_THERE,
    C_GARBLED,
    C_JUDGED,
    C_WRONG,
    C_CHANGED,
    SELECTIVE,  # that should tell an address
    ADDRESS_THERE,
    ADDRESS_JUDGED,
    ADDRESS_WRONG,
    ADDRESS_CHANGED,
    DUPLICATE,  # an address heard where it cannot be
    ADDRESSED,  # what those are a share of
    BACKWARDS,  # a time before that of an earlier plot
    NO_LAG,  # received at the very time of the plot: the recording tells no time of receiving
    GROUND,
    ADSB,  # reports that should tell their quality
    GAP,  # intervals of more than GAP_LOOKS periods, counted while running
    RUN,  # intervals that are the first since a track was new or absent
) = range(34)
NCOUNTS = 34
GAP_LOOKS = 2.5


class Tally(NamedTuple):
    """Counts and histograms: row 0 of the picture, row k + 1 of sensor k; n rows."""

    counts: NDArray[np.int64]  # (n, NCOUNTS)
    kinds: NDArray[np.int64]  # (n, 16) plots by PlotKind
    intervals: NDArray[np.int64]  # (n, INTERVALS) between plots of a track
    interval_s: NDArray[np.float64]  # (n, INTERVALS) their sums
    ground: NDArray[np.int64]  # (n, INTERVALS) those of them with both ends on the ground
    ground_s: NDArray[np.float64]
    along: NDArray[np.int64]  # (n, BINS) residuals against the track's prediction
    along_sums: NDArray[np.float64]  # (n, 3)
    across: NDArray[np.int64]
    across_sums: NDArray[np.float64]
    distance: NDArray[np.int64]  # the same residual as one length
    distance_sums: NDArray[np.float64]
    own_along: NDArray[np.int64]  # noise from a track's own plots alone
    own_along_sums: NDArray[np.float64]
    own_across: NDArray[np.int64]
    own_across_sums: NDArray[np.float64]
    own_distance: NDArray[np.int64]
    own_distance_sums: NDArray[np.float64]
    lag: NDArray[np.int64]
    lag_sums: NDArray[np.float64]
    quality: NDArray[np.int64]  # (n, 3, 17) NIC, NACp, SIL: 0..15, then absent
    sectors: NDArray[np.int64]  # (n, SECTORS, 2) updates received, and missed
    rings: NDArray[np.int64]  # (n, RINGS, 2)
    ring_m: NDArray[np.float64]  # (n,) width of a ring
    slots: NDArray[np.int64]  # (n, SLOTS, 3) plots, misses, gaps by time
    hits: NDArray[np.float64]  # (n, KEPT, 2)
    misses: NDArray[np.float64]
    kept: NDArray[np.int64]  # (n, 2, 3) of hits and misses: seen, one in so many kept, kept
    extremes: NDArray[np.float64]  # (n, 4) first and last time, longest gap, farthest step back in time
    period_s: NDArray[np.float64]  # (n,) as found so far; NaN not yet


WIDTHS: dict[str, tuple[int, ...]] = {
    "counts": (NCOUNTS,), "kinds": (16,), "intervals": (INTERVALS,), "interval_s": (INTERVALS,),
    "ground": (INTERVALS,), "ground_s": (INTERVALS,),
    "along": (BINS,), "along_sums": (3,), "across": (BINS,), "across_sums": (3,), "distance": (BINS,), "distance_sums": (3,),
    "own_along": (BINS,), "own_along_sums": (3,), "own_across": (BINS,), "own_across_sums": (3,),
    "own_distance": (BINS,), "own_distance_sums": (3,), "lag": (BINS,), "lag_sums": (3,),
    "quality": (3, 17), "sectors": (SECTORS, 2), "rings": (RINGS, 2), "ring_m": (), "slots": (SLOTS, 3),
    "hits": (KEPT, 2), "misses": (KEPT, 2), "kept": (2, 3), "extremes": (4,), "period_s": (),
}  # fmt: skip
REAL = frozenset(name for name in WIDTHS if name.endswith(("_sums", "_s", "_m")) or name in {"hits", "misses", "extremes"})


def make_tally(rows: int) -> Tally:
    """Return empty counts of so many rows."""
    made: dict[str, Any] = {name: np.zeros((rows, *width), np.float64 if name in REAL else np.int64) for name, width in WIDTHS.items()}
    made["ring_m"][:] = FIRST_RING_M
    made["period_s"][:] = np.nan
    made["extremes"][:, :2] = np.nan
    made["kept"][:, :, 1] = 1
    return Tally(**made)


def grow_tally(tally: Tally, rows: int) -> Tally:
    """Return the same counts with room for more rows."""
    more = make_tally(rows - len(tally.counts))
    return Tally(*(np.concatenate([old, new]) for old, new in zip(tally, more, strict=True)))


class Pairs(NamedTuple):
    """What is remembered of a track as one sensor sees it (or of an address): a table found by its key, open addressing, c places."""

    key: NDArray[np.int64]  # (c,) -1 free
    last: NDArray[np.float64]  # (c, 5) time, x, y, frame of the last plot, 1 where it was on the ground
    ring: NDArray[np.float64]  # (c, 3, 3) time, x, y of the last three in a row, newest last
    ring_n: NDArray[np.int64]  # (c,)
    code: NDArray[np.int64]  # (c, 2, 3) Mode A and address: held, pending, times pending; -1 none
    height: NDArray[np.float64]  # (c, 5) held height and its time, pending height, its time, times pending
    used: NDArray[np.int64]  # (1,) places taken


def make_pairs(capacity: int) -> Pairs:
    """Return an empty table; capacity a power of two."""
    return Pairs(
        key=np.full(capacity, -1, np.int64),
        last=np.zeros((capacity, 5)),
        ring=np.zeros((capacity, 3, 3)),
        ring_n=np.zeros(capacity, np.int64),
        code=np.full((capacity, 2, 3), -1, np.int64),
        height=np.full((capacity, 5), np.nan),
        used=np.zeros(1, np.int64),
    )


@njit(cache=True)
def place_of(pairs: Pairs, key: int) -> tuple[int, bool]:
    """Return the place of a key, which it is given where it has none; and whether it is new. The table must have room."""
    mask = len(pairs.key) - 1
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing, Knuth, The Art of Computer Programming 3, 6.4
    at = int(np.int64(mixed >> np.uint64(20)) & mask)
    while pairs.key[at] != -1:
        if pairs.key[at] == key:
            return at, False
        at = (at + 1) & mask
    pairs.key[at] = key
    pairs.used[0] += 1
    pairs.ring_n[at] = 0
    pairs.code[at] = -1
    pairs.height[at] = np.nan
    return at, True


@njit(cache=True)
def _refill(old: Pairs, new: Pairs, rows: np.ndarray) -> None:
    """Put rows of one table into another."""
    for i in rows:
        at, _ = place_of(new, old.key[i])
        new.last[at] = old.last[i]
        new.ring[at] = old.ring[i]
        new.ring_n[at] = old.ring_n[i]
        new.code[at] = old.code[i]
        new.height[at] = old.height[i]


def with_room(pairs: Pairs, more: int, time_s: float) -> Pairs:
    """Return a table with room for more keys: those unheard of for FORGET_S go, and where that is not enough the oldest do."""
    c = len(pairs.key)
    if 2 * (int(pairs.used[0]) + more) <= c:
        return pairs
    rows = np.flatnonzero((pairs.key != -1) & (pairs.last[:, 0] > time_s - FORGET_S))
    room = max(MAX_PAIRS - more, 0)
    if len(rows) > room:
        rows = np.sort(rows[np.argsort(-pairs.last[rows, 0], kind="stable")[:room]])
    while c < 3 * (len(rows) + more):
        c *= 2
    made = make_pairs(c)
    _refill(pairs, made, rows)
    return made

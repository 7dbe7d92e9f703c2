"""How often aircraft are seen where many radars look: learnt from the tracks that are there. Numba kernels.

One radar's next look at a place comes a turn later, but where ten radars look something comes every second. So an aircraft
that is new to all of them has only just appeared, or is one that few of them can see; and a beginning that nobody repeats
soon is doubted. What is kept is, in coarse cells of the plane, the usual gap between the plots of the aircraft that radars see
there. Without any the radar's own turn counts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from tenere.batch import TOLD_BY_ITSELF, PlotKind
from tenere.track.store import X, Y
from tenere.track.work import HIGH, REVISIT_CELLS

if TYPE_CHECKING:
    import numpy as np

    from tenere.track.store import Store

CELL_M = 64_000.0
KEPT = 0.9
"""Share of what was learnt that each lesson leaves."""
ESTABLISHED_HITS = 6
LEAST_TRACKS = 1.0
SECLUDED = 0.1
"""Share of the new aircraft that few of the radars there can see: behind hills, or low."""
QUIET_GAPS, QUIET_S, QUIET_PD = 3.0, 1.0, 0.875
"""A beginning of which nobody says more for so many usual gaps, a second at least, has been missed: that others see it is so likely."""
SHARE_OF_TURN, SHORT_TURN_S = 0.8, 3.5
"""Others are asked only where they answer well before the same radar's next look, and that is not soon."""
PATIENT_TURNS, OWN_PD = 3.5, 0.8
"""A beginning waits for so many turns; how likely its own radar's look sees it."""
SENDERS = (*TOLD_BY_ITSELF, PlotKind.MLAT)
SENT = int(sum(1 << int(k) for k in SENDERS))


@njit(cache=True, inline="always")
def _cell(cx: int, cy: int) -> int:
    """Hash a cell of the plane to a row of the map."""
    h = (cx * 73856093) ^ (cy * 19349663)
    return (h ^ (h >> 15)) & (REVISIT_CELLS - 1)


@njit(cache=True)
def usual(seen: np.ndarray, x: float, y: float, period_s: float) -> float:
    """Return the usual gap (s) between plots of an aircraft at x, y (m): never more than a lone radar's turn."""
    cx, cy = math.floor(x / CELL_M), math.floor(y / CELL_M)
    total, tracks = 0.0, 0.0
    for by in range(cy - 1, cy + 2):
        for bx in range(cx - 1, cx + 2):
            k = _cell(bx, by)
            total += seen[k, 0]
            tracks += seen[k, 1]
    return min(period_s, total / tracks) if tracks >= LEAST_TRACKS else period_s


@njit(cache=True, inline="always")
def newcomers(usual_s: float, period_s: float) -> float:
    """Return which share of a lone radar's newcomers are new to a radar where aircraft are usually seen every usual_s."""
    return SECLUDED + (1.0 - SECLUDED) * usual_s / period_s


@njit(cache=True, inline="always")
def ask(c: np.record, period_s: float) -> None:
    """Expect the next plot of a beginning (c: of Store.together) as soon as is usual, where that is well within a radar's turn."""
    soon = max(QUIET_GAPS * c.gap_s, QUIET_S)
    if period_s > SHORT_TURN_S and soon < SHARE_OF_TURN * period_s:
        c.miss_s = c.update_s + soon
        c.miss_pd = QUIET_PD


@njit(cache=True, inline="always")
def asked(c: np.record) -> bool:
    """Say whether the miss just counted was that of `ask`; the next one then is of its own radar."""
    if c.miss_pd != QUIET_PD:
        return False
    c.miss_s = c.update_s + 1.1 * c.patience_s / PATIENT_TURNS
    c.miss_pd = OWN_PD
    return True


@njit(cache=True)
def learn(s: Store, book: np.ndarray, time_s: float, seen: np.ndarray) -> None:
    """Take the tracks that radars keep into the map, and tell those not confirmed yet how often they should be seen."""
    alive, confirmed, hits, keys, hot, gap, update = s.alive, s.confirmed, s.hits, s.key, s.hot, s.gap_s, s.update_s
    kinds = s.kinds
    seen *= KEPT
    for i in range(book[HIGH]):
        if alive[i] == 1 and confirmed[i] == 1 and hits[i] >= ESTABLISHED_HITS and time_s - update[i] < QUIET_GAPS * gap[i]:
            of = kinds[i, 0] | kinds[i, 1]
            if of != 0 and of & SENT == 0:
                k = _cell(math.floor(hot[i, X] / CELL_M), math.floor(hot[i, Y] / CELL_M))
                seen[k, 0] += gap[i]
                seen[k, 1] += 1.0
    for i in range(book[HIGH]):
        if alive[i] == 1 and confirmed[i] == 0 and keys[i] < 0:
            gap[i] = usual(seen, hot[i, X], hot[i, Y], gap[i])

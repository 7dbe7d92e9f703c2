"""Where and when updates are received and missed: sectors, rings, slots of time, and a few places for a map. None of them grows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from numba import njit

from tenere.performance import store as s

if TYPE_CHECKING:
    import numpy as np


class Clock(NamedTuple):
    """How the slots of time lie: (2,) begin of the first and width of each."""

    slots: np.ndarray


@njit(cache=True)
def slot_of(t: s.Tally, clock: Clock, time_s: float) -> int:
    """Return the slot of a time; slots become twice as wide until the time has one. Times before the first go there."""
    begin, width = clock.slots
    k = int((time_s - begin) / width) if time_s > begin else 0
    while k >= s.SLOTS:
        half = s.SLOTS // 2
        for row in range(len(t.slots)):
            for i in range(half):
                t.slots[row, i] = t.slots[row, 2 * i] + t.slots[row, 2 * i + 1]
            t.slots[row, half:] = 0
        clock.slots[1] = width = 2.0 * width
        k = int((time_s - begin) / width)
    return k


@njit(cache=True)
def keep(points: np.ndarray, kept: np.ndarray, x: float, y: float) -> None:
    """Keep one point in so many: points (KEPT, 2), kept (3,). Full, every other goes and half as many come from then on."""
    if kept[0] % kept[1] == 0:
        if kept[2] == len(points):
            half = len(points) // 2
            for i in range(half):
                points[i] = points[2 * i]
            kept[2], kept[1] = half, 2 * kept[1]
        if kept[0] % kept[1] == 0:
            points[kept[2], 0], points[kept[2], 1] = x, y
            kept[2] += 1
    kept[0] += 1


@njit(cache=True)
def cell(t: s.Tally, row: int, dx: float, dy: float, missed: int) -> None:
    """Count an update received (missed 0) or missed (1) so far from the sensor."""
    r = math.sqrt(dx * dx + dy * dy)
    sector = int((math.atan2(dx, dy) % (2.0 * math.pi)) / (2.0 * math.pi) * s.SECTORS) % s.SECTORS
    t.sectors[row, sector, missed] += 1
    while r >= t.ring_m[row] * s.RINGS and r < 1e7:
        half = s.RINGS // 2
        for i in range(half):
            t.rings[row, i] = t.rings[row, 2 * i] + t.rings[row, 2 * i + 1]
        t.rings[row, half:] = 0
        t.ring_m[row] *= 2.0
    t.rings[row, min(int(r / t.ring_m[row]), s.RINGS - 1), missed] += 1

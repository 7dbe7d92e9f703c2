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
def slot_of(slots: np.ndarray, clock: np.ndarray, time_s: float) -> int:
    """Return the slot of a time among slots (n, SLOTS, 3); they become twice as wide until it has one. Times before the first go there."""
    begin, width = clock[0], clock[1]
    k = int((time_s - begin) / width) if time_s > begin else 0
    while k >= s.SLOTS:
        half = s.SLOTS // 2
        for row in range(len(slots)):
            for i in range(half):
                slots[row, i] = slots[row, 2 * i] + slots[row, 2 * i + 1]
            slots[row, half:] = 0
        clock[1] = width = 2.0 * width
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
def cell(sectors: np.ndarray, rings: np.ndarray, ring_m: np.ndarray, row: int, dx: float, dy: float, missed: int) -> None:
    """Count an update received (missed 0) or missed (1) so far from the sensor: in its sector, and in its ring, as wide as it must be."""
    r = math.sqrt(dx * dx + dy * dy)
    sector = int((math.atan2(dx, dy) % (2.0 * math.pi)) / (2.0 * math.pi) * s.SECTORS) % s.SECTORS
    sectors[row, sector, missed] += 1
    while r >= ring_m[row] * s.RINGS and r < 1e7:
        half = s.RINGS // 2
        for i in range(half):
            rings[row, i] = rings[row, 2 * i] + rings[row, 2 * i + 1]
        rings[row, half:] = 0
        ring_m[row] *= 2.0
    rings[row, min(int(r / ring_m[row]), s.RINGS - 1), missed] += 1

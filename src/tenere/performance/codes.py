"""Codes, addresses and heights: which of a track's are wrong, told from those that follow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from tenere.performance import store as s

if TYPE_CHECKING:
    import numpy as np

STAYS = 3
"""A code that differs and is heard this often in a row is the new one; before that it was wrong."""
JUMP_M, CLIMB_MS = 91.44, 50.0
"""A height off by more than 300 ft and what a climb of 10,000 ft/min makes is wrong."""
A_BAD, C_BAD = 32 | 64, 128 | 256  # PlotFlag: garbled or invalid
FIRST_CODED, LAST_CODED, MLAT = 2, 6, 7
MODE_S, PSR_MODE_S, ADSB, TISB, ADSR = 4, 5, 6, 10, 11


@njit(cache=True)
def hear_code(code: np.ndarray, value: int) -> tuple[int, int, int]:
    """Hear a code: code (3,) holds the one held, the one that differs and how often; return judged, wrong, changed."""
    waiting = max(code[2], 0)
    if code[0] == -1:  # held once it was heard twice running
        if waiting and value == code[1]:
            code[0], code[2] = value, 0
            return 2, 0, 0
        code[1], code[2] = value, 1
        return 0, 0, 0
    if value == code[0]:
        code[2] = 0
        return 1 + waiting, waiting, 0
    if waiting and value == code[1]:
        code[2] = waiting + 1
        if code[2] < STAYS:
            return 0, 0, 0
        code[0], code[2] = value, 0
        return STAYS, 0, 1
    code[1], code[2] = value, 1
    return waiting, waiting, 0


@njit(cache=True)
def _near(a: float, since_s: float, b: float, time_s: float) -> bool:
    return abs(b - a) <= JUMP_M + CLIMB_MS * min(abs(time_s - since_s), 60.0)


@njit(cache=True)
def hear_height(held: np.ndarray, value: float, time_s: float) -> tuple[int, int, int]:
    """Hear a height: held (5,) as in Pairs; return judged, wrong, changed."""
    if math.isnan(held[0]):
        if held[4] == 1.0 and _near(held[2], held[3], value, time_s):
            held[0], held[1], held[4] = value, time_s, 0.0
            return 2, 0, 0
        held[2], held[3], held[4] = value, time_s, 1.0
        return 0, 0, 0
    waiting = int(held[4])
    if _near(held[0], held[1], value, time_s):
        held[0], held[1], held[4] = value, time_s, 0.0
        return 1 + waiting, waiting, 0
    if waiting and _near(held[2], held[3], value, time_s):
        held[2], held[3], held[4] = value, time_s, waiting + 1
        if waiting + 1 < STAYS:
            return 0, 0, 0
        held[0], held[1], held[4] = value, time_s, 0.0
        return STAYS, 0, 1
    held[2], held[3], held[4] = value, time_s, 1.0
    return waiting, waiting, 0


@njit(cache=True)
def count(c: np.ndarray, kind: int, flags: int, mode_a: int, height: float, address: int) -> None:
    """Count the codes that are there and those that should be, in a sensor's counts (NCOUNTS,)."""
    if FIRST_CODED <= kind <= LAST_CODED or kind == MLAT:
        c[s.SECONDARY] += 1
        c[s.A_THERE] += mode_a >= 0
        c[s.A_GARBLED] += (flags & A_BAD) != 0
        c[s.C_THERE] += math.isfinite(height)
        c[s.C_GARBLED] += (flags & C_BAD) != 0
    if kind in (MODE_S, PSR_MODE_S, ADSB, MLAT, TISB, ADSR):
        c[s.SELECTIVE] += 1
        c[s.ADDRESS_THERE] += address >= 0

"""Recorder files round ASTERIX: Final, RPLY and GPS, each a chain of frames that say their own length.

    final   length (2, whole frame), 3 bytes of line and day, time of day (3, 1/100 s), blocks, 4 bytes of padding
    rply    length of the blocks (4, little-endian), ms since the frame before (4, little-endian), blocks
    gps     2200 bytes, then a block and 10 bytes, again and again

None has a mark to know it by: a frame is believed where its blocks fill it exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.errors import Rejects
from tenere.wire.asterix.blocks import EXISTING, READ, programs_by_category
from tenere.wire.asterix.walk import reads

if TYPE_CHECKING:
    from numpy.typing import NDArray

FINAL, RPLY, GPS = 0, 1, 2
NAMES = ("final", "rply", "gps")
GPS_HEADER = 2200
TICK_S = (0.01, 0.001, np.nan)
CHAIN = 3
MANY = 64


class Framed(NamedTuple):
    """Frames of a recorder file: (n,) payload start and end, recorder's time (NaN none; RPLY: since the first); share explained."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    time_s: NDArray[np.float64]
    explained: float
    rejects: Rejects


@njit(cache=True)
def _frame(data: NDArray[np.uint8], at: int, mode: int) -> tuple[int, int, int, int]:  # noqa: PLR0911 - one way out for each kind
    """Return payload start, payload end, next frame, time; all 0 where no frame can stand here."""
    size = data.size
    if mode == FINAL:
        if at + 12 > size:
            return 0, 0, 0, 0
        length = int(data[at]) * 256 + int(data[at + 1])
        time = (int(data[at + 5]) * 256 + int(data[at + 6])) * 256 + int(data[at + 7])
        if length < 16 or at + length > size or time >= 8_640_000:
            return 0, 0, 0, 0
        return at + 8, at + length - 4, at + length, time
    if mode == RPLY:
        if at + 8 > size:
            return 0, 0, 0, 0
        length = int(data[at]) + 256 * int(data[at + 1]) + 65536 * (int(data[at + 2]) + 256 * int(data[at + 3]))
        time = int(data[at + 4]) + 256 * int(data[at + 5]) + 65536 * (int(data[at + 6]) + 256 * int(data[at + 7]))
        if length < 4 or length > 1 << 20 or at + 8 + length > size:
            return 0, 0, 0, 0
        return at + 8, at + 8 + length, at + 8 + length, time
    if at + 3 > size:
        return 0, 0, 0, 0
    length = int(data[at + 1]) * 256 + int(data[at + 2])
    if length < 4 or at + length > size:
        return 0, 0, 0, 0
    return at, at + length, min(at + length + 10, size), 0


@njit(cache=True)
def _filled(data: NDArray[np.uint8], start: int, end: int, known: NDArray[np.bool_]) -> bool:
    """Say whether blocks (at most MANY, which bounds the search after damage) fill a payload exactly."""
    at = start
    for _ in range(MANY):
        if at + 3 >= end or not known[data[at]]:
            break
        length = int(data[at + 1]) * 256 + int(data[at + 2])
        if length < 4:
            return False
        at += length
    return at == end


@njit(cache=True)
def _chains(
    data: NDArray[np.uint8], at: int, mode: int, known: NDArray[np.bool_], programs: NDArray[np.int32], program_at: NDArray[np.int64]
) -> bool:
    """Say whether frames that are exactly filled chain from here: CHAIN of them, or to the end.

    A GPS frame is always filled, so that the first block must read whole too.
    """
    if mode == GPS and at < data.size:
        program = programs[program_at[data[at]] : program_at[int(data[at]) + 1]]
        _, end, following, _ = _frame(data, at, mode)
        if following == 0 or program.size == 0 or not reads(data, at + 3, end, program, READ):
            return False
    for _ in range(CHAIN):
        start, end, following, _ = _frame(data, at, mode)
        if following == 0 or not _filled(data, start, end, known):
            return False
        at = following
        if at == data.size:
            return True
    return True


@njit(cache=True)
def _scan(
    data: NDArray[np.uint8],
    begin: int,
    mode: int,
    known: NDArray[np.bool_],
    programs: NDArray[np.int32],
    program_at: NDArray[np.int64],
    rows: NDArray[np.int64],
    gaps: NDArray[np.int64],
    write: bool,
) -> tuple[int, int, int]:
    """Find frames: rows (n, 3) start, end, time; gaps (m, 2). Return (n, m, bytes of exactly filled frames)."""
    n = 0
    m = 0
    filled = 0
    at = begin
    while at < data.size:
        start, end, following, time = _frame(data, at, mode)
        if following:
            good = _filled(data, start, end, known)
            if not good:  # the frame may still be right about its length
                after = _frame(data, following, mode)
                good = following == data.size or (after[2] > 0 and _filled(data, after[0], after[1], known))
            elif following < data.size and _frame(data, following, mode)[2] == 0:
                for p in range(at + 1, following):
                    if _chains(data, p, mode, known, programs, program_at):
                        good = False
                        break
            if good:
                if write:
                    rows[n, 0] = start
                    rows[n, 1] = end
                    rows[n, 2] = time
                if _filled(data, start, end, known):
                    filled += following - at
                n += 1
                at = following
                continue
        p = at + 1
        while p < data.size and not _chains(data, p, mode, known, programs, program_at):
            p += 1
        if write:
            gaps[m, 0] = at
            gaps[m, 1] = p
        m += 1
        at = p
    return n, m, filled


def read_framed(data: bytes, mode: int) -> Framed:
    """Return the frames of a file read as one of NAMES; what lies between is counted."""
    octets = np.frombuffer(data, np.uint8)
    known = np.zeros(256, np.bool_)
    known[list(EXISTING)] = True
    programs = programs_by_category()
    begin = GPS_HEADER if mode == GPS else 0
    none = np.empty((0, 3), np.int64)
    rejects = Rejects()
    if len(data) <= begin:
        return Framed(none[:, 0], none[:, 1], np.empty(0), 0.0, rejects)
    n, m, filled = _scan(octets, begin, mode, known, *programs, none, none, False)
    rows, gaps = np.empty((n, 3), np.int64), np.empty((m, 2), np.int64)
    _scan(octets, begin, mode, known, *programs, rows, gaps, True)
    for start, end in gaps.tolist():
        rejects.add(f"{NAMES[mode]} recording cut short" if end == len(data) else f"bytes that are no {NAMES[mode]} frame", start)
    times: NDArray[np.float64] = rows[:, 2] * np.float64(TICK_S[mode])
    if mode == RPLY:
        times = np.cumsum(times)
    return Framed(rows[:, 0], rows[:, 1], times, filled / (len(data) - begin), rejects)

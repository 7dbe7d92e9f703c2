"""Copying ground and altitudes between a grid and the strip of rows that a sweep works on, turned where the sweep goes by columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F32 = NDArray[np.float32]

TILE = 16
"""Rows and columns under one maximum."""


@njit(cache=True, nogil=True, error_model="numpy")
def take(line: F32, to: F32, low: np.float32) -> None:
    """Copy a line of ground; low where it is not known (NaN)."""
    for q in range(line.size):
        v = np.float32(line[q])
        to[q] = v if v == v else low


@njit(cache=True, nogil=True, error_model="numpy")
def take_turned(grid: F32, to: F32, origin: int, left: int, right: int, start: int, sign: int, low: np.float32) -> float:
    """Copy columns start, start + sign, ... of a grid into the rows of a strip: rows origin + left up to origin + right of the grid.

    Sixteen rows of the grid are touched before they are copied, so that the memory's answers overlap: twice as fast.
    """
    n = to.shape[0]
    touched = 0.0
    for begin in range(left, right, TILE):
        end = min(right, begin + TILE)
        for m in range(0, n, 16):
            for q in range(begin, end):
                touched += grid[origin + q, start + sign * m]
        for m in range(n):
            line, column = to[m], start + sign * m
            for q in range(begin, end):
                v = np.float32(grid[origin + q, column])
                line[q] = v if v == v else low
    return touched


@njit(cache=True, nogil=True, error_model="numpy")
def give_turned(altitudes: F32, grid: F32, out: F32, origin: int, middle: float, y0: float, start: int, sign: int, reach: float) -> float:
    """Copy n rows of altitudes into columns, never below the ground.

    Only the posts nearer to the axis than they are far along it, and within reach.
    """
    n = altitudes.shape[0]
    far = y0 + n - 1
    touched = 0.0
    j0, j1 = max(0, math.ceil(middle - far)), min(out.shape[0] - 1, math.floor(middle + far)) + 1
    for first in range(j0, j1, TILE):
        last = min(j1, first + TILE)
        for m in range(0, n, 16):
            for j in range(first, last):
                touched += grid[j, start + sign * m]
        for j in range(first, last):
            x = abs(j - middle)
            line, ground, q = out[j], grid[j], j - origin
            begin, end = max(0, math.floor(x - y0) + 1), n
            while end > begin and x * x + (y0 + end - 1) * (y0 + end - 1) > reach * reach:
                end -= 1
            for m in range(begin, end):
                v, z = altitudes[m, q], ground[start + sign * m]
                line[start + sign * m] = v if v > z else z  # noqa: FURB136 - NaN ground gives NaN
    return touched


@njit(cache=True, nogil=True, error_model="numpy")
def tile_tops(grid: F32, low: float) -> F32:
    """Return the highest ground of each TILE by TILE posts, (ceil(n / TILE), ceil(m / TILE)); low where not known."""
    n, m = grid.shape
    out = np.full(((n + TILE - 1) // TILE, (m + TILE - 1) // TILE), np.float32(low))
    ridge = np.empty(m, np.float32)
    for a in range(out.shape[0]):
        ridge[:] = np.float32(low)
        for i in range(a * TILE, min(n, a * TILE + TILE)):
            line = grid[i]
            for j in range(m):
                ridge[j] = line[j] if line[j] > ridge[j] else ridge[j]  # noqa: FURB136 - a select fills the vectors, and passes NaN over
        for b in range(out.shape[1]):
            for j in range(b * TILE, min(m, b * TILE + TILE)):
                out[a, b] = max(out[a, b], ridge[j])
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def blank(out: F32, row: float, column: float, reach: float) -> None:
    """Set infinite what no quarter writes.

    Posts beyond the reach (and those just within), and, in case rounding leaves one out, those on the diagonals.
    """
    n, m = out.shape
    for i in range(n):
        y = abs(i - row)
        wide = math.sqrt(max(0.0, reach * reach - y * y)) - 1.0
        begin = int(min(max(math.ceil(column - wide), 0.0), float(m)))
        end = int(max(min(math.floor(column + wide) + 1.0, float(m)), float(begin)))
        out[i, :begin] = np.inf
        out[i, end:] = np.inf
        for x in (column - y, column + y):
            for j in range(max(0, math.floor(x) - 1), min(m, math.floor(x) + 3)):
                out[i, j] = np.inf

"""Connected regions of a mask on a grid: their numbers, how far inside each post lies, their outlines. Numba kernels.

Posts that share a side are connected (4-connected): two that meet at a corner are not. An outline runs along the sides of posts,
half a step from their middles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I32 = NDArray[np.int32]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

STRAIGHT, DIAGONAL = 3, 4
"""Lengths of steps in the distance to the outside, in thirds of a post: off by 8 % at most (Borgefors, Computer Vision, Graphics, and
Image Processing 34, 1986)."""


@njit(cache=True)
def _root(parent: I32, i: int) -> int:
    """Return the root of a number, and shorten the way to it."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True)
def _label(mask: Mask, out: I32, parent: I32) -> int:
    """Fill out (n, m) with the region of each post, from 1 in the order of their first posts; 0 outside. Return how many there are."""
    n, m = mask.shape
    made = 0
    for i in range(n):
        for j in range(m):
            out[i, j] = 0
            if not mask[i, j]:
                continue
            up = out[i - 1, j] if i > 0 else 0
            left = out[i, j - 1] if j > 0 else 0
            if up == 0 and left == 0:
                made += 1
                parent[made] = made
                out[i, j] = made
            elif up == 0 or left == 0:
                out[i, j] = up + left
            else:
                a, b = _root(parent, up), _root(parent, left)
                low, high = min(a, b), max(a, b)
                parent[high] = low
                out[i, j] = low
    count = 0
    for k in range(1, made + 1):  # a root comes before all that are joined to it
        if parent[k] == k:
            count += 1
            parent[k] = -count
        else:
            parent[k] = parent[parent[k]]
    for i in range(n):
        for j in range(m):
            if out[i, j] > 0:
                out[i, j] = -parent[out[i, j]]
    return count


def label(mask: Mask) -> tuple[I32, int]:
    """Number the connected regions of a mask (n, m): (n, m) int32, 0 outside, from 1 in the order of their first posts; and how many."""
    mask = np.ascontiguousarray(mask, np.bool_)
    out = np.zeros(mask.shape, np.int32)
    count = _label(mask, out, np.zeros(mask.size // 2 + 2, np.int32))
    return out, int(count)


@njit(cache=True)
def _renumber(labels: I32, to: I32) -> None:
    """Put new numbers in place of the old ones: to (count + 1,)."""
    for i in range(labels.shape[0]):
        row = labels[i]
        for j in range(len(row)):
            row[j] = to[row[j]]


def renumbered(labels: I32, to: I32) -> I32:
    """Put new numbers in place of old ones, in place: to (count + 1,) int32."""
    _renumber(labels, np.ascontiguousarray(to, np.int32))
    return labels


@njit(cache=True)
def _inwards(labels: I32, out: NDArray[np.uint16]) -> None:
    """Fill out with the distance from each post of a region to the nearest of another or none, or to the edge, in thirds of a post."""
    n, m = labels.shape
    top = 65535
    for i in range(n):
        for j in range(m):
            k = labels[i, j]
            d = 0
            if k > 0:
                d = top
                for di, dj, step in ((0, -1, STRAIGHT), (-1, 0, STRAIGHT), (-1, -1, DIAGONAL), (-1, 1, DIAGONAL)):
                    a, b = i + di, j + dj
                    there = out[a, b] if 0 <= a < n and 0 <= b < m and labels[a, b] == k else 0
                    d = min(d, there + step)
            out[i, j] = d
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            k = labels[i, j]
            if k > 0:
                d = int(out[i, j])
                for di, dj, step in ((0, 1, STRAIGHT), (1, 0, STRAIGHT), (1, 1, DIAGONAL), (1, -1, DIAGONAL)):
                    a, b = i + di, j + dj
                    there = out[a, b] if 0 <= a < n and 0 <= b < m and labels[a, b] == k else 0
                    d = min(d, there + step)
                out[i, j] = d


@njit(cache=True)
def _innermost(labels: I32, inwards: NDArray[np.uint16], best: I64) -> None:
    """Fill best (count + 1, 3) with row, column and distance of each region's most inner post, the first of several."""
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            k = labels[i, j]
            if k > 0 and inwards[i, j] > best[k, 2]:
                best[k, 0], best[k, 1], best[k, 2] = i, j, inwards[i, j]


def innermost(labels: I32, count: int) -> I64:
    """Return row and column of the most inner post of each region, (count + 1, 2) int64; region 0 is none (-1)."""
    out = np.zeros(labels.shape, np.uint16)
    _inwards(labels, out)
    best = np.full((count + 1, 3), -1, np.int64)
    _innermost(labels, out, best)
    return best[:, :2]


@njit(cache=True)
def _boxes(labels: I32, out: I64) -> None:
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            k = labels[i, j]
            if k > 0:
                out[k, 0], out[k, 1] = min(out[k, 0], i), max(out[k, 1], i + 1)
                out[k, 2], out[k, 3] = min(out[k, 2], j), max(out[k, 3], j + 1)


def boxes(labels: I32, count: int) -> I64:
    """Return the first row, end row, first column and end column of each region, (count + 1, 4) int64."""
    out = np.zeros((count + 1, 4), np.int64)
    out[:, 0], out[:, 2] = labels.shape
    _boxes(labels, out)
    return out


@njit(cache=True)
def _trace(mask: Mask, corners: I64, starts: I64) -> tuple[int, int]:
    """Walk round every part of a mask (n, m) whose edge posts are all outside, the inside at the left hand.

    corners (p, 2): row and column of the corners where the way turns (corner i, j is north-west of post i, j). starts: where each ring
    begins. Return rings and corners. Where two posts of the inside meet at a corner only, the way turns left: they stay apart.
    """
    n, m = mask.shape
    done = np.zeros((n, m), np.bool_)  # the upper side of this post was walked (westwards)
    rings = used = 0
    for i in range(1, n):
        for j in range(1, m):
            if not mask[i, j] or mask[i - 1, j] or done[i, j]:
                continue
            starts[rings] = used
            rings += 1
            first_r, first_c = i, j + 1  # at the upper right corner of the post, going west: the inside is south, at the left
            r, c, dr, dc = first_r, first_c, 0, -1
            while True:
                if dc == -1:
                    done[r, c - 1] = True
                r, c = r + dr, c + dc
                left = mask[r + (dr - dc - 1) // 2, c + (dc + dr - 1) // 2]  # of the two posts ahead
                right = mask[r + (dr + dc - 1) // 2, c + (dc - dr - 1) // 2]
                if not left or right:
                    corners[used, 0], corners[used, 1] = r, c
                    used += 1
                    dr, dc = (dc, -dr) if left else (-dc, dr)
                if r == first_r and c == first_c and dr == 0 and dc == -1:
                    break
    return rings, used


def _split(ring: I64) -> list[I64]:
    """Cut a ring of corners (p, 2) where it meets itself, into rings that meet no corner twice."""
    out, way, at = [], list[tuple[int, int]](), dict[tuple[int, int], int]()
    for corner in map(tuple, ring.tolist()):
        if corner in at:
            begin = at[corner]
            out.append(way[begin:])
            for gone in way[begin:]:
                del at[gone]
            del way[begin:]
        at[corner] = len(way)
        way.append(corner)
    out.append(way)
    return [np.array(r, np.int64) for r in out if len(r) >= 4]


def signed_area(ring: F64 | I64) -> float:
    """Return the area of a ring (p, 2) of rows and columns: positive where it runs counter-clockwise as a map shows it, north up."""
    y, x = -np.asarray(ring[:, 0], float), np.asarray(ring[:, 1], float)
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2.0


def outline(mask: Mask, top: int = 0, left: int = 0) -> list[F64]:
    """Return the rings of one connected region (n, m), each (p, 2) rows and columns, not closed: the outer one first, then its holes.

    The outer ring runs counter-clockwise as seen on a map, holes clockwise, as RFC 7946 section 3.1.6 asks. Corners are half a step
    from the middles of posts; no ring meets a corner twice. top, left: added to rows and columns.
    """
    padded = np.pad(np.asarray(mask, np.bool_), 1)
    room = 4 * int(mask.sum()) + 4
    corners, starts = np.zeros((room, 2), np.int64), np.zeros(room, np.int64)
    rings, used = _trace(padded, corners, starts)
    ends = np.append(starts[1:rings], used)
    found = [part for a, b in zip(starts[:rings], ends, strict=True) for part in _split(corners[a:b])]
    found.sort(key=lambda ring: -signed_area(ring))
    return [ring.astype(np.float64) - 1.5 + np.array([top, left]) for ring in found]

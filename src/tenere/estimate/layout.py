"""How many tracks' filters stand side by side in a block, and how they come there: the layout of tenere.estimate.lanes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from tenere.estimate.motion import M

LANES = 32
MODEL = 20  # numbers a model: 5 states, 15 of their covariance
MU = M * MODEL
ROW = MU + M
LINE = 16  # numbers of four bytes in a cache line
KEPT = -(-ROW // LINE) * LINE
L = LANES
STEP = 16  # lanes that one vector fills: a block is worked at in whole ones
SPARE = ROW * LANES  # a block's last number is nobody's
BLOCK = SPARE + 1

# four bytes, so that numbers of four bytes stay such; with eight they make eight
ZERO, HALF, ONE, TWO, THIRD = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0), np.float32(1.0 / 3.0)
LEAST, LEAST_SPEED = np.float32(1e-30), np.float32(1e-9)
LEAST_VAR = np.float32(1e-18)  # rounding must not take a variance to zero or below


@njit(inline="always")
def padded(n: int) -> int:
    """Return n lanes filled up to whole vectors."""
    return (n + STEP - 1) & -STEP


@njit(cache=True)
def load(rows: np.ndarray, which: np.ndarray, first: int, n: int, b: np.ndarray) -> None:
    """Bring n rows, which[first:], into block b; empty lanes up to whole vectors repeat the last. rows (C, ROW or more)."""
    touched = ZERO  # one number of every cache line first, so that their journeys from memory overlap
    for l in range(n):
        i = which[first + l]
        for c in range(0, ROW, LINE):
            touched += rows[i, c]
    b[SPARE] = touched
    for l in range(n):
        i = which[first + l]
        for c in range(ROW):
            b[c * L + l] = rows[i, c]
    for c in range(ROW):
        last = b[c * L + n - 1]
        for l in range(n, padded(n)):
            b[c * L + l] = last


@njit(cache=True)
def store(rows: np.ndarray, which: np.ndarray, first: int, n: int, b: np.ndarray, about: np.ndarray) -> None:
    """Write n lanes of block b back to their rows, positions less about (2 lanes at least: x, y)."""
    for l in range(n):
        i = which[first + l]
        x, y = about[l], about[L + l]
        for j in range(M):
            at = j * MODEL
            rows[i, at], rows[i, at + 1] = b[at * L + l] - x, b[(at + 1) * L + l] - y
            for c in range(at + 2, at + MODEL):
                rows[i, c] = b[c * L + l]
        for c in range(MU, ROW):
            rows[i, c] = b[c * L + l]


class Scratch(NamedTuple):
    """Room for the steps between: arrays of their own, so that the compiler knows that they do not overlap."""

    w: np.ndarray  # 19 lanes: mixing weights
    g: np.ndarray  # 56: second moments
    y: np.ndarray  # 20: one model mixed
    f: np.ndarray  # 8: its transition
    c: np.ndarray  # 13: what a plot looks at
    k: np.ndarray  # 15: gains


def scratch(kind: type[np.floating[Any]] = np.float32) -> Scratch:
    """Return the room that one block's steps need. kind: of the block's numbers."""
    return Scratch(*(np.zeros(k * LANES, kind) for k in (19, 56, 20, 8, 13, 15)))

"""The scenario of the PMBM paper: four aircraft that meet, and Monte-Carlo plots of them, all from seeds.

Williams 2015 (scenario 1, arXiv:1203.2995), with the parameters of Garcia-Fernandez, Williams, Granstrom & Svensson 2018: four
nearly-constant-velocity aircraft, alive from step 1, meet in the middle of a square at step 41, where the first ends.
Their truth comes from MATLAB's legacy generator after randn('seed', 9), made anew here; plots come from NumPy's PCG64, so they
follow the authors' law and are not their draws.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

STEPS, AIRCRAFT, SIDE_M = 81, 4, 300.0
DRIFT, SURVIVAL = 0.02, 0.99
F = np.kron(np.eye(2), [[1.0, 1.0], [0.0, 1.0]])
Q = DRIFT * np.kron(np.eye(2), [[1 / 3, 1 / 2], [1 / 2, 1.0]])
SETTINGS = ((0.9, 10), (0.95, 10), (0.8, 10), (0.7, 10), (0.9, 15), (0.9, 20))
"""Detection probability and mean number of false plots a step."""


class LegacyNormal:
    """MATLAB's version-4 generator: Park and Miller's multiplier under a polar method that keeps one of each pair."""

    def __init__(self, seed: int) -> None:
        seed = seed or 931316785
        self.state = (seed & 0x7FFF) << 16 | seed & 0x8000 | seed >> 16

    def uniform(self) -> float:
        """Return the next number in (0, 1)."""
        self.state = self.state * 16807 % (2**31 - 1)
        return self.state / (2**31 - 1)

    def normal(self) -> float:
        """Return the next normal number."""
        while True:
            a, b = 2 * self.uniform() - 1, 2 * self.uniform() - 1
            r = a * a + b * b
            if 0 < r < 1:
                return float(a * np.sqrt(-2 * np.log(r) / r))

    def matrix(self, rows: int, columns: int) -> np.ndarray:
        """Return normal numbers, filled column after column."""
        return np.array([self.normal() for _ in range(rows * columns)]).reshape(columns, rows).T


class Truth(NamedTuple):
    """Where the aircraft are: x (STEPS, AIRCRAFT, 4) as x, vx, y, vy; alive (STEPS, AIRCRAFT)."""

    x: np.ndarray
    alive: np.ndarray


def truth(seed: int = 9) -> Truth:
    """Return the aircraft of the paper: drawn in the middle of the time, then forwards and backwards."""
    numbers = LegacyNormal(seed)
    root = np.linalg.cholesky(Q)
    here = np.sqrt(0.1) * numbers.matrix(4, AIRCRAFT) + np.array([[SIDE_M / 2], [0], [SIDE_M / 2], [0]])
    x = np.zeros((STEPS, AIRCRAFT, 4))
    middle = (STEPS - 1) // 2
    x[middle] = here.T
    ahead, behind, back = here, here, np.linalg.inv(F)
    for k in range(1, middle + 1):
        ahead = F @ ahead + root @ numbers.matrix(4, AIRCRAFT)
        behind = back @ (behind + root @ numbers.matrix(4, AIRCRAFT))
        x[middle + k], x[middle - k] = ahead.T, behind.T
    alive = np.ones((STEPS, AIRCRAFT), bool)
    alive[middle:, 0] = False
    return Truth(x, alive)


def plots(true: Truth, detection: float, false_plots: int, run: int, seed: int = 2018) -> list[np.ndarray]:
    """Return one run's plots, (n, 2) a step: those of the aircraft with one metre's error an axis, then the false ones."""
    rng = np.random.default_rng([seed, run, int(detection * 100), false_plots])  # noqa: TID251 - seeded by its arguments
    out = []
    for x, alive in zip(true.x, true.alive, strict=True):
        seen = alive & (rng.random(AIRCRAFT) < detection)
        z = x[seen][:, [0, 2]] + rng.standard_normal((seen.sum(), 2))
        out.append(np.vstack([z, rng.random((rng.poisson(false_plots), 2)) * SIDE_M]))
    return out

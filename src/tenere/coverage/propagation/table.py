"""Losses from one place, tabulated by the other's height and distance, for maps of many cells.

A `Table` is filled once for an antenna's height, a frequency and a percentage; `loss_at` then costs some nanoseconds. Between its
nodes the loss goes straight in distance and in the fourth root of height (a horizon's distance goes with the square root, and
most of the heights asked for are low). What that errs by is measured in docs/explanation/propagation.md.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from tenere.coverage.propagation.p528 import LEAST_M, MOST_M, losses

Floats = npt.NDArray[np.float64]


class Table(NamedTuple):
    """Losses from an antenna by height and distance of the other end."""

    least: float
    """Fourth root of the least height (m)."""
    step: float
    """Between the fourth roots of two rows."""
    step_m: float
    """Between the distances of two columns; the first is 0."""
    loss_db: Floats
    """`(heights, distances)`."""


def table(
    antenna_m: float,
    range_m: float,
    *,
    frequency_hz: float,
    percent: float = 50.0,
    vertical: bool = False,
    heights: int = 120,
    distances: int = 1000,
) -> Table:
    """Return the losses of P.528-5 from an antenna's height (m above the sea) to every height of 1.5 to 20,000 m up to a range (m).

    ValueError as `losses` raises. Straight above the antenna, at its own height, the value of the next distance stands.
    """
    least, most = LEAST_M**0.25, MOST_M**0.25
    step = (most - least) / (heights - 1)
    step_m = range_m / (distances - 1)
    away = np.arange(distances) * step_m
    loss = np.empty((heights, distances))
    for i in range(heights):
        height_m = min(max((least + i * step) ** 4, LEAST_M), MOST_M)
        loss[i] = losses(away, antenna_m, height_m, frequency_hz=frequency_hz, percent=percent, vertical=vertical).loss_db
    loss[:, 0] = np.where(np.isnan(loss[:, 0]), loss[:, 1], loss[:, 0])
    return Table(least, step, step_m, loss)


@njit(cache=True, error_model="numpy")
def loss_at(t: Table, distance_m: float, height_m: float) -> float:
    """Return the loss (dB) to a height (m above the sea) at a distance (m); NaN beyond the table's range.

    A height outside 1.5 to 20,000 m counts as the nearer of both.
    """
    loss = t.loss_db
    x = distance_m / t.step_m
    if not 0.0 <= x <= loss.shape[1] - 1:
        return math.nan
    y = (math.sqrt(math.sqrt(max(height_m, 0.0))) - t.least) / t.step
    y = min(max(y, 0.0), loss.shape[0] - 1.0)
    j, i = min(int(x), loss.shape[1] - 2), min(int(y), loss.shape[0] - 2)
    f, g = x - j, y - i
    low = loss[i, j] + f * (loss[i, j + 1] - loss[i, j])
    high = loss[i + 1, j] + f * (loss[i + 1, j + 1] - loss[i + 1, j])
    return float(low + g * (high - low))

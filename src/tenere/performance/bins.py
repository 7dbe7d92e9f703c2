"""Histograms that never grow: fine near zero, coarser far out, so that a metre and a hundred kilometres both have a bin.

Bin k holds the values about scale * sinh(k / PER_E): linear below the scale, PER_E bins to a factor of e above it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

PER_E = 24.0
SIDE = 400  # bins each side of zero: to scale * 8.6 million
BINS = 2 * SIDE + 1


@njit(cache=True)
def bin_of(value: float, scale: float) -> int:
    """Return the bin of a finite value; what lies beyond the last is in the last."""
    k = int(np.rint(math.asinh(value / scale) * PER_E))
    return min(max(k, -SIDE), SIDE) + SIDE


@njit(cache=True)
def add(counts: np.ndarray, sums: np.ndarray, value: float, scale: float) -> None:
    """Count a value: counts (BINS,), sums (3,) are its number, sum and sum of squares. What is not finite is left out."""
    if math.isfinite(value):
        counts[bin_of(value, scale)] += 1
        sums[0] += 1.0
        sums[1] += value
        sums[2] += value * value


def edges(scale: float) -> F64:
    """Return the edges of the bins (BINS + 1,)."""
    k = np.arange(-SIDE, SIDE + 2) - 0.5
    return np.asarray(scale * np.sinh(k / PER_E))


def quantile(counts: I64, scale: float, share: float) -> float:
    """Return the value below which this share lies, to about 1 %; NaN of none."""
    total = int(counts.sum())
    if not total:
        return math.nan
    at = np.concatenate([[0.0], np.cumsum(counts)]) / total
    return float(np.interp(share, at, edges(scale)))


def spread(counts: I64, scale: float, share: float) -> float:
    """Return the size (without sign) below which this share lies; NaN of none."""
    folded = counts[SIDE:].copy()
    folded[1:] += counts[:SIDE][::-1]
    total = int(folded.sum())
    if not total:
        return math.nan
    at = np.concatenate([[0.0], np.cumsum(folded)]) / total
    upper = edges(scale)[SIDE + 1 :].copy()
    return float(np.interp(share, at, np.concatenate([[0.0], upper])))


class Moments(NamedTuple):
    """What a histogram says of its values; NaN of none. p95: of the size, without sign."""

    n: int
    mean: float
    std: float
    rms: float
    p95: float
    robust_std: float


def moments(counts: I64, sums: F64, scale: float) -> Moments:
    """Sum up a histogram. robust_std: median size over 0.6745, which a few wild values do not move."""
    n = int(sums[0])
    if not n:
        return Moments(0, math.nan, math.nan, math.nan, math.nan, math.nan)
    mean = float(sums[1] / n)
    square = float(sums[2] / n)
    var = max(square - mean * mean, 0.0) * (n / (n - 1) if n > 1 else 1.0)
    return Moments(n, mean, math.sqrt(var), math.sqrt(square), spread(counts, scale, 0.95), spread(counts, scale, 0.5) / 0.674489750196)

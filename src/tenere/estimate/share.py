"""A share of so many, and how sure it is."""

from __future__ import annotations

import math
from typing import NamedTuple

Z95 = 1.959963984540054


class Share(NamedTuple):
    """part of whole, as a share with the limits of its 95 % interval; NaN where the whole is 0."""

    part: float
    whole: float
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, part: float, whole: float) -> Share:
        """Weigh a count, 0 to the whole, of a whole."""
        low, high = wilson(part, whole)
        return cls(part, whole, part / whole if whole > 0 else math.nan, low, high)


def wilson(part: float, whole: float, z: float = Z95) -> tuple[float, float]:
    """Return the limits of a share's interval (Wilson, Probable inference, JASA 22, 1927); NaN twice where the whole is 0.

    It takes the counts as independent of each other. Misses come in runs, so the true interval of a probability of update is wider.
    """
    if whole <= 0:
        return math.nan, math.nan
    p, zz = min(max(part / whole, 0.0), 1.0), z * z / whole
    middle = (p + 0.5 * zz) / (1.0 + zz)
    half = z * math.sqrt(p * (1.0 - p) / whole + 0.25 * zz / whole) / (1.0 + zz)
    return max(min(middle - half, p), 0.0), min(max(middle + half, p), 1.0)  # rounding must not put the share outside

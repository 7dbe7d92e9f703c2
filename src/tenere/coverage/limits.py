"""What limits a sensor besides the ground, for places one by one: cone of silence, least and greatest slant range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.coverage.country import Part

    F64 = NDArray[np.float64]


def within(part: Part, step_m: float, away_m: F64, altitude_m: F64) -> NDArray[np.bool_]:
    """Say whether places lie within a sensor's beam, as `tenere.coverage.counts` has it. Arguments broadcast; NaN is not within.

    away_m: distance over the ground. altitude_m: AMSL. step_m: of the plane that the part is of.
    """
    antenna = part.sight.antenna
    up = altitude_m - (part.antenna_m + part.fall_m * (away_m / step_m) ** 2)
    slant = np.hypot(away_m, up)
    with np.errstate(invalid="ignore"):
        inside = (slant >= antenna.min_range_m) & (slant <= antenna.max_range_m)
        if antenna.max_elevation_rad < math.pi / 2:
            inside &= up <= away_m * math.tan(antenna.max_elevation_rad)
    return np.asarray(inside)

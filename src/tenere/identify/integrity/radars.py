"""Which radar should see an aircraft where it says it is: range, elevation, horizon, and the visible floor where one is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import F64
    from tenere.geo.holes import Floor

EARTH_M = 6_371_000.0 * 4.0 / 3.0
"""Radius of the earth by which rays are straight (ITU-R P.310)."""
LOW_RAD = np.radians(0.7)
"""Without a floor, nothing is expected to be seen below this elevation: terrain may hide it."""
CONE_RAD = np.radians(40.0)
EDGE = 0.9
"""Nothing is expected beyond this share of a radar's range."""
ABOVE_M = 300.0
"""How far above the floor a sight is expected."""


class Radars(NamedTuple):
    """Radars that are healthy and trusted now, as columns: place, height, range, time between looks, chance that one sees."""

    sensor: NDArray[np.int16]
    """Row of the sensor table."""
    lat_rad: F64
    lon_rad: F64
    height_m: F64
    range_m: F64
    period_s: F64
    detection: F64
    floor: Floor | None = None

    @classmethod
    def none(cls) -> Radars:
        """Return no radar."""
        nothing = np.zeros(0)
        return cls(np.zeros(0, np.int16), nothing, nothing, nothing, nothing, nothing, nothing)

    def looks(self, lat_rad: F64, lon_rad: F64, height_m: F64, for_s: float) -> NDArray[np.float64]:
        """Return how often radars should have seen each place in a time: looks weighed by their chance to see, (n,)."""
        out = np.zeros(lat_rad.size)
        known = np.isfinite(lat_rad) & np.isfinite(height_m)
        if self.floor is not None:
            with np.errstate(invalid="ignore"):
                known &= height_m > self.floor.at(lat_rad, lon_rad) + ABOVE_M
        least = -0.1 if self.floor is not None else LOW_RAD
        for r in range(self.lat_rad.size):
            dy = lat_rad - self.lat_rad[r]
            dx = (lon_rad - self.lon_rad[r]) * np.cos(0.5 * (lat_rad + self.lat_rad[r]))
            ground = 6_371_000.0 * np.hypot(dx, dy)
            rise = height_m - self.height_m[r]
            with np.errstate(invalid="ignore", divide="ignore"):
                elevation = np.arctan2(rise, ground) - ground / (2.0 * EARTH_M)
                seen = known & (ground <= EDGE * self.range_m[r]) & (elevation >= least) & (elevation <= CONE_RAD)
            out[seen] += self.detection[r] * for_s / max(self.period_s[r], 1.0)
        return out

"""Aerodromes for the rules that look at low flight, sorted for the kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.watch.kernels.fields import allowed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import I64, Tracks
    from tenere.world import Aerodromes

    F64 = NDArray[np.float64]


class Fields(NamedTuple):
    """Aerodromes by rising latitude: (n,) radians, radians, metres above mean sea level."""

    lat_rad: F64
    lon_rad: F64
    elevation_m: F64

    @classmethod
    def of(cls, aerodromes: Aerodromes) -> Fields:
        """Sort aerodromes; those without a place are left out."""
        good = np.flatnonzero(np.isfinite(aerodromes.lat_rad) & np.isfinite(aerodromes.lon_rad) & np.isfinite(aerodromes.elevation_m))
        order = good[np.argsort(aerodromes.lat_rad[good], kind="stable")]
        return cls(*(np.ascontiguousarray(c[order], np.float64) for c in (aerodromes.lat_rad, aerodromes.lon_rad, aerodromes.elevation_m)))

    def lowest(self, lat_rad: F64, lon_rad: F64, reach_m: float, from_m: float, slope: float) -> F64:
        """Return the lowest altitude (n,) that nearness to an aerodrome allows; infinity far from all. See ``kernels.fields``."""
        return np.asarray(allowed(lat_rad, lon_rad, self.lat_rad, self.lon_rad, self.elevation_m, reach_m, from_m, slope))

    def nearest(self, lat_rad: F64, lon_rad: F64, reach_m: float) -> F64:
        """Return the elevation (n,) of the lowest aerodrome within reach; NaN where there is none."""
        found = self.lowest(lat_rad, lon_rad, reach_m, reach_m, 0.0)
        return np.where(np.isfinite(found), found, np.nan)


def altitude_of(tracks: Tracks, rows: I64) -> F64:
    """Return altitudes (k,) above mean sea level: by QNH where one holds, else the pressure altitude as it is; NaN where none is known."""
    by_qnh = tracks.altitude_m[rows]
    return np.where(np.isfinite(by_qnh), by_qnh, tracks.pressure_altitude_m[rows])

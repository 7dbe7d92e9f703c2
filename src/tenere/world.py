"""What the picture knows of the world from the start and never learns anew: borders, ground, aerodromes, where sensors see.

All of it is loaded at the edge and given to ``pipeline.Pipeline``; a replay needs the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.geo.borders import Borders
    from tenere.geo.holes import Floor

    F64 = NDArray[np.float64]
    F32 = NDArray[np.float32]


class Ground(NamedTuple):
    """The ground in memory: heights above mean sea level on a grid of degrees.

    north_deg, west_deg: middle of the first post. step_lat_deg, step_lon_deg: posts' distances, both positive.
    height_m: (n, m) float32, first row northernmost; NaN not known.
    """

    north_deg: float
    west_deg: float
    step_lat_deg: float
    step_lon_deg: float
    height_m: F32


class Aerodromes(NamedTuple):
    """Aerodromes as columns, by rising code: (n,) ICAO code S4, place in radians, elevation in metres above mean sea level."""

    code: NDArray[np.bytes_]
    lat_rad: F64
    lon_rad: F64
    elevation_m: F64

    @classmethod
    def none(cls) -> Aerodromes:
        """Return no aerodromes."""
        return cls(np.zeros(0, "S4"), np.zeros(0), np.zeros(0), np.zeros(0))


class World(NamedTuple):
    """All of it; None: not known here."""

    borders: Borders | None = None
    ground: Ground | None = None
    aerodromes: Aerodromes = Aerodromes.none()
    floor: Floor | None = None

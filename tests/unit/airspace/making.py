"""Volumes drawn at random."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tenere.airspace.model import GROUND, UNLIMITED, Circle, Corridor, Limit, Polygon, Volume
from tenere.geo.geodesic import destination

if TYPE_CHECKING:
    from collections.abc import Sequence


def ring_of(rng: np.random.Generator, lat_deg: float, lon_deg: float, radius_m: float, corners: int) -> tuple[tuple[float, float], ...]:
    """Return a ring around a place, not convex, as degrees within -180 to 180."""
    azimuth = np.sort(rng.uniform(0, 2 * math.pi, corners))
    lat, lon = destination(math.radians(lat_deg), math.radians(lon_deg), azimuth, radius_m * rng.uniform(0.3, 1.0, corners))
    return tuple(zip(np.degrees(lat).tolist(), np.degrees(lon).tolist(), strict=True))


def volumes(rng: np.random.Generator, n: int, box: Sequence[float], sizes_m: tuple[float, float] = (2e3, 60e3)) -> tuple[Volume, ...]:
    """Return n volumes within a box (south, north, west, east in degrees; east may be above 180)."""
    made = []
    for k in range(n):
        lat, lon = rng.uniform(box[0], box[1]), (rng.uniform(box[2], box[3]) + 180) % 360 - 180
        size = math.exp(rng.uniform(math.log(sizes_m[0]), math.log(sizes_m[1])))
        low = float(rng.choice([0.0, 300.0, 1500.0]))
        floor = GROUND if rng.random() < 0.4 else Limit(low, str(rng.choice(["amsl", "agl", "fl"])))
        ceiling = (
            UNLIMITED if rng.random() < 0.2 else Limit(low + float(rng.choice([300.0, 3000.0])), str(rng.choice(["amsl", "agl", "fl"])))
        )
        pick = rng.random()
        if pick < 0.25:
            shape: Circle | Corridor | Polygon = Circle(lat, lon, size)
        elif pick < 0.4:
            shape = Corridor(ring_of(rng, lat, lon, 2 * size, 4)[:3], size / 4)
        else:
            holes = (ring_of(rng, lat, lon, size / 5, 5),) if rng.random() < 0.3 else ()
            shape = Polygon(ring_of(rng, lat, lon, size, int(rng.integers(3, 24))), holes)
        made.append(Volume(id=f"V{k}", name=f"Volume {k}", shape=shape, floor=floor, ceiling=ceiling, buffer_m=float(rng.choice([0, 500]))))
    return tuple(made)

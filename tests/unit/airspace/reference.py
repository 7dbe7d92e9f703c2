"""Slow and obvious answers that the index is held to: one place and one volume at a time, by other formulas than its own."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tenere.airspace.model import Circle, Corridor, Limit, Polygon, Volume
from tenere.geo.ellipsoid import geodetic_to_ecef
from tenere.geo.geodesic import between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]


def point(lat_deg: float, lon_deg: float) -> F64:
    """Return an Earth-centred point."""
    return np.array([float(c) for c in geodetic_to_ecef(math.radians(lat_deg), math.radians(lon_deg), 0.0)])


def winds(ring: Sequence[tuple[float, float]], lat_deg: float, lon_deg: float) -> bool:
    """Say whether a ring goes round a place: the angles under which it sees its edges, as seen along the plumb line, add up to a turn."""
    p = point(lat_deg, lon_deg)
    p /= np.linalg.norm(p)
    total = 0.0
    corners = [point(*c) for c in ring]
    for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
        u, w = a - p * (a @ p), b - p * (b @ p)
        total += math.atan2(float(p @ np.cross(u, w)), float(u @ w))
    return abs(total) > math.pi


def to_line_m(line: Sequence[tuple[float, float]], lat_deg: float, lon_deg: float) -> float:
    """Return the distance of a place to a line, by points of each edge, ever closer, and the geodesics to them."""
    best = math.inf
    for a, b in pairwise(line):
        ends = np.array([point(*a), point(*b)])
        low, high = 0.0, 1.0
        for _ in range(6):  # ever finer around the nearest
            t = np.linspace(low, high, 25)[:, None]
            between_ends = ends[0] * (1 - t) + ends[1] * t
            flat = np.hypot(between_ends[:, 0], between_ends[:, 1])
            lat = np.arctan2(between_ends[:, 2], flat * (1 - 6.69437999014e-3))  # the ray's point on the ellipsoid
            lon = np.arctan2(between_ends[:, 1], between_ends[:, 0])
            away = between(math.radians(lat_deg), math.radians(lon_deg), lat, lon)[0]
            k = int(np.argmin(away))
            best = min(best, float(away[k]))
            low, high = float(t[max(k - 1, 0), 0]), float(t[min(k + 1, 24), 0])
    return best


def depth_m(volume: Volume, lat_deg: float, lon_deg: float) -> float:
    """Return how deep a place is within an outline, metres; negative outside."""
    shape = volume.shape
    if isinstance(shape, Circle):
        away = between(math.radians(lat_deg), math.radians(lon_deg), math.radians(shape.lat_deg), math.radians(shape.lon_deg))[0]
        return shape.radius_m - float(away)
    if isinstance(shape, Corridor):
        return shape.width_m / 2 - to_line_m(shape.line, lat_deg, lon_deg)
    assert isinstance(shape, Polygon)
    inside = winds(shape.ring, lat_deg, lon_deg) and not any(winds(h, lat_deg, lon_deg) for h in shape.holes)
    away = min(to_line_m((*r, r[0]), lat_deg, lon_deg) for r in (shape.ring, *shape.holes))
    return away if inside else -away


def between_limits(volume: Volume, amsl_m: float, ground_m: float, pressure_m: float) -> bool:
    """Say whether a height that is known is between a volume's limits."""

    def value(limit: Limit) -> float:
        return {"amsl": amsl_m, "agl": amsl_m - ground_m, "fl": pressure_m}[limit.datum]

    floor_is_ground = volume.floor.datum == "agl" and volume.floor.value_m <= 0
    return (floor_is_ground or value(volume.floor) >= volume.floor.value_m) and value(volume.ceiling) <= volume.ceiling.value_m

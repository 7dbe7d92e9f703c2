"""Where simulated aircraft are, in closed form: any time, any aircraft, no stepping.

A path is a chain of segments. A segment is a great circle flown at constant acceleration, or a turn at constant
rate; both have a constant rate of climb. Segments live on a sphere; their latitudes and longitudes are read as
WGS-84 and velocities are scaled by the ellipsoid's own radii, so a reported velocity is exactly the rate of change
of the reported position. Height above the ellipsoid and pressure altitude are one: the air is the standard
atmosphere and the geoid is flat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.geo.ellipsoid import A_M, E2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

SPHERE_M = 6_371_000.0
SPAN_S = 2.0**20
"""More than the longest path: keys of different paths never overlap (2^20 s are twelve days)."""


class Segment(NamedTuple):
    """One piece of a path, as plain numbers."""

    start_s: float
    lat_rad: float
    lon_rad: float
    course_rad: float
    speed_ms: float
    acceleration_ms2: float
    turn_rads: float
    height_m: float
    climb_ms: float


class Paths(NamedTuple):
    """All paths, their segments end to end: (m,) columns and (m, 3) unit vectors; loop_s and length_s are (paths,)."""

    key_s: F64
    start_s: F64
    course_rad: F64
    speed_ms: F64
    acceleration_ms2: F64
    turn_rads: F64
    height_m: F64
    climb_ms: F64
    here: F64
    north: F64
    east: F64
    loop_s: F64
    length_s: F64


class Motion(NamedTuple):
    """State at given times, (n,) columns."""

    lat_rad: F64
    lon_rad: F64
    height_m: F64
    east_ms: F64
    north_ms: F64
    climb_ms: F64

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Motion:
        """Return the selected rows."""
        return type(self)._make(c[rows] for c in self)


def join(chains: Sequence[Sequence[Segment]], loop_s: ArrayLike, length_s: ArrayLike) -> Paths:
    """Lay chains of segments end to end. loop_s: period after which a path starts over, 0 for one that ends."""
    counts = np.array([len(c) for c in chains], np.int64)
    columns = np.array([s for c in chains for s in c], np.float64).reshape(-1, len(Segment._fields))
    return assemble(np.repeat(np.arange(len(chains)), counts), columns, loop_s, length_s)


def assemble(path: I64, columns: F64, loop_s: ArrayLike, length_s: ArrayLike) -> Paths:
    """Build paths from the fields of Segment as columns (m, 9), path (m,) being the sorted path number of each."""
    start, lat, lon, course, speed, acceleration, turn, height, climb = np.ascontiguousarray(columns.T)
    here = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=1)
    east = np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)], axis=1)
    key = path * SPAN_S + start
    lasts = (np.asarray(loop_s, np.float64), np.asarray(length_s, np.float64))
    return Paths(key, start, course, speed, acceleration, turn, height, climb, here, north, east, *lasts)


def place(paths: Paths, path: I64, age_s: F64) -> Motion:
    """Return the state on each path (n,) at a time since its start (n,)."""
    loop = paths.loop_s[path]
    age = np.where(loop > 0.0, np.mod(age_s, np.where(loop > 0.0, loop, 1.0)), age_s)
    row = np.maximum(np.searchsorted(paths.key_s, path * SPAN_S + age, side="right") - 1, 0)
    return along(paths, row, age - paths.start_s[row])


def along(paths: Paths, row: I64, dt_s: F64) -> Motion:
    """Return the state dt_s after the start of each segment (row)."""
    speed0, rate = paths.speed_ms[row], paths.turn_rads[row]
    turning = rate != 0.0
    radius = speed0 / np.where(turning, rate, 1.0)
    angle = rate * dt_s
    ahead = np.where(turning, radius * np.sin(angle), (speed0 + 0.5 * paths.acceleration_ms2[row] * dt_s) * dt_s)
    right = np.where(turning, radius * (1.0 - np.cos(angle)), 0.0)
    chord = np.arctan2(right, ahead)
    distance = np.hypot(ahead, right) / SPHERE_M
    bearing = paths.course_rad[row] + chord
    toward = paths.north[row] * np.cos(bearing)[:, None] + paths.east[row] * np.sin(bearing)[:, None]
    here, c, s = paths.here[row], np.cos(distance)[:, None], np.sin(distance)[:, None]
    x, y, z = (here * c + toward * s).T
    tx, ty, tz = (toward * c - here * s).T
    flat = np.hypot(x, y)
    lat, lon = np.arctan2(z, flat), np.arctan2(y, x)
    course = np.arctan2((ty * x - tx * y) / flat, tz * flat - z * (tx * x + ty * y) / flat) + angle - chord
    speed = speed0 + paths.acceleration_ms2[row] * dt_s
    height = paths.height_m[row] + paths.climb_ms[row] * dt_s
    east, north = ground_scale(lat, height)
    return Motion(lat, lon, height, speed * np.sin(course) * east, speed * np.cos(course) * north, paths.climb_ms[row] + 0.0 * dt_s)


def ground_scale(lat_rad: F64, height_m: F64) -> tuple[F64, F64]:
    """Return metres on the ellipsoid per metre on the sphere, eastward and northward (15 N: 1.0017 and 0.9952, at the ground)."""
    w2 = 1.0 - E2 * np.sin(lat_rad) ** 2
    n = A_M / np.sqrt(w2)
    return (n + height_m) / SPHERE_M, (n * (1.0 - E2) / w2 + height_m) / SPHERE_M

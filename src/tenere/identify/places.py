"""Where a track is, against lines and points on the ground: routes, corridors, aerodromes. A sphere is near enough here."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.airspace.model import Corridor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.airspace.model import Volume
    from tenere.batch import F64, I32, Bytes
    from tenere.world import Aerodromes

RADIUS_M = 6_371_000.0
ALONG_COS = 0.86
"""Cosine of 30 degrees: a flight along a corridor keeps within that of its line, either way."""


class Corridors(NamedTuple):
    """Corridors and procedures as columns, one row a leg: name S16, two ends (rad), half width, floor and ceiling (m)."""

    name: Bytes
    from_lat_rad: F64
    from_lon_rad: F64
    to_lat_rad: F64
    to_lon_rad: F64
    half_width_m: F64
    floor_m: F64
    ceiling_m: F64

    @classmethod
    def of(cls, volumes: Sequence[Volume]) -> Corridors:
        """Return the legs of the volumes that are corridors by shape; limits above the ground count as above mean sea level."""
        legs = [
            (v.name.encode("ascii", "replace")[:16], *a, *b, v.shape.width_m / 2.0, v.floor.value_m, v.ceiling.value_m)
            for v in volumes
            if isinstance(v.shape, Corridor)
            for a, b in itertools.pairwise(v.shape.line)
        ]
        columns = list(zip(*legs, strict=True)) or [()] * 8
        ends = [np.radians(np.array(c, np.float64)) for c in columns[1:5]]
        return cls(np.array(columns[0], "S16"), *ends, *(np.array(c, np.float64) for c in columns[5:8]))


class Fields(NamedTuple):
    """Aerodromes by rising latitude, for searching; row: their rows in ``World.aerodromes``."""

    code: Bytes
    lat_rad: F64
    lon_rad: F64
    elevation_m: F64
    by_code: NDArray[np.int64]

    @classmethod
    def of(cls, a: Aerodromes) -> Fields:
        """Sort aerodromes by latitude, and remember the order of their codes."""
        order = np.argsort(a.lat_rad, kind="stable")
        code = a.code[order]
        return cls(code, a.lat_rad[order], a.lon_rad[order], a.elevation_m[order], np.argsort(code, kind="stable"))

    def place(self, code: Bytes) -> tuple[F64, F64]:
        """Return latitude and longitude of aerodromes by code; NaN for what is not known."""
        if not self.code.size:
            return np.full(code.size, np.nan), np.full(code.size, np.nan)
        at = np.minimum(np.searchsorted(self.code, code, sorter=self.by_code), self.code.size - 1)
        rows = self.by_code[at]
        known = (self.code[rows] == code) & (code != b"")
        return np.where(known, self.lat_rad[rows], np.nan), np.where(known, self.lon_rad[rows], np.nan)

    def near(self, lat_rad: F64, lon_rad: F64, height_m: F64, within_m: float, low_m: float) -> I32:
        """Return the row of the nearest aerodrome over which each place is low, -1 where there is none."""
        out = np.full(lat_rad.size, -1, np.int32)
        if self.code.size and lat_rad.size:
            _nearest(lat_rad, lon_rad, height_m, self.lat_rad, self.lon_rad, self.elevation_m, within_m, low_m, out)
        return out


@njit(cache=True)
def _nearest(
    lat: F64, lon: F64, height_m: F64, field_lat: F64, field_lon: F64, elevation_m: F64, within_m: float, low_m: float, out: I32
) -> None:
    """Write the nearest field (their latitudes rise) within a distance and low_m below each place."""
    reach = within_m / RADIUS_M
    for i in range(lat.size):
        if not (np.isfinite(lat[i]) and np.isfinite(lon[i]) and np.isfinite(height_m[i])):
            continue
        best = within_m * within_m
        scale = np.cos(lat[i])
        j = np.searchsorted(field_lat, lat[i] - reach)
        while j < field_lat.size and field_lat[j] <= lat[i] + reach:
            dx = (lon[i] - field_lon[j] + np.pi) % (2.0 * np.pi) - np.pi
            dx *= RADIUS_M * scale
            dy = RADIUS_M * (lat[i] - field_lat[j])
            d2 = dx * dx + dy * dy
            if d2 <= best and height_m[i] - elevation_m[j] <= low_m:
                best, out[i] = d2, j
            j += 1


def _unit(lat_rad: F64, lon_rad: F64) -> F64:
    """Return places as unit vectors, (n, 3)."""
    c = np.cos(lat_rad)
    return np.stack([c * np.cos(lon_rad), c * np.sin(lon_rad), np.sin(lat_rad)], axis=-1)


def apart(lat_rad: F64, lon_rad: F64, to_lat_rad: F64, to_lon_rad: F64) -> F64:
    """Return the distance between places, m; NaN where one is not known."""
    chord = _unit(lat_rad, lon_rad) - _unit(to_lat_rad, to_lon_rad)
    return np.asarray(2.0 * RADIUS_M * np.arcsin(np.minimum(np.sqrt((chord * chord).sum(axis=-1)) / 2.0, 1.0)))


def off_line(lat_rad: F64, lon_rad: F64, a_lat: F64, a_lon: F64, b_lat: F64, b_lon: F64) -> F64:
    """Return how far places are from the great circle between two others, m, beyond its ends from the nearer end; NaN where not known."""
    p, a, b = _unit(lat_rad, lon_rad), _unit(a_lat, a_lon), _unit(b_lat, b_lon)
    normal = np.cross(a, b)
    size = np.linalg.norm(normal, axis=-1)
    ends = np.minimum(apart(lat_rad, lon_rad, a_lat, a_lon), apart(lat_rad, lon_rad, b_lat, b_lon))
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = normal / size[..., None]
        across = RADIUS_M * np.abs(np.arcsin(np.clip((p * unit).sum(axis=-1), -1.0, 1.0)))
        between = ((np.cross(a, p) * unit).sum(axis=-1) >= 0.0) & ((np.cross(p, b) * unit).sum(axis=-1) >= 0.0)
        return np.where((size > 1e-9) & between, across, ends)


def conforming(corridors: Corridors | None, lat_rad: F64, lon_rad: F64, course_rad: F64, height_m: F64) -> I32:
    """Return the corridor leg that each place keeps to: inside it, within its heights, along it either way; -1 for none."""
    out = np.full(lat_rad.size, -1, np.int32)
    if corridors is None or not lat_rad.size:
        return out
    for leg in range(corridors.name.size - 1, -1, -1):  # few legs; of several the first stands
        a_lat, a_lon, b_lat, b_lon = (float(c[leg]) for c in corridors[1:5])
        reach = float(corridors.half_width_m[leg]) / RADIUS_M
        box = (lat_rad >= min(a_lat, b_lat) - reach) & (lat_rad <= max(a_lat, b_lat) + reach)
        rows = np.flatnonzero(box)
        if not rows.size:
            continue
        whole = np.ones(rows.size)
        off = off_line(lat_rad[rows], lon_rad[rows], a_lat * whole, a_lon * whole, b_lat * whole, b_lon * whole)
        line = np.arctan2((b_lon - a_lon) * np.cos((a_lat + b_lat) / 2.0), b_lat - a_lat)
        with np.errstate(invalid="ignore"):
            inside = (off <= corridors.half_width_m[leg]) & (np.abs(np.cos(course_rad[rows] - line)) >= ALONG_COS)
            inside &= (height_m[rows] >= corridors.floor_m[leg]) & (height_m[rows] <= corridors.ceiling_m[leg])
        out[rows[inside]] = leg
    return out

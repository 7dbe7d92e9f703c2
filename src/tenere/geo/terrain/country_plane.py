"""The plane of a country: the gnomonic projection, on which the shortest way between any two places is a straight line.

Rays from the earth's centre carry places to the plane that touches the earth in the middle of the country. A plane through the centre
cuts it in a straight line, and the ellipsoid in a great ellipse, which over 250 km runs within 2 m of the geodesic, 7 m over 500 km. So
one grid of ground serves every sensor of a country. Posts stand closer on the ground the farther they are from the middle: 1 % at
640 km, 2.3 % at 960 km outwards, half of that across.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tenere.geo.ellipsoid import A_M, B_M, E2, geodetic_to_ecef
from tenere.geo.terrain.source import TerrainError
from tenere.geo.terrain.voids import Voids

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]

LEAST_COSINE = 0.5
"""Places farther than 60 degrees from the middle are not on any plane."""


@dataclass(frozen=True)
class Gnomonic:
    """Where places lie on the plane, in metres east and north of its middle."""

    lat_rad: float
    lon_rad: float

    @cached_property
    def axes(self) -> tuple[F64, float]:
        """Return east, north and up as rows of a matrix (up: from the earth's centre), and the middle's distance from the centre."""
        middle = np.array(geodetic_to_ecef(self.lat_rad, self.lon_rad, 0.0), float)
        far = float(np.linalg.norm(middle))
        up = middle / far
        east = np.array([-math.sin(self.lon_rad), math.cos(self.lon_rad), 0.0])
        return np.array([east, np.cross(up, east), up]), far

    def to_plane(self, lat_rad: ArrayLike, lon_rad: ArrayLike) -> tuple[F64, F64]:
        """Return metres east and north of places; NaN for those on the other side of the earth."""
        matrix, far = self.axes
        x, y, z = geodetic_to_ecef(lat_rad, lon_rad, 0.0)
        east, north, up = (m[0] * x + m[1] * y + m[2] * z for m in matrix)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(up > LEAST_COSINE * far, far / up, np.nan)
        return east * scale, north * scale

    def from_plane(self, east_m: ArrayLike, north_m: ArrayLike) -> tuple[F64, F64]:
        """Return latitude and longitude."""
        matrix, far = self.axes
        e, n = np.asarray(east_m, float), np.asarray(north_m, float)
        x, y, z = (matrix[0, k] * e + matrix[1, k] * n + matrix[2, k] * far for k in range(3))
        return np.arctan2(z, np.hypot(x, y) * (1.0 - E2)), np.arctan2(y, x)  # the scale along the ray does not matter

    def area_share(self, east_m: ArrayLike, north_m: ArrayLike) -> F64:
        """Return the area on the ellipsoid of a small square of the plane, over its area there."""
        matrix, far = self.axes
        e, n = np.asarray(east_m, float), np.asarray(north_m, float)
        x, y, z = (matrix[0, k] * e + matrix[1, k] * n + matrix[2, k] * far for k in range(3))
        along = 1.0 / np.sqrt((x * x + y * y) / A_M**2 + z * z / B_M**2)  # the plane's distance to the ellipsoid's, along the ray
        cosine = far / np.sqrt(x * x + y * y + z * z)
        normal = np.sqrt((x * x + y * y) / A_M**4 + z * z / B_M**4)
        lean = ((x * x + y * y) / A_M**2 + z * z / B_M**2) / (np.sqrt(x * x + y * y + z * z) * normal)
        return np.asarray(along**2 * cosine / lean)


@dataclass(frozen=True)
class Posts:
    """Posts on the gnomonic plane. step_m: between them, at the middle. row, column: where the plane's middle is among them."""

    gnomonic: Gnomonic
    step_m: float
    row: float
    column: float

    def to_grid(self, lat_rad: ArrayLike, lon_rad: ArrayLike) -> tuple[F64, F64]:
        """Return rows and columns of places; NaN for those on the other side of the earth."""
        east, north = self.gnomonic.to_plane(lat_rad, lon_rad)
        return self.row - north / self.step_m, self.column + east / self.step_m

    def place(self, row: ArrayLike, column: ArrayLike) -> tuple[F64, F64]:
        """Return latitude and longitude of rows and columns."""
        return self.gnomonic.from_plane(
            (np.asarray(column, float) - self.column) * self.step_m, (self.row - np.asarray(row, float)) * self.step_m
        )

    def area_m2(self, row: ArrayLike, column: ArrayLike) -> F64:
        """Return the ground's area (m2) that one post stands for, at rows and columns."""
        share = self.gnomonic.area_share(
            (np.asarray(column, float) - self.column) * self.step_m, (self.row - np.asarray(row, float)) * self.step_m
        )
        return share * self.step_m**2


@dataclass(frozen=True)
class Frame(Posts):
    """A rectangle of posts that need not be in memory."""

    rows: int
    columns: int


@dataclass(frozen=True)
class CountryPlane(Posts):
    """Ground heights on a rectangle of posts.

    heights_m: (n, m) float32, first row northernmost; NaN where not known. voids: what was met in the sources.
    """

    heights_m: F32
    voids: Voids = field(default_factory=Voids)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.heights_m.shape[0]), int(self.heights_m.shape[1])

    def part(self, top: int, bottom: int, left: int, right: int) -> CountryPlane:
        """Return some rows and columns as a plane of its own; no height is copied."""
        return CountryPlane(
            self.gnomonic, self.step_m, self.row - top, self.column - left, self.heights_m[top:bottom, left:right], self.voids
        )

    @cached_property
    def lowest_m(self) -> float:
        """Lowest height known."""
        return float(np.fmin.reduce(self.heights_m, axis=None))

    @property
    def unknown(self) -> int:
        """Posts without a height."""
        return int(np.isnan(self.heights_m).sum())


def frame_over(lat_rad: ArrayLike, lon_rad: ArrayLike, margin_m: float, step_m: float) -> Frame:
    """Return the frame that touches the earth amid some places (n,) and holds them with a margin.

    Raises TerrainError for no places, more than half the earth, and steps that are none.
    """
    lat, lon = np.atleast_1d(np.asarray(lat_rad, float)), np.atleast_1d(np.asarray(lon_rad, float))
    if not (lat.size and np.isfinite(lat).all() and np.isfinite(lon).all() and margin_m >= 0 and step_m > 0):
        raise TerrainError(f"no plane can be laid over {lat.size} places with a margin of {margin_m} m and a step of {step_m} m")
    gnomonic = Gnomonic(float(lat.min() + lat.max()) / 2, float(lon.min() + lon.max()) / 2)
    east, north = gnomonic.to_plane(lat, lon)
    if not (np.isfinite(east).all() and np.isfinite(north).all()):
        raise TerrainError("no plane holds places so far apart (60 degrees of arc from the middle at most): cut the area in parts")
    top, left = float(north.max()) + margin_m, float(east.min()) - margin_m
    rows = int(np.ceil((top - float(north.min()) + margin_m) / step_m)) + 1
    columns = int(np.ceil((float(east.max()) + margin_m - left) / step_m)) + 1
    return Frame(gnomonic, float(step_m), top / step_m, -left / step_m, max(rows, 2), max(columns, 2))

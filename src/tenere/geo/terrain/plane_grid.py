"""The plane grid around a place: an azimuthal equidistant plane, on which every line through the place is a geodesic of true length."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.geo.geodesic import between, destination
from tenere.geo.terrain.voids import Voids

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]

SPACING = 16
"""Posts between two that are placed exactly."""


@dataclass(frozen=True)
class PlaneGrid:
    """Ground heights on a square of posts around a place, which stands on the middle post.

    heights_m: (n, n) float32, n odd, first row northernmost (north at the middle column); NaN where not known. voids: what was met in
    the sources. Distances and directions from the middle are those of the geodesic; a length across them is long by the factor (d/R) /
    sin(d/R): 0.03 % at 250 km.
    """

    lat_rad: float
    lon_rad: float
    step_m: float
    heights_m: F32
    voids: Voids = field(default_factory=Voids)

    @property
    def middle(self) -> int:
        """Row and column of the middle post."""
        return int(self.heights_m.shape[0] // 2)

    def to_grid(self, lat_rad: ArrayLike, lon_rad: ArrayLike) -> tuple[F64, F64]:
        """Return rows and columns of places."""
        d, azimuth = between(self.lat_rad, self.lon_rad, lat_rad, lon_rad)
        return self.middle - d * np.cos(azimuth) / self.step_m, self.middle + d * np.sin(azimuth) / self.step_m

    def place(self, row: ArrayLike, column: ArrayLike) -> tuple[F64, F64]:
        """Return latitude and longitude of rows and columns."""
        north, east = self.middle - np.asarray(row, float), np.asarray(column, float) - self.middle
        return destination(self.lat_rad, self.lon_rad, np.arctan2(east, north), np.hypot(east, north) * self.step_m)

    @property
    def unknown(self) -> int:
        """Posts without a height."""
        return int(np.isnan(self.heights_m).sum())


@njit(cache=True, nogil=True, error_model="numpy")
def height_at(z: F32, row: float, column: float) -> float:
    """Return the bilinear height at a place of a grid.

    NaN beside an unknown post or more than half a step outside (held at the edge within).
    """
    n, m = z.shape
    if not (row >= -0.5 and row <= n - 0.5 and column >= -0.5 and column <= m - 0.5):
        return np.nan
    row, column = min(max(row, 0.0), n - 1.0), min(max(column, 0.0), m - 1.0)
    i, j = int(row), int(column)
    i1, j1 = min(i + 1, n - 1), min(j + 1, m - 1)
    f, g = row - i, column - j
    a: float = z[i, j] if g == 0.0 else z[i, j] + (z[i, j1] - z[i, j]) * g
    if f == 0.0:
        return a
    b: float = z[i1, j] if g == 0.0 else z[i1, j] + (z[i1, j1] - z[i1, j]) * g
    return a + (b - a) * f


@njit(cache=True, nogil=True, error_model="numpy")
def bilinear(z: F32, rows: F64, columns: F64, out: F64) -> None:
    """Write the height at each place (q,) where out has none yet."""
    for q in range(out.size):
        if out[q] != out[q]:
            out[q] = height_at(z, rows[q], columns[q])


@njit(cache=True, nogil=True, error_model="numpy")
def bilinear_on_lattice(z: F32, rows: F64, columns: F64, out: F32) -> None:
    """Write the height at each post of out that has none, its place bilinear between lattice nodes SPACING posts apart.

    rows, columns: (a, b), the places of the nodes in z; out: (n, m) with n at most SPACING (a - 1) + 1.
    """
    each = 1.0 / SPACING
    for i in range(out.shape[0]):
        p = min(i // SPACING, rows.shape[0] - 2)
        f = (i - p * SPACING) * each
        for q in range(rows.shape[1] - 1):
            r0 = rows[p, q] + (rows[p + 1, q] - rows[p, q]) * f
            r1 = rows[p, q + 1] + (rows[p + 1, q + 1] - rows[p, q + 1]) * f
            c0 = columns[p, q] + (columns[p + 1, q] - columns[p, q]) * f
            c1 = columns[p, q + 1] + (columns[p + 1, q + 1] - columns[p, q + 1]) * f
            last = SPACING if q < rows.shape[1] - 2 else SPACING + 1
            for j in range(q * SPACING, min(out.shape[1], q * SPACING + last)):
                if out[i, j] != out[i, j]:
                    g = (j - q * SPACING) * each
                    out[i, j] = height_at(z, r0 + (r1 - r0) * g, c0 + (c1 - c0) * g)

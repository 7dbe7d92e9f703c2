"""The country's plane: an ellipsoidal oblique stereographic projection, conformal, true at its centre.

Snyder, Map Projections: A Working Manual (USGS PP 1395, 1987), section 21, equations 3-1, 21-24, 21-25, 21-27
and the inverse 20-14, 21-38. Over Niger (750 km from the centre) a length on it is at most 0.35 % long, at its farthest corners 0.45 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.geo.ellipsoid import A_M, E2

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    F64 = NDArray[np.float64]

E = float(np.sqrt(E2))


def conformal_latitude(lat_rad: ArrayLike) -> F64:
    """Return the conformal latitude (Snyder 3-1)."""
    s = np.sin(np.asarray(lat_rad, float))
    return np.asarray(2.0 * np.arctan(np.sqrt((1 + s) / (1 - s) * ((1 - E * s) / (1 + E * s)) ** E)) - np.pi / 2)


class Plane(NamedTuple):
    """One projection: its centre and what follows from it."""

    lat0_rad: float
    lon0_rad: float
    sin_chi0: float
    cos_chi0: float
    radius_m: float

    @classmethod
    def at(cls, lat_rad: float, lon_rad: float) -> Plane:
        """Lay a plane at a centre."""
        chi = float(conformal_latitude(lat_rad))
        s = np.sin(lat_rad)
        m1 = np.cos(lat_rad) / np.sqrt(1.0 - E2 * s * s)
        return cls(float(lat_rad), float(lon_rad), float(np.sin(chi)), float(np.cos(chi)), float(A_M * m1 / np.cos(chi)))

    def forward(self, lat_rad: ArrayLike, lon_rad: ArrayLike) -> tuple[F64, F64]:
        """Project to x (east), y (north) in metres. The point opposite the centre has no image."""
        chi = conformal_latitude(lat_rad)
        dl = np.asarray(lon_rad, float) - self.lon0_rad
        s, c = np.sin(chi), np.cos(chi)
        a = 2.0 * self.radius_m / (1.0 + self.sin_chi0 * s + self.cos_chi0 * c * np.cos(dl))
        return a * c * np.sin(dl), a * (self.cos_chi0 * s - self.sin_chi0 * c * np.cos(dl))

    def inverse(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[F64, F64]:
        """Return latitude and longitude of a point of the plane."""
        x, y = np.asarray(x_m, float), np.asarray(y_m, float)
        rho = np.hypot(x, y)
        ce = 2.0 * np.arctan2(rho, 2.0 * self.radius_m)
        s, c = np.sin(ce), np.cos(ce)
        ratio = np.where(rho > 0, y / np.where(rho > 0, rho, 1.0), 0.0)
        chi = np.arcsin(np.clip(c * self.sin_chi0 + ratio * s * self.cos_chi0, -1.0, 1.0))
        lon = self.lon0_rad + np.arctan2(x * s, rho * self.cos_chi0 * c - y * self.sin_chi0 * s)
        lat = chi
        half = np.tan(np.pi / 4 + chi / 2)
        for _ in range(5):  # contracts by E2 a turn: below 1e-11 rad
            es = E * np.sin(lat)
            lat = 2.0 * np.arctan(half * ((1 + es) / (1 - es)) ** (E / 2)) - np.pi / 2
        return lat, (lon + np.pi) % (2 * np.pi) - np.pi

    def north(self, lat_rad: ArrayLike, lon_rad: ArrayLike) -> tuple[F64, F64]:
        """Return (convergence_rad, scale): the plane's direction of true north, clockwise from y, and plane metres a metre."""
        lat = np.asarray(lat_rad, float)
        chi = conformal_latitude(lat)
        dl = np.asarray(lon_rad, float) - self.lon0_rad
        s, c, sd, cd = np.sin(chi), np.cos(chi), np.sin(dl), np.cos(dl)
        d = 1.0 + self.sin_chi0 * s + self.cos_chi0 * c * cd
        dd = self.sin_chi0 * c - self.cos_chi0 * s * cd
        dx = -s * sd / d - c * sd * dd / d**2
        dy = (self.cos_chi0 * c + self.sin_chi0 * s * cd) / d - (self.cos_chi0 * s - self.sin_chi0 * c * cd) * dd / d**2
        sl = np.sin(lat)
        m = np.cos(lat) / np.sqrt(1.0 - E2 * sl * sl)
        return np.arctan2(dx, dy), 2.0 * self.radius_m / d * c / np.maximum(A_M * m, 1e-6)

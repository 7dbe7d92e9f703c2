"""Where the sensors stand, as the placing kernel reads it: each one's figures, and a polynomial from its own plane to the country's.

A radar's own plane is the stereographic one of the Gaussian sphere at its antenna: of a plot's slant range and height the
distance on it is rho = 2 re tan(phi / 2), phi the angle at the Earth's centre by the half-angle formula. From there to the
country's plane two polynomials of degree 5, fitted to the slow way by least squares, are right to about 0.1 m out to 470 km
at every height to 25 km: what is left of the ellipsoid's influence on a height is a shear, which has a formula. Where a fit is worse than
1 m anywhere on its grid, that sensor's plots go the slow way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.geo import fast
from tenere.geo.ellipsoid import A_M, E2, gaussian_radius_m
from tenere.geo.plane import Plane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.track.sensors import Sensor

    F64 = NDArray[np.float64]

UNPLACED, PLACED, FITTED = 0.0, 1.0, 2.0
(
    STAND,  # UNPLACED, PLACED (the slow way) or FITTED
    LAT,
    DLON,  # longitude from the plane's centre
    HEIGHT_M,
    GAUSSIAN_M,
    SHEAR,  # per metre of height: a quarter of the difference of the ellipsoid's curvatures north and east
    X_M,  # where it stands in the plane
    Y_M,
    TURN,  # the plane's direction of true north there, clockwise from y
    RANGE_STD_M,
    AZIMUTH_VAR,
    SPREAD,  # exp(azimuth variance / 2): what an azimuth's error takes from a position on average
    ALONG,  # cosh(azimuth variance) - 1
    ACROSS,  # sinh(azimuth variance)
    POSITION_STD_M,
    EXACT_M,  # how far from the sensor that holds; it grows from there on
    LIFT,  # how far heights lie above pressure altitudes there: metres, a metre of level, a square metre; its one-sigma error
    LIFT_SLOPE,
    LIFT_BEND,
    LIFT_STD_M,
    ELEVATION_STD,  # one-sigma of an elevation, and of the Earth's radius what makes its ray straight
    REFRACTION,
    GEOID_M,
    SURFACE_VAR,  # of a surface radar: what a target's size adds to a plot's position, every way (m2); 0 of others
) = range(24)
NFIGURES = 24
RAISED = [LIFT, LIFT_SLOPE, LIFT_BEND, LIFT_STD_M, GEOID_M]

EXACT_SHARE = 0.25  # of its range, within which a multilateration's stations surround what they see
DEGREE = 5
TERMS = (DEGREE + 1) * (DEGREE + 2) // 2
REACH_M = 470e3
LOWEST_M, HIGHEST_M = -1e3, 25e3
WORST_M = 1.0
PRESSURE_STD_M = 150.0  # of a pressure altitude taken for a height where nothing was learnt: QNH and temperature
NO_PLANE = Plane(math.nan, math.nan, math.nan, math.nan, math.nan)


def _grid() -> tuple[F64, F64, F64, F64]:
    """Return distance (in REACH_M), sine and cosine of azimuth, and height of the points fitted and checked at (n,)."""
    rho, azimuth, height = np.meshgrid(
        np.sin(np.linspace(0.08, np.pi / 2, 7)), np.arange(14) * 2.0 * np.pi / 14, np.array([LOWEST_M, 10e3, HIGHEST_M]), indexing="ij"
    )
    return rho.ravel(), np.sin(azimuth).ravel(), np.cos(azimuth).ravel(), height.ravel()


GRID = _grid()


@dataclass
class Sites:
    """What the placing kernel knows of each sensor; renewed row by row, where a sensor or the plane has moved."""

    plane: Plane | None = None
    keys: list[tuple[object, float, float, float]] = field(default_factory=list)
    figures: F64 = field(default_factory=lambda: np.zeros((0, NFIGURES)))
    fits: F64 = field(default_factory=lambda: np.zeros((0, 2, TERMS)))
    tried: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    kept: dict[str, NDArray[Any]] = field(default_factory=dict)
    lifts: F64 = field(default_factory=lambda: np.zeros((0, 5)))
    """(S, 5) what heights add to pressure altitudes around each sensor, as LIFT .. LIFT_STD_M, and GEOID_M."""

    def scratch(self, name: str, shape: tuple[int, ...], dtype: type) -> NDArray[Any]:
        """Return an array kept under a name, longer where it must be: new memory costs more than placing into it."""
        held = self.kept.get(name)
        if held is None or len(held) < shape[0]:
            held = self.kept[name] = np.empty((shape[0] + shape[0] // 4, *shape[1:]), dtype)
        return held[: shape[0]]

    def renew(self, sensors: Sequence[Sensor], plane: Plane | None) -> None:
        """Bring the figures up to the sensors' places and the plane; fits are made again only when they are asked for."""
        if plane != self.plane:
            self.plane, self.keys = plane, []
        if len(sensors) > len(self.figures):
            more = max(len(sensors), 2 * len(self.figures)) - len(self.figures)
            self.figures = np.concatenate([self.figures, np.zeros((more, NFIGURES))])
            self.fits = np.concatenate([self.fits, np.zeros((more, 2, TERMS))])
            self.tried = np.concatenate([self.tried, np.zeros(more, bool)])
        del self.keys[len(sensors) :]
        for i, s in enumerate(sensors):
            key = (s.config, s.lat_rad, s.lon_rad, s.height_m)
            if i == len(self.keys):
                self.keys.append(key)
            elif key == self.keys[i]:  # a tuple asks first whether it is the same object: an unplaced one's NaN is
                continue
            self.keys[i] = key
            self.tried[i] = False
            self.figures[i] = _figures(s, plane)
            if i < len(self.lifts):
                self.figures[i, RAISED] = self.lifts[i]

    def raise_to(self, offsets: F64, geoid_m: float) -> None:
        """Take up what heights add to pressure altitudes around each sensor: (S, 4) of tenere.track.heights.stage.offsets."""
        n = min(len(offsets), len(self.figures))
        self.lifts = np.column_stack([offsets, np.full(len(offsets), geoid_m)])
        self.figures[:n, RAISED] = self.lifts[:n]

    def fit(self, wanted: NDArray[np.bool_]) -> None:
        """Fit the placed sensors among those wanted (S,) that have not been tried since they moved."""
        for i in np.flatnonzero(wanted & ~self.tried[: len(wanted)]):
            self.tried[i] = True
            if self.plane is not None and self.figures[i, STAND] == PLACED:
                fit, worst = fitted(self.plane, self.figures[i])
                if worst <= WORST_M:  # false of NaN too
                    self.fits[i], self.figures[i, STAND] = fit, FITTED


def _figures(s: Sensor, plane: Plane | None) -> F64:
    """Return one sensor's row (NFIGURES,)."""
    out = np.zeros(NFIGURES)
    azimuth_var = math.radians(s.config.azimuth_std_deg) ** 2
    out[RANGE_STD_M], out[AZIMUTH_VAR], out[POSITION_STD_M] = s.config.range_std_m, azimuth_var, s.config.position_std_m
    out[SPREAD], out[ALONG], out[ACROSS] = math.exp(azimuth_var / 2), 2.0 * math.sinh(azimuth_var / 2) ** 2, math.sinh(azimuth_var)
    out[EXACT_M] = EXACT_SHARE * s.config.range_m if s.config.kind == "mlat" and s.config.range_m > 0.0 else math.inf
    out[HEIGHT_M] = s.height_m
    out[LIFT_STD_M], out[ELEVATION_STD], out[REFRACTION] = PRESSURE_STD_M, math.radians(s.config.elevation_std_deg), s.config.refraction
    out[SURFACE_VAR] = s.config.position_std_m**2 if s.config.kind == "smr" else 0.0
    if not s.placed:
        return out
    w = 1.0 - E2 * math.sin(s.lat_rad) ** 2
    out[STAND], out[LAT], out[GAUSSIAN_M] = PLACED, s.lat_rad, float(gaussian_radius_m(s.lat_rad))
    out[SHEAR] = 0.25 * (w**1.5 / (1.0 - E2) - math.sqrt(w)) / A_M
    out[DLON] = out[X_M] = out[Y_M] = out[TURN] = math.nan
    if plane is not None:
        out[DLON] = s.lon_rad - plane.lon0_rad
        out[X_M], out[Y_M], sine, cosine, _ = fast.forward_north(plane, s.lat_rad, s.lon_rad)
        out[TURN] = math.atan2(sine, cosine)
    return out


def design(u: F64, v: F64) -> F64:
    """Return the terms u^i v^j with i + j <= DEGREE (n, TERMS), i the slower."""
    return np.stack([u**i * v**j for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i)], axis=-1)


def fitted(plane: Plane, figures: F64) -> tuple[F64, float]:
    """Return the polynomials (2, TERMS) from a sensor's own plane, in units of REACH_M, to x and y; and the worst misfit in metres."""
    rho, sine, cosine, height = GRID
    x, y, u, v = _points(plane, figures, rho, sine, cosine, height)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return np.zeros((2, TERMS)), math.nan
    terms = design(u, v)
    wanted = np.stack([x - figures[X_M], y - figures[Y_M]], axis=-1)
    solved = np.linalg.solve(terms.T @ terms, terms.T @ wanted)
    worst = float(np.sqrt(((terms @ solved - wanted) ** 2).sum(axis=1).max()))
    fit = np.ascontiguousarray(solved.T)
    fit[0, 0] += figures[X_M]
    fit[1, 0] += figures[Y_M]
    return fit, worst


@njit(cache=True, error_model="numpy")
def _points(
    plane: Plane, figures: np.ndarray, rho: np.ndarray, sine: np.ndarray, cosine: np.ndarray, height: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return where grid points lie in the country's plane, the slow way, and in the sensor's own, sheared (n,) each."""
    n = len(rho)
    x, y, u, v = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    re = figures[GAUSSIAN_M] + figures[HEIGHT_M]
    for i in range(n):
        d = height[i] - figures[HEIGHT_M]
        half = rho[i] * REACH_M / (2.0 * re)
        square = half * half / (1.0 + half * half)  # squared sine of half the angle at the Earth's centre
        r = math.sqrt(d * d + 4.0 * re * (re + d) * square)
        s, c, sd, cd, _ = fast.of_polar(
            figures[LAT], figures[DLON], figures[HEIGHT_M], figures[GAUSSIAN_M], r, sine[i], cosine[i], height[i]
        )
        x[i], y[i], _, _, _ = fast.project(plane, s, c, sd, cd)
        shear = figures[SHEAR] * d
        u[i] = rho[i] * sine[i] * (1.0 + shear * (1.0 + 2.0 * cosine[i] * cosine[i]))
        v[i] = rho[i] * cosine[i] * (1.0 - shear * (1.0 + 2.0 * sine[i] * sine[i]))
    return x, y, u, v

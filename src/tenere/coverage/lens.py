"""How long a step of a plane is, seen from one antenna.

On a gnomonic plane a straight line is a great ellipse, but lengths along it are not true. With x columns and y rows from the antenna, the
true distance in steps is

    d = sqrt(Q) / g,    Q = qxx x^2 + qxy x y + qyy y^2,    g = 1 + bx x + by y + cxx x^2 + cxy x y + cyy y^2.

On a sphere g would be 1 + b (x, y) but for the arc's being shorter than its tangent; that, and the ellipsoid, the quadratic part
takes. Q is the plane's metric at the antenna; g is fitted to geodesics. On an azimuthal equidistant plane d is the plane's own
(`TRUE`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.geo.ellipsoid import geodetic_to_ecef
from tenere.geo.geodesic import between

if TYPE_CHECKING:
    from tenere.geo.terrain.country_plane import CountryPlane


class Lens(NamedTuple):
    """The coefficients of Q and g: x across and y along the way that is looked."""

    qxx: float
    qxy: float
    qyy: float
    bx: float
    by: float
    cxx: float
    cxy: float
    cyy: float


TRUE = Lens(1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def steps_away(lens: Lens, x: float, y: float) -> float:
    """Return the true distance in steps of a place x columns and y rows from the antenna."""
    g = 1.0 + x * (lens.bx + x * lens.cxx + y * lens.cxy) + y * (lens.by + y * lens.cyy)
    return math.sqrt(lens.qxx * x * x + y * (lens.qxy * x + lens.qyy * y)) / g


@njit(cache=True, nogil=True)
def turned(lens: Lens, axis: int, sign: int) -> Lens:
    """Return the lens as a quarter sees it.

    axis 0: along rows' order by sign, across columns; axis 1: along columns' order by sign, across rows.
    """
    if axis == 0:
        return Lens(lens.qxx, sign * lens.qxy, lens.qyy, lens.bx, sign * lens.by, lens.cxx, sign * lens.cxy, lens.cyy)
    return Lens(lens.qyy, sign * lens.qxy, lens.qxx, lens.by, sign * lens.bx, lens.cyy, sign * lens.cxy, lens.cxx)


@njit(cache=True, nogil=True)
def least_square(lens: Lens, t0: float, t1: float) -> float:
    """Return the least Q / y^2 of directions t = x / y between two."""
    least = min(lens.qyy + t0 * (lens.qxy + t0 * lens.qxx), lens.qyy + t1 * (lens.qxy + t1 * lens.qxx))
    t = -0.5 * lens.qxy / lens.qxx
    return min(least, lens.qyy + t * (lens.qxy + t * lens.qxx)) if t0 < t < t1 else least


@njit(cache=True, nogil=True)
def bounds_of_g(lens: Lens, t0: float, t1: float, ya: float, yb: float) -> tuple[float, float]:
    """Return the least and greatest g between two directions and two distances: the corners', with a margin for the bend between."""
    least, most = 1e9, -1e9
    for y in (float(ya), float(yb)):
        for t in (float(t0), float(t1)):
            g = 1.0 + y * (lens.by + t * lens.bx + y * (lens.cyy + t * (lens.cxy + t * lens.cxx)))
            least, most = min(least, g), max(most, g)
    return least - 1e-6, most + 1e-6


@njit(cache=True, nogil=True)
def farthest(lens: Lens, reach: float) -> float:
    """Return the steps of the plane beyond which nothing is within a reach of true steps: exact on a true plane."""
    thin = 0.5 * (lens.qxx + lens.qyy - math.sqrt((lens.qxx - lens.qyy) ** 2 + lens.qxy**2))
    far = reach / math.sqrt(thin)
    for _ in range(4):
        slack = far * math.hypot(lens.bx, lens.by) + far * far * (abs(lens.cxx) + abs(lens.cxy) + abs(lens.cyy))
        far = min(reach / math.sqrt(thin) * (1.0 + slack), 4.0 * reach)
    return far


@njit(cache=True, nogil=True)
def surely_within(lens: Lens, reach: float) -> float:
    """Return the steps of the plane within which everything is within a reach of true steps."""
    thick = 0.5 * (lens.qxx + lens.qyy + math.sqrt((lens.qxx - lens.qyy) ** 2 + lens.qxy**2))
    far = reach / math.sqrt(thick)
    slack = far * math.hypot(lens.bx, lens.by) + far * far * (abs(lens.cxx) + abs(lens.cxy) + abs(lens.cyy))
    return far * max(1.0 - slack, 0.0)


def lens_at(plane: CountryPlane, row: float, column: float, reach: float) -> tuple[Lens, float]:
    """Return the lens of an antenna that stands on a plane and reaches so many steps, and the largest error of a distance in metres."""
    lat0, lon0 = plane.place(row, column)
    h = 100.0 / plane.step_m
    ends = [np.array(geodetic_to_ecef(*plane.place(row + j * h, column + i * h), 0.0)) for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    east, south = (ends[0] - ends[1]) / (2.0 * h), (ends[2] - ends[3]) / (2.0 * h)
    qxx, qxy, qyy = (float(v) / plane.step_m**2 for v in (east @ east, 2.0 * east @ south, south @ south))
    angle, far = np.meshgrid(np.arange(24) * (np.pi / 12.0), reach * np.arange(1, 6) / 5.0)
    x, y = (far * np.cos(angle)).ravel(), (far * np.sin(angle)).ravel()
    true, _ = between(lat0, lon0, *plane.place(row + y, column + x))
    flat = np.sqrt(qxx * x * x + qxy * x * y + qyy * y * y)
    terms = np.column_stack([x, y, x * x, x * y, y * y])
    size = np.array([reach, reach, reach**2, reach**2, reach**2])
    found = np.linalg.lstsq(terms / size, flat * plane.step_m / true - 1.0, rcond=None)[0] / size
    error_m = np.abs(flat * plane.step_m / (1.0 + terms @ found) - true).max()
    return Lens(qxx, qxy, qyy, *(float(v) for v in found)), float(error_m)

"""How well receivers place what they hear by its times of arrival (multilateration).

Every receiver tells the time at which a message came; when it was sent is not known. With u_i the unit vector from receiver i
to the aircraft, and errors of arrival of one sigma each, the aircraft's position and the moment of sending have the information

    N = sum over i of (u_i, 1) (u_i, 1)^T,

in units of light's way in one sigma; its inverse's diagonal is the square of the dilution of precision. Differences of times, taken with
their covariance, have the same information whichever receiver they are taken from (D. J. Torrieri, Statistical theory of
passive location systems, IEEE Trans. AES 20(2), 1984, section III). Four receivers are needed, three when the height is
known from elsewhere (a pressure altitude): that is one more row, along the vertical.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from tenere.coverage.detect.radar import LIGHT_M_S
from tenere.geo.ellipsoid import geodetic_to_ecef

if TYPE_CHECKING:
    Places = tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]
    """Latitudes (rad), longitudes (rad), heights above the ellipsoid (m)."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SINGULAR = 1e-12
"""A pivot below this, of entries around 1, is of a geometry that tells nothing."""


class Precision(NamedTuple):
    """One-sigma errors of places by multilateration, arrays of one shape; NaN where they are not placed."""

    horizontal_m: Floats
    """Root of the sum of both horizontal variances."""
    vertical_m: Floats
    """Of the height."""
    position_m: Floats
    """Root of the sum of all three."""
    hdop: Floats
    """Horizontal error over light's way in one sigma of timing."""
    vdop: Floats
    """The same of the height."""
    pdop: Floats
    """The same of the position."""
    receivers: npt.NDArray[np.int64]
    """How many hear it."""


@njit(cache=True, error_model="numpy")
def _inverse(n: Floats, out: Floats) -> bool:
    """Write the inverse of a symmetric positive 4 by 4 matrix, by Cholesky's factor; False where there is none. `n` is spent."""
    for j in range(4):
        pivot = n[j, j]
        for k in range(j):
            pivot -= n[j, k] * n[j, k]
        if not pivot > SINGULAR:
            return False
        root = math.sqrt(pivot)
        n[j, j] = root
        for i in range(j + 1, 4):
            s = n[i, j]
            for k in range(j):
                s -= n[i, k] * n[j, k]
            n[i, j] = s / root
    for c in range(4):
        for i in range(4):
            s = 1.0 if i == c else 0.0
            for k in range(i):
                s -= n[i, k] * out[k, c]
            out[i, c] = s / n[i, i]
        for i in range(3, -1, -1):
            s = out[i, c]
            for k in range(i + 1, 4):
                s -= n[k, i] * out[k, c]
            out[i, c] = s / n[i, i]
    return True


@njit(cache=True, error_model="numpy")
def fill_dilution(receivers_m: Floats, places_m: Floats, up: Floats, seen: Flags, height_weight: float, dop: Floats, heard: Floats) -> None:
    """Write horizontal, vertical and position dilution of each place into `dop`, `(n, 3)`, and who hear it, counted, into `heard`, `(n,)`.

    Cartesian receivers `(m, 3)` and places `(n, 3)`, m; `up` the places' unit verticals `(n, 3)`; `seen` `(n, m)`; `height_weight` the
    square of light's way in one sigma of timing over one sigma of a known height, 0 without. NaN with too few receivers or in a
    geometry that tells nothing.
    """
    n = np.empty((4, 4))
    q = np.empty((4, 4))
    row = np.empty(4)
    for i in range(places_m.shape[0]):
        n[:, :] = 0.0
        count = 0
        for j in range(receivers_m.shape[0]):
            if not seen[i, j]:
                continue
            x = places_m[i, 0] - receivers_m[j, 0]
            y = places_m[i, 1] - receivers_m[j, 1]
            z = places_m[i, 2] - receivers_m[j, 2]
            r = math.sqrt(x * x + y * y + z * z)
            if not r > 0.0:
                continue
            count += 1
            row[0], row[1], row[2], row[3] = x / r, y / r, z / r, 1.0
            for a in range(4):
                for b in range(a + 1):
                    n[a, b] += row[a] * row[b]
        heard[i] = count
        dop[i, :] = math.nan
        if count < (3 if height_weight > 0.0 else 4):
            continue
        for a in range(3):
            for b in range(a + 1):
                n[a, b] += height_weight * up[i, a] * up[i, b]
        if not _inverse(n, q):
            continue
        whole = q[0, 0] + q[1, 1] + q[2, 2]
        vertical = 0.0
        for a in range(3):
            for b in range(3):
                vertical += up[i, a] * q[a, b] * up[i, b]
        dop[i, 0] = math.sqrt(max(whole - vertical, 0.0))
        dop[i, 1] = math.sqrt(max(vertical, 0.0))
        dop[i, 2] = math.sqrt(whole)


def precision(
    receivers: Places,
    places: Places,
    *,
    timing_std_s: float,
    seen: npt.ArrayLike | None = None,
    height_std_m: float = math.inf,
) -> Precision:
    """Return the one-sigma errors of places (any number) by receivers (m of them).

    Receivers and places are latitudes and longitudes (rad) and heights above the ellipsoid (m), those of the places broadcasting to
    `(n,)`; `seen` `(n, m)` says who hears whom (all, when not given); `timing_std_s` is the one-sigma error of a time of arrival;
    `height_std_m` that of a height known from elsewhere, infinite without. NaN where fewer than four (three with a height) hear it, or
    where their geometry tells nothing. ValueError for a sigma that is not above 0, or a `seen` of another shape. Source: the
    module's.
    """
    if not timing_std_s > 0.0 or not height_std_m > 0.0:
        raise ValueError(f"errors must be above 0, not {timing_std_s:g} s and {height_std_m:g} m")
    lat, lon, height = (np.ravel(v) for v in np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in places)))
    at_m = np.column_stack(geodetic_to_ecef(lat, lon, height))
    from_m = np.column_stack(geodetic_to_ecef(*(np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in receivers)))
    heard_by = np.ones((len(at_m), len(from_m)), dtype=np.bool_) if seen is None else np.ascontiguousarray(seen, dtype=np.bool_)
    if heard_by.shape != (len(at_m), len(from_m)):
        raise ValueError(f"who hears whom must be {len(at_m)} places by {len(from_m)} receivers, not {heard_by.shape}")
    up = np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    way_m = LIGHT_M_S * timing_std_s
    dop, heard = np.empty((len(at_m), 3)), np.empty(len(at_m))
    fill_dilution(from_m, at_m, up, heard_by, (way_m / height_std_m) ** 2, dop, heard)
    h, v, p = (np.ascontiguousarray(dop[:, k]) for k in range(3))
    return Precision(way_m * h, way_m * v, way_m * p, h, v, p, heard.astype(np.int64))

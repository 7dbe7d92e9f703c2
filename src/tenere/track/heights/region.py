"""How far heights lie above pressure altitudes, by place and altitude, learnt from the aircraft that send both.

The difference of the height above the ellipsoid and the pressure altitude is the weather's (QNH and the air's warmth) and the geoid's,
so all aircraft near each other share it. Over altitude it is close to a parabola: on 12 July 2021 over England the scatter about
one was 20 m, where the difference itself went from 38 m near the ground to 290 m at 12 km (docs/explanation/heights.md).

Each cell of the plane holds the information on the parabola's three coefficients, which fades with time; what applies in a cell is its
own, a share of its neighbours', and a prior: QNH where there is one, and the warmth of the latitude.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

SIDE = 33
CELL_M = 300e3
"""Cells of the plane: 33 by 33 about its centre, those at the edge without end."""
SCALE_M = 10_000.0
"""Altitude by which the coefficients are meant: metres at 0, more by 10 km, and the bend."""
NEIGHBOUR = 0.25
"""What a report counts in a cell beside its own."""
REPORT_STD_M = 60.0
"""One-sigma of an aircraft's difference from its neighbours': altimeter 25 m, geometric altitude, those that count it from the geoid."""
SCATTER_M = 30.0
"""One-sigma by which an aircraft may differ from what applies, however much was learnt."""
FAR = 2.5
PRIOR_STD_M = (80.0, 300.0, 100.0)
"""One-sigma of the coefficients before anything is known: 10 hPa, 10 K, and how the warmth changes with height."""
QNH_STD_M = 15.0
UNKNOWN_STD_M = 150.0
"""One-sigma of a pressure altitude taken for a height, where neither reports nor QNH were heard."""
TROPICS_M, WARM_RAD, MILD_RAD = 540.0, math.radians(25.0), math.radians(45.0)
"""Over the tropics 286 hPa lie at 10.0 km, 520 m above the standard's height (AFGL-TR-86-0110, tropical): 540 m in 10 km, all the year."""


class Air(NamedTuple):
    """What is learnt and what applies. C = SIDE * SIDE cells."""

    told: np.ndarray  # (C, 9) information: 00, 01, 02, 11, 12, 22, then its vector
    fits: np.ndarray  # (C, 3) coefficients that apply, in metres
    errors: np.ndarray  # (C, 6) their covariance: 00, 01, 02, 11, 12, 22
    reports: np.ndarray  # (C,) reports counted


def air() -> Air:
    """Return the air of which nothing is known: the standard, give or take what the prior says."""
    c = SIDE * SIDE
    out = Air(np.zeros((c, 9)), np.zeros((c, 3)), np.zeros((c, 6)), np.zeros(c, np.int64))
    for k, std in zip((0, 3, 5), PRIOR_STD_M, strict=True):
        out.errors[:, k] = std * std
    return out


@njit(cache=True, inline="always")
def cell_at(x: float, y: float) -> int:
    """Return the cell of a point of the plane."""
    i = min(max(math.floor(x / CELL_M + 0.5 * SIDE), 0), SIDE - 1)
    j = min(max(math.floor(y / CELL_M + 0.5 * SIDE), 0), SIDE - 1)
    return j * SIDE + i


@njit(cache=True, inline="always")
def above(fits: np.ndarray, errors: np.ndarray, c: int, level: float) -> tuple[float, float]:
    """Return how far the height lies above a pressure altitude in a cell, and its variance for one aircraft."""
    s = min(max(level, 0.0), 20_000.0) / SCALE_M
    s2 = s * s
    var = (
        errors[c, 0] + s * (2.0 * errors[c, 1] + s * (2.0 * errors[c, 2] + errors[c, 3])) + s * s2 * (2.0 * errors[c, 4] + s * errors[c, 5])
    )
    return fits[c, 0] + s * fits[c, 1] + s2 * fits[c, 2], var + SCATTER_M * SCATTER_M


@njit(cache=True)
def tell(a: Air, c: int, level: float, difference: float, weight: float) -> None:
    """Count one aircraft's difference in a cell. weight: 1 of a report of its own, less of one more of the same aircraft.

    What is far from all that is known counts less, by the square of how far, so that one false height moves next to nothing, and
    many that agree still carry the day.
    """
    s = min(max(level, 0.0), 20_000.0) / SCALE_M
    believed, var = above(a.fits, a.errors, c, level)
    off = abs(difference - believed) / math.sqrt(var + REPORT_STD_M * REPORT_STD_M)
    w = weight / (REPORT_STD_M * REPORT_STD_M)
    if off > FAR:
        w *= (FAR / off) ** 2
    t = a.told[c]
    power = w
    t[0] += power
    t[6] += power * difference
    power *= s
    t[1] += power
    t[7] += power * difference
    power *= s
    t[2] += power
    t[3] += power
    t[8] += power * difference
    power *= s
    t[4] += power
    t[5] += power * s
    a.reports[c] += 1


@njit(cache=True)
def settle(a: Air, prior: np.ndarray, prior_var: np.ndarray, keep: float) -> None:
    """Let what was learnt fade by keep, and work out what applies in each cell.

    prior (C, 3), prior_var (C, 3): the coefficients before anything is known, and their variances.
    """
    told, fits, errors = a.told, a.fits, a.errors
    told *= keep
    t = np.zeros(9)
    for j in range(SIDE):
        for i in range(SIDE):
            c = j * SIDE + i
            t[:] = told[c]
            for dj in range(max(j - 1, 0), min(j + 2, SIDE)):
                for di in range(max(i - 1, 0), min(i + 2, SIDE)):
                    near = dj * SIDE + di
                    if near != c and told[near, 0] > 0.0:
                        for k in range(9):
                            t[k] += NEIGHBOUR * told[near, k]
            m0, m1, m2 = prior[c, 0], prior[c, 1], prior[c, 2]
            if t[0] == 0.0:
                deaf = prior_var[c, 0] > QNH_STD_M * QNH_STD_M  # neither reports nor QNH: a pressure altitude is taken for a height
                errors[c, :] = 0.0
                if deaf:
                    fits[c, :] = 0.0
                    errors[c, 0] = UNKNOWN_STD_M * UNKNOWN_STD_M - SCATTER_M * SCATTER_M
                else:
                    fits[c, 0], fits[c, 1], fits[c, 2] = m0, m1, m2
                    errors[c, 0], errors[c, 3], errors[c, 5] = prior_var[c, 0], prior_var[c, 1], prior_var[c, 2]
                continue
            q0, q1, q2 = 1.0 / prior_var[c, 0], 1.0 / prior_var[c, 1], 1.0 / prior_var[c, 2]
            a00, a01, a02, a11, a12, a22 = t[0] + q0, t[1], t[2], t[3] + q1, t[4], t[5] + q2
            b0, b1, b2 = t[6] + q0 * m0, t[7] + q1 * m1, t[8] + q2 * m2
            # a symmetric 3 by 3 by its cofactors: the prior keeps it far from singular
            c00, c01, c02 = a11 * a22 - a12 * a12, a02 * a12 - a01 * a22, a01 * a12 - a02 * a11
            c11, c12, c22 = a00 * a22 - a02 * a02, a01 * a02 - a00 * a12, a00 * a11 - a01 * a01
            d = 1.0 / (a00 * c00 + a01 * c01 + a02 * c02)
            errors[c, 0], errors[c, 1], errors[c, 2] = c00 * d, c01 * d, c02 * d
            errors[c, 3], errors[c, 4], errors[c, 5] = c11 * d, c12 * d, c22 * d
            fits[c, 0] = (c00 * b0 + c01 * b1 + c02 * b2) * d
            fits[c, 1] = (c01 * b0 + c11 * b1 + c12 * b2) * d
            fits[c, 2] = (c02 * b0 + c12 * b1 + c22 * b2) * d


def warmth_m(lat_rad: np.ndarray) -> np.ndarray:
    """Return how much higher than the standard a pressure altitude of 10 km lies at latitudes (n,): nothing from 45 degrees on."""
    share = np.clip((MILD_RAD - np.abs(lat_rad)) / (MILD_RAD - WARM_RAD), 0.0, 1.0)
    return np.asarray(TROPICS_M * np.where(np.isfinite(share), share, 0.0))

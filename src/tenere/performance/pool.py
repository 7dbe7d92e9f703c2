"""Plots that no track took: the beginning of one, the second half of a split one, or false."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

WAIT_S = 45.0
"""A plot is false when no track has owned to it by then."""
MOST = 20_000
MOST_NEW = 200
"""New tracks of a tick whose beginnings are looked for: a storm makes thousands, of false plots."""
NEAR_M, NEAR_ON_AIRPORT_M, NEAR_NAMED_M = 600.0, 60.0, 5_000.0
SPLIT_M, SPLIT_ON_AIRPORT_M, SPLIT_RAD = 500.0, 60.0, 0.045
LOOK_S = 1.0


class Rows(NamedTuple):
    """Plots (n,) each: time, place, row of the tally, address (-1 none)."""

    time_s: F64
    x: F64
    y: F64
    frame: I64
    row: I64
    address: I64

    def at(self, rows: NDArray[np.integer] | Mask) -> Rows:
        """Return some of the rows."""
        return Rows(self.time_s[rows], self.x[rows], self.y[rows], self.frame[rows], self.row[rows], self.address[rows])

    def then(self, other: Rows) -> Rows:
        """Return these rows and then others."""
        return Rows(*(np.concatenate([a, b]) for a, b in zip(self, other, strict=True)))


def none() -> Rows:
    """Return no rows."""
    return Rows(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))


class Grown(NamedTuple):
    """New tracks (n,) each, as the picture has them."""

    time_s: F64
    first_s: F64
    x: F64
    y: F64
    vx: F64
    vy: F64
    std_m: F64
    frame: I64
    address: I64


@dataclass
class Pool:
    """The untaken plots of the last WAIT_S, and the taken ones of the last look."""

    waiting: Rows = field(default_factory=none)
    taken: Rows = field(default_factory=none)
    overflow: int = 0


@njit(cache=True)
def _beside(
    t: np.ndarray, x: np.ndarray, y: np.ndarray, frame: np.ndarray, row: np.ndarray, address: np.ndarray,
    ot: np.ndarray, ox: np.ndarray, oy: np.ndarray, oframe: np.ndarray, orow: np.ndarray, oaddress: np.ndarray,
    stand_x: np.ndarray, stand_y: np.ndarray, near_m: np.ndarray, wide_rad: np.ndarray, look_s: np.ndarray, out: np.ndarray,
) -> None:  # fmt: skip
    """Mark the plots (n,) that lie within their sensor's resolution of another of the same look; others are in order of ox."""
    for i in range(len(t)):
        k = row[i]
        dx0, dy0 = x[i] - stand_x[k], y[i] - stand_y[k]
        r = np.sqrt(dx0 * dx0 + dy0 * dy0)
        wide = near_m[k] + (wide_rad[k] * r if r < 1e6 else 0.0)
        j = np.searchsorted(ox, x[i] - wide)
        while j < len(ox) and ox[j] <= x[i] + wide:
            near = orow[j] == k and oframe[j] == frame[i] and abs(ot[j] - t[i]) <= look_s[k]
            if near and (address[i] < 0 or oaddress[j] < 0 or address[i] == oaddress[j]):
                dx, dy = ox[j] - x[i], oy[j] - y[i]
                if wide_rad[k] > 0.0 and r > 50.0:
                    along = (dx * dx0 + dy * dy0) / r
                    across = (dx * dy0 - dy * dx0) / r
                    near = abs(along) <= near_m[k] and abs(across) <= wide
                else:
                    near = dx * dx + dy * dy <= wide * wide
                if near:
                    out[i] = True
                    break
            j += 1


def split(plots: Rows, others: Rows, stand: tuple[F64, F64], airport: Mask, polar: Mask, look_s: F64) -> Mask:
    """Say of plots (n,) whether each is the second half of one of others: of the same look, within the sensor's resolution.

    stand: x and y of the sensor of each row of the tally; airport: it sees an airport's surface; polar: it measures azimuths;
    look_s: how far apart two plots of one look may be.
    """
    out = np.zeros(len(plots.row), np.bool_)
    if not len(out) or not len(others.row):
        return out
    others = others.at(np.argsort(others.x, kind="stable"))
    near = np.where(airport, SPLIT_ON_AIRPORT_M, SPLIT_M)
    _beside(*plots, *others, *stand, near, np.where(polar, SPLIT_RAD, 0.0), look_s, out)
    return out


@njit(cache=True)
def _claim(
    time_s: np.ndarray, x: np.ndarray, y: np.ndarray, frame: np.ndarray, address: np.ndarray, near_m: np.ndarray,
    gt: np.ndarray, first_s: np.ndarray, gx: np.ndarray, gy: np.ndarray, vx: np.ndarray, vy: np.ndarray, std_m: np.ndarray,
    gframe: np.ndarray, gaddress: np.ndarray, out: np.ndarray,
) -> None:  # fmt: skip
    """Mark the plots (n,) that one of the tracks (m,) has come from, of the first MOST_NEW of them."""
    for i in range(min(len(gt), MOST_NEW)):
        speed = math.hypot(vx[i], vy[i])
        for k in range(len(time_s)):
            if out[k] or frame[k] != gframe[i] or not time_s[k] >= first_s[i] - LOOK_S:
                continue
            dt = time_s[k] - gt[i]
            dx, dy = x[k] - gx[i] - vx[i] * dt, y[k] - gy[i] - vy[i] * dt
            away, reach = dx * dx + dy * dy, near_m[k] + 3.0 * std_m[i] + 0.25 * speed * abs(dt)
            fits = away <= reach * reach
            if gaddress[i] >= 0:
                same = address[k] == gaddress[i]
                fits = (fits and (same or address[k] < 0)) or (same and away <= NEAR_NAMED_M * NEAR_NAMED_M)
            out[k] = fits


def claimed(waiting: Rows, grown: Grown, airport: Mask) -> Mask:
    """Say which waiting plots (n,) new tracks have come from: those that lie where the track, run backwards, was."""
    out = np.zeros(len(waiting.row), np.bool_)
    near = np.where(airport[waiting.row], NEAR_ON_AIRPORT_M, NEAR_M)
    w, g = waiting, grown
    _claim(w.time_s, w.x, w.y, w.frame, w.address, near, g.time_s, g.first_s, g.x, g.y, g.vx, g.vy, g.std_m, g.frame, g.address, out)
    return out

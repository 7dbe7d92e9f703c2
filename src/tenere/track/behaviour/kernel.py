"""The features of all tracks, brought up to date in one walk, and their classes. Numba kernels.

Each sum fades: after dt seconds it counts 1 / (1 + dt / MEMORY_S). A state whose velocity is not known
to UNSURE_MS (one sigma), nor to the share UNSURE of itself, says nothing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tenere.batch import PlotKind, TrackFlag

MEMORY_S = 90.0
UNSURE_MS, UNSURE = 8.0, 0.1
SLOW_MS = 3.0
LEAST_S = 20.0
"""Evidence of less time than this is none."""
LEAST_SHARE = 0.5
"""A class less probable than this is not named."""
GAP_S = 60.0
"""After so long unseen, what it did before counts no more."""
# what is kept of a track
LAST_S, VX, VY, WEIGHT, SPEED, EAST, NORTH, BENDS, TURNS, SLOW, TOP, HEIGHT, HEIGHT_WEIGHT, CLIMBS, GROUND, ANSWERS = range(16)
NKEPT = 16
# features
F_SPEED, F_TOP, F_BENDS, F_TURNS, F_STRAIGHT, F_SLOW, F_HEIGHT, F_CLIMB, F_GROUND, F_ANSWERS = range(10)
NFEATURES = 10
MAX_BINS = 9
ON_GROUND, COASTING = int(TrackFlag.ON_GROUND), int(TrackFlag.COASTING)
SURFACE_KINDS = 1 << int(PlotKind.SMR)
ANSWERING = sum(
    1 << int(k) for k in (PlotKind.SSR, PlotKind.PSR_SSR, PlotKind.MODE_S, PlotKind.PSR_MODE_S, PlotKind.ADSB, PlotKind.MLAT, PlotKind.ADSR)
)
"""Kinds of plot that only a transponder gives."""


class Seen(NamedTuple):
    """Columns of Tracks, n rows."""

    vx_ms: np.ndarray
    vy_ms: np.ndarray
    var_v_m2s2: np.ndarray
    pressure_altitude_m: np.ndarray
    vertical_rate_ms: np.ndarray
    flags: np.ndarray
    kinds: np.ndarray


@njit(cache=True)
def observe(t: Seen, time_s: float, kept: np.ndarray) -> None:
    """Take in the tracks' states at time_s; kept (n, NKEPT): row for row with them."""
    vxs, vys, variances, levels, climbs, flags, kinds = t
    for i in range(len(kept)):
        k = kept[i]
        vx, vy, var = vxs[i], vys[i], variances[i]
        if not var <= max(UNSURE_MS * UNSURE_MS, UNSURE * UNSURE * (vx * vx + vy * vy)) or flags[i] & COASTING:  # not of NaN either
            continue
        dt = time_s - k[LAST_S]
        speed = math.sqrt(vx * vx + vy * vy)
        if not 0.0 < dt < GAP_S:
            k[:] = 0.0
            dt = 0.0
        if dt > 0.0:
            fade = 1.0 / (1.0 + dt / MEMORY_S)
            for f in range(WEIGHT, NKEPT):
                k[f] *= fade
            k[WEIGHT] += dt
            k[SPEED] += dt * speed
            k[EAST] += dt * vx
            k[NORTH] += dt * vy
            ax, ay, noise = (vx - k[VX]) / dt, (vy - k[VY]) / dt, 2.0 * var / (dt * dt)
            k[BENDS] += dt * max(ax * ax + ay * ay - noise, 0.0)
            before = math.sqrt(k[VX] * k[VX] + k[VY] * k[VY])
            if speed > 2.0 * math.sqrt(var) and before > 1.0:
                sine = (vx * k[VY] - vy * k[VX]) / (speed * before)
                cosine = (vx * k[VX] + vy * k[VY]) / (speed * before)
                angle = min(abs(sine), 1.0) if cosine > 0.0 else 2.0 - min(abs(sine), 1.0)
                k[TURNS] += angle
            k[SLOW] += dt if speed < SLOW_MS else 0.0
            k[TOP] = max(k[TOP], speed)
            if levels[i] == levels[i]:
                k[HEIGHT] += dt * levels[i]
                k[HEIGHT_WEIGHT] += dt
                k[CLIMBS] += dt * climbs[i] * climbs[i] if climbs[i] == climbs[i] else 0.0
            k[GROUND] += dt if flags[i] & ON_GROUND or kinds[i] & SURFACE_KINDS else 0.0
            k[ANSWERS] += dt if kinds[i] & ANSWERING else 0.0
        k[LAST_S], k[VX], k[VY] = time_s, vx, vy


@njit(cache=True, inline="always")
def _bin(v: float, edges: np.ndarray, n: int) -> int:
    """Return in which of n bins a value lies; edges: the first n - 1 upper ends."""
    b = 0
    while b < n - 1 and v >= edges[b]:
        b += 1
    return b


@njit(cache=True, inline="always")
def features(k: np.ndarray, edges: np.ndarray, bins: np.ndarray, out: np.ndarray) -> None:
    """Fill out (NFEATURES,) with the bin of each feature, -1 where it is not known. k (NKEPT,): of one track."""
    w = k[WEIGHT]
    mean = k[SPEED] / w
    out[F_SPEED] = _bin(mean, edges[F_SPEED], bins[F_SPEED])
    out[F_TOP] = _bin(k[TOP], edges[F_TOP], bins[F_TOP])
    out[F_BENDS] = _bin(math.sqrt(k[BENDS] / w), edges[F_BENDS], bins[F_BENDS])
    out[F_TURNS] = _bin(math.degrees(k[TURNS] / w), edges[F_TURNS], bins[F_TURNS])
    straight = math.sqrt(k[EAST] * k[EAST] + k[NORTH] * k[NORTH]) / max(k[SPEED], 1e-9)
    out[F_STRAIGHT] = _bin(straight, edges[F_STRAIGHT], bins[F_STRAIGHT]) if mean > 1.0 else -1
    out[F_SLOW] = _bin(k[SLOW] / w, edges[F_SLOW], bins[F_SLOW])
    out[F_HEIGHT] = out[F_CLIMB] = -1
    if k[HEIGHT_WEIGHT] > 0.5 * w:
        out[F_HEIGHT] = _bin(k[HEIGHT] / k[HEIGHT_WEIGHT], edges[F_HEIGHT], bins[F_HEIGHT])
        out[F_CLIMB] = _bin(math.sqrt(k[CLIMBS] / k[HEIGHT_WEIGHT]), edges[F_CLIMB], bins[F_CLIMB])
    out[F_GROUND] = _bin(k[GROUND] / w, edges[F_GROUND], bins[F_GROUND])
    out[F_ANSWERS] = _bin(k[ANSWERS] / w, edges[F_ANSWERS], bins[F_ANSWERS])


@njit(cache=True)
def classify(
    kept: np.ndarray,
    edges: np.ndarray,
    bins: np.ndarray,
    table: np.ndarray,
    prior: np.ndarray,
    of: np.ndarray,
    kind: np.ndarray,
    share: np.ndarray,
) -> None:
    """Fill kind (n,) with each track's likeliest class and share (n,) with its probability; 0, "unknown", where none is above LEAST_SHARE.

    table (NFEATURES, MAX_BINS, habits): how likely each bin is, tempered; prior (habits,); of (habits,): their classes, whose
    probabilities are the sums of their habits'. Unknown is likelier while there is little evidence: its prior is divided by the
    weight, in LEAST_S.
    """
    found, odds, row = np.zeros(NFEATURES, np.int64), np.zeros(of.max() + 1), np.zeros(len(prior))
    for i in range(len(kept)):
        w = kept[i, WEIGHT]
        if w < LEAST_S:
            kind[i], share[i] = 0, 1.0
            continue
        features(kept[i], edges, bins, found)
        odds[:] = 0.0
        total = 0.0
        row[:] = prior
        row[0] *= 1.0 + LEAST_S / w
        for f in range(NFEATURES):
            b = found[f]
            if b >= 0:
                for c in range(len(row)):
                    row[c] *= table[f, b, c]
        for c in range(len(row)):
            odds[of[c]] += row[c]
            total += row[c]
        best = int(np.argmax(odds))
        best = best if odds[best] > LEAST_SHARE * total else 0
        kind[i], share[i] = best, odds[best] / total


@njit(cache=True)
def follow(number: np.ndarray, names: np.ndarray, out: np.ndarray) -> None:
    """Fill out (n,) with where in names (m,), ascending, each number is, -1 nowhere. Quick where the numbers ascend too."""
    at, m = 0, len(names)
    for i in range(len(number)):
        v = number[i]
        if at > 0 and (at >= m or names[at - 1] >= v):
            at = np.searchsorted(names, v)
        while at < m and names[at] < v:
            at += 1
        out[i] = at if at < m and names[at] == v else -1

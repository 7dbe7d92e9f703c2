"""Heights: init(config) -> state; observe(state, ...) after the plots are tracked; rows(state, tracks, ...) for the picture."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.batch import HeightSource, TrackFlag, Tracks
from tenere.crew import halves
from tenere.geo.altitude import altitude_m, pressure_altitude_m, shown
from tenere.track.columns import plain
from tenere.track.heights import region
from tenere.track.heights.follow import APART, ESTIMATED, FARTHEST_M, LIFTED, MEMORY, RADAR, Seen, follow, lift
from tenere.track.heights.region import CELL_M, PRIOR_STD_M, QNH_STD_M, SCALE_M, SIDE, Air, cell_at
from tenere.track.heights.slant import pairs
from tenere.track.heights.trend import CLIMBING, DESCENDING, LEVEL, UNKNOWN, trend_step
from tenere.track.heights.upright import ahead
from tenere.units import FLIGHT_LEVEL_M, FOOT_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Plots
    from tenere.geo.plane import Plane
    from tenere.qnh import QnhBook
    from tenere.track.heights.config import HeightsConfig
    from tenere.track.store import Store
    from tenere.track.work import Measured

    F64 = NDArray[np.float64]

SETTLE_S = 10.0
MOST_JUMPS = 64
OLD_S = 60.0
"""A height that was not told for so long is none."""
USUAL_M = 8_000.0
LIFTED_M = 3_000.0
"""No QNH lifts the transition level by more above the transition altitude."""
FROM_PRESSURE, FROM_SAID = int(HeightSource.PRESSURE), int(HeightSource.MEASURED)
FROM_RADAR, FROM_RANGES = int(HeightSource.RADAR), int(HeightSource.ESTIMATED)
DIFFER = int(TrackFlag.HEIGHTS_DIFFER)


class Jump(NamedTuple):
    """A track's height and pressure altitude have parted, or come together, at once."""

    time_s: float
    number: int
    """Track number; 0: it had none yet."""
    by_m: float


@dataclass
class State:
    """Everything that is remembered of heights."""

    config: HeightsConfig
    memory: NDArray[np.void]
    air: Air = field(default_factory=region.air)
    prior: F64 = field(default_factory=lambda: np.zeros((SIDE * SIDE, 3)))
    prior_var: F64 = field(default_factory=lambda: np.tile(np.square(PRIOR_STD_M), (SIDE * SIDE, 1)))
    plane: Plane | None = None
    settled_s: float = -math.inf
    lat_rad: F64 = field(default_factory=lambda: np.zeros(0))
    lon_rad: F64 = field(default_factory=lambda: np.zeros(0))
    jumps: deque[Jump] = field(default_factory=lambda: deque(maxlen=MOST_JUMPS))
    pairs: int = 0


def init(config: HeightsConfig, capacity: int) -> State:
    """Return the state that knows nothing, for a store of so many rows."""
    return State(config, np.zeros(capacity, MEMORY))


def begin(state: State, time_s: float, plane: Plane | None, book: QnhBook | None, store: Store, high: int) -> None:
    """Every ten seconds: let what was learnt fade, take up QNH, and tell each track how far its height lies above its pressure altitude."""
    c = state.config
    if plane is None or 0.0 <= time_s - state.settled_s < SETTLE_S:
        return
    if plane != state.plane:
        _lay(state, plane)
    _take_qnh(state, book, time_s)
    since = time_s - state.settled_s
    keep = math.exp(-since / c.memory_s) if 0.0 < since < math.inf else 1.0
    region.settle(state.air, state.prior, state.prior_var, keep)
    state.settled_s = time_s
    if len(state.memory) < len(store.alive):
        state.memory = np.concatenate([state.memory, np.zeros(len(store.alive) - len(state.memory), MEMORY)])
    lift(store, high, state.memory, state.air, time_s, c.differ_m, c.learn)


def _lay(state: State, plane: Plane) -> None:
    """Find the cells' latitudes; what was learnt in another plane is forgotten."""
    state.plane, state.air = plane, region.air()
    middle = (np.arange(SIDE) - SIDE // 2) * CELL_M
    y, x = np.meshgrid(middle, middle, indexing="ij")
    state.lat_rad, state.lon_rad = plane.inverse(x.ravel(), y.ravel())


def _take_qnh(state: State, book: QnhBook | None, time_s: float) -> None:
    """Set the prior of each cell: the warmth of its latitude, and the QNH that holds there, else the standard's."""
    state.prior[:, 0], state.prior[:, 1] = state.config.geoid_m, region.warmth_m(state.lat_rad)
    state.prior_var[:, 0] = PRIOR_STD_M[0] ** 2
    if book is None or not book.rows:
        return
    valid = book.at(state.lat_rad, state.lon_rad, time_s)
    known = np.isfinite(valid.qnh_pa)
    state.prior[known, 0] -= pressure_altitude_m(valid.qnh_pa[known])
    state.prior_var[known, 0] = QNH_STD_M**2


def offsets(state: State, x_m: F64, y_m: F64) -> F64:
    """Return what the placing adds to a pressure altitude around places of the plane (n,).

    (n, 4): metres at the ground, a metre of level, a square metre of level; one-sigma error of the sum at 8 km.
    """
    out = np.zeros((len(x_m), 4))
    _offsets(state.air, np.ascontiguousarray(x_m), np.ascontiguousarray(y_m), out)
    return out


@njit(cache=True, error_model="numpy")
def _offsets(a: Air, x_m: np.ndarray, y_m: np.ndarray, out: np.ndarray) -> None:
    """Fill out: `offsets`. A place that is not known takes the middle cell's."""
    fits, errors = a.fits, a.errors
    for i in range(len(x_m)):
        cell = cell_at(x_m[i], y_m[i]) if math.isfinite(x_m[i] + y_m[i]) else SIDE * SIDE // 2
        out[i, 0], out[i, 1], out[i, 2] = fits[cell, 0], fits[cell, 1] / SCALE_M, fits[cell, 2] / SCALE_M**2
        out[i, 3] = math.sqrt(region.above(fits, errors, cell, USUAL_M)[1])


def observe(
    state: State, store: Store, plots: Plots, measured: Measured, rows: NDArray[np.int64], assigned: NDArray[np.int64], figures: F64
) -> None:
    """Take the heights of a tick's plots. rows (n,): of plots, in the order of measured; assigned (n,): their tracks' rows, -1 none.

    figures: of tenere.track.survey.
    """
    c = state.config
    if len(state.memory) < len(store.alive):
        state.memory = np.concatenate([state.memory, np.zeros(len(store.alive) - len(state.memory), MEMORY)])
    seen = Seen._make([*(plain(getattr(plots, name)) for name in Seen._fields if name != "figures"), figures])
    jumped = np.zeros(MOST_JUMPS, np.int64)
    n = follow(store, state.memory, state.air, seen, rows, assigned, c.geoid_m, c.learn, jumped)
    for i in jumped[: min(n, MOST_JUMPS)]:
        state.jumps.append(Jump(float(state.memory["jump_s"][i]), int(store.number[i]), float(state.memory["jump_m"][i])))
    if c.slant:
        state.pairs += pairs(store, state.memory, measured, assigned)


class Shown(NamedTuple):
    """The columns of Tracks that are filled here, n rows."""

    height_m: np.ndarray
    height_std_m: np.ndarray
    height_from: np.ndarray
    trend: np.ndarray
    vertical_rate_ms: np.ndarray
    flags: np.ndarray


@njit(cache=True, nogil=True, error_model="numpy")
def fill(s: Store, rows: np.ndarray, t: float, a: Air, known: bool, climb: float, level: float, keep: bool, out: Shown) -> None:
    """Fill the columns of the tracks of rows (n,). known: the air is; keep: the trend is remembered, for the hysteresis."""
    together, hot = s.together, s.hot
    height, std, source, trend, rate, flags = out.height_m, out.height_std_m, out.height_from, out.trend, out.vertical_rate_ms, out.flags
    for n in range(len(rows)):
        i = rows[n]
        c = together[i]
        speed, speed_std = math.nan, math.nan
        idle = t - c.height_s
        if c.height_m == c.height_m and idle < OLD_S:
            pressure, v0, _, v2 = ahead(c.height_m, c.climb_ms, c.height_v0, c.height_v1, c.height_v2, min(max(idle, -10.0), 10.0))
            speed, speed_std = c.climb_ms, math.sqrt(max(v2, 0.0))
            if known and abs(hot[i, 0]) < FARTHEST_M:
                more, var = c.lift_m, c.lift_std_m * c.lift_std_m
                if c.height_marks & LIFTED == 0:  # new since the tracks were last told
                    more, var = region.above(a.fits, a.errors, cell_at(hot[i, 0], hot[i, 1]), pressure)
                height[n], std[n], source[n] = pressure + more, math.sqrt(v0 + var), FROM_PRESSURE
                if c.height_marks & APART != 0:
                    flags[n] |= DIFFER
        elif c.geo_m == c.geo_m and t - c.geo_s < OLD_S:
            h, v0, _, v2 = ahead(c.geo_m, c.geo_rate, c.geo_v0, c.geo_v1, c.geo_v2, min(max(t - c.geo_s, -10.0), 10.0))
            height[n], std[n] = h, math.sqrt(v0)
            speed, speed_std = c.geo_rate, math.sqrt(max(v2, 0.0))
            said = c.height_marks
            source[n] = FROM_RANGES if said & ESTIMATED != 0 else (FROM_RADAR if said & RADAR != 0 else FROM_SAID)
            if rate[n] != rate[n] and said & ESTIMATED == 0:
                rate[n] = speed
        trend[n] = trend_step(c.trend, speed, speed_std, climb, level)
        if keep:
            c.trend = trend[n]


def rows(state: State, store: Store, live: NDArray[np.int64], tracks: Tracks, time_s: float, cores: int = 1, *, keep: bool) -> Tracks:
    """Return our tracks with their heights and trends. live (n,): the store's rows of tracks, in their order; keep: of `fill`."""
    n, c = len(tracks), state.config
    if not n:
        return tracks
    height, std = np.full(n, np.nan), np.full(n, np.nan)
    out = Shown(height, std, np.zeros(n, np.uint8), np.zeros(n, np.uint8), tracks.vertical_rate_ms, tracks.flags)
    known = math.isfinite(state.settled_s)

    def job(part: slice) -> None:
        mine = Shown(*(column[part] for column in out))
        fill(store, live[part], time_s, state.air, known, c.climb_ms, c.level_ms, keep, mine)

    halves(job, n, cores)
    return tracks.replace(**out._asdict())


def others(c: HeightsConfig, tracks: Tracks) -> Tracks:
    """Return other systems' tracks with the trends that follow from the rates which they tell."""
    rate = tracks.vertical_rate_ms
    way = np.where(rate > 0.0, CLIMBING, DESCENDING)
    trend = np.where(np.isfinite(rate), np.where(np.abs(rate) >= c.climb_ms, way, LEVEL), UNKNOWN)
    return tracks.replace(trend=trend)


def altitudes(c: HeightsConfig, tracks: Tracks, book: QnhBook | None, time_s: float) -> Tracks:
    """Return tracks with the altitude that a controller is shown instead of a flight level, and the QNH it is by; NaN where none is."""
    if book is None or not book.rows or not len(tracks):
        return tracks
    level = tracks.pressure_altitude_m
    top_m = max(c.transition_altitude_ft * FOOT_M + LIFTED_M, c.transition_level * FLIGHT_LEVEL_M)
    low = np.flatnonzero(level < top_m)
    if not len(low):
        return tracks
    qnh_pa = book.at(tracks.lat_rad[low], tracks.lon_rad[low], time_s).qnh_pa
    climbing = tracks.trend[low] == CLIMBING
    by_altitude, _ = shown(level[low], qnh_pa, c.transition_altitude_ft, c.transition_layer_ft, climbing, c.transition_level)
    own, qnh = np.full(len(tracks), np.nan), np.full(len(tracks), np.nan)
    own[low] = np.where(by_altitude, altitude_m(level[low], qnh_pa), np.nan)
    qnh[low] = qnh_pa / 100.0
    return tracks.replace(altitude_m=own, qnh_hpa=qnh)


__all__ = ["Jump", "State", "altitudes", "begin", "fill", "init", "observe", "offsets", "others", "rows"]

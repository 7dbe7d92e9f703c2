"""Heights: init(config) -> state; observe(state, ...) after the plots are tracked; rows(state, tracks, ...) for the picture."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.batch import HeightSource, TrackFlag, Tracks
from tenere.geo.altitude import altitude_m, pressure_altitude_m, shown
from tenere.track.columns import plain
from tenere.track.heights import region
from tenere.track.heights.follow import ESTIMATED, FARTHEST_M, MEMORY, RADAR, Seen, follow, lift, lifted
from tenere.track.heights.region import CELL_M, PRIOR_STD_M, QNH_STD_M, SIDE, Air, cell_at
from tenere.track.heights.slant import pairs
from tenere.track.heights.trend import UNKNOWN, trend_step
from tenere.track.heights.upright import ahead
from tenere.track.survey import GAUSSIAN_M, HEIGHT_M, RANGE_STD_M
from tenere.units import FOOT_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.batch import Plots
    from tenere.geo.plane import Plane
    from tenere.qnh import QnhBook
    from tenere.track.heights.config import HeightsConfig
    from tenere.track.sensors import Sensor
    from tenere.track.store import Store
    from tenere.track.work import Measured

    F64 = NDArray[np.float64]

SETTLE_S = 10.0
MOST_JUMPS = 64
JUMPED_S = 60.0
"""So long after its difference has jumped a track is marked."""
OLD_S = 60.0
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
    figures: F64 = field(default_factory=lambda: np.zeros((0, 5)))
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
    if c.learn:
        lift(store, high, state.memory, state.air)


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
    for i, (x, y) in enumerate(zip(x_m.tolist(), y_m.tolist(), strict=True)):
        cell = cell_at(x, y) if math.isfinite(x + y) else SIDE * SIDE // 2
        fit = state.air.fits[cell]
        out[i] = fit[0], fit[1] / 1e4, fit[2] / 1e8, math.sqrt(region.above(state.air.fits, state.air.errors, cell, 8000.0)[1])
    return out


def observe(
    state: State, store: Store, plots: Plots, measured: Measured, rows: NDArray[np.int64], assigned: NDArray[np.int64],
    sensors: Sequence[Sensor], figures: F64,
) -> None:  # fmt: skip
    """Take the heights of a tick's plots. rows (n,): of plots, in the order of measured; assigned (n,): their tracks' rows, -1 none.

    figures: of tenere.track.survey.
    """
    c = state.config
    if len(state.memory) < len(store.alive):
        state.memory = np.concatenate([state.memory, np.zeros(len(store.alive) - len(state.memory), MEMORY)])
    columns = [plain(getattr(plots, name)) for name in Seen._fields if name != "figures"]
    seen = Seen._make([*columns, _figures(state, sensors, figures)])
    jumped = np.zeros(MOST_JUMPS, np.int64)
    n = follow(store, state.memory, state.air, seen, rows, assigned, c.geoid_m, c.learn, jumped)
    for i in jumped[: min(n, MOST_JUMPS)]:
        state.jumps.append(Jump(float(state.memory["jump_s"][i]), int(store.number[i]), float(state.memory["jump_m"][i])))
    if c.slant:
        state.pairs += pairs(store, state.memory, measured, assigned)


def _figures(state: State, sensors: Sequence[Sensor], figures: F64) -> F64:
    """Return what the heights of each sensor's plots need (S, 5), made anew where one moved."""
    n = len(sensors)
    out = state.figures
    if len(out) != n:
        out = state.figures = np.zeros((n, 5))
    out[:, 0], out[:, 1], out[:, 2] = figures[:n, HEIGHT_M], figures[:n, GAUSSIAN_M], figures[:n, RANGE_STD_M]
    for i, s in enumerate(sensors):
        out[i, 3], out[i, 4] = math.radians(s.config.elevation_std_deg), s.config.refraction
    return out


@njit(cache=True, error_model="numpy")
def fill(
    s: Store, rows: np.ndarray, t: float, memory: np.ndarray, a: Air, known: bool, climb: float, level: float,
    differ_m: float, height: np.ndarray, std: np.ndarray, source: np.ndarray, trend: np.ndarray, rate: np.ndarray, flags: np.ndarray,
) -> None:  # fmt: skip
    """Fill the columns of heights of the tracks of rows (n,). known: the air is; memory is changed by the trend alone."""
    together, hot, first_s = s.together, s.hot, s.first_s
    for n in range(len(rows)):
        i = rows[n]
        c, m = together[i], memory[i]
        ours = m.born_s == first_s[i]
        speed, speed_std = math.nan, math.nan
        idle = t - c.height_s
        if c.height_m == c.height_m and idle < OLD_S:
            pressure, v0, _, v2 = ahead(c.height_m, c.climb_ms, c.height_v0, c.height_v1, c.height_v2, min(max(idle, -10.0), 10.0))
            speed, speed_std = c.climb_ms, math.sqrt(max(v2, 0.0))
            cell = cell_at(hot[i, 0], hot[i, 1])
            if known and abs(hot[i, 0]) < FARTHEST_M:
                more, more_std = lifted(c, m, first_s[i], a, cell, pressure)
                height[n], std[n], source[n] = pressure + more, math.sqrt(v0 + more_std * more_std), FROM_PRESSURE
                if ours and m.diff_s == m.diff_s:
                    usual, wide = region.above(a.fits, a.errors, cell, m.level_m)
                    off = abs(m.diff_m - usual) > differ_m + 3.0 * math.sqrt(wide + m.diff_var)
                    if off or t - m.jump_s < JUMPED_S:
                        flags[n] |= DIFFER
        elif c.geo_m == c.geo_m and t - c.geo_s < OLD_S:
            h, v0, _, v2 = ahead(c.geo_m, c.geo_rate, c.geo_v0, c.geo_v1, c.geo_v2, min(max(t - c.geo_s, -10.0), 10.0))
            height[n], std[n] = h, math.sqrt(v0)
            speed, speed_std = c.geo_rate, math.sqrt(max(v2, 0.0))
            said = m.source if ours else 0
            source[n] = FROM_RANGES if said & ESTIMATED else (FROM_RADAR if said & RADAR else FROM_SAID)
            if rate[n] != rate[n] and not said & ESTIMATED:
                rate[n] = speed
        was = m.trend if ours else UNKNOWN
        trend[n] = trend_step(was, speed, speed_std, climb, level)
        if not ours:
            m.born_s = first_s[i]
            m.diff_s = m.told_s = m.jump_s = m.pair_s = math.nan
            m.odd = m.source = m.reports = 0
        m.trend = trend[n]


def rows(state: State, store: Store, live: NDArray[np.int64], tracks: Tracks, book: QnhBook | None, time_s: float) -> Tracks:
    """Return the picture's tracks with their heights, trends and QNH altitudes. live (n,): the store's rows of tracks, in their order."""
    n, c = len(tracks), state.config
    if not n:
        return tracks
    height, std, rate = np.full(n, np.nan), np.full(n, np.nan), tracks.vertical_rate_ms
    source, trend, flags = np.zeros(n, np.uint8), np.full(n, UNKNOWN, np.int8), tracks.flags
    fill(
        store, live, time_s, state.memory, state.air, math.isfinite(state.settled_s), c.climb_ms, c.level_ms, c.differ_m,
        height, std, source, trend, rate, flags,
    )  # fmt: skip
    told = tracks.replace(height_m=height, height_std_m=std, height_from=source, trend=trend, vertical_rate_ms=rate, flags=flags)
    return altitudes(c, told, book, time_s)


def altitudes(c: HeightsConfig, tracks: Tracks, book: QnhBook | None, time_s: float) -> Tracks:
    """Return tracks with the altitude that a controller is shown instead of a flight level, and the QNH it is by; NaN where none is."""
    level = tracks.pressure_altitude_m
    low = np.flatnonzero(level < c.transition_altitude_ft * FOOT_M + 3_000.0)  # no QNH lifts the transition level by more
    if book is None or not book.rows or not len(low):
        return tracks
    valid = book.at(tracks.lat_rad[low], tracks.lon_rad[low], time_s)
    trend = np.where(tracks.trend[low] == UNKNOWN, 0, tracks.trend[low])
    by_altitude, _ = shown(level[low], valid.qnh_pa, c.transition_altitude_ft, c.transition_layer_ft, trend)
    own, qnh = np.full(len(tracks), np.nan), np.full(len(tracks), np.nan)
    own[low] = np.where(by_altitude, altitude_m(level[low], valid.qnh_pa), np.nan)
    qnh[low] = valid.qnh_pa / 100.0
    return tracks.replace(altitude_m=own, qnh_hpa=qnh)


__all__ = ["Jump", "State", "altitudes", "begin", "fill", "init", "observe", "offsets", "rows"]

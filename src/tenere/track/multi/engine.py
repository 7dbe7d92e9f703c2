"""The multi-frame tracker: init(config) -> state; look(state, ...) -> state, used; estimates(state, time_s) -> tracks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.track.multi import store
from tenere.track.multi.gate import Heard, Limits
from tenere.track.multi.looking import look as share_out
from tenere.track.multi.motion import blend, figures, fit, moments, predict, shift, start, summaries, unknown, update
from tenere.track.multi.report import SAMPLES, confirm, report

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tenere.estimate.motion import MotionConfig
    from tenere.track.multi.config import MultiConfig

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

MAX_LAYERS = 6  # an area's unseen aircraft are kept apart by the look since which they may be there; older ones are put together
LEAST_UNSEEN = 1e-9  # a layer of fewer expected aircraft is forgotten


class Unseen(NamedTuple):
    """Aircraft that may be there though no plot told of them: a Poisson intensity."""

    per_m2: float
    """Of those that appear anywhere."""
    weight: np.ndarray
    """(G,) expected number of each layer of an area."""
    rows: np.ndarray
    """(G, .) its position and velocity."""
    area: np.ndarray
    """(G,) the area it is of."""


class Model(NamedTuple):
    """How aircraft move and appear, as the kernels read it."""

    par: np.ndarray
    """What motion.predict reads."""
    fresh: np.ndarray
    """(.,) what is known of an aircraft that appears anywhere, but for its place."""
    areas: np.ndarray
    """(A, .) what is known of one that appears in each area."""


@dataclass(frozen=True)
class MultiState:
    """Everything the multi-frame tracker remembers; a look makes a new one."""

    config: MultiConfig
    store: store.Store
    unseen: Unseen
    limits: Limits
    model: Model
    time_s: float = math.nan
    next_id: int = 1
    refused: int = 0
    """Plots so far that were no position: not finite, or without a proper covariance."""


@njit(cache=True)
def _news(
    z: np.ndarray,
    r: np.ndarray,
    false_m2: np.ndarray,
    detection: np.ndarray,
    per_m2: float,
    fresh: np.ndarray,
    weight: np.ndarray,
    rows: np.ndarray,
    gate: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log_other, new_exist and new_rows of Heard: what a plot is if no known track made it."""
    n, g = len(z), len(weight)
    log_other, exist, out = np.empty(n), np.zeros(n), np.zeros((n, len(fresh)))
    part, mix = np.zeros(g + 1), np.zeros((g + 1, len(fresh)))
    for j in range(n):
        part[g] = detection[j] * per_m2
        start(z[j, 0], z[j, 1], r[j], fresh, mix[g])
        total = part[g]
        for i in range(g):
            d2, log_fit = fit(rows[i], z[j, 0], z[j, 1], r[j])
            part[i] = detection[j] * weight[i] * math.exp(log_fit) if d2 <= gate else 0.0
            total += part[i]
            mix[i] = rows[i]
            update(mix[i], z[j, 0], z[j, 1], r[j])
        log_other[j] = math.log(max(total + false_m2[j], 1e-300))
        if total > 0.0:
            exist[j] = total / (total + false_m2[j])
            blend(mix, part / total, out[j])
    return log_other, exist, out


def init(config: MultiConfig, models: MotionConfig | None = None) -> MultiState:
    """Return a tracker that has seen nothing. models: how aircraft manoeuvre; None: all fly straight, with config's drift."""
    areas = [unknown(a.std_m**2, a.speed_std_ms**2, models) for a in config.areas]
    fresh = unknown(0.0, config.speed_std_ms**2, models)
    for row, area in zip(areas, config.areas, strict=True):
        shift(row, area.x_m, area.y_m)
    rows = np.array(areas).reshape(-1, len(fresh))
    unseen = Unseen(config.start_km2 * 1e-6, np.array([a.at_start for a in config.areas]), rows, np.arange(len(rows)))
    limits = Limits(
        config.gate,
        config.max_hypotheses,
        config.prune_weight,
        config.prune_existence,
        config.max_cluster,
        config.max_plots,
        config.merge,
    )
    model = Model(figures(config.drift_m2s3, models), fresh, rows)
    return MultiState(config, store.empty(len(fresh)), unseen, limits, model)


def _appear(config: MultiConfig, model: Model, old: Unseen, dt_s: float) -> Unseen:
    """Return the unseen after dt_s: some left, some came."""
    stay, ahead_s = math.exp(-abs(dt_s) / config.lifetime_s), max(dt_s, 0.0)
    per_m2 = old.per_m2 * stay + config.births_km2_s * 1e-6 * ahead_s
    weight = np.concatenate([old.weight * stay, [a.per_s * ahead_s for a in config.areas]])
    rows = np.concatenate([predict(old.rows, dt_s, model.par), model.areas])
    area = np.concatenate([old.area, np.arange(len(model.areas))])
    keep = weight >= LEAST_UNSEEN
    weight, rows, area = weight[keep], rows[keep], area[keep]
    for i in range(len(model.areas)):
        mine = np.nonzero(area == i)[0]
        if len(mine) > MAX_LAYERS:
            two, total = mine[:2], weight[mine[:2]].sum()
            both = rows[two]
            blend(both, weight[two] / total, rows[mine[1]])
            weight[mine[1]] = total
            keep = np.arange(len(weight)) != mine[0]
            weight, rows, area = weight[keep], rows[keep], area[keep]
    return Unseen(per_m2, weight, rows, area)


def look(
    state: MultiState,
    time_s: float,
    z: F64,
    r: F64,
    clutter_m2: float | F64,
    detection: float | Callable[[F64], F64],
    reach: float = 1.0,
) -> tuple[MultiState, I64]:
    """Return the state after one look, and the number of the track that used each plot, 0 none.

    A look is what one sensor says at time_s, once of each aircraft. z (n, 2): positions, m; r (n, 3): their covariance
    xx, xy, yy, m2; clutter_m2: false plots per m2 there, one number or (n,); detection: the probability that an
    aircraft in view gives a plot, or a function of positions (k, 2) to it (k,), nought where the look does not
    reach; reach: the share of the whole area that the look covers. Plots that are no position are refused and counted.
    """
    c, model = state.config, state.model
    z, r = np.ascontiguousarray(z, np.float64).reshape(-1, 2), np.ascontiguousarray(r, np.float64).reshape(-1, 3)
    false_m2 = np.broadcast_to(np.asarray(clutter_m2, np.float64), len(z))
    with np.errstate(over="ignore", invalid="ignore"):
        good = np.isfinite(z).all(1) & np.isfinite(r).all(1) & (r[:, 0] > 0) & (r[:, 0] * r[:, 2] > r[:, 1] ** 2)
        good &= np.isfinite(false_m2) & (false_m2 >= 0)
    dt_s = 0.0 if math.isnan(state.time_s) else time_s - state.time_s
    s, unseen = state.store, state.unseen
    if dt_s != 0.0:
        s = s._replace(rows=predict(s.rows, dt_s, model.par), exist=s.exist * math.exp(-max(dt_s, 0.0) / c.lifetime_s))
        unseen = _appear(c, model, unseen, dt_s)
    here, z, r = s.rows[s.alternatives[:-1], :2], z[good], r[good]
    if callable(detection):
        known, new, old = (np.asarray(detection(at), np.float64) for at in (here, z, unseen.rows[:, :2]))
        everywhere = float(new.mean()) * reach if len(new) else 0.0
    else:
        known, new, old = (np.full(len(at), float(detection)) for at in (here, z, unseen.rows))
        everywhere = float(detection) * reach
    news = _news(z, r, false_m2[good], new, unseen.per_m2, model.fresh, unseen.weight, unseen.rows, c.gate)
    if len(s.ids) >= c.max_tracks:
        news[1][:] = 0.0
    s, mine, next_id = share_out(s, Heard(z, r, *news), known, time_s, state.next_id, state.limits)
    confirm(s, c.confirm_existence)
    used = np.zeros(len(good), np.int64)
    used[good] = mine
    unseen = unseen._replace(per_m2=unseen.per_m2 * (1.0 - everywhere), weight=unseen.weight * (1.0 - old))
    refused = state.refused + int((~good).sum())
    return replace(state, store=s, unseen=unseen, time_s=time_s, next_id=next_id, refused=refused), used


class Estimates(NamedTuple):
    """The picture: one row a track."""

    ids: I64
    """(k,) track number."""
    x: F64
    """(k, 4) x, y (m), vx, vy (m/s)."""
    cov: F64
    """(k, 4, 4) its covariance."""
    existence: F64
    """(k,) probability that the aircraft is there."""
    born_s: F64
    """(k,) time of its first plot."""
    seen_s: F64
    """(k,) time of the last plot that the likeliest explanation gives it."""


@njit(cache=True)
def _moments_all(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, cov = np.empty((len(rows), 4)), np.empty((len(rows), 4, 4))
    for k in range(len(rows)):
        moments(rows[k], x[k], cov[k])
    return x, cov


def estimates(state: MultiState, time_s: float) -> Estimates:
    """Return the confirmed tracks at time_s, in the order of their numbers: see tenere.track.multi.report."""
    s, c = state.store, state.config
    rows = s.rows
    if not math.isnan(state.time_s) and time_s != state.time_s:
        dt_s = time_s - state.time_s
        rows = predict(rows, dt_s, state.model.par)
        s = s._replace(exist=s.exist * math.exp(-max(dt_s, 0.0) / c.lifetime_s))
    s = s._replace(rows=summaries(rows))
    at, rows, exist = report(s, c.report_distance_m, c.report_existence, c.confirm_existence, SAMPLES)
    order = np.argsort(s.ids[at], kind="stable")
    at = at[order]
    x, cov = _moments_all(rows[order])
    return Estimates(s.ids[at], x, cov, exist[order], s.born_s[at], s.seen_s[at])

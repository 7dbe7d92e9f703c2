"""Short-term conflict alert: which two aircraft will be too close within two minutes, how surely and when.

All pairs of watched tracks that fly, that some trusted sensor sees and that tell their pressure altitude. Nothing mutes it: no identity,
protection or plan is asked. Pairs that fly together (from birth, or for long) are told as such and not alerted; two tracks of one
address are one aircraft. A pair's probability comes from ``kernels.encounter``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import AircraftClass, Severity, TrackFlag
from tenere.watch.kernels import encounter as k
from tenere.watch.low import Fields, altitude_of
from tenere.watch.naming import name_of
from tenere.watch.stca_config import FT_M, NM_M, StcaConfig
from tenere.watch.view import Because, Condition
from tenere.words import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.batch import F64, I64, Tracks
    from tenere.watch.config import WatchConfig
    from tenere.watch.view import View
    from tenere.world import World

RULES = {"stca": (Severity.CAUTION, Severity.WARNING), "stca_together": (Severity.INFORMATION,)}
REASONS = ("stca_closest", "stca_probability", "stca_minima", "stca_level_off", "stca_cleared", "stca_turning", "stca_visual")
"""Keys of its evidence in the phrase book."""
BY_EYE = (AircraftClass.LIGHT, AircraftClass.GLIDER, AircraftClass.DRONE, AircraftClass.BALLOON)
HOVERS = (AircraftClass.HELICOPTER, AircraftClass.DRONE, AircraftClass.BALLOON, AircraftClass.GLIDER)
NEAR_S = 30.0
"""A conflict as near as this is told at once."""
STEP_S = 3.0
FORGET_S = 120.0


@dataclass
class Pair:
    """What is remembered of two tracks that were close or alerted. alike_s: since when they move alike, NaN they do not."""

    alert: bool = False
    alike_s: float = float("nan")
    born: bool = False
    seen_s: float = 0.0


@dataclass
class State:
    """The pairs that are remembered. over: pairs beyond the most that are told, over all ticks."""

    config: StcaConfig
    layers: F64
    settings: F64
    fields: Fields
    pairs: dict[tuple[int, int], Pair] = field(default_factory=dict)
    over: int = 0


def init(config: WatchConfig, world: World) -> State:
    """Lay out the minima and settings for the kernel."""
    c = config.stca
    layers = minima_of(c)
    least = min(c.probability, c.probability_stay)
    settings = np.array([c.ahead_s, c.level_off_s, c.manoeuvre_ms2, c.rate_std_ms, 600.0, least, STEP_S])
    return State(c, layers, settings, Fields.of(world.aerodromes))


def step(state: State, view: View) -> Iterator[Condition]:
    """Yield a condition for each pair in conflict, and for each that flies together and would be one."""
    c = state.config
    if not c.enabled:
        return
    tracks, now = view.tracks, view.time_s
    rows = taking_part(c, view, state.fields)
    a = laid_out(c, view, rows)
    visual = by_eye(c, tracks, rows)
    found, over = k.pairs(
        a, tracks.frame[rows].astype(np.int64), visual, tracks.address[rows].astype(np.int64),
        state.layers, state.settings, c.warning_s, c.most_pairs,
    )  # fmt: skip
    state.over += over
    for line in found:
        i, j = int(line[k.FOUND_I]), int(line[k.FOUND_J])
        ri, rj = int(rows[i]), int(rows[j])
        key = (int(tracks.number[ri]), int(tracks.number[rj]))
        key = key if key[0] < key[1] else (key[1], key[0])
        pair = state.pairs.setdefault(key, Pair(seen_s=now))
        fresh = now - pair.seen_s > c.hold_s
        pair.seen_s = now
        if together(c, pair, tracks, (ri, rj), a[[i, j]], now):
            names = name_of(tracks, ri) + b"|" + name_of(tracks, rj)
            yield Condition("stca_together", Severity.INFORMATION, key[0], -1, names, 2.0 * c.hold_s, other=key[1])
            pair.alert = False
            continue
        leaving = not pair.alert and diverging(a[i], a[j], line)
        pair.alert = not leaving and line[k.FOUND_P] >= (c.probability_stay if pair.alert and not fresh else c.probability)
        if pair.alert:
            yield told(c, tracks, (ri, rj), (a[i], a[j]), line, now, visual=bool(visual[i] or visual[j]))
    if len(state.pairs) > c.most_pairs or int(now) % 60 == 0:
        for key in [p for p, pair in state.pairs.items() if not now - pair.seen_s <= FORGET_S]:
            del state.pairs[key]


def taking_part(c: StcaConfig, view: View, fields: Fields) -> I64:
    """Return the rows of the tracks that are looked at: trusted, flying, old and fresh enough, of known place, velocity and altitude."""
    t, rows = view.tracks, view.rows
    rows = rows[view.trusted[rows] & flying(c, t)[rows]]
    known = np.ones(rows.size, np.bool_)
    for column in (t.x_m, t.y_m, t.vx_ms, t.vy_ms, t.pressure_altitude_m):
        known &= np.abs(np.nan_to_num(column[rows], nan=np.inf)) < 1e7
    known &= t.time_s[rows] - t.first_s[rows] >= c.young_s
    known &= t.time_s[rows] - t.update_s[rows] <= c.coast_s
    rows = rows[known]
    return rows[~landing(c, t, rows, fields)]


def flying(c: StcaConfig, t: Tracks) -> NDArray[np.bool_]:
    """Tell which tracks are in the air, as far as they say or their speed does."""
    aloft = (t.speed_ms >= c.slow_ms) | np.isin(t.aircraft_class, HOVERS)
    return np.asarray(((t.flags & TrackFlag.ON_GROUND) == 0) & aloft)


def standards(c: StcaConfig) -> F64:
    """Return the separation standards as layers for the kernels: the last row is that of flights by eye."""
    rows = [(x.up_to_ft * FT_M, x.horizontal_nm * NM_M, x.vertical_ft * FT_M) for x in c.layers]
    return np.array([*rows, (np.inf, c.visual_nm * NM_M, c.visual_ft * FT_M)], np.float64)


def minima_of(c: StcaConfig) -> F64:
    """Return the minima below which the alert speaks, as ``standards`` does."""
    layers = standards(c)
    layers[:-1, 1:] *= (c.share_horizontal, c.share_vertical)
    return layers


def landing(c: StcaConfig, t: Tracks, rows: I64, fields: Fields) -> NDArray[np.bool_]:
    """Tell which tracks are low and slow near an aerodrome."""
    slow = np.flatnonzero(t.speed_ms[rows] <= c.landing_ms)
    at = rows[slow]
    out = np.zeros(rows.size, np.bool_)
    highest = fields.nearest(t.lat_rad[at], t.lon_rad[at], c.aerodrome_m)
    out[slow] = altitude_of(t, at) <= highest + c.low_m  # NaN where no aerodrome is near: no comparison holds
    return out


def by_eye(c: StcaConfig, t: Tracks, rows: I64) -> NDArray[np.bool_]:
    """Tell which tracks fly by eye, as their code or class says."""
    codes = [int(code, 8) for code in c.visual_codes if code.isdigit() and not set(code) & {"8", "9"}]
    return np.isin(t.mode_a[rows], codes) | np.isin(t.aircraft_class[rows], BY_EYE)


def laid_out(c: StcaConfig, view: View, rows: I64) -> F64:
    """Return the tracks as the kernel takes them, (n, WIDTH)."""
    t, a = view.tracks, np.empty((rows.size, k.WIDTH))
    a[:, k.X], a[:, k.Y], a[:, k.VX], a[:, k.VY] = t.x_m[rows], t.y_m[rows], t.vx_ms[rows], t.vy_ms[rows]
    a[:, k.Z] = t.pressure_altitude_m[rows]
    a[:, k.RATE] = np.clip(np.nan_to_num(t.vertical_rate_ms[rows]), -200.0, 200.0)
    a[:, k.TARGET] = np.nan
    if view.entered.words:
        a[:, k.TARGET] = [view.entered.cleared_level_m(int(n)) for n in t.number[rows]]
    a[:, k.TURN] = np.clip(np.nan_to_num(t.turn_rads[rows]), -0.3, 0.3)
    a[:, k.TURNING] = np.where(np.abs(a[:, k.TURN]) > 0.004, np.clip(np.nan_to_num(t.turn_probability[rows]), 0.0, 1.0), 0.0)
    a[:, k.VAR_XX] = _variance(t.var_xx_m2[rows], 1e7)
    a[:, k.VAR_YY] = _variance(t.var_yy_m2[rows], 1e7)
    bound = np.sqrt(a[:, k.VAR_XX] * a[:, k.VAR_YY])
    a[:, k.VAR_XY] = np.clip(np.nan_to_num(t.var_xy_m2[rows]), -bound, bound)
    a[:, k.VAR_V] = _variance(t.var_v_m2s2[rows], 1e4)
    a[:, k.VAR_Z] = c.altitude_std_m**2
    return a


def _variance(values: F64, most: float) -> F64:
    """Return variances that can be worked with: 0 to most, most where they are not known."""
    return np.clip(np.nan_to_num(values, nan=most, posinf=most, neginf=most), 0.0, most)


def diverging(a: F64, b: F64, line: F64) -> bool:
    """Say whether two aircraft are at their closest now, go apart, and are not very close: nothing is left to be done."""
    dx, dy, wx, wy = a[k.X] - b[k.X], a[k.Y] - b[k.Y], a[k.VX] - b[k.VX], a[k.VY] - b[k.VY]
    apart = float(np.hypot(dx, dy))
    return bool(dx * wx + dy * wy > 0.0 and line[k.FOUND_T] <= 0.0 and apart > 0.5 * line[k.FOUND_NEAR])


def together(c: StcaConfig, pair: Pair, t: Tracks, rows: tuple[int, int], a: F64, now: float) -> bool:
    """Say whether a pair flies together: it moves alike since one of the two was born, or has for long."""
    sigma = 3.0 * float(np.sqrt(a[:, [k.VAR_XX, k.VAR_YY]].sum()))
    near = np.hypot(a[0, k.X] - a[1, k.X], a[0, k.Y] - a[1, k.Y]) < max(c.together_m, min(sigma, 3.0 * c.together_m))
    spread = 3.0 * float(np.sqrt(a[:, k.VAR_V].sum()))
    alike = np.hypot(a[0, k.VX] - a[1, k.VX], a[0, k.VY] - a[1, k.VY]) < max(c.together_ms, min(spread, 2.0 * c.together_ms))
    alike = bool(near and alike and abs(a[0, k.Z] - a[1, k.Z]) < 300.0 and abs(a[0, k.RATE] - a[1, k.RATE]) < 5.0)
    if not alike:
        pair.alike_s, pair.born = float("nan"), False
        return False
    if not pair.alike_s <= now:
        pair.alike_s = now
        pair.born = now - float(max(t.first_s[rows[0]], t.first_s[rows[1]])) <= 2.0 * c.young_s
    return pair.born or now - pair.alike_s >= c.together_s


def told(c: StcaConfig, t: Tracks, rows: tuple[int, int], two: tuple[F64, F64], line: F64, now: float, *, visual: bool) -> Condition:
    """Return the condition of a pair in conflict, with its evidence."""
    names = [name_of(t, row) for row in rows]
    wait_s, p = float(line[k.FOUND_T]), float(line[k.FOUND_P])
    soon = line[k.FOUND_P_SOON] >= c.probability_stay and wait_s <= c.warning_s
    near_nm, above_ft = float(line[k.FOUND_D]) / NM_M, float(line[k.FOUND_H]) / FT_M
    share = min(max(p, 0.02), 0.98)
    because = [
        Because("stca_probability", float(np.log(share / (1.0 - share))), f"{100 * p:.0f}|{wait_s:.0f}".encode()),
        Because("stca_minima", 0.0, f"{line[k.FOUND_NEAR] / NM_M:.1f}|{line[k.FOUND_ABOVE] / FT_M:.0f}".encode()),
    ]
    if np.isfinite(near_nm):
        because.insert(0, Because("stca_closest", 1.0, f"{near_nm:.1f}|{above_ft:.0f}".encode()))
    for name, a in zip(names, two, strict=True):
        if np.isfinite(a[k.TARGET]):
            because.append(Because("stca_cleared", 0.5, name + f"|{a[k.TARGET] / FT_M / 100:.0f}".encode()))
        elif abs(a[k.RATE]) >= k.SETTLED_MS:
            because.append(Because("stca_level_off", -0.5, name))
        if a[k.TURNING] > 0.1:
            because.append(Because("stca_turning", -0.5, name + f"|{100 * a[k.TURNING]:.0f}".encode()))
    if visual:
        because.append(Because("stca_visual", -0.5))
    detail = shortened(b"|".join((*names, f"{near_nm:.1f}".encode() if np.isfinite(near_nm) else b"", f"{wait_s:.0f}".encode())), 48)
    return Condition(
        rule="stca",
        severity=Severity.WARNING if soon else Severity.CAUTION,
        track=int(t.number[rows[0]]),
        other=int(t.number[rows[1]]),
        sensor=-1,
        detail=detail,
        hold_s=c.hold_s,
        predicted_s=now + wait_s if wait_s > 0.0 else float("nan"),
        because=tuple(because),
        rise_s=0.0 if wait_s <= NEAR_S else c.rise_s,
    )

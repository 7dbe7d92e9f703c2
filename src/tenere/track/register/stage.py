"""Registration: init(config) -> state; corrected(state, plots) before the plots are placed; observe(state, ...) after they are tracked.

The biases are those of the plots as they came. Each tick's plots are observed as they were used, with what was taken off them
known; that changes only between two windows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from tenere.track.columns import altitudes_of, plain
from tenere.track.place import place
from tenere.track.register import follow, slots, trust
from tenere.track.register.correct import correct
from tenere.track.register.picked import Picked
from tenere.track.register.region import Region, known, part, priors
from tenere.track.register.slots import CLAIM, IGNORED, POLAR, POSITION, TURN_BITS
from tenere.track.register.window import NBIAS
from tenere.track.survey import X_M, Y_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Plots, Tracks
    from tenere.geo.plane import Plane
    from tenere.track.place import Sites
    from tenere.track.register.config import RegisterConfig
    from tenere.track.sensors import SensorTable

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

ROLE = {"radar": POLAR, "adsb": CLAIM, "mlat": POSITION, "smr": POSITION}
WINDOWS_A_TURN = 50
"""Windows after which another sample of aircraft is followed."""
BATCH_S = 4.0
"""Plots are placed and compared together for this long: one call costs as much as hundreds of plots."""
SETTLED_SHARE = 0.3
"""Of the aircraft followed, those that are still followed where every sensor's biases have settled."""
STEEPEST = 0.2
"""Sine of elevation above which a pressure altitude says too little about the ground range."""
NAMES = ("offset_m", "scale", "azimuth_rad", "time_s", "east_m", "north_m")


class Applied(NamedTuple):
    """What is taken off each sensor's plots, and the one-sigma error of that: (S, NBIAS) each, in metres, shares, radians and seconds."""

    bias: F64
    std: F64


class Row(NamedTuple):
    """What is known of one bias of one sensor."""

    sensor: int
    bias: str
    """One of NAMES."""
    value: float
    std: float
    observed: bool
    applied: float
    targets: int
    """Aircraft that told of it."""
    state: str
    """A key of the phrase book: applied, small, known, held, unobservable, few, cold."""


@dataclass
class State:
    """Everything registration remembers."""

    config: RegisterConfig
    slots: slots.Slots
    found: follow.Found
    regions: list[Region] = field(default_factory=lambda: [Region()])
    region_of: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    """(S,) region of each sensor, -1 of one that stands nowhere and is of all."""
    enrolled: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    by_sensor: F64 = field(default_factory=lambda: np.zeros((0, NBIAS)))
    """(S, NBIAS) what `corrected` takes off: changes with the windows only."""
    trust: trust.State = field(default_factory=trust.State)
    role: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    """(S,) what each sensor's plots are."""
    waiting: list[tuple[Picked, I64]] = field(default_factory=list)
    """Plots of followed aircraft, and the slots of those, since the last batch."""
    met_s: float = -math.inf
    tracks: int = 0
    """Tracks that could be followed."""
    cutoff: int = 1 << TURN_BITS
    turn: int = 0
    window: int = -1

    @property
    def jumps(self) -> list[tuple[int, float]]:
        """Sensors whose biases have jumped, and when that was noticed."""
        return sorted((jump for r in self.regions for jump in r.jumps), key=lambda jump: jump[1])


def init(config: RegisterConfig) -> State:
    """Return the state that knows nothing."""
    return State(config=config, slots=slots.make(max(64, 2 * config.targets)), found=follow.found(64))


def corrected(state: State, plots: Plots) -> Plots:
    """Return the plots without their sensors' biases as applied now: the plots themselves where nothing is."""
    if not len(plots) or not state.by_sensor.any():
        return plots
    columns = {name: np.array(getattr(plots, name)) for name in ("range_m", "azimuth_rad", "time_s")}
    correct(state.by_sensor, plain(plots.sensor), *columns.values())
    return plots.replace(**columns)


def kept_out(state: State, plots: Plots) -> NDArray[np.bool_]:
    """Say of each plot whether its sensor is untrusted and nobody has agreed to use it: such plots make no tracks."""
    out = state.trust.kept_out(state.config.trust)
    if not out.any():
        return np.zeros(len(plots), bool)
    inside = (plots.sensor >= 0) & (plots.sensor < len(out))
    return inside & out[np.where(inside, plots.sensor, 0)]


def agree(state: State, sensor: int) -> None:
    """Use an untrusted sensor's plots again, because someone says so: until its fault is another."""
    state.trust.agree(sensor)


def observe(
    state: State, plots: Plots, plot_tracks: I64, tracks: Tracks, table: SensorTable, plane: Plane | None, sites: Sites, time_s: float
) -> None:
    """Take a tick's plots, as `corrected` gave them and with the number of the track that used each (n,), 0 none.

    plots: those kept out too; tracks: our own at the end of the tick, in the order of their numbers, for velocities and heights;
    sites: those of the placing.
    """
    c = state.config
    if not c.estimate or plane is None:
        return
    window_now = math.floor(time_s / c.window_s)
    if len(state.role) < len(table.rows) or window_now != state.window:
        _meet_sensors(state, table, plane)
    due = not abs(time_s - state.met_s) < BATCH_S
    for region in state.regions:
        region.plots += len(plots) / len(state.regions)
    rows, where = np.empty(len(plots), np.int64), np.empty(len(plots), np.int64)
    named = (plain(plots.sensor), plain(plots.time_s), plain(plots.address), plain(plots.mode_a), plain(plots.flags))
    used = plain(np.asarray(plot_tracks, np.int64))
    n = slots.pick(state.slots, state.cutoff, state.turn, *named, used, state.role, rows, where)
    if n:
        state.waiting.append((_raised(Picked.of(plots, rows[:n]), used[rows[:n]], tracks), where[:n]))
    if not due and window_now == state.window:
        return
    _follow(state, table, plane, sites, time_s)
    if window_now != state.window:
        _end_window(state, sites, time_s)
        state.window = window_now
    state.met_s = time_s
    state.tracks = slots.meet(
        state.slots, state.cutoff, state.turn, plain(tracks.number), plain(tracks.address), plain(tracks.mode_a), plain(tracks.source),
        plain(tracks.flags), plain(tracks.x_m), plain(tracks.y_m), plain(tracks.vx_ms), plain(tracks.vy_ms), plain(tracks.var_v_m2s2),
        plain(tracks.turn_probability),
    )  # fmt: skip


def _raised(picked: Picked, numbers: I64, tracks: Tracks) -> Picked:
    """Return picked plots (m,) with the heights of the tracks that used them, where they have none: an echo says how far, not how high.

    numbers (m,): of those tracks, 0 none; tracks: in the order of their numbers.
    """
    without = np.flatnonzero(np.isnan(picked.pressure_altitude_m) & np.isnan(picked.height_m) & (numbers > 0))
    if not len(without) or not len(tracks):
        return picked
    heights = picked.pressure_altitude_m.copy()
    heights[without] = altitudes_of(numbers[without], tracks)
    return picked.replace(pressure_altitude_m=heights)


def _follow(state: State, table: SensorTable, plane: Plane, sites: Sites, time_s: float) -> None:
    """Place and compare the plots that wait."""
    if not state.waiting:
        return
    c, role = state.config, state.role
    joined, slot = Picked.concat([p for p, _ in state.waiting]), np.concatenate([w for _, w in state.waiting])
    state.waiting = []
    order = np.argsort(joined.time_s, kind="stable")
    picked, slot = joined.take(order), slot[order]
    placed = place(cast("Plots", picked), table, plane, sites)  # it holds all that placing reads
    for i in np.unique(picked.sensor[~state.enrolled[picked.sensor]]):
        state.enrolled[i] = True
        prior = priors(c, int(role[i]), mobile=bool(table.rows[i].config.moved_by))
        for region in state.regions if state.region_of[i] < 0 else [state.regions[state.region_of[i]]]:
            region.enrol(int(i), int(role[i]), prior)
    site = np.ascontiguousarray(sites.figures[: len(role), [X_M, Y_M]])
    m = follow.follow(
        state.slots, slot, picked.sensor.astype(np.int64), picked.time_s, placed.z, placed.r, picked.range_m,
        placed.ok & (placed.frame == 0), _good(picked, role, placed.sight, table, c), ~state.trust.doubted(len(role)), role, site,
        c.trust.gross_m, math.radians(c.trust.gross_deg), state.found,
    )  # fmt: skip
    fits, wrong = follow.standing(state.slots, time_s, len(role))
    state.trust.hear(state.found, m, state.slots, picked, fits, wrong, role, table, plane, c.trust, time_s)


def applied(state: State, sensors: int) -> Applied:
    """Return what is taken off the plots of each of so many sensors, and how wrong that may be."""
    bias, std = np.zeros((sensors, NBIAS)), np.zeros((sensors, NBIAS))
    n = min(sensors, len(state.by_sensor))
    bias[:n] = state.by_sensor[:n]
    for region in state.regions:
        error = np.where(region.using, region.std, 0.0)
        for row, i in enumerate(region.sensor_of):
            if i < sensors:
                std[i] = np.maximum(std[i], error[row])
    return Applied(bias, std)


def report(state: State) -> list[Row]:
    """Return what is known of each bias of each sensor heard, in the order of the sensors; of one of several regions, where most is."""
    best: dict[int, tuple[float, int, int]] = {}
    for g, region in enumerate(state.regions):
        for row, sensor in enumerate(region.sensor_of):
            best[sensor] = max(best.get(sensor, (-1.0, 0, 0)), (float(region.information.told[row]), -g, row))
    return [said for sensor in sorted(best) for said in _rows(state.regions[-best[sensor][1]], best[sensor][2], state.config)]


def _rows(region: Region, row: int, c: RegisterConfig) -> list[Row]:
    """Return what is known of each bias of one sensor."""
    info, value, std, limit = region.information, region.value[row], region.std[row], known(c)
    targets, rows = round(float(info.targets[row])), []
    for k in np.flatnonzero(region.prior[row] > 0.0):
        observed = bool(std[k] <= limit[k]) and targets >= c.least_targets
        if region.using[row, k]:
            says = "applied" if observed else "held"
        elif observed:
            says = "small" if c.apply or abs(value[k]) < c.significance * std[k] else "known"
        elif info.told[row] == 0.0:
            says = "cold"
        else:
            says = "few" if targets < c.least_targets else "unobservable"
        applied_now = float(region.applied[row, k])
        rows.append(Row(region.sensor_of[row], NAMES[k], float(value[k]), float(std[k]), observed, applied_now, targets, says))
    return rows


def _meet_sensors(state: State, table: SensorTable, plane: Plane) -> None:
    """Note what the sensors are now, and part those that are new into regions."""
    state.role = np.array(
        [ROLE.get(s.config.kind, IGNORED) if s.placed or s.config.kind != "radar" else IGNORED for s in table.rows], np.int64
    )
    old, new = len(state.region_of), len(table.rows)
    if old == new:
        return
    state.region_of = np.concatenate([state.region_of, np.full(new - old, -2)])
    state.enrolled = np.concatenate([state.enrolled, np.zeros(new - old, bool)])
    state.by_sensor = np.concatenate([state.by_sensor, np.zeros((new - old, NBIAS))])
    stands = np.array([s.placed and r == POLAR for s, r in zip(table.rows, state.role, strict=True)])
    xy = np.array([s.plane_xy(plane) if yes else (0.0, 0.0) for s, yes in zip(table.rows, stands, strict=True)])
    if old == 0:
        parts = part(xy, np.flatnonzero(stands))
        state.regions = [Region() for _ in parts]
        for g, rows in enumerate(parts):
            state.region_of[rows] = g
    for i in np.flatnonzero(state.region_of == -2):
        near = np.flatnonzero(stands & (state.region_of >= 0))
        nearest = state.region_of[near[np.argmin(((xy[near] - xy[i]) ** 2).sum(axis=1))]] if len(near) else 0
        state.region_of[i] = nearest if stands[i] else -1
    for region in state.regions:
        region.row_of = np.concatenate([region.row_of, np.full(new - len(region.row_of), -1)])


def _good(plots: Picked, role: I64, sight: F64, table: SensorTable, c: RegisterConfig) -> NDArray[np.bool_]:
    """Say which placed plots are exact enough to tell of biases (m,)."""
    r = role[plots.sensor]
    height = np.where(np.isfinite(plots.height_m), plots.height_m, plots.pressure_altitude_m)
    above = height - np.array([s.height_m for s in table.rows])[plots.sensor]
    flat = np.isnan(sight[:, 2]) & np.isfinite(plots.range_m) & np.isnan(plots.lat_rad) & (np.abs(above) < STEEPEST * plots.range_m)
    stated = ((plots.nac_p < 0) | (plots.nac_p >= c.least_nac_p)) & ((plots.nic < 0) | (plots.nic >= c.least_nic))
    return np.where(r == POLAR, flat, stated)


def _cutoff(state: State) -> int:
    """Return which share of the aircraft is followed: fewer where all sensors have settled."""
    whole, wanted = 1 << TURN_BITS, float(state.config.targets)
    if all(region.settled for region in state.regions):
        wanted = max(wanted * SETTLED_SHARE, 1.0)
    return whole if state.tracks <= wanted else int(whole * wanted / state.tracks)


def _end_window(state: State, sites: Sites, time_s: float) -> None:
    """Turn the window's plots into information, solve when it is time, and begin the next window."""
    c, role = state.config, state.role
    if state.slots.book[0] and len(sites.figures) >= len(role):
        out = state.trust.doubted(len(role)) | state.trust.untrusted(len(role))
        site = np.ascontiguousarray(sites.figures[: len(role), [X_M, Y_M]])
        solved = [region.close(state.slots, time_s, out, role, site, state.by_sensor, c) for region in state.regions]
        if any(solved):
            _take_up(state)
    state.cutoff, state.turn = _cutoff(state), math.floor(time_s / c.window_s) // WINDOWS_A_TURN
    slots.next_window(state.slots, state.cutoff, state.turn, time_s)


def _take_up(state: State) -> None:
    """Apply what the regions say: of a sensor in several of them, the mean of those that apply anything."""
    total, count = np.zeros_like(state.by_sensor), np.zeros_like(state.by_sensor)
    for region in state.regions:
        total[region.sensor_of] += region.applied
        count[region.sensor_of] += region.applied != 0.0
    state.by_sensor = total / np.maximum(count, 1.0)

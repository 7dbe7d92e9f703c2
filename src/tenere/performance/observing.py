"""The state of the measuring, and its step: what a tick brought, put where `figures` reads it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import NOT_LIVE
from tenere.performance import cells, kernel, pool, store
from tenere.performance.periods import FEWEST, period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.batch import Plots, Tracks

SCANNING = frozenset({"radar", "smr"})
AIRPORT = frozenset({"smr", "mlat"})
QUIET_LOOKS, QUIET_S = 4.0, 10.0
CLOCK_S = 2.0
MOST_ADDRESSES = 100
RENEW = 1.1
LARGEST_TIME_S, FARTHEST_M = 1e11, 1e8
LOOK_S = 0.1  # of a sensor that does not turn


class Facts(NamedTuple):
    """Who a sensor is, as of now. x and y are its place in the plane of its frame; frame -1: it has none."""

    id: str
    name: str
    kind: str
    x_m: float
    y_m: float
    frame: int
    period_s: float
    """As it says itself, or as configured; NaN unknown."""
    clock_off_s: float = 0.0
    """What was added to its times."""


class Seen(NamedTuple):
    """A tick: its plots (n), where they lie, the number of the track that took each, and the tracks afterwards."""

    plots: Plots
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    frame: NDArray[np.int64]
    """-1: without a position."""
    plot_tracks: NDArray[np.int64]
    tracks: Tracks
    sensors: Sequence[Facts]
    """By the number that plots.sensor gives."""


@dataclass
class Quiet:
    """A sensor's silences: since when the newest one lasts, how many, how long."""

    since_s: float = math.nan
    counted_s: float = 0.0
    count: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0


@dataclass
class State:
    """Everything the measuring remembers: bounded, however long it runs."""

    tally: store.Tally
    who: kernel.Sensors
    clock: cells.Clock
    pairs: store.Pairs
    homes: store.Pairs
    pool: pool.Pool = field(default_factory=pool.Pool)
    before: kernel.Before | None = None
    facts: list[Facts] = field(default_factory=list)
    quiet: dict[int, Quiet] = field(default_factory=dict)
    jumps: dict[int, int] = field(default_factory=dict)
    renewed: dict[int, int] = field(default_factory=dict)
    addresses: dict[int, int] = field(default_factory=dict)
    """Addresses heard at two places, with how often; the first MOST_ADDRESSES."""
    first_s: float = math.nan
    last_s: float = math.nan
    ticks: int = 0
    beyond: int = 0
    """Plots of sensors beyond the most that are measured."""
    tracks: int = 0
    live: bool = False
    """A sample of a running picture: what the sensors do together is not kept, and a track is new by its number."""
    newest: int = 0
    """The highest number of a track so far, where live."""
    cut: bool = False
    """The sensors were looked at in turns: runs of a track's plots end where a turn does."""


def _sensors(rows: int) -> kernel.Sensors:
    return kernel.Sensors(np.zeros(rows), np.zeros(rows), np.full(rows, -1, np.int64), np.zeros(rows, np.bool_), np.full(rows, np.nan))


def init() -> State:
    """Return the state before anything was seen."""
    rows = 8
    return State(
        tally=store.make_tally(rows),
        who=_sensors(rows),
        clock=cells.Clock(np.array([math.nan, store.FIRST_SLOT_S])),
        pairs=store.make_pairs(4096),
        homes=store.make_pairs(4096),
    )


def observe(state: State, seen: Seen, time_s: float) -> State:
    """Take in a tick that ends at time_s. The state given is used up: keep the one returned."""
    if math.isnan(state.first_s):
        state.first_s = time_s
        state.clock.slots[0] = time_s
    state.last_s = time_s
    state.ticks += 1
    _meet(state, seen.sensors)
    plots = seen.plots
    n = len(plots)
    if n:
        _watch(state, seen, time_s)
    _listen(state, time_s)
    _renew(state)
    state.before = _picture(seen.tracks)
    return state


def _meet(state: State, sensors: Sequence[Facts]) -> None:
    """Keep who the sensors are; count those whose clock was put right anew."""
    count = min(len(sensors), store.MAX_SENSORS)
    if count + 1 > len(state.tally.counts):
        rows = max(count + 1, 2 * len(state.tally.counts))
        state.tally = store.grow_tally(state.tally, rows)
        more = _sensors(rows - len(state.who.x))
        state.who = kernel.Sensors(*(np.concatenate([a, b]) for a, b in zip(state.who, more, strict=True)))
    for k in range(count):
        now = sensors[k]
        if k < len(state.facts):
            if now == state.facts[k]:
                continue
            if abs(now.clock_off_s - state.facts[k].clock_off_s) > CLOCK_S and state.tally.counts[k + 1, store.PLOTS]:
                state.jumps[k + 1] = state.jumps.get(k + 1, 0) + 1
            state.facts[k] = now
        else:
            state.facts.append(now)
        row = k + 1
        state.who.x[row], state.who.y[row], state.who.frame[row] = now.x_m, now.y_m, now.frame
        state.who.polar[row] = now.kind in SCANNING and now.frame >= 0


def _columns(state: State, seen: Seen) -> kernel.Columns:
    """Return what the kernel reads, in the order of the plots' times."""
    plots = seen.plots
    sensor = plots.sensor.astype(np.int64)
    time_s, receive_s = (np.where(np.abs(v) < LARGEST_TIME_S, v, np.nan) for v in (plots.time_s, plots.receive_s))
    known = (sensor >= 0) & (sensor < len(state.facts)) & np.isfinite(time_s)
    state.beyond += int((~known).sum())
    row = np.where(known, sensor + 1, 0)
    off = np.zeros(len(state.tally.counts))
    off[1 : len(state.facts) + 1] = [f.clock_off_s for f in state.facts]
    order = np.argsort(time_s, kind="stable")
    quality = np.stack([plots.nic, plots.nac_p, plots.sil], axis=1).astype(np.int64)
    frame = np.where((np.abs(seen.x_m) < FARTHEST_M) & (np.abs(seen.y_m) < FARTHEST_M), seen.frame, -1)
    measured = (row, time_s, receive_s - (time_s - off[row]), seen.x_m, seen.y_m, frame, seen.plot_tracks, plots.kind)
    said = (plots.flags, plots.mode_a, plots.pressure_altitude_m, plots.address, quality)
    columns = [c if c.dtype == np.float64 else c.astype(np.int64) for c in (*measured, *said)]
    return kernel.Columns(*(np.ascontiguousarray(c[order]) for c in columns))


def _watch(state: State, seen: Seen, time_s: float) -> None:
    """Run the kernel, and see to the plots that no track took."""
    p = _columns(state, seen)
    n = len(p.row)
    state.pairs = store.with_room(state.pairs, 2 * n, time_s)
    state.homes = store.with_room(state.homes, n, time_s)
    before = state.before if state.before is not None else _picture(seen.tracks.take(slice(0, 0)))
    elsewhere, fresh = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    kernel.watch(p, time_s, state.tally, state.who, state.clock, state.pairs, state.homes, before, elsewhere, fresh, not state.live)
    for address in p.address[elsewhere].tolist():
        if address in state.addresses or len(state.addresses) < MOST_ADDRESSES:
            state.addresses[address] = state.addresses.get(address, 0) + 1
    _untaken(state, seen, p, fresh, time_s)


def _untaken(state: State, seen: Seen, p: kernel.Columns, fresh: NDArray[np.bool_], time_s: float) -> None:
    """Judge the plots that no track took: split, beginnings of tracks, or false."""
    counts, held = state.tally.counts, state.pool
    here = pool.Rows(p.time_s, p.x, p.y, p.frame, p.row, p.address)
    live = (p.row > 0) & (p.frame >= 0) & ((p.flags & int(NOT_LIVE)) == 0)
    taken, left = here.at(live & (p.number > 0)), here.at(live & (p.number <= 0))
    kinds = [f.kind for f in state.facts]
    airport = np.zeros(len(counts), np.bool_)
    airport[1 : len(kinds) + 1] = [k in AIRPORT for k in kinds]
    look_s = np.full(len(counts), LOOK_S)
    turning = state.who.polar & (state.tally.period_s > 0)
    look_s[turning] = kernel.SAME_LOOK * state.tally.period_s[turning]
    twice = pool.split(left, held.taken.then(taken), (state.who.x, state.who.y), airport, state.who.polar, look_s)
    _tell(counts, left.row[twice], store.SPLIT)
    held.taken = held.taken.at(held.taken.time_s > time_s - 4.0).then(taken)
    waiting = held.waiting.then(left.at(~twice))
    t = seen.tracks
    if state.live:
        numbers = t.number[(t.source < 0) & (t.number > state.newest)].astype(np.int64)
        state.newest = max(state.newest, int(numbers.max(initial=0)))
    else:
        numbers = np.unique(p.number[fresh])
    state.tracks += len(numbers)
    if len(numbers) and len(waiting.row):
        new = np.flatnonzero(np.isin(t.number, numbers) & (t.source < 0))
        std = np.sqrt(np.maximum(t.var_xx_m2[new], t.var_yy_m2[new]))
        grown = pool.Grown(
            t.time_s[new], t.first_s[new], t.x_m[new], t.y_m[new], t.vx_ms[new], t.vy_ms[new], std,
            t.frame[new].astype(np.int64), t.address[new].astype(np.int64),
        )  # fmt: skip
        mine = pool.claimed(waiting, grown, airport)
        _tell(counts, waiting.row[mine], store.FOUNDING)
        waiting = waiting.at(~mine)
    old = waiting.time_s < time_s - pool.WAIT_S
    if len(waiting.row) - int(old.sum()) > pool.MOST:  # a storm: the oldest are judged before their time
        held.overflow += len(waiting.row) - pool.MOST
        old[: len(old) - pool.MOST] = True
    _tell(counts, waiting.row[old], store.FALSE)
    held.waiting = waiting.at(~old)


def _tell(counts: NDArray[np.int64], rows: NDArray[np.int64], what: int) -> None:
    """Count one thing of rows of the tally (m,), which may be the same."""
    counts[:, what] += np.bincount(rows, minlength=len(counts))


def _listen(state: State, time_s: float) -> None:
    """Note the sensors from which nothing comes for longer than a few of their periods."""
    for row in range(1, len(state.facts) + 1):
        newest = float(state.who.newest_s[row])
        if math.isnan(newest):
            continue
        own, told = float(state.tally.period_s[row]), state.facts[row - 1].period_s
        quiet_s = time_s - newest
        if quiet_s <= max(QUIET_S, QUIET_LOOKS * (own if own > 0 else told if told > 0 else 0.0)):
            continue
        q = state.quiet.setdefault(row, Quiet())
        if q.since_s != newest:
            q.since_s, q.count, q.counted_s = newest, q.count + 1, 0.0
        q.total_s += quiet_s - q.counted_s
        q.counted_s = quiet_s
        q.longest_s = max(q.longest_s, quiet_s)


def _renew(state: State) -> None:
    """Find the periods again where there are enough more intervals to find them in."""
    t = state.tally
    for row in range(1, len(state.facts) + 1):
        n = int(t.counts[row, store.INTERVAL])
        if n < FEWEST or n < RENEW * state.renewed.get(row, 0):
            continue
        state.renewed[row] = n
        t.period_s[row] = period(t.intervals[row], t.interval_s[row], scanning=state.facts[row - 1].kind in SCANNING)


def _picture(tracks: Tracks) -> kernel.Before:
    """Return the picture's own tracks as the kernel reads them, in order of their numbers."""
    rows = np.flatnonzero(tracks.source < 0)
    rows = rows[np.argsort(tracks.number[rows], kind="stable")]
    t = tracks
    columns = (t.time_s, t.update_s, t.frame.astype(np.int64), t.x_m, t.y_m, t.vx_ms, t.vy_ms, t.turn_rads)
    return kernel.Before(t.number[rows].astype(np.int64), *(np.ascontiguousarray(c[rows]) for c in columns))

"""The tracking stage: name and place the plots of a tick, run the kernels, publish the tracks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import NOT_LIVE, PlotFlag, PlotKind, Plots, Tracks
from tenere.geo.plane import Plane
from tenere.track import kernels, publish, system, work
from tenere.track import store as memory
from tenere.track.place import FRAME_M, place, sane
from tenere.track.sensors import SCANNING, SensorTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.batch import Status, SystemTracks
    from tenere.site import SensorConfig
    from tenere.track.config import TrackConfig

SLICE_S = 0.25
EPOCH_S = 12.0
CLOCK_OFF_S = 15.0
OUT_OF_TIME_S = 30.0
REACH_MS, REACH_M = 350.0, 2_000.0
FIRST_CAPACITY = 4096
REMOTE_KEY = 1 << 24
MAX_REMOTE_IDS = 100_000
RIVAL_HITS = 5
MAX_ENDED = 65_536
JUMP_S = 30.0


class Heard(NamedTuple):
    """What one feed's decoder made of a tick."""

    source: str
    plots: Plots
    system: SystemTracks
    status: Status


class Ended(NamedTuple):
    """A dropped track whose aircraft had an address: should the address come back in reach, its number does."""

    number: int
    first_s: float
    update_s: float
    x_m: float
    y_m: float


class Tracked(NamedTuple):
    """What the stage gives: the tracks, and the tick's plots with the track number that used each (0 none)."""

    tracks: Tracks
    plots: Plots
    plot_tracks: NDArray[np.int64]


@dataclass
class State:
    """Everything the tracker remembers."""

    config: TrackConfig
    table: SensorTable
    plane: Plane | None
    store: memory.Store
    work: work.Work
    book: NDArray[np.int64]
    cfg: NDArray[np.float64]
    names: dict[str, NDArray[np.bytes_]]
    marks: dict[str, NDArray[np.uint8]]
    system: system.SystemState = field(default_factory=system.SystemState)
    remote: dict[bytes, int] = field(default_factory=dict)
    ended: dict[int, Ended] = field(default_factory=dict)
    next_number: int = 1
    epoch_s: float = -np.inf
    time_s: float = np.nan
    jump_s: float = -np.inf
    counts: dict[str, int] = field(default_factory=dict)


def _names(capacity: int) -> dict[str, NDArray[np.bytes_]]:
    return {"callsign": np.zeros(capacity, "S8"), "remote_id": np.zeros(capacity, "S20")}


def _marks(capacity: int) -> dict[str, NDArray[np.uint8]]:
    return {k: np.zeros(capacity, np.uint8) for k in ("aircraft_class", "emergency", "ground", "spi")}


def init(config: TrackConfig, sensors: tuple[SensorConfig, ...] = (), centre_rad: tuple[float, float] | None = None) -> State:
    """Return the empty tracker of a site. centre_rad: latitude and longitude of the plane; None: the first position seen."""
    table = SensorTable.of(sensors)
    if centre_rad is None and (placed := [s for s in table.rows if s.placed]):
        centre_rad = float(np.mean([s.lat_rad for s in placed])), float(np.mean([s.lon_rad for s in placed]))
    cfg = np.zeros(8)
    cfg[work.GATE], cfg[work.GATE_KEY] = config.gate, config.gate_addressed
    cfg[work.SPEED_VAR] = config.speed_std_ms**2
    cfg[work.USE_KEY] = "address" in config.features
    cfg[work.USE_MODE_A] = "mode_a" in config.features
    cfg[work.USE_TRACK] = "track_number" in config.features
    cfg[work.USE_HEIGHT] = "height" in config.features
    cfg[work.MAX_TRACKS] = config.max_tracks
    c = FIRST_CAPACITY
    return State(
        config=config,
        table=table,
        plane=Plane.at(*centre_rad) if centre_rad is not None else None,
        store=memory.make(c),
        work=work.make_work(c, 4096, 65536),
        book=np.zeros(work.NBOOK, np.int64),
        cfg=cfg,
        names=_names(c),
        marks=_marks(c),
    )


def step(state: State, heard: Sequence[Heard], time_s: float, tick_s: float) -> tuple[State, Tracked]:
    """Advance by one tick that ends at time_s: all plots heard in it make and update tracks."""
    parts = []
    for h in heard:
        parts.append(state.table.name_plots(h.source, sane(h.plots)))
        state.table.hear_status(h.source, h.status)
        named = state.table.name_system(h.source, h.system)
        state.system, state.next_number = system.step(state.system, named, time_s, state.next_number)
    plots = _retime(state, Plots.concat(parts), time_s)
    state.table.count(plots, tick_s)
    if state.plane is None:
        state.plane = _first_plane(plots, state)
    assigned = _associate(state, plots, time_s)
    if time_s - state.epoch_s >= EPOCH_S:
        state.epoch_s = time_s
        for bits in (state.store.kinds, state.store.sensors):
            bits[:, 1] = bits[:, 0]
            bits[:, 0] = 0
    _drop(state, time_s)
    _confirm(state)
    _forget(state)
    state.time_s = time_s
    own = publish.rows(state.store, int(state.book[work.HIGH]), state.names, state.marks, state.plane, time_s)
    tracks = Tracks.concat([own, system.rows(state.system, state.plane, time_s)])
    numbers = np.where(assigned >= 0, state.store.number[np.maximum(assigned, 0)], 0)
    return state, Tracked(tracks, plots, numbers)


def _first_plane(plots: Plots, state: State) -> Plane | None:
    """Lay the plane at the first placed sensor or the first reported position."""
    for s in state.table.rows:
        if s.placed:
            return Plane.at(s.lat_rad, s.lon_rad)
    found = np.nonzero(np.isfinite(plots.lat_rad) & np.isfinite(plots.lon_rad))[0]
    return Plane.at(float(plots.lat_rad[found[0]]), float(plots.lon_rad[found[0]])) if len(found) else None


def _retime(state: State, plots: Plots, time_s: float) -> Plots:
    """Give plots without a time the tick's; shift those of a sensor whose clock is off by its median offset."""
    if not len(plots):
        return plots
    times = np.where(np.isfinite(plots.time_s), plots.time_s, time_s)
    for i in np.unique(plots.sensor[plots.sensor >= 0]):
        mine = plots.sensor == i
        offs = time_s - times[mine]
        off = float(np.median(offs))
        row = state.table.rows[i]
        agree = 2 * int((np.abs(offs - off) < CLOCK_OFF_S).sum()) > len(offs)  # a few wild times are not a clock
        if agree and abs(off - row.clock_off_s) > CLOCK_OFF_S:
            if row.plots:
                state.jump_s = time_s  # its aircraft are elsewhere from one look to the next, and no less themselves
            row.clock_off_s = off if abs(off) > CLOCK_OFF_S else 0.0
        if row.clock_off_s:
            times[mine] += row.clock_off_s
    return plots.replace(time_s=times)


def _keys(state: State, plots: Plots) -> NDArray[np.int64]:
    """Return what uniquely names each plot's aircraft: its address, or a number kept for its Remote ID; -1 none."""
    key = np.where(plots.address > 0, plots.address, memory.NO_KEY).astype(np.int64)
    named = np.nonzero((plots.remote_id != b"") & (key < 0))[0]
    for i in named:
        name = bytes(plots.remote_id[i])
        if name not in state.remote and len(state.remote) < MAX_REMOTE_IDS:
            state.remote[name] = REMOTE_KEY + len(state.remote)
        key[i] = state.remote.get(name, memory.NO_KEY)
    return key


def _associate(state: State, plots: Plots, time_s: float) -> NDArray[np.int64]:
    """Run the kernels over the plots that may be tracked; return the row of each plot's track, -1 none."""
    out = np.full(len(plots), -1, np.int64)
    if not len(plots):
        return out
    used = np.nonzero(plots.sensor >= 0)[0]
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # a point opposite the centre has no image: ok says so
        placed = place(plots.take(used), state.table, state.plane)
    live = (plots.flags[used] & int(NOT_LIVE)) == 0
    timely = np.abs(plots.time_s[used] - time_s) < OUT_OF_TIME_S
    _count(state, "not live", int((~live).sum()))
    _count(state, "out of time", int((~timely).sum()))
    _count(state, "without a position", int((~placed.ok).sum()))
    good = np.nonzero(live & timely & placed.ok)[0]
    if not len(good):
        return out
    rows = used[good]
    sensor = plots.sensor[rows].astype(np.int64)
    scanning = np.array([s.config.kind in SCANNING for s in state.table.rows])[sensor]
    since = plots.time_s[rows] - time_s
    slices = np.where(scanning, -1000, np.floor(since / SLICE_S).astype(np.int64))
    order = np.lexsort((np.arange(len(rows)), plots.time_s[rows], sensor, slices))
    rows, good, sensor, slices = rows[order], good[order], sensor[order], slices[order]
    z = placed.z[good].copy()
    z[:, 0] += placed.frame[good] * FRAME_M
    usable = (plots.flags[rows] & int(PlotFlag.MODE_A_GARBLED | PlotFlag.MODE_A_INVALID)) == 0
    high = (plots.flags[rows] & int(PlotFlag.HEIGHT_GARBLED | PlotFlag.HEIGHT_INVALID)) == 0
    kinds = plots.kind[rows]
    measured = work.Measured(
        time_s=plots.time_s[rows],
        z=z,
        r=placed.r[good],
        vel=placed.vel[good],
        height=np.where(high, plots.pressure_altitude_m[rows], np.nan),
        key=_keys(state, plots.take(rows)),
        mode_a=np.where(usable, plots.mode_a[rows], -1).astype(np.int64),
        sensor=sensor,
        sensor_track=np.where(plots.source_track[rows] >= 0, sensor << 32 | plots.source_track[rows], -1),
        kind=kinds.astype(np.int64),
        sight=placed.sight[good],
        own_position=np.isin(kinds, (PlotKind.ADSB, PlotKind.REMOTE_ID, PlotKind.TISB, PlotKind.ADSR)).astype(np.uint8),
    )
    _make_room(state, len(rows))
    breaks = np.nonzero((np.diff(sensor) != 0) | (np.diff(slices) != 0))[0] + 1
    starts = np.concatenate([[0], breaks, [len(rows)]]).astype(np.int64)
    assigned = np.full(len(rows), -1, np.int64)
    kernels.all_looks(
        state.store,
        state.book,
        state.work,
        measured,
        starts,
        slices[starts[:-1]],
        _figures(state)[sensor[starts[:-1]]],
        state.cfg,
        assigned,
    )
    out[rows] = assigned
    _adopt(state, plots, rows[assigned >= 0], assigned[assigned >= 0])
    return out


def _figures(state: State) -> NDArray[np.float64]:
    """Return each sensor's figures for the kernels (S, 4)."""
    birth = state.config.birth_per_km2 * 1e-6
    out = np.zeros((len(state.table.rows), 4))
    for i, s in enumerate(state.table.rows):
        area = np.pi * (s.config.range_m or 250_000.0) ** 2
        false_plots = s.config.clutter if s.config.kind in SCANNING else 0.0
        out[i] = s.config.detection, max(false_plots / area, 1e-14), birth, s.period_s
    return out


def _make_room(state: State, plots: int) -> None:
    """Grow the store so that every plot could start a track."""
    need = int(state.book[work.HIGH]) - int(state.book[work.FREE]) + plots
    c = len(state.store.alive)
    if need <= c or c >= state.config.max_tracks:
        if plots * 4 > len(state.work.e_slot) and len(state.work.e_slot) < 1 << 21:
            state.work = _regrow(state.work, c, plots)
        return
    while c < need and c < state.config.max_tracks:
        c *= 2
    state.store = memory.grow(state.store, c)
    state.work = _regrow(state.work, c, plots)
    state.names = {k: np.concatenate([v, np.zeros(c - len(v), v.dtype)]) for k, v in state.names.items()}
    state.marks = {k: np.concatenate([v, np.zeros(c - len(v), v.dtype)]) for k, v in state.marks.items()}


def _regrow(old: work.Work, capacity: int, plots: int) -> work.Work:
    """Return bigger scratch, with the stack of free rows kept."""
    new = work.make_work(capacity, min(capacity, 65536), min(1 << 21, max(65536, 8 * plots)))
    new.free[: len(old.free)] = old.free
    return new


def _adopt(state: State, plots: Plots, rows: NDArray[np.int64], tracks: NDArray[np.int64]) -> None:
    """Keep what plots say of their aircraft, the last word winning (rows are in the order of processing)."""
    for name in ("callsign", "remote_id"):
        values = getattr(plots, name)[rows]
        said = values != b""
        state.names[name][tracks[said]] = values[said]
    said = plots.aircraft_class[rows] > 0
    state.marks["aircraft_class"][tracks[said]] = plots.aircraft_class[rows][said]
    own = np.isin(plots.kind[rows], (PlotKind.ADSB, PlotKind.ADSR))
    state.marks["emergency"][tracks[own]] = plots.emergency[rows][own]
    flags = plots.flags[rows]
    state.marks["ground"][tracks] = (flags & PlotFlag.ON_GROUND) > 0
    state.marks["spi"][tracks] = (flags & PlotFlag.SPI) > 0


def _drop(state: State, time_s: float) -> None:
    """End the tracks that are no more; remember those that had an address."""
    s, c = state.store, state.config
    high = int(state.book[work.HIGH])
    before = (s.alive[:high] == 1) & (s.confirmed[:high] == 1) & (s.key[:high] >= 0)
    kernels.miss_and_drop(s, state.book, state.work, time_s, c.coast_s, c.coast_addressed_s, c.delete_existence, 0.8)
    for i in np.nonzero(before & (s.alive[:high] == 0))[0]:
        state.ended.pop(int(s.key[i]), None)
        state.ended[int(s.key[i])] = Ended(
            int(s.number[i]), float(s.first_s[i]), float(s.update_s[i]), float(s.x[i, 0, 0]), float(s.x[i, 0, 1])
        )
    while state.ended and (len(state.ended) > MAX_ENDED or time_s - next(iter(state.ended.values())).update_s > c.resume_s):
        del state.ended[next(iter(state.ended))]


def _resumed(state: State, i: int) -> int:
    """Return the number that track i's address had when it was lost, or 0 where there is none or it is out of reach."""
    s = state.store
    old = state.ended.get(int(s.key[i])) if s.key[i] >= 0 else None
    if old is None:
        return 0
    apart = float(np.hypot(s.x[i, 0, 0] - old.x_m, s.x[i, 0, 1] - old.y_m))
    if apart > REACH_M + REACH_MS * (s.first_s[i] - old.update_s):
        return 0
    del state.ended[int(s.key[i])]
    s.first_s[i] = old.first_s
    return old.number


def _confirm(state: State) -> None:
    """Number the tracks that have earned it; let a rival with the same key take over the track it continues."""
    s, c = state.store, state.config
    high = int(state.book[work.HIGH])
    hits = np.where(s.key[:high] >= 0, c.confirm_hits_addressed, c.confirm_hits)
    ready = (s.alive[:high] == 1) & (s.confirmed[:high] == 0) & (s.hits[:high] >= hits) & (s.existence[:high] >= c.confirm_existence)
    rows = np.nonzero(ready)[0]
    for i in rows[np.lexsort((rows, s.first_s[rows]))]:
        elder = -1
        if s.key[i] >= 0:
            same = np.nonzero((s.key[:high] == s.key[i]) & (s.alive[:high] == 1) & (s.confirmed[:high] == 1))[0]
            elder = int(same[np.argmax(s.update_s[same])]) if len(same) else -1
        if elder >= 0:
            idle = s.first_s[i] - s.update_s[elder]
            if idle < 0 and s.hits[i] < RIVAL_HITS:
                continue  # the elder still answers: more proof before two aircraft share an address
            apart = float(np.hypot(*(s.x[i, 0, :2] - s.x[elder, 0, :2])))
            jumped = s.first_s[i] - state.jump_s < JUMP_S
            if idle >= 0 and (jumped or apart <= REACH_M + REACH_MS * (s.time_s[i] - s.update_s[elder])):
                _take_over(state, elder, int(i))
                continue
        s.confirmed[i] = 1
        s.number[i] = _resumed(state, int(i)) or state.next_number
        state.next_number = max(state.next_number, int(s.number[i]) + 1)


def _forget(state: State) -> None:
    """Clear the names of free rows, so that a new track inherits nothing."""
    gone = np.nonzero(state.store.alive == 0)[0]
    for values in (*state.names.values(), *state.marks.values()):
        values[gone] = np.zeros(1, values.dtype)[0]


def _take_over(state: State, elder: int, rival: int) -> None:
    """Let the elder go on from where the rival is; the rival ends."""
    s = state.store
    for column in ("x", "p", "mu", "time_s", "update_s", "miss_s", "gap_s", "existence", "height", "height_var", "height_s", "position"):
        values = getattr(s, column)
        values[elder] = values[rival]
    s.hits[elder] += s.hits[rival]
    s.alive[rival] = 0
    state.work.free[state.book[work.FREE]] = rival
    state.book[work.FREE] += 1


def _count(state: State, what: str, n: int) -> None:
    if n:
        state.counts[what] = state.counts.get(what, 0) + n

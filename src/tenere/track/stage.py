"""The tracking stage: name and place the plots of a tick, run the kernels, publish the tracks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import NOT_LIVE, Plots, Tracks
from tenere.estimate import motion
from tenere.geo.plane import Plane
from tenere.track import behaviour, columns, fuse, life, publish, register, renumber, revisit, system, together, work
from tenere.track import clutter as clutter_map
from tenere.track import store as memory
from tenere.track.bearing import sight
from tenere.track.clocks import retime
from tenere.track.echoes import Echoes
from tenere.track.figures import Figures
from tenere.track.heights import stage as heights
from tenere.track.heights.config import HeightsConfig
from tenere.track.kernels import Tick
from tenere.track.merge import Suspects
from tenere.track.place import FRAME_M, Placed, Sites, modest, place, sane
from tenere.track.regions import divide
from tenere.track.register import Notes
from tenere.track.repeats import Repeats
from tenere.track.sensors import SensorTable
from tenere.track.sides import Sides
from tenere.track.standing import Manual
from tenere.track.survey import X_M, Y_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.batch import Status, SystemTracks
    from tenere.estimate.motion import MotionConfig
    from tenere.qnh import QnhBook
    from tenere.site import SensorConfig
    from tenere.track.config import TrackConfig
    from tenere.track.frames import Frames

SLICE_S = 1.0
EPOCH_S = 12.0
CHECK_S = 4.0
OUT_OF_TIME_S = 30.0
FIRST_CAPACITY = 4096
REMOTE_KEY = 1 << 24
MAX_REMOTE_IDS = 100_000
MAX_SLOTS, MAX_EDGES = 1 << 17, 1 << 21
TOLD = (
    (work.LATE, "late, used all the same"),
    (work.FULL, "beyond the most tracks"),
    (work.REPEATED, "heard through another receiver"),
    (work.OUTLIER, "far from the address's track"),
    (work.CROWDED, "too crowded to begin a track"),
)
"""What the kernels count of plots, and what it is called in State.counts."""


class Heard(NamedTuple):
    """What one feed's decoder made of a tick."""

    source: str
    plots: Plots
    system: SystemTracks
    status: Status


class Tracked(NamedTuple):
    """What the stage gives: the tracks, and the tick's plots with the track number that used each (0 none).

    aside: the rows that persons had put behind others, under their own numbers; same: pairs of
    numbers of one aircraft, as persons said or the tracker has just found.
    """

    tracks: Tracks
    plots: Plots
    plot_tracks: NDArray[np.int64]
    aside: Tracks
    same: tuple[tuple[int, int], ...]


@dataclass
class State:
    """Everything the tracker remembers."""

    config: TrackConfig
    table: SensorTable
    plane: Plane | None
    store: memory.Store
    work: work.Work
    sides: Sides
    book: NDArray[np.int64]
    cfg: NDArray[np.float64]
    par: NDArray[np.float32]
    small_par: NDArray[np.float32]
    """How the small and slow move, by the sensors that are made for them (sensors.SMALL)."""
    clutter: clutter_map.ClutterMap
    sites: Sites
    figures: Figures
    frames: Frames | None
    """The multi-frame tracker, where the site asks for it: then the store stays empty."""
    names: dict[str, NDArray[np.bytes_]]
    marks: dict[str, NDArray[np.uint8]]
    heights: heights.State
    register: register.State
    qnh: QnhBook | None = None
    """Pressures by place, kept by whoever hears them; None: the standard everywhere."""
    notes: Notes = field(default_factory=Notes)
    echoes: Echoes = field(default_factory=Echoes)
    suspects: Suspects = field(default_factory=Suspects)
    repeats: Repeats = field(default_factory=Repeats)
    system: system.SystemState = field(default_factory=system.SystemState)
    fuse: fuse.FuseState = field(default_factory=fuse.FuseState)
    remote: dict[bytes, int] = field(default_factory=dict)
    ended: dict[int, life.Ended] = field(default_factory=dict)
    manual: Manual = field(default_factory=Manual)
    behaviour: behaviour.State = field(default_factory=behaviour.State)
    next_number: int = 1
    epoch_s: float = -np.inf
    check_s: float = -np.inf
    time_s: float = np.nan
    jump_s: float = -np.inf
    newest_s: float = -np.inf
    counts: dict[str, int] = field(default_factory=dict)


def _names(capacity: int) -> dict[str, NDArray[np.bytes_]]:
    return {"callsign": np.zeros(capacity, "S8"), "remote_id": np.zeros(capacity, "S20")}


def _marks(capacity: int) -> dict[str, NDArray[np.uint8]]:
    return {k: np.zeros(capacity, np.uint8) for k in ("aircraft_class", "emergency", "ground", "spi")}


def _motion(config: MotionConfig) -> NDArray[np.float32]:
    """Return how aircraft move as the kernels read it: the figures, then the models' shares."""
    return np.concatenate([motion.figures(config), motion.shares(config)]).astype(np.float32)


def init(
    config: TrackConfig,
    sensors: tuple[SensorConfig, ...] = (),
    centre_rad: tuple[float, float] | None = None,
    height: HeightsConfig | None = None,
    qnh: QnhBook | None = None,
) -> State:
    """Return the empty tracker of a site. centre_rad: latitude and longitude of the plane; None: the first position seen.

    qnh: kept, and filled by the caller.
    """
    table = SensorTable.of(sensors)
    if centre_rad is None and (placed := [s for s in table.rows if s.placed]):
        centre_rad = float(np.mean([s.lat_rad for s in placed])), float(np.mean([s.lon_rad for s in placed]))
    cfg = np.zeros(work.NCFG)
    cfg[work.LIFETIME] = config.lifetime_s
    cfg[work.GATE], cfg[work.GATE_KEY] = config.gate, config.gate_addressed
    cfg[work.SPEED_VAR] = config.speed_std_ms**2
    cfg[work.USE_KEY] = "address" in config.features
    cfg[work.USE_MODE_A] = "mode_a" in config.features
    cfg[work.USE_TRACK] = "track_number" in config.features
    cfg[work.USE_HEIGHT] = "height" in config.features
    cfg[work.MAX_TRACKS] = config.max_tracks
    c = FIRST_CAPACITY
    scratch = work.make_work(c, 2048, 16384)
    return State(
        config=config,
        table=table,
        plane=Plane.at(*centre_rad) if centre_rad is not None else None,
        store=memory.make(c),
        work=scratch,
        sides=Sides(scratch),
        book=np.zeros(work.NBOOK, np.int64),
        cfg=cfg,
        par=_motion(config.motion),
        small_par=_motion(config.small_motion),
        clutter=clutter_map.ClutterMap(),
        sites=Sites(),
        figures=Figures(),
        frames=_frames(config),
        names=_names(c),
        register=register.init(config.register),
        marks=_marks(c),
        heights=heights.init(height or HeightsConfig(), c),
        qnh=qnh,
    )


def _frames(config: TrackConfig) -> Frames | None:
    """Return the multi-frame tracker where the site asks for it: its engine is imported for nobody else."""
    if config.multi is None:
        return None
    from tenere.track.frames import Frames  # noqa: PLC0415 - see above

    return Frames.of(config.multi, config.motion)


def step(state: State, heard: Sequence[Heard], time_s: float, tick_s: float) -> tuple[State, Tracked]:
    """Advance by one tick that ends at time_s: all plots heard in it make and update tracks."""
    parts, newest = [], state.next_number - 1
    for h in heard:
        parts.append(state.table.name_plots(h.source, modest(sane(h.plots))))
        state.table.hear_status(h.source, h.status)
        named = state.table.name_system(h.source, h.system)
        state.system, state.next_number = system.step(state.system, named, time_s, state.next_number)
    told = Plots.concat(parts)
    plots, jumped = retime(state.table, told, time_s, tick_s)
    if jumped:
        state.jump_s = time_s  # its aircraft are elsewhere from one look to the next, and no less themselves
    state.table.count(plots, tick_s)
    plots = register.corrected(state.register, plots)
    if state.plane is None:
        state.plane = _first_plane(plots, state)
    assigned = _assigned(state, plots, told.time_s, time_s)
    if time_s - state.epoch_s >= EPOCH_S:
        state.epoch_s = time_s
        for bits in (state.store.kinds, state.store.sensors):
            bits[:, 1] = bits[:, 0]
            bits[:, 0] = 0
    if joining := abs(time_s - state.check_s) >= CHECK_S:
        state.check_s = time_s
        revisit.learn(state.store, state.book, time_s, state.work.revisit)
    free = int(state.book[work.FREE])
    life.drop(state, time_s)
    life.confirm(state)
    joined = life.join(state, time_s) if joining else ()
    life.forget(state, free)
    if state.frames is not None:
        state.next_number = state.frames.number(time_s, state.next_number)
    state.time_s = time_s
    own, other, moved = renumber.join(state, _own(state, time_s, keep=True), _others(state, time_s), time_s)
    tracks = _joined(state, own, other, time_s)
    if state.frames is not None:
        numbers = state.frames.named(assigned)
    else:
        numbers = np.where(assigned >= 0, state.store.number[np.maximum(assigned, 0)], 0)
    register.observe(state.register, plots, numbers, own, state.table, state.plane, state.sites, time_s)
    state.manual, shown = together.settle(state.manual, tracks, state.plane, time_s, newest)
    same = (*together.pairs(state.manual), *joined, *moved)
    state.behaviour, seen = behaviour.step(state.behaviour, shown.tracks, time_s)
    picture = heights.altitudes(state.heights.config, seen, state.qnh, time_s)
    return state, Tracked(picture, plots, together.renamed(shown.shown_as, numbers), shown.aside, same)


def picture(state: State, time_s: float) -> Tracks:
    """Return the confirmed tracks as they are at a time: usually the tick's, or somewhat before its newest plot."""
    joined = _joined(state, _own(state, time_s, keep=False), _others(state, time_s), time_s)
    shown = behaviour.known(state.behaviour, together.show(state.manual, joined, state.plane, time_s).tracks)
    return heights.altitudes(state.heights.config, shown, state.qnh, time_s)


def _own(state: State, time_s: float, *, keep: bool) -> Tracks:
    """Return our confirmed tracks. keep: their trends are remembered."""
    if state.frames is not None:
        return state.frames.rows(state.plane, time_s)
    c, high = state.config, int(state.book[work.HIGH])
    live = publish.order(state.store, high, c.show_existence)
    own = publish.rows(state.store, live, state.names, state.marks, state.plane, time_s, state.par, c.cores)
    return heights.rows(state.heights, state.store, live, own, time_s, c.cores, keep=keep)


def _others(state: State, time_s: float) -> Tracks:
    """Return the other systems' tracks."""
    other = system.rows(state.system, state.plane, time_s)
    return heights.others(state.heights.config, other) if len(other) else other


def _joined(state: State, own: Tracks, other: Tracks, time_s: float) -> Tracks:
    """Return the picture: one row an aircraft."""
    if not len(other):
        return own
    return fuse.rows(own, other, state.config.fuse, renumber.stated(state), state.plane, time_s)


def obey(state: State, commands: Sequence[object]) -> None:
    """Carry out what persons say of the sensors; count what cannot be done. Other commands are passed over."""
    for command in commands:
        if why := register.obey(state.register, state.table, command):
            count(state, why, 1)


def told_of(state: State) -> list[tuple[str, dict[str, str]]]:
    """Return each sensor's standing (ok, doubtful, untrusted) by what the others see, and what there is to say of it, by language."""
    notes = register.notes(state.register, state.table, state.notes)
    return [(register.standing(state.register, i), notes.get(i, {})) for i in range(len(state.table.rows))]


def _first_plane(plots: Plots, state: State) -> Plane | None:
    """Lay the plane at the first placed sensor or the first reported position."""
    for s in state.table.rows:
        if s.placed:
            return Plane.at(s.lat_rad, s.lon_rad)
    found = np.nonzero(np.isfinite(plots.lat_rad) & np.isfinite(plots.lon_rad))[0]
    return Plane.at(float(plots.lat_rad[found[0]]), float(plots.lon_rad[found[0]])) if len(found) else None


def _name_remote(state: State, plots: Plots, rows: NDArray[np.int64], key: NDArray[np.int64]) -> None:
    """Give plots with a Remote ID and no address a number kept for that."""
    ids = plots.remote_id[rows]
    for i in np.nonzero((ids != b"") & (key < 0))[0]:
        name = bytes(ids[i])
        if name not in state.remote and len(state.remote) < MAX_REMOTE_IDS:
            state.remote[name] = REMOTE_KEY + len(state.remote)
        key[i] = state.remote.get(name, memory.NO_KEY)


def _assigned(state: State, plots: Plots, told_s: NDArray[np.float64], time_s: float) -> NDArray[np.int64]:
    """Return what `_associate` does, the plots of sensors made for the small and slow first, by how those move."""
    small = state.table.small(plots.sensor)
    if state.frames is not None or not small.any():
        return _associate(state, plots, told_s, time_s, state.par)
    if small.all():
        return _associate(state, plots, told_s, time_s, state.small_par)
    out = np.full(len(plots), -1, np.int64)
    out[small] = _associate(state, plots.take(small), told_s[small], time_s, state.small_par, last=False)
    out[~small] = _associate(state, plots.take(~small), told_s[~small], time_s, state.par)
    return out


def _associate(
    state: State, plots: Plots, told_s: NDArray[np.float64], time_s: float, par: NDArray[np.float32], *, last: bool = True
) -> NDArray[np.int64]:
    """Run the kernels over the plots that may be tracked; return the row of each plot's track, -1 none.

    Of the multi-frame option it is the track's number there, 0 none.

    told_s: the times as told; par: how aircraft move; last: no more plots of this tick come, so finished turns enter the map of clutter.
    """
    out = np.full(len(plots), -1, np.int64)
    if not len(plots):
        return out
    _raise(state, time_s)
    placed = place(plots, state.table, state.plane, state.sites, state.config.cores)
    aside = _untrusted(state, plots, placed)
    raw, sensors = columns.raw(plots), len(state.table.rows)
    rows, *refused = columns.choose(raw, placed.ok, time_s, OUT_OF_TIME_S)
    refused[-1] -= _sights(state, plots, placed, time_s, out) + aside
    for what, n in zip(("not live", "out of time", "without a position"), refused, strict=True):
        count(state, what, n)
    if not len(rows):
        return out
    rows, starts, slices = columns.ordered(raw, rows, time_s, SLICE_S, sensors)
    again = state.repeats.among(plots, told_s, rows, sensors, time_s)
    if again is not None:
        count(state, "sent again", int(again.sum()))
        rows = rows[~again]
        if not len(rows):
            return out
        rows, starts, slices = columns.ordered(raw, np.sort(rows), time_s, SLICE_S, sensors)
    frames, looks = state.frames, None
    if frames is None:
        looks = divide(rows, starts, slices, raw.sensor, state.clutter.scans(state.table), placed.z, placed.frame, FRAME_M)
        rows = looks.rows
    remote = columns.words(plots.remote_id)
    measured, named = columns.laid_out(raw, rows, remote, placed.frame, placed.z, placed.r, placed.vel, placed.radial, placed.sight)
    if named:
        _name_remote(state, plots, rows, measured.key)
    sensor = measured.sensor
    period_s = np.array([s.period_s for s in state.table.rows])
    state.clutter.look(state.table, period_s, sensor, measured.time_s, plots.azimuth_rad[rows])
    figures = state.figures.renew(state.table.rows, period_s, state.plane, state.clutter, state.config)
    looking = sensor[starts[:-1]] if looks is None else looks.sensor
    shares = np.where(figures[looking, work.FROZEN] > 0, 1.0, SLICE_S / np.maximum(figures[looking, work.PERIOD_S], SLICE_S))
    if frames is not None:
        out[rows], late, unusable = frames.looks(measured, starts, looking, shares, figures, state.clutter)
        count(state, "too late for several frames", late)
        count(state, "not a position", unusable)
        state.clutter.fold(period_s, time_s)
        return out
    assert looks is not None
    assigned = np.full(len(rows), -1, np.int64)
    _make_room(state, len(rows), int(np.diff(starts).max()))
    before = state.book.copy()
    tick = Tick(
        shares, figures, state.cfg, par, state.clutter.expected, state.clutter.seen, state.newest_s, before[work.NEXT_LOOK], assigned
    )
    polar = np.column_stack([plots.range_m[rows], plots.azimuth_rad[rows]])
    state.echoes.recall(measured, polar, state.table.rows, figures)
    state.sides.process(state.store, state.book, measured, looks, tick, state.config.cores)
    state.echoes.learn(measured, polar, assigned, state.store, figures)
    state.suspects.note(assigned, sensor, measured.time_s, period_s)
    for k, what in TOLD:
        count(state, what, int(state.book[k] - before[k]))
    state.newest_s = max(state.newest_s, float(measured.time_s.max()))
    if last:
        state.clutter.fold(period_s, time_s)
    out[rows] = assigned
    names, marks = state.names, state.marks
    columns.adopt(
        raw,
        columns.words(plots.callsign),
        remote,
        rows,
        assigned,
        columns.words(names["callsign"]),
        columns.words(names["remote_id"]),
        marks["aircraft_class"],
        marks["emergency"],
        marks["ground"],
        marks["spi"],
    )
    heights.observe(state.heights, state.store, plots, measured, rows, assigned, state.sites.figures)
    return out


def _raise(state: State, time_s: float) -> None:
    """Let what is known of the air reach the placing and the tracks: every ten seconds."""
    before = state.heights.settled_s
    heights.begin(state.heights, time_s, state.plane, state.qnh, state.store, int(state.book[work.HIGH]))
    n = len(state.table.rows)
    if state.heights.config.learn and (state.heights.settled_s != before or len(state.sites.lifts) < n):
        state.sites.renew(state.table.rows, state.plane)
        x, y = state.sites.figures[:n, X_M], state.sites.figures[:n, Y_M]
        state.sites.raise_to(heights.offsets(state.heights, x, y), state.heights.config.geoid_m)


def _untrusted(state: State, plots: Plots, placed: Placed) -> int:
    """Keep the plots of untrusted sensors from being used; return how many of them had a position."""
    out = register.kept_out(state.register, plots)
    n = int((out & (placed.ok | placed.bearing_only)).sum())
    if n:
        placed.ok[out] = placed.bearing_only[out] = False
        count(state, "of an untrusted sensor", n)
    return n


def _sights(state: State, plots: Plots, placed: Placed, time_s: float, out: NDArray[np.int64]) -> int:
    """Let the plots that tell a bearing only narrow the tracks they meet; fill their rows in out and return how many there were."""
    if not placed.bearing_only.any():
        return 0
    live = (plots.flags & int(NOT_LIVE)) == 0
    lines = np.nonzero(placed.bearing_only & live & (np.abs(plots.time_s - time_s) < OUT_OF_TIME_S))[0]
    if state.frames is None:
        for q in lines[np.argsort(plots.time_s[lines], kind="stable")]:
            out[q] = sight(state.store, state.book, state.work, float(plots.time_s[q]), placed.bearing[q], state.cfg, state.par)
    count(state, "a bearing that no one track explains", int((out[lines] < 0).sum()))
    return len(lines)


def _make_room(state: State, plots: int, biggest: int) -> None:
    """Grow the store so that every plot could start a track, and the scratch so that the biggest look finds its candidates."""
    need = int(state.book[work.HIGH]) - int(state.book[work.FREE]) + plots
    old = len(state.store.alive)
    c = old
    if need > old:  # an eighth more than asked, so that it seldom grows, and little is spare
        c = max(old, -(-min(need + need // 8, state.config.max_tracks) // FIRST_CAPACITY) * FIRST_CAPACITY)
    slots, edges = len(state.work.slot_track), len(state.work.e_slot)
    want_slots, want_edges = min(2 * biggest + 1024, MAX_SLOTS), min(8 * biggest + 8192, MAX_EDGES)
    if c == old and want_slots <= slots and want_edges <= edges:
        return
    if c > old:
        state.store = memory.grow(state.store, c)
        state.names = {k: np.concatenate([v, np.zeros(c - len(v), v.dtype)]) for k, v in state.names.items()}
        state.marks = {k: np.concatenate([v, np.zeros(c - len(v), v.dtype)]) for k, v in state.marks.items()}
    bigger = work.make_work(c, max(slots, want_slots), max(edges, want_edges))
    bigger.free[: len(state.work.free)] = state.work.free
    bigger.revisit[:] = state.work.revisit
    state.work, state.sides = bigger, Sides(bigger)


def count(state: State, what: str, n: int) -> None:
    """Add to what is counted of plots."""
    if n:
        state.counts[what] = state.counts.get(what, 0) + n

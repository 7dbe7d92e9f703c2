"""The one function that advances the picture: step(state, tick) -> state, output.

Live, replay, exercise and test all run it. Nothing here reads a clock, a random source, a file or a socket: the
picture is a function of the ticks alone, which is why replaying them reproduces it bit for bit.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from tenere import identify, measuring, track, watch
from tenere.batch import Tracks
from tenere.errors import Rejects, UsageError
from tenere.geo.altitude import transition_level
from tenere.plans import PlanBook
from tenere.qnh import QnhBook, order
from tenere.site import PLACING
from tenere.wire import format as formats
from tenere.world import World

if TYPE_CHECKING:
    import hashlib

    from numpy.typing import NDArray

    from tenere.batch import Alerts, Evidence, Identities, Plots, SystemTracks
    from tenere.config import Config
    from tenere.geo.borders import Borders
    from tenere.tick import Tick
    from tenere.track.heights.config import HeightsConfig

SILENT_LOOKS = 4.0
SILENT_S = 15.0
LAGS = 60
"""Chunks over which a source's clock is judged."""


PRESSURES = 100
"""How many stations' QNH are told to people."""


class SensorRow(NamedTuple):
    """How one sensor does, for people."""

    id: str
    name: str
    kind: str
    lat_deg: float
    lon_deg: float
    range_m: float
    placed: bool
    frame: int
    state: str
    rate_hz: float
    lag_s: float
    clock_off_s: float
    plots: int
    not_live: int
    last_s: float
    rejects: dict[str, int]
    note: dict[str, str]
    """What registration says of it, by language."""


class SourceRow(NamedTuple):
    """How one source's bytes did, for people.

    lag_s: median of receive less data time in the last chunk that had any; clock_off_s: the median of the last LAGS of those,
    which is the sender's clock error and the transport's delay together. NaN where its data say no time of their own.
    """

    id: str
    format: str
    bytes: int
    records: int
    last_s: float
    lag_s: float
    clock_off_s: float
    rejects: dict[str, int]


class PressureRow(NamedTuple):
    """A QNH that holds, for people."""

    station: str
    lat_deg: float
    lon_deg: float
    qnh_hpa: float
    transition_level: int
    time_s: float
    by: str


class Output(NamedTuple):
    """The picture at the end of a tick."""

    time_s: float
    tracks: Tracks
    identities: Identities
    evidence: Evidence
    """Why each identity is what it is."""
    alerts: Alerts
    why: Evidence
    """Why each alert is raised."""
    plots: Plots
    plot_tracks: NDArray[np.int64]
    system: SystemTracks
    sensors: tuple[SensorRow, ...]
    records: dict[str, int]
    """Structurally whole records of each source in this tick."""
    sources: tuple[SourceRow, ...] = ()
    """How each source did so far; like the sensors' rows, no part of the digest."""
    answers: tuple[track.Answer, ...] = ()
    """What became of the tick's commands about tracks."""
    by_hand: tuple[track.ManualRow, ...] = ()
    """The tracks that persons made, with what they said of them."""
    orders: tuple[track.Standing, ...] = ()
    """What persons said of tracks and still stands."""
    pressures: tuple[PressureRow, ...] = ()
    """Every QNH that holds; what it does to tracks is in their columns."""

    def digest(self, into: hashlib._Hash) -> None:
        """Feed everything the tick gave to a hash."""
        into.update(np.float64(self.time_s).tobytes())
        for batch in (self.tracks, self.identities, self.evidence, self.alerts, self.why, self.plots):
            batch.digest(into)
        into.update(np.ascontiguousarray(self.plot_tracks, "<i8").tobytes())
        for a in self.answers:
            into.update(f"{a.place}:{a.kind}:{a.key}:{a.order}:{a.track};".encode())


@dataclass
class Source:
    """One feed: its decoder, the decoder's state, and its counts."""

    name: str
    format: formats.Format
    state: Any
    records: Counter[str] = field(default_factory=Counter)
    rejects: Rejects = field(default_factory=Rejects)
    bytes: int = 0
    last_s: float = math.nan
    lags_s: deque[float] = field(default_factory=lambda: deque(maxlen=LAGS))


@dataclass
class State:
    """All that the picture remembers."""

    sources: dict[str, Source]
    track: track.State
    identify: identify.State
    watch: watch.State
    plans: PlanBook
    qnh: QnhBook
    measured: measuring.Live | None
    """How well each sensor did lately; None where the site wants no measuring. It changes nothing of the picture."""
    pressure_rejects: Rejects = field(default_factory=Rejects)
    ticks: int = 0
    plots: int = 0


class Pipeline:
    """The stages of one site, ready to step.

    >>> from tenere.config import Config
    >>> picture = Pipeline(Config())
    >>> state = picture.init()
    """

    def __init__(self, config: Config, borders: Borders | None = None, world: World | None = None) -> None:
        """Keep the configuration and the world it is in; borders alone stand for a world of which nothing else is known."""
        self.config = config
        self.world = world or World(borders=borders)

    def init(self) -> State:
        """Return the picture before its first tick."""
        c = self.config
        sources = {}
        for s in c.source:
            chosen = formats.load(s.format)
            at = next((x for x in c.sensor if x.source == s.id and x.kind in PLACING), None)
            hint = formats.SourceHint(options=s.options)
            if at is not None:
                place = {"receiver_lat_rad": math.radians(at.lat_deg), "receiver_lon_rad": math.radians(at.lon_deg)}
                hint = msgspec.structs.replace(hint, **place)
            try:
                sources[s.id] = Source(s.id, chosen, chosen.init(hint))
            except UsageError as e:
                raise UsageError(f"source {s.id}: {e}") from e
        centre = (math.radians(c.site.centre_lat_deg), math.radians(c.site.centre_lon_deg))
        book = QnhBook.of(c.qnh, c.heights.qnh_radius_km * 1e3, c.heights.qnh_age_s)
        where = None if math.isnan(centre[0]) or math.isnan(centre[1]) else centre
        return State(
            sources=sources,
            track=track.init(c.track, c.sensor, where, c.heights, book),
            identify=identify.init(c.identify, c.plan, self.world.aerodromes),
            watch=watch.init(c.watch, self.world, c.plan, c.volume, c.airspace),
            plans=PlanBook.of(c.plan),
            qnh=book,
            measured=measuring.begin(c.performance),
        )

    def step(self, state: State, tick: Tick) -> tuple[State, Output]:
        """Advance the picture by one tick. The state given is used up: keep the one returned."""
        heard = []
        records: dict[str, int] = {}
        for chunk in tick.chunks:
            source = state.sources.get(chunk.source)
            if source is None:
                continue
            source.state, decoded = source.format.step(source.state, chunk, tick.time_s)
            source.records.update(decoded.records)
            source.rejects.merge(decoded.rejects)
            records[chunk.source] = decoded.records.total()
            source.bytes += len(chunk.data)
            source.last_s = tick.time_s
            if math.isfinite(lag := lag_of(decoded.plots)):
                source.lags_s.append(lag)
            heard.append(track.Heard(chunk.source, decoded.plots, decoded.system, decoded.status))
            state.qnh.take(decoded.pressures, tick.time_s, source.rejects)
            if decoded.plans and state.plans.take(decoded.plans, tick.time_s, source.rejects):
                state.identify = identify.replan(state.identify, state.plans.rows, state.plans.active)
                state.watch = watch.replan(state.watch, tuple(state.plans.rows))
        set_by_hand = [q for c in tick.commands if (q := order(c, tick.time_s, state.pressure_rejects)) is not None]
        state.qnh.take(set_by_hand, tick.time_s, state.pressure_rejects)
        track.obey(state.track, tick.commands)
        answers: tuple[track.Answer, ...] = ()
        if tick.commands or state.track.manual.busy:
            state.track, answers = track.order(state.track, tick.commands, tick.time_s, identify.guarded(state.identify))
        state.track, tracked = track.step(state.track, heard, tick.time_s, self.config.site.tick_s)
        if state.measured is not None:
            state.measured.take(state.track, tracked.plots, tracked.plot_tracks, tracked.tracks, tick.time_s)
        every = Tracks.concat([tracked.tracks, tracked.aside])  # what persons put behind others keeps its identity too
        sensors, corridors = sensor_rows(state, tick.time_s), state.watch.book.corridors(tick.time_s)
        state.identify, identities, evidence = identify.step(
            state.identify,
            every,
            tick.time_s,
            tick.commands,
            tracked.same,
            tracked.plots,
            tracked.plot_tracks,
            corridors=identify.Corridors.of(corridors) if corridors else None,
            untrusted=sum(1 << i for i, s in enumerate(sensors[:64]) if s.state == "untrusted"),
            radars=radars_of(state, sensors, self.world),
        )
        answers += state.identify.answers
        identities = identities.take(slice(len(tracked.tracks))) if len(tracked.aside) else identities
        state.watch, seen = watch.step(
            state.watch,
            tracked.tracks,
            identities,
            tick.time_s,
            watch.SensorHealth(
                sensor=np.arange(len(sensors), dtype=np.int16),
                silent=np.array([s.state == "silent" for s in sensors], bool),
                untrusted=np.array([s.state == "untrusted" for s in sensors], bool),
                doubtful=np.array([s.state == "doubtful" for s in sensors], bool),
                names=tuple(s.id for s in sensors),
            ),
            tick.commands,
            tuple(watch.Region(*r) for r in state.identify.integrity.regions),
        )
        state.ticks += 1
        state.plots += len(tracked.plots)
        return state, Output(
            tick.time_s,
            tracked.tracks,
            identities,
            evidence,
            seen.alerts,
            seen.evidence,
            tracked.plots,
            tracked.plot_tracks,
            state.track.system.latest,
            sensors,
            records,
            source_rows(state),
            answers,
            track.told(state.track.manual),
            tuple(state.track.manual.orders.values()),
            pressure_rows(state, self.config.heights, tick.time_s),
        )


def radars_of(state: State, sensors: tuple[SensorRow, ...], world: World) -> identify.Radars:
    """Return the radars that work and are trusted now, by which broadcasts are judged."""
    rows = [i for i, s in enumerate(sensors) if s.kind == "radar" and s.state == "ok" and s.placed and s.range_m > 0.0]
    held = [state.track.table.rows[i] for i in rows]
    told = [(s.lat_rad, s.lon_rad, s.config.height_m, s.config.range_m, s.period_s or 10.0, s.config.detection) for s in held]
    lat, lon, height, range_m, period, detection = np.array(told, np.float64).reshape(-1, 6).T.copy()
    return identify.Radars(np.array(rows, np.int16), lat, lon, height, range_m, period, detection, world.floor)


def lag_of(plots: Plots) -> float:
    """Return the median of receive less data time, over plots that say a time of their own; NaN where none does."""
    lag = plots.receive_s - plots.time_s
    lag = lag[np.isfinite(lag) & (lag != 0.0)]  # equal: the format says no time, and the receive time serves
    return float(np.median(lag)) if len(lag) else math.nan


def pressure_rows(state: State, c: HeightsConfig, time_s: float) -> tuple[PressureRow, ...]:
    """Return the pressures that hold at time_s, at most PRESSURES, the nearest to the plane's middle, nearest first."""
    held, plane = state.qnh.holding(time_s), state.track.plane
    if plane is not None:
        held.sort(key=lambda q: math.hypot(q.lat_rad - plane.lat0_rad, math.cos(plane.lat0_rad) * math.sin(q.lon_rad - plane.lon0_rad)))
    held = held[:PRESSURES]
    levels = transition_level(c.transition_altitude_ft, [q.qnh_pa for q in held], c.transition_layer_ft).tolist() if held else []
    return tuple(
        PressureRow(
            q.station, math.degrees(q.lat_rad), math.degrees(q.lon_rad), q.qnh_pa / 100.0, c.transition_level or level, q.time_s, q.by
        )
        for q, level in zip(held, levels, strict=True)
    )


def source_rows(state: State) -> tuple[SourceRow, ...]:
    """Say how each source did so far, in the order of the site file."""
    return tuple(
        SourceRow(
            id=s.name,
            format=s.format.name,
            bytes=s.bytes,
            records=s.records.total(),
            last_s=s.last_s,
            lag_s=s.lags_s[-1] if s.lags_s else math.nan,
            clock_off_s=float(np.median(s.lags_s)) if s.lags_s else math.nan,
            rejects=dict(s.rejects.counts),
        )
        for s in state.sources.values()
    )


def sensor_rows(state: State, time_s: float) -> tuple[SensorRow, ...]:
    """Say how each sensor does at time_s, in the order of the sensor table."""
    out, told = [], track.told_of(state.track)
    for i, s in enumerate(state.track.table.rows):
        idle = time_s - s.last_s
        if math.isnan(s.last_s):
            how = "never heard"
        elif idle > max(SILENT_S, SILENT_LOOKS * s.period_s):
            how = "silent"
        else:
            how = "untrusted" if s.degraded else "ok"
        standing, note = told[i]
        how = standing if how == "ok" else how
        source = state.sources.get(s.source)
        out.append(
            SensorRow(
                id=s.config.id,
                name=s.config.name,
                kind=s.config.kind,
                lat_deg=math.degrees(s.lat_rad),
                lon_deg=math.degrees(s.lon_rad),
                range_m=s.config.range_m,
                placed=s.placed or s.config.kind in PLACING,
                frame=0 if s.placed or s.config.kind in PLACING else i + 1,
                state=how,
                rate_hz=s.rate_hz,
                lag_s=s.lag_s,
                clock_off_s=s.clock_off_s,
                plots=s.plots,
                not_live=s.not_live,
                last_s=s.last_s,
                rejects=dict(source.rejects.counts) if source is not None else {},
                note=note,
            )
        )
    return tuple(out)

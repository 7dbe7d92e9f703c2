"""Recordings run through the picture and kept as what is needed to judge alerts: who was where, and what was raised when."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tenere import performance
from tenere.batch import AlertState, TrackFlag
from tenere.cli.output import Progress
from tenere.cli.replay import Material
from tenere.cli.world import world
from tenere.estimate.smooth import FixedLag
from tenere.feeds.files import FileFeed, open_recording, read_bytes, steady
from tenere.pipeline import Pipeline
from tenere.record.json_tables import as_csv, is_json_table, unpacked
from tenere.tick import Chunk
from tenere.watch.families.stca import by_eye, flying, landing, minima_of, standards
from tenere.watch.low import Fields
from tenere.watch.nuisance import Raised
from tenere.watch.stage import watched
from tenere.watch.truth import ADDRESS, Moment, Truth
from tenere.wire import recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tenere.batch import Alerts
    from tenere.config import Config
    from tenere.estimate.smooth import SmoothedTracks
    from tenere.pipeline import Output
    from tenere.tick import Tick
    from tenere.watch.config import WatchConfig
    from tenere.wire.format import SourceHint
    from tenere.world import World

LAG_TICKS = 30
"""What came so many ticks later smooths the truth."""


class Recordings(Material):
    """Recordings as ``tenere replay`` takes them, and JSON tables of positions."""

    def opened(self, path: Path, source: str, format_name: str, hint: SourceHint) -> FileFeed:
        """Open one recording."""
        data = unpacked(read_bytes(path), path) if format_name in ("", "plots") else b""
        if not data or not is_json_table(data):
            return open_recording(path, source, format_name, hint)
        return table_feed(path, source, as_csv(data, path), hint)


def table_feed(path: Path, source: str, table: bytes, hint: SourceHint) -> FileFeed:
    """Return a table of plots, as the bytes of its file, as a feed."""
    found = recording.read(table, format_name="plots", hint=hint)
    chunk = Chunk(source, found.chunk.data, found.chunk.ends, steady(found.chunk.times_s), found.chunk.offset)
    return FileFeed(path, source, found.framing, found.format, chunk, found.rejects, found.where)


@dataclass
class Flown:
    """What a run gave. hours: airborne, of watched tracks that are seen; ticks: the tick of each time; ended: the run was whole."""

    truth: Truth
    raised: list[Raised] = field(default_factory=list)
    ticks: dict[float, int] = field(default_factory=dict)
    hours: float = 0.0
    track_hours: float = 0.0
    air_s: float = 0.0
    whole: bool = False


class Keeper:
    """Takes one tick's output after another."""

    def __init__(self, watch: WatchConfig, tick_s: float, known: World) -> None:
        """Start with nothing. The truth holds by the separation standards themselves."""
        self.stca, self.tick_s, self.fields = watch.stca, tick_s, Fields.of(known.aerodromes)
        self.flown = Flown(Truth(standards(watch.stca), minima_of(watch.stca)))
        self._smoother = FixedLag(LAG_TICKS)
        self._seen: set[int] = set()
        self._until: dict[int, float] = {}
        self._who: dict[int, int] = {}
        self._held: deque[tuple[int, float]] = deque()
        self._tick = 0

    def take(self, output: Output) -> None:
        """Keep one tick."""
        t = output.tracks
        rows = np.flatnonzero(watched(t))
        own = t.take(rows)
        fresh = (own.flags & TrackFlag.COASTING) == 0
        air = flying(self.stca, own)
        self.flown.hours += float((air & fresh).sum()) * self.tick_s / 3600.0
        self.flown.track_hours += len(rows) * self.tick_s / 3600.0
        self.flown.air_s += self.tick_s
        for number, address in zip(own.number.tolist(), own.address.tolist(), strict=True):
            self._who[number] = ADDRESS + address if address > 0 else number
        self._alerts(output.alerts, output.time_s)
        self._held.append((self._tick, output.time_s))
        self.flown.ticks[output.time_s] = self._tick
        self._settle(self._smoother.step(own.take(fresh)))
        self._tick += 1

    def _alerts(self, alerts: Alerts, time_s: float) -> None:
        """Note the alerts that are new, with the aircraft they are about."""
        for number in alerts.alert.tolist():
            self._until[number] = time_s
        new = [i for i, n in enumerate(alerts.alert.tolist()) if n not in self._seen and alerts.state[i] != AlertState.CLEARED]
        for i in new:
            self._seen.add(int(alerts.alert[i]))
            who, other = (self._who.get(int(n), int(n)) for n in (alerts.track[i], alerts.other[i]))
            self.flown.raised.append(
                Raised(
                    number=int(alerts.alert[i]),
                    rule=alerts.rule[i].decode(),
                    severity=int(alerts.severity[i]),
                    who=who,
                    other=other,
                    volume=alerts.volume[i].decode("utf-8", "replace"),
                    time_s=time_s,
                    predicted_s=float(alerts.predicted_s[i]),
                    tick=self._tick,
                    names=alerts.detail[i].decode("utf-8", "replace"),
                )
            )

    def _settle(self, old: SmoothedTracks) -> None:
        """Make truth of the tick that left the smoother."""
        if len(self._held) <= LAG_TICKS and not len(old):
            return
        tick, time_s = self._held.popleft()
        self.flown.truth.add(tick, self._moment(old, time_s))

    def _moment(self, old: SmoothedTracks, time_s: float) -> Moment:
        """Return who was in the air: once each, in the order of their names; of two tracks of an aircraft the older."""
        rows = np.flatnonzero(flying(self.stca, old) & np.isfinite(old.pressure_altitude_m) & np.isfinite(old.smooth_x_m))
        if not rows.size:
            return Moment.none(time_s)
        who = np.array([self._who[int(n)] for n in old.number[rows]], np.int64)
        _, first = np.unique(who, return_index=True)
        rows, who = rows[first], who[first]
        rate = np.nan_to_num(old.vertical_rate_ms[rows])
        columns = (
            old.smooth_x_m[rows], old.smooth_y_m[rows], old.pressure_altitude_m[rows], old.smooth_vx_ms[rows], old.smooth_vy_ms[rows],
            rate, old.lat_rad[rows], old.lon_rad[rows],
        )  # fmt: skip
        low = landing(self.stca, old, rows, self.fields)
        return Moment(time_s, who, old.frame[rows].astype(np.int64), *columns, by_eye(self.stca, old, rows), low)

    def finish(self, *, whole: bool) -> Flown:
        """Settle what the smoother still holds and return the whole."""
        while self._smoother.held:
            tick, time_s = self._held.popleft()
            self.flown.truth.add(tick, self._moment(self._smoother.flush(), time_s))
        self.flown.raised = [a._replace(until_s=self._until[a.number]) for a in self.flown.raised]
        self.flown.whole = whole
        return self.flown


def fly(what: str, config: Config, ticks: Iterator[Tick], span: tuple[float, float], known: World | None = None) -> Flown:
    """Run ticks through the picture; Ctrl-C ends it and keeps what is done."""
    quiet = msgspec.structs.replace(config, performance=performance.PerformanceConfig(window_s=0))
    known = known or world(quiet)
    picture = Pipeline(quiet, world=known)
    state, keeper = picture.init(), Keeper(config.watch, config.site.tick_s, known)
    progress, first = Progress(what, span[1] - span[0]), math.nan
    whole = True
    try:
        for tick in ticks:
            first = tick.time_s if math.isnan(first) else first
            state, output = picture.step(state, tick)
            keeper.take(output)
            progress.at(tick.time_s - first, f"{len(output.tracks)} tracks, {len(keeper.flown.raised)} alerts")
    except KeyboardInterrupt:
        whole = False
    progress.end()
    return keeper.finish(whole=whole)

"""tenere replay: recordings and tick logs through the very pipeline that live runs."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tenere import __version__
from tenere.batch import Identities, Plots, Tracks
from tenere.cli import setting
from tenere.cli.decode import hint_of
from tenere.cli.output import Progress, Seen, print_json, say
from tenere.cli.world import world
from tenere.errors import TenereError, UsageError
from tenere.feeds.files import open_recording, source_name, ticks_of
from tenere.pipeline import Pipeline
from tenere.record.reasons import ReasonTables
from tenere.record.tables import TableWriter
from tenere.record.ticklog import Reader, TickLog, is_tick_log
from tenere.site import SourceConfig

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from tenere.config import Config
    from tenere.feeds.files import FileFeed
    from tenere.pipeline import Output
    from tenere.tick import Tick
    from tenere.wire.format import SourceHint


class Material:
    """What is replayed: the configuration it asks for and its ticks."""

    def __init__(self, args: argparse.Namespace) -> None:
        """Open every file. Unreadable ones are told and left out; errors then names them."""
        self.errors: list[str] = []
        self.log: Reader | None = None
        base = setting.site(args.site) if args.site is not None else None
        logs = [p for p in args.files if is_tick_log(p)]
        if logs and len(args.files) > 1:
            raise UsageError(f"{logs[0]}: a tick log is replayed alone")
        if logs:
            self.log = Reader(logs[0])
            self.config = self.log.header.config
            if base is not None:
                self.config = _on_feeds(base, self.config.source)
            self.first_s, self.last_s = math.nan, math.nan
        else:
            self._open(args, base or msgspec.structs.replace(setting.site(None), exercise=None))
        if args.without:
            self.config = setting.without(self.config, args.without)

    def _open(self, args: argparse.Namespace, base: Config) -> None:
        feeds, taken, hint = [], set[str](), hint_of(args)
        for path in args.files:
            try:
                feeds.append(self.opened(path, source_name(path, taken), args.format, hint))
            except TenereError as e:
                self.errors.append(str(e))
        if not feeds:
            raise TenereError("none of the files could be read: " + "; ".join(self.errors))
        for error in self.errors:
            say(f"tenere replay: {error}")
        self.feeds = feeds
        self.config = _on_feeds(base, tuple(SourceConfig(id=f.source, format=f.format, options=hint.options) for f in feeds))
        times = [f.chunk.times_s for f in feeds]  # none is empty: a recording without a unit is not opened
        self.first_s, self.last_s = min(t[0] for t in times), max(t[-1] for t in times)

    def opened(self, path: Path, source: str, format_name: str, hint: SourceHint) -> FileFeed:
        """Open one recording; what takes other files too overrides it."""
        return open_recording(path, source, format_name, hint)

    def ticks(self) -> Iterator[Tick]:
        """Yield the ticks in order."""
        if self.log is not None:
            yield from self.log
        else:
            yield from ticks_of(self.feeds, self.config.site.tick_s)


def _on_feeds(config: Config, sources: tuple[SourceConfig, ...]) -> Config:
    """Return the configuration with other feeds; a sensor whose own feed is not among them may come on any."""
    ids = {s.id for s in sources}
    sensors = tuple(s if not s.source or s.source in ids else msgspec.structs.replace(s, source="") for s in config.sensor)
    return msgspec.structs.replace(config, source=sources, sensor=sensors)


class Tally:
    """What a run made: counts, the digest, and the tables when they are wanted."""

    def __init__(self, config: Config, out: Path | None) -> None:
        """Open the tables and the log in out."""
        self.hash = hashlib.sha256()
        self.ticks = self.plots = 0
        self.records: Counter[str] = Counter()
        self.own, self.system = Seen(), Seen()
        self.alerts = 0
        self.first_s = self.last_s = math.nan
        self.cpu_s = 0.0
        self.tick_s = config.site.tick_s
        self.tables: dict[str, TableWriter] = {}
        self.log: TickLog | None = None
        if out is None:
            return
        try:
            out.mkdir(parents=True, exist_ok=True)
            self.log = TickLog(_free(out / "replay.ticks"), setting.without_accounts(config), __version__)
            self.tables = {
                "tracks": TableWriter(out / "tracks.parquet", Tracks.blank(), **_identity_columns(Identities.blank())),
                "plots": TableWriter(out / "plots.parquet", Plots.blank(), track=np.zeros(0, np.int64)),
            }
            self.reasons = ReasonTables(out)
            self.tables |= self.reasons.tables
        except OSError as e:
            raise UsageError(f"--out {out}: cannot be written there: {e.strerror or e}") from e

    def take(self, output: Output) -> None:
        """Count one tick's output and write it out."""
        self.ticks += 1
        self.plots += len(output.plots)
        self.records.update(output.records)
        self.first_s = output.time_s if math.isnan(self.first_s) else self.first_s
        self.last_s = output.time_s
        own = output.tracks.source < 0
        self.own.add(output.tracks.number[own])
        self.system.add(output.tracks.number[~own])
        output.digest(self.hash)
        self.alerts = max(self.alerts, int(output.alerts.alert.max(initial=0)))  # numbers count up from 1
        if self.tables:
            self.tables["tracks"].add(output.tracks, **_identity_columns(output.identities))
            self.tables["plots"].add(output.plots, track=output.plot_tracks)
            self.reasons.take(output.time_s, output.identities, output.evidence, output.alerts, output.why)

    def close(self, *, whole: bool) -> None:
        """Finish the tables and the log; those of an interrupted run keep what was done."""
        for table in self.tables.values():
            if whole or table.rows:
                table.close()
            else:
                table.abandon()
        if self.log is not None:
            self.log.close()

    def summary(self) -> dict[str, Any]:
        """Return the figures of the run."""
        air_s = self.last_s - self.first_s + self.tick_s if self.ticks else 0.0
        return {
            "ticks": self.ticks,
            "plots": self.plots,
            "tracks": self.own.count() + self.system.count(),
            "own_tracks": self.own.count(),
            "system_tracks": self.system.count(),
            "alerts": self.alerts,
            "air_s": round(air_s, 3),
            "cpu_s": round(self.cpu_s, 3),
            "sha256": self.hash.hexdigest(),
        }


def _identity_columns(identities: Identities) -> dict[str, np.ndarray]:
    return {name: getattr(identities, name) for name in ("identity", "confidence", "protected", "civil")}


def _free(path: Path) -> Path:
    """Return path, or where it exists the next free name beside it: a log is never overwritten."""
    k = 1
    made = path
    while made.exists():
        made = path.with_name(f"{path.stem}-{k}{path.suffix}")
        k += 1
    return made


def run(args: argparse.Namespace) -> int:
    """Replay; 1 when a file could not be read or nothing in them stood."""
    material = Material(args)
    tally = Tally(material.config, args.out)
    pace = args.speed or (1.0 if args.serve else math.inf)
    try:
        if args.serve:
            from tenere.cli.session import replay_served  # noqa: PLC0415 - only serving needs the server
            from tenere.cli.stopping import until_stopped  # noqa: PLC0415 - the same

            asyncio.run(until_stopped(replay_served(material, tally, pace, args.host, args.port)))
        else:
            _run(material, tally, pace)
    except KeyboardInterrupt:
        tally.close(whole=False)
        say("tenere replay: interrupted; what was done stands")
        _report(args, material, tally)
        return 130
    except BaseException:
        with contextlib.suppress(OSError, TenereError):  # the error that brought us here is the one to tell
            tally.close(whole=False)
        raise
    tally.close(whole=True)
    _report(args, material, tally)
    if not tally.plots and not tally.system.count():
        say("tenere replay: no plot and no track came out of it; tenere decode FILE tells what it holds")
    sources = () if material.log is not None else material.config.source  # in a log, a feed that was quiet is no fault
    empty = [s.id for s in sources if not tally.records[s.id]]
    for name in empty:
        say(f"tenere replay: {name}: no record in it stands")
    return 1 if material.errors or empty else 0


def _run(material: Material, tally: Tally, pace: float) -> None:
    """Step through all ticks without a server."""
    picture = Pipeline(material.config, world=world(material.config))
    state = picture.init()
    progress = Progress("replay", material.last_s - material.first_s)
    began, first = time.monotonic(), math.nan
    for tick in material.ticks():
        first = tick.time_s if math.isnan(first) else first
        if math.isfinite(pace) and (wait := began + (tick.time_s - first) / pace - time.monotonic()) > 0:
            time.sleep(wait)
        if tally.log is not None:
            tally.log.append(tick)
        cpu = time.process_time()
        state, output = picture.step(state, tick)
        tally.cpu_s += time.process_time() - cpu
        tally.take(output)
        progress.at(tick.time_s - first, f"{len(output.tracks)} tracks")
    progress.end()


def _report(args: argparse.Namespace, material: Material, tally: Tally) -> None:
    summary = tally.summary()
    if material.errors:
        summary["errors"] = material.errors
    if tally.log is not None:
        summary["log"] = str(tally.log.path)
    if material.log is not None:
        summary["lost_bytes"] = material.log.lost_bytes
        if material.log.lost_bytes:
            say(f"tenere replay: {material.log.lost_bytes:,} bytes of the log were lost ({material.log.lost_reason}); all else stands")
    if args.json:
        print_json(summary)
    else:
        print("  ".join(f"{k} {v}" for k, v in summary.items()))

"""tenere replay: recordings and tick logs through the very pipeline that live runs."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tenere import __version__
from tenere.batch import Alerts, Identities, Plots, Tracks
from tenere.cli import setting
from tenere.cli.output import Progress, print_json, say
from tenere.errors import TenereError, UsageError
from tenere.feeds.files import open_recording, source_name, ticks_of
from tenere.pipeline import Pipeline
from tenere.record.tables import TableWriter, to_arrow
from tenere.record.ticklog import Reader, TickLog, is_tick_log
from tenere.site import SourceConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tenere.config import Config
    from tenere.pipeline import Output
    from tenere.tick import Tick

EXAMPLES = """\
examples:
  tenere replay morning.pcap                         as it happened, at its own speed; prints what it made of it
  tenere replay morning.pcap --serve --speed 10      watch it ten times as fast on http://127.0.0.1:8080
  tenere replay a.ast b.ast --speed max --out out    both together, as fast as it goes; tables and a tick log in out/
  tenere replay out/replay.ticks --speed max         the same picture again, bit for bit
"""


def speed(text: str) -> float:
    """Read --speed: a positive number, or max."""
    value = math.inf if text == "max" else float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError("give a number above 0, or max")
    return value


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's sub-parsers have no public type
    """Add the command to the command line."""
    p = commands.add_parser(
        "replay",
        help="run recordings or tick logs through the picture",
        description="Run recordings (any framing and format, found by content) or a tick log through the pipeline.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings, or one tick log")
    p.add_argument("--speed", type=speed, default=None, metavar="N|max", help="times real time (default: max, with --serve 1)")
    p.add_argument("--out", type=Path, metavar="DIR", help="write tracks, plots and alerts as Parquet, and the tick log, there")
    p.add_argument("--serve", action="store_true", help="show it on the map while it runs")
    p.add_argument("--host", default=None, help="address to serve on (default 127.0.0.1)")
    p.add_argument("--port", type=int, default=None, help="port to serve on (default 8080)")
    p.add_argument("--site", type=Path, metavar="SITE.toml", help="site file: where the sensors stand, rules, tracker settings")
    p.add_argument("--without", default="", metavar="FEATURES", help="withhold from the tracker: address,mode_a,callsign,track_number,height")
    p.add_argument("--json", action="store_true", help="print one JSON document at the end")
    p.set_defaults(run=run)


class Material:
    """What is replayed: the configuration it asks for and its ticks."""

    def __init__(self, args: argparse.Namespace) -> None:
        """Open every file. Unreadable ones are told and left out; failed then says so."""
        self.failed = False
        self.log: Reader | None = None
        base = setting.site(args.site) if args.site is not None else None
        logs = [p for p in args.files if is_tick_log(p)]
        if logs and len(args.files) > 1:
            raise UsageError(f"{logs[0]}: a tick log is replayed alone")
        if logs:
            self.log = Reader(logs[0])
            self.config = self.log.header.config
            if base is not None:
                self.config = msgspec.structs.replace(base, source=self.config.source)
            self.first_s, self.last_s = math.nan, math.nan
        else:
            self._open(args.files, base or msgspec.structs.replace(setting.site(None), exercise=None))
        if args.without:
            self.config = setting.without(self.config, args.without)

    def _open(self, files: list[Path], base: Config) -> None:
        feeds, taken = [], set[str]()
        for path in files:
            try:
                feeds.append(open_recording(path, source_name(path, taken)))
            except TenereError as e:
                say(f"tenere replay: {e}")
                self.failed = True
        if not feeds:
            raise TenereError("none of the files could be read")
        self.feeds = feeds
        sources = tuple(SourceConfig(id=f.source, format=f.format) for f in feeds)
        sensors = tuple(s if s.source in ("", *(f.source for f in feeds)) else msgspec.structs.replace(s, source="") for s in base.sensor)
        self.config = msgspec.structs.replace(base, source=sources, sensor=sensors)
        times = [f.chunk.times_s for f in feeds if len(f.chunk.times_s)]
        self.first_s, self.last_s = min(t[0] for t in times), max(t[-1] for t in times)

    def ticks(self) -> Iterator[Tick]:
        """Yield the ticks in order."""
        if self.log is not None:
            yield from self.log
        else:
            yield from ticks_of(self.feeds, self.config.site.tick_s)


class Tally:
    """What a run made: counts, the digest, and the tables when they are wanted."""

    def __init__(self, config: Config, out: Path | None) -> None:
        """Open the tables and the log in out."""
        self.hash = hashlib.sha256()
        self.ticks = self.plots = 0
        self.numbers = np.zeros(0, np.uint32)
        self.system_numbers = np.zeros(0, np.uint32)
        self.alerts: dict[int, tuple[Any, ...]] = {}
        self.first_s = self.last_s = math.nan
        self.cpu_s = 0.0
        self.tick_s = config.site.tick_s
        self.tables: dict[str, TableWriter] = {}
        self.log: TickLog | None = None
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            self.log = TickLog(_free(out / "replay.ticks"), config, __version__)
            empty = {
                "tracks": to_arrow(Tracks.blank(), **_identity_columns(Identities.blank())),
                "plots": to_arrow(Plots.blank(), track=np.zeros(0, np.int64)),
                "alerts": to_arrow(Alerts.blank(), tick_s=np.zeros(0)),
            }
            self.tables = {k: TableWriter(out / f"{k}.parquet", v) for k, v in empty.items()}

    def take(self, output: Output) -> None:
        """Count one tick's output and write it out."""
        self.ticks += 1
        self.plots += len(output.plots)
        self.first_s = output.time_s if math.isnan(self.first_s) else self.first_s
        self.last_s = output.time_s
        own = output.tracks.source < 0
        self.numbers = np.union1d(self.numbers, output.tracks.number[own])
        self.system_numbers = np.union1d(self.system_numbers, output.tracks.number[~own])
        output.digest(self.hash)
        changed = []
        for i, key in enumerate(output.alerts.alert.tolist()):
            state = (float(output.alerts.acknowledged_s[i]), output.alerts.detail[i], int(output.alerts.severity[i]))
            if self.alerts.get(key) is None or repr(self.alerts[key]) != repr(state):
                changed.append(i)
                self.alerts[key] = state
        if self.tables:
            self.tables["tracks"].add(to_arrow(output.tracks, **_identity_columns(output.identities)))
            self.tables["plots"].add(to_arrow(output.plots, track=output.plot_tracks))
            rows = output.alerts.take(np.array(changed, np.int64))
            self.tables["alerts"].add(to_arrow(rows, tick_s=np.full(len(rows), output.time_s)))

    def close(self, *, whole: bool) -> None:
        """Finish the tables and the log; those of an interrupted run keep what was done."""
        for table in self.tables.values():
            table.close() if whole or table.rows else table.abandon()
        if self.log is not None:
            self.log.close()

    def summary(self) -> dict[str, Any]:
        """Return the figures of the run."""
        air_s = self.last_s - self.first_s + self.tick_s if self.ticks else 0.0
        return {
            "ticks": self.ticks,
            "plots": self.plots,
            "tracks": len(self.numbers) + len(self.system_numbers),
            "own_tracks": len(self.numbers),
            "system_tracks": len(self.system_numbers),
            "alerts": len(self.alerts),
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

            asyncio.run(replay_served(material, tally, pace, args.host, args.port))
        else:
            _run(material, tally, pace)
    except KeyboardInterrupt:
        tally.close(whole=False)
        say("tenere replay: interrupted; what was done stands")
        _report(args, material, tally)
        return 130
    except BaseException:
        tally.close(whole=False)
        raise
    tally.close(whole=True)
    _report(args, material, tally)
    nothing = tally.plots == 0 and not tally.system_numbers.size
    if nothing:
        say("tenere replay: no plot and no track came out of it; tenere decode FILE tells what it holds")
    return 1 if material.failed or nothing else 0


def _run(material: Material, tally: Tally, pace: float) -> None:
    """Step through all ticks without a server."""
    picture = Pipeline(material.config, setting.home_borders(material.config))
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
    if material.log is not None:
        summary["lost_bytes"] = material.log.lost_bytes
        if material.log.lost_bytes:
            say(f"tenere replay: the last {material.log.lost_bytes} bytes of the log do not stand ({material.log.lost_reason})")
    if args.json:
        print_json(summary)
    else:
        print("  ".join(f"{k} {v}" for k, v in summary.items()))

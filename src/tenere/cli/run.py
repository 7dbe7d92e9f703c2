"""tenere run and tenere record: the live picture, and the live record without one."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tenere import __version__
from tenere.cli import setting
from tenere.cli.output import Seen, print_json, say
from tenere.errors import TenereError, UsageError
from tenere.record.ticklog import TickLog

if TYPE_CHECKING:
    import argparse

    from tenere.config import Config
    from tenere.pipeline import Output
    from tenere.serve.snapshot import SourceView


def log_in(folder: Path, config: Config) -> TickLog:
    """Start a new tick log in a folder, named by the time it begins."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path, k = folder / f"{stamp}.ticks", 1
    while path.exists():
        path, k = folder / f"{stamp}-{k}.ticks", k + 1
    try:
        return TickLog(path, config, __version__)
    except TenereError as e:
        raise UsageError(str(e)) from e


def run(args: argparse.Namespace) -> int:
    """Serve the live picture until Ctrl-C."""
    from tenere.cli.session import run_live  # noqa: PLC0415 - only serving needs the server
    from tenere.cli.stopping import until_stopped  # noqa: PLC0415 - the same
    from tenere.serve.picture import source_rows  # noqa: PLC0415 - the same

    config = setting.site(args.site, live=True)
    serve = msgspec.structs.replace(
        config.serve, host=args.host or config.serve.host, port=config.serve.port if args.port is None else args.port
    )
    config = msgspec.structs.replace(config, serve=serve)
    folder = args.record or (Path(config.record.folder) if config.record.folder else None)
    log = log_in(folder, setting.complete(config)) if folder is not None else None
    seen: dict[str, Any] = {"ticks": 0, "plots": 0, "address": ""}
    tracks, alerts = Seen(), Seen()
    sources: list[SourceView] = []

    def on_tick(output: Output) -> None:
        seen["ticks"] += 1
        seen["plots"] += len(output.plots)
        tracks.add(output.tracks.number)
        alerts.add(output.alerts.alert)

    def on_address(url: str) -> None:
        seen["address"] = url
        line = f"Tenere is on {url}  (Ctrl-C stops it)"
        if args.json:
            say(line)
        else:
            print(line, flush=True)

    try:
        asyncio.run(until_stopped(run_live(config, log, on_tick, on_address, args.duration, sources.extend)))
    except KeyboardInterrupt:
        say("stopped")
    finally:
        if log is not None:
            log.close()
            say(f"tick log: {log.path} ({log.ticks} ticks, {log.bytes:,} bytes)")
    if args.json:
        print_json(
            {
                "ticks": seen["ticks"],
                "plots": seen["plots"],
                "tracks": tracks.count(),
                "alerts": alerts.count(),
                "address": seen["address"],
                "sources": source_rows(sources),
                "log": str(log.path) if log is not None else None,
            }
        )
    return 0


def record(args: argparse.Namespace) -> int:
    """Write the tick log until Ctrl-C."""
    from tenere.cli.recorder import keep  # noqa: PLC0415 - only recording needs the feeds
    from tenere.cli.stopping import until_stopped  # noqa: PLC0415 - the same

    config = setting.site(args.site, live=True)
    folder = args.out or Path(config.record.folder or ".")
    log = log_in(folder, setting.complete(config))
    say(f"recording to {log.path}  (Ctrl-C stops it)")
    try:
        asyncio.run(until_stopped(keep(config, log, args.duration)))
    except KeyboardInterrupt:
        pass
    finally:
        log.close()
    summary = {"log": str(log.path), "ticks": log.ticks, "bytes": log.bytes}
    if args.json:
        print_json(summary)
    else:
        print(f"{summary['log']}: {log.ticks} ticks, {log.bytes:,} bytes")
    return 0 if log.ticks else 1

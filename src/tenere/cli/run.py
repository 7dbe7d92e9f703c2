"""tenere run and tenere record: the live picture, and the live record without one."""

from __future__ import annotations

import argparse
import asyncio
import math
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tenere import __version__
from tenere.cli import setting
from tenere.cli.output import print_json, say
from tenere.errors import UsageError
from tenere.record.ticklog import TickLog

if TYPE_CHECKING:
    from tenere.config import Config
    from tenere.pipeline import Output

RUN_EXAMPLES = """\
examples:
  tenere run                                 the built-in exercise: Niger's sky, simulated
  tenere run site.toml --port 8090           a site's own sensors
  tenere run site.toml --record logs         the same, with the tick log kept in logs/
"""
RECORD_EXAMPLES = """\
examples:
  tenere record site.toml --out logs         keep what the feeds bring, until Ctrl-C
  tenere record --duration 60 --out logs     a minute of the built-in exercise
"""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's sub-parsers have no public type
    """Add both commands to the command line."""
    p = commands.add_parser(
        "run", help="show the live picture", description="Run a site's sensors, or the built-in exercise, and serve the picture.",
        epilog=RUN_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    p.add_argument("--host", default=None, help="address to bind (default 127.0.0.1: only this machine)")
    p.add_argument("--port", type=int, default=None, help="port (default 8080)")
    p.add_argument("--record", type=Path, default=None, metavar="DIR", help="keep the tick log in this folder")
    p.set_defaults(run=run)
    q = commands.add_parser(
        "record", help="keep the bytes of the feeds, without a picture", description="Write the tick log of a site's feeds, or of the exercise.",
        epilog=RECORD_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    q.add_argument("--out", type=Path, default=None, metavar="DIR", help="folder of the log (default: the site file's record.folder, else .)")
    q.set_defaults(run=record)
    for each in (p, q):
        each.add_argument("site", nargs="?", type=Path, metavar="SITE.toml", help="site file; without one the built-in exercise")
        each.add_argument("--duration", type=float, default=math.inf, metavar="S", help="stop after this many seconds")
        each.add_argument("--json", action="store_true", help="print one JSON document at the end")


def log_in(folder: Path, config: Config) -> TickLog:
    """Start a new tick log in a folder, named by the time it begins."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path, k = folder / f"{stamp}.ticks", 1
    while path.exists():
        path, k = folder / f"{stamp}-{k}.ticks", k + 1
    try:
        return TickLog(path, config, __version__)
    except OSError as e:
        raise UsageError(f"{folder}: the tick log cannot be written there: {e.strerror or e}") from e


def run(args: argparse.Namespace) -> int:
    """Serve the live picture until Ctrl-C."""
    from tenere.cli.session import run_live  # noqa: PLC0415 - only serving needs the server

    config = setting.site(args.site)
    serve = msgspec.structs.replace(config.serve, host=args.host or config.serve.host, port=config.serve.port if args.port is None else args.port)
    if not 0 <= serve.port <= 65535:
        raise UsageError(f"--port {serve.port}: outside 0 to 65535")
    config = msgspec.structs.replace(config, serve=serve)
    folder = args.record or (Path(config.record.folder) if config.record.folder else None)
    log = log_in(folder, setting.complete(config)) if folder is not None else None
    seen: dict[str, Any] = {"ticks": 0, "plots": 0, "numbers": set(), "alerts": set(), "address": ""}

    def on_tick(output: Output) -> None:
        seen["ticks"] += 1
        seen["plots"] += len(output.plots)
        seen["numbers"].update(output.tracks.number.tolist())
        seen["alerts"].update(output.alerts.alert.tolist())

    def on_address(url: str) -> None:
        seen["address"] = url
        (say if args.json else print)(f"Tenere is on {url}  (Ctrl-C stops it)")

    try:
        asyncio.run(_until_stopped(run_live(config, log, on_tick, on_address, args.duration)))
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
                "tracks": len(seen["numbers"]),
                "alerts": len(seen["alerts"]),
                "address": seen["address"],
                "log": str(log.path) if log is not None else None,
            }
        )
    return 0


async def _until_stopped(work: Any) -> None:  # noqa: ANN401 - a coroutine
    """Run until done; SIGTERM stops it as Ctrl-C does."""
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError as e:
        raise KeyboardInterrupt from e


def record(args: argparse.Namespace) -> int:
    """Write the tick log until Ctrl-C."""
    from tenere.cli.recorder import keep  # noqa: PLC0415 - only recording needs the feeds

    config = setting.site(args.site)
    folder = args.out or Path(config.record.folder or ".")
    log = log_in(folder, setting.complete(config))
    say(f"recording to {log.path}  (Ctrl-C stops it)")
    try:
        asyncio.run(_until_stopped(keep(config, log, args.duration)))
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

"""tenere drill: exercises run as fast as they go, and their guards held against what the picture did."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.cli import setting
from tenere.cli.output import Progress, print_json, say
from tenere.cli.replay import Tally
from tenere.cli.world import world
from tenere.errors import TenereError, UsageError
from tenere.exercise import scenarios, tables
from tenere.exercise.config import ExerciseConfig
from tenere.exercise.script import Watcher
from tenere.feeds.exercise_feed import open_exercise
from tenere.pipeline import Pipeline
from tenere.tick import Tick

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from tenere.config import Config
    from tenere.pipeline import Output


def drill(config: Config, out: Path | None = None, on_output: Callable[[Output], None] | None = None) -> tuple[Watcher, Tally]:
    """Run the exercise that a configuration asks for, from its zero to its end; return who looked on, and the figures.

    on_output: called with each tick's picture.
    """
    exercise = config.exercise or ExerciseConfig()
    game = open_exercise(exercise)
    config = setting.with_exercise(config, game)
    told, zero_s = game.scenario.told, exercise.start_s
    picture = Pipeline(config, world=world(config))
    state, output = picture.init(), None
    tally, watcher = Tally(config, out), Watcher(told.expect, zero_s)
    progress = Progress(exercise.scenario, told.lasts_s)
    whole = False
    try:
        for number in range(round(told.lasts_s / config.site.tick_s)):
            time_s = zero_s + (number + 1) * config.site.tick_s
            orders = game.orders(time_s, output.tracks if output else None, output.alerts if output else None)
            tick = Tick(number, time_s, game.advance(time_s), tuple(orders))
            if tally.log is not None:
                tally.log.append(tick)
            cpu = time.process_time()
            state, output = picture.step(state, tick)
            tally.cpu_s += time.process_time() - cpu
            tally.take(output)
            watcher.take(time_s, output.tracks, output.identities, output.alerts)
            if on_output is not None:
                on_output(output)
            progress.at(time_s - zero_s, f"{len(output.tracks)} tracks")
        whole = True
    finally:
        progress.end()
        with contextlib.suppress(*(() if whole else (OSError, TenereError))):
            tally.close(whole=whole)
    return watcher, tally


def run(args: argparse.Namespace) -> int:
    """Run the drills; 1 where a guard did not hold."""
    known = scenarios.names()
    if args.list or not args.name:
        return _list(args, known)
    names = [n for n in known if tables.load(n).expect] if args.name == ["all"] else args.name
    for name in names:
        if name not in known:
            raise UsageError(f"drill: no scenario is called {name!r}; there are {', '.join(known)}")
    base = setting.site(args.site)
    done: list[dict[str, Any]] = []
    for name in names:
        exercise = msgspec.structs.replace(base.exercise or ExerciseConfig(), scenario=name, aircraft=0)
        watcher, tally = drill(msgspec.structs.replace(base, exercise=exercise), args.out / name if args.out else None)
        done.append(_told(name, watcher, tally))
        if not args.json:
            _print(done[-1], tables.load(name).story.get(args.lang, ""))
    if args.json:
        print_json(done)
    return 0 if all(g["held"] for d in done for g in d["guards"]) else 1


def _list(args: argparse.Namespace, known: list[str]) -> int:
    rows = [{"scenario": n, "story": tables.load(n).story.get(args.lang, ""), "guards": len(tables.load(n).expect)} for n in known]
    if args.json:
        print_json(rows)
    for row in () if args.json else rows:
        print(f"{row['scenario']:24} {row['guards']:2} guards  {row['story']}")
    if not args.list:
        say("tenere drill: name a scenario, or all")
    return 0 if args.list else 2


def _told(name: str, watcher: Watcher, tally: Tally) -> dict[str, Any]:
    guards = [
        {
            "guard": e.guard or e.what,
            "held": held,
            "seen": seen,
            "what": e.what,
            "rule": e.rule or None,
            "callsign": e.callsign or None,
            "volume": e.volume or None,
        }
        for e, held, seen in watcher.results()
    ]
    return {"scenario": name, **tally.summary(), "guards": guards}


def _print(done: dict[str, Any], story: str) -> None:
    print(f"{done['scenario']}: {story}")
    for g in done["guards"]:
        about = " ".join(str(v) for v in (g["rule"], g["callsign"], g["volume"]) if v)
        print(f"  {'held  ' if g['held'] else 'FAILED'}  {g['guard']} ({g['what']}: {about}): {g['seen']}")
    print(f"  {done['ticks']} ticks, {done['tracks']} tracks, {done['alerts']} alerts, {done['cpu_s']} CPU s, sha256 {done['sha256'][:16]}")

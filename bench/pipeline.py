"""Whole pipeline, bytes to picture, on a simulated sky: how many times real time one core carries.

    python -m bench.pipeline                      20,000 aircraft, 64 radars, 9 ADS-B receivers
    python -m bench.pipeline --aircraft 2000 --seconds 30 --json

The limit it is held against is real time: ratio = seconds of air time a CPU second. The bytes are made outside the
timing. As a peer, libasterix parses a sample of the very same CAT048 bytes in the same run.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from bench.machine import keep
from tenere import identify, track, watch
from tenere.cli import setting
from tenere.cli.world import home_borders
from tenere.config import Config
from tenere.exercise.config import ExerciseConfig
from tenere.feeds.exercise_feed import open_exercise
from tenere.pipeline import Pipeline, Source
from tenere.tick import Chunk, Tick
from tenere.wire import format as formats

if TYPE_CHECKING:
    from collections.abc import Callable

PEER_RECORDS = 1500


class Stages:
    """CPU seconds of each stage, by wrapping the functions that the pipeline calls."""

    def __init__(self) -> None:
        """Start at zero."""
        self.cpu_s: dict[str, float] = {}

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its CPU time counted under a name."""

        def run(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the stage takes
            start = time.process_time()
            out = function(*args, **named)
            self.cpu_s[name] = self.cpu_s.get(name, 0.0) + time.process_time() - start
            return out

        return run


def measure(aircraft: int, seconds: int, settle: int) -> dict[str, Any]:
    """Fly an exercise through the pipeline; return its figures over the last seconds of it."""
    exercise = ExerciseConfig(aircraft=aircraft)
    game = open_exercise(exercise)
    config = setting.with_exercise(Config(exercise=exercise), game)
    picture = Pipeline(config, home_borders(config))
    state = picture.init()
    stages = Stages()
    cpu_s = worst_s = 0.0
    plots = received = 0
    sample = []
    kept = {module: module.step for module in (track, identify, watch)}
    try:
        for k in range(settle + seconds):
            if k == settle:
                for module, function in kept.items():
                    module.step = stages.timed(module.__name__.rpartition(".")[2], function)
                for source in state.sources.values():
                    _time_decoder(source, stages)
            tick = Tick(k, exercise.start_s + k + 1.0, game.advance(exercise.start_s + k + 1.0))
            start = time.process_time()
            state, output = picture.step(state, tick)
            spent = time.process_time() - start
            if k >= settle:
                cpu_s += spent
                worst_s = max(worst_s, spent)
                plots += len(output.plots)
                received += sum(len(c.data) for c in tick.chunks)
                if len(sample) < PEER_RECORDS:
                    sample += [c.data for c in tick.chunks if c.data[:1] == b"\x30"]
            if k % 5 == 0:
                print(f"  second {k + 1} of {settle + seconds}: {len(output.tracks):,} tracks", file=sys.stderr)
    finally:
        for module, function in kept.items():
            module.step = function
    return {
        "aircraft": aircraft,
        "air_s": seconds,
        "cpu_s": round(cpu_s, 3),
        "times_real_time": round(seconds / cpu_s, 2),
        "plots_per_cpu_s": round(plots / cpu_s),
        "plots_per_air_s": round(plots / seconds),
        "worst_tick_s": round(worst_s, 3),
        "megabytes_per_air_s": round(received / seconds / 1e6, 3),
        "tracks": len(output.tracks),
        "stage_ms_per_tick": {name: round(1e3 * s / seconds, 1) for name, s in stages.cpu_s.items()},
        "peer": peer(sample),
    }


def _time_decoder(source: Source, stages: Stages) -> None:
    source.format = source.format._replace(step=stages.timed(f"decode {source.format.name}", source.format.step))


def peer(sample: list[bytes]) -> dict[str, Any]:
    """Parse CAT048 bytes by libasterix and by ours; return both rates and their ratio."""
    from asterix import base, generated  # noqa: PLC0415 - heavy, and only the peer

    edition = generated.manifest["CATS"][48][-1]
    blocks: list[bytes] = []
    for data in sample:
        at = 0
        while at + 3 <= len(data):
            size = int.from_bytes(data[at + 1 : at + 3], "big")
            if data[at] == 48:
                blocks.append(data[at : at + size])
            at += size
    ours = formats.load("asterix")
    chunk = Chunk.of("peer", blocks, 0.0)
    ours.step(ours.init(formats.SourceHint()), chunk, 0.0)
    start = time.process_time()
    _, decoded = ours.step(ours.init(formats.SourceHint()), chunk, 0.0)
    our_s = time.process_time() - start
    start = time.process_time()
    theirs = 0
    for block in blocks:
        parsed = base.RawDatablock.parse(base.Bits.from_bytes(block))
        records = edition.cv_uap.parse(parsed[0].get_raw_records()) if isinstance(parsed, list) else None
        theirs += len(records) if records is not None and not isinstance(records, ValueError) else 0
        if theirs > PEER_RECORDS:
            break
    their_s = time.process_time() - start
    return {
        "ours_records_per_cpu_s": round(decoded.records["CAT048"] / max(our_s, 1e-9)),
        "libasterix_records_per_cpu_s": round(theirs / max(their_s, 1e-9)),
        "ratio": round(decoded.records["CAT048"] / max(our_s, 1e-9) / max(theirs / max(their_s, 1e-9), 1e-9), 1),
    }


def main() -> None:
    """Measure, print, keep."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--aircraft", type=int, default=20_000)
    p.add_argument("--seconds", type=int, default=30, help="seconds of air time that are timed")
    p.add_argument("--settle", type=int, default=15, help="seconds flown before, untimed")
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    result = measure(args.aircraft, args.seconds, args.settle)
    path = keep("pipeline", result)
    if args.json:
        print(json.dumps(result, indent=2))
        return
    peer_s = result["peer"]
    ours, theirs = peer_s["ours_records_per_cpu_s"], peer_s["libasterix_records_per_cpu_s"]
    print(f"{result['aircraft']:,} aircraft, bytes to picture, one core:")
    print(f"  {result['times_real_time']} x real time: {result['plots_per_cpu_s']:,} plots a CPU second")
    print(f"  {result['plots_per_air_s']:,} plots arrive a second")
    print(f"  worst tick {1e3 * result['worst_tick_s']:.0f} ms of the 1,000 it may take; {result['tracks']:,} tracks")
    print("  ms a tick: " + ", ".join(f"{k} {v}" for k, v in result["stage_ms_per_tick"].items()))
    print(f"  CAT048 to columns: {ours:,} records/s, libasterix {theirs:,}: {peer_s['ratio']} x")
    print(f"kept in {path}")


if __name__ == "__main__":
    main()

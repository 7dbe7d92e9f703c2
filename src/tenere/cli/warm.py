"""tenere warm: compile every kernel once, so that no start waits for it."""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np

from tenere.cli import setting
from tenere.cli.output import say
from tenere.config import Config
from tenere.exercise.config import ExerciseConfig
from tenere.feeds.exercise_feed import open_exercise
from tenere.pipeline import Pipeline
from tenere.tick import Chunk, Tick
from tenere.wire import format as formats

TICKS = 40


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's sub-parsers have no public type
    """Add the command to the command line."""
    p = commands.add_parser(
        "warm",
        help="compile the kernels and tables into their caches (make setup does it)",
        description="Run a little of everything, so that numba's cache and the ASTERIX tables are ready before the first start.",
        epilog="examples:\n  tenere warm",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Step a short exercise and every decoder."""
    begun = time.monotonic()

    def tell(what: str) -> None:
        say(f"warming the caches: {what} ({time.monotonic() - begun:.0f} s)")

    for name in formats.names():
        tell(f"decoder {name}")
        chosen = formats.load(name)
        chosen.step(chosen.init(formats.SourceHint()), Chunk.of("warm", [bytes(64), b"\x30\x00\x04\x00"]), 0.0)
    tell("the exercise")
    exercise = ExerciseConfig()
    game = open_exercise(exercise)
    config = setting.with_exercise(Config(exercise=exercise), game)
    picture = Pipeline(config, setting.home_borders(config))
    state = picture.init()
    for k, time_s in enumerate(exercise.start_s + 1.0 + np.arange(TICKS)):
        chunks = game.advance(float(time_s))
        if k in (0, TICKS // 2):
            tell(f"the stages, tick {k + 1} of {TICKS}")
        state, _output = picture.step(state, Tick(k, float(time_s), chunks))
    tell("done")
    return 0

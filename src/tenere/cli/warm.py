"""tenere warm: compile every kernel once, so that no start waits for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from tenere.cli import setting
from tenere.cli.output import print_json, say
from tenere.config import Config
from tenere.exercise.config import ExerciseConfig
from tenere.feeds.exercise_feed import open_exercise
from tenere.pipeline import Pipeline
from tenere.tick import Chunk, Tick
from tenere.wire import format as formats

if TYPE_CHECKING:
    import argparse

TICKS = 40


def run(args: argparse.Namespace) -> int:
    """Step a short exercise and every decoder."""
    begun = time.monotonic()

    def tell(what: str) -> None:
        say(f"warming the caches: {what} ({time.monotonic() - begun:.0f} s)")

    for name in formats.names():
        tell(f"decoder {name}")
        chosen = formats.load(name)
        chunk = Chunk.of("warm", [bytes(64), b"\x30\x00\x04\x00"])
        chosen.step(chosen.init(formats.SourceHint()), chunk, 0.0)
        if chosen.details is not None:
            chosen.details(chosen.init(formats.SourceHint()), chunk, 0.0)
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
    if args.json:
        print_json({"formats": formats.names(), "ticks": TICKS, "seconds": round(time.monotonic() - begun, 1)})
    return 0

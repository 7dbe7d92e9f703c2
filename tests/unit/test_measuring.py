"""The measuring of sensors as a stage of the picture: it changes nothing, and can be left out."""

from __future__ import annotations

import hashlib

import msgspec
import numpy as np
import pytest

from tenere import config, measuring
from tenere.cli import setting
from tenere.config import Config
from tenere.errors import UsageError
from tenere.exercise.config import ExerciseConfig
from tenere.feeds.exercise_feed import open_exercise
from tenere.performance import PerformanceConfig, window
from tenere.pipeline import Pipeline
from tenere.tick import Tick

SECONDS = 40


@pytest.fixture(scope="module")
def flown():
    """Return the exercise's configuration and its first ticks."""
    exercise = ExerciseConfig()
    game = open_exercise(exercise)
    site = setting.with_exercise(Config(exercise=exercise), game)
    times = exercise.start_s + 1.0 + np.arange(SECONDS)
    return site, [Tick(k, float(t), game.advance(float(t))) for k, t in enumerate(times)]


def run(flown, **wanted):
    site, ticks = flown
    picture = Pipeline(msgspec.structs.replace(site, performance=PerformanceConfig(**wanted)))
    state, digest, plots = picture.init(), hashlib.sha256(), 0
    for tick in ticks:
        state, output = picture.step(state, tick)
        output.digest(digest)
        plots += len(output.plots)
    return state, digest.hexdigest(), plots


def test_the_picture_is_the_same_with_and_without(flown):
    on, with_it, plots = run(flown)
    off, without, _ = run(flown, window_s=0.0)
    sampled, in_turns, _ = run(flown, plots_s=20.0)
    assert with_it == without == in_turns
    assert off.measured is None
    assert sampled.measured.window.turns == window.most_turns(sampled.measured.window)
    counts = [window.sensor(on.measured.window, k) for k in range(len(on.measured.facts))]
    assert sum(s.counts["plots"] for s in counts if s) + on.measured.window.state.beyond == plots
    assert next(s.id for s in counts if s) == flown[0].sensor[0].id


def test_a_site_file_sets_it():
    found = config.parse("[performance]\nwindow_s = 0\nplots_s = 10\n")
    assert measuring.begin(found.performance) is None
    for wrong in ("window_s = -1", "window_s = nan", "plots_s = 0", "window = 3", "thresholds = 3"):
        with pytest.raises(UsageError):
            config.parse(f"[performance]\n{wrong}\n")


def test_a_primary_radars_range_is_compared_at_the_tracks_height(flown):
    state, _, _ = run(flown)
    held = state.measured
    k = [f.id for f in held.facts].index("DIF-R")
    found = window.sensor(held.window, k)
    assert found.group == "psr"
    assert found.residual_samples > 30
    assert abs(found.values["range_mean_m"]) < 100  # at a height that nobody measured it was 400 m off
    assert found.values["range_std_m"] < 250

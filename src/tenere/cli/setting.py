"""From what the user names to a configured picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tenere import config as configs
from tenere.cli.limits import SETTING, thresholds
from tenere.cli.output import say
from tenere.errors import UsageError
from tenere.exercise.config import ExerciseConfig
from tenere.feeds.exercise_feed import open_exercise
from tenere.track.config import TrackConfig

if TYPE_CHECKING:
    from pathlib import Path

    from tenere.config import Config
    from tenere.feeds.exercise_feed import ExerciseFeed


def site(path: Path | None, *, live: bool = False) -> Config:
    """Load a site file; without one, the built-in exercise."""
    if path is None:
        return configs.Config(exercise=ExerciseConfig())
    config = configs.load(path)
    if config.performance.thresholds:
        file = path.parent / config.performance.thresholds
        thresholds(file, f"{path}: {SETTING}:")
        config = msgspec.structs.replace(config, performance=msgspec.structs.replace(config.performance, thresholds=str(file.resolve())))
    terrain = tuple(t if t == "demo" else str((path.parent / t).resolve()) for t in config.coverage.terrain)
    config = msgspec.structs.replace(config, coverage=msgspec.structs.replace(config.coverage, terrain=terrain))
    if not config.source and config.exercise is None and live:
        say(f"tenere: {path} names no [[source]] and no [exercise]: the picture stays empty")
    return config


def without(config: Config, features: str) -> Config:
    """Return the configuration with features (comma-separated) withheld from the tracker."""
    names = [f.strip() for f in features.split(",") if f.strip()]
    known = TrackConfig().features
    for f in names:
        if f not in known:
            raise UsageError(f"--without {f}: there is no such feature; there are {', '.join(known)}")
    track = msgspec.structs.replace(config.track, features=tuple(f for f in config.track.features if f not in names))
    return msgspec.structs.replace(config, track=track)


def with_exercise(config: Config, game: ExerciseFeed) -> Config:
    """Return the configuration with the exercise's own feeds, sensors, plans and centre."""
    place = msgspec.structs.replace(
        config.site, name=game.name, centre_lat_deg=game.centre_lat_deg, centre_lon_deg=game.centre_lon_deg, zoom=5.2
    )
    return msgspec.structs.replace(config, site=place, source=tuple(game.sources), sensor=tuple(game.sensors), plan=tuple(game.plans))


def complete(config: Config) -> Config:
    """Return the configuration as a tick log keeps it: whole, so that a replay needs nothing else."""
    return config if config.exercise is None else with_exercise(config, open_exercise(config.exercise))

"""From what the user names to a configured picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tenere import config as configs
from tenere.airspace import formats
from tenere.airspace import setting as airspace_setting
from tenere.airspace.limits import AirspaceError
from tenere.cli.limits import SETTING, thresholds
from tenere.cli.output import Progress, say
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
    if config.serve.accounts:
        accounts = str((path.parent / config.serve.accounts).resolve())
        config = msgspec.structs.replace(config, serve=msgspec.structs.replace(config.serve, accounts=accounts))
    config = airspace(config, path)
    if not config.source and config.exercise is None and live:
        say(f"tenere: {path} names no [[source]] and no [exercise]: the picture stays empty")
    return config


def airspace(config: Config, path: Path) -> Config:
    """Return the configuration with the volumes of its airspace files, so that a tick log holds them whole.

    A volume whose id another has already gets its file's name before its own. Raises UsageError naming a bad file.
    """
    if not config.airspace.files:
        return config
    volumes = list(config.volume)
    ids = {v.id for v in volumes}
    for name in config.airspace.files:
        file = path.parent / name
        try:
            with file.open("rb") as f:
                data = f.read(formats.MOST_BYTES + 1)
            progress = Progress(f"reading {file.name}", 1.0)
            _, read = formats.read_any(data, str(file), keep_going=config.airspace.keep_going, tell=progress.at)
            progress.end()
        except (OSError, ValueError) as e:  # ValueError: a name with a null byte
            raise UsageError(f"{path}: airspace.files: {name}: cannot be read: {getattr(e, 'strerror', None) or e}") from e
        except AirspaceError as e:
            raise UsageError(f"{path}: airspace.files: {e}") from e
        if read.refused:
            say(f"tenere: {file}: {len(read.refused)} volumes were left out: tenere airspace check names them")
        for v in read.volumes:
            chosen, number = v.id, 1
            while chosen in ids:
                number += 1
                chosen = f"{file.stem} {v.id}"[:56] + (f" #{number}" if number > 2 else "")
            ids.add(chosen)
            volumes.append(msgspec.structs.replace(v, id=chosen))
    made = msgspec.structs.replace(config, volume=tuple(volumes))
    if said := airspace_setting.problem(made.airspace, made.volume):
        raise UsageError(f"{path}: {said}")
    return made


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
    told = game.scenario.told
    airspace = msgspec.structs.replace(config.airspace, stations=tuple(told.stations)) if told.stations else config.airspace
    ids = {v.id for v in told.volume}
    volumes = (*told.volume, *(v for v in config.volume if v.id not in ids))
    return msgspec.structs.replace(
        config,
        site=place,
        source=tuple(game.sources),
        sensor=tuple(game.sensors),
        plan=tuple(game.plans),
        volume=volumes,
        airspace=airspace,
    )


def without_accounts(config: Config) -> Config:
    """Return the configuration without the file of who may sign in: it is the machine's, and no part of a record."""
    return msgspec.structs.replace(config, serve=msgspec.structs.replace(config.serve, accounts=""))


def complete(config: Config) -> Config:
    """Return the configuration as a tick log keeps it: whole, so that a replay needs nothing else; who may sign in stays out of it."""
    config = without_accounts(config)
    return config if config.exercise is None else with_exercise(config, open_exercise(config.exercise))

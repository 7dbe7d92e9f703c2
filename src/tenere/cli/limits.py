"""The limits that sensors are judged by: those of the package, with the user's own file laid over them."""

from __future__ import annotations

import importlib.resources
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from tenere import performance
from tenere.cli.output import say
from tenere.errors import UsageError

if TYPE_CHECKING:
    from tenere.config import Config
    from tenere.performance import Thresholds

OPTION, SETTING = "--thresholds", "performance.thresholds"


def thresholds(path: Path | None, named: str = OPTION) -> Thresholds:
    """Return the table of the package, with a user's file laid over it; raise UsageError where that does not read.

    named: where the user named the file, for the message.
    """
    packed = importlib.resources.files("tenere.performance") / "thresholds.toml"
    table = performance.parse(tomllib.loads(packed.read_text(encoding="utf-8")), "thresholds.toml")
    if path is None:
        return table
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as e:
        raise UsageError(f"{named} {path}: cannot be read: {e.strerror or e}") from e
    except (ValueError, RecursionError) as e:
        raise UsageError(f"{named} {path}: not valid TOML: {e}") from e
    return performance.merged(table, own, f"{named} {path}")


def of_site(config: Config) -> Thresholds:
    """Return the table that a site names. Where its file is not there (a log replayed elsewhere), say so and return the package's."""
    name = config.performance.thresholds
    try:
        return thresholds(Path(name) if name else None, SETTING)
    except UsageError as e:
        say(f"tenere: {e}; the limits as shipped serve")
        return thresholds(None)

"""The record: tick logs written, verified and read back; tables for analysis."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tenere.record.ticklog import Reader, TickLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tenere.tick import Tick

__all__ = ["Reader", "TickLog", "replay"]


def replay(path: str | Path) -> Iterator[Tick]:
    """Yield the ticks of a tick log."""
    yield from Reader(Path(path))

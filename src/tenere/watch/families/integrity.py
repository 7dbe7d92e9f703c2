"""What an aircraft broadcasts is contradicted by what is measured: spoofing, a fault aboard, or somebody else who speaks for it.

The alert is about the broadcast, not about the flight: who is civil or protected stays so, and the words say what may be the cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenere.batch import Integrity, Severity
from tenere.watch.naming import name_of
from tenere.watch.view import Because, Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tenere.watch.config import WatchConfig
    from tenere.watch.view import View
    from tenere.world import World

RULES = {"broadcast_contradicted": (Severity.CAUTION,)}
"""Every rule of this family, and how grave its alerts may be."""
REASONS = ("integrity_contradicted", "because.civil", "because.protected")


def init(_config: WatchConfig, _world: World) -> None:
    """Return what the family carries from tick to tick: nothing."""


def step(_state: None, view: View) -> Iterator[Condition]:
    """Yield a condition for each watched, trusted track whose broadcast is contradicted."""
    who = view.identities
    for row in view.rows[(who.integrity[view.rows] == Integrity.CONTRADICTED) & view.trusted[view.rows]].tolist():
        because = [Because("integrity_contradicted", 1.0, b"", b"identity")]
        if who.protected[row] or who.civil[row]:
            because.append(Because("because.protected" if who.protected[row] else "because.civil", -1.0, b"", b"identity"))
        number, hold_s = int(view.tracks.number[row]), view.config.hold_s
        yield Condition(
            "broadcast_contradicted", Severity.CAUTION, number, -1, name_of(view.tracks, row), hold_s, because=tuple(because), rise_s=2.0
        )

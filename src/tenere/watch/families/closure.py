"""Closures of airspace: a risk that was noted and not decided on, and the stations that have not acknowledged a closure.

Malaysia Airlines 17 flew where a risk was known and nobody weighed it; over Azerbaijan Airlines 8243 the closure came eight minutes late.
So a note stands on the list until somebody closes or drops it, growing graver as any alert that nobody takes; and who has not said that
they know of a closure is named, each on their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenere.airspace.closure import NOTED
from tenere.batch import Severity
from tenere.watch.view import Because, Condition
from tenere.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tenere.watch.config import WatchConfig
    from tenere.watch.view import View
    from tenere.world import World

RULES = {"closure_pending": (Severity.CAUTION,), "closure_unacknowledged": (Severity.WARNING,)}
"""Every rule of this family, and how grave its alerts may be."""
REASONS = ("closure_noted", "closure_closed")


def init(_config: WatchConfig, _world: World) -> None:
    """Return what the family carries from tick to tick: nothing."""


def step(_state: None, view: View) -> Iterator[Condition]:
    """Yield a condition for each note that waits, and for each station that is late."""
    closures = view.closures
    if closures is None or not closures.version:
        return
    rows = {row.id: row for row in closures.rows(view.time_s)}
    for row in rows.values():
        if row.state == NOTED:
            because = (Because("closure_noted", 1.0, b"|".join((clean(row.noted.by, 12), clean(row.text, 34))), b"person"),)
            detail = b"|".join((clean(row.id, 16), clean(row.text, 31)))
            yield Condition("closure_pending", Severity.CAUTION, 0, -1, detail, 0.0, volume=_key(row.id), because=because)
    for late in closures.overdue(view.time_s):
        row = rows[late.closure]
        because = (Because("closure_closed", 1.0, b"|".join((clean(row.closed.by, 12), clean(row.id, 34))), b"person"),)
        detail = b"|".join((clean(late.station, 24), clean(row.id, 23)))
        where = _key(f"{row.id}/{late.station}")
        yield Condition("closure_unacknowledged", Severity.WARNING, 0, -1, detail, 0.0, volume=where, because=because)


def _key(name: str) -> bytes:
    """Return what keeps the alerts of different closures and stations apart, in the column of the volume."""
    return clean(name, 64)

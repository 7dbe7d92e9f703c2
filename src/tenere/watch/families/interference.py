"""Where satellite navigation is disturbed: an alert for each region that identity's integrity check finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenere.batch import Severity
from tenere.watch.view import Because, Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tenere.watch.config import WatchConfig
    from tenere.watch.view import View
    from tenere.world import World

RULES = {"gnss_interference": (Severity.CAUTION,)}
"""Every rule of this family, and how grave its alerts may be."""
REASONS = ("gnss_accuracy",)


def init(_config: WatchConfig, _world: World) -> None:
    """Return what the family carries from tick to tick: nothing."""


def step(_state: None, view: View) -> Iterator[Condition]:
    """Yield a condition for each disturbed region; the alert is known by the region's place."""
    for r in view.regions:
        place = f"{r.lat_deg:+.2f} {r.lon_deg:+.2f}".encode()
        detail = b"|".join((place, f"{r.side_deg:g}".encode(), f"{100 * r.share:.0f}".encode(), str(r.aircraft).encode()))
        because = (Because("gnss_accuracy", 1.0, b"|".join((str(r.aircraft).encode(), f"{100 * r.share:.0f}".encode())), b"ADS-B"),)
        hold_s = view.config.emergency_hold_s
        yield Condition("gnss_interference", Severity.CAUTION, 0, -1, detail, hold_s, volume=b"region " + place, because=because)

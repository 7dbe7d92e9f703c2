"""The alert stage: what somebody should look at, and when they did.

Rules look only at confirmed, live tracks of our own. A condition raises an alert, which lives until the condition has
been false for a while; see ``ledger``. Commands acknowledge alerts; they come from outside and are not trusted: what
cannot be read is counted, and nothing raises.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.errors import Rejects
from tenere.watch import rules
from tenere.watch.config import SensorHealth
from tenere.watch.crossing import Frontier, crossed
from tenere.watch.ledger import Ledger
from tenere.words import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.batch import Alerts, Identities, Tracks
    from tenere.geo.borders import Borders
    from tenere.plans import Plan
    from tenere.watch.config import WatchConfig


@dataclass
class State:
    """Everything the stage carries from tick to tick; a step may reuse it."""

    config: WatchConfig
    frontier: Frontier
    plans: tuple[Plan, ...]
    ledger: Ledger
    rejects: Rejects = field(default_factory=Rejects)


def init(config: WatchConfig, borders: Borders, plans: tuple[Plan, ...] = ()) -> State:
    """Return the state before the first tick.

    borders: the home country's first (without any, no border is watched); plans: the list that
    ``Identities.plan`` numbers, for the names of protected flights.
    """
    return State(config, Frontier.of(borders), plans, Ledger(max(1, config.max_alerts)))


def replan(state: State, plans: tuple[Plan, ...]) -> State:
    """Take a new list of plans, of which the rows already known keep their places."""
    state.plans = plans
    return state


def step(
    state: State,
    tracks: Tracks,
    identities: Identities,
    time_s: float,
    sensors: SensorHealth | None = None,
    commands: Sequence[dict[str, Any]] = (),
) -> tuple[State, Alerts]:
    """Apply every rule at the end of a tick; return the state and all live alerts.

    identities: row for row with tracks. Commands act on the alerts that the tick before showed.
    """
    for command in commands:
        _obey(state, command, time_s)
    config = state.config
    rows = np.flatnonzero(rules.watched(tracks))
    across, entered = crossed(state.frontier, config, tracks, rows, time_s)
    conditions = [
        *rules.emergencies(config, tracks, rows),
        *rules.troubled_sensors(config, sensors or SensorHealth.none()),
        *rules.crossings(config, state.frontier.home_state, tracks, identities, across, entered),
        *rules.protected_flights(config, tracks, identities, rows, state.plans),
    ]
    state.ledger.hold(conditions, time_s)
    return state, state.ledger.columns()


def _obey(state: State, command: object, time_s: float) -> None:
    """Carry out {"kind": "acknowledge", "alert", "by"}, or count why not; pass over other kinds."""
    if not isinstance(command, dict):
        state.rejects.add("command that is no table")
        return
    if command.get("kind") != "acknowledge":
        return
    number, by = command.get("alert"), clean(command.get("by"), 24)
    if isinstance(number, bool) or not isinstance(number, int):
        state.rejects.add("acknowledgement without an alert number")
    elif not by:
        state.rejects.add("acknowledgement without a name")
    else:
        why_not = state.ledger.acknowledge(number, by, time_s)
        if why_not:
            state.rejects.add(why_not)

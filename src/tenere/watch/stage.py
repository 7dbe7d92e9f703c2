"""The alert stage: what somebody should look at, and when they did.

Rules look only at confirmed, live tracks of our own. A condition raises an alert, which lives until the condition has
been false for a while; see ``ledger``. Commands act on alerts and enter what persons know; they come from outside and are not
trusted: what cannot be read is counted, and nothing raises.
"""

from __future__ import annotations

import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from tenere.airspace.book import Book, Change, VolumeRow
from tenere.airspace.closure import ClosureRow, Closures
from tenere.airspace.setting import AirspaceConfig
from tenere.batch import Severity, TrackFlag
from tenere.errors import Rejects
from tenere.watch import attention, orders
from tenere.watch.config import RuleConfig, SensorHealth
from tenere.watch.distress import Distress
from tenere.watch.entered import Entered
from tenere.watch.families import FAMILIES, movements
from tenere.watch.ledger import OVERFLOW_RULE, Ledger
from tenere.watch.view import Region, View
from tenere.words import clean
from tenere.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.airspace.model import Volume
    from tenere.batch import Alerts, Evidence, Identities, Tracks
    from tenere.plans import Plan
    from tenere.watch.config import WatchConfig

RULES: dict[str, tuple[Severity, ...]] = {
    **{rule: grave for family in FAMILIES for rule, grave in family.rules.items()},
    **attention.RULES,
    OVERFLOW_RULE: (Severity.WARNING,),
}
"""Every rule this stage may give, and how grave its alerts may be; each is a key of the phrase book."""
REASONS = tuple(dict.fromkeys([reason for family in FAMILIES for reason in family.reasons] + [*attention.REASONS, "because.full"]))
"""Every rule that the evidence of an alert may name, beside RULES; each is a key of the phrase book too."""


EDITS = 200
"""Edits of the rules that are kept, the latest of them."""


class RuleEdit(NamedTuple):
    """One edit of the rules by a person: what each rule was set to before, and since."""

    time_s: float
    by: str
    signed: bool
    before: dict[str, RuleConfig]
    after: dict[str, RuleConfig]


@dataclass
class State:
    """Everything the stage carries from tick to tick; a step may reuse it."""

    config: WatchConfig
    world: World
    plans: tuple[Plan, ...]
    ledger: Ledger
    families: list[Any]
    book: Book
    closures: Closures
    entered: Entered = field(default_factory=Entered)
    distress: Distress = field(default_factory=Distress)
    rejects: Rejects = field(default_factory=Rejects)
    edits: deque[RuleEdit] = field(default_factory=lambda: deque(maxlen=EDITS))


class Watched(NamedTuple):
    """What the stage says at the end of a tick: the alerts, and the evidence of each."""

    alerts: Alerts
    evidence: Evidence


class AirspaceTold(NamedTuple):
    """The airspace as it stands, for people. movements: take-offs and landings, the latest last.

    drawn: rises with every change of what volumes there are and where. stations: who must acknowledge closures, within acknowledge_s.
    """

    time_s: float
    version: int
    drawn: int
    stations: tuple[str, ...]
    acknowledge_s: float
    volumes: tuple[VolumeRow, ...]
    closures: tuple[ClosureRow, ...]
    changes: tuple[Change, ...]
    movements: tuple[dict[str, Any], ...]


def told(state: State, time_s: float) -> AirspaceTold:
    """Return the airspace as it stands."""
    moved = _movements(state)
    return AirspaceTold(
        time_s,
        state.book.version + state.closures.version,
        state.book.drawn,
        state.closures.stations,
        state.closures.acknowledge_s,
        state.book.rows(time_s),
        state.closures.rows(time_s),
        tuple(state.book.history),
        movements.plain(moved.log) if moved is not None else (),
    )


def airspace_mark(state: State, time_s: float) -> int:
    """Return a number that differs once what ``told`` says differs: by a person, a schedule, a station that is late, a movement."""
    active = zlib.crc32(state.book.active_at(time_s).tobytes())
    late = [(o.closure, o.station) for o in state.closures.overdue(time_s)] if state.closures.version else []
    moved = _movements(state)
    latest = moved.log[-1].time_s if moved is not None and moved.log else 0.0
    return zlib.crc32(repr((state.book.version, state.closures.version, late, len(moved.log) if moved else 0, latest)).encode(), active)


def _movements(state: State) -> movements.State | None:
    return next((s for f, s in zip(FAMILIES, state.families, strict=True) if f.name == "movements"), None)


def init(
    config: WatchConfig,
    world: World | None = None,
    plans: tuple[Plan, ...] = (),
    volumes: Sequence[Volume] = (),
    airspace: AirspaceConfig | None = None,
) -> State:
    """Return the state before the first tick.

    world: borders (the home country's first; without any, no border is watched), ground, aerodromes; plans: the list that
    ``Identities.plan`` numbers, for the names of protected flights; volumes: the site's airspace, by rising id; airspace: the stations
    that acknowledge closures, and in what time.
    """
    world, airspace = world or World(), airspace or AirspaceConfig()
    closures = Closures(airspace.stations, airspace.acknowledge_s)
    families = [family.init(config, world) for family in FAMILIES]
    return State(config, world, plans, Ledger(config), families, Book.of(volumes), closures)


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
    regions: tuple[Region, ...] = (),
) -> tuple[State, Watched]:
    """Apply every rule at the end of a tick; return the state, all live alerts and their evidence.

    identities: row for row with tracks. Commands act on the alerts that the tick before showed.
    """
    for command in commands:
        orders.obey(state.ledger, state.entered, command, time_s, state.rejects)
        _set_rules(state, command, time_s)
    state.entered.forget(time_s)
    if commands:
        state.book.step(commands, time_s)
        state.closures.step(state.book, commands, time_s)
    rows = np.flatnonzero(watched(tracks))
    state.distress.step(tracks, rows, time_s, state.config.emergency_hold_s)
    view = View(
        config=state.config,
        world=state.world,
        time_s=time_s,
        tracks=tracks,
        identities=identities,
        rows=rows,
        trusted=_trusted(tracks, sensors or SensorHealth.none()),
        plans=state.plans,
        sensors=sensors or SensorHealth.none(),
        volumes=state.book.volumes,
        active=state.book.active_at(time_s),
        entered=state.entered,
        closures=state.closures,
        regions=regions,
        distress=state.distress,
    )
    conditions = [c for family, held in zip(FAMILIES, state.families, strict=True) for c in family.step(held, view)]
    conditions += attention.propose(view, conditions)
    state.ledger.hold(conditions, time_s)
    return state, Watched(state.ledger.columns(), state.ledger.evidence())


def watched(tracks: Tracks) -> NDArray[np.bool_]:
    """Tell which tracks are watched: confirmed and our own, neither another system's nor simulated, tested or ended."""
    wanted = tracks.flags & (TrackFlag.CONFIRMED | TrackFlag.SYSTEM | TrackFlag.NOT_LIVE | TrackFlag.ENDED)
    return np.asarray(wanted == TrackFlag.CONFIRMED)


def _trusted(tracks: Tracks, sensors: SensorHealth) -> NDArray[np.bool_]:
    """Tell which tracks some sensor that is not untrusted has seen lately; those no numbered sensor has seen count as trusted."""
    wrong = 0
    for sensor in sensors.sensor[sensors.untrusted].tolist() if sensors.untrusted.size else ():
        wrong |= 1 << sensor if 0 <= sensor < 64 else 0
    bits = tracks.sensors
    return np.asarray((bits == 0) | ((bits & np.uint64(~wrong & 0xFFFF_FFFF_FFFF_FFFF)) != 0))


def _set_rules(state: State, command: object, time_s: float) -> None:
    """Take a supervisor's edit of the rules, whole or not at all: {"kind": "rules", "set": {rule: {...}}, "by"}."""
    if not isinstance(command, dict) or command.get("kind") != "rules":
        return
    edited = orders.read_rules(command, RULES, state.rejects)
    if edited is not None:
        held = {name: state.config.rules.get(name, RuleConfig()) for name in edited}
        state.edits.append(RuleEdit(time_s, clean(command.get("by"), 24).decode(), command.get("signed") is True, held, edited))
        state.config = msgspec.structs.replace(state.config, rules={**state.config.rules, **edited})
        state.ledger.config = state.config

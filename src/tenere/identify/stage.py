"""The identity stage: who each track is believed to be, and why.

The rules, in order:

1. A track is *civil by presumption* when a flight plan belongs to it, or two signs of a civil flight agree: an address
   out of a State's block, a callsign, a civil kind of aircraft, an answer to interrogation, a broadcast position.
2. It is *protected* when its plan's special handling says so. Protection and civil status stay with the track number
   through coasting and changes of code, and with the address when a track is lost and begins again.
3. Civil or protected is *neutral*; with a home operator's or a home state flight's plan that agrees, *assumed friend*.
4. Otherwise it is *unknown*, or *pending* for its first seconds while nothing at all is known of it.
5. Only a person sets *friend* or *suspect*; suspect needs a reason, and is refused, or withdrawn, while the flight
   is civil or protected. No silence and no missing transponder ever makes a suspect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.batch import Evidence, Identities, Identity, Tracks
from tenere.errors import Rejects
from tenere.identify import orders
from tenere.identify.allocation import ICAO, states_of
from tenere.identify.correlate import Match, PlanIndex
from tenere.identify.known import ADSB, NOT_DECIDED, TRANSPONDER, Known, admit, find, take_in
from tenere.identify.reasons import BY_PERSON, RULE_BYTES, RULE_NUMBER, Pieces, carry_since, civil_kind, gather
from tenere.words import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.batch import I64, U32
    from tenere.identify.config import IdentifyConfig
    from tenere.plans import Plan


class Memory(NamedTuple):
    """What an address keeps when its track is lost. protector: row of the plan that protects it, -1 none."""

    protector: int
    civil: bool
    touched_s: float


Notes = dict[tuple[int, str], bytes]
"""What commands add to the evidence in one tick: (track number, rule) to its words; the last word stands."""


@dataclass
class State:
    """Everything the stage carries from tick to tick; a step may reuse it."""

    config: IdentifyConfig
    plans: PlanIndex
    known: Known = field(default_factory=Known.blank)
    pieces: Pieces = field(default_factory=Pieces.none)
    memory: dict[int, Memory] = field(default_factory=dict)
    rejects: Rejects = field(default_factory=Rejects)
    next_expiry_s: float = float("inf")
    replanned: bool = False


def init(config: IdentifyConfig, plans: tuple[Plan, ...] = ()) -> State:
    """Return the state before the first tick; ``Identities.plan`` will number the rows of these plans."""
    return State(config, PlanIndex.of(plans, config.home_operators))


def replan(state: State, plans: Sequence[Plan], active: Sequence[bool]) -> State:
    """Take a new list of plans, of which the rows already known keep their places; the next step considers every track again."""
    state.plans = PlanIndex.of(plans, state.config.home_operators, active)
    state.replanned = True
    return state


def guarded(state: State) -> U32:
    """Return the numbers, ascending, of all that is civil by presumption or protected."""
    return np.asarray(state.known.number[(state.known.civil != 0) | (state.known.protected != 0)])


def step(
    state: State,
    tracks: Tracks,
    time_s: float,
    commands: Sequence[dict[str, Any]] = (),
    same: Sequence[tuple[int, int]] = (),
) -> tuple[State, Identities, Evidence]:
    """Identify every track of a tick.

    same: pairs of numbers that persons called one aircraft, or parts of one: civil status and protection of either become the
    other's, and stay with it.

    Returns the state, one row of Identities for each row of Tracks, and all evidence about them (also about numbers
    unseen for up to forget_s). Commands that cannot be obeyed are counted in ``state.rejects``; nothing raises.
    """
    state.known, dropped, fresh = admit(state.known, tracks, time_s, state.config.forget_s)
    if len(dropped):
        _remember(state, dropped, time_s)
        state.pieces = state.pieces.take(find(dropped.number, state.pieces.rows.number) < 0)
    at = find(state.known.number, tracks.number)
    rows = np.union1d(take_in(state.known, at, tracks), find(state.known.number, fresh))
    if state.replanned:
        rows, state.replanned = np.arange(len(state.known)), False
    notes: Notes = {}
    if rows.size:
        _consider(state, rows, time_s, notes)
    for pair in same:
        _share(state, pair, time_s, notes)
    for command in commands:
        _obey(state, command, notes)
    if notes or state.next_expiry_s <= time_s:
        _write(state, notes, time_s)
    return state, _judge(state, at, tracks, time_s), state.pieces.rows


def _consider(state: State, rows: I64, time_s: float, notes: Notes) -> None:
    """Work out plan, civil status, protection and evidence of the rows whose inputs changed."""
    known, plans = state.known, state.plans
    one = known.take(rows)
    one.state[:] = states_of(one.address)
    plan, how = plans.match(one.callsign, one.address, one.remote_id)
    one.plan[:] = np.where(plan >= 0, plan, one.plan)
    if plans.callsign.size:
        filed = np.maximum(one.plan, 0)
        of_plan = one.plan >= 0
        one.protector[:] = np.where(of_plan & plans.protected[filed], one.plan, one.protector)
        at_home = plans.home[filed] | (plans.state_flight[filed] & (one.state == state.config.home_state.encode()))
        agrees = (how & (Match.CALLSIGN | Match.ADDRESS)) != 0
        differs = (how & (Match.CALLSIGN_DIFFERS | Match.ADDRESS_DIFFERS)) != 0
        one.home[:] = of_plan & at_home & agrees & ~differs
    addressed = (one.address > 0) & (one.state != b"")
    signs = (addressed, one.callsign != b"", civil_kind(one.aircraft_class), (one.signs & TRANSPONDER) != 0, (one.signs & ADSB) != 0)
    civil = (one.plan >= 0) | (np.sum(signs, axis=0) >= 2)
    one.civil[:] |= civil
    _recall(state, one, time_s)
    one.plan[:] = np.where(one.plan >= 0, one.plan, one.protector)
    one.protected[:] = one.protector >= 0
    one.evident[:] = np.any(signs, axis=0) | (one.protected != 0) | (one.civil != 0) | (one.code != 0) | (one.remote_id != b"")

    found = gather(state.config, plans, one, how, (one.civil != 0) & ~civil, time_s)
    about = find(one.number, state.pieces.rows.number) >= 0
    carry_since(found, state.pieces.take(about))
    state.pieces = state.pieces.take(~about | (state.pieces.rule >= BY_PERSON)).plus(found)
    one.log_odds[:] = np.bincount(find(one.number, found.rows.number), found.rows.weight, minlength=rows.size)
    withdrawn = (one.decided == Identity.SUSPECT) & ((one.civil != 0) | (one.protected != 0))
    one.decided[withdrawn] = NOT_DECIDED
    for row in np.flatnonzero(withdrawn):
        notes[int(one.number[row]), "suspect_withdrawn"] = _why(one, int(row))
    for name in ("state", "plan", "protector", "protected", "civil", "home", "evident", "log_odds", "decided"):
        getattr(known, name)[rows] = getattr(one, name)
    _remember(state, one, time_s)


def _share(state: State, pair: tuple[int, int], time_s: float, notes: Notes) -> None:
    """Give both of two numbers what protects either."""
    known = state.known
    rows = find(known.number, np.array(pair, np.uint32))
    if (rows < 0).any():
        return
    civil, protector = known.civil[rows].max(), known.protector[rows].max()
    lacks = (known.civil[rows] != civil) | ((known.protector[rows] < 0) & (protector >= 0))
    known.civil[rows] = civil
    known.protector[rows] = np.where(known.protector[rows] < 0, protector, known.protector[rows])
    if lacks.any():
        _consider(state, np.sort(rows[lacks]), time_s, notes)


def _recall(state: State, one: Known, time_s: float) -> None:
    """Give tracks back what their address kept (in place)."""
    if not state.memory:
        return
    for row in np.flatnonzero((one.address > 0) & (one.live != 0)):
        kept = state.memory.get(int(one.address[row]))
        if kept is not None and time_s - kept.touched_s <= state.config.memory_s:
            one.civil[row] |= kept.civil
            if one.protector[row] < 0:
                one.protector[row] = kept.protector


def _remember(state: State, rows: Known, time_s: float) -> None:
    """Keep by address what is known of some tracks, the latest touched last; the oldest go beyond the limit."""
    memory = state.memory
    for row in np.flatnonzero((rows.address > 0) & (rows.live != 0) & ((rows.protected != 0) | (rows.civil != 0))):
        address, protector, civil = int(rows.address[row]), int(rows.protector[row]), bool(rows.civil[row])
        before = memory.pop(address, None)
        if before is not None and time_s - before.touched_s <= state.config.memory_s:
            protector = before.protector if protector < 0 else protector
            civil |= before.civil
        memory[address] = Memory(protector, civil, time_s)
    while len(memory) > state.config.memory_limit:
        del memory[next(iter(memory))]


def _obey(state: State, command: object, notes: Notes) -> None:
    """Carry out what a person decided of one track, or count why not."""
    known = state.known
    order = orders.read(command, state.rejects)
    if order is None:
        return
    row = int(find(known.number, np.array([order.track], np.uint32))[0]) if 0 <= order.track < 1 << 32 else -1
    if row < 0:
        state.rejects.add("identity command for a track that is not there")
    elif order.identity == Identity.SUSPECT and (known.civil[row] or known.protected[row]):
        why = _why(known, row)
        state.rejects.add(f"suspect refused: {why.decode()} flight")
        notes[order.track, "suspect_refused"] = why + b"|" + order.by
    else:
        known.decided[row] = order.identity
        notes[order.track, "person_set"] = _said(order)


def _write(state: State, notes: Notes, time_s: float) -> None:
    """Put notes among the evidence, each in place of the same rule's last word on its track; drop what has expired."""
    numbers = np.array([number for number, _ in notes], np.uint32)
    rules = np.array([RULE_NUMBER[rule] for _, rule in notes], np.uint8)
    lasting = rules == BY_PERSON
    rows = Evidence.blank(
        len(notes),
        number=numbers,
        rule=RULE_BYTES[rules],
        weight=0.0,
        since_s=time_s,
        expires_s=np.where(lasting, np.nan, time_s + state.config.notice_s),
        detail=np.array(list(notes.values()), "S48"),
    )
    said = state.pieces.rows.number.astype(np.int64) * 256 + state.pieces.rule
    stale = np.isin(said, numbers.astype(np.int64) * 256 + rules) | (state.pieces.rows.expires_s <= time_s)
    state.pieces = state.pieces.take(~stale).plus(Pieces(rows, rules))
    left = state.pieces.rows.expires_s
    state.next_expiry_s = float(np.min(left[~np.isnan(left)], initial=np.inf))


def _said(order: orders.Order) -> bytes:
    word = b"automatic" if order.identity == orders.AUTOMATIC else Identity(order.identity).name.lower().encode()
    return shortened(word + b"|" + order.by + b"|" + order.reason, 48)


def _why(known: Known, row: int) -> bytes:
    return b"protected" if known.protected[row] else b"civil"


def _judge(state: State, at: I64, tracks: Tracks, time_s: float) -> Identities:
    """Give each track its identity by the rules at the head of this module."""
    known = state.known.take(at)
    presumed = (known.civil != 0) | (known.protected != 0)
    young = time_s - tracks.first_s < state.config.pending_s
    identity = np.where(young & (known.evident == 0), Identity.PENDING, Identity.UNKNOWN)
    identity = np.where(presumed, Identity.NEUTRAL, identity)
    identity = np.where(presumed & (known.home != 0), Identity.ASSUMED_FRIEND, identity)
    decided = known.decided != NOT_DECIDED
    identity = np.where(decided, known.decided, identity)
    assert not ((identity == Identity.SUSPECT) & presumed).any(), "a civil or protected flight is suspect"
    civil_odds = 1.0 / (1.0 + np.exp(-np.clip(known.log_odds.astype(np.float64), -30.0, 30.0)))
    confidence = np.where(presumed, civil_odds, 1.0 - civil_odds)
    return Identities(
        number=tracks.number.astype(np.uint32),
        identity=identity.astype(np.uint8),
        confidence=np.where(decided, 1.0, confidence).astype(np.float32),
        protected=known.protected,
        civil=known.civil,
        state=np.where(known.state == ICAO.encode(), b"", known.state).astype("S2"),
        plan=known.plan,
        integrity=np.zeros(len(known), np.uint8),
    )

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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.batch import I64
    from tenere.identify.config import IdentifyConfig
    from tenere.plans import Plan


class Memory(NamedTuple):
    """What an address keeps when its track is lost."""

    plan: int
    protected: bool
    civil: bool
    touched_s: float


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


def init(config: IdentifyConfig, plans: tuple[Plan, ...] = ()) -> State:
    """Return the state before the first tick; ``Identities.plan`` will number the rows of these plans."""
    return State(config, PlanIndex.of(plans, config.home_operators))


def step(
    state: State, tracks: Tracks, time_s: float, commands: Sequence[dict[str, Any]] = ()
) -> tuple[State, Identities, Evidence]:
    """Identify every track of a tick.

    Returns the state, one row of Identities for each row of Tracks, and all evidence about them (also about numbers
    unseen for up to forget_s). Commands that cannot be obeyed are counted in ``state.rejects``; nothing raises.
    """
    state.known, dropped, fresh = admit(state.known, tracks, time_s, state.config.forget_s)
    if len(dropped):
        _remember(state, dropped, time_s)
        state.pieces = state.pieces.take(find(dropped.number, state.pieces.rows.number) < 0)
    at = find(state.known.number, tracks.number)
    rows = np.union1d(take_in(state.known, at, tracks), find(state.known.number, fresh))
    if rows.size:
        _consider(state, rows, time_s)
    if commands or state.next_expiry_s <= time_s:
        _obey(state, commands, time_s)
    return state, _judge(state, at, tracks, time_s), state.pieces.rows


def _consider(state: State, rows: I64, time_s: float) -> None:
    """Work out plan, civil status, protection and evidence of the rows whose inputs changed."""
    known, plans = state.known, state.plans
    one = known.take(rows)
    one.state[:] = states_of(one.address)
    plan, how = plans.match(one.callsign, one.address, one.remote_id)
    one.plan[:] = np.where(plan >= 0, plan, one.plan)
    remembered = _recall(state, one, time_s)
    if plans.callsign.size:
        filed = np.maximum(one.plan, 0)
        of_plan = one.plan >= 0
        one.protected[:] |= of_plan & plans.protected[filed]
        at_home = plans.home[filed] | (plans.state_flight[filed] & (one.state == state.config.home_state.encode()))
        agrees = (how & (Match.CALLSIGN | Match.ADDRESS)) != 0
        differs = (how & (Match.CALLSIGN_DIFFERS | Match.ADDRESS_DIFFERS)) != 0
        one.home[:] = of_plan & at_home & agrees & ~differs
    addressed = (one.address > 0) & (one.state != b"")
    signs = (addressed, one.callsign != b"", civil_kind(one.aircraft_class), (one.signs & TRANSPONDER) != 0, (one.signs & ADSB) != 0)
    one.civil[:] |= (one.plan >= 0) | (np.sum(signs, axis=0) >= 2)
    one.evident[:] = np.any(signs, axis=0) | (one.protected != 0) | (one.civil != 0) | (one.code != 0) | (one.remote_id != b"")

    found = gather(state.config, plans, one, how, remembered, time_s)
    about = find(one.number, state.pieces.rows.number) >= 0
    carry_since(found, state.pieces.take(about))
    state.pieces = state.pieces.take(~about | (state.pieces.rule >= BY_PERSON)).plus(found)
    one.log_odds[:] = np.bincount(find(one.number, found.rows.number), found.rows.weight, minlength=rows.size)
    for name in ("state", "plan", "protected", "civil", "home", "evident", "log_odds"):
        getattr(known, name)[rows] = getattr(one, name)
    _remember(state, one, time_s)
    for row in np.flatnonzero((one.decided == Identity.SUSPECT) & ((one.civil != 0) | (one.protected != 0))):
        known.decided[rows[row]] = NOT_DECIDED
        _note(state, int(one.number[row]), "suspect_withdrawn", _why(one, int(row)), time_s)


def _recall(state: State, one: Known, time_s: float) -> I64:
    """Give tracks back what their address kept (in place); return bits: 1 protected, 2 civil, from memory."""
    remembered = np.zeros(len(one), np.int64)
    if state.memory:
        for row in np.flatnonzero(one.address > 0):
            kept = state.memory.get(int(one.address[row]))
            if kept is None or not time_s - kept.touched_s <= state.config.memory_s:
                continue
            remembered[row] = (kept.protected and not one.protected[row]) * 1 + (kept.civil and not one.civil[row]) * 2
            one.protected[row] |= kept.protected
            one.civil[row] |= kept.civil
            if one.plan[row] < 0:
                one.plan[row] = kept.plan
    return remembered


def _remember(state: State, rows: Known, time_s: float) -> None:
    """Keep by address what is known of some tracks, the latest touched last; the oldest go beyond the limit."""
    memory = state.memory
    for row in np.flatnonzero((rows.address > 0) & ((rows.protected != 0) | (rows.civil != 0))):
        address = int(rows.address[row])
        before = memory.pop(address, None)
        if before is not None and not time_s - before.touched_s <= state.config.memory_s:
            before = None
        plan, protected = int(rows.plan[row]), bool(rows.protected[row])
        if before is not None and before.protected and not protected:
            plan, protected = before.plan, True
        memory[address] = Memory(plan, protected, bool(rows.civil[row]) or (before is not None and before.civil), time_s)
    while len(memory) > state.config.memory_limit:
        del memory[next(iter(memory))]


def _obey(state: State, commands: Sequence[dict[str, Any]], time_s: float) -> None:
    """Carry out what persons decided, and let old notices go."""
    known = state.known
    if state.next_expiry_s <= time_s:
        expires = state.pieces.rows.expires_s
        state.pieces = state.pieces.take(~(expires <= time_s))
        left = state.pieces.rows.expires_s
        state.next_expiry_s = float(np.min(left[~np.isnan(left)], initial=np.inf))
    for command in commands:
        order = orders.read(command, state.rejects)
        if order is None:
            continue
        row = int(find(known.number, np.array([order.track], np.uint32))[0]) if 0 <= order.track < 1 << 32 else -1
        if row < 0:
            state.rejects.add("identity command for a track that is not there")
        elif order.identity == Identity.SUSPECT and (known.civil[row] or known.protected[row]):
            state.rejects.add(f"suspect refused: {_why(known, row).decode()} flight")
            _note(state, order.track, "suspect_refused", _why(known, row) + b"|" + order.by, time_s)
        else:
            known.decided[row] = order.identity
            _note(state, order.track, "person_set", _said(order), time_s)


def _said(order: orders.Order) -> bytes:
    word = b"automatic" if order.identity == orders.AUTOMATIC else Identity(order.identity).name.lower().encode()
    return (word + b"|" + order.by + b"|" + order.reason)[:48].decode("utf-8", "ignore").encode()


def _why(known: Known, row: int) -> bytes:
    return b"protected" if known.protected[row] else b"civil"


def _note(state: State, number: int, rule: str, detail: bytes, time_s: float) -> None:
    """Put one row among the evidence, in place of the same rule's last word on the same track."""
    at = RULE_NUMBER[rule]
    expires_s = np.nan if rule == "person_set" else time_s + state.config.notice_s
    row = Evidence.blank(1, number=number, rule=RULE_BYTES[at], weight=0.0, since_s=time_s, expires_s=expires_s, detail=detail)
    kept = state.pieces.take((state.pieces.rule != at) | (state.pieces.rows.number != number))
    state.pieces = kept.plus(Pieces(row, np.full(1, at, np.uint8)))
    if not np.isnan(expires_s):
        state.next_expiry_s = min(state.next_expiry_s, float(expires_s))


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
    )

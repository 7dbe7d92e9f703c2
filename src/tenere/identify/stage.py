"""The identity stage: who each track is believed to be, and why.

The rules are data (``rules``). What holds whatever they say is here:

1. A track is *civil by presumption* when a flight plan belongs to it, or two signs of a civil flight agree: an address out
   of a State's block, a callsign, a civil kind of aircraft, an answer to interrogation, a broadcast position.
2. It is *protected* when its plan's special handling or the registry says so. A plan that nothing but a claim ties to the track
   protects once something measured agrees with it. Protection and civil status stay with the track number through coasting and
   changes of code, with the address when a track is lost and begins again, and with the place where it has no address.
3. Civil or protected is neutral at least. Nothing takes that off but two persons, signed in, within unprotect_s of each other.
4. Only a person sets *friend* or *suspect*; suspect needs a reason, and is refused, or withdrawn, while the flight is civil or
   protected. No silence and no missing transponder ever makes a suspect.
5. Two tracks that could not be told apart both keep the protection of either; what a person said of one of them, and what made
   it a home flight, needs fresh evidence afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.batch import Evidence, Identities, Identity, Integrity, PlotFlag, Plots, Tracks
from tenere.errors import Rejects
from tenere.identify import integrity, memory, nearness, people
from tenere.identify.agreement import agreement
from tenere.identify.allocation import ICAO, states_of
from tenere.identify.correlate import Match, PlanIndex
from tenere.identify.known import ADSB, CIVIL, NOT_DECIDED, PROTECTED, RADAR, TRANSPONDER, Known, admit, find, take_in
from tenere.identify.places import Fields
from tenere.identify.reasons import BY_PERSON, RULE_BYTES, RULE_NUMBER, Pieces, Setting, blocks_of, carry_since, civil_kind, gather
from tenere.identify.registry import Registry
from tenere.identify.rules import BIT, Rules
from tenere.world import Aerodromes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.batch import I64, U32
    from tenere.identify.config import IdentifyConfig
    from tenere.identify.people import Asked, Notes
    from tenere.identify.places import Corridors
    from tenere.plans import Plan
    from tenere.words.answers import Answer

REVIEWS_S = 10.0
"""Evidence is renewed at whole multiples of this, so that most ticks move no evidence at all."""
FIRST_S = 15.0
"""So long after it begins a track may be found to be low at an aerodrome, or the heir of one that was lost."""
LOST_S = 4.0
"""A track without an update for so long may have been lost."""


@dataclass
class State:
    """Everything the stage carries from tick to tick; a step may reuse it."""

    config: IdentifyConfig
    plans: PlanIndex
    rules: Rules
    fields: Fields
    registry: Registry
    blocks: I64
    known: Known = field(default_factory=Known.blank)
    pieces: Pieces = field(default_factory=Pieces.none)
    memory: dict[int, memory.Kept] = field(default_factory=dict)
    asked: dict[int, list[Asked]] = field(default_factory=dict)
    """Who asked lately that a track's protection be taken off, by track."""
    answers: tuple[Answer, ...] = ()
    """What became of the last tick's commands of this stage."""
    corridors: Corridors | None = None
    rejects: Rejects = field(default_factory=Rejects)
    next_expiry_s: float = float("inf")
    integrity: integrity.State = field(kw_only=True)
    replanned: bool = False
    touched: list[int] = field(default_factory=list)
    """Rows that this tick's commands have changed."""


def init(config: IdentifyConfig, plans: tuple[Plan, ...] = (), aerodromes: Aerodromes | None = None) -> State:
    """Return the state before the first tick; ``Identities.plan`` will number the rows of these plans."""
    fields = Fields.of(aerodromes or Aerodromes.none())
    index = PlanIndex.of(plans, config.home_operators, fields=fields)
    return State(
        config,
        index,
        Rules.of(config.rules),
        fields,
        Registry.of(config.registry),
        blocks_of(config),
        integrity=integrity.init(config.integrity),
    )


def replan(state: State, plans: Sequence[Plan], active: Sequence[bool]) -> State:
    """Take a new list of plans, of which the rows already known keep their places; the next step considers every track again."""
    state.plans = PlanIndex.of(plans, state.config.home_operators, active, state.fields)
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
    plots: Plots | None = None,
    plot_tracks: NDArray[np.int64] | None = None,
    *,
    corridors: Corridors | None = None,
    untrusted: int = 0,
    radars: integrity.Radars | None = None,
) -> tuple[State, Identities, Evidence]:
    """Identify every track of a tick.

    same: pairs of numbers that persons called one aircraft, or parts of one: civil status and protection of either become the
    other's, and stay with it. plots, plot_tracks: the tick's plots and the track number that used each. corridors: what
    flights may conform to. untrusted: bits of ``Tracks.sensors`` that registration does not trust: a track that only they see
    gets no evidence against it. radars: those that are healthy and trusted, which should see what is where it says it is.

    Returns the state, one row of Identities for each row of Tracks, and all evidence about them (also about numbers
    unseen for up to forget_s). Commands that cannot be obeyed are counted in ``state.rejects``; nothing raises.
    """
    state.corridors = corridors
    state.known, dropped, fresh = admit(state.known, tracks, time_s, state.config.forget_s, state.config.inherit_s)
    if len(dropped):
        memory.remember(state.memory, state.config, dropped, time_s)
        state.pieces = state.pieces.take(find(dropped.number, state.pieces.rows.number) < 0)
        state.asked = {number: asked for number, asked in state.asked.items() if number not in set(dropped.number.tolist())}
    known = state.known
    at = find(known.number, tracks.number)
    changed = take_in(known, at, tracks, time_s, untrusted)
    changed[find(known.number, fresh)] = True
    changed |= _answers(state, plots, plot_tracks, time_s)
    if plots is not None and plot_tracks is not None:
        changed |= integrity.step(state.integrity, known, at, plots, plot_tracks, radars or integrity.Radars.none(), time_s)
    changed |= known.review_s <= time_s
    if state.replanned:
        changed[:], state.replanned = True, False
    notes: Notes = {}
    changed |= _renewed(state, notes, time_s)
    rows = np.flatnonzero(changed)
    if rows.size:
        _consider(state, rows, time_s, notes)
    _inherit(state, time_s, notes)
    _confuse(state, at, time_s, notes)
    for pair in same:
        _share(state, pair, time_s, notes)
    state.answers = people.obey(state, commands, notes, time_s)
    if state.replanned or state.touched:  # by a person: the registry, or single tracks
        _consider(state, np.arange(len(known)) if state.replanned else np.unique(state.touched), time_s, notes)
        state.replanned, state.touched = False, []
    if notes or state.next_expiry_s <= time_s:
        _write(state, notes, time_s)
    return state, _judge(state, at, tracks, time_s), state.pieces.rows


def _answers(state: State, plots: Plots | None, plot_tracks: NDArray[np.int64] | None, time_s: float) -> NDArray[np.bool_]:
    """Take in friendly answers; tell which rows they change. No answer changes nothing."""
    known, changed = state.known, np.zeros(len(state.known), np.bool_)
    if plots is None or plot_tracks is None or not len(plots):
        return changed
    mode_5 = (plots.flags & PlotFlag.MODE_5) != 0
    used = np.flatnonzero((((plots.flags & PlotFlag.FRIENDLY_ANSWER) != 0) | mode_5) & (plot_tracks > 0))
    if not used.size:
        return changed
    rows = find(known.number, plot_tracks[used].astype(np.uint32))
    for row, strong in zip(rows[rows >= 0].tolist(), mode_5[used[rows >= 0]].tolist(), strict=True):
        kind = max(2 if strong else 1, int(known.friendly[row]) if time_s - known.friendly_s[row] <= state.config.expires_answer_s else 0)
        changed[row] = changed[row] or known.friendly[row] != kind
        known.friendly[row], known.friendly_s[row] = kind, time_s
    return changed


def _consider(state: State, rows: I64, time_s: float, notes: Notes) -> None:
    """Work out plan, civil status, protection and evidence of rows whose inputs changed or whose evidence is due."""
    known, plans, config = state.known, state.plans, state.config
    one = known.take(rows)
    one.state[:] = states_of(one.address)
    plan, how = plans.match(one.callsign, one.address, one.remote_id)
    one.plan[:] = np.where(plan >= 0, plan, one.plan)
    one.friendly[one.friendly_s + config.expires_answer_s <= time_s] = 0
    new = (one.departed < 0) & (time_s - one.admitted_s <= FIRST_S)
    one.departed[new] = state.fields.near(one.lat_rad[new], one.lon_rad[new], one.height_m[new], config.aerodrome_m, config.low_m)
    agrees = agreement(config, plans, state.fields, state.corridors, one, time_s)
    said = (how & (Match.CALLSIGN | Match.ADDRESS)) != 0
    differs = (how & (Match.CALLSIGN_DIFFERS | Match.ADDRESS_DIFFERS)) != 0
    wholly = (how & (Match.CALLSIGN | Match.ADDRESS)) == (Match.CALLSIGN | Match.ADDRESS)
    if plans.callsign.size:
        filed = np.maximum(one.plan, 0)
        of_plan = one.plan >= 0
        tied = wholly | ((said | agrees.measured) & ~agrees.contradicted)
        one.protector[:] = np.where(of_plan & plans.protected[filed] & tied, one.plan, one.protector)
        at_home = plans.home[filed] | (plans.state_flight[filed] & (one.state == config.home_state.encode()))
        one.home[:] = of_plan & at_home & said & ~differs
    ward = state.registry.find(one.address, one.callsign)
    one.ward[:] = np.where(ward >= 0, ward, one.ward)
    addressed = (one.address > 0) & (one.state != b"")
    signs = (addressed, one.callsign != b"", civil_kind(one.aircraft_class), (one.signs & TRANSPONDER) != 0, (one.signs & ADSB) != 0)
    civil = (one.plan >= 0) | (np.sum(signs, axis=0) >= 2)
    one.civil[:] |= civil
    memory.recall(state.memory, config, one, time_s)
    fresh = one.recalled != one.address
    one.recalled[:] = one.address
    off = one.waived != 0
    one.civil[off], one.borrowed[off], one.protector[off], one.ward[off] = 0, 0, -1, -1
    one.plan[:] = np.where((one.plan >= 0) | ((one.borrowed & PROTECTED) != 0), one.plan, one.protector)
    one.protected[:] = (one.protector >= 0) | (one.ward >= 0)
    presumed = (one.protected != 0) | (one.civil != 0)
    one.evident[:] = np.any(signs, axis=0) | presumed | (one.code != 0) | (one.remote_id != b"") | (one.friendly != 0)
    one.facts[:] = _facts(one, said, differs, agrees.corridor >= 0)

    setting = Setting(config, plans, state.fields, state.corridors, state.registry.details, state.blocks)
    found = gather(setting, one, how, agrees, (one.civil != 0) & ~civil, time_s)
    about = find(one.number, state.pieces.rows.number) >= 0
    carry_since(found, state.pieces.take(about))
    state.pieces = state.pieces.take(~about | (state.pieces.rule >= BY_PERSON)).plus(found)
    row_of = find(one.number, found.rows.number)
    one.log_odds[:] = np.bincount(row_of, found.rows.weight, minlength=rows.size)
    slots = max(int(config.review_s / REVIEWS_S), 1)  # each track in its own of so many slots, so that no tick reviews all
    slot = np.floor(time_s / REVIEWS_S) + 1.0
    one.review_s[:] = (slot + np.mod(one.number - slot, slots)) * REVIEWS_S
    np.minimum.at(one.review_s, row_of, np.where(found.rows.expires_s > time_s, found.rows.expires_s, np.inf))
    withdrawn = (one.decided == Identity.SUSPECT) & presumed
    one.decided[withdrawn] = NOT_DECIDED
    for row in np.flatnonzero(withdrawn):
        notes[int(one.number[row]), "suspect_withdrawn"] = people.why(one, int(row))
    for name in ("civil", "protector", "ward", "borrowed"):
        fresh |= getattr(known, name)[rows] != getattr(one, name)
    for name in WRITTEN:
        getattr(known, name)[rows] = getattr(one, name)
    memory.remember(state.memory, config, one.take(fresh), time_s)


WRITTEN = (
    *("state", "plan", "protector", "protected", "civil", "home", "evident", "log_odds", "decided", "friendly", "departed"),
    *("ward", "borrowed", "facts", "review_s", "recalled"),
)
"""What considering a track writes."""


def _facts(one: Known, said: NDArray[np.bool_], differs: NDArray[np.bool_], conforms: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Return what the rules may ask of some tracks, as bits, but for ``young``."""
    answers, claims = (one.signs & TRANSPONDER) != 0, one.remote_id != b""
    held = {
        "evident": one.evident != 0,
        "civil": one.civil != 0,
        "protected": one.protected != 0,
        "home": (one.home != 0) & (one.stale == 0) & (one.waived == 0),
        "planned": one.plan >= 0,
        "agrees": said,
        "differs": differs,
        "friendly": (one.friendly != 0) & (one.stale == 0),
        "doubtful": one.integrity == Integrity.DOUBTFUL,
        "contradicted": one.integrity == Integrity.CONTRADICTED,
        "emergency": (one.code != 0) | (one.emergency != 0),
        "radar_alone": ~answers & ~claims & ((one.signs & RADAR) != 0),
        "claimed": claims,
        "conforms": conforms,
        "lost": answers & (one.quiet != 0),
    }
    return np.asarray(np.sum([bits * BIT[name] for name, bits in held.items()], axis=0), np.uint16)


def _share(state: State, pair: tuple[int, int], time_s: float, notes: Notes, *, borrowed: bool = False) -> None:
    """Give both of two numbers what protects either; borrowed: until they can be told apart. What was taken off stays off."""
    known = state.known
    rows = find(known.number, np.array(pair, np.uint32))
    if (rows < 0).any() or known.waived[rows].any():
        return
    lacks = np.zeros(2, np.bool_)
    for i, bit in (("civil", CIVIL), ("protector", PROTECTED), ("ward", PROTECTED)):
        values = getattr(known, i)
        best = values[rows].max()
        without = values[rows] != best if i == "civil" else (values[rows] < 0) & (best >= 0)
        values[rows[without]] = best
        lacks |= without
        if borrowed:
            known.borrowed[rows[without]] |= bit
    if borrowed:
        known.heir[rows[lacks]] = known.number[rows[::-1]][lacks]
    if lacks.any():
        _consider(state, np.unique(rows[lacks]), time_s, notes)


def _inherit(state: State, time_s: float, notes: Notes) -> None:
    """Give tracks that have just begun what protected the ones whose place they take."""
    known, c = state.known, state.config
    idle = time_s - known.update_s
    gone = (known.manual == 0) & ((known.seen_s < time_s) | (known.coasting != 0)) & (idle > LOST_S) & (idle <= c.inherit_s)
    bears = ((known.civil != 0) | (known.protected != 0)) & (known.waived == 0)
    lost = np.flatnonzero(gone & bears)
    here = (known.seen_s == time_s) & (time_s - known.admitted_s <= FIRST_S) & (known.heir == 0) & ((known.waived | known.manual) == 0)
    young = np.flatnonzero(here & ((known.civil == 0) | (known.protected == 0)) & (known.coasting == 0))
    if not young.size:
        return
    found: list[int] = []
    pairs = [*zip(*(rows.tolist() for rows in nearness.heirs(known, young, lost, time_s)), strict=True)]
    pairs += nearness.same_code(known, young, np.flatnonzero(bears))
    for row, old in pairs:
        lacks = (known.civil[row] < known.civil[old]) | ((known.protector[row] < 0) & (known.protector[old] >= 0))
        if lacks or (known.ward[row] < 0 and known.ward[old] >= 0):
            known.civil[row] |= known.civil[old]
            known.protector[row] = known.protector[row] if known.protector[row] >= 0 else known.protector[old]
            known.ward[row] = known.ward[row] if known.ward[row] >= 0 else known.ward[old]
            known.heir[row] = known.number[old]
            found.append(row)
    if found:
        _consider(state, np.unique(np.array(found, np.int64)), time_s, notes)


def _confuse(state: State, at: I64, time_s: float, notes: Notes) -> None:
    """Where two tracks cannot be told apart, let both keep what protects either, and make words about them need fresh evidence."""
    known = state.known
    mute = np.sort(at[(time_s - known.heard_s[at] > nearness.ANCHOR_S) & (known.manual[at] == 0)])
    if mute.size < 2:
        return
    bears = (known.civil | known.protected | known.home | (known.decided != NOT_DECIDED)) != 0
    ours, theirs = nearness.confusable(known, mute[bears[mute]], mute)
    for a, b in zip(ours.tolist(), theirs.tolist(), strict=True):
        for row in (a, b):
            if not known.stale[row] and (known.decided[row] != NOT_DECIDED or known.home[row]):
                known.stale[row], known.before[row] = 1, known.address[row]
                _consider(state, np.array([row]), time_s, notes)
        _share(state, (int(known.number[a]), int(known.number[b])), time_s, notes, borrowed=True)


def _renewed(state: State, notes: Notes, time_s: float) -> NDArray[np.bool_]:
    """Let what an aircraft says of itself tell tracks apart again; tell which rows that changes.

    Its old address makes words about it hold again; another one ends them. What it only borrowed goes when it is heard to be
    somebody else than the track it was mistaken for.
    """
    known, changed = state.known, np.zeros(len(state.known), np.bool_)
    rows = np.flatnonzero(
        ((known.stale != 0) | (known.borrowed != 0)) & (known.address > 0) & (time_s - known.heard_s <= nearness.ANCHOR_S)
    )
    for row in rows.tolist():
        if known.stale[row] and known.before[row] > 0:
            if known.before[row] != known.address[row] and known.decided[row] != NOT_DECIDED:
                known.decided[row] = NOT_DECIDED
                notes[int(known.number[row]), "person_set"] = b"automatic|" + b"%06X" % known.address[row] + b"|"
            known.stale[row], changed[row] = 0, True
        other = int(find(known.number, known.heir[row : row + 1])[0]) if known.borrowed[row] else -1
        if other >= 0 and 0 < known.address[other] != known.address[row]:
            if known.borrowed[row] & CIVIL:
                known.civil[row] = 0
            if known.borrowed[row] & PROTECTED:
                known.protector[row] = known.ward[row] = -1
            known.borrowed[row], known.heir[row], changed[row] = 0, 0, True
    return changed


def _write(state: State, notes: Notes, time_s: float) -> None:
    """Put notes among the evidence, each in place of the same rule's last word on its track; drop notes that have expired."""
    numbers = np.array([number for number, _ in notes], np.uint32)
    rules = np.array([RULE_NUMBER[rule] for _, rule in notes], np.uint8)
    lasting = np.isin(rules, (BY_PERSON, RULE_NUMBER["unprotected"]))
    holds_s = np.where(rules == RULE_NUMBER["unprotect_asked"], state.config.unprotect_s, state.config.notice_s)
    rows = Evidence.blank(
        len(notes),
        number=numbers,
        rule=RULE_BYTES[rules],
        weight=0.0,
        since_s=time_s,
        expires_s=np.where(lasting, np.nan, time_s + holds_s),
        detail=np.array(list(notes.values()), "S48"),
        source=b"person",
    )
    said = state.pieces.rows.number.astype(np.int64) * 256 + state.pieces.rule
    stale = np.isin(said, numbers.astype(np.int64) * 256 + rules)
    stale |= (state.pieces.rows.expires_s <= time_s) & (state.pieces.rule >= BY_PERSON)
    state.pieces = state.pieces.take(~stale).plus(Pieces(rows, rules))
    left = state.pieces.rows.expires_s[state.pieces.rule >= BY_PERSON]
    state.next_expiry_s = float(np.min(left[~np.isnan(left)], initial=np.inf))


def _judge(state: State, at: I64, tracks: Tracks, time_s: float) -> Identities:
    """Give each track its identity: a person's word where it may hold, else the rules'; and what no rule may break."""
    known = state.known
    civil, protected = known.civil[at], known.protected[at]
    presumed = (civil | protected) != 0
    young = time_s - tracks.first_s < state.config.pending_s
    identity = state.rules.table[known.facts[at] | young.astype(np.uint16) * BIT["young"]]
    ours = (identity == Identity.SUSPECT) | (identity == Identity.FRIEND) | (identity > max(Identity))
    identity = np.where(ours, Identity.UNKNOWN, identity)
    identity = np.where(presumed & (identity <= Identity.UNKNOWN), Identity.NEUTRAL, identity)
    word = known.decided[at]
    decided = (word != NOT_DECIDED) & (known.stale[at] == 0)
    identity = np.where(decided, word, identity)
    assert not ((identity == Identity.SUSPECT) & presumed).any(), "a civil or protected flight is suspect"
    odds = known.log_odds[at].astype(np.float64) * state.config.confidence_scale + state.config.confidence_offset
    civil_odds = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
    confidence = np.where(presumed, civil_odds, 1.0 - civil_odds)
    register = known.state[at]
    return Identities(
        number=tracks.number.astype(np.uint32),
        identity=identity.astype(np.uint8),
        confidence=np.where(decided, 1.0, confidence).astype(np.float32),
        protected=protected,
        civil=civil,
        state=np.where(register == ICAO.encode(), b"", register).astype("S2"),
        plan=known.plan[at],
        integrity=known.integrity[at],
    )

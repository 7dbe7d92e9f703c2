"""The evidence rules: from what is known of some tracks to rows of evidence, each with its weight and its words.

Every rule is one line of ``_rows``: where it holds, what it weighs, what its phrase fills in. Rules work on whole
columns; nothing here is done track by track.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import AircraftClass, Claim, Emergency, Evidence, Integrity, KinematicClass
from tenere.identify.allocation import ICAO
from tenere.identify.config import octal_code
from tenere.identify.correlate import Match, PlanIndex
from tenere.identify.known import ADSB, RADAR, TRANSPONDER, Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.batch import F64, I64, U8, Bytes
    from tenere.identify.agreement import Agreement
    from tenere.identify.config import IdentifyConfig
    from tenere.identify.places import Corridors, Fields

RULES = (
    "address_state",
    "address_icao",
    "address_unallocated",
    "callsign_airline",
    "callsign_other",
    "plan_both",
    "plan_callsign",
    "plan_address",
    "plan_remote_id",
    "plan_callsign_differs",
    "plan_address_differs",
    "plan_missing",
    "plan_home",
    "plan_route",
    "plan_route_off",
    "plan_time",
    "plan_time_off",
    "plan_type",
    "plan_type_differs",
    "plan_moves",
    "plan_moves_differs",
    "plan_code",
    "plan_code_differs",
    "plan_departure",
    "plan_departure_differs",
    "plan_destination",
    "first_seen_at",
    "protected_plan",
    "protected_kept",
    "protected_registry",
    "protected_claim",
    "civil_kept",
    "place_kept",
    "not_told_apart",
    "squawk_7500",
    "squawk_7600",
    "squawk_7700",
    "emergency_said",
    "code_domestic",
    "code_transit",
    "code_special",
    "position_broadcast",
    "transponder",
    "transponder_lost",
    "class_said",
    "moves_like",
    "remote_id_claim",
    "radar_alone",
    "corridor_kept",
    "friendly_answer",
    "mode_5_answer",
    "partner_claims",
    "word_needs_renewal",
    "seen_by_untrusted",
    "broadcast_agrees",
    "broadcast_unseen",
    "broadcast_apart",
    "broadcast_impossible",
    "broadcast_jumps",
    "broadcast_swarm",
    "broadcast_twice",
    "broadcast_replayed",
    "person_set",
    "suspect_refused",
    "suspect_withdrawn",
    "unprotect_asked",
    "unprotected",
)
"""Every rule this stage may give, in order; each is a key of the phrase book."""

CONTRARY = ("broadcast_apart", "broadcast_impossible", "broadcast_jumps", "broadcast_swarm", "broadcast_twice", "broadcast_replayed")
"""Rules that rest on measurement and speak against what a flight says of itself. They never take civil status or protection off:
they are what must stand on the other side before attention to such a flight is proposed. Silence is none of them."""

RULE_BYTES = np.array(RULES, "S32")
RULE_NUMBER = {rule: number for number, rule in enumerate(RULES)}
BY_PERSON = RULE_NUMBER["person_set"]
"""Rules from here on come from commands and stay when a track is considered again."""

CIVIL_CLASSES = (AircraftClass.LIGHT, AircraftClass.AIRLINER, AircraftClass.HELICOPTER, AircraftClass.GLIDER, AircraftClass.BALLOON)
_CLASS_WORDS = np.array([c.name.lower() for c in AircraftClass], "S48")
_CLAIM_WORDS = np.array([c.name.lower() for c in Claim], "S48")
_MOVES_WORDS = np.array([k.name.lower() for k in KinematicClass], "S48")
CIVIL_MOVES = np.array([k in {KinematicClass.JET, KinematicClass.LIGHT, KinematicClass.HELICOPTER} for k in KinematicClass])
_EMERGENCY_WORDS = np.array([e.name.lower() for e in Emergency], "S48")


@dataclass(frozen=True)
class Pieces:
    """Rows of evidence, with the number of each row's rule beside the batch."""

    rows: Evidence
    rule: U8

    @classmethod
    def none(cls) -> Pieces:
        """Return no evidence."""
        return cls(Evidence.blank(0), np.zeros(0, np.uint8))

    def take(self, rows: NDArray[np.bool_]) -> Pieces:
        """Return the rows of a mask."""
        return Pieces(self.rows.take(rows), self.rule[rows])

    def plus(self, other: Pieces) -> Pieces:
        """Return these rows, then the other's."""
        return Pieces(Evidence.concat([self.rows, other.rows]), np.concatenate([self.rule, other.rule]))


def civil_kind(aircraft_class: U8) -> NDArray[np.bool_]:
    """Tell which classes are civil kinds of aircraft (a drone or a high-performance aircraft may be anyone's)."""
    table = np.zeros(256, np.bool_)
    table[list(CIVIL_CLASSES)] = True
    return table[aircraft_class]


def airline(callsign: Bytes) -> NDArray[np.bool_]:
    """Tell which callsigns are three letters and a digit, then anything: an operator's designator and flight (Doc 4444, item 7)."""
    if not callsign.size:
        return np.zeros(0, np.bool_)
    letters = np.ascontiguousarray(callsign).view(np.uint8).reshape(callsign.size, -1)
    upper = (letters[:, :3] >= ord("A")) & (letters[:, :3] <= ord("Z"))
    return np.asarray(upper.all(axis=1) & (letters[:, 3] >= ord("0")) & (letters[:, 3] <= ord("9")))


HEARD, UPDATED, LASTING, FRIENDLY = range(4)
"""What the time is counted from after which evidence expires: last answer or broadcast, last update, never, last friendly answer."""

_SAID, _PLAN, _MOVES = (HEARD, "expires_said_s"), (HEARD, "expires_plan_s"), (UPDATED, "expires_moves_s")
_VERDICT, _NEVER = (UPDATED, "expires_integrity_s"), (LASTING, "")
EXPIRES = {
    **dict.fromkeys(("address_state", "address_icao", "address_unallocated", "callsign_airline", "callsign_other"), _SAID),
    **dict.fromkeys(("position_broadcast", "transponder", "class_said", "remote_id_claim", "emergency_said", "plan_type"), _SAID),
    **dict.fromkeys(("plan_type_differs", "squawk_7500", "squawk_7600", "squawk_7700", "code_domestic", "code_transit"), _SAID),
    **dict.fromkeys(("code_special", "plan_code", "plan_code_differs"), _SAID),
    **dict.fromkeys(("plan_both", "plan_callsign", "plan_address", "plan_remote_id"), _PLAN),
    **dict.fromkeys(("plan_callsign_differs", "plan_address_differs", "plan_home", "protected_claim"), _PLAN),
    **dict.fromkeys(("plan_route", "plan_route_off", "plan_time", "plan_time_off", "plan_moves", "plan_moves_differs"), _MOVES),
    **dict.fromkeys(("plan_destination", "moves_like", "corridor_kept", "seen_by_untrusted"), _MOVES),
    **dict.fromkeys(("plan_departure", "plan_departure_differs", "first_seen_at"), (UPDATED, "expires_first_s")),
    **dict.fromkeys(("plan_missing", "radar_alone"), (UPDATED, "expires_silence_s")),
    "transponder_lost": (HEARD, "expires_silence_s"),
    "friendly_answer": (FRIENDLY, "expires_answer_s"),
    "mode_5_answer": (FRIENDLY, "expires_answer_s"),
    "partner_claims": (UPDATED, "expires_partner_s"),
    **dict.fromkeys(CONTRARY, _VERDICT),
    "broadcast_agrees": _VERDICT,
    "broadcast_unseen": _VERDICT,
}
"""Of each rule, what its time is counted from and the setting that says how long it counts. Those not named last with the track."""

_SOURCES = {
    b"plan": [r for r in RULES if r.startswith("plan_")],
    b"registry": ["protected_registry"],
    b"radar": ["radar_alone", *CONTRARY, "broadcast_agrees", "broadcast_unseen"],
    b"transponder": ["address_state", "address_icao", "address_unallocated", "callsign_airline", "callsign_other", "transponder"],
    b"broadcast": ["position_broadcast", "class_said", "emergency_said", "remote_id_claim"],
    b"code": ["squawk_7500", "squawk_7600", "squawk_7700", "code_domestic", "code_transit", "code_special"],
    b"movement": ["moves_like", "corridor_kept", "first_seen_at", "place_kept", "not_told_apart"],
    b"partner": ["partner_claims"],
    b"answer": ["friendly_answer", "mode_5_answer"],
    b"memory": ["civil_kept", "protected_kept"],
}
_SOURCE = {rule: source for source, rules in _SOURCES.items() for rule in rules} | {"protected_plan": b"plan", "protected_claim": b"plan"}


class Setting(NamedTuple):
    """What evidence is made against, the same for every track."""

    config: IdentifyConfig
    plans: PlanIndex
    fields: Fields
    corridors: Corridors | None
    wards: Bytes
    """What evidence says of each entry of the registry."""
    blocks: I64
    """(4096,) row of the table of codes; -1 none."""


def gather(setting: Setting, known: Known, how: U8, agrees: Agreement, kept: NDArray[np.bool_], time_s: float) -> Pieces:
    """Return the evidence about some tracks.

    known: their rows, with all but the log-odds written; how: (n,) Match bits of track and plan; agrees: more of that, measured;
    kept: (n,) civil only because it was so before.
    """
    parts: list[Evidence] = []
    numbers: list[U8] = []
    config, since = setting.config, (known.heard_s, known.update_s, None, known.friendly_s)
    for name, where, weight, detail in _rows(setting, known, how, agrees, kept):
        from_what, lasts = EXPIRES.get(name, _NEVER)
        base = since[from_what]
        until = np.full(len(known), np.nan) if base is None else base + getattr(config, lasts)
        holds = (where != 0) & ~(until <= time_s)
        if weight < 0.0:
            holds &= known.doubted == 0
        rows = np.flatnonzero(holds)
        if rows.size:
            at = RULE_NUMBER[name]
            parts.append(
                Evidence.blank(
                    rows.size,
                    number=known.number[rows],
                    rule=RULE_BYTES[at],
                    weight=weight * where[rows],
                    since_s=time_s,
                    expires_s=until[rows],
                    detail=detail if isinstance(detail, bytes) else detail[rows],
                    source=_SOURCE.get(name, b""),
                )
            )
            numbers.append(np.full(rows.size, at, np.uint8))
    if not parts:
        return Pieces.none()
    return Pieces(Evidence.concat(parts), np.concatenate(numbers))


def _rows(
    setting: Setting, known: Known, how: U8, agrees: Agreement, kept: NDArray[np.bool_]
) -> Iterator[tuple[str, NDArray[np.bool_] | F64, float, Bytes | bytes]]:
    """Yield each rule: name, (n,) where it holds (or how strongly, 0 to 1), weight, words."""
    config, plans = setting.config, setting.plans
    addressed, icao, state = known.address > 0, known.state == ICAO.encode(), known.state != b""
    yield "address_state", addressed & state & ~icao, config.weight_address, known.state
    yield "address_icao", addressed & icao, config.weight_address, b""
    yield "address_unallocated", addressed & ~state, 0.0, _hex(known.address)
    named, of_airline = known.callsign != b"", airline(known.callsign)
    yield "callsign_airline", of_airline, config.weight_callsign_airline, known.callsign
    yield "callsign_other", named & ~of_airline, config.weight_callsign, known.callsign
    if plans.callsign.size:
        yield from _of_plan(setting, known, how, agrees)
    kept_by = (known.protected != 0) & (known.protector < 0) & (known.ward < 0)
    yield "protected_kept", kept_by, 0.0, known.callsign
    if setting.wards.size:
        yield "protected_registry", known.ward >= 0, config.weight_registry, setting.wards[np.maximum(known.ward, 0)]
    codes = setting.fields.code if setting.fields.code.size else np.zeros(1, "S4")
    came = codes[np.maximum(known.departed, 0)]
    yield "first_seen_at", (known.departed >= 0) & ~agrees.departed & ~agrees.departed_elsewhere, 0.0, came
    yield "civil_kept", kept & (known.heir == 0), config.weight_memory, _hex(known.address)
    yield "place_kept", (known.heir != 0) & (known.borrowed == 0), config.weight_memory, _digits(known.heir)
    yield "not_told_apart", (known.heir != 0) & (known.borrowed != 0), 0.0, _digits(known.heir)

    for code, squawk in enumerate(("squawk_7500", "squawk_7600", "squawk_7700"), start=1):
        yield squawk, known.code == code, 0.0, b""
    yield "emergency_said", known.emergency != 0, 0.0, _EMERGENCY_WORDS[known.emergency]
    block = setting.blocks[np.maximum(known.mode_a, 0) & 4095]
    for meaning in ("code_domestic", "code_transit", "code_special"):
        labels = [
            b.label.encode("ascii", "replace")[:30] if b.meaning == meaning.removeprefix("code_") else None for b in config.code_block
        ]
        mine = np.array([label is not None for label in labels] + [False], np.bool_)
        words = np.array([label or b"" for label in labels] + [b""], "S30")
        yield meaning, (known.mode_a >= 0) & (block >= 0) & mine[block], 0.0, _pair(_octal(known.mode_a), words[block])

    answers, claims = (known.signs & TRANSPONDER) != 0, known.remote_id != b""
    yield "position_broadcast", (known.signs & ADSB) != 0, config.weight_adsb, b""
    yield "transponder", answers, config.weight_transponder, b""
    yield "transponder_lost", answers & (known.quiet != 0), config.weight_transponder_lost, b""
    yield "radar_alone", ~answers & ~claims & ((known.signs & RADAR) != 0), config.weight_radar_alone, b""
    classed = np.minimum(known.aircraft_class, len(_CLASS_WORDS) - 1)
    yield "class_said", civil_kind(known.aircraft_class), config.weight_class, _CLASS_WORDS[classed]
    yield "class_said", (known.aircraft_class != 0) & ~civil_kind(known.aircraft_class), 0.0, _CLASS_WORDS[classed]
    moving = np.minimum(known.kinematic_class, len(_MOVES_WORDS) - 1)
    sure = known.kinematic_probability.astype(np.float64)
    yield "moves_like", np.where(CIVIL_MOVES[moving], sure, 0.0), config.weight_moves, _MOVES_WORDS[moving]
    yield "moves_like", (moving > 0) & ~CIVIL_MOVES[moving], 0.0, _MOVES_WORDS[moving]
    yield "remote_id_claim", claims, config.weight_remote_id, known.remote_id
    if setting.corridors is not None and setting.corridors.name.size:
        legs = setting.corridors.name[np.maximum(agrees.corridor, 0)]
        yield "corridor_kept", agrees.corridor >= 0, config.weight_corridor, legs
    yield "friendly_answer", known.friendly == 1, config.weight_friendly, b""
    yield "mode_5_answer", known.friendly == 2, config.weight_friendly, b""
    yield "partner_claims", known.claim != 0, 0.0, _CLAIM_WORDS[known.claim]
    yield "word_needs_renewal", known.stale != 0, 0.0, b""
    yield "seen_by_untrusted", known.doubted != 0, 0.0, b""
    judged = known.doubted == 0
    yield "broadcast_agrees", judged & (known.integrity == Integrity.CONSISTENT), config.weight_consistent, b""
    for bit, rule in enumerate(("broadcast_unseen", *CONTRARY)):
        mine = judged & ((known.why & (1 << bit)) != 0)
        yield rule, mine & (known.integrity == Integrity.CONTRADICTED), config.weight_contradicted, b""
        yield rule, mine & (known.integrity == Integrity.DOUBTFUL), config.weight_doubtful, b""


def _of_plan(
    setting: Setting, known: Known, how: U8, agrees: Agreement
) -> Iterator[tuple[str, NDArray[np.bool_] | F64, float, Bytes | bytes]]:
    """Yield the rules about a track's plan."""
    config, plans = setting.config, setting.plans
    filed = np.maximum(known.plan, 0)
    by_name, by_address, by_claim = ((how & m) != 0 for m in (Match.CALLSIGN, Match.ADDRESS, Match.REMOTE_ID))
    route, filed_name, filed_address = plans.route[filed], plans.callsign[filed], _hex(plans.address[filed])
    departure = plans.departure[filed]
    yield "plan_both", by_name & by_address, config.weight_plan, route
    yield "plan_callsign", by_name & ~by_address, config.weight_plan_part, route
    yield "plan_address", by_address & ~by_name, config.weight_plan_part, route
    yield "plan_remote_id", by_claim, config.weight_remote_id, route
    yield "plan_callsign_differs", (how & Match.CALLSIGN_DIFFERS) != 0, config.weight_plan_differs, _pair(filed_name, known.callsign)
    yield "plan_address_differs", (how & Match.ADDRESS_DIFFERS) != 0, config.weight_plan_differs, _pair(filed_address, _hex(known.address))
    yield "plan_missing", (known.plan < 0) & (known.callsign != b""), config.weight_plan_missing, known.callsign
    yield "plan_home", (known.home != 0) & (known.stale == 0), 0.0, filed_name
    km = _digits(np.nan_to_num(agrees.route_m / 1000.0, nan=0.0, posinf=0.0).astype(np.int64))
    yield "plan_route", agrees.route, config.weight_route, _pair(route, km)
    yield "plan_route_off", agrees.route_off, config.weight_route_off, _pair(route, km)
    yield "plan_time", agrees.time, config.weight_time, filed_name
    yield "plan_time_off", agrees.time_off, config.weight_time_off, filed_name
    yield "plan_type", agrees.kind, config.weight_type, filed_name
    yield "plan_type_differs", agrees.kind_differs, config.weight_type_differs, filed_name
    yield "plan_moves", agrees.moves, config.weight_moves, filed_name
    yield "plan_moves_differs", agrees.moves_differs, config.weight_moves_differs, filed_name
    yield "plan_code", agrees.code, config.weight_code, _octal(known.mode_a)
    yield "plan_code_differs", agrees.code_differs, config.weight_code_differs, _pair(_octal(plans.ssr[filed]), _octal(known.mode_a))
    codes = setting.fields.code if setting.fields.code.size else np.zeros(1, "S4")
    came = codes[np.maximum(known.departed, 0)]
    yield "plan_departure", agrees.departed, config.weight_aerodrome, departure
    yield "plan_departure_differs", agrees.departed_elsewhere, config.weight_aerodrome_differs, _pair(departure, came)
    yield "plan_destination", agrees.arriving, config.weight_aerodrome, plans.destination[filed]
    protector = np.maximum(known.protector, 0)
    planned = (known.protected != 0) & (known.protector >= 0) & (known.plan == known.protector)
    yield "protected_plan", planned, 0.0, plans.protection[protector]
    yield "protected_kept", (known.protector >= 0) & ~planned, 0.0, plans.protection[protector]
    yield "protected_claim", (known.plan >= 0) & plans.protected[filed] & (known.protected == 0), 0.0, plans.protection[filed]


def _digits(numbers: NDArray[np.integer]) -> Bytes:
    """Write whole numbers."""
    return np.asarray(numbers).astype("S20")


def _octal(codes: NDArray[np.int16]) -> Bytes:
    """Write Mode A codes as four octal digits; empty for -1."""
    digits = np.frombuffer(b"01234567", np.uint8)[(codes[:, None].astype(np.int32) >> np.arange(9, -3, -3)) & 7]
    return np.where(codes >= 0, np.ascontiguousarray(digits).view("S4").reshape(-1), b"")


def blocks_of(config: IdentifyConfig) -> I64:
    """Return the row of the table of codes that each Mode A code is in, (4096,), -1 none; of several the first."""
    out = np.full(4096, -1, np.int64)
    for row in range(len(config.code_block) - 1, -1, -1):
        block = config.code_block[row]
        out[octal_code(block.first) : octal_code(block.last) + 1] = row
    return out


def _hex(addresses: NDArray[np.int32]) -> Bytes:
    """Write addresses as six hexadecimal digits; empty for -1."""
    shifts = np.arange(20, -4, -4)
    digits = np.frombuffer(b"0123456789ABCDEF", np.uint8)[(addresses[:, None] >> shifts) & 15]
    return np.where(addresses > 0, np.ascontiguousarray(digits).view("S6").reshape(-1), b"")


def _pair(first: Bytes, second: Bytes) -> Bytes:
    return np.strings.add(np.strings.add(first, b"|"), second)


def carry_since(new: Pieces, old: Pieces) -> None:
    """Give new evidence the time at which the same rule first said the same words of the same track (in place)."""
    if not (len(new.rows) and len(old.rows)):
        return
    old_key, new_key = _key(old), _key(new)
    order = np.argsort(old_key, kind="stable")
    at = order[np.minimum(np.searchsorted(old_key, new_key, sorter=order), order.size - 1)]
    same = (old_key[at] == new_key) & (old.rows.detail[at] == new.rows.detail)
    since: F64 = new.rows.since_s
    since[same] = old.rows.since_s[at[same]]


def _key(pieces: Pieces) -> I64:
    return pieces.rows.number.astype(np.int64) * 256 + pieces.rule

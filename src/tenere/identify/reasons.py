"""The evidence rules: from what is known of some tracks to rows of evidence, each with its weight and its words.

Every rule is one line of ``_rows``: where it holds, what it weighs, what its phrase fills in. Rules work on whole
columns; nothing here is done track by track.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import AircraftClass, Emergency, Evidence
from tenere.identify.allocation import ICAO
from tenere.identify.correlate import Match, PlanIndex
from tenere.identify.known import ADSB, RADAR, TRANSPONDER, Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.batch import F64, I64, U8, Bytes
    from tenere.identify.config import IdentifyConfig

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
    "plan_home",
    "protected_plan",
    "protected_kept",
    "civil_kept",
    "squawk_7500",
    "squawk_7600",
    "squawk_7700",
    "emergency_said",
    "position_broadcast",
    "transponder",
    "transponder_lost",
    "class_said",
    "remote_id_claim",
    "radar_alone",
    "person_set",
    "suspect_refused",
    "suspect_withdrawn",
)
"""Every rule this stage may give, in order; each is a key of the phrase book."""

RULE_BYTES = np.array(RULES, "S32")
RULE_NUMBER = {rule: number for number, rule in enumerate(RULES)}
BY_PERSON = RULE_NUMBER["person_set"]
"""Rules from here on come from commands and stay when a track is considered again."""

CIVIL_CLASSES = (AircraftClass.LIGHT, AircraftClass.AIRLINER, AircraftClass.HELICOPTER, AircraftClass.GLIDER, AircraftClass.BALLOON)
_CLASS_WORDS = np.array([c.name.lower() for c in AircraftClass], "S48")
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


def gather(config: IdentifyConfig, plans: PlanIndex, known: Known, how: U8, kept: NDArray[np.bool_], time_s: float) -> Pieces:
    """Return the evidence about some tracks.

    known: their rows, with all but the log-odds written; how: (n,) Match bits of track and plan;
    kept: (n,) civil only because the address was so before.
    """
    parts: list[Evidence] = []
    numbers: list[U8] = []
    for name, where, weight, detail in _rows(config, plans, known, how, kept):
        rows = np.flatnonzero(where)
        if rows.size:
            words = detail if isinstance(detail, bytes) else detail[rows]
            at = RULE_NUMBER[name]
            parts.append(
                Evidence.blank(rows.size, number=known.number[rows], rule=RULE_BYTES[at], weight=weight, since_s=time_s, detail=words)
            )
            numbers.append(np.full(rows.size, at, np.uint8))
    if not parts:
        return Pieces.none()
    return Pieces(Evidence.concat(parts), np.concatenate(numbers))


def _rows(
    config: IdentifyConfig, plans: PlanIndex, known: Known, how: U8, kept: NDArray[np.bool_]
) -> Iterator[tuple[str, NDArray[np.bool_], float, Bytes | bytes]]:
    """Yield each rule: name, (n,) where it holds, weight, words."""
    addressed, icao, state = known.address > 0, known.state == ICAO.encode(), known.state != b""
    yield "address_state", addressed & state & ~icao, config.weight_address, known.state
    yield "address_icao", addressed & icao, config.weight_address, b""
    yield "address_unallocated", addressed & ~state, 0.0, _hex(known.address)
    named, of_airline = known.callsign != b"", airline(known.callsign)
    yield "callsign_airline", of_airline, config.weight_callsign_airline, known.callsign
    yield "callsign_other", named & ~of_airline, config.weight_callsign, known.callsign

    filed = np.maximum(known.plan, 0)
    by_name, by_address, by_claim = ((how & m) != 0 for m in (Match.CALLSIGN, Match.ADDRESS, Match.REMOTE_ID))
    if plans.callsign.size:
        route, filed_name, filed_address = plans.route[filed], plans.callsign[filed], _hex(plans.address[filed])
        yield "plan_both", by_name & by_address, config.weight_plan, route
        yield "plan_callsign", by_name & ~by_address, config.weight_plan_part, route
        yield "plan_address", by_address & ~by_name, config.weight_plan_part, route
        yield "plan_remote_id", by_claim, config.weight_remote_id, route
        yield "plan_callsign_differs", (how & Match.CALLSIGN_DIFFERS) != 0, config.weight_plan_differs, _pair(filed_name, known.callsign)
        yield (
            "plan_address_differs",
            (how & Match.ADDRESS_DIFFERS) != 0,
            config.weight_plan_differs,
            _pair(filed_address, _hex(known.address)),
        )
        yield "plan_home", known.home != 0, 0.0, filed_name
        protector = np.maximum(known.protector, 0)
        planned = (known.protected != 0) & (known.plan == known.protector)
        yield "protected_plan", planned, 0.0, plans.protection[protector]
        yield "protected_kept", (known.protected != 0) & ~planned, 0.0, plans.protection[protector]
    yield "civil_kept", kept, config.weight_memory, _hex(known.address)

    for code, squawk in enumerate(("squawk_7500", "squawk_7600", "squawk_7700"), start=1):
        yield squawk, known.code == code, 0.0, b""
    yield "emergency_said", known.emergency != 0, 0.0, _EMERGENCY_WORDS[known.emergency]

    answers, claims = (known.signs & TRANSPONDER) != 0, known.remote_id != b""
    yield "position_broadcast", (known.signs & ADSB) != 0, config.weight_adsb, b""
    yield "transponder", answers, config.weight_transponder, b""
    yield "transponder_lost", answers & (known.quiet != 0), config.weight_transponder_lost, b""
    yield "radar_alone", ~answers & ~claims & ((known.signs & RADAR) != 0), config.weight_radar_alone, b""
    classed = np.minimum(known.aircraft_class, len(_CLASS_WORDS) - 1)
    yield "class_said", civil_kind(known.aircraft_class), config.weight_class, _CLASS_WORDS[classed]
    yield "class_said", (known.aircraft_class != 0) & ~civil_kind(known.aircraft_class), 0.0, _CLASS_WORDS[classed]
    yield "remote_id_claim", claims, config.weight_remote_id, known.remote_id


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

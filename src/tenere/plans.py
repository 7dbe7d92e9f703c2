"""Flight plans as the picture needs them: who, from where, to where, and whether the flight is protected."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.errors import Rejects

PROTECTED_STS = frozenset({"HUM", "HOSP", "MEDEVAC", "SAR", "HEAD", "STATE", "FFR"})
"""ICAO Doc 4444, flight plan item 18, STS/: the special handlings that make a flight protected."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One filed flight plan."""

    callsign: str
    """Aircraft identification as filed (item 7)."""
    address: str = ""
    """24-bit address in hex as filed in item 18 CODE/, or empty."""
    departure: str = ""
    """ICAO code of the aerodrome of departure."""
    destination: str = ""
    """ICAO code of the aerodrome of destination."""
    aircraft_type: str = ""
    """ICAO type designator, such as AT72."""
    off_block_s: float = float("nan")
    """Estimated off-block time, Unix seconds."""
    elapsed_s: float = float("nan")
    """Total estimated elapsed time (item 16), seconds."""
    route: str = ""
    """The route as filed (item 15), for people: nothing is computed from it."""
    sts: tuple[str, ...] = ()
    """Item 18 STS/ indicators, such as ("HUM",)."""
    operator: str = ""
    """Who operates the flight; compared with identify.home_operators."""
    remote_id: str = ""
    """Remote ID of a drone, where filed."""
    ssr: str = ""
    """Mode A code assigned to the flight, four octal digits, or empty."""

    @property
    def protected(self) -> bool:
        """Say whether special handling makes this flight protected."""
        return bool(PROTECTED_STS.intersection(self.sts))


class PlanMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One flight-plan message as it arrived (ICAO Doc 4444, appendix 3)."""

    kind: Literal["FPL", "CHG", "CNL", "DLA", "DEP", "ARR"]
    """What it says: filed, changed, cancelled, delayed, departed, arrived."""
    plan: Plan
    """What it gives of the plan; empty what it does not say."""
    time_s: float
    """When it arrived, Unix seconds."""
    at_s: float = float("nan")
    """Actual departure (DEP) or arrival (ARR), or the new off-block time (DLA), Unix seconds."""
    reference: int = 0
    """Byte offset of the message in what its source delivered."""
    renamed: Plan | None = None
    """CHG: the callsign and aerodromes that the flight has from now on, where it is known by others from now on."""


STALE_S = 36 * 3600.0
"""A plan this long past its off-block time no longer names new tracks."""

SAME_FLIGHT_S = 12 * 3600.0
"""Off-block times nearer than this, with the same callsign and aerodromes, are of one flight."""


@dataclass
class PlanBook:
    """Every plan known so far: the site file's, then what messages bring.

    A row is never given to another flight, for identities name plans by row. A row that is not active names no new track;
    what it protects already stays protected (only people take that off).
    """

    LIMIT = 100_000

    rows: list[Plan] = field(default_factory=list)
    active: list[bool] = field(default_factory=list)
    fixed: int = 0
    """Rows of the site file, which no message takes away."""

    @classmethod
    def of(cls, plans: Sequence[Plan]) -> PlanBook:
        """Return the book of a site file."""
        return cls(list(plans), [True] * len(plans), len(plans))

    def take(self, messages: Sequence[PlanMessage], time_s: float, rejects: Rejects) -> bool:
        """Enter messages in order; count those that concern no plan known. Return whether anything changed."""
        changed = False
        for message in messages:
            row = self.find(message.plan)
            if message.kind == "FPL":
                changed |= self._file(message, row, rejects)
            elif row < 0:
                rejects.add(f"{message.kind} of a flight that has no plan", message.reference)
            else:
                changed = True
                self._amend(message, row)
        for row in range(self.fixed, len(self.rows)):
            if self.active[row] and time_s - self.rows[row].off_block_s > STALE_S:
                self.active[row], changed = False, True
        return changed

    def find(self, plan: Plan) -> int:
        """Return the newest active row of the flight that a message is about, -1 where there is none."""
        for row in range(len(self.rows) - 1, -1, -1):
            known = self.rows[row]
            if not self.active[row] or known.callsign != plan.callsign or not plan.callsign:
                continue
            places = ((known.departure, plan.departure), (known.destination, plan.destination))
            if any(a and b and a != b for a, b in places):
                continue
            if not abs(known.off_block_s - plan.off_block_s) > SAME_FLIGHT_S:  # also where one of them is not known
                return row
        return -1

    def _file(self, message: PlanMessage, row: int, rejects: Rejects) -> bool:
        if row >= 0:  # filed again: what protects the flight is not lost by a second filing
            self.rows[row] = merged(self.rows[row], message.plan)
        elif len(self.rows) >= self.LIMIT:
            rejects.add("flight plan beyond the limit of the book", message.reference)
            return False
        else:
            self.rows.append(message.plan)
            self.active.append(True)
        return True

    def _amend(self, message: PlanMessage, row: int) -> None:
        if message.kind == "CHG":
            self.rows[row] = merged(self.rows[row], message.plan)
            if message.renamed is not None:
                new = message.renamed
                said = {name: getattr(new, name) for name in ("callsign", "departure", "destination") if getattr(new, name)}
                self.rows[row] = msgspec.structs.replace(self.rows[row], **said)
        elif message.kind == "DLA" and math.isfinite(message.at_s):
            self.rows[row] = msgspec.structs.replace(self.rows[row], off_block_s=message.at_s)
        elif message.kind in {"CNL", "ARR"} and row >= self.fixed:
            self.active[row] = False


def merged(old: Plan, new: Plan) -> Plan:
    """Return a plan with everything that a newer message says, and what it does not say as it was; STS/ only grows."""
    said = {
        name: getattr(new, name)
        for name in ("address", "departure", "destination", "aircraft_type", "operator", "remote_id", "ssr", "route")
        if getattr(new, name)
    }
    said.update({name: getattr(new, name) for name in ("off_block_s", "elapsed_s") if math.isfinite(getattr(new, name))})
    return msgspec.structs.replace(old, **said, sts=tuple(dict.fromkeys((*old.sts, *new.sts))))

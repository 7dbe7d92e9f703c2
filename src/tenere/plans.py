"""Flight plans as the picture needs them: who, from where, to where, and whether the flight is protected."""

from __future__ import annotations

from typing import Literal

import msgspec

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
    sts: tuple[str, ...] = ()
    """Item 18 STS/ indicators, such as ("HUM",)."""
    operator: str = ""
    """Who operates the flight; compared with identify.home_operators."""
    remote_id: str = ""
    """Remote ID of a drone, where filed."""

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

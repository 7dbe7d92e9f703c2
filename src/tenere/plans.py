"""Flight plans as the picture needs them: who, from where, to where, and whether the flight is protected."""

from __future__ import annotations

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

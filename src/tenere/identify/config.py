"""What a site file may say under [identify]."""

from __future__ import annotations

import msgspec


class IdentifyConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose picture it is, how long the stage waits and remembers, and what each piece of evidence weighs.

    A weight is a log-odds: +0.7 doubles the odds that the flight is what it says, -0.7 halves them.
    """

    home_state: str = "NE"
    """ISO 3166 two-letter code of the country whose picture this is."""
    home_operators: tuple[str, ...] = ()
    """Operators of the home country, as flight plans name them: their flights are assumed friends when plan and track agree."""
    pending_s: float = 12.0
    """A track this young, of which nothing is known, is pending rather than unknown."""
    forget_s: float = 120.0
    """A track number not seen for this long is forgotten."""
    memory_s: float = 43_200.0
    """How long an address keeps its protection or civil status after its track is lost."""
    memory_limit: int = 65_536
    """Most addresses remembered; the one longest untouched goes first."""
    notice_s: float = 600.0
    """How long a refused or withdrawn decision stays among the evidence."""
    weight_address: float = 1.5
    """The aircraft answers with an address out of a State's block."""
    weight_callsign_airline: float = 1.2
    """It gives a callsign of the form of an airline's: three letters, then a number."""
    weight_callsign: float = 0.6
    """It gives a callsign of another form."""
    weight_plan: float = 3.0
    """A flight plan agrees with both its callsign and its address."""
    weight_plan_part: float = 2.0
    """A flight plan agrees with one of them, and says nothing of the other."""
    weight_plan_differs: float = -1.0
    """A flight plan agrees with one of them and differs in the other."""
    weight_adsb: float = 0.5
    """It broadcasts its own position."""
    weight_transponder: float = 0.7
    """It answers interrogation."""
    weight_class: float = 0.7
    """It reports itself as a civil kind of aircraft."""
    weight_remote_id: float = 0.3
    """It claims a Remote ID; nothing can prove the claim."""
    weight_memory: float = 1.0
    """The same address was civil before its track was lost."""
    weight_radar_alone: float = -0.3
    """Only radar sees it. Many aircraft carry no transponder: silence is never a reason to suspect."""
    weight_transponder_lost: float = -0.3
    """It answered, and does not any more."""

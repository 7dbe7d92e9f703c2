"""What kind of aircraft a plan's type designator names: a small table of what flies, not of all there is (ICAO Doc 8643 lists that).

A kind is what such an aircraft may say of itself and how it may move; both are sets, for a turboprop may say "light" or
"airliner", and moves like either. A type that is not in the table is compared with nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from tenere.batch import AircraftClass as Said
from tenere.batch import KinematicClass as Moves


class Kind(NamedTuple):
    """Bits of AircraftClass that agree, bits of KinematicClass that agree, and bits of KinematicClass that cannot be."""

    said: int
    moves: int
    cannot: int


def _bits(*kinds: int) -> int:
    return sum(1 << k for k in kinds)


_JET = Kind(_bits(Said.AIRLINER), _bits(Moves.JET), _bits(Moves.HELICOPTER, Moves.DRONE, Moves.BIRD))
_TURBOPROP = Kind(_bits(Said.AIRLINER, Said.LIGHT), _bits(Moves.JET, Moves.LIGHT), _bits(Moves.DRONE, Moves.BIRD))
_BUSINESS = Kind(_bits(Said.AIRLINER, Said.LIGHT, Said.HIGH_PERFORMANCE), _bits(Moves.JET), _bits(Moves.DRONE, Moves.BIRD))
_LIGHT = Kind(_bits(Said.LIGHT), _bits(Moves.LIGHT), _bits(Moves.BIRD))
_HELICOPTER = Kind(_bits(Said.HELICOPTER), _bits(Moves.HELICOPTER, Moves.LIGHT), _bits(Moves.JET, Moves.BIRD))
_GLIDER = Kind(_bits(Said.GLIDER, Said.LIGHT), _bits(Moves.LIGHT), _bits(Moves.JET))
_BALLOON = Kind(_bits(Said.BALLOON), 0, _bits(Moves.JET))
UNKNOWN = Kind(0, 0, 0)

_TYPES = {
    _JET: """A306 A30B A310 A318 A319 A320 A321 A19N A20N A21N A332 A333 A337 A338 A339 A342 A343 A345 A346 A359 A35K A388 B37M B38M
        B39M B712 B722 B732 B733 B734 B735 B736 B737 B738 B739 B742 B744 B748 B752 B753 B762 B763 B764 B772 B773 B77L B77W B788
        B789 B78X BCS1 BCS3 CRJ1 CRJ2 CRJ7 CRJ9 CRJX DC10 E135 E145 E170 E190 E195 E290 E295 E75L E75S F100 F70 IL62 IL76 IL96 MD11
        MD81 MD82 MD83 MD88 RJ1H RJ85 SU95 T154 A124""",
    _TURBOPROP: """A400 AN12 AN24 AN26 AN32 AN72 AT43 AT45 AT46 AT72 AT73 AT75 AT76 B190 BE20 BE30 BE9L C130 C212 C295 C30J CN35 D228 D328
        DH8A DH8B DH8C DH8D E110 E120 F27 F50 JS31 JS32 JS41 L410 P180 PC12 SF34 SW4 TBM7 TBM8 TBM9 C208 DHC6 PC6T""",
    _BUSINESS: """ASTR BE40 C25A C25B C25C C500 C510 C525 C550 C560 C56X C650 C680 C750 CL30 CL35 CL60 E50P E55P F2TH F900 FA10 FA20 FA50
        FA7X FA8X G150 G280 GALX GL5T GLEX GLF3 GLF4 GLF5 GLF6 H25B HDJT LJ35 LJ45 LJ60 PRM1""",
    _LIGHT: """AA5 BE33 BE35 BE36 BE55 BE58 BE76 C150 C152 C172 C177 C180 C182 C185 C206 C210 C310 C337 C402 C404 C414 C421 DA40 DA42 DA62
        DR40 M20P P28A P28R P28T P32R P68 PA18 PA23 PA24 PA31 PA32 PA34 PA44 PA46 RALL SR20 SR22 TB10 TB20 ULAC BN2P""",
    _HELICOPTER: """A109 A119 A139 A169 A189 ALO2 ALO3 AS32 AS50 AS55 AS65 B06 B105 B212 B407 B412 B429 B430 BK17 EC20 EC25 EC30 EC35 EC45
        EC55 EC75 EH10 EXPL G2CA GAZL H47 H500 H60 KA32 LYNX MI17 MI26 MI8 NH90 PUMA R22 R44 R66 S61 S76 S92 UH1""",
    _GLIDER: "GLID",
    _BALLOON: "BALL SHIP",
}
_OF = {designator: kind for kind, words in _TYPES.items() for designator in words.split()}


def kind_of(designator: str) -> Kind:
    """Return what a type designator names; UNKNOWN for one that is not in the table."""
    return _OF.get(designator.strip().upper(), UNKNOWN)

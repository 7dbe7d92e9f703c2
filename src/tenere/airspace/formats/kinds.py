"""What the words of airspace files mean here: kinds of volumes, and the words that say a kind best.

A word may say less than the kind: what cannot be said is written as the nearest, and counted (formats.write).
Sources: OpenAir 2.1.0 (tables AC and AY); AIXM 5.1 CodeAirspaceType; YAIXM's schema; EUROCAE ED-269 table 8 and ED-318 section 4.2.
"""

from __future__ import annotations

from tenere.airspace.model import VolumeKind

K = VolumeKind

CLASSES = frozenset("ABCDEFG")
_CONTROL = ("CTR", "CTA", "TMA", "UTA", "LTA", "OCA", "AWY", "CTA_P", "TMA_P", "CTR_P", "UTA_P", "CLASS", "SECTOR", "SECTOR_C")
_AERODROME = ("ATZ", "ATZ_P", "MATZ", "HTZ", "TIZ", "NOATZ")
WORDS: dict[str, VolumeKind] = {
    **dict.fromkeys(_CONTROL, K.CONTROL),
    **dict.fromkeys(_AERODROME, K.AERODROME),
    **dict.fromkeys(("FIR", "UIR", "FIR_P", "UIR_P"), K.FIR),
    **dict.fromkeys(("P", "PROHIBITED"), K.PROHIBITED),
    **dict.fromkeys(("R", "RESTRICTED", "R_AMC"), K.RESTRICTED),
    **dict.fromkeys(("Q", "DANGER", "D_AMC", "ALERT", "WARNING", "W_WARNING", "A_ALERT"), K.DANGER),
    **dict.fromkeys(("TSA", "TRA", "TFR", "N", "CBA", "TEMPORARY"), K.TEMPORARY),
    **dict.fromkeys(("OFR", "NO_FLY", "NO_FLY_ZONE"), K.NO_FLY),
    **dict.fromkeys(("VFRR", "MTR", "TRAFR", "CORRIDOR"), K.CORRIDOR),
    **dict.fromkeys(("BORDER", "POLITICAL"), K.BORDER),
    **dict.fromkeys(("DRONE", "UAS", "USPACE", "U-SPACE"), K.DRONE),
    "CONTROL": K.CONTROL,
    "AERODROME": K.AERODROME,
    "CLOSED": K.CLOSED,
    "OTHER": K.OTHER,
}
"""Words that mean the same in every format; D alone is class D in one and a danger area in the others."""

OTHERS = frozenset(
    (
        "W",
        "GP",
        "GSEC",
        "WAVE",
        "RMZ",
        "TMZ",
        "TRZ",
        "TIA",
        "FIS",
        "ACCSEC",
        "ADIZ",
        "ASRA",
        "ASR",
        "CUSTOM",
        "NONE",
        "UNC",
        "UNCLASSIFIED",
        "UNKNOWN",
        "UKN",
        "VFRSEC",
        "MTA",
        "GLIDER",
        "UL",
        "ILS",
        "PROTECT",
        "AMA",
        "RAS",
        "RCA",
        "D_OTHER",
        "PART",
        "ADV",
        "NAS",
        "NAS_P",
        "NO_FIR",
        "MNPSA",
        "RVSM",
        "OFR_P",
        "NPZ",
        "MIL",
        "UDF",
    )
)
"""Words that are known and say no more than other."""

OPENAIR: dict[VolumeKind, tuple[str, str]] = {
    K.CONTROL: ("CTR", "CTR"),
    K.PROHIBITED: ("P", "P"),
    K.NO_FLY: ("UNC", "OFR"),
    K.CLOSED: ("P", "P"),
    K.RESTRICTED: ("R", "R"),
    K.DANGER: ("Q", "Q"),
    K.TEMPORARY: ("UNC", "TFR"),
    K.FIR: ("UNC", "FIR"),
    K.AERODROME: ("UNC", "ATZ"),
    K.CORRIDOR: ("UNC", "VFRR"),
}
"""A kind's AC where it has no class, and its AY; the others are CUSTOM."""

AIXM: dict[VolumeKind, str] = {
    K.FIR: "FIR",
    K.BORDER: "POLITICAL",
    K.CONTROL: "CTA",
    K.PROHIBITED: "P",
    K.RESTRICTED: "R",
    K.DANGER: "D",
    K.TEMPORARY: "TSA",
    K.NO_FLY: "OTHER:NO_FLY",
    K.DRONE: "OTHER:UAS",
    K.CORRIDOR: "OTHER:CORRIDOR",
    K.CLOSED: "OTHER:CLOSED",
    K.AERODROME: "ATZ",
    K.OTHER: "OTHER",
}

YAIXM: dict[VolumeKind, tuple[str, str]] = {
    K.CONTROL: ("CTA", ""),
    K.PROHIBITED: ("P", ""),
    K.NO_FLY: ("P", ""),
    K.CLOSED: ("P", ""),
    K.RESTRICTED: ("R", ""),
    K.TEMPORARY: ("R", ""),
    K.DANGER: ("D", ""),
    K.AERODROME: ("ATZ", ""),
}
"""A kind's type and localtype; the others are OTHER."""

ZONES = frozenset(("PROHIBITED", "REQ_AUTHORISATION", "REQ_AUTHORIZATION", "CONDITIONAL", "USPACE"))
"""What zones for drones restrict; NO_RESTRICTION and what is not known is other."""
RESTRICTION: dict[VolumeKind, str] = {
    **dict.fromkeys((K.PROHIBITED, K.NO_FLY, K.CLOSED, K.RESTRICTED, K.TEMPORARY, K.DANGER), "PROHIBITED"),
    **dict.fromkeys((K.DRONE, K.CONTROL, K.AERODROME, K.CORRIDOR), "REQ_AUTHORISATION"),
}


def kind_of(word: str) -> VolumeKind | None:
    """Return what a word of a file means; None: it is not known."""
    upper = word.strip().upper().removeprefix("OTHER:")
    return WORDS.get(upper, K.OTHER if upper in OTHERS else None)


def zone(restriction: str) -> VolumeKind:
    """Return the kind of a zone for drones: whatever it says, it says it to drones."""
    return K.DRONE if restriction.strip().upper() in ZONES else K.OTHER

"""What a SAPIENT node takes a thing for: its classification, from the likeliest class down its sub-classes.

BSI Flex 335 v2 suggests a taxonomy (Human, Air vehicle, Land vehicle, Sea vessel, Animal ...; of air vehicles UAV or
manned, rotary or fixed wing) and lets nodes use their own; names are compared in small letters, without a namespace.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tenere.batch import AircraftClass

DEEPEST = 8

WORDS: tuple[tuple[tuple[str, ...], AircraftClass], ...] = (
    (("uav", "uas", "rpas", "drone", "unmanned", "quadcopter", "multirotor", "multicopter"), AircraftClass.DRONE),
    (("helicopter", "rotary wing", "rotorcraft"), AircraftClass.HELICOPTER),
    (("glider",), AircraftClass.GLIDER),
    (("balloon", "lighter than air", "airship"), AircraftClass.BALLOON),
    (("airliner", "commercial aircraft"), AircraftClass.AIRLINER),
    (("light aircraft", "microlight", "ultralight"), AircraftClass.LIGHT),
    (("bird",), AircraftClass.OTHER),
)
"""Words of class names -> class; the first that is found counts."""

AIR = ("air", "aer", "bird", "fly", "uav", "uas", "drone", "helicopter")
NOT_AIR = (
    "human",
    "person",
    "people",
    "land",
    "ground",
    "surface",
    "vehicle",
    "sea",
    "vessel",
    "ship",
    "boat",
    "animal",
    "building",
    "static",
)
"""Beginnings of the words by which a class is of the air, or else of the ground or the sea."""


class Classified(NamedTuple):
    """A class: its names from the widest to the narrowest, and the confidence of the first (NaN where none is given)."""

    path: tuple[str, ...]
    confidence: float


def classify(report: Any) -> Classified:  # noqa: ANN401 - a DetectionReport message
    """Return the likeliest class of a report with its likeliest sub-classes; of equals the first."""
    path: list[str] = []
    confidence = float("nan")
    level = report.classification
    while len(level) and len(path) < DEEPEST:
        best = max(level, key=lambda c: c.confidence)
        if not path and best.HasField("confidence"):
            confidence = best.confidence
        path.append(best.type.rpartition(":")[2].strip())
        level = best.sub_class
    return Classified(tuple(path), confidence)


def aircraft_class(found: Classified) -> AircraftClass:
    """Return the class in our list, of the narrowest name that has one."""
    for name in reversed(found.path):
        text = " ".join(name.lower().replace("_", " ").replace("-", " ").split())
        for words, made in WORDS:
            if any(word in text for word in words):
                return made
    return AircraftClass.UNKNOWN


def is_air(found: Classified) -> bool:
    """Say whether a thing may be in the air: all is that is not classified as of the ground or the sea."""
    words = found.path[0].lower().replace("_", " ").replace("-", " ").split() if found.path else []
    return any(w.startswith(AIR) for w in words) or not any(w.startswith(NOT_AIR) for w in words)

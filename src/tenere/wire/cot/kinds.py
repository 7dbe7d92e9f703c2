"""What the type of a Cursor-on-Target event says besides the affiliation: kind of event, dimension, kind of aircraft.

The type of an atom is a, the affiliation, the dimension, then a path in the type list: a-n-A-C-F is a civil (C)
fixed-wing (F) aircraft in the air (A); M is military, H rotary wing, L lighter than air, Q or q without a pilot. (MITRE,
CoT type list 1.80.)
"""

from __future__ import annotations

from tenere.batch import AircraftClass, PlotFlag

AIR = "A"
DIMENSIONS = {
    "A": "CoT air track",
    "G": "CoT ground track",
    "S": "CoT surface track",
    "U": "CoT subsurface track",
    "P": "CoT space track",
}
EVENTS = {"a": "CoT other track", "b": "CoT data", "t": "CoT task", "y": "CoT reply", "r": "CoT reservation", "c": "CoT capability"}
OTHER, CONTROL = "CoT other event", "TAK control"
DELETE = "t-x-d-d"

RECORDS = (*DIMENSIONS.values(), *EVENTS.values(), OTHER, CONTROL)

CATEGORIES = {
    "A1": AircraftClass.LIGHT,
    "A2": AircraftClass.LIGHT,
    "A3": AircraftClass.AIRLINER,
    "A4": AircraftClass.AIRLINER,
    "A5": AircraftClass.AIRLINER,
    "A6": AircraftClass.HIGH_PERFORMANCE,
    "A7": AircraftClass.HELICOPTER,
    "B1": AircraftClass.GLIDER,
    "B2": AircraftClass.BALLOON,
    "B3": AircraftClass.OTHER,
    "B4": AircraftClass.LIGHT,
    "B6": AircraftClass.DRONE,
    "B7": AircraftClass.OTHER,
    "C1": AircraftClass.VEHICLE,
    "C2": AircraftClass.VEHICLE,
}
"""Emitter category as gateways pass it on (DO-260B table 2-42) -> class."""

SIMULATED = "m-s"
"""how: made by a simulation."""


def record(kind: str) -> str:
    """Return the name under which an event of this type is counted."""
    if kind.startswith("a-"):
        return DIMENSIONS.get(kind[4:5], EVENTS["a"]) if kind[3:4] == "-" and kind[5:6] in {"", "-"} else EVENTS["a"]
    return EVENTS.get(kind[:1], OTHER) if kind[1:2] in {"", "-"} else OTHER


def is_air(kind: str) -> bool:
    """Say whether an event is a track in the air."""
    return record(kind) == DIMENSIONS[AIR]


def aircraft_class(kind: str, category: str = "") -> AircraftClass:
    """Return the class of an air track: of its emitter category where a gateway gives one, else of its type.

    A fixed wing alone says nothing of size or use, and stays unknown.
    """
    if category.upper() in CATEGORIES:
        return CATEGORIES[category.upper()]
    path = kind.split("-")[3:8]
    if len(path) < 2 or path[0] not in {"M", "C"}:
        return AircraftClass.UNKNOWN
    if "Q" in path[2:] or "q" in path[2:]:
        return AircraftClass.DRONE
    if path[1] == "F":
        return AircraftClass.HIGH_PERFORMANCE if path[0] == "M" and path[2:3] == ["F"] else AircraftClass.UNKNOWN
    return {"H": AircraftClass.HELICOPTER, "L": AircraftClass.BALLOON}.get(path[1], AircraftClass.UNKNOWN)


def flags(how: str, opex: str) -> PlotFlag:
    """Return whether an event is of a simulation, as its how or its opex (o operation, e exercise, s simulation) says."""
    simulated = how == SIMULATED or (opex[:1] == "s" and opex[1:2] in {"", "-"})
    return PlotFlag.SIMULATED if simulated else PlotFlag(0)


def is_exercise(opex: str) -> bool:
    """Say whether an event belongs to an exercise."""
    return opex[:1] == "e" and opex[1:2] in {"", "-"}

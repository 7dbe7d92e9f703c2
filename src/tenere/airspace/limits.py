"""Floors and ceilings as people write them: "FL195", "1500 ft amsl", "2000 ft agl", "GND", "UNL"; to limits and back.

A height is kept to 0.1 mm, so a foot and a hundredth of a metre both come back as they were written.
"""

from __future__ import annotations

import math
import re

from tenere.airspace.model import GROUND, UNLIMITED, Datum, Limit
from tenere.errors import TenereError
from tenere.units import FLIGHT_LEVEL_M, FOOT_M

LOWEST_M, HIGHEST_M = -1000.0, 100_000.0
"""What a limit may be: the Dead Sea is at -430 m; above 100 km there is no airspace."""
DECIMALS = 4
LONGEST = 60

_TOKEN = re.compile(r"([+-]?\d{1,9}(?:[.,]\d{1,9})?)|([A-Z]+)|[\s/.]+", re.ASCII)
_GROUND = {"GND", "SFC", "GROUND", "SURFACE"}
_UNLIMITED = {"UNL", "UNLIM", "UNLIMITED", "UNLTD"}
_UNITS = {"FT": FOOT_M, "F": FOOT_M, "FEET": FOOT_M, "M": 1.0, "METERS": 1.0, "METRES": 1.0}
_DATUMS: dict[str, Datum] = {
    **dict.fromkeys(("AMSL", "MSL", "ALT", "QNH", "ASL"), "amsl"),
    **dict.fromkeys(("AGL", "ASFC", "AGND", "SFC", "GND"), "agl"),
    **dict.fromkeys(("STD", "FL", "QNE", "PA"), "fl"),
}


class AirspaceError(TenereError):
    """Airspace that cannot be read; the message says what is wrong, and where."""


def limit(value: float, unit_m: float, datum: Datum) -> Limit:
    """Return a limit of so many units above a datum. Raises AirspaceError where no airspace is."""
    metres = round(value * unit_m, DECIMALS) + 0.0  # never a negative zero
    if not LOWEST_M <= metres <= HIGHEST_M:
        raise AirspaceError(f"a limit of {metres:g} m is outside {LOWEST_M:g} to {HIGHEST_M:g} m")
    return Limit(metres, datum)


def parse(text: str) -> Limit:
    """Read a limit. A number without a unit is feet, one without a datum above mean sea level. Raises AirspaceError."""
    upper = text.strip().upper()
    numbers, words, at = [], [], 0
    while at < len(upper):
        found = _TOKEN.match(upper, at)
        if found is None or len(upper) > LONGEST:
            raise AirspaceError(f"{text[:LONGEST]!r} is no limit, such as FL195, 1500 ft amsl, 2000 ft agl, GND or UNL")
        at = found.end()
        if found[1]:
            numbers.append(float(found[1].replace(",", ".")))
        elif found[2]:
            words.append(found[2])
    if not numbers and len(words) == 1 and words[0] in _GROUND | {"AGL"}:
        return GROUND
    if not numbers and len(words) == 1 and words[0] in _UNLIMITED:
        return UNLIMITED
    if not numbers and len(words) == 1 and words[0] in ("MSL", "AMSL"):
        return Limit(0.0, "amsl")
    units = [w for w in words if w in _UNITS]
    datums = [w for w in words if w in _DATUMS]
    if len(numbers) != 1 or len(units) > 1 or len(datums) > 1 or len(units) + len(datums) < len(words):
        raise AirspaceError(f"{text[:LONGEST]!r} is no limit, such as FL195, 1500 ft amsl, 2000 ft agl, GND or UNL")
    if datums == ["FL"] and not units:
        return limit(numbers[0], FLIGHT_LEVEL_M, "fl")
    return limit(numbers[0], _UNITS[units[0]] if units else FOOT_M, _DATUMS[datums[0]] if datums else "amsl")


def whole(value_m: float, unit_m: float) -> int | None:
    """Return a length in whole units, None where it is not whole."""
    n = round(value_m / unit_m)
    return n if round(n * unit_m, DECIMALS) == round(value_m, DECIMALS) else None


def decimal(value: float, places: int = DECIMALS) -> str:
    """Write a number without an exponent and without zeros at its end."""
    written = f"{value + 0.0:.{places}f}"
    short = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if short == "-0" else short


def text(held: Limit) -> str:
    """Write a limit so that parse gives it again: flight levels and feet where they are whole, metres otherwise."""
    if math.isinf(held.value_m):
        return "UNL"
    if held == GROUND:
        return "GND"
    if held.datum == "fl" and (level := whole(held.value_m, FLIGHT_LEVEL_M)) is not None and level >= 0:
        return f"FL{level}"
    word = {"amsl": "AMSL", "agl": "AGL", "fl": "STD"}[held.datum]
    feet = whole(held.value_m, FOOT_M)
    return f"{decimal(held.value_m)} m {word}" if feet is None else f"{feet} ft {word}"

"""The fields of an ATS message to what the picture needs of a plan."""

from __future__ import annotations

import calendar
import math
import re
from typing import TYPE_CHECKING

from tenere.plans import Plan, PlanMessage

if TYPE_CHECKING:
    from tenere.wire.fpl.envelope import Message
    from tenere.wire.fpl.fields import Fields

DAY_S = 86_400
NO_PLACE = frozenset({"ZZZZ", "AFIL"})
NO_TYPE = "ZZZZ"
MOST_STS = 16
LONGEST_ROUTE = 400
"""Letters of a route that are kept."""

BAD_DATE = "DOF/ does not read"
BAD_ADDRESS = "CODE/ does not read"

_DATE = re.compile(r"(\d\d)(\d\d)(\d\d)")
_ADDRESS = re.compile(r"[0-9A-Fa-f]{6}")
_WORD = re.compile(r"[A-Z]{2,10}")


def date_s(dof: str) -> float:
    """Return the Unix seconds at which a day begins, given as DOF/ has it (YYMMDD, of this century); NaN where it is none."""
    got = _DATE.fullmatch(dof)
    if got is None:
        return math.nan
    year, month, day = 2000 + int(got[1]), int(got[2]), int(got[3])
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return math.nan
    return float(calendar.timegm((year, month, day, 0, 0, 0)))


def clock_s(hhmm: str, day_s: float, near_s: float) -> float:
    """Return the Unix seconds of HHMM on a day, or where that is NaN on the one that brings it nearest to near_s; NaN where empty."""
    if not hhmm:
        return math.nan
    of_day = (int(hhmm[:2]) * 60 + int(hhmm[2:])) * 60.0
    if not math.isnan(day_s):
        return day_s + of_day
    return near_s + (of_day - near_s + DAY_S / 2) % DAY_S - DAY_S / 2


def _elapsed_s(hhmm: str) -> float:
    """Return the seconds of an elapsed time in hours and minutes; NaN where empty."""
    return (int(hhmm[:2]) * 60 + int(hhmm[2:])) * 60.0 if hhmm else math.nan


def _place(code: str) -> str:
    return "" if code in NO_PLACE else code


def amended(fields: Fields, *, whole: bool = False) -> Fields:
    """Return what a CHG makes of a plan: its fields 22, but unless whole for callsign and aerodromes, by which the plan is known."""
    changed = type(fields)(fields.kind, callsign=fields.callsign, departure=fields.departure, destination=fields.destination)
    changed.departure_time, changed.other = fields.departure_time, fields.other
    for number, text in fields.amended:
        if number in {9, 15, 18} or (whole and number in {7, 13, 16}):
            changed.take(number, text)
        elif number == 13 and text[:4] == fields.departure:
            changed.take(13, text)
    return changed


def of(message: Message, fields: Fields, time_s: float) -> tuple[PlanMessage, list[str]]:
    """Return the plan message of some fields that arrived at time_s (Unix seconds), and what of item 18 does not read."""
    reasons = []
    said = amended(fields) if fields.kind == "CHG" else fields
    dof, code = said.said("DOF") or fields.said("DOF"), said.said("CODE")
    day_s = date_s(dof)
    if dof and math.isnan(day_s):
        reasons.append(BAD_DATE)
    if code and not _ADDRESS.fullmatch(code):
        reasons.append(BAD_ADDRESS)
        code = ""
    actual = fields.kind == "DEP"  # its time is that of the departure, which may be of another day than was filed
    off_block_s = clock_s(said.departure_time, math.nan if actual else day_s, time_s)
    at_s = math.nan
    if fields.kind in {"DEP", "DLA"}:
        at_s = off_block_s
    elif fields.kind == "ARR":
        at_s = clock_s(fields.arrival_time, math.nan, time_s)
    kind_of_aircraft = said.aircraft_type
    if kind_of_aircraft == NO_TYPE:
        words = said.said("TYP").split()
        kind_of_aircraft = words[0] if words and len(words[0]) <= 4 else ""
    plan = Plan(
        callsign=fields.callsign,
        address=code.lower(),
        departure=_place(fields.departure),
        destination=_place(fields.destination or fields.arrival),
        aircraft_type=kind_of_aircraft,
        off_block_s=off_block_s,
        elapsed_s=_elapsed_s(said.elapsed),
        route=said.route[:LONGEST_ROUTE],
        sts=tuple(dict.fromkeys(w for w in said.said("STS").split()[:MOST_STS] if _WORD.fullmatch(w))),
        operator=said.said("OPR"),
    )
    renamed = None
    if fields.kind == "CHG":
        new = amended(fields, whole=True)
        places = (new.callsign, _place(new.departure), _place(new.destination))
        if places != (plan.callsign, plan.departure, plan.destination):
            renamed = Plan(callsign=places[0], departure=places[1], destination=places[2])
    kind = fields.kind
    assert kind in {"FPL", "CHG", "CNL", "DLA", "DEP", "ARR"}
    return PlanMessage(kind=kind, plan=plan, time_s=time_s, at_s=at_s, reference=message.reference, renamed=renamed), reasons  # type: ignore[arg-type]

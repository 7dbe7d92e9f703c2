"""What ED-269 and ED-318 share: limits of zones for drones, and when a zone applies."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from tenere.airspace import limits
from tenere.airspace.formats import geometry, times
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import GROUND, UNLIMITED, Limit, Period
from tenere.units import FOOT_M

if TYPE_CHECKING:
    from tenere.airspace.model import Volume

LONGEST = 7
"""An identifier, in both editions."""
MOST_PERIODS = 100
TOP_M = 30_480.0
"""What unlimited is written as where a number must stand: 100,000 feet."""
NO_COUNTRY = 3 * "X"
"""Three of them stand where a country must be given and none is known (ISO 3166-1 alpha-3, user-assigned)."""
SUN = "times that follow the sun (startEvent, endEvent) are taken as the whole day"
SEVERAL = "several times of application are taken as one, from the first's start to the last's end"


class When(NamedTuple):
    """When a zone applies."""

    starts_s: float
    ends_s: float
    schedule: tuple[Period, ...]


def limit_of(value: Any, reference: Any, unit: Any, *, ceiling: bool) -> Limit:  # noqa: ANN401 - a JSON tree
    """Read a zone's limit. Heights above the ellipsoid are refused: they are up to 100 m from mean sea level. Raises AirspaceError."""
    if value is None:
        return UNLIMITED if ceiling else GROUND
    datum, measure = geometry.words(reference).strip().upper() or "AGL", geometry.words(unit).strip().upper()
    if datum not in ("AGL", "AMSL"):
        raise AirspaceError(f"a limit counts from {datum[:20]}: only AGL and AMSL are read")
    if measure not in ("M", "FT", ""):
        raise AirspaceError(f"a limit in {measure[:20]}: only M and FT are read")
    height = geometry.number(value, "a limit")
    return limits.limit(height, FOOT_M if measure == "FT" else 1.0, "agl" if datum == "AGL" else "amsl")


def unit_of(volume: Volume) -> tuple[str, float]:
    """Return the unit in which both limits are whole, feet first, and its metres."""
    held = [x.value_m for x in (volume.floor, volume.ceiling) if math.isfinite(x.value_m)]
    return ("FT", FOOT_M) if all(limits.whole(v, FOOT_M) is not None for v in held) else ("M", 1.0)


def said_as(held: Limit, unit_m: float) -> tuple[float, str]:
    """Return a limit's number and what it counts from. A flight level is said as its height by the standard atmosphere."""
    metres = TOP_M if math.isinf(held.value_m) else held.value_m
    feet = limits.whole(metres, unit_m) if unit_m != 1.0 else None
    return (round(metres / unit_m, limits.DECIMALS) if feet is None else feet), "AGL" if held.datum == "agl" else "AMSL"


def when(periods: Any, odd: list[str]) -> When:  # noqa: ANN401 - a JSON tree
    """Read when a zone applies: a list of times from and to, each with days and hours. Raises AirspaceError."""
    held = [geometry.table(p, "a time of application") for p in geometry.listed(periods if periods is not None else [], "applicability")]
    if len(held) > MOST_PERIODS:
        raise AirspaceError(f"more than {MOST_PERIODS} times of application")
    timed = [p for p in held if geometry.words(p.get("permanent")).upper() != "YES"]
    starts, ends = -math.inf, math.inf
    schedule: list[Period] = []
    if timed and len(timed) == len(held):
        starts = min(times.moment(t) if (t := geometry.words(p.get("startDateTime"))) else -math.inf for p in timed)
        ends = max(times.moment(t) if (t := geometry.words(p.get("endDateTime"))) else math.inf for p in timed)
    if len(timed) > 1:
        odd.append(SEVERAL)
    for p in held:
        hours = geometry.listed(p.get("schedule") or [], "schedule")[: MOST_PERIODS + 1]
        schedule += [_period(geometry.table(one, "a schedule"), odd) for one in hours]
    return When(starts, ends, tuple(schedule))


def _period(held: dict[str, Any], odd: list[str]) -> Period:
    if held.get("startEvent") or held.get("endEvent"):
        odd.append(SUN)
    days = held.get("day", "ANY")
    begin = times.minutes(t) if (t := geometry.words(held.get("startTime"))) and not held.get("startEvent") else 0
    end = times.minutes(t) if (t := geometry.words(held.get("endTime"))) and not held.get("endEvent") else times.DAY_MIN
    return times.period(times.days(geometry.words(d) for d in (days if isinstance(days, list) else [days])), begin, end)


def applies(volume: Volume) -> list[dict[str, Any]]:
    """Return when a volume applies; empty: always."""
    out: dict[str, Any] = {}
    for key, time_s in (("startDateTime", volume.starts_s), ("endDateTime", volume.ends_s)):
        if math.isfinite(time_s):
            out[key] = times.stamp(time_s)
    if volume.schedule:
        out["schedule"] = [
            {"day": [times.DAYS[d] for d in p.days], "startTime": _clock(p.from_min), "endTime": _clock(p.to_min)} for p in volume.schedule
        ]
    return [out] if out else []


def _clock(minute: int) -> str:
    return "23:59:59Z" if minute == times.DAY_MIN else f"{times.clock(minute)}:00Z"


def identifier(volume: Volume) -> str:
    """Return an id of at most LONGEST letters and digits: the volume's own, or one that follows from it."""
    own = volume.id
    return (
        own
        if len(own) <= LONGEST and own.isascii() and own.isalnum()
        else hashlib.blake2b(own.encode(), digest_size=4).hexdigest()[:LONGEST].upper()
    )

"""Times and days as airspace files write them."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING

from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import Period

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?\s*(?:(Z)|([+-])(\d\d):?(\d\d))?", re.ASCII)
_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?\s*(?:Z|[+-]00:?00)?", re.ASCII)
DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
DAY_S, DAY_MIN = 86_400.0, 1440


def moment(text: str) -> float:
    """Read a date, or a date and time (UTC where it says no zone), to Unix seconds. Raises AirspaceError."""
    at = _MOMENT.fullmatch(text.strip()) if len(text) < 100 else None
    wrong = AirspaceError(f"{text.strip()[:40]!r} is no time, such as 2026-05-01T12:00Z")
    if at is None:
        raise wrong
    hour, minute, second = int(at[4] or 0), int(at[5] or 0), int(at[6] or 0)
    if minute > 59 or second > 60 or hour * 3600 + minute * 60 + second > DAY_S:  # 24:00 is the day's end
        raise wrong
    try:
        midnight = dt.datetime(int(at[1]), int(at[2]), int(at[3]), tzinfo=dt.UTC).timestamp()
    except ValueError as e:
        raise wrong from e
    away = (int(at[10]) * 60 + int(at[11])) * (60.0 if at[9] == "+" else -60.0) if at[9] else 0.0
    return round(midnight + hour * 3600.0 + minute * 60.0 + second + float(at[7] or 0) - away, 3)


def stamp(time_s: float) -> str:
    """Write Unix seconds in UTC, to the millisecond where it needs that."""
    whole = math.floor(round(time_s, 3))
    at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=whole)
    thousandths = round((time_s - whole) * 1000.0)
    return f"{at:%Y-%m-%dT%H:%M:%S}{f'.{thousandths:03d}' if thousandths else ''}Z".zfill(20)


def minutes(text: str) -> int:
    """Read a time of day in UTC, to minutes; 23:59:59 is the day's end, for want of 24:00. Raises AirspaceError."""
    at = _CLOCK.fullmatch(text.strip()) if len(text) < 40 else None
    value = int(at[1]) * 60 + int(at[2]) if at is not None and int(at[2]) < 60 else DAY_MIN + 1
    if value > DAY_MIN:
        raise AirspaceError(f"{text.strip()[:40]!r} is no time of day, such as 08:30")
    return DAY_MIN if at is not None and at[0].startswith("23:59:59") else value


def clock(minute: int) -> str:
    """Write minutes of the day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def days(words: Iterable[str]) -> tuple[int, ...]:
    """Read names of days (MON ... SUN, ANY). Raises AirspaceError."""
    out: set[int] = set()
    for word in words:
        short = word.strip().upper()[:3]
        if short == "ANY":
            out.update(range(7))
        elif short in DAYS:
            out.add(DAYS.index(short))
        else:
            raise AirspaceError(f"{word[:40]!r} is no day of the week")
    return tuple(sorted(out))


def period(day: tuple[int, ...], begin: int, end: int) -> Period:
    """Return a period; one from 24:00 is one from midnight."""
    return Period(day or tuple(range(7)), begin % DAY_MIN, end)

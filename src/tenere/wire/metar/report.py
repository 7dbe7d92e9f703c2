"""Read one METAR or SPECI: WMO-No. 306, Manual on Codes, volume I.1, FM 15 and FM 16; ICAO Annex 3, appendix 3.

>>> got, reasons = read("METAR DRRN 121200Z 24008KT 9999 SCT030 38/21 Q1010 NOSIG=", 1_626_098_400.0)
>>> got.station, got.time_s, got.qnh_pa, got.temperature_c, reasons
('DRRN', 1626091200.0, 101000.0, 38.0, [])
"""

from __future__ import annotations

import calendar
import math
import re
import time
from typing import NamedTuple

INHG_PA = 3386.389
"""Pascals in an inch of mercury at 0 C (ISO 80000-4, annex C)."""
DAY_S = 86_400.0
MOST_WORDS = 200
APART_PA = 150.0
"""Q and A of one report may differ by so much: one is cut to whole hectopascals, both are rounded down."""

_KINDS, _MARKS = ("METAR", "SPECI"), ("AUTO", "COR", "NIL", "RTD")
_STATION = re.compile(r"[A-Z][A-Z0-9]{3}")
_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)Z")
_CORRECTED = re.compile(r"CC[A-Z]")
_PRESSURE = re.compile(r"([QA])(\d{4})=?")
_NO_PRESSURE = re.compile(r"[QA]/{2,4}=?")
_TEMPERATURE = re.compile(r"(M?\d\d)/(?:M?\d\d|//)?=?")
BEGIN = re.compile(r"(?:(?:METAR|SPECI)\s+(?:COR\s+)?)?[A-Z][A-Z0-9]{3}\s+\d{6}Z(?=[\s=]|$)")
"""The beginning of a report, as a line may hold it."""


class Report(NamedTuple):
    """What a report says. Missing numbers are NaN."""

    kind: str
    """METAR or SPECI; METAR where it does not say."""
    station: str
    time_s: float
    """Unix seconds."""
    qnh_pa: float
    temperature_c: float
    automatic: bool
    corrected: bool
    nil: bool
    """It says that there is no report."""


def time_of(day: int, hour: int, minute: int, now_s: float) -> float:
    """Return the Unix time of a day of the month, hour and minute: of those the one nearest to now_s; NaN where there is no such time."""
    if not (1 <= day <= 31 and hour <= 23 and minute <= 59 and math.isfinite(now_s) and abs(now_s) < 1e11):
        return math.nan
    now = time.gmtime(now_s)
    best = math.nan
    for months in (-1, 0, 1):
        year, month = divmod(now.tm_year * 12 + now.tm_mon - 1 + months, 12)
        if day <= calendar.monthrange(year, month + 1)[1]:
            at = float(calendar.timegm((year, month + 1, day, hour, minute, 0)))
            if math.isnan(best) or abs(at - now_s) < abs(best - now_s):
                best = at
    return best


def read(text: str, now_s: float) -> tuple[Report | None, list[str]]:
    """Return what one report says, and what was wrong with it; None where it is no report at all.

    now_s: when it came, which gives the month and year. What follows RMK is a country's own and is not read.
    """
    words = text[:8192].split(maxsplit=MOST_WORDS)[:MOST_WORDS]
    kind, corrected, at = "METAR", False, 0
    while at < len(words) and words[at] in (*_KINDS, "COR"):
        kind = words[at] if words[at] in _KINDS else kind
        corrected |= words[at] == "COR"
        at += 1
    if len(words) < at + 2 or not _STATION.fullmatch(words[at]):
        return None, ["METAR without a station"]
    stamp = _TIME.fullmatch(words[at + 1].rstrip("="))
    if stamp is None:
        return None, ["METAR without a time"]
    time_s = time_of(int(stamp[1]), int(stamp[2]), int(stamp[3]), now_s)
    reasons = ["METAR time that no day has"] if math.isnan(time_s) else []
    marks, pressures, said, temperature = set(), {}, False, math.nan
    for word in words[at + 2 :]:
        if word == "RMK" or word in {"TEMPO", "BECMG"}:
            break
        if word.rstrip("=") in _MARKS or _CORRECTED.fullmatch(word):
            marks.add("COR" if _CORRECTED.fullmatch(word) else word.rstrip("="))
        elif found := _PRESSURE.fullmatch(word):
            pressures[found[1]] = int(found[2]) * (100.0 if found[1] == "Q" else INHG_PA / 100.0)
        elif _NO_PRESSURE.fullmatch(word):
            said = True
        elif math.isnan(temperature) and (found := _TEMPERATURE.fullmatch(word)):
            temperature = float(found[1].replace("M", "-"))
    qnh_pa, wrong = _agreed(pressures)
    if wrong:
        reasons.append(wrong)
    elif math.isnan(qnh_pa) and "NIL" not in marks:
        reasons.append("METAR whose pressure is missing" if said else "METAR without a pressure")
    nil = "NIL" in marks
    return Report(kind, words[at], time_s, qnh_pa, temperature, "AUTO" in marks, corrected or "COR" in marks, nil), reasons


def _agreed(pressures: dict[str, float]) -> tuple[float, str]:
    """Return the pressure of the groups Q and A, inches where both agree for they are finer, and what is wrong with them."""
    if any(not 85_000.0 <= p <= 110_000.0 for p in pressures.values()):
        return math.nan, "METAR pressure out of range"
    if len(pressures) == 2 and abs(pressures["Q"] - pressures["A"]) > APART_PA:
        return math.nan, "METAR whose Q and A disagree"
    return pressures.get("A", pressures.get("Q", math.nan)), ""

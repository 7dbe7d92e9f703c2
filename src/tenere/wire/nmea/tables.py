"""Every field of every NMEA sentence as columns (IEC 61162-1)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tenere.errors import WireError
from tenere.wire.detail_rows import OFFSET, RECEIVE, TIME, Field, detail
from tenere.wire.nmea.sentences import place_of, rmc_day, second_of, sentence_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.wire.detail import Detail
    from tenere.wire.nmea.sentences import Sentence
    from tenere.wire.text_lines import Lines

    Resolve = Callable[[float, float, float, float], tuple[float, bool]]

_TALKER = Field("talker", "S2", "", "who speaks: GP GPS, GL GLONASS, GA Galileo, GB or BD BeiDou, GN several")
_SECOND = Field("second_of_day", "f8", "s", "time of day, UTC")
_LAT = Field("latitude", "f8", "deg", "WGS-84 latitude")
_LON = Field("longitude", "f8", "deg", "WGS-84 longitude")
_MODE = "A autonomous, D differential, E estimated, F float RTK, M manual, N none, P precise, R RTK, S simulator"
_STATUS = Field("status", "S1", "", "A valid, V not")
_HDOP = Field("hdop", "f8", "", "horizontal dilution of precision")
_ALTITUDE = Field("altitude", "f8", "m", "above the geoid")
_SEPARATION = Field("separation", "f8", "m", "of the geoid above the WGS-84 ellipsoid")
_AGE = Field("age", "f8", "s", "age of the differential corrections")
_STATION = Field("station", "S4", "", "differential reference station")
_NAVIGATION = Field("navigation_status", "S1", "", "S safe, C caution, U unsafe, V not given")
_DAY = Field("day", "f8", "d", "days since 1970-01-01")

_QUALITY = "0 none, 1 GNSS, 2 differential, 3 PPS, 4 RTK, 5 float RTK, 6 estimated, 7 manual, 8 simulator"

# of each kind: fields, each with where it stands; a place takes four fields; "day" reads ddmmyy
_KINDS: dict[str, tuple[tuple[Field, int], ...]] = {
    "GGA": (
        (_SECOND, 0), (_LAT, 1), (_LON, 1), (Field("quality", "u1", "", _QUALITY), 5), (Field("satellites", "u1", "", "used"), 6),
        (_HDOP, 7), (_ALTITUDE, 8), (_SEPARATION, 10), (_AGE, 12), (_STATION, 13),
    ),
    "GNS": (
        (_SECOND, 0), (_LAT, 1), (_LON, 1), (Field("modes", "S8", "", f"one letter a constellation: {_MODE}"), 5),
        (Field("satellites", "u1", "", "used"), 6), (_HDOP, 7), (_ALTITUDE, 8), (_SEPARATION, 9), (_AGE, 10), (_STATION, 11),
        (_NAVIGATION, 12),
    ),
    "RMC": (
        (_SECOND, 0), (_STATUS, 1), (_LAT, 2), (_LON, 2), (Field("speed", "f8", "kt", "over ground"), 6),
        (Field("course", "f8", "deg", "over ground, from true north"), 7), (_DAY, 8),
        (Field("variation", "f8", "deg", "magnetic variation"), 9), (Field("variation_side", "S1", "", "E or W"), 10),
        (Field("mode", "S1", "", _MODE), 11), (_NAVIGATION, 12),
    ),
    "GLL": ((_LAT, 0), (_LON, 0), (_SECOND, 4), (_STATUS, 5), (Field("mode", "S1", "", _MODE), 6)),
    "ZDA": (
        (_SECOND, 0), (Field("day", "u1", "", "of the month"), 1), (Field("month", "u1"), 2), (Field("year", "u2"), 3),
        (Field("zone_h", "f8", "h", "local zone: to be added to local time"), 4), (Field("zone_min", "f8", "min"), 5),
    ),
    "VTG": (
        (Field("course_true", "f8", "deg"), 0), (Field("course_magnetic", "f8", "deg"), 2), (Field("speed_kt", "f8", "kt"), 4),
        (Field("speed_kmh", "f8", "km/h"), 6), (Field("mode", "S1", "", _MODE), 8),
    ),
}  # fmt: skip

_OTHER = (
    OFFSET, RECEIVE, _TALKER, Field("kind", "S14", "", "what kind of sentence it is"),
    Field("ais", "u1", "", "1: an AIS sentence, begun with an exclamation mark"), Field("text", "S160", "", "its fields"),
)  # fmt: skip
OTHER = "NMEA other"


def tables(lines: Lines, resolve: Resolve, tick_s: float) -> dict[str, Detail]:
    """Return a table of each kind of sentence; what is no sentence is left out (step counts it)."""
    rows: dict[str, list[tuple[Any, ...]]] = {OTHER: [], **{f"NMEA {kind}": [] for kind in _KINDS}}
    for line, receive_s, offset in zip(lines.each(), lines.receive_s.tolist(), lines.offsets.tolist(), strict=True):
        try:
            sentence = sentence_of(line)
        except WireError:
            continue
        talker = sentence.talker[:2].encode()
        spec = _KINDS.get(sentence.kind) if sentence.talker != "P" and not sentence.ais else None
        if spec is None:
            row = (offset, receive_s, talker, sentence.kind.encode(), int(sentence.ais), b",".join(sentence.cells)[:160])
            rows[OTHER].append(row)
            continue
        values = [_value(sentence, field, i) for field, i in spec]
        rows[f"NMEA {sentence.kind}"].append(
            (offset, receive_s, _time(sentence, spec, values, receive_s, tick_s, resolve), talker, *values)
        )
    return {
        name: detail(_OTHER if name == OTHER else (OFFSET, RECEIVE, TIME, _TALKER, *(f for f, _ in _KINDS[name[5:]])), found)
        for name, found in rows.items()
    }


def _time(
    sentence: Sentence, spec: tuple[tuple[Field, int], ...], values: list[Any], receive_s: float, tick_s: float, resolve: Resolve
) -> float | None:
    """Return the time of a sentence, None where it says none."""
    by_name = dict(zip((field.name for field, _ in spec), values, strict=True))
    second = by_name.get("second_of_day")
    if second is None:
        return None
    day = by_name.get("day") if sentence.kind == "RMC" else None
    return resolve(second, math.nan if day is None else day, receive_s, tick_s)[0]


def _value(sentence: Sentence, field: Field, i: int) -> Any:  # noqa: ANN401 - a number, text or nothing, as the field has it
    """Return one field, None where it is empty or cannot be read."""
    try:
        if field is _SECOND:
            value = second_of(sentence.cell(i))
        elif field is _DAY:
            value = rmc_day(sentence.cell(i))
        elif field in {_LAT, _LON}:
            value = place_of(sentence, i)[field is _LON]
        elif field.dtype.startswith("S"):
            return sentence.cell(i)[: int(field.dtype[1:])]
        else:
            value = sentence.number(i)
    except WireError:
        return None
    if math.isnan(value):
        return None
    if field.dtype.startswith("u"):
        return int(value) if 0 <= value < 256 ** int(field.dtype[1:]) else None
    return value

"""Limits, places, times: as people write them, there and back, and what is none."""

from __future__ import annotations

import math

import pytest

from tenere.airspace import angles, limits
from tenere.airspace.formats import times
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import GROUND, UNLIMITED, Limit


@pytest.mark.parametrize(
    ("said", "value_m", "datum"),
    [
        ("FL195", 5943.6, "fl"),
        ("fl 65", 1981.2, "fl"),
        ("FL100 STD", None, None),
        ("1500 ft amsl", 457.2, "amsl"),
        ("1500ft", 457.2, "amsl"),
        ("1500", 457.2, "amsl"),
        ("1,5 m AGL", 1.5, "agl"),
        ("2000 ft AGL", 609.6, "agl"),
        ("2000 ASFC", 609.6, "agl"),
        ("300m MSL", 300.0, "amsl"),
        ("ALT 4000 FT", 1219.2, "amsl"),
        ("5000 ft STD", 1524.0, "fl"),
        ("-100 ft MSL", -30.48, "amsl"),
        ("GND", 0.0, "agl"),
        ("SFC", 0.0, "agl"),
        ("0 ft AGL", 0.0, "agl"),
        ("MSL", 0.0, "amsl"),
        ("unl", math.inf, "fl"),
        ("Unlimited", math.inf, "fl"),
    ],
)
def test_limits(said, value_m, datum):
    if value_m is None:
        with pytest.raises(AirspaceError):
            limits.parse(said)
        return
    assert limits.parse(said) == Limit(value_m, datum)


@pytest.mark.parametrize(
    "said", ["", "high", "FL", "ft", "12 13 ft", "9999999 ft", "1e9 ft", "100m AGL/423m AMSL", "nan", "FL" + "9" * 99, "-5000 m", "١٢ ft"]
)
def test_what_is_no_limit_is_refused(said):
    with pytest.raises(AirspaceError):
        limits.parse(said)


@pytest.mark.parametrize(
    "held",
    [GROUND, UNLIMITED, Limit(0.0), Limit(-30.48), Limit(457.2, "agl"), Limit(123.4567, "fl"), Limit(3048.0, "fl"), Limit(0.0, "fl")],
)
def test_limits_come_back_from_their_text(held):
    assert limits.parse(limits.text(held)) == held


def test_limits_read_as_people_write_them():
    texts = [limits.text(x) for x in (Limit(5943.6, "fl"), Limit(457.2), Limit(100.5, "agl"), GROUND, UNLIMITED)]
    assert texts == ["FL195", "1500 ft AMSL", "100.5 m AGL", "GND", "UNL"]


@pytest.mark.parametrize(
    "said",
    [
        "46:58:30 N 008:15:00 E",
        "46:58:30N 8:15:00E",
        "46:58.5 N 008:15.0 E",
        "46:58.5N, 8:15E",
        "46.975N 8.25E",
        "465830N 0081500E",
        "46°58'30\"N 8°15'0\"E",
        "46:57:90 N 8:15:00 E",
    ],
)
def test_places(said):
    if "57:90" in said:
        with pytest.raises(AirspaceError):
            angles.parse(said)
        return
    assert angles.parse(said) == (46.975, 8.25)


def test_places_on_the_other_sides():
    assert angles.parse("13:30:00 S 002:06:36 W") == (-13.5, -2.11)
    assert angles.parse("00:00:00 S 180:00:00 W") == (0.0, -180.0)


@pytest.mark.parametrize(
    "said",
    ["", "46 8", "91:00:00 N 008:15:00 E", "46:00:00 N 181:00:00 E", "46:00:00 E 008:00:00 N", "46.5:30 N 8:00 E", "x" * 500, "46:00:00 N"],
)
def test_what_is_no_place_is_refused(said):
    with pytest.raises(AirspaceError):
        angles.parse(said)


@pytest.mark.parametrize(
    "place", [(46.97472222, 8.25805556), (-0.00000001, 0.0), (89.99999999, -179.99999999), (13.5, 2.1), (-33.99999999, 18.60000001)]
)
def test_places_come_back_from_both_writings(place):
    assert angles.parse(angles.written(*place)) == place
    assert angles.parse(angles.packed(*place)) == place


def test_whole_seconds_are_written_without_decimals():
    assert angles.written(*angles.parse("46:58:29 N 008:15:59 E")) == "46:58:29 N 008:15:59 E"


def test_moments():
    assert times.moment("2023-12-16T12:00Z") == 1702728000.0
    assert times.moment("2023-12-16T13:00:00.250+01:00") == 1702728000.25
    assert times.moment("2024-12-17T24:00Z") == times.moment("2024-12-18")
    assert times.stamp(1702728000.25) == "2023-12-16T12:00:00.250Z"
    for wrong in ("", "2023-13-01", "2023-12-16T25:00Z", "noon", "2023-02-30T12:00Z", "0000-01-01", "2023-12-16T24:01Z"):
        with pytest.raises(AirspaceError):
            times.moment(wrong)


def test_hours_and_days():
    assert [times.minutes(t) for t in ("00:00", "08:30:00Z", "24:00", "23:59:59Z", "23:59")] == [0, 510, 1440, 1440, 1439]
    assert times.days(["MON", "Sunday", "wed"]) == (0, 2, 6)
    assert times.days(["ANY"]) == tuple(range(7))
    for wrong in ("8:30", "24:01", "12:60", "sunset"):
        with pytest.raises(AirspaceError):
            times.minutes(wrong)
    with pytest.raises(AirspaceError):
        times.days(["SOMEDAY"])

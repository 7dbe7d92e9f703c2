import calendar
import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.wire.metar import report

NOW = float(calendar.timegm((2021, 7, 12, 14, 0, 0)))


def test_doctests():
    assert doctest.testmod(report).failed == 0


@pytest.mark.parametrize(
    ("text", "station", "pa", "celsius"),
    [
        ("METAR DRRN 121200Z 24008KT 9999 SCT030 38/21 Q1010 NOSIG=", "DRRN", 101_000.0, 38.0),
        ("SPECI COR EGLL 121342Z AUTO VRB02KT 4500 -SHRA BKN012 M02/M03 Q0987", "EGLL", 98_700.0, -2.0),
        # 29.92 inches are 1013.21 hPa; SLP in the remarks is another thing
        ("KJFK 121351Z 18012G20KT 10SM FEW250 29/22 A2992 RMK AO2 SLP132 T02890222", "KJFK", 2992 * 33.86389, 29.0),
        ("METAR MMMX 121347Z 00000KT 7SM SCT020 18/10 Q1027 A3033=", "MMMX", 3033 * 33.86389, 18.0),
        ("METAR CYVR 121400Z CCA 12005KT 15SM 17/12 A3001", "CYVR", 3001 * 33.86389, 17.0),
    ],
)
def test_reports(text, station, pa, celsius):
    got, reasons = report.read(text, NOW)
    assert reasons == []
    assert (got.station, got.qnh_pa, got.temperature_c) == (station, pytest.approx(pa), celsius)


def test_marks():
    got, _ = report.read("SPECI COR EGLL 121342Z AUTO 00000KT Q0987", NOW)
    assert (got.kind, got.automatic, got.corrected, got.nil) == ("SPECI", True, True, False)
    got, reasons = report.read("METAR DRZA 121300Z NIL=", NOW)
    assert (got.nil, math.isnan(got.qnh_pa), reasons) == (True, True, [])
    assert report.read("METAR CYVR 121400Z CCA A3001", NOW)[0].corrected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "METAR without a station"),
        ("TAF", "METAR without a station"),
        ("METAR DRRN 24008KT Q1010", "METAR without a time"),
        ("METAR DRRN 121200Z 24008KT 38/21", "METAR without a pressure"),
        ("METAR DRRN 121200Z 24008KT 38/21 Q////", "METAR whose pressure is missing"),
        ("METAR DRRN 121200Z Q1310", "METAR pressure out of range"),
        ("METAR DRRN 121200Z Q1010 A3033", "METAR whose Q and A disagree"),
        ("METAR DRRN 321200Z Q1010", "METAR time that no day has"),
        ("METAR DRRN 122500Z Q1010", "METAR time that no day has"),
    ],
)
def test_bad_reports_are_told(text, reason):
    got, reasons = report.read(text, NOW)
    assert reasons == [reason]
    assert got is None or math.isnan(got.qnh_pa) or math.isnan(got.time_s)


def test_a_pressure_to_come_is_not_taken():
    assert report.read("METAR DRRN 121200Z Q1010 TEMPO Q1001", NOW)[0].qnh_pa == 101_000.0


def test_the_month_is_the_nearest():
    new_year = float(calendar.timegm((2024, 1, 1, 0, 20, 0)))
    assert report.time_of(31, 23, 50, new_year) == calendar.timegm((2023, 12, 31, 23, 50, 0))
    leap = float(calendar.timegm((2024, 2, 28, 23, 59, 0)))
    assert report.time_of(29, 0, 10, leap) == calendar.timegm((2024, 2, 29, 0, 10, 0))
    assert math.isnan(report.time_of(12, 0, 0, math.nan))


@given(st.integers(0, 3_000_000_000), st.integers(-12 * 3600, 12 * 3600))
def test_the_time_of_any_report_is_found(now_s, ago_s):
    at = (now_s + ago_s) // 60 * 60
    d = __import__("time").gmtime(at)
    assert report.time_of(d.tm_mday, d.tm_hour, d.tm_min, float(now_s)) == at


@given(st.text(max_size=200))
def test_no_text_breaks_it(text):
    got, reasons = report.read(text, NOW)
    assert got is not None or reasons


WORDS = ["METAR", "COR", "DRRN", "121200Z", "AUTO", "NIL", "Q1010", "A2992", "Q////", "38/21", "RMK", "=", "999999Z", "Q9999"]


@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_no_words_break_it(words):
    got, _ = report.read(" ".join(words), NOW)
    assert got is None or math.isnan(got.qnh_pa) or 85_000.0 <= got.qnh_pa <= 110_000.0

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.errors import Rejects
from tenere.qnh import Qnh, QnhBook, QnhConfig, order

NOW = 1_626_098_400.0


def at(station, lat_deg, lon_deg, hpa, time_s=NOW - 600.0):
    return Qnh(station, math.radians(lat_deg), math.radians(lon_deg), hpa * 100.0, time_s)


def here(book, lat_deg, lon_deg, time_s=NOW):
    got = book.at(math.radians(lat_deg), math.radians(lon_deg), time_s)
    return float(got.qnh_pa[0]) / 100.0, int(got.station[0])


def test_the_nearest_that_holds():
    book, rejects = QnhBook(radius_m=200e3, age_s=7200.0), Rejects()
    assert book.take(
        [at("DRRN", 13.48, 2.18, 1010), at("DRZA", 16.97, 7.99, 1014), at("DFFD", 12.35, -1.51, 1012, NOW - 9000)], NOW, rejects
    )
    assert rejects.total() == 0
    assert here(book, 13.9, 2.3) == (1010.0, 0)
    assert here(book, 16.5, 8.0) == (1014.0, 1)
    # 1.85 degrees of latitude are 205.7 km: too far
    assert math.isnan(here(book, 13.48 + 1.85, 2.18)[0])
    assert here(book, 13.48 + 1.75, 2.18)[0] == 1010.0
    # 9,000 s old: it no longer holds
    assert here(book, 12.35, -1.51)[1] == -1
    assert math.isnan(here(book, math.nan, 2.18)[0])
    assert math.isnan(here(book, 13.48, 2.18, NOW + 7200)[0])
    assert book.at(np.zeros(0), np.zeros(0), NOW).qnh_pa.shape == (0,)


def test_what_is_of_no_use_is_counted():
    book, rejects = QnhBook(), Rejects()
    book.take([at("A", 0, 0, 1013)], NOW, rejects)
    assert not book.take(
        [at("A", 0, 0, 1000, NOW - 900), at("B", 0, 0, 700), at("C", math.nan, 0, 1010),
         at("D", 0, 0, 1010, NOW + 1000), at("A", 0, 0, 1013)],
        NOW, rejects,
    )  # fmt: skip
    assert rejects.counts == {
        "QNH older than the one held": 1, "QNH out of range": 1, "QNH of a station nobody knows the place of": 1, "QNH from the future": 1,
    }  # fmt: skip


def test_full_book_forgets_the_silent_first():
    book, rejects = QnhBook(age_s=100.0), Rejects()
    book.take([at(f"S{i}", 0, 0, 1013, NOW - 200 if i else NOW) for i in range(QnhBook.LIMIT)], NOW, rejects)
    assert book.take([at("NEW", 0, 0, 1013, NOW)], NOW, rejects)
    assert list(book.rows) == ["S0", "NEW"]
    book.take([at(f"T{i}", 0, 0, 1013, NOW) for i in range(QnhBook.LIMIT)], NOW, rejects)
    assert len(book.rows) == QnhBook.LIMIT
    assert rejects.counts == {"QNH of more stations than can be kept": 2}


def test_by_hand():
    book = QnhBook.of([QnhConfig(station="drrn", lat_deg=13.48, lon_deg=2.18, qnh_hpa=1009.0)])
    assert here(book, 13.5, 2.2, NOW + 1e7) == (1009.0, 0)
    rejects = Rejects()
    set_now = order({"kind": "qnh", "station": "DRRN", "lat_deg": 13.48, "lon_deg": 2.18, "qnh_hpa": 1011, "by": "Awa"}, NOW, rejects)
    assert book.take([set_now], NOW, rejects)
    assert (here(book, 13.5, 2.2)[0], book.stations[0].by) == (1011.0, "Awa")
    # the station's next report counts again, an older one does not
    assert not book.take([at("DRRN", 13.48, 2.18, 1010, NOW - 60)], NOW, rejects)
    assert book.take([at("DRRN", 13.48, 2.18, 1010, NOW + 60)], NOW + 60, rejects)
    assert order({"kind": "identity"}, NOW, rejects) is None
    assert order("qnh", NOW, rejects) is None


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [("station", "", "QNH set by hand without a station"), ("by", None, "QNH set by hand without a name"),
     ("lat_deg", 91, "QNH set by hand without a place"), ("lon_deg", True, "QNH set by hand without a place"),
     ("qnh_hpa", "1013", "QNH out of range"), ("qnh_hpa", 29.92, "QNH out of range")],
)  # fmt: skip
def test_commands_that_cannot_be_obeyed(key, value, reason):
    rejects = Rejects()
    command = {"kind": "qnh", "station": "DRRN", "lat_deg": 13.48, "lon_deg": 2.18, "qnh_hpa": 1011, "by": "Awa"}
    assert order(command | {key: value}, NOW, rejects) is None
    assert rejects.counts == {reason: 1}


@given(st.lists(st.tuples(st.floats(-80, 80), st.floats(-180, 180)), min_size=1, max_size=8), st.floats(-80, 80), st.floats(-180, 180))
def test_nearest_of_any(places, lat, lon):
    book = QnhBook(radius_m=3e7)
    book.take([at(str(i), a, b, 1000.0 + i) for i, (a, b) in enumerate(places)], NOW, Rejects())
    a1, a2 = math.radians(lat), np.radians([p[0] for p in places])
    hav = np.sin((a2 - a1) / 2) ** 2 + math.cos(a1) * np.cos(a2) * np.sin(np.radians([p[1] for p in places] - np.float64(lon)) / 2) ** 2
    got = here(book, lat, lon)
    assert hav[got[1]] == pytest.approx(hav.min(), abs=1e-12)
    assert got[0] == 1000.0 + got[1]

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenere.errors import UsageError
from tenere.tick import Chunk
from tenere.wire.format import SourceHint
from tenere.wire.metar import FORMAT

NOW = 1_626_098_400.0  # 12 July 2021, 14:00
BULLETIN = b"""SANG31 DRRN 121300
METAR DRRN 121300Z 24008KT 9999 SCT030 38/21
      Q1010 NOSIG=
METAR DRZA 121300Z NIL=
2021/07/12 13:51
KJFK 121351Z 18012KT 10SM 29/22 A2992 RMK AO2 SLP132
SPECI XXXX 121352Z 00000KT 9999 20/10 Q1000=
METAR DFFD 121300Z 24008KT 30/20=
"""


def run(parts, options=None):
    state = FORMAT.init(SourceHint(options=options or {}))
    got, rejects, records = [], {}, {}
    for part in parts:
        state, decoded = FORMAT.step(state, Chunk.of("m", [part], NOW), NOW)
        got += decoded.pressures
        for counts, more in ((rejects, decoded.rejects.counts), (records, decoded.records)):
            for k, v in more.items():
                counts[k] = counts.get(k, 0) + v
    return got, rejects, records


def test_a_bulletin():
    got, rejects, records = run([BULLETIN])
    assert [(q.station, round(q.qnh_pa), q.time_s) for q in got] == [("DRRN", 101_000, NOW - 3600), ("KJFK", 101_321, NOW - 540)]
    assert got[0].lat_rad == pytest.approx(math.radians(13.4815))
    assert got[0].elevation_m == pytest.approx(223.1, abs=0.1)
    assert got[0].temperature_k == pytest.approx(311.15)
    assert records == {"METAR": 4, "SPECI": 1}
    assert rejects == {"METAR of a station nobody knows the place of": 1, "METAR without a pressure": 1}


@given(st.lists(st.integers(1, len(BULLETIN) - 1), max_size=8))
def test_the_same_whatever_the_cuts(cuts):
    at = [0, *sorted(set(cuts)), len(BULLETIN)]
    assert [q._replace(reference=0) for q in run([BULLETIN[a:b] for a, b in itertools.pairwise(at)])[0]] == [
        q._replace(reference=0) for q in run([BULLETIN])[0]
    ]


def test_a_station_of_ones_own():
    got, _, _ = run([BULLETIN], {"stations": {"XXXX": [10.0, 20.0, 300]}})
    assert got[-1].station == "XXXX"
    assert got[-1].lat_rad == pytest.approx(math.radians(10))


@pytest.mark.parametrize("options", [{"stations": 3}, {"stations": {"X": [1, 2]}}, {"stations": {"X": [91, 2, 3]}}, {"nonsense": 1}])
def test_options_that_cannot_be(options):
    with pytest.raises(UsageError):
        FORMAT.init(SourceHint(options=options))


def test_details_and_likeness():
    state = FORMAT.init(SourceHint())
    _, tables = FORMAT.details(state, Chunk.of("m", [BULLETIN], NOW), NOW)
    columns = {c.name: c.values for c in tables["METAR"].columns}
    assert columns["station"].tolist() == [b"DRRN", b"DRZA", b"KJFK", b"XXXX", b"DFFD"]
    assert np.isnan(columns["qnh_pa"]).tolist() == [False, True, False, False, True]
    assert FORMAT.likeness(b"METAR DRRN 121300Z 24008KT 38/21 Q1010=\n" * 3) == 1.0
    assert FORMAT.likeness(b"(FPL-ABC123-IS\n-A320/M-S/C\n") == 0.0
    assert FORMAT.split(BULLETIN)[0][-1] == len(BULLETIN)


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data):
    run([data, b"\n"])

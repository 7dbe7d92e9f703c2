from __future__ import annotations

import json

import numpy as np
import pytest
from accounts_kit import Person
from hypothesis import given
from hypothesis import strategies as st

from tenere.batch import PlotFlag, PlotKind, Plots
from tenere.serve.app import make_app
from tenere.serve.hub import Hub
from tenere.serve.tracks.recorder import Recorder


@pytest.fixture
def hub(snapshot):
    made = Hub()
    made.publish(snapshot)
    made.recorder = Recorder()
    plots = Plots.blank(
        2, time_s=[999.0, 1000.0], sensor=[0, 1], kind=[PlotKind.PSR_MODE_S, PlotKind.ADSB], range_m=[12_345.0, np.nan],
        mode_a=[0o7421, -1], azimuth_rad=[np.pi / 2, np.nan], lat_rad=[np.nan, 0.2], lon_rad=[np.nan, 0.1], address=[0x06205A, -1],
        pressure_altitude_m=[10668.0, np.nan], flags=[PlotFlag.SPI, 0], callsign=[b"", b"UNO123"],
    )  # fmt: skip
    made.recorder.take(1000.0, snapshot.tracks, plots, np.array([11, 11]))
    return made


def strict(answer):
    return json.loads(answer.text, parse_constant=lambda c: pytest.fail(f"{c} in JSON"))


def test_what_a_track_did_is_told_in_the_units_of_people(hub):
    told = strict(Person(make_app(hub, None)).ask("GET", "/api/tracks/11/history"))
    assert told["profile"] == {"time": [1000.0], "level_ft": [35000], "altitude_ft": [None], "speed_kt": [450], "vertical_fpm": [1000]}
    assert [(n["kind"], n["name"]) for n in told["names"]] == [("callsign", "UNO123"), ("mode_a", "7421"), ("address", "06205A")]
    assert [s["id"] for s in told["sensors"]] == ["ALONE", "NIM-R"]
    newest, oldest = told["plots"]
    assert (newest["sensor"], newest["callsign"], newest["range_m"], newest["kind"]) == ("ALONE", "UNO123", None, "adsb")
    assert (oldest["sensor"], oldest["mode_a"], oldest["range_m"], oldest["azimuth_deg"]) == ("NIM-R", "7421", 12345, 90.0)
    assert (oldest["level_ft"], oldest["address"], oldest["flags"]) == (35000, "06205A", ["spi"])


def test_a_track_of_which_nothing_is_known_is_not_found(hub):
    person = Person(make_app(hub, None))
    for number in ("99", "0", "99999999999999999999", "-1", "x", "11/history"):
        assert person.ask("GET", f"/api/tracks/{number}/history").status_code == 404
    assert Person(make_app(Hub(), None)).ask("GET", "/api/tracks/11/history").status_code == 404


@given(st.text(max_size=20))
def test_whatever_is_asked_for_is_answered(number):
    path = "/api/tracks/" + "".join(c for c in number if c.isalnum() and c.isascii()) + "/history"
    assert Person(make_app(Hub(), None)).ask("GET", path).status_code in (404, 405)

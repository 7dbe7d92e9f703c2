from __future__ import annotations

import json

import numpy as np
import pytest
from accounts_kit import Person
from hypothesis import given, settings
from hypothesis import strategies as st

from tenere.batch import Identities, Tracks
from tenere.plans import Plan
from tenere.serve import plans
from tenere.serve.app import make_app
from tenere.serve.hub import Hub
from tenere.serve.plans import Book

NOW = 1.9e9
FILED = [
    Plan(callsign="UNO123", departure="DRRN", destination="DRZA", off_block_s=NOW - 600, elapsed_s=5400.0, sts=("HUM",), route="OG DCT"),
    Plan(callsign="AFR500", departure="LFPG", destination="DRRN", off_block_s=NOW - 7200),
    Plan(callsign="DAH1", departure="DAAG", destination="DRRN", off_block_s=NOW + 900),
    Plan(callsign="NOTIME", operator="Niger Airlines"),
    Plan(callsign="GONE", off_block_s=NOW - 9000, elapsed_s=1800.0),
]


def book(rows=FILED, active=None):
    return Book(lambda: (rows, active or [True] * len(rows)))


def flies(made, *pairs, now=NOW, first_s=NOW - 60):
    """pairs: track number, row of its plan (-1 none)."""
    n = np.array([p[0] for p in pairs], np.uint32)
    tracks = Tracks.blank(len(pairs), number=n, first_s=first_s)
    made.take(now, tracks, Identities.blank(len(pairs), number=n, plan=[p[1] for p in pairs]))


def states(made, word=""):
    return {p["callsign"]: p["state"] for p in made.told(word)["plans"]}


def test_where_each_flight_is_in_its_life():
    made = book(active=[True, True, True, True, False])
    flies(made, now=NOW - 9000)
    flies(made, (7, 0), (8, -1))
    assert states(made) == {"UNO123": "flying", "AFR500": "overdue", "DAH1": "expected", "NOTIME": "expected", "GONE": "ended"}
    assert next(p["tracks"] for p in made.told()["plans"] if p["callsign"] == "UNO123") == [7]
    flies(made, (8, -1), now=NOW + 5000)
    assert states(made)["UNO123"] == "seen", "it was seen: it is not overdue"


def test_a_flight_whose_time_came_before_the_picture_began_is_not_overdue():
    made = book()
    flies(made, (7, 0))
    assert states(made)["AFR500"] == "unwatched"
    flies(made, now=NOW - 20_000)  # another replay, from earlier on
    flies(made, now=NOW)
    assert states(made)["AFR500"] == "overdue"


def test_two_tracks_of_one_plan_are_both_told():
    made = book()
    flies(made, (7, 0), (9, 0))
    assert made.told()["plans"][0]["tracks"] == [7, 9]


def test_what_cannot_be_so_is_flagged():
    made = book()
    flies(made, (7, 2), (8, 4))
    flags = {p["callsign"]: p["flags"] for p in made.told()["plans"]}
    assert flags["DAH1"] == ["early"]
    assert flags["GONE"] == ["late"]
    assert flags["NOTIME"] == ["no_time"]
    assert flags["UNO123"] == []


def test_a_word_finds_plans_by_anything_filed_and_the_list_is_bounded(monkeypatch):
    made = book()
    flies(made)
    assert set(states(made, "drrn")) == {"UNO123", "AFR500", "DAH1"}
    assert set(states(made, "hum")) == {"UNO123"}
    assert set(states(made, "niger air")) == {"NOTIME"}
    monkeypatch.setattr(plans, "SHOWN", 2)
    told = made.told()
    assert (told["total"], told["found"], len(told["plans"])) == (5, 5, 2)


def test_flights_come_first_then_those_nearest_in_time():
    made = book()
    flies(made, now=NOW - 20_000)
    flies(made, (7, 2))
    assert [p["callsign"] for p in made.told()["plans"]][:4] == ["DAH1", "AFR500", "GONE", "UNO123"]


def test_the_endpoint_tells_strict_json_and_nothing_where_there_is_no_picture():
    hub = Hub()
    person = Person(make_app(hub, None))
    assert person.ask("GET", "/api/plans").json()["plans"] == []
    hub.plans = book()
    raw = person.ask("GET", "/api/plans?q=notime").text
    (row,) = json.loads(raw, parse_constant=lambda c: pytest.fail(f"{c} in JSON"))["plans"]
    assert (row["off_block"], row["landing"], row["departure"]) == (None, None, None)


@given(st.text(max_size=80))
@settings(max_examples=60)
def test_whatever_is_looked_for_is_answered(word):
    hub = Hub()
    hub.plans = book()
    assert Person(make_app(hub, None)).ask("GET", "/api/plans", params={"q": word}).status_code == 200

"""The document of the API names every endpoint, and each answers what it says."""

from __future__ import annotations

import importlib.resources
import json
import math
import re
import sys
import tomllib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from asking import ask
from flat_coverage import make_desk, ready
from snapshots import make_snapshot

sys.path.insert(0, str(Path(__file__).parents[1] / "performance"))

from air import BEGIN_S, Air, Tick, facts

from tenere import performance
from tenere.airspace.book import Change, VolumeRow
from tenere.airspace.closure import ClosureRow, StationRow, Step
from tenere.airspace.model import Circle, Volume
from tenere.batch import Plots
from tenere.geo.terrain import ArraySource, Terrain
from tenere.performance import window
from tenere.plans import Plan
from tenere.serve import shapes
from tenere.serve.accounts.gate import path_of as path_in_table
from tenere.serve.accounts.roles import ROUTES
from tenere.serve.airspace_rules import RulesTold
from tenere.serve.app import make_app
from tenere.serve.hub import Hub
from tenere.serve.measured import Measured
from tenere.serve.openapi import ENDPOINTS, document, path_of
from tenere.serve.past import Past
from tenere.serve.plans import Book
from tenere.serve.snapshot import NetworkView, PressureView, SourceView
from tenere.serve.tracks.recorder import Recorder
from tenere.watch import AirspaceTold, RuleEdit, WatchConfig
from tenere.watch.config import RuleConfig

LIMITS = importlib.resources.files("tenere.performance") / "thresholds.toml"
COVERED = {"height": "500ft", "kind": "single", "box": "2,12,4.5,14.2", "width": "200"}
TRY = {"sensor": "A", "lat": 12.9, "lon": 3.1, "height": "500ft", "kind": "single", "box": [2, 12, 4.5, 14.2], "width": 200}
QUERIES = {
    "GET /api/events": {"once": ""},
    "GET /api/coverage/layer": COVERED,
    "GET /api/coverage/at": {"lat": "13", "lon": "3"},
    "GET /api/coverage/holes": COVERED,
}
BODIES = {"POST /api/coverage/try": TRY, "POST /api/commands": {"kind": "acknowledge", "alert": 3}}
NOT_ASKED = {"WS /api/stream", "GET /", "POST /api/session", "POST /api/airspace/check", "GET /api/airspace/export"}
"""A socket, a page that is not built here, and what tests of its own ask: a sign-in, and files of airspace."""


def seen():
    """Return what was measured of a radar in half a minute."""
    made, air = window.begin(1200.0, 1e6), Air(8)
    for k in range(1, 31):
        tick = Tick()
        tick.add(air.at(BEGIN_S + k - 0.3, range(8)), range(1, 9), time_s=BEGIN_S + k - 0.3, receive_s=BEGIN_S + k - 0.2)
        window.observe(made, tick.seen(air.tracks(BEGIN_S + k), [facts("R", period_s=1.0)]), BEGIN_S + k)
    return made


def hill():
    return Terrain((ArraySource("hill", np.full((101, 101), 400.0, np.float32), 20.0, 0.0, 0.2),), fill_posts=0)


def airspace():
    volume = Volume(id="D1", name="Danger one", shape=Circle(lat_deg=13.0, lon_deg=2.0, radius_m=9260.0))
    station = StationRow("Niamey", math.nan, "", 5.0, True)
    closure = ClosureRow("C1", "closed", "shut", ("D1",), Step(), Step(990.0, "sara", True), Step(), (station,))
    change = Change(1, 990.0, "put", "D1", "Danger one", "sara", True, "range open")
    row = VolumeRow(volume, True, "sara")
    return AirspaceTold(1000.0, 3, 1, ("Niamey",), 300.0, (row,), (closure,), (change,), ({"time_s": 900.0, "track": 11},))


@pytest.fixture(scope="module")
def hub():
    made = Hub(version="0.1.0")
    made.past = Past()
    snap = make_snapshot()
    snap.sources.append(SourceView(id="lan", networks=(NetworkView(units=3),), rejects={"bad CRC": 1}))
    snap.pressures.append(PressureView(station="DRRN", lat_deg=13.5, lon_deg=2.2, qnh_hpa=1011.0, transition_level=60))
    made.publish(snap)
    held = seen()
    made.measured = Measured(lambda: held, performance.parse(tomllib.loads(LIMITS.read_text(encoding="utf-8")), LIMITS.name))
    made.airspace = airspace
    made.rules = lambda: RulesTold(WatchConfig(), (RuleEdit(990.0, "sara", True, {}, {"stca": RuleConfig(enabled=False)}),))
    made.recorder, made.plans = Recorder(), Book(lambda: ([Plan(callsign="AFR703")], [True]))
    made.recorder.take(snap.time_s, snap.tracks, Plots.blank(0), np.zeros(0, np.uint32))
    made.terrain_opened = hill
    made.coverage = ready(make_desk(step_m=3000.0))
    while not made.coverage.ready_to_try(made.coverage.held, "A"):
        assert made.coverage.settled()
    return made


def test_every_route_has_its_line_and_every_line_its_route():
    served = {path_in_table(r) for r in make_app(Hub(), None).routes}
    assert {e.split(" ")[1] for e in ENDPOINTS} == served
    assert set(ENDPOINTS) == set(ROUTES), "an endpoint has a line in openapi.ENDPOINTS and in roles.ROUTES"


def example(path):
    filled = path.replace("{number:int}", "11").replace("{time:float}", "1000.5")
    return filled.replace("{z:int}/{x:int}/{y:int}", "6/33/30")


@pytest.mark.parametrize("endpoint", sorted(set(ENDPOINTS) - NOT_ASKED))
def test_each_answers_what_the_document_says(hub, endpoint):
    one = ENDPOINTS[endpoint]
    method, path = endpoint.split(" ")
    body = BODIES.get(endpoint)
    answer = ask(hub, example(path), method=method, params=QUERIES.get(endpoint), **({"json": body} if body else {}))
    assert answer.status_code == one.status
    assert answer.headers["Content-Type"].split(";")[0] == one.media
    if one.shape is not None:
        msgspec.json.decode(answer.content, type=one.shape)  # nothing more and nothing less: unknown fields are refused


@pytest.mark.parametrize("endpoint", ["GET /api/health", "GET /api/picture.json", "GET /api/status", "GET /api/performance",
                                      "GET /api/airspace", "GET /api/coverage", "GET /api/past", "GET /data/aircraft.json",
                                      "GET /api/tracks.geojson"])  # fmt: skip
def test_so_it_does_before_the_first_tick(endpoint):
    answer = ask(Hub(), endpoint.split(" ")[1])
    assert answer.status_code == 200
    msgspec.json.decode(answer.content, type=ENDPOINTS[endpoint].shape)


@pytest.mark.parametrize(("path", "method", "status"), [
    ("/api/tracks/99", "GET", 404), ("/api/past/5", "GET", 404), ("/api/coverage/at?lat=x", "GET", 422), ("/api/commands", "POST", 415),
    ("/api/session", "POST", 404),
])  # fmt: skip
def test_a_refusal_is_an_error_in_words_and_stands_in_the_document(hub, path, method, status):
    given = {"json": {"name": "a", "password": "b"}} if path == "/api/session" else {}
    answer = ask(hub, path, method=method, **given)
    assert answer.status_code == status
    assert msgspec.json.decode(answer.content, type=shapes.Error).error
    line = next(e for e in ENDPOINTS if re.fullmatch(re.sub(r"\{\w+:\w+\}", r"[^/]+", e), f"{method} {path.split('?')[0]}"))
    assert str(status) in document()["paths"][path_of(line)[1]][path_of(line)[0]]["responses"]


def test_the_document_is_whole():
    made = json.loads(json.dumps(document("0.1.0")))
    assert made["openapi"] == "3.1.0"
    refs = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(made)))
    assert refs == set(made["components"]["schemas"]), "each schema is used, and each that is used is there"
    assert 'additionalProperties": false' not in json.dumps(made), "answers may grow"
    ids = [one["operationId"] for path in made["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids)) == len(ENDPOINTS)
    assert all(re.fullmatch(r"[a-z_]+", i) for i in ids)
    for path, methods in made["paths"].items():
        for one in methods.values():
            declared = {p["name"] for p in one.get("parameters", []) if p["in"] == "path"}
            assert declared == set(re.findall(r"\{(\w+)\}", path)), path
            assert one["summary"]
            assert "anyone" in one["x-roles"] or "401" in one["responses"]


def test_it_is_read_before_anybody_signs_in():
    answer = ask(Hub(version="9"), "/api/openapi.json")
    assert answer.json()["info"]["version"] == "9"
    assert answer.headers["Cache-Control"] == "max-age=3600"

"""The routes of coverage: what they answer, what they refuse, and that nothing asked for breaks them."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json

import httpx
import pytest
from flat_coverage import make_desk, plain, ready, views
from hypothesis import given, settings
from hypothesis import strategies as st
from snapshots import make_snapshot

from tenere.geo.terrain import TerrainError
from tenere.serve.answers import BODY_LIMIT
from tenere.serve.app import make_app
from tenere.serve.coverage import api
from tenere.serve.coverage.asked import MOST_WIDTH
from tenere.serve.hub import Hub

BASE = "http://localhost"
JSON = {"Content-Type": "application/json"}
LAYER = {"height": "500ft", "kind": "single", "box": "2,12,4.5,14.2", "width": "200"}
TRY = {"sensor": "A", "lat": 12.9, "lon": 3.1, "height": "500ft", "kind": "single", "box": [2, 12, 4.5, 14.2], "width": 200}


def ask(hub, path, *, times=1, method="GET", **given):
    async def go():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(make_app(hub, None)), base_url=BASE) as client:
            return await asyncio.gather(*(client.request(method, path, **given) for _ in range(times)))

    answers = asyncio.run(go())
    return answers[0] if times == 1 else answers


def post(hub, body, **given):
    return ask(
        hub, "/api/coverage/try", method="POST", content=body if isinstance(body, bytes) else json.dumps(body), headers={**JSON, **given}
    )


@pytest.fixture(scope="module")
def hub():
    made = Hub()
    made.coverage = ready(make_desk(step_m=3000.0))
    while not made.coverage.ready_to_try(made.coverage.held, "A"):
        assert made.coverage.settled()
    return made


def test_without_a_desk_it_is_off_everywhere():
    assert ask(Hub(), "/api/coverage").json()["state"] == "off"
    for path in ("layer", "at", "holes"):
        answer = ask(Hub(), f"/api/coverage/{path}", params={**LAYER, "lat": 13, "lon": 3})
        assert (answer.status_code, answer.json()["state"]) == (404, "off")
        assert answer.json()["error"]
    assert post(Hub(), TRY).status_code == 404


def test_the_first_who_asks_begins_it_and_is_told_to_wait():
    made = Hub()
    made.coverage = make_desk(step_m=5000.0)
    assert ask(made, "/api/coverage").json()["state"] == "waiting"
    waiting = ask(made, "/api/coverage/layer", params=LAYER)
    assert waiting.status_code == 202
    assert waiting.json()["state"] in ("computing", "ready")
    assert made.coverage.settled()
    assert ask(made, "/api/coverage").json()["state"] == "ready"
    assert ask(made, "/api/coverage/layer", params=LAYER).headers["Content-Type"] == "image/png"


def test_without_terrain_it_is_404_and_says_what_to_do():
    def none():
        raise TerrainError("the demo terrain is not installed: pip install 'tenere[demo-terrain]'")

    made = Hub()
    made.coverage = make_desk(opened=none)
    ask(made, "/api/coverage/layer", params=LAYER)
    assert made.coverage.settled()
    answer = ask(made, "/api/coverage/layer", params=LAYER)
    assert answer.status_code == 404
    assert "demo-terrain" in answer.json()["error"]


def test_sensors_that_work_in_the_picture_are_counted():
    made = Hub()
    made.coverage = make_desk(step_m=5000.0)
    made.publish(dataclasses.replace(make_snapshot(), sensors=views("silent", "ok")))
    ask(made, "/api/coverage/layer", params=LAYER)
    assert made.coverage.settled()
    assert [(s["id"], s["why"]) for s in ask(made, "/api/coverage").json()["sensors"]] == [("A", "silent"), ("B", None)]


def test_a_layer_is_kept_by_its_tag(hub):
    first = ask(hub, "/api/coverage/layer", params=LAYER)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "private, no-cache")
    tag = first.headers["ETag"]
    again = ask(hub, "/api/coverage/layer", params=LAYER, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    for change in ({"height": "1500ft"}, {"kind": "double"}, {"box": "2,12,4.5,14.1"}, {"width": "201"}):
        other = ask(hub, "/api/coverage/layer", params={**LAYER, **change}, headers={"If-None-Match": tag})
        assert (other.status_code, other.headers["ETag"] != tag) == (200, True)
    assert len(first.content) < 5000


@pytest.mark.parametrize(
    "change",
    [
        {"height": ""}, {"height": "12"}, {"height": "99999999ft"}, {"kind": "triple"}, {"box": ""}, {"box": "1,2,3"}, {"box": "a,b,c,d"},
        {"box": "nan,1,2,3"}, {"box": "4,12,3,14"}, {"box": "2,12,4.5,14.2,9"}, {"box": "1," * 5000},
        {"box": "-181,0,3,4"}, {"box": "0,-90,3,4"},
        {"width": "0"}, {"width": "-5"}, {"width": "nan"}, {"width": "1e9"}, {"width": str(MOST_WIDTH + 1)}, {"width": "x"},
        {"width": "1600", "box": "3,-80,3.01,80"},
    ],
)  # fmt: skip
def test_a_layer_that_makes_no_sense_is_refused(hub, change):
    answer = ask(hub, "/api/coverage/layer", params={**LAYER, **change})
    assert answer.status_code == 422
    assert 0 < len(answer.json()["error"]) < 300


def test_a_place_and_the_holes(hub):
    told = ask(hub, "/api/coverage/at", params={"lat": 13.05, "lon": 3.1}).json()
    assert told["best"]["sensor"] in ("A", "B")
    assert told["best"]["agl_m"] <= told["second"]["agl_m"]
    for bad in ({}, {"lat": "91", "lon": "0"}, {"lat": "nan", "lon": "0"}, {"lat": "1", "lon": "inf"}, {"lat": "1"}):
        assert ask(hub, "/api/coverage/at", params=bad).status_code == 422
    holes = ask(hub, "/api/coverage/holes", params={"height": "500ft", "kind": "double"}).json()
    assert holes["type"] == "FeatureCollection"
    assert holes["features"][0]["geometry"]["type"] == "Polygon"
    assert holes["properties"]["area_km2"] > 0
    assert ask(hub, "/api/coverage/holes", params={"height": "5 ft"}).status_code == 422


def test_a_try_answers_an_image_and_what_changes(hub):
    answer = post(hub, TRY)
    told = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert base64.b64decode(told["png"])[1:4] == b"PNG"
    assert told["gained_km2"] > 0
    assert told["lost_km2"] > 0
    assert told["server_ms"] > 0
    assert post(hub, {**TRY, "sensor": ""}).json()["lost_km2"] == 0


def test_a_try_first_prepares_what_the_others_see(hub):
    held = ask(hub, "/api/coverage").json()["version"]
    first = post(hub, {**TRY, "sensor": "B"})
    assert (first.status_code, first.json()["state"]) == (202, "preparing")
    assert hub.coverage.settled()
    assert post(hub, {**TRY, "sensor": "B"}).status_code == 200
    assert ask(hub, "/api/coverage").json()["version"] == held
    assert post(hub, TRY).status_code == 202
    assert hub.coverage.settled()


BAD_TRIES = [
    b"", b"{", b"[]", b"null", b"\xff", b"{}", {**TRY, "lat": 91}, {**TRY, "lat": "13"}, {**TRY, "lon": None}, {**TRY, "box": [1, 2, 3]},
    {**TRY, "box": [3, 12, 2, 13]}, {**TRY, "box": [1e308, 1, 2, 3]}, {**TRY, "width": 10**9}, {**TRY, "width": 1.5}, {**TRY, "kind": "x"},
    {**TRY, "height": "x"}, {**TRY, "height": "9" * 17}, {**TRY, "antenna_m": -1}, {**TRY, "antenna_m": 1e9}, {**TRY, "range_m": 0},
    {**TRY, "range_m": 1e9}, {**TRY, "more": 1}, {**TRY, "sensor": "x" * 65}, {**TRY, "lat": 40.0, "lon": 60.0},
    {**TRY, "lat": -90, "lon": -180},
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_TRIES, ids=range(len(BAD_TRIES)))
def test_a_try_that_makes_no_sense_is_refused(hub, body):
    answer = post(hub, body)
    assert answer.status_code == 422
    assert 0 < len(answer.json()["error"]) < 400


def test_a_try_of_nobody_from_elsewhere_or_too_long_is_refused(hub):
    assert post(hub, {**TRY, "sensor": "nobody"}).status_code == 404
    assert post(hub, TRY, Origin="http://elsewhere.example").status_code == 403
    assert post(hub, TRY, Origin=BASE).status_code == 200
    assert post(hub, TRY, **{"Content-Type": "text/plain"}).status_code == 415
    assert post(hub, b" " * (BODY_LIMIT + 1)).status_code == 413
    assert ask(hub, "/api/coverage/try").status_code == 405


def test_every_answer_carries_the_security_headers(hub):
    for path in ("", "/layer?height=500ft&box=2,12,4,14&width=50", "/at?lat=1&lon=1", "/holes?height=500ft", "/try", "/none"):
        assert "default-src 'self'" in ask(hub, f"/api/coverage{path}").headers["Content-Security-Policy"]
    assert ask(hub, "/api/coverage", headers={"Host": "elsewhere.example"}).status_code == 400


def test_many_at_once_are_answered_or_sent_away(hub, monkeypatch):
    monkeypatch.setattr(api, "WAITING", 3)
    answers = ask(hub, "/api/coverage/layer", params=LAYER, times=30)
    codes = {a.status_code for a in answers}
    assert codes == {200, 503}
    assert len({a.content for a in answers if a.status_code == 200}) == 1
    assert ask(hub, "/api/coverage/layer", params=LAYER).status_code == 200


numbers = st.floats() | st.integers(-200, 200) | st.integers() | st.text(max_size=5)
texts = st.text(max_size=12) | st.sampled_from(["500ft", "FL050", "single", "double", "2,12,4,14", "A", "", "200"]) | numbers.map(str)
queries = st.dictionaries(st.sampled_from(["height", "kind", "box", "width", "lat", "lon", "x"]), texts, max_size=7)


@settings(max_examples=150)
@given(path=st.sampled_from(["", "/layer", "/at", "/holes"]), query=queries)
def test_whatever_is_asked_is_answered(hub, path, query):
    answer = ask(hub, f"/api/coverage{path}", params=query)
    assert answer.status_code in (200, 404, 422)
    assert len(answer.content) < 200_000


values = numbers | st.none() | st.lists(numbers, max_size=5) | st.text(max_size=8)
bodies = st.dictionaries(st.sampled_from([*TRY, "antenna_m", "range_m"]), values, max_size=6)


@settings(max_examples=150)
@given(change=bodies)
def test_whatever_is_tried_is_answered(hub, change):
    answer = post(hub, json.dumps({**TRY, **change}).encode())
    assert answer.status_code in (200, 202, 404, 422)
    hub.coverage.settled()


@settings(max_examples=60)
@given(body=st.binary(max_size=60))
def test_bytes_that_are_no_try_are_refused(hub, body):
    assert post(hub, body).status_code == 422


def test_a_void_under_the_site_is_refused_in_words():
    made = Hub()
    made.coverage = ready(make_desk(opened=lambda: plain(void=True), step_m=3000.0))
    answer = post(made, {**TRY, "sensor": "", "lat": 13.0, "lon": 3.0})
    assert answer.status_code == 422
    assert "void" in answer.json()["error"]

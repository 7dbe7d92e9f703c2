from __future__ import annotations

import asyncio
import gzip
import json

import httpx
import pytest
from snapshots import make_snapshot

from tenere.serve.app import make_app
from tenere.serve.commands import BODY_LIMIT
from tenere.serve.hub import Hub
from tenere.serve.snapshot import SiteView

BASE = "http://localhost:8080"
JSON = {"Content-Type": "application/json"}


class Client:
    """Asks an application without a socket, one request at a time."""

    def __init__(self, app, base_url=BASE):
        self.app, self.base_url = app, base_url

    def request(self, method, path, **given):
        async def go():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=self.base_url) as client:
                return await client.request(method, path, **given)

        return asyncio.run(go())

    def get(self, path, **given):
        return self.request("GET", path, **given)

    def post(self, path, **given):
        return self.request("POST", path, **given)


@pytest.fixture
def hub():
    return Hub(SiteView(name="Niger", country="NE"), "exercise", "0.1.0")


@pytest.fixture
def client(hub, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Tenere</title>")
    (tmp_path / "assets" / "a-1234.js").write_text("1")
    return Client(make_app(hub, tmp_path), base_url=BASE)


def test_health_answers_before_and_after_the_first_tick(client, hub, snapshot):
    first = client.get("/api/health")
    assert first.status_code == 200
    assert first.json()["status"] == "starting"
    hub.publish(snapshot)
    got = client.get("/api/health").json()
    assert {k: got[k] for k in ("status", "time", "tick", "tracks", "sensors", "version", "mode")} == {
        "status": "ok", "time": 1000.0, "tick": 1, "tracks": 4, "sensors": 2, "version": "0.1.0", "mode": "exercise",
    }  # fmt: skip


def test_picture_is_strict_json_made_once_a_tick(client, hub, snapshot):
    assert client.get("/api/picture.json").json() == {
        "time": None,
        "mode": "exercise",
        "tracks": [],
        "alerts": [],
        "sensors": [],
        "sources": [],
        "qnh": [],
        "counts": {},
    }
    assert client.get("/api/status").json()["sources"] == []
    hub.publish(snapshot)
    assert client.get("/api/status").json() == json.loads(hub.status())
    raw = client.get("/api/picture.json")
    picture = json.loads(raw.text, parse_constant=lambda c: pytest.fail(f"{c} in JSON"))
    assert [t["number"] for t in picture["tracks"]] == [11, 12, 13, 14]
    assert picture["time"] == 1000.0
    assert hub.picture_json() is hub.picture_json()
    hub.publish(make_snapshot(1001.0))
    assert client.get("/api/picture.json").json()["time"] == 1001.0


def test_explanation_in_the_language_asked_for(client, hub, snapshot):
    assert client.get("/api/tracks/11").status_code == 404
    hub.publish(snapshot)
    english, french = client.get("/api/tracks/11").json(), client.get("/api/tracks/11?lang=fr-NE").json()
    assert english["evidence"][0]["text"] != french["evidence"][0]["text"]
    assert client.get("/api/tracks/11?lang=xx").json() == english
    assert client.get("/api/tracks/99").status_code == 404
    assert client.get("/api/tracks/no").status_code == 404
    assert client.get("/api/tracks/99999999999999999999").status_code == 404


def test_a_command_is_checked_queued_and_given_to_the_next_tick(client, hub):
    answer = client.post("/api/commands", json={"kind": "acknowledge", "alert": 3, "by": "Aïcha"})
    assert answer.status_code == 202
    assert hub.commands() == [{"kind": "acknowledge", "alert": 3, "by": "Aïcha"}]


BAD_COMMANDS = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"kind":"launch"}',
    b'{"kind":"acknowledge"}',
    b'{"kind":"acknowledge","alert":0}',
    b'{"kind":"acknowledge","alert":"3"}',
    b'{"kind":"acknowledge","alert":3,"by":""}',
    b'{"kind":"acknowledge","alert":3,"more":1}',
    b'{"kind":"acknowledge","alert":1e99}',
    b"\xff\xfe",
]


@pytest.mark.parametrize("body", BAD_COMMANDS)
def test_a_command_that_is_not_one_is_refused_with_a_reason(client, hub, body):
    answer = client.post("/api/commands", content=body, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert hub.commands() == []


def test_commands_from_elsewhere_of_another_type_or_too_long_are_refused(client, hub):
    good = b'{"kind":"acknowledge","alert":3}'
    assert client.post("/api/commands", content=good, headers={**JSON, "Origin": "http://elsewhere.example"}).status_code == 403
    assert client.post("/api/commands", content=good, headers={**JSON, "Origin": "null"}).status_code == 403
    assert client.post("/api/commands", content=good, headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.post("/api/commands", content=b" " * (BODY_LIMIT + 1) + good, headers=JSON).status_code == 413
    assert hub.commands() == []
    assert client.post("/api/commands", content=good, headers={**JSON, "Origin": BASE}).status_code == 202


def test_a_full_queue_says_so(client, monkeypatch):
    monkeypatch.setattr(Hub, "COMMANDS", 0)
    assert client.post("/api/commands", json={"kind": "acknowledge", "alert": 3}).status_code == 503


@pytest.mark.parametrize(("host", "status"), [
    ("localhost", 200), ("localhost:9", 200), ("LOCALHOST:8080", 200), ("127.0.0.1:8080", 200), ("[::1]:8080", 200), ("[::1]", 200),
    ("tenere.example", 400), ("127.0.0.1.example", 400), ("", 400), ("[", 400),
])  # fmt: skip
def test_on_loopback_only_loopbacks_names_are_answered(client, host, status):
    assert client.get("/api/health", headers={"Host": host}).status_code == status


def test_on_the_network_any_name_is_answered(hub):
    assert Client(make_app(hub, None, names=None), base_url="http://picture.example").get("/api/health").status_code == 200


def test_every_answer_carries_the_security_headers(client):
    for path in ("/", "/api/health", "/assets/a-1234.js", "/none"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_assets_are_kept_by_browsers_and_the_page_is_not(client):
    assert "immutable" in client.get("/assets/a-1234.js").headers["Cache-Control"]
    assert client.get("/").headers["Cache-Control"] == "no-cache"
    assert client.get("/").text == "<title>Tenere</title>"


def test_a_packed_file_goes_to_browsers_that_take_it(client, tmp_path):
    folder = tmp_path / "assets"
    (folder / "land-1.geojson").write_text("the long way round")
    (folder / "land-1.geojson.gz").write_bytes(gzip.compress(b"the long way round"))
    packed = client.get("/assets/land-1.geojson", headers={"Accept-Encoding": "br, gzip"})
    plain = client.get("/assets/land-1.geojson", headers={"Accept-Encoding": "identity"})
    assert packed.text == plain.text == "the long way round"
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    for answer in (packed, plain):
        assert "immutable" in answer.headers["Cache-Control"]
    again = client.get("/assets/land-1.geojson", headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304
    assert "Content-Encoding" not in client.get("/assets/a-1234.js", headers={"Accept-Encoding": "gzip"}).headers


def test_nothing_outside_the_page_is_served(client):
    for path in ("/../pyproject.toml", "/..%2f..%2fetc/passwd", "/assets/../../x"):
        assert client.get(path).status_code == 404


def test_a_page_that_is_not_built_says_how(hub, tmp_path):
    for static in (None, tmp_path):
        answer = Client(make_app(hub, static), base_url=BASE).get("/")
        assert answer.status_code == 503
        assert "make setup" in answer.text


def test_schema_and_places(client):
    assert client.get("/api/schema").json()["batches"]
    airports = client.get("/api/places").json()["airports"]
    niamey = next(a for a in airports if a[0] == "DRRN")
    assert niamey[4] == 1
    assert niamey[2:4] == pytest.approx([13.48, 2.18], abs=0.02)
    assert {a[4] for a in airports} == {1, 2, 3}

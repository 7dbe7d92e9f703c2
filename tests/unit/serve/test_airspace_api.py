"""The airspace over HTTP: told once, files read apart and bounded, written again, and the rules with who set them."""

from __future__ import annotations

import gzip
import json
import time

import msgspec
import pytest
from accounts_kit import Person, desk
from airspace_kit import T, made
from hypothesis import given, settings
from hypothesis import strategies as st
from snapshots import make_snapshot

from tenere import watch
from tenere.airspace.formats import FORMATS, read_any
from tenere.airspace.model import VolumeKind
from tenere.airspace.setting import volume_of
from tenere.serve import airspace_files, airspace_worker
from tenere.serve.airspace_rules import rules_of
from tenere.serve.app import make_app
from tenere.serve.hub import Hub

BYTES = {"Content-Type": "application/octet-stream"}
OPENAIR = b"""AC R
AN LSR1
AH FL130
AL GND
DP 47:00:00 N 007:00:00 E
DP 47:00:00 N 008:00:00 E
DP 48:00:00 N 008:00:00 E

AC R
AN TWO POINTS
AH FL130
AL GND
DP 47:00:00 N 007:00:00 E
DP 47:00:00 N 008:00:00 E
"""


@pytest.fixture
def sara(tmp_path):
    """A supervisor who is signed in."""
    hub, state = made()
    accounts = desk(tmp_path / "a.sqlite")
    person = Person(make_app(hub, None, accounts=accounts))
    person.sign_in("sara")
    person.hub, person.state = hub, state
    yield person
    accounts.close()


def stepped(state, *commands, now=T):
    snap = make_snapshot(now)
    watch.step(state, snap.tracks, snap.identities, now, commands=commands)


def test_volumes_are_sent_whole_once_and_then_only_what_changes(sara):
    told = sara.ask("GET", "/api/airspace").json()
    assert [v["name"] for v in told["volumes"]] == ["NIAMEY", "R1", "Way"]
    assert told["active"] == "101"
    assert [v["now_active"] for v in told["volumes"]] == [True, False, True]
    assert told["volumes"][0]["ceiling"] == {"value_m": None, "datum": "fl"}
    assert told["stations"] == ["TWR", "ACC"]
    stepped(sara.state, {"kind": "volume", "op": "activate", "id": "r1", "by": "sara"})
    again = sara.ask("GET", f"/api/airspace?have={told['drawn']}").json()
    assert (again["volumes"], again["active"], again["by_hand"]) == (None, "111", {"r1": "sara"})
    assert sara.ask("GET", "/api/airspace").json()["volumes"][1]["by_hand"] == "sara"
    stepped(sara.state, {"kind": "volume", "op": "remove", "id": "fir", "by": "sara"})
    assert [v["id"] for v in sara.ask("GET", f"/api/airspace?have={told['drawn']}").json()["volumes"]] == ["r1", "way"]


def test_an_older_servers_volumes_are_not_taken_for_ours(sara):
    told = sara.ask("GET", "/api/airspace").json()["drawn"]
    other = Person(make_app(made()[0], None)).ask("GET", f"/api/airspace?have={told}").json()
    assert len(other["volumes"]) == 3


def test_the_mark_differs_with_whatever_is_told():
    _, state = made()
    marks = [watch.airspace_mark(state, T)]
    assert watch.airspace_mark(state, T) == marks[0]
    stepped(state, {"kind": "volume", "op": "deactivate", "id": "way", "by": "A"})
    marks.append(watch.airspace_mark(state, T))
    monday = 1_777_852_800.0  # 2026-05-04, midnight: the minute of R1's schedule
    marks.append(watch.airspace_mark(state, monday + 30.0))
    stepped(state, {"kind": "closure", "op": "close", "id": "c", "by": "A", "text": "risk", "volumes": ["r1"]})
    marks.append(watch.airspace_mark(state, T))
    marks.append(watch.airspace_mark(state, T + 61.0))  # two stations are late
    assert len(set(marks)) == 5


def test_the_status_tells_the_mark(snapshot):
    hub = Hub()
    hub.airspace_mark = 77
    hub.publish(snapshot)
    assert json.loads(hub.status())["airspace_version"] == 77


def test_without_a_picture_there_is_no_airspace_and_no_rule():
    person = Person(make_app(Hub(), None))
    assert person.ask("GET", "/api/airspace").json()["volumes"] == []
    assert person.ask("GET", "/api/rules").json()["rules"] == []
    assert person.ask("GET", "/api/airspace/export?format=kml").status_code == 404


# --- files ---


def test_a_file_is_read_and_nothing_is_changed(sara):
    told = sara.ask("POST", "/api/airspace/check?name=swiss.txt", OPENAIR, headers=BYTES).json()
    assert told["format"] == "openair"
    (volume,) = told["volumes"]
    assert (volume["name"], volume["ceiling"]) == ("LSR1", "FL130")
    (refused,) = told["refused"]
    assert refused["name"] == "TWO POINTS"
    assert "line" in refused["where"]
    assert "at least 3" in refused["reason"]
    assert len(sara.state.book.volumes) == 3
    answer = sara.command("volume", op="put", id=volume["id"], volume=volume)
    assert answer.status_code == 202
    stepped(sara.state, *sara.hub.commands())
    assert sara.state.book.volumes[-1].kind == VolumeKind.RESTRICTED


def test_who_may_not_put_volumes_may_not_have_files_read(sara):
    omar = Person(sara.app)
    omar.sign_in("omar")
    assert omar.ask("POST", "/api/airspace/check", OPENAIR, headers=BYTES).status_code == 403
    assert omar.ask("GET", "/api/airspace/export?format=geojson").status_code == 200
    assert sara.ask("POST", "/api/airspace/check", OPENAIR, headers={**BYTES, "Origin": "http://elsewhere.example"}).status_code == 403
    assert sara.ask("POST", "/api/airspace/check", OPENAIR, headers={"Content-Type": "text/plain"}).status_code == 415


BAD = {
    "nothing": b"",
    "garbage": bytes(range(256)) * 50,
    "zip": b"PK\x03\x04" + b"\0" * 100,
    "gzip bomb": gzip.compress(b"*" * (80 << 20)),
    "cut gzip": gzip.compress(OPENAIR)[:40],
    "deep xml": b"<kml>" + b"<a>" * 200_000,
    "entities": b'<!DOCTYPE a [<!ENTITY b "cccccccccc">]><kml>' + b"&b;" * 1000 + b"</kml>",
    "deep json": b'{"a":' * 100_000,
    "no airspace": b'{"type": "FeatureCollection", "features": []}',
    "points without end": b"AC R\nAN X\nAL GND\nAH FL100\n" + b"DP 47:00:00 N 007:00:00 E\n" * 40_000,
    "yaml": b"airspace:\n" + b"- " * 50_000,
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_no_airspace_file_is_refused_in_words(sara, name):
    answer = sara.ask("POST", "/api/airspace/check", BAD[name], headers=BYTES)
    assert answer.status_code == 422, answer.text[:300]
    assert len(answer.json()["error"]) > 5


def test_a_file_beyond_the_limit_is_not_even_read(sara, monkeypatch):
    monkeypatch.setattr(airspace_files, "BODY_LIMIT", 1000)
    monkeypatch.setattr(airspace_files, "run", lambda *_: pytest.fail("it was read"))
    assert sara.ask("POST", "/api/airspace/check", b"x" * 1001, headers=BYTES).status_code == 413


def test_a_file_that_takes_too_long_is_given_up():
    began = time.monotonic()
    assert "longer than" in airspace_files.run(airspace_worker.Job(data=OPENAIR, name="x"), 0.01)["error"]
    assert time.monotonic() - began < 30.0


def test_a_reader_that_dies_is_said(monkeypatch):
    monkeypatch.setattr(airspace_files.sys, "executable", "/bin/true")
    assert "memory" in airspace_files.run(airspace_worker.Job(data=OPENAIR), 10.0)["error"]
    monkeypatch.setattr(airspace_files.sys, "executable", "/nowhere/python")
    assert "cannot be read now" in airspace_files.run(airspace_worker.Job(data=OPENAIR), 10.0)["error"]


def test_more_wait_than_may_are_sent_away(sara, monkeypatch):
    monkeypatch.setattr(airspace_files, "WAITING", 0)
    assert sara.ask("POST", "/api/airspace/check", OPENAIR, headers=BYTES).status_code == 503


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(lambda s: s.encode("utf-8", "replace")))
@pytest.mark.parametrize(
    "head", [b"", b"AC R\nAN X\nAL GND\nAH FL10\n", b"<kml>", b'{"type":"FeatureCollection","features":[', b"airspace:\n"]
)
def test_any_bytes_are_an_answer(head, data):
    told = airspace_worker.answer(airspace_worker.Job(data=head + data, name="x"))
    assert "error" in told or told["volumes"]
    msgspec.msgpack.encode(told)
    for tree in told.get("volumes", []):
        volume_of(json.loads(json.dumps(tree)))


@pytest.mark.parametrize("to", sorted(FORMATS))
def test_the_airspace_is_written_in_every_format(sara, to):
    answer = sara.ask("GET", f"/api/airspace/export?format={to}")
    assert answer.status_code == 200, answer.text
    assert f'filename="airspace.{airspace_files.ENDINGS[to]}"' in answer.headers["content-disposition"]
    found, held = read_any(answer.content, "x")
    assert (found, {v.id for v in held.volumes}) == (to, {"fir", "r1", "way"})


def test_chosen_volumes_alone_are_written_and_what_is_lost_is_said(sara):
    answer = sara.ask("GET", "/api/airspace/export?format=openair&id=r1")
    assert answer.headers["tenere-volumes"] == "1"
    assert "schedule=1" in answer.headers["tenere-lost"]
    assert sara.ask("GET", "/api/airspace/export?format=openair&id=nobody").status_code == 404
    assert sara.ask("GET", "/api/airspace/export?format=exe").status_code == 422


# --- rules ---


def test_the_rules_are_told_with_who_set_them(sara):
    said = sara.command("rules", set={"border_entry": {"rise_s": 9.0, "severity": "warning"}})
    assert said.status_code == 202
    stepped(sara.state, *sara.hub.commands())
    told = sara.ask("GET", "/api/rules").json()
    row = next(r for r in told["rules"] if r["rule"] == "border_entry")
    assert (row["rise_s"], row["hold_s"], row["severity"], row["enabled"], row["changed"]) == (9.0, None, "warning", True, True)
    assert row["words"]["en"] != row["words"]["fr"]
    (edit,) = told["edits"]
    assert (edit["by"], edit["signed"], edit["time"]) == ("sara", True, T)
    assert edit["before"]["border_entry"]["rise_s"] is None
    assert edit["after"]["border_entry"]["rise_s"] == 9.0
    ahead = next(r for r in told["tables"]["apw"] if r["key"] == "look_ahead_s")
    assert (ahead["value"], ahead["from"], ahead["to"]) == (90.0, 0, 600)


def test_every_rule_has_words_in_both_languages():
    hub, _ = made()
    told = rules_of(hub.rules())
    assert len(told["rules"]) == len(watch.RULES)
    for rule in told["rules"]:
        assert all(words and words != rule["rule"] and "{" not in words for words in rule["words"].values()), rule
    json.dumps(told, allow_nan=False)

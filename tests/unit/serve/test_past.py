"""The short past: what is kept, what is forgotten, and that nothing asked for breaks it."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest
from asking import ask
from hypothesis import given, settings
from hypothesis import strategies as st
from snapshots import make_snapshot

from tenere.serve.hub import Hub
from tenere.serve.past import Past, takes_deflate

PLAIN = {"Accept-Encoding": "identity"}


def hub_with(*times_s):
    hub = Hub()
    hub.past = Past()
    for time_s in times_s:
        hub.publish(make_snapshot(time_s))
    return hub


def noise(size, seed=1):
    return np.random.default_rng(seed).bytes(size)  # noqa: TID251 - what does not compress


def test_one_keyframe_each_step_and_none_older_than_the_span():
    past = hub_with(*np.arange(1000.0, 4000.0, 1.0).tolist()).past
    assert past.times[-1] == 3990.0
    assert past.times[0] == 3990.0 - Past.SPAN_S
    assert set(np.diff(past.times)) == {Past.STEP_S}
    assert len(past) == 181


def test_what_is_kept_is_what_was_sent():
    hub = hub_with(1000.0)
    frame, status = hub.keyframe(), hub.status()
    hub.publish(make_snapshot(1005.0))
    kept = hub.past.at(1007.0)
    assert kept.time_s == 1000.0
    assert zlib.decompress(kept.frame) == frame
    assert json.loads(zlib.decompress(kept.status)) == json.loads(status)


def test_what_was_before_the_first_picture_is_kept_and_not_shown():
    hub = Hub()
    hub.past = Past()
    for time_s in (1000.0, 1010.0):
        hub.recall(make_snapshot(time_s))
    assert (hub.snapshot, hub.sequence, hub.keyframe()) == (None, 0, b"")
    hub.publish(make_snapshot(1020.0))
    shown = hub.keyframe()
    assert hub.past.times == [1000.0, 1010.0, 1020.0]
    first = zlib.decompress(hub.past.at(1000.0).frame)
    assert len(first) == len(shown)
    assert first != shown
    assert json.loads(zlib.decompress(hub.past.at(1010.0).status))["time"] == 1010.0


def test_without_a_past_nothing_is_made_while_nobody_looks():
    hub = Hub()
    hub.publish(make_snapshot())
    assert hub._made == {}


def test_time_that_goes_back_begins_anew_and_a_time_that_is_none_is_not_kept():
    past = hub_with(1000.0, 1010.0, 500.0, 511.0).past
    assert past.times == [500.0, 511.0]
    past.keep(float("nan"), b"", b"")
    assert past.times == [500.0, 511.0]
    assert past.size == sum(past.at(t).size for t in past.times)


def test_it_is_bounded_in_bytes_and_thinned_from_the_old_end(monkeypatch):
    monkeypatch.setattr(Past, "BYTES", 100_000)
    past = Past()
    for k in range(181):
        past.keep(10.0 * k, noise(2000, k), b"{}")
        assert past.size <= 100_000
        assert past.size == sum(kept.size for kept in past._kept)
    assert past.thinned
    gaps = np.diff(past.times)
    assert past.times[-1] == 1800.0
    assert past.times[0] < 600.0, "a thin past reaches further back than a short one"
    assert gaps[-8:].max() == 10.0, "the newest are whole"
    assert gaps[:4].max() > 10.0


def test_one_that_is_too_large_alone_is_kept_alone(monkeypatch):
    monkeypatch.setattr(Past, "BYTES", 1000)
    past = Past()
    for k in range(4):
        past.keep(10.0 * k, noise(5000, k), b"")
    assert past.times == [30.0]


def test_the_index_the_keyframe_and_the_status():
    hub = hub_with(1000.0, 1010.0, 1020.0)
    index = ask(hub, "/api/past").json()
    assert index["times"] == [1000.0, 1010.0, 1020.0]
    assert (index["step_s"], index["span_s"], index["thinned"]) == (10.0, 1800.0, False)
    packed, plain = ask(hub, "/api/past/1015"), ask(hub, "/api/past/1015", headers=PLAIN)
    assert packed.headers["Content-Encoding"] == "deflate"
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content == zlib.decompress(hub.past.at(1010.0).frame)
    assert ask(hub, "/api/past/1019.9996").content == hub.keyframe(), "a time told to the millisecond finds its keyframe"
    assert ask(hub, "/api/past/1010/status").json()["time"] == 1010.0
    assert ask(hub, "/api/past/999.9").status_code == 404


def test_an_answer_is_kept_only_to_be_asked_for_again():
    hub = hub_with(1000.0)
    first = ask(hub, "/api/past/1000")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Vary"] == "Accept-Encoding"
    again = ask(hub, "/api/past/1004", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = ask(hub, "/api/past/1000", headers={"If-None-Match": first.headers["ETag"], **PLAIN})
    assert other.status_code == 200, "another coding is another answer"
    assert ask(hub_with(1000.0), "/api/past/1000").headers["ETag"] != first.headers["ETag"], "another server, another past"


def test_without_a_past_there_is_none():
    assert ask(Hub(), "/api/past").json()["times"] == []
    assert ask(Hub(), "/api/past/5").status_code == 404


@pytest.mark.parametrize(("header", "taken"), [
    ("gzip, deflate, br", True), ("deflate", True), ("DEFLATE;q=0.5", True), ("deflate;q=0", False), ("deflate; q=0.0", False),
    ("", False), ("gzip", False), ("*", False), ("xdeflate", False),
])  # fmt: skip
def test_which_headers_take_deflate(header, taken):
    assert takes_deflate(header) is taken


times = st.one_of(st.floats(0, 1e12).map(str), st.integers(0, 10**400).map(str), st.text("0123456789.e+-nainf/", max_size=30))


@settings(max_examples=150)
@given(
    time=times, tail=st.sampled_from(["", "/status"]), accept=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=30)
)
def test_whatever_is_asked_is_answered(time, tail, accept):
    answer = ask(HUB, f"/api/past/{time}{tail}", headers={"Accept-Encoding": accept})
    assert answer.status_code in (200, 404, 307)
    assert len(answer.content) < 10_000


HUB = hub_with(1000.0, 1010.0)


@settings(max_examples=100)
@given(steps=st.lists(st.tuples(st.floats(-50, 2000), st.integers(0, 4000)), max_size=60))
def test_whatever_times_come_it_stays_in_order_and_within_bounds(steps):
    past, now = Past(), 1000.0
    past.BYTES = 20_000
    for step, size in steps:
        now += step
        if past.due(now):
            past.keep(now, noise(size), b"")
        assert past.times == sorted(past.times)
        assert past.size == sum(k.size for k in past._kept)
        assert past.size <= 20_000 or len(past) == 1
        assert not past.times or past.times[-1] - past.times[0] <= Past.SPAN_S + 1

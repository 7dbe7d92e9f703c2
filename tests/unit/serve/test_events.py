"""Server-sent events: what changed and no more, one making for all, and nobody who can hold it up."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json

import numpy as np
import pytest
from asking import ask
from hypothesis import given, settings
from hypothesis import strategies as st
from snapshots import make_snapshot

from tenere.page import PageTracks
from tenere.serve import events
from tenere.serve.accounts.gate import KEY, LOCAL, Gate
from tenere.serve.app import make_app
from tenere.serve.events import AGAIN_S, EARTH_M, OFF_M, Events, Sent, changed
from tenere.serve.hub import Hub


def moved(snap, time_s, **columns):
    return dataclasses.replace(snap, time_s=time_s, tracks=snap.tracks.replace(time_s=time_s - 0.5, **columns))


def flown(snap, seconds, aside_m=0.0):
    """Return the picture so many seconds later: each flies on along its course, and is aside_m to the north of that."""
    t = snap.tracks
    speed = np.nan_to_num(t.speed_ms)
    lat = t.lat_rad + (speed * np.cos(t.course_rad) * seconds + aside_m) / EARTH_M
    lon = t.lon_rad + speed * np.sin(t.course_rad) * seconds / EARTH_M / np.cos(t.lat_rad)
    return moved(snap, snap.time_s + seconds, lat_rad=lat, lon_rad=lon)


def told(raw):
    return json.loads(raw, parse_constant=lambda c: pytest.fail(f"{c} in JSON"))


def test_all_tracks_first_then_those_that_changed(snapshot):
    sent = Sent()
    first = told(sent.step(snapshot))
    assert first["whole"] is True
    assert first["tracks"]["number"] == [11, 12, 13, 14]
    assert first["tracks"]["callsign"][0] == "UNO123"
    assert first["tracks"]["lat_deg"] == [13.5, 14.0, 15.0, None]
    second = told(sent.step(flown(snapshot, 5.0)))
    assert second == {"type": "tracks", "time": 1005.0, "whole": False, "gone": [], "tracks": second["tracks"]}
    assert second["tracks"]["number"] == [], "they are where they are reckoned to be"
    third = told(sent.step(flown(snapshot, 6.0, aside_m=OFF_M + 5)))
    assert third["tracks"]["number"] == [11, 12, 13]
    assert third["tracks"]["sent_s"] == [1006.0] * 3


def test_a_new_name_is_told_and_so_is_who_went(snapshot):
    sent = Sent()
    sent.step(snapshot)
    renamed = moved(snapshot, 1001.0, callsign=[b"UNO124", b"", b"", b""])
    assert told(sent.step(renamed))["tracks"]["number"] == [11]
    fewer = dataclasses.replace(renamed, tracks=renamed.tracks.take(slice(1, 3)), identities=renamed.identities.take(slice(1, 3)))
    assert told(sent.step(fewer))["gone"] == [11, 14]
    assert told(sent.step(renamed))["tracks"]["number"] == [11, 14]
    none = dataclasses.replace(renamed, tracks=renamed.tracks.take(slice(0, 0)), identities=renamed.identities.take(slice(0, 0)))
    assert told(sent.step(none))["gone"] == [11, 12, 13, 14]
    assert told(sent.step(renamed))["tracks"]["number"] == [11, 12, 13, 14]


def test_each_is_told_again_after_a_while_and_when_time_goes_back():
    rows = PageTracks.blank(2, number=[1, 2], lat_deg=10.0, lon_deg=10.0)
    assert changed(rows, rows, np.array([AGAIN_S - 1, AGAIN_S])).tolist() == [False, True]
    assert changed(rows, rows, np.array([-1.0, 0.0])).tolist() == [True, False]


def test_a_change_of_place_at_the_date_line_and_the_loss_of_a_place_are_told():
    then = PageTracks.blank(2, number=[1, 2], lat_deg=[0.0, 5.0], lon_deg=[179.9999, 5.0])
    now = PageTracks.blank(2, number=[1, 2], lat_deg=[0.0, np.nan], lon_deg=[-179.9999, np.nan])
    assert changed(then, now, np.ones(2)).tolist() == [True, True]


@settings(max_examples=60)
@given(steps=st.lists(st.tuples(st.sets(st.integers(1, 6)), st.floats(-200, 200), st.floats(-3, 40)), min_size=1, max_size=12))
def test_a_reader_who_applies_the_changes_holds_what_is_told_whole(steps):
    base = make_snapshot()
    sent, held, time_s = Sent(), {}, 1000.0
    for numbers, aside_m, later_s in steps:
        time_s += later_s
        n = len(numbers)
        number = np.array(sorted(numbers), np.uint32)
        tracks = base.tracks.take(np.zeros(n, int)).replace(number=number, time_s=time_s, lat_rad=0.2 + number * 1e-4 + aside_m / EARTH_M)
        snap = dataclasses.replace(
            base, time_s=time_s, tracks=tracks, identities=base.identities.take(np.zeros(n, int)).replace(number=number)
        )
        for data in (sent.step(snap),):
            got = told(data)
            if got["whole"]:
                held = {}
            held = {k: v for k, v in held.items() if k not in got["gone"]}
            held |= dict(zip(got["tracks"]["number"], zip(*got["tracks"].values(), strict=True), strict=True))
        whole = told(sent.whole(time_s))
        assert held == dict(zip(whole["tracks"]["number"], zip(*whole["tracks"].values(), strict=True), strict=True))
        assert set(held) == numbers


def test_one_message_is_made_for_all_who_keep_up_and_all_tracks_for_who_did_not(snapshot):
    async def go():
        hub = Hub()
        told_of = Events(hub)
        hub.publish(snapshot)
        assert await told_of.look()
        assert not await told_of.look(), "one message a tick"
        first = await told_of.after(0)
        assert first[0] == 1
        assert b'"whole":true' in first[1]
        hub.publish(flown(snapshot, 1.0))
        await told_of.look()
        quick = [await told_of.after(1) for _ in range(3)]
        assert len({id(body) for _, body in quick}) == 1
        assert b'"whole":false' in quick[0][1]
        hub.publish(flown(snapshot, 2.0))
        await told_of.look()
        slow = await told_of.after(1)
        assert slow[0] == 3
        assert b'"whole":true' in slow[1]
        assert (await told_of.after(0))[1] is slow[1]

    asyncio.run(go())


def parts(text):
    """Return (event, data) of each event of a stream."""
    out = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if "event" in fields:
            out.append((fields["event"], json.loads(fields["data"])))
    return out


def test_over_http(snapshot):
    hub = Hub()
    hub.publish(snapshot)
    answer = ask(hub, "/api/events?once")
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Length" not in answer.headers
    got = parts(answer.text)
    assert [name for name, _ in got] == ["hello", "status", "tracks"]
    assert got[0][1]["schema"] == json.loads(hub.hello())["schema"]
    assert len(got[1][1]["alerts"]) == 3
    assert got[2][1]["whole"]


def test_one_message_of_a_picture_that_is_still_to_come():
    answer = ask(Hub(), "/api/events?once")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


class Listener:
    """A client of the stream that takes what it is sent for as long as it likes."""

    def __init__(self, app, *, stalls=False):
        self.got, self.stalls, self.left = b"", stalls, asyncio.Event()
        self.status = None
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/events",
            "raw_path": b"/api/events",
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "root_path": "",
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
            KEY: LOCAL,
        }
        self.task = asyncio.create_task(app(scope, self.receive, self.send))

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        if self.stalls:
            await asyncio.Event().wait()
        self.got += message.get("body", b"")

    async def until(self, text):
        for _ in range(200):
            if text in self.got:
                return
            await asyncio.sleep(0.01)
        pytest.fail(f"never sent: {text}")


def test_a_client_that_does_not_read_is_let_go_and_the_others_do_not_notice(monkeypatch, snapshot):
    monkeypatch.setattr(events, "STALL_S", 0.05)
    monkeypatch.setattr(events, "EVERY_S", 0.01)
    monkeypatch.setattr(events, "LOOK_S", 0.01)

    async def go():
        hub = Hub()
        app = make_app(hub, None)
        hub.publish(snapshot)
        good, stalled = Listener(app), Listener(app, stalls=True)
        await good.until(b'"whole":true')
        await asyncio.wait_for(stalled.task, 5)
        hub.publish(flown(snapshot, 1.0))
        await good.until(b'"time":1001.0,"whole":false')
        good.left.set()
        await asyncio.wait_for(good.task, 5)

    asyncio.run(go())


def test_listeners_are_bounded_and_the_making_ends_with_the_last(monkeypatch, snapshot):
    monkeypatch.setattr(events, "CLIENTS", 1)
    made = []
    monkeypatch.setattr(events, "Events", lambda hub: made.append(Events(hub)) or made[0])

    async def go():
        hub = Hub()
        hub.publish(snapshot)
        app = make_app(hub, None)
        first = Listener(app)
        await first.until(b'"whole":true')
        second = Listener(app)
        await asyncio.wait_for(second.task, 5)
        assert second.status == 503
        assert made[0].clients == 1
        first.left.set()
        await asyncio.wait_for(first.task, 5)
        assert (made[0].clients, made[0]._task) == (0, None)
        again = Listener(app)
        await again.until(b'"whole":true')
        again.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await again.task
        assert made[0].clients == 0

    asyncio.run(go())


def test_it_ends_with_the_session(monkeypatch, snapshot):
    monkeypatch.setattr(events, "WATCH_S", 0.01)
    ended = []

    class Desk:
        def who(self, _):
            return None if ended else LOCAL

    monkeypatch.setattr(Gate, "__init__", lambda self, _=None, local=True: self.__dict__.update(accounts=Desk(), local=local))

    async def go():
        hub = Hub()
        hub.publish(snapshot)
        one = Listener(make_app(hub, None))
        await one.until(b'"whole":true')
        ended.append(True)
        await asyncio.wait_for(one.task, 5)

    asyncio.run(go())


def test_a_quiet_picture_sends_a_sign_of_life(monkeypatch):
    monkeypatch.setattr(events, "QUIET_S", 0.02)

    async def go():
        one = Listener(make_app(Hub(), None))
        await one.until(b": still here")
        one.left.set()
        await asyncio.wait_for(one.task, 5)

    asyncio.run(go())

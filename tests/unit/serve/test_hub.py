from __future__ import annotations

import asyncio
import dataclasses
import json

import pytest
from snapshots import make_snapshot

from tenere.page import PAGE_BATCHES, PageHistory
from tenere.schema import schema_hash
from tenere.serve import frames
from tenere.serve.hub import Hub
from tenere.serve.snapshot import NetworkView, SiteView, SourceView


def test_a_slow_client_gets_the_latest_and_never_a_queue():
    async def go():
        hub = Hub()
        client = hub.join()
        for k in range(100):
            hub.publish(make_snapshot(1000.0 + k))
        status, frame = await client.take()
        assert frames.head_of(frame).time_s == 1099.0
        assert json.loads(status)["time"] == 1099.0
        assert client.skipped == 99
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.take(), 0.02)

    asyncio.run(go())


def test_a_frame_is_encoded_once_for_all_clients():
    async def go():
        hub = Hub()
        clients = [hub.join() for _ in range(3)]
        hub.publish(make_snapshot())
        taken = [await c.take() for c in clients]
        assert len({id(frame) for _, frame in taken}) == 1
        assert hub.since(0) is taken[0][1]

    asyncio.run(go())


def test_nothing_is_made_while_nobody_looks():
    hub = Hub()
    hub.publish(make_snapshot())
    assert hub._made == {}
    assert hub._chains == {}
    assert frames.head_of(hub.keyframe()).sequence == 1


def test_who_joins_late_gets_the_picture_at_once():
    async def go():
        hub = Hub()
        hub.publish(make_snapshot())
        _, frame = await hub.join().take()
        assert frames.head_of(frame).kind == frames.KEY

    asyncio.run(go())


def test_pages_are_bounded(monkeypatch):
    async def go():
        monkeypatch.setattr(Hub, "CLIENTS", 2)
        hub = Hub()
        first, _ = hub.join(), hub.join()
        assert hub.join() is None
        hub.leave(first)
        assert hub.join() is not None

    asyncio.run(go())


def test_commands_wait_in_order_and_are_bounded(monkeypatch):
    monkeypatch.setattr(Hub, "COMMANDS", 3)
    hub = Hub()
    assert [hub.submit({"n": k}) for k in range(5)] == [True, True, True, False, False]
    assert hub.commands() == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert hub.commands() == []
    assert hub.submit({"n": 9})


def test_hello_says_schema_site_and_sensors():
    hub = Hub(SiteView(name="Niger", lat_deg=17.0, zoom=5.0, country="NE"), "exercise", "0.1.0")
    hub.publish(make_snapshot())
    hello = json.loads(hub.hello())
    assert hello["schema"] == schema_hash(PAGE_BATCHES)
    assert hello["site"] == {"name": "Niger", "lat": 17.0, "lon": None, "zoom": 5.0, "country": "NE"}
    assert [s["id"] for s in hello["sensors"]] == ["NIM-R"]
    assert [s["id"] for s in hello["unplaced"]] == ["ALONE"]
    assert hello["mode"] == "exercise"
    assert hello["boot"] != json.loads(Hub().hello())["boot"]


def test_status_has_the_pictures_time_and_the_servers():
    hub = Hub(clock=lambda: 5.0)
    hub.publish(make_snapshot())
    status = json.loads(hub.status())
    assert (status["time"], status["server_time"], status["mode"]) == (1000.0, 5.0, "live")
    assert (len(status["alerts"]), status["alerts_total"], status["counts"]) == (3, 3, {"plots": 5})


def test_status_says_how_each_feed_does():
    hub = Hub()
    networks = (NetworkView(units=5), NetworkView(units=2, missed=3, silent=True))
    source = SourceView(id="lan", transport="udp", state="one network silent", detail="2", dropped=4, clock_off_s=1.25, networks=networks)
    hub.publish(dataclasses.replace(make_snapshot(), sources=[source, SourceView(id="file")]))
    lan, file = json.loads(hub.status())["sources"]
    assert {k: lan[k] for k in ("id", "transport", "state", "detail", "dropped", "clock_off_s", "last_seen", "lag_s")} == {
        "id": "lan", "transport": "udp", "state": "one network silent", "detail": "2", "dropped": 4, "clock_off_s": 1.25,
        "last_seen": None, "lag_s": None,
    }  # fmt: skip
    assert lan["networks"] == [{"units": 5, "missed": 0, "silent": False}, {"units": 2, "missed": 3, "silent": True}]
    assert (file["transport"], file["state"]) == (None, "receiving")
    assert json.loads(hub.picture_json())["sources"] == [lan, file]


def test_history_frame_has_a_dot_every_ten_seconds():
    hub = Hub()
    for k in range(25):
        hub.publish(make_snapshot(1000.0 + k))
    kind, _, time_s, (rows,) = frames.decode(hub.history())
    assert (kind, time_s) == (frames.HISTORY, 1024.0)
    assert isinstance(rows, PageHistory)
    assert sorted(set(rows.age_s.tolist())) == [4.0, 14.0, 24.0]


def test_before_the_first_tick_there_is_nothing_to_send():
    hub = Hub()
    assert (hub.keyframe(), hub.history(), hub.picture_json(), hub.status()) == (b"", b"", b"", "")

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket

import numpy as np
import pytest
from snapshots import make_snapshot
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tenere.errors import TenereError
from tenere.serve import frames
from tenere.serve import stream as streams
from tenere.serve.app import make_app
from tenere.serve.delta import Picture
from tenere.serve.hub import Hub
from tenere.serve.run import LOOPBACK_NAMES, bind, names_for, serve


async def started(hub: Hub):
    """Serve on a free port; return (task, port)."""
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(make_app(hub, None), "127.0.0.1", 0, address.set_result))
    url = await asyncio.wait_for(address, 10)
    return task, int(url.rstrip("/").rsplit(":", 1)[1])


async def stopped(task):
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)


async def emptied(hub: Hub):
    for _ in range(300):
        if not hub.clients:
            break
        await asyncio.sleep(0.01)
    assert not hub.clients


async def rest(page):
    while True:
        await page.recv()


def test_a_page_sees_each_tick_and_the_server_stops_when_cancelled():
    async def go():
        hub = Hub()
        task, port = await started(hub)
        async with connect(f"ws://127.0.0.1:{port}/api/stream", compression=None) as page:
            assert json.loads(await page.recv())["type"] == "hello"
            for time_s in (1000.0, 1001.0):
                hub.publish(make_snapshot(time_s))
                while isinstance(message := await page.recv(), str) or frames.head_of(message).kind == frames.HISTORY:
                    pass
                assert frames.head_of(message).time_s == time_s
            await stopped(task)
            with pytest.raises(ConnectionClosed):
                await rest(page)
        assert not hub.clients

    asyncio.run(go())


def test_the_stream_greets_then_sends_history_status_and_tracks():
    async def go():
        hub = Hub(wall=lambda: 77.5)
        hub.publish(make_snapshot())
        task, port = await started(hub)
        async with connect(f"ws://127.0.0.1:{port}/api/stream", origin=f"http://127.0.0.1:{port}") as page:
            assert json.loads(await page.recv())["type"] == "hello"
            assert frames.decode(await page.recv())[0] == frames.HISTORY
            assert json.loads(await page.recv())["type"] == "status"
            picture = Picture()
            picture.take(await page.recv())
            assert (picture.time_s, picture.served_s, picture.steps.rows) == (1000.0, 77.5, 4)
            for said in ("", "{", '{"type":"acknowledge"}', "x" * 500, b"\0\1", '{"type": "ping"}'):
                await page.send(said)
            pong = json.loads(await page.recv())
            assert (pong["type"], pong["server_time"]) == ("pong", 77.5)
        await stopped(task)

    asyncio.run(go())


@pytest.mark.parametrize(("name", "origin"), [("127.0.0.1", "http://elsewhere.example"), ("elsewhere.example", None)])
def test_the_stream_is_closed_to_other_pages_and_names(name, origin):
    async def go():
        hub = Hub()
        task, port = await started(hub)
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://{name}:{port}/api/stream", host="127.0.0.1", port=port, origin=origin):
                pass
        assert refused.value.response.status_code == 403
        assert not hub.clients
        await stopped(task)

    asyncio.run(go())


def test_a_full_house_turns_pages_away(monkeypatch):
    async def go():
        monkeypatch.setattr(Hub, "CLIENTS", 0)
        task, port = await started(Hub())
        with pytest.raises(InvalidStatus):
            async with connect(f"ws://127.0.0.1:{port}/api/stream"):
                pass
        await stopped(task)

    asyncio.run(go())


def test_a_page_that_leaves_is_forgotten_even_when_nothing_is_sent():
    async def go():
        hub = Hub()
        task, port = await started(hub)
        async with connect(f"ws://127.0.0.1:{port}/api/stream") as page:
            await page.recv()
            assert len(hub.clients) == 1
        await emptied(hub)
        await stopped(task)

    asyncio.run(go())


async def deaf(port: int):
    """Open a stream and never read from it; return its writer."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=1024)
    writer.write(
        b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    return writer


def many(time_s: float = 1000.0):
    """Return a picture of 20,000 tracks that nothing foretells: half a megabyte a frame."""
    one = make_snapshot(time_s)
    rng = np.random.default_rng(round(time_s))  # noqa: TID251 - the same each time
    rows = np.zeros(20_000, np.int64)
    lat, lon = rng.uniform(-1.5, 1.5, len(rows)), rng.uniform(-3, 3, len(rows))
    address = rng.integers(0, 2**24, len(rows))
    tracks = one.tracks.take(rows).replace(
        number=np.arange(20_000) + 1, lat_rad=lat, lon_rad=lon, address=address, speed_ms=200 * np.abs(lat)
    )
    return dataclasses.replace(one, tracks=tracks, identities=one.identities.take(rows).replace(number=tracks.number))


def test_a_page_that_does_not_read_holds_up_nobody():
    async def go():
        hub = Hub()
        task, port = await started(hub)
        writer = await deaf(port)
        async with connect(f"ws://127.0.0.1:{port}/api/stream", compression=None, max_size=None) as page:
            await page.recv()
            for k in range(30):
                hub.publish(many(1000.0 + k))
                while isinstance(message := await asyncio.wait_for(page.recv(), 20), str) or message[4] == frames.HISTORY:
                    pass
        assert max(client.skipped for client in hub.clients) > 5
        writer.transport.abort()
        await emptied(hub)
        await stopped(task)

    asyncio.run(go())


def test_a_page_that_does_not_read_does_not_hold_up_the_end():
    async def go():
        hub = Hub()
        _, port = await started(hub)
        writer = await deaf(port)
        for k in range(30):
            hub.publish(many(1000.0 + k))
            await asyncio.sleep(0.005)
        assert max(client.skipped for client in hub.clients) > 5
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for t in others:
            t.cancel()  # all at once, as asyncio.run does at an error
        _, left = await asyncio.wait(others, timeout=10)
        writer.transport.abort()
        await emptied(hub)
        await asyncio.sleep(0.05)
        assert not left

    asyncio.run(go())


def outlets():
    """Return the outlets of the streams that are open."""
    return [t.get_coro().cr_frame.f_locals["outlet"] for t in asyncio.all_tasks() if t.get_coro().__name__ == "_stalled"]


def test_a_page_that_does_not_read_is_held_little_for_and_cut_off_in_time(monkeypatch, caplog):
    async def go():
        monkeypatch.setattr(streams, "WATCH_S", 0.02)
        monkeypatch.setattr(streams, "STALLED_S", 0.4)
        hub = Hub()
        hub.publish(many())
        most = len(hub.keyframe()) + len(hub.status()) + len(hub.history()) + 1000
        task, port = await started(hub)
        writer = await deaf(port)
        async with connect(f"ws://127.0.0.1:{port}/api/stream", compression=None, max_size=None) as page:
            picture, held, k = Picture(), 0, 0
            while len(hub.clients) > 1 or k < 5:
                k += 1
                assert k < 400, "it is never cut off"
                hub.publish(many(1000.0 + k))
                while picture.sequence < hub.sequence:
                    message = await asyncio.wait_for(page.recv(), 20)
                    if isinstance(message, bytes) and message[4] != frames.HISTORY:
                        picture.take(message)
                held = max([held, *(outlet.held for outlet in outlets())])
                await asyncio.sleep(0.02)
            assert 0 < held <= most
            assert len(hub.clients) == 1, "the page that reads goes on"
        assert "cut off" in caplog.text
        writer.transport.abort()
        await emptied(hub)
        await stopped(task)

    asyncio.run(go())


def test_a_page_may_ask_for_some_tracks_and_for_a_keyframe():
    async def go():
        hub = Hub()
        hub.publish(make_snapshot())
        task, port = await started(hub)

        async def answer(page):
            while not isinstance(message := await asyncio.wait_for(page.recv(), 10), str) or json.loads(message)["type"] in (
                "status",
                "hello",
            ):
                pass
            return json.loads(message)

        async def frame(page):
            while isinstance(message := await asyncio.wait_for(page.recv(), 10), str) or message[4] == frames.HISTORY:
                pass
            return message

        async with connect(f"ws://127.0.0.1:{port}/api/stream", compression=None) as page:
            picture = Picture()
            picture.take(await frame(page))
            assert picture.steps.rows == 4
            await page.send('{"type":"filter","kinds":["remote_id"]}')
            said = await answer(page)
            assert (said["type"], said["kinds"], said["box"]) == ("filtered", ["remote_id"], None)
            picture.take(await frame(page))
            assert picture.steps.of("number").tolist() == [11, 12, 13]  # 11 and 12 have alerts
            hub.publish(make_snapshot(1001.0))
            assert (await frame(page))[4] == frames.DELTA
            await page.send('{"type":"keyframe"}')
            await page.send('{"type":"filter","kinds":["balloon"]}')
            assert (await answer(page))["error"].startswith("no filter: kinds are some of unknown, psr")
            hub.publish(make_snapshot(1002.0))
            assert (await frame(page))[4] == frames.KEY
            for _ in range(20):
                await page.send('{"type":"filter"}')
            said = [await answer(page) for _ in range(20)]
            assert said[0]["type"] == "filtered"
            assert "too fast" in said[-1]["error"]
            await page.send('{"type":"ping"}')
            assert (await answer(page))["type"] == "pong"
        await stopped(task)

    asyncio.run(go())


def test_a_message_too_long_ends_that_page_only():
    async def go():
        hub = Hub()
        task, port = await started(hub)
        async with connect(f"ws://127.0.0.1:{port}/api/stream") as page:
            await page.send("x" * 5000)
            with pytest.raises(ConnectionClosed) as closed:
                await rest(page)
            assert closed.value.rcvd.code == 1009
        async with connect(f"ws://127.0.0.1:{port}/api/stream") as page:
            assert json.loads(await page.recv())["type"] == "hello"
        await stopped(task)

    asyncio.run(go())


def test_a_port_that_is_taken_says_what_to_do():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(TenereError, match="--port"):
            bind("127.0.0.1", taken.getsockname()[1])


def test_a_host_that_is_not_ours_says_so():
    with pytest.raises(TenereError, match=r"--host|cannot listen"):
        bind("192.0.2.1", 0)


def test_names_answered_follow_the_address_bound():
    assert names_for("127.0.0.1") == names_for("::1") == names_for("localhost") == LOOPBACK_NAMES
    assert names_for("0.0.0.0") is None

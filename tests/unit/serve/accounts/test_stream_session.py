"""The stream needs a session, and ends with it; on a real server."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from accounts_kit import PASSWORD, Clock, desk
from snapshots import make_snapshot
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tenere.serve import stream as streams
from tenere.serve.accounts.roles import Role
from tenere.serve.app import make_app
from tenere.serve.hub import Hub
from tenere.serve.run import serve


async def started(hub, accounts):
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(make_app(hub, None, accounts=accounts), "127.0.0.1", 0, address.set_result))
    return task, (await asyncio.wait_for(address, 10)).rstrip("/")


async def stopped(task, accounts):
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)
    accounts.close()


async def cookie(url, name):
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.post("/api/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200
        return answer.headers["Set-Cookie"].partition(";")[0]


async def ponged(page):
    while not isinstance(said := await asyncio.wait_for(page.recv(), 10), str) or json.loads(said)["type"] != "pong":
        pass


async def closed(page):
    async def rest():
        while True:
            await asyncio.wait_for(page.recv(), 10)

    with pytest.raises(ConnectionClosed) as end:
        await rest()
    return end.value.rcvd.code


@pytest.mark.parametrize("how", ["sign out", "disabled", "role", "expired"])
def test_the_stream_ends_with_its_session(tmp_path, monkeypatch, how):
    monkeypatch.setattr(streams, "WATCH_S", 0.02)

    async def go():
        hub, clock = Hub(), Clock()
        hub.publish(make_snapshot())
        accounts = desk(tmp_path / "a.sqlite", clock)
        task, url = await started(hub, accounts)
        socket = url.replace("http", "ws") + "/api/stream"
        with pytest.raises(InvalidStatus) as refused:
            async with connect(socket):
                pass
        assert refused.value.response.status_code == 403
        mine, theirs = await cookie(url, "omar"), await cookie(url, "sara")
        async with (
            connect(socket, additional_headers={"Cookie": mine}) as page,
            connect(socket, additional_headers={"Cookie": theirs}) as other,
        ):
            assert json.loads(await page.recv())["type"] == "hello"
            if how == "sign out":
                async with httpx.AsyncClient(base_url=url) as client:
                    assert (await client.request("DELETE", "/api/session", headers={"Cookie": mine})).status_code == 200
            elif how == "expired":
                clock.now += 3000.0
                await other.send('{"type":"active"}')
                await other.send('{"type":"ping"}')
                await ponged(other)
                clock.now += 1000.0
            else:
                accounts.store.change("omar", how, **({"disabled": True} if how == "disabled" else {"role": Role.VIEWER}))
            assert await closed(page) == streams.SIGN_IN_AGAIN
            hub.publish(make_snapshot(1001.0))
            await asyncio.sleep(0.1)
            assert len(hub.clients) == 1, "the other page goes on"
            await other.send('{"type":"ping"}')
            await ponged(other)
        await stopped(task, accounts)

    asyncio.run(go())


def test_without_accounts_nothing_is_watched():
    async def go():
        hub = Hub()
        hub.publish(make_snapshot())
        task, url = await started(hub, None)
        async with connect(url.replace("http", "ws") + "/api/stream") as page:
            await page.recv()
            assert not any(t.get_coro().__name__ == "_watch" for t in asyncio.all_tasks())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 10)

    asyncio.run(go())


def test_behind_what_speaks_tls_the_cookie_is_secure_and_the_address_is_the_persons(tmp_path):
    async def go():
        accounts = desk(tmp_path / "a.sqlite")
        task, url = await started(Hub(), accounts)
        passed = {
            "Host": "picture.example",
            "Origin": "https://picture.example",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "203.0.113.5",
        }
        async with httpx.AsyncClient(base_url=url, headers=passed) as client:
            answer = await client.post("/api/session", json={"name": "omar", "password": PASSWORD})
            assert answer.status_code == 200
            assert "secure" in answer.headers["Set-Cookie"].lower()
            wrong = await client.post(
                "/api/session", json={"name": "omar", "password": "x"}, headers={"Origin": "https://elsewhere.example"}
            )
            assert wrong.status_code == 403
        assert list(accounts.store.entries())[-1].address == "203.0.113.5"
        await stopped(task, accounts)

    asyncio.run(go())

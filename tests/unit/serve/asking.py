"""Asks an application without a socket."""

from __future__ import annotations

import asyncio

import httpx

from tenere.serve.app import make_app

BASE = "http://localhost"


def ask(hub, path, *, times=1, method="GET", app=None, **given):
    """Return the answer to a request, or the answers to as many at once."""

    async def go():
        transport = httpx.ASGITransport(app or make_app(hub, None))
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            return await asyncio.gather(*(client.request(method, path, **given) for _ in range(times)))

    answers = asyncio.run(go())
    return answers[0] if times == 1 else answers

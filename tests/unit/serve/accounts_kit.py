"""A file of accounts with cheap hashes, and somebody who asks with cookies, for tests."""

from __future__ import annotations

import asyncio
import json

import httpx
from argon2 import PasswordHasher

from tenere.serve.accounts.desk import Accounts
from tenere.serve.accounts.passwords import Passwords
from tenere.serve.accounts.roles import Role
from tenere.serve.accounts.store import Store

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "four words kept easily"
BASE = "http://localhost:8080"


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def passwords() -> Passwords:
    return Passwords(CHEAP)


def filled(path, *, names=("vera", "omar", "sara", "eric", "ines", "adam"), clock=None) -> Store:
    """Return a store with an account of each role."""
    store = Store(path, create=True, clock=clock or Clock())
    hashed = CHEAP.hash(PASSWORD)
    for name, role in zip(names, Role, strict=False):
        store.add(name, hashed, role)
    return store


def desk(path, clock=None, **more) -> Accounts:
    return Accounts(filled(path), passwords(), clock=clock or Clock(), **more)


class Person:
    """A browser: keeps its cookies, sends as its own page does."""

    def __init__(self, app, base_url=BASE, address="192.0.2.7"):
        self.app, self.base_url, self.address = app, base_url, address
        self.cookies = httpx.Cookies()

    def ask(self, method, path, body=None, times=1, **given):
        headers = {"Origin": self.base_url, **given.pop("headers", {})}
        if body is not None:
            given["content"] = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")

        async def go():
            transport = httpx.ASGITransport(self.app, client=(self.address, 5000))
            async with httpx.AsyncClient(transport=transport, base_url=self.base_url, cookies=self.cookies) as client:
                answers = await asyncio.gather(*(client.request(method, path, headers=headers, **given) for _ in range(times)))
                self.cookies = client.cookies
                return answers

        answers = asyncio.run(go())
        return answers[0] if times == 1 else answers

    def sign_in(self, name, password=PASSWORD, **given):
        return self.ask("POST", "/api/session", {"name": name, "password": password}, **given)

    def command(self, kind, **fields):
        return self.ask("POST", "/api/commands", {"kind": kind, **fields})

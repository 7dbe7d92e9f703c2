"""Signs people in and out, and says who they are: the store, the passwords, the sessions and the pace, together."""

from __future__ import annotations

import asyncio
import math
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from tenere.errors import TenereError, UsageError
from tenere.serve.accounts.pace import Pace
from tenere.serve.accounts.passwords import Passwords
from tenere.serve.accounts.roles import Role, Who
from tenere.serve.accounts.sessions import Sessions
from tenere.serve.accounts.store import Store, name_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tenere.serve.accounts.sessions import Session
    from tenere.serve.accounts.store import Account

AT_ONCE = 2
"""Passwords verified at a time: each takes a core and 64 MiB for a sixth of a second."""
WAITING = 16
"""Sign-ins that wait for their turn; more are sent away."""
REFUSALS_EVERY_S = 1.0
IDLE_S, WHOLE_S = 3600.0, 43_200.0
WRONG = "the name or the password is wrong"


class RefusedError(TenereError):
    """A sign-in that is not taken: the status to answer, and how long to wait before the next try."""

    def __init__(self, status: int, message: str, wait_s: float = 0.0) -> None:
        """Keep them."""
        super().__init__(message)
        self.status, self.wait_s = status, wait_s


class SignedIn(NamedTuple):
    """A session begun."""

    token: str
    who: Who


class Accounts:
    """The desk. idle_s, whole_s: how long sessions last; clock: monotonic seconds."""

    def __init__(
        self,
        store: Store,
        passwords: Passwords | None = None,
        idle_s: float = IDLE_S,
        whole_s: float = WHOLE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the desk on a store."""
        self.store = store
        self.passwords = passwords or Passwords()
        self.passwords.prepare()
        self.sessions = Sessions(clock, idle_s, whole_s)
        self.pace = Pace(clock)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sign-in")
        self._waiting = 0
        self._refused_s: dict[str, float] = {}

    @classmethod
    def of(cls, path: Path, idle_s: float = IDLE_S, whole_s: float = WHOLE_S) -> Accounts:
        """Open the desk on a file. Raises UsageError where there is none, or nobody in it may sign in."""
        store = Store(path)
        if all(a.disabled for a in store.accounts()):
            store.close()
            raise UsageError(f"{path}: nobody may sign in: make an account with tenere account add NAME --role ROLE --file {path}")
        return cls(store, idle_s=idle_s, whole_s=whole_s)

    def close(self) -> None:
        """Close the file; whoever verifies is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.store.close()

    async def sign_in(self, said: str, password: str, address: str) -> SignedIn:
        """Begin a session of who shows the password. Raises RefusedError; and TenereError where the file does not take it."""
        try:
            name = name_of(said)
        except UsageError:
            name = ""
        key = name or said[:64]
        if (wait := self.pace.begin(key, address)) > 0:
            raise RefusedError(429, f"too many wrong tries: wait {wait:.0f} s", wait)
        if self._waiting >= WAITING:
            self.pace.cancel(key, address)
            raise RefusedError(503, "too many sign in at once: try again", 1.0)
        self._waiting += 1
        try:
            account = await asyncio.get_running_loop().run_in_executor(self._pool, self._verified, name, password, address)
        finally:
            self._waiting -= 1
        if account is None:
            raise RefusedError(401, WRONG)
        self.pace.succeed(key, address)
        return SignedIn(self.sessions.begin(account.name, account.generation), Who(account.name, account.role, signed=True))

    def _verified(self, name: str, password: str, address: str) -> Account | None:
        """Return the account whose password it is, and write down that it signed in or did not. Whatever is wrong takes as long."""
        account = self.store.find(name) if name else None
        right = self.passwords.right(account.hash if account else None, password)
        if account is None or not right or account.disabled:
            why = "no such account" if account is None else "wrong password" if not right else "disabled"
            self.store.note("sign-in failed", account.name if account else "", account.role.value if account else "", address, why)
            return None
        if (renewed := self.passwords.renewed(account.hash, password)) is not None:
            self.store.rehash(account.name, account.hash, renewed)
        self.store.note("signed in", account.name, account.role.value, address)
        return account

    async def sign_out(self, token: str, address: str) -> None:
        """End a session, where there is one."""
        who = self.who(token)
        if self.sessions.end(token) is not None and who is not None:
            await asyncio.to_thread(self.store.note, "signed out", who.name, (who.role or ""), address)

    def who(self, token: str) -> Who | None:
        """Return who a token stands for; None for nobody: no session, expired, or its account changed since."""
        session = self._standing(token)
        return session and session[1]

    def use(self, token: str) -> None:
        """Keep a session from idling."""
        if (session := self._standing(token)) is not None:
            self.sessions.use(session[0])

    def left_s(self, token: str) -> float:
        """Return how many seconds a session lasts unless its person does something; 0: there is none."""
        session = self._standing(token)
        return self.sessions.left_s(session[0]) if session is not None else 0.0

    def _standing(self, token: str) -> tuple[Session, Who] | None:
        session = self.sessions.find(token) if token else None
        if session is None:
            return None
        account = self.store.find(session.name)
        if account is None or account.disabled or account.generation != session.generation:
            self.sessions.end(token)
            return None
        return session, Who(account.name, account.role, signed=True)

    async def note_refusal(self, who: Who, address: str, detail: str) -> None:
        """Write down that somebody sent what is not for them; once a second at most, for they may send without end."""
        now = time.monotonic()
        if now - self._refused_s.get(who.name, -math.inf) >= REFUSALS_EVERY_S:
            self._refused_s[who.name] = now
            await self.note("command refused", who, address, detail)

    async def note(self, event: str, who: Who, address: str, detail: str) -> None:
        """Write down what somebody did. Raises TenereError where the disk does not take it."""
        role = who.role.value if isinstance(who.role, Role) else ""
        await asyncio.to_thread(self.store.note, event, who.name, role, address, detail)

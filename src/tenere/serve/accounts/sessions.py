"""Who is signed in: sessions by the hash of their token, in memory. A restart of the server ends them all."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 1024
"""Sessions at once; MOST_EACH of one account. Past that the one idle longest ends."""
MOST_EACH = 16
TOKEN_BYTES = 32


class Session:
    """One sign-in: whose, of which generation of the account, begun when, used when (monotonic seconds)."""

    __slots__ = ("began_s", "generation", "name", "used_s")

    def __init__(self, name: str, generation: int, now_s: float) -> None:
        """Begin it."""
        self.name, self.generation = name, generation
        self.began_s = self.used_s = now_s


class Sessions:
    """The sessions. clock: monotonic seconds. idle_s: longest without a sign of its person; whole_s: longest at all."""

    def __init__(self, clock: Callable[[], float], idle_s: float, whole_s: float) -> None:
        """Start with none."""
        self._clock, self.idle_s, self.whole_s = clock, idle_s, whole_s
        self._held: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._held)

    def begin(self, name: str, generation: int) -> str:
        """Begin a session and return its token, which is kept nowhere."""
        own = [k for k, s in self._held.items() if s.name == name]
        for among, most in ((own, MOST_EACH), (list(self._held), MOST)):
            if len(among) >= most:
                del self._held[min(among, key=lambda k: self._held[k].used_s)]
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._held[_hashed(token)] = Session(name, generation, self._clock())
        return token

    def find(self, token: str) -> Session | None:
        """Return the session of a token; None where it is none, or has expired."""
        key = _hashed(token)
        session = self._held.get(key)
        if session is not None and self.left_s(session) <= 0:
            del self._held[key]
            return None
        return session

    def left_s(self, session: Session) -> float:
        """Return the seconds until a session expires where nobody shows a sign of life."""
        now = self._clock()
        return min(session.used_s + self.idle_s, session.began_s + self.whole_s) - now

    def use(self, session: Session) -> None:
        """Keep a session from idling: its person did something."""
        session.used_s = self._clock()

    def end(self, token: str) -> Session | None:
        """End the session of a token, and return it; None where there was none."""
        return self._held.pop(_hashed(token), None)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

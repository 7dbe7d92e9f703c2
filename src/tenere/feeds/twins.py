"""The two networks of a dual LAN: the same datagrams on both, each wanted once.

A datagram's copy is one with equal bytes that the *other* network brought within a window. Each copy answers for one
datagram: a sensor that sends two equal datagrams has two, on one network or on both.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from hashlib import blake2b

WINDOW_S = 2.0
MOST = 65_536


@dataclass
class _Seen:
    """One datagram that waits for its copy."""

    time_s: float
    digest: bytes
    network: int
    matched: bool = False


@dataclass
class Twins:
    """What came on one of two networks and not yet on the other: at most MOST datagrams, for WINDOW_S.

    missed: of each network, how many datagrams only the other one brought.
    """

    window_s: float = WINDOW_S
    most: int = MOST
    missed: list[int] = field(default_factory=lambda: [0, 0])
    _waiting: dict[bytes, deque[_Seen]] = field(default_factory=dict)
    _ring: deque[_Seen] = field(default_factory=deque)

    def fresh(self, data: bytes, network: int, time_s: float) -> bool:
        """Say whether a datagram is new; False where the other network (0 or 1) brought it before, each copy once."""
        self.expire(time_s)
        digest = blake2b(data, digest_size=16).digest()
        same = self._waiting.get(digest)
        if same and same[0].network != network:
            same.popleft().matched = True
            if not same:
                del self._waiting[digest]
            return False
        seen = _Seen(time_s, digest, network)
        self._waiting.setdefault(digest, deque()).append(seen)
        self._ring.append(seen)
        return True

    def expire(self, time_s: float) -> None:
        """Give up those whose copy is late, or that are too many."""
        while self._ring and (self._ring[0].time_s < time_s - self.window_s or len(self._ring) >= self.most):
            seen = self._ring.popleft()
            if seen.matched:
                continue
            self.missed[1 - seen.network] += 1
            same = self._waiting[seen.digest]
            same.popleft()  # those of one digest wait in the order in which they came
            if not same:
                del self._waiting[seen.digest]

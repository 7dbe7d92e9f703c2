"""How often a password may be tried: pauses that grow with each failure, by account and by address, in bounded memory.

An account's pause would let a stranger lock its person out, so it does not hold for an address that the account signed in from
lately: there the address's own pause holds alone.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

FREE_ACCOUNT, FREE_ADDRESS = 4, 10
"""Failures before the first pause."""
LONGEST_ACCOUNT_S, LONGEST_ADDRESS_S = 60.0, 900.0
FORGIVE_S = 300.0
"""Each so long without a failure takes one off: a room of people behind one address mistypes now and then."""
MOST_KEYS = 4096
KNOWN_EACH = 4
"""Addresses remembered of an account."""


class _Count(NamedTuple):
    failures: int
    last_s: float

    def left(self, now_s: float) -> int:
        """Return the failures that time has not forgiven."""
        return max(0, self.failures - int((now_s - self.last_s) / FORGIVE_S))


class _Counts:
    """Failures by key."""

    def __init__(self, free: int, longest_s: float) -> None:
        self.free, self.longest_s = free, longest_s
        self.held: dict[str, _Count] = {}

    def wait_s(self, key: str, now_s: float) -> float:
        """Return how long a key has still to pause."""
        count = self.held.get(key)
        if count is None or count.failures < self.free:
            return 0.0
        return max(0.0, count.last_s + min(self.longest_s, 2.0 ** min(count.failures - self.free, 30)) - now_s)

    def fail(self, key: str, now_s: float) -> None:
        """Count a failure."""
        count = self.held.get(key)
        if count is None and len(self.held) >= MOST_KEYS:
            self.held = {k: c for k, c in self.held.items() if c.left(now_s)}
            if len(self.held) >= MOST_KEYS:  # the least suspicious goes, never the one that pauses longest
                del self.held[min(self.held, key=lambda k: self.held[k])]
        self.held[key] = _Count(1 + (count.left(now_s) if count is not None else 0), now_s)

    def forgive(self, key: str, failures: int) -> None:
        """Take failures off a key."""
        count = self.held.get(key)
        if count is None:
            return
        if count.failures <= failures:
            del self.held[key]
        else:
            self.held[key] = _Count(count.failures - failures, count.last_s)


class Pace:
    """Says who has to wait. clock: monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start with nobody known."""
        self._clock = clock
        self._accounts = _Counts(FREE_ACCOUNT, LONGEST_ACCOUNT_S)
        self._addresses = _Counts(FREE_ADDRESS, LONGEST_ADDRESS_S)
        self._known: dict[str, list[str]] = {}

    def begin(self, name: str, address: str) -> float:
        """Begin a try: return 0.0 and count it as failed until it is said to be right; or return the seconds to wait."""
        now, network = self._clock(), network_of(address)
        known = network in self._known.get(name, ())
        wait = max(self._addresses.wait_s(network, now), 0.0 if known else self._accounts.wait_s(name, now))
        if wait <= 0.0:
            self._addresses.fail(network, now)
            if not known:
                self._accounts.fail(name, now)
        return wait

    def succeed(self, name: str, address: str) -> None:
        """Say that the try was right: the account starts anew, the address is out of pocket by nothing."""
        network = network_of(address)
        self._accounts.forgive(name, LONGEST)
        self._addresses.forgive(network, 1)
        known = [network, *(k for k in self._known.pop(name, []) if k != network)][:KNOWN_EACH]
        while len(self._known) >= MOST_KEYS:
            del self._known[next(iter(self._known))]
        self._known[name] = known

    def cancel(self, name: str, address: str) -> None:
        """Say that the try was never looked at."""
        self._accounts.forgive(name, 1)
        self._addresses.forgive(network_of(address), 1)


LONGEST = 1 << 62


def network_of(address: str) -> str:
    """Return what an address is counted under: itself, and of IPv6 its /64, which one subscriber has whole."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((int(ip), 64), strict=False))
    return str(ip)

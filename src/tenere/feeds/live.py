"""Live feeds: UDP (unicast and multicast) and TCP, gathered until the next tick.

Every queue is bounded: a feed that floods loses its own newest units (counted) and nobody else's.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tenere.errors import TenereError
from tenere.tick import Chunk

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.site import SourceConfig

MAX_UNITS = 200_000
MAX_BYTES = 64 << 20
READ_BYTES = 1 << 16
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
CONNECT_S = 10.0
KEEPALIVE = ((getattr(socket, "TCP_KEEPIDLE", 0), 20), (getattr(socket, "TCP_KEEPINTVL", 0), 5), (getattr(socket, "TCP_KEEPCNT", 0), 4))
"""A peer that vanished without a word (power cut, pulled cable) is noticed after 40 s."""

FOLLOWS = 0.01


class SteadyClock:
    """The wall clock, but never backwards: where it is set back, this one goes 1 % slower until they meet again."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,  # noqa: TID251 - this is the shell
        pace: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start at the wall clock's time."""
        self._wall, self._pace = wall, pace
        self._last = pace()
        self._ahead = wall() - self._last

    def __call__(self) -> float:
        """Return seconds since 1970."""
        now = self._pace()
        self._ahead = max(self._wall() - now, self._ahead - FOLLOWS * (now - self._last))
        self._last = now
        return now + self._ahead


@dataclass
class Inbox:
    """What one feed received since the last tick, and its counts."""

    source: str
    units: list[bytes] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    held: int = 0
    received: int = 0
    dropped: int = 0
    state: str = "waiting"

    def put(self, data: bytes, time_s: float) -> None:
        """Take a unit, or count it as dropped when this tick's share is full."""
        if len(self.units) >= MAX_UNITS or self.held + len(data) > MAX_BYTES:
            self.dropped += 1
            return
        self.units.append(data)
        self.times_s.append(time_s)
        self.held += len(data)

    def drain(self) -> Chunk | None:
        """Return what came since the last call, or None."""
        if not self.units:
            return None
        chunk = Chunk.of(self.source, self.units, self.times_s, self.received)
        self.received += self.held
        self.units, self.times_s, self.held = [], [], 0
        return chunk


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, inbox: Inbox, clock: Callable[[], float]) -> None:
        self.inbox, self.clock = inbox, clock

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:  # noqa: ARG002 - asyncio's signature
        self.inbox.state = "receiving"
        self.inbox.put(data, self.clock())


class LiveFeeds:
    """All live feeds of a site."""

    def __init__(self, sources: tuple[SourceConfig, ...], clock: Callable[[], float] | None = None) -> None:
        """Keep the sources; nothing is opened yet. clock gives receive times (default: the wall clock, never backwards)."""
        self.sources = sources
        self.clock = clock or SteadyClock()
        self.inboxes = {s.id: Inbox(s.id) for s in sources}
        self._tasks: list[asyncio.Task[None]] = []
        self._transports: list[asyncio.DatagramTransport] = []

    async def open(self) -> None:
        """Bind the UDP feeds and start connecting the TCP ones; raise TenereError when an address cannot be bound."""
        loop = asyncio.get_running_loop()
        for s in self.sources:
            inbox = self.inboxes[s.id]
            if s.udp:
                try:
                    bound = bind_udp(s.udp, s.interface)
                except (OSError, ValueError) as e:
                    raise TenereError(f"source {s.id}: cannot listen on udp {s.udp}: {e}") from e
                transport, _ = await loop.create_datagram_endpoint(lambda i=inbox: _Datagrams(i, self.clock), sock=bound)  # type: ignore[misc]
                self._transports.append(transport)
            else:
                self._tasks.append(loop.create_task(self._connect(s, inbox)))

    async def _connect(self, s: SourceConfig, inbox: Inbox) -> None:
        """Keep a TCP feed connected, with growing pauses."""
        host, _, port = s.tcp.rpartition(":")
        pause = FIRST_PAUSE_S
        while True:
            inbox.state = "connecting"
            with contextlib.suppress(OSError, UnicodeError):  # the second: a name that no resolver takes
                async with asyncio.timeout(CONNECT_S):  # its TimeoutError is an OSError
                    reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
                try:
                    _keep_alive(writer)
                    inbox.state = "receiving"
                    while data := await reader.read(READ_BYTES):
                        pause = FIRST_PAUSE_S
                        inbox.put(data, self.clock())
                finally:
                    writer.close()
            inbox.state = f"waiting {pause:.0f} s to reconnect"
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def drain(self) -> tuple[Chunk, ...]:
        """Return what all feeds received since the last call."""
        chunks = (inbox.drain() for inbox in self.inboxes.values())
        return tuple(c for c in chunks if c is not None)

    def dropped(self) -> int:
        """Count what all feeds lost: units that a full inbox refused, and datagrams that the system had no room for."""
        inodes = {os.fstat(t.get_extra_info("socket").fileno()).st_ino for t in self._transports if not t.is_closing()}
        return sum(i.dropped for i in self.inboxes.values()) + sum(n for inode, n in overflows().items() if inode in inodes)

    async def close(self) -> None:
        """Close every feed."""
        for transport in self._transports:
            transport.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def overflows() -> dict[int, int]:
    """Return how many datagrams the system dropped for want of room, by inode of the UDP socket; empty where it does not tell."""
    out = {}
    for name in ("udp", "udp6"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in Path("/proc/net", name).read_text(encoding="ascii").splitlines()[1:]:
                words = line.split()
                out[int(words[9])] = int(words[12])
    return out


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Ask the system to notice a peer that is gone."""
    s: socket.socket = writer.get_extra_info("socket")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE:
        if option:
            s.setsockopt(socket.IPPROTO_TCP, option, value)


def bind_udp(address: str, interface: str = "") -> socket.socket:
    """Return a socket bound to address:port, having joined it on interface (an address) when it is multicast.

    Several programs may share a multicast group; a unicast port is ours alone, for a second listener would take its
    datagrams from the first. Raises OSError or ValueError.
    """
    host, _, port = address.rpartition(":")
    ip = ipaddress.ip_address(host.strip("[]"))
    s = socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if ip.is_multicast:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        s.setblocking(False)
        s.bind((str(ip), int(port)))
        if ip.is_multicast and ip.version == 4:
            local = ipaddress.IPv4Address(interface or "0.0.0.0")  # noqa: S104 - the system picks the interface that joins
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, ip.packed + local.packed)
        elif ip.is_multicast:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, ip.packed + struct.pack("@I", 0))
    except BaseException:
        s.close()
        raise
    return s

"""TCP, both ways round: connecting to who offers a stream, and listening for who brings one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

from tenere.errors import TenereError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.feeds.inbox import Inbox
    from tenere.site import SourceConfig

READ_BYTES = 1 << 16
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
CONNECT_S = 10.0
KEEPALIVE = ((getattr(socket, "TCP_KEEPIDLE", 0), 20), (getattr(socket, "TCP_KEEPINTVL", 0), 5), (getattr(socket, "TCP_KEEPCNT", 0), 4))
"""A peer that vanished without a word (power cut, pulled cable) is noticed after 40 s."""

YIELDS_S = 5.0
"""A client that brought nothing for so long gives way to a new one."""


class Backoff:
    """Growing pauses: doubled from try to try, the first one again after a success."""

    def __init__(self) -> None:
        """Begin with the shortest."""
        self.pause_s = FIRST_PAUSE_S

    def worked(self) -> None:
        """Begin again with the shortest."""
        self.pause_s = FIRST_PAUSE_S

    async def wait(self, inbox: Inbox, why: str) -> None:
        """Wait, the next time longer, and let the inbox say so."""
        inbox.say("reconnecting", f"{self.pause_s:.0f}", why)
        await asyncio.sleep(self.pause_s)
        self.pause_s = min(2 * self.pause_s, LONGEST_PAUSE_S)


def reason(e: BaseException) -> str:
    """Say in a few words why something could not be opened."""
    if isinstance(e, TimeoutError):
        return "no answer"
    return (e.strerror if isinstance(e, OSError) else None) or str(e) or type(e).__name__


async def connect(source: SourceConfig, inbox: Inbox, clock: Callable[[], float]) -> None:
    """Keep a stream connected for ever, with growing pauses."""
    host, _, port = source.tcp.rpartition(":")
    backoff = Backoff()
    while True:
        inbox.say("connecting")
        why = "the other side closed the connection"
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            try:
                _keep_alive(writer)
                if source.greeting:
                    writer.write(source.greeting.encode() + b"\r\n")
                    await writer.drain()
                inbox.say("receiving")
                while data := await reader.read(READ_BYTES):
                    backoff.worked()
                    inbox.put(data, clock())
            finally:
                writer.close()
        except (OSError, UnicodeError) as e:  # TimeoutError is the first; the second is a name that no resolver takes
            why = reason(e)
        await backoff.wait(inbox, why)


class Listener:
    """Who brings a stream to us. One client at a time, for a source is one stream: a second would be mixed into the first.

    A newcomer takes over from a client that brought nothing for YIELDS_S (a sensor that lost its power leaves such a one
    behind); otherwise it is turned away.
    """

    def __init__(self, source: SourceConfig, inbox: Inbox, clock: Callable[[], float]) -> None:
        """Keep what is needed; open() binds."""
        self.source, self.inbox, self.clock = source, inbox, clock
        self.turned_away = 0
        self._server: asyncio.Server | None = None
        self._client: asyncio.StreamWriter | None = None
        self._heard = 0.0

    async def open(self) -> None:
        """Bind; raise TenereError when the address cannot be bound."""
        host, _, port = self.source.listen.rpartition(":")
        try:
            self._server = await asyncio.start_server(self._serve, host.strip("[]"), int(port), limit=READ_BYTES, backlog=8)
        except OSError as e:
            raise TenereError(f"source {self.source.id}: cannot listen on tcp {self.source.listen}: {e}") from e

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one client's stream, where no other brings one."""
        pace = self.inbox.pace
        if self._client is not None and pace() - self._heard < YIELDS_S:
            self.turned_away += 1
            self.inbox.why = f"clients turned away: {self.turned_away} (one stream at a time)"
            writer.close()
            return
        if self._client is not None:
            self._client.transport.abort()
        self._client, self._heard = writer, pace()
        _keep_alive(writer)
        self.inbox.say("receiving")
        try:
            with contextlib.suppress(OSError):
                while self._client is writer and (data := await reader.read(READ_BYTES)):
                    self._heard = pace()
                    self.inbox.put(data, self.clock())
        except asyncio.CancelledError:
            return  # the program ends; asyncio would log it as an error
        finally:
            writer.close()
            if self._client is writer:
                self._client = None
                self.inbox.say("waiting", why="the client closed the connection")

    async def close(self) -> None:
        """Stop listening and let the client go."""
        if self._server is not None:
            self._server.close()
        if self._client is not None:
            self._client.transport.abort()
        if self._server is not None:
            await self._server.wait_closed()
            await asyncio.sleep(0)


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Ask the system to notice a peer that is gone."""
    s: socket.socket = writer.get_extra_info("socket")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE:
        if option:
            s.setsockopt(socket.IPPROTO_TCP, option, value)

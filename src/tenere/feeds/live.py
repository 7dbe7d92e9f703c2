"""Live feeds: every transport of a site, gathered until the next tick."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tenere.feeds import playback, serial_line, streams, tail
from tenere.feeds.inbox import FeedHealth, Inbox
from tenere.feeds.twins import Twins
from tenere.feeds.udp import Datagrams, bind_udp, overflows
from tenere.site import transports_of
from tenere.wire.block_chain import BlockStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.site import SourceConfig
    from tenere.tick import Chunk

__all__ = ["FeedHealth", "Inbox", "LiveFeeds", "SteadyClock", "bind_udp", "overflows"]

FOLLOWS = 0.01

FOLLOWERS = {"tcp": streams.connect, "serial": serial_line.follow, "file": tail.follow_file, "folder": tail.follow_folder}
"""The transports that are one task: follow(source, inbox, clock), for ever."""


STREAMS = frozenset({"tcp", "listen", "serial", "file"})
"""The transports that deliver reads of any length."""


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


class LiveFeeds:
    """All live feeds of a site."""

    def __init__(self, sources: tuple[SourceConfig, ...], clock: Callable[[], float] | None = None) -> None:
        """Keep the sources; nothing is opened yet. clock gives receive times (default: the wall clock, never backwards)."""
        self.sources = sources
        self.clock = clock or SteadyClock()
        self.inboxes = {s.id: _inbox(s) for s in sources}
        self._tasks: list[asyncio.Task[None]] = []
        self._datagrams: dict[str, Datagrams] = {}
        self._listeners: list[streams.Listener] = []

    async def open(self) -> None:
        """Bind what listens, load what is played, and start the rest; raise TenereError when that cannot be done."""
        loop = asyncio.get_running_loop()
        for s in self.sources:
            inbox = self.inboxes[s.id]
            if inbox.transport == "udp":
                self._datagrams[s.id] = Datagrams(s, inbox, self.clock)
            elif inbox.transport == "listen":
                listener = streams.Listener(s, inbox, self.clock)
                self._listeners.append(listener)
                await listener.open()
            elif inbox.transport == "capture":
                self._tasks.append(loop.create_task(playback.play(s, await playback.load(s), inbox, self.clock)))
            else:
                self._tasks.append(loop.create_task(FOLLOWERS[inbox.transport](s, inbox, self.clock)))

    def drain(self) -> tuple[Chunk, ...]:
        """Return what all feeds received since the last call. An error of ours in a feed comes out here, lest it go unseen."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()
        chunks = (inbox.drain() for inbox in self.inboxes.values())
        return tuple(c for c in chunks if c is not None)

    def health(self) -> tuple[FeedHealth, ...]:
        """Say how each feed does, in the order of the site file."""
        self._count_losses()
        return tuple(inbox.health() for inbox in self.inboxes.values())

    def dropped(self) -> int:
        """Count what all feeds lost: units that a full inbox refused, and datagrams that the system had no room for."""
        self._count_losses()
        return sum(i.dropped + i.lost for i in self.inboxes.values())

    def _count_losses(self) -> None:
        """Take over from the system what it had no room for."""
        if not self._datagrams:
            return
        now = overflows()
        for name, datagrams in self._datagrams.items():
            self.inboxes[name].lost = datagrams.lost(now)

    async def close(self) -> None:
        """Close every feed."""
        for datagrams in self._datagrams.values():
            datagrams.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *(listener.close() for listener in self._listeners), return_exceptions=True)


def _inbox(source: SourceConfig) -> Inbox:
    """Return the inbox of a source, made for the transport that it names."""
    (transport,) = transports_of(source)
    blocks = BlockStream() if source.format == "asterix" and transport in STREAMS else None
    return Inbox(source.id, transport, twins=Twins() if source.udp2 else None, blocks=blocks)

"""What one feed received since the last tick, its counts, and how it does.

Every inbox is bounded: a feed that floods loses its own newest units, counted, and takes no more of a tick than its share.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tenere.tick import Chunk

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.feeds.twins import Twins
    from tenere.wire.block_chain import BlockStream

MAX_UNITS = 50_000
MAX_BYTES = 32 << 20
"""One source's share of a tick. What comes beyond it is dropped and counted."""

SILENT_S = 10.0
RATE_S = 5.0
"""Rates are averaged over about so long."""

WAITING, RECEIVING, SILENT, HALF, CONNECTING, RECONNECTING, ENDED = (
    "waiting",
    "receiving",
    "silent",
    "one network silent",
    "connecting",
    "reconnecting",
    "ended",
)
"""The health words: open and nothing comes; bytes come; none for 10 s; one of two networks brings none; being opened;
lost, and tried again after a pause; a recording was played to its end."""


class NetworkHealth(NamedTuple):
    """How one network of a dual LAN does: what it brought, and what only the other one brought."""

    units: int
    missed: int
    silent: bool


class FeedHealth(NamedTuple):
    """How one feed does, for people. detail: seconds of the pause, or number of the silent network. why: what failed last."""

    id: str
    transport: str
    state: str
    detail: str
    why: str
    units_s: float
    bytes_s: float
    units: int
    bytes: int
    dropped: int
    duplicates: int
    last_s: float
    networks: tuple[NetworkHealth, ...] = ()


@dataclass
class Inbox:
    """What one feed received since the last tick, its counts, and how it does.

    link is what its transport says of it (one of the health words), detail and why what adds to that.
    lost counts what the system had no room for; silence says whether a time without bytes means something. twins are for
    datagrams of a dual LAN, blocks for ASTERIX on a stream: what a read cuts waits for the next one.
    """

    source: str
    transport: str = "udp"
    pace: Callable[[], float] = time.monotonic
    twins: Twins | None = None
    blocks: BlockStream | None = None
    silence: bool = True
    units: list[bytes] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    held: int = 0
    received: int = 0
    received_units: int = 0
    dropped: int = 0
    lost: int = 0
    duplicates: int = 0
    last_s: float = math.nan
    link: str = WAITING
    detail: str = ""
    why: str = ""
    _heard: list[float] = field(default_factory=lambda: [-math.inf, -math.inf])
    _counts: list[int] = field(default_factory=lambda: [0, 0])
    _drained: float = math.nan
    _units_s: float = 0.0
    _bytes_s: float = 0.0

    def put(self, data: bytes, time_s: float, network: int = 0) -> None:
        """Take a unit that a network brought; a copy of what the other one brought, or one beyond the tick's share, is counted only."""
        self.last_s = time_s
        self._heard[network] = self.pace()
        self._counts[network] += 1
        if self.twins is not None and not self.twins.fresh(data, network, time_s):
            self.duplicates += 1
            return
        if self.blocks is not None and not (data := self.blocks.take(data)):
            return
        self._keep(data, time_s)

    def _keep(self, data: bytes, time_s: float) -> None:
        if len(self.units) >= MAX_UNITS or self.held + len(data) > MAX_BYTES:
            self.dropped += 1
            return
        self.units.append(data)
        self.times_s.append(time_s)
        self.held += len(data)

    def heard_s(self, network: int) -> float:
        """Return when a network brought its last unit, by the inbox's own pace; minus infinity before the first."""
        return self._heard[network]

    def room(self) -> int:
        """Return how many bytes would still be taken in this tick, for transports that can wait."""
        return 0 if len(self.units) >= MAX_UNITS else MAX_BYTES - self.held

    def say(self, link: str, detail: str = "", why: str = "") -> None:
        """Note what the transport is at; why is kept until it says another, or receives."""
        if self.blocks is not None and link != self.link and (rest := self.blocks.end()):
            self._keep(rest, self.last_s)  # another connection begins with another block
        self.link, self.detail = link, detail
        self.why = why if why or link == RECEIVING else self.why

    def drain(self) -> Chunk | None:
        """Return what came since the last call, or None."""
        now = self.pace()
        if not math.isnan(self._drained) and now > self._drained:
            weight = 1.0 - math.exp((self._drained - now) / RATE_S)
            self._units_s += weight * (len(self.units) / (now - self._drained) - self._units_s)
            self._bytes_s += weight * (self.held / (now - self._drained) - self._bytes_s)
        self._drained = now
        if not self.units:
            return None
        chunk = Chunk.of(self.source, self.units, self.times_s, self.received)
        self.received += self.held
        self.received_units += len(self.units)
        self.units, self.times_s, self.held = [], [], 0
        return chunk

    @property
    def state(self) -> str:
        """Say in one of the health words how it does now."""
        if self.link != RECEIVING:
            return self.link
        if math.isnan(self.last_s):
            return WAITING
        now = self.pace()
        quiet = [now - t > SILENT_S for t in self._heard]
        if quiet[0] and quiet[1]:
            return SILENT if self.silence else WAITING
        return HALF if self.twins is not None and (quiet[0] or quiet[1]) else RECEIVING

    def health(self) -> FeedHealth:
        """Return how it does now."""
        state = self.state
        now = self.pace()
        networks: tuple[NetworkHealth, ...] = ()
        detail = self.detail
        if self.twins is not None:
            networks = tuple(NetworkHealth(self._counts[k], self.twins.missed[k], now - self._heard[k] > SILENT_S) for k in (0, 1))
            detail = next((str(k + 1) for k, n in enumerate(networks) if n.silent), "") if state == HALF else detail
        return FeedHealth(
            self.source,
            self.transport,
            state,
            detail,
            self.why,
            self._units_s,
            self._bytes_s,
            self.received_units + len(self.units),
            self.received + self.held,
            self.dropped + self.lost,
            self.duplicates,
            self.last_s,
            networks,
        )

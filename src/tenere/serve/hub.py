"""The hub: one picture in, many pages out.

Every frame is encoded once for all clients. Each client has one slot a kind of message, and the latest wins: a slow
client gets fewer frames, never a growing queue. Operators' commands wait here for the next tick, in a bounded queue.
Everything runs in the event loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.page import PAGE_BATCHES
from tenere.schema import schema_hash
from tenere.serve import frames, picture
from tenere.serve.page import History, batches_of
from tenere.serve.snapshot import Mode, SiteView, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.geo.terrain import Terrain
    from tenere.serve.coverage.desk import CoverageDesk
    from tenere.serve.measured import Measured
    from tenere.watch import AirspaceTold

log = logging.getLogger(__name__)


class Client:
    """One page: what it has still to be sent. skipped counts the frames it was too slow for."""

    def __init__(self) -> None:
        """Start with nothing to send."""
        self.frame: bytes | None = None
        self.status: str | None = None
        self.skipped = 0
        self._wake = asyncio.Event()

    def offer(self, frame: bytes, status: str) -> None:
        """Put the latest in the slots, over what was not yet sent."""
        self.skipped += self.frame is not None
        self.frame, self.status = frame, status
        self._wake.set()

    async def take(self) -> tuple[str | None, bytes | None]:
        """Wait for something to send and return (status, frame)."""
        await self._wake.wait()
        self._wake.clear()
        taken = self.status, self.frame
        self.status = self.frame = None
        return taken


class Hub:
    """Holds the latest picture and hands it to whoever asks.

    clock gives the server's own time (seconds since 1970) for the status texts; None sends the picture's time.
    """

    CLIENTS = 256
    """At most so many pages at once."""
    COMMANDS = 1000
    """At most so many commands wait for a tick."""

    def __init__(
        self, site: SiteView | None = None, mode: Mode = "live", version: str = "", clock: Callable[[], float] | None = None
    ) -> None:
        """Start empty, before the first tick."""
        self.site = site or SiteView()
        self.mode: Mode = mode
        self.version = version
        self.snapshot: Snapshot | None = None
        self.sequence = 0
        self.clients: set[Client] = set()
        self._boot = secrets.token_hex(8)
        self._clock = clock
        self._history = History()
        self._commands: deque[dict[str, Any]] = deque()
        self._made: dict[str, bytes] = {}
        self.measured: Measured | None = None
        """The figures of the sensors, where somebody measures them."""
        self.airspace: Callable[[], AirspaceTold] | None = None
        """Tells the airspace as it stands, where there is a picture."""
        self.coverage_opened: Callable[[], CoverageDesk] | None = None
        """Makes the desk of coverage, where there is one: it is slow to import, and few pages ask."""
        self.coverage_held: CoverageDesk | None = None
        self.terrain_opened: Callable[[], Terrain] | None = None
        """Opens the terrain that the map shades, where one is named: slow to import too."""
        """The desk, once it was asked for."""

    @property
    def coverage(self) -> CoverageDesk | None:
        """What the sensors see by the ground, where somebody computes it."""
        if self.coverage_held is None and self.coverage_opened is not None:
            self.coverage_held = self.coverage_opened()
        return self.coverage_held

    @coverage.setter
    def coverage(self, desk: CoverageDesk | None) -> None:
        self.coverage_held = desk

    def publish(self, snapshot: Snapshot) -> None:
        """Make a snapshot the picture, and offer it to every client. Call it from the event loop's thread."""
        self.snapshot = snapshot
        self.sequence += 1
        self._made.clear()
        self._history.add(snapshot)
        if self.clients:
            frame, status = self.frame(), self.status()
            for client in self.clients:
                client.offer(frame, status)

    def recall(self, snapshot: Snapshot) -> None:
        """Keep a snapshot's positions as history without showing it."""
        self._history.add(snapshot)

    def submit(self, command: dict[str, Any]) -> bool:
        """Queue an operator's command for the next tick; False where the queue is full."""
        if len(self._commands) >= self.COMMANDS:
            log.warning("an operator's command was refused: %d wait for a tick already", self.COMMANDS)
            return False
        self._commands.append(command)
        return True

    def commands(self) -> list[dict[str, Any]]:
        """Return the commands that wait, oldest first, and forget them."""
        drained = list(self._commands)
        self._commands.clear()
        return drained

    def join(self) -> Client | None:
        """Return a slot for a new page, with the latest picture in it; None where the house is full."""
        if len(self.clients) >= self.CLIENTS:
            log.warning("a page was refused: %d are connected already", self.CLIENTS)
            return None
        client = Client()
        self.clients.add(client)
        if self.snapshot is not None:
            client.offer(self.frame(), self.status())
        return client

    def leave(self, client: Client) -> None:
        """Forget a page."""
        self.clients.discard(client)

    def hello(self) -> str:
        """Return the first text of a stream: schema, site and sensors."""
        sensors = self.snapshot.sensors if self.snapshot else []
        rows = picture.sensor_rows(sensors)
        site = {
            "name": self.site.name,
            "lat": picture.number_or_none(self.site.lat_deg, 6),
            "lon": picture.number_or_none(self.site.lon_deg, 6),
            "zoom": self.site.zoom,
            "country": self.site.country,
        }
        hello = {
            "type": "hello",
            "schema": schema_hash(PAGE_BATCHES),
            "version": self.version,
            "boot": self._boot,
            "mode": self.mode,
            "site": site,
            "sensors": [s for s in rows if s["placed"]],
            "unplaced": [s for s in rows if not s["placed"]],
        }
        return msgspec.json.encode(hello).decode()

    def status(self) -> str:
        """Return the status text of the latest picture, made once a tick."""
        return self._once("status", self._make_status).decode()

    def frame(self) -> bytes:
        """Return the tracks keyframe of the latest picture, made once a tick."""
        return self._once("frame", lambda snap: frames.encode(frames.TRACKS, self.sequence, snap.time_s, batches_of(snap)))

    def history(self) -> bytes:
        """Return the history frame as of the latest picture, made once a tick and only when asked for."""
        return self._once("history", self._make_history)

    def picture_json(self) -> bytes:
        """Return the whole picture as JSON, made once a tick and only when asked for."""
        return self._once("picture", self._make_picture)

    def _once(self, key: str, make: Callable[[Snapshot], bytes]) -> bytes:
        """Return what was made of this tick's snapshot under key, making it the first time; empty before the first tick."""
        if self.snapshot is None:
            return b""
        if key not in self._made:
            self._made[key] = make(self.snapshot)
        return self._made[key]

    def _make_status(self, snap: Snapshot) -> bytes:
        return msgspec.json.encode(
            {
                "type": "status",
                "time": snap.time_s,
                "server_time": self._clock() if self._clock else snap.time_s,
                "mode": self.mode,
                "alerts": picture.alert_rows(snap.alerts, snap.sensors),
                "alerts_total": len(snap.alerts),
                "sensors": picture.sensor_rows(snap.sensors),
                "sources": picture.source_rows(snap.sources),
                "qnh": picture.pressure_rows(snap.pressures),
                "counts": snap.counts,
            }
        )

    def _make_history(self, snap: Snapshot) -> bytes:
        rows = self._history.rows(snap.time_s, snap.tracks.number)
        return frames.encode(frames.HISTORY, self.sequence, snap.time_s, [rows])

    def _make_picture(self, snap: Snapshot) -> bytes:
        return msgspec.json.encode(
            {
                "time": snap.time_s,
                "mode": self.mode,
                "tracks": picture.track_rows(snap),
                "alerts": picture.alert_rows(snap.alerts, snap.sensors),
                "sensors": picture.sensor_rows(snap.sensors),
                "sources": picture.source_rows(snap.sources),
                "qnh": picture.pressure_rows(snap.pressures),
                "counts": snap.counts,
            }
        )

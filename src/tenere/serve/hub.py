"""The hub: one picture in, many pages out.

Every frame is made once for all clients that want the same tracks. A client that is ready gets the latest there is: the
change since the frame it has, or a keyframe where it has missed one. So a slow client gets fewer frames, never a growing
queue. Operators' commands wait here for the next tick, in a bounded queue. Everything runs in the event loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from tenere.page import PAGE_BATCHES
from tenere.schema import schema_hash
from tenere.serve import frames, picture
from tenere.serve.answered import Answered
from tenere.serve.delta import Chain
from tenere.serve.filters import Filter, wanted
from tenere.serve.page import History, page_tracks
from tenere.serve.snapshot import Mode, SiteView, Snapshot
from tenere.serve.socket import BINARY, TEXT, framed
from tenere.serve.stepped import stepped

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.geo.terrain import Terrain
    from tenere.serve.airspace_rules import RulesTold
    from tenere.serve.coverage.desk import CoverageDesk
    from tenere.serve.measured import Measured
    from tenere.serve.past import Past
    from tenere.serve.plans import Book
    from tenere.serve.stepped import Stepped
    from tenere.serve.tracks.recorder import Recorder
    from tenere.watch import AirspaceTold

log = logging.getLogger(__name__)


ALL = Filter()


class Client:
    """One page: which tracks it wants, and which frame it has. skipped counts the frames it was too slow for."""

    def __init__(self, hub: Hub) -> None:
        """Start with nothing to send."""
        self.filter = ALL
        self.changes = True
        self.sequence = 0
        self.skipped = 0
        self._hub = hub
        self._wake = asyncio.Event()

    def offer(self) -> None:
        """Say that there is a new picture."""
        self.skipped += self._wake.is_set()
        self._wake.set()

    def choose(self, asked: Filter, changes: bool) -> None:
        """Send other tracks from now on, beginning with all of them; changes: what has changed only, where that will do."""
        self.filter, self.changes, self.sequence = asked, changes, 0
        self._wake.set()

    def ask_keyframe(self) -> None:
        """Send a whole picture next: the page cannot use what it has."""
        self.sequence = 0

    async def take(self) -> tuple[str | None, bytes | None]:
        """Wait for something to send and return (status, frame)."""
        await self.waits()
        return self.pick()

    async def waits(self) -> None:
        """Wait for something to send."""
        await self._wake.wait()

    def pick(self) -> tuple[str | None, bytes | None]:
        """Return (status, frame): the latest there is."""
        self._wake.clear()
        hub = self._hub
        frame = hub.since(self.sequence if self.changes else 0, self.filter)
        self.sequence = hub.sequence
        return hub.status() or None, frame or None


class Hub:
    """Holds the latest picture and hands it to whoever asks.

    clock gives the server's own time (seconds since 1970) for the status texts; None sends the picture's time. wall tells
    the time that stands on every frame, by which a page knows how late it is.
    """

    CLIENTS = 256
    """At most so many pages at once."""
    FILTERS = 32
    """At most so many different filters at once: each has frames of its own to be made."""
    COMMANDS = 1000
    """At most so many commands wait for a tick."""

    def __init__(
        self,
        site: SiteView | None = None,
        mode: Mode = "live",
        version: str = "",
        clock: Callable[[], float] | None = None,
        wall: Callable[[], float] = time.time,  # noqa: TID251 - this is the shell
    ) -> None:
        """Start empty, before the first tick."""
        self.site = site or SiteView()
        self.mode: Mode = mode
        self.version = version
        self.snapshot: Snapshot | None = None
        self.sequence = 0
        self.clients: set[Client] = set()
        self.boot = secrets.token_hex(8)
        self._clock = clock
        self._history = History()
        self._commands: deque[dict[str, Any]] = deque()
        self._made: dict[str, bytes] = {}
        self._framed: dict[str | bytes, bytes] = {}
        self._status = ""
        self._chains: dict[Filter, Chain] = {}
        self._steps: Stepped | None = None
        self.wall = wall
        self._served_s = 0.0
        self.measured: Measured | None = None
        """The figures of the sensors, where somebody measures them."""
        self.recorder: Recorder | None = None
        """What each track did lately, where somebody remembers it."""
        self.plans: Book | None = None
        """The flight plans, where there is a picture."""
        self.answered = Answered()
        """What became of the last commands."""
        self.airspace: Callable[[], AirspaceTold] | None = None
        """Tells the airspace as it stands, where there is a picture."""
        self.past: Past | None = None
        """The last half hour, where somebody keeps it."""
        self.airspace_mark = 0
        """Differs once that differs: a page asks for the airspace only then."""
        self.rules: Callable[[], RulesTold] | None = None
        """Tells how the rules are set, where there is a picture."""
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
        self._hold(snapshot)
        self.sequence += 1
        self._served_s = self.wall()
        self._history.add(snapshot)
        asked = {client.filter for client in self.clients}
        self._chains = {f: self._chains.get(f) or Chain() for f in asked}
        for f in asked:
            self._chain(f)
        for client in self.clients:
            client.offer()
        if self.past is not None and self.past.due(snapshot.time_s):
            self.past.keep(snapshot.time_s, self.keyframe(), self.status().encode())

    def recall(self, snapshot: Snapshot) -> None:
        """Keep a snapshot as history and in the past without showing it: what was before the first picture is."""
        self._history.add(snapshot)
        if self.past is None or not self.past.due(snapshot.time_s):
            return
        alone = Chain()  # of its own: the clients' counts what is shown
        alone.advance(stepped(*page_tracks(snapshot)), 1, snapshot.time_s, self.wall())
        shown = self.snapshot
        self._hold(snapshot)
        self.past.keep(snapshot.time_s, alone.keyframe(), self.status().encode())
        self._hold(shown)

    def _hold(self, snapshot: Snapshot | None) -> None:
        """Make a snapshot the one that everything is made of."""
        self.snapshot = snapshot
        self._made.clear()
        self._framed.clear()
        self._status = ""
        self._steps = None

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
        client = Client(self)
        self.clients.add(client)
        if self.snapshot is not None:
            client.offer()
        return client

    def choose(self, client: Client, asked: Filter) -> bool:
        """Send a client other tracks from now on; False where too many different filters are in use."""
        f = ALL if asked.all else msgspec.structs.replace(asked, changes=True)
        if len({c.filter for c in self.clients if c is not client} | {f, ALL}) > self.FILTERS + 1:
            log.warning("a filter was refused: %d are in use already", self.FILTERS)
            return False
        client.choose(f, asked.changes)
        return True

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
            "boot": self.boot,
            "sequence": self.sequence,
            "mode": self.mode,
            "site": site,
            "sensors": [s for s in rows if s["placed"]],
            "unplaced": [s for s in rows if not s["placed"]],
        }
        return msgspec.json.encode(hello).decode()

    def status(self) -> str:
        """Return the status text of the latest picture, made once a tick."""
        if not self._status:
            self._status = self._once("status", self._make_status).decode()
        return self._status

    def keyframe(self) -> bytes:
        """Return a frame of the latest picture that needs no other to be read; empty before the first tick."""
        return self._chain(ALL).keyframe() if self.snapshot is not None else b""

    def since(self, sequence: int, asked: Filter = ALL) -> bytes:
        """Return the frame for who has the picture of a sequence: the change since, or a keyframe; empty before the first tick."""
        return self._chain(asked).since(sequence) if self.snapshot is not None else b""

    def framed(self, message: str | bytes) -> bytes:
        """Return a message as it is written to a socket, made once a tick."""
        if message not in self._framed:
            self._framed[message] = framed(TEXT, message.encode()) if isinstance(message, str) else framed(BINARY, message)
        return self._framed[message]

    def _chain(self, asked: Filter) -> Chain:
        """Return the frames of the tracks asked for, up to the latest picture."""
        assert self.snapshot is not None
        chain = self._chains.setdefault(asked, Chain())
        if chain.sequence != self.sequence:
            if self._steps is None:
                self._steps = stepped(*page_tracks(self.snapshot))
            steps = self._steps if asked.all else self._steps.take(wanted(asked, self._steps, self.snapshot.alerts))
            chain.advance(steps, self.sequence, self.snapshot.time_s, self._served_s)
        return chain

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
                "airspace_version": self.airspace_mark,
                "answers": self.answered.rows(snap.time_s),
            }
        )

    def _make_history(self, snap: Snapshot) -> bytes:
        rows = self._history.rows(snap.time_s, snap.tracks.number)
        return frames.encode(frames.HISTORY, self.sequence, snap.time_s, [rows], self._served_s)

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

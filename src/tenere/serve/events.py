"""Server-sent events: the picture for whoever only looks, such as a board on a wall, where a WebSocket does not get through.

Each client gets `hello`, then at most once a second `status` and `tracks`: all of them first, then those that changed. A track
has changed when what is said of it has, or when it is no longer where a reader who reckons on from what was sent puts it. All
clients hold the same rows, so each message is made once; one that was too slow for a message gets all tracks anew. Nothing
queues: a client that does not read is let go.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from starlette.responses import Response
from starlette.routing import Route

from tenere.serve.answers import as_error
from tenere.serve.page import page_tracks
from tenere.serve.stream import WATCH_S
from tenere.units import KNOT_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from tenere.page import PageTracks
    from tenere.serve.accounts.gate import Gate
    from tenere.serve.hub import Hub
    from tenere.serve.snapshot import Snapshot

CLIENTS = 64
"""At most so many at once."""
EVERY_S = 1.0
"""Shortest time between two messages."""
LOOK_S = 0.1
"""How often it is looked for a new tick while somebody listens."""
STALL_S = 20.0
"""A client that takes nothing for so long is let go."""
QUIET_S = 15.0
"""After so long without a tick a comment is sent, so that what is between us keeps the connection."""
OFF_M = 60.0
"""A track so far from where a reader reckons it is sent again."""
AGAIN_S = 30.0
"""Every track is sent again after so long, so that its age is told."""
EARTH_M = 6_371_000.0

ROUNDED = {"lat_deg": 5, "lon_deg": 5, "level_ft": 0, "altitude_ft": 0, "course_deg": 1, "speed_kt": 0, "vertical_fpm": 0}
"""Columns of PageTracks with decimals, and how many are sent."""
EXACT = ("number", "identity", "confidence_pct", "protected", "civil", "aircraft_class", "emergency", "trend", "flags", "kinds", "mode_a")
EXACT_TOO = ("frame", "source", "address", "callsign")
TELLS = ("identity", "protected", "civil", "aircraft_class", "emergency", "trend", "flags", "mode_a", "address", "callsign")
"""Columns whose change is always sent."""


def _off_m(then: PageTracks, now: PageTracks, since_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far tracks (n,) are from where their last sent rows put them; those without a place are off by nothing."""
    course, metres = np.radians(np.nan_to_num(then.course_deg)), np.nan_to_num(then.speed_kt) * KNOT_MS * since_s
    north = np.radians(now.lat_deg.astype(float) - then.lat_deg) * EARTH_M - metres * np.cos(course)
    east = np.radians(now.lon_deg.astype(float) - then.lon_deg) * EARTH_M * np.cos(np.radians(now.lat_deg)) - metres * np.sin(course)
    away = np.hypot(north, east)
    moved = np.isfinite(then.lat_deg) != np.isfinite(now.lat_deg)
    return np.where(moved, np.inf, np.nan_to_num(away))


def changed(then: PageTracks, now: PageTracks, since_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which rows, (n,), are to be sent again: then are the same tracks as they were last sent, since_s ago."""
    out = _off_m(then, now, since_s) > OFF_M
    for name in TELLS:
        out |= getattr(then, name) != getattr(now, name)
    for name, step in (("level_ft", 50.0), ("altitude_ft", 50.0), ("speed_kt", 10.0)):
        a, b = getattr(then, name), getattr(now, name)
        out |= (np.abs(np.nan_to_num(a) - np.nan_to_num(b)) > step) | (np.isnan(a) != np.isnan(b))
    return out | (since_s >= AGAIN_S) | (since_s < 0.0)


class Sent:
    """What every client that kept up holds: each live track as it was last sent, and when."""

    def __init__(self) -> None:
        """Start with nothing sent."""
        self.rows: PageTracks | None = None
        self.when_s = np.zeros(0)

    def step(self, snap: Snapshot) -> bytes:
        """Take a snapshot and return what changed, as the data of a `tracks` event."""
        now = page_tracks(snap)[0]
        was = self.rows
        if was is None or len(was) == 0:
            self.rows, self.when_s = now, np.full(len(now), snap.time_s)
            return _data(snap.time_s, now, np.full(len(now), snap.time_s), gone=[], whole=was is None)
        order = np.argsort(was.number)
        place = np.minimum(np.searchsorted(was.number[order], now.number), len(was) - 1)
        there = order[place]
        known = was.number[there] == now.number
        fresh = ~known
        fresh[known] = changed(was.take(there[known]), now.take(known), snap.time_s - self.when_s[there[known]])
        gone = was.number[~np.isin(was.number, now.number)].tolist()
        when = np.where(fresh, snap.time_s, self.when_s[there])
        columns = {name: np.where(fresh, getattr(now, name), getattr(was, name)[there]) for name, _, _, _ in now.columns()}
        self.rows, self.when_s = now.replace(**columns), when
        return _data(snap.time_s, now.take(fresh), when[fresh], gone=gone, whole=False)

    def whole(self, time_s: float) -> bytes:
        """Return all rows, as the data of a `tracks` event."""
        assert self.rows is not None
        return _data(time_s, self.rows, self.when_s, gone=[], whole=True)


def _data(time_s: float, rows: PageTracks, when_s: NDArray[np.float64], *, gone: list[int], whole: bool) -> bytes:
    """Return rows as JSON columns; age_s and lag_s are as of when each was sent, sent_s."""
    columns: dict[str, Any] = {"sent_s": np.round(when_s, 1).tolist()}
    for name, digits in ROUNDED.items():
        values = np.round(getattr(rows, name).astype(np.float64), digits)
        columns[name] = np.where(np.isfinite(values), values, np.nan).tolist()  # msgspec writes NaN as null
    for name in ("age_s", "lag_s"):
        columns[name] = np.round(getattr(rows, name).astype(np.float64), 1).tolist()
    for name in (*EXACT, *EXACT_TOO):
        values = getattr(rows, name)
        columns[name] = [c.decode("ascii", "replace") for c in values.tolist()] if values.dtype.kind == "S" else values.tolist()
    return msgspec.json.encode({"type": "tracks", "time": time_s, "whole": whole, "gone": gone, "tracks": columns})


def event(name: str, data: bytes, number: int | None = None) -> bytes:
    """Return one event as it goes over the wire; data is JSON in one line."""
    head = b"" if number is None else b"id: %d\n" % number
    return b"%sevent: %s\ndata: %s\n\n" % (head, name.encode(), data)


class Events:
    """Makes the messages while somebody listens, and holds the latest. Everything runs in the event loop, but the making."""

    def __init__(self, hub: Hub) -> None:
        """Tell of a hub."""
        self.hub = hub
        self.clients = 0
        self.number = 0
        """Of the latest message."""
        self.delta = b""
        self._whole: tuple[int, bytes] = (0, b"")
        self._sent = Sent()
        self._shown = 0
        self._new = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def join(self) -> bool:
        """Count a client in, where there is room."""
        if self.clients >= CLIENTS:
            return False
        self.clients += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return True

    def leave(self) -> None:
        """Count a client out; with the last one the making ends."""
        self.clients -= 1
        if self.clients == 0 and self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        """Make a message of each new tick, at most one each EVERY_S."""
        while True:  # noqa: ASYNC110 - a hub tells nobody, so that no listener can hold it up
            await asyncio.sleep(EVERY_S if await self.look() else LOOK_S)

    async def look(self) -> bool:
        """Make a message where there is a new tick; say whether there was."""
        async with self._turn:
            snap, sequence = self.hub.snapshot, self.hub.sequence
            if snap is None or sequence == self._shown:
                return False
            delta = await asyncio.to_thread(self._sent.step, snap)
            status = self.hub.status().encode()
            self._shown = sequence
            self.number += 1
            self.delta = event("status", status) + event("tracks", delta, self.number)
            self._new.set()
            self._new = asyncio.Event()
            return True

    async def after(self, number: int) -> tuple[int, bytes]:
        """Wait for a message later than a number; return its number, and the changes to one who has the last, else all."""
        while self.number <= number:
            await self._new.wait()
        if number > 0 and number == self.number - 1:
            return self.number, self.delta
        async with self._turn:
            if self._whole[0] != self.number:
                time_s = self.hub.snapshot.time_s if self.hub.snapshot is not None else 0.0
                data = await asyncio.to_thread(self._sent.whole, time_s)
                self._whole = self.number, event("status", self.hub.status().encode()) + event("tracks", data, self.number)
            return self._whole


class EventStream(Response):
    """The answer that goes on: until the client leaves, stops reading, or its session ends."""

    media_type = "text/event-stream"

    def __init__(self, events: Events, gate: Gate, request: Request, *, once: bool) -> None:
        """Answer a request; once: with one message alone."""
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self.events, self.gate, self.request, self.once = events, gate, request, once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until something ends it; what ends it is no error of ours."""
        if not self.events.join():
            await _later(f"{CLIENTS} listen already: try again later", 10)(scope, receive, send)
            return
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            tasks = [asyncio.ensure_future(part) for part in (self._feed(send), self._left(receive), self._ended())]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                ends = await asyncio.gather(*tasks, return_exceptions=True)
            for error in ends:
                if isinstance(error, Exception) and not isinstance(error, (OSError, TimeoutError)):
                    raise error  # a bug of ours: uvicorn logs it and ends the connection
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(send({"type": "http.response.body", "body": b"", "more_body": False}), 1.0)
        except asyncio.CancelledError:
            pass  # the server stops: uvicorn ends the connection
        finally:
            self.events.leave()

    async def _feed(self, send: Send) -> None:
        number = 0

        async def say(body: bytes) -> None:
            await asyncio.wait_for(send({"type": "http.response.body", "body": body, "more_body": True}), STALL_S)

        await say(b"retry: 2000\n\n" + event("hello", self.events.hub.hello().encode()))
        await self.events.look()
        while not (self.once and number):
            try:
                number, body = await asyncio.wait_for(self.events.after(number), QUIET_S)
            except TimeoutError:
                body = b": still here\n\n"
            await say(body)

    async def _left(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _ended(self) -> None:
        """Wait until the session that opened the stream has ended; for ever where there are no accounts."""
        while self.gate.accounts is None or not self.gate.ended(self.request):  # noqa: ASYNC110 - the file of accounts changes without an event
            await asyncio.sleep(WATCH_S)


def _later(why: str, wait_s: int) -> Response:
    answer = as_error(503, why)
    answer.headers["Retry-After"] = str(wait_s)
    return answer


def event_routes(hub: Hub, gate: Gate) -> list[Route]:
    """Return the route of the events."""
    events = Events(hub)

    async def stream(request: Request) -> Response:
        once = "once" in request.query_params
        if once and hub.snapshot is None:
            return _later("the first tick is still to come: try again", 1)
        return EventStream(events, gate, request, once=once)

    return [Route("/api/events", stream)]

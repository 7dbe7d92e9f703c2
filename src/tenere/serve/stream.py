"""The live stream to one page."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING

import msgspec
from starlette.websockets import WebSocketDisconnect

from tenere.errors import TenereError, WireError
from tenere.serve.filters import parse_filter
from tenere.serve.guard import same_origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.websockets import WebSocket

    from tenere.serve.accounts.gate import Gate
    from tenere.serve.hub import Client, Hub
    from tenere.serve.socket import Outlet

log = logging.getLogger(__name__)

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
SIGN_IN_AGAIN = 4401
"""The session has ended (a code of the private range, RFC 6455, section 7.4.2)."""
WATCH_S = 1.0
"""How often it is looked whether the session of an open stream still holds, and whether its page reads."""
FAREWELL_S = 2.0
STALLED_S = 20.0
"""A page that takes not a byte of what waits for it for so long is cut off."""
ASKS, ASK_EVERY_S = 8, 0.5
"""What a page may ask for that costs work (a filter, a keyframe): so many at once, then one every so often."""


class Said(msgspec.Struct):
    """What a page says: only its type is looked at first."""

    type: str = ""


class Allowance:
    """So many at once, then one every so often."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with all of it."""
        self._clock = clock
        self._left, self._at = float(ASKS), clock()

    def take(self) -> bool:
        """Take one; False where none is left."""
        now = self._clock()
        self._left = min(ASKS, self._left + (now - self._at) / ASK_EVERY_S)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


async def _listen(socket: WebSocket, hub: Hub, client: Client, gate: Gate) -> None:
    """Read what the page says until it leaves. What it may not say is ignored; a filter is answered."""
    allowance = Allowance()
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text") or ""
        try:
            said = msgspec.json.decode(text, type=Said).type
        except msgspec.DecodeError:  # also what is JSON and no object
            continue
        if said == "ping":
            await socket.send_text(f'{{"type":"pong","server_time":{hub.wall()!r}}}')
        elif said == "active":
            with contextlib.suppress(TenereError):
                gate.use(socket)
        elif said == "keyframe" and allowance.take():
            client.ask_keyframe()
        elif said == "filter":
            await socket.send_text(_filter(text, hub, client, allowance))


def _filter(text: str, hub: Hub, client: Client, allowance: Allowance) -> str:
    """Take a filter; return the answer."""
    refused = "filters come too fast: wait a second"
    if allowance.take():
        try:
            asked = parse_filter(text)
            if hub.choose(client, asked):
                return msgspec.json.encode({**msgspec.structs.asdict(asked), "type": "filtered"}).decode()
            refused = "too many different filters are in use"
        except WireError as e:
            refused = str(e)
    return msgspec.json.encode({"type": "refused", "error": refused}).decode()


async def _watch(socket: WebSocket, gate: Gate) -> None:
    """Wait until the session that opened the stream has ended."""
    while not gate.ended(socket):  # noqa: ASYNC110 - the file of accounts changes without an event
        await asyncio.sleep(WATCH_S)


async def _stalled(outlet: Outlet) -> None:
    """Wait until nothing has been taken for STALLED_S of what waits to be sent."""
    held, since = 0, time.monotonic()
    while not held or time.monotonic() - since < STALLED_S:
        await asyncio.sleep(WATCH_S)
        if outlet.held != held:
            held, since = outlet.held, time.monotonic()


async def _feed(socket: WebSocket, hub: Hub, client: Client, outlet: Outlet | None) -> None:
    """Send the latest picture whenever there is one, at the page's own pace."""
    history = False
    while True:
        await client.waits()
        if not history:
            history = True
            await socket.send_bytes(hub.history())
        if outlet is None:
            status, frame = client.pick()
            if status is not None:
                await socket.send_text(status)
            if frame is not None:
                await socket.send_bytes(frame)
            continue
        await outlet.ready()  # only then choose what to send: the latest there is
        for message in client.pick():
            if message is not None and not outlet.write(hub.framed(message)):
                return


async def stream(socket: WebSocket, hub: Hub, gate: Gate) -> None:
    """Serve one page until it leaves, or its session ends: hello, history, then status and tracks each tick."""
    if not same_origin(socket.headers):
        await socket.close(POLICY_VIOLATION)
        return
    client = hub.join()
    if client is None:
        await socket.close(TRY_AGAIN_LATER)
        return
    outlet: Outlet | None = socket.scope.get("extensions", {}).get("tenere.outlet")
    try:
        await socket.accept()
        await socket.send_text(hub.hello())
        stuck = asyncio.create_task(_stalled(outlet)) if outlet is not None else None
        over = asyncio.create_task(_watch(socket, gate)) if gate.accounts is not None else None
        tasks = [asyncio.create_task(_listen(socket, hub, client, gate)), asyncio.create_task(_feed(socket, hub, client, outlet))]
        tasks += [task for task in (stuck, over) if task is not None]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for error in results:
            if isinstance(error, Exception) and not isinstance(error, (WebSocketDisconnect, OSError)):
                raise error  # a bug of ours: uvicorn logs it and ends the connection
        if stuck in done and outlet is not None:
            log.warning("a page was cut off: it has read nothing for %.0f s", STALLED_S)
            outlet.cut()
        elif over in done:
            with contextlib.suppress(TimeoutError, RuntimeError, OSError):
                await asyncio.wait_for(socket.close(SIGN_IN_AGAIN), FAREWELL_S)  # a page that does not read gets no farewell
    except WebSocketDisconnect:
        pass
    finally:
        hub.leave(client)  # nothing is sent here: a page that does not read would hold up the end for ever

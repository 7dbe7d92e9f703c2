"""The live stream to one page."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect

from tenere.errors import TenereError
from tenere.serve.guard import same_origin

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from tenere.serve.accounts.gate import Gate
    from tenere.serve.hub import Client, Hub

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
SIGN_IN_AGAIN = 4401
"""The session has ended (a code of the private range, RFC 6455, section 7.4.2)."""
WATCH_S = 1.0
"""How often it is looked whether the session of an open stream still holds."""
FAREWELL_S = 2.0
PING, ACTIVE = '{"type":"ping"}', '{"type":"active"}'


async def _listen(socket: WebSocket, gate: Gate) -> None:
    """Read what the page says until it leaves: a ping is answered, a person's doing something noted, anything else ignored."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        said = (message.get("text") or "").replace(" ", "")
        if said == PING:
            await socket.send_text('{"type":"pong"}')
        elif said == ACTIVE:
            with contextlib.suppress(TenereError):
                gate.use(socket)


async def _watch(socket: WebSocket, gate: Gate) -> None:
    """Wait until the session that opened the stream has ended."""
    while not gate.ended(socket):  # noqa: ASYNC110 - the file of accounts changes without an event
        await asyncio.sleep(WATCH_S)


async def _feed(socket: WebSocket, hub: Hub, client: Client) -> None:
    """Send the latest picture whenever there is one, at the page's own pace."""
    history = False
    while True:
        status, frame = await client.take()
        if not history:
            history = True
            await socket.send_bytes(hub.history())
        if status is not None:
            await socket.send_text(status)
        if frame is not None:
            await socket.send_bytes(frame)


async def stream(socket: WebSocket, hub: Hub, gate: Gate) -> None:
    """Serve one page until it leaves, or its session ends: hello, history, then status and tracks each tick."""
    if not same_origin(socket.headers):
        await socket.close(POLICY_VIOLATION)
        return
    client = hub.join()
    if client is None:
        await socket.close(TRY_AGAIN_LATER)
        return
    try:
        await socket.accept()
        await socket.send_text(hub.hello())
        tasks = [asyncio.create_task(_listen(socket, gate)), asyncio.create_task(_feed(socket, hub, client))]
        watch = asyncio.create_task(_watch(socket, gate)) if gate.accounts is not None else None
        tasks += [watch] if watch is not None else []
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            over = watch is not None and watch.done()
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, (WebSocketDisconnect, OSError)):
                raise error  # a bug of ours: uvicorn logs it and ends the connection
        if over:
            with contextlib.suppress(TimeoutError, RuntimeError, OSError):
                await asyncio.wait_for(socket.close(SIGN_IN_AGAIN), FAREWELL_S)  # a page that does not read gets no farewell
    except WebSocketDisconnect:
        pass
    finally:
        hub.leave(client)  # nothing is sent here: a page that does not read would hold up the end for ever

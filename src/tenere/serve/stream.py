"""The live stream to one page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect

from tenere.serve.guard import same_origin

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from tenere.serve.hub import Client, Hub

POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013


async def _listen(socket: WebSocket) -> None:
    """Read what the page says until it leaves: a ping is answered, anything else ignored."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if (message.get("text") or "").replace(" ", "") == '{"type":"ping"}':
            await socket.send_text('{"type":"pong"}')


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


async def stream(socket: WebSocket, hub: Hub) -> None:
    """Serve one page until it leaves: hello, history, then status and tracks each tick."""
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
        tasks = [asyncio.create_task(_listen(socket)), asyncio.create_task(_feed(socket, hub, client))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, (WebSocketDisconnect, OSError)):
                raise error  # a bug of ours: uvicorn logs it and ends the connection
    except WebSocketDisconnect:
        pass
    finally:
        hub.leave(client)  # nothing is sent here: a page that does not read would hold up the end for ever

"""The page's socket: uvicorn's, with a way to write bytes that are framed already and to cut off who does not read.

A server's WebSocket frames carry no mask (RFC 6455, section 5.1), so the same bytes serve every page.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    import asyncio

TEXT, BINARY = 0x81, 0x82
"""First byte of a message in one frame (RFC 6455, section 5.2)."""


def framed(opcode: int, payload: bytes) -> bytes:
    """Return a message as a server writes it."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", opcode, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", opcode, 126, size) + payload
    return struct.pack("!BBQ", opcode, 127, size) + payload


class Outlet:
    """Writes to one page past the layers that would frame the same message for each of them."""

    def __init__(self, protocol: PageSocket) -> None:
        """Write to an open connection."""
        self._protocol = protocol

    async def ready(self) -> None:
        """Wait until what was written has gone but for a little."""
        await self._protocol.writable.wait()

    @property
    def held(self) -> int:
        """Return how many bytes wait in this process to be taken by the network."""
        return int(self._protocol.transport.get_write_buffer_size())

    def write(self, raw: bytes) -> bool:
        """Write framed bytes; False where the connection is ending."""
        protocol = self._protocol
        if protocol.disconnected or protocol.close_sent or protocol.transport.is_closing():
            return False
        protocol.transport.write(raw)
        return True

    def cut(self) -> None:
        """End the connection at once, with what waits to be written."""
        self._protocol.transport.abort()


SEND_BUFFER = 1 << 18
"""Bytes the system may hold for a page, twice that on Linux: left alone it grows to megabytes, a minute of pictures that are
old when a slow page reads them."""


class PageSocket(WebSocketsSansIOProtocol):
    """A connection that tells the application its outlet, as scope["extensions"]["tenere.outlet"]."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection."""
        super().connection_made(cast("asyncio.Transport", transport))
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    async def run_asgi(self) -> None:
        """Run the application."""
        extensions: dict[str, Any] = {**(self.scope.get("extensions") or {}), "tenere.outlet": Outlet(self)}
        self.scope["extensions"] = extensions
        await super().run_asgi()

"""Run the server inside an event loop that somebody else owns."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import uvicorn

from tenere.errors import TenereError
from tenere.serve.guard import LOOPBACK_NAMES
from tenere.serve.socket import PageSocket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.applications import Starlette

MESSAGE_LIMIT = 1024
"""Bytes of the largest message that a page may send us."""


class _Server(uvicorn.Server):
    """uvicorn, leaving signals to the program it runs in: Ctrl-C cancels the task that awaits serve()."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Keep an event that tells when connections are accepted."""
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, and say so."""
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Touch no signal handler."""
        yield


def names_for(host: str) -> frozenset[str] | None:
    """Return the host names to answer when bound to host: only loopback's names on loopback, else any."""
    return LOOPBACK_NAMES if host in LOOPBACK_NAMES or host.startswith("127.") else None


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises TenereError, saying what to do, where the address cannot be had."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, kind, proto)
    except OSError as e:
        raise TenereError(f"--host {host}: {e.strerror or e}") from e
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
        listener.setblocking(False)
    except OSError as e:
        listener.close()
        raise TenereError(f"cannot listen on {host} port {port}: {e.strerror or e}; choose another with --port") from e
    return listener


async def serve(app: Starlette, host: str, port: int, on_started: Callable[[str], None] | None = None) -> None:
    """Serve app until cancelled; then close every connection and let the cancellation go on.

    on_started gets the page's address once connections are accepted (port 0 takes any free port).
    Raises TenereError where the address cannot be bound.
    """
    listener = bind(host, port)
    config = uvicorn.Config(
        app,
        ws=PageSocket,
        ws_max_size=MESSAGE_LIMIT,
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=2,
        limit_concurrency=1024,
    )
    server = _Server(config)
    running = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        up = asyncio.ensure_future(server.up.wait())
        await asyncio.wait([up, running], return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        if on_started and server.started:
            shown = f"[{host}]" if ":" in host else host
            on_started(f"http://{shown}:{listener.getsockname()[1]}/")
        await asyncio.shield(running)
    except asyncio.CancelledError:
        server.should_exit = True
        await running
        raise
    finally:
        listener.close()

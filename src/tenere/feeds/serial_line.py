"""A serial line: opened to be read only, set raw, and opened again when it was unplugged."""

from __future__ import annotations

import asyncio
import fcntl
import os
import termios
from typing import TYPE_CHECKING

from tenere.feeds.streams import Backoff, reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.feeds.inbox import Inbox
    from tenere.site import SourceConfig

READ_BYTES = 1 << 16


async def follow(source: SourceConfig, inbox: Inbox, clock: Callable[[], float]) -> None:
    """Read a serial line for ever; with growing pauses while it cannot be opened."""
    backoff = Backoff()
    while True:
        inbox.say("connecting")
        try:
            line = open_line(source.serial, source.baud)
        except (OSError, termios.error) as e:
            await backoff.wait(inbox, reason(e))
            continue
        inbox.say("receiving")
        try:
            why = await _read(line, inbox, clock, backoff)
        finally:
            os.close(line)
        await backoff.wait(inbox, why)


def open_line(path: str, baud: int) -> int:
    """Return a file descriptor of a serial line, read-only, raw, 8N1, without flow control (which would send).

    Raises OSError or termios.error where it cannot be opened, is no serial line, or another program holds it.
    """
    line = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)  # two readers would each get half of the bytes
        rate = getattr(termios, f"B{baud}")
        *_, characters = termios.tcgetattr(line)
        characters[termios.VMIN], characters[termios.VTIME] = 1, 0
        flags = termios.CS8 | termios.CREAD | termios.CLOCAL
        termios.tcsetattr(line, termios.TCSANOW, [0, 0, flags, 0, rate, rate, characters])
    except BaseException:
        os.close(line)
        raise
    return line


async def _read(line: int, inbox: Inbox, clock: Callable[[], float], backoff: Backoff) -> str:
    """Read until the line is gone; return why."""
    loop = asyncio.get_running_loop()
    gone: asyncio.Future[str] = loop.create_future()

    def take() -> None:
        try:
            data = os.read(line, READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as e:
            data, why = b"", reason(e)
        else:
            why = "the line was closed"
        if data:
            backoff.worked()
            inbox.put(data, clock())
        elif not gone.done():
            loop.remove_reader(line)
            gone.set_result(why)

    loop.add_reader(line, take)
    try:
        return await gone
    finally:
        loop.remove_reader(line)

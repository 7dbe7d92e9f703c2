"""How what runs until somebody stops it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


async def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run until done; SIGTERM stops it as Ctrl-C does. Raises KeyboardInterrupt where it was stopped before it was done."""
    task = asyncio.ensure_future(work)
    with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):  # not in the main thread, or not on this system
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError as e:
        raise KeyboardInterrupt from e

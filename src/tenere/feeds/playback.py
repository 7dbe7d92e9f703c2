"""A recording played as if it came now: each unit at its own distance from the first."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenere.errors import TenereError
from tenere.feeds.files import open_recording

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.feeds.inbox import Inbox
    from tenere.site import SourceConfig
    from tenere.tick import Chunk

STEP_S = 0.02
PAUSE_S = 1.0
"""Between the end of a recording and its next beginning."""

AT_ONCE = 4096
"""Units handed over before others get their turn."""


async def load(source: SourceConfig) -> Chunk:
    """Return the units of a source's recording; raise TenereError when it is none."""
    try:
        return (await asyncio.to_thread(open_recording, Path(source.capture), source.id, source.format)).chunk
    except TenereError as e:
        raise TenereError(f"source {source.id}: {e}") from e


async def play(source: SourceConfig, chunk: Chunk, inbox: Inbox, clock: Callable[[], float]) -> None:
    """Play a recording's units, once or for ever."""
    due = (chunk.times_s - chunk.times_s[0]) / source.speed
    starts = np.append(0, chunk.ends[:-1])
    while True:
        begun = inbox.pace()
        inbox.say("receiving")
        k = 0
        while k < len(due):
            until = int(np.searchsorted(due, inbox.pace() - begun, side="right"))
            until = min(until, k + AT_ONCE)
            for a, b in zip(starts[k:until].tolist(), chunk.ends[k:until].tolist(), strict=True):
                inbox.put(chunk.data[a:b], clock())
            k = max(k, until)
            late = k < len(due) and due[k] <= inbox.pace() - begun
            await asyncio.sleep(0.0 if late else STEP_S)
        if not source.loop:
            inbox.say("ended")
            return
        await asyncio.sleep(PAUSE_S / source.speed)

"""Recording without a picture: the feeds' bytes to the tick log."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING

from tenere.cli.output import say
from tenere.feeds.exercise_feed import open_exercise
from tenere.feeds.live import LiveFeeds
from tenere.tick import Tick

LATE_TICKS = 10

if TYPE_CHECKING:
    from tenere.config import Config
    from tenere.record.ticklog import TickLog


async def keep(config: Config, log: TickLog, duration_s: float) -> None:
    """Write tick after tick for duration_s. An exercise is recorded from its start, at real time."""
    tick_s = config.site.tick_s
    game = open_exercise(config.exercise) if config.exercise is not None else None
    feeds = LiveFeeds(config.source if game is None else ())
    number = 0
    try:
        await feeds.open()
        begun = time.monotonic()
        first = config.exercise.start_s if config.exercise is not None else math.floor(feeds.clock() / tick_s) * tick_s
        slot = 0  # the tick's place on the grid of time; number counts those written
        while (slot + 1) * tick_s <= duration_s + 1e-9:
            end = first + (slot + 1) * tick_s
            wait = (begun + (slot + 1) * tick_s - time.monotonic()) if game is not None else end - feeds.clock()
            if wait < -LATE_TICKS * tick_s and game is None:  # the machine slept, or was set: go on from now
                say(f"tenere record: {-wait:.0f} s behind; going on from now")
                slot = math.floor((feeds.clock() - first) / tick_s)
                continue
            await asyncio.sleep(max(0.0, wait))
            log.append(Tick(number, end, game.advance(end) if game is not None else feeds.drain()))
            number, slot = number + 1, slot + 1
            if number % max(1, round(config.record.sync_s / tick_s)) == 0:
                await asyncio.to_thread(log.sync)
    finally:
        for h in feeds.health():
            if h.dropped:
                say(f"tenere record: source {h.id}: {h.dropped:,} of {h.units + h.dropped:,} units were lost: too many at once")
        await feeds.close()

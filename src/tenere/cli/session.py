"""The running picture: feeds gathered tick by tick, stepped, recorded, served."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

import tenere
from tenere import watch
from tenere.batch import AlertState
from tenere.cli import account, limits, setting
from tenere.cli.output import Progress, say
from tenere.cli.world import world
from tenere.feeds.exercise_feed import open_exercise
from tenere.feeds.inbox import RECEIVING, SILENT, SILENT_S, WAITING
from tenere.feeds.live import LiveFeeds
from tenere.pipeline import Pipeline
from tenere.serve.airspace_rules import RulesTold
from tenere.serve.app import make_app
from tenere.serve.hub import Hub
from tenere.serve.measured import Measured
from tenere.serve.past import Past
from tenere.serve.plans import Book
from tenere.serve.run import names_for, serve
from tenere.serve.snapshot import NetworkView, PressureView, SensorView, SiteView, Snapshot, SourceView
from tenere.serve.tracks.recorder import Recorder
from tenere.tick import Tick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tenere.cli.replay import Material, Tally
    from tenere.config import Config
    from tenere.exercise.config import ExerciseConfig
    from tenere.feeds.exercise_feed import ExerciseFeed
    from tenere.feeds.inbox import FeedHealth
    from tenere.geo.terrain import Terrain
    from tenere.performance import Window
    from tenere.pipeline import Output, State
    from tenere.plans import Plan
    from tenere.record.ticklog import TickLog
    from tenere.serve.coverage.desk import CoverageDesk
    from tenere.serve.snapshot import Mode

STATIC = Path(tenere.__file__).parent / "serve" / "static"


def source_views(output: Output, health: Sequence[FeedHealth]) -> list[SourceView]:
    """Return how each source does: what the picture made of its bytes, and how its way in does where it has one."""
    ways = {h.id: h for h in health}
    out = []
    for s in output.sources:
        idle = output.time_s - s.last_s
        state = WAITING if math.isnan(s.last_s) else SILENT if idle > SILENT_S else RECEIVING
        view = SourceView(
            id=s.id,
            format=s.format,
            state=state,
            bytes=s.bytes,
            records=s.records,
            lag_s=s.lag_s,
            clock_off_s=s.clock_off_s,
            rejects=s.rejects,
            last_seen_s=s.last_s,
        )
        if (way := ways.get(s.id)) is not None:
            view = msgspec.structs.replace(
                view,
                transport=way.transport,
                state=way.state,
                detail=way.detail,
                why=way.why,
                units_s=way.units_s,
                bytes_s=way.bytes_s,
                units=way.units,
                bytes=way.bytes,
                dropped=way.dropped,
                duplicates=way.duplicates,
                last_seen_s=way.last_s,
                networks=tuple(NetworkView(units=n.units, missed=n.missed, silent=n.silent) for n in way.networks),
            )
        out.append(view)
    return out


def snapshot(output: Output, counts: dict[str, float], health: Sequence[FeedHealth] = ()) -> Snapshot:
    """Return a tick's output, and how the feeds do, as the server shows them."""
    sensors = [
        SensorView(
            id=s.id,
            name=s.name,
            kind=s.kind,
            lat_deg=s.lat_deg,
            lon_deg=s.lon_deg,
            range_m=s.range_m,
            placed=s.placed,
            frame=s.frame,
            state=s.state,  # type: ignore[arg-type]  # the pipeline says one of them
            rate_hz=s.rate_hz,
            lag_s=s.lag_s,
            rejects=s.rejects,
            last_seen_s=s.last_s,
            note=s.note,
        )
        for s in output.sensors
    ]
    sources = source_views(output, health)
    pressures = [PressureView(**p._asdict()) for p in output.pressures]
    alerts = output.alerts.take(output.alerts.state != AlertState.CLEARED)
    o = output
    return Snapshot(o.time_s, o.tracks, o.identities, o.evidence, alerts, sensors, counts, sources, pressures, o.why)


OPENING_TICKS = 5  # of the site's ticks that one tick of the opening spans: the same tracks and alerts, far sooner


class Served:
    """A pipeline, its state and the hub that shows it."""

    def __init__(self, config: Config, mode: Mode, clock: Callable[[], float] | None) -> None:
        """Make the stages and the hub; nothing runs yet."""
        self.config = config
        known = world(config)
        self.picture = Pipeline(config, world=known)
        self.state: State = self.picture.init()
        site = SiteView(
            name=config.site.name,
            lat_deg=config.site.centre_lat_deg,
            lon_deg=config.site.centre_lon_deg,
            zoom=config.site.zoom,
            country=config.identify.home_state,
        )
        self.hub = Hub(site, mode, tenere.__version__, clock)
        self.cpu_s = 0.0
        self.hub.measured = Measured(self.window, limits.of_site(config))
        self.hub.past = Past()
        self.home = known.borders
        self.hub.coverage_opened = self.desk
        self.hub.terrain_opened = self.terrain
        self.hub.airspace = self.airspace
        self.hub.rules = self.rules
        self.recorder = self.hub.recorder = Recorder()
        self.book = self.hub.plans = Book(self.plans)

    def desk(self) -> CoverageDesk:
        """Make the desk that answers what the sensors see."""
        from tenere.coverage.setting import ground  # noqa: PLC0415 - slow to import, and few pages ask
        from tenere.serve.coverage.desk import CoverageDesk  # noqa: PLC0415 - the same

        return CoverageDesk(self.config.coverage, self.config.sensor, partial(ground, self.config.coverage, Path()), self.home)

    def terrain(self) -> Terrain:
        """Open the terrain that the site names."""
        from tenere.coverage.setting import ground  # noqa: PLC0415 - the same

        return ground(self.config.coverage, Path())

    def airspace(self) -> watch.AirspaceTold:
        """Return the airspace as of now."""
        assert self.hub.measured is not None
        with self.hub.measured.lock:
            return watch.told(self.state.watch, self.hub.snapshot.time_s if self.hub.snapshot else 0.0)

    def rules(self) -> RulesTold:
        """Return how the rules are set, and who changed them."""
        assert self.hub.measured is not None
        with self.hub.measured.lock:
            return RulesTold(self.state.watch.config, tuple(self.state.watch.edits))

    def plans(self) -> tuple[list[Plan], list[bool]]:
        """Return every flight plan as of now, and whether it still names tracks."""
        assert self.hub.measured is not None
        with self.hub.measured.lock:
            return list(self.state.plans.rows), list(self.state.plans.active)

    def window(self) -> Window | None:
        """Return the measuring of the sensors as of now; to be read while hub.measured.lock is held."""
        return self.state.measured.window if self.state.measured is not None else None

    def step(self, tick: Tick) -> Output:
        """Advance by one tick."""
        assert self.hub.measured is not None
        with self.hub.measured.lock:
            cpu = time.thread_time()
            self.state, output = self.picture.step(self.state, tick)
            self.hub.airspace_mark = watch.airspace_mark(self.state.watch, output.time_s)
            self.cpu_s += time.thread_time() - cpu
        self.recorder.take(output.time_s, output.tracks, output.plots, output.plot_tracks)
        self.book.take(output.time_s, output.tracks, output.identities)
        return output

    def show(self, output: Output, health: Sequence[FeedHealth] = (), **counts: float) -> None:
        """Publish a tick's output, and how the feeds do."""
        made = snapshot(output, {"ticks": self.state.ticks, "plots": self.state.plots, **counts}, health)
        self.hub.answered.take(output.time_s, output.answers)
        self.hub.publish(made)
        if self.hub.coverage_held is not None:
            self.hub.coverage_held.watch(made)


async def run_live(
    config: Config,
    log: TickLog | None,
    on_tick: Callable[[Output], None],
    on_address: Callable[[str], None],
    duration_s: float,
    on_end: Callable[[list[SourceView]], None] | None = None,
) -> None:
    """Run a site, or the exercise, until cancelled or for duration_s, serving the picture. on_end hears how each source did."""
    accounts = account.desk(config.serve)
    game = open_exercise(config.exercise) if config.exercise is not None else None
    if game is not None:
        config = setting.with_exercise(config, game)
    clock = _ExerciseClock(config.exercise) if game is not None and config.exercise is not None else None
    served = Served(config, "live" if game is None else "exercise", clock)
    app = make_app(served.hub, STATIC if (STATIC / "index.html").is_file() else None, names_for(config.serve.host), accounts)
    server = asyncio.ensure_future(serve(app, config.serve.host, config.serve.port, on_address))
    feeds = LiveFeeds(config.source if game is None else ())
    try:
        await feeds.open()
        work = asyncio.ensure_future(_ticks(served, game, clock, feeds, log, on_tick, duration_s))
        done, _ = await asyncio.wait([server, work], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # an error of either ends both
    finally:
        if on_end is not None and served.hub.snapshot is not None:
            on_end(served.hub.snapshot.sources)
        await feeds.close()
        for task in (server, *([work] if "work" in locals() else [])):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        if accounts is not None:
            accounts.close()
        if log is not None:
            log.close()


class _ExerciseClock:
    """The exercise's own time: from its opening on, at the pace of the wall clock."""

    def __init__(self, exercise: ExerciseConfig) -> None:
        self.starts_s, self.opens_s = exercise.start_s, exercise.start_s + exercise.opening_s
        self.began: float | None = None

    def __call__(self) -> float:
        return self.opens_s + (0.0 if self.began is None else time.monotonic() - self.began)


async def _ticks(
    served: Served,
    game: ExerciseFeed | None,
    clock: _ExerciseClock | None,
    feeds: LiveFeeds,
    log: TickLog | None,
    on_tick: Callable[[Output], None],
    duration_s: float,
) -> None:
    """Make tick after tick, at the pace of time."""
    tick_s = served.config.site.tick_s
    now = feeds.clock if clock is None else clock
    number = 0
    end = math.floor(now() / tick_s) * tick_s
    output: Output | None = None

    async def one(time_s: float) -> Output:
        nonlocal number
        chunks = feeds.drain() if game is None else game.advance(time_s)
        scripted = game.orders(time_s, output.tracks if output else None, output.alerts if output else None) if game is not None else ()
        tick = Tick(number, time_s, chunks, (*scripted, *served.hub.commands()))
        number += 1
        if log is not None:
            log.append(tick)
            if number % max(1, round(served.config.record.sync_s / tick_s)) == 0:
                await asyncio.to_thread(log.sync)
        made = await asyncio.to_thread(served.step, tick)
        on_tick(made)
        return made

    if clock is not None and game is not None:  # fly the opening before anybody looks
        stride_s = OPENING_TICKS * tick_s
        opening = np.arange(clock.opens_s, clock.starts_s + tick_s / 2, -stride_s)[::-1]  # ends as it opens
        progress = Progress("opening the exercise", float(len(opening)))
        for k, time_s in enumerate(opening):
            output = await one(float(time_s))
            if (time_s - clock.starts_s) % 10.0 < stride_s:
                served.hub.recall(snapshot(output, {}))  # so that the first page sees where everything was
            progress.at(k)
        progress.end()
        clock.began = time.monotonic()
        if output is not None:
            served.show(output)
        end = clock.opens_s
    begun = time.monotonic()
    while time.monotonic() - begun < duration_s:
        end += tick_s
        if (wait := end - now()) > 0:
            await asyncio.sleep(wait)
        elif wait < -10 * tick_s and clock is None:  # the machine slept, or was set: go on from now, not through the gap
            say(f"tenere: {-wait:.0f} s behind; going on from now")
            end = math.floor(now() / tick_s) * tick_s
        output = await one(end)
        health = feeds.health()
        served.show(output, health, behind_s=max(0.0, now() - end), dropped=float(sum(h.dropped for h in health)))


async def replay_served(material: Material, tally: Tally, pace: float, host: str | None, port: int | None) -> None:
    """Replay with the picture served; it stays up after the last tick, until Ctrl-C."""
    config = material.config
    address = host or config.serve.host
    accounts = account.desk(msgspec.structs.replace(config.serve, host=address))
    served = Served(config, "replay", None)
    app = make_app(served.hub, STATIC if (STATIC / "index.html").is_file() else None, names_for(address), accounts)
    server = asyncio.ensure_future(
        serve(app, address, port if port is not None else config.serve.port, lambda url: say(f"replaying on {url}"))
    )
    work = asyncio.ensure_future(_replay(served, material, tally, pace))
    try:
        await asyncio.wait([server, work], return_when=asyncio.FIRST_COMPLETED)
        if server.done():
            server.result()
        work.result()
        say("the replay has ended; the last picture stays up until Ctrl-C")
        await server
    except asyncio.CancelledError:
        if not work.done() or work.cancelled():
            raise  # otherwise the replay is whole, and Ctrl-C is how it is left
    finally:
        for task in (work, server):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        if accounts is not None:
            accounts.close()


async def _replay(served: Served, material: Material, tally: Tally, pace: float) -> None:
    began, first = time.monotonic(), math.nan
    for tick in material.ticks():
        first = tick.time_s if math.isnan(first) else first
        if math.isfinite(pace):
            await asyncio.sleep(max(0.0, began + (tick.time_s - first) / pace - time.monotonic()))
        live = Tick(tick.number, tick.time_s, tick.chunks, (*tick.commands, *served.hub.commands()))
        if tally.log is not None:
            tally.log.append(live)
        output = await asyncio.to_thread(served.step, live)
        tally.take(output)
        tally.cpu_s = served.cpu_s
        served.show(output)

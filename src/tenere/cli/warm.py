"""tenere warm: compile every kernel once, so that no start waits for it."""

from __future__ import annotations

import compileall
import fcntl
import gc
import math
import multiprocessing
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numba.core.caching import IndexDataCacheFile

from tenere import performance, track
from tenere.airspace import sanity
from tenere.airspace.model import Circle, Corridor, Polygon, Volume, VolumeKind
from tenere.batch import PlotKind, Plots, Status, SystemTracks
from tenere.cli import setting
from tenere.cli.output import print_json, say
from tenere.cli.world import world
from tenere.config import Config
from tenere.coverage.asking import Box, Height
from tenere.coverage.candidates import summits
from tenere.coverage.config import CoverageConfig
from tenere.coverage.country import Sight, fuse
from tenere.coverage.counts import count_all, count_at
from tenere.coverage.holes import holes, visible_floor
from tenere.coverage.horizon import Antenna, horizon
from tenere.coverage.relax import relax
from tenere.coverage.report.levels import level
from tenere.coverage.report.numbers import measure
from tenere.coverage.siting import Problem, greedy, shaken, swapped
from tenere.coverage.traffic import Density
from tenere.estimate.assignment import gospa_assign
from tenere.estimate.paths import Reports, paths, states
from tenere.estimate.smooth import FixedLag
from tenere.exercise.config import ExerciseConfig
from tenere.feeds.exercise_feed import open_exercise
from tenere.geo.terrain import ArraySource, Terrain
from tenere.measuring import Watcher
from tenere.pipeline import Pipeline
from tenere.qnh import QnhBook, QnhConfig
from tenere.serve.coverage.asked import Try
from tenere.serve.coverage.desk import CoverageDesk
from tenere.site import SensorConfig
from tenere.tick import Chunk, Tick
from tenere.track.heights.config import HeightsConfig
from tenere.wire import format as formats

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

TICKS = 40
TRACKER_TICKS = 6
SAMPLES = {
    "sbs": b"MSG,3,1,1,062001,1,2026/01/01,12:00:00.000,2026/01/01,12:00:00.000,,30000,,,13.5,2.1,,,0,0,0,0\r\n",
    "metar": b"METAR DRRN 011200Z 24008KT 9999 38/21 Q1010=\n",
    "plots": b"time,icao24,lat,lon,baroaltitude,squawk,callsign,onground\n1700000000,062001,13.5,2.1,9000,1234,NGR101,false\n",
}
"""Bytes of the text formats, whose kernels a line must reach."""
_SQUARE = ((13.0, 2.0), (13.0, 3.0), (14.0, 3.0), (14.0, 2.0))
_SHAPES: tuple[Polygon | Circle | Corridor, ...] = (
    Polygon(_SQUARE),
    Circle(17.0, 8.0, 30e3),
    Corridor(((12.0, 2.0), (15.0, 6.0)), 10e3),
)
VOLUMES = tuple(Volume(id=f"W{k}", name="warm", kind=VolumeKind.PROHIBITED, shape=shape) for k, shape in enumerate(_SHAPES))
"""One volume of each shape."""


def run(args: argparse.Namespace) -> int:
    """Step every decoder, the tracker alone and a short exercise; leave the modules' bytecode, even where the interpreter would not.

    What does not need the tracker is compiled beside it by a second process, where there is a core for one. Whatever that leaves out,
    should it die, is compiled here all the same: only later.
    """
    begun = time.monotonic()
    compileall.compile_dir(str(Path(track.__file__).parents[1]), quiet=2)
    _ready()

    def tell(what: str) -> None:
        say(f"warming the caches: {what} ({time.monotonic() - begun:.0f} s)")

    if (os.cpu_count() or 1) > 1:
        other = multiprocessing.get_context("spawn").Process(target=beside, daemon=True)
        other.start()
        _tracker(tell)
        tell("what is compiled beside")
        other.join()
    else:
        _tracker(tell)
    _apart(tell)
    tell("the exercise")
    exercise = ExerciseConfig()
    game = open_exercise(exercise)
    config = setting.with_exercise(Config(exercise=exercise, volume=VOLUMES), game)
    picture = Pipeline(config, world=world(config))
    state, watcher = picture.init(), Watcher()
    for k, time_s in enumerate(exercise.start_s + 1.0 + np.arange(TICKS)):
        chunks = game.advance(float(time_s))
        if k in (0, TICKS // 2):
            tell(f"the stages, tick {k + 1} of {TICKS}")
        state, output = picture.step(state, Tick(k, float(time_s), chunks))
        if k > TICKS // 2:
            watcher.take(state.track, output.plots, output.plot_tracks, output.tracks, output.time_s)
    tell("scores")
    performance.report(watcher.state)
    here = np.zeros((2, 2))
    gospa_assign(here, here, 1.0)
    one, nought = np.zeros(2, np.int64), np.zeros(2)
    told = Reports(one, np.arange(2.0), nought, nought, nought, nought, nought, np.zeros((2, 3)), one, 1)
    states(paths(told, 1.0), np.zeros(1, np.int64), np.zeros(1))
    tell("done")
    if args.json:
        print_json({"formats": formats.names(), "ticks": TICKS, "seconds": round(time.monotonic() - begun, 1)})
    return 0


def beside() -> None:
    """Compile what does not need the tracker, saying nothing."""
    _ready()
    _apart(lambda _: None)


def _ready() -> None:
    """Make this process one that compiles, perhaps beside another."""
    # a compiler makes millions of small things that stay: walking them for rubbish is a sixth of its time
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    cache: Any = IndexDataCacheFile
    plain = cache.save

    def save(self: Any, key: object, data: object) -> None:  # noqa: ANN401 - numba's own
        # numba reads a function's index and writes it with one more entry: between the two, another's entry would take the same file
        with Path(__file__).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            plain(self, key, data)

    cache.save = save


def _apart(tell: Callable[[str], None]) -> None:
    """Step every decoder, look at an outline, cover and site."""
    for name in formats.names():
        tell(f"decoder {name}")
        chosen = formats.load(name)
        chunk = Chunk.of("warm", [SAMPLES[name]] if name in SAMPLES else [bytes(64), b"\x30\x00\x04\x00"])
        chosen.step(chosen.init(formats.SourceHint()), chunk, 0.0)
        if name == "plots":
            chosen.step(chosen.init(formats.SourceHint()), Chunk.of("warm", [_table()]), 0.0)
        if chosen.details is not None:
            chosen.details(chosen.init(formats.SourceHint()), chunk, 0.0)
    tell("airspace")
    sanity.crosses(np.zeros((4, 2)))
    tell("coverage")
    _coverage()


def _coverage() -> None:
    """See from one sensor and from two, on a country's plane and on one's own, and choose a site."""
    hill = ArraySource("warm", np.full((41, 41), 300.0, np.float32), north_deg=14.0, west_deg=2.0, step_deg=0.05)
    terrain = Terrain([hill])
    antenna = Antenna(math.radians(13.0), math.radians(3.0), max_range_m=40e3, max_elevation_rad=1.0)
    horizon(terrain.around(antenna.lat_rad, antenna.lon_rad, 20e3, 1000.0), antenna)
    plane = terrain.over(np.radians([12.2, 13.8]), np.radians([2.2, 3.8]), 0.0, 2000.0)
    sights = [Sight(name, "radar", antenna) for name in ("A", "B")]
    for part in (fuse(plane, sights), fuse(plane, sights, inside=np.ones(plane.shape, np.bool_))):
        count_at(part, Height(300.0))
    count_all(plane, sights, [Height(300.0)])
    measure(plane, sights, np.ones(plane.shape, np.uint32), 1, [level("1000ft")])
    density = Density.over(plane)
    density.deposit(np.radians([13.0]), np.radians([3.0]), np.array([9000.0]), np.array([1.0]))
    holes(part, np.isinf(part.best_m), density)
    visible_floor(part).hole_of(np.radians(13.0), np.radians(3.0), 300.0)
    summits(plane, np.ones(plane.shape, np.bool_), 5000.0)
    _desk(terrain)
    problem = Problem.of(np.eye(3, dtype=np.bool_), np.ones(3), 1.0)
    plan = swapped(problem, greedy(problem))
    next(shaken(problem, plan, 1))
    relax(problem, plan, 2)


def _desk(terrain: Terrain) -> None:
    """Draw the page's layer, find its holes, and try a site elsewhere."""
    desk = CoverageDesk(CoverageConfig(step_m=2000.0), (SensorConfig(id="A", lat_deg=13.0, lon_deg=3.0, range_m=40e3),), lambda: terrain)
    desk.ask([])
    desk.settled()
    if (held := desk.held) is not None:
        box = Box(2.5, 12.5, 3.5, 13.5)
        desk.layer(held, Height(300.0), "single", box, 32)
        desk.holes(held, Height(300.0), "single")
        desk.attempt(held, Try(lat=13.1, lon=3.1, height="500ft", box=box, width=32), box)


def _table() -> bytes:
    """Return a Parquet table of two plots, its codes as text."""
    columns = {"time": [1.7e9, 1.7e9], "icao24": ["062001", ""], "lat": [13.5, 13.6], "lon": [2.1, 2.1], "squawk": ["1234", ""]}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return bytes(sink.getvalue().to_pybytes())


def _tracker(tell: Callable[[str], None]) -> None:
    """Track: a placed radar's plots with a Doppler, a late one and a bearing, an unplaced one's, and reports with a velocity, twice."""
    tell("the tracker")
    radar = SensorConfig(id="R", kind="radar", source="r", lat_deg=13.5, lon_deg=2.1, height_m=200.0)
    by_hand = QnhConfig(station="HERE", lat_deg=13.5, lon_deg=2.1, qnh_hpa=1010.0)
    state = track.init(track.TrackConfig(), (radar,), None, HeightsConfig(transition_altitude_ft=40_000.0), QnhBook.of([by_hand]))
    smoother = FixedLag(1)
    for k in range(TRACKER_TICKS):
        time_s = 4.0 * k
        ago = np.array([0.2, 0.1 if k < TRACKER_TICKS - 1 else 6.0])
        ranges = np.array([50e3 + 600.0 * k, np.nan if k == 1 else 50e3 + 600.0 * k])  # once a bearing alone
        seen = Plots.blank(2, kind=PlotKind.PSR, time_s=time_s - ago, range_m=ranges, azimuth_rad=[1.0, 2.0], radial_ms=150.0)
        told = Plots.blank(
            2,
            kind=PlotKind.ADSB,
            time_s=time_s - 0.3,
            address=0x062001,
            lat_rad=np.deg2rad(13.9) + 1e-4 * k,
            lon_rad=np.deg2rad(2.0),
            position_std_m=30.0,
            pressure_altitude_m=9000.0,
            height_m=9150.0,
            north_ms=160.0,
            east_ms=0.0,
        )
        feeds = ("r", seen), ("a", told), ("u", seen.replace(sac_sic=7))  # u: a radar whose place nobody knows
        heard = [track.Heard(name, plots, SystemTracks.blank(), Status.blank()) for name, plots in feeds]
        other = SystemTracks.blank(  # a neighbour's track of the same aircraft
            1, time_s=time_s - 1.0, sac_sic=9, source_track=1, flags=0, lat_rad=told.lat_rad[:1], lon_rad=told.lon_rad[:1], address=0x062001
        )
        heard.append(track.Heard("s", Plots.blank(), other, Status.blank()))
        state, tracked = track.step(state, heard, time_s, 4.0)
        if k == 0:
            tell("smoothing")
        smoother.step(tracked.tracks)
    track.picture(state, 4.0 * TRACKER_TICKS - 6.0)
    while smoother.held:
        smoother.flush()

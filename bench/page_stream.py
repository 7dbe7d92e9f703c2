"""The stream to the pages: bytes a track, server CPU and lateness, with 100 pages of 20,000 moving tracks at 1 Hz.

    python -m bench.page_stream --keep
    python -m bench.page_stream --tracks 5000 --clients 20 --seconds 10 --chromium

The server, the pages and what they measure are processes of their own on one machine, over real WebSockets on the loopback. The
pictures are made before the clock starts: flights with the noise of a tracker fed by ADS-B and radars, a few coming and going.
Lateness is from the moment a picture is published until a page has its frame. One run more has a page that never reads.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import resource
import socket
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from websockets.asyncio.client import connect

from bench.machine import keep
from tenere.batch import Alerts, Evidence, Identities, Identity, PlotKind, Severity, TrackFlag, Tracks
from tenere.cli import setting
from tenere.cli.session import snapshot
from tenere.cli.world import home_borders
from tenere.config import Config
from tenere.exercise.config import ExerciseConfig
from tenere.feeds.exercise_feed import open_exercise
from tenere.pipeline import Pipeline
from tenere.serve import frames
from tenere.serve.app import make_app
from tenere.serve.delta import Chain
from tenere.serve.hub import Hub
from tenere.serve.page import page_tracks
from tenere.serve.run import serve
from tenere.serve.snapshot import SiteView, Snapshot
from tenere.serve.stepped import stepped
from tenere.tick import Tick

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

STATIC = Path(__file__).parents[1] / "src/tenere/serve/static"
START_S = 1_893_484_800.0
DEGREE_M = 111_195.0
WARM = 4
"""The first pictures after all pages are there, left out of what is measured."""


class Flights:
    """Made-up flights as a tracker sees them: each second somewhat off its line, its course and its speed."""

    def __init__(self, n: int) -> None:
        """Lay out n flights."""
        self.rng = np.random.default_rng(8)  # noqa: TID251 - the same flights each time
        rng = self.rng
        self.number = np.arange(n) + 1
        self.last = n
        self.lat, self.lon = rng.uniform(8.0, 24.0, n), rng.uniform(-4.0, 16.0, n)
        self.course, self.level_m = rng.uniform(0, 360, n), rng.choice([1500.0, 6096.0, 10668.0, 11278.0], n)
        self.slow = rng.random(n) < 0.05
        self.speed = np.where(self.slow, 12.0, rng.uniform(70, 250, n))
        self.climb = rng.choice([0.0, 0.0, 0.0, 8.0, -6.0], n)
        self.adsb = rng.random(n) < 0.7
        self.age = rng.uniform(0, 5, n)
        self.address = rng.integers(0, 2**24, n)
        letters = rng.integers(65, 91, (n, 3))
        self.callsign = np.array(
            [bytes(row) + b"%d" % k for row, k in zip(letters.astype(np.uint8), rng.integers(10, 9999, n), strict=True)], "S8"
        )

    def _replace(self, rows: np.ndarray[Any, Any]) -> None:
        """End some flights, and begin as many."""
        self.number[rows] = self.last + 1 + np.arange(len(rows))
        self.last += len(rows)
        order = np.argsort(self.number)
        for name in ("number", "lat", "lon", "course", "level_m", "slow", "speed", "climb", "adsb", "age", "address", "callsign"):
            setattr(self, name, getattr(self, name)[order])

    def step(self) -> None:
        """Fly on for a second."""
        rng, n = self.rng, len(self.lat)
        course = np.radians(self.course)
        self.lat = self.lat + self.speed * np.cos(course) / DEGREE_M
        self.lon = self.lon + self.speed * np.sin(course) / DEGREE_M / np.cos(np.radians(self.lat))
        self.course = (self.course + np.where(self.slow, 4.0, 0.04) * rng.normal(size=n)) % 360
        self.speed = np.maximum(1.0, self.speed + 0.1 * rng.normal(size=n))
        self.level_m = self.level_m + self.climb
        self.age = np.where(self.adsb, rng.uniform(0.2, 0.9, n), np.where(self.age > rng.uniform(3, 6, n), 0.4, self.age + 1.0))
        self._replace(rng.choice(n, n // 2000, replace=False))

    def picture(self, time_s: float) -> Snapshot:
        """Return the picture now."""
        rng, n = self.rng, len(self.lat)
        spread = np.exp(0.05 * rng.normal(size=n))
        tracks = Tracks.blank(
            n,
            number=self.number.copy(),
            time_s=time_s,
            update_s=time_s - self.age,
            first_s=START_S,
            frame=0,
            var_xx_m2=np.where(self.adsb, 9.0, 900.0) * spread,
            var_xy_m2=0.0,
            var_yy_m2=np.where(self.adsb, 9.0, 900.0) * spread,
            lat_rad=np.radians(self.lat + 2.0 * rng.normal(size=n) / DEGREE_M),
            lon_rad=np.radians(self.lon + 2.0 * rng.normal(size=n) / DEGREE_M),
            course_rad=np.radians(self.course),
            speed_ms=self.speed,
            pressure_altitude_m=self.level_m,
            vertical_rate_ms=self.climb + 0.02 * rng.normal(size=n),
            existence=0.99,
            address=np.where(self.adsb, self.address, -1),
            mode_a=self.address % 4096,
            callsign=np.where(self.adsb, self.callsign, b""),
            aircraft_class=np.where(self.slow, 5, 2),
            kinds=np.where(self.adsb, 1 << PlotKind.ADSB | 1 << PlotKind.PSR_MODE_S, 1 << PlotKind.PSR_SSR),
            flags=int(TrackFlag.CONFIRMED),
            source=-1,
        )
        who = Identities.blank(
            n,
            number=tracks.number,
            identity=np.where(self.adsb, Identity.NEUTRAL, Identity.UNKNOWN),
            confidence=np.where(rng.random(n) < 0.01, 0.8, 0.97),
            protected=0,
            civil=self.adsb,
        )
        alerts = Alerts.blank(
            20,
            alert=np.arange(20) + 1,
            rule=b"emergency_general",
            severity=Severity.CAUTION,
            track=tracks.number[:20],
            since_s=START_S,
            until_s=time_s,
            detail=b"UNO123|7700",
        )
        return Snapshot(time_s, tracks, who, Evidence.blank(), alerts, [], {"plots_s": 20_000.0})


def pictures(tracks: int, seconds: int) -> list[Snapshot]:
    """Return a picture for each second."""
    flights, out = Flights(tracks), []
    for k in range(seconds):
        flights.step()
        out.append(flights.picture(START_S + k))
    return out


def exercise(seconds: int) -> Iterator[Snapshot]:
    """Yield the pictures of the built-in exercise's first seconds, once it has settled."""
    given = ExerciseConfig()
    game = open_exercise(given)
    config = setting.with_exercise(Config(exercise=given), game)
    pipeline = Pipeline(config, home_borders(config))
    state = pipeline.init()
    settle = 60
    for number in range(seconds + settle):
        time_s = given.start_s + number + 1.0
        state, output = pipeline.step(state, Tick(number, time_s, game.advance(time_s), ()))
        if number >= settle:
            yield snapshot(output, {})


def sizes(shown: Iterator[Snapshot]) -> dict[str, float]:
    """Return bytes a track of keyframes and of changes."""
    chain, full, change, rows = Chain(), [], [], 0
    for sequence, snap in enumerate(shown, 1):
        chain.advance(stepped(*page_tracks(snap)), sequence, snap.time_s, 0.0)
        rows = max(1, chain.picture.rows)
        full.append(len(chain.keyframe()) / rows)
        change.append(len(chain.since(sequence - 1)) / rows)
    return {
        "tracks": rows,
        "keyframe_bytes_a_track": round(float(np.mean(full)), 2),
        "delta_bytes_a_track": round(float(np.mean(change[1:])), 2),
        "delta_bytes_a_track_most": round(float(np.max(change[1:])), 2),
    }


async def _serve(pipe: Connection, tracks: int, seconds: int) -> None:
    hub = Hub(SiteView(name="bench", lat_deg=16.0, lon_deg=6.0, zoom=5.0), "exercise", "bench")
    shown = pictures(tracks, seconds + WARM)
    hub.publish(shown[0])
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = asyncio.ensure_future(serve(make_app(hub, STATIC if STATIC.is_dir() else None), "127.0.0.1", 0, told.set_result))
    pipe.send(await told)
    while not pipe.poll():  # noqa: ASYNC110 - a pipe to another process
        await asyncio.sleep(0.05)
    pipe.recv()
    begun, cpu, made = time.monotonic(), 0.0, 0
    publishing_ms = []
    for k, snap in enumerate(shown[1:]):
        await asyncio.sleep(max(0.0, begun + k - time.monotonic()))
        if k == WARM - 1:
            cpu, made = time.process_time(), k
            since = time.monotonic()
        at = time.perf_counter()
        hub.publish(snap)
        publishing_ms.append(1000 * (time.perf_counter() - at))
    await asyncio.sleep(1.0)
    used = time.process_time() - cpu
    skipped = sorted(client.skipped for client in hub.clients)
    pipe.send(
        {
            "cores": round(used / (time.monotonic() - since), 3),
            "pictures": len(shown) - 1 - made,
            "publish_ms_median": round(float(np.median(publishing_ms)), 2),
            "most_skipped": skipped[-1] if skipped else 0,
            "clients_that_skipped": sum(s > 0 for s in skipped),
            "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
    )
    pipe.recv()
    server.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await server


def _server(pipe: Connection, tracks: int, seconds: int) -> None:
    asyncio.run(_serve(pipe, tracks, seconds))


async def _page(url: str, late_ms: list[float], sizes_: dict[int, list[int]], joined: asyncio.Semaphore) -> None:
    async with connect(url, compression=None, max_size=None, ping_interval=None) as page:
        sequence = 0
        async for message in page:
            now = time.time()  # noqa: TID251 - the very clock that stands on the frame
            if isinstance(message, str) or message[4] == frames.HISTORY:
                continue
            head = frames.head_of(message)
            sizes_.setdefault(head.kind, []).append(len(message))
            if not sequence:
                joined.release()
            elif head.sequence > WARM:
                late_ms.append(1000 * (now - head.served_s))
            sequence = head.sequence


async def _deaf(url: str) -> socket.socket:
    """Open a stream that nobody reads."""
    host, port = url.split("/")[2].split(":")
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that it is the server that has to hold what is not read
    made.connect((host, int(port)))
    made.sendall(
        f"GET /api/stream HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return made


async def _read(pipe: Connection, url: str, clients: int, stalled: int) -> None:
    late_ms: list[float] = []
    seen: dict[int, list[int]] = {}
    joined = asyncio.Semaphore(0)
    deaf = [await _deaf(url) for _ in range(stalled)]
    pages = [asyncio.ensure_future(_page(url, late_ms, seen, joined)) for _ in range(clients)]
    for _ in pages:
        await joined.acquire()
    pipe.send("all there")
    while not pipe.poll():  # noqa: ASYNC110 - a pipe to another process
        await asyncio.sleep(0.05)
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    for one in deaf:
        one.close()
    pipe.send(
        {
            "frames": len(late_ms),
            "late_ms_p50": round(float(np.percentile(late_ms, 50)), 1),
            "late_ms_p99": round(float(np.percentile(late_ms, 99)), 1),
            "late_ms_most": round(float(np.max(late_ms)), 1),
            "delta_bytes": round(float(np.mean(seen.get(frames.DELTA, [0])))),
            "keyframes_after_the_first": len(seen.get(frames.KEY, [])) - clients,
        }
    )


def _reader(pipe: Connection, url: str, clients: int, stalled: int) -> None:
    asyncio.run(_read(pipe, url.replace("http", "ws") + "api/stream", clients, stalled))


def run(tracks: int, clients: int, seconds: int, stalled: int) -> dict[str, Any]:
    """Serve so many pages for so long; return what it cost."""
    context = multiprocessing.get_context("spawn")
    (ours, theirs), (pages, other) = context.Pipe(), context.Pipe()
    server = context.Process(target=_server, args=(theirs, tracks, seconds), daemon=True)
    server.start()
    url = ours.recv()
    readers = context.Process(target=_reader, args=(other, url, clients, stalled), daemon=True)
    readers.start()
    pages.recv()
    ours.send("go")
    cost = ours.recv()
    pages.send("enough")
    lateness = pages.recv()
    ours.send("end")
    for process in (readers, server):
        process.join(10)
        process.kill()
    return {"clients": clients, "stalled": stalled, **cost, **lateness}


def chromium(tracks: int, seconds: int) -> dict[str, Any]:
    """Open the page itself; return what decoding a frame takes there."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only asked for with --chromium

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_server, args=(theirs, tracks, seconds), daemon=True)
    server.start()
    url = ours.recv()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--use-gl=angle", "--use-angle=swiftshader", "--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 860})
        page.goto(url)
        while not page.evaluate("window.tenere && window.tenere.frames > 0"):
            time.sleep(0.2)
        ours.send("go")
        told: dict[int, list[float]] = {}
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            got = page.evaluate("[tenere.frames, tenere.decodeMs, tenere.takeMs, tenere.delayMs, tenere.badFrames]")
            told[got[0]] = got
            time.sleep(0.2)
        browser.close()
    ours.recv()
    ours.send("end")
    server.kill()
    rows = [row for n, row in sorted(told.items()) if n > WARM]
    decode = np.array([row[1] for row in rows]) / (tracks / 1000)
    return {
        "frames": len(rows),
        "decode_ms_a_1000_median": round(float(np.median(decode)), 4),
        "decode_ms_a_1000_p95": round(float(np.percentile(decode, 95)), 4),
        "delay_ms_median": round(float(np.median([row[3] or 0 for row in rows])), 1),
        "bad_frames": int(rows[-1][4]),
    }


def main() -> int:
    """Measure, and say what came out."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--tracks", type=int, default=20_000)
    ask.add_argument("--clients", type=int, default=100)
    ask.add_argument("--seconds", type=int, default=30)
    ask.add_argument("--chromium", action="store_true", help="open the page too, and measure its decoding")
    ask.add_argument("--keep", action="store_true", help="write bench/results/page_stream.json")
    given = ask.parse_args()
    result: dict[str, Any] = {"tracks": given.tracks, "hz": 1, "seconds": given.seconds}
    steps = {
        "bytes": lambda: sizes(iter(pictures(given.tracks, 12))),
        "bytes_exercise": lambda: sizes(exercise(60)),
        "all_read": partial(run, given.tracks, given.clients, given.seconds, 0),
        "one_stalled": partial(run, given.tracks, given.clients, given.seconds, 1),
    }
    if given.chromium:
        steps["chromium"] = partial(chromium, given.tracks, given.seconds)
    for name, step in steps.items():
        result[name] = step()
        print(name, json.dumps(result[name]), flush=True)
    if given.keep:
        print(keep("page_stream", result))
    return 0


if __name__ == "__main__":
    sys.exit(main())

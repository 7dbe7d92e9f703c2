"""What drawing 20,000 tracks costs the browser while an operator pans: the page, and beside it two usual ways to draw as many.

    python -m bench.page_draw [--tracks 20000] [--seconds 20] [--no-peers] [--keep]
    python -m bench.page_draw --minutes 30 [--keep]       does the page's memory stay flat?

Measured in Chromium with software GL, the view panned without a pause, one picture a second. Main-thread JavaScript of a frame is all
that ran from one frame of the main thread to the next, garbage collection with it, as Chromium's own trace tells: processor time of
the thread (js_ms), and as the clock on the wall ran (wall_ms), in which software GL and whatever else runs take their share of the
same cores. The peers live in
bench/peers_page: MapLibre's GeoJSON source with setData, and deck.gl's IconLayer, both over the same basemap, with symbols alone: no
label, vector, history or panel, and no frame to decode. They are built with the page's own vite into a temporary folder.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import http.server
import json
import math
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright
from scripts.screenshot import CHROMIUM, FLAGS

from bench.machine import RESULTS, here, keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, ViewportSize

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).parent / "peers_page"
VITE = ROOT / "web/node_modules/.bin/vite"
VIEW: ViewportSize = {"width": 1600, "height": 900}
JAVASCRIPT = {
    "FunctionCall",
    "EvaluateScript",
    "RunMicrotasks",
    "FireAnimationFrame",
    "FireIdleCallback",
    "TimerFire",
    "EventDispatch",
    "MinorGC",
    "MajorGC",
    "v8.callFunction",
    "v8.run",
}
CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "v8"]
FLAT_MB_MIN = 0.1
WARM_S = 60.0
"""Not counted: code is compiled and buffers grow to their size."""


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def site(tracks: int) -> Iterator[str]:
    """Serve the page with made-up tracks; yield its address."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, str(ROOT / "tests/browser/fake_site.py"), "--tracks", str(tracks), "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}/"
            for _ in range(600):
                with contextlib.suppress(OSError), urllib.request.urlopen(url + "api/health", timeout=5):  # noqa: S310 - our own
                    break
                time.sleep(0.2)
            yield url
        finally:
            process.terminate()
            process.wait()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serve files without a line a request."""

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def peers_site() -> Iterator[str]:
    """Build the peers' pages into a temporary folder and serve that; yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        if not (PEERS / "node_modules").is_dir():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=PEERS, check=True)
        subprocess.run([VITE, "build", ".", "--outDir", folder, "--logLevel", "error"], cwd=PEERS, check=True)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def pan(page: Page, seconds: float) -> None:
    """Hold the map where no track's label can be taken for it, and lead it around in circles; fail where it does not follow."""
    x, y, reach = 330.0, 470.0, 160.0
    page.mouse.move(x - reach, y)
    page.mouse.down()
    ends, k, middle = time.monotonic() + seconds, 0, "() => window.tenere ? window.tenere.placeAt(560, 470) : [0, 0]"
    seen = set()
    while time.monotonic() < ends:
        k += 1
        page.mouse.move(x - reach * math.cos(0.05 * k), y + reach * math.sin(0.05 * k))
        page.wait_for_timeout(8)
        if k % 100 == 0:
            seen.add(tuple(page.evaluate(middle)))
    page.mouse.up()
    if len(seen) < k // 200 and page.evaluate("() => Boolean(window.tenere)"):
        raise SystemExit(f"the map was to be panned, and did not follow: {len(seen)} places in its middle in {k} moves")


def traced(browser: Browser, page: Page, seconds: float) -> list[dict[str, Any]]:
    """Pan under trace; return the events of the page's main thread."""
    browser.start_tracing(page=page, categories=CATEGORIES)
    pan(page, seconds)
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    drawing = next((e["pid"], e["tid"]) for e in events if e["name"] == "FireAnimationFrame")
    return sorted((e for e in events if (e["pid"], e["tid"]) == drawing and e["ph"] == "X"), key=lambda e: (e["ts"], -e["dur"]))


def begun(events: list[dict[str, Any]]) -> list[float]:
    """Return when each frame begins, us: the tasks in which animation frames are fired."""
    tasks = [(e["ts"], e["ts"] + e["dur"]) for e in events if e["name"] == "RunTask"]
    fired = [e["ts"] for e in events if e["name"] == "FireAnimationFrame"]
    marks, k = [], 0
    for begin, end in tasks:
        while k < len(fired) and fired[k] < begin:
            k += 1
        if k < len(fired) and fired[k] < end:
            marks.append(begin)
    return marks


def frames_of(events: list[dict[str, Any]], of: str) -> list[float]:
    """Return the milliseconds of JavaScript in each frame: by the clock (dur) or of processor time (tdur)."""
    marks = begun(events)
    spent, until, k = [0.0] * max(0, len(marks) - 1), 0.0, 0
    for e in events:
        if e["name"] not in JAVASCRIPT or not marks or e["ts"] < marks[0]:
            continue
        if e["ts"] < until:  # inside another that is counted
            continue
        until = e["ts"] + e["dur"]
        while k < len(spent) and e["ts"] >= marks[k + 1]:
            k += 1
        if k < len(spent):
            spent[k] += e.get(of, 0.0) / 1000.0
    return spent


def figures(events: list[dict[str, Any]]) -> dict[str, float]:
    """Return what a person asks of the frames."""
    marks = begun(events)
    lasted_s = (marks[-1] - marks[0]) / 1e6
    found: dict[str, float] = {"frames": len(marks) - 1, "frames_s": round((len(marks) - 1) / lasted_s, 1)}
    for name, of in (("js", "tdur"), ("wall", "dur")):
        spent = sorted(frames_of(events, of))
        found[f"{name}_ms_median"] = round(statistics.median(spent), 2)
        found[f"{name}_ms_p95"] = round(spent[int(0.95 * len(spent))], 2)
        found[f"{name}_ms_worst"] = round(spent[-1], 2)
        found[f"{name}_ms_second"] = round(sum(spent) / lasted_s, 1)
    return found


def wait(page: Page, script: str, argument: object = None) -> None:
    """Wait until a function of the page returns something true."""
    for _ in range(600):
        if page.evaluate(script, argument):
            return
        page.wait_for_timeout(200)
    raise SystemExit(f"never true: {script}")


def opened(browser: Browser, url: str, tracks: int) -> Page:
    """Open the page and wait for its tracks."""
    page = browser.new_page(viewport=VIEW)
    page.goto(url)
    wait(page, "n => Boolean(window.tenere && window.tenere.tracks >= n && window.tenere.frames > 2)", tracks)
    page.wait_for_timeout(4000)
    return page


def measure_page(browser: Browser, given: argparse.Namespace) -> dict[str, Any]:
    """Measure the page itself."""
    with site(given.tracks) as url:
        page = opened(browser, url, given.tracks)
        decode = []
        for _ in range(8):
            page.wait_for_timeout(1000)
            decode.append(page.evaluate("() => window.tenere.decodeMs"))
        events = traced(browser, page, given.seconds)
        if given.trace:
            given.trace.write_text(json.dumps(events))
        told = {name: page.evaluate(f"() => window.tenere.{name}") for name in ("drawn", "points", "labels", "frameBytes")}
        page.close()
        return {**figures(events), "decode_ms_1000_tracks": round(1000.0 * statistics.median(decode) / given.tracks, 4), **told}


def measure_peer(browser: Browser, url: str, given: argparse.Namespace) -> dict[str, Any]:
    """Measure one of the peers."""
    page = browser.new_page(viewport=VIEW)
    page.goto(f"{url}?tracks={given.tracks}")
    wait(page, "() => Boolean(window.peer)")
    page.wait_for_timeout(5000)
    found = figures(traced(browser, page, given.seconds))
    page.close()
    return found


def slope(at_min: list[float], mb: list[float]) -> float:
    """Return the rise of the line of least squares, MB a minute."""
    x, y = statistics.mean(at_min), statistics.mean(mb)
    return sum((a - x) * (b - y) for a, b in zip(at_min, mb, strict=True)) / max(1e-9, sum((a - x) ** 2 for a in at_min))


def soak(browser: Browser, given: argparse.Namespace) -> dict[str, Any]:
    """Follow the page's heap after collection while it is panned, and say whether it is flat."""
    with site(given.tracks) as url:
        page = opened(browser, url, given.tracks)
        session = page.context.new_cdp_session(page)
        session.send("HeapProfiler.enable")
        begun = time.monotonic()
        at_min, mb, held = [], [], []
        while time.monotonic() - begun < 60.0 * given.minutes + WARM_S:
            pan(page, 8.0)
            session.send("HeapProfiler.collectGarbage")
            used = session.send("Runtime.getHeapUsage")
            if time.monotonic() - begun > WARM_S:
                at_min.append((time.monotonic() - begun) / 60.0)
                mb.append(used["usedSize"] / 1e6)
                held.append(used.get("backingStorageSize", 0.0) / 1e6)
        page.close()
    rise = slope(at_min, [a + b for a, b in zip(mb, held, strict=True)])
    return {
        "minutes": given.minutes,
        "samples": len(mb),
        "heap_mb_first": round(mb[0], 2),
        "heap_mb_last": round(mb[-1], 2),
        "heap_mb_most": round(max(mb), 2),
        "buffers_mb_first": round(held[0], 2),
        "buffers_mb_last": round(held[-1], 2),
        "rise_mb_min": round(rise, 4),
        "flat": rise < FLAT_MB_MIN,
    }


def kept_before() -> dict[str, Any]:
    """Return what an earlier run kept: drawing and memory are measured apart."""
    with contextlib.suppress(OSError, ValueError):
        before: dict[str, Any] = json.loads((RESULTS / "page_draw.json").read_text())
        return {k: v for k, v in before.items() if k != "machine"}
    return {}


def main() -> int:
    """Print the figures; with --keep, keep them."""
    ask = argparse.ArgumentParser(description="What drawing costs the browser while an operator pans.")
    ask.add_argument("--tracks", type=int, default=20_000)
    ask.add_argument("--seconds", type=float, default=20.0)
    ask.add_argument("--minutes", type=float, default=0.0, help="follow the page's memory for so long instead")
    ask.add_argument("--no-peers", action="store_true")
    ask.add_argument("--trace", type=Path, default=None, help="write the trace of the page's main thread here")
    ask.add_argument("--keep", action="store_true")
    given = ask.parse_args()
    if shutil.which(CHROMIUM) is None:
        raise SystemExit("chromium is not installed: run make test-system")
    found: dict[str, Any] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if given.minutes > 0:
            found["memory"] = {"tracks": given.tracks, **soak(browser, given), "date": here()["date"]}
        else:
            found["tracks"], found["view"] = given.tracks, VIEW
            found["tenere"] = measure_page(browser, given)
            if not given.no_peers:
                with peers_site() as url:
                    found["maplibre_setdata"] = measure_peer(browser, url + "maplibre.html", given)
                    found["deck_iconlayer"] = measure_peer(browser, url + "deck.html", given)
        found["chromium"] = browser.version
        browser.close()
    print(json.dumps(found, indent=2))
    if given.keep:
        print(keep("page_draw", {**kept_before(), **found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

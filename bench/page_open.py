"""From `make run`, all installed and warm, to the first tracks on the screen of a browser that is open already.

    python -m bench.page_open [--runs 5] [--keep]

The page is asked for as soon as the server answers, which is while the exercise still flies its opening. Seconds since `make` was
called: the server answers, the page's first paint, the first tracks drawn (the frame after the one that drew them).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright
from scripts.screenshot import CHROMIUM, FLAGS

from bench.machine import keep
from bench.page_draw import VIEW, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
PATIENCE_S = 120.0
WATCH = """
(() => {
  const look = () => {
    if (window.tenere && window.tenere.drawn > 0 && window.tenere.draws > 0)
      requestAnimationFrame(() => { window.tracksDrawnMs = performance.timeOrigin + performance.now(); });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').map((p) => performance.timeOrigin + p.startTime)[0] || 0"


def opened(browser: Browser) -> dict[str, float]:
    """Start the picture as its user does, open it, stop it; return when what happened, s since the start."""
    port = free_port()
    page = browser.new_page(viewport=VIEW)
    page.add_init_script(WATCH)
    with tempfile.TemporaryFile() as log:
        began = time.time()  # noqa: TID251 - the page's clock is compared with it
        made = subprocess.Popen(["make", "run", f"ARGS=--port {port}"], cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        try:
            while True:
                if made.poll() is not None or time.time() - began > PATIENCE_S:  # noqa: TID251
                    log.seek(0)
                    raise SystemExit(f"make run ended, or does not answer:\n{log.read().decode(errors='replace')[-2000:]}")
                with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5):
                    break
                time.sleep(0.02)
            answers = time.time()  # noqa: TID251
            page.goto(f"http://127.0.0.1:{port}/")
            drawn = 0.0
            while not drawn and time.time() - began < PATIENCE_S:  # noqa: TID251
                page.wait_for_timeout(50)
                drawn = float(page.evaluate("() => window.tracksDrawnMs || 0")) / 1e3
            painted = float(page.evaluate(PAINTED)) / 1e3
        finally:
            os.killpg(made.pid, signal.SIGINT)
            made.wait()
            page.close()
    if not drawn:
        raise SystemExit(f"no track was drawn in {PATIENCE_S:.0f} s")
    return {"answers_s": answers - began, "first_paint_s": painted - began, "first_tracks_s": drawn - began}


def main() -> None:
    """Run it and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="how often, after one that is not counted (default 5)")
    parser.add_argument("--keep", action="store_true", help="write bench/results/page_open.json")
    args = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        runs = [opened(browser) for _ in range(args.runs + 1)][1:]
        browser.close()
    result: dict[str, Any] = {name: round(statistics.median(r[name] for r in runs), 2) for name in runs[0]}
    result["first_tracks_worst_s"] = round(max(r["first_tracks_s"] for r in runs), 2)
    result["runs"] = args.runs
    for name, value in result.items():
        print(f"{name:24} {value}")
    if args.keep:
        print(keep("page_open", result))


if __name__ == "__main__":
    main()

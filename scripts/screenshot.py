"""Take a picture of the running page.

    python scripts/screenshot.py --url http://127.0.0.1:8080/ --out docs/images/picture.png [--lang fr] [--size 1600x900]
                                 [--select NAME] [--figures SENSOR] [--tracks 40] [--settle 12]
                                 [--keys KeyV,KeyR] [--coverage 5000ft] [--double] [--drag SENSOR --by 90,-60]

It starts no server: start one first. It waits until the page shows enough tracks and has drawn them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from playwright.sync_api import Error, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WAIT_S = 60


def take(page: Page, given: argparse.Namespace) -> None:
    """Open the page as asked, wait for its tracks, and write the PNG."""
    parts = urlsplit(given.url)
    page.goto(urlunsplit(parts._replace(query=f"lang={given.lang}", fragment=given.view)))
    for _ in range(WAIT_S * 5):
        if page.evaluate("n => Boolean(window.tenere && window.tenere.tracks >= n && window.tenere.frames > 2)", given.tracks):
            break
        page.wait_for_timeout(200)
    else:
        raise Error(f"the page did not show {given.tracks} tracks within {WAIT_S} s")
    if given.select:
        number = page.evaluate("name => window.tenere.numbers().find(n => window.tenere.nameOf(n) === name)", given.select)
        spot = page.evaluate("n => window.tenere.pixelOf(n)", number) if number else None
        if spot is None:
            print(f"no track named {given.select} is on the map", file=sys.stderr)
        else:
            page.mouse.click(*spot)
    if given.figures:
        page.click("#tab-sensors")
        page.click(f"#sensors [data-key='more {given.figures}']")
    for key in filter(None, given.keys.split(",")):
        page.keyboard.press(key)
        page.wait_for_timeout(300)
    if given.keys:
        page.mouse.move(*(float(v) for v in given.point.split(",")))
    if given.coverage or given.drag:
        cover(page, given)
    page.wait_for_timeout(1000 * given.settle)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=given.out)


def wait(page: Page, script: str, what: str) -> None:
    """Wait until a function of the page returns something true."""
    for _ in range(WAIT_S * 5):
        if page.evaluate(script):
            return
        page.wait_for_timeout(200)
    raise Error(f"{what} did not come within {WAIT_S} s")


def cover(page: Page, given: argparse.Namespace) -> None:
    """Switch the coverage layer on, at a height, and drag a sensor's site where that is asked for."""
    page.keyboard.press("Shift+C")
    wait(page, "() => window.tenere.coverage.images > 0", "the coverage layer")
    if given.double:
        page.click("#coverage [data-key=double]")
    if given.coverage:
        page.select_option("#coverage select", given.coverage)
    if given.drag:
        page.click("#tab-sensors")
        page.click(f"#sensors [data-key='try {given.drag}']")
        wait(page, "() => window.tenere.coverage.server_ms !== undefined", "a try")
        box = page.locator(".mark .sign").bounding_box()
        if box is None:
            raise Error(f"{given.drag} has no mark on the map")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        across, down = (float(v) for v in given.by.split(","))
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + across, y + down, steps=8)
        page.mouse.up()
    else:
        page.mouse.move(*(float(v) for v in given.point.split(",")))


def main() -> int:
    """Return the exit status: 1 where the page did not come to show tracks."""
    ask = argparse.ArgumentParser(description="Take a picture of the running page.")
    ask.add_argument("--url", default="http://127.0.0.1:8080/")
    ask.add_argument("--out", type=Path, default=Path("docs/images/picture.png"))
    ask.add_argument("--lang", default="en", choices=["en", "fr"])
    ask.add_argument("--size", default="1600x900")
    ask.add_argument("--scale", type=float, default=1.0, help="device pixels per CSS pixel")
    ask.add_argument("--select", default="", help="name of a track to click on")
    ask.add_argument("--figures", default="", help="id of a sensor whose figures to open")
    ask.add_argument("--coverage", default="", help="height at which to show what is seen, such as 5000ft or FL195")
    ask.add_argument("--double", action="store_true", help="show what two see")
    ask.add_argument("--point", default="520,560", help="where the pointer rests on the map")
    ask.add_argument("--drag", default="", help="id of a sensor to try elsewhere")
    ask.add_argument("--by", default="90,-60", help="how far to drag it: pixels across, down")
    ask.add_argument("--keys", default="", help="keys to press then, such as KeyV,Shift+KeyE")
    ask.add_argument("--view", default="", help="zoom/latitude/longitude to open at")
    ask.add_argument("--tracks", type=int, default=1, help="wait for so many tracks")
    ask.add_argument("--settle", type=float, default=3.0, help="seconds to wait once they are there")
    given = ask.parse_args()
    width, height = (int(v) for v in given.size.split("x"))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=given.scale)
        page.on("console", lambda m: print(f"page: {m.text}", file=sys.stderr) if m.type == "error" else None)
        page.on("pageerror", lambda e: print(f"page: {e}", file=sys.stderr))
        try:
            take(page, given)
        except Error as e:
            print(f"no picture: {e}", file=sys.stderr)
            return 1
        finally:
            browser.close()
    print(given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())

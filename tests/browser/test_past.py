"""Looking back over the last half hour, and the board on the wall: in a real browser on a real server."""

from __future__ import annotations

import math
import re
import urllib.request

import numpy as np
import pytest
from browsing import PASSWORD, pixels, until

pytestmark = pytest.mark.browser

ALIVE = "n => window.tenere && window.tenere.tracks >= n && window.tenere.frames >= 2"
PAST = (0xD9, 0xA6, 0xFF)
BACK_S = 600.0
IN_PAST = "() => document.querySelector('#view').classList.contains('past')"
ARRIVED = "s => Math.abs(window.tenere.frameTime - s) <= 45"
NO_SOCKET = """
window.WebSocket = class {
  constructor() { this.readyState = 3; setTimeout(() => this.onclose && this.onclose({}), 5); }
  send() {}
  close() {}
};
window.WebSocket.OPEN = 1;
"""


def now_of(server):
    return server.get("api/health")["time"]


def raise_alert(server, severity):
    urllib.request.urlopen(urllib.request.Request(f"{server.url}made/alert/{severity}", method="POST"), timeout=10).close()


def clock(seconds):
    """Return a time of the day as the page writes it."""
    return f"{seconds // 3600:02.0f}:{seconds // 60 % 60:02.0f}:{seconds % 60:02.0f}"


def shown_time(page):
    """Return the time that the ribbon says is shown, in seconds of the day."""
    hours, minutes, seconds = map(int, re.search(r"(\d\d):(\d\d):(\d\d) UTC", page.inner_text("#ribbon")).groups())
    return 3600 * hours + 60 * minutes + seconds


def marked_past(page):
    """Say whether the page says by words, colour and pattern that it shows the past."""
    assert "PAST · NOT LIVE" in page.inner_text("#ribbon")
    assert "PAST \u2212" in page.inner_text("#header .clock")
    assert "line-through" in page.evaluate("() => getComputedStyle(document.querySelector('#header .time')).textDecorationLine")
    assert "LIVE: alerts are of now" in page.inner_text("#side .alerts")
    box = page.evaluate(
        "() => { const b = document.querySelector('#view').getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; }"
    )
    edge = pixels(page.screenshot(clip={"x": box[0], "y": box[1] + 200, "width": 8, "height": 200})).astype(int)
    light = np.abs(edge - np.array(PAST)).max(axis=2) < 40
    assert 0.25 < light.mean() < 0.75, "the frame around the map is striped"
    assert 10 < np.count_nonzero(np.diff(light[:, 4].astype(int))) < 60, "stripes, not a plain line: the pattern tells without colour"


def marked_live(page):
    until(page, "() => !document.querySelector('#view').classList.contains('past')")
    assert page.is_hidden("#ribbon")
    assert page.inner_text("#header .clock .ago") == ""
    assert "LIVE" not in page.inner_text("#side .alerts")
    until(page, "() => !location.hash.includes('past=')")


def test_ten_minutes_back_and_live_again_by_keyboard(page, fake):
    page.goto(f"{fake.url}?lang=en")
    until(page, ALIVE, argument=70)
    before = page.evaluate("n => window.tenere.pixelOf(n)", 1001)
    page.keyboard.press("p")
    until(page, IN_PAST)
    for _ in range(9):
        page.keyboard.press("Shift+ArrowLeft")
    until(page, ARRIVED, argument=now_of(fake) - BACK_S)
    marked_past(page)
    at = shown_time(page)
    assert abs((now_of(fake) - BACK_S) % 86400 - at) < 90
    there = page.evaluate("n => window.tenere.pixelOf(n)", 1001)
    # 230 m/s for ten minutes is 138 km: 75 px and more at this zoom
    assert math.dist(before, there) > 40, "the flight is drawn where it was"
    page.keyboard.press("ArrowRight")
    until(page, "s => document.querySelector('#ribbon').textContent.includes(s)", argument=clock(at + 10))
    page.keyboard.press("ArrowLeft")
    until(page, "s => document.querySelector('#ribbon').textContent.includes(s)", argument=clock(at))

    frames = page.evaluate("() => window.tenere.frames")
    raise_alert(fake, "emergency")
    until(page, "() => document.querySelectorAll('#alerts .alert').length === 4")
    until(page, "() => /Raised meanwhile: emergency/i.test(document.querySelector('#past .raised').textContent)")
    assert page.is_visible("#past .raised")
    until(page, "n => window.tenere.frames > n + 1", argument=frames)
    assert page.evaluate("n => window.tenere.pixelOf(n)", 1001) == pytest.approx(there, abs=12), "what comes meanwhile is not shown"
    marked_past(page)
    assert re.search(r";past=\d+", page.url)
    page.keyboard.press("Escape")
    marked_live(page)
    until(page, "s => window.tenere.frameTime > s", argument=now_of(fake) - 10)
    assert page.evaluate("n => window.tenere.pixelOf(n)", 1001) == pytest.approx(before, abs=12)
    page.keyboard.press("p")
    until(page, IN_PAST)
    page.keyboard.press("p")
    marked_live(page)
    assert page.errors == []


def test_ten_minutes_back_and_live_again_by_mouse(page, fake):
    page.goto(f"{fake.url}?lang=en")
    until(page, ALIVE, argument=70)
    page.click("#past .enter")
    until(page, IN_PAST)
    until(page, "() => !document.querySelector('#past .slider').disabled")
    rail = page.evaluate(
        "() => { const b = document.querySelector('#past .slider').getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; }"
    )
    page.mouse.move(rail[0] + 0.97 * rail[2], rail[1] + rail[3] / 2)
    page.mouse.down()
    page.mouse.move(rail[0] + 0.8 * rail[2], rail[1] + rail[3] / 2, steps=4)
    page.mouse.move(rail[0] + 2 / 3 * rail[2], rail[1] + rail[3] / 2, steps=4)
    page.mouse.up()
    until(page, "s => Math.abs(window.tenere.frameTime - s) <= 60", argument=now_of(fake) - BACK_S)
    marked_past(page)
    at = shown_time(page)
    assert page.get_attribute("#past .slider", "aria-valuetext").startswith(clock(at))
    page.click("#past [data-by='-60']")
    until(page, "s => document.querySelector('#ribbon').textContent.includes(s)", argument=clock(at - 60))
    page.click("#past .pace[data-rate='16']")
    page.click("#past .run")
    page.wait_for_timeout(2500)
    page.click("#past .run")
    ran = shown_time(page) - (at - 60)
    assert 20 < ran < 120, f"16 times the speed: {ran} s in 2.5 s and what the clicks took"
    page.click("#alerts .alert .acknowledge >> nth=0")
    until(page, "() => document.querySelector('#alerts .alert .by')")
    marked_past(page)
    page.click("#past .live")
    marked_live(page)
    assert page.errors == []


def test_the_address_holds_the_moment_and_what_is_no_longer_kept_is_said(page, fake):
    page.goto(fake.url)
    until(page, ALIVE, argument=70)
    then = round(now_of(fake) - 300)
    view = "#5.2/16.5/8.2"
    page.goto("about:blank")
    page.goto(f"{fake.url}?lang=fr{view};past={then}")
    until(page, ARRIVED, argument=then)
    assert "PASSÉ · PAS EN DIRECT" in page.inner_text("#ribbon")
    assert "PASSÉ \u2212" in page.inner_text("#header .clock")
    assert "EN DIRECT" in page.inner_text("#side .alerts")
    page.goto("about:blank")
    page.goto(f"{fake.url}?lang=fr{view};past={then - 9000}")
    until(page, "() => document.querySelector('#banner').textContent.includes('n\\'est plus gardé')")
    assert page.errors == []


def test_a_server_that_is_lost_leaves_what_is_held_of_the_past(page, fake):
    page.goto(f"{fake.url}?lang=en")
    until(page, ALIVE, argument=70)
    page.keyboard.press("p")
    until(page, IN_PAST)
    until(page, ARRIVED, argument=now_of(fake) - 60)
    fake.kill()
    until(page, "() => document.querySelector('#banner').textContent.includes('does not answer')")
    assert page.evaluate(IN_PAST)
    page.keyboard.press("Shift+ArrowLeft")
    for _ in range(8):
        page.keyboard.press("Shift+ArrowLeft")
    until(page, "() => document.querySelector('#past .note').textContent.includes('does not give the past')")
    page.keyboard.press("p")
    marked_live(page)


def test_the_board_on_the_wall_shows_and_has_nothing_to_press(page, fake):
    page.goto(f"{fake.url}?wall&lang=fr")
    until(page, ALIVE, argument=70)
    until(page, "() => document.querySelectorAll('#wall li').length === 3")
    assert re.search(r"\d\d:\d\d:\d\d UTC", page.inner_text("#wall .time"))
    assert page.evaluate("() => parseFloat(getComputedStyle(document.querySelector('#wall .time')).fontSize)") > 40
    assert page.evaluate("() => document.querySelector('#wall').scrollWidth <= document.querySelector('#wall').clientWidth")
    assert page.locator("button:visible, input:visible, select:visible, a:visible").count() == 0
    assert page.evaluate("() => window.tenere.drawn") >= 40
    number = page.evaluate("() => window.tenere.frames")
    for key in ("p", "l", "Tab", "Enter"):
        page.keyboard.press(key)
    x, y = page.evaluate("n => window.tenere.pixelOf(n)", 1001)
    page.mouse.click(x, y)
    page.wait_for_timeout(300)
    assert page.is_hidden("#track")
    assert page.is_hidden("#past")
    raise_alert(fake, "emergency")
    until(page, "() => document.querySelectorAll('#wall li.emergency').length === 2")
    until(page, "n => window.tenere.frames > n", argument=number)
    assert page.errors == []


def test_where_the_socket_is_blocked_the_board_goes_on_by_events(page, fake):
    page.add_init_script(NO_SOCKET)
    page.goto(f"{fake.url}?wall&lang=en")
    until(page, ALIVE, argument=70)
    assert "by events" in page.inner_text("#wall .link")
    assert any(r.endswith("/api/events") for r in page.requests)
    until(page, "() => window.tenere.drawn >= 40")
    live = {t["number"]: t for t in fake.get("api/picture.json")["tracks"]}
    assert page.evaluate("() => window.tenere.nameOf(1001)") == live[1001]["callsign"]
    before = page.evaluate("n => window.tenere.pixelOf(n)", 1001)
    frames = page.evaluate("() => window.tenere.frames")
    until(page, "n => window.tenere.frames > n + 3", argument=frames)
    assert math.dist(before, page.evaluate("n => window.tenere.pixelOf(n)", 1001)) < 15
    assert page.evaluate("() => window.tenere.link") == "open"
    fake.kill()
    until(page, "() => window.tenere.link !== 'open'")
    fake.start()
    until(page, "() => window.tenere.link === 'open'")


def test_a_viewers_session_is_enough_for_the_board(page, guarded):
    page.goto(f"{guarded.url}?wall&lang=en")
    page.wait_for_selector("#signin[open]")
    page.fill("#signin [name=name]", "vera")
    page.fill("#signin [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    until(page, ALIVE, argument=70)
    until(page, "() => document.querySelectorAll('#wall li').length === 3")
    guarded.store.change("vera", "account disabled", disabled=True)
    page.wait_for_selector("#signin[open]", timeout=10_000)

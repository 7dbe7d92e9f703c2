"""How tracks are drawn: symbols of both kinds, labels and what can be done with them, the ellipse, what a crowd leaves out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from browsing import pixels, until

pytestmark = pytest.mark.browser

ALIVE = "n => window.tenere && window.tenere.tracks >= n && window.tenere.frames >= 2 && window.tenere.labels > 0"
INK = """() => {
  const c = document.querySelector('#over');
  if (c.hidden || !c.width) return null;
  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
  let [l, t, r, b] = [1e9, 1e9, -1, -1];
  for (let y = 0; y < c.height; y++) for (let x = 0; x < c.width; x++) if (d[4 * (y * c.width + x) + 3] > 60) {
    l = Math.min(l, x); r = Math.max(r, x); t = Math.min(t, y); b = Math.max(b, y);
  }
  return r < 0 ? null : [l, t, r, b];
}"""


def number_of(page, name):
    return until(page, "name => window.tenere.numbers().find(n => window.tenere.nameOf(n) === name)", argument=name)


def place_of(fake, name):
    return next(t for t in fake.get("api/picture.json")["tracks"] if t["callsign"] == name)


def opened(page, fake, more="", tracks=70):
    page.goto(fake.url + more)
    until(page, ALIVE, argument=tracks, timeout_s=90)


def test_the_selected_track_shows_how_sure_its_place_is(page, fake):
    at = place_of(fake, "MSF21")  # slow: it stays in view
    opened(page, fake, f"#14/{at['lat']}/{at['lon']}", 70)
    assert page.evaluate(INK) is None, "no ellipse before anything is selected"
    told = fake.get(f"api/tracks/{at['number']}")["ellipse"]
    assert told["major_m"] == pytest.approx(60.1, abs=0.1)
    assert told["minor_m"] == pytest.approx(49.9, abs=0.1)
    for _ in range(5):  # it flies eight pixels a second: on a busy machine a click may come too late
        page.mouse.click(*page.evaluate("n => window.tenere.pixelOf(n)", at["number"]))
        page.wait_for_timeout(300)
        if "MSF21" in page.inner_text("#track"):
            break
    left, top, right, bottom = until(page, INK)
    metres_px = 2 * math.pi * 6378137 * math.cos(math.radians(at["lat"])) / 512 / 2**14
    height, width = (bottom - top) * metres_px, (right - left) * metres_px
    assert height == pytest.approx(4 * 60.0, rel=0.15), "two sigma to each side, north and south"
    assert width == pytest.approx(4 * 50.0, rel=0.2)
    page.keyboard.press("Escape")
    until(page, "() => document.querySelector('#over').hidden")
    assert page.errors == []


def test_a_label_is_dragged_and_let_go(page, fake):
    opened(page, fake)
    number = number_of(page, "AFR703")
    before = until(page, "n => window.tenere.labelOf(n)", argument=number)
    middle = ((before[0] + before[2]) / 2, (before[1] + before[3]) / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 40, middle[1] + 60, steps=6)
    page.mouse.move(middle[0] + 70, middle[1] + 90, steps=6)
    page.mouse.up()
    until(page, "([n, y]) => window.tenere.labelOf(n)?.[1] > y + 60", argument=[number, before[1]])
    page.mouse.move(5, 500)
    page.wait_for_timeout(1500)
    moved = page.evaluate("n => window.tenere.labelOf(n)", number)
    assert moved[1] == pytest.approx(before[1] + 90, abs=12), "it stays where it was put while its track flies on"
    assert page.evaluate("() => location.hash").split(";")[0].endswith("/16.5000/8.2000"), "the map is where the site lies: it did not move"
    assert page.locator("#track").is_hidden(), "a drag is no choice"
    page.mouse.dblclick((moved[0] + moved[2]) / 2, (moved[1] + moved[3]) / 2)
    page.mouse.move(5, 500)
    until(page, "([n, y]) => window.tenere.labelOf(n)?.[1] < y + 45", argument=[number, before[1]])
    assert page.errors == []


def test_a_label_is_moved_and_let_go_by_keys(page, fake):
    opened(page, fake)
    page.click("#list .row:has-text('AFR703')")
    number = number_of(page, "AFR703")
    offset = "n => { const l = window.tenere.labelOf(n), p = window.tenere.pixelOf(n); return l && p ? [l[0] - p[0], l[1] - p[1]] : null; }"
    page.wait_for_timeout(1200)
    before = until(page, offset, argument=number)
    for _ in range(5):
        page.keyboard.press("Shift+ArrowDown")
        page.wait_for_timeout(150)
    page.wait_for_timeout(800)
    after = page.evaluate(offset, number)
    assert after[1] - before[1] == pytest.approx(60, abs=13)
    page.keyboard.press("Shift+O")
    # where it goes is the free places' affair: its old one may be taken by now
    until(page, f"n => {{ const o = ({offset})(n); return o && Math.hypot(o[0] - {after[0]}, o[1] - {after[1]}) > 12; }}", argument=number)
    assert page.errors == []


def test_labels_have_three_levels_that_are_remembered(page, fake):
    opened(page, fake)
    assert until(page, "() => window.tenere.texts.find(t => t.startsWith('UNO130'))").count("/") == 1
    page.keyboard.press("o")
    third = until(page, "() => window.tenere.texts.find(t => t.startsWith('UNO130') && t.split('/').length === 3)")
    assert "022°" in third
    assert "airliner" in third
    page.reload()
    until(page, ALIVE, argument=70)
    until(page, "() => window.tenere.texts.find(t => t.startsWith('UNO130') && t.split('/').length === 3)")
    page.click("#view .signs .detail")
    until(page, "() => window.tenere.texts.includes('UNO130')")
    coasting = until(page, "() => window.tenere.texts.find(t => t.startsWith('TVF'))")
    assert coasting.endswith(" s"), "a coasting track tells how old it is at every level"
    assert page.errors == []


def test_the_symbols_of_the_standard_are_drawn_when_chosen(page, fake):
    opened(page, fake)
    scripts = "() => performance.getEntriesByType('resource').filter(r => r.name.endsWith('.js')).length"
    before = page.evaluate(scripts)
    assert page.evaluate("() => window.tenere.symbols") == "civil"
    page.keyboard.press("y")
    until(page, "() => window.tenere.symbols === 'app6'")
    assert page.evaluate(scripts) > before, "milsymbol is fetched only now"
    page.wait_for_timeout(1500)
    assert "APP-6" in page.inner_text("#view .signs .symbols")
    image = pixels(page.screenshot(clip={"x": 100, "y": 60, "width": 900, "height": 700})).astype(int)
    for name, colour in {"neutral": (0xAA, 0xFF, 0xAA), "unknown": (0xFF, 0xFF, 0x80), "friend": (0x80, 0xE0, 0xFF)}.items():
        assert (np.abs(image - np.array(colour)).max(axis=2) < 12).sum() > 200, f"no {name} frame of the standard is to be seen"
    page.reload()
    until(page, "() => window.tenere?.symbols === 'app6'")
    page.click("#view .signs .symbols")
    until(page, "() => window.tenere.symbols === 'civil'")
    assert page.errors == []


@pytest.mark.parametrize("fake", [("--tracks", "6000")], indirect=True)
def test_a_crowd_says_what_it_leaves_out(page, fake):
    opened(page, fake, "?lang=en", 6000)
    points = until(page, "() => window.tenere.points")
    told = until(page, "() => document.querySelector('#view .signs .points').textContent")
    assert str(points) in told or str(page.evaluate("() => window.tenere.points")) in told
    assert f"of {page.evaluate('() => window.tenere.drawn')} tracks in view" in told
    page.click("#header .languages button[data-lang=fr]")
    until(page, "() => document.querySelector('#view .signs .points').textContent.includes('pistes en vue')")
    at = place_of(fake, "MSF21")
    page.goto("about:blank")
    opened(page, fake, f"#11/{at['lat']}/{at['lon']}", 6000)
    until(page, "() => window.tenere.points === 0")
    assert page.inner_text("#view .signs .points") == ""
    assert page.errors == []

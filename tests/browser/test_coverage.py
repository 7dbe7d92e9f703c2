"""The coverage layer in a real browser: switched on, asked under the pointer, and a site dragged."""

from __future__ import annotations

import numpy as np
import pytest
from browsing import pixels, until

pytestmark = pytest.mark.browser

MAP = {"x": 30, "y": 420, "width": 560, "height": 380}


def opened(page, server, lang="en"):
    page.goto(f"{server.url}?lang={lang}")
    until(page, "() => window.tenere && window.tenere.frames >= 2")
    until(page, "() => document.querySelectorAll('#sensors .try').length >= 5")


def covered(page):
    page.keyboard.press("Shift+C")
    until(page, "() => window.tenere.coverage.images > 0", timeout_s=120)
    page.wait_for_timeout(300)


def test_the_layer_shades_what_nobody_sees_and_goes_again(page, fake):
    opened(page, fake)
    before = pixels(page.screenshot(clip=MAP)).astype(int)
    covered(page)
    on = pixels(page.screenshot(clip=MAP)).astype(int)
    violet = (on[:, :, 2] > on[:, :, 1] + 6).mean()
    assert violet > 0.2
    assert (before[:, :, 2] > before[:, :, 1] + 6).mean() < violet / 2
    assert np.median(on.max(axis=2)) < 60, "the layer drowns the picture"
    assert page.get_attribute("#coverage .switch", "aria-pressed") == "true"
    text = page.inner_text("#coverage")
    assert "no track is not empty sky" in text
    assert "Not counted: ZND-R (silent)" in text
    page.mouse.move(500, 420)
    until(page, "() => document.querySelector('#coverage .here').textContent.startsWith('Here')")
    page.click("#coverage [data-key=double]")
    until(page, "() => document.querySelector('#coverage').textContent.includes('Seen by one sensor alone')")
    until(page, "() => document.querySelectorAll('#coverage .hole').length > 0")
    page.keyboard.press("Shift+C")
    until(page, "() => !window.tenere.coverage.on")
    page.wait_for_timeout(300)
    off = pixels(page.screenshot(clip=MAP)).astype(int)
    assert (off[:, :, 2] > off[:, :, 1] + 6).mean() < violet / 2
    assert page.errors == []


def test_a_site_is_dragged_and_moved_by_keys_and_let_go(page, fake):
    opened(page, fake, "fr")
    covered(page)
    page.click("#tab-sensors")
    page.click("#sensors [data-key='try AJY-R']")
    until(page, "() => window.tenere.coverage.server_ms !== undefined", timeout_s=120)
    assert "essai de ajy-r" in page.inner_text("#coverage .trying").lower()
    box = page.locator(".mark .sign").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    images = page.evaluate("() => window.tenere.coverage.images")
    place = page.inner_text("#coverage .trying .place")
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(8):
        page.mouse.move(x - 12 * k, y + 9 * k)
        page.wait_for_timeout(60)
    page.mouse.up()
    until(page, "n => window.tenere.coverage.images > n + 1", argument=images)
    until(page, "() => window.tenere.coverage.gained_km2 > 0")
    dragged = page.inner_text("#coverage .trying .place")
    assert dragged != place
    at = page.locator(".mark .sign").bounding_box()
    assert (at["x"] + at["width"] / 2, at["y"] + at["height"] / 2) == pytest.approx((x - 84, y + 63), abs=3)
    assert "km²" in page.inner_text("#coverage .gained")
    page.keyboard.press("ArrowRight")
    until(page, "text => document.querySelector('#coverage .trying .place').textContent !== text", argument=dragged)
    page.keyboard.press("Escape")
    until(page, "() => document.querySelector('.mark').hidden")
    assert page.evaluate("() => window.tenere.coverage.on")
    held = fake.get("api/picture.json")["sensors"]
    assert next(s for s in held if s["id"] == "AJY-R")["lat"] == 16.97, "the picture itself has changed"
    assert page.errors == []


def test_it_fits_a_small_screen(chromium, fake):
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
    page = context.new_page()
    page.errors = []
    opened(page, fake, "fr")
    covered(page)
    until(page, "() => document.querySelectorAll('#coverage .hole').length > 0")
    inside = page.evaluate(
        """() => { const v = document.querySelector('#view').getBoundingClientRect(), c = document.querySelector('#coverage .rest');
        const b = c.getBoundingClientRect();
        return b.left >= v.left && b.right <= v.right && b.bottom <= v.bottom && c.scrollWidth <= c.clientWidth; }"""
    )
    assert inside
    context.close()

"""The airspace in a real browser: drawn by mouse and by keyboard alone, closed and acknowledged, read from a file, its rules."""

from __future__ import annotations

import json

import pytest
from browsing import PASSWORD, pixels, until

pytestmark = pytest.mark.browser

ALIVE = "() => window.tenere && window.tenere.frames >= 2 && window.tenere.airspace.volumes >= 4"
NAMES = "() => [...document.querySelectorAll('#airspace .volume b')].map(b => b.textContent)"


def opened(page, server, name="sara", lang="en", view=""):
    page.goto(f"{server.url}?lang={lang}{view}")
    page.wait_for_selector("#signin[open]")
    page.fill("#signin [name=name]", name)
    page.fill("#signin [name=password]", PASSWORD)
    page.keyboard.press("Enter")
    until(page, ALIVE)


def told(page):
    return page.evaluate("() => fetch('/api/airspace').then(a => a.json())")


def volume(page, name):
    return next((v for v in told(page)["volumes"] if v["name"] == name), None)


def listed(page, name):
    until(page, f"n => ({NAMES})().includes(n)", argument=name)


def test_a_zone_is_drawn_activated_changed_and_removed_by_mouse(page, guarded):
    opened(page, guarded)
    page.click("#tab-airspace")
    assert page.inner_text("#tab-airspace .shown") == "3/4"
    page.click("#airspace .draw-polygon")
    for x, y in ((430, 300), (560, 310), (550, 430), (440, 440)):
        page.mouse.click(x, y)
    until(page, "() => window.tenere.airspace.corners === 4")
    page.mouse.click(430, 300)  # the first corner again closes it
    until(page, "() => document.activeElement.name === 'name'")
    page.keyboard.type("Shooting range")
    page.select_option("#airspace [name=kind]", "danger")
    page.fill("#airspace [name=ceiling]", "85")
    page.click("#airspace .activate")
    listed(page, "Shooting range")
    made = volume(page, "Shooting range")
    assert (made["kind"], made["now_active"], made["by_hand"], len(made["shape"]["ring"])) == ("danger", True, "sara", 4)
    assert made["ceiling"] == {"value_m": 2590.8, "datum": "fl"}
    assert not page.evaluate("() => window.tenere.airspace.drawing")
    row = "[data-volume='Shooting range']"
    page.click(f"{row} .edit")
    page.wait_for_timeout(700)  # the map goes there
    until(page, "() => window.tenere.airspace.drawing")
    before = page.input_value("#airspace [name=coords]")
    x, y = page.evaluate(
        """() => { const c = document.querySelector('#airspace [name=coords]').value.split('\\n')[0].split(' ').map(Number);
        const box = document.querySelector('#map').getBoundingClientRect();
        const p = window.tenere.screenOf(c[0], c[1]); return [p[0] + box.left, p[1] + box.top]; }"""
    )
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y - 40, steps=5)
    page.mouse.up()
    after = page.input_value("#airspace [name=coords]")
    assert [a == b for a, b in zip(before.splitlines(), after.splitlines(), strict=True)] == [False, True, True, True]
    page.click("#airspace .save")
    until(page, "() => !document.querySelector('#airspace form')")
    until(
        page,
        "() => fetch('/api/airspace').then(a => a.json()).then(t => t.changes.at(-1).operation === 'activate' && t.changes.length === 4)",
    )
    changed = volume(page, "Shooting range")
    assert changed["shape"] != made["shape"]
    assert changed["now_active"], "what was active by hand stays so while its outline is moved"
    page.click(f"{row} .toggle")
    until(page, "r => document.querySelector(r + ' .state').textContent === 'inactive, by sara'", argument=row)
    page.click(f"{row} .remove")
    until(page, "r => !document.querySelector(r)", argument=row)
    assert page.errors == []


def test_a_zone_is_drawn_and_activated_by_keyboard_alone_in_french(page, guarded):
    page.goto(f"{guarded.url}?lang=fr")
    page.wait_for_selector("#signin[open]")
    page.keyboard.type("sara")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    until(page, ALIVE)
    page.keyboard.press("Shift+KeyZ")
    until(page, "() => document.activeElement.classList.contains('crosshair')")
    for keys in ("", "ArrowRight " * 5, "ArrowDown " * 5, "ArrowLeft " * 5, "ArrowUp Shift+ArrowLeft"):
        for key in keys.split():
            page.keyboard.press(key)
        page.keyboard.press("Enter")
    until(page, "() => window.tenere.airspace.corners === 5")
    page.keyboard.press("Backspace")
    until(page, "() => window.tenere.airspace.corners === 4")
    assert "Sommet retiré ; il en reste 4" in page.inner_text("#airspace .said")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # twice at one place ends it
    until(page, "() => document.activeElement.name === 'name'")
    page.keyboard.type("Zone école")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.classList.contains('activate')"):
            break
    page.keyboard.press("Enter")
    listed(page, "Zone école")
    made = volume(page, "Zone école")
    assert made["now_active"]
    assert len(made["shape"]["ring"]) == 5
    assert "actif, par sara" in page.inner_text("[data-volume='Zone école']")
    assert page.errors == []


def test_what_is_wrong_is_said_before_it_is_sent_and_what_the_server_says_after(page, guarded):
    opened(page, guarded)
    page.click("#tab-airspace")
    page.click("#airspace .draw-polygon")
    page.click("#airspace summary:has-text('Coordinates')")
    page.fill("#airspace [name=coords]", "16 5\n17 6\n16 6\n17 5")
    page.fill("#airspace [name=name]", "Bow tie")
    assert "crosses itself: the side from corner 1 crosses the side from corner 3" in page.inner_text("#airspace .problem")
    assert page.is_disabled("#airspace .activate")
    page.fill("#airspace [name=coords]", "16 5\n17 over there")
    assert "Line 2 is no place" in page.inner_text("#airspace .problem")
    page.fill("#airspace [name=coords]", "160000N 0050000E\n17°00.0'N 6°00.0'E\n16,5 6,5")
    page.fill("#airspace [name=ceiling]", "0")
    page.select_option("#airspace [name=ceiling-unit]", "ft agl")
    assert "not below the ceiling" in page.inner_text("#airspace .problem")
    page.fill("#airspace [name=ceiling]", "500")
    assert page.inner_text("#airspace .problem") == ""
    page.route(
        "**/api/commands", lambda route: route.fulfill(status=422, content_type="application/json", body='{"error": "volume: said no"}')
    )
    page.click("#airspace .save")
    until(page, "() => document.querySelector('#airspace .problem').textContent.includes('said no')")
    page.unroute("**/api/commands")
    page.click("#airspace .save")
    listed(page, "Bow tie")
    assert volume(page, "Bow tie")["by_hand"] is None


def test_close_acknowledge_and_reopen(page, guarded, chromium):
    opened(page, guarded)
    page.click("#tab-airspace")
    assert page.is_hidden("#closures")
    page.click("[data-volume='fir'] input")
    page.click("[data-volume='range'] input")
    page.click("#airspace .risk summary")
    page.fill("#airspace [name=risk]", "fighting reported near the airway")
    page.click("#airspace .note")
    page.wait_for_selector("#airspace .closure.noted")
    assert page.is_hidden("#closures")
    page.click("#airspace .closure .close")
    until(page, "() => !document.querySelector('#closures').hidden")
    assert "fighting reported" in page.inner_text("#closures")
    until(page, "() => document.querySelectorAll('#closures li.late').length === 2")  # acknowledge_s is 3 here
    assert "OVERDUE 0:0" in page.inner_text("#closures")
    stands = {v["name"]: v["kind"] for v in told(page)["volumes"] if v["now_active"]}
    assert stands["NIAMEY"] == "closed", "a FIR is closed by a copy"
    assert "Tahoua range" in stands
    context = chromium.new_context()
    other = context.new_page()
    other.errors = []
    opened(other, guarded, "omar", "fr")
    until(other, "() => !document.querySelector('#closures').hidden")
    assert "EN RETARD" in other.inner_text("#closures")
    other.click("#tab-airspace")
    assert other.locator("#airspace .reopen, #airspace .risk:not([hidden]), #airspace .acts").count() == 0
    other.click("#closures [data-station='TWR NIM'] button")
    until(page, "() => document.querySelectorAll('#closures li').length === 1")
    other.click("#closures [data-station='ACC NIM'] button")
    until(page, "() => document.querySelector('#closures').hidden")
    assert "by omar, after 0:" in page.inner_text("#airspace .closure.closed")
    assert "acquittée" not in other.inner_text("#airspace .closure")
    page.click("#airspace .closure .reopen")
    page.wait_for_selector("#airspace .closure.reopened")
    assert not any(v["kind"] == "closed" for v in told(page)["volumes"])
    assert volume(page, "Tahoua range")["now_active"] is False
    context.close()
    assert page.errors == []


OPENAIR = """AC R
AN LSR1
AH FL130
AL GND
DP 15:00:00 N 007:00:00 E
DP 15:00:00 N 008:00:00 E
DP 16:00:00 N 008:00:00 E

AC R
AN TWO POINTS
AH FL130
AL GND
DP 15:00:00 N 007:00:00 E
DP 15:00:00 N 008:00:00 E
"""


def test_a_file_is_read_put_taken_out_and_the_airspace_saved(page, guarded):
    opened(page, guarded)
    page.click("#tab-airspace")
    page.click("#airspace .files")
    page.set_input_files(".airspace-files input[type=file]", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"nonsense"})
    until(page, "() => document.querySelector('.airspace-files .refused').textContent.includes('none of the airspace formats')")
    page.set_input_files(".airspace-files input[type=file]", {"name": "swiss.txt", "mimeType": "text/plain", "buffer": OPENAIR.encode()})
    page.wait_for_selector(".airspace-files .put")
    assert "OpenAir: 1 volumes, 1 refused" in page.inner_text(".airspace-files")
    assert "line 9 TWO POINTS" in page.inner_text(".airspace-files .refusals")
    assert len(told(page)["volumes"]) == 4, "reading changes nothing"
    page.click(".airspace-files .put")
    page.wait_for_selector(".airspace-files .out")
    until(page, "() => window.tenere.airspace.volumes === 5")
    page.click(".airspace-files .out")
    until(page, "() => window.tenere.airspace.volumes === 4")
    page.select_option(".airspace-files [name=format]", "geojson")
    with page.expect_download() as waiting:
        page.click(".airspace-files .save-all")
    saved = json.loads(waiting.value.path().read_text())
    assert waiting.value.suggested_filename == "airspace.geojson"
    assert {f["properties"]["name"] for f in saved["features"]} == {"NIAMEY", "Camp Tillia", "Tahoua range", "Relief corridor"}


def test_a_rule_is_looked_at_and_changed(page, guarded):
    opened(page, guarded)
    page.click("#tab-airspace")
    page.click("#airspace .rules")
    page.fill(".airspace-rules input[type=search]", "border_exit")
    page.click(".airspace-rules [data-rule=border_exit]")
    assert page.is_disabled(".airspace-rules .save")
    page.uncheck(".airspace-rules [name=enabled]")
    page.fill(".airspace-rules [name=rise_s]", "9")
    page.click(".airspace-rules summary:has-text('Try it first')")
    assert "[watch.rules.border_exit]\nenabled = false\nrise_s = 9.0" in page.inner_text(".airspace-rules")
    page.click(".airspace-rules .save")
    until(page, "() => document.querySelector('.airspace-rules .edits')?.textContent.includes('sara')")
    assert "Raises alerts: yes → no" in page.inner_text(".airspace-rules .edits")
    rules = page.evaluate("() => fetch('/api/rules').then(a => a.json())")
    assert next(r for r in rules["rules"] if r["rule"] == "border_exit")["enabled"] is False


def test_volumes_are_drawn_named_and_switched_by_kind(page, fake):
    page.goto(f"{fake.url}?lang=en#7.5/16.13/4.78")
    until(page, ALIVE)
    page.wait_for_timeout(500)
    pink = (0xFF, 0x7A, 0xA8)

    def pinks():
        image = pixels(page.screenshot(clip={"x": 100, "y": 60, "width": 800, "height": 700})).astype(int)
        return int((abs(image - pink).max(axis=2) < 30).sum())

    assert pinks() > 300
    page.click("#tab-airspace")
    assert page.locator("#airspace .draw-polygon, #airspace .acts, #airspace .risk:not([hidden])").count() == 0, (
        "who may only look is offered nothing"
    )
    x, y = page.evaluate(
        """() => { const b = document.querySelector('#map').getBoundingClientRect();
        const p = window.tenere.screenOf(16.13, 4.78); return [p[0] + b.left, p[1] + b.top]; }"""
    )
    page.mouse.move(x, y)
    until(page, "() => !document.querySelector('.air-tip').hidden")
    assert "Camp Tillia" in page.inner_text(".air-tip")
    assert "no-fly · GND\u20132000 ft AGL" in page.inner_text(".air-tip")
    page.mouse.move(10, 500)
    page.click("#airspace [data-kind=no_fly]")
    page.wait_for_timeout(400)
    assert pinks() < 60
    assert page.locator("[data-volume=camp]").count() == 0
    page.click("#airspace [data-kind=no_fly]")
    page.fill("#airspace input[type=search]", "corridor")
    until(page, f"() => ({NAMES})().join() === 'Relief corridor'")
    page.click("[data-volume=relief] .go-to")
    until(page, "() => document.querySelector('[data-volume=relief]').classList.contains('chosen')")
    assert page.errors == []

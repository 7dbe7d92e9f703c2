"""The page, as an operator sees it, on a real server in a real browser."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from browsing import CHROMIUM, FLAGS, pixels, until

pytestmark = pytest.mark.browser

ALIVE = "n => window.tenere && window.tenere.tracks >= n && window.tenere.frames >= 2"
COLOURS = {"neutral": (0x86, 0xEF, 0xB5), "unknown": (0xFF, 0xE0, 0x5A), "friend": (0x5A, 0xA2, 0xF2)}


def at_view(server, zoom, lat, lon, lang="en"):
    return f"{server.url}?lang={lang}#{zoom}/{lat}/{lon}"


def centre_of(page, where, colour, reach=45):
    """Return the middle of the pixels of a colour around a point, in CSS px; None where there are none."""
    x, y = where
    clip = {"x": x - reach, "y": y - reach, "width": 2 * reach, "height": 2 * reach}
    image = pixels(page.screenshot(clip=clip)).astype(int)
    hit = np.argwhere(np.abs(image - np.array(colour)).max(axis=2) < 40)
    return None if len(hit) < 12 else (x - reach + hit[:, 1].mean() + 0.5, y - reach + hit[:, 0].mean() + 0.5)


def lone_fast_track(picture):
    """Return a neutral track that flies fast and level with no other near."""
    tracks = [t for t in picture["tracks"] if t["lat"] is not None]
    for t in tracks:
        near = [o for o in tracks if o is not t and math.hypot(o["lat"] - t["lat"], o["lon"] - t["lon"]) < 0.15]
        if (
            t["identity"] == "neutral"
            and not t["protected"]
            and (t["speed_kt"] or 0) > 380
            and not near
            and t["confirmed"]
            and not t["coasting"]
        ):
            return t
    return pytest.fail("no lone fast neutral track in the exercise")


def test_the_page_shows_moving_tracks_of_the_exercise(page, exercise):
    found = lone_fast_track(exercise.get("api/picture.json"))
    number = found["number"]
    page.goto(at_view(exercise, 11, found["lat"], found["lon"]))
    until(page, ALIVE, argument=40)
    page.keyboard.press("l")
    until(page, "() => window.tenere.labels === 0")
    until(page, "n => window.tenere.pixelOf(n)", argument=number)
    page.wait_for_timeout(500)
    moved = []

    def told_and_seen():
        """Return where the page says the symbol is (before and after the screenshot, which may take its time) and where it is drawn."""
        before = page.evaluate("n => window.tenere.pixelOf(n)", number)
        seen = centre_of(page, before, COLOURS["neutral"])
        after = page.evaluate("n => window.tenere.pixelOf(n)", number)
        assert seen is not None, "no symbol where the page says the track is"
        assert math.dist(before, seen) < 8 + math.dist(before, after), f"told {before} to {after}, seen {seen}"
        return seen

    for _ in range(3):
        first = told_and_seen()
        page.wait_for_timeout(6000)
        moved.append(math.dist(first, told_and_seen()))
    # zoom 11 at 15 degrees: 37 m/px; 400 kt over 6 s and more: 1.2 km, 33 px
    assert statistics.median(moved) > 12, f"the symbol hardly moved: {moved} px"
    assert page.errors == []


def test_the_country_view_draws_labels_sensors_and_list(page, exercise):
    page.goto(exercise.url)
    until(page, ALIVE, argument=40)
    until(page, "() => window.tenere.labels > 15")
    assert page.evaluate("() => window.tenere.drawn") >= 40
    assert page.inner_text("#header .mode") == "EXERCISE"
    until(page, "() => [...document.querySelectorAll('#list .row')].filter((row) => row.checkVisibility()).length >= 40")
    page.click("#tab-sensors")
    assert page.locator("#sensors .sensor:visible").count() >= 8
    image = pixels(page.screenshot(clip={"x": 0, "y": 50, "width": 1000, "height": 780})).astype(int)
    for name in ("neutral", "unknown"):
        assert (np.abs(image - np.array(COLOURS[name])).max(axis=2) < 30).sum() > 100, f"no {name} symbols to be seen"
    assert np.median(image.max(axis=2)) < 40, "the ground is not dark"
    assert page.errors == []


def test_no_request_leaves_the_server(page, exercise):
    page.goto(exercise.url)
    until(page, ALIVE, argument=40)
    page.wait_for_timeout(1500)
    page.mouse.wheel(0, -800)
    page.wait_for_timeout(1500)
    host = exercise.url.split("://")[1]
    assert [u for u in page.requests if not u.startswith(("blob:", "data:")) and u.split("://")[1].split("/")[0] + "/" != host] == []
    assert any(u.endswith("/api/stream") for u in page.requests)
    assert any(".geojson" in u for u in page.requests)


def test_the_page_speaks_french(page, exercise):
    page.goto(exercise.url + "?lang=fr")
    until(page, ALIVE, argument=40)
    assert page.get_attribute("html", "lang") == "fr"
    assert page.inner_text("#header .mode") == "EXERCICE"
    assert "pistes" in page.inner_text("#header .counts")
    assert "CAPTEURS" in page.inner_text("#tab-sensors").upper()
    alert = exercise.get("api/picture.json")["alerts"][0]
    assert alert["text"]["fr"] != alert["text"]["en"]
    until(page, "text => document.querySelector('#alerts').textContent.includes(text)", argument=alert["text"]["fr"])
    page.click("#header .languages button[data-lang=en]")
    until(page, "text => document.querySelector('#alerts').textContent.includes(text)", argument=alert["text"]["en"])
    assert "lang=en" in page.url


def test_a_sensor_opens_to_its_figures_in_both_languages(page, exercise):
    page.goto(exercise.url)
    until(page, ALIVE, argument=40)
    until(page, "() => document.querySelectorAll('#sensors .more').length > 8")
    page.click("#tab-sensors")
    page.focus("#sensors [data-key='more NIM-R']")
    page.keyboard.press("Enter")
    until(page, "() => document.querySelectorAll('#sensors .measured .figure').length > 10")
    assert page.get_attribute("#sensors [data-key='more NIM-R']", "aria-expanded") == "true"
    text = page.inner_text("#sensors .measured")
    told = exercise.get("api/performance?sensor=NIM-R")["sensors"][0]
    update = next(f for f in told["figures"] if f["figure"] == "update")
    assert update["judged"][0]["source"]["en"] in text
    for words in (
        "Probability of update",
        "Gaps over 2.5 periods",
        "Range residual, bias",
        "Mode A wrong",
        "From plot to arrival",
        "97\u00a0%",
    ):
        assert words in text, words
    value = page.inner_text("#sensors .measured tr:has-text('Probability of update') td")
    assert 90 < float(value.split("\u00a0")[0]) <= 100
    signs = page.locator("#sensors .measured .sign").all_inner_texts()
    assert signs
    assert set(signs) <= set("✓✗…\u2013?")
    page.wait_for_timeout(2500)  # the list is drawn anew: the keyboard stays where it was
    assert page.evaluate("() => document.activeElement?.dataset.key") == "more NIM-R"
    page.click("#header .languages button[data-lang=fr]")
    until(page, "() => document.querySelector('#sensors .measured')?.textContent.includes('Probabilité de mise à jour')")
    text = page.inner_text("#sensors .measured")
    assert update["judged"][0]["source"]["fr"] in text
    assert "aucune limite connue" in text
    page.focus("#sensors [data-key='more NIM-R']")
    page.keyboard.press("Space")
    until(page, "() => !document.querySelector('#sensors .measured')")
    assert page.errors == []


def test_a_server_that_measures_nothing_says_so(page, fake):
    page.goto(fake.url)
    until(page, ALIVE, argument=70)
    page.click("#tab-sensors")
    page.click("#sensors [data-key='more NIM-R']")
    until(page, "() => document.querySelector('#sensors .measured')?.textContent.includes('measures no sensors')")
    assert page.errors == []


def test_a_click_selects_a_track_and_gives_reasons_in_words(page, fake):
    page.goto(fake.url)
    until(page, ALIVE, argument=70)
    page.click("#list .row:has-text('AFR703')")
    until(page, "() => document.querySelector('#track .for')?.textContent.includes('Niger')")
    text = page.inner_text("#track")
    assert "neutral" in text
    assert "AFR703" in text
    assert "NIM-R, NIM-A" in text
    assert "differs" in page.inner_text("#track .against")
    page.keyboard.press("Escape")
    assert page.locator("#track").is_hidden()
    page.wait_for_timeout(600)
    x, y = page.evaluate("() => window.tenere.pixelOf(1001)")
    page.mouse.click(x, y)
    until(page, "() => !document.querySelector('#track').hidden")
    assert "#1001" in page.inner_text("#track")
    assert page.url.split(";")[0].endswith("/1001")


def test_an_alert_is_acknowledged(page, fake):
    page.goto(fake.url)
    until(page, ALIVE, argument=70)
    first = page.locator("#alerts .alert").first
    assert "emergency" in first.get_attribute("class")
    number = int(first.get_attribute("data-alert"))
    first.locator(".acknowledge").click()
    until(page, "n => document.querySelector(`[data-alert='${n}']`).classList.contains('done')", argument=number)
    taken = next(a for a in fake.get("api/picture.json")["alerts"] if a["id"] == number)
    assert taken["acknowledged"] > 0
    assert taken["by"] == "operator"
    assert page.locator("#alerts .alert").last.get_attribute("data-alert") == str(number), "what is acknowledged goes last"


def test_keys_work_by_their_place(page, fake):
    page.goto(fake.url)
    until(page, ALIVE, argument=70)
    until(page, "() => window.tenere.labels > 10")
    page.keyboard.press("KeyL")
    until(page, "() => window.tenere.labels <= 3")  # what an alert is about keeps its label
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()
    page.mouse.move(500, 400)
    page.mouse.wheel(0, -600)
    until(page, "() => window.tenere.zoom() > 5.6")
    page.wait_for_timeout(700)  # the wheel has run out
    page.keyboard.press("KeyH")
    until(page, "() => window.tenere.zoom() < 5.4")


def test_an_unplaced_sensors_tracks_are_beside_the_map_never_on_it(page, fake):
    page.goto(fake.url)
    until(page, ALIVE, argument=70)
    until(page, "() => document.querySelector('.inset .title')?.textContent.includes('SAC 25')")
    unplaced = [t["number"] for t in fake.get("api/picture.json")["tracks"] if t["unplaced"]]
    assert unplaced
    assert page.evaluate("numbers => numbers.map(n => window.tenere.pixelOf(n) ?? null)", unplaced) == [None] * len(unplaced)


def test_a_lost_server_is_told_and_a_new_one_taken_up(page, fake):
    page.goto(fake.url)
    until(page, ALIVE, argument=70)
    fake.kill()
    until(page, "() => document.querySelector('#banner').textContent.includes('does not answer')")
    assert page.evaluate("() => window.tenere.link") == "lost"
    assert "server lost" in page.inner_text("#header .link")
    assert page.evaluate("() => window.tenere.tracks") >= 70, "the last picture stays, marked as old"
    fake.start()
    until(page, "() => window.tenere.link === 'open'")
    until(page, "() => document.querySelector('#banner').textContent.includes('The server was restarted. Connected again. Missed:')")
    frames = page.evaluate("() => window.tenere.frames")
    until(page, "n => window.tenere.frames > n + 1", argument=frames)


def test_the_server_stops_cleanly_while_a_page_looks(page, fake):
    page.goto(fake.url)
    until(page, ALIVE, argument=70)
    assert fake.stop() == 0
    assert "Traceback" not in fake.log.read_text()


@pytest.mark.parametrize("fake", [("--tracks", "20000")], indirect=True)
def test_twenty_thousand_tracks(page, fake, record_property, capsys):
    page.goto(fake.url)
    until(page, ALIVE, argument=20_000, timeout_s=90)
    figures = {"takeMs": [], "packMs": [], "drawMs": []}
    for _ in range(12):
        page.wait_for_timeout(700)
        for name, values in figures.items():
            values.append(page.evaluate("name => window.tenere[name]", name))
    medians = {name: round(statistics.median(values), 2) for name, values in figures.items()}
    medians["frameBytes"] = page.evaluate("() => window.tenere.frameBytes")
    for name, value in medians.items():
        record_property(name, value)
    with capsys.disabled():
        print(f"\n20,000 tracks, JavaScript medians: {medians}")  # noqa: T201 - a figure to record
    assert page.evaluate("() => window.tenere.drawn") > 10_000
    assert 100 < page.evaluate("() => window.tenere.labels") <= 220
    assert page.locator("#list .row").count() <= 150
    assert page.errors == []


def test_without_webgl_the_lists_remain(driver, fake):
    browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-3d-apis"])
    try:
        page = browser.new_page(locale="en-GB")
        page.errors = []
        page.on("pageerror", lambda e: page.errors.append(str(e)))
        page.goto(fake.url)
        until(page, "() => window.tenere && window.tenere.tracks >= 70")
        assert page.evaluate("() => window.tenere.webgl") is False
        assert "WebGL2" in page.inner_text("#banner")
        until(page, "() => document.querySelectorAll('#list .row:not([hidden])').length >= 70")
        assert page.locator("#alerts .alert").count() == 3
        assert page.errors == []
    finally:
        browser.close()

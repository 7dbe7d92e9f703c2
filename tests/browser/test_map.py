"""The map as a person uses it: turned, in true ranges, measured, with rings and layers and their own data."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from browsing import CHROMIUM, FLAGS, pixels, until
from own_tiles import pmtiles, vector_tile

from tenere.geo.geodesic import between

pytestmark = pytest.mark.browser

ALIVE = "n => window.tenere && window.tenere.tracks >= n && window.tenere.frames >= 2"
TOOL = (0xE8, 0xC0, 0x7A)
OWN = (0xC8, 0x9B, 0xFF)
NIAMEY = (13.48, 2.18)
AGADEZ = (16.97, 8.0)


def opened(page, server, where="", lang="en"):
    page.goto(f"{server.url}?lang={lang}{where}")
    until(page, ALIVE, argument=70)
    until(page, "() => document.querySelector('.foot .at')?.textContent")


def place(page, lat, lon):
    return page.evaluate("p => window.tenere.pixelOfPlace(...p)", [lat, lon])


def line(a, b):
    """Return length in metres and bearing in degrees from one place to another, as the server's geodesics have it."""
    metres, bearing = between(*np.radians([*a, *b]))
    return float(metres), float(np.degrees(bearing)) % 360


def seen(page, colour, clip=None, near=14):
    """Return how many pixels of the map have a colour."""
    image = pixels(page.screenshot(clip=clip or {"x": 0, "y": 60, "width": 1040, "height": 780})).astype(int)
    return int((np.abs(image - np.array(colour)).max(axis=2) < near).sum())


def comes(page, colour, *, least=0, most=10**9):
    """Wait until the map has so many pixels of a colour: a slow machine takes its time to draw."""
    for _ in range(40):
        found = seen(page, colour)
        if least <= found <= most:
            return
        page.wait_for_timeout(250)
    pytest.fail(f"{found} pixels of {colour}, wanted {least} to {most}")


def angle(a, b):
    """Return the direction from one point of the screen to another, degrees clockwise from up."""
    return math.degrees(math.atan2(b[0] - a[0], a[1] - b[1])) % 360


def test_the_map_turns_and_the_compass_turns_it_back(page, calm):
    opened(page, calm)
    east = (16.5, 11.0)
    assert angle(place(page, 16.5, 8.2), place(page, *east)) == pytest.approx(90, abs=1)
    assert page.get_attribute(".foot .compass", "aria-label") == "North is up"
    for _ in range(2):
        page.keyboard.press("Shift+KeyE")
        page.wait_for_timeout(400)
    until(page, "() => document.querySelector('.foot .up').textContent === '030°'")
    assert angle(place(page, 16.5, 8.2), place(page, *east)) == pytest.approx(60, abs=1)
    until(page, "() => location.hash.includes('bearing=30')")
    assert "030°" in page.get_attribute(".foot .compass", "aria-label")
    number = page.evaluate("() => window.tenere.numbers().find(n => window.tenere.pixelOf(n))")
    page.click(".foot .compass")
    until(page, "() => document.querySelector('.foot .up').textContent === ''")
    page.keyboard.press("Shift+KeyQ")
    until(page, "() => document.querySelector('.foot .up').textContent === '345°'")
    page.keyboard.press("KeyN")
    until(page, "() => !location.hash.includes('bearing')")
    assert page.evaluate("n => window.tenere.pixelOf(n)", number)
    assert page.errors == []


def test_a_track_is_clicked_where_it_is_drawn_on_a_turned_map(page, calm):
    opened(page, calm, "#7/16.5/8.2;bearing=140")
    number = until(
        page,
        """() => { const t = window.tenere, box = document.querySelector('#map').getBoundingClientRect();
        const at = t.numbers().map(n => [n, t.pixelOf(n)]).filter(([, p]) => p && p[0] > 60 && p[0] < 700 && p[1] > 120 && p[1] < 640);
        const lone = at.find(([n, p]) => at.every(([m, q]) => m === n || Math.hypot(p[0] - q[0], p[1] - q[1]) > 40));
        return lone?.[0]; }""",
    )
    x, y = page.evaluate("n => window.tenere.pixelOf(n)", number)
    page.mouse.click(x, y)
    until(page, "n => location.hash.split(';')[0].endsWith('/' + n)", argument=number)
    assert page.errors == []


SLOW = """(() => { const next = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (then) => next(() => setTimeout(() => then(performance.now()), 60)); })()"""
CARRIED = "() => ['#tracks', '.maplibregl-canvas'].map((what) => document.querySelector(what).style.transform)"


def test_on_a_slow_machine_what_was_drawn_is_carried_with_the_hand_and_drawn_anew_at_rest(page, calm):
    page.add_init_script(SLOW)
    opened(page, calm)
    begun = place(page, 16.5, 8.2)
    assert page.evaluate(CARRIED) == ["", ""]
    page.mouse.move(400, 500)
    page.mouse.down()
    found, together = set(), 0
    for k in range(60):
        page.mouse.move(400 + 2 * k, 500 + k)
        page.wait_for_timeout(20)
        tracks, ground = page.evaluate(CARRIED)
        found |= {("tracks", bool(tracks)), ("ground", bool(ground))}
        together += bool(tracks and ground)
    assert page.evaluate("() => window.tenere.gapMs") > 100
    assert found == {("tracks", False), ("tracks", True), ("ground", False), ("ground", True)}
    assert together > 3, "tracks and ground were hardly ever carried in one frame"
    page.wait_for_timeout(400)  # the hand stands still before it lets go: the map must not glide on
    moved = np.subtract(place(page, 16.5, 8.2), begun)
    assert moved == pytest.approx([118, 59], abs=6), "the map does not follow the hand"
    page.mouse.up()
    until(page, f"() => ({CARRIED})().every((transform) => transform === '')")
    assert page.errors == []


def test_true_ranges_show_true_distances_and_bearings(page, calm):
    opened(page, calm)
    page.keyboard.press("KeyV")
    until(page, "() => window.tenere.plane === 'range'")
    until(page, "() => document.querySelectorAll('.foot .beside option').length > 3")
    page.select_option(".foot .beside select", label="NIM-R")
    until(page, "() => location.hash.includes('range=13.48')")
    centre = place(page, *NIAMEY)
    per_metre = math.dist(centre, place(page, 14.48, 2.18)) / line(NIAMEY, (14.48, 2.18))[0]
    for there in (AGADEZ, (13.48, 1.18), (22.5, 11.0), (0.0, 2.0), (13.0, 40.0)):
        metres, bearing = line(NIAMEY, there)
        assert math.dist(centre, place(page, *there)) / per_metre == pytest.approx(metres, rel=1e-6)
        assert angle(centre, place(page, *there)) == pytest.approx(bearing, abs=1e-3)
    far = place(page, *AGADEZ)
    assert page.get_attribute(".foot .tools button:nth-of-type(2)", "aria-pressed") == "true"
    page.mouse.move(*far)
    until(page, "() => document.querySelector('.foot .from').textContent.includes('from NIM-R')")
    told = page.inner_text(".foot .from")
    assert told.startswith("058°")
    assert float(told.split()[1]) == pytest.approx(line(NIAMEY, AGADEZ)[0] / 1852, abs=1.5)
    drawn = page.evaluate("() => window.tenere.drawn")
    page.mouse.wheel(0, -400)
    until(page, "() => window.tenere.zoom() > 6")
    page.mouse.move(500, 400)
    page.mouse.down()
    page.mouse.move(620, 470, steps=5)
    page.mouse.up()
    until(page, "n => window.tenere.drawn !== n", argument=drawn)
    page.reload()
    until(page, "() => window.tenere?.plane === 'range'")
    until(page, "() => document.querySelector('.foot .beside select')?.selectedOptions[0]?.textContent === 'NIM-R'")
    page.keyboard.press("KeyV")
    until(page, "() => window.tenere.plane === 'mercator' && !location.hash.includes('range')")
    assert page.errors == []


def test_measuring_by_mouse(page, calm):
    opened(page, calm)
    page.click("#list .row:has-text('AFR703')")
    page.click("#track .close")
    page.click(".foot button:has-text('Measure')")
    page.mouse.click(*place(page, *NIAMEY))
    page.mouse.move(*place(page, 15.0, 5.0), steps=3)
    page.mouse.click(*place(page, *AGADEZ))
    until(page, "() => document.querySelector('.told').textContent.includes('NM')")
    told = page.inner_text(".told")
    distance, bearings = told.split(" · ")[:2]
    metres = line(NIAMEY, AGADEZ)[0]
    assert float(distance.split()[0]) == pytest.approx(metres / 1852, abs=1.5)  # the pointer stands on whole pixels
    assert float(distance.split()[2]) == pytest.approx(metres / 1000, abs=3)
    assert bearings in ("057° / 239°", "058° / 239°")
    comes(page, TOOL, least=300)
    page.keyboard.press("Escape")
    until(page, "() => document.querySelector('.told').textContent === ''")
    comes(page, TOOL, most=40)
    assert page.errors == []


def test_measuring_by_keyboard_and_in_true_ranges(page, calm):
    opened(page, calm, "#6/14/5")
    page.keyboard.press("KeyV")
    until(page, "() => window.tenere.plane === 'range'")
    page.keyboard.press("KeyM")
    page.keyboard.press("Enter")
    assert "Enter" in page.inner_text(".told")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    until(page, "() => document.querySelector('.told').textContent.includes('NM')")
    # 240 px at zoom 6, in the plane about the site at 16.5 N: 1 px is 40075 km / 512 / 64 x cos(16.5 degrees) = 1.1726 km
    assert float(page.inner_text(".told").split()[0]) == pytest.approx(240 * 1172.6 / 1852, rel=0.02)
    assert page.errors == []


def test_rings_follow_a_track_and_a_place(page, calm):
    opened(page, calm)
    page.click("#list .row:has-text('AFR703')")
    page.click("#track .close")
    page.click("#list .row:has-text('AFR703')")
    page.keyboard.press("KeyR")
    until(page, "() => !document.querySelector('.ringbox').hidden")
    assert page.input_value(".ringbox select >> nth=0") == "track"
    page.select_option(".ringbox select >> nth=1", "50")
    page.fill(".ringbox input[type=number]", "45")
    comes(page, TOOL, least=60)
    page.select_option(".ringbox select >> nth=0", "pick")
    page.mouse.click(*place(page, 15.0, 13.0))
    until(page, "() => document.querySelector('.told').textContent === ''")
    page.click(".ringbox button")
    until(page, "() => document.querySelector('.ringbox').hidden")
    comes(page, TOOL, most=40)
    assert page.errors == []


def test_the_place_is_written_in_every_form_and_the_form_is_kept(page, calm):
    opened(page, calm)
    page.mouse.move(*place(page, *NIAMEY))
    until(page, "() => document.querySelector('.foot .at').textContent.startsWith('13°2')")
    found = []
    for _ in range(3):
        page.keyboard.press("KeyG")
        found.append(page.inner_text(".foot .at"))
    assert found[0].startswith("13.4")
    assert found[1].startswith("31P ")
    assert found[2].startswith("NGCP ")  # 0 to 15 E, 0 to 15 N; 2 E, 13 N
    page.reload()
    until(page, "() => /^[A-Z]{4} \\d{3} \\d{3}/.test(document.querySelector('.foot .at')?.textContent ?? '')")


@pytest.mark.parametrize("fake", [("--bare", "--shaded")], indirect=True)
def test_layers_are_switched_and_kept(page, fake):
    opened(page, fake)
    page.keyboard.press("Shift+KeyY")
    until(page, "() => document.querySelector(\"[data-key='terrain']\")")
    clip = {"x": 300, "y": 120, "width": 500, "height": 500}
    page.click("[data-key=labels]")
    until(page, "() => window.tenere.labels <= 3")
    before = pixels(page.screenshot(clip=clip)).astype(int)
    page.focus("[data-key=sensors]")
    page.keyboard.press("Space")
    assert page.get_attribute("[data-key=sensors]", "aria-checked") == "false"
    page.click("[data-key=terrain]")
    page.wait_for_timeout(900)
    after = pixels(page.screenshot(clip=clip)).astype(int)
    assert (np.abs(before - after).max(axis=2) > 3).mean() > 0.05, "shading and rings are gone"
    page.reload()
    until(page, "() => document.querySelector(\"[data-key='sensors']\")?.getAttribute('aria-checked') === 'false'")
    assert page.errors == []


def square(lat, lon, half=1.0):
    ring = [[lon + a * half, lat + b * half] for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def test_own_geojson_is_drawn_in_both_planes_and_leaves_with_the_page(page, calm):
    opened(page, calm)
    page.click("#tab-layers")
    assert seen(page, OWN) < 40
    good = json.dumps({"type": "FeatureCollection", "features": [square(20.0, 10.0)]}).encode()
    page.set_input_files("input[type=file]", files=[{"name": "box.geojson", "mimeType": "application/json", "buffer": good}])
    until(page, "() => document.querySelector('.layers .said').textContent === 'box.geojson: 1 features'")
    until(page, "() => document.querySelector('#tab-layers .shown').textContent === '+1'")
    comes(page, OWN, least=500)
    page.keyboard.press("KeyV")
    until(page, "() => window.tenere.plane === 'range'")
    comes(page, OWN, least=500)
    page.click("[data-key='own-1']")
    comes(page, OWN, most=40)
    page.click("[data-key='no own-1']")
    assert page.locator("[data-key='own-1']").count() == 0
    page.reload()
    until(page, ALIVE, argument=70)
    assert page.locator("[data-key^='own']").count() == 0
    assert page.errors == []


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.geojson", b"{", "not JSON"),
        ("b.json", b'{"type":"Topology"}', "not GeoJSON"),
        ("c.geojson", b'{"type":"Point","coordinates":[500000,4200000]}', "not longitude and latitude in degrees ([500000,4200000])"),
        ("d.pmtiles", b"PMTiles?", "not a PMTiles file"),
    ],
)
def test_a_file_that_is_none_is_refused_by_its_reason(page, calm, name, content, says):
    opened(page, calm)
    page.click("#tab-layers")
    page.set_input_files("input[type=file]", files=[{"name": name, "mimeType": "application/octet-stream", "buffer": content}])
    until(page, "() => document.querySelector('.layers .said.bad')")
    assert says in page.inner_text(".layers .said")
    assert page.inner_text(".layers .said").startswith(name)
    assert page.errors == []


def test_own_tiles_are_drawn_and_no_request_leaves_the_server(page, calm):
    opened(page, calm)
    page.click("#tab-layers")
    # x 0.5 to 0.56 of the world and y 0.44 to 0.5: 0 to 21.6 E, 0 to 21.3 N
    content = pmtiles(vector_tile("zone", [(2048, 1802), (2294, 1802), (2294, 2048), (2048, 2048)]), "zone")
    image = pixels(page.screenshot(clip={"x": 400, "y": 250, "width": 200, "height": 200})).astype(int)
    before = float(np.median(image[:, :, 2] - image[:, :, 1]))
    page.set_input_files("input[type=file]", files=[{"name": "zone.pmtiles", "mimeType": "application/octet-stream", "buffer": content}])
    until(page, "() => document.querySelector('.layers .said').textContent.includes('zone.pmtiles: map tiles')")

    def tint():
        image = pixels(page.screenshot(clip={"x": 400, "y": 250, "width": 200, "height": 200})).astype(int)
        return float(np.median(image[:, :, 2] - image[:, :, 1]))

    for _ in range(40):
        if tint() > before + 4:
            break
        page.wait_for_timeout(250)
    assert tint() > before + 4, "the ground is not tinted"
    page.click("[data-key='no own-1']")
    page.wait_for_timeout(500)
    host = calm.url.split("://")[1]
    gone = [u for u in page.requests if not u.startswith(("blob:", "data:")) and u.split("://")[1].split("/")[0] + "/" != host]
    assert gone == []
    assert page.errors == []


def test_without_webgl_the_map_is_drawn_on_a_canvas(driver, calm):
    browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-3d-apis"])
    try:
        page = browser.new_page(locale="en-GB", viewport={"width": 1400, "height": 850})
        page.errors = []
        page.on("pageerror", lambda e: page.errors.append(str(e)))
        opened(page, calm)
        assert page.evaluate("() => window.tenere.webgl") is False
        until(page, "() => window.tenere.drawn > 40")
        comes(page, (0x6F, 0xE3, 0xA1), least=100)  # neutral symbols
        comes(page, (0x66, 0x76, 0x8A), least=200)  # the country's border
        x, y = page.evaluate("() => window.tenere.pixelOf(1001)")
        page.mouse.click(x, y)
        until(page, "() => location.hash.split(';')[0].endsWith('/1001')")
        zoom = page.evaluate("() => window.tenere.zoom()")
        page.focus("#map canvas.plain")
        page.keyboard.press("+")
        until(page, "z => window.tenere.zoom() > z + 0.9", argument=zoom)
        page.keyboard.press("KeyV")
        until(page, "() => window.tenere.plane === 'range'")
        page.keyboard.press("KeyV")
        until(page, "() => window.tenere.plane === 'mercator'")
        page.keyboard.press("KeyC")
        page.wait_for_timeout(1000)
        assert page.errors == []
    finally:
        browser.close()


def test_the_map_speaks_french(page, calm):
    opened(page, calm, lang="fr")
    assert page.inner_text(".foot .tools").split("\n") == ["Distances vraies", "Mesurer", "Cercles de distance"]
    page.click("#tab-layers")
    text = page.inner_text("#panel-layers")
    for words in ("Fleuves et lacs", "Capteurs et leurs cercles", "Vos propres données".upper(), "Ouvrir un fichier"):
        assert words in text

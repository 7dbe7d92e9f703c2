"""What an operator's fingers, ears and eyes rely on: keys, sound, taking back, themes, the address, Hausa's letters."""

from __future__ import annotations

import json
import urllib.request

import numpy as np
import pytest
from browsing import pixels, until

pytestmark = pytest.mark.browser

ALIVE = "n => window.tenere && window.tenere.tracks >= n && window.tenere.frames >= 2"
# Playwright's own evaluations count as a person's touch: here only a real one lets the page sound, as browsers hold it.
HEARD = """(() => { window.heard = []; let touched = false;
  for (const event of ['pointerdown', 'keydown']) addEventListener(event, () => { touched = true; }, { capture: true });
  const state = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'state').get;
  Object.defineProperty(AudioContext.prototype, 'state', { get() { return touched ? state.call(this) : 'suspended'; } });
  const begin = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { window.heard.push(this.frequency.value); return begin.call(this, at); }; })()"""
EMERGENCY_HZ, WARNING_HZ, CAUTION_HZ = {880, 1320}, {740, 990}, {660}


def opened(page, server, query="lang=en", more=""):
    page.goto(f"{server.url}?{query}{more}")
    until(page, ALIVE, argument=70)


def raised(server, severity):
    """Have the made-up site raise a new alert."""
    urllib.request.urlopen(server.url + f"made/alert/{severity}", data=b"", timeout=10).close()


def test_the_map_is_moved_and_zoomed_by_tar1090s_keys(page, fake):
    opened(page, fake, more="#6/14/5")
    where = "() => location.hash.split(';')[0].slice(1).split('/').slice(0, 3).map(Number)"
    until(page, "() => Math.abs(window.tenere.zoom() - 6) < 0.01")
    for key, axis, sign in (("w", 1, 1), ("s", 1, -1), ("d", 2, 1), ("a", 2, -1), ("e", 0, 1), ("q", 0, -1)):
        before = page.evaluate(where)
        page.keyboard.press(key)
        until(
            page,
            "a => (location.hash.split(';')[0].slice(1).split('/').map(Number)[a[0]] - a[1]) * a[2] > 0.1",
            argument=[axis, before[axis], sign],
        )


def test_alerts_are_taken_in_hand_and_acknowledged_by_key(page, fake):
    opened(page, fake)
    page.keyboard.press("t")
    assert "No alert is in hand" in page.inner_text("#banner")
    page.keyboard.press("u")
    assert page.get_attribute("#alerts [aria-current=true]", "data-alert") == "1"
    until(page, "() => document.querySelector('#track .name')?.textContent === 'DAH5230'")
    page.keyboard.press("u")
    page.keyboard.press("Shift+U")
    assert page.get_attribute("#alerts [aria-current=true]", "data-alert") == "1"
    page.keyboard.press("t")
    until(page, "() => document.querySelector('[data-alert=\"1\"] .by')?.textContent.includes('acknowledged')")
    assert page.evaluate("() => document.activeElement.closest('[data-alert]').dataset.alert") == "1", "the keyboard stays there"
    page.keyboard.press("z")
    until(page, "() => document.querySelector('#banner').textContent.includes('This cannot be taken back: acknowledged: DAH5230')")
    page.keyboard.press("c")
    assert page.locator("#track").is_hidden()


def test_what_was_done_is_taken_back_by_button_and_by_key(page, fake):
    opened(page, fake)
    page.keyboard.press("z")
    assert "nothing to take back" in page.inner_text("#banner")
    card = "#alerts [data-alert='2']"
    for how in ("button", "key"):
        page.focus(f"{card} .what")
        page.click(f"{card} .what")
        page.keyboard.press("Shift+T")
        page.wait_for_selector("#alert-actions[open]")
        page.keyboard.type("rehearsed z")
        page.click("#alert-actions [data-minutes='30']")
        until(page, "c => /suppressed until/.test(document.querySelector(c).textContent)", argument=card)
        if how == "button":
            page.click("#banner button:has-text('Take back')")
        else:
            page.keyboard.press("z")
        until(page, "() => document.querySelector('#banner').textContent.includes('Taken back: suppressed: ')")
        until(page, "c => !/suppressed until/.test(document.querySelector(c).textContent)", argument=card)
        page.wait_for_timeout(300)
        assert page.locator("#banner button").count() == 0, "it is taken back once"
    assert page.errors == []


def test_tracks_tabs_and_filter_by_key(page, fake):
    opened(page, fake)
    page.keyboard.press("3")
    assert page.get_attribute("#tab-sensors", "aria-selected") == "true"
    page.keyboard.press("j")
    assert page.get_attribute("#tab-tracks", "aria-selected") == "true"
    first = page.inner_text("#list .row.selected .name")
    page.keyboard.press("j")
    assert page.inner_text("#list .row.selected .name") != first
    page.keyboard.press("k")
    assert page.inner_text("#list .row.selected .name") == first
    page.focus("#list .filter")
    page.keyboard.type("UNO612")
    until(page, "() => document.querySelectorAll('#list .row:not([hidden])').length === 1")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.inner_text("#list .row.selected .name") == "UNO612"


def test_the_keyboard_goes_everywhere_and_comes_back(page, fake):
    opened(page, fake)
    at = "() => ['header', 'map', 'alerts', 'panels'].find(id => document.getElementById(id).contains(document.activeElement))"
    seen = []
    for _ in range(4):
        page.keyboard.press("F6")
        seen.append(page.evaluate(at))
    assert seen == ["header", "map", "alerts", "panels"]
    page.focus("#header .theme")
    page.keyboard.press("?")
    assert page.evaluate("() => document.activeElement.id") == "help"
    text = page.inner_text("#help")
    shapes = page.evaluate(
        "() => [...document.querySelectorAll('#help .signs path')].map(p => p.getAttribute('d') + p.getAttribute('stroke-dasharray'))"
    )
    assert len(set(shapes)) == len(shapes) == 6, "identities differ in shape, not in colour alone"
    for group in ("MAP", "TRACKS", "ALERTS", "PANELS", "PAGE"):
        assert group in text.upper()
    for words in ("take the next alert in hand", "take back what you did last", "coverage on or off"):
        assert words in text
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.className") == "theme"
    page.keyboard.press("Shift+S")
    page.wait_for_selector("#sound[open]")
    page.keyboard.press("b")
    assert page.evaluate("() => document.documentElement.dataset.theme") == "night", "a dialog keeps its keys"
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.className") == "theme"
    stops = set()
    for _ in range(400):  # no trap: tabbing leaves and comes round
        page.keyboard.press("Tab")
        stops.add(page.evaluate(at))
    assert {"header", "map", "alerts", "panels"} <= stops


def test_every_key_of_the_help_has_words_in_both_languages(page, fake):
    opened(page, fake)
    page.keyboard.press("?")
    english = page.locator("#help dd").all_inner_texts()
    page.keyboard.press("Shift+L")
    until(page, "() => document.documentElement.lang === 'fr'")
    french = page.locator("#help dd").all_inner_texts()
    assert len(english) == len(french) >= 25
    assert all(a != b for a, b in zip(english, french, strict=True))
    assert "lang=fr" in page.url


def test_single_keys_can_be_switched_off(page, fake):
    opened(page, fake)
    page.click("#header .help")
    page.uncheck("#help input[type=checkbox]")
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()
    page.keyboard.press("b")
    assert page.evaluate("() => document.documentElement.dataset.theme") == "night"
    page.reload()
    until(page, ALIVE, argument=70)
    page.keyboard.press("b")
    assert page.evaluate("() => document.documentElement.dataset.theme") == "night"


def test_only_new_alerts_sound_and_an_emergency_until_acknowledged(page, fake):
    page.add_init_script(HEARD)
    opened(page, fake)
    assert "Sound is off until you click" in page.inner_text("#banner")
    assert page.inner_text("#header .sound").strip() == "silent"
    page.click("#banner button:has-text('Turn it on')")
    until(page, "() => document.querySelector('#header .sound').dataset.state === 'on'")
    assert "Sound is off" not in page.inner_text("#banner")
    page.wait_for_timeout(2500)
    assert page.evaluate("() => window.heard") == [], "an emergency that was there before the page is not sounded"
    raised(fake, "caution")
    until(page, "() => window.heard.length > 0")
    page.wait_for_timeout(2000)
    assert page.evaluate("() => window.heard") == [660], "once"
    raised(fake, "emergency")
    until(page, "() => window.heard.filter(hz => hz === 880).length >= 6")
    page.keyboard.press("u")
    for alert in (1, 5):
        page.click(f"#alerts [data-alert='{alert}'] .acknowledge")
    until(page, "() => !document.querySelector('#alerts .alert.emergency .acknowledge')")
    page.wait_for_timeout(1500)
    count = page.evaluate("() => window.heard.length")
    page.wait_for_timeout(4000)
    assert page.evaluate("() => window.heard.length") == count


def test_muted_hears_emergencies_alone_and_says_so(page, fake):
    page.add_init_script(HEARD)
    opened(page, fake)
    page.keyboard.press("Shift+M")
    until(page, "() => document.querySelector('#header .sound').dataset.state === 'muted'")
    assert "Emergencies are heard all the same" in page.inner_text("#banner")
    raised(fake, "warning")
    until(page, "() => document.querySelectorAll('#alerts .alert').length === 4")
    page.wait_for_timeout(1500)
    assert page.evaluate("() => window.heard") == []
    raised(fake, "emergency")
    until(page, "() => window.heard.includes(1320)")
    page.click("#header .sound")
    page.uncheck("#sound input[type=checkbox]")
    assert "not even an emergency" in page.inner_text("#sound .state")
    assert page.get_attribute("#header .sound", "data-state") == "off"
    page.evaluate("() => { window.heard = []; }")
    page.click("#sound [data-test=warning]")
    until(page, "() => window.heard.length === 3")
    assert set(page.evaluate("() => window.heard")) == WARNING_HZ


def test_themes_are_kept_and_colour_the_map(page, fake):
    opened(page, fake, more="#5/20/10")
    clip = {"x": 300, "y": 100, "width": 500, "height": 500}
    assert np.median(pixels(page.screenshot(clip=clip)).max(axis=2)) < 40
    page.keyboard.press("b")
    until(page, "() => document.documentElement.dataset.theme === 'day'")
    page.wait_for_timeout(1200)
    assert np.median(pixels(page.screenshot(clip=clip)).min(axis=2)) > 200
    assert "theme" not in page.url, "colours are the room's, not the view's"
    page.reload()
    until(page, ALIVE, argument=70)
    assert page.evaluate("() => document.documentElement.dataset.theme") == "day"
    page.keyboard.press("b")
    page.emulate_media(color_scheme="dark")
    until(page, "() => document.documentElement.dataset.theme === 'night'")
    page.emulate_media(color_scheme="light")
    until(page, "() => document.documentElement.dataset.theme === 'day'")
    assert page.errors == []


def test_the_address_holds_the_panel_in_front(page, fake):
    opened(page, fake)
    page.click("#tab-sensors")
    until(page, "() => location.hash.includes('panel=sensors')")
    address = page.url
    page.click("#tab-tracks")
    page.goto("about:blank")
    page.goto(address)
    until(page, ALIVE, argument=70)
    assert page.get_attribute("#tab-sensors", "aria-selected") == "true"


def test_hausas_letters_are_in_the_fonts_and_what_is_not_translated_is_english(page, fake):
    opened(page, fake, query="lang=ha")
    assert page.get_attribute("html", "lang") == "ha"
    until(page, "() => document.querySelector('#alerts').textContent.includes('gargaɗi')")
    assert page.inner_text("#header .mode") == "EXERCISE"
    assert "emergency" in page.inner_text("#alerts [data-alert='1'] .text")
    drawn = page.evaluate(
        """letters => { const font = getComputedStyle(document.body).fontFamily;
          const draw = text => { const c = document.createElement('canvas'); c.width = c.height = 48; const g = c.getContext('2d');
            g.font = '32px ' + font; g.fillText(text, 6, 36);
            return [...g.getImageData(0, 0, 48, 48).data].filter((_, i) => i % 4 === 3).join(); };
          return Object.fromEntries([...letters, '\\uffff', '\\u{10fffe}', ' '].map(l => [l, draw(l)])); }""",
        "ɓɗƙƴƁƊƘƳbdky",
    )
    missing = {drawn["\uffff"], drawn["\U0010fffe"], drawn[" "]}
    letters = [drawn[letter] for letter in "ɓɗƙƴƁƊƘƳ"]
    assert not missing & set(letters), "a letter is drawn as the box for what the font has not"
    assert len({*letters, *(drawn[letter] for letter in "bdky")}) == 12, "each is its own"
    assert json.dumps(page.locator("#header .languages button").all_inner_texts()) == '["EN", "FR"]', "it is not offered yet"

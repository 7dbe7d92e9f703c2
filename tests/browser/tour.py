"""A supervisor's way through the page, with the keyboard alone or with the mouse alone: what both must be able to do.

Signing in, finding a flight by its callsign, reading why it is what it is, acknowledging an alert, drawing and activating a zone, looking
ten minutes back, and returning to the live picture. By mouse alone, text comes as it does from a screen keyboard or a password manager: put
into the field that was clicked, with no key pressed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from browsing import PASSWORD, until

if TYPE_CHECKING:
    from collections.abc import Callable

ALIVE = "() => window.tenere && window.tenere.tracks >= 20 && window.tenere.frames >= 2"
SELECTED = "n => document.querySelector('#track .name')?.textContent.includes(n)"
REASONED = "w => document.querySelector('#track .reasons')?.innerText.toUpperCase().includes(w)"
ACKNOWLEDGED = "() => document.querySelectorAll('#alerts .alert .by').length"
NAMES = "n => [...document.querySelectorAll('#airspace .volume')].some(v => v.querySelector('b')?.textContent === n)"
FOCUSED = "([tag, name]) => document.activeElement.matches(tag) && (!name || document.activeElement.name === name)"
PAST = "() => document.querySelector('#view').classList.contains('past')"
BACK_S = 600
WORDS = {
    "en": {"for": "For", "plan": "flight plan", "acknowledged": "acknowledged", "active": "active, by sara", "past": "PAST · NOT LIVE"},
    "fr": {"for": "Pour", "plan": "plan de vol", "acknowledged": "acquittée", "active": "actif, par sara", "past": "PASSÉ · PAS EN DIRECT"},
}
STOPS = ("signin", "found", "why", "acknowledged", "zone", "past", "live")


class Tour:
    """The stops of the tour; what is done at each by keys or by mouse is a subclass's."""

    how: ClassVar[str]

    def __init__(self, page, url: str, lang: str, flight: str, seen: Callable[[str], object] = lambda _: None) -> None:
        """Tour a served picture; flight: a callsign that is followed; seen is called with the name of each stop once it is reached."""
        self.page, self.url, self.lang, self.flight, self.seen = page, url, lang, flight, seen
        self.words = WORDS[lang]
        self.zone = f"Zone {self.how} {lang}"

    def go(self) -> None:
        """Make the tour; fail where a stop is not what it must be."""
        page = self.page
        page.goto(f"{self.url}?lang={self.lang}")
        page.wait_for_selector("#signin[open]")
        self.seen("signin")
        self.sign_in()
        until(page, ALIVE)
        page.wait_for_timeout(1500)
        self.clock_in_view()
        self.find()
        until(page, SELECTED, argument=self.flight)
        self.seen("found")
        for word in (self.words["for"], self.words["plan"]):
            until(page, REASONED, argument=word.upper())
        self.read()
        self.seen("why")
        before = page.evaluate(ACKNOWLEDGED)
        self.acknowledge()
        until(page, f"n => ({ACKNOWLEDGED})() === n + 1", argument=before)
        assert self.words["acknowledged"] in page.inner_text("#alerts")
        self.seen("acknowledged")
        self.draw()
        until(page, NAMES, argument=self.zone)
        until(page, "w => document.querySelector('#airspace').textContent.includes(w)", argument=self.words["active"])
        page.wait_for_timeout(1200)
        self.seen("zone")
        now = page.evaluate("() => window.tenere.time")
        self.back()
        until(page, "s => Math.abs(window.tenere.frameTime - s) <= 60", argument=now - BACK_S)
        assert self.words["past"] in page.inner_text("#ribbon")
        self.clock_in_view()
        assert re.search(r";past=\d+", page.evaluate("() => location.hash")) or until(page, "() => /;past=/.test(location.hash)")
        self.seen("past")
        self.live()
        until(page, f"() => !({PAST})()")
        until(page, "s => window.tenere.frameTime >= s", argument=now)
        self.seen("live")

    def clock_in_view(self) -> None:
        """Fail where the header has no room for the time."""
        right = self.page.evaluate("() => document.querySelector('#header .time').getBoundingClientRect().right")
        assert right <= self.page.viewport_size["width"]

    def sign_in(self) -> None:
        raise NotImplementedError

    def find(self) -> None:
        raise NotImplementedError

    def read(self) -> None:
        raise NotImplementedError

    def acknowledge(self) -> None:
        raise NotImplementedError

    def draw(self) -> None:
        raise NotImplementedError

    def back(self) -> None:
        raise NotImplementedError

    def live(self) -> None:
        raise NotImplementedError


class ByKeyboard(Tour):
    how = "keys"

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def sign_in(self) -> None:
        self.page.keyboard.type("sara")
        self.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.press("Enter")

    def find(self) -> None:
        self.press("/")
        self.page.keyboard.type(self.flight)
        until(self.page, "n => document.querySelectorAll('#list .row:not([hidden])').length === n", argument=1)
        self.press("Enter")

    def read(self) -> None:
        for _ in range(8):  # from part to part of the page
            self.press("F6")
            if self.page.evaluate("() => document.activeElement.closest('#track') !== null"):
                break
        assert self.page.evaluate("() => document.activeElement.closest('#track') !== null")
        self.press("PageDown")

    def acknowledge(self) -> None:
        self.press("KeyU")
        for _ in range(10):
            if self.page.evaluate("() => document.activeElement.closest('.alert')?.querySelector('.acknowledge') != null"):
                break
            self.press("KeyU")
        self.press("KeyT")

    def draw(self) -> None:
        self.press("Shift+KeyZ")
        until(self.page, "() => document.activeElement.classList.contains('crosshair')")
        for keys in ("", "ArrowRight " * 6, "ArrowDown " * 5, "ArrowLeft " * 6):
            self.press(*keys.split(), "Enter")
        until(self.page, "() => window.tenere.airspace.corners === 4")
        self.press("Enter")  # twice at one place ends it
        until(self.page, FOCUSED, argument=["input", "name"])
        self.page.keyboard.type(self.zone)
        for _ in range(40):
            self.press("Tab")
            if self.page.evaluate("() => document.activeElement.classList.contains('activate')"):
                break
        self.press("Enter")

    def back(self) -> None:
        self.press("KeyP")
        until(self.page, PAST)
        self.press(*["Shift+ArrowLeft"] * 9)

    def live(self) -> None:
        self.press("Escape")


class ByMouse(Tour):
    how = "mouse"

    def put(self, selector: str, text: str) -> None:
        self.page.click(selector)
        self.page.keyboard.insert_text(text)

    def sign_in(self) -> None:
        self.put("#signin [name=name]", "sara")
        self.put("#signin [name=password]", PASSWORD)
        self.page.click("#signin [type=submit]")

    def find(self) -> None:
        self.put("#list .filter", self.flight)
        until(self.page, "n => document.querySelectorAll('#list .row:not([hidden])').length === n", argument=1)
        self.page.click("#list .row:not([hidden])")

    def read(self) -> None:
        box = self.page.locator("#track").bounding_box()
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.wheel(0, 200)

    def acknowledge(self) -> None:
        self.page.click("#alerts .alert .acknowledge >> nth=0")

    def draw(self) -> None:
        page = self.page
        page.click("#track .close")
        page.click("#tab-airspace")
        page.click("#airspace .draw-polygon")
        for x, y in ((430, 300), (560, 310), (550, 430), (440, 440)):
            page.mouse.click(x, y)
        until(page, "() => window.tenere.airspace.corners === 4")
        page.mouse.click(430, 300)  # the first corner again closes it
        until(page, FOCUSED, argument=["input", "name"])
        self.put("#airspace form [name=name]", self.zone)
        page.click("#airspace .activate")

    def back(self) -> None:
        page = self.page
        page.click("#past .enter")
        until(page, PAST)
        until(page, "() => !document.querySelector('#past .slider').disabled")
        for _ in range(9):
            page.click("#past [data-by='-60']")

    def live(self) -> None:
        self.page.click("#past .live")

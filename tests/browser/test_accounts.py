"""Signing in, and working an alert, as an operator does it: in a real browser on a real server."""

from __future__ import annotations

import re

import pytest
from browsing import PASSWORD, until

pytestmark = pytest.mark.browser

ALIVE = "n => window.tenere && window.tenere.tracks >= n && window.tenere.frames >= 2"


def sign_in(page, name, password=PASSWORD):
    page.fill("#signin [name=name]", name)
    page.fill("#signin [name=password]", password)
    page.keyboard.press("Enter")


def real(errors):
    """Leave out what the browser itself says of a refusal."""
    return [e for e in errors if "Failed to load resource" not in e]


def test_nothing_is_shown_before_somebody_signs_in_and_nothing_stays_after(page, guarded):
    page.goto(f"{guarded.url}?lang=en")
    page.wait_for_selector("#signin[open]")
    assert page.evaluate("() => document.activeElement.name") == "name"
    assert not [r for r in page.requests if r.startswith("ws:") or "picture" in r or "tracks" in r]
    page.keyboard.press("Escape")
    assert page.is_visible("#signin")
    sign_in(page, "omar", "not the password")
    until(page, "() => document.querySelector('#signin .refused').textContent === 'The name or the password is wrong.'")
    assert page.input_value("#signin [name=password]") == ""
    page.click("#signin [data-lang=fr]")
    assert "Le nom ou le mot de passe est faux" in page.inner_text("#signin")
    page.click("#signin [data-lang=en]")
    sign_in(page, "omar")
    until(page, ALIVE, argument=70)
    assert "omar" in page.inner_text("#header .who")
    assert "operator" in page.inner_text("#header .who")
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert page.evaluate("() => document.cookie") == ""
    page.click("#alerts .alert .acknowledge >> nth=0")
    until(page, "() => document.querySelector('#alerts .alert .by')?.textContent.includes('omar')")
    page.click("#header .signout")
    page.wait_for_selector("#signin[open]")
    assert page.evaluate("() => window.tenere") is None
    assert page.context.cookies() == []
    assert real(page.errors) == []


def test_a_viewer_is_offered_nothing_and_a_disabled_account_is_out_at_once(page, guarded):
    page.goto(f"{guarded.url}?lang=fr")
    page.wait_for_selector("#signin[open]")
    sign_in(page, "vera")
    until(page, ALIVE, argument=70)
    assert "observateur" in page.inner_text("#header .who")
    assert page.locator("#alerts .alert").count() == 3
    assert page.locator("#alerts .acknowledge, #alerts .more").count() == 0
    guarded.store.change("vera", "account disabled", disabled=True)
    page.wait_for_selector("#signin[open]", timeout=10_000)
    assert "Votre session est terminée" in page.inner_text("#signin")
    assert page.evaluate("() => window.tenere") is None


def test_an_alert_is_suppressed_and_handed_over_from_the_keyboard(page, fake):
    page.goto(f"{fake.url}?lang=en")
    until(page, ALIVE, argument=70)
    assert page.is_hidden("#header .who"), "without accounts nobody signs in"
    card = "#alerts [data-alert='2']"
    before = page.inner_text("#header .counts .severity3")
    page.focus(f"{card} .more")
    page.keyboard.press("Enter")
    page.wait_for_selector("#alert-actions[open]")
    page.focus("#alert-actions [name=reason]")
    page.keyboard.type("Rehearsed lfh")
    page.keyboard.press("Tab"), page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.dataset.minutes") == "30"
    page.keyboard.press("Enter")
    page.wait_for_selector("#alert-actions:not([open])", state="attached")
    until(page, "c => /suppressed until \\d\\d:\\d\\d/.test(document.querySelector(c).textContent)", argument=card)
    assert page.inner_text("#header .counts .severity3") != before, "it calls for nobody meanwhile"
    assert page.evaluate("() => window.tenere.labels") > 0, "letters typed in the dialog are not the map's keys"
    page.click(f"{card} .more")
    page.fill("#alert-actions [name=to]", "North")
    page.keyboard.press("Enter")
    until(page, "c => document.querySelector(c).textContent.includes('with North')", argument=card)
    page.click("#header [data-lang=fr]")
    until(page, "c => document.querySelector(c).textContent.includes('suspendue')", argument=card)
    page.click(f"{card} .more")
    page.click("#alert-actions .unsuppress")
    until(page, "c => !document.querySelector(c).textContent.includes('suspendue')", argument=card)
    page.click(f"{card} .more")
    page.keyboard.press("Escape")
    page.wait_for_selector("#alert-actions:not([open])", state="attached")
    assert re.search(r"chez North", page.inner_text(card))
    assert page.errors == []

"""The track list, a track's own page, what may be done about it, and the flight plans: by keyboard and by mouse, in both languages."""

from __future__ import annotations

import re

import pytest
from browsing import until
from test_accounts import ALIVE, real, sign_in

pytestmark = pytest.mark.browser

FOUND = "n => document.querySelectorAll('#list .row:not([hidden])').length === n"


def opened(page, server, lang="en"):
    page.goto(f"{server.url}?lang={lang}")
    until(page, ALIVE, argument=70)


def find(page, words):
    """Type a filter, from wherever the keyboard is on the page."""
    page.keyboard.press("/")
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def names(page):
    """Return the names of the rows that are on the page, from the top."""
    script = """() => [...document.querySelectorAll('#list .row:not([hidden])')]
        .sort((a, b) => a.ariaPosInSet - b.ariaPosInSet).map(r => r.querySelector('.name').textContent)"""
    return page.evaluate(script)


def test_a_flight_is_found_and_read_by_the_keyboard_alone(page, fake):
    opened(page, fake)
    find(page, "afr7")
    until(page, FOUND, argument=1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    until(page, "() => document.querySelector('#track .for')?.textContent.includes('Niger')")
    assert page.url.split(";")[0].endswith("/1001")
    for tab, words in (("profile", "Ground speed, kt"), ("plots", "primary + S"), ("names", "AFR703")):
        page.focus("#track [aria-selected=true]")
        page.keyboard.press("ArrowRight")
        assert page.evaluate("() => document.activeElement.id") == f"track-tab-{tab}"
        until(page, "w => document.querySelector('#track [role=tabpanel]:not([hidden])').textContent.includes(w)", argument=words)
    assert page.errors == []


def test_the_ledger_tells_weight_since_and_how_long(page, fake):
    opened(page, fake, "fr")
    find(page, "AFR703")
    page.click("#list .row")
    until(page, "() => document.querySelectorAll('#track .reasons .terms').length === 2")
    terms = page.inner_text("#track .for .terms")
    assert "+2.0" in terms
    assert re.search(r"depuis 08:00:00 · encore \d+ min", terms)
    width = page.evaluate("() => [...document.querySelectorAll('#track .fill')].map(e => e.getBoundingClientRect().width)")
    assert width[0] > 2 * width[1] > 0, "the heavier piece has the longer bar"


def test_a_profile_has_axes_with_units_and_words_for_those_who_do_not_see_it(page, fake):
    opened(page, fake)
    find(page, "AFR703")
    page.click("#list .row")
    page.click("#track-tab-profile")
    until(page, "() => document.querySelectorAll('#track svg path.line').length === 3")
    assert page.locator("#track figcaption").all_inner_texts() == ["Level, hundreds of feet", "Ground speed, kt"]
    marks = page.locator("#track figure").first.locator("css=svg text").all_text_contents()
    assert "350" in marks
    assert any(re.fullmatch(r"0[78]:\d\d", m) for m in marks)
    assert "from 350 to 350" in page.get_attribute("#track figure svg", "aria-label")
    drawn = page.evaluate("() => document.querySelector('#track path.level').getBBox().width")
    assert drawn > 150, "five minutes and more of it"
    page.click("#header [data-lang=fr]")
    until(page, "() => document.querySelector('#track figcaption').textContent === 'Niveau, centaines de pieds'")
    assert page.errors == []


def test_the_list_sorts_by_any_column_and_keeps_what_was_chosen(page, fake):
    opened(page, fake)
    page.click("#list [data-column=level]")
    until(page, "() => document.querySelector('#list [data-column=level]').ariaPressed === 'true'")
    flights = {t["number"]: t["level_ft"] or -1 for t in fake.get("api/picture.json")["tracks"]}
    by_name = {page.evaluate("n => window.tenere.nameOf(n)", n): level for n, level in flights.items()}
    levels = [by_name[n] for n in names(page)]
    assert levels == sorted(levels, reverse=True)
    page.click("#list [data-column=name]")
    assert names(page) == sorted(names(page))
    page.click("#list .choose")
    page.check("#list-columns [data-column=distance]")
    page.uncheck("#list-columns [data-column=sources]")
    page.click("#list .head [data-column=distance]")
    page.reload()
    until(page, ALIVE, argument=70)
    until(page, "() => document.querySelector('#list .head [data-column=distance]')?.ariaPressed === 'true'")
    assert page.locator("#list [data-column=sources]").count() == 0
    far = [int(t) for t in page.locator("#list .row:not([hidden]) .distance").all_inner_texts() if t not in ("", "\u2013")]
    assert len(far) > 60
    assert page.errors == []


@pytest.mark.parametrize(("lang", "words", "fits"), [
    ("en", "is:protected", lambda t: t["protected"]),
    ("fr", "est:protégé", lambda t: t["protected"]),
    ("en", "level>300 -is:coasting", lambda t: (t["level_ft"] or 0) > 30_000 and not t["coasting"]),
    ("en", "src:remoteid", lambda t: "remote_id" in t["sources"]),
])  # fmt: skip
def test_filters_show_what_they_say(page, fake, lang, words, fits):
    opened(page, fake, lang)
    find(page, words)
    wanted = sum(fits(t) for t in fake.get("api/picture.json")["tracks"])
    assert wanted > 1
    until(page, FOUND, argument=wanted)
    assert str(wanted) in page.inner_text("#tab-tracks")
    assert page.inner_text("#list .unknown") == ""


def test_a_word_that_says_nothing_is_told(page, fake):
    opened(page, fake, "fr")
    find(page, "est:rouge afr703")
    until(page, FOUND, argument=1)
    assert page.inner_text("#list .unknown") == "Pas compris : est:rouge"


def test_suspect_needs_a_reason_and_the_server_says_why_it_refuses_it(page, fake):
    opened(page, fake)
    find(page, "AFR703")
    page.click("#list .row")
    page.keyboard.press("i")
    page.wait_for_selector("#track-actions[open]")
    assert "cannot be set to suspect" in page.inner_text("#track-actions .note")
    page.select_option("#track-actions [name=identity]", "suspect")
    page.click("#track-actions .send")
    assert page.is_visible("#track-actions"), "without a reason it is not sent"
    page.fill("#track-actions [name=reason]", "left its route")
    page.keyboard.press("Enter")
    page.wait_for_selector("#track-actions:not([open])", state="attached")
    until(page, "() => document.querySelector('#banner .bad')?.textContent.includes('two persons can take that off')")
    assert "Identity · AFR703" in page.inner_text("#banner .bad")
    assert page.errors == []


def test_what_a_role_may_not_do_is_not_offered(page, guarded):
    page.goto(f"{guarded.url}?lang=en")
    page.wait_for_selector("#signin[open]")
    sign_in(page, "vera")
    until(page, ALIVE, argument=70)
    find(page, "AFR703")
    page.click("#list .row")
    page.wait_for_selector("#track .identity")
    assert page.is_hidden("#track .act")
    assert page.is_hidden("#list .report")
    page.keyboard.press("i")
    assert page.locator("#track-actions[open]").count() == 0
    page.click("#header .signout")
    page.wait_for_selector("#signin[open]")
    sign_in(page, "omar")
    until(page, ALIVE, argument=70)
    find(page, "UNO871H")
    page.click("#list .row")
    page.click("#track .act")
    orders = page.locator("#track-actions .kinds button").evaluate_all("all => all.map(b => b.dataset.order)")
    assert "unprotect" in orders, "it is protected, and he is signed in"
    assert "identity" in orders
    assert "track_correlate" not in orders, "no track made by hand"
    page.click("#track-actions [data-order=unprotect]")
    assert "you would be the first" in page.inner_text("#track-actions .note")
    assert real(page.errors) == []


def test_the_plans_tell_who_flies_and_who_is_overdue(page, fake):
    opened(page, fake, "fr")
    page.click("#tab-plans")
    until(page, "() => document.querySelectorAll('#plans .plan').length === 5")
    text = page.inner_text("#plans")
    for words in (
        "DRRN\u2013LFPG",
        "piste #1001",
        "HUM · protégé",
        "vole avant son heure de départ",
        "en retard : pas vu",
        "attendu",
        "départ bloc 07:30 · arrivée 12:30",
    ):
        assert words in text, words
    page.fill("#plans .filter", "lfpg")
    until(page, "() => document.querySelectorAll('#plans .plan').length === 1")
    page.focus("#plans .plan")
    page.keyboard.press("Enter")
    until(page, "() => document.querySelector('#track .name')?.textContent === 'AFR703'")
    page.fill("#plans .filter", "nowhere")
    until(page, "() => document.querySelector('#plans').textContent.includes('Aucun plan ne répond')")
    assert page.errors == []


def test_a_sensor_in_trouble_marks_its_tab(page, fake):
    opened(page, fake)
    until(page, "() => document.querySelector('#tab-sensors .trouble')?.textContent === '\u25b2 5/6'")
    page.click("#tab-sensors")
    line = page.inner_text("#sensors [data-key='line DIF-A']")
    for words in ("reports/s", "s late", "12 refused"):
        assert words in line


@pytest.fixture
def worked(page, exercise):
    """The exercise, with a page on which somebody works."""
    page.goto(f"{exercise.url}?lang=en")
    until(page, ALIVE, argument=40)
    return exercise


def unprotected(server):
    """Return an unknown track of a radar or detector that nothing protects."""
    return next(t for t in server.get("api/picture.json")["tracks"] if t["identity"] == "unknown" and t["confirmed"] and not t["civil"])


def test_the_exercise_remembers_profile_plots_and_names(page, worked):
    named = next(t for t in worked.get("api/picture.json")["tracks"] if t["callsign"] and len(t["sensors"]) > 2)
    find(page, named["callsign"])
    page.click("#list .row")
    page.click("#track-tab-profile")
    until(page, "() => document.querySelector('#track path.level')?.getBBox().width > 60")
    page.click("#track-tab-plots")
    until(page, "() => document.querySelectorAll('#track .latest tbody tr').length > 20")
    assert page.locator("#track table.sensors tr").count() >= len(named["sensors"]) - 1
    page.click("#track-tab-names")
    until(page, "c => document.querySelector('#track .names')?.textContent.includes(c)", argument=named["callsign"])
    page.click("#tab-plans")
    until(page, "() => document.querySelectorAll('#plans .plan.flying').length > 5")
    page.click("#tab-sensors")
    until(page, "() => /Pd\\u00a0\\d/.test(document.querySelector('#sensors').textContent)")
    assert page.errors == []


def test_an_identity_is_set_in_the_exercise_and_the_ledger_says_who(page, worked):
    track = unprotected(worked)
    find(page, f"#{track['number']}")
    page.click("#list .row")
    page.keyboard.press("i")
    page.select_option("#track-actions [name=identity]", "neutral")
    page.fill("#track-actions [name=reason]", "seen from the tower")
    page.click("#track-actions .send")
    until(page, "() => document.querySelector('#banner')?.textContent.includes('Done')")
    until(page, "() => document.querySelector('#track .reasons')?.textContent.includes('seen from the tower')")
    assert worked.get(f"api/tracks/{track['number']}")["identity"] == "neutral"


@pytest.mark.usefixtures("worked")
def test_a_report_makes_a_track_in_the_exercise_and_it_is_ended_again(page):
    page.click("#list .report")
    page.fill("#track-report [name=words]", "helicopter north of Dosso, by telephone")
    page.fill("#track-report [name=callsign]", "TELA1")
    page.select_option("#track-report [name=class]", "helicopter")
    page.click("#track-report .send")
    until(page, "() => !document.querySelector('#track-report').open")  # it closes once the server has taken it
    find(page, "TELA1")
    until(page, FOUND, argument=1)
    page.click("#list .row")
    page.click("#track .act")
    page.click("#track-actions [data-order=track_end]")
    page.fill("#track-actions [name=reason]", "landed")
    page.keyboard.press("Enter")
    until(page, FOUND, argument=0)
    assert real(page.errors) == []

"""What axe-core finds on the page: nothing serious or critical, in both themes, both languages, and whatever is open."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import until
from test_accounts import ALIVE, sign_in

from conftest import missing

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"serious", "critical"}
RUN = """async tags => (await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })).violations
  .map(v => ({ id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 6).map(n => `${n.target.join(' ')} | ${n.any[0]?.message}`) }))"""
SMALL = """() => [...document.querySelectorAll('button, input, select')].filter(e => e.checkVisibility())
  .map(e => [e.className || e.id || e.name, e.getBoundingClientRect()])
  .filter(([, b]) => b.height > 0 && (b.height < 43.5 || b.width < 23.5)).map(([n, b]) => `${n} ${b.width}x${b.height}`)"""


@pytest.fixture
def audited(chromium):
    """A page whose policy lets the auditor in."""
    if not AXE.is_file():
        missing("axe-core is not installed: run make setup")
    context = chromium.new_context(viewport={"width": 1400, "height": 850}, locale="en-GB", bypass_csp=True)
    page = context.new_page()
    page.errors = []
    yield page
    context.close()


def grave(page):
    """Return what axe-core holds to be serious or critical now."""
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=AXE)
    return [v for v in page.evaluate(RUN, TAGS) if v["impact"] in GRAVE]


@pytest.mark.parametrize("theme", ["night", "day"])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_and_whatever_opens_on_it(audited, fake, lang, theme):
    page = audited
    page.add_init_script(f"localStorage.setItem('tenere.settings', JSON.stringify({{theme: '{theme}'}}))")
    page.goto(f"{fake.url}?lang={lang}")
    until(page, ALIVE, argument=70)
    assert page.evaluate("() => document.documentElement.dataset.theme") == theme
    found = {"the page as it opens": grave(page)}
    for tab in page.evaluate("() => [...document.querySelectorAll('#panels [role=tab]')].map(t => t.id)"):
        page.click(f"#{tab}")
        page.wait_for_timeout(300)
        found[tab] = grave(page)
    page.click("#tab-tracks")
    page.keyboard.press("u")
    until(page, "() => document.querySelector('#track .reasons')")
    page.click("#alerts [data-alert='3'] .acknowledge")
    until(page, "() => document.querySelector('#alerts .by')")
    found["a track and an acknowledged alert"] = grave(page)
    page.click("#alerts .more >> nth=1")
    page.wait_for_selector("#alert-actions[open]")
    found["the dialog of an alert"] = grave(page)
    page.keyboard.press("Escape")
    page.click("#header .sound")
    page.wait_for_selector("#sound[open]")
    found["sound"] = grave(page)
    page.keyboard.press("Escape")
    page.click("#header .help")
    assert page.locator("#help").is_visible()
    found["the help"] = grave(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.click("#coverage .switch")
    page.wait_for_timeout(1500)
    found["coverage"] = grave(page)
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("theme", ["night", "day"])
def test_the_door(audited, guarded, theme):
    page = audited
    page.add_init_script(f"localStorage.setItem('tenere.settings', JSON.stringify({{theme: '{theme}'}}))")
    page.goto(f"{guarded.url}?lang=en")
    page.wait_for_selector("#signin[open]")
    assert grave(page) == []
    sign_in(page, "omar", "not the password")
    until(page, "() => document.querySelector('#signin .refused').textContent !== ''")
    assert grave(page) == []
    sign_in(page, "omar")
    until(page, ALIVE, argument=70)
    assert grave(page) == []


def test_on_a_telephone_nothing_is_too_small_to_touch(chromium, fake):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="fr-FR")
    page = context.new_page()
    page.errors = []
    page.goto(fake.url)
    until(page, ALIVE, argument=70)
    assert page.evaluate(SMALL) == []
    page.tap("#list .row >> nth=1")
    until(page, "() => document.querySelector('#track .close')")
    page.tap("#alerts .more >> nth=0")
    page.wait_for_selector("#alert-actions[open]")
    assert page.evaluate(SMALL) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing hangs over the edge"
    context.close()

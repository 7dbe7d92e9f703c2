"""A real browser on a real server. Without chromium these tests skip, saying why; with CI set they fail."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from browsing import CHROMIUM, FLAGS
from servers import ROOT, MadeUp, Server, people

STATIC = ROOT / "src/tenere/serve/static/index.html"


def missing(reason: str) -> None:
    """Skip, or fail where CI is set: there everything must have been installed."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def _ready():
    if not STATIC.is_file():
        missing("the page is not built: run make setup")
    if not Path(CHROMIUM).is_file() or shutil.which(CHROMIUM) is None:
        missing("chromium is not installed: run make test-system")


@pytest.fixture(scope="module")
def exercise(_ready, tmp_path_factory):
    """The built-in exercise, run as a user runs it."""
    server = Server([sys.executable, "-m", "tenere", "run"], tmp_path_factory.mktemp("exercise") / "log").start()
    yield server
    server.kill()


@pytest.fixture
def fake(_ready, tmp_path, request):
    """A small made-up site; parametrize indirectly with what its command line is to say besides."""
    server = MadeUp([*getattr(request, "param", ())], tmp_path / "log").start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def calm(_ready, tmp_path_factory):
    """The made-up site for tests that change nothing of it: one server for a module."""
    server = MadeUp(["--bare"], tmp_path_factory.mktemp("calm") / "log").start()
    yield server
    server.kill()


@pytest.fixture
def guarded(_ready, tmp_path):
    """The same site with accounts."""
    file = tmp_path / "accounts.sqlite"
    store = people(file)
    server = MadeUp(["--accounts", str(file)], tmp_path / "log").start()
    server.store = store
    yield server
    server.kill()
    store.close()


@pytest.fixture(scope="module")
def watched(_ready, tmp_path_factory):
    """The built-in exercise with accounts, eleven minutes of it flown before anybody looks."""
    room = tmp_path_factory.mktemp("watched")
    people(room / "accounts.sqlite").close()
    site = room / "site.toml"
    site.write_text('[exercise]\nopening_s = 660\n\n[serve]\naccounts = "accounts.sqlite"\n')
    server = Server([sys.executable, "-m", "tenere", "run", str(site)], room / "log").start()
    yield server
    server.kill()


@pytest.fixture(scope="module")  # playwright leaves an event loop running: not for the tests after these
def driver(_ready):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        yield play


@pytest.fixture(scope="module")
def chromium(driver):
    browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def page(chromium):
    """A fresh page, its errors and requests kept in page.errors and page.requests."""
    context = chromium.new_context(viewport={"width": 1400, "height": 850}, locale="en-GB")
    made = context.new_page()
    made.errors, made.requests = [], []
    made.on("pageerror", lambda e: made.errors.append(str(e)))
    made.on("console", lambda m: made.errors.append(m.text) if m.type == "error" else None)
    made.on("request", lambda r: made.requests.append(r.url))
    made.on("websocket", lambda w: made.requests.append(w.url))
    yield made
    context.close()

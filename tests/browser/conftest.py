"""A real browser on a real server. Without chromium these tests skip, saying why; with CI set they fail."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from browsing import CHROMIUM, FLAGS, PASSWORD

from tenere.serve.accounts.passwords import Passwords
from tenere.serve.accounts.roles import Role
from tenere.serve.accounts.store import Store

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src/tenere/serve/static/index.html"
START_S = 240


def missing(reason: str) -> None:
    """Skip, or fail where CI is set: there everything must have been installed."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server program on a port of its own; kill it, start it again."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.port = free_port()
        self.command = [*command, "--port", str(self.port)]
        self.log = log
        self.url = f"http://127.0.0.1:{self.port}/"
        self.process: subprocess.Popen[bytes] | None = None

    def get(self, path: str):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.load(answer)

    def start(self) -> Server:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(self.command, cwd=ROOT, stdout=out, stderr=out)
        for _ in range(START_S * 5):
            if self.process.poll() is not None:
                break
            try:
                if self.get("api/health")["status"] == "ok":
                    return self
            except OSError:
                pass
            time.sleep(0.2)
        self.kill()
        pytest.fail(f"{' '.join(self.command)} did not come to serve:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does; return its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


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
    """A small made-up site; parametrize indirectly with the number of tracks."""
    command = [sys.executable, str(Path(__file__).with_name("fake_site.py")), "--tracks", str(getattr(request, "param", 72))]
    server = Server(command, tmp_path / "log").start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def calm(_ready, tmp_path_factory):
    """The made-up site for tests that change nothing of it: one server for a module."""
    command = [sys.executable, str(Path(__file__).with_name("fake_site.py")), "--tracks", "72", "--bare"]
    server = Server(command, tmp_path_factory.mktemp("calm") / "log").start()
    yield server
    server.kill()


@pytest.fixture
def guarded(_ready, tmp_path):
    """The same site with accounts: omar the operator, vera the viewer, sara the supervisor."""
    file = tmp_path / "accounts.sqlite"
    store = Store(file, create=True)
    for name, role in (("omar", Role.OPERATOR), ("vera", Role.VIEWER), ("sara", Role.SUPERVISOR)):
        store.add(name, Passwords().hashed(PASSWORD), role)
    command = [sys.executable, str(Path(__file__).with_name("fake_site.py")), "--tracks", "72", "--accounts", str(file)]
    server = Server(command, tmp_path / "log").start()
    server.store = store
    yield server
    server.kill()
    store.close()


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

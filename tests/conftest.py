"""Fixtures every test may use."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # some tests run what is in scripts/ and bench/, which are not installed

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    # a shell that starts us in the background has Ctrl-C ignored, and the programs that we start would inherit that
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("tenere", deadline=None)  # a busy machine is not a bug, and no test is timed
settings.load_profile("tenere")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where the tour of the page leaves its pictures."""
    parser.addoption("--pictures", metavar="DIR", help="keep what the tour of the page sees (tests/browser/test_tour.py)")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real recordings beside the checkout; skips, saying so, where they are absent."""
    found = ROOT.parent / "shared" / "data"
    if not found.is_dir():
        pytest.skip("../shared/data is absent: the real recordings are not part of the repository")
    return found

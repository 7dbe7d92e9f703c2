"""Lets the tests of this folder import simulated.py; skips them, saying so, where Stone Soup is not installed."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if find_spec("stonesoup") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(autouse=True)
def _stone_soup():
    pytest.importorskip("stonesoup")

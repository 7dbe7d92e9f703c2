"""Fixtures every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

settings.register_profile("tenere", deadline=None)  # a busy machine is not a bug, and no test is timed
settings.load_profile("tenere")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real recordings beside the checkout; skips, saying so, where they are absent."""
    found = ROOT.parent / "shared" / "data"
    if not found.is_dir():
        pytest.skip("../shared/data is absent: the real recordings are not part of the repository")
    return found

"""Fixtures every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real recordings beside the checkout; skips, saying so, where they are absent."""
    found = ROOT.parent / "shared" / "data"
    if not found.is_dir():
        pytest.skip("../shared/data is absent: the real recordings are not part of the repository")
    return found

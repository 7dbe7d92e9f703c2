from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import make_snapshot


@pytest.fixture
def snapshot():
    return make_snapshot()

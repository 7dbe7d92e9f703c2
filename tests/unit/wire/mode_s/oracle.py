"""rs1090 behind a guard: it panics (not an Exception) on what is not hex, and gives None for a bad parity."""

from __future__ import annotations

from typing import Any

import pytest

rs1090 = pytest.importorskip("rs1090", reason="rs1090 is an oracle of the tests only")


def decode(frame: bytes) -> dict[str, Any]:
    """Return what rs1090 reads in one frame; empty where it refuses."""
    try:
        return rs1090.decode(frame.hex()) or {}
    except BaseException:  # noqa: BLE001 - its panics are no Exception
        return {}

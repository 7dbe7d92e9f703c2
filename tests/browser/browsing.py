"""What the browser tests share: how chromium is started, how to wait for the page, how to read a screenshot."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image

CHROMIUM = "/usr/bin/chromium"
PASSWORD = "four words kept easily"
FLAGS = [
    "--no-sandbox",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def until(page, script: str, *, argument=None, timeout_s: float = 40.0):
    """Wait until a function of the page returns something true, and return it (wait_for_function needs eval, which the page forbids)."""
    ends = time.monotonic() + timeout_s
    while True:
        found = page.evaluate(script, argument)
        if found:
            return found
        if time.monotonic() > ends:
            pytest.fail(f"never true: {script}; errors: {getattr(page, 'errors', [])[:5]}; banner: {page.inner_text('#banner')}")
        page.wait_for_timeout(100)


def pixels(png: bytes) -> np.ndarray:
    """Return a screenshot as (height, width, 3) uint8."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))

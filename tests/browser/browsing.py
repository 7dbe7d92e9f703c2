"""What the browser tests share: how chromium is started, how to wait for the page, how to read a screenshot."""

from __future__ import annotations

import time
import zlib

import numpy as np
import pytest

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
    """Return a PNG screenshot as (height, width, 3) uint8 (PNG specification, section 9: the five filters)."""
    at, data = 8, b""
    width = height = channels = 0
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, height, channels = int.from_bytes(body[:4]), int.from_bytes(body[4:8]), {2: 3, 6: 4}[body[9]]
        elif kind == b"IDAT":
            data += body
        at += 12 + size
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * channels)
    out = np.zeros((height, width, channels), np.uint8)
    above = np.zeros((width, channels), np.int64)
    for y in range(height):
        kind, line = rows[y, 0], rows[y, 1:].reshape(width, channels).astype(np.int64)
        if kind == 2:
            line = (line + above) & 255
        elif kind == 1:
            line = np.cumsum(line, axis=0) & 255
        elif kind in (3, 4):
            left = corner = np.zeros(channels, np.int64)
            for x in range(width):
                if kind == 3:
                    line[x] = (line[x] + (left + above[x]) // 2) & 255
                else:
                    p = left + above[x] - corner
                    a, b, c = abs(p - left), abs(p - above[x]), abs(p - corner)
                    line[x] = (line[x] + np.where((a <= b) & (a <= c), left, np.where(b <= c, above[x], corner))) & 255
                left, corner = line[x], above[x]
        out[y] = above = line
    return out[:, :, :3]

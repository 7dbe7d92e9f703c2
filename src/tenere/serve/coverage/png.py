"""Pictures of classes as indexed PNG: four colours in two bits, or up to 256 in eight (PNG specification, third edition, W3C 2025)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = ((0, 0, 0, 0), (150, 130, 205, 85), (150, 130, 205, 170), (140, 140, 140, 60))
"""Red, green, blue and opacity of each class: seen, by one, by nobody, no answer. The page tells them apart by their opacity."""


def _chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk: length, kind, body, checksum (section 5.3)."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def encode(classes: NDArray[np.uint8], level: int = 1) -> bytes:
    """Return (height, width) classes 0 to 3 as a PNG. level: of the compression, 1 the quickest."""
    height, width = classes.shape
    full = np.zeros((height, -(-width // 4) * 4), np.uint8)
    full[:, :width] = classes & 3
    packed = full[:, 0::4] << 6 | full[:, 1::4] << 4 | full[:, 2::4] << 2 | full[:, 3::4]
    return _file(width, packed, 2, COLOURS, level)


def paletted(values: NDArray[np.uint8], colours: Sequence[tuple[int, int, int, int]], level: int = 6) -> bytes:
    """Return (height, width) numbers of colours (red, green, blue, opacity; at most 256) as a PNG."""
    return _file(values.shape[1], values, 8, colours, level)


def _file(width: int, packed: NDArray[np.integer[Any]], bits: int, colours: Sequence[tuple[int, int, int, int]], level: int) -> bytes:
    """Return rows of packed pixels as a file."""
    height = packed.shape[0]
    rows = np.concatenate([np.zeros((height, 1), np.uint8), packed.astype(np.uint8)], axis=1)  # each row begins with its filter: none
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes(v for colour in colours for v in colour[:3])),
            _chunk(b"tRNS", bytes(colour[3] for colour in colours)),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), level)),
            _chunk(b"IEND", b""),
        )
    )

"""Pictures of few colours: a PNG of a palette, written without a library, and letters of three by five pixels for what stands on a map."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    U8 = NDArray[np.uint8]

_ROWS = (
    "A25755 B65656 C34443 D65556 E74647 F74644 G34553 H55755 I72227 J11152 K55655 L44447 M57755 N57775 O25552 P65644 Q25563 R65655 "
    "S34216 T72222 U55557 V55552 W55775 X55255 Y55222 Z71247 075557 126227 261247 361216 455711 574616 634757 771222 875757 975716 "
    "-00700 _00007 .00002 /11244 ?71202"
)
GLYPHS = {word[0]: tuple(int(d) for d in word[1:]) for word in _ROWS.split()}
"""Five rows of three pixels, each row a digit of its bits."""


def letters(words: str, scale: int) -> NDArray[np.bool_]:
    """Return words as a picture, (5 scale, n) bool; what has no glyph is a question mark."""
    cells = np.zeros((5, max(1, 4 * len(words) - 1)), np.bool_)
    for k, letter in enumerate(words.upper()):
        rows = GLYPHS.get(letter, (0, 0, 0, 0, 0) if letter == " " else GLYPHS["?"])
        for i, bits in enumerate(rows):
            cells[i, 4 * k : 4 * k + 3] = [bits & 4, bits & 2, bits & 1]
    return cells.repeat(scale, axis=0).repeat(scale, axis=1)


def grown(shape: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """Return a picture with a rim of so many pixels on every side, (n + 2 by, m + 2 by)."""
    out = np.zeros((shape.shape[0] + 2 * by, shape.shape[1] + 2 * by), np.bool_)
    for i in range(2 * by + 1):
        for j in range(2 * by + 1):
            out[i : i + shape.shape[0], j : j + shape.shape[1]] |= shape
    return out


def stamp(image: U8, shape: NDArray[np.bool_], row: int, column: int, colour: int) -> None:
    """Put a picture's set pixels on an image, its corner at a place; what lies outside is cut off."""
    top, left = max(0, row), max(0, column)
    bottom, right = min(image.shape[0], row + shape.shape[0]), min(image.shape[1], column + shape.shape[1])
    if top < bottom and left < right:
        image[top:bottom, left:right][shape[top - row : bottom - row, left - column : right - column]] = colour


def png(image: U8, palette: Sequence[tuple[int, int, int]], title: str = "") -> bytes:
    """Return a PNG (ISO/IEC 15948) of an image of palette numbers, (n, m) uint8."""
    n, m = image.shape
    rows = np.zeros((n, m + 1), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = image
    words = b"Title\0" + title.encode("latin-1", "replace")
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", m, n, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(v for colour in palette for v in colour)),
        *(((b"tEXt", words),) if title else ()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body

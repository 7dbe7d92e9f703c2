"""Maps of what is seen: one of a height each, north up on the country's plane.

Vermilion: nobody; pale blue: one; dark blue: two or more. The three differ in lightness too (25, 69 and 3 % of white), so that they are
told apart by the colour-blind and in a grey print. Hatched: the ground is not known, or lies above the height.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.coverage.report.pixels import grown, letters, png, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.coverage.report.study import Study

    U8 = NDArray[np.uint8]

MOST_PIXELS = 1400
"""Pixels along the longer side, at most; a small plane's posts are drawn several pixels wide."""
OUTSIDE, NOBODY, ONE, MORE, UNKNOWN, UNDER, LINE, PAPER, HATCH = range(9)
PALETTE = (
    (246, 246, 244), (230, 97, 1), (198, 219, 239), (8, 48, 107), (150, 150, 150), (90, 90, 90), (20, 20, 20), (255, 255, 255),
    (215, 215, 215),
)  # fmt: skip
LEGEND = (NOBODY, ONE, MORE, UNKNOWN, UNDER)
STRIPE = 4


class Mark(NamedTuple):
    """A sensor on a map: its place in pixels from the upper left corner. active: radars are triangles, what only listens is a disc."""

    x: float
    y: float
    id: str
    active: bool


class Map(NamedTuple):
    """One height's map. image: (n, m) uint8 palette numbers, without marks. bar_km is bar_px pixels long. used: classes that occur."""

    level: int
    image: U8
    marks: tuple[Mark, ...]
    bar_km: float
    bar_px: float
    used: frozenset[int]


def maps(study: Study) -> list[Map]:
    """Draw every height."""
    n, m = study.plane.shape
    scale = MOST_PIXELS / max(n, m)
    scale = math.floor(scale) if scale >= 1.0 else scale
    high, wide = max(1, round(n * scale)), max(1, round(m * scale))
    rows = ((np.arange(high) + 0.5) * n / high).astype(int)[:, None]
    columns = ((np.arange(wide) + 0.5) * m / wide).astype(int)[None]
    bits, ground = study.inside[rows, columns], study.plane.heights_m[rows, columns]
    edge = np.zeros(bits.shape, np.bool_)
    edge[1:] |= bits[1:] != bits[:-1]
    edge[:, 1:] |= bits[:, 1:] != bits[:, :-1]
    edge = grown(edge, 1)[1:-1, 1:-1] if max(high, wide) > 500 else edge
    marks = []
    for s in study.sights:
        row, column = (float(v) for v in study.plane.to_grid(s.antenna.lat_rad, s.antenna.lon_rad))
        marks.append(Mark((column + 0.5) * wide / m, (row + 0.5) * high / n, s.id, s.kind in ("radar", "smr", "mlat")))
    bar_km = _nice(study.plane.step_m * m / 1e3 / 4.0)
    out = []
    for h, level in enumerate(study.levels):
        image = np.minimum(study.counts[h][rows, columns], 2) + np.uint8(NOBODY)
        if not level.height.above_ground:
            with np.errstate(invalid="ignore"):
                image[ground > level.height.metres] = UNDER
        image[np.isnan(ground)] = UNKNOWN
        image[bits == 0] = OUTSIDE
        used = frozenset(int(v) for v in np.unique(image))
        striped = ((np.arange(high)[:, None] + np.arange(wide)[None]) // STRIPE) % 2 == 0
        image[striped & ((image == UNKNOWN) | (image == UNDER))] = HATCH
        image[edge] = LINE
        out.append(Map(h, image, tuple(marks), bar_km, bar_km * 1e3 / study.plane.step_m * wide / m, used))
    return out


def _nice(value: float) -> float:
    """Return the round number at or below a value: 1, 2 or 5 times a power of ten."""
    ten = 10.0 ** math.floor(math.log10(max(value, 1e-3)))
    return max(f * ten for f in (1.0, 2.0, 5.0) if f * ten <= max(value, 1e-3) * (1 + 1e-9))


def picture(drawn: Map) -> bytes:
    """Return the PNG without marks, for a page that draws them itself."""
    return png(drawn.image, PALETTE)


def whole_picture(drawn: Map, title: str) -> bytes:
    """Return the PNG that stands alone: sensors with their names, scale bar."""
    image = drawn.image.copy()
    scale = max(1, round(max(image.shape) / 460))
    for mark in drawn.marks:
        _put(image, _glyph(mark.active, 3 * scale), mark.y, mark.x)
    for mark in drawn.marks:
        words = letters(mark.id[:24], scale)
        _put(image, words, mark.y, mark.x + 5 * scale + words.shape[1] / 2)
    margin, bar = 6 * scale, np.ones((2 * scale, max(1, round(drawn.bar_px))), np.bool_)
    _put(image, bar, image.shape[0] - margin, margin + bar.shape[1] / 2)
    words = letters(f"{drawn.bar_km:g} km", scale)
    _put(image, words, image.shape[0] - margin - 6 * scale, margin + words.shape[1] / 2)
    return png(image, PALETTE, title)


def _put(image: U8, shape: NDArray[np.bool_], row: float, column: float) -> None:
    """Stamp a shape in black with a white rim, its middle at a place."""
    top, left = round(row - shape.shape[0] / 2), round(column - shape.shape[1] / 2)
    stamp(image, grown(shape, 1), top - 1, left - 1, PAPER)
    stamp(image, shape, top, left, LINE)


def _glyph(active: bool, half: int) -> NDArray[np.bool_]:
    """Return a triangle, or a disc, so many pixels from its middle to its rim."""
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    return np.asarray(np.abs(x) <= (y + half) / 2 if active else x * x + y * y <= half * half)


def shown(drawn: Sequence[Map]) -> list[int]:
    """Return the classes that occur on any of some maps, in the legend's order; the three of sensors always."""
    every = frozenset[int]().union(*(d.used for d in drawn))
    return [c for c in LEGEND if c in every or c in (NOBODY, ONE, MORE)]

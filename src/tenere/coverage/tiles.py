"""A country too large for memory, box by box: each box is answered from the ground between it and the sensors that reach it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tenere.coverage.country import fuse
from tenere.coverage.strip import TILE
from tenere.geo.terrain.source import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tenere.coverage.country import Picture, Sight
    from tenere.geo.terrain import CountryPlane, Frame, Terrain

    Mask = NDArray[np.bool_]

STRETCH = 1.06
"""Posts of the plane to a step of ground, at most: twice what 960 km from the middle make of it."""


def boxes(frame: Frame, side: int) -> list[Window]:
    """Cut a frame in boxes of so many posts a side, a multiple of 16, row by row."""
    side = max(TILE, side // TILE * TILE)
    return [
        Window(top, min(top + side, frame.rows), left, min(left + side, frame.columns))
        for top in range(0, frame.rows, side)
        for left in range(0, frame.columns, side)
    ]


def reaching(frame: Frame, sights: Sequence[Sight], box: Window) -> tuple[list[int], Window]:
    """Return which sensors may reach a box, and the window that holds the box, them and all ground between.

    The window begins at multiples of 16 from the box. Sensors outside the frame are kept: their ground is laid too.
    """
    numbers, rows, columns = [], [float(box.top), float(box.bottom - 1)], [float(box.left), float(box.right - 1)]
    for number, sight in enumerate(sights):
        row, column = (float(v) for v in frame.to_grid(sight.antenna.lat_rad, sight.antenna.lon_rad))
        away = math.hypot(max(box.top - row, 0.0, row - box.bottom + 1), max(box.left - column, 0.0, column - box.right + 1))
        if away * frame.step_m <= sight.antenna.max_range_m * STRETCH:  # not for places that are on no plane
            numbers.append(number)
            rows.append(row)
            columns.append(column)
    top, left = (box.top - math.ceil((box.top - math.floor(min(rows)) + 2) / TILE) * TILE, 0)
    left = box.left - math.ceil((box.left - math.floor(min(columns)) + 2) / TILE) * TILE
    return numbers, Window(top, math.ceil(max(rows)) + 3, left, math.ceil(max(columns)) + 3)


def fuse_boxes(
    terrain: Terrain,
    frame: Frame,
    sights: Sequence[Sight],
    *,
    side: int,
    inside: Callable[[CountryPlane], Mask] | None = None,
    k: float = 4.0 / 3.0,
    cores: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[Window, list[int], Picture]]:
    """Fuse box by box; give each box's window on the frame, the places in `sights` of the sensors that reach it, and their picture.

    side: posts along a box. inside: of a box's plane, where an answer is wanted; a box with none is passed over. The pictures are those of
    one run over everything, but for the rounding of where ground and antennas lie. progress: told boxes done, and of how many.
    Memory: 4 bytes a post of the largest window, 16 a post of a box. Raises what `fuse` and `Terrain.window` do.
    """
    cut = boxes(frame, side)
    for done, box in enumerate(cut):
        numbers, window = reaching(frame, sights, box)
        plane = terrain.window(frame, window)
        here = Window(box.top - window.top, box.bottom - window.top, box.left - window.left, box.right - window.left)
        mask = None if inside is None else inside(plane.part(*here))
        if numbers and (mask is None or mask.any()):
            yield box, numbers, fuse(plane, [sights[n] for n in numbers], inside=mask, box=here, k=k, cores=cores)
        del plane, mask  # before the next ones are made
        if progress is not None:
            progress(done + 1, len(cut))

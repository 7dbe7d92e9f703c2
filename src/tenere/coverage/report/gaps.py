"""The holes of each area at each height, ranked by their size and by what flies over them: `tenere.coverage.holes` for a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.coverage.country import Picture
from tenere.coverage.holes import holes
from tenere.coverage.report.tables import Hole

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tenere.coverage.report.study import Study
    from tenere.coverage.traffic import Density

MOST = 10
"""Holes told of an area at a height."""
MOST_AROUND = 4


def gaps(study: Study, density: Density | None = None, progress: Callable[[int, int], None] | None = None) -> list[Hole]:
    """Return the largest holes of each area at each height, by areas, heights and ranks. density: what flies, on the study's plane.

    A hole of one post is one too; ground not known, and ground above the height, are none.
    """
    out = []
    whole = len(study.areas) * len(study.levels)
    for a, area in enumerate(study.areas):
        here = (study.inside >> np.uint32(a) & np.uint32(1)) > 0
        for h, level in enumerate(study.levels):
            unseen = here & (study.counts[h] == 0) & _sky(study, h)
            if unseen.any():
                out += _largest(study, unseen, area.id, level.name, density)
            if progress is not None:
                progress(a * len(study.levels) + h + 1, whole)
    return out


def _sky(study: Study, h: int) -> NDArray[np.bool_]:
    """Return where the ground is known and lies below a height, (n, m)."""
    height = study.levels[h].height
    with np.errstate(invalid="ignore"):
        return np.asarray(study.plane.heights_m <= (np.inf if height.above_ground else height.metres))


def _largest(study: Study, unseen: NDArray[np.bool_], area: str, level: str, density: Density | None) -> list[Hole]:
    """Return the largest holes of a mask; without traffic only its own window is looked at."""
    picture = study.picture
    top, left = 0, 0
    if density is None:
        rows, columns = (np.flatnonzero(unseen.any(axis=axis)) for axis in (1, 0))
        # a post around it, for who sees its surroundings
        top, left = max(0, int(rows[0]) - 1), max(0, int(columns[0]) - 1)
        bottom, right = int(rows[-1]) + 2, int(columns[-1]) + 2
        window = (slice(top, bottom), slice(left, right))
        unseen = np.ascontiguousarray(unseen[window])
        plane = picture.plane.part(top, min(bottom, picture.plane.shape[0]), left, min(right, picture.plane.shape[1]))
        stands = tuple((row - top, column - left, altitude) for row, column, altitude in picture.stands)
        best_m, second_m = (np.ascontiguousarray(v[window]) for v in (picture.best_m, picture.second_m))
        best, second = (np.ascontiguousarray(v[window]) for v in (picture.best, picture.second))
        picture = Picture(plane, picture.sights, best_m, second_m, best, second, stands)
    found = holes(picture, unseen, density, least_m2=0.0, most=MOST, outlines=False).holes
    return [
        Hole(
            area, level, k + 1, one.lat_rad, one.lon_rad, one.area_m2, one.traffic_s, one.traffic_rank if density is not None else 0,
            one.sensors[:MOST_AROUND],
        )
        for k, one in enumerate(found)
    ]  # fmt: skip

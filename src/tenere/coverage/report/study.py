"""One study of coverage: from a site file to the numbers, and what had to be left out on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.coverage import areas as area_module
from tenere.coverage import setting
from tenere.coverage.country import fuse, stand
from tenere.coverage.horizon import CoverageError
from tenere.coverage.report.levels import levels as levels_of
from tenere.coverage.report.numbers import measure
from tenere.geo.borders import EARTH_M, Borders, contains
from tenere.geo.terrain.country_plane import frame_over

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.coverage.area_config import AreaConfig
    from tenere.coverage.areas import Area
    from tenere.coverage.config import CoverageConfig
    from tenere.coverage.country import Picture, Sight
    from tenere.coverage.report.levels import Level
    from tenere.coverage.report.numbers import Numbers
    from tenere.geo.terrain import CountryPlane, Terrain
    from tenere.site import SensorConfig

POST_BYTES = 40
"""Bytes a post needs beside the counts (measured: 52 with seven heights): ground, areas, weights, altitudes and whose they are, holes."""


class LeftOut(NamedTuple):
    """A sensor that is not in the numbers. reason: a phrase's key after "coverage.out."; detail: km of "far", words of "stand"."""

    id: str
    reason: str
    detail: str = ""


class Ask(NamedTuple):
    """What is asked: the parts of a site file that coverage uses. home: the home country's code; wanted: ids of areas (none: all)."""

    name: str
    sensors: tuple[SensorConfig, ...]
    coverage: CoverageConfig
    areas: tuple[AreaConfig, ...]
    home: str
    folder: Path
    at: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """What was found.

    inside: (n, m) uint32, bit a for area a; counts: (H, n, m) uint8, how many sensors see a post, up to 3; both 0 outside all areas.
    picture: who sees best and second best, within the areas.
    """

    name: str
    ground: Terrain
    plane: CountryPlane
    refraction: float
    terrain: tuple[str, ...]
    areas: tuple[Area, ...]
    levels: tuple[Level, ...]
    sights: tuple[Sight, ...]
    left_out: tuple[LeftOut, ...]
    inside: NDArray[np.uint32]
    numbers: Numbers
    counts: NDArray[np.uint8]
    picture: Picture


def study(
    ask: Ask,
    *,
    most_bytes: int = 8 << 30,
    cores: int = 1,
    progress: Callable[[str, int, int], None] | None = None,
) -> Study:
    """Compute. most_bytes: of memory; progress: told what, how much is done, and of how much. Raises CoverageError, TerrainError."""
    levels = levels_of(ask.coverage, ask.at)
    everyone = setting.sights(ask.sensors, ask.coverage)
    placed = {s.id for s in everyone}
    left = [LeftOut(s.id, "place") for s in ask.sensors if s.kind != "system" and s.id not in placed]
    areas = area_module.areas_of(_wanted(ask), everyone, ask.home, ask.folder)
    near = []
    for sight in everyone:
        far = _away_m(sight, areas)
        if far > sight.antenna.max_range_m:
            left.append(LeftOut(sight.id, "far", f"{far / 1e3:.0f}"))
        else:
            near.append(sight)
    outline = tuple(np.concatenate(v) for v in zip(*(a.outline() for a in areas), strict=True))
    _allow(near, outline, ask.coverage.step_m, len(levels), most_bytes)
    told = progress or (lambda _what, _done, _whole: None)
    told("terrain", 0, 1)
    ground = setting.ground(ask.coverage, ask.folder)
    plane = setting.plane_over(ground, near, ask.coverage.step_m, (outline[0], outline[1]))
    sights = []
    for sight in near:
        try:
            stand(plane, sight.antenna)
        except CoverageError as e:
            left.append(LeftOut(sight.id, "stand", str(e)))
        else:
            sights.append(sight)
    inside = _inside(plane, areas)
    k, count = ask.coverage.refraction, len(sights)
    picture = fuse(plane, sights, inside=inside > 0, k=k, cores=cores, progress=lambda n: told("sensors", n, 3 * count))
    numbers, counts = measure(
        plane, sights, inside, len(areas), levels, k=k, cores=cores, progress=lambda n: told("sensors", count + n, 3 * count)
    )
    return Study(
        ask.name,
        ground,
        plane,
        k,
        ask.coverage.terrain,
        areas,
        levels,
        tuple(sights),
        tuple(left),
        inside,
        numbers,
        counts,
        picture,
    )


def _wanted(ask: Ask) -> tuple[AreaConfig, ...]:
    """Return the areas asked for; raise CoverageError naming those there are."""
    known = {a.id: a for a in ask.areas}
    for name in ask.wanted:
        if name not in known:
            there = ", ".join(known) or "none: the site file has no [[area]]"
            raise CoverageError(f"there is no area {name!r}; there are {there}")
    return tuple(known[name] for name in dict.fromkeys(ask.wanted)) if ask.wanted else ask.areas


def _away_m(sight: Sight, areas: Sequence[Area]) -> float:
    """Return how far a sensor stands from the nearest area, 0 within, to about 10 km."""
    lat, lon = sight.antenna.lat_rad, sight.antenna.lon_rad
    least = np.inf
    for area in areas:
        for polygon in area.polygons:
            if contains(Borders.of(("",), ("",), [(0, ring) for ring in polygon]), lat, lon) >= 0:
                return 0.0
            points = np.concatenate([area_module.dense(ring, area_module.LEG_M) for ring in polygon])
            half = np.sin((points[:, 0] - lat) / 2) ** 2 + np.cos(lat) * np.cos(points[:, 0]) * np.sin((points[:, 1] - lon) / 2) ** 2
            least = min(least, float(2.0 * EARTH_M * np.arcsin(np.sqrt(half.min()))))
    return least


def _allow(sights: Sequence[Sight], outline: tuple[NDArray[np.float64], ...], step_m: float, heights: int, most_bytes: int) -> None:
    """Refuse, before anything is read, a plane that memory does not hold; say which step it would hold."""
    lat = np.concatenate([outline[0], [s.antenna.lat_rad for s in sights]])
    lon = np.concatenate([outline[1], [s.antenna.lon_rad for s in sights]])
    frame = frame_over(lat, lon, 4 * step_m, step_m)
    posts = frame.rows * frame.columns
    need = posts * (POST_BYTES + 2 * heights)
    if need > most_bytes:
        coarser = step_m * (need / most_bytes) ** 0.5
        nice = next(v for v in (10.0**e * f for e in range(8) for f in (1, 1.5, 2, 3, 4.5, 6, 9)) if v >= coarser)
        raise CoverageError(
            f"{posts:,.0f} posts of {step_m:g} m over {frame.rows * step_m / 1e3:,.0f} x {frame.columns * step_m / 1e3:,.0f} km need "
            f"{need / 2**30:.1f} GiB; {most_bytes / 2**30:.1f} GiB are there: take a coarser step (--step {nice:g} fits), "
            "or smaller areas one after another (--area)"
        )


def _inside(plane: CountryPlane, areas: Sequence[Area]) -> NDArray[np.uint32]:
    """Return the areas' masks as bits. Raises CoverageError for an area that no post lies in."""
    out = np.zeros(plane.shape, np.uint32)
    for number, area in enumerate(areas):
        here = area_module.mask(plane, area)
        if not here.any():
            raise CoverageError(f"area {area.id}: no post of {plane.step_m:g} m lies in it: take a finer step (--step)")
        out |= here.astype(np.uint32) << np.uint32(number)
    return out

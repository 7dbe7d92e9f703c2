"""Where new sensors might stand, what each would see, and what that is worth: the problem that `tenere.coverage.siting` solves.

A place of demand is one post of a coarse lattice within the area, at each height asked for. What a candidate sees of it is computed on the
terrain as for any sensor, cone of silence included.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.coverage import places
from tenere.coverage.config import CoverageConfig
from tenere.coverage.country import Sight, lone
from tenere.coverage.horizon import CoverageError
from tenere.coverage.limits import within
from tenere.coverage.report.levels import level
from tenere.coverage.setting import sights
from tenere.coverage.siting import Problem
from tenere.errors import UsageError
from tenere.geo.airports import by_icao
from tenere.geo.terrain.plane_grid import height_at
from tenere.site import SensorConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.coverage.report.levels import Level
    from tenere.coverage.siting_config import SitingConfig
    from tenere.coverage.traffic import Density
    from tenere.geo.terrain import CountryPlane

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

MOST_SEEN = 400_000_000
"""Cells that all candidates see together, at most: 1.6 GB."""
OUTSIDE, VOID, TWICE = "outside the area", "ground not known (water or a void)", "within one post of another candidate"


class Candidate(NamedTuple):
    """A place where a sensor might stand. origin: given, grid, summit, airport, or a file's name."""

    id: str
    lat_rad: float
    lon_rad: float
    antenna_m: float
    cost: float
    origin: str
    ground_m: float


@dataclass(frozen=True)
class Gathered:
    """Candidates that can stand; how many cannot, by reason, with the first of each."""

    candidates: tuple[Candidate, ...]
    refused: dict[str, int]
    first: dict[str, str]


class Demand(NamedTuple):
    """Places that are to be seen: posts of the plane (d,), what ground each stands for, and the heights asked for, h of them."""

    rows: I64
    columns: I64
    area_m2: F64
    levels: tuple[Level, ...]
    altitude_m: F32
    """(h, d) AMSL, at each level asked for."""
    every: int
    """Posts between two of them."""


def gather(config: SitingConfig, plane: CountryPlane, inside: Mask, folder: Path, taken: Sequence[str] = ()) -> Gathered:
    """Return the candidates that a site file asks for: given ones first, then places, airports, summits, the grid.

    inside: (n, m), the area. folder: of the site file. taken: ids of the sensors there are. Raises UsageError where
    there are too many, CoverageError where a file cannot be read.
    """
    found: list[Candidate] = []
    refused: Counter[str] = Counter()
    first: dict[str, str] = {}
    used, posts = set(taken), set[tuple[int, int]]()
    for origin, name, lat, lon, antenna, cost in _wanted(config, plane, inside, folder, refused):
        row, column = (float(v) for v in plane.to_grid(lat, lon))
        reason = _refusal(plane, inside, row, column)
        post = (round(row), round(column)) if not reason else (0, 0)
        if not reason and post in posts and origin != "given":
            reason = TWICE
        if reason:
            refused[reason] += 1
            first.setdefault(reason, name)
            continue
        posts.add(post)
        id_, more = name, 1
        while id_ in used:
            more += 1
            id_ = f"{name}-{more}"
        used.add(id_)
        found.append(Candidate(id_, lat, lon, antenna, cost, origin, float(height_at(plane.heights_m, row, column))))
        if len(found) > config.most_candidates:
            raise UsageError(
                f"more than {config.most_candidates:,} candidates (siting.most_candidates): lengthen grid_km or summits_km, or allow more"
            )
    return Gathered(tuple(found), dict(refused), first)


def _refusal(plane: CountryPlane, inside: Mask, row: float, column: float) -> str:
    """Return why nothing can stand at a place of the plane; empty where it can."""
    n, m = plane.shape
    if not (0 <= row <= n - 1 and 0 <= column <= m - 1 and inside[round(row), round(column)]):
        return OUTSIDE
    return VOID if math.isnan(height_at(plane.heights_m, row, column)) else ""


def _wanted(config: SitingConfig, plane: CountryPlane, inside: Mask, folder: Path, refused: Counter[str]):  # type: ignore[no-untyped-def]  # noqa: ANN202 - six values a row
    """Yield origin, name, latitude, longitude (radians), antenna and cost of all that are asked for."""
    usual = config.antenna_m
    for c in config.candidate:
        antenna = usual if math.isnan(c.antenna_m) else c.antenna_m
        yield "given", c.id, math.radians(c.lat_deg), math.radians(c.lon_deg), antenna, c.cost
    for name in config.places:
        held, rejects = places.read(folder / name)
        for reason, count in rejects.counts.items():
            refused[reason] += count
        for p in held:
            yield name, p.name, math.radians(p.lat_deg), math.radians(p.lon_deg), usual, 1.0
    if config.airports:
        yield from (("airport", name, lat, lon, usual, 1.0) for name, lat, lon in _airports(plane, inside))
    if config.summits_km:
        rows, columns = summits(plane, inside, config.summits_km * 1e3)
        for i, j, lat, lon in zip(rows.tolist(), columns.tolist(), *_listed(plane, rows, columns), strict=True):
            yield "summit", f"summit-{plane.heights_m[i, j]:.0f}m", lat, lon, usual, 1.0
    if config.grid_km:
        rows, columns = lattice(inside, max(1, round(config.grid_km * 1e3 / plane.step_m)))
        for k, (lat, lon) in enumerate(zip(*_listed(plane, rows, columns), strict=True)):
            yield "grid", f"grid-{k + 1}", lat, lon, usual, 1.0


def _listed(plane: CountryPlane, rows: I64, columns: I64) -> tuple[list[float], list[float]]:
    lat, lon = plane.place(rows.astype(float), columns.astype(float))
    return lat.tolist(), lon.tolist()


def _airports(plane: CountryPlane, inside: Mask) -> list[tuple[str, float, float]]:
    """Return the airports within the area, by code."""
    every = list(by_icao().values())
    lat, lon = np.radians([a.lat_deg for a in every]), np.radians([a.lon_deg for a in every])
    rows, columns = plane.to_grid(lat, lon)
    n, m = plane.shape
    near = np.flatnonzero((rows >= 0) & (rows <= n - 1) & (columns >= 0) & (columns <= m - 1))
    there = near[inside[np.rint(rows[near]).astype(int), np.rint(columns[near]).astype(int)]]
    return [(every[k].icao, float(lat[k]), float(lon[k])) for k in there.tolist()]


def lattice(inside: Mask, every: int) -> tuple[I64, I64]:
    """Return rows and columns of every so many posts, those inside."""
    n, m = inside.shape
    rows, columns = np.meshgrid(np.arange(every // 2, n, every), np.arange(every // 2, m, every), indexing="ij")
    keep = inside[rows, columns]
    return rows[keep], columns[keep]


@njit(cache=True)
def _summits(z: F32, inside: Mask, reach: int, out: I64) -> int:
    """Write posts (p, 2) that are the highest within a reach; of equal ones the first. Return how many."""
    n, m = z.shape
    found = 0
    for i in range(n):
        for j in range(m):
            if not inside[i, j] or z[i, j] != z[i, j]:
                continue
            top = True
            for a in range(max(0, i - reach), min(n, i + reach + 1)):
                for b in range(max(0, j - reach), min(m, j + reach + 1)):
                    if (a - i) ** 2 + (b - j) ** 2 > reach * reach or (a == i and b == j):
                        continue
                    if z[a, b] > z[i, j] or (z[a, b] == z[i, j] and (a < i or (a == i and b < j))):
                        top = False
                        break
                if not top:
                    break
            if top:
                if found < len(out):
                    out[found, 0], out[found, 1] = i, j
                found += 1
    return found


def summits(plane: CountryPlane, inside: Mask, radius_m: float) -> tuple[I64, I64]:
    """Return rows and columns of the posts of an area that are the highest within a radius, those outside the area also being asked."""
    out = np.zeros((plane.heights_m.size // 4 + 1, 2), np.int64)
    found = int(_summits(plane.heights_m, np.ascontiguousarray(inside), max(1, round(radius_m / plane.step_m)), out))
    return out[:found, 0], out[:found, 1]


def sight(config: SitingConfig, coverage: CoverageConfig, candidate: Candidate) -> Sight:
    """Return a candidate as the sensor that would stand there: the one that its [[sensor]] table makes.

    Raises CoverageError where such a sensor nowhere sees the target well enough.
    """
    made = SensorConfig(
        id=candidate.id,
        kind=config.kind,
        lat_deg=math.degrees(candidate.lat_rad),
        lon_deg=math.degrees(candidate.lon_rad),
        range_m=config.range_m,
        antenna_m=candidate.antenna_m,
        min_elevation_deg=config.min_elevation_deg,
        max_elevation_deg=config.max_elevation_deg,
    )
    found = sights((made,), coverage)
    if not found:
        raise CoverageError(
            f"a {config.kind} of [siting] nowhere detects a {coverage.target} often enough: look at coverage.target and range_m"
        )
    return found[0]


def demand(config: SitingConfig, plane: CountryPlane, inside: Mask) -> Demand:
    """Return the places that are to be seen. Raises CoverageError where there are none, and for a height that reads as none."""
    if not config.at:
        raise UsageError("siting.at: names no height: give one, such as 5000ft or FL195")
    levels = tuple(dict.fromkeys(level(text) for text in config.at))
    every = max(1, round(config.demand_km * 1e3 / plane.step_m))
    rows, columns = lattice(inside & ~np.isnan(plane.heights_m), every)
    if not len(rows):
        raise CoverageError("the area holds no place whose ground is known: look at siting.area, siting.demand_km and the terrain")
    area = plane.area_m2(rows.astype(float), columns.astype(float)) * every**2
    ground = plane.heights_m[rows, columns]
    altitude = np.array([v.height.metres + (ground if v.height.above_ground else 0.0 * ground) for v in levels], np.float32)
    return Demand(rows, columns, area, levels, altitude, every)


def worths(config: SitingConfig, plane: CountryPlane, d: Demand, density: Density | None) -> F64:
    """Return what it is worth that a first sensor sees each place at each height, (h, d): all together 100.

    density: what flies, in blocks of the demand's step. Raises UsageError where nothing is worth anything.
    """
    worth = config.area_worth * d.area_m2 / d.area_m2.sum()
    if config.traffic_worth:
        if density is None or not density.whole_s:
            raise UsageError("siting.traffic_worth: nothing flies over the area: name tables in siting.traffic, or set it to 0")
        flown = density.over_s[d.rows // density.block, d.columns // density.block]
        if flown.sum():
            worth = worth + config.traffic_worth * flown / flown.sum()
    for p in config.protect:
        row, column = (float(v) for v in plane.to_grid(math.radians(p.lat_deg), math.radians(p.lon_deg)))
        away = np.hypot(d.rows - row, d.columns - column) * plane.step_m
        if not away.min() <= max(p.radius_km * 1e3, d.every * plane.step_m):
            raise UsageError(f"siting.protect {p.name!r}: {p.lat_deg:g} N {p.lon_deg:g} E lies outside the area")
        near = away <= max(p.radius_km * 1e3, float(away.min()))
        worth = worth + p.worth * np.where(near, d.area_m2, 0.0) / d.area_m2[near].sum()
    if not worth.sum() > 0:
        raise UsageError("siting: no place is worth anything: give area_worth, traffic_worth or [[siting.protect]]")
    worth = np.tile(worth, (len(d.levels), 1))
    return np.asarray(100.0 * worth / worth.sum())


def sees(plane: CountryPlane, who: Sight, d: Demand, k: float, cores: int = 1) -> Mask:
    """Return whether a sensor would see each place at each height, (h, d) bool. Raises CoverageError where it cannot stand."""
    part = lone(plane, who, k=k, cores=cores)
    out = np.zeros((len(d.levels), len(d.rows)), bool)
    i, j = d.rows - part.top, d.columns - part.left
    n, m = part.amsl_m.shape
    near = np.flatnonzero((i >= 0) & (i < n) & (j >= 0) & (j < m))
    least = part.amsl_m[i[near], j[near]]
    altitude = d.altitude_m[:, near]
    with np.errstate(invalid="ignore"):
        seen = least[None] <= altitude
    away = np.hypot(d.rows[near] - part.row, d.columns[near] - part.column) * plane.step_m
    seen &= within(part, plane.step_m, away[None], altitude.astype(np.float64))
    out[:, near] = seen
    return out


@dataclass(frozen=True)
class Posed:
    """The problem, the candidates it is of, and what the standing sensors see. refused: standing sensors that cannot be computed."""

    problem: Problem
    candidates: tuple[Candidate, ...]
    demand: Demand
    standing: tuple[Sight, ...]
    refused: dict[str, str]


def pose(
    config: SitingConfig,
    plane: CountryPlane,
    candidates: Sequence[Candidate],
    standing: Sequence[Sight],
    inside: Mask,
    density: Density | None = None,
    *,
    coverage: CoverageConfig | None = None,
    cores: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Posed:
    """Return the siting problem. progress: told how many sensors and candidates are computed.

    Raises CoverageError and UsageError for what makes no problem, and where candidates see more than memory is to hold.
    """
    coverage = coverage or CoverageConfig()
    k = coverage.refraction
    d = demand(config, plane, inside)
    once = worths(config, plane, d, density).ravel()
    held, refused, stand = np.zeros(len(once), np.int64), dict[str, str](), []
    for who in standing:
        try:
            held += sees(plane, who, d, k, cores).ravel()
            stand.append(who)
        except CoverageError as e:
            refused[who.id] = str(e)
        if progress is not None:
            progress(len(stand) + len(refused))
    start, cells, total = [0], [], 0
    for number, candidate in enumerate(candidates):
        seen = np.flatnonzero(sees(plane, sight(config, coverage, candidate), d, k, cores)).astype(np.int32)
        total += len(seen)
        if total > MOST_SEEN:
            raise UsageError(f"the first {number + 1:,} candidates see {total:,} places: make siting.demand_km larger, or name fewer")
        start.append(total)
        cells.append(seen)
        if progress is not None:
            progress(len(standing) + number + 1)
    listed = np.concatenate(cells) if cells else np.zeros(0, np.int32)
    cost = np.array([c.cost for c in candidates])
    twice = config.second_worth * once
    problem = Problem.listed(np.array(start, np.int64), listed, once, config.budget, twice=twice, held=np.minimum(held, 2), cost=cost)
    return Posed(problem, tuple(candidates), d, tuple(stand), refused)

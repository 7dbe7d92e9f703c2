"""tenere site: where the next sensors should stand."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from tenere.cli import setting
from tenere.cli.output import Progress, clean, print_json, say, write_whole
from tenere.cli.site_text import lines, sensor_tables
from tenere.cli.siting_search import Found, Stop, search
from tenere.coverage import areas, candidates, traffic
from tenere.coverage.setting import ground, plane_over, sights
from tenere.errors import TenereError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tenere.config import Config
    from tenere.coverage.areas import Area
    from tenere.coverage.candidates import Gathered, Posed
    from tenere.coverage.country import Sight
    from tenere.coverage.siting import Problem
    from tenere.coverage.siting_config import SitingConfig
    from tenere.geo.terrain import CountryPlane

    Mask = NDArray[np.bool_]

LEAST_STEP_M = 900.0
"""Candidates are computed no finer than this unless the site file says so: it is asked which of them, not what each sees to the metre."""
EXERCISE_STEP_S, EXERCISE_S = 30.0, 86_400.0
USUAL_GRID_KM = 50.0


class Scene(NamedTuple):
    """What is asked: the configuration, the area, the plane, the candidates, the problem."""

    config: Config
    area: Area
    plane: CountryPlane
    gathered: Gathered
    posed: Posed
    seconds: float
    """Of processor, to compute what sensors and candidates see."""


def area_of(config: Config, standing: Sequence[Sight], folder: Path) -> Area:
    """Return the area that is to be seen."""
    name = config.siting.area
    for held in config.area:
        if held.id == name:
            return areas.area_of(held, folder)
    if name:
        return areas.Area(name, name, "country", (areas.country_rings(name),))
    return areas.areas_of((), standing, config.identify.home_state, folder)[0]


def scene(config: Config, folder: Path, stop: Stop) -> Scene:
    """Compute what every sensor and candidate sees. Raises TenereError, and KeyboardInterrupt when stopped."""
    s = config.siting
    if not (s.candidate or s.places or s.airports or s.grid_km or s.summits_km):
        s = msgspec.structs.replace(s, grid_km=USUAL_GRID_KM, airports=True)
        say(f"tenere site: [siting] names no candidates: a grid of {USUAL_GRID_KM:g} km and the airports are taken")
    standing = [v for v in sights(config.sensor, config.coverage) if not s.beside or v.kind in s.beside]
    area = area_of(config, standing, folder)
    step = s.step_m or max(config.coverage.step_m, LEAST_STEP_M)
    terrain = ground(config.coverage, folder)
    plane = plane_over(terrain, standing, step, area.outline())
    inside = areas.mask(plane, area)
    gathered = candidates.gather(s, plane, inside, folder, [v.id for v in config.sensor])
    if not gathered.candidates:
        told = ", ".join(f"{count:,} {reason} (first: {gathered.first.get(reason, '?')})" for reason, count in gathered.refused.items())
        raise TenereError(f"no candidate can stand: {told or 'none is named'}")
    density = flown(config, s, plane, folder) if s.traffic_worth else None
    progress = Progress("what each candidate sees", float(len(standing) + len(gathered.candidates)))

    def done(count: int) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        progress.at(float(count), f"{count:,} of {len(standing) + len(gathered.candidates):,}")

    begun = time.process_time()
    posed = candidates.pose(s, plane, gathered.candidates, standing, inside, density, coverage=config.coverage, progress=done)
    progress.end()
    return Scene(msgspec.structs.replace(config, siting=s), area, plane, gathered, posed, time.process_time() - begun)


def flown(config: Config, s: SitingConfig, plane: CountryPlane, folder: Path) -> traffic.Density:
    """Return what flies over a plane, in blocks of the demand's step: from tables, else from the exercise."""
    density = traffic.Density(plane, max(1, round(s.demand_km * 1e3 / plane.step_m)))
    if s.traffic:
        progress = Progress("traffic", 1.0)
        traffic.read([folder / name for name in s.traffic], density, progress.at)
        progress.end()
        for reason, count in density.rejects.counts.items():
            say(f"tenere site: traffic: {reason}: {count:,}")
    elif config.exercise is not None:
        for lat, lon, height in exercise_rows(config):
            density.deposit(lat, lon, height, np.full(len(lat), EXERCISE_STEP_S))
    else:
        raise UsageError(
            "siting.traffic_worth: name tables of tracks in siting.traffic: a site without an exercise has no flights of its own"
        )
    return density


def exercise_rows(config: Config) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
    """Yield latitudes, longitudes and heights of the exercise's flights, a day of them."""
    from tenere.feeds.exercise_feed import open_exercise  # noqa: PLC0415 - only this way of counting traffic flies it

    assert config.exercise is not None
    game = open_exercise(config.exercise)
    progress = Progress("a day of the exercise", EXERCISE_S)
    for k in range(int(EXERCISE_S / EXERCISE_STEP_S)):
        t = game.truth(config.exercise.start_s + k * EXERCISE_STEP_S)
        yield t.lat_rad, t.lon_rad, t.height_m
        progress.at(k * EXERCISE_STEP_S)
    progress.end()


# --- what is told ----------------------------------------------------------------------------------------------------


def counts(posed: Posed, sites: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many sensors see each place (h, d), with these candidates built."""
    p = posed.problem
    seen = p.held.astype(np.int64)
    for j in sites:
        seen[p.cell[p.start[j] : p.start[j + 1]]] += 1
    return seen.reshape(posed.demand.altitude_m.shape)


def ordered(p: Problem, sites: NDArray[np.int64]) -> list[tuple[int, float, float]]:
    """Return the sites, what adds most for its cost first, each with what it adds then and what is lost without it in the end."""
    left, order, here = set(sites.tolist()), list[tuple[int, float, float]](), p.stands
    whole = p.worth(sites)
    built: list[int] = []
    while left:
        gains = {j: p.worth(np.array([*built, j])) - here for j in sorted(left)}
        j = max(gains, key=lambda j: (gains[j] / p.cost[j], -j))
        built.append(j)
        left.remove(j)
        here += gains[j]
        order.append((j, gains[j], whole - p.worth(np.array([s for s in sites.tolist() if s != j], np.int64))))
    return order


def coverage(posed: Posed, sites: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return, for each height, the area that one sensor sees, and that two see, in km2."""
    area = posed.demand.area_m2 / 1e6
    seen = counts(posed, sites)
    return [
        {
            "at": v.name,
            "area_km2": round(float(area.sum()), 1),
            "seen_km2": round(float(area[row >= 1].sum()), 1),
            "seen_twice_km2": round(float(area[row >= 2].sum()), 1),
        }
        for v, row in zip(posed.demand.levels, seen, strict=True)
    ]


def tree(made: Scene, found: Found) -> dict[str, Any]:
    """Return the JSON document."""
    p, posed, s = made.posed.problem, made.posed, made.config.siting
    nothing = np.zeros(0, np.int64)
    area = posed.demand.area_m2 / 1e6
    sites, built = [], nothing
    for j, adds, loses in ordered(p, found.best.sites):
        c = posed.candidates[j]
        before, after = counts(posed, built), counts(posed, np.append(built, j))
        built = np.append(built, j)
        sites.append(
            {
                "id": c.id, "origin": c.origin, "lat_deg": round(math.degrees(c.lat_rad), 5), "lon_deg": round(math.degrees(c.lon_rad), 5),
                "ground_m": round(c.ground_m, 1), "antenna_m": c.antenna_m, "cost": c.cost,
                "adds_worth": round(adds, 4), "loses_worth": round(loses, 4),
                "adds_km2": [round(float(area[(b == 0) & (a > 0)].sum()), 1) for b, a in zip(before, after, strict=True)],
            }
        )  # fmt: skip
    origins: dict[str, int] = {}
    for c in posed.candidates:
        origins[c.origin] = origins.get(c.origin, 0) + 1
    return {
        "site": made.config.site.name,
        "area": made.area.name,
        "at": [v.name for v in posed.demand.levels],
        "budget": s.budget,
        "step_m": made.plane.step_m,
        "places": len(posed.demand.rows),
        "standing": [v.id for v in posed.standing],
        "standing_left_out": posed.refused,
        "candidates": {
            "count": len(posed.candidates), "by_origin": origins,
            "refused": made.gathered.refused, "first_refused": made.gathered.first,
        },
        "worth_of_all": round(float(p.once.sum() + p.twice.sum()), 4),
        "standing_worth": round(p.stands, 4),
        "plans": [
            {"by": by, "worth": round(plan.worth, 4), "below_bound": round(found.gap(plan), 6), "cost": plan.cost, "sites": len(plan.sites)}
            for by, plan in zip(("greedy", "exchanges", "shakes", "HiGHS"), found.plans, strict=False)
        ],
        "bound": round(found.bound, 4),
        "below_bound": round(found.gap(found.best), 6),
        "found_by": found.best.by,
        "proof": found.proof,
        "shakes": found.shakes,
        "stopped": found.stopped,
        "seconds": {"candidates_cpu": round(made.seconds, 3), "search": round(found.seconds, 3)},
        "before": coverage(posed, nothing),
        "after": coverage(posed, found.best.sites),
        "sites": sites,
        "budget_left": round(p.budget - found.best.cost, 6),
    }  # fmt: skip


def geojson(document: dict[str, Any]) -> dict[str, Any]:
    """Return the sites as a GeoJSON feature collection (RFC 7946)."""
    features = [
        {
            "type": "Feature",
            "id": site["id"],
            "geometry": {"type": "Point", "coordinates": [site["lon_deg"], site["lat_deg"], site["ground_m"]]},
            "properties": {k: v for k, v in site.items() if k not in {"lat_deg", "lon_deg"}},
        }
        for site in document["sites"]
    ]
    return {"type": "FeatureCollection", "features": features}


def write(out: Path, texts: dict[str, str]) -> list[str]:
    """Write files into a folder, each whole or not at all; return their paths."""
    for name, text in texts.items():
        write_whole(out / name, text, "--out")
    return [str(out / name) for name in texts]


def configured(args: argparse.Namespace) -> tuple[Config, Path]:
    """Return the configuration with what the command line says, and the site file's folder."""
    config = setting.complete(setting.site(args.site))
    s = config.siting
    if args.budget is not None:
        s = msgspec.structs.replace(s, budget=args.budget)
    if args.at:
        s = msgspec.structs.replace(s, at=tuple(args.at))
    if args.seconds is not None:
        s = msgspec.structs.replace(s, seconds=args.seconds)
    return msgspec.structs.replace(config, siting=s), (args.site.parent if args.site is not None else Path())


def run(args: argparse.Namespace) -> int:
    """Propose sites; 130 when stopped before it was done, with what was found until then."""
    config, folder = configured(args)
    if args.out is not None:
        try:
            args.out.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise UsageError(f"--out {args.out}: cannot be made: {e.strerror or e}") from e
    with Stop() as stop:
        made = scene(config, folder, stop)
        found = search(made.posed.problem, made.config.siting, stop)
    document = tree(made, found)
    if args.out is not None:
        document["files"] = [str(args.out / name) for name in ("sites.json", "sites.geojson", "sites.toml")]
        said = clean(document)
        write(
            args.out,
            {
                "sites.json": json.dumps(said, indent=2) + "\n",
                "sites.geojson": json.dumps(clean(geojson(document)), indent=2) + "\n",
                "sites.toml": sensor_tables(document, made.config.siting),
            },
        )
    if args.json:
        print_json(document)
    else:
        print("\n".join(lines(document)))
    if found.proof:
        say(f"tenere site: {found.proof}")
    if found.stopped:
        say("tenere site: stopped; the best plan so far is the one told" + (f", and written to {args.out}" if args.out is not None else ""))
        return 130
    return 0

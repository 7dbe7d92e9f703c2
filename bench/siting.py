"""How good the sites are that are proposed, beside a bound on the best there are: greedy, exchanges, shakes, HiGHS.

    python -m bench.siting                    1,000 candidates, about 12,000 cells of demand in Niger, 30 sites
    python -m bench.siting --seconds 60 --json

Candidates stand at random; each sees out to 45 to 95 km, by bearing, as hills would have it. The worth of a cell is 1, with --towns
more about towns. Gap: what a plan falls short of the bound that HiGHS proves, at most.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.machine import keep
from tenere.coverage.certify import certify
from tenere.coverage.siting import Problem, greedy, shaken, swapped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

CANDIDATES, CELLS, SITES, SECONDS = 1000, 12_000, 30, 60.0
SHAKES_SHARE = 0.25
"""Of the time."""
REACH_KM, HILLS_KM, WAVES = 70.0, 8.0, 5
COUNTRY = np.array(
    [(0.2, 14.9), (4.2, 16.4), (4.3, 19.2), (7.5, 20.9), (11.9, 23.5), (13.5, 23.0), (15.0, 23.0), (15.9, 20.4), (15.5, 16.9), (13.6, 13.7),
     (12.3, 13.1), (9.0, 12.8), (7.2, 13.1), (4.1, 13.5), (3.6, 11.7), (2.4, 12.3), (1.0, 13.4)]
)  # fmt: skip
"""About Niger: longitude and latitude, degrees."""


def inside(points: F64, ring: F64) -> NDArray[np.bool_]:
    """Say which points (n, 2) lie inside a ring (m, 2)."""
    x, y = points[:, :1], points[:, 1:]
    x0, y0, x1, y1 = ring[:, 0], ring[:, 1], np.roll(ring[:, 0], -1), np.roll(ring[:, 1], -1)
    crosses = ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / np.where(y1 == y0, 1.0, y1 - y0) + x0)
    return np.asarray(crosses.sum(axis=1) % 2 == 1)


def instance(candidates: int, cells: int, sites: int, seed: int, reach_km: float = REACH_KM, *, towns: bool = False) -> Problem:
    """Return a problem of so many candidates and about so many cells."""
    random = np.random.Generator(np.random.PCG64(seed))
    low, high = COUNTRY.min(axis=0), COUNTRY.max(axis=0)
    scatter = random.uniform(low, high, (20_000, 2))
    share = inside(scatter, COUNTRY).mean()
    step = np.sqrt((high - low).prod() * share / cells)
    x, y = np.meshgrid(np.arange(low[0], high[0], step), np.arange(low[1], high[1], step))
    demand = np.column_stack([x.ravel(), y.ravel()])
    demand = demand[inside(demand, COUNTRY)]
    places = scatter[inside(scatter, COUNTRY)][:candidates]
    sees = np.zeros((len(places), len(demand)), bool)
    for k, here in enumerate(places):
        east = (demand[:, 0] - here[0]) * 111.0 * np.cos(np.radians(here[1]))
        north = (demand[:, 1] - here[1]) * 111.0
        wave, size = random.uniform(0, 2 * np.pi, WAVES), random.normal(0, HILLS_KM, WAVES)
        bearing = np.arctan2(east, north)
        reach = reach_km + sum(size[i] * np.cos((i + 1) * bearing + wave[i]) for i in range(WAVES))
        sees[k] = np.hypot(east, north) < reach
    once = np.ones(len(demand))
    if towns:
        for town in places[:20]:
            once += 20.0 * np.exp(-((demand - town) ** 2).sum(axis=1) / 0.5**2)
    return Problem.of(sees, once, sites)


def measured(p: Problem, seconds: float, seed: int) -> dict[str, Any]:
    """Return what each way finds and takes."""
    greedy(p)  # compiled and loaded
    row: dict[str, Any] = {"candidates": p.candidates, "cells": len(p.once), "sites": int(p.budget)}
    begun = time.perf_counter()
    first = greedy(p)
    row["greedy_s"] = time.perf_counter() - begun
    second = swapped(p, first)
    row["swaps_s"] = time.perf_counter() - begun
    third = second
    for k, plan in enumerate(shaken(p, second, seed)):
        third, row["shakes"] = plan, k + 1
        if time.perf_counter() - begun > SHAKES_SHARE * seconds:
            break
    row["shakes_s"] = time.perf_counter() - begun
    found = certify(p, third, max(1.0, seconds - row["shakes_s"]))
    row["whole_s"] = time.perf_counter() - begun
    row["bound"] = found.bound
    for name, plan in (("greedy", first), ("swaps", second), ("shakes", third), ("best", found.plan)):
        row[f"{name}_gap"] = (found.bound - plan.worth) / found.bound
    return row


def main() -> None:
    """Print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, default=CANDIDATES)
    parser.add_argument("--cells", type=int, default=CELLS)
    parser.add_argument("--sites", type=int, default=SITES)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for all of it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reach", type=float, default=REACH_KM, help="km, in the mean over bearings")
    parser.add_argument("--towns", action="store_true", help="cells about towns are worth more")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--keep", action="store_true", help="write bench/results/siting.json")
    a = parser.parse_args()
    row = measured(instance(a.candidates, a.cells, a.sites, a.seed, a.reach, towns=a.towns), a.seconds, a.seed)
    if a.keep:
        keep("siting", row)
    print(json.dumps(row, indent=None if a.json else 2))


if __name__ == "__main__":
    main()

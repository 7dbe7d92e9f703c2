"""A whole country: the best and the second-best of 100 sensors over Niger at 90 m, beside GDAL's 100 single viewsheds on the same ground.

The ground is the demo terrain's, 30 seconds of arc laid at 90 m: good for speed, not for deciding anything. Sensors stand at random in
the country, 20 m above the ground, and reach 250 km. GDAL's time is that of its runs alone: it still would have to be fused. With
--tiled the same is done box by box at a finer step, without GDAL, and the greatest memory is told.
"""

from __future__ import annotations

import math
import resource
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import coverage_gdal
from tenere.coverage.country import Sight, fuse, lone
from tenere.coverage.horizon import Antenna
from tenere.coverage.lens import lens_at
from tenere.coverage.reference import minimum_visible_altitudes
from tenere.coverage.tiles import fuse_boxes
from tenere.errors import TenereError
from tenere.geo.borders import contains_each, load
from tenere.geo.terrain import demo_terrain, frame_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.geo.borders import Borders
    from tenere.geo.terrain import CountryPlane, Frame

SENSORS, ABOVE_M, REACH_M, STEP_M = 100, 20.0, 250e3, 90.0
CELLS_EACH, CHECKED = 250, 20


def sensors(borders: Borders) -> list[Sight]:
    """Put sensors at random inside the country."""
    rng = np.random.Generator(np.random.PCG64(3))
    lat, lon = (rng.uniform(v.min(), v.max(), 20 * SENSORS) for v in (borders.lat_rad, borders.lon_rad))
    inside = np.flatnonzero(contains_each(borders, lat, lon) >= 0)[:SENSORS]
    return [Sight(f"S{i}", "radar", Antenna(float(lat[i]), float(lon[i]), height_m=ABOVE_M, max_range_m=REACH_M)) for i in inside]


def mask(plane: CountryPlane, borders: Borders) -> NDArray[np.bool_]:
    """Say which posts lie in the country: asked for every 16th and spread, which is good enough to count posts by."""
    n, m = plane.shape
    lat, lon = plane.place(np.arange(0, n, 16.0)[:, None], np.arange(0, m, 16.0)[None])
    coarse = (contains_each(borders, lat.ravel(), lon.ravel()) >= 0).reshape(lat.shape)
    return np.repeat(np.repeat(coarse, 16, axis=0), 16, axis=1)[:n, :m]


def accuracy(plane: CountryPlane, sights: list[Sight]) -> dict[str, Any]:
    """Hold what sensors see on the plane to the exact line of sight."""
    rng = np.random.Generator(np.random.PCG64(11))
    errors, stretch_m = [], 0.0
    for sight in sights[:CHECKED]:
        part = lone(plane, sight)
        n, m = part.amsl_m.shape
        i, j = rng.integers(0, n, CELLS_EACH * 3), rng.integers(0, m, CELLS_EACH * 3)
        seen = np.flatnonzero(np.isfinite(part.amsl_m[i, j]))[:CELLS_EACH]
        i, j = i[seen], j[seen]
        z = np.nan_to_num(plane.heights_m[part.top : part.top + n, part.left : part.left + m].astype(float), nan=plane.lowest_m - 1.0)
        lens, error_m = lens_at(plane, part.row, part.column, REACH_M / plane.step_m)
        fall = part.fall_m / plane.step_m**2
        row, column = part.row - part.top, part.column - part.left
        exact = minimum_visible_altitudes(z, row, column, part.antenna_m, plane.step_m, fall, i, j, lens)
        errors.append(part.amsl_m[i, j] - exact)
        stretch_m = max(stretch_m, error_m)
    e = np.abs(np.concatenate(errors))
    return {
        "cells": e.size,
        "p50_m": round(float(np.median(e)), 3),
        "p99_m": round(float(np.percentile(e, 99)), 3),
        "max_m": round(float(e.max()), 2),
        "distance_error_m": round(stretch_m, 2),
    }


def gdal_runs(gdal: coverage_gdal.Gdal, plane: CountryPlane, sights: list[Sight]) -> float:
    """Return the CPU seconds of a viewshed of each sensor."""
    total = 0.0
    for sight in sights:
        row, column = (round(float(v)) for v in plane.to_grid(sight.antenna.lat_rad, sight.antenna.lon_rad))
        far = math.ceil(REACH_M / plane.step_m) + 2
        top, left = max(0, row - far), max(0, column - far)
        z = np.nan_to_num(plane.heights_m[top : row + far + 1, left : column + far + 1], nan=0.0)
        total += coverage_gdal.viewshed(gdal, z, row - top, column - left, ABOVE_M, plane.step_m, REACH_M)[1]
    return total


def country(gdal: coverage_gdal.Gdal | None, step_m: float = STEP_M, runs: int = 3) -> dict[str, Any] | None:
    """Fuse a country; None where the demo terrain or the borders are absent."""
    try:
        borders, terrain = load(("NE",)), demo_terrain()
    except TenereError as e:
        print(f"the country is left out: {e}", file=sys.stderr)
        return None
    start_s = time.process_time()
    plane = terrain.over(borders.lat_rad, borders.lon_rad, 0.0, step_m)
    laid_s = time.process_time() - start_s
    sights, inside = sensors(borders), mask(plane, borders)
    fuse(plane, sights[:1], inside=inside)
    cpu, wall = [], []
    for _ in range(runs):
        start_s, start_wall_s = time.process_time(), time.perf_counter()
        both = fuse(plane, sights, inside=inside, cores=2)
        cpu.append(time.process_time() - start_s)
        wall.append(time.perf_counter() - start_wall_s)
    start_s = time.process_time()
    one = fuse(plane, sights, inside=inside)
    one_s = time.process_time() - start_s
    pairs = ((both.best_m, one.best_m), (both.second_m, one.second_m), (both.best, one.best), (both.second, one.second))
    result: dict[str, Any] = {
        "country": "Niger",
        "step_m": step_m,
        "sensors": len(sights),
        "posts": int(inside.sum()),
        "laid_cpu_s": round(laid_s, 2),
        "wall_s": round(float(np.median(wall)), 2),
        "wall_s_runs": [round(v, 2) for v in wall],
        "cpu_s": round(float(np.median(cpu)), 2),
        "one_thread_cpu_s": round(one_s, 2),
        "same_bits_on_two_threads": all(np.array_equal(a, b) for a, b in pairs),
        "seen_by_two": round(float(np.isfinite(both.second_m[inside]).mean()), 4),
    }
    del both, one, pairs
    result["accuracy"] = accuracy(plane, sights)
    if gdal is not None:
        result["gdal_runs_cpu_s"] = round(gdal_runs(gdal, plane, sights), 1)
        result["ratio"] = round(result["gdal_runs_cpu_s"] / result["cpu_s"], 2)
        result["ratio_one_thread"] = round(result["gdal_runs_cpu_s"] / result["one_thread_cpu_s"], 2)
    return result


def tiled(step_m: float, side: int = 14_400) -> dict[str, Any]:
    """Fuse the country box by box. Raises TenereError where the demo terrain or the borders are absent."""
    borders, terrain = load(("NE",)), demo_terrain()
    terrain.most_bytes = 6 << 30
    frame: Frame = frame_over(borders.lat_rad, borders.lon_rad, 0.0, step_m)
    sights = sensors(borders)
    start_s, start_wall_s = time.process_time(), time.perf_counter()
    posts = boxes = 0

    def tell(done: int, count: int) -> None:
        print(f"box {done} of {count}, {time.perf_counter() - start_wall_s:.0f} s, {peak_gb():.1f} GB", file=sys.stderr)

    def inside(plane: CountryPlane) -> NDArray[np.bool_]:
        return mask(plane, borders)

    for _, _, picture in fuse_boxes(terrain, frame, sights, side=side, inside=inside, cores=2, progress=tell):
        posts += int(np.isfinite(picture.best_m).sum())
        boxes += 1
        del picture  # it holds the box's ground
    return {
        "step_m": step_m,
        "posts_of_the_frame": frame.rows * frame.columns,
        "posts_seen": posts,
        "boxes": boxes,
        "wall_s": round(time.perf_counter() - start_wall_s),
        "cpu_s": round(time.process_time() - start_s),
        "peak_gb": round(peak_gb(), 2),
    }


def peak_gb() -> float:
    """Return the greatest memory this process has held, in 10^9 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def lines(result: dict[str, Any]) -> list[str]:
    """Say it for people."""
    a = result["accuracy"]
    r = result
    text = [
        f"{r['country']}, {r['sensors']} sensors, {r['posts'] / 1e6:.0f} M posts at {r['step_m']:g} m: best and second best",
        f"  {r['wall_s']:.1f} s on two cores, {r['cpu_s']:.1f} CPU s; one thread {r['one_thread_cpu_s']:.1f}; ground {r['laid_cpu_s']:.0f}",
        f"  error over {a['cells']:,} posts: 50 % {a['p50_m']:.2f}, 99 % {a['p99_m']:.2f}, worst {a['max_m']:.2f} m",
    ]
    if "ratio" in result:
        text.append(f"  GDAL's {result['sensors']} runs: {result['gdal_runs_cpu_s']:.0f} CPU s, {result['ratio']:.1f} times as long")
    return text

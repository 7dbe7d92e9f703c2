"""Minimum visible altitude: how close to the exact line of sight, and how fast, with GDAL's viewshed beside it in the same run.

    python -m bench.coverage               accuracy over eight scenes, speed at 250 km and 90 m, a country at 90 m
    python -m bench.coverage --json        the same as one JSON object
    python -m bench.coverage --keep        write bench/results/coverage.json
    python -m bench.coverage --tiled 30    a country at 30 m box by box, its time and greatest memory
    python -m bench.coverage --rays 3      fewer rays: faster, less exact behind knife edges

Accuracy: an antenna 20 m above the ground, thousands of posts drawn at random, each held to `tenere.coverage.reference`. GDAL works on the
same plane, sphere and factor (DEM mode, its results not below the ground). Real scenes are laid around a place with `Terrain.around`.
Speed: one thread, CPU time, grid in memory on both sides, the result's own memory made within; the median of the runs, which take turns.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import coverage_country, coverage_gdal
from bench.coverage_scenes import EARTH_M, flat, knife, rough
from bench.machine import here, keep
from tenere.coverage.horizon import NO_TILT, RAYS, sweep
from tenere.coverage.image import Look
from tenere.coverage.reference import minimum_visible_altitudes
from tenere.geo.terrain import TerrainError, open_terrain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    F32 = NDArray[np.float32]

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "terrain"
ABOVE_M = 20.0
SIDE = 2001
CELLS = 5000
RADIUS_M, STEP_M = 250e3, 90.0


def real(file: str, lat_deg: float, lon_deg: float, radius_m: float, step_m: float) -> F32 | None:
    """Lay a plane grid on a shared tile; None where the tile or rasterio is absent."""
    try:
        return open_terrain([SHARED / file]).around(math.radians(lat_deg), math.radians(lon_deg), radius_m, step_m).heights_m
    except TerrainError:
        return None


def scenes() -> Iterator[tuple[str, F32, float]]:
    """Give each scene: name, ground, metres between posts."""
    yield "flat", flat(SIDE), 90.0
    yield "rough", rough(SIDE), 90.0
    for seed in (3, 4, 5):
        yield f"knife {seed}", knife(SIDE, seed), 90.0
    for name, file, lat, lon, radius, step in (
        ("srtm3 n07 w006, 90 m", "srtm3_n07_w006_3arc_v2.tif", 7.5, -5.5, 54e3, 90.0),
        ("sahel 30 s, Air, 900 m", "sahel_dted0_30s.tif", 18.0, 8.5, 450e3, 900.0),
        ("sahel 30 s, Jos, 900 m", "sahel_dted0_30s.tif", 9.8, 9.0, 450e3, 900.0),
    ):
        z = real(file, lat, lon, radius, step)
        if z is not None:
            yield name, z, step


def look(z: F32, step_m: float, rays: float, reach: float = 1e9) -> Look:
    """Stand in the middle of a grid."""
    middle = z.shape[0] // 2
    fall = step_m**2 / (2.0 * 4.0 / 3.0 * EARTH_M)
    return Look(middle, middle, float(z[middle, middle]) + ABOVE_M, fall, rays, reach, NO_TILT, float(z.min()) - 1.0)


def spread(error_m: NDArray[np.float64]) -> dict[str, float]:
    """Say how large errors are, in metres."""
    e = np.abs(error_m)
    return {"p50_m": round(float(np.median(e)), 3), "p99_m": round(float(np.percentile(e, 99)), 3), "max_m": round(float(e.max()), 2)}


def accuracy(rays: float, gdal: coverage_gdal.Gdal | None) -> list[dict[str, Any]]:
    """Hold each scene to the exact line of sight."""
    rows = []
    for name, z, step in scenes():
        at = look(z, step, rays)
        n, middle = z.shape[0], int(at.row)
        i, j = np.random.Generator(np.random.PCG64(11)).integers(1, n - 1, (2, CELLS))
        exact = minimum_visible_altitudes(z.astype(float), at.row, at.column, at.altitude_m, step, at.fall_m / step**2, i, j)
        row: dict[str, Any] = {"scene": name, "posts": z.size, "cells": CELLS, "tenere": spread(sweep(z, at)[i, j] - exact)}
        if gdal is not None:
            got, _ = coverage_gdal.viewshed(gdal, z, middle, middle, ABOVE_M, step, 0.0)
            row["gdal"] = spread(np.maximum(got, z)[i, j] - exact)
        rows.append(row)
    return rows


def speed(rays: float, runs: int, gdal: coverage_gdal.Gdal | None) -> list[dict[str, Any]]:
    """Time one sensor at 250 km and 90 m, both in memory, in turns."""
    half = math.ceil(RADIUS_M / STEP_M)
    grids = [("rough", rough(2 * half + 1)), ("sahel 30 s, Air, laid at 90 m", real("sahel_dted0_30s.tif", 18.0, 8.5, RADIUS_M, STEP_M))]
    rows = []
    for name, z in grids:
        if z is None:
            continue
        at = look(z, STEP_M, rays, RADIUS_M / STEP_M)
        ours, reused, theirs = [], [], []
        buffer = np.zeros(z.shape, np.float32)
        same = np.array_equal(sweep(z, at), sweep(z, at, cores=2), equal_nan=True)
        for _ in range(runs):
            start_s = time.process_time()
            sweep(z, at)
            ours.append(time.process_time() - start_s)
            start_s = time.process_time()
            sweep(z, at, out=buffer)
            reused.append(time.process_time() - start_s)
            if gdal is not None:
                theirs.append(coverage_gdal.viewshed(gdal, z, int(at.row), int(at.column), ABOVE_M, STEP_M, RADIUS_M)[1])
        row: dict[str, Any] = {
            "scene": name,
            "radius_km": RADIUS_M / 1e3,
            "step_m": STEP_M,
            "cells": z.size,
            "tenere_cpu_s": round(float(np.median(ours)), 4),
            "tenere_cells_per_cpu_s": round(z.size / float(np.median(ours))),
            "tenere_reused_buffer_cpu_s": round(float(np.median(reused)), 4),
            "same_bits_on_two_threads": bool(same),
        }
        if theirs:
            row["gdal_cpu_s"] = round(float(np.median(theirs)), 4)
            row["gdal_cells_per_cpu_s"] = round(z.size / float(np.median(theirs)))
            row["ratio"] = round(float(np.median(theirs)) / float(np.median(ours)), 2)
            row["ratio_of_best_runs"] = round(min(theirs) / min(ours), 2)
            row["ratio_reused_buffer"] = round(float(np.median(theirs)) / float(np.median(reused)), 2)
        rows.append(row)
    return rows


def report(result: dict[str, Any]) -> None:
    """Print for people."""
    print(f"error of the minimum visible altitude against the exact line of sight, m (GDAL {result['gdal']})")
    print(f"{'scene':32}{'cells':>7}{'p50':>8}{'p99':>8}{'max':>8}   GDAL: p50     p99     max")
    for r in result["accuracy"]:
        line = f"{r['scene']:32}{r['cells']:7,}" + "".join(f"{r['tenere'][k]:8.2f}" for k in ("p50_m", "p99_m", "max_m"))
        print(line + ("   " + "".join(f"{r['gdal'][k]:8.2f}" for k in ("p50_m", "p99_m", "max_m")) if "gdal" in r else ""))
    for r in result["speed"]:
        print(
            f"{r['scene']}: {r['cells']:,} posts in {r['tenere_cpu_s']:.3f} CPU s, {r['tenere_cells_per_cpu_s'] / 1e6:.0f} M a CPU second",
            end="",
        )
        print(
            f"; GDAL {r['gdal_cells_per_cpu_s'] / 1e6:.0f} M: {r['ratio']:.1f} times ({r['ratio_reused_buffer']:.1f} into a buffer in use)"
            if "ratio" in r
            else ""
        )
    if result["country"] is not None:
        print("\n".join(coverage_country.lines(result["country"])))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.coverage", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--keep", action="store_true", help="write bench/results/coverage.json")
    parser.add_argument("--rays", type=float, default=RAYS, help=f"rays to a step of the farthest row (default {RAYS:g})")
    parser.add_argument("--runs", type=int, default=7, help="timed runs of each (default 7)")
    parser.add_argument("--tiled", type=float, metavar="STEP_M", help="only a country box by box at this step, and its greatest memory")
    args = parser.parse_args()
    if args.tiled:
        done = {"machine": here(), "tiled": coverage_country.tiled(args.tiled)}
        if args.keep:
            keep("coverage_tiled", done)
        print(json.dumps(done, indent=1))
        return
    gdal = coverage_gdal.load()
    result = {
        "machine": here(),
        "gdal": gdal.version if gdal else "absent: pip install 'tenere[bench]'",
        "rays": args.rays,
        "accuracy": accuracy(args.rays, gdal),
        "speed": speed(args.rays, max(1, args.runs), gdal),
        "country": coverage_country.country(gdal),
    }
    if args.keep:
        keep("coverage", result)
    if args.json:
        print(json.dumps(result, indent=1))
    else:
        report(result)


if __name__ == "__main__":
    main()

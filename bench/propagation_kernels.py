"""What the kernels of propagation and detection cost, and what a table of losses errs by.

    python -m bench.propagation_kernels [--json]

Tables are those a coverage map makes: a radar at 2.8 GHz, a receiver of ADS-B, a VHF antenna. Their error is against P.528-5 itself, at
heights and distances drawn at random (66 heights up to 15 km, 200 distances each to 400 km), also without the 3 km around the
horizon. Times are CPU time on one core, kernels warmed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.coverage.detect import detection, precision
from tenere.coverage.propagation import Table, loss_at, losses, profile_db, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.coverage.propagation.gases import Floats

LINKS = {"radar": (2.8e9, 600.0, 50.0), "adsb": (1.09e9, 30.0, 50.0), "vhf": (125e6, 20.0, 95.0)}
RANGE_M = 400e3


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of one run after one that compiles."""
    work()
    began = time.process_time()
    work()
    return time.process_time() - began


@njit(cache=True)
def _look_up(made: Table, distance_m: Floats, height_m: Floats, out: Floats) -> None:
    for i in range(distance_m.size):
        out[i] = loss_at(made, distance_m[i], height_m[i])


def table_error(name: str, rng: np.random.Generator) -> dict[str, Any]:
    """Return what a table of one link errs by, and what it costs."""
    frequency_hz, antenna_m, percent = LINKS[name]
    taken = seconds(lambda: table(antenna_m, RANGE_M, frequency_hz=frequency_hz, percent=percent))
    made = table(antenna_m, RANGE_M, frequency_hz=frequency_hz, percent=percent)
    error, clear = [], []
    for height in np.concatenate(([150.0, 460.0, 1500.0, 3050.0, 9000.0, 12000.0], rng.uniform(30.0, 15_000.0, 60))):
        away = np.sort(rng.uniform(200.0, 0.999 * RANGE_M, 200))
        exact = losses(away, antenna_m, height, frequency_hz=frequency_hz, percent=percent)
        ours = np.empty(away.size)
        _look_up(made, away, np.full(away.size, height), ours)
        error.append(np.abs(ours - exact.loss_db))
        horizon_m = away[exact.mode == 1].max(initial=0.0)
        clear.append(np.abs(away - horizon_m) > 3e3)
    every, off = np.concatenate(error), np.concatenate(clear)
    return {
        "link": name,
        "made_s": round(taken, 2),
        "median_db": round(float(np.median(every)), 4),
        "p99_db": round(float(np.quantile(every, 0.99)), 3),
        "max_db": round(float(every.max()), 2),
        "max_off_horizon_db": round(float(every[off].max()), 2),
    }


def speeds(rng: np.random.Generator) -> dict[str, float]:
    """Return what each kernel costs."""
    away, height, out = rng.uniform(0.0, RANGE_M, 1_000_000), rng.uniform(0.0, 15e3, 1_000_000), np.empty(1_000_000)
    made = table(30.0, RANGE_M, frequency_hz=1.09e9)
    along = np.arange(0.0, 100_001.0, 100.0)
    ground = 300.0 + 100.0 * np.sin(along / 7e3)
    receivers = (0.23 + 0.02 * rng.uniform(-1, 1, 20), 0.03 + 0.02 * rng.uniform(-1, 1, 20), np.full(20, 300.0))
    places = (0.23 + 0.03 * rng.uniform(-1, 1, 100_000), 0.03 + 0.03 * rng.uniform(-1, 1, 100_000), 9e3)
    ratio = rng.uniform(-10.0, 30.0, 200_000)

    def hills() -> None:
        for _ in range(1000):
            profile_db(along, ground, along.size, (420.0, 3000.0), 1e9, 8.5e6, True)

    return {
        "table_look_up_ns": round(1e3 * seconds(lambda: _look_up(made, away, height, out)), 1),
        "profile_of_1001_points_us": round(1e3 * seconds(hills), 1),
        "detections_per_s": round(2e5 / seconds(lambda: detection(ratio, pulses=10))),
        "places_by_20_receivers_per_s": round(1e5 / seconds(lambda: precision(receivers, places, timing_std_s=5e-8))),
    }


def main() -> int:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    rng = np.random.Generator(np.random.PCG64(1))
    result = {"tables": [table_error(name, rng) for name in LINKS], "kernels": speeds(rng)}
    if args.json:
        print(json.dumps(result, indent=2))
        return 0
    for t in result["tables"]:
        print("  ".join(f"{key} {value}" for key, value in t.items()))
    for key, value in result["kernels"].items():
        print(f"{key} {value:,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

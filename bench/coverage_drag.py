"""How long the server takes when an engineer drags a site: a radar of 250 km on a plane of 90 m posts, the demo terrain.

    python -m bench.coverage_drag [--step 90] [--range 250] [--tries 20] [--json]

Each try sweeps the radar's whole range anew, draws the layer for a view of 900 pixels and counts what is gained and lost. Beside it the
same with a second radar near, whose picture is held meanwhile.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import sys
import time
from typing import Any

from tenere.coverage.asking import Box
from tenere.coverage.config import CoverageConfig
from tenere.geo.terrain import demo_terrain
from tenere.serve.coverage.asked import Try
from tenere.serve.coverage.desk import CoverageDesk
from tenere.site import SensorConfig

PLACE = (16.97, 7.99)  # Agadez, beside the Air mountains


def sensors(range_m: float, count: int) -> tuple[SensorConfig, ...]:
    """Return one radar, or two some 30 km apart, a receiver the second."""
    first = SensorConfig(id="R", lat_deg=PLACE[0], lon_deg=PLACE[1], antenna_m=30.0, range_m=range_m)
    second = SensorConfig(id="A", kind="adsb", lat_deg=PLACE[0] - 0.2, lon_deg=PLACE[1] + 0.2, antenna_m=12.0, range_m=range_m)
    return (first, second)[:count]


def drag(count: int, given: argparse.Namespace) -> dict[str, Any]:
    """Hold a picture, then move the radar along a line, asking again at each place."""
    coverage = CoverageConfig(step_m=given.step, live_posts=60_000_000)
    desk = CoverageDesk(coverage, sensors(1000.0 * given.range, count), demo_terrain, cores=2)
    began = time.perf_counter()
    desk.ask([])
    if not desk.settled(600.0) or desk.held is None:
        raise SystemExit(f"no picture: {desk.state()}")
    held_s = time.perf_counter() - began
    while not desk.ready_to_try(desk.held, "R"):
        desk.settled(600.0)
    reach = math.degrees(1000.0 * given.range / 6.371e6)
    box = Box(PLACE[1] - 1.1 * reach, PLACE[0] - reach, PLACE[1] + 1.1 * reach, PLACE[0] + reach)
    took, busy = [], []
    for k in range(given.tries + 1):
        at = Try(sensor="R", lat=PLACE[0] + 0.004 * k, lon=PLACE[1] + 0.006 * k, height="5000ft", box=tuple(box), width=900)
        cpu = time.process_time()
        told = desk.attempt(desk.held, at, box)
        if k:  # the first also counts what the others see at this height, and loads kernels
            took.append(told["server_ms"])
            busy.append(1e3 * (time.process_time() - cpu))
    n, m = desk.held.picture.plane.shape
    return {
        "sensors": count,
        "posts": n * m,
        "step_m": desk.held.picture.plane.step_m,
        "range_km": given.range,
        "picture_s": round(held_s, 2),
        "server_ms_median": round(statistics.median(took), 1),
        "server_ms_least": min(took),
        "server_ms_worst": max(took),
        "cpu_ms_median": round(statistics.median(busy), 1),
    }


def main() -> int:
    """Print the figures."""
    ask = argparse.ArgumentParser(description="How long a try takes while a site is dragged.")
    ask.add_argument("--step", type=float, default=90.0, help="metres between posts")
    ask.add_argument("--range", type=float, default=250.0, help="kilometres")
    ask.add_argument("--tries", type=int, default=20)
    ask.add_argument("--json", action="store_true")
    given = ask.parse_args()
    rows = [drag(count, given) for count in (1, 2)]
    if given.json:
        print(json.dumps({"cores": os.cpu_count(), "runs": rows}))
    else:
        for r in rows:
            print(
                f"{r['sensors']} sensor(s), {r['posts']:,} posts of {r['step_m']:.0f} m: picture in {r['picture_s']} s; a try "
                f"{r['server_ms_median']} ms ({r['server_ms_least']} to {r['server_ms_worst']}), {r['cpu_ms_median']} ms of CPU"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())

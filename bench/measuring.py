"""What it costs to measure the sensors while the picture runs.

    python -m bench.measuring                        20,000 aircraft, 500 radars, as bench.tracking_speed flies them
    python -m bench.measuring --aircraft 2000 --addressed --json

CPU time of measuring.Live.take alone, after a time in which the tracks form; PerformanceConfig() as shipped. The time that the tracker
took over the same ticks stands beside it.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from bench.machine import keep
from bench.tracking_world import CENTRE_RAD, World
from tenere import measuring, track
from tenere.performance import PerformanceConfig, store
from tenere.track import TrackConfig


def measure(aircraft: int, settle_s: int, seconds: int, *, addressed: bool) -> dict[str, Any]:
    """Track a world and measure its sensors; return the figures of the last seconds."""
    world = World(aircraft, 1, addressed=addressed)
    state = track.init(TrackConfig(), world.sensors(), CENTRE_RAD)
    live = measuring.begin(PerformanceConfig())
    assert live is not None
    cpu_s = track_s = worst_s = 0.0
    plots = looked_at = 0
    for k in range(settle_s + seconds):
        heard, now_s = world.tick()
        before = int(live.window.state.tally.counts[:, store.PLOTS].sum())
        begin = time.process_time()
        state, tracked = track.step(state, heard, now_s, 1.0)
        between = time.process_time()
        live.take(state, tracked.plots, tracked.plot_tracks, tracked.tracks, now_s)
        spent = time.process_time() - between
        if k >= settle_s:
            cpu_s, track_s, worst_s = cpu_s + spent, track_s + between - begin, max(worst_s, spent)
            plots += len(tracked.plots)
            looked_at += int(live.window.state.tally.counts[:, store.PLOTS].sum()) - before
    return {
        "aircraft": aircraft,
        "mix": "addressed" if addressed else "plain",
        "sensors": len(live.facts),
        "turns": live.window.turns,
        "plots_per_air_s": plots / seconds,
        "looked_at_per_air_s": looked_at / seconds,
        "us_per_plot": 1e6 * cpu_s / plots,
        "us_per_plot_looked_at": 1e6 * cpu_s / max(looked_at, 1),
        "ms_per_tick": 1e3 * cpu_s / seconds,
        "worst_tick_ms": 1e3 * worst_s,
        "tracker_us_per_plot": 1e6 * track_s / plots,
        "settle_s": settle_s,
        "seconds": seconds,
    }


def main() -> None:
    """Measure, print, keep."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--aircraft", type=int, default=20_000)
    p.add_argument("--settle", type=int, default=70, help="seconds flown before, untimed")
    p.add_argument("--seconds", type=int, default=15, help="seconds of air time that are timed")
    p.add_argument("--addressed", action="store_true", help="70 %% of the aircraft send ADS-B besides")
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    result = measure(args.aircraft, args.settle, args.seconds, addressed=args.addressed)
    path = keep("measuring", result)
    if args.json:
        print(json.dumps(result, indent=2))
        return
    print(
        f"{result['plots_per_air_s']:,.0f} plots a second of {result['sensors']} sensors, {result['looked_at_per_air_s']:,.0f} looked at:"
    )
    each = result["us_per_plot_looked_at"]
    print(f"  {result['us_per_plot']:.2f} us a plot ({each:.1f} of one looked at), {result['ms_per_tick']:.1f} ms a tick")
    print(f"  worst tick {result['worst_tick_ms']:.0f} ms; the tracker takes {result['tracker_us_per_plot']:.2f} us a plot")
    print(f"kept in {path}")


if __name__ == "__main__":
    main()

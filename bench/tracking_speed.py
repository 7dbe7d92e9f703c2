"""The tracker alone, plot columns to track columns: plots a CPU second, and how it grows.

    python -m bench.tracking_speed                    500, 20,000 and 100,000 aircraft, both mixes; Stone Soup beside the first
    python -m bench.tracking_speed --aircraft 20000 --json
    python -m bench.tracking_speed --day              a slice of the world's day, scaled to 1.7 billion plots

Mix "plain": rotating radars' range and azimuth with their own times, a height on most, no codes, no addresses. Mix
"addressed": 70 % of the aircraft send ADS-B once a second besides, and the radars read Mode A. Ticks of one second;
CPU time around track.step only, of both cores together, and the time by the clock ("on two cores", where there are two), after a
warm-up in which the tracks form. TrackConfig() as shipped.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from bench import tracking_run
from bench.airbench import scenario
from bench.machine import keep
from bench.tracking_world import CENTRE_RAD, World
from tenere import track
from tenere.track import TrackConfig

FLEETS = (500, 20_000, 100_000)
DAY_PLOTS, DAY_AIRCRAFT = 1.7e9, 12_000
NEAR_M = 1000.0
FIRST = """
import sys
import numpy as np
from tenere import track
from tenere.batch import Plots, Status, SystemTracks
from tenere.site import SensorConfig
radar = SensorConfig(id="R", kind="radar", source="r", range_std_m=50, azimuth_std_deg=0.08, range_m=290e3, clutter=50, period_s=4.0)
state = track.init(track.TrackConfig(), (radar,), None)
held = np.load(sys.argv[1])
for k in range(30):
    mine = held["scan"] == k
    plots = Plots.blank(int(mine.sum()), time_s=1000 + 4.0 * k, kind=1, range_m=held["r"][mine], azimuth_rad=held["az"][mine], height_m=0.0)
    state, tracked = track.step(state, [track.Heard("r", plots, SystemTracks.blank(), Status.blank())], 1000 + 4.0 * k, 4.0)
    if len(tracked.tracks):
        break
print(k)
"""


def arrays_in(held: Any, seen: dict[int, int]) -> None:  # noqa: ANN401 - whatever a state holds
    """Fill seen with the bytes of every array reachable from an object, by id."""
    if isinstance(held, np.ndarray):
        whole = held
        while isinstance(whole.base, np.ndarray):
            whole = whole.base
        seen[id(whole)] = whole.nbytes
    elif isinstance(held, dict):
        for value in held.values():
            arrays_in(value, seen)
    elif isinstance(held, list | tuple):
        for value in held:
            arrays_in(value, seen)
    elif is_dataclass(held):
        for f in fields(held):
            arrays_in(getattr(held, f.name), seen)


def measure(aircraft: int, *, addressed: bool, settle_s: int, seconds: int, seed: int = 1) -> dict[str, Any]:
    """Track a world for settle_s + seconds of air time; return the figures of the last seconds."""
    world = World(aircraft, seed, addressed=addressed)
    state = track.init(TrackConfig(), world.sensors(), CENTRE_RAD)
    cpu_s, wall_s, worst_s, plots = 0.0, 0.0, 0.0, 0
    for k in range(settle_s + seconds):
        heard, now_s = world.tick()
        wall, begin = time.perf_counter(), time.process_time()
        state, tracked = track.step(state, heard, now_s, 1.0)
        spent = time.process_time() - begin
        if k >= settle_s:
            cpu_s += spent
            wall_s += time.perf_counter() - wall
            worst_s = max(worst_s, spent)
            plots += sum(len(h.plots) for h in heard)
    held: dict[int, int] = {}
    arrays_in(state, held)
    tracks = tracked.tracks
    seen = np.union1d(world.pairs[1], world.adsb)
    near, _ = cKDTree(world.place[seen]).query(np.column_stack([tracks.x_m, tracks.y_m])) if len(tracks) else (np.zeros(0), None)
    back, _ = cKDTree(np.column_stack([tracks.x_m, tracks.y_m])).query(world.place[seen]) if len(tracks) else (np.full(1, np.inf), None)
    return {
        "aircraft": aircraft,
        "mix": "addressed" if addressed else "plain",
        "radars": len(world.radars.range_m),
        "radars_an_aircraft": len(world.pairs[0]) / max(1, len(seen)),
        "plots_per_air_s": plots / seconds,
        "plots_per_cpu_s": plots / cpu_s,
        "plots_per_wall_s": plots / wall_s,
        "us_per_plot": 1e6 * cpu_s / plots,
        "cpu_s_per_air_s": cpu_s / seconds,
        "wall_s_per_air_s": wall_s / seconds,
        "worst_step_cpu_s": worst_s,
        "tracks": len(tracks),
        "aircraft_in_view": len(seen),
        "followed_share": float((back < NEAR_M).mean()),
        "spurious_share": float((near >= NEAR_M).mean()),
        "state_bytes": sum(held.values()),
        "bytes_a_track": sum(held.values()) / max(1, len(tracks)),
        "settle_s": settle_s,
        "seconds": seconds,
    }


def beside_stonesoup(scans: int) -> dict[str, Any]:
    """Return both trackers' speed on the first scans of air500_c500, in this run."""
    from bench import tracking_stonesoup as peer  # noqa: PLC0415 - the other benchmarks do without Stone Soup

    data, meta = scenario.make(**scenario.SUITE["air500_c500"])
    got = tracking_run.run(data, meta)
    assert got is not None
    ours = float(got.plots.sum() / got.cpu_s.sum())
    theirs = peer.run(data, meta, scans, budget_s=60.0)
    settled = theirs.cpu_s[scans // 2 :].sum(), theirs.plots[scans // 2 :].sum()
    rate = float(settled[1] / settled[0])
    return {
        "scenario": "air500_c500",
        "ours_plots_per_s": ours,
        "stonesoup_plots_per_s": rate,
        "stonesoup_scans": scans,
        "times": ours / rate,
    }


def first_track() -> dict[str, Any]:
    """Return the wall seconds from starting a process, its kernels compiled before, to its first track (median of five)."""
    data, _ = scenario.make(10, 50, seed=5, scans=30)
    walls = []
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/plots.npz"
        np.savez(path, scan=data["plot_scan"], r=data["plot_r"], az=(np.pi / 2 - data["plot_az"]) % (2 * np.pi))
        for _ in range(6):
            begin = time.perf_counter()
            done = subprocess.run([sys.executable, "-c", FIRST, path], check=True, capture_output=True, text=True)
            walls.append(time.perf_counter() - begin)
    return {"first_track_wall_s": statistics.median(walls[1:]), "after_scans": int(done.stdout) + 1}


def day(settle_s: int, seconds: int) -> dict[str, Any]:
    """Return the minutes that 1.7 billion plots of the addressed mix would take, from a slice of them."""
    row = measure(DAY_AIRCRAFT, addressed=True, settle_s=settle_s, seconds=seconds)
    plots = row["plots_per_air_s"] * seconds
    return {
        **row,
        "plots_run": plots,
        "scaled_by": DAY_PLOTS / plots,
        "day_minutes_cpu": DAY_PLOTS / row["plots_per_cpu_s"] / 60,
        "day_minutes_wall": DAY_PLOTS / plots * row["wall_s_per_air_s"] * seconds / 60,
    }


def show(row: dict[str, Any]) -> None:
    """Print one world's row."""
    world = f"{row['aircraft']:8,d} {row['mix']:9s} {row['radars']:5d} radars ({row['radars_an_aircraft']:.1f} see each)"
    speed = f"{row['plots_per_cpu_s']:11,.0f} plots/CPU s ({row['us_per_plot']:.2f} us each), {row['plots_per_wall_s']:9,.0f} on two cores"
    speed += f" at {row['plots_per_air_s']:9,.0f} plots/s of air"
    held = f"{row['tracks']:7,d} tracks, followed {row['followed_share']:.3f}, spurious {row['spurious_share']:.3f}"
    print(f"{world}  {speed}  {held}  {row['bytes_a_track']:7,.0f} bytes/track", flush=True)


def main() -> None:
    """Measure, print, keep."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--aircraft", type=int, action="append", help="only a fleet of this size; may be given again")
    p.add_argument("--mix", choices=("plain", "addressed"), help="only this mix")
    p.add_argument("--settle", type=int, default=60, help="seconds of air time before the timing")
    p.add_argument("--seconds", type=int, default=20, help="seconds of air time that are timed")
    p.add_argument("--stonesoup-scans", type=int, default=8, help="scans that Stone Soup is run for; 0: leave it out")
    p.add_argument("--day", action="store_true", help="only the slice of a world day")
    p.add_argument("--json", action="store_true", help="print JSON only")
    a = p.parse_args()
    measure(200, addressed=True, settle_s=30, seconds=2)  # every kernel compiled and loaded
    result: dict[str, Any] = {"worlds": []}
    if not a.day:
        for n in a.aircraft or FLEETS:
            for mix in (a.mix,) if a.mix else ("plain", "addressed"):
                result["worlds"].append(measure(n, addressed=mix == "addressed", settle_s=a.settle, seconds=a.seconds))
                if not a.json:
                    show(result["worlds"][-1])
    whole = not a.day and not a.aircraft and not a.mix
    if whole:
        result |= first_track()
        if a.stonesoup_scans:
            result["stonesoup"] = beside_stonesoup(a.stonesoup_scans)
    if a.day or whole:
        result["day"] = day(a.settle, max(a.seconds, 30))
    if not a.json:
        for key in ("first_track_wall_s", "stonesoup", "day"):
            if key in result:
                print(key, json.dumps(result[key]))
    if whole:
        keep("tracking_speed", tracking_run.rounded(result))
    if a.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()

"""How well behaviour tells what a track is: confusion, reliability, and real airliners that must never be called drones or birds.

    python -m bench.behaviour [--seeds N] [--data ../shared/data] [--keep] [--json]
    python -m bench.behaviour --learn > src/tenere/track/behaviour/likelihoods.py

Simulated individuals of each class (bench/behaviour_world.py) with fresh seeds go through the tracker as shipped; every eighth second
each shown track's class is compared with its truth. The table was counted over flights made by the same rules with other seeds: the
confusion says how far the classes can be told apart if they fly as assumed, the real recordings whether they do.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench import behaviour_world, machine
from tenere import track
from tenere.batch import KinematicClass, PlotKind, Plots, Status, SystemTracks, Tracks
from tenere.feeds.files import open_recording
from tenere.site import SensorConfig
from tenere.track.behaviour import kernel, stage
from tenere.track.behaviour.table import BINS, EDGES
from tenere.wire import format as formats

LEARN_SEEDS = (101, 102, 103)
TEST_SEED = 9001
UNIFORM, SURE = 0.1, 0.02
NEAR_M = 500.0
FLIES_KT = 50.0
NAMES = [k.name.lower() for k in KinematicClass]
SENSORS = (SensorConfig(id="M", kind="mlat"), SensorConfig(id="D", kind="detector"))


def shown(world: behaviour_world.World) -> list[tuple[Tracks, np.ndarray, tuple[np.ndarray, np.ndarray]]]:
    """Track a world; return of every eighth second the tracks, the individual of each (-1 none), and numbers and sums as kept."""
    state = track.init(track.TrackConfig(), SENSORS, (behaviour_world.PLANE.lat0_rad, behaviour_world.PLANE.lon0_rad))
    out = []
    for k, plots in enumerate(world.plots):
        state, made = track.step(state, [track.Heard("", plots, SystemTracks.blank(), Status.blank())], 1000.0 + k, 1.0)
        t = made.tracks
        if k % 8 == 7 and len(t):
            apart = np.hypot(t.x_m[:, None] - world.x_m[k], t.y_m[:, None] - world.y_m[k])
            who = np.argmin(apart, axis=1)
            out.append((t, np.where(apart[np.arange(len(t)), who] < NEAR_M, who, -1), (state.behaviour.number, state.behaviour.kept)))
    return out


def learn() -> str:
    """Count the bins of each habit; return the module of likelihoods."""
    names = list(behaviour_world.HABITS)
    count = np.zeros((len(names), kernel.NFEATURES, kernel.MAX_BINS))
    found = np.zeros(kernel.NFEATURES, np.int64)
    for seed in LEARN_SEEDS:
        world = behaviour_world.world(seed)
        for t, who, (number, sums) in shown(world)[::2]:
            rows = np.searchsorted(number, t.number)
            for i in np.flatnonzero((who >= 0) & (rows < len(number))):
                kept = sums[rows[i]]
                if number[rows[i]] != t.number[i] or kept[kernel.WEIGHT] < kernel.LEAST_S:
                    continue
                kernel.features(kept, EDGES, BINS, found)
                for f in np.flatnonzero(found >= 0):
                    count[names.index(world.habit[who[i]]), f, found[f]] += 1
    lines = [
        '"""How likely each bin of each feature (`table.ENDS`) is, a block a habit: its class, its name, and a row a feature.',
        "",
        "Written by python -m bench.behaviour --learn.",
        '"""',
        "",
        "LIKELY: tuple[tuple[int, str, tuple[tuple[float, ...], ...]], ...] = (",
    ]
    for name, counts in zip(names, count, strict=True):
        lines += ["    (", f"        {int(behaviour_world.HABITS[name].kind)},", f'        "{name}",', "        ("]
        for f in range(kernel.NFEATURES):
            bins, alike = counts[f, : BINS[f]], SURE if f in (kernel.F_GROUND, kernel.F_ANSWERS) else UNIFORM
            share = (1.0 - alike) * bins / max(bins.sum(), 1.0) + alike / BINS[f] if bins.sum() else np.full(BINS[f], 1.0 / BINS[f])
            lines.append("            (" + ", ".join(f"{v:.4f}" for v in share) + "),")
        lines += ["        ),", "    ),"]
    return "\n".join([*lines, ")", ""])


def simulated(seeds: int) -> dict[str, Any]:
    """Return confusion (rows: truth; shares of the seconds) and reliability (stated against found)."""
    confusion = np.zeros((len(NAMES), len(NAMES)))
    stated, right = [], []
    for seed in range(TEST_SEED, TEST_SEED + seeds):
        world = behaviour_world.world(seed)
        for t, who, _ in shown(world)[4:]:
            ok = who >= 0
            truth, said = world.kind[who[ok]], t.kinematic_class[ok]
            np.add.at(confusion, (truth, said), 1)
            named = said > 0
            stated.append(t.kinematic_probability[ok][named])
            right.append((truth == said)[named])
    p, r = np.concatenate(stated), np.concatenate(right)
    edges = np.array([0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0001])
    reliability = [
        {"stated": round(float(p[k].mean()), 3), "right": round(float(r[k].mean()), 3), "n": int(k.sum())}
        for a, b in pairwise(edges.tolist())
        if (k := (p >= a) & (p < b)).any()
    ]
    share = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    return {
        "confusion": {NAMES[c]: dict(zip(NAMES, share[c].round(3).tolist(), strict=True)) for c in range(1, len(NAMES))},
        "reliability": reliability,
    }


def _tally(plots: list[tuple[float, Plots]], sensors: tuple[SensorConfig, ...] = ()) -> dict[str, Any]:
    """Track plots a tick at a time; return the share of track seconds of each class, and tracks ever a drone or bird above 50 %."""
    state, seconds, wrong, tracks = track.init(track.TrackConfig(), sensors), np.zeros(len(NAMES)), set[int](), set[int]()
    for time_s, part in plots:
        state, made = track.step(state, [track.Heard("x", part, SystemTracks.blank(), Status.blank())], time_s, 1.0)
        t = made.tracks
        np.add.at(seconds, t.kinematic_class, 1)
        small = (t.kinematic_class == KinematicClass.DRONE) | (t.kinematic_class == KinematicClass.BIRD)
        wrong.update(t.number[small & (t.kinematic_probability > 0.5)].tolist())
        tracks.update(t.number.tolist())
    return {
        "tracks": len(tracks),
        "ever_drone_or_bird": len(wrong),
        "share": dict(zip(NAMES, (seconds / max(seconds.sum(), 1)).round(4).tolist(), strict=True)),
    }


def ticks(plots: Plots, every_s: float = 4.0) -> list[tuple[float, Plots]]:
    """Cut plots in ticks."""
    k = np.floor(plots.time_s / every_s).astype(np.int64)
    order = np.argsort(k, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(k[order]) > 0))
    return [
        (float((k[order[a]] + 1) * every_s), plots.take(order[a:b])) for a, b in zip(starts, np.append(starts[1:], len(k)), strict=True)
    ]


def airliners(path: Path, most: int = 60, *, answering: bool = True) -> dict[str, Any]:
    """Track real flights (trajectories by ADS-B); not answering: seen in flight with 30 m, with neither address nor code."""
    rows = json.loads(gzip.decompress(path.read_bytes()))
    get = rows[0].keys() if isinstance(rows, list) else rows.keys()
    column = (lambda n: [r[n] for r in rows]) if isinstance(rows, list) else (lambda n: list(rows[n].values()))
    assert "latitude" in get
    icao = np.array(column("icao24"))
    names, who = np.unique(icao, return_inverse=True)
    number = lambda n: np.array([np.nan if v is None else v for v in column(n)], float)  # noqa: E731 - two lines of reading
    stamp = number("timestamp") / 1000.0
    lat, lon, level = np.deg2rad(number("latitude")), np.deg2rad(number("longitude")), number("altitude") * 0.3048
    keep = np.isfinite(lat + lon + stamp) & (who < most)
    if not answering:  # such a radar does not see the ground
        keep &= ~np.array([bool(v) for v in column("onground")]) & (number("groundspeed") > FLIES_KT)
    order = np.lexsort((stamp, who))  # rows that repeat the place before are no news: a receiver that lost the aircraft
    still = (np.diff(lat[order], prepend=np.nan) == 0) & (np.diff(lon[order], prepend=np.nan) == 0)
    keep[order[still]] = False
    first = np.array([stamp[keep & (who == i)].min(initial=np.inf) for i in range(len(names))])
    late = stamp - first[who]
    keep &= late < 1500.0  # the first 25 minutes of each
    rng = np.random.Generator(np.random.PCG64(5))
    rows_ = np.flatnonzero(keep)
    std = 30.0
    plots = Plots.blank(
        len(rows_),
        time_s=stamp[rows_],
        kind=PlotKind.ADSB if answering else PlotKind.PSR,
        lat_rad=lat[rows_] + (0 if answering else rng.normal(0, std / 6.37e6, len(rows_))),
        lon_rad=lon[rows_] + (0 if answering else rng.normal(0, std / 4.2e6, len(rows_))),
        position_std_m=std,
        pressure_altitude_m=level[rows_],
        address=who[rows_] + 0x300000 if answering else -1,
    )
    return _tally(ticks(plots))


def recorded(path: Path, most: int) -> dict[str, Any]:
    """Track the first plots of a real recording."""
    feed = open_recording(path, "x")
    chosen = formats.load(feed.format)
    plots = chosen.step(chosen.init(formats.SourceHint()), feed.chunk, float(feed.chunk.times_s[0]))[1].plots
    return _tally(ticks(plots.take(slice(0, most)), 1.0))


def speed(n: int = 20_000) -> dict[str, float]:
    """Return nanoseconds a track of a look, and of a tick between looks."""
    rng = np.random.Generator(np.random.PCG64(1))
    t = Tracks.blank(n, number=np.arange(1, n + 1), vx_ms=rng.normal(0, 100, n), vy_ms=rng.normal(0, 100, n), var_v_m2s2=4.0)
    state, look, between = track.behaviour.State(), [], []
    for k in range(40):
        begin = time.perf_counter()
        state, _ = track.behaviour.step(state, t, k * stage.EVERY_S / 2.0)
        (between if k % 2 else look).append(time.perf_counter() - begin)
    return {"look_ns": round(1e9 * float(np.median(look[2:])) / n, 1), "between_ns": round(1e9 * float(np.median(between[2:])) / n, 1)}


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seeds", type=int, default=2)
    p.add_argument("--data", type=Path, default=Path("../shared/data"))
    p.add_argument("--learn", action="store_true", help="print the module of likelihoods")
    p.add_argument("--keep", action="store_true", help="write bench/results/behaviour.json")
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    if args.learn:
        print(learn(), end="")
        return
    found: dict[str, Any] = {**simulated(args.seeds), "speed": speed()}
    flights = args.data / "traj" / "traffic_quickstart.json.gz"
    if flights.exists():
        found["real flights, ADS-B"] = airliners(flights)
        found["real flights, positions alone"] = airliners(flights, answering=False)
    for name, file, most in (
        ("real airport, MLAT", "asterix/lebl_201002_mlat.ast", 25_000),
        ("real airport, SMR alone", "asterix/lebl_201002_smr.ast", 6_000),
        ("real drone, Remote ID", "remoteid/cdc_parrot_anafi4_real.pcapng", 5_000),
    ):
        if (args.data / file).exists():
            found[name] = recorded(args.data / file, most)
    if args.keep:
        machine.keep("behaviour", found)
    if args.json:
        print(json.dumps(found, indent=2))
        return
    print("truth \\ said  " + "".join(f"{n:>11}" for n in NAMES))
    for name, row in found["confusion"].items():
        print(f"{name:<14}" + "".join(f"{row[n]:>11.3f}" for n in NAMES))
    for r in found["reliability"]:
        print(f"stated {r['stated']:.3f}  right {r['right']:.3f}  of {r['n']}")
    for name in list(found)[2:]:
        print(name, found[name])


if __name__ == "__main__":
    main()

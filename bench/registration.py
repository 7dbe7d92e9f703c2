"""How well, how fast and at what cost the sensors' biases are found, beside the bound; and whether healthy sensors are ever blamed.

    python -m bench.registration                      ten minutes of 50 and 100 aircraft over two and three radars, with and without ADS-B
    python -m bench.registration --seeds 5 --json
    python -m bench.registration --healthy 4          so many hours of healthy sensors with reflections, wrong and double addresses
    python -m bench.registration --cost 500           CPU time a plot, after the biases have settled; of 5,000 and more, the speed world's

Biases are drawn: range offsets of 100 to 500 m, azimuths of 0.1 to 1 degree, either sign; noise of 50 m and 0.08 degrees. An error
is told as a share of what is allowed: the larger of a tenth of the bias and twice the bound. "residual" is the RMS error of
the radars' corrected plots over that of plots whose true biases are taken off. RegisterConfig() as shipped.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from typing import Any

import numpy as np

from bench.machine import keep
from bench.registration_world import Bias, World, bound, ring
from bench.tracking_world import CENTRE_RAD
from bench.tracking_world import World as SpeedWorld
from tenere import track
from tenere.batch import Plots
from tenere.track import register
from tenere.track.place import Sites, place
from tenere.track.register.window import AZIMUTH, NBIAS, OFFSET

SECONDS, LATER_S = 600, 60
CASES = tuple((radars, adsb, aircraft) for radars in (2, 3) for adsb in (True, False) for aircraft in (50, 100))
FALSE_SHARE = 0.01
MANY_AIRCRAFT = 5000


def drawn(count: int, seed: int) -> list[Bias]:
    """Return so many biases of either sign: 100 to 500 m, 0.1 to 1 degree."""
    r = np.random.Generator(np.random.PCG64([seed, 5]))
    size, angle = r.uniform(100.0, 500.0, count), np.radians(r.uniform(0.1, 1.0, count))
    return [
        Bias(offset_m=float(o * s), azimuth_rad=float(a * t))
        for o, a, s, t in zip(size, angle, *r.choice([-1, 1], (2, count)), strict=True)
    ]


def observe(world: World, state: register.State, sites: Sites, time_s: float, plots: Plots, tracks: Any, picture: Any) -> None:  # noqa: ANN401
    """Give a tick to registration."""
    register.observe(state, register.corrected(state, plots), tracks, picture, world.table, world.plane, sites, time_s)


def residual(world: World, state: register.State, later: list[tuple[Plots, Any]]) -> float:
    """Return the RMS error of the radars' corrected plots over that of plots without their true biases."""
    plots, who = Plots.concat([p for p, _ in later]), np.concatenate([w for _, w in later])
    mine = plots.sensor < len(world.radars)
    plots, who = plots.take(mine), who[mine] - 1
    b = np.array(world.biases)[plots.sensor]
    clean = plots.replace(range_m=plots.range_m - b[:, OFFSET], azimuth_rad=(plots.azimuth_rad - b[:, AZIMUTH]) % (2 * np.pi))

    def rms(seen: Plots, time_s: Any) -> float:  # noqa: ANN401 - an array
        z = place(seen, world.table, world.plane, Sites()).z
        return math.sqrt(float(np.mean(((z - world.start[who] - world.velocity[who] * time_s[:, None]) ** 2).sum(axis=1))))

    return rms(register.corrected(state, plots), plots.time_s) / rms(clean, plots.time_s)


def case(radars: int, aircraft: int, seed: int, *, adsb: bool) -> dict[str, Any]:
    """Run ten minutes and say how well the biases were found."""
    biases = drawn(radars, seed)
    world = World(ring(radars), biases, aircraft=aircraft, seed=seed, adsb=adsb)
    state, sites, kept, found_s = register.init(register.RegisterConfig()), Sites(), [], math.nan
    for t in range(1, SECONDS + 1):
        plots, tracks, picture = world.tick(float(t))
        kept.append((plots, tracks))
        observe(world, state, sites, float(t), plots, tracks, picture)
        if math.isnan(found_s) and t % 12 == 0 and max(_shares(state, biases, np.zeros((radars, NBIAS)))) <= 1.0:
            found_s = float(t)
    region = state.regions[0]
    least = bound(world, kept, np.array([region.prior[region.row_of[i]] for i in range(len(world.table.rows))]))
    shares, row_of = _shares(state, biases, least), region.row_of
    later = [world.tick(float(t))[:2] for t in range(SECONDS + 1, SECONDS + LATER_S + 1)]
    observed = [r for r in register.report(state) if r.bias in ("offset_m", "azimuth_rad") and r.sensor < radars]
    return {
        "radars": radars,
        "adsb": adsb,
        "aircraft": aircraft,
        "seed": seed,
        "worst_share_of_allowed": max(shares),
        "mean_share_of_allowed": float(np.mean(shares)),
        "within_a_tenth_after_s": found_s,
        "worst_offset_error_m": max(abs(region.value[row_of[i], OFFSET] - b.offset_m) for i, b in enumerate(biases)),
        "worst_azimuth_error_deg": max(abs(math.degrees(region.value[row_of[i], AZIMUTH] - b.azimuth_rad)) for i, b in enumerate(biases)),
        "offset_std_m": float(np.mean(region.std[row_of[:radars], OFFSET])),
        "offset_bound_m": float(np.mean(least[:radars, OFFSET])),
        "azimuth_std_deg": math.degrees(float(np.mean(region.std[row_of[:radars], AZIMUTH]))),
        "azimuth_bound_deg": math.degrees(float(np.mean(least[:radars, AZIMUTH]))),
        "all_observed": all(r.observed for r in observed),
        "residual": residual(world, state, later),
        "false_jumps": len(state.jumps),
        "false_findings": len(state.trust.findings),
    }


def _shares(state: register.State, biases: list[Bias], least: Any) -> list[float]:  # noqa: ANN401 - an array
    """Return every offset's and azimuth's error as a share of what is allowed."""
    region, out = state.regions[0], []
    for i, b in enumerate(biases):
        row = region.row_of[i] if i < len(region.row_of) else -1
        for k in (OFFSET, AZIMUTH):
            value = region.value[row, k] if row >= 0 else 0.0
            out.append(float(abs(value - b[k]) / max(0.1 * abs(b[k]), 2.0 * least[i, k])))
    return out


def healthy(hours: float, seed: int) -> dict[str, Any]:
    """Run hours of healthy but ordinary sensors: biased, with reflections, wrong addresses, one address on two aircraft, few aircraft."""
    state, sites, ever, jumps = register.init(register.RegisterConfig()), Sites(), [], 0
    biases = [Bias(400.0, 3e-4, math.radians(0.8), 0.2), Bias(-200.0, 0.0, math.radians(-0.6)), Bias()]
    r = np.random.Generator(np.random.PCG64([seed, 6]))
    parts, length = max(1, round(hours * 2)), 1800
    for k in range(parts):
        aircraft = (1, 3, 8, 25)[k % 4]
        world = World(ring(3), biases, aircraft=aircraft, seed=1000 * seed + k, reported={0: (9e3, 4e3)} if k % 8 > 5 else {})
        _progress(f"half hour {k + 1} of {parts}, {aircraft} aircraft")
        for t in range(1, length + 1):
            now = float(k * length + t)
            plots, tracks, picture = world.tick(float(t))
            azimuth, address = plots.azimuth_rad.copy(), plots.address.copy()
            reflected, wrong = r.random((2, len(plots))) < FALSE_SHARE
            azimuth[reflected] = r.uniform(0.0, 2.0 * np.pi, int(reflected.sum()))
            address[wrong] = r.choice(address, int(wrong.sum()))
            address[address == world.address[-1]] = world.address[len(world.address) // 2]
            plots = plots.replace(azimuth_rad=azimuth, address=address, time_s=plots.time_s + k * length)
            observe(world, state, sites, now, plots, tracks, picture)
            ever += [(now, f) for f in state.trust.findings.values() if f not in [g for _, g in ever]]
    jumps = len(state.jumps)
    flags = {"warned": sum(f.verdict == 1 for _, f in ever), "untrusted": sum(f.verdict == 2 for _, f in ever)}
    return {"hours": parts / 2, "seed": seed, **flags, "jumps": jumps, "findings": [f"{t:.0f} s: {f}" for t, f in ever][:10]}


def cost(aircraft: int) -> dict[str, Any]:
    """Return the CPU time a plot of registration, settled, and of the tracker beside it in the same run."""
    spent, tracking, plots = 0.0, 0.0, 0
    radars = 5
    many = aircraft >= MANY_AIRCRAFT
    world: Any = SpeedWorld(aircraft, 1, addressed=True) if many else World(ring(radars), drawn(radars, 1), aircraft=aircraft)
    configs = world.sensors() if many else tuple(s.config for s in world.table.rows)
    centre = CENTRE_RAD if many else (world.plane.lat0_rad, world.plane.lon0_rad)
    tracker, state = track.init(track.TrackConfig(), configs, centre), register.init(register.RegisterConfig())
    settle, seconds = (30, 40) if many else (240, 120)
    for t in range(1, settle + seconds + 1):
        if many:
            heard, now = world.tick()
        else:
            told, now = world.tick(float(t))[0], float(t)
            parts = (("r", told.sensor < radars), ("a", told.sensor == radars))
            empty = track.Heard("", Plots.none(), *_nothing())
            heard = [empty._replace(source=name, plots=told.take(rows)) for name, rows in parts]
        begin = time.process_time()
        tracker, out = track.step(tracker, heard, now, 1.0)
        middle = time.process_time()
        seen = register.corrected(state, out.plots)
        register.observe(state, seen, out.plot_tracks, out.tracks, tracker.table, tracker.plane, tracker.sites, now)
        if t > settle:
            tracking, spent, plots = tracking + middle - begin, spent + time.process_time() - middle, plots + len(out.plots)
    return {
        "aircraft": aircraft,
        "sensors": len(configs),
        "regions": len(state.regions),
        "plots_per_air_s": plots / seconds,
        "register_us_a_plot": 1e6 * spent / plots,
        "tracker_us_a_plot": 1e6 * tracking / plots,
        "share_of_the_tracker": spent / tracking,
    }


def _nothing() -> tuple[Any, Any]:
    """Return no system tracks and no status."""
    from tenere.batch import Status, SystemTracks  # noqa: PLC0415 - only the cost needs them

    return SystemTracks.none(), Status.none()


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}    ", end="", file=sys.stderr, flush=True)


def main() -> None:
    """Print JSON, or a table of the cases."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.registration", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=1, help="draws of each case")
    parser.add_argument("--first", type=int, default=1, help="seed of the first draw")
    parser.add_argument("--healthy", type=float, metavar="HOURS", help="run healthy sensors only")
    parser.add_argument("--cost", type=int, metavar="AIRCRAFT", help="measure CPU time only")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--keep", action="store_true", help="write bench/results/registration.json")
    a = parser.parse_args()
    if a.healthy or a.cost:
        print(json.dumps(healthy(a.healthy, a.first) if a.healthy else cost(a.cost), indent=None if a.json else 2))
        return
    rows = []
    for radars, adsb, aircraft in CASES:
        for seed in range(a.first, a.first + a.seeds):
            _progress(f"{radars} radars, {aircraft} aircraft, seed {seed}")
            rows.append(case(radars, aircraft, seed, adsb=adsb))
    result = {
        "cases": rows,
        "worst_share_of_allowed": max(r["worst_share_of_allowed"] for r in rows),
        "worst_residual": max(r["residual"] for r in rows),
        "slowest_within_a_tenth_s": max(r["within_a_tenth_after_s"] for r in rows),
    }
    if a.keep:
        keep("registration", result)
    print(json.dumps(result, indent=None if a.json else 2))


if __name__ == "__main__":
    main()

"""How the tracker's motion models fit what is slow and small: drones, birds, vehicles, beside what they are made for.

    python -m bench.slow_motion [--seed N] [--json] [--as-aircraft] [--set drift_m2s3=0.5 turn_rate_std_deg_s=10 ...]

The same simulated individuals as bench/behaviour_world.py, their truth known. Of each habit: how often the stated 95 % ellipse
holds the truth, the root mean square error beside that of the plots themselves, and how many tracks an individual got.
What has no transponder is seen by a detector, whose plots are filtered by [track.small_motion]; --as-aircraft filters all alike, and
--set changes figures of [track.small_motion] for a trial.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import msgspec
import numpy as np

from bench import behaviour_world
from bench.behaviour import NEAR_M, SENSORS
from tenere import track
from tenere.batch import Status, SystemTracks
from tenere.estimate.motion import MotionConfig
from tenere.track.config import SMALL_MOTION

INSIDE = 5.991
SETTLED_S = 20
NOISE_M = (4.0, 20.0)


def measure(seed: int, motion: tuple[MotionConfig, MotionConfig], each: int = 6) -> dict[str, dict[str, float]]:
    """Return the figures of each habit."""
    world = behaviour_world.world(seed, each, NOISE_M)
    plane = behaviour_world.PLANE
    state = track.init(track.TrackConfig(motion=motion[0], small_motion=motion[1]), SENSORS, (plane.lat0_rad, plane.lon0_rad))
    inside: dict[str, list[float]] = {name: [] for name in behaviour_world.HABITS}
    error: dict[str, list[float]] = {name: [] for name in behaviour_world.HABITS}
    names: dict[int, set[int]] = {}
    seen: dict[str, int] = dict.fromkeys(behaviour_world.HABITS, 0)
    plots2: list[float] = []
    for k, plots in enumerate(world.plots):
        state, made = track.step(state, [track.Heard("", plots, SystemTracks.blank(), Status.blank())], 1000.0 + k, 1.0)
        plots2.append(float(np.mean(2.0 * plots.position_std_m**2)))
        t = made.tracks
        if not len(t):
            continue
        dx, dy = t.x_m[:, None] - world.x_m[k], t.y_m[:, None] - world.y_m[k]
        who = np.argmin(np.hypot(dx, dy), axis=1)
        ex, ey = dx[np.arange(len(t)), who], dy[np.arange(len(t)), who]
        near = np.hypot(ex, ey) < NEAR_M
        det = t.var_xx_m2 * t.var_yy_m2 - t.var_xy_m2**2
        d2 = (t.var_yy_m2 * ex * ex - 2 * t.var_xy_m2 * ex * ey + t.var_xx_m2 * ey * ey) / det
        for i in np.flatnonzero(near):
            names.setdefault(int(who[i]), set()).add(int(t.number[i]))
            if k >= SETTLED_S:
                habit = world.habit[who[i]]
                inside[habit].append(float(d2[i] < INSIDE))
                error[habit].append(float(ex[i] ** 2 + ey[i] ** 2))
                seen[habit] += 1
    return {
        name: {
            "inside_95": round(float(np.mean(inside[name])), 3),
            "rmse_m": round(float(np.sqrt(np.mean(error[name]))), 2),
            "of_plots_rmse": round(float(np.sqrt(np.mean(error[name]) / np.mean(plots2))), 3),
            "completeness": round(seen[name] / (each * (behaviour_world.LASTS_S - SETTLED_S)), 3),
            "tracks_each": round(float(np.mean([len(names.get(i, ())) for i, h in enumerate(world.habit) if h == name])), 2),
        }
        for name in behaviour_world.HABITS
    }


def main() -> None:
    """Measure and print."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", type=int, default=9001)
    p.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE")
    p.add_argument("--as-aircraft", action="store_true", help="by [track.motion] for all, as aircraft move")
    p.add_argument("--json", action="store_true")
    args = p.parse_args()
    changed: dict[str, Any] = {k: float(v) for k, v in (s.split("=") for s in args.set)}
    small = MotionConfig() if args.as_aircraft else SMALL_MOTION
    found = measure(args.seed, (MotionConfig(), msgspec.structs.replace(small, **changed)))
    if args.json:
        print(json.dumps(found, indent=2))
        return
    for name, row in found.items():
        print(f"{name:<12}" + "  ".join(f"{k} {v:>7}" for k, v in row.items()))


if __name__ == "__main__":
    main()

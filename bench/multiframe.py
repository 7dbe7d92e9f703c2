"""Where one frame is not enough: crossings without codes and formations, the tracker's two ways of association side by side.

    python -m bench.multiframe                   6 runs of each scene
    python -m bench.multiframe --runs 2 --json

A radar of 50 m and 0.08 degrees turns every 4 s, sees an aircraft with probability 0.8 and adds false plots. "Single" is
tenere.track.step, as shipped; "multi" is tenere.track.multi with its defaults and the same models of motion. Both get the
same plots, of which neither knows whose they are. Scored from scan 10: GOSPA at 1 km, and which
track follows which aircraft; "kept" is the share of aircraft that have the same track in the first and in the last ten of
the scored scans (near a crossing the scorer itself cannot tell switches).
"""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.airbench.score import gospa_figures
from bench.machine import keep
from tenere import track
from tenere.batch import PlotKind, Plots, Status, SystemTracks
from tenere.estimate.assignment import gospa_assign
from tenere.estimate.metrics import Following, Gospa
from tenere.estimate.motion import MotionConfig
from tenere.site import SensorConfig
from tenere.track import multi

if TYPE_CHECKING:
    from collections.abc import Callable

PERIOD_S, SCANS, SKIP = 4.0, 50, 10
SPAN = 10  # scans over which an aircraft's track is told, before and after
RANGE_STD_M, AZIMUTH_STD_RAD = 50.0, np.deg2rad(0.08)
DETECTION = 0.8
REACH_M = 200_000.0
BEGIN_S = 1000.0
CUT_M = 1000.0
SPEED_MS = 220.0


class Scene(NamedTuple):
    """One run: where the aircraft are (SCANS, N, 2) and each scan's plots (n, 2) as range (m) and azimuth (rad from x)."""

    true: np.ndarray
    plots: list[np.ndarray]
    false_plots: int


def crossings(rng: np.random.Generator) -> np.ndarray:
    """Return 12 pairs that meet at the middle of the time: courses 1 to 6 degrees apart, 0 to 300 m beside each other."""
    k = (np.arange(SCANS) - SCANS / 2) * PERIOD_S
    out = []
    for _ in range(12):
        far, at, course = rng.uniform(40e3, 150e3), rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi)
        angle, beside = np.deg2rad(rng.uniform(1.0, 6.0)), rng.uniform(0.0, 300.0)
        meet = far * np.array([np.cos(at), np.sin(at)])
        for half in (-0.5, 0.5):
            along = np.array([np.cos(course + half * angle), np.sin(course + half * angle)])
            out.append(meet + half * beside * along[::-1] * [-1, 1] + SPEED_MS * k[:, None] * along)
    return np.stack(out, 1)


def formations(rng: np.random.Generator) -> np.ndarray:
    """Return 6 formations of four in a diagonal, 300 to 600 m apart, that turn by 60 degrees half-way at 1.5 degrees a second."""
    out = []
    for _ in range(6):
        far, at, course = rng.uniform(40e3, 120e3), rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi)
        apart = rng.uniform(300.0, 600.0)
        heading = course + np.deg2rad(np.clip((np.arange(SCANS) - SCANS / 2) * PERIOD_S * 1.5, 0.0, 60.0))
        step = SPEED_MS * PERIOD_S * np.column_stack([np.cos(heading), np.sin(heading)])
        leader = far * np.array([np.cos(at), np.sin(at)]) + np.cumsum(step, 0)
        slot = apart * np.array([np.cos(course + 2.2), np.sin(course + 2.2)])
        out += [leader + i * slot for i in range(4)]
    return np.stack(out, 1)


def scene(make: Callable[[np.random.Generator], np.ndarray], seed: int, false_plots: int = 100) -> Scene:
    """Return one run of a scene, drawn from a seed."""
    rng = np.random.default_rng(seed)  # noqa: TID251 - seeded by its argument
    true = make(rng)
    plots = []
    for at in true:
        seen = at[rng.random(len(at)) < DETECTION]
        r = np.hypot(*seen.T) + rng.normal(0, RANGE_STD_M, len(seen))
        a = np.arctan2(seen[:, 1], seen[:, 0]) + rng.normal(0, AZIMUTH_STD_RAD, len(seen))
        n = rng.poisson(false_plots)
        false = np.column_stack([REACH_M * np.sqrt(rng.random(n)), rng.uniform(-np.pi, np.pi, n)])
        plots.append(np.vstack([np.column_stack([r, a]), false])[rng.permutation(len(seen) + n)])
    return Scene(true, plots, false_plots)


def single(s: Scene) -> tuple[list[tuple[np.ndarray, np.ndarray]], float]:
    """Return each scan's track numbers and positions by tenere.track, and the CPU seconds a scan."""
    radar = SensorConfig(
        id="R",
        kind="radar",
        source="r",
        range_std_m=RANGE_STD_M,
        azimuth_std_deg=float(np.rad2deg(AZIMUTH_STD_RAD)),
        range_m=REACH_M,
        clutter=s.false_plots,
        period_s=PERIOD_S,
        detection=DETECTION,
    )
    state = track.init(track.TrackConfig(), (radar,), None)
    out, spent_s = [], 0.0
    for k, found in enumerate(s.plots):
        now_s = BEGIN_S + k * PERIOD_S
        plots = Plots.blank(
            len(found),
            time_s=np.full(len(found), now_s),
            kind=PlotKind.PSR,
            range_m=found[:, 0],
            azimuth_rad=(np.pi / 2 - found[:, 1]) % (2 * np.pi),
            height_m=0.0,
            sac_sic=-1,
        )
        begin = time.process_time()
        state, tracked = track.step(state, [track.Heard("r", plots, SystemTracks.blank(), Status.blank())], now_s, PERIOD_S)
        spent_s += time.process_time() - begin
        t = tracked.tracks
        out.append((t.number.astype(np.int64), np.column_stack([t.x_m, t.y_m])))
    return out, spent_s / SCANS


def several(s: Scene) -> tuple[list[tuple[np.ndarray, np.ndarray]], float]:
    """Return the same by tenere.track.multi."""
    state = multi.init(multi.MultiConfig(), MotionConfig())
    out, spent_s = [], 0.0
    for k, found in enumerate(s.plots):
        now_s = BEGIN_S + k * PERIOD_S
        begin = time.process_time()
        state, _ = multi.look(state, now_s, *placed(found), s.false_plots / (np.pi * REACH_M**2), DETECTION)
        picture = multi.estimates(state, now_s)
        spent_s += time.process_time() - begin
        out.append((picture.ids, picture.x[:, :2]))
    return out, spent_s / SCANS


def placed(found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions (n, 2) and covariances (n, 3) of plots given as range and azimuth."""
    r, a = found.T
    c, s = np.cos(a), np.sin(a)
    along, across = RANGE_STD_M**2, (r * AZIMUTH_STD_RAD) ** 2
    cov = np.column_stack([along * c * c + across * s * s, (along - across) * s * c, along * s * s + across * c * c])
    return np.column_stack([r * c, r * s]), cov


def scored(s: Scene, rows: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Return one run's figures."""
    n = s.true.shape[1]
    gospa, names, parts, every = Gospa(CUT_M), Following(n), (Following(n), Following(n)), np.arange(n)
    for k, (true, (ids, at)) in enumerate(zip(s.true, rows, strict=True)):
        i, j, apart = gospa_assign(true, at, CUT_M)
        gospa.add(apart, len(true), len(at), counts=k >= SKIP)
        if k >= SKIP:
            names.add(k, every, i, ids[j])
        if SKIP <= k < SKIP + SPAN or k >= SCANS - SPAN:
            parts[k >= SCANS - SPAN].add(k, every, i, ids[j])
    told = gospa_figures(gospa, SKIP, n * (SCANS - SKIP))
    (before, _), (after, _) = (p.most() for p in parts)
    return {
        "gospa_c1km": told["rms"],
        "missed_a_scan": told["missed_per_scan"],
        "false_a_scan": told["false_per_scan"],
        "id_switches": float(names.switches.sum()),
        "kept": float(np.mean((before == after) & (before >= 0))),
        "purity": names.purity(),
        "longest_track": float(np.mean(names.most()[1] / (SCANS - SKIP))),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=6, help="runs of each scene")
    parser.add_argument("--seed", type=int, default=1, help="the first run's")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args()
    result = []
    for make in (crossings, formations):
        for name, tracker in (("single", single), ("multi", several)):
            tracker(scene(make, 0, 20))  # compile
            figures, spent = [], []
            for run in range(asked.runs):
                s = scene(make, asked.seed + run)
                rows, cpu_s = tracker(s)
                figures.append(scored(s, rows))
                spent.append(cpu_s)
            mean = {key: round(float(np.mean([f[key] for f in figures])), 4) for key in figures[0]}
            result.append({"scene": make.__name__, "tracker": name, **mean, "ms_a_scan": round(1e3 * float(np.mean(spent)), 2)})
            if not asked.json:
                print(
                    f"{make.__name__:11s} {name:7s} "
                    + "  ".join(f"{key} {value:g}" for key, value in result[-1].items() if key not in ("scene", "tracker"))
                )
    if asked.json:
        print(json.dumps(result, indent=2))
    if asked.runs >= 6:
        keep("multiframe", {"runs": asked.runs, "rows": result})


if __name__ == "__main__":
    main()

"""Draw the pictures of docs/explanation/tracking.md from runs of the tracker.

    python -m scripts.tracking_pictures              all of them, into docs/images
    python -m scripts.tracking_pictures turn late    these two

Every run is drawn from a seed, with TrackConfig() as shipped. Needs the extra "bench" (matplotlib, scipy).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
import numpy as np
from bench import multiframe, tracking_known_own, tracking_run
from bench.airbench import scenario
from bench.airbench.pcrlb import bounds, turning
from bench.airbench.scenario import rng_of
from bench.machine import RESULTS

from tenere import track
from tenere.batch import PlotKind, Plots, Status, SystemTracks
from tenere.estimate.assignment import gospa_assign
from tenere.estimate.lanes import MU, ROW
from tenere.estimate.motion import LEFT, RIGHT, SPEED, STRAIGHT
from tenere.site import SensorConfig
from tenere.track import Heard, TrackConfig
from tenere.track.place import FRAME_M

mpl.use("Agg")
import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from tenere.track import State, Tracked

    F64 = NDArray[np.float64]

FOLDER = Path(__file__).parents[1] / "docs" / "images"
BEGIN_S = 1000.0
RANGE_STD_M, AZIMUTH_STD_RAD, PERIOD_S, PD = 50.0, np.deg2rad(0.08), 4.0, 0.9
REACH_M = 290e3
CIRCLE = np.linspace(0.0, 2.0 * np.pi, 61)
SPREAD_95 = np.sqrt(5.991)
# colours that people with any colour vision tell apart (Okabe & Ito 2008)
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PINK = "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#8A8A8A"
STYLE = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.dpi": 110,
    "svg.hashsalt": "tenere",
}


class Step(NamedTuple):
    """What a tick left."""

    time_s: float
    tracked: Tracked
    state: State


def radar(clutter: float, detection: float = PD) -> SensorConfig:
    """Return a radar of 50 m and 0.08 degrees that turns every 4 s, its place unknown: a flat world of its own."""
    return SensorConfig(
        id="R",
        kind="radar",
        source="r",
        range_std_m=RANGE_STD_M,
        azimuth_std_deg=float(np.rad2deg(AZIMUTH_STD_RAD)),
        range_m=REACH_M,
        clutter=clutter,
        period_s=PERIOD_S,
        detection=detection,
    )


def measured(rng: np.random.Generator, at: F64) -> F64:
    """Return what the radar measures of places (n, 2): range (m) and azimuth (rad, anticlockwise from x)."""
    noise = rng.standard_normal((len(at), 2)) * [RANGE_STD_M, AZIMUTH_STD_RAD]
    return np.column_stack([np.hypot(at[:, 0], at[:, 1]), np.arctan2(at[:, 1], at[:, 0])]) + noise


def false_plots(rng: np.random.Generator, expected: float) -> F64:
    """Return false plots of one turn, uniform over the area, as range and azimuth."""
    n = rng.poisson(expected)
    return np.column_stack([REACH_M * np.sqrt(rng.random(n)), rng.uniform(-np.pi, np.pi, n)])


def plots_of(found: F64, time_s: F64 | float) -> Plots:
    """Return plots given as range and azimuth in our columns."""
    return Plots.blank(
        len(found),
        time_s=time_s,
        kind=PlotKind.PSR,
        range_m=found[:, 0],
        azimuth_rad=(np.pi / 2 - found[:, 1]) % (2 * np.pi),
        height_m=0.0,
        sac_sic=-1,
    )


def places(found: F64) -> F64:
    """Return range and azimuth as x and y (n, 2)."""
    return found[:, :1] * np.column_stack([np.cos(found[:, 1]), np.sin(found[:, 1])])


def run(ticks: list[tuple[float, Plots]], clutter: float, detection: float = PD) -> Iterator[Step]:
    """Step the tracker through ticks of (time, plots)."""
    state = track.init(TrackConfig(), (radar(clutter, detection),), None)
    for time_s, plots in ticks:
        state, tracked = track.step(state, [Heard("r", plots, SystemTracks.blank(), Status.blank())], time_s, PERIOD_S)
        yield Step(time_s, tracked, state)


def flown(start: tuple[float, float], course: float, speed: float, rates: F64, step_s: float) -> F64:
    """Return places (len(rates) + 1, 2) of an aircraft that turns at rates (rad/s), one a step."""
    heading = course + np.concatenate([[0.0], np.cumsum(rates)]) * step_s
    middle = heading[:-1] + rates * step_s / 2
    return np.array(start) + np.concatenate(
        [[[0.0, 0.0]], np.cumsum(speed * step_s * np.column_stack([np.cos(middle), np.sin(middle)]), 0)]
    )


def ellipse(at: F64, cov: F64) -> F64:
    """Return the outline (61, 2) of the 95 % ellipse of a position."""
    return at + SPREAD_95 * (np.linalg.cholesky(cov) @ np.array([np.cos(CIRCLE), np.sin(CIRCLE)])).T


def spread(tracks: Any, i: int) -> F64:  # noqa: ANN401 - Tracks, whose columns are made at run time
    """Return the covariance (2, 2) of a track's position."""
    return np.array([[tracks.var_xx_m2[i], tracks.var_xy_m2[i]], [tracks.var_xy_m2[i], tracks.var_yy_m2[i]]])


def close(name: str) -> None:
    """Write the current figure."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"tracking-{name}.png"
    plt.savefig(path, metadata={"Software": None})
    plt.close()
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def turn() -> None:
    """Draw an aircraft that turns by 90 degrees, as the filter sees it."""
    rng = rng_of(4)
    scans, begin, end, rate = 40, 16, 24, np.deg2rad(2.8)
    rates = np.where((np.arange(scans - 1) >= begin) & (np.arange(scans - 1) < end), rate, 0.0)
    begin_at = (-20e3, 150e3)
    true = flown(begin_at, 0.0, 220.0, rates, PERIOD_S)
    fine = flown(begin_at, 0.0, 220.0, np.repeat(rates, 8), PERIOD_S / 8)
    found = [measured(rng, true[k : k + 1]) if rng.random() < PD or k < 3 else np.zeros((0, 2)) for k in range(scans)]
    times, shares, fifth, shown, seen = [], [], [], [], []
    for k, s in enumerate(run([(BEGIN_S + k * PERIOD_S, plots_of(f, BEGIN_S + k * PERIOD_S)) for k, f in enumerate(found)], 0.1)):
        i = int(np.flatnonzero(s.state.store.alive)[0])
        times.append(k * PERIOD_S)
        shares.append(s.state.store.row[i, MU:ROW].astype(float))
        t = s.tracked.tracks
        shown.append((np.array([t.x_m[0], t.y_m[0]]), spread(t, 0)) if len(t) else None)
        fifth.append(np.rad2deg(-t.turn_rads[0]) if len(t) else np.nan)
        seen.append(places(found[k]))
    fig = plt.figure(figsize=(9.0, 4.3), layout="constrained")
    grid = fig.add_gridspec(2, 2, width_ratios=[1.0, 1.15])
    ax = fig.add_subplot(grid[:, 0])
    part = range(begin - 4, end + 8)
    ax.plot(*fine[(begin - 6) * 8 : (end + 8) * 8 + 1].T / 1e3, color=BLACK, lw=1.2, label="truth")
    ax.plot(*np.vstack([seen[k] for k in part]).T / 1e3, "x", color=RED, ms=6, label="plots")
    ax.plot(*np.array([shown[k][0] for k in part]).T / 1e3, ".-", color=BLUE, lw=0.8, label="estimate, 95 % ellipse")
    for k in part:
        ax.plot(*ellipse(*shown[k]).T / 1e3, color=BLUE, lw=0.8)
    ax.set_aspect("equal", adjustable="box")
    ax.set_xlim(-9.5, 1.5)
    ax.set_xlabel("x, km")
    ax.set_ylabel("y, km")
    ax.set_title("A turn at 2.8 degrees a second, 155 km away")
    ax.legend(loc="upper left")
    upper, lower = fig.add_subplot(grid[0, 1]), fig.add_subplot(grid[1, 1])
    lines = ((STRAIGHT, "straight", BLACK, "-"), (LEFT, "left turn", BLUE, "-"), (RIGHT, "right turn", ORANGE, "--"))
    for model, label, colour, style in (*lines, (SPEED, "change of speed", GREEN, ":")):
        upper.plot(times, [m[model] for m in shares], style, color=colour, label=label)
    lower.plot(times, fifth, color=BLUE, label="estimate")
    edges = np.array([0, begin, begin, end, end, scans]) * PERIOD_S
    lower.plot(edges, np.rad2deg(rate) * np.array([0, 0, 1, 1, 0, 0]), color=BLACK, lw=1.0, label="truth")
    for a in (upper, lower):
        a.axvspan(begin * PERIOD_S, end * PERIOD_S, color="#F0F0F0", lw=0)
        a.set_xlim(20.0, (scans - 1) * PERIOD_S)
    upper.set_ylabel("probability of a model")
    upper.legend(loc="lower left", bbox_to_anchor=(-0.08, 1.0), ncols=4, fontsize=7.5, columnspacing=1.2)
    lower.set_ylabel("turn rate, deg/s")
    lower.set_xlabel("time, s (the turn is shaded)")
    lower.legend(loc="upper right")
    close("turn")


def bound() -> None:
    """Draw the error of 500 aircraft among 500 false plots a turn beside the bound, and beside others."""
    path = tracking_run.scenarios_of(None, ["air500_c500"])[0]
    data, meta = scenario.load(path)
    got = tracking_run.run(data, meta)
    assert got is not None
    known = tracking_known_own.run(data, meta)
    tight, age = bounds(data, meta, "seq")
    turns = turning(data)
    truth = data["X"]
    rows: dict[str, list[F64]] = {"ours": [], "known": []}
    for name, out in (("ours", got.out), ("known", known)):
        scan, place = np.asarray(out["scan"]), np.column_stack([out["x"], out["y"]])
        for k in range(truth.shape[0]):
            who = np.flatnonzero(~np.isnan(truth[k, :, 0]))
            mine = np.flatnonzero(scan == k)
            i, j, dist = gospa_assign(truth[k, who][:, [0, 2]], place[mine], 1000.0)
            aircraft = who[i]
            settled = age[k, aircraft] >= 10
            b = np.trace(tight[k, aircraft], axis1=1, axis2=2)
            far = np.hypot(truth[k, aircraft, 0], truth[k, aircraft, 2])
            rows[name].append(np.column_stack([np.full(len(j), k), dist**2, b, far, turns[k, aircraft]])[settled])
    ours, filtered = np.vstack(rows["ours"]), np.vstack(rows["known"])
    _, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.7), width_ratios=[1.25, 1.0], layout="constrained")
    edges = np.linspace(20e3, REACH_M, 15)
    middle = (edges[:-1] + edges[1:]) / 2e3
    for table, column, colour, style, label in (
        (ours, 1, BLUE, "o-", "tracker"),
        (filtered, 1, GREEN, "s--", "its filter, told whose each plot is"),
        (ours, 2, BLACK, "-", "Cramér-Rao bound"),
    ):
        cell = np.digitize(table[:, 3], edges) - 1
        left.plot(middle, [np.sqrt(table[cell == c, column].mean()) for c in range(len(middle))], style, color=colour, ms=3.5, label=label)
    left.set_xlabel("distance from the radar, km")
    left.set_ylabel("position error, RMS, m")
    left.set_ylim(0)
    left.legend(loc="upper left")
    left.set_title("500 aircraft, 500 false plots a turn")
    peer = json.loads((RESULTS / "peers.json").read_text())["scenarios"]["air500_c500"][1]
    values = {
        "tracker": (ours, BLUE, ""),
        "told whose each plot is": (filtered, GREEN, "///"),
        f"Stone Soup, tuned (first {peer['scans']} turns)": (None, ORANGE, "..."),
    }
    wide = 0.26
    for n, (label, (table, colour, hatch)) in enumerate(values.items()):
        if table is None:
            tall = [peer["ratio_pcrlb_cv"], peer["ratio_pcrlb_turn"], peer["ratio_pcrlb"]]
        else:
            straight = table[:, 4] == 0
            tall = [np.sqrt(table[w, 1].mean() / table[w, 2].mean()) for w in (straight, ~straight, np.ones(len(table), bool))]
            print(label, [round(float(v), 3) for v in tall])
        at = np.arange(3) + (n - 1) * wide
        right.bar(at, tall, wide * 0.92, color=colour, hatch=hatch, edgecolor="white", label=label)
        for x, v in zip(at, tall, strict=True):
            right.text(x, v + 0.03, f"{v:.2f}", ha="center", fontsize=7)
    right.axhline(1.0, color=BLACK, lw=1.0)
    right.set_xticks(range(3), ["straight", "in turns", "all"])
    right.set_ylabel("error, in bounds")
    right.set_ylim(0, 3.7)
    right.grid(visible=False, axis="x")
    right.legend(loc="upper right")
    close("bound")


def crossing() -> None:
    """Draw two aircraft without codes that cross, and a formation that turns: by single frames, and over several."""
    k = (np.arange(multiframe.SCANS) - multiframe.SCANS / 2) * PERIOD_S
    angle = np.deg2rad(1.0)
    along = [multiframe.SPEED_MS * k[:, None] * np.array([np.cos(a), np.sin(a)]) for a in (-angle, angle)]
    pair = np.stack([np.array([0.0, 90e3]) + a for a in along], 1)
    heading = np.deg2rad(np.clip(k * 1.5, 0.0, 60.0))
    leader = np.array([-20e3, 80e3]) + np.cumsum(multiframe.SPEED_MS * PERIOD_S * np.column_stack([np.cos(heading), np.sin(heading)]), 0)
    apart = np.array([np.cos(2.2), np.sin(2.2)])
    four = np.stack([leader + 450.0 * n * apart for n in range(4)], 1)
    fig, axes = plt.subplots(2, 2, figsize=(9.0, 5.4), sharex=True, sharey="col", layout="constrained")
    scenes = (
        (pair, 7, pair.mean(1), np.array([0.0, 1.0]), (-520, 520), "Two that cross at 2 degrees"),
        (four, 0, leader, apart, (-500, 2100), "Four abreast, 450 m apart"),
    )
    for column, (true, seed, origin, across, reach, title) in enumerate(scenes):
        rng = rng_of(seed)
        plots = [np.vstack([measured(rng, at[rng.random(len(at)) < multiframe.DETECTION]), false_plots(rng, 20.0)]) for at in true]
        s = multiframe.Scene(true, plots, 20)
        for row, (label, tracker) in enumerate((("one frame at a time", multiframe.single), ("several frames", multiframe.several))):
            ax = axes[row, column]
            _across(ax, s, tracker(s)[0], origin, across, reach)
            ax.set_title(f"{title}: {label}")
            ax.set_ylim(*reach)
        axes[1, column].set_xlabel("time, s")
        axes[1, column].set_xlim(0, 200)
    axes[0, 1].axvspan(100, 140, color="#F0F0F0", lw=0)
    axes[1, 1].axvspan(100, 140, color="#F0F0F0", lw=0)
    axes[0, 0].set_ylabel("across the way, m")
    axes[1, 0].set_ylabel("across the way, m")
    handles = [plt.Line2D([], [], color=BLACK, lw=0.8), plt.Line2D([], [], color=GREY, marker=".", lw=0)]
    handles += [plt.Line2D([], [], color=c, marker=m, ms=3.5, lw=1.2) for c, m in LOOKS]
    names = ["truth", "plots", "first track", "second", "third", "fourth", "fifth and later"]
    fig.legend(handles, names, loc="outside lower center", ncols=7)
    close("crossing")


LOOKS = ((BLUE, "o"), (RED, "^"), (GREEN, "s"), (PINK, "D"), (ORANGE, "v"))


def _across(
    ax: Axes, s: multiframe.Scene, rows: list[tuple[NDArray[np.int64], F64]], origin: F64, across: F64, reach: tuple[int, int]
) -> None:
    """Draw what one way of association made of a scene, across its way (m) over time: one colour and mark a track number."""
    time_s = np.arange(len(s.true)) * PERIOD_S
    for n in range(s.true.shape[1]):
        ax.plot(time_s, (s.true[:, n] - origin) @ across, color=BLACK, lw=0.8)
    paths: dict[int, list[tuple[float, float]]] = {}
    for k, (ids, at) in enumerate(rows):
        seen = places(s.plots[k]) - origin[k]
        mine = np.hypot(*seen.T) < 3000.0
        ax.plot(np.full(mine.sum(), time_s[k]), seen[mine] @ across, ".", color=GREY, ms=3)
        for number, place in zip(ids.tolist(), at - origin[k], strict=True):
            if np.hypot(*place) < 3000.0 and reach[0] < place @ across < reach[1]:
                paths.setdefault(number, []).append((time_s[k], place @ across))
    for n, path in enumerate(sorted(paths.values())):
        colour, mark = LOOKS[min(n, len(LOOKS) - 1)]
        ax.plot(*np.array(path).T, "-" + mark, color=colour, lw=1.2, ms=3)


def existence() -> None:
    """Draw the existence of a real aircraft that leaves, and of tracks that false plots began."""
    rng = rng_of(11)
    scans, gone = 60, 42
    at = np.array([-40e3, 100e3]) + np.arange(scans)[:, None] * PERIOD_S * np.array([230.0, 20.0])
    ticks, hits = [], []
    for k in range(scans):
        seen = at[k : k + 1] if 8 <= k < gone and rng.random() < PD else np.zeros((0, 2))
        hits.append(len(seen) > 0)
        time_s = BEGIN_S + k * PERIOD_S
        ticks.append((time_s, plots_of(np.vstack([measured(rng, seen), false_plots(rng, 300.0)]), time_s)))
    lives: dict[tuple[int, float], list[tuple[float, float, bool]]] = {}
    real: set[tuple[int, float]] = set()
    for k, s in enumerate(run(ticks, 300.0)):
        t = s.state.store
        for i in np.flatnonzero(t.alive).tolist():
            key = (i, float(t.first_s[i]))
            lives.setdefault(key, []).append((k * PERIOD_S, float(t.existence[i]), bool(t.confirmed[i])))
            if 8 <= k < gone and np.hypot(t.hot[i, 0] % FRAME_M - at[k, 0] % FRAME_M, t.hot[i, 1] - at[k, 1]) < 800 and t.hits[i] > 5:
                real.add(key)
    _, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.6), width_ratios=[1.3, 1.0], layout="constrained")
    life = np.array([(a, b) for key in sorted(real) for a, b, _ in lives[key]])
    left.plot(life[:, 0], life[:, 1], ".-", color=BLUE, label="aircraft")
    missed = [k * PERIOD_S for k in range(9, gone) if not hits[k]]
    left.plot(missed, np.full(len(missed), -0.04), "x", color=RED, ms=5, label="looks without its plot", clip_on=False)
    left.axvline(gone * PERIOD_S, color=BLACK, lw=0.8)
    left.text(gone * PERIOD_S - 2, 0.3, "last seen", rotation=90, ha="right", va="center", fontsize=8)
    for y, word in ((0.9, "confirmed above"), (0.5, "hidden below"), (0.02, "dropped below")):
        left.axhline(y, color=GREY, lw=0.8, ls="--")
        left.text(238, y + 0.015, word, fontsize=7.5, color="#444444", ha="right")
    left.set_xlabel("time, s")
    left.set_ylabel("existence")
    left.set_ylim(-0.05, 1.05)
    left.set_xlim(0, scans * PERIOD_S)
    left.set_title("A real aircraft, there from 32 s on")
    left.legend(loc="center left", bbox_to_anchor=(0.2, 0.62))
    begun = [key for key in sorted(lives) if key not in real and key[1] >= BEGIN_S + 60]
    lines = [np.array([(a - (key[1] - BEGIN_S), b) for a, b, _ in lives[key]]) for key in begun]
    shown = sum(any(c and b >= 0.5 for _, b, c in lives[key]) for key in begun)
    kept = [line for line in lines if len(line) > 1]
    print(f"of {len(begun)} tracks that false plots began, {len(kept)} outlived their turn, {shown} were shown")
    for line in kept:
        right.plot(line[:, 0], line[:, 1], ".-", color=ORANGE, lw=0.8, ms=3)
    best = max(lines, key=lambda line: float(line[:, 1].max()))
    right.plot(best[:, 0], best[:, 1], "o-", color=RED, lw=1.4, ms=4, label="the one that got farthest")
    right.plot([], [], ".-", color=ORANGE, lw=0.8, ms=3, label=f"the {len(kept)} of {len(begun):,} that outlived their turn")
    right.axhline(0.9, color=GREY, lw=0.8, ls="--")
    right.text(0.3, 1.0, "confirmed above 0.9", fontsize=7.5, color="#444444")
    right.set_yscale("log")
    right.set_ylim(1e-5, 2.0)
    right.set_xlabel("time since their first plot, s")
    right.set_ylabel("existence (logarithmic)")
    right.set_title("Tracks that false plots began, 300 a turn")
    right.legend(loc="lower right")
    close("existence")


def late() -> None:
    """Draw what plots are worth that come late: one aircraft's ellipse, and the error of many against the delay."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.7), width_ratios=[1.0, 1.1], layout="constrained")
    rng = rng_of(5)
    true = flown((-25e3, 100e3), 0.0, 230.0, np.zeros(24), PERIOD_S)
    found = [measured(rng, true[k : k + 1]) for k in range(25)]
    lost, now = (18, 19), 20
    answers = []
    for comes in (False, True):
        ticks = []
        for k in range(now + 1):
            time_s = BEGIN_S + k * PERIOD_S
            heard = [plots_of(found[k], time_s)] if k < lost[0] else []
            if k == now and comes:
                heard = [plots_of(found[19], BEGIN_S + 19 * PERIOD_S), plots_of(found[18], BEGIN_S + 18 * PERIOD_S)]
            ticks.append((time_s, Plots.concat(heard) if heard else Plots.blank(0)))
        answers.append(list(run(ticks, 0.1))[-1].tracked.tracks)
    for t, colour, style, label in ((answers[0], ORANGE, "--", "without"), (answers[1], BLUE, "-", "with two plots, 4 and 8 s late")):
        at = np.array([t.x_m[0], t.y_m[0]])
        left.plot(*ellipse(at, spread(t, 0)).T / 1e3, style, color=colour, label=label)
        left.plot(*at / 1e3, "o", color=colour, ms=4)
    left.plot(*true[13:23].T / 1e3, color=BLACK, lw=1.0, label="truth")
    left.plot(*true[now] / 1e3, "k*", ms=9, label="where it is now")
    used = np.vstack([places(found[k]) for k in range(13, 18)])
    left.plot(*used.T / 1e3, "x", color=GREY, ms=5, label="plots on time")
    came = np.vstack([places(found[k]) for k in (18, 19)])
    left.plot(*came.T / 1e3, "+", color=RED, ms=9, mew=1.6, label="the late plots")
    left.set_xlabel("x, km")
    left.set_ylabel("y, km")
    left.legend(loc="upper left", fontsize=7.5)
    left.set_xlim(-10.6, -5.2)
    left.set_ylim(99.3, 101.5)
    left.set_title("One aircraft, and two plots that come late")
    delays = np.array([0.0, 2.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0])
    used_m = [_rms_of([_late_error(seed, d, used=True) for seed in range(3)]) for d in delays]
    none_m = _rms_of([_late_error(seed, 0.0, used=False) for seed in range(3)])
    right.plot(delays, used_m, "o-", color=BLUE, label="late plots used")
    right.axhline(none_m, color=ORANGE, ls="--", label="late plots thrown away")
    right.axhline(used_m[0], color=BLACK, lw=0.9, ls=":", label="all on time")
    right.set_ylim(0, 1.25 * none_m)
    right.set_xlabel("delay of 40 % of the plots, s")
    right.set_ylabel("position error, RMS, m")
    right.set_title("300 aircraft, each turning once")
    right.legend(loc="lower right")
    print("late", dict(zip(delays.tolist(), np.round(used_m, 1).tolist(), strict=True)), "without", round(none_m, 1))
    close("late")


def _rms_of(squares: list[F64]) -> float:
    return float(np.sqrt(np.concatenate(squares).mean()))


def _late_error(seed: int, delay_s: float, *, used: bool) -> F64:
    """Return the squared position errors (m2) of 100 aircraft while 40 % of their plots come late, or not at all."""
    rng = rng_of(seed)
    n, scans = 100, 60
    at, course = rng.uniform(-200e3, 200e3, (n, 2)), rng.uniform(-np.pi, np.pi, n)
    true = []
    for i in range(n):
        turns = np.zeros(scans - 1)
        begin = int(rng.integers(8, scans - 14))
        turns[begin : begin + int(rng.integers(3, 12))] = np.deg2rad(rng.uniform(1.0, 3.0)) * rng.choice([-1.0, 1.0])
        true.append(flown((at[i, 0], at[i, 1]), course[i], 220.0, turns, PERIOD_S))
    way = np.stack(true, 1)
    waiting: list[tuple[float, F64, float]] = []
    ticks = []
    for k in range(scans):
        time_s = BEGIN_S + k * PERIOD_S
        found = measured(rng, way[k])
        slow = rng.random(n) < SLOW_SHARE
        parts = [plots_of(found[~slow], time_s)]
        if used:
            waiting.append((time_s + delay_s, found[slow], time_s))
            parts += [plots_of(f, own) for due, f, own in waiting if due <= time_s]
            waiting = [w for w in waiting if w[0] > time_s]
        ticks.append((time_s, Plots.concat(parts)))
    squares = []
    for k, s in enumerate(run(ticks, 1.0, 1.0 - SLOW_SHARE)):
        if k >= 12:
            t = s.tracked.tracks
            _, _, apart = gospa_assign(way[k], np.column_stack([t.x_m, t.y_m]), 1000.0)
            squares.append(apart**2)
    return np.concatenate(squares)


SLOW_SHARE = 0.4


PICTURES = {"turn": turn, "bound": bound, "crossing": crossing, "existence": existence, "late": late}


def main() -> None:
    """Draw what is asked for."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("names", nargs="*", choices=[*PICTURES, []], help="which; without any, all")
    with plt.rc_context(STYLE):
        for name in p.parse_args().names or PICTURES:
            PICTURES[name]()


if __name__ == "__main__":
    main()

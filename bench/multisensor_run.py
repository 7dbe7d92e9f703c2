"""Runs our tracker over a scenario of many sensors, second by second, and scores what it shows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bench import multisensor_faults as faults
from bench.multisensor_bound import bounds
from bench.multisensor_world import BEGIN_S, EQUIPAGE, NAMES, covered, make, sensors
from bench.multisensor_world import feed as plots_of
from tenere import track
from tenere.batch import Status, SystemTracks, TrackFlag
from tenere.estimate.paths import Reports, ordered, paths
from tenere.estimate.score import Score, score
from tenere.estimate.steps import Grid, ScoreConfig, steps
from tenere.track import Heard, TrackConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.multisensor_faults import Fault
    from bench.multisensor_world import Feed, World
    from tenere.batch import Tracks

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

AGED_S = 30
"""So long after a sensor could first see it, an aircraft counts as one that should have a track."""
OTHER_SEES_S = 20.0
"""A sensor that lasts sees an aircraft if never longer than this passes between its plots of it."""
STEADY_S, STEADY_MS2, STEADY_RADS = 20, 0.3, np.deg2rad(0.3)
SOURCES = ("radars", "adsb", "mlat")
COAST = int(TrackFlag.COASTING)


class Scenario(NamedTuple):
    """What a scenario is made of."""

    faults: tuple[Fault, ...] = ()
    wings: int = 0
    doubles: int = 0


SCENARIOS: dict[str, Scenario] = {
    "clean": Scenario(),
    "biased": Scenario((faults.biased,)),
    "split": Scenario((faults.split,)),
    "garbled": Scenario((faults.garbled,)),
    "reflections": Scenario((faults.reflections,)),
    "around": Scenario((faults.around,)),
    "outage": Scenario((faults.outage,)),
    "propagation": Scenario((faults.propagation,)),
    "jamming": Scenario((faults.jamming,)),
    "doubles": Scenario(doubles=3),
    "formation": Scenario(wings=2),
}
EVERY = (faults.split, faults.garbled, faults.reflections, faults.around, faults.propagation, faults.jamming, faults.outage)
SCENARIOS["all"] = Scenario(EVERY, wings=2, doubles=3)
SCENARIOS["all_biased"] = Scenario((*EVERY, faults.biased), wings=2, doubles=3)

BIASED = ("biased", "all_biased")


class Run(NamedTuple):
    """What the tracker showed, and what it made of each plot."""

    tracks: Reports
    coasting: NDArray[np.bool_]
    numbers: I64
    """(parties,) track number of each"""
    used: I64
    """(n,) of the feed, in its order: the number of the track that used it, 0 none"""
    cpu_s: float
    counts: dict[str, int]
    """what the tracker counts of plots"""


def scenario_of(name: str, count: int, length_s: float, seed: int) -> tuple[World, Feed]:
    """Return a scenario's aircraft and what is sent."""
    s = SCENARIOS[name]
    world = make(count, length_s, seed, wings=s.wings, doubles=s.doubles)
    return world, faults.spoiled(world, plots_of(world), s.faults)


def heard_of(sent: Feed, low: int, high: int) -> tuple[list[Heard], I64]:
    """Return rows low to high as the tracker hears them, and where each of its plots is in the feed."""
    rows = np.arange(low, high)
    source = np.maximum(sent.sensor[low:high] - (len(NAMES) - len(SOURCES)), 0)
    parts = [rows[source == k] for k in range(len(SOURCES))]
    heard = [Heard(name, sent.plots.take(part), SystemTracks.blank(), Status.blank()) for name, part in zip(SOURCES, parts, strict=True)]
    return heard, np.concatenate(parts)


def run(world: World, sent: Feed, config: TrackConfig | None = None, watch: Callable[[track.State, int], None] | None = None) -> Run:
    """Track a scenario in ticks of one second; only track.step is timed. watch: called after each tick."""
    state = track.init(config or TrackConfig(), sensors(world.plane), (world.plane.lat0_rad, world.plane.lon0_rad))
    ticks = int(world.length_s)
    cut = np.searchsorted(sent.arrive_s, BEGIN_S + np.arange(ticks + 1), side="right")
    used = np.zeros(len(sent.src), np.int64)
    shown: list[Tracks] = []
    spent = 0.0
    for k in range(ticks):
        heard, rows = heard_of(sent, cut[k], cut[k + 1])
        begin = time.process_time()
        state, tracked = track.step(state, heard, BEGIN_S + k + 1.0, 1.0)
        spent += time.process_time() - begin
        used[rows] = tracked.plot_tracks[: len(rows)]
        shown.append(tracked.tracks)
        if watch is not None:
            watch(state, k)
    numbers, who = np.unique(np.concatenate([t.number for t in shown]), return_inverse=True)

    def of(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(t, name) for t in shown])

    cov = np.column_stack([of("var_xx_m2"), of("var_xy_m2"), of("var_yy_m2")])
    columns = (of(c) for c in ("x_m", "y_m", "vx_ms", "vy_ms", "pressure_altitude_m"))
    times = np.repeat(BEGIN_S + 1.0 + np.arange(ticks), [len(t) for t in shown])
    made = Reports(who.astype(np.int64), times, *columns, cov, of("address").astype(np.int64), len(numbers))
    order = np.lexsort((made.time_s, made.who))
    return Run(made.take(order), (of("flags")[order] & COAST) > 0, numbers.astype(np.int64), used, spent, dict(state.counts))


def aged(world: World) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return of each node of the truth whether it is covered, and whether it has been for AGED_S."""
    seen = covered(world)
    old = np.zeros(len(seen), bool)
    for a in range(world.count):
        low, high = world.truth.start[a : a + 2]
        since = 0
        for n in range(low, high):
            since = since + 1 if seen[n] else 0
            old[n] = since > AGED_S
    return seen, old


def part_of(world: World, keep: NDArray[np.bool_]) -> Reports:
    """Return the rows of the truth that are kept."""
    t = world.truth
    who = np.repeat(np.arange(world.count), np.diff(t.start))
    held = Reports(who, t.time_s, *t.node.T, np.full((len(who), 3), np.nan), t.address[who], world.count)
    return ordered(held.take(keep))[0]


def completeness(world: World, got: Run, keep: NDArray[np.bool_], times: Grid, config: ScoreConfig) -> float:
    """Return the completeness over a part of the truth."""
    made = score(paths(part_of(world, keep), 2.0), got.tracks, times, config)
    return float(made.siap.result()["completeness"])


class Walk(NamedTuple):
    """What one walk over the steps gave."""

    score: Score
    pairs: F64
    """(q, 6) second, aircraft, track, squared error (m2), trace of the bound (m2), tracks' rows"""
    followed: I64
    """(seconds + 1, aircraft) track number + 1 that each had, 0 none"""
    loose: list[tuple[int, I64]]
    """second, and the rows of the tracks that were nobody's or beside another"""


def walk(world: World, got: Run, least: F64, times: Grid, config: ScoreConfig) -> Walk:
    """Score all steps, and keep who was followed by whom, how well, and which tracks were too many."""
    made = Score(world.truth, got.tracks, times, config)
    pairs, loose = [], []
    followed = np.zeros((int(world.length_s) + 1, world.count), np.int64)
    for step in steps(world.truth, got.tracks, times, config):
        made.add(step)
        k = round(step.time_s - BEGIN_S)
        who = got.tracks.who[step.paired]
        followed[k, step.aircraft] = who + 1
        err = (got.tracks.x_m[step.paired] - step.true[:, 0]) ** 2 + (got.tracks.y_m[step.paired] - step.true[:, 1]) ** 2
        pairs.append(np.column_stack([np.full(len(who), k), step.aircraft, who, err, least[step.aircraft, k], step.paired]))
        more = np.setdiff1d(step.rows, step.paired)
        if len(more):
            loose.append((k, more))
    return Walk(made, np.vstack(pairs), followed, loose)


def lost(world: World, sent: Feed, got: Run, walked: Walk) -> dict[str, int]:
    """Count aircraft with a track that a sensor saw until it fell silent and that others still see, and those whose track then went."""
    watched = dropped = 0
    rows = np.column_stack([got.tracks.who, np.rint(got.tracks.time_s - BEGIN_S).astype(np.int64)])
    for i, begin, end in faults.OUTAGES:
        low, high = (int(share * world.length_s) for share in (begin, end))
        since, until = BEGIN_S + low, BEGIN_S + high
        mine = sent.good & (sent.arrive_s > since - OTHER_SEES_S)
        seen, others = mine & (sent.sensor == i) & (sent.arrive_s <= since), mine & (sent.sensor != i) & (sent.arrive_s <= until)
        for a in np.flatnonzero(walked.followed[low]):
            when = sent.arrive_s[others & (sent.src == a)]
            ends = world.truth.time_s[world.truth.start[a + 1] - 1]
            pauses = np.diff(np.r_[since - OTHER_SEES_S, when, until])
            if ends < until or pauses.max() > OTHER_SEES_S or not (seen & (sent.src == a)).any():
                continue
            shown = np.zeros(int(world.length_s) + 1, bool)
            shown[rows[rows[:, 0] == walked.followed[low, a] - 1, 1]] = True
            watched += 1
            dropped += bool((~shown[low:high] & (walked.followed[low:high, a] == 0)).any())
    return {"outage_watched": watched, "outage_dropped": dropped}


def busy(world: World) -> NDArray[np.bool_]:
    """Say of each node of the truth whether the aircraft has turned or changed its speed in the last STEADY_S, or has just come."""
    t = world.truth
    out = np.ones(len(t.time_s), bool)
    for a in range(world.count):
        low, high = t.start[a : a + 2]
        pull = np.abs(np.gradient(np.hypot(t.node[low:high, 2], t.node[low:high, 3]))) > STEADY_MS2
        moves = pull | (np.abs(world.turn_rads[low:high]) > STEADY_RADS)
        before = np.concatenate([[0], np.cumsum(moves)])
        k = np.arange(STEADY_S, high - low)
        out[low + k] = before[k + 1] > before[k + 1 - STEADY_S]
    return out


def known(world: World, sent: Feed) -> Feed:
    """Return the good plots alone, each told whose it is and, where a radar measured it, how high."""
    good = sent.take(sent.good)
    height = world.at(good.src, good.arrive_s)[0][:, 4]
    measured_height = np.where(np.isfinite(good.plots.range_m), height, np.nan)
    return good._replace(plots=good.plots.replace(address=0x046000 + good.src, height_m=measured_height))


def ratios(world: World, got: Walk, old: NDArray[np.bool_]) -> dict[str, Any]:
    """Return RMSE, bound and their ratio over the pairs of aircraft that are aged, in all and by what they carry."""
    t = world.truth
    k, who = got.pairs[:, 0].astype(int), got.pairs[:, 1].astype(int)
    node = np.clip(k + BEGIN_S - t.time_s[t.start[who]], 0, np.diff(t.start)[who] - 1).astype(int) + t.start[who]
    keep = old[node] & np.isfinite(got.pairs[:, 4])

    def over(part: NDArray[np.bool_]) -> tuple[float, float, float]:
        if not part.any():
            return (float("nan"),) * 3
        err, least = np.sqrt(got.pairs[part, 3].mean()), np.sqrt(got.pairs[part, 4].mean())
        return float(err), float(least), float(err / least)

    err, least, ratio = over(keep)
    steady = keep & ~busy(world)[node]
    turns = keep & (np.abs(world.turn_rads[node]) >= np.deg2rad(0.5))
    out: dict[str, Any] = {"rmse_m": err, "bound_m": least, "ratio_bound": ratio, "ratio_bound_turn": over(turns)[2]}
    out["ratio_bound_steady"] = over(steady)[2]
    by = {}
    for e, name in enumerate(EQUIPAGE):
        err, least, ratio = over(keep & (world.equipage[who] == e))
        by[name] = {"rmse_m": err, "bound_m": least, "ratio": ratio, "p95_m": _p95(got.pairs[keep & (world.equipage[who] == e), 3])}
    out["by_equipage"] = by
    return out


def _p95(squares: F64) -> float:
    return float(np.sqrt(np.quantile(squares, 0.95))) if len(squares) else float("nan")


def measured(name: str, world: World, sent: Feed, got: Run) -> tuple[dict[str, Any], Walk]:
    """Return the row of a scenario, and the walk it comes from."""
    config = ScoreConfig(step_s=1.0)
    first = BEGIN_S + AGED_S
    times = Grid(first, 1.0, int(world.length_s) - AGED_S + 1)
    seen, old = aged(world)
    walked = walk(world, got, bounds(world, sent), times, config)
    told = walked.score.result()
    loose = np.concatenate([rows for _, rows in walked.loose]) if walked.loose else np.zeros(0, np.int64)
    by_source = {n: int((sent.sensor == i).sum()) for i, n in enumerate(NAMES)}
    row = {
        "name": name,
        "aircraft": world.count,
        "seconds": int(world.length_s),
        "plots": len(sent.src),
        "plots_by_sensor": by_source,
        "completeness": completeness(world, got, seen, times, config),
        "completeness_aged": completeness(world, got, old, times, config),
        "ambiguity": told["siap"]["ambiguity"],
        "spuriousness": told["siap"]["spuriousness"],
        "coasting_share_of_extra": float(got.coasting[loose].mean()) if len(loose) else 0.0,
        "purity": told["continuity"]["purity"],
        "switches": told["continuity"]["switches"],
        "tracks": told["tracks"],
        "false_tracks": told["continuity"]["false_tracks"],
        "gospa_m": told["gospa"][0]["gospa_m"],
        "inside_95": told["errors"]["containment"]["inside_95"],
        "initiation_s_p95": told["initiation"]["p95_s"],
        "vertical_rms_m": told["errors"]["vertical"]["rms_m"],
        "velocity_rms_ms": told["errors"]["velocity"]["rms_ms"],
        **ratios(world, walked, old),
        "cpu_s": got.cpu_s,
        "counts": got.counts,
    }
    if name not in BIASED:
        told = known(world, sent)
        row["ratio_known"] = ratios(world, walk(world, run(world, told), bounds(world, sent), times, config), old)["ratio_bound"]
    if name in ("outage", "all", "all_biased"):
        row |= lost(world, sent, got, walked)
    return row, walked

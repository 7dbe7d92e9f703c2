"""What goes wrong with sensors, each fault a function from what they send to what they send then.

A fault never changes the truth. A plot that it makes or spoils is no longer "good": the bound does not count it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bench.airbench.scenario import rng_of
from bench.multisensor_world import ADSB_SENSOR, BEGIN_S, FOOT_M, NAMES, RADARS, Feed, joined, polar
from tenere.batch import PlotFlag, PlotKind, Plots

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from bench.multisensor_world import World

    Fault = Callable[[World, Feed, np.random.Generator], Feed]

PSR, PSR_SSR, MODE_S, THREE_D, SSR = range(5)
SPLIT_SHARE, SPLIT_AZIMUTH_DEG, SPLIT_M = 0.04, (0.5, 1.5), 150.0
CODE_SHARE, HEIGHT_SHARE, TOLD_SHARE = 0.04, 0.03, 0.5
MIRROR_DEG, MIRROR_M, MIRROR_SHARE = ((PSR_SSR, 300.0), (MODE_S, 40.0)), 5e3, 0.25
MIRRORED_DEG = (60.0, 120.0)
LOBE_NEAR_M, LOBE_SHARE, LOBE_DEG = 40e3, 0.1, (4.0, 15.0)
UNAMBIGUOUS_M, AROUND_SHARE, AROUND_MOST_M = (120e3, 135e3), 0.4, 240e3
OUTAGES = ((MODE_S, 0.35, 0.7), (PSR_SSR, 0.45, 0.6))  # from and until, as shares of the scenario
STORM, STORM_SPAN, STORM_POINTS, STORM_SHARE, STORM_DEG, STORM_M = (PSR, THREE_D), (0.3, 0.7), 300, 0.3, (20.0, 80.0), (15e3, 90e3)
JAM_M, JAM_RADIUS_M, JAM_SPAN, JAM_DRIFT_MS = (-50e3, 20e3), 60e3, (0.25, 0.65), 30.0


class Bias(NamedTuple):
    """What a radar is wrong by."""

    range_m: float
    azimuth_deg: float
    time_s: float


BIASES = (Bias(120, -0.3, 0.1), Bias(-180, 0.25, -0.1), Bias(300, 0.5, 0.1), Bias(-50, -0.1, 0.0), Bias(200, 0.4, -0.1))


def _span(world: World, time_s: NDArray[np.float64], share: tuple[float, float]) -> NDArray[np.bool_]:
    """Say which times lie within shares of the scenario."""
    since = (time_s - BEGIN_S) / world.length_s
    return (since >= share[0]) & (since < share[1])


def _copies(feed: Feed, rows: NDArray[Any], **changed: Any) -> Feed:  # noqa: ANN401 - columns of any dtype
    """Return copies of some plots with columns changed, as no good plots."""
    made = feed.take(rows)
    plots = made.plots.replace(**changed)
    return made._replace(plots=plots, good=np.zeros(len(plots), bool))


def _from_radars(feed: Feed, which: Sequence[int]) -> NDArray[np.bool_]:
    return np.isin(feed.sensor, which) & (feed.src >= 0)


def split(world: World, feed: Feed, rng: np.random.Generator) -> Feed:
    """One echo told as two plots, beside each other in azimuth, with the same codes."""
    del world
    rows = np.flatnonzero(_from_radars(feed, range(len(RADARS))) & (rng.random(len(feed.src)) < SPLIT_SHARE))
    off = np.radians(rng.uniform(*SPLIT_AZIMUTH_DEG, len(rows))) * rng.choice([-1, 1], len(rows))
    ranges = feed.plots.range_m[rows] + rng.uniform(-SPLIT_M, SPLIT_M, len(rows))
    return joined([feed, _copies(feed, rows, azimuth_rad=(feed.plots.azimuth_rad[rows] + off) % (2 * np.pi), range_m=ranges)])


def garbled(world: World, feed: Feed, rng: np.random.Generator) -> Feed:
    """Wrong bits in Mode A and Mode C answers, half of them told as such."""
    del world
    p, n = feed.plots, len(feed.src)
    codes = np.isin(feed.sensor, (PSR_SSR, SSR)) & (feed.src >= 0) & (p.mode_a >= 0)
    bad_a, bad_c, told = codes & (rng.random(n) < CODE_SHARE), codes & (rng.random(n) < HEIGHT_SHARE), rng.random(n) < TOLD_SHARE
    bits = (1 << rng.integers(0, 12, (n, 2))).astype(np.int16)
    mode_a = np.where(bad_a, p.mode_a ^ bits[:, 0] ^ bits[:, 1], p.mode_a)
    height = np.where(bad_c, np.round(rng.uniform(0, 400, n)) * 100 * FOOT_M, p.pressure_altitude_m)
    flags = p.flags | np.where(bad_a & told, PlotFlag.MODE_A_GARBLED, 0) | np.where(bad_c & told, PlotFlag.HEIGHT_GARBLED, 0)
    return feed._replace(plots=p.replace(mode_a=mode_a, pressure_altitude_m=height, flags=flags), good=feed.good & ~bad_c)


def reflections(world: World, feed: Feed, rng: np.random.Generator) -> Feed:
    """Answers by way of a building: the same codes in its direction, farther off; and answers to the side lobes of what is near."""
    del world
    p, n = feed.plots, len(feed.src)
    parts = [feed]
    for i, bearing_deg in MIRROR_DEG:
        past = (np.degrees(p.azimuth_rad) - bearing_deg) % 360
        rows = np.flatnonzero(_from_radars(feed, (i,)) & (past > MIRRORED_DEG[0]) & (past < MIRRORED_DEG[1]) & (p.mode_a >= 0))
        rows = rows[rng.random(len(rows)) < MIRROR_SHARE]
        angle = p.azimuth_rad[rows] - math.radians(bearing_deg)
        r = p.range_m[rows]
        way = MIRROR_M + np.sqrt(r * r + MIRROR_M**2 - 2 * r * MIRROR_M * np.cos(angle))
        turned = np.radians(bearing_deg + 0.1 * np.degrees(angle - np.pi / 2)) + rng.normal(0, 1e-3, len(rows))
        kind = np.where(p.kind[rows] == PlotKind.PSR_SSR, PlotKind.SSR, p.kind[rows])
        when = p.time_s[rows] + ((turned - p.azimuth_rad[rows]) % (2 * np.pi)) / (2 * np.pi) * RADARS[i].period_s
        made = _copies(feed, rows, azimuth_rad=turned % (2 * np.pi), range_m=way, kind=kind, time_s=when)
        parts.append(made._replace(arrive_s=when))
    near = np.flatnonzero(_from_radars(feed, (PSR_SSR, MODE_S, SSR)) & (p.range_m < LOBE_NEAR_M) & (rng.random(n) < LOBE_SHARE))
    near = near[p.mode_a[near] >= 0]
    off = np.radians(rng.uniform(*LOBE_DEG, len(near))) * rng.choice([-1, 1], len(near))
    parts.append(_copies(feed, near, azimuth_rad=(p.azimuth_rad[near] + off) % (2 * np.pi)))
    return joined(parts)


def around(world: World, feed: Feed, rng: np.random.Generator) -> Feed:
    """Echoes of the pulse before: far aircraft told near by the primary radar, whose two pulse intervals take turns."""
    radar = RADARS[PSR]
    when = BEGIN_S + np.arange(world.length_s / radar.period_s) * radar.period_s + 0.5
    turn, who = (c.ravel() for c in np.meshgrid(np.arange(len(when)), np.arange(world.count), indexing="ij"))
    state, there = world.at(who.astype(np.int64), when[turn])
    r, azimuth, _ = polar(world, radar, state)
    fold = np.array(UNAMBIGUOUS_M)[turn % 2]
    ok = there & (r > fold + 2e3) & (r < AROUND_MOST_M) & (r - fold < radar.range_m) & (rng.random(len(r)) < AROUND_SHARE)
    m, times = int(ok.sum()), when[turn[ok]]
    plots = Plots.blank(
        m, time_s=times, sac_sic=256 + PSR, kind=PlotKind.PSR, flags=0, range_m=(r - fold)[ok] + rng.normal(0, radar.range_std_m, m),
        azimuth_rad=(azimuth[ok] + rng.normal(0, math.radians(radar.azimuth_std_deg), m)) % (2 * np.pi),
    )  # fmt: skip
    return joined([feed, Feed(plots, times, np.full(m, PSR), np.full(m, -1), np.zeros(m, bool))])


def outage(world: World, feed: Feed, rng: np.random.Generator) -> Feed:
    """Two radars fall silent in mid-run, and come back."""
    del rng
    keep = np.ones(len(feed.src), bool)
    for i, begin, end in OUTAGES:
        keep &= ~((feed.sensor == i) & _span(world, feed.arrive_s, (begin, end)))
    return feed.take(keep)


def propagation(world: World, feed: Feed, rng: np.random.Generator) -> Feed:
    """Anomalous propagation: fixed ground points in a sector answer two primary radars, now and then, for minutes."""
    parts = [feed]
    for i in STORM:
        radar = RADARS[i]
        spots_m, spots = rng.uniform(*STORM_M, STORM_POINTS), np.radians(rng.uniform(*STORM_DEG, STORM_POINTS))
        turns = BEGIN_S + np.arange(world.length_s / radar.period_s) * radar.period_s
        k, s = np.nonzero(rng.random((len(turns), STORM_POINTS)) < STORM_SHARE)
        when = turns[k] + spots[s] / (2 * np.pi) * radar.period_s
        on = _span(world, when, STORM_SPAN)
        s, when, m = s[on], when[on], int(on.sum())
        given: dict[str, Any] = {"height_m": rng.uniform(200, 12e3, m)} if radar.reads == "height" else {}
        plots = Plots.blank(
            m, time_s=when, sac_sic=256 + i, kind=PlotKind.PSR, flags=0, range_m=spots_m[s] + rng.normal(0, radar.range_std_m, m),
            azimuth_rad=(spots[s] + rng.normal(0, math.radians(radar.azimuth_std_deg), m)) % (2 * np.pi), **given,
        )  # fmt: skip
        parts.append(Feed(plots, when, np.full(m, i), np.full(m, -1), np.zeros(m, bool)))
    return joined(parts)


def jamming(world: World, feed: Feed, rng: np.random.Generator) -> Feed:
    """GPS jammed in a region: of four aircraft one falls silent, one sends its last place, two send wrong ones, one of them sure of it."""
    del rng
    p = feed.plots
    state, _ = world.at(np.maximum(feed.src, 0), feed.arrive_s)
    inside = np.hypot(state[:, 0] - JAM_M[0], state[:, 1] - JAM_M[1]) < JAM_RADIUS_M
    hit = (feed.sensor == ADSB_SENSOR) & inside & _span(world, feed.arrive_s, JAM_SPAN)
    lat, lon, nic, nac, std = (getattr(p, c).copy() for c in ("lat_rad", "lon_rad", "nic", "nac_p", "position_std_m"))
    east, north = p.east_ms.copy(), p.north_ms.copy()
    keep = np.ones(len(hit), bool)
    for a in np.unique(feed.src[hit]):
        mine = np.flatnonzero(hit & (feed.src == a))
        way = a % 4
        if way == 0:
            keep[mine] = False
            continue
        if way == 1:
            lat[mine], lon[mine] = lat[mine[0]], lon[mine[0]]
            east[mine] = north[mine] = np.nan
        else:
            off = JAM_DRIFT_MS * (feed.arrive_s[mine] - feed.arrive_s[mine[0]])
            lon[mine] += off / 6.37e6
            lat[mine] += off / 6.37e6
        if way != 3:
            nic[mine], nac[mine], std[mine] = 0, 0, np.nan
    changed = p.replace(lat_rad=lat, lon_rad=lon, nic=nic, nac_p=nac, position_std_m=std, east_ms=east, north_ms=north)
    return feed._replace(plots=changed, good=feed.good & ~hit).take(keep)


def biased(world: World, feed: Feed, rng: np.random.Generator) -> Feed:
    """Radars that are wrong by BIASES: in range, azimuth and time."""
    del world, rng
    sensor = feed.sensor
    none = [Bias(0.0, 0.0, 0.0)] * (len(NAMES) - len(RADARS))
    table = np.array([*BIASES, *none])[sensor]
    p = feed.plots
    azimuth = np.where(sensor < len(RADARS), (p.azimuth_rad + np.radians(table[:, 1])) % (2 * np.pi), np.nan)
    ranges = np.maximum(p.range_m + table[:, 0], 1.0)
    return feed._replace(plots=p.replace(range_m=ranges, azimuth_rad=azimuth, time_s=p.time_s + table[:, 2]))


def spoiled(world: World, feed: Feed, faults: Sequence[Fault]) -> Feed:
    """Return what is sent with all these faults, one after the other."""
    for k, fault in enumerate(faults):
        feed = fault(world, feed, rng_of(1000 * world.seed + 17 + k))
    return feed

"""Recorded flights over one area, and every sensor of a country that sees them: truth, plots, and whose each plot is.

Flights of `traffic_quickstart.json.gz` (../shared/data/traj), smoothed (see _flown), are turned and moved over
Niamey: cruisers anywhere, what climbs out or comes down to one of two airports. Truth is a node a second, joined by the cubic
of tenere.estimate.paths. Heights are above the ellipsoid and taken for pressure altitudes too (a standard day, no wind in it).

Radars turn, and each plot has the time at which the beam meets the aircraft; they see what is in range and above the horizon of
a refracting Earth (4/3). Pd is whole to 0.7 of the range and 0.6 of it at the end. What the tracker is told of a sensor is its
site file: SENSORS, and nothing of the truth.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from scipy.interpolate import make_smoothing_spline

from bench.airbench import real
from bench.airbench.scenario import rng_of
from tenere.batch import PlotKind, Plots
from tenere.estimate.paths import Paths, Reports, ordered, paths, states
from tenere.geo.ellipsoid import enu_of
from tenere.geo.plane import Plane
from tenere.site import SensorConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

CENTRE_RAD = (math.radians(13.5), math.radians(2.2))
BEGIN_S = 1000.0
SPREAD_M, AIRPORT_M = 110e3, 20e3
AIRPORTS_M = ((-20e3, 10e3), (60e3, -50e3))
LOW_M, SHORTEST_S = 3500.0, 420.0
SMOOTH_S, MOST_OFF_M = 7.0, 400.0
"""Half amplitude at so many seconds a radian; farther from a report the flight may not be."""
ANTENNA_M, HORIZON = 30.0, 4124.0  # 4/3 Earth: metres of horizon a root metre of height
FOOT_M = 0.3048
ADSB, MODE_S, CODES, NONE = range(4)
EQUIPAGE = ("ADS-B", "Mode S", "Mode A/C", "none")
SHARES = (0.75, 0.12, 0.08, 0.05)
SHARED_CODE = 0o1000  # what Mode S aircraft squawk where the radars read addresses
ADSB_STD_M, ADSB_STD_MS, MLAT_STD_M = 12.25, 1.22, 25.0
MLAT_M, MLAT_PD = 70e3, 0.9
ADSB_PD, DROPOUT_EVERY_S, DROPOUT_S = 0.9, 150.0, (10.0, 60.0)

Reads = Literal["primary", "height", "codes", "address", "both"]


class Radar(NamedTuple):
    """One radar: where it stands, what it reads, how well."""

    id: str
    east_m: float
    north_m: float
    reads: Reads
    range_m: float
    period_s: float
    range_std_m: float
    azimuth_std_deg: float
    detection: float
    clutter: float


RADARS = (
    Radar("PSR", -20e3, 10e3, "primary", 111e3, 4.0, 70.0, 0.15, 0.85, 25.0),
    Radar("PSR+SSR", 70e3, -60e3, "both", 250e3, 6.0, 50.0, 0.08, 0.95, 15.0),
    Radar("MODE-S", -80e3, -50e3, "address", 300e3, 5.0, 30.0, 0.06, 0.97, 1.0),
    Radar("3-D", 10e3, 90e3, "height", 300e3, 10.0, 100.0, 0.2, 0.85, 40.0),
    Radar("SSR", 110e3, 60e3, "codes", 350e3, 8.0, 60.0, 0.08, 0.93, 1.0),
)
THREE_D_ELEVATION_RAD = math.radians(0.25)
ADSB_SENSOR, MLAT_SENSOR = len(RADARS), len(RADARS) + 1
NAMES = (*(r.id for r in RADARS), "ADS-B", "MLAT")


class Feed(NamedTuple):
    """What the sensors send, in order of arrival, and what only a scorer may know."""

    plots: Plots
    arrive_s: F64
    """when each is heard"""
    sensor: I64
    """(n,) which of NAMES"""
    src: I64
    """(n,) the aircraft it comes from, -1 none"""
    good: NDArray[np.bool_]
    """(n,) of that aircraft, where it is, with the sensor's nominal noise"""

    def take(self, rows: NDArray[Any]) -> Feed:
        """Return some of the rows."""
        return Feed(self.plots.take(rows), self.arrive_s[rows], self.sensor[rows], self.src[rows], self.good[rows])


def joined(parts: list[Feed]) -> Feed:
    """Return all parts in order of arrival."""
    whole = Feed(Plots.concat([p.plots for p in parts]), *(np.concatenate(c) for c in list(zip(*parts, strict=True))[1:]))
    return whole.take(np.lexsort((whole.sensor, whole.arrive_s)))


class World(NamedTuple):
    """The aircraft of a scenario, and what they carry."""

    length_s: float
    plane: Plane
    truth: Paths
    turn_rads: F64
    """(nodes,) rate of each node's turn"""
    equipage: I64
    address: I64
    mode_a: I64
    leader: I64
    """(aircraft,) whom a wingman follows, -1 nobody"""
    seed: int

    @property
    def count(self) -> int:
        """How many aircraft there are."""
        return len(self.truth.start) - 1

    def at(self, who: I64, time_s: F64) -> tuple[F64, NDArray[np.bool_]]:
        """Return x, y, vx, vy, height (q, 5) and who flies then."""
        return states(self.truth, who, time_s)


def _flown(leg: F64, begin_s: float, last_s: float) -> F64 | None:
    """Return rows a second of x, y, vx, vy, height of a leg from begin_s on; None where the recording is thin or jumps.

    Its times are whole seconds: aircraft seem to surge by tens of metres, which the spline must not follow.
    """
    part = leg[(leg[:, 0] >= begin_s - 5) & (leg[:, 0] <= begin_s + last_s + 5)]
    if len(part) < 0.5 * last_s:
        return None
    since, at = part[:, 0] - begin_s, np.arange(0.0, last_s + 1.0)
    x, y, h = (make_smoothing_spline(since, part[:, c], lam=SMOOTH_S**4) for c in (1, 2, 3))
    off = max(np.abs(s(since) - part[:, c]).max() for s, c in ((x, 1), (y, 2)))
    pull = max(np.abs(s(at, 2)).max() for s in (x, y))
    if off > MOST_OFF_M or pull > real.FASTEST_MS2:
        return None
    return np.column_stack([x(at), y(at), x(at, 1), y(at, 1), h(at)])


@cache
def _flights(seed: int, count: int, length_s: float) -> tuple[tuple[float, F64], ...]:
    """Return so many flights as begin (s) and rows a second of x, y, vx, vy, height, about where each is placed.

    Those that last begin anywhere in their recording; the others end with it when that is low (they land), else with the scenario.
    """
    rng, legs = rng_of(seed), real.legs()
    long = [i for i, leg in enumerate(legs) if leg[-1, 0] >= length_s + 2]
    short = [i for i, leg in enumerate(legs) if SHORTEST_S <= leg[-1, 0] < length_s + 2]
    out: list[tuple[float, F64]] = []
    while len(out) < count:
        before = len(out)
        for i in (*rng.permutation(long), *rng.permutation(short)):
            leg = legs[i]
            last = min(length_s, math.floor(leg[-1, 0] - 1))
            begin = rng.uniform(0.0, leg[-1, 0] - 1 - last)
            made = _flown(leg, begin, float(last))
            if made is not None and len(out) < count:
                lands = made[-1, 4] < LOW_M and last < length_s
                out.append((0.0 if lands else length_s - last, _placed(rng, made)))
        if len(out) == before:
            raise ValueError(f"no flight of {SHORTEST_S:.0f} s in {real.RECORDING.name}")
    return tuple(out)


def _placed(rng: np.random.Generator, rows: F64) -> F64:
    """Turn a flight any way and bring its middle anywhere, or its low end to an airport."""
    turn, ends = rng.uniform(0, 2 * np.pi), rows[[0, -1], 4]
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    xy, v = rows[:, :2] @ spin, rows[:, 2:4] @ spin
    way, far = rng.uniform(0, 2 * np.pi), np.sqrt(rng.random())
    off = far * np.array([np.cos(way), np.sin(way)])
    if ends.min() < LOW_M:
        airport = np.array(AIRPORTS_M[rng.integers(len(AIRPORTS_M))])
        xy = xy - xy[0 if ends[0] < ends[1] else -1] + airport + AIRPORT_M * off
    else:
        xy = xy - xy[len(xy) // 2] + SPREAD_M * off
    return np.column_stack([xy, v, rows[:, 4]])


def make(count: int, length_s: float, seed: int, *, wings: int = 0, doubles: int = 0) -> World:
    """Return a world of count aircraft, a few of them with two silent wingmen, and pairs that send one address.

    Raises ValueError where the recording has no such flights, FileNotFoundError where it is absent.
    """
    flights, rng = [*_flights(seed, count, length_s)], rng_of(seed + 7)
    equipage = rng.permutation(np.repeat(np.arange(4), np.diff(np.round(np.cumsum((0.0, *SHARES)) * count).astype(int))))
    leaders = [int(i) for i in np.flatnonzero(equipage == MODE_S) if len(flights[i][1]) > SHORTEST_S][:wings]
    leader = np.r_[np.full(count, -1), np.repeat(leaders, 2)].astype(np.int64)
    for i in leaders:
        begin, rows = flights[i]
        flights += [(begin + behind, rows[:-behind]) for behind in (6, 12)]  # in trail, so many seconds back
    equipage = np.r_[equipage, np.full(2 * len(leaders), NONE)]
    n = len(flights)
    address = np.where(equipage <= MODE_S, 0x046000 + 613 * np.arange(n), -1)
    pairs = np.flatnonzero(equipage == ADSB)[: 2 * doubles].reshape(-1, 2)
    address[pairs[:, 1]] = address[pairs[:, 0]]
    own = rng.permutation([c for c in range(0o0101, 0o7000) if c % 64 and c != SHARED_CODE])[:n]
    mode_a = np.where((equipage <= MODE_S) & (rng.random(n) < 0.3), SHARED_CODE, own)
    mode_a = np.where(equipage == NONE, -1, mode_a)
    times = [BEGIN_S + begin + np.arange(len(rows)) for begin, rows in flights]
    turns = [np.gradient(np.unwrap(np.arctan2(rows[:, 3], rows[:, 2]))) for _, rows in flights]
    table = np.vstack([rows for _, rows in flights])
    none = np.full((len(table), 3), np.nan)
    who = np.repeat(np.arange(n), [len(rows) for _, rows in flights])
    reports = Reports(who, np.concatenate(times), *table.T, none, address[who], n)
    held, _ = ordered(reports)
    return World(length_s, Plane.at(*CENTRE_RAD), paths(held, 2.0), np.concatenate(turns), equipage, address, mode_a, leader, seed)


def site(radar: Radar, plane: Plane) -> tuple[float, float, float]:
    """Return latitude, longitude (rad) and height (m) of a radar."""
    lat, lon = plane.inverse(radar.east_m, radar.north_m)
    return float(lat), float(lon), 230.0 + ANTENNA_M


def sensors(plane: Plane) -> tuple[SensorConfig, ...]:
    """Return what the site file says."""
    out = []
    for i, r in enumerate(RADARS):
        lat, lon, height = site(r, plane)
        out.append(
            SensorConfig(
                id=r.id, kind="radar", source="radars", sac=1, sic=i, lat_deg=math.degrees(lat), lon_deg=math.degrees(lon),
                height_m=height, range_m=r.range_m, range_std_m=r.range_std_m, azimuth_std_deg=r.azimuth_std_deg,
                period_s=r.period_s, detection=r.detection, clutter=r.clutter,
            )
        )  # fmt: skip
    out.append(SensorConfig(id="ADS-B", kind="adsb", source="adsb", period_s=1.0))
    out.append(SensorConfig(id="MLAT", kind="mlat", source="mlat", period_s=1.0, position_std_m=MLAT_STD_M))
    return tuple(out)


def polar(world: World, radar: Radar, state: F64) -> tuple[F64, F64, F64]:
    """Return true slant range, azimuth and height above the radar's tangent plane of states (q, 5)."""
    lat, lon = world.plane.inverse(state[:, 0], state[:, 1])
    e, n, u = enu_of(*site(radar, world.plane), lat, lon, state[:, 4])
    return np.sqrt(e * e + n * n + u * u), np.arctan2(e, n) % (2 * np.pi), u


def seen(radar: Radar, equipage: I64, range_m: F64, height_m: F64) -> F64:
    """Return the probability (q,) that a look sees an aircraft there: 0 out of coverage, or without what the radar asks for."""
    horizon = HORIZON * (np.sqrt(np.maximum(height_m - 230.0, 0.0)) + math.sqrt(ANTENNA_M))
    far = np.clip((range_m / radar.range_m - 0.7) / 0.3, 0.0, 1.0)
    pd = np.where((range_m <= radar.range_m) & (range_m <= horizon), radar.detection * (1.0 - 0.4 * far), 0.0)
    asks = radar.reads in ("codes", "address")
    pd = np.where(asks & (equipage == NONE), 0.0, pd)
    return np.where((radar.reads == "both") & (equipage == NONE), 0.85 * pd, pd)


def look(world: World, i: int, rng: np.random.Generator) -> Feed:
    """Return all plots of radar i, false ones too."""
    radar, n = RADARS[i], world.count
    phase = rng.random() * radar.period_s
    turns = np.arange(-1, math.ceil(world.length_s / radar.period_s) + 1)
    who, turn = (c.ravel() for c in np.meshgrid(np.arange(n), turns, indexing="ij"))
    when = BEGIN_S + phase + (turn + 0.5) * radar.period_s
    for _ in range(4):
        _, azimuth, _ = polar(world, radar, world.at(who, when)[0])
        when = BEGIN_S + phase + (turn + azimuth / (2 * np.pi)) * radar.period_s
    state, there = world.at(who, when)
    r, azimuth, up = polar(world, radar, state)
    ok = there & (when > BEGIN_S) & (when <= BEGIN_S + world.length_s)
    ok &= rng.random(len(r)) < seen(radar, world.equipage[who], r, state[:, 4])
    who, when, r, azimuth, up, height = (c[ok] for c in (who, when, r, azimuth, up, state[:, 4]))
    m = len(who)
    codes, primary = radar.reads in ("codes", "address", "both"), radar.reads in ("primary", "height", "both")
    carries = codes & (world.equipage[who] != NONE)
    with_echo = primary & ((rng.random(m) < 0.8) | ~carries)
    selective = (radar.reads == "address") & (world.equipage[who] <= MODE_S)
    kind = np.select([selective, carries & with_echo, carries], [PlotKind.MODE_S, PlotKind.PSR_SSR, PlotKind.SSR], PlotKind.PSR)
    given: dict[str, Any] = {
        "time_s": when, "sac_sic": 256 + i, "kind": kind, "flags": 0,
        "range_m": r + rng.normal(0, radar.range_std_m, m),
        "azimuth_rad": (azimuth + rng.normal(0, math.radians(radar.azimuth_std_deg), m)) % (2 * np.pi),
        "pressure_altitude_m": np.where(carries, np.round(height / (100 * FOOT_M)) * 100 * FOOT_M, np.nan),
        "mode_a": np.where(carries, world.mode_a[who], -1),
        "address": np.where(selective, world.address[who], -1),
    }  # fmt: skip
    if radar.reads == "height":
        given["height_m"] = np.maximum(height + r * rng.normal(0, THREE_D_ELEVATION_RAD, m), 100.0)
    real_ones = Feed(Plots.blank(m, **given), when, np.full(m, i), who.astype(np.int64), np.ones(m, bool))
    return joined([real_ones, clutter(world, i, rng, phase)])


def clutter(world: World, i: int, rng: np.random.Generator, phase: float) -> Feed:
    """Return the false plots of radar i, even in range and azimuth."""
    radar = RADARS[i]
    m = int(rng.poisson(radar.clutter * world.length_s / radar.period_s))
    when = BEGIN_S + rng.uniform(0, world.length_s, m)
    azimuth = (when - BEGIN_S - phase) / radar.period_s * 2 * np.pi % (2 * np.pi)
    given: dict[str, Any] = {"range_m": rng.uniform(1e3, radar.range_m, m), "azimuth_rad": azimuth, "flags": 0}
    given["kind"] = PlotKind.SSR if radar.reads in ("codes", "address") else PlotKind.PSR
    if radar.reads in ("codes", "address"):
        given |= {"mode_a": rng.integers(1, 4096, m), "pressure_altitude_m": np.round(rng.uniform(0, 400, m)) * 100 * FOOT_M}
    if radar.reads == "height":
        given["height_m"] = rng.uniform(200, 12e3, m)
    plots = Plots.blank(m, time_s=when, sac_sic=256 + i, **given)
    return Feed(plots, when, np.full(m, i), np.full(m, -1), np.zeros(m, bool))


def _each_second(world: World, who: I64, rng: np.random.Generator) -> tuple[I64, F64, F64]:
    """Return aircraft, time and state of one report a second of each of them, at its own part of the second."""
    seconds = np.arange(int(world.length_s))
    k, t = (c.ravel() for c in np.meshgrid(np.arange(len(who)), seconds, indexing="ij"))
    when = BEGIN_S + t + rng.random(len(who))[k]
    state, there = world.at(who[k], when)
    return who[k][there], when[there], state[there]


def adsb(world: World, rng: np.random.Generator) -> Feed:
    """Return the broadcasts: a second apart, a tenth lost, and each aircraft silent now and then for 10 to 60 s."""
    who, when, state = _each_second(world, np.flatnonzero(world.equipage == ADSB), rng)
    heard = rng.random(len(who)) < ADSB_PD
    for a in np.unique(who):
        gaps = rng.uniform(0, world.length_s, rng.poisson(world.length_s / DROPOUT_EVERY_S)) + BEGIN_S
        for begin, lasts in zip(gaps, rng.uniform(*DROPOUT_S, len(gaps)), strict=True):
            heard &= ~((who == a) & (when >= begin) & (when < begin + lasts))
    who, when, state = who[heard], when[heard], state[heard]
    n = len(who)
    xy = state[:, :2] + rng.normal(0, ADSB_STD_M, (n, 2))
    lat, lon = world.plane.inverse(xy[:, 0], xy[:, 1])
    turn, scale = world.plane.north(lat, lon)
    v = state[:, 2:4] / scale[:, None]
    east, north = v[:, 0] * np.cos(turn) - v[:, 1] * np.sin(turn), v[:, 0] * np.sin(turn) + v[:, 1] * np.cos(turn)
    plots = Plots.blank(
        n, time_s=when, kind=PlotKind.ADSB, flags=0, lat_rad=lat, lon_rad=lon, position_std_m=ADSB_STD_M, address=world.address[who],
        pressure_altitude_m=np.round(state[:, 4] / (25 * FOOT_M)) * 25 * FOOT_M,
        east_ms=east + rng.normal(0, ADSB_STD_MS, n), north_ms=north + rng.normal(0, ADSB_STD_MS, n),
        velocity_std_ms=ADSB_STD_MS, nic=8, nac_p=9, sil=3,
    )  # fmt: skip
    return Feed(plots, when, np.full(n, ADSB_SENSOR), who, np.ones(n, bool))


def mlat(world: World, rng: np.random.Generator) -> Feed:
    """Return multilateration about the first airport: whoever answers in Mode S, once a second."""
    who, when, state = _each_second(world, np.flatnonzero(world.equipage <= MODE_S), rng)
    near = np.hypot(state[:, 0] - AIRPORTS_M[0][0], state[:, 1] - AIRPORTS_M[0][1]) < MLAT_M
    near &= rng.random(len(who)) < MLAT_PD
    who, when, state = who[near], when[near], state[near]
    n = len(who)
    xy = state[:, :2] + rng.normal(0, MLAT_STD_M, (n, 2))
    lat, lon = world.plane.inverse(xy[:, 0], xy[:, 1])
    plots = Plots.blank(
        n, time_s=when, kind=PlotKind.MLAT, flags=0, lat_rad=lat, lon_rad=lon, position_std_m=MLAT_STD_M, address=world.address[who],
        mode_a=world.mode_a[who], pressure_altitude_m=np.round(state[:, 4] / (25 * FOOT_M)) * 25 * FOOT_M,
    )  # fmt: skip
    return Feed(plots, when, np.full(n, MLAT_SENSOR), who, np.ones(n, bool))


def feed(world: World) -> Feed:
    """Return what all sensors send when nothing is wrong."""
    rng = rng_of(world.seed + 1)
    return joined([*(look(world, i, rng) for i in range(len(RADARS))), adsb(world, rng), mlat(world, rng)])


def covered(world: World) -> NDArray[np.bool_]:
    """Say of each node of the truth whether a sensor's coverage holds the aircraft then."""
    node = world.truth.node
    who = np.repeat(np.arange(world.count), np.diff(world.truth.start))
    out = world.equipage[who] == ADSB
    near = np.hypot(node[:, 0] - AIRPORTS_M[0][0], node[:, 1] - AIRPORTS_M[0][1]) < MLAT_M
    out |= near & (world.equipage[who] <= MODE_S)
    for radar in RADARS:
        r, _, _ = polar(world, radar, node)
        out |= seen(radar, world.equipage[who], r, node[:, 4]) > 0
    return out

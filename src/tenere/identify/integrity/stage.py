"""The verdicts: each tick's broadcasts in, what is to be thought of each track's out.

A verdict is evidence and lowers confidence. It never takes civil status or protection off, and a track that only untrusted
sensors see gets none. What a radar says against broadcasts counts only while that radar agrees with most others: one that
contradicts many aircraft at once is itself in doubt, and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntFlag
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.batch import Integrity, PlotKind, Plots
from tenere.geo.geodesic import destination
from tenere.identify.integrity import spoken, swarm
from tenere.identify.integrity.regions import Cell, Region, collapsed, regions
from tenere.identify.integrity.spoken import SLOTS, Spoken
from tenere.identify.known import ADSB, BY_ADSB, Known, bits, find

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import F64, I64

    Columns = Any  # a kernel is given them by position
    from tenere.identify.config import IntegrityConfig
    from tenere.identify.integrity.radars import Radars

MEASURED = bits(PlotKind.PSR, PlotKind.SSR, PlotKind.PSR_SSR, PlotKind.MODE_S, PlotKind.PSR_MODE_S, PlotKind.MLAT, PlotKind.SMR)
"""Kinds of plot that say where an aircraft is whatever it says itself."""
FORGET_S = 900.0
SWARMS_S = 5.0
PAUSE_S = 10.0
"""A pause of the receivers so long may end with many aircraft at once, which are then no swarm."""
COMPARE_S = 12.0
AZIMUTH_STD_RAD, RANGE_STD_M = np.radians(0.15), 150.0
DOUBTED_SHARE, FEWEST = 0.2, 8
"""A sensor that contradicts more than this share of the aircraft it shares, of so many or more, is itself in doubt."""
SENSORS = 1024


class Why(IntFlag):
    """Reasons of a verdict, in the order of their rules."""

    UNSEEN = 1
    APART = 2
    IMPOSSIBLE = 4
    JUMPS = 8
    SWARM = 16
    TWICE = 32
    REPLAYED = 64


@dataclass
class State:
    """What is remembered of addresses, sensors and cells."""

    config: IntegrityConfig
    spoken: Spoken = field(default_factory=Spoken.blank)
    table_key: I64 = field(default_factory=lambda: np.zeros(SLOTS, np.int64))
    table_time: F64 = field(default_factory=lambda: np.full(SLOTS, np.inf))
    cells: dict[int, Cell] = field(default_factory=dict)
    regions: tuple[Region, ...] = ()
    """Where satellite navigation is disturbed now."""
    compared: F64 = field(default_factory=lambda: np.zeros(SENSORS))
    """Of each sensor, positions compared with broadcasts lately, fading."""
    against: F64 = field(default_factory=lambda: np.zeros(SENSORS))
    """And those that were apart."""
    heard_s: float = -np.inf
    since_s: float = np.inf
    """Broadcasts are heard without a pause since."""
    stepped_s: float = np.nan
    swarms_s: float = -np.inf


def init(config: IntegrityConfig) -> State:
    """Return the state before the first tick."""
    return State(config)


def step(
    state: State, known: Known, present: I64, plots: Plots, plot_tracks: NDArray[np.int64], radars: Radars, time_s: float
) -> NDArray[np.bool_]:
    """Take in a tick's plots and write verdicts into ``known``; tell which rows changed.

    present: rows of ``known`` that are in the picture; plot_tracks: the track number that used each plot, 0 none.
    """
    for_s = min(max(time_s - state.stepped_s, 0.0), 30.0) if np.isfinite(state.stepped_s) else 0.0
    state.stepped_s = time_s
    said = np.flatnonzero(((plots.kind == PlotKind.ADSB) | (plots.kind == PlotKind.ADSR)) & (plots.address > 0) & ((plots.flags & 7) == 0))
    if said.size:
        if time_s - state.heard_s > PAUSE_S:
            state.since_s = time_s
        state.heard_s = time_s
        times = plots.time_s[said]
        _hear(state, plots, said if (np.diff(times) >= 0.0).all() else said[np.argsort(times, kind="stable")], time_s)
    _compare(state, known, plots, plot_tracks, radars, time_s)
    if time_s - state.swarms_s >= SWARMS_S:
        state.swarms_s = time_s
        seen = np.isin(state.spoken.address, known.address[time_s - known.agreed_s <= 60.0])
        state.spoken.swarm_s[swarm.members(state.spoken, ~seen, state.config, state.since_s, time_s)] = time_s
        state.regions = regions(state.cells, state.spoken, state.config, time_s)
        gone = time_s - state.spoken.heard_s > FORGET_S
        if gone.any():
            state.spoken = state.spoken.take(~gone)
    return _judge(state, known, present, radars, for_s, time_s)


def _hear(state: State, plots: Plots, which: I64, time_s: float) -> None:
    """Follow what addresses broadcast; which: the rows of the broadcasts, by time."""
    c, address = state.config, plots.address[which]
    row = find(state.spoken.address, address)
    fresh = np.unique(address[row < 0])
    if fresh.size:
        both = Spoken.concat([state.spoken, spoken.new(fresh, time_s)])
        state.spoken = both.take(np.argsort(both.address, kind="stable"))
        row = find(state.spoken.address, address)
    s = state.spoken
    s.heard_s[row] = time_s
    for name in ("nac_p", "nic", "sil"):
        values = getattr(plots, name)[which]
        getattr(s, name)[row[values >= 0]] = values[values >= 0]
    s.low[row] = collapsed(s.low[row], s.nac_p[row])
    limits = (c.speed_ms, c.acceleration_ms2, c.climb_ms, c.jump_m, c.duplicate_m, c.replay_s, c.memory_s)
    names = ("lat_rad", "lon_rad", "time_s", "east_ms", "north_ms", "vertical_rate_ms", "pressure_altitude_m", "position_std_m")
    told: Columns = [getattr(plots, name)[which] for name in names]
    places: Columns = (s.lat_rad, s.lon_rad, s.time_s, s.run, s.b_lat_rad, s.b_lon_rad, s.b_time_s, s.b_run)
    moves: Columns = (s.east_ms, s.north_ms, s.speed_at_s, s.height_m, s.jumps, s.jump_s, s.moved_s, s.odd, s.odd_s, s.twice_s)
    again: Columns = (s.lag_s, s.lag_from_s, s.hits, s.hit_lat_rad, s.hit_lon_rad, s.replay_s)
    tables: Columns = (state.table_key, state.table_time)
    columns: Columns = (row, *told, np.array(limits), *tables, *places, *moves, *again)
    spoken.follow(*columns)


def _compare(state: State, known: Known, plots: Plots, plot_tracks: NDArray[np.int64], radars: Radars, time_s: float) -> None:
    """Hold measured positions against what the same track's aircraft broadcasts."""
    c, s = state.config, state.spoken
    fade = 0.98
    state.compared *= fade
    state.against *= fade
    measured = np.flatnonzero((((np.uint32(1) << plots.kind.astype(np.uint32)) & np.uint32(MEASURED)) != 0) & (plot_tracks > 0))
    if not measured.size or not len(s):
        return
    p = plots.take(measured)
    row = find(known.number, plot_tracks[measured].astype(np.uint32))
    said = find(s.address, known.address[np.maximum(row, 0)])
    dt = p.time_s - s.time_s[np.maximum(said, 0)]
    lat, lon, std_m = _places(p, radars, s.height_m[np.maximum(said, 0)])
    use = np.flatnonzero((row >= 0) & (said >= 0) & (np.abs(dt) <= COMPARE_S) & np.isfinite(lat))
    if not use.size:
        return
    row, said = row[use], said[use]
    dt, lat, lon, std_m = (v[use] for v in (dt, lat, lon, std_m))
    north, east = (lat - s.lat_rad[said]) * spoken.RADIUS_M, (lon - s.lon_rad[said]) * np.cos(lat) * spoken.RADIUS_M
    off_m = np.hypot(north - np.nan_to_num(s.north_ms[said]) * dt, east - np.nan_to_num(s.east_ms[said]) * dt)
    blind = ~np.isfinite(s.east_ms[said])
    apart = off_m > c.apart_m + 4.0 * std_m + 5.0 * dt * dt + np.where(blind, 300.0 * np.abs(dt), 0.0)
    sensor = np.clip(p.sensor[use], 0, SENSORS - 1)
    np.add.at(state.compared, sensor, 1.0)
    np.add.at(state.against, sensor, apart)
    doubted = (state.compared >= FEWEST) & (state.against > DOUBTED_SHARE * state.compared)
    trusted = ~doubted[sensor]
    agrees = row[~apart & trusted]
    known.agreed_s[agrees] = time_s
    known.apart[agrees] = 0
    against = np.unique(row[apart & trusted])
    known.apart[against] = np.minimum(known.apart[against], 250) + 1
    known.apart_s[against] = np.where(known.apart[against] >= c.apart_times, time_s, known.apart_s[against])


def _places(p: Plots, radars: Radars, height_m: F64) -> tuple[F64, F64, F64]:
    """Return where measured plots are and one sigma of that; NaN where that cannot be told."""
    lat, lon = p.lat_rad.copy(), p.lon_rad.copy()
    std_m = np.where(np.isfinite(p.position_std_m), p.position_std_m, 200.0)
    order = np.argsort(radars.sensor, kind="stable")
    at = find(radars.sensor[order].astype(np.uint32), np.maximum(p.sensor, 0).astype(np.uint32))
    polar = np.flatnonzero(~np.isfinite(lat) & (at >= 0) & (p.sensor >= 0) & np.isfinite(p.range_m) & np.isfinite(p.azimuth_rad))
    if polar.size:
        r = order[at[polar]]
        height = np.where(np.isfinite(p.pressure_altitude_m[polar]), p.pressure_altitude_m[polar], np.nan_to_num(height_m[polar]))
        ground = np.sqrt(np.maximum(p.range_m[polar] ** 2 - (height - radars.height_m[r]) ** 2, 0.0))
        lat[polar], lon[polar] = destination(radars.lat_rad[r], radars.lon_rad[r], p.azimuth_rad[polar], ground)
        std_m[polar] = np.hypot(RANGE_STD_M, ground * AZIMUTH_STD_RAD)
    return lat, lon, std_m


def _judge(state: State, known: Known, present: I64, radars: Radars, for_s: float, time_s: float) -> NDArray[np.bool_]:
    """Write what is to be thought of each track that broadcasts."""
    c, s = state.config, state.spoken
    changed = np.zeros(len(known), np.bool_)
    rows = present[((known.signs[present] & ADSB) != 0) & (known.address[present] > 0)]
    rows = rows if (np.diff(rows) > 0).all() else np.unique(rows)
    if not rows.size or not len(s):
        return changed
    kinds = known.kinds[rows]
    measured = (kinds & MEASURED) != 0
    broadcasts = (kinds & BY_ADSB) != 0
    known.missed[rows[measured]] = 0.0
    alone = rows[broadcasts & ~measured & (known.surface[rows] == 0)]
    if alone.size and for_s > 0.0 and radars.lat_rad.size:
        known.missed[alone] += radars.looks(known.lat_rad[alone], known.lon_rad[alone], known.height_m[alone], for_s)
    at = find(s.address, known.address[rows])
    has, at = at >= 0, np.maximum(at, 0)
    agreed = time_s - known.agreed_s[rows] <= c.memory_s
    lately = {
        name: has & (time_s - getattr(s, name)[at] <= c.memory_s)
        for name in ("odd_s", "jump_s", "moved_s", "twice_s", "replay_s", "swarm_s")
    }
    why = np.zeros(rows.size, np.uint16)
    unseen = broadcasts & ~measured & ~agreed & (known.missed[rows] >= c.unseen_looks)
    apart = time_s - known.apart_s[rows] <= c.memory_s
    odd, jumps = lately["odd_s"] & (s.odd[at] >= 3), lately["jump_s"] & (s.jumps[at] >= c.jumps)
    swarms = lately["swarm_s"] & ~agreed
    twice, replay = lately["twice_s"] & ~agreed, lately["replay_s"] & ~agreed
    for bit, held in (
        (Why.UNSEEN, unseen),
        (Why.APART, apart),
        (Why.IMPOSSIBLE, odd),
        (Why.JUMPS, jumps | lately["moved_s"]),
        (Why.SWARM, swarms),
        (Why.TWICE, twice),
        (Why.REPLAYED, replay),
    ):
        why |= held * np.uint16(bit)
    certain = apart | odd | jumps | replay | (swarms & unseen) | (twice & unseen)
    verdict = np.where(certain, Integrity.CONTRADICTED, np.where(why != 0, Integrity.DOUBTFUL, Integrity.NOT_ASSESSED))
    verdict = np.where((why == 0) & agreed & broadcasts, Integrity.CONSISTENT, verdict).astype(np.uint8)
    silenced = known.doubted[rows] != 0
    verdict[silenced], why[silenced] = Integrity.NOT_ASSESSED, 0
    changed[rows] = (known.integrity[rows] != verdict) | (known.why[rows] != why)
    known.integrity[rows], known.why[rows] = verdict, why
    return changed

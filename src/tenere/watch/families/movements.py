"""Take-offs and landings: the airport movement log, and those that no flight plan explains.

A track that was on the ground, or is first seen low and climbing by an aerodrome, and then flies, has taken off; one that flew and is on
the ground, or ends low by an aerodrome, has landed. The log holds every movement; alerts are raised only for those without a plan that
fits, where any plan is known at all, and for landings at no known aerodrome.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.batch import Batch, PlotKind, Severity, TrackFlag, column
from tenere.geo.borders import EARTH_M
from tenere.watch.families.memory import Memory
from tenere.watch.families.places import amsl_m, distance_m, ground_m, joined, standing
from tenere.watch.naming import name_of
from tenere.watch.view import Because, Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.batch import F64, I32, I64, U8, U32, Bytes, Identities, Tracks
    from tenere.watch.config import MovementsConfig, WatchConfig
    from tenere.watch.view import View
    from tenere.world import Aerodromes, World

RULES: dict[str, tuple[Severity, ...]] = {
    "unplanned_take_off": (Severity.INFORMATION, Severity.CAUTION),
    "unplanned_landing": (Severity.INFORMATION, Severity.CAUTION),
    "landing_elsewhere": (Severity.INFORMATION, Severity.CAUTION),
}
"""Every rule of this family and how grave it may be; each is a key of the phrase book."""

REASONS = (
    "because.began_or_ended_low",
    "because.civil",
    "because.no_plan",
    "because.plan_says",
    "because.protected",
    "because.seen_on_ground",
)
"""Keys of its evidence in the phrase book."""

TAKE_OFF, LANDING = 1, 2
_UNSEEN, _GROUND, _AIR = 0, 1, 2
_FORGET_S = 1800.0
_NEW_S = 60.0
"""A track this young that climbs low by an aerodrome has just taken off."""
_CLIMB_MS = 1.0
_FLIES_MS = 20.0
_FLIES_M = 30.0
_LOW_M = 100.0
"""A track that ends at no aerodrome lower than this above the ground has landed there."""


class Movement(NamedTuple):
    """One movement, for people: when, which track, where (empty: at no known aerodrome), TAKE_OFF or LANDING, whether a plan fits."""

    time_s: float
    number: int
    aerodrome: bytes
    kind: int
    planned: int
    seen: int
    lat_rad: float
    lon_rad: float
    callsign: bytes
    address: int
    plan: int


@dataclass(frozen=True)
class Movements(Batch):
    """Take-offs and landings: one row a movement, in the order they were seen."""

    time_s: F64 = column("f8", "s", "when it was seen")
    number: U32 = column("u4", "", "track number")
    aerodrome: Bytes = column("S4", "", "ICAO code; empty: at no known aerodrome")
    kind: U8 = column("u1", "", "1 take-off, 2 landing")
    planned: U8 = column("u1", "", "1: a flight plan fits")
    seen: U8 = column("u1", "", "1: seen on the ground; 0: concluded from a track that began or ended low")
    lat_rad: F64 = column("f8", "rad", "where it was seen")
    lon_rad: F64 = column("f8", "rad", "where it was seen")
    callsign: Bytes = column("S8", "", "aircraft identification")
    address: I32 = column("i4", "", "24-bit ICAO address; -1 none")
    plan: I32 = column("i4", "", "row of the flight-plan list; -1 none")


@dataclass
class State:
    """phase: _UNSEEN, _GROUND or _AIR of each track; at: its aerodrome while low by one; the rest: as it was last seen."""

    log: deque[Movement]
    by_lat: I64
    """The aerodromes by rising latitude: sorting them anew every tick costs more than all else here."""
    tracks: Memory = field(default_factory=lambda: Memory(phase=0, at=-1, first_s=np.nan))
    last: tuple[Tracks, Identities, I64] | None = None
    new: list[Movement] = field(default_factory=list)
    """The movements of the last tick."""


class Low(NamedTuple):
    """How the watched rows stand to aerodromes: the nearest one at hand (-1 none), metres above it, on the ground."""

    aerodrome: I64
    above_m: F64
    ground: NDArray[np.bool_]


def init(config: WatchConfig, world: World) -> State:
    """Return the state before the first tick."""
    return State(deque(maxlen=max(1, config.movements.most)), np.argsort(world.aerodromes.lat_rad, kind="stable"))


def plain(log: deque[Movement]) -> tuple[dict[str, Any], ...]:
    """Return a log as plain data, the latest last."""
    kinds = {TAKE_OFF: "take_off", LANDING: "landing"}
    return tuple(
        {**m._asdict(), "aerodrome": m.aerodrome.decode("ascii", "replace"), "kind": kinds.get(m.kind, ""), "planned": bool(m.planned)}
        for m in log
    )


def columns(log: deque[Movement]) -> Movements:
    """Return a log as columns."""
    rows = list(log)
    return Movements.blank(
        len(rows), **{name: np.array([getattr(m, name) for m in rows], dtype) for name, dtype, _, _ in Movements.columns()}
    )


def step(state: State, view: View) -> Iterator[Condition]:
    """Yield the conditions of one tick, and write its movements into the log."""
    tracks, rows, config = view.tracks, view.rows, view.config.movements
    state.new = []
    low = stand(view, rows, config, state.by_lat)
    memory = state.tracks
    at = memory.admit(tracks.number[rows].astype(np.int64), view.time_s, _FORGET_S)
    phase, where, first = memory["phase"], memory["at"], memory["first_s"]
    fresh_row = np.isnan(first[at])
    first[at[fresh_row]] = view.time_s
    live = (tracks.flags[rows] & TrackFlag.COASTING) == 0
    climb = np.nan_to_num(tracks.vertical_rate_ms[rows])
    flies = (
        live & ~low.ground & (tracks.speed_ms[rows] > _FLIES_MS) & ((low.above_m > _FLIES_M) | (climb > _CLIMB_MS) | (low.aerodrome < 0))
    )
    young = (view.time_s - first[at] <= _NEW_S) & (view.time_s - tracks.first_s[rows] <= 2.0 * _NEW_S)
    began_low = (phase[at] == _UNSEEN) & flies & young & (low.aerodrome >= 0) & (climb > _CLIMB_MS)
    took_off = (phase[at] == _GROUND) & flies
    landed = (phase[at] == _AIR) & live & low.ground
    lost = _ended(state, view)
    for k in np.flatnonzero(took_off | began_low).tolist():
        aerodrome = int(low.aerodrome[k]) if low.aerodrome[k] >= 0 else int(where[at[k]])
        yield from _moved(state, view, int(rows[k]), TAKE_OFF, aerodrome, seen=bool(took_off[k]))
    for k in np.flatnonzero(landed).tolist():
        yield from _moved(state, view, int(rows[k]), LANDING, int(low.aerodrome[k]), seen=True)
    yield from lost
    phase[at[live & low.ground]] = _GROUND
    settled = flies & ~((phase[at] == _UNSEEN) & young & (low.aerodrome >= 0) & ~began_low)  # a young low one may yet show a climb
    phase[at[settled]] = _AIR
    near = live & (low.aerodrome >= 0)
    where[at[live]] = -1
    where[at[near]] = low.aerodrome[near]
    state.last = (tracks, view.identities, rows)


def stand(view: View, rows: I64, config: MovementsConfig, by_lat: I64) -> Low:
    """Return how some rows stand to the aerodromes."""
    tracks, aerodromes = view.tracks, view.world.aerodromes
    altitude = amsl_m(tracks, rows)
    said = (tracks.flags[rows] & TrackFlag.ON_GROUND) != 0
    found, above = np.full(len(rows), -1, np.int64), np.full(len(rows), np.nan)
    if len(aerodromes.code):
        highest = float(aerodromes.elevation_m.max()) + config.low_m
        ask = np.flatnonzero((said | (altitude < highest)) & np.isfinite(tracks.lat_rad[rows]) & np.isfinite(tracks.lon_rad[rows]))
        nearest = nearest_of(aerodromes, tracks.lat_rad[rows[ask]], tracks.lon_rad[rows[ask]], config.near_m, by_lat)
        height = np.where(nearest >= 0, altitude[ask] - aerodromes.elevation_m[nearest], np.nan)
        here = (nearest >= 0) & (said[ask] | (height < config.low_m))
        found[ask[here]], above[ask[here]] = nearest[here], height[here]
    slow = (tracks.speed_ms[rows] < config.slow_ms) & (np.abs(above) < config.ground_m)
    return Low(found, above, said | slow)


def nearest_of(aerodromes: Aerodromes, lat_rad: F64, lon_rad: F64, near_m: float, by_lat: I64) -> I64:
    """Return the nearest aerodrome of each place within near_m, -1 for none; of two as near the first by code. by_lat: their order."""
    order = by_lat
    lat = aerodromes.lat_rad[order] if len(lat_rad) else aerodromes.lat_rad[:0]
    band = near_m / EARTH_M * 1.01
    first, last = np.searchsorted(lat, lat_rad - band), np.searchsorted(lat, lat_rad + band, side="right")
    out, best = np.full(len(lat_rad), -1, np.int64), np.full(len(lat_rad), near_m)
    for j in range(int((last - first).max(initial=0))):
        some = np.flatnonzero(first + j < last)
        k = order[first[some] + j]
        away = distance_m(lat_rad[some], lon_rad[some], aerodromes.lat_rad[k], aerodromes.lon_rad[k])
        nearer = (away < best[some]) | ((away == best[some]) & (k < out[some]))
        out[some[nearer]], best[some[nearer]] = k[nearer], away[nearer]
    return out


def _ended(state: State, view: View) -> list[Condition]:
    """Return the conditions of tracks that ended low: in the air by an aerodrome, or just above the ground elsewhere."""
    if state.last is None:
        return []
    tracks, identities, rows = state.last
    gone = rows[~np.isin(tracks.number[rows], view.tracks.number[view.rows])]
    if not gone.size:
        return []
    before = view._replace(tracks=tracks, identities=identities)
    low = stand(before, gone, view.config.movements, state.by_lat)
    at = state.tracks.find(tracks.number[gone].astype(np.int64))
    flew = (at >= 0) & (state.tracks["phase"][np.maximum(at, 0)] == _AIR)
    sinks = np.nan_to_num(tracks.vertical_rate_ms[gone]) < 0.5 * _CLIMB_MS
    ground = ground_m(view.world.ground, tracks.lat_rad[gone], tracks.lon_rad[gone])
    elsewhere = (low.aerodrome < 0) & (amsl_m(tracks, gone) - ground < _LOW_M)
    out: list[Condition] = []
    for k in np.flatnonzero(flew & sinks & ((low.aerodrome >= 0) | elsewhere)).tolist():
        out += _moved(state, before, int(gone[k]), LANDING, int(low.aerodrome[k]), seen=False)
        state.tracks["phase"][at[k]] = _UNSEEN
    return out


def _moved(state: State, view: View, row: int, kind: int, aerodrome: int, *, seen: bool) -> Iterator[Condition]:
    """Log a movement; yield a condition where no plan explains it."""
    tracks, identities, config = view.tracks, view.identities, view.config.movements
    code = bytes(view.world.aerodromes.code[aerodrome]) if aerodrome >= 0 else b""
    plan = int(identities.plan[row])
    filed = view.plans[plan] if 0 <= plan < len(view.plans) else None
    wanted = "" if filed is None else (filed.departure if kind == TAKE_OFF else filed.destination)
    fits = filed is not None and (not wanted or wanted.encode() == code)
    number = int(tracks.number[row])
    made = Movement(
        view.time_s, number, code, kind, int(fits), int(seen), float(tracks.lat_rad[row]), float(tracks.lon_rad[row]),
        bytes(tracks.callsign[row]), int(tracks.address[row]), plan,
    )  # fmt: skip
    state.log.append(made)
    state.new.append(made)
    drone = (int(tracks.kinds[row]) >> PlotKind.REMOTE_ID) & 1
    if not code:
        if kind == LANDING and not drone and len(view.world.aerodromes.code) and math.isfinite(made.lat_rad + made.lon_rad):
            yield _condition(
                view, row, "landing_elsewhere", f"{math.degrees(made.lat_rad):.3f} {math.degrees(made.lon_rad):.3f}", seen=seen
            )
        return
    if fits or not view.plans or (config.aerodromes and code.decode("ascii", "replace") not in config.aerodromes):
        return
    yield _condition(
        view, row, "unplanned_take_off" if kind == TAKE_OFF else "unplanned_landing", code.decode("ascii", "replace"), seen=seen
    )


def _condition(view: View, row: int, rule: str, where: str, *, seen: bool) -> Condition:
    """Say that no plan explains a movement; a flight that is civil or protected is information."""
    identities = view.identities
    known = bool(identities.civil[row] or identities.protected[row])
    plan = int(identities.plan[row])
    because = [Because("because.seen_on_ground" if seen else "because.began_or_ended_low", 1.0 if seen else 0.3)]
    if 0 <= plan < len(view.plans):
        filed = view.plans[plan]
        because.append(Because("because.plan_says", 0.3, f"{filed.departure or '—'}|{filed.destination or '—'}".encode(), b"plan"))
    else:
        because.append(Because("because.no_plan", 0.5))
    if known:
        because.append(Because("because.protected" if identities.protected[row] else "because.civil", -0.5))
    detail = joined(name_of(view.tracks, row), where.encode(), standing(identities, row))
    grave = Severity.INFORMATION if known else Severity.CAUTION
    return Condition(rule, grave, int(view.tracks.number[row]), -1, detail, view.config.movements.show_s, because=tuple(because))

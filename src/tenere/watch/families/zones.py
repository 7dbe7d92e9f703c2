"""Regions, drone zones and corridors: volumes that flights may be in, and what is told of those that are, or no longer are.

These ask who is inside at every tick, and remember it by pairs of track and volume.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.airspace.model import Corridor, VolumeKind
from tenere.batch import AircraftClass, PlotKind, Severity, TrackFlag
from tenere.watch.families.memory import Memory
from tenere.watch.families.places import HEARD_KINDS, distance_m, joined, standing
from tenere.watch.naming import name_of
from tenere.watch.view import Because, Condition
from tenere.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.airspace.index import Heights, Index
    from tenere.airspace.model import Volume
    from tenere.batch import I64
    from tenere.plans import Plan
    from tenere.watch.view import View

    F64 = NDArray[np.float64]

RULES: dict[str, tuple[Severity, ...]] = {
    "fir_entry": (Severity.CAUTION,),
    "drone_in_zone": (Severity.INFORMATION, Severity.CAUTION),
    "low_slow_small": (Severity.INFORMATION, Severity.CAUTION),
    "corridor_left": (Severity.CAUTION,),
}
_VOLUMES = 1 << 24
"""Pairs are keyed by track number times this, and the volume's own number."""
_FORGET_S = 120.0
_SHOWN_S = 600.0
"""So long at most is a flight told to be out of its corridor."""
_REMOTE_ID = 1 << PlotKind.REMOTE_ID
_KNOTS = 1.943844


@dataclass
class Zones:
    """What is remembered. serial: a number for each volume that an edit of the list does not change."""

    fir: NDArray[np.bool_]
    drone: NDArray[np.bool_]
    corridor: NDArray[np.bool_]
    serial: NDArray[np.int64]
    serials: dict[str, int] = field(default_factory=dict)
    firs: Memory = field(default_factory=lambda: Memory(since_s=np.nan, told=0))
    flights: Memory = field(default_factory=lambda: Memory(since_s=np.nan))
    corridors: Memory = field(default_factory=lambda: Memory(inside_s=np.nan, long=0))
    open: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """Regions that were active in the tick before, by serial."""
    plans: tuple[Plan, ...] = ()
    routes: dict[int, str] = field(default_factory=dict)
    """The route of each plan that files one."""

    def follow(self, plans: tuple[Plan, ...]) -> None:
        """Take the plans as they are now."""
        if plans is not self.plans:
            self.routes = {k: route for k, plan in enumerate(plans) if (route := _route(plan))}
            self.plans = plans

    @classmethod
    def of(cls, volumes: tuple[Volume, ...], before: Zones | None = None) -> Zones:
        """Sort a new list of volumes by kind, and keep what is remembered."""
        zones = before or cls(np.zeros(0, np.bool_), np.zeros(0, np.bool_), np.zeros(0, np.bool_), np.zeros(0, np.int64))
        here = {v.id for v in volumes}
        serials = {name: number for name, number in zones.serials.items() if name in here}
        last = max(zones.serials.values(), default=0)
        for v in volumes:
            if v.id not in serials:
                last += 1
                serials[v.id] = last
        zones.serials = serials
        zones.serial = np.array([serials[v.id] for v in volumes], np.int64)
        zones.fir = np.array([v.kind == VolumeKind.FIR for v in volumes], np.bool_)
        zones.drone = np.array([v.kind == VolumeKind.DRONE for v in volumes], np.bool_)
        zones.corridor = np.array([v.kind == VolumeKind.CORRIDOR for v in volumes], np.bool_)
        return zones


class Placed(NamedTuple):
    """Some rows of the tracks, where they are and how high: (n,) each."""

    rows: I64
    lat_rad: F64
    lon_rad: F64
    heights: Heights
    amsl_m: F64
    ground_m: F64

    def take(self, at: NDArray[np.int64]) -> Placed:
        """Return some of them."""
        heights = type(self.heights)(self.heights.low_m[at], self.heights.high_m[at])
        return Placed(self.rows[at], self.lat_rad[at], self.lon_rad[at], heights, self.amsl_m[at], self.ground_m[at])


def step(zones: Zones, index: Index, view: View, placed: Placed) -> Iterator[Condition]:
    """Yield the conditions of regions, drone zones and corridors in one tick."""
    yield from _firs(zones, index, view, placed)
    yield from _drones(zones, index, view, placed)
    yield from _corridors(zones, index, view, placed)


def _firs(zones: Zones, index: Index, view: View, placed: Placed) -> Iterator[Condition]:
    """Yield a condition for each flight without a plan that came into a region. The first sight of a flight is no entry."""
    wanted = zones.fir & view.active
    was_open, zones.open = zones.open, zones.serial[wanted]
    if not wanted.any():
        return
    tracks, apw, time_s = view.tracks, view.config.apw, view.time_s
    fresh = (view.identities.plan[placed.rows] < 0) & ((tracks.flags[placed.rows] & TrackFlag.COASTING) == 0)
    mine = placed.take(np.flatnonzero(fresh & np.isfinite(placed.lat_rad)))
    number = tracks.number[mine.rows].astype(np.int64)
    at = zones.flights.admit(number, time_s, _FORGET_S)
    first_s = zones.flights["since_s"]
    first_s[at[np.isnan(first_s[at])]] = time_s
    found = index.inside(mine.lat_rad, mine.lon_rad, mine.heights, wanted)
    keys = number[found.row] * _VOLUMES + zones.serial[found.volume]
    pair = zones.firs.admit(keys, time_s, _FORGET_S)
    since, told = zones.firs["since_s"], zones.firs["told"]
    new = np.isnan(since[pair])
    since[pair[new]] = time_s
    opened = ~np.isin(zones.serial[found.volume], was_open)
    told[pair[new & (opened | (first_s[at[found.row]] == time_s))]] = 1  # it was there when it, or the region, was first seen
    due = np.flatnonzero((told[pair] == 0) & (time_s - since[pair] >= apw.fir_settled_s))
    told[pair[due]] = 1
    for k in due.tolist():
        row, volume = int(mine.rows[found.row[k]]), index.volumes[found.volume[k]]
        flight = standing(view.identities, row)
        because = (Because("because.no_plan", 0.5), *([Because("because.civil", -0.5)] if view.identities.civil[row] else []))
        detail = joined(name_of(tracks, row), clean(volume.name, 30), flight)
        yield Condition(
            "fir_entry", Severity.CAUTION, int(tracks.number[row]), -1, detail, view.config.crossing_hold_s, volume=_id(volume),
            because=because,
        )  # fmt: skip


def _drones(zones: Zones, index: Index, view: View, placed: Placed) -> Iterator[Condition]:
    """Yield a condition for each drone, and each low and slow thing that nothing is known of, in a drone zone."""
    wanted = zones.drone & view.active
    if not wanted.any():
        return
    tracks, apw, rows = view.tracks, view.config.apw, placed.rows
    claimed = (
        ((tracks.kinds[rows] & _REMOTE_ID) != 0) | (tracks.aircraft_class[rows] == AircraftClass.DRONE) | (tracks.remote_id[rows] != b"")
    )
    above_m = placed.amsl_m - placed.ground_m
    nobody = (tracks.address[rows] < 0) & (tracks.mode_a[rows] < 0) & (tracks.callsign[rows] == b"")
    quiet = nobody & ((tracks.kinds[rows] & HEARD_KINDS) == 0)
    small = quiet & (tracks.speed_ms[rows] < apw.slow_ms) & ~(above_m > apw.low_m)
    mine = placed.take(np.flatnonzero(claimed | small))
    found = index.inside(mine.lat_rad, mine.lon_rad, mine.heights, wanted)
    enough = found.sure | (index.limits[found.volume, 0] < apw.unknown_floor_m)
    claimed_mine = (claimed | small).nonzero()[0]
    for k in np.flatnonzero(enough).tolist():
        r = int(found.row[k])
        row, volume, sure = int(mine.rows[r]), index.volumes[found.volume[k]], bool(found.sure[k])
        number, name = int(tracks.number[row]), clean(volume.name, 30)
        flight = standing(view.identities, row)
        because = [Because("because.in_zone", 1.0, name, b"airspace")]
        if not sure:
            because.append(Because("because.height_unknown", -1.0))
        if claimed[claimed_mine[r]]:
            because.append(
                Because("because.remote_id", 0.5, clean(bytes(tracks.remote_id[row]).decode("ascii", "replace"), 20), b"Remote ID")
            )
            if flight == b"planned":
                because.append(Because("because.planned", -1.0, name_of(tracks, row), b"plan"))
            grave = Severity.INFORMATION if flight in {b"planned", b"protected"} or not sure else Severity.CAUTION
            rule = "drone_in_zone"
        else:
            knots = f"{float(tracks.speed_ms[row]) * _KNOTS:.0f}".encode()
            because += [Because("because.slow", 0.5, knots), Because("because.no_transponder", 0.5), Because("because.bird", -1.0)]
            rule, grave = "low_slow_small", Severity.CAUTION if sure else Severity.INFORMATION
        detail = joined(name_of(tracks, row), name, flight)
        yield Condition(rule, grave, number, -1, detail, apw.hold_s, volume=_id(volume), because=tuple(because), rise_s=3.0)


def _corridors(zones: Zones, index: Index, view: View, placed: Placed) -> Iterator[Condition]:
    """Yield a condition for each protected flight, or one whose plan names the corridor, that has left its corridor on the way.

    Leaving by an end of the corridor is no deviation.
    """
    wanted = zones.corridor & view.active
    if not wanted.any():
        return
    tracks, apw, time_s = view.tracks, view.config.apw, view.time_s
    zones.follow(view.plans)
    routes = zones.routes
    planned = np.isin(view.identities.plan[placed.rows], np.fromiter(routes, np.int64, len(routes)))
    mine = placed.take(np.flatnonzero(((view.identities.protected[placed.rows] != 0) | planned) & np.isfinite(placed.lat_rad)))
    number = tracks.number[mine.rows].astype(np.int64)
    found = index.inside(mine.lat_rad, mine.lon_rad, mine.heights, wanted)
    pair = zones.corridors.admit(number[found.row] * _VOLUMES + zones.serial[found.volume], time_s, _SHOWN_S)
    inside, long = zones.corridors["inside_s"], zones.corridors["long"]
    new = np.isnan(inside[pair])
    inside[pair[new]] = time_s
    long[pair[time_s - inside[pair] >= apw.corridor_rise_s]] = 1
    # those that were long inside, and are not now
    keys, seen_s = zones.corridors.key, zones.corridors["seen_s"]
    inside[seen_s < time_s] = np.nan
    out = np.flatnonzero((long == 1) & (time_s - seen_s >= apw.corridor_rise_s))
    row_of = {int(n): k for k, n in enumerate(number.tolist())} if out.size else {}
    position = {int(s): k for k, s in enumerate(zones.serial.tolist())} if out.size else {}
    for p in out.tolist():
        r, v = row_of.get(int(keys[p] // _VOLUMES)), position.get(int(keys[p] % _VOLUMES))
        if r is None or v is None or not wanted[v]:
            continue
        row, volume = int(mine.rows[r]), index.volumes[v]
        named = _names(routes.get(int(view.identities.plan[row]), ""), volume)
        if not (view.identities.protected[row] or named) or _by_an_end(volume, float(mine.lat_rad[r]), float(mine.lon_rad[r])):
            continue
        away = index.depths_m(mine.lat_rad[r : r + 1], mine.lon_rad[r : r + 1], v)[0]
        within = found.volume[found.row == r]
        if (away > -apw.corridor_margin_m and away < 0.0) or any(index.volumes[w].name == volume.name for w in within.tolist()):
            continue
        because = [Because("because.outside", 1.0, f"{max(0.0, -away):.0f}".encode(), b"airspace")]
        if view.identities.protected[row]:
            because.append(Because("because.protected", -0.5, b"", b"plan"))
        if named:
            because.append(Because("because.named", 0.5, clean(volume.name, 40), b"plan"))
        detail = joined(name_of(tracks, row), clean(volume.name, 30), standing(view.identities, row))
        yield Condition(
            "corridor_left", Severity.CAUTION, int(tracks.number[row]), -1, detail, apw.hold_s, volume=_id(volume), because=tuple(because)
        )


def _route(plan: Plan) -> str:
    """Return the route that a plan files (item 15), where plans hold one."""
    return str(getattr(plan, "route", "") or "")


def _names(route: str, volume: Volume) -> bool:
    """Say whether a route names a corridor, as one of its words."""
    words = route.upper().split()
    return volume.id.upper() in words or volume.name.upper() in words


def _by_an_end(volume: Volume, lat_rad: float, lon_rad: float) -> bool:
    """Say whether a place lies by an end of a corridor: within its width of it, or beyond."""
    if not isinstance(volume.shape, Corridor):
        return False
    ends = np.radians(np.array([volume.shape.line[0], volume.shape.line[-1]], float))
    return bool((distance_m(ends[:, 0], ends[:, 1], lat_rad, lon_rad) < 2.0 * volume.shape.width_m).any())


def _id(volume: Volume) -> bytes:
    return volume.id.encode()[:64]

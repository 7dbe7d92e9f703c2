"""Other systems' tracks: kept by their own numbers, joined with ours (tenere.track.fuse) or shown beside them, never filtered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import NOT_LIVE, HeightSource, PlotFlag, SystemTracks, TrackFlag, Tracks

if TYPE_CHECKING:
    from tenere.geo.plane import Plane

KEEP_S = 60.0
STALE_S = 12.0
MAX_SYSTEM_TRACKS = 100_000
REACH_MS, REACH_M = 700.0, 5_000.0
"""No aircraft goes farther between two reports: a number that does was given to another one."""
EARTH_M = 6_371e3
BOUNDED = {
    "x_m": 1e8,
    "y_m": 1e8,
    "east_ms": 3e3,
    "north_ms": 3e3,
    "vertical_rate_ms": 1e3,
    "pressure_altitude_m": 1e5,
    "height_m": 1e5,
    "position_std_m": 1e7,
}
"""No aircraft says more than this of itself."""


@dataclass
class SystemState:
    """The last report of each system track, and the picture's number for it."""

    latest: SystemTracks = field(default_factory=SystemTracks.blank)
    number: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    first_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    refused: int = 0


def _names(system: SystemTracks) -> np.ndarray:
    return system.sensor.astype(np.int64) << 32 | system.source_track.astype(np.int64)


def _sane(system: SystemTracks) -> SystemTracks:
    """Return the reports without numbers that cannot be: they become "not known"."""
    on_earth = (np.abs(system.lat_rad) <= np.pi / 2) & (np.abs(system.lon_rad) <= 2 * np.pi)
    bounded = {k: getattr(system, k) for k in BOUNDED}
    changed = {k: np.where(np.abs(v) < BOUNDED[k], v, np.nan) for k, v in bounded.items() if not (np.abs(v) < BOUNDED[k]).all()}
    if not on_earth.all():
        changed |= {k: np.where(on_earth, getattr(system, k), np.nan) for k in ("lat_rad", "lon_rad")}
    return system.replace(**changed) if changed else system


def _another(before: SystemTracks, after: SystemTracks) -> np.ndarray:
    """Say which reports (n,) are of another aircraft than those before them of the same number: another address, or out of reach."""
    renamed = (before.address >= 0) & (after.address >= 0) & (before.address != after.address)
    with np.errstate(invalid="ignore", over="ignore"):
        east = (after.lon_rad - before.lon_rad + np.pi) % (2 * np.pi) - np.pi
        on_earth = EARTH_M * np.hypot(after.lat_rad - before.lat_rad, east * np.cos(after.lat_rad))
        apart = np.fmin(on_earth, np.hypot(after.x_m - before.x_m, after.y_m - before.y_m))
        far = apart > REACH_M + REACH_MS * np.abs(after.time_s - before.time_s)  # false where either tells no place
    return np.asarray(renamed | far)


def step(state: SystemState, system: SystemTracks, time_s: float, next_number: int) -> tuple[SystemState, int]:
    """Take the reports of a tick, drop what ended or fell silent, number what is new. Returns the next free number."""
    if not len(system) and not len(state.latest):
        return state, next_number
    told = (system.sensor >= 0) & (system.source_track >= 0) & (np.abs(system.time_s - time_s) < KEEP_S)
    system = _sane(system.take(told))
    both = SystemTracks.concat([state.latest, system])
    if not len(both):
        return state, next_number
    number = np.concatenate([state.number, np.zeros(len(both) - len(state.number), np.int64)])
    first = np.concatenate([state.first_s, both.time_s[len(state.first_s) :]])
    names = _names(both)
    _, last_from_end, inverse = np.unique(names[::-1], return_index=True, return_inverse=True)
    last = len(names) - 1 - last_from_end
    elder = np.full(len(last), -1, np.int64)  # where each name stood before this tick
    k = len(state.number)
    elder[inverse[::-1][:k]] = np.arange(k)
    silent_too_long = both.time_s[last] - np.where(elder >= 0, both.time_s[np.maximum(elder, 0)], np.inf) > KEEP_S
    inherits = (elder >= 0) & ~silent_too_long
    known = np.flatnonzero(inherits & (elder != last))
    inherits[known] = ~_another(both.take(elder[known]), both.take(last[known]))
    number[last] = np.where(inherits, number[np.maximum(elder, 0)], 0)
    first[last] = np.where(inherits, first[np.maximum(elder, 0)], both.time_s[last])
    keep = np.sort(
        last[(both.flags[last] & PlotFlag.ENDED == 0) & (both.time_s[last] > time_s - KEEP_S) & (both.time_s[last] < time_s + KEEP_S)]
    )
    state.refused += max(0, len(keep) - MAX_SYSTEM_TRACKS)
    keep = keep[:MAX_SYSTEM_TRACKS]
    state.latest, state.number, state.first_s = both.take(keep), number[keep], first[keep]
    new = np.nonzero(state.number == 0)[0]
    state.number[new] = next_number + np.arange(len(new))
    return state, next_number + len(new)


def rows(state: SystemState, plane: Plane | None, time_s: float) -> Tracks:
    """Return the system tracks as rows of the picture, each at its own last time."""
    s = state.latest
    n = len(s)
    if not n:
        return Tracks.blank(0)
    located = np.isfinite(s.lat_rad) & np.isfinite(s.lon_rad)
    frame = np.where(located, 0, s.sensor + 1)
    vx, vy = s.east_ms.copy(), s.north_ms.copy()
    if plane is None:
        x, y = np.where(located, 0.0, s.x_m), np.where(located, 0.0, s.y_m)
    else:
        x, y, here = s.x_m.copy(), s.y_m.copy(), np.flatnonzero(located)
        x[here], y[here] = plane.forward(s.lat_rad[here], s.lon_rad[here])
        turn, scale = plane.north(s.lat_rad[here], s.lon_rad[here])  # a velocity is told by north and east, and kept by the plane's
        east, north, sin, cos = s.east_ms[here], s.north_ms[here], np.sin(turn), np.cos(turn)
        vx[here], vy[here] = scale * (east * cos + north * sin), scale * (north * cos - east * sin)
    flags = np.full(n, TrackFlag.SYSTEM | TrackFlag.CONFIRMED, np.uint32)
    flags |= np.where(((s.flags & PlotFlag.COASTED) > 0) | (time_s - s.time_s > STALE_S), TrackFlag.COASTING, 0).astype(np.uint32)
    flags |= np.where(s.flags & PlotFlag.ON_GROUND, TrackFlag.ON_GROUND, 0).astype(np.uint32)
    flags |= np.where(s.flags & int(NOT_LIVE), TrackFlag.NOT_LIVE, 0).astype(np.uint32)
    flags |= np.where(located, 0, TrackFlag.UNPLACED).astype(np.uint32)
    return Tracks.blank(
        n,
        number=state.number,
        time_s=s.time_s,
        update_s=s.time_s,
        first_s=state.first_s,
        frame=frame,
        x_m=x,
        y_m=y,
        vx_ms=vx,
        vy_ms=vy,
        var_xx_m2=s.position_std_m**2,
        var_xy_m2=0.0,
        var_yy_m2=s.position_std_m**2,
        lat_rad=s.lat_rad,
        lon_rad=s.lon_rad,
        course_rad=np.arctan2(s.east_ms, s.north_ms) % (2 * np.pi),
        speed_ms=np.hypot(s.east_ms, s.north_ms),
        pressure_altitude_m=s.pressure_altitude_m,
        vertical_rate_ms=s.vertical_rate_ms,
        height_m=s.height_m,
        height_from=np.where(np.isfinite(s.height_m), np.uint8(HeightSource.MEASURED), np.uint8(HeightSource.NONE)),
        existence=1.0,
        address=s.address,
        mode_a=s.mode_a,
        callsign=s.callsign,
        aircraft_class=s.aircraft_class,
        emergency=s.emergency,
        sensors=np.where(s.sensor < 64, np.uint64(1) << np.minimum(s.sensor, 63).astype(np.uint64), np.uint64(0)),
        flags=flags,
        source=s.sensor,
        source_track=s.source_track,
        claim=s.claim,
    )

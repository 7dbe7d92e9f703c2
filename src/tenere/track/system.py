"""Other systems' tracks: kept by their own numbers, shown beside ours, never filtered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import NOT_LIVE, PlotFlag, SystemTracks, TrackFlag, Tracks

if TYPE_CHECKING:
    from tenere.geo.plane import Plane

KEEP_S = 60.0
STALE_S = 12.0
MAX_SYSTEM_TRACKS = 100_000


@dataclass
class SystemState:
    """The last report of each system track, and the picture's number for it."""

    latest: SystemTracks = field(default_factory=SystemTracks.blank)
    number: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    first_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    refused: int = 0


def _names(system: SystemTracks) -> np.ndarray:
    return system.sensor.astype(np.int64) << 32 | system.source_track.astype(np.int64)


def step(state: SystemState, system: SystemTracks, time_s: float, next_number: int) -> tuple[SystemState, int]:
    """Take the reports of a tick, drop what ended or fell silent, number what is new. Returns the next free number."""
    if not len(system) and not len(state.latest):
        return state, next_number
    system = system.take((system.sensor >= 0) & (system.source_track >= 0))
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
    if plane is None:
        x, y = np.where(located, 0.0, s.x_m), np.where(located, 0.0, s.y_m)
    else:
        px, py = plane.forward(s.lat_rad, s.lon_rad)
        x, y = np.where(located, px, s.x_m), np.where(located, py, s.y_m)
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
        vx_ms=s.east_ms,
        vy_ms=s.north_ms,
        var_xx_m2=s.position_std_m**2,
        var_xy_m2=0.0,
        var_yy_m2=s.position_std_m**2,
        lat_rad=s.lat_rad,
        lon_rad=s.lon_rad,
        course_rad=np.arctan2(s.east_ms, s.north_ms) % (2 * np.pi),
        speed_ms=np.hypot(s.east_ms, s.north_ms),
        pressure_altitude_m=s.pressure_altitude_m,
        vertical_rate_ms=s.vertical_rate_ms,
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

"""From the store to the picture: every confirmed track, predicted to the tick's time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.batch import TrackFlag, Tracks
from tenere.crew import halves
from tenere.estimate import lanes
from tenere.estimate.lanes import BLOCK, LANES, MODEL, MU
from tenere.estimate.motion import LEFT, RIGHT
from tenere.geo import fast
from tenere.track.columns import REMOTE_WORDS, words
from tenere.track.place import FRAME_M
from tenere.track.store import TIME, X, Y
from tenere.track.survey import NO_PLANE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.geo.plane import Plane
    from tenere.track.store import Store

F = np.float32
COAST_GAPS = 2.5
COAST_S = 4.0
CONFIRMED, COASTING, ON_GROUND = int(TrackFlag.CONFIRMED), int(TrackFlag.COASTING), int(TrackFlag.ON_GROUND)
IDENTING, UNPLACED = int(TrackFlag.SPI), int(TrackFlag.UNPLACED)


@njit(cache=True, nogil=True)
def predicted(s: Store, rows: np.ndarray, t: float, par: np.ndarray, mean: np.ndarray, turn: np.ndarray, room: lanes.Scratch) -> None:
    """Fill mean (n, 14) with the tracks' moments at time t (estimate.lanes.moments), turn (n, 2) with the turn models' share and rate."""
    b, o, out, dt = np.zeros(BLOCK, F), np.zeros(BLOCK, F), np.zeros(14 * LANES, F), np.zeros(LANES, F)
    hot = s.hot
    for a in range(0, len(rows), LANES):
        n = min(LANES, len(rows) - a)
        lanes.load(s.row, rows, a, n, b)
        for l in range(lanes.padded(n)):
            dt[l] = t - hot[rows[a + min(l, n - 1)], TIME]
        lanes.predict(b, dt, n, par, o, room)
        lanes.moments(o, n, out)
        for l in range(n):
            for k in range(14):
                mean[a + l, k] = out[k * LANES + l]
            mean[a + l, 0] += hot[rows[a + l], X]
            mean[a + l, 1] += hot[rows[a + l], Y]
            left, right = o[(MU + LEFT) * LANES + l], o[(MU + RIGHT) * LANES + l]
            turn[a + l, 0] = left + right
            turn[a + l, 1] = left * o[(LEFT * MODEL + 4) * LANES + l] + right * o[(RIGHT * MODEL + 4) * LANES + l]


class Columns(NamedTuple):
    """The columns of Tracks that are ours to fill, n rows."""

    number: np.ndarray
    time_s: np.ndarray
    update_s: np.ndarray
    first_s: np.ndarray
    frame: np.ndarray
    x_m: np.ndarray
    y_m: np.ndarray
    vx_ms: np.ndarray
    vy_ms: np.ndarray
    var_xx_m2: np.ndarray
    var_xy_m2: np.ndarray
    var_yy_m2: np.ndarray
    var_v_m2s2: np.ndarray
    lat_rad: np.ndarray
    lon_rad: np.ndarray
    course_rad: np.ndarray
    speed_ms: np.ndarray
    turn_rads: np.ndarray
    pressure_altitude_m: np.ndarray
    vertical_rate_ms: np.ndarray
    existence: np.ndarray
    turn_probability: np.ndarray
    address: np.ndarray
    mode_a: np.ndarray
    aircraft_class: np.ndarray
    emergency: np.ndarray
    kinds: np.ndarray
    sensors: np.ndarray
    flags: np.ndarray


@njit(cache=True)
def shown(s: Store, high: int, show_existence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and numbers of the tracks to show, in the order of rows."""
    alive, confirmed, existence, key, number, rival = s.alive, s.confirmed, s.existence, s.key, s.number, s.rival
    out, numbers = np.empty(high, np.int64), np.empty(high, np.int64)
    n = 0
    for i in range(high):
        if alive[i] == 1 and confirmed[i] == 1 and (existence[i] >= show_existence or (key[i] >= 0 and rival[i] == 0)):
            out[n], numbers[n] = i, number[i]
            n += 1
    return out[:n].copy(), numbers[:n].copy()


@njit(cache=True, nogil=True)
def fill(
    s: Store,
    rows: np.ndarray,
    time_s: float,
    mean: np.ndarray,
    turning: np.ndarray,
    plane: Plane,
    laid: bool,
    marks: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    words: tuple[np.ndarray, np.ndarray],
    out: Columns,
    callsign: np.ndarray,
    remote: np.ndarray,
) -> bool:
    """Fill the columns of Tracks; return whether any track has no place on the Earth.

    mean, turning: of `predicted`. marks: class, emergency, on the ground, identing; words: callsign and Remote ID of the
    store's rows, callsign and remote: of the tracks shown.
    """
    classes, emergency, ground, spi = marks
    callsigns, remotes = words
    # arrays are taken out of their tuples first: in a loop each access would count a reference
    o_number, o_time_s, o_update_s, o_first_s, o_frame = out.number, out.time_s, out.update_s, out.first_s, out.frame
    o_x_m, o_y_m, o_vx_ms, o_vy_ms, o_var_xx_m2 = out.x_m, out.y_m, out.vx_ms, out.vy_ms, out.var_xx_m2
    o_var_xy_m2, o_var_yy_m2, o_var_v_m2s2, o_lat_rad, o_lon_rad = out.var_xy_m2, out.var_yy_m2, out.var_v_m2s2, out.lat_rad, out.lon_rad
    o_course_rad, o_speed_ms, o_turn_rads, o_pressure_altitude_m, o_vertical_rate_ms = (
        out.course_rad,
        out.speed_ms,
        out.turn_rads,
        out.pressure_altitude_m,
        out.vertical_rate_ms,
    )
    o_existence, o_turn_probability, o_address, o_mode_a, o_aircraft_class = (
        out.existence,
        out.turn_probability,
        out.address,
        out.mode_a,
        out.aircraft_class,
    )
    o_emergency, o_kinds, o_sensors, o_flags = out.emergency, out.kinds, out.sensors, out.flags
    s_number, s_update_s, s_first_s, s_height = s.number, s.update_s, s.first_s, s.height
    s_height_s, s_existence, s_key, s_mode_a = s.height_s, s.existence, s.key, s.mode_a
    s_kinds, s_sensors, s_gap_s = s.kinds, s.sensors, s.gap_s
    nowhere = False
    for l in range(len(rows)):
        i = rows[l]
        frame = np.int64(np.rint(mean[l, 0] / FRAME_M))
        x, y, vx, vy = mean[l, 0] - frame * FRAME_M, mean[l, 1], mean[l, 2], mean[l, 3]
        o_number[l], o_time_s[l], o_update_s[l], o_first_s[l] = s_number[i], time_s, s_update_s[i], s_first_s[i]
        o_frame[l], o_x_m[l], o_y_m[l], o_vx_ms[l], o_vy_ms[l] = frame, x, y, vx, vy
        o_var_xx_m2[l], o_var_xy_m2[l], o_var_yy_m2[l] = mean[l, 4], mean[l, 5], mean[l, 8]
        o_var_v_m2s2[l] = max(mean[l, 11], mean[l, 13])
        nowhere |= frame != 0
        o_turn_probability[l], o_turn_rads[l] = turning[l, 0], -turning[l, 1]
        height, rate = s_height[i, 0], s_height[i, 1]
        o_pressure_altitude_m[l] = height + min(max(time_s - s_height_s[i], -10.0), 10.0) * rate
        o_vertical_rate_ms[l] = rate
        o_existence[l] = s_existence[i]
        o_address[l] = s_key[i] if 0 <= s_key[i] < 1 << 24 else -1
        o_mode_a[l] = s_mode_a[i]
        callsign[l] = callsigns[i]
        for d in range(REMOTE_WORDS):
            remote[l, d] = remotes[i, d]
        o_aircraft_class[l], o_emergency[l] = classes[i], emergency[i]
        o_kinds[l] = s_kinds[i, 0] | s_kinds[i, 1]
        o_sensors[l] = s_sensors[i, 0] | s_sensors[i, 1]
        flags = CONFIRMED
        if time_s - s_update_s[i] > max(np.float32(COAST_GAPS) * s_gap_s[i], COAST_S):
            flags |= COASTING
        if ground[i]:
            flags |= ON_GROUND
        if spi[i]:
            flags |= IDENTING
        if frame != 0:
            flags |= UNPLACED
        o_flags[l] = flags
    if not laid:
        return True
    if not nowhere:
        fast.motion_each(plane, o_x_m, o_y_m, o_vx_ms, o_vy_ms, o_lat_rad, o_lon_rad, o_course_rad, o_speed_ms)
        return False
    for l in range(len(rows)):
        if o_frame[l] == 0:
            o_lat_rad[l], o_lon_rad[l], o_course_rad[l], o_speed_ms[l] = fast.motion(plane, o_x_m[l], o_y_m[l], o_vx_ms[l], o_vy_ms[l])
    return True


def order(s: Store, high: int, show_existence: float) -> NDArray[np.int64]:
    """Return the store's rows of the tracks to show, in order of their numbers."""
    live, numbers = shown(s, high, show_existence)
    return np.asarray(live[np.argsort(numbers)])  # no two are equal


def rows(
    s: Store,
    live: NDArray[np.int64],
    names: dict[str, NDArray[np.bytes_]],
    marks: dict[str, NDArray[np.uint8]],
    plane: Plane | None,
    time_s: float,
    par: NDArray[np.float32],
    cores: int = 1,
) -> Tracks:
    """Return the tracks of rows live (n,) at time_s."""
    n = len(live)
    if not n:
        return Tracks.blank(0)
    mean, turning = np.zeros((n, 14)), np.zeros((n, 2))
    out = Tracks.blank(n)
    columns = Columns(*(getattr(out, name) for name in Columns._fields))
    own = (marks["aircraft_class"], marks["emergency"], marks["ground"], marks["spi"])
    kept, callsign, remote = (words(names["callsign"]), words(names["remote_id"])), words(out.callsign), words(out.remote_id)
    nowhere = np.zeros(2, bool)

    def job(part: slice) -> None:
        rows, m, turn = live[part], mean[part], turning[part]
        predicted(s, rows.astype(np.int32), time_s, par, m, turn, lanes.scratch())
        mine = Columns(*(c[part] for c in columns))
        laid = plane is not None
        there = NO_PLANE if plane is None else plane
        nowhere[int(part.start > 0)] = fill(s, rows, time_s, m, turn, there, laid, own, kept, mine, callsign[part], remote[part])

    halves(job, n, cores)
    if nowhere.any():
        aside = np.nonzero((out.frame != 0) | (plane is None))[0]
        vx, vy = out.vx_ms[aside], out.vy_ms[aside]
        out.course_rad[aside], out.speed_ms[aside] = np.arctan2(vx, vy) % (2 * np.pi), np.hypot(vx, vy)
    return out

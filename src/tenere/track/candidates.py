"""Which tracks the plots of a look may belong to, and how well they fit. Numba kernels.

A plot with an address finds the track that bears it; the others find tracks on the grid. Every track found gets a slot:
it is predicted once, to its first plot's own time, many tracks at a time (estimate.lanes). Other plots of the same look
are moved by the track's velocity over the milliseconds between.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.estimate import lanes
from tenere.estimate.lanes import LANES, MODEL, MU
from tenere.estimate.motion import M
from tenere.track.fit import likeness, placed_for
from tenere.track.grid import CELL_M, reach_of, stretch, widest
from tenere.track.store import HEIGHT, POSITION_STD, TIME, VELOCITY_STD, VX, VY, X, Y
from tenere.track.work import (
    CELLS,
    CHUNK,
    DETECTION,
    FALSE_PLOTS,
    FULL,
    GATE,
    GATE_KEY,
    LIFETIME,
    NEXT_LOOK,
    OUTLIER,
    RANGE_M,
    REPEATED,
    RINGS,
    SCANNING,
    SECTORS,
    SENSOR_X,
    SENSOR_Y,
    USE_KEY,
)

if TYPE_CHECKING:
    from tenere.track.store import Store
    from tenere.track.work import Measured, Work

LATE_S = 1.5
REPEAT_M, REPEAT_S = 0.5, 1.5
NO_CLUTTER_M2 = 1e-14
PAIRS = LANES // M
LEVEL_M, CLIMB_MS = 400.0, 60.0
PLACED_M = 2000.0  # a track's own height may place a plot without one so much nearer or farther


@njit(cache=True)
def cell_of(x: float, y: float, sensor: np.ndarray) -> int:
    """Return the cell of a sensor's clutter map that a position lies in."""
    dx, dy = x - sensor[SENSOR_X], y - sensor[SENSOR_Y]
    ring = min(int(math.sqrt(dx * dx + dy * dy) / sensor[RANGE_M] * RINGS), RINGS - 1)
    sector = min(int((math.atan2(dy, dx) / (2.0 * math.pi) + 0.5) * SECTORS), SECTORS - 1)
    return ring * SECTORS + sector


@njit(cache=True)
def clutter_m2(x: float, y: float, sensor: np.ndarray, clutter: np.ndarray, crowd: float) -> float:
    """Return the density of false plots at a position, a look: the map's, uniform in range and azimuth within a cell."""
    if sensor[SCANNING] == 0.0:
        return NO_CLUTTER_M2
    dx, dy = x - sensor[SENSOR_X], y - sensor[SENSOR_Y]
    r = max(math.sqrt(dx * dx + dy * dy), 0.01 * sensor[RANGE_M])
    density: float = crowd * clutter[cell_of(x, y, sensor)] * CELLS / (2.0 * math.pi * sensor[RANGE_M] * r)
    return max(density, NO_CLUTTER_M2)


@njit(cache=True)
def by_key(
    together: np.ndarray,
    hot: np.ndarray,
    alive: np.ndarray,
    keys: np.ndarray,
    key_head: np.ndarray,
    book: np.ndarray,
    part: int,
    key: int,
    x: float,
    y: float,
    t: float,
    own_position: int,
    sensor: int,
) -> int:
    """Return the track that bears a plot's key and lies nearest to it; -1 none, -2 - i the plot is a repeated broadcast of track i.

    part: the side whose tracks are asked, -1 both.
    """
    b = (key * 2654435761 >> 7) & (key_head.shape[1] - 1)
    i = int(key_head[max(part, 0), b])
    more = part < 0
    best, best_d2 = -1, math.inf
    while i >= 0 or more:
        if i < 0:
            i, more = int(key_head[1, b]), False
            continue
        c = together[i]
        if alive[i] == 1 and keys[i] == key:
            if (
                own_position == 1
                and abs(c.position_x - x) < REPEAT_M
                and abs(c.position_y - y) < REPEAT_M
                and abs(t - c.update_s) < REPEAT_S
            ):  # the same broadcast through another receiver is not news, though it tells who hears it
                if sensor < 64:
                    c.sensors_now |= np.uint64(1) << np.uint64(sensor)
                book[REPEATED] += 1
                return -2 - i
            dt = t - hot[i, TIME]
            dx = x - hot[i, X] - dt * hot[i, VX]
            dy = y - hot[i, Y] - dt * hot[i, VY]
            d2 = dx * dx + dy * dy
            if d2 < best_d2:
                best, best_d2 = i, d2
        i = int(c.chain)
    return best


@njit(cache=True, inline="always")
def slot_for(
    i: int,
    t: float,
    ns: int,
    lifetime: float,
    own: float,
    existence: float,
    gap: float,
    slot_of: np.ndarray,
    slot_track: np.ndarray,
    slot_hard: np.ndarray,
    slot_s: np.ndarray,
    slot_dt: np.ndarray,
    slot_r: np.ndarray,
    book: np.ndarray,
) -> tuple[int, int]:
    """Return (the slot of track i, how many slots there are now); a new one is set to time t, or the track's own when that is later.

    The arrays are not handed over as one tuple: taking each out of it would count a reference.
    """
    k = slot_of[i]
    if k < 0:
        if ns >= slot_track.shape[0]:
            book[FULL] += 1
        else:
            at = max(t, own)
            k = ns
            slot_of[i] = ns
            slot_track[ns] = i
            slot_hard[ns] = -1
            slot_s[ns] = at
            slot_dt[ns] = at - own
            slot_r[ns] = existence * max(1.0 - min(at - own, gap) / lifetime, 0.0)
            ns += 1
    return k, ns


@njit(cache=True)
def near(
    s: Store, book: np.ndarray, w: Work, m: Measured, q0: int, q1: int, again: np.ndarray, cfg: np.ndarray, young: bool, ns: int, ne: int
) -> tuple[int, int]:
    """Add the edges of every plot still to be handled to the tracks on the grid that it may belong to; return the new counts.

    young: whether to the tracks of one plot, else to the others.
    """
    # arrays are taken out of their tuples first: in a loop each access would count a reference
    head, order, spot, hot, last_look, keys, together = w.head, w.order, w.spot, s.hot, s.look, s.key, s.together
    e_slot, e_plot, hard, stretches = w.e_slot, w.e_plot, w.slot_hard, w.stretches
    m_z, m_r, m_time, m_sight, m_key, m_height = m.z, m.r, m.time_s, m.sight, m.key, m.height
    existence, gap, lifetime = s.existence, s.gap_s, cfg[LIFETIME]
    side, part = w.side, w.part[0]
    slot_of, slot_track, slot_s, slot_dt, slot_r = s.slot, w.slot_track, w.slot_s, w.slot_dt, w.slot_r
    buckets = (head.shape[0] - 1) // 2
    first = buckets if young else 0
    look = book[NEXT_LOOK]
    most = e_slot.shape[0]
    touched = 0.0  # what a pass needs of far memory is asked for by the pass before, many at a time
    for chunk in range(q0, q1, CHUNK):
        end = min(chunk + CHUNK, q1)
        for q in range(chunk, end):
            if again[q - q0] != 1:
                continue
            cx, cy = math.floor(m_z[q, 0] / CELL_M), math.floor(m_z[q, 1] / CELL_M)
            for k in range(6):
                low, high = stretch(cx, cy - 1 + (k >> 1), buckets - 1, k & 1)
                low, high = head[first + low], head[first + high + 1]
                stretches[q - chunk, k, 0], stretches[q - chunk, k, 1] = low, high
                touched += spot[min(low, spot.shape[0] - 1), 0]
        maybe = ne  # pairs that pass the first look stand where edges will
        for q in range(chunk, end):
            if again[q - q0] != 1:
                continue
            zx, zy = m_z[q, 0], m_z[q, 1]
            wide = 16.0 * widest(m_r[q, 0], m_r[q, 1], m_r[q, 2])
            slack = 0.0 if math.isnan(m_sight[q, 2]) else PLACED_M
            for k in range(6):
                for c in range(stretches[q - chunk, k, 0], stretches[q - chunk, k, 1]):
                    ux, uy = zx - spot[c, 0], zy - spot[c, 1]
                    reach = math.sqrt(spot[c, 2] + wide) + spot[c, 3] + slack
                    if ux * ux + uy * uy > reach * reach or maybe >= most:
                        continue
                    i = order[c]
                    if part >= 0 and side[i] != part:  # in a bucket by chance: it is another core's
                        continue
                    touched += hot[i, X] + existence[i]
                    e_slot[maybe], e_plot[maybe] = i, q
                    maybe += 1
        for e in range(ne, maybe):
            i, q = e_slot[e], e_plot[e]
            zx, zy, t = m_z[q, 0], m_z[q, 1], m_time[q]
            dt = t - hot[i, TIME]
            if abs(m_height[q] - hot[i, HEIGHT]) > LEVEL_M + abs(dt) * CLIMB_MS:  # never where one of them is not known
                continue
            dx, dy = zx - hot[i, X] - dt * hot[i, VX], zy - hot[i, Y] - dt * hot[i, VY]
            drift, more = reach_of(hot[i, POSITION_STD], hot[i, VELOCITY_STD], abs(dt))
            reach = math.sqrt(drift + 16.0 * widest(m_r[q, 0], m_r[q, 1], m_r[q, 2])) + more
            reach += 0.0 if math.isnan(m_sight[q, 2]) else PLACED_M
            if dt < -LATE_S or dx * dx + dy * dy > reach * reach or last_look[i] == look:
                continue
            if cfg[USE_KEY] > 0 and m_key[q] >= 0 and keys[i] >= 0:
                continue
            k, ns = slot_for(
                i, t, ns, lifetime, hot[i, TIME], existence[i], gap[i], slot_of, slot_track, hard, slot_s, slot_dt, slot_r, book
            )
            if k < 0 or hard[k] >= 0:
                continue
            touched += together[i].miss_s
            e_slot[ne], e_plot[ne] = k, q
            ne += 1
    w.block[lanes.SPARE] = touched
    return ns, ne


@njit(cache=True)
def look_ahead(s: Store, w: Work, ns: int, par: np.ndarray) -> None:
    """Predict every slot's track to the slot's time: all positions from here on are from where its row counts."""
    rows, tracks, block, dt, slot_dt, ahead, gate, room = s.row, w.slot_track, w.block, w.dt, w.slot_dt, w.ahead, w.gate, w.lanes
    for a in range(0, ns, LANES):
        n = min(LANES, ns - a)
        lanes.load(rows, tracks, a, n, block)
        for l in range(lanes.padded(n)):
            dt[l] = slot_dt[a + min(l, n - 1)]
        o = ahead[a // LANES]
        lanes.predict(block, dt, n, par, o, room)
        for l in range(n):
            for j in range(M):
                at = j * MODEL * LANES + l
                gate[a + l, j, 0], gate[a + l, j, 1], gate[a + l, j, 2] = o[at], o[at + LANES], o[at + 5 * LANES]
                gate[a + l, j, 3], gate[a + l, j, 4] = o[at + 6 * LANES], o[at + 10 * LANES]
                gate[a + l, j, 5] = o[(MU + j) * LANES + l]


@njit(cache=True, inline="always")
def _fits(s: Store, w: Work, m: Measured, first: int, n: int) -> None:
    """Fill fits with how well edges first.. fit each model, PAIRS edges of M lanes; keep where each plot lies for its track."""
    f, gate, e_slot, e_plot, e_z, e_r = w.fits, w.gate, w.e_slot, w.e_plot, w.e_z, w.e_r
    hot, tracks, slot_s, m_time, m_z, m_r, m_sight, together = s.hot, w.slot_track, w.slot_s, m.time_s, m.z, m.r, m.sight, s.together
    for c in range(n):
        e = first + c
        k, q = e_slot[e], e_plot[e]
        i = tracks[k]
        zx, zy, rxx, rxy, ryy = placed_for(together[i], m_z, m_r, m_sight, q, m_time[q])
        off = slot_s[k] - m_time[q]
        if off != 0.0:
            zx += off * hot[i, VX]
            zy += off * hot[i, VY]
            if abs(off) > 0.05:
                more = (off * hot[i, VELOCITY_STD]) ** 2
                rxx += more
                ryy += more
        zx -= hot[i, X]
        zy -= hot[i, Y]
        e_z[e, 0], e_z[e, 1], e_r[e, 0], e_r[e, 1], e_r[e, 2] = zx, zy, rxx, rxy, ryy
        for j in range(M):
            lane = c * M + j
            f[lane], f[LANES + lane] = zx - gate[k, j, 0], zy - gate[k, j, 1]
            f[2 * LANES + lane], f[3 * LANES + lane], f[4 * LANES + lane] = gate[k, j, 2], gate[k, j, 3], gate[k, j, 4]
            f[5 * LANES + lane], f[6 * LANES + lane], f[7 * LANES + lane] = rxx, rxy, ryy
    lanes.fit(f, n * M, w.fit_d2, w.fit_like)


@njit(cache=True)
def weigh(
    s: Store,
    book: np.ndarray,
    w: Work,
    m: Measured,
    ne: int,
    sensor: np.ndarray,
    back: np.ndarray,
    cfg: np.ndarray,
    elsewhere: np.ndarray,
    q0: int,
) -> int:
    """Give every edge its likelihoods and weight; drop those out of gate and return how many are left.

    back: of each plot, the density of what else it may be (1/m2).
    """
    gate, e_slot, e_plot, e_z, e_r, e_like, e_psi = w.gate, w.e_slot, w.e_plot, w.e_z, w.e_r, w.e_like, w.e_psi
    tracks, slot_hard, slot_r, d2, like = w.slot_track, w.slot_hard, w.slot_r, w.fit_d2, w.fit_like
    together, m_time, m_code, m_number, m_height = s.together, m.time_s, m.mode_a, m.sensor_track, m.height
    kept = 0
    for a in range(0, ne, PAIRS):
        n = min(PAIRS, ne - a)
        _fits(s, w, m, a, n)
        for c in range(n):
            e = a + c
            k, q = e_slot[e], e_plot[e]
            total, nearest = 0.0, math.inf
            for j in range(M):
                total += gate[k, j, 5] * like[c * M + j]
                if gate[k, j, 5] > 0.0:
                    nearest = min(nearest, d2[c * M + j])
            hard = slot_hard[k] == e
            loose = 1.0
            if hard:
                slot_hard[k] = -1
                if not nearest <= cfg[GATE_KEY]:
                    book[OUTLIER] += 1
                    elsewhere[q - q0] = 1
                    continue
                loose = max(1.0, nearest / cfg[GATE])
                psi = 1.0
            else:
                if not nearest <= cfg[GATE]:
                    continue
                psi = (
                    slot_r[k]
                    * sensor[DETECTION]
                    * total
                    * likeness(together[tracks[k]], m_time[q], m_code[q], m_number[q], m_height[q], cfg)
                )
                psi /= back[q - q0]
                if not psi > 1e-9:
                    continue
            e_slot[kept], e_plot[kept], e_psi[kept] = k, q, psi
            e_z[kept, 0], e_z[kept, 1] = e_z[e, 0], e_z[e, 1]
            for b in range(3):
                e_r[kept, b] = e_r[e, b] * loose
            for j in range(M):
                e_like[kept, j] = like[c * M + j]
            if hard:
                slot_hard[k] = kept
            kept += 1
    return kept


@njit(cache=True)
def crowding(nq: int, ns: int, sensor: np.ndarray, share: float) -> float:
    """Return by how much false plots outnumber what the map expects in this look: 1 on a usual day."""
    expected = sensor[FALSE_PLOTS] * share
    excess = nq - ns
    return max(1.0, excess / max(expected, 1.0)) if excess > 3.0 * expected + 100.0 else 1.0


@njit(cache=True)
def gather(
    s: Store,
    book: np.ndarray,
    w: Work,
    m: Measured,
    q0: int,
    q1: int,
    assigned: np.ndarray,
    cfg: np.ndarray,
    again: np.ndarray,
    young: bool,
) -> tuple[int, int]:
    """Find every plot's tracks; return the counts of slots and edges.

    again: 1 to be handled in this round, 2 deferred to the next. young: whether the tracks of one plot are asked, or the others.
    """
    ns = ne = 0
    if young:
        return near(s, book, w, m, q0, q1, again, cfg, young, ns, ne)
    slot_track, slot_s, slot_dt, slot_r = w.slot_track, w.slot_s, w.slot_dt, w.slot_r
    together, hot, alive, keys, key_head, existence, gap = s.together, s.hot, s.alive, s.key, w.key_head, s.existence, s.gap_s
    m_key, m_z, m_time, m_own, m_sensor = m.key, m.z, m.time_s, m.own_position, m.sensor
    slot_of, slot_hard, e_slot, e_plot, part = s.slot, w.slot_hard, w.e_slot, w.e_plot, w.part[0]
    ahead, touched = q0, 0.0  # ask for the memory of the keys' tracks, many at a time
    for q in range(q0, q1):
        if q >= ahead:
            ahead = min(q + CHUNK, q1)
            for c in range(q, ahead):
                if m_key[c] >= 0:
                    b = (m_key[c] * 2654435761 >> 7) & (key_head.shape[1] - 1)
                    i = max(key_head[max(part, 0), b], 0)
                    touched += hot[i, X] + existence[i]
        if again[q - q0] != 1 or not (cfg[USE_KEY] > 0 and m_key[q] >= 0):
            continue
        i = by_key(together, hot, alive, keys, key_head, book, part, m_key[q], m_z[q, 0], m_z[q, 1], m_time[q], m_own[q], m_sensor[q])
        if i <= -2:
            assigned[q] = -2 - i
            again[q - q0] = 0
        elif i >= 0 and m_time[q] - hot[i, TIME] >= -LATE_S:
            if slot_of[i] >= 0:
                again[q - q0] = 2
                continue
            k, ns = slot_for(
                i,
                m_time[q],
                ns,
                cfg[LIFETIME],
                hot[i, TIME],
                existence[i],
                gap[i],
                slot_of,
                slot_track,
                slot_hard,
                slot_s,
                slot_dt,
                slot_r,
                book,
            )
            if k < 0 or ne >= e_slot.shape[0]:
                continue
            slot_hard[k] = ne
            e_slot[ne], e_plot[ne] = k, q
            ne += 1
            again[q - q0] = 3
    w.block[lanes.SPARE] = touched
    return near(s, book, w, m, q0, q1, again, cfg, young, ns, ne)

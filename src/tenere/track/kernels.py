"""One look after another: find, associate, update, start, drop. Numba kernels on the store's columns.

A look is the plots of one sensor that can hold each aircraft at most once. A plot whose address a track already bears goes
to that track, if it lies where the track may be. The rest compete: candidates from a hashed grid, marginal association
probabilities by cluster, then a probability-weighted update of each model. What no track explains starts a new one, with the
existence that the ratio of expected newcomers to false plots gives it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.estimate.lanes import LANES, MODEL, MU
from tenere.estimate.motion import ENTRY, ENTRY_VAR, NPAR, STRAIGHT, M
from tenere.track.associate import associate, sort_by_slot
from tenere.track.candidates import LATE_S, by_key, cell_of, clutter_m2, crowding, gather, look_ahead, weigh
from tenere.track.fit import HEIGHT_STD_M, height_step
from tenere.track.grid import FAST_MS, YOUNG_HITS, build_grid, build_keys, link_key, widest
from tenere.track.late import LATEST_S, late
from tenere.track.regions import side_of
from tenere.track.revise import SURE, revise
from tenere.track.revisit import PATIENT_TURNS, ask, asked, newcomers, usual
from tenere.track.store import HEIGHT, POSITION_STD, TIME, VELOCITY_STD, VX, VY, X, Y
from tenere.track.work import (
    BIRTH_M2,
    CROWDED,
    DETECTION,
    FREE,
    FROZEN,
    FULL,
    GATE_KEY,
    HIGH,
    LATE,
    MAX_TRACKS,
    NEXT_LOOK,
    PERIOD_S,
    SCANNING,
    SPEED_VAR,
    USE_KEY,
)

if TYPE_CHECKING:
    from tenere.track.regions import Looks
    from tenere.track.store import Store
    from tenere.track.work import Measured, Work

MIN_BIRTH = 1e-6
ROUNDS = 64
NEWBORN_M = 1000.0  # an address heard twice in its first look, so near, is one aircraft
MOST_MISSES = 32  # looks missed in one tick that are counted: after so many nothing is left to doubt
LEAST_FREE = 0.1  # a plot of which less is left is not offered on
KEYED_PD, KEYED_MIXED_PD, MIXED_PD = 0.5, 0.515625, 0.8125  # exact in four bytes, so that a record tells which it was
SLOWEST = 6
SINKS_MS, TAXI_MS, APPROACH_MS = -1.0, 30.0, 100.0  # what comes down, neither rolling nor cruising, and is silent has landed
FRESH_S = 10.0  # ... where its height was known until then
FIX_PD, OUTAGE_S = 0.75, 5.0  # what hides an aircraft from the one sensor without a beam that sees it, hides it for a while


class Tick(NamedTuple):
    """What all looks of a tick share."""

    shares: np.ndarray  # (L,) of its sensor's whole turn that a look is
    figures: np.ndarray  # (S, NFIGURES) the sensors'
    cfg: np.ndarray  # (NCFG,)
    par: np.ndarray  # how aircraft move: figures, then shares
    clutter: np.ndarray  # (S, CELLS) false plots a turn
    seen: np.ndarray  # (S, CELLS) this turn's so far
    newest_s: float  # time of the newest plot used before this tick
    next_look: int  # what its first look is called
    assigned: np.ndarray  # (n,) i8 the track of each plot: filled, -1 none


@njit(cache=True, inline="always")
def expect(c: np.record, t: float, keyed: bool, sensor: np.ndarray) -> None:
    """Say when a track (c: of Store.together), looked at until t, should have been seen again, and how likely that look sees it."""
    bits = c.sensors_now | c.sensors_before
    if sensor[SCANNING] > 0.0 and sensor[PERIOD_S] > 0.0 and bits & (bits - np.uint64(1)) == 0:
        c.miss_s = t + sensor[PERIOD_S] * (0.9 if sensor[FROZEN] > 0.0 else 1.1)
        c.miss_pd = sensor[DETECTION]
    else:
        c.miss_s = t + 1.5 * max(c.gap_s, 0.5)
        several = bits & (bits - np.uint64(1)) != 0
        mixed = MIXED_PD if several or sensor[SCANNING] > 0.0 else FIX_PD
        c.miss_pd = (KEYED_MIXED_PD if several else KEYED_PD) if keyed else mixed


@njit(cache=True, inline="always")
def note_hit(
    c: np.record,
    confirmed: bool,
    keyed: bool,
    t: float,
    x: float,
    y: float,
    kind: int,
    number: int,
    mode_a: int,
    sensor_track: int,
    height: float,
    own_position: int,
    look: int,
    sensor: np.ndarray,
) -> None:
    """Keep what a plot says of itself in a track (c: of Store.together)."""
    gap = t - c.update_s
    if gap > 0.05 and confirmed:  # before that, two stray reports far apart would keep each other alive
        c.gap_s += 0.25 * (min(max(gap, 0.2), 15.0) - c.gap_s)
    newest: float = max(c.update_s, t)
    c.update_s = newest
    c.misses = 0
    c.look = look
    c.kinds_now |= np.uint32(1) << np.uint32(kind)
    if number < 64:
        c.sensors_now |= np.uint64(1) << np.uint64(number)
    expect(c, newest, keyed, sensor)
    if not (confirmed or keyed):
        ask(c, sensor[PERIOD_S])
    if mode_a >= 0:
        if c.mode_a < 0 or mode_a == c.mode_a_seen:
            c.mode_a = mode_a
        c.mode_a_seen = mode_a
    if sensor_track >= 0:
        c.sensor_track = sensor_track
    if not math.isnan(height):
        height_step(c, t, height, True)
    if own_position == 1:
        c.position_x, c.position_y = x, y


@njit(cache=True)
def begin(row: np.ndarray, r: np.ndarray, vx: float, vy: float, var: float, par: np.ndarray) -> None:
    """Start all models of a row where it counts from with covariance r (xx, xy, yy), at a velocity with a variance an axis."""
    row[:] = 0.0
    for j in range(M):
        at = j * MODEL
        row[at + 2], row[at + 3] = vx, vy
        row[at + 5], row[at + 6], row[at + 10] = r[0], r[1], r[2]
        row[at + 14] = row[at + 17] = var
        if j != STRAIGHT:
            row[at + 4], row[at + 19] = par[ENTRY + j], par[ENTRY_VAR + j]
        row[MU + j] = par[NPAR + j]


@njit(cache=True)
def births(
    s: Store,
    book: np.ndarray,
    w: Work,
    m: Measured,
    q0: int,
    q1: int,
    back: np.ndarray,
    claimed: np.ndarray,
    sensor: np.ndarray,
    cfg: np.ndarray,
    par: np.ndarray,
    seen: np.ndarray,
    assigned: np.ndarray,
) -> None:
    """Start a track on every plot that no track explains, where newcomers are likely enough; learn where the rest lie."""
    row, hot, together, alive, confirmed, number = s.row, s.hot, s.together, s.alive, s.confirmed, s.number
    existence, hits, keys, free = s.existence, s.hits, s.key, w.free
    z, r, vel, time_s, key, height = m.z, m.r, m.vel, m.time_s, m.key, m.height
    kind, which, mode_a, sensor_track, own = m.kind, m.sensor, m.mode_a, m.sensor_track, m.own_position
    gap, part, side, s_young, s_keyed = sensor[PERIOD_S], w.part[0], w.side, s.young, s.keyed
    for q in range(q0, q1):
        if assigned[q] >= 0:
            continue
        left = 1.0 - min(claimed[q - q0], 1.0)
        keyed = key[q] >= 0 and cfg[USE_KEY] > 0
        if sensor[SCANNING] > 0.0 and not keyed:
            seen[cell_of(z[q, 0], z[q, 1], sensor)] += left
        local = usual(w.revisit, z[q, 0], z[q, 1], gap) if sensor[SCANNING] > 0.0 and not keyed else gap
        new = left * sensor[BIRTH_M2] * newcomers(local, gap) / back[q - q0]
        if keyed:
            new = max(new, 0.3)
            k = by_key(together, hot, alive, keys, w.key_head, book, part, key[q], z[q, 0], z[q, 1], time_s[q], own[q], which[q])
            if k <= -2:
                assigned[q] = -2 - k
                continue
            if k >= 0 and together[k].look == book[NEXT_LOOK] and hits[k] == 1:  # it was born in this very look
                apart = math.hypot(hot[k, X] - z[q, 0], hot[k, Y] - z[q, 1])
                if apart < NEWBORN_M + FAST_MS * abs(time_s[q] - hot[k, TIME]):
                    assigned[q] = k
                    continue
        if new <= MIN_BIRTH:
            book[CROWDED] += left > SURE
            continue
        if book[FREE] > 0:
            book[FREE] -= 1
            i = int(free[book[FREE]])
        elif book[HIGH] < alive.shape[0] and book[HIGH] < cfg[MAX_TRACKS]:
            i = int(book[HIGH])
            book[HIGH] += 1
        else:
            book[FULL] += 1
            continue
        vx = vy = 0.0
        var = cfg[SPEED_VAR]
        if not math.isnan(vel[q, 0]):
            vx, vy, var = vel[q, 0], vel[q, 1], 4.0 * vel[q, 2]
        if part < 0:
            side[i] = side_of(z[q, 0], z[q, 1], w.cut)
        begin(row[i], r[q], vx, vy, var, par)
        t = time_s[q]
        hot[i, X], hot[i, Y], hot[i, VX], hot[i, VY], hot[i, TIME] = z[q, 0], z[q, 1], vx, vy, t
        hot[i, POSITION_STD], hot[i, VELOCITY_STD] = math.sqrt(widest(r[q, 0], r[q, 1], r[q, 2])), math.sqrt(var)
        hot[i, HEIGHT] = height[q]
        alive[i], confirmed[i], number[i], existence[i], hits[i] = 1, 0, 0, new, 1
        keys[i] = key[q] if keyed else -1
        s_young[i], s_keyed[i] = 1, keyed
        c = together[i]
        c.first_s = c.update_s = t
        c.gap_s = local
        c.mode_a = c.mode_a_seen = -1
        c.height_m = c.climb_ms = c.position_x = c.position_y = c.geo_m = c.geo_s = c.geo_v0 = np.nan
        c.lift_m, c.lift_std_m = 0.0, HEIGHT_STD_M
        c.sensor_track = -1
        c.kinds_now = c.kinds_before = 0
        c.trend = c.height_marks = c.rival = 0
        c.sensors_now = c.sensors_before = 0
        note_hit(
            c,
            False,
            keyed,
            t,
            z[q, 0],
            z[q, 1],
            kind[q],
            which[q],
            mode_a[q],
            sensor_track[q],
            height[q],
            own[q],
            book[NEXT_LOOK],
            sensor,
        )
        # a broadcast's address is held by its own checksum; another's may be misheard, so it must be heard again soon
        c.patience_s = max(2.5 * gap, 3.0) if keyed and own[q] == 0 else max(PATIENT_TURNS * gap, 12.0)
        if keyed:
            link_key(s, w, i)
        assigned[q] = i


@njit(cache=True)
def late_plots(
    s: Store,
    book: np.ndarray,
    w: Work,
    m: Measured,
    q0: int,
    q1: int,
    cfg: np.ndarray,
    par: np.ndarray,
    assigned: np.ndarray,
    again: np.ndarray,
    newest_s: float,
) -> None:
    """Use the plots that are older than their track's state."""
    m_time, side, part = m.time_s, w.side, w.part[0]
    for q in range(q0, q1):
        if m_time[q] > newest_s - LATE_S:
            continue
        best, best_d2 = -1, math.inf
        if cfg[USE_KEY] > 0 and m.key[q] >= 0:
            i = by_key(
                s.together,
                s.hot,
                s.alive,
                s.key,
                w.key_head,
                book,
                part,
                m.key[q],
                m.z[q, 0],
                m.z[q, 1],
                m.time_s[q],
                m.own_position[q],
                m.sensor[q],
            )
            if i >= 0 and m.time_s[q] - s.hot[i, TIME] < -LATE_S:
                best = i
        else:
            for i in range(book[HIGH]):  # rare enough to look at every track
                if part >= 0 and side[i] != part:
                    continue
                if s.alive[i] == 1 and s.confirmed[i] == 1 and m.time_s[q] - s.hot[i, TIME] < -LATE_S and m.time_s[q] > s.first_s[i]:
                    dt = m.time_s[q] - s.hot[i, TIME]
                    dx, dy = m.z[q, 0] - s.hot[i, X] - dt * s.hot[i, VX], m.z[q, 1] - s.hot[i, Y] - dt * s.hot[i, VY]
                    if dx * dx + dy * dy < best_d2:
                        best, best_d2 = i, dx * dx + dy * dy
        if best >= 0 and late(s, w, m, q, best, par, cfg[GATE_KEY], cfg):
            book[LATE] += 1
            assigned[q] = best
            again[q - q0] = 0


@njit(cache=True)
def one_round(
    s: Store,
    book: np.ndarray,
    w: Work,
    m: Measured,
    q0: int,
    ns: int,
    ne: int,
    sensor: np.ndarray,
    cfg: np.ndarray,
    par: np.ndarray,
    assigned: np.ndarray,
    back: np.ndarray,
    claimed: np.ndarray,
    elsewhere: np.ndarray,
    room: tuple[np.ndarray, np.ndarray],
) -> None:
    """Weigh the pairs found, associate, update; add to claimed what the tracks take of each plot."""
    e_plot, e_psi, by_slot, edges = w.e_plot, w.e_psi, w.by_slot, w.slot_edges
    tracks, slot_of, slot_s, keys, m_key = w.slot_track, s.slot, w.slot_s, s.key, m.key
    hits, hot, together, confirmed, young, keyed = s.hits, s.hot, s.together, s.confirmed, s.young, s.keyed
    m_time, m_z, m_kind, m_sensor, m_code, m_number = m.time_s, m.z, m.kind, m.sensor, m.mode_a, m.sensor_track
    m_height, m_own = m.height, m.own_position
    look_ahead(s, w, ns, par)
    ne = weigh(s, book, w, m, ne, sensor, back, cfg, elsewhere, q0)
    sort_by_slot(w, ns, ne)
    associate(w, ns, ne, q0, len(back), sensor)
    revise(s, w, m, ns, sensor, room[0], room[1])
    for k in range(ns):
        i = tracks[k]
        slot_of[i] = -1
        sure = -1
        for c in range(edges[k], edges[k + 1]):
            e = by_slot[c]
            claimed[e_plot[e] - q0] += e_psi[e]
            if e_psi[e] > SURE:
                sure = e
        if sure >= 0:
            q = e_plot[sure]
            if cfg[USE_KEY] > 0 and keys[i] < 0 and m_key[q] >= 0 and assigned[q] < 0:
                keys[i], keyed[i] = m_key[q], 1
                link_key(s, w, i)
            hits[i] += 1
            if young[i] == 1 and hits[i] > YOUNG_HITS:
                young[i] = 0
                hot[i, HEIGHT] = np.nan
            note_hit(
                together[i],
                confirmed[i] == 1,
                keys[i] >= 0,
                m_time[q],
                m_z[q, 0],
                m_z[q, 1],
                m_kind[q],
                m_sensor[q],
                m_code[q],
                m_number[q],
                m_height[q],
                m_own[q],
                book[NEXT_LOOK],
                sensor,
            )
            if assigned[q] < 0:
                assigned[q] = i
        elif edges[k + 1] > edges[k]:
            expect(together[i], slot_s[k], keys[i] >= 0, sensor)


@njit(cache=True)
def one_look(
    s: Store,
    book: np.ndarray,
    w: Work,
    m: Measured,
    q0: int,
    q1: int,
    sensor: np.ndarray,
    share: float,
    cfg: np.ndarray,
    par: np.ndarray,
    clutter: np.ndarray,
    seen: np.ndarray,
    newest_s: float,
    assigned: np.ndarray,
) -> None:
    """Process plots q0..q1 of one look; leave the track of each in assigned, or -1.

    Tracks of more than one plot choose first; what they leave is offered to those of one plot, and the rest starts new ones.
    share: of the sensor's whole turn that this look is. clutter, seen (CELLS,): the sensor's clutter map and what this turn
    adds to it.
    """
    nq = q1 - q0
    claimed, back, left_back = np.zeros(nq), np.zeros(nq), np.zeros(nq)
    elsewhere, again = np.zeros(nq, np.uint8), np.ones(nq, np.uint8)
    room = (np.zeros(LANES), np.zeros(LANES, np.int64))
    m_z, m_echo = m.z, m.echo
    late_plots(s, book, w, m, q0, q1, cfg, par, assigned, again, newest_s)
    for turn in range(ROUNDS):
        ns, ne = gather(s, book, w, m, q0, q1, assigned, cfg, again, False)
        if turn == 0:
            crowd = crowding(nq, ns, sensor, share) if sensor[SCANNING] > 0.0 else 1.0
            for q in range(q0, q1):
                back[q - q0] = clutter_m2(m_z[q, 0], m_z[q, 1], sensor, clutter, crowd) + sensor[BIRTH_M2] + m_echo[q]
        one_round(s, book, w, m, q0, ns, ne, sensor, cfg, par, assigned, back, claimed, elsewhere, room)
        deferred = 0
        for c in range(nq):
            again[c] = 1 if again[c] == 2 else 0
            deferred += again[c]
        if deferred == 0:
            break
    loose = 0
    for c in range(nq):
        free = 1.0 - claimed[c]
        if assigned[q0 + c] < 0 and free > LEAST_FREE and elsewhere[c] == 0:
            again[c] = 1
            left_back[c] = back[c] / free
            loose += 1
    if loose > 0:
        ns, ne = gather(s, book, w, m, q0, q1, assigned, cfg, again, True)
        one_round(s, book, w, m, q0, ns, ne, sensor, cfg, par, assigned, left_back, claimed, elsewhere, room)
    births(s, book, w, m, q0, q1, back, claimed, sensor, cfg, par, seen, assigned)


@njit(cache=True, nogil=True)
def run(
    s: Store,
    book: np.ndarray,
    w: Work,
    m: Measured,
    looks: Looks,
    first: int,
    last: int,
    t: Tick,
) -> None:
    """Process looks first..last."""
    starts, rows, name = looks.starts, looks.sensor, looks.name
    for a in range(first, last):
        i = rows[a]
        book[NEXT_LOOK] = t.next_look + name[a]
        q0, q1, sensor, share = starts[a], starts[a + 1], t.figures[i], t.shares[a]
        one_look(s, book, w, m, q0, q1, sensor, share, t.cfg, t.par, t.clutter[i], t.seen[i], t.newest_s, t.assigned)


@njit(cache=True)
def slices(s: Store, book: np.ndarray, w: Work, m: Measured, looks: Looks, g: int, t: Tick) -> int:
    """Process the slices of a tick from g on, up to one cut in two, whose tracks are found only; return it, or how many there are."""
    for k in range(g, len(looks.groups)):
        first, _, both, end = looks.groups[k]
        w.cut[:] = looks.cuts[k]
        build_grid(s, book, m.time_s[looks.starts[first]], w)
        build_keys(s, book, w)
        if both > first:
            return k
        run(s, book, w, m, looks, both, end, t)
    book[NEXT_LOOK] = t.next_look + looks.name.max() + 1
    return len(looks.groups)


@njit(cache=True)
def miss_and_drop(
    s: Store, book: np.ndarray, w: Work, t: float, coasts: tuple[float, float, float], delete: float, prune: float, lifetime: float
) -> None:
    """Lower the existence of tracks whose looks passed without a plot; free those that are no more.

    coasts: seconds that one without an address may coast, one with it, and one that was coming down to land.
    """
    alive, existence, together, keys, confirmed, free, hot = s.alive, s.existence, s.together, s.key, s.confirmed, w.free, s.hot
    coast, coast_key, coast_landing = coasts
    for i in range(book[HIGH]):
        if alive[i] == 0:
            continue
        c = together[i]
        for _ in range(MOST_MISSES):
            if c.miss_s >= t:
                break
            pd = c.miss_pd
            r = existence[i] * math.exp(-max(c.gap_s, 0.5) / lifetime)
            existence[i] = r * (1.0 - pd) / (1.0 - r * pd)
            if confirmed[i] == 0 and keys[i] < 0 and asked(c):
                continue
            c.misses = min(c.misses + 1, 200)
            again = 1 + c.misses if c.miss_pd == MIXED_PD and confirmed[i] == 1 else 2  # with one sensor gone, the others look less often
            c.miss_s += 0.5 * min(again, SLOWEST) * max(c.gap_s, OUTAGE_S if c.miss_pd == FIX_PD and confirmed[i] == 1 else 1.0)
        c.miss_s = max(c.miss_s, t)
        idle = t - c.update_s
        keyed = keys[i] >= 0 and c.rival == 0
        if confirmed[i] == 1:
            over = idle > coast_key if keyed else (idle > coast or (existence[i] < delete and idle > 2.0 * c.gap_s))
            if idle > coast_landing and c.climb_ms < SINKS_MS and c.update_s - c.height_s < FRESH_S:  # never where no height was known
                several = c.miss_pd in (MIXED_PD, KEYED_MIXED_PD)  # what one sensor loses may be anywhere
                over = over or (several and TAXI_MS < math.hypot(hot[i, VX], hot[i, VY]) < APPROACH_MS)
        else:
            over = (c.misses > 0 and existence[i] < prune) or idle > c.patience_s
        over = over or (idle < -LATEST_S and keys[i] < 0)  # the clock has leapt back: no plot will be of that time again
        if over:
            alive[i] = 0
            free[book[FREE]] = i
            book[FREE] += 1

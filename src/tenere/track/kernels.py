"""Association and update of one look: numba kernels on the store's columns.

A look is the plots of one sensor that can hold each aircraft at most once. A plot whose address a track already
bears goes to that track, if it lies where the track may be. The rest compete: gate on a hashed grid, then
marginal association probabilities by loopy belief propagation (Williams & Lau 2014), then a probability-weighted
update of each model. What no track explains starts a new one, with the existence that the ratio of expected
births to clutter gives it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.estimate import imm
from tenere.estimate.imm import M, N
from tenere.track.fit import height_step, likeness, placed_for
from tenere.track.grid import CELL_M, bucket_of, build_grid, build_keys, link_key
from tenere.track.work import (
    BIRTH_M2,
    CLUTTER_M2,
    DETECTION,
    FREE,
    FULL,
    GAP_S,
    GATE,
    GATE_KEY,
    HIGH,
    MAX_TRACKS,
    NEXT_LOOK,
    OUTLIER,
    REPEATED,
    SPEED_VAR,
    USE_KEY,
)

if TYPE_CHECKING:
    from tenere.track.store import Store
    from tenere.track.work import Measured, Work

LBP_TURNS, LBP_TOL = 40, 1e-4
LATE_S = 6.0
MIN_BIRTH = 1e-5
REPEAT_M, REPEAT_S = 0.5, 1.5


@njit(cache=True)
def note_hit(s: Store, i: int, m: Measured, q: int, look: int) -> None:
    """Keep what plot q says of itself in track i."""
    t = m.time_s[q]
    gap = t - s.update_s[i]
    if gap > 0.05 and s.confirmed[i] == 1:  # before that, two stray reports far apart would keep each other alive
        s.gap_s[i] += 0.25 * (min(max(gap, 0.2), 15.0) - s.gap_s[i])
    s.update_s[i] = max(s.update_s[i], t)
    s.miss_s[i] = s.update_s[i] + 1.5 * max(s.gap_s[i], 0.5)
    s.hits[i] += 1
    s.look[i] = look
    s.kinds[i, 0] |= np.uint32(1) << np.uint32(m.kind[q])
    if m.sensor[q] < 64:
        s.sensors[i, 0] |= np.uint64(1) << np.uint64(m.sensor[q])
    if m.mode_a[q] >= 0:
        if s.mode_a[i] < 0 or m.mode_a[q] == s.mode_a_seen[i]:
            s.mode_a[i] = m.mode_a[q]
        s.mode_a_seen[i] = m.mode_a[q]
    if m.sensor_track[q] >= 0:
        s.sensor_track[i] = m.sensor_track[q]
    if not math.isnan(m.height[q]):
        height_step(s, i, t, m.height[q], True)
    if m.own_position[q] == 1:
        s.position[i, 0], s.position[i, 1] = m.z[q, 0], m.z[q, 1]


@njit(cache=True)
def update_one(
    s: Store,
    i: int,
    x: np.ndarray,
    p: np.ndarray,
    mu: np.ndarray,
    m: Measured,
    q: int,
    z: np.ndarray,
    r: np.ndarray,
    loosen: float,
    w: Work,
) -> None:
    """Update predicted models x, p, mu with plot q alone, placed at z with covariance r, and store them in track i.

    loosen: factor on the plot's covariance.
    """
    total = 0.0
    for j in range(M):
        _, like = imm.position_fit(x[j], p[j], z[0], z[1], r[0] * loosen, r[1] * loosen, r[2] * loosen)
        imm.update_pair(x[j], p[j], 0, z[0], z[1], r[0] * loosen, r[1] * loosen, r[2] * loosen, w.mat[3])
        if not math.isnan(m.vel[q, 0]):
            var = m.vel[q, 2] * loosen
            imm.update_pair(x[j], p[j], 2, m.vel[q, 0], m.vel[q, 1], var, 0.0, var, w.mat[3])
        mu[j] = max(mu[j], 1e-6) * max(like, 1e-30)
        total += mu[j]
    for j in range(M):
        s.mu[i, j] = mu[j] / total
    s.x[i] = x
    s.p[i] = p
    s.time_s[i] = m.time_s[q]


@njit(cache=True)
def born(s: Store, book: np.ndarray, w: Work, m: Measured, q: int, existence: float, gap: float, cfg: np.ndarray) -> int:
    """Start a track on plot q; return its row, or -1 when the store is full."""
    if book[FREE] > 0:
        book[FREE] -= 1
        i = int(w.free[book[FREE]])
    elif book[HIGH] < s.alive.shape[0] and book[HIGH] < cfg[MAX_TRACKS]:
        i = int(book[HIGH])
        book[HIGH] += 1
    else:
        book[FULL] += 1
        return -1
    vel = (0.0, 0.0, cfg[SPEED_VAR]) if math.isnan(m.vel[q, 0]) else (m.vel[q, 0], m.vel[q, 1], 4.0 * m.vel[q, 2])
    imm.start(s.x[i], s.p[i], s.mu[i], (m.z[q, 0], m.z[q, 1]), (m.r[q, 0], m.r[q, 1], m.r[q, 2]), vel, 1.2e-3)
    t = m.time_s[q]
    s.time_s[i], s.first_s[i], s.update_s[i] = t, t, t
    s.alive[i], s.confirmed[i], s.number[i], s.existence[i], s.hits[i] = 1, 0, 0, existence, 0
    s.gap_s[i] = gap
    s.key[i] = m.key[q] if cfg[USE_KEY] > 0 else -1
    s.mode_a[i] = s.mode_a_seen[i] = -1
    s.height[i] = np.nan
    s.sensor_track[i] = -1
    s.position[i] = np.nan
    s.kinds[i] = 0
    s.sensors[i] = 0
    note_hit(s, i, m, q, book[NEXT_LOOK])
    s.gap_s[i] = gap
    s.miss_s[i] = t + 1.5 * max(gap, 0.5)
    # a broadcast's address is held by its own checksum; another's may be misheard, so it must be heard again soon
    s.patience_s[i] = max(2.5 * gap, 3.0) if s.key[i] >= 0 and m.own_position[q] == 0 else max(3.5 * gap, 12.0)
    if s.key[i] >= 0:
        link_key(s, w, i)
    return i


@njit(cache=True)
def by_key(s: Store, book: np.ndarray, w: Work, m: Measured, q: int, cfg: np.ndarray) -> int:
    """Give plot q to the track that bears its key; return the track, -1 when there is none, -2 when it lies elsewhere."""
    i = int(w.key_head[(m.key[q] * 2654435761 >> 7) & (w.key_head.shape[0] - 1)])
    best, best_d2 = -1, 1e300
    while i >= 0:
        if s.alive[i] == 1 and s.key[i] == m.key[q]:
            dt = m.time_s[q] - s.time_s[i]
            if (
                m.own_position[q] == 1
                and abs(s.position[i, 0] - m.z[q, 0]) < REPEAT_M
                and abs(s.position[i, 1] - m.z[q, 1]) < REPEAT_M
                and abs(m.time_s[q] - s.update_s[i]) < REPEAT_S
            ):  # the same broadcast through another receiver is not news, though it tells who hears it
                if m.sensor[q] < 64:
                    s.sensors[i, 0] |= np.uint64(1) << np.uint64(m.sensor[q])
                book[REPEATED] += 1
                return i
            if dt > -LATE_S:
                imm.predict(s.x[i], s.p[i], s.mu[i], dt, imm.DEFAULT_PAR, w.x[0], w.p[0], w.mu[0], w.mat)
                imm.moments(w.x[0], w.p[0], w.mu[0], w.mat2[0, 0], w.mat2[1])
                z, r = w.mat2[2, 0], w.mat2[2, 1]
                placed_for(s, i, m, q, z, r)
                d2, _ = imm.position_fit(w.mat2[0, 0], w.mat2[1], z[0], z[1], r[0], r[1], r[2])
                if d2 < best_d2:
                    best, best_d2 = i, d2
        i = int(s.chain[i])
    if best < 0:
        return -1
    if best_d2 > cfg[GATE_KEY]:
        book[OUTLIER] += 1
        return -2
    imm.predict(s.x[best], s.p[best], s.mu[best], m.time_s[q] - s.time_s[best], imm.DEFAULT_PAR, w.x[0], w.p[0], w.mu[0], w.mat)
    placed_for(s, best, m, q, w.mat2[2, 0], w.mat2[2, 1])
    update_one(s, best, w.x[0], w.p[0], w.mu[0], m, q, w.mat2[2, 0], w.mat2[2, 1], max(1.0, best_d2 / cfg[GATE]), w)
    r = s.existence[best]
    s.existence[best] = r + (1.0 - r) * 0.9
    note_hit(s, best, m, q, book[NEXT_LOOK])
    return best


@njit(cache=True)
def gather(
    s: Store, book: np.ndarray, w: Work, m: Measured, q: int, cfg: np.ndarray, ns: int, ne: int, sensor: np.ndarray
) -> tuple[int, int]:
    """Add the edges of plot q to every track it may belong to; return the new counts of slots and edges."""
    mask = w.head.shape[0] - 2
    cx, cy = math.floor(m.z[q, 0] / CELL_M), math.floor(m.z[q, 1] / CELL_M)
    key = m.key[q] if cfg[USE_KEY] > 0 else -1
    for bx in range(cx - 1, cx + 2):
        for by in range(cy - 1, cy + 2):
            b = bucket_of(bx, by, mask)
            for k in range(w.head[b], w.head[b + 1]):
                i = w.order[k]
                if s.alive[i] == 0 or s.look[i] == book[NEXT_LOOK] or (key >= 0 and s.key[i] >= 0):
                    continue
                j = np.argmax(s.mu[i])
                dt = m.time_s[q] - s.time_s[i]
                ad = abs(dt)
                dx, dy = m.z[q, 0] - s.x[i, j, 0] - dt * s.x[i, j, 2], m.z[q, 1] - s.x[i, j, 1] - dt * s.x[i, j, 3]
                # a reach that no model's prediction can exceed: position, velocity and 40 m/s2 / 2 of manoeuvre
                reach = 4.0 * math.sqrt(s.p[i, j, 0, 0] + s.p[i, j, 1, 1] + m.r[q, 0] + m.r[q, 2]) + ad * (
                    4.0 * math.sqrt(s.p[i, j, 2, 2] + s.p[i, j, 3, 3]) + 20.0 * ad
                )
                if not math.isnan(m.sight[q, 2]):
                    reach += 2000.0  # the track's own height may place the plot so much nearer or farther
                reach = min(reach, CELL_M)
                if dx * dx + dy * dy > reach * reach or dt < -LATE_S:
                    continue
                k_slot = w.slot_of[i]
                if k_slot < 0:
                    if ns >= w.slot_track.shape[0]:
                        continue
                    k_slot = ns
                    ns += 1
                    w.slot_of[i] = k_slot
                    w.slot_track[k_slot] = i
                    imm.predict(s.x[i], s.p[i], s.mu[i], dt, imm.DEFAULT_PAR, w.x[k_slot], w.p[k_slot], w.mu[k_slot], w.mat)
                if ne >= w.e_slot.shape[0]:
                    continue
                total = 0.0
                nearest = 1e300
                z, r = w.e_z[ne], w.e_r[ne]
                placed_for(s, i, m, q, z, r)
                for jj in range(M):
                    d2, like = imm.position_fit(w.x[k_slot, jj], w.p[k_slot, jj], z[0], z[1], r[0], r[1], r[2])
                    nearest = min(nearest, d2)
                    w.e_like[ne, jj] = like
                    total += w.mu[k_slot, jj] * like
                if nearest > cfg[GATE]:
                    continue
                total *= likeness(s, i, m, q, cfg)
                w.e_slot[ne], w.e_plot[ne] = k_slot, q
                w.e_psi[ne] = s.existence[i] * sensor[DETECTION] * total / (sensor[CLUTTER_M2] + sensor[BIRTH_M2])
                if w.e_psi[ne] > 1e-9:
                    ne += 1
    return ns, ne


@njit(cache=True)
def marginals(
    e_slot: np.ndarray,
    e_plot: np.ndarray,
    psi: np.ndarray,
    nu: np.ndarray,
    phi: np.ndarray,
    n: int,
    rest: np.ndarray,
    q0: int,
    ns: int,
    nq: int,
) -> None:
    """Leave in phi the probability of each edge. rest (ns,): weight of "no plot" of each slot (Williams & Lau 2014, eqs. 31-34)."""
    to_slot, to_plot = np.zeros(ns), np.zeros(nq)
    for e in range(n):
        nu[e] = 1.0
    for _ in range(LBP_TURNS):
        to_slot[:] = 0.0
        for e in range(n):
            to_slot[e_slot[e]] += psi[e] * nu[e]
        to_plot[:] = 0.0
        for e in range(n):
            k = e_slot[e]
            phi[e] = psi[e] / (rest[k] + to_slot[k] - psi[e] * nu[e])
            to_plot[e_plot[e] - q0] += phi[e]
        change = 0.0
        for e in range(n):
            new = 1.0 / (1.0 + to_plot[e_plot[e] - q0] - phi[e])
            change = max(change, abs(new - nu[e]))
            nu[e] = new
        if change < LBP_TOL:
            break
    to_slot[:] = 0.0
    for e in range(n):
        to_slot[e_slot[e]] += psi[e] * nu[e]
    for e in range(n):
        phi[e] = psi[e] * nu[e] / (rest[e_slot[e]] + to_slot[e_slot[e]])


@njit(cache=True)
def soft_update(s: Store, w: Work, m: Measured, k: int, edges: np.ndarray) -> int:
    """Update the track of slot k by its edges, each with its probability; return the likeliest plot, or -1."""
    i = w.slot_track[k]
    taken, best, best_p = 0.0, -1, 0.0
    for e in edges:
        taken += w.e_phi[e]
        if w.e_phi[e] > best_p:
            best, best_p = e, w.e_phi[e]
    r = s.existence[i]
    present = max(0.0, 1.0 - taken) * r
    s.existence[i] = min(taken + present, 1.0 - 1e-9)
    if taken < 0.1:
        return -1
    q_best = int(w.e_plot[best])
    if taken > 0.999 and best_p > 0.999:  # nothing in doubt: the plain filter
        update_one(s, i, w.x[k], w.p[k], w.mu[k], m, q_best, w.e_z[best], w.e_r[best], 1.0, w)
        return q_best
    weight = np.zeros((len(edges) + 1, M))
    for j in range(M):
        weight[0, j] = max(0.0, 1.0 - taken) * w.mu[k, j]
    for a in range(len(edges)):
        e = edges[a]
        total = 1e-300
        for j in range(M):
            total += w.mu[k, j] * w.e_like[e, j]
        for j in range(M):
            weight[a + 1, j] = w.e_phi[e] * w.mu[k, j] * w.e_like[e, j] / total
    xs = np.zeros((len(edges) + 1, N))
    ps = np.zeros((len(edges) + 1, N, N))
    for j in range(M):
        total = 1e-12
        for a in range(len(edges) + 1):
            total += weight[a, j]
        for a in range(len(edges) + 1):
            xs[a] = w.x[k, j]
            ps[a] = w.p[k, j]
            if a > 0:
                e = edges[a - 1]
                q = w.e_plot[e]
                imm.update_pair(xs[a], ps[a], 0, w.e_z[e, 0], w.e_z[e, 1], w.e_r[e, 0], w.e_r[e, 1], w.e_r[e, 2], w.mat[3])
                if not math.isnan(m.vel[q, 0]):
                    imm.update_pair(xs[a], ps[a], 2, m.vel[q, 0], m.vel[q, 1], m.vel[q, 2], 0.0, m.vel[q, 2], w.mat[3])
        for c in range(N):
            mean = 0.0
            for a in range(len(edges) + 1):
                mean += weight[a, j] * xs[a, c]
            s.x[i, j, c] = mean / total if total > 2e-12 else xs[0, c]
        for c in range(N):
            for d in range(c, N):
                v = 0.0
                for a in range(len(edges) + 1):
                    v += weight[a, j] * (ps[a, c, d] + (xs[a, c] - s.x[i, j, c]) * (xs[a, d] - s.x[i, j, d]))
                s.p[i, j, c, d] = v / total if total > 2e-12 else ps[0, c, d]
                s.p[i, j, d, c] = s.p[i, j, c, d]
        s.mu[i, j] = max(total, 1e-6)
    s.mu[i] /= s.mu[i].sum()
    s.time_s[i] = m.time_s[q_best]
    return q_best if taken > 0.5 else -1


@njit(cache=True)
def one_look(
    s: Store, book: np.ndarray, w: Work, m: Measured, q0: int, q1: int, sensor: np.ndarray, cfg: np.ndarray, assigned: np.ndarray
) -> None:
    """Process plots q0..q1 of one look; leave the track of each in assigned, or -1."""
    ns, ne = 0, 0
    elsewhere = np.zeros(q1 - q0, np.uint8)
    for q in range(q0, q1):
        if cfg[USE_KEY] > 0 and m.key[q] >= 0:
            got = by_key(s, book, w, m, q, cfg)
            if got >= 0:
                assigned[q] = got
            elif got == -2:
                elsewhere[q - q0] = 1
    for q in range(q0, q1):
        if assigned[q] < 0 and elsewhere[q - q0] == 0:
            ns, ne = gather(s, book, w, m, q, cfg, ns, ne, sensor)
    claimed = np.zeros(q1 - q0)
    if ne > 0:
        rest = np.zeros(ns)
        for k in range(ns):
            rest[k] = 1.0 - s.existence[w.slot_track[k]] * sensor[DETECTION]
        marginals(w.e_slot, w.e_plot, w.e_psi, w.e_nu, w.e_phi, ne, rest, q0, ns, q1 - q0)
        order = np.argsort(w.e_slot[:ne], kind="mergesort")
        a = 0
        while a < ne:
            k = w.e_slot[order[a]]
            b = a
            while b < ne and w.e_slot[order[b]] == k:
                claimed[w.e_plot[order[b]] - q0] += w.e_phi[order[b]]
                b += 1
            q = soft_update(s, w, m, k, order[a:b])
            if q >= 0:
                i = w.slot_track[k]
                if cfg[USE_KEY] > 0 and s.key[i] < 0 and m.key[q] >= 0 and assigned[q] < 0:
                    s.key[i] = m.key[q]
                    link_key(s, w, i)
                note_hit(s, i, m, q, book[NEXT_LOOK])
                if assigned[q] < 0:
                    assigned[q] = i
            a = b
    for k in range(ns):
        w.slot_of[w.slot_track[k]] = -1
    for q in range(q0, q1):
        if assigned[q] >= 0:
            continue
        new = (1.0 - min(claimed[q - q0], 1.0)) * sensor[BIRTH_M2] / (sensor[BIRTH_M2] + sensor[CLUTTER_M2])
        if m.key[q] >= 0 and cfg[USE_KEY] > 0:
            new = max(new, 0.3)
        if new > MIN_BIRTH:
            assigned[q] = born(s, book, w, m, q, new, sensor[GAP_S], cfg)
    book[NEXT_LOOK] += 1


@njit(cache=True)
def all_looks(
    s: Store,
    book: np.ndarray,
    w: Work,
    m: Measured,
    starts: np.ndarray,
    slices: np.ndarray,
    sensors: np.ndarray,
    cfg: np.ndarray,
    assigned: np.ndarray,
) -> None:
    """Process every look of a tick. starts: (L + 1,) bounds in m; slices: (L,) its slice; sensors: (L, 4) its figures."""
    build_keys(s, book, w)
    for a in range(len(slices)):
        if a == 0 or slices[a] != slices[a - 1]:
            build_grid(s, book, m.time_s[starts[a]], w)
        one_look(s, book, w, m, starts[a], starts[a + 1], sensors[a], cfg, assigned)


@njit(cache=True)
def miss_and_drop(s: Store, book: np.ndarray, w: Work, t: float, coast: float, coast_key: float, delete: float, detection: float) -> None:
    """Lower the existence of tracks whose looks passed without a plot; free those that are no more."""
    for i in range(book[HIGH]):
        if s.alive[i] == 0:
            continue
        while s.miss_s[i] < t:
            r = s.existence[i]
            pd = detection if s.key[i] < 0 else 0.5
            s.existence[i] = r * (1.0 - pd) / (1.0 - r * pd)
            s.miss_s[i] += max(s.gap_s[i], 1.0)
        idle = t - s.update_s[i]
        keyed = s.key[i] >= 0
        if s.confirmed[i] == 1:
            over = idle > coast_key if keyed else (idle > coast or (s.existence[i] < delete and idle > 3.0 * s.gap_s[i]))
        else:
            over = (s.existence[i] < delete and idle > 2.2 * s.gap_s[i]) or idle > s.patience_s[i]
        if over:
            s.alive[i] = 0
            w.free[book[FREE]] = i
            book[FREE] += 1

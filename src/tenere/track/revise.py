"""Updating the tracks of a look by their plots, many at a time. Numba kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numba import njit

from tenere.estimate import lanes
from tenere.estimate.lanes import LANES, MODEL, MU
from tenere.estimate.motion import M
from tenere.track.grid import widest
from tenere.track.store import POSITION_STD, TIME, VELOCITY_STD, VX, VY, X, Y
from tenere.track.work import DETECTION

if TYPE_CHECKING:
    import numpy as np

    from tenere.track.store import Store
    from tenere.track.work import Measured, Work

SURE = 0.5


@njit(cache=True)
def _gain(w: Work, a: int, n: int, j: int, miss: np.ndarray, best: np.ndarray) -> None:
    """Fill gain with what the plots say of model j in lanes 0..n of the block of slots from a on; weigh the model."""
    # arrays are taken out of their tuples first: in a loop each access would count a reference
    v, b, gate, edges, by_slot = w.gain, w.block, w.gate, w.slot_edges, w.by_slot
    phi, like, nu, z, r = w.e_phi, w.e_like, w.e_nu, w.e_z, w.e_r
    for l in range(lanes.padded(n)):
        k = a + min(l, n - 1)
        x, y, mu = gate[k, j, 0], gate[k, j, 1], gate[k, j, 5]
        total, mx, my, sxx, sxy, syy = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for c in range(edges[k], edges[k + 1]):
            e = by_slot[c]
            if phi[e] <= 0.0:
                continue
            share = phi[e] * like[e, j] / nu[e]  # nu: the mixture's likelihood of this plot, left by revise
            u0, u1 = z[e, 0] - x, z[e, 1] - y
            total += share
            mx += share * u0
            my += share * u1
            sxx += share * u0 * u0
            sxy += share * u0 * u1
            syy += share * u1 * u1
        mass = miss[l] + total
        b[(MU + j) * LANES + l] = mu * mass
        inverse = 1.0 / max(mass, 1e-300)
        mx *= inverse
        my *= inverse
        v[l], v[LANES + l], v[2 * LANES + l] = mx, my, total * inverse
        v[3 * LANES + l] = sxx * inverse - mx * mx
        v[4 * LANES + l] = sxy * inverse - mx * my
        v[5 * LANES + l] = syy * inverse - my * my
        e = best[l]
        if e >= 0:
            v[6 * LANES + l], v[7 * LANES + l], v[8 * LANES + l] = r[e, 0], r[e, 1], r[e, 2]
        else:
            v[6 * LANES + l], v[7 * LANES + l], v[8 * LANES + l] = 1e6, 0.0, 1e6


@njit(cache=True)
def _velocity(w: Work, m: Measured, n: int, j: int, best: np.ndarray) -> None:
    """Update model j of the block by the velocities that its likeliest plots report."""
    v, b = w.gain, w.block
    for l in range(lanes.padded(n)):
        e = best[l]
        v[l] = v[LANES + l] = v[3 * LANES + l] = v[4 * LANES + l] = v[5 * LANES + l] = v[7 * LANES + l] = 0.0
        v[2 * LANES + l] = 0.0
        v[6 * LANES + l] = v[8 * LANES + l] = 1.0
        if e >= 0 and w.e_phi[e] > SURE and not math.isnan(m.vel[w.e_plot[e], 0]):
            q = w.e_plot[e]
            v[l] = m.vel[q, 0] - b[(j * MODEL + 2) * LANES + l]
            v[LANES + l] = m.vel[q, 1] - b[(j * MODEL + 3) * LANES + l]
            v[2 * LANES + l] = 1.0
            v[6 * LANES + l] = v[8 * LANES + l] = m.vel[q, 2] / w.e_phi[e]
    lanes.aim_at(b, n, j, 2, w.lanes.c)
    lanes.update(b, n, j, v, w.lanes.c, w.lanes.k, w.lanes.y, b)


@njit(cache=True)
def _radial(w: Work, m: Measured, n: int, j: int, best: np.ndarray) -> None:
    """Update model j of the block by the radial speeds that its likeliest plots measured."""
    v, b, c = w.gain, w.block, w.lanes.c
    lanes.aim_at(b, n, j, 2, c)
    for l in range(lanes.padded(n)):
        e = best[l]
        ux = uy = 0.0
        v[l] = v[LANES + l] = v[3 * LANES + l] = v[4 * LANES + l] = v[5 * LANES + l] = v[7 * LANES + l] = 0.0
        v[2 * LANES + l] = 0.0
        v[6 * LANES + l] = v[8 * LANES + l] = 1.0
        if e >= 0 and w.e_phi[e] > SURE and not math.isnan(m.radial[w.e_plot[e], 2]):
            q = w.e_plot[e]
            ux, uy = m.radial[q, 0], m.radial[q, 1]
            v[l] = m.radial[q, 2] - ux * b[(j * MODEL + 2) * LANES + l] - uy * b[(j * MODEL + 3) * LANES + l]
            v[2 * LANES + l] = 1.0
            v[6 * LANES + l] = m.radial[q, 3] / w.e_phi[e]
        pxx, pxy, pyy = c[10 * LANES + l], c[11 * LANES + l], c[12 * LANES + l]
        for d in range(5):
            c[d * LANES + l] = ux * c[d * LANES + l] + uy * c[(5 + d) * LANES + l]
            c[(5 + d) * LANES + l] = 0.0
        c[10 * LANES + l] = ux * ux * pxx + 2.0 * ux * uy * pxy + uy * uy * pyy
        c[11 * LANES + l] = c[12 * LANES + l] = 0.0
    lanes.update(b, n, j, v, c, w.lanes.k, w.lanes.y, b)


@njit(cache=True)
def keep(s: Store, w: Work, tracks: np.ndarray, times: np.ndarray, first: int, n: int) -> None:
    """Write the block back to its tracks, with their means and spreads."""
    b, o, hot = w.block, w.mean, s.hot
    lanes.moments(b, n, o)
    for l in range(n):
        i = tracks[first + l]
        hot[i, X] += o[l]  # rows count from here
        hot[i, Y] += o[LANES + l]
        hot[i, VX], hot[i, VY] = o[2 * LANES + l], o[3 * LANES + l]
        hot[i, POSITION_STD] = math.sqrt(widest(o[4 * LANES + l], o[5 * LANES + l], o[8 * LANES + l]))
        hot[i, VELOCITY_STD] = math.sqrt(widest(o[11 * LANES + l], o[12 * LANES + l], o[13 * LANES + l]))
        hot[i, TIME] = times[first + l]
    lanes.store(s.row, tracks, first, n, b, o)


@njit(cache=True)
def revise(s: Store, w: Work, m: Measured, ns: int, sensor: np.ndarray, miss: np.ndarray, best: np.ndarray) -> None:
    """Update the tracks of all slots by their edges and set their existence.

    miss, best (LANES,): scratch. The existence follows the joint integrated rule (Musicki & Evans 2004): the plot's share
    of it is sure, the rest is what a look without a plot leaves.
    """
    block, gate, edges, by_slot, tracks, existence = w.block, w.gate, w.slot_edges, w.by_slot, w.slot_track, s.existence
    phi, psi, like, nu, plot, slot_r, vel, radial = w.e_phi, w.e_psi, w.e_like, w.e_nu, w.e_plot, w.slot_r, m.vel, m.radial
    gain, c13, k15, y20, times, pd = w.gain, w.lanes.c, w.lanes.k, w.lanes.y, w.slot_s, sensor[DETECTION]
    for a in range(0, ns, LANES):
        n = min(LANES, ns - a)
        o = w.ahead[a // LANES]
        moving = sounding = False
        for l in range(n):
            k = a + l
            taken, best_phi = 0.0, 0.0
            best[l] = -1
            for c in range(edges[k], edges[k + 1]):
                e = by_slot[c]
                nu[e] = (
                    1e-300
                    + gate[k, 0, 5] * like[e, 0]
                    + gate[k, 1, 5] * like[e, 1]
                    + gate[k, 2, 5] * like[e, 2]
                    + gate[k, 3, 5] * like[e, 3]
                )
                taken += phi[e]
                if phi[e] > best_phi:
                    best[l], best_phi = e, phi[e]
            if best_phi > SURE:
                moving |= not math.isnan(vel[plot[best[l]], 0])
                sounding |= not math.isnan(radial[plot[best[l]], 2])
            r = slot_r[k]
            unseen = max(1.0 - taken, 0.0) * r * (1.0 - pd) / (1.0 - r * pd)
            if edges[k] == edges[k + 1]:
                unseen = r  # nothing came near: the look is missed when its time has passed
            there = min(taken + unseen, 1.0 - 1e-9)
            inverse = 1.0 / max(there, 1e-300)
            miss[l] = unseen * inverse
            existence[tracks[k]] = there
            for c in range(edges[k], edges[k + 1]):
                e = by_slot[c]
                psi[e] = phi[e]  # kept for births; the share from here on is given that the aircraft is there
                phi[e] *= inverse
        for l in range(n, lanes.padded(n)):
            best[l], miss[l] = best[n - 1], miss[n - 1]
        for j in range(M):
            _gain(w, a, n, j, miss, best)
            lanes.aim_at(o, n, j, 0, c13)
            lanes.update(o, n, j, gain, c13, k15, y20, block)
            if moving:
                _velocity(w, m, n, j, best)
            if sounding:
                _radial(w, m, n, j, best)
        for l in range(lanes.padded(n)):
            total = block[MU * LANES + l] + block[(MU + 1) * LANES + l] + block[(MU + 2) * LANES + l] + block[(MU + 3) * LANES + l]
            inverse = 1.0 / max(total, 1e-300)
            for j in range(M):
                block[(MU + j) * LANES + l] *= inverse
        keep(s, w, tracks, times, a, n)

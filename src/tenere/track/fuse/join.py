"""Which tracks are one aircraft: several agreements in a row join two, several disagreements part them.

The number is the join: rows of ours and of other systems that bear one number are one track, of each source at most one. The smaller
number, which was shown first, stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.track.fuse.pool import Pool, apart, gather, larger, neighbours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Tracks
    from tenere.track.fuse.config import FuseConfig

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max
SAID_BY_MANY = np.array([0o0000, 0o1000, 0o1200, 0o2000, 0o7000, 0o7500, 0o7600, 0o7700])
"""Mode A codes that tell aircraft apart badly: none, conspicuity, emergency."""
ADDRESS_BONUS, CALLSIGN_BONUS, MODE_A_BONUS = 18.4, 13.8, 7.4
"""Twice the logarithm of how much likelier two tracks of one aircraft say the same than two of others: 10,000, 1,000 and 40 times."""


@dataclass
class Runs:
    """How often in a row something was told of each key: ascending, and when it was last counted."""

    key: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    count: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    told_s: F64 = field(default_factory=lambda: np.zeros(0))

    def advance(self, key: I64, told_s: F64) -> I64:
        """Count keys (k,), each once, told at told_s (k,); forget the others; return the counts. What is no newer does not count again."""
        order = np.argsort(key, kind="stable")
        key, told_s = key[order], told_s[order]
        at = np.minimum(np.searchsorted(self.key, key), max(len(self.key) - 1, 0))
        known = self.key[at] == key if len(self.key) else np.zeros(len(key), np.bool_)
        count = np.ones(len(key), np.int64)
        count[known] = self.count[at[known]] + (told_s[known] > self.told_s[at[known]])
        told_s = told_s.copy()
        told_s[known] = np.maximum(told_s[known], self.told_s[at[known]])
        self.key, self.count, self.told_s = key, count, told_s
        back = np.empty(len(key), np.int64)
        back[order] = count
        return back


@dataclass
class FuseState:
    """What is remembered between ticks: how long tracks have agreed, and joined ones disagreed."""

    agreed: Runs = field(default_factory=Runs)
    against: Runs = field(default_factory=Runs)
    joined: int = 0
    parted: int = 0


class Numbers(NamedTuple):
    """The numbers that our rows and the system's rows bear from now on."""

    own: I64
    other: I64


def step(
    state: FuseState, c: FuseConfig, own: Tracks, other: Tracks, std_m: F64, time_s: float, next_number: int
) -> tuple[FuseState, Numbers, int]:
    """Compare the tracks as they are at time_s; return their numbers, and the next free one.

    own: our rows, at time_s; other: system.rows; std_m (sensors,): one-sigma error of systems that state none.
    """
    every = type(own).concat([own, other])
    p = gather(every, c, std_m, time_s)
    p, next_number = _part(state, c, p, every, next_number)
    p = _join(state, c, p, every)
    return state, Numbers(p.number[: len(own)], p.number[len(own) :]), next_number


def _leads(p: Pool) -> tuple[I64, I64]:
    """Return the row that speaks for each number, and which of these each row (n,) belongs to.

    Ours while it is seen, else the first system that sees the aircraft.
    """
    order = np.lexsort((np.arange(len(p.number)), p.source, ~p.fresh, p.number))
    number = p.number[order]
    new = np.r_[True, number[1:] != number[:-1]] if len(order) else np.zeros(0, np.bool_)
    of = np.empty(len(order), np.int64)
    of[order] = np.cumsum(new) - 1
    return order[new], of


def _part(state: FuseState, c: FuseConfig, p: Pool, every: Tracks, next_number: int) -> tuple[Pool, int]:
    """Give a number of its own to a system track that has disagreed too often with the track that it was joined with."""
    leads, of = _leads(p)
    lead = leads[of]
    rows = np.flatnonzero((lead != np.arange(len(lead))) & (p.source > 0))
    ours = np.full(len(leads), -1, np.int64)
    mine = np.flatnonzero(p.source == 0)
    ours[of[mine]] = mine
    compared = rows[p.fresh[rows] & p.fresh[lead[rows]]]
    v = lead[compared]
    against = apart(p, v, compared, c.allowance_m) > c.part_gate
    far = np.hypot(p.x[compared] - p.x[v], p.y[compared] - p.y[v]) > 2.0 * c.reach_m
    named = ours[of]
    k = np.flatnonzero((named >= 0) & (p.source > 0) & p.fresh)
    renamed = k[_other(every.address, k, named[k]) & ~_said(every, k, named[k])]
    bad = np.union1d(compared[against | far], renamed)
    key = every.source[bad].astype(np.int64) << 32 | every.source_track[bad].astype(np.int64)
    told = np.minimum(p.update_s[bad], np.where(p.fresh[lead[bad]], p.update_s[lead[bad]], np.inf))
    gone = bad[(state.against.advance(key, told) >= c.disagreements) | np.isin(bad, compared[far])]
    if len(gone):
        number = p.number.copy()
        number[gone] = next_number + np.arange(len(gone))
        p, next_number = p._replace(number=number), next_number + len(gone)
        state.parted += len(gone)
    return p, next_number


def _other(values: NDArray[np.int32], u: I64, v: I64) -> Mask:
    """Say where both rows say something, and not the same."""
    return np.asarray((values[u] >= 0) & (values[v] >= 0) & (values[u] != values[v]))


def _said(t: Tracks, u: I64, v: I64) -> Mask:
    """Say where both rows say the same telling Mode A code or callsign."""
    code = (t.mode_a[u] == t.mode_a[v]) & (t.mode_a[u] >= 0) & ~np.isin(t.mode_a[u], SAID_BY_MANY)
    return np.asarray(code | ((t.callsign[u] == t.callsign[v]) & (t.callsign[u] != b"")))


def _wanted(c: FuseConfig, t: Tracks, source: I64, u: I64, v: I64) -> tuple[I64, F64]:
    """Return how many agreements rows u and v (k,) need, NEVER where they may not join, and how much what they say speaks for them."""
    bearers, times = np.unique(source[t.address >= 0] << 32 | t.address[t.address >= 0], return_counts=True)

    def borne(rows: I64, address: NDArray[np.int32]) -> I64:
        """Count the tracks of the rows' sources that bear an address."""
        if not len(bearers):
            return np.zeros(len(rows), np.int64)
        name = source[rows] << 32 | address.astype(np.int64)
        at = np.minimum(np.searchsorted(bearers, name), len(bearers) - 1)
        return np.asarray(np.where(bearers[at] == name, times[at], 0))

    a, b = t.address[u], t.address[v]
    same = (a >= 0) & (a == b)
    differ = _other(t.address, u, v)
    said = _said(t, u, v)
    one = same & (borne(u, a) == 1) & (borne(v, b) == 1)
    alone = (borne(u, b) == 0) & (borne(v, a) == 0)  # nobody else is who the other says it is
    codes = (t.mode_a[u] >= 0) & (t.mode_a[v] >= 0) & (t.mode_a[u] != t.mode_a[v])
    high = np.abs(t.pressure_altitude_m[u] - t.pressure_altitude_m[v]) > c.height_m
    need = np.where(said, c.agreements, np.where(codes, NEVER, c.agreements_bare))
    need = np.where(differ, np.where(said & alone, c.agreements_otherwise, NEVER), need)
    need = np.where(high, NEVER, need)
    need = np.where(same, np.where(one, c.agreements_addressed, c.agreements), need)
    call = (t.callsign[u] == t.callsign[v]) & (t.callsign[u] != b"")
    code = (t.mode_a[u] == t.mode_a[v]) & (t.mode_a[u] >= 0) & ~np.isin(t.mode_a[u], SAID_BY_MANY)
    return need.astype(np.int64), ADDRESS_BONUS * same + CALLSIGN_BONUS * call + MODE_A_BONUS * code


def _mutual(p: Pool, u: I64, v: I64, cost: F64) -> tuple[Mask, Mask]:
    """Say which pairs (k,) are each other's best, v the best of its source for u and u of its for v; and which have no rival."""
    k = len(u)
    a, b = np.r_[u, v], np.r_[v, u]
    order = np.lexsort((p.number[b], np.r_[cost, cost], p.source[b], a))
    first = np.r_[True, (a[order][1:] != a[order][:-1]) | (p.source[b][order][1:] != p.source[b][order][:-1])]
    best = np.zeros(2 * k, np.bool_)
    best[order[first]] = True
    lone = np.zeros(2 * k, np.bool_)
    lone[order[first & np.r_[first[1:], True]]] = True
    return best[:k] & best[k:], lone[:k] & lone[k:]


def _join(state: FuseState, c: FuseConfig, p: Pool, every: Tracks) -> Pool:
    """Let those that have agreed often enough bear one number."""
    leads, of = _leads(p)
    leads = leads[p.fresh[leads]]
    if not len(leads) or (p.source[leads] == p.source[leads[0]]).all():  # all that others see is ours too
        state.agreed = Runs()
        return p
    pairs = neighbours(p.x[leads], p.y[leads], larger(p)[leads], p.source[leads], c.reach_m, c.gate, c.allowance_m**2)
    u, v = leads[pairs[:, 0]], leads[pairs[:, 1]]
    held = np.unique(of << 16 | p.source)  # (number, source) of every row
    free = ~np.isin(of[u] << 16 | p.source[v], held) & ~np.isin(of[v] << 16 | p.source[u], held)
    u, v = u[free], v[free]
    d2 = apart(p, u, v, c.allowance_m)
    need, bonus = _wanted(c, every, p.source, u, v)
    able = (d2 <= c.gate) & (need < NEVER)
    u, v, need, cost = u[able], v[able], need[able], d2[able] - bonus[able]
    if len(u):
        best, lone = _mutual(p, u, v, cost)
        need = np.where(lone & (need == c.agreements_bare), np.minimum(c.agreements, need), need)
        u, v, need, cost = u[best], v[best], need[best], cost[best]
    low, high = np.minimum(p.number[u], p.number[v]), np.maximum(p.number[u], p.number[v])
    count = state.agreed.advance(low << 32 | high, np.minimum(p.update_s[u], p.update_s[v]))
    ready = np.flatnonzero(count >= need)
    ready = ready[np.lexsort((high[ready], low[ready], cost[ready]))]
    both = np.stack([low[ready], high[ready]], axis=1).ravel()
    seen = np.zeros(len(both), np.bool_)
    seen[np.unique(both, return_index=True)[1]] = True
    ready = ready[seen[0::2] & seen[1::2]]  # of each number the best pair; the others have their turn in the next tick
    ready = ready[_apart_in_source(p, of, u[ready], v[ready])]
    if not len(ready):
        return p
    order = np.argsort(high[ready])
    elder, younger = low[ready][order], high[ready][order]
    at = np.minimum(np.searchsorted(younger, p.number), len(younger) - 1)
    state.joined += len(ready)
    return p._replace(number=np.where(younger[at] == p.number, elder[at], p.number))


def _apart_in_source(p: Pool, of: I64, u: I64, v: I64) -> Mask:
    """Say which pairs (k,) of numbers have no source in common, all their rows considered."""
    out = np.ones(len(u), np.bool_)
    size = np.bincount(of, minlength=1)
    order = np.argsort(of, kind="stable")
    start = np.searchsorted(of[order], np.arange(len(size)))
    for k in np.flatnonzero((size[of[u]] > 1) & (size[of[v]] > 1)):  # else a lone row's source was asked for above
        mine, theirs = (p.source[order[start[g] : start[g] + size[g]]] for g in (of[u[k]], of[v[k]]))
        out[k] = not np.isin(mine, theirs).any()
    return out

"""The stage's side of joining tracks: the numbers of our tracks follow, and no two of ours bear one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tenere.track import fuse, work

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Tracks
    from tenere.track.stage import State

    I64 = NDArray[np.int64]


def stated(state: State) -> NDArray[np.float64]:
    """Return the one-sigma position error (sensors,) of each sensor's system tracks that state none (m)."""
    rows, default = state.table.rows, state.config.fuse.std_m
    return np.array([s.config.position_std_m if s.configured else default for s in rows])


Pairs = tuple[tuple[int, int], ...]


def join(state: State, own: Tracks, other: Tracks, time_s: float) -> tuple[Tracks, Tracks, Pairs]:
    """Return our rows and system.rows with the numbers that they bear once their tracks are compared, ours in order of theirs.

    And what has changed: pairs of the number borne now and the one before, of one aircraft.
    """
    c = state.config.fuse
    if not c.join or not len(other) or state.plane is None:
        return own, other, ()
    state.fuse, numbers, state.next_number = fuse.step(state.fuse, c, own, other, stated(state), time_s, state.next_number)
    state.system.number = numbers.other
    moved = (*_moved(numbers.own, own.number), *_moved(numbers.other, other.number))
    changed = np.flatnonzero(numbers.own != own.number)
    if len(changed):
        rename(state, own.number[changed].astype(np.int64), numbers.own[changed])
        own = own.replace(number=numbers.own)
        own = own.take(np.argsort(own.number, kind="stable"))
    return own, other.replace(number=numbers.other), moved


def _moved(now: I64, before: NDArray[np.generic]) -> Pairs:
    """Return the pairs of numbers that differ."""
    at = np.flatnonzero(now != before)
    return tuple(zip(now[at].tolist(), before[at].tolist(), strict=True))


def rename(state: State, old: I64, new: I64) -> None:
    """Let our tracks of numbers old (k,) bear the numbers new (k,): where they are kept, and where they would come back."""
    order = np.argsort(old)
    old, new = old[order], new[order]
    if state.frames is not None:
        told = dict(zip(old.tolist(), new.tolist(), strict=True))
        state.frames.numbers = {name: told.get(number, number) for name, number in state.frames.numbers.items()}
        return
    s, high = state.store, int(state.book[work.HIGH])
    number = s.number[:high]
    at = np.minimum(np.searchsorted(old, number), len(old) - 1)
    mine = (old[at] == number) & (s.alive[:high] == 1)
    hidden = np.flatnonzero(np.isin(number, new) & ~mine & (s.alive[:high] == 1))  # of ours, not shown, that bore the number before
    s.number[:high] = np.where(mine, new[at], number)
    s.number[hidden] = state.next_number + np.arange(len(hidden))
    state.next_number += len(hidden)
    taken = dict.fromkeys(new.tolist())
    for key in [k for k, e in state.ended.items() if e.number in taken]:
        del state.ended[key]

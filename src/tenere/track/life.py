"""The life of a track: numbered when it has earned it, ended when it is no more, and numbered as before when its address comes back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.track import kernels, merge, together, work
from tenere.track import store as memory
from tenere.track.ghosts import MOST_A_TICK, ghost_of
from tenere.track.grid import YOUNG_HITS
from tenere.track.revisit import PATIENT_TURNS
from tenere.track.shadows import by_code, echoed, faded, own_code, shadow, shadowed

if TYPE_CHECKING:
    from tenere.track.stage import State
    from tenere.track.store import Store
    from tenere.track.work import Work

REACH_MS, REACH_M = 350.0, 2_000.0
RIVAL_HITS, QUIET_S, ANSWERS_GAPS = 5, 5.0, 3.0
END, WAIT, TAKE_OVER, RIVAL = range(4)
SAME_M, SAME_MS = 300.0, 30.0
MAX_ENDED = 65_536
JUMP_S = 30.0
CODE_S, CODE_MS, CODE_LEVEL_M, CODE_CLIMB_MS = 180.0, 60.0, 300.0, 25.0
"""A discrete code that comes back so soon, so near where its aircraft flew straight on to, and at such a height, is that aircraft's."""
CARRIED = ("row", "hot", "update_s", "miss_s", "miss_pd", "gap_s", "existence", "height", "height_var", "height_s", "position")


class Ended(NamedTuple):
    """A dropped track whose aircraft had an address or a discrete code: should that come back in reach, its number does."""

    number: int
    first_s: float
    update_s: float
    x_m: float
    y_m: float
    vx_ms: float = 0.0
    vy_ms: float = 0.0
    height_m: float = math.nan


def drop(state: State, time_s: float) -> None:
    """End the tracks that are no more; remember those that had an address."""
    s, c = state.store, state.config
    first, coasts = int(state.book[work.FREE]), (c.coast_s, c.coast_addressed_s, c.coast_landing_s)
    kernels.miss_and_drop(s, state.book, state.work, time_s, coasts, c.delete_existence, c.prune_existence, c.lifetime_s)
    gone = state.work.free[first : state.book[work.FREE]]
    for i in gone[s.confirmed[gone] == 1]:
        name = _name(state, int(i))
        if name is None:
            continue
        state.ended.pop(name, None)
        x, y, vx, vy = (float(s.hot[i, k]) for k in (memory.X, memory.Y, memory.VX, memory.VY))
        state.ended[name] = Ended(int(s.number[i]), float(s.first_s[i]), float(s.update_s[i]), x, y, vx, vy, float(s.height[i, 0]))
    while state.ended and (len(state.ended) > MAX_ENDED or time_s - next(iter(state.ended.values())).update_s > c.resume_s):
        del state.ended[next(iter(state.ended))]


def _name(state: State, i: int) -> int | None:
    """Return what a dropped track may be known by again: its address, else its code (below -1) where no others bear it; None nothing."""
    s = state.store
    if s.key[i] >= 0:
        return int(s.key[i])
    code = int(s.mode_a[i])
    return -2 - code if state.cfg[work.USE_MODE_A] and own_code(code) else None


def _fits(s: Store, i: int, old: Ended) -> bool:
    """Say whether track i is where an ended one of its code can be."""
    gap = float(s.first_s[i]) - old.update_s
    ahead = float(s.hot[i, memory.TIME]) - old.update_s
    apart = float(np.hypot(s.hot[i, memory.X] - old.x_m - ahead * old.vx_ms, s.hot[i, memory.Y] - old.y_m - ahead * old.vy_ms))
    higher = abs(float(s.height[i, 0]) - old.height_m)  # NaN, where one of them is not known, forbids nothing
    return bool(0.0 < gap <= CODE_S and apart <= REACH_M + CODE_MS * ahead and not higher > CODE_LEVEL_M + CODE_CLIMB_MS * gap)


def _resumed(state: State, i: int) -> int:
    """Return the number that track i's address or code had when it was lost, or 0 where there is none or it is out of reach."""
    s = state.store
    name = _name(state, i)
    old = state.ended.get(name) if name is not None else None
    if name is None or old is None:
        return 0
    if name < 0:
        here = (s.alive == 1) & (s.confirmed == 1) & (s.mode_a == s.mode_a[i]) & (np.arange(len(s.alive)) != i)
        if not _fits(s, i, old) or here.any():
            return 0
    else:
        apart = float(np.hypot(s.hot[i, memory.X] - old.x_m, s.hot[i, memory.Y] - old.y_m))
        if apart > REACH_M + REACH_MS * (s.first_s[i] - old.update_s):
            return 0
    del state.ended[name]
    s.first_s[i] = old.first_s
    return old.number


@njit(cache=True)
def _ready(s: Store, high: int, hits: int, hits_addressed: int, existence: float) -> np.ndarray:
    """Return the rows of the tracks that have earned a number, ascending."""
    alive, confirmed, young, of_hits, exist, keys = s.alive, s.confirmed, s.young, s.hits, s.existence, s.key
    soon = min(hits, hits_addressed) <= YOUNG_HITS
    out = np.empty(high, np.int64)
    n = 0
    for i in range(high):
        if alive[i] == 0 or confirmed[i] == 1 or (young[i] == 1 and not soon):
            continue
        if exist[i] >= existence and of_hits[i] >= (hits_addressed if keys[i] >= 0 else hits):
            out[n] = i
            n += 1
    return out[:n]


@njit(cache=True)
def _elder(s: Store, w: Work, key: int) -> int:
    """Return the row of the confirmed track that bears a key and was seen last, -1 none. The chains of keys are this tick's."""
    best = -1
    for side in range(2):
        i = int(w.key_head[side, (key * 2654435761 >> 7) & (w.key_head.shape[1] - 1)])
        while i >= 0:
            if s.alive[i] == 1 and s.confirmed[i] == 1 and s.key[i] == key:
                later = best < 0 or s.update_s[i] > s.update_s[best] or (s.update_s[i] == s.update_s[best] and i < best)
                best = i if later else best
            i = int(s.chain[i])
    return best


def _same(s: Store, a: int, b: int) -> bool:
    """Say whether two tracks with one address are one aircraft: as near each other as their own spread allows, and as fast."""
    ahead = s.hot[a, memory.TIME] - s.hot[b, memory.TIME]
    apart = np.hypot(*(s.hot[b, :2] + ahead * s.hot[b, 2:4] - s.hot[a, :2]))
    spread = np.hypot(s.hot[a, memory.POSITION_STD], s.hot[b, memory.POSITION_STD])
    differ = np.hypot(*(s.hot[b, 2:4] - s.hot[a, 2:4]))
    swing = np.hypot(s.hot[a, memory.VELOCITY_STD], s.hot[b, memory.VELOCITY_STD])
    return bool(apart < SAME_M + 3.0 * spread and differ < SAME_MS + 3.0 * swing)


def _beside(state: State, elder: int, i: int) -> int:
    """Return what becomes of a beginning with a confirmed track's address: END, WAIT, TAKE_OVER that track, or RIVAL, another aircraft."""
    s = state.store
    idle = s.first_s[i] - s.update_s[elder]
    silent = s.update_s[i] - s.update_s[elder]
    if idle < 0 and _same(s, elder, i):
        return END  # one aircraft that began twice
    answers = idle < 0 or silent < max(ANSWERS_GAPS * s.gap_s[elder], QUIET_S)
    if answers and (silent < -QUIET_S or echoed(s, int(state.book[work.HIGH]), i) >= 0 or (idle < 0 and s.hits[i] < RIVAL_HITS)):
        return WAIT  # the elder still answers: more proof before two aircraft share an address
    apart = float(np.hypot(*(s.hot[i, :2] - s.hot[elder, :2])))
    jumped = s.first_s[i] - state.jump_s < JUMP_S
    if idle >= 0 and (jumped or apart <= REACH_M + REACH_MS * (s.hot[i, memory.TIME] - s.update_s[elder])):
        return TAKE_OVER
    if answers and shadow(s, i, elder):
        return TAKE_OVER  # the elder had followed what the aircraft wrongly told of itself
    return WAIT if answers and s.hits[i] < RIVAL_HITS else RIVAL


def confirm(state: State) -> None:
    """Number the tracks that have earned it; let a rival with the same key take over the track it continues."""
    s, c = state.store, state.config
    high = int(state.book[work.HIGH])
    rows = _ready(s, high, c.confirm_hits, c.confirm_hits_addressed, c.confirm_existence)
    codes = by_code(s, high) if (s.mode_a[rows] >= 0).any() else None
    two = {o.track for o in state.manual.of("split")}
    rows, asked = rows[np.lexsort((rows, s.first_s[rows]))], 0
    for i, follows in zip(rows, merge.may_follow(s, state.work, rows, state.cfg) if len(rows) else (), strict=True):
        elder = -1
        if s.key[i] >= 0:
            elder = _elder(s, state.work, int(s.key[i]))
            if elder >= 0 and int(s.number[elder]) in two:
                elder = -1  # a person said that it holds two aircraft: what begins beside it is the other
        if elder >= 0:
            become = _beside(state, elder, int(i))
            if become == END:
                end(state, int(i))
            elif become == TAKE_OVER:
                take_over(state, elder, int(i))
            if become != RIVAL:
                continue
            s.rival[i] = 1
        if codes is not None and s.key[i] < 0 and shadowed(s, *codes, int(i)) >= 0:
            continue
        if s.key[i] < 0 and asked < MOST_A_TICK:
            asked += 1
            if ghost_of(s, high, int(i), state.figures.figures) >= 0:
                continue
        if s.key[i] < 0 and follows and (elder := merge.forerunner(s, state.work, int(i), state.cfg)) >= 0:
            take_over(state, elder, int(i))
            continue
        if s.key[i] < 0:  # how often its place is looked at counted until now; from here on, how often it was seen
            own = min((s.update_s[i] - s.first_s[i]) / max(s.hits[i] - 1, 1), s.patience_s[i] / PATIENT_TURNS)
            s.gap_s[i] = max(s.gap_s[i], own)
        s.confirmed[i] = 1
        s.number[i] = _resumed(state, int(i)) or state.next_number
        state.next_number = max(state.next_number, int(s.number[i]) + 1)


def take_over(state: State, elder: int, rival: int) -> None:
    """Let the elder go on from where the rival is; the rival ends."""
    s = state.store
    for column in CARRIED:
        values = getattr(s, column)
        values[elder] = values[rival]
    s.hits[elder] += s.hits[rival]
    end(state, rival)


def join(state: State, time_s: float) -> tuple[tuple[int, int], ...]:
    """Make one of the tracks that turn out to be one aircraft, but for those that persons hold apart; return their numbers.

    The elder goes on.
    """
    s, joined = state.store, []
    for elder, i in faded(s, int(state.book[work.HIGH]), time_s).tolist():
        numbers = int(s.number[elder]), int(s.number[i])
        if s.alive[elder] and not together.forbids(state.manual, *numbers):
            joined.append(numbers)
            end(state, i)
    for elder, younger in state.suspects.check(s, state.book, state.work, time_s, state.cfg).tolist():
        numbers = int(s.number[elder]), int(s.number[younger])
        if together.forbids(state.manual, *numbers):
            continue
        joined.append(numbers)
        if s.key[elder] < 0:
            s.key[elder], s.keyed[elder] = s.key[younger], s.keyed[younger]
        if s.update_s[younger] > s.update_s[elder]:
            take_over(state, elder, younger)
        else:
            end(state, younger)
    return tuple(joined)


def end(state: State, i: int) -> None:
    """Free a track's row."""
    state.store.alive[i] = 0
    state.work.free[state.book[work.FREE]] = i
    state.book[work.FREE] += 1


def forget(state: State, first: int) -> None:
    """Clear the names of the rows freed since the stack of free rows was so long, so that a new track inherits nothing."""
    gone = state.work.free[first : state.book[work.FREE]]
    if len(gone):
        for values in (*state.names.values(), *state.marks.values()):
            values[gone] = np.zeros(1, values.dtype)[0]

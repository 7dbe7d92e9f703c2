"""Two pictures of the same air laid beside each other, step by step: who is where, and which track is with which aircraft.

Time goes in equal steps. A track is there at a step if it has a row in the interval that ends with it (the last such row); it is
held against where the aircraft was at the row's own time, so that nothing is charged for the waiting.

Two assignments are made of each step. GOSPA's is the best of the moment. For everything that goes on in time an aircraft keeps the
track it had as long as that is nearer than the cut-off, and only the rest is assigned anew (CLEAR MOT, Bernardin & Stiefelhagen
2008): else two aircraft side by side would seem to change tracks with every error of measurement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.estimate.assignment import assign, near, pairs_of
from tenere.estimate.paths import SAME_S, Paths, Reports, intervals, states

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]


@dataclass(frozen=True)
class ScoreConfig:
    """How pictures are compared."""

    cuts_m: tuple[float, ...] = (1000.0,)
    """cut-offs of GOSPA; the first is also the farthest that a track may be from the aircraft it belongs to"""
    order: float = 2.0
    step_s: float = math.nan
    """seconds a step; NaN: the tracks' own"""
    from_s: float = -math.inf
    until_s: float = math.inf
    partial: bool = False
    """the truth does not hold every aircraft: tracks that are near none of it are left out, not called false"""


class Grid(NamedTuple):
    """Equal steps: step k ends at begin_s + k step_s, k from 0 to ends - 1."""

    begin_s: float
    step_s: float
    ends: int


class Step(NamedTuple):
    """One step. Aircraft are numbers of the truth, rows are rows of the tracks."""

    time_s: float
    here: I64
    """(n,) aircraft that are there"""
    rows: I64
    """(m,) rows of the tracks that are there"""
    aircraft: I64
    """(q,) of each pair that goes on in time"""
    paired: I64
    """(q,) its row"""
    true: F64
    """(q, 5) x, y, vx, vy, z of the aircraft at the row's time"""
    belong: NDArray[np.bool_]
    """(m,) whether the row is with an aircraft, alone or beside another track"""
    apart_m: tuple[F64, ...]
    """distances of GOSPA's pairs, for each cut-off"""


def own_step_s(tracks: Reports) -> float:
    """Return the seconds between a track's rows: their median where it fits all, as of ticks; else what nine in ten stay below."""
    gaps = intervals(tracks)
    if not len(gaps):
        return math.nan
    median = float(np.median(gaps))
    turns = (tracks.time_s - tracks.time_s.min()) / median
    regular = np.abs(turns - np.rint(turns)).max() * median < 1e-3
    return median if regular else float(np.quantile(gaps, 0.9))


def span_of(reports: Reports) -> tuple[float, float]:
    """Return the first and last time of any row; infinity and its negative where there is none."""
    return float(reports.time_s.min(initial=math.inf)), float(reports.time_s.max(initial=-math.inf))


def grid(span: tuple[float, float], tracks: Reports, config: ScoreConfig) -> Grid:
    """Return the steps that end within a span of time (first, last), on the beat of the tracks' first row; none where there is none."""
    step_s = config.step_s if config.step_s == config.step_s else own_step_s(tracks)
    first, last = max(span[0], config.from_s), min(span[1], config.until_s)
    if not step_s > 0:
        step_s = max(last - first, 1.0)
    if not first <= last:
        return Grid(0.0, step_s, 0)
    beat = span_of(tracks)[0] if len(tracks.time_s) else first
    low, high = math.ceil((first - beat - SAME_S) / step_s), math.floor((last - beat + SAME_S) / step_s)
    return Grid(beat + low * step_s, step_s, max(0, high - low + 1))


def _at_each(tracks: Reports, times: Grid) -> tuple[I64, I64]:
    """Return the rows by step and where each step's begin (ends + 1,): of each track its last row in each step."""
    number = np.ceil((tracks.time_s - times.begin_s) / times.step_s - SAME_S / times.step_s).astype(np.int64)
    last = np.ones(len(number), np.bool_)
    last[:-1] = (np.diff(number) != 0) | (np.diff(tracks.who) != 0)
    rows = np.flatnonzero(last & (number >= 0) & (number < times.ends))
    rows = rows[np.argsort(number[rows], kind="stable")]
    return rows, np.searchsorted(number[rows], np.arange(times.ends + 1))


def steps(truth: Paths, tracks: Reports, times: Grid, config: ScoreConfig) -> Iterator[Step]:
    """Yield each step; tracks are ordered."""
    everyone = np.arange(len(truth.start) - 1)
    rows_of, cut_at = _at_each(tracks, times)
    held = np.full(len(everyone), -1, np.int64)  # the track that each aircraft had last
    holder = np.full(tracks.parties, -1, np.int64)
    for k in range(times.ends):
        now_s = times.begin_s + k * times.step_s
        state, there = states(truth, everyone, np.full(len(everyone), now_s))
        here, rows = np.flatnonzero(there), rows_of[cut_at[k] : cut_at[k + 1]]
        start, col, apart = _candidates(truth, state, here, tracks, rows, now_s, max(config.cuts_m))
        aircraft, paired = _kept((start, col, apart), here, tracks.who[rows], held, holder, config)
        belong = np.zeros(len(rows), np.bool_)
        belong[col[apart < config.cuts_m[0]]] = True
        mine = here[aircraft]
        true, _ = states(truth, mine, tracks.time_s[rows[paired]])
        distances = tuple(pairs_of(start, col, apart, len(rows), cut, config.order)[2] for cut in config.cuts_m)
        yield Step(now_s, here, rows, mine, rows[paired], true, belong, distances)


def _candidates(truth: Paths, state: F64, here: I64, tracks: Reports, rows: I64, now_s: float, cut_m: float) -> tuple[I64, I64, F64]:
    """Return which aircraft and rows are nearer than the cut, each at the row's own time, as `near` does."""
    place = np.column_stack([tracks.x_m[rows], tracks.y_m[rows]])
    late_s = now_s - tracks.time_s[rows]
    if not (late_s > SAME_S).any():
        return near(state[here, :2], place, cut_m)
    speed = np.nan_to_num(np.hypot(state[here, 2], state[here, 3]))
    reach = cut_m + 1.5 * float(late_s.max()) * float(speed.max(initial=0.0)) + 1.0
    start, col, _ = near(state[here, :2], place, reach)
    owner = np.repeat(np.arange(len(here)), np.diff(start))
    then, _ = states(truth, here[owner], tracks.time_s[rows[col]])
    apart = np.hypot(then[:, 0] - place[col, 0], then[:, 1] - place[col, 1])
    good = apart < cut_m
    return np.concatenate([[0], np.cumsum(np.bincount(owner[good], minlength=len(here)))]), col[good], apart[good]


def _kept(candidates: tuple[I64, I64, F64], here: I64, who: I64, held: I64, holder: I64, config: ScoreConfig) -> tuple[I64, I64]:
    """Return the pairs that go on in time, as positions in here and in the rows (whose tracks are who); keep who has whom."""
    start, col, apart = candidates
    owner = np.repeat(np.arange(len(here)), np.diff(start))
    cut = config.cuts_m[0]
    cost = np.where(apart < cut, (apart / cut) ** config.order - 1.0, 1.0)
    stay = (held[here[owner]] == who[col]) & (holder[who[col]] == here[owner]) & (apart < cut)
    cost[stay] -= len(here) + len(who)  # worth more than all others together
    match = assign(start, col, cost, len(who))
    aircraft = np.flatnonzero(match >= 0)
    paired = match[aircraft]
    mine, its = here[aircraft], who[paired]
    held[mine], holder[its] = its, mine
    return aircraft, paired

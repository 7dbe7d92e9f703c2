"""The measuring of a live picture: the last stretch of time alone, and of many plots a sample.

    window = begin(window_s=1200.0, plots_s=500.0)
    on = turn(window, time_s, plots)         # each tick: which sensors' plots are wanted, None for all
    observe(window, seen, time_s)            # those
    found = sensor(window, k)                # at any time: the figures of sensor k over the last half to whole window

Counts are of two halves of the window: when the newer one is full, it becomes the older. What is remembered of tracks goes on
through it. Where more plots come than are to be looked at, the sensors take turns, and each is looked at whole for TURN_S: what lies
between two plots, and which plots nobody takes, cannot be told of plots picked here and there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tenere.performance import figures, observing, store
from tenere.performance.cells import Clock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.performance.figures import Sensor
    from tenere.performance.observing import Seen, State

TURN_S = 75.0
"""Longer than store.ABSENT_S: from one turn to the next a track has left the sensor's sight, so no miss is counted in between."""
FIRST_S = 3.0
"""Until then plots are counted, so that the number of turns is known."""


@dataclass
class Window:
    """Both halves, and whose turn it is."""

    window_s: float
    plots_s: float
    state: State
    past: State | None = None
    """The older half: counts alone."""
    began_s: float = math.nan
    turns: int = 1
    """The sensors are looked at in so many turns; 1: all of them always."""
    number: int = 0
    turn_s: float = math.nan
    plots: int = 0
    """All that came in this turn."""


def begin(window_s: float, plots_s: float) -> Window:
    """Return a window before anything was seen."""
    return Window(window_s, plots_s, replace(observing.init(), live=True))


def most_turns(window: Window) -> int:
    """Return how many turns find a place in half the window."""
    return max(int(window.window_s / 2.0 / TURN_S), 1)


def turn(window: Window, time_s: float, plots: int, sensors: int) -> NDArray[np.bool_] | None:
    """Say which of the sensors (sensors,) are looked at in the tick that ends at time_s and brings so many plots; None: all are."""
    if math.isnan(window.turn_s):
        window.turn_s = time_s
    spent = time_s - window.turn_s
    if spent >= (TURN_S if window.number else FIRST_S):
        window.turns = min(max(math.ceil(window.plots / spent / max(window.plots_s, 1.0)), 1), most_turns(window))
        window.number, window.plots, window.turn_s = window.number + 1, 0, time_s
        if window.turns > 1:
            window.state.cut = True
            who = window.state.who
            who.newest_s[1:][np.arange(len(who.x) - 1) % window.turns != window.number % window.turns] = np.nan  # not silent: not looked at
    window.plots += plots
    if window.turns == 1 and sensors <= store.MAX_SENSORS:
        return None
    k = np.arange(sensors)
    return np.asarray((k % window.turns == window.number % window.turns) & (k < store.MAX_SENSORS))


def observe(window: Window, seen: Seen, time_s: float) -> None:
    """Take in a tick that ends at time_s: the plots of the sensors whose turn it is."""
    if math.isnan(window.began_s):
        window.began_s = time_s
    age = time_s - window.began_s
    if age >= window.window_s / 2.0 or age < 0.0:
        _next_half(window, time_s, gone=not 0.0 <= age < window.window_s)
    window.state = observing.observe(window.state, seen, time_s)


def _next_half(window: Window, time_s: float, *, gone: bool) -> None:
    """Make the newer half the older one. gone: it too lies before the window."""
    old = window.state
    window.past = None if gone else old
    counts = old.tally.counts[:, store.INTERVAL]
    tally = store.make_tally(len(counts))
    tally.period_s[:] = old.tally.period_s
    tally.ring_m[:] = old.tally.ring_m
    window.began_s = time_s
    window.state = replace(
        old,
        tally=tally,
        clock=Clock(np.array([time_s, store.FIRST_SLOT_S])),
        quiet={},
        jumps={},
        renewed={row: int(counts[row]) // 2 for row in old.renewed},  # the period as known, until as much is known anew
        addresses={},
        first_s=time_s,
        ticks=0,
        beyond=0,
        tracks=0,
        cut=window.turns > 1,
    )


def sensor(window: Window, k: int) -> Sensor | None:
    """Return the figures of sensor k over the window; None where nothing was seen of it."""
    row = k + 1
    if not 0 < row < len(window.state.tally.counts) or k >= len(window.state.facts):
        return None
    return figures.sensor(_both(window, row), k)


def covered(window: Window) -> tuple[float, float]:
    """Return the first and the last second (of the data) that the figures cover; NaN before the first tick."""
    return (window.past or window.state).first_s, window.state.last_s


def _both(window: Window, row: int) -> State:
    """Return a state of both halves' counts, of one row of the tally alone."""
    now, past = window.state, window.past
    if past is None or row >= len(past.tally.counts):
        return now
    a, b = past.tally, now.tally
    made = {}
    for name in store.Tally._fields:
        old, new = getattr(a, name), getattr(b, name)
        both = np.zeros_like(new)
        both[row] = new[row] if name in ("slots", "period_s", "ring_m") else old[row] + new[row]
        made[name] = both
    made["extremes"][row] = _extremes(a.extremes[row], b.extremes[row])
    made["rings"][row] = _coarser(a.rings[row], b.ring_m[row] / a.ring_m[row]) + b.rings[row]
    for which, name in enumerate(("hits", "misses")):  # the places of one half
        fuller = a if a.kept[row, which, 2] > b.kept[row, which, 2] else b
        made[name][row], made["kept"][row, which] = getattr(fuller, name)[row], fuller.kept[row, which]
    silent = [s.quiet[row] for s in (past, now) if row in s.quiet]
    quiet = observing.Quiet(
        count=sum(q.count for q in silent),
        total_s=sum(q.total_s for q in silent),
        longest_s=max((q.longest_s for q in silent), default=0.0),
    )
    jumps = past.jumps.get(row, 0) + now.jumps.get(row, 0)
    return replace(now, tally=store.Tally(**made), quiet={row: quiet}, jumps={row: jumps}, first_s=past.first_s, cut=past.cut or now.cut)


def _extremes(old: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return first and last time, longest gap and farthest step back of both halves."""
    return np.array([np.fmin(old[0], new[0]), np.fmax(old[1], new[1]), max(old[2], new[2]), max(old[3], new[3])])


def _coarser(rings: NDArray[np.int64], times: float) -> NDArray[np.int64]:
    """Return counts by rings (RINGS, 2) so many times as wide: a power of two."""
    out = np.zeros_like(rings)
    step = max(round(times), 1)
    np.add.at(out, np.arange(len(rings)) // step, rings)
    return out

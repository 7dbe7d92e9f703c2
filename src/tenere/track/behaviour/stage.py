"""What is kept of the shown tracks' behaviour, by track number, and their classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.track.behaviour import kernel
from tenere.track.behaviour.table import BINS, EDGES, OF, PRIOR, TABLE

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from tenere.batch import Tracks

EVERY_S = 8.0
"""Tracks are looked at so often: between, their classes stand."""


@dataclass
class State:
    """One row a track, in the order of their numbers."""

    number: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    kept: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, kernel.NKEPT)))
    kind: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    share: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    time_s: float = -np.inf


def step(state: State, tracks: Tracks, time_s: float) -> tuple[State, Tracks]:
    """Take in the tracks at time_s; return them with their kinematic class and its probability. The state given is used up."""
    if abs(time_s - state.time_s) >= EVERY_S:
        _look(state, tracks, time_s)
    return state, known(state, tracks)


def known(state: State, tracks: Tracks) -> Tracks:
    """Return tracks with what was found of them when they were last looked at."""
    if not len(tracks):
        return tracks
    where = np.empty(len(tracks), np.int64)
    kernel.follow(_plain(tracks.number), state.number, where)
    here = where >= 0
    kind, share = np.zeros(len(tracks), np.uint8), np.ones(len(tracks), np.float32)
    kind[here], share[here] = state.kind[where[here]], state.share[where[here]]
    return tracks.replace(kinematic_class=kind, kinematic_probability=share)


def _look(state: State, tracks: Tracks, time_s: float) -> None:
    """Bring features and classes up to date; forget the tracks that are not shown any more."""
    number = _plain(tracks.number)
    order = np.argsort(number, kind="stable") if len(number) and (number[1:] <= number[:-1]).any() else None
    rows = tracks if order is None else tracks.take(order)
    where = np.empty(len(rows), np.int64)
    kernel.follow(_plain(rows.number), state.number, where)
    if len(rows) == len(state.number) and np.array_equal(where, np.arange(len(rows))):
        kept = state.kept
    else:
        kept = np.zeros((len(rows), kernel.NKEPT))
        kept[:, kernel.LAST_S] = -np.inf
        here = where >= 0
        kept[here] = state.kept[where[here]]
    kernel.observe(kernel.Seen(*(_plain(getattr(rows, name)) for name in kernel.Seen._fields)), time_s, kept)
    state.kind, state.share = np.zeros(len(rows), np.uint8), np.ones(len(rows), np.float32)
    kernel.classify(kept, EDGES, BINS, TABLE, PRIOR, OF, state.kind, state.share)
    state.number, state.kept, state.time_s = _plain(rows.number).copy(), kept, time_s


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Return a column as the kernels are compiled for: one piece, and writeable."""
    return values if values.flags.c_contiguous and values.flags.writeable else values.copy()

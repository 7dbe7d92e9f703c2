"""The tracker's memory: one row a live track, in columns that the kernels share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tenere.estimate.imm import M, N

NO_KEY = -1


class Store(NamedTuple):
    """Columns of the live tracks; a row whose alive is 0 is free. C is the capacity."""

    x: np.ndarray  # (C, M, N) state of each model
    p: np.ndarray  # (C, M, N, N) covariance of each model
    mu: np.ndarray  # (C, M) model probabilities
    time_s: np.ndarray  # (C,) time of the state
    alive: np.ndarray  # (C,) u1
    confirmed: np.ndarray  # (C,) u1
    number: np.ndarray  # (C,) i8 track number, 0 until confirmed
    existence: np.ndarray  # (C,)
    hits: np.ndarray  # (C,) i4 plots used
    first_s: np.ndarray  # (C,)
    update_s: np.ndarray  # (C,) time of the last plot used
    gap_s: np.ndarray  # (C,) usual time between plots
    patience_s: np.ndarray  # (C,) how long it may wait for its next plot before it is confirmed
    miss_s: np.ndarray  # (C,) when the next look will have been missed
    key: np.ndarray  # (C,) i8 address or other unique name; NO_KEY none
    mode_a: np.ndarray  # (C,) i8
    mode_a_seen: np.ndarray  # (C,) i8 last code heard, adopted when heard twice
    height: np.ndarray  # (C, 2) pressure altitude and its rate; NaN unknown
    height_var: np.ndarray  # (C, 3)
    height_s: np.ndarray  # (C,) time of the height state
    sensor_track: np.ndarray  # (C,) i8 sensor * 2**32 + the sensor's own track number; -1 none
    position: np.ndarray  # (C, 2) last reported position, to know a repeated report
    look: np.ndarray  # (C,) i8 last look that used it
    chain: np.ndarray  # (C,) i4 next track with the same key hash; -1 last
    kinds: np.ndarray  # (C, 2) u4 PlotKind bits: this epoch, the one before
    sensors: np.ndarray  # (C, 2) u8 sensor bits: this epoch, the one before


def make(capacity: int) -> Store:
    """Return an empty store."""
    c = capacity

    def full(value: float, dtype: type, *shape: int) -> np.ndarray:
        return np.full((c, *shape), value, dtype)

    return Store(
        x=full(0, np.float64, M, N),
        p=full(0, np.float64, M, N, N),
        mu=full(0, np.float64, M),
        time_s=full(np.nan, np.float64),
        alive=full(0, np.uint8),
        confirmed=full(0, np.uint8),
        number=full(0, np.int64),
        existence=full(0, np.float64),
        hits=full(0, np.int32),
        first_s=full(np.nan, np.float64),
        update_s=full(np.nan, np.float64),
        gap_s=full(0, np.float64),
        patience_s=full(0, np.float64),
        miss_s=full(np.inf, np.float64),
        key=full(NO_KEY, np.int64),
        mode_a=full(-1, np.int64),
        mode_a_seen=full(-1, np.int64),
        height=full(np.nan, np.float64, 2),
        height_var=full(0, np.float64, 3),
        height_s=full(np.nan, np.float64),
        sensor_track=full(-1, np.int64),
        position=full(np.nan, np.float64, 2),
        look=full(-1, np.int64),
        chain=full(-1, np.int32),
        kinds=full(0, np.uint32, 2),
        sensors=full(0, np.uint64, 2),
    )


def grow(store: Store, capacity: int) -> Store:
    """Return the same rows with room for more."""
    bigger = make(capacity)
    for old, new in zip(store, bigger, strict=True):
        new[: len(old)] = old
    return bigger

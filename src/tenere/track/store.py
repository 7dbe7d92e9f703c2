"""The tracker's memory: one row a live track, in columns that the kernels share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tenere.estimate.lanes import ROW

NO_KEY = -1

# hot: what finding candidates needs of a track, one cache line
X, Y, VX, VY, POSITION_STD, VELOCITY_STD, TIME, HEIGHT = range(8)


class Store(NamedTuple):
    """Columns of the live tracks; a row whose alive is 0 is free. C is the capacity."""

    row: np.ndarray  # (C, ROW) the filter's models: estimate.lanes
    hot: np.ndarray  # (C, 8) their mean position and velocity, the widest spread of each, its
    # time, and while it is young its height (NaN: not known, or not asked any more)
    together: np.ndarray  # (C,) of TOGETHER: the columns from first_s on are parts of it
    alive: np.ndarray  # (C,) u1
    confirmed: np.ndarray  # (C,) u1
    number: np.ndarray  # (C,) i8 track number, 0 until confirmed
    existence: np.ndarray  # (C,)
    hits: np.ndarray  # (C,) i4 plots used
    first_s: np.ndarray  # (C,)
    update_s: np.ndarray  # (C,) time of the last plot used
    gap_s: np.ndarray  # (C,) f4 usual time between plots
    patience_s: np.ndarray  # (C,) f4 how long it may wait for its next plot before it is confirmed
    miss_s: np.ndarray  # (C,) when the next look will have been missed
    miss_pd: np.ndarray  # (C,) f4 how likely that look would have seen it
    misses: np.ndarray  # (C,) u1 looks missed since the last plot
    key: np.ndarray  # (C,) i8 address or other unique name; NO_KEY none
    mode_a: np.ndarray  # (C,) i2
    mode_a_seen: np.ndarray  # (C,) i2 last code heard, adopted when heard twice
    height: np.ndarray  # (C, 2) f4 pressure altitude and its rate; NaN unknown
    height_var: np.ndarray  # (C, 3) f4
    height_s: np.ndarray  # (C,) time of the height state
    sensor_track: np.ndarray  # (C,) i8 sensor * 2**32 + the sensor's own track number; -1 none
    position: np.ndarray  # (C, 2) last reported position, to know a repeated report
    look: np.ndarray  # (C,) i8 last look that used it
    chain: np.ndarray  # (C,) i4 next track with the same key hash; -1 last
    kinds: np.ndarray  # (C, 2) u4 PlotKind bits: this epoch, the one before
    sensors: np.ndarray  # (C, 2) u8 sensor bits: this epoch, the one before


# what changes with every plot stands together in memory, two cache lines a track; the rest is scanned column by column
TOGETHER = np.dtype(
    [
        ("first_s", "f8"),
        ("update_s", "f8"),
        ("miss_s", "f8"),
        ("height_s", "f8"),
        ("sensor_track", "i8"),
        ("look", "i8"),
        ("position_x", "f8"),
        ("position_y", "f8"),
        ("sensors_now", "u8"),
        ("sensors_before", "u8"),
        ("height_m", "f4"),
        ("climb_ms", "f4"),
        ("height_v0", "f4"),
        ("height_v1", "f4"),
        ("height_v2", "f4"),
        ("gap_s", "f4"),
        ("patience_s", "f4"),
        ("miss_pd", "f4"),
        ("kinds_now", "u4"),
        ("kinds_before", "u4"),
        ("chain", "i4"),
        ("mode_a", "i2"),
        ("mode_a_seen", "i2"),
        ("misses", "u1"),
    ],
    align=True,
)
BLANK = {
    "first_s": np.nan,
    "update_s": np.nan,
    "miss_s": np.inf,
    "height_s": np.nan,
    "sensor_track": -1,
    "look": -1,
    "position_x": np.nan,
    "position_y": np.nan,
    "height_m": np.nan,
    "climb_ms": np.nan,
    "chain": -1,
    "mode_a": -1,
    "mode_a_seen": -1,
}
SIDE_BY_SIDE = {
    "position": ("position_x", 2),
    "sensors": ("sensors_now", 2),
    "kinds": ("kinds_now", 2),
    "height": ("height_m", 2),
    "height_var": ("height_v0", 3),
}


def make(capacity: int) -> Store:
    """Return an empty store."""
    c = capacity
    together = np.zeros(c, TOGETHER)
    for name, value in BLANK.items():
        together[name] = value
    views = {name: together[name] for name in TOGETHER.names or () if name in Store._fields}
    for name, (first, n) in SIDE_BY_SIDE.items():
        column = together[first]
        views[name] = np.lib.stride_tricks.as_strided(column, (c, n), (TOGETHER.itemsize, column.itemsize))
    return Store(
        row=np.zeros((c, ROW)),
        hot=np.zeros((c, 8)),
        together=together,
        alive=np.zeros(c, np.uint8),
        confirmed=np.zeros(c, np.uint8),
        number=np.zeros(c, np.int64),
        existence=np.zeros(c),
        hits=np.zeros(c, np.int32),
        key=np.full(c, NO_KEY, np.int64),
        **views,
    )


def grow(store: Store, capacity: int) -> Store:
    """Return the same rows with room for more."""
    bigger = make(capacity)
    for old, new in zip(store, bigger, strict=True):
        new[: len(old)] = old
    return bigger

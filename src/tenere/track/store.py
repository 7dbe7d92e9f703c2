"""The tracker's memory: one row a live track, in columns that the kernels share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tenere.estimate.lanes import KEPT

NO_KEY = -1

# hot: what finding candidates needs of a track, one cache line
X, Y, VX, VY, POSITION_STD, VELOCITY_STD, TIME, HEIGHT = range(8)


class Store(NamedTuple):
    """Columns of the live tracks; a row whose alive is 0 is free. C is the capacity."""

    row: np.ndarray  # (C, KEPT) f4 the filter's models, positions counted from hot's: estimate.lanes
    hot: np.ndarray  # (C, 8) their mean position and velocity, the widest spread of each, its
    # time, and while it is young its height (NaN: not known, or not asked any more)
    together: np.ndarray  # (C,) of TOGETHER: all columns but the first and the contiguous ones below are parts of it
    alive: np.ndarray  # (C,) u1
    confirmed: np.ndarray  # (C,) u1
    young: np.ndarray  # (C,) u1 whether it has no more plots than grid.YOUNG_HITS
    keyed: np.ndarray  # (C,) u1 whether it has a key
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
    geo_s: np.ndarray  # (C,) time of the height above the ellipsoid, of a track without a pressure altitude
    geo_m: np.ndarray  # (C,) f4 that height; NaN unknown. Its rate and covariance: geo_rate, geo_v0 .. geo_v2 of together
    lift_m: np.ndarray  # (C,) f4 how far the height lies above the pressure altitude; lift_std_m of together: its one-sigma error
    height: np.ndarray  # (C, 2) f4 pressure altitude and its rate; NaN unknown
    height_var: np.ndarray  # (C, 3) f4
    height_s: np.ndarray  # (C,) time of the height state
    rival: np.ndarray  # (C,) u1 whether another track bears its address, so that the address alone does not keep it
    sensor_track: np.ndarray  # (C,) i8 sensor * 2**32 + the sensor's own track number; -1 none
    position: np.ndarray  # (C, 2) last reported position, to know a repeated report
    look: np.ndarray  # (C,) i8 last look that used it
    slot: np.ndarray  # (C,) i4 its slot in the look that is processed; -1 none
    chain: np.ndarray  # (C,) i4 next track with the same key hash; -1 last
    kinds: np.ndarray  # (C, 2) u4 PlotKind bits: this epoch, the one before
    sensors: np.ndarray  # (C, 2) u8 sensor bits: this epoch, the one before


# what the kernels touch of a track stands together in memory, a cache line after the other: what finding candidates needs,
# what every plot changes, what most plots change, the rest. No line holds two tracks, so that two cores never wait for one.
LINE = 64
LINES = (
    {
        "x_m": "f8",
        "y_m": "f8",
        "vx_ms": "f8",
        "vy_ms": "f8",
        "position_std_m": "f8",
        "velocity_std_ms": "f8",
        "time_s": "f8",
        "young_height_m": "f8",
    },
    {
        "existence": "f8",
        "look": "i8",
        "update_s": "f8",
        "key": "i8",
        "sensors_now": "u8",
        "gap_s": "f4",
        "hits": "i4",
        "slot": "i4",
        "chain": "i4",
        "kinds_now": "u4",
        "misses": "u1",
        "rival": "u1",
        "trend": "u1",
        "height_marks": "u1",
    },
    {
        "miss_s": "f8",
        "position_x": "f8",
        "position_y": "f8",
        "sensor_track": "i8",
        "height_s": "f8",
        "height_m": "f4",
        "climb_ms": "f4",
        "height_v0": "f4",
        "height_v1": "f4",
        "height_v2": "f4",
        "miss_pd": "f4",
    },
    {
        "first_s": "f8",
        "sensors_before": "u8",
        "geo_s": "f8",
        "kinds_before": "u4",
        "patience_s": "f4",
        "geo_m": "f4",
        "geo_rate": "f4",
        "geo_v0": "f4",
        "geo_v1": "f4",
        "geo_v2": "f4",
        "lift_m": "f4",
        "lift_std_m": "f4",
        "mode_a": "i2",
        "mode_a_seen": "i2",
    },
)


def _laid_out() -> np.dtype[Any]:
    """Return the record of LINES, each field at a multiple of its size, each line at a multiple of LINE."""
    names: list[str] = []
    kinds: list[str] = []
    offsets: list[int] = []
    for i, line in enumerate(LINES):
        at = i * LINE
        for name, kind in line.items():
            names.append(name)
            kinds.append(kind)
            offsets.append(at)
            at += np.dtype(kind).itemsize
        assert at <= (i + 1) * LINE
    return np.dtype({"names": names, "formats": kinds, "offsets": offsets, "itemsize": LINE * len(LINES)})


TOGETHER = _laid_out()
BLANK = {
    "first_s": np.nan,
    "update_s": np.nan,
    "miss_s": np.inf,
    "height_s": np.nan,
    "sensor_track": -1,
    "look": -1,
    "position_x": np.nan,
    "position_y": np.nan,
    "geo_s": np.nan,
    "geo_m": np.nan,
    "geo_v0": np.nan,
    "lift_std_m": 150.0,
    "height_m": np.nan,
    "climb_ms": np.nan,
    "chain": -1,
    "slot": -1,
    "key": NO_KEY,
    "mode_a": -1,
    "mode_a_seen": -1,
}
SIDE_BY_SIDE = {
    "hot": ("x_m", "y_m", 8),
    "position": ("position_x", "position_y", 2),
    "sensors": ("sensors_now", "sensors_before", 2),
    "kinds": ("kinds_now", "kinds_before", 2),
    "height": ("height_m", "climb_ms", 2),
    "height_var": ("height_v0", "height_v1", 3),
}


def in_lines(n: int, dtype: np.dtype[Any]) -> np.ndarray:
    """Return n zeros of a type, the first at the beginning of a cache line."""
    held = np.zeros(n * dtype.itemsize + LINE, np.uint8)
    first = -held.ctypes.data % LINE
    return held[first : first + n * dtype.itemsize].view(dtype)


def make(capacity: int) -> Store:
    """Return an empty store."""
    c = capacity
    together = in_lines(c, TOGETHER)
    for name, value in BLANK.items():
        together[name] = value
    views = {name: together[name] for name in TOGETHER.names or () if name in Store._fields}
    for name, (first, second, n) in SIDE_BY_SIDE.items():
        step = together[second].ctypes.data - together[first].ctypes.data
        views[name] = np.lib.stride_tricks.as_strided(together[first], (c, n), (TOGETHER.itemsize, step))
    return Store(
        row=in_lines(c * KEPT, np.dtype(np.float32)).reshape(c, KEPT),
        together=together,
        alive=np.zeros(c, np.uint8),
        confirmed=np.zeros(c, np.uint8),
        young=np.zeros(c, np.uint8),
        keyed=np.zeros(c, np.uint8),
        number=np.zeros(c, np.int64),
        **views,
    )


def grow(store: Store, capacity: int) -> Store:
    """Return the same rows with room for more."""
    bigger = make(capacity)
    for old, new in zip(store, bigger, strict=True):
        new[: len(old)] = old
    return bigger

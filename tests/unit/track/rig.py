"""Small stores, plots and sensors for the tests of the kernels."""

import filter_reference as slow
import numpy as np

from tenere.estimate import lanes, motion
from tenere.track import grid, store, work

GATES = {"GATE": 13.8, "GATE_KEY": 40.0, "SPEED_VAR": 130.0**2, "USE_KEY": 1, "USE_MODE_A": 1, "USE_TRACK": 1, "USE_HEIGHT": 1}


def rng_of(*seed):
    return np.random.Generator(np.random.PCG64(list(seed)))


def figures(config=slow.DEFAULT):
    """Return what the kernels know of how aircraft move: the figures, then the models' shares."""
    return np.concatenate([motion.figures(config), motion.shares(config)]).astype(np.float32)


def settings(**values):
    """Return the tracker's figures for the kernels."""
    out = np.zeros(work.NCFG)
    for name, value in {**GATES, "MAX_TRACKS": 1 << 20, "LIFETIME": 1800.0, **values}.items():
        out[getattr(work, name)] = value
    return out


def sensor(**values):
    """Return a sensor's figures: a radar of 4 s and 100 km at the origin."""
    base = {"DETECTION": 0.9, "FALSE_PLOTS": 20.0, "BIRTH_M2": 1e-12, "PERIOD_S": 4.0, "SCANNING": 1.0, "FROZEN": 1.0, "RANGE_M": 100e3}
    out = np.zeros(work.NFIGURES)
    for name, value in {**base, **values}.items():
        out[getattr(work, name)] = value
    return out


def measured(z, **columns):
    """Return plots at z (n, 2) that say nothing else but what columns say. std_m: of their positions."""
    z = np.array(z, float).reshape(-1, 2)
    n, std = len(z), columns.pop("std_m", 50.0)
    r = np.repeat(np.array([[std**2, 0.0, std**2]]), n, axis=0)
    base = {
        "time_s": np.zeros(n), "z": z, "r": r, "vel": np.full((n, 3), np.nan), "radial": np.full((n, 4), np.nan),
        "height": np.full(n, np.nan), "key": np.full(n, -1), "mode_a": np.full(n, -1), "sensor": np.zeros(n, np.int64),
        "sensor_track": np.full(n, -1), "kind": np.ones(n, np.int64), "own_position": np.zeros(n, np.uint8),
        "sight": np.full((n, 6), np.nan), "echo": np.zeros(n),
    }  # fmt: skip
    for name, value in columns.items():
        base[name] = np.array(np.broadcast_to(value, base[name].shape), base[name].dtype, order="C")  # writeable, as the stage's are
    return work.Measured(**base)


def room(capacity=256, slots=256, edges=4096):
    """Return an empty store, its scratch and counters."""
    return store.make(capacity), work.make_work(capacity, slots, edges), np.zeros(work.NBOOK, np.int64)


def put(s, i, row):
    """Keep a row (ROW,), whose positions are in the plane, as the store does: from where hot says the track is."""
    kept = np.zeros(lanes.KEPT)
    kept[: lanes.ROW] = row
    for j in range(motion.M):
        kept[j * lanes.MODEL : j * lanes.MODEL + 2] -= s.hot[i, :2]
    s.row[i] = kept


def kept(s, i):
    """Return what `put` keeps, in the plane again."""
    row = s.row[i, : lanes.ROW].astype(float)
    for j in range(motion.M):
        row[j * lanes.MODEL : j * lanes.MODEL + 2] += s.hot[i, :2]
    return row


def settle(s, book, rows, time_s=0.0, **columns):
    """Make a live track of each row (n, ROW), whose mean and spread hot takes from the row."""
    n = len(rows)
    book[work.HIGH] = n
    s.alive[:n] = s.confirmed[:n] = 1
    s.number[:n] = np.arange(n) + 1
    s.existence[:n], s.gap_s[:n], s.hits[:n] = 0.99, 4.0, 10
    s.first_s[:n], s.update_s[:n] = time_s - 100.0, time_s
    s.miss_s[:n], s.patience_s[:n] = time_s + 1e6, 1e6
    for i, row in enumerate(rows):
        x, p, mu = slow.unpack(row)
        mean, spread = slow.moments(x[:, :4], p[:, :4, :4], mu)
        s.hot[i, :4], s.hot[i, store.TIME] = mean, time_s
        s.hot[i, store.POSITION_STD] = np.sqrt(np.linalg.eigvalsh(spread[:2, :2])[-1])
        s.hot[i, store.VELOCITY_STD] = np.sqrt(np.linalg.eigvalsh(spread[2:, 2:])[-1])
        put(s, i, row)
    for name, value in columns.items():
        getattr(s, name)[:n] = value
    s.keyed[:n] = s.key[:n] >= 0
    s.young[:n] = s.hits[:n] <= grid.YOUNG_HITS

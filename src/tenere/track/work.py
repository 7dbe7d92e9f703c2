"""What the kernels read and scratch: the tick's plots, the sensors' figures, the counters, the working arrays."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tenere.estimate.imm import M, N

# cfg: figures of the tracker
GATE, GATE_KEY, SPEED_VAR, USE_KEY, USE_MODE_A, USE_TRACK, USE_HEIGHT, MAX_TRACKS = range(8)
# look: figures of the sensor
DETECTION, CLUTTER_M2, BIRTH_M2, GAP_S = range(4)
# book: counters
HIGH, FREE, NEXT_LOOK, LATE, FULL, REPEATED, OUTLIER = range(7)
NBOOK = 8


class Measured(NamedTuple):
    """The plots of a tick, placed: what the kernels read. n rows, in the order of processing."""

    time_s: np.ndarray
    z: np.ndarray  # (n, 2) position in the plane
    r: np.ndarray  # (n, 3) its covariance xx, xy, yy
    vel: np.ndarray  # (n, 3) velocity and its variance; NaN none
    height: np.ndarray  # (n,) pressure altitude; NaN none
    key: np.ndarray  # (n,) i8
    mode_a: np.ndarray  # (n,) i8
    sensor: np.ndarray  # (n,) i8
    sensor_track: np.ndarray  # (n,) i8
    kind: np.ndarray  # (n,) i8
    own_position: np.ndarray  # (n,) u1: 1 the aircraft reports its position itself
    sight: np.ndarray  # (n, 6) of a plot placed by a guessed height: unit vector from the sensor, slant range, sensor's
    # height, the guess, range error; NaN where it has a height


class Work(NamedTuple):
    """Scratch of the kernels, kept between ticks."""

    slot_of: np.ndarray  # (C,) i4 slot of a track in this look; -1 none
    slot_track: np.ndarray  # (K,) i4
    x: np.ndarray  # (K, M, N)
    p: np.ndarray  # (K, M, N, N)
    mu: np.ndarray  # (K, M)
    mat: np.ndarray  # (4, 5, 5)
    mat2: np.ndarray  # (4, 5, 5)
    head: np.ndarray  # (H + 1,) i4 start of each grid bucket
    order: np.ndarray  # (C,) i4 tracks by bucket
    bucket: np.ndarray  # (C,) i4
    key_head: np.ndarray  # (H,) i4 first track of each key bucket
    free: np.ndarray  # (C,) i4 stack of free rows
    e_slot: np.ndarray  # (E,) i4
    e_plot: np.ndarray  # (E,) i4
    e_psi: np.ndarray  # (E,)
    e_like: np.ndarray  # (E, M)
    e_z: np.ndarray  # (E, 2) the plot's position as this track's height places it
    e_r: np.ndarray  # (E, 3) its covariance
    e_nu: np.ndarray  # (E,)
    e_phi: np.ndarray  # (E,)


def make_work(capacity: int, slots: int, edges: int) -> Work:
    """Return scratch for this many tracks, candidates and edges in one look."""
    buckets = 1 << max(8, math.ceil(math.log2(capacity)))
    return Work(
        slot_of=np.full(capacity, -1, np.int32),
        slot_track=np.zeros(slots, np.int32),
        x=np.zeros((slots, M, N)),
        p=np.zeros((slots, M, N, N)),
        mu=np.zeros((slots, M)),
        mat=np.zeros((4, 5, 5)),
        mat2=np.zeros((4, 5, 5)),
        head=np.zeros(buckets + 1, np.int32),
        order=np.zeros(capacity, np.int32),
        bucket=np.zeros(capacity, np.int32),
        key_head=np.full(buckets, -1, np.int32),
        free=np.zeros(capacity, np.int32),
        e_slot=np.zeros(edges, np.int32),
        e_plot=np.zeros(edges, np.int32),
        e_psi=np.zeros(edges),
        e_like=np.zeros((edges, M)),
        e_z=np.zeros((edges, 2)),
        e_r=np.zeros((edges, 3)),
        e_nu=np.zeros(edges),
        e_phi=np.zeros(edges),
    )

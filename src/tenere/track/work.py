"""What the kernels read and scratch: the tick's plots, the sensors' figures, the counters, the working arrays."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tenere.estimate import lanes
from tenere.estimate.lanes import BLOCK, LANES
from tenere.estimate.motion import M

# cfg: figures of the tracker
GATE, GATE_KEY, SPEED_VAR, USE_KEY, USE_MODE_A, USE_TRACK, USE_HEIGHT, MAX_TRACKS, LIFETIME = range(9)
NCFG = 9
# figures of a sensor
DETECTION, FALSE_PLOTS, BIRTH_M2, PERIOD_S, SCANNING, FROZEN, SENSOR_X, SENSOR_Y, RANGE_M = range(9)
NFIGURES = 9
# book: counters
HIGH, FREE, NEXT_LOOK, LATE, FULL, REPEATED, OUTLIER, CROWDED, BIGGEST = range(9)
NBOOK = 9
COUNTED = (LATE, FULL, REPEATED, OUTLIER, CROWDED)

RINGS, SECTORS = 8, 16
CHUNK = 16  # plots whose memory is asked for at once
CELLS = RINGS * SECTORS
"""A sensor's clutter map: rings of equal width out to its range, sectors of equal angle."""
REVISIT_CELLS = 1 << 14


class Measured(NamedTuple):
    """The plots of a tick, placed: what the kernels read. n rows, in the order of processing."""

    time_s: np.ndarray
    z: np.ndarray  # (n, 2) position in the plane
    r: np.ndarray  # (n, 3) its covariance xx, xy, yy
    vel: np.ndarray  # (n, 3) velocity and its variance; NaN none
    radial: np.ndarray  # (n, 4) unit vector from the sensor, radial speed away from it, its variance; NaN none
    height: np.ndarray  # (n,) pressure altitude; NaN none
    key: np.ndarray  # (n,) i8
    mode_a: np.ndarray  # (n,) i8
    sensor: np.ndarray  # (n,) i8
    sensor_track: np.ndarray  # (n,) i8
    kind: np.ndarray  # (n,) i8
    own_position: np.ndarray  # (n,) u1: 1 the aircraft reports its position itself
    sight: np.ndarray  # (n, 6) of a plot placed by a guessed height: unit vector from the sensor, slant range, sensor's
    # height, the guess, range error; NaN where it has a height
    echo: np.ndarray  # (n,) density (1/m2) of false plots that tenere.track.echoes expects there


class Work(NamedTuple):
    """Scratch of the kernels, kept between ticks. K slots: tracks that a look's plots may belong to. E edges: such pairs."""

    slot_track: np.ndarray  # (K,) i4
    slot_s: np.ndarray  # (K,) the time it is predicted to
    slot_dt: np.ndarray  # (K,) how far that is ahead of its state
    slot_r: np.ndarray  # (K,) its existence at that time
    slot_hard: np.ndarray  # (K,) i4 the edge that its address gave it; -1 none
    slot_edges: np.ndarray  # (K + 1,) i4 where its edges start in by_slot
    parent: np.ndarray  # (K,) i4 of the clusters' forest
    ahead: np.ndarray  # (K / LANES, BLOCK) f4 the slots' predicted models
    gate: np.ndarray  # (K, M, 6) f4 of each predicted model its position, its covariance of position, its probability
    block: np.ndarray  # (BLOCK,) f4
    dt: np.ndarray  # (LANES,) f4
    fits: np.ndarray  # (8 * LANES,)
    fit_d2: np.ndarray  # (LANES,)
    fit_like: np.ndarray  # (LANES,)
    gain: np.ndarray  # (9 * LANES,) f4
    mean: np.ndarray  # (14 * LANES,) f4
    lanes: lanes.Scratch
    head: np.ndarray  # (2 H + 1,) i4 start of each grid bucket: of the tracks in full, then of the young ones
    order: np.ndarray  # (C,) i4 tracks by bucket
    spot: np.ndarray  # (C, 4) f4 where each of them is at the grid's time, and how far from there its plots may lie (grid.reach_of)
    bucket: np.ndarray  # (C,) i4 bucket of each live track, in the order of rows
    here: np.ndarray  # (C, 4) f4 its spot
    live: np.ndarray  # (C,) i4 its row
    stretches: np.ndarray  # (CHUNK, 6, 2) i4 where in order the tracks near each plot of a chunk begin and end
    key_head: np.ndarray  # (2, H) i4 first track of each key bucket, of each side's tracks
    free: np.ndarray  # (C,) i4 stack of free rows
    part: np.ndarray  # (1,) i8 the side whose looks are processed: -1 both
    side: np.ndarray  # (C,) u1 the side of the slice's cut that each track is on
    cut: np.ndarray  # (2,) axis and place of that cut: regions
    by_slot: np.ndarray  # (E,) i4 edges in the order of their slots
    e_slot: np.ndarray  # (E,) i4
    e_plot: np.ndarray  # (E,) i4
    e_psi: np.ndarray  # (E,)
    e_like: np.ndarray  # (E, M)
    e_z: np.ndarray  # (E, 2) the plot's position as this track's height and time place it, from where its row counts
    e_r: np.ndarray  # (E, 3) its covariance
    e_nu: np.ndarray  # (E,)
    e_phi: np.ndarray  # (E,)
    revisit: np.ndarray  # (REVISIT_CELLS, 2) of tenere.track.revisit: how often aircraft are seen where


def make_work(capacity: int, slots: int, edges: int) -> Work:
    """Return scratch for this many tracks, candidates and edges in one look."""
    buckets = 1 << max(8, math.ceil(math.log2(capacity)) - 1)
    slots = -(-slots // LANES) * LANES
    return Work(
        slot_track=np.zeros(slots, np.int32),
        slot_s=np.zeros(slots),
        slot_dt=np.zeros(slots),
        slot_r=np.zeros(slots),
        slot_hard=np.full(slots, -1, np.int32),
        slot_edges=np.zeros(slots + 1, np.int32),
        parent=np.zeros(slots, np.int32),
        ahead=np.zeros((slots // LANES, BLOCK), np.float32),
        gate=np.zeros((slots, M, 6), np.float32),
        block=np.zeros(BLOCK, np.float32),
        dt=np.zeros(LANES, np.float32),
        fits=np.zeros(8 * LANES),
        fit_d2=np.zeros(LANES),
        fit_like=np.zeros(LANES),
        gain=np.zeros(9 * LANES, np.float32),
        mean=np.zeros(14 * LANES, np.float32),
        lanes=lanes.scratch(),
        head=np.zeros(2 * buckets + 1, np.int32),
        order=np.zeros(capacity, np.int32),
        spot=np.zeros((capacity, 4), np.float32),
        bucket=np.zeros(capacity, np.int32),
        here=np.zeros((capacity, 4), np.float32),
        live=np.zeros(capacity, np.int32),
        stretches=np.zeros((CHUNK, 6, 2), np.int32),
        key_head=np.full((2, buckets), -1, np.int32),
        free=np.zeros(capacity, np.int32),
        part=np.full(1, -1, np.int64),
        side=np.zeros(capacity, np.uint8),
        cut=np.array([-1.0, 0.0]),
        by_slot=np.zeros(edges, np.int32),
        e_slot=np.zeros(edges, np.int32),
        e_plot=np.zeros(edges, np.int32),
        e_psi=np.zeros(edges),
        e_like=np.zeros((edges, M)),
        e_z=np.zeros((edges, 2)),
        e_r=np.zeros((edges, 3)),
        e_nu=np.zeros(edges),
        e_phi=np.zeros(edges),
        revisit=np.zeros((REVISIT_CELLS, 2)),
    )


def twin(w: Work) -> Work:
    """Return scratch of its own for one side's looks; the grid, the chains of keys and what is kept of each track are w's."""
    own = make_work(1, len(w.slot_track), len(w.e_slot))
    shared = ("head", "order", "spot", "bucket", "here", "live", "key_head", "side", "cut", "revisit")
    return own._replace(free=np.zeros_like(w.free), **{name: getattr(w, name) for name in shared})

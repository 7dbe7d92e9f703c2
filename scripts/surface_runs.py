"""Two recordings of one airport brought together: reading them, running the tracker, and the reference as a function of time."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere import track
from tenere.batch import NOT_LIVE, PlotFlag, Plots, Status, SystemTracks
from tenere.feeds.files import open_recording
from tenere.wire import format as formats

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.geo.plane import Plane
    from tenere.site import SensorConfig

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

REFERENCE_GAP_S = 3.0
"""Between reports farther apart than this the reference is not known."""
CELL_M = 100.0


class Recording(NamedTuple):
    """One file: its plots, and the sensor as a site file would have it."""

    sensor: SensorConfig
    plots: Plots


class Run(NamedTuple):
    """What the tracker made: one row a track and tick, and the track of each plot of each recording."""

    tick: I64
    number: I64
    x_m: F64
    y_m: F64
    std_m: F64
    address: I64
    used: list[NDArray[np.int64]]


class Reference(NamedTuple):
    """Where each address was at each tick, by its own reports: one row an address and tick."""

    tick: I64
    address: I64
    x_m: F64
    y_m: F64
    vx_ms: F64
    vy_ms: F64
    vehicle: NDArray[np.bool_]


def read(path: Path, name: str) -> Plots:
    """Decode a recording of target reports."""
    feed = open_recording(path, name)
    chosen = formats.load(feed.format)
    return chosen.step(chosen.init(formats.SourceHint()), feed.chunk, float(feed.chunk.times_s[0]))[1].plots


def run(recordings: list[Recording], config: track.TrackConfig, plane: Plane) -> Run:
    """Run the tracker over the recordings together, a tick a second."""
    sensors = tuple(r.sensor for r in recordings)
    state = track.init(config, sensors, (plane.lat0_rad, plane.lon0_rad))
    ticks = [np.floor(np.maximum.accumulate(r.plots.time_s)).astype(np.int64) for r in recordings]
    every = np.arange(min(t[0] for t in ticks), max(t[-1] for t in ticks) + 1)
    starts = [np.searchsorted(t, np.append(every, every[-1] + 1)) for t in ticks]
    rows, used = [], [[] for _ in recordings]
    for k, second in enumerate(every.tolist()):
        heard = [
            track.Heard(r.sensor.source, r.plots.take(slice(s[k], s[k + 1])), SystemTracks.blank(), Status.blank())
            for r, s in zip(recordings, starts, strict=True)
        ]
        state, out = track.step(state, heard, second + 1.0, 1.0)
        t = out.tracks
        std = np.sqrt(np.maximum(t.var_xx_m2 + t.var_yy_m2, 0.0))
        rows.append((np.full(len(t), second + 1), t.number.astype(np.int64), t.x_m, t.y_m, std, t.address.astype(np.int64)))
        at = 0
        for mine, h in zip(used, heard, strict=True):
            mine.append(out.plot_tracks[at : at + len(h.plots)])
            at += len(h.plots)
    columns = [np.concatenate(c) for c in zip(*rows, strict=True)]
    return Run(*columns, [np.concatenate(u) for u in used])


def reference(plots: Plots, sensor: SensorConfig, plane: Plane) -> Reference:
    """Interpolate the reports of each address that are on the ground, live and placed to whole seconds."""
    live = (plots.flags & int(NOT_LIVE)) == 0
    keep = live & np.isfinite(plots.x_m) & (plots.address > 0)
    p = plots.take(keep)
    x, y = to_plane(p.x_m, p.y_m, sensor, plane)
    ground = (p.flags & int(PlotFlag.ON_GROUND)) != 0
    vehicle = (p.flags & int(PlotFlag.VEHICLE)) != 0
    out = []
    for address in np.unique(p.address):
        rows = np.flatnonzero(p.address == address)
        rows = rows[np.argsort(p.time_s[rows], kind="stable")]
        t = p.time_s[rows]
        seconds = np.arange(math.ceil(t[0]), math.floor(t[-1]) + 1)
        j = np.clip(np.searchsorted(t, seconds), 1, max(len(t) - 1, 1)) if len(t) > 1 else np.zeros(0, int)
        if not len(j):
            continue
        gap = t[j] - t[j - 1]
        known = (gap <= REFERENCE_GAP_S) & (gap > 0.0) & ground[rows[j]] & ground[rows[j - 1]]
        j, gap, seconds = j[known], gap[known], seconds[known]
        f = (seconds - t[j - 1]) / gap
        a, b = rows[j - 1], rows[j]
        out.append(
            (
                seconds,
                np.full(len(j), address, np.int64),
                x[a] + f * (x[b] - x[a]),
                y[a] + f * (y[b] - y[a]),
                (x[b] - x[a]) / gap,
                (y[b] - y[a]) / gap,
                vehicle[b],
            )
        )
    return Reference(*(np.concatenate(c) for c in zip(*out, strict=True)))


def to_plane(x_m: F64, y_m: F64, sensor: SensorConfig, plane: Plane) -> tuple[F64, F64]:
    """Return local Cartesian positions about a sensor (east and north of it) in the plane: near an airport a shift and a turn."""
    lat, lon = math.radians(sensor.lat_deg), math.radians(sensor.lon_deg)
    x0, y0 = plane.forward(lat, lon)
    x1, y1 = plane.forward(lat + 1e-5, lon)
    turn = math.atan2(float(x1 - x0), float(y1 - y0))
    s, c = math.sin(turn), math.cos(turn)
    return float(x0) + x_m * c + y_m * s, float(y0) - x_m * s + y_m * c


def vote(smr: tuple[F64, F64, F64], other: Reference) -> tuple[float, float, int]:
    """Find the shift (m) that brings most of the surface radar's plots (tick, x, y) onto the reference: a vote over all pairs of a second.

    Votes fall in cells of 20 m; returned is the mean of the pairs about the fullest, and how many they are.
    """
    t, x, y = smr
    order = np.argsort(other.tick, kind="stable")
    tick = other.tick[order]
    near = np.hypot(other.vx_ms, other.vy_ms)[order] > 3.0
    dx, dy = [], []
    a, b = np.searchsorted(tick, t), np.searchsorted(tick, t, side="right")
    for k in range(len(t)):
        rows = order[a[k] : b[k]][near[a[k] : b[k]]]
        dx.append(other.x_m[rows] - x[k])
        dy.append(other.y_m[rows] - y[k])
    dxs, dys = np.concatenate(dx), np.concatenate(dy)
    edges = np.arange(-5000.0, 5001.0, 20.0)
    count = np.histogram2d(dxs, dys, bins=(edges, edges))[0]
    i, j = np.unravel_index(np.argmax(count), count.shape)
    close = (abs(dxs - edges[i] - 10.0) < 30.0) & (abs(dys - edges[j] - 10.0) < 30.0)
    return float(dxs[close].mean()), float(dys[close].mean()), int(close.sum())


def rows_of_ticks(tick: I64) -> dict[int, NDArray[np.int64]]:
    """Return the rows of each tick."""
    order = np.argsort(tick, kind="stable")
    values, first = np.unique(tick[order], return_index=True)
    ends = np.append(first[1:], len(order))
    return {int(v): order[a:b] for v, a, b in zip(values, first, ends, strict=True)}


def segments(ticks: I64, gap: int) -> list[tuple[int, int]]:
    """Return first and last of the runs of ascending ticks without a gap over so many."""
    cut = np.flatnonzero(np.diff(ticks) > gap) + 1
    bounds = [0, *cut.tolist(), len(ticks)]
    return [(int(ticks[a]), int(ticks[b - 1])) for a, b in pairwise(bounds)]

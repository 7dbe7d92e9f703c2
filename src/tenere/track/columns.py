"""From the plots of a tick to what the kernels read, in the order of processing; and from a plot's words to its track's. Numba kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from tenere.batch import NOT_LIVE, PlotFlag, PlotKind
from tenere.track.place import FRAME_M
from tenere.track.work import Measured

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Plots, Tracks

ASIDE = int(NOT_LIVE)
NO_CODE = int(PlotFlag.MODE_A_GARBLED | PlotFlag.MODE_A_INVALID)
NO_HEIGHT = int(PlotFlag.HEIGHT_GARBLED | PlotFlag.HEIGHT_INVALID)
GROUND, SPI = int(PlotFlag.ON_GROUND), int(PlotFlag.SPI)
ADSB, REMOTE_ID, TISB, ADSR = int(PlotKind.ADSB), int(PlotKind.REMOTE_ID), int(PlotKind.TISB), int(PlotKind.ADSR)
CALLSIGN, REMOTE_WORDS = 8, 5


def plain(values: NDArray[Any]) -> NDArray[Any]:
    """Return a column as the kernels are compiled for: one piece, and writeable."""
    return values if values.flags.c_contiguous and values.flags.writeable else values.copy()


def altitudes_of(numbers: NDArray[np.int64], tracks: Tracks) -> NDArray[np.float64]:
    """Return the pressure altitudes (m) of our own tracks of these numbers (n,); NaN where there is no such track, or it has none."""
    own = np.flatnonzero(tracks.source < 0)
    if len(own) > 1 and (np.diff(tracks.number[own].astype(np.int64)) < 0).any():
        own = own[np.argsort(tracks.number[own], kind="stable")]
    known = tracks.number[own].astype(np.int64)
    if not len(known) or not len(numbers):
        return np.full(len(numbers), np.nan)
    at = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
    return np.where(known[at] == numbers, tracks.pressure_altitude_m[own[at]], np.nan)


def words(values: NDArray[np.bytes_]) -> NDArray[Any]:
    """Return a column of texts as whole numbers: S8 as (n,) i8, S20 as (n, 5) u4; all nought where there is no text."""
    held = plain(values)
    return held.view(np.int64) if held.dtype.itemsize == CALLSIGN else held.view(np.uint32).reshape(-1, REMOTE_WORDS)


class Raw(NamedTuple):
    """The columns of Plots that the kernels here read, n rows."""

    time_s: np.ndarray
    flags: np.ndarray
    sensor: np.ndarray
    kind: np.ndarray
    pressure_altitude_m: np.ndarray
    address: np.ndarray
    mode_a: np.ndarray
    source_track: np.ndarray
    aircraft_class: np.ndarray
    emergency: np.ndarray


def raw(plots: Plots) -> Raw:
    """Return the plots' columns as the kernels are compiled for."""
    return Raw(*(plain(getattr(plots, name)) for name in Raw._fields))


@njit(cache=True)
def choose(p: Raw, ok: np.ndarray, now_s: float, span_s: float) -> tuple[np.ndarray, int, int, int]:
    """Return the rows of the plots that may be tracked; how many are not live, are out of time, are without a position."""
    n = len(ok)
    rows = np.empty(n, np.int64)
    k = aside = untimely = nowhere = 0
    for q in range(n):
        live = p.flags[q] & ASIDE == 0
        timely = abs(p.time_s[q] - now_s) < span_s
        aside += not live
        untimely += not timely
        nowhere += not ok[q]
        if live and timely and ok[q]:
            rows[k] = q
            k += 1
    return rows[:k], aside, untimely, nowhere


@njit(cache=True)
def ordered(p: Raw, rows: np.ndarray, now_s: float, slice_s: float, sensors: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort plots by slice of time, sensor, time and place in the batch; return them, each look's bounds (L + 1,) and its slice (L,).

    rows (n,): those to sort, ascending. A look: the plots of one sensor in one slice, counted from now_s on.
    """
    n = len(rows)
    part = np.empty(n, np.int64)
    low, high = 0, 0
    for c in range(n):
        part[c] = math.floor((p.time_s[rows[c]] - now_s) / slice_s)
        low = part[c] if c == 0 else min(low, part[c])
        high = part[c] if c == 0 else max(high, part[c])
    start = np.zeros((high - low + 1) * sensors + 1, np.int64)
    looks = 0
    for c in range(n):
        part[c] = (part[c] - low) * sensors + p.sensor[rows[c]]
        looks += start[part[c] + 1] == 0
        start[part[c] + 1] += 1
    starts, slices = np.zeros(looks + 1, np.int64), np.empty(looks, np.int64)
    k = 0
    for g in range(len(start) - 1):
        if start[g + 1] > 0:
            starts[k + 1] = starts[k] + start[g + 1]
            slices[k] = low + g // sensors
            k += 1
        start[g + 1] += start[g]
    out = np.empty(n, np.int64)
    for c in range(n):
        out[start[part[c]]] = rows[c]
        start[part[c]] += 1
    for k in range(looks):
        a, b = starts[k], starts[k + 1]
        for c in range(a + 1, b):
            if p.time_s[out[c]] < p.time_s[out[c - 1]]:
                times = np.empty(b - a)
                for d in range(a, b):
                    times[d - a] = p.time_s[out[d]]
                out[a:b] = out[a:b][np.argsort(times, kind="mergesort")]
                break
    return out, starts, slices


@njit(cache=True)
def laid_out(
    p: Raw,
    rows: np.ndarray,
    remote: np.ndarray,
    frame: np.ndarray,
    z: np.ndarray,
    r: np.ndarray,
    vel: np.ndarray,
    radial: np.ndarray,
    sight: np.ndarray,
) -> tuple[Measured, int]:
    """Return the plots of rows as the tracker reads them, and how many are named by a Remote ID alone: their keys are still to be given.

    remote: words of the Remote IDs; frame, z, r, vel, radial, sight: of tenere.track.place.Placed. All of the whole batch.
    """
    n = len(rows)
    m = Measured(
        np.empty(n),
        np.empty((n, 2)),
        np.empty((n, 3)),
        np.empty((n, 3)),
        np.empty((n, 4)),
        np.empty(n),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.uint8),
        np.empty((n, 6)),
        np.zeros(n),
    )
    # arrays are taken out of their tuples first: in a loop each access would count a reference
    time_s, m_z, m_r, m_vel, m_radial, height, key, mode_a = m.time_s, m.z, m.r, m.vel, m.radial, m.height, m.key, m.mode_a
    sensor, sensor_track, kinds, own, m_sight = m.sensor, m.sensor_track, m.kind, m.own_position, m.sight
    p_time, p_flags, p_sensor, p_kind, p_height = p.time_s, p.flags, p.sensor, p.kind, p.pressure_altitude_m
    p_address, p_mode_a, p_track = p.address, p.mode_a, p.source_track
    named = 0
    for c in range(n):
        q = rows[c]
        flags, kind = p_flags[q], np.int64(p_kind[q])
        time_s[c] = p_time[q]
        m_z[c, 0], m_z[c, 1] = z[q, 0] + frame[q] * FRAME_M, z[q, 1]
        for d in range(3):
            m_r[c, d], m_vel[c, d] = r[q, d], vel[q, d]
        for d in range(4):
            m_radial[c, d] = radial[q, d]
        for d in range(6):
            m_sight[c, d] = sight[q, d]
        height[c] = p_height[q] if flags & NO_HEIGHT == 0 else math.nan
        key[c] = p_address[q] if p_address[q] > 0 else -1
        if key[c] < 0:
            for d in range(REMOTE_WORDS):
                if remote[q, d] != 0:
                    named += 1
                    break
        mode_a[c] = p_mode_a[q] if flags & NO_CODE == 0 else -1
        sensor[c] = p_sensor[q]
        sensor_track[c] = (sensor[c] << 32) | np.int64(p_track[q]) if p_track[q] >= 0 else -1
        kinds[c] = kind
        own[c] = kind == ADSB or kind == REMOTE_ID or kind == TISB or kind == ADSR  # noqa: PLR1714 - a set would be built each time
    return m, named


@njit(cache=True)
def adopt(
    p: Raw,
    callsign: np.ndarray,
    remote: np.ndarray,
    rows: np.ndarray,
    tracks: np.ndarray,
    callsigns: np.ndarray,
    remotes: np.ndarray,
    classes: np.ndarray,
    emergencies: np.ndarray,
    ground: np.ndarray,
    spi: np.ndarray,
) -> None:
    """Keep what plots say of their aircraft, the last word winning.

    rows (n,): the plots in the order of processing; tracks (n,): their tracks' rows, -1 none. callsign, remote: the plots'
    words; the rest: the store's.
    """
    for c in range(len(rows)):
        i = tracks[c]
        if i < 0:
            continue
        q = rows[c]
        if callsign[q] != 0:
            callsigns[i] = callsign[q]
        some = False
        for d in range(REMOTE_WORDS):
            some |= remote[q, d] != 0
        if some:
            remotes[i] = remote[q]
        if p.aircraft_class[q] > 0:
            classes[i] = p.aircraft_class[q]
        if p.kind[q] == ADSB or p.kind[q] == ADSR:
            emergencies[i] = p.emergency[q]
        ground[i] = p.flags[q] & GROUND > 0
        spi[i] = p.flags[q] & SPI > 0

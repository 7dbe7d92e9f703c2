"""The kernel that watches plots: one pass over a tick, a plot after the other, in the order of their times."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from tenere.performance import store as s
from tenere.performance.bins import add
from tenere.performance.cells import Clock, cell, keep, slot_of
from tenere.performance.codes import A_BAD, C_BAD, STAYS, hear_code, hear_height
from tenere.performance.codes import count as count_codes

ALONG_M, ACROSS_RAD, LAG_S = 0.5, 2e-5, 1e-3  # finest steps of the histograms; across in ACROSS_RAD where the sensor measures azimuths
BACK_S = 1.0
"""A plot this much older than the newest of its sensor came out of order; what a turning antenna delivers by sectors is nearer."""
SAME_LOOK = 0.3
"""Two plots of a track within this part of a period are of one look."""
FRESH_S, PREDICT_S = 15.0, 30.0
"""A track is asked where its next plot should be while its last is no older than FRESH_S."""
EVEN, SPAN_S = 1.7, 20.0
"""Own noise is judged by four plots in a row: no step longer than EVEN times the shortest, nor than SPAN_S."""
APART_M, APART_MS, HOME_S = 2_000.0, 700.0, 30.0
"""An address heard farther from where it was is at two places."""
LIVE_MASK, ON_GROUND, ADSB = 7, 8, 6  # PlotFlag, PlotKind


class Columns(NamedTuple):
    """What the kernel reads of n plots, in the order of their times."""

    row: np.ndarray  # of the tally; 0 none
    time_s: np.ndarray
    lag_s: np.ndarray  # receive less data time as told; NaN unknown
    x: np.ndarray
    y: np.ndarray
    frame: np.ndarray  # -1 without a position
    number: np.ndarray  # of the track that took it; 0 none
    kind: np.ndarray
    flags: np.ndarray
    mode_a: np.ndarray
    height_m: np.ndarray
    address: np.ndarray
    quality: np.ndarray  # (n, 3) NIC, NACp, SIL


class Sensors(NamedTuple):
    """What the kernel knows of the sensor of each row of the tally."""

    x: np.ndarray
    y: np.ndarray
    frame: np.ndarray  # -1: stands nowhere known
    polar: np.ndarray  # measures range and azimuth from there
    newest_s: np.ndarray


class Before(NamedTuple):
    """The picture before these plots: its own tracks in order of their numbers."""

    number: np.ndarray
    time_s: np.ndarray
    update_s: np.ndarray
    frame: np.ndarray
    x: np.ndarray
    y: np.ndarray
    vx: np.ndarray
    vy: np.ndarray
    turn: np.ndarray


@njit(cache=True)
def _interval(
    t: s.Tally, who: Sensors, clock: Clock, tick_s: float, row: int, last: np.ndarray, time_s: float, x: float, y: float, ground: bool
) -> None:
    """Count what lies between a track's last plot and this one."""
    dt = time_s - last[0]
    k = int(dt * s.PER_S)
    t.counts[row, s.INTERVAL] += 1
    t.intervals[row, k] += 1
    t.interval_s[row, k] += dt
    if ground and last[4] == 1.0:
        t.ground[row, k] += 1
        t.ground_s[row, k] += dt
    t.extremes[row, 2] = max(t.extremes[row, 2], dt)
    period = t.period_s[row]
    if not period > 0.0:
        return
    looks = max(int(np.rint(dt / period)), 1)
    here = who.frame[row] >= 0
    if here:
        cell(t.sectors, t.rings, t.ring_m, row, x - who.x[row], y - who.y[row], 0)
    for i in range(1, looks):
        f = i / looks
        mx, my = last[1] + f * (x - last[1]), last[2] + f * (y - last[2])
        keep(t.misses[row], t.kept[row, 1], mx, my)
        if here:
            cell(t.sectors, t.rings, t.ring_m, row, mx - who.x[row], my - who.y[row], 1)
        t.slots[row, slot_of(t.slots, clock.slots, min(last[0] + f * dt, tick_s)), 1] += 1
    if dt > s.GAP_LOOKS * period:
        t.counts[row, s.GAP] += 1
        t.slots[row, slot_of(t.slots, clock.slots, min(time_s, tick_s)), 2] += 1


@njit(cache=True)
def _axes(who: Sensors, row: int, x: float, y: float, vx: float, vy: float) -> tuple[float, float, float]:
    """Return the unit vector along which errors are told and what a metre across is: radians for a sensor of azimuths."""
    if who.polar[row]:
        dx, dy = x - who.x[row], y - who.y[row]
        r = math.sqrt(dx * dx + dy * dy)
        return (dx / r, dy / r, 1.0 / r) if r > 50.0 else (math.nan, math.nan, math.nan)
    v = math.sqrt(vx * vx + vy * vy)
    return (vx / v, vy / v, 1.0) if v > 1.0 else (1.0, 0.0, 1.0)


@njit(cache=True)
def _own_noise(t: s.Tally, who: Sensors, row: int, ring: np.ndarray, time_s: float, x: float, y: float) -> None:
    """Judge noise by the third divided difference of four plots, which steady acceleration leaves at nothing.

    Of weights w its value has the variance of one plot times the sum of w squared, as long as the errors are independent.
    """
    t0, t1, t2 = ring[0, 0], ring[1, 0], ring[2, 0]
    a, b, c = t1 - t0, t2 - t1, time_s - t2
    short, long = min(a, b, c), max(a, b, c)
    if not (short > 0.02 and long <= EVEN * short and long <= SPAN_S):
        return
    w0, w1 = -1.0 / (a * (a + b) * (a + b + c)), 1.0 / (a * b * (b + c))
    w2, w3 = -1.0 / ((a + b) * b * c), 1.0 / ((a + b + c) * (b + c) * c)
    size = math.sqrt(w0 * w0 + w1 * w1 + w2 * w2 + w3 * w3)
    ex = (w0 * ring[0, 1] + w1 * ring[1, 1] + w2 * ring[2, 1] + w3 * x) / size
    ey = (w0 * ring[0, 2] + w1 * ring[1, 2] + w2 * ring[2, 2] + w3 * y) / size
    ux, uy, across = _axes(who, row, x, y, x - ring[0, 1], y - ring[0, 2])
    add(t.own_along[row], t.own_along_sums[row], ex * ux + ey * uy, ALONG_M)
    add(t.own_distance[row], t.own_distance_sums[row], math.sqrt(ex * ex + ey * ey), ALONG_M)
    add(t.own_across[row], t.own_across_sums[row], (ex * uy - ey * ux) * across, ACROSS_RAD if who.polar[row] else ALONG_M)


@njit(cache=True)
def _residual(t: s.Tally, who: Sensors, row: int, before: Before, number: int, time_s: float, frame: int, x: float, y: float) -> None:
    """Count how far a plot lies from where its track, as it was before, expected it."""
    i = np.searchsorted(before.number, number)
    if i >= len(before.number) or before.number[i] != number or before.frame[i] != frame:
        return
    dt = time_s - before.time_s[i]
    if not (abs(dt) <= PREDICT_S and time_s - before.update_s[i] <= FRESH_S):
        return
    vx, vy, w = before.vx[i], before.vy[i], before.turn[i]
    if not math.isfinite(w):
        w = 0.0
    h = 0.5 * w * dt * dt  # clockwise positive
    dx = x - before.x[i] - vx * dt - vy * h
    dy = y - before.y[i] - vy * dt + vx * h
    ux, uy, across = _axes(who, row, x, y, vx, vy)
    add(t.along[row], t.along_sums[row], dx * ux + dy * uy, ALONG_M)
    add(t.across[row], t.across_sums[row], (dx * uy - dy * ux) * across, ACROSS_RAD if who.polar[row] else ALONG_M)
    add(t.distance[row], t.distance_sums[row], math.sqrt(dx * dx + dy * dy), ALONG_M)


@njit(cache=True)
def _follow(
    t: s.Tally,
    who: Sensors,
    clock: Clock,
    tick_s: float,
    pairs: s.Pairs,
    row: int,
    number: int,
    time_s: float,
    frame: int,
    x: float,
    y: float,
    ground: bool,
) -> tuple[int, bool]:
    """Put a plot behind the last of its track from the same sensor; return the track's place, and whether it is new there."""
    at, new = s.place_of(pairs, (row << 40) | number)
    last = pairs.last[at]
    dt = time_s - last[0]
    if not new and last[3] != frame:
        dt = math.inf
    if not new and dt < (SAME_LOOK * t.period_s[row] if row and who.polar[row] and t.period_s[row] > 0.0 else 1e-3):
        if row and dt > -SAME_LOOK * t.period_s[row] and who.polar[row]:
            t.counts[row, s.SPLIT] += 1
        return at, False  # of the same look, or older than the last: no interval
    if not new and dt < s.ABSENT_S:
        _interval(t, who, clock, tick_s, row, last, time_s, x, y, ground)
        t.counts[row, s.RUN] += pairs.ring_n[at] == 1
        if row and pairs.ring_n[at] == 3:
            _own_noise(t, who, row, pairs.ring[at], time_s, x, y)
    elif not new:
        t.counts[row, s.ABSENCE] += 1
        pairs.ring_n[at] = 0
    n, ring = pairs.ring_n[at], pairs.ring[at]
    if n == 3:
        ring[0], ring[1] = ring[1], ring[2]
        n = 2
    ring[n, 0], ring[n, 1], ring[n, 2] = time_s, x, y
    pairs.ring_n[at] = n + 1
    last[0], last[1], last[2], last[3] = time_s, x, y, frame
    last[4] = 1.0 if ground else 0.0
    return at, new


@njit(cache=True)
def _elsewhere(c: np.ndarray, pairs: s.Pairs, row: int, address: int, time_s: float, frame: int, x: float, y: float) -> bool:
    """Say whether an address is heard where it cannot be; heard so STAYS times in a row, it is at home there."""
    at, new = s.place_of(pairs, (row << 40) | address)
    last, code = pairs.last[at], pairs.code[at, 0]
    c[s.ADDRESSED] += 1
    dt = time_s - last[0]
    far = not new and abs(dt) <= HOME_S and last[3] == frame and math.hypot(x - last[1], y - last[2]) > APART_M + APART_MS * abs(dt)
    code[2] = max(code[2], 0) + 1 if far else 0
    if far:
        c[s.DUPLICATE] += 1
        if code[2] < STAYS:
            return True
        code[2] = 0
    if new or far or dt > 0.0:
        last[0], last[1], last[2], last[3] = time_s, x, y, frame
    return far


@njit(cache=True)
def watch(
    p: Columns,
    tick_s: float,
    t: s.Tally,
    who: Sensors,
    clock: Clock,
    pairs: s.Pairs,
    homes: s.Pairs,
    before: Before,
    elsewhere: np.ndarray,
    fresh: np.ndarray,
    together: bool,
) -> None:
    """Count a tick's plots. Marks the rows whose address is elsewhere, and those that are the first of their track: (n,) each.

    together: what lies between a track's plots, whichever sensor sent them, is counted too, and which are first is marked.
    """
    rows, times, lags, kinds_of, flags_of, quality_of = p.row, p.time_s, p.lag_s, p.kind, p.flags, p.quality
    places_x, places_y, frames, numbers = p.x, p.y, p.frame, p.number
    mode_a, height_m, addresses = p.mode_a, p.height_m, p.address
    counts, kinds, slots, extremes, lag, lag_sums = t.counts, t.kinds, t.slots, t.extremes, t.lag, t.lag_sums
    quality, hits, kept, newest_s, slot_clock = t.quality, t.hits, t.kept, who.newest_s, clock.slots
    codes, heights = pairs.code, pairs.height
    for i in range(len(rows)):
        row, now, kind, flags = rows[i], times[i], int(kinds_of[i]), int(flags_of[i])
        if row <= 0:
            continue
        c = counts[row]
        c[s.PLOTS] += 1
        kinds[row, min(kind, 15)] += 1
        if flags & LIVE_MASK:
            c[s.NOT_LIVE] += 1
            continue
        slot = slot_of(slots, slot_clock, min(now, tick_s))
        for k in (0, row):
            slots[k, slot, 0] += 1
            extremes[k, 0] = now if math.isnan(extremes[k, 0]) else min(extremes[k, 0], now)
            extremes[k, 1] = now if math.isnan(extremes[k, 1]) else max(extremes[k, 1], now)
        if lags[i] == 0.0:
            c[s.NO_LAG] += 1
        else:
            add(lag[row], lag_sums[row], lags[i], LAG_S)
        back = newest_s[row] - now
        if back > BACK_S:
            c[s.BACKWARDS] += 1
            extremes[row, 3] = max(extremes[row, 3], back)
        if not back >= 0.0:
            newest_s[row] = now
        ground = (flags & ON_GROUND) != 0
        c[s.GROUND] += ground
        if kind == ADSB:
            c[s.ADSB] += 1
            for k in range(3):
                quality[row, k, min(quality_of[i, k], 15) if quality_of[i, k] >= 0 else 16] += 1
        address, frame, x, y = addresses[i], frames[i], places_x[i], places_y[i]
        count_codes(c, kind, flags, mode_a[i], height_m[i], address)
        if frame < 0:
            c[s.UNPLACED] += 1
            continue
        c[s.PLACED] += 1
        keep(hits[row], kept[row, 0], x, y)
        if address >= 0:
            elsewhere[i] = _elsewhere(c, homes, row, address, now, frame, x, y)
        number = numbers[i]
        if number <= 0:
            continue
        c[s.TAKEN] += 1
        _residual(t, who, row, before, number, now, frame, x, y)
        if together:
            _, fresh[i] = _follow(t, who, clock, tick_s, pairs, 0, number, now, frame, x, y, ground)
        at, _ = _follow(t, who, clock, tick_s, pairs, row, number, now, frame, x, y, ground)
        if mode_a[i] >= 0 and not flags & A_BAD:
            judged, wrong, changed = hear_code(codes[at, 0], mode_a[i])
            c[s.A_JUDGED] += judged
            c[s.A_WRONG] += wrong
            c[s.A_CHANGED] += changed
        if address >= 0:
            judged, wrong, changed = hear_code(codes[at, 1], address)
            c[s.ADDRESS_JUDGED] += judged
            c[s.ADDRESS_WRONG] += wrong
            c[s.ADDRESS_CHANGED] += changed
        if math.isfinite(height_m[i]) and not flags & C_BAD:
            judged, wrong, changed = hear_height(heights[at], height_m[i], now)
            c[s.C_JUDGED] += judged
            c[s.C_WRONG] += wrong
            c[s.C_CHANGED] += changed

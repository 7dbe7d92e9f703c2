"""Which tracks could be the same aircraft by where they are: one that was lost and one that begins, or two too close to be told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from tenere.batch import F64, I32, I64, U8
    from tenere.identify.known import Known

ANCHOR_S = 10.0
"""An aircraft that answered or broadcast so lately is told from others by that."""
SIGMAS = 3.0
TURN_MS2 = 3.0
"""What an aircraft may have changed its velocity by, a second."""
CLIMB_MS, HEIGHT_M = 15.0, 600.0
FARTHEST_M = 60_000.0
CLOSE_M = 5000.0
"""Tracks further apart than this are never mistaken for each other, however poorly they are known."""
LEAST_STD_M = 50.0
SAME_CODE_M = 30_000.0
SPEED_MS = 60.0
RADIUS_M = 6_371_000.0


def heirs(known: Known, young: I64, lost: I64, time_s: float) -> tuple[I64, I64]:
    """Return (young, lost) rows, pair by pair, of tracks that begin where and as another's course had it.

    The lost one is carried on along its course; its uncertainty, and what a turn may have done since, are the gate. Speeds and
    heights must be compatible, where both are known; two different addresses never are. A young track may be the heir of several
    and a lost one may have several heirs: protection errs to both.
    """
    if not young.size or not lost.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    gone_s = np.maximum(time_s - known.update_s[lost], 0.0)
    lat, lon = known.lat_rad[lost], known.lon_rad[lost]
    speed, course = np.nan_to_num(known.speed_ms[lost]), np.nan_to_num(known.course_rad[lost])
    ahead_lat = lat + speed * np.cos(course) * gone_s / RADIUS_M
    ahead_lon = lon + speed * np.sin(course) * gone_s / (RADIUS_M * np.maximum(np.cos(lat), 0.01))
    spread = SIGMAS * np.sqrt(np.maximum(np.nan_to_num(known.var_m2[lost]), LEAST_STD_M**2)) + 0.5 * TURN_MS2 * gone_s**2
    spread = np.minimum(spread, np.minimum(FARTHEST_M, 2000.0 + 1.5 * (speed + SPEED_MS) * gone_s))
    order = np.argsort(ahead_lat, kind="stable")
    reach = float(np.max(spread, initial=0.0)) + CLOSE_M
    places = (ahead_lat, ahead_lon, spread, gone_s)
    now = (known.lat_rad, known.lon_rad, np.nan_to_num(known.var_m2), known.speed_ms, known.height_m)
    room = np.zeros((8 * young.size + 64, 2), np.int64)
    count = _following(young, lost, order, reach, *places, *now, known.address, known.live, room)
    if count > len(room):
        room = np.zeros((count, 2), np.int64)
        _following(young, lost, order, reach, *places, *now, known.address, known.live, room)
    return room[:count, 0], room[:count, 1]


def same_code(known: Known, young: I64, bearers: I64) -> list[tuple[int, int]]:
    """Return (young, bearer) rows, pair by pair, that show one discrete code and are near each other: one aircraft seen twice.

    A young one with an address of its own is nobody's double. Codes that end in 00 are many aircraft's.
    """
    out: list[tuple[int, int]] = []
    for i in young[(known.mode_a[young] > 0) & (known.mode_a[young] % 64 != 0) & (known.address[young] <= 0)].tolist():
        same = bearers[(known.mode_a[bearers] == known.mode_a[i]) & (known.live[bearers] == known.live[i]) & (bearers != i)]
        north = (known.lat_rad[same] - known.lat_rad[i]) * RADIUS_M
        east = (known.lon_rad[same] - known.lon_rad[i]) * RADIUS_M * np.cos(known.lat_rad[i])
        out += [(i, int(k)) for k in same[np.hypot(north, east) < SAME_CODE_M].tolist()]
    return out


@njit(cache=True)
def _following(
    young: I64,
    lost: I64,
    order: I64,
    reach_m: float,
    ahead_lat: F64,
    ahead_lon: F64,
    spread_m: F64,
    gone_s: F64,
    lat: F64,
    lon: F64,
    var_m2: F64,
    speed: F64,
    height: F64,
    address: I32,
    live: U8,
    out: I64,
) -> int:
    """Write the pairs (young, lost) that fit into out, as far as there is room; return how many there are."""
    count = 0
    sorted_lat = ahead_lat[order]
    reach = reach_m / RADIUS_M
    for i in young:
        if not (np.isfinite(lat[i]) and np.isfinite(lon[i])):
            continue
        scale = np.cos(lat[i])
        own = min(SIGMAS * np.sqrt(max(var_m2[i], LEAST_STD_M * LEAST_STD_M)), CLOSE_M)
        j = np.searchsorted(sorted_lat, lat[i] - reach)
        while j < order.size and sorted_lat[j] <= lat[i] + reach:
            k = order[j]
            old = lost[k]
            j += 1
            if old == i or live[old] != live[i] or (address[i] > 0 and address[old] > 0 and address[i] != address[old]):
                continue
            dx = (lon[i] - ahead_lon[k]) * scale * RADIUS_M
            dy = (lat[i] - ahead_lat[k]) * RADIUS_M
            gate = spread_m[k] + own
            if not dx * dx + dy * dy <= gate * gate:
                continue
            if (
                abs(speed[i] - speed[old]) > SPEED_MS + TURN_MS2 * gone_s[k]
                or abs(height[i] - height[old]) > HEIGHT_M + CLIMB_MS * gone_s[k]
            ):
                continue
            if count < out.shape[0]:
                out[count, 0], out[count, 1] = i, old
            count += 1
    return count


def confusable(known: Known, bearers: I64, others: I64) -> tuple[I64, I64]:
    """Return (bearer, other) rows, pair by pair, that are closer than they are known: SIGMAS of both, at one height or unknown ones."""
    if not bearers.size or others.size < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    order = others[np.argsort(known.lat_rad[others], kind="stable")]
    std = np.sqrt(np.maximum(np.nan_to_num(known.var_m2), LEAST_STD_M**2))
    room = np.zeros((8 * bearers.size + 64, 2), np.int64)
    lat, lon = known.lat_rad, known.lon_rad
    count = _close(bearers, order, lat, lon, known.height_m, std, known.live.astype(np.int64), room)
    if count > len(room):  # crowded: once more, with room for all
        room = np.zeros((count, 2), np.int64)
        _close(bearers, order, lat, lon, known.height_m, std, known.live.astype(np.int64), room)
    pairs = room[:count]
    return pairs[:, 0], pairs[:, 1]


@njit(cache=True)
def _close(bearers: I64, order: I64, lat: F64, lon: F64, height: F64, std: F64, live: I64, out: I64) -> int:
    """Write the pairs closer than they are known into out, as far as there is room; return how many there are. order: by latitude."""
    count = 0
    sorted_lat = lat[order]
    reach = CLOSE_M / RADIUS_M
    for i in bearers:
        if not (np.isfinite(lat[i]) and np.isfinite(lon[i])):
            continue
        scale = np.cos(lat[i])
        j = np.searchsorted(sorted_lat, lat[i] - reach)
        while j < order.size and sorted_lat[j] <= lat[i] + reach:
            k = order[j]
            j += 1
            if k == i or live[k] != live[i]:
                continue
            dx = (lon[k] - lon[i]) * scale * RADIUS_M
            dy = (lat[k] - lat[i]) * RADIUS_M
            gate = min(SIGMAS * np.sqrt(std[i] * std[i] + std[k] * std[k]), CLOSE_M)
            if not dx * dx + dy * dy <= gate * gate or abs(height[i] - height[k]) > HEIGHT_M:
                continue
            if count < out.shape[0]:
                out[count, 0], out[count, 1] = i, k
            count += 1
    return count

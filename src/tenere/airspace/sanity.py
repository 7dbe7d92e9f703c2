"""What no volume may be, whatever file or person it comes from; and what makes one doubtful."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numba import njit

from tenere.airspace import angles, limits
from tenere.airspace.arcs import unwrapped
from tenere.airspace.model import Circle, Corridor, Limit, Period, Polygon, Volume

if TYPE_CHECKING:
    from tenere.airspace.arcs import Ring

MOST_VOLUMES = 100_000
MOST_POINTS = 10_000
"""Of one volume, holes and all."""
MOST_PERIODS = 100
MOST_REMARK = 1000
LARGEST_M = 2e6
"""Radius, width and buffer."""
FAR_DEG = 90.0
"""The longest line: one nearly round half the globe could go either way."""
POLE_DEG = 89.99
FIRST_S, LAST_S = -2_208_988_800.0, 16_725_225_600.0
"""1900 and 2500: what a time may be."""
LEAST_M2 = 1.0


def settled(volume: Volume) -> Volume:
    """Return a volume as files bring it: angles to 1e-8 degrees, lengths and times to 0.001, limits to 0.0001 m, days in order."""
    shape = volume.shape
    if isinstance(shape, Polygon):
        made: Polygon | Circle | Corridor = Polygon(_settled(shape.ring), tuple(_settled(h) for h in shape.holes))
    elif isinstance(shape, Circle):
        made = Circle(angles.settled(shape.lat_deg), angles.settled(shape.lon_deg), round(shape.radius_m, 3))
    else:
        made = Corridor(_settled(shape.line), round(shape.width_m, 3))
    return msgspec.structs.replace(
        volume,
        shape=made,
        floor=_limit(volume.floor),
        ceiling=_limit(volume.ceiling),
        buffer_m=round(volume.buffer_m, 3),
        buffer_up_m=round(volume.buffer_up_m, 3),
        schedule=tuple(Period(tuple(sorted(set(p.days))), p.from_min, p.to_min) for p in volume.schedule),
        starts_s=_time(volume.starts_s),
        ends_s=_time(volume.ends_s),
    )


def _settled(ring: Ring) -> Ring:
    return tuple((angles.settled(a), angles.settled(o)) for a, o in ring)


def _limit(held: Limit) -> Limit:
    return held if math.isinf(held.value_m) else Limit(round(held.value_m, limits.DECIMALS) + 0.0, held.datum)


def _time(time_s: float) -> float:
    return time_s if math.isinf(time_s) else round(time_s, 3)


def problem(volume: Volume) -> str:
    """Say why a volume is refused; empty: it is not."""
    return _words(volume) or _heights(volume.floor, volume.ceiling) or _times(volume) or _numbers(volume) or _shape(volume.shape)


def _words(volume: Volume) -> str:
    for key in ("id", "name"):
        value = getattr(volume, key)
        if not value.strip() or len(value) > 64 or not value.isprintable():
            return f"its {key} is empty, longer than 64 characters, or not printable"
    if volume.airspace_class not in ("", *"ABCDEFG"):
        return f"its class {volume.airspace_class[:8]!r} is none of A to G"
    if volume.country and not (len(volume.country) in (2, 3) and volume.country.isascii() and volume.country.isalpha()):
        return f"its country {volume.country[:8]!r} is no ISO 3166 code"
    if not "".join(volume.remark.split()).replace(" ", "").isprintable():
        return "its remark has characters that cannot be shown"
    return f"its remark is longer than {MOST_REMARK} characters" if len(volume.remark) > MOST_REMARK else ""


def _heights(floor: Limit, ceiling: Limit) -> str:
    for what, held in (("floor", floor), ("ceiling", ceiling)):
        if what == "ceiling" and held.value_m == math.inf:
            continue
        if not limits.LOWEST_M <= held.value_m <= limits.HIGHEST_M:
            return f"its {what}, {held.value_m:g} m, is outside {limits.LOWEST_M:g} to {limits.HIGHEST_M:g} m"
    if floor.datum == ceiling.datum and floor.value_m >= ceiling.value_m:
        return f"its floor, {limits.text(floor)}, is not below its ceiling, {limits.text(ceiling)}"
    return ""


def _times(volume: Volume) -> str:
    for key, open_end in (("starts_s", -math.inf), ("ends_s", math.inf)):
        value = getattr(volume, key)
        if value != open_end and not FIRST_S <= value <= LAST_S:
            return f"its {key} is outside the years 1900 to 2500"
    if not volume.starts_s < volume.ends_s:
        return "it ends before it starts"
    if len(volume.schedule) > MOST_PERIODS:
        return f"its schedule has more than {MOST_PERIODS} periods"
    for p in volume.schedule:
        if not p.days or len(p.days) > 7 or any(not 0 <= d <= 6 for d in p.days):
            return "a period of its schedule has days other than 0 (Monday) to 6 (Sunday), or none"
        if not (0 <= p.from_min < 1440 and 0 <= p.to_min <= 1440):
            return "a period of its schedule has minutes outside the day"
    return ""


def _numbers(volume: Volume) -> str:
    for key in ("buffer_m", "buffer_up_m"):
        if not 0.0 <= getattr(volume, key) <= LARGEST_M:
            return f"its {key} is outside 0 to {LARGEST_M:g} m"
    return ""


def _shape(shape: Polygon | Circle | Corridor) -> str:  # noqa: PLR0911 - a reason each
    if isinstance(shape, Circle):
        if not (abs(shape.lat_deg) <= 90.0 and abs(shape.lon_deg) <= 180.0):
            return "its centre is no latitude and longitude"
        if not 0.5 <= shape.radius_m <= LARGEST_M:
            return f"its radius, {shape.radius_m:g} m, is outside 0.5 to {LARGEST_M:g} m"
        reach = math.degrees(shape.radius_m / 6.3e6)
        return "it reaches over a pole: cut it there" if abs(shape.lat_deg) + reach >= POLE_DEG else ""
    if isinstance(shape, Corridor):
        if not 1.0 <= shape.width_m <= LARGEST_M:
            return f"its width, {shape.width_m:g} m, is outside 1 to {LARGEST_M:g} m"
        return _line(shape.line, 2, "its line", closed=False)
    if len(shape.ring) + sum(len(h) for h in shape.holes) > MOST_POINTS:
        return f"it has more than {MOST_POINTS:,} points"
    for what, ring in (("its outline", shape.ring), *((f"its hole {i + 1}", h) for i, h in enumerate(shape.holes))):
        if said := _line(ring, 3, what, closed=True) or _ring(ring, what):
            return said
    return ""


def _line(points: Ring, least: int, what: str, *, closed: bool) -> str:  # noqa: PLR0911 - a reason each
    """Say what is wrong with a line's points."""
    if len(points) > MOST_POINTS:
        return f"{what} has more than {MOST_POINTS:,} points"
    if len(points) < least:
        return f"{what} has {len(points)} points; at least {least} are needed"
    p = np.array(points, float)
    if not (np.isfinite(p).all() and (np.abs(p[:, 0]) <= 90.0).all() and (np.abs(p[:, 1]) <= 180.0).all()):
        return f"{what} has a point that is no latitude and longitude"
    if (np.abs(p[:, 0]) > POLE_DEG).any():
        return f"{what} has a point at a pole, where longitudes meet"
    q = np.concatenate([p, p[:1]]) if closed else p
    same = (np.diff(q, axis=0) == 0.0).all(axis=1)
    if same.any():
        return f"{what} has the same point twice running"
    lat, lon = np.radians(q[:, 0]), np.radians(q[:, 1])
    h = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    if (h > math.sin(math.radians(FAR_DEG) / 2) ** 2).any():
        return f"{what} has a line longer than {FAR_DEG:g} degrees: add points on it"
    return ""


def _ring(ring: Ring, what: str) -> str:
    """Say what is wrong with a ring whose points stand."""
    p = unwrapped((*ring, ring[0]))
    if abs(p[-1, 1] - p[0, 1]) > 180.0:
        return f"{what} goes round a pole: cut it there"
    x, y = np.radians(p[:, 1]), np.sin(np.radians(p[:, 0]))
    x = x - x[0]
    area = 0.5 * abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) * 6.371e6**2
    return f"{what} encloses nothing" if area < LEAST_M2 and np.ptp(p, axis=0).min() * 1.1e5 < 1.0 else ""


def doubt(volume: Volume) -> str:
    """Say what is odd about a volume that stands: an outline that crosses itself."""
    shape = volume.shape
    if isinstance(shape, Polygon) and crosses(unwrapped((*shape.ring, shape.ring[0]))):
        return "the outline crosses itself: what it encloses an odd number of times is inside"
    return ""


@njit(cache=True, error_model="numpy")
def crosses(p: np.ndarray) -> bool:
    """Tell whether two lines of a closed ring (n, 2) float64, its first point again at its end, cross. Touching is no crossing.

    Lines are looked at in the order of their westernmost points, each against those that begin before it ends.
    """
    n = len(p) - 1
    west, east = np.empty(n), np.empty(n)
    for i in range(n):
        west[i], east[i] = min(p[i, 1], p[i + 1, 1]), max(p[i, 1], p[i + 1, 1])
    order = np.argsort(west)
    for k in range(n):
        i = order[k]
        a0, a1, b0, b1 = p[i, 0], p[i, 1], p[i + 1, 0], p[i + 1, 1]
        for m in range(k + 1, n):
            j = order[m]
            if west[j] >= east[i]:
                break
            c0, c1, d0, d1 = p[j, 0], p[j, 1], p[j + 1, 0], p[j + 1, 1]
            if max(c0, d0) <= min(a0, b0) or min(c0, d0) >= max(a0, b0):
                continue
            s1 = (b1 - a1) * (c0 - a0) - (b0 - a0) * (c1 - a1)
            s2 = (b1 - a1) * (d0 - a0) - (b0 - a0) * (d1 - a1)
            s3 = (d1 - c1) * (a0 - c0) - (d0 - c0) * (a1 - c1)
            s4 = (d1 - c1) * (b0 - c0) - (d0 - c0) * (b1 - c1)
            if s1 * s2 < 0.0 and s3 * s4 < 0.0:
                return True
    return False

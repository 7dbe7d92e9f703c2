"""From a filed route to a path: great circles joined by turns, a climb, a cruise and a descent.

Scalars only: it runs once a route, when the scenario is made.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tenere.exercise.motion import SPHERE_M, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

    Point = tuple[float, float]

RATE_ONE_RADS = math.radians(3.0)
"""Standard-rate turn: 3 degrees a second."""
BANK_RAD = math.radians(25.0)
"""No steeper than this, so fast aircraft turn slower than standard rate."""
GRAVITY_MS2 = 9.80665


class Performance(NamedTuple):
    """How an aircraft flies: cruise and approach speed over ground, mean rates of climb and descent."""

    cruise_ms: float
    slow_ms: float
    climb_ms: float
    descent_ms: float


class Walked(NamedTuple):
    """A path as segments, and the time at which it passes each of its points."""

    segments: list[Segment]
    passes_s: list[float]
    length_s: float


def onward(lat: float, lon: float, course: float, distance_m: float) -> tuple[float, float, float]:
    """Return latitude, longitude and course after a distance along a great circle."""
    d = distance_m / SPHERE_M
    lat2 = math.asin(math.sin(lat) * math.cos(d) + math.cos(lat) * math.sin(d) * math.cos(course))
    dlon = math.atan2(math.sin(course) * math.sin(d) * math.cos(lat), math.cos(d) - math.sin(lat) * math.sin(lat2))
    # Clairaut: the great circle's course there, from both of its components
    east = math.sin(course) * math.cos(lat)
    north = math.cos(course) * math.cos(lat) * math.cos(d) - math.sin(lat) * math.sin(d)
    return lat2, lon + dlon, math.atan2(east, north)


def toward(a: Point, b: Point) -> tuple[float, float]:
    """Return distance in metres and initial course of the great circle from a to b."""
    dlon = b[1] - a[1]
    east = math.sin(dlon) * math.cos(b[0])
    north = math.cos(a[0]) * math.sin(b[0]) - math.sin(a[0]) * math.cos(b[0]) * math.cos(dlon)
    up = math.sin(a[0]) * math.sin(b[0]) + math.cos(a[0]) * math.cos(b[0]) * math.cos(dlon)
    return SPHERE_M * math.atan2(math.hypot(east, north), up), math.atan2(east, north)


def after(segment: Segment, dt_s: float) -> tuple[float, float, float, float, float]:
    """Return latitude, longitude, course, speed and height dt_s after a segment's start (motion.along, for one)."""
    rate = segment.turn_rads
    if rate == 0.0:
        ahead, right = (segment.speed_ms + 0.5 * segment.acceleration_ms2 * dt_s) * dt_s, 0.0
    else:
        radius = segment.speed_ms / rate
        ahead, right = radius * math.sin(rate * dt_s), radius * (1.0 - math.cos(rate * dt_s))
    chord = math.atan2(right, ahead)
    lat, lon, course = onward(segment.lat_rad, segment.lon_rad, segment.course_rad + chord, math.hypot(ahead, right))
    speed = segment.speed_ms + segment.acceleration_ms2 * dt_s
    return lat, lon, course + rate * dt_s - chord, speed, segment.height_m + segment.climb_ms * dt_s


def clip(points: Sequence[Point], centre: Point, radius_m: float) -> tuple[list[Point], int, int]:
    """Drop what lies further than radius_m from the centre at either end; also say how many points each end lost or moved."""
    kept, counts = list(points), []
    for _ in range(2):  # forwards, then the far end
        leg, entry = _entry(kept, centre, radius_m)
        counts.append(leg + (entry != kept[leg]))
        kept = [entry, *kept[leg + 1 :]][::-1]
    return kept, counts[0], counts[1]


def _entry(points: Sequence[Point], centre: Point, radius_m: float) -> tuple[int, Point]:
    """Return the first leg with a point within radius_m of the centre, and that point (looked for each 10 km)."""
    for leg, (a, b) in enumerate(pairwise(points)):
        length, course = toward(a, b)
        steps = max(int(length / 10_000.0), 1)
        for i in range(steps + 1):
            lat, lon, _ = onward(*a, course, length * i / steps)
            if toward(centre, (lat, lon))[0] <= radius_m:
                return leg, a if i == 0 else (lat, lon)
    raise ValueError(f"no leg comes within {radius_m / 1000.0:.0f} km of the centre: {points}")


def walk(points: Sequence[Point], height_m: float, ends_m: tuple[float | None, float | None], fly: Performance) -> Walked:
    """Fly through points at a cruise height, climbing from and descending to the heights in ends_m (None: stay level).

    Turns begin at each point and end on the course to the next one. A route too short for its level stays lower.
    """
    total = sum(toward(a, b)[0] for a, b in pairwise(points))
    breaks = _profile(total, height_m, ends_m, fly)
    segments: list[Segment] = []
    passes = [0.0]
    time, (lat, lon) = 0.0, points[0]
    speed, height = breaks[0][2], breaks[0][1]
    course = toward(points[0], points[1])[1]
    for goal in points[1:]:
        rate = min(RATE_ONE_RADS, GRAVITY_MS2 * math.tan(BANK_RAD) / speed)
        turn = 0.0
        for _ in range(6):
            probe = Segment(0.0, lat, lon, course, speed, 0.0, math.copysign(rate, turn), 0.0, 0.0)
            plat, plon, at, _, _ = after(probe, abs(turn) / rate)
            turn += wrap(toward((plat, plon), goal)[1] - at)
        if abs(turn) > math.radians(0.2):
            lasting = abs(turn) / rate
            climb = (_at(breaks, time + lasting)[0] - height) / lasting
            segments.append(Segment(time, lat, lon, course, speed, 0.0, math.copysign(rate, turn), height, climb))
            lat, lon, course, speed, height = after(segments[-1], lasting)
            time += lasting
        left, course = toward((lat, lon), goal)
        while left > 1.0:
            until = min((b[0] for b in breaks if b[0] > time + 0.5), default=math.inf)
            held = until == math.inf
            until = time + left / speed if held else until
            acceleration = 0.0 if held else (_at(breaks, until)[1] - speed) / (until - time)
            lasting = min(_duration(left, speed, acceleration), until - time)
            climb = (_at(breaks, time + lasting)[0] - height) / lasting
            segments.append(Segment(time, lat, lon, course, speed, acceleration, 0.0, height, climb))
            left -= (speed + 0.5 * acceleration * lasting) * lasting
            lat, lon, course, speed, height = after(segments[-1], lasting)
            time += lasting
        passes.append(time)
    return Walked(segments, passes, time)


def circle(lat: float, lon: float, radius_m: float, speed_ms: float, height_m: float) -> Walked:
    """Fly clockwise round a place for ever."""
    start = onward(lat, lon, 0.0, radius_m)
    around = 2.0 * math.pi * radius_m / speed_ms
    segment = Segment(0.0, start[0], start[1], math.pi / 2, speed_ms, 0.0, speed_ms / radius_m, height_m, 0.0)
    return Walked([segment], [0.0], around)


def racetrack(lat: float, lon: float, course: float, length_m: float, radius_m: float, speed_ms: float, height_m: float) -> Walked:
    """Fly up and down two parallel lines from a place on one of them, joined by half circles to the right, for ever."""
    segments: list[Segment] = []
    time = 0.0
    for turn, lasting in ((0.0, length_m / speed_ms), (speed_ms / radius_m, math.pi * radius_m / speed_ms)) * 2:
        segments.append(Segment(time, lat, lon, course, speed_ms, 0.0, turn, height_m, 0.0))
        lat, lon, course, _, _ = after(segments[-1], lasting)
        time += lasting
    return Walked(segments, [0.0], time)


def wrap(angle: float) -> float:
    """Return the same angle in -pi..pi."""
    return math.remainder(angle, 2.0 * math.pi)


def _profile(total: float, height_m: float, ends: tuple[float | None, float | None], fly: Performance) -> list[tuple[float, float, float]]:
    """Return (time, height, speed) at the corners of climb, cruise and descent over a distance."""
    slow, fast = fly.slow_ms, fly.cruise_ms
    for _ in range(40):
        up = 0.0 if ends[0] is None else max(height_m - ends[0], 1.0) / fly.climb_ms
        down = 0.0 if ends[1] is None else max(height_m - ends[1], 1.0) / fly.descent_ms
        cruise = (total - (up + down) * (slow + fast) / 2.0) / fast
        if cruise >= 0.0:
            break
        height_m = 0.9 * height_m + 0.1 * max(e for e in ends if e is not None)
    breaks = [(0.0, height_m if ends[0] is None else ends[0], fast if ends[0] is None else slow)]
    if up:
        breaks.append((up, height_m, fast))
    breaks.append((up + cruise, height_m, fast))
    if ends[1] is not None:
        breaks.append((up + cruise + down, ends[1], slow))
    return breaks


def _at(breaks: list[tuple[float, float, float]], time: float) -> tuple[float, float]:
    """Return height and speed at a time of the profile."""
    for (t0, h0, v0), (t1, h1, v1) in pairwise(breaks):
        if time < t1:
            f = (time - t0) / (t1 - t0)
            return h0 + f * (h1 - h0), v0 + f * (v1 - v0)
    return breaks[-1][1], breaks[-1][2]


def _duration(distance: float, speed: float, acceleration: float) -> float:
    """Return the time to cover a distance; infinity where it stops before."""
    square = speed * speed + 2.0 * acceleration * distance
    return math.inf if square < 0.0 else 2.0 * distance / (speed + math.sqrt(square))

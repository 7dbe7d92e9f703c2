"""Outlines: arcs and circles as points, lines that are straight on a map or on the globe, and the cut at the 180th meridian.

A volume's lines are great circles. Files whose lines are straight in longitude and latitude get points added until no line is farther
than TOLERANCE_M from the other kind; so do arcs, whose points stand on the arc itself. The departure of the two kinds of line grows with
the square of their length, so half the length needs a quarter of it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tenere.airspace.angles import settled, wrapped
from tenere.airspace.limits import AirspaceError
from tenere.geo import geodesic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.airspace.model import Circle, Corridor

    F64 = NDArray[np.float64]

Point = tuple[float, float]
"""Latitude and longitude in degrees."""
Ring = tuple[Point, ...]

TOLERANCE_M = 10.0
EARTH_M = 6_371_008.8
MOST_ADDED = 200
"""Points that one line may get: a line of 10,000 km along a parallel needs fewer."""
LARGEST_ARC_M = 5e6
SHORT_DEG = 0.2
"""Lines shorter than this leave no great circle by half the tolerance: R d^2 / 16 is 4.9 m at latitude 45, where it is most."""


def points_of(lat_rad: F64, lon_rad: F64) -> list[Point]:
    """Return (n,) and (n,) as points."""
    return [(settled(a), settled(wrapped(o))) for a, o in zip(np.degrees(lat_rad).tolist(), np.degrees(lon_rad).tolist(), strict=True)]


def arc(centre: Point, radius_m: Sequence[float], azimuth_deg: Sequence[float], *, ends: bool = True) -> list[Point]:
    """Return points of an arc: from one radius and azimuth to another, clockwise where the azimuth grows. ends False: without both ends.

    Raises AirspaceError for a radius that no arc of airspace has.
    """
    (r1, r2), (a1, a2) = radius_m, azimuth_deg
    if not (min(r1, r2) > 0.0 and max(r1, r2) <= LARGEST_ARC_M and abs(a1) <= 1e4 and abs(a2) <= 1e4):
        raise AirspaceError(f"an arc of radius {max(r1, r2):g} m from {a1:g} to {a2:g} degrees is none that airspace has")
    step = 2.0 * math.acos(max(0.5, 1.0 - 0.9 * TOLERANCE_M / max(r1, r2)))  # the height of an arc above its chord: r (1 - cos(step / 2))
    n = max(2, math.ceil(math.radians(abs(a2 - a1)) / step))
    at = np.linspace(0.0, 1.0, n + 1)
    at = at if ends else at[1:-1]
    azimuth = np.radians(a1 + (a2 - a1) * at)
    return points_of(*geodesic.destination(math.radians(centre[0]), math.radians(centre[1]), azimuth, r1 + (r2 - r1) * at))


def arc_between(centre: Point, first: Point, last: Point, *, clockwise: bool) -> tuple[list[Point], float]:
    """Return the points of an arc between two places, both with it, and by how much their distances from its centre differ, in metres.

    Where they differ, the radius goes evenly from one to the other: an arc never leaves its ends. Raises AirspaceError.
    """
    there = np.radians(np.array([first, last]))
    r, az = geodesic.between(math.radians(centre[0]), math.radians(centre[1]), there[:, 0], there[:, 1])
    if not (np.isfinite(r).all() and r.min() > 0.0):
        raise AirspaceError("an arc whose end is its own centre, or on the other side of the earth")
    a1, a2 = np.degrees(az).tolist()
    if first == last:
        a2 = a1 + (360.0 if clockwise else -360.0)
    elif clockwise and a2 <= a1:
        a2 += 360.0
    elif not clockwise and a2 >= a1:
        a2 -= 360.0
    inner = arc(centre, r.tolist(), (a1, a2), ends=False)
    return [first, *inner, last], abs(float(r[1] - r[0]))


def circle_ring(circle: Circle) -> Ring:
    """Return a circle as a ring of points, clockwise from north."""
    return tuple(arc((circle.lat_deg, circle.lon_deg), (circle.radius_m,) * 2, (0.0, 360.0))[:-1])


def legs(corridor: Corridor) -> list[Ring]:
    """Return a corridor as one ring a leg, round at both ends: together they are all within half its width of its line."""
    half = corridor.width_m / 2.0
    out = []
    for a, b in zip(corridor.line, corridor.line[1:], strict=False):
        (lat1, lon1), (lat2, lon2) = np.radians(a), np.radians(b)
        there = math.degrees(float(geodesic.between(lat1, lon1, lat2, lon2)[1]))
        back = math.degrees(float(geodesic.between(lat2, lon2, lat1, lon1)[1]))
        out.append(tuple(arc(a, (half, half), (there + 90.0, there + 270.0)) + arc(b, (half, half), (back + 90.0, back + 270.0))))
    return out


def unwrapped(ring: Ring) -> F64:
    """Return a ring as (n, 2), its longitudes without a leap at the 180th meridian."""
    out = np.array(ring, float).reshape(-1, 2)
    leaps = np.round(np.diff(out[:, 1]) / 360.0)
    if leaps.any():
        out[1:, 1] -= 360.0 * np.cumsum(leaps)
    return out


def _unit(p: F64) -> F64:
    lat, lon = np.radians(p[:, 0]), np.radians(p[:, 1])
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def _filled(ring: Ring, *, globe: bool, closed: bool) -> Ring:
    """Add points to a ring's lines, on the great circle (globe) or on the straight line, until the two are close."""
    if len(ring) < 2:
        return ring
    p = unwrapped((*ring, ring[0]) if closed else ring)
    step = np.diff(p, axis=0)
    step[:, 1] = (step[:, 1] + 180.0) % 360.0 - 180.0
    if np.abs(step).max() < SHORT_DEG:
        return ring
    u = _unit(p)
    turn = np.arccos(np.clip(np.sum(u[:-1] * u[1:], axis=1), -1.0, 1.0))[:, None]
    safe = np.where(turn > 1e-12, turn, 1.0)
    apart = np.zeros(len(step))
    for t in (0.25, 0.5, 0.75):  # a line over the equator leaves the other kind on both sides of its middle
        v = (np.sin((1.0 - t) * safe) * u[:-1] + np.sin(t * safe) * u[1:]) / np.sin(safe)
        apart = np.maximum(apart, np.where(turn[:, 0] > 1e-12, EARTH_M * np.linalg.norm(v - _unit(p[:-1] + t * step), axis=1), 0.0))
    enough = np.ceil(np.sqrt(apart / (0.5 * TOLERANCE_M)))
    wanted = np.where(apart > 0.9 * TOLERANCE_M, np.clip(enough, 2, MOST_ADDED), 1).astype(int)
    if (wanted == 1).all():
        return ring
    out: list[Point] = []
    for i, n in enumerate(wanted.tolist()):
        out.append(ring[i])
        t = np.arange(1, n)[:, None] / n
        if n > 1 and globe:
            angle = math.acos(max(-1.0, min(1.0, float(u[i] @ u[i + 1]))))
            v = (np.sin((1.0 - t) * angle) * u[i] + np.sin(t * angle) * u[i + 1]) / math.sin(angle)
            out += points_of(np.arcsin(np.clip(v[:, 2], -1.0, 1.0)), np.arctan2(v[:, 1], v[:, 0]))
        elif n > 1:
            line = np.radians(p[i] + t * step[i])
            out += points_of(line[:, 0], line[:, 1])
    if not closed:
        out.append(ring[-1])
    return tuple(out)


def of_map(ring: Ring, *, closed: bool = True) -> Ring:
    """Return a ring of great circles that is a ring of lines straight in longitude and latitude, within TOLERANCE_M."""
    return _filled(ring, globe=False, closed=closed)


def for_map(ring: Ring) -> Ring:
    """Return a ring of lines straight in longitude and latitude that is a ring of great circles, within TOLERANCE_M."""
    return _filled(ring, globe=True, closed=True)


def _clipped(p: F64, meridian: float, side: float) -> F64:
    """Return what of a ring (n, 2) is on one side (1 east, -1 west) of a meridian (Sutherland and Hodgman 1974)."""
    out = []
    for a, b in zip(p, np.roll(p, -1, axis=0), strict=True):
        here, there = side * (a[1] - meridian), side * (b[1] - meridian)
        if here >= 0.0:
            out.append(a)
        if here * there < 0.0:
            out.append(a + (b - a) * (here / (here - there)))
    return np.array(out).reshape(-1, 2)


def cut(rings: Sequence[Ring]) -> list[list[list[list[float]]]]:
    """Return a polygon's rings as GeoJSON wants polygons (RFC 7946, section 3.1): longitude first, closed, cut at the 180th meridian."""
    flat = [unwrapped(r) for r in rings]
    if all(np.abs(r[:, 1]).max() <= 180.0 for r in flat):
        return [[[[settled(o), settled(a)] for a, o in (*r.tolist(), r[0].tolist())] for r in flat]]
    middle = 360.0 * math.floor((flat[0][:, 1].mean() + 180.0) / 360.0)
    flat = [r - [0.0, middle + 360.0 * round((r[:, 1].mean() - middle - (flat[0][:, 1].mean() - middle)) / 360.0)] for r in flat]
    out = []
    for turn in (-360.0, 0.0, 360.0):
        parts = []
        for r in flat:
            piece = r - [0.0, turn]
            if piece[:, 1].min() < -180.0:
                piece = _clipped(piece, -180.0, 1.0)
            if len(piece) and piece[:, 1].max() > 180.0:
                piece = _clipped(piece, 180.0, -1.0)
            parts.append(piece)
        if len(parts[0]) >= 3 and np.ptp(parts[0][:, 1]) > 0.0:
            kept = [p for p in parts if len(p) >= 3]
            out.append([[[settled(o), settled(a)] for a, o in (*p.tolist(), p[0].tolist())] for p in kept])
    return out


def length_m(a: Point, b: Point) -> float:
    """Return the length of the geodesic between two places."""
    return float(geodesic.between(*np.radians(a), *np.radians(b))[0])

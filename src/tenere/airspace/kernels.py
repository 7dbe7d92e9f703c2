"""Is a place in a volume, how deep, and when will a straight flight be: the geometry, one place and one volume at a time.

Everything is done in planes that touch the ellipsoid, onto which the earth's surface is thrown from its centre: there the great circles
between a polygon's points are straight lines, whatever pole or meridian they pass. A polygon's own plane answers whether a place is
inside; the plane that touches at the place itself is true to scale around it, and answers distances and times.

Outlines are flat arrays of Earth-centred points (metres): volume v has the points first[v] to first[v + 1]; link[k] says that an edge
leads from point k to point k + 1.
"""

# ruff: noqa: ANN001, ANN201, ANN202 - numba kernels: arrays in, loops within
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

from numba import njit

from tenere.geo.ellipsoid import A_M, E2

POLYGON, CIRCLE, CORRIDOR = 0, 1, 2
RADIUS_M = 6_371_008.8


@njit(cache=True)
def frame(lat, lon, out):
    """Write the plane touching at a place: normal, east, north, then normal . place and north . place, into out (11,)."""
    sp, cp, sl, cl = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
    n = A_M / math.sqrt(1.0 - E2 * sp * sp)
    out[0], out[1], out[2] = cp * cl, cp * sl, sp
    out[3], out[4], out[5] = -sl, cl, 0.0
    out[6], out[7], out[8] = -sp * cl, -sp * sl, cp
    out[9] = n * (1.0 - E2 * sp * sp)
    out[10] = -n * E2 * sp * cp


@njit(cache=True)
def encloses(place, v, first, link, own, plane_x, plane_y):
    """Say whether a place (an Earth-centred point) is within polygon v: an odd number of edges lies east of it in v's own plane."""
    x, y, z = place
    depth = own[v, 0] * x + own[v, 1] * y + own[v, 2] * z
    if depth <= 0.0:
        return False
    u = (own[v, 3] * x + own[v, 4] * y + own[v, 5] * z) / depth
    w = (own[v, 6] * x + own[v, 7] * y + own[v, 8] * z) / depth
    odd = False
    for k in range(first[v], first[v + 1] - 1):
        y0, y1 = plane_y[k], plane_y[k + 1]
        if link[k] and (y0 <= w) != (y1 <= w) and u < plane_x[k] + (w - y0) / (y1 - y0) * (plane_x[k + 1] - plane_x[k]):
            odd = not odd
    return odd


@njit(cache=True)
def place_of(f):
    """Return the Earth-centred point at which a plane touches."""
    return (
        f[9] * f[0] + f[10] * f[6],
        f[9] * f[1] + f[10] * f[7],
        f[9] * f[2] + f[10] * f[8],
    )


@njit(cache=True)
def arc_m(place, x, y, z):
    """Return the distance over the surface between two points of it: the chord, bent (exact to 1 m at 500 km)."""
    dx, dy, dz = place[0] - x, place[1] - y, place[2] - z
    half = math.sqrt(dx * dx + dy * dy + dz * dz) / (2.0 * RADIUS_M)
    return 2.0 * RADIUS_M * math.asin(min(1.0, half))


@njit(cache=True)
def to_line_m(f, v, first, link, points):
    """Return the least distance from where a plane touches to the edges of v."""
    best, x0, y0 = math.inf, 0.0, 0.0
    for k in range(first[v], first[v + 1]):
        s = f[9] / (f[0] * points[k, 0] + f[1] * points[k, 1] + f[2] * points[k, 2])
        x1 = s * (f[3] * points[k, 0] + f[4] * points[k, 1])
        y1 = s * (f[6] * points[k, 0] + f[7] * points[k, 1] + f[8] * points[k, 2]) - f[10]
        if k > first[v] and link[k - 1]:
            dx, dy = x1 - x0, y1 - y0
            length = dx * dx + dy * dy
            along = 0.0 if length == 0.0 else min(1.0, max(0.0, -(x0 * dx + y0 * dy) / length))
            px, py = x0 + along * dx, y0 + along * dy
            best = min(best, px * px + py * py)
        x0, y0 = x1, y1
    return math.sqrt(best)


@njit(cache=True)
def depth_m(f, v, shape, first, link, points, own, plane_x, plane_y, centre, width_m):
    """Return how deep the touching place of a plane is within v: metres to the nearest outline, negative outside."""
    place = place_of(f)
    if shape[v] == CIRCLE:
        return width_m[v] - arc_m(place, centre[v, 0], centre[v, 1], centre[v, 2])
    away = to_line_m(f, v, first, link, points)
    if shape[v] == CORRIDOR:
        return width_m[v] - away
    return away if encloses(place, v, first, link, own, plane_x, plane_y) else -away


@njit(cache=True)
def _to_round(px, py, dx, dy, w):
    """Return when a point moving by (dx, dy) from (px, py) first is within w of the origin; infinite: never. px, py beyond w."""
    a, b, c = dx * dx + dy * dy, px * dx + py * dy, px * px + py * py - w * w
    if c <= 0.0:
        return 0.0
    under = b * b - a * c
    return (-b - math.sqrt(under)) / a if a > 0.0 and b < 0.0 and under >= 0.0 else math.inf


@njit(cache=True)
def soonest_s(f, v, from_s, until_s, east, north, wide_m, shape, first, link, points, centre, width_m):
    """Return when a straight flight from where a plane touches first is within wide_m of v, from_s to until_s; infinite: never.

    east, north: its velocity, m/s. Exact in the plane: each edge is met as the stadium of all within wide_m of it.
    """
    px, py = east * from_s, north * from_s
    longest = until_s - from_s
    if shape[v] == CIRCLE:
        c = centre[v]
        s = f[9] / (f[0] * c[0] + f[1] * c[1] + f[2] * c[2])
        x = s * (f[3] * c[0] + f[4] * c[1])
        y = s * (f[6] * c[0] + f[7] * c[1] + f[8] * c[2]) - f[10]
        t = _to_round(px - x, py - y, east, north, width_m[v] + wide_m)
        return from_s + t if t <= longest else math.inf
    w = wide_m + (width_m[v] if shape[v] == CORRIDOR else 0.0)
    speed = math.hypot(east, north)
    reach = speed * longest
    ux, uy = (east / speed, north / speed) if speed > 0.0 else (1.0, 0.0)
    best, odd = math.inf, False
    a0, c0 = 0.0, 0.0  # along and across the flight, from where it starts
    for k in range(first[v], first[v + 1]):
        s = f[9] / (f[0] * points[k, 0] + f[1] * points[k, 1] + f[2] * points[k, 2])
        x = s * (f[3] * points[k, 0] + f[4] * points[k, 1]) - px
        y = s * (f[6] * points[k, 0] + f[7] * points[k, 1] + f[8] * points[k, 2]) - f[10] - py
        a1, c1 = x * ux + y * uy, y * ux - x * uy
        if k > first[v] and link[k - 1]:
            if (c0 <= 0.0) != (c1 <= 0.0) and a0 - c0 / (c1 - c0) * (a1 - a0) > 0.0:
                odd = not odd
            if not (
                (c0 > w and c1 > w)
                or (c0 < -w and c1 < -w)
                or (a0 < -w and a1 < -w)
                or (a0 - w > min(reach, best) and a1 - w > min(reach, best))
            ):
                best = min(best, _to_stadium(a0, c0, a1, c1, w))
        a0, c0 = a1, c1
    if shape[v] == POLYGON and odd:
        return from_s
    if best > reach:
        return math.inf
    return from_s + (best / speed if speed > 0.0 else 0.0)


@njit(cache=True)
def _to_stadium(a0, c0, a1, c1, w):
    """Return how far along the axis (from 0, forwards) the first point within w of an edge lies; infinite: none does."""
    ea, ec = a1 - a0, c1 - c0
    length2 = ea * ea + ec * ec
    along = 0.0 if length2 == 0.0 else min(1.0, max(0.0, -(a0 * ea + c0 * ec) / length2))
    na, nc = a0 + along * ea, c0 + along * ec
    if na * na + nc * nc <= w * w:
        return 0.0
    best = min(_to_round(-a0, -c0, 1.0, 0.0, w), _to_round(-a1, -c1, 1.0, 0.0, w))
    if ec != 0.0:  # where the axis comes within w of the edge's line, on either side
        length = math.sqrt(length2)
        for side in (-1.0, 1.0):
            a = a0 + (-c0 * ea + side * w * length) / ec
            if a >= 0.0:
                u = ((a - a0) * ea - c0 * ec) / length2
                if 0.0 <= u <= 1.0:
                    best = min(best, a)
    return best


@njit(cache=True)
def span_s(low, high, rate, floor, ceiling, longest):
    """Return from when to when, within 0 to longest seconds, a height from low to high that changes by rate is between two limits."""
    start, end = 0.0, longest
    if high < floor:
        start = (floor - high) / rate if rate > 0.0 else math.inf
    elif rate < 0.0 and high < math.inf:
        end = min(end, (floor - high) / rate)
    if low > ceiling:
        start = max(start, (ceiling - low) / rate if rate < 0.0 else math.inf)
    elif rate > 0.0 and low > -math.inf:
        end = min(end, (ceiling - low) / rate)
    return start, end

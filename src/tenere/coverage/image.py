"""The perspective image of the ground before an antenna, kept at rays: raise it by a row, make it finer, read a row of posts from it.

What u, t and c are, and why an edge of the ground is a line of the image, stands in `coverage.sweep`. H holds the highest u of each
ray, S the slope of the edge that made it, as a rise from one ray to the next. All arrays are float32: the altitude read at 450 km keeps
5 mm.

On a plane whose lengths are not true (a country's gnomonic plane), true distance in steps is sqrt(Q) / g with Q a quadratic form and
g = 1 + y (g1 + y g2), where g1, g2 are a ray's own (`lens.Lens`); w = Q / y^2 is what 1 + t^2 is on a true plane, where g is 1.

Every loop that fetches from places computed on the way only fetches; arithmetic is done in a loop of its own, which fills the
processor's vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.coverage.lens import Lens

    F32 = NDArray[np.float32]
    I32 = NDArray[np.int32]
    U64 = NDArray[np.uint64]

f32 = np.float32
u32 = np.uint32
i32 = np.int32
ZERO, ONE, HALF, MINUS = f32(0.0), f32(1.0), f32(0.5), f32(-1.0)
INFINITE = f32(np.inf)
NOTHING = f32(-1e30)
"""A ray that has met no ground yet."""


class Look(NamedTuple):
    """Where an antenna stands and how it looks; lengths across the ground in steps of the grid.

    row, column: its place, may fall between posts. altitude_m: AMSL. fall_m: what the earth falls below its tangent in one step.
    rays: to a step of the farthest row. reach: no post farther is read. tilt_m: rise of the least elevation angle in one step (below
    -1e29: none). low_m: stands for ground not known; below all that is.
    """

    row: float
    column: float
    altitude_m: float
    fall_m: float
    rays: float
    reach: float
    tilt_m: float
    low_m: float


@njit(cache=True, nogil=True, error_model="numpy")
def raise_by_row(
    H: F32,
    S: F32,
    z: F32,
    start: int,
    offset: float,
    step: float,
    t: F32,
    w: F32,
    g1: F32,
    g2: F32,
    y: float,
    z0: float,
    c: float,
    dt: float,
    square: float,
    cross: float,
    a: F32,
    b: F32,
) -> None:
    """Raise some rays by where they cross one row of posts.

    H, S, t, w, g1, g2: (n,) of these rays: image, its slope, abscissa, and as above. z: the row's ground. start, offset: post left of the
    first ray's crossing, and how far past it. step: posts from one crossing to the next, at most 1. y: the row's distance in steps.
    square, cross: of Q, the parts that x^2 and x y have. a, b: (>= n,) to work in.
    """
    inverse, cy, tilt, skew, far = f32(1.0 / y), f32(c * y), f32(2.0 * c * y * square), f32(c * y * cross), f32(y)
    p0, dp, base, each = f32(offset), f32(step), f32(z0), f32(dt)
    n = H.size
    for q in range(n):
        i = u32(start + i32(p0 + f32(i32(q)) * dp))
        a[q] = z[i]
        b[q] = z[i + u32(1)]
    for q in range(n):
        p = p0 + f32(i32(q)) * dp
        dz = b[q] - a[q]
        g = ONE + far * (g1[q] + far * g2[q])
        u = (a[q] + dz * (p - f32(i32(p))) - base) * inverse * g - cy * w[q] / g
        s = (dz - tilt * t[q] - skew) * each  # g changes too little from ray to ray to matter
        higher = u > H[q]
        H[q] = u if higher else H[q]
        S[q] = s if higher else S[q]


@njit(cache=True, nogil=True, error_model="numpy")
def raise_by_columns(
    H: F32,
    S: F32,
    z: F32,
    before: F32,
    start: int,
    offset: float,
    step: float,
    t: F32,
    w: F32,
    g1: F32,
    g2: F32,
    over: F32,
    y: float,
    z0: float,
    c: float,
    dt: float,
    square: float,
    along: float,
    a: F32,
    b: F32,
) -> None:
    """Raise some rays, all of one sign of t, by where they cross a column between the row before and this one (a ray crosses one at most).

    over: (n,) 1 / t. before: the ground of the row before. square, along: of Q, the parts of x^2 and y^2. The others as in `raise_by_row`.
    """
    fall, p0, dp, base, each, far = f32(c), f32(offset), f32(step), f32(z0), f32(dt), f32(y)
    wide, deep = f32(square), f32(along)
    n = H.size
    left = t[0] < ZERO
    add = 1 if left else 0
    flip, sign = (ONE, MINUS) if left else (ZERO, ONE)
    for q in range(n):
        i = u32(start + add + i32(p0 + f32(i32(q)) * dp))
        a[q] = z[i]
        b[q] = before[i]
    for q in range(n):
        p = p0 + f32(i32(q)) * dp
        back = (flip + sign * (p - f32(i32(p)))) * sign * over[q]  # from this row to the crossing, in steps
        at = far - back
        dz = b[q] - a[q]
        rise = (a[q] + dz * back - base) / at
        cy = fall * at
        g = ONE + at * (g1[q] + at * g2[q])
        u = rise * g - cy * w[q] / g
        s = (dz + rise + cy * (deep - wide * t[q] * t[q])) * over[q] * each
        higher = (u > H[q]) & (back < ONE) & (at > ZERO)
        H[q] = u if higher else H[q]
        S[q] = s if higher else S[q]


@njit(cache=True, nogil=True, error_model="numpy")
def raise_by_obstacle(
    H: F32, S: F32, half: int, x: float, y: float, width: float, top_m: float, c: float, w: F32, g1: F32, g2: F32
) -> None:
    """Raise the rays that meet a thing at (x, y) steps, width steps wide: the nearest ray where that is narrower than they are apart."""
    k0 = int(np.ceil(((x - 0.5 * width) / y + 1.0) * half))
    k1 = int(np.floor(((x + 0.5 * width) / y + 1.0) * half))
    if k0 > k1:
        k0 = k1 = int(np.rint((x / y + 1.0) * half))
    for k in range(max(k0, 0), min(k1, 2 * half) + 1):
        t = (k - half) / half
        g = 1.0 + y * (g1[k] + y * g2[k])
        u = f32(top_m / y * g - c * y * w[k] / g)
        if u > H[k]:
            H[k] = u
            S[k] = f32(-2.0 * c * y * t / half)


@njit(cache=True, nogil=True, error_model="numpy")
def refine(H: F32, S: F32, half: int, h: F32, s: F32) -> None:
    """Put a ray between each two of 2 half + 1 rays, by the rule of `read_row`; h, s: to work in.

    H, S hold the 4 half + 1 rays afterwards.
    """
    n = 2 * half + 1
    h[:n] = H[:n]
    s[:n] = S[:n]
    for k in range(n):
        H[2 * k] = h[k]
        S[2 * k] = s[k] * HALF
    for k in range(n - 1):
        d = h[k + 1] - h[k]
        e, r = s[k] - d, d - s[k + 1]
        bend, slope = ZERO, d
        if (e > ZERO) == (r > ZERO):
            mine = (e < r) == (e > ZERO)
            bend, slope = (e, s[k]) if mine else (r, s[k + 1])
        H[2 * k + 1] = h[k] + HALF * (d + bend)
        S[2 * k + 1] = slope * HALF


@njit(cache=True, nogil=True, error_model="numpy")
def pair(H: F32, S: F32, pairs: F32, k0: int, k1: int) -> None:
    """Lay u and slope of rays k0 up to k1 side by side, as `read_row` takes them."""
    for k in range(k0, k1):
        pairs[2 * k] = H[k]
        pairs[2 * k + 1] = S[k]


@njit(cache=True, nogil=True, error_model="numpy")
def read_row(
    pairs: U64,
    half: int,
    ground: F32,
    out: F32,
    x0: float,
    y: float,
    z0: float,
    c: float,
    reach: float,
    lens: Lens,
    index: I32,
    share: F32,
    before: U64,
    after: U64,
    h: F32,
    g: F32,
) -> None:
    """Write the altitude from which each post of a stretch of a row is in sight: never below the ground, NaN where that is not known.

    Infinite beyond the reach.
    pairs: (2 half + 1,) u and slope of each ray, two float32 in one word, so that they are fetched at once. ground, out: (n,). x0: x of the
    first post. lens: as this quarter sees it.
    Between two rays the image is their chord and the smaller of both edges' distances from it, where both lie on one side.
    index, share: (>= n,) to work in; before, after: (>= n,) words to work in, h and g the same memory as float32 pairs.
    """
    scale, first, middle, far, base, fall, far2 = f32(half / y), f32(x0), f32(half), f32(y), f32(z0), f32(c), f32(reach * reach)
    q0, q1, q2 = f32(lens.qyy * y * y), f32(lens.qxy * y), f32(lens.qxx)
    k0, k1, k2 = f32(1.0 + y * (lens.by + y * lens.cyy)), f32(lens.bx + y * lens.cxy), f32(lens.cxx)
    n = out.size
    last = i32(2 * half - 1)
    for q in range(n):
        p = (first + f32(i32(q))) * scale + middle
        k = i32(p)
        k = k if k > i32(0) else i32(0)  # noqa: FURB136 - a select fills the vectors, numba's max and min do not
        k = k if k < last else last  # noqa: FURB136 - the same
        index[q] = k
        share[q] = p - f32(k)
    for q in range(n):
        j = u32(index[q])
        before[q] = pairs[j]
        after[q] = pairs[j + u32(1)]
    for q in range(n):
        x = first + f32(i32(q))
        ha, sa, hb, sb = h[2 * q], h[2 * q + 1], g[2 * q], g[2 * q + 1]
        d = hb - ha
        e = (sa - d) * share[q]
        r = (d - sb) * (ONE - share[q])
        small = e if e < r else r  # noqa: FURB136 - the same
        great = r if e < r else e  # noqa: FURB136 - the same
        small = small if small > ZERO else ZERO  # noqa: FURB136 - the same
        great = great if great < ZERO else ZERO  # noqa: FURB136 - the same
        over = ONE / (k0 + x * (k1 + x * k2))
        d2 = (q0 + x * (q1 + x * q2)) * over  # distance squared, times g
        v = base + ((ha * (ONE - share[q]) + hb * share[q] + small + great) * far + d2 * fall) * over
        z = ground[q]
        v = v if v > z else z  # noqa: FURB136 - NaN ground gives NaN
        out[q] = v if d2 * over <= far2 else INFINITE

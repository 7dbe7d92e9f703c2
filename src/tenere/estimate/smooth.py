"""Fixed-lag smoothing of published tracks, for analysis: where each was at t, told by what came until t + lag.

Rauch, Tung & Striebel (1965), over the published states at the ends of ticks: F turns at the published rate (the mean of the two
ticks'), Q is white noise acceleration. The backward step is an affine map of the state one tick later (Sarkka & Svensson 2023,
12.2): x(k) = g + A x(k+1), P(k) = C + A P(k+1) A', with A, g, C known once tick k + 1 is; a row is smoothed by a chain of them.

Tracks publish neither the covariance of position with velocity nor the noise that their filter assumed. Both follow from what they
do publish, for the filter of one axis in a steady state (Kalata 1984; Kalman-Bucy with measurement noise r and acceleration noise q:
P11 = sqrt2 q^1/4 r^3/4, P12 = q^1/2 r^1/2, P22 = sqrt2 q^3/4 r^1/4):

    correlation P12 / sqrt(P11 P22) = 0.71 in continuous time; 0.58 to 0.73 in discrete updates, 0.65 is taken
    q = sqrt(P22^3 / (2 P11)); for a track that coasts, P11 = q t^3 / 3 and P22 = q t give 1.2 q: the same within a quarter

So q rises where the filter says that an aircraft manoeuvres. A chain ends where a track does, or leaps; and where the filter lost
more certainty than Q explains, so that what came later would only take some away, it begins anew.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.batch import Tracks, column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

CORRELATION = 0.65
LEAP = 100.0
"""Squared normalised distance of a state from the one before, predicted, beyond which the track is taken to have begun anew."""
LONGEST_S = 90.0
"""Ticks farther apart are not smoothed across."""


@dataclass(frozen=True)
class SmoothedTracks(Tracks):
    """Tracks, and beside each row what was known of it a lag later. Rows that nothing came after repeat what was published."""

    smooth_s: F64 = column("f8", "s", "time of the last state that told something: the row's own and up to the lag later")
    smooth_x_m: F64 = column("f8", "m", "x_m, smoothed")
    smooth_y_m: F64 = column("f8", "m", "y_m, smoothed")
    smooth_vx_ms: F64 = column("f8", "m/s", "vx_ms, smoothed")
    smooth_vy_ms: F64 = column("f8", "m/s", "vy_ms, smoothed")
    smooth_var_xx_m2: F64 = column("f8", "m2", "var_xx_m2, smoothed")
    smooth_var_xy_m2: F64 = column("f8", "m2", "var_xy_m2, smoothed")
    smooth_var_yy_m2: F64 = column("f8", "m2", "var_yy_m2, smoothed")
    smooth_lat_rad: F64 = column("f8", "rad", "WGS-84 latitude of the smoothed place; NaN where the sensor is unplaced")
    smooth_lon_rad: F64 = column("f8", "rad", "WGS-84 longitude of the smoothed place; NaN where the sensor is unplaced")


@njit(cache=True)
def covariance(xx: float, xy: float, yy: float, vv: float, p: np.ndarray) -> bool:
    """Fill p (4, 4) of x, y, vx, vy from the published variances (m2, m2/s2); say whether they are those of a state.

    The cross term is CORRELATION * Pxx^(1/2) * sqrt(vv), with the symmetric root of the position's covariance.
    """
    det = xx * yy - xy * xy
    if not (xx > 0.0 and yy > 0.0 and det > 1e-12 * xx * yy and vv > 0.0 and math.isfinite(xx + yy + vv)):
        return False
    root = math.sqrt(det)
    scale = CORRELATION * math.sqrt(vv) / math.sqrt(xx + yy + 2.0 * root)
    p[:] = 0.0
    p[0, 0], p[0, 1], p[1, 0], p[1, 1] = xx, xy, xy, yy
    p[2, 2] = p[3, 3] = vv
    p[0, 2] = p[2, 0] = scale * (xx + root)
    p[0, 3] = p[3, 0] = p[1, 2] = p[2, 1] = scale * xy
    p[1, 3] = p[3, 1] = scale * (yy + root)
    return True


@njit(cache=True)
def noise(xx: float, yy: float, vv: float) -> float:
    """Return the acceleration noise density q (m2/s3) of a filter that publishes these variances."""
    return math.sqrt(vv * vv * vv / (2.0 * max(xx, yy)))


@njit(cache=True)
def turning(w: float, dt: float, f: np.ndarray) -> None:
    """Fill f (4, 4) with the transition of x, y, vx, vy over dt (s) of a turn at w (rad/s, anticlockwise)."""
    a = w * dt
    s = dt if abs(a) < 1e-5 else math.sin(a) / w
    c = 0.5 * a * dt if abs(a) < 1e-5 else (1.0 - math.cos(a)) / w
    f[:] = 0.0
    f[0, 0] = f[1, 1] = 1.0
    f[0, 2], f[0, 3], f[1, 2], f[1, 3] = s, -c, c, s
    f[2, 2], f[2, 3], f[3, 2], f[3, 3] = math.cos(a), -math.sin(a), math.sin(a), math.cos(a)


@njit(cache=True)
def product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Fill out (4, 4) with a b; written out, for numba's own needs SciPy."""
    for i in range(4):
        for j in range(4):
            out[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j] + a[i, 3] * b[3, j]


@njit(cache=True)
def congruence(a: np.ndarray, p: np.ndarray, t: np.ndarray, out: np.ndarray) -> None:
    """Add a p a' to out (4, 4), p symmetric; t: (4, 4) scratch."""
    product(a, p, t)
    for i in range(4):
        for j in range(i, 4):
            out[i, j] += t[i, 0] * a[j, 0] + t[i, 1] * a[j, 1] + t[i, 2] * a[j, 2] + t[i, 3] * a[j, 3]
            out[j, i] = out[i, j]


@njit(cache=True)
def solve(s: np.ndarray, b: np.ndarray) -> bool:
    """Replace b (4, k) by inverse(s) b, s (4, 4) symmetric and replaced by its Cholesky factor; say whether s was positive."""
    for j in range(4):
        for k in range(j):
            s[j, j] -= s[j, k] * s[j, k]
        if not s[j, j] > 0.0:
            return False
        s[j, j] = math.sqrt(s[j, j])
        for i in range(j + 1, 4):
            for k in range(j):
                s[i, j] -= s[i, k] * s[j, k]
            s[i, j] /= s[j, j]
    for c in range(b.shape[1]):
        for i in range(4):
            for k in range(i):
                b[i, c] -= s[i, k] * b[k, c]
            b[i, c] /= s[i, i]
        for i in range(3, -1, -1):
            for k in range(i + 1, 4):
                b[i, c] -= s[k, i] * b[k, c]
            b[i, c] /= s[i, i]
    return True


@njit(cache=True)
def step_back(
    x: np.ndarray,
    p: np.ndarray,
    w: float,
    q: float,
    dt: float,
    later: np.ndarray,
    gain: np.ndarray,
    rest: np.ndarray,
    shift: np.ndarray,
    work: np.ndarray,
) -> bool:
    """Fill A, C (4, 4) and g (4,) of the step back from dt (s) later to x (4,), p (4, 4); say whether there is one.

    w: turn rate (rad/s, anticlockwise); q: m2/s3; later (4,): the published state then, to know a leap by. C is put together from
    positive parts: (I - A F) P (I - A F)' + A Q A'. work: (5, 4, 4) scratch.
    """
    f, s, u, fp, t = work
    turning(w, dt, f)
    u[:] = 0.0
    for a in range(2):
        u[a, a], u[a, a + 2], u[a + 2, a], u[a + 2, a + 2] = q * dt**3 / 3.0, q * dt * dt / 2.0, q * dt * dt / 2.0, q * dt
    product(f, p, fp)
    s[:] = u
    congruence(f, p, t, s)
    ahead_x = x[0] + f[0, 2] * x[2] + f[0, 3] * x[3]
    ahead_y = x[1] + f[1, 2] * x[2] + f[1, 3] * x[3]
    ahead_vx, ahead_vy = f[2, 2] * x[2] + f[2, 3] * x[3], f[3, 2] * x[2] + f[3, 3] * x[3]
    dx, dy = later[0] - ahead_x, later[1] - ahead_y
    d2 = (dx * dx * s[1, 1] - 2.0 * dx * dy * s[0, 1] + dy * dy * s[0, 0]) / max(s[0, 0] * s[1, 1] - s[0, 1] * s[1, 0], 1e-300)
    if not d2 < LEAP or not solve(s, fp):
        return False
    for a in range(4):
        for b in range(4):
            gain[a, b] = fp[b, a]
        shift[a] = x[a] - gain[a, 0] * ahead_x - gain[a, 1] * ahead_y - gain[a, 2] * ahead_vx - gain[a, 3] * ahead_vy
    product(gain, f, s)
    for a in range(4):
        for b in range(4):
            s[a, b] = (1.0 if a == b else 0.0) - s[a, b]
    rest[:] = 0.0
    congruence(s, p, t, rest)
    congruence(gain, u, t, rest)
    return True


class Ring(NamedTuple):
    """The last W ticks, up to C rows each: states, steps back from the next tick, and the row that each goes on in there (-1 none)."""

    mean: np.ndarray  # (W, C, 4)
    cov: np.ndarray  # (W, C, 4, 4)
    gain: np.ndarray  # (W, C, 4, 4)
    rest: np.ndarray  # (W, C, 4, 4)
    shift: np.ndarray  # (W, C, 4)
    link: np.ndarray  # (W, C) i8


@njit(cache=True)
def connect(ring: Ring, here: int, there: int, found: np.ndarray, w: np.ndarray, q: np.ndarray, dt: float) -> None:
    """Link the rows of slot here to slot there, dt (s) later. found (n,): the row of the same track there, -1 none; w, q: (n,)."""
    work = np.empty((5, 4, 4))
    for i in range(len(found)):
        j = found[i]
        ring.link[here, i] = -1
        if j < 0 or not (math.isfinite(w[i]) and math.isfinite(q[i])):
            continue
        out = ring.gain[here, i], ring.rest[here, i], ring.shift[here, i]
        if step_back(ring.mean[here, i], ring.cov[here, i], w[i], q[i], dt, ring.mean[there, j], out[0], out[1], out[2], work):
            ring.link[here, i] = j


@njit(cache=True)
def look_back(ring: Ring, first: int, n: int, steps: int, mean: np.ndarray, cov: np.ndarray, used: np.ndarray) -> None:
    """Fill mean (n, 4), cov (n, 4, 4) of the n rows of a slot from up to so many ticks after it; used (n,): how many told something."""
    slots = len(ring.link)
    path = np.empty(steps + 1, np.int64)
    x, p, t, y, r = np.empty(4), np.empty((4, 4)), np.empty((4, 4)), np.empty(4), np.empty((4, 4))
    for i in range(n):
        path[0], e = i, 0
        while e < steps and ring.link[(first + e) % slots, path[e]] >= 0:
            path[e + 1] = ring.link[(first + e) % slots, path[e]]
            e += 1
        used[i] = e
        x[:], p[:] = ring.mean[(first + e) % slots, path[e]], ring.cov[(first + e) % slots, path[e]]
        for k in range(e - 1, -1, -1):
            slot, row = (first + k) % slots, path[k]
            gain = ring.gain[slot, row]
            for a in range(4):
                y[a] = ring.shift[slot, row, a] + gain[a, 0] * x[0] + gain[a, 1] * x[1] + gain[a, 2] * x[2] + gain[a, 3] * x[3]
            x[:] = y
            r[:] = ring.rest[slot, row]
            congruence(gain, p, t, r)
            p[:] = r
            own = ring.cov[slot, row]
            if not p[0, 0] + p[1, 1] <= own[0, 0] + own[1, 1]:
                x[:], p[:], used[i] = ring.mean[slot, row], own, k
        mean[i], cov[i] = x, p


class FixedLag:
    """A smoother that is given the tracks of each tick and gives those of the tick that is a lag old.

    >>> smoother = FixedLag(2)
    >>> [len(smoother.step(Tracks.blank(n, number=np.arange(n) + 1, time_s=float(n)))) for n in (1, 2, 3, 4)], smoother.held
    ([0, 0, 1, 2], 2)
    >>> len(smoother.flush()), len(smoother.flush()), smoother.held
    (3, 4, 0)
    """

    def __init__(self, lag: int) -> None:
        """Start with no tick. lag: in ticks, 1 or more."""
        self.lag = lag
        self._ticks: list[Tracks] = []
        self._first = 0
        self._ring = _ring(lag + 1, 64)
        self._noise = np.zeros(0)

    @property
    def held(self) -> int:
        """Ticks that were given and not given back yet."""
        return len(self._ticks)

    def step(self, tracks: Tracks) -> SmoothedTracks:
        """Take the tracks of the next tick; return those of the one a lag before it, smoothed (no rows until there is one)."""
        n = len(tracks)
        if n > self._ring.link.shape[1]:
            self._ring = _grown(self._ring, 2 * n)
        slots = self.lag + 1
        slot = (self._first + len(self._ticks)) % slots
        ring = self._ring
        ring.link[slot, :n] = -1
        ring.mean[slot, :n] = np.column_stack([tracks.x_m, tracks.y_m, tracks.vx_ms, tracks.vy_ms])
        q = np.full(n, np.nan)
        covariances(tracks.var_xx_m2, tracks.var_xy_m2, tracks.var_yy_m2, tracks.var_v_m2s2, ring.cov[slot], q)
        q[~np.isfinite(ring.mean[slot, :n]).all(axis=1)] = np.nan
        if self._ticks:
            self._connect(self._ticks[-1], tracks, (slot - 1) % slots, slot, q)
        self._noise = q
        self._ticks.append(tracks)
        return self.flush() if len(self._ticks) > self.lag else SmoothedTracks.blank()

    def _connect(self, before: Tracks, tracks: Tracks, here: int, there: int, q: F64) -> None:
        """Link the rows of the tick before to those of this one."""
        if not len(before) or not len(tracks):
            return
        dt = float(tracks.time_s[0] - before.time_s[0])
        found = _same(before, tracks)
        if not 0.0 < dt <= LONGEST_S:
            found[:] = -1
        j = np.maximum(found, 0)
        w = -0.5 * (before.turn_rads + tracks.turn_rads[j])
        connect(self._ring, here, there, found, w, 0.5 * (self._noise + q[j]), dt)

    def flush(self) -> SmoothedTracks:
        """Return the oldest tick held, smoothed by what came after it."""
        tracks = self._ticks.pop(0)
        n = len(tracks)
        mean, cov, used = np.empty((n, 4)), np.empty((n, 4, 4)), np.zeros(n, np.int64)
        look_back(self._ring, self._first, n, len(self._ticks), mean, cov, used)
        times_s = np.array([np.nan if not len(t) else t.time_s[0] for t in (tracks, *self._ticks)])
        self._first = (self._first + 1) % (self.lag + 1)
        smoothed = used > 0
        own = {name: getattr(tracks, name) for name, _, _, _ in Tracks.columns()}
        return SmoothedTracks.blank(
            n,
            **own,
            smooth_s=times_s[used],
            smooth_x_m=mean[:, 0],
            smooth_y_m=mean[:, 1],
            smooth_vx_ms=mean[:, 2],
            smooth_vy_ms=mean[:, 3],
            smooth_var_xx_m2=np.where(smoothed, cov[:, 0, 0], tracks.var_xx_m2),
            smooth_var_xy_m2=np.where(smoothed, cov[:, 0, 1], tracks.var_xy_m2),
            smooth_var_yy_m2=np.where(smoothed, cov[:, 1, 1], tracks.var_yy_m2),
            smooth_lat_rad=tracks.lat_rad,
            smooth_lon_rad=tracks.lon_rad,
        )


@njit(cache=True)
def covariances(xx: np.ndarray, xy: np.ndarray, yy: np.ndarray, vv: np.ndarray, cov: np.ndarray, q: np.ndarray) -> None:
    """Fill cov (>= n, 4, 4) and q (n,) from the published variances (n,); q is NaN where they are no state's."""
    for i in range(len(xx)):
        if covariance(xx[i], xy[i], yy[i], vv[i], cov[i]):
            q[i] = noise(xx[i], yy[i], vv[i])
        else:
            cov[i] = 0.0
            q[i] = np.nan


def _same(before: Tracks, after: Tracks) -> I64:
    """Return for each row the row of the same track in the other tick, -1 where there is none."""
    order = np.argsort(after.number, kind="stable")
    at = order[np.minimum(np.searchsorted(after.number[order], before.number), len(order) - 1)]
    same = (after.number[at] == before.number) & (after.frame[at] == before.frame) & (after.source[at] < 0)
    return np.where(same, at, -1)


def _ring(slots: int, capacity: int) -> Ring:
    """Return an empty ring."""
    a, b = (slots, capacity, 4), (slots, capacity, 4, 4)
    return Ring(np.zeros(a), np.zeros(b), np.zeros(b), np.zeros(b), np.zeros(a), np.full((slots, capacity), -1, np.int64))


def _grown(old: Ring, capacity: int) -> Ring:
    """Return the same ring with room for more rows a tick."""
    new = _ring(len(old.link), capacity)
    for a, b in zip(old, new, strict=True):
        b[:, : a.shape[1]] = a
    return new

"""Which volumes is each track in, and which will it enter soon: asked of ten thousand volumes for twenty thousand tracks at once.

An index is made once for a list of volumes and asked every tick. Each volume lies in a grid of degrees (see ``cells``); a track asks
its cell, or the cells of its way ahead, whose volumes are first compared by height and only then, where an outline cuts the cell, by
geometry. Polygons are bounded by great circles, holes are holes, and neither a pole nor the 180th meridian is special.

A height may be known, known within bounds (above a ground that is not known), or not known at all: it is given as the lowest and highest it
may be. What may be inside is found, and ``sure`` says whether it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.airspace import cells
from tenere.airspace.kernels import CIRCLE, CORRIDOR, POLYGON
from tenere.airspace.model import Circle, Corridor, Polygon
from tenere.geo.ellipsoid import geodetic_to_ecef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.airspace.model import Limit, Volume

    F64 = NDArray[np.float64]
    I32 = NDArray[np.int32]
    Flags = NDArray[np.bool_]

DATUMS = ("amsl", "agl", "fl")
"""Columns of a table of heights, in this order."""
MARGIN_M = 2_000.0
"""Most by which a question may widen volumes beyond their buffers."""
REACH_M = 60_000.0
"""Farthest that a question looks ahead."""
_BEND_M = 300.0
"""How far a way of REACH_M may leave the straight line in degrees, at 70 degrees of latitude."""
LARGEST_M = 3.5e6
"""Volumes that reach farther than this from their middle are not indexed."""
_GROUND_LOW_M, _GROUND_HIGH_M = -430.0, 8_850.0
"""The lowest and highest ground there is."""
_STEPS_DEG = (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0)
_MOST_CELLS = 3_000_000


class Heights(NamedTuple):
    """The lowest and highest that each place may be, (n, 3) metres: above mean sea level, above the ground, pressure altitude."""

    low_m: F64
    high_m: F64

    @classmethod
    def of(cls, amsl_m: F64, pressure_altitude_m: F64, ground_m: F64) -> Heights:
        """Return the bounds of heights, NaN where not known; ground_m: the ground above mean sea level, NaN where not known."""
        n = len(amsl_m)
        low, high = np.empty((n, 3)), np.empty((n, 3))
        for k, exact in ((0, amsl_m), (1, amsl_m - ground_m), (2, pressure_altitude_m)):
            unknown = np.isnan(exact)
            low[:, k], high[:, k] = np.where(unknown, -np.inf, exact), np.where(unknown, np.inf, exact)
        vague = np.isnan(ground_m) & ~np.isnan(amsl_m)
        low[vague, 1], high[vague, 1] = amsl_m[vague] - _GROUND_HIGH_M, amsl_m[vague] - _GROUND_LOW_M
        return cls(low, high)


class Inside(NamedTuple):
    """Pairs by rising row and volume: place, position of the volume in the list, False where its height is not known well enough."""

    row: I32
    volume: I32
    sure: Flags


class Ahead(NamedTuple):
    """Pairs by rising row: place, position of the volume, whether the height is known well enough, how it stands.

    vertical: 2 within the volume's limits by the margin, 1 within them or outside by less than it, 0 neither. depth_m: metres within the
    outline (negative outside), -infinite where vertical is 0. after_s: when it will be within the widened volume, 0 now; infinite: it is
    beside its limits by less than the margin, and does not go there.
    """

    row: I32
    volume: I32
    sure: Flags
    vertical: NDArray[np.int8]
    depth_m: F64
    after_s: F64


@dataclass(frozen=True)
class Index:
    """Volumes, ready to be asked.

    refused: those too large or without an outline, by position. grid, outline, seen, read, laid: what the kernels want.
    """

    volumes: tuple[Volume, ...]
    refused: tuple[int, ...]
    limits: F64
    datum: NDArray[np.int8]
    cap_m: F64
    buffer_m: F64
    grid: tuple[Any, ...]
    outline: tuple[Any, ...]
    seen: I32
    read: tuple[_Outline, ...]
    laid: tuple[I32, I32]

    @classmethod
    def of(cls, volumes: Sequence[Volume], before: Index | None = None) -> Index:
        """Lay volumes into a grid. before: an index whose volumes were much the same: only what is new is laid."""
        if len({id(v) for v in volumes}) < len(volumes):
            before = None  # one object twice: which of the two was where cannot be told
        known = {id(v): k for k, v in enumerate(before.volumes)} if before is not None else {}
        was = [known.get(id(v), -1) for v in volumes]  # the index before still holds its volumes, so no id is another's
        outlines = [before.read[k] if before is not None and k >= 0 else _outline(v) for v, k in zip(volumes, was, strict=True)]
        n = len(volumes)
        first = np.cumsum([0, *(len(o.points) for o in outlines)], dtype=np.int64)
        points = np.ascontiguousarray(np.concatenate([o.points for o in outlines]) if n else np.zeros((0, 3)))
        link = np.concatenate([o.link for o in outlines]) if n else np.zeros(0, np.bool_)
        centre = np.array([o.centre for o in outlines]).reshape(n, 3)
        shape = np.array([o.shape for o in outlines], np.int8)
        width_m = np.array([o.width_m for o in outlines], float)
        own, plane = _planes(centre, points, first)
        cap_m = _caps(centre, points, first, shape, width_m)
        limits = np.array([(_floor(v.floor), _ceiling(v.ceiling)) for v in volumes], float).reshape(n, 2)
        datum = np.array([(DATUMS.index(v.floor.datum), DATUMS.index(v.ceiling.datum)) for v in volumes], np.int8).reshape(n, 2)
        buffer_m = np.array([(v.buffer_m, v.buffer_up_m) for v in volumes], float).reshape(n, 2)
        good = np.isfinite(cap_m) & (cap_m + buffer_m[:, 0] < LARGEST_M)
        outline = (shape, first, link, points, own, plane[:, 0].copy(), plane[:, 1].copy(), centre, width_m)
        slack_m = np.where(good, buffer_m[:, 0] + MARGIN_M + _BEND_M, -np.inf)
        cap_laid_m = np.where(good, cap_m, -np.inf)
        grid = _grid_for(centre[good], cap_m[good] + slack_m[good])
        at, codes = np.zeros(0, np.int32), np.zeros(0, np.int32)
        new = np.arange(n)
        if before is not None and _same_span(grid, before.grid[0]):
            grid = before.grid[0]
            at, codes = _moved(before.laid, np.array(was, np.int64), len(before.volumes))
            new = new[np.array(was, np.int64) < 0]
        more_at, more_codes = cells.lay(new, grid, *outline, cap_laid_m, slack_m)
        at, codes = np.concatenate([at, more_at]), np.concatenate([codes, more_codes])
        order = np.argsort(codes, kind="stable")
        at, codes = at[order], codes[order]
        start, entries = cells.ordered(at, codes, int(grid[2] * grid[3]))
        return cls(
            volumes=tuple(volumes),
            refused=tuple(np.flatnonzero(~good).tolist()),
            limits=limits,
            datum=datum,
            cap_m=cap_m,
            buffer_m=buffer_m,
            grid=(grid, start, entries),
            outline=outline,
            seen=np.full(n, -1, np.int32),
            read=tuple(outlines),
            laid=(at, codes),
        )

    def inside(self, lat_rad: F64, lon_rad: F64, heights: Heights, wanted: Flags | None = None) -> Inside:
        """Return each place and each volume that it is, or may be, in; a place that is NaN is in none. wanted: (v,) which to ask."""
        ask: Any = cells.pairs_inside
        return Inside(*ask(lat_rad, lon_rad, *heights, self._wanted(wanted), *self.grid, self.limits, self.datum, *self.outline))

    def ahead(
        self,
        lat_rad: F64,
        lon_rad: F64,
        heights: Heights,
        motion: tuple[F64, F64, F64],
        margin_m: F64,
        horizon_s: float,
        wanted: Flags | None = None,
        height_margin_m: float = 0.0,
        *,
        buffers: bool = True,
    ) -> Ahead:
        """Return each place and each volume that it is in, or will be within horizon_s seconds if it flies straight on.

        motion: east, north and vertical speed, m/s; NaN: not known, then nothing is foreseen. margin_m: (n,) by how much each place
        widens volumes beyond their buffers, at most MARGIN_M; buffers: False to leave the buffers out. Ground is taken to stay as
        high as it is under the place.
        """
        self.seen[:] = -1
        margin_m = np.clip(np.nan_to_num(margin_m, nan=0.0, posinf=MARGIN_M), 0.0, MARGIN_M)
        buffer_m = self.buffer_m if buffers else np.zeros_like(self.buffer_m)
        ask: Any = cells.pairs_ahead
        out = ask(
            lat_rad,
            lon_rad,
            *heights,
            *motion,
            margin_m,
            float(horizon_s),
            float(height_margin_m),
            REACH_M,
            self.seen,
            self._wanted(wanted),
            *self.grid,
            self.limits,
            self.datum,
            *self.outline,
            self.cap_m,
            buffer_m,
        )
        return Ahead(out[:, 0].astype(np.int32), out[:, 1].astype(np.int32), out[:, 2] > 0, out[:, 3].astype(np.int8), out[:, 4], out[:, 5])

    def depths_m(self, lat_rad: F64, lon_rad: F64, volume: int) -> F64:
        """Return how deep places are within the outline of one volume, metres; negative outside."""
        return np.asarray(cells.depths(lat_rad, lon_rad, volume, *self.outline))

    def _wanted(self, wanted: Flags | None) -> Flags:
        return np.ones(len(self.volumes), np.bool_) if wanted is None else wanted


class _Outline(NamedTuple):
    """One volume's outline: what it is, its points on the ellipsoid (metres, Earth-centred), edges, middle, radius or half width."""

    shape: int
    points: F64
    link: Flags
    centre: F64
    width_m: float


def _outline(volume: Volume) -> _Outline:
    """Read a volume's shape."""
    match volume.shape:
        case Polygon(ring, holes):
            rings = [_points((*r, r[0])) for r in (ring, *holes) if len(r) >= 3]
            points = np.concatenate(rings) if rings else np.zeros((0, 3))
            link = np.ones(len(points), np.bool_)
            link[np.cumsum([len(r) for r in rings]) - 1 if rings else []] = False
            outer = rings[0] if rings else points
            return _Outline(POLYGON, points, link, _middle(outer), 0.0)
        case Circle(lat, lon, radius_m):
            centre = _points(((lat, lon),))
            return _Outline(CIRCLE, centre, np.zeros(1, np.bool_), centre[0], radius_m)
        case Corridor(line, width_m):
            points = _points(line)
            link = np.ones(len(points), np.bool_)
            link[-1:] = False
            return _Outline(CORRIDOR, points, link, _middle(points), 0.5 * width_m)
    raise TypeError(volume.shape)


def _points(line: Sequence[tuple[float, float]]) -> F64:
    at = np.radians(np.array(line, float).reshape(-1, 2))
    return np.stack(geodetic_to_ecef(at[:, 0], at[:, 1], 0.0), axis=1)


def _middle(points: F64) -> F64:
    """Return the middle of the box of some points, brought back to the ellipsoid; NaN where there is none."""
    if not len(points):
        return np.full(3, np.nan)
    sum_ = 0.5 * (points.min(axis=0) + points.max(axis=0))
    length = np.linalg.norm(sum_)
    if not length > 1.0:
        return np.full(3, np.nan)
    x, y, z = sum_ / length
    scale = 1.0 / np.sqrt((x * x + y * y) / 6_378_137.0**2 + z * z / 6_356_752.314245**2)
    return np.asarray(np.array([x, y, z]) * scale)


def _planes(centre: F64, points: F64, first: NDArray[np.int64]) -> tuple[F64, F64]:
    """Return each volume's own plane (v, 9: outward, east, north) and its points thrown onto it (p, 2)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        out = centre / np.linalg.norm(centre, axis=1, keepdims=True)
        flat = np.hypot(out[:, 0], out[:, 1])
        pole = ~(flat > 1e-9)
        x = np.where(pole, 1.0, out[:, 0] / flat)
        y = np.where(pole, 0.0, out[:, 1] / flat)
        east = np.stack([-y, x, np.zeros_like(x)], axis=1)
        own = np.concatenate([out, east, np.cross(out, east)], axis=1)
        mine = np.repeat(own, np.diff(first), axis=0)
        depth = np.einsum("pk,pk->p", mine[:, 0:3], points)
        flat_points = np.stack([np.einsum("pk,pk->p", mine[:, a : a + 3], points) / depth for a in (3, 6)], axis=1)
    return np.ascontiguousarray(own), flat_points


def _caps(centre: F64, points: F64, first: NDArray[np.int64], shape: NDArray[np.int8], width_m: F64) -> F64:
    """Return how far each volume reaches from its middle; infinite where it has no outline or goes half round the earth."""
    away = np.linalg.norm(points - np.repeat(centre, np.diff(first), axis=0), axis=1)
    cap = np.full(len(shape), np.inf)
    full = np.diff(first) > 0
    if full.any():
        cap[full] = np.maximum.reduceat(away, first[:-1][full])
    cap = np.where(np.isnan(cap) | (cap > 9.0e6), np.inf, cap)
    arc = 2.0 * 6_371_008.8 * np.arcsin(np.clip(cap / (2.0 * 6_371_008.8), 0.0, 1.0)) * 1.004
    return np.asarray(np.where(np.isinf(cap), np.inf, arc) + np.where(shape == POLYGON, 0.0, width_m))


def _grid_for(centre: F64, reach_m: F64) -> F64:
    """Return south, step (degrees), rows and columns of a grid that holds what reaches so far from some middles."""
    if not len(centre):
        return np.array([0.0, 2.0, 0.0, 180.0])
    lat = np.degrees(np.arctan2(centre[:, 2], np.hypot(centre[:, 0], centre[:, 1])))
    reach = np.degrees(reach_m / 6.35e6) + 0.25  # geocentric latitudes lie 0.2 degrees off
    low, high = max(-90.0, float((lat - reach).min())), min(90.0, float((lat + reach).max()))
    usual = float(np.degrees(np.median(reach_m) / 6.371e6))
    for step in _STEPS_DEG:
        rows = np.ceil((high - low) / step)
        if step >= 0.5 * usual and rows * 360.0 / step <= _MOST_CELLS:
            break
    south = min(low, 90.0 - rows * step)
    return np.array([south, step, rows, 360.0 / step])


def _same_span(grid: F64, before: F64) -> bool:
    """Say whether an older grid also serves: as fine, and holding all of it."""
    return bool(before[1] == grid[1] and before[0] <= grid[0] and before[0] + before[1] * before[2] >= grid[0] + grid[1] * grid[2])


def _moved(laid: tuple[I32, I32], was: NDArray[np.int64], n: int) -> tuple[I32, I32]:
    """Return the laid cells of the volumes that stay, by their new positions. was: the old position of each, -1 new; n: how many were."""
    to = np.full(n, -1, np.int32)
    stay = np.flatnonzero(was >= 0)
    to[was[stay]] = stay
    at, codes = laid
    goes = to[codes >> 2]
    keep = goes >= 0
    return at[keep], goes[keep] * 4 + (codes[keep] & 3)


def _floor(limit: Limit) -> float:
    """Return a floor; the ground itself bounds nothing."""
    return -np.inf if limit.datum == "agl" and limit.value_m <= 0.0 else limit.value_m


def _ceiling(limit: Limit) -> float:
    return limit.value_m

"""Holes: connected ground over which nobody sees at a height; how large, where, who stands around, and what flies through.

seen = count_at(picture, Height(1500 * FOOT_M))
found = holes(picture, (seen == 0) & inside, density)
found[0].area_m2, found[0].says()
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from tenere.geo.holes import Floor
from tenere.geo.regions import boxes, innermost, label, outline, renumbered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.coverage.country import Picture
    from tenere.coverage.traffic import Density
    from tenere.geo.terrain import CountryPlane

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]
    I32 = NDArray[np.int32]
    Mask = NDArray[np.bool_]

LEAST_M2 = 25e6
"""Smaller ones are left out, but counted."""
MOST_HOLES = 500
LONGEST_SIDE = 64
"""Posts between two corners of an outline: a side of the plane is drawn as a straight line of latitude and longitude."""


@dataclass(frozen=True)
class Hole:
    """One hole. Its id says its rank by area: hole-1 is the largest.

    lat_rad, lon_rad: its most inner point. bounds_rad: west, south, east, north. rings: (p, 2) latitude and longitude in radians, not
    closed, the outer one first and counter-clockwise. lowest_m, median_m: of its posts, the altitude AMSL from which they are seen, the
    least and the middle one; infinite: by nobody. median_above_m: the same above ground. traffic_s: seconds of flight over it, at any
    altitude; unseen_s: those below what is seen; NaN: not asked for. traffic_rank: 1 for the most flown over. sensors: ids of
    those that see its surroundings, those along most of its border first.
    """

    id: str
    area_m2: float
    posts: int
    lat_rad: float
    lon_rad: float
    bounds_rad: tuple[float, float, float, float]
    rings: tuple[F64, ...]
    lowest_m: float
    median_m: float
    median_above_m: float
    traffic_s: float
    unseen_s: float
    traffic_rank: int
    sensors: tuple[str, ...]

    def says(self) -> str:
        """Say it in a line."""
        seen = f"seen from {self.median_above_m / 0.3048:,.0f} ft above ground" if math.isfinite(self.median_above_m) else "seen by nobody"
        flown = "" if math.isnan(self.traffic_s) else f", {self.traffic_s / 3600:,.1f} h of flight over it"
        about = f", {', '.join(self.sensors[:3])} around it" if self.sensors else ""
        return (
            f"{self.id}: {self.area_m2 / 1e6:,.0f} km2 about {math.degrees(self.lat_rad):.2f} N {math.degrees(self.lon_rad):.2f} E, "
            f"in the middle {seen}{about}{flown}"
        )

    def feature(self) -> dict[str, Any]:
        """Return it as a GeoJSON feature: RFC 7946, longitude before latitude, outer ring counter-clockwise, rings closed."""
        rings = [np.degrees(np.vstack([r, r[:1]])[:, ::-1]).round(5).tolist() for r in self.rings]
        west, south, east, north = np.degrees(self.bounds_rad).round(5).tolist()
        return {
            "type": "Feature",
            "id": self.id,
            "bbox": [west, south, east, north],
            "geometry": {"type": "Polygon", "coordinates": rings},
            "properties": self.row(),
        }

    def row(self) -> dict[str, Any]:
        """Return its figures without its outline, in the units of the edge."""
        return {
            "id": self.id,
            "area_km2": round(self.area_m2 / 1e6, 1),
            "lat_deg": round(math.degrees(self.lat_rad), 5),
            "lon_deg": round(math.degrees(self.lon_rad), 5),
            "lowest_m": _told(self.lowest_m),
            "median_m": _told(self.median_m),
            "median_above_ground_m": _told(self.median_above_m),
            "traffic_h": _told(self.traffic_s / 3600.0, 3),
            "unseen_h": _told(self.unseen_s / 3600.0, 3),
            "traffic_rank": self.traffic_rank,
            "sensors": list(self.sensors),
        }


def _told(value: float, digits: int = 0) -> float | None:
    """Return a number to write, None where it is none."""
    return round(value, digits) if math.isfinite(value) else None


@dataclass(frozen=True)
class Found:
    """The holes of a mask, the largest first. labels: (n, m) int32, k at the posts of the k-th hole, 0 elsewhere.

    small, small_m2: how many more there are that are smaller than asked for or too many, and their area together.
    """

    holes: tuple[Hole, ...]
    labels: I32
    small: int
    small_m2: float

    def by_traffic(self) -> tuple[Hole, ...]:
        """Return them in the order of what flies over them."""
        return tuple(sorted(self.holes, key=lambda h: h.traffic_rank))

    def geojson(self) -> dict[str, Any]:
        """Return a GeoJSON feature collection."""
        return {"type": "FeatureCollection", "features": [h.feature() for h in self.holes]}


def holes(
    picture: Picture,
    mask: Mask,
    density: Density | None = None,
    *,
    least_m2: float = LEAST_M2,
    most: int = MOST_HOLES,
    outlines: bool = True,
) -> Found:
    """Return the holes of a mask over a picture's plane, (n, m): true where it is asked for and not seen.

    density: what flies, on the same plane. least_m2: smaller holes are counted only; most: so are those of a higher rank. outlines: draw
    them. Posts that meet at a corner only are not connected.
    """
    plane = picture.plane
    labels, count = label(mask)
    area, posts = np.zeros(count + 1), np.zeros(count + 1, np.int64)
    _areas(labels, _row_areas(plane), area, posts)
    order = np.argsort(-area[1:], kind="stable") + 1
    kept = order[: min(most, int((area[1:] >= least_m2).sum()))]
    to = np.zeros(count + 1, np.int32)
    to[kept] = np.arange(1, len(kept) + 1)
    renumbered(labels, to)
    places, around = innermost(labels, len(kept)), boxes(labels, len(kept))
    seen = _sorted(picture, labels, np.append(0, posts[kept]))
    border = np.zeros((len(kept) + 1, len(picture.sights)), np.int64)
    _borders(labels, picture.best, border)
    over, unseen = _flown(picture, labels, len(kept), density)
    rank = np.argsort(np.argsort(-over[1:], kind="stable"), kind="stable") + 1
    made = []
    for k in range(1, len(kept) + 1):
        top, bottom, left, right = around[k].tolist()
        rings: tuple[F64, ...] = ()
        if outlines:
            rings = tuple(_placed(plane, r) for r in outline(labels[top:bottom, left:right] == k, top, left))
        lat, lon = plane.place(*(places[k].astype(float)))
        who = [i for i in np.argsort(-border[k], kind="stable").tolist() if border[k, i]]
        amsl, above = seen[k]
        made.append(
            Hole(
                f"hole-{k}", float(area[kept[k - 1]]), int(posts[kept[k - 1]]), float(lat), float(lon),
                _bounds(plane, rings, (top, bottom, left, right)), rings,
                float(amsl[0]), float(np.median(amsl)), float(np.median(above)),
                float(over[k]) if density is not None else math.nan, float(unseen[k]) if density is not None else math.nan,
                int(rank[k - 1]) if density is not None else k, tuple(picture.sights[i].id for i in who),
            )
        )  # fmt: skip
    return Found(tuple(made), labels, count - len(kept), float(area[1:].sum() - area[kept].sum()))


def _row_areas(plane: CountryPlane) -> F64:
    """Return the ground's area of posts (n, s): at every 16th column of each row, for it changes slowly."""
    n, m = plane.shape
    return np.asarray(plane.area_m2(np.arange(n)[:, None].astype(float), np.arange(0, m + 16, 16)[None].astype(float)))


@njit(cache=True)
def _areas(labels: I32, share: F64, area: F64, posts: NDArray[np.int64]) -> None:
    """Add up the area and the posts of each region. share: (n, s) area at every 16th column."""
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            k = labels[i, j]
            if k > 0:
                g = (j % 16) / 16.0
                area[k] += share[i, j // 16] * (1.0 - g) + share[i, j // 16 + 1] * g
                posts[k] += 1


@njit(cache=True)
def _gather(labels: I32, best: F32, ground: F32, at: NDArray[np.int64], amsl: F32, above: F32) -> None:
    """Write the altitudes of each region side by side, from at (count + 1,) on."""
    for i in range(labels.shape[0]):
        for j in range(labels.shape[1]):
            k = labels[i, j]
            if k > 0:
                amsl[at[k]] = best[i, j]
                above[at[k]] = best[i, j] - ground[i, j]
                at[k] += 1


def _sorted(picture: Picture, labels: I32, posts: NDArray[np.int64]) -> list[tuple[F32, F32]]:
    """Return the altitudes, and the heights above ground, from which the posts of each region are seen, ascending."""
    ends = np.cumsum(posts)
    amsl, above = np.empty(int(ends[-1]), np.float32), np.empty(int(ends[-1]), np.float32)
    _gather(labels, picture.best_m, picture.plane.heights_m, np.append(0, ends[:-1]), amsl, above)
    above[np.isnan(above)] = np.inf
    return [(np.sort(amsl[a:b]), np.sort(above[a:b])) for a, b in pairwise(np.append(0, ends).tolist())]


@njit(cache=True)
def _borders(labels: I32, best: NDArray[np.int16], out: NDArray[np.int64]) -> None:
    """Count, for each region, the posts beside it that each sensor sees best."""
    n, m = labels.shape
    for i in range(n):
        for j in range(m):
            k = labels[i, j]
            if k == 0:
                continue
            for di, dj in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                a, b = i + di, j + dj
                if 0 <= a < n and 0 <= b < m and labels[a, b] != k and best[a, b] >= 0:
                    out[k, best[a, b]] += 1


@njit(cache=True)
def _over(labels: I32, best: F32, seconds: F64, bands: F64, block: int, over: F64, unseen: F64) -> None:
    """Add up the seconds flown over each region, and those below what is seen."""
    n, m = labels.shape
    layers = len(bands)
    for i in range(n):
        bi = i // block
        high = min(block, n - bi * block)
        for j in range(m):
            k = labels[i, j]
            if k == 0:
                continue
            bj = j // block
            share = 1.0 / (high * min(block, m - bj * block))
            for q in range(layers):
                s = seconds[q, bi, bj]
                if s == 0.0:
                    continue
                over[k] += s * share
                if q < layers - 1 and best[i, j] > bands[q]:
                    part = (best[i, j] - bands[q]) / (bands[q + 1] - bands[q]) if bands[q + 1] < np.inf else 1.0
                    part = 1.0 if best[i, j] == np.inf else part
                    unseen[k] += s * share * min(1.0, part)


def _flown(picture: Picture, labels: I32, count: int, density: Density | None) -> tuple[F64, F64]:
    """Return the seconds flown over each region (count + 1,), and those below what is seen; zero without a density."""
    over, unseen = np.zeros(count + 1), np.zeros(count + 1)
    if density is not None:
        assert density.plane.shape == picture.plane.shape, "the density lies on another plane"
        _over(labels, picture.best_m, density.seconds, density.bands_m, density.block, over, unseen)
    return over, unseen


def _placed(plane: CountryPlane, ring: F64) -> F64:
    """Return latitudes and longitudes of a ring of rows and columns, long sides cut."""
    parts = []
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        cuts = max(1, math.ceil(float(np.abs(b - a).max()) / LONGEST_SIDE))
        parts.append(a + (b - a) * (np.arange(cuts)[:, None] / cuts))
    every = np.concatenate(parts)
    return np.column_stack(plane.place(every[:, 0], every[:, 1]))


def _bounds(plane: CountryPlane, rings: tuple[F64, ...], box: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the outer ring, or of a box of posts where none is drawn."""
    if rings:
        lat, lon = rings[0][:, 0], rings[0][:, 1]
    else:
        rows, columns = np.linspace(box[0], box[1], 9) - 0.5, np.linspace(box[2], box[3], 9) - 0.5
        lat, lon = (v.ravel() for v in plane.place(*np.meshgrid(rows, columns)))
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def visible_floor(picture: Picture, step_deg: float = 0.05, inside: Mask | None = None) -> Floor:
    """Return what a picture sees as a floor that rules may ask: of each cell the highest floor of the posts in it.

    Cells of a step finer than the posts take the nearest post's. inside: where it is asked; cells without such a post are not known.
    """
    plane = picture.plane
    n, m = plane.shape
    edge = np.concatenate(
        [
            np.column_stack(plane.place(*v))
            for v in ((np.arange(n), 0.0), (np.arange(n), m - 1.0), (0.0, np.arange(m)), (n - 1.0, np.arange(m)))
        ]
    )
    edge_deg = np.degrees(edge)
    north, west = (math.ceil(edge_deg[:, 0].max() / step_deg) * step_deg, math.floor(edge_deg[:, 1].min() / step_deg) * step_deg)
    shape = (math.ceil((north - edge_deg[:, 0].min()) / step_deg), math.ceil((edge_deg[:, 1].max() - west) / step_deg))
    lat = np.radians(north - (np.arange(shape[0]) + 0.5) * step_deg)[:, None]
    lon = np.radians(west + (np.arange(shape[1]) + 0.5) * step_deg)[None]
    rows, columns = plane.to_grid(lat, lon)
    i, j = np.rint(rows).astype(np.int64), np.rint(columns).astype(np.int64)
    there = (i >= 0) & (i < n) & (j >= 0) & (j < m)
    i, j = np.clip(i, 0, n - 1), np.clip(j, 0, m - 1)
    known = ~np.isnan(plane.heights_m)
    if inside is not None:
        known &= inside
    there &= known[i, j]
    best, second = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    best[there], second[there] = picture.best_m[i, j][there], picture.second_m[i, j][there]
    for first in range(0, n, 64):
        part = slice(first, min(n, first + 64))
        a, b = plane.place(np.arange(part.start, part.stop, dtype=float)[:, None], np.arange(m, dtype=float)[None])
        r = ((north - np.degrees(a)) / step_deg).astype(np.int64)
        c = ((np.degrees(b) - west) / step_deg).astype(np.int64)
        _raise(
            best,
            second,
            np.clip(r, 0, shape[0] - 1),
            np.clip(c, 0, shape[1] - 1),
            picture.best_m[part],
            picture.second_m[part],
            known[part],
        )
    return Floor(north, west, step_deg, best, second)


@njit(cache=True)
def _raise(best: F32, second: F32, r: NDArray[np.int64], c: NDArray[np.int64], first_m: F32, second_m: F32, known: Mask) -> None:
    """Raise each cell to the highest of its posts."""
    for i in range(known.shape[0]):
        for j in range(known.shape[1]):
            if known[i, j]:
                a, b = r[i, j], c[i, j]
                if not best[a, b] >= first_m[i, j]:
                    best[a, b] = first_m[i, j]
                if not second[a, b] >= second_m[i, j]:
                    second[a, b] = second_m[i, j]

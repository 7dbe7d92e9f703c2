"""From the sensors of a running picture to a picture of coverage: which count, the plane they stand on, the posts areas are counted on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tenere.coverage.country import Picture, fuse, stand
from tenere.coverage.horizon import CoverageError
from tenere.coverage.layer import Lattice, lattice
from tenere.coverage.setting import sights as sights_of
from tenere.geo import borders
from tenere.geo.geodesic import destination
from tenere.geo.terrain.country_plane import CountryPlane, frame_over
from tenere.site import SensorConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tenere.coverage.config import CoverageConfig
    from tenere.coverage.country import Sight
    from tenere.geo.borders import Borders
    from tenere.geo.terrain import Terrain
    from tenere.serve.snapshot import SensorView

WORKING = ("ok", "doubtful")
"""States of sensors whose plots are used."""
POINTS = 400_000
"""Most posts that areas are counted on, and holes are looked for on."""
CHUNK = 4000
"""Posts asked for their country at a time: each call holds the interpreter's lock."""
KINDS = frozenset({"radar", "adsb", "mlat", "smr", "remote_id", "detector", "system"})


@dataclass(frozen=True)
class Wanted:
    """Sensors to be computed. every: all that have a place, which the plane holds; left_out: why others are not counted, by id."""

    sights: tuple[Sight, ...]
    every: tuple[Sight, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    planned: bool = False
    """No sensor works: all are taken as if they did."""


@dataclass(frozen=True)
class Held:
    """A picture, and the same on few posts, on which areas are counted: on says which, and what each stands for (0: not asked for)."""

    number: int
    wanted: Wanted
    picture: Picture
    on: Lattice
    few: Picture


def wanted_of(sensors: Sequence[SensorConfig], views: Sequence[SensorView], coverage: CoverageConfig) -> Wanted:
    """Return the sensors that have a place and work, by how the running picture sees them (nothing heard: all of the site file's)."""
    seen, named = {v.id: v for v in views}, {s.id for s in sensors}
    configs = []
    for s in (*sensors, *(_learned(v) for v in views if v.id not in named)):
        v = seen.get(s.id)
        if v is not None and v.placed and math.isfinite(v.lat_deg) and math.isfinite(v.lon_deg):
            s = msgspec.structs.replace(s, lat_deg=round(v.lat_deg, 4), lon_deg=round(v.lon_deg, 4))  # noqa: PLW2901 - where it is now
        configs.append(s)
    every = sights_of(configs, coverage)
    if not any(v.state in WORKING for v in views):
        return Wanted(every, every, (), planned=bool(views))
    working = tuple(s for s in every if s.id not in seen or seen[s.id].state in WORKING)
    left_out = tuple((s.id, seen[s.id].state) for s in every if s.id in seen and seen[s.id].state not in WORKING)
    return Wanted(working, every, left_out)


def _learned(view: SensorView) -> SensorConfig:
    """Return a sensor that the site file does not name; its view says where it stands."""
    kind: Any = view.kind if view.kind in KINDS else "radar"
    return SensorConfig(id=view.id, name=view.name, kind=kind, range_m=view.range_m)


class Ground:
    """The plane that a site's sensors stand on: laid when first asked for, and anew when the sensors it has to hold are others."""

    def __init__(self, coverage: CoverageConfig, opened: Callable[[], Terrain], home: Borders | None) -> None:
        """Take how the terrain is opened, and the country whose area is counted (the first one); nothing is opened yet."""
        self._coverage, self._opened = coverage, opened
        self.home = home if home is not None and home.names else None
        self.terrain: Terrain | None = None
        self.unknown = False
        self._of: object = None
        self._laid: tuple[CountryPlane, Lattice] | None = None

    @property
    def area(self) -> str | None:
        """The country whose area is counted: its code, or its name; None: the whole plane."""
        return (self.home.codes[0] or self.home.names[0]) if self.home is not None else None

    def plane(self, sights: Sequence[Sight]) -> tuple[CountryPlane, Lattice]:
        """Return the plane that holds every sensor's whole range and the country, and the posts areas are counted on.

        Its step is as wide as the posts allowed make it. Raises TerrainError.
        """
        of = [(round(s.antenna.lat_rad, 3), round(s.antenna.lon_rad, 3), s.antenna.max_range_m) for s in sights]
        if self._laid is None or of != self._of:
            self._laid = None  # the old one's memory before the new one's
            if self.terrain is None:
                self.terrain = self._opened()
            plane = self._lay(self.terrain, sights)
            self._laid, self._of = (plane, self._inside(plane)), of
            self.unknown = plane.unknown > 0
        return self._laid

    def _lay(self, terrain: Terrain, sights: Sequence[Sight]) -> CountryPlane:
        lat, lon = [], []
        for s in sights:
            far = destination(s.antenna.lat_rad, s.antenna.lon_rad, np.arange(16) * np.pi / 8, min(s.antenna.max_range_m, 1e6) * 1.02)
            lat.append(far[0])
            lon.append(far[1])
        if self.home is not None:
            for ring in np.flatnonzero(self.home.ring_country == 0):
                points = slice(self.home.ring_start[ring], self.home.ring_start[ring + 1])
                lat.append(self.home.lat_rad[points])
                lon.append(self.home.lon_rad[points])
        lats, lons = np.concatenate(lat), np.concatenate(lon)
        step_m = self._coverage.step_m
        posts = frame_over(lats, lons, 0.0, step_m)
        step_m *= max(1.0, math.sqrt(posts.rows * posts.columns / self._coverage.live_posts))
        return terrain.over(lats, lons, 2.0 * step_m, step_m)

    def _inside(self, plane: CountryPlane) -> Lattice:
        """Take the posts that areas are counted on: those of the home country, where there is one."""
        on = lattice(plane, POINTS)
        if self.home is None:
            return on
        first = on.stride // 2
        n, m = on.weight_m2.shape
        rows, columns = np.indices((n, m), dtype=float)
        lat, lon = plane.place(first + rows.ravel() * on.stride, first + columns.ravel() * on.stride)
        inside = np.zeros(lat.size, np.bool_)
        for k in range(0, lat.size, CHUNK):
            inside[k : k + CHUNK] = borders.contains_each(self.home, lat[k : k + CHUNK].copy(), lon[k : k + CHUNK].copy()) == 0
        return Lattice(on.stride, np.where(inside.reshape(n, m), on.weight_m2, np.float32(0.0)))


def thinned(picture: Picture, stride: int) -> Picture:
    """Return every stride-th post of a picture, beginning amid the first ones, as a picture of its own."""
    first, plane = stride // 2, picture.plane
    few = (slice(first, None, stride), slice(first, None, stride))
    heights_m, best_m, second_m = (np.ascontiguousarray(v[few]) for v in (plane.heights_m, picture.best_m, picture.second_m))
    coarse = CountryPlane(
        plane.gnomonic, plane.step_m * stride, (plane.row - first) / stride, (plane.column - first) / stride, heights_m, plane.voids
    )
    stands = tuple(((row - first) / stride, (column - first) / stride, altitude_m) for row, column, altitude_m in picture.stands)
    return Picture(
        coarse, picture.sights, best_m, second_m, np.ascontiguousarray(picture.best[few]), np.ascontiguousarray(picture.second[few]), stands
    )


def make(ground: Ground, wanted: Wanted, coverage: CoverageConfig, number: int, cores: int, told: Callable[[str, int], None]) -> Held:
    """Compute the picture of some sensors. told: the stage (terrain, sensors) and how many sensors are done.

    A sensor that cannot stand where it is (outside the terrain, over a void) is left out, with its reason. Raises TerrainError, and
    CoverageError where none is left.
    """
    told("terrain", 0)
    plane, on = ground.plane(wanted.every)
    good, left_out = [], list(wanted.left_out)
    for s in wanted.sights:
        try:
            stand(plane, s.antenna)
            good.append(s)
        except CoverageError as e:
            left_out.append((s.id, str(e)))
    if not good:
        raise CoverageError("; ".join(f"{i}: {why}" for i, why in left_out[:3]) or "no sensor stands on known ground")
    told("sensors", 0)
    picture = fuse(plane, good, k=coverage.refraction, cores=cores, progress=lambda done: told("sensors", done))
    used = Wanted(tuple(good), wanted.every, tuple(left_out), wanted.planned)
    return Held(number, used, picture, on, thinned(picture, on.stride))

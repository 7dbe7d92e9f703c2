"""Where the page's coverage is computed and kept: one picture of what the working sensors see, and what one of them would see elsewhere.

Nothing is computed before somebody asks. The picture is made in a thread of its own, one at a time and the newest wanted wins; answers
are made from what is held. Nothing here changes the picture of the air.
"""

from __future__ import annotations

import logging
import math
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from tenere.coverage.country import Sight, count_at, fuse, lone, stand
from tenere.coverage.horizon import Antenna, CoverageError
from tenere.coverage.layer import ONE, SEEN, Lattice, areas_m2, change, classes, frame, lattice
from tenere.coverage.setting import sights as sights_of
from tenere.errors import TenereError
from tenere.geo import borders
from tenere.geo.geodesic import destination
from tenere.geo.terrain.country_plane import Gnomonic, bounds
from tenere.serve.coverage import png
from tenere.serve.coverage.asked import height_name, height_of, heights_of
from tenere.serve.picture import number_or_none
from tenere.site import SensorConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tenere.coverage.config import CoverageConfig
    from tenere.coverage.country import Height, Picture
    from tenere.coverage.layer import Box
    from tenere.geo.borders import Borders
    from tenere.geo.terrain import CountryPlane, Terrain
    from tenere.serve.coverage.asked import Kind, Try
    from tenere.serve.snapshot import SensorView

log = logging.getLogger(__name__)

WORKING = ("ok", "doubtful")
"""States of sensors whose plots are used."""
PATIENCE_S = 15.0
"""A picture is not made anew more often, however often sensors fall silent and come back."""
POINTS = 400_000
"""Most posts that areas are counted on."""
COUNTS = 4
"""Counts at a height that are kept, a byte a post."""
NEW = Sight("", "radar", Antenna(0.0, 0.0, height_m=20.0, max_elevation_rad=math.radians(45.0), max_range_m=370_400.0))
"""What a new site is tried with: 20 m, 200 nautical miles, as any radar."""
CHUNK = 4000


class _SupersededError(Exception):
    """Another picture is wanted by now."""


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
    """A picture, and what areas are counted on."""

    number: int
    wanted: Wanted
    picture: Picture
    on: Lattice


class CoverageDesk:
    """Computes coverage for whoever asks. ground: opens the terrain; home: the country whose area is counted (its first one)."""

    def __init__(
        self,
        coverage: CoverageConfig,
        sensors: Sequence[SensorConfig],
        ground: Callable[[], Terrain],
        home: Borders | None = None,
        cores: int = 1,
    ) -> None:
        """Take what is needed; nothing is opened or computed yet."""
        self.coverage = coverage
        self.heights = heights_of(coverage)
        self.held: Held | None = None
        self.boot = secrets.token_hex(4)
        self._sensors = tuple(sensors)
        self._ground, self._home, self._cores = ground, home if home is not None and home.names else None, cores
        self._terrain: Terrain | None = None
        self._plane: CountryPlane | None = None
        self._on: Lattice | None = None
        self._laid: object = None
        self._unknown = False
        self._lock = threading.Lock()
        self._job: Callable[[], None] | None = None
        self._thread: threading.Thread | None = None
        self._turn = 0
        self._wanted: Wanted | None = None
        self._changed_s = -math.inf
        self._others: tuple[int, str, Picture] | None = None
        self._counts: OrderedDict[tuple[int, str, Height], NDArray[np.uint8]] = OrderedDict()
        self._count_lock = threading.Lock()
        self._numbers = 0
        self._off: tuple[str, str] | None = None if coverage.live else ("switched off", "")
        self._stage, self._done = "", 0

    # -- what is wanted ------------------------------------------------------------------------------------------------------------------

    def wanted(self, views: Sequence[SensorView]) -> Wanted:
        """Return the sensors that have a place and work, by how the running picture sees them (none: all of the site file's)."""
        seen = {v.id: v for v in views}
        configs = []
        for s in (*self._sensors, *(_learned(v) for v in views if v.id not in {c.id for c in self._sensors})):
            v = seen.get(s.id)
            if v is not None and v.placed and math.isfinite(v.lat_deg) and math.isfinite(v.lon_deg):
                s = msgspec.structs.replace(s, lat_deg=round(v.lat_deg, 4), lon_deg=round(v.lon_deg, 4))  # noqa: PLW2901 - where it is now
            configs.append(s)
        every = sights_of(configs, self.coverage)
        working = tuple(s for s in every if s.id not in seen or seen[s.id].state in WORKING)
        planned = not any(v.state in WORKING for v in views)
        if planned:
            return Wanted(every, every, (), planned=bool(views))
        return Wanted(working, every, tuple((s.id, seen[s.id].state) for s in every if s.id in seen and seen[s.id].state not in WORKING))

    def ask(self, views: Sequence[SensorView], *, start: bool = True) -> None:
        """See to it that a picture of the working sensors is made; without start, only where one was asked for before."""
        if self._off is not None and self._off[0] in ("switched off", "terrain"):
            return
        if not start and self._wanted is None:
            return
        wanted = self.wanted(views)
        now = time.monotonic()
        with self._lock:
            if wanted == self._wanted or (self._wanted is not None and now - self._changed_s < PATIENCE_S):
                return
            self._wanted, self._changed_s = wanted, now
        if not wanted.sights:
            self._off = ("no sensor", "")
            return
        self._off = None
        self._put(lambda: self._make(wanted))

    def close(self) -> None:
        """Let what is being computed end as soon as it may."""
        with self._lock:
            self._turn += 1
            self._job = None

    def _put(self, job: Callable[[], None]) -> None:
        """Give the thread a job in place of the one that waits or runs."""
        with self._lock:
            self._turn += 1
            self._job = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="coverage", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        """Do the newest job until there is none."""
        while True:
            with self._lock:
                job, self._job = self._job, None
                if job is None:
                    self._thread = None
                    return
            try:
                job()
            except _SupersededError:
                continue
            except TenereError as e:
                self._fail("terrain" if self._terrain is None or self._plane is None else "coverage", str(e))
            except MemoryError:
                self._fail("coverage", "not enough memory: give [coverage] a smaller live_posts")
            except Exception as e:
                log.exception("coverage could not be computed")
                self._fail("coverage", f"{type(e).__name__}: {e}")

    def _fail(self, code: str, detail: str) -> None:
        self._off = (code, detail[:500])
        self._stage = ""

    # -- the picture ---------------------------------------------------------------------------------------------------------------------

    def _progress(self) -> Callable[[int], None]:
        turn = self._turn

        def told(done: int) -> None:
            self._done = done
            if turn != self._turn:
                raise _SupersededError

        return told

    def _make(self, wanted: Wanted) -> None:
        """Compute the picture of some sensors, opening the terrain first."""
        told = self._progress()
        self._stage = "terrain"
        told(0)
        if self._terrain is None:
            self._terrain = self._ground()
        laid = [(round(s.antenna.lat_rad, 3), round(s.antenna.lon_rad, 3), s.antenna.max_range_m) for s in wanted.every]
        if self._plane is None or laid != self._laid:
            self._plane, self._on = None, None
            self._plane = self._lay(wanted.every)
            self._on = self._area(self._plane)
            self._unknown = self._plane.unknown > 0
            self._laid = laid
        plane, on = self._plane, self._on
        assert on is not None
        good, left_out = [], list(wanted.left_out)
        for s in wanted.sights:
            try:
                stand(plane, s.antenna)
                good.append(s)
            except CoverageError as e:
                left_out.append((s.id, str(e)))
        if not good:
            raise CoverageError("; ".join(f"{i}: {why}" for i, why in left_out[:3]) or "no sensor stands on known ground")
        self._stage = "sensors"
        picture = fuse(plane, good, k=self.coverage.refraction, cores=self._cores, progress=told)
        told(len(good))
        self._numbers += 1
        self._others = None
        with self._count_lock:
            self._counts.clear()
        done = Wanted(tuple(good), wanted.every, tuple(left_out), wanted.planned)
        self.held = Held(self._numbers, done, picture, on)
        self._stage = ""

    def _lay(self, sights: Sequence[Sight]) -> CountryPlane:
        """Lay a plane that holds every sensor's whole range and the country, its step as wide as the posts allowed make it."""
        assert self._terrain is not None
        lat, lon = [], []
        for s in sights:
            to = destination(s.antenna.lat_rad, s.antenna.lon_rad, np.arange(16) * np.pi / 8, min(s.antenna.max_range_m, 1e6) * 1.02)
            lat.append(to[0])
            lon.append(to[1])
        if self._home is not None:
            of = np.flatnonzero(self._home.ring_country == 0)
            for ring in of:
                points = slice(self._home.ring_start[ring], self._home.ring_start[ring + 1])
                lat.append(self._home.lat_rad[points])
                lon.append(self._home.lon_rad[points])
        lats, lons = np.concatenate(lat), np.concatenate(lon)
        south, north, west, east = bounds(Gnomonic(float(lats.min() + lats.max()) / 2, float(lons.min() + lons.max()) / 2), lats, lons, 0.0)
        step_m = max(self.coverage.step_m, math.sqrt((north - south) * (east - west) / self.coverage.live_posts))
        return self._terrain.over(lats, lons, 2.0 * step_m, step_m)

    def _area(self, plane: CountryPlane) -> Lattice:
        """Take the posts that areas are counted on: those of the home country, where there is one."""
        on = lattice(plane, POINTS)
        if self._home is None:
            return on
        first = on.stride // 2
        n, m = on.weight_m2.shape
        rows, columns = np.indices((n, m), dtype=float)
        lat, lon = plane.place(first + rows.ravel() * on.stride, first + columns.ravel() * on.stride)
        inside = np.zeros(lat.size, np.bool_)
        for k in range(0, lat.size, CHUNK):  # each call holds the interpreter's lock
            inside[k : k + CHUNK] = borders.contains_each(self._home, lat[k : k + CHUNK].copy(), lon[k : k + CHUNK].copy()) == 0
        return Lattice(on.stride, np.where(inside.reshape(n, m), on.weight_m2, np.float32(0.0)))

    def _count(self, number: int, name: str, picture: Picture, height: Height) -> NDArray[np.uint8]:
        """Return how many sensors of a picture see each post at a height, remembered."""
        key = (number, name, height)
        with self._count_lock:
            found = self._counts.get(key)
            if found is not None:
                self._counts.move_to_end(key)
                return found
        made = count_at(picture, height)
        with self._count_lock:
            self._counts[key] = made
            while len(self._counts) > COUNTS:
                self._counts.popitem(last=False)
        return made

    # -- answers -------------------------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return how far it is, what may be asked, and which sensors are counted."""
        held, off, stage = self.held, self._off, self._stage
        busy = stage != ""
        wanted = self._wanted
        state = "off" if off is not None else "ready" if held is not None else "computing" if busy or wanted is not None else "waiting"
        left_out = dict(held.wanted.left_out) if held is not None else {}
        counted = {s.id for s in held.wanted.sights} if held is not None else set()
        return {
            "state": state,
            "why": off[0] if off is not None else None,
            "detail": off[1] if off is not None else None,
            "updating": held is not None and busy,
            "stage": stage or None,
            "done": self._done,
            "of": len(wanted.sights) if wanted is not None else 0,
            "version": f"{self.boot}-{held.number}" if held is not None else None,
            "heights": [height_name(h) for h in self.heights],
            "planned": held.wanted.planned if held is not None else False,
            "step_m": number_or_none(held.picture.plane.step_m, 1) if held is not None else None,
            "area": self._home.codes[0] or self._home.names[0] if self._home is not None else None,
            "unknown": self._unknown,
            "terrain": [s.name for s in self._terrain.sources[:8]] if self._terrain is not None else [],
            "sensors": [
                {
                    "id": s.id,
                    "kind": s.kind,
                    "lat": number_or_none(math.degrees(s.antenna.lat_rad), 5),
                    "lon": number_or_none(math.degrees(s.antenna.lon_rad), 5),
                    "antenna_m": number_or_none(s.antenna.height_m, 1),
                    "range_m": number_or_none(s.antenna.max_range_m, 0),
                    "counted": s.id in counted,
                    "why": left_out.get(s.id),
                }
                for s in (held.wanted.every if held is not None else ())
            ],
        }

    def layer(self, held: Held, height: Height, kind: Kind, box: Box, width: int) -> bytes:
        """Return the layer at a height for a window of the map, as a PNG. Raises CoverageError for a window that is none."""
        into = frame(held.picture.plane, box, width)
        found = classes(self._count(held.number, "", held.picture, height), held.picture.plane, height, into)
        return png.encode(_shown(found, kind))

    def at(self, held: Held, lat_deg: float, lon_deg: float) -> dict[str, Any]:
        """Return from how low a place is seen, by the best and the second-best sensor, at the nearest post."""
        picture, plane = held.picture, held.picture.plane
        row, column = (float(v) for v in plane.to_grid(math.radians(lat_deg), math.radians(lon_deg)))
        n, m = plane.shape
        inside = -0.5 <= row < n - 0.5 and -0.5 <= column < m - 0.5
        i, j = (int(row + 0.5), int(column + 0.5)) if inside else (0, 0)
        ground = float(plane.heights_m[i, j]) if inside else math.nan
        known = math.isfinite(ground)

        def told(least: float, who: int) -> dict[str, Any] | None:
            if not known or who < 0 or not math.isfinite(least):
                return None
            return {"sensor": picture.sights[who].id, "amsl_m": number_or_none(least, 1), "agl_m": number_or_none(least - ground, 1)}

        return {
            "lat": lat_deg,
            "lon": lon_deg,
            "known": known,
            "ground_m": number_or_none(ground, 1),
            "best": told(float(picture.best_m[i, j]), int(picture.best[i, j])),
            "second": told(float(picture.second_m[i, j]), int(picture.second[i, j])),
        }

    def figures(self, held: Held, height: Height) -> dict[str, Any]:
        """Return the area asked about at a height, in km2, and how much of it is seen by one and by two at least."""
        asked, once, twice = areas_m2(self._count(held.number, "", held.picture, height), held.picture.plane, height, held.on)
        return {
            "height": height_name(height),
            "area": self._home.codes[0] or self._home.names[0] if self._home is not None else None,
            "area_km2": round(asked / 1e6),
            "single_km2": round(once / 1e6),
            "double_km2": round(twice / 1e6),
        }

    def holes(self, held: Held, height: Height, kind: Kind) -> dict[str, Any]:
        """Return the holes at a height as GeoJSON, largest first, with the figures of the whole."""
        return {"type": "FeatureCollection", "features": [], "properties": {**self.figures(held, height), "kind": kind}}

    # -- what if -------------------------------------------------------------------------------------------------------------------------

    def ready_to_try(self, held: Held, sensor: str) -> bool:
        """Say whether the others' picture without a sensor is held; begin to make it where it is not. Raises CoverageError: no such one."""
        if sensor and sensor not in {s.id for s in held.wanted.every}:
            raise CoverageError("sensor: no sensor that coverage knows has this id")
        if self._others_of(held, sensor) is not None:
            return True
        with self._lock:
            if self._thread is not None:
                return False  # asked for again when that is done

        def make() -> None:
            others = [s for s in held.wanted.sights if s.id != sensor]
            made = fuse(held.picture.plane, others, k=self.coverage.refraction, cores=self._cores, progress=self._progress())
            self._others = (held.number, sensor, made)

        self._put(make)
        return False

    def _others_of(self, held: Held, sensor: str) -> Picture | None:
        """Return the picture without a sensor, where it is held."""
        if sensor not in {s.id for s in held.wanted.sights}:
            return held.picture  # a new one, or one that is not counted now
        others = self._others
        return others[2] if others is not None and others[:2] == (held.number, sensor) else None

    def attempt(self, held: Held, asked: Try, box: Box) -> dict[str, Any]:
        """Return what changes with a sensor at another place: the layer, areas gained and lost. Raises AskError, CoverageError."""
        began = time.perf_counter()
        height = height_of(asked.height)
        plane = held.picture.plane
        into = frame(plane, box, asked.width)
        others = self._others_of(held, asked.sensor)
        if others is None:
            raise CoverageError("the picture has changed meanwhile: try again")
        was = next((s for s in held.wanted.every if s.id == asked.sensor), NEW)
        sight = Sight(was.id, was.kind, _moved(was.antenna, asked), was.obstacles)
        part = lone(plane, sight, k=self.coverage.refraction, cores=2)
        before = self._count(held.number, "", held.picture, height)
        rest = before if others is held.picture else self._count(held.number, f"without {asked.sensor}", others, height)
        shown = classes(rest, plane, height, into, part)
        image = png.encode(_shown(shown, asked.kind))
        found = change(before, rest, plane, height, part, held.on, 1 if asked.kind == "single" else 2)
        return {
            "state": "ready",
            "version": f"{self.boot}-{held.number}",
            "sensor": asked.sensor,
            "lat": asked.lat,
            "lon": asked.lon,
            "antenna_amsl_m": number_or_none(part.antenna_m, 1),
            "height": asked.height,
            "kind": asked.kind,
            "gained_km2": round(found.gained_m2 / 1e6, 1),
            "lost_km2": round(found.lost_m2 / 1e6, 1),
            "seen_km2": round(found.seen_m2 / 1e6, 1),
            "box": list(box),
            "png": image,
            "server_ms": round(1e3 * (time.perf_counter() - began), 1),
        }


def _moved(antenna: Antenna, asked: Try) -> Antenna:
    """Return an antenna at the place asked for: as high above the ground there, unless another height is asked for."""
    return Antenna(
        math.radians(asked.lat),
        math.radians(asked.lon),
        height_m=antenna.height_m if asked.antenna_m is None else asked.antenna_m,
        min_elevation_rad=antenna.min_elevation_rad,
        max_elevation_rad=antenna.max_elevation_rad,
        min_range_m=antenna.min_range_m,
        max_range_m=antenna.max_range_m if asked.range_m is None else asked.range_m,
    )


def _shown(found: NDArray[np.uint8], kind: Kind) -> NDArray[np.uint8]:
    """Return the classes that a layer shows: for single, what one sees counts as seen."""
    if kind == "single":
        found[found == ONE] = SEEN
    return found


def _learned(view: SensorView) -> SensorConfig:
    """Return a sensor that the site file does not name, as it told itself where it stands."""
    kinds = {"radar", "adsb", "mlat", "smr", "remote_id", "detector", "system"}
    kind: Any = view.kind if view.kind in kinds else "radar"
    return SensorConfig(id=view.id, name=view.name, kind=kind, range_m=view.range_m)

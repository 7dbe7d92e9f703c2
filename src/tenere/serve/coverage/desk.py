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
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.coverage.country import Sight, fuse, lone
from tenere.coverage.counts import count_at
from tenere.coverage.holes import LEAST_M2, holes
from tenere.coverage.horizon import Antenna, CoverageError
from tenere.coverage.layer import ONE, SEEN, areas_m2, change, classes, frame
from tenere.errors import TenereError
from tenere.serve.coverage import png
from tenere.serve.coverage.asked import height_name, height_of, heights_of
from tenere.serve.coverage.making import Ground, make, wanted_of
from tenere.serve.coverage.newest import Newest
from tenere.serve.coverage.reach import Reach
from tenere.serve.picture import number_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tenere.coverage.asking import Box, Height
    from tenere.coverage.config import CoverageConfig
    from tenere.coverage.country import Picture
    from tenere.geo.borders import Borders
    from tenere.geo.terrain import CountryPlane, Terrain
    from tenere.serve.coverage.asked import Kind, Try
    from tenere.serve.coverage.making import Held, Wanted
    from tenere.serve.snapshot import SensorView, Snapshot
    from tenere.site import SensorConfig

log = logging.getLogger(__name__)

PATIENCE_S = 15.0
"""A picture is not made anew more often, however often sensors fall silent and come back."""
COUNTS = 4
"""Counts at a height that are kept, a byte a post."""
HOLES = 100
"""Holes told of, the largest."""
NEW = Sight("", "radar", Antenna(0.0, 0.0, height_m=20.0, max_elevation_rad=math.radians(45.0), max_range_m=370_400.0))
"""What a new site is tried with: 20 m, 200 nautical miles, a radar's cone of silence."""


class CoverageDesk:
    """Computes coverage for whoever asks. opened: opens the terrain; home: the country whose area is counted (its first one)."""

    def __init__(
        self,
        coverage: CoverageConfig,
        sensors: Sequence[SensorConfig],
        opened: Callable[[], Terrain],
        home: Borders | None = None,
        cores: int = 1,
    ) -> None:
        """Take what is needed; nothing is opened or computed yet."""
        self.coverage = coverage
        self.heights = heights_of(coverage)
        self.held: Held | None = None
        self.boot = secrets.token_hex(4)
        self._sensors, self._cores = tuple(sensors), cores
        self._ground = Ground(coverage, opened, home)
        self._work = Newest("coverage", self._failed)
        self._wanted: Wanted | None = None
        self._changed_s = -math.inf
        self._numbers = 0
        self._off: tuple[str, str] | None = None if coverage.live else ("switched off", "")
        self._stage, self._done = "", 0
        self._others: tuple[int, str, Picture] | None = None
        self._counts: OrderedDict[tuple[int, str, Height], NDArray[np.uint8]] = OrderedDict()
        self._counting = threading.Lock()
        self._room = np.empty(0, np.float32)
        self._reach = Reach()

    def watch(self, snapshot: Snapshot) -> None:
        """Take note of which tracks each sensor sees, of those that its terrain lets it see; nothing before a picture is held."""
        if self.held is not None:
            self._reach.take(self.held, snapshot)

    def ask(self, views: Sequence[SensorView], *, start: bool = True) -> None:
        """See to it that a picture of the working sensors is made; without start, only where one was asked for before."""
        if (self._off is not None and self._off[0] in ("switched off", "terrain")) or not (start or self._wanted is not None):
            return
        now = time.monotonic()
        if self._wanted is not None and now - self._changed_s < PATIENCE_S:
            return
        wanted = wanted_of(self._sensors, views, self.coverage)
        if wanted == self._wanted:
            return
        self._wanted, self._changed_s = wanted, now
        self._off = None if wanted.sights else ("no sensor", "")
        if wanted.sights:
            self._stage, self._done = "terrain", 0
            self._work.put(lambda check: self._make(wanted, check))

    def close(self) -> None:
        """Let what is being computed end as soon as it may."""
        self._work.drop()

    def settled(self, timeout_s: float = 60.0) -> bool:
        """Wait until nothing is being computed; False where that takes longer."""
        return self._work.wait(timeout_s)

    def _make(self, wanted: Wanted, check: Callable[[], None]) -> None:
        def told(stage: str, done: int) -> None:
            self._stage, self._done = stage, done
            check()

        self._numbers += 1
        made = make(self._ground, wanted, self.coverage, self._numbers, self._cores, told)
        with self._counting:
            self._counts.clear()
        self._others, self._room = None, np.empty(0, np.float32)
        self.held, self._stage = made, ""

    def _failed(self, error: Exception) -> None:
        """Keep why nothing could be computed."""
        if isinstance(error, MemoryError):
            self._off = ("coverage", "Not enough memory: give [coverage] a smaller live_posts.")
        elif isinstance(error, TenereError):
            self._off = ("coverage" if self._ground.terrain is not None else "terrain", str(error)[:500])
        else:
            log.error("coverage could not be computed", exc_info=error)
            self._off = ("coverage", f"{type(error).__name__}: {error}"[:500])
        self._stage = ""

    def _count(self, number: int, name: str, picture: Picture, height: Height) -> NDArray[np.uint8]:
        """Return how many sensors of a picture see each post at a height, remembered."""
        key = (number, name, height)
        with self._counting:
            found = self._counts.get(key)
            if found is not None:
                self._counts.move_to_end(key)
                return found
        made = count_at(picture, height)
        with self._counting:
            self._counts[key] = made
            while len(self._counts) > COUNTS:
                self._counts.popitem(last=False)
        return made

    def state(self) -> dict[str, Any]:
        """Return how far it is, what may be asked, and which sensors are counted."""
        held, off, stage, wanted = self.held, self._off, self._stage, self._wanted
        terrain = self._ground.terrain
        left_out = dict(held.wanted.left_out) if held is not None else {}
        counted = {s.id for s in held.wanted.sights} if held is not None else set()
        looks = self._reach.seen()
        return {
            "state": "off" if off is not None else "ready" if held is not None else "computing" if wanted is not None else "waiting",
            "why": off[0] if off is not None else None,
            "detail": off[1] if off is not None else None,
            "updating": held is not None and stage != "",
            "stage": stage or None,
            "done": self._done,
            "of": len(wanted.sights) if wanted is not None else 0,
            "version": f"{self.boot}-{held.number}" if held is not None else None,
            "heights": [height_name(h) for h in self.heights],
            "planned": held.wanted.planned if held is not None else False,
            "step_m": number_or_none(held.picture.plane.step_m, 1) if held is not None else None,
            "area": self._ground.area,
            "unknown": self._ground.unknown,
            "terrain": [s.name for s in terrain.sources[:8]] if terrain is not None else [],
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
                    "looks": looks.get(s.id, (0, 0))[0],
                    "saw": looks.get(s.id, (0, 0))[1],
                }
                for s in (held.wanted.every if held is not None else ())
            ],
        }

    def layer(self, held: Held, height: Height, kind: Kind, box: Box, width: int) -> bytes:
        """Return the layer at a height for a window of the map, as a PNG. Raises CoverageError for a window that is none."""
        plane = held.picture.plane
        into = frame(plane, box, width)
        return png.encode(_shown(classes(self._count(held.number, "", held.picture, height), plane, height, into), kind))

    def at(self, held: Held, lat_deg: float, lon_deg: float) -> dict[str, Any]:
        """Return from how low a place is seen, by the best and the second-best sensor, at the nearest post."""
        picture, plane = held.picture, held.picture.plane
        row, column = (float(v) for v in plane.to_grid(math.radians(lat_deg), math.radians(lon_deg)))
        n, m = plane.shape
        inside = -0.5 <= row < n - 0.5 and -0.5 <= column < m - 0.5
        i, j = (int(row + 0.5), int(column + 0.5)) if inside else (0, 0)
        ground = float(plane.heights_m[i, j]) if inside else math.nan

        def told(least: float, who: int) -> dict[str, Any] | None:
            if not math.isfinite(ground) or who < 0 or not math.isfinite(least):
                return None
            return {"sensor": picture.sights[who].id, "amsl_m": number_or_none(least, 1), "agl_m": number_or_none(least - ground, 1)}

        return {
            "lat": lat_deg,
            "lon": lon_deg,
            "known": math.isfinite(ground),
            "ground_m": number_or_none(ground, 1),
            "best": told(float(picture.best_m[i, j]), int(picture.best[i, j])),
            "second": told(float(picture.second_m[i, j]), int(picture.second[i, j])),
        }

    def holes(self, held: Held, height: Height, kind: Kind) -> dict[str, Any]:
        """Return the holes at a height as GeoJSON, the largest first, with the areas of the whole: counted on the few posts."""
        few, on = held.few, held.on
        count = self._count(held.number, "few", few, height)
        asked, once, twice = areas_m2(count, few.plane, height, type(on)(1, on.weight_m2))
        level = few.plane.heights_m + np.float32(height.metres) if height.above_ground else np.float32(height.metres)
        with np.errstate(invalid="ignore"):
            unseen = (count < (1 if kind == "single" else 2)) & (on.weight_m2 > 0) & (level >= few.plane.heights_m)
        found = holes(few, unseen, least_m2=max(LEAST_M2, 4.0 * few.plane.step_m**2), most=HOLES)
        return {
            **found.geojson(),
            "properties": {
                "height": height_name(height),
                "kind": kind,
                "area": self._ground.area,
                "area_km2": round(asked / 1e6),
                "single_km2": round(once / 1e6),
                "double_km2": round(twice / 1e6),
                "holes": len(found.holes) + found.small,
                "small": found.small,
                "small_km2": round(found.small_m2 / 1e6),
            },
        }

    def ready_to_try(self, held: Held, sensor: str) -> bool:
        """Say whether the others' picture without a sensor is held; begin to make it where it is not. Raises CoverageError: no such one."""
        if sensor and sensor not in {s.id for s in held.wanted.every}:
            raise CoverageError("sensor: coverage knows no sensor of this id")
        if self._others_of(held, sensor) is not None:
            return True
        if self._work.busy:
            return False  # asked for again when that is done

        def without(check: Callable[[], None]) -> None:
            others = [s for s in held.wanted.sights if s.id != sensor]
            made = fuse(held.picture.plane, others, k=self.coverage.refraction, cores=self._cores, progress=lambda _: check())
            self._others = (held.number, sensor, made)

        self._work.put(without)
        return False

    def _others_of(self, held: Held, sensor: str) -> Picture | None:
        """Return the picture without a sensor, where it is held."""
        if sensor not in {s.id for s in held.wanted.sights}:
            return held.picture  # a new one, or one that is not counted now
        others = self._others
        return others[2] if others is not None and others[:2] == (held.number, sensor) else None

    def attempt(self, held: Held, asked: Try, box: Box) -> dict[str, Any]:
        """Return what changes with a sensor at another place: the layer, areas gained and lost. One call at a time.

        Raises AskError, CoverageError.
        """
        began = time.perf_counter()
        height, plane = height_of(asked.height), held.picture.plane
        into = frame(plane, box, asked.width)
        others = self._others_of(held, asked.sensor)
        if others is None:
            raise CoverageError("the picture has changed meanwhile: try again")
        was = next((s for s in held.wanted.every if s.id == asked.sensor), NEW)
        sight = Sight(was.id, was.kind, _moved(was.antenna, asked), was.obstacles)
        part = lone(plane, sight, k=self.coverage.refraction, cores=2, out=self._roomy(sight.antenna.max_range_m, plane))
        before = self._count(held.number, "", held.picture, height)
        rest = before if others is held.picture else self._count(held.number, f"without {asked.sensor}", others, height)
        image = png.encode(_shown(classes(rest, plane, height, into, part, cores=2), asked.kind))
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

    def _roomy(self, range_m: float, plane: CountryPlane) -> NDArray[np.float32]:
        """Return room for one sensor's window, used again by the next: new memory costs as much as computing."""
        n, m = plane.shape
        size = int(min(n * m, (2.2 * min(range_m / plane.step_m, n + m) + 16) ** 2))
        if self._room.size < size:
            self._room = np.empty(size, np.float32)
        return self._room


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

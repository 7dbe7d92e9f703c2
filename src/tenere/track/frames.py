"""The multi-frame option in the stage's place for the kernels: looks in time order to tenere.track.multi, its estimates to Tracks.

Several frames are for radars: a look's plots are taken at their mean time, once of each aircraft, and addresses and codes are
not used. A turning beam passes a given place in one slice of its turn; which one is not asked: each slice sees an aircraft with its share
of the turn's probability, and has that share of the turn's false plots.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.batch import TrackFlag, Tracks
from tenere.geo import fast
from tenere.track import multi, work
from tenere.track.candidates import cell_of, clutter_m2
from tenere.track.place import FRAME_M
from tenere.track.publish import COAST_GAPS, COAST_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.estimate.motion import MotionConfig
    from tenere.geo.plane import Plane
    from tenere.track.clutter import ClutterMap
    from tenere.track.work import Measured

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

LATE_S = 1.5
"""A look older than this beside the newest is not used: explanations of the past are not opened again."""


@njit(cache=True)
def densities(z: np.ndarray, sensor: np.ndarray, clutter: np.ndarray) -> np.ndarray:
    """Return the false plots per square metre and turn at positions z (n, 2), as the sensor's map has them."""
    out = np.empty(len(z))
    for q in range(len(z)):
        out[q] = clutter_m2(z[q, 0], z[q, 1], sensor, clutter, 1.0)
    return out


@njit(cache=True)
def unexplained(z: np.ndarray, free: np.ndarray, sensor: np.ndarray, seen: np.ndarray) -> None:
    """Add the plots that no known track explains, free (n,), to a turn's map."""
    for q in range(len(z)):
        if free[q]:
            seen[cell_of(z[q, 0], z[q, 1], sensor)] += 1.0


@dataclass
class Frames:
    """The engine's state, and the numbers under which its tracks are shown."""

    engine: multi.MultiState
    numbers: dict[int, int] = field(default_factory=dict)
    """Of the engine's number of a track, the one it was given when it was first shown."""
    gap_s: float = 0.0
    """The longest turn of those that report."""

    @classmethod
    def of(cls, config: multi.MultiConfig, models: MotionConfig) -> Frames:
        """Return a tracker that has seen nothing."""
        return cls(multi.init(config, models))

    def looks(self, m: Measured, starts: I64, rows: I64, shares: F64, figures: F64, clutter: ClutterMap) -> tuple[I64, int, int]:
        """Process a tick's looks in the order of their times; return the engine's track of each plot (0 none), plots too late, and refused.

        m: plots in the order of looks; starts (L + 1,): their bounds; rows (L,): sensors; shares (L,): of the sensor's turn.
        """
        used = np.zeros(len(m.time_s), np.int64)
        mean_s = np.add.reduceat(m.time_s, starts[:-1]) / np.diff(starts)
        late, before = 0, self.engine.refused
        for k in np.argsort(mean_s, kind="stable"):
            a, b, i = int(starts[k]), int(starts[k + 1]), int(rows[k])
            at_s = max(float(mean_s[k]), self.engine.time_s) if self.engine.time_s == self.engine.time_s else float(mean_s[k])
            if at_s - mean_s[k] > LATE_S:
                late += b - a
                continue
            z, sensor = m.z[a:b], figures[i]
            self.gap_s = max(self.gap_s, sensor[work.PERIOD_S])
            reach, seeing = sensor[work.RANGE_M], sensor[work.DETECTION] * shares[k]
            x, y = sensor[work.SENSOR_X], sensor[work.SENSOR_Y]

            def detection(at: F64, x: float = x, y: float = y, reach: float = reach, seeing: float = seeing) -> F64:
                return np.where(np.hypot(at[:, 0] - x, at[:, 1] - y) <= reach, seeing, 0.0)

            known = self.engine.store.ids[self.engine.store.shown == 1]
            self.engine, mine = multi.look(self.engine, at_s, z, m.r[a:b], shares[k] * densities(z, sensor, clutter.expected[i]), detection)
            used[a:b] = mine
            if sensor[work.SCANNING] > 0:
                unexplained(z, ~np.isin(mine, known), sensor, clutter.seen[i])
        return used, late, self.engine.refused - before

    def number(self, time_s: float, next_number: int) -> int:
        """Number the tracks that are shown for the first time, forget those that are no more; return the next free number."""
        for name in multi.estimates(self.engine, time_s).ids.tolist():
            if name not in self.numbers:
                self.numbers[name] = next_number
                next_number += 1
        if len(self.numbers) > 2 * len(self.engine.store.ids) + 1000:
            here = dict.fromkeys(self.engine.store.ids.tolist())
            self.numbers = {name: number for name, number in self.numbers.items() if name in here}
        return next_number

    def named(self, used: I64) -> I64:
        """Return the shown numbers (n,) of the engine's tracks, 0 where there is none."""
        return np.array([self.numbers.get(name, 0) for name in used.tolist()], np.int64)

    def rows(self, plane: Plane | None, time_s: float) -> Tracks:
        """Return the tracks that have been shown, at time_s, in order of their numbers."""
        e = multi.estimates(self.engine, time_s)
        number = self.named(e.ids)
        order = np.argsort(number)[np.count_nonzero(number == 0) :]
        if not len(order):
            return Tracks.blank(0)
        x, cov = e.x[order], e.cov[order]
        frame = np.rint(x[:, 0] / FRAME_M).astype(np.int64)
        at, vx, vy = x[:, 0] - frame * FRAME_M, x[:, 2], x[:, 3]
        lat, lon = np.full(len(order), np.nan), np.full(len(order), np.nan)
        course, speed = np.arctan2(vx, vy) % (2 * np.pi), np.hypot(vx, vy)
        if plane is not None and (main := np.nonzero(frame == 0)[0]).size:
            there = [np.empty(len(main)) for _ in range(4)]
            fast.motion_each(plane, at[main], x[main, 1], vx[main], vy[main], *there)
            for values, own in zip((lat, lon, course, speed), there, strict=True):
                values[main] = own
        flags = np.full(len(order), TrackFlag.CONFIRMED, np.uint32)
        coasting = time_s - e.seen_s[order] > max(COAST_GAPS * self.gap_s, COAST_S)
        flags |= np.where(coasting, TrackFlag.COASTING, 0).astype(np.uint32)
        flags |= np.where(frame == 0, 0, TrackFlag.UNPLACED).astype(np.uint32)
        return Tracks.blank(
            len(order),
            number=number[order],
            time_s=time_s,
            update_s=e.seen_s[order],
            first_s=e.born_s[order],
            frame=frame,
            x_m=at,
            y_m=x[:, 1],
            vx_ms=vx,
            vy_ms=vy,
            var_xx_m2=cov[:, 0, 0],
            var_xy_m2=cov[:, 0, 1],
            var_yy_m2=cov[:, 1, 1],
            var_v_m2s2=np.maximum(cov[:, 2, 2], cov[:, 3, 3]),
            lat_rad=lat,
            lon_rad=lon,
            course_rad=course,
            speed_ms=speed,
            turn_rads=0.0,
            existence=e.existence[order],
            turn_probability=0.0,
            flags=flags,
            source=-1,
            source_track=-1,
        )

"""The sensors' figures as the tracker's kernels read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.track import work
from tenere.track.place import FRAME_M
from tenere.track.sensors import SCANNING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.geo.plane import Plane
    from tenere.track.clutter import ClutterMap
    from tenere.track.config import TrackConfig
    from tenere.track.sensors import Sensor

DEFAULT_RANGE_M = 250_000.0


@dataclass
class Figures:
    """One row a sensor, renewed where it has moved."""

    plane: Plane | None = None
    places: list[tuple[float, float]] = field(default_factory=list)
    figures: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, work.NFIGURES)))

    def renew(
        self, sensors: Sequence[Sensor], period_s: NDArray[np.float64], plane: Plane | None, clutter: ClutterMap, config: TrackConfig
    ) -> NDArray[np.float64]:
        """Return the figures (S, NFIGURES), to be read until the next call. period_s (S,): the sensors'; clutter: as learnt."""
        if plane != self.plane:
            self.plane, self.places = plane, []
        if len(sensors) > len(self.figures):
            self.figures = np.concatenate([self.figures, np.zeros((len(sensors) - len(self.figures), work.NFIGURES))])
        places = [(s.lat_rad, s.lon_rad) for s in sensors]
        if places != self.places:
            for i, (s, here) in enumerate(zip(sensors, places, strict=True)):
                if i >= len(self.places) or here != self.places[i]:
                    self.figures[i] = _row(s, i, plane)
            self.places = places
        out, scanning = self.figures, self.figures[:, work.SCANNING]
        out[:, work.BIRTH_M2] = 1e-6 * (config.birth_per_km2 + config.unseen_per_km2 * clutter.unseen * scanning)
        out[:, work.PERIOD_S] = period_s
        out[:, work.FROZEN] = clutter.frozen
        return out


def _row(s: Sensor, i: int, plane: Plane | None) -> NDArray[np.float64]:
    """Return what stays the same of a sensor while it stands still; i: its row in the table."""
    out = np.zeros(work.NFIGURES)
    scanning = s.config.kind in SCANNING
    out[work.DETECTION] = s.config.detection
    out[work.FALSE_PLOTS] = s.config.clutter if scanning else 0.0
    out[work.SCANNING] = scanning
    out[work.RANGE_M] = s.config.range_m or DEFAULT_RANGE_M
    if s.placed and plane is not None:
        out[work.SENSOR_X], out[work.SENSOR_Y] = s.plane_xy(plane)
    else:
        out[work.SENSOR_X] = (i + 1) * FRAME_M
    return out

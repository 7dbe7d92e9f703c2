"""What each sensor's false plots look like: a map learnt from the plots that no track explains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.track.sensors import SCANNING
from tenere.track.work import CELLS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.track.sensors import SensorTable

LEARNING = 0.05
"""Share of the newest turn in the map: it follows the last twenty turns."""
WARM_TURNS = 4
LEAST = 0.02
FROZEN_SPREAD = 0.02
MIN_FROZEN_PLOTS = 8


@dataclass
class ClutterMap:
    """One row a sensor, in the table's order."""

    expected: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, CELLS)))
    """False plots a turn in each cell."""
    seen: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, CELLS)))
    """Plots of this turn so far that no track explains."""
    turn_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """When this turn began."""
    turns: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    unseen: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """Share of the aircraft there from the start that the sensor has not seen yet."""
    frozen: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    """Whether it gives a whole turn's plots one and the same time."""

    scanning: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    least: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """False plots a turn and cell below which the map does not go."""
    miss: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    """Probability that a turn misses an aircraft."""

    def scans(self, table: SensorTable) -> NDArray[np.bool_]:
        """Return which sensors (S,) sweep a beam, so that their plots compete."""
        known = len(self.scanning) == len(table.rows)
        return self.scanning if known else np.array([s.config.kind in SCANNING for s in table.rows], bool)

    def look(
        self,
        table: SensorTable,
        period_s: NDArray[np.float64],
        sensor: NDArray[np.int64],
        time_s: NDArray[np.float64],
        azimuth_rad: NDArray[np.float64],
    ) -> None:
        """Make room for new sensors; note which of those heard freeze their turns. period_s (S,): the sensors'; the rest (n,): plots'."""
        known = len(self.turns)
        if new := table.rows[known:]:
            rate = np.array([[s.config.clutter / CELLS] for s in new])
            self.expected = np.concatenate([self.expected, np.repeat(rate, CELLS, axis=1)])
            self.seen = np.concatenate([self.seen, np.zeros((len(new), CELLS))])
            self.turn_s = np.concatenate([self.turn_s, np.full(len(new), np.nan)])
            self.turns = np.concatenate([self.turns, np.zeros(len(new), np.int64)])
            self.unseen = np.concatenate([self.unseen, np.ones(len(new))])
            self.frozen = np.concatenate([self.frozen, np.zeros(len(new), bool)])
            self.scanning = self.scans(table)
            self.least = np.array([LEAST * s.config.clutter / CELLS for s in table.rows])
            self.miss = np.array([1.0 - s.config.detection for s in table.rows])
        count, first, last = spans(sensor, time_s, len(table.rows))
        at_once = last - first < FROZEN_SPREAD * period_s
        for i in np.nonzero((count >= MIN_FROZEN_PLOTS) & (at_once != self.frozen))[0]:  # only a change asks where the plots are
            angle = azimuth_rad[sensor == i]
            if np.hypot(np.sin(angle).sum(), np.cos(angle).sum()) < 0.7 * count[i]:
                self.frozen[i] = at_once[i]
        self.turn_s = np.where((count > 0) & np.isnan(self.turn_s), first, self.turn_s)

    def fold(self, period_s: NDArray[np.float64], time_s: float) -> None:
        """Take finished turns into the map. period_s (S,): the sensors'."""
        ended = np.nonzero(self.scanning & (self.frozen | ~(time_s - self.turn_s < period_s)) & ~np.isnan(self.turn_s))[0]
        warm = ended[self.turns[ended] >= WARM_TURNS]
        learnt = self.expected[warm]
        learnt += LEARNING * (self.seen[warm] - learnt)
        self.expected[warm] = np.maximum(learnt, self.least[warm, None])
        self.seen[ended] = 0.0
        self.turn_s[ended] = time_s
        self.turns[ended] += 1
        self.unseen[ended] *= self.miss[ended]


@njit(cache=True)
def spans(sensor: np.ndarray, time_s: np.ndarray, sensors: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how many plots (n,) are each sensor's (S,), and the first and the last of their times: inf and -inf where there are none."""
    count, first, last = np.zeros(sensors, np.int64), np.full(sensors, np.inf), np.full(sensors, -np.inf)
    for c in range(len(sensor)):
        i = sensor[c]
        count[i] += 1
        first[i], last[i] = min(first[i], time_s[c]), max(last[i], time_s[c])
    return count, first, last

"""Where each primary radar is answered by what stands still: a fine map learnt from the plots without codes. Numba kernels.

Hills, masts and wind turbines answer a radar that does not suppress them, and far ground does where the air bends the beam down
(anomalous propagation). Such a place answers again where it answered, an aircraft does not. The map counts, in cells of two standard
deviations of range and azimuth, the echoes without codes that no moving track explains; what it has counted about a plot in the last
turns is the density of false plots there, beside that of the coarse map (tenere.track.clutter). An aircraft that crosses is
weighed against it; what stands there never becomes a track.

The cells lie hashed in a table of fixed size: a cell that is asked for takes the place of the one that was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.batch import PlotKind
from tenere.track.store import VX, VY
from tenere.track.work import PERIOD_S, SCANNING, SENSOR_X, SENSOR_Y

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.track.sensors import Sensor
    from tenere.track.store import Store
    from tenere.track.work import Measured

SLOTS = 1 << 16
TURNS = 20.0
"""What is counted fades over so many turns."""
WIDE = 2.0
"""Standard deviations a cell is wide; a place is asked for with its eight neighbours."""
LEAST_RANGE_M, LEAST_M, LEAST_RAD = 1000.0, 20.0, math.radians(0.05)
MOVES_MS = 15.0
"""A shown track that is faster is no echo of the ground."""
PSR = int(PlotKind.PSR)
FAR = 1 << 21
CELL = np.dtype([("when", "f8"), ("name", "i8"), ("count", "f8")])
"""A cell's last echo, what it is called, and how many it had by then."""


@njit(cache=True, inline="always")
def _ring(name: int) -> int:
    """Hash a sensor's ring to the place in the table of its first sector, after which the others stand side by side in memory."""
    h = name * 2654435761
    return (h >> 13) ^ (h >> 29)


@njit(cache=True, inline="always")
def _echo(m_kind: int, m_code: int, m_key: int) -> bool:
    """Say whether a plot is an echo that tells nothing of itself."""
    return m_kind == PSR and m_code < 0 and m_key < 0


@njit(cache=True, inline="always")
def _cell(polar: np.ndarray, z: np.ndarray, sensor: np.ndarray, size: np.ndarray) -> tuple[int, int, int, float]:
    """Return range cell, azimuth cell, how many of these there are, and the area of a cell (m2).

    polar (2,): slant range (m) and azimuth (rad) as measured, for a height that is guessed or wrong moves a place; where the
    sensor gives none, the place z (2,) counts.
    """
    r, azimuth = polar[0], polar[1]
    if not (math.isfinite(r) and math.isfinite(azimuth)):
        dx, dy = z[0] - sensor[SENSOR_X], z[1] - sensor[SENSOR_Y]
        r, azimuth = math.sqrt(dx * dx + dy * dy), math.atan2(dx, dy)
    if not 0.0 <= azimuth < 2.0 * math.pi:
        azimuth %= 2.0 * math.pi
    r = max(r, LEAST_RANGE_M)
    around = max(int(2.0 * math.pi / size[1]), 1)
    return int(r / size[0]), min(int(azimuth / size[1]), around - 1), around, size[0] * size[1] * r


@njit(cache=True)
def recall(m: Measured, polar: np.ndarray, figures: np.ndarray, sizes: np.ndarray, table: np.ndarray) -> None:
    """Fill m.echo (1/m2) with how dense the false plots are that the map expects where each plot lies.

    polar (n, 2): their slant ranges (m) and azimuths (rad), NaN none; figures (S, NFIGURES): the sensors'; sizes (S, 2): of their
    cells in m and rad; table (SLOTS,) of CELL.
    """
    time_s, z, kind, code, key, which, out = m.time_s, m.z, m.kind, m.mode_a, m.key, m.sensor, m.echo
    for q in range(len(time_s)):
        out[q] = 0.0
        i = which[q]
        if figures[i, SCANNING] == 0.0 or not _echo(kind[q], code[q], key[q]):
            continue
        ring, sector, around, area = _cell(polar[q], z[q], figures[i], sizes[i])
        fades = TURNS * max(figures[i, PERIOD_S], 1.0)
        total = 0.0
        for a in range(i * FAR + ring - 1, i * FAR + ring + 2):
            begin = _ring(a)
            for b in range(sector - 1, sector + 2):
                at = b + around if b < 0 else (b if b < around else b - around)
                c = table[(begin + at) & (SLOTS - 1)]
                if c.name == a * FAR + at:
                    total += c.count * max(1.0 - abs(time_s[q] - c.when) / fades, 0.0)
        out[q] = total / (9.0 * TURNS * area)


@njit(cache=True)
def learn(
    m: Measured,
    polar: np.ndarray,
    assigned: np.ndarray,
    s: Store,
    figures: np.ndarray,
    sizes: np.ndarray,
    table: np.ndarray,
) -> None:
    """Count the echoes of a tick that no track explains, or one that has not moved. polar: as of recall; assigned (n,): tracks, -1 none."""
    time_s, z, kind, code, key, which = m.time_s, m.z, m.kind, m.mode_a, m.key, m.sensor
    confirmed, hot = s.confirmed, s.hot
    for q in range(len(time_s)):
        i = which[q]
        if figures[i, SCANNING] == 0.0 or not _echo(kind[q], code[q], key[q]):
            continue
        k = assigned[q]
        if k >= 0 and confirmed[k] == 1 and math.hypot(hot[k, VX], hot[k, VY]) > MOVES_MS:
            continue
        ring, sector, _, _ = _cell(polar[q], z[q], figures[i], sizes[i])
        fades = TURNS * max(figures[i, PERIOD_S], 1.0)
        name = (i * FAR + ring) * FAR + sector
        c = table[(_ring(i * FAR + ring) + sector) & (SLOTS - 1)]
        held = c.count * max(1.0 - abs(time_s[q] - c.when) / fades, 0.0) if c.name == name else 0.0
        c.name, c.count, c.when = name, held + 1.0, time_s[q]


@dataclass
class Echoes:
    """The map of all sensors, and how large their cells are."""

    table: NDArray[np.void] = field(default_factory=lambda: np.zeros(SLOTS, CELL))
    sizes: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))

    def recall(self, m: Measured, polar: NDArray[np.float64], sensors: Sequence[Sensor], figures: NDArray[np.float64]) -> None:
        """Fill m.echo; make room for new sensors. polar (n, 2): the plots' slant ranges (m) and azimuths (rad)."""
        if new := sensors[len(self.sizes) :]:
            wide = [(max(s.config.range_std_m, LEAST_M) * WIDE, max(math.radians(s.config.azimuth_std_deg), LEAST_RAD) * WIDE) for s in new]
            self.sizes = np.concatenate([self.sizes, np.array(wide)])
        recall(m, polar, figures, self.sizes, self.table)

    def learn(
        self, m: Measured, polar: NDArray[np.float64], assigned: NDArray[np.int64], store: Store, figures: NDArray[np.float64]
    ) -> None:
        """Count the tick's echoes; assigned (n,): the rows of the plots' tracks in store, -1 none."""
        learn(m, polar, assigned, store, figures, self.sizes, self.table)

"""The biases of the sensors of one region: what is known, what has jumped, what is applied.

All sensors of a country are one region. Where there are more than REGION_SENSORS, they are parted by where they stand,
so that the joint solution's cost, which grows with the cube of its size, does not: what is lost is the ties across a border. Sensors
that stand nowhere (ADS-B) are of every region.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.track.register import window
from tenere.track.register.information import COLD_WINDOWS, DROPPED, Information
from tenere.track.register.slots import POLAR
from tenere.track.register.window import AZIMUTH, EAST, NBIAS, NORTH, OFFSET, SCALE, TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.track.register.config import RegisterConfig
    from tenere.track.register.slots import Slots

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

REGION_SENSORS = 40
MOST_SENSORS = 64
"""Sensors of one region, those heard later included; of more the first."""
PLOTS_A_CUBE = 3e-3
"""Plots between two solutions, over the cube of the biases: a solution's share of the time stays small."""
SPREADS = 5
"""Solutions between two workings-out of the standard deviations, where the biases have settled or are many."""
MANY = 120
SETTLED_WINDOWS, SETTLED_WAIT = 100.0, 1.9
"""Windows that must have told of every sensor for it to have settled, and how many windows are solved for together then."""
KEPT_WINDOWS = 3
"""Windows of which each aircraft's is kept apart, for jumps."""
FEW_JUMPED = 3
LOST = 3.0
"""A bias that is applied goes on being until its sigma is this much above what makes it known, ..."""
INSIGNIFICANT = 0.5
"""... or its size is this share of what makes it significant."""


def priors(c: RegisterConfig, role: int, *, mobile: bool) -> F64:
    """Return the one-sigma bias (NBIAS,) of a sensor of which nothing is known; 0 where it has none."""
    out = np.zeros(NBIAS)
    out[TIME] = c.prior_time_s if role == POLAR else c.prior_reference_time_s
    if role == POLAR:
        out[OFFSET], out[SCALE], out[AZIMUTH] = c.prior_range_m, c.prior_scale, math.radians(c.prior_azimuth_deg)
        out[EAST] = out[NORTH] = c.prior_position_m if mobile else 0.0
    return out


def known(c: RegisterConfig) -> F64:
    """Return the one-sigma error (NBIAS,) below which a bias is observed."""
    angle = math.radians(c.known_azimuth_deg)
    return np.array([c.known_range_m, c.known_scale, angle, c.known_time_s, c.known_position_m, c.known_position_m])


def part(xy: F64, rows: I64) -> list[I64]:
    """Part sensors that stand at xy (S, 2) by halves, until none of the parts has more than REGION_SENSORS; return the rows of each."""
    if len(rows) <= REGION_SENSORS:
        return [rows]
    here = xy[rows]
    along = int(np.argmax(np.ptp(here, axis=0)))
    order = rows[np.argsort(here[:, along], kind="stable")]
    half = len(order) // 2
    return [*part(xy, np.sort(order[:half])), *part(xy, np.sort(order[half:]))]


@dataclass
class Region:
    """The sensors of one region; R of them have been heard."""

    information: Information = field(default_factory=Information)
    row_of: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    """(S,) row of each sensor, -1 none."""
    sensor_of: list[int] = field(default_factory=list)
    role: list[int] = field(default_factory=list)
    prior: F64 = field(default_factory=lambda: np.zeros((0, NBIAS)))
    applied: F64 = field(default_factory=lambda: np.zeros((0, NBIAS)))
    """(R, NBIAS)."""
    using: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, NBIAS), bool))
    solved_s: float = math.nan
    plots: float = 0.0
    """Plots since the last solution."""
    solutions: int = 0
    jumps: list[tuple[int, float]] = field(default_factory=list)
    """Sensors whose biases have jumped, and when that was noticed; the newest last, at most 100."""

    def enrol(self, sensor: int, role: int, prior: F64) -> None:
        """Give a sensor a row."""
        if len(self.sensor_of) >= MOST_SENSORS:
            return
        self.row_of[sensor] = self.information.add(prior > 0.0)
        self.sensor_of.append(sensor)
        self.role.append(role)
        self.prior = np.concatenate([self.prior, prior[None]])
        self.applied = np.concatenate([self.applied, np.zeros((1, NBIAS))])
        self.using = np.concatenate([self.using, np.zeros((1, NBIAS), bool)])

    @property
    def settled(self) -> bool:
        """Whether every sensor that any window has told of is told of by many."""
        told = self.information.told[self.information.told > 0.0]
        return len(told) > 0 and bool((told >= SETTLED_WINDOWS).all())

    @property
    def value(self) -> F64:
        """What is known of each bias (R, NBIAS)."""
        return self.information.spread(self.information.mean, 0.0) * self.prior

    @property
    def std(self) -> F64:
        """The one-sigma error of that (R, NBIAS)."""
        return self.information.spread(self.information.std, 0.0) * self.prior

    def close(self, slots: Slots, time_s: float, out: NDArray[np.bool_], role: I64, site: F64, bias: F64, c: RegisterConfig) -> bool:
        """Turn a window's plots into information and solve when it is time; return whether that was done.

        out (S,): sensors left out; role (S,), site (S, 2): what their plots are and where they stand; bias (S, NBIAS): as applied.
        """
        info = self.information
        info.room(int(slots.book[0]))
        row_of = np.where(out, -1, self.row_of)
        after = window.close(
            slots, time_s, row_of, role, site, bias[self.sensor_of].reshape(-1, NBIAS), self.prior, c.latency_s, info.held, info.count
        )
        made, info.count = after - info.count, after
        info.fresh += made
        info.taken(made, c.target_windows, c.memory_s)
        if not info.fresh or self.plots < PLOTS_A_CUBE * len(info.vector) ** 3:
            return False
        if self.settled and 0.0 <= time_s - self.solved_s < SETTLED_WAIT * c.window_s:
            return False
        self.solve(time_s, c)
        return True

    def solve(self, time_s: float, c: RegisterConfig) -> None:
        """Solve, look for jumps, and move what is applied towards what is known."""
        info = self.information
        since = time_s - self.solved_s if self.solved_s < time_s else c.window_s
        self.solved_s, self.plots = time_s, 0.0
        info.fade(math.exp(-since / c.memory_s))
        info.solve()
        for row, jumped_s in self._jumped(time_s, c):
            info.reopen(row, jumped_s)
            self.jumps = [*self.jumps[-99:], (self.sensor_of[row], time_s)]
            info.fresh = max(info.fresh, int((info.held.time_s[: info.count] >= jumped_s).sum()))
        if info.fresh:
            info.solve()
        info.settle(time_s - (KEPT_WINDOWS + 0.5) * c.window_s)
        if (len(info.vector) <= MANY and not self.settled) or self.solutions % SPREADS == 0:
            info.spread_out()
        self.solutions += 1
        if c.apply:
            self._apply(since, c)

    def _jumped(self, time_s: float, c: RegisterConfig) -> list[tuple[int, float]]:
        """Return the rows of the sensors that have stopped fitting aircraft in the last windows, and when the first of these closed."""
        info, w = self.information, self.information.held
        n = info.count
        recent = (w.time_s[:n] >= time_s - (SETTLED_WAIT + 0.5) * c.window_s) & (w.share[:n] > 0.0)
        if int((recent & (w.weight[:n] < DROPPED)).sum()) < FEW_JUMPED:
            return []
        mean = info.spread(info.mean, 0.0)
        seen: dict[int, list[tuple[float, int, bool]]] = {}
        for i in np.flatnonzero(recent):
            rows = [int(r) for r in w.sensor[i, : w.n[i]]]
            guilty: list[int] = []
            if w.weight[i] < DROPPED:
                row, _ = window.blame(w, int(i), mean)
                guilty = [row] if row >= 0 else [r for r in rows if self.role[r] == POLAR] or rows
            for r in rows:
                seen.setdefault(r, []).append((float(w.time_s[i]), int(w.key[i]), r in guilty))
        found = []
        for r in sorted(seen):
            closed = sorted({t for t, _, _ in seen[r]})
            shares = [_share([bad for t, _, bad in seen[r] if t == when]) for when in closed]
            wrong = [t for t, share in zip(closed, shares, strict=True) if share > c.jump_share]
            told = {key for t, key, bad in seen[r] if bad and t in wrong}
            if info.told[r] >= COLD_WINDOWS and wrong and wrong[-1] == closed[-1] and len(told) >= max(FEW_JUMPED, c.least_targets):
                found.append((shares[-1], r, wrong[0]))
        return [(r, since) for share, r, since in found if share >= max(found)[0] - 1e-9]

    def _apply(self, since_s: float, c: RegisterConfig) -> None:
        """Move what is applied towards what is known and significant; the rest towards nothing."""
        info, size, std, limit = self.information, np.abs(self.value), self.std, known(c)
        enough = (info.targets >= c.least_targets - 0.5)[:, None] & (self.prior > 0.0)
        begin = enough & (std <= limit) & (size >= c.significance * std)
        stay = self.using & (std <= LOST * limit) & (size >= INSIGNIFICANT * c.significance * std)
        self.using = begin | stay
        free = np.zeros(len(info.vector), bool)
        free[info.column[self.using]] = True
        aim = info.spread(info.given(free), 0.0) * self.prior
        share = np.where((self.applied == 0.0).all(axis=1, keepdims=True), 1.0, 1.0 - math.exp(-since_s / c.apply_s))
        self.applied += (aim - self.applied) * share  # a sensor's first correction is made at once: what it tells now is worse
        self.applied[~self.using & (np.abs(self.applied) < 1e-3 * self.prior)] = 0.0


def _share(yes: list[bool]) -> float:
    """Return the share of true ones."""
    return sum(yes) / len(yes)

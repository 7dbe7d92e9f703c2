"""What looks at tracks say of a sensor: shares by sector and ring, how sure they are, and what is flagged with its reason."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.estimate.share import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.site import SensorConfig

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

PERIOD_S = {"radar": 6.0, "smr": 1.0, "mlat": 1.0, "adsb": 1.0, "remote_id": 1.0, "detector": 1.0, "system": 5.0}
"""Between looks of a sensor that names no period."""
MOST_EXPECTED = 0.98
LESS = 0.05
"""A share is less than expected where its interval ends so far below."""
MORE = 0.1
"""A sensor sees below its terrain where surely more than this share of what flies there is seen."""
FEWEST_VISITS = 5


class Sectors(NamedTuple):
    """How the surroundings of a sensor are cut, how long a look is, and how clear of the least altitude a track must fly."""

    sectors: int = 12
    ring_m: float = 50_000.0
    rings: int = 10
    """What is farther is in the last one."""
    look_s: float = 12.0
    margin_m: float = 150.0


class Row(NamedTuple):
    """What was measured in one sector and ring of a sensor; all of them together where the sector is -1.

    looks: at tracks where its terrain allows, another sensor seeing them; seen: of those, by it; share, low, high: with its 95 % interval;
    expected: the share to be expected. visits: passages of tracks that make the looks. alone: looks in which it alone had a plot.
    below, below_seen, below_low: looks at tracks flying below what its terrain allows, those it saw, and the least share that is.
    verdict: "" nothing to say, "less", "more", "few" (nothing can be said). reason: why, in words.
    """

    sensor: str
    azimuth_deg: float
    azimuth_to_deg: float
    range_m: float
    range_to_m: float
    looks: int
    seen: int
    share: float
    low: float
    high: float
    expected: float
    visits: int
    alone: int
    below: int
    below_seen: int
    below_low: float
    verdict: str
    reason: str


@dataclass
class Sums:
    """Of each cell (class, sector, ring): n looks, h seen, and over passages the sums of n2, nh, h2, and how many there are."""

    cells: int
    n: F64 = field(init=False)
    h: F64 = field(init=False)
    nn: F64 = field(init=False)
    nh: F64 = field(init=False)
    hh: F64 = field(init=False)
    visits: I64 = field(init=False)
    alone: I64 = field(init=False)
    _key: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    _values: F64 = field(default_factory=lambda: np.zeros((0, 3)))

    def __post_init__(self) -> None:
        self.n, self.h, self.nn, self.nh, self.hh = (np.zeros(self.cells) for _ in range(5))
        self.visits, self.alone = np.zeros(self.cells, np.int64), np.zeros(self.cells, np.int64)

    def add(self, cell: I64, track: I64, look: I64, seen: Mask) -> None:
        """Take looks (q,) of tracks in cells, whether each was seen."""
        self.n += np.bincount(cell, minlength=self.cells)
        self.h += np.bincount(cell, seen, minlength=self.cells)
        key = np.concatenate([self._key, track * self.cells + cell])
        rows = np.column_stack([np.ones(len(cell)), seen, look])
        values = np.concatenate([self._values, rows])
        unique, at = np.unique(key, return_inverse=True)
        merged = np.zeros((len(unique), 3))
        for k in (0, 1):
            merged[:, k] = np.bincount(at, values[:, k], minlength=len(unique))
        np.maximum.at(merged[:, 2], at, values[:, 2])
        self._key, self._values = unique, merged

    def forget(self, before: float) -> None:
        """Close passages of which nothing was seen since a look."""
        over = self._values[:, 2] < before
        cell, n, h = self._key[over] % self.cells, self._values[over, 0], self._values[over, 1]
        self.nn += np.bincount(cell, n * n, minlength=self.cells)
        self.nh += np.bincount(cell, n * h, minlength=self.cells)
        self.hh += np.bincount(cell, h * h, minlength=self.cells)
        self.visits += np.bincount(cell, minlength=self.cells)
        self._key, self._values = self._key[~over], self._values[~over]


def interval(n: float, h: float, visits: float, nn: float, nh: float, hh: float) -> tuple[float, float]:
    """Return the 95 % interval of the share h / n, of looks that come in passages.

    nn, nh, hh: sums over passages of their n^2, n h, h^2. The looks count as n divided by the design effect: no more than they are, no
    fewer than passages of equal length would be.
    """
    if n <= 0:
        return math.nan, math.nan
    p = h / n
    fewest = n * n / nn
    variance = max(0.0, hh - 2 * p * nh + p * p * nn) / (n * n) * (visits / (visits - 1) if visits > 1 else 1.0)
    effective = n if variance * n <= p * (1 - p) else max(p * (1 - p) / variance, fewest)
    if not 0 < p < 1:  # nothing is known of how misses run
        effective = fewest
    return wilson(p * effective, effective)


def expected(config: SensorConfig, look_s: float) -> float:
    """Return the share of looks in which a sensor is to have a plot: one or more of the turns that fall in one, each by its detection."""
    turns = max(1, math.floor(look_s / (config.period_s or PERIOD_S[config.kind])))
    return min(MOST_EXPECTED, 1.0 - (1.0 - config.detection) ** turns)


def rows_of(config: SensorConfig, total: Sums, cut: Sectors) -> list[Row]:
    """Return the rows of a sensor, its whole last."""
    half = cut.sectors * cut.rings
    made = []
    for cell in range(half):
        if total.n[cell] or total.n[cell + half] or total.alone[cell]:
            sector, ring = divmod(cell, cut.rings)
            edges = (sector * 360.0 / cut.sectors, (sector + 1) * 360.0 / cut.sectors, ring * cut.ring_m)
            to = (ring + 1) * cut.ring_m if ring < cut.rings - 1 else math.inf
            made.append(_row(config, total, slice(cell, cell + 1), slice(cell + half, cell + half + 1), (*edges, to), cut))
    whole = _row(config, total, slice(0, half), slice(half, 2 * half), (0.0, 360.0, 0.0, math.inf), cut)
    return [*(_hinted(r, made, whole) for r in made), whole]


def _row(config: SensorConfig, total: Sums, here: slice, below: slice, edges: tuple[float, float, float, float], cut: Sectors) -> Row:
    """Weigh some cells of a sensor."""
    n, h, visits, nn, nh, hh = (float(v[here].sum()) for v in (total.n, total.h, total.visits, total.nn, total.nh, total.hh))
    low, high = interval(n, h, visits, nn, nh, hh)
    b, bh, bv, bnn, bnh, bhh = (float(v[below].sum()) for v in (total.n, total.h, total.visits, total.nn, total.nh, total.hh))
    below_low, _ = interval(b, bh, bv, bnn, bnh, bhh)
    due = expected(config, cut.look_s)
    verdict, reason = "", ""
    if visits >= FEWEST_VISITS and high < due - LESS:
        verdict = "less"
        reason = (
            f"sees {100 * h / n:.0f} % ({100 * low:.0f} to {100 * high:.0f}) of what others see there, "
            f"where its terrain allows {100 * due:.0f} %"
        )
    elif bv >= FEWEST_VISITS and below_low > MORE:
        verdict = "more"
        reason = (
            f"sees {100 * bh / b:.0f} % (at least {100 * below_low:.0f}) of what flies more than {cut.margin_m:.0f} m "
            "below what its terrain allows: the terrain, the antenna's height or the refraction is not as told"
        )
    elif visits < FEWEST_VISITS and bv < FEWEST_VISITS:
        verdict, reason = "few", f"{visits:.0f} passages that another sensor saw: too few to judge"
    share = h / n if n else math.nan
    alone = int(total.alone[here].sum())
    return Row(config.id, *edges, int(n), int(h), share, low, high, due, int(visits), alone, int(b), int(bh), below_low, verdict, reason)


def _hinted(row: Row, rows: Sequence[Row], whole: Row) -> Row:
    """Add to the reason of a sector that sees less what the others say about it."""
    if row.verdict != "less":
        return row
    judged = [r for r in rows if r.verdict != "few" and r.looks]
    same = [r for r in judged if r.azimuth_deg == row.azimuth_deg and r is not row]
    ring = [r for r in judged if r.range_m == row.range_m and r is not row]
    if whole.verdict == "less" and sum(r.verdict == "less" for r in judged) > 0.7 * len(judged):
        hint = "so it is nearly all around: power, sensitivity, or what it is said to be"
    elif len(ring) >= 2 and sum(r.verdict == "less" for r in ring) > 0.7 * len(ring):
        hint = "so it is all around at that distance: range or power, not the ground"
    elif any(r.range_m < row.range_m and r.verdict == "" for r in same):
        hint = "nearer by in that direction it sees: something between hides it, or its range is shorter there"
    else:
        hint = "elsewhere it sees: something near it hides that direction, or it does not radiate there"
    return row._replace(reason=f"{row.reason}; {hint}")

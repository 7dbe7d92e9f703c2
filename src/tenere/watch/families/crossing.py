"""Who crosses the home country's border, without chatter.

A track has a side once it is clear of the border by the margin (or by three standard deviations, where its position is
less certain), and changes side only when it is as clear on the other. Noise, a flight along the border and a coasting
track change nothing. The first side a track is found on is no crossing.

Distance to the border is dear, so it is measured again only when a track has moved far enough to have come near.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.batch import Batch, TrackFlag, Tracks, column
from tenere.geo.borders import EARTH_M, Borders, contains_each, distance_each_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import F64, I64, U32
    from tenere.watch.config import WatchConfig

NO_SIDE, OUTSIDE, INSIDE = -1, 0, 1
_FORGET_S = 600.0


@dataclass(frozen=True)
class Sides(Batch):
    """One row a track number, by rising number."""

    number: U32 = column("u4", "", "track number")
    side: NDArray[np.int8] = column("i1", "", "NO_SIDE, OUTSIDE or INSIDE")
    lat_rad: F64 = column("f8", "rad", "where the distance was measured")
    lon_rad: F64 = column("f8", "rad", "where the distance was measured")
    clear_m: F64 = column("f8", "m", "distance to the border there; NaN never measured")
    seen_s: F64 = column("f8", "s", "last tick that held it")


@dataclass
class Frontier:
    """The border, and on which side of it each track is."""

    borders: Borders
    country: int
    sides: Sides = field(default_factory=Sides.blank)

    @classmethod
    def of(cls, borders: Borders) -> Frontier:
        """Watch the border of the first country there; without one there is no frontier to cross."""
        return cls(borders, 0 if borders.codes else -1)

    @property
    def home_state(self) -> str:
        """ISO 3166 code of the country whose border is watched; empty without one."""
        return self.borders.codes[self.country] if self.country >= 0 else ""


def crossed(frontier: Frontier, config: WatchConfig, tracks: Tracks, rows: I64, time_s: float) -> tuple[I64, NDArray[np.bool_]]:
    """Move the tracks of some rows; return the rows that crossed the border now, and whether each came in.

    rows: (k,) rows of placed, live tracks. The frontier is changed in place; numbers unseen for 10 minutes are forgotten.
    """
    if frontier.country < 0:
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    fresh = (tracks.flags[rows] & TrackFlag.COASTING) == 0
    rows = rows[fresh & np.isfinite(tracks.lat_rad[rows]) & np.isfinite(tracks.lon_rad[rows])]
    at = _admit(frontier, tracks.number[rows], time_s)
    sides = frontier.sides
    spread_m2 = np.fmax(tracks.var_xx_m2[rows], tracks.var_yy_m2[rows])
    margin_m = np.fmax(config.border_margin_m, config.border_sigmas * np.sqrt(np.fmax(spread_m2, 0.0)))
    lat, lon = tracks.lat_rad[rows], tracks.lon_rad[rows]
    moved_m = EARTH_M * np.hypot(lat - sides.lat_rad[at], lon - sides.lon_rad[at])  # longitude unshortened: never too little
    near = np.flatnonzero(~(0.98 * sides.clear_m[at] - moved_m > margin_m))
    if not near.size:
        return rows[:0], np.zeros(0, np.bool_)
    clear_m = distance_each_m(frontier.borders, frontier.country, lat[near], lon[near])
    side = np.where(contains_each(frontier.borders, lat[near], lon[near]) == frontier.country, INSIDE, OUTSIDE).astype(np.int8)
    to = at[near]
    sides.lat_rad[to], sides.lon_rad[to], sides.clear_m[to] = lat[near], lon[near], clear_m
    clear = clear_m > margin_m[near]
    across = clear & (sides.side[to] != NO_SIDE) & (sides.side[to] != side)
    sides.side[to[clear]] = side[clear]
    return rows[near[across]], side[across] == INSIDE


def _admit(frontier: Frontier, numbers: U32, time_s: float) -> I64:
    """Return the row of each number in the table of sides, adding new ones and forgetting those long gone."""
    sides = frontier.sides
    at = np.minimum(np.searchsorted(sides.number, numbers), max(len(sides) - 1, 0))
    known = sides.number[at] == numbers if len(sides) else np.zeros(numbers.size, np.bool_)
    sides.seen_s[at[known]] = time_s
    gone = ~(time_s - sides.seen_s <= _FORGET_S)
    if not gone.any() and known.all():
        return at
    new = np.unique(numbers[~known])
    added = Sides.blank(new.size)
    added.number[:] = new
    added.seen_s[:] = time_s
    sides = Sides.concat([sides.take(~gone), added])
    frontier.sides = sides = sides.take(np.argsort(sides.number, kind="stable"))
    return np.searchsorted(sides.number, numbers)

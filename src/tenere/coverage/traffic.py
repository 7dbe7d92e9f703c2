"""How much flies where: seconds of flight in each block of a country's plane and in each band of altitude.

From tables of tracks or plots, or from any rows of (flight, time, place). Recorded flights are those that somebody saw: where nobody
looks there is no record, and the density is none. Memory is the blocks and the flights of the last minute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from tenere.batch import TrackFlag
from tenere.coverage.tables import Table, altitude_of
from tenere.errors import Rejects, TenereError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.geo.terrain import CountryPlane

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

BANDS_M = np.append(np.arange(0.0, 15_001.0, 500.0), np.inf)
"""Edges of the bands of altitude AMSL; the first reaches down without end."""
BLOCK_M = 5000.0
GAP_S = 60.0
"""Rows of one flight farther apart in time are not joined."""
NOBODYS = "plot of no track and without an address"
LATE = "row earlier than others by more than a minute"
NOT_FLOWN = "row on the ground, coasting, not live or of another system's track"
LEFT_OUT = TrackFlag.ON_GROUND | TrackFlag.COASTING | TrackFlag.NOT_LIVE | TrackFlag.SYSTEM | TrackFlag.UNPLACED
COLUMNS = {
    "time_s": float, "lat_rad": float, "lon_rad": float, "altitude_m": float, "pressure_altitude_m": float, "height_m": float,
    "number": int, "track": int, "address": int, "flags": int, "source": int,
}  # fmt: skip


@dataclass
class Density:
    """Seconds of flight. seconds: (bands + 1, rows, columns) float64, the last layer for flights whose altitude is not known.

    block: posts of the plane along a side of a block. beyond_s: flown outside the plane. rejects: rows refused, by reason.
    """

    plane: CountryPlane
    block: int
    bands_m: F64 = field(default_factory=lambda: BANDS_M)
    seconds: F64 = field(init=False)
    beyond_s: float = 0.0
    rows: int = 0
    rejects: Rejects = field(default_factory=Rejects)

    def __post_init__(self) -> None:
        """Begin with an empty sky."""
        n, m = self.plane.shape
        self.seconds = np.zeros((len(self.bands_m), -(-n // self.block), -(-m // self.block)))

    @classmethod
    def over(cls, plane: CountryPlane, block_m: float = BLOCK_M) -> Density:
        """Return an empty density with blocks of about this side."""
        return cls(plane, max(1, round(block_m / plane.step_m)))

    @property
    def whole_s(self) -> float:
        """Return the seconds flown over the plane."""
        return float(self.seconds.sum())

    @property
    def over_s(self) -> F64:
        """Return the seconds flown in each block at any altitude, (rows, columns)."""
        return np.asarray(self.seconds.sum(axis=0))

    def at(self, rows: NDArray[np.generic], columns: NDArray[np.generic], seconds: F64 | None = None) -> F64:
        """Return the seconds at posts of the plane: those of their block, shared by its posts."""
        over = self.over_s if seconds is None else seconds
        n, m = self.plane.shape
        i, j = np.asarray(rows, np.int64) // self.block, np.asarray(columns, np.int64) // self.block
        posts = np.minimum(self.block, n - i * self.block) * np.minimum(self.block, m - j * self.block)
        return np.asarray(over[i, j] / posts)

    def deposit(self, lat_rad: F64, lon_rad: F64, altitude_m: F64, seconds: F64) -> None:
        """Add seconds flown at places (n,). altitude_m: NaN where not known."""
        row, column = self.plane.to_grid(lat_rad, lon_rad)
        band = np.clip(np.searchsorted(self.bands_m, altitude_m, side="right") - 1, 0, len(self.bands_m) - 2)
        band = np.where(np.isfinite(altitude_m), band, len(self.bands_m) - 1)
        self.beyond_s += float(_deposit(self.seconds, row, column, band.astype(np.int64), seconds, self.block, self.plane.shape))


@njit(cache=True)
def _deposit(out: F64, row: F64, column: F64, band: I64, seconds: F64, block: int, shape: tuple[int, int]) -> float:
    """Add seconds to blocks; return those that fall outside."""
    beyond = 0.0
    for q in range(len(row)):
        i, j = np.floor(row[q] + 0.5), np.floor(column[q] + 0.5)
        if 0.0 <= i < shape[0] and 0.0 <= j < shape[1]:
            out[band[q], int(i) // block, int(j) // block] += seconds[q]
        else:
            beyond += seconds[q]
    return beyond


class Flown:
    """Joins the rows of each flight and lays the time between them half at either end."""

    def __init__(self, density: Density, gap_s: float = GAP_S) -> None:
        """Begin with no flight."""
        self.density, self.gap_s = density, gap_s
        self._held = np.zeros((0, 5))
        self._latest = -np.inf

    def add(self, flight: I64, time_s: F64, lat_rad: F64, lon_rad: F64, altitude_m: F64) -> NDArray[np.bool_]:
        """Take rows (n,) in about the order of time; say which came too late to be joined."""
        late = time_s < self._latest - self.gap_s
        rows = np.column_stack([flight.astype(float), time_s, lat_rad, lon_rad, altitude_m])[~late]
        rows = np.concatenate([self._held, rows])
        rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
        dt = np.diff(rows[:, 1])
        joined = np.flatnonzero((rows[1:, 0] == rows[:-1, 0]) & (dt > 0.0) & (dt <= self.gap_s))
        for end in (joined, joined + 1):
            lat, lon, altitude = (np.ascontiguousarray(rows[end, k]) for k in (2, 3, 4))
            self.density.deposit(lat, lon, altitude, 0.5 * dt[joined])
        if len(rows):
            self._latest = max(self._latest, float(rows[:, 1].max()))
            last = np.append(rows[1:, 0] != rows[:-1, 0], True)
            self._held = rows[last & (rows[:, 1] >= self._latest - self.gap_s)]
        return late


def read(paths: Sequence[Path], density: Density, progress: Callable[[float], None] | None = None) -> Density:
    """Add what tables of tracks or plots hold to a density; return it. progress: told the share that is read.

    Rows of plots belong to the track they went to (column track), else to an address. Raises TenereError for a file that holds
    no such table.
    """
    tables = [Table(path, ("time_s", "lat_rad", "lon_rad")) for path in paths]
    whole, done = max(1, sum(t.rows for t in tables)), 0
    for table in tables:
        if not {"number", "track", "address"} & set(table.names):
            raise TenereError(f"{table.path}: has none of the columns number, track, address: whose rows these are is not known")
        flown = Flown(density)
        for first, c in table.batches(COLUMNS):
            n = len(c["time_s"])
            flight = _flight(c, n)
            wrong = {NOBODYS: flight < 0}
            if "number" in c:
                flags, source = (c.get(k, np.full(n, blank)).astype(np.int64) for k, blank in (("flags", 0), ("source", -1)))
                wrong[NOT_FLOWN] = ((flags & int(LEFT_OUT)) != 0) & (flags >= 0) | (source >= 0)
            keep = np.flatnonzero(table.standing(first, c, wrong))
            time, lat, lon = (c[k][keep].astype(np.float64) for k in ("time_s", "lat_rad", "lon_rad"))
            late = flown.add(flight[keep], time, lat, lon, altitude_of(c, n)[keep])
            if late.any():
                table.rejects.add(LATE, first + int(keep[np.argmax(late)]), int(late.sum()))
            density.rows += len(keep) - int(late.sum())
            done += n
            if progress is not None:
                progress(done / whole)
        density.rejects.merge(table.rejects)
    return density


def _flight(c: dict[str, NDArray[np.generic]], n: int) -> I64:
    """Return whose each row is, (n,); -1 nobody's. Addresses are far above all track numbers."""
    if "number" in c:
        return c["number"].astype(np.int64)
    track = c["track"].astype(np.int64) if "track" in c else np.zeros(n, np.int64)
    address = c["address"].astype(np.int64) if "address" in c else np.full(n, -1)
    return np.where(track > 0, track, np.where(address >= 0, (np.int64(1) << 40) + address, -1))

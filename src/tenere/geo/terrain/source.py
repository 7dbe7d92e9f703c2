"""A source of ground heights: a grid of posts that knows where it lies and gives a window of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from tenere.errors import TenereError
from tenere.geo.terrain.voids import Voids, mark

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]


class TerrainError(TenereError):
    """Ground that cannot be had as it was asked for: the message says which file, what of it, and what to do."""


class Window(NamedTuple):
    """Posts of a grid: rows top up to bottom, columns left up to right (both ends exclusive)."""

    top: int
    bottom: int
    left: int
    right: int

    def within(self, shape: tuple[int, int]) -> Window:
        """Return the part that lies in a grid of a shape (may be empty)."""
        return Window(max(self.top, 0), min(self.bottom, shape[0]), max(self.left, 0), min(self.right, shape[1]))

    @property
    def empty(self) -> bool:
        """No post in it."""
        return self.top >= self.bottom or self.left >= self.right

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return max(0, self.bottom - self.top), max(0, self.right - self.left)


class Source(Protocol):
    """What a mosaic needs of a grid."""

    name: str
    shape: tuple[int, int]

    def lattice(self) -> tuple[Hashable, int, int]:
        """Return the lattice whose posts it holds, and the row and column of its first post there: equal lattices join without a seam."""
        ...

    def to_grid(self, lat_rad: F64, lon_rad: F64) -> tuple[F64, F64]:
        """Return rows and columns (post 0 at 0.0) of places, beyond its edges too; NaN where its projection has none."""
        ...

    def read(self, window: Window) -> tuple[F32, Voids]:
        """Read a window that lies in it: heights in metres, NaN where not known, and what was met."""
        ...


def of_degrees(
    lat_rad: F64, lon_rad: F64, north_deg: float, west_deg: float, step_lat_deg: float, step_lon_deg: float, columns: int
) -> tuple[F64, F64]:
    """Return rows and columns in a grid of degrees; a longitude is taken on whichever turn lies nearest to the grid's middle."""
    middle = west_deg + step_lon_deg * (columns - 1) / 2.0
    lon = np.degrees(lon_rad)
    lon = lon - 360.0 * np.rint((lon - middle) / 360.0)
    return (north_deg - np.degrees(lat_rad)) / step_lat_deg, (lon - west_deg) / step_lon_deg


class ArraySource:
    """A grid of degrees held in memory."""

    def __init__(self, name: str, heights_m: F32, north_deg: float, west_deg: float, step_deg: float) -> None:
        """Take (n, m) heights, the first row northernmost; north and west are those of the first post itself, not of its edge."""
        self.name = name
        self.heights_m = heights_m
        self.shape: tuple[int, int] = (heights_m.shape[0], heights_m.shape[1])
        self.north_deg, self.west_deg, self.step_deg = north_deg, west_deg, step_deg

    def lattice(self) -> tuple[Hashable, int, int]:
        """See `Source`."""
        return degree_lattice(self.north_deg, self.west_deg, self.step_deg, self.step_deg)

    def to_grid(self, lat_rad: F64, lon_rad: F64) -> tuple[F64, F64]:
        """See `Source`."""
        return of_degrees(lat_rad, lon_rad, self.north_deg, self.west_deg, self.step_deg, self.step_deg, self.shape[1])

    def read(self, window: Window) -> tuple[F32, Voids]:
        """See `Source`."""
        z = np.array(self.heights_m[window.top : window.bottom, window.left : window.right], np.float32)
        return z, mark(z, None)


def degree_lattice(north_deg: float, west_deg: float, step_lat_deg: float, step_lon_deg: float) -> tuple[Hashable, int, int]:
    """Return the lattice key, row and column of a grid of degrees' first post.

    Steps agree to 1e-6 of themselves, phases to 1e-3 of a step.
    """
    row, column = (90.0 - north_deg) / step_lat_deg, (west_deg + 180.0) / step_lon_deg
    return lattice_key("degrees", row, column, step_lat_deg, step_lon_deg)


def lattice_key(crs: str, row: float, column: float, step_y: float, step_x: float) -> tuple[Hashable, int, int]:
    """Round a grid's steps and the place of its first post to a key that equal lattices share."""
    r, c = int(np.floor(row + 1e-3)), int(np.floor(column + 1e-3))
    phase = (round((row - r) * 100.0), round((column - c) * 100.0))
    return (crs, float(f"{step_y:.7g}"), float(f"{step_x:.7g}"), phase), r, c

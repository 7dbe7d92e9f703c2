"""Several sources as one terrain: tiles of one lattice joined without a seam, finer ones before coarser ones in the order given."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenere.geo.geodesic import destination
from tenere.geo.terrain.country_plane import CountryPlane, frame_over
from tenere.geo.terrain.plane_grid import SPACING, PlaneGrid, bilinear, bilinear_on_lattice
from tenere.geo.terrain.raster import RasterSource
from tenere.geo.terrain.source import TerrainError, Window
from tenere.geo.terrain.voids import MOST_POSTS, Voids, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from tenere.geo.terrain.country_plane import Frame
    from tenere.geo.terrain.source import Source

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]

BAND = 64
"""Lattice rows laid at a time (1,024 rows of posts), so that of a large source only a band is in memory."""
MOST_BYTES = 4 << 30
"""Largest array made, unless the caller allows more."""
SUFFIXES = (".tif", ".tiff", ".hgt", ".dt0", ".dt1", ".dt2", ".vrt", ".bil", ".img", ".asc")


@dataclass
class Sheet:
    """Sources whose posts lie on one lattice: rows and columns are those of the first source, and may be negative."""

    members: list[tuple[Source, int, int]] = field(default_factory=list)

    def read(self, window: Window) -> tuple[F32, Voids]:
        """Read a window: NaN where no member has a height; the first member that has one gives it."""
        z, voids = np.full(window.shape, np.nan, np.float32), Voids()
        for source, row, column in self.members:
            part = Window(window.top - row, window.bottom - row, window.left - column, window.right - column).within(source.shape)
            if part.empty:
                continue
            got, met = source.read(part)
            to = z[
                part.top + row - window.top : part.bottom + row - window.top,
                part.left + column - window.left : part.right + column - window.left,
            ]
            np.copyto(to, got, where=np.isnan(to))
            voids.add(met)
        return z, voids

    def touched(self, window: Window) -> Window:
        """Return the smallest window that holds all the members' posts of a window."""
        parts = [
            Window(part.top + r, part.bottom + r, part.left + c, part.right + c)
            for source, r, c in self.members
            if not (part := Window(window.top - r, window.bottom - r, window.left - c, window.right - c).within(source.shape)).empty
        ]
        if not parts:
            return Window(0, 0, 0, 0)
        return Window(min(p.top for p in parts), max(p.bottom for p in parts), min(p.left for p in parts), max(p.right for p in parts))


def _sheets(sources: Iterable[Source]) -> list[Sheet]:
    """Group sources by lattice, in the order in which each lattice first comes."""
    sheets: dict[Hashable, Sheet] = {}
    origin: dict[Hashable, tuple[int, int]] = {}
    for source in sources:
        key, row, column = source.lattice()
        r0, c0 = origin.setdefault(key, (row, column))
        sheets.setdefault(key, Sheet()).members.append((source, row - r0, column - c0))
    return list(sheets.values())


class Terrain:
    """Ground heights of one or several sources, those given first before those given later."""

    def __init__(self, sources: Sequence[Source], *, fill_posts: int = MOST_POSTS, most_bytes: int = MOST_BYTES) -> None:
        """Join sources. fill_posts: widest void that is filled (`voids`), 0 for none; most_bytes: largest array to be made."""
        if not sources:
            raise TerrainError("no terrain given: name at least one file")
        self.sources = tuple(sources)
        self._sheets = _sheets(sources)
        self._fill_posts, self.most_bytes = fill_posts, most_bytes

    def _window(self, sheet: Sheet, rows: F64, columns: F64) -> tuple[F32, Window, Voids]:
        """Read what the bilinear heights at some rows and columns need, narrow voids filled."""
        known = np.isfinite(rows) & np.isfinite(columns)
        if not known.any():
            return np.empty((0, 0), np.float32), Window(0, 0, 0, 0), Voids()
        margin = self._fill_posts + 2
        bounds = [np.floor(rows[known].min()) - margin, np.ceil(rows[known].max()) + margin + 1]
        bounds += [np.floor(columns[known].min()) - margin, np.ceil(columns[known].max()) + margin + 1]
        window = sheet.touched(Window(*(int(v) for v in np.clip(bounds, -(2**31), 2**31))))
        if window.empty:
            return np.empty((0, 0), np.float32), window, Voids()
        self._allow(window.shape, "a window of the source")
        z, voids = sheet.read(window)
        if self._fill_posts:
            voids.filled = min(fill(z, self._fill_posts), voids.unknown)
        return z, window, voids

    def _allow(self, shape: tuple[int, int], what: str) -> None:
        """Refuse an array that is too large."""
        size = 4 * shape[0] * shape[1]
        if size > self.most_bytes:
            raise TerrainError(
                f"{what} of {shape[0]:,} x {shape[1]:,} posts takes {size / 2**30:.1f} GiB; "
                f"{self.most_bytes / 2**30:.1f} GiB are allowed: "
                "take a smaller radius or a coarser step, go tile by tile, or allow more (most_bytes)"
            )

    def sample(self, lat_rad: ArrayLike, lon_rad: ArrayLike) -> F64:
        """Return ground heights at places, in metres, bilinear between posts; NaN where not known. Arguments broadcast.

        One window around all places is read from each source: ask for places near each other together.
        """
        lat, lon = np.broadcast_arrays(np.asarray(lat_rad, float), np.asarray(lon_rad, float))
        out = np.full(lat.size, np.nan)
        for sheet in self._sheets:
            rows, columns = (v.ravel() for v in sheet.members[0][0].to_grid(lat, lon))
            z, window, _ = self._window(sheet, rows, columns)
            if not window.empty:
                bilinear(z, rows - window.top, columns - window.left, out)
        return out.reshape(lat.shape)

    def around(self, lat_rad: float, lon_rad: float, radius_m: float, step_m: float) -> PlaneGrid:
        """Lay a plane grid around a place and give its posts heights.

        Posts lie every step_m metres along the rows and columns of an azimuthal equidistant plane: `PlaneGrid`. Latitudes and
        longitudes are geodesic at every 16th post and bilinear between: off by less than (16 step)^2 tan(lat) / (8 R), 2 cm at 90 m and
        20 degrees. Raises TerrainError where the place lies outside the terrain, or the grid is too large.
        """
        if not (np.isfinite([lat_rad, lon_rad]).all() and abs(lat_rad) < np.pi / 2 and radius_m > 0 and step_m > 0):
            raise TerrainError(f"no grid can be laid at {np.degrees(lat_rad)} N {np.degrees(lon_rad)} E, {radius_m} m by {step_m} m")
        half = int(np.ceil(radius_m / step_m))
        n = 2 * half + 1
        self._allow((n, n), "a grid")

        def place(row: F64, column: F64) -> tuple[F64, F64]:
            north, east = (half - row) * step_m, (column - half) * step_m
            return destination(lat_rad, lon_rad, np.arctan2(east, north), np.hypot(east, north))

        z, voids = self._lay((n, n), place)
        self._known(z, f"within {radius_m / 1e3:.0f} km of {np.degrees(lat_rad):.4f} N {np.degrees(lon_rad):.4f} E")
        return PlaneGrid(float(lat_rad), float(lon_rad), float(step_m), z, voids)

    def over(self, lat_rad: ArrayLike, lon_rad: ArrayLike, margin_m: float, step_m: float) -> CountryPlane:
        """Lay the plane of a country: the gnomonic plane that touches the earth amid some places and holds them with a margin.

        lat_rad, lon_rad (n,): the country's outline, say, or its sensors. Every 16th post is placed exactly, those between
        bilinearly. Raises TerrainError where no ground is known, or the grid is too large.
        """
        frame = frame_over(lat_rad, lon_rad, margin_m, step_m)
        return self.window(frame, Window(0, frame.rows, 0, frame.columns))

    def window(self, frame: Frame, window: Window) -> CountryPlane:
        """Lay a window of a country's frame: its posts are those of the whole. Raises TerrainError as `over` does."""
        shape = (window.bottom - window.top, window.right - window.left)
        self._allow(shape, "a grid")

        def place(row: F64, column: F64) -> tuple[F64, F64]:
            return frame.place(row + window.top, column + window.left)

        z, voids = self._lay(shape, place)
        lat, lon = (float(np.degrees(v)) for v in place(np.array(shape[0] / 2), np.array(shape[1] / 2)))
        self._known(z, f"about {lat:.2f} N {lon:.2f} E")
        return CountryPlane(frame.gnomonic, frame.step_m, frame.row - window.top, frame.column - window.left, z, voids)

    def _lay(self, shape: tuple[int, int], place: Callable[[F64, F64], tuple[F64, F64]]) -> tuple[F32, Voids]:
        """Give posts heights. place: latitude and longitude of rows and columns, asked for every 16th post."""
        z, voids = np.full(shape, np.nan, np.float32), Voids()
        down, across = ((n - 1 + SPACING - 1) // SPACING + 1 for n in shape)
        columns = np.arange(across, dtype=float)[None] * SPACING
        for first in range(0, down - 1, BAND):
            last = min(down - 1, first + BAND)
            lat, lon = place(np.arange(first, last + 1, dtype=float)[:, None] * SPACING, columns)
            part = z[first * SPACING : last * SPACING + (1 if last == down - 1 else 0)]
            for sheet in self._sheets:
                rows, along = sheet.members[0][0].to_grid(lat, lon)
                got, window, met = self._window(sheet, rows, along)
                if not window.empty:
                    bilinear_on_lattice(got, rows - window.top, along - window.left, part)
                    voids.add(met)
        return z, voids

    def _known(self, z: F32, where: str) -> None:
        """Refuse a grid of which nothing is known."""
        if np.isnan(z).all():
            places = ", ".join(s.name for s in self.sources[:3]) + (" …" if len(self.sources) > 3 else "")
            raise TerrainError(f"no ground is known {where}: the place lies outside the terrain given ({places})")


def open_terrain(paths: Sequence[str | Path], *, crs: str = "", fill_posts: int = MOST_POSTS, most_bytes: int = MOST_BYTES) -> Terrain:
    """Open raster files, and every raster in a folder given (by name), as one terrain: what is named first comes first.

    crs: projection of files that name none. Raises TerrainError: rasterio missing, a file missing or not a raster, without a place, in
    units not known.
    """
    files: list[Path] = []
    for path in map(Path, paths):
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        if not found:
            raise TerrainError(f"{path}: no raster in this folder (looked for {', '.join(SUFFIXES)})")
        files += found
    for path in files:
        if not path.exists():
            raise TerrainError(f"{path}: no such file")
    return Terrain([RasterSource(p, crs) for p in files], fill_posts=fill_posts, most_bytes=most_bytes)

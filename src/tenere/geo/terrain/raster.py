"""A raster file as a source of ground heights: whatever rasterio opens, with its units, its projection and its voids looked at first."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.geo.terrain.source import TerrainError, Window, degree_lattice, lattice_key, of_degrees
from tenere.geo.terrain.voids import Voids, mark

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from numpy.typing import NDArray

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]

FEET = 0.3048
UNITS_M = {
    "": 1.0,
    "m": 1.0,
    "metre": 1.0,
    "metres": 1.0,
    "meter": 1.0,
    "meters": 1.0,
    "ft": FEET,
    "foot": FEET,
    "feet": FEET,
    "international foot": FEET,
    "us survey foot": 1200.0 / 3937.0,
    "us-ft": 1200.0 / 3937.0,
    "ftus": 1200.0 / 3937.0,
    "foot_us": 1200.0 / 3937.0,
    "cm": 0.01,
    "dm": 0.1,
    "km": 1000.0,
}
"""Metres in each unit of height that a band may name; no name means metres, as every elevation product's specification says."""
MOST_ABSURD = 0.01
"""Share of a window's posts with absurd heights above which the whole is refused: the unit, not a post, is wrong then."""


def rasterio() -> Any:  # noqa: ANN401 - an optional package, imported when a file is first opened
    """Import rasterio, or say how to have it."""
    try:
        import rasterio as package  # noqa: PLC0415 - optional and slow to import
        import rasterio.warp  # noqa: PLC0415 - the same
    except ImportError as e:
        raise TerrainError(f"reading terrain files needs rasterio, which is not installed: pip install 'tenere[coverage]' ({e})") from e
    return package


class RasterSource:
    """One raster file, opened. Only its band 1 is read."""

    def __init__(self, path: Path, crs: str = "") -> None:
        """Open a file; crs ("EPSG:4326") serves a file that names none. Raises TerrainError, saying what to do."""
        package = rasterio()
        self.name = path.name
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # NotGeoreferencedWarning: refused below, in our words
                self._file = package.open(path)
                self._open(package, crs)
        except TerrainError:
            raise
        except Exception as e:  # rasterio and GDAL raise many kinds for bytes that are no raster
            raise TerrainError(f"{path}: not a raster that GDAL can read: {e}") from e

    def _open(self, package: Any, crs: str) -> None:  # noqa: ANN401 - see rasterio()
        """Look at what the file says of itself."""
        file, name = self._file, self.name
        if (
            file.count < 1
            or not np.issubdtype(np.dtype(file.dtypes[0]), np.number)
            or np.issubdtype(np.dtype(file.dtypes[0]), np.complexfloating)
        ):
            raise TerrainError(f"{name}: no band of real numbers; give a raster of heights")
        self.shape: tuple[int, int] = (int(file.height), int(file.width))
        t = file.transform
        if t.is_identity:
            raise TerrainError(f"{name}: says not where it lies (no georeference); write one with gdal_translate -a_srs … -a_ullr …")
        if t.b != 0.0 or t.d != 0.0 or not all(map(np.isfinite, t[:6])) or t.a <= 0.0 or t.e >= 0.0:
            raise TerrainError(f"{name}: its rows do not run from west to east and north to south; turn it with gdalwarp first")
        try:
            self._crs = package.crs.CRS.from_user_input(crs) if file.crs is None and crs else file.crs
        except Exception as e:
            raise TerrainError(f"{name}: the projection {crs!r} is not one that PROJ knows: {e}") from e
        if self._crs is None:
            raise TerrainError(
                f"{name}: names no projection, so degrees cannot be told from metres; give one (crs 'EPSG:4326' for degrees)"
            )
        self._degrees = bool(self._crs.is_geographic)
        if not self._degrees and not self._crs.is_projected:
            raise TerrainError(f"{name}: its coordinates are neither geographic nor projected; transform it with gdalwarp -t_srs EPSG:4326")
        self._west, self._north = t.c + 0.5 * t.a, t.f + 0.5 * t.e
        self._step_x, self._step_y = float(t.a), float(-t.e)
        if self._degrees and (
            abs(self._north) > 90.1 or self._step_y * (self.shape[0] - 1) > 180.2 or self._step_x * (self.shape[1] - 1) > 360.2
        ):
            raise TerrainError(
                f"{name}: says that it is in degrees but lies outside the earth ({self._north:.0f} N): its projection must be wrong"
            )
        self.unit_m = self._unit()
        self._scale, self._offset = float(file.scales[0]), float(file.offsets[0])

    def _unit(self) -> float:
        """Return metres in a unit of height: the band's own, else that of a vertical part of the projection."""
        said = (self._file.units[0] or "").strip().lower()
        if not said:
            vertical = re.search(r'(?:VERT_CS|VERTCRS)\[.*?\b(?:UNIT|LENGTHUNIT)\["([^"]*)"', self._crs.to_wkt(), re.DOTALL | re.IGNORECASE)
            said = vertical.group(1).strip().lower() if vertical else ""
        if said not in UNITS_M:
            raise TerrainError(
                f"{self.name}: its heights are in {said!r}, which is no length known here; convert them to metres (gdal_calc, unit 'm')"
            )
        return UNITS_M[said]

    def lattice(self) -> tuple[Hashable, int, int]:
        """See `Source`."""
        if self._degrees:
            return degree_lattice(self._north, self._west, self._step_y, self._step_x)
        return lattice_key(self._crs.to_wkt(), -self._north / self._step_y, self._west / self._step_x, self._step_y, self._step_x)

    def to_grid(self, lat_rad: F64, lon_rad: F64) -> tuple[F64, F64]:
        """See `Source`. The datum is taken for WGS-84's where the file names another geographic one (tens of metres at most)."""
        if self._degrees:
            return of_degrees(lat_rad, lon_rad, self._north, self._west, self._step_y, self._step_x, self.shape[1])
        shape = np.shape(lat_rad)
        x, y = rasterio().warp.transform("EPSG:4326", self._crs, np.degrees(lon_rad).ravel(), np.degrees(lat_rad).ravel())
        xs, ys = np.asarray(x, float).reshape(shape), np.asarray(y, float).reshape(shape)
        xs, ys = np.where(np.isfinite(xs), xs, np.nan), np.where(np.isfinite(ys), ys, np.nan)
        return (self._north - ys) / self._step_y, (xs - self._west) / self._step_x

    def read(self, window: Window) -> tuple[F32, Voids]:
        """See `Source`. Raises TerrainError for bytes that do not decode, and for a window most of whose heights are absurd."""
        at = ((window.top, window.bottom), (window.left, window.right))
        try:
            raw = self._file.read(1, window=at)
            masked = self._file.read_masks(1, window=at) == 0
        except Exception as e:
            raise TerrainError(f"{self.name}: rows {window.top} to {window.bottom} cannot be read ({e}); fetch the file again") from e
        z = np.asarray(raw, np.float32)
        voids_by_value = (raw == -32767) | (raw == -32768)
        if self.unit_m * self._scale != 1.0 or self._offset != 0.0:
            z = (z * np.float32(self._scale) + np.float32(self._offset)) * np.float32(self.unit_m)
            z[voids_by_value] = np.float32(-32767.0)
        voids = mark(z, masked if masked.any() else None)
        known = voids.posts - voids.marked - voids.nan - voids.dted
        if voids.absurd > MOST_ABSURD * known and voids.absurd > 4:
            raise TerrainError(
                f"{self.name}: {voids.absurd:,} of {known:,} heights are below -450 m or above 9,000 m: "
                "not heights in metres (feet? another band?); name the unit in the file (gdal_edit -units) or convert it"
            )
        return z, voids

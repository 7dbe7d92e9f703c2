"""Rasters for a GIS: the least altitude seen by the best and by the second-best sensor, and who they are, in degrees of WGS-84.

Cells take the nearest post of the country's plane; nothing is interpolated. Files are
cloud-optimised GeoTIFFs (OGC 21-026).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tenere.coverage.horizon import CoverageError
from tenere.geo.terrain.raster import rasterio

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tenere.coverage.country import Picture

METRES_A_DEGREE = 111_195.0
GRAIN = np.float32(8.0)
"""Altitudes are kept to an eighth of a metre: the last bits would be most of the file."""
NODATA_M = -9999.0
NOBODY, NODATA = -1, -2
ROWS = 512


def lattice(picture: Picture, inside: NDArray[np.bool_]) -> tuple[float, float, float, int, int]:
    """Return west and north edge, cell size in degrees, rows and columns of the raster that holds some posts. Raises CoverageError."""
    rows, columns = np.nonzero(inside)
    keep = np.unique(
        np.r_[rows.argmin(), rows.argmax(), columns.argmin(), columns.argmax(), np.arange(0, rows.size, max(1, rows.size // 20000))]
    )
    lat, lon = (np.degrees(v) for v in picture.plane.place(rows[keep], columns[keep]))
    if lon.max() - lon.min() > 180.0:
        raise CoverageError("the areas cross the 180th meridian: no raster of degrees is made")
    step = picture.plane.step_m / METRES_A_DEGREE
    west, north = lon.min() - 2 * step, lat.max() + 2 * step
    return float(west), float(north), step, math.ceil((north - lat.min()) / step) + 2, math.ceil((lon.max() - west) / step) + 2


def write(picture: Picture, inside: NDArray[np.bool_], altitudes: Path, who: Path) -> None:
    """Write both rasters. inside: (n, m), where there is an answer.

    altitudes: float32 metres AMSL, bands best and second; NODATA_M where there is none, or no answer. who: int16, the sensor's place in
    the tag SENSORS; NOBODY, and NODATA where there is no answer (outside, ground not known), which tells the two apart.
    """
    package = rasterio()
    west, north, step, high, wide = lattice(picture, inside)
    transform = package.Affine(step, 0.0, west, 0.0, -step, north)
    tags = {"SENSORS": " ".join(s.id.replace(" ", "_") for s in picture.sights)}
    common = {"crs": "EPSG:4326", "transform": transform, "height": high, "width": wide, "count": 2}
    jobs: tuple[tuple[Path, str, float, tuple[NDArray[Any], ...], str], ...] = (
        (altitudes, "float32", NODATA_M, (picture.best_m, picture.second_m), "least altitude AMSL seen by the {}, m"),
        (who, "int16", NODATA, (picture.best, picture.second), "number of the {}, as in SENSORS"),
    )
    for path, dtype, nodata, bands, words in jobs:
        part = path.with_name(f"{path.name}.strips")
        with package.open(part, "w", driver="GTiff", dtype=dtype, nodata=nodata, compress="deflate", bigtiff="if_safer", **common) as out:
            out.update_tags(**tags)
            for band, name in enumerate(("best sensor", "second-best sensor"), start=1):
                out.set_band_description(band, words.format(name))
            for top in range(0, high, ROWS):
                rows = min(ROWS, high - top)
                lat = np.radians(north - (np.arange(top, top + rows) + 0.5) * step)[:, None]
                lon = np.radians(west + (np.arange(wide) + 0.5) * step)[None]
                for band, values in enumerate(bands, start=1):
                    cells = _nearest(picture, inside, values, lat, lon, nodata)
                    out.write(cells.astype(dtype), band, window=((top, top + rows), (0, wide)))
        _optimise(package, part, path)


def _nearest(
    picture: Picture, inside: NDArray[np.bool_], values: NDArray[Any], lat: NDArray[np.float64], lon: NDArray[np.float64], nodata: float
) -> NDArray[Any]:
    """Return the values of the posts nearest to places."""
    row, column = (np.rint(v) for v in picture.plane.to_grid(lat, lon))
    n, m = picture.plane.shape
    there = (row >= 0) & (row < n) & (column >= 0) & (column < m)
    i, j = (np.where(there, v, 0).astype(np.int64) for v in (row, column))
    there &= inside[i, j] & ~np.isnan(picture.plane.heights_m[i, j])
    found = values[i, j]
    if values.dtype.kind == "f":
        there &= np.isfinite(found)
        found = np.rint(found * GRAIN) / GRAIN
    return np.where(there, found, values.dtype.type(nodata))


def _optimise(package: Any, part: Path, path: Path) -> None:  # noqa: ANN401 - a package without types
    """Copy strips into a cloud-optimised file."""
    from rasterio.shutil import copy  # noqa: PLC0415 - optional and slow to import

    with package.Env(GDAL_NUM_THREADS="1"):
        copy(part, path, driver="COG", COMPRESS="DEFLATE", PREDICTOR="YES", RESAMPLING="NEAREST", OVERVIEW_RESAMPLING="NEAREST")
    part.unlink()

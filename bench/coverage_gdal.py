"""GDAL's viewshed through the C library that a PyPI wheel carries, on grids in memory. No wheel brings gdal_viewshed itself or `osgeo`.

The newest libgdal among the wheels installed here is taken (pyogrio's, rasterio's), or the one that TENERE_GDAL names.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from importlib import import_module, util
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARTH_M = 6_371_008.8
PLANE = (
    f'PROJCS["plane",GEOGCS["sphere",DATUM["sphere",SPHEROID["sphere",{EARTH_M},0]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433]],PROJECTION["Azimuthal_Equidistant"],PARAMETER["latitude_of_center",0],'
    'PARAMETER["longitude_of_center",0],UNIT["metre",1]]'
)
"""A plane on a sphere: GDAL takes the earth's radius, and that there is one to fall, from the projection."""
FLOAT32, WRITE, READ = 6, 1, 0
EDGE_MODE, HEIGHT_FROM_DEM = 2, 2


class Gdal(NamedTuple):
    """A library loaded, and its version."""

    library: ctypes.CDLL
    version: str


def load() -> Gdal | None:
    """Load the newest libgdal found; None where there is none."""
    found = [Path(os.environ["TENERE_GDAL"])] if os.environ.get("TENERE_GDAL") else []
    for name in ("pyogrio", "rasterio") if not found else ():
        spec = util.find_spec(name)
        with contextlib.suppress(ImportError):  # its own modules know where the libraries are that libgdal needs
            import_module(name)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found += sorted((Path(folder).resolve().parent / f"{name}.libs").glob("libgdal*"))
    best: Gdal | None = None
    for path in found:
        try:
            library = ctypes.CDLL(str(path))
        except OSError:  # a library beside it is missing
            continue
        library.GDALAllRegister()
        for name in ("GDALGetDriverByName", "GDALCreate", "GDALGetRasterBand", "GDALViewshedGenerate"):
            getattr(library, name).restype = ctypes.c_void_p
        library.GDALVersionInfo.restype = ctypes.c_char_p
        version = library.GDALVersionInfo(b"RELEASE_NAME").decode()
        if best is None or [int(v) for v in version.split(".")[:3]] > [int(v) for v in best.version.split(".")[:3]]:
            best = Gdal(library, version)
    return best


def viewshed(
    gdal: Gdal, z: NDArray[np.float32], row: int, column: int, above_m: float, step_m: float, reach_m: float
) -> tuple[NDArray[np.float32], float]:
    """Return DEM-mode altitudes (m AMSL, the whole grid, NaN beyond what GDAL gave) and the CPU seconds of the call alone."""
    lib = gdal.library
    n, m = z.shape
    data = np.ascontiguousarray(z, np.float32)
    source = ctypes.c_void_p(lib.GDALCreate(ctypes.c_void_p(lib.GDALGetDriverByName(b"MEM")), b"", m, n, 1, FLOAT32, None))
    lib.GDALSetGeoTransform(source, (ctypes.c_double * 6)(0.0, step_m, 0.0, n * step_m, 0.0, -step_m))
    lib.GDALSetProjection(source, PLANE.encode())
    band = ctypes.c_void_p(lib.GDALGetRasterBand(source, 1))
    assert lib.GDALRasterIO(band, WRITE, 0, 0, m, n, data.ctypes.data_as(ctypes.c_void_p), m, n, FLOAT32, 0, 0) == 0
    numbers = [(column + 0.5) * step_m, (n - row - 0.5) * step_m, above_m, 0.0, 255.0, 0.0, 0.0, -1.0, 0.75]
    start_s = time.process_time()
    made = lib.GDALViewshedGenerate(
        band,
        b"MEM",
        b"",
        None,
        *(ctypes.c_double(v) for v in numbers),
        EDGE_MODE,
        ctypes.c_double(reach_m),
        None,
        None,
        HEIGHT_FROM_DEM,
        None,
    )
    cpu_s = time.process_time() - start_s
    out = ctypes.c_void_p(made)
    place = (ctypes.c_double * 6)()
    lib.GDALGetGeoTransform(out, place)
    h, w = lib.GDALGetRasterYSize(out), lib.GDALGetRasterXSize(out)
    got = np.empty((h, w), np.float32)
    to = got.ctypes.data_as(ctypes.c_void_p)
    assert lib.GDALRasterIO(ctypes.c_void_p(lib.GDALGetRasterBand(out, 1)), READ, 0, 0, w, h, to, w, h, FLOAT32, 0, 0) == 0
    lib.GDALClose(out)
    lib.GDALClose(source)
    left, top = round(place[0] / step_m), round((n * step_m - place[3]) / step_m)
    whole = np.full((n, m), np.nan, np.float32)
    whole[top : top + h, left : left + w] = got
    return whole, cpu_s

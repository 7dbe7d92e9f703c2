"""Terrain: ground heights from any raster, several at once, and the plane grid around a place on which horizons are swept.

    >>> from math import radians
    >>> from tenere.geo.terrain import ArraySource, Terrain
    >>> import numpy as np
    >>> plain = ArraySource("plain", np.full((21, 21), 300.0, np.float32), north_deg=14.0, west_deg=2.0, step_deg=0.1)
    >>> terrain = Terrain((plain,))
    >>> float(terrain.sample(radians(13.5), radians(2.5)))
    300.0

Files are read with rasterio (GeoTIFF, HGT, DTED, VRT and whatever else its GDAL reads), which `pip install 'tenere[coverage]'` brings.
"""

from __future__ import annotations

from tenere.geo.terrain.country_plane import CountryPlane, Frame, Gnomonic, frame_over
from tenere.geo.terrain.demo import demo_terrain
from tenere.geo.terrain.plane_grid import PlaneGrid
from tenere.geo.terrain.raster import RasterSource
from tenere.geo.terrain.source import ArraySource, Source, TerrainError
from tenere.geo.terrain.terrain import Terrain, open_terrain
from tenere.geo.terrain.voids import Voids
from tenere.geo.terrain.where import terrain_help

__all__ = [
    "ArraySource",
    "CountryPlane",
    "Frame",
    "Gnomonic",
    "PlaneGrid",
    "RasterSource",
    "Source",
    "Terrain",
    "TerrainError",
    "Voids",
    "demo_terrain",
    "frame_over",
    "open_terrain",
    "terrain_help",
]

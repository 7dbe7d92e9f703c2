"""Where finer terrain can be had, and how its files are named. Nothing is downloaded."""

from __future__ import annotations

import math


def tiles(south_deg: float, north_deg: float, west_deg: float, east_deg: float) -> list[tuple[int, int]]:
    """Return the one-degree tiles (latitude, longitude of the south-west corner) that touch a box, southernmost first."""
    lats = range(math.floor(south_deg), max(math.ceil(north_deg), math.floor(south_deg) + 1))
    lons = range(math.floor(west_deg), max(math.ceil(east_deg), math.floor(west_deg) + 1))
    return [(a, o) for a in lats for o in lons]


def copernicus_name(lat: int, lon: int) -> str:
    """Name the Copernicus GLO-30 file of a tile: Copernicus_DSM_COG_10_N13_00_E002_00_DEM.tif."""
    return f"Copernicus_DSM_COG_10_{'NS'[lat < 0]}{abs(lat):02d}_00_{'EW'[lon < 0]}{abs(lon):03d}_00_DEM.tif"


def srtm_name(lat: int, lon: int) -> str:
    """Name the SRTM file of a tile: N13E002.hgt."""
    return f"{'NS'[lat < 0]}{abs(lat):02d}{'EW'[lon < 0]}{abs(lon):03d}.hgt"


def terrain_help(south_deg: float, north_deg: float, west_deg: float, east_deg: float) -> str:
    """Say which files cover a box, where they are had, and how to name them.

    >>> print(terrain_help(13.2, 13.9, 1.8, 2.6).splitlines()[0])
    2 tiles of one degree cover 13.2 to 13.9 N, 1.8 to 2.6 E.
    """
    wanted = tiles(south_deg, north_deg, west_deg, east_deg)
    shown = wanted[:3]
    more = f" … ({len(wanted):,} in all)" if len(wanted) > len(shown) else ""
    return "\n".join(
        (
            f"{len(wanted):,} tiles of one degree cover {south_deg:g} to {north_deg:g} N, {west_deg:g} to {east_deg:g} E.",
            "",
            "Copernicus DEM GLO-30 (30 m; free, with attribution to DLR, Airbus and ESA): the Copernicus Data Space Ecosystem,",
            "dataspace.copernicus.eu, or the public bucket s3://copernicus-dem-30m/ (no account). Keep the names:",
            *(f"  {copernicus_name(*t)}" for t in shown),
            *([f" {more}"] if more else []),
            "",
            "SRTM 1 or 3 seconds (30 or 90 m; public domain; 60 N to 56 S): earthexplorer.usgs.gov, or NASA's Earthdata,",
            "products SRTMGL1 and SRTMGL3 (an account, free). The reader knows a tile's place by its name:",
            *(f"  {srtm_name(*t)}" for t in shown),
            *([f" {more}"] if more else []),
            "",
            "Put the files in one folder and give the folder. Missing tiles over the sea are no error: ground there stays unknown.",
        )
    )

"""What the picture knows of the world from the start: borders, ground and aerodromes, loaded for one site."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenere.cli.output import say
from tenere.errors import TenereError
from tenere.geo import borders
from tenere.geo.airports import by_icao
from tenere.world import Aerodromes, Ground, World

if TYPE_CHECKING:
    from tenere.config import Config
    from tenere.geo.borders import Borders

MARGIN_DEG = 3.0
"""The ground is loaded this far beyond the sensors."""
MOST_POSTS = 30_000_000


def home_borders(config: Config) -> Borders | None:
    """Load the home country's polygons; say so and go on without them where they are not installed."""
    try:
        return borders.load([config.identify.home_state])
    except TenereError as e:
        say(f"tenere: no border rules: {e}")
        return None


def world(config: Config) -> World:
    """Load the world of a site; say what is not there and go on without it."""
    with ThreadPoolExecutor(1) as beside:  # unpacking the ground leaves the interpreter free
        ground = beside.submit(_ground, config, _box(config))
        return World(borders=home_borders(config), aerodromes=aerodromes(), ground=ground.result())


def _box(config: Config) -> tuple[float, float, float, float] | None:
    """Return south, north, west and east (degrees) of the placed sensors and some way around them; None: none has a place."""
    lat = [s.lat_deg for s in config.sensor if math.isfinite(s.lat_deg) and math.isfinite(s.lon_deg)]
    lon = [s.lon_deg for s in config.sensor if math.isfinite(s.lat_deg) and math.isfinite(s.lon_deg)]
    if not lat:
        return None
    return min(lat) - MARGIN_DEG, max(lat) + MARGIN_DEG, min(lon) - MARGIN_DEG, max(lon) + MARGIN_DEG


def _ground(config: Config, box: tuple[float, float, float, float] | None) -> Ground | None:
    """Load the ground heights of a box; None where the site wants none or has none."""
    step = config.watch.ground_deg
    if box is None or step <= 0.0:
        return None
    south, north, west, east = max(box[0], -89.0), min(box[1], 89.0), box[2], box[3]
    shape = math.ceil((north - south) / step), math.ceil((east - west) / step)
    if shape[0] * shape[1] > MOST_POSTS:
        say(f"tenere: no rules on terrain: {shape[0]:,} x {shape[1]:,} posts of {step:g} degrees are too many; set watch.ground_deg wider")
        return None
    try:
        from tenere.coverage.setting import ground  # noqa: PLC0415 - slow to import, and a site may want none

        lat, lon = north - step * np.arange(shape[0]), west + step * np.arange(shape[1])
        heights = ground(config.coverage, Path()).sample(np.radians(lat)[:, None], np.radians(lon)[None, :]).astype(np.float32)
    except (TenereError, ImportError) as e:
        say(f"tenere: no rules on terrain: {e}")
        return None
    return Ground(north, west, step, step, heights) if np.isfinite(heights).any() else None


def aerodromes() -> Aerodromes:
    """Return every aerodrome with an ICAO code."""
    rows = [a for code, a in by_icao().items() if len(code) == 4]
    return Aerodromes(
        code=np.array([a.icao for a in rows], "S4"),
        lat_rad=np.radians([a.lat_deg for a in rows]),
        lon_rad=np.radians([a.lon_deg for a in rows]),
        elevation_m=np.array([a.elevation_m for a in rows]),
    )

"""From a site file to what coverage computes with: the ground, and each sensor's antenna."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tenere.coverage.country import Sight
from tenere.coverage.detect.radar import blind_m
from tenere.coverage.horizon import Antenna, CoverageError, Obstacle
from tenere.coverage.parameters import ReceiverParameters
from tenere.coverage.ranges import known_range_m, radar_range_m, receiver_range_m
from tenere.geo.terrain import Terrain, demo_terrain, open_terrain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tenere.coverage.config import CoverageConfig
    from tenere.geo.terrain import CountryPlane
    from tenere.site import SensorConfig

    F64 = NDArray[np.float64]

REACH_M = {"radar": 370_400.0, "adsb": 463_000.0, "mlat": 463_000.0, "smr": 10_000.0, "remote_id": 3_000.0, "detector": 3_000.0}
"""How far a sensor reaches that names no range: 200 and 250 nautical miles, the edge of an airport, a few kilometres."""
STEEPEST_DEG = {"radar": 45.0}
"""The cone of silence begins there, where the site file does not say."""
HEARING = ("adsb", "mlat")
"""They hear transponders."""
ANTENNA_M = 10.0
"""Height above the ground of an antenna whose height lies under it, or is not told."""


def ground(coverage: CoverageConfig, folder: Path) -> Terrain:
    """Open the terrain that a site file names. Raises TerrainError."""
    sources = []
    for name in coverage.terrain:
        opened = demo_terrain() if name == "demo" else open_terrain([folder / Path(name)], crs=coverage.crs)
        sources += list(opened.sources)
    return Terrain(sources)


def sights(sensors: Sequence[SensorConfig], coverage: CoverageConfig) -> tuple[Sight, ...]:
    """Return the sensors that have a place and see the target themselves (system tracks do not), in the site file's order."""
    obstacles = tuple(Obstacle(math.radians(o.lat_deg), math.radians(o.lon_deg), o.height_m, o.width_m) for o in coverage.obstacle)
    placed = (s for s in sensors if s.kind != "system" and math.isfinite(s.lat_deg) and math.isfinite(s.lon_deg))
    return tuple(Sight(s.id, s.kind, antenna(s, coverage), obstacles) for s in placed if reach_m(s, coverage) > 0.0)


def reach_m(sensor: SensorConfig, coverage: CoverageConfig) -> float:
    """Return how far a sensor sees the target well enough; 0 where it nowhere does."""
    told = sensor.range_m or REACH_M.get(sensor.kind, 463_000.0)
    radar, receiver = coverage.radar.get(sensor.id), coverage.receiver.get(sensor.id)
    if radar is not None:
        far = radar_range_m(radar, coverage.target, coverage.detected)
        return min(far, sensor.range_m) if sensor.range_m > 0.0 else far
    if sensor.kind == "radar":
        return known_range_m(told, sensor.detection, coverage.target, coverage.detected)
    if sensor.kind in HEARING:
        by = ReceiverParameters() if receiver is None else receiver
        return min(told, receiver_range_m(by, coverage.target, coverage.detected))
    return told


def antenna(sensor: SensorConfig, coverage: CoverageConfig) -> Antenna:
    """Return where a sensor's antenna stands and what limits it."""
    radar = coverage.radar.get(sensor.id)
    steepest = STEEPEST_DEG.get(sensor.kind, 90.0) if radar is None else radar.most_elevation_deg
    most = sensor.max_elevation_deg if math.isfinite(sensor.max_elevation_deg) else steepest
    least = sensor.min_elevation_deg if radar is None else max(sensor.min_elevation_deg, radar.least_elevation_deg)
    return Antenna(
        math.radians(sensor.lat_deg),
        math.radians(sensor.lon_deg),
        height_m=sensor.antenna_m if math.isfinite(sensor.antenna_m) else ANTENNA_M,
        min_elevation_rad=math.radians(least),
        max_elevation_rad=math.radians(most),
        min_range_m=0.0 if radar is None else blind_m(radar.pulse_s, radar.recovery_s),
        max_range_m=reach_m(sensor, coverage),
    )


def plane_over(terrain: Terrain, chosen: Sequence[Sight], step_m: float, outline: tuple[F64, F64] | None = None) -> CountryPlane:
    """Lay the plane that holds an outline (latitudes, longitudes in radians) and every sensor. Raises CoverageError with neither."""
    lat = [s.antenna.lat_rad for s in chosen] + ([] if outline is None else outline[0].tolist())
    lon = [s.antenna.lon_rad for s in chosen] + ([] if outline is None else outline[1].tolist())
    if not lat:
        raise CoverageError("no sensor has a place (lat_deg, lon_deg), and no area is named: nothing to compute")
    margin = step_m * 4 if outline is not None else max(s.antenna.max_range_m for s in chosen)
    return terrain.over(np.array(lat), np.array(lon), margin, step_m)

"""What Stone Soup's measurement models say: which sensor measured, and what a detection's vector means.

Read are the polar models (bearing and range, with elevation, with range rate) and LinearGaussian over two or three coordinates of
position. Stone Soup's bearing is anticlockwise from x; an azimuth is clockwise from y.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from stonesoup.functions import build_rotation_matrix
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.measurement.nonlinear import (
    CartesianToBearingRange,
    CartesianToBearingRangeRate,
    CartesianToElevationBearingRange,
    CartesianToElevationBearingRangeRate,
)

from tenere.errors import UsageError

LEAST_STD_M, LEAST_STD_RAD = 0.1, 1e-5
"""Noise below these is taken as these: a tracker cannot do with none."""


class Dimensions(NamedTuple):
    """Rows of a polar measurement vector; -1 where the model has none."""

    range: int
    bearing: int
    elevation: int = -1
    rate: int = -1


POLAR = {
    CartesianToBearingRange: Dimensions(range=1, bearing=0),
    CartesianToBearingRangeRate: Dimensions(range=1, bearing=0, rate=2),
    CartesianToElevationBearingRange: Dimensions(range=2, bearing=1, elevation=0),
    CartesianToElevationBearingRangeRate: Dimensions(range=2, bearing=1, elevation=0, rate=3),
}
READ = ", ".join([*(m.__name__ for m in POLAR), LinearGaussian.__name__])


class Site(NamedTuple):
    """One sensor as its measurement model tells it: its place in metres, its rotation in radians. Positions have no dimensions."""

    dimensions: Dimensions | None
    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 0.0
    rotation_rad: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Noise(NamedTuple):
    """One-sigma errors of a detection: of a polar one in range and azimuth, of a position a side."""

    range_m: float = math.nan
    azimuth_rad: float = math.nan
    position_m: float = math.nan


class Measured(NamedTuple):
    """What one detection says: polar from its sensor along the scene's axes, or a position in the scene; NaN where it says nothing."""

    range_m: float = math.nan
    azimuth_rad: float = math.nan
    elevation_rad: float = math.nan
    radial_ms: float = math.nan
    x_m: float = math.nan
    y_m: float = math.nan
    height_m: float = 0.0
    std_m: float = math.nan


def site_of(model: Any, unit_m: float) -> Site:  # noqa: ANN401 - Stone Soup is untyped
    """Return the sensor that a measurement model tells of; raise UsageError where it is none that is read."""
    for kind, where in POLAR.items():
        if isinstance(model, kind):
            x, y, z = [*(float(v) * unit_m for v in np.ravel(model.translation_offset)), 0.0][:3]
            level = where.elevation < 0
            return Site(where, x, y, 0.0 if level else z, _rotation(model, level=level))
    if isinstance(model, LinearGaussian) and len(model.mapping) in (2, 3):
        return Site(None)
    if model is None:
        raise UsageError("a detection has no measurement model: name one (the measurement_model of TenereTracker, the model of a Scene)")
    raise UsageError(f"measurement model {type(model).__name__} over {len(model.mapping)} coordinates is not read; read are {READ}")


def noise_of(site: Site, model: Any, unit_m: float) -> Noise:  # noqa: ANN401 - Stone Soup is untyped
    """Return the noise of a model of that site; of a position the root mean square of x and y. Raises UsageError where it is none."""
    covariance = np.asarray(model.covar(), float)
    variance = np.diag(covariance)
    if not (np.isfinite(covariance).all() and (variance >= 0.0).all()):
        raise UsageError(f"the noise_covar of {type(model).__name__} has an element that is no variance: {covariance.tolist()}")
    where = site.dimensions
    if where is None:
        return Noise(position_m=max(math.sqrt((variance[0] + variance[1]) / 2.0) * unit_m, LEAST_STD_M))
    range_m = max(math.sqrt(variance[where.range]) * unit_m, LEAST_STD_M)
    return Noise(range_m, max(math.sqrt(variance[where.bearing]), LEAST_STD_RAD))


def measured(site: Site, noise: Noise, vector: Any, unit_m: float) -> Measured:  # noqa: ANN401 - Stone Soup is untyped
    """Return what a detection's state vector (m, 1) says, measured at that site."""
    values = [float(v) for v in np.ravel(vector)]
    where = site.dimensions
    if where is None:
        height = values[2] * unit_m if len(values) > 2 else 0.0
        return Measured(x_m=values[0] * unit_m, y_m=values[1] * unit_m, height_m=height, std_m=noise.position_m)
    range_m, bearing = values[where.range] * unit_m, values[where.bearing]
    elevation = values[where.elevation] if where.elevation >= 0 else math.nan
    if any(site.rotation_rad) and math.isfinite(bearing):
        bearing, elevation = _turned(site.rotation_rad, bearing, elevation)
    return Measured(
        range_m=range_m,
        azimuth_rad=(math.pi / 2 - bearing) % (2.0 * math.pi) if math.isfinite(bearing) else math.nan,
        elevation_rad=elevation,
        radial_ms=values[where.rate] * unit_m if where.rate >= 0 else math.nan,
        height_m=site.z_m + range_m * math.sin(elevation) if math.isfinite(elevation) else 0.0,
    )


def _rotation(model: Any, *, level: bool) -> tuple[float, float, float]:  # noqa: ANN401 - Stone Soup is untyped
    """Return the rotation about x, y, z; a flat model may only turn about z, as in Stone Soup."""
    x, y, z = (float(v) for v in np.ravel(model.rotation_offset))
    if level and (x or y):
        raise UsageError(f"{type(model).__name__} with a rotation about x or y: a flat measurement can only turn about z")
    return x, y, z


def _turned(rotation_rad: tuple[float, float, float], bearing: float, elevation: float) -> tuple[float, float]:
    """Return bearing and elevation along the scene's axes of a direction in a sensor's own; NaN elevation stays so."""
    e = elevation if math.isfinite(elevation) else 0.0
    own = np.array([math.cos(e) * math.cos(bearing), math.cos(e) * math.sin(bearing), math.sin(e)])
    x, y, z = build_rotation_matrix(np.array(rotation_rad)[:, None]).T @ own
    return math.atan2(y, x), math.asin(min(max(z, -1.0), 1.0)) if math.isfinite(elevation) else math.nan

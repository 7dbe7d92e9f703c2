"""From plots to what a sensor on one flat plane would have measured: bearings and ranges, or positions, with their noise.

The plane is the country's where anything in the plots has a place on the Earth, else that of the sensor with the most plots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import NOT_LIVE
from tenere.geo import ellipsoid
from tenere.geo.plane import Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Plots
    from tenere.track.sensors import SensorTable

    F64 = NDArray[np.float64]

GUESSED_HEIGHT_M, GUESSED_STD_M, KNOWN_STD_M = 5000.0, 3500.0, 150.0
"""Of an aircraft whose height nobody says: a guess and its error; the error of a pressure altitude taken for a height."""
LEAST_COSINE = 0.1


class Flat(NamedTuple):
    """Plots on one plane, n rows: the position, and of polar ones the sensor's place and the noise along and across."""

    plots: Plots
    polar: NDArray[np.bool_]
    x_m: F64
    y_m: F64
    sensor_x_m: F64
    sensor_y_m: F64
    range_std_m: F64
    azimuth_std_rad: F64
    std_m: F64

    def take(self, rows: NDArray[np.bool_]) -> Flat:
        """Return the rows that a mask selects."""
        plots, polar, *numbers = self
        return Flat(plots.take(rows), polar[rows], *[column[rows] for column in numbers])


def plane_of(plots: Plots, table: SensorTable, centre_rad: tuple[float, float] | None) -> Plane | None:
    """Return the country's plane, or None where nothing is placed: at the centre given, among placed sensors, or at a position."""
    placed = [s for s in table.rows if s.placed]
    if centre_rad is None and placed:
        centre_rad = float(np.mean([s.lat_rad for s in placed])), float(np.mean([s.lon_rad for s in placed]))
    first = np.flatnonzero(np.isfinite(plots.lat_rad) & np.isfinite(plots.lon_rad))[:1]
    if centre_rad is None and len(first):
        centre_rad = float(plots.lat_rad[first[0]]), float(plots.lon_rad[first[0]])
    return Plane.at(*centre_rad) if centre_rad is not None else None


def usable(plots: Plots, refused: dict[str, int]) -> Plots:
    """Return the plots that a tracker may have, in order of time; count the others: not live, of a sensor too many, without a time."""
    time_s = np.where(np.isfinite(plots.time_s), plots.time_s, plots.receive_s)
    checks = {
        "not live": (plots.flags & int(NOT_LIVE)) > 0,
        "of a sensor too many": plots.sensor < 0,
        "without a time": ~np.isfinite(time_s),
    }
    kept = _without(np.ones(len(plots), bool), checks, refused)
    plots = plots.replace(time_s=time_s).take(kept)
    return plots.take(np.lexsort((np.arange(len(plots)), plots.sensor, plots.time_s)))


def flatten(plots: Plots, table: SensorTable, plane: Plane | None, refused: dict[str, int]) -> Flat:
    """Place plots whose sensor is named; count those that cannot be, or that lie in another sensor's own plane."""
    rows = [table.rows[k] for k in plots.sensor.tolist()]
    col = {name: np.array([getattr(s, name) for s in rows], float) for name in ("lat_rad", "lon_rad", "height_m")}
    col |= {name: np.array([getattr(s.config, name) for s in rows], float) for name in ("range_std_m", "azimuth_std_deg", "position_std_m")}
    on_earth = np.isfinite(plots.lat_rad) & np.isfinite(plots.lon_rad)
    polar = ~on_earth & np.isfinite(plots.range_m) & np.isfinite(plots.azimuth_rad)
    local = ~on_earth & ~polar & np.isfinite(plots.x_m) & np.isfinite(plots.y_m)
    std = np.where(np.isfinite(plots.position_std_m), plots.position_std_m, col["position_std_m"])
    made = (_own_plane if plane is None else _country)(plots, col, polar, plane)
    x, y, x0, y0, along, scale = made
    if plane is None:
        x, y = np.where(local, plots.x_m, x), np.where(local, plots.y_m, y)
        elsewhere = plots.sensor != _busiest(plots.sensor[polar | local])
    else:
        elsewhere = ~on_earth & ~np.isfinite(col["lat_rad"])
    nowhere = ~(on_earth | polar | local) | (~elsewhere & ~np.isfinite(x + y))
    checks = {"without a position": nowhere, "in a sensor's own plane": elsewhere}
    kept = _without(np.ones(len(plots), bool), checks, refused)
    columns = [c[kept] for c in (x, y, x0, y0, along, np.deg2rad(col["azimuth_std_deg"]), std * scale)]
    return Flat(plots.take(kept), polar[kept], *columns)


def _own_plane(plots: Plots, col: dict[str, F64], polar: NDArray[np.bool_], plane: Plane | None) -> tuple[F64, ...]:  # noqa: ARG001 - as _country
    """Return x, y, the sensor's place, the noise along and the plane's scale, on each sensor's own flat plane."""
    height, height_std = _heights(plots)
    r, zero = plots.range_m, np.zeros(len(plots))
    ground = np.sqrt(np.maximum(r * r - height * height, 0.25 * r * r))
    along = _along(col["range_std_m"], r, height, height_std)
    return ground * np.sin(plots.azimuth_rad), ground * np.cos(plots.azimuth_rad), zero, zero, along, np.ones(len(plots))


def _country(plots: Plots, col: dict[str, F64], polar: NDArray[np.bool_], plane: Plane | None) -> tuple[F64, ...]:
    """Return the same on the country's plane; NaN of unplaced sensors."""
    assert plane is not None
    height, height_std = _heights(plots)
    lat0, lon0, h0 = col["lat_rad"], col["lon_rad"], col["height_m"]
    lat, lon, _, elevation = ellipsoid.geodetic_of_polar(lat0, lon0, h0, plots.range_m, plots.azimuth_rad, height)
    near_lat, near_lon, _ = ellipsoid.geodetic_of_enu(lat0, lon0, h0, plots.x_m, plots.y_m, 0.0)
    on_earth = np.isfinite(plots.lat_rad) & np.isfinite(plots.lon_rad)
    lat = np.where(on_earth, plots.lat_rad, np.where(polar, lat, near_lat))
    lon = np.where(on_earth, plots.lon_rad, np.where(polar, lon, near_lon))
    _, scale = plane.north(lat, lon)
    x, y = plane.forward(lat, lon)
    x0, y0 = plane.forward(lat0, lon0)
    along = _along(col["range_std_m"], plots.range_m, plots.range_m * np.sin(elevation), height_std) * scale
    return x, y, x0, y0, along, scale


def _heights(plots: Plots) -> tuple[F64, F64]:
    """Return each plot's height and its one-sigma: measured, pressure altitude, or a guess that its range allows."""
    height = np.where(np.isfinite(plots.height_m), plots.height_m, plots.pressure_altitude_m)
    known = np.isfinite(height)
    most = np.where(np.isfinite(plots.range_m), 0.3 * plots.range_m, np.inf)
    return np.where(known, height, np.minimum(GUESSED_HEIGHT_M, most)), np.where(known, KNOWN_STD_M, np.minimum(GUESSED_STD_M, most))


def _along(range_std: F64, r: F64, above: F64, height_std: F64) -> F64:
    """Return the one-sigma of ground range, from slant range and height: ground^2 = r^2 - above^2."""
    sine = above / np.maximum(r, 1.0)
    cosine = np.maximum(np.sqrt(np.maximum(1.0 - sine * sine, 0.0)), LEAST_COSINE)
    return np.asarray(np.hypot(range_std, height_std * sine) / cosine)


def _busiest(sensors: NDArray[np.int16]) -> int:
    """Return the sensor with the most rows, the first of equals; -1 where there are none."""
    return int(np.argmax(np.bincount(sensors))) if len(sensors) else -1


def _without(kept: NDArray[np.bool_], checks: dict[str, NDArray[np.bool_]], refused: dict[str, int]) -> NDArray[np.bool_]:
    """Take away what fails each check, counted under the first that it fails."""
    for why, wrong in checks.items():
        if count := int((kept & wrong).sum()):
            refused[why] = refused.get(why, 0) + count
        kept &= ~wrong
    return kept

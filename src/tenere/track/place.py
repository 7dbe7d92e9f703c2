"""From what a sensor measured to positions with covariances in a plane.

Plots with a position, and those of a placed sensor, lie in the country's plane (frame 0). Those of an unplaced
sensor lie in a plane of its own (frame = its row + 1), which the kernels see as far away as FRAME_M a frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.geo import ellipsoid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import Plots
    from tenere.geo.plane import Plane
    from tenere.track.sensors import SensorTable

    F64 = NDArray[np.float64]

FRAME_M = 2.0e7
UNKNOWN_HEIGHT_M = 5000.0
UNKNOWN_HEIGHT_STD_M = 3500.0
HEIGHT_STD_M = 150.0  # pressure altitude taken for a height: QNH and temperature
MIN_STD_M = 3.0


class Placed(NamedTuple):
    """Positions of plots: n rows; ok tells which could be placed."""

    ok: NDArray[np.bool_]
    frame: NDArray[np.int64]
    z: F64  # (n, 2) without the frame's offset
    r: F64  # (n, 3) xx, xy, yy
    vel: F64  # (n, 3) vx, vy, variance; NaN none
    sight: F64  # (n, 6) where the height was guessed: unit vector from the sensor, slant range, its height, guess, range error; else NaN


LIMITS: dict[str, tuple[float, float]] = {
    "time_s": (-1e11, 1e11),
    "receive_s": (-1e11, 1e11),
    "range_m": (0.0, 2e6),
    "azimuth_rad": (-7.0, 7.0),
    "x_m": (-2e6, 2e6),
    "y_m": (-2e6, 2e6),
    "lat_rad": (-np.pi / 2, np.pi / 2),
    "lon_rad": (-2 * np.pi, 2 * np.pi),
    "position_std_m": (0.0, 1e5),
    "height_m": (-2e3, 1e5),
    "pressure_altitude_m": (-2e3, 1e5),
    "east_ms": (-2e3, 2e3),
    "north_ms": (-2e3, 2e3),
    "velocity_std_ms": (0.0, 1e4),
    "vertical_rate_ms": (-1e3, 1e3),
}
"""What a column may hold. Decoders check their items; a plugin's decoder may not, and the kernels must never see it."""


def sane(plots: Plots) -> Plots:
    """Return the plots with every impossible number made "not known"."""
    mended = {}
    for name, (low, high) in LIMITS.items():
        values = getattr(plots, name)
        bad = ~np.isnan(values) & ~((values >= low) & (values <= high))
        if bad.any():
            mended[name] = np.where(bad, np.nan, values)
    return plots.replace(**mended) if mended else plots


def place(plots: Plots, table: SensorTable, plane: Plane | None) -> Placed:
    """Place plots whose sensor is named. Without a plane only unplaced sensors' plots can be."""
    n = len(plots)
    out = Placed(
        np.zeros(n, bool), np.zeros(n, np.int64), np.zeros((n, 2)), np.zeros((n, 3)), np.full((n, 3), np.nan), np.full((n, 6), np.nan)
    )
    if not n:
        return out
    rows = table.rows
    col = {
        "lat": np.array([s.lat_rad for s in rows])[plots.sensor],
        "lon": np.array([s.lon_rad for s in rows])[plots.sensor],
        "h": np.array([s.height_m for s in rows])[plots.sensor],
        "range_std": np.array([s.config.range_std_m for s in rows])[plots.sensor],
        "azimuth_std": np.deg2rad([s.config.azimuth_std_deg for s in rows])[plots.sensor],
        "position_std": np.array([s.config.position_std_m for s in rows])[plots.sensor],
    }
    std = np.maximum(np.where(np.isfinite(plots.position_std_m), plots.position_std_m, col["position_std"]), MIN_STD_M)
    has_position = np.isfinite(plots.lat_rad) & np.isfinite(plots.lon_rad)
    has_local = np.isfinite(plots.x_m) & np.isfinite(plots.y_m)
    polar = ~has_position & np.isfinite(plots.range_m) & np.isfinite(plots.azimuth_rad)
    local = ~has_position & ~polar & has_local
    known = np.isfinite(col["lat"])
    if plane is not None:
        if (m := np.nonzero(has_position)[0]).size:
            _in_plane(out, m, plane, plots.lat_rad[m], plots.lon_rad[m], std[m] ** 2, plots)
        if (m := np.nonzero(local & known)[0]).size:
            lat, lon, _ = ellipsoid.geodetic_of_enu(col["lat"][m], col["lon"][m], col["h"][m], plots.x_m[m], plots.y_m[m], 0.0)
            _in_plane(out, m, plane, lat, lon, std[m] ** 2, plots)
        if (m := np.nonzero(polar & known)[0]).size:
            _polar_in_plane(out, m, plane, plots, col)
    if (m := np.nonzero(polar & ~known)[0]).size:
        height, height_std = _height(plots, m)
        r = np.maximum(plots.range_m[m], 1.0)
        ground = np.sqrt(np.maximum(r * r - height * height, 0.25 * r * r))
        az = plots.azimuth_rad[m]
        out.z[m, 0], out.z[m, 1] = ground * np.sin(az), ground * np.cos(az)
        _polar_covariance(out, m, ground, r, height, height_std, col["range_std"][m], col["azimuth_std"][m], 1.0)
        _sight(out, m, plots, out.z[m, 0] / ground, out.z[m, 1] / ground, np.zeros(len(m)), height, col["range_std"][m])
        out.frame[m] = plots.sensor[m] + 1
        out.ok[m] = True
    if (m := np.nonzero(local & ~known)[0]).size:
        out.z[m, 0], out.z[m, 1] = plots.x_m[m], plots.y_m[m]
        out.r[m, 0] = out.r[m, 2] = std[m] ** 2
        out.frame[m] = plots.sensor[m] + 1
        out.ok[m] = True
    out.ok[:] &= np.isfinite(out.z).all(axis=1) & np.isfinite(out.r).all(axis=1) & (np.abs(out.z) < FRAME_M / 4).all(axis=1)
    return out


def _in_plane(out: Placed, m: NDArray[np.int64], plane: Plane, lat: F64, lon: F64, var: F64, plots: Plots) -> None:
    """Fill rows m from positions with a round covariance, and their reported velocities."""
    turn, scale = plane.north(lat, lon)
    out.z[m, 0], out.z[m, 1] = plane.forward(lat, lon)
    out.r[m, 0] = out.r[m, 2] = var * scale**2
    east, north = plots.east_ms[m], plots.north_ms[m]
    c, s = np.cos(turn) * scale, np.sin(turn) * scale
    out.vel[m, 0], out.vel[m, 1] = east * c + north * s, -east * s + north * c
    known = np.isfinite(plots.velocity_std_ms[m])
    out.vel[m, 2] = np.where(known, np.where(known, plots.velocity_std_ms[m], 0.0) ** 2, 16.0) + 4.0  # its age: up to a second or two
    out.vel[m[~np.isfinite(out.vel[m]).all(axis=1)]] = np.nan
    out.ok[m] = True


def _height(plots: Plots, m: NDArray[np.int64]) -> tuple[F64, F64]:
    """Return each plot's height and its one-sigma: measured, pressure altitude, or unknown."""
    height = np.where(np.isfinite(plots.height_m[m]), plots.height_m[m], plots.pressure_altitude_m[m])
    known = np.isfinite(height)
    r = plots.range_m[m]
    guess = np.minimum(UNKNOWN_HEIGHT_M, 0.3 * r)
    return np.where(known, height, guess), np.where(known, HEIGHT_STD_M, np.minimum(UNKNOWN_HEIGHT_STD_M, 0.3 * r))


def _polar_in_plane(out: Placed, m: NDArray[np.int64], plane: Plane, plots: Plots, col: dict[str, F64]) -> None:
    """Fill rows m of placed radars."""
    height, height_std = _height(plots, m)
    r = plots.range_m[m]
    lat, lon, _, elevation = ellipsoid.geodetic_of_polar(col["lat"][m], col["lon"][m], col["h"][m], r, plots.azimuth_rad[m], height)
    _, scale = plane.north(lat, lon)
    x0, y0 = plane.forward(col["lat"][m], col["lon"][m])
    x, y = plane.forward(lat, lon)
    out.z[m, 0], out.z[m, 1] = x, y
    ground = np.maximum(np.hypot(x - x0, y - y0), 1.0)
    sine = np.sin(elevation)
    ux, uy = (x - x0) / ground, (y - y0) / ground
    _polar_covariance(out, m, ground, r, r * sine, height_std, col["range_std"][m], col["azimuth_std"][m], scale, ux, uy)
    _sight(out, m, plots, ux, uy, col["h"][m], height, col["range_std"][m])
    out.ok[m] = True


def _sight(out: Placed, m: NDArray[np.int64], plots: Plots, ux: F64, uy: F64, base: F64, guess: F64, range_std: F64) -> None:
    """Keep how the plots without a height were placed, so that a track's own height can place them better."""
    guessed = ~(np.isfinite(plots.height_m[m]) | np.isfinite(plots.pressure_altitude_m[m]))
    out.sight[m[guessed]] = np.column_stack([ux, uy, plots.range_m[m], base, guess, range_std])[guessed]


def _polar_covariance(
    out: Placed,
    m: NDArray[np.int64],
    ground: F64,
    r: F64,
    above: F64,
    height_std: F64,
    range_std: F64,
    azimuth_std: F64,
    scale: F64 | float,
    ux: F64 | None = None,
    uy: F64 | None = None,
) -> None:
    """Fill the covariances of rows m: along the line of sight the range's and the height's error, across it the azimuth's."""
    if ux is None or uy is None:
        g = np.maximum(np.hypot(out.z[m, 0], out.z[m, 1]), 1.0)
        ux, uy = out.z[m, 0] / g, out.z[m, 1] / g
    cosine = np.maximum(np.sqrt(np.maximum(1.0 - (above / np.maximum(r, 1.0)) ** 2, 0.0)), 0.1)
    along = ((range_std / cosine) ** 2 + (height_std * above / np.maximum(r, 1.0) / cosine) ** 2) * scale**2
    across = (np.maximum(ground, 200.0) * azimuth_std) ** 2 * scale**2
    out.r[m, 0] = along * ux * ux + across * uy * uy
    out.r[m, 1] = (along - across) * ux * uy
    out.r[m, 2] = along * uy * uy + across * ux * ux

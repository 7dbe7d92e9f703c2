"""The slow way to place plots, in NumPy on whole columns: what the kernel of `tenere.track.placing` is held to."""

from __future__ import annotations

import numpy as np

from tenere.geo import ellipsoid
from tenere.track.place import FRAME_M, Placed

UNKNOWN_HEIGHT_M, UNKNOWN_HEIGHT_STD_M, HEIGHT_STD_M, TOO_HIGH_M = 5000.0, 3500.0, 150.0, 500.0


def place_slowly(plots, table, plane):
    """Place plots whose sensor is named, as `place` does."""
    n = len(plots)
    out = Placed(
        np.zeros(n, bool),
        np.zeros(n, np.int64),
        np.zeros((n, 2)),
        np.zeros((n, 3)),
        np.full((n, 3), np.nan),
        np.full((n, 6), np.nan),
        np.full((n, 4), np.nan),
        np.full((n, 4), np.nan),
        np.zeros(n, bool),
    )
    named = (plots.sensor >= 0) & (plots.sensor < len(table.rows))
    sensor = np.where(named, plots.sensor, 0)
    col = {k: np.array([getattr(s, k) for s in table.rows])[sensor] for k in ("lat_rad", "lon_rad", "height_m")}
    col |= {
        k: np.array([getattr(s.config, k) for s in table.rows])[sensor]
        for k in ("range_std_m", "position_std_m", "elevation_std_deg", "refraction")
    }
    col["azimuth_var"] = np.deg2rad([s.config.azimuth_std_deg for s in table.rows])[sensor] ** 2
    known = named & np.isfinite(col["lat_rad"])
    loose = named & ~known
    stated = np.isfinite(plots.lat_rad) & np.isfinite(plots.lon_rad)
    polar = ~stated & np.isfinite(plots.range_m) & np.isfinite(plots.azimuth_rad)
    local = ~stated & ~polar & np.isfinite(plots.x_m) & np.isfinite(plots.y_m)
    turned = ~stated & ~polar & ~local & np.isfinite(plots.azimuth_rad)
    exact = [s.config.range_m / 4 if s.config.kind == "mlat" and s.config.range_m else np.inf for s in table.rows]
    col["exact_m"] = np.array(exact)[sensor]
    with np.errstate(all="ignore"):
        if plane is not None:
            m = np.flatnonzero(named & stated)
            height = np.where(np.isfinite(plots.height_m), plots.height_m, plots.pressure_altitude_m)
            up = np.where(np.isfinite(height), height, UNKNOWN_HEIGHT_M) - col["height_m"]
            _positions(out, m, plane, plots, col, (plots.lat_rad[m], plots.lon_rad[m]), up[m])
            m = np.flatnonzero(local & known)
            lat, lon, _ = ellipsoid.geodetic_of_enu(
                col["lat_rad"][m], col["lon_rad"][m], col["height_m"][m], plots.x_m[m], plots.y_m[m], 0.0
            )
            _positions(out, m, plane, plots, col, (lat, lon), np.zeros(len(m)))
            _polars(out, np.flatnonzero(polar & known), plane, plots, col)
            m = np.flatnonzero(turned & known)
            turn, _ = plane.north(col["lat_rad"][m], col["lon_rad"][m])
            x, y = plane.forward(col["lat_rad"][m], col["lon_rad"][m])
            out.bearing[m] = np.column_stack([x, y, np.pi / 2 - plots.azimuth_rad[m] - turn, col["azimuth_var"][m]])
        _own_polars(out, np.flatnonzero(polar & loose), plots, col)
        m = np.flatnonzero(local & loose)
        out.z[m] = np.column_stack([plots.x_m[m], plots.y_m[m]])
        out.r[m, 0] = out.r[m, 2] = np.maximum(_std(plots, col, m, _worse(col, m, plots.x_m[m], plots.y_m[m])), 0.1) ** 2
        g = np.hypot(plots.x_m[m], plots.y_m[m])
        g[g <= 1.0] = np.nan
        _dopplers(out, m, plots, plots.x_m[m] / g, plots.y_m[m] / g, np.zeros(len(m)), np.ones(len(m)))
        m = np.flatnonzero(turned & loose)
        out.bearing[m] = np.column_stack([0 * m, 0 * m, np.pi / 2 - plots.azimuth_rad[m], col["azimuth_var"][m]])
        out.ok[loose & (polar | local)] = True
        out.frame[loose & (polar | local | turned)] = sensor[loose & (polar | local | turned)] + 1
        out.bearing[:, 2] = (out.bearing[:, 2] + np.pi) % (2 * np.pi) - np.pi
        out.bearing[(np.abs(out.bearing[:, :2]) >= FRAME_M / 4).any(axis=1)] = np.nan
        out.bearing_only[:] = np.isfinite(out.bearing[:, :3]).all(axis=1)
        out.ok[:] &= np.isfinite(out.z).all(axis=1) & np.isfinite(out.r).all(axis=1) & (np.abs(out.z) < FRAME_M / 4).all(axis=1)
    return out


def _worse(col, m, dx, dy):
    far = np.hypot(dx, dy) / col["exact_m"][m]
    return np.where(far > 1.0, far, 1.0)


def _std(plots, col, m, worse):
    return np.where(np.isfinite(plots.position_std_m[m]), plots.position_std_m[m], col["position_std_m"][m] * worse)


def _positions(out, m, plane, plots, col, where, up):
    turn, scale = plane.north(*where)
    x, y = plane.forward(*where)
    x0, y0 = plane.forward(col["lat_rad"][m], col["lon_rad"][m])
    worse = _worse(col, m, x - x0, y - y0)
    std = _std(plots, col, m, worse)
    out.z[m] = np.column_stack([x, y])
    out.r[m, 0] = out.r[m, 2] = (np.maximum(std, 3.0) * scale) ** 2
    c, s = np.cos(turn) * scale, np.sin(turn) * scale
    east, north = plots.east_ms[m], plots.north_ms[m]
    var = np.where(np.isfinite(plots.velocity_std_ms[m]), plots.velocity_std_ms[m] ** 2, 16.0 * worse**2) + 4.0
    vel = np.column_stack([east * c + north * s, -east * s + north * c, var])
    out.vel[m] = np.where(np.isfinite(vel).all(axis=1)[:, None], vel, np.nan)
    ground = np.hypot(x - x0, y - y0)
    ground[ground <= 1.0] = np.nan
    _dopplers(out, m, plots, (x - x0) / ground, (y - y0) / ground, up / np.hypot(ground / scale, up), scale)
    out.ok[m] = True


def _heights(plots, m, col, h0):
    """Return height, one-sigma and whether a track's would be better: by pressure, by the radar's own, by what the range allows."""
    r, pressure, own, elevation = plots.range_m[m], plots.pressure_altitude_m[m], plots.height_m[m], plots.elevation_rad[m]
    known, most = np.isfinite(col["lat_rad"][m]), plots.range_m[m] + h0 + TOO_HIGH_M
    base = col["refraction"][m] * ellipsoid.gaussian_radius_m(np.where(known, col["lat_rad"][m], 0.0)) + h0
    risen = h0 + np.sqrt(base**2 + r**2 + 2 * r * base * np.sin(elevation)) - base
    own = np.where(np.isfinite(own), own, np.where(known, risen, r * np.sin(elevation)))
    guess, wide = np.minimum(UNKNOWN_HEIGHT_M, 0.3 * r), np.minimum(UNKNOWN_HEIGHT_STD_M, 0.3 * r)
    std = np.maximum(r * np.deg2rad(col["elevation_std_deg"][m]), 20.0)
    weight = wide**2 / (wide**2 + std**2)
    told, pressed = own < most, pressure < most
    height = np.where(pressed, pressure, np.where(told, guess + weight * (own - guess), guess))
    height_std = np.where(pressed, HEIGHT_STD_M, np.where(told, std * np.sqrt(weight), wide))
    return height, height_std, ~pressed & (~told | (std > HEIGHT_STD_M))


def _polars(out, m, plane, plots, col):
    height, height_std, guessed = _heights(plots, m, col, col["height_m"][m])
    r, az, h0 = np.maximum(plots.range_m[m], 1.0), plots.azimuth_rad[m], col["height_m"][m]
    lat, lon, _, elevation = ellipsoid.geodetic_of_polar(col["lat_rad"][m], col["lon_rad"][m], h0, r, az, height)
    _, scale = plane.north(lat, lon)
    x, y = plane.forward(lat, lon)
    x0, y0 = plane.forward(col["lat_rad"][m], col["lon_rad"][m])
    turn, _ = plane.north(col["lat_rad"][m], col["lon_rad"][m])
    lat, lon, _, _ = ellipsoid.geodetic_of_polar(col["lat_rad"][m], col["lon_rad"][m], h0, r * 1.0001 + 10, az, height)
    dx, dy = np.array(plane.forward(lat, lon)) - [x, y]
    near = np.hypot(dx, dy) <= 1.0
    ux = np.where(near, np.sin(az + turn), dx / np.hypot(dx, dy))
    uy = np.where(near, np.cos(az + turn), dy / np.hypot(dx, dy))
    spread = np.exp(col["azimuth_var"][m] / 2)
    out.z[m] = np.column_stack([x0 + (x - x0) * spread, y0 + (y - y0) * spread])
    re, d = ellipsoid.gaussian_radius_m(col["lat_rad"][m]) + h0, height - h0
    sine = np.clip((d * (2 * re + d) + r * r) / (2 * r * (re + d)), -1, 1)
    _ovals(out, m, col, r * np.cos(elevation) * re / (re + d), sine, np.cos(elevation), height_std, scale, ux, uy)
    _sights(out, m, plots, col, ux, uy, h0, height, guessed)
    _dopplers(out, m, plots, ux, uy, sine, scale)
    out.ok[m] = True


def _own_polars(out, m, plots, col):
    height, height_std, guessed = _heights(plots, m, col, 0.0)
    r, az = np.maximum(plots.range_m[m], 1.0), plots.azimuth_rad[m]
    ground = np.sqrt(np.maximum(r * r - height * height, 0.25 * r * r))
    sine = np.clip(height / r, -1, 1)
    one = np.ones(len(m))
    out.z[m] = (ground * np.exp(col["azimuth_var"][m] / 2) * np.array([np.sin(az), np.cos(az)])).T
    _ovals(out, m, col, ground, sine, np.sqrt(1 - sine**2), height_std, one, np.sin(az), np.cos(az))
    _sights(out, m, plots, col, np.sin(az), np.cos(az), 0 * r, height, guessed)
    _dopplers(out, m, plots, np.sin(az), np.cos(az), sine, one)


def _ovals(out, m, col, ground, sine, cosine, height_std, scale, ux, uy):
    """Of x exp(v / 2), where x is a cosine or a sine of a normal of variance v: see the docstring of tenere.track.placing."""
    v = col["azimuth_var"][m]
    along = (col["range_std_m"][m] ** 2 + (height_std * sine) ** 2) / np.maximum(cosine, 0.1) ** 2 + ground**2 * (np.cosh(v) - 1)
    across = np.maximum(ground, 200.0) ** 2 * np.sinh(v)
    for column, (a, b) in enumerate(((ux * ux, uy * uy), (ux * uy, -ux * uy), (uy * uy, ux * ux))):
        out.r[m, column] = (along * a + across * b) * scale**2


def _sights(out, m, plots, col, ux, uy, base, guess, guessed):
    out.sight[m[guessed]] = np.column_stack([ux, uy, plots.range_m[m], base, guess, col["range_std_m"][m]])[guessed]


def _dopplers(out, m, plots, ux, uy, sine, scale):
    factor = np.sqrt(1 - sine**2) / scale
    rows = np.column_stack([ux * factor, uy * factor, plots.radial_ms[m], 0.25 + 25.0 * sine**2])
    out.radial[m] = np.where(np.isfinite(rows).all(axis=1)[:, None], rows, np.nan)

"""The kernel that places plots: one pass over a tick, a plot after the other. `place` calls it.

A polar plot's position is spread by its azimuth's error and so, on average, drawn towards the sensor: it is multiplied by
exp(variance / 2) (M. Longbin, S. Xiaoquan, Z. Yiyu, S. Z. Kang, Y. Bar-Shalom, Unbiased converted measurements for tracking,
IEEE Trans. AES 34, 1998), and its covariance is that of the multiplied position: cosh(variance) - 1 of the squared distance
along the line of sight, sinh(variance) across. Along it there are also the range's error and the height's, which moves the plot by the
sine of the elevation under which the *aircraft* sees the radar, over the cosine of that under which the radar sees the aircraft.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from tenere.geo import fast
from tenere.track.heights.upright import height_of
from tenere.track.survey import (
    ACROSS,
    ALONG,
    AZIMUTH_VAR,
    DLON,
    ELEVATION_STD,
    EXACT_M,
    FITTED,
    GAUSSIAN_M,
    GEOID_M,
    HEIGHT_M,
    HIGHEST_M,
    LAT,
    LIFT,
    LIFT_BEND,
    LIFT_SLOPE,
    LIFT_STD_M,
    LOWEST_M,
    POSITION_STD_M,
    RANGE_STD_M,
    REACH_M,
    REFRACTION,
    SHEAR,
    SPREAD,
    STAND,
    SURFACE_VAR,
    TURN,
    UNPLACED,
    X_M,
    Y_M,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.geo.plane import Plane

    F64 = NDArray[np.float64]

FRAME_M = 2.0e7
FARTHEST_M = FRAME_M / 4
UNKNOWN_HEIGHT_M = 5000.0
UNKNOWN_HEIGHT_STD_M = 3500.0
HEIGHT_STD_M = 150.0  # pressure altitude taken for a height: QNH and temperature
TOO_HIGH_M = 500.0  # pressure altitude may be so much above a height
MIN_STD_M = 3.0
MIN_HEIGHT_STD_M = 20.0
LOCAL_MIN_STD_M = 0.1  # of x and y in an unplaced sensor's own plane: a small scene is as good as it says
STEP_M = 100.0  # between two points of a line of sight, for its direction
LOCAL_REACH_M = 200e3  # a fit is of points at a height; on the tangent plane it is 0.3 m off here, growing with the cube
MIN_RANGE_M, MIN_ACROSS_M, MIN_COSINE2 = 1.0, 200.0, 0.1**2
RADIAL_VAR = 0.5**2
CLIMB_VAR = 5.0**2  # of the vertical speed that a Doppler also sees
VELOCITY_VAR, VELOCITY_AGE_VAR = 16.0, 4.0  # of a velocity that states no error; for its age: up to a second or two


class Columns(NamedTuple):
    """The columns of Plots that the kernel reads, n rows."""

    sensor: np.ndarray
    lat_rad: np.ndarray
    lon_rad: np.ndarray
    range_m: np.ndarray
    azimuth_rad: np.ndarray
    elevation_rad: np.ndarray
    x_m: np.ndarray
    y_m: np.ndarray
    position_std_m: np.ndarray
    height_m: np.ndarray
    pressure_altitude_m: np.ndarray
    east_ms: np.ndarray
    north_ms: np.ndarray
    velocity_std_ms: np.ndarray
    radial_ms: np.ndarray


class Placed(NamedTuple):
    """Positions of plots: n rows; ok tells which could be placed."""

    ok: NDArray[np.bool_]
    frame: NDArray[np.int64]
    z: F64  # (n, 2) without the frame's offset
    r: F64  # (n, 3) xx, xy, yy
    vel: F64  # (n, 3) vx, vy, variance; NaN none
    sight: F64  # (n, 6) where the height was guessed: unit vector from the sensor, slant range, its height, guess, range error; else NaN
    radial: F64
    """(n, 4) a, b, speed, variance: the radial speed measured is a vx + b vy, away from the sensor positive, in m/s; NaN none.
    (a, b) points away from the sensor and is as long as the cosine of the elevation over the plane's scale: 1 far out on a flat Earth."""
    bearing: F64
    """(n, 4) of an azimuth without a range: the sensor's x and y, the direction of the line there in radians anticlockwise from
    the x axis in -pi..pi, its variance; else NaN."""
    bearing_only: NDArray[np.bool_]  # such a line and no position: never ok


@njit(cache=True)
def ranging(p: Columns, sensors: int) -> np.ndarray:
    """Say of each sensor (S,) whether a plot of it has a range and azimuth or a local x and y, and no position."""
    out = np.zeros(sensors, np.bool_)
    for i in range(len(p.sensor)):
        k = p.sensor[i]
        if 0 <= k < sensors and not out[k] and not math.isfinite(p.lat_rad[i] + p.lon_rad[i]):
            out[k] = math.isfinite(p.range_m[i] + p.azimuth_rad[i]) or math.isfinite(p.x_m[i] + p.y_m[i])
    return out


@njit(cache=True, error_model="numpy")
def _eased(fits: np.ndarray, k: int, u: float, v: float) -> tuple[float, float, float, float]:
    """Return x, y of a point of sensor k's own plane (in REACH_M), and their slopes along u: the rest follows, for it is conformal."""
    c = fits[k, 0]
    x, xu = c[20], 0.0
    xu, x = x, c[18] + v * c[19] + u * x
    xu, x = x + u * xu, c[15] + v * (c[16] + v * c[17]) + u * x
    xu, x = x + u * xu, c[11] + v * (c[12] + v * (c[13] + v * c[14])) + u * x
    xu, x = x + u * xu, c[6] + v * (c[7] + v * (c[8] + v * (c[9] + v * c[10]))) + u * x
    xu, x = x + u * xu, c[0] + v * (c[1] + v * (c[2] + v * (c[3] + v * (c[4] + v * c[5])))) + u * x
    c = fits[k, 1]
    y, yu = c[20], 0.0
    yu, y = y, c[18] + v * c[19] + u * y
    yu, y = y + u * yu, c[15] + v * (c[16] + v * c[17]) + u * y
    yu, y = y + u * yu, c[11] + v * (c[12] + v * (c[13] + v * c[14])) + u * y
    yu, y = y + u * yu, c[6] + v * (c[7] + v * (c[8] + v * (c[9] + v * c[10]))) + u * y
    yu, y = y + u * yu, c[0] + v * (c[1] + v * (c[2] + v * (c[3] + v * (c[4] + v * c[5])))) + u * y
    return x, y, xu / REACH_M, yu / REACH_M


@njit(cache=True, error_model="numpy")
def _unit(dx: float, dy: float, sin_az: float, cos_az: float) -> tuple[float, float]:
    """Return the direction of a line as a unit vector: the azimuth's where it has no length to speak of."""
    length = math.sqrt(dx * dx + dy * dy)
    if length > 1.0:
        return dx / length, dy / length
    return sin_az, cos_az


@njit(cache=True, error_model="numpy")
def _polar_slow(
    plane: Plane, figures: np.ndarray, k: int, r: float, sin_az: float, cos_az: float, height: float
) -> tuple[float, float, float, float]:
    """Return x, y, and what a metre of ground away from the sensor is in the plane: where no fit serves."""
    f = figures[k]
    s, c, sd, cd, _ = fast.of_polar(f[LAT], f[DLON], f[HEIGHT_M], f[GAUSSIAN_M], r, sin_az, cos_az, height)
    x, y, _, _, scale = fast.project(plane, s, c, sd, cd)
    s, c, sd, cd, _ = fast.of_polar(f[LAT], f[DLON], f[HEIGHT_M], f[GAUSSIAN_M], r + STEP_M, sin_az, cos_az, height)
    ahead_x, ahead_y, _, _, _ = fast.project(plane, s, c, sd, cd)
    st, ct = math.sin(f[TURN]), math.cos(f[TURN])
    ux, uy = _unit(ahead_x - x, ahead_y - y, sin_az * ct + cos_az * st, cos_az * ct - sin_az * st)
    return f[X_M] + (x - f[X_M]) * f[SPREAD], f[Y_M] + (y - f[Y_M]) * f[SPREAD], ux * scale, uy * scale


@njit(cache=True, error_model="numpy")
def _worse(figures: np.ndarray, k: int, dx: float, dy: float) -> float:
    """Return by how much sensor k's positions err more than it says, dx, dy away from it: outside its stations lines meet flatly."""
    worse: float = math.sqrt(dx * dx + dy * dy) / figures[k, EXACT_M]
    return max(1.0, worse)


@njit(cache=True, error_model="numpy")
def _doppler(gx: float, gy: float, sine2: float) -> tuple[float, float, float]:
    """Return how the plane's velocity makes a radial speed, and that speed's variance. NaN without a direction.

    gx, gy: what a metre away from the sensor is in the plane; sine2: squared sine of the elevation at the aircraft.
    """
    size2 = gx * gx + gy * gy
    if not size2 > 0.0:
        return math.nan, math.nan, math.nan
    factor = math.sqrt(max(1.0 - sine2, 0.0)) / size2
    return gx * factor, gy * factor, RADIAL_VAR + CLIMB_VAR * sine2


@njit(cache=True, error_model="numpy")
def _height(measured: float, pressure: float, r: float, base: float) -> tuple[float, float, bool]:
    """Return a plot's height, its one-sigma and whether it was guessed: measured, pressure altitude, or what its range allows.

    r, base: its range and the height of its radar; a height farther above that than the range is not the plot's.
    """
    if math.isfinite(measured) and measured - base < r + TOO_HIGH_M:
        return measured, HEIGHT_STD_M, False
    if math.isfinite(pressure) and pressure - base < r + TOO_HIGH_M:
        return pressure, HEIGHT_STD_M, False
    return min(UNKNOWN_HEIGHT_M, 0.3 * r), min(UNKNOWN_HEIGHT_STD_M, 0.3 * r), True


@njit(cache=True, error_model="numpy")
def _radar_height(f: np.ndarray, measured: float, pressure: float, elevation: float, r: float, base: float) -> tuple[float, float, bool]:
    """Return the height of what a radar sees, its one-sigma, and whether a track's height would be better: it is a guess, or coarse.

    f: the sensor's figures; base: its height. By the pressure altitude and what lies between it and a height; by the radar's own above mean
    sea level or its elevation, as good as its angle at that range; by what the range allows. A height farther above the radar than the
    range is not the plot's.
    """
    raised = pressure + f[LIFT] + pressure * (f[LIFT_SLOPE] + pressure * f[LIFT_BEND])
    if raised - base < r + TOO_HIGH_M:  # false of NaN
        return raised, f[LIFT_STD_M], False
    guess, guess_std = min(UNKNOWN_HEIGHT_M, 0.3 * r), min(UNKNOWN_HEIGHT_STD_M, 0.3 * r)
    if math.isfinite(measured):
        measured += f[GEOID_M]
    elif math.isfinite(elevation) and f[STAND] != UNPLACED:
        measured = height_of(r, elevation, f[GAUSSIAN_M], f[HEIGHT_M], f[REFRACTION])
    elif math.isfinite(elevation):
        measured = r * math.sin(elevation)
    if not measured - base < r + TOO_HIGH_M:
        return guess, guess_std, True
    std = max(r * f[ELEVATION_STD], MIN_HEIGHT_STD_M)
    weight = guess_std * guess_std / (guess_std * guess_std + std * std)
    return guess + weight * (measured - guess), std * math.sqrt(weight), std > HEIGHT_STD_M


@njit(cache=True, error_model="numpy")
def _polar(
    plane: Plane, figures: np.ndarray, fits: np.ndarray, k: int, r: float, azimuth: float, height: float
) -> tuple[float, float, float, float, float, float, float]:
    """Place a range and an azimuth at a height.

    Returns x, y, what a metre of ground away from the sensor is in the plane, the ground range, the range times the sine of the elevation
    at the aircraft, squared, and the range times the cosine of that at the radar, squared.
    """
    sa, ca, rr = math.sin(azimuth), math.cos(azimuth), r * r
    if figures[k, STAND] == UNPLACED:  # a flat world of its own
        up2 = height * height
        ground = math.sqrt(max(rr - up2, 0.25 * rr))
        spread = ground * figures[k, SPREAD]
        return spread * sa, spread * ca, sa, ca, ground, up2, rr - up2
    d, re = height - figures[k, HEIGHT_M], figures[k, GAUSSIAN_M] + figures[k, HEIGHT_M]
    high, far, chord2 = d * (2.0 * re + d), re + d, max(rr - d * d, 0.0)
    one = 0.25 / (re * far)
    there, here = 2.0 * one * re * (high + rr), 2.0 * one * far * (high - rr)  # range times sine of elevation
    q = chord2 * one  # squared sine of half the angle at the Earth's centre
    w = 1.0 / (1.0 - q)
    rho = 2.0 * re * math.sqrt(q * w)
    ground = rho * (1.0 - q)
    if figures[k, STAND] == FITTED and rho <= REACH_M and LOWEST_M <= height <= HIGHEST_M:
        shear, spread = figures[k, SHEAR] * d, rho / REACH_M * figures[k, SPREAD]
        u, v = spread * sa * (1.0 + shear * (1.0 + 2.0 * ca * ca)), spread * ca * (1.0 - shear * (1.0 + 2.0 * sa * sa))
        x, y, a, b = _eased(fits, k, u, v)
        a, b = a * w, b * w
        return x, y, a * sa - b * ca, b * sa + a * ca, ground, there * there, rr - here * here
    x, y, gx, gy = _polar_slow(plane, figures, k, r, sa, ca, height)
    return x, y, gx, gy, ground, there * there, rr - here * here


@njit(cache=True, error_model="numpy")
def _local(figures: np.ndarray, fits: np.ndarray, k: int, x: float, y: float) -> tuple[float, float, float]:
    """Place a point of the tangent plane at a fitted sensor, near enough: x, y, squared plane metres a metre; NaN where it is not."""
    re, square = figures[k, GAUSSIAN_M] + figures[k, HEIGHT_M], x * x + y * y
    whole = re + math.sqrt(re * re + square)
    d = square / whole
    if figures[k, STAND] != FITTED or square > LOCAL_REACH_M**2 or figures[k, HEIGHT_M] + d > HIGHEST_M:
        return math.nan, math.nan, math.nan
    own = 2.0 * re / (whole * REACH_M)
    shear = figures[k, SHEAR] / whole
    u, v = x * own * (1.0 + shear * (square + 2.0 * y * y)), y * own * (1.0 - shear * (square + 2.0 * x * x))
    xx, yy, a, b = _eased(fits, k, u, v)
    t2 = square / (whole * whole)
    return xx, yy, (a * a + b * b) * (1.0 + t2) * (1.0 + t2)


@njit(cache=True, error_model="numpy")
def _local_slow(plane: Plane, figures: np.ndarray, k: int, x: float, y: float) -> tuple[float, float, float, float, float]:
    """Project a point of the tangent plane at a placed sensor: as `fast.project`."""
    s, c, sd, cd, _ = fast.of_enu(figures[k, LAT], figures[k, DLON], figures[k, HEIGHT_M], x, y, 0.0)
    return fast.project(plane, s, c, sd, cd)


@njit(cache=True, nogil=True, error_model="numpy")
def place_all(p: Columns, plane: Plane, laid: bool, figures: np.ndarray, fits: np.ndarray, sensors: int, out: Placed) -> None:
    """Fill every row of out. laid: there is a plane; sensors: rows of figures and fits that are of a sensor."""
    sensor, lats, lons, ranges, azimuths, elevations, xs, ys, stds, heights, pressures, easts, norths, speed_stds, radials = p
    z, r, vel, sight, radial, bearing = out.z, out.r, out.vel, out.sight, out.radial, out.bearing
    ok, frame, bearing_only = out.ok, out.frame, out.bearing_only
    for i in range(len(sensor)):
        k = sensor[i]
        lat, lon = lats[i], lons[i]
        ok[i], bearing_only[i], frame[i] = False, False, 0
        rxx, rxy, ryy = 0.0, 0.0, 0.0
        x, y, vx, vy, vv = 0.0, 0.0, math.nan, math.nan, math.nan
        da, db, dv = math.nan, math.nan, math.nan
        for j in range(6):
            sight[i, j] = math.nan
        for j in range(4):
            radial[i, j] = bearing[i, j] = math.nan
        known = 0 <= k < sensors
        placed = known and figures[k, STAND] != UNPLACED
        stated = math.isfinite(lat) and math.isfinite(lon)
        turned = math.isfinite(azimuths[i])
        ranged, local = turned and math.isfinite(ranges[i]), math.isfinite(xs[i]) and math.isfinite(ys[i])
        doppler = math.isfinite(radials[i])
        done = False
        if not known or (not laid and (stated or placed)):
            pass
        elif stated or (placed and local and not ranged):
            moving = math.isfinite(easts[i]) and math.isfinite(norths[i])
            st, ct, scale = 0.0, 1.0, math.nan
            if stated:
                x, y, st, ct, scale = fast.forward_north(plane, lat, lon)
            elif not (moving or doppler):
                x, y, scale2 = _local(figures, fits, k, xs[i], ys[i])
                scale = math.sqrt(scale2)
            if math.isnan(scale) and not stated:
                x, y, st, ct, scale = _local_slow(plane, figures, k, xs[i], ys[i])
            worse = _worse(figures, k, x - figures[k, X_M], y - figures[k, Y_M]) if placed else 1.0
            std = max(stds[i] if math.isfinite(stds[i]) else figures[k, POSITION_STD_M] * worse, MIN_STD_M)
            rxx = ryy = std * std * scale * scale
            if moving:
                east, north, stated_std = easts[i] * scale, norths[i] * scale, speed_stds[i]
                vx, vy = east * ct + north * st, -east * st + north * ct
                vv = (stated_std * stated_std if math.isfinite(stated_std) else VELOCITY_VAR * worse * worse) + VELOCITY_AGE_VAR
            if doppler and placed:
                dx, dy = x - figures[k, X_M], y - figures[k, Y_M]
                ux, uy = _unit(dx, dy, 0.0, 0.0)
                high, _, _ = _height(heights[i], pressures[i], math.inf, 0.0)
                high = high - figures[k, HEIGHT_M] if stated else 0.0
                ground2 = (dx * dx + dy * dy) / (scale * scale)
                da, db, dv = _doppler(ux * scale, uy * scale, high * high / max(ground2 + high * high, 1.0))
            done = True
        elif ranged:
            size_var = figures[k, SURFACE_VAR]
            if size_var > 0.0:  # what a surface radar sees stands on the ground about it
                height, height_std, guessed = figures[k, HEIGHT_M] if placed else 0.0, 0.0, False
            else:
                height, height_std, guessed = _radar_height(
                    figures[k], heights[i], pressures[i], elevations[i], ranges[i], figures[k, HEIGHT_M] if placed else 0.0
                )
            distance = max(ranges[i], MIN_RANGE_M)
            x, y, gx, gy, ground, up2, flat2 = _polar(plane, figures, fits, k, distance, azimuths[i], height)
            range_std, wide, rr = figures[k, RANGE_STD_M], max(ground, MIN_ACROSS_M), distance * distance
            along = (range_std * range_std * rr + height_std * height_std * min(up2, rr)) / max(flat2, MIN_COSINE2 * rr)
            along, across = along + ground * ground * figures[k, ALONG] + size_var, wide * wide * figures[k, ACROSS] + size_var
            rxx, rxy, ryy = along * gx * gx + across * gy * gy, (along - across) * gx * gy, along * gy * gy + across * gx * gx
            if guessed:
                size = math.sqrt(gx * gx + gy * gy)
                sight[i, 0], sight[i, 1], sight[i, 2] = gx / size, gy / size, ranges[i]
                sight[i, 3], sight[i, 4], sight[i, 5] = figures[k, HEIGHT_M] if placed else 0.0, height, range_std
            if doppler:
                da, db, dv = _doppler(gx, gy, min(up2 / rr, 1.0))
            done = True
        elif local:
            x, y = xs[i], ys[i]
            worse = _worse(figures, k, x, y)
            std = max(stds[i] if math.isfinite(stds[i]) else figures[k, POSITION_STD_M] * worse, LOCAL_MIN_STD_M)
            rxx = ryy = std * std
            if doppler:
                ux, uy = _unit(x, y, 0.0, 0.0)
                da, db, dv = _doppler(ux, uy, 0.0)
            done = True
        elif turned:
            angle = 0.5 * math.pi - azimuths[i] - (figures[k, TURN] if placed else 0.0)
            x0, y0 = (figures[k, X_M], figures[k, Y_M]) if placed else (0.0, 0.0)
            if math.isfinite(angle) and abs(x0) < FARTHEST_M and abs(y0) < FARTHEST_M:
                bearing[i, 0], bearing[i, 1], bearing[i, 3] = x0, y0, figures[k, AZIMUTH_VAR]
                bearing[i, 2] = angle - 2.0 * math.pi * math.floor((angle + math.pi) / (2.0 * math.pi))
                bearing_only[i] = True
        if known and not placed and not stated and (done or bearing_only[i]):
            frame[i] = k + 1
        z[i, 0], z[i, 1] = x, y
        r[i, 0], r[i, 1], r[i, 2] = rxx, rxy, ryy
        vel[i, 0], vel[i, 1], vel[i, 2] = vx, vy, vv
        if dv == dv:
            radial[i, 0], radial[i, 1], radial[i, 2], radial[i, 3] = da, db, radials[i], dv
        ok[i] = done and math.isfinite(rxx + rxy + ryy) and abs(x) < FARTHEST_M and abs(y) < FARTHEST_M  # false of NaN too


@njit(cache=True)
def outside(values: np.ndarray, low: float, high: float) -> bool:
    """Say whether any number is not between the two (n,). Not a number at all is not one."""
    wrong = 0
    for i in range(len(values)):
        v = values[i]
        wrong += (v < low) | (v > high)
    return wrong > 0

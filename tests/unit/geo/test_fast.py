"""The kernels' projection held to the slow one, all over the Earth."""

import math

import numpy as np
import pytest

from tenere.geo import ellipsoid, fast
from tenere.geo.plane import Plane

PLANES = [
    Plane.at(np.deg2rad(lat), np.deg2rad(lon)) for lat, lon in ((17.0, 8.0), (0.0, 179.9), (-45.0, -100.0), (75.0, 30.0), (-89.9, 5.0))
]


def places(n=5000, seed=1):
    """Return latitudes and longitudes all over, the poles, the equator and both sides of the antimeridian among them."""
    rng = np.random.Generator(np.random.PCG64(seed))
    lat, lon = np.arcsin(rng.uniform(-1, 1, n)), rng.uniform(-np.pi, np.pi, n)
    lat[:6], lon[:6] = [np.pi / 2, -np.pi / 2, 0.0, 0.0, 0.3, 0.3], [0.0, 1.0, 0.0, np.pi, np.pi - 1e-9, -np.pi + 1e-9]
    return lat, lon


def turned(a, b):
    """Return the difference of two angles, -pi..pi."""
    return (a - b + np.pi) % (2 * np.pi) - np.pi


@pytest.mark.parametrize("plane", PLANES)
def test_forward_and_north_are_the_slow_ones(plane):
    lat, lon = places()
    x, y, turn, scale = (np.empty(len(lat)) for _ in range(4))
    fast.forward_each(plane, lat, lon, x, y)
    fast.north_each(plane, lat, lon, turn, scale)
    with np.errstate(all="ignore"):
        want_x, want_y = plane.forward(lat, lon)
        want_turn, want_scale = plane.north(lat, lon)
    near = np.hypot(want_x, want_y) < 2e7
    assert near.sum() > 3000
    assert max(np.abs(x - want_x)[near].max(), np.abs(y - want_y)[near].max()) < 1e-4
    near &= np.abs(lat) < 1.57  # at a pole itself the slow way has no scale
    assert np.abs(turned(turn, want_turn)[near]).max() < 1e-10
    assert np.abs(scale / want_scale - 1)[near].max() < 1e-10


@pytest.mark.parametrize("plane", PLANES)
def test_inverse_is_the_slow_one(plane):
    lat, lon = places(seed=2)
    with np.errstate(all="ignore"):
        x, y = plane.forward(lat, lon)
    near = np.hypot(x, y) < 2e7
    x, y, lat, lon = (
        np.append(x[near], 0.0),
        np.append(y[near], 0.0),
        np.append(lat[near], plane.lat0_rad),
        np.append(lon[near], plane.lon0_rad),
    )
    got_lat, got_lon = np.empty(len(x)), np.empty(len(x))
    fast.inverse_each(plane, x, y, got_lat, got_lon)
    want_lat, want_lon = plane.inverse(x, y)
    for a, b, atol in ((want_lat, want_lon, 3e-8), (lat, lon, 1e-11)):  # the slow way's arcsine is worth 1.5e-8 at the poles
        assert np.abs(got_lat - a).max() < atol
        assert np.abs(turned(got_lon, b) * np.cos(lat)).max() < atol
    away = np.abs(lat) < 1.5
    assert np.abs(got_lat - want_lat)[away].max() < 1e-10
    assert np.abs(turned(got_lon, want_lon))[away].max() < 1e-10
    assert (np.abs(got_lon) <= np.pi).all()


def test_scale_and_north_go_on_smoothly_to_the_pole():
    plane = Plane.at(1.4, 0.2)
    _, _, _, _, there = fast.forward_north(plane, np.pi / 2, 0.2)
    _, _, _, _, near = fast.forward_north(plane, np.pi / 2 - 1e-7, 0.2)
    assert there == pytest.approx(near, rel=1e-7)
    assert 1.0 < there < 1.02


@pytest.mark.parametrize("centre", [(0.0, 0.0), (0.3, 0.2), (-1.1, -3.0)])
def test_what_lies_opposite_the_centre_has_no_image(centre):
    plane = Plane.at(*centre)
    assert not np.isfinite(fast.forward_north(plane, -centre[0], centre[1] + np.pi)[:2]).any()
    assert not np.isfinite(fast.forward_north(plane, math.nan, 0.0)[:2]).any()
    assert not np.isfinite(fast.inverse(plane, math.nan, 0.0)).all()
    assert not np.isfinite(fast.inverse(plane, math.inf, 0.0)).all()


@pytest.mark.parametrize("plane", PLANES[:4])
def test_motion_is_course_and_speed_over_the_ground(plane):
    rng = np.random.Generator(np.random.PCG64(3))
    x, y, vx, vy = rng.uniform(-1e6, 1e6, 500), rng.uniform(-1e6, 1e6, 500), rng.normal(0, 200, 500), rng.normal(0, 200, 500)
    vx[:4], vy[:4] = [0.0, 0.0, 1.0, -1e-12], [1.0, 0.0, 0.0, 5.0]
    lat, lon, course, speed = (np.empty(500) for _ in range(4))
    fast.motion_each(plane, x, y, vx, vy, lat, lon, course, speed)
    want_lat, want_lon = plane.inverse(x, y)
    turn, scale = plane.north(want_lat, want_lon)
    assert np.allclose(lat, want_lat, atol=1e-10)
    assert np.allclose(speed, np.hypot(vx, vy) / scale, rtol=1e-10)
    moves = speed > 0
    assert np.abs(turned(course, np.arctan2(vx, vy) - turn))[moves].max() < 1e-9
    assert (course >= 0).all()
    assert (course < 2 * np.pi).all()


def test_points_together_move_as_each_alone():
    """Any count, whole vectors or not; no number at all stays none; the angle is the library's in every direction."""
    rng = np.random.Generator(np.random.PCG64(5))
    plane = PLANES[0]
    for n in (0, 1, 31, 32, 33, 500):
        x, y, vx, vy = rng.normal(0, 1e6, (4, n))
        if n > 3:
            x[:2], y[:2], vx[2], vx[3], vy[3] = [math.nan, 0.0], 0.0, 0.0, 0.0, 0.0
        got = np.empty((4, n))
        fast.motion_each(plane, x, y, vx, vy, *got)
        for i in range(n):
            assert np.allclose(got[:, i], fast.motion(plane, x[i], y[i], vx[i], vy[i]), rtol=0, atol=1e-13, equal_nan=True)
        if n > 3:
            assert np.isnan(got[:2, 0]).all()
    a = np.linspace(-np.pi, np.pi, 100_001)[1:]
    y, x = np.sin(a), np.cos(a)
    assert max(abs(turned(fast._angle(q, p), math.atan2(q, p))) for q, p in zip(y.tolist(), x.tolist(), strict=True)) < 2e-15


def test_a_point_seen_from_a_place_is_the_slow_one():
    rng = np.random.Generator(np.random.PCG64(4))
    for _ in range(200):
        lat0, lon0, h0 = rng.uniform(-1.57, 1.57), rng.uniform(-3.1, 3.1), rng.uniform(-100, 4000)
        east, north, up = *rng.normal(0, 3e5, 2), rng.uniform(-1e4, 5e4)
        s, c, sd, cd, height = fast.of_enu(lat0, lon0, h0, east, north, up)
        lat, lon, want = ellipsoid.geodetic_of_enu(lat0, lon0, h0, east, north, up)
        assert math.atan2(s, c) == pytest.approx(float(lat), abs=1e-11)
        assert turned(math.atan2(sd, cd), float(lon)) * c == pytest.approx(0.0, abs=1e-11)
        assert height == pytest.approx(float(want), abs=1e-6)


def test_a_radar_plot_is_where_the_slow_way_has_it():
    rng = np.random.Generator(np.random.PCG64(5))
    for k in range(200):
        lat0, lon0, h0, az, h = (
            rng.uniform(-1.5, 1.5),
            rng.uniform(-3.1, 3.1),
            rng.uniform(0, 3000),
            rng.uniform(0, 6.28),
            rng.uniform(0, 20e3),
        )
        r = rng.uniform(1.0, 5000.0) if k < 50 else rng.uniform(5e3, 1e6)  # some are straight overhead
        g = float(ellipsoid.gaussian_radius_m(lat0))
        s, c, sd, cd, height = fast.of_polar(lat0, lon0, h0, g, r, math.sin(az), math.cos(az), h)
        lat, lon, want, _ = ellipsoid.geodetic_of_polar(lat0, lon0, h0, r, az, h)
        assert math.atan2(s, c) == pytest.approx(float(lat), abs=1e-10)
        assert turned(math.atan2(sd, cd), float(lon)) * c == pytest.approx(0.0, abs=1e-10)
        assert height == pytest.approx(float(want), abs=1e-3)
